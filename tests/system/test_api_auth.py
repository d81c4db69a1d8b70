"""Local sign-in through the module (X-23 to X-26)."""

import os
import secrets
import subprocess

PASSWORD = "Correct-horse-1"


def add_user(stack, name, group="DRSOperator", password=PASSWORD):
    """A break-glass user, as an operator makes one."""
    subprocess.run([os.path.join(stack.build, "drs-worker"), "--config",
                    stack.path("worker.conf"), "user", "add", name,
                    "--group", group],
                   input=password + "\n", text=True, check=True,
                   capture_output=True, timeout=30)


def test_local_session(stack):
    name = "ann" + secrets.token_hex(4)
    add_user(stack, name)
    body = {"username": name, "password": PASSWORD}
    status, session = stack.http("POST", "/auth/login", None, body)
    assert status == 200, session
    assert session["tokenType"] == "Bearer" and session["expiresIn"] > 0
    assert session["roles"] == ["DRSOperator"]
    token = session["token"]
    status, me = stack.http("GET", "/user/permissions", token)
    assert status == 200 and me["user"]["username"] == name
    assert me["roles"] == ["DRSOperator"]
    assert stack.http("GET", "/executions", token)[0] == 200

    # a used refresh token is good once
    old = session["refreshToken"]
    status, second = stack.http("POST", "/auth/refresh", None,
                                {"refreshToken": old})
    assert status == 200 and second["refreshToken"] != old
    status, answer = stack.http("POST", "/auth/refresh", None,
                                {"refreshToken": old})
    assert (status, answer["code"]) == (401, "INVALID_CREDENTIALS")

    status, session = stack.http("POST", "/auth/login", None, body)
    assert status == 200
    token = session["token"]
    status, answer = stack.http("POST", "/auth/password", token, {
        "currentPassword": PASSWORD, "newPassword": "short"})
    assert (status, answer["code"]) == (400, "WEAK_PASSWORD"), answer
    assert answer["rules"]
    status, answer = stack.http("POST", "/auth/password", token, {
        "currentPassword": "wrong", "newPassword": "Battery-staple-2"})
    assert (status, answer["code"]) == (401, "INVALID_CREDENTIALS")
    status, session = stack.http("POST", "/auth/password", token, {
        "currentPassword": PASSWORD, "newPassword": "Battery-staple-2"})
    assert status == 200, session
    status, answer = stack.http("POST", "/auth/login", None, body)
    assert (status, answer["code"]) == (401, "INVALID_CREDENTIALS")
    status, answer = stack.http("POST", "/auth/logout", session["token"], {
        "refreshToken": session["refreshToken"]})
    assert status == 200 and answer["message"]

    # nothing of it was stored in clear
    dump = stack.redis_cli("--raw", "XRANGE", "{drs}:cmd", "-", "+")
    for secret in (PASSWORD, "Battery-staple-2", old):
        assert secret not in dump


def test_other_issuers_have_no_local_session(stack):
    token = stack.token("ADMIN")
    status, answer = stack.http("POST", "/auth/password", token, {
        "currentPassword": "a", "newPassword": "b"})
    assert status == 403, answer
    status, answer = stack.http("POST", "/auth/login", None,
                                {"username": "nobody", "password": "x"})
    assert (status, answer["code"]) == (401, "INVALID_CREDENTIALS")
    assert answer["error"] == "INVALID_CREDENTIALS"
