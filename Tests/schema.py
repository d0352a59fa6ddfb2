#!/usr/bin/python3
"""Validates against the specification's schemas: schema.py APUS.

The good fixtures, and what the runtime itself writes: `spec`, `features`. And every property of the
schema occurs in a good fixture, and is what a bad one is refused for."""

import json
import os
import re
import subprocess
import sys
import tempfile

import fixtures
import jsonschema

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "spec-fixtures")
SCHEMAS = os.path.join(FIXTURES, "schema")
# Blocks that no Linux runtime looks at.
OTHERS = ("freebsd", "solaris", "vm", "windows", "zos")

# What an engine sends all the same: Podman's modes of devices have the bits of the type.
DEVIATION = re.compile(r"engine-podman-[a-z]+\.json/linux/devices/[0-9]+/fileMode")


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


# Of other platforms, though their place is not.
FOREIGN = {"/process/commandLine", "/process/user/username"}
# The specification defines no flag, so that every one is refused.
NEVER_GOOD = {"/linux/personality/flags"}


def schema_paths(node, file, here, found):
    """Every property below `node`, `*` for what has no name of its own."""
    while "$ref" in node:
        other, _, pointer = node["$ref"].partition("#")
        file = other or file
        if not os.path.exists(os.path.join(SCHEMAS, file)):
            return
        node = load(os.path.join(SCHEMAS, file))
        for part in filter(None, pointer.split("/")):
            node = node[part]
    for choice in ("allOf", "anyOf", "oneOf"):
        for part in node.get(choice, []):
            schema_paths(part, file, here, found)
    for name, part in node.get("properties", {}).items():
        if not here and name in OTHERS:
            continue
        found.add(here + "/" + name)
        schema_paths(part, file, here + "/" + name, found)
    unnamed = list(node.get("patternProperties", {}).values())
    unnamed += [part for part in (node.get("items"), node.get("additionalProperties")) if isinstance(part, dict)]
    for part in unnamed:
        schema_paths(part, file, here + "/*", found)


def document_paths(value, here, found):
    if isinstance(value, dict):
        for name, part in value.items():
            for path in (here + "/" + name, here + "/*"):
                found.add(path)
                document_paths(part, path, found)
    elif isinstance(value, list):
        for part in value:
            document_paths(part, here + "/*", found)


def refused_paths(table):
    """What the bad fixtures of a table are refused for, with every choice of `*` for a name or a number."""
    found = set()
    for _, _, line in fixtures.entries(table):
        pointer = re.match(r"config\.json /([^ ]*): ", line)
        if pointer:
            paths = [""]
            for part in pointer[1].split("/"):
                paths = [path + "/" + word for path in paths for word in (part, "*")]
            found.update(paths)
    return found


def main():
    apus = os.path.abspath(sys.argv[1])
    config, failures, count = validator("config-schema.json"), 0, 0

    def check(what, schema, document):
        nonlocal failures, count
        count += 1
        for error in schema.iter_errors(document):
            place = "/" + "/".join(map(str, error.absolute_path))
            if DEVIATION.fullmatch(what + place):
                continue
            failures += 1
            print(f"{what}: {place}: {error.message[:200]}")

    good, used, known = os.path.join(FIXTURES, "good"), FOREIGN | NEVER_GOOD, set()
    for name in sorted(os.listdir(good)):
        document = load(os.path.join(good, name))
        check(name, config, document)
        document_paths(document, "", used)
    refused = FOREIGN.union(*map(refused_paths, fixtures.TABLES))
    schema_paths({"$ref": "config-schema.json"}, "", "", known)
    for kind, missing in (("good", known - used), ("bad", known - refused)):
        for path in sorted(missing):
            failures += 1
            print(f"no {kind} fixture has {path}")
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([apus, "spec", "--bundle", directory], check=True)
        check("spec", config, load(os.path.join(directory, "config.json")))
    features = subprocess.run([apus, "features"], check=True, capture_output=True).stdout
    check("features", validator("features-schema.json"), json.loads(features))
    print(f"{count} documents, {failures} errors")
    return 1 if failures or count < 90 else 0


if __name__ == "__main__":
    sys.exit(main())
