
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs: launch status and phase of servers, end of a unit (engine.md 2.8 to
 * 2.11), jobs that are gone (launch-protocol evidence table, last row).
 */

#include <string.h>

#include "drs_json.h"
#include "drs_time.h"
#include "drsw_step.h"


typedef enum {
    DRSW_LOG_PHASE = 0,  /* says the phase */
    DRSW_LOG_FAIL,       /* the server will not be launched */
    DRSW_LOG_FAIL_MAYBE, /* unless attempts remain */
    DRSW_LOG_PREVIOUS    /* an older recovery point is used */
} drsw_log_kind_t;

typedef struct {
    const char     *event;
    drs_phase_t     phase;
    drsw_log_kind_t kind;
} drsw_log_rule_t;


/* engine.md 2.10 */
static const drsw_log_rule_t drsw_log_rules[] = {
    { "CLEANUP_START", DRS_PHASE_CLEANUP, DRSW_LOG_PHASE },
    { "CLEANUP_END", DRS_PHASE_CLEANUP, DRSW_LOG_PHASE },
    { "CLEANUP_FAIL", DRS_PHASE_CLEANUP, DRSW_LOG_PHASE },
    { "SNAPSHOT_START", DRS_PHASE_SNAPSHOT, DRSW_LOG_PHASE },
    { "SNAPSHOT_END", DRS_PHASE_SNAPSHOT, DRSW_LOG_PHASE },
    { "SNAPSHOT_FAIL", DRS_PHASE_SNAPSHOT, DRSW_LOG_FAIL },
    { "USING_PREVIOUS_SNAPSHOT", DRS_PHASE_SNAPSHOT, DRSW_LOG_PREVIOUS },
    { "USING_PREVIOUS_SNAPSHOT_FAILED", DRS_PHASE_SNAPSHOT, DRSW_LOG_FAIL },
    { "CONVERSION_START", DRS_PHASE_CONVERSION, DRSW_LOG_PHASE },
    { "CONVERSION_END", DRS_PHASE_CONVERSION, DRSW_LOG_PHASE },
    { "CONVERSION_FAIL", DRS_PHASE_CONVERSION, DRSW_LOG_FAIL_MAYBE },
    { "LAUNCH_START", DRS_PHASE_LAUNCH, DRSW_LOG_PHASE },
    { "LAUNCH_FAILED", DRS_PHASE_LAUNCH, DRSW_LOG_FAIL },
    { "SERVER_SKIPPED", DRS_PHASE_NONE, DRSW_LOG_FAIL },
    { NULL, DRS_PHASE_NONE, DRSW_LOG_PHASE }
};


/* rawError -> advice (engine.md 2.13 Q8, Q9). */
static const struct {
    const char *text, *advice;
} drsw_advice[] = {
    { "ModifySnapshotAttribute",
      "Share the staging disks' KMS key with the target account and allow "
      "kms:CreateGrant, Decrypt, DescribeKey, ReEncrypt*, GenerateDataKey*." },
    { "PassRole",
      "Allow iam:PassRole on the DRS service roles to the calling role." },
    { "UnauthorizedOperation",
      "The calling role lacks an EC2 permission that DRS uses on its behalf; "
      "see the permission list of the target-account role." },
    { "AccessDenied",
      "The calling role lacks a permission that DRS uses on its behalf; see "
      "the permission list of the target-account role." },
    { "InsufficientInstanceCapacity",
      "Choose another instance type or availability zone." },
    { "InvalidSubnet",
      "The subnet of the launch configuration does not exist any more." },
    { NULL, NULL }
};


static void
drsw_phase(drsw_step_t *st, drs_exec_server_t *s, drs_phase_t phase)
{
    if (phase > s->phase) {
        s->phase = phase;
        s->phase_since_at = st->now;
        s->dirty = true;
    }
}


static void
drsw_server_status(drsw_step_t *st, drs_exec_server_t *s,
                   drs_launch_status_t status)
{
    /* counted already: the outcome is computed once */

    if (s->status == status || drs_wave_is_over(st->n->waves[s->wave].status)) {
        return;
    }

    s->status = status;
    s->dirty = true;

    if (status == DRS_LAUNCH_LAUNCHED) {
        s->launched_at = st->now;
        s->phase = DRS_PHASE_NONE;
        s->error = s->error_code = s->advice = "";
    }

    if (drs_launch_is_final(status)) {
        s->phase = DRS_PHASE_NONE;
    }
}


static void
drsw_server_fail(drsw_step_t *st, drs_exec_server_t *s, const char *code,
                 const char *error)
{
    size_t i;

    drsw_server_status(st, s, DRS_LAUNCH_FAILED);

    if (s->error[0] == '\0' || error[0] != '\0') {
        s->error = drsw_dup(st, error[0] != '\0' ? error : code);
    }

    s->error_code = drsw_dup(st, code);
    s->dirty = true;

    for (i = 0; drsw_advice[i].text != NULL; i++) {
        if (strstr(s->error, drsw_advice[i].text) != NULL) {
            s->advice = drsw_advice[i].advice;
            break;
        }
    }
}


/* One log item: the server's phase, and its failure while it is not final. */
static void
drsw_log_item(drsw_step_t *st, drs_exec_unit_t *u, const drsw_log_item_t *it)
{
    drs_exec_server_t     *s;
    const drsw_log_rule_t *rule;

    if (it->server[0] == '\0') {
        return;
    }

    s = drs_exec_server(st->n, it->server);
    if (s == NULL || strcmp(s->unit, u->id) != 0) {
        return;
    }

    for (rule = drsw_log_rules; rule->event != NULL; rule++) {
        if (strcmp(rule->event, it->event) == 0) {
            break;
        }
    }

    if (rule->event == NULL) {
        return;
    }

    if (rule->kind == DRSW_LOG_PREVIOUS) {
        s->rp_previous = true;
        s->dirty = true;

        if (s->status == DRS_LAUNCH_FAILED) {
            /* SNAPSHOT_FAIL was not the end */
            s->error = s->error_code = s->advice = "";
            drsw_server_status(st, s, DRS_LAUNCH_IN_PROGRESS);
        }
    }

    if (s->status != DRS_LAUNCH_PENDING && s->status != DRS_LAUNCH_IN_PROGRESS)
    {
        return;
    }

    if (rule->kind == DRSW_LOG_FAIL
        || (rule->kind == DRSW_LOG_FAIL_MAYBE
            && it->attempt >= it->max_attempts))
    {
        drsw_server_fail(st, s, it->event, it->error);
        return;
    }

    drsw_server_status(st, s, DRS_LAUNCH_IN_PROGRESS);
    drsw_phase(st, s, rule->phase);
}


/* What the log of a job is shown with (api.md EX11) besides. */
static void
drsw_log_more(json_t *o, const drsw_log_item_t *it)
{
    if (it->conversion_server[0] != '\0') {
        (void) json_object_set_new(o, "conversionServerId",
                                   json_string(it->conversion_server));
    }

    if (it->target_instance[0] != '\0') {
        (void) json_object_set_new(o, "targetInstanceId",
                                   json_string(it->target_instance));
    }

    if (it->max_attempts > 0) {
        (void) json_object_set_new(o, "attempt", json_integer(it->attempt));
        (void) json_object_set_new(o, "maxAttempts",
                                   json_integer(it->max_attempts));
    }
}


static void
drsw_log(drsw_step_t *st, drs_exec_unit_t *u, const drsw_job_t *job)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *items, *o;
    size_t  i;

    if (job->nlog <= (size_t) u->log_seen) {
        return;
    }

    items = json_array();

    for (i = (size_t) u->log_seen; i < job->nlog; i++) {
        drsw_log_item(st, u, &job->log[i]);

        (void) drs_time_iso_ms(iso, job->log[i].at);
        o = json_pack("{ss, ss}", "event", job->log[i].event, "logDateTime",
                      iso);

        if (job->log[i].server[0] != '\0') {
            (void) json_object_set_new(o, "sourceServerId",
                                       json_string(job->log[i].server));
        }

        if (job->log[i].error[0] != '\0') {
            (void) json_object_set_new(o, "error",
                                       json_string(job->log[i].error));
        }

        drsw_log_more(o, &job->log[i]);
        (void) json_array_append_new(items, o);
    }

    u->log_seen = (int) job->nlog;
    u->dirty = true;

    drsw_event(st, "job.log",
               json_pack("{si, ss, ss, so}", "waveNumber", u->wave, "unitId",
                         u->id, "jobId", job->id, "items", items));
}


/* What the staging accounts of its servers do for the job (2.12). */
static void
drsw_staging_jobs(drsw_step_t *st, drs_exec_unit_t *u, const drsw_job_t *job)
{
    if (job->staging != NULL && job->staging[0] != '\0'
        && strcmp(job->staging, u->staging) != 0)
    {
        u->staging = drsw_dup(st, job->staging);
        u->dirty = true;
    }
}


/* launchStatus of a participating server: the last word (engine.md 2.9). */
static void
drsw_job_server(drsw_step_t *st, drs_exec_unit_t *u,
                const drsw_job_server_t *js, const char *job)
{
    drs_exec_server_t *s;

    s = drs_exec_server(st->n, js->id);
    if (s == NULL || strcmp(s->unit, u->id) != 0) {
        return;
    }

    if (js->instance[0] != '\0' && strcmp(s->instance, js->instance) != 0) {
        s->instance = drsw_dup(st, js->instance);
        s->enriched = 0;
        s->dirty = true;
    }

    if (js->actions[0] != '\0' && strcmp(s->actions, js->actions) != 0) {
        s->actions = drsw_dup(st, js->actions);
        s->dirty = true;
    }

    switch (js->status) {
    case DRS_LAUNCH_LAUNCHED:
        if (s->status != DRS_LAUNCH_TERMINATED
            && s->status != DRS_LAUNCH_CANCELLED) {
            drsw_server_status(st, s, DRS_LAUNCH_LAUNCHED);
        }
        break;

    case DRS_LAUNCH_FAILED:
        if (!drs_launch_is_final(s->status)) {
            drsw_server_fail(st, s, "LAUNCH_FAILED", "");
        }
        break;

    case DRS_LAUNCH_TERMINATED:
        drsw_server_status(st, s, DRS_LAUNCH_TERMINATED);
        if (s->error[0] == '\0') {
            s->error = drsw_text(st,
                                 "the instance that job %s launched was "
                                 "terminated",
                                 job);
            s->error_code = "TERMINATED";
        }
        break;

    case DRS_LAUNCH_IN_PROGRESS:
        if (s->status == DRS_LAUNCH_PENDING) {
            drsw_server_status(st, s, DRS_LAUNCH_IN_PROGRESS);
            drsw_phase(st, s, DRS_PHASE_LAUNCH);
        }
        break;

    default:
        break;
    }
}


/* Servers of the unit without a final status. */
static size_t
drsw_open_servers(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t                   i, n;
    const drs_exec_server_t *s;

    n = 0;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);
        n += s != NULL && strcmp(s->unit, u->id) == 0
             && !drs_launch_is_final(s->status);
    }

    return n;
}


/* waitForLaunchActions: a post-launch action is still running. */
static bool
drsw_actions_run(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    size_t                   i;
    const drs_exec_server_t *s;

    if (!st->n->waves[u->wave].wait_actions) {
        return false;
    }

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s != NULL && s->status == DRS_LAUNCH_LAUNCHED
            && strstr(s->actions, "\"IN_PROGRESS\"") != NULL)
        {
            return true;
        }
    }

    return false;
}


/* Instances and lastLaunch of the servers, not too often. */
void
drsw_ask_reconcile(drsw_step_t *st, drs_exec_unit_t *u, int64_t every)
{
    if (st->now < u->look_at + every) {
        drsw_due(st, u->look_at + every);
        return;
    }

    if (!drsw_has_effect(st, DRSW_EFF_RECONCILE, u->id)) {
        drsw_effect(st, DRSW_EFF_RECONCILE, u)->job = u->job;
    }
}


/* STARTED: every server is final, or the job is over and its grace too. */
void
drsw_unit_finish(drsw_step_t *st, drs_exec_unit_t *u)
{
    int64_t           since;
    drs_exec_counts_t c;

    since = u->job_ended_at ? u->job_ended_at : u->gone_at;

    if (since == 0) {
        drsw_due(st, st->now + st->set->idle_every);
        return;
    }

    if (drsw_open_servers(st, u) != 0) {
        if (st->now < since + st->set->grace) {
            drsw_ask_reconcile(st, u, st->set->look_watch);
            return;
        }

        if (u->job_ended_at == 0) {
            drsw_unit_hold(st, u, "JOB_VANISHED", NULL);
            return;
        }

        drsw_unit_servers(st, u, DRS_LAUNCH_FAILED, "NOT_LAUNCHED",
                          "the job completed without launching the server");
    }

    if (drsw_actions_run(st, u)) {
        drsw_due(st, st->now + st->set->idle_every);
        return;
    }

    drs_exec_unit_counts(st->n, u, &c);
    drsw_unit_state(st, u, c.launched != 0 ? DRS_UNIT_DONE : DRS_UNIT_FAILED);
}


static void
drsw_job_ended(drsw_step_t *st, drs_exec_unit_t *u, const char *job)
{
    const char *words[4];

    if (drsw_word_in(u->ended, job)) {
        return;
    }

    u->ended = drsw_text(st, "%s%s%s", u->ended, u->ended[0] ? " " : "", job);
    u->dirty = true;

    words[0] = "unwatch";
    words[1] = u->account;
    words[2] = u->region;
    words[3] = job;
    drsw_op(st, words, 4);
}


void
drsw_apply_job(drsw_step_t *st, drs_exec_unit_t *u, const drsw_job_t *job)
{
    size_t i;

    if (job->missing) {
        if (strcmp(job->id, u->job) != 0) {
            /* it was listed before: aged out, so long over */
            drsw_job_ended(st, u, job->id);
            return;
        }

        if (u->gone_at == 0) {
            u->gone_at = st->now;
            u->dirty = true;
        }

        if (st->now >= u->gone_at + st->set->grace) {
            drsw_job_ended(st, u, job->id);
        }

        return;
    }

    if (strcmp(job->id, u->job) != 0) {
        /* a stray of the unit: followed to its end */

        if (job->status == DRS_JOB_COMPLETED) {
            drsw_job_ended(st, u, job->id);
        }

        return;
    }

    if (u->gone_at != 0) {
        u->gone_at = 0;
        u->dirty = true;
    }

    if (job->status > u->job_status) {
        u->job_status = job->status;
        u->dirty = true;
    }

    drsw_log(st, u, job);
    drsw_staging_jobs(st, u, job);

    for (i = 0; i < job->nservers; i++) {
        drsw_job_server(st, u, &job->servers[i], job->id);
    }

    if (job->status == DRS_JOB_COMPLETED) {
        if (u->job_ended_at == 0) {
            u->job_ended_at = st->now;
            u->dirty = true;
        }

        drsw_job_ended(st, u, job->id);
    }
}


bool
drsw_engine_follows(const drs_exec_unit_t *u, const char *job)
{
    return u->state == DRS_UNIT_STARTED || !drsw_word_in(u->ended, job);
}


void
drsw_apply_jobs(drsw_step_t *st)
{
    size_t            i, j;
    drs_exec_unit_t  *u;
    const drsw_job_t *job;

    for (i = 0; i < st->n->nunits; i++) {
        u = &st->n->units[i];

        for (j = 0; j < st->obs->njobs; j++) {
            job = &st->obs->jobs[j];

            if (drs_exec_unit_knows(u, job->id)
                && drsw_engine_follows(u, job->id)) {
                drsw_apply_job(st, u, job);
            }
        }
    }
}


/* Instances and lastLaunch of servers whose job does not say the result. */
void
drsw_apply_reconcile(drsw_step_t *st, drs_exec_unit_t *u,
                     const drsw_look_t *look)
{
    int                       status;
    size_t                    i;
    drs_exec_server_t        *s;
    const drsw_last_launch_t *last;

    for (i = 0; i < look->nlast; i++) {
        last = &look->last[i];
        s = drs_exec_server(st->n, last->server);

        if (s == NULL || strcmp(s->unit, u->id) != 0
            || drs_launch_is_final(s->status)) {
            continue;
        }

        if (last->instance[0] != '\0'
            && strcmp(last->instance_job, u->job) == 0) {
            s->instance = drsw_dup(st, last->instance);
            drsw_server_status(st, s, DRS_LAUNCH_LAUNCHED);
            continue;
        }

        if (strcmp(last->job, u->job) != 0) {
            continue;
        }

        status = drs_launch_status_by_name(drs_str(last->status));

        if (status == DRS_LAUNCH_LAUNCHED) {
            drsw_server_status(st, s, DRS_LAUNCH_LAUNCHED);

        } else if (status == DRS_LAUNCH_FAILED) {
            drsw_server_fail(st, s, "LAUNCH_FAILED", "");

        } else if (status == DRS_LAUNCH_TERMINATED) {
            drsw_server_status(st, s, DRS_LAUNCH_TERMINATED);
        }
    }
}


static void
drsw_set(drsw_step_t *st, drs_exec_server_t *s, const char **field,
         const char *value)
{
    if (value != NULL && value[0] != '\0' && strcmp(*field, value) != 0) {
        *field = drsw_dup(st, value);
        s->dirty = true;
    }
}


void
drsw_apply_enriched(drsw_step_t *st)
{
    int                    level;
    size_t                 i;
    drs_exec_server_t     *s;
    const drsw_enriched_t *v;

    for (i = 0; i < st->obs->nenriched; i++) {
        v = &st->obs->enriched[i];
        s = drs_exec_server(st->n, v->server);

        if (s == NULL) {
            continue;
        }

        drsw_set(st, s, &s->instance, v->instance);
        drsw_set(st, s, &s->private_ip, v->private_ip);
        drsw_set(st, s, &s->instance_type, v->instance_type);
        drsw_set(st, s, &s->instance_state, v->instance_state);
        drsw_set(st, s, &s->name_tag, v->name_tag);
        drsw_set(st, s, &s->hostname, v->hostname);
        drsw_set(st, s, &s->rp_snapshot, v->rp_snapshot);
        drsw_set(st, s, &s->rp_time, v->rp_time);

        if (v->launch_at != 0 && v->launch_at != s->launch_at) {
            s->launch_at = v->launch_at;
            s->dirty = true;
        }

        /* settled: running with its address, or stopped on purpose */

        level = strcmp(s->instance_state, "running") == 0
                        || strcmp(s->instance_state, "stopped") == 0
                        || strcmp(s->instance_state, "terminated") == 0
                    ? 2
                    : 1;

        if (level > s->enriched) {
            s->enriched = level;
            s->dirty = true;
        }
    }
}
