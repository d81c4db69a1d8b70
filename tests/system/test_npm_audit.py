"""scripts/npm_audit.py with a registry of our own."""

import gzip
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


class Registry(BaseHTTPRequestHandler):
    """Answers with the advisories of its server; 405 without any."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        known = self.server.advisories
        self.server.asked |= set(json.loads(body))
        self.answer(405 if known is None else 200, known or {})

    def do_GET(self):
        self.answer(404, {})

    def answer(self, status, content):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def registry():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.advisories = {}
    server.asked = set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def audit(registry, tmp_path, *options):
    env = os.environ | {
        "npm_config_registry": f"http://127.0.0.1:{registry.server_port}/",
        "npm_config_cache": str(tmp_path)}
    return subprocess.run([ROOT / "scripts" / "npm_audit.py", *options],
                          capture_output=True, text=True, check=False,
                          env=env, timeout=120)


def advisory(severity):
    return [{"id": 1, "url": "https://example.com/1", "title": "a hole",
             "severity": severity, "vulnerable_versions": "*",
             "cwe": [], "cvss": {"score": 0, "vectorString": None}}]


def test_nothing_known(registry, tmp_path):
    run = audit(registry, tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "npm audit of frontend: 0 known" in run.stdout
    # both lock files, build tools too
    assert {"react", "vite", "swagger-ui-dist"} <= registry.asked


@pytest.mark.parametrize("package, severity, code, told", [
    ("react", "critical", 1, "frontend: shipped: critical: react"),
    ("swagger-ui-dist", "high", 1, "frontend-docs: shipped: high: swagger"),
    ("react", "moderate", 0, "frontend: shipped: moderate: react"),
    ("vite", "critical", 0, "frontend: build only: critical: vite"),
])
def test_what_is_known(registry, tmp_path, package, severity, code, told):
    registry.advisories = {package: advisory(severity)}
    run = audit(registry, tmp_path)
    assert run.returncode == code, run.stdout + run.stderr
    assert told in run.stdout
    assert "a hole https://example.com/1" in run.stdout


def test_a_registry_that_does_not_say(registry, tmp_path):
    registry.advisories = None
    run = audit(registry, tmp_path)
    assert run.returncode == 0
    assert "npm audit of frontend: NOT ASKED: 405" in run.stdout
    assert audit(registry, tmp_path, "--require").returncode == 1
