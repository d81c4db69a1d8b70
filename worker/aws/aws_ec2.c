
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EC2 (query protocol, version 2016-11-15).
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws_svc.h"


#define DRSW_EC2_IDS         200
#define DRSW_EC2_TYPES       100
#define DRSW_EC2_DESCRIPTION 255
#define DRSW_EC2_DROPS       8


/* Describe calls with ids and filters. */

static drsw_aws_class_e
drsw_ec2_describe(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                  const char *operation, const char *key, const json_t *ids,
                  const json_t *filters, size_t chunk, json_t **items,
                  drsw_aws_result_t *res)
{
    json_t *input;

    input = json_object();

    if (filters != NULL
        && json_object_set(input, "Filters", (json_t *) filters) != 0)
    {
        json_decref(input);
        input = NULL;
    }

    return drsw_svc_pages(aws, ctx, "ec2", operation, input, NULL, key, ids,
                          chunk, items, res);
}


static json_t *
drsw_ec2_instances_of(const json_t *reservations)
{
    size_t  i;
    json_t *all, *reservation, *list;

    all = json_array();

    json_array_foreach ((json_t *) reservations, i, reservation) {
        list = json_object_get(reservation, "Instances");

        if (list != NULL && json_array_extend(all, list) != 0) {
            json_decref(all);
            return NULL;
        }
    }

    return all;
}


/* The ids without those that a message names ("The instance IDs 'i-1, i-2' do
 * not exist"); NULL if it names none of them. */

static json_t *
drsw_ec2_without(const json_t *ids, const char *message)
{
    size_t      i;
    json_t     *kept, *id;
    const char *text, *found;

    kept = json_array();

    json_array_foreach ((json_t *) ids, i, id) {
        text = json_string_value(id);
        found = text != NULL && *text != '\0' ? strstr(message, text) : NULL;

        /* not the beginning of a longer id */
        if (found != NULL && !isalnum((unsigned char) found[strlen(text)])) {
            continue;
        }

        (void) json_array_append(kept, id);
    }

    if (json_array_size(kept) == json_array_size(ids)) {
        json_decref(kept);
        return NULL;
    }

    return kept;
}


/* One call's worth of ids; unknown ones are dropped and the rest asked
 * again.  Appends to all. */

static drsw_aws_class_e
drsw_ec2_instances_part(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        int64_t begin_ms, const json_t *ids,
                        const json_t *filters, json_t *all,
                        drsw_aws_result_t *res)
{
    int            try;
    json_t        *left, *fewer, *reservations, *list;
    drsw_aws_ctx_t own;
    drsw_aws_class_e class;

    left = json_incref((json_t *) ids);

    for (try = 0;; try++) {
        own = drsw_svc_left(ctx, begin_ms);
        class =
            drsw_ec2_describe(aws, &own, "DescribeInstances", "InstanceIds",
                              left, filters, DRSW_EC2_IDS, &reservations, res);

        if (class != DRSW_AWS_NOT_FOUND || left == NULL || try == DRSW_EC2_DROPS
            || strcmp(res->code, "InvalidInstanceID.NotFound") != 0)
        {
            break;
        }

        fewer = drsw_ec2_without(left, res->message);
        if (fewer == NULL) {
            break;
        }

        json_decref(left);
        left = fewer;
    }

    json_decref(left);

    if (class != DRSW_AWS_OK) {
        return class;
    }

    list = drsw_ec2_instances_of(reservations);
    json_decref(reservations);

    if (list == NULL || json_array_extend(all, list) != 0) {
        class = drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                 "out of memory");
    }

    json_decref(list);

    return class;
}


drsw_aws_class_e
drsw_ec2_describe_instances(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const json_t *ids, const json_t *filters,
                            json_t **instances, drsw_aws_result_t *res)
{
    int     attempts;
    size_t  i, j, n;
    json_t *all, *part;
    int64_t begin;
    drsw_aws_class_e class;

    *instances = NULL;
    drsw_result_init(res);

    if (ids != NULL && !json_is_array(ids)) {
        return drsw_svc_refuse(res, "InstanceIds must be a list");
    }

    begin = drsw_aws_mono_ms();
    all = json_array();
    n = ids != NULL ? json_array_size(ids) : 1;
    attempts = 0;
    class = DRSW_AWS_OK;

    for (i = 0; i < n && class == DRSW_AWS_OK; i += DRSW_EC2_IDS) {
        part = ids != NULL ? json_array() : NULL;

        for (j = i; part != NULL && j < n && j < i + DRSW_EC2_IDS; j++) {
            (void) json_array_append(part, json_array_get(ids, j));
        }

        class =
            drsw_ec2_instances_part(aws, ctx, begin, part, filters, all, res);
        attempts += res->attempts;
        json_decref(part);
    }

    res->attempts = attempts;
    res->latency_ms = drsw_aws_mono_ms() - begin;

    if (class != DRSW_AWS_OK) {
        json_decref(all);
        return class;
    }

    *instances = all;

    return DRSW_AWS_OK;
}


drsw_aws_class_e
drsw_ec2_describe_subnets(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                          const json_t *ids, const json_t *filters,
                          json_t **subnets, drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeSubnets", "SubnetIds", ids,
                             filters, DRSW_EC2_IDS, subnets, res);
}


drsw_aws_class_e
drsw_ec2_describe_security_groups(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  const json_t *ids, const json_t *filters,
                                  json_t **groups, drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeSecurityGroups", "GroupIds",
                             ids, filters, DRSW_EC2_IDS, groups, res);
}


drsw_aws_class_e
drsw_ec2_describe_vpcs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *ids, const json_t *filters, json_t **vpcs,
                       drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeVpcs", "VpcIds", ids, filters,
                             DRSW_EC2_IDS, vpcs, res);
}


drsw_aws_class_e
drsw_ec2_describe_network_interfaces(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const json_t *ids, const json_t *filters,
                                     json_t           **interfaces,
                                     drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeNetworkInterfaces",
                             "NetworkInterfaceIds", ids, filters, DRSW_EC2_IDS,
                             interfaces, res);
}


drsw_aws_class_e
drsw_ec2_describe_instance_types(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                 const json_t *types, const json_t *filters,
                                 json_t           **instance_types,
                                 drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeInstanceTypes", "InstanceTypes",
                             types, filters, DRSW_EC2_TYPES, instance_types,
                             res);
}


drsw_aws_class_e
drsw_ec2_describe_instance_type_offerings(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *location_type,
    const json_t *filters, json_t **offerings, drsw_aws_result_t *res)
{
    json_t *input;

    input = drsw_svc_input("LocationType", location_type, NULL);

    if (filters != NULL && input != NULL) {
        (void) json_object_set(input, "Filters", (json_t *) filters);
    }

    return drsw_svc_pages(aws, ctx, "ec2", "DescribeInstanceTypeOfferings",
                          input, NULL, NULL, NULL, 0, offerings, res);
}


drsw_aws_class_e
drsw_ec2_describe_tags(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *filters, json_t **tags,
                       drsw_aws_result_t *res)
{
    return drsw_ec2_describe(aws, ctx, "DescribeTags", NULL, NULL, filters, 0,
                             tags, res);
}


drsw_aws_class_e
drsw_ec2_describe_key_pairs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const json_t *names, const json_t *filters,
                            json_t **key_pairs, drsw_aws_result_t *res)
{
    json_t *input;

    input = json_object();

    if (names != NULL) {
        (void) json_object_set(input, "KeyNames", (json_t *) names);
    }

    if (filters != NULL) {
        (void) json_object_set(input, "Filters", (json_t *) filters);
    }

    return drsw_svc_array(aws, ctx, "ec2", "DescribeKeyPairs", input,
                          "KeyPairs", key_pairs, res);
}


drsw_aws_class_e
drsw_ec2_describe_regions(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                          bool all_regions, json_t **regions,
                          drsw_aws_result_t *res)
{
    json_t *input;

    input = json_object();

    if (all_regions) {
        (void) json_object_set_new(input, "AllRegions", json_true());
    }

    return drsw_svc_array(aws, ctx, "ec2", "DescribeRegions", input, "Regions",
                          regions, res);
}


drsw_aws_class_e
drsw_ec2_describe_availability_zones(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     json_t **zones, drsw_aws_result_t *res)
{
    return drsw_svc_array(aws, ctx, "ec2", "DescribeAvailabilityZones",
                          json_object(), "AvailabilityZones", zones, res);
}


drsw_aws_class_e
drsw_ec2_describe_launch_template_versions(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *template_id,
    const json_t *versions, json_t **items, drsw_aws_result_t *res)
{
    json_t *input;

    input = drsw_svc_input("LaunchTemplateId", template_id, NULL);

    if (versions != NULL && input != NULL) {
        (void) json_object_set(input, "Versions", (json_t *) versions);
    }

    return drsw_svc_pages(aws, ctx, "ec2", "DescribeLaunchTemplateVersions",
                          input, NULL, NULL, NULL, 0, items, res);
}


drsw_aws_class_e
drsw_ec2_create_launch_template_version(drsw_aws_t                        *aws,
                                        const drsw_aws_ctx_t              *ctx,
                                        const drsw_ec2_template_version_t *req,
                                        json_t           **version,
                                        drsw_aws_result_t *res)
{
    json_t *input;

    *version = NULL;

    if (req->template_id == NULL || req->client_token == NULL
        || !json_is_object(req->data))
    {
        return drsw_svc_refuse(res, "CreateLaunchTemplateVersion: needs a "
                                    "template id, a client token and data");
    }

    if (req->description != NULL
        && strlen(req->description) > DRSW_EC2_DESCRIPTION) {
        return drsw_svc_refuse(res, "VersionDescription: at most 255 "
                                    "characters");
    }

    input = drsw_svc_input("LaunchTemplateId", req->template_id,
                           "SourceVersion", req->source_version,
                           "VersionDescription", req->description,
                           "ClientToken", req->client_token, NULL);

    if (input != NULL) {
        (void) json_object_set(input, "LaunchTemplateData",
                               (json_t *) req->data);
    }

    return drsw_svc_one(aws, ctx, "ec2", "CreateLaunchTemplateVersion", input,
                        "LaunchTemplateVersion", version, res);
}


drsw_aws_class_e
drsw_ec2_modify_launch_template(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *template_id,
                                const char *default_version,
                                const char *client_token, json_t **lt,
                                drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "ec2", "ModifyLaunchTemplate",
                        drsw_svc_input("LaunchTemplateId", template_id,
                                       "DefaultVersion", default_version,
                                       "ClientToken", client_token, NULL),
                        "LaunchTemplate", lt, res);
}


drsw_aws_class_e
drsw_ec2_delete_launch_template_versions(drsw_aws_t           *aws,
                                         const drsw_aws_ctx_t *ctx,
                                         const char           *template_id,
                                         const json_t         *versions,
                                         drsw_aws_result_t    *res)
{
    return drsw_svc_one(aws, ctx, "ec2", "DeleteLaunchTemplateVersions",
                        json_pack("{s:s, s:O}", "LaunchTemplateId", template_id,
                                  "Versions", versions),
                        NULL, NULL, res);
}
