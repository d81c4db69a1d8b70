
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * SourceServer of AWS to the item of the inventory: the members of api.md
 * 2.5 that do not depend on protection groups, and `internal` for ourselves.
 */

#include <math.h>
#include <string.h>

#include "drs_id.h"

#include "drsw_scan.h"


static void
drsw_item_str(json_t *o, const char *name, drs_str_t s)
{
    if (s.len > 0) {
        (void) drs_json_set_str(o, name, s);
    }
}


static double
drsw_item_gib(double bytes)
{
    return round(bytes / (1024.0 * 1024.0 * 1024.0) * 100.0) / 100.0;
}


static void
drsw_item_network(json_t *o, const json_t *props)
{
    size_t      i;
    json_t     *list, *nic, *primary, *ips, *out;

    list = json_object_get(props, "networkInterfaces");

    if (json_array_size(list) == 0) {
        return;
    }

    out = json_array();
    primary = json_array_get(list, 0);

    json_array_foreach(list, i, nic) {
        if (json_is_true(json_object_get(nic, "isPrimary"))) {
            primary = nic;
        }

        ips = json_object_get(nic, "ips");
        (void) json_array_append_new(out, json_pack(
            "{s:o, s:s, s:b}", "ips",
            json_is_array(ips) ? json_incref(ips) : json_array(),
            "macAddress",
            json_is_string(json_object_get(nic, "macAddress"))
                ? json_string_value(json_object_get(nic, "macAddress")) : "",
            "isPrimary", json_is_true(json_object_get(nic, "isPrimary"))));
    }

    (void) json_object_set_new(o, "networkInterfaces", out);
    drsw_item_str(o, "sourceIp",
                  drs_json_str(json_array_get(json_object_get(primary, "ips"),
                                              0)));
    drsw_item_str(o, "sourceMac", drs_json_field(primary, "macAddress"));
}


static void
drsw_item_hardware(json_t *o, const json_t *props)
{
    size_t      i;
    double      total;
    int64_t     cores, bytes, ram;
    json_t     *hw, *list, *out, *v;

    hw = json_object();
    out = json_array();
    cores = 0;

    json_array_foreach(json_object_get(props, "cpus"), i, v) {
        cores += drs_json_int(v, "cores", 0);
        (void) json_array_append_new(out, json_pack(
            "{s:s%, s:I}", "modelName", drs_json_field(v, "modelName").data
                != NULL ? drs_json_field(v, "modelName").data : "",
            drs_json_field(v, "modelName").len,
            "cores", (json_int_t) drs_json_int(v, "cores", 0)));
    }

    (void) json_object_set_new(hw, "cpus", out);
    (void) drs_json_set_int(hw, "totalCores", cores);

    ram = drs_json_int(props, "ramBytes", 0);
    (void) drs_json_set_int(hw, "ramBytes", ram);
    (void) json_object_set_new(hw, "ramGiB", drs_json_new_number(
                                   drsw_item_gib((double) ram)));

    list = json_object_get(props, "disks");
    out = json_array();
    total = 0;

    json_array_foreach(list, i, v) {
        bytes = drs_json_int(v, "bytes", 0);
        total += (double) bytes;
        (void) json_array_append_new(out, json_pack(
            "{s:s%, s:I, s:o}", "deviceName",
            drs_json_field(v, "deviceName").data != NULL
                ? drs_json_field(v, "deviceName").data : "",
            drs_json_field(v, "deviceName").len,
            "bytes", (json_int_t) bytes,
            "sizeGiB", drs_json_new_number(drsw_item_gib((double) bytes))));
    }

    (void) json_object_set_new(hw, "disks", out);
    (void) json_object_set_new(hw, "totalDiskGiB", drs_json_new_number(
                                   drsw_item_gib(total)));
    (void) json_object_set_new(o, "hardware", hw);
}


static void
drsw_item_source(json_t *o, const json_t *s)
{
    json_t  *props, *hints, *cloud;

    props = json_object_get(s, "sourceProperties");
    hints = json_object_get(props, "identificationHints");
    cloud = json_object_get(s, "sourceCloudProperties");

    (void) drs_json_set_str(o, "hostname", drs_json_field(hints, "hostname"));
    drsw_item_str(o, "fqdn", drs_json_field(hints, "fqdn"));
    drsw_item_str(o, "sourceInstanceId",
                  drs_json_field(hints, "awsInstanceID"));
    drsw_item_str(o, "sourceRegion", drs_json_field(cloud, "originRegion"));
    drsw_item_str(o, "sourceAccount",
                  drs_json_field(cloud, "originAccountID"));
    drsw_item_str(o, "sourceAccountId",
                  drs_json_field(cloud, "originAccountID"));
    drsw_item_str(o, "sourceAvailabilityZone",
                  drs_json_field(cloud, "originAvailabilityZone"));
    drsw_item_str(o, "os", drs_json_field(json_object_get(props, "os"),
                                          "fullString"));

    drsw_item_network(o, props);
    drsw_item_hardware(o, props);
}


static void
drsw_item_replication(json_t *o, json_t *internal, const json_t *s)
{
    size_t      i;
    int64_t     bytes;
    json_t     *info, *disk;
    drs_str_t   lag;

    info = json_object_get(s, "dataReplicationInfo");
    lag = drs_json_field(info, "lagDuration");

    (void) drs_json_set_str(o, "replicationState",
                            drs_json_field(info, "dataReplicationState"));
    (void) drs_json_set_str(o, "lagDuration",
                            lag.len > 0 ? lag : drs_str("UNKNOWN"));

    bytes = 0;
    json_array_foreach(json_object_get(info, "replicatedDisks"), i, disk) {
        bytes += drs_json_int(disk, "replicatedStorageBytes", 0);
    }
    (void) drs_json_set_int(o, "replicatedStorageBytes", bytes);
    drsw_item_str(o, "targetAvailabilityZone",
                  drs_json_field(info, "stagingAvailabilityZone"));
    drsw_item_str(internal, "replicationDirection",
                  drs_json_field(s, "replicationDirection"));
}


static void
drsw_item_lifecycle(json_t *o, json_t *internal, const json_t *s)
{
    json_t     *life, *last, *initiated;
    drs_str_t   type, status;

    life = json_object_get(s, "lifeCycle");
    last = json_object_get(life, "lastLaunch");
    initiated = json_object_get(last, "initiated");
    type = drs_json_field(initiated, "type");
    status = drs_json_field(last, "status");

    if (drs_str_starts(type, "START_")) {
        type = drs_strn(type.data + 6, type.len - 6);
    }

    (void) drs_json_set_str(o, "lastSeen",
                            drs_json_field(life,
                                           "lastSeenByServiceDateTime"));
    drsw_item_str(o, "lastLaunchType", type);
    drsw_item_str(o, "lastLaunchStatus", status);
    drsw_item_str(o, "lastLaunchTime",
                  drs_json_field(initiated, "apiCallDateTime"));

    drsw_item_str(internal, "firstByte",
                  drs_json_field(life, "firstByteDateTime"));
    drsw_item_str(internal, "lastLaunchJobId",
                  drs_json_field(initiated, "jobID"));
    drsw_item_str(internal, "recoveryInstanceId",
                  drs_json_field(s, "recoveryInstanceId"));
}


json_t *
drsw_server_item(const drsw_access_t *access, const json_t *s)
{
    json_t     *o, *internal, *tags;
    drs_str_t   staging;

    o = json_object();
    internal = json_object();

    if (o == NULL || internal == NULL) {
        json_decref(o);
        json_decref(internal);
        return NULL;
    }

    tags = json_object_get(s, "tags");
    staging = drs_json_field(json_object_get(s, "stagingArea"),
                             "stagingAccountID");

    (void) drs_json_set_str(o, "sourceServerID",
                            drs_json_field(s, "sourceServerID"));
    (void) json_object_set_new(o, "region", json_string(access->region));
    drsw_item_source(o, s);
    drsw_item_str(o, "nameTag", drs_json_field(tags, "Name"));
    drsw_item_str(o, "stagingAccountId", staging);
    (void) json_object_set_new(o, "drsTags",
                               json_is_object(tags) ? json_incref(tags)
                                                    : json_object());
    drsw_item_replication(o, internal, s);
    drsw_item_lifecycle(o, internal, s);
    drsw_item_str(internal, "arn", drs_json_field(s, "arn"));
    drsw_item_str(internal, "stagingServerArn",
                  drs_json_field(json_object_get(s, "stagingArea"),
                                 "stagingSourceServerArn"));
    (void) json_object_set_new(o, "internal", internal);

    return o;
}


drs_str_t
drsw_server_name(const json_t *item)
{
    drs_str_t  s;

    s = drs_json_field(item, "nameTag");

    if (s.len == 0) {
        s = drs_json_field(item, "hostname");
    }

    if (s.len == 0) {
        s = drs_json_field(item, "sourceServerID");

        if (s.len > 8) {
            s = drs_strn(s.data + s.len - 8, 8);
        }
    }

    return s;
}


static int
drsw_server_in(drs_str_t state, const char *const *list)
{
    for ( /* void */ ; *list != NULL; list++) {
        if (drs_str_eqz(state, *list)) {
            return 1;
        }
    }

    return 0;
}


drsw_health_e
drsw_server_health(const json_t *item, const char **reason)
{
    int         has_point;
    drs_str_t   state;

    static const char *const  ok[] = {
        "CONTINUOUS", "RESCAN", "BACKLOG", "CREATING_SNAPSHOT", NULL
    };
    static const char *const  warn[] = {
        "PAUSED", "STALLED", "DISCONNECTED", NULL
    };

    state = drs_json_field(item, "replicationState");
    has_point = drs_json_field(json_object_get(item, "internal"),
                               "firstByte").len > 0;

    if (drsw_server_in(state, ok)) {
        *reason = "";
        return DRSW_HEALTH_OK;
    }

    if (drsw_server_in(state, warn) && has_point) {
        *reason = "replication has stopped; an older recovery point exists";
        return DRSW_HEALTH_WARN;
    }

    *reason = drsw_server_in(state, warn)
              ? "replication has stopped and there is no recovery point"
              : "no usable recovery point in this replication state";
    return DRSW_HEALTH_BLOCK;
}
