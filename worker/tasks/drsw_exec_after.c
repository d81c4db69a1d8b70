
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effects besides launches: termination that a cancel asked for; and what a
 * termination writes into the record.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"
#include "drsw_instances.h"


int
drsw_run_terminate(drsw_run_t *run, const drsw_effect_t *eff)
{
    int          rc;
    drs_pair_t   plan;
    drsw_reply_t reply;
    drs_answer_t a;

    plan.name = drs_str("plan");
    plan.value = drs_str("{}");

    rc = drsw_store_call(run->ctx,
                         drs_store_term_put(drsw_redis_prefix(run->ctx->redis),
                                            drs_str(run->id), NULL, "RUNNING",
                                            0, &plan, 1, drs_str(NULL)),
                         &reply, &a);

    if (rc == DRS_DECLINED) {
        drsw_notice(run->ctx->log,
                    "the termination asked for with the "
                    "cancel does not begin: %.*s %.*s",
                    DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        rc = DRS_OK;
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_run_waves_over(drsw_run_t *run, const drsw_plan_t *plan)
{
    int                    rc;
    size_t                 i;
    const drs_exec_unit_t *u, *last;
    const drs_exec_wave_t *w, *old;

    rc = DRS_OK;
    last = NULL;

    for (i = 0; i < plan->next->nunits && rc == DRS_OK; i++) {
        u = &plan->next->units[i];
        w = drs_exec_wave(plan->next, u->wave);
        old = drs_exec_wave(run->e, u->wave);

        if (w == NULL || old == NULL || !drs_wave_is_over(w->status)
            || drs_wave_is_over(old->status)
            || (last != NULL && strcmp(last->account, u->account) == 0
                && strcmp(last->region, u->region) == 0))
        {
            continue;
        }

        rc = drsw_instances_later(run->ctx, u->account, u->region);
        last = u;
    }

    return rc;
}


/* -- state of the termination in the record ------------------------------- */

/* state, confirm, initiated (epoch s), finished (epoch s) of exec:<id>:term */
static int
drsw_term_facts(drsw_run_t *run, char *state, size_t size, int *confirm,
                int64_t *began_ms, int64_t *at_ms)
{
    int          rc;
    json_t      *plan;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("HMGET", drsw_redis_prefix(run->ctx->redis),
                       DRS_KEY_EXEC_TERM, drs_str(run->id));
    (void) drs_cmd_addz(cmd, "state");
    (void) drs_cmd_addz(cmd, "at");
    (void) drs_cmd_addz(cmd, "plan");
    memset(&reply, 0, sizeof(reply));
    rc = (cmd != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(run->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK
        && (reply.r.n < 3 || reply.r.v[0].len == 0 || reply.r.v[0].len >= size))
    {
        rc = DRS_DECLINED;
    }

    if (rc == DRS_OK) {
        memcpy(state, reply.r.v[0].data, reply.r.v[0].len);
        state[reply.r.v[0].len] = '\0';

        if (drs_str_i64(reply.r.v[1], at_ms) != DRS_OK) {
            *at_ms = 0;
        }

        plan = drs_json_parse(reply.r.v[2], &drs_json_store_limits, NULL);
        *confirm = json_is_true(json_object_get(plan, "confirm"));
        *began_ms = drs_json_int(plan, "beganMs", *at_ms);
        json_decref(plan);
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_term_commit(drsw_run_t *run)
{
    int          rc;
    drs_cmd_t   *cmd;
    drs_buf_t    b;
    drsw_reply_t reply;
    drs_answer_t a;

    drs_buf_init(&b, 0);
    rc = drs_exec_out_doc(&b, run->e);

    if (rc != DRS_OK) {
        drs_buf_free(&b);
        return rc;
    }

    cmd =
        drs_commit_begin(drsw_redis_prefix(run->ctx->redis), drs_str(run->id),
                         &run->lease, run->e->ver, DRS_SM_NONE, DRS_EXEC_NONE);
    (void) drs_commit_header(cmd, "out", drs_buf_str(&b));
    drs_buf_free(&b);

    rc = drsw_store_call(run->ctx, drs_store_end(cmd), &reply, &a);

    if (rc == DRS_DECLINED) {
        rc = drs_answer_is(&a, "VERSION_CONFLICT")     ? DRS_AGAIN
             : drs_answer_is(&a, DRS_STORE_LEASE_LOST) ? DRS_DECLINED
                                                       : DRS_ERROR;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* 1: the record's members of api.md 2.7 had to be changed. */
static int
drsw_term_set(json_t *out, const char *state, int whole, int64_t began_ms,
              int64_t at_ms)
{
    int changed;

    changed = 0;

    if (drs_json_int(out, "terminationInitiatedAt", 0) != began_ms / 1000) {
        (void) drs_json_set_int(out, "terminationInitiatedAt", began_ms / 1000);
        changed = 1;
    }

    if (whole && strcmp(state, "DONE") == 0
        && !json_is_true(json_object_get(out, "instancesTerminated")))
    {
        (void) drs_json_set_bool(out, "instancesTerminated", 1);
        (void) drs_json_set_int(out, "instancesTerminatedAt", at_ms / 1000);
        changed = 1;
    }

    return changed;
}


int
drsw_run_term_flags(drsw_run_t *run)
{
    int     rc, tries, confirm, whole;
    char    state[16];
    int64_t began, at;

    for (tries = 0; tries < 5; tries++) {
        rc = drsw_term_facts(run, state, sizeof(state), &confirm, &began, &at);

        if (rc != DRS_OK) {
            return rc == DRS_DECLINED ? DRS_OK : rc;
        }

        rc = drsw_run_load(run);

        if (rc != DRS_OK) {
            return rc == DRS_DECLINED ? DRS_OK : rc;
        }

        whole = !confirm
                && drs_exec_is_terminal(
                    drs_exec_status_parse(drs_str(run->e->status)));

        if (run->e->out == NULL
            || !drsw_term_set(run->e->out, state, whole, began, at)) {
            return DRS_OK;
        }

        rc = drsw_term_commit(run);

        if (rc != DRS_AGAIN) {
            return rc;
        }
    }

    return DRS_ERROR;
}
