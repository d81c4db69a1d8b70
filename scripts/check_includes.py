#!/usr/bin/python3
"""Dependency direction: who may include what (CONTRIBUTING.md)."""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)
AREAS = ("shared", "worker/engine", "worker/aws", "worker/tasks", "worker",
         "ngx_module/api", "ngx_module", "drsctl")
# area -> areas whose headers it may include
ALLOWED = {
    "shared": {"shared"},
    "worker/engine": {"worker/engine", "shared"},
    "worker/aws": {"worker/aws", "shared"},
    "worker/tasks": {"worker/tasks", "worker", "worker/engine", "worker/aws",
                     "shared"},
    "worker": {"worker", "worker/engine", "worker/aws", "worker/tasks",
               "shared"},
    "ngx_module/api": {"ngx_module/api", "ngx_module", "shared"},
    "ngx_module": {"ngx_module", "ngx_module/api", "shared"},
    "drsctl": {"drsctl", "shared"},
}
# headers of libraries and the only areas that may use them
LIBRARIES = {
    "hiredis": {"worker", "worker/tasks", "ngx_module", "ngx_module/api"},
    "curl/": {"worker", "worker/aws", "drsctl"},
    "ngx_": {"ngx_module", "ngx_module/api"},
    "sys/socket.h": {"worker", "worker/aws", "ngx_module"},
    "jwt.h": {"worker"},
    "libxml/": {"worker/aws"},
}


def area_of(path):
    """The area of a path relative to the checkout."""
    for area in AREAS:
        if path.startswith(area + "/"):
            return area
    return None


def main():
    """Report every forbidden include line and repeated base name."""
    errors = []
    owner = {}
    files = []
    for area in ("shared", "worker", "ngx_module", "drsctl"):
        files += glob.glob(os.path.join(TOP, area, "**", "*.[ch]"),
                           recursive=True)
    for full in files:
        rel = os.path.relpath(full, TOP)
        base = os.path.basename(rel)
        if base in owner:
            errors.append(f"{rel}: base name also in {owner[base]}")
        owner[base] = rel
    for full in files:
        rel = os.path.relpath(full, TOP)
        area = area_of(rel)
        with open(full, encoding="utf-8") as f:
            text = f.read()
        for name in INCLUDE.findall(text):
            base = os.path.basename(name)
            if base in owner:
                other = area_of(owner[base])
                if other not in ALLOWED[area]:
                    errors.append(f"{rel}: {area} must not include {name}")
                continue
            for lib, areas in LIBRARIES.items():
                if name.startswith(lib) and area not in areas:
                    errors.append(f"{rel}: {area} must not use {name}")
    for error in sorted(errors):
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
