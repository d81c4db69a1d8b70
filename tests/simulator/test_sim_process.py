"""The process: start, ready line, stop, TLS; and the control interface."""
import json
import os
import signal
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import (ConnectionClosedError, ReadTimeoutError,
                                 SSLError)

from simplace import ACCOUNT, REGION
from simclient import HERE, Simulator, SimulatorError, one_region


def test_starts_by_script_and_stops_silently():
    process = subprocess.Popen(
        ["/usr/bin/python3", os.path.join(HERE, "run.py"), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    with urllib.request.urlopen(
            f"http://127.0.0.1:{ready['port']}/_sim/health") as answer:
        assert json.load(answer)["status"] == "ok"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, b"", b"")


def test_stops_silently_in_the_middle_of_a_slow_call():
    with Simulator.start(stderr=subprocess.PIPE) as sim:
        sim.fault("slow", "sts", delayMs=60000)
        client = sim.boto("sts", read_timeout=0.2)
        with pytest.raises(ReadTimeoutError):
            client.get_caller_identity()
        assert sim.stop() == 0
        assert sim.process.stderr.read() == b""


def test_clients_that_go_away_leave_no_trace():
    with Simulator.start(stderr=subprocess.PIPE) as sim:
        for text in (b"POST /DescribeJobs HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: 100\r\n\r\nabc", b"garbage\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", sim.port)) as sock:
                sock.sendall(text)
        for kind in ("reset_before", "lost_response", "late_effect"):
            sim.fault(kind, "sts", times=1, delayMs=1)
            with pytest.raises((ConnectionClosedError, ConnectionError)):
                sim.boto("sts").get_caller_identity()
        assert sim.control("GET", "health")["crashes"] == 0
        assert sim.stop() == 0
        assert sim.process.stderr.read() == b""


def test_taken_port_is_an_error(process):
    answer = subprocess.run(
        ["/usr/bin/python3", os.path.join(HERE, "run.py"), "--port",
         str(process.port)], capture_output=True, text=True, timeout=60,
        check=False)
    assert answer.returncode == 1
    assert "address already in use" in answer.stderr


def test_fleet_file_is_loaded(tmp_path):
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(one_region(ACCOUNT, REGION, 3)))
    with Simulator.start(fleet=path) as sim:
        assert len(sim.server_ids(ACCOUNT, REGION)) == 3


def test_tls_ports(tmp_path):
    with Simulator.start(tls_dir=tmp_path) as sim:
        context = ssl.create_default_context(cafile=sim.ready["ca"])
        def get(name):
            url = f"https://127.0.0.1:{sim.ready[name]}/_sim/health"
            with urllib.request.urlopen(url, context=context) as answer:
                return json.load(answer)["status"]
        assert get("tlsPort") == "ok"
        for name, text in (("tlsWrongHostPort", "IP address mismatch"),
                           ("tlsExpiredPort", "expired")):
            with pytest.raises(urllib.error.URLError) as err:
                get(name)
            assert text in str(err.value)
        # a client with botocore's own CA bundle does not trust the test CA
        sts = sim.boto("sts",
                       url=f"https://127.0.0.1:{sim.ready['tlsPort']}")
        with pytest.raises(SSLError):
            sts.get_caller_identity()


def test_same_fleet_gives_the_same_ids(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 3))
    first = sim.server_ids(ACCOUNT, REGION)
    sim.reset()
    assert sim.server_ids(ACCOUNT, REGION) == []
    sim.fleet(one_region(ACCOUNT, REGION, 3))
    assert sim.server_ids(ACCOUNT, REGION) == first


def test_fleet_takes_ids_and_states(sim):
    ids = ["s-" + c * 17 for c in "ab"]
    sim.fleet(one_region(ACCOUNT, REGION, 0, sourceServerIds=ids,
                         replicationState="STALLED", lagDuration="PT3H"))
    assert sim.server_ids(ACCOUNT, REGION) == ids
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    info = drs.describe_source_servers()["items"][0]["dataReplicationInfo"]
    assert (info["dataReplicationState"], info["lagDuration"]) == (
        "STALLED", "PT3H")
    sim.server(ids[0], replicationState="CONTINUOUS", lagDuration="PT0S",
               tags={"x": "y"})
    server = drs.describe_source_servers()["items"][0]
    assert server["tags"] == {"x": "y"}


@pytest.mark.parametrize("body,text", [
    ({}, "accounts"), ({"accounts": [{"accountId": "1"}]}, "accountId"),
    ({"accounts": [{"accountId": ACCOUNT, "regions": [
        {"region": "moon"}]}]}, "regions[0].region"),
    ({"accounts": [{"accountId": ACCOUNT, "regions": [
        {"region": REGION, "servers": [{"size": 3}]}]}]},
     "servers[0].size")])
def test_bad_fleet_names_the_field(sim, body, text):
    with pytest.raises(SimulatorError) as err:
        sim.fleet(body)
    assert text in str(err.value)


def test_call_log_goes_on_from_a_number(place, sim):
    place.drs.describe_jobs()
    answer = sim.control("GET", "calls", since=0)
    seen = [c["seq"] for c in answer["calls"]]
    assert seen == list(range(seen[0], answer["next"] + 1))
    assert sim.calls(answer["next"]) == []
    place.drs.describe_jobs()
    fresh = sim.calls(answer["next"])
    assert [(c["operation"], c["account"], c["region"], c["status"],
             c["error"], c["applied"]) for c in fresh] == [
        ("DescribeJobs", ACCOUNT, REGION, 200, None, True)]


def test_unknown_control_path(sim):
    assert sim.http.get(sim.url + "/_sim/nothing").status_code == 404
    assert sim.http.post(sim.url + "/_sim/speed",
                         data="{").status_code == 400


def test_large_fleet_is_quick_enough(sim):
    sim.control("POST", "settings", {"pageSize": 500})
    sim.fleet(one_region(ACCOUNT, REGION, 4000))
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    pages = drs.get_paginator("describe_source_servers").paginate()
    assert sum(len(p["items"]) for p in pages) == 4000
