"""The module's authentication and authorisation, on real nginx and Redis."""

import json
import os
import time

import pytest

from edge import Edge, Keys, b64, wait_until
from edge_fixtures import (PREFIX, fixture_edge, fixture_keys, fixture_own_redis,
                           fixture_redis_server)

FIXTURES = (fixture_edge, fixture_keys, fixture_own_redis, fixture_redis_server)

PATH = "/user/permissions"
NOW = int(time.time())


def refused(edge, token, path=PATH):
    """401 with the one generic body."""
    answer = edge.get(path, token)
    assert answer.status == 401, answer.body
    body = answer.json
    assert body["code"] == "UNAUTHORIZED" and body["error"] == "Unauthorized"
    assert set(body) == {"error", "code", "message", "requestId"}
    assert answer.header("WWW-Authenticate").startswith("Bearer")
    return answer


def test_good_tokens(edge, keys):
    """RS256 and ES256, audience in a list."""
    for token in (keys.token("DRSReadOnly"), keys.token("DRSReadOnly", kid="e1"),
                  keys.token("DRSReadOnly", headers={"typ": "jwt"}),
                  keys.token("DRSReadOnly", aud=["x", "drs-test"]),
                  keys.token("DRSReadOnly", **{"cognito:groups": "a, DRSReadOnly"})):
        answer = edge.get(PATH, token)
        assert answer.status == 200, answer.body
        assert answer.json["roles"] == ["DRSReadOnly"]
        # once more, now from the cache of verified tokens
        assert edge.get(PATH, token).body == answer.body


BAD = {
    "expired": {"exp": NOW - 120},
    "not yet valid": {"nbf": NOW + 3600},
    "issued later": {"iat": NOW + 3600},
    "exp as text": {"exp": "4102444800"},
    "exp as bool": {"exp": True},
    "no exp": {"drop": ("exp",)},
    "other issuer": {"iss": "https://evil.example"},
    "issuer as list": {"iss": ["https://issuer.test.example"]},
    "no issuer": {"drop": ("iss",)},
    "other audience": {"aud": "other"},
    "audience prefix": {"aud": "drs-tes"},
    "no audience": {"drop": ("aud",)},
    "access token": {"token_use": "access"},
    "no subject": {"drop": ("sub",)},
    "empty subject": {"sub": ""},
    "subject as number": {"sub": 7},
    "unknown kid": {"kid": "r9"},
    "crit": {"headers": {"crit": ["exp"]}},
    "other typ": {"headers": {"typ": "dpop+jwt"}},
    "typ of access tokens": {"headers": {"typ": "at+jwt"}},
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_claims(edge, keys, name):
    """Each alone refuses the token."""
    options = dict(BAD[name])
    claims = {k: v for k, v in options.items() if k not in ("kid", "headers", "drop")}
    if "iss" in claims and not isinstance(claims["iss"], str):
        # the library that signs refuses such a claim: sign by hand
        refused(edge, by_hand(keys, {"alg": "RS256", "kid": "r1"},
                              {"iss": claims["iss"], "aud": "drs-test", "sub": "u",
                               "exp": NOW + 3600, "token_use": "id"}))
        return
    if "sub" in claims and not isinstance(claims["sub"], str):
        refused(edge, by_hand(keys, {"alg": "RS256", "kid": "r1"},
                              {"iss": keys.issuer, "aud": "drs-test", "sub": 7,
                               "exp": NOW + 3600, "token_use": "id"}))
        return
    options.setdefault("kid", "r1")
    refused(edge, keys.token("DRSOrchestrationAdmin", **options))


def by_hand(keys, header, payload):
    """A token with any header and payload, signed with RS256."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(payload).encode())
    return text + "." + b64(keys.rsa.sign(text.encode(), padding.PKCS1v15(),
                                          hashes.SHA256()))


def test_algorithm_attacks(edge, keys):
    """none, HMAC with the public key, a foreign key, other algorithms."""
    import hashlib
    import hmac
    good = keys.token("DRSOrchestrationAdmin")
    head, body, sig = good.split(".")

    def signed(header, secret):
        text = b64(json.dumps(header).encode()) + "." + body
        return text + "." + b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())

    refused(edge, b64(b'{"alg":"none"}') + "." + body + ".")
    refused(edge, b64(b'{"alg":"none","kid":"r1"}') + "." + body + "." + sig)
    refused(edge, signed({"alg": "HS256", "kid": "r1"}, keys.rsa_pem()))
    refused(edge, signed({"alg": "HS256", "kid": "r1"}, b""))
    refused(edge, Keys().token("DRSOrchestrationAdmin"))
    refused(edge, by_hand(keys, {"alg": "RS512", "kid": "r1"}, {}))
    refused(edge, by_hand(keys, {"alg": "rs256", "kid": "r1"}, {}))
    refused(edge, by_hand(keys, {"alg": "ES256", "kid": "e1"}, {}))
    refused(edge, head + "." + body + ".")
    refused(edge, head + "." + body)
    refused(edge, good[:-4] + "AAAA")
    refused(edge, good + "=")
    refused(edge, "a.b.c")
    assert edge.get(PATH, good).status == 200


def test_header_forms(edge, keys):
    """Scheme, repeated headers, length."""
    token = keys.token("DRSReadOnly")
    for value in (token, "Basic " + token, "Bearer", "Bearer " + token + " x",
                  "Bearer" + token):
        answer = edge.get(PATH, headers={"Authorization": value})
        assert answer.status == 401, value
    assert edge.get(PATH, headers={"Authorization": "bearer  " + token}).status == 200
    refused(edge, None)
    refused(edge, "x" * 8000)
    got = edge.raw(f"GET /api{PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   f"Authorization: Bearer {token}\r\n"
                   f"Authorization: Bearer {token}\r\n\r\n".encode())
    assert b" 400 " in got.split(b"\r\n")[0]


def test_nothing_of_a_refusal_is_told(edge, keys):
    """The reason is in the log, the token is not."""
    token = keys.token("DRSReadOnly", exp=NOW - 999)
    answer = refused(edge, token)
    assert b"expired" not in answer.body
    log = edge.log()
    assert answer.json["requestId"] in log and "expired" in log
    assert token.split(".")[2] not in log


ROUTES = [("GET", "/executions", "view_executions"),
          ("GET", "/protection-groups", "view_protection_groups"),
          ("POST", "/recovery-plans", "create_recovery_plans"),
          ("POST", "/executions", "start_recovery"),
          ("POST", "/config/import", "import_configuration"),
          ("DELETE", "/recovery-plans/nothing", "delete_recovery_plans")]


@pytest.mark.parametrize("method,path,permission", ROUTES)
def test_no_role(edge, keys, method, path, permission):
    """Authenticated without a known group: 403 before anything is looked up."""
    for groups in ((), ("Unknown",)):
        answer = edge.request(method, path, keys.token(*groups), {})
        assert answer.status == 403
        assert answer.json["code"] == "FORBIDDEN"
        assert answer.json["required_permission"] == permission


def test_group_names(edge, keys):
    """Role names and the other accepted groups, several roles united."""
    for group, role in (("aws:admin", "DRSOrchestrationAdmin"),
                        ("DRS-Operator", "DRSOperator"), ("DRS-Auditor", "DRSAuditor")):
        assert edge.get(PATH, keys.token(group)).json["roles"] == [role]
    both = edge.get(PATH, keys.token("DRSReadOnly", "DRSAuditor", "x")).json
    assert sorted(both["roles"]) == ["DRSAuditor", "DRSReadOnly"]
    assert "audit_read" in both["permissions"]


def test_unverified_email_has_no_role(edge, keys):
    """email_verified false: authenticated, no rights."""
    body = edge.get(PATH, keys.token("DRSOrchestrationAdmin", email_verified=False)).json
    assert body["roles"] == [] and body["permissions"] == []


def test_denials_are_audited(edge, keys, redis_server):
    """A 403 leaves an entry, with the actor."""
    client = redis_server.client()
    before = client.xlen(PREFIX + ":audit:in")
    assert edge.get("/config/export", keys.token("DRSReadOnly", sub="mallory")).status == 403
    wait_until(lambda: client.xlen(PREFIX + ":audit:in") > before, "audit entry")
    entry = json.loads(client.xrevrange(PREFIX + ":audit:in", count=1)[0][1]["a"])
    assert entry["outcome"] == "denied" and entry["actor"]["userId"] == "mallory"
    assert entry["httpStatus"] == 403 and entry["action"] == "config.export"


def test_revocation(edge, keys, redis_server):
    """A revoked jti or sub ends a token that is in the cache."""
    client = redis_server.client()
    for name in ("jti", "sub", "origin_jti"):
        value = f"revoke-{name}"
        token = keys.token("DRSReadOnly", **{name: value})
        other = keys.token("DRSReadOnly", sub="other")
        assert edge.get(PATH, token).status == 200
        assert edge.get(PATH, other).status == 200
        client.set(f"{PREFIX}:revoked:{value}", "1")
        client.publish(f"{PREFIX}:revoked", value)
        wait_until(lambda t=token: edge.get(PATH, t).status == 401, "revoked")
        assert edge.get(PATH, other).status == 200
    # by subject and time: later tokens are good
    client.set(f"{PREFIX}:revoked:again", str(NOW - 100))
    assert edge.get(PATH, keys.token("DRSReadOnly", sub="again", iat=NOW - 200)).status == 401
    assert edge.get(PATH, keys.token("DRSReadOnly", sub="again", iat=NOW)).status == 200


def test_keys_from_redis(own_redis, keys):
    """Published key sets: late, rotated, broken."""
    import hashlib
    client = own_redis.client()
    name = f"{PREFIX}:jwks:" + hashlib.sha256(keys.issuer.encode()).hexdigest()
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, file_keys=False) as edge:
        refused(edge, token)
        wait_until(lambda: client.exists(PREFIX + ":jwks:want"), "a wish for keys")
        # published without an announcement: looked up for the next request
        client.set(name, keys.jwks())
        assert edge.get(PATH, token).status == 200
        # rotation: the old key is out, tokens of it with it
        client.set(name, keys.jwks(rsa_kid="r2"))
        client.publish(PREFIX + ":jwks", "x")
        wait_until(lambda: edge.get(PATH, token).status == 401, "rotation")
        assert edge.get(PATH, keys.token("DRSReadOnly", kid="r2")).status == 200
        # a broken set changes nothing
        client.set(name, '{"keys":[]}')
        client.publish(PREFIX + ":jwks", "x")
        wait_until(lambda: "key set of issuer" in edge.log(), "complaint")
        assert edge.get(PATH, keys.token("DRSReadOnly", kid="r2")).status == 200


def test_password_change_is_due(own_redis, keys):
    """Local users with a password to change may do nothing else."""
    claims = {"custom:must_change_password": True}
    with Edge(own_redis, keys) as edge:
        assert edge.request("POST", "/auth/logout", keys.token("DRSAuditor"), "{}", headers={
            "Content-Type": "application/json"}).status == 403
    path = os.path.join(own_redis.folder, "jwks.json")
    with open(path, "w", encoding="utf-8") as f:
        f.write(keys.jwks())
    local = {"http": f"drs_issuer here iss=urn:x aud=drs-test jwks={path} local;"}
    local_keys = Keys("urn:x")
    local_keys.rsa, local_keys.ec = keys.rsa, keys.ec
    with Edge(own_redis, keys, **local) as edge:
        answer = edge.get("/executions", local_keys.token("DRSOrchestrationAdmin", **claims))
        assert answer.status == 403
        assert answer.json["code"] == "PASSWORD_CHANGE_REQUIRED"
        assert edge.get(PATH, local_keys.token("DRSReadOnly", **claims)).status == 200
        # another issuer cannot claim it
        assert edge.get(PATH, keys.token("DRSReadOnly", **claims)).status == 200


def test_addresses_with_bad_tokens_are_blocked(redis_server, keys):
    """Not for tokens that were good once, nor without a token."""
    with Edge(redis_server, keys, http="drs_token_failures 5;",
              workers=2) as edge:
        edge.expected.append("too many bad tokens")
        good = keys.token("DRSReadOnly")
        for _ in range(8):
            refused(edge, keys.token("DRSReadOnly", exp=NOW - 3600))
            refused(edge, None)
        assert edge.get(PATH, good).status == 200
        for _ in range(5):
            refused(edge, good[:-8] + "AAAAAAAA")
        for token in (good, "x.y.z"):
            answer = edge.get(PATH, token)
            assert answer.status == 429, answer.body
            assert answer.json["code"] == "RATE_LIMITED"
            assert 0 < answer.json["retryAfter"] <= 300
            assert answer.header("Retry-After") == str(answer.json["retryAfter"])
        # what needs no token goes on
        assert edge.get("/health").status in (200, 503)
        refused(edge, None)
