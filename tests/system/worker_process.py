"""The worker daemon as a process of a test, on a private Redis server."""

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from redis_server import PREFIX, ROOT

BUILD = os.environ.get("DRS_BUILD", os.path.join(ROOT, "build"))
WAIT_S = 60


def wait_for(condition, what, seconds=WAIT_S, step=0.03):
    """Poll until condition() is true; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(step)


class Worker:
    """One daemon. program: drs-worker, or tools/worker_probe."""

    def __init__(self, folder, server, name="worker", program="drs-worker",
                 text="", **options):
        self.folder = str(folder)
        self.name = name
        self.program = os.path.join(BUILD, program)
        self.proc = None
        self.log_path = os.path.join(self.folder, name + ".log")
        self.conf = os.path.join(self.folder, name + ".conf")
        values = {"redis": "unix:" + server.sock, "log_file": self.log_path,
                  "log_level": "debug", "threads": 2, "command_threads": 2,
                  "state_dir": os.path.join(self.folder, "state"),
                  "time_scale": 100, "password_cost": 1}
        values.update(options)
        with open(self.conf, "w", encoding="utf-8") as f:
            for key, value in values.items():
                if value is not None:
                    f.write(f"{key} = {value}\n")
            f.write(text)

    def env(self):
        """Environment without any AWS credentials of the machine."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "DRS_"))}
        env["AWS_EC2_METADATA_DISABLED"] = "true"
        env["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent"
        env["AWS_CONFIG_FILE"] = "/nonexistent"
        return env

    def start(self, ready=True, before=None):
        """Starts; with ready, returns when it works.  before: runs in the child."""
        self.proc = subprocess.Popen([self.program, "--config", self.conf],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, env=self.env(),
                                     preexec_fn=before)
        if ready:
            wait_for(lambda: self.logged('"ready: '), "worker ready")
        return self

    def run(self, *args, stdin=None):
        """The program with arguments; (exit code, stdout, stderr)."""
        done = subprocess.run([self.program, "--config", self.conf, *args], input=stdin,
                              capture_output=True, text=True, timeout=WAIT_S,
                              env=self.env(), check=False)
        return done.returncode, done.stdout, done.stderr

    def lines(self):
        """The log, one object a line."""
        try:
            with open(self.log_path, encoding="utf-8") as f:
                return [json.loads(line) for line in f if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def logged(self, pattern):
        """Lines of the log that match a pattern."""
        if self.proc is not None and self.proc.poll() not in (None, 0, -9):
            raise AssertionError(f"worker ended with {self.proc.returncode}: {self.tail()}")
        return [x for x in self.lines()
                if re.search(pattern, json.dumps(x, ensure_ascii=False))]

    def tail(self):
        """The end of the log, for messages."""
        return "\n".join(json.dumps(x) for x in self.lines()[-15:])

    @property
    def owner(self):
        """Owner instance id."""
        return re.search(r"id (\S+)$", self.logged("starts, library")[-1]["msg"]).group(1)

    def signal(self, sig):
        """Send a signal."""
        os.kill(self.proc.pid, sig)

    def stop(self, code=0):
        """SIGTERM; asserts the exit code."""
        self.signal(signal.SIGTERM)
        assert self.wait() == code, self.tail()

    def wait(self):
        """Exit code, within the deadline."""
        code = self.proc.wait(WAIT_S)
        self.proc.stderr.close()
        self.proc = None
        return code

    def close(self):
        """Whatever state it is in: gone afterwards."""
        if self.proc is not None:
            self.proc.kill()
            self.proc.wait(WAIT_S)
            self.proc.stderr.close()
            self.proc = None


def key(suffix):
    """Full name of a key."""
    return PREFIX + ":" + suffix


def fcall(client, name, *args):
    """One function of the library."""
    return client.fcall(name, 1, PREFIX, *[str(a) for a in args])


def send(client, kind, payload, actor=None, deadline=0, reply_to="", cid=None):
    """Adds a command; its id."""
    cid = cid or str(uuid.uuid4())
    actor = actor or {"type": "user", "userId": "u1", "username": "u1"}
    reply = fcall(client, "drs_cmd_add", cid, kind, json.dumps(actor), "req-1",
                  json.dumps(payload), reply_to, deadline, "-")
    assert reply[0] == "OK", reply
    return cid


class Caller:
    """Waits for answers of commands as a module does."""

    def __init__(self, server):
        self.client = server.client()
        self.name = "test-" + uuid.uuid4().hex[:8]
        self.pubsub = server.client().pubsub(ignore_subscribe_messages=True)
        self.pubsub.subscribe(key("reply:" + self.name))

    def call(self, kind, payload, actor=None, cid=None):
        """Sends a command and returns its answer."""
        cid = send(self.client, kind, payload, actor, reply_to=self.name, cid=cid)
        return self.answer(cid)

    def answer(self, cid):
        """The published answer of a command."""
        def got():
            message = self.pubsub.get_message(timeout=1)
            if message and message["data"].startswith(cid + " "):
                return json.loads(message["data"].split(" ", 1)[1])
            return None
        return wait_for(got, "answer of " + cid)

    def sealed(self, secret, cid):
        """A secret sealed for the worker."""
        return seal(self.client.get(key("seal:pub")), secret, cid)

    def close(self):
        """Ends the subscription."""
        self.pubsub.close()
        self.client.close()


def b64u(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seal(public_pem, secret, context):
    """What drs_seal() makes, written down once more."""
    public = serialization.load_pem_public_key(public_pem.encode())
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    own = x25519.X25519PrivateKey.generate()
    mine = own.public_key().public_bytes(serialization.Encoding.Raw,
                                         serialization.PublicFormat.Raw)
    derived = HKDF(hashes.SHA256(), 32, None, b"drs-seal-v1" + mine + raw).derive(
        own.exchange(public))
    head = b"\x01" + hashlib.sha256(raw).digest()[:8] + mine
    nonce = os.urandom(12)
    body = AESGCM(derived).encrypt(nonce, secret.encode(), head + context.encode())
    return b64u(head + nonce + body)
