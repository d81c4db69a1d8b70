"""The operations of openapi/drs.yaml, and a connection that asks fast."""

import http.client
import json
import re
import ssl

from openapi_schema import OpenApi

METHODS = ("get", "post", "put", "delete")
OPENAPI = OpenApi()
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"


class Operation:
    """One method of one path."""

    def __init__(self, method, path, doc):
        self.method = method.upper()
        self.path = path
        self.doc = doc
        self.name = doc["operationId"]
        self.public = doc.get("security") == []
        self.local = bool(doc.get("x-local"))
        self.kind = doc["x-kind"]
        needs = doc.get("x-permissions", {})
        self.all = needs.get("all", [])
        self.any = needs.get("any", [])
        self.params = re.findall(r"{(\w+)}", path)
        self.takes_body = doc["x-body-limit"] > 4096

    def __repr__(self):
        return self.name

    def permits(self, held):
        """Whether a caller with these permissions may use it."""
        return all(p in held for p in self.all) \
            and (not self.any or any(p in held for p in self.any))

    def fill(self, values):
        """The path with values for its parameters."""
        return re.sub(r"{(\w+)}", lambda m: values(m.group(1)), self.path)

    def query(self):
        """Query parameters, references resolved."""
        return [p for p in map(OPENAPI.resolve, self.doc.get("parameters", []))
                if p["in"] == "query"]


def operations():
    """Every operation, in the order of the document."""
    return [Operation(m, path, item[m])
            for path, item in OPENAPI.doc["paths"].items()
            for m in METHODS if m in item]


OPERATIONS = operations()


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.raw = body

    def header(self, name):
        """The value of a header, or None."""
        return self.headers.get(name)

    @property
    def json(self):
        """The body as JSON."""
        return json.loads(self.raw)


class Client:
    """Requests over one kept connection."""

    def __init__(self, stack):
        self.stack = stack
        self.tokens = {}
        self.conn = None

    def token(self, role):
        """A token of a role, made once."""
        if role not in self.tokens:
            self.tokens[role] = self.stack.token(role)
        return self.tokens[role]

    def close(self):
        """Ends the connection."""
        if self.conn is not None:
            self.conn.close()
            self.conn = None

    def __call__(self, method, path, body=None, role="ADMIN", headers=None,
                 head_only=False):
        """One request; body may be bytes.  head_only: a stream is left."""
        if self.conn is None:
            self.conn = http.client.HTTPSConnection(
                "127.0.0.1", self.stack.port, timeout=60,
                context=ssl.create_default_context(cafile=self.stack.ca))
        send = dict(headers or {})
        if role is not None:
            send.setdefault("Authorization", "Bearer " + self.token(role))
        if body is not None:
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
            send.setdefault("Content-Type", "application/json")
        try:
            self.conn.request(method, "/api" + path, body, send)
            response = self.conn.getresponse()
            if head_only and response.status == 200:
                answer = Answer(response, b"")
                self.close()
                return answer
            answer = Answer(response, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer


def common_headers(answer):
    """What every answer carries (api.md 1.5, 10.1)."""
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("X-Frame-Options") == "DENY"
    assert answer.header("Cache-Control")
    assert answer.header("X-Request-Id")


def envelope(answer, op=None):
    """The body of a refusal, checked against the envelope."""
    body = answer.json
    where = op.name if op else "?"
    assert answer.status >= 400, where
    OPENAPI.validate(body, {"$ref": "#/components/schemas/Error"}, where)
    assert answer.header("Content-Type") == "application/json", where
    assert answer.header("X-Request-Id") == body["requestId"], where
    common_headers(answer)
    return body
