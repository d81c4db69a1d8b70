#!/usr/bin/python3
"""Benchmarks: ratios measured in one run, in build/bench/summary.json.

group_read_vs_return_200: one protection group read with a cached token
(JWT check, permission, Redis, answer) beside nginx's own `return 200` with
a body of the same size, same listener, same connections; the two take
turns, the figure is the ratio of the medians in requests per second.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system"):
    sys.path.insert(0, os.path.join(TOP, _p))

from stack import Stack  # noqa: E402
from world import World  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = 32


def wrk(url, token=None):
    """Requests per second and p99 in ms of one wrk run."""
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency",
            url]
    if token:
        argv += ["-H", "Authorization: Bearer " + token]
    text = subprocess.run(argv, capture_output=True, text=True,
                          check=True).stdout
    if "Non-2xx" in text:
        raise RuntimeError(url + ": " + text)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def main():
    """Run every row; print and store the summary."""
    run_dir = tempfile.mkdtemp(prefix="drs-bench-")
    stack = Stack(run_dir, speed=300)
    try:
        stack.up()
        world = World(stack)
        group = world.group("bench", world.fleet(10))
        url = f"{stack.url}/protection-groups/{group}"
        size = len(json.dumps(world.api("GET", f"/protection-groups/{group}"),
                              separators=(",", ":")))
        stack.nginx_location = ('location = /bench-200 { default_type '
                                'application/json; return 200 "'
                                + "x" * size + '"; }')
        stack.stop("nginx")
        stack.start_nginx()
        ours, base = [], []
        for _ in range(ROUNDS):
            base.append(wrk(stack.origin + "/bench-200"))
            ours.append(wrk(url, world.admin))
        row = {
            "ratio": statistics.median(r for r, _ in ours)
            / statistics.median(r for r, _ in base),
            "requests_per_s": statistics.median(r for r, _ in ours),
            "baseline_requests_per_s": statistics.median(
                r for r, _ in base),
            "p99_ms": statistics.median(p for _, p in ours),
            "baseline_p99_ms": statistics.median(p for _, p in base),
            "body_bytes": size, "connections": CONNECTIONS,
            "rounds": ROUNDS, "seconds": SECONDS}
    finally:
        stack.down()
        shutil.rmtree(run_dir, ignore_errors=True)
    out = os.path.join(TOP, "build", "bench")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "summary.json"), "w",
              encoding="utf-8") as f:
        json.dump({"group_read_vs_return_200": row}, f, indent=2)
        f.write("\n")
    print(f"group_read_vs_return_200: {row['ratio']:.2f} "
          f"({row['requests_per_s']:.0f} against "
          f"{row['baseline_requests_per_s']:.0f} requests/s; p99 "
          f"{row['p99_ms']:.1f} against {row['baseline_p99_ms']:.1f} ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
