/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_model_launch_job.h"
#include "drs_time.h"


#define DRS_LAUNCH_ERRORS_MAX 20


drs_launch_act_t
drs_launch_act(const json_t *group, const json_t *job, const json_t *rows)
{
    json_t            *status;
    drs_str_t          s, asked, have;
    drs_launch_count_t n;

    if (!drs_model_launch_configured(group)) {
        return DRS_LAUNCH_NONE;
    }

    status = json_object_get(group, "launchConfigStatus");
    s = drs_json_field(status, "status");
    asked = drs_json_field(status, "syncJobId");
    have = drs_json_field(job, "syncJobId");

    if (job == NULL) {
        return DRS_LAUNCH_BEGIN;
    }

    if ((s.len == 0 || drs_str_eqz(s, "pending")
         || drs_str_eqz(s, "not_configured"))
        && !drs_str_eq(asked, have))
    {
        return DRS_LAUNCH_BEGIN;
    }

    drs_launch_count(rows, &n);

    if (drs_json_int(job, "completionTime", 0) == 0) {
        return n.pending > 0 ? DRS_LAUNCH_RUN : DRS_LAUNCH_FINISH;
    }

    if (drs_str_eqz(s, "pending") || drs_str_eqz(s, "syncing")) {
        return DRS_LAUNCH_FINISH;
    }

    return DRS_LAUNCH_OVER;
}


json_t *
drs_launch_row(drs_str_t server, drs_str_t hostname)
{
    json_t *row;

    row = json_object();
    (void) drs_json_set_str(row, "sourceServerId", server);

    if (hostname.len > 0) {
        (void) drs_json_set_str(row, "hostname", hostname);
    }

    (void) json_object_set_new(row, "status", json_string("pending"));
    (void) json_object_set_new(row, "lastApplied", json_null());
    (void) json_object_set_new(row, "configHash", json_null());
    (void) json_object_set_new(row, "errors", json_array());

    return row;
}


static void
drs_launch_row_error(json_t *row, const char *text)
{
    (void) json_object_set_new(row, "errors", json_pack("[s]", text));
    (void) json_object_set_new(row, "error", json_string(text));
}


void
drs_launch_row_done(json_t *row, const char *hash, const char *error,
                    int64_t now_ms)
{
    char iso[DRS_TIME_ISO_SIZE];

    (void) json_object_set_new(row, "status",
                               json_string(error == NULL ? "ready" : "failed"));
    (void) json_object_set_new(row, "configHash", json_string(hash));
    (void) drs_json_set_int(row, "lastSyncTime", now_ms);

    if (error != NULL) {
        drs_launch_row_error(row, error);
        return;
    }

    (void) drs_time_iso_ms(iso, now_ms);
    (void) json_object_set_new(row, "lastApplied", json_string(iso));
    (void) json_object_set_new(row, "errors", json_array());
    (void) json_object_del(row, "error");
}


void
drs_launch_row_drifted(json_t *row, const char *text)
{
    (void) json_object_set_new(row, "status", json_string("pending"));
    drs_launch_row_error(row, text);
}


void
drs_launch_count(const json_t *rows, drs_launch_count_t *n)
{
    json_t     *row;
    drs_str_t   s;
    const char *id;

    memset(n, 0, sizeof(*n));

    json_object_foreach ((json_t *) rows, id, row) {
        s = drs_json_field(row, "status");
        n->total++;

        if (drs_str_eqz(s, "ready")) {
            n->ready++;

        } else if (drs_str_eqz(s, "failed")) {
            n->failed++;

        } else {
            n->pending++;
        }
    }
}


/* A number of milliseconds and its ISO form, or null. */
static void
drs_launch_time(json_t *s, const char *ms_name, const char *iso_name,
                int64_t ms)
{
    char iso[DRS_TIME_ISO_SIZE];

    if (ms <= 0) {
        (void) json_object_set_new(s, ms_name, json_null());
        (void) json_object_set_new(s, iso_name, json_null());
        return;
    }

    (void) drs_time_iso_ms(iso, ms);
    (void) drs_json_set_int(s, ms_name, ms);
    (void) json_object_set_new(s, iso_name, json_string(iso));
}


static void
drs_launch_numbers(json_t *s, const drs_launch_count_t *n)
{
    int64_t done, total, percent;

    done = (int64_t) (n->ready + n->failed);
    total = (int64_t) n->total;
    percent = (total > 0) ? done * 100 / total : 100;

    (void) drs_json_set_int(s, "progressCount", done);
    (void) drs_json_set_int(s, "totalCount", total);
    (void) drs_json_set_int(s, "completedServers", done);
    (void) drs_json_set_int(s, "totalServers", total);
    (void) drs_json_set_int(s, "percentage", percent);
    (void) json_object_set_new(
        s, "progress",
        json_pack("{s:I, s:I, s:I}", "completed", (json_int_t) done, "total",
                  (json_int_t) total, "percentage", (json_int_t) percent));
    (void) drs_json_set_int(s, "appliedServers", (int64_t) n->ready);
    (void) drs_json_set_int(s, "failedServers", (int64_t) n->failed);
}


/* Each sentence once; the job's own first. */
static void
drs_launch_errors(json_t *s, const json_t *job, const json_t *rows)
{
    json_t     *list, *seen, *row, *text;
    const char *id;

    list = json_array();
    seen = json_object();
    text = json_object_get(job, "error");

    if (json_is_string(text)) {
        (void) json_array_append(list, text);
        (void) json_object_set_new(seen, json_string_value(text), json_true());
    }

    json_object_foreach ((json_t *) rows, id, row) {
        text = json_object_get(row, "error");

        if (!json_is_string(text)
            || json_array_size(list) >= DRS_LAUNCH_ERRORS_MAX
            || json_object_get(seen, json_string_value(text)) != NULL)
        {
            continue;
        }

        (void) json_array_append(list, text);
        (void) json_object_set_new(seen, json_string_value(text), json_true());
    }

    (void) json_object_set(s, "error",
                           json_array_size(list) > 0 ? json_array_get(list, 0)
                                                     : json_null());
    (void) json_object_set_new(s, "errors", list);
    json_decref(seen);
}


/* Without servers: ready, unless they could not be determined. */
static const char *
drs_launch_word(const drs_launch_count_t *n, int over, int drifted,
                const json_t *error)
{
    if (drifted) {
        return "drifted";
    }

    if (!over) {
        return "syncing";
    }

    if (n->ready == n->total && error == NULL) {
        return "ready";
    }

    return n->ready > 0 ? "partial" : "failed";
}


json_t *
drs_launch_status(const json_t *group, const json_t *job, const json_t *rows,
                  int drifted, int64_t now_ms)
{
    int                over;
    char               iso[DRS_TIME_ISO_SIZE];
    json_t            *s, *old, *v;
    int64_t            start, end, done;
    drs_str_t          none = drs_null_string;
    drs_launch_count_t n;

    drs_launch_count(rows, &n);
    start = drs_json_int(job, "startTime", 0);
    end = drs_json_int(job, "completionTime", 0);
    over = (end > 0);
    old = json_object_get(group, "launchConfigStatus");

    s = drs_model_launch_status(
        drs_launch_word(&n, over, drifted, json_object_get(job, "error")),
        drs_json_field(group, "groupId"),
        over ? none : drs_json_field(job, "syncJobId"), n.total);
    drs_launch_numbers(s, &n);
    drs_launch_errors(s, job, rows);
    drs_launch_time(s, "startTime", "startTimeIso", start);
    drs_launch_time(s, "completionTime", "completionTimeIso", end);

    v = json_object_get(job, "requestId");

    if (!over && v != NULL) {
        (void) json_object_set(s, "requestId", v);
    }

    done = (int64_t) (n.ready + n.failed);

    if (!over && done > 0 && now_ms > start) {
        (void) drs_json_set_int(s, "estimatedTimeRemaining",
                                (now_ms - start) * (int64_t) n.pending / done
                                    / 1000);
    }

    v = json_object_get(old, "lastApplied");

    if (over && n.ready > 0) {
        (void) drs_time_iso_ms(iso, end);
        (void) json_object_set_new(s, "lastApplied", json_string(iso));

    } else if (v != NULL) {
        (void) json_object_set(s, "lastApplied", v);
    }

    v = json_object_get(job, "appliedBy");

    if (drifted) {
        (void) json_object_set_new(s, "appliedBy",
                                   json_string("drift-detection"));

    } else if (v != NULL) {
        (void) json_object_set(s, "appliedBy", v);
    }

    return s;
}


json_t *
drs_launch_event(const json_t *status)
{
    return json_pack("{s:O, s:O, s:O, s:O}", "status",
                     json_object_get(status, "status"), "progressCount",
                     json_object_get(status, "progressCount"), "totalCount",
                     json_object_get(status, "totalCount"), "failedServers",
                     json_object_get(status, "failedServers"));
}
