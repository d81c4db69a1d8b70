#!/usr/bin/python3
"""Tables in code and in documents agree: Redis keys, nginx directives,
worker options, metrics, functions of the library."""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(*parts):
    """All text of the files that match a pattern below the checkout."""
    text = ""
    for path in sorted(glob.glob(os.path.join(TOP, *parts))):
        with open(path, encoding="utf-8") as f:
            text += f.read()
    return text


def directives():
    """Names in the module's command table."""
    return set(re.findall(r'ngx_string\("(drs(?:_[a-z_]+)?)"\),\s*\n?\s*'
                          r'NGX_HTTP', read("ngx_module", "*.c")))


def documented(text, pattern):
    """Names in back quotes that match a pattern."""
    return set(re.findall("`(" + pattern + ")", text))


def compare(what, code, docs, errors):
    """Every name of the code is in the documents."""
    if not code:
        errors.append(f"{what}: none found in the code")
    for name in sorted(code - docs):
        errors.append(f"{what}: {name} is not documented")


def main():
    """Compare all tables; the exit code says whether they agree."""
    errors = []
    compare("directive", directives(),
            documented(read("docs", "directives.md"), r"drs(?:_[a-z_]+)?"),
            errors)
    compare("worker option",
            set(re.findall(r"\bX\([A-Z0-9_]+, ([a-z_0-9]+),",
                           read("worker", "drsw_config_table.h"))),
            set(re.findall(r"^#?\s*([a-z_0-9]+)\s*=",
                           read("conf", "worker.conf"), re.M)), errors)
    compare("function",
            set(re.findall(r"function_name\s*=\s*'(drs_[a-z_]+)'",
                           read("shared", "redis", "parts", "*.lua")))
            | set(re.findall(r"register\w*\(\s*'(drs_[a-z_]+)'",
                             read("shared", "redis", "parts", "*.lua"))),
            set(re.findall(r"drs_[a-z_]+", read("docs", "redis-schema.md")
                           + read("docs", "operations.md"))), errors)
    compare("redis key",
            set(re.findall(r'\[DRS_KEY_\w+\] = "([^"]+)"',
                           read("shared", "drs_keys.c"))),
            set(re.findall("`([^`]+)`", read("docs", "redis-schema.md"))),
            errors)
    metrics = set(re.findall(r'"# TYPE (drs_[a-z_]+)',
                             read("ngx_module", "*.c") + read("worker", "*.c")))
    worker = read("worker", "*.c") + read("worker", "tasks", "*.c")
    for kind, name in re.findall(r'drsw_(count|gauge|observe)\([^,"]*,\s*'
                                 r'"([a-z_0-9]+)"', worker):
        metrics.add("drs_worker_" + name
                    + ("_seconds_sum" if kind == "observe" else ""))
    docs = set(re.findall(r"drs_[a-z_]+", read("docs", "metrics.md")
                          + read("docs", "worker.md")))
    for name in sorted(metrics - docs):
        errors.append(f"metric: {name} is not documented")
    options = set(re.findall(r'X\([A-Z_]+, "([a-z-]+)"',
                             read("drsctl", "drsctl_args.h")))
    words = {" ".join(w for w in row if w) for row in re.findall(
        r'\{\s*"([a-z]+)",\s*(?:"([a-z]+)"|NULL)',
        read("drsctl", "drsctl_commands.c"))}
    for name in ("drsctl.md", "man/drsctl.1"):
        text = read("docs", name).replace("\\-", "-")
        text = re.sub(r"\\f[A-Z]", "", text)
        compare(f"docs/{name}: option", options,
                set(re.findall(r"--([a-z-]+)", text)), errors)
        compare(f"docs/{name}: command", words,
                {w for w in words if re.search(rf"\b{w}\b", text)}, errors)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
