/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_model_group.h"


static json_t *
create(const char *text, drs_model_error_t *e)
{
    json_t         *body, *doc;
    drs_model_env_t env;

    env = test_env();
    drs_model_error_init(e);
    body = J(text);
    (void) drs_model_group_create(e, body, &env, drs_str(G1), &doc);
    json_decref(body);

    if (doc == NULL) {
        assert_int_not_equal(e->err, DRS_ERR_NONE);
    }

    return doc;
}


static void
refused(const char *text, drs_err_t err)
{
    json_t           *doc;
    drs_model_error_t e;

    doc = create(text, &e);
    assert_null(doc);
    assert_err(&e, err);
}


static json_t *
stored(void)
{
    json_t           *doc;
    drs_model_error_t e;

    doc =
        create("{'groupName':'Web','region':'us-east-1','sourceServerIds':['" S1
               "','" S2 "'],'launchConfig':{'copyTags':true}}",
               &e);
    assert_non_null(doc);

    return doc;
}


static void
create_by_ids(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    doc = create("{'groupName':'  Web \\u00e4 ','region':'us-east-1',"
                 "'sourceServerIds':['" S1 "'],'externalId':'secret','x':1}",
                 &e);
    assert_non_null(doc);
    assert_at(doc, "/groupName", "'Web \\u00e4'");
    assert_at(doc, "/groupId", "'" G1 "'");
    assert_at(doc, "/protectionGroupId", "'" G1 "'");
    assert_at(doc, "/accountId", "'111122223333'");
    assert_at(doc, "/owner", "'ann@example.com'");
    assert_at(doc, "/description", "''");
    assert_at(doc, "/serverSelectionTags", "{}");
    assert_at(doc, "/sourceServerIds", "['" S1 "']");
    assert_at(doc, "/createdDate", "1700000000");
    assert_at(doc, "/version", "1");
    assert_at(doc, "/launchConfigStatus/status", "'not_configured'");
    assert_at(doc, "/launchConfigStatus/syncJobId", "null");
    assert_null(json_object_get(doc, "externalId"));
    assert_null(json_object_get(doc, "x"));
    json_decref(doc);
}


static void
create_tags_win(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    doc = create("{'groupName':'T','region':'eu-west-1','accountId':"
                 "'444455556666','serverSelectionTags':{' Tier ':' web '},"
                 "'sourceServerIds':['" S1 "'],'launchConfig':{'subnetId':"
                 "'subnet-12345678','bootMode':null,'instanceType':''}}",
                 &e);
    assert_non_null(doc);
    assert_at(doc, "/serverSelectionTags", "{'Tier':'web'}");
    assert_at(doc, "/sourceServerIds", "[]");
    assert_at(doc, "/accountId", "'444455556666'");
    assert_at(doc, "/launchConfig", "{'subnetId':'subnet-12345678'}");
    assert_at(doc, "/launchConfigStatus/status", "'pending'");
    assert_true(drs_model_group_by_tags(doc));
    json_decref(doc);
}


static void
create_order_of_checks(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    refused("{}", DRS_ERR_MISSING_FIELD);
    refused("{'groupName':'x'}", DRS_ERR_MISSING_FIELD);
    refused("{'groupName':'','region':'us-east-1','accountId':'12'}",
            DRS_ERR_VALIDATION_ERROR);
    refused("{'groupName':' ','region':'nowhere'}", DRS_ERR_INVALID_NAME);
    refused("{'groupName':7,'region':'us-east-1'}", DRS_ERR_INVALID_NAME);
    refused("{'groupName':'a\\u0001','region':'us-east-1'}",
            DRS_ERR_INVALID_NAME);
    refused("{'groupName':'x','region':'mars-1'}", DRS_ERR_INVALID_PARAMETER);
    refused("{'groupName':'x','region':'us-east-1'}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':['i-1']}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':['" S1
            "','" S1 "']}",
            DRS_ERR_INVALID_PARAMETER);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':'all'}",
            DRS_ERR_INVALID_SERVERS);
    refused("{'groupName':'x','region':'us-east-1','serverSelectionTags':"
            "{'aws:x':'1'}}",
            DRS_ERR_INVALID_TAGS);
    refused("{'groupName':'x','region':'us-east-1','serverSelectionTags':"
            "{'a':1}}",
            DRS_ERR_INVALID_TAGS);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':['" S1
            "'],'launchConfig':[]}",
            DRS_ERR_INVALID_LAUNCH_CONFIG);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':['" S1
            "'],'launchConfig':{'securityGroupIds':'sg-1'}}",
            DRS_ERR_INVALID_SECURITY_GROUPS);
    refused("{'groupName':'x','region':'us-east-1','sourceServerIds':['" S1
            "'],'launchConfig':{'copyTags':'true'}}",
            DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT);

    /* every failure is listed */
    doc = create("{'groupName':'','region':'x','accountId':1}", &e);
    assert_null(doc);
    assert_int_equal(e.err, DRS_ERR_VALIDATION_ERROR);
    assert_true(json_array_size(json_object_get(e.details, "errors")) >= 4);
    drs_model_error_free(&e);
}


static void
name_of_64_code_points(void **state)
{
    char              text[1024], name[64 * 2 + 3];
    size_t            i;
    json_t           *doc, *body;
    drs_model_error_t e;

    (void) state;

    for (i = 0; i < 64; i++) {
        memcpy(name + 2 * i, "\xc3\xa4", 2);
    }
    name[128] = '\0';

    (void) snprintf(text, sizeof(text),
                    "{'groupName':'%s','region':"
                    "'us-east-1','sourceServerIds':['" S1 "']}",
                    name);
    doc = create(text, &e);
    assert_non_null(doc);
    json_decref(doc);

    (void) snprintf(text, sizeof(text),
                    "{'groupName':'%sx','region':"
                    "'us-east-1','sourceServerIds':['" S1 "']}",
                    name);
    doc = create(text, &e);
    assert_null(doc);
    assert_int_equal(e.err, DRS_ERR_INVALID_NAME);
    assert_json(e.fields, "{'field':'groupName','maxLength':64,"
                          "'actualLength':65}");

    body = drs_model_error_body(&e, drs_str("req-1"));
    assert_at(body, "/error", "'INVALID_NAME'");
    assert_at(body, "/actualLength", "65");
    assert_at(body, "/details/maxLength", "64");
    assert_at(body, "/requestId", "'req-1'");
    json_decref(body);
    drs_model_error_free(&e);
}


static int
update(const json_t *old, const char *text, json_t **doc, unsigned *changes,
       drs_model_error_t *e)
{
    int             rc;
    json_t         *body;
    drs_model_env_t env;

    env = test_env();
    env.now_s += 60;
    body = J(text);
    drs_model_error_init(e);
    rc = drs_model_group_update(e, body, old, &env, doc, changes);
    json_decref(body);

    return rc;
}


static void
update_refused(const char *text, drs_err_t err)
{
    json_t           *old, *doc;
    unsigned          changes;
    drs_model_error_t e;

    old = stored();
    assert_int_equal(update(old, text, &doc, &changes, &e), DRS_DECLINED);
    assert_null(doc);
    assert_err(&e, err);
    json_decref(old);
}


static void
update_versions(void **state)
{
    json_t           *old, *doc;
    unsigned          changes;
    drs_model_error_t e;

    (void) state;
    old = stored();

    assert_int_equal(update(old, "{'version':2}", &doc, &changes, &e),
                     DRS_DECLINED);
    assert_int_equal(e.err, DRS_ERR_VERSION_CONFLICT);
    assert_json(e.fields, "{'expectedVersion':2,'currentVersion':1,"
                          "'resourceId':'" G1 "'}");
    drs_model_error_free(&e);

    assert_int_equal(update(old, "{'Version':1}", &doc, &changes, &e), DRS_OK);
    assert_at(doc, "/version", "2");
    assert_at(doc, "/lastModifiedDate", "1700000060");
    assert_at(doc, "/createdDate", "1700000000");
    assert_int_equal(changes, 0);
    json_decref(doc);

    update_refused("{'version':0}", DRS_ERR_INVALID_PARAMETER);
    update_refused("{'version':'1'}", DRS_ERR_INVALID_PARAMETER);
    update_refused("{'version':1.0}", DRS_ERR_INVALID_PARAMETER);
    json_decref(old);
}


static void
update_unchanged_values_are_accepted(void **state)
{
    json_t           *old, *doc;
    unsigned          changes;
    drs_model_error_t e;

    (void) state;
    old = stored();

    assert_int_equal(
        update(
            old,
            "{'groupName':'Web','description':'',"
            "'region':'us-east-1','accountId':'111122223333','assumeRoleName':"
            "'DRSOrchestrationRole','sourceServerIds':['" S1 "','" S2 "'],"
            "'launchConfig':{'copyTags':true}}",
            &doc, &changes, &e),
        DRS_OK);
    assert_int_equal(changes, 0);
    assert_at(doc, "/assumeRoleName", "''");
    json_decref(doc);
    json_decref(old);
}


static void
update_changes(void **state)
{
    json_t           *old, *doc;
    unsigned          changes;
    drs_model_error_t e;

    (void) state;
    old = stored();

    assert_int_equal(
        update(old, "{'serverSelectionTags':{'a':'b'}}", &doc, &changes, &e),
        DRS_OK);
    assert_int_equal(changes, DRS_GROUP_CHANGED_SELECTION);
    assert_at(doc, "/sourceServerIds", "[]");
    assert_at(doc, "/launchConfigStatus/status", "'pending'");
    json_decref(doc);

    assert_int_equal(
        update(old, "{'groupName':'New','owner':'me'}", &doc, &changes, &e),
        DRS_OK);
    assert_int_equal(changes, DRS_GROUP_CHANGED_NAME | DRS_GROUP_CHANGED_TEXT);
    json_decref(doc);

    update_refused("{'region':'eu-west-1'}", DRS_ERR_INVALID_PARAMETER);
    update_refused("{'accountId':'999999999999'}", DRS_ERR_INVALID_PARAMETER);
    update_refused("{'serverSelectionTags':{}}", DRS_ERR_INVALID_TAGS);
    update_refused("{'serverSelectionTags':[]}", DRS_ERR_INVALID_TAGS);
    update_refused("{'sourceServerIds':[]}", DRS_ERR_INVALID_SERVERS);
    update_refused("{'servers':{}}", DRS_ERR_INVALID_SERVERS);
    update_refused("{'serverSelectionTags':{'a':'b'},'sourceServerIds':['" S1
                   "']}",
                   DRS_ERR_INVALID_PARAMETER);
    update_refused("{'groupName':''}", DRS_ERR_INVALID_NAME);

    json_object_set_new(json_object_get(old, "launchConfigStatus"), "status",
                        json_string("syncing"));
    assert_int_equal(update(old, "{'description':'x'}", &doc, &changes, &e),
                     DRS_OK);
    json_decref(doc);
    assert_int_equal(update(old, "{'launchConfig':{}}", &doc, &changes, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_LAUNCH_CONFIG_SYNC_IN_PROGRESS);
    json_decref(old);
}


static void
members_of_tag_groups(void **state)
{
    size_t            i;
    char              id[32];
    json_t           *doc, *ids;
    drs_model_env_t   env;
    drs_model_error_t e;

    (void) state;
    env = test_env();

    doc = create("{'groupName':'T','region':'eu-west-1',"
                 "'serverSelectionTags':{'a':'b'},'launchConfig':"
                 "{'staticPrivateIp':'10.0.0.5','subnetId':"
                 "'subnet-12345678'}}",
                 &e);
    assert_non_null(doc);

    ids = J("['" S1 "']");
    assert_int_equal(drs_model_group_members(&e, doc, ids, &env), DRS_OK);
    assert_at(doc, "/sourceServerIds", "['" S1 "']");
    assert_at(doc, "/launchConfigStatus/totalCount", "1");
    json_decref(ids);

    ids = J("['" S1 "','" S2 "']");
    assert_int_equal(drs_model_group_members(&e, doc, ids, &env), DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT);
    json_decref(ids);
    json_object_del(doc, "launchConfig");

    ids = json_array();
    for (i = 0; i < 101; i++) {
        (void) snprintf(id, sizeof(id), "s-%017zx", i);
        json_array_append_new(ids, json_string(id));
    }
    assert_int_equal(drs_model_group_members(&e, doc, ids, &env), DRS_OK);
    env.strict = 1;
    assert_int_equal(drs_model_group_members(&e, doc, ids, &env), DRS_DECLINED);
    assert_err(&e, DRS_ERR_QUOTA_EXCEEDED);
    json_decref(ids);
    json_decref(doc);
}


static void
tags_match_as_one_rule(void **state)
{
    char    a[65], b[65];
    json_t *want, *have;

    (void) state;

    want = J("{'Tier':'Web','env':' prod '}");
    have = J("{' Tier ':'wEB','env':'PROD','x':'y'}");
    assert_int_equal(drs_model_tags_match(want, have), 1);
    assert_int_equal(drs_model_tags_match(have, want), 0);
    json_decref(have);

    have = J("{'tier':'Web','env':'prod'}");
    assert_int_equal(drs_model_tags_match(want, have), 0);
    json_decref(have);
    json_decref(want);

    want = J("{}");
    have = J("{'a':'b'}");
    assert_int_equal(drs_model_tags_match(want, have), 0);
    json_decref(have);
    json_decref(want);

    want = J("{'a':'X','b':'2'}");
    have = J("{'b':'2','a':' x'}");
    assert_int_equal(drs_model_tags_hash(a, want), DRS_OK);
    assert_int_equal(drs_model_tags_hash(b, have), DRS_OK);
    assert_string_equal(a, b);
    json_decref(have);
    json_decref(want);
}


static void
resolve_request(void **state)
{
    json_t             *body;
    drs_model_env_t     env;
    drs_model_error_t   e;
    drs_model_resolve_t r;

    (void) state;
    env = test_env();
    drs_model_error_init(&e);

    body = J("{'region':'us-east-1','tags':{'a':'b'}}");
    assert_int_equal(drs_model_group_resolve(&e, body, &env, &r), DRS_OK);
    assert_true(drs_str_eqz(r.region, "us-east-1"));
    assert_json(r.tags, "{'a':'b'}");
    json_decref(r.tags);
    json_decref(body);

    body = J("{'tags':{'a':'b'}}");
    assert_int_equal(drs_model_group_resolve(&e, body, &env, &r), DRS_DECLINED);
    assert_err(&e, DRS_ERR_MISSING_PARAMETER);
    json_decref(body);

    body = J("{'region':'us-east-1','tags':{}}");
    assert_int_equal(drs_model_group_resolve(&e, body, &env, &r), DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_PARAMETER);
    json_decref(body);

    body = J("{'region':'us-east-1','tags':{'a':'b'},"
             "'protectionGroupId':'x'}");
    assert_int_equal(drs_model_group_resolve(&e, body, &env, &r), DRS_DECLINED);
    assert_err(&e, DRS_ERR_PROTECTION_GROUP_NOT_FOUND);
    json_decref(body);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_by_ids),
        cmocka_unit_test(create_tags_win),
        cmocka_unit_test(create_order_of_checks),
        cmocka_unit_test(name_of_64_code_points),
        cmocka_unit_test(update_versions),
        cmocka_unit_test(update_unchanged_values_are_accepted),
        cmocka_unit_test(update_changes),
        cmocka_unit_test(members_of_tag_groups),
        cmocka_unit_test(tags_match_as_one_rule),
        cmocka_unit_test(resolve_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
