"""Answers against openapi/drs.yaml: the part of JSON Schema that it uses."""

import os
import re

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "null": type(None)}


class OpenApi:
    """The document; check() raises AssertionError with the place."""

    def __init__(self):
        with open(os.path.join(TOP, "openapi", "drs.yaml"),
                  encoding="utf-8") as f:
            self.doc = yaml.safe_load(f)
        self.paths = [(re.compile("^" + re.sub(r"{\w+}", "[^/]+", p) + "$"),
                       p.count("{"), item)
                      for p, item in self.doc["paths"].items()]

    def resolve(self, node):
        """What a reference means."""
        while "$ref" in node:
            target = self.doc
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node

    def operation(self, method, path):
        """The operation of a request, or None."""
        path = path.split("?")[0]
        best = None
        for pattern, params, item in self.paths:
            if pattern.match(path) and (best is None or params < best[0]):
                best = (params, item)
        return best[1].get(method.lower()) if best else None

    def check(self, method, path, status, body):
        """One answer."""
        op = self.operation(method, path)
        assert op is not None, f"{method} {path} is not documented"
        answer = op["responses"].get(str(status)) \
            or (op["responses"]["default"] if status >= 400 else None)
        assert answer is not None, f"{method} {path}: {status} undocumented"
        content = self.resolve(answer).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is not None:
            self.validate(body, schema, f"{method} {path}")

    def _type(self, value, names):
        for name in [names] if isinstance(names, str) else names:
            if name == "integer":
                if isinstance(value, int) and not isinstance(value, bool):
                    return True
            elif name == "number":
                if isinstance(value, (int, float)) \
                        and not isinstance(value, bool):
                    return True
            elif isinstance(value, TYPES[name]):
                return True
        return False

    def _properties(self, schema):
        """Names that a schema (and its allOf) knows; None: any."""
        schema = self.resolve(schema)
        if schema.get("additionalProperties") or "oneOf" in schema:
            return None
        names = set(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            more = self._properties(part)
            if more is None:
                return None
            names |= more
        return names

    def validate(self, value, schema, where, closed=True):
        """Raises for the first difference."""
        schema = self.resolve(schema)
        if "oneOf" in schema:
            problems = []
            for part in schema["oneOf"]:
                try:
                    self.validate(value, part, where)
                    return
                except AssertionError as exc:
                    problems.append(str(exc))
            raise AssertionError(f"{where}: none of {problems}")
        if closed and isinstance(value, dict):
            names = self._properties(schema)
            if names:
                extra = set(value) - names
                assert not extra, f"{where}: undocumented {sorted(extra)}"
        for part in schema.get("allOf", []):
            self.validate(value, part, where, closed=False)
        if "type" in schema:
            assert self._type(value, schema["type"]), \
                f"{where}: {value!r} is no {schema['type']}"
        if "enum" in schema:
            assert value in schema["enum"], f"{where}: {value!r}"
        if isinstance(value, dict):
            for name in schema.get("required", []):
                assert name in value, f"{where}: {name} is missing"
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    self.validate(value[name], part, f"{where}.{name}")
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                self.validate(item, schema["items"], f"{where}[{i}]")
