"""Steering a recovery with the real redis-cli alone (docs/operations.md)."""

import json

from stack import PREFIX, wait_for
from world import TERMINAL, World


def op(stack, function, *args):
    """The text of an operator's function."""
    return stack.redis_cli("FCALL", function, "1", PREFIX, *args).strip()


def started(text):
    """The execution id of an answer of drs_start."""
    words = [line.split() for line in text.splitlines()]
    return [w[1] for w in words if w[:1] == ["execution"]][0]


def test_a_drill_from_start_to_clean_up(world):
    """plans, start, status, pause, resume, terminate, each as documented."""
    stack = world.stack
    plan, servers = world.simple_plan((1, 2))
    name = world.api("GET", f"/recovery-plans/{plan}")["planName"]

    assert f"{plan}  {name}  idle" in op(stack, "drs_plans")

    world.freeze()
    text = op(stack, "drs_start", name, "DRILL", "alice", "night shift")
    execution = started(text)
    assert "DRILL of plan " + plan in text
    world.wave_in_flight(execution)

    text = op(stack, "drs_status", execution)
    assert "status POLLING" in text
    assert "drs_pause, drs_cancel" in text
    assert execution in op(stack, "drs_plans")
    assert "PLAN_ALREADY_EXECUTING" in op(stack, "drs_start", plan, "DRILL",
                                          "bob")

    assert "pause accepted: POLLING -> PAUSE_PENDING (T7)" in op(
        stack, "drs_pause", execution, "alice", "a look")
    assert "EXECUTION_NOT_PAUSABLE" in op(stack, "drs_pause", execution,
                                          "alice")
    world.thaw()
    body = world.wait(execution, "PAUSED")
    assert body["pausedBeforeWave"] == 1
    assert "resume accepted: PAUSED -> RUNNING (T12)" in op(
        stack, "drs_resume", execution, "alice")
    world.wait(execution, "COMPLETED")

    assert "EXECUTION_NOT_PAUSED" in op(stack, "drs_resume", execution,
                                        "alice")
    assert "EXECUTION_NOT_CANCELLABLE" in op(stack, "drs_cancel", execution,
                                             "alice")
    text = op(stack, "drs_terminate", execution, "alice")
    assert "is queued" in text
    world.wait_until(
        lambda: world.execution(execution).get("instancesTerminated"),
        "instances terminated")
    assert len(world.launches()) == 2
    assert [len(c["params"]["sourceServers"]) for c in world.launches()] \
        == [len(s) for s in servers]
    actors = {e.get("actor") for e in world.events(execution)}
    assert any("alice" in (a or "") for a in actors), actors


def test_cancel_of_a_running_recovery(world):
    """No further wave; the running job is followed to its end."""
    stack = world.stack
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    execution = started(op(stack, "drs_start", plan, "RECOVERY", "bob"))
    world.wave_in_flight(execution)
    assert "cancel accepted: POLLING -> CANCELLING (T15)" in op(
        stack, "drs_cancel", execution, "bob", "wrong site")
    assert "CANCELLING" in op(stack, "drs_cancel", execution, "bob")
    world.thaw()
    body = world.finish(execution)
    assert body["status"] == "PARTIAL"
    assert len(world.launches()) == 1


def test_refused_start_changes_nothing(world):
    """A start that the worker refuses leaves no execution and no claim."""
    stack = world.stack
    servers = world.fleet(1)
    world.server(servers[0], replicationState="STOPPED")
    plan = world.plan("refused", [world.group("refused", servers)])
    execution = started(op(stack, "drs_start", plan, "DRILL", "carol"))

    def answered():
        return " 0 commands open" in op(stack, "drs_queue")

    world.wait_until(answered, "answer of the worker")
    assert "EXECUTION_NOT_FOUND" in op(stack, "drs_status", execution)
    assert "idle" in [line for line in op(stack, "drs_plans").splitlines()
                      if plan in line][0]
    assert not world.launches()


def test_queue_workers_dead_requeue_drain(make_stack):
    """A drained worker takes nothing; a dead command can be put back."""
    stack = make_stack()
    world = World(stack)
    plan, _ = world.simple_plan((1,))
    assert "alive" in op(stack, "drs_workers")
    assert "0 commands open, 0 dead" in op(stack, "drs_queue")
    assert op(stack, "drs_dead").startswith("0 dead commands")
    assert "executions" in op(stack, "drs_status")

    assert "USAGE" in op(stack, "drs_start")
    assert "WORKER_NOT_FOUND" in op(stack, "drs_drain", "nobody", "dave")
    assert "gets no new task" in op(stack, "drs_drain", "*", "dave")
    wait_for(lambda: "drain" in op(stack, "drs_workers"), "drained worker")
    execution = started(op(stack, "drs_start", plan, "DRILL", "dave"))
    op(stack, "drs_drain", "*", "dave", "off")
    assert world.finish(execution)["status"] == "COMPLETED"

    # a start that died while AWS could not be reached, put back afterwards
    entry = {"id": "11111111-2222-4333-8444-555555555555",
             "type": "exec.start", "requestId": "", "replyTo": "",
             "actor": json.dumps({"type": "operator", "name": "dave",
                                  "userId": "dave"}),
             "payload": json.dumps({
                 "executionId": "99999999-2222-4333-8444-555555555555",
                 "planId": plan, "executionType": "DRILL"}),
             "deadline": "0", "error": "no connection", "from": "w1",
             "tries": "5"}
    stack.redis_cli("XADD", f"{PREFIX}:cmd:dead", "*",
                    *[x for pair in entry.items() for x in pair])
    text = op(stack, "drs_dead")
    assert text.startswith("1 dead") and "no connection" in text
    assert "BAD_ID" in op(stack, "drs_requeue", "nonsense", "dave")
    dead = text.splitlines()[1].split()[0]
    assert "queued again" in op(stack, "drs_requeue", dead, "dave")
    body = world.finish("99999999-2222-4333-8444-555555555555")
    assert body["status"] == "COMPLETED"
    assert op(stack, "drs_dead").startswith("0 dead")


def test_status_names_every_kind_of_end(world):
    """drs_status of an ended run says so and what is possible."""
    plan, _ = world.simple_plan((1,))
    execution = world.start(plan)
    body = world.finish(execution)
    assert body["status"] in TERMINAL
    text = op(world.stack, "drs_status", execution)
    assert "status COMPLETED" in text
    assert "drs_terminate" in text
