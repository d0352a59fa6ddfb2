#!/usr/bin/python3
"""Which test proves which requirement: writes docs/spec-conformance.md.

A test names the requirements that it proves at the start of its title ("MT-2 T4: ..."). Their list is
requirements.tsv: id, level, what it asks for, and where no test can prove it the reason why. The contract with
engines is contract.tsv: id and what it asks for. "RS-1..8" stands for all from the first to the last.
Fails if a MUST or a SHOULD has neither a test nor a reason, a part of the contract no test, or a title an id that
neither list has."""

import collections
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "docs", "spec-conformance.md")
BATS, SWIFT = r'^@test "([^"]*)"', r'@(?:Test|Suite)\(\s*"([^"]*)"'
TITLES = (("**/*.bats", BATS), ("**/*.swift", SWIFT), ("../conformance/engines/*.bats", BATS))
LEVELS = {"M": "MUST", "S": "SHOULD", "Y": "MAY", "D": "engines"}
HEAD = """# Conformance to runtime-spec 1.3

Written by `Tests/requirements.py` from the list of requirements and the titles of the tests; a MUST or a
SHOULD without a test or a reason fails `make test`. What engines rely on beyond the specification has
the level `engines`.

| id | level | requirement | proved by |
|---|---|---|---|
"""
CONTRACT_HEAD = """
## The contract with engines

| | what engines rely on | tested by |
|---|---|---|
"""


def titles():
    for pattern, expression in TITLES:
        for path in sorted(glob.glob(os.path.join(HERE, pattern), recursive=True)):
            with open(path, encoding="utf-8") as file:
                for title in re.findall(expression, file.read(), re.MULTILINE):
                    yield os.path.relpath(path, HERE), title


def proofs():
    """The files with tests of each id."""
    found = collections.defaultdict(set)
    for path, title in titles():
        for family, first, last in re.findall(r"\b([A-Z]{2})-(\d+)\.\.(\d+)\b", title):
            for number in range(int(first), int(last) + 1):
                found[f"{family}-{number}"].add(path)
        for requirement in re.findall(r"\b[A-Z]{2}-[A-Z0-9]+\b", title):
            found[requirement].add(path)
    return found


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def contract(proofs):
    """The table of the contract, and what of it no test names."""
    document, missing = CONTRACT_HEAD, []
    for number, rule in rows("contract.tsv"):
        paths = (f"`{path.removeprefix('../')}`" for path in sorted(proofs.get(number, ())))
        document += f"| {number} | {rule} | {', '.join(paths)} |\n"
        if number not in proofs:
            missing.append(number)
    print(f"contract tested: {len(rows('contract.tsv')) - len(missing)}")
    return document, missing


def main():
    proved = proofs()
    requirements = [(row + [""])[:4] for row in rows("requirements.tsv")]
    counts, missing, document = collections.Counter(), [], HEAD
    for requirement, level, rule, reason in requirements:
        tests = proved.get(requirement, ())
        proof = ", ".join(f"`{path}`" for path in sorted(tests)) or reason or "—"
        document += f"| {requirement} | {LEVELS[level]} | {rule} | {proof} |\n"
        counts[level, "tested" if tests else "explained" if reason else "open"] += 1
        if level in "MS" and not tests and not reason:
            missing.append(requirement)
    for (level, state), count in sorted(counts.items()):
        print(f"{LEVELS[level]} {state}: {count}")
    unknown = sorted(set(proved) - {row[0] for row in requirements + rows("contract.tsv")})
    if unknown:
        print("ids that the list does not have:", *unknown)
    table, untested = contract(proved)
    document += table
    missing += untested
    old = ""
    if os.path.exists(DOCUMENT):
        with open(DOCUMENT, encoding="utf-8") as file:
            old = file.read()
    if old != document:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(document)
        print("docs/spec-conformance.md is new")
    if missing:
        print("without a test or a reason:", *missing)
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
