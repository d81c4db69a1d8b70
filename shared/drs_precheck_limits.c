/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks about sizes, limits, accounts, launch settings and the age of a plan.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_precheck_int.h"


#define DRS_PC_NEAR     80 /* percent of a limit that is worth a warning */
#define DRS_PC_DAY_MS   INT64_C(86400000)
#define DRS_PC_DRILL_MS (90 * DRS_PC_DAY_MS)
#define DRS_PC_LISTED   50


static const char *
drs_pl_text(const json_t *o, const char *name)
{
    const char *z;

    z = json_string_value(json_object_get(o, name));

    return z != NULL ? z : "";
}


/* Servers of a wave at a place. */
static int64_t
drs_pl_here(const json_t *wave, const json_t *place)
{
    size_t  i;
    json_t *s;
    int64_t n;

    n = 0;

    json_array_foreach (json_object_get(wave, "servers"), i, s) {
        n += json_equal(json_object_get(s, "accountId"),
                        json_object_get(place, "accountId"))
             && json_equal(json_object_get(s, "region"),
                           json_object_get(place, "region"));
    }

    return n;
}


/* Servers of a launch unit at a place. */
static int64_t
drs_pl_per_unit(const drs_pc_t *p, const json_t *place)
{
    int64_t per;

    per =
        drs_json_int(place, "perUnit", drs_json_int(p->facts, "perUnit", 100));

    return per > 0 ? per : 1;
}


/* -- demand ------------------------------------------------------------------ */

typedef struct {
    int64_t jobs, servers; /* largest demand at once */
    int64_t biggest;       /* servers of the largest wave */
} drs_pl_demand_t;


static int
drs_pl_down(const void *a, const void *b)
{
    int64_t x, y;

    x = *(const int64_t *) a;
    y = *(const int64_t *) b;

    return x < y ? 1 : x > y ? -1 : 0;
}


/*
 * With `maxParallel` waves at once: the largest ones together, which is never
 * less than what can happen (engine.md 3.1).
 */
static void
drs_pl_demand(const drs_pc_t *p, const json_t *place, drs_pl_demand_t *d)
{
    size_t   i, n, max;
    json_t  *waves, *wave;
    int64_t *here, per;

    memset(d, 0, sizeof(*d));
    waves = json_object_get(p->facts, "waves");
    here = calloc(json_array_size(waves) + 1, sizeof(int64_t));

    if (here == NULL) {
        return;
    }

    json_array_foreach (waves, i, wave) {
        here[i] = drs_pl_here(wave, place);
    }

    n = json_array_size(waves);
    qsort(here, n, sizeof(int64_t), drs_pl_down);
    max = (size_t) drs_json_int(p->facts, "maxParallel", 1);
    max = max > 0 ? max : 1;

    per = drs_pl_per_unit(p, place);

    for (i = 0; i < n && i < max; i++) {
        d->servers += here[i];
        d->jobs += (here[i] + per - 1) / per;
    }

    d->biggest = n > 0 ? here[0] : 0;
    free(here);
}


/* -- WAVE_SIZE ----------------------------------------------------------------- */

static void
drs_pl_size(drs_pc_t *p, const json_t *wave, int64_t max)
{
    int64_t     n;
    json_t     *more;
    const char *name;

    n = (int64_t) json_array_size(json_object_get(wave, "servers"));
    name = drs_pl_text(wave, "waveName");

    if (n * 100 <= max * DRS_PC_NEAR) {
        return;
    }

    more = json_pack("{s:O, s:{s:I, s:I}}", "waveNumber",
                     json_object_get(wave, "waveNumber"), "details",
                     "serverCount", (json_int_t) n, "limit", (json_int_t) max);

    if (n <= max) {
        drs_pc_add(p, "WAVE_SIZE", "WARN", 0, more,
                   "%s has %lld servers, near the %lld of a DRS job.", name,
                   (long long) n, (long long) max);

    } else if (p->strict) {
        drs_pc_add(p, "WAVE_SIZE", "FAIL", 0, more,
                   "%s has %lld servers; a DRS job may have %lld.", name,
                   (long long) n, (long long) max);

    } else {
        drs_pc_add(p, "WAVE_SIZE", "WARN", 0, more,
                   "%s has %lld servers and is launched by several jobs.", name,
                   (long long) n);
    }
}


void
drs_pc_sizes(drs_pc_t *p)
{
    size_t  i;
    json_t *wave;
    int64_t max;

    max = drs_json_int(p->facts, "maxServersPerJob", 100);

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        drs_pl_size(p, wave, max);
    }
    drs_pc_end(p, "WAVE_SIZE", "Every wave fits into one job for each place.");
}


/* -- JOB_LIMITS, RECOVERY_CAPACITY ----------------------------------------------- */

/* What `limits strict` refuses, and what makes units wait otherwise. */
static void
drs_pl_jobs(drs_pc_t *p, const json_t *place)
{
    int64_t         jobs, servers, max_jobs, max_servers;
    json_t         *more;
    drs_pl_demand_t d;

    jobs = drs_json_int(place, "currentJobs", 0);
    servers = drs_json_int(place, "serversInJobs", 0);
    max_jobs = drs_json_int(place, "maxJobs", 20);
    max_servers = drs_json_int(place, "maxServersInJobs", 500);
    drs_pl_demand(p, place, &d);
    more = drs_pc_place(place);

    if (p->strict && jobs >= max_jobs) {
        drs_pc_add(p, "JOB_LIMITS", "FAIL", 0, more,
                   "%lld jobs are active; the limit is %lld.", (long long) jobs,
                   (long long) max_jobs);

    } else if (p->strict && servers + d.biggest > max_servers) {
        drs_pc_add(p, "JOB_LIMITS", "FAIL", 0, more,
                   "%lld servers are in active jobs and the largest wave has "
                   "%lld; the limit is %lld.",
                   (long long) servers, (long long) d.biggest,
                   (long long) max_servers);

    } else if (jobs + d.jobs > max_jobs || servers + d.servers > max_servers) {
        drs_pc_add(p, "JOB_LIMITS", "WARN", 0, more,
                   "The plan needs %lld jobs and %lld servers at once beside "
                   "%lld jobs and %lld servers; launches will wait.",
                   (long long) d.jobs, (long long) d.servers, (long long) jobs,
                   (long long) servers);

    } else if ((jobs + d.jobs) * 100 > max_jobs * DRS_PC_NEAR
               || (servers + d.servers) * 100 > max_servers * DRS_PC_NEAR)
    {
        drs_pc_add(p, "JOB_LIMITS", "WARN", 0, more,
                   "The plan brings the place near its limits: %lld of %lld "
                   "jobs, %lld of %lld servers.",
                   (long long) (jobs + d.jobs), (long long) max_jobs,
                   (long long) (servers + d.servers), (long long) max_servers);

    } else {
        json_decref(more);
    }
}


static void
drs_pl_capacity(drs_pc_t *p, const json_t *place, int64_t max)
{
    int64_t n;

    n = drs_json_int(place, "sourceServers", 0);

    if (n * 100 > max * DRS_PC_NEAR) {
        drs_pc_add(p, "RECOVERY_CAPACITY", n > max ? "FAIL" : "WARN", 1,
                   drs_pc_place(place),
                   "%lld of %lld source servers are in the account and "
                   "Region.",
                   (long long) n, (long long) max);
    }
}


void
drs_pc_limits(drs_pc_t *p)
{
    int     allowed;
    size_t  i;
    json_t *place;

    allowed = drs_pc_flag(p, "allowUnknownLimits");

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "places"), i, place) {
        if (json_object_get(place, "error") != NULL) {
            continue;
        }

        if (json_object_get(place, "jobsError") != NULL) {
            drs_pc_add(p, "JOB_LIMITS", allowed ? "UNKNOWN" : "FAIL", 1,
                       drs_pc_place(place),
                       "The active jobs cannot be read: %s",
                       drs_pl_text(place, "jobsError"));
            continue;
        }

        drs_pl_jobs(p, place);
    }
    drs_pc_end(p, "JOB_LIMITS", "There is room for the jobs of the plan.");

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "places"), i, place) {
        drs_pl_capacity(
            p, place,
            drs_json_int(place, "maxSourceServers",
                         drs_json_int(p->facts, "maxSourceServers", 4000)));
    }
    drs_pc_end(p, "RECOVERY_CAPACITY",
               "The accounts are within their limit of servers.");
}


static void
drs_pl_limit_row(const drs_pc_t *p, const json_t *place, json_t *list)
{
    int             known;
    drs_pl_demand_t d;

    known = json_object_get(place, "error") == NULL
            && json_object_get(place, "jobsError") == NULL;
    drs_pl_demand(p, place, &d);

    (void) json_array_append_new(
        list,
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "accountId",
                  drs_pl_text(place, "accountId"), "region",
                  drs_pl_text(place, "region"), "currentJobs",
                  (json_int_t) drs_json_int(place, "currentJobs", 0), "maxJobs",
                  (json_int_t) drs_json_int(place, "maxJobs", 20),
                  "serversInJobs",
                  (json_int_t) drs_json_int(place, "serversInJobs", 0),
                  "maxServersInJobs",
                  (json_int_t) drs_json_int(place, "maxServersInJobs", 500),
                  "jobsNeeded", (json_int_t) d.jobs, "peakServers",
                  (json_int_t) d.servers, "known", known));
}


json_t *
drs_pc_limits_view(const drs_pc_t *p)
{
    size_t  i;
    json_t *place, *list;

    list = json_array();

    json_array_foreach (json_object_get(p->facts, "places"), i, place) {
        drs_pl_limit_row(p, place, list);
    }

    /* snapshots are converted in the staging accounts, by jobs of theirs */

    json_array_foreach (json_object_get(p->facts, "staging"), i, place) {
        drs_pl_limit_row(p, place, list);
    }

    return list;
}


/* -- ACCOUNT_ACCESS ---------------------------------------------------------------- */

static void
drs_pl_place(drs_pc_t *p, const json_t *place)
{
    int64_t at;
    json_t *more;

    more = drs_pc_place(place);

    if (json_object_get(place, "error") != NULL) {
        if (json_object_get(place, "code") != NULL) {
            (void) json_object_set_new(
                more, "details",
                json_pack("{s:O}", "code", json_object_get(place, "code")));
        }

        drs_pc_add(p, "ACCOUNT_ACCESS", "FAIL", 0, more, "%s",
                   drs_pl_text(place, "error"));
        return;
    }

    if (json_object_get(place, "staleText") != NULL) {
        drs_pc_add(p, "ACCOUNT_ACCESS", "WARN", 0, more,
                   "DRS cannot be asked now, the inventory serves: %s",
                   drs_pl_text(place, "staleText"));
        return;
    }

    at = drs_json_int(place, "validatedMs", 0);

    if (!json_is_true(json_object_get(place, "own"))
        && p->now - at > DRS_PC_DAY_MS) {
        drs_pc_add(p, "ACCOUNT_ACCESS", "WARN", 0, more,
                   "The account %s was not validated for a day.",
                   drs_pl_text(place, "accountId"));
        return;
    }

    json_decref(more);
}


void
drs_pc_access(drs_pc_t *p)
{
    size_t      i;
    json_t     *place;
    const char *account;

    drs_pc_begin(p);
    account = NULL;

    json_array_foreach (json_object_get(p->facts, "places"), i, place) {
        drs_pl_place(p, place);

        if (p->strict && account != NULL
            && strcmp(account, drs_pl_text(place, "accountId")) != 0)
        {
            drs_pc_add(p, "ACCOUNT_ACCESS", "FAIL", 0, drs_pc_place(place),
                       "The waves are in several accounts, which the mode "
                       "strict refuses.");
        }

        account = drs_pl_text(place, "accountId");
    }

    json_array_foreach (json_object_get(p->facts, "staging"), i, place) {
        if (json_object_get(place, "error") != NULL) {
            drs_pc_add(p, "ACCOUNT_ACCESS", "WARN", 0, drs_pc_place(place),
                       "The staging account %s cannot be looked at: %s",
                       drs_pl_text(place, "accountId"),
                       drs_pl_text(place, "error"));
        }
    }

    drs_pc_end(p, "ACCOUNT_ACCESS", "Every account can be used.");
}


/* -- LAUNCH_SETTINGS ---------------------------------------------------------------- */

static void
drs_pl_group(drs_pc_t *p, const json_t *g)
{
    size_t      i;
    json_t     *bad, *e, *ids;
    int64_t     drifted, failed;
    const char *name, *status;

    name = drs_pl_text(g, "groupName");
    status = drs_pl_text(g, "status");
    bad = json_object_get(g, "invalid");

    if (json_array_size(bad) > 0) {
        ids = json_array();

        json_array_foreach (bad, i, e) {
            if (i < DRS_PC_LISTED) {
                (void) json_array_append(ids, json_object_get(e, "serverId"));
            }
        }

        drs_pc_add(p, "LAUNCH_SETTINGS", "FAIL", 0,
                   json_pack("{s:o, s:{s:O, s:O}}", "serverIds", ids, "details",
                             "groupId", json_object_get(g, "groupId"), "errors",
                             bad),
                   "Launch settings of %s do not fit: %s", name,
                   drs_pl_text(json_array_get(bad, 0), "message"));
    }

    drifted = drs_json_int(g, "driftedServers", 0);
    failed = drs_json_int(g, "failedServers", 0);

    if (strcmp(status, "not_configured") == 0) {
        drs_pc_add(p, "LAUNCH_SETTINGS", "WARN", 0,
                   json_pack("{s:{s:O}}", "details", "groupId",
                             json_object_get(g, "groupId")),
                   "%s has no launch settings.", name);

    } else if (drifted > 0 || failed > 0 || strcmp(status, "ready") != 0) {
        drs_pc_add(p, "LAUNCH_SETTINGS", "WARN", 0,
                   json_pack("{s:{s:O}}", "details", "groupId",
                             json_object_get(g, "groupId")),
                   "Launch settings of %s are %s: %lld servers differ in AWS, "
                   "%lld could not be set.",
                   name, status, (long long) drifted, (long long) failed);
    }

    if (json_object_get(g, "unknown") != NULL) {
        drs_pc_add(p, "LAUNCH_SETTINGS", "UNKNOWN", 0,
                   json_pack("{s:{s:O}}", "details", "groupId",
                             json_object_get(g, "groupId")),
                   "Launch settings of %s could not be compared with AWS: %s",
                   name, drs_pl_text(g, "unknown"));
    }
}


void
drs_pc_launch(drs_pc_t *p)
{
    size_t  i;
    json_t *g;

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "launchConfig"), i, g) {
        drs_pl_group(p, g);
    }
    drs_pc_end(p, "LAUNCH_SETTINGS", "The launch settings are in force.");
}


json_t *
drs_pc_launch_view(const drs_pc_t *p)
{
    size_t  i;
    json_t *g, *list;

    list = json_array();

    json_array_foreach (json_object_get(p->facts, "launchConfig"), i, g) {
        (void) json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:I}", "groupId",
                            drs_pl_text(g, "groupId"), "groupName",
                            drs_pl_text(g, "groupName"), "status",
                            drs_pl_text(g, "status"), "driftedServers",
                            (json_int_t) drs_json_int(g, "driftedServers", 0),
                            "failedServers",
                            (json_int_t) drs_json_int(g, "failedServers", 0)));
    }

    return list;
}


/* -- PLAN_AGE ------------------------------------------------------------------------ */

void
drs_pc_age(drs_pc_t *p)
{
    int64_t drill, changed;

    drill = drs_json_int(p->facts, "lastDrillMs", 0);
    changed = drs_json_int(p->facts, "planChangedMs", 0);

    drs_pc_begin(p);

    if (drill == 0) {
        drs_pc_add(p, "PLAN_AGE", "WARN", 0, NULL,
                   "The plan has had no successful drill.");

    } else if (p->now - drill > DRS_PC_DRILL_MS) {
        drs_pc_add(p, "PLAN_AGE", "WARN", 0, NULL,
                   "The last successful drill was %lld days ago.",
                   (long long) ((p->now - drill) / DRS_PC_DAY_MS));

    } else if (changed > drill) {
        drs_pc_add(p, "PLAN_AGE", "WARN", 0, NULL,
                   "The plan was changed after its last successful drill.");
    }

    drs_pc_end(p, "PLAN_AGE", "The plan was drilled as it is.");
}


/* -- waves ------------------------------------------------------------------------------ */

json_t *
drs_pc_waves_view(const drs_pc_t *p)
{
    size_t  i, k;
    json_t *wave, *place, *list, *units, *row;
    int64_t n, per, here;

    list = json_array();

    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        units = json_array();

        json_array_foreach (json_object_get(p->facts, "places"), k, place) {
            per = drs_pl_per_unit(p, place);

            for (here = drs_pl_here(wave, place); here > 0; here -= n) {
                n = here > per ? per : here;
                (void) json_array_append_new(
                    units, json_pack("{s:s, s:s, s:I}", "accountId",
                                     drs_pl_text(place, "accountId"), "region",
                                     drs_pl_text(place, "region"),
                                     "serverCount", (json_int_t) n));
            }
        }

        row = json_pack(
            "{s:O, s:s, s:I, s:o, s:O*}", "waveNumber",
            json_object_get(wave, "waveNumber"), "waveName",
            drs_pl_text(wave, "waveName"), "serverCount",
            (json_int_t) json_array_size(json_object_get(wave, "servers")),
            "units", units, "estimatedSeconds",
            json_object_get(wave, "estimatedSeconds"));
        (void) json_array_append_new(list, row);
    }

    return list;
}
