"""Operations of EC2 (query protocol, dialect ec2): describing."""
import fnmatch
import re

from . import catalog, ec2_write
from .drs_base import page
from .errors import AwsError
from .ec2_base import find_template, tag_list, version_document

_STATES = {"pending": 0, "running": 16, "shutting-down": 32,
           "terminated": 48, "stopping": 64, "stopped": 80}


def _matches(document, filters, names):
    """Whether a document passes EC2's filters."""
    tags = {t["Key"]: t["Value"] for t in document.get("Tags") or ()}
    for entry in filters or ():
        name, wanted = entry.get("Name", ""), entry.get("Values") or []
        if name.startswith("tag:"):
            have = [tags[name[4:]]] if name[4:] in tags else []
        elif name == "tag-key":
            have = list(tags)
        elif name in names:
            have = names[name](document)
            have = have if isinstance(have, list) else [have]
        else:
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is "
                           "invalid", 400)
        if not any(fnmatch.fnmatchcase(str(h), w)
                   for h in have for w in wanted):
            return False
    return True


def _get(member):
    def getter(document):
        value = document.get(member)
        return str(value).lower() if isinstance(value, bool) else value
    return getter


def _answer(ctx, items, key, member):
    """A page of sorted documents under `member`."""
    bad = AwsError("InvalidParameterValue", "Unable to parse nextToken", 400)
    chosen, token = page(ctx, items, key, bad)
    out = {member: chosen}
    if token:
        out["NextToken"] = token
    return out


def _by_id(ctx, store, wanted, code, what):
    """The documents of `store`, or those of the ids that are wanted."""
    if not wanted:
        return list(store.values())
    missing = [i for i in wanted if i not in store]
    if missing:
        raise AwsError(code, f"The {what} '{', '.join(missing)}' does not "
                       "exist", 400)
    return [store[i] for i in dict.fromkeys(wanted)]


def _public(document):
    return {k: v for k, v in document.items() if not k.startswith("_")}


# --- instances -----------------------------------------------------------------

def instance_document(region, record):
    """The Instance shape."""
    gone = record["state"] == "terminated"
    groups = [{"GroupId": g, "GroupName": region.groups[g]["GroupName"]}
              for g in record["groups"] if g in region.groups]
    host = "ip-" + record["ip"].replace(".", "-")
    out = {
        "InstanceId": record["id"], "ImageId": record["image"],
        "State": {"Code": _STATES[record["state"]], "Name": record["state"]},
        "InstanceType": record["type"], "LaunchTime": record["launched"],
        "AmiLaunchIndex": 0, "Architecture": "x86_64",
        "VirtualizationType": "hvm", "Hypervisor": "xen",
        "RootDeviceType": "ebs", "RootDeviceName": "/dev/sda1",
        "Placement": {"AvailabilityZone": record["az"],
                      "Tenancy": "default"},
        "Monitoring": {"State": "disabled"}, "EbsOptimized": True,
        "Tags": tag_list(record["tags"])}
    if not gone:
        out.update({
            "PrivateIpAddress": record["ip"], "SubnetId": record["subnet"],
            "PrivateDnsName": f"{host}.{region.name}.compute.internal",
            "VpcId": record["vpc"], "SecurityGroups": groups})
    if record["profile"]:
        out["IamInstanceProfile"] = region.account.profiles.get(
            record["profile"], {})
        out["IamInstanceProfile"] = {
            "Arn": out["IamInstanceProfile"].get("Arn"),
            "Id": out["IamInstanceProfile"].get("InstanceProfileId")}
    if record["reason"]:
        out["StateReason"] = {"Code": record["reason"],
                              "Message": record["reason"]}
    return out


_INSTANCE_FILTERS = {
    "instance-id": _get("InstanceId"), "instance-type": _get("InstanceType"),
    "instance-state-name": lambda d: d["State"]["Name"],
    "instance-state-code": lambda d: str(d["State"]["Code"]),
    "subnet-id": _get("SubnetId"), "vpc-id": _get("VpcId"),
    "private-ip-address": _get("PrivateIpAddress"),
    "availability-zone": lambda d: d["Placement"]["AvailabilityZone"]}


def describe_instances(ctx):
    params, region = ctx.params, ctx.region
    wanted = params.get("InstanceIds")
    if wanted and "MaxResults" in params:
        raise AwsError("InvalidParameterCombination", "The parameter "
                       "instancesSet cannot be used with the parameter "
                       "maxResults", 400)
    for name in wanted or ():
        if not re.fullmatch(r"i-([0-9a-f]{8}|[0-9a-f]{17})", name):
            raise AwsError("InvalidInstanceID.Malformed",
                           f"Invalid id: \"{name}\"", 400)
    records = region.instances
    missing = [i for i in wanted or () if i not in records]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise AwsError("InvalidInstanceID.NotFound", f"The instance "
                       f"ID{plural} '{', '.join(missing)}' "
                       f"do{'' if plural else 'es'} not exist", 400)
    chosen = ([records[i] for i in dict.fromkeys(wanted)] if wanted
              else list(records.values()))
    chosen.sort(key=lambda r: r["seq"])
    if ctx.hide_after is not None:
        chosen = [r for r in chosen if r["launched"] <= ctx.hide_after]
    items = [(r["seq"], instance_document(region, r)) for r in chosen]
    items = [i for i in items
             if _matches(i[1], params.get("Filters"), _INSTANCE_FILTERS)]
    if wanted:
        shown, token = items, None
    else:
        shown, token = page(ctx, items, lambda i: i[0])
    out = {"Reservations": [{
        "ReservationId": "r-" + d["InstanceId"][2:], "OwnerId":
        region.account.id, "Instances": [d]} for _, d in shown]}
    if token:
        out["NextToken"] = token
    return out


# --- network ---------------------------------------------------------------------

_SUBNET_FILTERS = {
    "subnet-id": _get("SubnetId"), "vpc-id": _get("VpcId"),
    "availability-zone": _get("AvailabilityZone"), "state": _get("State"),
    "cidr-block": _get("CidrBlock"), "default-for-az": _get("DefaultForAz")}


def describe_subnets(ctx):
    items = _by_id(ctx, ctx.region.subnets, ctx.params.get("SubnetIds"),
                   "InvalidSubnetID.NotFound", "subnet ID")
    items = [_public(s) for s in items
             if _matches(s, ctx.params.get("Filters"), _SUBNET_FILTERS)]
    used = {}
    for record in ctx.region.instances.values():
        if record["state"] != "terminated":
            used[record["subnet"]] = used.get(record["subnet"], 0) + 1
    for item in items:
        item["AvailableIpAddressCount"] -= used.get(item["SubnetId"], 0)
    items.sort(key=lambda s: s["SubnetId"])
    return _answer(ctx, items, lambda s: s["SubnetId"], "Subnets")


_GROUP_FILTERS = {
    "group-id": _get("GroupId"), "group-name": _get("GroupName"),
    "vpc-id": _get("VpcId"), "description": _get("Description")}


def describe_security_groups(ctx):
    items = _by_id(ctx, ctx.region.groups, ctx.params.get("GroupIds"),
                   "InvalidGroup.NotFound", "security group")
    names = ctx.params.get("GroupNames")
    items = [g for g in items if (not names or g["GroupName"] in names)
             and _matches(g, ctx.params.get("Filters"), _GROUP_FILTERS)]
    items.sort(key=lambda g: g["GroupId"])
    return _answer(ctx, items, lambda g: g["GroupId"], "SecurityGroups")


def describe_vpcs(ctx):
    items = _by_id(ctx, ctx.region.vpcs, ctx.params.get("VpcIds"),
                   "InvalidVpcID.NotFound", "vpc ID")
    names = {"vpc-id": _get("VpcId"), "state": _get("State"),
             "is-default": _get("IsDefault"), "cidr": _get("CidrBlock")}
    items = [v for v in items
             if _matches(v, ctx.params.get("Filters"), names)]
    return _answer(ctx, items, lambda v: v["VpcId"], "Vpcs")


def describe_network_interfaces(ctx):
    items = []
    for record in ctx.region.instances.values():
        if record["state"] == "terminated":
            continue
        items.append({
            "NetworkInterfaceId": "eni-" + record["id"][2:],
            "Status": "in-use", "Description": "", "SubnetId":
            record["subnet"], "VpcId": record["vpc"],
            "PrivateIpAddress": record["ip"],
            "OwnerId": ctx.region.account.id,
            "AvailabilityZone": record["az"],
            "Attachment": {"InstanceId": record["id"], "DeviceIndex": 0,
                           "Status": "attached"}})
    names = {"private-ip-address": _get("PrivateIpAddress"),
             "addresses.private-ip-address": _get("PrivateIpAddress"),
             "subnet-id": _get("SubnetId"), "vpc-id": _get("VpcId"),
             "network-interface-id": _get("NetworkInterfaceId")}
    wanted = ctx.params.get("NetworkInterfaceIds")
    items = [i for i in items
             if (not wanted or i["NetworkInterfaceId"] in wanted)
             and _matches(i, ctx.params.get("Filters"), names)]
    items.sort(key=lambda i: i["NetworkInterfaceId"])
    return _answer(ctx, items, lambda i: i["NetworkInterfaceId"],
                   "NetworkInterfaces")


def describe_key_pairs(ctx):
    names = ctx.params.get("KeyNames")
    items = _by_id(ctx, ctx.region.key_pairs, names,
                   "InvalidKeyPair.NotFound", "key pair")
    filters = {"key-name": _get("KeyName"), "key-pair-id": _get("KeyPairId")}
    return {"KeyPairs": [k for k in items if _matches(
        k, ctx.params.get("Filters"), filters)]}


# --- types, regions ----------------------------------------------------------------

def _type_document(name):
    cpus, memory = catalog.INSTANCE_TYPES[name]
    return {
        "InstanceType": name, "CurrentGeneration": True,
        "BareMetal": name.endswith(".metal"),
        "Hypervisor": "nitro" if not name.endswith(".metal") else None,
        "VCpuInfo": {"DefaultVCpus": cpus, "DefaultCores": cpus // 2,
                     "DefaultThreadsPerCore": 2},
        "MemoryInfo": {"SizeInMiB": memory},
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        "SupportedVirtualizationTypes": ["hvm"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedUsageClasses": ["on-demand", "spot"]}


def describe_instance_types(ctx):
    wanted = ctx.params.get("InstanceTypes")
    for name in wanted or ():
        if name not in catalog.INSTANCE_TYPES:
            raise AwsError("InvalidInstanceType", "The following supplied "
                           f"instance types do not exist: [{name}]", 400)
    items = [_type_document(n)
             for n in sorted(wanted or catalog.INSTANCE_TYPES)]
    names = {"instance-type": _get("InstanceType"),
             "bare-metal": _get("BareMetal"),
             "current-generation": _get("CurrentGeneration"),
             "processor-info.supported-architecture": lambda d: ["x86_64"]}
    items = [i for i in items
             if _matches(i, ctx.params.get("Filters"), names)]
    return _answer(ctx, items, lambda i: i["InstanceType"], "InstanceTypes")


def describe_instance_type_offerings(ctx):
    kind = ctx.params.get("LocationType", "region")
    places = ([ctx.region.name] if kind == "region"
              else [ctx.region.name + z for z in "abc"])
    items = [{"InstanceType": n, "LocationType": kind, "Location": place}
             for n in sorted(catalog.INSTANCE_TYPES) for place in places]
    names = {"instance-type": _get("InstanceType"),
             "location": _get("Location")}
    items = [i for i in items
             if _matches(i, ctx.params.get("Filters"), names)]
    return _answer(ctx, items, lambda i: [i["InstanceType"], i["Location"]],
                   "InstanceTypeOfferings")


def describe_regions(ctx):
    wanted = ctx.params.get("RegionNames")
    every = ctx.params.get("AllRegions", False)
    out = []
    for name in catalog.REGIONS:
        if catalog.partition(name) != ctx.region.partition:
            continue
        opted = ctx.region.account.region(name).opted_in
        if (wanted and name not in wanted) or not (opted or every):
            continue
        status = "opt-in-not-required"
        if name in catalog.OPT_IN_REGIONS:
            status = "opted-in" if opted else "not-opted-in"
        out.append({"RegionName": name, "OptInStatus": status,
                    "Endpoint": f"ec2.{name}.amazonaws.com"})
    return {"Regions": out}


def describe_availability_zones(ctx):
    name = ctx.region.name
    return {"AvailabilityZones": [{
        "ZoneName": name + z, "ZoneId": f"{name[:2]}x-az{i}",
        "RegionName": name, "State": "available", "ZoneType":
        "availability-zone", "OptInStatus": "opt-in-not-required",
        "GroupName": name, "NetworkBorderGroup": name}
        for i, z in enumerate("abc", 1)]}


# --- launch templates ----------------------------------------------------------------

def describe_launch_templates(ctx):
    wanted = ctx.params.get("LaunchTemplateIds")
    items = _by_id(ctx, ctx.region.templates, wanted,
                   "InvalidLaunchTemplateId.NotFound", "template ID")
    names = ctx.params.get("LaunchTemplateNames")
    items = [t for t in items if not names or t.name in names]
    items.sort(key=lambda t: t.id)
    chosen, token = page(ctx, items, lambda t: t.id)
    out = {"LaunchTemplates": [
        ec2_write.template_document(ctx, t) for t in chosen]}
    if token:
        out["NextToken"] = token
    return out


def describe_launch_template_versions(ctx):
    template = find_template(ctx)
    wanted = ctx.params.get("Versions")
    numbers = sorted(template.versions, reverse=True)
    if wanted:
        numbers = []
        for text in wanted:
            number = {"$Default": template.default,
                      "$Latest": template.latest}.get(text)
            if number is None:
                number = int(text) if text.isdigit() else 0
            if number not in template.versions:
                raise AwsError("InvalidLaunchTemplateId.VersionNotFound",
                               "Could not find the specified version "
                               f"{text} for the launch template with ID "
                               f"{template.id}.", 400)
            numbers.append(number)
    chosen, token = page(ctx, numbers, lambda n: -n)
    out = {"LaunchTemplateVersions": [
        version_document(ctx, template, n) for n in chosen]}
    if token:
        out["NextToken"] = token
    return out


# --- tags ------------------------------------------------------------------------

def describe_tags(ctx):
    region = ctx.region
    items = []
    for kind, store in (("instance", region.instances),):
        for name, record in store.items():
            items += [(name, kind, k, v) for k, v in record["tags"].items()]
    for template in region.templates.values():
        items += [(template.id, "launch-template", k, v)
                  for k, v in template.tags.items()]
    for name, tags in region.extra_tags.items():
        items += [(name, "subnet" if name.startswith("subnet") else "volume",
                   k, v) for k, v in tags.items()]
    docs = [{"ResourceId": r, "ResourceType": t, "Key": k, "Value": v}
            for r, t, k, v in sorted(items)]
    names = {"resource-id": _get("ResourceId"), "key": _get("Key"),
             "resource-type": _get("ResourceType"), "value": _get("Value")}
    docs = [d for d in docs if _matches(d, ctx.params.get("Filters"), names)]
    return _answer(ctx, docs, lambda d: [d["ResourceId"], d["Key"]], "Tags")


OPERATIONS = {
    "DescribeInstances": describe_instances,
    "DescribeSubnets": describe_subnets,
    "DescribeSecurityGroups": describe_security_groups,
    "DescribeVpcs": describe_vpcs,
    "DescribeNetworkInterfaces": describe_network_interfaces,
    "DescribeKeyPairs": describe_key_pairs,
    "DescribeInstanceTypes": describe_instance_types,
    "DescribeInstanceTypeOfferings": describe_instance_type_offerings,
    "DescribeRegions": describe_regions,
    "DescribeAvailabilityZones": describe_availability_zones,
    "DescribeLaunchTemplates": describe_launch_templates,
    "DescribeLaunchTemplateVersions": describe_launch_template_versions,
    "DescribeTags": describe_tags,
}
OPERATIONS.update(ec2_write.OPERATIONS)


def call(ctx):
    result = OPERATIONS[ctx.operation](ctx)
    return result
