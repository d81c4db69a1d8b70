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

from silence import assert_silent  # noqa: E402
from stack import Stack  # noqa: E402
from world import World  # noqa: E402

SPEED = 1500.0


@pytest.fixture
def make_stack():
    """A factory of private stacks: make_stack(**options) -> Stack (up)."""
    stacks = []

    def make(up=True, **options):
        options.setdefault("speed", SPEED)
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
    stack = Stack(run_dir, speed=SPEED)
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
def stack(shared_stack):
    """The shared stack, whole and without faults."""
    shared_stack.up()
    shared_stack.sim("DELETE", "/_sim/faults")
    shared_stack.sim("POST", "/_sim/thaw", {})
    yield shared_stack
    shared_stack.up()
    shared_stack.sim("DELETE", "/_sim/faults")
    shared_stack.sim("POST", "/_sim/thaw", {})


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return World(stack)
