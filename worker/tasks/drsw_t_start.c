
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command exec.start.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drs_model_plan.h"

#include "drsw_start.h"
#include "drsw_tasks.h"


void
drsw_start_warn(drsw_start_t *s, const char *code, json_t *server_ids,
                const char *fmt, ...)
{
    char    text[512];
    json_t *w;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    w = json_pack("{s:s, s:s}", "code", code, "message", text);

    if (server_ids != NULL) {
        (void) json_object_set_new(w, "serverIds", server_ids);
    }

    (void) json_array_append_new(s->warnings, w);
}


int
drsw_start_unknown(drsw_start_t *s, const drsw_place_t *place)
{
    json_t     *details;
    const char *code;

    code = "LIMITS_UNKNOWN";

    if (place->code != NULL
        && (strcmp(place->code, "DRS_NOT_INITIALIZED") == 0
            || strcmp(place->code, "REGION_NOT_ENABLED") == 0
            || strcmp(place->code, "INVALID_ACCOUNT") == 0))
    {
        code = place->code;
    }

    details = json_pack("{s:[{s:s, s:s, s:s}], s:s}", "accounts", "accountId",
                        place->access.account, "region", place->access.region,
                        "reason", place->text, "region", place->access.region);

    (void) drsw_answer_error(s->answer, code, details,
                             "The start was refused, nothing was changed: %s",
                             place->text);
    return DRS_DECLINED;
}


/* The numbers of `waves` in the request must be waves of the plan. */
static int
drsw_start_selected(drsw_start_t *s, size_t number)
{
    size_t  i;
    json_t *list, *v;

    list = json_object_get(s->request, "waves");

    if (json_array_size(list) == 0) {
        return 1;
    }

    json_array_foreach (list, i, v) {
        if (json_integer_value(v) == (json_int_t) number) {
            return 1;
        }
    }

    return 0;
}


static int
drsw_start_subset(drsw_start_t *s)
{
    size_t  i, n;
    json_t *v;

    n = json_array_size(json_object_get(s->plan, "waves"));

    json_array_foreach (json_object_get(s->request, "waves"), i, v) {
        if (!json_is_integer(v) || json_integer_value(v) < 0
            || (size_t) json_integer_value(v) >= n)
        {
            (void) drsw_answer_error(
                s->answer, "INVALID_PARAMETER",
                json_pack("{s:s, s:O, s:s}", "parameter", "waves", "value", v,
                          "expected", "numbers of waves of the plan"),
                "waves: the plan has no wave with this number.");
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


int
drsw_start_load(drsw_start_t *s)
{
    int       rc;
    json_t   *ids, *groups;
    drs_str_t plan_id, type;

    plan_id = drs_json_field(s->request, "planId");
    type = drs_json_field(s->request, "executionType");

    if (!drs_str_ieqz(type, "DRILL") && !drs_str_ieqz(type, "RECOVERY")) {
        (void) drsw_answer_error(s->answer, "INVALID_EXECUTION_TYPE",
                                 json_pack("{s:s, s:[s, s]}", "field",
                                           "executionType", "allowedValues",
                                           "DRILL", "RECOVERY"),
                                 "executionType must be DRILL or RECOVERY.");
        return DRS_DECLINED;
    }

    s->drill = drs_str_ieqz(type, "DRILL");

    rc = drsw_load_doc(s->ctx, DRS_KEY_PLAN, plan_id, &s->plan);

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(
            s->answer, "RECOVERY_PLAN_NOT_FOUND",
            json_pack("{s:s%}", "planId", plan_id.data, plan_id.len),
            "There is no recovery plan %.*s.", DRS_STR_ARG(plan_id));
        return rc;
    }

    if (rc != DRS_OK) {
        return rc;
    }

    if (json_array_size(json_object_get(s->plan, "waves")) == 0) {
        (void) drsw_answer_error(
            s->answer, "PLAN_HAS_NO_WAVES",
            json_pack("{s:O, s:O}", "planId",
                      json_object_get(s->plan, "planId"), "planName",
                      json_object_get(s->plan, "planName")),
            "The plan has no waves.");
        return DRS_DECLINED;
    }

    rc = drsw_start_subset(s);

    if (rc != DRS_OK) {
        return rc;
    }

    ids = drs_model_plan_groups(s->plan);
    rc = drsw_load_docs(s->ctx, DRS_KEY_PG, ids, &groups);
    json_decref(ids);

    if (rc == DRS_OK) {
        drsw_resolver_init(&s->resolver, s->ctx, groups, 0,
                           s->ctx->conf->inventory_launch_fresh_ms);
    }

    return rc;
}


int
drsw_start_resolve(drsw_start_t *s)
{
    int           rc;
    size_t        n;
    json_t       *wave, *servers, *entry;
    const char   *missing;
    drsw_place_t *place;

    json_array_foreach (json_object_get(s->plan, "waves"), n, wave) {
        if (!drsw_start_selected(s, n)) {
            entry = json_pack("{s:O, s:b, s:[]}", "wave", wave, "selected", 0,
                              "servers");
            (void) json_array_append_new(s->waves, entry);
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

        entry = json_pack("{s:O, s:b, s:o}", "wave", wave, "selected", 1,
                          "servers", servers);

        if (entry == NULL || json_array_append_new(s->waves, entry) != 0) {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}


static int
drsw_start_dry(drsw_start_t *s)
{
    (void) drsw_answer_body(
        s->answer, 200,
        json_pack("{s:b, s:b, s:O, s:s, s:O}", "dryRun", 1, "valid", 1,
                  "planId", json_object_get(s->plan, "planId"), "message",
                  "All checks passed; nothing was started.", "warnings",
                  s->warnings));
    return DRS_DECLINED;
}


static int
drsw_start_steps(drsw_start_t *s)
{
    int    rc;
    size_t i;

    static int (*const steps[])(drsw_start_t * s) = {
        drsw_start_load,      drsw_start_resolve,   drsw_start_duplicates,
        drsw_start_executing, drsw_start_conflicts, drsw_start_existing,
        drsw_start_limits,    drsw_start_health,    drsw_start_points
    };

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i](s);

        if (rc != DRS_OK) {
            return rc;
        }
    }

    if (json_is_true(json_object_get(s->request, "dryRun"))) {
        return drsw_start_dry(s);
    }

    return drsw_start_create(s);
}


/* A repeat of a command that made its execution answers as the first one. */
static int
drsw_start_repeat(drsw_start_t *s)
{
    int          rc, same;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "HGET");
    (void) drs_cmd_key1(cmd, drsw_redis_prefix(s->ctx->redis), DRS_KEY_EXEC,
                        s->id);
    (void) drs_cmd_addz(cmd, "commandId");

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    same = (rc == DRS_OK && reply.r.n > 0
            && drs_str_eqz(reply.r.v[0], s->cmd->id));
    drsw_reply_free(&reply);

    return rc != DRS_OK ? rc : (same ? DRS_DECLINED : DRS_OK);
}


int
drsw_start_answer(drsw_start_t *s)
{
    return drsw_answer_body(
        s->answer, 202,
        json_pack(
            "{s:s%, s:s, s:s, s:o}", "executionId", s->id.data, s->id.len,
            "status", "PENDING", "message",
            s->drill ? "The drill was accepted." : "The recovery was accepted.",
            "statusUrl", json_sprintf("/executions/%.*s", DRS_STR_ARG(s->id))));
}


int
drsw_cmd_start(drsw_ctx_t *ctx, const drsw_command_t *cmd,
               drsw_answer_t *answer)
{
    int          rc;
    drsw_start_t s;

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.cmd = cmd;
    s.answer = answer;
    s.request = cmd->payload;
    s.id = drs_json_field(cmd->payload, "executionId");
    s.waves = json_array();
    s.warnings = json_array();
    s.jobs = json_object();

    if (!drs_id_is_uuid4(s.id)) {
        rc = drsw_answer_error(answer, "INVALID_PARAMETER",
                               json_pack("{s:s}", "parameter", "executionId"),
                               "executionId must be a UUID.");

    } else {
        drsw_log_execution(ctx->log, s.id.data);
        rc = drsw_start_repeat(&s);

        if (rc == DRS_DECLINED) {
            s.drill = drs_str_ieqz(drs_json_field(s.request, "executionType"),
                                   "DRILL");
            rc = drsw_start_answer(&s);

        } else if (rc == DRS_OK) {
            rc = drsw_start_steps(&s);
        }
    }

    drsw_resolver_free(&s.resolver);
    json_decref(s.plan);
    json_decref(s.waves);
    json_decref(s.warnings);
    json_decref(s.jobs);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
