"""The worker and Redis in trouble: loading, Sentinel fail-over, replicas,
passwords."""

import os
import subprocess
import time

import pytest
import redis

from ports import free_port
from redis_server import RedisServer
from worker_process import Worker, fcall, key, wait_for

PROBE = "tools/worker_probe"


@pytest.fixture
def made():
    """Objects with close(), closed in reverse order."""
    things = []
    yield things
    for thing in reversed(things):
        thing.close()


class Sentinel:
    """One Sentinel that watches one primary."""

    def __init__(self, folder, primary):
        self.port = free_port()
        path = os.path.join(str(folder), "sentinel.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"port {self.port}\nbind 127.0.0.1\ndir {folder}\ndaemonize no\n"
                    f"logfile {folder}/sentinel.log\n"
                    f"sentinel monitor drs 127.0.0.1 {primary.port} 1\n"
                    "sentinel down-after-milliseconds drs 1500\n"
                    "sentinel failover-timeout drs 10000\n")
        self.proc = subprocess.Popen(["redis-server", path, "--sentinel"],
                                     stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = redis.Redis(port=self.port, decode_responses=True)
        wait_for(self.sees_replica, "Sentinel knows the replica")

    def sees_replica(self):
        try:
            return self.client.sentinel_slaves("drs")
        except redis.exceptions.RedisError:
            return False

    def close(self):
        self.client.close()
        self.proc.terminate()
        self.proc.wait(60)


def replica_of(primary):
    server = RedisServer(extra=f"replicaof 127.0.0.1 {primary.port}\nreplica-priority 1")
    server.start()
    return server


def test_loading_is_waited_for_and_told_once(made, tmp_path):
    server = RedisServer(extra="appendfsync no")
    made.append(server)
    server.start()
    with server.client() as client:
        pipe = client.pipeline()
        for i in range(3000):
            pipe.set(f"k{i}", "v" * 10000)
        pipe.execute()
        client.bgrewriteaof()
        wait_for(lambda: client.info("persistence")["aof_rewrite_in_progress"] == 0
                 and client.info("persistence")["aof_rewrite_scheduled"] == 0, "rewrite")
    server.stop()
    server.extra = "key-load-delay 1000\nloading-process-events-interval-bytes 10240"
    server._spawn(server.port)
    w = Worker(tmp_path, server, program=PROBE, redis=f"127.0.0.1:{server.port}")
    made.append(w)
    w.start(ready=False)
    wait_for(lambda: w.logged("waiting for Redis .*LOADING"), "notice")
    assert w.logged("waiting for Redis")[0]["level"] == "notice"
    wait_for(lambda: w.logged('"ready: '), "ready")
    assert len(w.logged("LOADING")) == 1
    w.stop()


def test_sentinel_failover(made, tmp_path):
    primary = RedisServer()
    made.append(primary)
    primary.start()
    replica = replica_of(primary)
    made.append(replica)
    sentinel = Sentinel(tmp_path, primary)
    made.append(sentinel)
    w = Worker(tmp_path, primary, program=PROBE, redis_sentinels=f"127.0.0.1:{sentinel.port}")
    made.append(w)
    w.start()
    with primary.client() as client:
        client.hset(key("probe:a"), "mode", "count")
        assert fcall(client, "drs_task_due", "probe:a", 0) == ["OK"]
        wait_for(lambda: client.llen(key("probe:log")) > 4, "steps on the primary")
        assert client.wait(1, 10000) == 1
    primary.kill()

    def on_replica(what):
        # Sentinel cuts every connection when it promotes
        with replica.client() as client:
            try:
                return what(client)
            except redis.exceptions.ConnectionError:
                return None

    wait_for(lambda: on_replica(lambda c: c.role()[0] == "master"), "promotion")
    n = wait_for(lambda: on_replica(lambda c: c.llen(key("probe:log"))), "what was replicated")
    wait_for(lambda: (on_replica(lambda c: c.llen(key("probe:log"))) or 0) > n + 4,
             "steps on the new primary")
    w.stop()


def test_replica_is_not_written_to(made, tmp_path):
    primary = RedisServer()
    made.append(primary)
    primary.start()
    replica = replica_of(primary)
    made.append(replica)
    w = Worker(tmp_path, replica, program=PROBE)
    made.append(w)
    w.start(ready=False)
    wait_for(lambda: w.logged("this Redis is a replica"), "notice")
    with replica.client() as client:
        client.replicaof("NO", "ONE")
    wait_for(lambda: w.logged('"ready: '), "ready")
    w.stop()


def test_password_and_acl_user(made, tmp_path):
    server = RedisServer(extra="user worker on >s3cret ~* &* +@all")
    made.append(server)
    server.start()
    bad = Worker(tmp_path, server, name="bad", redis_user="worker", redis_password="wrong")
    made.append(bad)
    code, _, err = bad.run("--check")
    assert code == 1 and "WRONGPASS" in err and "wrong\"" not in err
    good = Worker(tmp_path, server, name="good", redis_user="worker", redis_password="s3cret",
                  redis=f"127.0.0.1:{server.port}")
    made.append(good)
    good.start()
    good.stop()
    assert not good.logged("s3cret")
    url = Worker(tmp_path, server, name="url",
                 redis=f"redis://worker:s3cret@127.0.0.1:{server.port}/1")
    made.append(url)
    url.start()
    url.stop()
    assert not url.logged("s3cret")
    with redis.Redis(port=server.port, db=1) as client:
        assert client.exists(key("meta"))


def test_paused_redis_makes_no_storm(made, tmp_path):
    server = RedisServer()
    made.append(server)
    server.start()
    w = Worker(tmp_path, server, program=PROBE, redis_timeout="1s", redis_connect_timeout="1s")
    made.append(w)
    w.start()
    server.pause()
    wait_for(lambda: w.logged("no connection to Redis.*no reply in time"), "time-out")
    time.sleep(1)
    server.resume()
    with server.client() as client:
        client.hset(key("probe:a"), "mode", "once")
        assert fcall(client, "drs_task_due", "probe:a", 0) == ["OK"]
        wait_for(lambda: client.llen(key("probe:log")) == 2, "work goes on")
    assert len(w.logged("no connection to Redis")) < 40
    w.stop()
