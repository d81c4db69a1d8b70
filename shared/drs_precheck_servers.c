/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks about the servers of a plan.
 */

#include <string.h>

#include "drs_precheck_int.h"
#include "drs_time.h"


#define DRS_PC_SEEN_MS (INT64_C(15) * 60000)
#define DRS_PC_LISTED  200 /* server ids of one check; its text has all */
#define DRS_PC_CHANGED 20  /* percent */


static const char *
drs_pc_text(const json_t *o, const char *name)
{
    const char *z;

    z = json_string_value(json_object_get(o, name));

    return z != NULL ? z : "";
}


static void
drs_pc_list(json_t *list, const json_t *id)
{
    (void) json_array_append(list, (json_t *) id);
}


/* -- GROUPS_RESOLVE, GROUP_COUNT_CHANGED, DUPLICATE_SERVER ------------------ */

static void
drs_pc_wave_groups(drs_pc_t *p, const json_t *wave)
{
    int     skip, unknown;
    size_t  i;
    json_t *g, *n, *number;

    number = json_object_get(wave, "waveNumber");
    skip = strcmp(drs_pc_text(wave, "emptyPolicy"), "SKIP") == 0;
    unknown = 0;

    json_array_foreach (json_object_get(wave, "missingGroups"), i, g) {
        drs_pc_add(p, "GROUPS_RESOLVE", "FAIL", 0,
                   json_pack("{s:O, s:{s:O}}", "waveNumber", number, "details",
                             "protectionGroupId", g),
                   "A protection group of %s does not exist.",
                   drs_pc_text(wave, "waveName"));
    }

    json_array_foreach (json_object_get(wave, "groups"), i, g) {
        n = json_object_get(g, "count");
        unknown |= n == NULL;

        if (n != NULL && json_integer_value(n) == 0) {
            drs_pc_add(
                p, "GROUPS_RESOLVE", skip ? "WARN" : "FAIL", 0,
                json_pack("{s:O, s:o, s:o, s:{s:O*}}", "waveNumber", number,
                          "accountId", json_string(drs_pc_text(g, "accountId")),
                          "region", json_string(drs_pc_text(g, "region")),
                          "details", "protectionGroupId",
                          json_object_get(g, "groupId")),
                "The protection group %s of %s has no server.",
                drs_pc_text(g, "groupName"), drs_pc_text(wave, "waveName"));
        }
    }

    if (unknown) {
        drs_pc_add(p, "GROUPS_RESOLVE", "FAIL", 0,
                   json_pack("{s:O}", "waveNumber", number),
                   "The servers of %s cannot be determined.",
                   drs_pc_text(wave, "waveName"));
    }
}


static void
drs_pc_count(drs_pc_t *p, const json_t *wave)
{
    json_t    *prev;
    json_int_t was, now;

    prev = json_object_get(wave, "previousCount");
    was = json_integer_value(prev);
    now = (json_int_t) json_array_size(json_object_get(wave, "servers"));

    if (prev == NULL || was == 0) {
        return;
    }

    if ((now > was ? now - was : was - now) * 100 > was * DRS_PC_CHANGED) {
        drs_pc_add(p, "GROUP_COUNT_CHANGED", "WARN", 0,
                   json_pack("{s:O, s:{s:I, s:I}}", "waveNumber",
                             json_object_get(wave, "waveNumber"), "details",
                             "previousCount", was, "serverCount", now),
                   "%s has %lld servers; it had %lld in the last run.",
                   drs_pc_text(wave, "waveName"), (long long) now,
                   (long long) was);
    }
}


/* One finding about all these servers, if there are any. */
static void
drs_pc_ids(drs_pc_t *p, const char *id, const char *result, int overridable,
           const json_t *ids, const char *one, const char *many)
{
    size_t n;

    n = json_array_size(ids);

    if (n == 0) {
        return;
    }

    drs_pc_add(
        p, id, result, overridable,
        json_pack("{s:o}", "serverIds", drs_json_head(ids, DRS_PC_LISTED)),
        "%zu %s.", n, n == 1 ? one : many);
}


void
drs_pc_resolve(drs_pc_t *p)
{
    size_t  i;
    json_t *wave, *ids;

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        drs_pc_wave_groups(p, wave);
    }
    drs_pc_end(p, "GROUPS_RESOLVE", "Every group has servers.");

    drs_pc_begin(p);
    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        drs_pc_count(p, wave);
    }
    drs_pc_end(p, "GROUP_COUNT_CHANGED",
               "The number of servers is about that of the last run.");

    drs_pc_begin(p);
    ids = json_object_get(p->facts, "duplicates");

    drs_pc_ids(p, "DUPLICATE_SERVER", "FAIL", 0, ids,
               "server would be launched by two waves",
               "servers would be launched by two waves");
    drs_pc_end(p, "DUPLICATE_SERVER", "No server is in two waves.");
}


/* -- REPLICATION, LAG, LAST_SEEN -------------------------------------------- */

typedef struct {
    json_t *block, *warn;      /* REPLICATION */
    json_t *over, *over_twice; /* LAG */
    json_t *unseen;            /* LAST_SEEN */
} drs_pc_health_t;


static void
drs_pc_server(const drs_pc_t *p, const json_t *s, drs_pc_health_t *h)
{
    int64_t lag, seen, target;
    json_t *id;
    const char *class;

    id = json_object_get(s, "id");
    class = drs_pc_text(s, "class");
    target = drs_json_int(p->facts, "rpoMs", 0);

    if (strcmp(class, "BLOCK") == 0) {
        drs_pc_list(h->block, id);

    } else if (strcmp(class, "WARN") == 0) {
        drs_pc_list(h->warn, id);
    }

    if (target > 0
        && drs_time_parse_duration_ms(drs_json_field(s, "lagDuration"), &lag)
               == DRS_OK
        && lag > target)
    {
        drs_pc_list(lag > 2 * target ? h->over_twice : h->over, id);
    }

    seen = drs_json_int(s, "lastSeenMs", 0);

    if (seen != 0 && p->now - seen > DRS_PC_SEEN_MS) {
        drs_pc_list(h->unseen, id);
    }
}


void
drs_pc_replication(drs_pc_t *p)
{
    int             allowed;
    size_t          i, k;
    json_t         *wave, *s;
    drs_pc_health_t h;

    h.block = json_array();
    h.warn = json_array();
    h.over = json_array();
    h.over_twice = json_array();
    h.unseen = json_array();

    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        json_array_foreach (json_object_get(wave, "servers"), k, s) {
            drs_pc_server(p, s, &h);
        }
    }

    allowed = p->recovery || drs_pc_flag(p, "allowDegraded");

    drs_pc_begin(p);
    drs_pc_ids(p, "REPLICATION", "FAIL", 0, h.block,
               "server has no usable recovery point",
               "servers have no usable recovery point");
    drs_pc_ids(p, "REPLICATION", allowed ? "WARN" : "FAIL", 1, h.warn,
               "server would start from an older recovery point",
               "servers would start from an older recovery point");
    drs_pc_end(p, "REPLICATION", "The replication of every server is healthy.");

    drs_pc_begin(p);
    drs_pc_ids(
        p, "LAG",
        p->recovery && !drs_pc_flag(p, "allowDegraded") ? "FAIL" : "WARN", 1,
        h.over_twice,
        "server lags more than twice the recovery point objective behind",
        "servers lag more than twice the recovery point objective behind");
    drs_pc_ids(p, "LAG", "WARN", 1, h.over,
               "server lags more than the recovery point objective behind",
               "servers lag more than the recovery point objective behind");
    drs_pc_end(p, "LAG",
               drs_json_int(p->facts, "rpoMs", 0) > 0
                   ? "Every server is within the recovery point objective."
                   : "The plan has no recovery point objective.");

    drs_pc_begin(p);
    drs_pc_ids(p, "LAST_SEEN", "WARN", 0, h.unseen,
               "server was not seen by the service for 15 minutes",
               "servers were not seen by the service for 15 minutes");
    drs_pc_end(p, "LAST_SEEN", "The service has seen every server lately.");

    json_decref(h.block);
    json_decref(h.warn);
    json_decref(h.over);
    json_decref(h.over_twice);
    json_decref(h.unseen);
}


json_t *
drs_pc_replication_view(const drs_pc_t *p)
{
    size_t     i, k;
    json_t    *wave, *s, *list, *v, *reason;
    json_int_t ok, warn, block;
    const char *class;

    list = json_array();
    ok = warn = block = 0;

    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        json_array_foreach (json_object_get(wave, "servers"), k, s) {
            class = drs_pc_text(s, "class");
            ok += strcmp(class, "OK") == 0;
            warn += strcmp(class, "WARN") == 0;
            block += strcmp(class, "BLOCK") == 0;

            v = json_pack("{s:O, s:s, s:s, s:s, s:O*}", "serverId",
                          json_object_get(s, "id"), "hostname",
                          drs_pc_text(s, "hostname"), "replicationState",
                          drs_pc_text(s, "replicationState"), "class", class,
                          "lagDuration", json_object_get(s, "lagDuration"));
            reason = json_object_get(s, "reason");

            if (json_string_length(reason) > 0) {
                (void) json_object_set(v, "reason", reason);
            }

            (void) json_array_append_new(list, v);
        }
    }

    return json_pack("{s:I, s:I, s:I, s:o}", "ok", ok, "warn", warn, "block",
                     block, "servers", list);
}


const char *
drs_pc_worst_lag(const drs_pc_t *p)
{
    size_t      i, k;
    json_t     *wave, *s;
    int64_t     lag, worst;
    const char *text;

    worst = -1;
    text = NULL;

    json_array_foreach (json_object_get(p->facts, "waves"), i, wave) {
        json_array_foreach (json_object_get(wave, "servers"), k, s) {
            if (drs_time_parse_duration_ms(drs_json_field(s, "lagDuration"),
                                           &lag)
                    == DRS_OK
                && lag > worst)
            {
                worst = lag;
                text = drs_pc_text(s, "lagDuration");
            }
        }
    }

    return text;
}


/* -- PLAN_EXECUTING, SERVER_CONFLICT ---------------------------------------- */

void
drs_pc_conflicts(drs_pc_t *p)
{
    size_t  i;
    json_t *run, *list, *ids, *c;

    drs_pc_begin(p);
    run = json_object_get(p->facts, "executing");

    if (json_is_string(run)) {
        drs_pc_add(p, "PLAN_EXECUTING", "FAIL", 0,
                   json_pack("{s:{s:[O]}}", "details", "activeExecutions", run),
                   "The plan has an active execution, %s.",
                   json_string_value(run));
    }
    drs_pc_end(p, "PLAN_EXECUTING", "The plan has no active execution.");

    drs_pc_begin(p);
    list = json_object_get(p->facts, "conflicts");

    if (json_array_size(list) > 0) {
        ids = json_array();

        json_array_foreach (list, i, c) {
            drs_pc_list(ids, json_object_get(c, "serverId"));
        }

        drs_pc_ids(p, "SERVER_CONFLICT", "FAIL", 0, ids,
                   "server is in use by another execution or by a DRS job",
                   "servers are in use by another execution or by a DRS job");
        json_decref(ids);
    }
    drs_pc_end(p, "SERVER_CONFLICT", "No server is in use.");
}


/* -- EXISTING_INSTANCES, RECOVERY_POINT ------------------------------------- */

void
drs_pc_existing(drs_pc_t *p)
{
    int     allowed;
    size_t  i;
    json_t *e, *place;

    drs_pc_begin(p);
    drs_pc_ids(p, "EXISTING_INSTANCES",
               drs_pc_flag(p, "confirmReplaceExisting") ? "WARN" : "FAIL", 1,
               json_object_get(p->facts, "existingRecoveries"),
               "server has a live instance of an earlier recovery, which the "
               "launch would remove",
               "servers have a live instance of an earlier recovery, which the "
               "launch would remove");
    drs_pc_ids(p, "EXISTING_INSTANCES", "WARN", 0,
               json_object_get(p->facts, "existingDrills"),
               "server has an instance of an earlier drill, which the launch "
               "replaces",
               "servers have an instance of an earlier drill, which the launch "
               "replaces");

    allowed = drs_pc_flag(p, "allowUnknownLimits");

    json_array_foreach (json_object_get(p->facts, "existingErrors"), i, e) {
        place = drs_pc_place(e);
        drs_pc_add(p, "EXISTING_INSTANCES", allowed ? "UNKNOWN" : "FAIL", 1,
                   place, "The recovery instances cannot be read: %s",
                   drs_pc_text(e, "error"));
    }
    drs_pc_end(p, "EXISTING_INSTANCES", "No server has a recovery instance.");
}


void
drs_pc_points(drs_pc_t *p)
{
    drs_str_t point;

    drs_pc_begin(p);
    drs_pc_ids(p, "RECOVERY_POINT", "FAIL", 0,
               json_object_get(p->facts, "pointsMissing"),
               "server has no recovery point that fits",
               "servers have no recovery point that fits");
    drs_pc_ids(p, "RECOVERY_POINT", "UNKNOWN", 0,
               json_object_get(p->facts, "pointsUnknown"),
               "server could not be asked for its recovery points; the launch "
               "asks again",
               "servers could not be asked for their recovery points; the "
               "launch asks again");

    point = drs_json_field(p->request, "recoveryPoint");
    drs_pc_end(p, "RECOVERY_POINT",
               point.len == 0 || drs_str_eqz(point, "LATEST")
                   ? "The latest recovery points are used."
                   : "Every server has the recovery point asked for.");
}
