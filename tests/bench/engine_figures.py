"""Figures of the engine's benchmark from runs, jobs and the call log."""

import collections
import heapq

QUOTA_JOBS = 20
QUOTA_SERVERS = 500
POLL_S = 5.0
# documented rates a minute and bursts (docs/aws.md)
RATES = {"StartRecovery": (10, 10), "TerminateRecoveryInstances": (20, 10),
         "DescribeJobs": (100, 50), "DescribeSourceServers": (100, 50)}


def cpu_s(pid):
    """CPU seconds of a process so far."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            v = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(v[11]) + int(v[12])) / 100


def peak_kib(pid):
    """Largest resident set of a process so far."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            for text in f:
                if text.startswith("VmHWM:"):
                    return int(text.split()[1])
    except OSError:
        pass
    return 0


def percentile(values, share):
    """Nearest-rank percentile, None of nothing."""
    if not values:
        return None
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


class Job:
    """A DRS job in simulated seconds."""

    def __init__(self, doc, speed):
        self.id = doc["jobID"]
        self.place = (doc["account"], doc["region"])
        self.servers = doc["sourceServerIds"]
        self.begin = doc["createdAt"] * speed
        self.end = (doc["endedAt"] or doc["createdAt"]) * speed
        self.seconds = self.end - self.begin


def critical_path(run, jobs):
    """Longest chain of waves, each as long as its longest job."""
    waves = run["waves"]
    length = [max([jobs[j].seconds for j in w["jobs"] if j in jobs],
                  default=0) for w in waves]
    if not any(w["deps"] for w in waves):
        return sum(length)
    done = {}

    def end(n):
        if n not in done:
            done[n] = length[n] + max((end(d) for d in waves[n]["deps"]),
                                      default=0)
        return done[n]

    return max(end(n) for n in range(len(waves)))


def quota_bound(jobs):
    """What the quotas of each account and Region allow at best."""
    places = collections.defaultdict(list)
    for job in jobs:
        places[job.place].append(job)
    return max((max(sum(j.seconds for j in v) / QUOTA_JOBS,
                    sum(j.seconds * len(j.servers) for j in v)
                    / QUOTA_SERVERS)
                for v in places.values()), default=0)


def without_delay(jobs):
    """Makespan of one place when each job begins the moment there is room, in
    the order in which they began: what an engine that reacts in no time would
    have made of the same jobs."""
    longest = 0
    places = collections.defaultdict(list)
    for job in sorted(jobs, key=lambda j: j.begin):
        places[job.place].append(job)
    for v in places.values():
        now, running, used = 0.0, [], 0
        for job in v:
            while len(running) >= QUOTA_JOBS \
                    or used + len(job.servers) > QUOTA_SERVERS:
                now, n = heapq.heappop(running)
                used -= n
            heapq.heappush(running, (now + job.seconds, len(job.servers)))
            used += len(job.servers)
            longest = max(longest, now + job.seconds)
    return longest


def wave_gaps(run, jobs):
    """End of what a wave waited for to its first job, in simulated s."""
    gaps = []
    waves = run["waves"]
    chain = not any(w["deps"] for w in waves)
    for n, wave in enumerate(waves):
        deps = ([n - 1] if n else []) if chain else wave["deps"]
        before = [jobs[j].end for d in deps for j in waves[d]["jobs"]
                  if j in jobs]
        mine = [jobs[j].begin for j in wave["jobs"] if j in jobs]
        if before and mine:
            gaps.append(min(mine) - max(before))
    return gaps


def room_gaps(jobs):
    """End of a job that others waited for to the next job in its place."""
    gaps = []
    places = collections.defaultdict(list)
    for job in jobs:
        places[job.place].append(job)
    for v in places.values():
        events = sorted([(j.begin, 1, j) for j in v]
                        + [(j.end, 0, j) for j in v],
                        key=lambda e: (e[0], e[1]))
        free, used, count = [], 0, 0
        for at, kind, job in events:
            if kind == 0:
                used -= len(job.servers)
                count -= 1
                free.append(at)
            else:
                used += len(job.servers)
                count += 1
                if free:
                    gaps.append(at - free.pop(0))
    return gaps


def over_budget(calls, speed):
    """Calls beyond the documented rates (which would be throttled)."""
    buckets, over = {}, 0
    for c in sorted(calls, key=lambda c: c["time"]):
        rule = RATES.get(c["operation"])
        if c["service"] != "drs" or rule is None:
            continue
        key = (c["account"], c["region"], c["operation"])
        tokens, at = buckets.get(key, (rule[1], c["time"]))
        tokens = min(rule[1],
                     tokens + (c["time"] - at) * speed * rule[0] / 60)
        if tokens < 1:
            over += 1
        else:
            tokens -= 1
        buckets[key] = (tokens, c["time"])
    return over


def call_figures(calls, speed, servers):
    """What the call log says."""
    count = collections.Counter(c["operation"] for c in calls)
    launches = [c for c in calls
                if c["operation"] == "StartRecovery" and c.get("applied")]
    often = collections.Counter(
        (c["account"], s["sourceServerID"])
        for c in launches for s in c["params"]["sourceServers"])
    return {
        "calls": dict(count.most_common()),
        "callsPerServer": round(len(calls) / servers, 3),
        "drsCallsPerServer": round(sum(
            c["service"] == "drs" for c in calls) / servers, 3),
        "quotaErrors": sum("ServiceQuotaExceeded" in (c.get("error") or "")
                           for c in calls),
        "conflictErrors": sum("Conflict" in (c.get("error") or "")
                              for c in calls),
        "throttlesCaused": sum(
            c["status"] == 429 and c.get("fault") is None for c in calls)
        + over_budget(calls, speed),
        "throttlesInjected": sum(c.get("fault") == "throttle" for c in calls),
        "lostAnswers": sum(c.get("fault") == "lost_response" for c in calls),
        "launchCalls": len(launches),
        "duplicates": sum(n - 1 for n in often.values())}


def evaluate(runs, jobs, calls, speed, servers):
    """All figures; times in simulated seconds."""
    known = {j["jobID"]: Job(j, speed) for j in jobs
             if j["type"] == "LAUNCH" and j["endedAt"]}
    mine = [known[j] for r in runs for w in r["waves"] for j in w["jobs"]
            if j in known]
    begin = min(r["startedAt"] for r in runs)
    makespan = (max(r["endedAt"] for r in runs) - begin) * speed / 1000
    paths = max(critical_path(r, known) for r in runs)
    quotas = quota_bound(mine)
    bound = max(paths, quotas)
    ideal = max(paths, without_delay(mine)) if len(runs) > 1 \
        or len(runs[0]["waves"]) == 1 else paths
    gaps = [g for r in runs for g in wave_gaps(r, known)] or room_gaps(mine)
    less = [max(0.0, g - POLL_S) for g in gaps]
    status = collections.Counter(r["status"] for r in runs)
    return {
        "runs": len(runs), "completion": dict(status),
        "launchedServers": sum(r["launched"] for r in runs),
        "jobs": len(mine), "makespan": round(makespan, 1),
        "criticalPath": round(paths, 1), "quotaBound": round(quotas, 1),
        "lowerBound": round(bound, 1),
        "ratio": round(makespan / bound, 4) if bound else None,
        "withoutDelay": round(ideal, 1),
        "ratioWithoutDelay": round(makespan / ideal, 4) if ideal else None,
        "gaps": len(gaps),
        "gapP50": gaps and round(percentile(less, 0.5), 2) or 0,
        "gapP99": gaps and round(percentile(less, 0.99), 2) or 0,
        "gapWithPollingP50": gaps and round(percentile(gaps, 0.5), 2) or 0,
        "gapWithPollingP99": gaps and round(percentile(gaps, 0.99), 2) or 0,
        **call_figures(calls, speed, servers)}


def problems(row):
    """What must not be."""
    found = []
    for name in ("duplicates", "quotaErrors", "throttlesCaused"):
        if row[name]:
            found.append(f"{name}: {row[name]}")
    bad = set(row["completion"]) - {"COMPLETED"}
    if bad and row["workload"] != "W6":
        found.append(f"ended {row['completion']}")
    return found


def long_waves(rows):
    """Sizes of W3 whose makespan is over 1.05 times the lower bound, as the
    mean of their draws: nobody knows beforehand how long a job takes, so a
    draw alone says more about the simulator's numbers than about the engine."""
    sizes = collections.defaultdict(list)
    for row in rows:
        if row["workload"].startswith("W3"):
            sizes[row["servers"]].append(row["ratio"])
    return [f"W3 with {size} servers: makespan is {sum(v) / len(v):.3f} x the "
            f"lower bound ({', '.join(f'{r:.3f}' for r in v)})"
            for size, v in sizes.items() if sum(v) / len(v) > 1.05]


def line(row):
    """One line for people."""
    return (f"{row['workload']:<8} {row['servers']} servers, "
            f"{row['runs']} runs, {row['jobs']} jobs: makespan "
            f"{row['makespan']:.0f} s, {row['ratio']:.3f} x lower bound, "
            f"{row['ratioWithoutDelay']:.3f} x without delay; gap p50 "
            f"{row['gapP50']:.1f} p99 {row['gapP99']:.1f} s; "
            f"{row['callsPerServer']:.2f} calls/server, quota errors "
            f"{row['quotaErrors']}, throttles {row['throttlesCaused']}, "
            f"duplicates {row['duplicates']}; CPU "
            f"{row['workerCpuMsPerServer']:.1f} ms/server, "
            f"{row['workerPeakMiB']:.0f} MiB; speed {row['speed']:.0f}, "
            f"{row['realSeconds']:.0f} s")


def table(rows):
    """The figures as a table for docs/benchmarks-engine.md."""
    head = ("| Workload | speed | runs, jobs, servers | ended | makespan s | "
            "lower bound s | ratio | without delay | gap p50 / p99 s | calls a "
            "server (DRS) | quota errors, throttles, duplicates | CPU ms a "
            "server | MiB | load |\n|" + "---|" * 14 + "\n")
    out = []
    for r in rows:
        ended = ", ".join(f"{n} {s}" for s, n in r["completion"].items())
        out.append(
            f"| {r['workload']} | {r['speed']:.0f} | {r['runs']}, {r['jobs']}, "
            f"{r['servers']} | {ended} | {r['makespan']:.0f} | "
            f"{r['lowerBound']:.0f} | {r['ratio']:.3f} | "
            f"{r['ratioWithoutDelay']:.3f} | {r['gapP50']:.1f} / "
            f"{r['gapP99']:.1f} | {r['callsPerServer']:.2f} "
            f"({r['drsCallsPerServer']:.2f}) | {r['quotaErrors']}, "
            f"{r['throttlesCaused']}, {r['duplicates']} | "
            f"{r['workerCpuMsPerServer']:.1f} | {r['workerPeakMiB']:.0f} | "
            f"{r['load']:.0f} |")
    return head + "\n".join(out) + "\n"
