
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Published source servers: the same as the view of the item itself.
 */

#include "model_help.h"

#include "drs_model_group.h"
#include "drs_view_doc.h"
#include "drs_view_inv.h"


#define ID "s-0123456789abcdef0"


static json_t *
item(const char *name, const char *host, const char *direction)
{
    json_t *v;

    v = J("{'sourceServerID':'" ID "','tags':{'tier':'web'},"
          "'sourceProperties':{'identificationHints':{}},"
          "'dataReplicationInfo':{'dataReplicationState':'CONTINUOUS'}}");

    if (name != NULL) {
        json_object_set_new(json_object_get(v, "tags"), "Name",
                            json_string(name));
    }

    if (host != NULL) {
        json_object_set_new(
            json_object_get(json_object_get(v, "sourceProperties"),
                            "identificationHints"),
            "hostname", json_string(host));
    }

    if (direction != NULL) {
        json_object_set_new(v, "replicationDirection", json_string(direction));
    }

    return v;
}


static void
check_server(const json_t *v, const json_t *group, const char *current)
{
    json_t         *want, *got;
    drs_buf_t       row, b;
    drs_inv_group_t g;

    memset(&g, 0, sizeof(g));
    drs_buf_init(&row, 0);
    drs_buf_init(&b, 0);

    if (group != NULL) {
        g.id = drs_json_field(group, "groupId");
        g.name = drs_str("\"G \\\"1\\\"\"");
        g.by_tags = drs_model_group_by_tags(group) != 0;
    }

    assert_int_equal(drs_inv_row(&row, v, drs_str("us-east-1"), NULL), DRS_OK);
    drs_inv_server(&b, drs_buf_str(&row), &g, drs_str(current), 1);

    want = drs_view_server(v, drs_str("us-east-1"), group, drs_str(current));
    got = drs_json_parse(drs_buf_str(&b), NULL, NULL);
    assert_non_null(got);
    assert_true(json_equal(want, got));

    json_decref(want);
    json_decref(got);
    drs_buf_free(&row);
    drs_buf_free(&b);
}


static void
servers_are_the_same(void **state)
{
    json_t *v, *ids, *tags;

    (void) state;
    v = item("web \"1\"", "host", NULL);
    ids = J("{'groupId':'g1','serverSelectionTags':{}}");
    json_object_set_new(ids, "groupName", json_string("G \"1\""));
    tags = json_deep_copy(ids);
    json_object_set_new(tags, "serverSelectionTags", J("{'tier':'web'}"));

    check_server(v, NULL, "");
    check_server(v, ids, "");
    check_server(v, tags, "");
    check_server(v, ids, "g1");
    check_server(v, ids, "g2");

    json_decref(v);
    json_decref(ids);
    json_decref(tags);
}


static void
check_member(const char *name, const char *host, const char *want)
{
    json_t   *v;
    drs_buf_t row, b;

    drs_buf_init(&row, 0);
    drs_buf_init(&b, 0);
    v = item(name, host, NULL);

    assert_int_equal(drs_inv_row(&row, v, drs_str("us-east-1"), NULL), DRS_OK);
    assert_int_equal(drs_inv_member(&b, drs_buf_str(&row)), DRS_OK);
    assert_int_equal(b.len, strlen(want) + 1 + strlen(ID));
    assert_memory_equal(b.data, want, strlen(want) + 1);
    assert_memory_equal(b.data + strlen(want) + 1, ID, strlen(ID));

    json_decref(v);
    drs_buf_free(&row);
    drs_buf_free(&b);
}


static void
order_is_by_name(void **state)
{
    (void) state;
    check_member("name", "host", "name");
    check_member("a \"b\" \xc3\xa9", "host", "a \"b\" \xc3\xa9");
    check_member(NULL, "host", "host");
    check_member("", "host", "host");
    check_member(NULL, NULL, ID);
}


static void
check_tagged(const char *direction, const char *tags, int want)
{
    json_t   *v, *t;
    drs_buf_t row;

    drs_buf_init(&row, 0);
    v = item("n", NULL, direction);
    t = J(tags);

    assert_int_equal(drs_inv_row(&row, v, drs_str("us-east-1"), NULL), DRS_OK);
    assert_int_equal(drs_inv_tagged(drs_buf_str(&row), t), want);

    json_decref(v);
    json_decref(t);
    drs_buf_free(&row);
}


static void
tags_choose(void **state)
{
    json_t *t;

    (void) state;
    check_tagged(NULL, "{'tier':'web'}", 1);
    check_tagged(NULL, "{'tier':'web','Name':'n'}", 1);
    check_tagged(NULL, "{'tier':'db'}", 0);
    check_tagged("FAILOVER", "{'tier':'web'}", 1);
    check_tagged("FAILBACK", "{'tier':'web'}", 0);

    t = J("{'a':'b'}");
    assert_int_equal(drs_inv_tagged(drs_str(""), t), 0);
    assert_int_equal(drs_inv_tagged(drs_str("+x"), t), 0);
    json_decref(t);
}


static void
filters_are_the_same(void **state)
{
    size_t                 i;
    json_t                *v, *server, *doc;
    drs_buf_t              row;
    drs_str_t              account, none = drs_null_string;
    drs_inventory_filter_t f;

    static const char *const texts[] = {
        "",
        "{'hostname':'host'}",
        "{'hostname':'other'}",
        "{'replicationState':'CONTINUOUS'}",
        "{'replicationState':'X'}",
        "{'stagingAccountId':'1','sourceAccountId':'1'}",
        "{'sourceAccountId':'2'}",
        "{'minCpuCores':4,'minRamBytes':1000}",
        "{'minCpuCores':5}",
        "{'minRamBytes':1001}"
    };

    (void) state;
    account = drs_str("1");
    v = item("n", "host", NULL);
    json_object_set_new(json_object_get(v, "sourceProperties"), "cpus",
                        J("[{'cores':1},{'cores':3}]"));
    json_object_set_new(json_object_get(v, "sourceProperties"), "ramBytes",
                        json_integer(1000));
    drs_buf_init(&row, 0);
    assert_int_equal(drs_inv_row(&row, v, drs_str("us-east-1"), NULL), DRS_OK);
    server = drs_view_server(v, drs_str("us-east-1"), NULL, none);

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        memset(&f, 0, sizeof(f));
        doc = NULL;

        if (texts[i][0] != '\0') {
            json_t *t;
            char   *text;

            t = J(texts[i]);
            text = drs_json_text(t, NULL);
            assert_int_equal(drs_view_inventory_filter(drs_str(text), &f, &doc),
                             DRS_OK);
            json_decref(t);
            free(text);
        }

        assert_int_equal(drs_inv_matches(&f, drs_buf_str(&row), account),
                         drs_view_inventory_matches(&f, server, account));
        json_decref(doc);
    }

    json_decref(v);
    json_decref(server);
    drs_buf_free(&row);
}


static void
the_machine_is_shown_too(void **state)
{
    json_t   *v, *source, *got;
    drs_buf_t row, member;

    (void) state;
    v = item(NULL, "host", NULL);
    source = J("{'sourceTags':{'Name':'shop'},'ec2NetworkConfig':"
               "{'vpcId':'vpc-1'},'originalAccountId':'1','at':5}");
    drs_buf_init(&row, 0);
    drs_buf_init(&member, 0);
    assert_int_equal(drs_inv_row(&row, v, drs_str("us-east-1"), source),
                     DRS_OK);
    got = json_loads(row.data + 1, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(got, "nameTag")),
                        "shop");
    assert_true(json_equal(json_object_get(got, "sourceTags"),
                           json_object_get(source, "sourceTags")));
    assert_true(json_equal(json_object_get(got, "ec2NetworkConfig"),
                           json_object_get(source, "ec2NetworkConfig")));
    assert_null(json_object_get(got, "at"));
    assert_null(json_object_get(json_object_get(got, "tags"), "Name"));
    assert_int_equal(drs_inv_member(&member, drs_buf_str(&row)), DRS_OK);
    assert_memory_equal(member.data, "shop", 4);
    json_decref(v);
    json_decref(source);
    json_decref(got);
    drs_buf_free(&row);
    drs_buf_free(&member);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_the_same),
        cmocka_unit_test(order_is_by_name), cmocka_unit_test(tags_choose),
        cmocka_unit_test(filters_are_the_same),
        cmocka_unit_test(the_machine_is_shown_too)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
