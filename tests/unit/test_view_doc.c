/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_doc_write.h"
#include "drs_model_group.h"
#include "drs_model_plan.h"
#include "drs_view_doc.h"
#include "drs_view_plan.h"


static void
old_groups_are_completed(void **state)
{
    json_t *doc, *v;

    (void) state;

    doc = J("{'groupId':'" G1 "','groupName':'x','region':'us-east-1',"
            "'sourceServerIds':['" S1 "'],'externalId':'secret'}");
    assert_false(drs_view_group_complete(doc));
    v = drs_view_group(doc);
    assert_at(v, "/protectionGroupId", "'" G1 "'");
    assert_at(v, "/serverSelectionTags", "{}");
    assert_at(v, "/accountId", "''");
    assert_at(v, "/version", "1");
    assert_at(v, "/launchConfigStatus/status", "'not_configured'");
    assert_null(json_object_get(v, "externalId"));
    assert_true(drs_view_group_complete(v));
    assert_true(drs_view_group_in_account(v, drs_str("1"), drs_str("1")));
    assert_false(drs_view_group_in_account(v, drs_str("2"), drs_str("1")));
    json_decref(v);
    json_decref(doc);
}


static json_t *
plan(json_t **groups)
{
    json_t           *body, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    env = test_env();
    drs_model_error_init(&e);

    *groups =
        J("{'" G1 "':{'groupId':'" G1 "','accountId':'111122223333',"
          "'serverSelectionTags':{},'sourceServerIds':['" S1 "','" S2 "']}}");
    body = J("{'name':'P','waves':[{'protectionGroupId':'" G1 "'}]}");
    assert_int_equal(drs_model_plan_create(&e, body, &env, drs_str(P1), &doc),
                     DRS_OK);
    assert_int_equal(drs_model_plan_bind(&e, doc, *groups, &env), DRS_OK);
    json_decref(body);

    return doc;
}


static void
plan_follows_its_groups(void **state)
{
    json_t *doc, *groups, *v, *warnings;

    (void) state;
    doc = plan(&groups);

    v = drs_view_plan(doc, groups, NULL);
    assert_at(v, "/waveCount", "1");
    assert_at(v, "/protectionGroupId", "'" G1 "'");
    assert_at(v, "/waves/0/serverIds", "['" S1 "','" S2 "']");
    assert_at(v, "/waves/0/serverCount", "2");
    assert_at(v, "/waves/0/serverSelection", "'ALL'");
    assert_null(json_object_get(v, "warnings"));
    json_decref(v);

    /* the stored document was not touched */
    assert_at(doc, "/waves/0/serverIds", "[]");

    warnings = J("[{'type':'x'}]");
    v = drs_view_plan(doc, groups, warnings);
    assert_at(v, "/warnings/0/type", "'x'");
    json_decref(v);
    json_decref(warnings);
    json_decref(groups);
    json_decref(doc);
}


static drs_buf_t group_buf;


static drs_str_t
group_text(void *data, drs_str_t id)
{
    json_t *g;

    g = json_object_getn(data, id.data, id.len);
    drs_buf_free(&group_buf);

    if (g != NULL) {
        assert_int_equal(drs_json_dump(&group_buf, g), DRS_OK);
    }

    return drs_buf_str(&group_buf);
}


/* Every wave has the servers that the rule says. */
static void
assert_waves(const json_t *doc, const json_t *groups, const json_t *v)
{
    size_t  i;
    json_t *wave, *shown, *ids;

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        ids = drs_model_wave_servers(wave, groups);
        shown = json_array_get(json_object_get(v, "waves"), i);
        assert_true(json_array_size(ids) > 0);
        assert_true(json_equal(ids, json_object_get(shown, "serverIds")));
        assert_int_equal(
            json_array_size(ids),
            json_integer_value(json_object_get(shown, "serverCount")));
        json_decref(ids);
    }
}


/* The item as a tree, with the end that the list gives it. */
static json_t *
plan_item(const json_t *doc, const drs_view_plan_item_t *it, const char *shared)
{
    char           *text;
    size_t          len;
    json_t         *v;
    drs_buf_t       b;
    drs_plan_text_t t;

    text = drs_json_text(doc, &len);
    assert_int_equal(drs_plan_text_read(&t, drs_strn(text, len)), DRS_OK);

    drs_buf_init(&b, 0);
    drs_view_plan_item(&b, &t, it);
    drs_jw_raw(&b, "sharedProtectionGroups", drs_str(shared));
    drs_jw_close(&b, '}');
    v = drs_json_parse(drs_buf_str(&b), NULL, NULL);
    assert_non_null(v);

    drs_buf_free(&b);
    free(text);

    return v;
}


static void
plan_list_item(void **state)
{
    json_t              *doc, *groups, *v, *wave;
    drs_view_plan_item_t it;

    (void) state;
    doc = plan(&groups);
    memset(&it, 0, sizeof(it));

    v = plan_item(doc, &it, "null");
    assert_at(v, "/lastExecutionStatus", "null");
    assert_at(v, "/lastStartTime", "null");
    assert_at(v, "/hasServerConflict", "false");
    assert_at(v, "/conflictInfo", "null");
    assert_at(v, "/sharedProtectionGroups", "null");
    assert_at(v, "/waves/0/serverIds", "[]");
    assert_null(json_object_get(v, "lastExecutionId"));
    json_decref(v);

    it.last_id = drs_str(P1);
    it.last_status = drs_str("COMPLETED");
    it.last_start_ms = 1700000000000;
    it.last_end_ms = 1700000060000;
    it.conflict_servers = J("['" S1 "']");
    it.conflict_exec = drs_str("e");
    it.conflict_runs = 1;
    v = plan_item(doc, &it, "[{\"protectionGroupId\":\"" G1 "\"}]");
    assert_at(v, "/lastExecutionStatus", "'COMPLETED'");
    assert_at(v, "/lastStartTime", "1700000000");
    assert_at(v, "/lastEndTime", "1700000060");
    assert_at(v, "/hasServerConflict", "true");
    assert_at(v, "/conflictInfo/hasConflict", "true");
    assert_at(v, "/conflictInfo/conflictingServers", "['" S1 "']");
    assert_at(v, "/conflictInfo/conflictingDrsJobId", "null");
    assert_at(v, "/conflictInfo/reason",
              "'1 server of this plan is used by an active execution of "
              "another plan'");
    assert_at(v, "/sharedProtectionGroups/0/protectionGroupId", "'" G1 "'");
    assert_int_equal(json_integer_value(json_object_get(v, "waveCount")),
                     json_array_size(json_object_get(doc, "waves")));
    assert_true(
        json_equal(json_object_get(v, "waves"), json_object_get(doc, "waves")));
    assert_true(json_equal(json_object_get(v, "name"),
                           json_object_get(doc, "planName")));
    json_decref(v);

    it.conflict_jobs = 2;
    it.conflict_job = drs_str("drsjob-1");
    it.group = group_text;
    it.data = groups;
    v = plan_item(doc, &it, "null");
    assert_at(v, "/conflictInfo/conflictingDrsJobId", "'drsjob-1'");
    assert_at(v, "/conflictInfo/reason",
              "'1 server of this plan is used by an active execution of "
              "another plan; 2 servers of this plan take part in the DRS job "
              "drsjob-1'");
    assert_waves(doc, groups, v);
    json_decref(v);

    /* a kept subset, and several groups */
    wave = json_array_get(json_object_get(doc, "waves"), 0);
    json_object_set_new(wave, "serverIds", J("['" S2 "']"));
    v = plan_item(doc, &it, "null");
    assert_at(v, "/waves/0/serverIds", "['" S2 "']");
    assert_waves(doc, groups, v);
    json_decref(v);

    json_object_set_new(groups, "g2",
                        J("{'groupId':'g2','serverSelectionTags':{'a':'b'},"
                          "'sourceServerIds':['s-3']}"));
    json_array_append_new(json_object_get(wave, "protectionGroupIds"),
                          json_string("g2"));
    v = plan_item(doc, &it, "null");
    assert_at(v, "/waves/0/serverIds", "['" S2 "','s-3']");
    assert_waves(doc, groups, v);
    json_decref(v);

    /* a group that is gone: the waves as they are stored */
    json_object_del(groups, "g2");
    v = plan_item(doc, &it, "null");
    assert_true(
        json_equal(json_object_get(v, "waves"), json_object_get(doc, "waves")));
    json_decref(v);
    drs_buf_free(&group_buf);
    json_decref(it.conflict_servers);
    json_decref(groups);
    json_decref(doc);
}


static void
accounts(void **state)
{
    json_t *doc, *v, *list, *sorted;

    (void) state;

    doc = J("{'accountId':'2','accountName':'b','externalId':'x','version':1,"
            "'crossAccountRoleArn':'arn','stagingAccounts':[{'externalId':"
            "'y'}]}");
    v = drs_view_account(doc, 0);
    assert_null(json_object_get(v, "externalId"));
    assert_null(json_object_get(v, "version"));
    assert_null(drs_json_pointer(v, "/stagingAccounts/0/externalId"));
    assert_at(v, "/roleArn", "'arn'");
    assert_at(v, "/status", "'active'");
    json_decref(v);

    v = drs_view_account(doc, 1);
    assert_at(v, "/externalId", "'x'");
    assert_at(v, "/stagingAccounts/0/externalId", "'y'");
    json_decref(v);
    json_decref(doc);

    list = J("[{'accountId':'3','accountName':'B'},{'accountId':'1',"
             "'accountName':'z','isCurrentAccount':true},{'accountId':'2',"
             "'accountName':'a'}]");
    sorted = drs_view_accounts_sorted(list);
    assert_at(sorted, "/0/accountId", "'1'");
    assert_at(sorted, "/1/accountId", "'2'");
    assert_at(sorted, "/2/accountId", "'3'");
    json_decref(sorted);
    json_decref(list);
}


static void
users(void **state)
{
    json_t         *v, *claims;
    drs_str_t       groups[2];
    drs_view_user_t u;

    (void) state;
    memset(&u, 0, sizeof(u));
    groups[0] = drs_str("DRSReadOnly");
    groups[1] = drs_str("other");
    claims = J("{'email_verified':true,'given_name':'Ann',"
               "'custom:department':'IT'}");
    u.user_id = drs_str("sub-1");
    u.groups = groups;
    u.n_groups = 2;
    u.roles = drs_role_bit(DRS_ROLE_READONLY);
    u.perms = drs_roles_perms(u.roles);
    u.claims = claims;

    v = drs_view_user_permissions(&u);
    assert_json(v, "{'user':{'email':'','userId':'sub-1','username':'sub-1',"
                   "'groups':['DRSReadOnly','other']},'roles':['DRSReadOnly'],"
                   "'permissions':['view_accounts','view_executions',"
                   "'view_protection_groups','view_recovery_plans']}");
    json_decref(v);

    v = drs_view_user_profile(&u);
    assert_at(v, "/emailVerified", "true");
    assert_at(v, "/givenName", "'Ann'");
    assert_at(v, "/familyName", "null");
    assert_at(v, "/name", "null");
    assert_at(v, "/department", "'IT'");
    assert_null(json_object_get(v, "jobTitle"));
    json_decref(v);

    v = drs_view_user_roles(&u);
    assert_at(v, "/roles", "['DRSReadOnly']");
    json_decref(v);
    json_decref(claims);
}


static void
servers(void **state)
{
    json_t   *raw, *groups, *g, *v;
    drs_str_t none = drs_null_string;

    (void) state;

    raw = J("{'sourceServerID':'" S1 "','tags':{'Name':'web-1','tier':"
            "'Web'},'sourceProperties':{'identificationHints':{'hostname':"
            "'web','awsInstanceID':'i-12345678'},'os':{'fullString':'Linux'},"
            "'ramBytes':17179869184,'cpus':[{'modelName':'x','cores':2},"
            "{'cores':2}],'disks':[{'deviceName':'/dev/sda','bytes':"
            "1610612736}],'networkInterfaces':[{'ips':['10.0.0.1']},"
            "{'ips':['10.0.0.2'],'macAddress':'aa','isPrimary':true}]},"
            "'dataReplicationInfo':{'dataReplicationState':'CONTINUOUS',"
            "'lagDuration':'PT0S'},'lifeCycle':{'lastLaunch':{'initiated':"
            "{'type':'DRILL','apiCallDateTime':'t'},'status':'LAUNCHED'}},"
            "'sourceCloudProperties':{'originRegion':'us-west-2'}}");

    groups = J("[{'groupId':'" G2 "','groupName':'T','region':'us-east-1',"
               "'accountId':'111122223333','serverSelectionTags':{'tier':"
               "'web'}}]");
    g = drs_view_server_group(raw, groups, drs_str("111122223333"),
                              drs_str("us-east-1"), none);
    assert_non_null(g);
    assert_null(drs_view_server_group(raw, groups, drs_str("111122223333"),
                                      drs_str("eu-west-1"), none));

    v = drs_view_server(raw, drs_str("us-east-1"), g, none);
    assert_at(v, "/state", "'READY_FOR_RECOVERY'");
    assert_at(v, "/replicationState", "'CONTINUOUS'");
    assert_at(v, "/hostname", "'web'");
    assert_at(v, "/nameTag", "'web-1'");
    assert_at(v, "/sourceIp", "'10.0.0.2'");
    assert_at(v, "/sourceMac", "'aa'");
    assert_at(v, "/sourceRegion", "'us-west-2'");
    assert_at(v, "/hardware/totalCores", "4");
    assert_at(v, "/hardware/ramGiB", "16");
    assert_at(v, "/hardware/disks/0/sizeGiB", "1.5");
    assert_at(v, "/lastLaunchType", "'DRILL'");
    assert_at(v, "/lastLaunchResult", "'LAUNCHED'");
    assert_at(v, "/tags/tier", "'Web'");
    assert_at(v, "/selectable", "false");
    assert_at(v, "/assignedToProtectionGroup",
              "{'protectionGroupId':'" G2
              "','protectionGroupName':'T','assignmentType':'tag-based'}");
    json_decref(v);

    v = drs_view_server(raw, drs_str("us-east-1"), g, drs_str(G2));
    assert_at(v, "/selectable", "true");
    assert_at(v, "/assignedToProtectionGroup", "null");
    json_decref(v);
    json_decref(groups);
    json_decref(raw);

    raw = J("{'sourceServerID':'" S1 "'}");
    v = drs_view_server(raw, none, NULL, none);
    assert_at(v, "/lagDuration", "'UNKNOWN'");
    assert_at(v, "/hostname", "''");
    assert_at(v, "/drsTags", "{}");
    json_decref(v);
    json_decref(raw);
}


static int
has_arg(const drs_cmd_t *c, const char *text)
{
    int i;

    for (i = 0; i < c->argc; i++) {
        if (c->argvlen[i] == strlen(text)
            && memcmp(c->argv[i], text, c->argvlen[i]) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
writes_name_their_indexes(void **state)
{
    json_t         *doc, *old, *groups;
    drs_cmd_t      *c;
    drs_doc_write_t w;

    (void) state;
    memset(&w, 0, sizeof(w));
    w.prefix = drs_str("{t}");
    w.own_account = drs_str("111122223333");
    w.actor = drs_str("ann");
    w.now_ms = 1700000000000;

    old = J("{'groupId':'" G1 "','groupName':'Web','region':'us-east-1',"
            "'accountId':'444455556666','serverSelectionTags':{},"
            "'sourceServerIds':['" S1 "','" S2 "'],'version':3}");
    doc = json_deep_copy(old);
    json_object_set_new(doc, "sourceServerIds", J("['" S2 "','" S3 "']"));
    json_object_set_new(doc, "version", json_integer(4));

    w.doc = doc;
    w.old = old;
    c = drs_doc_write_group(&w);
    assert_non_null(c);
    assert_true(has_arg(c, "update"));
    assert_true(has_arg(c, "3"));
    assert_true(has_arg(c, "web"));
    assert_true(has_arg(c, "pg:server:444455556666:us-east-1"));
    assert_true(has_arg(c, "pg:plans:" G1));
    assert_true(has_arg(c, "PG_IN_ACTIVE_EXECUTION"));
    assert_true(has_arg(c, "acct:444455556666"));
    assert_true(has_arg(c, S1));
    assert_true(has_arg(c, S3));
    drs_cmd_free(c);

    w.doc = NULL;
    c = drs_doc_write_group(&w);
    assert_non_null(c);
    assert_true(has_arg(c, "delete"));
    assert_true(has_arg(c, "PG_IN_USE"));
    drs_cmd_free(c);

    w.doc = plan(&groups);
    w.old = NULL;
    c = drs_doc_write_plan(&w);
    assert_non_null(c);
    assert_true(has_arg(c, "create"));
    assert_true(has_arg(c, "pg:" G1));
    assert_true(has_arg(c, "PG_NOT_FOUND"));
    assert_false(has_arg(c, "PLAN_HAS_ACTIVE_EXECUTION"));
    drs_cmd_free(c);

    w.old = w.doc;
    w.doc = NULL;
    c = drs_doc_write_plan(&w);
    assert_non_null(c);
    assert_true(has_arg(c, "PLAN_HAS_ACTIVE_EXECUTION"));
    assert_true(has_arg(c, "claim:plan:" P1));
    drs_cmd_free(c);
    json_decref((json_t *) w.old);
    json_decref(groups);
    json_decref(doc);
    json_decref(old);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_groups_are_completed),
        cmocka_unit_test(plan_follows_its_groups),
        cmocka_unit_test(plan_list_item),
        cmocka_unit_test(accounts),
        cmocka_unit_test(users),
        cmocka_unit_test(servers),
        cmocka_unit_test(writes_name_their_indexes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
