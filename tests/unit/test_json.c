
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

#include "drs_json.h"


static void
refused(drs_str_t text, drs_json_code_t code)
{
    json_t          *v;
    drs_json_error_t err;

    v = drs_json_parse(text, NULL, &err);

    if (v != NULL) {
        fail_msg("accepted: %.*s", DRS_STR_ARG(text));
    }

    if (err.code != code) {
        fail_msg("%.*s: code %d, %s", DRS_STR_ARG(text), err.code, err.text);
    }

    assert_true(err.text[0] != '\0');
    assert_null(drs_json_parse(text, NULL, NULL));
}


static void
test_json_refuses(void **state)
{
    size_t i;

    static const char *const bad[] = { "{",
                                       "{\"a\":}",
                                       "[1,]",
                                       "{\"a\":1}x",
                                       "{\"a\":1}{}",
                                       "nul",
                                       "\"a\"",
                                       "1",
                                       "true",
                                       "[NaN]",
                                       "[1e9999]",
                                       "[9223372036854775808]",
                                       "[\"\\u0000\"]",
                                       "[\"\\ud800\"]",
                                       "[\"\xff\"]",
                                       "\xef\xbb\xbf{}",
                                       "[01]",
                                       "[+1]",
                                       "['a']",
                                       "{a:1}",
                                       "[1 2]",
                                       "/* c */ {}",
                                       "   ",
                                       "{\"\\u0000\":1}" };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused(drs_str(bad[i]), DRS_JSON_E_SYNTAX);
    }

    refused(drs_str(""), DRS_JSON_E_SYNTAX);
    refused(drs_strn("{\"a\":1\0}", 8), DRS_JSON_E_NUL);
    refused(drs_strn("{}\0", 3), DRS_JSON_E_NUL);
    refused(drs_str("{\"a\":1,\"a\":2}"), DRS_JSON_E_DUPLICATE);
    refused(drs_str("{\"b\":{\"a\":1,\"\\u0061\":2}}"), DRS_JSON_E_DUPLICATE);
}


static void
test_json_error_does_not_repeat_input(void **state)
{
    json_t          *v;
    drs_json_error_t err;

    (void) state;

    v = drs_json_parse(drs_str("{\n  \"password\": \"hunter2\" \"x\"}"), NULL,
                       &err);
    assert_null(v);
    assert_int_equal(err.line, 2);
    assert_true(err.column > 1);
    assert_null(strstr(err.text, "hunter2"));

    v = drs_json_parse(drs_str("{\"hunter2\":1,\"hunter2\":1}"), NULL, &err);
    assert_null(v);
    assert_null(strstr(err.text, "hunter2"));

    v = drs_json_parse(drs_str("{\"a\": hunter2}"), NULL, &err);
    assert_null(v);
    assert_null(strstr(err.text, "hunter2"));
}


static void
test_json_depth(void **state)
{
    char    text[128];
    int     i, n;
    json_t *v;

    (void) state;

    for (n = 32; n <= 33; n++) {
        for (i = 0; i < n; i++) {
            text[i] = '[';
            text[n + i] = ']';
        }

        if (n == 32) {
            v = drs_json_parse(drs_strn(text, (size_t) n * 2), NULL, NULL);
            assert_non_null(v);
            json_decref(v);

        } else {
            refused(drs_strn(text, (size_t) n * 2), DRS_JSON_E_DEPTH);
        }
    }

    /* brackets in strings do not count */

    v = drs_json_parse(drs_str("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\""
                               "]"),
                       NULL, NULL);
    assert_non_null(v);
    json_decref(v);
}


static void
test_json_limits(void **state)
{
    json_t                 *v;
    drs_json_error_t        err;
    const drs_json_limits_t lim = { 16, 4, 3, 1 };

    (void) state;

    v = drs_json_parse(drs_str("[1,2,3]"), &lim, &err);
    assert_non_null(v);
    json_decref(v);

    assert_null(drs_json_parse(drs_str("[1,2,3,4]"), &lim, &err));
    assert_int_equal(err.code, DRS_JSON_E_MEMBERS);
    assert_null(drs_json_parse(drs_str("[{},{},{}]"), &lim, &err));
    assert_int_equal(err.code, DRS_JSON_E_MEMBERS);
    assert_null(drs_json_parse(drs_str("[1,2,3          ]"), &lim, &err));
    assert_int_equal(err.code, DRS_JSON_E_SIZE);
    assert_string_equal(err.text, "more bytes than 16");

    v = drs_json_parse(drs_str("\"scalar\""), &lim, &err);
    assert_true(drs_str_eqz(drs_json_str(v), "scalar"));
    json_decref(v);
}


static json_t *
sample(void)
{
    json_t *v;

    v = drs_json_parse(
        drs_str("{\"s\":\"text\",\"e\":\"\",\"i\":42,\"r\":1.0,\"t\":true,"
                "\"n\":null,\"o\":{\"a/b\":[10,{\"~x\":7}]},\"l\":[1]}"),
        NULL, NULL);

    assert_non_null(v);

    return v;
}


static void
test_json_getters(void **state)
{
    int              b;
    double           d;
    json_t          *v, *c;
    int64_t          i;
    drs_str_t        s;
    drs_json_error_t err;

    (void) state;

    v = sample();
    s = drs_str("before");
    i = 7;

    assert_int_equal(drs_json_get_str(v, "", "s", 1, &s, &err), 1);
    assert_true(drs_str_eqz(s, "text"));
    assert_int_equal(drs_json_get_str(v, "", "e", 1, &s, &err), 1);
    assert_int_equal(s.len, 0);

    /* absent and null */

    assert_int_equal(drs_json_get_int(v, "", "x", 0, 0, 9, &i, &err), 0);
    assert_int_equal(drs_json_get_int(v, "", "n", 0, 0, 9, &i, &err), 0);
    assert_int_equal(i, 7);
    assert_int_equal(drs_json_get_str(v, "waves[2]", "n", 1, &s, &err),
                     DRS_DECLINED);
    assert_int_equal(err.code, DRS_JSON_E_MISSING);
    assert_string_equal(err.path, "waves[2].n");

    /* types are exact */

    assert_int_equal(drs_json_get_int(v, NULL, "r", 1, 0, 9, &i, &err),
                     DRS_DECLINED);
    assert_int_equal(err.code, DRS_JSON_E_TYPE);
    assert_string_equal(err.path, "r");
    assert_int_equal(drs_json_get_bool(v, NULL, "i", 1, &b, NULL),
                     DRS_DECLINED);
    assert_int_equal(drs_json_get_str(v, NULL, "i", 0, &s, &err), DRS_DECLINED);
    assert_int_equal(drs_json_get_object(v, NULL, "l", 0, &c, &err),
                     DRS_DECLINED);
    assert_int_equal(drs_json_get_array(v, NULL, "o", 0, &c, &err),
                     DRS_DECLINED);
    assert_int_equal(drs_json_get_number(v, NULL, "s", 0, &d, &err),
                     DRS_DECLINED);

    assert_int_equal(drs_json_get_int(v, NULL, "i", 1, 0, 42, &i, &err), 1);
    assert_int_equal(i, 42);
    assert_int_equal(drs_json_get_int(v, NULL, "i", 1, 0, 41, &i, &err),
                     DRS_DECLINED);
    assert_int_equal(err.code, DRS_JSON_E_RANGE);
    assert_string_equal(err.text, "the field must be from 0 to 41");
    assert_int_equal(drs_json_get_bool(v, NULL, "t", 1, &b, &err), 1);
    assert_int_equal(b, 1);
    assert_int_equal(drs_json_get_number(v, NULL, "r", 1, &d, &err), 1);
    assert_int_equal(drs_json_get_object(v, NULL, "o", 1, &c, &err), 1);
    assert_int_equal(drs_json_get_array(v, NULL, "l", 1, &c, &err), 1);

    /* something that is no object has no members */

    assert_int_equal(drs_json_get_str(c, NULL, "s", 0, &s, &err), 0);
    assert_null(drs_json_field(c, "s").data);
    assert_int_equal(drs_json_int(v, "s", -1), -1);
    assert_int_equal(drs_json_int(v, "i", -1), 42);

    json_decref(v);
}


static void
test_json_pointer(void **state)
{
    json_t *v;

    (void) state;

    v = sample();

    assert_int_equal(json_integer_value(drs_json_pointer(v, "i")), 42);
    assert_int_equal(json_integer_value(drs_json_pointer(v, "/i")), 42);
    assert_int_equal(json_integer_value(drs_json_pointer(v, "/o/a~1b/0")), 10);
    assert_int_equal(json_integer_value(drs_json_pointer(v, "/o/a~1b/1/~0x")),
                     7);
    assert_null(drs_json_pointer(v, "/o/a~1b/2"));
    assert_null(drs_json_pointer(v, "/o/a~1b/00"));
    assert_null(drs_json_pointer(v, "/o/a~1b/-1"));
    assert_null(drs_json_pointer(v, "/i/x"));
    assert_null(drs_json_pointer(v, "/o/a~2b"));
    assert_null(drs_json_pointer(v, "o/a"));

    json_decref(v);
}


static void
test_json_canonical(void **state)
{
    json_t   *a, *b;
    drs_buf_t x, y;

    (void) state;

    a = drs_json_parse(drs_str("{\"b\":[1.0,0.1,-0.0,1e300],\"a\":"
                               "{\"z\":null,\"y\":\"\\u00fc\"}}"),
                       NULL, NULL);
    b = drs_json_parse(drs_str(" { \"a\" : {\"y\":\"\xc3\xbc\",\"z\":null},"
                               "\"b\":[1, 1e-1, 0, 1E300]}"),
                       NULL, NULL);

    drs_buf_init(&x, 0);
    drs_buf_init(&y, 0);

    assert_int_equal(drs_json_dump_canonical(&x, a), DRS_OK);
    assert_int_equal(drs_json_dump_canonical(&y, b), DRS_OK);
    assert_string_equal(x.data, "{\"a\":{\"y\":\"\xc3\xbc\",\"z\":null},"
                                "\"b\":[1,0.1,0,1e+300]}");
    assert_string_equal(x.data, y.data);
    assert_true(drs_json_equal(a, b));

    json_object_set_new(b, "c", json_null());
    assert_false(drs_json_equal(a, b));
    json_object_del(b, "c");
    json_array_append_new(json_object_get(b, "b"), json_integer(1));
    assert_false(drs_json_equal(a, b));

    drs_buf_free(&x);
    drs_buf_free(&y);
    json_decref(a);
    json_decref(b);
}


static void
test_json_dump(void **state)
{
    char     *text;
    size_t    len;
    json_t   *v;
    drs_buf_t b;

    (void) state;

    v = json_pack("{s:f,s:o,s:o}", "x", 0.1, "whole", drs_json_new_number(3.0),
                  "half", drs_json_new_number(2.5));

    text = drs_json_text(v, &len);
    assert_string_equal(text, "{\"x\":0.1,\"whole\":3,\"half\":2.5}");
    assert_int_equal(len, strlen(text));
    free(text);

    drs_buf_init(&b, 10);
    assert_int_equal(drs_json_dump(&b, v), DRS_ERROR);
    assert_false(drs_buf_ok(&b));
    drs_buf_free(&b);
    json_decref(v);

    assert_int_equal(drs_json_equal(NULL, NULL), 1);
    v = json_object();
    assert_int_equal(drs_json_set_str(v, "a", drs_str("\xff")), DRS_ERROR);
    assert_int_equal(drs_json_set_str(v, "a", drs_str(NULL)), DRS_OK);
    assert_int_equal(drs_json_set_int(v, "b", INT64_MAX), DRS_OK);
    assert_int_equal(drs_json_set_bool(v, "c", 0), DRS_OK);
    text = drs_json_text(v, NULL);
    assert_string_equal(text,
                        "{\"a\":\"\",\"b\":9223372036854775807,\"c\":false}");
    free(text);
    json_decref(v);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_refuses),
        cmocka_unit_test(test_json_error_does_not_repeat_input),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_json_limits),
        cmocka_unit_test(test_json_getters),
        cmocka_unit_test(test_json_pointer),
        cmocka_unit_test(test_json_canonical),
        cmocka_unit_test(test_json_dump)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
