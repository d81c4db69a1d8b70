/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX2, EX6 to EX9, RP8: what changes an execution.  Pause and cancel are
 * direct calls of the store; start, resume and terminate need AWS and go to
 * the worker.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_exec_req.h"
#include "drs_store_exec.h"


#define NGX_HTTP_DRS_EXEC_MS 25000


static ngx_int_t
ngx_http_drs_execution_commanded(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                 ngx_uint_t n);


static ngx_int_t
ngx_http_drs_execution_404(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_EXECUTION_NOT_FOUND,
                                       "executionId", ctx->params[0]);
}


static ngx_int_t
ngx_http_drs_execution_begin(ngx_http_drs_ctx_t *ctx, drs_str_t plan_id)
{
    json_t           *payload;
    ngx_int_t         rc;
    const char       *id;
    drs_model_env_t   env;
    drs_model_error_t e;

    ngx_memzero(&env, sizeof(env));
    env.user = ngx_http_drs_util_user(ctx);
    drs_model_error_init(&e);

    if (drs_model_exec_start(&e, ctx->body, &env, plan_id, &payload) != DRS_OK)
    {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        json_decref(payload);
        return NGX_ERROR;
    }

    (void) drs_json_set_str(payload, "executionId", drs_str(id));

    rc =
        ngx_http_drs_command(ctx, "exec.start", NULL, payload, 0,
                             NGX_HTTP_DRS_EXEC_MS, ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


ngx_int_t
ngx_http_drs_api_exec_start(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t none = drs_null_string;

    return ngx_http_drs_execution_begin(ctx, none);
}


ngx_int_t
ngx_http_drs_api_plan_execute(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_execution_begin(ctx, ctx->params[0]);
}


/* A command for the worker about the execution of the path. */
static ngx_int_t
ngx_http_drs_execution_send(ngx_http_drs_ctx_t *ctx, const char *type,
                            json_t *payload)
{
    ngx_int_t rc;
    drs_str_t id;

    id = ngx_http_drs_util_exec_id(ctx);

    if (id.len == 0) {
        json_decref(payload);
        return ngx_http_drs_execution_404(ctx);
    }

    (void) drs_json_set_str(payload, "executionId", id);

    rc = ngx_http_drs_command(ctx, type, NULL, payload, 0, NGX_HTTP_DRS_EXEC_MS,
                              ngx_http_drs_command_answer);
    json_decref(payload);

    return rc;
}


ngx_int_t
ngx_http_drs_api_exec_resume(ngx_http_drs_ctx_t *ctx)
{
    json_t           *in, *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_exec_resume(&e, ctx->body, &in) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    /* the overrides as they are, and under one name */
    payload = json_copy(in);
    (void) json_object_del(in, "notes");
    json_object_set_new(payload, "overrides", in);

    return ngx_http_drs_execution_send(ctx, "exec.resume", payload);
}


ngx_int_t
ngx_http_drs_api_exec_terminate(ngx_http_drs_ctx_t *ctx)
{
    json_t           *payload;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_exec_terminate(&e, ctx->body, &payload) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_execution_send(ctx, "exec.terminate", payload);
}


/* Pause or cancel; `in` is the checked request and is taken over. */
static ngx_int_t
ngx_http_drs_execution_command(ngx_http_drs_ctx_t *ctx, const char *command,
                               const char *action, json_t *in)
{
    drs_str_t  id, extra, none = drs_null_string;
    drs_buf_t  b;
    drs_cmd_t *cmd;

    if (ngx_http_drs_defer_json(ctx, in) != NGX_OK) {
        return NGX_ERROR;
    }

    id = ngx_http_drs_util_exec_id(ctx);

    if (id.len == 0) {
        return ngx_http_drs_execution_404(ctx);
    }

    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, in) != DRS_OK) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    extra = drs_buf_str(&b);
    ctx->state = (void *) command;

    cmd = drs_store_exec_command(
        ngx_http_drs_prefix(ctx), id, command, none,
        ngx_http_drs_actor_text(ctx), drs_json_field(in, "reason"),
        ngx_http_drs_audit_text(ctx, action, "execution", id, none, "succeeded",
                                NULL, in),
        extra);
    drs_buf_free(&b);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_execution_commanded);
}


ngx_int_t
ngx_http_drs_api_exec_pause(ngx_http_drs_ctx_t *ctx)
{
    json_t           *in;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_exec_pause(&e, ctx->body, &in) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    return ngx_http_drs_execution_command(ctx, "pause", "exec.pause", in);
}


ngx_int_t
ngx_http_drs_api_exec_cancel(ngx_http_drs_ctx_t *ctx)
{
    json_t           *in;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_exec_cancel(&e, ctx->body, &in) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (json_is_true(json_object_get(in, "terminateLaunched"))
        && !drs_perms_has(ctx->identity.perms, DRS_PERM_TERMINATE_INSTANCES))
    {
        json_decref(in);
        return ngx_http_drs_forbidden(
            ctx, drs_perm_bit(DRS_PERM_TERMINATE_INSTANCES));
    }

    return ngx_http_drs_execution_command(ctx, "cancel", "exec.cancel", in);
}


/* Statuses that api.md EX6 and EX7 name in their refusals. */
static void
ngx_http_drs_execution_lists(drs_err_t err, json_t *fields)
{
    if (err == DRS_ERR_EXECUTION_NOT_CANCELLABLE) {
        json_object_set_new(fields, "cancellableStatuses",
                            json_pack("[s,s,s,s,s,s,s,s,s,s]", "RUNNING",
                                      "PAUSED", "PAUSE_PENDING", "CANCELLING",
                                      "IN_PROGRESS", "POLLING", "INITIATED",
                                      "PENDING", "LAUNCHING", "STARTED"));

    } else if (err == DRS_ERR_EXECUTION_NOT_PAUSABLE) {
        json_object_set_new(
            fields, "pausableStatuses",
            json_pack("[s,s,s]", "RUNNING", "IN_PROGRESS", "POLLING"));

    } else if (err == DRS_ERR_SINGLE_WAVE_NOT_PAUSABLE) {
        json_object_set_new(fields, "waveCount", json_integer(1));
    }
}


static ngx_int_t
ngx_http_drs_execution_refused(ngx_http_drs_ctx_t *ctx, drs_answer_t *a)
{
    size_t    i;
    int64_t   number;
    json_t   *fields;
    drs_err_t err;
    char      name[64];

    err = drs_err_by_code(a->code);

    if (err == DRS_ERR_EXECUTION_NOT_FOUND) {
        return ngx_http_drs_execution_404(ctx);
    }

    if (err == DRS_ERR_NONE) {
        return ngx_http_drs_store_error(ctx, a->code, a->text);
    }

    fields = json_object();
    (void) drs_json_set_str(fields, "executionId",
                            ngx_http_drs_util_exec_id(ctx));

    for (i = 0; i + 1 < a->n; i += 2) {
        if (a->v[i].len >= sizeof(name)) {
            continue;
        }

        ngx_memcpy(name, a->v[i].data, a->v[i].len);
        name[a->v[i].len] = '\0';

        if (drs_str_eqz(a->v[i], "lastCompletedWave")
            && drs_str_i64(a->v[i + 1], &number) == DRS_OK)
        {
            (void) drs_json_set_int(fields, name, number);

        } else {
            (void) drs_json_set_str(fields, name, a->v[i + 1]);
        }
    }

    ngx_http_drs_execution_lists(err, fields);

    return ngx_http_drs_error(ctx, err, fields, NULL, "%.*s",
                              DRS_STR_ARG(a->text));
}


static const char *
ngx_http_drs_execution_text(const char *command, drs_exec_status_t status)
{
    if (ngx_strcmp(command, "pause") == 0) {
        return status == DRS_EXEC_PAUSED
                   ? "The execution is paused."
                   : "The execution pauses when the running wave has ended; "
                     "nothing new is launched.";
    }

    return status == DRS_EXEC_CANCELLING
               ? "The execution is being cancelled; running jobs go on to their "
                 "end."
               : "The execution was cancelled.";
}


static ngx_int_t
ngx_http_drs_execution_commanded(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                 ngx_uint_t n)
{
    int                       rc;
    json_t                   *body, *fields, *v;
    drs_str_t                 id;
    drs_reply_t               r;
    drs_answer_t              a;
    const char               *command;
    drs_exec_command_answer_t out;

    (void) n;
    command = ctx->state;
    id = ngx_http_drs_util_exec_id(ctx);

    if (ngx_http_drs_reply_views(ctx, replies[0], &r.v, &r.n) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = drs_store_exec_command_answer(&r, &a, &out);

    if (rc == DRS_DECLINED) {
        return ngx_http_drs_execution_refused(ctx, &a);
    }

    if (rc != DRS_OK) {
        return NGX_ERROR;
    }

    fields = drs_json_parse(out.fields, &drs_json_store_limits, NULL);
    if (fields != NULL && ngx_http_drs_defer_json(ctx, fields) != NGX_OK) {
        return NGX_ERROR;
    }

    body = json_object();
    (void) drs_json_set_str(body, "executionId", id);
    (void) drs_json_set_str(body, "status",
                            drs_str(drs_exec_status_name(out.status)));
    (void) drs_json_set_str(
        body, "message",
        drs_str(ngx_http_drs_execution_text(command, out.status)));

    if (ngx_strcmp(command, "pause") == 0) {
        v = json_object_get(fields, "lastCompletedWave");
        (void) drs_json_set_int(body, "lastCompletedWave",
                                json_is_integer(v) ? json_integer_value(v) : 0);
        return ngx_http_drs_reply(ctx, NGX_HTTP_OK, body);
    }

    v = json_object();
    json_object_set(v, "completedWaves",
                    json_object_get(fields, "completedWaves"));
    json_object_set(v, "inProgressWaves",
                    json_object_get(fields, "inProgressWaves"));
    json_object_set(v, "cancelledWaves",
                    json_object_get(fields, "cancelledWaves"));
    json_object_set_new(body, "details", v);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, body);
}
