"""The smoke of the crash lane: some runs in `make test`."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from run import campaign  # noqa: E402

RUNS = int(os.environ.get("DRS_CRASH_RUNS", "100"))
PARTS = 2
W6 = RUNS // PARTS // 10


# a second try would hide what this is for
@pytest.mark.flaky(reruns=0)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_launch_twice_nothing_lost(part):
    """Worker, Redis or both die at a step; nothing twice, nothing lost."""
    first = int(os.environ.get("DRS_CRASH_SEED", "1"))
    first += part * RUNS
    results = campaign(RUNS // PARTS - W6, first, 3, W6)
    struck = [r for r in results if r.get("struck")]
    bad = [r for r in results if r["problems"]]
    print(f"seeds from {first}: {len(results)} runs, {len(struck)} struck")
    assert not bad, bad
    assert len(results) == RUNS // PARTS
    assert len(struck) >= len(results) * 3 // 4
