
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands wave.retry, wave.skip, unit.resolve (api.md, T19d to
 * T19f): an operator's request is put to the engine under the lease of the
 * execution's task, which is borrowed for one step.
 *
 *   wave.retry    {executionId, waveNumber, serverIds?, reason?,
 *                  allowDegraded?, allowUnknownLimits?, overrideReason?}
 *   wave.skip     {executionId, waveNumber, reason}
 *   unit.resolve  {executionId, unitId, action: ADOPT|RETRY|FAIL, jobId?,
 *                  reason}
 */

#include <stdlib.h>
#include <string.h>

#include "drs_store_work.h"
#include "drs_view_exec.h"

#include "drsw_exec.h"
#include "drsw_start.h"
#include "drsw_tasks.h"


#define DRSW_BORROW_WAIT  10000 /* ms */
#define DRSW_BORROW_PAUSE 25
#define DRSW_LOOK_BACK    INT64_C(120000)


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    drsw_answer_t        *answer;
    drs_str_t             id;
    char                  task[64];
    uint64_t              fence;
    drsw_request_t        req;
    char                 *audit;     /* owned */
    char                 *overrides; /* owned */
    const char          **servers;   /* owned */
    drsw_run_t            run;
    drsw_verdict_t        verdict;
} drsw_ask_t;


/* -- the lease ------------------------------------------------------------ */

/* DRS_OK; DRS_AGAIN: somebody else has it; DRS_ERROR. */
static int
drsw_borrow_once(drsw_ask_t *a)
{
    int          rc;
    size_t       pos;
    drs_str_t    task;
    drsw_reply_t reply;
    drs_answer_t answer;

    rc = drsw_store_call(a->ctx,
                         drs_store_task_claim(drsw_redis_prefix(a->ctx->redis),
                                              drs_str(a->ctx->owner), 1,
                                              a->ctx->conf->lease_ms,
                                              drs_str(a->task)),
                         &reply, &answer);
    pos = 0;

    if (rc == DRS_OK) {
        rc = drs_store_task_next(&answer, &pos, &task, &a->fence);
        rc = (rc == DRS_DECLINED) ? DRS_AGAIN : rc;
    }

    drsw_reply_free(&reply);
    return rc == DRS_DECLINED ? DRS_ERROR : rc;
}


static int
drsw_borrow(drsw_ask_t *a)
{
    int     rc;
    int64_t until;

    until = drsw_mono_ms() + DRSW_BORROW_WAIT;

    for (;;) {
        rc = drsw_task_due(a->ctx, a->task, DRSW_NOW);
        rc = (rc == DRS_OK) ? drsw_borrow_once(a) : rc;

        if (rc != DRS_AGAIN) {
            return rc;
        }

        if (drsw_mono_ms() >= until
            || drsw_sleep_ms(a->ctx, DRSW_BORROW_PAUSE) != DRS_OK)
        {
            (void) drsw_answer_fail(a->answer, "the execution is being "
                                               "worked on");
            return DRS_ERROR;
        }
    }
}


static void
drsw_give_back(drsw_ask_t *a)
{
    drsw_reply_t reply;
    drs_answer_t answer;

    (void) drsw_store_call(
        a->ctx,
        drs_store_task_release(drsw_redis_prefix(a->ctx->redis),
                               drs_str(a->task), drs_str(a->ctx->owner),
                               a->fence, drsw_now_ms(a->ctx)),
        &reply, &answer);
    drsw_reply_free(&reply);
}


/* -- the request ---------------------------------------------------------- */

/* Jobs and servers of the unit as they are now, for ADOPT and RETRY. */
static int
drsw_ask_look(drsw_ask_t *a)
{
    drsw_plan_t      plan;
    drsw_effect_t    eff;
    drs_exec_unit_t *u;

    u = drs_exec_unit(a->run.e, a->req.unit);

    if (u == NULL) {
        return DRS_OK;
    }

    memset(&plan, 0, sizeof(plan));
    memset(&eff, 0, sizeof(eff));
    plan.next = a->run.e;
    a->run.plan = &plan;

    eff.unit = u->id;
    eff.account = u->account;
    eff.region = u->region;
    eff.from_at = u->intent_at - DRSW_LOOK_BACK;

    return drsw_run_ask_look(&a->run, &eff);
}


static int
drsw_ask_step(drsw_ask_t *a)
{
    int rc, tries;

    rc = DRS_AGAIN;

    for (tries = 0; rc == DRS_AGAIN && tries < 10; tries++) {
        rc = drsw_run_load(&a->run);

        if (rc == DRS_OK && a->req.unit != NULL && tries == 0) {
            if (drs_exec_unit(a->run.e, a->req.unit) == NULL) {
                (void) drsw_answer_error(
                    a->answer, "UNIT_NOT_FOUND",
                    json_pack("{s:s%, s:s}", "executionId", a->id.data,
                              a->id.len, "unitId", a->req.unit),
                    "The execution has no launch unit %s.", a->req.unit);
                return DRS_DECLINED;
            }

            rc = drsw_ask_look(a);
        }

        if (rc == DRS_OK) {
            rc = drsw_run_request(&a->run, &a->req, &a->verdict);
        }
    }

    /* lost after all: nothing was written */

    return rc == DRS_OK ? DRS_OK : DRS_ERROR;
}


/* "retry", "skip", "resolve": names of the events and of the trail. */
static const char *
drsw_ask_word(const drsw_ask_t *a)
{
    return a->req.type == DRSW_REQ_RETRY  ? "retry"
           : a->req.type == DRSW_REQ_SKIP ? "skip"
                                          : "resolve";
}


/* A refusal is an event too, as those of pause, resume and cancel are. */
static void
drsw_ask_refused_event(drsw_ask_t *a)
{
    char   *event;
    json_t *data;

    data = json_pack("{s:s, s:b, s:s, s:s*}", "command", drsw_ask_word(a),
                     "accepted", 0, "code", a->verdict.code, "reason",
                     a->req.reason);
    event =
        drsw_event_text(drsw_now_ms(a->ctx), "execution.command", "executions",
                        "execution", a->id, drs_str(a->req.actor), a->id,
                        drs_str(a->run.e->plan_id), drs_str(NULL), data);
    (void) drsw_store_do(a->ctx,
                         drs_store_note_exec(drsw_redis_prefix(a->ctx->redis),
                                             a->id, drs_str(event)));
    free(event);
}


static int
drsw_ask_refused(drsw_ask_t *a)
{
    json_t          *details;
    drs_exec_wave_t *w;

    drsw_ask_refused_event(a);

    details = json_pack("{s:s, s:s}", "currentStatus", a->run.e->status,
                        "reason", a->verdict.message);

    if (a->req.unit != NULL) {
        (void) drs_json_set_str(details, "unitId", drs_str(a->req.unit));

    } else {
        (void) drs_json_set_int(details, "waveNumber", a->req.wave);
        w = drs_exec_wave(a->run.e, a->req.wave);

        if (w != NULL) {
            (void) drs_json_set_str(details, "waveStatus",
                                    drs_str(drs_wave_status_name(w->status)));
        }
    }

    return drsw_answer_error(a->answer, a->verdict.code, details,
                             "The request was refused: %s.",
                             a->verdict.message);
}


/* The entry that the commit stores: who, what, why, which overrides. */
static int
drsw_ask_audit(drsw_ask_t *a)
{
    char    action[32];
    size_t  i;
    json_t *after, *more, *v;

    static const char *const names[] = { "waveNumber",    "unitId",
                                         "action",        "jobId",
                                         "serverIds",     "reason",
                                         "allowDegraded", "allowUnknownLimits",
                                         "overrideReason" };

    after = json_object();
    more = json_object();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(a->cmd->payload, names[i]);

        if (v != NULL && !json_is_false(v)) {
            (void) json_object_set(after, names[i], v);
        }
    }

    (void) json_object_set(more, "reason",
                           json_object_get(a->cmd->payload, "reason"));
    (void) json_object_set(more, "overrideReason",
                           json_object_get(a->cmd->payload, "overrideReason"));

    (void) snprintf(action, sizeof(action), "exec.%s", drsw_ask_word(a));
    a->audit =
        drsw_audit_text(a->cmd, action, "execution", a->id, NULL, after, more);
    a->req.audit = a->audit;
    json_decref(after);
    json_decref(more);

    return a->audit != NULL ? DRS_OK : DRS_ERROR;
}


/* A task of an execution that does not exist is never granted. */
static int
drsw_ask_exists(drsw_ask_t *a)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("HGET", drsw_redis_prefix(a->ctx->redis), DRS_KEY_EXEC,
                       a->id);
    (void) drs_cmd_addz(cmd, "status");
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(a->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && (reply.r.n == 0 || reply.r.v[0].len == 0)) {
        (void) drsw_answer_error(
            a->answer, "EXECUTION_NOT_FOUND",
            json_pack("{s:s%}", "executionId", a->id.data, a->id.len),
            "There is no execution %.*s.", DRS_STR_ARG(a->id));
        rc = DRS_DECLINED;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* DRS_OK: the command was applied before, its answer was lost. */
static int
drsw_ask_repeated(drsw_ask_t *a)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("HGET", drsw_redis_prefix(a->ctx->redis), DRS_KEY_EXEC,
                       a->id);
    (void) drs_cmd_addz(cmd, "lastRequest");
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(a->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK
        && (reply.r.n == 0 || !drs_str_eqz(reply.r.v[0], a->cmd->id))) {
        rc = DRS_DECLINED;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* The verdict of a repeated command by what the record says now. */
static int
drsw_ask_again(drsw_ask_t *a)
{
    int              rc;
    drs_exec_wave_t *w;
    drs_exec_unit_t *u;

    rc = drsw_run_load(&a->run);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    u = a->req.unit != NULL ? drs_exec_unit(a->run.e, a->req.unit) : NULL;
    w = drs_exec_wave(a->run.e, u != NULL ? u->wave : a->req.wave);

    a->verdict.ok = true;
    a->verdict.code = a->verdict.message = "";
    a->verdict.attempt = w != NULL ? w->attempt : 0;
    a->verdict.status = drs_arena_strz(a->run.keep, a->run.e->status);
    a->verdict.wave_status = w != NULL ? drs_wave_status_name(w->status) : "";

    drsw_info(a->ctx->log, "command was applied before, answered again");
    return DRS_OK;
}


/* Result as DRS_OK with the record after the change, or the answer is set. */
static int
drsw_ask(drsw_ask_t *a)
{
    int rc;

    (void) snprintf(a->task, sizeof(a->task), "exec:%.*s", DRS_STR_ARG(a->id));

    rc = drsw_ask_exists(a);
    rc = (rc == DRS_OK) ? drsw_ask_audit(a) : rc;
    rc = (rc == DRS_OK) ? drsw_borrow(a) : rc;

    if (rc != DRS_OK) {
        return rc;
    }

    rc = drsw_run_init(&a->run, a->ctx, a->id.data, a->fence);

    if (rc == DRS_OK) {
        rc = drsw_ask_repeated(a);
        rc = (rc == DRS_DECLINED) ? drsw_ask_step(a)
             : (rc == DRS_OK)     ? drsw_ask_again(a)
                                  : rc;
    }

    if (rc == DRS_OK && !a->verdict.ok) {
        rc = drsw_ask_refused(a);
        rc = (rc == DRS_OK) ? DRS_DECLINED : rc;

    } else if (rc == DRS_OK) {
        rc = drsw_run_load(&a->run);
    }

    drsw_give_back(a);
    return rc;
}


static int
drsw_ask_init(drsw_ask_t *a, drsw_ctx_t *ctx, const drsw_command_t *cmd,
              drsw_answer_t *answer)
{
    memset(a, 0, sizeof(*a));
    a->ctx = ctx;
    a->cmd = cmd;
    a->answer = answer;
    a->req.id = cmd->id;
    a->run.ctx = ctx;
    a->id = drs_json_field(cmd->payload, "executionId");
    a->req.actor = drsw_actor_label(cmd->actor).data;
    a->req.reason = json_string_value(json_object_get(cmd->payload, "reason"));
    a->req.wave = (int) drs_json_int(cmd->payload, "waveNumber", -1);

    if (!drs_id_is_uuid4(a->id)) {
        (void) drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "executionId"),
                                 "executionId must be a UUID.");
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* What the payload allows, as JSON text; NULL: nothing. */
static char *
drsw_ask_overrides(const json_t *payload)
{
    char   *text;
    size_t  i;
    json_t *o, *v;

    static const char *const names[] = { "allowDegraded",
                                         "allowUnknownLimits" };

    o = json_object();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(payload, names[i]);

        if (json_is_true(v)) {
            (void) json_object_set(o, names[i], v);
        }
    }

    text = NULL;

    if (json_object_size(o) > 0) {
        (void) json_object_set(o, "overrideReason",
                               json_object_get(payload, "overrideReason"));
        text = drs_json_text(o, NULL);
    }

    json_decref(o);

    return text;
}


static int
drsw_ask_done(drsw_ask_t *a, int rc)
{
    free(a->overrides);
    drsw_run_free(&a->run);
    free(a->servers);
    free(a->audit);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


/* -- the commands --------------------------------------------------------- */

/* Servers of the new attempt. */
static json_t *
drsw_retry_servers(const drsw_ask_t *a)
{
    size_t                   i;
    json_t                  *ids;
    const drs_exec_server_t *s;

    ids = json_array();

    for (i = 0; i < a->run.e->nservers; i++) {
        s = &a->run.e->servers[i];

        if (s->wave == a->req.wave && s->attempt == a->verdict.attempt) {
            (void) json_array_append_new(ids, json_string(s->id));
        }
    }

    return ids;
}


/* T19d: as T12 for these servers.  What the engine refuses is left to it. */
static int
drsw_retry_check(drsw_ask_t *a)
{
    int         rc;
    drs_exec_t *e;

    rc = drsw_record_load(a->ctx, a->id.data, &e);

    if (rc == DRS_OK) {
        rc = drsw_start_retry_check(a->ctx, a->cmd, a->answer, e, &a->req);
        drs_exec_free(e);
        return rc;
    }

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


int
drsw_cmd_wave_retry(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer)
{
    int        rc;
    size_t     i;
    json_t    *list, *v;
    drsw_ask_t a;

    rc = drsw_ask_init(&a, ctx, cmd, answer);
    list = json_object_get(cmd->payload, "serverIds");
    a.req.type = DRSW_REQ_RETRY;
    a.req.allow_unknown =
        json_is_true(json_object_get(cmd->payload, "allowUnknownLimits"));
    a.overrides = drsw_ask_overrides(cmd->payload);
    a.req.overrides = a.overrides;

    if (rc == DRS_OK && json_array_size(list) > 0) {
        a.servers = calloc(json_array_size(list), sizeof(char *));

        if (a.servers == NULL) {
            return drsw_ask_done(&a, DRS_ERROR);
        }

        json_array_foreach (list, i, v) {
            if (json_is_string(v)) {
                a.servers[a.req.nservers++] = json_string_value(v);
            }
        }

        a.req.servers = a.servers;
    }

    rc = (rc == DRS_OK) ? drsw_retry_check(&a) : rc;
    rc = (rc == DRS_OK) ? drsw_ask(&a) : rc;

    if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 202,
            json_pack("{s:s%, s:i, s:i, s:o, s:s}", "executionId", a.id.data,
                      a.id.len, "waveNumber", a.req.wave, "attempt",
                      a.verdict.attempt, "serverIds", drsw_retry_servers(&a),
                      "status", a.verdict.status));
    }

    return drsw_ask_done(&a, rc);
}


int
drsw_cmd_wave_skip(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer)
{
    int        rc;
    drsw_ask_t a;

    rc = drsw_ask_init(&a, ctx, cmd, answer);
    a.req.type = DRSW_REQ_SKIP;

    if (rc == DRS_OK && (a.req.reason == NULL || a.req.reason[0] == '\0')) {
        (void) drsw_answer_error(answer, "MISSING_FIELD",
                                 json_pack("{s:s}", "field", "reason"),
                                 "reason is required.");
        rc = DRS_DECLINED;
    }

    rc = (rc == DRS_OK) ? drsw_ask(&a) : rc;

    if (rc == DRS_OK) {
        rc = drsw_answer_body(answer, 200,
                              json_pack("{s:s%, s:i, s:s, s:s}", "executionId",
                                        a.id.data, a.id.len, "waveNumber",
                                        a.req.wave, "status", a.verdict.status,
                                        "waveStatus", a.verdict.wave_status));
    }

    return drsw_ask_done(&a, rc);
}


static int
drsw_resolve_action(drsw_ask_t *a)
{
    drs_str_t action;

    action = drs_json_field(a->cmd->payload, "action");
    a->req.unit = json_string_value(json_object_get(a->cmd->payload, "unitId"));
    a->req.job = json_string_value(json_object_get(a->cmd->payload, "jobId"));

    if (drs_str_eqz(action, "ADOPT")) {
        a->req.type = DRSW_REQ_ADOPT;

    } else if (drs_str_eqz(action, "RETRY")) {
        a->req.type = DRSW_REQ_RETRY_UNIT;

    } else if (drs_str_eqz(action, "FAIL")) {
        a->req.type = DRSW_REQ_FAIL_UNIT;

    } else {
        (void) drsw_answer_error(a->answer, "INVALID_PARAMETER",
                                 json_pack("{s:s, s:s}", "parameter", "action",
                                           "expected", "ADOPT, RETRY or FAIL"),
                                 "action must be ADOPT, RETRY or FAIL.");
        return DRS_DECLINED;
    }

    if (a->req.unit == NULL
        || (a->req.type == DRSW_REQ_ADOPT && a->req.job == NULL))
    {
        (void) drsw_answer_error(
            a->answer, "MISSING_FIELD",
            json_pack("{s:s}", "field",
                      a->req.unit == NULL ? "unitId" : "jobId"),
            "%s is required.", a->req.unit == NULL ? "unitId" : "jobId");
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drsw_cmd_unit_resolve(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    int              rc;
    drsw_ask_t       a;
    drs_exec_unit_t *u;

    rc = drsw_ask_init(&a, ctx, cmd, answer);
    rc = (rc == DRS_OK) ? drsw_resolve_action(&a) : rc;
    rc = (rc == DRS_OK) ? drsw_ask(&a) : rc;

    if (rc == DRS_OK) {
        u = drs_exec_unit(a.run.e, a.req.unit);
        rc = u != NULL ? drsw_answer_body(answer, 200,
                                          drs_view_exec_unit(a.run.e, u, 1))
                       : DRS_ERROR;
    }

    return drsw_ask_done(&a, rc);
}
