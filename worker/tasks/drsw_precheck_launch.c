
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts of the precheck about launch settings: do the names in them exist, and
 * are they in force in AWS.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_launch_job.h"
#include "drsw_precheck.h"


#define DRSW_PLAUNCH_LISTED 50 /* errors of one group */


/* Servers of the plan that are in the group. */
static json_t *
drsw_plaunch_servers(const drsw_precheck_t *p, const char *gid)
{
    size_t  n, i;
    json_t *w, *v, *ids;

    ids = json_array();

    json_array_foreach (p->s.waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            if (drs_str_eqz(drs_json_field(v, "group"), gid)
                && json_is_object(json_object_get(v, "item")))
            {
                (void) json_array_append(ids, json_object_get(v, "id"));
            }
        }
    }

    return ids;
}


/* Subnets, security groups, types, profiles, addresses. */
static void
drsw_plaunch_names(drsw_precheck_t *p, const json_t *group, const json_t *ids,
                   const drsw_place_t *place, json_t *fact)
{
    size_t             i, k;
    json_t            *lookups, *facts, *id, *errors, *e, *settings, *list;
    drs_launch_check_t check;

    lookups = drs_launch_lookups();

    json_array_foreach ((json_t *) ids, i, id) {
        settings = drs_model_launch_effective(group, drs_json_str(id));
        (void) drs_launch_lookup(lookups, settings);
        json_decref(settings);
    }

    if (drs_launch_lookups_empty(lookups)) {
        json_decref(lookups);
        return;
    }

    facts = drsw_launch_facts(p->s.ctx, &place->access, lookups);
    json_decref(lookups);
    list = json_object_get(fact, "invalid");

    json_array_foreach ((json_t *) ids, i, id) {
        memset(&check, 0, sizeof(check));
        check.group = group;
        check.facts = facts;
        check.server = drs_json_str(id);
        errors = json_array();
        drs_launch_check(&check, errors, NULL);

        json_array_foreach (errors, k, e) {
            if (drs_str_eqz(drs_json_field(e, "error"), "AWS_API_ERROR")) {
                (void) json_object_set(fact, "unknown",
                                       json_object_get(e, "message"));

            } else if (json_array_size(list) < DRSW_PLAUNCH_LISTED) {
                (void) json_array_append_new(
                    list, json_pack("{s:O, s:O*, s:O*, s:O*}", "serverId", id,
                                    "field", json_object_get(e, "field"),
                                    "error", json_object_get(e, "error"),
                                    "message", json_object_get(e, "message")));
            }
        }

        json_decref(errors);
    }

    json_decref(facts);
}


/* The settings as they are in AWS now. */
static int
drsw_plaunch_look(drsw_precheck_t *p, const json_t *group, const json_t *ids,
                  const drsw_place_t *place, json_t *fact)
{
    size_t              i, n, drifted, left;
    json_t             *id;
    const char         *why;
    drsw_launch_item_t *items;

    n = json_array_size(ids);
    items = calloc(n + 1, sizeof(*items));

    if (items == NULL) {
        return DRS_ERROR;
    }

    json_array_foreach ((json_t *) ids, i, id) {
        items[i].server = json_string_value(id);
        items[i].settings = drs_model_launch_effective(group, drs_json_str(id));
        items[i].rc = DRS_AGAIN;
    }

    drsw_launch_many(p->s.ctx, &place->access, group, items, n, 1,
                     p->until_mono_ms);
    drifted = left = 0;
    why = "no time was left to ask";

    for (i = 0; i < n; i++) {
        if (items[i].rc == DRS_OK) {
            drifted += items[i].differs != 0;

        } else {
            left++;
            why = items[i].rc == DRS_DECLINED ? items[i].result.error : why;
        }
    }

    (void) drs_json_set_int(fact, "driftedServers", (int64_t) drifted);

    if (left > 0) {
        (void) json_object_set_new(fact, "unknown", json_string(why));
    }

    for (i = 0; i < n; i++) {
        json_decref(items[i].settings);
    }

    free(items);

    return DRS_OK;
}


/* Status and failures as the job of the group left them. */
static int
drsw_plaunch_stored(drsw_precheck_t *p, const json_t *group, json_t *fact)
{
    int         rc;
    json_t     *job, *rows, *row, *status;
    int64_t     drifted, failed;
    drs_str_t   state;
    const char *id;

    status = json_object_get(group, "launchConfigStatus");
    state = drs_json_field(status, "status");
    (void) drs_json_set_str(fact, "status",
                            state.len > 0 ? state : drs_str("not_configured"));

    rc = drsw_launch_record(p->s.ctx, drs_json_field(group, "groupId"), &job,
                            &rows);

    if (rc != DRS_OK) {
        return rc;
    }

    drifted = failed = 0;

    json_object_foreach (rows, id, row) {
        state = drs_json_field(row, "status");
        failed += drs_str_eqz(state, "failed");
        drifted += drs_str_eqz(state, "drifted");
    }

    (void) drs_json_set_int(fact, "driftedServers", drifted);
    (void) drs_json_set_int(fact, "failedServers", failed);
    json_decref(job);
    json_decref(rows);

    return DRS_OK;
}


static int
drsw_plaunch_group(drsw_precheck_t *p, const char *gid, const json_t *group)
{
    int           rc;
    json_t       *fact, *ids;
    drsw_place_t *place;

    fact = json_pack("{s:s, s:O*, s:[]}", "groupId", gid, "groupName",
                     json_object_get(group, "groupName"), "invalid");
    (void) json_array_append_new(json_object_get(p->facts, "launchConfig"),
                                 fact);
    rc = drsw_plaunch_stored(p, group, fact);

    if (rc != DRS_OK || !drs_model_launch_configured(group)) {
        return rc;
    }

    ids = drsw_plaunch_servers(p, gid);
    place =
        drsw_resolver_place(&p->s.resolver, drsw_group_account(p->s.ctx, group),
                            drs_json_field(group, "region"));

    if (place == NULL) {
        rc = DRS_ERROR;

    } else if (place->rc == DRS_OK && json_array_size(ids) > 0) {
        if (drsw_precheck_time(p)) {
            drsw_plaunch_names(p, group, ids, place, fact);
        }

        rc = drsw_plaunch_look(p, group, ids, place, fact);
    }

    json_decref(ids);

    return rc;
}


/* Groups of the waves that are asked about, each once. */
int
drsw_precheck_launch(drsw_precheck_t *p)
{
    int         rc;
    size_t      n, i;
    json_t     *w, *gid, *group, *seen;
    const char *id;

    seen = json_object();
    rc = DRS_OK;

    json_array_foreach (p->s.waves, n, w) {
        if (!json_is_true(json_object_get(w, "selected"))) {
            continue;
        }

        json_array_foreach (
            json_object_get(json_object_get(w, "wave"), "protectionGroupIds"),
            i, gid)
        {
            id = json_string_value(gid);
            group = json_object_get(p->s.resolver.groups, id);

            if (rc == DRS_OK && group != NULL
                && json_object_get(seen, id) == NULL) {
                (void) json_object_set_new(seen, id, json_true());
                rc = drsw_plaunch_group(p, id, group);
            }
        }
    }

    json_decref(seen);

    return rc;
}
