/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Schedules: what is stored, what is shown, what a run asks for.
 */

#include "model_help.h"

#include "drs_model_schedule.h"
#include "drs_view_schedule.h"


#define ID "7f0c1e52-93cf-4b0e-8d61-0a52b1c7b7a4"


static json_t *
editor(void)
{
    return J("{'type': 'user', 'userId': 'u1', 'email': 'ann@example.com',"
             " 'roles': ['DRSOperator'], 'ip': '10.0.0.1'}");
}


static json_t *
created(const char *text)
{
    json_t           *body, *who, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    body = J(text);
    who = editor();
    env = test_env();
    drs_model_error_init(&e);

    if (drs_model_schedule_create(&e, body, &env, who, drs_str(ID), drs_str(P1),
                                  &doc)
        != DRS_OK)
    {
        fail_msg("%s: %s", text, e.message);
    }

    drs_model_error_free(&e);
    json_decref(body);
    json_decref(who);

    return doc;
}


static void
test_create(void **state)
{
    json_t *doc;

    (void) state;
    doc = created("{'name': ' Weekly ', 'cron': ' 0 6 * * SAT ',"
                  " 'version': 9, 'scheduleId': 'x', 'other': 1}");
    assert_json(doc, "{'scheduleId': '" ID "', 'planId': '" P1 "',"
                     " 'name': 'Weekly', 'enabled': true,"
                     " 'cron': '0 6 * * SAT', 'timeZone': 'UTC',"
                     " 'executionType': 'DRILL', 'skipIfConflict': true,"
                     " 'allowDegraded': false,"
                     " 'createdAt': '2023-11-14T22:13:20Z',"
                     " 'updatedAt': '2023-11-14T22:13:20Z',"
                     " 'createdBy': 'ann@example.com', 'version': 1,"
                     " 'editor': {'type': 'user', 'userId': 'u1',"
                     " 'email': 'ann@example.com', 'roles': ['DRSOperator']}}");
    json_decref(doc);

    doc = created("{'name': 'n', 'cron': '* * * * *', 'allowDegraded': true,"
                  " 'overrideReason': 'known', 'timeZone': 'Asia/Tokyo',"
                  " 'skipIfConflict': false, 'enabled': false}");
    assert_string_equal(
        json_string_value(json_object_get(doc, "overrideReason")), "known");
    assert_false(json_is_true(json_object_get(doc, "enabled")));
    assert_false(json_is_true(json_object_get(doc, "skipIfConflict")));
    json_decref(doc);

    /* a reason for nothing is not kept */
    doc = created("{'name': 'n', 'cron': '* * * * *',"
                  " 'overrideReason': 'none'}");
    assert_null(json_object_get(doc, "overrideReason"));
    json_decref(doc);
}


static void
test_refused(void **state)
{
    size_t            i;
    json_t           *body, *who, *old, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    static const struct {
        const char *body;
        const char *code;
        int         update; /* refused in a change as well */
    } cases[] = {
        { "{'cron': '* * * * *'}", "MISSING_FIELD", 0 },
        { "{'name': 'n'}", "MISSING_FIELD", 0 },
        { "{'name': ' ', 'cron': '* * * * *'}", "INVALID_NAME", 1 },
        { "{'name': 'n', 'cron': '* * * *'}", "INVALID_CRON", 1 },
        { "{'name': 'n', 'cron': ['*']}", "INVALID_CRON", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'timeZone': '../x'}",
          "INVALID_TIME_ZONE", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'timeZone': 1}",
          "INVALID_TIME_ZONE", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'executionType': 'RECOVERY'}",
          "INVALID_PARAMETER", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'enabled': 1}",
          "INVALID_PARAMETER", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'allowDegraded': true}",
          "MISSING_FIELD", 1 },
        { "{'name': 'n', 'cron': '* * * * *', 'allowDegraded': true,"
          " 'overrideReason': '  '}",
          "MISSING_FIELD", 1 }
    };

    (void) state;
    env = test_env();
    who = editor();
    old = created("{'name': 'n', 'cron': '* * * * *'}");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        body = J(cases[i].body);
        drs_model_error_init(&e);
        assert_int_equal(drs_model_schedule_create(&e, body, &env, who,
                                                   drs_str(ID), drs_str(P1),
                                                   &doc),
                         DRS_DECLINED);
        assert_null(doc);
        assert_string_equal(drs_err_code(e.err), cases[i].code);
        drs_model_error_free(&e);

        if (cases[i].update) {
            drs_model_error_init(&e);
            assert_int_equal(
                drs_model_schedule_update(&e, body, old, &env, who, &doc),
                DRS_DECLINED);
            assert_string_equal(drs_err_code(e.err), cases[i].code);
            drs_model_error_free(&e);
        }

        json_decref(body);
    }

    json_decref(who);
    json_decref(old);
}


static void
test_update(void **state)
{
    json_t           *old, *body, *who, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    (void) state;
    env = test_env();
    env.now_s += 60;
    who = J("{'type': 'user', 'userId': 'u2', 'roles': ['DRSPlanManager']}");
    old = created("{'name': 'n', 'cron': '0 1 * * *', 'allowDegraded': true,"
                  " 'overrideReason': 'known'}");
    body = J("{'version': 1, 'cron': '0 2 * * *'}");
    drs_model_error_init(&e);
    assert_int_equal(drs_model_schedule_update(&e, body, old, &env, who, &doc),
                     DRS_OK);
    assert_int_equal(drs_json_int(doc, "version", 0), 2);
    assert_string_equal(json_string_value(json_object_get(doc, "cron")),
                        "0 2 * * *");
    assert_string_equal(
        json_string_value(json_object_get(doc, "overrideReason")), "known");
    assert_string_equal(json_string_value(json_object_get(doc, "createdAt")),
                        "2023-11-14T22:13:20Z");
    assert_string_equal(json_string_value(json_object_get(doc, "updatedAt")),
                        "2023-11-14T22:14:20Z");
    assert_json(json_object_get(doc, "editor"),
                "{'type': 'user', 'userId': 'u2',"
                " 'roles': ['DRSPlanManager']}");
    json_decref(body);

    body = J("{'version': 1}");
    json_decref(old);
    old = doc;
    assert_int_equal(drs_model_schedule_update(&e, body, old, &env, who, &doc),
                     DRS_DECLINED);
    assert_int_equal(e.err, DRS_ERR_VERSION_CONFLICT);
    drs_model_error_free(&e);
    json_decref(body);
    json_decref(old);
    json_decref(who);
}


static void
test_view(void **state)
{
    json_t   *doc, *v;
    drs_str_t none = drs_null_string;

    (void) state;
    doc = created("{'name': 'n', 'cron': '0 1 * * *'}");

    v = drs_view_schedule_run(doc, drs_str("1700010000000"),
                              drs_str("{\"result\":\"STARTED\"}"), none);
    assert_null(json_object_get(v, "editor"));
    assert_string_equal(json_string_value(json_object_get(v, "nextRunAt")),
                        "2023-11-15T01:00:00Z");
    assert_json(json_object_get(v, "lastRun"), "{'result': 'STARTED'}");
    json_decref(v);

    v = drs_view_schedule_run(doc, drs_str("1700010000000"), none,
                              drs_str("alice"));
    assert_true(json_is_null(json_object_get(v, "nextRunAt")));
    assert_true(json_is_null(json_object_get(v, "lastRun")));
    json_decref(v);

    (void) drs_json_set_bool(doc, "enabled", 0);
    v = drs_view_schedule_run(doc, drs_str("1700010000000"), none, none);
    assert_true(json_is_null(json_object_get(v, "nextRunAt")));
    json_decref(v);
    json_decref(doc);
}


/* One id for each schedule, due time and kind; a request for a drill only. */
static void
test_run(void **state)
{
    char    a[DRS_UUID_SIZE], b[DRS_UUID_SIZE];
    json_t *doc, *r;

    (void) state;
    assert_int_equal(drs_schedule_run_id(a, "execution", drs_str(ID), 60000),
                     DRS_OK);
    assert_int_equal(drs_schedule_run_id(b, "execution", drs_str(ID), 60000),
                     DRS_OK);
    assert_string_equal(a, b);
    assert_true(drs_id_is_uuid4(drs_str(a)));
    assert_int_equal(drs_schedule_run_id(b, "command", drs_str(ID), 60000),
                     DRS_OK);
    assert_string_not_equal(a, b);
    assert_int_equal(drs_schedule_run_id(b, "execution", drs_str(ID), 120000),
                     DRS_OK);
    assert_string_not_equal(a, b);
    assert_int_equal(drs_schedule_run_id(b, "execution", drs_str(P1), 60000),
                     DRS_OK);
    assert_string_not_equal(a, b);

    doc = created("{'name': 'n', 'cron': '0 1 * * *', 'allowDegraded': true,"
                  " 'overrideReason': 'known', 'timeZone': 'Asia/Tokyo'}");
    r = drs_schedule_request(doc);
    assert_json(r, "{'planId': '" P1 "', 'executionType': 'DRILL',"
                   " 'initiatedBy': 'schedule:n',"
                   " 'invocationSource': 'EVENTBRIDGE', 'scheduleId': '" ID
                   "', 'invocationDetails': {'scheduleRuleName': 'n',"
                   " 'scheduleExpression': 'cron(0 1 * * *) Asia/Tokyo'},"
                   " 'allowDegraded': true, 'allowUnknownLimits': false,"
                   " 'confirmReplaceExisting': false,"
                   " 'overrideReason': 'known'}");
    json_decref(r);
    json_decref(doc);
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_create),
                                        cmocka_unit_test(test_refused),
                                        cmocka_unit_test(test_update),
                                        cmocka_unit_test(test_view),
                                        cmocka_unit_test(test_run) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
