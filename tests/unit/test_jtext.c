
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON without trees.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_json.h"
#include "drs_jtext.h"


#define assert_text(s, z)                                                      \
    do {                                                                       \
        drs_str_t at_ = (s);                                                   \
        assert_int_equal(at_.len, strlen(z));                                  \
        assert_memory_equal(at_.data, z, at_.len);                             \
    } while (0)


static void
members_and_elements(void **state)
{
    drs_str_t   n, v, text;
    drs_jread_t r;

    (void) state;

    text = drs_str(" {\"a\":1,\"b\" : \"x,}\\\"]\" ,\n\"c\":{\"d\":[1,{\"e\":"
                   "\"}\"}]},\"f\":[],\"g\":null} ");
    assert_int_equal(drs_jread_open(&r, text), DRS_OK);
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_text(n, "a");
    assert_text(v, "1");
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_text(n, "b");
    assert_text(v, "\"x,}\\\"]\"");
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_text(v, "{\"d\":[1,{\"e\":\"}\"}]}");
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_text(v, "[]");
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_text(v, "null");
    assert_int_equal(drs_jread_next(&r, &n, &v), 0);
    assert_int_equal(drs_jread_next(&r, &n, &v), 0);

    assert_text(drs_jread_field(text, "f"), "[]");
    assert_null(drs_jread_field(text, "d").data);
    assert_null(drs_jread_field(drs_str("[1]"), "d").data);

    assert_int_equal(drs_jread_open(&r, drs_str("[ \"a\" , 2,[3] ]")), DRS_OK);
    assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
    assert_text(drs_jread_plain(v), "a");
    assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
    assert_int_equal(drs_jread_int(v, 7), 2);
    assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
    assert_int_equal(drs_jread_int(v, 7), 7);
    assert_int_equal(drs_jread_next(&r, NULL, &v), 0);
}


/* Every beginning of a text ends without reading behind it. */
static void
cut_texts(void **state)
{
    int         rc;
    char       *copy;
    size_t      i, len;
    drs_str_t   n, v;
    drs_jread_t r;
    const char *text;

    (void) state;
    text = "{\"a\":\"\\\\\",\"b\":{\"c\":[1,\"\\u0041\"]},\"d\":true}";
    len = strlen(text);

    for (i = 0; i < len; i++) {
        copy = malloc(i + 1);
        assert_non_null(copy);
        memcpy(copy, text, i);

        if (drs_jread_open(&r, drs_strn(copy, i)) == DRS_OK) {
            while ((rc = drs_jread_next(&r, &n, &v)) == 1) { /* void */
            }
            assert_int_equal(rc, DRS_DECLINED);
        }

        free(copy);
    }

    assert_int_equal(drs_jread_open(&r, drs_str("12")), DRS_DECLINED);
    assert_int_equal(drs_jread_open(&r, drs_str("{1:2}")), DRS_OK);
    assert_int_equal(drs_jread_next(&r, &n, &v), DRS_DECLINED);
    assert_int_equal(drs_jread_open(&r, drs_str("{\"a\":}")), DRS_OK);
    assert_int_equal(drs_jread_next(&r, &n, &v), DRS_DECLINED);
    assert_int_equal(drs_jread_open(&r, drs_str("[1 2]")), DRS_OK);
    assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
    assert_int_equal(drs_jread_next(&r, NULL, &v), DRS_DECLINED);
}


static void
strings(void **state)
{
    drs_arena_t *a;

    (void) state;
    a = drs_arena_new(NULL);

    assert_string_equal(drs_jread_string(a, drs_str("\"abc\"")), "abc");
    assert_string_equal(drs_jread_string(a, drs_str("\"\"")), "");
    assert_string_equal(drs_jread_string(a, drs_str("12")), "");
    assert_string_equal(drs_jread_string(a, drs_str("null")), "");
    assert_string_equal(drs_jread_string(a, drs_str("\"a\\\"\\u00e9\\n\"")),
                        "a\"\xc3\xa9\n");
    assert_null(drs_jread_string(a, drs_str("\"\\x\"")));
    assert_null(drs_jread_plain(drs_str("\"a\\n\"")).data);
    assert_int_equal(drs_jread_int(drs_str("-5"), 1), -5);
    assert_int_equal(drs_jread_int(drs_str("1.5"), 1), 1);

    drs_arena_free(a);
}


static void
writing(void **state)
{
    json_t   *v;
    drs_buf_t b;

    (void) state;
    drs_buf_init(&b, 0);

    drs_jw_open(&b, NULL, '{');
    drs_jw_str(&b, "a", drs_str("x\"\\\n\xc3\xa9\x7f"));
    drs_jw_z(&b, "none", "");
    drs_jw_int(&b, "i", INT64_MIN);
    drs_jw_int(&b, "z", 0);
    drs_jw_bool(&b, "t", 1);
    drs_jw_null(&b, "n");
    drs_jw_open(&b, "l", '[');
    drs_jw_int(&b, NULL, 1);
    drs_jw_open(&b, NULL, '{');
    drs_jw_close(&b, '}');
    drs_jw_open(&b, NULL, '[');
    drs_jw_close(&b, ']');
    drs_jw_raw(&b, NULL, drs_str("{\"q\":1}"));
    drs_jw_close(&b, ']');
    v = json_pack("{s:i}", "m", 5);
    drs_jw_json(&b, "o", v);
    drs_jw_begin(&b, "p", v);
    drs_jw_int(&b, "more", 6);
    drs_jw_close(&b, '}');
    json_decref(v);
    drs_jw_begin_raw(&b, "r", drs_str("{}"));
    drs_jw_int(&b, "s", 7);
    drs_jw_close(&b, '}');
    drs_jw_close(&b, '}');

    assert_true(drs_buf_ok(&b));
    assert_string_equal(
        b.data,
        "{\"a\":\"x\\\"\\\\\\n\xc3\xa9\\u007f\",\"i\":-9223372036854775808,"
        "\"z\":0,\"t\":true,\"n\":null,\"l\":[1,{},[],{\"q\":1}],\"o\":{\"m\":"
        "5},\"p\":{\"m\":5,\"more\":6},\"r\":{\"s\":7}}");

    v = drs_json_parse(drs_buf_str(&b), NULL, NULL);
    assert_non_null(v);
    json_decref(v);
    drs_buf_free(&b);
}


/* Ends of strings at every distance, with and without an escaped quote. */
static void
string_ends(void **state)
{
    char        text[80];
    size_t      n, at;
    drs_str_t   v;
    drs_jread_t r;

    (void) state;

    for (n = 0; n < 20; n++) {
        for (at = 0; at + 2 <= n; at++) {
            memset(text, 'x', sizeof(text));
            memcpy(text, "[\"", 2);
            memcpy(text + 2 + at, at % 2 ? "\\\"" : "\\\\", 2);
            memcpy(text + 2 + n, "\",\"yyyyyyyyyyyy\"]", 18);

            assert_int_equal(drs_jread_open(&r, drs_strn(text, n + 20)),
                             DRS_OK);
            assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
            assert_int_equal(v.len, n + 2);
            assert_int_equal(drs_jread_next(&r, NULL, &v), 1);
            assert_int_equal(v.len, 14);
            assert_int_equal(drs_jread_next(&r, NULL, &v), 0);
        }
    }
}


/* The end of a value that is known already is not looked for. */
static void
known_value(void **state)
{
    drs_str_t   text, n, v, object = drs_string("{\"a\":[1,2],\"b\":3}");
    drs_jread_t r;

    (void) state;

    text = drs_jread_field(object, "a");
    assert_int_equal(drs_jread_open(&r, object), DRS_OK);
    r.known = text;
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_ptr_equal(v.data, text.data);
    assert_int_equal(v.len, text.len);
    assert_int_equal(drs_jread_next(&r, &n, &v), 1);
    assert_true(drs_str_eqz(n, "b") && drs_str_eqz(v, "3"));
    assert_int_equal(drs_jread_next(&r, &n, &v), 0);
}


static void
failures_stick(void **state)
{
    json_t   *v;
    drs_buf_t b;

    (void) state;

    drs_buf_init(&b, 4);
    drs_jw_open(&b, NULL, '{');
    drs_jw_str(&b, "name", drs_str("value"));
    drs_jw_close(&b, '}');
    assert_false(drs_buf_ok(&b));
    drs_buf_free(&b);

    drs_buf_init(&b, 0);
    drs_jw_begin_raw(&b, NULL, drs_str("1"));
    assert_false(drs_buf_ok(&b));
    drs_buf_free(&b);

    drs_buf_init(&b, 0);
    v = json_array();
    drs_jw_begin(&b, NULL, v);
    assert_false(drs_buf_ok(&b));
    json_decref(v);
    drs_buf_free(&b);

    drs_buf_init(&b, 0);
    drs_jw_json(&b, NULL, NULL);
    assert_false(drs_buf_ok(&b));
    drs_buf_free(&b);
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(members_and_elements),
                                        cmocka_unit_test(cut_texts),
                                        cmocka_unit_test(strings),
                                        cmocka_unit_test(string_ends),
                                        cmocka_unit_test(known_value),
                                        cmocka_unit_test(writing),
                                        cmocka_unit_test(failures_stick) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
