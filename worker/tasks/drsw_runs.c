/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_runs.h"


static void
drsw_run_field(char *dst, size_t size, const char *job, const char *scope)
{
    (void) snprintf(dst, size, "%s%s%s", job, scope[0] != '\0' ? " " : "",
                    scope);
}


static json_t *
drsw_run_record(drsw_ctx_t *ctx, const char *job, const char *scope,
                int64_t started_ms, const char *status, const json_t *counters,
                const json_t *errors, const json_t *more)
{
    char    from[DRS_TIME_ISO_SIZE], to[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *v, *list, *e;

    list = json_array();

    json_array_foreach (errors, i, e) {
        if (i < DRSW_RUN_ERRORS) {
            (void) json_array_append(list, e);
        }
    }

    (void) drs_time_iso_ms(from, started_ms);
    (void) drs_time_iso_ms(to, drsw_now_ms(ctx));
    v = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "job", job, "scope", scope,
        "startedAt", from, "finishedAt", to, "status", status, "counters",
        counters != NULL ? json_incref((json_t *) counters) : json_object(),
        "errors", list);

    if (v != NULL && more != NULL) {
        (void) json_object_update(v, (json_t *) more);
    }

    return v;
}


int
drsw_run_note(drsw_ctx_t *ctx, const char *job, const char *scope,
              int64_t started_ms, const char *status, const json_t *counters,
              const json_t *errors, const json_t *more)
{
    int          rc;
    char         field[128], *text;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    v = drsw_run_record(ctx, job, scope, started_ms, status, counters, errors,
                        more);
    text = drs_json_text(v, NULL);
    json_decref(v);

    if (text == NULL) {
        return DRS_ERROR;
    }

    drsw_run_field(field, sizeof(field), job, scope);
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("HSET", drsw_redis_prefix(ctx->redis), DRS_KEY_RUNS);
    (void) drs_cmd_addz(cmd, field);
    (void) drs_cmd_addz(cmd, text);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


json_t *
drsw_run_last(drsw_ctx_t *ctx, const char *job, const char *scope)
{
    char         field[128];
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    v = NULL;
    drsw_run_field(field, sizeof(field), job, scope);
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("HGET", drsw_redis_prefix(ctx->redis), DRS_KEY_RUNS);
    (void) drs_cmd_addz(cmd, field);

    if (drs_cmd_ok(cmd) && drsw_redis_cmd(ctx->redis, cmd, &reply) == DRS_OK
        && reply.r.v[0].data != NULL)
    {
        v = drs_json_parse(reply.r.v[0], &drs_json_store_limits, NULL);
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return v;
}


int
drsw_run_forget(drsw_ctx_t *ctx, const char *job, const char *scope)
{
    int          rc;
    char         field[128];
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    drsw_run_field(field, sizeof(field), job, scope);
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd0("HDEL", drsw_redis_prefix(ctx->redis), DRS_KEY_RUNS);
    (void) drs_cmd_addz(cmd, field);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


int64_t
drsw_run_jitter(int64_t ms)
{
    unsigned char r;

    if (drsw_random(&r, 1) != DRS_OK) {
        r = 128;
    }

    return ms - ms / 10 + ms * 2 * r / (10 * 255);
}
