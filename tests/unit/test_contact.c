
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts of first contact over answers that are made up here.
 */

#include "model_help.h"

#include "drsw_contact.h"


#define NOW 1800000000


static void
begin(drsw_contact_t *a)
{
    int i;

    memset(a, 0, sizeof(*a));
    a->now_s = NOW;
    a->days = 90;
    a->sample = 20;
    a->ctx.region = "us-east-1";
    a->permissions = json_object();

    for (i = 0; i < DRSW_CONTACT_DATA_N; i++) {
        a->data[i].call = "drs:Something";
    }
}


/* Verdict of one check; data with ' for ". */

static drsw_contact_verdict_e
verdict(void (*test)(drsw_contact_t *a, drsw_contact_finding_t *f),
        drsw_contact_data_e kind, const char *data, drsw_contact_data_e kind2,
        const char *data2)
{
    drsw_contact_t         a;
    drsw_contact_finding_t f;

    begin(&a);
    a.data[kind].v = J(data);

    if (data2 != NULL) {
        a.data[kind2].v = J(data2);
    }

    memset(&f, 0, sizeof(f));
    f.verdict = (drsw_contact_verdict_e) 99;
    test(&a, &f);
    assert_true(f.text[0] != '\0');
    drsw_contact_forget(&a);

    return f.verdict;
}

#define JOBS(name, data)                                                       \
    verdict(drsw_contact_##name, DRSW_CONTACT_JOBS, data, 0, NULL)
#define WITH_LOGS(name, jobs, logs)                                            \
    verdict(drsw_contact_##name, DRSW_CONTACT_JOBS, jobs, DRSW_CONTACT_LOGS,   \
            logs)
#define SERVERS(name, data)                                                    \
    verdict(drsw_contact_##name, DRSW_CONTACT_SERVERS, data, 0, NULL)


#define JOB(id, status, more)                                                  \
    "{'jobID':'" id "','type':'LAUNCH','status':'" status                      \
    "','creationDateTime':'2027-01-01T00:00:00Z'," more "}"
#define PART(status, more)                                                     \
    "'participatingServers':[{'sourceServerID':'" S1                           \
    "','launchStatus':'" status "'" more "}]"


static void
jobs_that_ended(void **state)
{
    (void) state;

    assert_int_equal(JOBS(q1, "[]"), DRSW_CONTACT_OPEN);
    assert_int_equal(
        JOBS(q1, "[" JOB("a", "COMPLETED", PART("LAUNCHED", "")) "]"),
        DRSW_CONTACT_HELD);
    assert_int_equal(
        JOBS(q1, "[" JOB("a", "COMPLETED",
                         PART("LAUNCHED", ",'recoveryInstanceID':'i-1'")) "]"),
        DRSW_CONTACT_BROKEN);
    assert_int_equal(
        JOBS(q1, "[" JOB("a", "STARTED",
                         PART("LAUNCHED", ",'recoveryInstanceID':'i-1'")) "]"),
        DRSW_CONTACT_OPEN);
    assert_int_equal(JOBS(q1, "[{'type':'TERMINATE','status':'COMPLETED',"
                              "'participatingServers':[]}]"),
                     DRSW_CONTACT_HELD);

    assert_int_equal(
        JOBS(q3, "[" JOB("a", "COMPLETED", PART("LAUNCHED", "")) "]"),
        DRSW_CONTACT_OPEN);
    assert_int_equal(
        JOBS(q3, "[" JOB("a", "COMPLETED", PART("FAILED", "")) "]"),
        DRSW_CONTACT_HELD);
    assert_int_equal(JOBS(q3, "[" JOB("a", "FAILED", PART("FAILED", "")) "]"),
                     DRSW_CONTACT_BROKEN);
}


static void
jobs_that_run(void **state)
{
    static const char before[] = "{'a':[{'event':'SNAPSHOT_START'}]}";
    static const char after[] = "{'a':[{'event':'LAUNCH_START'}]}";

    (void) state;

    assert_int_equal(
        WITH_LOGS(q2, "[" JOB("a", "STARTED", PART("PENDING", "")) "]", before),
        DRSW_CONTACT_HELD);
    assert_int_equal(
        WITH_LOGS(q2, "[" JOB("a", "STARTED", PART("IN_PROGRESS", "")) "]",
                  before),
        DRSW_CONTACT_BROKEN);
    assert_int_equal(
        WITH_LOGS(q2, "[" JOB("a", "STARTED", PART("IN_PROGRESS", "")) "]",
                  after),
        DRSW_CONTACT_OPEN);
}


static void
logs_of_jobs(void **state)
{
    static const char tagged[] =
        "[" JOB("a", "COMPLETED", "'tags':{'k':'v'}") "]";

    (void) state;

    assert_int_equal(WITH_LOGS(q7, tagged, "{'a':[{'event':'JOB_END'}]}"),
                     DRSW_CONTACT_HELD);
    assert_int_equal(
        WITH_LOGS(q7, tagged, "{'a':[{'event':'CONVERSION_START'}]}"),
        DRSW_CONTACT_BROKEN);
    assert_int_equal(WITH_LOGS(q7, "[" JOB("a", "COMPLETED", "'tags':{}") "]",
                               "{'a':[{'event':'CONVERSION_START'}]}"),
                     DRSW_CONTACT_OPEN);

    assert_int_equal(WITH_LOGS(log_order, "[]",
                               "{'a':[{'logDateTime':'2027-01-01T00:00:00Z'},"
                               "{'logDateTime':'2027-01-01T00:00:05Z'}]}"),
                     DRSW_CONTACT_HELD);
    assert_int_equal(WITH_LOGS(log_order, "[]",
                               "{'a':[{'logDateTime':'2027-01-01T00:00:05Z'},"
                               "{'logDateTime':'2027-01-01T00:00:00Z'}]}"),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(WITH_LOGS(log_order, "[]", "{'a':[]}"), DRSW_CONTACT_OPEN);

    assert_int_equal(
        verdict(drsw_contact_q6, DRSW_CONTACT_INSTANCES,
                "[{'sourceServerID':'x','ec2InstanceState':'RUNNING'},"
                "{'sourceServerID':'x','ec2InstanceState':'STOPPED'}]",
                DRSW_CONTACT_LOGS, "{}"),
        DRSW_CONTACT_BROKEN);
    assert_int_equal(
        verdict(drsw_contact_q6, DRSW_CONTACT_INSTANCES,
                "[{'sourceServerID':'x','ec2InstanceState':'RUNNING'},"
                "{'sourceServerID':'x','ec2InstanceState':'TERMINATED'}]",
                DRSW_CONTACT_LOGS, "{}"),
        DRSW_CONTACT_OPEN);
}


static void
order_and_length(void **state)
{
    static const char two[] = "[{'creationDateTime':'2027-01-03T00:00:00Z',"
                              "'endDateTime':'2027-01-03T01:00:00Z'},"
                              "{'creationDateTime':'2027-01-02T00:00:00Z'}]";
    static const char back[] = "[{'creationDateTime':'2027-01-02T00:00:00Z'},"
                               "{'creationDateTime':'2027-01-03T00:00:00Z'}]";

    (void) state;

    assert_int_equal(JOBS(q14, two), DRSW_CONTACT_HELD);
    assert_int_equal(JOBS(q14, back), DRSW_CONTACT_BROKEN);
    assert_int_equal(JOBS(q14, "[]"), DRSW_CONTACT_OPEN);
    assert_int_equal(JOBS(q14, "[{'creationDateTime':'2020-01-02T00:00:00Z'}]"),
                     DRSW_CONTACT_BROKEN);

    assert_int_equal(JOBS(q19, two), DRSW_CONTACT_OPEN);
    assert_int_equal(JOBS(q19, "[{'creationDateTime':'2027-01-01T00:00:00Z',"
                               "'endDateTime':'2027-01-01T23:30:00Z'}]"),
                     DRSW_CONTACT_HELD);
    assert_int_equal(JOBS(q19, "[{'creationDateTime':'2027-01-01T00:00:00Z',"
                               "'endDateTime':'2027-01-03T00:00:00Z'}]"),
                     DRSW_CONTACT_BROKEN);

    assert_int_equal(
        verdict(drsw_contact_q5, DRSW_CONTACT_QUOTAS,
                "[{'QuotaCode':'L-DD6D028C','Value':1.0}]", DRSW_CONTACT_JOBS,
                "[{'type':'LAUNCH','creationDateTime':'2027-01-01T00:00:00Z',"
                "'endDateTime':'2027-01-01T02:00:00Z','participatingServers':"
                "[{'sourceServerID':'x'}]},{'type':'LAUNCH',"
                "'creationDateTime':'2027-01-01T01:00:00Z',"
                "'endDateTime':'2027-01-01T03:00:00Z','participatingServers':"
                "[{'sourceServerID':'x'}]}]"),
        DRSW_CONTACT_BROKEN);
    assert_int_equal(verdict(drsw_contact_q5, DRSW_CONTACT_QUOTAS,
                             "[{'QuotaCode':'L-DD6D028C','Value':2.0}]",
                             DRSW_CONTACT_JOBS, "[]"),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(verdict(drsw_contact_q5, DRSW_CONTACT_QUOTAS, "[]",
                             DRSW_CONTACT_JOBS, "[]"),
                     DRSW_CONTACT_OPEN);
}


#define STATE(s) "[{'dataReplicationInfo':{'dataReplicationState':'" s "'}}]"

static void
servers_and_values(void **state)
{
    (void) state;

    assert_int_equal(SERVERS(q11, STATE("CONTINUOUS")), DRSW_CONTACT_HELD);
    assert_int_equal(SERVERS(q11, STATE("CONTINUOUS_REPLICATION")),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(SERVERS(q11, STATE("STALLED")), DRSW_CONTACT_OPEN);
    assert_int_equal(SERVERS(enums, STATE("CONTINUOUS")), DRSW_CONTACT_HELD);
    assert_int_equal(SERVERS(enums, STATE("CONT")), DRSW_CONTACT_BROKEN);
    assert_int_equal(SERVERS(enums, "[]"), DRSW_CONTACT_OPEN);
    assert_int_equal(
        JOBS(enums, "[" JOB("a", "COMPLETED", PART("GONE", "")) "]"),
        DRSW_CONTACT_BROKEN);

    assert_int_equal(SERVERS(times, "[{'x':[{'aDateTime':"
                                    "'2027-01-01T00:00:00Z','lagDuration':"
                                    "'PT1M'}]}]"),
                     DRSW_CONTACT_HELD);
    assert_int_equal(SERVERS(times, "[{'aDateTime':'2027-01-01 at noon'}]"),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(SERVERS(times, "[{'lagDuration':'5 minutes'}]"),
                     DRSW_CONTACT_BROKEN);

    assert_int_equal(SERVERS(q20,
                             "[{'replicationDirection':'FAILBACK',"
                             "'reversedDirectionSourceServerArn':'arn:x'}]"),
                     DRSW_CONTACT_HELD);
    assert_int_equal(SERVERS(q20, "[{'replicationDirection':'FAILBACK'}]"),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(SERVERS(q20, "[{'replicationDirection':'FAILOVER'}]"),
                     DRSW_CONTACT_OPEN);

    assert_int_equal(verdict(drsw_contact_ids, DRSW_CONTACT_INSTANCES,
                             "[{'recoveryInstanceID':'i-1',"
                             "'ec2InstanceID':'i-1'}]",
                             0, NULL),
                     DRSW_CONTACT_HELD);
    assert_int_equal(verdict(drsw_contact_ids, DRSW_CONTACT_INSTANCES,
                             "[{'recoveryInstanceID':'i-1',"
                             "'ec2InstanceID':'i-2'}]",
                             0, NULL),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(verdict(drsw_contact_quotas, DRSW_CONTACT_QUOTAS,
                             "[{'QuotaCode':'L-B827C881','Value':100}]", 0,
                             NULL),
                     DRSW_CONTACT_HELD);
    assert_int_equal(verdict(drsw_contact_quotas, DRSW_CONTACT_QUOTAS,
                             "[{'QuotaCode':'L-B827C881','Value':200}]", 0,
                             NULL),
                     DRSW_CONTACT_BROKEN);
    assert_int_equal(verdict(drsw_contact_template, DRSW_CONTACT_TEMPLATES,
                             "[{'DefaultVersion':false,'VersionNumber':2}]", 0,
                             NULL),
                     DRSW_CONTACT_BROKEN);
}


static void
members_that_do_not_exist(void **state)
{
    drsw_contact_t         a;
    drsw_contact_finding_t f;

    (void) state;
    begin(&a);
    a.data[DRSW_CONTACT_SERVERS].v = J("[{'lifeCycle':{}}]");
    a.data[DRSW_CONTACT_INSTANCES].v = J("[{}]");
    a.data[DRSW_CONTACT_JOBS].v = J("[]");
    memset(&f, 0, sizeof(f));
    drsw_contact_q15(&a, &f);
    assert_int_equal(f.verdict, DRSW_CONTACT_HELD);

    json_object_set_new(json_array_get(a.data[DRSW_CONTACT_INSTANCES].v, 0),
                        "launchTime", json_string("2027-01-01T00:00:00Z"));
    drsw_contact_q15(&a, &f);
    assert_int_equal(f.verdict, DRSW_CONTACT_BROKEN);
    assert_string_equal(f.text, "launchTime exists");
    drsw_contact_forget(&a);
}


/* What could not be read is not judged, and a refusal names the permission. */

static void
unread_is_not_tested(void **state)
{
    size_t                 i;
    drsw_contact_t         a;
    drsw_contact_finding_t f;

    static void (*const tests[])(drsw_contact_t *, drsw_contact_finding_t *) = {
        drsw_contact_q1,      drsw_contact_q2,       drsw_contact_q3,
        drsw_contact_q5,      drsw_contact_q6,       drsw_contact_q7,
        drsw_contact_q9,      drsw_contact_q10,      drsw_contact_q11,
        drsw_contact_q13,     drsw_contact_q14,      drsw_contact_q15,
        drsw_contact_q16,     drsw_contact_q17,      drsw_contact_q18,
        drsw_contact_q19,     drsw_contact_q20,      drsw_contact_ids,
        drsw_contact_filters, drsw_contact_template, drsw_contact_dry_run,
        drsw_contact_quotas,  drsw_contact_tags,     drsw_contact_log_order
    };

    (void) state;
    begin(&a);

    for (i = 0; i < DRSW_CONTACT_DATA_N; i++) {
        a.data[i].res.class = DRSW_AWS_DENIED;
    }

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        memset(&f, 0, sizeof(f));
        tests[i](&a, &f);
        assert_int_equal(f.verdict, DRSW_CONTACT_OPEN);
        assert_string_equal(f.missing, "drs:Something");
    }

    assert_int_equal(a.calls, 0);
    drsw_contact_forget(&a);
}


/* Nothing that changes something leaves: there is not even a client here. */

static void
writes_are_refused(void **state)
{
    size_t            i;
    json_t           *out;
    drsw_contact_t    a;
    drsw_aws_result_t res;

    static const char *const ops[][3] = {
        { "drs", "StartRecovery", "{}" },
        { "drs", "StartRecovery", "{'DryRun':true}" },
        { "drs", "TerminateRecoveryInstances", "{}" },
        { "drs", "UpdateLaunchConfiguration", "{}" },
        { "drs", "TagResource", "{}" },
        { "drs", "CreateExtendedSourceServer", "{}" },
        { "ec2", "CreateLaunchTemplateVersion", "{}" },
        { "ec2", "CreateLaunchTemplateVersion", "{'DryRun':false}" },
        { "ec2", "ModifyLaunchTemplate", "{'DryRun':'true'}" },
        { "ec2", "DeleteLaunchTemplateVersions", "{}" },
        { "sns", "Publish", "{}" },
        { "ec2", "RunInstances", "{'DryRun':true}" },
        { "nobody", "Nothing", "{}" }
    };

    (void) state;
    begin(&a);

    for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        assert_int_equal(drsw_contact_call(&a, NULL, ops[i][0], ops[i][1],
                                           J(ops[i][2]), false, &out, &res),
                         DRSW_AWS_LOCAL);
        assert_string_equal(res.code, "LocalNotReadOnly");
        assert_null(out);
    }

    assert_int_equal(a.calls, 0);
    assert_int_equal(json_object_size(a.permissions), 0);
    drsw_contact_forget(&a);
}


static void
permissions_of_calls(void **state)
{
    size_t            i;
    json_t           *list, *row;
    drsw_contact_t    a;
    drsw_aws_result_t res;

    (void) state;
    begin(&a);
    memset(&res, 0, sizeof(res));

    res.class = DRSW_AWS_TRANSIENT;
    drsw_contact_permission(&a, "drs:DescribeJobs", &res);
    res.class = DRSW_AWS_DENIED;
    drsw_contact_permission(&a, "drs:DescribeJobs", &res);
    res.class = DRSW_AWS_VALIDATION;
    (void) strcpy(res.code, "DryRunOperation");
    drsw_contact_permission(&a, "ec2:ModifyLaunchTemplate", &res);

    list = drsw_contact_permissions(&a);

    json_array_foreach (list, i, row) {
        const char *action, *status;

        action = json_string_value(json_object_get(row, "action"));
        status = json_string_value(json_object_get(row, "status"));

        if (strcmp(action, "drs:DescribeJobs") == 0) {
            assert_string_equal(status, "denied");
        } else if (strcmp(action, "ec2:ModifyLaunchTemplate") == 0) {
            assert_string_equal(status, "allowed");
        } else {
            assert_string_equal(status, "unknown");
        }
    }

    assert_true(i > 40);
    json_decref(list);
    drsw_contact_forget(&a);
}


/* Every row has an id of its own and says what stands on it. */

static void
rows_are_whole(void **state)
{
    size_t i, k;

    (void) state;
    assert_int_equal(drsw_contact_n_rows, 35);

    for (i = 0; i < drsw_contact_n_rows; i++) {
        assert_true(drsw_contact_rows[i].question[0] != '\0');
        assert_true(drsw_contact_rows[i].matters[0] != '\0');

        for (k = 0; k < i; k++) {
            assert_string_not_equal(drsw_contact_rows[i].id,
                                    drsw_contact_rows[k].id);
            assert_true(drsw_contact_rows[i].test != drsw_contact_rows[k].test);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(jobs_that_ended),
                                        cmocka_unit_test(jobs_that_run),
                                        cmocka_unit_test(logs_of_jobs),
                                        cmocka_unit_test(order_and_length),
                                        cmocka_unit_test(servers_and_values),
                                        cmocka_unit_test(
                                            members_that_do_not_exist),
                                        cmocka_unit_test(unread_is_not_tested),
                                        cmocka_unit_test(writes_are_refused),
                                        cmocka_unit_test(permissions_of_calls),
                                        cmocka_unit_test(rows_are_whole) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
