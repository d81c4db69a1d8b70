
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_routes.h"
#include "drs_view_audit.h"


static json_t *
view(const char *entry)
{
    json_t *list, *e;

    list = json_array();
    e = J(entry);
    assert_int_equal(drs_view_audit_server(list, e, drs_str(G1), drs_str(S1)),
                     DRS_OK);
    json_decref(e);

    return list;
}


static void
changes_of_one_server_are_shown(void **state)
{
    json_t *list, *want;

    (void) state;

    list = view("{'time':'T','action':'group.update','outcome':'succeeded',"
                "'resourceId':'" G1 "','actor':{'userId':'u','email':'e@x'},"
                "'before':{'servers':[{'sourceServerId':'" S1 "',"
                "'useGroupDefaults':true,'launchTemplate':{'a':'1','b':true,"
                "'c':[1]}}]},"
                "'after':{'servers':[{'sourceServerId':'" S2 "'},"
                "{'sourceServerId':'" S1 "','useGroupDefaults':false,"
                "'launchTemplate':{'a':'2','c':[1],'d':null}}]}}");
    want = J("[{'timestamp':'T','user':'e@x','action':'UPDATE_SERVER_CONFIG',"
             "'protectionGroupId':'" G1 "','serverId':'" S1 "','changes':["
             "{'field':'useGroupDefaults','oldValue':'true',"
             "'newValue':'false'},"
             "{'field':'a','oldValue':'1','newValue':'2'},"
             "{'field':'b','oldValue':'true','newValue':null},"
             "{'field':'d','oldValue':null,'newValue':null}]}]");
    assert_true(json_equal(list, want));
    json_decref(list);
    json_decref(want);
}


static void
actions_are_told_apart(void **state)
{
    size_t  i;
    char    text[1024];
    json_t *list;

#define OLD                                                                    \
    "'before':{'servers':[{'sourceServerId':'" S1                              \
    "','launchTemplate':{'a':1}}]}"
#define NEW                                                                    \
    "'after':{'servers':[{'sourceServerId':'" S1 "','launchTemplate':{'a':2}}]}"

    static const char *const rows[][3] = {
        { "group.update", NEW, "CREATE_SERVER_CONFIG" },
        { "group.update", OLD "," NEW, "UPDATE_SERVER_CONFIG" },
        { "group.update", OLD ",'after':{'servers':[]}", "RESET_TO_DEFAULTS" },
        { "group.server_config.delete", OLD ",'after':{'servers':[]}",
          "DELETE_SERVER_CONFIG" },
        { "group.server_config.update",
          OLD ",'after':{'servers':[{'sourceServerId':'" S1
              "','useGroupDefaults':true,'launchTemplate':{}}]}",
          "RESET_TO_DEFAULTS" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                        "{'time':'T','action':'%s','outcome':'succeeded',"
                        "'resourceId':'" G1 "','actor':{'userId':'u'},%s}",
                        rows[i][0], rows[i][1]);
        list = view(text);
        assert_int_equal(json_array_size(list), 1);
        assert_string_equal(json_string_value(json_object_get(
                                json_array_get(list, 0), "action")),
                            rows[i][2]);
        assert_string_equal(
            json_string_value(json_object_get(json_array_get(list, 0), "user")),
            "u");
        json_decref(list);
    }
}


static void
other_entries_say_nothing(void **state)
{
    size_t  i;
    json_t *list;

    static const char *const rows[] = {
        "{}",
        "{'time':'T','action':'group.update','outcome':'failed',"
        "'resourceId':'" G1 "'," NEW "}",
        "{'time':'T','action':'group.update','outcome':'succeeded',"
        "'resourceId':'" G2 "'," NEW "}",
        "{'time':'T','action':'group.update','outcome':'succeeded',"
        "'resourceId':'" G1 "','after':{'description':'x'}}",
        "{'time':'T','action':'group.update','outcome':'succeeded',"
        "'resourceId':'" G1 "','after':{'servers':'x'}}"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        list = view(rows[i]);
        assert_int_equal(json_array_size(list), 0);
        json_decref(list);
    }
}


static void
membership_by_list_or_settings(void **state)
{
    json_t *g;

    (void) state;
    g = J("{'sourceServerIds':['" S1 "'],'servers':[{'sourceServerId':'" S2
          "'}]}");
    assert_true(drs_view_audit_has_server(g, drs_str(S1)));
    assert_true(drs_view_audit_has_server(g, drs_str(S2)));
    assert_false(drs_view_audit_has_server(g, drs_str(S3)));
    json_decref(g);
}


static void
routes_know_what_is_audited(void **state)
{
    char action[64];

    (void) state;

    assert_true(drs_route_changes(drs_route(DRS_ROUTE_PLAN_DELETE)));
    assert_true(drs_route_changes(drs_route(DRS_ROUTE_EXEC_CANCEL)));
    assert_true(drs_route_changes(drs_route(DRS_ROUTE_CONFIG_IMPORT)));
    assert_false(drs_route_changes(drs_route(DRS_ROUTE_PLAN_GET)));
    assert_false(drs_route_changes(drs_route(DRS_ROUTE_GROUP_RESOLVE)));
    assert_false(drs_route_changes(drs_route(DRS_ROUTE_AUTH_LOGIN)));
    assert_true(drs_route_audited_read(drs_route(DRS_ROUTE_CONFIG_EXPORT)));
    assert_true(drs_route_audited_read(drs_route(DRS_ROUTE_AUDIT_LIST)));
    assert_false(drs_route_audited_read(drs_route(DRS_ROUTE_PLAN_LIST)));

    drs_route_action(action, sizeof(action), drs_route(DRS_ROUTE_PLAN_DELETE));
    assert_string_equal(action, "plan.delete");
    drs_route_action(action, sizeof(action), drs_route(DRS_ROUTE_METRICS));
    assert_string_equal(action, "metrics");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_one_server_are_shown),
        cmocka_unit_test(actions_are_told_apart),
        cmocka_unit_test(other_entries_say_nothing),
        cmocka_unit_test(membership_by_list_or_settings),
        cmocka_unit_test(routes_know_what_is_audited)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
