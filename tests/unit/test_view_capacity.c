/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_view_capacity.h"


static void
servers_that_count(void **state)
{
    size_t  i;
    char    text[256];
    json_t *v;

    static const struct {
        const char *rep, *staging;
        int         counts;
    } rows[] = { { "CONTINUOUS", "222233334444", 1 },
                 { "INITIAL_SYNC", "", 1 },
                 { "RESCAN", "222233334444", 1 },
                 { "INITIATING", "222233334444", 1 },
                 { "CREATING_SNAPSHOT", "222233334444", 1 },
                 { "BACKLOG", "222233334444", 1 },
                 { "STOPPED", "222233334444", 0 },
                 { "PAUSED", "222233334444", 0 },
                 { "STALLED", "222233334444", 0 },
                 { "DISCONNECTED", "222233334444", 0 },
                 { "CONTINUOUS", "333344445555", 0 } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                        "{'dataReplicationInfo':"
                        "{'dataReplicationState':'%s'},'stagingArea':"
                        "{'stagingAccountID':'%s'}}",
                        rows[i].rep, rows[i].staging);
        v = J(text);
        assert_int_equal(drs_capacity_counts(v, drs_str("222233334444")),
                         rows[i].counts);
        json_decref(v);
    }

    v = J("{}");
    assert_false(drs_capacity_counts(v, drs_str("222233334444")));
    json_decref(v);
}


static void
bands(void **state)
{
    (void) state;

    assert_string_equal(drs_capacity_status(0), "OK");
    assert_string_equal(drs_capacity_status(199), "OK");
    assert_string_equal(drs_capacity_status(200), "INFO");
    assert_string_equal(drs_capacity_status(224), "INFO");
    assert_string_equal(drs_capacity_status(225), "WARNING");
    assert_string_equal(drs_capacity_status(249), "WARNING");
    assert_string_equal(drs_capacity_status(250), "CRITICAL");
    assert_string_equal(drs_capacity_status(279), "CRITICAL");
    assert_string_equal(drs_capacity_status(280), "HYPER-CRITICAL");

    /* two accounts: operational 500, hard 600 */
    assert_string_equal(drs_capacity_combined(414, 2), "OK");
    assert_string_equal(drs_capacity_combined(415, 2), "INFO");
    assert_string_equal(drs_capacity_combined(464, 2), "INFO");
    assert_string_equal(drs_capacity_combined(465, 2), "WARNING");
    assert_string_equal(drs_capacity_combined(500, 2), "CRITICAL");
    assert_string_equal(drs_capacity_combined(600, 2), "HYPER-CRITICAL");
    assert_string_equal(drs_capacity_combined(0, 0), "OK");
}


static json_t *
three_accounts(void)
{
    return J("[{'accountId':'222233334444','accountName':'prod',"
             "'accountType':'target','accessible':true,'regions':["
             "{'region':'us-east-1','status':'ACTIVE','totalServers':260,"
             "'replicatingServers':230},"
             "{'region':'eu-west-1','status':'ACTIVE','totalServers':1,"
             "'replicatingServers':1},"
             "{'region':'us-west-2','status':'NOT_INITIALIZED',"
             "'totalServers':0,'replicatingServers':0},"
             "{'region':'ca-central-1','status':'THROTTLED','totalServers':0,"
             "'replicatingServers':0,'error':'slow down'}]},"
             "{'accountId':'333344445555','accountName':'stage',"
             "'accountType':'staging','accessible':true,'regions':["
             "{'region':'us-east-1','status':'ACTIVE','totalServers':100,"
             "'replicatingServers':100}]},"
             "{'accountId':'444455556666','accountName':'broken',"
             "'accountType':'staging','accessible':false,'denied':true,"
             "'error':'no role','regions':[]}]");
}


static void
combined_view(void **state)
{
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    (void) state;
    memset(&jobs, 0, sizeof(jobs));
    jobs.known = 1;
    jobs.jobs = 3;
    jobs.servers = 120;
    jobs.largest = 90;
    jobs.largest_id = drs_str("drsjob-0000000000000000a");

    in = three_accounts();
    v = drs_view_capacity(in, &jobs, 1700000000123);

    /* the fullest Region decides; the broken account only about itself */
    assert_at(v, "/combined",
              "{'totalReplicating':331,'maxReplicating':900,"
              "'percentUsed':36.78,'availableSlots':569,'status':'OK',"
              "'message':'Capacity OK'}");
    assert_at(v, "/accounts/0/status", "'WARNING'");
    assert_at(v, "/accounts/0/maxReplicating", "600");
    assert_at(v, "/accounts/0/totalRegionalCapacity", "600");
    assert_at(v, "/accounts/0/activeRegions", "2");
    assert_at(v, "/accounts/0/percentUsed", "38.5");
    assert_at(v, "/accounts/0/totalServers", "261");
    assert_at(v, "/accounts/0/regionalBreakdown/0",
              "{'region':'us-east-1',"
              "'totalServers':260,'replicatingServers':230,"
              "'maxReplicating':300,'availableSlots':70,'percentUsed':76.67,"
              "'status':'WARNING','error':null}");
    assert_at(v, "/accounts/0/regionalBreakdown/2/error", "'slow down'");
    assert_int_equal(
        json_array_size(drs_json_pointer(v, "/accounts/0/regionalBreakdown")),
        3);
    assert_int_equal(
        json_array_size(drs_json_pointer(v, "/accounts/0/warnings")), 1);
    assert_at(v, "/accounts/2",
              "{'accountId':'444455556666',"
              "'accountName':'broken','accountType':'staging',"
              "'replicatingServers':0,'totalServers':0,'maxReplicating':0,"
              "'availableSlots':0,'percentUsed':0,'status':'UNKNOWN',"
              "'accessible':false,'error':'no role','activeRegions':0,"
              "'totalRegionalCapacity':0,'warnings':[],"
              "'regionalBreakdown':[]}");
    assert_at(v, "/recoveryCapacity",
              "{'currentServers':331,"
              "'maxRecoveryInstances':8000,'availableSlots':7669,"
              "'percentUsed':4.14,'status':'OK'}");
    assert_at(v, "/regionalCapacity/0",
              "{'region':'us-east-1',"
              "'replicatingServers':330,'maxReplicating':600,"
              "'replicationPercent':55,'replicationAvailable':270,"
              "'recoveryServers':330,'recoveryMax':4000,"
              "'recoveryPercent':8.25,'recoveryAvailable':3670,"
              "'accountCount':2}");
    assert_at(v, "/concurrentJobs", "{'current':3,'max':20,'available':17}");
    assert_at(v, "/serversInJobs", "{'current':120,'max':500,'available':380}");
    assert_at(v, "/maxServersPerJob/status", "'WARNING'");
    assert_at(v, "/maxServersPerJob/available", "10");
    assert_at(v, "/maxServersPerJob/jobId", "'drsjob-0000000000000000a'");
    assert_at(v, "/worst",
              "{'accountId':'222233334444','region':'us-east-1',"
              "'replicatingServers':230,'max':300,'status':'WARNING'}");
    assert_int_equal(json_array_size(json_object_get(v, "warnings")), 1);
    assert_at(v, "/timestamp", "'2023-11-14T22:13:20.123Z'");
    json_decref(v);
    json_decref(in);
}


static void
warnings_name_the_numbers(void **state)
{
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    (void) state;
    memset(&jobs, 0, sizeof(jobs));
    in = J("[{'accountId':'222233334444','accountName':'prod',"
           "'accountType':'target','accessible':true,'regions':["
           "{'region':'us-east-1','status':'ACTIVE','totalServers':290,"
           "'replicatingServers':290}]}]");
    v = drs_view_capacity(in, &jobs, 0);
    assert_at(v, "/combined/status", "'CRITICAL'");
    assert_at(v, "/combined/message", "'Add staging accounts immediately'");
    assert_at(v, "/accounts/0/status", "'HYPER-CRITICAL'");
    assert_at(v, "/warnings",
              "['HYPER-CRITICAL: account prod (222233334444) "
              "has 290 replicating servers in one Region of at most 300. "
              "Immediate action required.','CRITICAL: all accounts together "
              "have 290 replicating servers. Add staging accounts "
              "immediately.']");
    assert_at(v, "/maxServersPerJob/jobId", "null");
    json_decref(v);
    json_decref(in);
}


static void
nothing_is_ok(void **state)
{
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    (void) state;
    memset(&jobs, 0, sizeof(jobs));
    in = json_array();
    v = drs_view_capacity(in, &jobs, 0);
    assert_at(v, "/combined",
              "{'totalReplicating':0,'maxReplicating':0,"
              "'percentUsed':0,'availableSlots':0,'status':'OK',"
              "'message':'Capacity OK'}");
    assert_at(v, "/accounts", "[]");
    assert_at(v, "/regionalCapacity", "[]");
    assert_at(v, "/warnings", "[]");
    assert_at(v, "/worst", "null");
    assert_at(v, "/recoveryCapacity/status", "'OK'");
    assert_at(v, "/serversInJobs/available", "500");
    json_decref(v);
    json_decref(in);
}


static void
recovery_thresholds(void **state)
{
    size_t              i;
    char                text[256];
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    static const struct {
        int         n;
        const char *status;
    } rows[] = { { 3199, "'OK'" },
                 { 3200, "'WARNING'" },
                 { 3599, "'WARNING'" },
                 { 3600, "'CRITICAL'" } };

    (void) state;
    memset(&jobs, 0, sizeof(jobs));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                        "[{'accountId':'1','accessible':"
                        "true,'regions':[{'region':'us-east-1',"
                        "'totalServers':%d,'replicatingServers':%d}]}]",
                        rows[i].n, rows[i].n);
        in = J(text);
        v = drs_view_capacity(in, &jobs, 0);
        assert_at(v, "/recoveryCapacity/status", rows[i].status);
        assert_at(v, "/combined/availableSlots", "0");
        json_decref(v);
        json_decref(in);
    }
}


static void
limits_of_the_account(void **state)
{
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    (void) state;
    memset(&jobs, 0, sizeof(jobs));
    jobs.known = 1;
    jobs.jobs = 4;
    jobs.largest = 45;
    jobs.largest_id = drs_str("drsjob-0000000000000000a");
    jobs.max_jobs = 5;
    jobs.max_servers = 600;
    jobs.max_per_job = 50;

    /* 75 % of 100 is 225 of 300; the other Region has more, and more room */
    in = J("[{'accountId':'1','accessible':true,'regions':["
           "{'region':'us-east-1','totalServers':75,'replicatingServers':75,"
           "'maxReplicating':100,'maxSourceServers':5000},"
           "{'region':'eu-west-1','totalServers':180,"
           "'replicatingServers':180}]}]");
    v = drs_view_capacity(in, &jobs, 0);
    assert_at(v, "/accounts/0/status", "'WARNING'");
    assert_at(v, "/accounts/0/maxReplicating", "400");
    assert_at(v, "/accounts/0/regionalBreakdown/0/maxReplicating", "100");
    assert_at(v, "/accounts/0/regionalBreakdown/0/percentUsed", "75");
    assert_at(v, "/accounts/0/regionalBreakdown/1/status", "'OK'");
    assert_at(v, "/worst",
              "{'accountId':'1','region':'us-east-1',"
              "'replicatingServers':75,'max':100,'status':'WARNING'}");
    assert_at(v, "/recoveryCapacity/maxRecoveryInstances", "9000");
    assert_at(v, "/regionalCapacity/0/recoveryMax", "5000");
    assert_at(v, "/regionalCapacity/1/recoveryMax", "4000");
    assert_at(v, "/concurrentJobs", "{'current':4,'max':5,'available':1}");
    assert_at(v, "/serversInJobs/max", "600");
    assert_at(v, "/maxServersPerJob/max", "50");
    assert_at(v, "/maxServersPerJob/status", "'WARNING'");
    json_decref(v);

    v = drs_view_quotas(json_array_get(in, 0), drs_str("all"), &jobs);
    assert_at(v, "/capacity/maxReplicatingServers", "100");
    assert_at(v, "/capacity/availableReplicatingSlots", "145");
    assert_at(v, "/capacity/totalRegionalCapacity", "400");
    assert_at(v, "/concurrentJobs", "{'current':4,'max':5,'available':1}");
    assert_at(v, "/serversInJobs/max", "600");
    json_decref(v);
    json_decref(in);
}


static void
quotas_view(void **state)
{
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    (void) state;
    memset(&jobs, 0, sizeof(jobs));
    in = three_accounts();

    v = drs_view_quotas(json_array_get(in, 0), drs_str("all"), &jobs);
    assert_at(v, "/accountId", "'222233334444'");
    assert_at(v, "/region", "'all'");
    assert_at(v, "/limits/MAX_SERVERS_PER_JOB", "100");
    assert_int_equal(json_object_size(json_object_get(v, "limits")), 7);
    assert_at(v, "/capacity/status", "'OK'");
    assert_at(v, "/capacity/totalSourceServers", "261");
    assert_at(v, "/capacity/replicatingServers", "231");
    assert_at(v, "/capacity/availableReplicatingSlots", "369");
    assert_at(v, "/capacity/failedRegions", "['ca-central-1']");
    assert_at(v, "/capacity/regionalBreakdown/0/percentUsed", "76.7");
    assert_int_equal(
        json_array_size(drs_json_pointer(v, "/capacity/regionalBreakdown")), 2);
    /* could not be determined */
    assert_at(v, "/concurrentJobs",
              "{'current':null,'max':20,'available':null}");
    assert_at(v, "/serversInJobs", "{'current':null,'max':500}");
    json_decref(v);

    jobs.known = 1;
    jobs.jobs = 25;
    v = drs_view_quotas(json_array_get(in, 2), drs_str("us-east-1"), &jobs);
    assert_at(v, "/capacity/status", "'ACCESS_DENIED'");
    assert_at(v, "/capacity/error", "'no role'");
    assert_at(v, "/concurrentJobs", "{'current':25,'max':20,'available':0}");
    json_decref(v);
    json_decref(in);
}


static void
quotas_status(void **state)
{
    size_t              i;
    char                text[320];
    json_t             *in, *v;
    drs_capacity_jobs_t jobs;

    static const struct {
        const char *region, *error;
        int         n;
        const char *want;
    } rows[] = { { "ACTIVE", "", 249, "'OK'" },
                 { "ACTIVE", "", 250, "'INFO'" },
                 { "ACTIVE", "", 280, "'WARNING'" },
                 { "ACTIVE", "", 300, "'CRITICAL'" },
                 { "NOT_INITIALIZED", "", 0, "'NOT_INITIALIZED'" },
                 { "THROTTLED", ",'error':'x'", 0, "'UNKNOWN'" } };

    (void) state;
    memset(&jobs, 0, sizeof(jobs));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                        "{'accountId':'1','accessible':"
                        "true,'regions':[{'region':'us-east-1','status':'%s',"
                        "'totalServers':%d,'replicatingServers':%d%s}]}",
                        rows[i].region, rows[i].n, rows[i].n, rows[i].error);
        in = J(text);
        v = drs_view_quotas(in, drs_str(""), &jobs);
        assert_at(v, "/capacity/status", rows[i].want);
        json_decref(v);
        json_decref(in);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(servers_that_count),
                                        cmocka_unit_test(bands),
                                        cmocka_unit_test(combined_view),
                                        cmocka_unit_test(
                                            warnings_name_the_numbers),
                                        cmocka_unit_test(nothing_is_ok),
                                        cmocka_unit_test(recovery_thresholds),
                                        cmocka_unit_test(limits_of_the_account),
                                        cmocka_unit_test(quotas_view),
                                        cmocka_unit_test(quotas_status) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
