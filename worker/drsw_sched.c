
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Scheduler: one dispatcher claims due tasks for the free threads, the task
 * threads run one step each, one renewer keeps the leases alive.
 *
 * A lease slot belongs to the dispatcher while !used, to the task thread
 * that took it afterwards; `used`, `taken` and the names are under
 * worker->lock, the end of the lease is atomic.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_store_work.h"
#include "drsw_worker.h"


#define DRSW_BACKOFF_MAX_MS 60000
#define DRSW_RENEWALS       32 /* in one round trip */


typedef struct {
    drsw_lease_t *lease;
    uint64_t      fence;
    char          task[DRSW_TASK_SIZE];
} drsw_renewal_t;


static int      drsw_sched_lapsed(drsw_worker_t *w);
static unsigned drsw_sched_free(drsw_worker_t *w, unsigned *background);
static unsigned
           drsw_sched_claim(drsw_thread_t *th, unsigned max, int background);
static int drsw_sched_slot(drsw_worker_t *w, drs_str_t task, uint64_t fence,
                           int64_t until);
static drsw_lease_t *drsw_sched_take(drsw_worker_t *w);
static void          drsw_sched_step(drsw_thread_t *th, drsw_lease_t *lease);
static void
drsw_sched_release(drsw_thread_t *th, const drsw_lease_t *lease, int64_t next);
static int64_t drsw_sched_backoff(drsw_worker_t *w, const char *task);
static void    drsw_sched_forget(drsw_worker_t *w, const char *task);


int64_t
drsw_lease_remaining_ms(const drsw_ctx_t *ctx)
{
    int64_t left;

    if (ctx->lease == NULL) {
        return 0;
    }

    left = atomic_load(&ctx->lease->until_mono_ms) - drsw_mono_ms();

    return left > 0 ? left : 0;
}


/* --- dispatcher ----------------------------------------------------------- */


void
drsw_sched_dispatch(drsw_thread_t *th)
{
    unsigned       hurry, free_n, background, half, n, got;
    drsw_worker_t *w;

    w = th->worker;
    half = (unsigned) (w->conf->threads + 1) / 2;
    hurry = 0;

    while (!atomic_load(&w->stopping)) {
        pthread_mutex_lock(&w->lock);
        hurry = w->hurry;
        pthread_mutex_unlock(&w->lock);

        free_n = drsw_sched_free(w, &background);
        got = 0;

        if (!atomic_load(&w->draining) && !atomic_load(&w->lib_newer)
            && !drsw_sched_lapsed(w))
        {
            if (free_n > 0) {
                got = drsw_sched_claim(th, free_n, 0);
            }

            n = (background < half) ? half - background : 0;

            if (n > free_n - got) {
                n = free_n - got;
            }

            if (n > 0) {
                got += drsw_sched_claim(th, n, 1);
            }
        }

        if (got == 0 || got == free_n) {
            (void) drsw_thread_wait(w, w->conf->scan_ms, &hurry);
        }
    }

    /* task threads wait for work that will not come any more */

    pthread_mutex_lock(&w->lock);
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
}


/*
 * 1 if a lease of ours has run out and its renewal is on its way: a worker too
 * slow to renew in time must not take the task from itself, or no step of it
 * would ever come to its end.
 */

static int
drsw_sched_lapsed(drsw_worker_t *w)
{
    int     lapsed;
    int64_t i, now, until;

    lapsed = 0;
    now = drsw_mono_ms();

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < w->conf->threads; i++) {
        until = atomic_load(&w->leases[i].until_mono_ms);
        lapsed |= w->leases[i].used && until != 0 && until <= now;
    }

    pthread_mutex_unlock(&w->lock);

    return lapsed;
}


static unsigned
drsw_sched_free(drsw_worker_t *w, unsigned *background)
{
    unsigned n;
    int64_t  i;

    n = 0;
    *background = 0;

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < w->conf->threads; i++) {
        if (!w->leases[i].used) {
            n++;

        } else if (w->leases[i].kind->background) {
            (*background)++;
        }
    }

    pthread_mutex_unlock(&w->lock);

    return n;
}


/* Returns the number of tasks claimed. */

static unsigned
drsw_sched_claim(drsw_thread_t *th, unsigned max, int background)
{
    int            rc;
    size_t         pos;
    int64_t        before;
    unsigned       n;
    uint64_t       fence;
    drs_buf_t      kinds;
    drs_cmd_t     *cmd;
    drs_str_t      task;
    drs_answer_t   a;
    drsw_reply_t   reply;
    drsw_worker_t *w;

    w = th->worker;
    n = 0;

    drs_buf_init(&kinds, 0);
    drsw_registry_kinds(&w->registry, background, &kinds);

    if (kinds.len == 0) {
        drs_buf_free(&kinds);
        return 0;
    }

    before = drsw_mono_ms();

    cmd = drs_store_task_claim(drsw_redis_prefix(th->ctx.redis),
                               drs_str(w->owner), max, w->conf->lease_ms,
                               drs_buf_str(&kinds));
    rc = drsw_redis_cmd(th->ctx.redis, cmd, &reply);

    drs_cmd_free(cmd);
    drs_buf_free(&kinds);

    if (rc != DRS_OK) {
        return 0;
    }

    if (drs_store_answer(&a, &reply.r) != DRS_OK) {
        drsw_error(&th->log, "tasks cannot be claimed: %.*s %.*s",
                   DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        drsw_reply_free(&reply);
        return 0;
    }

    pos = 0;

    while (drs_store_task_next(&a, &pos, &task, &fence) == DRS_OK) {
        if (drsw_sched_slot(w, task, fence, before + w->conf->lease_ms)
            != DRS_OK) {
            drsw_error(&th->log,
                       "task %.*s was claimed but is of no known "
                       "kind",
                       DRS_STR_ARG(task));
            continue;
        }

        n++;
    }

    drsw_reply_free(&reply);

    if (n > 0) {
        drsw_count(&th->ctx, "claims_total", "", n);
    }

    return n;
}


/* Puts a claimed task into a free slot and wakes a thread. */

static int
drsw_sched_slot(drsw_worker_t *w, drs_str_t task, uint64_t fence, int64_t until)
{
    int           rc;
    int64_t       i;
    drsw_lease_t *lease;

    rc = DRS_DECLINED;

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < w->conf->threads; i++) {
        lease = &w->leases[i];

        if (lease->used || task.len >= sizeof(lease->task)) {
            continue;
        }

        memcpy(lease->task, task.data, task.len);
        lease->task[task.len] = '\0';
        lease->kind = drsw_registry_task(&w->registry, lease->task);

        if (lease->kind != NULL) {
            lease->fence = fence;
            lease->used = 1;
            lease->taken = 0;
            atomic_store(&lease->until_mono_ms, until);
            pthread_cond_signal(&w->work);
            rc = DRS_OK;
        }

        break;
    }

    pthread_mutex_unlock(&w->lock);

    return rc;
}


int
drsw_sched_seed(drsw_ctx_t *ctx)
{
    size_t                 i;
    const drsw_registry_t *reg;

    reg = &ctx->worker->registry;

    for (i = 0; i < reg->ntasks; i++) {
        if (reg->tasks[i]->seed
            && drsw_task_due(ctx, reg->tasks[i]->prefix, DRSW_NOW) != DRS_OK)
        {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}


/* --- task threads --------------------------------------------------------- */


void
drsw_sched_work(drsw_thread_t *th)
{
    drsw_lease_t  *lease;
    drsw_worker_t *w;

    w = th->worker;

    for (;;) {
        lease = drsw_sched_take(w);
        if (lease == NULL) {
            return;
        }

        drsw_sched_step(th, lease);

        pthread_mutex_lock(&w->lock);
        lease->used = 0;
        pthread_mutex_unlock(&w->lock);

        drsw_worker_hurry(w);
    }
}


/* Next claimed task; NULL when stopping and none is left. */

static drsw_lease_t *
drsw_sched_take(drsw_worker_t *w)
{
    int64_t       i;
    drsw_lease_t *lease;

    lease = NULL;

    pthread_mutex_lock(&w->lock);

    for (;;) {
        for (i = 0; i < w->conf->threads; i++) {
            if (w->leases[i].used && !w->leases[i].taken) {
                lease = &w->leases[i];
                lease->taken = 1;
                break;
            }
        }

        if (lease != NULL || atomic_load(&w->stopping)) {
            break;
        }

        (void) pthread_cond_wait(&w->work, &w->lock);
    }

    pthread_mutex_unlock(&w->lock);

    return lease;
}


static void
drsw_sched_step(drsw_thread_t *th, drsw_lease_t *lease)
{
    int            rc;
    char           labels[128];
    int64_t        next, began;
    drsw_ctx_t    *ctx;
    drsw_worker_t *w;

    w = th->worker;
    ctx = &th->ctx;
    ctx->name = lease->task;
    ctx->fence = lease->fence;
    ctx->lease = lease;

    drsw_log_task(&th->log, lease->task, (int64_t) lease->fence);

    next = DRSW_NEVER;
    began = drsw_mono_ms();

    if (atomic_load(&w->stopping)) {
        rc = DRS_OK;
        next = DRSW_NOW;

    } else if (drsw_ctx_clock(ctx) != DRS_OK) {
        rc = DRS_ERROR;

    } else {
        drsw_debug(&th->log, "step begins");
        drsw_aws_set_lane(ctx->aws, lease->kind->background
                                        ? DRSW_LANE_BACKGROUND
                                        : DRSW_LANE_NORMAL);
        rc = lease->kind->step(ctx, &next);
        drsw_debug(&th->log, "step ended with %d, next at %lld", rc,
                   (long long) next);
    }

    (void) snprintf(labels, sizeof(labels), "kind=\"%.*s\",result=\"%s\"",
                    (int) strcspn(lease->kind->prefix, ":"),
                    lease->kind->prefix,
                    rc == DRS_OK         ? "ok"
                    : rc == DRS_DECLINED ? "lost"
                                         : "error");
    drsw_observe(ctx, "step", labels, (double) (drsw_mono_ms() - began) / 1000);

    switch (rc) {
    case DRS_OK:
        drsw_sched_forget(w, lease->task);
        drsw_sched_release(th, lease, next);
        break;

    case DRS_DECLINED:
        drsw_count(ctx, "leases_lost_total", "", 1);
        drsw_notice(&th->log, "task is no longer ours");
        break;

    default:
        next = drsw_sched_backoff(w, lease->task);
        drsw_warn(&th->log, "step failed, trying again in %lld ms",
                  (long long) next);
        drsw_sched_release(th, lease, drsw_now_ms(ctx) + next);
        break;
    }

    drsw_log_task(&th->log, NULL, 0);
    ctx->name = "";
    ctx->user[0] = '\0';
    ctx->fence = 0;
    ctx->lease = NULL;
    ctx->clock_ms = 0;
}


static void
drsw_sched_release(drsw_thread_t *th, const drsw_lease_t *lease, int64_t next)
{
    int          rc, tries;
    drs_cmd_t   *cmd;
    drs_answer_t a;
    drsw_reply_t reply;

    if (next == DRSW_NEVER) {
        next = DRS_DUE_REMOVE;

    } else if (next == DRSW_KEPT) {
        next = DRS_DUE_KEPT;
    }

    cmd = drs_store_task_release(
        drsw_redis_prefix(th->ctx.redis), drs_str(lease->task),
        drs_str(th->worker->owner), lease->fence, next);

    /* a second time when the answer was lost: others need not wait for the
     * end of the lease then */

    for (tries = 1;; tries++) {
        rc = drsw_redis_cmd(th->ctx.redis, cmd, &reply);

        if (rc == DRS_OK || tries == 2) {
            break;
        }
    }

    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        drsw_warn(&th->log,
                  "task cannot be given back (%s): its lease will "
                  "run out",
                  drsw_redis_error(th->ctx.redis));
        return;
    }

    if (drs_store_answer(&a, &reply.r) != DRS_OK && tries == 1) {
        drsw_count(&th->ctx, "leases_lost_total", "", 1);
        drsw_notice(&th->log,
                    "lease was lost before the task was given back: "
                    "%.*s",
                    DRS_STR_ARG(a.code));
    }

    drsw_reply_free(&reply);
}


/* Pause after one more failure of a task. */

static int64_t
drsw_sched_backoff(drsw_worker_t *w, const char *task)
{
    size_t          i, place;
    int64_t         ms;
    unsigned        failures;
    drsw_failing_t *f;

    place = DRSW_MAX_FAILING;

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < DRSW_MAX_FAILING; i++) {
        f = &w->failing[i];

        if (f->failures == 0) {
            place = (place == DRSW_MAX_FAILING) ? i : place;

        } else if (strcmp(f->task, task) == 0) {
            place = i;
            break;
        }
    }

    if (place == DRSW_MAX_FAILING) {
        failures = 6;

    } else {
        f = &w->failing[place];

        if (f->failures == 0) {
            (void) snprintf(f->task, sizeof(f->task), "%s", task);
        }

        failures = ++f->failures;
    }

    pthread_mutex_unlock(&w->lock);

    ms = failures > 6 ? DRSW_BACKOFF_MAX_MS : (INT64_C(1000) << (failures - 1));
    ms /= w->conf->time_scale;

    return ms > 100 ? ms : 100;
}


static void
drsw_sched_forget(drsw_worker_t *w, const char *task)
{
    size_t i;

    pthread_mutex_lock(&w->lock);

    for (i = 0; i < DRSW_MAX_FAILING; i++) {
        if (w->failing[i].failures != 0
            && strcmp(w->failing[i].task, task) == 0) {
            w->failing[i].failures = 0;
            break;
        }
    }

    pthread_mutex_unlock(&w->lock);
}


/* --- renewer -------------------------------------------------------------- */


static drs_cmd_t *
drsw_sched_renewal(const drsw_worker_t *w, const drsw_renewal_t *r)
{
    return drs_store_task_renew(drs_str(w->conf->prefix), drs_str(r->task),
                                drs_str(w->owner), r->fence, w->conf->lease_ms);
}


/* What the store says to a renewal that was asked for at `before`. */

static void
drsw_sched_renewed(drsw_ctx_t *ctx, const drsw_renewal_t *r, int64_t before,
                   const drsw_reply_t *reply)
{
    int64_t        until;
    drs_answer_t   a;
    drsw_lease_t  *lease;
    drsw_worker_t *w;

    w = ctx->worker;
    lease = r->lease;
    until = drs_store_answer(&a, &reply->r) == DRS_OK
                ? before + w->conf->lease_ms
                : 0;

    pthread_mutex_lock(&w->lock);

    if (lease->used && lease->fence == r->fence
        && strcmp(lease->task, r->task) == 0)
    {
        atomic_store(&lease->until_mono_ms, until);

    } else {
        /* ended meanwhile: a refusal is what one expects */
        until = -1;
    }

    pthread_mutex_unlock(&w->lock);

    if (until == 0) {
        drsw_warn(ctx->log, "lease of task %s with fence %llu is lost", r->task,
                  (unsigned long long) r->fence);
    }
}


int
drsw_lease_hold(drsw_ctx_t *ctx, int64_t need_ms)
{
    int64_t        before;
    drs_cmd_t     *cmd;
    drsw_reply_t   reply;
    drsw_renewal_t r;

    if (ctx->lease == NULL || drsw_lease_remaining_ms(ctx) >= need_ms) {
        return 1;
    }

    if (atomic_load(&ctx->lease->until_mono_ms) == 0) {
        return 0;
    }

    r.lease = ctx->lease;
    r.fence = ctx->fence;
    (void) strcpy(r.task, ctx->lease->task);

    before = drsw_mono_ms();
    cmd = drsw_sched_renewal(ctx->worker, &r);

    if (drsw_redis_cmd(ctx->redis, cmd, &reply) == DRS_OK) {
        drsw_sched_renewed(ctx, &r, before, &reply);
        drsw_reply_free(&reply);
    }

    drs_cmd_free(cmd);

    return drsw_lease_remaining_ms(ctx) >= need_ms;
}


/* Leases of the slots from `from` on that are to be renewed now; returns the
 * slot after the last one looked at. */

static int64_t
drsw_sched_renewals(drsw_worker_t *w, int64_t from, drsw_renewal_t *r,
                    size_t *n)
{
    int64_t       i, until, fresh;
    drsw_lease_t *lease;

    *n = 0;

    /* at least half of a renewal period has passed */
    fresh = drsw_mono_ms() + w->conf->lease_ms - w->conf->renew_ms * 3 / 4;

    pthread_mutex_lock(&w->lock);

    for (i = from; i < w->conf->threads && *n < DRSW_RENEWALS; i++) {
        lease = &w->leases[i];
        until = atomic_load(&lease->until_mono_ms);

        if (lease->used && until != 0 && until < fresh) {
            r[*n].lease = lease;
            r[*n].fence = lease->fence;
            (void) strcpy(r[*n].task, lease->task);
            (*n)++;
        }
    }

    pthread_mutex_unlock(&w->lock);

    return i;
}


/* All of them at once: the time it takes must not grow with their number. */

static void
drsw_sched_renew_some(drsw_thread_t *th, const drsw_renewal_t *r, size_t n)
{
    size_t       i;
    int64_t      before;
    drs_cmd_t   *cmds[DRSW_RENEWALS];
    drsw_reply_t replies[DRSW_RENEWALS];

    before = drsw_mono_ms();

    for (i = 0; i < n; i++) {
        cmds[i] = drsw_sched_renewal(th->worker, &r[i]);
    }

    if (drsw_redis_pipeline(th->ctx.redis, cmds, n, replies) == DRS_OK) {
        for (i = 0; i < n; i++) {
            drsw_sched_renewed(&th->ctx, &r[i], before, &replies[i]);
            drsw_reply_free(&replies[i]);
        }
    }

    for (i = 0; i < n; i++) {
        drs_cmd_free(cmds[i]);
    }
}


void
drsw_sched_renew(drsw_thread_t *th)
{
    size_t         n;
    int64_t        i;
    drsw_worker_t *w;
    drsw_renewal_t r[DRSW_RENEWALS];

    w = th->worker;
    drsw_redis_patience(th->ctx.redis, w->conf->renew_ms / 2);

    while (drsw_thread_wait_end(w, w->conf->renew_ms / 2)) {
        for (i = 0; i < w->conf->threads;) {
            i = drsw_sched_renewals(w, i, r, &n);
            drsw_sched_renew_some(th, r, n);
        }
    }
}
