
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drs-worker --check-assumptions: options, order, report.
 */

#include "drsw_contact.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drs_id.h"
#include "drs_json.h"
#include "drs_time.h"
#include "drs_utf8.h"
#include "drs_version.h"
#include "drsw_worker.h"


#define DRSW_CONTACT_SAMPLE     20
#define DRSW_CONTACT_SAMPLE_MAX 200
#define DRSW_CONTACT_DAYS       90
#define DRSW_CONTACT_DAYS_MAX   365


typedef struct {
    const char *region, *account, *role_arn, *external_id;
    int         json;
    int         sample, days;
    char        role[600];
} drsw_contact_options_t;


static const char drsw_contact_usage[] =
    "usage: drs-worker [--config FILE] --check-assumptions [options]\n"
    "\n"
    "      --region REGION     Region to ask (default: option region)\n"
    "      --account ID        account to ask (default: that of the\n"
    "                          credentials), with the configured role\n"
    "      --role-arn ARN      another role\n"
    "      --external-id TEXT  of the role (default: option external_id)\n"
    "      --sample N          servers and jobs looked at one by one (20)\n"
    "      --days N            age of the jobs looked at (90)\n"
    "      --output FORMAT     table or json\n"
    "\n"
    "Only calls that read are made, and EC2's DryRun.  Exit status: 0 nothing\n"
    "contradicts the assumptions, 1 the account could not be asked, 2 usage,\n"
    "3 an assumption did not hold.\n";


#define ROW(id, name, question, matters)                                       \
    {                                                                          \
        id, question, matters, drsw_contact_##name                             \
    }

const drsw_contact_row_t drsw_contact_rows[] = {
    ROW("Q1", q1,
        "Completed jobs no longer show recovery instance ids, terminate jobs "
        "no longer their servers",
        "ids are kept while a job runs"),
    ROW("Q2", q2, "launchStatus stays PENDING until the launch phase",
        "progress comes from the job log"),
    ROW("Q3", q3,
        "A job ends COMPLETED although servers failed; there is no other end",
        "outcomes are judged server by server"),
    ROW("Q4", q4, "A running job cannot be cancelled or changed",
        "cancelling lets running jobs end"),
    ROW("Q5", q5, "A source server is in one job at a time",
        "conflicts are looked for before a launch"),
    ROW("Q6", q6,
        "Launching a server that has an instance replaces this instance",
        "a start asks for a confirmation"),
    ROW("Q7", q7, "Jobs with tags skip the conversion",
        "no tags are sent (option launch_job_tags)"),
    ROW("Q8", q8, "DRS acts in EC2 with the caller's permissions",
        "the role needs more than DRS permissions"),
    ROW("Q9", q9,
        "Staging disks under a key that the target cannot use fail a launch",
        "advice that is shown with the failure"),
    ROW("Q10", q10,
        "Servers whose disks use the default key cannot be extended",
        "advice that is shown with the failure"),
    ROW("Q11", q11, "The healthy replication state is spelled CONTINUOUS",
        "health of servers, capacity"),
    ROW("Q12", q12,
        "UpdateLaunchConfiguration makes a new version of the template",
        "order in which launch settings are applied"),
    ROW("Q13", q13,
        "Launching into an instance needs the tag "
        "AWSDRS=AllowLaunchingIntoThisInstance",
        "an optional feature"),
    ROW("Q14", q14, "DescribeJobs is newest first and respects fromDate",
        "looking for a job after a lost answer"),
    ROW("Q15", q15,
        "lifeCycle.state, sourceProperties.hostname, vpcId and subnetId, "
        "launchTime of recovery instances and statusMessage of jobs do not "
        "exist",
        "these facts are taken from elsewhere"),
    ROW("Q16", q16,
        "A Region that is not initialised, or not opted in, has its own error",
        "such a Region counts as empty"),
    ROW("Q17", q17,
        "A stopped or disconnected server is recovered from its last point",
        "health can be overridden for a recovery"),
    ROW("Q18", q18, "Right sizing BASIC overrides the template's type",
        "a chosen type turns right sizing off"),
    ROW("Q19", q19, "Stuck jobs are ended after about a day",
        "default deadlines of waves"),
    ROW("Q20", q20,
        "After a failback new source servers appear in direction FAILBACK",
        "they are kept apart in the inventory"),
    ROW("W1", identity, "The credentials are those of the account",
        "nothing is launched in another account"),
    ROW("W2", enums, "Every enumeration has the known values",
        "an unknown value is shown as it is, and counts as not healthy"),
    ROW("W3", times, "Times are ISO 8601 with a zone, durations ISO 8601",
        "lags, ages, order of events"),
    ROW("W4", ids, "A recovery instance has the id of its EC2 instance",
        "enrichment, terminating"),
    ROW("W5", filters, "Lists narrowed to a server show only this server",
        "looking for instances of a launch"),
    ROW("W6", unknown_id,
        "An unknown server is an empty list, or ResourceNotFoundException",
        "servers that were deleted"),
    ROW("W7", log_order, "New entries of a job log come last",
        "each entry is passed on once"),
    ROW("W8", template,
        "$Default gives the default version, its first interface has index 0",
        "launch settings"),
    ROW("W9", dry_run, "DryRun is answered with DryRunOperation, HTTP 412",
        "this check"),
    ROW("W10", quotas, "The quotas of DRS have the documented values",
        "sizes of jobs, waiting for capacity"),
    ROW("W11", tags, "ListTagsForResource shows the tags of the list",
        "tag synchronisation, signatures of paths"),
    ROW("W12", staging, "ListStagingAccounts is asked by GET",
        "staging accounts"),
    ROW("W13", missing_instance, "EC2 names the instances it does not know",
        "enrichment after instances are gone"),
    ROW("P1", listing, "An accepted job is listed within listing_lag",
        "windows of the launch protocol"),
    ROW("P2", signature,
        "A request signed longer ago than signature_validity is refused",
        "windows of the launch protocol")
};

const size_t drsw_contact_n_rows =
    sizeof(drsw_contact_rows) / sizeof(drsw_contact_rows[0]);


static const char *const drsw_contact_verdicts[] = { "held", "did not hold",
                                                     "not tested" };


/* -- report ------------------------------------------------------------------- */

/* Texts may have been cut inside a character. */

static json_t *
drsw_contact_text(const char *s)
{
    size_t len;

    len = strlen(s);

    while (!drs_utf8_valid(drs_strn(s, len))) {
        len--;
    }

    return json_stringn(s, len);
}


static json_t *
drsw_contact_row_json(const drsw_contact_row_t     *row,
                      const drsw_contact_finding_t *f)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s*}", "id", row->id,
                     "question", row->question, "matters", row->matters,
                     "verdict", drsw_contact_verdicts[f->verdict], "asked",
                     f->asked, f->verdict == DRSW_CONTACT_OPEN ? "why" : "seen",
                     drsw_contact_text(f->text), "missingPermission",
                     f->missing[0] != '\0' ? f->missing : NULL);
}


static void
drsw_contact_lines(const char *label, const json_t *v)
{
    if (json_is_string(v) && json_string_length(v) > 0) {
        (void) printf("      %-8s %s\n", label, json_string_value(v));
    }
}


static void
drsw_contact_print(const json_t *report)
{
    size_t        i;
    json_t       *row;
    const json_t *n;

    (void) printf("account %s, Region %s, as %s\n\n",
                  json_string_value(json_object_get(report, "account")),
                  json_string_value(json_object_get(report, "region")),
                  json_string_value(json_object_get(report, "arn")));

    json_array_foreach (json_object_get(report, "assumptions"), i, row) {
        (void) printf("%-5s %-13s %s\n",
                      json_string_value(json_object_get(row, "id")),
                      json_string_value(json_object_get(row, "verdict")),
                      json_string_value(json_object_get(row, "question")));
        drsw_contact_lines("asked:", json_object_get(row, "asked"));
        drsw_contact_lines("seen:", json_object_get(row, "seen"));
        drsw_contact_lines("why:", json_object_get(row, "why"));
        drsw_contact_lines("missing:",
                           json_object_get(row, "missingPermission"));

        if (json_object_get(row, "seen") != NULL
            && strcmp(json_string_value(json_object_get(row, "verdict")),
                      "held")
                   != 0)
        {
            drsw_contact_lines("matters:", json_object_get(row, "matters"));
        }
    }

    (void) printf("\npermissions\n");

    json_array_foreach (json_object_get(report, "permissions"), i, row) {
        (void) printf("%-8s %-40s %s\n",
                      json_string_value(json_object_get(row, "status")),
                      json_string_value(json_object_get(row, "action")),
                      json_string_value(json_object_get(row, "neededFor")));
    }

    n = json_object_get(report, "summary");
    (void) printf(
        "\n%lld held, %lld did not hold, %lld not tested; %lld calls, "
        "none of which changes anything\n",
        (long long) drs_json_int(n, "held", 0),
        (long long) drs_json_int(n, "didNotHold", 0),
        (long long) drs_json_int(n, "notTested", 0),
        (long long) drs_json_int(report, "calls", 0));
}


/* -- run ------------------------------------------------------------------------ */

static json_t *
drsw_contact_run(drsw_contact_t *a)
{
    char                   at[DRS_TIME_ISO_SIZE];
    size_t                 i;
    json_t                *rows;
    unsigned               n[3];
    drsw_contact_finding_t f;

    rows = json_array();
    memset(n, 0, sizeof(n));
    drsw_contact_read(a);

    for (i = 0; i < drsw_contact_n_rows; i++) {
        if (i + 1 == drsw_contact_n_rows) {
            drsw_contact_simulate(a); /* what no call has shown */
        }

        memset(&f, 0, sizeof(f));
        drsw_contact_rows[i].test(a, &f);
        n[f.verdict]++;
        (void) json_array_append_new(
            rows, drsw_contact_row_json(&drsw_contact_rows[i], &f));
    }

    (void) drs_time_iso_s(at, a->now_s);

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:{s:i, s:i, s:i}}",
        "version", DRS_VERSION, "time", at, "account", a->account, "region",
        a->ctx.region, "arn", a->arn, "calls", (json_int_t) a->calls,
        "assumptions", rows, "permissions", drsw_contact_permissions(a),
        "summary", "held", (int) n[DRSW_CONTACT_HELD], "didNotHold",
        (int) n[DRSW_CONTACT_BROKEN], "notTested", (int) n[DRSW_CONTACT_OPEN]);
}


/* Who the credentials of the context are. */

static int
drsw_contact_whoami(drsw_contact_t *a)
{
    json_t           *id;
    drsw_aws_result_t res;

    if (drsw_contact_call(a, NULL, "sts", "GetCallerIdentity", json_object(),
                          false, &id, &res)
        != DRSW_AWS_OK)
    {
        (void) fprintf(stderr, "drs-worker: cannot ask AWS: %s: %s\n", res.code,
                       res.message);
        return DRS_DECLINED;
    }

    (void) snprintf(a->account, sizeof(a->account), "%.*s",
                    DRS_STR_ARG(drs_json_field(id, "Account")));
    (void) snprintf(a->arn, sizeof(a->arn), "%.*s",
                    DRS_STR_ARG(drs_json_field(id, "Arn")));
    json_decref(id);

    return DRS_OK;
}


/* As the hub first: it decides whether a role is needed. */

static int
drsw_contact_become(drsw_contact_t *a, drsw_contact_options_t *o)
{
    const char *partition;

    if (drsw_contact_whoami(a) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (o->role_arn == NULL
        && (o->account == NULL || strcmp(o->account, a->account) == 0))
    {
        a->ctx.account = o->account;
        return DRS_OK;
    }

    partition = drsw_aws_partition(a->ctx.region);

    if (o->role_arn == NULL) {
        (void) snprintf(o->role, sizeof(o->role), "arn:%s:iam::%s:role/%s",
                        partition != NULL ? partition : "aws", o->account,
                        a->conf->role_name);
        o->role_arn = o->role;
    }

    a->ctx.role_arn = o->role_arn;
    a->ctx.account = o->account;
    a->ctx.session_name = a->conf->session_name;
    a->ctx.external_id = o->external_id != NULL ? o->external_id
                         : a->conf->external_id[0] != '\0'
                             ? a->conf->external_id
                             : NULL;

    return drsw_contact_whoami(a);
}


/* -- command line ----------------------------------------------------------------- */

static int
drsw_contact_number(const char *s, int max, int *out)
{
    int64_t v;

    if (drs_str_i64(drs_str(s), &v) != DRS_OK || v < 1 || v > max) {
        return DRS_DECLINED;
    }

    *out = (int) v;

    return DRS_OK;
}


static int
drsw_contact_parse(drsw_contact_options_t *o, int argc, char **argv)
{
    int opt, rc;

    static const struct option options[] = {
        { "region", required_argument, NULL, 'r' },
        { "account", required_argument, NULL, 'a' },
        { "role-arn", required_argument, NULL, 'R' },
        { "external-id", required_argument, NULL, 'e' },
        { "sample", required_argument, NULL, 's' },
        { "days", required_argument, NULL, 'd' },
        { "output", required_argument, NULL, 'o' },
        { NULL, 0, NULL, 0 }
    };

    optind = 0; /* begin anew */
    rc = DRS_OK;

    while (rc == DRS_OK
           && (opt = getopt_long(argc, argv, "+", options, NULL)) != -1)
    {
        switch (opt) {
        case 'r':
            o->region = optarg;
            break;

        case 'a':
            o->account = optarg;
            rc = drs_id_is_account(drs_str(optarg)) ? DRS_OK : DRS_DECLINED;
            break;

        case 'R':
            o->role_arn = optarg;
            rc = drs_id_role_arn(drs_str(optarg), NULL, NULL) ? DRS_OK
                                                              : DRS_DECLINED;
            break;

        case 'e':
            o->external_id = optarg;
            rc = drs_id_is_external_id(drs_str(optarg)) ? DRS_OK : DRS_DECLINED;
            break;

        case 's':
            rc = drsw_contact_number(optarg, DRSW_CONTACT_SAMPLE_MAX,
                                     &o->sample);
            break;

        case 'd':
            rc = drsw_contact_number(optarg, DRSW_CONTACT_DAYS_MAX, &o->days);
            break;

        case 'o':
            o->json = strcmp(optarg, "json") == 0;
            rc =
                o->json || strcmp(optarg, "table") == 0 ? DRS_OK : DRS_DECLINED;
            break;

        default:
            rc = DRS_DECLINED;
            break;
        }
    }

    if (rc != DRS_OK || optind < argc || !drs_id_is_region(drs_str(o->region)))
    {
        (void) fputs(drsw_contact_usage, stderr);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


static drsw_aws_shared_t *
drsw_contact_client(const drsw_config_t *conf)
{
    char               err[256];
    drsw_aws_config_t  c;
    drsw_aws_shared_t *sh;

    memset(&c, 0, sizeof(c));
    c.endpoint_url = conf->aws_endpoint_url[0] ? conf->aws_endpoint_url : NULL;
    c.ca_bundle = conf->aws_ca_bundle[0] ? conf->aws_ca_bundle : NULL;
    c.region = conf->region;
    c.profile = conf->aws_profile[0] ? conf->aws_profile : NULL;
    c.user_agent = "drs-orchestrator/" DRS_VERSION;
    c.connect_timeout_ms = conf->aws_connect_timeout_ms;
    c.read_timeout_ms = conf->aws_read_timeout_ms;
    c.budget_scale =
        (double) conf->aws_budget_percent / 100 * (double) conf->time_scale;

    sh = drsw_aws_shared_create(&c, err, sizeof(err));

    if (sh == NULL) {
        (void) fprintf(stderr, "drs-worker: AWS client: %s\n", err);
    }

    return sh;
}


static int
drsw_contact_report(drsw_contact_t *a, const drsw_contact_options_t *o)
{
    int     broken;
    json_t *report;

    report = drsw_contact_run(a);
    if (report == NULL) {
        return 1;
    }

    broken =
        drs_json_int(json_object_get(report, "summary"), "didNotHold", 0) > 0;

    if (o->json) {
        (void) json_dumpf(report, stdout, JSON_INDENT(2));
        (void) putchar('\n');
    } else {
        drsw_contact_print(report);
    }

    json_decref(report);

    return broken ? 3 : 0;
}


int
drsw_contact_main(const drsw_config_t *conf, int argc, char **argv)
{
    int                    code;
    drsw_contact_t         a;
    drsw_aws_shared_t     *sh;
    drsw_contact_options_t o;

    memset(&o, 0, sizeof(o));
    o.region = conf->region;
    o.sample = DRSW_CONTACT_SAMPLE;
    o.days = DRSW_CONTACT_DAYS;

    if (drsw_contact_parse(&o, argc, argv) != DRS_OK) {
        return 2;
    }

    memset(&a, 0, sizeof(a));
    a.conf = conf;
    a.sample = o.sample;
    a.days = o.days;
    a.now_s = (int64_t) time(NULL);
    a.ctx.region = o.region;
    a.permissions = json_object();
    code = 1;

    if (drsw_aws_global_init() != 0) {
        return 1;
    }

    sh = drsw_contact_client(conf);

    if (sh != NULL) {
        a.aws = drsw_aws_create(sh);

        if (a.aws != NULL && drsw_contact_become(&a, &o) == DRS_OK) {
            code = drsw_contact_report(&a, &o);
        }

        drsw_contact_forget(&a);
        drsw_aws_destroy(a.aws);
        drsw_aws_shared_destroy(sh);
    } else {
        json_decref(a.permissions);
    }

    drsw_aws_global_cleanup();

    return code;
}
