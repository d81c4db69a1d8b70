
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task exec:<id>: loads the record, lets the engine decide, commits, runs the
 * effects one by one (docs/engine.md "The caller's loop").
 */

#include <string.h>

#include "drs_time.h"

#include "drsw_exec.h"
#include "drsw_tasks.h"


#define DRSW_RUN_TURNS   500 /* of one step of the task */
#define DRSW_RUN_REPEATS 20  /* commits refused for their version */
#define DRSW_IDLE_FLOOR  500


enum {
    DRSW_CAP_RESOLUTIONS = 0,
    DRSW_CAP_CONFIGS,
    DRSW_CAP_CAPACITY,
    DRSW_CAP_SENDS,
    DRSW_CAP_LOOKS,
    DRSW_CAP_ENRICHED,
    DRSW_CAP_UNITS
};


static int64_t
drsw_run_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}


void
drsw_run_settings(const drsw_config_t *conf, drsw_settings_t *s)
{
    int i;

    drsw_settings_init(s);

    /* what has no option of its own */
    drsw_settings_scale(s, (double) conf->time_scale, 100);

    s->request_timeout = conf->launch_request_timeout_ms;
    s->listing_lag = conf->listing_lag_ms;
    s->signature_validity = conf->signature_validity_ms;
    s->margin = conf->window_margin_ms;
    s->transit = drsw_run_max(s->transit, s->request_timeout);
    s->skew = conf->look_skew_ms;
    s->strict = conf->launch_settle == DRSW_SETTLE_STRICT;
    s->hold_on_match = conf->launch_ambiguity == DRSW_AMBIGUITY_HOLD;
    s->limits_strict = conf->limits == DRSW_LIMITS_STRICT;

    s->look_first = conf->first_look_ms;
    s->look_every = conf->look_interval_ms;
    s->look_watch = 2 * conf->look_interval_ms;
    s->poll_every = conf->poll_fast_ms;
    s->idle_every = drsw_run_max(conf->poll_slow_ms, DRSW_IDLE_FLOOR);

    for (i = 0; i < 3; i++) {
        s->conflict_wait[i] = conf->conflict_waits_ms[i];
    }

    s->grace = conf->completed_grace_ms;
    s->pause_deadline = conf->pause_timeout_ms;

    s->max_attempts = (int) conf->launch_max_attempts;
    s->unit_servers = (int) conf->max_servers_per_job;
}


/* -- observations --------------------------------------------------------- */

static void *
drsw_run_push(drsw_run_t *run, void **base, size_t *n, int cap, size_t size)
{
    return drs_arena_push(run->arena, base, n, &run->caps[cap], size);
}


drsw_resolution_t *
drsw_run_resolution(drsw_run_t *run, int wave)
{
    drsw_resolution_t *r;

    r = drsw_run_push(run, &run->resolutions, &run->obs.nresolutions,
                      DRSW_CAP_RESOLUTIONS, sizeof(*r));
    run->obs.resolutions = run->resolutions;

    if (r != NULL) {
        r->wave = wave;
        r->error_code = r->error = "";
    }

    return r;
}


drsw_configured_t *
drsw_run_configured(drsw_run_t *run, const char *unit)
{
    drsw_configured_t *c;

    c = drsw_run_push(run, &run->configs, &run->obs.nconfigs, DRSW_CAP_CONFIGS,
                      sizeof(*c));
    run->obs.configs = run->configs;

    if (c != NULL) {
        c->unit = drsw_run_text(run, unit);
    }

    return c;
}


drsw_capacity_t *
drsw_run_capacity(drsw_run_t *run)
{
    drsw_capacity_t *c;

    c = drsw_run_push(run, &run->capacity, &run->obs.ncapacity,
                      DRSW_CAP_CAPACITY, sizeof(*c));
    run->obs.capacity = run->capacity;

    return c;
}


drsw_send_t *
drsw_run_send(drsw_run_t *run, const drsw_effect_t *eff,
              drsw_send_outcome_t outcome, drsw_why_t why)
{
    drsw_send_t *s;

    s = drsw_run_push(run, &run->sends, &run->obs.nsends, DRSW_CAP_SENDS,
                      sizeof(*s));
    run->obs.sends = run->sends;

    if (s != NULL) {
        s->unit = drsw_run_text(run, eff->unit);
        s->attempt = eff->attempt;
        s->outcome = outcome;
        s->why = why;
        s->code = s->message = s->server = "";
        s->retry_after = -1;
    }

    return s;
}


drsw_look_t *
drsw_run_look(drsw_run_t *run, const char *unit)
{
    drsw_look_t *l;

    l = drsw_run_push(run, &run->looks, &run->obs.nlooks, DRSW_CAP_LOOKS,
                      sizeof(*l));
    run->obs.looks = run->looks;

    if (l != NULL) {
        l->unit = drsw_run_text(run, unit);
    }

    return l;
}


drsw_enriched_t *
drsw_run_enriched(drsw_run_t *run, const char *server)
{
    drsw_enriched_t *v;

    v = drsw_run_push(run, &run->enriched, &run->obs.nenriched,
                      DRSW_CAP_ENRICHED, sizeof(*v));
    run->obs.enriched = run->enriched;

    if (v != NULL) {
        v->server = drsw_run_text(run, server);
        v->instance = v->private_ip = v->instance_type = "";
        v->instance_state = v->name_tag = v->hostname = "";
        v->rp_snapshot = v->rp_time = "";
    }

    return v;
}


int
drsw_run_enriched_unit(drsw_run_t *run, const char *unit)
{
    const char **v;

    v = drsw_run_push(run, &run->enriched_units, &run->obs.nenriched_units,
                      DRSW_CAP_UNITS, sizeof(*v));
    run->obs.enriched_units = run->enriched_units;

    if (v == NULL) {
        return DRS_ERROR;
    }

    *v = drsw_run_text(run, unit);
    return DRS_OK;
}


const char *
drsw_run_text(drsw_run_t *run, const char *z)
{
    return drsw_run_str(run, drs_str(z));
}


const char *
drsw_run_str(drsw_run_t *run, drs_str_t s)
{
    const char *z;

    z = drs_arena_str(run->arena, s);

    return z != NULL ? z : "";
}


int64_t
drsw_aws_time(drs_str_t s, int64_t shift)
{
    int64_t t;

    if (s.len == 0 || drs_time_parse_ms(s, &t) != DRS_OK) {
        return 0;
    }

    return t + shift;
}


int
drsw_aws_is_transient(const drsw_aws_result_t *res)
{
    switch (res->class) {
    case DRSW_AWS_THROTTLE:
    case DRSW_AWS_TRANSIENT:
    case DRSW_AWS_AMBIGUOUS:
    case DRSW_AWS_CREDENTIALS:
    case DRSW_AWS_CLOCK:
    case DRSW_AWS_CONFLICT:
    case DRSW_AWS_QUOTA:
    case DRSW_AWS_PROTOCOL:
    case DRSW_AWS_STOPPED:
        return 1;

    default:
        return 0;
    }
}


static int
drsw_run_forget(drsw_run_t *run)
{
    const drsw_job_t *jobs;
    size_t            njobs;

    jobs = run->obs.jobs;
    njobs = run->obs.njobs;

    memset(&run->obs, 0, sizeof(run->obs));
    memset(run->caps, 0, sizeof(run->caps));
    run->resolutions = run->configs = run->capacity = NULL;
    run->sends = run->looks = NULL;
    run->enriched = run->enriched_units = NULL;
    run->obs.jobs = jobs;
    run->obs.njobs = njobs;

    drs_arena_free(run->arena);
    run->arena = drs_arena_new(NULL);

    return run->arena != NULL ? DRS_OK : DRS_ERROR;
}


/* -- the loop ------------------------------------------------------------- */

int
drsw_run_init(drsw_run_t *run, drsw_ctx_t *ctx, const char *id, uint64_t fence)
{
    memset(run, 0, sizeof(*run));

    run->ctx = ctx;
    run->id = id;
    run->lease.owner = drs_str(ctx->owner);
    run->lease.fence = fence;
    run->shift = drsw_now_ms(ctx) - drsw_wall_ms();

    drsw_run_settings(ctx->conf, &run->set);
    drsw_log_execution(ctx->log, id);

    run->keep = drs_arena_new(NULL);

    return run->keep != NULL ? drsw_run_forget(run) : DRS_ERROR;
}


void
drsw_run_free(drsw_run_t *run)
{
    drs_exec_free(run->e);
    drs_arena_free(run->jobs_arena);
    drs_arena_free(run->arena);
    drs_arena_free(run->keep);
    drsw_log_execution(run->ctx->log, NULL);
}


/*
 * DRS_OK; DRS_AGAIN: refused because the record has changed; DRS_DECLINED:
 * ownership is lost.
 */
static int
drsw_run_commit(drsw_run_t *run, const drsw_plan_t *plan)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t a;

    rc = drsw_store_call(
        run->ctx,
        drsw_plan_commit(plan, drsw_redis_prefix(run->ctx->redis), &run->lease),
        &reply, &a);

    if (rc == DRS_DECLINED) {
        if (drs_answer_is(&a, "VERSION_CONFLICT")) {
            rc = DRS_AGAIN;

        } else if (drs_answer_is(&a, DRS_STORE_LEASE_LOST)
                   || drs_answer_is(&a, "EXECUTION_NOT_FOUND"))
        {
            rc = DRS_DECLINED;

        } else {
            drsw_error(run->ctx->log,
                       "the store refused a step from %s "
                       "(%s): %.*s %.*s",
                       run->e->status, plan->event, DRS_STR_ARG(a.code),
                       DRS_STR_ARG(a.text));
            rc = DRS_ERROR;
        }

    } else if (rc == DRS_OK && plan->sm != DRS_SM_NONE) {
        drsw_notice(run->ctx->log, "%s -> %s (%s)", run->e->status,
                    plan->status, plan->event);
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_run_effect(drsw_run_t *run, const drsw_effect_t *eff)
{
    static int (*const table[])(drsw_run_t *, const drsw_effect_t *) = {
        [DRSW_EFF_RESOLVE_WAVE] = drsw_run_resolve,
        [DRSW_EFF_CAPACITY] = drsw_run_ask_capacity,
        [DRSW_EFF_APPLY_CONFIG] = drsw_run_config,
        [DRSW_EFF_ARM_AND_SEND] = drsw_run_arm,
        [DRSW_EFF_CLOSE] = drsw_run_close,
        [DRSW_EFF_FACT] = drsw_run_fact,
        [DRSW_EFF_LOOK] = drsw_run_ask_look,
        [DRSW_EFF_RECONCILE] = drsw_run_reconcile,
        [DRSW_EFF_ENRICH] = drsw_run_enrich,
        [DRSW_EFF_TERMINATE] = drsw_run_terminate
    };

    return table[eff->type](run, eff);
}


/* A stopping worker begins nothing; what is done already it writes down. */
static int
drsw_run_postponed(const drsw_run_t *run, const drsw_effect_t *eff)
{
    return drsw_stopping(run->ctx) && eff->type != DRSW_EFF_CLOSE
           && eff->type != DRSW_EFF_FACT && eff->type != DRSW_EFF_TERMINATE;
}


static int
drsw_run_effects(drsw_run_t *run, const drsw_plan_t *plan)
{
    int    rc;
    size_t i;

    run->plan = plan;
    rc = drsw_run_forget(run);

    for (i = 0; rc == DRS_OK && i < plan->neffects; i++) {
        if (!drsw_lease_hold(run->ctx, 1)) {
            rc = DRS_DECLINED;
            break;
        }

        if (drsw_run_postponed(run, &plan->effects[i])) {
            continue;
        }

        rc = drsw_run_effect(run, &plan->effects[i]);
    }

    run->plan = NULL;
    return rc;
}


/* Keeps what the caller of a request wants to know. */
static void
drsw_run_verdict(drsw_run_t *run, const drsw_plan_t *plan,
                 drsw_verdict_t *verdict)
{
    *verdict = plan->answer;
    verdict->code = drs_arena_strz(run->keep, plan->answer.code);
    verdict->message = drs_arena_strz(run->keep, plan->answer.message);
    verdict->status = drs_arena_strz(run->keep, plan->answer.status);
    verdict->wave_status = drs_arena_strz(run->keep, plan->answer.wave_status);
}


/* One turn: DRS_OK (*more, *next_at), DRS_AGAIN, DRS_DECLINED, DRS_ERROR. */
static int
drsw_run_turn(drsw_run_t *run, int *more, int64_t *next_at)
{
    int         rc;
    drsw_plan_t plan;

    rc = drsw_engine_step(run->e, &run->obs, &run->set, drsw_now_ms(run->ctx),
                          &plan);

    if (rc != DRS_OK) {
        drsw_error(run->ctx->log, "the engine failed: no memory");
        return rc;
    }

    if (plan.changed) {
        rc = drsw_run_commit(run, &plan);
    }

    if (rc == DRS_OK && plan.changed) {
        rc = drsw_run_waves_over(run, &plan);
    }

    if (rc == DRS_OK) {
        rc = drsw_run_effects(run, &plan);
    }

    *more = plan.neffects != 0 || plan.again;
    *next_at = plan.due_at != 0 ? plan.due_at : DRSW_NEVER;

    drsw_plan_free(&plan);
    return rc;
}


int
drsw_run_request(drsw_run_t *run, const drsw_request_t *request,
                 drsw_verdict_t *verdict)
{
    int         rc;
    drsw_plan_t plan;

    run->obs.request = request;
    rc = drsw_engine_step(run->e, &run->obs, &run->set, drsw_now_ms(run->ctx),
                          &plan);
    run->obs.request = NULL;

    if (rc != DRS_OK) {
        drsw_error(run->ctx->log, "the engine failed: no memory");
        return rc;
    }

    if (plan.changed) {
        rc = drsw_run_commit(run, &plan);
    }

    if (rc == DRS_OK && plan.changed) {
        rc = drsw_run_waves_over(run, &plan);
    }

    if (rc == DRS_OK) {
        drsw_run_verdict(run, &plan, verdict);
    }

    drsw_plan_free(&plan);
    return rc;
}


int
drsw_run_steps(drsw_run_t *run, int64_t *next_at)
{
    int rc, more, turns, repeats;

    more = 1;
    repeats = 0;

    for (turns = 0; more && turns < DRSW_RUN_TURNS; turns++) {
        if (turns > 0 && run->obs.nsends == 0 && drsw_stopping(run->ctx)) {
            *next_at = DRSW_NOW;
            return DRS_OK;
        }

        rc = drsw_run_load(run);

        if (rc == DRS_DECLINED) {
            *next_at = DRSW_NEVER;
            return turns == 0 ? DRS_OK : DRS_DECLINED;
        }

        if (rc != DRS_OK) {
            return rc;
        }

        drsw_aws_set_lane(run->ctx->aws, run->e->drill ? DRSW_LANE_NORMAL
                                                       : DRSW_LANE_RECOVERY);
        rc = drsw_run_turn(run, &more, next_at);

        if (rc == DRS_AGAIN && repeats++ < DRSW_RUN_REPEATS) {
            more = 1;
            continue;
        }

        if (rc != DRS_OK) {
            return rc == DRS_DECLINED ? rc : DRS_ERROR;
        }
    }

    if (more) {
        drsw_warn(run->ctx->log, "%d turns in one step; going on later", turns);
        *next_at = drsw_now_ms(run->ctx) + run->set.poll_every;
    }

    return DRS_OK;
}


int
drsw_step_exec(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc;
    drsw_run_t  run;
    const char *id;

    id = strchr(ctx->name, ':');

    if (id == NULL) {
        return DRS_OK;
    }

    rc = drsw_run_init(&run, ctx, id + 1, ctx->fence);

    if (rc == DRS_OK) {
        rc = drsw_run_steps(&run, next_at);
    }

    if (rc == DRS_OK && run.e != NULL
        && (strcmp(run.e->status, "PAUSED") == 0
            || drs_exec_is_terminal(
                drs_exec_status_parse(drs_str(run.e->status)))))
    {
        rc = drsw_run_term_flags(&run);
    }

    drsw_run_free(&run);
    return rc;
}
