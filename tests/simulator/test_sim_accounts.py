"""Accounts, regions, roles and sessions."""
import pytest
from botocore.exceptions import ClientError

from simplace import ACCOUNT, REGION
from simclient import HUB, one_region

OTHER = "333333333333"


def code(call, *args, **kwargs):
    with pytest.raises(ClientError) as err:
        call(*args, **kwargs)
    return err.value.response["Error"]["Code"]


def test_accounts_and_regions_are_isolated(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 3))
    sim.fleet(one_region(OTHER, REGION, 2))
    sim.fleet(one_region(ACCOUNT, "eu-west-1", 1))
    keys = {a: sim.assume(a) for a in (ACCOUNT, OTHER)}
    def ids(account, region):
        items = sim.boto("drs", region, keys[account])
        return {s["sourceServerID"]
                for s in items.describe_source_servers()["items"]}
    sets = [ids(ACCOUNT, REGION), ids(OTHER, REGION),
            ids(ACCOUNT, "eu-west-1")]
    assert [len(s) for s in sets] == [3, 2, 1]
    assert len(set.union(*sets)) == 6
    foreign = sim.boto("drs", REGION, keys[OTHER])
    assert code(foreign.start_recovery, sourceServers=[
        {"sourceServerID": next(iter(sets[0]))}]) == (
            "ResourceNotFoundException")


def test_caller_identity_names_the_account(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 1))
    hub = sim.boto("sts").get_caller_identity()
    assert hub["Account"] == HUB
    there = sim.boto("sts", keys=sim.assume(ACCOUNT)).get_caller_identity()
    assert there["Account"] == ACCOUNT
    assert there["Arn"].endswith(":assumed-role/DRSOrchestrationRole/test")


def test_external_id_and_trust_are_checked(sim):
    sim.fleet({"accounts": [
        {"accountId": ACCOUNT, "roles": [
            {"roleName": "Guarded", "externalId": "tell-me"},
            {"roleName": "Others", "trusted": [OTHER]}]},
        {"accountId": OTHER}]})
    assert code(sim.assume, ACCOUNT, "Guarded") == "AccessDenied"
    assert code(sim.assume, ACCOUNT, "Guarded",
                ExternalId="wrong") == "AccessDenied"
    assert sim.assume(ACCOUNT, "Guarded", ExternalId="tell-me")
    assert code(sim.assume, ACCOUNT, "Others") == "AccessDenied"
    assert code(sim.assume, ACCOUNT, "Missing") == "AccessDenied"
    assert code(sim.assume, "999999999999") == "AccessDenied"


def test_role_with_denied_actions(sim):
    sim.fleet({"accounts": [{
        "accountId": ACCOUNT,
        "roles": [{"roleName": "Reader", "deny": ["drs:Start*"]}],
        "regions": [{"region": REGION, "servers": [{"count": 1}]}]}]})
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT, "Reader"))
    server = drs.describe_source_servers()["items"][0]["sourceServerID"]
    assert code(drs.start_recovery, sourceServers=[
        {"sourceServerID": server}]) == "AccessDeniedException"


def test_hub_can_be_another_account(sim):
    answer = sim.fleet({"accounts": [{"accountId": OTHER, "hub": True},
                                     {"accountId": ACCOUNT}]})
    assert answer["hub"]["accountId"] == OTHER
    assert sim.boto("sts").get_caller_identity()["Account"] == OTHER
    assert sim.assume(ACCOUNT)


def test_role_chaining_is_limited_to_an_hour(sim):
    sim.fleet({"accounts": [
        {"accountId": HUB, "roles": [{"roleName": "Worker"}]},
        {"accountId": ACCOUNT, "roles": [
            {"roleName": "Long", "maxSessionSeconds": 43200}]}]})
    worker = sim.boto("sts", keys=sim.assume(HUB, "Worker"))
    params = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/Long",
              "RoleSessionName": "chain"}
    assert worker.assume_role(**params)
    assert code(worker.assume_role, DurationSeconds=7200,
                **params) == "ValidationError"


def test_sessions_expire(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 1))
    sim.control("POST", "sts", {"sessionSeconds": 0.2})
    keys = sim.assume(ACCOUNT)
    def expired():
        try:
            sim.boto("drs", REGION, keys).describe_source_servers()
        except ClientError as exc:
            return exc.response["Error"]["Code"] == "ExpiredTokenException"
        return False
    sim.wait(expired)
    assert code(sim.boto("sts", keys=keys).get_caller_identity) == (
        "ExpiredToken")
    assert code(sim.boto("ec2", keys=keys).describe_vpcs) == (
        "RequestExpired")


def test_region_that_is_not_initialised(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 1))
    keys = sim.assume(ACCOUNT)
    drs = sim.boto("drs", "eu-west-1", keys)
    assert code(drs.describe_source_servers) == (
        "UninitializedAccountException")
    drs.initialize_service()
    assert drs.describe_source_servers()["items"] == []


def test_region_that_is_not_opted_in(sim):
    sim.fleet(one_region(ACCOUNT, REGION, 1))
    keys = sim.assume(ACCOUNT)
    drs = sim.boto("drs", "me-south-1", keys)
    assert code(drs.describe_source_servers) == (
        "UnrecognizedClientException")
    sim.control("POST", "region", {"account": ACCOUNT, "optedIn": True,
                                   "region": "me-south-1",
                                   "initialized": True})
    assert drs.describe_source_servers()["items"] == []


def test_staging_servers_can_be_extended(sim):
    sim.fleet(one_region(OTHER, REGION, 3))
    sim.fleet({"accounts": [{"accountId": ACCOUNT, "stagingAccounts":
                             [OTHER], "regions": [{"region": REGION}]}]})
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    assert drs.list_staging_accounts()["accounts"] == [{"accountID": OTHER}]
    items = drs.list_extensible_source_servers(
        stagingAccountID=OTHER)["items"]
    assert len(items) == 3
    made = drs.create_extended_source_server(
        sourceServerArn=items[0]["arn"], tags={"a": "b"})["sourceServer"]
    assert made["stagingArea"] == {
        "status": "EXTENDED", "stagingAccountID": OTHER,
        "stagingSourceServerArn": items[0]["arn"]}
    assert code(drs.create_extended_source_server,
                sourceServerArn=items[0]["arn"]) == "ValidationException"
    assert len(drs.list_extensible_source_servers(
        stagingAccountID=OTHER)["items"]) == 2
    assert code(drs.list_extensible_source_servers,
                stagingAccountID="444444444444") == "AccessDeniedException"


def test_tags_by_arn(place, sim):
    arn = place.drs.describe_source_servers()["items"][0]["arn"]
    place.drs.tag_resource(resourceArn=arn, tags={"a b": "c/d", "e": "é"})
    tags = place.drs.list_tags_for_resource(resourceArn=arn)["tags"]
    assert (tags["a b"], tags["e"], tags["tier"]) == ("c/d", "é", "web")
    place.drs.untag_resource(resourceArn=arn, tagKeys=["a b", "tier"])
    server = place.drs.describe_source_servers()["items"][0]
    assert set(server["tags"]) == {"Name", "e"}
    assert code(place.drs.tag_resource, tags={"a": "b"},
                resourceArn=arn.replace(ACCOUNT, OTHER)) == (
                    "AccessDeniedException")


def test_web_identity_is_unsigned(sim):
    sim.fleet({"accounts": [{"accountId": HUB, "roles": [
        {"roleName": "Pod", "webIdentity": True}]}]})
    from botocore import UNSIGNED
    sts = sim.boto("sts", signature_version=UNSIGNED)
    answer = sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{HUB}:role/Pod", RoleSessionName="pod",
        WebIdentityToken="a.b.c")
    keys = answer["Credentials"]
    who = sim.boto("sts", keys=(keys["AccessKeyId"], keys["SecretAccessKey"],
                                keys["SessionToken"])).get_caller_identity()
    assert who["Account"] == HUB
    assert code(sts.get_caller_identity) == "MissingAuthenticationToken"
