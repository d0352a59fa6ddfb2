#!/usr/bin/python3
"""neutral.py DIRECTORY CONFIG…: engine-NAME.json of each config, with neutral names for ids, paths and times."""

import json
import os
import re
import sys

REPLACEMENTS = [
    (r"[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id"),
    # Names made up from the id, or at random; places of the engine's own.
    (r"/run/engines/[0-9]*[a-z]*/", "/var/lib/engine/"),
    (r"/proc/[0-9]+/", "/proc/1/"),
    (r"/tmp/buildah[0-9]+", "/tmp/buildah"),
    (r"buildah-buildah[0-9]+", "buildah"),
    (r"\b[0-9a-f]{12}\b", "id"),
    (r"\bu[0-9]{4,10}\b", "uid"),
    (r"(overlay2?)/[0-9A-Za-z]{20,}", r"\1/id"),
    (r"/l/[0-9A-Z]{26}", "/l/id"),
    (r"c[0-9]{10}\.[0-9]+", "c"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)", "2026-01-01T00:00:00Z"),
]


def neutral(value):
    if isinstance(value, dict):
        return {neutral(name): neutral(part) for name, part in value.items()}
    if isinstance(value, list):
        return [neutral(part) for part in value]
    if isinstance(value, str):
        for pattern, text in REPLACEMENTS:
            value = re.sub(pattern, text, value)
    return value


def text(value):
    """Two spaces a level; a list of plain values on as few lines as it takes."""
    lines = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"\[\n\s+([^\[\]{}]*?)\n\s*\]", lambda found: "[" + re.sub(r",\n\s+", ", ", found[1]) + "]", lines)


def main():
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            config = neutral(json.load(file))
        with open(os.path.join(sys.argv[1], "engine-" + os.path.basename(path)), "w", encoding="utf-8") as file:
            file.write(text(config) + "\n")


if __name__ == "__main__":
    main()
