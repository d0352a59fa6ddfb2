#!/usr/bin/python3
"""Validates against the specification's schemas: schema.py APUS.

The good fixtures, and what the runtime itself writes: `spec`, `features`."""

import json
import os
import subprocess
import sys
import tempfile

import jsonschema

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "spec-fixtures")
SCHEMAS = os.path.join(FIXTURES, "schema")
# Blocks that no Linux runtime looks at.
OTHERS = ("freebsd", "solaris", "vm", "windows", "zos")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validator(name):
    base = "file://" + SCHEMAS + "/"
    store = {base + file: load(os.path.join(SCHEMAS, file)) for file in os.listdir(SCHEMAS) if file.endswith(".json")}
    for platform in OTHERS:
        store[base + "config-" + platform + ".json"] = {platform: {}}
    schema = dict(store[base + name])
    # The schemas' ids name no files; references between them do.
    schema.pop("id", None)
    return jsonschema.Draft4Validator(schema, resolver=jsonschema.RefResolver(base + name, schema, store))


def main():
    apus = os.path.abspath(sys.argv[1])
    config, failures, count = validator("config-schema.json"), 0, 0

    def check(what, schema, document):
        nonlocal failures, count
        count += 1
        for error in schema.iter_errors(document):
            failures += 1
            print(f"{what}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")

    good = os.path.join(FIXTURES, "good")
    for name in sorted(os.listdir(good)):
        check(name, config, load(os.path.join(good, name)))
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([apus, "spec", "--bundle", directory], check=True)
        check("spec", config, load(os.path.join(directory, "config.json")))
    features = subprocess.run([apus, "features"], check=True, capture_output=True).stdout
    check("features", validator("features-schema.json"), json.loads(features))
    print(f"{count} documents, {failures} errors")
    return 1 if failures or count < 90 else 0


if __name__ == "__main__":
    sys.exit(main())
