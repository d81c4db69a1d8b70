"""Notifications: outbox, SNS, webhooks, subscriptions, reminders."""

import json
import re
import threading
import time

from receiver import SECRET, TOPIC, drained, messages, notices, types
from stack import HUB_ACCOUNT, wait_for

pytest_plugins = ("notify_fixtures",)

RUN = ["start", "wave_completed", "pause", "resumed", "wave_completed",
       "complete"]


def test_every_event_of_a_run_once_and_in_order(world, hook, topics, receiver):
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    made = hook(planIds=[plan])
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    # a mail that is sent when the pause is over has no links any more
    wait_for(lambda: "pause" in types(messages(world, execution)), "a mail")
    world.api("POST", f"/executions/{execution}/resume", {"notes": "go on"})
    world.finish(execution)
    wait_for(lambda: len(receiver.calls) >= len(RUN), "webhook calls")
    wait_for(lambda: len(messages(world, execution)) >= len(RUN), "mails")
    wait_for(lambda: drained(world, made), "an empty outbox")

    receiver.verify()
    bodies = receiver.bodies()
    assert [b["eventType"] for b in bodies] == RUN
    assert len({b["deliveryId"] for b in bodies}) == len(RUN)
    assert {b["executionId"] for b in bodies} == {execution}
    assert {b["planId"] for b in bodies} == {plan}
    last = bodies[-1]["data"]
    assert last["status"] == "COMPLETED" and last["completedWaves"] == 2
    assert last["executionType"] == "DRILL" and last["serversLaunched"] == 2
    assert last["durationSeconds"] >= 0 and last["planName"]
    assert bodies[3]["data"]["notes"] == "go on"
    for body in bodies:
        assert "taskToken" not in json.dumps(body)

    mails = messages(world, execution)
    assert types(mails) == RUN
    for mail in mails:
        assert mail["attributes"]["recoveryPlanId"]["StringValue"] == plan
        assert mail["messageStructure"] == "json"
        assert mail["subject"].startswith("[DRS] Recovery Plan: ")
        assert "taskToken" not in json.loads(mail["message"])["default"]
    pause = json.loads(mails[2]["message"])["email"]
    links = re.findall(
        r"https://drs\.example\.com/api/execution-callback\?action=(\w+)"
        r"&taskToken=([\w-]{43})\n", pause)
    assert [name for name, _ in links] == ["resume", "cancel"]
    assert f"https://drs.example.com/executions/{execution}" in pause

    assert notices(world, execution) == RUN


def test_failures_and_termination(world, hook, topics, receiver):
    plan, servers = world.simple_plan((2,))
    made = hook(planIds=[plan])
    world.server(servers[0][0], failNextLaunch=True, rawError="no luck")
    topics(alertsTopicArn=TOPIC)
    execution = world.start(plan)
    world.wait(execution, "PARTIAL")
    world.api("POST", f"/executions/{execution}/terminate-instances", {},
              expect=None)
    wanted = {"start", "launch_failed", "wave_failed", "partial",
              "terminate_started", "terminate_finished"}
    wait_for(lambda: wanted <= set(receiver.events()), "webhook calls")
    wait_for(lambda: drained(world, made), "an empty outbox")
    assert len(receiver.events()) == len(wanted), receiver.events()
    bodies = {b["eventType"]: b for b in receiver.bodies()}
    failed = bodies["launch_failed"]["data"]
    assert failed["servers"] == [{"sourceServerId": servers[0][0],
                                  "error": failed["servers"][0]["error"]}]
    assert failed["region"] == world.region
    assert bodies["wave_failed"]["data"]["failedServers"] == [servers[0][0]]
    assert set(types(messages(world, execution))) == wanted


def test_selection_by_event_and_switches(world, hook, topics, receiver):
    plan, _ = world.simple_plan((1,))
    made = hook(events=["complete", "fail"], planIds=[plan])
    hook(name="off", enabled=False, planIds=[plan])
    topics(events={"start": False})
    execution = world.start(plan)
    world.finish(execution)
    wait_for(lambda: len(messages(world, execution)) >= 2, "mails")
    wait_for(lambda: drained(world, made), "an empty outbox")
    assert receiver.events() == ["complete"]
    assert types(messages(world, execution)) == ["wave_completed", "complete"]
    shown = world.api("GET", f"/config/webhooks/{made['webhookId']}")
    assert shown["lastDelivery"]["status"] == "DELIVERED"
    assert shown["lastDelivery"]["httpStatus"] == 204


def test_a_failing_receiver_gets_everything_later_in_order(world, hook,
                                                           receiver):
    plan, _ = world.simple_plan((1,))
    made = hook(planIds=[plan])
    receiver.answers = [500, 503, 302]
    execution = world.start(plan)
    world.finish(execution)
    wait_for(lambda: len(receiver.calls) >= 6, "calls and repetitions")
    wait_for(lambda: drained(world, made), "an empty outbox")
    assert receiver.events() == ["start", "wave_completed", "complete"]
    bodies = receiver.bodies()
    assert len({b["deliveryId"] for b in bodies[:4]}) == 1
    assert len(bodies) == 6
    receiver.verify()
    last = world.api("GET", f"/config/webhooks/{made['webhookId']}")
    assert last["lastDelivery"]["status"] == "DELIVERED"
    text = world.stack.tail("worker", 200)
    assert SECRET not in text


def test_a_receiver_that_does_not_answer_in_time(world, hook, receiver):
    receiver.hold = threading.Event()
    made = hook()
    answer = world.api("POST", f"/config/webhooks/{made['webhookId']}/test",
                       expect=202)

    def retrying():
        last = world.api("GET", f"/config/webhooks/{made['webhookId']}")[
            "lastDelivery"]
        return last and last["status"] == "RETRYING" and last

    last = wait_for(retrying, "a delivery that failed")
    assert "httpStatus" not in last and last["error"]
    receiver.hold.set()
    receiver.hold = None
    wait_for(lambda: drained(world, made), "an empty outbox")
    assert {b["deliveryId"] for b in receiver.bodies()} == {
        answer["deliveryId"]}
    assert receiver.events() == ["test"]


def test_a_new_secret_signs_from_then_on(world, hook, receiver):
    made = hook()
    path = f"/config/webhooks/{made['webhookId']}"
    world.api("POST", path + "/test", expect=202)
    wait_for(lambda: drained(world, made), "an empty outbox")
    world.api("PUT", path, {"secret": "another-secret-of-24-bytes"})
    world.api("POST", path + "/test", expect=202)
    wait_for(lambda: len(receiver.calls) == 2 and drained(world, made), "two calls")
    first, second = receiver.calls
    receiver.calls = [first]
    receiver.verify()
    receiver.calls = [second]
    receiver.verify("another-secret-of-24-bytes")
    for text in (world.stack.redis_cli("GET", "{drs}:hook:"
                                       + made["webhookId"]),
                 json.dumps(world.api("GET", path))):
        assert "another-secret" not in text and SECRET not in text


def test_no_notification_is_lost_with_a_killed_worker(world, hook, receiver):
    plan, _ = world.simple_plan((1,))
    made = hook(planIds=[plan])
    receiver.hold = threading.Event()
    execution = world.start(plan)
    wait_for(lambda: receiver.calls, "the first call")
    world.stack.kill("worker")
    receiver.hold.set()
    receiver.hold = None
    world.stack.up()
    world.finish(execution)
    wait_for(lambda: receiver.events()[-1] == "complete", "the last call")
    wait_for(lambda: drained(world, made), "an empty outbox")
    assert receiver.events() == ["start", "wave_completed", "complete"]


def test_an_outage_of_redis_and_throttling_of_sns(world, topics):
    plan, _ = world.simple_plan((1,))
    world.stack.sim("POST", "/_sim/faults", {"faults": [{
        "kind": "throttle", "service": "sns", "operation": "Publish",
        "times": 4}]})
    execution = world.start(plan)
    world.wave_in_flight(execution)
    world.stack.kill("redis")
    world.stack.up()
    world.finish(execution)
    wait_for(lambda: types(messages(world, execution))[-1:] == ["complete"],
             "the last mail")
    wait_for(lambda: drained(world), "an empty outbox")
    found = types(messages(world, execution))
    assert sorted(set(found), key=found.index) == [
        "start", "wave_completed", "complete"]


def test_scenario_32_sns_is_down_for_an_hour(world, topics):
    """Everything that happened meanwhile arrives, in order, each once."""
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    world.stack.sim("POST", "/_sim/faults", {"faults": [
        {"kind": "http_503", "service": "sns", "operation": "Publish"}]})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    world.api("POST", f"/executions/{execution}/resume", {})
    world.finish(execution)
    tried = len(world.calls("Publish", HUB_ACCOUNT))
    # an hour of the simulated clock, and more than one attempt in it
    time.sleep(3600 / world.stack.speed)
    wait_for(lambda: len(world.calls("Publish", HUB_ACCOUNT)) > tried,
             "a further attempt")
    assert not messages(world, execution)
    assert not drained(world)
    world.stack.sim("DELETE", "/_sim/faults")
    wait_for(lambda: len(messages(world, execution)) >= len(RUN), "the mails")
    wait_for(lambda: drained(world), "an empty outbox")
    mails = messages(world, execution)
    assert types(mails) == RUN
    assert len({m["attributes"]["deliveryId"]["StringValue"] for m in mails}) == len(RUN)


def test_reminders_of_a_pause(world, topics, hook, receiver):
    topics(pauseReminderHours=[1, 2])
    plan, _ = world.simple_plan((1,), waves={0: {"pauseBeforeWave": True}})
    hook(planIds=[plan])
    execution = world.start(plan)
    wait_for(lambda: receiver.events()[:3] == [
        "pause", "pause_reminder", "pause_reminder"], "two reminders")
    found = messages(world, execution)
    assert "taskToken" in json.loads(found[1]["message"])["email"]
    world.api("POST", f"/executions/{execution}/cancel", {})
    world.finish(execution)
    wait_for(lambda: receiver.events()[-1] == "cancelled", "the end")


def test_subscriptions_of_addresses(world, topics):
    # other tests of the stack have addresses too
    ops, boss = (f"{n}-{world.account}@example.com" for n in ("ops", "boss"))
    one, _ = world.simple_plan((1,), notificationEmail=ops)
    two, _ = world.simple_plan((1,), notificationEmail=ops)
    topics(adminEmail=boss)

    def shown(plan):
        return world.api("GET", f"/recovery-plans/{plan}")[
            "snsSubscriptionArn"]

    def subscriptions():
        return {s["Endpoint"]: s for s in world.stack.sim(
            "GET", "/_sim/subscriptions")["subscriptions"]
            if s["TopicArn"] == TOPIC and world.account in s["Endpoint"]}

    wait_for(lambda: shown(one) == shown(two) == "PendingConfirmation"
             and {ops, boss} <= set(subscriptions()), "two subscriptions")
    assert subscriptions()[ops]["attributes"][
        "FilterPolicyScope"] == "MessageAttributes"
    for address in (ops, boss):
        world.stack.sim("POST", "/_sim/subscriptions", {"endpoint": address})
    wait_for(lambda: shown(one) == shown(two) == subscriptions()[
        ops]["SubscriptionArn"], "a confirmed subscription")

    def policy():
        text = subscriptions()[ops]["attributes"]["FilterPolicy"]
        return sorted(json.loads(text)["recoveryPlanId"])

    wait_for(lambda: policy() == sorted([one, two]), "both plans")
    assert "FilterPolicy" not in subscriptions()[boss][
        "attributes"]
    execution = world.start(one)
    world.finish(execution)
    wait_for(lambda: types(messages(world, execution))[-1:] == ["complete"],
             "the last mail")
    for mail in messages(world, execution):
        assert [e for e in mail["endpoints"] if world.account in e] == [boss, ops]

    world.api("PUT", f"/recovery-plans/{one}", {"notificationEmail": ""})
    wait_for(lambda: policy() == [two] and shown(one) == "", "one plan less")
    world.api("DELETE", f"/recovery-plans/{two}")
    topics(adminEmail="")
    wait_for(lambda: not subscriptions(), "no subscription")


def test_background_events(world, hook, receiver):
    hook(events=["replication_stalled"])
    ids = world.fleet(2, name="bg")
    path = f"/drs/source-servers?region={world.region}&accountId=" \
        f"{world.account}"
    world.api("GET", path)
    world.server(ids[0], replicationState="STALLED")

    def stalled():
        world.api("GET", path + "&refresh=true")
        return [b for b in receiver.bodies()
                if b["eventType"] == "replication_stalled"
                and b["data"]["accountId"] == world.account]

    found = wait_for(stalled, "replication_stalled")
    assert found[0]["data"]["sourceServerIds"] == [ids[0]]
