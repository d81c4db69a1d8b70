
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Assumptions about jobs, from those that the account remembers.
 */

#include "drsw_contact.h"

#include <string.h>

#include "drs_json.h"


#define DRSW_CONTACT_DAY_S 86400


static int
drsw_contact_is(const json_t *doc, const char *name, const char *value)
{
    return drs_str_eqz(drs_json_field(doc, name), value);
}


/* Number of entries of a job's log with this event; -1: log not read. */

static int
drsw_contact_events(drsw_contact_t *a, const json_t *job, const char *event)
{
    int       n;
    size_t    i;
    json_t   *log, *item;
    drs_str_t id;

    id = drs_json_field(job, "jobID");
    log = id.len > 0
              ? json_object_getn(a->data[DRSW_CONTACT_LOGS].v, id.data, id.len)
              : NULL;

    if (log == NULL) {
        return -1;
    }

    n = 0;

    json_array_foreach (log, i, item) {
        n += drsw_contact_is(item, "event", event);
    }

    return n;
}


/* Q1: ids vanish from a completed job, the list from a terminate job. */

void
drsw_contact_q1(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           launches, terminations, kept;
    size_t        i, k;
    json_t       *job, *part;
    const json_t *jobs;

    jobs = drsw_contact_need(a, f, DRSW_CONTACT_JOBS);
    if (jobs == NULL) {
        return;
    }

    launches = terminations = kept = 0;

    json_array_foreach ((json_t *) jobs, i, job) {
        if (!drsw_contact_is(job, "status", "COMPLETED")) {
            continue;
        }

        if (drsw_contact_is(job, "type", "TERMINATE")) {
            terminations++;
            kept +=
                json_array_size(json_object_get(job, "participatingServers"))
                > 0;
            continue;
        }

        json_array_foreach (json_object_get(job, "participatingServers"), k,
                            part) {
            launches += drsw_contact_is(part, "launchStatus", "LAUNCHED");
            kept += drs_json_field(part, "recoveryInstanceID").len > 0;
        }
    }

    if (kept > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d servers of completed launch jobs or completed "
                         "terminate jobs still show what should be gone",
                         kept);

    } else if (launches + terminations == 0) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no completed job in the last %d days: run a drill, "
                         "then ask again",
                         a->days);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "none of %d launched servers shows its instance, none "
                         "of %d terminate jobs its servers",
                         launches, terminations);
    }
}


/* Q2: PENDING until the launch phase. */

void
drsw_contact_q2(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           pending, early;
    size_t        i, k;
    json_t       *job, *part;
    const json_t *jobs, *logs;

    jobs = drsw_contact_need(a, f, DRSW_CONTACT_JOBS);
    logs = jobs != NULL ? drsw_contact_need(a, f, DRSW_CONTACT_LOGS) : NULL;
    if (logs == NULL) {
        return;
    }

    pending = early = 0;

    json_array_foreach ((json_t *) jobs, i, job) {
        if (!drsw_contact_is(job, "status", "STARTED")
            || !drsw_contact_is(job, "type", "LAUNCH")
            || drsw_contact_events(a, job, "LAUNCH_START") != 0)
        {
            continue;
        }

        json_array_foreach (json_object_get(job, "participatingServers"), k,
                            part) {
            pending += drsw_contact_is(part, "launchStatus", "PENDING");
            early += drsw_contact_is(part, "launchStatus", "IN_PROGRESS");
        }
    }

    if (early > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d servers are IN_PROGRESS before any LAUNCH_START",
                         early);

    } else if (pending > 0) {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "%d servers are PENDING while their job runs and "
                         "nothing is launched yet",
                         pending);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no launch job is between its start and its launch "
                         "phase now: ask again while a drill runs");
    }
}


/* Q3: COMPLETED is the end of every job; servers tell. */

void
drsw_contact_q3(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           failed, other;
    size_t        i, k;
    json_t       *job, *part;
    drs_str_t     status;
    const json_t *jobs;

    jobs = drsw_contact_need(a, f, DRSW_CONTACT_JOBS);
    if (jobs == NULL) {
        return;
    }

    failed = other = 0;

    json_array_foreach ((json_t *) jobs, i, job) {
        status = drs_json_field(job, "status");
        other += !drs_str_eqz(status, "PENDING")
                 && !drs_str_eqz(status, "STARTED")
                 && !drs_str_eqz(status, "COMPLETED");

        if (!drs_str_eqz(status, "COMPLETED")) {
            continue;
        }

        json_array_foreach (json_object_get(job, "participatingServers"), k,
                            part) {
            failed += drsw_contact_is(part, "launchStatus", "FAILED");
        }
    }

    if (other > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d jobs have a status other than PENDING, STARTED, "
                         "COMPLETED",
                         other);

    } else if (failed > 0) {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "%d servers failed in jobs that are COMPLETED",
                         failed);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no server failed in the %zu jobs of the last %d days",
                         json_array_size(jobs), a->days);
    }
}


void
drsw_contact_q4(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    (void) a;
    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "only an attempt to change a running job would tell");
}


/* Seconds of a job that has ended, else -1. */

static int64_t
drsw_contact_length(const json_t *job)
{
    int64_t begin, end;

    begin = drsw_contact_time(job, "creationDateTime");
    end = drsw_contact_time(job, "endDateTime");

    return begin >= 0 && end >= begin ? end - begin : -1;
}


/* 1 if both jobs hold a server and ran at the same time. */

static int
drsw_contact_overlap(const json_t *x, const json_t *y)
{
    size_t  i, k;
    int64_t bx, by, lx, ly;
    json_t *p, *q;

    bx = drsw_contact_time(x, "creationDateTime");
    by = drsw_contact_time(y, "creationDateTime");
    lx = drsw_contact_length(x);
    ly = drsw_contact_length(y);

    if (lx < 0 || ly < 0 || bx + lx <= by || by + ly <= bx
        || !drs_str_eq(drs_json_field(x, "type"), drs_json_field(y, "type")))
    {
        return 0;
    }

    json_array_foreach (json_object_get(x, "participatingServers"), i, p) {
        json_array_foreach (json_object_get(y, "participatingServers"), k, q) {
            if (drs_str_eq(drs_json_field(p, "sourceServerID"),
                           drs_json_field(q, "sourceServerID")))
            {
                return 1;
            }
        }
    }

    return 0;
}


/* Q5: one job per source server. */

void
drsw_contact_q5(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           shared;
    size_t        i, k;
    json_t       *x, *y;
    const json_t *jobs, *quotas;

    quotas = drsw_contact_need(a, f, DRSW_CONTACT_QUOTAS);
    jobs = quotas != NULL ? drsw_contact_need(a, f, DRSW_CONTACT_JOBS) : NULL;
    if (jobs == NULL) {
        return;
    }

    shared = 0;

    json_array_foreach ((json_t *) jobs, i, x) {
        for (k = i + 1; k < json_array_size(jobs) && k < i + 50; k++) {
            y = json_array_get(jobs, k);
            shared += drsw_contact_overlap(x, y);
        }
    }

    if (shared > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d pairs of jobs ran at the same time with the same "
                         "server",
                         shared);
        return;
    }

    json_array_foreach ((json_t *) quotas, i, x) {
        if (!drsw_contact_is(x, "QuotaCode", "L-DD6D028C")) {
            continue;
        }

        if (json_number_value(json_object_get(x, "Value")) == 1) {
            drsw_contact_say(f, DRSW_CONTACT_HELD,
                             "quota L-DD6D028C is 1; no jobs with a common "
                             "server overlap");
        } else {
            drsw_contact_say(f, DRSW_CONTACT_BROKEN, "quota L-DD6D028C is %g",
                             json_number_value(json_object_get(x, "Value")));
        }

        return;
    }

    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "Service Quotas does not list L-DD6D028C");
}


/* Q6: a further launch replaces the instance of an earlier one. */

void
drsw_contact_q6(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n, cleaned, doubled;
    size_t        i;
    json_t       *item, *seen;
    drs_str_t     id, state;
    const json_t *instances, *jobs;

    instances = drsw_contact_need(a, f, DRSW_CONTACT_INSTANCES);
    jobs =
        instances != NULL ? drsw_contact_need(a, f, DRSW_CONTACT_LOGS) : NULL;
    if (jobs == NULL) {
        return;
    }

    seen = json_object();
    cleaned = doubled = 0;

    json_array_foreach ((json_t *) instances, i, item) {
        id = drs_json_field(item, "sourceServerID");
        state = drs_json_field(item, "ec2InstanceState");

        if (id.len == 0 || drs_str_eqz(state, "TERMINATED")
            || drs_str_eqz(state, "NOT_FOUND"))
        {
            continue;
        }

        doubled += json_object_getn(seen, id.data, id.len) != NULL;
        (void) json_object_setn_new(seen, id.data, id.len, json_true());
    }

    json_decref(seen);

    json_array_foreach (a->data[DRSW_CONTACT_JOBS].v, i, item) {
        n = drsw_contact_events(a, item, "CLEANUP_START");
        cleaned += n > 0 && drsw_contact_is(item, "type", "LAUNCH");
    }

    if (doubled > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d source servers have more than one living recovery "
                         "instance",
                         doubled);

    } else if (cleaned > 0) {
        drsw_contact_say(
            f, DRSW_CONTACT_HELD,
            "%d launch jobs cleaned up first, and no source server "
            "has two instances",
            cleaned);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no job launched a server that had an instance");
    }
}


/* Q7: jobs with tags skip the conversion. */

void
drsw_contact_q7(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n, with, without;
    size_t        i;
    json_t       *job;
    const json_t *logs;

    logs = drsw_contact_need(a, f, DRSW_CONTACT_LOGS);
    if (logs == NULL) {
        return;
    }

    with = without = 0;

    json_array_foreach (a->data[DRSW_CONTACT_JOBS].v, i, job) {
        if (json_object_size(json_object_get(job, "tags")) == 0
            || !drsw_contact_is(job, "type", "LAUNCH")
            || !drsw_contact_is(job, "status", "COMPLETED"))
        {
            continue;
        }

        n = drsw_contact_events(a, job, "CONVERSION_START");
        with += n > 0;
        without += n == 0;
    }

    if (with > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d jobs with tags were converted as usual, %d were "
                         "not: launch_job_tags may be turned on",
                         with, without);

    } else if (without > 0) {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "%d jobs with tags have no conversion in their log",
                         without);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no completed launch job has tags");
    }
}


/* Q14: newest first, and the date is respected. */

void
drsw_contact_q14(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t        i;
    json_t       *job;
    int64_t       t, last, oldest;
    const json_t *jobs;

    jobs = drsw_contact_need(a, f, DRSW_CONTACT_JOBS);
    if (jobs == NULL) {
        return;
    }

    last = INT64_MAX;
    oldest = a->now_s * 1000;

    json_array_foreach ((json_t *) jobs, i, job) {
        t = drsw_contact_time_ms(job, "creationDateTime");

        if (t / 1000 < a->now_s - (int64_t) a->days * DRSW_CONTACT_DAY_S) {
            drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                             "a job older than filters.fromDate was listed");
            return;
        }

        if (t > last) {
            drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                             "job %zu of the list is newer than the one before",
                             i + 1);
            return;
        }

        last = t;
        oldest = t < oldest ? t : oldest;
    }

    if (json_array_size(jobs) < 2) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "fewer than two jobs in the last %d days", a->days);

    } else {
        drsw_contact_say(
            f, DRSW_CONTACT_HELD,
            "%zu jobs, newest first, none before fromDate; the "
            "oldest is %lld days old",
            json_array_size(jobs),
            (long long) ((a->now_s - oldest / 1000) / DRSW_CONTACT_DAY_S));
    }
}


/* Q19: nothing runs much longer than a day. */

void
drsw_contact_q19(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t        i;
    json_t       *job;
    int64_t       n, longest;
    const json_t *jobs;

    jobs = drsw_contact_need(a, f, DRSW_CONTACT_JOBS);
    if (jobs == NULL) {
        return;
    }

    longest = 0;

    json_array_foreach ((json_t *) jobs, i, job) {
        n = drsw_contact_length(job);

        if (n < 0 && drsw_contact_is(job, "status", "STARTED")) {
            n = a->now_s - drsw_contact_time(job, "creationDateTime");
        }

        longest = n > longest ? n : longest;
    }

    if (longest > 25 * 3600) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "a job took %lld hours",
                         (long long) (longest / 3600));

    } else if (longest > 23 * 3600) {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "the longest job ended after %lld hours",
                         (long long) (longest / 3600));

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no job was stuck; the longest took %lld minutes",
                         (long long) (longest / 60));
    }
}


/* Entries of a job's log: in one order. */

void
drsw_contact_log_order(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           up, down;
    size_t        i;
    json_t       *log, *item;
    int64_t       t, last;
    const char   *id;
    const json_t *logs;

    logs = drsw_contact_need(a, f, DRSW_CONTACT_LOGS);
    if (logs == NULL) {
        return;
    }

    up = down = 0;

    json_object_foreach ((json_t *) logs, id, log) {
        last = -1;

        json_array_foreach (log, i, item) {
            t = drsw_contact_time_ms(item, "logDateTime");
            up += last >= 0 && t > last;
            down += last >= 0 && t < last;
            last = t;
        }
    }

    if (up + down == 0) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "no log has two entries of different times");

    } else if (up > 0 && down > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "entries are in no order: %d times forward, %d back",
                         up, down);

    } else if (down > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "entries are newest first");

    } else {
        drsw_contact_say(f, DRSW_CONTACT_HELD, "entries are oldest first");
    }
}
