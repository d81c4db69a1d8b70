#!/usr/bin/python3
"""Every test that docs/guarantees.md names exists."""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = ("tests/system/*.py", "tests/scenarios/*.py", "tests/chaos/*.py",
           "tests/unit/*.c")
DEFINED = re.compile(r"^def (test_\w+)|^(\w+)\(void \*\*state\)", re.M)
NAMED = re.compile(r"`([a-z]\w*_\w+)`")


def main():
    """Compare names; the exit code."""
    have = set()
    for pattern in SOURCES:
        for path in glob.glob(os.path.join(TOP, pattern)):
            with open(path, encoding="utf-8") as f:
                for match in DEFINED.finditer(f.read()):
                    have.add(match.group(1) or match.group(2))
    with open(os.path.join(TOP, "docs", "guarantees.md"),
              encoding="utf-8") as f:
        named = NAMED.findall(f.read())
    missing = sorted(set(named) - have)
    for name in missing:
        print(f"docs/guarantees.md: no test {name}", file=sys.stderr)
    if not missing:
        print(f"guarantees: {len(set(named))} tests")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
