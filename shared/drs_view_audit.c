
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_view_audit.h"


static const json_t *drs_audit_server(const json_t *side, drs_str_t server);
static json_t       *drs_audit_value(const json_t *v);
static int           drs_audit_change(json_t *changes, const char *field,
                                      const json_t *was, const json_t *is);


static const json_t *
drs_audit_server(const json_t *side, drs_str_t server)
{
    size_t  i;
    json_t *s;

    json_array_foreach (json_object_get(side, "servers"), i, s) {
        if (drs_str_eq(drs_json_field(s, "sourceServerId"), server)) {
            return s;
        }
    }

    return NULL;
}


/* A value as text: PG14 has strings or null. */

static json_t *
drs_audit_value(const json_t *v)
{
    json_t   *text;
    drs_buf_t b;

    if (v == NULL || json_is_null(v)) {
        return json_null();
    }

    if (json_is_string(v)) {
        return json_incref((json_t *) v);
    }

    drs_buf_init(&b, 0);
    text = NULL;

    if (drs_json_dump(&b, v) == DRS_OK) {
        text = drs_json_new_str(drs_buf_str(&b));
    }

    drs_buf_free(&b);

    return text;
}


static int
drs_audit_change(json_t *changes, const char *field, const json_t *was,
                 const json_t *is)
{
    json_t *row;

    if (was == NULL ? is == NULL : is != NULL && drs_json_equal(was, is)) {
        return DRS_OK;
    }

    row = json_pack("{s:s, s:o, s:o}", "field", field, "oldValue",
                    drs_audit_value(was), "newValue", drs_audit_value(is));

    return json_array_append_new(changes, row) == 0 ? DRS_OK : DRS_ERROR;
}


/* Changes of useGroupDefaults and of every member of launchTemplate. */

static int
drs_audit_changes(json_t *changes, const json_t *was, const json_t *is)
{
    int         rc;
    json_t     *v;
    const char *name;

    rc = drs_audit_change(changes, "useGroupDefaults",
                          json_object_get(was, "useGroupDefaults"),
                          json_object_get(is, "useGroupDefaults"));

    was = json_object_get(was, "launchTemplate");
    is = json_object_get(is, "launchTemplate");

    json_object_foreach ((json_t *) was, name, v) {
        rc |= drs_audit_change(changes, name, v, json_object_get(is, name));
    }

    json_object_foreach ((json_t *) is, name, v) {
        if (json_object_get(was, name) == NULL) {
            rc |= drs_audit_change(changes, name, NULL, v);
        }
    }

    return rc == 0 ? DRS_OK : DRS_ERROR;
}


static const char *
drs_audit_action(const json_t *entry, const json_t *was, const json_t *is)
{
    const char *action;

    action = json_string_value(json_object_get(entry, "action"));

    if (is == NULL && action != NULL && strstr(action, "delete") != NULL) {
        return "DELETE_SERVER_CONFIG";
    }

    if (is == NULL
        || (was != NULL && json_is_true(json_object_get(is, "useGroupDefaults"))
            && json_object_size(json_object_get(is, "launchTemplate")) == 0))
    {
        return "RESET_TO_DEFAULTS";
    }

    return was == NULL ? "CREATE_SERVER_CONFIG" : "UPDATE_SERVER_CONFIG";
}


int
drs_view_audit_server(json_t *list, const json_t *entry, drs_str_t group,
                      drs_str_t server)
{
    json_t       *changes, *row, *actor;
    drs_str_t     user;
    const json_t *was, *is;

    if (!drs_str_eqz(drs_json_field(entry, "outcome"), "succeeded")
        || !drs_str_eq(drs_json_field(entry, "resourceId"), group))
    {
        return DRS_OK;
    }

    was = drs_audit_server(json_object_get(entry, "before"), server);
    is = drs_audit_server(json_object_get(entry, "after"), server);

    if (was == NULL && is == NULL) {
        return DRS_OK;
    }

    changes = json_array();

    if (drs_audit_changes(changes, was, is) != DRS_OK) {
        json_decref(changes);
        return DRS_ERROR;
    }

    if (json_array_size(changes) == 0) {
        json_decref(changes);
        return DRS_OK;
    }

    actor = json_object_get(entry, "actor");
    user = drs_json_field(actor, "email");
    user = user.len > 0 ? user : drs_json_field(actor, "userId");

    row = json_pack("{s:O, s:o, s:s, s:o, s:o, s:o}", "timestamp",
                    json_object_get(entry, "time"), "user",
                    drs_json_new_str(user), "action",
                    drs_audit_action(entry, was, is), "protectionGroupId",
                    drs_json_new_str(group), "serverId",
                    drs_json_new_str(server), "changes", changes);

    return json_array_append_new(list, row) == 0 ? DRS_OK : DRS_ERROR;
}


int
drs_view_audit_has_server(const json_t *group, drs_str_t server)
{
    size_t  i;
    json_t *id;

    if (drs_audit_server(group, server) != NULL) {
        return 1;
    }

    json_array_foreach (json_object_get(group, "sourceServerIds"), i, id) {
        if (drs_str_eq(drs_json_str(id), server)) {
            return 1;
        }
    }

    return 0;
}
