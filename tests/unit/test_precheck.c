/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Facts to checks and a verdict.
 */

#include "model_help.h"

#include "drs_precheck.h"


#define A1   "111122223333"
#define R1   "us-east-1"
#define HERE "'accountId':'" A1 "','region':'" R1 "'"
#define NOW  "'nowMs':1795926777000"
#define DAY  INT64_C(86400000)

#define SRV(id, more)                                                          \
    "{'id':'" id "'," HERE ",'hostname':'h','replicationState':'CONTINUOUS',"  \
    "'class':'OK','reason':''" more "}"
#define GRP "{'groupId':'g1','groupName':'G'," HERE ",'count':1}"
#define WAVE(n, servers, more)                                                 \
    "{'waveNumber':" #n ",'waveName':'W" #n "','groups':[" GRP                 \
    "],'servers':[" servers "]" more "}"
#define PLACE(more)                                                            \
    "{" HERE ",'own':true,'currentJobs':0,'maxJobs':20,'serversInJobs':0,"     \
    "'maxServersInJobs':500,'sourceServers':10" more "}"
#define READY                                                                  \
    "'planId':'p','executionType':'DRILL'," NOW ",'strict':false,"             \
    "'maxParallel':1,'perUnit':100,'maxServersPerJob':100,"                    \
    "'maxSourceServers':4000,'launchConfig':[{'groupId':'g1','groupName':'G'," \
    "'status':'ready'}],'lastDrillMs':1795926770000"


/* The result of a check; of several "FAIL" wins over "WARN" and so on. */
static const char *
result(const json_t *doc, const char *id)
{
    size_t      i;
    json_t     *c;
    const char *r, *worst;

    worst = "";

    json_array_foreach (json_object_get(doc, "checks"), i, c) {
        if (strcmp(json_string_value(json_object_get(c, "id")), id) != 0) {
            continue;
        }

        r = json_string_value(json_object_get(c, "result"));

        if (worst[0] == '\0' || strcmp(r, "FAIL") == 0
            || (strcmp(worst, "OK") == 0)) {
            worst = r;
        }
    }

    return worst;
}


static json_t *
check(const char *text)
{
    json_t *facts, *doc;

    facts = J(text);
    doc = drs_precheck(facts);
    json_decref(facts);
    assert_non_null(doc);

    return doc;
}


static void
found(const char *text, const char *id, const char *wanted, const char *verdict)
{
    json_t *doc;

    doc = check(text);
    assert_string_equal(result(doc, id), wanted);
    assert_string_equal(json_string_value(json_object_get(doc, "verdict")),
                        verdict);
    json_decref(doc);
}


static void
all_is_well(void **state)
{
    json_t *doc;

    (void) state;

    doc = check("{" READY ",'waves':[" WAVE(
        0, SRV("s-1", ",'lagDuration':'PT5S'"),
        ",'estimatedSeconds':900") "],'places':[" PLACE("") "],'criticalPath':[0],"
                                                            "'estimatedSeconds':900}");
    assert_at(doc, "/verdict", "'READY'");
    assert_at(doc, "/mode", "'queue'");
    assert_at(doc, "/checkedAt", "'2026-11-29T04:32:57.000Z'");
    assert_at(doc, "/worstLag", "'PT5S'");
    assert_at(doc, "/estimatedSeconds", "900");
    assert_at(doc, "/waves",
              "[{'waveNumber':0,'waveName':'W0','serverCount':1,'units':[{" HERE
              ",'serverCount':1}],'estimatedSeconds':900}]");
    assert_at(doc, "/limits",
              "[{" HERE ",'currentJobs':0,'maxJobs':20,'serversInJobs':0,"
              "'maxServersInJobs':500,'jobsNeeded':1,'peakServers':1,"
              "'known':true}]");
    assert_at(doc, "/replication/ok", "1");
    assert_at(doc, "/conflicts", "[]");
    assert_at(doc, "/existingInstances", "[]");
    assert_int_equal(json_array_size(json_object_get(doc, "checks")), 16);
    json_decref(doc);
}


/* Text and number of listed ids of the check about `n` blocked servers. */
static void
told(size_t n, const char *message, size_t listed)
{
    char    id[32];
    size_t  i, seen;
    json_t *facts, *doc, *waves, *list, *c;

    facts =
        J("{" READY ",'waves':[" WAVE(0, "", "") "],'places':[" PLACE("") "]}");
    waves = json_object_get(facts, "waves");
    list = json_object_get(json_array_get(waves, 0), "servers");

    for (i = 0; i < n; i++) {
        (void) snprintf(id, sizeof(id), "s-%zu", i);
        json_array_append_new(list, J(SRV("s", ",'class':'BLOCK'")));
        json_object_set_new(json_array_get(list, i), "id", json_string(id));
    }

    doc = drs_precheck(facts);
    seen = 0;

    json_array_foreach (json_object_get(doc, "checks"), i, c) {
        if (strcmp(json_string_value(json_object_get(c, "id")), "REPLICATION")
            == 0) {
            seen++;
            assert_string_equal(
                json_string_value(json_object_get(c, "message")), message);
            assert_int_equal(json_array_size(json_object_get(c, "serverIds")),
                             listed);
        }
    }

    assert_int_equal(seen, 1);
    json_decref(facts);
    json_decref(doc);
}


/* More servers than are listed are counted all the same. */
static void
counts(void **state)
{
    (void) state;

    told(1, "1 server has no usable recovery point.", 1);
    told(2, "2 servers have no usable recovery point.", 2);
    told(1000, "1000 servers have no usable recovery point.", 200);
}


/* Conflicts too; the answer has them all. */
static void
counts_conflicts(void **state)
{
    size_t  i;
    json_t *facts, *doc, *list, *c;

    (void) state;

    facts =
        J("{" READY ",'waves':[" WAVE(0, "", "") "],'places':[" PLACE("") "]}");
    list = json_array();

    for (i = 0; i < 1000; i++) {
        json_array_append_new(list, json_pack("{s:s}", "serverId", "s-1"));
    }

    json_object_set_new(facts, "conflicts", list);
    doc = drs_precheck(facts);
    assert_int_equal(json_array_size(json_object_get(doc, "conflicts")), 1000);

    json_array_foreach (json_object_get(doc, "checks"), i, c) {
        if (strcmp(json_string_value(json_object_get(c, "id")),
                   "SERVER_CONFLICT")
            == 0) {
            assert_string_equal(
                json_string_value(json_object_get(c, "message")),
                "1000 servers are in use by another execution or by a DRS "
                "job.");
            assert_int_equal(json_array_size(json_object_get(c, "serverIds")),
                             200);
            json_decref(facts);
            json_decref(doc);
            return;
        }
    }

    fail();
}


static void
servers(void **state)
{
    (void) state;

#define ONE(srv)                                                               \
    "{" READY ",'waves':[" WAVE(0, srv, "") "],'places':[" PLACE("") "]"
#define SICK SRV("s-1", ",'class':'WARN','reason':'r'")

    found(ONE(SRV("s-1", ",'class':'BLOCK'")) "}", "REPLICATION", "FAIL",
          "NOT_READY");
    found(ONE(SICK) "}", "REPLICATION", "FAIL", "NOT_READY");
    found(ONE(SICK) ",'request':{'allowDegraded':true}}", "REPLICATION", "WARN",
          "READY_WITH_WARNINGS");
    found(ONE(SICK) ",'executionType':'RECOVERY'}", "REPLICATION", "WARN",
          "READY_WITH_WARNINGS");

#define LATE(lag) ONE(SRV("s-1", ",'lagDuration':'" lag "'")) ",'rpoMs':60000"

    found(LATE("PT60S") "}", "LAG", "OK", "READY");
    found(LATE("PT61S") "}", "LAG", "WARN", "READY_WITH_WARNINGS");
    found(LATE("PT121S") "}", "LAG", "WARN", "READY_WITH_WARNINGS");
    found(LATE("PT121S") ",'executionType':'RECOVERY'}", "LAG", "FAIL",
          "NOT_READY");
    found(LATE("PT121S") ",'executionType':'RECOVERY',"
                         "'request':{'allowDegraded':true}}",
          "LAG", "WARN", "READY_WITH_WARNINGS");

    found(ONE(SRV("s-1", ",'lastSeenMs':1795925877000")) "}", "LAST_SEEN", "OK",
          "READY");
    found(ONE(SRV("s-1", ",'lastSeenMs':1795925876999")) "}", "LAST_SEEN",
          "WARN", "READY_WITH_WARNINGS");

    found(ONE("") ",'duplicates':['s-1']}", "DUPLICATE_SERVER", "FAIL",
          "NOT_READY");
    found(ONE("") ",'executing':'e1'}", "PLAN_EXECUTING", "FAIL", "NOT_READY");
    found(ONE("") ",'conflicts':[{'serverId':'s-1'}]}", "SERVER_CONFLICT",
          "FAIL", "NOT_READY");
    found(ONE("") ",'existingRecoveries':['s-1']}", "EXISTING_INSTANCES",
          "FAIL", "NOT_READY");
    found(ONE("") ",'existingRecoveries':['s-1'],"
                  "'request':{'confirmReplaceExisting':true}}",
          "EXISTING_INSTANCES", "WARN", "READY_WITH_WARNINGS");
    found(ONE("") ",'existingDrills':['s-1']}", "EXISTING_INSTANCES", "WARN",
          "READY_WITH_WARNINGS");
    found(ONE("") ",'existingErrors':[{" HERE ",'error':'x'}]}",
          "EXISTING_INSTANCES", "FAIL", "NOT_READY");
    found(ONE("") ",'existingErrors':[{" HERE ",'error':'x'}],"
                  "'request':{'allowUnknownLimits':true}}",
          "EXISTING_INSTANCES", "UNKNOWN", "READY_WITH_WARNINGS");
    found(ONE("") ",'pointsMissing':['s-1']}", "RECOVERY_POINT", "FAIL",
          "NOT_READY");
    found(ONE("") ",'pointsUnknown':['s-1']}", "RECOVERY_POINT", "UNKNOWN",
          "READY_WITH_WARNINGS");
}


static void
groups(void **state)
{
    (void) state;

#define WAVES(w) "{" READY ",'places':[" PLACE("") "],'waves':[" w "]}"
#define NONE     "{'groupId':'g','groupName':'G'," HERE ",'count':0}"

    found(WAVES("{'waveNumber':0,'waveName':'W','groups':[" NONE "]}"),
          "GROUPS_RESOLVE", "FAIL", "NOT_READY");
    found(WAVES("{'waveNumber':0,'waveName':'W','emptyPolicy':'SKIP',"
                "'groups':[" NONE "]}"),
          "GROUPS_RESOLVE", "WARN", "READY_WITH_WARNINGS");
    found(WAVES("{'waveNumber':0,'waveName':'W','groups':[{'groupId':'g'}]}"),
          "GROUPS_RESOLVE", "FAIL", "NOT_READY");
    found(WAVES("{'waveNumber':0,'waveName':'W','missingGroups':['g']}"),
          "GROUPS_RESOLVE", "FAIL", "NOT_READY");
    found(WAVES(WAVE(0, SRV("s-1", ""), ",'previousCount':1")),
          "GROUP_COUNT_CHANGED", "OK", "READY");
    found(WAVES(WAVE(0, SRV("s-1", ""), ",'previousCount':2")),
          "GROUP_COUNT_CHANGED", "WARN", "READY_WITH_WARNINGS");
}


static void
limits(void **state)
{
    json_t *doc;

    (void) state;

#define TWO(more)                                                              \
    "{" READY ",'waves':[" WAVE(0, SRV("s-1", "") "," SRV("s-2", ""),          \
                                "") "," WAVE(1, SRV("s-3", ""), "") "]" more

    /* one job would have room, the next one waits */

    found(TWO(",'places':[" PLACE(",'currentJobs':20") "]}"), "JOB_LIMITS",
          "WARN", "READY_WITH_WARNINGS");
    found(TWO(",'strict':true,'places':[" PLACE(",'currentJobs':20") "]}"),
          "JOB_LIMITS", "FAIL", "NOT_READY");
    found(TWO(",'places':[" PLACE(",'currentJobs':16") "]}"), "JOB_LIMITS",
          "WARN", "READY_WITH_WARNINGS");
    found(TWO(",'places':[" PLACE(",'currentJobs':15") "]}"), "JOB_LIMITS",
          "OK", "READY");
    found(TWO(",'strict':true,'places':[" PLACE(",'serversInJobs':499") "]}"),
          "JOB_LIMITS", "FAIL", "NOT_READY");
    found(TWO(",'places':[" PLACE(",'jobsError':'dark'") "]}"), "JOB_LIMITS",
          "FAIL", "NOT_READY");
    found(TWO(",'places':[" PLACE(
              ",'jobsError':'dark'") "],"
                                     "'request':{'allowUnknownLimits':true}}"),
          "JOB_LIMITS", "UNKNOWN", "READY_WITH_WARNINGS");
    found(TWO(",'places':[" PLACE(",'sourceServers':3201") "]}"),
          "RECOVERY_CAPACITY", "WARN", "READY_WITH_WARNINGS");
    found(TWO(",'places':[" PLACE(",'sourceServers':4001") "]}"),
          "RECOVERY_CAPACITY", "FAIL", "NOT_READY");

    found(TWO(",'maxServersPerJob':1,'places':[" PLACE("") "]}"), "WAVE_SIZE",
          "WARN", "READY_WITH_WARNINGS");
    found(TWO(",'maxServersPerJob':1,'strict':true,'places':[" PLACE("") "]}"),
          "WAVE_SIZE", "FAIL", "NOT_READY");

    /* the largest demand: one wave at a time, or both; jobs of one server */

    doc = check(TWO(",'perUnit':1,'places':[" PLACE("") "]}"));
    assert_at(doc, "/limits/0/jobsNeeded", "2");
    assert_at(doc, "/limits/0/peakServers", "2");
    assert_int_equal(
        json_array_size(json_object_get(
            json_array_get(json_object_get(doc, "waves"), 0), "units")),
        2);
    json_decref(doc);
    doc = check(TWO(",'maxParallel':5,'places':[" PLACE("") "]}"));
    assert_at(doc, "/limits/0/jobsNeeded", "2");
    assert_at(doc, "/limits/0/peakServers", "3");
    json_decref(doc);
}


static void
accounts_settings_age(void **state)
{
    (void) state;

#define AT(places) ONE2(",'places':[" places "]")
#define ONE2(more) "{" READY ",'waves':[" WAVE(0, SRV("s-1", ""), "") "]" more

    found(AT("{" HERE ",'error':'closed','code':'INVALID_ACCOUNT'}") "}",
          "ACCOUNT_ACCESS", "FAIL", "NOT_READY");
    found(AT(PLACE(",'staleText':'x'")) "}", "ACCOUNT_ACCESS", "WARN",
          "READY_WITH_WARNINGS");
    found(AT(PLACE(",'own':false")) "}", "ACCOUNT_ACCESS", "WARN",
          "READY_WITH_WARNINGS");
    found(AT(PLACE(",'own':false,'validatedMs':1795926700000")) "}",
          "ACCOUNT_ACCESS", "OK", "READY");
    found(
        AT(PLACE(
            "") ","
                "{'accountId':'2','region':'r','own':true}") ",'strict':true}",
        "ACCOUNT_ACCESS", "FAIL", "NOT_READY");
    found(AT(PLACE("")) ",'staging':[{" HERE ",'error':'x'}]}",
          "ACCOUNT_ACCESS", "WARN", "READY_WITH_WARNINGS");

#define CFG(more)                                                              \
    AT(PLACE("")) ",'launchConfig':[{'groupId':'g','groupName':'G'," more "}]}"

    found(CFG("'status':'not_configured'"), "LAUNCH_SETTINGS", "WARN",
          "READY_WITH_WARNINGS");
    found(CFG("'status':'ready','driftedServers':1"), "LAUNCH_SETTINGS", "WARN",
          "READY_WITH_WARNINGS");
    found(CFG("'status':'failed'"), "LAUNCH_SETTINGS", "WARN",
          "READY_WITH_WARNINGS");
    found(CFG("'status':'ready','unknown':'x'"), "LAUNCH_SETTINGS", "UNKNOWN",
          "READY_WITH_WARNINGS");
    found(CFG("'status':'ready','invalid':[{'serverId':'s-1','message':'m'}]"),
          "LAUNCH_SETTINGS", "FAIL", "NOT_READY");

    found(AT(PLACE("")) ",'lastDrillMs':0}", "PLAN_AGE", "WARN",
          "READY_WITH_WARNINGS");
    found(AT(PLACE("")) ",'lastDrillMs':1780000000000}", "PLAN_AGE", "WARN",
          "READY_WITH_WARNINGS");
    found(AT(PLACE("")) ",'planChangedMs':1795926771000}", "PLAN_AGE", "WARN",
          "READY_WITH_WARNINGS");
}


static void
targets(void **state)
{
    size_t  i;
    json_t *v;

    static const struct {
        const char *text;
        int64_t     ms;
    } cases[] = {
        { "15", 900000 },     { "0.5", 30000 },      { "'15'", 900000 },
        { "' 15 '", 900000 }, { "'PT1H'", 3600000 }, { "'soon'", 0 },
        { "0", 0 },           { "-1", 0 },           { "''", 0 },
        { "null", 0 },        { "1e300", 0 },        { "'-5'", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        v = J(cases[i].text);
        assert_int_equal(drs_precheck_target_ms(v), cases[i].ms);
        json_decref(v);
    }

    assert_int_equal(drs_precheck_target_ms(NULL), 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(counts),
        cmocka_unit_test(counts_conflicts),
        cmocka_unit_test(servers),
        cmocka_unit_test(groups),
        cmocka_unit_test(limits),
        cmocka_unit_test(accounts_settings_age),
        cmocka_unit_test(targets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
