"""A lane of crash runs: one stack, one strike per run, one judge.

A run starts a plan, lets the worker, Redis or both die (SIGKILL) at one
exact persisted step and waits for the end. The simulator is the judge: its
call log, its jobs, its instances. Everything about a run follows from its
seed.

Redis dies with the loss that a machine can suffer: its append-only file is
cut back to a place between the end of the last command that was answered to
anybody and the end of the one that was not.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

import redis

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system", "tests/chaos", "tests/simulator"):
    sys.path.insert(0, os.path.join(TOP, _p))

import judge  # noqa: E402
from proxy import Proxy  # noqa: E402
from stack import PREFIX, Stack, StackError, wait_for  # noqa: E402
from world import TERMINAL, World  # noqa: E402
import stall  # noqa: E402
import workload  # noqa: E402

# every function by which the worker persists a step; those that a run does
# without being asked often are chosen less often
STEPS = {"drs_exec_create": 3, "drs_exec_commit": 6, "drs_unit_arm": 4,
         "drs_unit_close": 2, "drs_unit_fact": 4, "drs_obs_put": 4,
         "drs_cmd_begin": 3, "drs_cmd_done": 3, "drs_term_put": 3,
         "drs_task_claim": 2, "drs_task_release": 3, "drs_task_renew": 1,
         "drs_cap_ask": 2, "drs_cap_seen": 1, "drs_exec_command": 2,
         "drs_note": 2, "drs_audit_seal": 1, "drs_heartbeat": 1}
CALLS = {"StartRecovery": 1, "TerminateRecoveryInstances": 1}
FCALL = rb"FCALL\r\n\$\d+\r\n(drs_[a-z_]+)\r\n"
POST = rb"POST /(StartRecovery|TerminateRecoveryInstances) "
SPEED = 3000.0
# a run that stands still for so long does not end by itself; however slow the
# machine, one that goes on has so long
SETTLE_S = 150
LIMIT_S = 1200
RUNS_PER_STACK = 40


class Harness(Exception):
    """Something beside the product went wrong: a fresh stack may help."""


class Lane:
    """One stack with proxies before Redis and before AWS."""

    # (load, shape) -> steps of an undisturbed run, for all lanes
    steps = {}

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="drs-chaos-")
        self.stack = Stack(self.dir, speed=SPEED)
        self.proxies = []
        self.lock = threading.Lock()
        self.started = threading.Event()
        self.lost = threading.Event()
        self.marked = self.cut = self.trouble = None
        self.marking = False
        self.runs = 0
        try:
            self._up()
        except Exception as exc:
            tail = self.stack.tail("worker")
            self.close()
            raise Harness(f"no stack: {exc}\n{tail}") from exc

    def _up(self):
        self.stack.up(("redis", "simulator"))
        self.redis = Proxy(
            FCALL, listen_path=os.path.join(self.dir, "proxy.sock"),
            upstream_path=self.stack.redis_sock)
        self.proxies.append(self.redis)
        self.aws = Proxy(POST, upstream_port=self.stack.sim_port)
        self.proxies.append(self.aws)
        self.stack.worker_options["redis"] = \
            f"unix:{self.redis.listen_path}"
        self.stack.worker_env["AWS_ENDPOINT_URL"] = \
            f"http://127.0.0.1:{self.aws.port}"
        self.stack.up()
        self.store = redis.Redis(unix_socket_path=self.stack.redis_sock,
                                 decode_responses=True)

    def close(self):
        """Stop everything and remove the folder."""
        for name, pid in self.stack.status():
            if pid:
                self.stack.kill(name)
        for proxy in self.proxies:
            proxy.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- deaths ----------------------------------------------------------------

    def kill_worker(self):
        """SIGKILL; called from a proxy."""
        pid = self.stack.pid("worker")
        if pid:
            os.kill(pid, signal.SIGKILL)

    def aof(self):
        """Path and size of the append-only file that Redis writes now."""
        folder = self.stack.path("redis", "appendonlydir")
        with open(os.path.join(folder, "appendonly.aof.manifest"),
                  encoding="utf-8") as f:
            names = [line.split()[1] for line in f
                     if line.rstrip().endswith("type i")]
        path = os.path.join(folder, names[-1])
        return path, os.path.getsize(path)

    def mark(self):
        """All that was answered is in the file: remember where it ends."""
        self.started.wait(30)
        self.lock.acquire()
        self.marking = True
        try:
            # everything that stood in a socket when the first was sent has
            # been executed, written and answered when the second comes back
            for _ in range(2):
                self.store.ping()
            self.marked = self.aof()
        except (OSError, redis.RedisError) as exc:
            self.trouble = f"no mark: {exc}"

    def lose_redis(self, cut, also=None):
        """Kill Redis; keep the share `cut` of what nobody has seen."""
        try:
            if also:
                also()
            self.stack.kill("redis")
            path, size = self.aof()
            if self.marked and self.marked[0] == path:
                keep = self.marked[1] + round((size - self.marked[1]) * cut)
                self.cut = [size - self.marked[1], size - keep]
                os.truncate(path, keep)
            self.stack.start_redis()
        except Exception as exc:  # pylint: disable=broad-except
            self.trouble = f"Redis did not come back: {exc}"
        finally:
            self.marked = None
            if self.marking:
                self.marking = False
                self.lock.release()
            self.lost.set()

    def strike(self, rnd, kind):
        """(victim, mode, strike, mark) drawn for a run."""
        victim = rnd.choice(("worker", "worker", "redis", "both"))
        mode = rnd.choice(("before", "after"))
        # half of the losses tear a record, the others lose or keep it whole
        cut = rnd.choice((0.0, 1.0, rnd.random(), rnd.random()))
        self.marked = self.cut = self.trouble = None
        self.marking = False
        self.lost.clear()
        if victim == "worker":
            return victim, mode, self.kill_worker, None
        also = self.kill_worker if victim == "both" else None
        if kind == "aws":
            return victim, mode, lambda: self.lose_redis(1.0, also), None
        return victim, "cut", lambda: self.lose_redis(cut, also), self.mark

    # -- a run -------------------------------------------------------------------

    def operator(self, *args):
        """A function of the store, as from redis-cli; waits out outages."""
        end = time.monotonic() + 60
        while True:
            with self.lock:
                text = self.stack.redis_cli("--raw", "FCALL", args[0], "1",
                                            PREFIX, *args[1:])
            if "onnect" not in text and "LOADING" not in text \
                    and "closed" not in text:
                return text
            if time.monotonic() > end:
                raise AssertionError(f"{args[0]}: {text}")
            time.sleep(0.05)

    def progress(self, execution):
        """(versions, status, results): what a run changes as it goes on; None
        while Redis is away. What Redis may lose yet is not looked at."""
        base = f"{PREFIX}:exec:{execution}"
        with self.lock:
            try:
                status, out, *vers = self.store.hmget(
                    base, "status", "out", "ver")
                vers += [self.store.hget(f"{base}:u:{unit}", "ver") for unit
                         in sorted(self.store.smembers(f"{base}:units"))]
                vers.append(self.store.hget(f"{base}:term", "at"))
            except redis.RedisError:
                return None
        return vers, status, out or ""

    def settle(self, execution, done, text):
        """Wait, with a worker that lives, until done(status, results)."""
        began = changed = time.monotonic()
        last = None
        while time.monotonic() < min(changed + SETTLE_S, began + LIMIT_S):
            if self.trouble:
                raise Harness(self.trouble)
            if self.stack.pid("worker") is None:
                self.stack.start_worker()
            now = self.progress(execution)
            if now is not None:
                if done(*now[1:]):
                    return
                if now != last:
                    last, changed = now, time.monotonic()
            time.sleep(0.03)
        raise AssertionError(
            f"{execution}: {last and last[1]}, {text}, unchanged for "
            f"{time.monotonic() - changed:.0f} s")

    def await_status(self, execution, wanted):
        """Wait for one of these statuses, or the end."""
        self.settle(execution, lambda status, _: status in wanted
                    or status in TERMINAL, f"not {wanted}")

    def act(self, world, work):
        """From the start to the end of a run; the execution's detail."""
        self.started.clear()
        text = self.operator("drs_start", work.plan, "DRILL", "chaos")
        self.started.set()
        command, execution = judge.ids(text)
        work.commands.append(command)
        work.execution = execution
        for pause in work.pauses:
            self.await_status(execution, ("PAUSED",))
            self.resume(world, execution, pause)
        if work.cancel:
            self.await_status(execution, ("POLLING",))
            work.cancelled_at = time.time()
            text = self.operator("drs_cancel", execution, "chaos")
            assert "accepted" in text or "TERMINAL" in text.upper() \
                or "NOT_CANCELLABLE" in text, text
        self.await_status(execution, TERMINAL)
        if work.terminate:
            text = self.operator("drs_terminate", execution, "chaos")
            work.commands.append(judge.ids(text)[0])
            self.await_terminated(execution)
        return wait_for(lambda: self.detail(world, execution),
                        "detail of the execution", 60)

    def resume(self, world, execution, pause):
        """Through the API; the answer may be lost with Redis or worker."""
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            if self.stack.pid("worker") is None:
                self.stack.start_worker()
            try:
                status, body = world.try_api(
                    "POST", f"/executions/{execution}/resume", {})
            except OSError as exc:
                status, body = 0, str(exc)
            if status == 200 or "EXECUTION_NOT_PAUSED" in str(body):
                return
            time.sleep(0.1)
        raise AssertionError(f"resume before wave {pause}: {status} {body}")

    def await_terminated(self, execution):
        """Until the flag is set by the worker."""
        self.settle(execution, lambda _, out:
                    '"instancesTerminated":true' in out,
                    "instances not terminated")

    @staticmethod
    def detail(world, execution):
        """The detail, once it can be read."""
        status, body = world.try_api("GET", f"/executions/{execution}")
        return body if status == 200 else None

    def prepare(self, load, rnd):
        """Servers, groups, plan and faults of a run."""
        try:
            world = World(self.stack)
            return world, workload.build(load, world, rnd)
        except Exception as exc:
            raise Harness(f"no plan: {exc}") from exc

    def measure(self, load, shape):
        """Steps of a run that nothing disturbs: {step: requests}."""
        key = (load, shape)
        if key not in self.steps:
            rnd = random.Random(f"{load} {shape}")
            world, work = self.prepare((load, shape), rnd)
            self.redis.count()
            self.aws.count()
            problems = []
            try:
                body = self.act(world, work)
                seen = {**self.redis.disarm(), **self.aws.disarm()}
                judge.judge(self, world, work, body, problems)
            except (AssertionError, StackError) as exc:
                problems.append(str(exc))
            except (OSError, redis.RedisError) as exc:
                raise Harness(f"no answer: {exc}") from exc
            work.over()
            if problems:
                return problems
            Lane.steps[key] = seen
        return None

    def run(self, seed, load):
        """One crash run; a dict of what happened and what is wrong."""
        rnd = random.Random(f"{load}-{seed}")
        shape = workload.shape(load, rnd)
        self.runs += 1
        result = {"seed": seed, "load": load, "shape": shape, "problems": []}
        problems = self.measure(load, shape)
        if problems:
            result["problems"] = ["without a strike: " + p for p in problems]
            return result
        world, work = self.prepare((load, shape), rnd)
        seen = self.steps[(load, shape)]
        kind = rnd.choice(("redis", "redis", "redis", "redis", "aws"))
        table = {s: w for s, w in (STEPS if kind == "redis" else
                                   CALLS).items() if seen.get(s)}
        step = rnd.choices(list(table), list(table.values()))[0]
        nth = rnd.randint(1, seen[step])
        victim, mode, strike, mark = self.strike(rnd, kind)
        result.update(victim=victim, mode=mode, step=step, nth=nth)
        proxy = self.redis if kind == "redis" else self.aws
        proxy.arm(step, nth, mode, strike, mark)
        try:
            body = self.act(world, work)
            result["execution"] = work.execution
            proxy.disarm()
            result["struck"] = proxy.struck
            if proxy.struck and victim != "worker":
                # a late strike may just be killing Redis
                self.lost.wait(60)
            result["cut"] = self.cut
            judge.judge(self, world, work, body, result["problems"])
        except (AssertionError, StackError) as exc:
            result["execution"] = work.execution
            result["struck"] = proxy.struck
            result["problems"].append(str(exc)[:2000])
        except (OSError, redis.RedisError) as exc:
            # simulator, Redis or nginx do not answer the harness
            if self.stack.pid("nginx") is not None:
                raise Harness(f"no answer: {exc}") from exc
            result["problems"].append(f"nginx is gone: {exc}")
        finally:
            proxy.disarm()
        if result["problems"]:
            result["state"] = stall.dump(self, work, os.path.join(
                TOP, "build", "chaos", f"{load}-{seed}"))
        work.over()
        return result

    def worn(self):
        """Whether the stack has seen enough accounts."""
        return self.runs >= RUNS_PER_STACK
