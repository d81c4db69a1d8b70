"""Forms of requests: every path and operation of openapi/drs.yaml."""

import uuid

import pytest

from contract import (METHODS, OPENAPI, OPERATIONS, UNKNOWN_UUID, Client,
                      common_headers, envelope)

PATHS = sorted(OPENAPI.doc["paths"])
WITH_BODY = [op for op in OPERATIONS if op.takes_body and not op.local]
WITH_ID = [op for op in OPERATIONS if op.params and not op.local]
WRONG = ("nope", "%20", "a%22b", "0", "-1", UNKNOWN_UUID.upper() + "x")
UNKNOWN = {"id": UNKNOWN_UUID, "n": "7", "unitId": "0-7",
           "serverId": "s-0123456789abcdef0", "scheduleId": UNKNOWN_UUID,
           "webhookId": UNKNOWN_UUID, "stagingAccountId": "999900001111"}


@pytest.fixture(name="client", scope="module")
def fixture_client(shared_stack):
    """A client of the whole stack."""
    shared_stack.up()
    client = Client(shared_stack)
    yield client
    client.close()


def concrete(path):
    """The path with ids of the right form that exist nowhere."""
    account = path.startswith("/accounts/")
    for name, value in UNKNOWN.items():
        if account and name == "id":
            value = "999900001112"
        path = path.replace("{%s}" % name, value)
    assert "{" not in path, path
    return path


# -- methods ------------------------------------------------------------------

@pytest.mark.parametrize("path", PATHS)
def test_other_methods(client, path):
    """405 with Allow, envelope included, before any token is asked for."""
    allowed = [m.upper() for m in METHODS if m in OPENAPI.doc["paths"][path]]
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        if method in allowed:
            continue
        answer = client(method, concrete(path), role=None)
        assert answer.status == 405, (method, answer.status, answer.raw)
        body = envelope(answer)
        assert body["code"] == "METHOD_NOT_ALLOWED"
        assert sorted(answer.header("Allow").split(",")) \
            == sorted(allowed + ["OPTIONS"])


@pytest.mark.parametrize("path", PATHS)
def test_options(client, path):
    """200 without a body and a token; the methods of the resource."""
    answer = client("OPTIONS", concrete(path), role=None, headers={
        "Origin": "https://console.example"})
    assert (answer.status, answer.raw) == (200, b"")
    allowed = [m.upper() for m in METHODS if m in OPENAPI.doc["paths"][path]]
    assert sorted(answer.header("Access-Control-Allow-Methods").split(",")) \
        == sorted(allowed + ["OPTIONS"])
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Access-Control-Max-Age") == "600"
    assert "Authorization" in answer.header("Access-Control-Allow-Headers")
    assert answer.header("Access-Control-Allow-Credentials") is None
    common_headers(answer)


@pytest.mark.parametrize("path", PATHS)
def test_unknown_paths(client, path):
    """One segment more is no path of the API."""
    wrong = concrete(path) + "/nothing/here/at/all"
    answer = client("GET", wrong, role=None)
    assert answer.status == 404, answer.raw
    body = envelope(answer)
    assert (body["error"], body["code"]) == ("NOT_FOUND", "ROUTE_NOT_FOUND")
    assert body["path"] == wrong
    assert body["details"] == {"path": wrong, "method": "GET"}
    # errors have the CORS headers too
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert client("OPTIONS", wrong, role=None).status == 404


# -- ids ------------------------------------------------------------------------

@pytest.mark.parametrize("op", WITH_ID, ids=repr)
def test_unknown_ids(client, op):
    """Ids of the right form that exist nowhere: 404, or 400 of the body."""
    body = {} if op.method in ("POST", "PUT") else None
    answer = client(op.method, concrete(op.path), body)
    if body is None:
        assert answer.status in (404, 400 if required(op) else 404), \
            (answer.status, answer.raw)
    else:
        assert answer.status in (400, 404), (answer.status, answer.raw)
    seen = envelope(answer, op)
    assert seen["code"] != "ROUTE_NOT_FOUND"


def required(op):
    """Whether a query parameter must be given."""
    return any(p.get("required") for p in op.query())


@pytest.mark.parametrize("op", WITH_ID, ids=repr)
def test_malformed_ids(client, op):
    """Ids of the wrong form are unknown objects, never a failure."""
    body = {} if op.method in ("POST", "PUT") else None
    for wrong in WRONG:
        path = op.fill(lambda name, w=wrong: w)
        if OPENAPI.operation(op.method, path) is not op.doc:
            continue
        answer = client(op.method, path, body)
        assert answer.status in (400, 404), (path, answer.status, answer.raw)
        seen = envelope(answer, op)
        assert seen["code"] != "ROUTE_NOT_FOUND", path
        if body is None and not required(op) \
                and seen["code"] != "INVALID_FORMAT":     # AC13 says so
            assert answer.status == 404, (path, answer.raw)


# -- bodies -----------------------------------------------------------------------

@pytest.mark.parametrize("op", WITH_BODY, ids=repr)
@pytest.mark.parametrize("text", [b"{", b"[]", b'"text"', b"7", b"\xff{}",
                                  b'{"a":1}x', b'{"a":1,"a":2}'])
def test_bodies_that_are_no_object(client, op, text):
    """400 INVALID_JSON in the form of the later version."""
    answer = client(op.method, concrete(op.path), text)
    assert answer.status == 400, (answer.status, answer.raw)
    body = envelope(answer, op)
    assert (body["error"], body["code"]) == ("INVALID_PARAMETER",
                                             "INVALID_JSON")
    assert body["details"]["parameter"] == "body"
    assert body["details"]["expected"] == "valid JSON"


@pytest.mark.parametrize("op", WITH_BODY, ids=repr)
def test_bodies_over_the_limit(client, op):
    """413 over what the document says."""
    size = op.doc["x-body-limit"]
    if size > 1048576:
        return
    answer = client(op.method, concrete(op.path),
                    b'{"a":"' + b"x" * size + b'"}')
    client.close()
    assert answer.status == 413, (answer.status, answer.raw)
    assert envelope(answer, op)["code"] == "PAYLOAD_TOO_LARGE"


# -- request ids, idempotency ------------------------------------------------------

@pytest.mark.parametrize("op", OPERATIONS, ids=repr)
def test_request_ids(client, op):
    """A well-formed one is taken over, another one replaced."""
    given = "contract-" + op.name
    answer = client(op.method, concrete(op.path), role=None,
                    headers={"X-Request-Id": given}, head_only=True)
    assert answer.header("X-Request-Id") == given
    answer = client(op.method, concrete(op.path), role=None,
                    headers={"X-Request-Id": "no good"}, head_only=True)
    uuid.UUID(answer.header("X-Request-Id"), version=4)


def test_idempotency_of_a_creation(client):
    """The first answer again; another body is refused."""
    key = {"Idempotency-Key": "contract-" + uuid.uuid4().hex}
    account = str(uuid.uuid4().int)[:12].replace("0", "7", 1)
    body = {"accountId": account, "accountName": "idem"}
    first = client("POST", "/accounts/targets", body, headers=key)
    assert first.status == 201, first.raw
    again = client("POST", "/accounts/targets", body, headers=key)
    assert (again.status, again.json) == (201, first.json)
    assert again.header("Idempotent-Replay") == "true"
    assert first.header("Idempotent-Replay") is None
    other = client("POST", "/accounts/targets",
                   {**body, "accountName": "other"}, headers=key)
    assert other.status == 422
    assert envelope(other)["code"] == "IDEMPOTENCY_KEY_REUSED"
    # the key is the user's own
    mine = client("POST", "/accounts/targets", body, "MANAGER", key)
    assert mine.status == 400 and mine.json["code"] == "ACCOUNT_EXISTS"
    for bad in ("", "x" * 129, "a b"):
        answer = client("POST", "/accounts/targets", body,
                        headers={"Idempotency-Key": bad})
        assert answer.status == 400, (bad, answer.raw)
        assert envelope(answer)["error"] == "INVALID_PARAMETER"


@pytest.mark.parametrize("op", [
    op for op in OPERATIONS if op.method != "GET" and not op.public
    and not op.local], ids=repr)
def test_idempotency_keys_are_declared(op):
    """Every changing operation takes the key, and says so."""
    names = [OPENAPI.resolve(p)["name"] for p in op.doc.get("parameters", [])]
    assert "Idempotency-Key" in names
