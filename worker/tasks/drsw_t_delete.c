/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command exec.delete (api.md EX3, EX4, EX15; engine.md 1.12): removes the
 * records of ended executions.  The store refuses what is not over; an
 * execution whose instances are known to be there stays unless forced.  The
 * audit entry keeps plan, times, outcome and instance ids.
 *
 *   {executionIds: [...], force}    these
 *   {force, accountId?}             all that ended
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_sm.h"
#include "drs_time.h"
#include "drs_view_exec.h"

#include "drsw_exec.h"
#include "drsw_tasks.h"


#define DRSW_DELETE_BUDGET_MS 15000
#define DRSW_DELETE_LISTED    1000 /* entries of a list in an answer */
#define DRSW_DELETE_INSTANCES 500  /* ids in an audit entry */


typedef enum {
    DRSW_DELETE_DONE = 0,
    DRSW_DELETE_NOT_FOUND,
    DRSW_DELETE_ACTIVE, /* not ended */
    DRSW_DELETE_JOBS,   /* ended, a job is watched */
    DRSW_DELETE_INSTANCES_LEFT,
    DRSW_DELETE_FAILED
} drsw_delete_e;

typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    int                   force;
    int64_t               until_mono_ms;

    /* of the execution looked at last */
    char status[32];
    char reason[64];
    char error[256];

    /* sums and lists of the answer, owned */
    size_t  deleted, missing, active, jobs, instances, failed;
    size_t  left; /* no time for these */
    json_t *missing_ids, *skipped, *failures;
} drsw_delete_t;


static const char *const drsw_delete_statuses[] = { "COMPLETED",  "PARTIAL",
                                                    "FAILED",     "TIMEOUT",
                                                    "TERMINATED", "CANCELLED" };

#define DRSW_DELETE_N_STATUSES                                                 \
    (sizeof(drsw_delete_statuses) / sizeof(drsw_delete_statuses[0]))


/* -- one execution -------------------------------------------------------- */

/* What the audit entry keeps of a record that is gone. */
static json_t *
drsw_delete_trace(const drs_exec_t *e)
{
    size_t  i;
    json_t *v, *ids;

    ids = json_array();

    for (i = 0; i < e->nservers; i++) {
        if (e->servers[i].instance[0] != '\0'
            && json_array_size(ids) < DRSW_DELETE_INSTANCES)
        {
            (void) json_array_append_new(ids,
                                         json_string(e->servers[i].instance));
        }
    }

    v = json_pack("{s:s, s:s, s:s, s:I, s:o}", "planId", e->plan_id, "planName",
                  e->plan_name, "status", e->status, "startTime",
                  (json_int_t) (e->started_at / 1000), "instanceIds", ids);

    if (e->ended_at > 0) {
        (void) drs_json_set_int(v, "endTime", e->ended_at / 1000);
    }

    if (json_object_get(e->out, "outcomeSummary") != NULL) {
        (void) json_object_set(v, "outcomeSummary",
                               json_object_get(e->out, "outcomeSummary"));
    }

    return v;
}


static drsw_delete_e
drsw_delete_refused(drsw_delete_t *d, const drs_answer_t *a)
{
    drs_str_t s;

    if (drs_answer_is(a, "EXECUTION_NOT_FOUND")) {
        return DRSW_DELETE_NOT_FOUND;
    }

    if (!drs_answer_is(a, "INVALID_STATE")) {
        (void) snprintf(d->error, sizeof(d->error), "%.*s: %.*s",
                        DRS_STR_ARG(a->code), DRS_STR_ARG(a->text));
        return DRSW_DELETE_FAILED;
    }

    s = drs_answer_detail(a, "currentStatus", NULL);
    (void) snprintf(d->status, sizeof(d->status), "%.*s", DRS_STR_ARG(s));
    s = drs_answer_detail(a, "reason", NULL);
    (void) snprintf(d->reason, sizeof(d->reason), "%.*s", DRS_STR_ARG(s));

    return drs_str_eqz(s, "ACTIVE") ? DRSW_DELETE_ACTIVE : DRSW_DELETE_JOBS;
}


static drsw_delete_e
drsw_delete_send(drsw_delete_t *d, const drs_exec_t *e)
{
    int           rc;
    char         *audit, *event;
    json_t       *before;
    drs_str_t     id;
    drsw_reply_t  reply;
    drs_answer_t  answer;
    drsw_delete_e what;

    id = drs_str(e->id);
    before = drsw_delete_trace(e);
    audit = drsw_audit_text(d->cmd, "exec.delete", "execution", id, before,
                            NULL, NULL);
    event =
        drsw_event_text(drsw_now_ms(d->ctx), "execution.deleted", "executions",
                        "execution", id, drsw_actor_label(d->cmd->actor), id,
                        drs_str(e->plan_id), drs_str(""), json_object());
    json_decref(before);

    memset(&reply, 0, sizeof(reply));
    what = DRSW_DELETE_FAILED;
    (void) snprintf(d->error, sizeof(d->error), "the store did not answer");

    rc = (audit != NULL && event != NULL) ? drsw_store_call(
             d->ctx,
             drs_store_exec_delete(drsw_redis_prefix(d->ctx->redis), id,
                                   drs_str(audit), drs_str(event)),
             &reply, &answer)
                                          : DRS_ERROR;

    if (rc == DRS_OK) {
        what = DRSW_DELETE_DONE;

    } else if (rc == DRS_DECLINED) {
        what = drsw_delete_refused(d, &answer);
    }

    drsw_reply_free(&reply);
    free(audit);
    free(event);
    return what;
}


static drsw_delete_e
drsw_delete_one(drsw_delete_t *d, drs_str_t id)
{
    int                    rc;
    drs_exec_t            *e;
    drsw_delete_e          what;
    drs_view_termination_t t;

    if (!drs_id_is_uuid4(id)) {
        return DRSW_DELETE_NOT_FOUND;
    }

    rc = drsw_record_load(d->ctx, id.data, &e);

    if (rc == DRS_DECLINED) {
        return DRSW_DELETE_NOT_FOUND;
    }

    if (rc != DRS_OK) {
        (void) snprintf(d->error, sizeof(d->error),
                        "the record cannot be read");
        return DRSW_DELETE_FAILED;
    }

    (void) snprintf(d->status, sizeof(d->status), "%s", e->status);
    drs_view_exec_termination(e, &t);

    if (t.can && !d->force) {
        (void) snprintf(d->reason, sizeof(d->reason),
                        "INSTANCES_NOT_TERMINATED");
        what = DRSW_DELETE_INSTANCES_LEFT;

    } else {
        what = drsw_delete_send(d, e);
    }

    drs_exec_free(e);
    return what;
}


/* Counts one result. */
static void
drsw_delete_note(drsw_delete_t *d, drs_str_t id, drsw_delete_e what)
{
    json_t *list, *entry;

    list = d->skipped;
    entry = NULL;

    switch (what) {
    case DRSW_DELETE_DONE:
        d->deleted++;
        return;

    case DRSW_DELETE_NOT_FOUND:
        d->missing++;
        list = d->missing_ids;
        entry = drs_json_new_str(id);
        break;

    case DRSW_DELETE_FAILED:
        d->failed++;
        list = d->failures;
        entry = json_pack("{s:s%, s:s}", "executionId", id.data, id.len,
                          "error", d->error);
        break;

    case DRSW_DELETE_ACTIVE:
        d->active++;
        break;

    case DRSW_DELETE_JOBS:
        d->jobs++;
        break;

    case DRSW_DELETE_INSTANCES_LEFT:
        d->instances++;
        break;
    }

    if (entry == NULL) {
        entry = json_pack("{s:s%, s:s, s:s}", "executionId", id.data, id.len,
                          "status", d->status, "reason", d->reason);
    }

    if (json_array_size(list) < DRSW_DELETE_LISTED) {
        (void) json_array_append_new(list, entry);

    } else {
        json_decref(entry);
    }
}


static void
drsw_delete_all(drsw_delete_t *d, const json_t *ids)
{
    size_t    i;
    json_t   *v;
    drs_str_t id;

    json_array_foreach (ids, i, v) {
        if (drsw_mono_ms() >= d->until_mono_ms) {
            d->left = json_array_size(ids) - i;
            break;
        }

        id = drs_json_str(v);
        drsw_delete_note(d, id, drsw_delete_one(d, id));
    }
}


/* -- which ---------------------------------------------------------------- */

/*
 * Ids of the ended executions (*ids, new array) and how many executions there
 * are; both of one account if given.
 */
static int
drsw_delete_ended(drsw_ctx_t *ctx, drs_str_t account, json_t **ids,
                  size_t *total)
{
    int          rc;
    size_t       i, k;
    json_t      *own;
    drs_str_t    p;
    const char  *id;
    drs_cmd_t   *cmds[DRSW_DELETE_N_STATUSES + 1];
    drsw_reply_t replies[DRSW_DELETE_N_STATUSES + 1];

    p = drsw_redis_prefix(ctx->redis);
    memset(replies, 0, sizeof(replies));
    own = json_object();
    *ids = json_array();

    cmds[0] = account.len > 0
                  ? drs_key_cmd1("ZRANGE", p, DRS_KEY_EXEC_ACCT, account)
                  : drs_key_cmd0("ZRANGE", p, DRS_KEY_EXEC_START);

    for (i = 0; i < DRSW_DELETE_N_STATUSES; i++) {
        cmds[i + 1] = drs_key_cmd1("ZRANGE", p, DRS_KEY_EXEC_STATUS,
                                   drs_str(drsw_delete_statuses[i]));
    }

    rc = DRS_OK;

    for (i = 0; i <= DRSW_DELETE_N_STATUSES; i++) {
        (void) drs_cmd_addz(cmds[i], "0");
        (void) drs_cmd_addz(cmds[i], "-1");
        rc = drs_cmd_ok(cmds[i]) ? rc : DRS_ERROR;
    }

    rc = (rc == DRS_OK) ? drsw_redis_pipeline(
             ctx->redis, cmds, DRSW_DELETE_N_STATUSES + 1, replies)
                        : rc;
    *total = replies[0].r.n;

    for (k = 0; rc == DRS_OK && k < replies[0].r.n; k++) {
        (void) json_object_set_new(own, replies[0].r.v[k].data, json_true());
    }

    for (i = 1; rc == DRS_OK && i <= DRSW_DELETE_N_STATUSES; i++) {
        for (k = 0; k < replies[i].r.n; k++) {
            id = replies[i].r.v[k].data;

            if (json_object_get(own, id) != NULL) {
                (void) json_array_append_new(*ids, json_string(id));
            }
        }
    }

    for (i = 0; i <= DRSW_DELETE_N_STATUSES; i++) {
        drs_cmd_free(cmds[i]);
        drsw_reply_free(&replies[i]);
    }

    json_decref(own);
    return rc;
}


/* -- answers -------------------------------------------------------------- */

static void
drsw_delete_if(json_t *body, const char *name, json_t *list)
{
    if (json_array_size(list) > 0) {
        (void) json_object_set(body, name, list);
    }
}


static void
drsw_delete_warning(const drsw_delete_t *d, json_t *body)
{
    char text[160];

    if (d->left > 0) {
        (void) snprintf(text, sizeof(text),
                        "%zu executions were not looked "
                        "at in the time of one request; repeat it.",
                        d->left);
        (void) drs_json_set_str(body, "warning", drs_str(text));

    } else if (d->failed > 0) {
        (void) snprintf(text, sizeof(text),
                        "%zu executions could not be "
                        "deleted.",
                        d->failed);
        (void) drs_json_set_str(body, "warning", drs_str(text));
    }
}


static json_t *
drsw_delete_selective(const drsw_delete_t *d, size_t requested)
{
    char    text[200];
    json_t *body;

    (void) snprintf(text, sizeof(text), "%zu of %zu executions deleted.",
                    d->deleted, requested);
    body = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "message", text,
                     "deletedCount", (json_int_t) d->deleted, "totalRequested",
                     (json_int_t) requested, "notFound",
                     (json_int_t) d->missing, "activeSkipped",
                     (json_int_t) (d->active + d->jobs + d->instances),
                     "failed", (json_int_t) d->failed);
    drsw_delete_if(body, "notFoundIds", d->missing_ids);
    drsw_delete_if(body, "activeExecutionsSkipped", d->skipped);
    drsw_delete_if(body, "failedDeletes", d->failures);
    drsw_delete_warning(d, body);

    return body;
}


static json_t *
drsw_delete_bulk(const drsw_delete_t *d, size_t total, size_t ended)
{
    char    text[200];
    size_t  i, safe;
    json_t *body, *ids, *v;

    ids = json_array();

    json_array_foreach (d->skipped, i, v) {
        (void) json_array_append(ids, json_object_get(v, "executionId"));
    }

    safe = d->deleted + d->failed;
    (void) snprintf(text, sizeof(text), "%zu executions deleted.", d->deleted);
    body = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "message", text,
        "deletedCount", (json_int_t) d->deleted, "totalScanned",
        (json_int_t) total, "completedFound", (json_int_t) ended,
        "safeToDelete", (json_int_t) safe, "skippedWithActiveJobs",
        (json_int_t) d->jobs, "skippedWithInstances", (json_int_t) d->instances,
        "activePreserved", (json_int_t) (total - ended + d->active));
    drsw_delete_if(body, "skippedExecutionIds", ids);
    drsw_delete_if(body, "failedDeletes", d->failures);
    drsw_delete_warning(d, body);
    json_decref(ids);

    return body;
}


static int
drsw_delete_answer(const drsw_delete_t *d, drsw_answer_t *answer, json_t *body)
{
    if (d->deleted == 0 && d->failed > 0 && d->missing == 0
        && d->active + d->jobs + d->instances == 0)
    {
        json_decref(body);
        return drsw_answer_error(
            answer, "DELETE_FAILED",
            json_pack("{s:O}", "failedDeletes", d->failures),
            "No execution could be deleted.");
    }

    return drsw_answer_body(answer, 200, body);
}


int
drsw_cmd_exec_delete(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                     drsw_answer_t *answer)
{
    int           rc;
    size_t        total;
    json_t       *ids, *ended;
    drsw_delete_t d;

    memset(&d, 0, sizeof(d));
    d.ctx = ctx;
    d.cmd = cmd;
    d.force = json_is_true(json_object_get(cmd->payload, "force"));
    d.until_mono_ms = drsw_mono_ms() + DRSW_DELETE_BUDGET_MS;
    d.missing_ids = json_array();
    d.skipped = json_array();
    d.failures = json_array();

    ids = json_object_get(cmd->payload, "executionIds");
    rc = DRS_OK;

    if (json_array_size(ids) > 0) {
        drsw_delete_all(&d, ids);
        rc = drsw_delete_answer(
            &d, answer, drsw_delete_selective(&d, json_array_size(ids)));

    } else {
        rc = drsw_delete_ended(ctx, drs_json_field(cmd->payload, "accountId"),
                               &ended, &total);

        if (rc == DRS_OK) {
            drsw_delete_all(&d, ended);
            rc = drsw_delete_answer(
                &d, answer,
                drsw_delete_bulk(&d, total, json_array_size(ended)));
        }

        json_decref(ended);
    }

    json_decref(d.missing_ids);
    json_decref(d.skipped);
    json_decref(d.failures);
    return rc;
}
