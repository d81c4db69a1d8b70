/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_view_instances.h"

#include "drs_json.h"
#include "drs_time.h"


static void
drs_vi_text(json_t *o, const char *name, drs_str_t s)
{
    if (s.len > 0) {
        (void) drs_json_set_str(o, name, s);
    }
}


static void
drs_vi_copy(json_t *o, const char *to, const json_t *src, const char *from)
{
    json_t *v;

    v = json_object_get(src, from);

    if (v != NULL && !json_is_null(v)) {
        (void) json_object_set(o, to, v);
    }
}


/* Value of an EC2 tag: [{"Key", "Value"}]. */
static drs_str_t
drs_vi_ec2_tag(const json_t *ec2, const char *name)
{
    size_t  i;
    json_t *tag;

    json_array_foreach (json_object_get(ec2, "Tags"), i, tag) {
        if (drs_str_eqz(drs_json_field(tag, "Key"), name)) {
            return drs_json_field(tag, "Value");
        }
    }

    return drs_str(NULL);
}


static void
drs_vi_names(json_t *o, const drs_instance_t *in)
{
    drs_str_t s;

    s = drs_json_field(json_object_get(in->server, "tags"), "Name");

    if (s.len == 0) {
        s = drs_json_field(
            json_object_get(json_object_get(in->server, "sourceProperties"),
                            "identificationHints"),
            "hostname");
    }

    drs_vi_text(o, "sourceServerName", s);
    s = drs_vi_ec2_tag(in->ec2, "Name");

    if (s.len == 0) {
        s = drs_json_field(json_object_get(in->item, "tags"), "Name");
    }

    drs_vi_text(o, "name", s);
}


json_t *
drs_view_instance_row(const drs_instance_t *in)
{
    char          iso[DRS_TIME_ISO_SIZE];
    json_t       *o;
    const json_t *network;

    o = json_object();
    drs_vi_copy(o, "recoveryInstanceId", in->item, "recoveryInstanceID");
    drs_vi_copy(o, "ec2InstanceId", in->item, "ec2InstanceID");
    drs_vi_copy(o, "sourceServerId", in->item, "sourceServerID");
    drs_vi_copy(o, "ec2InstanceState", in->item, "ec2InstanceState");
    drs_vi_copy(o, "isDrill", in->item, "isDrill");
    drs_vi_copy(o, "jobId", in->item, "jobID");
    drs_vi_text(o, "region", in->region);
    drs_vi_text(o, "accountId", in->account);
    drs_vi_names(o, in);

    drs_vi_copy(o, "privateIp", in->ec2, "PrivateIpAddress");
    drs_vi_copy(o, "publicIp", in->ec2, "PublicIpAddress");
    drs_vi_copy(o, "instanceType", in->ec2, "InstanceType");
    drs_vi_copy(o, "launchTime", in->ec2, "LaunchTime");
    drs_vi_copy(o, "replicationStagingAccountId",
                json_object_get(in->server, "stagingArea"), "stagingAccountID");
    network = json_object_get(in->source, "ec2NetworkConfig");
    drs_vi_copy(o, "sourceVpcId", network, "vpcId");
    drs_vi_copy(o, "sourceSubnetId", network, "subnetId");
    drs_vi_copy(o, "sourceSecurityGroupIds", network, "securityGroups");
    drs_vi_copy(o, "sourceInstanceProfile", network, "instanceProfile");

    drs_vi_text(o, "sourceExecutionId", in->execution);
    drs_vi_text(o, "sourcePlanName", in->plan_name);
    (void) drs_time_iso_ms(iso, in->at_ms);
    drs_vi_text(o, "lastSyncTime", drs_str(iso));

    return o;
}


int
drs_view_instance_alive(const json_t *row)
{
    drs_str_t state;

    state = drs_json_field(row, "ec2InstanceState");

    return !drs_str_ieqz(state, "TERMINATED")
           && !drs_str_ieqz(state, "SHUTTING-DOWN")
           && !drs_str_ieqz(state, "NOT_FOUND");
}


static json_t *
drs_vi_pick(const json_t *row, const char *const *names)
{
    json_t *o;

    o = json_object();

    for (/* void */; *names != NULL; names++) {
        drs_vi_copy(o, *names, row, *names);
    }

    return o;
}


/* Members that are always there. */
static void
drs_vi_always(json_t *o)
{
    size_t i;

    static const char *const names[] = { "sourceServerId", "recoveryInstanceId",
                                         "ec2InstanceId", "ec2InstanceState",
                                         "region" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_object_get(o, names[i]) == NULL) {
            (void) drs_json_set_str(o, names[i], drs_str(""));
        }
    }
}


json_t *
drs_view_instance_existing(const json_t *row)
{
    json_t *o;

    static const char *const names[] = {
        "sourceServerId",   "recoveryInstanceId",
        "ec2InstanceId",    "ec2InstanceState",
        "sourceServerName", "name",
        "privateIp",        "publicIp",
        "instanceType",     "launchTime",
        "region",           "accountId",
        "isDrill",          "sourceExecutionId",
        "sourcePlanName",   NULL
    };

    o = drs_vi_pick(row, names);
    drs_vi_always(o);

    if (json_object_get(o, "sourceExecutionId") == NULL) {
        (void) json_object_set_new(o, "sourceExecutionId", json_null());
    }

    if (json_object_get(o, "sourcePlanName") == NULL) {
        (void) json_object_set_new(o, "sourcePlanName", json_null());
    }

    return o;
}


json_t *
drs_view_instance_failover(const json_t *row)
{
    json_t *o;

    static const char *const names[] = { "recoveryInstanceId",
                                         "ec2InstanceId",
                                         "sourceServerId",
                                         "region",
                                         "accountId",
                                         "ec2InstanceState",
                                         "launchTime",
                                         "isDrill",
                                         "jobId",
                                         "sourceExecutionId",
                                         "sourcePlanName",
                                         NULL };

    o = drs_vi_pick(row, names);
    drs_vi_always(o);

    if (json_object_get(o, "isDrill") == NULL) {
        (void) drs_json_set_bool(o, "isDrill", 0);
    }

    return o;
}
