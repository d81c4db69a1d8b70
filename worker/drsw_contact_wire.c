
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Assumptions about the wire: enumerations, times, filters, errors.
 */

#include "drsw_contact.h"

#include <stdio.h>
#include <string.h>

#include "aws_svc.h"
#include "drs_json.h"
#include "drs_time.h"
#include "drsw_region.h"


#define DRSW_CONTACT_PROBES 6 /* other Regions that are asked */
#define DRSW_CONTACT_NOBODY "s-00000000000000000"


typedef struct {
    drsw_contact_data_e of;
    const char         *list; /* pointer to a list inside, or NULL */
    const char         *pointer;
    const char         *values; /* between spaces */
} drsw_contact_enum_t;


static const drsw_contact_enum_t drsw_contact_enum_rows[] = {
    { DRSW_CONTACT_SERVERS, NULL, "/dataReplicationInfo/dataReplicationState",
      " STOPPED INITIATING INITIAL_SYNC BACKLOG CREATING_SNAPSHOT CONTINUOUS "
      "PAUSED RESCAN STALLED DISCONNECTED " },
    { DRSW_CONTACT_SERVERS, NULL, "/replicationDirection",
      " FAILOVER FAILBACK " },
    { DRSW_CONTACT_SERVERS, NULL, "/lastLaunchResult",
      " NOT_STARTED PENDING SUCCEEDED FAILED " },
    { DRSW_CONTACT_SERVERS, NULL, "/stagingArea/status",
      " EXTENDED EXTENSION_ERROR NOT_EXTENDED " },
    { DRSW_CONTACT_JOBS, NULL, "/status", " PENDING STARTED COMPLETED " },
    { DRSW_CONTACT_JOBS, NULL, "/type",
      " LAUNCH TERMINATE CREATE_CONVERTED_SNAPSHOT " },
    { DRSW_CONTACT_JOBS, NULL, "/initiatedBy",
      " START_RECOVERY START_DRILL FAILBACK DIAGNOSTIC "
      "TERMINATE_RECOVERY_INSTANCES TARGET_ACCOUNT CREATE_NETWORK_RECOVERY "
      "UPDATE_NETWORK_RECOVERY ASSOCIATE_NETWORK_RECOVERY " },
    { DRSW_CONTACT_JOBS, "participatingServers", "/launchStatus",
      " PENDING IN_PROGRESS LAUNCHED FAILED TERMINATED " },
    { DRSW_CONTACT_INSTANCES, NULL, "/ec2InstanceState",
      " PENDING RUNNING STOPPING STOPPED SHUTTING-DOWN TERMINATED NOT_FOUND " },
    { DRSW_CONTACT_LAUNCH, NULL, "/targetInstanceTypeRightSizingMethod",
      " NONE BASIC IN_AWS " },
    { DRSW_CONTACT_LAUNCH, NULL, "/launchDisposition", " STOPPED STARTED " },
    { DRSW_CONTACT_REPLICATION, NULL, "/ebsEncryption",
      " DEFAULT CUSTOM NONE " },
    { DRSW_CONTACT_LOGS, "", "/event",
      " JOB_START SERVER_SKIPPED CLEANUP_START CLEANUP_END CLEANUP_FAIL "
      "SNAPSHOT_START SNAPSHOT_END SNAPSHOT_FAIL USING_PREVIOUS_SNAPSHOT "
      "USING_PREVIOUS_SNAPSHOT_FAILED CONVERSION_START CONVERSION_END "
      "CONVERSION_FAIL LAUNCH_START LAUNCH_FAILED JOB_CANCEL JOB_END "
      "DEPLOY_NETWORK_CONFIGURATION_START DEPLOY_NETWORK_CONFIGURATION_END "
      "DEPLOY_NETWORK_CONFIGURATION_FAILED UPDATE_NETWORK_CONFIGURATION_START "
      "UPDATE_NETWORK_CONFIGURATION_END UPDATE_NETWORK_CONFIGURATION_FAILED "
      "UPDATE_LAUNCH_TEMPLATE_START UPDATE_LAUNCH_TEMPLATE_END "
      "UPDATE_LAUNCH_TEMPLATE_FAILED NETWORK_RECOVERY_FAIL " }
};


/* Looks at one value; notes those that nobody told us about. */

static void
drsw_contact_value(const drsw_contact_enum_t *row, const json_t *item,
                   size_t *n, drs_buf_t *unknown)
{
    char      word[64];
    drs_str_t s;

    s = drs_json_str(drs_json_pointer(item, row->pointer));

    if (s.len == 0) {
        return;
    }

    (*n)++;
    (void) snprintf(word, sizeof(word), " %.*s ", DRS_STR_ARG(s));

    if (strstr(row->values, word) == NULL && unknown->len < 300
        && (unknown->len == 0 || strstr(unknown->data, word) == NULL))
    {
        (void) drs_buf_printf(unknown, "%s%s", row->pointer + 1, word);
    }
}


void
drsw_contact_enums(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t                     i, j, k, n;
    json_t                    *item, *part, *list;
    drs_buf_t                  unknown;
    const char                *id;
    const drsw_contact_enum_t *row;

    (void) snprintf(f->asked, sizeof(f->asked), "everything that was read");
    drs_buf_init(&unknown, 0);
    n = 0;

    for (k = 0; k < sizeof(drsw_contact_enum_rows) / sizeof(*row); k++) {
        row = &drsw_contact_enum_rows[k];
        list = a->data[row->of].v;

        if (json_is_object(list)) {
            json_object_foreach (list, id, item) {
                json_array_foreach (item, j, part) {
                    drsw_contact_value(row, part, &n, &unknown);
                }
            }
            continue;
        }

        json_array_foreach (list, i, item) {
            if (row->list == NULL) {
                drsw_contact_value(row, item, &n, &unknown);
                continue;
            }

            json_array_foreach (json_object_get(item, row->list), j, part) {
                drsw_contact_value(row, part, &n, &unknown);
            }
        }
    }

    if (unknown.len > 0) {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "not known: %s", unknown.data);
    } else {
        drsw_contact_say(f, n > 0 ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN,
                         "%zu values, all known", n);
    }

    drs_buf_free(&unknown);
}


/* Names that end in "DateTime" and "Duration", at any depth. */

static void
drsw_contact_walk(const json_t *v, const char *name, size_t *n, char *bad,
                  size_t size)
{
    int         rc;
    size_t      i, len;
    int64_t     t;
    json_t     *item;
    const char *key;

    if (json_is_object(v)) {
        json_object_foreach ((json_t *) v, key, item) {
            drsw_contact_walk(item, key, n, bad, size);
        }

    } else if (json_is_array(v)) {
        json_array_foreach ((json_t *) v, i, item) {
            drsw_contact_walk(item, name, n, bad, size);
        }

    } else if (json_is_string(v)) {
        len = strlen(name);
        rc = DRS_OK;

        if (len >= 8 && strcmp(name + len - 8, "DateTime") == 0) {
            rc = drs_time_parse_ms(drs_json_str(v), &t);
            (*n)++;

        } else if (len >= 8 && strcmp(name + len - 8, "Duration") == 0) {
            rc = drs_time_parse_duration_ms(drs_json_str(v), &t);
            (*n)++;
        }

        if (rc != DRS_OK && bad[0] == '\0') {
            (void) snprintf(bad, size, "%s is \"%.60s\"", name,
                            json_string_value(v));
        }
    }
}


void
drsw_contact_times(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int    i;
    char   bad[160];
    size_t n;

    (void) snprintf(f->asked, sizeof(f->asked), "everything that was read");
    bad[0] = '\0';
    n = 0;

    for (i = 0; i <= DRSW_CONTACT_LOGS; i++) {
        drsw_contact_walk(a->data[i].v, "", &n, bad, sizeof(bad));
    }

    if (bad[0] != '\0') {
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "%s", bad);
    } else {
        drsw_contact_say(f, n > 0 ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN,
                         "%zu times and durations, all readable", n);
    }
}


/* Lists narrowed to one server show nothing else. */

void
drsw_contact_filters(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t            i, n;
    json_t           *item, *found;
    drs_str_t         id;
    const char       *op;
    const json_t     *servers;
    drsw_aws_result_t res;

    servers = drsw_contact_need(a, f, DRSW_CONTACT_SERVERS);
    if (servers == NULL) {
        return;
    }

    (void) snprintf(f->asked, sizeof(f->asked),
                    "drs:DescribeSourceServers and "
                    "drs:DescribeRecoveryInstances of one server");
    id = drs_json_field(json_array_get(servers, 0), "sourceServerID");

    if (id.len == 0) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN, "there is no source server");
        return;
    }

    for (i = 0; i < 2; i++) {
        op = i == 0 ? "DescribeSourceServers" : "DescribeRecoveryInstances";

        if (drsw_contact_call(a, NULL, "drs", op,
                              json_pack("{s:{s:[s%]}}", "filters",
                                        "sourceServerIDs", id.data, id.len),
                              true, &found, &res)
            != DRSW_AWS_OK)
        {
            drsw_contact_failed(f, op, &res);
            return;
        }

        json_array_foreach (found, n, item) {
            if (!drs_str_eq(drs_json_field(item, "sourceServerID"), id)) {
                drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                                 "%s shows other servers, too", op);
                json_decref(found);
                return;
            }
        }

        n = json_array_size(found);
        json_decref(found);

        if (i == 0 && n != 1) {
            drsw_contact_say(f, DRSW_CONTACT_BROKEN, "%s shows %zu servers", op,
                             n);
            return;
        }
    }

    drsw_contact_say(f, DRSW_CONTACT_HELD, "both show this server only");
}


/* An id that does not exist: an empty list here, an error there. */

void
drsw_contact_unknown_id(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    json_t           *found;
    drsw_aws_result_t res;

    (void) snprintf(f->asked, sizeof(f->asked),
                    "drs:DescribeSourceServers and drs:GetLaunchConfiguration "
                    "of " DRSW_CONTACT_NOBODY);

    if (drsw_contact_call(a, NULL, "drs", "DescribeSourceServers",
                          json_pack("{s:{s:[s]}}", "filters", "sourceServerIDs",
                                    DRSW_CONTACT_NOBODY),
                          true, &found, &res)
        != DRSW_AWS_OK)
    {
        drsw_contact_failed(f, "drs:DescribeSourceServers", &res);

        if (res.class == DRSW_AWS_NOT_FOUND || res.class == DRSW_AWS_VALIDATION)
        {
            f->verdict = DRSW_CONTACT_BROKEN;
        }
        return;
    }

    json_decref(found);

    if (drsw_contact_call(
            a, NULL, "drs", "GetLaunchConfiguration",
            json_pack("{s:s}", "sourceServerID", DRSW_CONTACT_NOBODY), false,
            &found, &res)
        == DRSW_AWS_OK)
    {
        json_decref(found);
        drsw_contact_say(
            f, DRSW_CONTACT_BROKEN,
            "GetLaunchConfiguration answers for a server that does "
            "not exist");

    } else if (res.class == DRSW_AWS_DENIED) {
        drsw_contact_failed(f, "drs:GetLaunchConfiguration", &res);

    } else {
        drsw_contact_say(f,
                         strcmp(res.code, "ResourceNotFoundException") == 0
                             ? DRSW_CONTACT_HELD
                             : DRSW_CONTACT_BROKEN,
                         "an empty list; %s, HTTP %d", res.code,
                         res.http_status);
    }
}


/* Q16: what Regions answer that are not initialised or not enabled. */

void
drsw_contact_q16(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int               asked, closed, uninit;
    size_t            i;
    json_t           *item, *found;
    drs_str_t         opt;
    const char       *status, *name;
    const json_t     *regions;
    drsw_aws_ctx_t    ctx;
    drsw_aws_result_t res;

    regions = drsw_contact_need(a, f, DRSW_CONTACT_REGIONS);
    if (regions == NULL) {
        return;
    }

    (void) snprintf(f->asked, sizeof(f->asked),
                    "ec2:DescribeRegions, drs:DescribeSourceServers in up to "
                    "%d other Regions",
                    DRSW_CONTACT_PROBES);
    asked = closed = uninit = 0;

    json_array_foreach ((json_t *) regions, i, item) {
        name = json_string_value(json_object_get(item, "RegionName"));
        opt = drs_json_field(item, "OptInStatus");

        if (name == NULL || strcmp(name, a->ctx.region) == 0
            || !drs_id_in_default_regions(drs_str(name))
            || asked == DRSW_CONTACT_PROBES
            || (drs_str_eqz(opt, "not-opted-in") ? closed > 0 : uninit > 0))
        {
            continue;
        }

        ctx = a->ctx;
        ctx.region = name;
        ctx.max_attempts = 1;
        asked++;

        if (drsw_contact_call(a, &ctx, "drs", "DescribeSourceServers",
                              json_pack("{s:i}", "maxResults", 1), false,
                              &found, &res)
            == DRSW_AWS_OK)
        {
            json_decref(found);
            continue;
        }

        status = drsw_region_status(&res);

        if (drs_str_eqz(opt, "not-opted-in")) {
            closed = strncmp(status, "REGION_", 7) == 0;
        } else {
            uninit = strcmp(status, "NOT_INITIALIZED") == 0;
        }

        if ((drs_str_eqz(opt, "not-opted-in") && !closed
             && res.sent == DRSW_AWS_ANSWERED)
            || res.class == DRSW_AWS_VALIDATION)
        {
            drsw_contact_say(
                f, DRSW_CONTACT_BROKEN, "%s, which is %s, answers %s: %.200s",
                name, json_string_value(json_object_get(item, "OptInStatus")),
                res.code, res.message);
            return;
        }
    }

    drsw_contact_say(f,
                     closed && uninit ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN,
                     "%d Regions asked: one that is not opted in %s, one that "
                     "is not initialised %s",
                     asked, closed ? "answers as expected" : "was not found",
                     uninit ? "answers as expected" : "was not found");
}


/* EC2 names the ids that it does not know. */

void
drsw_contact_missing_instance(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    json_t           *found;
    drsw_aws_result_t res;

    static const char id[] = "i-00000000000000000";

    (void) snprintf(f->asked, sizeof(f->asked), "ec2:DescribeInstances of %s",
                    id);

    if (drsw_contact_call(a, NULL, "ec2", "DescribeInstances",
                          json_pack("{s:[s]}", "InstanceIds", id), false,
                          &found, &res)
        == DRSW_AWS_OK)
    {
        json_decref(found);
        drsw_contact_say(f, DRSW_CONTACT_BROKEN, "no error");

    } else if (res.class == DRSW_AWS_NOT_FOUND) {
        drsw_contact_say(f,
                         strcmp(res.code, "InvalidInstanceID.NotFound") == 0
                                 && strstr(res.message, id) != NULL
                             ? DRSW_CONTACT_HELD
                             : DRSW_CONTACT_BROKEN,
                         "%s: %s", res.code, res.message);
    } else {
        drsw_contact_failed(f, "ec2:DescribeInstances", &res);
    }
}


/* The life of a signature bounds the hard window of a launch. */

void
drsw_contact_signature(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int64_t           age;
    json_t           *answer;
    drsw_start_e      outcome;
    drsw_aws_result_t res;

    age = a->conf->signature_validity_ms / 1000 + 60;
    (void) snprintf(f->asked, sizeof(f->asked),
                    "drs:DescribeSourceServers, signed %lld s ago",
                    (long long) age);

    outcome = drsw_svc_once(a->aws, &a->ctx, "drs", "DescribeSourceServers",
                            json_pack("{s:i}", "maxResults", 1), a->now_s - age,
                            30000, &answer, &res);
    a->calls++;

    if (outcome == DRSW_START_ACCEPTED) {
        json_decref(answer);
        drsw_contact_say(f, DRSW_CONTACT_BROKEN,
                         "it was accepted: signature_validity is too short");

    } else if (outcome == DRSW_START_REFUSED
               && (res.class == DRSW_AWS_CLOCK
                   || res.class == DRSW_AWS_CREDENTIALS))
    {
        drsw_contact_say(f, DRSW_CONTACT_HELD, "refused: %s, HTTP %d", res.code,
                         res.http_status);

    } else {
        drsw_contact_failed(f, "drs:DescribeSourceServers", &res);
    }
}


void
drsw_contact_listing(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    (void) a;
    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "only a launch would tell: compare the time of the answer "
                     "with the first list that shows the job");
}
