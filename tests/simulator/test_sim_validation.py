"""Inputs are checked against the models: type, bounds, pattern, enum."""
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

GOOD = "s-" + "0" * 17


def post(sim, keys, path, body, service="drs", form=False, **headers):
    """A signed request that no client library would send."""
    kind = ("application/x-www-form-urlencoded" if form
            else "application/json")
    request = AWSRequest("POST", sim.url + path, data=body,
                         headers={"Content-Type": kind, **headers})
    SigV4Auth(Credentials(*keys), service, "us-east-1").add_auth(request)
    return sim.http.post(request.url, data=body,
                         headers=dict(request.headers), timeout=30)


def server(**more):
    return {"sourceServers": [{"sourceServerID": GOOD, **more}]}


@pytest.mark.parametrize("operation,body,field", [
    ("StartRecovery", {}, "sourceServers"),
    ("StartRecovery", {"sourceServers": []}, "sourceServers"),
    ("StartRecovery", {"sourceServers": [{"sourceServerID": GOOD}] * 201},
     "sourceServers"),
    ("StartRecovery", {"sourceServers": GOOD}, "sourceServers"),
    ("StartRecovery", {"sourceServers": [{}]},
     "sourceServers.1.member.sourceServerID"),
    ("StartRecovery", {"sourceServers": [{"sourceServerID": "s-1"}]},
     "sourceServers.1.member.sourceServerID"),
    ("StartRecovery", server(recoverySnapshotID="pit-1"),
     "sourceServers.1.member.recoverySnapshotID"),
    ("StartRecovery", {**server(), "isDrill": "true"}, "isDrill"),
    ("StartRecovery", {**server(), "tags": {"k" * 257: "v"}}, "tags.key"),
    ("StartRecovery", {**server(), "clientToken": "x"}, "clientToken"),
    ("DescribeJobs", {"maxResults": 0}, "maxResults"),
    ("DescribeJobs", {"maxResults": True}, "maxResults"),
    ("DescribeJobs", {"filters": {"fromDate": "yesterday"}},
     "filters.fromDate"),
    ("DescribeJobs", {"filters": {"jobIDs": ["job"]}},
     "filters.jobIDs.1.member"),
    ("DescribeSourceServers", {"filters": {"sourceServerIDs": [GOOD] * 201}},
     "filters.sourceServerIDs"),
    ("UpdateLaunchConfiguration", {"sourceServerID": GOOD,
                                   "launchDisposition": "PAUSED"},
     "launchDisposition"),
    ("UpdateLaunchConfiguration", {"sourceServerID": GOOD,
                                   "name": "n" * 129}, "name"),
    ("ListExtensibleSourceServers", {"stagingAccountID": "222222222222",
                                     "maxResults": 301}, "maxResults")])
def test_bad_input_names_the_field(place, sim, operation, body, field):
    answer = post(sim, place.keys, "/" + operation, json.dumps(body))
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "ValidationException"
    assert field in {f["name"] for f in answer.json()["fieldList"]}
    assert not sim.calls()[-1]["applied"]


def test_newer_members_are_known(place, sim):
    answer = post(sim, place.keys, "/UpdateLaunchConfiguration", json.dumps({
        "sourceServerID": place.ids[0], "postLaunchEnabled": True,
        "recoveryMode": "FAST",
        "targetInstanceTypeRightSizingMethod": "IN_AWS"}))
    assert answer.status_code == 200
    assert answer.json()["postLaunchEnabled"] is True
    assert answer.json()["recoveryMode"] == "FAST"


def test_newer_operations_are_known(place, sim):
    answer = post(sim, place.keys, "/PutLaunchAction", json.dumps({
        "resourceId": place.ids[0], "actionCode": "AWS-RunShellScript",
        "order": 2, "actionId": "12345678-1234-1234-1234-123456789012",
        "optional": True, "active": True, "name": "check",
        "actionVersion": "1", "category": "OTHER", "description": "d"}))
    assert answer.status_code == 200
    answer = post(sim, place.keys, "/ListLaunchActions",
                  json.dumps({"resourceId": place.ids[0]}))
    assert [a["name"] for a in answer.json()["items"]] == ["check"]


def test_body_that_is_not_json(place, sim):
    for body in ("{", "[]", "nonsense"):
        answer = post(sim, place.keys, "/DescribeJobs", body)
        assert answer.headers["x-amzn-ErrorType"] == "SerializationException"


def test_unknown_operation(place, sim):
    answer = post(sim, place.keys, "/StartRecoveryPlanExecution", "{}")
    assert (answer.headers["x-amzn-ErrorType"], answer.status_code) == (
        "UnknownOperationException", 404)


@pytest.mark.parametrize("service,form,code", [
    ("ec2", "Action=DescribeVpcs&Version=2010-01-01", "InvalidAction"),
    ("ec2", "Action=Nonsense&Version=2016-11-15", "InvalidAction"),
    ("ec2", "Action=DescribeVpcs&Version=2016-11-15&Vpc.1=x",
     "UnknownParameter"),
    ("ec2", "Action=DescribeVpcs&Version=2016-11-15&VpcId.2=x",
     "InvalidParameterValue"),
    ("ec2", "Action=DescribeVpcs&Version=2016-11-15&MaxResults=2",
     "InvalidParameterValue"),
    ("ec2", "Action=TerminateInstances&Version=2016-11-15",
     "MissingParameter"),
    ("ec2", "Action=DescribeVpcs&Version=2016-11-15&DryRun=maybe",
     "InvalidParameterValue"),
    ("sts", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=ab"
     "&RoleArn=arn:aws:iam::222222222222:role/x&DurationSeconds=1",
     "ValidationError"),
    ("sts", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=a%20b"
     "&RoleArn=arn:aws:iam::222222222222:role/x", "ValidationError"),
    ("sns", "Action=Publish&Version=2010-03-31", "InvalidParameter")])
def test_query_inputs(place, sim, service, form, code):
    answer = post(sim, place.keys, "/", form, service, True)
    assert answer.status_code == 400
    assert f"<Code>{code}</Code>" in answer.text
