"""What the operations of DRS share: pages, look-ups, the server's shape."""
import base64
import binascii
import calendar
import hashlib
import json
import re
import time

from .errors import AwsError, not_found, validation
from .fleet import initiation_steps
from .model import iso


def quota_error(code, message):
    return AwsError("ServiceQuotaExceededException", message, 402,
                    serviceCode="drs", quotaCode=code)


def when(text):
    """The epoch time of an ISO 8601 text in UTC."""
    found = re.fullmatch(r"(.{19})(\.[0-9]+)?Z", text)
    base = calendar.timegm(time.strptime(found.group(1),
                                         "%Y-%m-%dT%H:%M:%S"))
    return base + float(found.group(2) or 0)


def _digest(params):
    rest = {k: v for k, v in params.items()
            if k.lower() not in ("nexttoken", "maxresults")}
    text = json.dumps(rest, sort_keys=True)
    return hashlib.sha1(text.encode()).hexdigest()[:10]


def page(ctx, items, key, error=None):
    """(items of this page, next token) of a sorted list.

    The token holds the key of the last item seen, so that items which come
    or go between two pages neither repeat nor hide others.
    """
    params = ctx.params
    low = None
    token = params.get("nextToken") or params.get("NextToken")
    mark = [ctx.operation, _digest(params)]
    if token:
        try:
            data = json.loads(base64.b64decode(token.encode(), validate=True))
            name, digest, low = data
        except (ValueError, binascii.Error, TypeError):
            raise (error or validation("Invalid nextToken",
                                       "nextToken")) from None
        if [name, digest] != mark:
            raise error or validation(
                "nextToken does not belong to this request", "nextToken")
    wanted = params.get("maxResults") or params.get("MaxResults")
    size = min(wanted or ctx.world.page_size, ctx.world.page_size)
    rest = [i for i in items if low is None or key(i) > low]
    chosen = rest[:size]
    if len(rest) <= size:
        return chosen, None
    text = json.dumps(mark + [key(chosen[-1])])
    return chosen, base64.b64encode(text.encode()).decode()


def paged(ctx, items, key, show, member="items"):
    chosen, token = page(ctx, items, key)
    out = {member: [show(i) for i in chosen]}
    if token:
        out["nextToken"] = token
    return out


class Fragment(str):
    """JSON text that goes into an answer as it is."""


def server_document(server, wall):
    """The SourceServer shape."""
    lifecycle = {
        "addedToServiceDateTime": iso(server.added, 6),
        "lastSeenByServiceDateTime": iso(
            wall if server.state != "DISCONNECTED" else server.added, 6),
        "elapsedReplicationDuration": f"PT{int(wall - server.added)}S"}
    if server.first_byte:
        lifecycle["firstByteDateTime"] = iso(server.added + 600, 6)
    if server.last_launch:
        lifecycle["lastLaunch"] = server.last_launch
    backlog = 1 << 30 if server.state in ("BACKLOG", "STALLED") else 0
    done = server.state not in ("INITIATING", "INITIAL_SYNC", "STOPPED")
    info = {
        "dataReplicationState": server.state,
        "replicatedDisks": [{
            "deviceName": name, "totalStorageBytes": size,
            "replicatedStorageBytes": size if done else size // 3,
            "rescannedStorageBytes": 0, "backloggedStorageBytes": backlog,
            "volumeStatus": "REGULAR"} for name, size in server.disks],
        "dataReplicationInitiation": {
            "startDateTime": iso(server.added, 6),
            "steps": initiation_steps(
                "SUCCEEDED" if done or server.first_byte
                else "NOT_STARTED")},
        "stagingAvailabilityZone": server.region.name + "a"}
    if server.state not in ("STOPPED", "INITIATING"):
        info["lagDuration"] = server.lag
    if server.error:
        info["dataReplicationError"] = server.error
    out = {
        "sourceServerID": server.id, "arn": server.arn,
        "tags": server.tags, "lastLaunchResult": server.last_result,
        "dataReplicationInfo": info, "lifeCycle": lifecycle,
        "sourceProperties": server.properties,
        "stagingArea": {"status": "EXTENDED" if server.staging_arn
                        else "NOT_EXTENDED",
                        "stagingAccountID": server.staging_account},
        "replicationDirection": server.direction,
        "agentVersion": "5.4.10"}
    if server.staging_arn:
        out["stagingArea"]["stagingSourceServerArn"] = server.staging_arn
    if server.cloud:
        out["sourceCloudProperties"] = server.cloud
    if server.recovery_instance:
        out["recoveryInstanceId"] = server.recovery_instance
    if server.reversed_arn:
        out["reversedDirectionSourceServerArn"] = server.reversed_arn
    return out


def server_json(server, wall):
    """The same as JSON text, kept for a minute unless it changes."""
    if server.cache is None or wall - server.cache[0] > 60:
        server.cache = (wall, Fragment(json.dumps(
            server_document(server, wall), separators=(",", ":"))))
    return server.cache[1]


def find_server(ctx, server_id):
    server = ctx.region.servers.get(server_id)
    if server is None:
        raise not_found("SourceServer", server_id)
    return server


def find_recovery(ctx, instance_id):
    record = ctx.region.recovery_instances.get(instance_id)
    if record is None:
        raise not_found("RecoveryInstance", instance_id)
    return record
