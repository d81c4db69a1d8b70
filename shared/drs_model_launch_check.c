/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drs_model_launch_check.h"
#include "drs_model_launch_int.h"


static const char *const drs_lc_kinds[] = { "subnets",  "groups",    "types",
                                            "profiles", "addresses", NULL };


json_t *
drs_launch_lookups(void)
{
    size_t  i;
    json_t *o;

    o = json_object();

    for (i = 0; o != NULL && drs_lc_kinds[i] != NULL; i++) {
        (void) json_object_set_new(o, drs_lc_kinds[i], json_object());
    }

    return o;
}


int
drs_launch_lookups_empty(const json_t *lookups)
{
    size_t i;

    for (i = 0; drs_lc_kinds[i] != NULL; i++) {
        if (json_object_size(json_object_get(lookups, drs_lc_kinds[i])) > 0) {
            return 0;
        }
    }

    return 1;
}


static const char *
drs_lc_text(const json_t *settings, const char *name)
{
    return json_string_value(json_object_get(settings, name));
}


static void
drs_lc_want(json_t *lookups, const char *kind, const char *name)
{
    if (name != NULL) {
        (void) json_object_set_new(json_object_get(lookups, kind), name,
                                   json_null());
    }
}


int
drs_launch_lookup(json_t *lookups, const json_t *effective)
{
    char        key[128];
    size_t      i;
    json_t     *v;
    const char *subnet, *ip;

    if (lookups == NULL || effective == NULL) {
        return DRS_ERROR;
    }

    subnet = drs_lc_text(effective, "subnetId");
    ip = drs_lc_text(effective, "staticPrivateIp");

    drs_lc_want(lookups, "subnets", subnet);
    drs_lc_want(lookups, "types", drs_lc_text(effective, "instanceType"));
    drs_lc_want(lookups, "profiles",
                drs_lc_text(effective, "instanceProfileName"));

    json_array_foreach (json_object_get(effective, "securityGroupIds"), i, v) {
        drs_lc_want(lookups, "groups", json_string_value(v));
    }

    if (subnet != NULL && ip != NULL) {
        (void) snprintf(key, sizeof(key), "%s %s", subnet, ip);
        drs_lc_want(lookups, "addresses", key);
    }

    return DRS_OK;
}


/* {field, error, message}; returned to be extended, owned by `errors`. */
static json_t *
    DRS_PRINTF(4, 5) drs_lc_error(json_t *errors, const char *field,
                                  const char *code, const char *fmt, ...)
{
    char    text[400];
    json_t *o;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    o = json_pack("{s:s, s:s, s:s}", "field", field, "error", code, "message",
                  text);
    (void) json_array_append_new(errors, o);

    return o;
}


/* 1 if the kind could not be asked: reported then. */
static int
drs_lc_failed(const drs_launch_check_t *c, const char *kind, const char *field,
              json_t *errors)
{
    const char *text;

    text = json_string_value(
        json_object_get(json_object_get(c->facts, "failed"), kind));

    if (text == NULL) {
        return 0;
    }

    (void) drs_lc_error(errors, field, "AWS_API_ERROR",
                        "The check could not be made: %.300s", text);
    return 1;
}


static const json_t *
drs_lc_fact(const drs_launch_check_t *c, const char *kind, const char *name)
{
    json_t *v;

    v = json_object_get(json_object_get(c->facts, kind), name);

    return json_is_null(v) ? NULL : v;
}


static json_t *
drs_lc_before(const drs_launch_check_t *c)
{
    return c->old != NULL ? drs_model_launch_effective(c->old, c->server)
                          : NULL;
}


/* The subnet changed, the address did not. */
static int
drs_lc_moved(const json_t *before, const json_t *after)
{
    return json_object_get(before, "staticPrivateIp") != NULL
           && json_equal(json_object_get(before, "staticPrivateIp"),
                         json_object_get(after, "staticPrivateIp"))
           && !drs_json_equal(json_object_get(before, "subnetId"),
                              json_object_get(after, "subnetId"));
}


static void
drs_lc_ip_text(char dst[16], uint32_t a)
{
    (void) snprintf(dst, 16, "%u.%u.%u.%u", a >> 24, (a >> 16) & 0xff,
                    (a >> 8) & 0xff, a & 0xff);
}


static json_t *
drs_lc_outside(json_t *errors, const char *ip, const char *subnet,
               const char *cidr, uint32_t a, int moved)
{
    if (moved) {
        return drs_lc_error(errors, "staticPrivateIp",
                            "SUBNET_CHANGE_IP_INVALID",
                            "The address %s does "
                            "not lie in the new subnet %s (%s).",
                            ip, subnet, cidr);
    }

    if (!drs_id_ipv4_is_private(a)) {
        return drs_lc_error(errors, "staticPrivateIp", "IP_NOT_PRIVATE",
                            "%s is neither a private address nor one of the "
                            "subnet %s (%s).",
                            ip, subnet, cidr);
    }

    return drs_lc_error(errors, "staticPrivateIp", "IP_OUT_OF_RANGE",
                        "%s lies outside the subnet %s (%s).", ip, subnet,
                        cidr);
}


/* 1 if the address can be used in the subnet's range. */
static int
drs_lc_range(json_t *errors, const char *ip, const char *subnet,
             const json_t *fact, int moved)
{
    char        from[16], to[16], last[16], range[64];
    json_t     *o;
    uint32_t    a, net, end;
    unsigned    bits;
    const char *cidr;

    cidr = drs_lc_text(fact, "CidrBlock");

    if (cidr == NULL || !drs_id_cidr4(drs_str(cidr), &net, &bits) || bits > 30)
    {
        (void) drs_lc_error(errors, "subnetId", "INVALID_CIDR",
                            "The address range of %s cannot be read.", subnet);
        return 0;
    }

    if (!drs_id_ipv4(drs_str(ip), &a)) {
        (void) drs_lc_error(errors, "staticPrivateIp", "INVALID_IP_FORMAT",
                            "%s is not an IPv4 address.", ip);
        return 0;
    }

    end = net | (bits == 0 ? 0xffffffffu : (0xffffffffu >> bits));

    if (a < net || a > end) {
        o = drs_lc_outside(errors, ip, subnet, cidr, a, moved);
        (void) json_object_set_new(o, "subnet", json_string(subnet));
        (void) json_object_set_new(o, "cidr", json_string(cidr));
        return 0;
    }

    if (a < net + 4 || a == end) {
        drs_lc_ip_text(from, net);
        drs_lc_ip_text(to, net + 3);
        drs_lc_ip_text(last, end);
        (void) snprintf(range, sizeof(range), "%s - %s, %s", from, to, last);
        o = drs_lc_error(errors, "staticPrivateIp",
                         moved ? "SUBNET_CHANGE_IP_INVALID" : "IP_RESERVED",
                         "%s is reserved in the subnet %s (%s).", ip, subnet,
                         range);
        (void) json_object_set_new(o, "reservedRange", json_string(range));
        return 0;
    }

    return 1;
}


/* An interface of a former drill of the same server is its own. */
static void
drs_lc_in_use(const drs_launch_check_t *c, json_t *errors, const char *ip,
              const char *subnet)
{
    char    key[128];
    size_t  i;
    json_t *use, *o, *shown;

    (void) snprintf(key, sizeof(key), "%s %s", subnet, ip);

    json_array_foreach ((json_t *) drs_lc_fact(c, "addresses", key), i, use) {
        if (c->server.len > 0
            && drs_str_eq(drs_json_field(use, "sourceServerId"), c->server))
        {
            continue;
        }

        o = drs_lc_error(errors, "staticPrivateIp", "IP_IN_USE",
                         "%s is used by %s in the subnet %s.", ip,
                         drs_lc_text(use, "id") != NULL ? drs_lc_text(use, "id")
                                                        : "an interface",
                         subnet);
        shown = json_copy(use);
        (void) json_object_del(shown, "sourceServerId");
        (void) json_object_set_new(o, "conflictingResource", shown);
        return;
    }
}


void
drs_launch_check_ip(const drs_launch_check_t *c, const json_t *effective,
                    json_t *errors)
{
    int           moved;
    json_t       *before;
    const char   *ip, *subnet;
    const json_t *fact;

    ip = drs_lc_text(effective, "staticPrivateIp");
    subnet = drs_lc_text(effective, "subnetId");

    if (subnet == NULL) {
        if (ip != NULL) {
            (void) drs_lc_error(errors, "staticPrivateIp", "MISSING_SUBNET",
                                "A static address needs a subnet.");
        }

        return;
    }

    if (drs_lc_failed(c, "subnets", "subnetId", errors)) {
        return;
    }

    fact = drs_lc_fact(c, "subnets", subnet);

    if (fact == NULL) {
        (void) drs_lc_error(errors, "subnetId", "SUBNET_NOT_FOUND",
                            "The subnet %s does not exist in the account and "
                            "Region of the group.",
                            subnet);
        return;
    }

    if (ip == NULL) {
        return;
    }

    before = drs_lc_before(c);
    moved = drs_lc_moved(before, effective);
    json_decref(before);

    if (drs_lc_range(errors, ip, subnet, fact, moved)
        && !drs_lc_failed(c, "addresses", "staticPrivateIp", errors))
    {
        drs_lc_in_use(c, errors, ip, subnet);
    }
}


/* The same address in the same effective subnet of the group. */
static void
drs_lc_duplicate(const drs_launch_check_t *c, const json_t *effective,
                 json_t *errors)
{
    size_t    i;
    json_t   *entry, *other, *o;
    drs_str_t id;

    if (json_object_get(effective, "staticPrivateIp") == NULL
        || json_object_get(effective, "subnetId") == NULL)
    {
        return;
    }

    json_array_foreach (json_object_get(c->group, "servers"), i, entry) {
        id = drs_json_field(entry, "sourceServerId");

        if (drs_str_eq(id, c->server)) {
            continue;
        }

        other = drs_model_launch_effective(c->group, id);

        if (json_equal(json_object_get(other, "staticPrivateIp"),
                       json_object_get(effective, "staticPrivateIp"))
            && json_equal(json_object_get(other, "subnetId"),
                          json_object_get(effective, "subnetId")))
        {
            o = drs_lc_error(errors, "staticPrivateIp",
                             json_object_get(c->batch, id.data) != NULL
                                 ? "DUPLICATE_IP_IN_BATCH"
                                 : "DUPLICATE_IP",
                             "%s is the address of the server %.*s too.",
                             drs_lc_text(effective, "staticPrivateIp"),
                             DRS_STR_ARG(id));
            (void) drs_json_set_str(o, "conflictingServer", id);
            json_decref(other);
            return;
        }

        json_decref(other);
    }
}


static void
drs_lc_groups(const drs_launch_check_t *c, const json_t *effective,
              json_t *errors)
{
    size_t        i;
    json_t       *list, *v, *missing, *foreign, *o;
    drs_str_t     vpc;
    const json_t *fact;

    list = json_object_get(effective, "securityGroupIds");

    if (json_array_size(list) == 0
        || drs_lc_failed(c, "groups", "securityGroupIds", errors))
    {
        return;
    }

    missing = json_array();
    foreign = json_array();
    vpc = drs_str(NULL);

    if (drs_lc_text(effective, "subnetId") != NULL) {
        vpc = drs_json_field(
            drs_lc_fact(c, "subnets", drs_lc_text(effective, "subnetId")),
            "VpcId");
    }

    json_array_foreach (list, i, v) {
        fact = drs_lc_fact(c, "groups", json_string_value(v));

        if (fact == NULL) {
            (void) json_array_append(missing, v);

        } else if (vpc.len > 0
                   && !drs_str_eq(drs_json_field(fact, "VpcId"), vpc)) {
            (void) json_array_append(foreign, v);
        }
    }

    if (json_array_size(missing) > 0) {
        o = drs_lc_error(
            errors, "securityGroupIds", "SECURITY_GROUPS_NOT_FOUND",
            "%zu security groups do not exist.", json_array_size(missing));
        (void) json_object_set(o, "securityGroupIds", missing);
    }

    if (json_array_size(foreign) > 0) {
        o = drs_lc_error(errors, "securityGroupIds",
                         "SECURITY_GROUPS_WRONG_VPC",
                         "%zu security groups do not belong to the VPC %.*s "
                         "of the subnet.",
                         json_array_size(foreign), DRS_STR_ARG(vpc));
        (void) json_object_set(o, "securityGroupIds", foreign);
        (void) drs_json_set_str(o, "vpcId", vpc);
    }

    json_decref(missing);
    json_decref(foreign);
}


/* Offered in the subnet's zone, or anywhere when there is no subnet. */
static void
drs_lc_type(const drs_launch_check_t *c, const json_t *effective,
            json_t *errors)
{
    size_t        i;
    json_t       *v, *o;
    drs_str_t     zone;
    const char   *type, *subnet;
    const json_t *zones;

    type = drs_lc_text(effective, "instanceType");

    if (type == NULL || drs_lc_failed(c, "types", "instanceType", errors)) {
        return;
    }

    zones = drs_lc_fact(c, "types", type);
    subnet = drs_lc_text(effective, "subnetId");
    zone = drs_str(NULL);

    if (subnet != NULL) {
        zone = drs_json_field(drs_lc_fact(c, "subnets", subnet),
                              "AvailabilityZone");
    }

    json_array_foreach ((json_t *) zones, i, v) {
        if (zone.len == 0 || drs_str_eq(drs_json_str(v), zone)) {
            return;
        }
    }

    o = drs_lc_error(errors, "instanceType", "INSTANCE_TYPE_UNAVAILABLE",
                     "The instance type %s is not offered in %.*s.", type,
                     (int) (zone.len > 0 ? zone.len : sizeof("the Region") - 1),
                     zone.len > 0 ? zone.data : "the Region");

    if (zone.len > 0) {
        (void) drs_json_set_str(o, "availabilityZone", zone);
    }
}


static void
drs_lc_shared(const drs_launch_check_t *c, const json_t *effective,
              json_t *warnings)
{
    char        text[400];
    size_t      i, n;
    json_t     *group, *entry, *other;
    drs_str_t   id;
    const char *ip;

    ip = drs_lc_text(effective, "staticPrivateIp");

    if (ip == NULL || warnings == NULL) {
        return;
    }

    json_array_foreach ((json_t *) c->others, i, group) {
        json_array_foreach (json_object_get(group, "servers"), n, entry) {
            id = drs_json_field(entry, "sourceServerId");
            other = drs_model_launch_effective(group, id);

            if (json_equal(json_object_get(other, "staticPrivateIp"),
                           json_object_get(effective, "staticPrivateIp"))
                && json_equal(json_object_get(other, "subnetId"),
                              json_object_get(effective, "subnetId")))
            {
                (void) snprintf(
                    text, sizeof(text),
                    "%s is also the address "
                    "of the server %.*s of the protection group "
                    "%.*s.",
                    ip, DRS_STR_ARG(id),
                    DRS_STR_ARG(drs_json_field(group, "groupName")));
                (void) json_array_append_new(warnings, json_string(text));
            }

            json_decref(other);
        }
    }
}


void
drs_launch_check(const drs_launch_check_t *c, json_t *errors, json_t *warnings)
{
    json_t     *effective;
    const char *profile;

    effective = drs_model_launch_effective(c->group, c->server);

    drs_launch_check_ip(c, effective, errors);
    drs_lc_duplicate(c, effective, errors);
    drs_lc_groups(c, effective, errors);
    drs_lc_type(c, effective, errors);

    profile = drs_lc_text(effective, "instanceProfileName");

    if (profile != NULL
        && !drs_lc_failed(c, "profiles", "instanceProfileName", errors)
        && !json_is_true(drs_lc_fact(c, "profiles", profile)))
    {
        (void) drs_lc_error(errors, "instanceProfileName",
                            "IAM_PROFILE_NOT_FOUND",
                            "The instance profile "
                            "%s does not exist in the account.",
                            profile);
    }

    drs_lc_shared(c, effective, warnings);
    json_decref(effective);
}


json_t *
drs_launch_moved(const json_t *old, const json_t *group)
{
    size_t    i;
    json_t   *list, *entry, *before, *after;
    drs_str_t id;

    list = json_array();

    json_array_foreach (json_object_get(group, "servers"), i, entry) {
        id = drs_json_field(entry, "sourceServerId");
        before = drs_model_launch_effective(old, id);
        after = drs_model_launch_effective(group, id);

        if (drs_lc_moved(before, after)) {
            (void) json_array_append_new(list, drs_json_new_str(id));
        }

        json_decref(before);
        json_decref(after);
    }

    return list;
}
