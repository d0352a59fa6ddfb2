#!/usr/bin/python3
"""The corpus of the fuzzer, one text a line: corpus.py unpack DIRECTORY, or corpus.py pack DIRECTORY.

A line of `corpus` is a text with `\\n` for a line's end, `\\\\` for a backslash and `\\x00` for any other byte that is
not printable ASCII. Texts have no names: they are known by their hash."""

import hashlib
import os
import re
import sys

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def escaped(text):
    spelled = {0x0A: "\\n", 0x5C: "\\\\"}
    return "".join(spelled.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in text)


def text(line):
    def byte(code):
        return {b"\\n": b"\n", b"\\\\": b"\\"}.get(code[0]) or bytes([int(code[0][2:], 16)])

    return re.sub(rb"\\n|\\\\|\\x[0-9a-f]{2}", byte, line.encode("ascii"))


def texts():
    with open(CORPUS, encoding="ascii") as file:
        return [text(line) for line in file.read().split("\n")[:-1]]


def main():
    command, directory = sys.argv[1:]
    if command == "unpack":
        for one in texts():
            with open(os.path.join(directory, hashlib.sha1(one).hexdigest()), "wb") as file:
                file.write(one)
        return
    found = set()
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), "rb") as file:
            found.add(file.read())
    with open(CORPUS, "w", encoding="ascii") as file:
        file.writelines(escaped(one) + "\n" for one in sorted(found))


if __name__ == "__main__":
    main()
