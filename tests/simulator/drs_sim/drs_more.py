"""Further operations of DRS: settings, tags, extension, failback."""
from . import fleet
from .drs_base import (find_recovery, find_server, paged, quota_error,
                       server_document)
from .errors import AwsError, conflict, not_found, validation
from .world import ident

_LAUNCH = ("name", "launchDisposition", "targetInstanceTypeRightSizingMethod",
           "copyPrivateIp", "copyTags", "licensing", "postLaunchEnabled",
           "launchIntoInstanceProperties", "recoveryMode")


def _source(ctx):
    return find_server(ctx, ctx.params["sourceServerID"])


# --- launch settings ---------------------------------------------------------

def _launch_document(server):
    return {"sourceServerID": server.id,
            "ec2LaunchTemplateID": server.template_id, **server.launch}


def get_launch_configuration(ctx):
    return _launch_document(_source(ctx))


def update_launch_configuration(ctx):
    server = _source(ctx)
    if server.id in ctx.region.busy:
        raise conflict("The source server is currently being processed by a "
                       "Job", "SourceServer", server.id)
    new = {k: ctx.params[k] for k in _LAUNCH if k in ctx.params}
    into = (new.get("launchIntoInstanceProperties") or {}).get(
        "launchIntoEC2InstanceID")
    if into:
        _check_launch_into(ctx, server, new, into)
    changed = {k: v for k, v in new.items() if server.launch.get(k) != v}
    server.launch.update(new)
    if changed:
        # DRS itself writes a new version of the EC2 launch template.
        template = ctx.region.templates.get(server.template_id)
        if template is None:
            fleet.attach_configuration(server, ctx.region, ctx.wall)
            server.launch.update(new)
            template = ctx.region.templates[server.template_id]
        data = dict(template.versions[template.default]["data"])
        if server.launch["targetInstanceTypeRightSizingMethod"] != "NONE":
            data["InstanceType"] = server.properties[
                "recommendedInstanceType"]
        template.default = template.add(
            data, "Modified by DRS", ctx.wall, "drs.amazonaws.com")
    return _launch_document(server)


def _check_launch_into(ctx, server, new, into):
    instance = ctx.region.instances.get(into)
    if instance is None:
        raise validation(f"Instance {into} does not exist",
                         "launchIntoInstanceProperties")
    if instance["tags"].get("AWSDRS") != "AllowLaunchingIntoThisInstance":
        raise validation(f"Instance {into} must carry the tag AWSDRS = "
                         "AllowLaunchingIntoThisInstance",
                         "launchIntoInstanceProperties")
    merged = {**server.launch, **new}
    if merged.get("copyPrivateIp") or merged.get("copyTags"):
        raise validation("copyPrivateIp and copyTags must be off when "
                         "launching into an instance",
                         "launchIntoInstanceProperties")


def _template(ctx):
    ident_ = ctx.params["launchConfigurationTemplateID"]
    template = ctx.region.launch_templates.get(ident_)
    if template is None:
        raise not_found("LaunchConfigurationTemplate", ident_)
    return template


def create_launch_configuration_template(ctx):
    limit = ctx.region.account.quota("L-1F3FAE4D")
    if len(ctx.region.launch_templates) >= limit:
        raise quota_error("L-1F3FAE4D", "Max number of launch configuration "
                          "templates exceeded")
    name = ctx.world.fresh("lct-")
    document = {
        "launchConfigurationTemplateID": name, "tags": {},
        "arn": ctx.region.arn("drs", f"launch-configuration-template/{name}"),
        "launchDisposition": "STARTED", "copyPrivateIp": False,
        "targetInstanceTypeRightSizingMethod": "BASIC", "copyTags": True,
        "licensing": {"osByol": False}, "postLaunchEnabled": False}
    document.update(ctx.params)
    ctx.region.launch_templates[name] = document
    return {"launchConfigurationTemplate": document}


def update_launch_configuration_template(ctx):
    document = _template(ctx)
    document.update(ctx.params)
    return {"launchConfigurationTemplate": document}


def delete_launch_configuration_template(ctx):
    document = _template(ctx)
    del ctx.region.launch_templates[
        document["launchConfigurationTemplateID"]]
    return {}


def describe_launch_configuration_templates(ctx):
    wanted = ctx.params.get("launchConfigurationTemplateIDs")
    items = [(k, v) for k, v in sorted(ctx.region.launch_templates.items())
             if not wanted or k in wanted]
    return paged(ctx, items, lambda i: i[0], lambda i: i[1])


def _action_resource(ctx):
    name = ctx.params["resourceId"]
    if name.startswith("s-"):
        find_server(ctx, name)
    elif name not in ctx.region.launch_templates:
        raise not_found("LaunchConfigurationTemplate", name)
    return name


def put_launch_action(ctx):
    resource = _action_resource(ctx)
    action = {k: v for k, v in ctx.params.items() if k != "resourceId"}
    code = action["actionCode"]
    action["type"] = ("SSM_COMMAND" if "Run" in code or "Command" in code
                      else "SSM_AUTOMATION")
    ctx.region.actions[(resource, action["actionId"])] = action
    return {"resourceId": resource, **action}


def list_launch_actions(ctx):
    resource = _action_resource(ctx)
    wanted = (ctx.params.get("filters") or {}).get("actionIds")
    items = [a for (r, i), a in ctx.region.actions.items()
             if r == resource and (not wanted or i in wanted)]
    items.sort(key=lambda a: (a["order"], a["actionId"]))
    return paged(ctx, items, lambda a: [a["order"], a["actionId"]],
                 lambda a: a)


def delete_launch_action(ctx):
    key = (_action_resource(ctx), ctx.params["actionId"])
    if key not in ctx.region.actions:
        raise not_found("LaunchAction", key[1])
    del ctx.region.actions[key]
    return {}


# --- replication settings ----------------------------------------------------

def _replication_document(server):
    return {"sourceServerID": server.id, **server.replication}


def get_replication_configuration(ctx):
    return _replication_document(_source(ctx))


def update_replication_configuration(ctx):
    server = _source(ctx)
    server.replication.update(
        {k: v for k, v in ctx.params.items() if k != "sourceServerID"})
    return _replication_document(server)


def create_replication_configuration_template(ctx):
    name = ctx.world.fresh("rct-")
    document = {
        "associateDefaultSecurityGroup": True, "createPublicIP": False,
        "replicationServerInstanceType": "t3.small", "tags": {},
        "useDedicatedReplicationServer": False,
        "dataPlaneRouting": "PRIVATE_IP",
        "defaultLargeStagingDiskType": "GP3", **ctx.params,
        "replicationConfigurationTemplateID": name,
        "arn": ctx.region.arn(
            "drs", f"replication-configuration-template/{name}")}
    ctx.region.replication_templates[name] = document
    return document


def _replication_template(ctx):
    name = ctx.params["replicationConfigurationTemplateID"]
    document = ctx.region.replication_templates.get(name)
    if document is None:
        raise not_found("ReplicationConfigurationTemplate", name)
    return document


def update_replication_configuration_template(ctx):
    document = _replication_template(ctx)
    document.update({k: v for k, v in ctx.params.items() if k != "arn"})
    return document


def delete_replication_configuration_template(ctx):
    document = _replication_template(ctx)
    del ctx.region.replication_templates[
        document["replicationConfigurationTemplateID"]]
    return {}


def describe_replication_configuration_templates(ctx):
    wanted = ctx.params.get("replicationConfigurationTemplateIDs")
    items = [(k, v) for k, v
             in sorted(ctx.region.replication_templates.items())
             if not wanted or k in wanted]
    return paged(ctx, items, lambda i: i[0], lambda i: i[1])


# --- replication of a source server ------------------------------------------

def _idle(ctx, server):
    if server.id in ctx.region.busy:
        raise conflict("The source server is currently being processed by a "
                       "Job", "SourceServer", server.id)


def _set_state(server, state):
    server.state = state
    server.touch()


def disconnect_source_server(ctx):
    server = _source(ctx)
    _idle(ctx, server)
    if server.recovery_instance:
        raise conflict("A source server with a recovery instance cannot be "
                       "disconnected", "SourceServer", server.id)
    _set_state(server, "DISCONNECTED")
    return server_document(server, ctx.wall)


def delete_source_server(ctx):
    server = _source(ctx)
    _idle(ctx, server)
    if server.state != "DISCONNECTED":
        raise conflict("The source server must be disconnected first",
                       "SourceServer", server.id)
    del ctx.region.servers[server.id]
    ctx.region.templates.pop(server.template_id, None)
    return {}


def start_replication(ctx):
    server = _source(ctx)
    if server.state != "STOPPED":
        raise conflict("Replication is not stopped", "SourceServer",
                       server.id)
    server.first_byte = False
    _set_state(server, "INITIATING")
    return {"sourceServer": server_document(server, ctx.wall)}


def stop_replication(ctx):
    server = _source(ctx)
    _idle(ctx, server)
    server.first_byte = False
    _set_state(server, "STOPPED")
    return {"sourceServer": server_document(server, ctx.wall)}


def retry_data_replication(ctx):
    server = _source(ctx)
    server.error = None
    if server.state == "STALLED":
        _set_state(server, "CONTINUOUS")
    return server_document(server, ctx.wall)


# --- staging accounts --------------------------------------------------------

def create_extended_source_server(ctx):
    arn = ctx.params["sourceServerArn"]
    parts = arn.split(":")
    if parts[3] != ctx.region.name:
        raise validation("The staging source server must be in the same "
                         "region", "sourceServerArn")
    account = _staging(ctx, parts[4])
    server_id = arn.rsplit("/", 1)[1]
    origin = account.region(ctx.region.name).servers.get(server_id)
    if origin is None or origin.staging_arn:
        raise not_found("SourceServer", server_id)
    for server in ctx.region.servers.values():
        if server.staging_arn == arn:
            raise validation("A source server is already extended from "
                             f"{arn}", "sourceServerArn")
    if origin.replication.get("ebsEncryption") != "CUSTOM":
        raise validation("The staging disks are encrypted with the default "
                         "EBS key, which cannot be shared",
                         "sourceServerArn")
    limit = ctx.region.account.quota("L-E28BE5E0")
    if len(ctx.region.servers) >= limit:
        raise quota_error("L-E28BE5E0", "Max total source servers exceeded")
    server = fleet.extend(ctx.world, ctx.region, origin,
                          ctx.params.get("tags"))
    ctx.result_id = server.id
    return {"sourceServer": server_document(server, ctx.wall)}


def _staging(ctx, number):
    account = ctx.world.accounts.get(number)
    if account is None or number not in ctx.region.account.staging:
        raise AwsError("AccessDeniedException", f"Account {number} does not "
                       "trust this account as a target account", 403)
    return account


def list_extensible_source_servers(ctx):
    account = _staging(ctx, ctx.params["stagingAccountID"])
    taken = {s.staging_arn for s in ctx.region.servers.values()}
    items = [s for s in account.region(ctx.region.name).servers.values()
             if not s.staging_arn and s.arn not in taken]
    return paged(ctx, items, lambda s: s.seq, lambda s: {
        "arn": s.arn, "tags": s.tags, "hostname":
        s.properties["identificationHints"]["hostname"]})


def list_staging_accounts(ctx):
    items = sorted(ctx.region.account.staging)
    return paged(ctx, items, lambda i: i, lambda i: {"accountID": i},
                 "accounts")


# --- tags and account --------------------------------------------------------

def _tagged(ctx):
    """(tags, server or None) of the resource that an ARN names."""
    arn = ctx.params["resourceArn"]
    parts = arn.split(":", 5)
    kind, _, name = parts[5].partition("/") if len(parts) == 6 else ("",) * 3
    if len(parts) != 6 or parts[2] != "drs":
        raise validation(f"{arn} is not an ARN of DRS", "resourceArn")
    if parts[4] != ctx.region.account.id or parts[3] != ctx.region.name:
        raise AwsError("AccessDeniedException", "User is not authorized to "
                       f"access {arn}", 403)
    region = ctx.region
    if kind == "source-server" and name in region.servers:
        return region.servers[name].tags, region.servers[name]
    if kind == "job" and name in region.jobs:
        return region.jobs[name].tags, None
    if kind == "recovery-instance" and name in region.recovery_instances:
        return region.recovery_instances[name]["tags"], None
    for store in (region.launch_templates, region.replication_templates):
        if name in store:
            return store[name]["tags"], None
    raise not_found(kind, name)


def tag_resource(ctx):
    tags, server = _tagged(ctx)
    if len({**tags, **ctx.params["tags"]}) > 50:
        raise validation("A resource can have at most 50 tags", "tags")
    if any(k.lower().startswith("aws:") for k in ctx.params["tags"]):
        raise validation("Tag keys must not begin with aws:", "tags")
    tags.update(ctx.params["tags"])
    if server is not None:
        server.touch()
    return {}


def untag_resource(ctx):
    tags, server = _tagged(ctx)
    for key in ctx.params["tagKeys"]:
        tags.pop(key, None)
    if server is not None:
        server.touch()
    return {}


def list_tags_for_resource(ctx):
    return {"tags": _tagged(ctx)[0]}


def initialize_service(ctx):
    ctx.region.initialized = True
    fleet.build_network(ctx.region)
    return {}


# --- failback ----------------------------------------------------------------

def _recovery(ctx):
    record = find_recovery(ctx, ctx.params["recoveryInstanceID"])
    if record["server"] in ctx.region.busy:
        raise conflict("The recovery instance is currently being processed "
                       "by a Job", "RecoveryInstance", record["id"])
    return record


def disconnect_recovery_instance(ctx):
    record = _recovery(ctx)
    record["disconnected"] = True
    record["replication"] = "DISCONNECTED"
    return {}


def delete_recovery_instance(ctx):
    record = _recovery(ctx)
    if not record["disconnected"]:
        raise conflict("The recovery instance must be disconnected first",
                       "RecoveryInstance", record["id"])
    del ctx.region.recovery_instances[record["id"]]
    server = ctx.region.servers.get(record["server"])
    if server is not None and server.recovery_instance == record["id"]:
        server.recovery_instance = None
        server.touch()
    return {}


def reverse_replication(ctx):
    record = _recovery(ctx)
    server = ctx.region.servers.get(record["server"])
    if server is None or not server.cloud:
        raise validation("Only machines that began in EC2 can be reversed",
                         "recoveryInstanceID")
    account = ctx.world.account(server.cloud["originAccountID"])
    region = account.region(server.cloud["originRegion"])
    region.initialized = True
    fleet.build_network(region)
    name = "s-" + ident("reverse", server.id)[:17]
    if name not in region.servers:
        back = fleet.add_server(ctx.world, region, name, server.name,
                                {"tags": server.tags})
        back.direction = "FAILBACK"
        back.reversed_arn = server.arn
        server.reversed_arn = back.arn
        server.touch()
    record["failback"] = "FAILBACK_IN_PROGRESS"
    return {"reversedDirectionSourceServerArn": region.servers[name].arn}


def start_failback_launch(ctx):
    ids = ctx.params["recoveryInstanceIDs"]
    for name in ids:
        record = find_recovery(ctx, name)
        if record["failback"] != "FAILBACK_READY_FOR_LAUNCH":
            raise validation(f"Recovery instance {name} is not ready for a "
                             "failback launch", "recoveryInstanceIDs")
    raise validation("No failback client is connected",
                     "recoveryInstanceIDs")


def stop_failback(ctx):
    find_recovery(ctx, ctx.params["recoveryInstanceID"])[
        "failback"] = "FAILBACK_NOT_STARTED"
    return {}


def get_failback_replication_configuration(ctx):
    record = find_recovery(ctx, ctx.params["recoveryInstanceID"])
    return {"recoveryInstanceID": record["id"], "name": record["id"],
            "bandwidthThrottling": 0, "usePrivateIP": True,
            **record["failback_config"]}


def update_failback_replication_configuration(ctx):
    record = find_recovery(ctx, ctx.params["recoveryInstanceID"])
    record["failback_config"].update(
        {k: v for k, v in ctx.params.items() if k != "recoveryInstanceID"})
    return {}


def _camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


OPERATIONS = {_camel(f.__name__): f for f in (
    get_launch_configuration, update_launch_configuration,
    create_launch_configuration_template,
    update_launch_configuration_template,
    delete_launch_configuration_template,
    describe_launch_configuration_templates, put_launch_action,
    list_launch_actions, delete_launch_action,
    get_replication_configuration, update_replication_configuration,
    create_replication_configuration_template,
    update_replication_configuration_template,
    delete_replication_configuration_template,
    describe_replication_configuration_templates, disconnect_source_server,
    delete_source_server, start_replication, stop_replication,
    retry_data_replication, create_extended_source_server,
    list_extensible_source_servers, list_staging_accounts, tag_resource,
    untag_resource, list_tags_for_resource, initialize_service,
    disconnect_recovery_instance, delete_recovery_instance,
    reverse_replication, start_failback_launch, stop_failback,
    get_failback_replication_configuration,
    update_failback_replication_configuration)}
