
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_error.h"
#include "drs_json.h"
#include "drs_rbac.h"


#define N(a) (sizeof(a) / sizeof((a)[0]))


/* the table of security.md 2.2, one row per permission: A M P O R U */

static void
test_rbac_table(void **state)
{
    int    p, r;
    size_t i;

    static const char *const rows[][2] = {
        { "register_accounts", "xx...." },
        { "delete_accounts", "x....." },
        { "modify_accounts", "xx...." },
        { "view_accounts", "xxxxxx" },
        { "start_recovery", "xxxx.." },
        { "stop_recovery", "xxxx.." },
        { "terminate_instances", "xx...." },
        { "view_executions", "xxxxxx" },
        { "create_protection_groups", "xxx..." },
        { "delete_protection_groups", "xxx..." },
        { "modify_protection_groups", "xxxx.." },
        { "view_protection_groups", "xxxxxx" },
        { "create_recovery_plans", "xxx..." },
        { "delete_recovery_plans", "xxx..." },
        { "modify_recovery_plans", "xxxx.." },
        { "view_recovery_plans", "xxxxxx" },
        { "export_configuration", "xx...." },
        { "import_configuration", "xx...." },
        { "audit_read", "x....x" }
    };

    (void) state;

    assert_int_equal(N(rows), DRS_PERM_N);

    for (i = 0; i < N(rows); i++) {
        p = drs_perm_by_name(drs_str(rows[i][0]));
        assert_int_equal(p, (int) i);
        assert_string_equal(drs_perm_name((drs_perm_t) p), rows[i][0]);

        for (r = 0; r < DRS_ROLE_N; r++) {
            if (drs_perms_has(drs_role_perms((drs_role_t) r), (drs_perm_t) p)
                != (rows[i][1][r] == 'x'))
            {
                fail_msg("%s for %s", rows[i][0],
                         drs_role_name((drs_role_t) r));
            }
        }
    }

    assert_int_equal(drs_perm_by_name(drs_str("View_accounts")), -1);
    assert_null(drs_perm_name(DRS_PERM_N));
    assert_null(drs_role_name(DRS_ROLE_N));
    assert_int_equal(drs_role_perms(DRS_ROLE_N), 0);
    assert_int_equal(drs_roles_perms(0), 0);
    assert_int_equal(drs_roles_perms(drs_role_bit(DRS_ROLE_OPERATOR)
                                     | drs_role_bit(DRS_ROLE_AUDITOR)),
                     drs_role_perms(DRS_ROLE_OPERATOR)
                         | drs_perm_bit(DRS_PERM_AUDIT_READ));
    assert_false(drs_perms_has(DRS_PERMS_ALL, DRS_PERM_N));
}


static void
test_rbac_groups(void **state)
{
    char                   text[128];
    size_t                 i;
    drs_roles_t            roles;
    drs_rbac_map_t         map = { NULL, 0, 0, 0, 0 };
    const drs_str_t        groups[] = { drs_string("staff"),
                                        drs_string("DRS-Operator"),
                                        drs_string("DRSAuditor") };
    const drs_rbac_alias_t extra[] = {
        { drs_string("corp-dr-admins"), DRS_ROLE_ADMIN },
        { drs_string("DRSReadOnly"), DRS_ROLE_OPERATOR }
    };

    static const struct {
        const char *group;
        int         role;
    } rows[] = { { "DRSOrchestrationAdmin", 0 },
                 { "aws:admin", 0 },
                 { "DRS-Administrator", 0 },
                 { "DRSRecoveryManager", 1 },
                 { "aws:admin-limited", 1 },
                 { "DRS-Infrastructure-Admin", 1 },
                 { "DRSPlanManager", 2 },
                 { "aws:power-user", 2 },
                 { "DRS-Recovery-Plan-Manager", 2 },
                 { "DRSOperator", 3 },
                 { "aws:operator", 3 },
                 { "DRS-Operator", 3 },
                 { "DRSReadOnly", 4 },
                 { "aws:read-only", 4 },
                 { "DRS-Read-Only", 4 },
                 { "DRSAuditor", 5 },
                 { "DRS-Auditor", 5 },
                 { "drsoperator", -1 },
                 { "", -1 },
                 { "aws:admin ", -1 },
                 { "aws:auditor", -1 } };

    (void) state;

    for (i = 0; i < N(rows); i++) {
        assert_int_equal(drs_rbac_role_of_group(NULL, drs_str(rows[i].group)),
                         rows[i].role);
    }

    roles = drs_rbac_roles(NULL, groups, 3);
    assert_int_equal(roles, drs_role_bit(DRS_ROLE_OPERATOR)
                                | drs_role_bit(DRS_ROLE_AUDITOR));
    drs_roles_text(text, sizeof(text), roles);
    assert_string_equal(text, "DRSOperator,DRSAuditor");
    assert_int_equal(drs_roles_parse(drs_str(text), &roles), DRS_OK);
    assert_int_equal(roles, drs_rbac_roles(NULL, groups, 3));
    assert_int_equal(drs_roles_parse(drs_str("DRSOperator,x"), &roles),
                     DRS_DECLINED);
    assert_int_equal(drs_roles_parse(drs_str(""), &roles), DRS_OK);
    assert_int_equal(roles, 0);
    assert_int_equal(drs_roles_text(text, 12, drs_rbac_roles(NULL, groups, 3)),
                     11);
    assert_string_equal(text, "DRSOperator");

    map.no_legacy = 1;
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("aws:admin")), -1);
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("DRS-Auditor")), 5);
    map.no_defaults = 1;
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("DRS-Auditor")), -1);
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("DRSAuditor")), 5);
    map.aliases = extra;
    map.n = 2;
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("corp-dr-admins")),
                     0);
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("DRSReadOnly")), 3);
    map.no_role_names = 1;
    assert_int_equal(drs_rbac_role_of_group(&map, drs_str("DRSAuditor")), -1);
}


static void
test_error_table(void **state)
{
    int         i, k;
    const char *error;

    (void) state;

    for (i = DRS_ERR_NONE + 1; i < DRS_ERR_N; i++) {
        assert_in_range(drs_err_status((drs_err_t) i), 400, 599);
        assert_true(drs_err_message((drs_err_t) i)[0] != '\0');
        assert_null(strchr(drs_err_message((drs_err_t) i), '/'));
        assert_int_equal(
            drs_err_by_symbol(drs_str(drs_err_symbol((drs_err_t) i))), i);

        /* `error` is one of three texts or a code that has a row */

        error = drs_err_error((drs_err_t) i);
        assert_non_null(error);

        if (strchr("UFM", error[0]) != NULL && error[1] >= 'a') {
            continue;
        }

        assert_int_not_equal(drs_err_by_code(drs_str(error)), DRS_ERR_NONE);

        k = drs_err_by_code(drs_str(drs_err_code((drs_err_t) i)));
        assert_in_range(k, DRS_ERR_NONE + 1, i);
    }

    assert_int_equal(drs_err_status(DRS_ERR_DRS_THROTTLED), 429);
    assert_int_equal(drs_err_status(DRS_ERR_ACCOUNT_EXISTS), 400);
    assert_int_equal(drs_err_status(DRS_ERR_INVALID_STATE), 400);
    assert_int_equal(drs_err_status((drs_err_t) 99999), 500);
    assert_int_equal(drs_err_by_code(drs_str("NO_SUCH")), DRS_ERR_NONE);
    assert_string_equal(drs_err_code(DRS_ERR_SERVER_CONFLICT_RUN),
                        "SERVER_CONFLICT");
    assert_string_equal(drs_err_error(DRS_ERR_SERVER_CONFLICT_RUN),
                        "ALREADY_EXISTS");
    assert_string_equal(drs_err_error(DRS_ERR_SERVER_CONFLICT),
                        "SERVER_CONFLICT");
    assert_string_equal(drs_err_error(DRS_ERR_INVALID_LAUNCH_CONFIG),
                        "INVALID_LAUNCH_CONFIG");
    assert_string_equal(drs_err_error(DRS_ERR_TERMINATE_NO_WAVES),
                        "EXECUTION_NO_WAVES");
}


/*
 * The console tests for these words, case-sensitively: only errors that mean
 * them may have them.
 */

static void
test_error_messages_avoid_marker_words(void **state)
{
    int    i;
    size_t k;

    static const struct {
        const char *word;
        drs_err_t   only[3];
    } rows[] = { { "not initialized", { DRS_ERR_DRS_NOT_INITIALIZED } },
                 { "not authorized", { DRS_ERR_REGION_ACCESS_DENIED } },
                 { "service control policy", { DRS_ERR_NONE } },
                 { "not enabled", { DRS_ERR_REGION_NOT_ENABLED } },
                 { "not opted", { DRS_ERR_NONE } },
                 { "rate limit", { DRS_ERR_DRS_THROTTLED } },
                 { "unreachable", { DRS_ERR_DRS_UNREACHABLE } },
                 { "No recovery instances", { DRS_ERR_NONE } },
                 { "already", { DRS_ERR_NONE } },
                 { "Authentication required", { DRS_ERR_NONE } },
                 { "token expired", { DRS_ERR_NONE } },
                 { "Unauthorized", { DRS_ERR_UNAUTHORIZED } } };

    (void) state;

    for (i = DRS_ERR_NONE + 1; i < DRS_ERR_N; i++) {
        for (k = 0; k < N(rows); k++) {
            if (strstr(drs_err_message((drs_err_t) i), rows[k].word) != NULL
                && rows[k].only[0] != (drs_err_t) i)
            {
                fail_msg("%s says \"%s\"", drs_err_symbol((drs_err_t) i),
                         rows[k].word);
            }
        }
    }
}


static void
body_is(json_t *body, const char *want)
{
    char *text;

    assert_non_null(body);
    text = drs_json_text(body, NULL);
    assert_string_equal(text, want);
    free(text);
    json_decref(body);
}


static void
test_error_envelope(void **state)
{
    json_t     *fields, *details, *top;
    drs_buf_t   b;
    drs_error_t e = { 0 };

    (void) state;

    e.err = DRS_ERR_UNAUTHORIZED;
    body_is(drs_error_object(&e),
            "{\"error\":\"Unauthorized\",\"code\":\"UNAUTHORIZED\","
            "\"message\":\"Unauthorized\"}");

    fields = json_pack("{s:s,s:s}", "executionId", "x", "code", "evil");
    e.err = DRS_ERR_EXECUTION_NOT_FOUND;
    e.fields = fields;
    e.request_id = drs_str("r1");
    body_is(drs_error_object(&e),
            "{\"error\":\"NOT_FOUND\",\"code\":\"EXECUTION_NOT_FOUND\","
            "\"message\":\"The execution was not found.\",\"details\":"
            "{\"executionId\":\"x\",\"code\":\"evil\"},\"requestId\":\"r1\","
            "\"executionId\":\"x\"}");
    json_decref(fields);

    /* details as a list, with a duplicate at the top */

    fields = json_pack("{s:[s]}", "plans", "P");
    details = json_pack("[{s:s}]", "planId", "1");
    memset(&e, 0, sizeof(e));
    e.err = DRS_ERR_PG_IN_USE;
    e.fields = fields;
    e.details = details;
    e.message = drs_str("used");
    body_is(drs_error_object(&e),
            "{\"error\":\"PG_IN_USE\",\"code\":\"PG_IN_USE\","
            "\"message\":\"used\",\"details\":[{\"planId\":\"1\"}],"
            "\"plans\":[\"P\"]}");
    json_decref(fields);
    json_decref(details);

    /* retry, top level only, error is the text */

    top = json_pack("{s:b}", "initialized", 0);
    memset(&e, 0, sizeof(e));
    e.err = DRS_ERR_SERVICE_UNAVAILABLE;
    e.retry_after_s = 5;
    e.top = top;
    drs_buf_init(&b, 0);
    assert_int_equal(drs_error_body(&b, &e), DRS_OK);
    assert_string_equal(
        b.data,
        "{\"error\":\"SERVICE_UNAVAILABLE\","
        "\"code\":\"SERVICE_UNAVAILABLE\",\"message\":"
        "\"The service is temporarily unavailable.\",\"retryable\":true,"
        "\"retryAfter\":5,\"initialized\":false}");
    drs_buf_free(&b);
    json_decref(top);

    memset(&e, 0, sizeof(e));
    e.err = DRS_ERR_INVALID_LAUNCH_CONFIG;
    body_is(drs_error_object(&e),
            "{\"error\":\"INVALID_LAUNCH_CONFIG\","
            "\"code\":\"INVALID_LAUNCH_CONFIG\","
            "\"message\":\"launchConfig must be an object.\"}");
}


static void
test_error_parameter(void **state)
{
    char      text[300];
    json_t   *v, *body;
    drs_str_t got;

    (void) state;

    v = json_string("0");
    body_is(drs_error_parameter(DRS_ERR_INVALID_PARAMETER, "limit", v, "1-100",
                                drs_str("limit is invalid"), drs_str(NULL)),
            "{\"error\":\"INVALID_PARAMETER\",\"code\":\"INVALID_PARAMETER\","
            "\"message\":\"limit is invalid\",\"details\":{\"parameter\":"
            "\"limit\",\"value\":\"0\",\"expected\":\"1-100\"}}");
    json_decref(v);

    /* a long value is cut between characters */

    memset(text, 'a', sizeof(text));
    memcpy(text + 199, "\xc3\xbc", 2);
    v = json_stringn(text, sizeof(text));
    body = drs_error_parameter(DRS_ERR_MISSING_PARAMETER, "p", v, NULL,
                               drs_str(NULL), drs_str(NULL));
    got = drs_json_str(drs_json_pointer(body, "/details/value"));
    assert_int_equal(got.len, 199);
    json_decref(body);
    json_decref(v);
}


static void
test_error_forbidden(void **state)
{
    (void) state;

    body_is(drs_error_forbidden(drs_perm_bit(DRS_PERM_START_RECOVERY),
                                drs_role_bit(DRS_ROLE_READONLY), drs_str("r")),
            "{\"error\":\"Forbidden\",\"code\":\"FORBIDDEN\",\"message\":"
            "\"Insufficient permissions.\",\"requestId\":\"r\","
            "\"required_permission\":\"start_recovery\","
            "\"user_roles\":[\"DRSReadOnly\"]}");

    body_is(drs_error_forbidden(drs_perm_bit(DRS_PERM_START_RECOVERY)
                                    | drs_perm_bit(DRS_PERM_AUDIT_READ),
                                0, drs_str(NULL)),
            "{\"error\":\"Forbidden\",\"code\":\"FORBIDDEN\",\"message\":"
            "\"Insufficient permissions.\",\"required_permissions\":"
            "[\"start_recovery\",\"audit_read\"],\"user_roles\":[]}");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rbac_table),
        cmocka_unit_test(test_rbac_groups),
        cmocka_unit_test(test_error_table),
        cmocka_unit_test(test_error_messages_avoid_marker_words),
        cmocka_unit_test(test_error_envelope),
        cmocka_unit_test(test_error_parameter),
        cmocka_unit_test(test_error_forbidden)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
