"""Operations of the Security Token Service (query protocol)."""
import re

from .errors import AwsError
from .model import iso

_IDENTITY = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/(?:.*/)?([^/]+)")


def _denied(ctx, arn):
    return AwsError("AccessDenied", f"User: {ctx.key.arn} is not authorized "
                    f"to perform: sts:AssumeRole on resource: {arn}", 403)


def _role(ctx, arn):
    found = _ROLE.fullmatch(arn)
    if not found:
        raise AwsError("ValidationError", f"{arn} is invalid", 400)
    account = ctx.world.accounts.get(found.group(1))
    return account, account.roles.get(found.group(2)) if account else None


def _credentials(ctx, account, role, session, wanted):
    if wanted > role.max_session:
        raise AwsError("ValidationError", "The requested DurationSeconds "
                       "exceeds the MaxSessionDuration set for this role.",
                       400)
    seconds = ctx.world.session_seconds or wanted
    key = ctx.world.session_key(account, role, session, seconds, ctx.wall)
    return key, {
        "Credentials": {
            "AccessKeyId": key.key_id, "SecretAccessKey": key.secret,
            "SessionToken": key.token,
            "Expiration": iso(key.expires, 0)},
        "AssumedRoleUser": {"AssumedRoleId": key.user_id, "Arn": key.arn},
        "PackedPolicySize": 1}


def assume_role(ctx):
    params = ctx.params
    account, role = _role(ctx, params["RoleArn"])
    caller = ctx.key
    if role is None or not role.trusts(caller, ctx.world.hub.id):
        raise _denied(ctx, params["RoleArn"])
    if role.external_id and params.get("ExternalId") != role.external_id:
        raise _denied(ctx, params["RoleArn"])
    identity = params.get("SourceIdentity")
    if identity is not None and not _IDENTITY.fullmatch(identity):
        raise AwsError("ValidationError", f"{identity} is invalid", 400)
    if identity is not None and not role.source_identity:
        raise _denied(ctx, params["RoleArn"])
    wanted = params.get("DurationSeconds", min(3600, role.max_session))
    if caller.token is not None and wanted > 3600:
        raise AwsError("ValidationError", "The requested DurationSeconds "
                       "exceeds the 1 hour session limit for roles assumed "
                       "by role chaining", 400)
    key, out = _credentials(ctx, account, role, params["RoleSessionName"],
                            wanted)
    if identity is not None:
        out["SourceIdentity"] = identity
    ctx.result_id = key.key_id
    return out


def assume_role_with_web_identity(ctx):
    params = ctx.params
    account, role = _role(ctx, params["RoleArn"])
    if role is None or not role.web_identity:
        raise AwsError("AccessDenied", "Not authorized to perform "
                       "sts:AssumeRoleWithWebIdentity", 403)
    if params["WebIdentityToken"].count(".") != 2:
        raise AwsError("InvalidIdentityToken", "The ID Token provided is not "
                       "a valid JWT.", 400)
    key, out = _credentials(ctx, account, role, params["RoleSessionName"],
                            params.get("DurationSeconds", 3600))
    out["SubjectFromWebIdentityToken"] = "system:serviceaccount:drs:worker"
    ctx.result_id = key.key_id
    return out


def get_caller_identity(ctx):
    key = ctx.key
    return {"UserId": key.user_id, "Account": key.account.id,
            "Arn": key.arn}


OPERATIONS = {
    "AssumeRole": assume_role,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
    "GetCallerIdentity": get_caller_identity,
}


def call(ctx):
    return OPERATIONS[ctx.operation](ctx)
