
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task poll:<account>:<region>: one DescribeJobs for all watched jobs of all
 * executions, job logs, observations for the engine (engine.md 2.8).
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"
#include "drsw_tasks.h"


typedef struct {
    drsw_ctx_t   *ctx;
    drsw_access_t access;
    drs_arena_t  *arena;
    int64_t       now;
    int64_t       shift;
    int64_t       changed_at; /* newest change of a watched job */
    int           hurry;      /* a job begins or ends */
    int           ending;     /* all servers of a job have their result */

    const char **ids; /* watched jobs */
    size_t       n;
    drsw_job_t  *old;   /* as stored; id "" if not seen yet */
    json_t      *found; /* job id -> Job object */

    drs_buf_t     *texts; /* what is stored, one per job */
    drs_obs_put_t *puts;
    size_t         nputs;
} drsw_poll_t;


/* -- what is watched ------------------------------------------------------ */

static int
drsw_poll_watched(drsw_poll_t *p)
{
    int          rc;
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd2("HKEYS", drsw_redis_prefix(p->ctx->redis), DRS_KEY_WATCH,
                       drs_str(p->access.account), drs_str(p->access.region));
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(p->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    p->n = reply.r.n;
    p->ids = drs_arena_array(p->arena, p->n, sizeof(char *));
    p->old = drs_arena_array(p->arena, p->n, sizeof(drsw_job_t));

    if (p->ids == NULL || p->old == NULL) {
        rc = DRS_ERROR;
    }

    for (i = 0; rc == DRS_OK && i < p->n; i++) {
        p->ids[i] = drs_arena_str(p->arena, reply.r.v[i]);
        rc = (p->ids[i] != NULL) ? DRS_OK : DRS_ERROR;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* When a job gave news last: its creation, its log. */
static void
drsw_poll_changed(drsw_poll_t *p, const drsw_job_t *job)
{
    int64_t at;

    at = job->created_at;

    if (job->nlog > 0 && job->log[job->nlog - 1].at > at) {
        at = job->log[job->nlog - 1].at;
    }

    if (at > p->changed_at) {
        p->changed_at = at;
    }
}


static int
drsw_poll_old(drsw_poll_t *p)
{
    int          rc;
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(p->ctx->redis), DRS_KEY_OBS,
                       drs_str(p->access.account), drs_str(p->access.region));

    for (i = 0; i < p->n; i++) {
        (void) drs_cmd_addz(cmd, p->ids[i]);
    }

    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(p->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < p->n && i < reply.r.n; i++) {
        if (reply.r.v[i].len == 0
            || drsw_job_decode(p->arena, reply.r.v[i], &p->old[i]) != DRS_OK)
        {
            memset(&p->old[i], 0, sizeof(drsw_job_t));
            p->changed_at = p->now;

        } else {
            drsw_poll_changed(p, &p->old[i]);
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


/* -- asking --------------------------------------------------------------- */

/* DRS_OK; DRS_DECLINED: not now, *retry_ms says when (-1: as usual). */
static int
drsw_poll_ask(drsw_poll_t *p, int64_t *retry_ms)
{
    char      text[1200];
    size_t    i;
    json_t   *ids, *items, *item;
    drs_str_t id;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    ids = json_array();

    for (i = 0; i < p->n; i++) {
        (void) json_array_append_new(ids, json_string(p->ids[i]));
    }

    class = drsw_drs_describe_jobs(p->ctx->aws, &p->access.aws, ids, NULL, NULL,
                                   &items, &res);
    json_decref(ids);

    if (class != DRSW_AWS_OK) {
        *retry_ms = res.retry_after_ms;
        drsw_aws_explain(&p->access, "polling jobs", &res, text, sizeof(text));
        drsw_warn(p->ctx->log, "%s", text);
        return DRS_DECLINED;
    }

    p->found = json_object();

    json_array_foreach (items, i, item) {
        id = drs_json_field(item, "jobID");

        if (id.len > 0) {
            (void) json_object_set(p->found, id.data, item);
        }
    }

    json_decref(items);
    return p->found != NULL ? DRS_OK : DRS_ERROR;
}


static int
drsw_poll_log_cmp(const void *a, const void *b)
{
    int64_t x, y;

    x = ((const drsw_log_item_t *) a)->at;
    y = ((const drsw_log_item_t *) b)->at;

    return x < y ? -1 : x > y;
}


static int
drsw_poll_log_same(const drsw_log_item_t *a, const drsw_log_item_t *b)
{
    return a->attempt == b->attempt && strcmp(a->server, b->server) == 0
           && strcmp(a->event, b->event) == 0
           && strcmp(a->target_instance, b->target_instance) == 0;
}


/* How often the first n items of a log say the same. Times do not tell them
 * apart: the shift to the store's clock is measured anew by each poll. */
static size_t
drsw_poll_log_count(const drsw_log_item_t *log, size_t n,
                    const drsw_log_item_t *it)
{
    size_t i, count;

    count = 0;

    for (i = 0; i < n; i++) {
        if (drsw_poll_log_same(&log[i], it)) {
            count++;
        }
    }

    return count;
}


static const char *
drsw_poll_text(drsw_poll_t *p, const json_t *obj, const char *name)
{
    const char *z;

    z = drs_arena_str(p->arena, drs_json_field(obj, name));

    return z != NULL ? z : "";
}


static void
drsw_poll_log_item(drsw_poll_t *p, const json_t *item, drsw_log_item_t *it)
{
    json_t *data;

    data = json_object_get(item, "eventData");

    it->at = drsw_aws_time(drs_json_field(item, "logDateTime"), p->shift);
    it->event = drsw_poll_text(p, item, "event");
    it->server = drsw_poll_text(p, data, "sourceServerID");
    it->conversion_server = drsw_poll_text(p, data, "conversionServerID");
    it->target_instance = drsw_poll_text(p, data, "targetInstanceID");
    it->error = drsw_poll_text(p, data, "rawError");
    it->attempt = (int) drs_json_int(data, "attemptCount", 0);
    it->max_attempts = (int) drs_json_int(data, "maxAttemptsCount", 0);
}


/* The log as stored plus what is new, which only grows at its end. */
static int
drsw_poll_log_merge(drsw_poll_t *p, const drsw_job_t *old,
                    drsw_log_item_t *fresh, size_t n, drsw_job_t *job)
{
    size_t           i, total;
    drsw_log_item_t *all;

    all = drs_arena_array(p->arena, old->nlog + n, sizeof(*all));

    if (all == NULL) {
        return DRS_ERROR;
    }

    if (old->nlog > 0) {
        memcpy(all, old->log, old->nlog * sizeof(*all));
    }

    total = old->nlog;

    if (n > 1) {
        qsort(fresh, n, sizeof(*fresh), drsw_poll_log_cmp);
    }

    for (i = 0; i < n; i++) {
        if (drsw_poll_log_count(fresh, i + 1, &fresh[i])
            > drsw_poll_log_count(old->log, old->nlog, &fresh[i]))
        {
            all[total++] = fresh[i];
        }
    }

    job->log = all;
    job->nlog = total;

    return DRS_OK;
}


/* A server has failed since then. */
static int
drsw_poll_failed(const drsw_job_t *old, const drsw_job_t *job)
{
    size_t                   i, k;
    const drsw_job_server_t *s;

    for (i = 0; i < job->nservers; i++) {
        s = &job->servers[i];

        if (s->status != DRS_LAUNCH_FAILED) {
            continue;
        }

        for (k = 0; k < old->nservers; k++) {
            if (strcmp(old->servers[k].id, s->id) == 0
                && old->servers[k].status == DRS_LAUNCH_FAILED)
            {
                break;
            }
        }

        if (k == old->nservers) {
            return 1;
        }
    }

    return 0;
}


/* The log has a page for every 200 items and a call for every page: it is read
 * now and then, when a server failed (it says why), and at the end. */
static int
drsw_poll_log_due(const drsw_poll_t *p, const drsw_job_t *old,
                  const drsw_job_t *job)
{
    return job->status == DRS_JOB_COMPLETED
           || p->now - old->log_at >= p->ctx->conf->poll_slow_ms
           || drsw_poll_failed(old, job);
}


static int
drsw_poll_log(drsw_poll_t *p, const drsw_job_t *old, drsw_job_t *job)
{
    int               rc;
    size_t            i, n;
    json_t           *items;
    drsw_log_item_t  *fresh;
    drsw_aws_result_t res;

    job->log = old->log;
    job->nlog = old->nlog;
    job->log_at = old->log_at;

    if (!drsw_poll_log_due(p, old, job)) {
        return DRS_OK;
    }

    if (drsw_drs_describe_job_log_items(p->ctx->aws, &p->access.aws, job->id,
                                        &items, &res)
        != DRSW_AWS_OK)
    {
        /* the next poll will tell; the result does not depend on it */
        drsw_info(p->ctx->log, "log of job %s: %s: %s", job->id, res.code,
                  res.message);
        return DRS_OK;
    }

    n = json_array_size(items);
    fresh = drs_arena_array(p->arena, n, sizeof(*fresh));

    for (i = 0; fresh != NULL && i < n; i++) {
        drsw_poll_log_item(p, json_array_get(items, i), &fresh[i]);
    }

    rc = fresh != NULL ? drsw_poll_log_merge(p, old, fresh, n, job) : DRS_ERROR;
    job->log_at = p->now;
    json_decref(items);
    return rc;
}


/* -- storing -------------------------------------------------------------- */

/* Instance ids vanish when a job completes: those seen before are kept. */
static void
drsw_poll_keep(const drsw_job_t *old, drsw_job_t *job)
{
    size_t             i, k;
    drsw_job_server_t *s;

    for (i = 0; i < job->nservers; i++) {
        s = (drsw_job_server_t *) &job->servers[i];

        for (k = 0; s->instance[0] == '\0' && k < old->nservers; k++) {
            if (strcmp(old->servers[k].id, s->id) == 0) {
                s->instance = old->servers[k].instance;
            }
        }
    }
}


static int
drsw_poll_same_server(const drsw_job_server_t *a, const drsw_job_server_t *b)
{
    return a->status == b->status && strcmp(a->id, b->id) == 0
           && strcmp(a->instance, b->instance) == 0
           && strcmp(a->actions, b->actions) == 0;
}


/* The log only grows, so its length tells. */
static int
drsw_poll_same(const drsw_job_t *a, const drsw_job_t *b)
{
    size_t i;

    if (a->id == NULL || a->status != b->status || a->missing != b->missing
        || a->created_at != b->created_at || a->ended_at != b->ended_at
        || a->nlog != b->nlog || a->nservers != b->nservers
        || strcmp(a->tag, b->tag) != 0)
    {
        return 0;
    }

    for (i = 0; i < a->nservers; i++) {
        if (!drsw_poll_same_server(&a->servers[i], &b->servers[i])) {
            return 0;
        }
    }

    return 1;
}


static int
drsw_poll_put(drsw_poll_t *p, size_t n, drsw_job_t *job)
{
    int               rc, news, final;
    drs_obs_put_t    *put;
    const drsw_job_t *old;

    /* the run is told of news, and of the time of the poll now and then */

    old = &p->old[n];
    news = !drsw_poll_same(old, job);
    final = !job->missing && job->status == DRS_JOB_COMPLETED;

    if (news) {
        p->changed_at = p->now;

    } else if (!final && job->log_at == old->log_at
               && p->now - old->seen_at < p->ctx->conf->poll_slow_ms)
    {
        return DRS_OK;
    }

    job->seen_at = p->now;
    rc = drsw_job_encode(&p->texts[n], job);

    put = &p->puts[p->nputs++];
    put->job_id = drs_str(p->ids[n]);
    put->json = drs_buf_str(&p->texts[n]);
    put->final = final;

    return rc;
}


/* A job begins for 30 s, and ends from its first server's result on. */
static void
drsw_poll_hurry(drsw_poll_t *p, const drsw_job_t *job)
{
    size_t i, final;

    if (job->status == DRS_JOB_COMPLETED) {
        return;
    }

    p->hurry |= p->now - job->created_at < 6 * p->ctx->conf->poll_fast_ms;

    final = 0;

    for (i = 0; i < job->nservers; i++) {
        final += drs_launch_is_final(job->servers[i].status) != 0;
    }

    p->hurry |= final > 0;
    p->ending |= final > 0 && final == job->nservers;
}


static int
drsw_poll_job(drsw_poll_t *p, size_t n)
{
    int        rc;
    json_t    *item;
    drsw_job_t job;

    item = json_object_get(p->found, p->ids[n]);

    if (item == NULL) {
        job = p->old[n];
        job.id = p->ids[n];
        job.missing = true;

        if (p->old[n].id == NULL) {
            job.type = job.initiated_by = job.tag = job.owner = "";
        }

        return drsw_poll_put(p, n, &job);
    }

    rc = drsw_job_from_aws(p->arena, item, p->shift, &job);

    if (rc == DRS_OK) {
        drsw_poll_hurry(p, &job);
        drsw_poll_keep(&p->old[n], &job);
        rc = drsw_poll_log(p, &p->old[n], &job);
    }

    if (rc == DRS_OK) {
        rc = drsw_poll_staging(p->ctx, p->arena, &p->access, p->shift,
                               &p->old[n], &job);
    }

    return rc == DRS_OK ? drsw_poll_put(p, n, &job) : rc;
}


/* The jobs that are over, or all others. */
static int
drsw_poll_store_some(drsw_poll_t *p, int over)
{
    int       rc;
    size_t    i;
    drs_str_t status;

    rc = DRS_OK;
    p->nputs = 0;

    for (i = 0; rc == DRS_OK && i < p->n; i++) {
        status = drs_json_field(json_object_get(p->found, p->ids[i]), "status");

        if (drs_str_eqz(status, "COMPLETED") == over) {
            rc = drsw_poll_job(p, i);
        }

        if (!drsw_lease_hold(p->ctx, 1)) {
            rc = DRS_DECLINED;
        }
    }

    if (rc == DRS_OK && p->nputs > 0) {
        rc = drsw_store_do(p->ctx,
                           drs_store_obs_put(drsw_redis_prefix(p->ctx->redis),
                                             drs_str(p->access.account),
                                             drs_str(p->access.region), p->puts,
                                             p->nputs));
    }

    return rc;
}


/* Jobs that are over come first: others wait for their room, and reading the
 * logs of those that run takes a call or more for each. */
static int
drsw_poll_store(drsw_poll_t *p)
{
    int    rc;
    size_t i;

    p->texts = calloc(p->n, sizeof(drs_buf_t));
    p->puts = calloc(p->n, sizeof(drs_obs_put_t));
    rc = (p->texts != NULL && p->puts != NULL) ? DRS_OK : DRS_ERROR;

    for (i = 0; rc == DRS_OK && i < p->n; i++) {
        drs_buf_init(&p->texts[i], 0);
    }

    rc = (rc == DRS_OK) ? drsw_poll_store_some(p, 1) : rc;
    rc = (rc == DRS_OK) ? drsw_poll_store_some(p, 0) : rc;

    for (i = 0; p->texts != NULL && i < p->n; i++) {
        drs_buf_free(&p->texts[i]);
    }

    free(p->texts);
    free(p->puts);
    return rc;
}


/* -- cadence -------------------------------------------------------------- */

static int64_t
drsw_poll_jitter(int64_t ms)
{
    unsigned char r;

    if (drsw_random(&r, 1) != DRS_OK) {
        r = 128;
    }

    return ms - ms / 5 + ms * 2 * r / (5 * 255);
}


/* Units that wait for one of these jobs to end. */
static int
drsw_poll_awaited(const drsw_poll_t *p)
{
    int          awaited;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("EXISTS", drsw_redis_prefix(p->ctx->redis),
                       DRS_KEY_CAP_QUEUE, drs_str(p->access.account),
                       drs_str(p->access.region));
    awaited = drs_cmd_ok(cmd)
              && drsw_redis_cmd(p->ctx->redis, cmd, &reply) == DRS_OK
              && reply.r.n > 0 && drs_str_eqz(reply.r.v[0], "1");
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return awaited;
}


/*
 * 5 s while a job begins or ends, half of it when others wait for its end and a
 * quarter when only its last word is missing; else 15 s, and 30 s after 10 min
 * without news (2.8).
 */
static int64_t
drsw_poll_next(const drsw_poll_t *p)
{
    int64_t              every;
    const drsw_config_t *conf;

    conf = p->ctx->conf;

    if (p->hurry) {
        every = conf->poll_fast_ms;

        if (drsw_poll_awaited(p)) {
            every /= p->ending ? 4 : 2;
        }

    } else if (p->now - p->changed_at < 40 * conf->poll_normal_ms) {
        every = conf->poll_normal_ms;

    } else {
        every = conf->poll_slow_ms;
    }

    return p->now + drsw_poll_jitter(every);
}


static int
drsw_poll_run(drsw_poll_t *p, int64_t *next_at)
{
    int     rc;
    int64_t retry;

    rc = drsw_poll_watched(p);

    if (rc != DRS_OK || p->n == 0) {
        *next_at = DRSW_NEVER;
        return rc;
    }

    rc = drsw_poll_old(p);

    if (rc != DRS_OK) {
        return rc;
    }

    rc = drsw_poll_ask(p, &retry);

    if (rc == DRS_DECLINED) {
        *next_at = p->now
                   + (retry > p->ctx->conf->poll_slow_ms
                          ? retry
                          : drsw_poll_jitter(p->ctx->conf->poll_slow_ms));
        return DRS_OK;
    }

    if (rc == DRS_OK) {
        rc = drsw_poll_store(p);
    }

    if (rc == DRS_OK) {
        *next_at = drsw_poll_next(p);
    }

    return rc;
}


int
drsw_step_poll(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc;
    char        err[512];
    drs_str_t   rest, kind, account;
    drsw_poll_t p;

    memset(&p, 0, sizeof(p));
    p.ctx = ctx;
    p.now = drsw_now_ms(ctx);
    p.shift = p.now - drsw_wall_ms();
    drsw_aws_set_lane(ctx->aws, DRSW_LANE_RECOVERY);

    rest = drs_str(ctx->name);
    (void) drs_str_split(&rest, ':', &kind);
    (void) drs_str_split(&rest, ':', &account);

    rc = drsw_access(ctx, account, rest, &p.access, err, sizeof(err));

    if (rc == DRS_DECLINED) {
        drsw_warn(ctx->log, "jobs cannot be polled: %s", err);
        *next_at = p.now + ctx->conf->poll_slow_ms;
        return DRS_OK;
    }

    p.arena = drs_arena_new(NULL);

    if (rc == DRS_OK && p.arena != NULL) {
        rc = drsw_poll_run(&p, next_at);
    }

    json_decref(p.found);
    drs_arena_free(p.arena);
    return p.arena != NULL ? rc : DRS_ERROR;
}
