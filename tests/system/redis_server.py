"""A private Redis server for tests.

    with RedisServer() as server:
        server.load_library()
        server.client().set("a", "b")

Listens on a unix socket and on a free port of 127.0.0.1, keeps an append-only
file (fsync always) in its own folder, never evicts, and can be killed and
started again on the same data.  Stopped by its pid only.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

from ports import free_port  # noqa: E402

PREFIX = "{drs}"
WAIT_S = 60

CONF = """\
bind 127.0.0.1
port {port}
unixsocket {sock}
unixsocketperm 700
dir {folder}
logfile {folder}/redis.log
pidfile ""
daemonize no
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
enable-debug-command local
{extra}
"""


def library_text(test_clock=True):
    """Text of the function library, built from the sources."""
    sys.path.insert(0, os.path.join(ROOT, "scripts"))
    try:
        import build_lua
    finally:
        sys.path.pop(0)
    text = build_lua.library()
    if test_clock:
        changed = text.replace(build_lua.CLOCK, build_lua.CLOCK.replace("false", "true "), 1)
        assert changed != text
        text = changed
    return text


class RedisServer:
    """The port changes when a start finds the old one taken; ask `port`."""

    def __init__(self, folder=None, extra=""):
        self.folder = folder or tempfile.mkdtemp(prefix="drs-redis-")
        self.own_folder = folder is None
        self.extra = extra
        self.sock = os.path.join(self.folder, "redis.sock")
        self.port = 0
        self.proc = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.close()

    @property
    def pid(self):
        return self.proc.pid if self.proc else None

    @property
    def url(self):
        return "redis://127.0.0.1:%d/0" % self.port

    @property
    def log_path(self):
        return os.path.join(self.folder, "redis.log")

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def start(self, same_port=True):
        """Starts on the data that are there; returns when it answers."""
        assert self.proc is None, "already started"
        deadline = time.monotonic() + WAIT_S
        port = self.port if same_port else 0
        while True:
            self._spawn(port or free_port())
            if self._ready(deadline):
                return self
            self.proc.wait()
            self.proc = None
            if time.monotonic() > deadline:
                raise RuntimeError("redis-server does not start:\n" + self.log())
            port = 0

    def _spawn(self, port):
        self.port = port
        path = os.path.join(self.folder, "redis.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(CONF.format(port=port, sock=self.sock, folder=self.folder,
                                extra=self.extra))
        self.proc = subprocess.Popen(["redis-server", path], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)

    def _ready(self, deadline):
        while self.proc.poll() is None:
            try:
                with self.client() as client:
                    if client.ping():
                        return True
            except redis.exceptions.RedisError:
                pass
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("redis-server does not answer:\n" + self.log())
            time.sleep(0.02)
        return False

    def client(self, **kwargs):
        kwargs.setdefault("decode_responses", True)
        kwargs.setdefault("socket_timeout", WAIT_S)
        return redis.Redis(unix_socket_path=self.sock, **kwargs)

    def load_library(self, test_clock=True):
        with self.client() as client:
            client.function_load(library_text(test_clock), replace=True)

    def cli(self, *args, check=False, stdin=None):
        """The real redis-cli; returns (exit code, output)."""
        done = subprocess.run(["redis-cli", "-e", "-s", self.sock, *args],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              input=stdin, text=True, timeout=WAIT_S, check=False)
        if check:
            assert done.returncode == 0, done.stdout
        return done.returncode, done.stdout

    def stop(self):
        """Orderly end (SIGTERM)."""
        self._end(signal.SIGTERM)

    def kill(self):
        """kill -9: what was not synced is lost."""
        self._end(signal.SIGKILL)

    def pause(self):
        os.kill(self.proc.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.proc.pid, signal.SIGCONT)

    def _end(self, sig):
        if self.proc is None:
            return
        if self.proc.poll() is None:
            os.kill(self.proc.pid, signal.SIGCONT)
            os.kill(self.proc.pid, sig)
            try:
                self.proc.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
        self.proc = None

    def close(self):
        self.stop()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
