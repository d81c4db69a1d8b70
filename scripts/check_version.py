#!/usr/bin/python3
"""One version everywhere: shared/drs_version.h is compared with the OpenAPI
document, the console's package and the newest section of the changelog."""

import json
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    """Text of a file of the project."""
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def first(pattern, path):
    """What a pattern finds first in a file."""
    found = re.search(pattern, read(path), re.MULTILINE)
    return found.group(1) if found else None


def main():
    """Prints each place that differs."""
    want = first(r'^#define DRS_VERSION "(.+)"$', "shared/drs_version.h")
    places = {
        "openapi/drs.yaml": first(r"^  version: (\S+)$", "openapi/drs.yaml"),
        "frontend/package.json":
            json.loads(read("frontend/package.json"))["version"],
        "CHANGELOG.md": first(r"^## (\S+)", "CHANGELOG.md"),
    }
    wrong = [f"{path}: version {got}, shared/drs_version.h has {want}"
             for path, got in places.items() if got != want]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
