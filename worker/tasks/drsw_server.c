
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of a SourceServer object.
 */

#include "drsw_scan.h"


drs_str_t
drsw_server_state(const json_t *server)
{
    return drs_json_field(json_object_get(server, "dataReplicationInfo"),
                          "dataReplicationState");
}


drs_str_t
drsw_server_hostname(const json_t *server)
{
    return drs_json_field(
        json_object_get(json_object_get(server, "sourceProperties"),
                        "identificationHints"),
        "hostname");
}


drs_str_t
drsw_server_name(const json_t *server)
{
    drs_str_t s;

    s = drs_json_field(json_object_get(server, "tags"), "Name");

    if (s.len == 0) {
        s = drsw_server_hostname(server);
    }

    if (s.len == 0) {
        s = drs_json_field(server, "sourceServerID");

        if (s.len > 8) {
            s = drs_strn(s.data + s.len - 8, 8);
        }
    }

    return s;
}


int
drsw_scan_usable(const json_t *server)
{
    return !drs_str_eqz(drs_json_field(server, "replicationDirection"),
                        "FAILBACK");
}


static int
drsw_server_in(drs_str_t state, const char *const *list)
{
    for (/* void */; *list != NULL; list++) {
        if (drs_str_eqz(state, *list)) {
            return 1;
        }
    }

    return 0;
}


drsw_health_e
drsw_server_health(const json_t *server, const char **reason)
{
    int       has_point;
    drs_str_t state;

    static const char *const ok[] = { "CONTINUOUS", "RESCAN", "BACKLOG",
                                      "CREATING_SNAPSHOT", NULL };
    static const char *const warn[] = { "PAUSED", "STALLED", "DISCONNECTED",
                                        NULL };

    state = drsw_server_state(server);
    has_point = drs_json_field(json_object_get(server, "lifeCycle"),
                               "firstByteDateTime")
                    .len
                > 0;

    if (drsw_server_in(state, ok)) {
        *reason = "";
        return DRSW_HEALTH_OK;
    }

    if (drsw_server_in(state, warn) && has_point) {
        *reason = "replication has stopped; an older recovery point exists";
        return DRSW_HEALTH_WARN;
    }

    *reason = drsw_server_in(state, warn)
                  ? "replication has stopped and there is no recovery point"
                  : "no usable recovery point in this replication state";
    return DRSW_HEALTH_BLOCK;
}
