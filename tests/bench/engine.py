#!/usr/bin/python3
"""Benchmark of the engine against the simulated AWS: build/bench/engine/.

    make bench-engine            all workloads
    make bench-engine W=W3,W6    some of them
    BENCH_SPEED=10               simulated seconds in a second, for all

docs/benchmarks-engine.md says what is measured and how.
"""

import concurrent.futures
import json
import os
import shutil
import signal
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system", "tests/bench"):
    sys.path.insert(0, os.path.join(TOP, _p))

import redis  # noqa: E402

import engine_figures as figures  # noqa: E402
from stack import PREFIX, Stack  # noqa: E402
from world import TERMINAL, World  # noqa: E402

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1",
           "eu-central-1")
PAGE = 200
OUT = os.path.join(TOP, "build", "bench", "engine")


class Bench:
    """One stack for one workload, and what it did."""

    current = None

    def __init__(self, name, speed, limit_s, workers=1, **options):
        self.name = name
        self.speed = float(os.environ.get("BENCH_SPEED", speed))
        self.limit_s = limit_s
        self.dir = tempfile.mkdtemp(prefix=f"drs-bench-{name}-")
        settings = {"threads": "8", "max_jobs_reserve": "0", **options}
        self.stack = Stack(self.dir, speed=self.speed, page_size=PAGE,
                           worker_options=settings)
        Bench.current = self
        self.stack.up()
        for n in range(1, workers):
            self.stack.start_worker(f"worker{n}")
        self.worlds = []
        self.runs = []
        self.cpu_of_dead = 0.0
        self.memory_of_dead = 0
        self.notes = {}
        self.cpu0 = None
        self.counted_from = None

    # -- setting up ----------------------------------------------------------

    def world(self):
        """One more account."""
        self.worlds.append(World(self.stack))
        return self.worlds[-1]

    def redis(self, *args):
        """Lines of a redis-cli call."""
        return self.stack.redis_cli("--raw", *args).strip().split("\n")

    def parallel(self, function, items, threads=8):
        """Results of function for each item, side by side."""
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(pool.map(function, items))

    # -- running -------------------------------------------------------------

    def begin(self):
        """From here on everything counts."""
        self.settle()
        self.calls_from = self.stack.sim("GET", "/_sim/calls?since=0")["next"]
        while True:
            page = self.stack.sim("GET",
                                  f"/_sim/calls?since={self.calls_from}")
            if page["next"] == self.calls_from:
                break
            self.calls_from = page["next"]
        self.cpu0 = self.cpu()
        self.wall0 = time.time()

    def count_from(self, at_ms):
        """The makespan counts from here (store's clock)."""
        self.counted_from = at_ms

    def settle(self):
        """The first scans are over."""
        last = None
        while True:
            seen = self.stack.sim("GET", "/_sim/health")["calls"]
            if seen == last:
                return
            last = seen
            time.sleep(0.5)

    def pids(self):
        """Process ids of the workers."""
        return [self.stack.pid(n) for n in self.stack.workers()]

    def cpu(self):
        """CPU seconds of all workers, dead ones included."""
        return self.cpu_of_dead + sum(figures.cpu_s(p) for p in self.pids())

    def memory(self):
        """Largest resident set of a worker, in MiB."""
        return max([self.memory_of_dead]
                   + [figures.peak_kib(p) for p in self.pids()]) / 1024

    def kill_worker(self, name):
        """SIGKILL, and a new one at once."""
        pid = self.stack.pid(name)
        self.cpu_of_dead += figures.cpu_s(pid)
        self.memory_of_dead = max(self.memory_of_dead, figures.peak_kib(pid))
        self.stack.kill(name, signal.SIGKILL)
        self.stack.start_worker(name)

    def field(self, run, *names):
        """Header fields of an execution."""
        return self.redis("HMGET", f"{PREFIX}:exec:{run}", *names)

    def wait(self, status=TERMINAL, watch=None):
        """Until every run has such a status."""
        end = time.monotonic() + self.limit_s
        left = list(self.runs)
        while left:
            if watch:
                watch()
            left = [r for r in left if self.field(r, "status")[0]
                    not in status]
            if time.monotonic() > end:
                raise RuntimeError(
                    f"{self.name}: {len(left)} of {len(self.runs)} runs are "
                    f"not {status} after {self.limit_s} s; the first is "
                    + self.field(left[0], "status")[0])
            time.sleep(0.2)

    # -- results -------------------------------------------------------------

    def calls(self):
        """The call log since begin()."""
        found, since = [], self.calls_from
        while True:
            page = self.stack.sim("GET", f"/_sim/calls?since={since}")
            if not page["calls"]:
                return found
            found += page["calls"]
            since = page["next"]

    def runs_data(self):
        """What figures.py needs to know of the runs."""
        data = []
        for run in self.runs:
            status, begun, ended, launched = self.field(
                run, "status", "startedAt", "endedAt", "launched")
            doc = json.loads(self.field(run, "doc")[0])
            waves = []
            count = int(self.field(run, "wavesTotal")[0])
            for n in range(count):
                wave = json.loads(self.redis(
                    "HGET", f"{PREFIX}:exec:{run}:w:{n}", "doc")[0])
                waves.append({"deps": wave.get("dependsOnWaves") or [],
                              "jobs": []})
            for unit in self.redis("SMEMBERS", f"{PREFIX}:exec:{run}:units"):
                jobs = self.redis("HGET", f"{PREFIX}:exec:{run}:u:{unit}",
                                  "jobs")[0].split()
                if jobs:
                    waves[int(unit.split("-")[0])]["jobs"] += jobs
            data.append({"id": run, "status": status, "waves": waves,
                         "startedAt": int(self.counted_from or begun), "endedAt": int(ended),
                         "launched": int(launched),
                         "parallel": doc["plan"].get("maxParallelWaves", 1)})
        return data

    def result(self, servers):
        """All figures of the workload; also to a file."""
        wall = time.time() - self.wall0
        cpu = self.cpu() - self.cpu0
        row = {"workload": self.name, "speed": self.speed,
               "pageSize": PAGE, "servers": servers,
               "realSeconds": round(wall, 1),
               "load": os.getloadavg()[0], "cores": os.cpu_count(),
               "workerCpuSeconds": round(cpu, 2),
               "workerCpuMsPerServer": round(1000 * cpu / servers, 2),
               "workerPeakMiB": round(self.memory(), 1), **self.notes}
        row.update(figures.evaluate(
            self.runs_data(), self.stack.sim("GET", "/_sim/jobs")["jobs"],
            self.calls(), self.speed, servers))
        os.makedirs(OUT, exist_ok=True)
        with open(os.path.join(OUT, self.name + ".json"), "w",
                  encoding="utf-8") as f:
            json.dump(row, f, indent=2)
            f.write("\n")
        return row

    def close(self):
        """Stop everything."""
        keep = os.environ.get("BENCH_KEEP")
        self.stack.down()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)


# -- workloads -------------------------------------------------------------------


def chain(bench, waves, size, **wave):
    """A plan of groups one after the other in one account."""
    world = bench.world()
    ids = world.fleet(waves * size)
    groups = [world.group(f"g{n}", ids[n * size:(n + 1) * size])
              for n in range(waves)]
    return world, ids, world.plan("chain", [
        {"protectionGroupId": g, **wave} for g in groups])


def w1():
    """3 tiers of 10 servers."""
    bench = Bench("W1", 20, 300)
    world, ids, plan = chain(bench, 3, 10)
    bench.begin()
    bench.runs = [world.start(plan)]
    bench.wait()
    return bench, len(ids)


def w2():
    """10 waves of 50 servers."""
    bench = Bench("W2", 30, 600)
    world, ids, plan = chain(bench, 10, 50)
    bench.begin()
    bench.runs = [world.start(plan)]
    bench.wait()
    return bench, len(ids)


def w3(size, draw=""):
    """One wave of many servers in one account and Region; a draw is the same
    with jobs of other lengths."""
    bench = Bench(f"W3-{size}{draw}", 10, 900)
    world = bench.world()
    world.fleet(size, tags={"bench": "w3"})
    plan = world.plan("large", [world.group("all", tags={"bench": "w3"})])
    bench.begin()
    bench.runs = [world.start(plan)]
    bench.wait()
    return bench, size


def w4():
    """200 plans of 2 servers at once in one account and Region."""
    bench = Bench("W4", 20, 900)
    world = bench.world()
    ids = world.fleet(400)
    plans = bench.parallel(
        lambda n: world.plan(f"p{n}", [world.group(
            f"g{n}", ids[2 * n:2 * n + 2])]), range(200))
    bench.begin()
    bench.runs = bench.parallel(world.start, plans)
    bench.wait()
    return bench, len(ids)


def w5():
    """60 groups in 6 layers over 10 accounts and 3 Regions."""
    bench = Bench("W5", 30, 900)
    worlds = [bench.world() for _ in range(10)]
    waves, size = [], 5
    for n in range(60):
        world, region = worlds[n % 10], REGIONS[n // 10 % 3]
        ids = world.fleet(size, name=f"s{n}", region=region)
        group = world.group(f"g{n}", ids, region=region)
        layer = n // 10
        deps = [] if layer == 0 else [
            10 * (layer - 1) + n % 10, 10 * (layer - 1) + (n + 3) % 10]
        waves.append({"protectionGroupId": group, "dependsOnWaves": deps})
    plan = worlds[0].plan("graph", waves, maxParallelWaves=20)
    bench.begin()
    bench.runs = [worlds[0].start(plan)]
    bench.wait()
    return bench, 60 * size


def w6():
    """W2 with failing servers, throttling, lost answers, killed workers."""
    bench = Bench("W6", 15, 1200, workers=2)
    world, ids, plan = chain(bench, 10, 50, failurePolicy="CONTINUE")
    failing = ids[::50]
    for server in failing:
        world.server(server, failNextLaunch=True)
    bench.begin()
    world.faults(
        {"service": "drs", "operation": "StartRecovery",
         "kind": "lost_response", "rate": 0.2},
        {"service": "drs", "kind": "throttle", "rate": 0.05,
         "retryAfter": 1})
    bench.runs = [world.start(plan)]
    state = {"wave": 0, "kills": 0}

    def watch():
        now = int(bench.field(bench.runs[0], "currentWave")[0] or 0)
        if now > state["wave"]:
            state["wave"] = now
            bench.kill_worker(f"worker{state['kills'] % 2 or ''}")
            state["kills"] += 1

    bench.wait(watch=watch)
    bench.notes = {"workerKills": state["kills"],
                   "failingServers": len(failing)}
    return bench, len(ids)


def w7():
    """500 executions that are paused for a month."""
    bench = Bench("W7", 10, 900, test_clock="on", pause_timeout="730d")
    places = [(bench.world(), region) for _ in range(5)
              for region in REGIONS]
    plans = []
    for world, region in places:
        ids = world.fleet(20, region=region, name=f"p-{region}")
        plans += bench.parallel(
            lambda n, world=world, region=region, ids=ids: (
                world, world.plan(f"p-{region}-{n}", [{
                    "protectionGroupId": world.group(
                        f"g-{region}-{n}", [ids[n]], region=region),
                    "pauseBeforeWave": True}])), range(20))
    bench.begin()
    bench.runs = bench.parallel(lambda p: p[0].start(p[1]), plans)
    bench.wait(status=("PAUSED",))
    begun, cpu, before = time.time(), bench.cpu(), len(bench.calls())
    month_ms = 30 * 86400 * 1000 / bench.speed
    for _ in range(30):
        bench.redis("INCRBY", f"{PREFIX}:test:offset", str(int(month_ms / 30)))
        time.sleep(1)
    paused = [r for r in bench.runs if bench.field(r, "status")[0] == "PAUSED"]
    bench.notes = {
        "pausedRuns": len(paused),
        "monthRealSeconds": round(time.time() - begun, 1),
        "monthCpuSeconds": round(bench.cpu() - cpu, 2),
        "monthLaunches": sum(c["operation"] == "StartRecovery"
                             for c in bench.calls()[before:])}
    resumed = time.time()
    # the commands of the API have deadlines by the clock that was not moved
    client = redis.Redis(unix_socket_path=bench.stack.redis_sock)
    pipe = client.pipeline(transaction=False)
    for run in bench.runs:
        pipe.fcall("drs_resume", 1, PREFIX, run, "bench", "month")
    pipe.execute()
    bench.notes["resumeAllRealSeconds"] = round(time.time() - resumed, 2)
    bench.count_from(resumed * 1000 + month_ms)
    bench.wait()
    return bench, len(bench.runs)


WORKLOADS = {"W1": [w1], "W2": [w2],
             "W3": [lambda: w3(500), lambda: w3(2000),
                    lambda: w3(2000, "-b"), lambda: w3(2000, "-c"),
                    lambda: w3(4000)],
             "W4": [w4], "W5": [w5], "W6": [w6], "W7": [w7]}


def main():
    """Run the chosen workloads; print a table and store the summary."""
    chosen = [w for w in os.environ.get("W", "").replace(",", " ").split()
              if w] or list(WORKLOADS)
    unknown = [w for w in chosen if w not in WORKLOADS]
    if unknown:
        print(f"unknown workload {unknown[0]}: there are "
              + ", ".join(WORKLOADS), file=sys.stderr)
        return 2
    rows, failed = [], 0
    for name in chosen:
        for workload in WORKLOADS[name]:
            try:
                bench, servers = workload()
                rows.append(bench.result(servers))
            finally:
                if Bench.current:
                    Bench.current.close()
                    Bench.current = None
            print(figures.line(rows[-1]), flush=True)
            failed += bool(figures.problems(rows[-1]))
            for text in figures.problems(rows[-1]):
                print("    " + text, flush=True)
    for text in figures.long_waves(rows):
        print(text, flush=True)
        failed += 1
    os.makedirs(OUT, exist_ok=True)
    with open(os.path.join(OUT, "summary.json"), "w", encoding="utf-8") as f:
        json.dump({r["workload"]: r for r in rows}, f, indent=2)
        f.write("\n")
    with open(os.path.join(OUT, "summary.md"), "w", encoding="utf-8") as f:
        f.write(figures.table(rows))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
