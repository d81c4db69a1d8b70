"""One simulator process per pytest worker, reset before each test."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from simclient import Simulator  # noqa: E402
from simplace import Place  # noqa: E402


@pytest.fixture(scope="session")
def process():
    simulator = Simulator.start(speed=1000, page_size=10, check_outputs=True)
    yield simulator
    health = simulator.control("GET", "health")
    assert simulator.stop() == 0
    assert health["crashes"] == 0


@pytest.fixture
def sim(process):
    """The simulator, empty, with job time running 1,000-fold."""
    process.reset()
    process.speed(1000)
    before = process.control("GET", "health")["crashes"]
    yield process
    assert process.control("GET", "health")["crashes"] == before


@pytest.fixture
def place(sim):
    return Place(sim, 4, namePrefix="web", tags={"tier": "web"})


@pytest.fixture
def make_place(sim):
    def make(count, **server):
        return Place(sim, count, **server)
    return make
