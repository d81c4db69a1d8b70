"""Acceptance scenario 31: the store fails over during the transitions."""
import os
import sys

import pytest

from redis_server import RedisServer
from stack import wait_for
from world import World

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "chaos"))

from proxy import Proxy  # noqa: E402

LONG = {"deadlineMinutes": 10080}
REPLICAS = 9
FCALL = rb"FCALL\r\n\$\d+\r\n(drs_[a-z_]+)\r\n"


class Fleet:
    """A primary and replicas that take its place one after another."""

    def __init__(self, stack):
        self.stack = stack
        self.replicas = []
        for _ in range(REPLICAS):
            server = RedisServer(
                extra=f"replicaof 127.0.0.1 {stack.redis_port}\n"
                      "repl-diskless-sync-delay 0\nappendfsync no")
            server.start()
            self.replicas.append(server)
        for server in self.replicas:
            wait_for(lambda s=server: s.client().info("replication")[
                "master_link_status"] == "up", "a replica")
        self.proxy = Proxy(FCALL, listen_path=stack.path("proxy.sock"),
                           upstream_path=stack.redis_sock)
        self.primary = None
        self.done = []

    def kill_primary(self):
        """Wait for the replicas, then SIGKILL."""
        if self.primary is None:
            self.stack.redis_cli("WAIT", "1", "10000")
            self.stack.kill("redis")
        else:
            with self.primary.client() as client:
                client.execute_command("WAIT", "1", "10000")
            self.primary.kill()

    def fail_over(self):
        """The next replica is the primary of all others."""
        self.kill_primary()
        self.primary = self.replicas.pop(0)
        with self.primary.client() as client:
            client.replicaof("NO", "ONE")
        for server in self.replicas:
            with server.client() as client:
                client.replicaof("127.0.0.1", self.primary.port)
        self.proxy.upstream_path = self.primary.sock
        self.done.append(self.proxy.struck)

    def strike_on(self, step, mode):
        """Fail over at every second request of a step."""
        def strike():
            self.fail_over()
            if len(self.replicas) > 1:
                self.proxy.arm(step, 2, mode, strike)

        self.proxy.arm(step, 2, mode, strike)

    def close(self):
        """Stop all that this started."""
        for server in self.replicas + [self.primary]:
            if server is not None:
                server.close()


@pytest.mark.parametrize("mode", ["before", "after"])
def test_scenario_31_fail_over(make_stack, mode):
    """At every second commit of a run, its pause and its resume."""
    stack = make_stack(up=False, worker_options={
        "redis_min_replica_acks": "1"})
    stack.up(("redis", "simulator"))
    fleet = Fleet(stack)
    try:
        stack.redis_sock = fleet.proxy.listen_path
        stack.up()
        world = World(stack)
        plan, servers = world.simple_plan(
            (2, 1, 1), waves={0: LONG, 1: {"pauseBeforeWave": True, **LONG},
                              2: LONG})
        execution = world.start(plan)
        fleet.strike_on("drs_exec_commit", mode)
        paused = world.wait(execution, "PAUSED")
        assert paused["pausedBeforeWave"] == 1
        resume(world, execution)
        body = world.wait(execution, "COMPLETED")
        fleet.proxy.disarm()
        assert len(fleet.done) >= 3, fleet.done
        assert [w["status"] for w in body["waves"]] == ["COMPLETED"] * 3
        found = sorted(s["sourceServerID"] for c in world.launches()
                       for s in c["params"]["sourceServers"])
        assert found == sorted(s for ids in servers for s in ids)
        with fleet.primary.client() as client:
            wait_for(lambda: client.xlen("{drs}:cmd") == 0, "no command")
            assert client.xlen("{drs}:cmd:dead") == 0
            wait_for(lambda: not client.exists(f"{{drs}}:claim:plan:{plan}"),
                     "the plan is free")
        stack.stop("worker")
        stack.stop("nginx")
    finally:
        fleet.close()
        fleet.proxy.close()


def resume(world, execution):
    """Until it is done; an answer may be lost with its store."""
    def done():
        status, body = world.try_api(
            "POST", f"/executions/{execution}/resume", {})
        return status == 200 or body.get("code") == "EXECUTION_NOT_PAUSED"

    world.wait_until(done, "resume")
