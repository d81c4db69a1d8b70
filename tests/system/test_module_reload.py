"""Reload and stop with requests under way; nginx with other modules and hosts."""

import http.client
import os
import signal
import subprocess
import threading

import pytest

from edge import MODULE, TOP, Edge, wait_until
from edge_fixtures import (FakeWorker, fixture_keys, fixture_own_redis, note)
from ports import free_port

FIXTURES = (fixture_keys, fixture_own_redis)

ACCOUNTS = "/accounts/targets"
IMPORT = {"config": {"metadata": {"schemaVersion": "1.1"}, "protectionGroups": [],
                     "recoveryPlans": []}}
MODULES = "/usr/share/nginx/modules"


def test_reload_while_redis_is_paused(own_redis, keys):
    """A request that waits for Redis gets its 200 from the old process."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, http="drs_redis_timeout 30s;") as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        own_redis.pause()
        got = []
        thread = threading.Thread(target=lambda: got.append(edge.get(ACCOUNTS, token)))
        thread.start()
        wait_until(lambda: edge.get("/nope").status == 404, "served")
        old = edge.reload()
        assert set(old) & set(edge.workers()) and not got
        own_redis.resume()
        thread.join(60)
        assert got[0].status == 200
        wait_until(lambda: not set(old) & set(edge.workers()), "old process gone")


def test_reload_while_a_worker_works(own_redis, keys):
    """A request that waits for the daemon's answer gets it across a reload."""
    token = keys.token("DRSOrchestrationAdmin")
    go_on = threading.Event()

    def answer(_):
        go_on.wait(60)
        return {"status": 200, "body": {"late": True}}

    with Edge(own_redis, keys) as edge, FakeWorker(own_redis, answer) as worker:
        got = []
        thread = threading.Thread(target=lambda: got.append(
            edge.request("POST", "/config/import", token, IMPORT)))
        thread.start()
        wait_until(lambda: worker.seen, "command taken")
        old = edge.reload()
        go_on.set()
        thread.join(60)
        assert got[0].status == 200 and got[0].json == {"late": True}
        wait_until(lambda: not set(old) & set(edge.workers()), "old process gone")


def test_answer_while_the_subscription_is_down(own_redis, keys):
    """An answer that was announced to nobody is fetched."""
    token = keys.token("DRSOrchestrationAdmin")
    go_on = threading.Event()

    def answer(_):
        own_redis.client().client_kill_filter(_type="pubsub")
        return {"status": 200, "body": {"fetched": True}}

    with Edge(own_redis, keys) as edge, FakeWorker(own_redis, answer):
        for _ in range(5):
            got = edge.request("POST", "/config/import", token, IMPORT)
            assert got.status == 200 and got.json == {"fetched": True}
        go_on.set()


def test_many_reloads_under_load(own_redis, keys):
    """Requests on fresh connections never see an error; memory stays."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, workers=2) as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        stop = threading.Event()
        bad = []
        count = [0]

        def load():
            while not stop.is_set():
                answer = edge.get(ACCOUNTS, token)
                count[0] += 1
                if answer.status != 200:
                    bad.append(answer.body)

        threads = [threading.Thread(target=load) for _ in range(4)]
        for t in threads:
            t.start()
        for _ in range(8):
            old = edge.reload()
            wait_until(lambda o=old: not set(o) & set(edge.workers()), "old processes gone")
        stop.set()
        for t in threads:
            t.join(60)
        assert not bad and count[0] > 50


def test_fast_stop_with_everything_open(own_redis, keys):
    """SIGTERM with waiting requests and streams: no crash."""
    token = keys.token("DRSReadOnly")
    edge = Edge(own_redis, keys, http="drs_redis_timeout 30s;")
    edge.start()
    wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
    stream = edge.stream("/events", token)
    own_redis.pause()
    c = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
    c.request("GET", "/api" + ACCOUNTS, headers={"Authorization": "Bearer " + token})
    wait_until(lambda: edge.get("/nope").status == 404, "served")
    edge.proc.send_signal(signal.SIGTERM)
    assert edge.proc.wait(60) == 0
    edge.proc = None
    own_redis.resume()
    stream.close()
    c.close()
    try:
        edge.assert_silent()
    finally:
        edge.remove()


def test_killed_worker_process(own_redis, keys):
    """kill -9 of a process: the next one serves, gauges of the dead are gone."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        edge.expected.append("exited on signal 9")
        stream = edge.stream("/events", token)
        old = edge.workers()
        os.kill(old[0], signal.SIGKILL)
        wait_until(lambda: set(edge.workers()) - set(old), "a new process")
        wait_until(lambda: up(edge, token), "serving")
        text = edge.get("/metrics").body.decode()
        assert "drs_nginx_streams 0\n" in text
        stream.close()


def up(edge, token):
    """Served, by the new process."""
    try:
        return edge.get(ACCOUNTS, token).status == 200
    except (OSError, http.client.HTTPException):
        return False


def test_among_other_modules_and_hosts(own_redis, keys):
    """Debian's nginx with headers-more and echo, and a virtual host of others."""
    token = keys.token("DRSReadOnly")
    load = "".join(f"load_module {MODULES}/{m};\n" for m in (
        "ndk_http_module.so", "ngx_http_echo_module.so",
        "ngx_http_headers_more_filter_module.so")
        if os.path.exists(os.path.join(MODULES, m)))
    assert "echo" in load and "headers_more" in load
    port = free_port()
    servers = f"""
    server {{
        listen 127.0.0.1:{port};
        location /echo {{ echo hello; }}
        location /slow {{ echo_sleep 0.2; echo done; }}
        location /proxy/ {{ proxy_pass http://127.0.0.1:{port}/echo; }}
    }}"""
    with Edge(own_redis, keys, load=f"{load}load_module {MODULE};", servers=servers,
              http="more_set_headers 'X-Site: ours'; gzip on; gzip_types *;"
                   " gzip_min_length 1;",
              server="more_clear_headers Server;") as edge:
        wait_until(lambda: edge.get(ACCOUNTS, token).status == 200, "up")
        answer = edge.get(ACCOUNTS, token, headers={"Accept-Encoding": "gzip"})
        assert answer.status == 200 and answer.header("Content-Encoding") == "gzip"
        assert answer.header("X-Site") == "ours" and answer.header("Server") is None
        stream = edge.stream("/events", token)
        note(own_redis.client(), data={"n": 1})
        assert stream.event()["data"]["data"] == {"n": 1}
        own_redis.pause()
        waiting = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
        waiting.request("GET", "/api" + ACCOUNTS, headers={"Authorization":
                                                           "Bearer " + token})
        for path, text in (("/echo", b"hello\n"), ("/slow", b"done\n"),
                           ("/proxy/", b"hello\n")):
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            c.request("GET", path)
            r = c.getresponse()
            assert (r.status, r.read()) == (200, text)
            c.close()
        own_redis.resume()
        assert waiting.getresponse().status in (200, 503)
        waiting.close()
        stream.close()


ERROR_PAGE = """
        error_page 400 413 414 429 494 500 502 503 504 @drs;
        location @drs { drs_error_page; }
        location /api/limited/ { limit_req zone=z; drs_api /api/limited; }
"""


def test_errors_of_nginx_have_the_envelope(own_redis, keys):
    """limit_req by user, through error_page and drs_error_page."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, server=ERROR_PAGE,
              http="limit_req_zone $drs_user zone=z:1m rate=1r/m; limit_req_status 429;"
                   ) as edge:
        path = "/limited/user/roles"
        assert edge.get(path, token).status == 200
        answer = edge.get(path, token)
        assert answer.status == 429 and answer.json["code"] == "RATE_LIMITED"
        assert answer.json["retryAfter"] > 0 and answer.header("Retry-After")
        assert answer.header("X-Request-Id") == answer.json["requestId"]
        # another user has another bucket; a forged token has none
        assert edge.get(path, keys.token("DRSReadOnly", sub="two")).status == 200
        assert edge.get(path, token[:-6] + "AAAAAA").status == 401


def curl(edge, *args):
    """curl over cleartext HTTP/2; (status, body)."""
    out = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-m", "60", "-w",
                          "\n%{http_code}", *args], capture_output=True, check=False,
                         timeout=90).stdout
    body, _, status = out.rpartition(b"\n")
    return int(status), body


def test_http2(own_redis, keys):
    """Requests, bodies of all sizes, refusals and a stream over HTTP/2."""
    token = keys.token("DRSOrchestrationAdmin")
    base = "http://127.0.0.1:%d/api"
    auth = "Authorization: Bearer " + token
    with Edge(own_redis, keys, listen="http2") as edge:
        url = base % edge.port
        wait_until(lambda: curl(edge, "-H", auth, url + ACCOUNTS)[0] == 200, "up")
        for size in (2, 100, 20000, 100000, 262144):
            with open(edge.path("body"), "wb") as f:
                f.write(b'{"a":"' + b"x" * (size - 8) + b'"}' if size > 8 else b"{}")
            status, body = curl(edge, "-H", auth, "--data-binary",
                                "@" + edge.path("body"), url + ACCOUNTS)
            assert status == 400 and b"INVALID_JSON" not in body, (size, body)
        with open(edge.path("body"), "wb") as f:
            f.write(b"x" * 300000)
        # curl of this version drops an answer that comes before it has sent all
        curl(edge, "-H", auth, "--data-binary", "@" + edge.path("body"), url + ACCOUNTS)
        assert 'route="/accounts/targets",status="4xx"} 6\n' in curl(
            edge, url + "/metrics")[1].decode()
        assert curl(edge, "-X", "POST", url + "/executions")[0] == 401
        assert curl(edge, "-X", "DELETE", "-H", auth, url + "/recovery-plans/x")[0] == 404
        with subprocess.Popen(["curl", "-sN", "--http2-prior-knowledge", "-H", auth,
                               url + "/events"], stdout=subprocess.PIPE) as stream:
            assert stream.stdout.readline() == b"retry: 3000\n"
            note(own_redis.client(), data={"n": 7})
            wait_until(lambda: b'"n":7' in stream.stdout.readline(), "event")
            edge.reload()
            stream.stdout.read()
            assert stream.wait(60) == 0


@pytest.mark.parametrize("text,message", [
    ("drs_prefix drs;", "braces"), ("drs_group x NoRole;", "unknown role"),
    ("drs_issuer a iss=x;", "aud="), ("drs_issuer a iss=x aud=y algs=HS256;", "not allowed"),
    ("drs_issuer a iss=x aud=y algs=none;", "not allowed"),
    ("drs_issuer a iss=x aud=y jwks=/nonexistent;", "nonexistent"),
    ("drs_redis_pool 0;", "out of its range"), ("drs_token_leeway 1h;", "out of its range"),
    ("drs_cors_origin console.example;", "no origin"),
    ("drs_metrics_allow nowhere;", "invalid address"),
    ("drs_issuer again iss=https://issuer.test.example aud=y;", "twice")])
def test_configuration_errors(own_redis, keys, text, message):
    """nginx -t says what is wrong."""
    edge = Edge(own_redis, keys, http=text)
    edge.port = 1
    edge.write_conf()
    done = subprocess.run(["/usr/sbin/nginx", "-t", "-p", edge.dir + "/", "-c",
                           edge.path("nginx.conf")], capture_output=True, text=True,
                          timeout=60, check=False, env=edge.env())
    edge.remove()
    assert done.returncode != 0 and message in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-snippet.conf"])
def test_shipped_configuration(own_redis, keys, name):
    """nginx takes the examples as they are, but for paths of the machine."""
    edge = Edge(own_redis, keys)
    with open(os.path.join(TOP, "conf", name), encoding="utf-8") as f:
        text = f.read()
    if name == "nginx.conf":
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=x", "-keyout", edge.path("drs.key"), "-out",
                        edge.path("drs.pem")], check=True, capture_output=True, timeout=60)
        for old, new in (("modules/ngx_http_drs_module.so", MODULE),
                         ("/var/log/nginx", edge.dir), ("/run/nginx.pid", edge.path("pid")),
                         ("/etc/ssl/certs", edge.dir), ("/etc/ssl/private", edge.dir),
                         ("/etc/nginx/drs-console.conf",
                          os.path.join(TOP, "conf", "console.conf"))):
            assert old in text
            text = text.replace(old, new)
    else:
        server = "".join(line[1:].lstrip() + "\n" for line in text.splitlines()
                         if line.startswith("#     ") and "load_module" not in line)
        text = (f"load_module {MODULE};\npid {edge.path('pid')};\nevents {{}}\nhttp {{\n"
                f"access_log off;\n{text}\nserver {{ {server} }}\n}}\n")
    with open(edge.path("nginx.conf"), "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run(["/usr/sbin/nginx", "-t", "-p", edge.dir + "/", "-e",
                           edge.path("error.log"), "-c", edge.path("nginx.conf")],
                          capture_output=True, text=True, timeout=60, check=False,
                          env=edge.env())
    edge.remove()
    assert done.returncode == 0, done.stderr
