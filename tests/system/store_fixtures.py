"""Fixtures of the tests of the store: pytest_plugins = ("store_fixtures",)."""

import pytest

from redis_server import RedisServer
from store_calls import Store


@pytest.fixture(scope="module")
def store_server():
    """A Redis with the function library and its test clock."""
    with RedisServer() as server:
        server.load_library()
        yield server


@pytest.fixture
def store(store_server):
    """An empty data set."""
    client = store_server.client()
    client.flushall()
    yield Store(store_server)
    client.close()
