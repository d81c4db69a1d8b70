"""The local issuer: users, log-in, sessions, passwords, published keys."""

import hashlib
import json
import os
import ssl
import stat
import subprocess
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest

from redis_server import RedisServer
from worker_process import Caller, Worker, key, seal, wait_for

ISSUER = "urn:drs-orchestrator:local"
PASSWORD = "Correct-Horse-7"


@pytest.fixture(scope="module")
def server():
    with RedisServer() as s:
        yield s


@pytest.fixture(scope="module")
def worker(server, tmp_path_factory):
    w = Worker(tmp_path_factory.mktemp("auth"), server, time_scale=1, scan="200ms",
               login_max_failures=3, login_lock="1h", login_rate=1000)
    w.start()
    yield w
    w.stop()


@pytest.fixture
def client(server):
    with server.client() as c:
        yield c


@pytest.fixture
def caller(server):
    c = Caller(server)
    yield c
    c.close()


@pytest.fixture
def user(worker):
    """A new user; name."""
    name = "user-" + uuid.uuid4().hex[:8]
    code, out, err = worker.run("user", "add", name, "--group", "DRSOrchestrationAdmin",
                                "--email", name + "@example.com", stdin=PASSWORD + "\n")
    assert code == 0, out + err
    return name


def sealed_call(caller, kind, payload, secret, actor=None):
    """A command with a sealed secret."""
    cid = str(uuid.uuid4())
    body = dict(payload, sealed=caller.sealed(secret, cid))
    return caller.call(kind, body, actor=actor, cid=cid)


def login(caller, name, password=PASSWORD):
    return sealed_call(caller, "auth.login", {"username": name}, password)


def claims(client, token):
    """Verified payload, with the published keys."""
    digest = hashlib.sha256(ISSUER.encode()).hexdigest()
    keys = json.loads(client.get(key("jwks:" + digest)))["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    jwk = next(k for k in keys if k["kid"] == kid)
    return jwt.decode(token, jwt.PyJWK(jwk).key, algorithms=[jwk["alg"]],
                      audience="drs-orchestrator", issuer=ISSUER)


def actor_of(body):
    payload = jwt.decode(body["token"], options={"verify_signature": False})
    return {"type": "user", "userId": payload["sub"], "tokenId": payload["jti"]}


def refused(answer):
    return answer.get("error", {}).get("code") == "INVALID_CREDENTIALS"


def test_login_gives_a_session(caller, client, user):
    answer = login(caller, user)
    assert answer["status"] == 200, answer
    body = answer["body"]
    payload = claims(client, body["token"])
    assert payload["sub"] == "local:" + user and payload["cognito:username"] == user
    assert payload["cognito:groups"] == ["DRSOrchestrationAdmin"]
    assert payload["token_use"] == "id" and payload["exp"] - payload["iat"] == 900
    assert body["tokenType"] == "Bearer" and body["expiresIn"] == 900
    assert 43190 <= body["refreshExpiresIn"] <= 43200
    assert body["mustChangePassword"] is False
    assert body["roles"] == ["DRSOrchestrationAdmin"]
    assert body["user"] == {"email": user + "@example.com", "userId": "local:" + user,
                            "username": user, "groups": ["DRSOrchestrationAdmin"]}


def test_nothing_secret_is_stored_or_logged(server, caller, client, worker, user):
    body = login(caller, user)["body"]
    assert not client.keys(key("cmd:done:*")) and client.xlen(key("cmd")) == 0
    text = json.dumps(worker.lines())
    for name in os.listdir(os.path.join(server.folder, "appendonlydir")):
        with open(os.path.join(server.folder, "appendonlydir", name), "rb") as f:
            text += f.read().decode("latin-1")
    for secret in (PASSWORD, body["token"], body["refreshToken"].split(".")[1]):
        assert secret not in text


def test_unknown_wrong_and_disabled_look_alike(caller, worker, user):
    wrong = login(caller, user, "Wrong-Password-1")
    unknown = login(caller, "nobody")
    odd = login(caller, "No Such Name!")
    assert worker.run("user", "disable", user)[0] == 0
    disabled = login(caller, user)
    assert refused(wrong)
    assert wrong == unknown == odd == disabled
    assert worker.run("user", "enable", user)[0] == 0
    assert login(caller, user)["status"] == 200


def test_lock_out(caller, worker, user):
    for _ in range(3):
        assert refused(login(caller, user, "Wrong-Password-1"))
    assert refused(login(caller, user))
    assert worker.logged(f"log-in of {user} refused: locked")
    assert worker.run("user", "enable", user)[0] == 0
    assert login(caller, user)["status"] == 200


def test_refresh_rotates_and_reuse_ends_the_session(caller, client, user):
    first = login(caller, user)["body"]
    second = sealed_call(caller, "auth.refresh", {}, first["refreshToken"])["body"]
    assert second["refreshToken"] != first["refreshToken"]
    family = claims(client, second["token"])["origin_jti"]
    assert claims(client, first["token"])["origin_jti"] == family
    assert refused(sealed_call(caller, "auth.refresh", {}, first["refreshToken"]))
    assert client.exists(key("revoked:" + family))
    assert refused(sealed_call(caller, "auth.refresh", {}, second["refreshToken"]))


def test_refresh_token_must_be_ours(caller, user):
    token = login(caller, user)["body"]["refreshToken"]
    sid = token.split(".")[0]
    assert refused(sealed_call(caller, "auth.refresh", {}, sid + ".AAAA"))
    assert refused(sealed_call(caller, "auth.refresh", {}, "nonsense"))
    assert sealed_call(caller, "auth.refresh", {}, token)["status"] == 200


def test_sealed_for_another_command_does_not_open(caller, user):
    box = caller.sealed(PASSWORD, str(uuid.uuid4()))
    assert refused(caller.call("auth.login", {"username": user, "sealed": box}))


def test_logout_revokes(caller, client, user):
    body = login(caller, user)["body"]
    payload = claims(client, body["token"])
    answer = sealed_call(caller, "auth.logout", {}, body["refreshToken"],
                         actor=actor_of(body))
    assert answer == {"status": 200, "body": {"message": "Logged out"}}
    assert client.exists(key("revoked:" + payload["jti"]))
    assert client.exists(key("revoked:" + payload["origin_jti"]))
    assert refused(sealed_call(caller, "auth.refresh", {}, body["refreshToken"]))


def test_password_change(caller, client, user):
    body = login(caller, user)["body"]
    actor = actor_of(body)

    def change(old, new, who=None):
        return sealed_call(caller, "auth.password", {}, json.dumps(
            {"currentPassword": old, "newPassword": new}), actor=who or actor)

    assert refused(change("Wrong-Password-1", "Another-Horse-8"))
    weak = change(PASSWORD, "short")["error"]
    assert weak["code"] == "WEAK_PASSWORD" and "length" in weak["details"]["rules"]
    assert change(PASSWORD, PASSWORD)["error"]["code"] == "WEAK_PASSWORD"
    other = {"type": "user", "userId": "cognito-sub"}
    assert change(PASSWORD, "Another-Horse-8", other)["error"]["code"] == "FORBIDDEN"
    done = change(PASSWORD, "Another-Horse-8")
    assert done["status"] == 200 and done["body"]["refreshToken"]
    assert refused(sealed_call(caller, "auth.refresh", {}, body["refreshToken"]))
    assert sealed_call(caller, "auth.refresh", {}, done["body"]["refreshToken"])["status"] == 200
    assert refused(login(caller, user))
    assert login(caller, user, "Another-Horse-8")["status"] == 200


def test_must_change_is_told(caller, client, worker):
    name = "temp-" + uuid.uuid4().hex[:8]
    assert worker.run("user", "add", name, "--group", "DRSReadOnly", "--must-change",
                      stdin=PASSWORD + "\n")[0] == 0
    body = login(caller, name)["body"]
    assert body["mustChangePassword"] is True
    assert claims(client, body["token"])["custom:must_change_password"] is True


def test_user_commands(worker, caller, client, user):
    assert worker.run("user", "add", user, "--group", "DRSReadOnly",
                      stdin=PASSWORD + "\n")[0] == 1
    assert worker.run("user", "add", "x", stdin=PASSWORD + "\n")[0] == 1
    assert worker.run("user", "add", "Bad Name", "--group", "DRSReadOnly",
                      stdin=PASSWORD + "\n")[0] == 1
    code, _, err = worker.run("user", "add", "weak", "--group", "DRSReadOnly", stdin="weak\n")
    assert code == 1 and "too weak" in err
    assert worker.run("user", "dance", user)[0] == 2
    assert user in worker.run("user", "list")[1]
    session = login(caller, user)["body"]
    assert worker.run("user", "passwd", user, stdin="Fresh-Horse-99\n")[0] == 0
    assert refused(sealed_call(caller, "auth.refresh", {}, session["refreshToken"]))
    assert login(caller, user, "Fresh-Horse-99")["status"] == 200
    assert worker.run("user", "delete", user)[0] == 0
    assert refused(login(caller, user, "Fresh-Horse-99"))
    assert not client.exists(key("user:" + user))
    assert user not in worker.run("user", "list")[1]
    wait_for(lambda: not client.xlen(key("audit:in")), "all entries are sealed")
    entries = [json.loads(x[1]["e"]) for x in client.xrange(key("audit"))
               if json.loads(x[1]["e"])["resourceId"] == user]
    actions = [e["action"] for e in entries]
    for action in ("user.add", "user.passwd", "user.delete", "auth.login"):
        assert action in actions
    done = [e for e in entries if e["action"] == "auth.login" and e["outcome"] == "succeeded"]
    assert done and all(e["actor"]["type"] == "user" for e in done)


def test_key_files_are_private_and_kept(worker):
    state = os.path.join(worker.folder, "state")
    for name in ("issuer.key", "seal.key"):
        mode = os.stat(os.path.join(state, name)).st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_log_ins_are_rate_limited(server, client, tmp_path):
    w = Worker(tmp_path, server, name="rate", prefix="{rate}", login_rate=1).start()
    for i in range(4):
        cid = str(uuid.uuid4())
        box = seal(client.get("{rate}:seal:pub"), PASSWORD, cid)
        client.fcall("drs_cmd_add", 1, "{rate}", cid, "auth.login", "{}", "",
                     json.dumps({"username": f"u{i}", "sealed": box}), "t", 0, "-")
    wait_for(lambda: client.xlen("{rate}:cmd") == 0, "all answered")
    text = client.get("{rate}:rate:login:u0")
    assert text == "1"
    assert len(client.keys("{rate}:rate:login:*")) < 4
    w.stop()


def test_open_key_file_is_refused(server, tmp_path):
    os.makedirs(tmp_path / "state")
    path = tmp_path / "state" / "issuer.key"
    path.write_text("x")
    path.chmod(0o644)
    w = Worker(tmp_path, server, name="open", prefix="{open}").start()
    try:
        assert w.logged("local issuer is off.*0600")
    finally:
        w.stop()


def test_rs256_and_switched_off(server, tmp_path, client):
    w = Worker(tmp_path, server, name="rsa", prefix="{rsa}", issuer_algorithm="RS256").start()
    digest = hashlib.sha256(ISSUER.encode()).hexdigest()
    jwk = json.loads(client.get("{rsa}:jwks:" + digest))["keys"][0]
    assert jwk["alg"] == "RS256" and jwt.PyJWK(jwk).key.key_size == 3072
    w.stop()


# -- key sets of other issuers ---------------------------------------------------------


class Keys(BaseHTTPRequestHandler):
    """Serves whatever the test put into the server object."""

    def do_GET(self):  # noqa: N802
        self.server.hits += 1
        body = self.server.body.encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def https(tmp_path):
    """An HTTPS server with a certificate of its own; (server, ca file)."""
    cert, pem = tmp_path / "tls.crt", tmp_path / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(pem), "-out",
                    str(cert), "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(cert), str(pem))
    # the handshake belongs to the thread of its connection
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True,
                                       do_handshake_on_connect=False)
    httpd.hits, httpd.status, httpd.body = 0, 200, "{}"
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield httpd, str(cert)
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def jwks_text(kid):
    """A set with one fresh P-256 key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())) \
        if hasattr(jwt.algorithms.ECAlgorithm, "to_jwk") else None
    if jwk is None:
        from worker_process import b64u
        n = private.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": b64u(n.x.to_bytes(32, "big")),
               "y": b64u(n.y.to_bytes(32, "big"))}
    jwk.update(kid=kid, use="sig", alg="ES256")
    return json.dumps({"keys": [jwk]})


def test_key_set_is_fetched_checked_and_kept(server, client, tmp_path, https):
    httpd, ca = https
    issuer = "https://idp.example.com"
    digest = hashlib.sha256(issuer.encode()).hexdigest()
    httpd.body = jwks_text("k1")
    w = Worker(tmp_path, server, name="idp", prefix="{idp}", jwks_min_interval="1s",
               text=f"[issuer idp]\nissuer = {issuer}\nca_file = {ca}\n"
               f"jwks_url = https://localhost:{httpd.server_port}/keys\n").start()

    def published():
        text = client.get("{idp}:jwks:" + digest)
        return json.loads(text)["keys"][0]["kid"] if text else None

    wait_for(published, "the key set")
    assert published() == "k1"
    httpd.body = "not a key set"

    def asked(condition, what):
        def again():
            client.set("{idp}:jwks:want", digest, ex=30)
            return condition()
        wait_for(again, what, step=0.2)

    def error():
        # the keys are stored before the note about them
        return json.loads(client.hget("{idp}:jwks:meta", digest) or '{"error": null}')["error"]

    asked(error, "the error")
    assert published() == "k1"
    httpd.body = jwks_text("k2")
    asked(lambda: published() == "k2", "the new key")
    wait_for(lambda: error() == "" or error() is None, "no error any more")
    w.stop()


def test_untrusted_certificate_is_refused(server, client, tmp_path, https):
    httpd, _ = https
    httpd.body = jwks_text("k1")
    issuer = "https://evil.example.com"
    digest = hashlib.sha256(issuer.encode()).hexdigest()
    w = Worker(tmp_path, server, name="evil", prefix="{evil}",
               text=f"[issuer evil]\nissuer = {issuer}\n"
               f"jwks_url = https://localhost:{httpd.server_port}/keys\n").start()
    wait_for(lambda: client.hget("{evil}:jwks:meta", digest), "the attempt")
    assert json.loads(client.hget("{evil}:jwks:meta", digest))["error"]
    assert not client.exists("{evil}:jwks:" + digest) and httpd.hits == 0
    w.stop()
