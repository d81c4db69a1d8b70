"""Receivers of notifications: webhooks by HTTPS on loopback, with answers as a
test wants; SNS messages; notices."""

import hashlib
import hmac
import json
import os
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ports import free_port
from stack import HUB_ACCOUNT, REGION

SECRET = "0123456789abcdef-secret"
TOPIC = f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:drs-orchestrator"


def webhook_options(stack_dir):
    """Options of a worker that may call receivers on this machine."""
    return {"webhook_hosts": "localhost *.example.com", "webhook_private": "on",
            "webhook_ca_bundle": os.path.join(stack_dir, "tls", "ca.pem"),
            "webhook_timeout": "2s"}


class Receiver:
    """Keeps every call; `answers` is a list of statuses used up first."""

    def __init__(self, stack):
        self.calls = []
        self.answers = []
        self.hold = None  # an Event: calls wait for it before they answer
        self.lock = threading.Lock()
        self.port = free_port()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One call."""

            def do_POST(self):  # pylint: disable=invalid-name
                """Keep it and answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    outer.calls.append((dict(self.headers), body))
                    status = outer.answers.pop(0) if outer.answers else 204
                    hold = outer.hold
                if hold is not None:
                    hold.wait(30)
                try:
                    self.send_response(status)
                    if 300 <= status < 400:
                        self.send_header("Location", outer.url)
                    self.end_headers()
                except OSError:
                    pass  # the caller has given up

            def log_message(self, *_args):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_args: None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(stack.path("tls", "server.pem"),
                                stack.path("tls", "server.key"))
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        self.url = f"https://localhost:{self.port}/hook?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       daemon=True)
        self.thread.start()

    def close(self):
        """Stop serving."""
        if self.hold is not None:
            self.hold.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def bodies(self):
        """Every call's body, in order of arrival."""
        with self.lock:
            return [json.loads(body) for _, body in self.calls]

    def events(self):
        """Event types in order, copies of one delivery counted once."""
        seen, out = set(), []
        for body in self.bodies():
            if body["deliveryId"] not in seen:
                seen.add(body["deliveryId"])
                out.append(body["eventType"])
        return out

    def verify(self, secret=SECRET):
        """Signature and headers of every call so far."""
        with self.lock:
            calls = list(self.calls)
        for headers, body in calls:
            check(headers, body, secret)


def check(headers, body, secret=SECRET):
    """What docs/notifications.md tells receivers to do."""
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})",
                         headers["X-DRS-Signature"])
    want = hmac.new(secret.encode(), found[1].encode() + b"." + body,
                    hashlib.sha256).hexdigest()
    assert hmac.compare_digest(want, found[2])
    data = json.loads(body)
    assert headers["X-DRS-Delivery"] == data["deliveryId"]
    assert headers["X-DRS-Event"] == data["eventType"]
    assert headers["Content-Type"] == "application/json"


def messages(world, text):
    """SNS messages that name something, in order."""
    return [m for m in world.stack.sim("GET", "/_sim/messages")["messages"]
            if text in m["message"]]


def types(found):
    """Their event types."""
    return [m["attributes"]["eventType"]["StringValue"] for m in found]


def notices(world, text):
    """Codes of the notices in the global stream that name something."""
    return [json.loads(line)["data"]["code"] for line in
            world.stack.redis_cli("--raw", "XRANGE", "{drs}:events", "-",
                                  "+").splitlines()
            if text in line and '"event":"notice"' in line]


def drained(world, *hooks):
    """Nothing waits for the topics and these webhooks any more."""
    channels = ["sns.exec", "sns.alerts"] + ["hook." + h["webhookId"]
                                             for h in hooks]
    keys = ["{drs}:outbox:due:" + c for c in channels] + ["{drs}:outbox"]
    found = [world.stack.redis_cli("EXISTS", *keys[:-1]),
             world.stack.redis_cli("XLEN", keys[-1])]
    return [f.strip() for f in found] == ["0", "0"]
