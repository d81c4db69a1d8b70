/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_view_exec.h"


#define E1  "eeeeeeee-1111-4111-8111-111111111111"
#define JOB "drsjob-00000000000000001"


/* Text with ' for ", field and value by turns, into views. */
static size_t
fields(drs_str_t *v, char *buf, const char *text)
{
    char  *p, *end;
    size_t n;

    strcpy(buf, text);
    for (p = buf; *p != '\0'; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    n = 0;
    for (p = buf; *p != '\0'; p = end) {
        end = strchr(p, '|');
        if (end == NULL) {
            end = p + strlen(p);
            v[n++] = drs_strn(p, (size_t) (end - p));
            break;
        }
        v[n++] = drs_strn(p, (size_t) (end - p));
        end++;
    }

    return n;
}


static drs_exec_t *
record(const char *status, const char *extra, const char *out,
       const char *unit_state)
{
    char             text[4096], buf[4096];
    size_t           n;
    drs_str_t        v[64];
    drs_exec_t      *e;
    drs_exec_error_t err;

    e = drs_exec_new(E1);
    assert_non_null(e);

    (void) snprintf(
        text, sizeof(text),
        "status|%s|ver|7|planId|" P1
        "|planName|Plan|type|RECOVERY|startedAt|1700000000000|wavesTotal|2|"
        "currentWave|1|completedWaves|1|launched|1|accounts|111122223333|"
        "doc|{'plan':{'version':4,'description':'d'},'request':"
        "{'initiatedBy':'ann','reason':'r','allowDegraded':true,"
        "'overrideReason':'o'},'selectionMode':'TAGS'}|out|%s%s",
        status, out, extra);
    n = fields(v, buf, text);
    assert_int_equal(drs_exec_load_header(e, v, n, &err), DRS_OK);

    n = fields(v, buf,
               "status|COMPLETED|ver|2|doc|{'waveNumber':0,"
               "'waveName':'Web','protectionGroupIds':['" G1
               "'],'serverIds':['" S1
               "'],'resolved':true,'startTime':1700000000,'endTime':1700000060,"
               "'failurePolicy':'PAUSE','dependsOnWaves':[]}");
    assert_int_equal(drs_exec_load_wave(e, 0, v, n, &err), DRS_OK);

    n = fields(v, buf,
               "status|PENDING|ver|1|doc|{'waveNumber':1,"
               "'waveName':'Db','protectionGroupIds':['" G2
               "'],'serverIds':['" S2
               "'],'dependsOnWaves':[0],'pauseBeforeWave':true}");
    assert_int_equal(drs_exec_load_wave(e, 1, v, n, &err), DRS_OK);

    (void) snprintf(text, sizeof(text),
                    "state|%s|ver|3|wave|0|account|"
                    "111122223333|region|us-east-1|servers|" S1
                    "|attempt|1|jobId|" JOB "|jobs|" JOB
                    "|intentAt|1700000001000|doc|{'jobStatus':'COMPLETED',"
                    "'startTime':1700000002}",
                    unit_state);
    n = fields(v, buf, text);
    assert_int_equal(drs_exec_load_unit(e, drs_str("0-1"), v, n, &err), DRS_OK);

    n = fields(v, buf,
               "{'sourceServerId':'" S1 "','waveNumber':0,'unitId':"
               "'0-1','accountId':'111122223333','region':'us-east-1',"
               "'launchStatus':'LAUNCHED','attempt':1,'recoveryInstanceId':"
               "'i-12345678','privateIp':'10.0.0.1','serverName':'web-1',"
               "'hostname':'web','launchTime':1700000050,'phase':'LAUNCH'}");
    assert_int_equal(drs_exec_load_server(e, drs_str(S1), v[0], &err), DRS_OK);
    assert_int_equal(drs_exec_load_done(e, &err), DRS_OK);

    return e;
}


static drs_view_exec_t
options(drs_view_mode_t mode)
{
    drs_view_exec_t o;

    memset(&o, 0, sizeof(o));
    o.mode = mode;
    o.now_ms = 1700000100000;
    o.poll_ms = 30000;
    o.own_account = drs_str("111122223333");

    return o;
}


static void
detail_has_every_duplicate(void **state)
{
    json_t         *v, *names;
    drs_exec_t     *e;
    drs_view_exec_t o;

    (void) state;
    e = record("POLLING", "", "{'lastPolledTime':1700000090}", "DONE");
    o = options(DRS_VIEW_DETAIL);
    names = J("{'111122223333':'Main'}");
    o.accounts = names;

    v = drs_view_exec(e, &o);
    assert_at(v, "/executionId", "'" E1 "'");
    assert_at(v, "/recoveryPlanId", "'" P1 "'");
    assert_at(v, "/recoveryPlanName", "'Plan'");
    assert_at(v, "/recoveryPlanDescription", "'d'");
    assert_at(v, "/executionType", "'RECOVERY'");
    assert_at(v, "/executedBy", "'ann'");
    assert_at(v, "/selectionMode", "'TAGS'");
    assert_at(v, "/accountName", "'Main'");
    assert_at(v, "/planVersion", "4");
    assert_at(v, "/version", "7");
    assert_at(v, "/percentComplete", "50");
    assert_at(v, "/drsJobId", "'" JOB "'");
    assert_at(v, "/drsRegion", "'us-east-1'");
    assert_at(v, "/protectionGroupId", "'" G1 "'");
    assert_at(v, "/overrides/overrideReason", "'o'");
    assert_at(v, "/dataSource", "'realtime'");
    assert_at(v, "/hasRealtimeData", "true");
    assert_null(json_object_get(v, "endTime"));
    assert_true(json_equal(json_object_get(v, "waves"),
                           json_object_get(v, "waveExecutions")));

    assert_at(v, "/waves/0/jobId", "'" JOB "'");
    assert_at(v, "/waves/0/duration", "60");
    assert_at(v, "/waves/0/failurePolicy", "'PAUSE'");
    assert_at(v, "/waves/0/serverIds", "['" S1 "']");
    assert_at(v, "/waves/0/serverStatuses/0/launchStatus", "'LAUNCHED'");
    assert_at(v, "/waves/0/serverStatuses/0/ipAddress", "'10.0.0.1'");
    assert_at(v, "/waves/0/serverExecutions/0/recoveredInstanceId",
              "'i-12345678'");
    assert_at(v, "/waves/0/serverExecutions/0/ec2InstanceId", "'i-12345678'");
    assert_at(v, "/waves/0/enrichedServers/0/RecoveryInstanceId",
              "'i-12345678'");
    assert_at(v, "/waves/0/enrichedServers/0/NameTag", "'web-1'");
    assert_at(v, "/waves/0/DRSJobDetails/launchedServers", "1");
    assert_at(v, "/waves/0/DRSJobDetails/targetAccountName", "'Main'");
    assert_at(v, "/waves/0/launchUnits/0/serverIds", "['" S1 "']");
    assert_at(v, "/waves/1/serverStatuses/0/sourceServerId", "'" S2 "'");
    assert_at(v, "/waves/1/serverStatuses/0/launchStatus", "'PENDING'");
    assert_at(v, "/waves/1/pauseBeforeWave", "true");
    assert_at(v, "/waves/1/phase", "null");
    assert_null(drs_json_pointer(v, "/waves/1/jobId"));
    assert_null(drs_json_pointer(v, "/waves/1/enrichedServers"));

    json_decref(v);

    o.plan_gone = 1;
    v = drs_view_exec(e, &o);
    assert_at(v, "/planName", "'Plan'");
    assert_at(v, "/recoveryPlanName", "'Deleted Plan'");
    json_decref(v);
    json_decref(names);
    drs_exec_free(e);
}


static void
overrides_of_the_last_commands(void **state)
{
    json_t         *v;
    drs_exec_t     *e;
    drs_view_exec_t o;

    (void) state;
    e = record("POLLING", "", "{}", "DONE");
    e->resume_options = "{\"allowDegraded\":false}"; /* allows nothing */
    e->retry_options = "{\"allowUnknownLimits\":true,"
                       "\"overrideReason\":\"later\"}";
    o = options(DRS_VIEW_DETAIL);
    v = drs_view_exec(e, &o);
    assert_at(v, "/overrides/allowDegraded", "true");
    assert_at(v, "/overrides/allowUnknownLimits", "true");
    assert_at(v, "/overrides/overrideReason", "'later'");
    assert_at(v, "/overrides/retry",
              "{'allowUnknownLimits':true,'overrideReason':'later'}");
    assert_null(json_object_get(json_object_get(v, "overrides"), "resume"));
    json_decref(v);
    drs_exec_free(e);
}


static void
lists_and_compact_leave_servers_out(void **state)
{
    json_t         *v;
    drs_exec_t     *e;
    drs_view_exec_t o;

    (void) state;
    e = record("POLLING", "", "{}", "DONE");

    o = options(DRS_VIEW_LIST);
    v = drs_view_exec(e, &o);
    assert_at(v, "/waves/0/status", "'COMPLETED'");
    assert_at(v, "/waves/0/serverCount", "1");
    assert_null(drs_json_pointer(v, "/waves/0/serverIds"));
    assert_null(drs_json_pointer(v, "/waves/0/launchUnits"));
    assert_null(json_object_get(v, "dataSource"));
    json_decref(v);

    o = options(DRS_VIEW_COMPACT);
    v = drs_view_exec(e, &o);
    assert_null(json_object_get(v, "waveExecutions"));
    assert_null(drs_json_pointer(v, "/waves/0/serverExecutions"));
    assert_null(drs_json_pointer(v, "/waves/0/launchUnits/0/serverIds"));
    assert_at(v, "/waves/0/launchUnits/0/serverCount", "1");
    assert_at(v, "/waves/0/launchedServers", "1");
    assert_at(v, "/dataSource", "'cached'");
    json_decref(v);
    drs_exec_free(e);
}


static void
paused_fields(void **state)
{
    json_t         *v;
    drs_exec_t     *e;
    drs_view_exec_t o;

    (void) state;
    e = record("PAUSED",
               "|pausedBeforeWave|1|pauseReason|PLANNED|pausedAt|"
               "1700000070000|pausedBy|ann|pauseDeadline|1700000080000|"
               "errorCode|X|errorMessage|m",
               "{}", "DONE");
    o = options(DRS_VIEW_LIST);
    v = drs_view_exec(e, &o);
    assert_at(v, "/pausedBeforeWave", "1");
    assert_at(v, "/pauseReason", "'PLANNED'");
    assert_at(v, "/pausedAt", "1700000070");
    assert_at(v, "/pauseDeadlineAt", "1700000080");
    assert_at(v, "/pausedBy", "'ann'");
    assert_at(v, "/error", "{'code':'X','message':'m'}");
    json_decref(v);
    drs_exec_free(e);

    e = record("RUNNING", "|pausedBeforeWave|1", "{}", "DONE");
    v = drs_view_exec(e, &o);
    assert_null(json_object_get(v, "pausedBeforeWave"));
    json_decref(v);
    drs_exec_free(e);
}


static void
termination_rules_in_order(void **state)
{
    size_t                 i;
    drs_exec_t            *e;
    drs_view_termination_t t;

    static const struct {
        const char *status, *out, *unit, *reason;
        int         can, has;
    } rows[] = {
        { "POLLING", "{}", "DONE", "Execution not in terminal state", 0, 0 },
        { "PAUSED", "{}", "DONE", "Execution not in terminal state", 0, 0 },
        { "PARTIAL", "{'instancesTerminated':true}", "STARTED",
          "Instances already terminated", 0, 1 },
        { "CANCELLED", "{}", "HELD", "Waves still active", 0, 1 },
        { "TIMEOUT", "{}", "DONE", NULL, 1, 1 },
        { "FAILED", "{'instancesTerminated':false}", "FAILED", NULL, 1, 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        e = record(rows[i].status, "", rows[i].out, rows[i].unit);
        drs_view_exec_termination(e, &t);
        assert_int_equal(t.can, rows[i].can);
        assert_int_equal(t.has_instances, rows[i].has);

        if (rows[i].reason == NULL) {
            assert_null(t.reason);
        } else {
            assert_string_equal(t.reason, rows[i].reason);
        }

        drs_exec_free(e);
    }

    e = record("COMPLETED", "", "{}", "DONE");
    e->units[0].job = "";
    drs_view_exec_termination(e, &t);
    assert_string_equal(t.reason, "No recovery instances found");
    assert_false(t.has_instances);
    drs_exec_free(e);
}


static void
instances_and_terminate_jobs(void **state)
{
    size_t          known;
    json_t         *v;
    drs_buf_t       b;
    drs_str_t       term[6], none = drs_null_string;
    drs_exec_t     *e;
    drs_view_exec_t o;

    (void) state;
    e = record("COMPLETED", "|endedAt|1700000060000", "{}", "DONE");

    drs_buf_init(&b, 0);
    drs_view_exec_instances(&b, e);
    v = json_loads(b.data, JSON_REJECT_DUPLICATES, NULL);
    drs_buf_free(&b);
    assert_at(v, "/totalInstances", "1");
    assert_at(v, "/instances/0/jobId", "'" JOB "'");
    assert_at(v, "/instances/0/waveName", "'Web'");
    json_decref(v);

    term[0] = drs_str("state");
    term[1] = drs_str("RUNNING");
    term[2] = drs_str("drsjob-0000000000000000a");
    term[3] = drs_str("{\"status\":\"COMPLETED\",\"region\":\"us-east-1\"}");
    term[4] = drs_str("drsjob-0000000000000000b");
    term[5] = drs_str("{\"status\":\"STARTED\",\"servers\":[{\"launchStatus\""
                      ":\"TERMINATED\"},{\"launchStatus\":\"FAILED\"}]}");
    o = options(DRS_VIEW_DETAIL);
    o.term = term;
    o.n_term = 6;

    v = drs_view_exec_term_status(e, &o, none, &known);
    assert_int_equal(known, 2);
    assert_at(v, "/allCompleted", "false");
    assert_at(v, "/anyFailed", "true");
    assert_at(v, "/progressPercent", "50");
    assert_at(v, "/jobs/0/jobCompleted", "true");
    assert_at(v, "/jobs/0/totalServers", "0");
    json_decref(v);

    v = drs_view_exec_term_status(e, &o, drs_str("x, drsjob-0000000000000000a"),
                                  &known);
    assert_int_equal(known, 1);
    assert_at(v, "/allCompleted", "true");
    assert_at(v, "/progressPercent", "100");
    json_decref(v);

    v = drs_view_exec_term_status(e, &o, drs_str("nothing"), &known);
    assert_int_equal(known, 0);
    assert_at(v, "/allCompleted", "false");
    assert_at(v, "/progressPercent", "0");
    json_decref(v);

    v = drs_view_exec(e, &o);
    assert_at(v, "/duration", "60");
    assert_at(v, "/durationSeconds", "60");
    assert_at(v, "/terminateJobs/1/status", "'STARTED'");
    assert_at(v, "/terminateJobs/0/type", "'TERMINATE'");
    json_decref(v);

    /* what is no job id is not shown as one */
    term[2] = drs_strn("drsjob-0000000\0000000000", 24);
    v = drs_view_exec(e, &o);
    assert_int_equal(json_array_size(json_object_get(v, "terminateJobs")), 1);
    json_decref(v);
    v = drs_view_exec_term_status(e, &o, none, &known);
    assert_int_equal(known, 1);
    json_decref(v);

    term[0] = drs_str("plan");
    term[1] = drs_str(
        "{\"chunks\":[{\"account\":\"1\",\"region\":\"us-east-1\",\"job\":\"j\","
        "\"targets\":[{\"i\":\"i-1\",\"s\":\"s-1\",\"state\":\"TERMINATED\"},"
        "{\"i\":\"i-2\",\"state\":\"FAILED\",\"code\":\"X\",\"error\":\"why\"}]}],"
        "\"places\":[{\"account\":\"2\",\"region\":\"us-west-2\",\"error\":\"no\"}]}");
    term[2] = drs_str("state");
    term[3] = drs_str("FAILED");
    o.n_term = 4;

    v = drs_view_exec_term_status(e, &o, none, &known);
    assert_int_equal(known, 0);
    assert_at(v, "/state", "'FAILED'");
    assert_at(v, "/instances/0/recoveryInstanceId", "'i-1'");
    assert_at(v, "/instances/0/state", "'TERMINATED'");
    assert_at(v, "/instances/0/jobId", "'j'");
    assert_at(v, "/instances/1/error", "'why'");
    assert_at(v, "/instances/1/errorCode", "'X'");
    assert_at(v, "/instances/2/region", "'us-west-2'");
    assert_at(v, "/instances/2/state", "'FAILED'");
    json_decref(v);
    drs_exec_free(e);
}


static void
server_filters(void **state)
{
    drs_str_t                none = drs_null_string;
    drs_exec_t              *e;
    const drs_exec_server_t *s;

    (void) state;
    e = record("COMPLETED", "", "{}", "DONE");
    s = drs_exec_server(e, S1);
    assert_non_null(s);

    assert_true(drs_view_exec_server_matches(s, -1, none, none, none));
    assert_false(drs_view_exec_server_matches(s, 1, none, none, none));
    assert_true(drs_view_exec_server_matches(s, 0, drs_str("0-1"), none, none));
    assert_false(
        drs_view_exec_server_matches(s, 0, drs_str("0-2"), none, none));
    assert_true(drs_view_exec_server_matches(
        s, -1, none, drs_str("failed,launched"), drs_str("WEB-")));
    assert_true(
        drs_view_exec_server_matches(s, -1, none, none, drs_str("i-1234")));
    assert_false(
        drs_view_exec_server_matches(s, -1, none, none, drs_str("db")));
    drs_exec_free(e);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detail_has_every_duplicate),
        cmocka_unit_test(overrides_of_the_last_commands),
        cmocka_unit_test(lists_and_compact_leave_servers_out),
        cmocka_unit_test(paused_fields),
        cmocka_unit_test(termination_rules_in_order),
        cmocka_unit_test(instances_and_terminate_jobs),
        cmocka_unit_test(server_filters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
