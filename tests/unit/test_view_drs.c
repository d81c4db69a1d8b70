/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs, replication and inventory filters; rows of recovery instances;
 * requests of EX3 and DRS9.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drs_json.h"
#include "drs_model_exec_req.h"
#include "drs_rc.h"
#include "drs_view_drs.h"
#include "drs_view_instances.h"


static json_t *
json(const char *text)
{
    json_t *v;

    v = drs_json_parse(drs_str(text), &drs_json_store_limits, NULL);
    assert_non_null(v);

    return v;
}


/* The value is what the text says. */
static void
is(json_t *v, const char *text)
{
    json_t *want;

    want = json(text);

    if (!drs_json_equal(v, want)) {
        print_message("%s\n", json_dumps(v, JSON_INDENT(1)));
    }

    assert_true(drs_json_equal(v, want));
    json_decref(want);
    json_decref(v);
}


static void
a_job_names_its_execution(void **state)
{
    json_t *job, *link;

    (void) state;

    job = json("{\"jobID\":\"drsjob-1\",\"type\":\"LAUNCH\",\"status\":"
               "\"STARTED\",\"initiatedBy\":\"START_DRILL\","
               "\"creationDateTime\":\"2026-01-01T00:00:00Z\","
               "\"participatingServers\":[{\"sourceServerID\":\"s-1\","
               "\"launchStatus\":\"PENDING\"}]}");
    link = json("{\"executionId\":\"e\",\"planId\":\"p\",\"unitId\":"
                "\"2-0\"}");
    is(drs_view_drs_job(job, drs_str("1"), drs_str("r"), link),
       "{\"jobId\":\"drsjob-1\",\"type\":\"LAUNCH\",\"initiatedBy\":"
       "\"START_DRILL\",\"status\":\"STARTED\",\"region\":\"r\","
       "\"accountId\":\"1\",\"creationDateTime\":\"2026-01-01T00:00:00Z\","
       "\"serverCount\":1,\"participatingServers\":[{\"sourceServerId\":"
       "\"s-1\",\"launchStatus\":\"PENDING\"}],\"executionId\":\"e\","
       "\"planId\":\"p\",\"waveNumber\":2}");

    assert_true(drs_view_drs_job_matches(job, drs_str("launch"), drs_str("")));
    assert_false(
        drs_view_drs_job_matches(job, drs_str("TERMINATE"), drs_str("")));
    assert_false(
        drs_view_drs_job_matches(job, drs_str(""), drs_str("COMPLETED")));
    json_decref(job);
    json_decref(link);
}


static void
jobs_come_newest_first(void **state)
{
    json_t *jobs;

    (void) state;

    jobs = json("[{\"jobId\":\"a\",\"creationDateTime\":\"2026-01-01\"},"
                "{\"jobId\":\"b\",\"creationDateTime\":\"2026-01-03\"},"
                "{\"jobId\":\"c\",\"creationDateTime\":\"2026-01-02\"}]");
    is(drs_view_drs_jobs_sorted(jobs),
       "[{\"jobId\":\"b\",\"creationDateTime\":\"2026-01-03\"},"
       "{\"jobId\":\"c\",\"creationDateTime\":\"2026-01-02\"},"
       "{\"jobId\":\"a\",\"creationDateTime\":\"2026-01-01\"}]");
    json_decref(jobs);
}


static void
replication_in_order_of_ids(void **state)
{
    json_t *list, *sorted;

    (void) state;
    list = json_pack("[{s:s}, {s:s}, {s:s}]", "sourceServerID", "s-2",
                     "sourceServerID", "s-3", "sourceServerID", "s-1");
    sorted = drs_view_drs_replication_sorted(list);
    is(sorted, "[{\"sourceServerID\":\"s-1\"},{\"sourceServerID\":\"s-2\"},"
               "{\"sourceServerID\":\"s-3\"}]");
    json_decref(list);
}


static void
replication_sums_the_disks(void **state)
{
    json_t *server;

    (void) state;

    server = json("{\"sourceServerID\":\"s-1\",\"dataReplicationInfo\":"
                  "{\"dataReplicationState\":\"STALLED\",\"lagDuration\":"
                  "\"PT5M\",\"dataReplicationError\":{\"error\":"
                  "\"AGENT_NOT_SEEN\"},\"replicatedDisks\":["
                  "{\"backloggedStorageBytes\":1,\"replicatedStorageBytes\":"
                  "2,\"totalStorageBytes\":3},{\"backloggedStorageBytes\":10,"
                  "\"replicatedStorageBytes\":20,\"totalStorageBytes\":30}"
                  "]}}");
    is(drs_view_drs_replication(server),
       "{\"sourceServerID\":\"s-1\",\"hostname\":\"\",\"state\":\"STALLED\","
       "\"replicationState\":\"STALLED\",\"lagDuration\":\"PT5M\","
       "\"backloggedStorageBytes\":11,\"replicatedStorageBytes\":22,"
       "\"totalStorageBytes\":33,\"lastSeen\":\"\",\"stalledReason\":"
       "\"AGENT_NOT_SEEN\"}");
    json_decref(server);
}


static void
inventory_filters(void **state)
{
    size_t                 i;
    json_t                *doc, *server;
    drs_inventory_filter_t f;

    static const char *const pass[] = {
        "",
        "{}",
        "{\"hostname\":\"h\"}",
        "{\"sourceAccountId\":\"1\"}",
        "{\"stagingAccountId\":\"9\"}",
        "{\"minCpuCores\":4}",
        "{\"minRamBytes\":8,\"replicationState\":\"CONTINUOUS\"}"
    };
    static const char *const fail[] = {
        "{\"hostname\":\"x\"}",         "{\"sourceAccountId\":\"9\"}",
        "{\"stagingAccountId\":\"1\"}", "{\"minCpuCores\":5}",
        "{\"minRamBytes\":9}",          "{\"replicationState\":\"STALLED\"}"
    };
    static const char *const bad[] = { "x",
                                       "[]",
                                       "1",
                                       "{\"hostname\":1}",
                                       "{\"minCpuCores\":\"4\"}",
                                       "{\"minRamBytes\":-1}" };

    (void) state;

    server = json("{\"hostname\":\"h\",\"replicationState\":\"CONTINUOUS\","
                  "\"stagingAccountId\":\"9\",\"hardware\":{\"totalCores\":4,"
                  "\"ramBytes\":8}}");

    for (i = 0; i < sizeof(pass) / sizeof(pass[0]); i++) {
        memset(&f, 0, sizeof(f));
        assert_int_equal(drs_view_inventory_filter(drs_str(pass[i]), &f, &doc),
                         DRS_OK);
        assert_true(drs_view_inventory_matches(&f, server, drs_str("1")));
        json_decref(doc);
    }

    for (i = 0; i < sizeof(fail) / sizeof(fail[0]); i++) {
        memset(&f, 0, sizeof(f));
        assert_int_equal(drs_view_inventory_filter(drs_str(fail[i]), &f, &doc),
                         DRS_OK);
        assert_false(drs_view_inventory_matches(&f, server, drs_str("1")));
        json_decref(doc);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&f, 0, sizeof(f));
        assert_int_equal(drs_view_inventory_filter(drs_str(bad[i]), &f, &doc),
                         DRS_DECLINED);
        json_decref(doc);
    }

    json_decref(server);
}


static void
an_instance_in_both_views(void **state)
{
    json_t        *item, *ec2, *row;
    drs_instance_t in;

    (void) state;

    item = json("{\"recoveryInstanceID\":\"i-1\",\"ec2InstanceID\":\"i-1\","
                "\"sourceServerID\":\"s-1\",\"ec2InstanceState\":\"RUNNING\","
                "\"isDrill\":true,\"jobID\":\"drsjob-1\"}");
    ec2 = json("{\"PrivateIpAddress\":\"10.0.0.1\",\"InstanceType\":"
               "\"m5.large\",\"LaunchTime\":\"2026-01-01T00:00:00Z\","
               "\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"}]}");
    memset(&in, 0, sizeof(in));
    in.item = item;
    in.ec2 = ec2;
    in.account = drs_str("1");
    in.region = drs_str("r");
    in.execution = drs_str("e");
    in.plan_name = drs_str("P");
    row = drs_view_instance_row(&in);
    assert_true(drs_view_instance_alive(row));

    is(drs_view_instance_failover(row),
       "{\"recoveryInstanceId\":\"i-1\",\"ec2InstanceId\":\"i-1\","
       "\"sourceServerId\":\"s-1\",\"region\":\"r\",\"accountId\":\"1\","
       "\"ec2InstanceState\":\"RUNNING\",\"launchTime\":"
       "\"2026-01-01T00:00:00Z\",\"isDrill\":true,\"jobId\":\"drsjob-1\","
       "\"sourceExecutionId\":\"e\",\"sourcePlanName\":\"P\"}");
    is(drs_view_instance_existing(row),
       "{\"sourceServerId\":\"s-1\",\"recoveryInstanceId\":\"i-1\","
       "\"ec2InstanceId\":\"i-1\",\"ec2InstanceState\":\"RUNNING\","
       "\"name\":\"n\",\"privateIp\":\"10.0.0.1\",\"instanceType\":"
       "\"m5.large\",\"launchTime\":\"2026-01-01T00:00:00Z\",\"region\":"
       "\"r\",\"accountId\":\"1\",\"isDrill\":true,\"sourceExecutionId\":"
       "\"e\",\"sourcePlanName\":\"P\"}");
    json_decref(row);

    (void) drs_json_set_str(item, "ec2InstanceState", drs_str("TERMINATED"));
    in.ec2 = NULL;
    in.execution = in.plan_name = drs_str("");
    row = drs_view_instance_row(&in);
    assert_false(drs_view_instance_alive(row));
    assert_null(json_object_get(row, "sourceExecutionId"));
    assert_null(json_object_get(row, "privateIp"));
    json_decref(row);
    json_decref(item);
    json_decref(ec2);
}


static drs_err_t
delete_of(drs_exec_delete_form_t form, const char *ids, const char *body,
          const char *want)
{
    json_t           *b, *out;
    drs_err_t         err;
    drs_exec_delete_t in;
    drs_model_error_t e;

    memset(&in, 0, sizeof(in));
    in.form = form;
    in.ids = drs_str(ids);
    b = body != NULL ? json(body) : NULL;
    in.body = b;
    drs_model_error_init(&e);

    if (drs_model_exec_delete(&e, &in, &out) == DRS_OK) {
        assert_non_null(want);
        is(out, want);
    }

    err = e.err;
    drs_model_error_free(&e);
    json_decref(b);

    return err;
}


static void
four_forms_of_a_deletion(void **state)
{
    (void) state;

    assert_int_equal(
        delete_of(DRS_EXEC_DELETE_ANY, NULL, NULL, "{\"force\":false}"),
        DRS_ERR_NONE);
    assert_int_equal(
        delete_of(DRS_EXEC_DELETE_ENDED, "a", NULL, "{\"force\":false}"),
        DRS_ERR_NONE);
    assert_int_equal(delete_of(DRS_EXEC_DELETE_ANY, "a, b,a,", NULL,
                               "{\"executionIds\":[\"a\",\"b\"],\"force\":"
                               "false}"),
                     DRS_ERR_NONE);
    assert_int_equal(delete_of(DRS_EXEC_DELETE_ANY, NULL,
                               "{\"executionIds\":[\"c\"],\"force\":true}",
                               "{\"executionIds\":[\"c\"],\"force\":true}"),
                     DRS_ERR_NONE);
    assert_int_equal(delete_of(DRS_EXEC_DELETE_ANY, "", NULL, NULL),
                     DRS_ERR_MISSING_EXECUTION_IDS);
    assert_int_equal(delete_of(DRS_EXEC_DELETE_IDS, NULL, "{}", NULL),
                     DRS_ERR_MISSING_EXECUTION_IDS);
    assert_int_equal(
        delete_of(DRS_EXEC_DELETE_ANY, NULL, "{\"executionIds\":[]}", NULL),
        DRS_ERR_MISSING_EXECUTION_IDS);
    assert_int_equal(
        delete_of(DRS_EXEC_DELETE_ANY, NULL, "{\"executionIds\":[1]}", NULL),
        DRS_ERR_INVALID_PARAMETER);
}


static void
a_start_outside_of_plans(void **state)
{
    size_t            i;
    json_t           *body, *out;
    drs_model_env_t   env;
    drs_model_error_t e;

    static const struct {
        const char *body;
        drs_err_t   err;
    } bad[] = { { "{\"region\":\"us-east-1\"}", DRS_ERR_MISSING_FIELD },
                { "{\"region\":\"us-east-1\",\"sourceServerIds\":[]}",
                  DRS_ERR_INVALID_PARAMETER },
                { "{\"region\":\"us-east-1\",\"sourceServerIds\":[\"x\"]}",
                  DRS_ERR_INVALID_PARAMETER },
                { "{\"sourceServerIds\":[\"s-0000000000000000a\"]}",
                  DRS_ERR_MISSING_REGION },
                { "{\"sourceServerIds\":[\"s-0000000000000000a\"],\"region\":"
                  "\"us-east-1\",\"allowDegraded\":true}",
                  DRS_ERR_MISSING_FIELD_PARAMETER } };

    (void) state;

    memset(&env, 0, sizeof(env));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        drs_model_error_init(&e);
        body = json(bad[i].body);
        assert_int_equal(drs_model_drs_start(&e, body, &env, &out),
                         DRS_DECLINED);
        assert_int_equal(e.err, bad[i].err);
        drs_model_error_free(&e);
        json_decref(body);
    }

    drs_model_error_init(&e);
    body = json("{\"sourceServerIds\":[\"s-0000000000000000a\","
                "\"s-0000000000000000a\"],\"region\":\"us-east-1\"}");
    assert_int_equal(drs_model_drs_start(&e, body, &env, &out), DRS_OK);
    is(out, "{\"allowDegraded\":false,\"allowUnknownLimits\":false,"
            "\"sourceServerIds\":[\"s-0000000000000000a\"],\"region\":"
            "\"us-east-1\",\"isDrill\":true,\"confirmReplaceExisting\":"
            "false}");
    drs_model_error_free(&e);
    json_decref(body);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_names_its_execution),
        cmocka_unit_test(jobs_come_newest_first),
        cmocka_unit_test(replication_in_order_of_ids),
        cmocka_unit_test(replication_sums_the_disks),
        cmocka_unit_test(inventory_filters),
        cmocka_unit_test(an_instance_in_both_views),
        cmocka_unit_test(four_forms_of_a_deletion),
        cmocka_unit_test(a_start_outside_of_plans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
