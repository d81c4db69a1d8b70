/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances of an execution and the state of its terminate jobs.
 */

#include <stdio.h>
#include <string.h>

#include "drs_json.h"
#include "drs_view_exec.h"


json_t *
drs_view_exec_instances(const drs_exec_t *e)
{
    char                     text[96];
    size_t                   i, n;
    json_t                  *list, *o;
    const drs_exec_unit_t   *unit;
    const drs_exec_wave_t   *wave;
    const drs_exec_server_t *s;

    list = json_array();

    for (i = 0; i < e->nservers; i++) {
        s = &e->servers[i];

        if (s->instance[0] == '\0') {
            continue;
        }

        unit = drs_exec_unit(e, s->unit);
        wave = drs_exec_wave(e, s->wave);

        o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "instanceId",
                      s->instance, "recoveryInstanceId", s->instance,
                      "sourceServerId", s->id, "region", s->region, "waveName",
                      wave != NULL ? wave->name : "", "waveNumber", s->wave,
                      "jobId", unit != NULL ? unit->job : "", "status",
                      drs_launch_status_name(s->status));

        if (s->hostname[0] != '\0') {
            (void) drs_json_set_str(o, "hostname", drs_str(s->hostname));
        }

        if (s->name[0] != '\0') {
            (void) drs_json_set_str(o, "serverName", drs_str(s->name));
        }

        if (s->account[0] != '\0') {
            (void) drs_json_set_str(o, "accountId", drs_str(s->account));
        }

        json_array_append_new(list, o);
    }

    n = json_array_size(list);
    (void) snprintf(text, sizeof(text),
                    n == 0 ? "No recovery instances are known."
                           : "%zu recovery instances found.",
                    n);

    return json_pack("{s:s, s:o, s:i, s:s}", "executionId", e->id, "instances",
                     list, "totalInstances", (int) n, "message", text);
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

        } else if (drs_str_starts(o->term[i], "drsjob-")
                   && drs_term_asked(ids, o->term[i]))
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
