#!/usr/bin/python3
"""Crash runs: run.py --runs N --seed S [--lanes L].

Run i has the seed S + i. Prints every run with a problem and a closing
count; results as JSON lines in build/chaos/. Exit code 0: no problem.
"""

import argparse
import json
import os
import queue
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lane import TOP, Lane  # noqa: E402


def campaign(runs, first_seed, lanes, report=None):
    """Do the runs on several stacks side by side; the list of results."""
    seeds = queue.Queue()
    for i in range(runs):
        seeds.put(first_seed + i)
    results = []
    errors = []
    lock = threading.Lock()

    def work():
        lane = None
        try:
            while True:
                try:
                    seed = seeds.get_nowait()
                except queue.Empty:
                    return
                if lane is None:
                    lane = Lane()
                result = lane.run(seed)
                with lock:
                    results.append(result)
                    if report:
                        report(result, len(results))
                if result["problems"]:
                    # a fresh stack for what follows
                    lane.close()
                    lane = None
        except Exception as exc:  # pylint: disable=broad-except
            with lock:
                errors.append(repr(exc))
        finally:
            if lane is not None:
                lane.close()

    threads = [threading.Thread(target=work) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise RuntimeError("; ".join(errors))
    return results


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=4)
    args = parser.parse_args()
    out = os.path.join(TOP, "build", "chaos")
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, f"runs-{args.seed}-{args.runs}.jsonl")
    with open(path, "w", encoding="utf-8") as log:
        def report(result, count):
            log.write(json.dumps(result) + "\n")
            log.flush()
            if result["problems"]:
                print(f"seed {result['seed']}: {result['problems']}",
                      flush=True)
            elif count % 25 == 0:
                print(f"{count} runs", flush=True)

        results = campaign(args.runs, args.seed, args.lanes, report)
    struck = sum(1 for r in results if r.get("struck"))
    bad = sum(1 for r in results if r["problems"])
    print(f"chaos: {len(results)} runs, {struck} struck, "
          f"{len(results) - struck - bad} not reached, {bad} with problems "
          f"({os.path.relpath(path, TOP)})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
