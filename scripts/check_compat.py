#!/usr/bin/python3
"""Compares docs/compatibility.md with the route table and the tests.

usage: check_compat.py DUMP_ROUTES

A row that says "served" is a route and one that says "missing" is none;
every route has a row; the 78 operations and the 55 defects are all there;
every test named exists.
"""

import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join("docs", "compatibility.md")
OPERATIONS, DEFECTS = 78, 55
ROW = re.compile(r"\| ([A-Z]+-?\d+) \| (GET|POST|PUT|DELETE) `([^`]+)` "
                 r"\| ([^|]+) \| ([^|]+) \|$")
DEFECT = re.compile(r"\| (\d+) \| .* \| not reproduced: .* \| ([^|]+) \|$")


def shape(path):
    """The path without the names of its parameters."""
    return re.sub(r"{\w+}", "{}", path)


def read(path):
    """The text of a file of the checkout, or nothing."""
    try:
        with open(os.path.join(TOP, path), encoding="utf-8") as f:
            return f.read()
    except OSError:
        return ""


def check_rows(text, table):
    """Differences of the tables of operations; ids that are missing."""
    found, seen, missing = [], set(), set()
    first = text.split("## Operations", 1)[1].split("Other paths", 1)[0]
    ids = [m.group(1) for m in map(ROW.match, first.splitlines()) if m]
    if len(ids) != OPERATIONS or len(set(ids)) != OPERATIONS:
        found.append(f"{len(set(ids))} operations, not {OPERATIONS}")
    for line in text.splitlines():
        m = ROW.match(line)
        if not m:
            continue
        ref, method, path, _, status = (g.strip() for g in m.groups())
        key = (method, shape(path))
        seen.add(key)
        if status == "missing":
            missing.add(ref)
            if key in table:
                found.append(f"{ref} {method} {path} is a route, not missing")
        elif status != "served":
            found.append(f"{ref}: status {status!r}")
        elif key not in table:
            found.append(f"{ref} {method} {path} is no route")
        elif table[key]["ref"] != ref:
            found.append(f"{method} {path} is {table[key]['ref']}, not {ref}")
    for key in sorted(set(table) - seen):
        found.append(f"{key[0]} {table[key]['path']} has no row")
    return found, missing


def check_defects(text, missing):
    """Differences of the table of defects."""
    found, numbers = [], []
    for line in text.splitlines():
        m = DEFECT.match(line)
        if not m:
            continue
        numbers.append(int(m.group(1)))
        tests = re.findall(r"`([\w/.]+)::(\w+)`", m.group(2))
        waits = re.match(r"– \(([A-Z]+-?\d+)\)$", m.group(2).strip())
        if waits:
            if waits.group(1) not in missing:
                found.append(f"defect {m.group(1)}: {waits.group(1)} is "
                             "served, but no test is named")
        elif not tests:
            found.append(f"defect {m.group(1)}: no test")
        for path, name in tests:
            if not re.search(rf"^(def )?{name}\b", read(path), re.M):
                found.append(f"defect {m.group(1)}: no {name} in {path}")
    if numbers != list(range(1, DEFECTS + 1)):
        found.append(f"defects are {numbers}, not 1 to {DEFECTS}")
    return found


def main():
    """Prints the differences; 1 if there are any."""
    out = subprocess.run([sys.argv[1]], check=True, capture_output=True,
                         text=True, timeout=60).stdout
    table = {}
    for line in out.splitlines():
        row = json.loads(line)
        table[(row["method"], shape(row["path"]))] = row
    text = read(PAGE)
    found, missing = check_rows(text, table)
    found += check_defects(text, missing)
    for line in found:
        print("compatibility:", line)
    if not found:
        print(f"compatibility: {OPERATIONS} operations, {len(missing)} "
              f"missing; {DEFECTS} defects")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
