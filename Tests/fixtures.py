#!/usr/bin/python3
"""The table of configurations that are refused: fixtures.py DIRECTORY writes each as NAME.json.

spec-fixtures/bad has two files, `decode` for what the reader refuses and `plan` for what only the planner can.
An entry is a name, what is done to spec-fixtures/good/process.json, and the line it is refused with:

    annotations-array
      /annotations = []
      > config.json /annotations: expected an object, found an array

`/pointer = JSON` sets a member or an element, `/pointer -` removes it, and a text that is no JSON is written in
full, its lines after `| `, with `\\x00` for a byte. `<<a x 3>>` stands for `aaa`."""

import json
import os
import re
import sys

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "spec-fixtures")
TABLES = ("decode", "plan")


class Number(str):
    """A number as it is spelled."""


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)


def encode(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(json.dumps(name) + ": " + encode(part) for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(encode, value)) + "]"
    return json.dumps(value)


def edited(document, line):
    line = re.sub(r"<<(.*?) x (\d+)>>", lambda part: part[1] * int(part[2]), line)
    pointer, _, value = line.partition(" ")
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    if not names:
        return parse(value.removeprefix("= "))
    place = document
    for name in names[:-1]:
        place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
    key = int(names[-1]) if isinstance(place, list) else names[-1]
    if value == "-":
        del place[key]
    elif isinstance(place, list) and key == len(place):
        place.append(parse(value.removeprefix("= ")))
    else:
        place[key] = parse(value.removeprefix("= "))
    return document


def entries(table):
    """Name, text and the line it is refused with."""
    with open(os.path.join(FIXTURES, "good", "process.json"), encoding="utf-8") as file:
        base = file.read()
    with open(os.path.join(FIXTURES, "bad", table), encoding="ascii") as file:
        blocks = [block.split("\n") for block in file.read().rstrip("\n").split("\n\n")]
    for name, *lines in blocks[1:]:
        *edits, refusal = (line[2:] for line in lines)
        raw = [edit[2:] for edit in edits if edit.startswith("|")]
        if raw or edits == []:
            text = re.sub(rb"\\x([0-9a-f]{2})", lambda code: bytes([int(code[1], 16)]), "\n".join(raw).encode("ascii"))
        else:
            document = parse(base)
            for edit in edits:
                document = edited(document, edit)
            text = encode(document).encode("ascii")
        yield name, text, refusal.removeprefix("> ")


def main():
    for table in TABLES:
        for name, text, _ in entries(table):
            with open(os.path.join(sys.argv[1], f"{table}-{name}.json"), "wb") as file:
                file.write(text)


if __name__ == "__main__":
    main()
