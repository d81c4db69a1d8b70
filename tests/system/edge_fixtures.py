"""Fixtures of the tests of the module alone."""

import json
import threading

import pytest

from edge import Edge, Keys
from redis_server import RedisServer

PREFIX = "{drs}"


@pytest.fixture(scope="session", name="keys")
def fixture_keys():
    """An issuer."""
    return Keys()


@pytest.fixture(scope="module", name="redis_server")
def fixture_redis_server():
    """A Redis with the function library."""
    with RedisServer() as server:
        server.load_library()
        yield server


@pytest.fixture(scope="module", name="edge")
def fixture_edge(redis_server, keys):
    """nginx with the module; silent at its end."""
    with Edge(redis_server, keys, location="drs_cors_origin https://console.example "
                                           "http://localhost:5173;") as edge:
        yield edge


@pytest.fixture(name="own_redis")
def fixture_own_redis():
    """A Redis of the test's own, to be stopped and paused."""
    with RedisServer() as server:
        server.load_library()
        yield server
        if server.proc is not None:
            server.resume()


class FakeWorker:
    """Takes commands from the stream and answers as the daemon does."""

    def __init__(self, server, answer):
        self.client = server.client()
        self.answer = answer
        self.seen = []
        self.stop = threading.Event()
        try:
            self.client.xgroup_create(PREFIX + ":cmd", "workers", "0", mkstream=True)
        except Exception as exc:  # pylint: disable=broad-except
            if "BUSYGROUP" not in str(exc):
                raise
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(30)
        self.client.close()

    def run(self):
        """Until the end of the test."""
        while not self.stop.is_set():
            got = self.client.xreadgroup("workers", "w1", {PREFIX + ":cmd": ">"},
                                         count=10, block=100)
            for _, entries in got or []:
                for entry, fields in entries:
                    self.one(entry, fields)

    def one(self, entry, fields):
        """One command."""
        self.seen.append(fields)
        begun = self.client.fcall("drs_cmd_begin", 1, PREFIX, entry, fields["id"],
                                  fields["replyTo"], fields["deadline"],
                                  "w1", entry, "5")
        if begun[1] != "run":
            return
        answer = self.answer(fields)
        if answer is not None:
            self.client.fcall("drs_cmd_done", 1, PREFIX, entry, fields["id"],
                              fields["replyTo"], json.dumps(answer), "0")


@pytest.fixture(name="fake_worker")
def fixture_fake_worker(redis_server):
    """A factory: fake_worker(answer) is a context manager."""
    return lambda answer: FakeWorker(redis_server, answer)


def note(client, event="group.changed", topic="groups", execution=None, **more):
    """Publish an event as the functions of the library do."""
    body = json.dumps({"event": event, "topic": topic, "resourceType": "group",
                       "resourceId": "g", **more}, separators=(",", ":"))
    if execution is None:
        return client.fcall("drs_note", 1, PREFIX, "-", body)
    eid = client.xadd(f"{PREFIX}:exec:{execution}:ev", {"e": body})
    gid = client.xadd(f"{PREFIX}:events", {"e": body}, maxlen=10000, approximate=True)
    client.publish(f"{PREFIX}:live", f"{gid} {eid} {execution} {body}")
    return eid
