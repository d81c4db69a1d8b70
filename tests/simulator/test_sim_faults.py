"""Each kind of fault, and what the call log says about it."""
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import (ClientError, ConnectionClosedError,
                                 ReadTimeoutError)

from simplace import ACCOUNT, REGION

CUT = (ConnectionClosedError, ConnectionResetError)


def code(call, *args, **kwargs):
    with pytest.raises(ClientError) as err:
        call(*args, **kwargs)
    return err.value.response


@pytest.mark.parametrize("kind,name,status", [
    ("throttle", "ThrottlingException", 429),
    ("http_500", "InternalServerException", 500),
    ("http_503", "ServiceUnavailableException", 503),
    ("access_denied", "AccessDeniedException", 403),
    ("expired_token", "ExpiredTokenException", 403)])
def test_refusals_have_no_effect(place, sim, kind, name, status):
    sim.fault(kind, "drs", "StartRecovery", times=1)
    answer = code(place.start)
    assert answer["Error"]["Code"] == name
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert sim.jobs() == []
    call = sim.calls(operation="StartRecovery")[-1]
    assert (call["applied"], call["fault"], call["status"]) == (
        False, kind, status)
    place.start()
    assert len(sim.effects("StartRecovery")) == 1


@pytest.mark.parametrize("service,call,name", [
    ("ec2", "describe_vpcs", "RequestLimitExceeded"),
    ("sts", "get_caller_identity", "Throttling"),
    ("ssm", "describe_instance_information", "ThrottlingException")])
def test_throttling_is_spelled_as_the_service_does(place, sim, service, call,
                                                   name):
    sim.fault("throttle", service)
    assert code(getattr(place.client(service), call))[
        "Error"]["Code"] == name


def test_throttle_carries_retry_after(place, sim):
    sim.fault("throttle", "drs", retryAfter=7)
    answer = code(place.drs.describe_jobs)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["retry-after"] == "7"


def test_server_error_after_the_effect(place, sim):
    sim.fault("http_500", "drs", "StartRecovery", times=1, effect="before")
    code(place.start)
    assert len(sim.jobs()) == len(sim.effects("StartRecovery")) == 1


def test_reset_before_the_effect(place, sim):
    sim.fault("reset_before", "drs", "StartRecovery", times=1)
    with pytest.raises(CUT):
        place.start()
    assert sim.jobs() == []
    assert sim.calls(operation="StartRecovery")[0]["applied"] is False


def test_lost_response_has_its_effect(place, sim):
    sim.fault("lost_response", "drs", "StartRecovery", times=1)
    with pytest.raises(CUT):
        place.start()
    call = sim.effects("StartRecovery")[0]
    assert call["answered"] is False
    assert [j["jobID"] for j in sim.jobs()] == [call["resultId"]]


def test_late_effect_comes_after_the_cut(place, sim):
    sim.fault("late_effect", "drs", "StartRecovery", times=1, delayMs=300)
    with pytest.raises(CUT):
        place.start()
    late = sim.wait(lambda: sim.effects("StartRecovery"))[0]
    first = sim.calls(operation="StartRecovery")[0]
    assert late["lateOf"] == first["seq"]
    assert late["time"] - first["time"] >= 0.29
    assert len(sim.jobs()) == 1


def test_duplicate_is_delivered_twice(place, sim):
    sim.fault("duplicate", "drs", "StartRecovery", times=1)
    place.start()
    calls = sim.calls(operation="StartRecovery")
    assert [c["applied"] for c in calls] == [True, False]
    assert calls[1]["error"] == "ConflictException"
    assert calls[1]["duplicateOf"] == calls[0]["seq"]
    sim.fault("duplicate", "sns", times=1)
    sim.boto("sns").publish(
        TopicArn="arn:aws:sns:us-east-1:111111111111:drs-orchestrator",
        Message="once")
    assert len(sim.messages()) == 2


@pytest.mark.parametrize("effect,jobs", [("before", 1), ("after", 0)])
def test_slow_says_when_the_effect_comes(place, sim, effect, jobs):
    sim.fault("slow", "drs", "StartRecovery", times=1, delayMs=1500,
              effect=effect)
    hasty = place.client("drs", read_timeout=0.5)
    with pytest.raises(ReadTimeoutError):
        hasty.start_recovery(sourceServers=[
            {"sourceServerID": place.ids[0]}])
    if jobs:
        assert len(sim.jobs()) == 1
    # either way the call takes effect in the end: nobody took it back
    sim.wait(lambda: len(sim.effects("StartRecovery")) == 1)
    assert len(sim.jobs()) == 1


@pytest.mark.parametrize("effect,jobs", [("before", 1), ("after", 0)])
def test_held_call_goes_on_when_released(place, sim, effect, jobs):
    sim.fault("hold", "drs", "StartRecovery", times=1, effect=effect)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(place.start)
        sim.wait(sim.held)
        assert len(sim.jobs()) == jobs
        assert sim.release() == 1
        assert future.result(30) == sim.jobs()[0]["jobID"]
    assert sim.held() == 0


@pytest.mark.parametrize("kind,jobs", [("reset_before", 0),
                                       ("lost_response", 1)])
def test_fault_kills_the_process_that_it_names(place, sim, kind, jobs):
    victim = subprocess.Popen(["/usr/bin/sleep", "60"])
    try:
        sim.fault(kind, "drs", "StartRecovery", killPid=victim.pid)
        with pytest.raises(CUT):
            place.start()
        assert victim.wait(30) == -signal.SIGKILL
        assert len(sim.jobs()) == jobs
    finally:
        victim.kill()
        victim.wait()


def test_list_lag_hides_new_jobs(place, sim):
    sim.fault("list_lag", "drs", "DescribeJobs", delayMs=700)
    start = time.monotonic()
    job_id = place.start()
    if time.monotonic() - start < 0.5:
        assert place.job(job_id) is None
    sim.wait(lambda: place.job(job_id))
    assert len(sim.calls(operation="DescribeJobs")) >= 1


def test_rate_and_seed_repeat(place, sim):
    def pattern():
        sim.clear_faults()
        sim.control("POST", "faults", {"seed": 7, "faults": [
            {"kind": "throttle", "operation": "DescribeJobs", "rate": 0.5,
             "service": "drs"}]})
        out = []
        for _ in range(20):
            try:
                place.drs.describe_jobs()
                out.append(True)
            except ClientError:
                out.append(False)
        return out
    first = pattern()
    assert first == pattern()
    assert 0 < sum(first) < 20


def test_faults_can_name_account_and_region(place, sim):
    sim.fault("throttle", "drs", account="999999999999")
    sim.fault("throttle", "drs", region="eu-west-1")
    place.drs.describe_jobs()
    sim.fault("throttle", "drs", account=ACCOUNT, region=REGION)
    code(place.drs.describe_jobs)
    sim.clear_faults()
    place.drs.describe_jobs()


def test_assume_role_fault_by_target_account(place, sim):
    sim.fault("access_denied", "sts", "AssumeRole", account=ACCOUNT)
    answer = code(sim.assume, ACCOUNT)
    assert answer["Error"]["Code"] == "AccessDenied"


def test_bad_fault_is_refused(sim):
    for spec in ({"kind": "gremlin"}, {"kind": "slow", "when": 1},
                 {"kind": "slow", "effect": "never"}):
        answer = sim.http.post(f"{sim.url}/_sim/faults",
                               json={"faults": [spec]})
        assert answer.status_code == 400
        assert "faults[0]" in answer.json()["error"]
