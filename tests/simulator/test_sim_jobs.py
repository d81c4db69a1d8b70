"""Jobs: phases, events, results, terminate, launch settings."""
import pytest
from botocore.exceptions import ClientError

from simplace import ACCOUNT, REGION


def events(log, server_id):
    return [i["event"] for i in log
            if i["eventData"].get("sourceServerID") == server_id]


def test_launch_job_walks_through_its_phases(place, sim):
    sim.freeze()
    job_id = place.start()
    job = place.job(job_id)
    assert (job["type"], job["status"]) == ("LAUNCH", "PENDING")
    assert job["initiatedBy"] == "START_DRILL"
    assert set(place.statuses(job).values()) == {"PENDING"}
    sim.thaw()
    job = place.done(job_id)
    assert place.statuses(job) == dict.fromkeys(place.ids, "LAUNCHED")
    assert all("recoveryInstanceID" not in p
               for p in job["participatingServers"])
    log = place.log(job_id)
    assert log[0]["event"] == "JOB_START" and log[-1]["event"] == "JOB_END"
    for server_id in place.ids:
        assert events(log, server_id) == [
            "SNAPSHOT_START", "SNAPSHOT_END", "CONVERSION_START",
            "CONVERSION_END", "LAUNCH_START"]
    times = [i["logDateTime"] for i in log]
    assert times == sorted(times)


def test_recovery_instances_belong_to_the_job(place, sim):
    job_id = place.start(drill=False)
    assert place.done(job_id)["initiatedBy"] == "START_RECOVERY"
    items = place.drs.describe_recovery_instances()["items"]
    assert {i["sourceServerID"] for i in items} == set(place.ids)
    assert {i["jobID"] for i in items} == {job_id}
    assert {i["ec2InstanceState"] for i in items} == {"RUNNING"}
    assert not any(i["isDrill"] for i in items)
    server = place.drs.describe_source_servers(filters={
        "sourceServerIDs": [place.ids[0]]})["items"][0]
    assert server["lastLaunchResult"] == "SUCCEEDED"
    assert server["lifeCycle"]["lastLaunch"]["initiated"]["jobID"] == job_id
    assert {i["instanceId"] for i in sim.instances()} == {
        i["recoveryInstanceID"] for i in items}


def test_instance_ids_show_while_the_job_runs(place, sim):
    sim.server(place.ids[0], neverFinishes=True)
    job_id = place.start()
    def others():
        parts = place.job(job_id)["participatingServers"]
        return all(p.get("recoveryInstanceID") for p in parts
                   if p["sourceServerID"] != place.ids[0])
    sim.wait(others)
    job = place.job(job_id)
    assert job["status"] == "STARTED"
    assert place.statuses(job)[place.ids[0]] == "IN_PROGRESS"
    sim.server(place.ids[0], neverFinishes=False)
    assert set(place.statuses(place.done(job_id)).values()) == {"LAUNCHED"}


@pytest.mark.parametrize("phase,event", [
    ("SNAPSHOT", "SNAPSHOT_FAIL"), ("CONVERSION", "CONVERSION_FAIL"),
    ("LAUNCH", "LAUNCH_FAILED")])
def test_planned_failure_hits_one_launch(place, sim, phase, event):
    bad = place.ids[1]
    sim.server(bad, failNextLaunch={"phase": phase, "rawError": "no luck"})
    job_id = place.start()
    job = place.done(job_id)
    assert place.statuses(job) == {
        i: "FAILED" if i == bad else "LAUNCHED" for i in place.ids}
    found = [i for i in place.log(job_id) if i["event"] == event]
    assert [i["eventData"]["rawError"] for i in found] == ["no luck"]
    again = place.done(place.start([bad]))
    assert place.statuses(again) == {bad: "LAUNCHED"}


def test_conversion_failure_with_attempts_left_recovers(place, sim):
    server_id = place.ids[0]
    sim.server(server_id, failNextLaunch={
        "phase": "CONVERSION", "rawError": "x", "recoverable": True})
    job_id = place.start([server_id])
    assert place.statuses(place.done(job_id)) == {server_id: "LAUNCHED"}
    assert events(place.log(job_id), server_id)[2:6] == [
        "CONVERSION_START", "CONVERSION_FAIL", "CONVERSION_START",
        "CONVERSION_END"]


def test_server_without_recovery_point_is_skipped(place, sim):
    bad = place.ids[2]
    sim.server(bad, replicationState="STOPPED")
    job_id = place.start()
    assert place.statuses(place.done(job_id))[bad] == "FAILED"
    assert events(place.log(job_id), bad) == ["SERVER_SKIPPED"]


def test_stalled_server_uses_its_previous_snapshot(place, sim):
    old = place.ids[0]
    sim.server(old, replicationState="STALLED", lagDuration="PT2H")
    job_id = place.start([old])
    assert place.statuses(place.done(job_id)) == {old: "LAUNCHED"}
    assert "USING_PREVIOUS_SNAPSHOT" in events(place.log(job_id), old)


def test_second_launch_replaces_the_first_instance(place, sim):
    server_id = place.ids[0]
    place.done(place.start([server_id]))
    job_id = place.start([server_id])
    place.done(job_id)
    assert events(place.log(job_id), server_id)[:2] == [
        "CLEANUP_START", "CLEANUP_END"]
    items = place.drs.describe_recovery_instances()["items"]
    assert [i["jobID"] for i in items] == [job_id]
    assert sorted(i["state"] for i in sim.instances()) == [
        "running", "terminated"]


def test_terminate_job_loses_its_list_at_the_end(place, sim):
    place.done(place.start())
    items = place.drs.describe_recovery_instances()["items"]
    ids = [i["recoveryInstanceID"] for i in items]
    job = place.drs.terminate_recovery_instances(
        recoveryInstanceIDs=ids)["job"]
    assert (job["type"], job["initiatedBy"]) == (
        "TERMINATE", "TERMINATE_RECOVERY_INSTANCES")
    assert len(job["participatingServers"]) == len(ids)
    assert place.done(job["jobID"])["participatingServers"] == []
    assert place.drs.describe_recovery_instances()["items"] == []
    assert {i["state"] for i in sim.instances()} == {"terminated"}
    with pytest.raises(ClientError) as err:
        place.drs.terminate_recovery_instances(recoveryInstanceIDs=ids)
    assert err.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_pinned_point_in_time_needs_no_snapshot(place):
    server_id = place.ids[0]
    points = place.drs.describe_recovery_snapshots(
        sourceServerID=server_id, order="DESC")["items"]
    job_id = place.drs.start_recovery(sourceServers=[{
        "sourceServerID": server_id,
        "recoverySnapshotID": points[0]["snapshotID"]}])["job"]["jobID"]
    place.done(job_id)
    assert "SNAPSHOT_START" not in events(place.log(job_id), server_id)
    with pytest.raises(ClientError) as err:
        place.drs.start_recovery(sourceServers=[{
            "sourceServerID": server_id,
            "recoverySnapshotID": "pit-" + "0" * 17}])
    assert err.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_stopped_disposition_launches_a_stopped_instance(place, sim):
    server_id = place.ids[0]
    place.drs.update_launch_configuration(
        sourceServerID=server_id, launchDisposition="STOPPED")
    job = place.done(place.start([server_id]))
    assert place.statuses(job) == {server_id: "LAUNCHED"}
    assert [i["state"] for i in sim.instances()] == ["stopped"]


def template_change(place, server_id, **data):
    """Make a new default version of a server's launch template."""
    ec2 = place.client("ec2")
    ident = place.drs.get_launch_configuration(
        sourceServerID=server_id)["ec2LaunchTemplateID"]
    number = ec2.create_launch_template_version(
        LaunchTemplateId=ident, SourceVersion="$Default",
        LaunchTemplateData=data)["LaunchTemplateVersion"]["VersionNumber"]
    ec2.modify_launch_template(LaunchTemplateId=ident,
                               DefaultVersion=str(number))
    return ident


def test_launch_follows_the_template_default_version(place, sim):
    server_id = place.ids[0]
    ec2 = place.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][-1]
    group = ec2.describe_security_groups()["SecurityGroups"][-1]["GroupId"]
    address = subnet["CidrBlock"].rsplit(".", 1)[0] + ".77"
    place.drs.update_launch_configuration(
        sourceServerID=server_id, targetInstanceTypeRightSizingMethod="NONE")
    template_change(place, server_id, InstanceType="c5.2xlarge",
                    IamInstanceProfile={"Name": "AppServerProfile"},
                    NetworkInterfaces=[{
                        "DeviceIndex": 0, "SubnetId": subnet["SubnetId"],
                        "Groups": [group], "PrivateIpAddress": address}])
    place.done(place.start([server_id]))
    made = sim.instances()[0]
    assert (made["instanceType"], made["subnetId"], made["privateIp"],
            made["securityGroupIds"], made["instanceProfile"]) == (
        "c5.2xlarge", subnet["SubnetId"], address, [group],
        "AppServerProfile")


def test_right_sizing_overrides_the_template_type(place, sim):
    server_id = place.ids[0]
    template_change(place, server_id, InstanceType="r6i.24xlarge")
    place.done(place.start([server_id]))
    assert sim.instances()[0]["instanceType"] != "r6i.24xlarge"


@pytest.mark.parametrize("data,text", [
    ({"NetworkInterfaces": [{"DeviceIndex": 0,
                             "SubnetId": "subnet-0123456789abcdef0"}]},
     "InvalidSubnetID.NotFound"),
    ({"IamInstanceProfile": {"Name": "nobody"}}, "iamInstanceProfile")])
def test_bad_template_fails_the_launch(place, data, text):
    server_id = place.ids[0]
    template_change(place, server_id, **data)
    job_id = place.start([server_id])
    assert place.statuses(place.done(job_id)) == {server_id: "FAILED"}
    last = [i for i in place.log(job_id) if i["event"] == "LAUNCH_FAILED"]
    assert text in last[0]["eventData"]["rawError"]


def test_copy_private_ip_keeps_the_address(place, sim):
    server_id = place.ids[0]
    place.drs.update_launch_configuration(sourceServerID=server_id,
                                          copyPrivateIp=True)
    place.done(place.start([server_id]))
    server = place.drs.describe_source_servers(filters={
        "sourceServerIDs": [server_id]})["items"][0]
    wanted = server["sourceProperties"]["networkInterfaces"][0]["ips"][0]
    assert sim.instances()[0]["privateIp"] == wanted


def test_updating_launch_configuration_writes_a_template_version(place, sim):
    server_id = place.ids[0]
    place.drs.update_launch_configuration(sourceServerID=server_id,
                                          copyTags=False)
    def versions():
        return [t for t in sim.launch_templates()
                if t["sourceServerId"] == server_id][0]["latestVersion"]
    assert versions() == 2
    place.drs.update_launch_configuration(sourceServerID=server_id,
                                          copyTags=False)
    assert versions() == 2


def test_frozen_time_stands_still(place, sim):
    sim.freeze()
    job_id = place.start()
    sim.speed(1000000)
    assert place.job(job_id)["status"] == "PENDING"
    sim.thaw()
    place.done(job_id)


def test_extended_server_runs_a_job_in_its_staging_account(sim):
    sim.fleet({"accounts": [{"accountId": ACCOUNT, "regions": [
        {"region": REGION, "servers": [
            {"count": 2, "stagingAccountId": "333333333333"}]}]}]})
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    ids = sim.server_ids(ACCOUNT, REGION)
    job = drs.start_recovery(sourceServers=[
        {"sourceServerID": i} for i in ids])["job"]
    staging = sim.boto("drs", REGION, sim.assume("333333333333"))
    jobs = staging.describe_jobs()["items"]
    assert [(j["type"], j["initiatedBy"]) for j in jobs] == [
        ("CREATE_CONVERTED_SNAPSHOT", "TARGET_ACCOUNT")]
    sim.wait(lambda: all(
        c.describe_jobs()["items"][0]["status"] == "COMPLETED"
        for c in (drs, staging)))
    assert job["jobID"] != jobs[0]["jobID"]


def test_busy_staging_server_fails_the_launch(sim):
    sim.fleet({"accounts": [{"accountId": ACCOUNT, "regions": [
        {"region": REGION, "servers": [
            {"count": 1, "stagingAccountId": "333333333333"}]}]}]})
    sim.freeze()
    sim.foreign_job("333333333333", REGION,
                    sim.server_ids("333333333333", REGION))
    drs = sim.boto("drs", REGION, sim.assume(ACCOUNT))
    drs.start_recovery(sourceServers=[
        {"sourceServerID": sim.server_ids(ACCOUNT, REGION)[0]}])
    sim.thaw()
    def status():
        job = drs.describe_jobs()["items"][0]
        return job["status"] == "COMPLETED" and job["participatingServers"][
            0]["launchStatus"]
    assert sim.wait(status) == "FAILED"


def test_foreign_job_looks_like_one_of_the_console(place, sim):
    sim.freeze()
    job = sim.foreign_job(ACCOUNT, REGION, place.ids[:2])
    with pytest.raises(ClientError) as err:
        place.start(place.ids[1:])
    assert err.value.response["Error"]["Code"] == "ConflictException"
    sim.thaw()
    place.done(job["jobID"])
    assert not sim.calls(operation="StartRecovery")[0]["applied"]
    gone = sim.foreign_job(ACCOUNT, REGION, place.ids[:2], type="TERMINATE")
    assert place.done(gone["jobID"])["type"] == "TERMINATE"


def test_tagged_jobs_can_be_made_to_fail(place, sim):
    sim.control("POST", "settings", {"taggedJobsFail": True})
    job = place.done(place.start(tags={"a": "b"}))
    assert set(place.statuses(job).values()) == {"FAILED"}
    assert job["tags"] == {"a": "b"}
    job = place.done(place.start())
    assert set(place.statuses(job).values()) == {"LAUNCHED"}


def test_late_status_of_a_completed_job(place, sim):
    server_id = place.ids[0]
    sim.server(server_id, lateStatus=1000000)
    job_id = place.start([server_id])
    assert place.statuses(place.done(job_id)) == {server_id: "IN_PROGRESS"}
    sim.speed(10000000)
    sim.wait(lambda: place.statuses(place.job(job_id)) == {
        server_id: "LAUNCHED"})


def test_launch_actions_report_their_runs(place, sim):
    server_id = place.ids[0]
    sim.control("POST", "launch-action", {
        "sourceServerId": server_id, "name": "check disks"})
    place.drs.update_launch_configuration(
        sourceServerID=server_id, copyTags=True)
    job_id = place.start([server_id])
    place.done(job_id)
    def finished():
        job = [j for j in sim.jobs() if j["jobID"] == job_id][0]
        runs = job["participatingServers"][0]["launchActionsStatus"]["runs"]
        return [r["status"] for r in runs] == ["SUCCEEDED"]
    sim.wait(finished)
