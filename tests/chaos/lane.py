"""A lane of crash runs: one stack, one strike per run, one judge.

A run starts a plan of three waves, kills the worker (SIGKILL) at one exact
point, starts another worker and waits for the end. The simulator's call
log is the judge. Everything about a run follows from its seed.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system", "tests/chaos", "tests/simulator"):
    sys.path.insert(0, os.path.join(TOP, _p))

from proxy import Proxy  # noqa: E402
from stack import PREFIX, Stack, StackError, wait_for  # noqa: E402
from world import TERMINAL, World  # noqa: E402

# every function by which the worker persists a step
STEPS = ("drs_exec_create", "drs_exec_commit", "drs_unit_arm",
         "drs_unit_close", "drs_unit_fact", "drs_obs_put", "drs_cmd_begin",
         "drs_cmd_done", "drs_task_release")
# a loaded machine must not turn scaled deadlines into failed waves
LONG = {"deadlineMinutes": 10080}
SPEED = 3000.0
SETTLE_S = 150


class Lane:
    """One stack with proxies before Redis and before AWS."""

    def __init__(self, waves=(2, 2, 2)):
        self.dir = tempfile.mkdtemp(prefix="drs-chaos-")
        self.waves = waves
        self.stack = Stack(self.dir, speed=SPEED)
        self.stack.up(("redis", "simulator"))
        self.redis = Proxy(listen_path=os.path.join(self.dir, "proxy.sock"),
                           upstream_path=self.stack.redis_sock, words=STEPS)
        self.aws = Proxy(upstream_port=self.stack.sim_port,
                         words=("POST /StartRecovery",))
        self.stack.worker_options["redis"] = \
            f"unix:{self.redis.listen_path}"
        self.stack.worker_env["AWS_ENDPOINT_URL"] = \
            f"http://127.0.0.1:{self.aws.port}"
        self.stack.up()
        self.steps = 0

    def close(self):
        """Stop everything and remove the folder."""
        try:
            self.stack.down()
        except StackError:
            pass
        for name, pid in self.stack.status():
            if pid:
                self.stack.kill(name)
        self.redis.close()
        self.aws.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def kill_worker(self):
        """SIGKILL; called from a proxy's thread."""
        pid = self.stack.pid("worker")
        if pid:
            os.kill(pid, signal.SIGKILL)

    def launch(self):
        """Servers, groups and a plan of an account; (world, plan, servers)."""
        world = World(self.stack)
        plan, servers = world.simple_plan(self.waves, {
            i: dict(LONG) for i in range(len(self.waves))})
        return world, plan, [s for wave in servers for s in wave]

    def start(self, plan):
        """Start through redis-cli; the execution's id."""
        text = self.stack.redis_cli("--raw", "FCALL", "drs_start", "1",
                                    PREFIX, plan, "DRILL", "chaos")
        return self.execution_id(text)

    @staticmethod
    def execution_id(text):
        """The id after the word `execution` in an operator's answer."""
        words = text.replace(",", " ").replace(":", " ").split()
        for i, word in enumerate(words):
            if word.lower() == "execution" and i + 1 < len(words) \
                    and len(words[i + 1]) == 36:
                return words[i + 1]
        raise AssertionError("no execution id: " + text)

    def settle(self, world, execution):
        """Wait for the end of the run; its detail."""
        end = time.monotonic() + SETTLE_S
        body = None
        while time.monotonic() < end:
            if self.stack.pid("worker") is None:
                self.stack.start_worker()
            status, body = world.try_api("GET", f"/executions/{execution}")
            if status == 200 and body["status"] in TERMINAL:
                return body
            time.sleep(0.1)
        raise AssertionError(f"{execution} does not end: {body}")

    def run(self, seed):
        """One crash run; a dict of what happened and what is wrong."""
        rnd = random.Random(seed)
        if not self.steps:
            self.measure_steps()
        world, plan, servers = self.launch()
        kind = rnd.choice(("redis", "redis", "redis", "aws"))
        mode = rnd.choice(("before", "after"))
        proxy = self.redis if kind == "redis" else self.aws
        target = rnd.randint(1, self.steps if kind == "redis"
                             else len(self.waves))
        proxy.arm(target, mode, self.kill_worker)
        result = {"seed": seed, "kind": kind, "mode": mode,
                  "target": target, "problems": []}
        try:
            execution = self.start(plan)
            result["execution"] = execution
            body = self.settle(world, execution)
            result["struck"] = proxy.struck
            proxy.disarm()
            self.judge(world, body, servers, result["problems"])
        except (AssertionError, StackError) as exc:
            result["problems"].append(str(exc)[:2000])
        finally:
            proxy.disarm()
        return result

    def measure_steps(self):
        """Count the persisted steps of a run that nothing disturbs."""
        world, plan, servers = self.launch()
        self.redis.arm(0, None, None)
        body = self.settle(world, self.start(plan))
        self.steps = self.redis.disarm()
        problems = []
        self.judge(world, body, servers, problems)
        if problems or self.steps < 10:
            raise StackError(f"a run without a strike: {problems}, "
                             f"{self.steps} steps")

    def judge(self, world, body, servers, problems):
        """Nothing twice, nothing lost, nothing left behind."""
        if body["status"] != "COMPLETED":
            problems.append(f"ended {body['status']}: "
                            f"{body.get('errorMessage')}")
        launched = {}
        for call in world.launches():
            for server in call["params"]["sourceServers"]:
                sid = server["sourceServerID"]
                launched[sid] = launched.get(sid, 0) + 1
        for sid in servers:
            if launched.get(sid, 0) != 1:
                problems.append(f"{sid} launched {launched.get(sid, 0)} times")

        def quiet():
            left = []
            if self.redis_int("XLEN", "cmd"):
                left.append("commands unfinished")
            if self.redis_int("HLEN", f"claim:srv:{world.account}:"
                                      f"{world.region}"):
                left.append("servers still claimed")
            if self.redis_int("EXISTS", f"claim:plan:{body['planId']}"):
                left.append("plan still claimed")
            quiet.left = left
            return not left

        try:
            if self.stack.pid("worker") is None:
                self.stack.start_worker()
            wait_for(quiet, "a quiet store", 60)
        except StackError:
            problems.extend(quiet.left)
        if self.redis_int("XLEN", "cmd:dead"):
            problems.append("dead commands")

    def redis_int(self, command, key):
        """An integer answer of the real Redis about one of our keys."""
        text = self.stack.redis_cli("--raw", command, f"{PREFIX}:{key}")
        return int(text.strip() or 0)
