#!/usr/bin/python3
"""Known vulnerabilities of the npm packages in our lock files.

Asks the registry that npm is set to. High and critical ones in what is
shipped fail; all others, and those of build tools, are told. A registry
that gives no advisories (mirrors, machines without network) is told too and
fails only with --require.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("frontend", "frontend-docs")
FATAL = ("high", "critical")


def audit(folder: str, *options: str) -> dict:
    """npm's report; ValueError with its reason when there is none."""
    run = subprocess.run(
        ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0",
         "--fetch-timeout=20000", *options],
        cwd=ROOT / folder, capture_output=True, text=True, check=False)
    try:
        report = json.loads(run.stdout)
    except json.JSONDecodeError:
        report = {"message": run.stderr.strip().partition("\n")[0]}
    if "vulnerabilities" not in report:
        raise ValueError(report.get("message") or json.dumps(report))
    return report["vulnerabilities"]


def line(name: str, finding: dict) -> str:
    why = [via["title"] + " " + via["url"] if isinstance(via, dict)
           else f"through {via}" for via in finding["via"]]
    return f"{finding['severity']}: {name} {finding['range']}: " \
        + "; ".join(why)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--require", action="store_true",
                        help="fail when the registry cannot be asked")
    required = parser.parse_args().require
    failed = False
    for folder in LOCKS:
        try:
            everything = audit(folder)
            shipped = audit(folder, "--omit=dev")
        except ValueError as problem:
            print(f"npm audit of {folder}: NOT ASKED: {problem}")
            failed = failed or required
            continue
        for name, finding in sorted(everything.items()):
            fatal = name in shipped and finding["severity"] in FATAL
            kind = "shipped" if name in shipped else "build only"
            print(f"{folder}: {kind}: {line(name, finding)}")
            failed = failed or fatal
        print(f"npm audit of {folder}: {len(everything)} known")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
