"""EX13: links in the mails of a pause."""

import json
import re
import ssl
import urllib.error
import urllib.request

import pytest

from stack import HUB_ACCOUNT, REGION, wait_for

TOPIC = f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:drs-orchestrator"
LINK = re.compile(r"https://drs\.example\.com/api(/execution-callback"
                  r"\?action=(resume|cancel)&taskToken=([\w-]{43}))\n")


@pytest.fixture(autouse=True)
def topic(world):
    """Mails go to a topic, with links; no tries are counted yet."""
    world.api("PUT", "/config/notifications", {
        "executionTopicArn": TOPIC,
        "publicBaseUrl": "https://drs.example.com/"})
    world.stack.redis_cli("DEL", "{drs}:rate:link:127.0.0.1")
    yield
    world.api("PUT", "/config/notifications", {
        "executionTopicArn": "", "publicBaseUrl": ""})


def paused(world, kind="DRILL"):
    """A paused execution; (execution, {action: path}, tokens)."""
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    execution = world.start(plan, kind)
    world.wait(execution, "PAUSED")

    def mail():
        for m in world.stack.sim("GET", "/_sim/messages")["messages"]:
            if execution in m["message"] and m["attributes"]["eventType"][
                    "StringValue"] == "pause":
                return json.loads(m["message"])["email"]
        return None

    found = LINK.findall(wait_for(mail, "the mail of the pause"))
    return (execution, {action: path for path, action, _ in found},
            [token for _, _, token in found])


def ask(world, method, path, token=None):
    """(status, headers, text) of a request without JSON."""
    request = urllib.request.Request(world.stack.url + path, method=method,
                                     data=b"" if method == "POST" else None)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    context = ssl.create_default_context(cafile=world.stack.ca)
    try:
        with urllib.request.urlopen(request, timeout=40,
                                    context=context) as r:
            return r.status, r.headers, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read().decode()


def test_get_changes_nothing_and_post_acts_once(world):
    execution, links, tokens = paused(world)
    for _ in range(2):
        status, headers, text = ask(world, "GET", links["resume"])
        assert status == 200 and '<form method="post">' in text
        assert execution in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] is None
    nonce = re.search(r'<style nonce="([^"]+)">', text)[1]
    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'")
    assert not re.search(r"https?://|<script", text)
    assert world.execution(execution)["status"] == "PAUSED"

    altered = links["resume"].replace("resume", "cancel")
    bad = [altered, links["resume"][:-1], links["resume"][:-1] + "_" * 2,
           "/execution-callback?action=resume", "/execution-callback"]
    pages = set()
    for path in bad:
        status, _, text = ask(world, "POST", path)
        pages.add((status, re.sub('nonce="[^"]+"', "", text)))
    assert len(pages) == 1 and pages.pop()[0] == 400
    assert world.execution(execution)["status"] == "PAUSED"

    status, _, text = ask(world, "POST", links["resume"])
    assert status == 200 and "goes on" in text
    world.wait(execution, "COMPLETED")
    status, _, text = ask(world, "POST", links["resume"])
    assert status == 400 and "not valid" in text

    # the eleventh try of an address within a minute
    for _ in range(2):
        status, headers, text = ask(world, "POST", links["cancel"])
    assert status == 429 and headers["Retry-After"] == "60"

    logs = world.stack.redis_cli("XRANGE", "{drs}:audit:in", "-", "+")
    for name in ("access.log", "error.log", "worker.log", "nginx.log"):
        try:
            with open(world.stack.path("log", name), encoding="utf-8",
                      errors="replace") as f:
                logs += f.read()
        except FileNotFoundError:
            pass
    assert "/execution-callback" in logs
    for token in tokens:
        assert token not in logs

    def entry():
        entries = world.api("GET", f"/audit?resourceId={execution}"
                            "&action=exec.resume")["entries"]
        return [e for e in entries if e["outcome"] == "succeeded"]

    found = wait_for(entry, "an entry in the audit trail")[0]
    assert found["actor"]["type"] == "link"
    assert found["sourceIp"] == "127.0.0.1"


def test_cancel_by_link_voids_the_other_link(world):
    execution, links, _ = paused(world)
    status, _, text = ask(world, "POST", links["cancel"])
    assert status == 200 and "cancelled" in text
    world.finish(execution)
    assert ask(world, "POST", links["resume"])[0] == 400
    events = [e for e in world.events(execution)
              if e["event"] == "execution.command"]
    assert events[-1]["data"]["command"] == "cancel"


def test_a_link_ends_with_its_pause(world):
    execution, links, _ = paused(world)
    world.api("POST", f"/executions/{execution}/resume", {})
    world.finish(execution)
    assert ask(world, "GET", links["resume"])[0] == 400
    assert ask(world, "POST", links["resume"])[0] == 400


def test_a_recovery_needs_a_login(world):
    execution, links, _ = paused(world, "RECOVERY")
    status, _, text = ask(world, "GET", links["resume"])
    assert status == 200 and "<form" not in text
    assert f'href="/executions/{execution}"' in text
    assert ask(world, "POST", links["resume"])[0] == 403
    reader = world.stack.token("READONLY")
    assert ask(world, "POST", links["resume"], reader)[0] == 403
    assert ask(world, "POST", links["resume"], "junk")[0] == 401
    assert world.execution(execution)["status"] == "PAUSED"
    status, _, text = ask(world, "POST", links["resume"], world.admin)
    assert status == 200, text
    world.finish(execution)
