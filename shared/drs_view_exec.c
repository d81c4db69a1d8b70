/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Execution and its waves.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_id.h"
#include "drs_json.h"
#include "drs_jtext.h"
#include "drs_sm.h"
#include "drs_store.h"
#include "drs_time.h"
#include "drs_view_exec.h"


static void
drs_ve_str(json_t *o, const char *name, const char *v)
{
    if (v[0] != '\0') {
        (void) drs_json_set_str(o, name, drs_str(v));
    }
}


static void
drs_ve_time(json_t *o, const char *name, int64_t at)
{
    if (at != 0) {
        (void) drs_json_set_int(o, name, at / 1000);
    }
}


static void
drs_ve_copy(json_t *o, const json_t *from, const char *name)
{
    json_t *v;

    v = json_object_get(from, name);

    if (v != NULL && !json_is_null(v)) {
        json_object_set(o, name, v);
    }
}


/* Members of the frozen wave that are echoed (api.md 2.6, 10.4). */
static const char *const drs_ve_wave_fields[] = {
    "failurePolicy",        "minLaunchedPercent",
    "optionalServerIds",    "autoRetryFailed",
    "emptyWavePolicy",      "deadlineMinutes",
    "launchConfigPolicy",   "waitForLaunchActions",
    "protectionGroupNames", "preWaveActions",
    "postWaveActions",      "healthCheckConfig",
    "rollbackConfig",       NULL
};


const char *
drs_view_exec_wave_job(const drs_exec_t *e, int wave,
                       const drs_exec_unit_t **unit)
{
    size_t i;

    for (i = 0; i < e->nunits; i++) {
        if (e->units[i].wave == wave && e->units[i].job[0] != '\0') {
            if (unit != NULL) {
                *unit = &e->units[i];
            }
            return e->units[i].job;
        }
    }

    if (unit != NULL) {
        *unit = NULL;
    }

    return "";
}


void
drs_view_exec_termination(const drs_exec_t *e, drs_view_termination_t *t)
{
    size_t            i;
    unsigned          jobs, active;
    drs_exec_status_t status;

    t->can = 0;
    t->has_instances = 0;

    status = drs_exec_status_parse(drs_str(e->status));
    if (!drs_exec_is_terminal(status)) {
        t->reason = "Execution not in terminal state";
        return;
    }

    jobs = 0;
    active = 0;

    for (i = 0; i < e->nunits; i++) {
        jobs |= e->units[i].job[0] != '\0';
        active |= drs_unit_in_flight(e->units[i].state);
    }

    if (!jobs) {
        t->reason = "No recovery instances found";
        return;
    }

    t->has_instances = 1;

    if (json_is_true(json_object_get(e->out, "instancesTerminated"))) {
        t->reason = "Instances already terminated";
        return;
    }

    if (active) {
        t->reason = "Waves still active";
        return;
    }

    t->can = 1;
    t->reason = NULL;
}


static json_t *
drs_ve_context(drs_str_t account, const drs_view_exec_t *o)
{
    json_t *v;

    v = json_object();
    (void) drs_json_set_str(v, "accountId",
                            account.len > 0 ? account : drs_str(""));
    (void) drs_json_set_str(v, "assumeRoleName", drs_str(""));
    (void) drs_json_set_bool(v, "isCurrentAccount",
                             account.len > 0
                                 && drs_str_eq(account, o->own_account));

    return v;
}


/* accountContexts and what repeats its first element. */
static void
drs_ve_accounts(json_t *v, const drs_exec_t *e, const drs_view_exec_t *o)
{
    size_t    i;
    json_t   *list, *item, *copy, *name;
    drs_str_t words, word, first;

    list = json_array();

    json_array_foreach (json_object_get(e->doc, "accountContexts"), i, item) {
        copy = json_copy(item);
        (void) json_object_del(copy, "externalId");
        json_array_append_new(list, copy);
    }

    if (json_array_size(list) == 0) {
        words = drs_str(e->accounts);
        while (drs_str_split(&words, ' ', &word)) {
            if (word.len > 0) {
                json_array_append_new(list, drs_ve_context(word, o));
            }
        }
    }

    item = json_array_get(list, 0);
    json_object_set_new(v, "accountContext",
                        item != NULL ? json_incref(item)
                                     : drs_ve_context(drs_str(""), o));
    first = drs_json_field(item, "accountId");
    (void) drs_json_set_str(v, "accountId",
                            first.len > 0 ? first : drs_str(""));

    name = first.len > 0 ? json_object_get(o->accounts, first.data) : NULL;
    if (json_is_string(name)) {
        json_object_set(v, "accountName", name);
    }

    json_object_set_new(v, "accountContexts", list);
}


static void
drs_ve_counts(json_t *o, const drs_exec_counts_t *c)
{
    (void) drs_json_set_int(o, "totalServers", c->total);
    (void) drs_json_set_int(o, "launchedServers", c->launched);
    (void) drs_json_set_int(o, "failedServers", c->failed);
}


/* Jobs of staging accounts for the wave's units (engine.md 2.12). */
static json_t *
drs_ve_staging(const drs_exec_t *e, const drs_exec_wave_t *w)
{
    size_t  i;
    json_t *all, *list;

    all = json_array();

    for (i = 0; i < e->nunits; i++) {
        if (e->units[i].wave == w->number && e->units[i].staging[0] != '\0') {
            list = drs_json_parse(drs_str(e->units[i].staging),
                                  &drs_json_store_limits, NULL);
            (void) json_array_extend(all, list);
            json_decref(list);
        }
    }

    return all;
}


/* First unit's job, counts summed over the units (api.md 10.4). */
static void
drs_ve_job_details(json_t *o, const drs_exec_t *e, const drs_exec_wave_t *w,
                   const drs_exec_counts_t *c, const drs_exec_unit_t *first,
                   const drs_view_exec_t *opt)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *d, *name;

    d = json_object();
    drs_ve_str(d, "status",
               first->job_status == DRS_JOB_NONE
                   ? "PENDING"
                   : drs_job_status_name(first->job_status));
    drs_ve_str(d, "statusMessage", w->message);

    if (first->started_at != 0) {
        (void) drs_time_iso_auto(iso, first->started_at);
        drs_ve_str(d, "creationDateTime", iso);
    }

    if (first->ended_at != 0) {
        (void) drs_time_iso_auto(iso, first->ended_at);
        drs_ve_str(d, "endDateTime", iso);
    }

    (void) drs_json_set_int(d, "participatingServers", c->total);
    (void) drs_json_set_int(d, "launchedServers", c->launched);
    drs_ve_str(d, "targetAccountId", first->account);

    name = json_object_get(opt->accounts, first->account);
    if (json_is_string(name)) {
        json_object_set(d, "targetAccountName", name);
    }

    json_object_set_new(d, "stagingJobs", drs_ve_staging(e, w));
    json_object_set_new(o, "DRSJobDetails", d);
}


typedef void (*drs_ve_server_pt)(drs_buf_t *b, const drs_exec_server_t *s);


/* Says again under another name what the text has from `from` on. */
static void
drs_ve_again(drs_buf_t *b, const char *name, size_t from, size_t to)
{
    /* made room first: the buffer must not move while it is copied */
    if (drs_buf_reserve(b, to - from + 64) == DRS_OK) {
        drs_jw_raw(b, name, drs_strn(b->data + from, to - from));
    }
}


/* An array of all servers of the wave; where it begins. */
static size_t
drs_ve_wave_list(drs_buf_t *b, const char *name, const drs_exec_wave_t *w,
                 drs_exec_server_t *const *servers, drs_ve_server_pt one)
{
    size_t            i, from;
    drs_exec_server_t tmp;

    drs_jw_open(b, name, '[');
    from = b->len > 0 ? b->len - 1 : 0;

    for (i = 0; i < w->nserver_ids; i++) {
        one(b, drs_view_exec_server_or(servers[i], w, w->server_ids[i], &tmp));
    }

    drs_jw_close(b, ']');

    return from;
}


static void
drs_ve_server_id(drs_buf_t *b, const drs_exec_server_t *s)
{
    drs_jw_str(b, NULL, drs_str(s->id));
}


static void
drs_ve_wave_servers(drs_buf_t *b, const drs_exec_t *e, const drs_exec_wave_t *w,
                    int realtime)
{
    size_t              i, from, to;
    drs_exec_server_t **servers;

    servers = malloc((w->nserver_ids + 1) * sizeof(drs_exec_server_t *));

    if (servers == NULL) {
        b->failed = DRS_ERROR;
        return;
    }

    for (i = 0; i < w->nserver_ids; i++) {
        servers[i] = drs_exec_server(e, w->server_ids[i]);
    }

    (void) drs_ve_wave_list(b, "serverIds", w, servers, drs_ve_server_id);
    (void) drs_ve_wave_list(b, "serverStatuses", w, servers,
                            drs_view_exec_status_text);
    from = drs_ve_wave_list(b, "serverExecutions", w, servers,
                            drs_view_exec_server_text);
    to = b->len;

    if (realtime) {
        drs_ve_again(b, "servers", from, to);
        (void) drs_ve_wave_list(b, "enrichedServers", w, servers,
                                drs_view_exec_enriched_text);
    }

    free(servers);
}


static void
drs_ve_wave_plan(json_t *o, const drs_exec_wave_t *w)
{
    size_t  i;
    json_t *list;

    drs_ve_copy(o, w->doc, "waveDescription");

    list = json_array();
    for (i = 0; i < w->ngroups; i++) {
        json_array_append_new(list, json_string(w->groups[i]));
    }

    drs_ve_str(o, "protectionGroupId", w->ngroups > 0 ? w->groups[0] : "");
    json_object_set_new(o, "protectionGroupIds", list);
    (void) drs_json_set_bool(o, "pauseBeforeWave", w->pause_before);

    list = json_array();
    for (i = 0; i < w->ndeps; i++) {
        json_array_append_new(list, json_integer(w->deps[i]));
    }
    json_object_set_new(o, "dependsOnWaves", list);

    for (i = 0; drs_ve_wave_fields[i] != NULL; i++) {
        drs_ve_copy(o, w->doc, drs_ve_wave_fields[i]);
    }
}


static void
drs_ve_wave_units(json_t *o, const drs_exec_t *e, int wave, int ids)
{
    size_t  i;
    json_t *list;

    list = json_array();

    for (i = 0; i < e->nunits; i++) {
        if (e->units[i].wave == wave) {
            json_array_append_new(list,
                                  drs_view_exec_unit(e, &e->units[i], ids));
        }
    }

    json_object_set_new(o, "launchUnits", list);
}


static void
drs_ve_wave_state(json_t *o, const drs_exec_wave_t *w)
{
    json_t *err;

    json_object_set_new(o, "phase",
                        w->phase != DRS_PHASE_NONE
                            ? json_string(drs_phase_name(w->phase))
                            : json_null());
    json_object_set_new(o, "statusReason",
                        w->reason != DRS_REASON_NONE
                            ? json_string(drs_reason_name(w->reason))
                            : json_null());
    drs_ve_str(o, "statusMessage", w->message);

    if (w->error_code[0] != '\0' || w->error_message[0] != '\0') {
        err = json_object();
        (void) drs_json_set_str(err, "message", drs_str(w->error_message));
        drs_ve_str(err, "code", w->error_code);
        json_object_set_new(o, "error", err);
    }

    if (w->attempt > 0) {
        (void) drs_json_set_int(o, "attempt", w->attempt);
    }

    if (w->skipped) {
        (void) drs_json_set_bool(o, "skipped", 1);
    }

    drs_ve_time(o, "startTime", w->started_at);
    drs_ve_time(o, "endTime", w->ended_at);
    drs_ve_time(o, "deadlineAt", w->deadline_at);

    if (w->started_at != 0 && w->ended_at != 0) {
        (void) drs_json_set_int(o, "duration",
                                w->ended_at / 1000 - w->started_at / 1000);
    }
}


static void
drs_ve_wave(drs_buf_t *b, const drs_exec_t *e, const drs_exec_wave_t *w,
            const drs_view_exec_t *o)
{
    json_t                *v;
    const char            *job;
    drs_exec_counts_t      counts;
    const drs_exec_unit_t *unit;

    v = json_object();
    (void) drs_json_set_int(v, "waveNumber", w->number);
    (void) drs_json_set_str(v, "waveName", drs_str(w->name));
    drs_ve_wave_plan(v, w);
    drs_ve_str(v, "status", drs_wave_status_name(w->status));
    drs_ve_wave_state(v, w);

    job = drs_view_exec_wave_job(e, w->number, &unit);
    drs_ve_str(v, "jobId", job);

    if (unit != NULL) {
        drs_ve_str(v, "region", unit->region);
    }

    (void) drs_json_set_int(v, "serverCount", (int64_t) w->nserver_ids);

    if (o->mode != DRS_VIEW_LIST) {
        drs_exec_wave_counts(e, w, &counts);
        drs_ve_counts(v, &counts);

        if (unit != NULL) {
            drs_ve_job_details(v, e, w, &counts, unit, o);
        }

        drs_ve_wave_units(v, e, w->number, o->mode == DRS_VIEW_DETAIL);
    }

    drs_jw_begin(b, NULL, v);
    json_decref(v);

    if (o->mode == DRS_VIEW_DETAIL) {
        drs_ve_wave_servers(b, e, w, w->resolved || unit != NULL);

    } else if (o->mode == DRS_VIEW_LIST && o->servers) {
        drs_ve_wave_servers(b, e, w, 0);
    }

    drs_jw_close(b, '}');
}


static void
drs_ve_times(json_t *v, const drs_exec_t *e)
{
    int64_t at;

    at = e->updated_at > e->started_at ? e->updated_at : e->started_at;
    at = e->ended_at > at ? e->ended_at : at;

    (void) drs_json_set_int(v, "startTime", e->started_at / 1000);
    drs_ve_time(v, "endTime", e->ended_at);

    if (e->ended_at != 0) {
        (void) drs_json_set_int(v, "duration",
                                e->ended_at / 1000 - e->started_at / 1000);
        (void) drs_json_set_int(v, "durationSeconds",
                                e->ended_at / 1000 - e->started_at / 1000);
    }

    drs_ve_time(v, "lastUpdated", at);
    drs_ve_time(v, "updatedAt", at);
    drs_ve_time(v, "lastPolledTime", e->last_poll_at);
}


static void
drs_ve_progress(json_t *v, const drs_exec_t *e)
{
    int     i, current;
    size_t  k;
    json_t *active, *err;

    current = e->current_wave > 0 ? e->current_wave : 1;
    if (e->waves_total > 0 && current > e->waves_total) {
        current = e->waves_total;
    }

    (void) drs_json_set_int(v, "currentWave", current);
    (void) drs_json_set_int(v, "totalWaves", e->waves_total);
    (void) drs_json_set_int(v, "completedWaves", e->completed_waves);
    (void) drs_json_set_int(v, "failedWaves", e->failed_waves);

    i = drs_exec_permille(e);
    json_object_set_new(v, "percentComplete",
                        drs_json_new_number((double) i / 10));

    active = json_array();
    for (k = 0; k < e->nwaves; k++) {
        if (drs_exec_wave_in_flight(e, &e->waves[k])) {
            json_array_append_new(active, json_integer(e->waves[k].number));
        }
    }
    json_object_set_new(v, "activeWaves", active);

    if (strcmp(e->status, "PAUSED") == 0) {
        if (e->paused_before >= 0) {
            (void) drs_json_set_int(v, "pausedBeforeWave", e->paused_before);
        }
        drs_ve_str(v, "pauseReason", e->pause_reason);
        drs_ve_time(v, "pausedAt", e->paused_at);
        drs_ve_time(v, "pauseDeadlineAt", e->pause_deadline);
    }

    if (e->status[0] == 'P' && e->paused_by[0] != '\0') {
        drs_ve_str(v, "pausedBy", e->paused_by);
    }

    drs_ve_str(v, "errorMessage", e->error_message);
    drs_ve_str(v, "errorCode", e->error_code);

    if (e->error_message[0] != '\0' || e->error_code[0] != '\0') {
        err = json_object();
        (void) drs_json_set_str(
            err, "code",
            drs_str(e->error_code[0] != '\0' ? e->error_code : e->status));
        (void) drs_json_set_str(err, "message", drs_str(e->error_message));
        json_object_set_new(v, "error", err);
    }
}


/* terminationMetadata, terminateJobs and the flags around them. */
static void
drs_ve_termination(json_t *v, const drs_exec_t *e, const drs_view_exec_t *o)
{
    size_t                 i;
    json_t                *jobs, *job, *item;
    drs_view_termination_t t;

    drs_view_exec_termination(e, &t);

    json_object_set_new(v, "terminationMetadata",
                        json_pack("{s:b, s:s?, s:b}", "canTerminate", t.can,
                                  "reason", t.reason, "hasRecoveryInstances",
                                  t.has_instances));

    drs_ve_copy(v, e->out, "terminationInitiatedAt");
    drs_ve_copy(v, e->out, "instancesTerminated");
    drs_ve_copy(v, e->out, "instancesTerminatedAt");

    jobs = json_array();

    for (i = 0; i + 1 < o->n_term; i += 2) {
        if (!drs_id_is_job(o->term[i])) {
            continue;
        }

        job = drs_json_parse(o->term[i + 1], &drs_json_store_limits, NULL);
        if (job == NULL) {
            continue;
        }

        item = json_object();
        (void) drs_json_set_str(item, "jobId", o->term[i]);
        drs_ve_copy(item, job, "region");
        drs_ve_copy(item, job, "accountId");
        drs_ve_str(item, "type", "TERMINATE");
        drs_ve_copy(item, job, "status");
        json_array_append_new(jobs, item);
        json_decref(job);
    }

    if (json_array_size(jobs) > 0) {
        json_object_set(v, "terminateJobs", jobs);
    }

    json_decref(jobs);
}


/* What one command allowed; 1 if that is anything. */
static int
drs_ve_allowed(json_t *o, const json_t *given)
{
    int    any;
    size_t i;

    static const char *const flags[] = { "allowDegraded", "allowUnknownLimits",
                                         "confirmReplaceExisting" };

    any = 0;

    for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (json_is_true(json_object_get(given, flags[i]))) {
            (void) json_object_set_new(o, flags[i], json_true());
            any = 1;
        }
    }

    if (any) {
        drs_ve_copy(o, given, "overrideReason");
    }

    return any;
}


/* Of the start and of the last resume and retry, and what holds by all. */
static void
drs_ve_overrides(json_t *v, const drs_exec_t *e, const json_t *start)
{
    int         any;
    size_t      i;
    json_t     *o, *own, *given;
    const char *texts[2];

    static const char *const names[] = { "resume", "retry" };

    texts[0] = e->resume_options;
    texts[1] = e->retry_options;
    o = json_object();
    any = drs_ve_allowed(o, start);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        given = texts[i] != NULL && texts[i][0] != '\0' ? drs_json_parse(
                    drs_str(texts[i]), &drs_json_store_limits, NULL)
                                                        : NULL;
        own = json_object();

        if (drs_ve_allowed(own, given)) {
            (void) drs_ve_allowed(o, given);
            (void) json_object_set(o, names[i], own);
            any = 1;
        }

        json_decref(own);
        json_decref(given);
    }

    if (any) {
        (void) json_object_set(v, "overrides", o);
    }

    json_decref(o);
}


static void
drs_ve_request(json_t *v, const drs_exec_t *e)
{
    json_t       *notes;
    const json_t *req;

    req = json_object_get(e->doc, "request");

    drs_ve_copy(v, req, "invocationSource");
    drs_ve_copy(v, e->doc, "invocationSource");
    drs_ve_copy(v, req, "invocationDetails");
    drs_ve_copy(v, e->doc, "invocationDetails");
    drs_ve_copy(v, req, "recoveryPoint");
    drs_ve_copy(v, req, "recoverySnapshots");
    drs_ve_copy(v, req, "reason");
    drs_ve_copy(v, req, "scheduleId");
    drs_ve_copy(v, e->doc, "scheduleId");

    drs_ve_overrides(v, e, req);
    drs_ve_copy(v, e->out, "warnings");

    notes = e->notes[0] != '\0' ? drs_json_parse(drs_str(e->notes),
                                                 &drs_json_store_limits, NULL)
                                : NULL;

    if (notes != NULL) {
        (void) json_object_set_new(v, "notes", notes);
    }
}


/* dataSource and hasRealtimeData of EX5. */
static void
drs_ve_source(json_t *v, const drs_exec_t *e, const drs_view_exec_t *o)
{
    int     fresh;
    int64_t every;

    every = drs_json_int(e->out, "pollIntervalMs", o->poll_ms);
    fresh = e->last_poll_at != 0 && o->now_ms - e->last_poll_at < 2 * every;

    (void) drs_json_set_str(v, "dataSource",
                            drs_str(fresh ? "realtime" : "cached"));
    (void) drs_json_set_bool(v, "hasRealtimeData",
                             fresh
                                 && (strcmp(e->status, "RUNNING") == 0
                                     || strcmp(e->status, "POLLING") == 0
                                     || strcmp(e->status, "PAUSED") == 0));
}


/* What the waves say of the whole. */
static void
drs_ve_jobs(json_t *v, const drs_exec_t *e)
{
    size_t                 i;
    unsigned               active;
    const char            *job;
    const drs_exec_unit_t *unit, *last;

    active = 0;
    last = NULL;

    for (i = 0; i < e->nwaves; i++) {
        job = drs_view_exec_wave_job(e, e->waves[i].number, &unit);

        if (job[0] != '\0') {
            active |= !drs_wave_is_over(e->waves[i].status);

            if (last == NULL || e->waves[i].number < e->current_wave) {
                last = unit;
            }
        }
    }

    if (e->nwaves > 0 && e->waves[0].ngroups > 0) {
        drs_ve_str(v, "protectionGroupId", e->waves[0].groups[0]);
    }

    if (last != NULL) {
        drs_ve_str(v, "drsJobId", last->job);
        drs_ve_str(v, "drsRegion", last->region);
    }

    (void) drs_json_set_bool(v, "hasActiveDrsJobs", active != 0);
}


/* waves, and the same again as waveExecutions: made once. */
static void
drs_ve_waves(drs_buf_t *b, const drs_exec_t *e, const drs_view_exec_t *o,
             drs_view_exec_once_t *once)
{
    size_t i, from, to;

    drs_jw_open(b, "waves", '[');
    from = b->len > 0 ? b->len - 1 : 0;

    for (i = 0; i < e->nwaves; i++) {
        drs_ve_wave(b, e, &e->waves[i], o);
    }

    drs_jw_close(b, ']');
    to = b->len;

    if (once != NULL) {
        once->to = to;
    }

    if (o->mode != DRS_VIEW_COMPACT) {
        drs_ve_again(b, "waveExecutions", from, to);
    }
}


/* Everything but the waves. */
static json_t *
drs_ve_head(const drs_exec_t *e, const drs_view_exec_t *o)
{
    json_t   *v, *plan;
    drs_str_t by, mode;

    plan = json_object_get(e->doc, "plan");

    v = json_object();
    (void) drs_json_set_str(v, "executionId", drs_str(e->id));
    (void) drs_json_set_str(v, "planId", drs_str(e->plan_id));
    (void) drs_json_set_str(v, "recoveryPlanId", drs_str(e->plan_id));
    (void) drs_json_set_str(v, "planName", drs_str(e->plan_name));
    (void) drs_json_set_str(
        v, "recoveryPlanName",
        drs_str(o->plan_gone ? "Deleted Plan" : e->plan_name));

    if (o->mode != DRS_VIEW_LIST && json_object_get(plan, "description")) {
        json_object_set(v, "recoveryPlanDescription",
                        json_object_get(plan, "description"));
    }

    drs_ve_str(v, "executionType", e->drill ? "DRILL" : "RECOVERY");
    drs_ve_str(v, "status", e->status);

    by = drs_json_field(json_object_get(e->doc, "request"), "initiatedBy");
    if (by.len == 0) {
        by = drs_json_field(e->doc, "initiatedBy");
    }

    (void) drs_json_set_str(v, "initiatedBy",
                            by.len > 0 ? by : drs_str("system"));
    json_object_set(v, "executedBy", json_object_get(v, "initiatedBy"));

    drs_ve_times(v, e);
    drs_ve_progress(v, e);
    drs_ve_jobs(v, e);
    drs_ve_accounts(v, e, o);

    mode = drs_json_field(e->doc, "selectionMode");
    (void) drs_json_set_str(v, "selectionMode",
                            mode.len > 0 ? mode : drs_str("PLAN"));

    drs_ve_termination(v, e, o);
    drs_ve_copy(v, e->out, "outcomeSummary");
    drs_ve_copy(v, e->out, "outcomeDetails");
    drs_ve_request(v, e);

    (void) drs_json_set_int(v, "version", e->ver);
    if (json_object_get(plan, "version") != NULL) {
        json_object_set(v, "planVersion", json_object_get(plan, "version"));
    }

    if (o->mode != DRS_VIEW_LIST) {
        drs_ve_source(v, e, o);
    }

    return v;
}


void
drs_view_exec_text(drs_buf_t *b, const drs_exec_t *e, const drs_view_exec_t *o,
                   drs_view_exec_once_t *once)
{
    json_t *v;

    if (once != NULL) {
        once->from = b->len;
    }

    v = drs_ve_head(e, o);
    drs_jw_begin(b, NULL, v);
    json_decref(v);

    drs_ve_waves(b, e, o, once);
    drs_jw_close(b, '}');
}


json_t *
drs_view_exec(const drs_exec_t *e, const drs_view_exec_t *o)
{
    json_t   *v;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    drs_view_exec_text(&b, e, o, NULL);

    v = drs_buf_ok(&b)
            ? drs_json_parse(drs_buf_str(&b), &drs_json_store_limits, NULL)
            : NULL;
    drs_buf_free(&b);

    return v;
}
