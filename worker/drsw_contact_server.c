
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Assumptions about source servers, recovery instances and their settings.
 */

#include "drsw_contact.h"

#include <stdio.h>
#include <string.h>

#include "drs_json.h"
#include "drs_time.h"


/* What is only seen by changing something, and what stands instead of it. */

static void
drsw_contact_needs_change(drsw_contact_finding_t *f, const char *what)
{
    drsw_contact_say(f, DRSW_CONTACT_OPEN, "only %s would tell", what);
}


/* Counts servers of a list whose text at a pointer is `value`. */

static int
drsw_contact_count(const json_t *list, const char *pointer, const char *value)
{
    int     n;
    size_t  i;
    json_t *item;

    n = 0;

    json_array_foreach ((json_t *) list, i, item) {
        n += drs_str_eqz(drs_json_str(drs_json_pointer(item, pointer)), value);
    }

    return n;
}


/* Q9, Q10: what the account uses; the refusals themselves need a launch. */

void
drsw_contact_q9(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    const json_t *r;

    r = drsw_contact_need(a, f, DRSW_CONTACT_REPLICATION);

    if (r != NULL) {
        drsw_contact_say(
            f, DRSW_CONTACT_OPEN,
            "only a launch would tell; %d of %zu servers looked at "
            "use a key of their own (ebsEncryption CUSTOM)",
            drsw_contact_count(r, "/ebsEncryption", "CUSTOM"),
            json_array_size(r));
    }
}


void
drsw_contact_q10(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    const json_t *r;

    r = drsw_contact_need(a, f, DRSW_CONTACT_REPLICATION);

    if (r != NULL) {
        drsw_contact_say(
            f, DRSW_CONTACT_OPEN,
            "only extending a server would tell; %d of %zu servers "
            "looked at use the default key of EBS",
            drsw_contact_count(r, "/ebsEncryption", "DEFAULT"),
            json_array_size(r));
    }
}


/* Q11: CONTINUOUS, spelled like this. */

void
drsw_contact_q11(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           good, bad;
    const json_t *servers;

    static const char at[] = "/dataReplicationInfo/dataReplicationState";

    servers = drsw_contact_need(a, f, DRSW_CONTACT_SERVERS);
    if (servers == NULL) {
        return;
    }

    good = drsw_contact_count(servers, at, "CONTINUOUS");
    bad = drsw_contact_count(servers, at, "CONTINUOUS_REPLICATION");

    if (bad > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d servers are CONTINUOUS_REPLICATION", bad);

    } else if (good > 0) {
        drsw_contact_say(f, DRSW_CONTACT_HELD, "%d servers are CONTINUOUS",
                         good);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "none of %zu servers replicates continuously",
                         json_array_size(servers));
    }
}


void
drsw_contact_q12(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    (void) a;
    drsw_contact_needs_change(f, "an UpdateLaunchConfiguration");
}


void
drsw_contact_q13(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n;
    size_t        i;
    json_t       *item;
    const json_t *launch;

    launch = drsw_contact_need(a, f, DRSW_CONTACT_LAUNCH);
    if (launch == NULL) {
        return;
    }

    n = 0;

    json_array_foreach ((json_t *) launch, i, item) {
        n += drs_json_pointer(item, "/launchIntoInstanceProperties/"
                                    "launchIntoEC2InstanceID")
             != NULL;
    }

    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "only a launch would tell; %d of %zu servers looked at "
                     "launch into an existing instance",
                     n, json_array_size(launch));
}


/* Q15: members that do not exist. */

void
drsw_contact_q15(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t        i, k, n;
    json_t       *item;
    const json_t *list;

    static const struct {
        drsw_contact_data_e of;
        const char         *pointer;
    } rows[] = { { DRSW_CONTACT_SERVERS, "/lifeCycle/state" },
                 { DRSW_CONTACT_SERVERS, "/sourceProperties/hostname" },
                 { DRSW_CONTACT_SERVERS, "/sourceProperties/vpcId" },
                 { DRSW_CONTACT_SERVERS, "/sourceProperties/subnetId" },
                 { DRSW_CONTACT_INSTANCES, "/launchTime" },
                 { DRSW_CONTACT_JOBS, "/statusMessage" } };

    n = 0;

    for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        if (k > 0 && rows[k].of == rows[k - 1].of) {
            list = a->data[rows[k].of].v;
        } else {
            list = drsw_contact_need(a, f, rows[k].of);
        }

        if (list == NULL) {
            return;
        }

        n += json_array_size(list);

        json_array_foreach ((json_t *) list, i, item) {
            if (drs_json_pointer(item, rows[k].pointer) != NULL) {
                drsw_contact_say(f, DRSW_CONTACT_BROKEN, "%s exists",
                                 rows[k].pointer + 1);
                return;
            }
        }
    }

    drsw_contact_say(f, n > 0 ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN, "%s",
                     n > 0 ? "none of them is in any answer"
                           : "nothing to look at");
}


/* Q17: a point in time of a server that is disconnected or stopped. */

void
drsw_contact_q17(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int               n, with;
    size_t            i;
    json_t           *item, *points;
    drs_str_t         state, id;
    const json_t     *servers;
    drsw_aws_result_t res;

    servers = drsw_contact_need(a, f, DRSW_CONTACT_SERVERS);
    if (servers == NULL) {
        return;
    }

    (void) snprintf(f->asked, sizeof(f->asked),
                    "drs:DescribeSourceServers, drs:DescribeRecoverySnapshots");
    n = with = 0;

    json_array_foreach ((json_t *) servers, i, item) {
        state = drs_json_str(drs_json_pointer(
            item, "/dataReplicationInfo/dataReplicationState"));
        id = drs_json_field(item, "sourceServerID");

        if ((!drs_str_eqz(state, "DISCONNECTED")
             && !drs_str_eqz(state, "STOPPED"))
            || n >= a->sample || id.len == 0)
        {
            continue;
        }

        if (drsw_contact_call(
                a, NULL, "drs", "DescribeRecoverySnapshots",
                json_pack("{s:s%}", "sourceServerID", id.data, id.len), true,
                &points, &res)
            != DRSW_AWS_OK)
        {
            drsw_contact_failed(f, "drs:DescribeRecoverySnapshots", &res);
            return;
        }

        n++;
        with += json_array_size(points) > 0;
        json_decref(points);
    }

    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "only a recovery would tell; %d of %d disconnected or "
                     "stopped servers have points in time",
                     with, n);
}


void
drsw_contact_q18(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    const json_t *launch;

    launch = drsw_contact_need(a, f, DRSW_CONTACT_LAUNCH);

    if (launch != NULL) {
        drsw_contact_say(
            f, DRSW_CONTACT_OPEN,
            "only a launch would tell; %d of %zu servers looked at "
            "use right sizing BASIC",
            drsw_contact_count(launch, "/targetInstanceTypeRightSizingMethod",
                               "BASIC"),
            json_array_size(launch));
    }
}


/* Q20: reversed servers name the one they come from. */

void
drsw_contact_q20(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n, without;
    size_t        i;
    json_t       *item;
    const json_t *servers;

    servers = drsw_contact_need(a, f, DRSW_CONTACT_SERVERS);
    if (servers == NULL) {
        return;
    }

    n = without = 0;

    json_array_foreach ((json_t *) servers, i, item) {
        if (drs_str_eqz(drs_json_field(item, "replicationDirection"),
                        "FAILBACK")) {
            n++;
            without +=
                drs_json_field(item, "reversedDirectionSourceServerArn").len
                == 0;
        }
    }

    if (without > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "%d of %d servers in direction FAILBACK name no "
                         "reversed server",
                         without, n);

    } else if (n > 0) {
        drsw_contact_say(f, DRSW_CONTACT_HELD,
                         "%d servers in direction FAILBACK name the reversed "
                         "one",
                         n);

    } else {
        drsw_contact_say(f, DRSW_CONTACT_OPEN,
                         "none of %zu servers is in direction FAILBACK",
                         json_array_size(servers));
    }
}


/* A recovery instance has the id of its EC2 instance. */

void
drsw_contact_ids(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n, other;
    size_t        i;
    json_t       *item;
    drs_str_t     ec2;
    const json_t *instances;

    instances = drsw_contact_need(a, f, DRSW_CONTACT_INSTANCES);
    if (instances == NULL) {
        return;
    }

    n = other = 0;

    json_array_foreach ((json_t *) instances, i, item) {
        ec2 = drs_json_field(item, "ec2InstanceID");
        n += ec2.len > 0;
        other +=
            ec2.len > 0
            && !drs_str_eq(ec2, drs_json_field(item, "recoveryInstanceID"));
    }

    drsw_contact_say(f,
                     other > 0 ? DRSW_CONTACT_BROKEN
                     : n > 0   ? DRSW_CONTACT_HELD
                               : DRSW_CONTACT_OPEN,
                     "%d recovery instances, %d with another id in EC2", n,
                     other);
}


/* Tags of the list are those of ListTagsForResource, whose path is an ARN. */

void
drsw_contact_tags(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    json_t           *server, *answer, *have, *want, *none;
    drs_str_t         arn;
    const json_t     *servers;
    drsw_aws_result_t res;

    servers = drsw_contact_need(a, f, DRSW_CONTACT_SERVERS);
    if (servers == NULL) {
        return;
    }

    (void) snprintf(f->asked, sizeof(f->asked), "%s",
                    "drs:ListTagsForResource of one server");
    server = json_array_get(servers, 0);
    arn = drs_json_field(server, "arn");

    if (arn.len == 0) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN, "there is no source server");
        return;
    }

    if (drsw_contact_call(a, NULL, "drs", "ListTagsForResource",
                          json_pack("{s:s%}", "resourceArn", arn.data, arn.len),
                          false, &answer, &res)
        != DRSW_AWS_OK)
    {
        drsw_contact_failed(f, "drs:ListTagsForResource", &res);
        f->verdict = res.class == DRSW_AWS_CLOCK ? DRSW_CONTACT_BROKEN
                                                 : DRSW_CONTACT_OPEN;
        return;
    }

    none = json_object();
    have = json_object_get(answer, "tags");
    want = json_object_get(server, "tags");

    if (json_equal(have != NULL ? have : none, want != NULL ? want : none)) {
        drsw_contact_say(f, DRSW_CONTACT_HELD, "both show the same %zu tags",
                         json_object_size(want));
    } else {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "the two answers differ");
    }

    json_decref(none);
    json_decref(answer);
}
