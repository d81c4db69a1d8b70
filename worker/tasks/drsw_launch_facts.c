/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What AWS knows of the names in launch settings (drs_model_launch_check.h).
 * Everything is asked with filters, so that one unknown name does not hide the
 * others.
 */

#include <stdio.h>
#include <string.h>

#include "drsw_launch_job.h"


/* Values of one filter of EC2. */
#define DRSW_FACTS_FILTER 200


static void
drsw_facts_failed(json_t *facts, const char *kind, const drsw_access_t *access,
                  const char *what, const drsw_aws_result_t *res)
{
    char text[1024];

    drsw_aws_explain(access, what, res, text, sizeof(text));
    (void) json_object_set_new(json_object_get(facts, "failed"), kind,
                               json_string(text));
}


/* [{"Name": name, "Values": [...]}] of the members of `set` from *pos on. */
static json_t *
drsw_facts_filter(const char *name, const json_t *set, size_t *pos)
{
    size_t      i;
    json_t     *values, *v;
    const char *key;

    values = json_array();
    i = 0;

    json_object_foreach ((json_t *) set, key, v) {
        if (i >= *pos && json_array_size(values) < DRSW_FACTS_FILTER) {
            (void) json_array_append_new(values, json_string(key));
        }

        i++;
    }

    *pos += json_array_size(values);

    return json_pack("[{s:s, s:o}]", "Name", name, "Values", values);
}


typedef drsw_aws_class_e (*drsw_facts_pt)(drsw_aws_t           *aws,
                                          const drsw_aws_ctx_t *ctx,
                                          const json_t         *ids,
                                          const json_t *filters, json_t **items,
                                          drsw_aws_result_t *res);


/* Items by id for subnets and security groups. */
static void
drsw_facts_by_id(drsw_ctx_t *ctx, const drsw_access_t *access, json_t *facts,
                 const char *kind, const char *what, const char *filter,
                 const char *id_field, drsw_facts_pt call)
{
    size_t    i, pos;
    json_t   *set, *filters, *items, *item;
    drs_str_t id;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    set = json_object_get(facts, kind);
    pos = 0;

    while (pos < json_object_size(set)) {
        filters = drsw_facts_filter(filter, set, &pos);
        class = call(ctx->aws, &access->aws, NULL, filters, &items, &res);
        json_decref(filters);

        if (class != DRSW_AWS_OK) {
            drsw_facts_failed(facts, kind, access, what, &res);
            return;
        }

        json_array_foreach (items, i, item) {
            id = drs_json_field(item, id_field);

            if (id.len > 0 && json_object_get(set, id.data) != NULL) {
                (void) json_object_set(set, id.data, item);
            }
        }

        json_decref(items);
    }
}


static void
drsw_facts_types(drsw_ctx_t *ctx, const drsw_access_t *access, json_t *facts)
{
    size_t    i, pos;
    json_t   *set, *filters, *items, *item, *zones;
    drs_str_t name;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    set = json_object_get(facts, "types");
    pos = 0;

    while (pos < json_object_size(set)) {
        filters = drsw_facts_filter("instance-type", set, &pos);
        class = drsw_ec2_describe_instance_type_offerings(
            ctx->aws, &access->aws, "availability-zone", filters, &items, &res);
        json_decref(filters);

        if (class != DRSW_AWS_OK) {
            drsw_facts_failed(facts, "types", access,
                              "DescribeInstanceTypeOfferings", &res);
            return;
        }

        json_array_foreach (items, i, item) {
            name = drs_json_field(item, "InstanceType");

            if (name.len == 0 || json_object_get(set, name.data) == NULL) {
                continue;
            }

            zones = json_object_get(set, name.data);

            if (!json_is_array(zones)) {
                zones = json_array();
                (void) json_object_set_new(set, name.data, zones);
            }

            (void) json_array_append(zones, json_object_get(item, "Location"));
        }

        json_decref(items);
    }
}


static void
drsw_facts_profiles(drsw_ctx_t *ctx, const drsw_access_t *access, json_t *facts)
{
    json_t     *set, *v, *profile;
    const char *name;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    set = json_object_get(facts, "profiles");

    json_object_foreach (set, name, v) {
        class = drsw_iam_get_instance_profile(ctx->aws, &access->aws, name,
                                              &profile, &res);

        if (class == DRSW_AWS_OK) {
            json_decref(profile);
            (void) json_object_set(set, name, json_true());

        } else if (class == DRSW_AWS_NOT_FOUND
                   || strcmp(res.code, "NoSuchEntity") == 0) {
            (void) json_object_set(set, name, json_false());

        } else {
            drsw_facts_failed(facts, "profiles", access, "GetInstanceProfile",
                              &res);
            return;
        }
    }
}


static drs_str_t
drsw_facts_tag(const json_t *tags, const char *key)
{
    size_t  i;
    json_t *tag;

    json_array_foreach ((json_t *) tags, i, tag) {
        if (drs_str_eqz(drs_json_field(tag, "Key"), key)) {
            return drs_json_field(tag, "Value");
        }
    }

    return drs_str(NULL);
}


/* 1 if a tag of DRS is there: AWSElasticDisasterRecovery… */
static int
drsw_facts_of_drs(const json_t *tags)
{
    size_t    i;
    json_t   *tag;
    drs_str_t key;

    static const char word[] = "AWSElasticDisasterRecovery";

    json_array_foreach ((json_t *) tags, i, tag) {
        key = drs_json_field(tag, "Key");

        if (key.len >= sizeof(word) - 1
            && memcmp(key.data, word, sizeof(word) - 1) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* Who uses an interface; `instance` may be NULL. */
static json_t *
drsw_facts_user(const json_t *nic, const json_t *instance)
{
    json_t       *o;
    drs_str_t     s;
    const json_t *tags;

    tags = json_object_get(instance, "Tags");

    if (instance != NULL) {
        o = json_pack("{s:s, s:O}", "type", "instance", "id",
                      json_object_get(instance, "InstanceId"));
        s = drsw_facts_tag(tags, "Name");

    } else {
        o = json_pack("{s:s, s:O}", "type", "network-interface", "id",
                      json_object_get(nic, "NetworkInterfaceId"));
        s = drs_json_field(nic, "Description");
    }

    if (s.len > 0) {
        (void) drs_json_set_str(o, "name", s);
    }

    (void) drs_json_set_bool(o, "isDrsResource",
                             drsw_facts_of_drs(json_object_get(nic, "TagSet"))
                                 || drsw_facts_of_drs(tags));

    s = drsw_facts_tag(tags, "AWSElasticDisasterRecoverySourceServerID");

    if (s.len > 0) {
        (void) drs_json_set_str(o, "sourceServerId", s);
    }

    return o;
}


/* Instances of the interfaces by id; empty when they cannot be asked. */
static json_t *
drsw_facts_instances(drsw_ctx_t *ctx, const drsw_access_t *access,
                     const json_t *nics)
{
    size_t            i;
    json_t           *ids, *nic, *items, *item, *id, *map;
    drsw_aws_result_t res;

    map = json_object();
    ids = json_array();

    json_array_foreach ((json_t *) nics, i, nic) {
        id = json_object_get(json_object_get(nic, "Attachment"), "InstanceId");

        if (json_is_string(id)) {
            (void) json_array_append(ids, id);
        }
    }

    if (json_array_size(ids) > 0
        && drsw_ec2_describe_instances(ctx->aws, &access->aws, ids, NULL,
                                       &items, &res)
               == DRSW_AWS_OK)
    {
        json_array_foreach (items, i, item) {
            id = json_object_get(item, "InstanceId");

            if (json_is_string(id)) {
                (void) json_object_set(map, json_string_value(id), item);
            }
        }

        json_decref(items);
    }

    json_decref(ids);

    return map;
}


/* Puts the user of an address under "<subnet> <ip>" if that was asked for. */
static void
drsw_facts_take(json_t *set, const json_t *nic, drs_str_t ip,
                const json_t *instance)
{
    char      key[128];
    json_t   *list;
    drs_str_t subnet;

    subnet = drs_json_field(nic, "SubnetId");
    (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(subnet),
                    DRS_STR_ARG(ip));
    list = json_object_get(set, key);

    if (list == NULL) {
        return;
    }

    if (!json_is_array(list)) {
        list = json_array();
        (void) json_object_set_new(set, key, list);
    }

    (void) json_array_append_new(list, drsw_facts_user(nic, instance));
}


static void
drsw_facts_nics(drsw_ctx_t *ctx, const drsw_access_t *access, json_t *set,
                const json_t *nics)
{
    size_t    i, n;
    json_t   *nic, *instances, *instance, *more, *addr;
    drs_str_t ip, id;

    instances = drsw_facts_instances(ctx, access, nics);

    json_array_foreach ((json_t *) nics, i, nic) {
        id = drs_json_field(json_object_get(nic, "Attachment"), "InstanceId");
        instance = (id.len > 0) ? json_object_get(instances, id.data) : NULL;
        ip = drs_json_field(nic, "PrivateIpAddress");
        drsw_facts_take(set, nic, ip, instance);
        more = json_object_get(nic, "PrivateIpAddresses");

        json_array_foreach (more, n, addr) {
            if (!drs_str_eq(drs_json_field(addr, "PrivateIpAddress"), ip)) {
                drsw_facts_take(set, nic,
                                drs_json_field(addr, "PrivateIpAddress"),
                                instance);
            }
        }
    }

    json_decref(instances);
}


static void
drsw_facts_addresses(drsw_ctx_t *ctx, const drsw_access_t *access,
                     json_t *facts)
{
    size_t      pos;
    json_t     *set, *ips, *v, *filters, *nics;
    const char *key, *space;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    set = json_object_get(facts, "addresses");
    ips = json_object();

    json_object_foreach (set, key, v) {
        space = strchr(key, ' ');
        (void) json_object_set(ips, space != NULL ? space + 1 : key,
                               json_null());
    }

    pos = 0;

    while (pos < json_object_size(ips)) {
        filters = drsw_facts_filter("addresses.private-ip-address", ips, &pos);
        class = drsw_ec2_describe_network_interfaces(
            ctx->aws, &access->aws, NULL, filters, &nics, &res);
        json_decref(filters);

        if (class != DRSW_AWS_OK) {
            drsw_facts_failed(facts, "addresses", access,
                              "DescribeNetworkInterfaces", &res);
            break;
        }

        drsw_facts_nics(ctx, access, set, nics);
        json_decref(nics);
    }

    json_decref(ips);
}


json_t *
drsw_launch_facts(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *lookups)
{
    json_t *facts;

    facts = json_deep_copy(lookups);

    if (facts == NULL) {
        return NULL;
    }

    (void) json_object_set_new(facts, "failed", json_object());

    drsw_facts_by_id(ctx, access, facts, "subnets", "DescribeSubnets",
                     "subnet-id", "SubnetId", drsw_ec2_describe_subnets);
    drsw_facts_by_id(ctx, access, facts, "groups", "DescribeSecurityGroups",
                     "group-id", "GroupId", drsw_ec2_describe_security_groups);
    drsw_facts_types(ctx, access, facts);
    drsw_facts_profiles(ctx, access, facts);
    drsw_facts_addresses(ctx, access, facts);

    return facts;
}
