/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch settings and their status as callers see them (api.md 2.2, 2.3, 2.11).
 */

#include <stdlib.h>
#include <string.h>

#include "drs_model_launch_job.h"
#include "drs_time.h"
#include "drs_view_doc.h"


static int
drs_vl_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


/* Rows by server id, without what is ours. */
static json_t *
drs_vl_rows(const json_t *rows)
{
    size_t      i, n;
    json_t     *list, *row, *out;
    const char *id, **ids;

    list = json_array();
    n = json_object_size(rows);

    if (n == 0) {
        return list;
    }

    ids = calloc(n, sizeof(*ids));

    if (ids == NULL) {
        return list;
    }

    i = 0;

    json_object_foreach ((json_t *) rows, id, row) {
        ids[i++] = id;
    }

    qsort(ids, n, sizeof(*ids), drs_vl_order);

    for (i = 0; i < n; i++) {
        out = json_copy(json_object_get(rows, ids[i]));
        (void) json_object_del(out, "attempts");
        (void) json_array_append_new(list, out);
    }

    free(ids);

    return list;
}


json_t *
drs_view_launch_status(const json_t *group, const json_t *rows)
{
    json_t   *s, *list, *status;
    drs_str_t id, none = drs_null_string;

    id = drs_json_field(group, "groupId");
    status = json_object_get(group, "launchConfigStatus");

    s = drs_model_launch_status(
        drs_model_launch_configured(group) ? "pending" : "not_configured", id,
        none, json_array_size(json_object_get(group, "sourceServerIds")));

    if (json_is_object(status)) {
        (void) json_object_update(s, status);
    }

    if (rows != NULL && !drs_str_eqz(drs_json_field(s, "status"), "pending")
        && !drs_str_eqz(drs_json_field(s, "status"), "not_configured"))
    {
        list = drs_vl_rows(rows);
        (void) json_object_set(s, "serverConfigs", list);
        (void) json_object_set_new(s, "servers", list);
    }

    return s;
}


json_t *
drs_view_launch_group(const json_t *group, const json_t *rows)
{
    json_t *o;

    o = drs_view_group(group);
    (void) json_object_set_new(o, "launchConfigStatus",
                               drs_view_launch_status(group, rows));

    return o;
}


json_t *
drs_view_launch_server(const json_t *group, drs_str_t server)
{
    json_t *entry, *o;

    entry = drs_model_launch_entry(group, server);

    if (entry != NULL) {
        o = json_copy(entry);

    } else {
        o = json_pack("{s:s%, s:b, s:{}}", "sourceServerId", server.data,
                      server.len, "useGroupDefaults", 1, "launchTemplate");
    }

    if (!json_is_boolean(json_object_get(o, "useGroupDefaults"))) {
        (void) json_object_set_new(o, "useGroupDefaults", json_true());
    }

    if (!json_is_object(json_object_get(o, "launchTemplate"))) {
        (void) json_object_set_new(o, "launchTemplate", json_object());
    }

    (void) json_object_set_new(o, "effectiveConfig",
                               drs_model_launch_effective(group, server));

    return o;
}


json_t *
drs_view_launch_trail(drs_str_t user, const char *action, const json_t *changed,
                      json_t *apply, int64_t now_ms)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *o;

    (void) drs_time_iso_ms(iso, now_ms);
    o = json_pack("{s:s, s:s%, s:s}", "timestamp", iso, "user",
                  user.data != NULL ? user.data : "", user.len, "action",
                  action);

    if (changed != NULL) {
        (void) json_object_set(o, "changedFields", (json_t *) changed);
    }

    if (apply != NULL) {
        (void) json_object_set_new(o, "applyResult", apply);
    }

    return o;
}
