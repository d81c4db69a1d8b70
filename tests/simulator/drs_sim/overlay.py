"""What Debian's botocore (1.29) does not know yet of the DRS model.

Members, enumeration values and operations that newer public models have.
A type is written as a shape name; unknown names are defined in SHAPES.
"""


def _string(low=None, high=None, pattern=None, enum=None):
    raw = {"type": "string"}
    for key, value in (("min", low), ("max", high), ("pattern", pattern),
                       ("enum", enum)):
        if value is not None:
            raw[key] = value
    return raw


def _list(member, low=None, high=None):
    raw = {"type": "list", "member": {"shape": member}}
    if low is not None:
        raw["min"] = low
    if high is not None:
        raw["max"] = high
    return raw


def _struct(members, required=()):
    raw = {"type": "structure",
           "members": {k: {"shape": v} for k, v in members.items()}}
    if required:
        raw["required"] = list(required)
    return raw


_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_ACTION = {
    "actionId": "LaunchActionId", "actionCode": "SsmDocumentName",
    "name": "LaunchActionName", "active": "Boolean",
    "order": "LaunchActionOrder", "actionVersion": "LaunchActionVersion",
    "optional": "Boolean", "parameters": "LaunchActionParameters",
    "description": "LaunchActionDescription",
    "category": "LaunchActionCategory"}

_TEMPLATE = {
    "launchDisposition": "LaunchDisposition",
    "targetInstanceTypeRightSizingMethod":
        "TargetInstanceTypeRightSizingMethod",
    "copyPrivateIp": "Boolean", "copyTags": "Boolean",
    "licensing": "Licensing", "exportBucketArn": "ARN",
    "postLaunchEnabled": "Boolean", "launchIntoSourceInstance": "Boolean",
    "recoveryMode": "RecoveryMode"}

_LCT_ID = "launchConfigurationTemplateID"

SHAPES = {
    "AgentVersion": _string(
        0, 50, r"[0-9]{1,5}.[0-9]{1,5}.[0-9]{1,5}"
        r"(.[0-9]{4}.[0-9]{3}.[0-9]{4})?"),
    "AwsAvailabilityZone": _string(0, 255),
    "OutpostARN": _string(
        20, 255, r"arn:aws([a-z-]+)?:outposts:[a-z\d-]+:\d{12}:outpost/"
        r"op-[a-f0-9]{17}"),
    "RecoveryMode": _string(enum=["FAST", "OPTIMAL"]),
    "InternetProtocol": _string(enum=["IPV4", "IPV6"]),
    "VolumeStatus": _string(enum=[
        "REGULAR", "CONTAINS_MARKETPLACE_PRODUCT_CODES",
        "MISSING_VOLUME_ATTRIBUTES",
        "MISSING_VOLUME_ATTRIBUTES_AND_PRECHECK_UNAVAILABLE", "PENDING"]),
    "SourceNetworkID": _string(20, 20, "sn-[0-9a-zA-Z]{17}"),
    "VpcID": _string(12, 21, "vpc-[0-9a-fA-F]{8,}"),
    "LaunchIntoInstanceProperties": _struct(
        {"launchIntoEC2InstanceID": "EC2InstanceID"}),
    "JobEventAttemptCount": {"type": "integer", "min": 0, "max": 9},
    "SourceNetworkData": _struct({
        "sourceNetworkID": "SourceNetworkID", "sourceVpc": "VpcID",
        "targetVpc": "VpcID", "stackName": "LargeBoundedString"}),
    "EventResourceData": _struct({"sourceNetworkData": "SourceNetworkData"}),
    "ParticipatingResourceID": _struct(
        {"sourceNetworkID": "SourceNetworkID"}),
    "ParticipatingResource": _struct({
        "participatingResourceID": "ParticipatingResourceID",
        "launchStatus": "LaunchStatus"}),
    "ParticipatingResources": _list("ParticipatingResource"),
    "LaunchActionId": _string(1, 64, _UUID),
    "LaunchActionRunId": _string(1, 64, _UUID),
    "SsmDocumentName": _string(1, 1011, "([A-Za-z0-9-/:])+"),
    "LaunchActionName": _string(1, 256, "[A-Za-z0-9][A-Za-z0-9 /_-]*"),
    "LaunchActionOrder": {"type": "integer", "min": 2, "max": 10000},
    "LaunchActionVersion": _string(1, 10, r"(\$DEFAULT|\$LATEST|[0-9]+)"),
    "LaunchActionDescription": _string(
        0, 1024, r"[0-9a-zA-Z ():/.,'-_#*; ]*"),
    "LaunchActionCategory": _string(enum=[
        "MONITORING", "VALIDATION", "CONFIGURATION", "SECURITY", "OTHER"]),
    "LaunchActionType": _string(enum=["SSM_AUTOMATION", "SSM_COMMAND"]),
    "LaunchActionRunStatus": _string(enum=[
        "IN_PROGRESS", "SUCCEEDED", "FAILED"]),
    "LaunchActionParameterName": _string(1, 1011, "([A-Za-z0-9])+"),
    "LaunchActionParameterValue": _string(1, 1011, "[A-Za-z0-9.-]+"),
    "LaunchActionParameterType": _string(enum=["SSM_STORE", "DYNAMIC"]),
    "LaunchActionParameter": _struct({
        "value": "LaunchActionParameterValue",
        "type": "LaunchActionParameterType"}),
    "LaunchActionParameters": {
        "type": "map", "max": 20,
        "key": {"shape": "LaunchActionParameterName"},
        "value": {"shape": "LaunchActionParameter"}},
    "FailureReason": _string(0, 256, r"[0-9a-zA-Z ():/.,'-_#*;]*"),
    "LaunchAction": _struct({**_ACTION, "type": "LaunchActionType"}),
    "LaunchActions": _list("LaunchAction", 0, 200),
    "LaunchActionRun": _struct({
        "action": "LaunchAction", "runId": "LaunchActionRunId",
        "status": "LaunchActionRunStatus",
        "failureReason": "FailureReason"}),
    "LaunchActionRuns": _list("LaunchActionRun"),
    "LaunchActionsStatus": _struct({
        "ssmAgentDiscoveryDatetime": "ISO8601DatetimeString",
        "runs": "LaunchActionRuns"}),
    "LaunchActionResourceId": _string(
        pattern="(s-[0-9a-zA-Z]{17}|lct-[0-9a-zA-Z]{17})"),
    "LaunchActionIds": _list("LaunchActionId", 0, 100),
    "LaunchActionsRequestFilters": _struct({"actionIds": "LaunchActionIds"}),
    "LaunchConfigurationTemplateID": _string(
        21, 21, "lct-[0-9a-zA-Z]{17}"),
    "LaunchConfigurationTemplateIDs": _list(
        "LaunchConfigurationTemplateID", 0, 1),
    "LaunchConfigurationTemplate": _struct({
        _LCT_ID: "LaunchConfigurationTemplateID", "arn": "ARN",
        "tags": "TagsMap", **_TEMPLATE}),
    "LaunchConfigurationTemplates": _list(
        "LaunchConfigurationTemplate", 0, 200),
    "MaxResults1000": {"type": "integer", "min": 1, "max": 1000},
    "Empty": _struct({}),
}

# operation -> (HTTP status, input members, required, output members)
OPERATIONS = {
    "CreateLaunchConfigurationTemplate": (
        201, {"tags": "TagsMap", **_TEMPLATE}, (),
        {"launchConfigurationTemplate": "LaunchConfigurationTemplate"}),
    "UpdateLaunchConfigurationTemplate": (
        200, {_LCT_ID: "LaunchConfigurationTemplateID", **_TEMPLATE},
        (_LCT_ID,),
        {"launchConfigurationTemplate": "LaunchConfigurationTemplate"}),
    "DeleteLaunchConfigurationTemplate": (
        204, {_LCT_ID: "LaunchConfigurationTemplateID"}, (_LCT_ID,), {}),
    "DescribeLaunchConfigurationTemplates": (
        200, {"launchConfigurationTemplateIDs":
              "LaunchConfigurationTemplateIDs",
              "maxResults": "MaxResults1000",
              "nextToken": "PaginationToken"}, (),
        {"items": "LaunchConfigurationTemplates",
         "nextToken": "PaginationToken"}),
    "PutLaunchAction": (
        200, {"resourceId": "LaunchActionResourceId", **_ACTION},
        ("resourceId", "actionCode", "order", "actionId", "optional",
         "active", "name", "actionVersion", "category", "description"),
        {"resourceId": "LaunchActionResourceId", **_ACTION,
         "type": "LaunchActionType"}),
    "ListLaunchActions": (
        200, {"resourceId": "LaunchActionResourceId",
              "filters": "LaunchActionsRequestFilters",
              "maxResults": "MaxResults1000",
              "nextToken": "PaginationToken"}, ("resourceId",),
        {"items": "LaunchActions", "nextToken": "PaginationToken"}),
    "DeleteLaunchAction": (
        204, {"resourceId": "LaunchActionResourceId",
              "actionId": "LaunchActionId"}, ("resourceId", "actionId"), {}),
}

# existing shape -> members that it gained
MEMBERS = {
    "Job": {"participatingResources": "ParticipatingResources"},
    "ParticipatingServer": {"launchActionsStatus": "LaunchActionsStatus"},
    "LifeCycleLastLaunch": {"status": "LaunchStatus"},
    "LaunchConfiguration": {
        "launchIntoInstanceProperties": "LaunchIntoInstanceProperties",
        "postLaunchEnabled": "Boolean", "recoveryMode": "RecoveryMode"},
    "UpdateLaunchConfigurationRequest": {
        "launchIntoInstanceProperties": "LaunchIntoInstanceProperties",
        "postLaunchEnabled": "Boolean", "recoveryMode": "RecoveryMode"},
    "SourceServer": {"agentVersion": "AgentVersion",
                     "sourceNetworkID": "SourceNetworkID"},
    "RecoveryInstance": {"agentVersion": "AgentVersion",
                         "sourceOutpostArn": "OutpostARN"},
    "SourceProperties": {"supportsNitroInstances": "Boolean"},
    "SourceCloudProperties": {"sourceOutpostArn": "OutpostARN"},
    "DataReplicationInfo": {"stagingAvailabilityZone": "AwsAvailabilityZone",
                            "stagingOutpostArn": "OutpostARN"},
    "RecoveryInstanceDataReplicationInfo": {
        "stagingAvailabilityZone": "AwsAvailabilityZone",
        "stagingOutpostArn": "OutpostARN"},
    "DataReplicationInfoReplicatedDisk": {"volumeStatus": "VolumeStatus"},
    "JobLogEventData": {"attemptCount": "JobEventAttemptCount",
                        "maxAttemptsCount": "JobEventAttemptCount",
                        "eventResourceData": "EventResourceData"},
    "ReplicationConfiguration": {"autoReplicateNewDisks": "Boolean",
                                 "internetProtocol": "InternetProtocol"},
    "UpdateReplicationConfigurationRequest": {
        "autoReplicateNewDisks": "Boolean",
        "internetProtocol": "InternetProtocol"},
    "ReplicationConfigurationTemplate": {
        "autoReplicateNewDisks": "Boolean",
        "internetProtocol": "InternetProtocol"},
    "CreateReplicationConfigurationTemplateRequest": {
        "autoReplicateNewDisks": "Boolean",
        "internetProtocol": "InternetProtocol"},
    "UpdateReplicationConfigurationTemplateRequest": {
        "autoReplicateNewDisks": "Boolean",
        "internetProtocol": "InternetProtocol"},
}

ENUMS = {
    "InitiatedBy": ["CREATE_NETWORK_RECOVERY", "UPDATE_NETWORK_RECOVERY",
                    "ASSOCIATE_NETWORK_RECOVERY"],
    "JobLogEvent": [
        "DEPLOY_NETWORK_CONFIGURATION_START",
        "DEPLOY_NETWORK_CONFIGURATION_END",
        "DEPLOY_NETWORK_CONFIGURATION_FAILED",
        "UPDATE_NETWORK_CONFIGURATION_START",
        "UPDATE_NETWORK_CONFIGURATION_END",
        "UPDATE_NETWORK_CONFIGURATION_FAILED",
        "UPDATE_LAUNCH_TEMPLATE_START", "UPDATE_LAUNCH_TEMPLATE_END",
        "UPDATE_LAUNCH_TEMPLATE_FAILED", "NETWORK_RECOVERY_FAIL"],
    "TargetInstanceTypeRightSizingMethod": ["IN_AWS"],
    "ReplicationConfigurationEbsEncryption": ["NONE"],
}


def apply(raw):
    """Extend the raw model of DRS in place and return it."""
    shapes = raw["shapes"]
    for name, shape in SHAPES.items():
        shapes.setdefault(name, shape)
    for name, members in MEMBERS.items():
        target = shapes[name].setdefault("members", {})
        for member, kind in members.items():
            target.setdefault(member, {"shape": kind})
    for name, values in ENUMS.items():
        known = shapes[name]["enum"]
        known.extend(v for v in values if v not in known)
    shapes["PITPolicy"].update(min=3, max=3)
    shapes["EbsVolumeID"]["max"] = 21   # "vol-" and 17 digits, as in AWS
    shapes["CreateReplicationConfigurationTemplateRequest"]["required"] = [
        "stagingAreaSubnetId", "replicationServersSecurityGroupsIDs",
        "ebsEncryption", "bandwidthThrottling", "stagingAreaTags",
        "pitPolicy"]
    for name, (status, given, required, output) in OPERATIONS.items():
        if name in raw["operations"]:
            continue
        shapes[name + "Request"] = _struct(given, required)
        shapes[name + "Response"] = _struct(output)
        raw["operations"][name] = {
            "name": name,
            "http": {"method": "POST", "requestUri": "/" + name,
                     "responseCode": status},
            "input": {"shape": name + "Request"},
            "output": {"shape": name + "Response"}}
    return raw
