"""Service models: loading, input parsing, validation, serialisation.

The models are botocore's JSON files, read as data.  botocore's own
validator knows types, required members and minima only; the walk below
also checks maxima, patterns, enumerations and unknown members.
"""
import datetime
import re
from urllib.parse import unquote
from xml.sax.saxutils import escape

import botocore.loaders

from . import overlay
from .errors import AwsError, common


class Ref:
    """A use of a shape, with the traits of the place where it is used."""

    __slots__ = ("shape", "traits")

    def __init__(self, shape, traits):
        self.shape = shape
        self.traits = traits


class Shape:
    __slots__ = ("name", "type", "raw", "members", "member", "key", "value",
                 "required", "enum", "min", "max", "pattern")

    def __init__(self, name, raw):
        self.name = name
        self.raw = raw
        self.type = raw["type"]
        self.members = {}
        self.member = self.key = self.value = None
        self.required = raw.get("required", ())
        self.enum = frozenset(raw["enum"]) if "enum" in raw else None
        self.min = raw.get("min")
        self.max = raw.get("max")
        self.pattern = None
        if "pattern" in raw and self.type == "string":
            try:
                self.pattern = re.compile(raw["pattern"], re.S)
            except re.error:
                self.pattern = None     # a Java pattern that Python lacks


class Operation:
    __slots__ = ("name", "method", "uri", "status", "input", "output",
                 "wrapper", "label")

    def __init__(self, name, raw, service):
        http = raw.get("http", {})
        self.name = name
        self.method = http.get("method", "POST")
        self.uri = http.get("requestUri", "/")
        self.status = http.get("responseCode", 200)
        self.input = service.ref(raw["input"]) if "input" in raw else None
        self.output = service.ref(raw["output"]) if "output" in raw else None
        self.wrapper = raw.get("output", {}).get("resultWrapper")
        self.label = None


class Service:
    """One service's model; shapes and operations are built on demand."""

    def __init__(self, name, signing_name, raw):
        meta = raw["metadata"]
        self.name = name
        self.signing_name = signing_name
        self.raw = raw
        self.protocol = meta["protocol"]
        self.version = meta["apiVersion"]
        self.namespace = meta.get("xmlNamespace", "")
        self.target = meta.get("targetPrefix")
        self._shapes = {}
        self._ops = {}

    def shape(self, name):
        shape = self._shapes.get(name)
        if shape is None:
            raw = self.raw["shapes"][name]
            shape = self._shapes[name] = Shape(name, raw)
            for key, ref in raw.get("members", {}).items():
                shape.members[key] = self.ref(ref)
            for attr in ("member", "key", "value"):
                if attr in raw:
                    setattr(shape, attr, self.ref(raw[attr]))
        return shape

    def ref(self, raw):
        return Ref(self.shape(raw["shape"]), raw)

    def operation(self, name):
        op = self._ops.get(name)
        if op is None and name in self.raw["operations"]:
            op = Operation(name, self.raw["operations"][name], self)
            self._ops[name] = op
        return op

    def rest_operation(self, method, raw_path):
        """(operation, labels) of a REST-JSON request, else (None, {})."""
        if raw_path.startswith("/tags/"):
            label = unquote(raw_path[len("/tags/"):])
            name = {"GET": "ListTagsForResource", "POST": "TagResource",
                    "DELETE": "UntagResource"}.get(method)
            if name and label:
                return self.operation(name), {"resourceArn": label}
            return None, {}
        op = self.operation(raw_path[1:])
        if op is None or op.method != method or op.uri != raw_path:
            return None, {}
        return op, {}


def load(name, signing_name):
    loader = botocore.loaders.Loader()
    raw = loader.load_service_model(name, "service-2")
    if name == "drs":
        overlay.apply(raw)
    if name == "ec2":       # the catalogue decides which types exist
        raw["shapes"]["InstanceType"].pop("enum", None)
    return Service(name, signing_name, raw)


# --- validation ------------------------------------------------------------

_KINDS = {"string": str, "structure": dict, "list": list, "map": dict,
          "boolean": bool}


class Problem:
    __slots__ = ("path", "message", "missing")

    def __init__(self, path, message, missing=False):
        self.path = path
        self.message = message
        self.missing = missing


def _bounds(shape, size, path, what, out):
    low, high = shape.min, shape.max
    if low is not None and size < low:
        out.append(Problem(path, f"Member must have {what} greater than or "
                                 f"equal to {low}"))
    if high is not None and size > high:
        out.append(Problem(path, f"Member must have {what} less than or "
                                 f"equal to {high}"))


def _check_string(shape, value, path, out):
    _bounds(shape, len(value), path, "length", out)
    if shape.enum is not None and value not in shape.enum:
        names = ", ".join(sorted(shape.enum))
        out.append(Problem(path, "Member must satisfy enum value set: "
                                 f"[{names}]"))
    if shape.pattern is not None and not shape.pattern.fullmatch(value):
        out.append(Problem(path, "Member must satisfy regular expression "
                                 f"pattern: {shape.pattern.pattern}"))


def _check_structure(shape, value, path, out):
    for name in shape.required:
        if value.get(name) is None:
            out.append(Problem(f"{path}.{name}" if path else name,
                               "Member must not be null", True))
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        ref = shape.members.get(name)
        if ref is None:
            out.append(Problem(where, "Unknown member"))
        elif item is not None:
            check(ref.shape, item, where, out)


def check(shape, value, path, out):
    """Append a Problem for everything in `value` that breaks `shape`."""
    kind = shape.type
    expect = _KINDS.get(kind)
    if expect is not None:
        good = isinstance(value, expect)
    elif kind in ("integer", "long"):
        good = isinstance(value, int) and not isinstance(value, bool)
    elif kind in ("float", "double"):
        good = (isinstance(value, (int, float))
                and not isinstance(value, bool))
    else:
        good = True
    if not good:
        out.append(Problem(path, f"Member must be of type {kind}"))
    elif kind == "structure":
        _check_structure(shape, value, path, out)
    elif kind == "string":
        _check_string(shape, value, path, out)
    elif kind == "list":
        _bounds(shape, len(value), path, "length", out)
        for i, item in enumerate(value):
            check(shape.member.shape, item, f"{path}.{i + 1}.member", out)
    elif kind == "map":
        _bounds(shape, len(value), path, "length", out)
        for key, item in value.items():
            check(shape.key.shape, key, f"{path}.key", out)
            check(shape.value.shape, item, f"{path}.{key}.value", out)
    elif kind in ("integer", "long", "float", "double"):
        _bounds(shape, value, path, "value", out)


def validate(service, op, params):
    """Raise the service's own validation error for a bad input."""
    if op.input is None:
        return
    out = []
    check(op.input.shape, params, "", out)
    if not out:
        return
    count = len(out)
    text = "; ".join(f"Value at '{p.path}' failed to satisfy constraint: "
                     f"{p.message}" for p in out[:5])
    text = f"{count} validation error{'s' * (count > 1)} detected: {text}"
    if service.protocol == "rest-json":
        raise AwsError("ValidationException", text, 400,
                       reason="fieldValidationFailed",
                       fieldList=[{"name": p.path, "message": p.message}
                                  for p in out])
    if service.protocol == "ec2" and out[0].missing:
        raise AwsError("MissingParameter", "The request must contain the "
                       f"parameter {out[0].path}", 400)
    if service.protocol == "query" and service.name == "sns":
        raise AwsError("InvalidParameter", f"Invalid parameter: {text}", 400)
    raise common("validation", service.protocol, text)


# --- query protocols: form -> params ----------------------------------------

def _tree(form):
    root = {}
    for name, value in form:
        node = root
        parts = name.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise AwsError("MalformedQueryString",
                               f"parameter {name} is both value and prefix")
        if parts[-1] in node:
            raise AwsError("MalformedQueryString",
                           f"parameter {name} is given twice")
        node[parts[-1]] = value
    return root


def _scalar(shape, text, path):
    kind = shape.type
    if not isinstance(text, str):
        raise AwsError("InvalidParameterValue", f"{path} is not a {kind}")
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except (ValueError, KeyError):
        raise AwsError("InvalidParameterValue", f"Invalid value '{text}' "
                       f"for {path}: must be of type {kind}") from None
    return text


class QueryParser:
    def __init__(self, ec2):
        self.ec2 = ec2

    def _name(self, name, ref):
        traits = ref.traits
        if not self.ec2:
            return traits.get("locationName", name)
        if "queryName" in traits:
            return traits["queryName"]
        loc = traits.get("locationName")
        return loc[0].upper() + loc[1:] if loc else name

    def _items(self, node, path):
        if not isinstance(node, dict):
            raise AwsError("InvalidParameterValue", f"{path} is a list")
        try:
            keys = sorted(node, key=int)
        except ValueError:
            raise AwsError("UnknownParameter", f"The parameter {path} is "
                           "not recognized") from None
        if [int(k) for k in keys] != list(range(1, len(keys) + 1)):
            raise AwsError("InvalidParameterValue",
                           f"{path}: list indexes must run from 1")
        return [node[k] for k in keys]

    def parse(self, ref, node, path):
        shape = ref.shape
        if shape.type == "structure":
            return self._structure(shape, node, path)
        if shape.type == "list":
            return self._list(ref, node, path)
        if shape.type == "map":
            return self._map(ref, node, path)
        return _scalar(shape, node, path)

    def _structure(self, shape, node, path):
        if not isinstance(node, dict):
            raise AwsError("InvalidParameterValue", f"{path} is a structure")
        out = {}
        names = {}
        for name, ref in shape.members.items():
            wire = self._name(name, ref)
            if (not self.ec2 and ref.shape.type == "list"
                    and (ref.traits.get("flattened")
                         or ref.shape.raw.get("flattened"))):
                wire = ref.shape.member.traits.get("locationName", wire)
            names[wire] = (name, ref)
        for key, value in node.items():
            where = f"{path}.{key}" if path else key
            if key not in names:
                raise AwsError("UnknownParameter",
                               f"The parameter {where} is not recognized")
            name, ref = names[key]
            out[name] = self.parse(ref, value, where)
        return out

    def _list(self, ref, node, path):
        flat = (self.ec2 or ref.traits.get("flattened")
                or ref.shape.raw.get("flattened"))
        if node == "":
            return []
        if not flat:
            inner = ref.shape.member.traits.get("locationName", "member")
            if not isinstance(node, dict) or set(node) != {inner}:
                raise AwsError("UnknownParameter",
                               f"{path} must be {path}.{inner}.N")
            node = node[inner]
        return [self.parse(ref.shape.member, item, f"{path}.{i + 1}")
                for i, item in enumerate(self._items(node, path))]

    def _map(self, ref, node, path):
        shape = ref.shape
        flat = ref.traits.get("flattened") or shape.raw.get("flattened")
        if not flat:
            if not isinstance(node, dict) or set(node) != {"entry"}:
                raise AwsError("UnknownParameter",
                               f"{path} must be {path}.entry.N")
            node = node["entry"]
        key = shape.key.traits.get("locationName", "key")
        val = shape.value.traits.get("locationName", "value")
        out = {}
        for i, item in enumerate(self._items(node, path)):
            where = f"{path}.{i + 1}"
            if not isinstance(item, dict) or set(item) - {key, val}:
                raise AwsError("UnknownParameter",
                               f"{where} must have {key} and {val}")
            out[item.get(key)] = self.parse(shape.value, item.get(val, ""),
                                            where)
        return out


def parse_query(service, op, form):
    """The params of a form of the query or EC2 protocol."""
    tree = _tree(form)
    tree.pop("Action", None)
    tree.pop("Version", None)
    if op.input is None:
        if tree:
            raise AwsError("UnknownParameter", f"The parameter "
                           f"{next(iter(tree))} is not recognized")
        return {}
    return QueryParser(service.protocol == "ec2").parse(op.input, tree, "")


# --- XML answers -----------------------------------------------------------

def iso(epoch, digits=3):
    """ISO 8601 text in UTC of an epoch time."""
    when = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    text = when.strftime("%Y-%m-%dT%H:%M:%S")
    if digits:
        text += "." + f"{when.microsecond:06d}"[:digits]
    return text + "Z"


def _xml(ref, value, name, out):
    shape = ref.shape
    if shape.type == "structure":
        out.append(f"<{name}>")
        _xml_members(shape, value, out)
        out.append(f"</{name}>")
    elif shape.type == "list":
        flat = ref.traits.get("flattened") or shape.raw.get("flattened")
        inner = shape.member.traits.get("locationName")
        if flat:
            for item in value:
                _xml(shape.member, item, inner or name, out)
            return
        out.append(f"<{name}>")
        for item in value:
            _xml(shape.member, item, inner or "member", out)
        out.append(f"</{name}>")
    elif shape.type == "map":
        out.append(f"<{name}>")
        key = shape.key.traits.get("locationName", "key")
        val = shape.value.traits.get("locationName", "value")
        for k, v in value.items():
            out.append(f"<entry><{key}>{escape(str(k))}</{key}>")
            _xml(shape.value, v, val, out)
            out.append("</entry>")
        out.append(f"</{name}>")
    else:
        if shape.type == "boolean":
            text = "true" if value else "false"
        elif shape.type == "timestamp" and not isinstance(value, str):
            text = iso(value)
        else:
            text = escape(str(value))
        out.append(f"<{name}>{text}</{name}>")


def _xml_members(shape, value, out):
    unknown = set(value) - set(shape.members)
    if unknown:
        raise KeyError(f"{shape.name} has no member {sorted(unknown)}")
    for name, ref in shape.members.items():
        item = value.get(name)
        if item is not None:
            _xml(ref, item, ref.traits.get("locationName", name), out)


def render_xml(service, op, result, request_id):
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n',
           f'<{op.name}Response xmlns="{service.namespace}']
    if service.protocol == "ec2":
        out.append(f'/"><requestId>{request_id}</requestId>')
        if op.output is not None and op.output.shape.members:
            _xml_members(op.output.shape, result or {}, out)
        else:
            out.append("<return>true</return>")
    else:
        out.append('">')
        if op.wrapper:
            out.append(f"<{op.wrapper}>")
            _xml_members(op.output.shape, result or {}, out)
            out.append(f"</{op.wrapper}>")
        out.append("<ResponseMetadata><RequestId>"
                   f"{request_id}</RequestId></ResponseMetadata>")
    out.append(f"</{op.name}Response>")
    return "".join(out).encode()


def render_error_xml(service, error, request_id):
    code, message = escape(error.code), escape(error.message)
    if service.protocol == "ec2":
        text = (f"<Response><Errors><Error><Code>{code}</Code><Message>"
                f"{message}</Message></Error></Errors><RequestID>"
                f"{request_id}</RequestID></Response>")
    else:
        kind = "Receiver" if error.status >= 500 else "Sender"
        text = (f'<ErrorResponse xmlns="{service.namespace}"><Error><Type>'
                f"{kind}</Type><Code>{code}</Code><Message>{message}"
                f"</Message></Error><RequestId>{request_id}</RequestId>"
                "</ErrorResponse>")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode()
