
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts of the precheck from earlier runs of the plan, and the forecast.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"
#include "drsw_forecast.h"
#include "drsw_precheck.h"


#define DRSW_PRECHECK_RUNS 30


/* -- earlier runs --------------------------------------------------------- */

/* Ids of the newest runs of the plan: new array. */
static int
drsw_history_ids(drsw_precheck_t *p, json_t **ids)
{
    int          rc;
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *ids = json_array();
    cmd = drs_key_cmd1("ZREVRANGE", drsw_redis_prefix(p->s.ctx->redis),
                       DRS_KEY_EXEC_PLAN, drs_json_field(p->s.plan, "planId"));
    (void) drs_cmd_add_i64(cmd, 0);
    (void) drs_cmd_add_i64(cmd, DRSW_PRECHECK_RUNS - 1);
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(p->s.ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        (void) json_array_append_new(*ids, drs_json_new_str(reply.r.v[i]));
    }

    drsw_reply_free(&reply);

    return rc;
}


/* One run: *ended 1 if it may tell how long waves take. */
static int
drsw_history_run(drsw_precheck_t *p, drs_str_t id, int *ended, int *drill)
{
    int          rc;
    int64_t      at;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *ended = *drill = 0;
    cmd = drs_key_cmd1("HMGET", drsw_redis_prefix(p->s.ctx->redis),
                       DRS_KEY_EXEC, id);
    (void) drs_cmd_addz(cmd, "type");
    (void) drs_cmd_addz(cmd, "status");
    (void) drs_cmd_addz(cmd, "startedAt");
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(p->s.ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n == 3) {
        *ended = drs_str_eqz(reply.r.v[1], "COMPLETED")
                 || drs_str_eqz(reply.r.v[1], "PARTIAL");

        if (drs_str_eqz(reply.r.v[0], "DRILL")
            && drs_str_eqz(reply.r.v[1], "COMPLETED")
            && drs_str_i64(reply.r.v[2], &at) == DRS_OK)
        {
            (void) drs_json_set_int(p->facts, "lastDrillMs", at);
            *drill = 1;
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_history_same_groups(const json_t *wave, const drs_exec_wave_t *w)
{
    size_t  i;
    json_t *ids;

    ids = json_object_get(wave, "protectionGroupIds");

    if (json_array_size(ids) != w->ngroups) {
        return 0;
    }

    for (i = 0; i < w->ngroups; i++) {
        if (!drs_str_eqz(drs_json_str(json_array_get(ids, i)), w->groups[i])) {
            return 0;
        }
    }

    return 1;
}


/* The wave of the last run, if it was the same; or NULL. */
static const drs_exec_wave_t *
drsw_history_wave(const drsw_precheck_t *p, size_t n)
{
    const drs_exec_wave_t *w;

    if (p->last == NULL || n >= p->last->nwaves) {
        return NULL;
    }

    w = &p->last->waves[n];

    return w->selected
                   && drsw_history_same_groups(
                       json_array_get(json_object_get(p->s.plan, "waves"), n),
                       w)
               ? w
               : NULL;
}


int
drsw_precheck_history(drsw_precheck_t *p)
{
    int                    rc, ended, drill, drilled;
    size_t                 i;
    json_t                *ids, *id, *w;
    const drs_exec_wave_t *was;

    (void) drs_json_set_int(p->facts, "planChangedMs",
                            drs_json_int(p->s.plan, "lastModifiedDate", 0)
                                * 1000);
    rc = drsw_history_ids(p, &ids);
    drilled = 0;

    json_array_foreach (ids, i, id) {
        if (rc != DRS_OK || (drilled && p->last != NULL)) {
            break;
        }

        ended = drill = 0;
        rc = drilled ? DRS_OK
                     : drsw_history_run(p, drs_json_str(id), &ended, &drill);
        drilled |= drill;

        if (rc == DRS_OK && ended && p->last == NULL) {
            rc = drsw_record_load(p->s.ctx, json_string_value(id), &p->last);
            rc = rc == DRS_DECLINED ? DRS_OK : rc;
        }
    }

    json_decref(ids);

    json_array_foreach (json_object_get(p->facts, "waves"), i, w) {
        was = drsw_history_wave(
            p, (size_t) json_integer_value(json_object_get(w, "waveNumber")));

        if (was != NULL) {
            (void) drs_json_set_int(w, "previousCount",
                                    (int64_t) was->nserver_ids);
        }
    }

    return rc;
}


/* -- forecast ------------------------------------------------------------- */

/* The longest job of the same wave in the last run, in seconds; 0 unknown. */
static int64_t
drsw_forecast_job(const drsw_precheck_t *p, size_t n)
{
    size_t                 i;
    int64_t                s, most;
    const drs_exec_unit_t *u;

    most = 0;

    if (drsw_history_wave(p, n) == NULL) {
        return 0;
    }

    for (i = 0; i < p->last->nunits; i++) {
        u = &p->last->units[i];

        /* the end is stored in whole seconds */

        if (u->wave == (int) n && u->state == DRS_UNIT_DONE && u->intent_at != 0
            && u->ended_at + 1000 > u->intent_at)
        {
            s = (u->ended_at - u->intent_at) / 1000 + 1;
            most = s > most ? s : most;
        }
    }

    return most;
}


/* Memory of one forecast. */
typedef struct {
    drsw_forecast_wave_t  *waves;
    drsw_forecast_place_t *places;
    int                   *deps;
    int                   *critical;
} drsw_forecast_mem_t;


static int
drsw_forecast_alloc(drsw_forecast_mem_t *m, size_t nwaves, size_t nplaces,
                    size_t ndeps)
{
    m->waves = calloc(nwaves + 1, sizeof(*m->waves));
    m->places = calloc(nwaves * nplaces + 1, sizeof(*m->places));
    m->deps = calloc(ndeps + 1, sizeof(*m->deps));
    m->critical = calloc(nwaves + 1, sizeof(*m->critical));

    return m->waves != NULL && m->places != NULL && m->deps != NULL
                   && m->critical != NULL
               ? DRS_OK
               : DRS_ERROR;
}


/* The fact of a place, or NULL. */
static const json_t *
drsw_forecast_fact(const drsw_precheck_t *p, const drsw_place_t *place)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(p->facts, "places"), i, v) {
        if (drs_str_eqz(drs_json_field(v, "accountId"), place->access.account)
            && drs_str_eqz(drs_json_field(v, "region"), place->access.region))
        {
            return v;
        }
    }

    return NULL;
}


static void
drsw_forecast_place(const drsw_precheck_t *p, const json_t *fact,
                    const drsw_place_t *place, drsw_forecast_place_t *out)
{
    size_t        i;
    json_t       *s;
    int64_t       per;
    const json_t *limits;

    json_array_foreach (json_object_get(fact, "servers"), i, s) {
        out->servers +=
            drs_str_eqz(drs_json_field(s, "accountId"), place->access.account)
            && drs_str_eqz(drs_json_field(s, "region"), place->access.region);
    }

    limits = drsw_forecast_fact(p, place);
    per =
        drs_json_int(limits, "perUnit", drs_json_int(p->facts, "perUnit", 100));
    per = per > 0 ? per : 1;
    out->units = (int) ((out->servers + per - 1) / per);
    out->max_jobs = (int) (drs_json_int(limits, "maxJobs", 20)
                           - p->s.ctx->conf->max_jobs_reserve);
    out->max_servers = (int) drs_json_int(limits, "maxServersInJobs", 500);
}


static void
drsw_forecast_fill(const drsw_precheck_t *p, drsw_forecast_t *f,
                   drsw_forecast_mem_t *m)
{
    int                   *deps;
    size_t                 n, i;
    json_t                *wave, *fact, *d;
    drsw_forecast_wave_t  *w;
    drsw_forecast_place_t *places;

    deps = m->deps;
    places = m->places;

    json_array_foreach (json_object_get(p->s.plan, "waves"), n, wave) {
        w = &m->waves[n];
        fact = drsw_precheck_wave(p, n);
        w->selected = fact != NULL;
        w->deps = deps;
        w->places = places;
        w->job_s = drsw_forecast_job(p, n);

        json_array_foreach (json_object_get(wave, "dependsOnWaves"), i, d) {
            *deps++ = (int) json_integer_value(d);
            w->ndeps++;
        }

        for (i = 0; i < p->s.resolver.nplaces; i++) {
            drsw_forecast_place(p, fact, p->s.resolver.places[i], places++);
            w->nplaces++;
        }
    }

    f->waves = m->waves;
    f->nwaves = n;
    f->critical = m->critical;
    f->max_parallel = (int) drs_json_int(p->s.plan, "maxParallelWaves", 1);
    f->wave_delay_s = drs_json_int(p->s.plan, "interWaveDelaySeconds", 0);
    f->server_delay_s = drs_json_int(p->s.plan, "interServerDelaySeconds", 0);
}


static void
drsw_forecast_tell(drsw_precheck_t *p, const drsw_forecast_t *f)
{
    size_t  i;
    json_t *path, *w;

    path = json_array();

    for (i = 0; i < f->ncritical; i++) {
        (void) json_array_append_new(path, json_integer(f->critical[i]));
    }

    (void) json_object_set_new(p->facts, "criticalPath", path);
    (void) drs_json_set_int(p->facts, "estimatedSeconds", f->seconds);

    for (i = 0; i < f->nwaves; i++) {
        w = drsw_precheck_wave(p, i);

        if (w != NULL) {
            (void) drs_json_set_int(w, "estimatedSeconds", f->waves[i].seconds);
        }
    }
}


int
drsw_precheck_forecast(drsw_precheck_t *p)
{
    int                 rc;
    size_t              i, ndeps;
    json_t             *waves, *w;
    drsw_forecast_t     f;
    drsw_forecast_mem_t m;

    memset(&f, 0, sizeof(f));
    memset(&m, 0, sizeof(m));
    waves = json_object_get(p->s.plan, "waves");
    ndeps = 0;

    json_array_foreach (waves, i, w) {
        ndeps += json_array_size(json_object_get(w, "dependsOnWaves"));
    }

    rc = drsw_forecast_alloc(&m, json_array_size(waves), p->s.resolver.nplaces,
                             ndeps);

    if (rc == DRS_OK) {
        drsw_forecast_fill(p, &f, &m);
        drsw_forecast(&f);
        drsw_forecast_tell(p, &f);
    }

    free(m.waves);
    free(m.places);
    free(m.deps);
    free(m.critical);

    return rc;
}
