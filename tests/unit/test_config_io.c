/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_config_io.h"
#include "drs_model_group.h"
#include "drs_model_plan.h"


/* The store of these tests: group "Old" exists. */
static drs_str_t
find(void *data, drs_config_kind_t kind, drs_str_t folded)
{
    drs_str_t none = drs_null_string;

    (void) data;

    if (kind == DRS_CONFIG_GROUP && drs_str_eqz(folded, "old")) {
        return drs_str(G2);
    }

    if (kind == DRS_CONFIG_PLAN && drs_str_eqz(folded, "there")) {
        return drs_str(P1);
    }

    return none;
}


static void
parse_refused(const char *text, drs_err_t err)
{
    json_t             *body, *none;
    drs_model_error_t   e;
    drs_config_import_t in;

    drs_model_error_init(&e);
    body = J(text);
    assert_int_equal(drs_config_parse(&e, body, 0, &in, &none), DRS_DECLINED);
    assert_err(&e, err);
    json_decref(none);
    json_decref(body);
}


static void
parsing(void **state)
{
    json_t             *body, *none;
    drs_model_error_t   e;
    drs_config_import_t in;

    (void) state;
    drs_model_error_init(&e);

    body = J("{'config':{'metadata':{'schemaVersion':'1.0'},"
             "'protectionGroups':[{}]},'dryRun':true}");
    assert_int_equal(drs_config_parse(&e, body, 0, &in, &none), DRS_OK);
    assert_int_equal(in.dry_run, 1);
    assert_int_equal(json_array_size(in.groups), 1);
    assert_int_equal(json_array_size(in.plans), 0);
    json_decref(none);
    json_decref(body);

    body = J("{'recoveryPlans':[{},{}]}");
    assert_int_equal(drs_config_parse(&e, body, 1, &in, &none), DRS_OK);
    assert_int_equal(in.dry_run, 1);
    assert_int_equal(json_array_size(in.plans), 2);
    json_decref(none);
    json_decref(body);

    parse_refused("[]", DRS_ERR_INVALID_PARAMETER);
    parse_refused("{'config':[]}", DRS_ERR_INVALID_PARAMETER);
    parse_refused("{'config':{},'dryRun':'true'}", DRS_ERR_INVALID_PARAMETER);
    parse_refused("{'protectionGroups':{}}", DRS_ERR_INVALID_PARAMETER);
    parse_refused("{'metadata':{'schemaVersion':'2.0'}}",
                  DRS_ERR_UNSUPPORTED_SCHEMA_VERSION);
    parse_refused("{'metadata':{'schemaVersion':1.1}}",
                  DRS_ERR_UNSUPPORTED_SCHEMA_VERSION);
}


static void
verdicts(void **state)
{
    json_t             *item, *body, *result;
    drs_config_result_t r;
    drs_str_t           none = drs_null_string;
    drs_model_error_t   e;

    (void) state;
    assert_int_equal(drs_config_result_init(&r, 1), DRS_OK);

    item = J("{'groupName':'OLD','sourceServerIds':['" S1 "']}");
    assert_int_equal(drs_config_group(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("{'groupName':'New','sourceServerIds':['" S1 "'],"
             "'externalId':'secret'}");
    assert_int_equal(drs_config_group(&r, item, find, NULL, &body), DRS_OK);
    assert_null(json_object_get(body, "externalId"));
    drs_config_result_add(&r, DRS_CONFIG_GROUP, drs_str("New"),
                          DRS_CONFIG_CREATED, NULL,
                          json_pack("{s:b}", "wouldCreate", 1), drs_str(G1));
    json_decref(body);

    /* the second of two equal names */
    assert_int_equal(drs_config_group(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("{'groupName':'Empty'}");
    assert_int_equal(drs_config_group(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("{'groupName':'Bad','sourceServerIds':['x']}");
    assert_int_equal(drs_config_group(&r, item, find, NULL, &body), DRS_OK);
    drs_model_error_init(&e);
    (void) drs_model_invalid(&e, "sourceServerIds", NULL, "good");
    drs_config_result_error(&r, DRS_CONFIG_GROUP, drs_str("Bad"), &e);
    drs_model_error_free(&e);
    json_decref(body);
    json_decref(item);

    item = J("{'planName':'P','waves':[{'protectionGroupName':'new'},"
             "{'protectionGroupNames':['Old','NEW']}]}");
    assert_int_equal(drs_config_plan(&r, item, find, NULL, &body), DRS_OK);
    assert_at(body, "/waves/0/protectionGroupIds", "['" G1 "']");
    assert_at(body, "/waves/1/protectionGroupIds", "['" G2 "','" G1 "']");
    drs_config_result_add(&r, DRS_CONFIG_PLAN, drs_str("P"), DRS_CONFIG_CREATED,
                          NULL, NULL, none);
    json_decref(body);
    json_decref(item);

    item = J("{'planName':'There','waves':[]}");
    assert_int_equal(drs_config_plan(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("{'planName':'Casc','waves':[{'protectionGroupName':'Bad'},"
             "{'protectionGroupName':'Nowhere'}]}");
    assert_int_equal(drs_config_plan(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("{'planName':'Miss','waves':[{'protectionGroupName':"
             "'Nowhere'},{'protectionGroupId':'" G1 "'}]}");
    assert_int_equal(drs_config_plan(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    item = J("7");
    assert_int_equal(drs_config_plan(&r, item, find, NULL, &body),
                     DRS_DECLINED);
    json_decref(item);

    result = drs_config_result_body(&r, drs_str("corr"));
    assert_at(result, "/success", "false");
    assert_at(result, "/dryRun", "true");
    assert_at(result, "/correlationId", "'corr'");
    assert_at(result, "/summary/protectionGroups",
              "{'created':1,'skipped':1,'failed':3}");
    assert_at(result, "/summary/recoveryPlans",
              "{'created':1,'skipped':1,'failed':3}");
    assert_at(result, "/skipped/0",
              "{'type':'ProtectionGroup','name':'OLD',"
              "'status':'skipped','reason':'ALREADY_EXISTS','details':"
              "{'existingGroupId':'" G2 "'}}");
    assert_at(result, "/failed/0/reason", "'CREATE_ERROR'");
    assert_at(result, "/failed/0/details/code", "'PG_NAME_EXISTS'");
    assert_at(result, "/failed/1/reason", "'NO_SELECTION_METHOD'");
    assert_at(result, "/failed/2/details/code", "'INVALID_PARAMETER'");
    assert_at(result, "/failed/3/reason", "'CASCADE_FAILURE'");
    assert_at(result, "/failed/3/details/failedProtectionGroups", "['Bad']");
    assert_at(result, "/failed/4/reason", "'MISSING_PROTECTION_GROUP'");
    assert_at(result, "/failed/4/details/missingProtectionGroups",
              "['Nowhere','" G1 "']");
    json_decref(result);
    drs_config_result_free(&r);
}


static json_t *
make_group(const char *text, const char *id)
{
    json_t           *body, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    env = test_env();
    drs_model_error_init(&e);
    body = J(text);
    assert_int_equal(drs_model_group_create(&e, body, &env, drs_str(id), &doc),
                     DRS_OK);
    json_decref(body);

    return doc;
}


/* What is exported can be imported, and says the same. */
static void
export_and_import_agree(void **state)
{
    json_t             *groups, *plans, *doc, *plan, *body, *none, *byid;
    json_t             *again;
    drs_str_t           nothing = drs_null_string;
    drs_model_env_t     env;
    drs_model_error_t   e;
    drs_config_export_t x;
    drs_config_import_t in;
    drs_config_result_t r;

    (void) state;
    env = test_env();
    drs_model_error_init(&e);

    groups = json_array();
    json_array_append_new(
        groups,
        make_group(
            "{'groupName':'web','region':'us-east-1','sourceServerIds':['" S1
            "','" S2 "'],'launchConfig':{'copyTags':true},'servers':"
            "[{'sourceServerId':'" S1 "','useGroupDefaults':false}]}",
            G1));
    json_array_append_new(
        groups,
        make_group(
            "{'groupName':'Alpha','region':'us-east-1','serverSelectionTags':"
            "{'a':'b'}}",
            G2));

    byid = json_object();
    json_object_set(byid, G1, json_array_get(groups, 0));
    json_object_set(byid, G2, json_array_get(groups, 1));

    body = J("{'name':'Plan','notificationEmail':'a@example.com','priority':"
             "2,'waves':[{'protectionGroupIds':['" G1 "','" G2 "'],"
             "'serverIds':['" S1 "'],'failurePolicy':'CONTINUE'}]}");
    assert_int_equal(drs_model_plan_create(&e, body, &env, drs_str(P1), &plan),
                     DRS_OK);
    assert_int_equal(drs_model_plan_bind(&e, plan, byid, &env), DRS_OK);
    json_decref(body);
    plans = json_array();
    json_array_append(plans, plan);

    memset(&x, 0, sizeof(x));
    x.groups = groups;
    x.plans = plans;
    x.exported_by = drs_str("ann");
    x.region = drs_str("us-east-1");
    x.account = drs_str("111122223333");
    x.now_s = 1700000000;
    doc = drs_config_export(&x);

    assert_at(doc, "/metadata/schemaVersion", "'1.1'");
    assert_at(doc, "/metadata/protectionGroupCount", "2");
    assert_at(doc, "/metadata/serverCount", "2");
    assert_at(doc, "/metadata/serversWithCustomConfig", "1");
    assert_at(doc, "/metadata/orphanedReferences", "0");
    assert_at(doc, "/sourceAccount", "'111122223333'");
    assert_at(doc, "/protectionGroups/0/groupName", "'Alpha'");
    assert_null(drs_json_pointer(doc, "/protectionGroups/0/sourceServerIds"));
    assert_null(drs_json_pointer(doc, "/protectionGroups/1/groupId"));
    assert_at(doc, "/recoveryPlans/0/waves/0/protectionGroupName", "'web'");
    assert_at(doc, "/recoveryPlans/0/waves/0/protectionGroupNames",
              "['web','Alpha']");
    assert_at(doc, "/recoveryPlans/0/waves/0/failurePolicy", "'CONTINUE'");
    assert_null(
        drs_json_pointer(doc, "/recoveryPlans/0/waves/0/deadlineMinutes"));
    assert_at(doc, "/recoveryPlans/0/priority", "2");
    assert_null(drs_json_pointer(doc, "/recoveryPlans/0/maxParallelWaves"));

    assert_int_equal(drs_config_parse(&e, doc, 0, &in, &none), DRS_OK);
    assert_int_equal(drs_config_result_init(&r, 0), DRS_OK);
    drs_config_result_add(&r, DRS_CONFIG_GROUP, drs_str("Alpha"),
                          DRS_CONFIG_CREATED, NULL, NULL, drs_str(G2));
    drs_config_result_add(&r, DRS_CONFIG_GROUP, drs_str("web"),
                          DRS_CONFIG_CREATED, NULL, NULL, drs_str(G1));
    assert_int_equal(
        drs_config_plan(&r, json_array_get(in.plans, 0), find, NULL, &body),
        DRS_OK);
    assert_int_equal(drs_model_plan_create(&e, body, &env, drs_str(P1), &again),
                     DRS_OK);
    assert_int_equal(drs_model_plan_bind(&e, again, byid, &env), DRS_OK);
    assert_true(drs_json_equal(plan, again));

    (void) nothing;
    json_decref(again);
    json_decref(body);
    json_decref(none);
    drs_config_result_free(&r);
    json_decref(doc);
    json_decref(plan);
    json_decref(plans);
    json_decref(groups);
    json_decref(byid);
}


static void
orphans_are_counted(void **state)
{
    json_t             *plans, *groups, *doc;
    drs_config_export_t x;

    (void) state;

    groups = json_array();
    plans = J("[{'planName':'p','waves':[{'waveNumber':0,"
              "'protectionGroupIds':['" G1 "']}]}]");
    memset(&x, 0, sizeof(x));
    x.groups = groups;
    x.plans = plans;
    x.exported_by = drs_str("a");
    x.region = drs_str("");
    x.account = drs_str("");

    doc = drs_config_export(&x);
    assert_at(doc, "/metadata/orphanedReferences", "1");
    assert_at(doc, "/recoveryPlans/0/waves/0/protectionGroupId", "'" G1 "'");
    json_decref(doc);
    json_decref(plans);
    json_decref(groups);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(export_and_import_agree),
        cmocka_unit_test(orphans_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
