#!/usr/bin/python3
"""Compares openapi/drs.yaml with the route table and with itself.

usage: check_openapi.py DUMP_ROUTES

Every row of the table is an operation and the reverse; reference, handler,
kind, body limit, permissions and publicness agree; path parameters are
declared; every $ref leads somewhere and every component is used; every JSON
body has an example, and the example is one.
"""

import json
import os
import re
import subprocess
import sys

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "system"))

from openapi_schema import OpenApi  # noqa: E402

METHODS = ("get", "post", "put", "delete", "patch", "head", "options")


def operations(doc):
    """(method, path) -> operation."""
    return {(method.upper(), path): op
            for path, item in doc["paths"].items()
            for method, op in item.items() if method in METHODS}


def check_operation(where, op, row, doc):
    """Differences of one operation."""
    found = []

    def same(what, got, want):
        if got != want:
            found.append(f"{where}: {what} is {got!r}, the table says "
                         f"{want!r}")

    same("x-reference", op.get("x-reference"), row["ref"])
    same("x-handler", op.get("x-handler"), row["handler"])
    same("x-kind", op.get("x-kind"), row["kind"])
    same("x-body-limit", op.get("x-body-limit"), row["body"])
    same("x-local", bool(op.get("x-local")), row["local"])
    same("security: []", op.get("security") == [], row["public"])
    perms = op.get("x-permissions", {})
    same("x-permissions.all", sorted(perms.get("all", [])),
         sorted(row["all"]))
    same("x-permissions.any", sorted(perms.get("any", [])),
         sorted(row["any"]))
    if "default" not in op.get("responses", {}):
        found.append(f"{where}: no default response")
    if not op.get("summary"):
        found.append(f"{where}: no summary")
    declared = set()
    for param in op.get("parameters", []):
        if "$ref" in param:
            param = resolve(doc, param["$ref"]) or {}
        if param.get("in") == "path":
            declared.add(param["name"])
            if not param.get("required"):
                found.append(f"{where}: path parameter {param['name']} "
                             "must be required")
    same("path parameters", sorted(declared),
         sorted(re.findall(r"{(\w+)}", row["path"])))
    if row["method"] == "GET" and "requestBody" in op:
        found.append(f"{where}: GET with a body")
    return found


def resolve(doc, ref):
    """What a local reference means, or None."""
    node = doc
    for part in ref.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    return node


def references(node):
    """All $ref below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_references(doc):
    """References into nowhere, components that nobody names."""
    refs = set(references(doc))
    found = [f"{ref} leads nowhere" for ref in sorted(refs)
             if resolve(doc, ref) is None]
    for kind in ("parameters", "responses", "schemas", "examples"):
        for name in doc["components"].get(kind, {}):
            if f"#/components/{kind}/{name}" not in refs:
                found.append(f"component {kind}/{name} is not used")
    return found


def check_required(doc):
    """Required members that a schema does not have."""
    found = []
    for name, schema in doc["components"]["schemas"].items():
        props = schema.get("properties", {})
        for member in schema.get("required", []):
            if member not in props:
                found.append(f"schema {name}: required {member} is no "
                             "property")
    return found


def check_examples(where, op, api):
    """JSON bodies without an example, examples of another shape."""
    found = []
    bodies = [("request", op.get("requestBody", {}))]
    bodies += [(str(status), api.resolve(answer))
               for status, answer in op.get("responses", {}).items()]
    for what, body in bodies:
        media = body.get("content", {}).get("application/json")
        if media is None:
            continue
        examples = [api.resolve(e)["value"]
                    for e in media.get("examples", {}).values()]
        if not examples:
            found.append(f"{where}: no example of {what}")
        for example in examples:
            try:
                api.validate(example, media["schema"], f"{where} {what}")
            except AssertionError as exc:
                found.append(f"example: {exc}")
    return found


def main():
    """Prints the differences; 1 if there are any."""
    tool = sys.argv[1]
    text = subprocess.run([tool], check=True, capture_output=True,
                          text=True, timeout=60).stdout
    rows = [json.loads(line) for line in text.splitlines()]
    with open(os.path.join(TOP, "openapi", "drs.yaml"),
              encoding="utf-8") as f:
        doc = yaml.safe_load(f)

    found = []
    ops = operations(doc)
    table = {(r["method"], r["path"]): r for r in rows}

    for key in sorted(set(table) - set(ops)):
        found.append(f"{key[0]} {key[1]} is not in openapi/drs.yaml")
    for key in sorted(set(ops) - set(table)):
        found.append(f"{key[0]} {key[1]} is not in the route table")
    api = OpenApi()
    for key in sorted(set(ops) & set(table)):
        found += check_operation(" ".join(key), ops[key], table[key], doc)
        found += check_examples(" ".join(key), ops[key], api)

    ids = [op.get("operationId") for op in ops.values()]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        found.append(f"operationId {name} appears twice")

    if not str(doc.get("openapi", "")).startswith("3.1"):
        found.append("openapi is not 3.1")

    found += check_references(doc) + check_required(doc)

    for line in found:
        print("openapi:", line)
    if not found:
        print(f"openapi: {len(ops)} operations agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
