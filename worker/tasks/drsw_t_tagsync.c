/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task tagsync and command tagsync.run {accountId?, region?} (api.md DRS4,
 * DRS11, CF3, CF4).  What is asked for stands in tagsync:want, which exists
 * as long as a run is asked for or under way: there is one at a time.  The
 * record of the last run is tagsync:run, the settings are settings:tagsync.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_tagsync.h"
#include "drs_time.h"

#include "drsw_account.h"
#include "drsw_notify.h"
#include "drsw_sweep.h"
#include "drsw_runs.h"
#include "drsw_tagsync.h"
#include "drsw_tasks.h"


#define DRSW_TSYNC_WANT_S  "900" /* also the longest run */
#define DRSW_TSYNC_RUN_MS  600000
#define DRSW_TSYNC_HOUR_MS INT64_C(3600000)


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd; /* NULL in the task */
    const json_t         *want;
    int64_t               budget_ms;

    json_t *accounts; /* owned: [{accountId, accountName,
                                           asked, servers, synced, failed,
                                           regions}, or with error] */
    json_t *errors;   /* owned: texts */
    int64_t servers, synced, failed;
    json_t *skipped; /* owned: reason -> number */
} drsw_tsync_t;


/* -- keys ----------------------------------------------------------------- */

static int
drsw_tsync_set(drsw_ctx_t *ctx, drs_key_t key, const json_t *v, int first)
{
    int          rc;
    char        *text;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    text = drs_json_text(v, NULL);
    cmd = drs_key_cmd0("SET", drsw_redis_prefix(ctx->redis), key);
    (void) drs_cmd_addz(cmd, text != NULL ? text : "{}");

    if (first) {
        (void) drs_cmd_addz(cmd, "NX");
        (void) drs_cmd_addz(cmd, "EX");
        (void) drs_cmd_addz(cmd, DRSW_TSYNC_WANT_S);
    }

    memset(&reply, 0, sizeof(reply));
    rc = text != NULL && drs_cmd_ok(cmd)
             ? drsw_redis_cmd(ctx->redis, cmd, &reply)
             : DRS_ERROR;

    if (rc == DRS_OK && (reply.r.n == 0 || reply.r.v[0].data == NULL)) {
        rc = DRS_DECLINED; /* there already */
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


/* JSON of a key; DRS_DECLINED: absent. */
static int
drsw_tsync_get(drsw_ctx_t *ctx, drs_key_t key, json_t **doc)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *doc = NULL;
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("GET", drsw_redis_prefix(ctx->redis), key);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK) {
        *doc = reply.r.n > 0 && reply.r.v[0].data != NULL
                   ? drs_json_parse(reply.r.v[0], &drs_json_store_limits, NULL)
                   : NULL;
        rc = *doc != NULL ? DRS_OK : DRS_DECLINED;
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_tsync_over(drsw_ctx_t *ctx)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("DEL", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_TAGSYNC_WANT);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


/* -- accounts ------------------------------------------------------------- */

static void
drsw_tsync_text(drsw_tsync_t *s, const char *text)
{
    if (json_array_size(s->errors) < DRSW_TAGSYNC_ERRORS) {
        (void) json_array_append_new(s->errors, json_string(text));
    }
}


static void
drsw_tsync_count(drsw_tsync_t *s, const char *reason, size_t n)
{
    (void) drs_json_set_int(s->skipped, reason,
                            drs_json_int(s->skipped, reason, 0) + (int64_t) n);
}


static int
drsw_tsync_place(drsw_tsync_t *s, drsw_tagsync_t *t,
                 const drsw_sweep_place_t *place, json_t *regions)
{
    int         rc;
    char        region[64];
    drsw_scan_t scan;

    (void) snprintf(region, sizeof(region), "%.*s", DRS_STR_ARG(place->name));
    rc = drsw_scan(s->ctx, &place->access, 0, 0, &scan);

    if (rc == DRS_DECLINED) {
        drsw_tagsync_error(t, "%s", scan.text);
        rc = DRS_OK;

    } else if (rc == DRS_OK && json_object_size(scan.servers) > 0) {
        (void) json_array_append_new(regions, json_string(region));
        rc = drsw_tagsync_place(t, &place->access, scan.servers);
    }

    drsw_scan_free(&scan);

    return rc;
}


/* Sums of one account into the run. */
static void
drsw_tsync_add(drsw_tsync_t *s, const drsw_sweep_account_t *a,
               const drsw_tagsync_t *t, json_t *regions)
{
    s->servers += (int64_t) t->servers;
    s->synced += (int64_t) t->synced;
    s->failed += (int64_t) t->failed;
    drsw_tsync_count(s, "noInstanceId", t->no_instance);
    drsw_tsync_count(s, "disconnected", t->disconnected);
    drsw_tsync_count(s, "noTags", t->no_tags);
    drsw_tsync_count(s, "runningJob", t->busy);
    drsw_tsync_count(s, "noTime", t->late);
    drsw_tsync_count(s, "droppedTags", t->dropped);

    (void) json_array_append_new(
        s->accounts,
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:O}", "accountId", a->id,
                  "accountName", a->name, "asked", (json_int_t) a->n, "servers",
                  (json_int_t) t->servers, "synced", (json_int_t) t->synced,
                  "failed", (json_int_t) t->failed, "regions", regions));
}


static int
drsw_tsync_account(drsw_tsync_t *s, const drsw_sweep_t *sweep,
                   const drsw_sweep_account_t *a)
{
    int            rc;
    size_t         i, k;
    json_t        *regions, *v;
    drs_str_t      only;
    drsw_tagsync_t t;

    if (!a->accessible) {
        drsw_tsync_text(s, a->error);
        (void) json_array_append_new(
            s->accounts, json_pack("{s:s, s:s, s:s}", "accountId", a->id,
                                   "accountName", a->name, "error", a->error));
        return DRS_OK;
    }

    only = drs_json_field(s->want, "region");
    regions = json_array();
    drsw_tagsync_init(&t, s->ctx, 0);
    t.until_mono_ms = sweep->until_mono_ms;
    rc = DRS_OK;

    for (i = 0; i < a->n && rc == DRS_OK; i++) {
        if ((only.len == 0 || drs_str_eq(only, a->places[i].name))
            && drsw_region_is_active(&a->places[i].state))
        {
            rc = drsw_tsync_place(s, &t, &a->places[i], regions);
        }
    }

    drsw_tsync_add(s, a, &t, regions);

    json_array_foreach (t.errors, k, v) {
        drsw_tsync_text(s, json_string_value(v));
    }

    drsw_tagsync_free(&t);
    json_decref(regions);

    return rc;
}


/* The account asked for, or all and the hub. */
static int
drsw_tsync_choose(drsw_tsync_t *s, drsw_sweep_t *sweep)
{
    int         rc;
    json_t     *docs, *doc;
    drs_str_t   only;
    const char *id, *hub;

    hub = drsw_hub_account(s->ctx);
    only = drs_json_field(s->want, "accountId");
    rc = drsw_account_docs(s->ctx, &docs);

    json_object_foreach (docs, id, doc) {
        if (rc == DRS_OK && (only.len == 0 || drs_str_eqz(only, id))) {
            rc = drsw_sweep_add(sweep, drs_str(id), doc, 0);
        }
    }

    if (rc == DRS_OK && hub[0] != '\0'
        && (only.len == 0 || drs_str_eqz(only, hub))) {
        rc = drsw_sweep_add(sweep, drs_str(hub), NULL, 0);
    }

    json_decref(docs);

    return rc;
}


/* -- a run ---------------------------------------------------------------- */

static const char *
drsw_tsync_status(const drsw_tsync_t *s)
{
    return s->failed > 0 || json_array_size(s->errors) > 0
                   || drs_json_int(s->skipped, "noTime", 0) > 0
               ? "PARTIAL"
               : "SUCCESS";
}


static void
drsw_tsync_event(drsw_tsync_t *s, const char *status, char *audit)
{
    char   *event;
    json_t *data;

    data = json_pack("{s:s, s:I, s:I, s:I}", "status", status, "totalServers",
                     (json_int_t) s->servers, "totalSynced",
                     (json_int_t) s->synced, "totalFailed",
                     (json_int_t) s->failed);
    event = drsw_event_text(drsw_now_ms(s->ctx), "tagsync.status", "settings",
                            "settings", drs_str("tagsync"), drs_str(""),
                            drs_str(""), drs_str(""),
                            drs_json_field(s->want, "accountId"), data);
    (void) drsw_store_do(s->ctx,
                         drs_store_note(drsw_redis_prefix(s->ctx->redis),
                                        drs_str(audit), drs_str(event)));
    free(event);
}


static int
drsw_tsync_record(drsw_tsync_t *s, int64_t begun_ms)
{
    int     rc;
    char    begun[DRS_TIME_ISO_SIZE], ended[DRS_TIME_ISO_SIZE];
    json_t *v;

    (void) drs_time_iso_ms(begun, begun_ms);
    (void) drs_time_iso_ms(ended, drsw_now_ms(s->ctx));
    v = json_pack(
        "{s:s, s:O*, s:O*, s:O*, s:I, s:I, s:I, s:I, s:s, s:s, "
        "s:I, s:s, s:O, s:O}",
        "lastSync", ended, "source", json_object_get(s->want, "source"),
        "accountId", json_object_get(s->want, "accountId"), "region",
        json_object_get(s->want, "region"), "totalAccounts",
        (json_int_t) json_array_size(s->accounts), "totalServers",
        (json_int_t) s->servers, "totalSynced", (json_int_t) s->synced,
        "totalFailed", (json_int_t) s->failed, "status", drsw_tsync_status(s),
        "startedAt", begun, "startedMs", (json_int_t) begun_ms, "finishedAt",
        ended, "skipped", s->skipped, "errors", s->errors);
    rc = drsw_tsync_set(s->ctx, DRS_KEY_TAGSYNC_RUN, v, 0);
    json_decref(v);

    return rc;
}


/* tag_sync_partial, once for each run. */
static int
drsw_tsync_note(drsw_tsync_t *s, int64_t begun)
{
    char key[64];

    if (strcmp(drsw_tsync_status(s), "PARTIAL") != 0) {
        return DRS_OK;
    }

    (void) snprintf(key, sizeof(key), "tag_sync_partial:%lld",
                    (long long) begun);

    return drsw_note(
        s->ctx, "tag_sync_partial", key, drs_json_field(s->want, "accountId"),
        drs_json_field(s->want, "region"),
        json_pack("{s:I, s:I, s:I}", "totalServers", (json_int_t) s->servers,
                  "totalSynced", (json_int_t) s->synced, "totalFailed",
                  (json_int_t) s->failed));
}


/* One run; its record is stored, the request is done with. */
static int
drsw_tsync_run(drsw_tsync_t *s)
{
    int          rc;
    char        *audit;
    size_t       i;
    json_t      *after;
    int64_t      begun;
    drsw_sweep_t sweep;

    s->accounts = json_array();
    s->errors = json_array();
    s->skipped = json_object();
    begun = drsw_now_ms(s->ctx);
    drsw_tsync_event(s, "IN_PROGRESS", NULL);

    drsw_sweep_init(&sweep, s->ctx, s->budget_ms);
    rc = drsw_tsync_choose(s, &sweep);
    rc = (rc == DRS_OK) ? drsw_sweep_servers(&sweep, 0) : rc;

    for (i = 0; i < sweep.n && rc == DRS_OK; i++) {
        rc = drsw_tsync_account(s, &sweep, &sweep.accounts[i]);
    }

    drsw_sweep_free(&sweep);
    rc = (rc == DRS_OK) ? drsw_tsync_note(s, begun) : rc;
    rc = (rc == DRS_OK) ? drsw_tsync_record(s, begun) : rc;
    rc = (rc == DRS_OK) ? drsw_tsync_over(s->ctx) : rc;

    if (rc == DRS_OK) {
        after = json_pack("{s:I, s:I, s:I}", "servers", (json_int_t) s->servers,
                          "synced", (json_int_t) s->synced, "failed",
                          (json_int_t) s->failed);
        rc = drsw_run_note(s->ctx, "tagsync", "", begun, drsw_tsync_status(s),
                           after, s->errors, NULL);
        json_decref(after);
    }

    if (rc == DRS_OK) {
        after = json_pack(
            "{s:s, s:I, s:I, s:I}", "status", drsw_tsync_status(s),
            "totalServers", (json_int_t) s->servers, "totalSynced",
            (json_int_t) s->synced, "totalFailed", (json_int_t) s->failed);
        audit = drsw_audit_text(s->cmd, "tagsync.run", "settings",
                                drs_str("tagsync"), NULL, after, NULL);
        drsw_tsync_event(s, drsw_tsync_status(s), audit);
        free(audit);
        json_decref(after);
    }

    return rc;
}


static void
drsw_tsync_free(drsw_tsync_t *s)
{
    json_decref(s->accounts);
    json_decref(s->errors);
    json_decref(s->skipped);
}


/* -- the task ------------------------------------------------------------- */

/* When the schedule wants the next run; DRSW_NEVER: it is off. */
static int
drsw_tsync_next(drsw_ctx_t *ctx, int64_t *at)
{
    int     rc;
    json_t *settings, *run;
    int64_t last, hours;

    *at = DRSW_NEVER;
    rc = drsw_load_doc(ctx, DRS_KEY_SETTINGS, drs_str("tagsync"), &settings);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    rc = drsw_tsync_get(ctx, DRS_KEY_TAGSYNC_RUN, &run);

    if (rc != DRS_ERROR && json_is_true(json_object_get(settings, "enabled"))) {
        last = drs_json_int(run, "startedMs", 0);
        hours = drs_json_int(settings, "intervalHours", DRS_TAGSYNC_HOURS);
        *at = last + hours * DRSW_TSYNC_HOUR_MS;
    }

    json_decref(run);
    json_decref(settings);

    return rc == DRS_ERROR ? rc : DRS_OK;
}


int
drsw_step_tagsync(drsw_ctx_t *ctx, int64_t *next_at)
{
    int          rc;
    json_t      *want;
    int64_t      at;
    drsw_tsync_t s;

    rc = drsw_tsync_get(ctx, DRS_KEY_TAGSYNC_WANT, &want);

    if (rc == DRS_DECLINED) {
        rc = drsw_tsync_next(ctx, &at);

        if (rc != DRS_OK || at == DRSW_NEVER || at > drsw_now_ms(ctx)) {
            *next_at = at;
            return rc;
        }

        want = json_pack("{s:s}", "source", "eventbridge");
        rc = drsw_tsync_set(ctx, DRS_KEY_TAGSYNC_WANT, want, 1);

        if (rc == DRS_DECLINED) { /* somebody asked just now */
            json_decref(want);
            *next_at = DRSW_NOW;
            return DRS_OK;
        }
    }

    if (rc == DRS_OK && drs_str_eqz(drs_json_field(want, "by"), "command")) {
        /* a waiting request does it itself; look again when it should have
         * ended */
        json_decref(want);
        *next_at = drsw_now_ms(ctx) + 60000;
        return DRS_OK;
    }

    if (rc == DRS_OK) {
        memset(&s, 0, sizeof(s));
        s.ctx = ctx;
        s.want = want;
        s.budget_ms = DRSW_TSYNC_RUN_MS;
        rc = drsw_tsync_run(&s);
        drsw_tsync_free(&s);
    }

    json_decref(want);
    rc = (rc == DRS_OK) ? drsw_tsync_next(ctx, next_at) : rc;

    return rc;
}


/* -- a waiting request ---------------------------------------------------- */

/* What stands there was left by an earlier delivery of this command. */
static int
drsw_tsync_mine(drsw_ctx_t *ctx, const drsw_command_t *cmd)
{
    int     mine;
    json_t *want;

    mine = drsw_tsync_get(ctx, DRS_KEY_TAGSYNC_WANT, &want) == DRS_OK
           && drs_str_eqz(drs_json_field(want, "id"), cmd->id);
    json_decref(want);

    return mine;
}


int
drsw_cmd_tagsync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                 drsw_answer_t *answer)
{
    int          rc;
    json_t      *want, *body;
    drsw_tsync_t s;

    want = json_copy((json_t *) cmd->payload);
    (void) drs_json_set_str(want, "source", drs_str("manual"));
    (void) drs_json_set_str(want, "by", drs_str("command"));
    (void) drs_json_set_str(want, "id", drs_str(cmd->id));
    rc = drsw_tsync_set(ctx, DRS_KEY_TAGSYNC_WANT, want, 1);

    if (rc == DRS_DECLINED && drsw_tsync_mine(ctx, cmd)) {
        rc = DRS_OK;
    }

    if (rc == DRS_DECLINED) {
        rc = drsw_answer_error(answer, "ALREADY_RUNNING",
                               json_pack("{s:s}", "status", "ALREADY_RUNNING"),
                               "A tag synchronisation is running.");
        json_decref(want);
        return rc;
    }

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.cmd = cmd;
    s.want = want;
    s.budget_ms = drsw_sweep_budget(ctx, cmd);
    rc = (rc == DRS_OK) ? drsw_tsync_run(&s) : rc;

    if (rc == DRS_OK) {
        body = drs_tagsync_result(s.accounts,
                                  drs_json_field(want, "accountId").len > 0);
        rc = drsw_answer_body(answer, 200, body);
    }

    drsw_tsync_free(&s);
    json_decref(want);

    return rc;
}
