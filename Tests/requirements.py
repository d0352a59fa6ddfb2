#!/usr/bin/python3
"""Which test proves which requirement of the specification: requirements.py [--all].

A test names the requirements that it proves at the start of its title ("MT-2 T4: ..."). The list of
ids with their levels is requirements.tsv; a third column is the reason why there is no test yet.
Fails if a MUST has neither."""

import collections
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TITLES = (("**/*.bats", r'^@test "([^"]*)"'), ("**/*.swift", r'@(?:Test|Suite)\(\s*"([^"]*)"'))


def titles():
    for pattern, expression in TITLES:
        for path in sorted(glob.glob(os.path.join(HERE, pattern), recursive=True)):
            with open(path, encoding="utf-8") as file:
                for title in re.findall(expression, file.read(), re.MULTILINE):
                    yield os.path.relpath(path, HERE), title


def main():
    proofs = collections.defaultdict(list)
    for path, title in titles():
        for requirement in set(re.findall(r"\b[A-Z]{2}-[A-Z0-9]+\b", title)):
            proofs[requirement].append(f"{path}: {title}")
    counts, missing = collections.Counter(), []
    with open(os.path.join(HERE, "requirements.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    for requirement, level, *reason in rows:
        tests = proofs.get(requirement, [])
        counts[level, "tested" if tests else "explained" if reason else "open"] += 1
        if level == "M" and not tests and not reason:
            missing.append(requirement)
        if "--all" in sys.argv:
            print(requirement, level, *reason if not tests else ())
            for test in tests:
                print("   ", test)
    for (level, state), count in sorted(counts.items()):
        print(f"{level} {state}: {count}")
    unknown = sorted(set(proofs) - {row[0] for row in rows})
    if unknown:
        print("ids that the list does not have:", *unknown)
    if missing:
        print("MUST without a test:", *missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
