/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances of an execution and the state of its terminate jobs.
 */

#include <stdio.h>
#include <string.h>

#include "drs_id.h"
#include "drs_json.h"
#include "drs_jtext.h"
#include "drs_view_exec.h"


/* One launched server; *unit is the one of the server before. */
static void
drs_vt_instance(drs_buf_t *b, const drs_exec_t *e, const drs_exec_server_t *s,
                const drs_exec_unit_t **unit)
{
    const drs_exec_wave_t *wave;

    if (*unit == NULL || strcmp((*unit)->id, s->unit) != 0) {
        *unit = drs_exec_unit(e, s->unit);
    }

    wave = drs_exec_wave(e, s->wave);

    drs_jw_open(b, NULL, '{');
    drs_jw_str(b, "instanceId", drs_str(s->instance));
    drs_jw_str(b, "recoveryInstanceId", drs_str(s->instance));
    drs_jw_str(b, "sourceServerId", drs_str(s->id));
    drs_jw_str(b, "region", drs_str(s->region));
    drs_jw_str(b, "waveName", drs_str(wave != NULL ? wave->name : ""));
    drs_jw_int(b, "waveNumber", s->wave);
    drs_jw_str(b, "jobId", drs_str(*unit != NULL ? (*unit)->job : ""));
    drs_jw_str(b, "status", drs_str(drs_launch_status_name(s->status)));
    drs_jw_z(b, "hostname", s->hostname);
    drs_jw_z(b, "serverName", s->name);
    drs_jw_z(b, "accountId", s->account);
    drs_jw_close(b, '}');
}


void
drs_view_exec_instances(drs_buf_t *b, const drs_exec_t *e)
{
    char                   text[96];
    size_t                 i, n;
    const drs_exec_unit_t *unit;

    n = 0;
    unit = NULL;

    drs_jw_open(b, NULL, '{');
    drs_jw_str(b, "executionId", drs_str(e->id));
    drs_jw_open(b, "instances", '[');

    for (i = 0; i < e->nservers; i++) {
        if (e->servers[i].instance[0] != '\0') {
            drs_vt_instance(b, e, &e->servers[i], &unit);
            n++;
        }
    }

    (void) snprintf(text, sizeof(text),
                    n == 0 ? "No recovery instances are known."
                           : "%zu recovery instances found.",
                    n);

    drs_jw_close(b, ']');
    drs_jw_int(b, "totalInstances", (int64_t) n);
    drs_jw_str(b, "message", drs_str(text));
    drs_jw_close(b, '}');
}


typedef struct {
    int total, done, failed, completed_jobs, jobs;
} drs_term_sum_t;


static int
drs_term_asked(drs_str_t ids, drs_str_t id)
{
    drs_str_t item;

    if (ids.len == 0) {
        return 1;
    }

    while (drs_str_split(&ids, ',', &item)) {
        if (drs_str_eq(drs_str_trim(item), id)) {
            return 1;
        }
    }

    return 0;
}


static void
drs_term_copy(json_t *o, const char *to, const json_t *from, const char *name)
{
    json_t *v;

    v = json_object_get(from, name);

    if (v != NULL) {
        (void) json_object_set(o, to, v);
    }
}


/* One job of exec:<id>:term; its servers as the job reported them last. */
static json_t *
drs_term_job(drs_str_t id, const json_t *job, drs_term_sum_t *sum)
{
    int       total, done, failed, over;
    size_t    i;
    json_t   *o, *s;
    drs_str_t status, launch;

    total = 0;
    done = 0;
    failed = 0;
    status = drs_json_field(job, "status");
    over = status.len > 0 && drs_str_eqz(status, "COMPLETED");

    json_array_foreach (json_object_get(job, "servers"), i, s) {
        launch = drs_json_field(s, "launchStatus");
        if (launch.len == 0) {
            launch = drs_json_field(s, "status");
        }
        total++;
        done += launch.len > 0 && drs_str_eqz(launch, "TERMINATED");
        failed += launch.len > 0 && drs_str_eqz(launch, "FAILED");
    }

    o = json_object();
    (void) drs_json_set_str(o, "jobId", id);
    (void) drs_json_set_str(o, "status",
                            status.len > 0 ? status : drs_str("PENDING"));
    (void) drs_json_set_str(o, "type", drs_str("TERMINATE"));
    drs_term_copy(o, "accountId", job, "accountId");
    drs_term_copy(o, "region", job, "region");
    (void) drs_json_set_int(o, "totalServers", total);
    (void) drs_json_set_int(o, "completedServers", done);
    (void) drs_json_set_int(o, "failedServers", failed);

    if (over) {
        (void) drs_json_set_bool(o, "jobCompleted", 1);
    }

    sum->jobs++;
    sum->completed_jobs += over;
    sum->total += total;
    sum->done += done;
    sum->failed += failed;

    return o;
}


/* An instance of the worker's plan, or a place it could not look at. */
static void
drs_term_instance(json_t *list, const json_t *from, const json_t *place,
                  const char *state)
{
    json_t *o;

    o = json_object();
    drs_term_copy(o, "recoveryInstanceId", from, "i");
    drs_term_copy(o, "sourceServerId", from, "s");
    drs_term_copy(o, "accountId", place, "account");
    drs_term_copy(o, "region", place, "region");
    drs_term_copy(o, "jobId", place, "job");
    (void) drs_json_set_str(o, "state", drs_str(state));
    drs_term_copy(o, "errorCode", from, "code");
    drs_term_copy(o, "error", from, "error");
    (void) json_array_append_new(list, o);
}


static json_t *
drs_term_instances(const json_t *plan)
{
    size_t      i, k;
    json_t     *list, *chunk, *target;
    const char *state;

    list = json_array();

    json_array_foreach (json_object_get(plan, "chunks"), i, chunk) {
        json_array_foreach (json_object_get(chunk, "targets"), k, target) {
            state = json_string_value(json_object_get(target, "state"));
            drs_term_instance(list, target, chunk,
                              state != NULL ? state : "PENDING");
        }
    }

    json_array_foreach (json_object_get(plan, "places"), i, chunk) {
        drs_term_instance(list, chunk, chunk, "FAILED");
    }

    return list;
}


json_t *
drs_view_exec_term_status(const drs_exec_t *e, const drs_view_exec_t *o,
                          drs_str_t ids, size_t *known)
{
    int            all, percent;
    size_t         i;
    json_t        *v, *jobs, *job, *plan;
    drs_str_t      state;
    drs_term_sum_t sum;

    memset(&sum, 0, sizeof(sum));
    jobs = json_array();
    plan = NULL;
    state = drs_str(NULL);

    for (i = 0; i + 1 < o->n_term; i += 2) {
        if (drs_str_eqz(o->term[i], "state")) {
            state = o->term[i + 1];

        } else if (drs_str_eqz(o->term[i], "plan") && plan == NULL) {
            plan = drs_json_parse(o->term[i + 1], &drs_json_store_limits, NULL);

        } else if (drs_id_is_job(o->term[i]) && drs_term_asked(ids, o->term[i]))
        {
            job = drs_json_parse(o->term[i + 1], &drs_json_store_limits, NULL);
            json_array_append_new(jobs, drs_term_job(o->term[i], job, &sum));
            json_decref(job);
        }
    }

    *known = (size_t) sum.jobs;
    all = sum.jobs > 0 && sum.completed_jobs == sum.jobs;
    percent = all ? 100 : sum.total > 0 ? sum.done * 100 / sum.total : 0;

    v = json_pack("{s:s, s:o, s:i, s:i, s:i, s:b, s:b}", "executionId", e->id,
                  "jobs", jobs, "totalServers", sum.total, "completedServers",
                  sum.done, "progressPercent", percent, "allCompleted", all,
                  "anyFailed", sum.failed > 0);

    if (v != NULL && state.len > 0) {
        (void) drs_json_set_str(v, "state", state);
        (void) json_object_set_new(v, "instances", drs_term_instances(plan));
    }

    json_decref(plan);

    return v;
}
