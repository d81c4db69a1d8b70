"""drs-worker --check-assumptions against the simulator: what it says, and that
it changes nothing."""

import json
import os
import re
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "simulator"))

from simclient import ROLE, Simulator  # noqa: E402

WORKER = os.path.join(os.environ.get("DRS_BUILD", os.path.join(TOP, "build")),
                      "drs-worker")
ACCOUNT = "222222222222"
NARROW = "333333333333"
REGION = "us-east-1"
READS = {
    ("sts", "GetCallerIdentity"), ("sts", "AssumeRole"),
    ("drs", "DescribeSourceServers"), ("drs", "DescribeJobs"),
    ("drs", "DescribeJobLogItems"), ("drs", "DescribeRecoveryInstances"),
    ("drs", "DescribeRecoverySnapshots"), ("drs", "GetLaunchConfiguration"),
    ("drs", "GetReplicationConfiguration"), ("drs", "ListTagsForResource"),
    ("drs", "ListStagingAccounts"), ("ec2", "DescribeRegions"),
    ("ec2", "DescribeInstances"), ("ec2", "DescribeLaunchTemplateVersions"),
    ("servicequotas", "ListServiceQuotas"),
    ("iam", "SimulatePrincipalPolicy"),
}
DRY_RUNS = {("ec2", "CreateLaunchTemplateVersion"),
            ("ec2", "ModifyLaunchTemplate"),
            ("ec2", "DeleteLaunchTemplateVersions")}
DEADLINE = 120


@pytest.fixture(scope="module")
def sim():
    with Simulator.start(speed=2000) as simulator:
        yield simulator


@pytest.fixture
def fleet(sim):
    """Two accounts; the role of the second may do less."""
    sim.reset()
    place = [{"region": REGION, "servers": [
        {"count": 3}, {"count": 1, "namePrefix": "old",
                       "replicationState": "DISCONNECTED"}]}]
    sim.fleet({"accounts": [
        {"accountId": ACCOUNT, "regions": place},
        {"accountId": NARROW, "regions": place, "roles": [
            {"roleName": ROLE, "deny": ["drs:DescribeJobs", "drs:StartRecovery",
                                        "ec2:ModifyLaunchTemplate"]}]}]})
    return sim


@pytest.fixture
def check(fleet, tmp_path):
    """Runs the worker; the report and the exit status."""
    conf = tmp_path / "worker.conf"
    conf.write_text(f"region = {REGION}\naws_endpoint_url = {fleet.url}\n")
    hub = fleet.fleet()["hub"]

    def run(*args, output="json", keys=True):
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
               "AWS_EC2_METADATA_DISABLED": "true"}
        env.update({k: v for k, v in os.environ.items()
                    if k.endswith("SAN_OPTIONS")})
        if keys:
            env["AWS_ACCESS_KEY_ID"] = hub["accessKeyId"]
            env["AWS_SECRET_ACCESS_KEY"] = hub["secretAccessKey"]
        done = subprocess.run(
            [WORKER, "--config", str(conf), "--check-assumptions",
             "--output", output, *args], env=env, capture_output=True,
            text=True, timeout=DEADLINE, check=False)
        if output != "json" or done.returncode in (1, 2):
            return done
        report = json.loads(done.stdout)
        report["status"] = done.returncode
        return report
    return run


def rows(report):
    return {row["id"]: row for row in report["assumptions"]}


def verdicts(report):
    return {row["id"]: row["verdict"] for row in report["assumptions"]}


def drill(sim, count=3, **more):
    """A drill of the first servers, to its end."""
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    ids = sim.server_ids(ACCOUNT, REGION)[:count]
    job = drs.start_recovery(
        sourceServers=[{"sourceServerID": i} for i in ids], isDrill=True,
        **more)["job"]["jobID"]

    def ended():
        found = drs.describe_jobs(filters={"jobIDs": [job]})["items"][0]
        return found if found["status"] == "COMPLETED" else None
    sim.wait(ended)
    return ids


def test_nothing_is_changed(fleet, check):
    """The call log holds reads, and dry runs that had no effect."""
    drill(fleet, 1)
    fleet.control("POST", "freeze")
    before = (fleet.control("GET", "jobs"), fleet.control("GET", "instances"),
              fleet.control("GET", "launch-templates"), fleet.fleet())
    seen = len(fleet.calls())
    report = check("--account", ACCOUNT)
    calls = fleet.calls()[seen:]
    assert len(calls) > 20
    for call in calls:
        name = (call["service"], call["operation"])
        assert name in READS | DRY_RUNS, call
        if name in DRY_RUNS:
            assert call["error"] == "DryRunOperation" and not call["applied"]
    assert {(c["service"], c["operation"]) for c in calls} \
        >= DRY_RUNS | {("drs", "DescribeRecoverySnapshots")}
    after = (fleet.control("GET", "jobs"), fleet.control("GET", "instances"),
             fleet.control("GET", "launch-templates"), fleet.fleet())
    assert before == after
    assert report["status"] == 0
    assert report["account"] == ACCOUNT and report["region"] == REGION
    assert ROLE in report["arn"]


def test_an_account_without_history(check):
    """What nothing is known about is not tested, with the reason."""
    report = check("--account", ACCOUNT)
    got = verdicts(report)
    assert report["status"] == 0 and report["summary"]["didNotHold"] == 0
    for name in ("Q1", "Q2", "Q3", "Q4", "Q6", "Q7", "Q14", "P1"):
        assert got[name] == "not tested", name
        assert rows(report)[name]["why"]
    for name in ("Q5", "Q11", "Q15", "Q16", "W1", "W2", "W3", "W5", "W6",
                 "W8", "W9", "W10", "W11", "W12", "W13", "P2"):
        assert got[name] == "held", rows(report)[name]
    assert len(got) == 35
    assert report["summary"]["held"] + report["summary"]["notTested"] == 35
    assert {p["status"] for p in report["permissions"]} == {"allowed"}


def test_an_account_that_has_drilled(fleet, check):
    """Jobs of the past confirm what only a launch shows."""
    ids = fleet.server_ids(ACCOUNT, REGION)
    fleet.control("POST", f"servers/{ids[0]}",
                  {"failNextLaunch": True, "account": ACCOUNT})
    drill(fleet)
    drill(fleet, 3, tags={"k": "v"})
    got = rows(check("--account", ACCOUNT))
    for name in ("Q1", "Q3", "Q6", "Q14", "W4", "W7"):
        assert got[name]["verdict"] == "held", got[name]
    # jobs with tags were converted as usual: what was once seen is not so
    assert got["Q7"]["verdict"] == "did not hold"


def test_what_is_not_asked_has_its_reason(check):
    """docs/first-contact.md explains each question that no read answers."""
    with open(os.path.join(TOP, "docs", "first-contact.md"), encoding="utf-8") as f:
        table = f.read().split("| Id | Why it is not asked")[1]
    explained = set(re.findall(r"^\| ([QWP]\d+) \|", table, re.M))
    found = rows(check("--account", ACCOUNT))
    assert {f"Q{n}" for n in range(1, 21)} <= set(found)
    never = {name for name, row in found.items() if "would tell" in row.get("why", "")}
    assert explained == never


def test_an_aws_that_is_different(fleet, check):
    """Each departure is reported as such, and nothing else is."""
    drill(fleet)
    drill(fleet)
    fleet.control("POST", "settings", {"keepInstanceIds": 1,
                                       "jobsOldestFirst": 1,
                                       "maxSkewSeconds": 100000})
    fleet.control("POST", "quotas", {"account": ACCOUNT,
                                     "quotas": {"L-B827C881": 50}})
    report = check("--account", ACCOUNT)
    got = rows(report)
    wrong = {name for name, row in got.items()
             if row["verdict"] == "did not hold"}
    assert wrong == {"Q1", "Q14", "W10", "P2"}
    assert report["status"] == 3 and report["summary"]["didNotHold"] == 4
    assert "L-B827C881 is 50, not 100" in got["W10"]["seen"]
    assert got["P2"]["matters"]


def test_missing_permissions(check):
    """A refused call leaves its questions open and names the permission."""
    report = check("--account", NARROW)
    got = rows(report)
    for name in ("Q1", "Q3", "Q14", "Q19"):
        assert got[name]["verdict"] == "not tested"
        assert got[name]["missingPermission"] == "drs:DescribeJobs"
    assert got["Q11"]["verdict"] == "held"
    status = {p["action"]: p["status"] for p in report["permissions"]}
    denied = {a for a, s in status.items() if s == "denied"}
    assert denied == {"drs:DescribeJobs", "drs:StartRecovery",
                      "ec2:ModifyLaunchTemplate"}


def test_table(check):
    """The form for people has the same rows."""
    done = check("--account", ACCOUNT, output="table")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"account {ACCOUNT}, Region {REGION}, as arn:")
    starts = [line.split()[0] for line in lines if line[:1].isalpha()]
    for number in range(1, 21):
        assert f"Q{number}" in starts
    assert "permissions" in lines
    assert lines[-1].endswith("none of which changes anything")


@pytest.mark.parametrize("args", [
    ["--region", "nowhere"], ["--account", "1"], ["--output", "xml"],
    ["--role-arn", "x"], ["--sample", "0"], ["--days", "x"], ["more"],
    ["--unknown"]])
def test_usage(check, args):
    done = check(*args)
    assert done.returncode == 2
    assert "usage: drs-worker" in done.stderr and done.stdout == ""


def test_no_access(check):
    """Without credentials, and with a role that is not there."""
    done = check("--account", ACCOUNT, keys=False)
    assert done.returncode == 1 and "cannot ask AWS" in done.stderr
    done = check("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/Nobody")
    assert done.returncode == 1 and "cannot ask AWS" in done.stderr
