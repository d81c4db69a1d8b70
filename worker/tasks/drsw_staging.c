
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_account.h"
#include "drs_view_capacity.h"

#include "drsw_account.h"
#include "drsw_scan.h"
#include "drsw_staging.h"


void
drsw_staging_free(drsw_found_t *f)
{
    json_decref(f->accounts);
    json_decref(f->failed);
    drsw_sweep_free(&f->sweep);
}


static void
drsw_staging_count(drsw_found_t *f, drs_str_t id, int n)
{
    json_t *o;

    if (!drs_id_is_account(id)) {
        return;
    }

    o = json_object_getn(f->accounts, id.data, id.len);

    if (o == NULL) {
        o = json_object();
        (void) json_object_setn_new(f->accounts, id.data, id.len, o);
    }

    (void) drs_json_set_int(o, "serverCount",
                            drs_json_int(o, "serverCount", 0) + n);
}


/* Account in "arn:aws:drs:region:account:source-server/s-..." */
static drs_str_t
drsw_staging_arn_account(drs_str_t arn)
{
    int       i;
    drs_str_t part, none = drs_null_string;

    for (i = 0; i < 5; i++) {
        if (!drs_str_split(&arn, ':', &part)) {
            return none;
        }
    }

    return part;
}


static int
drsw_staging_servers(drsw_ctx_t *ctx, drsw_found_t *f, drs_str_t account,
                     drsw_sweep_place_t *p)
{
    int         rc;
    json_t     *server;
    drs_str_t   id;
    const char *key;
    drsw_scan_t scan;

    p->access.aws.timeout_ms = drsw_sweep_left(&f->sweep);
    rc = drsw_scan(ctx, &p->access, ctx->conf->inventory_fresh_ms, 0, &scan);

    if (rc == DRS_OK) {
        f->total += (int64_t) json_object_size(scan.servers);

        json_object_foreach (scan.servers, key, server) {
            id = drs_capacity_staging(server, account);

            if (id.len == 0) {
                id = drsw_staging_arn_account(drs_json_field(server, "arn"));
            }

            if (id.len > 0 && !drs_str_eq(id, account)) {
                drsw_staging_count(f, id, 1);
            }
        }
    }

    drsw_scan_free(&scan);
    return rc;
}


/* What DRS itself lists; accounts without a server yet count 0. */
static void
drsw_staging_listed(drsw_ctx_t *ctx, drsw_found_t *f, drs_str_t account,
                    drsw_sweep_place_t *p)
{
    size_t            i;
    json_t           *list, *v;
    drs_str_t         id;
    drsw_aws_result_t res;

    list = NULL;
    p->access.aws.timeout_ms = drsw_sweep_left(&f->sweep);

    if (drsw_drs_list_staging_accounts(ctx->aws, &p->access.aws, &list, &res)
        != DRSW_AWS_OK)
    {
        drsw_notice(ctx->log,
                    "staging accounts of %s in %s are not listed: "
                    "%s: %s",
                    p->access.account, p->access.region, res.code, res.message);

        if (res.class != DRSW_AWS_DENIED) {
            f->complete = 0;
        }

        return;
    }

    json_array_foreach (list, i, v) {
        id = drs_json_field(v, "accountID");

        if (!drs_str_eq(id, account)) {
            drsw_staging_count(f, id, 0);
        }
    }

    json_decref(list);
}


static int
drsw_staging_place(drsw_ctx_t *ctx, drsw_found_t *f, drs_str_t id,
                   drsw_sweep_place_t *p)
{
    int rc;

    if (p->failed) {
        (void) json_array_append_new(f->failed, drs_json_new_str(p->name));
        f->complete = 0;

        if (f->error[0] == '\0') {
            (void) snprintf(f->error, sizeof(f->error), "%.*s: %s",
                            DRS_STR_ARG(p->name), p->state.error);
        }
    }

    if (drsw_region_is_active(&p->state)) {
        rc = drsw_staging_servers(ctx, f, id, p);

        if (rc == DRS_ERROR) {
            return rc;
        }

        if (rc == DRS_DECLINED) {
            f->complete = 0;
        }
    }

    if (strcmp(p->state.status, "ACTIVE") == 0) {
        if (drsw_mono_ms() < f->sweep.until_mono_ms) {
            drsw_staging_listed(ctx, f, id, p);
        } else {
            f->complete = 0;
        }
    }

    return DRS_OK;
}


int
drsw_staging_discover(drsw_ctx_t *ctx, const json_t *doc, int anew,
                      int64_t budget_ms, drsw_found_t *f)
{
    int                   rc;
    size_t                i;
    drs_str_t             id;
    drsw_sweep_account_t *a;

    memset(f, 0, sizeof(*f));
    f->accounts = json_object();
    f->failed = json_array();
    f->complete = 1;
    id = drs_json_field(doc, "accountId");

    drsw_sweep_init(&f->sweep, ctx, budget_ms);
    rc = drsw_sweep_add(&f->sweep, id, doc, 0);
    rc = (rc == DRS_OK) ? drsw_sweep_servers(&f->sweep, anew) : rc;

    if (rc != DRS_OK) {
        return rc;
    }

    a = &f->sweep.accounts[0];

    if (!a->accessible) {
        f->complete = 0;
        f->denied = a->denied;
        (void) snprintf(f->error, sizeof(f->error), "%s", a->error);
        return DRS_DECLINED;
    }

    for (i = 0; rc == DRS_OK && i < a->n; i++) {
        rc = drsw_staging_place(ctx, f, id, &a->places[i]);
    }

    return rc;
}


/* -- the stored list ------------------------------------------------------ */

typedef struct {
    const drsw_found_t   *f;
    const drsw_command_t *cmd;
    json_t               *added, *removed; /* of the last try */
} drsw_staging_change_t;


static int
drsw_staging_owners(drsw_ctx_t *ctx, json_t **owners)
{
    int          rc;
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    *owners = json_object();
    cmd = drs_key_cmd0("HGETALL", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_STAGING_OWNER);
    rc = (*owners != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        (void) json_object_setn_new(*owners, reply.r.v[i].data,
                                    reply.r.v[i].len,
                                    drs_json_new_str(reply.r.v[i + 1]));
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_staging_change(drsw_ctx_t *ctx, const json_t *old, void *data,
                    json_t **doc)
{
    int                    rc;
    json_t                *owners;
    drs_model_env_t        env;
    drsw_staging_change_t *c;

    c = data;
    rc = drsw_staging_owners(ctx, &owners);

    if (rc == DRS_OK) {
        drsw_model_env(ctx, c->cmd, &env);

        if (c->cmd == NULL) {
            env.user = drs_str("system");
        }

        json_decref(c->added);
        json_decref(c->removed);
        rc = drs_model_staging_sync(c->f->accounts, owners, c->f->complete, old,
                                    &env, doc, &c->added, &c->removed);
    }

    json_decref(owners);
    return rc;
}


int
drsw_staging_store(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_str_t id,
                   const drsw_found_t *f, json_t **now, json_t **added,
                   json_t **removed)
{
    int                   rc;
    drsw_staging_change_t c;

    memset(&c, 0, sizeof(c));
    c.f = f;
    c.cmd = cmd;
    *now = NULL;

    rc = drsw_account_change(ctx, cmd, id, "account.staging_sync",
                             drsw_staging_change, &c, now);

    if (rc == DRS_DECLINED) {
        rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, now);
    }

    *added = c.added != NULL ? c.added : json_array();
    *removed = c.removed != NULL ? c.removed : json_array();

    return rc;
}
