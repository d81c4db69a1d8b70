"""Several nginx and several workers on one Redis; failures of the parts."""

import signal
import time

from stack import PREFIX, Stack, wait_for
from world import World


def second_nginx(stack):
    """Another nginx on another port, same Redis and keys."""
    other = Stack(stack.path("second"), build=stack.build, speed=stack.speed)
    other.redis_sock = stack.redis_sock
    other.key = stack.key
    other.hub = stack.hub
    other.up(())
    other.start_nginx()
    return other


def test_two_workers_and_two_nginx_share_the_work(make_stack):
    """Every launch once; both workers take part; both nginx see the same."""
    stack = make_stack()
    stack.start_worker("worker2")
    other = second_nginx(stack)
    try:
        worlds = [World(stack) for _ in range(4)]
        runs = []
        for world in worlds:
            plan, servers = world.simple_plan((2, 2))
            runs.append((world, world.start(plan),
                         [s for w in servers for s in w]))
        for world, execution, servers in runs:
            assert world.finish(execution)["status"] == "COMPLETED"
            launched = [s["sourceServerID"] for c in world.launches()
                        for s in c["params"]["sourceServers"]]
            assert sorted(launched) == sorted(servers)
            status, body = other.http("GET", f"/executions/{execution}",
                                      world.admin)
            assert status == 200 and body["status"] == "COMPLETED"
        logs = [open(stack.path("log", f"{name}.log"), encoding="utf-8").read()
                for name in ("worker", "worker2")]
        assert all("exec:" in text for text in logs)
    finally:
        other.down()


def test_worker_killed_another_goes_on(make_stack):
    """kill -9 of the owner in flight: the other worker finishes, once."""
    stack = make_stack()
    world = World(stack)
    plan, servers = world.simple_plan((2, 1))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    stack.start_worker("worker2")
    stack.kill("worker")
    world.thaw()
    assert world.finish(execution)["status"] == "COMPLETED"
    launched = [s["sourceServerID"] for c in world.launches()
                for s in c["params"]["sourceServers"]]
    assert sorted(launched) == sorted(s for w in servers for s in w)


def test_tasks_of_a_process_that_is_gone_do_not_wait_for_their_leases(
        make_stack):
    """Killed in a launch call, another one on the same host: it goes on long
    before the lease runs out."""
    stack = make_stack(speed=60.0, worker_options={"lease": "3600s",
                                                   "renew": "1200s"})
    world = World(stack)
    plan, servers = world.simple_plan((2, 1))
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "hold", "effect": "before"})
    execution = world.start(plan)
    lease = f"{PREFIX}:lease:exec:{execution}"
    wait_for(lambda: stack.sim("GET", "/_sim/health")["held"], "the launch call")
    dead = stack.redis_cli("HGET", lease, "owner").strip()
    stack.kill("worker", signal.SIGKILL)
    until = int(stack.redis_cli("HGET", lease, "until")) / 1000
    stack.start_worker("worker2")
    wait_for(lambda: stack.redis_cli("HGET", lease, "owner").strip() != dead,
             "another owner")
    assert time.time() < until - 5
    stack.sim("POST", "/_sim/release", {})
    assert world.finish(execution)["status"] == "COMPLETED"
    launched = [s["sourceServerID"] for c in world.launches()
                for s in c["params"]["sourceServers"]]
    assert sorted(launched) == sorted(s for w in servers for s in w)
    assert dead not in stack.redis_cli("FCALL", "drs_workers", "1", PREFIX)


def test_redis_restart_in_flight(make_stack):
    """Redis ends and comes back in the middle: nothing twice, nothing lost."""
    stack = make_stack()
    world = World(stack)
    plan, servers = world.simple_plan((2, 2))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    stack.kill("redis", signal.SIGKILL)
    status, body = stack.http("GET", "/executions", world.admin)
    assert status == 503, body
    world.thaw()
    stack.start_redis()
    assert world.finish(execution)["status"] == "COMPLETED"
    launched = [s["sourceServerID"] for c in world.launches()
                for s in c["params"]["sourceServers"]]
    assert sorted(launched) == sorted(s for w in servers for s in w)
    assert stack.redis_cli("XLEN", f"{PREFIX}:cmd:dead").strip() in (
        "0", "(integer) 0")


def test_drained_worker_ends_clean(make_stack):
    """SIGTERM in flight: exit code 0, and the next worker goes on."""
    stack = make_stack()
    world = World(stack)
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    assert stack.stop("worker") == 0
    world.thaw()
    stack.start_worker()
    assert world.finish(execution)["status"] == "COMPLETED"
    assert len(world.launches()) == 2


def test_two_stacks_side_by_side(make_stack):
    """Two whole stacks at once do not see each other."""
    stacks = [make_stack(), make_stack()]
    runs = []
    for stack in stacks:
        world = World(stack)
        plan, _ = world.simple_plan((1,))
        runs.append((world, world.start(plan)))
    for world, execution in runs:
        assert world.finish(execution)["status"] == "COMPLETED"
        listed = world.api("GET", "/executions")["items"]
        assert [e["executionId"] for e in listed] == [execution]


def test_what_died_comes_back_with_up(make_stack):
    """`make up` again restarts what died."""
    stack = make_stack()
    stack.kill("worker")
    stack.kill("nginx", signal.SIGTERM)
    stack.kill("redis")
    stack.up()
    assert all(pid for _, pid in stack.status())
    wait_for(lambda: stack.http("GET", "/health")[0] == 200, "health")
