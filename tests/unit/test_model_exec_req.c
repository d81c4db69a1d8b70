/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Requests about executions, and accounts.
 */

#include "model_help.h"

#include "drs_model_account.h"
#include "drs_model_exec_req.h"


static json_t *
start(const char *text, const char *plan, drs_model_error_t *e)
{
    json_t         *body, *out;
    drs_model_env_t env;

    env = test_env();
    drs_model_error_init(e);
    body = J(text);
    (void) drs_model_exec_start(e, body, &env, drs_str(plan), &out);
    json_decref(body);

    return out;
}


static void
start_refused(const char *text, drs_err_t err)
{
    drs_model_error_t e;

    assert_null(start(text, "", &e));
    assert_err(&e, err);
}


static void
start_aliases_and_defaults(void **state)
{
    json_t           *out;
    drs_model_error_t e;

    (void) state;

    out = start("{'recoveryPlanId':'" P1 "','executionType':'drill',"
                "'topicArn':'','AccountContext':{},'executedBy':' Bob '}",
                "", &e);
    assert_json(out,
                "{'planId':'" P1 "','executionType':'DRILL',"
                "'initiatedBy':'Bob','dryRun':false,'allowDegraded':false,"
                "'allowUnknownLimits':false,'confirmReplaceExisting':false}");
    json_decref(out);

    out = start("{'executionType':'RECOVERY','waves':[2,0,2],'recoveryPoint':"
                "'BEFORE:2026-01-01T00:00:00Z','allowDegraded':true,"
                "'overrideReason':'disaster','reason':'CHG-1'}",
                P1, &e);
    assert_non_null(out);
    assert_at(out, "/planId", "'" P1 "'");
    assert_at(out, "/initiatedBy", "'ann@example.com'");
    assert_at(out, "/waves", "[2,0]");
    assert_at(out, "/overrideReason", "'disaster'");
    json_decref(out);
}


static void
start_refusals(void **state)
{
    drs_model_error_t e;

    (void) state;

    start_refused("{}", DRS_ERR_MISSING_FIELD_PARAMETER);
    start_refused("{'planId':'" P1 "'}", DRS_ERR_MISSING_FIELD_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'TEST'}",
                  DRS_ERR_INVALID_EXECUTION_TYPE);
    start_refused("{'planId':'x','executionType':'DRILL'}",
                  DRS_ERR_RECOVERY_PLAN_NOT_FOUND);
    start_refused("{'planId':'" P1 "','executionType':'DRILL','waves':[]}",
                  DRS_ERR_INVALID_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL','waves':[-1]}",
                  DRS_ERR_INVALID_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL','dryRun':1}",
                  DRS_ERR_INVALID_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL',"
                  "'allowDegraded':true}",
                  DRS_ERR_MISSING_FIELD_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL',"
                  "'recoveryPoint':'yesterday'}",
                  DRS_ERR_INVALID_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL',"
                  "'recoveryPoint':'SNAPSHOTS'}",
                  DRS_ERR_MISSING_FIELD_PARAMETER);
    start_refused("{'planId':'" P1 "','executionType':'DRILL',"
                  "'recoverySnapshots':{'x':'y'}}",
                  DRS_ERR_INVALID_PARAMETER);

    assert_null(start("{'planId':'" P1 "','executionType':5}", "", &e));
    assert_at(e.fields, "/allowedValues", "['DRILL','RECOVERY']");
    assert_at(e.fields, "/providedValue", "5");
    drs_model_error_free(&e);
}


static void
other_requests(void **state)
{
    json_t           *body, *out;
    drs_model_error_t e;

    (void) state;
    drs_model_error_init(&e);

    body = J("{'terminateLaunched':true,'reason':'r'}");
    assert_int_equal(drs_model_exec_cancel(&e, body, &out), DRS_OK);
    assert_json(out, "{'terminateLaunched':true,'reason':'r'}");
    json_decref(out);
    json_decref(body);

    body = J("{'confirmPaused':'yes'}");
    assert_int_equal(drs_model_exec_terminate(&e, body, &out), DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_PARAMETER);
    json_decref(body);

    body = J("{'notes':'ok','resumedBy':'x'}");
    assert_int_equal(drs_model_exec_resume(&e, body, &out), DRS_OK);
    assert_at(out, "/notes", "'ok'");
    json_decref(out);
    json_decref(body);

    body = J("{'pausedBy':'x'}");
    assert_int_equal(drs_model_exec_pause(&e, body, &out), DRS_OK);
    assert_json(out, "{}");
    json_decref(out);
    json_decref(body);
}


static void
asked(int (*model)(drs_model_error_t *, const json_t *, json_t **),
      const char *text, const char *wanted)
{
    json_t           *body, *out;
    drs_model_error_t e;

    drs_model_error_init(&e);
    body = J(text);
    assert_int_equal(model(&e, body, &out), DRS_OK);
    assert_json(out, wanted);
    json_decref(out);
    json_decref(body);
    drs_model_error_free(&e);
}


static void
asked_badly(int (*model)(drs_model_error_t *, const json_t *, json_t **),
            const char *text, drs_err_t err, const char *field)
{
    char              wanted[64];
    json_t           *body, *out;
    drs_model_error_t e;

    drs_model_error_init(&e);
    body = J(text);
    assert_int_equal(model(&e, body, &out), DRS_DECLINED);
    assert_null(out);
    (void) snprintf(wanted, sizeof(wanted), "'%s'", field);
    assert_at(e.details, "/errors/0/field", wanted);
    assert_err(&e, err);
    json_decref(body);
}


#define SRV1 "s-0123456789abcdef0"
#define SRV2 "s-0123456789abcdef1"
#define JOB1 "drsjob-0123456789abcdef0"

static void
requests_of_operators(void **state)
{
    (void) state;

    asked(drs_model_wave_retry, "{}",
          "{'allowDegraded':false,'allowUnknownLimits':false}");
    asked(drs_model_wave_retry,
          "{'serverIds':['" SRV1 "','" SRV2 "','" SRV1 "'],'reason':' r '}",
          "{'serverIds':['" SRV1 "','" SRV2 "'],'reason':'r',"
          "'allowDegraded':false,'allowUnknownLimits':false}");
    asked(drs_model_wave_retry,
          "{'allowUnknownLimits':true,'overrideReason':'dark'}",
          "{'allowDegraded':false,'allowUnknownLimits':true,"
          "'overrideReason':'dark'}");
    asked_badly(drs_model_wave_retry, "{'serverIds':[]}",
                DRS_ERR_INVALID_PARAMETER, "serverIds");
    asked_badly(drs_model_wave_retry, "{'serverIds':{}}",
                DRS_ERR_INVALID_PARAMETER, "serverIds");
    asked_badly(drs_model_wave_retry, "{'serverIds':['" SRV1 "',7]}",
                DRS_ERR_INVALID_PARAMETER, "serverIds");
    asked_badly(drs_model_wave_retry, "{'allowDegraded':true}",
                DRS_ERR_MISSING_FIELD_PARAMETER, "overrideReason");

    asked(drs_model_wave_skip, "{'reason':' not today '}",
          "{'reason':'not today'}");
    asked_badly(drs_model_wave_skip, "{}", DRS_ERR_MISSING_FIELD_PARAMETER,
                "reason");
    asked_badly(drs_model_wave_skip, "{'reason':'  '}",
                DRS_ERR_MISSING_FIELD_PARAMETER, "reason");
    asked_badly(drs_model_wave_skip, "{'reason':1}", DRS_ERR_INVALID_PARAMETER,
                "reason");

    asked(drs_model_unit_resolve,
          "{'action':'ADOPT','jobId':'" JOB1 "','reason':'seen'}",
          "{'action':'ADOPT','jobId':'" JOB1 "','reason':'seen'}");
    asked(drs_model_unit_resolve, "{'action':'FAIL','reason':'no'}",
          "{'action':'FAIL','reason':'no'}");
    asked_badly(drs_model_unit_resolve, "{'reason':'r'}",
                DRS_ERR_MISSING_FIELD_PARAMETER, "action");
    asked_badly(drs_model_unit_resolve, "{'action':'GUESS','reason':'r'}",
                DRS_ERR_INVALID_PARAMETER, "action");
    asked_badly(drs_model_unit_resolve, "{'action':'ADOPT','reason':'r'}",
                DRS_ERR_MISSING_FIELD_PARAMETER, "jobId");
    asked_badly(drs_model_unit_resolve,
                "{'action':'ADOPT','jobId':'x','reason':'r'}",
                DRS_ERR_INVALID_PARAMETER, "jobId");
    asked_badly(drs_model_unit_resolve, "{'action':'RETRY'}",
                DRS_ERR_MISSING_FIELD_PARAMETER, "reason");
}


static json_t *
precheck(const char *text, drs_model_error_t *e)
{
    json_t *body, *out;

    drs_model_error_init(e);
    body = J(text);
    (void) drs_model_precheck(e, body, drs_str(P1), &out);
    json_decref(body);

    return out;
}


static void
precheck_is_a_start_of_defaults(void **state)
{
    json_t           *out;
    drs_model_error_t e;

    (void) state;

    out = precheck("{}", &e);
    assert_json(out, "{'planId':'" P1 "','executionType':'DRILL',"
                     "'allowDegraded':false,'allowUnknownLimits':false,"
                     "'confirmReplaceExisting':false}");
    json_decref(out);

    out = precheck("{'executionType':'recovery','waves':[1],"
                   "'recoveryPoint':'BEFORE:2026-01-01T00:00:00Z',"
                   "'allowDegraded':true}",
                   &e);
    assert_at(out, "/executionType", "'RECOVERY'");
    assert_at(out, "/waves", "[1]");
    assert_at(out, "/allowDegraded", "true");
    json_decref(out);

    assert_null(precheck("{'executionType':'TEST'}", &e));
    assert_err(&e, DRS_ERR_INVALID_EXECUTION_TYPE);
    assert_null(precheck("{'waves':[]}", &e));
    assert_err(&e, DRS_ERR_INVALID_PARAMETER);
    assert_null(precheck("{'recoveryPoint':'SNAPSHOTS'}", &e));
    assert_err(&e, DRS_ERR_MISSING_FIELD_PARAMETER);
}


static void
parameters_of_lists(void **state)
{
    size_t    n;
    int64_t   ms;
    drs_str_t none = drs_null_string;

    (void) state;

    assert_int_equal(drs_model_limit(none, 50, 100, &n), DRS_OK);
    assert_int_equal(n, 50);
    assert_int_equal(drs_model_limit(drs_str("500"), 50, 100, &n), DRS_OK);
    assert_int_equal(n, 100);
    assert_int_equal(drs_model_limit(drs_str("0"), 50, 100, &n), DRS_DECLINED);
    assert_int_equal(drs_model_limit(drs_str("-1"), 50, 100, &n), DRS_DECLINED);
    assert_int_equal(drs_model_limit(drs_str(""), 50, 100, &n), DRS_DECLINED);
    assert_int_equal(drs_model_limit(drs_str("x"), 50, 100, &n), DRS_DECLINED);

    assert_true(drs_model_status_listed(drs_str("paused, Running"),
                                        drs_str("RUNNING")));
    assert_false(
        drs_model_status_listed(drs_str("paused"), drs_str("RUNNING")));
    assert_true(drs_model_status_listed(none, drs_str("RUNNING")));

    assert_int_equal(drs_model_time_param(drs_str("1700000000"), &ms), DRS_OK);
    assert_true(ms == INT64_C(1700000000000));
    assert_int_equal(drs_model_time_param(drs_str("2023-11-14T22:13:20Z"), &ms),
                     DRS_OK);
    assert_true(ms == INT64_C(1700000000000));
    assert_int_equal(drs_model_time_param(drs_str("soon"), &ms), DRS_DECLINED);
}


static json_t *
account(const char *text, drs_model_error_t *e)
{
    json_t         *body, *doc;
    drs_model_env_t env;

    env = test_env();
    drs_model_error_init(e);
    body = J(text);
    (void) drs_model_account_create(e, body, &env, &doc);
    json_decref(body);

    return doc;
}


static void
account_refused(const char *text, drs_err_t err)
{
    drs_model_error_t e;

    assert_null(account(text, &e));
    assert_err(&e, err);
}


static void
accounts(void **state)
{
    json_t           *doc;
    drs_model_error_t e;

    (void) state;

    doc = account("{'accountId':'444455556666','roleArn':''}", &e);
    assert_non_null(doc);
    assert_at(doc, "/accountName", "'Account 444455556666'");
    assert_at(doc, "/roleArn",
              "'arn:aws:iam::444455556666:role/DRSOrchestrationRole'");
    assert_at(doc, "/crossAccountRoleArn",
              "'arn:aws:iam::444455556666:role/DRSOrchestrationRole'");
    assert_at(doc, "/assumeRoleName", "'DRSOrchestrationRole'");
    assert_at(doc, "/externalId", "'drs-orchestration-cross-account'");
    assert_at(doc, "/isCurrentAccount", "false");
    assert_at(doc, "/stagingAccounts", "[]");
    assert_at(doc, "/lastValidated", "null");
    assert_at(doc, "/createdAt", "'2023-11-14T22:13:20Z'");
    assert_at(doc, "/createdBy", "'ann@example.com'");
    json_decref(doc);

    doc = account("{'accountId':'444455556666','crossAccountRoleArn':"
                  "'arn:aws:iam::444455556666:role/path/Name'}",
                  &e);
    assert_non_null(doc);
    assert_at(doc, "/assumeRoleName", "'Name'");
    json_decref(doc);

    doc = account("{'accountId':'111122223333','roleArn':''}", &e);
    assert_non_null(doc);
    assert_at(doc, "/isCurrentAccount", "true");
    assert_null(json_object_get(doc, "roleArn"));
    assert_null(json_object_get(doc, "externalId"));
    json_decref(doc);

    account_refused("{}", DRS_ERR_MISSING_BODY);
    account_refused("{'accountName':'x'}", DRS_ERR_MISSING_FIELD);
    account_refused("{'accountId':'12'}", DRS_ERR_INVALID_FORMAT);
    account_refused("{'accountId':444455556666}", DRS_ERR_INVALID_FORMAT);
    account_refused("{'accountId':'111122223333','roleArn':"
                    "'arn:aws:iam::111122223333:role/x'}",
                    DRS_ERR_SAME_ACCOUNT_NO_ROLE_NEEDED);
    account_refused("{'accountId':'444455556666','roleArn':"
                    "'arn:aws:iam::999955556666:role/x'}",
                    DRS_ERR_INVALID_ROLE_ARN);
    account_refused("{'accountId':'444455556666','roleArn':'x'}",
                    DRS_ERR_INVALID_ROLE_ARN);
    account_refused("{'accountId':'444455556666','externalId':'a b'}",
                    DRS_ERR_VALIDATION_ERROR);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_aliases_and_defaults),
        cmocka_unit_test(start_refusals),
        cmocka_unit_test(other_requests),
        cmocka_unit_test(requests_of_operators),
        cmocka_unit_test(precheck_is_a_start_of_defaults),
        cmocka_unit_test(parameters_of_lists),
        cmocka_unit_test(accounts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
