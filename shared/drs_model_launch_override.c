/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of the per-server operations (api.md PG10, PG13).
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_launch_check.h"
#include "drs_model_launch_int.h"


#define DRS_LAUNCH_BATCH_MAX 1000


int
drs_launch_invalid(drs_model_error_t *e, json_t *errors)
{
    drs_str_t first;

    first = drs_json_field(json_array_get(errors, 0), "message");

    return drs_model_fail(
        e, DRS_ERR_VALIDATION_FAILED, "launchTemplate",
        json_pack("{s:O, s:b}", "validationErrors", errors, "valid", 0),
        "The server configuration is invalid: %.*s",
        (int) (first.len < 240 ? first.len : 240),
        first.data != NULL ? first.data : "");
}


int
drs_launch_member(const json_t *group, drs_str_t server)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(group, "sourceServerIds"), i, v) {
        if (drs_str_eq(drs_json_str(v), server)) {
            return 1;
        }
    }

    return 0;
}


int
drs_launch_override(drs_model_error_t *e, const json_t *body, drs_str_t server,
                    json_t **entry)
{
    int     use;
    json_t *tmpl, *errors;

    *entry = NULL;
    use = 1;

    if (drs_model_bool(e, json_object_get(body, "useGroupDefaults"),
                       "useGroupDefaults", &use)
        != DRS_OK)
    {
        return DRS_DECLINED;
    }

    if (drs_model_launch_template(e, json_object_get(body, "launchTemplate"),
                                  "", &tmpl)
        != DRS_OK)
    {
        if (e->err == DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT) {
            errors =
                json_incref(json_object_get(e->fields, "validationErrors"));
            drs_model_error_free(e);
            drs_model_error_init(e);
            (void) drs_launch_invalid(e, errors);
            json_decref(errors);

        } else if (e->fields != NULL) {
            (void) json_object_set_new(e->fields, "valid", json_false());
            (void) json_object_set_new(e->fields, "field",
                                       json_string("launchTemplate"));
        }

        return DRS_DECLINED;
    }

    if (use && json_object_size(tmpl) == 0) {
        json_decref(tmpl);
        return DRS_OK;
    }

    *entry =
        json_pack("{s:s%, s:b, s:o}", "sourceServerId", server.data, server.len,
                  "useGroupDefaults", use, "launchTemplate", tmpl);

    return *entry != NULL ? DRS_OK : DRS_ERROR;
}


/* The failure of one entry as members of the common list. */
static void
drs_lo_collect(json_t *errors, size_t index, drs_str_t server,
               drs_model_error_t *e)
{
    size_t  i;
    json_t *list, *v, *o;

    list = json_object_get(e->fields, "validationErrors");

    json_array_foreach (list, i, v) {
        (void) drs_json_set_int(v, "index", (int64_t) index);
        (void) drs_json_set_str(v, "sourceServerId", server);
        (void) json_array_append(errors, v);
    }

    if (json_array_size(list) == 0) {
        o = json_pack("{s:I, s:s%, s:s, s:s, s:s}", "index", (json_int_t) index,
                      "sourceServerId", server.data != NULL ? server.data : "",
                      server.len, "error", drs_err_code(e->err), "field",
                      "launchTemplate", "message", e->message);
        (void) json_object_update_missing(o, e->fields);
        (void) json_array_append_new(errors, o);
    }

    drs_model_error_free(e);
}


static void
drs_lo_entry(json_t *errors, json_t *entries, json_t *seen, size_t index,
             const json_t *item, const json_t *group)
{
    json_t           *entry;
    drs_str_t         id;
    drs_model_error_t e;

    drs_model_error_init(&e);
    id = drs_json_str(drs_model_alias(item, "sourceServerId", "serverId"));

    if (id.len == 0) {
        (void) drs_model_fail(&e, DRS_ERR_MISSING_SERVER_ID, "sourceServerId",
                              NULL, "The entry names no server.");

    } else if (!drs_launch_member(group, id)) {
        (void) drs_model_fail(&e, DRS_ERR_SERVER_NOT_FOUND_ENTRY,
                              "sourceServerId", NULL,
                              "The server is not in "
                              "the protection group.");

    } else if (json_object_get(seen, id.data) != NULL) {
        (void) drs_model_fail(&e, DRS_ERR_DUPLICATE_SERVER, "sourceServerId",
                              NULL, "The server is in the list twice.");

    } else if (drs_launch_override(&e, item, id, &entry) == DRS_OK) {
        (void) json_object_set_new(seen, id.data, json_true());
        (void) json_array_append_new(
            entries, json_pack("{s:s%, s:I, s:o}", "sourceServerId", id.data,
                               id.len, "index", (json_int_t) index, "entry",
                               entry != NULL ? entry : json_null()));
        return;
    }

    drs_lo_collect(errors, index, id, &e);
}


int
drs_launch_overrides(drs_model_error_t *e, const json_t *body,
                     const json_t *group, json_t **entries)
{
    size_t  i;
    json_t *list, *item, *errors, *seen;

    *entries = NULL;
    list = json_object_get(body, "servers");

    if (list != NULL && !json_is_null(list) && !json_is_array(list)) {
        return drs_model_fail(e, DRS_ERR_INVALID_TYPE, "servers",
                              json_pack("{s:s}", "field", "servers"),
                              "servers must be a list.");
    }

    if (json_array_size(list) == 0) {
        return drs_model_missing(e, DRS_ERR_MISSING_FIELD, "servers");
    }

    if (json_array_size(list) > DRS_LAUNCH_BATCH_MAX) {
        return drs_model_invalid(e, "servers", NULL,
                                 "a list of at most 1000 entries");
    }

    errors = json_array();
    seen = json_object();
    *entries = json_array();

    json_array_foreach (list, i, item) {
        drs_lo_entry(errors, *entries, seen, i, item, group);
    }

    json_decref(seen);

    if (json_array_size(errors) > 0) {
        (void) drs_launch_invalid(e, errors);
        json_decref(*entries);
        *entries = NULL;
    }

    json_decref(errors);

    return drs_model_result(e);
}


void
drs_launch_set_entry(json_t *group, drs_str_t server, const json_t *entry)
{
    size_t      i;
    json_t     *list, *v, *merged;
    const char *name;
    json_t     *value;

    list = json_object_get(group, "servers");

    if (!json_is_array(list)) {
        if (entry == NULL) {
            return;
        }

        list = json_array();
        (void) json_object_set_new(group, "servers", list);
    }

    json_array_foreach (list, i, v) {
        if (!drs_str_eq(drs_json_field(v, "sourceServerId"), server)) {
            continue;
        }

        if (entry == NULL) {
            (void) json_array_remove(list, i);
            return;
        }

        /* what describes the source machine stays */
        merged = json_copy(v);

        json_object_foreach ((json_t *) entry, name, value) {
            (void) json_object_set(merged, name, value);
        }

        (void) json_array_set_new(list, i, merged);
        return;
    }

    if (entry != NULL) {
        (void) json_array_append(list, (json_t *) entry);
    }
}


/* Text of a value: a string as it is, everything else as JSON. */
static json_t *
drs_lo_text(const json_t *v)
{
    json_t   *s;
    drs_buf_t b;

    if (v == NULL || json_is_null(v)) {
        return json_null();
    }

    if (json_is_string(v)) {
        return json_incref((json_t *) v);
    }

    if (json_is_boolean(v)) {
        return json_string(json_is_true(v) ? "true" : "false");
    }

    drs_buf_init(&b, 0);
    s = drs_json_dump_canonical(&b, v) == DRS_OK
            ? drs_json_new_str(drs_buf_str(&b))
            : json_null();
    drs_buf_free(&b);

    return s;
}


json_t *
drs_launch_changes(const json_t *before, const json_t *after)
{
    json_t     *list, *v, *names;
    const char *name;

    list = json_array();
    names = json_object();
    (void) json_object_update(names, (json_t *) before);
    (void) json_object_update(names, (json_t *) after);

    json_object_foreach (names, name, v) {
        if (drs_json_equal(json_object_get(before, name),
                           json_object_get(after, name))) {
            continue;
        }

        (void) json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:o}", "field", name, "oldValue",
                      drs_lo_text(json_object_get(before, name)), "newValue",
                      drs_lo_text(json_object_get(after, name))));
    }

    json_decref(names);

    return list;
}


json_t *
drs_launch_changed(const json_t *before, const json_t *after)
{
    size_t  i;
    json_t *list, *v, *out;

    out = json_array();
    list = drs_launch_changes(before, after);

    json_array_foreach (list, i, v) {
        (void) json_array_append(out, json_object_get(v, "field"));
    }

    json_decref(list);

    return out;
}
