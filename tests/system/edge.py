"""A private nginx with the module, for tests of the module alone.

    with Edge(redis) as edge:
        answer = edge.get("/health")

One folder per nginx; the port is free, Redis is a RedisServer.  Tokens are
signed with keys that the tests make themselves.
"""

import base64
import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ports import free_port
from stack import sanitizer_env

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("DRS_BUILD", os.path.join(TOP, "build"))
MODULE = os.path.join(BUILD, "ngx_http_drs_module.so")
ISSUER = "https://issuer.test.example"
AUDIENCE = "drs-test"
WAIT_S = 60
BAD_LOG = re.compile(r"\[(alert|crit|emerg)\]|open socket|ERROR: .*Sanitizer"
                     r"|runtime error:|exited on signal")


def wait_until(condition, what, seconds=WAIT_S):
    """Wait for a condition; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("timed out: " + what)
        time.sleep(0.02)


def b64(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    """A big integer of a JWK."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Keys:
    """An issuer: keys, their JWKS, tokens."""

    def __init__(self, issuer=ISSUER):
        self.issuer = issuer
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def jwks(self, rsa_kid="r1", ec_kid="e1"):
        """The key set as JSON text."""
        r = self.rsa.public_key().public_numbers()
        e = self.ec.public_key().public_numbers()
        return json.dumps({"keys": [
            {"kty": "RSA", "kid": rsa_kid, "alg": "RS256", "use": "sig",
             "n": number(r.n), "e": number(r.e)},
            {"kty": "EC", "kid": ec_kid, "alg": "ES256", "use": "sig", "crv": "P-256",
             "x": b64(e.x.to_bytes(32, "big")), "y": b64(e.y.to_bytes(32, "big"))}]})

    def token(self, *groups, kid="r1", headers=None, key=None, alg=None, drop=(),
              **claims):
        """A signed token; claims replace the usual ones."""
        now = int(time.time())
        body = {"iss": self.issuer, "aud": AUDIENCE, "token_use": "id",
                "sub": "user-1", "email": "u@example.com", "jti": str(uuid.uuid4()),
                "cognito:username": "u", "cognito:groups": list(groups),
                "iat": now, "exp": now + 3600}
        body.update(claims)
        for name in drop:
            del body[name]
        alg = alg or ("ES256" if kid.startswith("e") else "RS256")
        key = key or (self.ec if alg == "ES256" else self.rsa)
        return jwt.encode(body, key, alg, headers={"kid": kid, **(headers or {})})

    def rsa_pem(self):
        """The public key as PEM: the secret of an algorithm confusion."""
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Answer:
    """An HTTP answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name):
        """First header of that name, or None."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


CONF = """\
{load}
{user}
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/error.log {level};
worker_processes {workers};
{main}
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {dir}/tmp-body;
    proxy_temp_path {dir}/tmp-proxy;
    fastcgi_temp_path {dir}/tmp-fcgi;
    uwsgi_temp_path {dir}/tmp-uwsgi;
    scgi_temp_path {dir}/tmp-scgi;
    keepalive_timeout 65s;
    drs_redis {redis};
    drs_issuer test iss={issuer} aud={audience} {jwks};
    {http}
    server {{
        listen 127.0.0.1:{port} {listen};
        {server}
        location /api/ {{ drs_api; {location} }}
        location = /static {{ return 200 "static\\n"; }}
    }}
    {servers}
}}
"""


class Edge:
    """nginx with the module in a folder of its own."""

    def __init__(self, store, keys, *, file_keys=True, **options):
        self.store = store
        self.keys = keys
        self.dir = tempfile.mkdtemp(prefix="drs-edge-")
        self.options = options
        self.file_keys = file_keys
        self.proc = None
        self.port = None
        self.expected = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        try:
            self.stop()
            if kind is None:
                self.assert_silent()
        finally:
            self.remove()

    # -- process ---------------------------------------------------------------

    def path(self, name):
        """A file of this nginx."""
        return os.path.join(self.dir, name)

    def write_conf(self):
        """Write nginx.conf."""
        jwks = ""
        if self.file_keys:
            with open(self.path("jwks.json"), "w", encoding="utf-8") as f:
                f.write(self.keys.jwks())
            jwks = "jwks=" + self.path("jwks.json")
        user = "user root;" if os.geteuid() == 0 else ""
        values = {"load": f"load_module {MODULE};", "user": user, "level": "info", "workers": 1,
                  "main": "", "redis": "unix:" + self.store.sock, "http": "",
                  "server": "", "location": "", "servers": "", "listen": ""}
        values.update(self.options)
        with open(self.path("nginx.conf"), "w", encoding="utf-8") as f:
            f.write(CONF.format(dir=self.dir, port=self.port, issuer=ISSUER,
                                audience=AUDIENCE, jwks=jwks, **values))

    def env(self):
        """Environment of nginx; with DRS_SANITIZE that of a build with sanitizers."""
        env = dict(os.environ)
        if os.environ.get("DRS_SANITIZE"):
            os.makedirs(self.path("log"), exist_ok=True)
            env.update(sanitizer_env(self.dir, "nginx", preload=True))
        return env

    def start(self):
        """Start; returns when it listens."""
        for attempt in range(5):
            self.port = free_port()
            self.write_conf()
            self.proc = subprocess.Popen(
                ["/usr/sbin/nginx", "-p", self.dir + "/", "-e", self.path("error.log"),
                 "-c", self.path("nginx.conf")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env=self.env())
            try:
                wait_until(self._listens, "nginx listens")
                return
            except RuntimeError:
                if attempt == 4 or "Address already in use" not in self.log():
                    raise
                os.unlink(self.path("error.log"))

    def _listens(self):
        if self.proc.poll() is not None:
            raise RuntimeError("nginx does not start:\n" + self.log())
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except OSError:
            return False

    def stop(self):
        """Orderly end (SIGQUIT)."""
        if self.proc is None:
            return
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGQUIT)
            try:
                self.proc.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.proc.send_signal(signal.SIGTERM)
                self.proc.wait(WAIT_S)
                raise
        self.proc = None

    def remove(self):
        """Remove the folder."""
        shutil.rmtree(self.dir, ignore_errors=True)

    def reload(self):
        """Reload; returns the pids of the workers from before."""
        old = self.workers()
        self.proc.send_signal(signal.SIGHUP)
        wait_until(lambda: set(self.workers()) - set(old), "new workers")
        return old

    def workers(self):
        """Pids of the worker processes."""
        path = f"/proc/{self.proc.pid}/task/{self.proc.pid}/children"
        with open(path, encoding="ascii") as f:
            return [int(p) for p in f.read().split()]

    def log(self):
        """The error log so far."""
        try:
            with open(self.path("error.log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def assert_silent(self):
        """No alert, no leaked socket, no sanitizer report."""
        bad = [line for line in self.log().splitlines()
               if BAD_LOG.search(line) and not any(e in line for e in self.expected)]
        for name in glob.glob(self.path("log/*san*")):
            with open(name, encoding="utf-8", errors="replace") as f:
                bad.append(f.read()[:6000])
        assert not bad, "\n".join(bad[:20])

    # -- requests --------------------------------------------------------------

    def request(self, method, path, token=None, body=None, headers=None, base="/api",
                timeout=WAIT_S):
        """One request on a connection of its own."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            all_headers = dict(headers or {})
            if token:
                all_headers["Authorization"] = "Bearer " + token
            data = body
            if body is not None and not isinstance(body, (bytes, str)):
                data = json.dumps(body)
            c.request(method, base + path, data, all_headers)
            r = c.getresponse()
            return Answer(r.status, r.getheaders(), r.read())
        finally:
            c.close()

    def get(self, path, token=None, **more):
        """GET."""
        return self.request("GET", path, token, **more)

    def raw(self, data):
        """Raw bytes on a new connection; what comes back until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), WAIT_S) as s:
            s.sendall(data)
            out = b""
            while True:
                part = s.recv(65536)
                if not part:
                    return out
                out += part

    def stream(self, path, token, last=None, timeout=WAIT_S):
        """Open an event stream."""
        return Stream(self, path, token, last, timeout)


class Stream:
    """An event stream; events() reads them one by one."""

    def __init__(self, edge, path, token, last=None, timeout=WAIT_S):
        self.conn = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=timeout)
        headers = {"Authorization": "Bearer " + token, "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = last
        self.conn.request("GET", "/api" + path, headers=headers)
        self.answer = self.conn.getresponse()
        self.status = self.answer.status
        self.comments = 0
        self.retry = None

    def block(self):
        """One block (until an empty line) as dict; None at the end."""
        fields = {}
        while True:
            line = self.answer.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if not line:
                return fields
            if line.startswith(":"):
                self.comments += 1
                fields["comment"] = line
                continue
            name, _, value = line.partition(": ")
            fields[name] = value

    def event(self):
        """The next event (with id, event, data); None at the end."""
        while True:
            block = self.block()
            if block is None:
                return None
            if "retry" in block:
                self.retry = block["retry"]
            if "event" in block:
                block["data"] = json.loads(block["data"])
                return block

    def take(self, count):
        """The next count events."""
        return [self.event() for _ in range(count)]

    def close(self):
        """Hang up."""
        self.answer.close()
        self.conn.close()
