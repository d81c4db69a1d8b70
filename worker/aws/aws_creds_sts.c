
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials from STS: AssumeRole and AssumeRoleWithWebIdentity.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_int.h"


#define DRSW_SESSION_NAME  "drsorch"
#define DRSW_WEB_TOKEN_MAX 20000


/* Calls STS; the answer's Credentials go to out, the user to *user. */

static drsw_creds_rc_e
drsw_creds_sts(drsw_creds_fetch_t *f, const char *operation,
               const json_t *input, const drsw_creds_t *with,
               const char *source, drsw_creds_t *out, json_t **user)
{
    int            rc;
    json_t        *answer;
    drsw_exec_t    exec;
    drsw_aws_ctx_t ctx;

    memset(&ctx, 0, sizeof(ctx));
    ctx.region = f->region;
    ctx.account = f->account;

    memset(&exec, 0, sizeof(exec));
    exec.service = drsw_aws_service("sts");
    exec.op = drsw_aws_op(exec.service, operation);
    exec.ctx = &ctx;
    exec.input = input;
    exec.creds = with;
    exec.no_sign = (with == NULL);
    exec.deadline_ms = f->deadline_ms;

    if (drsw_aws_exec(f->aws, &exec, &answer, f->res) != DRSW_AWS_OK) {
        return DRSW_CREDS_FAILED;
    }

    rc = drsw_creds_from_json(json_object_get(answer, "Credentials"),
                              "SessionToken", source,
                              drsw_aws_now_ms(f->aws->sh) / 1000, out);

    if (user != NULL) {
        *user = json_incref(json_object_get(answer, "AssumedRoleUser"));
    }

    json_decref(answer);

    if (rc != 0) {
        (void) drsw_error_local(f->res, DRSW_AWS_PROTOCOL, "LocalAnswer",
                                "%s: the answer has no credentials", operation);
        return DRSW_CREDS_FAILED;
    }

    return DRSW_CREDS_FOUND;
}


/* NULL values are left out. */

static int
drsw_set_text(json_t *object, const char *key, const char *value)
{
    return value != NULL ? json_object_set_new(object, key, json_string(value))
                         : 0;
}


drsw_creds_rc_e
drsw_creds_assume(drsw_creds_fetch_t *f, const drsw_creds_t *with,
                  const drsw_assume_t *role, drsw_creds_t *out, json_t **user)
{
    char            told[256], code[sizeof(f->res->code)];
    json_t         *input;
    drsw_creds_rc_e rc;

    if (user != NULL) {
        *user = NULL;
    }

    input = json_object();

    if (drsw_set_text(input, "RoleArn", role->role_arn) != 0
        || drsw_set_text(input, "RoleSessionName",
                         role->session_name != NULL ? role->session_name
                                                    : DRSW_SESSION_NAME)
               != 0
        || drsw_set_text(input, "ExternalId", role->external_id) != 0
        || drsw_set_text(input, "SourceIdentity", role->source_identity) != 0
        || json_object_set_new(
               input, "DurationSeconds",
               json_integer(role->duration_s > 0 ? role->duration_s : 3600))
               != 0)
    {
        json_decref(input);
        (void) drsw_error_local(f->res, DRSW_AWS_LOCAL, "LocalInput",
                                "AssumeRole: an argument is not UTF-8");
        return DRSW_CREDS_FAILED;
    }

    rc = drsw_creds_sts(f, "AssumeRole", input, with, "AssumeRole", out, user);
    json_decref(input);

    if (rc == DRSW_CREDS_FAILED && f->res->class == DRSW_AWS_DENIED) {
        (void) snprintf(code, sizeof(code), "%s", f->res->code);
        (void) snprintf(told, sizeof(told), "%.200s", f->res->message);
        (void) drsw_error_local(f->res, DRSW_AWS_DENIED, code,
                                "role %.140s could not be assumed: check that "
                                "it exists, that its trust policy names this "
                                "account or role, and the external id (AWS: "
                                "%s)",
                                role->role_arn, told);
    }

    return rc;
}


drsw_creds_rc_e
drsw_creds_web(drsw_creds_fetch_t *f, const char *role_arn,
               const char *token_file, const char *session_name,
               drsw_creds_t *out)
{
    char           *token, err[256];
    json_t         *input;
    drsw_creds_rc_e rc;

    /* read at each renewal: it rotates */
    token = drsw_read_file(token_file, DRSW_WEB_TOKEN_MAX, err, sizeof(err));

    if (token == NULL || strlen(token) < 4) {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "web identity token file: "
                                "%s",
                                token == NULL ? err : "is empty");
        free(token);
        return DRSW_CREDS_FAILED;
    }

    input = json_pack("{s:s, s:s, s:s}", "RoleArn", role_arn, "RoleSessionName",
                      session_name != NULL ? session_name : DRSW_SESSION_NAME,
                      "WebIdentityToken", token);

    drs_memzero(token, strlen(token));
    free(token);

    if (input == NULL) {
        (void) drsw_error_local(f->res, DRSW_AWS_LOCAL, "LocalInput",
                                "AssumeRoleWithWebIdentity: an argument is "
                                "not UTF-8");
        return DRSW_CREDS_FAILED;
    }

    rc = drsw_creds_sts(f, "AssumeRoleWithWebIdentity", input, NULL,
                        "web identity", out, NULL);
    json_decref(input);

    return rc;
}


drsw_creds_rc_e
drsw_creds_web_env(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    const char        *file, *role;
    drsw_aws_shared_t *sh;

    sh = f->aws->sh;

    if (sh->profile_given) {
        return DRSW_CREDS_NONE;
    }

    file = drsw_env(sh, "AWS_WEB_IDENTITY_TOKEN_FILE");
    role = drsw_env(sh, "AWS_ROLE_ARN");

    if (file == NULL) {
        return DRSW_CREDS_NONE;
    }

    if (role == NULL) {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "AWS_WEB_IDENTITY_TOKEN_FILE is set and "
                                "AWS_ROLE_ARN is not");
        return DRSW_CREDS_FAILED;
    }

    return drsw_creds_web(f, role, file, drsw_env(sh, "AWS_ROLE_SESSION_NAME"),
                          out);
}
