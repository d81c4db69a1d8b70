"""The module and a Redis that is late, paused, restarted, guarded or full."""

import http.client
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from edge import Edge, wait_until
from edge_fixtures import (PREFIX, fixture_edge, fixture_keys, fixture_own_redis,
                           fixture_redis_server)
from ports import free_port
from redis_server import RedisServer

FIXTURES = (fixture_edge, fixture_keys, fixture_own_redis, fixture_redis_server)

ACCOUNTS = "/accounts/targets"


def unavailable(answer):
    """503 with Retry-After."""
    assert answer.status == 503, (answer.status, answer.body)
    assert answer.json["code"] == "SERVICE_UNAVAILABLE" and answer.json["retryable"]
    assert int(answer.header("Retry-After")) > 0
    return True


def static(edge):
    """The other location of the same worker process answers."""
    answer = edge.request("GET", "/static", base="", timeout=10)
    assert answer.status == 200 and answer.body == b"static\n"


def test_redis_comes_late_goes_and_comes_back(own_redis, keys):
    """503 while it is away, 200 soon after; other locations never notice."""
    token = keys.token("DRSReadOnly")
    own_redis.stop()
    with Edge(own_redis, keys) as edge:
        static(edge)
        wait_until(lambda: "redis pool is down" in edge.log(), "noticed")
        unavailable(edge.get(ACCOUNTS, token))
        assert edge.get("/health").status == 503
        assert edge.get("/health").json["redis"]["status"] == "unreachable"
        assert edge.get("/metrics").status == 200
        own_redis.start()
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "back")
        own_redis.kill()
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 503, "gone")
        static(edge)
        own_redis.start()
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "back again")
        # one line per change, not one per try
        assert edge.log().count("[error] ") < 40


def test_paused_redis(own_redis, keys):
    """SIGSTOP: requests end with 503 in time, other locations are served meanwhile."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, http="drs_redis_timeout 1s;") as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        own_redis.pause()
        answers = []
        threads = [threading.Thread(
            target=lambda: answers.append(edge.get(ACCOUNTS, token))) for _ in range(8)]
        for t in threads:
            t.start()
        for _ in range(20):
            static(edge)
        for t in threads:
            t.join(60)
        assert len(answers) == 8
        for answer in answers:
            unavailable(answer)
        # still paused: a new connection is accepted by the kernel, not by Redis
        wait_until(lambda: unavailable(edge.get(ACCOUNTS, token)), "503")
        static(edge)
        own_redis.resume()
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "back")


def test_clients_vanish_while_redis_is_paused(own_redis, keys):
    """Replies for requests that are gone fall on the floor."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        own_redis.pause()
        conns = []
        for _ in range(20):
            c = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
            c.request("GET", "/api" + ACCOUNTS, headers={"Authorization": "Bearer " + token})
            conns.append(c)
        static(edge)
        for c in conns:
            c.close()
        wait_until(lambda: edge.log().count("prematurely closed") >= 20, "noticed")
        own_redis.resume()
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "serving")


def test_full_queue(own_redis, keys):
    """Over drs_redis_queue calls: 503 at once, not one more in memory."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, http="drs_redis_queue 4; drs_redis_timeout 20s;") as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        own_redis.pause()
        conns = []
        for _ in range(4):
            c = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
            c.request("GET", "/api" + ACCOUNTS, headers={"Authorization": "Bearer " + token})
            conns.append(c)
        wait_until(lambda: "Too many" in unavailable_text(edge, token), "full")
        own_redis.resume()
        for c in conns:
            assert c.getresponse().status == 200
            c.close()


def unavailable_text(edge, token):
    """Message of a 503, or nothing."""
    try:
        answer = edge.get(ACCOUNTS, token, timeout=1)
    except socket.timeout:
        return ""
    return answer.json["message"] if answer.status == 503 else ""


def test_password_and_database(keys):
    """AUTH and SELECT on each connection; a wrong password says so once."""
    token = keys.token("DRSReadOnly")
    with RedisServer() as server:
        server.load_library()
        server.client().config_set("requirepass", "geheim-1")
        file = os.path.join(server.folder, "secret")
        with open(file, "w", encoding="ascii") as f:
            f.write("geheim-1\n")
        redis = f"unix:{server.sock} db=3 auth_file={file}"
        with Edge(server, keys, redis=redis) as edge:
            wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
            server.client(db=3, password="geheim-1").set(f"{PREFIX}:revoked:user-1", "1")
            wait_until(lambda: edge.get(ACCOUNTS, keys.token("DRSReadOnly")).status == 401,
                       "data base 3 is read")
            assert "geheim" not in edge.log()
        with open(file, "w", encoding="ascii") as f:
            f.write("default falsch-2\n")
        with Edge(server, keys, redis=redis) as edge:
            wait_until(lambda: "refused the handshake" in edge.log(), "refused")
            unavailable(edge.get(ACCOUNTS, token))
            assert "falsch" not in edge.log()


def test_tcp_address(own_redis, keys):
    """host:port; also IPv6 where there is one."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, redis=f"127.0.0.1:{own_redis.port}") as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")


def test_functions_are_missing(keys):
    """No library in Redis: reads go on, changes are 503."""
    token = keys.token("DRSOrchestrationAdmin")
    with RedisServer() as server, Edge(server, keys) as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        unavailable(edge.request("POST", "/config/import", token,
                                 {"config": {"metadata": {"schemaVersion": "1.1"},
                                             "protectionGroups": [], "recoveryPlans": []}}))


def test_sentinel(own_redis, keys):
    """The primary is asked for; after a failover the new one is used."""
    token = keys.token("DRSReadOnly")
    with RedisServer() as second:
        second.load_library()
        second.client().replicaof("127.0.0.1", own_redis.port)
        wait_until(lambda: second.client().info("replication")["master_link_status"] == "up",
                   "replica")
        conf = os.path.join(own_redis.folder, "sentinel.conf")
        port = free_port()
        with open(conf, "w", encoding="ascii") as f:
            f.write(f"port {port}\nbind 127.0.0.1\ndir {own_redis.folder}\n"
                    f"sentinel monitor drs 127.0.0.1 {own_redis.port} 1\n"
                    "sentinel down-after-milliseconds drs 500\n"
                    "sentinel failover-timeout drs 2000\n")
        with subprocess.Popen(["redis-server", conf, "--sentinel"],
                              stdout=subprocess.DEVNULL) as sentinel:
            try:
                http_conf = f"drs_redis_sentinel drs 127.0.0.1:1 127.0.0.1:{port};"
                with Edge(own_redis, keys, redis="sentinel", http=http_conf) as edge:
                    wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
                    own_redis.client().set(f"{PREFIX}:mark", "1")
                    wait_until(lambda: second.client().get(f"{PREFIX}:mark"), "replicated")
                    wait_until(lambda: knows_replica(port), "sentinel sees the replica")
                    own_redis.kill()
                    wait_until(lambda: second.client().info("replication")["role"]
                               == "master", "failover")
                    wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "moved")
            finally:
                sentinel.send_signal(signal.SIGTERM)
                sentinel.wait(60)


def knows_replica(port):
    """The sentinel has found the replica."""
    out = subprocess.run(["redis-cli", "-p", str(port), "sentinel", "replicas", "drs"],
                         capture_output=True, text=True, timeout=60, check=False).stdout
    return "master-link-status" in out and "\nok\n" in out


def test_the_worker_process_never_blocks(own_redis, keys):
    """strace: no poll, select or blocking connect outside epoll."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        out = edge.path("trace")
        with subprocess.Popen(["strace", "-f", "-o", out, "-e",
                               "trace=poll,ppoll,select,pselect6,connect,nanosleep,"
                               "clock_nanosleep,epoll_wait", "-p",
                               str(edge.workers()[0])], stderr=subprocess.DEVNULL) as trace:
            def traced():
                edge.get(ACCOUNTS, token)
                return os.path.exists(out) and "epoll_wait" in open(
                    out, encoding="utf-8").read()
            try:
                wait_until(traced, "traced")
                own_redis.kill()
                wait_until(lambda: edge.get(ACCOUNTS, token).status == 503, "gone")
                own_redis.start()
                wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "back")
            finally:
                trace.send_signal(signal.SIGINT)
                trace.wait(60)
        with open(out, encoding="utf-8") as f:
            calls = f.read()
        for name in ("poll(", "ppoll(", "select(", "pselect6(", "nanosleep("):
            assert " " + name not in calls, name
        for line in calls.splitlines():
            if " connect(" in line:
                assert "EINPROGRESS" in line or "ENOENT" in line or "ECONNREFUSED" in line \
                    or "= 0" in line or "EAGAIN" in line, line


@pytest.mark.parametrize("workers", [2])
def test_two_workers_two_nginx(own_redis, keys, workers):
    """Two nginx on one Redis, two processes each, see the same data."""
    admin = keys.token("DRSOrchestrationAdmin")
    with Edge(own_redis, keys, workers=workers) as one, \
            Edge(own_redis, keys, workers=workers) as two:
        body = {"accountId": "123456789012", "accountName": "a",
                "externalId": "drs-orchestration-cross-account"}
        wait_until(lambda: one.get(ACCOUNTS, admin).status == 200, "up")
        answer = one.request("POST", ACCOUNTS, admin, body)
        assert answer.status == 201, answer.body
        seen = wait_until(lambda: [a for a in [two.get(ACCOUNTS, admin)]
                                   if a.status == 200], "seen")
        assert b"123456789012" in seen[0].body
        started = time.monotonic()
        assert two.request("POST", ACCOUNTS, admin, body).status == 400
        assert time.monotonic() >= started
