
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands staging.validate, staging.discover, staging.sync (api.md AC8, AC11,
 * AC12).
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_account.h"
#include "drs_view_capacity.h"
#include "drs_view_doc.h"

#include "drsw_account.h"
#include "drsw_staging.h"
#include "drsw_tasks.h"


#define DRSW_STAGING_CALL_MS 8000


/* -- staging.validate ----------------------------------------------------- */

typedef struct {
    unsigned accessible : 1;
    unsigned initialized : 1;
    int64_t  servers, replicating, target;
    char     error[256];
    json_t  *details; /* owned */
} drsw_staging_check_t;


/* 1 if the role is stored for the account or has the configured name. */
static int
drsw_staging_role_known(drsw_ctx_t *ctx, drs_str_t id, drs_str_t arn)
{
    int         known;
    size_t      i;
    json_t     *docs, *doc, *entry;
    drs_str_t   account, path;
    const char *key;

    if (!drs_id_role_arn(arn, &account, &path)) {
        return 0;
    }

    for (i = path.len; i > 0 && path.data[i - 1] != '/'; i--) { /* void */
    }

    if (drs_str_eqz(drs_strn(path.data + i, path.len - i),
                    ctx->conf->role_name)) {
        return 1;
    }

    if (drsw_account_docs(ctx, &docs) != DRS_OK) {
        return 0;
    }

    known = 0;

    json_object_foreach (docs, key, doc) {
        entry = drs_model_staging_find(doc, id);

        if ((drs_str_eqz(id, key)
             && drs_str_eq(arn, drs_json_field(doc, "roleArn")))
            || drs_str_eq(arn, drs_json_field(entry, "roleArn")))
        {
            known = 1;
        }
    }

    json_decref(docs);
    return known;
}


/* Figures of one account and Region, counted as capacity does. */
static drsw_aws_class_e
drsw_staging_read(drsw_ctx_t *ctx, const drsw_access_t *access,
                  int64_t *servers, int64_t *replicating,
                  drsw_aws_result_t *res)
{
    size_t  i;
    json_t *items, *v;

    items = NULL;
    (void) drsw_drs_describe_source_servers(ctx->aws, &access->aws, NULL,
                                            &items, res);

    *servers = (int64_t) json_array_size(items);
    *replicating = 0;

    json_array_foreach (items, i, v) {
        *replicating += drs_capacity_counts(v, drs_str(access->account));
    }

    json_decref(items);
    return res->class;
}


static void
drsw_staging_check(drsw_ctx_t *ctx, const drsw_access_t *access,
                   drsw_staging_check_t *c)
{
    drsw_aws_result_t res;

    drsw_aws_forget(ctx->aws, &access->aws);

    if (drsw_aws_prepare(ctx->aws, &access->aws, &res) != DRSW_AWS_OK) {
        (void) json_object_set_new(c->details, "roleErrorCode",
                                   json_string(res.code));
        (void) snprintf(c->error, sizeof(c->error),
                        "The role could not be "
                        "assumed (%s). Check the role, its trust policy and "
                        "the external id.",
                        drsw_aws_class_name(res.class));
        return;
    }

    c->accessible = 1;

    if (drsw_staging_read(ctx, access, &c->servers, &c->replicating, &res)
        == DRSW_AWS_OK)
    {
        c->initialized = 1;
        return;
    }

    (void) json_object_set_new(c->details, "drsError",
                               json_string(drsw_region_status(&res)));

    if (res.class == DRSW_AWS_UNINITIALIZED) {
        (void) snprintf(c->error, sizeof(c->error),
                        "DRS is not initialized "
                        "in %s of the staging account.",
                        access->region);
    } else {
        (void) snprintf(c->error, sizeof(c->error),
                        "DRS could not be read in "
                        "%s of the staging account (%s).",
                        access->region, drsw_aws_class_name(res.class));
    }
}


static json_t *
drsw_staging_check_body(drsw_staging_check_t *c, const char *region)
{
    json_t *o;

    (void) json_object_set_new(c->details,
                               c->initialized ? "initializedRegions"
                                              : "uninitializedRegions",
                               json_pack("[s]", region));
    (void) json_object_set_new(c->details,
                               c->initialized ? "uninitializedRegions"
                                              : "initializedRegions",
                               json_array());

    o = json_pack("{s:b, s:b, s:b, s:I, s:I, s:I, s:O}", "valid",
                  c->accessible && c->initialized && c->error[0] == '\0',
                  "roleAccessible", c->accessible, "drsInitialized",
                  c->initialized, "currentServers", (json_int_t) c->servers,
                  "replicatingServers", (json_int_t) c->replicating,
                  "totalAfter", (json_int_t) (c->replicating + c->target),
                  "details", c->details);

    if (c->error[0] != '\0') {
        (void) json_object_set_new(o, "error", json_string(c->error));
    }

    return o;
}


/* Replicating servers of the target that the new account comes on top of. */
static void
drsw_staging_target(drsw_ctx_t *ctx, drs_str_t id, drs_str_t region,
                    drsw_staging_check_t *c)
{
    char              err[512];
    int64_t           servers;
    drsw_access_t     access;
    drsw_aws_result_t res;

    if (drsw_access(ctx, id, region, &access, err, sizeof(err)) == DRS_OK) {
        access.aws.timeout_ms = DRSW_STAGING_CALL_MS;

        if (drsw_staging_read(ctx, &access, &servers, &c->target, &res)
            == DRSW_AWS_OK) {
            return;
        }
    }

    (void) json_object_set_new(c->details, "targetError",
                               json_string("The target account could not be "
                                           "read: totalAfter is without it."));
}


int
drsw_cmd_staging_validate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer)
{
    int                  rc;
    char                 err[512];
    drs_str_t            id, arn, region, target;
    drsw_access_t        access;
    drsw_staging_check_t c;

    id = drs_json_field(cmd->payload, "accountId");
    arn = drs_json_field(cmd->payload, "roleArn");
    region = drs_json_field(cmd->payload, "region");
    target = drs_json_field(cmd->payload, "targetAccountId");

    if (!drsw_staging_role_known(ctx, id, arn)) {
        return drsw_answer_error(
            answer, "INVALID_PARAMETER",
            json_pack("{s:s, s:b}", "parameter", "roleArn", "valid", 0),
            "roleArn must name the role %s.", ctx->conf->role_name);
    }

    memset(&c, 0, sizeof(c));
    c.details = json_object();
    rc = drsw_access_as(ctx, id, region, cmd->payload, &access, err,
                        sizeof(err));

    if (rc == DRS_OK) {
        access.aws.timeout_ms = DRSW_STAGING_CALL_MS;
        drsw_staging_check(ctx, &access, &c);

        if (target.len > 0) {
            drsw_staging_target(ctx, target, region, &c);
        }

    } else if (rc == DRS_DECLINED) {
        (void) snprintf(c.error, sizeof(c.error), "%.250s", err);
        rc = DRS_OK;
    }

    if (rc == DRS_OK) {
        rc = drsw_answer_body(answer, 200,
                              drsw_staging_check_body(&c, access.region));
    }

    json_decref(c.details);
    return rc;
}


/* -- staging.discover, staging.sync --------------------------------------- */

static int
drsw_staging_refused(drsw_answer_t *answer, drs_str_t id, const drsw_found_t *f)
{
    return drsw_answer_error(
        answer, f->denied ? "REGION_ACCESS_DENIED" : "DRS_ERROR",
        json_pack("{s:o}", "accountId", drs_json_new_str(id)),
        "The account could not be read: %s", f->error);
}


static json_t *
drsw_staging_list(const json_t *doc, const drsw_found_t *f)
{
    char        name[64];
    json_t     *list, *v, *known, *o;
    int64_t     n;
    const char *id;

    list = json_array();

    json_object_foreach (f->accounts, id, v) {
        known = json_object_get(drs_model_staging_find(doc, drs_str(id)),
                                "accountName");
        (void) snprintf(name, sizeof(name), "Staging Account %s", id + 8);
        n = drs_json_int(v, "serverCount", 0);

        o = json_pack(
            "{s:s, s:s, s:I, s:I, s:I, s:s}", "accountId", id, "accountName",
            json_is_string(known) ? json_string_value(known) : name,
            "serverCount", (json_int_t) n, "replicatingServers", (json_int_t) n,
            "totalServers", (json_int_t) n, "status", "discovered");
        (void) json_array_append_new(list, o);
    }

    return list;
}


int
drsw_cmd_staging_discover(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer)
{
    int          rc;
    char         text[200];
    json_t      *doc, *body;
    drs_str_t    id;
    drsw_found_t f;

    id = drs_json_field(cmd->payload, "accountId");
    rc = drsw_account_find(ctx, id, answer, &doc);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    if (drsw_sweep_command(ctx, answer) != DRS_OK) {
        json_decref(doc);
        return DRS_OK;
    }

    rc = drsw_staging_discover(ctx, doc, 1, drsw_sweep_budget(ctx, cmd), &f);
    drsw_sweep_command_end();

    if (rc == DRS_DECLINED) {
        rc = drsw_staging_refused(answer, id, &f);

    } else if (rc == DRS_OK) {
        (void) snprintf(text, sizeof(text), "%zu staging accounts found%s.",
                        json_object_size(f.accounts),
                        f.complete ? "" : "; not every Region could be read");
        body = json_pack("{s:o, s:I, s:s, s:o, s:b, s:O}", "targetAccountId",
                         drs_json_new_str(id), "totalServers",
                         (json_int_t) f.total, "message", text,
                         "stagingAccounts", drsw_staging_list(doc, &f),
                         "complete", f.complete, "failedRegions", f.failed);
        rc = drsw_answer_body(answer, 200, body);
    }

    drsw_staging_free(&f);
    json_decref(doc);
    return rc;
}


/* Extending is a job of its own: it may take long. */
static int
drsw_staging_queue(drsw_ctx_t *ctx, drs_str_t id)
{
    char task[64];

    (void) snprintf(task, sizeof(task), "%.*s", DRS_STR_ARG(id));

    if (drsw_staging_retry(ctx, task) != DRS_OK) {
        return DRS_ERROR;
    }

    (void) snprintf(task, sizeof(task), "staging:%.*s", DRS_STR_ARG(id));
    return drsw_task_due(ctx, task, DRSW_NOW);
}


static json_t *
drsw_staging_sync_body(drs_str_t id, const json_t *doc, json_t *added,
                       json_t *removed, const drsw_found_t *f)
{
    char    text[240];
    json_t *view, *body;

    (void) snprintf(text, sizeof(text),
                    "%zu staging accounts added, %zu "
                    "removed%s. Their servers are being extended.",
                    json_array_size(added), json_array_size(removed),
                    f->complete ? ""
                                : "; not every Region could be read, so "
                                  "nothing was removed");

    /* the route asks for modify_accounts */
    view = drs_view_account(doc, 1);
    body =
        json_pack("{s:b, s:s, s:o, s:O, s:{s:o, s:o}, s:b, s:{s:s}}", "success",
                  1, "message", text, "targetAccountId", drs_json_new_str(id),
                  "stagingAccounts", json_object_get(view, "stagingAccounts"),
                  "changes", "added", added, "removed", removed, "complete",
                  f->complete, "extension", "state", "queued");
    json_decref(view);
    return body;
}


int
drsw_cmd_staging_sync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    int          rc;
    json_t      *doc, *now, *added, *removed;
    drs_str_t    id;
    drsw_found_t f;

    id = drs_json_field(cmd->payload, "accountId");
    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, &doc);

    if (rc != DRS_OK) {
        return rc == DRS_ERROR
                   ? rc
                   : drsw_answer_error(
                       answer, "TARGET_ACCOUNT_UNKNOWN",
                       json_pack("{s:o}", "accountId", drs_json_new_str(id)),
                       "The target account was not found.");
    }

    if (drsw_sweep_command(ctx, answer) != DRS_OK) {
        json_decref(doc);
        return DRS_OK;
    }

    rc = drsw_staging_discover(ctx, doc, 1, drsw_sweep_budget(ctx, cmd), &f);
    drsw_sweep_command_end();

    if (rc == DRS_DECLINED) {
        rc = drsw_staging_refused(answer, id, &f);

    } else if (rc == DRS_OK) {
        rc = drsw_staging_store(ctx, cmd, id, &f, &now, &added, &removed);
        rc = (rc == DRS_OK) ? drsw_staging_queue(ctx, id) : rc;

        if (rc == DRS_OK) {
            rc = drsw_answer_body(
                answer, 200,
                drsw_staging_sync_body(id, now, added, removed, &f));
        } else {
            json_decref(added);
            json_decref(removed);

            if (rc == DRS_DECLINED) {
                rc = drsw_answer_error(answer, "TARGET_ACCOUNT_UNKNOWN", NULL,
                                       "The target account was removed "
                                       "meanwhile.");
            }
        }

        json_decref(now);
    }

    drsw_staging_free(&f);
    json_decref(doc);
    return rc;
}
