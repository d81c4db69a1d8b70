
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effect CAPACITY: asks for room in the capacity queue that all workers share
 * (shared/redis/parts/04_capacity.lua).  The jobs of an account and Region are
 * listed at most once in `capacity_fresh`, by whoever asks first.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_store_cap.h"
#include "drs_time.h"

#include "drsw_exec.h"
#include "drsw_limits.h"


#define DRSW_JOBS_BACK_S (25 * 3600) /* DRS ends jobs within a day */
#define DRSW_CAP_PAUSE   50          /* ms between two questions */
#define DRSW_CAP_ASKS    100


typedef struct {
    drs_cap_job_t *jobs;
    drs_buf_t     *texts;
    size_t         n;
} drsw_listing_t;


static int
drsw_listing_add(drsw_listing_t *l, const json_t *job)
{
    size_t     i;
    json_t    *v;
    drs_str_t  status;
    drs_buf_t *b;

    status = drs_json_field(job, "status");

    if (!drs_str_eqz(status, "PENDING") && !drs_str_eqz(status, "STARTED")) {
        return DRS_OK;
    }

    b = &l->texts[l->n];
    drs_buf_init(b, 0);

    json_array_foreach (json_object_get(job, "participatingServers"), i, v) {
        if ((b->len > 0 && drs_buf_putc(b, ' ') != DRS_OK)
            || drs_buf_str_append(b, drs_json_field(v, "sourceServerID"))
                   != DRS_OK)
        {
            drs_buf_free(b);
            return DRS_ERROR;
        }
    }

    l->jobs[l->n].job = drs_json_field(job, "jobID");
    l->jobs[l->n].servers = drs_buf_str(b);
    l->n++;

    return DRS_OK;
}


/* Stores the active ones of the jobs. */
static int
drsw_listing_store(drsw_run_t *run, const drsw_access_t *access, int64_t at,
                   const json_t *items)
{
    int            rc;
    size_t         i, n;
    drsw_listing_t l;

    n = json_array_size(items);
    memset(&l, 0, sizeof(l));
    l.jobs = calloc(n + 1, sizeof(*l.jobs));
    l.texts = calloc(n + 1, sizeof(*l.texts));
    rc = (l.jobs != NULL && l.texts != NULL) ? DRS_OK : DRS_ERROR;

    for (i = 0; rc == DRS_OK && i < n; i++) {
        rc = drsw_listing_add(&l, json_array_get(items, i));
    }

    if (rc == DRS_OK) {
        rc = drsw_store_do(
            run->ctx,
            drs_store_cap_seen(drsw_redis_prefix(run->ctx->redis),
                               drs_str(access->account),
                               drs_str(access->region), at, l.jobs, l.n));
    }

    for (i = 0; i < l.n; i++) {
        drs_buf_free(&l.texts[i]);
    }

    free(l.jobs);
    free(l.texts);
    return rc;
}


/* Lists the jobs.  DRS_OK; DRS_DECLINED: they cannot be listed now. */
static int
drsw_capacity_look(drsw_run_t *run, const drsw_access_t *access)
{
    int               rc;
    char              err[1200], from[DRS_TIME_ISO_SIZE];
    int64_t           at;
    json_t           *items;
    drsw_aws_result_t res;

    at = drsw_now_ms(run->ctx);
    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_JOBS_BACK_S);

    if (drsw_drs_describe_jobs(run->ctx->aws, &access->aws, NULL, from, NULL,
                               &items, &res)
        != DRSW_AWS_OK)
    {
        drsw_aws_explain(access, "reading the active jobs", &res, err,
                         sizeof(err));
        drsw_warn(run->ctx->log, "capacity is not known: %s", err);
        return DRS_DECLINED;
    }

    rc = drsw_listing_store(run, access, at, items);
    json_decref(items);

    return rc;
}


/* DRS_OK: *state; DRS_DECLINED: the unit cannot be asked for any more. */
static int
drsw_capacity_ask(drsw_run_t *run, const drs_cap_ask_t *ask, drsw_capacity_t *c,
                  drs_cap_state_t *state)
{
    int          rc;
    size_t       i, busy;
    drsw_reply_t reply;
    drs_answer_t a;

    rc = drsw_store_call(
        run->ctx,
        drs_store_cap_ask(drsw_redis_prefix(run->ctx->redis), &run->lease, ask),
        &reply, &a);

    if (rc == DRS_OK) {
        rc = drs_store_cap_answer(&a, state, &c->waiting, &busy);
    }

    if (rc == DRS_OK && *state == DRS_CAP_BUSY && a.n > busy) {
        c->nbusy = a.n - busy;
        c->busy = drs_arena_array(run->arena, c->nbusy, sizeof(char *));
        rc = (c->busy != NULL) ? DRS_OK : DRS_ERROR;

        for (i = 0; rc == DRS_OK && i < c->nbusy; i++) {
            c->busy[i] = drsw_run_str(run, a.v[busy + i]);
        }
    }

    if (rc == DRS_OK && *state == DRS_CAP_QUEUED) {
        drsw_info(run->ctx->log,
                  "unit %s waits for capacity, %lld units in the queue",
                  c->unit, (long long) c->waiting);
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_capacity_limits(drsw_run_t *run, const drsw_access_t *access,
                     const char *unit, drs_cap_ask_t *ask)
{
    drsw_limits_t        limits;
    const drsw_config_t *conf;

    conf = run->ctx->conf;

    if (drsw_limits(run->ctx, access, &limits) != DRS_OK) {
        return DRS_ERROR;
    }

    memset(ask, 0, sizeof(*ask));
    ask->exec = drs_str(run->id);
    ask->unit = drs_str(unit);
    ask->priority = run->plan->next->priority;
    ask->jobs = limits.jobs;
    ask->servers = limits.servers;
    ask->aging_ms = conf->capacity_aging_ms;
    ask->fresh_ms = conf->capacity_fresh_ms;
    ask->ttl_ms =
        2 * conf->lease_ms + (DRSW_CAPACITY_WAITS + 4) * run->set.capacity_wait;
    ask->patience_ms = conf->lease_ms / 4;

    return DRS_OK;
}


int
drsw_run_ask_capacity(drsw_run_t *run, const drsw_effect_t *eff)
{
    int              rc, i;
    char             err[512];
    drs_cap_ask_t    ask;
    drsw_access_t    access;
    drs_cap_state_t  state;
    drsw_capacity_t *c;

    c = drsw_run_capacity(run);

    if (c == NULL) {
        return DRS_ERROR;
    }

    c->unit = drsw_run_text(run, eff->unit);
    rc = drsw_access(run->ctx, drs_str(eff->account), drs_str(eff->region),
                     &access, err, sizeof(err));

    if (rc != DRS_OK) {
        drsw_warn(run->ctx->log, "capacity is not known: %s", err);
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    rc = drsw_capacity_limits(run, &access, eff->unit, &ask);

    for (i = 0; rc == DRS_OK && i < DRSW_CAP_ASKS; i++) {
        rc = drsw_capacity_ask(run, &ask, c, &state);

        if (rc == DRS_OK && state == DRS_CAP_LOOK) {
            rc = drsw_capacity_look(run, &access);

        } else if (rc == DRS_OK && state == DRS_CAP_WAIT) {
            if (drsw_sleep_ms(run->ctx, DRSW_CAP_PAUSE) != DRS_OK) {
                break;
            }

        } else {
            c->known = rc == DRS_OK;
            c->granted = c->known && state == DRS_CAP_GRANTED;
            break;
        }
    }

    return rc == DRS_ERROR ? rc : DRS_OK;
}
