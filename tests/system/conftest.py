"""Fixtures of the system tests: one real stack per test process."""

import os
import shutil
import sys
import tempfile

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/simulator", "tests/system"):
    sys.path.insert(0, os.path.join(TOP, _p))

from receiver import webhook_options  # noqa: E402
from silence import assert_silent  # noqa: E402
from stack import Stack  # noqa: E402
from world import World  # noqa: E402

SPEED = 1500.0
PAGE_SIZE = 25

# which acceptance scenarios run with pages of one element: all of them in
# `make scenarios` (DRS_PAGES=1, or both), these in every run of the tests
PAGES = os.environ.get("DRS_PAGES", "")
PAGED = ("test_scenario_01", "test_scenario_12_answer_lost",
         "test_scenario_15_foreign_job_refuses", "test_scenario_18",
         "test_scenario_20", "test_scenario_21_answer_lost",
         "test_scenario_22", "test_scenario_25")


def pytest_generate_tests(metafunc):
    """Scenario tests get the page size of the simulated AWS."""
    name = metafunc.function.__name__
    if "page_size" not in metafunc.fixturenames \
            or not name.startswith("test_scenario_"):
        return
    sizes = {"1": [1], "both": [PAGE_SIZE, 1]}.get(PAGES)
    if sizes is None and name.startswith(PAGED):
        sizes = [PAGE_SIZE, 1]
    if sizes:
        metafunc.parametrize("page_size", sizes, indirect=True,
                             ids=[f"pages of {n}" for n in sizes])


@pytest.fixture
def page_size(request):
    """Largest page of any list of the simulated AWS."""
    return getattr(request, "param", PAGE_SIZE)


@pytest.fixture
def make_stack(page_size):
    """A factory of private stacks: make_stack(**options) -> Stack (up)."""
    stacks = []

    def make(up=True, **options):
        options.setdefault("speed", SPEED)
        options.setdefault("page_size", page_size)
        run_dir = tempfile.mkdtemp(prefix="drs-test-")
        stack = Stack(run_dir, **options)
        stacks.append(stack)
        if up:
            stack.up()
        return stack

    yield make
    errors = []
    for stack in stacks:
        try:
            stack.down()
            assert_silent(stack)
        except Exception as exc:  # pylint: disable=broad-except
            errors.append(exc)
        finally:
            for name, pid in stack.status():
                if pid:
                    stack.kill(name)
            shutil.rmtree(stack.dir, ignore_errors=True)
    if errors:
        raise errors[0]


@pytest.fixture(scope="session")
def shared_stack():
    """One stack for all tests of this process."""
    run_dir = tempfile.mkdtemp(prefix="drs-test-")
    # receivers of webhooks in tests are on this machine
    stack = Stack(run_dir, speed=SPEED, worker_options=webhook_options(run_dir))
    try:
        stack.up()
        yield stack
        stack.down()
        assert_silent(stack)
    finally:
        for name, pid in stack.status():
            if pid:
                stack.kill(name)
        shutil.rmtree(run_dir, ignore_errors=True)


@pytest.fixture
def stack(shared_stack, page_size):
    """The shared stack, whole and without faults."""
    well(shared_stack, page_size)
    yield shared_stack
    well(shared_stack, PAGE_SIZE)


def well(shared, pages):
    """Everything runs, nothing is disturbed."""
    shared.up()
    shared.sim("DELETE", "/_sim/faults")
    shared.sim("POST", "/_sim/thaw", {})
    shared.sim("POST", "/_sim/settings", {"pageSize": pages})


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return World(stack)
