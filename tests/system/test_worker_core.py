"""Life of the daemon: start order, checks, signals, scheduler, commands."""

import json
import os
import signal
import subprocess
import time

import pytest

from redis_server import RedisServer
from worker_process import BUILD, Worker, Caller, fcall, key, send, wait_for

PROBE = "tools/worker_probe"


@pytest.fixture
def server():
    with RedisServer() as s:
        yield s


@pytest.fixture
def client(server):
    with server.client() as c:
        yield c


@pytest.fixture
def make(tmp_path, server):
    """make(**options) -> Worker, closed at the end."""
    made = []

    def factory(**options):
        options.setdefault("name", "worker%d" % len(made))
        made.append(Worker(tmp_path, server, **options))
        return made[-1]

    yield factory
    for w in made:
        w.close()


def probe_log(client, what=None):
    """Entries of the probe's list, split into words."""
    rows = [x.split() for x in client.lrange(key("probe:log"), 0, -1)]
    return [r for r in rows if what is None or r[0] == what]


def due(client, task, mode):
    """A probe task, due now."""
    client.hset(key(task), "mode", mode)
    assert fcall(client, "drs_task_due", task, 0) == ["OK"]


# -- command line ----------------------------------------------------------------


def test_options_version_help():
    program = os.path.join(BUILD, "drs-worker")
    run = lambda *a: subprocess.run([program, *a], capture_output=True, text=True,  # noqa: E731
                                    timeout=60, check=False)
    names = [line.split("\t")[0] for line in run("--options").stdout.splitlines()]
    assert len(names) > 90 and len(set(names)) == len(names)
    assert "library" in run("--version").stdout
    assert run("--help").returncode == 0
    assert run("--nonsense").returncode == 2


def test_bad_configuration_names_file_line_and_option(make):
    w = make(text="no_such_option = 1\n")
    code, _, err = w.run("--check")
    assert code == 2
    assert "no_such_option" in err and w.conf in err
    line = open(w.conf, encoding="utf-8").read().splitlines().index("no_such_option = 1") + 1
    assert f":{line}:" in err


def test_check_says_what_is_wrong(tmp_path):
    with RedisServer(extra="appendonly no\nmaxmemory-policy allkeys-lru") as bad:
        w = Worker(tmp_path, bad)
        code, out, err = w.run("--check")
        assert code == 1 and "not fit" in out
        assert "append-only" in err and "allkeys-lru" in err
        w.start(ready=False)
        assert w.wait() == 1
        assert w.logged("append-only") and not w.logged('"ready')
        unsafe = Worker(tmp_path, bad, name="unsafe", redis_allow_unsafe="on").start()
        unsafe.stop()
        assert unsafe.logged("going on because redis_allow_unsafe")


# -- start order, versions ---------------------------------------------------------


def test_waits_for_redis_with_one_line_per_change(server, make):
    server.stop()
    w = make().start(ready=False)
    wait_for(lambda: w.logged("no connection to Redis"), "complaint")
    time.sleep(1.5)
    assert len(w.logged("no connection to Redis")) == 1
    server.start()
    wait_for(lambda: w.logged('"ready: '), "ready")
    w.stop()


def test_sigterm_before_redis_came(server, make):
    server.stop()
    w = make().start(ready=False)
    wait_for(lambda: w.logged("no connection to Redis"), "complaint")
    w.stop()


def test_sigterm_at_any_instant_of_the_start(make):
    # blocked from before exec on: what comes before main() is taken in it
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    for i in range(12):
        w = make()
        w.start(ready=False, before=block)
        end = time.monotonic() + i * 0.004
        while time.monotonic() < end:
            pass
        w.stop()


def test_without_aws_credentials_it_runs_and_says_so(make):
    w = make().start()
    wait_for(lambda: w.logged("no usable AWS credentials"), "the warning")
    w.stop()


def test_redis_restart_is_survived(server, client, make):
    w = make(program=PROBE).start()
    due(client, "probe:a", "count")
    wait_for(lambda: len(probe_log(client, "end")) > 2, "steps")
    server.stop()
    wait_for(lambda: w.logged("no connection to Redis"), "notice of the loss")
    server.start()
    n = len(probe_log(client, "end"))
    wait_for(lambda: len(probe_log(client, "end")) > n + 2, "steps afterwards")
    w.stop()


def test_flushed_redis_gets_its_library_back(client, make):
    w = make(program=PROBE).start()
    client.function_flush()
    client.flushall()
    wait_for(lambda: len(w.logged("function library .* loaded")) > 1, "library")
    due(client, "probe:a", "once")
    wait_for(lambda: probe_log(client, "end"), "a step")
    w.stop()


def test_newer_store_is_never_downgraded(client, make):
    w = make().start()
    text = client.function_list(library="drs", withcode=True)[0]
    code = text[text.index("library_code") + 1]
    newer = code.replace("local LIBRARY = 1", "local LIBRARY = 999", 1)
    assert newer != code
    client.function_load(newer, replace=True)
    wait_for(lambda: w.logged("a newer function library"), "notice")
    w.stop()
    other = make().start(ready=False)
    assert other.wait() == 1
    assert other.logged("it writes nothing")
    assert fcall(client, "drs_version")[2] == "999"


def test_older_library_is_replaced(client, make):
    make().start().stop()
    text = client.function_list(library="drs", withcode=True)[0]
    code = text[text.index("library_code") + 1]
    client.function_load(code.replace("local LIBRARY = 1", "local LIBRARY = 0", 1),
                         replace=True)
    assert fcall(client, "drs_version")[2] == "0"
    make().start().stop()
    assert fcall(client, "drs_version")[2] == "1"


def test_test_clock_only_when_asked(client, make):
    make().start().stop()
    assert fcall(client, "drs_version")[4] == "real"
    make(test_clock="on").start().stop()
    assert fcall(client, "drs_version")[4] == "test"


# -- scheduler ---------------------------------------------------------------------


def test_task_runs_again_at_its_time(client, make):
    w = make(program=PROBE).start()
    due(client, "probe:a", "count")
    wait_for(lambda: len(probe_log(client, "end")) > 5, "steps")
    fences = [int(r[2]) for r in probe_log(client, "begin")]
    assert fences == sorted(set(fences))
    w.stop()


def test_long_step_keeps_its_lease(client, make):
    w = make(program=PROBE, time_scale=1, lease="3s", renew="1s", scan="100ms").start()
    other = make(program=PROBE, time_scale=1, lease="3s", renew="1s", scan="100ms").start()
    due(client, "probe:h", "hold")
    wait_for(lambda: probe_log(client, "begin"), "begin")
    first = int(client.hget(key("lease:probe:h"), "until"))
    wait_for(lambda: int(client.hget(key("lease:probe:h"), "until")) > first + 4000,
             "renewals beyond one lease")
    client.hset(key("probe:h"), "release", "1")
    wait_for(lambda: probe_log(client, "end"), "end")
    assert len(probe_log(client, "begin")) == 1
    w.stop()
    other.stop()


def test_killed_worker_is_replaced(client, make):
    options = dict(program=PROBE, time_scale=1, lease="3s", renew="1s", scan="100ms")
    w = make(**options).start()
    due(client, "probe:h", "hold")
    wait_for(lambda: probe_log(client, "begin"), "begin")
    w.signal(signal.SIGKILL)
    w.wait()
    other = make(**options).start()
    wait_for(lambda: len(probe_log(client, "begin")) == 2, "take-over")
    rows = probe_log(client, "begin")
    assert rows[0][3] != rows[1][3] and int(rows[1][2]) > int(rows[0][2])
    client.hset(key("probe:h"), "release", "1")
    wait_for(lambda: probe_log(client, "end"), "end")
    other.stop()


def test_frozen_worker_loses_its_lease(client, make):
    options = dict(program=PROBE, time_scale=1, lease="3s", renew="1s", scan="100ms")
    w = make(**options).start()
    due(client, "probe:h", "hold")
    wait_for(lambda: probe_log(client, "begin"), "begin")
    w.signal(signal.SIGSTOP)
    other = make(**options).start()
    wait_for(lambda: len(probe_log(client, "begin")) == 2, "take-over")
    w.signal(signal.SIGCONT)
    wait_for(lambda: w.logged("lease of task probe:h .* is lost"), "loss noticed")
    client.hset(key("probe:h"), "release", "1")
    wait_for(lambda: probe_log(client, "lost") and probe_log(client, "end"), "both ends")
    assert probe_log(client, "lost")[0][3] == w.owner
    w.stop()
    other.stop()


def test_a_slow_worker_keeps_its_own_task(client, make):
    """Stopped beyond its lease again and again, but nobody took the task: the
    step that runs goes on, the worker does not take it from itself."""
    w = make(program=PROBE, lease="1s", renew="400ms", scan="20ms").start()
    due(client, "probe:h", "hold")
    wait_for(lambda: probe_log(client, "begin"), "begin")

    def lease_ends():
        now, micros = client.time()
        return int(client.hget(key("lease:probe:h"), "until")) \
            - now * 1000 - micros // 1000

    for _ in range(8):
        w.signal(signal.SIGSTOP)
        wait_for(lambda: lease_ends() < -100, "the lease is over")
        w.signal(signal.SIGCONT)
        wait_for(lambda: lease_ends() > 0, "the lease is renewed")
    client.hset(key("probe:h"), "release", "1")
    wait_for(lambda: probe_log(client, "end"), "end")
    assert len(probe_log(client, "begin")) == 1
    assert not probe_log(client, "lost")
    w.stop()


def test_failing_step_is_tried_again_later(client, make):
    w = make(program=PROBE).start()
    due(client, "probe:e", "error")
    wait_for(lambda: len(probe_log(client, "begin")) > 2, "tries")
    client.hset(key("probe:e"), "mode", "once")
    wait_for(lambda: probe_log(client, "end"), "success")
    w.stop()


def test_sigterm_lets_the_step_finish_and_gives_the_task_back(client, make):
    w = make(program=PROBE).start()
    due(client, "probe:h", "hold")
    wait_for(lambda: probe_log(client, "begin"), "begin")
    w.signal(signal.SIGTERM)
    wait_for(lambda: w.logged("finishing the running steps"), "drain")
    client.hset(key("probe:h"), "release", "1")
    assert w.wait() == 0
    assert len(probe_log(client, "end")) == 1
    assert not client.exists(key("lease:probe:h"))
    assert not client.exists(key("worker:" + w.owner))


def test_drained_worker_takes_nothing_new(client, make):
    w = make(program=PROBE).start()
    client.sadd(key("drain"), w.owner)
    wait_for(lambda: w.logged("asked to drain"), "drain")
    due(client, "probe:a", "once")
    other = make(program=PROBE).start()
    wait_for(lambda: probe_log(client, "end"), "the other takes it")
    assert probe_log(client, "end")[0][3] == other.owner
    client.srem(key("drain"), w.owner)
    wait_for(lambda: w.logged("drain ended"), "end of the drain")
    w.stop()
    other.stop()


def test_heartbeat_and_metrics(client, make):
    w = make(program=PROBE).start()
    due(client, "probe:a", "count")

    def published():
        text = client.get(key("metrics:" + w.owner)) or ""
        return text if 'step_seconds_count{kind="probe",result="ok"}' in text else None

    text = wait_for(published, "metrics")
    assert "# TYPE drs_worker_claims_total counter" in text
    beat = json.loads(client.get(key("worker:" + w.owner)))
    assert beat["pid"] == w.proc.pid and beat["state"] == "running"
    assert client.zscore(key("workers"), w.owner)
    w.stop()


def test_sighup_reopens_the_log(make):
    w = make().start()
    os.rename(w.log_path, w.log_path + ".1")
    w.signal(signal.SIGHUP)
    wait_for(lambda: w.logged("log file reopened"), "new file")
    w.stop()


def test_housekeeping_repairs_orphans(client, make):
    client.zadd(key("exec:status:RUNNING"), {"11111111-1111-4111-8111-111111111111": 1})
    client.hset(key("exec:11111111-1111-4111-8111-111111111111"), "status", "RUNNING")
    client.hset(key("watch:111122223333:us-east-1"), "drsjob-1", "x 0-0")
    w = make(program=PROBE).start()
    wait_for(lambda: client.zscore(key("due"), "exec:11111111-1111-4111-8111-111111111111")
             and client.zscore(key("due"), "poll:111122223333:us-east-1"), "due tasks")
    w.stop()


# -- commands ------------------------------------------------------------------------


def test_command_is_answered_and_kept(server, client, make):
    w = make(program=PROBE).start()
    caller = Caller(server)
    cid = send(client, "probe.echo", {"a": [1, {"b": "ü"}]}, reply_to=caller.name)
    answer = caller.answer(cid)
    assert answer == {"status": 200, "body": {"a": [1, {"b": "ü"}]}}
    assert json.loads(client.get(key("cmd:done:" + cid))) == answer
    assert client.xlen(key("cmd")) == 0
    send(client, "probe.echo", {"a": 2}, reply_to=caller.name, cid=cid)
    assert caller.answer(cid) == answer         # a repeat answers the first result
    assert len(probe_log(client, "command")) == 1
    caller.close()
    w.stop()


def test_unknown_command_is_refused(server, make):
    w = make(program=PROBE).start()
    caller = Caller(server)
    assert caller.call("no.such", {})["error"]["code"] == "INVALID_OPERATION"
    caller.close()
    w.stop()


def test_command_after_its_deadline_is_not_done(client, make):
    now = int(client.time()[0]) * 1000
    make(program=PROBE).start().stop()
    cid = send(client, "probe.echo", {}, deadline=now - 1000)
    w = make(program=PROBE).start()
    wait_for(lambda: w.logged("came too late"), "notice")
    assert client.xlen(key("cmd")) == 0 and not client.exists(key("cmd:done:" + cid))
    assert not probe_log(client, "command")
    w.stop()


def test_failing_command_goes_to_the_dead_letters(server, client, make):
    w = make(program=PROBE, command_max_deliveries=3).start()
    caller = Caller(server)
    cid = send(client, "probe.fail", {"x": 1}, reply_to=caller.name)
    assert "error" in caller.answer(cid)
    rows = client.xrange(key("cmd:dead"))
    assert len(rows) == 1
    assert rows[0][1]["id"] == cid and "probe.fail fails" in rows[0][1]["error"]
    assert [r[2] for r in probe_log(client, "command")] == ["1", "2", "3"]
    assert client.xlen(key("cmd")) == 0
    caller.close()
    w.stop()


def test_command_of_a_killed_worker_is_taken_over(server, client, make):
    w = make(program=PROBE).start()
    caller = Caller(server)
    cid = send(client, "probe.hold", {}, reply_to=caller.name)
    wait_for(lambda: probe_log(client, "command"), "begin")
    w.signal(signal.SIGKILL)
    w.wait()
    other = make(program=PROBE).start()
    wait_for(lambda: len(probe_log(client, "command")) == 2, "take-over")
    client.hset(key("probe:command"), "release", "1")
    assert caller.answer(cid) == {"status": 200, "body": {"held": True}}
    caller.close()
    other.stop()


def test_slow_command_of_a_living_worker_is_left_alone(server, client, make):
    w = make(program=PROBE).start()
    other = make(program=PROBE).start()
    caller = Caller(server)
    cid = send(client, "probe.hold", {}, reply_to=caller.name)
    wait_for(lambda: probe_log(client, "command"), "begin")

    def idle():
        rows = client.xpending_range(key("cmd"), "workers", "-", "+", 10)
        return rows and rows[0]["time_since_delivered"] > 6000

    wait_for(idle, "longer than a lease")
    assert len(probe_log(client, "command")) == 1
    client.hset(key("probe:command"), "release", "1")
    assert caller.answer(cid)["status"] == 200
    caller.close()
    w.stop()
    other.stop()


def test_command_that_kills_every_worker_ends_dead(client, make):
    make(program=PROBE).start().stop()
    cid = send(client, "probe.crash", {})

    def dead():
        w = make(program=PROBE, command_max_deliveries=3).start(ready=False)
        wait_for(lambda: w.proc.poll() is not None
                 or client.xlen(key("cmd:dead")), "end of the worker")
        w.close()
        return client.xlen(key("cmd:dead"))

    for _ in range(8):
        if dead():
            break
    rows = client.xrange(key("cmd:dead"))
    assert len(rows) == 1 and rows[0][1]["id"] == cid
    assert len(probe_log(client, "command")) == 3
