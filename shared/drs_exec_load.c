
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Execution record: from hash fields and JSON documents into memory.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_exec.h"
#include "drs_json.h"
#include "drs_time.h"


/* State of one load call; `rc` sticks. */
typedef struct {
    drs_exec_t       *e;
    drs_exec_error_t *err;
    const char       *key; /* for messages: "wave 3" */
    int               rc;
} drs_exec_load_t;


static void
drs_exec_bad(drs_exec_load_t *l, const char *field, const char *what)
{
    if (l->rc == DRS_OK) {
        l->rc = DRS_DECLINED;
        (void) snprintf(l->err->text, sizeof(l->err->text),
                        "%s: field \"%s\" %s", l->key, field, what);
    }
}


static const char *
drs_exec_take(drs_exec_load_t *l, drs_str_t s)
{
    const char *z;

    z = drs_arena_str(l->e->arena, s);
    if (z == NULL) {
        l->rc = DRS_ERROR;
        return "";
    }

    return z;
}


static drs_str_t
drs_exec_field(const drs_str_t *fv, size_t n, const char *name)
{
    size_t i;

    for (i = 0; i + 1 < n; i += 2) {
        if (drs_str_eqz(fv[i], name)) {
            return fv[i + 1];
        }
    }

    return drs_str(NULL);
}


static int64_t
drs_exec_num(drs_exec_load_t *l, const drs_str_t *fv, size_t n,
             const char *name, int64_t dflt)
{
    int64_t   v;
    drs_str_t s;

    s = drs_exec_field(fv, n, name);
    if (s.len == 0 || drs_str_eqz(s, "-")) {
        return dflt;
    }

    if (drs_str_i64(s, &v) != DRS_OK) {
        drs_exec_bad(l, name, "is not a number");
        return dflt;
    }

    return v;
}


static const char *
drs_exec_text(drs_exec_load_t *l, const drs_str_t *fv, size_t n,
              const char *name)
{
    drs_str_t s;

    s = drs_exec_field(fv, n, name);

    return drs_str_eqz(s, "-") ? "" : drs_exec_take(l, s);
}


static json_t *
drs_exec_json(drs_exec_load_t *l, drs_str_t text, const char *name)
{
    json_t *v;

    if (text.len == 0) {
        return json_object();
    }

    v = drs_json_parse(text, &drs_json_store_limits, NULL);
    if (v == NULL || !json_is_object(v)) {
        json_decref(v);
        drs_exec_bad(l, name, "is not a JSON object");
        return NULL;
    }

    return v;
}


static const char *
drs_exec_js(drs_exec_load_t *l, const json_t *obj, const char *name)
{
    return drs_exec_take(l, drs_json_field(obj, name));
}


static int
drs_exec_ji(const json_t *obj, const char *name, int dflt)
{
    return (int) drs_json_int(obj, name, dflt);
}


/* epoch seconds of a document, as milliseconds */
static int64_t
drs_exec_jt(const json_t *obj, const char *name)
{
    return drs_time_ms(drs_json_int(obj, name, 0));
}


static bool
drs_exec_jb(const json_t *obj, const char *name, bool dflt)
{
    const json_t *v;

    v = json_object_get(obj, name);

    return json_is_boolean(v) ? json_is_true(v) : dflt;
}


static const char **
drs_exec_jlist(drs_exec_load_t *l, const json_t *obj, const char *name,
               size_t *n)
{
    size_t        i;
    const json_t *v;
    const char  **list;

    v = json_object_get(obj, name);
    *n = json_array_size(v);

    list = drs_arena_array(l->e->arena, *n, sizeof(char *));
    if (list == NULL) {
        l->rc = DRS_ERROR;
        *n = 0;
        return NULL;
    }

    for (i = 0; i < *n; i++) {
        list[i] = drs_exec_take(l, drs_json_str(json_array_get(v, i)));
    }

    return list;
}


/* space separated words */
static const char **
drs_exec_words(drs_exec_load_t *l, drs_str_t s, size_t *n)
{
    size_t       max;
    drs_str_t    word;
    const char **list;

    *n = 0;
    max = s.len / 2 + 1;

    list = drs_arena_array(l->e->arena, max, sizeof(char *));
    if (list == NULL) {
        l->rc = DRS_ERROR;
        return NULL;
    }

    while (drs_str_split(&s, ' ', &word)) {
        if (word.len != 0) {
            list[(*n)++] = drs_exec_take(l, word);
        }
    }

    return list;
}


#define drs_exec_enum(l, fn, s, name, dflt)                                    \
    drs_exec_checked(l, (s).len ? fn(s) : (dflt), name)

static int
drs_exec_checked(drs_exec_load_t *l, int v, const char *name)
{
    if (v < 0) {
        drs_exec_bad(l, name, "has an unknown value");
        return 0;
    }

    return v;
}


static void
drs_exec_load_out(drs_exec_load_t *l)
{
    drs_exec_t   *e;
    const json_t *v;

    e = l->e;
    v = json_object_get(e->out, "ending");

    e->ending = drs_exec_js(l, v, "event");
    e->ending_code = drs_exec_js(l, v, "code");
    e->ending_message = drs_exec_js(l, v, "message");
    e->wave_ended_at = drs_json_int(e->out, "lastWaveEndMs", 0);
    e->start_sent = drs_exec_jb(e->out, "startNotified", false);
    e->finalised = drs_exec_jb(e->out, "finalised", false);
    e->reminded_at = drs_json_int(e->out, "pauseRemindedMs", 0);
    e->released_all = drs_exec_jb(e->out, "claimsReleased", false);
    e->last_poll_at = drs_exec_jt(e->out, "lastPolledTime");
}


/* Who may launch although the capacity is not known. */
static void
drs_exec_load_overrides(drs_exec_load_t *l, const drs_str_t *fv, size_t n)
{
    size_t       i;
    json_t      *options;
    const char **texts[2];

    static const char *const names[] = { "resumeOptions", "retryOptions" };

    texts[0] = &l->e->resume_options;
    texts[1] = &l->e->retry_options;
    l->e->allow_unknown = drs_exec_jb(json_object_get(l->e->doc, "request"),
                                      "allowUnknownLimits", false);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        *texts[i] = drs_exec_text(l, fv, n, names[i]);
        options = drs_exec_json(l, drs_exec_field(fv, n, names[i]), names[i]);
        l->e->allow_unknown |=
            drs_exec_jb(options, "allowUnknownLimits", false);
        json_decref(options);
    }
}


int
drs_exec_load_header(drs_exec_t *e, const drs_str_t *fv, size_t n,
                     drs_exec_error_t *err)
{
    json_t         *options;
    const json_t   *plan;
    drs_exec_load_t l = { e, err, "execution", DRS_OK };

    e->ver = drs_exec_num(&l, fv, n, "ver", 0);
    e->status = drs_exec_text(&l, fv, n, "status");
    e->fence = drs_exec_text(&l, fv, n, "fence");
    e->owner = drs_exec_text(&l, fv, n, "owner");
    e->plan_id = drs_exec_text(&l, fv, n, "planId");
    e->plan_name = drs_exec_text(&l, fv, n, "planName");
    e->drill = drs_str_eqz(drs_exec_field(fv, n, "type"), "DRILL");
    e->started_at = drs_exec_num(&l, fv, n, "startedAt", 0);
    e->ended_at = drs_exec_num(&l, fv, n, "endedAt", 0);
    e->updated_at = drs_exec_num(&l, fv, n, "updatedAt", 0);
    e->waves_total = (int) drs_exec_num(&l, fv, n, "wavesTotal", 0);
    e->waves_left = (int) drs_exec_num(&l, fv, n, "wavesLeft", 0);
    e->inflight = (int) drs_exec_num(&l, fv, n, "inflight", 0);
    e->planned = (int) drs_exec_num(&l, fv, n, "planned", 0);
    e->launched = (int) drs_exec_num(&l, fv, n, "launched", 0);
    e->cancel = drs_exec_num(&l, fv, n, "cancel", 0) != 0;
    e->pause_req = drs_exec_num(&l, fv, n, "pauseReq", 0) != 0;
    e->current_wave = (int) drs_exec_num(&l, fv, n, "currentWave", 0);
    e->completed_waves = (int) drs_exec_num(&l, fv, n, "completedWaves", 0);
    e->failed_waves = (int) drs_exec_num(&l, fv, n, "failedWaves", 0);
    e->paused_before = (int) drs_exec_num(&l, fv, n, "pausedBeforeWave", -1);
    e->pause_reason = drs_exec_text(&l, fv, n, "pauseReason");
    e->paused_at = drs_exec_num(&l, fv, n, "pausedAt", 0);
    e->paused_by = drs_exec_text(&l, fv, n, "pausedBy");
    e->pause_deadline = drs_exec_num(&l, fv, n, "pauseDeadline", 0);
    e->pause_epoch = drs_exec_num(&l, fv, n, "pauseEpoch", 0);
    e->released = (int) drs_exec_num(&l, fv, n, "released", -1);
    e->cancelled_by = drs_exec_text(&l, fv, n, "cancelledBy");
    e->notes = drs_exec_text(&l, fv, n, "notes");
    e->error_code = drs_exec_text(&l, fv, n, "errorCode");
    e->error_message = drs_exec_text(&l, fv, n, "errorMessage");
    e->accounts = drs_exec_text(&l, fv, n, "accounts");

    if (e->waves_total < 0 || e->waves_total > 10000) {
        drs_exec_bad(&l, "wavesTotal", "is out of range");
        return l.rc;
    }

    json_decref(e->doc);
    json_decref(e->out);
    e->doc = drs_exec_json(&l, drs_exec_field(fv, n, "doc"), "doc");
    e->out = drs_exec_json(&l, drs_exec_field(fv, n, "out"), "out");

    options = drs_exec_json(&l, drs_exec_field(fv, n, "cancelOptions"),
                            "cancelOptions");
    e->terminate = drs_exec_jb(options, "terminateLaunched", false);
    json_decref(options);

    drs_exec_load_overrides(&l, fv, n);

    plan = json_object_get(e->doc, "plan");
    e->max_parallel = drs_exec_ji(plan, "maxParallelWaves", 1);
    e->wave_delay_s = drs_exec_ji(plan, "interWaveDelaySeconds", 0);
    e->server_delay_s = drs_exec_ji(plan, "interServerDelaySeconds", 0);
    e->priority = drs_exec_ji(plan, "priority", 5);

    drs_exec_load_out(&l);

    e->waves = drs_arena_array(e->arena, (size_t) e->waves_total,
                               sizeof(drs_exec_wave_t));
    if (e->waves == NULL) {
        return DRS_ERROR;
    }

    return l.rc;
}


static void
drs_exec_load_deps(drs_exec_load_t *l, drs_exec_wave_t *w)
{
    size_t        i;
    const json_t *v;

    v = json_object_get(w->doc, "dependsOnWaves");
    w->ndeps = json_array_size(v);

    w->deps = drs_arena_array(l->e->arena, w->ndeps, sizeof(int));
    if (w->deps == NULL) {
        l->rc = DRS_ERROR;
        w->ndeps = 0;
        return;
    }

    for (i = 0; i < w->ndeps; i++) {
        w->deps[i] = (int) json_integer_value(json_array_get(v, i));

        if (w->deps[i] < 0 || w->deps[i] >= l->e->waves_total
            || w->deps[i] == w->number)
        {
            drs_exec_bad(l, "dependsOnWaves", "names a wave that is not");
        }
    }
}


static void
drs_exec_load_wave_doc(drs_exec_load_t *l, drs_exec_wave_t *w)
{
    const json_t *d, *error;

    d = w->doc;
    error = json_object_get(d, "error");

    w->selected = drs_exec_jb(d, "selected", true);
    w->name = drs_exec_js(l, d, "waveName");
    w->groups = drs_exec_jlist(l, d, "protectionGroupIds", &w->ngroups);
    w->server_ids = drs_exec_jlist(l, d, "serverIds", &w->nserver_ids);
    w->optional = drs_exec_jlist(l, d, "optionalServerIds", &w->noptional);
    drs_exec_load_deps(l, w);
    w->pause_before = drs_exec_jb(d, "pauseBeforeWave", false);
    w->policy =
        drs_exec_enum(l, drs_policy_by_name, drs_json_field(d, "failurePolicy"),
                      "failurePolicy", DRS_POLICY_FAIL_FAST);
    w->min_launched = drs_exec_ji(d, "minLaunchedPercent", 0);
    w->auto_retry = drs_exec_ji(d, "autoRetryFailed", 0);
    w->empty_skip = drs_str_eqz(drs_json_field(d, "emptyWavePolicy"), "SKIP");
    w->deadline_min = drs_exec_ji(d, "deadlineMinutes", 360);
    w->wait_actions = drs_exec_jb(d, "waitForLaunchActions", false);

    w->attempt = drs_exec_ji(d, "attempt", 0);
    w->skipped = drs_exec_jb(d, "skipped", false);
    w->resolved = drs_exec_jb(d, "resolved", false);
    w->handled = drs_exec_jb(d, "handled", false);
    w->phase = drs_exec_enum(l, drs_phase_by_name, drs_json_field(d, "phase"),
                             "phase", DRS_PHASE_NONE);
    w->reason =
        drs_exec_enum(l, drs_reason_by_name, drs_json_field(d, "statusReason"),
                      "statusReason", DRS_REASON_NONE);
    w->warned = drs_exec_jb(d, "deadlineWarned", false);
    w->progress_at = drs_json_int(d, "progressMs", 0);
    w->stalled = drs_exec_jb(d, "stallWarned", false);
    w->started_at = drs_exec_jt(d, "startTime");
    w->ended_at = drs_exec_jt(d, "endTime");
    w->first_send_at = drs_exec_jt(d, "firstSendAt");
    w->deadline_at = drs_json_int(d, "deadlineMs", 0);
    w->held_at = drs_json_int(d, "heldSinceMs", 0);
    w->next_send_at = drs_json_int(d, "nextSendMs", 0);
    w->message = drs_exec_js(l, d, "statusMessage");
    w->error_code = drs_exec_js(l, error, "code");
    w->error_message = drs_exec_js(l, error, "message");
    w->next_seq = drs_exec_ji(d, "nextSeq", 0);
}


int
drs_exec_load_wave(drs_exec_t *e, int number, const drs_str_t *fv, size_t n,
                   drs_exec_error_t *err)
{
    char             key[32];
    drs_exec_wave_t *w;
    drs_exec_load_t  l = { e, err, key, DRS_OK };

    (void) snprintf(key, sizeof(key), "wave %d", number);

    if (number != (int) e->nwaves || number >= e->waves_total) {
        drs_exec_bad(&l, "waveNumber", "is out of order");
        return l.rc;
    }

    w = &e->waves[number];
    w->number = number;
    w->ver = drs_exec_num(&l, fv, n, "ver", 0);
    w->status = drs_exec_enum(&l, drs_wave_status_by_name,
                              drs_exec_field(fv, n, "status"), "status", -1);
    w->doc = drs_exec_json(&l, drs_exec_field(fv, n, "doc"), "doc");

    if (w->doc == NULL) {
        return l.rc;
    }

    e->nwaves++;
    drs_exec_load_wave_doc(&l, w);

    return l.rc;
}


static void
drs_exec_load_open(drs_exec_load_t *l, drs_exec_unit_t *u, drs_str_t s)
{
    int64_t          v;
    drs_str_t        word, part;
    drs_exec_send_t *o;

    while (drs_str_split(&s, ' ', &word)) {
        if (word.len == 0) {
            continue;
        }

        if (u->nopen == DRS_EXEC_MAX_OPEN) {
            drs_exec_bad(l, "open", "has too many sends");
            return;
        }

        o = &u->open[u->nopen++];

        if (!drs_str_split(&word, ':', &part)
            || drs_str_i64(part, &v) != DRS_OK) {
            drs_exec_bad(l, "open", "has no attempt number");
            return;
        }

        o->attempt = (int) v;

        if (!drs_str_split(&word, ':', &part)
            || drs_str_i64(part, &o->at) != DRS_OK) {
            drs_exec_bad(l, "open", "has no time");
            return;
        }

        o->owner = drs_exec_take(l, word);
    }
}


static void
drs_exec_load_unit_doc(drs_exec_load_t *l, drs_exec_unit_t *u, const json_t *d)
{
    char         *text;
    const json_t *error, *held;

    error = json_object_get(d, "error");
    held = json_object_get(d, "held");

    u->reason =
        drs_exec_enum(l, drs_reason_by_name, drs_json_field(d, "statusReason"),
                      "statusReason", DRS_REASON_NONE);
    u->job_status =
        drs_exec_enum(l, drs_job_status_by_name, drs_json_field(d, "jobStatus"),
                      "jobStatus", DRS_JOB_NONE);
    u->started_at = drs_exec_jt(d, "startTime");
    u->ended_at = drs_exec_jt(d, "endTime");
    u->job_ended_at = drs_json_int(d, "jobEndMs", 0);
    u->gone_at = drs_json_int(d, "jobGoneMs", 0);
    u->error_code = drs_exec_js(l, error, "code");
    u->error_message = drs_exec_js(l, error, "message");
    u->held_at = drs_exec_jt(held, "since");
    u->held_reason = drs_exec_js(l, held, "reason");
    u->config_done = drs_exec_jb(d, "configDone", false);
    u->conflicts = drs_exec_ji(d, "conflictWaits", 0);
    u->conflict_servers = drs_exec_js(l, d, "conflictServers");
    u->throttles = drs_exec_ji(d, "throttles", 0);
    u->retries = drs_exec_ji(d, "retries", 0);
    u->look_at = drs_json_int(d, "lookMs", 0);
    u->enrich_at = drs_json_int(d, "enrichMs", 0);
    u->looks = drs_exec_ji(d, "looks", 0);
    u->log_seen = drs_exec_ji(d, "logSeen", 0);
    u->ended = drs_exec_js(l, d, "endedJobs");
    u->staging = "";

    if (json_is_object(held)) {
        text = drs_json_text(held, NULL);
        u->held = text ? drs_exec_take(l, drs_str(text)) : "";
        free(text);
    }

    if (json_array_size(json_object_get(d, "stagingJobs")) > 0) {
        text = drs_json_text(json_object_get(d, "stagingJobs"), NULL);
        u->staging = text ? drs_exec_take(l, drs_str(text)) : "";
        free(text);
    }
}


static int
drs_exec_unit_seq(drs_str_t id, int *wave, int *seq)
{
    int64_t   w, s;
    drs_str_t part;

    if (!drs_str_split(&id, '-', &part) || drs_str_i64(part, &w) != DRS_OK
        || drs_str_i64(id, &s) != DRS_OK || w < 0 || s < 0 || w > 100000
        || s > 1000000)
    {
        return DRS_DECLINED;
    }

    *wave = (int) w;
    *seq = (int) s;

    return DRS_OK;
}


static void
drs_exec_load_unit_fields(drs_exec_load_t *l, drs_exec_unit_t *u,
                          const drs_str_t *fv, size_t n)
{
    u->ver = drs_exec_num(l, fv, n, "ver", 0);
    u->state = drs_exec_enum(l, drs_unit_state_by_name,
                             drs_exec_field(fv, n, "state"), "state", -1);
    u->account = drs_exec_text(l, fv, n, "account");
    u->region = drs_exec_text(l, fv, n, "region");
    u->servers =
        drs_exec_words(l, drs_exec_field(fv, n, "servers"), &u->nservers);
    u->attempt = (int) drs_exec_num(l, fv, n, "attempt", 0);
    u->max_attempts = (int) drs_exec_num(l, fv, n, "maxAttempts", 0);
    u->owner = drs_exec_text(l, fv, n, "owner");
    u->intent_at = drs_exec_num(l, fv, n, "intentAt", 0);
    u->launch_key = drs_exec_text(l, fv, n, "launchKey");
    u->job = drs_exec_text(l, fv, n, "jobId");
    u->jobs = drs_exec_words(l, drs_exec_field(fv, n, "jobs"), &u->njobs);
    u->next_at = drs_exec_num(l, fv, n, "nextAt", 0);
    drs_exec_load_open(l, u, drs_exec_field(fv, n, "open"));
}


int
drs_exec_load_unit(drs_exec_t *e, drs_str_t unit, const drs_str_t *fv, size_t n,
                   drs_exec_error_t *err)
{
    int              wave, seq;
    char             key[64];
    void            *base;
    json_t          *d;
    drs_exec_unit_t *u;
    drs_exec_load_t  l = { e, err, key, DRS_OK };

    (void) snprintf(key, sizeof(key), "unit %.*s",
                    unit.len > 40 ? 40 : (int) unit.len,
                    unit.data ? unit.data : "");

    if (drs_exec_unit_seq(unit, &wave, &seq) != DRS_OK) {
        drs_exec_bad(&l, "unitId", "is not <wave>-<seq>");
        return l.rc;
    }

    base = e->units;
    u = drs_arena_push(e->arena, &base, &e->nunits, &e->units_cap,
                       sizeof(drs_exec_unit_t));
    if (u == NULL) {
        return DRS_ERROR;
    }

    e->units = base;
    drs_exec_unit_clear(u);
    u->id = drs_exec_take(&l, unit);
    u->wave = wave;
    u->seq = seq;
    drs_exec_load_unit_fields(&l, u, fv, n);

    d = drs_exec_json(&l, drs_exec_field(fv, n, "doc"), "doc");
    if (d != NULL) {
        drs_exec_load_unit_doc(&l, u, d);
        json_decref(d);
    }

    return l.rc;
}


static int
drs_exec_cmp_unit(const void *a, const void *b)
{
    const drs_exec_unit_t *x = a, *y = b;

    return x->wave != y->wave ? x->wave - y->wave : x->seq - y->seq;
}


static int
drs_exec_cmp_server(const void *a, const void *b)
{
    return strcmp(((const drs_exec_server_t *) a)->id,
                  ((const drs_exec_server_t *) b)->id);
}


int
drs_exec_load_done(drs_exec_t *e, drs_exec_error_t *err)
{
    size_t           i;
    drs_exec_load_t  l = { e, err, "execution", DRS_OK };
    drs_exec_wave_t *w;

    if ((int) e->nwaves != e->waves_total) {
        drs_exec_bad(&l, "wavesTotal", "differs from the waves stored");
        return l.rc;
    }

    if (e->nunits > 1) {
        qsort(e->units, e->nunits, sizeof(drs_exec_unit_t), drs_exec_cmp_unit);
    }

    if (e->nservers > 1) {
        qsort(e->servers, e->nservers, sizeof(drs_exec_server_t),
              drs_exec_cmp_server);
    }

    for (i = 0; i < e->nunits; i++) {
        w = drs_exec_wave(e, e->units[i].wave);

        if (w == NULL) {
            l.key = e->units[i].id;
            drs_exec_bad(&l, "wave", "names a wave that is not");
            return l.rc;
        }

        if (w->next_seq <= e->units[i].seq) {
            w->next_seq = e->units[i].seq + 1;
        }
    }

    return l.rc;
}
