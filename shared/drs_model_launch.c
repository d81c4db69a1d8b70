/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_launch_int.h"
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
    const char        *name;
    drs_lf_kind_t      kind;
    unsigned           server_only;
    const char *const *values;
} drs_lf_t;


static const char *const drs_lf_sizing[] = { "NONE", "BASIC", "IN_AWS", NULL };
static const char *const drs_lf_boot[] = { "LEGACY_BIOS", "UEFI", "USE_SOURCE",
                                           NULL };
static const char *const drs_lf_disposition[] = { "STOPPED", "STARTED", NULL };
static const char *const drs_lf_credit[] = { "standard", "unlimited", NULL };

static const drs_lf_t drs_launch_fields[] = {
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

static const char *const drs_launch_blocked[] = { "imageId",
                                                  "userData",
                                                  "blockDeviceMappings",
                                                  "placementGroup",
                                                  "availabilityZone",
                                                  "keyName",
                                                  NULL };


static const drs_lf_t *
drs_launch_field(const char *name, unsigned server)
{
    const drs_lf_t *f;

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
    size_t i;

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
    uint32_t a;

    if (!drs_id_ipv4(s, &a)) {
        return 0;
    }

    return (a >> 24) != 0 && (a >> 24) != 127 && (a >> 24) < 224
           && (a >> 16) != 0xa9fe;
}


static const char *
drs_launch_groups_problem(const json_t *v)
{
    size_t i, j, n;

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
    const json_t *m;

    if (!json_is_object(v)) {
        return "must be an object";
    }

    if (f->kind == DRS_LF_LICENSING) {
        m = json_object_get(v, "osByol");
        return m != NULL && !json_is_boolean(m) && !json_is_null(m)
                   ? "osByol must be true or false"
                   : NULL;
    }

    m = json_object_get(v, "launchIntoEC2InstanceID");

    return m != NULL && !json_is_null(m) && !drs_id_is_instance(drs_json_str(m))
               ? "launchIntoEC2InstanceID must be an instance id"
               : NULL;
}


static const char *
drs_launch_text_problem(const drs_lf_t *f, const json_t *v)
{
    drs_str_t s;

    if (!json_is_string(v)) {
        return "must be a string";
    }

    s = drs_json_str(v);

    switch (f->kind) {
    case DRS_LF_SUBNET:
        return drs_id_is_subnet(s)
                   ? NULL
                   : "must be a subnet id of 8 or 17 hex digits";

    case DRS_LF_PROFILE:
        return drs_launch_profile_ok(s)
                   ? NULL
                   : "must be an instance profile name (not an ARN)";

    case DRS_LF_TYPE:
        return drs_id_is_instance_type(s)
                   ? NULL
                   : "must be an instance type such as m5.large";

    case DRS_LF_IP:
        return drs_launch_ip_ok(s)
                   ? NULL
                   : "must be an IPv4 address that a subnet can have";

    default:
        return drs_utf8_check(s, 0) == DRS_UTF8_OK && s.len > 0
                       && drs_utf8_length(s) <= 128
                   ? NULL
                   : "must be a text of 1 to 128 characters";
    }
}


/* NULL if the member is good, else what is wrong (for "<field> <problem>"). */
static const char *
drs_launch_problem(const drs_lf_t *f, const json_t *v)
{
    size_t            i;
    json_t           *tags;
    const char       *problem;
    drs_model_error_t e;

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
        problem =
            drs_model_tags(&e, v, "tags", DRS_ERR_INVALID_TAGS, &tags) == DRS_OK
                ? NULL
                : "has tags that are not allowed";
        json_decref(tags);
        drs_model_error_free(&e);
        return problem;

    default:
        return drs_launch_text_problem(f, v);
    }
}


void
drs_launch_error(json_t *errors, const char *at, const char *field,
                 const char *code, const char *problem)
{
    char path[200], text[400];

    (void) snprintf(path, sizeof(path), "%s%s%s", at, at[0] != '\0' ? "." : "",
                    field);
    (void) snprintf(text, sizeof(text), "%s %s", path, problem);

    json_array_append_new(errors, json_pack("{s:s, s:s, s:s}", "field", path,
                                            "error", code, "message", text));
}


/* Code of a bad format (api.md PG10). */
static const char *
drs_launch_code(const drs_lf_t *f, const json_t *v)
{
    uint32_t addr;

    switch (f->kind) {
    case DRS_LF_SUBNET:
        return "INVALID_SUBNET_FORMAT";

    case DRS_LF_GROUPS:
        return "INVALID_SECURITY_GROUP_FORMAT";

    case DRS_LF_IP:
        return drs_id_ipv4(drs_json_str(v), &addr) ? "IP_NOT_PRIVATE"
                                                   : "INVALID_IP_FORMAT";

    default:
        return "INVALID_LAUNCH_CONFIG_FORMAT";
    }
}


/* Copies the known, good members of `v`; problems go to `errors`. */
static json_t *
drs_launch_copy(const json_t *v, const char *at, unsigned server,
                json_t *errors)
{
    json_t         *out, *m;
    const char     *problem;
    const drs_lf_t *f;

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
            drs_launch_error(errors, at, f->name, drs_launch_code(f, m),
                             problem);
            continue;
        }

        json_object_set_new(out, f->name, json_deep_copy(m));
    }

    return out;
}


int
drs_launch_format_error(drs_model_error_t *e, const char *field, json_t *errors)
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
    int           rc;
    json_t       *errors;
    const json_t *sg;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_object(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG, "launchConfig",
                              NULL, "launchConfig must be an object.");
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
    int         rc;
    size_t      i;
    json_t     *blocked, *unknown, *m;
    const char *name;

    blocked = json_array();
    unknown = json_array();

    json_object_foreach ((json_t *) v, name, m) {
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
                            "service.",
                            at);

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
drs_model_launch_template(drs_model_error_t *e, const json_t *v, const char *at,
                          json_t **out)
{
    int     rc;
    json_t *errors;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        *out = json_object();
        return DRS_OK;
    }

    if (!json_is_object(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG, at, NULL,
                              "%s must be an object.",
                              at[0] != '\0' ? at : "launchTemplate");
    }

    if (drs_launch_refused(e, v, at[0] != '\0' ? at : "launchTemplate")
        != DRS_OK) {
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
