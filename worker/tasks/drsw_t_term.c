
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task term:<id>: see drsw_term.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_instances.h"
#include "drsw_tasks.h"
#include "drsw_term.h"


const char *
drsw_term_get(const json_t *obj, const char *name)
{
    const char *z;

    z = json_string_value(json_object_get(obj, name));

    return z != NULL ? z : "";
}


int
drsw_term_is(const json_t *obj, const char *state)
{
    return strcmp(drsw_term_get(obj, "state"), state) == 0;
}


void
drsw_term_state(json_t *obj, const char *state)
{
    (void) json_object_set_new(obj, "state", json_string(state));
}


void
drsw_term_fail(json_t *target, const char *code, const char *error)
{
    drsw_term_state(target, "FAILED");
    (void) drs_json_set_str(target, "code", drs_str(code));
    (void) drs_json_set_str(target, "error", drs_str(error));
}


void
drsw_term_due(drsw_term_t *t, int64_t at)
{
    if (t->due == 0 || at < t->due) {
        t->due = at;
    }
}


void
drsw_term_job(drsw_term_t *t, json_t *chunk, const char *job,
              const char *status, json_t *servers)
{
    json_t *doc, *old;

    doc = json_pack("{s:s, s:O, s:O, s:s, s:s, s:o}", "jobId", job, "accountId",
                    json_object_get(chunk, "account"), "region",
                    json_object_get(chunk, "region"), "type", "TERMINATE",
                    "status", status[0] != '\0' ? status : "PENDING", "servers",
                    servers);

    old = json_object_get(t->jobs, job);

    if (old != NULL && json_equal(old, doc)) {
        json_decref(doc);
        return;
    }

    (void) json_object_set_new(t->jobs, job, doc);
    (void) json_object_set_new(t->changed, job, json_true());
}


/* -- storing -------------------------------------------------------------- */

static void
drsw_term_counts(const drsw_term_t *t, size_t *total, size_t *done,
                 size_t *failed)
{
    size_t  i, k;
    json_t *chunk, *target;

    *total = *done = 0;
    *failed = json_array_size(json_object_get(t->plan, "places"));

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            (*total)++;
            *done += drsw_term_is(target, "TERMINATED");
            *failed += drsw_term_is(target, "FAILED");
        }
    }
}


static char *
drsw_term_event(const drsw_term_t *t, const char *state)
{
    size_t      total, done, failed;
    json_t     *jobs, *job;
    const char *id;

    drsw_term_counts(t, &total, &done, &failed);
    jobs = json_array();

    json_object_foreach (t->jobs, id, job) {
        (void) json_array_append_new(
            jobs, json_pack("{s:s, s:O, s:O, s:O}", "jobId", id, "accountId",
                            json_object_get(job, "accountId"), "region",
                            json_object_get(job, "region"), "status",
                            json_object_get(job, "status")));
    }

    return drsw_event_text(
        drsw_now_ms(t->ctx), "terminate.status", "executions", "execution",
        drs_str(t->id), drs_str(NULL), drs_str(t->id), drs_str(t->e->plan_id),
        drs_str(NULL),
        json_pack("{s:o, s:I, s:I, s:b}", "jobs", jobs, "completedServers",
                  (json_int_t) done, "totalServers", (json_int_t) total,
                  "allCompleted", strcmp(state, "DONE") == 0));
}


/* A job of ours is known as such for ever, whoever holds the lease by now. */
static int
drsw_term_own(drsw_term_t *t, const char *id)
{
    int          rc;
    char         owner[80];
    json_t      *job;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    job = json_object_get(t->jobs, id);
    (void) snprintf(owner, sizeof(owner), "%s term", t->id);
    cmd = drs_key_cmd2("HSET", drsw_redis_prefix(t->ctx->redis), DRS_KEY_JOB,
                       drs_json_field(job, "accountId"),
                       drs_json_field(job, "region"));
    (void) drs_cmd_addz(cmd, id);
    (void) drs_cmd_addz(cmd, owner);
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(t->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


int
drsw_term_save(drsw_term_t *t, const char *state)
{
    int          rc, news;
    char        *event;
    size_t       n, i, total, done, failed;
    json_t      *v;
    drs_cmd_t   *cmd;
    drs_pair_t  *pairs;
    const char  *id;
    drsw_reply_t reply;
    drs_answer_t a;

    n = 0;

    json_object_foreach (t->changed, id, v) {
        if (drsw_term_own(t, id) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    news = json_object_size(t->changed) > 0 || strcmp(state, "RUNNING") != 0;
    pairs = calloc(json_object_size(t->changed) + 1, sizeof(*pairs));
    event = news ? drsw_term_event(t, state) : NULL;

    if (pairs == NULL) {
        free(event);
        return DRS_ERROR;
    }

    json_object_foreach (t->changed, id, v) {
        pairs[n].name = drs_str(id);
        pairs[n++].value =
            drs_str(drs_json_text(json_object_get(t->jobs, id), NULL));
    }

    pairs[n].name = drs_str("plan");
    pairs[n++].value = drs_str(drs_json_text(t->plan, NULL));

    cmd = drs_store_term_put(drsw_redis_prefix(t->ctx->redis), drs_str(t->id),
                             &t->lease, state, 0, pairs, n, drs_str(event));
    drsw_term_counts(t, &total, &done, &failed);
    (void) drs_cmd_add_opt(cmd, drs_str(NULL));
    (void) drs_cmd_addf(cmd,
                        "\"totalServers\":%zu,\"completedServers\":%zu,"
                        "\"failedServers\":%zu",
                        total, done, failed);
    rc = drsw_store_call(t->ctx, cmd, &reply, &a);

    if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)
        && !drs_answer_is(&a, "EXECUTION_NOT_FOUND"))
    {
        drsw_error(t->ctx->log, "terminate state: %.*s %.*s",
                   DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        rc = DRS_ERROR;
    }

    drsw_reply_free(&reply);

    for (i = 0; i < n; i++) {
        free((char *) pairs[i].value.data);
    }

    free(pairs);
    free(event);

    if (rc == DRS_OK) {
        (void) json_object_clear(t->changed);
    }

    return rc;
}


static int
drsw_term_load(drsw_term_t *t, int *running)
{
    int          rc;
    size_t       i;
    json_t      *v;
    drs_cmd_t   *cmd;
    drs_str_t    text;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("HGETALL", drsw_redis_prefix(t->ctx->redis),
                       DRS_KEY_EXEC_TERM, drs_str(t->id));
    memset(&reply, 0, sizeof(reply));
    rc = cmd != NULL ? drsw_redis_cmd(t->ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    *running = rc == DRS_OK
               && drs_str_eqz(drs_reply_field(&reply.r, "state"), "RUNNING");
    text = drs_reply_field(&reply.r, "plan");

    if (text.len > 0) {
        t->plan = drs_json_parse(text, &drs_json_store_limits, NULL);
    }

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        if (drs_str_starts(reply.r.v[i], "drsjob-")) {
            v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);
            (void) json_object_set_new(t->jobs, reply.r.v[i].data, v);
        }
    }

    drsw_reply_free(&reply);

    if (rc == DRS_OK && t->plan == NULL) {
        t->plan = json_object();
    }

    drsw_access_user(t->ctx, drs_json_field(t->plan, "userId"));

    return rc;
}


/* -- the step ------------------------------------------------------------- */

static int
drsw_term_chunk(drsw_term_t *t, json_t *chunk)
{
    int rc;

    rc = DRS_OK;

    if (drsw_term_is(chunk, "PLANNED") && drsw_term_pending(chunk) != 0) {
        rc = drsw_term_send(t, chunk);

    } else if (drsw_term_is(chunk, "INTENT")) {
        rc = drsw_term_look(t, chunk);

    } else if (drsw_term_is(chunk, "SENT")) {
        rc = drsw_term_watch(t, chunk);
    }

    if (drsw_term_pending(chunk) == 0 && !drsw_term_is(chunk, "DONE")
        && (!drsw_term_is(chunk, "SENT")
            || drs_json_int(chunk, "endedMs", 0) != 0))
    {
        drsw_term_state(chunk, "DONE");
    }

    return rc;
}


/* Too long: what is left counts as failed. */
static void
drsw_term_expire(drsw_term_t *t)
{
    size_t  i, k;
    json_t *chunk, *target;

    if (t->now < drs_json_int(t->plan, "beganMs", t->now)
                     + t->ctx->conf->terminate_timeout_ms)
    {
        return;
    }

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            if (drsw_term_is(target, "PENDING")) {
                drsw_term_fail(target, "TIMEOUT", "not terminated in time");
            }
        }

        drsw_term_state(chunk, "DONE");
    }
}


static int
drsw_term_over(const drsw_term_t *t)
{
    size_t  i;
    json_t *chunk;

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        if (!drsw_term_is(chunk, "DONE")) {
            return 0;
        }
    }

    return 1;
}


/* The places are read again: their instances are gone. */
static int
drsw_term_instances(const drsw_term_t *t)
{
    int         rc;
    size_t      i;
    json_t     *chunk;
    const char *account, *region;

    rc = DRS_OK;

    json_array_foreach (json_object_get(t->plan, "chunks"), i, chunk) {
        account = json_string_value(json_object_get(chunk, "account"));
        region = json_string_value(json_object_get(chunk, "region"));

        if (rc == DRS_OK && account != NULL && region != NULL) {
            rc = drsw_instances_later(t->ctx, account, region);
        }
    }

    return rc;
}


static int
drsw_term_finish(drsw_term_t *t)
{
    int    rc;
    size_t total, done, failed;

    drsw_term_counts(t, &total, &done, &failed);
    rc = drsw_term_save(t, failed == 0 ? "DONE" : "FAILED");

    if (rc != DRS_OK) {
        return rc;
    }

    drsw_notice(t->ctx->log,
                "termination %s: %zu of %zu instances, %zu "
                "failures",
                failed == 0 ? "finished" : "failed", done, total, failed);

    return drsw_term_instances(t);
}


static int
drsw_term_run(drsw_term_t *t, int64_t *next_at)
{
    int     rc;
    size_t  i;
    json_t *chunks;

    if (!json_is_integer(json_object_get(t->plan, "beganMs"))) {
        (void) json_object_set_new(t->plan, "beganMs", json_integer(t->now));
    }

    if (!json_is_true(json_object_get(t->plan, "found"))) {
        rc = drsw_term_find(t);

        if (rc == DRS_AGAIN) {
            *next_at = t->now + t->ctx->conf->poll_slow_ms;
            return DRS_OK;
        }

        rc = (rc == DRS_OK) ? drsw_term_save(t, "RUNNING") : rc;

        if (rc != DRS_OK) {
            return rc;
        }
    }

    chunks = json_object_get(t->plan, "chunks");
    drsw_term_expire(t);

    for (i = 0; i < json_array_size(chunks); i++) {
        rc = drsw_term_chunk(t, json_array_get(chunks, i));

        if (rc != DRS_OK) {
            return rc;
        }

        if (drsw_stopping(t->ctx)) {
            drsw_term_due(t, t->now);
            break;
        }
    }

    if (drsw_term_over(t)) {
        *next_at = DRSW_NEVER;
        return drsw_term_finish(t);
    }

    *next_at = t->due != 0 ? t->due : t->now + t->ctx->conf->poll_normal_ms;
    return drsw_term_save(t, "RUNNING");
}


int
drsw_step_term(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc, running;
    drsw_term_t t;

    memset(&t, 0, sizeof(t));
    t.ctx = ctx;
    t.id = strchr(ctx->name, ':') + 1;
    t.lease.owner = drs_str(ctx->owner);
    t.lease.fence = ctx->fence;
    t.now = drsw_now_ms(ctx);
    t.shift = t.now - drsw_wall_ms();
    t.jobs = json_object();
    t.changed = json_object();
    drsw_run_settings(ctx->conf, &t.set);
    drsw_log_execution(ctx->log, t.id);

    rc = drsw_record_load(ctx, t.id, &t.e);
    running = 0;

    if (rc == DRS_OK) {
        rc = drsw_term_load(&t, &running);
    }

    if (rc == DRS_DECLINED || (rc == DRS_OK && !running)) {
        *next_at = DRSW_NEVER;
        rc = DRS_OK;

    } else if (rc == DRS_OK) {
        rc = drsw_term_run(&t, next_at);
    }

    drs_exec_free(t.e);
    json_decref(t.plan);
    json_decref(t.jobs);
    json_decref(t.changed);
    drsw_log_execution(ctx->log, NULL);
    return rc;
}
