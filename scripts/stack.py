#!/usr/bin/python3
"""The development stack: Redis, simulator, worker and nginx in one folder.

    scripts/stack.py up | down | status | restart NAME

Settings come from the environment:

    DRS_RUN_DIR     folder of the stack (default: run/ in the checkout)
    DRS_BUILD       folder of the build (default: build/)
    DRS_PORT        port of nginx (default: the one it had, 8443, or a free
                    one when that is taken)
    DRS_SIM_PORT    port of the simulator (default: the one it had, or a free
                    one)
    DRS_SIM_SPEED   speed of the simulated AWS (default 60)

Files in conf.d/ of that folder are added to the configuration: *.http and
*.server to nginx, *.worker to the worker.

`class Stack` is what the tests, the demo and the benchmarks use.
"""

import base64
import datetime
import glob
import ipaddress
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from ports import free_port  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HUB_ACCOUNT = "111111111111"
REGION = "us-east-1"
ISSUER = "https://issuer.dev.example"
AUDIENCE = "drs-dev"
PREFIX = "{drs}"
DEFAULT_PORT = 8443
TOKEN_LIFE_S = 12 * 3600
ROLES = {
    "ADMIN": ["DRSOrchestrationAdmin"],
    "MANAGER": ["DRSRecoveryManager"],
    "PLANNER": ["DRSPlanManager"],
    "OPERATOR": ["DRSOperator"],
    "READONLY": ["DRSReadOnly"],
    "AUDITOR": ["DRSAuditor"],
    "NOROLE": [],
}
CONSOLE_USER = "admin"
ORDER = ("redis", "simulator", "worker", "nginx")


class StackError(Exception):
    """A part of the stack did not come up; the text says which and why."""


def wait_for(condition, what, seconds=60.0, step=0.05):
    """Poll condition until it is true; its last error goes in the message."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except StackError:
            raise
        except Exception as exc:  # pylint: disable=broad-except
            last = exc
        if time.monotonic() > end:
            raise StackError(f"{what}: not within {seconds:.0f} s"
                             + (f" (last: {last})" if last else ""))
        time.sleep(step)


def b64u(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def write(path, text, mode=0o644):
    """Write text to path atomically."""
    tmp = path + ".tmp"
    with open(tmp, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(tmp, mode)
    os.replace(tmp, path)


class Stack:
    """One stack in one folder. Everything in it listens on loopback."""

    def __init__(self, run_dir, build=None, port=0, sim_port=0, speed=60.0,
                 page_size=None, worker_options=None, nginx_http="",
                 nginx_location="", appendfsync="always", worker_env=None):
        self.dir = os.path.abspath(run_dir)
        self.build = build or os.environ.get("DRS_BUILD") \
            or os.path.join(TOP, "build")
        self.log_dir = os.path.join(self.dir, "log")
        os.makedirs(self.log_dir, exist_ok=True)
        self.speed = float(speed)
        self.page_size = page_size
        self.worker_options = dict(worker_options or {})
        self.worker_env = dict(worker_env or {})
        self.nginx_http = nginx_http
        self.nginx_location = nginx_location
        self.appendfsync = appendfsync
        self.procs = {}
        state = self._load_state()
        self.port = port or state.get("port") or free_port()
        self.sim_port = sim_port or state.get("sim_port") or free_port()
        self.redis_port = state.get("redis_port") or free_port()
        self.key = state.get("key")
        self.redis_sock = os.path.join(self.dir, "redis.sock")
        self.url = f"https://127.0.0.1:{self.port}/api"
        self.origin = f"https://127.0.0.1:{self.port}"
        self.ca = os.path.join(self.dir, "tls", "ca.pem")
        self.sim_url = f"http://127.0.0.1:{self.sim_port}"
        self.redis_url = f"redis://127.0.0.1:{self.redis_port}/0"
        self.hub = state.get("hub")
        self.password = state.get("password")

    # -- state -------------------------------------------------------------

    def path(self, *parts):
        """A path below the stack's folder."""
        return os.path.join(self.dir, *parts)

    def _load_state(self):
        try:
            with open(self.path("state.json"), encoding="utf-8") as f:
                return json.load(f)
        except (OSError, ValueError):
            return {}

    def _save_state(self):
        write(self.path("state.json"), json.dumps({
            "port": self.port, "sim_port": self.sim_port,
            "redis_port": self.redis_port, "key": self.key,
            "hub": self.hub, "speed": self.speed,
            "password": self.password}), 0o600)

    def pid(self, name):
        """The pid of a running part, or None."""
        try:
            with open(self.path(name + ".pid"), encoding="utf-8") as f:
                pid = int(f.read().strip() or 0)
        except (OSError, ValueError):
            return None
        if pid <= 0:
            return None
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return None
        except OSError:
            return None
        return pid

    # -- certificates and tokens -------------------------------------------

    def _make_tls(self):
        tls = self.path("tls")
        os.makedirs(tls, exist_ok=True)
        if os.path.exists(self.ca):
            return
        now = datetime.datetime.utcnow()
        day = datetime.timedelta(days=1)

        def name(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        def build(subject, issuer, key, days):
            return (x509.CertificateBuilder().subject_name(name(subject))
                    .issuer_name(name(issuer)).public_key(key.public_key())
                    .serial_number(x509.random_serial_number())
                    .not_valid_before(now - day)
                    .not_valid_after(now + days * day))

        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = build("DRS development CA", "DRS development CA", ca_key, 365) \
            .add_extension(x509.BasicConstraints(True, None), True) \
            .sign(ca_key, hashes.SHA256())
        key = ec.generate_private_key(ec.SECP256R1())
        cert = build("localhost", "DRS development CA", key, 365) \
            .add_extension(x509.SubjectAlternativeName([
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False) \
            .sign(ca_key, hashes.SHA256())

        def pem(c):
            return c.public_bytes(serialization.Encoding.PEM).decode()

        write(self.path("tls", "server.pem"), pem(cert))
        write(self.path("tls", "server.key"), key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode(), 0o600)
        write(self.ca, pem(ca))

    def _make_issuer(self):
        if self.key is None:
            key = rsa.generate_private_key(public_exponent=65537,
                                           key_size=2048)
            self.key = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()).decode()
        key = serialization.load_pem_private_key(self.key.encode(), None)
        numbers = key.public_key().public_numbers()
        jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "dev-1",
               "n": b64u(numbers.n.to_bytes(256, "big")),
               "e": b64u(numbers.e.to_bytes(3, "big"))}
        write(self.path("jwks.json"), json.dumps({"keys": [jwk]}))

    def token(self, role="ADMIN", life_s=TOKEN_LIFE_S, **claims):
        """A signed token of the development issuer for one of ROLES."""
        now = int(time.time())
        user = role.lower()
        body = {"iss": ISSUER, "aud": AUDIENCE, "token_use": "id",
                "sub": f"dev-{user}", "email": f"{user}@example.com",
                "email_verified": True,
                "cognito:username": user, "cognito:groups": ROLES[role],
                "iat": now, "nbf": now - 5, "exp": now + life_s,
                "jti": secrets.token_hex(8)}
        body.update(claims)
        body = {k: v for k, v in body.items() if v is not None}
        return jwt.encode(body, self.key, algorithm="RS256",
                          headers={"kid": "dev-1"})

    # -- parts ---------------------------------------------------------------

    def _spawn(self, name, argv, env=None, cwd=None):
        log = open(self.path("log", name + ".out"), "ab")
        full = dict(os.environ)
        full.update(env or {})
        proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log, env=full, cwd=cwd or self.dir,
                                start_new_session=True)
        log.close()
        self.procs[name] = proc
        write(self.path(name + ".pid"), f"{proc.pid}\n")
        return proc

    def _alive(self, name):
        proc = self.procs.get(name)
        if proc is not None and proc.poll() is not None:
            raise StackError(f"{name} ended with {proc.returncode}:\n"
                             + self.tail(name))

    def tail(self, name, lines=15):
        """The last lines of a part's logs."""
        text = ""
        for suffix in (".out", ".log"):
            try:
                with open(self.path("log", name + suffix),
                          encoding="utf-8", errors="replace") as f:
                    text += "".join(f.readlines()[-lines:])
            except OSError:
                pass
        return text

    def start_redis(self):
        """Redis with an append-only file, on loopback and a socket."""
        data = self.path("redis")
        os.makedirs(data, exist_ok=True)
        write(self.path("redis.conf"), "\n".join([
            f"port {self.redis_port}", "bind 127.0.0.1",
            f"unixsocket {self.redis_sock}", "unixsocketperm 777",
            "protected-mode yes", f"dir {data}", "daemonize no",
            "appendonly yes", f"appendfsync {self.appendfsync}",
            "save \"\"", "maxmemory-policy noeviction",
            "loglevel notice", "enable-debug-command local",
            f"logfile {self.path('log', 'redis.log')}", ""]))
        self._spawn("redis", ["redis-server", self.path("redis.conf")])

        def ready():
            self._alive("redis")
            return self.redis_cli("PING").strip() == "PONG"

        wait_for(ready, "Redis")

    def start_simulator(self):
        """The simulated AWS."""
        argv = ["/usr/bin/python3", "-m", "drs_sim",
                "--port", str(self.sim_port), "--speed", str(self.speed)]
        if self.page_size:
            argv += ["--page-size", str(self.page_size)]
        self._spawn("simulator", argv, env={
            "PYTHONPATH": os.path.join(TOP, "tests", "simulator"),
            "PYTHONDONTWRITEBYTECODE": "1"})

        def ready():
            self._alive("simulator")
            return self.sim("GET", "/_sim/health")

        wait_for(ready, "simulator")
        fleet = self.sim("GET", "/_sim/fleet")
        self.hub = {"accessKeyId": fleet["hub"]["accessKeyId"],
                    "secretAccessKey": fleet["hub"]["secretAccessKey"]}

    def aws_env(self):
        """Environment of an AWS client that talks to the simulator."""
        return {"AWS_ENDPOINT_URL": self.sim_url,
                "AWS_ACCESS_KEY_ID": self.hub["accessKeyId"],
                "AWS_SECRET_ACCESS_KEY": self.hub["secretAccessKey"],
                "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def worker_config(self, name="worker"):
        """Write the configuration of a worker; returns its path."""
        options = {
            "prefix": PREFIX,
            "redis": f"unix:{self.redis_sock}",
            "region": REGION,
            "hub_account": HUB_ACCOUNT,
            "threads": "4",
            "time_scale": f"{self.speed:g}",
            "log_file": self.path("log", name + ".log"),
            "state_dir": self.path("state"),
            "local_issuer": "on",
            # at the speed of tests, scans every few seconds would drown
            # what is tested
            "inventory": "5m" if self.speed <= 100 else "0",
        }
        options.update(self.worker_options)
        os.makedirs(self.path("state"), exist_ok=True)
        path = self.path(name + ".conf")
        text = "".join(f"{k} = {v}\n" for k, v in options.items())
        for addition in sorted(glob.glob(self.path("conf.d", "*.worker"))):
            with open(addition, encoding="utf-8") as f:
                text += f.read()
        write(path, text)
        return path

    def start_worker(self, name="worker"):
        """One worker daemon; further ones take further names."""
        conf = self.worker_config(name)
        env = self.aws_env()
        env.update(self.worker_env)
        if os.environ.get("DRS_SANITIZE"):
            env.update(sanitizer_env(self.dir, name))
        self._spawn(name, [os.path.join(self.build, "drs-worker"),
                           "--config", conf], env=env)
        pid = self.pid(name)

        def ready():
            self._alive(name)
            text = self.redis_cli("--raw", "KEYS", "*:worker:*")
            return f"-{pid}-" in text or str(pid) in text

        wait_for(ready, name)

    def nginx_config(self):
        """Write nginx.conf of the development stack; returns its path."""
        template = os.path.join(TOP, "conf", "nginx-dev.conf.in")
        with open(template, encoding="utf-8") as f:
            text = f.read()
        values = {
            "RUN": self.dir, "PORT": str(self.port), "PREFIX": PREFIX,
            "MODULE": os.path.join(self.build, "ngx_http_drs_module.so"),
            "REDIS": f"unix:{self.redis_sock}", "ISSUER": ISSUER,
            "AUDIENCE": AUDIENCE, "HUB": HUB_ACCOUNT, "REGION": REGION,
            "USER": "user root;" if os.geteuid() == 0 else "",
            "DOCS": os.path.join(self.build, "docs-site"),
            "CONSOLE": os.path.join(self.build, "console"),
            "TOP": TOP, "HTTP": self.nginx_http,
            "LOCATION": self.nginx_location,
        }
        text = re.sub(r"@([A-Z]+)@", lambda m: values[m.group(1)], text)
        os.makedirs(self.path("tmp"), exist_ok=True)
        path = self.path("nginx.conf")
        write(path, text)
        return path

    def start_nginx(self):
        """nginx with the module, TLS and the console."""
        conf = self.nginx_config()
        env = {}
        if os.environ.get("DRS_SANITIZE"):
            env = sanitizer_env(self.dir, "nginx", preload=True)
        self._spawn("nginx", ["/usr/sbin/nginx", "-p", self.dir + "/",
                              "-e", self.path("log", "nginx.log"),
                              "-c", conf], env=env)

        def ready():
            self._alive("nginx")
            status, _ = self.http("GET", "/health")
            return status in (200, 503)

        wait_for(ready, "nginx")

    def http(self, method, path, token=None, body=None, timeout=40):
        """One request with the standard library; (status, JSON or text)."""
        context = ssl.create_default_context(cafile=self.ca)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=timeout,
                                        context=context) as r:
                status, raw = r.status, r.read()
        except urllib.error.HTTPError as exc:
            status, raw = exc.code, exc.read()
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode(errors="replace")

    def sim(self, method, path, body=None):
        """A call of the simulator's control interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.sim_url + path, data,
                                         method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as r:
            raw = r.read()
        return json.loads(raw) if raw else {}

    def redis_cli(self, *args):
        """Run the real redis-cli against the stack's Redis."""
        proc = subprocess.run(["redis-cli", "-s", self.redis_sock, *args],
                              capture_output=True, text=True, timeout=30,
                              check=False)
        return proc.stdout + proc.stderr

    # -- whole stack -----------------------------------------------------------

    def up(self, parts=ORDER):
        """Start what is not running; returns when all of it is healthy."""
        os.chmod(self.dir, 0o755)
        self._make_tls()
        self._make_issuer()
        for name in parts:
            if self.pid(name) is None:
                getattr(self, "start_" + name)()
            elif name == "simulator" and self.hub is None:
                fleet = self.sim("GET", "/_sim/fleet")
                self.hub = fleet["hub"]
        self._save_state()
        self.write_env()
        if "nginx" in parts and "worker" in parts:
            wait_for(lambda: self.http("GET", "/health")[0] == 200,
                     "health of the whole stack")
        return self

    def write_env(self):
        """run/stack.env: shell variables for people and tests."""
        lines = {"DRS_URL": self.url, "DRS_CA": self.ca,
                 "DRS_REDIS": self.redis_url, "DRS_SIM_URL": self.sim_url}
        for role in ROLES:
            lines["DRS_TOKEN_" + role] = self.token(role)
        if self.password:
            lines["DRS_CONSOLE_USER"] = CONSOLE_USER
            lines["DRS_CONSOLE_PASSWORD"] = self.password
        if self.hub:
            lines["AWS_ACCESS_KEY_ID"] = self.hub["accessKeyId"]
            lines["AWS_SECRET_ACCESS_KEY"] = self.hub["secretAccessKey"]
        write(self.path("stack.env"),
              "".join(f"{k}={v}\n" for k, v in lines.items()), 0o600)

    def console_user(self):
        """Make the user of the console unless it is there."""
        if self.password:
            return
        self.password = f"Drs-{secrets.token_hex(6)}-1a"
        for command in (["add", CONSOLE_USER, "--group", ROLES["ADMIN"][0]],
                        ["passwd", CONSOLE_USER]):
            proc = subprocess.run(
                [os.path.join(self.build, "drs-worker"), "--config",
                 self.path("worker.conf"), "user", *command],
                input=self.password + "\n", capture_output=True, text=True,
                timeout=60, check=False)
            if proc.returncode == 0:
                break
        else:
            raise StackError(f"user {CONSOLE_USER}: {proc.stderr.strip()}")
        self._save_state()
        self.write_env()

    def console_text(self):
        """Where the console is and how to sign in, for people."""
        if not os.path.exists(os.path.join(self.build, "console",
                                           "index.html")):
            return "not built yet: make console (needs npm)"
        return f"{self.origin}/  user {CONSOLE_USER}, password {self.password}"

    def kill(self, name, sig=signal.SIGKILL, wait=True):
        """Send a signal to a part; waits for its end."""
        pid = self.pid(name)
        if pid is None:
            return
        os.kill(pid, sig)
        if wait:
            self.wait_end(name, pid)

    def wait_end(self, name, pid, seconds=40):
        """Wait until a part is gone; returns its exit code if it is ours."""
        proc = self.procs.get(name)
        if proc is not None and proc.pid == pid:
            try:
                return proc.wait(seconds)
            except subprocess.TimeoutExpired:
                raise StackError(f"{name} ({pid}) does not end") from None
        wait_for(lambda: self.pid(name) != pid, f"end of {name}", seconds)
        return None

    def stop(self, name):
        """Stop a part the gentle way; by force after its time is up."""
        pid = self.pid(name)
        if pid is None:
            return None
        os.kill(pid, signal.SIGQUIT if name == "nginx" else signal.SIGTERM)
        try:
            code = self.wait_end(name, pid)
        except StackError:
            os.kill(pid, signal.SIGKILL)
            self.wait_end(name, pid)
            raise
        finally:
            try:
                os.unlink(self.path(name + ".pid"))
            except OSError:
                pass
        return code

    def workers(self):
        """Names of the workers with a pid file."""
        return sorted(f[:-4] for f in os.listdir(self.dir)
                      if f.startswith("worker") and f.endswith(".pid"))

    def down(self):
        """Stop everything, in reverse order."""
        problems = []
        names = ["nginx"] + self.workers() + ["simulator", "redis"]
        for name in names:
            try:
                self.stop(name)
            except StackError as exc:
                problems.append(str(exc))
        if problems:
            raise StackError("; ".join(problems))

    def destroy(self):
        """Stop everything and remove the folder."""
        try:
            self.down()
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    def status(self):
        """[(name, pid or None)] of the parts."""
        names = ["redis", "simulator"] \
            + (self.workers() or ["worker"]) + ["nginx"]
        return [(n, self.pid(n)) for n in names]


def sanitizer_env(folder, name, preload=False):
    """Environment for a build with sanitizers; reports go to the log."""
    env = {"ASAN_OPTIONS": "detect_leaks=1:detect_odr_violation=0:"
                           f"log_path={folder}/log/{name}.asan",
           "UBSAN_OPTIONS": "print_stacktrace=1:"
                            f"log_path={folder}/log/{name}.ubsan",
           "LSAN_OPTIONS": "suppressions="
                           + os.path.join(TOP, "tests/system/lsan.supp")
                           + ":print_suppressions=0"}
    if preload:
        libs = [subprocess.check_output(
            ["gcc", "-print-file-name=" + lib], text=True).strip()
            for lib in ("libasan.so", "libubsan.so")]
        env["LD_PRELOAD"] = ":".join(libs)
    return env


def port_is_free(port):
    """Whether nothing listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def from_environment():
    """The stack that the environment variables describe."""
    run_dir = os.environ.get("DRS_RUN_DIR") or os.path.join(TOP, "run")
    port = int(os.environ.get("DRS_PORT") or 0)
    if port == 0 and port_is_free(DEFAULT_PORT) \
            and not os.path.exists(os.path.join(run_dir, "state.json")):
        port = DEFAULT_PORT
    return Stack(run_dir, port=port,
                 sim_port=int(os.environ.get("DRS_SIM_PORT") or 0),
                 speed=float(os.environ.get("DRS_SIM_SPEED") or 60))


def main():
    """Command line."""
    if len(sys.argv) < 2 or sys.argv[1] not in ("up", "down", "status",
                                                "restart"):
        print(__doc__, file=sys.stderr)
        return 2
    stack = from_environment()
    try:
        if sys.argv[1] == "up":
            stack.up()
            stack.console_user()
            print(f"up: {stack.url}\n"
                  f"    console:   {stack.console_text()}\n"
                  f"    variables: {stack.path('stack.env')}\n"
                  f"    logs:      {stack.log_dir}")
        elif sys.argv[1] == "down":
            stack.down()
            print("down")
        elif sys.argv[1] == "restart":
            for name in sys.argv[2:]:
                stack.stop(name)
            stack.up()
        else:
            parts = stack.status()
            for name, pid in parts:
                print(f"{name:<12} {'pid %d' % pid if pid else 'down'}")
            if not all(pid for _, pid in parts):
                return 1
            status, body = stack.http("GET", "/health")
            print(f"{'health':<12} {status} {json.dumps(body)}")
            return 0 if status == 200 else 1
    except (StackError, OSError) as exc:
        print(f"stack: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
