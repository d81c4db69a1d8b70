"""drsctl against the real stack: commands, exit codes, sessions, events."""

import http.server
import json
import os
import pty
import re
import select
import ssl
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest

from ports import free_port
from stack import wait_for

PASSWORD = "Correct-Horse-7"
LONG = {"deadlineMinutes": 10080}
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$")


class Ctl:
    """drsctl with a home of its own."""

    def __init__(self, stack, home, token=None):
        self.stack = stack
        self.home = str(home)
        self.binary = os.path.join(stack.build, "drsctl")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home,
                    "DRS_URL": stack.url, "DRS_CA": stack.ca}
        if token:
            self.env["DRS_TOKEN"] = token
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def spawn(self, *args, env=None, stdout=subprocess.PIPE):
        """A running drsctl."""
        return subprocess.Popen([self.binary, *args],
                                env={**self.env, **(env or {})},
                                stdin=subprocess.DEVNULL,
                                stdout=stdout, stderr=subprocess.PIPE,
                                text=True)

    def run(self, *args, stdin="", env=None):
        """(exit code, stdout, stderr)"""
        p = subprocess.run([self.binary, *args], input=stdin,
                           env={**self.env, **(env or {})},
                           capture_output=True, text=True, timeout=120,
                           check=False)
        return p.returncode, p.stdout, p.stderr

    def ok(self, *args, **more):
        """stdout of a command that must work."""
        code, out, err = self.run(*args, **more)
        assert code == 0, (args, code, out, err)
        return out

    def json(self, *args, **more):
        """The document that a command prints."""
        return json.loads(self.ok(*args, "--output", "json", **more))

    def fails(self, wanted, *args, **more):
        """The one line of a command that ends with this exit code."""
        code, out, err = self.run(*args, **more)
        assert code == wanted, (args, code, out, err)
        lines = err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("drsctl: "), err
        return lines[0]

    @property
    def session_file(self):
        """Where `login` keeps its tokens."""
        return os.path.join(self.home, ".config", "drsctl", "session.json")


@pytest.fixture
def ctl(world, tmp_path):
    """drsctl of an administrator."""
    return Ctl(world.stack, tmp_path, world.admin)


def events_of(text):
    """Events of `watch --output json`."""
    return [json.loads(line) for line in text.splitlines()]


# -- connection, tokens, usage ---------------------------------------------------

def test_health_version_whoami(ctl, stack):
    """What a person tries first."""
    assert "healthy" in ctl.ok("health")
    assert ctl.json("health")["status"] == "healthy"
    assert ctl.ok("version").startswith("drsctl ")
    assert ctl.ok("whoami", "--quiet") == "admin\n"
    me = ctl.json("whoami")
    assert me == stack.http("GET", "/user/permissions",
                            stack.token("ADMIN"))[1]


def test_exit_codes_of_failures(ctl, stack, tmp_path):
    """3 not reachable, 4 not signed in, 2 usage; one line each."""
    no_token = {"DRS_TOKEN": ""}
    assert "drsctl login" in ctl.fails(4, "whoami", env=no_token)
    assert "UNAUTHORIZED" in ctl.fails(4, "whoami",
                                       env={"DRS_TOKEN": "a.b.c"})
    line = ctl.fails(4, "groups", "create", "x", "--region", "us-east-1",
                     "--tag", "a=b",
                     env={"DRS_TOKEN": stack.token("READONLY")})
    assert "FORBIDDEN" in line and "create_protection_groups" in line
    assert re.search(r"request [0-9a-f-]{36}\)$", line)

    url = f"https://127.0.0.1:{free_port()}/api"
    assert "UNREACHABLE" in ctl.fails(3, "health", "--url", url)
    env = dict(ctl.env, DRS_CA="/etc/ssl/certs/ca-certificates.crt")
    assert "--ca" in ctl.fails(3, "health", env=env)
    assert "https://" in ctl.fails(2, "health", "--url", "http://a.example")
    assert "no URL" in ctl.fails(2, "health", env={"DRS_URL": ""})
    assert "unknown command" in ctl.fails(2, "nope")
    assert "does not take" in ctl.fails(2, "health", "--drill")
    assert "is not the id" in ctl.fails(2, "watch", "nope")
    # another URL that answers, but not as the API
    line = ctl.fails(1, "health", "--url", stack.origin + "/assets")
    assert "not an answer of this API" in line and "HTTP 404" in line

    token = tmp_path / "token"
    token.write_text(stack.token("AUDITOR") + "\n")
    assert ctl.ok("whoami", "-q", "--token-file", str(token),
                  env=no_token) == "auditor\n"
    assert "No such file" in ctl.fails(2, "whoami", "--token-file", "/nope",
                                       env=no_token)


def test_configuration_file(ctl, stack, tmp_path):
    """url, ca, token_file, output; a mistake names file and line."""
    folder = tmp_path / ".config" / "drsctl"
    folder.mkdir(parents=True)
    (tmp_path / "t").write_text(stack.token("OPERATOR"))
    (folder / "config").write_text(
        f"# my stack\nurl = {stack.url}/\nca = {stack.ca}\n"
        f"token_file = {tmp_path}/t\noutput = json\n")
    env = {"DRS_URL": "", "DRS_CA": "", "DRS_TOKEN": ""}
    me = json.loads(ctl.ok("whoami", env=env))
    assert me["user"]["username"] == "operator"

    (folder / "config").write_text("url = x\nbad = 1\n")
    assert "config: line 2: unknown setting" in ctl.fails(2, "health", env=env)


def test_audit_as_the_server_answers(ctl, world):
    """The trail, or the server's own error while it has none."""
    status, body = world.try_api("GET", "/audit?limit=2")
    if status == 200:
        assert "entries" in ctl.json("audit", "--limit", "2")
        assert ctl.ok("audit", "--limit", "1")
        line = ctl.fails(1, "audit", "--from", "yesterday")
        assert "INVALID_PARAMETER" in line
    else:
        line = ctl.fails(1, "audit", "--limit", "2")
        assert body["code"] in line and f"HTTP {status}" in line


def test_token_is_not_in_the_process_list(ctl, world):
    """--token is overwritten in the arguments, and never printed."""
    plan, _ = world.simple_plan((1,), waves={0: LONG})
    world.freeze()
    execution = world.start(plan)
    p = ctl.spawn("watch", execution, "--token", world.admin,
                  env={"DRS_TOKEN": ""})
    first = p.stdout.readline()
    with open(f"/proc/{p.pid}/cmdline", "rb") as f:
        args = f.read().decode()
    assert "--token" in args and world.admin not in args
    world.thaw()
    out, err = p.communicate(timeout=90)
    assert p.returncode == 0, err
    assert world.admin not in first + out + err


# -- groups, plans, accounts --------------------------------------------------------

def test_groups(ctl, world):
    """Create by id and by tag, list, show, resolve, update, delete."""
    ids = world.fleet(2, name="web", tags={"app": world.tag})
    name = f"Web {world.tag}"
    common = ("--region", world.region, "--account", world.account)

    group = ctl.json("groups", "create", name, *common, "--server", ids[0],
                     "--server", ids[1], "--description", "two")
    assert group["groupName"] == name and group["version"] == 1
    assert sorted(group["sourceServerIds"]) == sorted(ids)

    listed = ctl.json("groups", "list", "--account", world.account)
    assert listed == world.api(
        "GET", f"/protection-groups?accountId={world.account}")
    assert ctl.ok("groups", "list", "--account", world.account, "-q") \
        == group["groupId"] + "\n"
    table = ctl.ok("groups", "list", "--account", world.account)
    assert table.splitlines()[0].split() == [
        "ID", "NAME", "REGION", "ACCOUNT", "SERVERS", "SELECTION", "LAUNCH",
        "SETTINGS"]

    # by name, ignoring case, and by id
    for key in (name, name.upper(), group["groupId"]):
        assert ctl.json("groups", "show", key)["groupId"] == group["groupId"]
    assert ids[0] in ctl.ok("groups", "show", name)

    found = ctl.json("groups", "resolve", name)
    assert sorted(s["sourceServerID"] for s in found["servers"]) \
        == sorted(ids)
    found = ctl.json("groups", "resolve", *common, "--tag",
                     f"app={world.tag}")
    assert found["serverCount"] == 2

    line = ctl.fails(1, "groups", "update", name, "--description", "x",
                     "--if-version", "7")
    assert "VERSION_CONFLICT" in line and "HTTP 409" in line
    assert ctl.json("groups", "update", name, "--description", "x",
                    "--if-version", "1")["version"] == 2
    assert "nothing to change" in ctl.fails(2, "groups", "update", name)
    assert "PG_NAME_EXISTS" in ctl.fails(
        1, "groups", "create", name, *common, "--tag", "a=b")

    ctl.ok("groups", "delete", name)
    line = ctl.fails(1, "groups", "show", name)
    assert line == f'drsctl: NOT_FOUND: there is no protection group "{name}"'
    line = ctl.fails(1, "groups", "show", group["groupId"])
    assert "PROTECTION_GROUP_NOT_FOUND" in line


def test_plans_from_options_and_file(ctl, world, tmp_path):
    """--wave by group name, --pause-before, --file, update, delete."""
    a, b = world.fleet(1, name="a"), world.fleet(1, name="b")
    one = world.group("one", a)
    two = world.group("two", b)
    name = f"Plan {world.tag}"

    plan = ctl.json("plans", "create", name, "--account", world.account,
                    "--wave", f"Data=one-{world.tag}", "--wave", two,
                    "--pause-before", "1", "--max-parallel-waves", "2")
    assert [w["protectionGroupIds"] for w in plan["waves"]] == [[one], [two]]
    assert plan["waves"][0]["waveName"] == "Data"
    assert [w["pauseBeforeWave"] for w in plan["waves"]] == [False, True]
    assert plan["maxParallelWaves"] == 2

    assert ctl.json("plans", "show", name.lower())["planId"] == plan["planId"]
    assert "Data" in ctl.ok("plans", "show", name)
    assert plan["planId"] in ctl.ok("plans", "list", "--account",
                                    world.account)

    body = tmp_path / "plan.json"
    body.write_text(json.dumps({"waves": [
        {"waveName": "All", "protectionGroupIds": [one, two]}]}))
    changed = ctl.json("plans", "update", name, "-f", str(body), "--name",
                       name + " B", "--if-version", "1")
    assert len(changed["waves"]) == 1 and changed["version"] == 2
    body.write_text("{")
    assert str(body) in ctl.fails(2, "plans", "update", name, "-f", str(body))
    assert "PG_IN_USE" in ctl.fails(1, "groups", "delete", one)
    ctl.ok("plans", "delete", name + " b")
    assert "no recovery plan" in ctl.fails(1, "plans", "show", name + " B")


def test_accounts_and_servers(ctl, world):
    """accounts add and list, servers of a Region."""
    world.want_register = False
    ids = world.fleet(3, name="db")
    added = ctl.json("accounts", "add", world.account, "--name", "My account",
                     "--external-id", "drs-orchestration-cross-account")
    assert added["accountName"] == "My account"
    assert "ACCOUNT_EXISTS" in ctl.fails(1, "accounts", "add", world.account)
    assert world.account in ctl.ok("accounts", "list", "-q").split()

    args = ("servers", "--region", world.region, "--account", world.account)
    assert sorted(ctl.ok(*args, "-q").split()) == sorted(ids)
    assert "db" in ctl.ok(*args)
    assert ctl.json(*args)["serverCount"] == 3
    assert "--region" in ctl.fails(2, "servers")


def test_export_import(ctl, world, tmp_path):
    """A file from export goes through import; what exists is skipped."""
    plan, _ = world.simple_plan((1,))
    name = world.api("GET", f"/recovery-plans/{plan}")["planName"]
    file = tmp_path / "export.json"
    assert "written to" in ctl.ok("export", "-o", str(file))
    exported = json.loads(file.read_text())
    assert name in [p["planName"] for p in exported["recoveryPlans"]]

    mine = {**exported,
            "protectionGroups": [
                g for g in exported["protectionGroups"]
                if g["groupName"].endswith(world.tag)],
            "recoveryPlans": [p for p in exported["recoveryPlans"]
                              if p["planName"] == name]}
    file.write_text(json.dumps(mine))
    result = ctl.json("import", str(file), "--dry-run")
    assert result["dryRun"] and len(result["skipped"]) == 2
    assert "ALREADY_EXISTS" in ctl.ok("import", "-", stdin=file.read_text())

    ctl.ok("plans", "delete", name)
    result = ctl.json("import", str(file))
    assert [i["name"] for i in result["created"]] == [name]

    mine["recoveryPlans"] = [{"planName": f"odd-{world.tag}", "waves": [
        {"waveName": "w", "protectionGroupName": f"none-{world.tag}"}]}]
    code, out, err = ctl.run("import", "-", stdin=json.dumps(mine))
    assert code == 1 and "MISSING_PROTECTION_GROUP" in out, (out, err)
    assert "not imported" in err
    assert "line 1" in ctl.fails(2, "import", "-", stdin="{]")


# -- executions -------------------------------------------------------------------------

def test_drill_from_start_to_termination(ctl, world):
    """start --wait, executions ..., terminate --wait."""
    plan, servers = world.simple_plan((2, 1))
    name = world.api("GET", f"/recovery-plans/{plan}")["planName"]

    answer = ctl.json("start", name, "--dry-run")
    assert answer["dryRun"] and not world.launches()

    body = ctl.json("start", name, "--drill", "--wait", "--reason", "CHG-1")
    assert body["status"] == "COMPLETED" and body["executionType"] == "DRILL"
    assert body["reason"] == "CHG-1"
    execution = body["executionId"]

    assert ctl.json("executions", "show", execution)["status"] == "COMPLETED"
    assert "COMPLETED" in ctl.ok("executions", "show", execution)
    listed = ctl.json("executions", "list", "--plan", name)
    assert [e["executionId"] for e in listed["items"]] == [execution]
    ids = ctl.ok("executions", "servers", execution, "-q").split()
    assert sorted(ids) == sorted(servers[0] + servers[1])
    one = ctl.json("executions", "servers", execution, "--wave-number", "1",
                   "--limit", "1")
    assert [s["sourceServerId"] for s in one["servers"]] == servers[1]

    paged = ctl.json("executions", "events", execution, "--limit", "3",
                     "--all")
    assert paged["events"] == world.events(execution)
    assert paged["count"] == len(paged["events"]) and not paged["nextToken"]
    text = ctl.ok("executions", "events", execution)
    assert "execution COMPLETED" in text
    assert len(text.splitlines()) == paged["count"]

    out = ctl.ok("terminate", execution, "--wait")
    assert "terminated" in out
    assert world.execution(execution)["instancesTerminated"]
    assert "INVALID_STATE" not in ctl.ok("terminate", execution)


def test_failed_execution_is_exit_5(ctl, world):
    """The end is printed, and the line says how it ended."""
    plan, servers = world.simple_plan((1,))
    world.server(servers[0][0], failNextLaunch=True)
    code, out, err = ctl.run("start", plan, "--wait", "--output", "json")
    assert code == 5, (code, out, err)
    body = json.loads(out)
    assert body["status"] == "FAILED"
    assert err.startswith("drsctl: the execution ended FAILED")
    code, out, err = ctl.run("watch", body["executionId"])
    assert code == 5 and "execution FAILED" in out, (code, out, err)


def watched(world, execution):
    """What `watch` shows: no notices, which have a stream of their own. A
    machine that is slow enough has one, since its clock here is fast."""
    return [e for e in world.events(execution) if e["topic"] == "executions"]


def test_watch_shows_every_event_once(ctl, world):
    """start --watch from the first event to the last."""
    plan, _ = world.simple_plan((2, 1))
    code, out, err = ctl.run("start", plan, "--watch", "--output", "json")
    assert code == 0, err
    seen = events_of(out)
    execution = seen[0]["executionId"]
    assert seen == watched(world, execution)
    assert seen[0]["event"] == "execution.created"

    # of an execution that has ended: its history, then the end
    text = ctl.ok("watch", execution)
    assert "execution COMPLETED" in text and "wave 1" in text


def test_watch_survives_a_restart_of_nginx(ctl, world, tmp_path):
    """Last-Event-ID: nothing lost, nothing twice."""
    plan, _ = world.simple_plan((1, 1), waves={0: LONG, 1: LONG})
    world.freeze()
    execution = world.start(plan)
    file = tmp_path / "events"
    with open(file, "wb") as f:
        p = ctl.spawn("watch", execution, "--output", "json", stdout=f)
    world.wave_in_flight(execution)
    wait_for(lambda: b"wave.status" in file.read_bytes(), "events", 60)
    world.stack.stop("nginx")
    world.stack.up()
    world.thaw()
    _, err = p.communicate(timeout=100)
    assert p.returncode == 0, err
    seen = events_of(file.read_text())
    assert seen == watched(world, execution)
    assert len({e["id"] for e in seen}) == len(seen)


def test_time_limit_is_exit_6(ctl, world):
    """--timeout ends the waiting, not the execution."""
    plan, _ = world.simple_plan((1,), waves={0: LONG})
    world.freeze()
    code, out, err = ctl.run("start", plan, "--wait", "--timeout", "2",
                             "--quiet")
    assert code == 6, (code, out, err)
    assert err.startswith("drsctl: TIMEOUT:") and err.count("\n") == 1, err
    execution = out.strip()
    assert UUID.match(execution)
    assert world.execution(execution)["status"] in ("RUNNING", "POLLING")
    world.thaw()
    assert ctl.ok("watch", execution, "-q") == ""


def test_pause_resume_cancel(ctl, world):
    """The three commands and their refusals."""
    plan, _ = world.simple_plan(
        (1, 1), waves={1: {"pauseBeforeWave": True}})
    execution = ctl.ok("start", plan, "-q").strip()
    world.wait(execution, "PAUSED")
    line = ctl.fails(1, "pause", execution)
    assert "EXECUTION_NOT_PAUSABLE" in line
    p = ctl.spawn("watch", execution, "--quiet")
    assert "RESUMING" in ctl.ok("resume", execution, "--notes", "go")
    _, err = p.communicate(timeout=90)
    assert p.returncode == 0, err
    assert "EXECUTION_NOT_PAUSED" in ctl.fails(1, "resume", execution)
    ctl.ok("terminate", execution, "--wait")

    execution = ctl.ok("start", plan, "-q").strip()
    world.wait(execution, "PAUSED")
    assert ctl.json("cancel", execution, "--reason", "enough")["status"] \
        in ("PARTIAL", "CANCELLED")
    code, _, err = ctl.run("watch", execution)
    assert code == 5, err
    assert "EXECUTION_NOT_CANCELLABLE" in ctl.fails(1, "cancel", execution)


# -- repeats ----------------------------------------------------------------------------

class Cutter:
    """A proxy on loopback that loses the first answer to a POST."""

    def __init__(self, stack):
        context = ssl.create_default_context(cafile=stack.ca)
        self.posts = []
        cutter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Hands everything on, and one answer not back."""

            def log_message(self, *args):  # pylint: disable=arguments-differ
                """Silence."""

            def answer(self):
                """Forward one request."""
                length = int(self.headers.get("Content-Length") or 0)
                data = self.rfile.read(length) if length else None
                headers = {k: v for k, v in self.headers.items()
                           if k.lower() not in ("host", "connection",
                                                "accept-encoding")}
                request = urllib.request.Request(
                    stack.origin + self.path, data, headers,
                    method=self.command)
                try:
                    with urllib.request.urlopen(request, timeout=40,
                                                context=context) as r:
                        status, body = r.status, r.read()
                except urllib.error.HTTPError as exc:
                    status, body = exc.code, exc.read()
                if self.command == "POST":
                    cutter.posts.append(
                        (self.headers.get("Idempotency-Key"), status, body))
                    if len(cutter.posts) == 1:
                        self.close_connection = True
                        return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_retry_skip_resolve(ctl, world):
    """Decisions about a wave that failed; what must be given."""
    plan, servers = world.simple_plan((2, 1), waves={
        0: {"failurePolicy": "PAUSE", **LONG}, 1: LONG})
    world.server(servers[0][0], failNextLaunch=True)
    run = world.start(plan)
    world.wait(run, "PAUSED")
    assert "PLAN_EXECUTING" in ctl.run("precheck", plan)[1]
    assert "not ready" in ctl.fails(1, "precheck", plan, "-q")
    assert ctl.run("precheck", plan, "--output", "json")[0] == 1
    ctl.fails(2, "retry", run, "first")
    ctl.fails(2, "skip", run, "1")
    ctl.fails(2, "resolve", run, "0-0", "--reason", "r")
    ctl.fails(2, "resolve", run, "0-0", "--retry", "--fail", "--reason", "r")
    assert "UNIT_NOT_HELD" in ctl.fails(1, "resolve", run, "0-0", "--fail",
                                        "--reason", "r")
    assert "WAVE_NOT_RETRYABLE" in ctl.fails(1, "retry", run, "1")
    assert "wave 1 is CANCELLED" in ctl.ok("skip", run, "1", "--reason", "no")
    again = ctl.json("retry", run, "0", "--server", servers[0][0],
                     "--reason", "CHG-9")
    assert again["serverIds"] == servers[0][:1] and again["attempt"] == 2
    world.wait(run, "PARTIAL")


def test_lost_answer_starts_once(ctl, world):
    """The repeat carries the same key; one execution comes of it."""
    plan, _ = world.simple_plan((1,))
    with Cutter(world.stack) as cutter:
        answer = ctl.json("start", plan, "--url", cutter.url)
    assert len(cutter.posts) == 2
    assert cutter.posts[0] == cutter.posts[1] and cutter.posts[0][0]
    listed = world.api("GET", f"/executions?planId={plan}")
    assert [e["executionId"] for e in listed["items"]] \
        == [answer["executionId"]]
    world.finish(answer["executionId"])


def test_login_is_not_repeated(ctl, world):
    """No key, so an answer that is lost is told, not guessed."""
    with Cutter(world.stack) as cutter:
        line = ctl.fails(3, "login", "nobody", "--password-stdin", "--url",
                         cutter.url, stdin="x\n")
    assert "UNREACHABLE" in line and len(cutter.posts) == 1
    assert cutter.posts[0][0] is None


def test_own_idempotency_key(ctl, world):
    """The same command with the same key gives the first answer."""
    plan, _ = world.simple_plan((1,))
    key = str(uuid.uuid4())
    one = ctl.json("start", plan, "--idempotency-key", key)
    assert ctl.json("start", plan, "--idempotency-key", key) == one
    line = ctl.fails(1, "start", plan, "--recovery", "--idempotency-key", key)
    assert "IDEMPOTENCY_KEY_REUSED" in line
    world.finish(one["executionId"])


# -- sessions -----------------------------------------------------------------------------

@pytest.fixture
def local(stack, tmp_path):
    """drsctl without a token, and a local user's name."""
    name = "ctl-" + uuid.uuid4().hex[:8]
    subprocess.run([os.path.join(stack.build, "drs-worker"), "--config",
                    stack.path("worker.conf"), "user", "add", name,
                    "--group", "DRSOperator"], input=PASSWORD + "\n",
                   check=True, timeout=60, text=True, capture_output=True)
    return Ctl(stack, tmp_path), name


def edit_session(ctl, **changes):
    """Change members of the stored session."""
    with open(ctl.session_file, encoding="utf-8") as f:
        doc = json.load(f)
    doc["sessions"][ctl.stack.url].update(changes)
    with open(ctl.session_file, "w", encoding="utf-8") as f:
        json.dump(doc, f)
    return doc["sessions"][ctl.stack.url]


def test_login_refresh_logout(local):
    """Tokens are kept 0600, renewed, never shown, and forgotten."""
    ctl, name = local
    assert "INVALID_CREDENTIALS" in ctl.fails(
        4, "login", name, "--password-stdin", stdin="wrong\n")
    assert not os.path.exists(ctl.session_file)

    code, out, err = ctl.run("login", name, "--password-stdin", "--output",
                             "json", stdin=PASSWORD + "\n")
    assert code == 0, err
    stored = edit_session(ctl)
    assert stored["token"] not in out and stored["refreshToken"] not in out
    assert "token" not in json.loads(out)
    assert stat.S_IMODE(os.stat(ctl.session_file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(
        ctl.session_file)).st_mode) == 0o700
    assert ctl.ok("whoami", "-q") == name + "\n"

    # a session of one server is not shown to another
    assert "not signed in" in ctl.fails(
        4, "whoami", "--url", ctl.stack.url.replace("127.0.0.1", "localhost"))

    # run out: several commands at once renew it once
    edit_session(ctl, expiresAt=0)
    procs = [ctl.spawn("whoami", "-q") for _ in range(4)]
    for p in procs:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0 and out == name + "\n", err
    renewed = edit_session(ctl)
    assert renewed["refreshToken"] != stored["refreshToken"]
    assert renewed["expiresAt"] > time.time()

    # refused by the server before its time
    edit_session(ctl, token="a.b.c")
    assert ctl.ok("whoami", "-q") == name + "\n"

    last = edit_session(ctl)
    ctl.ok("logout")
    with open(ctl.session_file, encoding="utf-8") as f:
        assert json.load(f)["sessions"] == {}
    assert "drsctl login" in ctl.fails(4, "whoami")
    assert ctl.stack.http("GET", "/user/profile", last["token"])[0] == 401


def test_open_session_file_is_refused(local):
    """As ssh does with keys."""
    ctl, name = local
    ctl.ok("login", name, "--password-stdin", stdin=PASSWORD + "\n")
    os.chmod(ctl.session_file, 0o644)
    assert "chmod 600" in ctl.fails(4, "whoami")


def test_ended_session(local):
    """A refresh token that is worth nothing: sign in again."""
    ctl, name = local
    ctl.ok("login", name, "--password-stdin", stdin=PASSWORD + "\n")
    edit_session(ctl, expiresAt=0, refreshToken="x" * 40)
    assert "sign in again" in ctl.fails(4, "whoami")
    assert "drsctl login" in ctl.fails(4, "whoami")


def test_password(local):
    """The change gives a new session."""
    ctl, name = local
    ctl.ok("login", name, "--password-stdin", stdin=PASSWORD + "\n")
    line = ctl.fails(1, "password", stdin=PASSWORD + "\nshort\n")
    assert "WEAK_PASSWORD" in line
    ctl.ok("password", stdin=PASSWORD + "\nOther-Horse-88\n")
    assert ctl.ok("whoami", "-q") == name + "\n"
    ctl.ok("login", name, "--password-stdin", stdin="Other-Horse-88\n")


def on_terminal(ctl, *args, say):
    """Run on a terminal of its own, answering each prompt; (code, screen)."""
    master, slave = pty.openpty()
    p = subprocess.Popen([ctl.binary, *args], env=ctl.env, stdin=slave,
                         stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    screen = ""
    try:
        for prompt, answer in say:
            while prompt not in screen:
                assert select.select([master], [], [], 60)[0], screen
                screen += os.read(master, 4096).decode()
            os.write(master, answer.encode() + b"\n")
        code = p.wait(timeout=60)
        while select.select([master], [], [], 0)[0]:
            try:
                screen += os.read(master, 4096).decode()
            except OSError:
                break
    finally:
        if p.poll() is None:
            p.kill()
            p.wait()
        os.close(master)
    return code, screen


def test_on_a_terminal(local, world, tmp_path):
    """The password is asked for without echo; deletes are asked back."""
    ctl, name = local
    code, screen = on_terminal(ctl, "login", say=[
        ("User: ", name), ("Password: ", PASSWORD)])
    assert code == 0 and "Signed in" in screen, screen
    assert PASSWORD not in screen

    group = world.group("asked", world.fleet(1))
    admin = Ctl(world.stack, tmp_path, world.admin)
    code, screen = on_terminal(admin, "groups", "delete", group,
                               say=[("[y/N]", "n")])
    assert code == 2 and "not confirmed" in screen, screen
    assert admin.ok("groups", "show", group, "-q") == group + "\n"
    code, screen = on_terminal(admin, "groups", "delete", group,
                               say=[("[y/N]", "y")])
    assert code == 0, screen
    assert "NOT_FOUND" in admin.fails(1, "groups", "show", group)


# -- shell --------------------------------------------------------------------------------

@pytest.mark.parametrize("words,wanted", [
    (["gr"], "groups"), (["groups", "cr"], "create"),
    (["--url", "https://x", "pl"], "plans"),
    (["start", "p", "--dr"], "--drill --dry-run"),
    (["--output", "j"], "json"), (["groups", "list", "--ac"], "--account")])
def test_completion(stack, tmp_path, words, wanted):
    """The script completes commands, words and options."""
    script = Ctl(stack, tmp_path).ok("completion", "bash",
                                     env={"DRS_URL": ""})
    line = " ".join(f"'{w}'" for w in ["drsctl", *words])
    p = subprocess.run(
        ["bash", "-c", script + f"\nCOMP_WORDS=({line})\n"
         f"COMP_CWORD={len(words)}\n_drsctl\necho ${{COMPREPLY[@]}}"],
        capture_output=True, text=True, timeout=30, check=True)
    assert p.stdout.strip() == wanted, p.stderr


def test_worker_missing_is_told(make_stack, tmp_path):
    """health tells 503 by exit code 3; the body is still printed."""
    stack = make_stack(up=False)
    stack.up(("redis", "nginx"))
    code, out, err = Ctl(stack, tmp_path).run("health", "--output", "json")
    assert code == 3 and json.loads(out)["status"] == "unhealthy", err
    assert "not healthy" in err


def test_what_drs_shows(ctl, world):
    """Accounts, staging, jobs, instances, logs, tags, launch settings."""
    plan, servers = world.simple_plan((1,))
    account = world.account
    place = ("--region", world.region, "--account", account)
    assert ctl.json("accounts", "update", account, "--name", "New name")[
        "accountName"] == "New name"
    assert "New name" in ctl.ok("accounts", "show", account)
    assert "success" in ctl.ok("accounts", "validate", account)
    assert account in ctl.ok("accounts", "capacity", account)
    assert "ACCOUNT_IN_USE" in ctl.fails(1, "accounts", "delete", account)
    other = str(int(account) - 1)
    assert other in ctl.ok("staging", "add", account, other, "--name", "st",
                           "--external-id", "e1")
    assert ctl.ok("staging", "list", account, "-q").split() == [other]
    assert ctl.ok("staging", "remove", account, other, "-q").split() == []
    ctl.ok("staging", "discover", account)

    run = world.start(plan)
    world.wait(run, "COMPLETED")
    assert servers[0][0] in ctl.ok("executions", "instances", run)
    assert "JOB_END" in ctl.ok("executions", "logs", run)
    assert servers[0][0] in ctl.ok("plans", "existing", plan)
    assert run in ctl.ok("drs", "jobs", *place, "--type", "LAUNCH")
    assert servers[0][0] in ctl.ok("drs", "replication", *place)
    assert servers[0][0] in ctl.ok("drs", "instances", *place)
    assert "ACTIVE" in ctl.ok("drs", "regions", *place)
    assert world.region in ctl.ok("drs", "quotas", *place)
    assert "--region" in ctl.fails(2, "drs", "jobs")
    kept = ctl.json("executions", "delete", run)
    assert kept["activeSkipped"] == 1
    assert ctl.json("executions", "delete", run, "--force")[
        "deletedCount"] == 1
    assert ctl.ok("drs", "start", *place, "--server",
                  servers[0][0]).startswith("drsjob-")

    ctl.ok("tags", "status")
    assert "--every" in ctl.fails(2, "tags", "schedule")
    ctl.ok("tags", "schedule", "--off")
    group = world.api("GET", f"/recovery-plans/{plan}")["waves"][0][
        "protectionGroupId"]
    assert "no launch settings" in ctl.fails(1, "groups", "apply", group)
    world.api("PUT", f"/protection-groups/{group}",
              {"launchConfig": {"copyTags": True}})
    ctl.ok("groups", "apply", group, "--force")
    world.wait_until(lambda: "ready" in ctl.ok("groups", "settings", group),
                     "the launch settings")


def test_check_of_a_file(ctl, tmp_path):
    """Exit code 1 for a file that cannot be imported."""
    file = tmp_path / "x.json"
    file.write_text('{"metadata": {"schemaVersion": "1.1"}, '
                    '"protectionGroups": [], "recoveryPlans": []}')
    ctl.ok("check", str(file))
    file.write_text('{"recoveryPlans": [{"planName": "x", "waves": []}]}')
    assert "cannot be imported" in ctl.fails(1, "check", str(file))
