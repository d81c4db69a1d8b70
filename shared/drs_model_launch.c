/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_buf.h"
#include "drs_model_launch.h"
#include "drs_sha256.h"
#include "drs_utf8.h"


typedef enum {
    DRS_LF_NONE = 0,
    DRS_LF_BOOL,
    DRS_LF_ENUM,
    DRS_LF_TEXT,
    DRS_LF_SUBNET,
    DRS_LF_GROUPS,
    DRS_LF_PROFILE,
    DRS_LF_TYPE,
    DRS_LF_IP,
    DRS_LF_LICENSING,
    DRS_LF_INTO,
    DRS_LF_TAGS
} drs_lf_kind_t;

typedef struct {
    const char         *name;
    drs_lf_kind_t       kind;
    unsigned            server_only;
    const char *const  *values;
} drs_lf_t;


static const char *const  drs_lf_sizing[] = {
    "NONE", "BASIC", "IN_AWS", NULL
};
static const char *const  drs_lf_boot[] = {
    "LEGACY_BIOS", "UEFI", "USE_SOURCE", NULL
};
static const char *const  drs_lf_disposition[] = {
    "STOPPED", "STARTED", NULL
};
static const char *const  drs_lf_credit[] = {
    "standard", "unlimited", NULL
};

static const drs_lf_t  drs_launch_fields[] = {
    { "subnetId", DRS_LF_SUBNET, 0, NULL },
    { "securityGroupIds", DRS_LF_GROUPS, 0, NULL },
    { "instanceProfileName", DRS_LF_PROFILE, 0, NULL },
    { "instanceType", DRS_LF_TYPE, 0, NULL },
    { "staticPrivateIp", DRS_LF_IP, 0, NULL },
    { "targetInstanceTypeRightSizingMethod", DRS_LF_ENUM, 0, drs_lf_sizing },
    { "launchIntoInstanceProperties", DRS_LF_INTO, 0, NULL },
    { "bootMode", DRS_LF_ENUM, 0, drs_lf_boot },
    { "copyPrivateIp", DRS_LF_BOOL, 0, NULL },
    { "copyTags", DRS_LF_BOOL, 0, NULL },
    { "launchDisposition", DRS_LF_ENUM, 0, drs_lf_disposition },
    { "licensing", DRS_LF_LICENSING, 0, NULL },
    { "postLaunchEnabled", DRS_LF_BOOL, 0, NULL },
    { "name", DRS_LF_TEXT, 0, NULL },
    { "associatePublicIp", DRS_LF_BOOL, 1, NULL },
    { "monitoring", DRS_LF_BOOL, 1, NULL },
    { "ebsOptimized", DRS_LF_BOOL, 1, NULL },
    { "disableApiTermination", DRS_LF_BOOL, 1, NULL },
    { "tags", DRS_LF_TAGS, 1, NULL },
    { "creditSpecification", DRS_LF_ENUM, 1, drs_lf_credit },
    { NULL, DRS_LF_NONE, 0, NULL }
};

static const char *const  drs_launch_blocked[] = {
    "imageId", "userData", "blockDeviceMappings", "placementGroup",
    "availabilityZone", "keyName", NULL
};


static const drs_lf_t *
drs_launch_field(const char *name, unsigned server)
{
    const drs_lf_t  *f;

    for (f = drs_launch_fields; f->name != NULL; f++) {
        if (strcmp(f->name, name) == 0) {
            return f->server_only && !server ? NULL : f;
        }
    }

    return NULL;
}


static int
drs_launch_profile_ok(drs_str_t s)
{
    size_t  i;

    if (s.len == 0 || s.len > 128) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!((s.data[i] >= 'A' && s.data[i] <= 'Z')
              || (s.data[i] >= 'a' && s.data[i] <= 'z')
              || (s.data[i] >= '0' && s.data[i] <= '9')
              || (s.data[i] != '\0' && strchr("+=,.@_-", s.data[i]) != NULL)))
        {
            return 0;
        }
    }

    return 1;
}


/*
 * A unicast address that a subnet may have; whether it is inside the subnet is
 * asked when the subnet is known.
 */
static int
drs_launch_ip_ok(drs_str_t s)
{
    uint32_t  a;

    if (!drs_id_ipv4(s, &a)) {
        return 0;
    }

    return (a >> 24) != 0 && (a >> 24) != 127 && (a >> 24) < 224
           && (a >> 16) != 0xa9fe;
}


static const char *
drs_launch_groups_problem(const json_t *v)
{
    size_t  i, j, n;

    n = json_array_size(v);
    if (n < 1 || n > 5) {
        return "must have 1 to 5 entries";
    }

    for (i = 0; i < n; i++) {
        if (!drs_id_is_security_group(drs_json_str(json_array_get(v, i)))) {
            return "must hold ids such as sg-0123456789abcdef0";
        }

        for (j = 0; j < i; j++) {
            if (json_equal(json_array_get(v, i), json_array_get(v, j))) {
                return "must not hold an id twice";
            }
        }
    }

    return NULL;
}


static const char *
drs_launch_object_problem(const drs_lf_t *f, const json_t *v)
{
    const json_t  *m;

    if (!json_is_object(v)) {
        return "must be an object";
    }

    if (f->kind == DRS_LF_LICENSING) {
        m = json_object_get(v, "osByol");
        return m != NULL && !json_is_boolean(m) && !json_is_null(m)
               ? "osByol must be true or false" : NULL;
    }

    m = json_object_get(v, "launchIntoEC2InstanceID");

    return m != NULL && !json_is_null(m)
           && !drs_id_is_instance(drs_json_str(m))
           ? "launchIntoEC2InstanceID must be an instance id" : NULL;
}


static const char *
drs_launch_text_problem(const drs_lf_t *f, const json_t *v)
{
    drs_str_t  s;

    if (!json_is_string(v)) {
        return "must be a string";
    }

    s = drs_json_str(v);

    switch (f->kind) {

    case DRS_LF_SUBNET:
        return drs_id_is_subnet(s) ? NULL
               : "must be a subnet id of 8 or 17 hex digits";

    case DRS_LF_PROFILE:
        return drs_launch_profile_ok(s) ? NULL
               : "must be an instance profile name (not an ARN)";

    case DRS_LF_TYPE:
        return drs_id_is_instance_type(s) ? NULL
               : "must be an instance type such as m5.large";

    case DRS_LF_IP:
        return drs_launch_ip_ok(s) ? NULL
               : "must be an IPv4 address that a subnet can have";

    default:
        return drs_utf8_check(s, 0) == DRS_UTF8_OK
               && s.len > 0 && drs_utf8_length(s) <= 128
               ? NULL : "must be a text of 1 to 128 characters";
    }
}


/* NULL if the member is good, else what is wrong (for "<field> <problem>"). */
static const char *
drs_launch_problem(const drs_lf_t *f, const json_t *v)
{
    size_t             i;
    json_t            *tags;
    const char        *problem;
    drs_model_error_t  e;

    switch (f->kind) {

    case DRS_LF_BOOL:
        return json_is_boolean(v) ? NULL : "must be true or false";

    case DRS_LF_ENUM:
        for (i = 0; f->values[i] != NULL; i++) {
            if (drs_str_eqz(drs_json_str(v), f->values[i])) {
                return NULL;
            }
        }
        return "has a value that is not allowed";

    case DRS_LF_GROUPS:
        return json_is_array(v) ? drs_launch_groups_problem(v)
                                : "must be a list";

    case DRS_LF_LICENSING:
    case DRS_LF_INTO:
        return drs_launch_object_problem(f, v);

    case DRS_LF_TAGS:
        drs_model_error_init(&e);
        problem = drs_model_tags(&e, v, "tags", DRS_ERR_INVALID_TAGS, &tags)
                  == DRS_OK ? NULL : "has tags that are not allowed";
        json_decref(tags);
        drs_model_error_free(&e);
        return problem;

    default:
        return drs_launch_text_problem(f, v);
    }
}


static void
drs_launch_error(json_t *errors, const char *at, const char *field,
    const char *problem)
{
    char  path[200], text[400];

    (void) snprintf(path, sizeof(path), "%s.%s", at, field);
    (void) snprintf(text, sizeof(text), "%s %s", path, problem);

    json_array_append_new(errors, json_pack("{s:s, s:s}", "field", path,
                                            "message", text));
}


/* Copies the known, good members of `v`; problems go to `errors`. */
static json_t *
drs_launch_copy(const json_t *v, const char *at, unsigned server,
    json_t *errors)
{
    json_t          *out, *m;
    const char      *problem;
    const drs_lf_t  *f;

    out = json_object();

    for (f = drs_launch_fields; f->name != NULL; f++) {
        m = json_object_get(v, f->name);

        if (m == NULL || json_is_null(m) || (f->server_only && !server)) {
            continue;
        }

        /* the reference's client sends "" and [] for "not set" */
        if ((json_is_string(m) && json_string_length(m) == 0)
            || (f->kind == DRS_LF_GROUPS && json_is_array(m)
                && json_array_size(m) == 0))
        {
            continue;
        }

        problem = drs_launch_problem(f, m);

        if (problem != NULL) {
            drs_launch_error(errors, at, f->name, problem);
            continue;
        }

        json_object_set_new(out, f->name, json_deep_copy(m));
    }

    return out;
}


static int
drs_launch_format_error(drs_model_error_t *e, const char *field,
    json_t *errors)
{
    char          text[300];
    const json_t *first;

    first = json_array_get(errors, 0);
    (void) snprintf(text, sizeof(text), "%.*s",
                    DRS_STR_ARG(drs_json_field(first, "message")));

    return drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT, field,
                          json_pack("{s:O}", "validationErrors", errors),
                          "The launch configuration is invalid: %s.", text);
}


int
drs_model_launch_config(drs_model_error_t *e, const json_t *v, json_t **out)
{
    int            rc;
    json_t        *errors;
    const json_t  *sg;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_object(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG,
                              "launchConfig", NULL,
                              "launchConfig must be an object.");
    }

    sg = json_object_get(v, "securityGroupIds");
    if (sg != NULL && !json_is_null(sg) && !json_is_array(sg)) {
        return drs_model_fail(e, DRS_ERR_INVALID_SECURITY_GROUPS,
                              "launchConfig.securityGroupIds", NULL,
                              "securityGroupIds must be a list.");
    }

    errors = json_array();
    *out = drs_launch_copy(v, "launchConfig", 0, errors);
    rc = DRS_OK;

    if (json_array_size(errors) > 0) {
        rc = drs_launch_format_error(e, "launchConfig", errors);
        json_decref(*out);
        *out = NULL;
    }

    json_decref(errors);

    return rc;
}


static int
drs_launch_refused(drs_model_error_t *e, const json_t *v, const char *at)
{
    int          rc;
    size_t       i;
    json_t      *blocked, *unknown, *m;
    const char  *name;

    blocked = json_array();
    unknown = json_array();

    json_object_foreach((json_t *) v, name, m) {
        for (i = 0; drs_launch_blocked[i] != NULL; i++) {
            if (strcmp(drs_launch_blocked[i], name) == 0) {
                break;
            }
        }

        if (drs_launch_blocked[i] != NULL) {
            json_array_append_new(blocked, json_string(name));

        } else if (drs_launch_field(name, 1) == NULL) {
            json_array_append_new(unknown, json_string(name));
        }
    }

    rc = DRS_OK;

    if (json_array_size(blocked) > 0) {
        rc = drs_model_fail(e, DRS_ERR_BLOCKED_FIELDS_PRESENT, at,
                            json_pack("{s:O}", "blockedFields", blocked),
                            "%s has fields that belong to the recovery "
                            "service.", at);

    } else if (json_array_size(unknown) > 0) {
        rc = drs_model_fail(e, DRS_ERR_UNKNOWN_FIELDS_PRESENT, at,
                            json_pack("{s:O}", "unknownFields", unknown),
                            "%s has unknown fields.", at);
    }

    json_decref(blocked);
    json_decref(unknown);

    return rc;
}


int
drs_model_launch_template(drs_model_error_t *e, const json_t *v,
    const char *at, json_t **out)
{
    int      rc;
    json_t  *errors;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        *out = json_object();
        return DRS_OK;
    }

    if (!json_is_object(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG, at, NULL,
                              "%s must be an object.", at);
    }

    if (drs_launch_refused(e, v, at) != DRS_OK) {
        return DRS_DECLINED;
    }

    errors = json_array();
    *out = drs_launch_copy(v, at, 1, errors);
    rc = DRS_OK;

    if (json_array_size(errors) > 0) {
        rc = drs_launch_format_error(e, at, errors);
        json_decref(*out);
        *out = NULL;
    }

    json_decref(errors);

    return rc;
}


static int
drs_launch_is_member(const json_t *members, drs_str_t id)
{
    size_t   i;
    json_t  *v;

    json_array_foreach((json_t *) members, i, v) {
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
    int        use_defaults;
    char       at[64], path[96];
    json_t    *tmpl, *entry, *tags, *text;
    drs_str_t  id;

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
        return drs_model_invalid(e, path, json_object_get(v,
                                 "sourceServerId"), "a source server id");
    }

    use_defaults = 1;
    (void) snprintf(path, sizeof(path), "%s.useGroupDefaults", at);
    if (drs_model_bool(e, json_object_get(v, "useGroupDefaults"), path,
                       &use_defaults) != DRS_OK)
    {
        return DRS_DECLINED;
    }

    (void) snprintf(path, sizeof(path), "%s.tags", at);
    if (drs_model_tags(e, json_object_get(v, "tags"), path,
                       DRS_ERR_INVALID_TAGS, &tags) != DRS_OK)
    {
        return DRS_DECLINED;
    }

    (void) snprintf(path, sizeof(path), "%s.launchTemplate", at);
    if (drs_model_launch_template(e, json_object_get(v, "launchTemplate"),
                                  path, &tmpl) != DRS_OK)
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
                       DRS_ERR_INVALID_PARAMETER, &text) == DRS_OK
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
    const json_t *members, const json_t *defaults, json_t **out)
{
    size_t     i;
    json_t    *item, *entry, *list, *seen, *group;
    drs_str_t  id;

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

    json_array_foreach((json_t *) v, i, item) {
        if (drs_launch_entry_model(e, item, i, &entry) != DRS_OK
            || entry == NULL)
        {
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
    size_t   i;
    json_t  *v;

    json_array_foreach(json_object_get(group, "servers"), i, v) {
        if (drs_str_eq(drs_json_field(v, "sourceServerId"), server_id)) {
            return v;
        }
    }

    return NULL;
}


static json_t *
drs_launch_merge(const json_t *group, const json_t *entry)
{
    json_t      *out, *v;
    const char  *name;

    if (entry != NULL
        && json_is_false(json_object_get(entry, "useGroupDefaults")))
    {
        out = json_object();

    } else {
        out = json_deep_copy(json_object_get(group, "launchConfig"));
        if (!json_is_object(out)) {
            json_decref(out);
            out = json_object();
        }
    }

    json_object_foreach(json_object_get(entry, "launchTemplate"), name, v) {
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
    int        rc;
    drs_buf_t  b;

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
    json_t  *s;

    s = json_object();
    json_object_set_new(s, "status", json_string(status));
    (void) drs_json_set_str(s, "groupId", group_id);
    json_object_set_new(s, "syncJobId", sync_job_id.len > 0
                        ? drs_json_new_str(sync_job_id) : json_null());
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


/* Same address twice in one effective subnet, or without a subnet. */
static void
drs_launch_addresses(const json_t *group, json_t *errors)
{
    char         key[160], at[64];
    size_t       i;
    json_t      *entry, *eff, *seen;
    drs_str_t    ip, subnet;

    seen = json_object();

    json_array_foreach(json_object_get(group, "servers"), i, entry) {
        eff = drs_launch_merge(group, entry);
        ip = drs_json_field(eff, "staticPrivateIp");
        subnet = drs_json_field(eff, "subnetId");
        (void) snprintf(at, sizeof(at), "servers[%zu].launchTemplate", i);

        if (ip.len > 0 && subnet.len == 0) {
            drs_launch_error(errors, at, "staticPrivateIp",
                             "needs a subnet (MISSING_SUBNET)");

        } else if (ip.len > 0) {
            (void) snprintf(key, sizeof(key), "%.*s %.*s",
                            DRS_STR_ARG(subnet), DRS_STR_ARG(ip));

            if (json_object_get(seen, key) != NULL) {
                drs_launch_error(errors, at, "staticPrivateIp",
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
    int        rc;
    char       at[64];
    size_t     i;
    json_t    *entry, *errors;
    drs_str_t  ip, id;

    errors = json_array();
    ip = drs_json_field(json_object_get(group, "launchConfig"),
                        "staticPrivateIp");

    if (members != NULL && ip.len > 0 && json_array_size(members) > 1) {
        drs_launch_error(errors, "launchConfig", "staticPrivateIp",
                         "cannot be set for more than one server");
    }

    json_array_foreach(json_object_get(group, "servers"), i, entry) {
        id = drs_json_field(entry, "sourceServerId");

        if (members != NULL && !drs_launch_is_member(members, id)) {
            (void) snprintf(at, sizeof(at), "servers[%zu]", i);
            drs_launch_error(errors, at, "sourceServerId",
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
