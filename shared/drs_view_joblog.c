/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_view_joblog.h"

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_rc.h"


#define DRS_JOBLOG_MARK "\"job.log\""


json_t *
drs_view_joblog(const drs_exec_t *e, drs_str_t job)
{
    size_t                 i, k, n;
    json_t                *logs;
    const drs_exec_unit_t *u;

    logs = json_array();

    for (n = 0; n < e->nwaves; n++) {
        for (i = 0; i < e->nunits; i++) {
            u = &e->units[i];

            if (u->wave != e->waves[n].number) {
                continue;
            }

            for (k = 0; k < u->njobs; k++) {
                if (job.len > 0 && !drs_str_eqz(job, u->jobs[k])) {
                    continue;
                }

                (void) json_array_append_new(
                    logs, json_pack("{s:i, s:s, s:[]}", "waveNumber", u->wave,
                                    "jobId", u->jobs[k], "events"));
            }
        }
    }

    return logs;
}


static void
drs_joblog_copy(json_t *dst, const char *to, const json_t *src,
                const char *from)
{
    json_t *v;

    v = json_object_get(src, from);

    if (v != NULL) {
        (void) json_object_set(dst, to, v);
    }
}


/* An event of the answer; eventData has the names of DRS. */
static json_t *
drs_joblog_item(const json_t *in)
{
    json_t *o, *data;

    data = json_object();
    drs_joblog_copy(data, "sourceServerID", in, "sourceServerId");
    drs_joblog_copy(data, "conversionServerID", in, "conversionServerId");
    drs_joblog_copy(data, "targetInstanceID", in, "targetInstanceId");
    drs_joblog_copy(data, "rawError", in, "error");
    drs_joblog_copy(data, "attemptCount", in, "attempt");
    drs_joblog_copy(data, "maxAttemptsCount", in, "maxAttempts");

    o = json_object();
    drs_joblog_copy(o, "event", in, "event");
    (void) json_object_set_new(o, "eventData", data);
    drs_joblog_copy(o, "logDateTime", in, "logDateTime");
    drs_joblog_copy(o, "sourceServerId", in, "sourceServerId");
    drs_joblog_copy(o, "error", in, "error");
    drs_joblog_copy(o, "conversionServerId", in, "conversionServerId");

    return o;
}


static json_t *
drs_joblog_of(json_t *logs, drs_str_t job)
{
    size_t  i;
    json_t *log;

    json_array_foreach (logs, i, log) {
        if (job.len > 0 && drs_str_eq(drs_json_field(log, "jobId"), job)) {
            return log;
        }
    }

    return NULL;
}


int
drs_view_joblog_add(json_t *logs, drs_str_t event)
{
    int     rc;
    size_t  i;
    json_t *doc, *data, *log, *events, *item;

    if (event.len == 0
        || memmem(event.data, event.len, DRS_JOBLOG_MARK,
                  sizeof(DRS_JOBLOG_MARK) - 1)
               == NULL)
    {
        return DRS_OK;
    }

    doc = drs_json_parse(event, &drs_json_store_limits, NULL);
    data = json_object_get(doc, "data");
    log = drs_joblog_of(logs, drs_json_field(data, "jobId"));
    rc = DRS_OK;

    if (log != NULL && drs_str_eqz(drs_json_field(doc, "event"), "job.log")) {
        events = json_object_get(log, "events");

        json_array_foreach (json_object_get(data, "items"), i, item) {
            if (json_array_append_new(events, drs_joblog_item(item)) != 0) {
                rc = DRS_ERROR;
            }
        }
    }

    json_decref(doc);

    return rc;
}


/* Newest first; ISO times of one form compare as texts. */
static int
drs_joblog_cmp(const void *a, const void *b)
{
    const json_t *x, *y;

    x = *(json_t *const *) a;
    y = *(json_t *const *) b;

    return drs_str_cmp(drs_json_field(y, "logDateTime"),
                       drs_json_field(x, "logDateTime"));
}


static void
drs_joblog_sort_one(json_t *log)
{
    size_t  i, n;
    json_t *events, *sorted, **v;

    events = json_object_get(log, "events");
    n = json_array_size(events);
    v = calloc(n + 1, sizeof(json_t *));
    sorted = json_array();

    if (v == NULL || sorted == NULL) {
        free(v);
        json_decref(sorted);
        return;
    }

    /* what came last stands first among equal times */

    for (i = 0; i < n; i++) {
        v[i] = json_array_get(events, n - 1 - i);
    }

    for (i = 1; i < n; i++) {
        if (drs_joblog_cmp(&v[i - 1], &v[i]) > 0) {
            break;
        }
    }

    if (i < n) {
        qsort(v, n, sizeof(json_t *), drs_joblog_cmp);
    }

    for (i = 0; i < n; i++) {
        (void) json_array_append(sorted, v[i]);
    }

    free(v);
    (void) json_object_set_new(log, "events", sorted);
}


void
drs_view_joblog_sort(json_t *logs)
{
    size_t  i;
    json_t *log;

    json_array_foreach (logs, i, log) {
        drs_joblog_sort_one(log);
    }
}
