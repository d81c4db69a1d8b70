
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command exec.terminate (api.md EX9): begins the task term:<id> and answers
 * when its calls were made, or after a while with what is known.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_view_exec.h"

#include "drsw_tasks.h"
#include "drsw_term.h"


#define DRSW_TERM_WAIT  12000 /* ms */
#define DRSW_TERM_PAUSE 50


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    drsw_answer_t        *answer;
    drs_str_t             id;
    int                   confirm;
    drs_exec_t           *e;         /* owned */
    json_t               *plan;      /* owned */
    json_t               *statuses;  /* owned: job id -> status */
    char                  state[16]; /* of exec:<id>:term */
} drsw_terminate_t;


static int
drsw_terminate_read(drsw_terminate_t *t)
{
    int          rc;
    size_t       i;
    json_t      *job;
    drs_cmd_t   *cmd;
    drs_str_t    v;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("HGETALL", drsw_redis_prefix(t->ctx->redis),
                       DRS_KEY_EXEC_TERM, t->id);
    memset(&reply, 0, sizeof(reply));
    rc = cmd != NULL ? drsw_redis_cmd(t->ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    json_decref(t->plan);
    t->plan = drs_json_parse(drs_reply_field(&reply.r, "plan"),
                             &drs_json_store_limits, NULL);
    v = drs_reply_field(&reply.r, "state");
    t->state[0] = '\0';

    if (v.len > 0 && v.len < sizeof(t->state)) {
        memcpy(t->state, v.data, v.len);
        t->state[v.len] = '\0';
    }

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        if (drs_str_starts(reply.r.v[i], "drsjob-")) {
            job =
                drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);
            (void) json_object_set(t->statuses, reply.r.v[i].data,
                                   json_object_get(job, "status"));
            json_decref(job);
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_terminate_is_mine(const drsw_terminate_t *t)
{
    return strcmp(drsw_term_get(t->plan, "command"), t->cmd->id) == 0;
}


static int
drsw_terminate_empty(drsw_terminate_t *t, const char *flag, const char *message)
{
    (void) drsw_answer_body(
        t->answer, 200,
        json_pack("{s:s%, s:s, s:[], s:[], s:[], s:i, s:i, s:i, s:b, s:s}",
                  "executionId", t->id.data, t->id.len, "message", message,
                  "terminated", "failed", "jobs", "totalFound", 0,
                  "totalTerminated", 0, "totalFailed", 0, flag, 1, "reason",
                  message));
    return DRS_DECLINED;
}


/* DRS_OK: may begin; DRS_DECLINED: the answer is set. */
static int
drsw_terminate_check(drsw_terminate_t *t)
{
    int                    rc;
    drs_view_termination_t meta;

    rc = drsw_record_load(t->ctx, t->id.data, &t->e);

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(
            t->answer, "EXECUTION_NOT_FOUND",
            json_pack("{s:s%}", "executionId", t->id.data, t->id.len),
            "There is no execution %.*s.", DRS_STR_ARG(t->id));
    }

    if (rc != DRS_OK) {
        return rc;
    }

    if (t->e->waves_total == 0) {
        (void) drsw_answer_error(t->answer, "EXECUTION_NO_WAVES",
                                 json_pack("{s:s}", "reason", "no waves"),
                                 "The execution has no waves.");
        return DRS_DECLINED;
    }

    if (strcmp(t->e->status, "PAUSED") == 0 && t->confirm) {
        return DRS_OK;
    }

    drs_view_exec_termination(t->e, &meta);

    if (meta.can || drsw_terminate_is_mine(t)) {
        if (strcmp(t->state, "DONE") == 0 && !drsw_terminate_is_mine(t)
            && !json_is_true(json_object_get(t->plan, "confirm")))
        {
            return drsw_terminate_empty(t, "alreadyTerminated",
                                        "Instances already terminated");
        }

        return DRS_OK;
    }

    if (strcmp(meta.reason, "Instances already terminated") == 0) {
        return drsw_terminate_empty(t, "alreadyTerminated", meta.reason);
    }

    if (strcmp(meta.reason, "No recovery instances found") == 0) {
        return drsw_terminate_empty(t, "noInstancesFound", meta.reason);
    }

    (void) drsw_answer_error(t->answer, "TERMINATION_NOT_ALLOWED",
                             json_pack("{s:s, s:s}", "currentStatus",
                                       t->e->status, "reason", meta.reason),
                             "The instances cannot be terminated now: %s.",
                             meta.reason);
    return DRS_DECLINED;
}


static int
drsw_terminate_refused(drsw_terminate_t *t, const drs_answer_t *a)
{
    char    code[64];
    json_t *details;

    if (a->code.len >= sizeof(code)) {
        return DRS_ERROR;
    }

    memcpy(code, a->code.data, a->code.len);
    code[a->code.len] = '\0';

    if (!drs_answer_is(a, "ALREADY_EXISTS")
        && !drs_answer_is(a, "TERMINATION_NOT_ALLOWED")
        && !drs_answer_is(a, "EXECUTION_NOT_FOUND"))
    {
        (void) drsw_answer_fail(t->answer, "%s: %.*s", code,
                                DRS_STR_ARG(a->text));
        return DRS_ERROR;
    }

    details = json_pack("{s:s%}", "executionId", t->id.data, t->id.len);

    if (drs_answer_is(a, "TERMINATION_NOT_ALLOWED")) {
        (void) drs_json_set_str(details, "currentStatus",
                                drs_answer_detail(a, "currentStatus", NULL));
        (void) drs_json_set_str(details, "reason",
                                drs_answer_detail(a, "reason", NULL));
    }

    (void) drsw_answer_error(t->answer, code, details, "%.*s",
                             DRS_STR_ARG(a->text));
    return DRS_DECLINED;
}


static int
drsw_terminate_begin(drsw_terminate_t *t)
{
    int          rc;
    char        *plan, *event, *audit;
    json_t      *doc;
    drs_cmd_t   *put;
    drs_pair_t   pair;
    drsw_reply_t reply;
    drs_answer_t a;

    doc = json_pack("{s:s, s:b, s:I, s:O*}", "command", t->cmd->id, "confirm",
                    t->confirm, "beganMs", (json_int_t) drsw_now_ms(t->ctx),
                    "userId", json_object_get(t->cmd->actor, "userId"));
    plan = drs_json_text(doc, NULL);
    json_decref(doc);

    event = drsw_event_text(
        drsw_now_ms(t->ctx), "execution.command", "executions", "execution",
        t->id, drsw_actor_label(t->cmd->actor), t->id, drs_str(t->e->plan_id),
        drs_str(NULL),
        json_pack("{s:s, s:b}", "command", "terminate", "accepted", 1));

    pair.name = drs_str("plan");
    pair.value = drs_str(plan);

    audit = drsw_audit_text(t->cmd, "exec.terminate", "execution", t->id, NULL,
                            NULL, NULL);

    put = drs_store_term_put(drsw_redis_prefix(t->ctx->redis), t->id, NULL,
                             "RUNNING", t->confirm, &pair, 1, drs_str(event));
    (void) drs_cmd_add_opt(put, drs_str(audit));

    rc = drsw_store_call(t->ctx, put, &reply, &a);

    if (rc == DRS_DECLINED) {
        rc = drsw_terminate_refused(t, &a);
    }

    drsw_reply_free(&reply);
    free(plan);
    free(event);
    free(audit);
    return rc;
}


/* Every call was made, or waits for its turn. */
static int
drsw_terminate_settled(const drsw_terminate_t *t)
{
    size_t  i;
    json_t *chunk;

    if (strcmp(t->state, "RUNNING") != 0) {
        return 1;
    }

    if (!json_is_true(json_object_get(t->plan, "found"))) {
        return 0;
    }

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        if (drsw_term_is(chunk, "INTENT")
            || (drsw_term_is(chunk, "PLANNED")
                && drs_json_int(chunk, "nextMs", 0) == 0))
        {
            return 0;
        }
    }

    return 1;
}


static void
drsw_terminate_target(const drsw_terminate_t *t, const json_t *chunk,
                      const json_t *target, json_t *terminated, json_t *failed)
{
    json_t *v;

    v = json_pack("{s:O, s:O, s:O, s:O, s:O*}", "recoveryInstanceId",
                  json_object_get(target, "i"), "instanceId",
                  json_object_get(target, "i"), "accountId",
                  json_object_get(chunk, "account"), "region",
                  json_object_get(chunk, "region"), "sourceServerId",
                  json_object_get(target, "s"));

    if (drsw_term_is(target, "FAILED")) {
        (void) json_object_set(v, "error", json_object_get(target, "error"));

        if (strcmp(drsw_term_get(target, "code"), "CONFLICT") == 0) {
            (void) json_object_set_new(v, "errorType", json_string("CONFLICT"));
        }

        (void) json_array_append_new(failed, v);
        return;
    }

    if (drsw_term_is(chunk, "PLANNED") || drsw_term_is(chunk, "INTENT")) {
        json_decref(v);
        return;
    }

    (void) json_object_set(v, "jobId", json_object_get(chunk, "job"));
    (void) json_array_append_new(terminated, v);
}


static json_t *
drsw_terminate_jobs(const drsw_terminate_t *t)
{
    size_t      i;
    json_t     *jobs, *chunk, *status;
    const char *id;

    jobs = json_array();

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        id = drsw_term_get(chunk, "job");

        if (id[0] == '\0') {
            continue;
        }

        status = json_object_get(t->statuses, id);
        (void) json_array_append_new(
            jobs, json_pack("{s:s, s:O, s:O, s:s, s:s}", "jobId", id,
                            "accountId", json_object_get(chunk, "account"),
                            "region", json_object_get(chunk, "region"), "type",
                            "TERMINATE", "status",
                            json_is_string(status) ? json_string_value(status)
                                                   : "PENDING"));
    }

    return jobs;
}


static int
drsw_terminate_answer(drsw_terminate_t *t)
{
    size_t  i, k, total, conflicts;
    json_t *chunk, *target, *place, *terminated, *failed, *body;

    terminated = json_array();
    failed = json_array();
    total = conflicts = 0;

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            total++;
            conflicts += strcmp(drsw_term_get(target, "code"), "CONFLICT") == 0;
            drsw_terminate_target(t, chunk, target, terminated, failed);
        }
    }

    json_array_foreach (json_object_get(t->plan, "places"), i, place) {
        (void) json_array_append_new(
            failed, json_pack("{s:s, s:s, s:O, s:O, s:O}", "recoveryInstanceId",
                              "", "instanceId", "", "accountId",
                              json_object_get(place, "account"), "region",
                              json_object_get(place, "region"), "error",
                              json_object_get(place, "error")));
    }

    body =
        json_pack("{s:s%, s:s, s:o, s:o, s:o, s:I, s:I, s:I}", "executionId",
                  t->id.data, t->id.len, "message",
                  total == 0 ? "No recovery instances of this execution exist."
                             : "The recovery instances are being terminated.",
                  "terminated", terminated, "failed", failed, "jobs",
                  drsw_terminate_jobs(t), "totalFound", (json_int_t) total,
                  "totalTerminated", (json_int_t) json_array_size(terminated),
                  "totalFailed", (json_int_t) json_array_size(failed));

    if (total == 0 && json_array_size(failed) == 0) {
        (void) drs_json_set_bool(body, "noInstancesFound", 1);
        (void) drs_json_set_str(body, "reason",
                                drs_str("No recovery instances found"));

    } else if (total > 0 && conflicts == total) {
        (void) drs_json_set_bool(body, "alreadyTerminated", 1);
    }

    return drsw_answer_body(t->answer, 200, body);
}


static int
drsw_terminate_wait(drsw_terminate_t *t)
{
    int     rc;
    int64_t until;

    until = drsw_mono_ms() + DRSW_TERM_WAIT;

    for (;;) {
        rc = drsw_terminate_read(t);

        if (rc != DRS_OK) {
            return rc;
        }

        if (drsw_terminate_settled(t) || drsw_mono_ms() >= until
            || drsw_sleep_ms(t->ctx, DRSW_TERM_PAUSE) != DRS_OK)
        {
            return drsw_terminate_answer(t);
        }
    }
}


int
drsw_cmd_terminate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer)
{
    int              rc;
    drsw_terminate_t t;

    memset(&t, 0, sizeof(t));
    t.ctx = ctx;
    t.cmd = cmd;
    t.answer = answer;
    t.id = drs_json_field(cmd->payload, "executionId");
    t.confirm = json_is_true(json_object_get(cmd->payload, "confirmPaused"));
    t.statuses = json_object();

    if (!drs_id_is_uuid4(t.id)) {
        json_decref(t.statuses);
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "executionId"),
                                 "executionId must be a UUID.");
    }

    drsw_log_execution(ctx->log, t.id.data);
    rc = drsw_terminate_read(&t);

    if (rc == DRS_OK) {
        rc = drsw_terminate_check(&t);
    }

    if (rc == DRS_OK && !drsw_terminate_is_mine(&t)) {
        rc = drsw_terminate_begin(&t);
    }

    if (rc == DRS_OK) {
        rc = drsw_terminate_wait(&t);
    }

    drs_exec_free(t.e);
    json_decref(t.plan);
    json_decref(t.statuses);
    return rc == DRS_DECLINED ? DRS_OK : rc;
}
