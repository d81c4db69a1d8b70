"""Operations of SSM, Service Quotas and Organizations (JSON 1.1)."""
import json
import uuid

from .drs_base import page
from .errors import AwsError
from .world import QUOTAS

COMMAND_SECONDS = 20
AUTOMATION_SECONDS = 60


def _managed(ctx, instance_id):
    record = ctx.region.instances.get(instance_id)
    return record is not None and record["state"] == "running"


# --- Run Command -----------------------------------------------------------------

def send_command(ctx):
    params = ctx.params
    ids = params.get("InstanceIds") or []
    for target in params.get("Targets") or ():
        if target.get("Key") == "InstanceIds":
            ids = ids + target.get("Values", [])
    if not ids:
        raise AwsError("InvalidInstanceId", "", 400)
    if len(set(ids)) != len(ids):
        raise AwsError("DuplicateInstanceId", "", 400)
    for name in ids:
        if not _managed(ctx, name):
            raise AwsError("InvalidInstanceId", "Instances [[" + name
                           + "]] not in a valid state for account "
                           + ctx.region.account.id, 400)
    ident = str(uuid.uuid4())
    command = {
        "id": ident, "document": params["DocumentName"], "ids": ids,
        "start": ctx.now, "wall": ctx.wall, "comment":
        params.get("Comment", ""), "parameters":
        params.get("Parameters") or {}}
    ctx.region.commands[ident] = command
    ctx.result_id = ident
    return {"Command": _command(ctx, command)}


def _status(ctx, command):
    age = ctx.now - command["start"]
    if command.get("cancelled"):
        return "Cancelled"
    if age < 2:
        return "Pending"
    return "InProgress" if age < COMMAND_SECONDS else "Success"


def _command(ctx, command):
    status = _status(ctx, command)
    done = status in ("Success", "Cancelled")
    return {
        "CommandId": command["id"], "DocumentName": command["document"],
        "Comment": command["comment"], "Parameters": command["parameters"],
        "InstanceIds": command["ids"], "RequestedDateTime": command["wall"],
        "Status": status, "StatusDetails": status,
        "TargetCount": len(command["ids"]),
        "CompletedCount": len(command["ids"]) if done else 0,
        "ErrorCount": 0}


def get_command_invocation(ctx):
    command = ctx.region.commands.get(ctx.params["CommandId"])
    name = ctx.params["InstanceId"]
    if command is None or name not in command["ids"]:
        raise AwsError("InvocationDoesNotExist", "", 400)
    status = _status(ctx, command)
    return {
        "CommandId": command["id"], "InstanceId": name,
        "DocumentName": command["document"], "Status": status,
        "StatusDetails": status, "ResponseCode":
        0 if status == "Success" else -1,
        "StandardOutputContent": "ok\n" if status == "Success" else "",
        "StandardErrorContent": ""}


def list_command_invocations(ctx):
    wanted = ctx.params.get("CommandId")
    out = []
    for command in ctx.region.commands.values():
        if wanted in (None, command["id"]):
            status = _status(ctx, command)
            out += [{"CommandId": command["id"], "InstanceId": name,
                     "DocumentName": command["document"], "Status": status,
                     "RequestedDateTime": command["wall"],
                     "StatusDetails": status} for name in command["ids"]
                    if ctx.params.get("InstanceId") in (None, name)]
    return {"CommandInvocations": out}


def cancel_command(ctx):
    command = ctx.region.commands.get(ctx.params["CommandId"])
    if command is None:
        raise AwsError("InvalidCommandId", "", 400)
    if _status(ctx, command) != "Success":
        command["cancelled"] = True
    return {}


def describe_instance_information(ctx):
    wanted = None
    for entry in ctx.params.get("Filters") or ():
        if entry.get("Key") == "InstanceIds":
            wanted = set(entry.get("Values", ()))
    items = [r for r in ctx.region.instances.values()
             if r["state"] in ("running", "stopped")
             and (wanted is None or r["id"] in wanted)]
    items.sort(key=lambda r: r["seq"])
    size = min(ctx.params.get("MaxResults", 50), ctx.world.page_size)
    start = ctx.params.get("NextToken", "0")
    if not start.isdigit():
        raise AwsError("InvalidNextToken", "", 400)
    rest = [r for r in items if r["seq"] > int(start)]
    out = {"InstanceInformationList": [{
        "InstanceId": r["id"], "PingStatus": "Online" if r["state"] ==
        "running" else "ConnectionLost", "LastPingDateTime": ctx.wall,
        "AgentVersion": "3.2.2303.0", "IsLatestVersion": True,
        "PlatformType": "Linux", "ResourceType": "EC2Instance",
        "IPAddress": r["ip"]} for r in rest[:size]]}
    if len(rest) > size:
        out["NextToken"] = str(rest[size - 1]["seq"])
    return out


# --- Automation --------------------------------------------------------------------

def start_automation_execution(ctx):
    token = ctx.params.get("ClientToken")
    text = json.dumps(ctx.params, sort_keys=True)
    for known in ctx.region.automations.values():
        if token and known["token"] == token:
            if known["text"] != text:
                raise AwsError("IdempotentParameterMismatch", "", 400)
            return {"AutomationExecutionId": known["id"]}
    ident = str(uuid.uuid4())
    ctx.region.automations[ident] = {
        "id": ident, "token": token, "text": text, "start": ctx.now,
        "wall": ctx.wall, "document": ctx.params["DocumentName"],
        "parameters": ctx.params.get("Parameters") or {}, "stopped": False}
    ctx.result_id = ident
    return {"AutomationExecutionId": ident}


def _automation(ctx):
    found = ctx.region.automations.get(ctx.params["AutomationExecutionId"])
    if found is None:
        raise AwsError("AutomationExecutionNotFoundException", "", 400)
    return found


def get_automation_execution(ctx):
    found = _automation(ctx)
    done = ctx.now - found["start"] >= AUTOMATION_SECONDS
    status = "Success" if done else "InProgress"
    if found["stopped"]:
        status = "Cancelled"
    out = {"AutomationExecutionId": found["id"],
           "DocumentName": found["document"],
           "AutomationExecutionStatus": status,
           "ExecutionStartTime": found["wall"], "StepExecutions": []}
    if found["parameters"]:
        out["Parameters"] = found["parameters"]
    if status != "InProgress":
        out["ExecutionEndTime"] = ctx.wall
    return {"AutomationExecution": out}


def stop_automation_execution(ctx):
    found = _automation(ctx)
    if ctx.now - found["start"] < AUTOMATION_SECONDS:
        found["stopped"] = True
    return {}


OPERATIONS = {
    "SendCommand": send_command,
    "GetCommandInvocation": get_command_invocation,
    "ListCommandInvocations": list_command_invocations,
    "CancelCommand": cancel_command,
    "DescribeInstanceInformation": describe_instance_information,
    "StartAutomationExecution": start_automation_execution,
    "GetAutomationExecution": get_automation_execution,
    "StopAutomationExecution": stop_automation_execution,
}


def call(ctx):
    return OPERATIONS[ctx.operation](ctx)


# --- Service Quotas ------------------------------------------------------------------

def _quota(ctx, code, default):
    name, value, adjustable = QUOTAS[code]
    if not default:
        value = ctx.region.account.quota(code)
    return {"ServiceCode": "drs", "ServiceName":
            "AWS Elastic Disaster Recovery", "QuotaCode": code,
            "QuotaName": name, "QuotaArn":
            ctx.region.arn("servicequotas", f"drs/{code}"),
            "Value": float(value), "Unit": "None",
            "Adjustable": adjustable, "GlobalQuota": False}


def _missing():
    return AwsError("NoSuchResourceException", "The request failed because "
                    "the specified service or quota does not exist.", 400)


def _get_quota(ctx):
    code = ctx.params["QuotaCode"]
    if ctx.params["ServiceCode"] != "drs" or code not in QUOTAS:
        raise _missing()
    default = ctx.operation == "GetAWSDefaultServiceQuota"
    return {"Quota": _quota(ctx, code, default)}


def _list_quotas(ctx):
    if ctx.params["ServiceCode"] != "drs":
        raise _missing()
    default = ctx.operation == "ListAWSDefaultServiceQuotas"
    bad = AwsError("InvalidPaginationTokenException", "Invalid token", 400)
    chosen, token = page(ctx, sorted(QUOTAS), lambda c: c, bad)
    out = {"Quotas": [_quota(ctx, c, default) for c in chosen]}
    if token:
        out["NextToken"] = token
    return out


class Quotas:
    """Service Quotas as a service of its own."""

    OPERATIONS = {
        "GetServiceQuota": _get_quota,
        "GetAWSDefaultServiceQuota": _get_quota,
        "ListServiceQuotas": _list_quotas,
        "ListAWSDefaultServiceQuotas": _list_quotas,
    }

    @staticmethod
    def call(ctx):
        return Quotas.OPERATIONS[ctx.operation](ctx)


# --- Organizations ---------------------------------------------------------------------

def _account_document(account):
    return {"Id": account.id, "Name": account.name, "Status": "ACTIVE",
            "Arn": f"arn:aws:organizations::{account.id}:account/o-simulated1/"
                   f"{account.id}", "Email": f"{account.id}@example.com",
            "JoinedMethod": "CREATED"}


def _describe_account(ctx):
    account = ctx.world.accounts.get(ctx.params["AccountId"])
    if account is None:
        raise AwsError("AccountNotFoundException", "You specified an account "
                       "that doesn't exist.", 400)
    return {"Account": _account_document(account)}


class Organizations:
    """The one call of Organizations that names an account."""

    OPERATIONS = {"DescribeAccount": _describe_account}

    @staticmethod
    def call(ctx):
        return Organizations.OPERATIONS[ctx.operation](ctx)
