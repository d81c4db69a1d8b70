
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a start that look at servers only (api.md EX2).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_points.h"
#include "drsw_start.h"


#define DRSW_START_LISTED    200 /* entries of a list in an answer */
#define DRSW_START_POINTS_MS 8000


void
drsw_start_find_duplicates(drsw_start_t *s, json_t *ids, json_t *waves)
{
    size_t      n, i;
    json_t     *w, *v, *seen, *first;
    const char *id;

    seen = json_object();

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            id = json_string_value(json_object_get(v, "id"));
            first = json_object_get(seen, id);

            if (first == NULL) {
                (void) json_object_set_new(seen, id,
                                           json_integer((json_int_t) n));

            } else {
                (void) json_array_append_new(ids, json_string(id));
                (void) json_array_append(waves, first);
                (void) json_array_append_new(waves,
                                             json_integer((json_int_t) n));
            }
        }
    }

    json_decref(seen);
}


int
drsw_start_duplicates(drsw_start_t *s)
{
    int     rc;
    json_t *ids, *waves;

    ids = json_array();
    waves = json_array();
    drsw_start_find_duplicates(s, ids, waves);
    rc = DRS_OK;

    if (json_array_size(ids) > 0) {
        (void) drsw_answer_error(
            s->answer, "DUPLICATE_SERVER",
            json_pack("{s:o, s:o}", "serverIds",
                      drs_json_head(ids, DRSW_START_LISTED), "waves",
                      drs_json_head(waves, 2 * DRSW_START_LISTED)),
            "%zu %s be launched by two waves.", json_array_size(ids),
            json_array_size(ids) == 1 ? "server would" : "servers would");
        rc = DRS_DECLINED;
    }

    json_decref(ids);
    json_decref(waves);
    return rc;
}


/* Live instances of earlier recoveries that a launch would remove. */
static int
drsw_start_existing_place(drsw_start_t *s, drsw_place_t *place,
                          json_t *existing, json_t *drills)
{
    size_t            n, i;
    json_t           *w, *v, *ids, *items, *filters, *item, *entry;
    drs_str_t         sid, state;
    drsw_aws_result_t res;

    ids = json_array();

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            item = json_object_get(v, "item");

            if (drs_str_eqz(drs_json_field(v, "account"), place->access.account)
                && drs_str_eqz(drs_json_field(v, "region"),
                               place->access.region)
                && drs_json_field(item, "recoveryInstanceId").len > 0)
            {
                (void) json_array_append(ids, json_object_get(v, "id"));
            }
        }
    }

    if (json_array_size(ids) == 0) {
        json_decref(ids);
        return DRS_OK;
    }

    filters = json_pack("{s:o}", "sourceServerIDs", ids);

    if (drsw_drs_describe_recovery_instances(s->ctx->aws, &place->access.aws,
                                             filters, &items, &res)
        != DRSW_AWS_OK)
    {
        json_decref(filters);
        place->code = drsw_aws_error_code(&res);
        drsw_aws_explain(&place->access, "reading the recovery instances", &res,
                         place->text, sizeof(place->text));

        if (json_is_true(json_object_get(s->request, "allowUnknownLimits"))) {
            drsw_start_warn(s, "LIMITS_UNKNOWN", NULL, "%s", place->text);
            return DRS_OK;
        }

        return drsw_start_unknown(s, place);
    }

    json_decref(filters);

    json_array_foreach (items, i, item) {
        sid = drs_json_field(item, "sourceServerID");
        state = drs_json_field(item, "ec2InstanceState");

        if (sid.len == 0 || drs_str_eqz(state, "TERMINATED")
            || drs_str_eqz(state, "SHUTTING-DOWN")
            || drs_str_eqz(state, "NOT_FOUND"))
        {
            continue;
        }

        if (json_is_true(json_object_get(item, "isDrill"))) {
            (void) json_array_append(drills,
                                     json_object_get(item, "sourceServerID"));
            continue;
        }

        entry = json_pack(
            "{s:O, s:O*, s:O*, s:O*, s:s}", "sourceServerId",
            json_object_get(item, "sourceServerID"), "recoveryInstanceId",
            json_object_get(item, "recoveryInstanceID"), "ec2InstanceId",
            json_object_get(item, "ec2InstanceID"), "ec2InstanceState",
            json_object_get(item, "ec2InstanceState"), "region",
            place->access.region);
        (void) json_array_append_new(existing, entry);
    }

    json_decref(items);
    return DRS_OK;
}


int
drsw_start_existing(drsw_start_t *s)
{
    int     rc;
    size_t  i;
    json_t *existing, *drills;

    existing = json_array();
    drills = json_array();
    rc = DRS_OK;

    for (i = 0; i < s->resolver.nplaces && rc == DRS_OK; i++) {
        rc = drsw_start_existing_place(s, s->resolver.places[i], existing,
                                       drills);
    }

    if (rc == DRS_OK && json_array_size(drills) > 0) {
        drsw_start_warn(s, "EXISTING_DRILL_INSTANCES", json_incref(drills),
                        "%zu %s an instance of an earlier drill; the launch "
                        "replaces it",
                        json_array_size(drills),
                        json_array_size(drills) == 1 ? "server has"
                                                     : "servers have");
    }

    if (rc == DRS_OK && json_array_size(existing) > 0) {
        if (json_is_true(json_object_get(s->request, "confirmReplaceExisting")))
        {
            drsw_start_warn(s, "EXISTING_RECOVERY_INSTANCES", NULL,
                            "%zu instances of an earlier recovery are "
                            "replaced",
                            json_array_size(existing));

        } else {
            (void) drsw_answer_error(
                s->answer, "EXISTING_RECOVERY_INSTANCES",
                json_pack("{s:O}", "existingInstances", existing),
                "%zu %s a live instance of an earlier recovery, which a launch "
                "would remove. Set confirmReplaceExisting to go on.",
                json_array_size(existing),
                json_array_size(existing) == 1 ? "server has" : "servers have");
            rc = DRS_DECLINED;
        }
    }

    json_decref(existing);
    json_decref(drills);
    return rc;
}


static void
drsw_start_unhealthy(json_t *list, const json_t *v, const char *reason)
{
    json_t   *item;
    drs_str_t host, state;

    item = json_object_get(v, "item");
    host = drsw_server_hostname(item);
    state = drsw_server_state(item);

    if (state.len == 0) {
        state = drs_str("NOT_FOUND");
    }

    (void) json_array_append_new(
        list, json_pack("{s:O, s:s%, s:s%, s:s, s:s}", "serverId",
                        json_object_get(v, "id"), "hostname",
                        host.data != NULL ? host.data : "", host.len,
                        "replicationState", state.data, state.len,
                        "lifecycleState", "", "reason", reason));
}


int
drsw_start_health(drsw_start_t *s)
{
    int           rc, allow;
    size_t        n, i, total;
    json_t       *w, *v, *bad, *warned;
    const char   *reason;
    drsw_health_e health;

    bad = json_array();
    warned = json_array();
    total = 0;
    allow =
        !s->drill || json_is_true(json_object_get(s->request, "allowDegraded"));

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            total++;

            if (!json_is_object(json_object_get(v, "item"))) {
                drsw_start_unhealthy(bad, v,
                                     "DRS does not know this source "
                                     "server in the account and Region");
                continue;
            }

            health = drsw_server_health(json_object_get(v, "item"), &reason);

            if (health == DRSW_HEALTH_BLOCK
                || (health == DRSW_HEALTH_WARN && !allow)) {
                drsw_start_unhealthy(bad, v, reason);

            } else if (health == DRSW_HEALTH_WARN) {
                (void) json_array_append(warned, json_object_get(v, "id"));
            }
        }
    }

    rc = DRS_OK;

    if (json_array_size(bad) > 0) {
        (void) drsw_answer_error(
            s->answer, "UNHEALTHY_SERVER_REPLICATION",
            json_pack("{s:O, s:I, s:I}", "unhealthyServers", bad,
                      "healthyCount",
                      (json_int_t) (total - json_array_size(bad)),
                      "unhealthyCount", (json_int_t) json_array_size(bad)),
            "%zu of %zu servers cannot be recovered in their replication "
            "state.",
            json_array_size(bad), total);
        rc = DRS_DECLINED;

    } else if (json_array_size(warned) > 0) {
        drsw_start_warn(s, "DEGRADED_REPLICATION", json_incref(warned),
                        "%zu servers start from an older recovery point",
                        json_array_size(warned));
    }

    json_decref(bad);
    json_decref(warned);
    return rc;
}


/* -- recovery points ------------------------------------------------------- */

int
drsw_start_find_points(drsw_start_t *s, int64_t until_mono_ms, json_t *missing,
                       json_t *unknown)
{
    int               rc;
    char             *snapshot;
    size_t            n, i;
    json_t           *w, *v, *id;
    drsw_place_t     *place;
    drsw_aws_result_t res;

    if (!drsw_points_asked(s->request)) {
        return DRS_OK;
    }

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            id = json_object_get(v, "id");
            place =
                drsw_resolver_place(&s->resolver, drs_json_field(v, "account"),
                                    drs_json_field(v, "region"));

            if (place == NULL) {
                return DRS_ERROR;
            }

            if (drsw_mono_ms() >= until_mono_ms) {
                (void) json_array_append(unknown, id);
                continue;
            }

            rc = drsw_point_find(s->ctx, &place->access, json_string_value(id),
                                 s->request, &snapshot, &res);
            free(snapshot);

            if (rc == DRS_ERROR) {
                return rc;
            }

            if (rc != DRS_OK) {
                (void) json_array_append(rc == DRS_DECLINED ? missing : unknown,
                                         id);
            }
        }
    }

    return DRS_OK;
}


int
drsw_start_points(drsw_start_t *s)
{
    int     rc;
    json_t *missing, *unknown;

    missing = json_array();
    unknown = json_array();
    rc = drsw_start_find_points(s, drsw_mono_ms() + DRSW_START_POINTS_MS,
                                missing, unknown);

    if (rc == DRS_OK && json_array_size(missing) > 0) {
        (void) drsw_answer_error(
            s->answer, "RECOVERY_POINT_UNAVAILABLE",
            json_pack("{s:O}", "serverIds", missing),
            "%zu %s no recovery point as it is asked for.",
            json_array_size(missing),
            json_array_size(missing) == 1 ? "server has" : "servers have");
        rc = DRS_DECLINED;

    } else if (rc == DRS_OK && json_array_size(unknown) > 0) {
        drsw_start_warn(s, "RECOVERY_POINT_UNCHECKED", json_incref(unknown),
                        "the recovery points of %zu servers could not be "
                        "looked at; the launch looks again",
                        json_array_size(unknown));
    }

    json_decref(missing);
    json_decref(unknown);
    return rc;
}
