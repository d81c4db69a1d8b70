"""The worker's AWS client, driven through tests/tools/aws_call.c.

Signatures are compared with botocore's, calls go to the simulator, credentials
come from small local servers.
"""

import datetime
import glob
import hashlib
import json
import os
import random
import select
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "simulator"))

from simclient import ROLE, Simulator, one_region  # noqa: E402

TOOL = os.path.join(os.environ.get("DRS_BUILD", os.path.join(TOP, "build")),
                    "tools", "aws_call")
ACCOUNT = "222222222222"
REGION = "us-east-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
DEADLINE = 60


class Tool:
    """A running aws_call process with an environment of its own."""

    def __init__(self, **env):
        base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
                "AWS_EC2_METADATA_DISABLED": "true"}
        base.update({k: v for k, v in os.environ.items()
                     if k.endswith("SAN_OPTIONS")})
        base.update(env)
        self.process = subprocess.Popen(
            [TOOL], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={k: v for k, v in base.items() if v is not None})

    def ask(self, do, **fields):
        self.process.stdin.write(json.dumps({"do": do, **fields}).encode()
                                 + b"\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE)
        assert ready, f"no answer to {do} within {DEADLINE} s"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        return json.loads(line)

    def call(self, service, operation, data=None, pages=False, **ctx):
        return self.ask("call", service=service, operation=operation,
                        input=data or {}, pages=pages, ctx=ctx)

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(DEADLINE)
        errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        assert status == 0 and not errors, errors


@pytest.fixture
def make_tool():
    tools = []

    def make(config=None, **env):
        tool = Tool(**env)
        tools.append(tool)
        answer = tool.ask("config", **(config or {}))
        assert answer == {"ok": True}, answer
        return tool

    yield make
    for tool in tools:
        tool.close()


# --- signatures --------------------------------------------------------------

def random_request(rng):
    def word(alphabet, most):
        return "".join(rng.choice(alphabet)
                       for _ in range(rng.randint(1, most)))

    letters = string.ascii_letters + string.digits
    odd = letters + "-._~ :/%+=&éß漢*'()@!,;"
    path = "/" + "/".join(urllib.parse.quote(word(odd, 12), safe="")
                          for _ in range(rng.randint(0, 4)))
    if rng.random() < 0.2:
        path += rng.choice(["/", "//x", "/./y", "/a/../b"])
    if path.endswith(("/.", "/..")):
        # botocore drops the slash that RFC 3986 leaves there
        path += "x"
    query = "&".join(
        f"{urllib.parse.quote(word(odd, 8), safe='')}="
        f"{urllib.parse.quote(word(odd, 12), safe='')}"
        for _ in range(rng.choice([0, 0, 1, 2, 5])))
    headers = [("host", rng.choice(["drs.us-east-1.amazonaws.com",
                                    "127.0.0.1:8080"]))]
    if rng.random() < 0.7:
        headers.append(("Content-Type", "application/json"))
    if rng.random() < 0.5:
        headers.append(("X-Amz-Target", "AmazonSSM." + word(letters, 10)))
    if rng.random() < 0.3:
        headers.append(("X-Meta", "  a   " + word(letters + " ", 20) + " b "))
    return {
        "method": rng.choice(["GET", "POST", "DELETE", "PUT"]),
        "path": path, "query": query, "headers": headers,
        "body": rng.choice(["", "{}", word(odd, 400)]),
        "region": rng.choice(["us-east-1", "eu-central-1"]),
        "service": rng.choice(["drs", "ec2", "sts"]),
        "accessKey": "AKID" + word(letters, 16),
        "secretKey": word(letters + "/+=", 40),
        "token": rng.choice([None, word(letters + "/+=", 300)]),
        "time": rng.randint(1_400_000_000, 2_000_000_000),
    }


def botocore_signature(req):
    stamp = datetime.datetime.utcfromtimestamp(req["time"])
    url = "https://" + dict(req["headers"])["host"] + req["path"]
    if req["query"]:
        url += "?" + req["query"]
    request = botocore.awsrequest.AWSRequest(
        method=req["method"], url=url, data=req["body"].encode(),
        headers=dict(req["headers"]))
    request.context["payload_signing_enabled"] = True
    creds = botocore.credentials.Credentials(
        req["accessKey"], req["secretKey"], req["token"])
    signer = botocore.auth.SigV4Auth(creds, req["service"], req["region"])
    with mock.patch.object(botocore.auth, "datetime") as fake:
        fake.datetime.utcnow.return_value = stamp
        signer.add_auth(request)
    return (request.headers["Authorization"],
            request.headers["X-Amz-Date"])


def test_signatures_equal_botocores(make_tool):
    tool = make_tool()
    rng = random.Random(20150830)
    for _ in range(400):
        req = random_request(rng)
        wanted, date = botocore_signature(req)
        headers = list(req["headers"]) + [("x-amz-date", date)]
        if req["token"]:
            headers.append(("X-Amz-Security-Token", req["token"]))
        answer = tool.ask("sign", **{**req, "headers": headers})
        assert answer["authorization"] == wanted, (req, answer["canonical"])


def vector_request(folder):
    """A case of AWS's published header vectors as a request for the tool."""
    with open(os.path.join(folder, "context.json"), encoding="utf-8") as f:
        context = json.load(f)
    with open(os.path.join(folder, "request.txt"), encoding="utf-8",
              newline="") as f:
        head, _, body = f.read().replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    method, target = first.rsplit(" ", 1)[0].split(" ", 1)
    path, _, query = target.partition("?")
    headers = []
    for line in lines:
        if line[:1] in " \t":
            headers[-1][1] += "\n" + line
        elif line:
            headers.append(list(line.split(":", 1)))
    stamp = datetime.datetime.fromisoformat(
        context["timestamp"].replace("Z", "+00:00"))
    creds = context["credentials"]
    headers.append(["x-amz-date", stamp.strftime("%Y%m%dT%H%M%SZ")])
    if context["sign_body"]:
        headers.append(["x-amz-content-sha256",
                        hashlib.sha256(body.encode()).hexdigest()])
    if creds.get("token") and not context.get("omit_session_token"):
        headers.append(["x-amz-security-token", creds["token"]])
    return {"method": method, "path": path, "query": query, "body": body,
            "headers": headers, "keepPath": not context["normalize"],
            "region": context["region"], "service": context["service"],
            "accessKey": creds["access_key_id"],
            "secretKey": creds["secret_access_key"],
            "time": int(stamp.timestamp())}


def test_published_vectors(make_tool):
    """AWS's own example, and every vector of $DRS_SIGV4_VECTORS."""
    tool = make_tool()
    answer = tool.ask(
        "sign", method="GET", path="/", time=1440938160, body="",
        query="Action=ListUsers&Version=2010-05-08", service="iam",
        region="us-east-1", accessKey="AKIDEXAMPLE",
        secretKey="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        headers=[["host", "iam.amazonaws.com"], ["content-type",
                 "application/x-www-form-urlencoded; charset=utf-8"],
                 ["x-amz-date", "20150830T123600Z"]])
    assert answer["authorization"].endswith(
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    folder = os.environ.get("DRS_SIGV4_VECTORS")
    cases = sorted(glob.glob(os.path.join(folder, "*", "context.json"))) \
        if folder else []
    assert cases or not folder, f"no vectors in {folder}"
    for path in cases:
        case = os.path.dirname(path)
        answer = tool.ask("sign", **vector_request(case))
        for name, key in (("canonical-request", "canonical"),
                          ("string-to-sign", "stringToSign")):
            with open(os.path.join(case, f"header-{name}.txt"),
                      encoding="utf-8", newline="") as f:
                assert answer[key] == f.read().replace("\r\n", "\n"), case
        with open(os.path.join(case, "header-signature.txt"),
                  encoding="utf-8") as f:
            assert answer["authorization"].endswith(f.read().strip()), case


def test_a_changed_body_changes_the_signature(make_tool):
    tool = make_tool()
    req = random_request(random.Random(1))
    req["headers"].append(("x-amz-date", "20240501T000000Z"))
    one = tool.ask("sign", **{**req, "body": "a"})
    two = tool.ask("sign", **{**req, "body": "b"})
    assert one["authorization"] != two["authorization"]


# --- calls to the simulator --------------------------------------------------

@pytest.fixture(scope="module")
def sim_process():
    with Simulator.start(speed=1000, page_size=10) as simulator:
        yield simulator


@pytest.fixture
def sim(sim_process):
    sim_process.clear_faults()
    sim_process.reset()
    sim_process.speed(1000)
    sim_process.thaw()
    yield sim_process
    sim_process.clear_faults()


@pytest.fixture
def fleet(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 25, namePrefix="web",
                         tags={"tier": "web"}))
    return sim.server_ids(ACCOUNT, REGION)


def hub_env(sim):
    key, secret = sim.hub_keys()
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": REGION, "AWS_ENDPOINT_URL": sim.url}


@pytest.fixture
def tool(sim, make_tool):
    return make_tool(**hub_env(sim))


CTX = {"account": ACCOUNT, "region": REGION, "roleArn": ROLE_ARN}


def external_id(sim):
    """What the simulator's role wants, None if nothing."""
    for account in sim.fleet()["accounts"]:
        if account["accountId"] == ACCOUNT:
            for role in account["roles"]:
                if role["roleName"] == ROLE:
                    return role.get("externalId")
    return None


@pytest.fixture
def ctx(sim, fleet):
    wanted = external_id(sim)
    return {**CTX, **({"externalId": wanted} if wanted else {})}


def count(answer, operation):
    return sum(1 for c in answer["calls"] if c["operation"] == operation)


def test_hub_identity(tool, sim):
    answer = tool.call("sts", "GetCallerIdentity", region=REGION)
    assert answer["class"] == "ok", answer
    assert answer["output"]["Account"] == "111111111111"
    assert answer["output"]["Arn"].startswith("arn:aws:iam::111111111111:")
    assert answer["requestId"]


def test_role_is_assumed_and_verified_once(tool, ctx):
    first = tool.ask("servers", ctx=ctx)
    assert first["class"] == "ok", first
    assert count(first, "AssumeRole") == 1
    assert count(first, "GetCallerIdentity") == 1
    second = tool.ask("servers", ctx=ctx)
    assert count(second, "AssumeRole") == 0
    assert count(second, "GetCallerIdentity") == 0


def test_all_pages_are_read(tool, ctx, fleet):
    answer = tool.ask("servers", ctx=ctx)
    found = [s["sourceServerID"] for s in answer["output"]]
    assert sorted(found) == sorted(fleet)
    assert count(answer, "DescribeSourceServers") == 3


def test_id_filters(tool, ctx, fleet):
    answer = tool.ask("servers", ctx=ctx,
                      filters={"sourceServerIDs": fleet[:3]})
    assert sorted(s["sourceServerID"] for s in answer["output"]) \
        == sorted(fleet[:3])
    empty = tool.ask("servers", ctx=ctx, filters={"sourceServerIDs": []})
    assert empty["class"] == "ok" and empty["output"] == []
    assert empty["calls"] == []


def test_role_of_another_account_is_refused_without_a_call(tool, ctx):
    answer = tool.ask("servers", ctx={**ctx, "account": "333333333333"})
    assert answer["class"] == "account"
    assert answer["calls"] == []


def test_hub_credentials_are_not_taken_for_another_account(tool, fleet):
    answer = tool.ask("servers", ctx={"account": ACCOUNT, "region": REGION})
    assert answer["class"] == "account"
    assert count(answer, "DescribeSourceServers") == 0


def test_denied_role_is_remembered(tool, ctx):
    bad = {**ctx, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/not-there"}
    first = tool.ask("servers", ctx=bad)
    assert first["class"] == "denied", first
    assert "trust policy" in first["message"]
    assert count(first, "AssumeRole") == 1
    second = tool.ask("servers", ctx=bad)
    assert second["class"] == "denied"
    assert second["calls"] == []
    tool.ask("forget", ctx=bad)
    assert count(tool.ask("servers", ctx=bad), "AssumeRole") == 1


def test_start_recovery_and_its_job(tool, sim, ctx, fleet):
    answer = tool.ask("start", ctx=ctx, servers=fleet[:2], drill=True)
    assert answer["outcome"] == "accepted", answer
    job = answer["output"]["jobID"]
    assert count(answer, "StartRecovery") == 1

    def done():
        jobs = tool.ask("jobs", ctx=ctx, ids=[job])["output"]
        return jobs if jobs[0]["status"] == "COMPLETED" else None

    servers = sim.wait(done)[0]["participatingServers"]
    assert {s["launchStatus"] for s in servers} == {"LAUNCHED"}
    log = tool.call("drs", "DescribeJobLogItems", {"jobID": job}, True, **ctx)
    assert "JOB_END" in [i["event"] for i in log["output"]]
    assert len(tool.ask("jobs", ctx=ctx,
                        **{"from": "2020-01-01T00:00:00Z"})["output"]) == 1

    instances = tool.call("drs", "DescribeRecoveryInstances",
                          {"filters": {"sourceServerIDs": fleet[:2]}}, True,
                          **ctx)["output"]
    ids = [i["ec2InstanceID"] for i in instances]
    assert len(ids) == 2
    unknown = "i-0123456789abcdef0"
    ec2 = tool.ask("instances", ctx=ctx, ids=ids + [unknown])
    assert ec2["class"] == "ok", ec2
    assert sorted(i["InstanceId"] for i in ec2["output"]) == sorted(ids)
    assert {i["State"]["Name"] for i in ec2["output"]} <= {"pending",
                                                           "running"}
    assert isinstance(ec2["output"][0]["State"]["Code"], int)

    ended = tool.ask("terminate", ctx=ctx, ids=ids)
    assert ended["outcome"] == "accepted", ended
    assert ended["output"]["type"] == "TERMINATE"


def test_start_recovery_conflict_is_a_refusal(tool, sim, ctx, fleet):
    sim.freeze()
    assert tool.ask("start", ctx=ctx, servers=fleet[:1])["outcome"] \
        == "accepted"
    answer = tool.ask("start", ctx=ctx, servers=fleet[:1])
    assert answer["outcome"] == "refused"
    assert answer["class"] == "conflict"
    assert answer["code"] == "ConflictException"
    assert count(answer, "StartRecovery") == 1


@pytest.mark.parametrize("kind", ["lost_response", "http_500", "http_503"])
def test_start_recovery_doubtful_answers_are_unknown(tool, sim, ctx, fleet,
                                                     kind):
    tool.ask("prepare", ctx=ctx)
    sim.fault(kind, "drs", "StartRecovery", times=1)
    answer = tool.ask("start", ctx=ctx, servers=fleet[:1])
    assert answer["outcome"] == "unknown", answer
    assert answer["class"] == "ambiguous"
    assert count(answer, "StartRecovery") == 1
    assert len(sim.calls(operation="StartRecovery")) == 1


def test_start_recovery_timeout_after_sending_is_unknown(tool, sim, ctx,
                                                         fleet):
    tool.ask("prepare", ctx=ctx)
    sim.fault("slow", "drs", "StartRecovery", times=1, delayMs=4000,
              effect="before")
    answer = tool.ask("start", ctx=ctx, servers=fleet[:1], timeoutMs=1500)
    assert answer["outcome"] == "unknown"
    assert answer["sent"] == "sent"
    assert answer["code"] == "LocalTimeout"


def test_start_recovery_throttled_is_refused_once(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    sim.fault("throttle", "drs", "StartRecovery", times=1)
    answer = tool.ask("start", ctx=ctx, servers=fleet[:1])
    assert answer["outcome"] == "refused"
    assert answer["class"] == "throttle"
    assert len(sim.calls(operation="StartRecovery")) == 1


def test_start_recovery_without_connection_is_not_sent(make_tool, sim):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        tool = make_tool(**{**hub_env(sim), "AWS_ENDPOINT_URL_DRS":
                            f"http://127.0.0.1:{port}"})
        answer = tool.ask("start", servers=["s-" + "1" * 17],
                          ctx={"region": REGION})
    assert answer["outcome"] == "not_sent", answer
    assert answer["class"] == "transient"
    assert answer["attempts"] == 1


def test_start_recovery_without_credentials_is_not_sent(make_tool, sim):
    tool = make_tool(AWS_ENDPOINT_URL=sim.url, AWS_REGION=REGION)
    answer = tool.ask("start", servers=["s-" + "1" * 17],
                      ctx={"region": REGION})
    assert answer["outcome"] == "not_sent"
    assert answer["class"] == "credentials"
    assert answer["calls"] == []


def test_start_recovery_is_signed_for_the_given_time(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    old = int(time.time()) - 1200
    answer = tool.ask("start", ctx=ctx, servers=fleet[:1], signAt=old)
    assert answer["outcome"] == "refused", answer
    assert answer["class"] in ("clock", "credentials")
    assert not sim.effects("StartRecovery")


def test_reads_are_retried(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    for kind in ("http_500", "reset_before", "throttle"):
        before = len(sim.calls(operation="DescribeJobs"))
        sim.fault(kind, "drs", "DescribeJobs", times=1)
        answer = tool.ask("jobs", ctx=ctx)
        assert answer["class"] == "ok", (kind, answer)
        # a cut connection that was used before libcurl replaces by itself
        assert len(sim.calls(operation="DescribeJobs")) == before + 2, kind


def test_expired_token_is_renewed_once(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    sim.fault("expired_token", "drs", "DescribeJobs", times=1)
    answer = tool.ask("jobs", ctx=ctx)
    assert answer["class"] == "ok", answer
    assert count(answer, "DescribeJobs") == 2
    assert count(answer, "AssumeRole") == 1


def test_access_denied_is_not_retried(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    sim.fault("access_denied", "drs", "DescribeJobs", times=5)
    answer = tool.ask("jobs", ctx=ctx)
    assert answer["class"] == "denied"
    assert answer["attempts"] == 1


def test_tags_go_through_the_encoded_path(tool, ctx, fleet):
    server = tool.ask("servers", ctx=ctx)["output"][0]
    arn = server["arn"]
    tags = {"a b": "1/2:3", "Name": "ünïcode", "c+d": "&="}
    put = tool.call("drs", "TagResource", {"resourceArn": arn, "tags": tags},
                    **ctx)
    assert put["class"] == "ok", put
    got = tool.call("drs", "ListTagsForResource", {"resourceArn": arn}, **ctx)
    assert tags.items() <= got["output"]["tags"].items()
    gone = tool.call("drs", "UntagResource",
                     {"resourceArn": arn, "tagKeys": ["a b", "c+d"]}, **ctx)
    assert gone["class"] == "ok", gone
    got = tool.call("drs", "ListTagsForResource", {"resourceArn": arn}, **ctx)
    assert "a b" not in got["output"]["tags"]
    assert got["output"]["tags"]["Name"] == "ünïcode"


def test_launch_template_round_trip(tool, ctx, fleet):
    config = tool.call("drs", "GetLaunchConfiguration",
                       {"sourceServerID": fleet[0]}, **ctx)["output"]
    lt = config["ec2LaunchTemplateID"]
    found = tool.call("ec2", "DescribeLaunchTemplateVersions",
                      {"LaunchTemplateId": lt, "Versions": ["$Default"]},
                      True, **ctx)
    assert found["class"] == "ok", found
    version = found["output"][0]
    assert isinstance(version["VersionNumber"], int)
    subnet = tool.call("ec2", "DescribeSubnets", {}, True,
                       **ctx)["output"][0]
    data = {"InstanceType": "t3.medium", "NetworkInterfaces": [
        {"DeviceIndex": 0, "SubnetId": subnet["SubnetId"],
         "DeleteOnTermination": True}]}
    made = tool.call("ec2", "CreateLaunchTemplateVersion", {
        "LaunchTemplateId": lt, "ClientToken": "one",
        "SourceVersion": str(version["VersionNumber"]),
        "LaunchTemplateData": data}, **ctx)
    assert made["class"] == "ok", made
    number = made["output"]["LaunchTemplateVersion"]["VersionNumber"]
    assert number > version["VersionNumber"]
    again = tool.call("ec2", "CreateLaunchTemplateVersion", {
        "LaunchTemplateId": lt, "ClientToken": "one",
        "SourceVersion": str(version["VersionNumber"]),
        "LaunchTemplateData": data}, **ctx)
    assert again["output"]["LaunchTemplateVersion"]["VersionNumber"] == number
    tool.call("ec2", "ModifyLaunchTemplate", {
        "LaunchTemplateId": lt, "DefaultVersion": str(number)}, **ctx)
    now = tool.call("ec2", "DescribeLaunchTemplateVersions",
                    {"LaunchTemplateId": lt, "Versions": ["$Default"]},
                    True, **ctx)["output"][0]
    assert now["VersionNumber"] == number
    read = now["LaunchTemplateData"]
    assert read["InstanceType"] == "t3.medium"
    assert read["NetworkInterfaces"][0]["SubnetId"] == subnet["SubnetId"]
    assert read["NetworkInterfaces"][0]["DeleteOnTermination"] is True
    # what was read can be sent back
    back = tool.call("ec2", "CreateLaunchTemplateVersion", {
        "LaunchTemplateId": lt, "ClientToken": "two",
        "LaunchTemplateData": read}, **ctx)
    assert back["class"] == "ok", back


@pytest.mark.parametrize("service,operation,pages", [
    ("ec2", "DescribeSubnets", True),
    ("ec2", "DescribeSecurityGroups", True),
    ("ec2", "DescribeInstanceTypes", True),
    ("ec2", "DescribeRegions", False),
    ("ec2", "DescribeAvailabilityZones", False),
    ("ec2", "DescribeKeyPairs", False),
    ("iam", "ListInstanceProfiles", True),
    ("drs", "ListStagingAccounts", True),
    ("drs", "DescribeReplicationConfigurationTemplates", True),
    ("servicequotas", "ListServiceQuotas", True),
])
def test_the_other_reads(tool, ctx, service, operation, pages):
    data = {"ServiceCode": "drs"} if service == "servicequotas" else {}
    answer = tool.call(service, operation, data, pages, **ctx)
    assert answer["class"] == "ok", answer
    assert answer["output"] is not None


def test_publish(tool, sim, ctx):
    keys = sim.assume(ACCOUNT, **({"ExternalId": ctx["externalId"]}
                                  if "externalId" in ctx else {}))
    topic = sim.boto("sns", REGION, keys).create_topic(
        Name="topic")["TopicArn"]
    answer = tool.ask("publish", ctx=ctx, topic=topic, subject="Wave 1",
                      message="done: ünï & <x>", attributes={"kind": "wave"})
    assert answer["class"] == "ok", answer
    sent = sim.messages()[-1]
    assert answer["output"] == sent["messageId"], sent
    assert sent["message"] == "done: ünï & <x>"
    assert sent["subject"] == "Wave 1"
    for bad in ({"subject": "x" * 100}, {"subject": "a\nb"},
                {"message": "x" * 262145}, {"attributes": {"a": 1}}):
        fields = {"topic": topic, "message": "m", **bad}
        refused = tool.ask("publish", ctx=ctx, **fields)
        assert refused["class"] == "local" and not refused["calls"]


def test_a_lost_answer_to_publish_is_ambiguous(tool, sim, ctx):
    tool.ask("prepare", ctx=ctx)
    sim.fault("lost_response", "sns", "Publish", times=1)
    answer = tool.ask("publish", ctx=ctx, message="m",
                      topic=f"arn:aws:sns:{REGION}:{ACCOUNT}:topic")
    assert answer["class"] == "ambiguous", answer
    assert count(answer, "Publish") == 1


def test_quota(tool, ctx):
    answer = tool.ask("quota", ctx=ctx, code="L-D88FAC3A")
    assert answer["class"] == "ok", answer
    assert answer["output"]["Value"] == 20.0
    missing = tool.ask("quota", ctx=ctx, code="L-00000000")
    assert missing["class"] == "not_found"
    assert count(missing, "GetAWSDefaultServiceQuota") == 1


def test_update_launch_configuration(tool, ctx, fleet):
    answer = tool.ask("update", ctx=ctx, server=fleet[0], settings={
        "copyTags": True, "targetInstanceTypeRightSizingMethod": "NONE"})
    assert answer["class"] == "ok", answer
    assert answer["output"]["copyTags"] is True
    assert answer["output"]["sourceServerID"] == fleet[0]
    bad = tool.ask("update", ctx=ctx, server=fleet[0],
                   settings={"launchDisposition": "SOMETIMES"})
    assert bad["class"] == "validation", bad


def test_the_other_typed_calls(tool, ctx, fleet):
    snaps = tool.ask("snapshots", ctx=ctx, server=fleet[0])
    assert snaps["class"] == "ok", snaps
    assert all(s["sourceServerID"] == fleet[0] for s in snaps["output"])
    offers = tool.ask("offerings", ctx=ctx, filters=[
        {"Name": "instance-type", "Values": ["t3.medium"]}])
    assert [o["InstanceType"] for o in offers["output"]] == ["t3.medium"]
    gone = tool.ask("profile", ctx=ctx, name="not-there")
    assert gone["class"] == "not_found" and gone["code"] == "NoSuchEntity"
    for bad in ({"id": "lt-1", "data": {}}, {"id": "lt-1", "token": "t"},
                {"id": "lt-1", "token": "t", "data": {},
                 "description": "x" * 256}):
        assert tool.ask("template", ctx=ctx, **bad)["class"] == "local"
    missing = tool.ask("template", ctx=ctx, id="lt-0123456789abcdef0",
                       token="t", data={"InstanceType": "t3.small"})
    assert missing["class"] == "not_found", missing


def test_a_lost_answer_to_an_extension_is_ambiguous(tool, sim, ctx, fleet):
    tool.ask("prepare", ctx=ctx)
    sim.fault("lost_response", "drs", "CreateExtendedSourceServer", times=1)
    arn = f"arn:aws:drs:{REGION}:333333333333:source-server/s-" + "1" * 17
    answer = tool.ask("extend", ctx=ctx, arn=arn)
    assert answer["class"] == "ambiguous", answer
    assert count(answer, "CreateExtendedSourceServer") == 1


def test_unknown_server_is_not_found(tool, ctx):
    answer = tool.call("drs", "GetLaunchConfiguration",
                       {"sourceServerID": "s-" + "f" * 17}, **ctx)
    assert answer["class"] == "not_found", answer
    assert answer["code"] == "ResourceNotFoundException"


def test_local_refusals_send_nothing(tool, ctx):
    for service, operation, data, code in (
            ("drs", "NoSuchThing", {}, "LocalOperation"),
            ("ec2", "DescribeSubnets", {"Subnets": ["x"]}, "LocalInput"),
            ("ec2", "DescribeSubnets", {"SubnetIds": "x"}, "LocalInput"),
            ("drs", "TagResource", {"tags": {}}, "LocalInput")):
        answer = tool.call(service, operation, data, **ctx)
        assert answer["class"] == "local"
        assert answer["code"] == code, answer
        assert answer["calls"] == []
    answer = tool.call("drs", "DescribeJobs", {}, region="us-east-1/x")
    assert answer["code"] == "LocalEndpoint"


def test_budget_limits_and_refuses(make_tool, sim, fleet):
    """Ten at once, and two of them are left for recoveries."""
    tool = make_tool({"budgetScale": 1.0}, **hub_env(sim))
    outcomes = [tool.ask("start", ctx={"region": REGION},
                         servers=["s-" + "1" * 17], timeoutMs=1100)
                for _ in range(9)]
    assert outcomes[-1]["code"] == "LocalBudget"
    assert outcomes[-1]["outcome"] == "not_sent"
    assert len(sim.calls(operation="StartRecovery")) == 8


def test_what_does_not_answer_is_left_alone_for_a_moment(tool, sim, ctx):
    tool.ask("prepare", ctx=ctx)
    sim.fault("http_500", "drs", "DescribeJobs", times=10)
    for _ in range(10):
        assert tool.ask("jobs", ctx={**ctx, "maxAttempts": 1})["status"] == 500
    answer = tool.ask("jobs", ctx=ctx)
    assert answer["code"] == "LocalCircuitOpen", answer
    assert answer["class"] == "transient" and answer["sent"] == "not_sent"
    assert answer["calls"] == []
    assert tool.ask("start", ctx=ctx, servers=["s-" + "1" * 17])["outcome"] \
        == "not_sent"
    sim.wait(lambda: tool.ask("jobs", ctx=ctx)["class"] == "ok")


def test_wrong_clock_is_put_right_once(make_tool, sim):
    for skew in (3600, -3600):
        tool = make_tool({"skewS": skew}, **hub_env(sim))
        first = whoami(tool)
        assert first["class"] == "ok", first
        assert first["attempts"] == 2
        assert whoami(tool)["attempts"] == 1


def test_region_that_is_not_opted_in(tool, sim, ctx):
    sim.control("POST", "region", {"account": ACCOUNT, "region": REGION,
                                   "optedIn": True})
    sim.control("POST", "region", {"account": ACCOUNT, "region": "ap-east-1",
                                   "optedIn": False})
    answer = tool.ask("jobs", ctx={**ctx, "region": "ap-east-1"})
    assert answer["class"] == "region_disabled", answer
    assert tool.ask("jobs", ctx=ctx)["class"] == "ok"


def test_region_that_was_never_initialized(tool, sim, ctx):
    sim.control("POST", "region", {"account": ACCOUNT, "region": "eu-west-3",
                                   "initialized": False})
    answer = tool.ask("jobs", ctx={**ctx, "region": "eu-west-3"})
    assert answer["class"] == "uninitialized", answer
    assert answer["code"] == "UninitializedAccountException"


def test_sessions_are_renewed_before_they_end(tool, sim, ctx):
    sim.control("POST", "sts", {"sessionSeconds": 4})
    seen = []

    def renewed():
        answer = tool.ask("jobs", ctx=ctx)
        assert answer["class"] == "ok", answer
        assert count(answer, "DescribeJobs") == 1
        seen.append(count(answer, "AssumeRole"))
        return sum(seen) >= 3

    sim.wait(renewed, timeout=30)
    assert 0 in seen


# --- TLS ---------------------------------------------------------------------

@pytest.fixture(scope="module")
def tls_sim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with Simulator.start(tls_dir=folder) as simulator:
        yield simulator, folder


def test_tls_is_verified(make_tool, tls_sim):
    simulator, folder = tls_sim
    port = simulator.ready.get("tlsPort")
    assert port, simulator.ready
    key, secret = simulator.hub_keys()
    env = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
           "AWS_REGION": REGION,
           "AWS_ENDPOINT_URL": f"https://localhost:{port}"}
    good = make_tool({"caBundle": str(folder / "ca.pem")}, **env)
    answer = good.call("sts", "GetCallerIdentity", region=REGION)
    assert answer["class"] == "ok", answer
    unknown = make_tool(**env)
    answer = unknown.call("sts", "GetCallerIdentity", region=REGION,
                          maxAttempts=1)
    assert answer["class"] == "transient"
    assert answer["sent"] == "not_sent"
    assert "certificate" in answer["message"].lower()
    assert not simulator.calls(operation="GetCallerIdentity",
                               since=len(simulator.calls()))


# --- sources of credentials --------------------------------------------------

class Local(ThreadingHTTPServer):
    """Answers by `routes`: {(method, path): function(headers) -> (status,
    body)}; keeps what was asked."""

    daemon_threads = True

    def __init__(self, routes):
        self.routes = routes
        self.asked = []
        super().__init__(("127.0.0.1", 0), LocalHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class LocalHandler(BaseHTTPRequestHandler):
    def answer(self):
        self.server.asked.append((self.command, self.path))
        route = self.server.routes.get((self.command, self.path))
        status, body = route(self.headers) if route else (404, "")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_PUT = answer

    def log_message(self, *_args):
        pass


@pytest.fixture
def local():
    servers = []

    def make(routes):
        server = Local(routes)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def document(sim, **more):
    key, secret = sim.hub_keys()
    later = datetime.datetime.utcnow() + datetime.timedelta(hours=6)
    return json.dumps({"Code": "Success", "AccessKeyId": key,
                       "SecretAccessKey": secret,
                       "Expiration": later.strftime("%Y-%m-%dT%H:%M:%SZ"),
                       **more})


def whoami(tool):
    return tool.call("sts", "GetCallerIdentity", region=REGION)


IMDS = "/latest/meta-data/iam/security-credentials/"


def imds_routes(sim, token=lambda _h: (200, "tok"), wanted="tok"):
    def checked(body):
        def route(headers):
            if headers.get("x-aws-ec2-metadata-token") != wanted:
                return 401, ""
            return 200, body
        return route
    return {("PUT", "/latest/api/token"): token,
            ("GET", IMDS): checked("my-role"),
            ("GET", IMDS + "my-role"): checked(document(sim))}


def test_instance_metadata_version_2(make_tool, sim, local):
    server = local(imds_routes(sim))
    tool = make_tool(AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url,
                     AWS_EC2_METADATA_DISABLED=None, AWS_REGION=REGION,
                     AWS_ENDPOINT_URL=sim.url)
    assert whoami(tool)["class"] == "ok"
    assert whoami(tool)["class"] == "ok"
    assert [m for m, _ in server.asked] == ["PUT", "GET", "GET"]


def test_instance_metadata_version_1_when_there_is_no_2(make_tool, sim,
                                                        local):
    server = local(imds_routes(sim, lambda _h: (404, ""), None))
    tool = make_tool(AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url,
                     AWS_EC2_METADATA_DISABLED=None, AWS_REGION=REGION,
                     AWS_ENDPOINT_URL=sim.url)
    assert whoami(tool)["class"] == "ok"
    refused = make_tool(AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url,
                        AWS_EC2_METADATA_DISABLED=None, AWS_REGION=REGION,
                        AWS_EC2_METADATA_V1_DISABLED="true",
                        AWS_ENDPOINT_URL=sim.url)
    assert whoami(refused)["class"] == "credentials"


def test_instance_metadata_error_document(make_tool, sim, local):
    routes = imds_routes(sim)
    routes["GET", IMDS + "my-role"] = lambda _h: (
        200, '{"Code": "Failed", "Message": "no"}')
    server = local(routes)
    tool = make_tool(AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url,
                     AWS_EC2_METADATA_DISABLED=None, AWS_REGION=REGION,
                     AWS_ENDPOINT_URL=sim.url)
    answer = whoami(tool)
    assert answer["class"] == "credentials"
    assert "my-role" in answer["message"]


def test_expired_metadata_credentials_go_on_being_used(make_tool, sim, local):
    routes = imds_routes(sim)
    routes["GET", IMDS + "my-role"] = lambda _h: (
        200, document(sim, Expiration="2020-01-01T00:00:00Z"))
    server = local(routes)
    tool = make_tool(AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url,
                     AWS_EC2_METADATA_DISABLED=None, AWS_REGION=REGION,
                     AWS_ENDPOINT_URL=sim.url)
    assert whoami(tool)["class"] == "ok"
    assert whoami(tool)["class"] == "ok"
    assert len(server.asked) == 3


def test_container_with_a_rotating_token_file(make_tool, sim, local,
                                              tmp_path):
    seen = []

    def route(headers):
        seen.append(headers.get("Authorization"))
        return 200, document(sim)

    server = local({("GET", "/creds"): route})
    token = tmp_path / "token"
    token.write_text("first\n")
    tool = make_tool(AWS_CONTAINER_CREDENTIALS_FULL_URI=server.url + "/creds",
                     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token),
                     AWS_REGION=REGION, AWS_ENDPOINT_URL=sim.url)
    assert whoami(tool)["class"] == "ok"
    token.write_text("second")
    tool.ask("forget", ctx={"region": REGION})
    assert whoami(tool)["class"] == "ok"
    assert seen == ["first", "second"]


@pytest.mark.parametrize("url", [
    "http://example.com/creds", "http://127.evil.example/creds",
    "http://localhost@example.com/creds", "ftp://127.0.0.1/creds",
    "http://[::1].example.com/"])
def test_container_hosts_that_are_not_allowed(make_tool, sim, url):
    tool = make_tool(AWS_CONTAINER_CREDENTIALS_FULL_URI=url,
                     AWS_REGION=REGION, AWS_ENDPOINT_URL=sim.url)
    answer = whoami(tool)
    assert answer["class"] == "credentials"
    assert "loopback" in answer["message"]


def test_container_token_with_a_line_break(make_tool, sim, local):
    server = local({})
    tool = make_tool(AWS_CONTAINER_CREDENTIALS_FULL_URI=server.url + "/creds",
                     AWS_CONTAINER_AUTHORIZATION_TOKEN="a\r\nX-Evil: 1",
                     AWS_REGION=REGION, AWS_ENDPOINT_URL=sim.url)
    answer = whoami(tool)
    assert "line break" in answer["message"]
    assert not server.asked


def profile_env(sim, tmp_path, config, credentials=""):
    (tmp_path / "config").write_text(config)
    (tmp_path / "credentials").write_text(credentials)
    return {"AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_ENDPOINT_URL": sim.url}


def test_profile_chain_with_external_id(make_tool, sim, ctx, tmp_path):
    key, secret = sim.hub_keys()
    external = ctx.get("externalId")
    env = profile_env(sim, tmp_path, f"""
[default]
region = {REGION}
[profile target]
role_arn = {ROLE_ARN}
source_profile = hub
role_session_name = from-profile
region = {REGION}
{"external_id = " + external if external else ""}
""", f"""
[hub]
aws_access_key_id = {key}
aws_secret_access_key = {secret}   # a comment
""")
    tool = make_tool(AWS_PROFILE="target", **env)
    answer = whoami(tool)
    assert answer["class"] == "ok", answer
    assert answer["output"]["Account"] == ACCOUNT
    assert answer["output"]["Arn"].endswith("/from-profile")


@pytest.mark.parametrize("config,told", [
    ("[profile a]\nrole_arn = arn:aws:iam::222222222222:role/x\n"
     "source_profile = b\n[profile b]\nsource_profile = a\n"
     "role_arn = arn:aws:iam::222222222222:role/y\n", "loop"),
    ("[profile a]\nrole_arn = arn:aws:iam::222222222222:role/x\n", "without"),
    ("[profile a]\naws_access_key_id = x\n", "aws_secret_access_key"),
    ("[profile b]\n", "does not exist"),
    ("[profile a]\ncredential_process = x\n", "credential_process"),
    ("[profile a]\nsso_session = x\n", "single sign-on"),
])
def test_profiles_that_are_wrong(make_tool, sim, tmp_path, config, told):
    tool = make_tool(AWS_PROFILE="a", AWS_REGION=REGION,
                     **profile_env(sim, tmp_path, config))
    answer = whoami(tool)
    assert answer["class"] == "credentials"
    assert told in answer["message"], answer["message"]


def test_partial_environment_is_an_error(make_tool, sim):
    tool = make_tool(AWS_ACCESS_KEY_ID="x", AWS_REGION=REGION,
                     AWS_ENDPOINT_URL=sim.url)
    answer = whoami(tool)
    assert answer["class"] == "credentials"
    assert "AWS_SECRET_ACCESS_KEY is not" in answer["message"]


def test_web_identity_is_unsigned_and_reads_the_file_again(make_tool, local,
                                                           tmp_path, sim):
    key, secret = sim.hub_keys()
    bodies = []

    class Sts(LocalHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            bodies.append((self.headers.get("Authorization"),
                           urllib.parse.parse_qs(
                               self.rfile.read(size).decode())))
            later = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
            body = (
                '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amaz'
                'onaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>'
                f"<Credentials><AccessKeyId>{key}</AccessKeyId>"
                f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken/>"
                f"<Expiration>{later:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
                "</Credentials></AssumeRoleWithWebIdentityResult>"
                "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
                "</AssumeRoleWithWebIdentityResponse>").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = local({})
    server.RequestHandlerClass = Sts
    token = tmp_path / "jwt"
    token.write_text("token-one")
    tool = make_tool(AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
                     AWS_ROLE_ARN=ROLE_ARN, AWS_REGION=REGION,
                     AWS_ENDPOINT_URL_STS=server.url,
                     AWS_ENDPOINT_URL=sim.url)
    assert tool.ask("prepare", ctx={"region": REGION})["class"] == "ok"
    token.write_text("token-two")
    tool.ask("forget", ctx={"region": REGION})
    assert tool.ask("prepare", ctx={"region": REGION})["class"] == "ok"
    assert [b[0] for b in bodies] == [None, None]
    assert [b[1]["WebIdentityToken"] for b in bodies] == [["token-one"],
                                                          ["token-two"]]
    assert bodies[0][1]["RoleArn"] == [ROLE_ARN]
