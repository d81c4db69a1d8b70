#!/usr/bin/python3
"""Crash runs: run.py --runs N --seed S [--w6 M] [--lanes L].

N runs of W1 and M of W6 (workload.py); run i has the seed S + i. Prints every
run with a problem, and at the end how often each persisted step was struck.
Results as JSON lines in build/chaos/. Exit code 0: no problem.

What is wrong with the product is never tried again. A stack that does not
come up, or a plan that cannot be made before the run, is the harness's
trouble: the run is done on a fresh stack, at most twice more.
"""

import argparse
import collections
import json
import os
import queue
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lane import CALLS, STEPS, TOP, Harness, Lane  # noqa: E402

TRIES = 3


class Campaign:
    """Runs on several stacks side by side."""

    def __init__(self, runs, report=None):
        self.seeds = queue.Queue()
        for run in runs:
            self.seeds.put(run)
        self.results = []
        self.troubles = []
        self.errors = []
        self.report = report
        self.lock = threading.Lock()

    def one(self, lane, seed, load):
        """(lane, result) of one run, on a fresh stack where needed."""
        for attempt in range(TRIES):
            try:
                if lane is None:
                    lane = Lane()
                return lane, lane.run(seed, load)
            except Harness as exc:
                with self.lock:
                    self.troubles.append(f"seed {seed}: {exc}")
                if lane is not None:
                    lane.close()
                    lane = None
                if attempt == TRIES - 1:
                    raise
        return lane, None

    def work(self):
        """What one lane does until nothing is left."""
        lane = None
        try:
            while True:
                try:
                    seed, load = self.seeds.get_nowait()
                except queue.Empty:
                    return
                lane, result = self.one(lane, seed, load)
                with self.lock:
                    self.results.append(result)
                    if self.report:
                        self.report(result, len(self.results))
                if result["problems"] or lane.worn():
                    # a fresh stack for what follows
                    lane.close()
                    lane = None
        except Exception as exc:  # pylint: disable=broad-except
            with self.lock:
                self.errors.append(repr(exc))
        finally:
            if lane is not None:
                lane.close()

    def run(self, lanes):
        """Do it all; the list of results."""
        threads = [threading.Thread(target=self.work) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for text in self.troubles:
            print("harness: " + text, flush=True)
        if self.errors:
            raise RuntimeError("; ".join(self.errors))
        return self.results


def plan(w1, w6, first_seed):
    """(seed, load) of all runs, the few of W6 spread among the others."""
    total = w1 + w6
    runs = []
    for i in range(total):
        wanted = (i + 1) * w6 // total
        done = i * w6 // total
        runs.append((first_seed + i, "W6" if wanted > done else "W1"))
    return runs


def campaign(w1, first_seed, lanes, w6=0, report=None):
    """Do the runs; the list of results."""
    return Campaign(plan(w1, w6, first_seed), report).run(lanes)


def coverage(results):
    """Text about how often each step was struck, and by what."""
    struck = collections.Counter(
        (r["step"], r["victim"]) for r in results if r.get("struck"))
    victims = ("worker", "redis", "both")
    lines = [f"{'step':<30}" + "".join(f"{v:>8}" for v in victims)]
    never = []
    seen = {step for steps in Lane.steps.values() for step in steps}
    for step in list(STEPS) + list(CALLS):
        counts = [struck[(step, v)] for v in victims]
        lines.append(f"{step:<30}" + "".join(f"{c:>8}" for c in counts)
                     + ("" if step in seen else "  no step of these runs"))
        if step in seen and not sum(counts):
            never.append(step)
    cuts = [r["cut"] for r in results if r.get("cut")]
    lines.append(f"append-only file: {len(cuts)} losses of unanswered "
                 f"commands, {sum(1 for c in cuts if 0 < c[1] < c[0])} of "
                 f"them in the middle of a record, "
                 f"{sum(1 for c in cuts if c[0] and c[1] == c[0])} whole")
    lines.append("never struck: " + (", ".join(never) or "none"))
    return "\n".join(lines)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=900)
    parser.add_argument("--w6", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=4)
    args = parser.parse_args()
    out = os.path.join(TOP, "build", "chaos")
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, f"runs-{args.seed}-{args.runs + args.w6}.jsonl")
    with open(path, "w", encoding="utf-8") as log:
        def report(result, count):
            log.write(json.dumps(result) + "\n")
            log.flush()
            if result["problems"]:
                print(f"seed {result['seed']} {result['load']} "
                      f"{result['shape']}: {result['problems']}", flush=True)
            elif count % 25 == 0:
                print(f"{count} runs", flush=True)

        results = campaign(args.runs, args.seed, args.lanes, args.w6, report)
    struck = sum(1 for r in results if r.get("struck"))
    bad = sum(1 for r in results if r["problems"])
    print(coverage(results))
    print(f"chaos: {len(results)} runs, {struck} struck, "
          f"{len(results) - struck - bad} not reached, {bad} with problems "
          f"({os.path.relpath(path, TOP)})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
