
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Extended source servers: every server of a staging account is made known to
 * the target account, once.  A server that DRS refuses is left alone for a
 * day, or until an operator asks for a synchronisation.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_view_capacity.h"

#include "drsw_limits.h"
#include "drsw_scan.h"
#include "drsw_staging.h"


#define DRSW_EXTEND_WAIT_MS (INT64_C(24) * 3600 * 1000)
#define DRSW_EXTEND_CALL_MS 20000
#define DRSW_EXTEND_ERRORS  50


typedef struct {
    drsw_ctx_t         *ctx;
    const json_t       *doc; /* target */
    drsw_sweep_place_t *p;
    json_t             *existing; /* owned: staging ARN -> true */
    json_t             *waiting;  /* owned: ARN -> {until, ...} */
    json_t             *run;
    int64_t             servers; /* in the target's Region */
    int64_t             most;    /* that it may have */
    int64_t             extended;
} drsw_extend_t;


static void
drsw_extend_more(json_t *run, const char *name)
{
    (void) drs_json_set_int(run, name, drs_json_int(run, name, 0) + 1);
}


static void
drsw_extend_error(drsw_extend_t *x, drs_str_t staging, drs_str_t arn,
                  const char *code, const char *message)
{
    json_t *errors;

    errors = json_object_get(x->run, "errors");

    if (json_array_size(errors) < DRSW_EXTEND_ERRORS) {
        (void) json_array_append_new(
            errors, json_pack("{s:s, s:o, s:o, s:s, s:s}", "region",
                              x->p->access.region, "stagingAccountId",
                              drs_json_new_str(staging), "sourceServerArn",
                              arn.len > 0 ? drs_json_new_str(arn) : json_null(),
                              "code", code, "message", message));
    }

    drsw_warn(x->ctx->log,
              "extending servers of staging account %.*s into %s "
              "%s: %s: %s",
              DRS_STR_ARG(staging), x->p->access.account, x->p->access.region,
              code, message);
}


static int
drsw_extend_existing(drsw_extend_t *x)
{
    int           rc;
    json_t       *server;
    drs_str_t     arn;
    const char   *id;
    drsw_scan_t   scan;
    drsw_limits_t limits;

    if (drsw_limits_known(x->ctx, &x->p->access, &limits) != DRS_OK) {
        return DRS_ERROR;
    }

    x->most = limits.source_servers;
    rc = drsw_scan(x->ctx, &x->p->access, 0, 0, &scan);

    if (rc == DRS_OK) {
        x->servers = (int64_t) json_object_size(scan.servers);

        json_object_foreach (scan.servers, id, server) {
            arn = drs_json_field(json_object_get(server, "stagingArea"),
                                 "stagingSourceServerArn");

            if (arn.len > 0) {
                (void) json_object_setn_new(x->existing, arn.data, arn.len,
                                            json_true());
            }
        }
    }

    drsw_scan_free(&scan);
    return rc;
}


static int
drsw_extend_waiting(drsw_extend_t *x)
{
    int          rc;
    size_t       i;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HGETALL", drsw_redis_prefix(x->ctx->redis),
                       DRS_KEY_STAGING_WAIT, drs_str(x->p->access.account),
                       x->p->name);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(x->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (v != NULL) {
            (void) json_object_setn_new(x->waiting, reply.r.v[i].data,
                                        reply.r.v[i].len, v);
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


/* Remembers (message not NULL) or forgets that a server is refused. */
static int
drsw_extend_note(drsw_extend_t *x, drs_str_t arn, const char *code,
                 const char *message)
{
    int          rc;
    char        *text;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd2(message != NULL ? "HSET" : "HDEL",
                       drsw_redis_prefix(x->ctx->redis), DRS_KEY_STAGING_WAIT,
                       drs_str(x->p->access.account), x->p->name);
    (void) drs_cmd_add(cmd, arn);

    if (message != NULL) {
        v = json_pack("{s:I, s:s, s:s}", "until",
                      (json_int_t) (drsw_now_ms(x->ctx) + DRSW_EXTEND_WAIT_MS),
                      "code", code, "message", message);
        text = drs_json_text(v, NULL);
        (void) drs_cmd_addz(cmd, text != NULL ? text : "{}");
        free(text);
        json_decref(v);
    }

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(x->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


/* Tags of the staging server that may be given to the extended one. */
static json_t *
drsw_extend_tags(const json_t *item)
{
    json_t     *tags, *v;
    const char *key;

    tags = json_object();

    json_object_foreach (json_object_get(item, "tags"), key, v) {
        if (strncmp(key, "aws:", 4) != 0) {
            (void) json_object_set(tags, key, v);
        }
    }

    return tags;
}


/* DRS_AGAIN: no more in this Region now. */
static int
drsw_extend_one(drsw_extend_t *x, drs_str_t staging, const json_t *item)
{
    json_t   *tags, *made;
    drs_str_t arn;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    arn = drs_json_field(item, "arn");
    tags = drsw_extend_tags(item);
    made = NULL;

    class = drsw_drs_create_extended_source_server(
        x->ctx->aws, &x->p->access.aws, arn.data,
        json_object_size(tags) > 0 ? tags : NULL, &made, &res);

    json_decref(tags);
    json_decref(made);

    if (class == DRSW_AWS_OK) {
        drsw_extend_more(x->run, "extended");
        x->extended++;
        x->servers++;
        return json_object_getn(x->waiting, arn.data, arn.len) != NULL
                   ? drsw_extend_note(x, arn, NULL, NULL)
                   : DRS_OK;
    }

    drsw_extend_more(x->run, "failed");
    drsw_extend_error(x, staging, arn, res.code, res.message);

    switch (class) {
    case DRSW_AWS_VALIDATION:
    case DRSW_AWS_DENIED:
    case DRSW_AWS_NOT_FOUND:
    case DRSW_AWS_CONFLICT:
        return drsw_extend_note(x, arn, res.code, res.message);

    case DRSW_AWS_AMBIGUOUS:
        x->extended++; /* perhaps: look again */
        return DRS_OK;

    default:
        return DRS_AGAIN;
    }
}


/*
 * Servers that could be extended: as the target sees them, else (not allowed
 * there) all of the staging account with its own role.
 */
static json_t *
drsw_extend_candidates(drsw_extend_t *x, const json_t *entry)
{
    char              err[512];
    json_t           *items;
    drs_str_t         id;
    drsw_access_t     access;
    drsw_aws_result_t first, res;

    id = drs_json_field(entry, "accountId");
    items = NULL;

    if (drsw_drs_list_extensible_source_servers(x->ctx->aws, &x->p->access.aws,
                                                id.data, &items, &first)
        == DRSW_AWS_OK)
    {
        return items;
    }

    if (drsw_access_as(x->ctx, id, x->p->name, entry, &access, err, sizeof(err))
        == DRS_OK)
    {
        access.aws.timeout_ms = DRSW_EXTEND_CALL_MS;

        if (drsw_drs_describe_source_servers(x->ctx->aws, &access.aws, NULL,
                                             &items, &res)
            == DRSW_AWS_OK)
        {
            return items;
        }

        if (res.class == DRSW_AWS_UNINITIALIZED) {
            return json_array(); /* no DRS there: nothing to extend */
        }
    }

    drsw_extend_more(x->run, "failed");
    drsw_extend_error(x, id, drs_str(""), first.code, first.message);
    return NULL;
}


static int
drsw_extend_may(drsw_extend_t *x, drs_str_t staging, const json_t *item)
{
    json_t   *wait;
    drs_str_t arn;

    arn = drs_json_field(item, "arn");

    if (arn.len == 0 || json_object_getn(x->existing, arn.data, arn.len)
        || drs_capacity_staging(item, staging).len > 0)
    {
        return 0;
    }

    wait = json_object_getn(x->waiting, arn.data, arn.len);

    if (wait != NULL && drs_json_int(wait, "until", 0) > drsw_now_ms(x->ctx)) {
        drsw_extend_more(x->run, "skipped");
        return 0;
    }

    if (x->servers >= x->most) {
        drsw_extend_more(x->run, "failed");
        drsw_extend_error(x, staging, arn, "QUOTA_EXCEEDED",
                          "the Region has "
                          "as many source servers as it may have");
        return 0;
    }

    return 1;
}


static int
drsw_extend_account(drsw_extend_t *x, const json_t *entry)
{
    int       rc;
    size_t    i;
    json_t   *items, *item;
    drs_str_t id;

    id = drs_json_field(entry, "accountId");
    items = drsw_extend_candidates(x, entry);
    rc = DRS_OK;

    json_array_foreach (items, i, item) {
        if (rc != DRS_OK || !drsw_extend_may(x, id, item)) {
            continue;
        }

        if (drsw_stopping(x->ctx)) {
            rc = DRS_AGAIN;

        } else if (!drsw_lease_hold(x->ctx, 1)) {
            rc = DRS_DECLINED;

        } else {
            rc = drsw_extend_one(x, id, item);
        }
    }

    json_decref(items);
    return rc;
}


static int
drsw_extend_place(drsw_extend_t *x)
{
    int         rc;
    size_t      i;
    json_t     *entry;
    drsw_scan_t scan;

    x->existing = json_object();
    x->waiting = json_object();
    x->p->access.aws.timeout_ms = DRSW_EXTEND_CALL_MS;

    rc = drsw_extend_existing(x);

    if (rc == DRS_DECLINED) {
        rc = DRS_OK; /* cannot be read now: the record says so */
        goto done;
    }

    rc = (rc == DRS_OK) ? drsw_extend_waiting(x) : rc;

    json_array_foreach (json_object_get(x->doc, "stagingAccounts"), i, entry) {
        rc = (rc == DRS_OK) ? drsw_extend_account(x, entry) : rc;
    }

    if (x->extended > 0 && (rc == DRS_OK || rc == DRS_AGAIN)) {
        if (drsw_scan_refresh(x->ctx, &x->p->access, &scan) == DRS_ERROR) {
            rc = DRS_ERROR;
        }

        drsw_scan_free(&scan);
    }

done:

    json_decref(x->existing);
    json_decref(x->waiting);
    return rc;
}


int
drsw_staging_extend(drsw_ctx_t *ctx, const json_t *doc, drsw_found_t *f,
                    json_t *run)
{
    int                   rc;
    size_t                i;
    drsw_extend_t         x;
    drsw_sweep_account_t *a;

    a = &f->sweep.accounts[0];
    rc = DRS_OK;

    if (json_array_size(json_object_get(doc, "stagingAccounts")) == 0) {
        return DRS_OK;
    }

    for (i = 0; i < a->n; i++) {
        if (strcmp(a->places[i].state.status, "ACTIVE") != 0) {
            continue;
        }

        memset(&x, 0, sizeof(x));
        x.ctx = ctx;
        x.doc = doc;
        x.p = &a->places[i];
        x.run = run;
        rc = drsw_extend_place(&x);

        if (rc == DRS_ERROR || rc == DRS_DECLINED || drsw_stopping(ctx)) {
            return rc;
        }
    }

    return DRS_OK;
}


int
drsw_staging_retry(drsw_ctx_t *ctx, const char *account)
{
    int          rc;
    size_t       i, n;
    drs_cmd_t   *cmd;
    drs_str_t    regions[DRSW_REGIONS_MAX];
    drsw_reply_t reply;

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "DEL");
    n = drsw_regions(ctx, regions);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_key2(cmd, drsw_redis_prefix(ctx->redis),
                            DRS_KEY_STAGING_WAIT, drs_str(account), regions[i]);
    }

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}
