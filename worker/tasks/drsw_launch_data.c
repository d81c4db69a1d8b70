
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings of a group as members of DRS and of EC2 launch templates.
 */

#include <string.h>

#include "drsw_launch.h"


int
drsw_launch_explicit(const json_t *settings)
{
    return json_object_get(settings, "subnetId") != NULL
           || json_array_size(json_object_get(settings, "securityGroupIds")) > 0
           || json_object_get(settings, "staticPrivateIp") != NULL;
}


static void
drsw_launch_wish(json_t *out, const char *name, json_t *wanted,
                 const json_t *current)
{
    if (wanted != NULL
        && !drs_json_equal(wanted, json_object_get(current, name))) {
        (void) json_object_set(out, name, wanted);
    }
}


json_t *
drsw_launch_drs_part(const json_t *settings, const json_t *current,
                     const char **warning)
{
    size_t  i;
    json_t *out, *v;

    static const char *const same[] = {
        "copyTags",          "licensing", "launchDisposition",
        "postLaunchEnabled", "name",      NULL
    };

    *warning = "";
    out = json_object();

    for (i = 0; same[i] != NULL; i++) {
        drsw_launch_wish(out, same[i], json_object_get(settings, same[i]),
                         current);
    }

    /* an address of its own excludes the source's */

    v = json_object_get(settings, "copyPrivateIp");

    if (json_object_get(settings, "staticPrivateIp") != NULL) {
        v = json_false();
    }

    drsw_launch_wish(out, "copyPrivateIp", v, current);

    /* right sizing would replace the instance type of the template */

    v = json_object_get(settings, "targetInstanceTypeRightSizingMethod");

    if (json_object_get(settings, "instanceType") != NULL) {
        if (v == NULL) {
            v = json_string("NONE");
            drsw_launch_wish(out, "targetInstanceTypeRightSizingMethod", v,
                             current);
            json_decref(v);
            return out;
        }

        if (!drs_str_eqz(drs_json_str(v), "NONE")) {
            *warning = "right sizing is on: DRS replaces the instance type";
        }
    }

    drsw_launch_wish(out, "targetInstanceTypeRightSizingMethod", v, current);
    return out;
}


/* Interface with device index 0 of the list; added when there is none. */
static json_t *
drsw_launch_nic(json_t *nics)
{
    size_t  i;
    json_t *nic;

    json_array_foreach (nics, i, nic) {
        if (drs_json_int(nic, "DeviceIndex", 0) == 0) {
            return nic;
        }
    }

    nic = json_pack("{s:i}", "DeviceIndex", 0);
    (void) json_array_insert_new(nics, 0, nic);

    return nic;
}


/* 1 if interface 0 of the source has the address that is taken away. */
static int
drsw_launch_stays(const json_t *source, drs_str_t released)
{
    size_t  i;
    json_t *nic;

    json_array_foreach (json_object_get(source, "NetworkInterfaces"), i, nic) {
        if (released.len > 0 && drs_json_int(nic, "DeviceIndex", 0) == 0
            && drs_str_eq(drs_json_field(nic, "PrivateIpAddress"), released))
        {
            return 1;
        }
    }

    return 0;
}


/* The whole list, as EC2 replaces lists as a whole; NULL: no wish. */
static json_t *
drsw_launch_nics(const json_t *settings, const json_t *source,
                 drs_str_t released)
{
    int     stays;
    json_t *nics, *nic, *subnet, *groups, *ip, *public;

    subnet = json_object_get(settings, "subnetId");
    groups = json_object_get(settings, "securityGroupIds");
    ip = json_object_get(settings, "staticPrivateIp");
    public = json_object_get(settings, "associatePublicIp");
    stays = ip == NULL && drsw_launch_stays(source, released);

    if (subnet == NULL && json_array_size(groups) == 0 && ip == NULL
        && public == NULL && !stays)
    {
        return NULL;
    }

    nics = json_deep_copy(json_object_get(source, "NetworkInterfaces"));

    if (nics == NULL) {
        nics = json_array();
    }

    nic = drsw_launch_nic(nics);

    if (subnet != NULL) {
        (void) json_object_set(nic, "SubnetId", subnet);
    }

    if (json_array_size(groups) > 0) {
        (void) json_object_set(nic, "Groups", groups);

    } else if (json_object_get(nic, "Groups") == NULL
               && json_array_size(json_object_get(source, "SecurityGroupIds"))
                      > 0)
    {
        (void) json_object_set(nic, "Groups",
                               json_object_get(source, "SecurityGroupIds"));
    }

    if (ip != NULL) {
        (void) json_object_set(nic, "PrivateIpAddress", ip);
        (void) json_object_del(nic, "PrivateIpAddresses");

    } else if (stays) {
        (void) json_object_del(nic, "PrivateIpAddress");
    }

    if (public != NULL) {
        (void) json_object_set(nic, "AssociatePublicIpAddress", public);
    }

    return nics;
}


static void
drsw_launch_tag(json_t *list, const char *key, json_t *value)
{
    size_t  i;
    json_t *tag;

    json_array_foreach (list, i, tag) {
        if (drs_str_eqz(drs_json_field(tag, "Key"), key)) {
            (void) json_object_set(tag, "Value", value);
            return;
        }
    }

    (void) json_array_append_new(
        list, json_pack("{s:s, s:O}", "Key", key, "Value", value));
}


/* Tags of the instance over those of the source; NULL: no wish. */
static json_t *
drsw_launch_tags(const json_t *settings, const json_t *source)
{
    size_t      i;
    json_t     *tags, *specs, *spec, *mine, *value;
    const char *key;

    tags = json_object_get(settings, "tags");

    if (json_object_size(tags) == 0) {
        return NULL;
    }

    specs = json_deep_copy(json_object_get(source, "TagSpecifications"));

    if (specs == NULL) {
        specs = json_array();
    }

    mine = NULL;

    json_array_foreach (specs, i, spec) {
        if (drs_str_eqz(drs_json_field(spec, "ResourceType"), "instance")) {
            mine = spec;
        }
    }

    if (mine == NULL) {
        mine = json_pack("{s:s, s:[]}", "ResourceType", "instance", "Tags");
        (void) json_array_append_new(specs, mine);
    }

    json_object_foreach (tags, key, value) {
        drsw_launch_tag(json_object_get(mine, "Tags"), key, value);
    }

    return specs;
}


/* wanted (stolen, NULL: no wish) beside the member of the source */
static void
drsw_launch_member(json_t *out, const char *name, json_t *wanted,
                   const json_t *source)
{
    drsw_launch_wish(out, name, wanted, source);
    json_decref(wanted);
}


static json_t *
drsw_launch_wrap(const json_t *settings, const char *name, const char *member,
                 const json_t *source, const char *outer)
{
    json_t *v, *o;

    v = json_object_get(settings, name);

    if (v == NULL
        || drs_json_equal(
            v, json_object_get(json_object_get(source, outer), member)))
    {
        return NULL;
    }

    o = json_object();
    (void) json_object_set(o, member, v);

    return o;
}


/* A profile may be stored by its ARN: the name is its last part. */
static json_t *
drsw_launch_profile(const json_t *settings, const json_t *source)
{
    json_t     *name, *old;
    const char *arn, *slash;

    name = json_object_get(settings, "instanceProfileName");

    if (name == NULL) {
        return NULL;
    }

    old = json_object_get(source, "IamInstanceProfile");
    arn = json_string_value(json_object_get(old, "Arn"));
    slash = arn != NULL ? strrchr(arn, '/') : NULL;

    if (drs_json_equal(name, json_object_get(old, "Name"))
        || (slash != NULL && drs_str_eqz(drs_json_str(name), slash + 1)))
    {
        return NULL;
    }

    return json_pack("{s:O}", "Name", name);
}


json_t *
drsw_launch_ec2_part(const json_t *settings, const json_t *source,
                     drs_str_t released, int *whole)
{
    json_t *out, *all;

    *whole = 0;
    out = json_object();

    drsw_launch_member(out, "InstanceType",
                       json_incref(json_object_get(settings, "instanceType")),
                       source);
    drsw_launch_member(out, "NetworkInterfaces",
                       drsw_launch_nics(settings, source, released), source);
    drsw_launch_member(out, "TagSpecifications",
                       drsw_launch_tags(settings, source), source);
    drsw_launch_member(out, "EbsOptimized",
                       json_incref(json_object_get(settings, "ebsOptimized")),
                       source);
    drsw_launch_member(
        out, "DisableApiTermination",
        json_incref(json_object_get(settings, "disableApiTermination")),
        source);
    drsw_launch_member(out, "IamInstanceProfile",
                       drsw_launch_profile(settings, source), NULL);
    drsw_launch_member(out, "Monitoring",
                       drsw_launch_wrap(settings, "monitoring", "Enabled",
                                        source, "Monitoring"),
                       NULL);
    drsw_launch_member(out, "CreditSpecification",
                       drsw_launch_wrap(settings, "creditSpecification",
                                        "CpuCredits", source,
                                        "CreditSpecification"),
                       NULL);

    if (json_object_get(out, "NetworkInterfaces") != NULL
        && json_array_size(json_object_get(source, "SecurityGroupIds")) > 0)
    {
        /* groups of the instance exclude interfaces: nothing is inherited */

        all = json_deep_copy(source);
        (void) json_object_del(all, "SecurityGroupIds");
        (void) json_object_update(all, out);
        json_decref(out);
        *whole = 1;
        return all;
    }

    return out;
}
