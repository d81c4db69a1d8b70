
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drs_routes.h"
#include "drs_sse.h"
#include "drs_uri.h"


static void
paths_are_decoded_once(void **state)
{
    char   dst[64];
    size_t i, len;

    static const char *const good[][2] = { { "/executions/x", "/executions/x" },
                                           { "/a%20b", "/a b" },
                                           { "/a+b", "/a+b" },
                                           { "/%25%32%46", "/%2F" },
                                           { "/a%c3%a4", "/a\xc3\xa4" },
                                           { "//", "//" },
                                           { "/...", "/..." },
                                           { "/.a", "/.a" } };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(drs_uri_path(dst, &len, drs_str(good[i][0])), DRS_OK);
        assert_int_equal(len, strlen(good[i][1]));
        assert_memory_equal(dst, good[i][1], len);
    }
}


static void
bad_paths_are_refused(void **state)
{
    char   dst[DRS_ROUTE_PATH_MAX + 1], raw[DRS_ROUTE_PATH_MAX + 1];
    size_t i, len;

    static const char *const bad[] = {
        "",   "a",       "/%2f",    "/%2F",  "/%",     "/%4",  "/%zz", "/%00",
        "/.", "/a/../b", "/%2e%2E", "/%2e/", "/a\x7f", "/%0a", "/%ff", "/\xc3"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_uri_path(dst, &len, drs_str(bad[i])),
                         DRS_DECLINED);
    }

    assert_int_equal(drs_uri_path(dst, &len, drs_strn("/a\0b", 4)),
                     DRS_DECLINED);

    memset(raw, 'a', sizeof(raw));
    raw[0] = '/';
    assert_int_equal(drs_uri_path(dst, &len, drs_strn(raw, sizeof(raw) - 1)),
                     DRS_OK);
    assert_int_equal(drs_uri_path(dst, &len, drs_strn(raw, sizeof(raw))),
                     DRS_DECLINED);
}


static void
query(const char *args, const char *name, int rc, const char *value)
{
    char      dst[128];
    drs_str_t v;

    assert_int_equal(drs_uri_query(drs_str(args), name, dst, &v), rc);

    if (rc == 1) {
        assert_int_equal(v.len, strlen(value));
        assert_string_equal(dst, value);
    }
}


static void
query_parameters(void **state)
{
    (void) state;

    query("", "a", 0, NULL);
    query("b=1", "a", 0, NULL);
    query("a=1&a=2", "a", 1, "1");
    query("b=1&a=x+y%2B", "a", 1, "x y+");
    query("a", "a", 1, "");
    query("a=", "a", 1, "");
    query("&&a=b=c&", "a", 1, "b=c");
    query("%61=1", "a", 0, NULL);
    query("a=%", "a", DRS_DECLINED, NULL);
    query("a=%00", "a", DRS_DECLINED, NULL);
    query("a=%ff", "a", DRS_DECLINED, NULL);
    query("b=%&a=1", "a", 1, "1");
}


static void
stream_ids(void **state)
{
    size_t    i;
    drs_sid_t a, b;

    static const char *const bad[] = { "",    "-",     "1-",
                                       "-1",  "1-2-3", " 1",
                                       "1-x", "0x1",   "+1",
                                       "1 ",  "1--2",  "18446744073709551616" };

    (void) state;

    assert_int_equal(drs_sid_parse(drs_str("1700000000000-3"), &a), DRS_OK);
    assert_int_equal(a.n, 3);
    assert_int_equal(drs_sid_parse(drs_str("1700000000000"), &b), DRS_OK);
    assert_int_equal(b.n, 0);
    assert_int_equal(drs_sid_cmp(a, b), 1);
    assert_int_equal(drs_sid_cmp(b, a), -1);
    assert_int_equal(drs_sid_cmp(a, a), 0);
    b.ms++;
    assert_int_equal(drs_sid_cmp(a, b), -1);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_sid_parse(drs_str(bad[i]), &a), DRS_DECLINED);
    }
}


static void
members_of_events(void **state)
{
    size_t          i;
    drs_sse_event_t ev;

    static const char text[] =
        "{\"event\":\"execution.status\",\"at\":1,\"data\":{\"topic\":\"no\","
        "\"x\":[\"}\",\"\\\"\",{}]},\"topic\":\"executions\",\"ok\":true,"
        "\"accountId\":\"111122223333\"}";

    static const char *const bad[] = { "",
                                       "{",
                                       "[]",
                                       "{}",
                                       "{\"event\"}",
                                       "{\"event\":}",
                                       "{\"event\":\"}",
                                       "{\"event\":\"\\\"}",
                                       "{\"event\":[}",
                                       "{\"topic\":\"executions\"}" };

    (void) state;

    assert_int_equal(drs_sse_scan(drs_str(text), &ev), DRS_OK);
    assert_true(drs_str_eqz(ev.event, "execution.status"));
    assert_true(drs_str_eqz(ev.topic, "executions"));
    assert_true(drs_str_eqz(ev.account, "111122223333"));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_sse_scan(drs_str(bad[i]), &ev), DRS_DECLINED);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(bad_paths_are_refused),
        cmocka_unit_test(query_parameters), cmocka_unit_test(stream_ids),
        cmocka_unit_test(members_of_events)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
