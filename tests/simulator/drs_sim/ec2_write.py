"""Operations of EC2 that change something."""
import copy
import ipaddress
import json

from . import catalog
from .ec2_base import find_template, tag_list, version_document
from .errors import AwsError

MAX_VERSIONS = 10000


def template_document(ctx, template):
    return {
        "LaunchTemplateId": template.id, "LaunchTemplateName": template.name,
        "CreateTime": template.created, "CreatedBy": "drs.amazonaws.com",
        "DefaultVersionNumber": template.default,
        "LatestVersionNumber": template.latest,
        "Tags": tag_list(template.tags)}


def _dry_run(ctx):
    if ctx.params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but "
                       "DryRun flag is set.", 412)


def _bad(text):
    return AwsError("InvalidParameterValue", text, 400)


def _check_data(data):
    """The rules of template data that EC2 checks when it is stored."""
    kind = data.get("InstanceType")
    if kind and kind not in catalog.INSTANCE_TYPES:
        raise _bad(f"Invalid value '{kind}' for InstanceType")
    nics = data.get("NetworkInterfaces") or []
    if nics and (data.get("SecurityGroupIds") or data.get("SecurityGroups")):
        raise AwsError("InvalidParameterCombination", "Network interfaces "
                       "and an instance-level security groups may not be "
                       "specified on the same request", 400)
    seen = set()
    for nic in nics:
        index = nic.get("DeviceIndex", 0)
        if index in seen:
            raise _bad(f"Duplicate device index {index}")
        seen.add(index)
        address = nic.get("PrivateIpAddress")
        if address:
            try:
                ipaddress.IPv4Address(address)
            except ValueError:
                raise _bad(f"({address}) for parameter address is invalid. "
                           "Invalid IPv4 address") from None
    profile = data.get("IamInstanceProfile") or {}
    if "Arn" in profile and "Name" in profile:
        raise AwsError("InvalidParameterCombination", "The parameter "
                       "'iamInstanceProfile.name' may not be used in "
                       "combination with 'iamInstanceProfile.arn'", 400)


def _inherited(base, data):
    """What a new version has: members given replace members inherited.

    Lists are replaced whole; snapshots in block devices are not inherited.
    """
    out = copy.deepcopy(base)
    for mapping in out.get("BlockDeviceMappings") or ():
        mapping.get("Ebs", {}).pop("SnapshotId", None)
    out.update(copy.deepcopy(data))
    return out


def _source_version(ctx, template):
    text = ctx.params.get("SourceVersion")
    if text is None:
        return {}
    number = {"$Default": template.default,
              "$Latest": template.latest}.get(text)
    if number is None:
        number = int(text) if text.isdigit() else 0
    if number not in template.versions:
        raise AwsError("InvalidLaunchTemplateId.VersionNotFound", "Could not "
                       f"find the specified version {text} for the launch "
                       f"template with ID {template.id}.", 400)
    return template.versions[number]["data"]


def _token(ctx):
    """(the earlier result of this client token or None, the key)."""
    token = ctx.params.get("ClientToken")
    if not token:
        return None, None
    key = (ctx.operation, token)
    text = json.dumps(ctx.params, sort_keys=True)
    known = ctx.region.tokens.get(key)
    if known is None:
        return None, (key, text)
    if known[0] != text:
        raise AwsError("IdempotentParameterMismatch", "Client token was "
                       "used before with other parameters", 400)
    return known[1], None


def create_launch_template_version(ctx):
    template = find_template(ctx)
    earlier, mark = _token(ctx)
    if earlier is None:
        data = ctx.params["LaunchTemplateData"]
        _check_data(data)
        merged = _inherited(_source_version(ctx, template), data)
        _check_data(merged)
        _dry_run(ctx)
        if len(template.versions) >= MAX_VERSIONS:
            raise AwsError("VersionLimitExceeded", "The launch template has "
                           f"{MAX_VERSIONS} versions", 400)
        earlier = template.add(merged, ctx.params.get(
            "VersionDescription", ""), ctx.wall, ctx.key.arn)
        if mark:
            ctx.region.tokens[mark[0]] = (mark[1], earlier)
    ctx.result_id = str(earlier)
    return {"LaunchTemplateVersion": version_document(ctx, template,
                                                      earlier)}


def modify_launch_template(ctx):
    template = find_template(ctx)
    text = ctx.params.get("DefaultVersion", "")
    number = template.latest if text == "$Latest" else (
        int(text) if text.isdigit() else 0)
    if number not in template.versions:
        raise AwsError("InvalidLaunchTemplateId.VersionNotFound", "Could not "
                       f"find the specified version {text} for the launch "
                       f"template with ID {template.id}.", 400)
    _dry_run(ctx)
    template.default = number
    return {"LaunchTemplate": template_document(ctx, template)}


def delete_launch_template_versions(ctx):
    template = find_template(ctx)
    _dry_run(ctx)
    good, bad = [], []
    for text in ctx.params["Versions"]:
        number = int(text) if text.isdigit() else 0
        item = {"LaunchTemplateId": template.id,
                "LaunchTemplateName": template.name, "VersionNumber": number}
        if number not in template.versions:
            code = "launchTemplateVersionDoesNotExist"
        elif number == template.default:
            code = "unexpectedError"
        else:
            del template.versions[number]
            good.append(item)
            continue
        bad.append({**item, "ResponseError": {
            "Code": code, "Message": f"version {text}: {code}"}})
    return {"SuccessfullyDeletedLaunchTemplateVersions": good,
            "UnsuccessfullyDeletedLaunchTemplateVersions": bad}


# --- instances -----------------------------------------------------------------

_CODES = {"pending": 0, "running": 16, "shutting-down": 32,
          "terminated": 48, "stopping": 64, "stopped": 80}


def _state(name):
    return {"Code": _CODES[name], "Name": name}


def _records(ctx):
    out = []
    for name in ctx.params["InstanceIds"]:
        record = ctx.region.instances.get(name)
        if record is None:
            raise AwsError("InvalidInstanceID.NotFound", "The instance ID "
                           f"'{name}' does not exist", 400)
        out.append(record)
    return out


def _finish(at, record, before, after):
    if record["state"] == before:
        record["state"] = after


def _change(ctx, member, allowed, step, final, seconds):
    """Move instances to `step` now and to `final` after some seconds."""
    records = _records(ctx)
    for record in records:
        if record["state"] not in allowed and record["state"] not in (
                step, final):
            raise AwsError("IncorrectInstanceState", "The instance "
                           f"'{record['id']}' is not in a state from which "
                           f"it can be changed: {record['state']}", 400)
    _dry_run(ctx)
    out = []
    for record in records:
        before = record["state"]
        if before in allowed:
            record["state"] = step
            ctx.world.schedule(ctx.now + seconds, _finish, record, step,
                               final)
        out.append({"InstanceId": record["id"],
                    "PreviousState": _state(before),
                    "CurrentState": _state(record["state"])})
    return {member: out}


def terminate_instances(ctx):
    return _change(ctx, "TerminatingInstances",
                   ("pending", "running", "stopping", "stopped"),
                   "shutting-down", "terminated", 30)


def stop_instances(ctx):
    return _change(ctx, "StoppingInstances", ("running",), "stopping",
                   "stopped", 30)


def start_instances(ctx):
    return _change(ctx, "StartingInstances", ("stopped",), "pending",
                   "running", 20)


# --- tags ------------------------------------------------------------------------

def _tags_of(ctx, name):
    region = ctx.region
    if name in region.instances:
        return region.instances[name]["tags"]
    if name in region.templates:
        return region.templates[name].tags
    for store in (region.subnets, region.groups, region.vpcs):
        if name in store:
            return region.extra_tags.setdefault(name, {})
    if name.startswith(("vol-", "snap-", "eni-")):
        return region.extra_tags.setdefault(name, {})
    raise AwsError("InvalidID", f"The ID '{name}' is not valid", 400)


def create_tags(ctx):
    stores = [_tags_of(ctx, n) for n in ctx.params["Resources"]]
    _dry_run(ctx)
    for store in stores:
        store.update({t["Key"]: t.get("Value", "")
                      for t in ctx.params["Tags"]})
    return {}


def delete_tags(ctx):
    stores = [_tags_of(ctx, n) for n in ctx.params["Resources"]]
    _dry_run(ctx)
    for store in stores:
        for tag in ctx.params.get("Tags") or [
                {"Key": k} for k in list(store)]:
            if tag.get("Value") in (None, store.get(tag["Key"])):
                store.pop(tag["Key"], None)
    return {}


OPERATIONS = {
    "CreateLaunchTemplateVersion": create_launch_template_version,
    "ModifyLaunchTemplate": modify_launch_template,
    "DeleteLaunchTemplateVersions": delete_launch_template_versions,
    "TerminateInstances": terminate_instances,
    "StopInstances": stop_instances,
    "StartInstances": start_instances,
    "CreateTags": create_tags,
    "DeleteTags": delete_tags,
}
