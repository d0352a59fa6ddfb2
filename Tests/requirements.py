#!/usr/bin/python3
"""Which test proves which requirement: writes docs/spec-conformance.md.

A test names the requirements that it proves at the start of its title ("MT-2 T4: ..."). Their list is
requirements.tsv: id, level, what it asks for, and where no test can prove it the reason why. The contract with
engines is contract.tsv: a number or the letter of an acceptance check, and what it asks for.
Fails if a MUST or a SHOULD has neither a test nor a reason, or a part of the contract no test."""

import collections
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "docs", "spec-conformance.md")
BATS, SWIFT = r'^@test "([^"]*)"', r'@(?:Test|Suite)\(\s*"([^"]*)"'
TITLES = (("**/*.bats", BATS), ("**/*.swift", SWIFT), ("../conformance/engines/*.bats", BATS))
# "21 b: ...", "OP-11 13 e: ...", "section 7 item 22: ...", "m podman rootless: ...": a number or a letter alone.
NUMBERED = re.compile(
    r"((?:(?:section [78] item )?(?:[\w.-]*\d[\w.-]*|[a-p]),? )+)"
    r"(?:(?:podman|buildah|containerd|docker|rootless) )*$")
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


def contract():
    """The table of the contract, and what of it no test names."""
    proofs = collections.defaultdict(set)
    for path, title in titles():
        ids = NUMBERED.match(title.partition(":")[0] + " ")
        for number in re.sub("section [78] item", "", ids[1]).replace(",", "").split() if ids else ():
            proofs[number].add(path.removeprefix("../"))
    document, missing, tested = CONTRACT_HEAD, [], 0
    with open(os.path.join(HERE, "contract.tsv"), encoding="utf-8") as file:
        for number, rule in (line.rstrip("\n").split("\t") for line in file):
            document += f"| {number} | {rule} | {', '.join(f'`{path}`' for path in sorted(proofs[number]))} |\n"
            if proofs[number]:
                tested += 1
            else:
                missing.append(number)
    print(f"contract tested: {tested}")
    return document, missing


def main():
    proofs = collections.defaultdict(set)
    for path, title in titles():
        for requirement in set(re.findall(r"\b[A-Z]{2}-[A-Z0-9]+\b", title)):
            proofs[requirement].add(path)
    with open(os.path.join(HERE, "requirements.tsv"), encoding="utf-8") as file:
        rows = [(line.rstrip("\n").split("\t") + [""])[:4] for line in file]
    counts, missing, document = collections.Counter(), [], HEAD
    for requirement, level, rule, reason in rows:
        tests = proofs.get(requirement, ())
        proof = ", ".join(f"`{path}`" for path in sorted(tests)) or reason or "—"
        document += f"| {requirement} | {LEVELS[level]} | {rule} | {proof} |\n"
        counts[level, "tested" if tests else "explained" if reason else "open"] += 1
        if level in "MS" and not tests and not reason:
            missing.append(requirement)
    for (level, state), count in sorted(counts.items()):
        print(f"{LEVELS[level]} {state}: {count}")
    unknown = sorted(set(proofs) - {row[0] for row in rows})
    if unknown:
        print("ids that the list does not have:", *unknown)
    table, untested = contract()
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
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
