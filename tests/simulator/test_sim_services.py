"""EC2, SNS, SSM, IAM, Organizations, and Debian's command line client."""
import json

import pytest
from botocore.exceptions import ClientError

from simplace import ACCOUNT, REGION

TOPIC = "arn:aws:sns:us-east-1:111111111111:drs-orchestrator"


def code(call, *args, **kwargs):
    with pytest.raises(ClientError) as err:
        call(*args, **kwargs)
    return err.value.response["Error"]["Code"]


def test_ec2_filters(place):
    place.done(place.start())
    ec2 = place.client("ec2")
    def found(*filters):
        answer = ec2.describe_instances(Filters=[
            {"Name": n, "Values": v} for n, v in filters])
        return [i["Tags"] for r in answer["Reservations"]
                for i in r["Instances"]]
    assert len(found(("instance-state-name", ["running"]))) == 4
    assert len(found(("instance-state-name", ["stopped"]))) == 0
    assert len(found(("tag:tier", ["web", "db"]))) == 4
    assert len(found(("tag:Name", ["web-000[12]"]))) == 2
    assert len(found(("tag:Name", ["web-*"]), ("tag:tier", ["db"]))) == 0
    assert code(ec2.describe_instances, Filters=[
        {"Name": "moon", "Values": ["x"]}]) == "InvalidParameterValue"


def test_ec2_names_missing_instances(place):
    ec2 = place.client("ec2")
    missing = "i-0123456789abcdef0"
    with pytest.raises(ClientError) as err:
        ec2.describe_instances(InstanceIds=[missing])
    error = err.value.response["Error"]
    assert error["Code"] == "InvalidInstanceID.NotFound"
    assert missing in error["Message"]
    assert code(ec2.describe_instances, InstanceIds=["i-x"]) == (
        "InvalidInstanceID.Malformed")


def test_ec2_network_lists(place):
    ec2 = place.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[
        {"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert len(subnets) == 4
    assert code(ec2.describe_subnets, SubnetIds=["subnet-00000000"]) == (
        "InvalidSubnetID.NotFound")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    assert {g["VpcId"] for g in groups} == {vpc}
    assert code(ec2.describe_security_groups, GroupIds=["sg-00000000"]) == (
        "InvalidGroup.NotFound")
    offers = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[
            {"Name": "instance-type", "Values": ["c7i-flex.large"]}])
    assert {o["Location"] for o in offers["InstanceTypeOfferings"]} == {
        REGION + z for z in "abc"}
    assert len(ec2.describe_availability_zones()["AvailabilityZones"]) == 3
    assert len(ec2.describe_key_pairs()["KeyPairs"]) == 2


def test_template_versions_inherit_and_are_idempotent(place):
    ec2 = place.client("ec2")
    ident = place.drs.get_launch_configuration(
        sourceServerID=place.ids[0])["ec2LaunchTemplateID"]
    first = ec2.describe_launch_template_versions(
        LaunchTemplateId=ident, Versions=["$Default"])[
            "LaunchTemplateVersions"][0]
    def create(**more):
        return ec2.create_launch_template_version(
            LaunchTemplateId=ident, LaunchTemplateData={
                "InstanceType": "m5.xlarge"}, **more)[
                    "LaunchTemplateVersion"]
    bare = create(VersionDescription="bare")
    assert bare["LaunchTemplateData"] == {"InstanceType": "m5.xlarge"}
    full = create(SourceVersion="1", ClientToken="t-1")
    assert full["LaunchTemplateData"] == {
        **first["LaunchTemplateData"], "InstanceType": "m5.xlarge"}
    again = create(SourceVersion="1", ClientToken="t-1")
    assert again["VersionNumber"] == full["VersionNumber"] == 3
    assert code(create, SourceVersion="2", ClientToken="t-1") == (
        "IdempotentParameterMismatch")
    assert full["DefaultVersion"] is False
    done = ec2.modify_launch_template(LaunchTemplateId=ident,
                                      DefaultVersion="3")["LaunchTemplate"]
    assert (done["DefaultVersionNumber"], done["LatestVersionNumber"]) == (
        3, 3)
    gone = ec2.delete_launch_template_versions(LaunchTemplateId=ident,
                                               Versions=["2", "3"])
    assert [v["VersionNumber"] for v in
            gone["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    assert code(ec2.modify_launch_template, LaunchTemplateId=ident,
                DefaultVersion="2") == (
                    "InvalidLaunchTemplateId.VersionNotFound")


def test_template_data_rules(place):
    ec2 = place.client("ec2")
    ident = place.drs.get_launch_configuration(
        sourceServerID=place.ids[0])["ec2LaunchTemplateID"]
    def create(data):
        return code(ec2.create_launch_template_version,
                    LaunchTemplateId=ident, LaunchTemplateData=data)
    assert create({"SecurityGroupIds": ["sg-00000000"],
                   "NetworkInterfaces": [{"DeviceIndex": 0}]}) == (
                       "InvalidParameterCombination")
    assert create({"InstanceType": "z9.huge"}) == "InvalidParameterValue"
    assert code(ec2.create_launch_template_version, DryRun=True,
                LaunchTemplateId=ident, LaunchTemplateData={
                    "InstanceType": "m5.large"}) == "DryRunOperation"


def test_terminating_behind_the_back_of_drs(place, sim):
    place.done(place.start([place.ids[0]]))
    ec2 = place.client("ec2")
    ident = sim.instances()[0]["instanceId"]
    ec2.terminate_instances(InstanceIds=[ident])
    sim.wait(lambda: sim.instances()[0]["state"] == "terminated")
    item = place.drs.describe_recovery_instances()["items"][0]
    assert item["ec2InstanceState"] == "TERMINATED"


def test_stop_start_and_tags(place, sim):
    place.done(place.start([place.ids[0]]))
    ec2 = place.client("ec2")
    ident = sim.instances()[0]["instanceId"]
    ec2.stop_instances(InstanceIds=[ident])
    sim.wait(lambda: sim.instances()[0]["state"] == "stopped")
    ec2.start_instances(InstanceIds=[ident])
    sim.wait(lambda: sim.instances()[0]["state"] == "running")
    ec2.create_tags(Resources=[ident], Tags=[{"Key": "k", "Value": "v"}])
    assert sim.instances()[0]["tags"]["k"] == "v"
    ec2.delete_tags(Resources=[ident], Tags=[{"Key": "k"}])
    assert "k" not in sim.instances()[0]["tags"]


def test_sns_messages_are_kept(sim):
    sns = sim.boto("sns")
    sns.publish(TopicArn=TOPIC, Message="héllo", Subject="s",
                MessageAttributes={"plan": {"DataType": "String",
                                            "StringValue": "p"}})
    message = sim.messages()[0]
    assert (message["message"], message["subject"]) == ("héllo", "s")
    assert message["attributes"]["plan"]["StringValue"] == "p"
    assert code(sns.publish, TopicArn=TOPIC + "x", Message="m") == "NotFound"
    assert code(sns.publish, TopicArn=TOPIC, Message="m",
                Subject="a\nb") == "InvalidParameter"
    assert code(sns.publish, TopicArn=TOPIC, Message="{}",
                MessageStructure="json") == "InvalidParameter"
    assert len(sim.messages()) == 1


def test_sns_subscriptions(sim):
    sns = sim.boto("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="email",
                        Endpoint="a@example.com",
                        ReturnSubscriptionArn=True)["SubscriptionArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)
    assert listed["Subscriptions"][0]["SubscriptionArn"] == (
        "PendingConfirmation")
    assert code(sns.unsubscribe, SubscriptionArn=arn) == "InvalidParameter"
    sns.publish(TopicArn=topic, Message="m")
    assert sim.messages()[-1]["endpoints"] == []
    sim.control("POST", "subscriptions", {"endpoint": "a@example.com"})
    sns.publish(TopicArn=topic, Message="m")
    assert sim.messages()[-1]["endpoints"] == ["a@example.com"]
    assert code(sns.subscribe, TopicArn=topic, Protocol="email",
                Endpoint="a@example.com", Attributes={
                    "FilterPolicy": "{}"}) == "InvalidParameter"
    sns.set_subscription_attributes(SubscriptionArn=arn,
                                    AttributeName="FilterPolicy",
                                    AttributeValue='{"a":["b"]}')
    attributes = sns.get_subscription_attributes(
        SubscriptionArn=arn)["Attributes"]
    assert attributes["FilterPolicy"] == '{"a":["b"]}'
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)
    assert [s["Endpoint"] for s in listed["Subscriptions"]] == [
        "a@example.com"]
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)[
        "Subscriptions"] == []


def test_ssm_command_and_automation(place, sim):
    place.done(place.start([place.ids[0]]))
    ssm = place.client("ssm")
    ident = sim.instances()[0]["instanceId"]
    info = ssm.describe_instance_information()["InstanceInformationList"]
    assert [i["InstanceId"] for i in info] == [ident]
    command = ssm.send_command(
        InstanceIds=[ident], DocumentName="AWS-RunShellScript",
        Parameters={"commands": ["true"]})["Command"]["CommandId"]
    sim.wait(lambda: ssm.get_command_invocation(
        CommandId=command, InstanceId=ident)["Status"] == "Success")
    assert code(ssm.send_command, InstanceIds=["i-0123456789abcdef0"],
                DocumentName="AWS-RunShellScript") == "InvalidInstanceId"
    run = ssm.start_automation_execution(
        DocumentName="doc", ClientToken="12345678-1234-1234-1234-"
        "123456789012")["AutomationExecutionId"]
    sim.wait(lambda: ssm.get_automation_execution(
        AutomationExecutionId=run)["AutomationExecution"][
            "AutomationExecutionStatus"] == "Success")


def test_iam_and_organizations(place, sim):
    iam = place.client("iam")
    assert iam.get_instance_profile(InstanceProfileName="AppServerProfile")[
        "InstanceProfile"]["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:")
    assert code(iam.get_instance_profile,
                InstanceProfileName="x") == "NoSuchEntity"
    account = sim.boto("organizations").describe_account(AccountId=ACCOUNT)
    assert account["Account"]["Id"] == ACCOUNT


@pytest.mark.parametrize("call", [
    ("get_launch_configuration", {}), ("get_replication_configuration", {}),
    ("update_replication_configuration", {"bandwidthThrottling": 100}),
    ("describe_recovery_snapshots", {})])
def test_answers_about_a_server_fit_the_model(place, call):
    name, params = call
    answer = getattr(place.drs, name)(sourceServerID=place.ids[0], **params)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_life_of_a_source_server(place):
    drs, server = place.drs, place.ids[0]
    assert code(drs.delete_source_server,
                sourceServerID=server) == "ConflictException"
    assert drs.stop_replication(sourceServerID=server)["sourceServer"][
        "dataReplicationInfo"]["dataReplicationState"] == "STOPPED"
    assert drs.start_replication(sourceServerID=server)["sourceServer"][
        "dataReplicationInfo"]["dataReplicationState"] == "INITIATING"
    drs.disconnect_source_server(sourceServerID=server)
    drs.delete_source_server(sourceServerID=server)
    assert code(drs.get_launch_configuration,
                sourceServerID=server) == "ResourceNotFoundException"


def test_failback_of_an_ec2_origin(make_place, sim):
    place = make_place(1, originAccountId="333333333333",
                       originRegion="us-west-2")
    place.done(place.start(drill=False))
    ident = sim.instances()[0]["instanceId"]
    arn = place.drs.reverse_replication(
        recoveryInstanceID=ident)["reversedDirectionSourceServerArn"]
    assert ":us-west-2:333333333333:" in arn
    back = sim.boto("drs", "us-west-2", sim.assume("333333333333"))
    server = back.describe_source_servers()["items"][0]
    assert (server["arn"], server["replicationDirection"]) == (
        arn, "FAILBACK")
    assert code(place.drs.delete_recovery_instance,
                recoveryInstanceID=ident) == "ConflictException"
    place.drs.disconnect_recovery_instance(recoveryInstanceID=ident)
    place.drs.delete_recovery_instance(recoveryInstanceID=ident)
    assert place.drs.describe_recovery_instances()["items"] == []


def test_debian_command_line_client(place, sim):
    sim.freeze()
    answer = sim.cli("drs", "describe-source-servers", keys=place.keys)
    assert answer.returncode == 0, answer.stderr
    items = json.loads(answer.stdout)["items"]
    assert [s["sourceServerID"] for s in items] == place.ids
    answer = sim.cli("drs", "start-recovery", "--is-drill",
                     "--source-servers", f"sourceServerID={place.ids[0]}",
                     keys=place.keys)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["job"]["status"] == "PENDING"
    answer = sim.cli("sts", "get-caller-identity", keys=place.keys)
    assert json.loads(answer.stdout)["Account"] == ACCOUNT
    answer = sim.cli("ec2", "describe-instances", keys=place.keys)
    assert answer.returncode == 0, answer.stderr
    answer = sim.cli("drs", "start-recovery", "--source-servers",
                     f"sourceServerID={place.ids[0]}", keys=place.keys)
    assert "ConflictException" in answer.stderr
