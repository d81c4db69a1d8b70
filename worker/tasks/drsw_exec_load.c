
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads the record of an execution and what the polls saw of its jobs.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"
#include "drsw_notify.h"


/* Commands and their replies; freed together. */
typedef struct {
    drs_cmd_t   **cmds;
    drsw_reply_t *replies;
    size_t        n;
} drsw_batch_t;


static int
drsw_batch_init(drsw_batch_t *b, size_t n)
{
    memset(b, 0, sizeof(*b));
    b->cmds = calloc(n + 1, sizeof(drs_cmd_t *));
    b->replies = calloc(n + 1, sizeof(drsw_reply_t));

    return (b->cmds != NULL && b->replies != NULL) ? DRS_OK : DRS_ERROR;
}


static void
drsw_batch_free(drsw_batch_t *b)
{
    size_t i;

    for (i = 0; i < b->n; i++) {
        drs_cmd_free(b->cmds[i]);
        drsw_reply_free(&b->replies[i]);
    }

    free(b->cmds);
    free(b->replies);
}


static void
drsw_batch_add(drsw_batch_t *b, drs_cmd_t *cmd)
{
    b->cmds[b->n++] = cmd;
}


static int
drsw_batch_run(drsw_ctx_t *ctx, drsw_batch_t *b)
{
    size_t i;

    for (i = 0; i < b->n; i++) {
        if (b->cmds[i] == NULL || !drs_cmd_ok(b->cmds[i])) {
            return DRS_ERROR;
        }
    }

    return b->n > 0 ? drsw_redis_pipeline(ctx->redis, b->cmds, b->n, b->replies)
                    : DRS_OK;
}


static int
drsw_load_bad(drsw_ctx_t *ctx, const char *id, int rc,
              const drs_exec_error_t *err)
{
    if (rc == DRS_DECLINED) {
        drsw_error(ctx->log, "the record of execution %s cannot be read: %s",
                   id, err->text);
        return DRS_ERROR;
    }

    return rc;
}


/* Header, unit ids and servers; then waves and units. */
static int
drsw_load_parts(drsw_ctx_t *ctx, drs_exec_t *e, const drsw_reply_t *units)
{
    int              rc;
    size_t           i, waves;
    drs_str_t        p, parts[2];
    drsw_batch_t     b;
    drs_exec_error_t err;

    p = drsw_redis_prefix(ctx->redis);
    waves = (size_t) e->waves_total;
    parts[0] = drs_str(e->id);

    if (drsw_batch_init(&b, waves + units->r.n) != DRS_OK) {
        drsw_batch_free(&b);
        return DRS_ERROR;
    }

    for (i = 0; i < waves; i++) {
        drsw_batch_add(&b, drs_cmd_words("HGETALL", NULL));
        (void) drs_cmd_key_wave(b.cmds[i], p, parts[0], (unsigned) i);
    }

    for (i = 0; i < units->r.n; i++) {
        parts[1] = units->r.v[i];
        drsw_batch_add(&b, drs_cmd_words("HGETALL", NULL));
        (void) drs_cmd_key(b.cmds[waves + i], p, DRS_KEY_EXEC_UNIT, parts, 2);
    }

    rc = drsw_batch_run(ctx, &b);
    err.text[0] = '\0';

    for (i = 0; rc == DRS_OK && i < waves; i++) {
        rc = drs_exec_load_wave(e, (int) i, b.replies[i].r.v, b.replies[i].r.n,
                                &err);
    }

    for (i = 0; rc == DRS_OK && i < units->r.n; i++) {
        rc = drs_exec_load_unit(e, units->r.v[i], b.replies[waves + i].r.v,
                                b.replies[waves + i].r.n, &err);
    }

    drsw_batch_free(&b);
    return drsw_load_bad(ctx, e->id, rc, &err);
}


static int
drsw_load_record(drsw_ctx_t *ctx, drs_exec_t *e, const drsw_batch_t *b)
{
    int              rc;
    size_t           i;
    drs_exec_error_t err;

    err.text[0] = '\0';
    rc = drs_exec_load_header(e, b->replies[0].r.v, b->replies[0].r.n, &err);

    if (rc != DRS_OK) {
        return drsw_load_bad(ctx, e->id, rc, &err);
    }

    rc = drsw_load_parts(ctx, e, &b->replies[1]);

    for (i = 0; rc == DRS_OK && i + 1 < b->replies[2].r.n; i += 2) {
        rc = drs_exec_load_server(e, b->replies[2].r.v[i],
                                  b->replies[2].r.v[i + 1], &err);
    }

    if (rc == DRS_OK) {
        rc = drs_exec_load_done(e, &err);
    }

    return drsw_load_bad(ctx, e->id, rc, &err);
}


int
drsw_record_load(drsw_ctx_t *ctx, const char *id, drs_exec_t **e)
{
    int          rc;
    drs_str_t    p;
    drsw_batch_t b;

    p = drsw_redis_prefix(ctx->redis);
    *e = NULL;

    if (drsw_batch_init(&b, 3) != DRS_OK) {
        drsw_batch_free(&b);
        return DRS_ERROR;
    }

    drsw_batch_add(&b, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC, drs_str(id)));
    drsw_batch_add(
        &b, drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_UNITS, drs_str(id)));
    drsw_batch_add(
        &b, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC_SERVERS, drs_str(id)));

    rc = drsw_batch_run(ctx, &b);

    if (rc == DRS_OK && b.replies[0].r.n == 0) {
        rc = DRS_DECLINED;

    } else if (rc == DRS_OK) {
        *e = drs_exec_new(id);
        rc = (*e != NULL) ? drsw_load_record(ctx, *e, &b) : DRS_ERROR;
    }

    if (rc != DRS_OK) {
        drs_exec_free(*e);
        *e = NULL;
    }

    drsw_batch_free(&b);
    return rc;
}


static size_t
drsw_load_count_jobs(const drs_exec_t *e)
{
    size_t                 i, j, n;
    const drs_exec_unit_t *u;

    n = 0;

    for (i = 0; i < e->nunits; i++) {
        u = &e->units[i];

        for (j = 0; j < u->njobs; j++) {
            n += drsw_engine_follows(u, u->jobs[j]);
        }
    }

    return n;
}


/* obs.jobs: what the polls have seen of the jobs that matter. */
static int
drsw_load_jobs(drsw_run_t *run)
{
    int              rc;
    size_t           i, j, n;
    drs_cmd_t       *cmd;
    drs_str_t        p;
    drsw_job_t      *jobs;
    drsw_batch_t     b;
    drs_exec_unit_t *u;

    p = drsw_redis_prefix(run->ctx->redis);
    n = drsw_load_count_jobs(run->e);
    jobs = drs_arena_array(run->jobs_arena, n, sizeof(drsw_job_t));

    if (drsw_batch_init(&b, n) != DRS_OK || jobs == NULL) {
        drsw_batch_free(&b);
        return DRS_ERROR;
    }

    for (i = 0; i < run->e->nunits; i++) {
        u = &run->e->units[i];

        for (j = 0; j < u->njobs; j++) {
            if (!drsw_engine_follows(u, u->jobs[j])) {
                continue;
            }

            cmd = drs_key_cmd2("HGET", p, DRS_KEY_OBS, drs_str(u->account),
                               drs_str(u->region));
            drsw_batch_add(&b, cmd);
            (void) drs_cmd_addz(cmd, u->jobs[j]);
        }
    }

    rc = drsw_batch_run(run->ctx, &b);
    run->obs.jobs = jobs;
    run->obs.njobs = 0;

    for (i = 0; rc == DRS_OK && i < b.n; i++) {
        if (b.replies[i].r.n == 0 || b.replies[i].r.v[0].len == 0) {
            continue;
        }

        rc = drsw_job_decode(run->jobs_arena, b.replies[i].r.v[0],
                             &jobs[run->obs.njobs]);

        if (rc == DRS_DECLINED) {
            drsw_warn(run->ctx->log, "a stored observation is not readable");
            rc = DRS_OK;
            continue;
        }

        run->obs.njobs += (rc == DRS_OK);
    }

    drsw_batch_free(&b);
    return rc;
}


/* pauseReminderHours of the settings, or the default. */
static int
drsw_load_reminders(drsw_run_t *run)
{
    int     rc;
    size_t  i;
    json_t *settings, *hours, *h;

    rc = drsw_notify_settings(run->ctx, &settings);

    if (rc != DRS_OK) {
        return rc;
    }

    hours = json_object_get(settings, "pauseReminderHours");

    if (json_is_array(hours)) {
        run->set.nreminders = 0;
    }

    json_array_foreach (hours, i, h) {
        if (i < DRSW_REMINDERS && json_is_integer(h)) {
            run->set.remind[run->set.nreminders++] =
                (int) json_integer_value(h);
        }
    }

    json_decref(settings);
    return DRS_OK;
}


int
drsw_run_load(drsw_run_t *run)
{
    int    rc;
    size_t n;

    drs_exec_free(run->e);
    run->e = NULL;
    rc = drsw_record_load(run->ctx, run->id, &run->e);

    if (rc == DRS_OK && strcmp(run->e->status, "PAUSED") == 0) {
        rc = drsw_load_reminders(run);
    }

    if (rc != DRS_OK) {
        return rc;
    }

    drsw_access_user(
        run->ctx,
        drs_json_field(json_object_get(run->e->doc, "actor"), "userId"));

    /* what polls saw is read once in a step, unless there are more jobs: a
     * poll that comes meanwhile makes the task due again */

    n = drsw_load_count_jobs(run->e);

    if (run->jobs_arena != NULL && n <= run->jobs_count) {
        run->jobs_count = n;
        return DRS_OK;
    }

    drs_arena_free(run->jobs_arena);
    run->jobs_arena = drs_arena_new(NULL);
    run->obs.jobs = NULL;
    run->obs.njobs = 0;
    run->jobs_count = n;

    return run->jobs_arena != NULL ? drsw_load_jobs(run) : DRS_ERROR;
}
