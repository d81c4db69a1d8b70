
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effects around one launch call: arm, send, fact, close
 * (docs/adr/0004-launch-protocol.md steps 1 to 5).
 */

#include <stdio.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_exec.h"


#define DRSW_FACT_TRIES 5
#define DRSW_FACT_PAUSE 500 /* ms */

#define DRSW_BUDGET_PATIENCE 300 /* ms that a launch waits for its token */


/* -- facts ---------------------------------------------------------------- */

/*
 * Stores that a job of ours exists.  Safe to repeat; not given up lightly,
 * because nobody else knows the id.  DRS_DECLINED: the job belongs to another
 * unit, or the record is gone.
 */
static int
drsw_store_fact(drsw_run_t *run, const char *unit, int attempt, const char *job,
                drs_str_t doc)
{
    int          rc, tries;
    drsw_reply_t reply;
    drs_answer_t a;

    for (tries = 0; tries < DRSW_FACT_TRIES; tries++) {
        rc = drsw_store_call(
            run->ctx,
            drs_store_unit_fact(drsw_redis_prefix(run->ctx->redis),
                                drs_str(run->id), drs_str(unit),
                                (unsigned) attempt, drs_str(job), doc),
            &reply, &a);

        if (rc == DRS_DECLINED) {
            drsw_warn(run->ctx->log, "job %s of unit %s: %.*s %.*s", job, unit,
                      DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        }

        drsw_reply_free(&reply);

        if (rc != DRS_ERROR) {
            break;
        }

        (void) drsw_sleep_ms(run->ctx, DRSW_FACT_PAUSE);
    }

    if (rc == DRS_OK && drsw_redis_wait_replicas(run->ctx->redis) != DRS_OK) {
        drsw_warn(run->ctx->log, "job %s: %s", job,
                  drsw_redis_error(run->ctx->redis));
    }

    return rc;
}


int
drsw_run_fact(drsw_run_t *run, const drsw_effect_t *eff)
{
    int rc;

    rc = drsw_store_fact(run, eff->unit, eff->attempt, eff->job,
                         drs_str(eff->data));

    if (rc == DRS_OK) {
        drsw_notice(run->ctx->log, "unit %s: job %s is ours (%s)", eff->unit,
                    eff->job, eff->attempt > 0 ? "adopted" : "late");
    }

    return rc == DRS_ERROR ? rc : DRS_OK;
}


int
drsw_run_close(drsw_run_t *run, const drsw_effect_t *eff)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t a;

    rc = drsw_store_call(
        run->ctx,
        drs_store_unit_close(drsw_redis_prefix(run->ctx->redis),
                             drs_str(run->id), &run->lease, drs_str(eff->unit),
                             (unsigned) eff->attempt, eff->state, eff->next_at,
                             drs_str(eff->data)),
        &reply, &a);

    if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)) {
        drsw_warn(run->ctx->log, "unit %s: send %d is not closed: %.*s %.*s",
                  eff->unit, eff->attempt, DRS_STR_ARG(a.code),
                  DRS_STR_ARG(a.text));
        rc = DRS_OK;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* -- arm and send --------------------------------------------------------- */

static drsw_why_t
drsw_send_why(const drsw_aws_result_t *res)
{
    switch (res->class) {
    case DRSW_AWS_CONFLICT:
        return DRSW_WHY_CONFLICT;

    case DRSW_AWS_THROTTLE:
        return DRSW_WHY_THROTTLE;

    case DRSW_AWS_QUOTA:
        return DRSW_WHY_QUOTA;

    default:
        return drsw_aws_is_transient(res) ? DRSW_WHY_TRANSIENT
                                          : DRSW_WHY_PERMANENT;
    }
}


static int
drsw_send_failed(drsw_run_t *run, const drsw_effect_t *eff,
                 drsw_send_outcome_t outcome, drsw_why_t why, const char *code,
                 const char *message)
{
    drsw_send_t *s;

    s = drsw_run_send(run, eff, outcome, why);

    if (s == NULL) {
        return DRS_ERROR;
    }

    s->code = drsw_run_text(run, code);
    s->message = drsw_run_text(run, message);

    return DRS_OK;
}


/* Others use this thread until there is a token. */
static int
drsw_send_later(drsw_run_t *run, const drsw_effect_t *eff, int64_t wait_ms)
{
    drsw_send_t *s;

    s = drsw_run_send(run, eff, DRSW_SEND_NOT_ARMED, DRSW_WHY_THROTTLE);

    if (s == NULL) {
        return DRS_ERROR;
    }

    s->code = "LocalBudget";
    s->message = "the call budget is used up";
    s->retry_after = wait_ms;

    return DRS_OK;
}


static int
drsw_send_result(drsw_run_t *run, const drsw_effect_t *eff,
                 drsw_send_outcome_t outcome, const drsw_access_t *access,
                 const drsw_aws_result_t *res)
{
    char         text[1200];
    drsw_send_t *s;

    drsw_aws_explain(access, "StartRecovery", res, text, sizeof(text));

    s = drsw_run_send(run, eff, outcome, drsw_send_why(res));

    if (s == NULL) {
        return DRS_ERROR;
    }

    s->code = drsw_run_text(run, res->code);
    s->message = drsw_run_text(run, text);
    s->server = drsw_run_text(run, res->resource_id);
    s->retry_after = res->retry_after_ms;

    drsw_notice(run->ctx->log, "unit %s, attempt %d: %s: %s", eff->unit,
                eff->attempt,
                outcome == DRSW_SEND_UNKNOWN ? "no answer, looking for its job"
                : outcome == DRSW_SEND_REFUSED ? "refused"
                                               : "not sent",
                text);
    return DRS_OK;
}


/*
 * Step 1.  DRS_OK: armed, *intent_at; DRS_AGAIN: refused or not known, the
 * send is in the observations; DRS_DECLINED: ownership is lost.
 */
static int
drsw_arm(drsw_run_t *run, const drsw_effect_t *eff, const char *key,
         int64_t *intent_at)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t a;

    rc = drsw_store_call(
        run->ctx,
        drs_store_unit_arm(drsw_redis_prefix(run->ctx->redis), drs_str(run->id),
                           &run->lease, drs_str(eff->unit),
                           (uint64_t) eff->unit_ver, (unsigned) eff->attempt,
                           drs_str(key), 0, eff->allow_open),
        &reply, &a);

    if (rc == DRS_OK) {
        rc = drs_answer_i64(&a, 2, intent_at);

    } else if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)) {
        drsw_info(run->ctx->log, "unit %s is not armed: %.*s %.*s", eff->unit,
                  DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        rc = drsw_send_failed(run, eff, DRSW_SEND_NOT_ARMED, DRSW_WHY_NONE, "",
                              "");
        rc = (rc == DRS_OK) ? DRS_AGAIN : rc;

    } else if (rc == DRS_ERROR) {
        /* perhaps armed: the record will say so, and nothing was sent */
        rc = drsw_send_failed(run, eff, DRSW_SEND_NOT_SENT, DRSW_WHY_TRANSIENT,
                              "StoreUnavailable",
                              "the store did not answer when the launch was "
                              "to be armed");
        rc = (rc == DRS_OK) ? DRS_AGAIN : rc;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* Steps 2 and 4: durable, and enough of the lease left. */
static int
drsw_arm_check(drsw_run_t *run, const drsw_effect_t *eff)
{
    int64_t              need, half;
    const drsw_config_t *conf;

    conf = run->ctx->conf;

    if (drsw_redis_wait_replicas(run->ctx->redis) != DRS_OK) {
        drsw_warn(run->ctx->log, "unit %s: %s", eff->unit,
                  drsw_redis_error(run->ctx->redis));
        (void) drsw_send_failed(run, eff, DRSW_SEND_NOT_SENT,
                                DRSW_WHY_TRANSIENT, "ReplicaAcknowledgement",
                                drsw_redis_error(run->ctx->redis));
        return DRS_DECLINED;
    }

    /* a scaled lease may be shorter than the unscaled floor of R */

    half = conf->lease_ms / 2;
    need = run->set.request_timeout < half ? run->set.request_timeout : half;
    need += conf->lease_ms / 12;

    if (!drsw_lease_hold(run->ctx, need)) {
        (void) drsw_send_failed(run, eff, DRSW_SEND_NOT_SENT,
                                DRSW_WHY_TRANSIENT, "LeaseTooShort",
                                "too little of the lease was left");
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* The document of the unit once it is STARTED. */
static int
drsw_started_doc(drsw_run_t *run, const char *unit, drs_buf_t *b)
{
    drs_exec_unit_t *u;

    u = drs_exec_unit(run->plan->next, unit);

    if (u == NULL) {
        return DRS_OK;
    }

    u->reason = DRS_REASON_NONE;
    u->throttles = 0;
    u->error_code = u->error_message = "";
    u->started_at = drsw_now_ms(run->ctx);

    return drs_exec_unit_doc(b, u);
}


static int
drsw_accepted(drsw_run_t *run, const drsw_effect_t *eff, const json_t *job)
{
    int         rc;
    drs_buf_t   doc;
    const char *id;

    id = json_string_value(json_object_get(job, "jobID"));
    drs_buf_init(&doc, 0);

    if (drsw_started_doc(run, eff->unit, &doc) != DRS_OK) {
        drs_buf_reset(&doc);
    }

    rc = drsw_store_fact(run, eff->unit, eff->attempt, id, drs_buf_str(&doc));
    drs_buf_free(&doc);

    if (rc == DRS_OK) {
        drsw_notice(run->ctx->log, "unit %s, attempt %d: job %s", eff->unit,
                    eff->attempt, id);

    } else {
        drsw_warn(run->ctx->log,
                  "unit %s, attempt %d: job %s could not be "
                  "stored",
                  eff->unit, eff->attempt, id);
    }

    return rc == DRS_ERROR ? rc : DRS_OK;
}


static int
drsw_send(drsw_run_t *run, const drsw_effect_t *eff, const char *key,
          int64_t intent_at, const drsw_access_t *access)
{
    int                   rc;
    size_t                i;
    json_t               *job, *tags;
    drsw_start_e          outcome;
    drs_exec_unit_t      *u;
    drs_exec_server_t    *s;
    drsw_aws_result_t     res;
    drsw_start_server_t  *servers;
    drsw_start_recovery_t req;

    u = drs_exec_unit(run->plan->next, eff->unit);
    servers = (u != NULL)
                  ? drs_arena_array(run->arena, u->nservers, sizeof(*servers))
                  : NULL;

    if (servers == NULL) {
        return DRS_ERROR;
    }

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(run->plan->next, u->servers[i]);
        servers[i].source_server_id = u->servers[i];
        servers[i].recovery_snapshot_id =
            (s != NULL && s->snapshot[0] != '\0') ? s->snapshot : NULL;
    }

    tags = run->ctx->conf->launch_job_tags
               ? json_pack("{s:s}", DRSW_JOB_TAG, key)
               : NULL;

    memset(&req, 0, sizeof(req));
    req.servers = servers;
    req.nservers = u->nservers;
    req.is_drill = run->plan->next->drill;
    req.tags = tags;
    req.sign_at_s = (intent_at - run->shift) / 1000;
    req.timeout_ms = run->set.request_timeout;

    outcome =
        drsw_drs_start_recovery(run->ctx->aws, &access->aws, &req, &job, &res);
    json_decref(tags);
    drsw_count(run->ctx, "launch_calls_total", "", 1);

    switch (outcome) {
    case DRSW_START_ACCEPTED:
        rc = drsw_accepted(run, eff, job);
        json_decref(job);
        return rc;

    case DRSW_START_UNKNOWN:
        return drsw_send_result(run, eff, DRSW_SEND_UNKNOWN, access, &res);

    case DRSW_START_REFUSED:
        if (res.class == DRSW_AWS_CREDENTIALS) {
            drsw_aws_forget(run->ctx->aws, &access->aws);
        }

        return drsw_send_result(run, eff, DRSW_SEND_REFUSED, access, &res);

    default:
        return drsw_send_result(run, eff, DRSW_SEND_NOT_SENT, access, &res);
    }
}


int
drsw_run_arm(drsw_run_t *run, const drsw_effect_t *eff)
{
    int               rc, denied;
    char              err[1200], key[37];
    int64_t           intent_at, wait;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_access(run->ctx, drs_str(eff->account), drs_str(eff->region),
                     &access, err, sizeof(err));

    if (rc == DRS_ERROR || drsw_uuid(key) != DRS_OK) {
        return DRS_ERROR;
    }

    denied = rc == DRS_DECLINED;
    memset(&res, 0, sizeof(res));

    if (!denied
        && drsw_aws_prepare(run->ctx->aws, &access.aws, &res) != DRSW_AWS_OK)
    {
        drsw_aws_explain(&access, "credentials for a launch", &res, err,
                         sizeof(err));

        if (drsw_aws_is_transient(&res)) {
            drsw_warn(run->ctx->log, "unit %s: %s", eff->unit, err);
            return drsw_send_failed(run, eff, DRSW_SEND_NOT_ARMED,
                                    drsw_send_why(&res), res.code, err);
        }

        denied = 1;
    }

    wait = denied ? 0
                  : drsw_aws_reserve(run->ctx->aws, &access.aws, "drs",
                                     "StartRecovery");

    if (wait > DRSW_BUDGET_PATIENCE) {
        return drsw_send_later(run, eff, wait);
    }

    rc = drsw_arm(run, eff, key, &intent_at);

    if (rc != DRS_OK) {
        return rc == DRS_AGAIN ? DRS_OK : rc;
    }

    if (denied) {
        /* armed only so that the refusal ends the attempt */
        return drsw_send_failed(
            run, eff, DRSW_SEND_NOT_SENT, DRSW_WHY_PERMANENT,
            res.code[0] != '\0' ? res.code : "INVALID_ACCOUNT", err);
    }

    if (drsw_arm_check(run, eff) != DRS_OK) {
        return DRS_OK;
    }

    return drsw_send(run, eff, key, intent_at, &access);
}
