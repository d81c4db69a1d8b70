/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tasks inventory (which places there are, every `inventory`) and
 * inventory:<account>:<region> (one scan of the source servers).  Places are
 * those of the target accounts and of their staging accounts.  Places with
 * servers are read every `inventory`, the others every `region_idle`; one that
 * cannot be read is asked ever more seldom, and no place waits for another
 * (engine.md 4.4, 4.7).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_account.h"

#include "drsw_account.h"
#include "drsw_inventory.h"
#include "drsw_runs.h"
#include "drsw_source.h"
#include "drsw_tasks.h"


#define DRSW_INVENTORY_CALL_MS   20000
#define DRSW_INVENTORY_FIRST_MS  60000 /* new places are spread over this */
#define DRSW_INVENTORY_DOUBLINGS 10
#define DRSW_INVENTORY_TASK_SIZE 64


/* -- which places ---------------------------------------------------------- */

/* 1 for an account whose places are read; the hub needs no document. */
static int
drsw_inventory_wanted(drsw_ctx_t *ctx, const char *id, const json_t *doc)
{
    return strcmp(id, drsw_hub_account(ctx)) == 0
           || drs_str_eqz(drs_json_field(doc, "status"), "active");
}


/* A moment of its own for each place. */
static int64_t
drsw_inventory_spread(const char *task, int64_t within_ms)
{
    uint32_t h;

    for (h = 2166136261u; *task != '\0'; task++) {
        h = (h ^ (unsigned char) *task) * 16777619u;
    }

    return within_ms * (int64_t) (h >> 8) >> 24;
}


/* The places of one account that have no task yet get one. */
static int
drsw_inventory_account(drsw_ctx_t *ctx, const char *id)
{
    int          rc;
    char         task[DRSW_INVENTORY_TASK_SIZE];
    size_t       i, n;
    int64_t      within;
    drs_str_t    regions[DRSW_REGIONS_MAX];
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    n = drsw_regions(ctx, regions);
    within = ctx->conf->inventory_ms < DRSW_INVENTORY_FIRST_MS
                 ? ctx->conf->inventory_ms
                 : DRSW_INVENTORY_FIRST_MS;
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("ZMSCORE", drsw_redis_prefix(ctx->redis), DRS_KEY_DUE);

    for (i = 0; i < n; i++) {
        (void) snprintf(task, sizeof(task), "inventory:%s:%.*s", id,
                        DRS_STR_ARG(regions[i]));
        (void) drs_cmd_addz(cmd, task);
    }

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < n && i < reply.r.n; i++) {
        if (reply.r.v[i].data != NULL) {
            continue;
        }

        (void) snprintf(task, sizeof(task), "inventory:%s:%.*s", id,
                        DRS_STR_ARG(regions[i]));
        rc = drsw_task_due(
            ctx, task, drsw_now_ms(ctx) + drsw_inventory_spread(task, within));
    }

    drsw_reply_free(&reply);

    return rc;
}


int
drsw_step_inventory_all(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc;
    size_t      i;
    json_t     *docs, *doc, *entry;
    const char *id, *hub, *staging;

    if (ctx->conf->inventory_ms == 0) {
        *next_at = DRSW_NEVER;
        return DRS_OK;
    }

    rc = drsw_account_docs(ctx, &docs);
    hub = drsw_hub_account(ctx);

    if (rc == DRS_OK && hub[0] != '\0' && json_object_get(docs, hub) == NULL) {
        rc = drsw_inventory_account(ctx, hub);
    }

    json_object_foreach (docs, id, doc) {
        if (!drsw_inventory_wanted(ctx, id, doc)) {
            continue;
        }

        rc = (rc == DRS_OK) ? drsw_inventory_account(ctx, id) : rc;

        json_array_foreach (json_object_get(doc, "stagingAccounts"), i, entry) {
            staging = json_string_value(json_object_get(entry, "accountId"));

            if (rc == DRS_OK && staging != NULL
                && json_object_get(docs, staging) == NULL) {
                rc = drsw_inventory_account(ctx, staging);
            }
        }
    }

    json_decref(docs);
    *next_at = drsw_now_ms(ctx) + drsw_run_jitter(ctx->conf->inventory_ms);

    return rc;
}


/* -- one place ---------------------------------------------------------------- */

/* "inventory:<account>:<region>"; 0: not such a name. */
static int
drsw_inventory_parse(drsw_inventory_t *v, const char *name)
{
    drs_str_t rest, account;

    rest = drs_str(name + sizeof("inventory:") - 1);
    (void) drs_str_split(&rest, ':', &account);

    if (!drs_id_is_account(account) || !drs_id_is_region(rest)) {
        return 0;
    }

    (void) snprintf(v->account, sizeof(v->account), "%.*s",
                    DRS_STR_ARG(account));
    (void) snprintf(v->region, sizeof(v->region), "%.*s", DRS_STR_ARG(rest));
    (void) snprintf(v->scope, sizeof(v->scope), "%s:%s", v->account, v->region);

    return 1;
}


static int
drsw_inventory_configured(drsw_ctx_t *ctx, const char *region)
{
    size_t    i, n;
    drs_str_t regions[DRSW_REGIONS_MAX];

    n = drsw_regions(ctx, regions);

    for (i = 0; i < n; i++) {
        if (drs_str_eqz(regions[i], region)) {
            return 1;
        }
    }

    return 0;
}


/* The entry of a staging account without a document of its own. */
static int
drsw_inventory_staging(drsw_inventory_t *v, json_t **entry)
{
    int         rc;
    json_t     *docs, *doc, *found;
    const char *id;

    rc = drsw_account_docs(v->ctx, &docs);

    json_object_foreach (docs, id, doc) {
        found = drs_model_staging_find(doc, drs_str(v->account));

        if (found != NULL && *entry == NULL
            && drsw_inventory_wanted(v->ctx, id, doc)) {
            *entry = json_incref(found);
        }
    }

    json_decref(docs);

    return rc == DRS_OK && *entry == NULL ? DRS_DECLINED : rc;
}


/* The account's document; DRS_DECLINED: the place is not read any more. */
static int
drsw_inventory_doc(drsw_inventory_t *v, json_t **doc)
{
    int rc;

    *doc = NULL;

    if (v->ctx->conf->inventory_ms == 0
        || !drsw_inventory_configured(v->ctx, v->region))
    {
        return DRS_DECLINED;
    }

    rc = drsw_load_doc(v->ctx, DRS_KEY_ACCT, drs_str(v->account), doc);

    if (rc == DRS_DECLINED && strcmp(v->account, drsw_hub_account(v->ctx)) == 0)
    {
        *doc = json_pack("{s:s, s:b}", "accountId", v->account,
                         "isCurrentAccount", 1);
        return *doc != NULL ? DRS_OK : DRS_ERROR;
    }

    if (rc == DRS_DECLINED) {
        return drsw_inventory_staging(v, doc);
    }

    if (rc == DRS_OK && !drsw_inventory_wanted(v->ctx, v->account, *doc)) {
        rc = DRS_DECLINED;
    }

    return rc;
}


/* How long until the place is read again in this state. */
static int64_t
drsw_inventory_pause(const drsw_ctx_t *ctx, const drsw_region_t *r,
                     int64_t failures)
{
    int64_t active, idle, pause;

    active = ctx->conf->inventory_ms;
    idle =
        ctx->conf->region_idle_ms > active ? ctx->conf->region_idle_ms : active;

    if (strcmp(r->status, "ACTIVE") == 0) {
        return r->servers > 0 ? active : idle;
    }

    if (drsw_region_is_closed(r) || strcmp(r->status, "SCP_DENIED") == 0) {
        return idle;
    }

    if (failures > DRSW_INVENTORY_DOUBLINGS) {
        failures = DRSW_INVENTORY_DOUBLINGS;
    }

    pause = active << (failures > 0 ? failures - 1 : 0);

    return pause < idle ? pause : idle;
}


static int
drsw_inventory_load(drsw_inventory_t *v, drsw_region_t *r)
{
    drs_str_t region;

    region = drs_str(v->region);

    return drsw_region_load(v->ctx, drs_str(v->account), &region, 1, r);
}


/* What was there before: empty when the place was never read. */
static int
drsw_inventory_before(drsw_inventory_t *v)
{
    int rc;

    memset(&v->old, 0, sizeof(v->old));

    if (v->before.counted_at_ms == 0) {
        return DRS_OK;
    }

    rc = drsw_scan(v->ctx, &v->access, INT64_MAX, 0, &v->old);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


static int
drsw_inventory_record(drsw_inventory_t *v, int64_t begun)
{
    int     rc;
    json_t *counters, *errors, *more;

    counters =
        json_pack("{s:I, s:I, s:I}", "servers", (json_int_t) v->after.servers,
                  "replicating", (json_int_t) v->after.replicating, "changed",
                  (json_int_t) v->changed);
    errors = json_array();

    if (v->text[0] != '\0') {
        (void) json_array_append_new(errors, json_string(v->text));
    }

    more = json_pack("{s:s, s:I}", "regionStatus", v->after.status, "failures",
                     (json_int_t) v->failures);
    rc = drsw_run_note(v->ctx, "inventory", v->scope, begun,
                       v->text[0] == '\0' ? "SUCCESS" : "FAILED", counters,
                       errors, more);
    json_decref(counters);
    json_decref(errors);
    json_decref(more);

    return rc;
}


/* servers: NULL when they were not read. */
static int
drsw_inventory_sources(drsw_inventory_t *v, const json_t *servers)
{
    int rc, changed;

    if (servers == NULL) {
        return DRS_OK;
    }

    rc = drsw_source_refresh(v->ctx, &v->access, servers, &changed);

    return rc == DRS_OK && changed ? drsw_scan_forget(v->ctx, &v->access) : rc;
}


static int
drsw_inventory_read(drsw_inventory_t *v, const json_t *doc)
{
    int         rc;
    int64_t     begun;
    drsw_scan_t scan;

    memset(&scan, 0, sizeof(scan));
    begun = drsw_now_ms(v->ctx);
    rc = drsw_access_as(v->ctx, drs_str(v->account), drs_str(v->region), doc,
                        &v->access, v->text, sizeof(v->text));

    if (rc == DRS_OK) {
        v->access.aws.timeout_ms = DRSW_INVENTORY_CALL_MS;
        rc = drsw_inventory_before(v);
    }

    if (rc == DRS_OK) {
        rc = drsw_scan_refresh(v->ctx, &v->access, &scan);
        (void) snprintf(v->text, sizeof(v->text), "%s", scan.text);
    }

    if (rc == DRS_OK) {
        v->text[0] = '\0';
    }

    v->failures = (rc == DRS_DECLINED) ? v->failures + 1 : 0;

    if (rc != DRS_ERROR) {
        rc = drsw_inventory_load(v, &v->after);
    }

    if (rc == DRS_OK && drsw_region_is_closed(&v->after)) {
        v->failures = 0; /* an answer like any other: nothing is there */
        v->text[0] = '\0';
    }

    rc = (rc == DRS_OK) ? drsw_inventory_sources(v, scan.servers) : rc;
    rc = (rc == DRS_OK) ? drsw_inventory_tell(v, scan.servers) : rc;
    rc = (rc == DRS_OK) ? drsw_inventory_record(v, begun) : rc;
    drsw_scan_free(&v->old);
    drsw_scan_free(&scan);

    return rc;
}


/* 1: somebody has asked so lately that it need not be done again now. */
static int
drsw_inventory_fresh(const drsw_inventory_t *v, int64_t *next_at)
{
    int64_t pause;

    if (v->before.at_ms == 0) {
        return 0;
    }

    pause = drsw_inventory_pause(v->ctx, &v->before, v->failures);

    if (drsw_now_ms(v->ctx) - v->before.at_ms >= pause / 2) {
        return 0;
    }

    *next_at = v->before.at_ms + drsw_run_jitter(pause);

    return 1;
}


int
drsw_step_inventory(drsw_ctx_t *ctx, int64_t *next_at)
{
    int              rc;
    json_t          *doc, *last;
    drsw_inventory_t v;

    memset(&v, 0, sizeof(v));
    v.ctx = ctx;
    *next_at = DRSW_NEVER;

    if (!drsw_inventory_parse(&v, ctx->name)) {
        drsw_error(ctx->log, "%s is no place", ctx->name);
        return DRS_OK;
    }

    rc = drsw_inventory_doc(&v, &doc);

    if (rc != DRS_OK) {
        json_decref(doc);
        return rc == DRS_DECLINED ? drsw_run_forget(ctx, "inventory", v.scope)
                                  : rc;
    }

    last = drsw_run_last(ctx, "inventory", v.scope);
    v.failures = drs_json_int(last, "failures", 0);
    json_decref(last);
    rc = drsw_inventory_load(&v, &v.before);

    if (rc == DRS_OK && !drsw_inventory_fresh(&v, next_at)) {
        rc = drsw_inventory_read(&v, doc);
        *next_at =
            drsw_now_ms(ctx)
            + drsw_run_jitter(drsw_inventory_pause(ctx, &v.after, v.failures));
    }

    json_decref(doc);

    return rc;
}
