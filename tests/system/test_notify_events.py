"""Each notification event from its cause to a webhook and to SNS, once."""

import json

import pytest

from receiver import (SECRET, TOPIC, Receiver, messages, notices, types,
                      webhook_options)
from stack import wait_for
from test_schedules import come_due, create, iso, last_run, minute
from world import World

pytest_plugins = ("notify_fixtures",)


@pytest.fixture
def told(world, hook, topics, receiver):
    """told(event, text): the one body of the webhook that names the text."""
    topics(alertsTopicArn=TOPIC)
    hook()

    def check(event, text):
        return once(world, receiver, event, text)

    return check


def once(world, receiver, event, text):
    """Told to the webhook, to the topic and as a notice, each once."""
    def mine():
        return [b for b in receiver.bodies()
                if b["eventType"] == event and text in json.dumps(b)]

    wait_for(lambda: mine() and event in types(messages(world, text)),
             f"{event} for the webhook and the topic")
    receiver.verify()
    bodies = mine()
    assert len({b["deliveryId"] for b in bodies}) == 1, bodies
    assert types(messages(world, text)).count(event) == 1
    assert notices(world, text).count(event) == 1
    body = bodies[0]
    assert set(body) >= {"deliveryId", "eventType", "time", "data"}
    mail = [m for m in messages(world, text) if types([m]) == [event]][0]
    assert mail["attributes"]["recoveryPlanId"]["StringValue"] \
        == body.get("planId", "none")
    return body


def has(body, **want):
    """Members of the data."""
    data = body["data"]
    assert {k: data.get(k) for k in want} == want, data


def refresh(world):
    """The source servers are read now, whatever their age."""
    world.api("POST", f"/accounts/targets/{world.account}/validate", {})


def test_deadline_near_and_timeout(world, told):
    plan, _ = world.simple_plan((1,), waves={0: {"deadlineMinutes": 10}})
    world.freeze()
    execution = world.start(plan)
    near = told("deadline_near", execution)
    assert (near["executionId"], near["planId"]) == (execution, plan)
    assert near["data"]["waveNumber"] == 0 and near["data"]["waveName"]
    assert near["data"]["deadlineAt"] > 0
    world.wait(execution, "TIMEOUT")
    end = told("timeout", execution)
    assert end["data"]["status"] == "TIMEOUT" and end["data"]["errorMessage"]
    assert end["data"]["totalWaves"] == 1 and end["planId"] == plan


def test_unit_held(make_stack):
    stack = make_stack(up=False)
    stack.worker_options.update(webhook_options(stack.dir))
    stack.worker_options["launch_ambiguity"] = "hold"
    stack.up()
    world = World(stack)
    receiver = Receiver(stack)
    world.api("POST", "/config/webhooks", {
        "name": "held", "url": receiver.url, "secret": SECRET,
        "events": ["unit_held"]}, expect=201)
    world.api("PUT", "/config/notifications", {"executionTopicArn": TOPIC})
    plan, _ = world.simple_plan((2,), waves={0: {"deadlineMinutes": 10080}})
    world.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "lost_response", "times": 1})
    execution = world.start(plan)
    held = once(world, receiver, "unit_held", execution)
    assert held["planId"] == plan
    assert held["data"]["unitId"] == "0-0"
    assert held["data"]["reason"] == "MATCH_NEEDS_OPERATOR"
    assert held["data"]["message"]
    receiver.close()


def test_terminate_failed(world, told):
    plan, _ = world.simple_plan((1,))
    execution = world.start(plan)
    world.wait(execution, "COMPLETED")
    world.faults({"service": "drs", "operation": "TerminateRecoveryInstances",
                  "kind": "access_denied"})
    world.api("POST", f"/executions/{execution}/terminate-instances", {},
              expect=None)
    failed = told("terminate_failed", execution)
    assert failed["planId"] == plan
    has(failed, state="FAILED", totalServers=1, completedServers=0,
        failedServers=1)
    started = told("terminate_started", execution)
    assert started["data"]["state"] == "RUNNING"
    world.stack.sim("DELETE", "/_sim/faults")
    world.api("POST", f"/executions/{execution}/terminate-instances", {},
              expect=None)
    done = wait_for(lambda: [m for m in messages(world, execution)
                             if types([m]) == ["terminate_finished"]], "the end")
    assert len(done) == 1
    assert notices(world, execution).count("terminate_finished") == 1


def test_schedule_skipped(world, told):
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan, name="nightly")
    world.freeze()
    execution = world.start(plan)
    at = minute()
    come_due(world, schedule, at)
    last = last_run(world, plan, schedule)
    skipped = told("schedule_skipped", schedule)
    assert skipped["planId"] == plan and "executionId" not in skipped
    has(skipped, scheduleId=schedule, scheduleName="nightly", dueAt=iso(at),
        result="SKIPPED", reason=last["reason"])
    world.thaw()
    world.finish(execution)


def test_launch_config_failed(world, told):
    ids = world.fleet(2)
    world.faults({"service": "drs", "operation": "UpdateLaunchConfiguration",
                  "kind": "access_denied"})
    group = world.group("settings", ids, launchConfig={"copyPrivateIp": True})
    failed = told("launch_config_failed", group)
    has(failed, accountId=world.account, region=world.region, groupId=group,
        groupName="settings-" + world.tag, status="failed", failedServers=2,
        totalCount=2)


def test_tag_sync_partial(world, told):
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": world.account, "regions": [{
            "region": world.region, "servers": [{
                "count": 1, "namePrefix": "ec2", "originAccountId": world.account,
                "originRegion": world.region, "instanceTags": {"Tier": "web"}}]}]}]})
    world.register()
    world.faults({"service": "drs", "operation": "TagResource",
                  "kind": "access_denied"})
    world.api("POST", "/drs/tag-sync", {"async": False, "accountId": world.account})
    partial = told("tag_sync_partial", world.account)
    has(partial, accountId=world.account, totalServers=1, totalSynced=0,
        totalFailed=1)


def test_account_unreachable(world, told):
    world.fleet(1)
    refresh(world)
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    refresh(world)
    lost = told("account_unreachable", world.account)
    has(lost, accountId=world.account, region=world.region,
        status="IAM_PERMISSION_DENIED")
    assert lost["data"]["error"]
    # it is so still, and comes back and goes again within the hour
    refresh(world)
    world.stack.sim("DELETE", "/_sim/faults")
    refresh(world)
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    refresh(world)
    told("account_unreachable", world.account)


def test_capacity_threshold(world, told):
    world.fleet(224)
    refresh(world)
    assert notices(world, world.account) == []
    world.fleet(1)
    refresh(world)
    reached = told("capacity_threshold", world.account)
    has(reached, accountId=world.account, region=world.region,
        status="WARNING", previousStatus="INFO", replicatingServers=225)
    # that it stays so is no news
    world.fleet(1)
    refresh(world)
    told("capacity_threshold", world.account)


def test_a_webhook_of_plans_hears_of_its_plans_only(world, hook, receiver):
    """Neither of other plans, nor of what belongs to no plan."""
    plan, _ = world.simple_plan((1,))
    other, _ = world.simple_plan((1,))
    hook(planIds=[plan])
    hook(name="all", url=receiver.url + "&all=1", events=["account_unreachable"])
    refresh(world)
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    refresh(world)
    world.stack.sim("DELETE", "/_sim/faults")
    for run in (other, plan):
        world.finish(world.start(run))
    wait_for(lambda: receiver.events().count("complete") == 1
             and "account_unreachable" in receiver.events(), "the calls")
    assert receiver.events().count("account_unreachable") == 1
    assert {b["planId"] for b in receiver.bodies() if "planId" in b} == {plan}
