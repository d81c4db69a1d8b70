"""A body over HTTP/2 that came while the token was still looked at."""

import json
import subprocess

from edge import Edge
from edge_fixtures import fixture_keys, fixture_own_redis

FIXTURES = (fixture_keys, fixture_own_redis)


def post(edge, path, token, text, *more):
    """One POST with curl, in HTTP/2 without TLS; (status, JSON)."""
    out = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "-m", "60", "-X", "POST",
         "-H", "Authorization: Bearer " + token, "-H", "Content-Type: application/json",
         "-w", "\n%{http_code}", *more, f"http://127.0.0.1:{edge.port}/api{path}"],
        input=text, capture_output=True, text=True, timeout=90, check=True).stdout
    body, _, status = out.rpartition("\n")
    return int(status), json.loads(body)


def test_body_of_an_unknown_token_is_not_lost(own_redis, keys):
    """Each request has a new token: its revocation is asked before the body is
    read, so nginx has read the body ahead."""
    text = json.dumps({"accountId": "not-an-account"})
    with Edge(own_redis, keys, listen="http2") as edge:
        for i in range(20):
            token = keys.token("DRSOrchestrationAdmin", jti=f"new-{i}")
            status, body = post(edge, "/accounts/targets", token, text,
                                "--data-binary", "@-")
            assert (status, body["code"]) == (400, "INVALID_FORMAT"), body


def test_body_without_length_is_not_lost(own_redis, keys):
    """The same with more bytes than nginx's usual buffer and no length."""
    text = json.dumps({"accountId": "not-an-account", "pad": "x" * 40000})
    with Edge(own_redis, keys, listen="http2") as edge:
        for i in range(10):
            token = keys.token("DRSOrchestrationAdmin", jti=f"long-{i}")
            status, body = post(edge, "/accounts/targets", token, text, "-T", "-")
            assert (status, body["code"]) == (400, "INVALID_FORMAT"), body
