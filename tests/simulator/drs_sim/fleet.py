"""Building a fleet: source servers and the network they recover into."""
import re

from . import catalog
from .model import iso
from .world import Role, ident

STATES = ("STOPPED", "INITIATING", "INITIAL_SYNC", "BACKLOG",
          "CREATING_SNAPSHOT", "CONTINUOUS", "PAUSED", "RESCAN", "STALLED",
          "DISCONNECTED")
_STEPS = ("WAIT", "CREATE_SECURITY_GROUP", "LAUNCH_REPLICATION_SERVER",
          "BOOT_REPLICATION_SERVER", "AUTHENTICATE_WITH_SERVICE",
          "DOWNLOAD_REPLICATION_SOFTWARE", "CREATE_STAGING_DISKS",
          "ATTACH_STAGING_DISKS", "PAIR_REPLICATION_SERVER_WITH_AGENT",
          "CONNECT_AGENT_TO_REPLICATION_SERVER", "START_DATA_TRANSFER")
_GIB = 1 << 30


class BadFleet(ValueError):
    """A control request that cannot be understood; names the field."""


class SourceServer:
    """A source server with its launch and replication configuration."""

    def __init__(self, region, server_id, name):
        self.id = server_id
        self.region = region
        self.seq = next(region.counter)
        self.name = name
        self.arn = region.arn("drs", f"source-server/{server_id}")
        self.tags = {}
        self.state = "CONTINUOUS"
        self.lag = "PT0S"
        self.error = None
        self.first_byte = True
        self.recovery_instance = None
        self.last_result = "NOT_STARTED"
        self.last_launch = None
        self.staging_arn = None
        self.staging_account = region.account.id
        self.direction = "FAILOVER"
        self.reversed_arn = None
        self.properties = {}
        self.cloud = None
        self.disks = []
        self.added = 0.0
        self.launch = {}
        self.replication = {}
        self.template_id = None
        self.fail_next = None       # {"rawError", "phase"} of one launch
        self.never_finishes = False
        self.late_status = 0
        self.instance_not_found = False
        self.cache = None           # (wall time, JSON text)

    def touch(self):
        self.cache = None


def _source_address(region, index, nic):
    """The source keeps the addresses of its recovery subnet's upper half,
    so that copyPrivateIp works there; further interfaces are elsewhere."""
    if nic:
        return f"192.168.{index >> 8 & 255}.{index & 255}"
    net = next(iter(region.subnets.values()))["CidrBlock"]
    prefix = net.rsplit(".", 2)[0]
    number = 2048 + index % 2040
    return f"{prefix}.{number >> 8}.{number & 255}"


def _properties(server, index, shape, wall):
    seed = int(server.id[2:10], 16) if re.fullmatch(
        r"[0-9a-f]{8}", server.id[2:10]) else index
    disks = shape.get("disks") or 1 + seed % 3
    cpus = shape.get("cpus") or 2 << (seed % 3)
    nics = shape.get("nics") or 1
    windows = "Windows" in catalog.SYSTEMS[seed % len(catalog.SYSTEMS)]
    letters = [f"c{i}:0" if windows else
               "/dev/sd" + (chr(97 + i % 26) if i < 26 else
                            chr(96 + i // 26) + chr(97 + i % 26))
               for i in range(disks)]
    server.disks = [(name, (50 + 50 * ((seed >> i % 8) % 8)) * _GIB)
                    for i, name in enumerate(letters)]
    host = server.name.lower()
    server.properties = {
        "lastUpdatedDateTime": iso(wall - 60 - seed % 3000),
        "recommendedInstanceType":
            catalog.RECOMMENDED[seed % len(catalog.RECOMMENDED)],
        "identificationHints": {
            "fqdn": f"{host}.corp.example.com", "hostname": server.name,
            "vmWareUuid": f"4218{ident('vm', server.id)[:28]}"},
        "networkInterfaces": [{
            "macAddress": "00:50:56:%02x:%02x:%02x" % (
                (index >> 8) & 255, index & 255, nic),
            "ips": [_source_address(server.region, index, nic)],
            "isPrimary": nic == 0} for nic in range(nics)],
        "disks": [{"deviceName": name, "bytes": size}
                  for name, size in server.disks],
        "cpus": [{"cores": 1, "modelName":
                  catalog.CPU_MODELS[seed % len(catalog.CPU_MODELS)]}
                 for _ in range(cpus)],
        "ramBytes": cpus * 4 * _GIB,
        "os": {"fullString": catalog.SYSTEMS[seed % len(catalog.SYSTEMS)]},
        "supportsNitroInstances": True}


def initiation_steps(status):
    return [{"name": name, "status": status} for name in _STEPS]


def build_network(region):
    """A VPC with four subnets and some security groups, once a region."""
    if region.vpcs:
        return
    base = (region.account.id, region.name)
    vpc = "vpc-" + ident("vpc", *base)[:17]
    number = int(ident("cidr", *base)[:4], 16) % 200
    region.vpcs[vpc] = {
        "VpcId": vpc, "CidrBlock": f"10.{number}.0.0/16", "State":
        "available", "IsDefault": True, "OwnerId": region.account.id,
        "DhcpOptionsId": "dopt-" + ident("dhcp", *base)[:17],
        "InstanceTenancy": "default",
        "Tags": [{"Key": "Name", "Value": "recovery"}]}
    for i, name in enumerate(("app-a", "app-b", "db-a", "db-b")):
        subnet = "subnet-" + ident("subnet", *base, i)[:17]
        region.subnets[subnet] = {
            "SubnetId": subnet, "VpcId": vpc, "State": "available",
            "CidrBlock": f"10.{number}.{i * 16}.0/20",
            "AvailabilityZone": region.name + "ab"[i % 2],
            "AvailabilityZoneId": f"use1-az{i % 2 + 1}",
            "AvailableIpAddressCount": 4091,
            "MapPublicIpOnLaunch": False, "DefaultForAz": i < 2,
            "OwnerId": region.account.id, "SubnetArn":
                region.arn("ec2", f"subnet/{subnet}"),
            "Tags": [{"Key": "Name", "Value": f"recovery-{name}"}]}
    for name in ("default", "web", "app", "database"):
        group = "sg-" + ident("sg", *base, name)[:17]
        region.groups[group] = {
            "GroupId": group, "GroupName": name, "VpcId": vpc,
            "Description": f"{name} security group",
            "OwnerId": region.account.id,
            "IpPermissions": [], "IpPermissionsEgress": [],
            "Tags": [{"Key": "Name", "Value": name}]}
    for name in ("ops-key", "break-glass"):
        region.key_pairs[name] = {
            "KeyName": name, "KeyPairId": "key-" + ident(
                "kp", *base, name)[:17], "KeyType": "rsa",
            "KeyFingerprint": ":".join(
                ident(*base, name)[i:i + 2] for i in range(0, 40, 2)),
            "CreateTime": 1700000000, "Tags": []}


def template_data(server, region, profile=None):
    """What DRS writes into the launch template of a source server."""
    subnet = next(iter(region.subnets))
    group = next(iter(region.groups))
    data = {
        "InstanceType": server.properties["recommendedInstanceType"],
        "NetworkInterfaces": [{
            "DeviceIndex": 0, "SubnetId": subnet, "Groups": [group],
            "DeleteOnTermination": True}],
        "BlockDeviceMappings": [{
            "DeviceName": name, "Ebs": {
                "VolumeType": "gp3", "Encrypted": True, "Iops": 3000,
                "Throughput": 125, "DeleteOnTermination": True}}
            for name, _ in server.disks],
        "TagSpecifications": [{"ResourceType": kind, "Tags": [
            {"Key": "Name", "Value": server.name},
            {"Key": "AWSElasticDisasterRecoveryManaged",
             "Value": "drs.amazonaws.com"},
            {"Key": "AWSElasticDisasterRecoverySourceServerID",
             "Value": server.id}]} for kind in ("instance", "volume")]}
    if profile:
        data["IamInstanceProfile"] = {"Name": profile}
    return data


class Template:
    """An EC2 launch template with its versions."""

    def __init__(self, template_id, name, data, wall):
        self.id = template_id
        self.name = name
        self.created = wall
        self.default = 1
        self.latest = 1
        self.tags = {"AWSElasticDisasterRecoveryManaged":
                     "drs.amazonaws.com"}
        self.versions = {1: {"data": data, "description": "Created by DRS",
                             "created": wall, "by": "drs.amazonaws.com"}}

    def add(self, data, description, wall, author):
        self.latest += 1
        self.versions[self.latest] = {
            "data": data, "description": description, "created": wall,
            "by": author}
        return self.latest


def attach_configuration(server, region, wall):
    """Launch configuration, template and replication settings."""
    server.template_id = "lt-" + ident("lt", server.region.account.id,
                                       region.name, server.id)[:17]
    region.templates[server.template_id] = Template(
        server.template_id, f"created-and-used-by-drs-{server.id}",
        template_data(server, region), wall)
    server.launch = {
        "name": server.name, "launchDisposition": "STARTED",
        "targetInstanceTypeRightSizingMethod": "BASIC",
        "copyPrivateIp": False, "copyTags": True,
        "licensing": {"osByol": False}, "postLaunchEnabled": False}
    server.replication = {
        "name": server.name,
        "stagingAreaSubnetId": next(iter(region.subnets)),
        "associateDefaultSecurityGroup": True,
        "replicationServersSecurityGroupsIDs": [],
        "replicationServerInstanceType": "t3.small",
        "useDedicatedReplicationServer": False,
        "defaultLargeStagingDiskType": "GP3",
        "replicatedDisks": [{
            "deviceName": name, "isBootDisk": i == 0,
            "stagingDiskType": "AUTO", "iops": 0, "throughput": 0}
            for i, (name, _) in enumerate(server.disks)],
        "ebsEncryption": "CUSTOM",
        "ebsEncryptionKeyArn": region.arn("kms", "key/mrk-" + ident(
            "kms", region.account.id)[:32]),
        "bandwidthThrottling": 0, "dataPlaneRouting": "PRIVATE_IP",
        "createPublicIP": False, "stagingAreaTags": {},
        "autoReplicateNewDisks": False,
        "pitPolicy": [
            {"ruleID": 1, "units": "MINUTE", "interval": 10,
             "retentionDuration": 60, "enabled": True},
            {"ruleID": 2, "units": "HOUR", "interval": 1,
             "retentionDuration": 24, "enabled": True},
            {"ruleID": 3, "units": "DAY", "interval": 1,
             "retentionDuration": 3, "enabled": True}]}


def add_server(world, region, server_id, name, spec):
    """Create one source server and everything that belongs to it."""
    wall = world.clock.wall()
    server = SourceServer(region, server_id, name)
    shape = spec.get("shape", {})
    _properties(server, server.seq, shape, wall)
    server.tags = {"Name": name, **{str(k): str(v) for k, v in
                                    spec.get("tags", {}).items()}}
    server.state = spec.get("replicationState", "CONTINUOUS")
    server.lag = spec.get("lagDuration", "PT0S")
    server.first_byte = server.state not in ("INITIATING", "STOPPED")
    server.added = wall - 86400 * 30
    if spec.get("originAccountId"):
        server.properties["identificationHints"]["awsInstanceID"] = (
            "i-" + ident("src", server_id)[:17])
        server.cloud = {
            "originAccountID": spec["originAccountId"],
            "originRegion": spec.get("originRegion", "us-east-1"),
            "originAvailabilityZone":
                spec.get("originRegion", "us-east-1") + "a"}
    attach_configuration(server, region, wall)
    region.servers[server_id] = server
    if spec.get("instanceTags") is not None:
        add_source_instance(world, server, spec["instanceTags"])
    return server


def add_source_instance(world, server, tags):
    """The EC2 instance that a server with an origin account runs on."""
    region = world.account(server.cloud["originAccountID"]).region(
        server.cloud["originRegion"])
    region.opted_in = True
    build_network(region)
    subnet = next(iter(region.subnets.values()))
    name = server.properties["identificationHints"]["awsInstanceID"]
    region.instances[name] = {
        "id": name, "seq": next(region.counter), "job": None,
        "server": None, "drill": False, "type": "m5.large",
        "subnet": subnet["SubnetId"], "vpc": subnet["VpcId"],
        "az": subnet["AvailabilityZone"], "groups": [],
        "ip": server.properties["networkInterfaces"][0]["ips"][0],
        "profile": None, "state": "running", "image": "ami-" + name[2:],
        "tags": {str(k): str(v) for k, v in tags.items()},
        "launched": world.clock.wall(), "reason": None,
        "template": ["", 0]}


def _check_spec(spec, where):
    if not isinstance(spec, dict):
        raise BadFleet(f"{where} must be an object")
    known = {"count", "namePrefix", "tags", "sourceServerIds", "shape",
             "replicationState", "lagDuration", "originAccountId",
             "originRegion", "stagingAccountId", "instanceTags"}
    for key in spec:
        if key not in known:
            raise BadFleet(f"{where}.{key} is not known")
    state = spec.get("replicationState", "CONTINUOUS")
    if state not in STATES:
        raise BadFleet(f"{where}.replicationState: {state} is not a state")
    for server_id in spec.get("sourceServerIds") or ():
        if not re.fullmatch(r"s-[0-9a-zA-Z]{17}", server_id):
            raise BadFleet(f"{where}.sourceServerIds: {server_id} is not an "
                           "id of a source server")


def _add_servers(world, region, spec, where):
    _check_spec(spec, where)
    ids = spec.get("sourceServerIds")
    count = len(ids) if ids else spec.get("count", 1)
    prefix = spec.get("namePrefix", "server")
    made = []
    for i in range(count):
        number = len(region.servers) + 1
        server_id = ids[i] if ids else "s-" + ident(
            "s", region.account.id, region.name, number)[:17]
        if server_id in region.servers:
            raise BadFleet(f"{where}: {server_id} exists already")
        name = f"{prefix}-{i + 1:04d}" if count > 1 else prefix
        if spec.get("stagingAccountId"):
            made.append(_add_extended(world, region, name, spec))
        else:
            made.append(add_server(world, region, server_id, name, spec))
    return made


def _add_extended(world, region, name, spec):
    """A server that replicates in the staging account, extended here."""
    account = world.account(spec["stagingAccountId"])
    staging = account.region(region.name)
    staging.initialized = staging.opted_in = True
    build_network(staging)
    number = len(staging.servers) + 1
    origin = add_server(world, staging, "s-" + ident(
        "s", account.id, staging.name, number)[:17], name, spec)
    if account.id not in region.account.staging:
        region.account.staging.append(account.id)
    return extend(world, region, origin, spec.get("tags"))


def extend(world, region, origin, tags=None):
    """Make an extended source server of a staging account's server."""
    server = add_server(
        world, region, "s-" + ident("x", region.account.id, origin.arn)[:17],
        origin.name, {"tags": tags or {}})
    server.properties = origin.properties
    server.disks = origin.disks
    server.cloud = origin.cloud
    server.state, server.lag = origin.state, origin.lag
    server.staging_arn = origin.arn
    server.staging_account = origin.region.account.id
    return server


def _add_region(world, account, spec, where):
    name = spec.get("region")
    if name not in catalog.REGIONS:
        raise BadFleet(f"{where}.region: {name!r} is not a region")
    region = account.region(name)
    region.opted_in = bool(spec.get("optedIn", True))
    region.initialized = bool(spec.get("initialized", True))
    build_network(region)
    for topic in spec.get("topics", ()):
        region.topics[topic] = {}
    for i, entry in enumerate(spec.get("servers", ())):
        _add_servers(world, region, entry, f"{where}.servers[{i}]")


def add(world, body):
    """Apply the body of POST /_sim/fleet."""
    accounts = body.get("accounts")
    if not isinstance(accounts, list):
        raise BadFleet("accounts must be a list")
    for i, spec in enumerate(accounts):
        where = f"accounts[{i}]"
        number = str(spec.get("accountId", ""))
        if not re.fullmatch(r"[0-9]{12}", number):
            raise BadFleet(f"{where}.accountId must be 12 digits")
        account = world.account(number)
        account.name = spec.get("name", account.name)
        if spec.get("hub"):
            world.set_hub(number)
        if "roles" in spec:
            account.roles = {}
            for role in spec["roles"]:
                made = Role(account.id, role)
                account.roles[made.name] = made
        for name in spec.get("instanceProfiles", ()):
            account.add_profile(name)
        for number in spec.get("stagingAccounts", ()):
            if number not in account.staging:
                account.staging.append(number)
        for j, region in enumerate(spec.get("regions", ())):
            _add_region(world, account, region, f"{where}.regions[{j}]")


def _describe_region(region):
    return {
        "region": region.name, "initialized": region.initialized,
        "optedIn": region.opted_in,
        "servers": [{
            "sourceServerId": s.id, "name": s.name, "arn": s.arn,
            "tags": s.tags, "launchTemplateId": s.template_id,
            "stagingAccountId": s.staging_account,
            "replicationState": s.state,
            "recoveryInstanceId": s.recovery_instance}
            for s in region.servers.values()],
        "vpcs": list(region.vpcs), "subnets": [
            {"subnetId": s["SubnetId"], "cidrBlock": s["CidrBlock"],
             "availabilityZone": s["AvailabilityZone"]}
            for s in region.subnets.values()],
        "securityGroups": [
            {"groupId": g["GroupId"], "groupName": g["GroupName"]}
            for g in region.groups.values()],
        "topics": [region.arn("sns", t) for t in region.topics]}


def describe(world):
    """The answer of GET /_sim/fleet."""
    hub = world.hub_key
    return {
        "hub": {"accountId": world.hub.id, "accessKeyId": hub.key_id,
                "secretAccessKey": hub.secret},
        "accounts": [{
            "accountId": a.id, "name": a.name, "hub": a.hub,
            "roles": [{"roleName": r.name, "roleArn":
                       f"arn:aws:iam::{a.id}:role/{r.name}",
                       "externalId": r.external_id, "trusted":
                       [world.hub.id] if r.trusted is None else r.trusted}
                      for r in a.roles.values()],
            "stagingAccounts": a.staging,
            "instanceProfiles": list(a.profiles),
            "regions": [_describe_region(r) for r in a.regions.values()
                        if r.vpcs or r.topics]} for a in world.accounts.values()]}
