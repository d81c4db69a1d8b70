"""The smoke of the crash lane: some runs in `make test`."""

import os
import random
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from run import campaign  # noqa: E402

RUNS = int(os.environ.get("DRS_CRASH_RUNS", "100"))
PARTS = 2


# a second try would hide what this is for
@pytest.mark.flaky(reruns=0)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_launch_twice_nothing_lost(part):
    """Kill the worker at a persisted step; nothing twice, nothing lost."""
    first = int(os.environ.get("DRS_CRASH_SEED",
                               random.SystemRandom().randrange(10**6)))
    first += part * RUNS
    results = campaign(RUNS // PARTS, first, 3)
    struck = [r for r in results if r.get("struck")]
    bad = [r for r in results if r["problems"]]
    print(f"seeds from {first}: {len(results)} runs, {len(struck)} struck")
    assert not bad, bad
    assert len(results) == RUNS // PARTS
    assert len(struck) >= len(results) * 3 // 4
