"""Operations of IAM (query protocol, global)."""
import fnmatch

from .errors import AwsError


def _missing(what, name):
    return AwsError("NoSuchEntity", f"{what} {name} cannot be found.", 404)


def _marked(ctx, items, key, member):
    """A page by IAM's Marker / MaxItems."""
    marker = ctx.params.get("Marker")
    size = min(ctx.params.get("MaxItems", 100), ctx.world.page_size)
    rest = [i for i in items if marker is None or key(i) > marker]
    out = {member: rest[:size], "IsTruncated": len(rest) > size}
    if out["IsTruncated"]:
        out["Marker"] = key(rest[size - 1])
    return out


def _account(ctx):
    return ctx.key.account


def list_instance_profiles(ctx):
    prefix = ctx.params.get("PathPrefix", "/")
    items = [p for _, p in sorted(_account(ctx).profiles.items())
             if p["Path"].startswith(prefix)]
    return _marked(ctx, items, lambda p: p["InstanceProfileName"],
                   "InstanceProfiles")


def get_instance_profile(ctx):
    name = ctx.params["InstanceProfileName"]
    profile = _account(ctx).profiles.get(name)
    if profile is None:
        raise _missing("Instance Profile", name)
    return {"InstanceProfile": profile}


def _role_document(account, role):
    return {"RoleName": role.name, "Path": "/", "RoleId": role.unique,
            "Arn": f"arn:aws:iam::{account.id}:role/{role.name}",
            "CreateDate": 1700000000,
            "MaxSessionDuration": role.max_session}


def get_role(ctx):
    account = _account(ctx)
    role = account.roles.get(ctx.params["RoleName"])
    if role is None:
        raise _missing("The role with name", ctx.params["RoleName"])
    return {"Role": _role_document(account, role)}


def list_roles(ctx):
    account = _account(ctx)
    items = [_role_document(account, r)
             for _, r in sorted(account.roles.items())]
    return _marked(ctx, items, lambda r: r["RoleName"], "Roles")


def list_account_aliases(ctx):
    return {"AccountAliases": [_account(ctx).name], "IsTruncated": False}


def simulate_principal_policy(ctx):
    role = ctx.key.role
    out = []
    for action in ctx.params["ActionNames"]:
        denied = role is not None and any(
            fnmatch.fnmatchcase(action, d) for d in role.deny)
        out.append({"EvalActionName": action, "EvalResourceName": "*",
                    "EvalDecision": "implicitDeny" if denied else "allowed"})
    return {"EvaluationResults": out, "IsTruncated": False}


OPERATIONS = {
    "ListInstanceProfiles": list_instance_profiles,
    "GetInstanceProfile": get_instance_profile,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "ListAccountAliases": list_account_aliases,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}


def call(ctx):
    return OPERATIONS[ctx.operation](ctx)
