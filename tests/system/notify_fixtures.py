"""Fixtures of notifications: receiver, webhook, settings with a topic."""

import pytest

from receiver import SECRET, TOPIC, Receiver


@pytest.fixture
def receiver(stack):
    """A receiver of webhooks, stopped after the test."""
    r = Receiver(stack)
    yield r
    r.close()


@pytest.fixture
def hook(world, receiver):
    """A webhook that gets everything; deleted after the test."""
    made = []

    def make(**more):
        body = {"name": "receiver", "url": receiver.url, "secret": SECRET}
        body.update(more)
        answer = world.api("POST", "/config/webhooks", body, expect=201)
        made.append(answer["webhookId"])
        return answer

    yield make
    for ident in made:
        world.try_api("DELETE", f"/config/webhooks/{ident}")


@pytest.fixture
def topics(world):
    """Notification settings with a topic; without one after the test."""
    def put(**more):
        body = {"executionTopicArn": TOPIC, "alertsTopicArn": "",
                "publicBaseUrl": "https://drs.example.com"}
        body.update(more)
        return world.api("PUT", "/config/notifications", body)

    put()
    yield put
    world.api("PUT", "/config/notifications", {
        "executionTopicArn": "", "alertsTopicArn": "", "adminEmail": "",
        "publicBaseUrl": "", "pauseReminderHours": [24, 168],
        "events": {"start": True}})
