"""Operations of Elastic Disaster Recovery (REST-JSON)."""
import hashlib

from . import drs_more
from .drs_base import (find_recovery, find_server, paged, quota_error,
                       server_json, when)
from .errors import AwsError, conflict, not_found, validation
from .model import iso

_ANY_ACCOUNT = ("InitializeService", "TagResource", "UntagResource",
                "ListTagsForResource")


# --- source servers ---------------------------------------------------------

def describe_source_servers(ctx):
    filters = ctx.params.get("filters") or {}
    servers = ctx.region.servers
    if filters.get("sourceServerIDs"):
        found = {i: servers[i] for i in filters["sourceServerIDs"]
                 if i in servers}
        items = sorted(found.values(), key=lambda s: s.seq)
    else:
        items = list(servers.values())
    if filters.get("stagingAccountIDs"):
        wanted = set(filters["stagingAccountIDs"])
        items = [s for s in items if s.staging_account in wanted]
    if "hardwareId" in filters:
        items = [s for s in items if filters["hardwareId"] ==
                 s.properties["identificationHints"].get("vmWareUuid")]
    wall = ctx.wall
    return paged(ctx, items, lambda s: s.seq,
                 lambda s: server_json(s, wall))


# --- recovery and jobs -------------------------------------------------------

def check_capacity(region, ids, launch):
    """The service's quotas, in the order in which it looks at them."""
    account = region.account
    jobs = region.active_jobs()
    if launch and len(ids) > account.quota("L-B827C881"):
        raise quota_error("L-B827C881", "Number of source servers in a "
                          "single Job exceeds the limit of "
                          f"{account.quota('L-B827C881')}")
    for server_id in ids:
        if server_id in region.busy:
            raise conflict("One or more of the Source Servers included in "
                           "API call are currently being processed by a "
                           f"Job: {server_id}", "SourceServer", server_id)
    if len(jobs) >= account.quota("L-D88FAC3A"):
        raise quota_error("L-D88FAC3A", "Concurrent jobs in progress limit "
                          f"of {account.quota('L-D88FAC3A')} exceeded")
    in_jobs = sum(len(j.parts) for j in jobs)
    if in_jobs + len(ids) > account.quota("L-05AFA8C6"):
        raise quota_error("L-05AFA8C6", "Max source servers in all Jobs "
                          f"limit of {account.quota('L-05AFA8C6')} exceeded")


def start_recovery(ctx):
    wanted = {}
    for entry in ctx.params["sourceServers"]:
        server_id = entry["sourceServerID"]
        if server_id in wanted:
            raise validation(f"Source server {server_id} is given twice",
                             "sourceServers")
        wanted[server_id] = entry.get("recoverySnapshotID")
    for server_id, snapshot in wanted.items():
        server = find_server(ctx, server_id)
        if snapshot and snapshot not in {
                s["snapshotID"] for s in snapshots(server, ctx.wall)}:
            raise not_found("RecoverySnapshot", snapshot)
    check_capacity(ctx.region, wanted, True)
    job = ctx.engine.launch(ctx.region, wanted,
                            bool(ctx.params.get("isDrill")),
                            ctx.params.get("tags"))
    ctx.result_id = job.id
    return {"job": job.document(ctx.now)}


def describe_jobs(ctx):
    filters = ctx.params.get("filters") or {}
    jobs = ctx.region.jobs
    if filters.get("jobIDs"):
        items = [jobs[i] for i in dict.fromkeys(filters["jobIDs"])
                 if i in jobs]
    else:
        items = list(jobs.values())
    if "fromDate" in filters:
        low = when(filters["fromDate"])
        items = [j for j in items if j.created_wall >= low - 2e-6]
    if "toDate" in filters:
        high = when(filters["toDate"])
        items = [j for j in items if j.created_wall <= high + 2e-6]
    if ctx.hide_after is not None:
        items = [j for j in items if j.created_wall <= ctx.hide_after]
    sign = 1 if ctx.world.jobs_oldest_first else -1
    items.sort(key=lambda j: sign * j.seq)
    return paged(ctx, items, lambda j: sign * j.seq,
                 lambda j: j.document(ctx.now))


def find_job(ctx):
    job = ctx.region.jobs.get(ctx.params["jobID"])
    if job is None or (ctx.hide_after is not None
                       and job.created_wall > ctx.hide_after):
        raise not_found("Job", ctx.params["jobID"])
    return job


def describe_job_log_items(ctx):
    job = find_job(ctx)
    items = list(enumerate(job.log))
    return paged(ctx, items, lambda i: i[0], lambda i: i[1])


def delete_job(ctx):
    job = find_job(ctx)
    if job.status != "COMPLETED":
        raise conflict("The job is still in progress", "Job", job.id)
    del ctx.region.jobs[job.id]
    return {}


def snapshots(server, wall):
    """Points in time: every ten minutes for an hour, then hourly."""
    if not server.first_byte:
        return []
    out = []
    base = int(wall // 600) * 600
    ages = [600 * i for i in range(6)] + [3600 * i for i in range(1, 24)]
    if server.state in ("STALLED", "DISCONNECTED", "PAUSED"):
        ages = [a for a in ages if a >= 3600]
    for age in ages:
        at = base - age
        digest = hashlib.sha1(f"{server.id}{at}".encode()).hexdigest()
        out.append({
            "snapshotID": "pit-" + digest[:17], "sourceServerID": server.id,
            "expectedTimestamp": iso(at, 0), "timestamp": iso(at + 4, 0),
            "ebsSnapshots": [
                "snap-" + hashlib.sha1(f"{digest}{i}".encode())
                .hexdigest()[:17] for i in range(len(server.disks))]})
    return out


def describe_recovery_snapshots(ctx):
    server = find_server(ctx, ctx.params["sourceServerID"])
    filters = ctx.params.get("filters") or {}
    items = snapshots(server, ctx.wall)
    low, high = filters.get("fromDateTime"), filters.get("toDateTime")
    if low:
        items = [i for i in items if when(i["timestamp"]) >= when(low)]
    if high:
        items = [i for i in items if when(i["timestamp"]) <= when(high)]
    sign = 1 if ctx.params.get("order", "ASC") == "ASC" else -1
    items.sort(key=lambda i: sign * when(i["timestamp"]))
    return paged(ctx, items, lambda i: sign * when(i["timestamp"]),
                 lambda i: i)


# --- recovery instances ------------------------------------------------------

def recovery_document(ctx, record):
    region = ctx.region
    server = region.servers.get(record["server"])
    instance = region.instances.get(record["id"])
    state = instance["state"].upper() if instance else "NOT_FOUND"
    properties = {
        "lastUpdatedDateTime": iso(record["created"], 6),
        "networkInterfaces": [{
            "macAddress": "0a:58:" + ":".join(
                record["id"][i:i + 2] for i in range(2, 10, 2)),
            "ips": [instance["ip"]], "isPrimary": True}] if instance else [],
        "identificationHints": {"awsInstanceID": record["id"]}}
    if server is not None:
        hints = server.properties["identificationHints"]
        properties["identificationHints"].update(
            hostname=hints["hostname"], fqdn=hints["fqdn"])
        properties["disks"] = [{
            "internalDeviceName": name, "bytes": size,
            "ebsVolumeID": "vol-" + hashlib.sha1(
                (record["id"] + name).encode()).hexdigest()[:17]}
            for name, size in server.disks]
        properties["os"] = server.properties["os"]
        properties["ramBytes"] = server.properties["ramBytes"]
        properties["cpus"] = server.properties["cpus"]
    out = {
        "ec2InstanceID": record["id"], "recoveryInstanceID": record["id"],
        "ec2InstanceState": state, "jobID": record["job"],
        "sourceServerID": record["server"],
        "arn": region.arn("drs", f"recovery-instance/{record['id']}"),
        "tags": record["tags"], "isDrill": record["drill"],
        "pointInTimeSnapshotDateTime": iso(record["point"], 0),
        "failback": {"state": record["failback"]},
        "dataReplicationInfo": {
            "dataReplicationState": record["replication"]},
        "recoveryInstanceProperties": properties,
        "originEnvironment": "AWS" if server is not None and server.cloud
        else "ON_PREMISES", "agentVersion": "5.4.10"}
    if server is not None and server.cloud:
        out["originAvailabilityZone"] = (
            server.cloud["originAvailabilityZone"])
    return out


def describe_recovery_instances(ctx):
    filters = ctx.params.get("filters") or {}
    items = list(ctx.region.recovery_instances.values())
    if filters.get("recoveryInstanceIDs"):
        wanted = set(filters["recoveryInstanceIDs"])
        items = [r for r in items if r["id"] in wanted]
        for r in items:
            if ctx.region.servers[r["server"]].instance_not_found:
                raise not_found("RecoveryInstance", r["id"])
    if filters.get("sourceServerIDs"):
        wanted = set(filters["sourceServerIDs"])
        items = [r for r in items if r["server"] in wanted]
    if ctx.hide_after is not None:
        items = [r for r in items if r["created"] <= ctx.hide_after]
    return paged(ctx, items, lambda r: r["seq"],
                 lambda r: recovery_document(ctx, r))


def terminate_recovery_instances(ctx):
    ids = list(dict.fromkeys(ctx.params["recoveryInstanceIDs"]))
    servers = [find_recovery(ctx, i)["server"] for i in ids]
    check_capacity(ctx.region, servers, False)
    job = ctx.engine.terminate(ctx.region, ids)
    ctx.result_id = job.id
    return {"job": job.document(ctx.now)}


OPERATIONS = {
    "DescribeSourceServers": describe_source_servers,
    "StartRecovery": start_recovery,
    "DescribeJobs": describe_jobs,
    "DescribeJobLogItems": describe_job_log_items,
    "DeleteJob": delete_job,
    "DescribeRecoverySnapshots": describe_recovery_snapshots,
    "DescribeRecoveryInstances": describe_recovery_instances,
    "TerminateRecoveryInstances": terminate_recovery_instances,
}
OPERATIONS.update(drs_more.OPERATIONS)


def call(ctx):
    """Run one operation; the caller has validated the input."""
    region = ctx.region
    if not region.initialized and ctx.operation not in _ANY_ACCOUNT:
        raise AwsError("UninitializedAccountException", "Account not "
                       "initialized; the DRS service must be initialised in "
                       "this region first", 400)
    return OPERATIONS[ctx.operation](ctx)
