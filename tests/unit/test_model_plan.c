/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_model_plan.h"


#define W(extra) "{'protectionGroupId':'" G1 "'" extra "}"

static const char groups_text[] =
    "{'" G1 "':{'groupId':'" G1 "','groupName':'Web','accountId':"
    "'111122223333','region':'us-east-1','serverSelectionTags':{},"
    "'sourceServerIds':['" S1 "','" S2 "']},"
    "'" G2 "':{'groupId':'" G2 "','groupName':'Db','accountId':"
    "'444455556666','region':'eu-west-1','serverSelectionTags':{'a':'b'},"
    "'sourceServerIds':['" S3 "']}}";


static json_t *
create(const char *text, drs_model_error_t *e)
{
    json_t         *body, *doc;
    drs_model_env_t env;

    env = test_env();
    drs_model_error_init(e);
    body = J(text);
    (void) drs_model_plan_create(e, body, &env, drs_str(P1), &doc);
    json_decref(body);

    return doc;
}


static void
refused(const char *text, drs_err_t err)
{
    drs_model_error_t e;

    assert_null(create(text, &e));
    assert_err(&e, err);
}


static void
create_fills_defaults(void **state)
{
    json_t           *doc, *ids;
    drs_model_error_t e;

    (void) state;

    doc = create(
        "{'planName':' P ','rto':30,'rpo':'5m','protectionGroupId':"
        "'x','waves':[" W(
            ",'name':'First','description':'d'") ","
                                                 "{'waveNumber':9,'protectionGroupIds':['" G2
                                                 "','" G2 "','" G1
                                                 "'],'pauseBeforeWave':true,'dependsOnWaves':[0,0],"
                                                 "'preWaveActions':[{'a':1}],'failurePolicy':'PAUSE'}]}",
        &e);
    assert_non_null(doc);
    assert_at(doc, "/planName", "'P'");
    assert_at(doc, "/name", "'P'");
    assert_at(doc, "/rto", "30");
    assert_at(doc, "/rpo", "'5m'");
    assert_at(doc, "/notificationEmail", "''");
    assert_at(doc, "/snsSubscriptionArn", "''");
    assert_at(doc, "/maxParallelWaves", "1");
    assert_at(doc, "/priority", "5");
    assert_at(doc, "/version", "1");
    assert_at(doc, "/waves/0/waveNumber", "0");
    assert_at(doc, "/waves/0/waveName", "'First'");
    assert_at(doc, "/waves/0/waveDescription", "'d'");
    assert_at(doc, "/waves/0/protectionGroupIds", "['" G1 "']");
    assert_at(doc, "/waves/0/failurePolicy", "'FAIL_FAST'");
    assert_at(doc, "/waves/0/deadlineMinutes", "360");
    assert_at(doc, "/waves/1/waveNumber", "1");
    assert_at(doc, "/waves/1/waveName", "'Wave 2'");
    assert_at(doc, "/waves/1/protectionGroupId", "'" G2 "'");
    assert_at(doc, "/waves/1/protectionGroupIds", "['" G2 "','" G1 "']");
    assert_at(doc, "/waves/1/dependsOnWaves", "[0]");
    assert_at(doc, "/waves/1/pauseBeforeWave", "true");
    assert_at(doc, "/waves/1/preWaveActions", "[{'a':1}]");
    assert_at(doc, "/waves/1/failurePolicy", "'PAUSE'");
    assert_null(json_object_get(doc, "warnings"));

    ids = drs_model_plan_groups(doc);
    assert_json(ids, "['" G1 "','" G2 "']");
    json_decref(ids);
    json_decref(doc);
}


static void
create_refusals(void **state)
{
    (void) state;

    refused("{'waves':[" W("") "]}", DRS_ERR_MISSING_FIELD);
    refused("{'name':'x'}", DRS_ERR_MISSING_FIELD);
    refused("{'name':'x','waves':[]}", DRS_ERR_MISSING_FIELD);
    refused("{'name':'','waves':[" W("") "]}", DRS_ERR_INVALID_NAME);
    refused("{'name':'x','waves':[" W("") "],'notificationEmail':'a@b'}",
            DRS_ERR_INVALID_EMAIL);
    refused("{'name':'x','waves':[" W("") "],'accountId':'1'}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'name':'x','waves':{}}", DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[1]}", DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[{'waveName':'a'}]}", DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[{'protectionGroupIds':[]}]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'waveName':''") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'waveNumber':1") "," W(
                ",'waveNumber':1") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'dependsOnWaves':[1]") "," W(
                ",'dependsOnWaves':[0]") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'dependsOnWaves':[1]") "," W("") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'dependsOnWaves':[7]") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'dependsOnWaves':[0]") "]}",
            DRS_ERR_INVALID_WAVES);
    refused("{'name':'x','waves':[" W(",'serverIds':'all'") "]}",
            DRS_ERR_INVALID_WAVE_DATA);
    refused("{'name':'x','waves':[" W(",'deadlineMinutes':9") "]}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'name':'x','waves':[" W(",'failurePolicy':'stop'") "]}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'name':'x','waves':[" W(",'pauseBeforeWave':1") "]}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'name':'x','waves':[" W("") "],'maxParallelWaves':0}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'name':'x','waves':[" W("") "],'rto':{}}",
            DRS_ERR_INVALID_PARAMETER);
}


static void
cycle_has_its_own_message(void **state)
{
    drs_model_error_t e;

    (void) state;

    assert_null(create("{'name':'x','waves':[" W(",'dependsOnWaves':[1]") "," W(
                           ",'dependsOnWaves':[0]") "]}",
                       &e));
    assert_non_null(strstr(e.message, "cycle"));
    assert_err(&e, DRS_ERR_INVALID_WAVES);
}


static int
bind_with(json_t *doc, drs_model_error_t *e, unsigned strict)
{
    int             rc;
    json_t         *groups;
    drs_model_env_t env;

    env = test_env();
    env.strict = strict;
    groups = J(groups_text);
    rc = drs_model_plan_bind(e, doc, groups, &env);
    json_decref(groups);

    return rc;
}


static void
bind_selection(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    /* the whole membership means ALL */
    doc = create(
        "{'name':'x','waves':[" W(",'serverIds':['" S2 "','" S1 "']") "]}", &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_OK);
    assert_at(doc, "/waves/0/serverIds", "[]");
    assert_at(doc, "/waves/0/serverSelection", "'ALL'");
    assert_at(doc, "/accountId", "'111122223333'");
    json_decref(doc);

    doc = create("{'name':'x','waves':[" W(",'serverIds':['" S2 "']") "]}", &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_OK);
    assert_at(doc, "/waves/0/serverIds", "['" S2 "']");
    assert_at(doc, "/waves/0/serverSelection", "'SUBSET'");
    json_decref(doc);

    /* ids of tag groups are ignored, foreign ones refused */
    doc = create("{'name':'x','waves':[{'protectionGroupIds':['" G1 "','" G2
                 "'],'serverIds':['" S1 "','" S3 "']}]}",
                 &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_OK);
    assert_at(doc, "/waves/0/serverIds", "['" S1 "']");
    json_decref(doc);

    doc = create("{'name':'x','waves':[" W(",'serverIds':['" S3 "']") "]}", &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_WAVES);
    json_decref(doc);
}


static void
bind_refusals(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    doc = create("{'name':'x','waves':[{'protectionGroupId':'nope'}]}", &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_DECLINED);
    assert_err(&e, DRS_ERR_PG_NOT_FOUND);
    json_decref(doc);

    doc = create(
        "{'name':'x','waves':[" W("") "," W(",'serverIds':['" S1 "']") "]}",
        &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_DECLINED);
    assert_json(e.fields, "{'serverIds':['" S1 "'],'waves':[0,1]}");
    assert_err(&e, DRS_ERR_DUPLICATE_SERVER);
    json_decref(doc);

    doc = create("{'name':'x','waves':[{'protectionGroupIds':['" G1 "','" G2
                 "']}]}",
                 &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_OK);
    assert_int_equal(bind_with(doc, &e, 1), DRS_DECLINED);
    assert_err(&e, DRS_ERR_ACCOUNT_MISMATCH);
    json_decref(doc);
}


static void
disjoint_subsets_of_one_group_are_fine(void **state)
{
    json_t           *doc, *ids, *groups;
    drs_model_error_t e;

    (void) state;

    doc = create("{'name':'x','waves':[" W(",'serverIds':['" S1 "']") "," W(
                     ",'serverIds':['" S2 "']") "]}",
                 &e);
    assert_int_equal(bind_with(doc, &e, 0), DRS_OK);

    groups = J(groups_text);
    ids = drs_model_wave_servers(
        json_array_get(json_object_get(doc, "waves"), 1), groups);
    assert_json(ids, "['" S2 "']");
    json_decref(ids);
    json_decref(groups);
    json_decref(doc);
}


static int
update(const json_t *old, const char *text, json_t **doc, int *waves,
       drs_model_error_t *e)
{
    int             rc;
    json_t         *body;
    drs_model_env_t env;

    env = test_env();
    env.now_s += 5;
    body = J(text);
    drs_model_error_init(e);
    rc = drs_model_plan_update(e, body, old, &env, doc, waves);
    json_decref(body);

    return rc;
}


static void
updates(void **state)
{
    int               waves;
    json_t           *old, *doc;
    drs_model_error_t e;

    (void) state;

    old = create(
        "{'name':'x','notificationEmail':'a@example.com','waves':[" W("") "]}",
        &e);

    assert_int_equal(update(old, "{'name':'y','version':1}", &doc, &waves, &e),
                     DRS_OK);
    assert_int_equal(waves, 0);
    assert_at(doc, "/planName", "'y'");
    assert_at(doc, "/name", "'y'");
    assert_at(doc, "/notificationEmail", "'a@example.com'");
    assert_at(doc, "/version", "2");
    assert_at(doc, "/lastModifiedDate", "1700000005");
    json_decref(doc);

    assert_int_equal(
        update(old, "{'notificationEmail':'','waves':[" W("") "," W("") "]}",
               &doc, &waves, &e),
        DRS_OK);
    assert_int_equal(waves, 1);
    assert_at(doc, "/notificationEmail", "''");
    json_decref(doc);

    assert_int_equal(update(old, "{'version':7,'waves':[]}", &doc, &waves, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_VERSION_CONFLICT);
    assert_int_equal(update(old, "{'waves':[]}", &doc, &waves, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_WAVES);
    assert_int_equal(update(old, "{'name':''}", &doc, &waves, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_NAME);
    assert_int_equal(update(old, "{'notificationEmail':'x'}", &doc, &waves, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_EMAIL_UPDATE);

    json_decref(old);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_fills_defaults),
        cmocka_unit_test(create_refusals),
        cmocka_unit_test(cycle_has_its_own_message),
        cmocka_unit_test(bind_selection),
        cmocka_unit_test(bind_refusals),
        cmocka_unit_test(disjoint_subsets_of_one_group_are_fine),
        cmocka_unit_test(updates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
