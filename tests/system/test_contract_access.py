"""Who may use what: every operation of openapi/drs.yaml with every role.

The permissions of the roles are written out here once more, so that a slip
in the product's table is seen.
"""

import pytest

from contract import (OPENAPI, OPERATIONS, UNKNOWN_UUID, Client,
                      common_headers, envelope)

VIEW = {"view_accounts", "view_executions", "view_protection_groups",
        "view_recovery_plans"}
RUN = {"start_recovery", "stop_recovery"}
EDIT = {"modify_protection_groups", "modify_recovery_plans"}
OWN = {"create_protection_groups", "delete_protection_groups",
       "create_recovery_plans", "delete_recovery_plans"}
HIGH = {"register_accounts", "modify_accounts", "terminate_instances",
        "export_configuration", "import_configuration"}
ROLES = {
    "ADMIN": VIEW | RUN | EDIT | OWN | HIGH | {"delete_accounts",
                                               "audit_read"},
    "MANAGER": VIEW | RUN | EDIT | OWN | HIGH,
    "PLANNER": VIEW | RUN | EDIT | OWN,
    "OPERATOR": VIEW | RUN | EDIT,
    "READONLY": VIEW,
    "AUDITOR": VIEW | {"audit_read"},
    "NOROLE": set(),
}
BY_ADDRESS = ("metrics",)       # loopback needs no token here
CALLED = [op for op in OPERATIONS if not op.public
          and op.name not in BY_ADDRESS]


@pytest.fixture(name="client", scope="module")
def fixture_client(shared_stack):
    """A client of the whole stack."""
    shared_stack.up()
    client = Client(shared_stack)
    yield client
    client.close()


def path_of(op):
    """The path with ids that exist nowhere."""
    return op.fill(lambda name: UNKNOWN_UUID)


def ask(client, op, role, headers=None):
    """The operation with an empty object as body."""
    body = {} if op.method in ("POST", "PUT") else None
    return client(op.method, path_of(op), body, role, headers,
                  head_only=True)


@pytest.mark.parametrize("op", CALLED, ids=repr)
def test_no_token(client, op):
    """401 with the generic body, whatever the operation is."""
    for headers in (None, {"Authorization": "Bearer a.b.c"},
                    {"Authorization": "Basic YTpi"}):
        answer = ask(client, op, None, headers)
        assert answer.status == 401, answer.raw
        body = envelope(answer, op)
        assert (body["error"], body["code"]) == ("Unauthorized",
                                                 "UNAUTHORIZED")
        assert answer.header("WWW-Authenticate").startswith("Bearer")


@pytest.mark.parametrize("op", CALLED, ids=repr)
def test_role_matrix(client, op):
    """403 with the permission that lacks, and never for who holds it."""
    for role, held in ROLES.items():
        answer = ask(client, op, role)
        if op.local:
            # other issuers have no local session
            assert answer.status == 403, (role, answer.raw)
            continue
        if op.permits(held):
            assert answer.status not in (401, 403, 404, 405) \
                or answer.status == 404 and op.params, \
                (role, answer.status, answer.raw)
            common_headers(answer)
            continue
        assert answer.status == 403, (role, answer.status, answer.raw)
        body = envelope(answer, op)
        assert (body["error"], body["code"]) == ("Forbidden", "FORBIDDEN")
        lacking = [p for p in op.all if p not in held] or op.any
        named = {body.get("required_permission"),
                 *body.get("required_permissions", [])} - {None}
        assert named and named <= set(op.all + op.any), body
        assert named & set(lacking), body
        assert len(body["user_roles"]) == (role != "NOROLE")


def test_every_operation_says_who(client):
    """Public and any-user operations are few and known."""
    del client
    assert {op.name for op in OPERATIONS if op.public} <= {
        "health", "openapi", "auth_login", "auth_refresh",
        "exec_callback", "exec_callback_post", "callback_get",
        "callback_post"}
    assert {op.name for op in CALLED
            if not op.all and not op.any} == {
                "user_permissions", "user_profile", "user_profile_alias",
                "user_roles", "auth_logout", "auth_password"}
    known = set().union(*ROLES.values())
    for op in OPERATIONS:
        assert known >= set(op.all + op.any), op


def test_every_role_has_its_permissions(client):
    """What the user sees is what is enforced."""
    for role, held in ROLES.items():
        answer = client("GET", "/user/permissions", role=role)
        assert answer.status == 200
        assert answer.json["permissions"] == sorted(held), role
        OPENAPI.check("GET", "/user/permissions", 200, answer.json)
