"""The module's HTTP rules (api.md 1.1, 1.5, 1.6, 10.1), on real nginx and Redis."""

import http.client
import json
import socket
import uuid

import pytest

from edge import Edge, wait_until
from edge_fixtures import (PREFIX, fixture_edge, fixture_fake_worker, fixture_keys,
                           fixture_redis_server, note)

FIXTURES = (fixture_edge, fixture_fake_worker, fixture_keys, fixture_redis_server)

ORIGIN = "https://console.example"
ACCOUNTS = "/accounts/targets"


def envelope(answer, status, code, error=None):
    """The superset envelope of every error."""
    assert answer.status == status, (answer.status, answer.body)
    body = answer.json
    assert body["code"] == code and body["message"] and body["requestId"]
    if error:
        assert body["error"] == error
    assert answer.header("X-Request-Id") == body["requestId"]
    assert answer.header("Content-Type") == "application/json"
    return body


# -- paths and methods ------------------------------------------------------------

def test_unknown_paths(edge):
    """404 with path and method, without a token."""
    for path in ("/nope", "/", "/executions/", "/executions//x", "/health/x", "/healthx",
                 "/user", "/executions/a/b/c/d"):
        body = envelope(edge.get(path), 404, "ROUTE_NOT_FOUND", "NOT_FOUND")
        assert body["details"] == {"path": path, "method": "GET"}, path
        assert body["path"] == path


def test_wrong_method(edge):
    """405 with Allow, before authentication."""
    for method, path, allow in (("POST", "/health", "GET,OPTIONS"),
                                ("PATCH", "/protection-groups", "GET,POST,OPTIONS"),
                                ("DELETE", "/protection-groups", "GET,POST,OPTIONS"),
                                ("TRACE", "/user/profile", "GET,OPTIONS")):
        answer = edge.request(method, path)
        if method == "TRACE":
            assert answer.status == 405
            continue
        envelope(answer, 405, "METHOD_NOT_ALLOWED", "Method Not Allowed")
        assert answer.header("Allow") == allow


@pytest.mark.parametrize("path", [
    "/executions/%2e%2e/health", "/executions/../health", "/executions/a%2Fb", "/a%00b",
    "/executions/%ff", "/executions/%zz", "/executions/%", "/executions/%0a", "/./health",
    "/executions/" + "a" * 2100, "/health?" + "a" * 4200])
def test_malformed_paths(edge, path):
    """Escapes decode once; what could mean two things is refused."""
    assert edge.get(path).status in (400, 404)
    if "health" not in path or "?" in path:
        assert edge.get(path).status == 400


def test_path_is_decoded_once(edge, keys):
    """%25 is a percent sign, not the start of another escape."""
    token = keys.token("DRSReadOnly")
    body = envelope(edge.get("/executions/%252e%252e/events", token), 404,
                    "EXECUTION_NOT_FOUND")
    assert body["error"] == "NOT_FOUND"


def test_head_is_get_without_body(edge):
    """HEAD has the headers of GET."""
    answer = edge.request("HEAD", "/health")
    assert answer.status == 503 and answer.body == b""
    assert int(answer.header("Content-Length")) > 0


# -- headers -----------------------------------------------------------------------

def test_security_headers(edge, keys):
    """On success, error and 304-able answers alike."""
    for answer in (edge.get("/user/roles", keys.token()), edge.get("/nope"),
                   edge.get("/executions"), edge.request("OPTIONS", "/health")):
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert answer.header("X-Frame-Options") == "DENY"
        assert answer.header("Cache-Control") == "no-store"
        assert answer.header("Referrer-Policy") == "no-referrer"
        assert answer.header("Content-Security-Policy") \
            == "default-src 'none'; frame-ancestors 'none'"


def test_request_id(edge):
    """Taken over when well-formed, else made."""
    for given in ("abc-DEF_1.2", "a" * 64):
        assert edge.get("/nope", headers={"X-Request-Id": given}).json["requestId"] == given
    for given in ("", "a" * 65, "a b", "a\"b", "é"):
        answer = edge.get("/nope", headers={"X-Request-Id": given.encode("latin-1")})
        uuid.UUID(answer.json["requestId"], version=4)
        assert answer.json["requestId"] != given


def test_cors_listed_origin(edge):
    """Echoed for a listed origin, on answers and errors, with Vary."""
    for answer in (edge.get("/health", headers={"Origin": ORIGIN}),
                   edge.get("/nope", headers={"Origin": ORIGIN}),
                   edge.get("/executions", headers={"Origin": "http://localhost:5173"})):
        assert answer.header("Access-Control-Allow-Origin") in (
            ORIGIN, "http://localhost:5173")
        assert answer.header("Access-Control-Allow-Headers") == "Content-Type,Authorization"
        assert answer.header("Access-Control-Allow-Methods") == "GET,POST,PUT,DELETE,OPTIONS"
        assert answer.header("Vary") == "Origin"
        assert answer.header("Access-Control-Allow-Credentials") is None


def test_cors_other_origin(edge):
    """No such header for anybody else; still Vary."""
    for origin in ("https://evil.example", ORIGIN + ".evil.example", "null", None,
                   ORIGIN.upper()):
        headers = {"Origin": origin} if origin else {}
        answer = edge.get("/health", headers=headers)
        assert answer.header("Access-Control-Allow-Origin") is None
        assert answer.header("Vary") == "Origin"


def test_options(edge):
    """No token, 200, empty, the methods of the resource, max age."""
    for path, methods in (("/health", "GET,OPTIONS"),
                          ("/protection-groups", "GET,POST,OPTIONS"),
                          ("/protection-groups/x", "GET,PUT,DELETE,OPTIONS")):
        answer = edge.request("OPTIONS", path, headers={"Origin": ORIGIN})
        assert answer.status == 200 and answer.body == b""
        assert answer.header("Access-Control-Allow-Methods") == methods
        assert answer.header("Access-Control-Allow-Origin") == ORIGIN
        assert answer.header("Access-Control-Max-Age") == "600"
    envelope(edge.request("OPTIONS", "/nope"), 404, "ROUTE_NOT_FOUND")


def test_cors_any_and_none(redis_server, keys):
    """`*` to the letter; by default nothing at all."""
    with Edge(redis_server, keys, location="drs_cors_origin *;") as edge:
        answer = edge.get("/nope")
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert answer.header("Vary") is None
        assert "drs_cors_origin *" in edge.log()
    with Edge(redis_server, keys) as edge:
        for answer in (edge.get("/nope", headers={"Origin": ORIGIN}),
                       edge.request("OPTIONS", "/health")):
            assert not [k for k, _ in answer.headers if k.startswith("Access-Control")]


# -- bodies ---------------------------------------------------------------------------

@pytest.mark.parametrize("body", [
    "{", "[]", "1", '"x"', "null", "{\"a\":1,\"a\":2}", "{\"a\":1}\0", "{\"a\":\"\\u0000\"}",
    "{\"a\":1} x", "{'a':1}", "{\"a\":NaN}", "[" * 40 + "]" * 40, b"{\"a\":\"\xff\"}",
    "{\"a\":" + "[" * 40 + "]" * 40 + "}", "{\"a\":99999999999999999999}"])
def test_bad_json(edge, keys, body):
    """400 INVALID_JSON for everything that is not one well-formed object."""
    answer = edge.request("POST", ACCOUNTS, keys.token("DRSOrchestrationAdmin"), body)
    got = envelope(answer, 400, "INVALID_JSON", "INVALID_PARAMETER")
    assert got["details"]["parameter"] == "body"
    assert got["details"]["expected"] == "valid JSON"


def test_content_type_is_not_asked_for(edge, keys):
    """Except on /auth/*: 415."""
    token = keys.token("DRSOrchestrationAdmin")
    answer = edge.request("POST", ACCOUNTS, token, "{}", {"Content-Type": "text/plain"})
    assert answer.status == 400 and answer.json["code"] != "INVALID_JSON"
    for kind in ("text/plain", "application/jsonx", ""):
        envelope(edge.request("POST", "/auth/login", None, "{}", {"Content-Type": kind}),
                 415, "UNSUPPORTED_MEDIA_TYPE")
    answer = edge.request("POST", "/auth/login", None, "{}",
                          {"Content-Type": "application/json; charset=utf-8"})
    assert answer.status == 400


def test_empty_body_is_an_object(edge, keys):
    """No body and white space stand for {}."""
    token = keys.token("DRSOrchestrationAdmin")
    codes = {edge.request("POST", ACCOUNTS, token, body).json["code"]
             for body in (None, "", "  \n", "{}")}
    assert len(codes) == 1 and "INVALID_JSON" not in codes


def big(size):
    """A JSON object of that many bytes."""
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


def test_body_limits(edge, keys):
    """413 with the envelope over the route's limit; exactly the limit passes."""
    token = keys.token("DRSOrchestrationAdmin")
    limit = 256 * 1024
    answer = edge.request("POST", ACCOUNTS, token, big(limit))
    assert answer.status == 400
    got = envelope(edge.request("POST", ACCOUNTS, token, big(limit + 1)), 413,
                   "PAYLOAD_TOO_LARGE")
    assert got["details"]["limit"] == limit
    # 8 MiB for the import
    answer = edge.request("POST", "/config/import", token, big(8 * 1024 * 1024 + 1))
    envelope(answer, 413, "PAYLOAD_TOO_LARGE")


def chunked(edge, path, token, parts, end=True):
    """A chunked POST; the first line and the body of what comes back."""
    with socket.create_connection(("127.0.0.1", edge.port), 60) as s:
        s.sendall(f"POST /api{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  f"Authorization: Bearer {token}\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for part in parts:
                s.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            if end:
                s.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        out = b""
        while True:
            try:
                got = s.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                return out.split(b"\r\n", 1)[0], out.partition(b"\r\n\r\n")[2]
            out += got


def test_chunked_bodies(edge, keys):
    """Read in parts, limited without a Content-Length."""
    token = keys.token("DRSOrchestrationAdmin")
    text = big(200 * 1024)
    line, body = chunked(edge, ACCOUNTS, token,
                         [text[i:i + 3001] for i in range(0, len(text), 3001)])
    assert b" 400 " in line and json.loads(body)["code"] != "INVALID_JSON", body
    line, body = chunked(edge, ACCOUNTS, token, [b"x" * 60000] * 5, end=False)
    assert b" 413 " in line and json.loads(body)["code"] == "PAYLOAD_TOO_LARGE"
    line, body = chunked(edge, ACCOUNTS, token, [b"{}", b"}"])
    assert b" 400 " in line and json.loads(body)["code"] == "INVALID_JSON"


def test_slow_body(edge, keys):
    """A body that arrives in pieces, with pauses."""
    token = keys.token("DRSOrchestrationAdmin")
    text = b'{"accountId": 7}'
    with socket.create_connection(("127.0.0.1", edge.port), 60) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(f"POST /api{ACCOUNTS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  f"Authorization: Bearer {token}\r\n"
                  f"Content-Length: {len(text)}\r\n\r\n".encode())
        for i in range(len(text)):
            edge.get("/nope")
            s.sendall(text[i:i + 1])
        assert b" 400 " in s.recv(65536).split(b"\r\n")[0]


def test_unread_body_is_no_request(edge):
    """Answered before the body is read: the body is not taken for a request."""
    inner = b"GET /static HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", edge.port), 60) as s:
        s.sendall(b"POST /api/executions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                  b"GET /api/nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  % (len(inner), inner))
        out = b""
        while True:
            got = s.recv(65536)
            if not got:
                break
            out += got
    assert out.count(b"HTTP/1.1 ") == 2
    assert out.count(b" 401 ") == 1 and out.count(b" 404 ") == 1


# -- entity tags, idempotency, commands ---------------------------------------------------

def test_etag(edge, keys):
    """Weak tag on GET, 304 without a body."""
    token = keys.token("DRSReadOnly")
    first = edge.get(ACCOUNTS, token)
    tag = first.header("ETag")
    assert first.status == 200 and tag.startswith('W/"')
    for value in (tag, tag[2:], '"x", ' + tag, "*"):
        again = edge.get(ACCOUNTS, token, headers={"If-None-Match": value})
        assert again.status == 304 and again.body == b"", value
        assert again.header("ETag") == tag
    assert edge.get(ACCOUNTS, token, headers={"If-None-Match": '"x"'}).status == 200


def account(number):
    """A request body for an account."""
    return {"accountId": number, "accountName": "acct-" + number,
            "externalId": "drs-orchestration-cross-account"}


def test_idempotency(edge, keys, redis_server):
    """The first answer again; another body, another caller, a bad key."""
    token = keys.token("DRSOrchestrationAdmin")
    headers = {"Idempotency-Key": "k-" + str(uuid.uuid4())}
    body = account("123456789012")
    first = edge.request("POST", ACCOUNTS, token, body, headers)
    assert first.status == 201, first.body
    assert first.header("Idempotent-Replay") is None
    again = edge.request("POST", ACCOUNTS, keys.token("DRSOrchestrationAdmin"), body, headers)
    assert (again.status, again.body) == (201, first.body)
    assert again.header("Idempotent-Replay") == "true"
    envelope(edge.request("POST", ACCOUNTS, token, account("223456789012"), headers), 422,
             "IDEMPOTENCY_KEY_REUSED")
    other = edge.request("POST", ACCOUNTS, keys.token("DRSOrchestrationAdmin", sub="two"),
                         body, headers)
    assert other.status != 201 and other.header("Idempotent-Replay") is None
    for bad in ("", "a" * 129, "a b"):
        answer = edge.request("POST", ACCOUNTS, token, body, {"Idempotency-Key": bad})
        assert answer.status == 400 and answer.json["details"]["parameter"] \
            == "Idempotency-Key", bad
    assert redis_server.client().keys(PREFIX + ":idem:*")


def test_command_answer_is_passed_through(edge, keys, fake_worker):
    """Body, status and error of a worker, byte for byte in meaning."""
    token = keys.token("DRSOrchestrationAdmin", sub="boss", jti="j-1")
    answers = [{"status": 200, "body": {"n": 9007199254740993, "empty": [], "x": None}},
               {"error": {"code": "SERVER_CONFLICT", "message": "taken",
                          "details": {"conflicts": [{"a": 1}]}}},
               {"error": {"code": "NO_SUCH_CODE", "message": "?"}}]
    body = {"config": {"metadata": {"schemaVersion": "1.1"}, "protectionGroups": [],
                       "recoveryPlans": []}}
    with fake_worker(lambda _: answers.pop(0)) as worker:
        ok = edge.request("POST", "/config/import", token, body)
        assert ok.status == 200 and ok.json == {"n": 9007199254740993, "empty": [],
                                                "x": None}, ok.body
        got = envelope(edge.request("POST", "/config/import", token, body), 409,
                       "SERVER_CONFLICT")
        assert got["message"] == "taken" and got["conflicts"] == [{"a": 1}]
        envelope(edge.request("POST", "/config/import", token, body), 500, "INTERNAL_ERROR")
        seen = worker.seen[0]
    assert seen["type"] == "config.import"
    actor = json.loads(seen["actor"])
    assert actor["userId"] == "boss" and actor["tokenId"] == "j-1"
    assert actor["roles"] == ["DRSOrchestrationAdmin"] and actor["ip"] == "127.0.0.1"


def test_no_worker_means_not_done(redis_server, keys):
    """503 with the promise, and the command is withdrawn."""
    client = redis_server.client()
    with Edge(redis_server, keys, http="drs_command_timeout 300ms;") as edge:
        body = {"config": {"metadata": {"schemaVersion": "1.1"}, "protectionGroups": [],
                           "recoveryPlans": []}}
        token = keys.token("DRSOrchestrationAdmin")
        answer = edge.request("POST", "/config/import", token, body)
        got = envelope(answer, 503, "SERVICE_UNAVAILABLE")
        assert got["retryable"] is True and answer.header("Retry-After")
        assert got["details"]["outcome"] == "none"
        command = got["details"]["commandId"]
        try:
            client.xgroup_create(PREFIX + ":cmd", "workers", "0", mkstream=True)
        except Exception as exc:  # pylint: disable=broad-except
            assert "BUSYGROUP" in str(exc)
        left = [f for _, f in client.xrange(PREFIX + ":cmd") if f["id"] == command]
        for entry, fields in client.xrange(PREFIX + ":cmd"):
            if fields["id"] == command:
                client.xreadgroup("workers", "w", {PREFIX + ":cmd": ">"}, count=1000)
                begun = client.fcall("drs_cmd_begin", 1, PREFIX, entry, command,
                                     fields["replyTo"], fields["deadline"], "w", "1", "5")
                assert begun[1] == "expired"
        assert len(left) <= 1


def test_abandoned_command(edge, keys, fake_worker):
    """The client hangs up while a worker works: nothing breaks."""
    token = keys.token("DRSOrchestrationAdmin")
    body = json.dumps({"config": {"metadata": {"schemaVersion": "1.1"},
                                  "protectionGroups": [], "recoveryPlans": []}})
    gone = []

    def answer(_):
        wait_until(lambda: gone, "client gone")
        return {"status": 200, "body": {}}

    with fake_worker(answer) as worker:
        c = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
        c.request("POST", "/api/config/import", body, {"Authorization": "Bearer " + token})
        wait_until(lambda: worker.seen, "command taken")
        c.close()
        wait_until(lambda: "prematurely closed" in edge.log(), "client noticed")
        gone.append(1)
        assert edge.request("POST", "/config/import", token, body).status == 200


def test_metrics(edge, keys):
    """Prometheus text; free for loopback here."""
    edge.get("/executions/" + str(uuid.uuid4()) + "/events", keys.token("DRSReadOnly"))
    answer = edge.get("/metrics")
    text = answer.body.decode()
    assert answer.header("Content-Type").startswith("text/plain; version=0.0.4")
    assert 'drs_nginx_requests_total{method="GET",route="/executions/{id}/events",' \
        'status="4xx"}' in text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines()
                  if not line.startswith("#"))
    assert int(values["drs_nginx_redis_connections"]) == 2
    assert int(values["drs_nginx_tokens_cached"]) > 0
    assert int(values["drs_nginx_redis_calls"]) == 0
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_metrics_need_a_permission_elsewhere(redis_server, keys):
    """Not from an address that is not listed; view_executions opens it."""
    redis_server.client().zadd(PREFIX + ":workers", {"w-1": 1e15, "w-2": 1e15})
    for n in (1, 2):
        redis_server.client().set(f"{PREFIX}:metrics:w-{n}",
                                  "# HELP drs_x help\n# TYPE drs_x counter\n"
                                  f"drs_x{{worker=\"w-{n}\"}} {n}\n")
    with Edge(redis_server, keys, location="drs_metrics_allow 192.0.2.0/24;") as edge:
        assert edge.get("/metrics").status == 401
        assert edge.get("/metrics", keys.token()).status == 403
        text = edge.get("/metrics", keys.token("DRSReadOnly")).body.decode()
    assert text.count("# TYPE drs_x counter") == 1
    after = text.partition("# TYPE drs_x counter\n")[2].splitlines()[:2]
    assert sorted(after) == ['drs_x{worker="w-1"} 1', 'drs_x{worker="w-2"} 2']
    redis_server.client().delete(PREFIX + ":workers")


def test_health(edge, redis_server):
    """503 without a worker that beats, 200 with one."""
    client = redis_server.client()
    answer = edge.get("/health")
    assert answer.status == 503 and answer.json["status"] == "unhealthy"
    assert answer.json["redis"]["status"] == "healthy"
    client.fcall("drs_heartbeat", 1, PREFIX, "w-9", "{}", "", "30000")
    answer = edge.get("/health")
    assert answer.status == 200 and answer.json["status"] == "healthy"
    assert answer.json["worker"]["workers"] == 1
    assert answer.json["timestamp"].endswith("Z")
    client.delete(PREFIX + ":workers")


def test_newer_data_are_read_only(redis_server, keys):
    """Data of a newer schema: reads yes, writes 503."""
    client = redis_server.client()
    client.hset(PREFIX + ":meta", "schema", "99")
    try:
        with Edge(redis_server, keys) as edge:
            token = keys.token("DRSOrchestrationAdmin")
            wait_until(lambda: "schema 99" in edge.log(), "noticed")
            assert edge.get(ACCOUNTS, token).status == 200
            envelope(edge.request("POST", ACCOUNTS, token, account("323456789012")), 503,
                     "SERVICE_UNAVAILABLE")
    finally:
        client.hset(PREFIX + ":meta", "schema", "1")


def test_events_of_other_text_are_skipped(edge, redis_server):
    """A message that is no event does no harm."""
    client = redis_server.client()
    client.publish(PREFIX + ":live", "nonsense")
    note(client)
    assert edge.get("/nope").status == 404
