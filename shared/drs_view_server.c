/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source servers: from the object of DescribeSourceServers to api.md 2.5.
 */

#include <string.h>

#include "drs_json.h"
#include "drs_model.h"
#include "drs_model_group.h"
#include "drs_view_doc.h"


#define DRS_GIB (1024.0 * 1024.0 * 1024.0)


drs_str_t
drs_view_replication_state(drs_str_t raw)
{
    size_t i;

    static const char *const syncing[] = { "INITIAL_SYNC", "BACKLOG",
                                           "CREATING_SNAPSHOT", "RESCAN",
                                           NULL };

    if (raw.data == NULL || raw.len == 0) {
        return drs_str("UNKNOWN");
    }

    if (drs_str_eqz(raw, "CONTINUOUS")) {
        return drs_str("READY_FOR_RECOVERY");
    }

    for (i = 0; syncing[i] != NULL; i++) {
        if (drs_str_eqz(raw, syncing[i])) {
            return drs_str("SYNCING");
        }
    }

    return raw;
}


json_t *
drs_view_server_group(const json_t *server, const json_t *groups,
                      drs_str_t account, drs_str_t region,
                      drs_str_t own_account)
{
    size_t        i, j;
    json_t       *g, *id;
    drs_str_t     sid;
    const json_t *tags;

    sid = drs_json_field(server, "sourceServerID");
    tags = json_object_get(server, "tags");

    json_array_foreach ((json_t *) groups, i, g) {
        if (!drs_str_eq(drs_json_field(g, "region"), region)
            || !drs_view_group_in_account(g, account, own_account))
        {
            continue;
        }

        if (drs_model_group_by_tags(g)) {
            if (drs_model_tags_match(json_object_get(g, "serverSelectionTags"),
                                     tags)) {
                return g;
            }

            continue;
        }

        json_array_foreach (json_object_get(g, "sourceServerIds"), j, id) {
            if (drs_str_eq(drs_json_str(id), sid)) {
                return g;
            }
        }
    }

    return NULL;
}


/* Copies a string member under another name; absent or empty: nothing. */
static void
drs_vv_str(json_t *o, const char *name, const json_t *from, const char *field)
{
    drs_str_t s;

    s = drs_json_field(from, field);

    if (s.len > 0) {
        (void) drs_json_set_str(o, name, s);
    }
}


static void
drs_vv_text(json_t *o, const char *name, const json_t *from, const char *field,
            const char *dflt)
{
    drs_str_t s;

    s = drs_json_field(from, field);
    (void) drs_json_set_str(o, name, s.len > 0 ? s : drs_str(dflt));
}


static json_t *
drs_vv_gib(json_int_t bytes)
{
    json_int_t hundredths;

    hundredths = (json_int_t) ((double) bytes / DRS_GIB * 100 + 0.5);

    return drs_json_new_number((double) hundredths / 100);
}


static json_t *
drs_vv_interfaces(const json_t *props, json_t *o)
{
    size_t        i;
    json_t       *list, *nic, *ips;
    const json_t *primary;

    list = json_array();
    primary = NULL;

    json_array_foreach (json_object_get(props, "networkInterfaces"), i, nic) {
        ips = json_object_get(nic, "ips");
        json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:b}", "ips",
                      json_is_array(ips) ? json_incref(ips) : json_array(),
                      "macAddress",
                      drs_json_new_str(drs_json_field(nic, "macAddress").len > 0
                                           ? drs_json_field(nic, "macAddress")
                                           : drs_str("")),
                      "isPrimary",
                      json_is_true(json_object_get(nic, "isPrimary"))));

        if (primary == NULL || json_is_true(json_object_get(nic, "isPrimary")))
        {
            primary = nic;
        }
    }

    ips = json_object_get(primary, "ips");
    if (json_is_string(json_array_get(ips, 0))) {
        json_object_set(o, "sourceIp", json_array_get(ips, 0));
    }

    drs_vv_str(o, "sourceMac", primary, "macAddress");

    return list;
}


static json_t *
drs_vv_hardware(const json_t *props)
{
    size_t     i;
    json_t    *hw, *list, *item, *v;
    json_int_t cores, disk, n;

    hw = json_object();
    list = json_array();
    cores = 0;

    json_array_foreach (json_object_get(props, "cpus"), i, item) {
        n = json_integer_value(json_object_get(item, "cores"));
        cores += n;
        v = json_object();
        drs_vv_text(v, "modelName", item, "modelName", "");
        (void) drs_json_set_int(v, "cores", n);
        json_array_append_new(list, v);
    }

    json_object_set_new(hw, "cpus", list);
    (void) drs_json_set_int(hw, "totalCores", cores);

    v = json_object_get(props, "ramBytes");
    if (json_is_integer(v)) {
        json_object_set(hw, "ramBytes", v);
        json_object_set_new(hw, "ramGiB", drs_vv_gib(json_integer_value(v)));
    }

    list = json_array();
    disk = 0;

    json_array_foreach (json_object_get(props, "disks"), i, item) {
        n = json_integer_value(json_object_get(item, "bytes"));
        disk += n;
        v = json_object();
        drs_vv_text(v, "deviceName", item, "deviceName", "");
        (void) drs_json_set_int(v, "bytes", n);
        json_object_set_new(v, "sizeGiB", drs_vv_gib(n));
        json_array_append_new(list, v);
    }

    json_object_set_new(hw, "disks", list);
    json_object_set_new(hw, "totalDiskGiB", drs_vv_gib(disk));

    return hw;
}


static void
drs_vv_source(json_t *o, const json_t *server)
{
    const json_t *props, *hints, *cloud, *tags;

    props = json_object_get(server, "sourceProperties");
    hints = json_object_get(props, "identificationHints");
    cloud = json_object_get(server, "sourceCloudProperties");
    tags = json_object_get(server, "tags");

    drs_vv_text(o, "hostname", hints, "hostname", "");
    drs_vv_str(o, "fqdn", hints, "fqdn");
    drs_vv_str(o, "nameTag", tags, "Name");
    drs_vv_str(o, "sourceInstanceId", hints, "awsInstanceID");
    drs_vv_str(o, "sourceRegion", cloud, "originRegion");
    drs_vv_str(o, "sourceAccount", cloud, "originAccountID");
    drs_vv_str(o, "sourceAccountId", cloud, "originAccountID");
    drs_vv_str(o, "sourceAvailabilityZone", cloud, "originAvailabilityZone");
    drs_vv_str(o, "os", json_object_get(props, "os"), "fullString");
}


static void
drs_vv_replication(json_t *o, const json_t *server)
{
    size_t        i;
    json_t       *d;
    json_int_t    bytes;
    const json_t *info, *life, *last, *initiated;

    info = json_object_get(server, "dataReplicationInfo");
    life = json_object_get(server, "lifeCycle");
    last = json_object_get(life, "lastLaunch");
    initiated = json_object_get(last, "initiated");

    (void) drs_json_set_str(o, "state",
                            drs_view_replication_state(
                                drs_json_field(info, "dataReplicationState")));
    drs_vv_text(o, "replicationState", info, "dataReplicationState", "UNKNOWN");
    drs_vv_text(o, "lagDuration", info, "lagDuration", "UNKNOWN");
    drs_vv_text(o, "lastSeen", life, "lastSeenByServiceDateTime", "");

    bytes = 0;
    json_array_foreach (json_object_get(info, "replicatedDisks"), i, d) {
        bytes +=
            json_integer_value(json_object_get(d, "replicatedStorageBytes"));
    }
    (void) drs_json_set_int(o, "replicatedStorageBytes", bytes);

    drs_vv_str(o, "lastLaunchType", initiated, "type");
    drs_vv_str(o, "lastLaunchTime", initiated, "apiCallDateTime");
    drs_vv_str(o, "lastLaunchStatus", last, "status");

    if (drs_json_field(last, "status").len == 0) {
        drs_vv_str(o, "lastLaunchStatus", server, "lastLaunchResult");
    }

    drs_vv_str(o, "lastLaunchResult", o, "lastLaunchStatus");
}


json_t *
drs_view_server(const json_t *server, drs_str_t region, const json_t *group,
                drs_str_t current)
{
    json_t       *o, *assigned, *tags, *nics;
    drs_str_t     gid;
    const json_t *props, *staging;

    props = json_object_get(server, "sourceProperties");

    o = json_object();
    drs_vv_str(o, "sourceServerID", server, "sourceServerID");
    drs_vv_source(o, server);
    nics = drs_vv_interfaces(props, o);
    drs_vv_replication(o, server);
    json_object_set_new(o, "hardware", drs_vv_hardware(props));
    json_object_set_new(o, "networkInterfaces", nics);

    tags = json_object_get(server, "tags");
    json_object_set_new(
        o, "drsTags", json_is_object(tags) ? json_incref(tags) : json_object());
    json_object_set(o, "tags", json_object_get(o, "drsTags"));

    gid = drs_json_field(group, "groupId");
    assigned = json_null();

    if (group != NULL && !(current.len > 0 && drs_str_eq(gid, current))) {
        assigned = json_pack(
            "{s:O, s:O, s:s}", "protectionGroupId",
            json_object_get(group, "groupId"), "protectionGroupName",
            json_object_get(group, "groupName"), "assignmentType",
            drs_model_group_by_tags(group) ? "tag-based" : "explicit");
    }

    (void) drs_json_set_bool(o, "selectable", json_is_null(assigned));
    json_object_set_new(o, "assignedToProtectionGroup", assigned);

    if (region.len > 0) {
        (void) drs_json_set_str(o, "region", region);
    }

    staging = json_object_get(server, "stagingArea");
    drs_vv_str(o, "stagingAccountId", staging, "stagingAccountID");
    drs_vv_str(o, "extensionStatus", staging, "status");
    drs_vv_str(o, "extensionError", staging, "errorMessage");
    drs_vv_str(o, "sourceNetworkId", server, "sourceNetworkID");
    drs_vv_str(o, "agentVersion", server, "agentVersion");
    drs_vv_str(o, "replicationDirection", server, "replicationDirection");
    drs_vv_str(o, "recoveryInstanceId", server, "recoveryInstanceId");

    return o;
}
