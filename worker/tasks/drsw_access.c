
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "drsw_task.h"


/* Account of the hub when it is not configured: asked once per process. */
static pthread_mutex_t drsw_hub_lock = PTHREAD_MUTEX_INITIALIZER;
static char            drsw_hub_id[16];


const char *
drsw_hub_account(drsw_ctx_t *ctx)
{
    json_t           *identity;
    drs_str_t         id;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;

    if (ctx->conf->hub_account[0] != '\0') {
        return ctx->conf->hub_account;
    }

    pthread_mutex_lock(&drsw_hub_lock);

    if (drsw_hub_id[0] == '\0' && ctx->conf->region[0] != '\0') {
        memset(&aws, 0, sizeof(aws));
        aws.region = ctx->conf->region;
        aws.timeout_ms = 10000;

        if (drsw_sts_get_caller_identity(ctx->aws, &aws, &identity, &res)
            == DRSW_AWS_OK)
        {
            id = drs_json_field(identity, "Account");

            if (id.len == 12) {
                memcpy(drsw_hub_id, id.data, 12);
            }

            json_decref(identity);

        } else {
            drsw_warn(ctx->log, "the account of the hub is not known: %s: %s",
                      res.code, res.message);
        }
    }

    pthread_mutex_unlock(&drsw_hub_lock);

    return drsw_hub_id;
}


static int
drsw_access_copy(char *dst, size_t size, drs_str_t s)
{
    if (s.len >= size) {
        return DRS_DECLINED;
    }

    if (s.len > 0) {
        memcpy(dst, s.data, s.len);
    }

    dst[s.len] = '\0';
    return DRS_OK;
}


static int
drsw_access_role(drsw_ctx_t *ctx, drsw_access_t *access, const json_t *doc,
                 char *err, size_t errlen)
{
    drs_str_t   role, id;
    const char *partition;

    role = drs_json_field(doc, "status");

    if (role.len > 0 && !drs_str_eqz(role, "active")) {
        (void) snprintf(err, errlen,
                        "account %s is registered but not "
                        "active",
                        access->account);
        return DRS_DECLINED;
    }

    role = drs_json_field(doc, "roleArn");
    id = drs_json_field(doc, "externalId");

    if (role.len == 0) {
        partition = drsw_aws_partition(access->region);
        (void) snprintf(access->role_arn, sizeof(access->role_arn),
                        "arn:%s:iam::%s:role/%s",
                        partition != NULL ? partition : "aws", access->account,
                        ctx->conf->role_name);

    } else if (drsw_access_copy(access->role_arn, sizeof(access->role_arn),
                                role)
               != DRS_OK)
    {
        (void) snprintf(err, errlen, "roleArn of account %s is too long",
                        access->account);
        return DRS_DECLINED;
    }

    if (id.len == 0) {
        id = drs_str(ctx->conf->external_id);
    }

    if (drsw_access_copy(access->external_id, sizeof(access->external_id), id)
        != DRS_OK)
    {
        (void) snprintf(err, errlen, "externalId of account %s is too long",
                        access->account);
        return DRS_DECLINED;
    }

    access->aws.role_arn = access->role_arn;
    access->aws.external_id = (id.len > 0) ? access->external_id : NULL;
    return DRS_OK;
}


void
drsw_access_user(drsw_ctx_t *ctx, drs_str_t user)
{
    char  *p;
    size_t len;

    len = user.len < sizeof(ctx->user) ? user.len : sizeof(ctx->user) - 1;

    if (len < 2) { /* STS asks for as many */
        len = 0;
    }

    if (len > 0) {
        memcpy(ctx->user, user.data, len);
    }

    ctx->user[len] = '\0';

    for (p = ctx->user; *p != '\0'; p++) {
        if (!isalnum((unsigned char) *p) && strchr("_+=,.@-", *p) == NULL) {
            *p = '-';
        }
    }
}


/* The execution that the task works for; NULL: none. */
static const char *
drsw_access_execution(const drsw_ctx_t *ctx)
{
    return strncmp(ctx->name, "exec:", 5) == 0
                   || strncmp(ctx->name, "term:", 5) == 0
               ? ctx->name + 5
               : NULL;
}


/* <session_name>-<purpose>[-<first 8 of the execution>], which the trail of the
 * account shows with each call (engine.md 5.1). */
static void
drsw_access_session(const drsw_ctx_t *ctx, char *dst, size_t size)
{
    size_t      purpose;
    const char *id;

    purpose = strcspn(ctx->name, ":.");
    id = drsw_access_execution(ctx);

    (void) snprintf(dst, size, "%.24s%s%.*s%s%.8s", ctx->conf->session_name,
                    purpose > 0 ? "-" : "", (int) purpose, ctx->name,
                    id != NULL ? "-" : "", id != NULL ? id : "");
}


/* What is the same for the hub and for others. */
static int
drsw_access_base(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                 drsw_access_t *access, char *err, size_t errlen)
{
    memset(access, 0, sizeof(*access));
    err[0] = '\0';

    if (!drs_id_is_account(account)
        || drsw_access_copy(access->account, sizeof(access->account), account)
               != DRS_OK
        || drsw_access_copy(access->region, sizeof(access->region), region)
               != DRS_OK
        || drsw_aws_partition(access->region) == NULL)
    {
        (void) snprintf(err, errlen, "no such account or Region: %.*s %.*s",
                        DRS_STR_ARG(account), DRS_STR_ARG(region));
        return DRS_DECLINED;
    }

    drsw_access_session(ctx, access->session, sizeof(access->session));

    access->aws.account = access->account;
    access->aws.region = access->region;
    access->aws.session_name =
        (access->session[0] != '\0') ? access->session : NULL;
    access->aws.timeout_ms = ctx->conf->aws_call_timeout_ms;

    if (drsw_access_execution(ctx) != NULL && ctx->user[0] != '\0') {
        (void) strcpy(access->identity, ctx->user);
        access->aws.source_identity = access->identity;
    }

    return DRS_OK;
}


int
drsw_access_as(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
               const json_t *doc, drsw_access_t *access, char *err,
               size_t errlen)
{
    int rc;

    rc = drsw_access_base(ctx, account, region, access, err, errlen);

    if (rc != DRS_OK || drs_str_eqz(account, drsw_hub_account(ctx))) {
        return rc;
    }

    return drsw_access_role(ctx, access, doc, err, errlen);
}


int
drsw_access(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
            drsw_access_t *access, char *err, size_t errlen)
{
    int         rc;
    json_t     *doc;
    const char *hub;

    rc = drsw_access_base(ctx, account, region, access, err, errlen);

    if (rc != DRS_OK) {
        return rc;
    }

    hub = drsw_hub_account(ctx);

    if (drs_str_eqz(account, hub)) {
        return DRS_OK;
    }

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, account, &doc);

    if (rc == DRS_DECLINED) {
        (void) snprintf(err, errlen,
                        "account %s is neither the hub's own "
                        "account%s%s nor a registered target account",
                        access->account, hub[0] != '\0' ? " " : "", hub);
        return DRS_DECLINED;
    }

    if (rc == DRS_OK) {
        rc = drsw_access_role(ctx, access, doc, err, errlen);
        json_decref(doc);
    }

    return rc;
}


void
drsw_aws_explain(const drsw_access_t *access, const char *what,
                 const drsw_aws_result_t *res, char *dst, size_t size)
{
    if (access->aws.role_arn != NULL
        && (res->class == DRSW_AWS_DENIED || res->class == DRSW_AWS_CREDENTIALS
            || res->class == DRSW_AWS_ACCOUNT))
    {
        (void) snprintf(dst, size,
                        "%s in account %s, %s, as %s: %s: %s; check "
                        "the role, its trust policy and the external id of "
                        "the account",
                        what, access->account, access->region, access->role_arn,
                        res->code, res->message);
        return;
    }

    (void) snprintf(dst, size, "%s in account %s, %s: %s: %s", what,
                    access->account, access->region, res->code, res->message);
}


const char *
drsw_aws_error_code(const drsw_aws_result_t *res)
{
    switch (res->class) {
    case DRSW_AWS_UNINITIALIZED:
        return "DRS_NOT_INITIALIZED";

    case DRSW_AWS_REGION_DISABLED:
        return "REGION_NOT_ENABLED";

    case DRSW_AWS_DENIED:
    case DRSW_AWS_CREDENTIALS:
    case DRSW_AWS_ACCOUNT:
        return "REGION_ACCESS_DENIED";

    default:
        return "DRS_ERROR";
    }
}
