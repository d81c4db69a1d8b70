/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_schedule.h"
#include "drs_rbac.h"

#include "drsw_auth.h"
#include "drsw_schedule.h"
#include "drsw_tasks.h"
#include "drsw_worker.h"
#include "drsw_zone.h"


#define DRSW_SCHEDULE_LOCAL    "local:"
#define DRSW_SCHEDULE_START_MS 120000 /* a start that is slower is given up */


/* -- times ---------------------------------------------------------------- */

int
drsw_schedule_times(drsw_ctx_t *ctx, const json_t *doc,
                    drsw_schedule_times_t *t, const char **code, char *err,
                    size_t errlen)
{
    const char *fault;

    memset(t, 0, sizeof(*t));
    fault = "";

    if (drs_cron_parse(&t->cron, drs_json_field(doc, "cron"), &fault) != DRS_OK)
    {
        *code = "INVALID_CRON";
        (void) snprintf(err, errlen, "%s", fault);
        return DRS_DECLINED;
    }

    *code = "INVALID_TIME_ZONE";

    return drsw_zone_load(ctx->conf, drs_json_field(doc, "timeZone"),
                          drsw_now_ms(ctx) / 1000, &t->tz, err, errlen);
}


void
drsw_schedule_times_free(drsw_schedule_times_t *t)
{
    drs_tz_free(&t->tz);
}


int64_t
drsw_schedule_next(const drsw_schedule_times_t *t, int64_t now_ms)
{
    int64_t s;

    /* a due time in this very second has come already */
    return drs_cron_next(&t->cron, &t->tz, now_ms / 1000, &s) == DRS_OK
               ? s * 1000
               : 0;
}


/* -- rights --------------------------------------------------------------- */

/* Roles that a local user has now. */
static int
drsw_schedule_local(drsw_ctx_t *ctx, drs_str_t name, drs_roles_t *roles)
{
    int       rc;
    size_t    i, n;
    json_t   *user, *g;
    drs_str_t groups[DRSW_USER_MAX_GROUPS];

    *roles = 0;
    rc = drsw_user_load(ctx->redis, name, &user);

    if (rc != DRS_OK) {
        return rc;
    }

    n = 0;

    json_array_foreach (json_object_get(user, "groups"), i, g) {
        if (n < DRSW_USER_MAX_GROUPS) {
            groups[n++] = drs_json_str(g);
        }
    }

    if (!json_is_true(json_object_get(user, "disabled"))) {
        *roles = drs_rbac_roles(NULL, groups, n);
    }

    json_decref(user);

    return DRS_OK;
}


/* 1 if the subject is on the deny list for good. */
static int
drsw_schedule_revoked(drsw_ctx_t *ctx, drs_str_t sub, int *revoked)
{
    int          rc;
    int64_t      since;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("GET", drsw_redis_prefix(ctx->redis), DRS_KEY_REVOKED,
                       sub);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    /* a number only ends the tokens that were issued before */
    *revoked = rc == DRS_OK && reply.r.v[0].data != NULL
               && (drs_str_i64(reply.r.v[0], &since) != DRS_OK || since < 2);
    drsw_reply_free(&reply);

    return rc;
}


int
drsw_schedule_allowed(drsw_ctx_t *ctx, const json_t *doc, char *err,
                      size_t errlen)
{
    int           rc, role, revoked;
    size_t        i;
    json_t       *v;
    drs_str_t     sub, label;
    drs_roles_t   roles;
    drs_perms_t   perms;
    const json_t *editor;

    editor = json_object_get(doc, "editor");
    sub = drs_json_field(editor, "userId");
    label = drsw_actor_label(editor);
    roles = 0;
    rc = drsw_schedule_revoked(ctx, sub, &revoked);

    if (rc == DRS_OK && drs_str_starts(sub, DRSW_SCHEDULE_LOCAL)) {
        i = sizeof(DRSW_SCHEDULE_LOCAL) - 1;
        rc = drsw_schedule_local(ctx, drs_strn(sub.data + i, sub.len - i),
                                 &roles);
        rc = (rc == DRS_DECLINED) ? DRS_OK : rc;

    } else {
        json_array_foreach (json_object_get(editor, "roles"), i, v) {
            role = drs_role_by_name(drs_json_str(v));

            if (role >= 0) {
                roles |= drs_role_bit(role);
            }
        }
    }

    if (rc != DRS_OK) {
        return rc;
    }

    perms = drs_roles_perms(roles);

    if (revoked || !drs_perms_has(perms, DRS_PERM_START_RECOVERY)
        || !drs_perms_has(perms, DRS_PERM_MODIFY_RECOVERY_PLANS))
    {
        (void) snprintf(err, errlen,
                        "FORBIDDEN: %.*s, who saved the schedule last, may no "
                        "longer change plans and start recoveries.",
                        DRS_STR_ARG(label));
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* -- start ---------------------------------------------------------------- */

int
drsw_schedule_started(drsw_ctx_t *ctx, drs_str_t schedule, int64_t due_ms,
                      char execution[DRS_UUID_SIZE], int *started)
{
    int          rc;
    char         command[DRS_UUID_SIZE];
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *started = 0;

    if (drs_schedule_run_id(execution, "execution", schedule, due_ms) != DRS_OK
        || drs_schedule_run_id(command, "command", schedule, due_ms) != DRS_OK)
    {
        return DRS_ERROR;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("HGET", drsw_redis_prefix(ctx->redis), DRS_KEY_EXEC,
                       drs_str(execution));
    (void) drs_cmd_addz(cmd, "commandId");
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK) {
        *started = drs_str_eqz(reply.r.v[0], command);
    }

    drsw_reply_free(&reply);

    return rc;
}


/* A refusal is final, or may be another one later. */
static drsw_schedule_result_e
drsw_schedule_refused(const json_t *doc, drs_str_t code)
{
    size_t    i;
    drs_err_t err;

    static const char *const conflicts[] = { "PLAN_ALREADY_EXECUTING",
                                             "SERVER_CONFLICT",
                                             "EXISTING_RECOVERY_INSTANCES" };

    for (i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
        if (drs_str_eqz(code, conflicts[i])) {
            return json_is_true(json_object_get(doc, "skipIfConflict"))
                       ? DRSW_SCHEDULE_SKIPPED
                       : DRSW_SCHEDULE_LATER;
        }
    }

    err = drs_err_by_symbol(code);

    if (err == DRS_ERR_NONE) {
        err = drs_err_by_code(code);
    }

    return drs_str_eqz(code, "VERSION_CONFLICT") || drs_err_retryable(err)
                   || drs_err_status(err) == 429 || drs_err_status(err) >= 500
               ? DRSW_SCHEDULE_LATER
               : DRSW_SCHEDULE_FAILED;
}


static int
drsw_schedule_answered(const json_t *doc, const drsw_answer_t *answer,
                       drsw_schedule_result_e *result, char *reason,
                       size_t size)
{
    json_t   *v;
    drs_str_t code, message;

    v = drs_json_parse(drs_buf_str(&answer->text), &drs_json_store_limits,
                       NULL);

    if (v == NULL) {
        return DRS_ERROR;
    }

    *result = DRSW_SCHEDULE_STARTED;

    if (json_object_get(v, "error") != NULL) {
        code = drs_json_field(json_object_get(v, "error"), "code");
        message = drs_json_field(json_object_get(v, "error"), "message");
        *result = drsw_schedule_refused(doc, code);
        (void) snprintf(reason, size, "%.*s: %.*s", DRS_STR_ARG(code),
                        DRS_STR_ARG(message));
    }

    json_decref(v);

    return DRS_OK;
}


static json_t *
drsw_schedule_actor(const json_t *doc)
{
    drs_str_t id, name;

    id = drs_json_field(doc, "scheduleId");
    name = drs_json_field(doc, "name");

    return json_pack("{s:s, s:o, s:o, s:[]}", "type", "system", "userId",
                     json_sprintf("schedule:%.*s", DRS_STR_ARG(id)), "username",
                     json_sprintf("schedule:%.*s", DRS_STR_ARG(name)), "roles");
}


int
drsw_schedule_start(drsw_ctx_t *ctx, const json_t *doc, int64_t due_ms,
                    char                    execution[DRS_UUID_SIZE],
                    drsw_schedule_result_e *result, char *reason, size_t size)
{
    int            rc;
    char           command[DRS_UUID_SIZE], *text;
    json_t        *payload, *actor;
    drs_str_t      id;
    drsw_answer_t  answer;
    drsw_command_t cmd;

    id = drs_json_field(doc, "scheduleId");

    if (drs_schedule_run_id(execution, "execution", id, due_ms) != DRS_OK
        || drs_schedule_run_id(command, "command", id, due_ms) != DRS_OK)
    {
        return DRS_ERROR;
    }

    payload = drs_schedule_request(doc);
    actor = drsw_schedule_actor(doc);
    text = drs_json_text(actor, NULL);

    if (payload == NULL || text == NULL
        || drs_json_set_str(payload, "executionId", drs_str(execution))
               != DRS_OK)
    {
        free(text);
        json_decref(payload);
        json_decref(actor);
        return DRS_ERROR;
    }

    memset(&cmd, 0, sizeof(cmd));
    cmd.id = command;
    cmd.type = "exec.start";
    cmd.request_id = command;
    cmd.actor = actor;
    cmd.actor_text = text;
    cmd.payload = payload;
    cmd.deadline_ms = drsw_now_ms(ctx) + DRSW_SCHEDULE_START_MS;
    cmd.tries = 1;

    drsw_answer_init(&answer);
    rc = drsw_cmd_start(ctx, &cmd, &answer);

    if (rc == DRS_OK) {
        rc = drsw_schedule_answered(doc, &answer, result, reason, size);

    } else {
        drsw_error(ctx->log, "the drill of schedule %.*s: %s", DRS_STR_ARG(id),
                   answer.error);
    }

    drsw_answer_free(&answer);
    free(text);
    json_decref(payload);
    json_decref(actor);

    return rc;
}
