/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a manifest: codes, paths, and the groups that are asked for.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drs_model_manifest.h"
#include "drs_rc.h"


#define GROUP(name, more)                                                      \
    "{\"groupName\":\"" name "\",\"region\":\"us-east-1\",\"accountId\":"      \
    "\"123456789012\"" more "}"
#define IDS ",\"sourceServerIds\":[\"s-0000000000000000a\"]"
#define PLAN(waves)                                                            \
    "{\"planName\":\"P\",\"accountId\":\"123456789012\",\"waves\":" waves "}"
#define DOC(groups, plans)                                                     \
    "{\"metadata\":{\"schemaVersion\":\"1.1\"},\"protectionGroups\":[" groups  \
    "],\"recoveryPlans\":[" plans "]}"


static json_t *
report_of(const char *text, const char *known)
{
    json_t         *doc, *stored, *report;
    drs_model_env_t env;

    memset(&env, 0, sizeof(env));
    doc = drs_json_parse(drs_str(text), NULL, NULL);
    assert_non_null(doc);
    stored = drs_json_parse(drs_str(known), NULL, NULL);
    assert_non_null(stored);
    report = drs_manifest_check(doc, stored, &env, drs_str("c"));
    assert_non_null(report);
    json_decref(doc);
    json_decref(stored);

    return report;
}


/* One error or warning with the code and path is reported. */
static void
expect(const char *text, const char *list, const char *code, const char *path)
{
    int     found;
    size_t  i;
    json_t *report, *v;

    report = report_of(text, "{}");
    found = 0;

    json_array_foreach (json_object_get(report, list), i, v) {
        found |= drs_str_eqz(drs_json_field(v, "code"), code)
                 && drs_str_eqz(drs_json_field(v, "path"), path);
    }

    if (!found) {
        print_message("%s\n", json_dumps(report, JSON_INDENT(1)));
    }

    assert_true(found);
    assert_int_equal(json_is_true(json_object_get(report, "valid")),
                     json_array_size(json_object_get(report, "errors")) == 0);
    json_decref(report);
}


static void
a_whole_document_is_valid(void **state)
{
    json_t *report;

    (void) state;

    report = report_of(
        DOC(GROUP("G", IDS),
            PLAN("[{\"waveName\":\"one\",\"protectionGroupName\":\" g\"}]")),
        "{}");

    if (!json_is_true(json_object_get(report, "valid"))) {
        print_message("%s\n", json_dumps(report, JSON_INDENT(1)));
    }

    assert_true(json_is_true(json_object_get(report, "valid")));
    assert_int_equal(
        json_integer_value(drs_json_pointer(report, "/summary/totalServers")),
        1);
    assert_true(json_is_true(
        drs_json_pointer(report, "/protectionGroupValidation/0/valid")));
    assert_true(json_is_true(
        drs_json_pointer(report, "/recoveryPlanValidation/0/valid")));
    json_decref(report);
}


static void
codes_and_paths(void **state)
{
    (void) state;

    expect("{\"protectionGroups\":[]}", "warnings", "MISSING_SCHEMA_VERSION",
           "metadata.schemaVersion");
    expect("{\"metadata\":{\"schemaVersion\":\"2\"},\"recoveryPlans\":[]}",
           "errors", "UNSUPPORTED_SCHEMA_VERSION", "metadata.schemaVersion");
    expect("{}", "errors", "MISSING_REQUIRED_FIELD", "protectionGroups");
    expect("{\"recoveryPlans\":1}", "errors", "MISSING_REQUIRED_FIELD",
           "recoveryPlans");
    expect(DOC("{\"region\":\"us-east-1\"" IDS "}", ""), "errors",
           "MISSING_REQUIRED_FIELD", "protectionGroups[0].groupName");
    expect(DOC(GROUP("G", ""), ""), "errors", "MISSING_REQUIRED_FIELD",
           "protectionGroups[0].sourceServerIds");
    expect(DOC("{\"groupName\":\"G\"" IDS "}", ""), "errors",
           "MISSING_REQUIRED_FIELD", "protectionGroups[0].region");
    expect(DOC(GROUP("G", IDS) "," GROUP("g ", ",\"serverSelectionTags\":"
                                               "{\"a\":\"b\"}"),
               ""),
           "errors", "PG_NAME_EXISTS", "protectionGroups[1].groupName");
    expect(DOC("", PLAN("[]")), "errors", "EMPTY_WAVES",
           "recoveryPlans[0].waves");
    expect(DOC("", PLAN("[{\"waveName\":\"a\",\"protectionGroupName\":"
                        "\"X\"}]")),
           "errors", "PROTECTION_GROUP_NOT_FOUND",
           "recoveryPlans[0].waves[0].protectionGroupName");
    expect(DOC("", PLAN("[{\"waveName\":\"a\"}]")), "errors",
           "MISSING_REQUIRED_FIELD",
           "recoveryPlans[0].waves[0].protectionGroupName");
    expect(DOC("1", ""), "errors", "MISSING_REQUIRED_FIELD",
           "protectionGroups[0]");
    expect(DOC("", "[]"), "errors", "MISSING_REQUIRED_FIELD",
           "recoveryPlans[0]");
}


static void
servers_of_a_group(void **state)
{
    (void) state;

    expect(DOC(GROUP("G", IDS ",\"servers\":[{\"launchTemplate\":"
                              "{\"instanceType\":\"m5.large\"}}]"),
               ""),
           "errors", "MISSING_SERVER_IDENTIFICATION",
           "protectionGroups[0].servers[0]");
    expect(DOC(GROUP("G", IDS ",\"servers\":[{\"instanceId\":\"i-1\","
                              "\"launchTemplate\":{\"subnetId\":"
                              "\"subnet-0000000a\",\"staticPrivateIp\":"
                              "\"10.0.0.9\"}},{\"instanceId\":\"i-2\","
                              "\"launchTemplate\":{\"subnetId\":"
                              "\"subnet-0000000a\",\"staticPrivateIp\":"
                              "\"10.0.0.9\"}}]"),
               ""),
           "errors", "DUPLICATE_IP_IN_MANIFEST",
           "protectionGroups[0].servers[1]");
    expect(DOC(GROUP("G", IDS ",\"servers\":[{\"instanceId\":\"i-1\","
                              "\"launchTemplate\":{\"staticPrivateIp\":"
                              "\"10.0.0.9\"}}]"),
               ""),
           "warnings", "MISSING_SUBNET", "protectionGroups[0].servers[0]");
}


static void
groups_of_the_store_are_asked_for(void **state)
{
    json_t *doc, *refs, *report;

    static const char text[] =
        DOC(GROUP("Mine", IDS),
            PLAN("[{\"waveName\":\"a\",\"protectionGroupName\":\"MINE\"},"
                 "{\"waveName\":\"b\",\"protectionGroupNames\":[\"Other\"]}]"));

    (void) state;

    doc = drs_json_parse(drs_str(text), NULL, NULL);
    refs = drs_manifest_refs(doc);
    assert_int_equal(json_array_size(json_object_get(refs, "names")), 1);
    assert_string_equal(json_string_value(drs_json_pointer(refs, "/names/0")),
                        "other");
    assert_int_equal(json_array_size(json_object_get(refs, "ids")), 0);
    report = report_of(text, "{\"names\":{\"other\":true},\"ids\":{}}");
    assert_true(json_is_true(json_object_get(report, "valid")));
    json_decref(report);
    json_decref(refs);
    json_decref(doc);
}


static void
the_body_has_two_forms(void **state)
{
    json_t           *body;
    drs_str_t         id;
    const json_t     *manifest;
    drs_model_error_t e;

    (void) state;

    drs_model_error_init(&e);
    body = json_pack("{s:{s:[]}}", "manifest", "protectionGroups");
    assert_int_equal(drs_manifest_parse(&e, body, &manifest, &id), DRS_OK);
    assert_ptr_equal(manifest, json_object_get(body, "manifest"));
    assert_int_equal(drs_manifest_parse(&e, manifest, &manifest, &id), DRS_OK);
    assert_ptr_equal(manifest, json_object_get(body, "manifest"));
    json_decref(body);

    body = json_pack("{s:i}", "manifest", 1);
    assert_int_equal(drs_manifest_parse(&e, body, &manifest, &id),
                     DRS_DECLINED);
    json_decref(body);
    drs_model_error_free(&e);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_document_is_valid),
        cmocka_unit_test(codes_and_paths),
        cmocka_unit_test(servers_of_a_group),
        cmocka_unit_test(groups_of_the_store_are_asked_for),
        cmocka_unit_test(the_body_has_two_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
