/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch settings of a group and its servers together: entries, effective
 * settings, hash, status document.
 */

#include <stdio.h>
#include <string.h>

#include "drs_buf.h"
#include "drs_model_launch_int.h"
#include "drs_sha256.h"


static int
drs_launch_is_member(const json_t *members, drs_str_t id)
{
    size_t  i;
    json_t *v;

    json_array_foreach ((json_t *) members, i, v) {
        if (drs_str_eq(drs_json_str(v), id)) {
            return 1;
        }
    }

    return 0;
}


/* One entry of servers[]; *out = NULL when it says nothing. */
static int
drs_launch_entry_model(drs_model_error_t *e, const json_t *v, size_t i,
                       json_t **out)
{
    int       use_defaults;
    char      at[64], path[96];
    json_t   *tmpl, *entry, *tags, *text;
    drs_str_t id;

    *out = NULL;
    tags = NULL;
    (void) snprintf(at, sizeof(at), "servers[%zu]", i);

    if (!json_is_object(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_SERVERS, at, NULL,
                              "%s must be an object.", at);
    }

    (void) snprintf(path, sizeof(path), "%s.sourceServerId", at);
    id = drs_json_str(drs_model_alias(v, "sourceServerId", "serverId"));
    if (!drs_id_is_source_server(id)) {
        return drs_model_invalid(e, path, json_object_get(v, "sourceServerId"),
                                 "a source server id");
    }

    use_defaults = 1;
    (void) snprintf(path, sizeof(path), "%s.useGroupDefaults", at);
    if (drs_model_bool(e, json_object_get(v, "useGroupDefaults"), path,
                       &use_defaults)
        != DRS_OK)
    {
        return DRS_DECLINED;
    }

    (void) snprintf(path, sizeof(path), "%s.tags", at);
    if (drs_model_tags(e, json_object_get(v, "tags"), path,
                       DRS_ERR_INVALID_TAGS, &tags)
        != DRS_OK)
    {
        return DRS_DECLINED;
    }

    (void) snprintf(path, sizeof(path), "%s.launchTemplate", at);
    if (drs_model_launch_template(e, json_object_get(v, "launchTemplate"), path,
                                  &tmpl)
        != DRS_OK)
    {
        json_decref(tags);
        return DRS_DECLINED;
    }

    if (use_defaults && json_object_size(tmpl) == 0) {
        json_decref(tmpl);
        json_decref(tags);
        return DRS_OK;
    }

    entry = json_object();
    (void) drs_json_set_str(entry, "sourceServerId", id);

    text = json_object_get(v, "instanceId");
    if (drs_id_is_instance(drs_json_str(text))) {
        json_object_set(entry, "instanceId", text);
    }

    text = NULL;
    (void) snprintf(path, sizeof(path), "%s.instanceName", at);
    if (drs_model_text(e, json_object_get(v, "instanceName"), path, 255, 0,
                       DRS_ERR_INVALID_PARAMETER, &text)
            == DRS_OK
        && text != NULL)
    {
        json_object_set_new(entry, "instanceName", text);
    }

    if (tags != NULL && json_object_size(tags) > 0) {
        json_object_set(entry, "tags", tags);
    }

    json_decref(tags);
    (void) drs_json_set_bool(entry, "useGroupDefaults", use_defaults);
    json_object_set_new(entry, "launchTemplate", tmpl);
    *out = entry;

    return DRS_OK;
}


int
drs_model_launch_servers(drs_model_error_t *e, const json_t *v,
                         const json_t *members, const json_t *defaults,
                         json_t **out)
{
    size_t    i;
    json_t   *item, *entry, *list, *seen, *group;
    drs_str_t id;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_array(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_SERVERS, "servers", NULL,
                              "servers must be a list.");
    }

    list = json_array();
    seen = json_object();

    json_array_foreach ((json_t *) v, i, item) {
        if (drs_launch_entry_model(e, item, i, &entry) != DRS_OK
            || entry == NULL) {
            continue;
        }

        id = drs_json_field(entry, "sourceServerId");

        if (json_object_get(seen, id.data) != NULL) {
            (void) drs_model_invalid(e, "servers", NULL,
                                     "a list with one entry per server");
        }

        json_object_set_new(seen, id.data, json_true());
        json_array_append_new(list, entry);
    }

    json_decref(seen);

    if (drs_model_result(e) == DRS_OK) {
        group = json_object();
        json_object_set(group, "servers", list);

        if (defaults != NULL) {
            json_object_set(group, "launchConfig", (json_t *) defaults);
        }

        (void) drs_model_launch_members(e, group, members);
        json_decref(group);
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(list);
        return DRS_DECLINED;
    }

    *out = list;

    return DRS_OK;
}


json_t *
drs_model_launch_entry(const json_t *group, drs_str_t server_id)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(group, "servers"), i, v) {
        if (drs_str_eq(drs_json_field(v, "sourceServerId"), server_id)) {
            return v;
        }
    }

    return NULL;
}


static json_t *
drs_launch_merge(const json_t *group, const json_t *entry)
{
    json_t     *out, *v;
    const char *name;

    if (entry != NULL
        && json_is_false(json_object_get(entry, "useGroupDefaults"))) {
        out = json_object();

    } else {
        out = json_deep_copy(json_object_get(group, "launchConfig"));
        if (!json_is_object(out)) {
            json_decref(out);
            out = json_object();
        }
    }

    json_object_foreach (json_object_get(entry, "launchTemplate"), name, v) {
        if (!json_is_null(v)) {
            json_object_set_new(out, name, json_deep_copy(v));
        }
    }

    return out;
}


json_t *
drs_model_launch_effective(const json_t *group, drs_str_t server_id)
{
    return drs_launch_merge(group, drs_model_launch_entry(group, server_id));
}


int
drs_model_launch_hash(char dst[DRS_LAUNCH_HASH_SIZE], const json_t *effective)
{
    int       rc;
    drs_buf_t b;

    if (json_object_size(effective) == 0) {
        memcpy(dst, DRS_LAUNCH_EMPTY_HASH, sizeof(DRS_LAUNCH_EMPTY_HASH));
        return DRS_OK;
    }

    drs_buf_init(&b, 0);
    rc = drs_json_dump_canonical(&b, effective);

    if (rc == DRS_OK) {
        memcpy(dst, "sha256:", sizeof("sha256:") - 1);
        rc = drs_sha256_hex(dst + sizeof("sha256:") - 1, b.data, b.len);
    }

    drs_buf_free(&b);

    return rc;
}


int
drs_model_launch_configured(const json_t *group)
{
    return json_object_size(json_object_get(group, "launchConfig")) > 0
           || json_array_size(json_object_get(group, "servers")) > 0;
}


json_t *
drs_model_launch_status(const char *status, drs_str_t group_id,
                        drs_str_t sync_job_id, size_t total)
{
    json_t *s;

    s = json_object();
    json_object_set_new(s, "status", json_string(status));
    (void) drs_json_set_str(s, "groupId", group_id);
    json_object_set_new(s, "syncJobId",
                        sync_job_id.len > 0 ? drs_json_new_str(sync_job_id)
                                            : json_null());
    json_object_set_new(s, "lastApplied", json_null());
    json_object_set_new(s, "appliedBy", json_null());
    (void) drs_json_set_int(s, "progressCount", 0);
    (void) drs_json_set_int(s, "totalCount", (int64_t) total);
    (void) drs_json_set_int(s, "completedServers", 0);
    (void) drs_json_set_int(s, "totalServers", (int64_t) total);
    (void) drs_json_set_int(s, "percentage", 0);
    json_object_set_new(s, "progress",
                        json_pack("{s:i, s:i, s:i}", "completed", 0, "total",
                                  (int) total, "percentage", 0));
    (void) drs_json_set_int(s, "appliedServers", 0);
    (void) drs_json_set_int(s, "failedServers", 0);
    json_object_set_new(s, "serverConfigs", json_array());
    json_object_set_new(s, "servers", json_array());
    json_object_set_new(s, "errors", json_array());

    return s;
}


void
drs_model_launch_pending(json_t *group, drs_str_t job_id, drs_str_t by)
{
    size_t    n;
    json_t   *s, *last;
    drs_str_t none = drs_null_string;

    n = json_array_size(json_object_get(group, "sourceServerIds"));
    last = json_object_get(json_object_get(group, "launchConfigStatus"),
                           "lastApplied");

    if (!drs_model_launch_configured(group)) {
        s = drs_model_launch_status("not_configured",
                                    drs_json_field(group, "groupId"), none, n);

    } else {
        s = drs_model_launch_status("pending", drs_json_field(group, "groupId"),
                                    job_id, n);

        if (by.len > 0) {
            (void) drs_json_set_str(s, "appliedBy", by);
        }

        if (last != NULL) {
            json_object_set(s, "lastApplied", last);
        }
    }

    json_object_set_new(group, "launchConfigStatus", s);
}


void
drs_model_launch_total(json_t *group)
{
    json_t   *status;
    drs_str_t s;
    int64_t   n;

    status = json_object_get(group, "launchConfigStatus");
    s = drs_json_field(status, "status");

    if (!drs_str_eqz(s, "pending") && !drs_str_eqz(s, "not_configured")) {
        return;
    }

    n = (int64_t) json_array_size(json_object_get(group, "sourceServerIds"));
    (void) drs_json_set_int(status, "totalCount", n);
    (void) drs_json_set_int(status, "totalServers", n);
    (void) drs_json_set_int(json_object_get(status, "progress"), "total", n);
}


drs_str_t
drs_model_launch_busy(const json_t *group)
{
    drs_str_t     s, none = drs_null_string;
    const json_t *status;

    status = json_object_get(group, "launchConfigStatus");
    s = drs_json_field(status, "status");

    if (drs_str_eqz(s, "syncing")
        || (drs_str_eqz(s, "pending")
            && drs_json_field(status, "syncJobId").len > 0))
    {
        return s;
    }

    return none;
}


/* Same address twice in one effective subnet, or without a subnet. */
static void
drs_launch_addresses(const json_t *group, json_t *errors)
{
    char      key[160], at[64];
    size_t    i;
    json_t   *entry, *eff, *seen;
    drs_str_t ip, subnet;

    seen = json_object();

    json_array_foreach (json_object_get(group, "servers"), i, entry) {
        eff = drs_launch_merge(group, entry);
        ip = drs_json_field(eff, "staticPrivateIp");
        subnet = drs_json_field(eff, "subnetId");
        (void) snprintf(at, sizeof(at), "servers[%zu].launchTemplate", i);

        if (ip.len > 0 && subnet.len == 0) {
            drs_launch_error(errors, at, "staticPrivateIp", "MISSING_SUBNET",
                             "needs a subnet (MISSING_SUBNET)");

        } else if (ip.len > 0) {
            (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(subnet),
                            DRS_STR_ARG(ip));

            if (json_object_get(seen, key) != NULL) {
                drs_launch_error(errors, at, "staticPrivateIp", "DUPLICATE_IP",
                                 "is used by another server (DUPLICATE_IP)");
            }

            json_object_set_new(seen, key, json_true());
        }

        json_decref(eff);
    }

    json_decref(seen);
}


int
drs_model_launch_members(drs_model_error_t *e, const json_t *group,
                         const json_t *members)
{
    int       rc;
    char      at[64];
    size_t    i;
    json_t   *entry, *errors;
    drs_str_t ip, id;

    errors = json_array();
    ip = drs_json_field(json_object_get(group, "launchConfig"),
                        "staticPrivateIp");

    if (members != NULL && ip.len > 0 && json_array_size(members) > 1) {
        drs_launch_error(errors, "launchConfig", "staticPrivateIp",
                         "INVALID_LAUNCH_CONFIG_FORMAT",
                         "cannot be set for more than one server");
    }

    json_array_foreach (json_object_get(group, "servers"), i, entry) {
        id = drs_json_field(entry, "sourceServerId");

        if (members != NULL && !drs_launch_is_member(members, id)) {
            (void) snprintf(at, sizeof(at), "servers[%zu]", i);
            drs_launch_error(errors, at, "sourceServerId", "SERVER_NOT_FOUND",
                             "is not a server of the group "
                             "(SERVER_NOT_IN_GROUP)");
        }
    }

    drs_launch_addresses(group, errors);
    rc = DRS_OK;

    if (json_array_size(errors) > 0) {
        rc = drs_launch_format_error(e, "servers", errors);
    }

    json_decref(errors);

    return rc;
}
