/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_routes.h"


static drs_route_match_t m;


static drs_route_rc_t
find(drs_method_t method, const char *path)
{
    return drs_route_find(method, drs_str(path), &m);
}


static void
table_is_sound(void **state)
{
    (void) state;

    assert_null(drs_routes_check());
}


static void
every_row_finds_itself(void **state)
{
    int                i;
    char               path[256];
    const char        *p;
    size_t             n;
    const drs_route_t *r;

    (void) state;

    for (i = 0; i < DRS_ROUTE_N; i++) {
        r = drs_route((drs_route_id_t) i);
        assert_int_equal(r->id, i);

        n = 0;
        for (p = r->pattern; *p != '\0'; p++) {
            if (*p == '{') {
                n += (size_t) snprintf(path + n, sizeof(path) - n, "value");
                p = strchr(p, '}');
                continue;
            }
            path[n++] = *p;
        }
        path[n] = '\0';

        assert_int_equal(find(r->method, path), DRS_ROUTE_FOUND);
        assert_int_equal(m.route->id, i);
        assert_true(m.allow & (unsigned) r->method);
    }
}


static void
literals_win_over_parameters(void **state)
{
    (void) state;

    assert_int_equal(find(DRS_METHOD_POST, "/protection-groups/resolve"),
                     DRS_ROUTE_FOUND);
    assert_int_equal(m.route->id, DRS_ROUTE_GROUP_RESOLVE);
    assert_int_equal(m.n_params, 0);

    assert_int_equal(find(DRS_METHOD_GET, "/executions/x/realtime"),
                     DRS_ROUTE_FOUND);
    assert_int_equal(m.route->id, DRS_ROUTE_EXEC_REALTIME);

    assert_int_equal(find(DRS_METHOD_GET, "/executions/abc"), DRS_ROUTE_FOUND);
    assert_int_equal(m.route->id, DRS_ROUTE_EXEC_GET);
    assert_int_equal(m.n_params, 1);
    assert_true(drs_str_eqz(m.params[0], "abc"));
}


static void
unknown_paths_and_methods(void **state)
{
    char text[64];

    static const char *const none[] = { "",
                                        "/",
                                        "health",
                                        "/health/",
                                        "//health",
                                        "/healthy",
                                        "/executions/",
                                        "/executions//cancel",
                                        "/executions/a/b",
                                        "/protection-groups/a/b",
                                        "/recovery-plans/a/execute/b",
                                        "/unknown",
                                        NULL };

    (void) state;

    for (size_t i = 0; none[i] != NULL; i++) {
        assert_int_equal(find(DRS_METHOD_GET, none[i]), DRS_ROUTE_NO_PATH);
        assert_null(m.route);
    }

    assert_int_equal(find(DRS_METHOD_PUT, "/health"), DRS_ROUTE_NO_METHOD);
    assert_null(m.route);
    (void) drs_methods_text(text, sizeof(text), m.allow);
    assert_string_equal(text, "GET,OPTIONS");

    assert_int_equal(find(DRS_METHOD_NONE, "/protection-groups/x"),
                     DRS_ROUTE_NO_METHOD);
    (void) drs_methods_text(text, sizeof(text), m.allow);
    assert_string_equal(text, "GET,PUT,DELETE,OPTIONS");

    assert_int_equal(drs_method_by_name(drs_str("HEAD")), DRS_METHOD_GET);
    assert_int_equal(drs_method_by_name(drs_str("PATCH")), DRS_METHOD_NONE);
}


static void
permissions_deny_by_default(void **state)
{
    int                i;
    drs_perms_t        perms;
    const drs_route_t *r;

    (void) state;

    for (i = 0; i < DRS_ROUTE_N; i++) {
        r = drs_route((drs_route_id_t) i);
        perms = r->all | r->any;

        if (r->flags & (DRS_ROUTE_PUBLIC | DRS_ROUTE_ANY_USER)) {
            assert_true(drs_route_permits(r, 0));
            continue;
        }

        assert_false(drs_route_permits(r, 0));
        assert_false(drs_route_permits(r, DRS_PERMS_ALL & ~perms));
        assert_true(drs_route_permits(r, perms));
    }

    r = drs_route(DRS_ROUTE_EXEC_TERMINATE);
    assert_false(drs_route_permits(r, drs_role_perms(DRS_ROLE_OPERATOR)));
    assert_true(drs_route_permits(r, drs_role_perms(DRS_ROLE_MANAGER)));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(every_row_finds_itself),
        cmocka_unit_test(literals_win_over_parameters),
        cmocka_unit_test(unknown_paths_and_methods),
        cmocka_unit_test(permissions_deny_by_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
