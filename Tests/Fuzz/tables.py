#!/usr/bin/python3
"""Makes of the specification's schemas what the fuzzer knows of them: tables.py DIRECTORY.

`words.dict`: every name and word, for libFuzzer. `words`: the same, one a line, for the mutator.
`numbers`: the range of each number, for the oracle."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(HERE, "..", "..", "spec-fixtures", "schema")
# Documents with words beside the schema's: good configs, and one of each other kind.
DOCUMENTS = [os.path.join(HERE, "..", "..", "spec-fixtures", "good"), os.path.join(HERE, "documents")]
# Blocks that no Linux runtime looks at.
OTHERS = ("freebsd", "solaris", "vm", "windows", "zos")
# Where apus takes more than the schema, for a reason: bits of the type beside those of the mode.
WIDER = {"/linux/devices/*/fileMode": (0, 2**32 - 1)}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def walk(node, file, path, words, numbers):
    while "$ref" in node:
        other, _, pointer = node["$ref"].partition("#")
        file = other or file
        if file.removeprefix("config-").removesuffix(".json") in OTHERS:
            return
        node = load(os.path.join(SCHEMAS, file))
        for part in filter(None, pointer.split("/")):
            node = node[part]
    words.update(word for word in node.get("enum", []) if isinstance(word, str))
    if node.get("type") == "integer":
        # A width of its own where the schema names none: the decoder's.
        least, most = node.get("minimum", -(2**63)), node.get("maximum", 2**63 - 1)
        numbers[path] = WIDER.get(path, (least, most))
    for choice in ("allOf", "anyOf", "oneOf"):
        for part in node.get(choice, []):
            walk(part, file, path, words, numbers)
    for name, part in node.get("properties", {}).items():
        if path or name not in OTHERS:
            words.add(name)
            walk(part, file, path + "/" + name, words, numbers)
    unnamed = list(node.get("patternProperties", {}).values())
    unnamed += [part for part in (node.get("items"), node.get("additionalProperties")) if isinstance(part, dict)]
    for part in unnamed:
        walk(part, file, path + "/*", words, numbers)


def strings(value, words):
    if isinstance(value, dict):
        for name, part in value.items():
            words.add(name)
            strings(part, words)
    elif isinstance(value, list):
        for part in value:
            strings(part, words)
    elif isinstance(value, str) and len(value) < 40 and value.isprintable() and value.isascii():
        words.add(value)


def main():
    words, numbers = set(), {}
    walk(load(os.path.join(SCHEMAS, "config-schema.json")), "config-schema.json", "", words, numbers)
    for directory in DOCUMENTS:
        for name in os.listdir(directory):
            if name.endswith(".json") and not name.startswith("engine-"):
                strings(load(os.path.join(directory, name)), words)

    def write(name, lines):
        with open(os.path.join(sys.argv[1], name), "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in lines)

    words = sorted(words - {""})
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    write("words.dict", ('"' + word + '"' for word in escaped))
    write("words", words)
    write("numbers", (f"{path}\t{least}\t{most}" for path, (least, most) in sorted(numbers.items())))


if __name__ == "__main__":
    main()
