
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands exec.resume (api.md EX8: the checks of T12 before a paused run goes
 * on) and exec.poll.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_model_plan.h"

#include "drsw_exec.h"
#include "drsw_start.h"
#include "drsw_tasks.h"


static int
drsw_resume_not_found(drsw_answer_t *answer, drs_str_t id)
{
    (void) drsw_answer_error(
        answer, "EXECUTION_NOT_FOUND",
        json_pack("{s:s%}", "executionId", id.data, id.len),
        "There is no execution %.*s.", DRS_STR_ARG(id));
    return DRS_DECLINED;
}


/* Waves that have not started, with their servers as they are now. */
static int
drsw_resume_waves(drsw_start_t *s, const drs_exec_t *e)
{
    int           rc;
    size_t        n;
    json_t       *wave, *servers;
    const char   *missing;
    drsw_place_t *place;

    json_array_foreach (json_object_get(s->plan, "waves"), n, wave) {
        if (n >= e->nwaves || !e->waves[n].selected
            || e->waves[n].status != DRS_WAVE_PENDING)
        {
            continue;
        }

        rc = drsw_resolver_wave(&s->resolver, wave, &servers, &place, &missing);

        if (rc == DRS_DECLINED && place != NULL) {
            return drsw_start_unknown(s, place);
        }

        if (rc == DRS_DECLINED) {
            (void) drsw_answer_error(
                s->answer, "PG_NOT_FOUND",
                json_pack("{s:s, s:s, s:i}", "field", "waves",
                          "protectionGroupId", missing, "waveNumber", (int) n),
                "Wave %zu names a protection group that does not exist.", n);
            return rc;
        }

        if (rc != DRS_OK) {
            return rc;
        }

        (void) json_array_append_new(
            s->waves, json_pack("{s:O, s:b, s:o}", "wave", wave, "selected", 1,
                                "servers", servers));
    }

    return DRS_OK;
}


/* Request of the start with what the resume allows in addition. */
static json_t *
drsw_resume_request(const drs_exec_t *e, const json_t *payload)
{
    json_t *request;

    request = json_copy(json_object_get(e->doc, "request"));

    if (request == NULL) {
        request = json_object();
    }

    (void) json_object_update(request, json_object_get(payload, "overrides"));
    return request;
}


static int
drsw_resume_check(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer, const drs_exec_t *e)
{
    int          rc;
    json_t      *ids, *groups, *request;
    drsw_start_t s;

    memset(&s, 0, sizeof(s));
    request = drsw_resume_request(e, cmd->payload);

    s.ctx = ctx;
    s.cmd = cmd;
    s.answer = answer;
    s.request = request;
    s.id = drs_str(e->id);
    s.drill = e->drill;
    s.plan = json_incref(json_object_get(e->doc, "plan"));
    s.waves = json_array();
    s.warnings = json_array();
    s.jobs = json_object();

    ids = drs_model_plan_groups(s.plan);
    rc = drsw_load_docs(ctx, DRS_KEY_PG, ids, &groups);
    json_decref(ids);

    if (rc == DRS_OK) {
        drsw_resolver_init(&s.resolver, ctx, groups, 0,
                           ctx->conf->inventory_launch_fresh_ms);

        rc = drsw_resume_waves(&s, e);
        rc = (rc == DRS_OK) ? drsw_start_conflicts(&s) : rc;
        rc = (rc == DRS_OK) ? drsw_start_limits(&s) : rc;
        rc = (rc == DRS_OK) ? drsw_start_health(&s) : rc;

        drsw_resolver_free(&s.resolver);
    }

    json_decref(request);
    json_decref(s.plan);
    json_decref(s.waves);
    json_decref(s.warnings);
    json_decref(s.jobs);
    return rc;
}


static int
drsw_resume_refused(drsw_answer_t *answer, const drs_answer_t *a)
{
    char    code[64];
    json_t *details;

    if (a->code.len == 0 || a->code.len >= sizeof(code)) {
        return DRS_ERROR;
    }

    memcpy(code, a->code.data, a->code.len);
    code[a->code.len] = '\0';

    details = json_object();
    (void) drs_json_set_str(details, "currentStatus",
                            drs_answer_detail(a, "currentStatus", NULL));
    (void) drs_json_set_str(details, "reason",
                            drs_answer_detail(a, "reason", NULL));

    return drsw_answer_error(answer, code, details, "%.*s",
                             DRS_STR_ARG(a->text));
}


/* The transition itself: one compare-and-set of the library. */
static int
drsw_resume_apply(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer, drs_str_t id)
{
    int                       rc;
    char                     *extra, *audit;
    json_t                   *fields, *overrides, *after, *more;
    drs_cmd_t                *call;
    drsw_reply_t              reply;
    drs_answer_t              a;
    drs_exec_command_answer_t out;

    overrides = json_object_get(cmd->payload, "overrides");
    extra = drs_json_text(overrides, NULL);
    after = json_pack("{s:O*, s:O*}", "overrides", overrides, "reason",
                      json_object_get(cmd->payload, "notes"));
    more = json_pack("{s:O*}", "overrideReason",
                     json_object_get(overrides, "overrideReason"));
    audit =
        drsw_audit_text(cmd, "exec.resume", "execution", id, NULL, after, more);
    json_decref(after);
    json_decref(more);

    call = drs_store_exec_command_link(
        drsw_redis_prefix(ctx->redis), id, "resume", drs_str(cmd->id),
        drs_str(cmd->actor_text), drs_json_field(cmd->payload, "notes"),
        drs_str(audit), drs_str(extra), drs_json_field(cmd->payload, "link"));
    free(extra);
    free(audit);
    memset(&reply, 0, sizeof(reply));

    rc = call != NULL ? drsw_redis_cmd(ctx->redis, call, &reply) : DRS_ERROR;
    drs_cmd_free(call);

    if (rc == DRS_OK) {
        rc = drs_store_exec_command_answer(&reply.r, &a, &out);

        if (rc == DRS_DECLINED) {
            rc = drsw_resume_refused(answer, &a);

        } else if (rc == DRS_OK) {
            fields = drs_json_parse(out.fields, NULL, NULL);
            rc = drsw_answer_body(
                answer, 200,
                json_pack("{s:s%, s:s, s:s, s:I}", "executionId", id.data,
                          id.len, "status", "RESUMING", "message",
                          "The execution goes on.", "nextWave",
                          (json_int_t) drs_json_int(fields, "nextWave", 0)));
            json_decref(fields);
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_cmd_resume(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                drsw_answer_t *answer)
{
    int         rc;
    drs_str_t   id;
    drs_exec_t *e;

    id = drs_json_field(cmd->payload, "executionId");

    if (!drs_id_is_uuid4(id)) {
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "executionId"),
                                 "executionId must be a UUID.");
    }

    drsw_log_execution(ctx->log, id.data);
    rc = drsw_record_load(ctx, id.data, &e);

    if (rc == DRS_DECLINED) {
        (void) drsw_resume_not_found(answer, id);
        return DRS_OK;
    }

    if (rc != DRS_OK) {
        return rc;
    }

    if (strcmp(e->status, "PAUSED") == 0) {
        rc = drsw_resume_check(ctx, cmd, answer, e);
    }

    if (rc == DRS_OK) {
        rc = drsw_resume_apply(ctx, cmd, answer, id);
    }

    drs_exec_free(e);
    return rc == DRS_DECLINED ? DRS_OK : rc;
}


/* -- exec.poll ------------------------------------------------------------ */

int
drsw_cmd_poll(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    int         rc;
    char        task[80];
    size_t      i;
    json_t     *seen;
    drs_str_t   id;
    drs_exec_t *e;

    id = drs_json_field(cmd->payload, "executionId");

    if (!drs_id_is_uuid4(id)) {
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "executionId"),
                                 "executionId must be a UUID.");
    }

    rc = drsw_record_load(ctx, id.data, &e);

    if (rc == DRS_DECLINED) {
        (void) drsw_resume_not_found(answer, id);
        return DRS_OK;
    }

    seen = json_object();

    for (i = 0; rc == DRS_OK && i < e->nunits; i++) {
        (void) snprintf(task, sizeof(task), "poll:%s:%s", e->units[i].account,
                        e->units[i].region);

        if (e->units[i].state == DRS_UNIT_STARTED
            && json_object_get(seen, task) == NULL)
        {
            (void) json_object_set_new(seen, task, json_true());
            rc = drsw_task_due(ctx, task, DRSW_NOW);
        }
    }

    if (rc == DRS_OK) {
        rc = drsw_answer_body(
            answer, 200,
            json_pack("{s:s%, s:I, s:s}", "executionId", id.data, id.len,
                      "polls", (json_int_t) json_object_size(seen), "message",
                      "The jobs are being polled."));
    }

    json_decref(seen);
    drs_exec_free(e);
    return rc;
}
