
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

#include <jansson.h>

#include "drs_buf.h"
#include "drs_str.h"


static void
test_str_compare(void **state)
{
    (void) state;

    assert_true(drs_str_eq(drs_str("abc"), drs_strn("abcd", 3)));
    assert_false(drs_str_eq(drs_str("abc"), drs_str("abd")));
    assert_true(drs_str_eq(drs_str(NULL), drs_str("")));
    assert_true(drs_str_ieqz(drs_str("BeArEr"), "bearer"));
    assert_false(drs_str_ieqz(drs_str("[earer"), "{earer"));
    assert_true(drs_str_starts(drs_str("drsjob-1"), "drsjob-"));
    assert_false(drs_str_starts(drs_str("drs"), "drsjob-"));
    assert_int_equal(drs_str_cmp(drs_str("a"), drs_str("ab")), -1);
    assert_int_equal(drs_str_cmp(drs_str("b"), drs_str("ab")), 1);
    assert_int_equal(drs_str_cmp(drs_str("ab"), drs_str("ab")), 0);
    assert_true(drs_str_eq_ct(drs_str("secret"), drs_str("secret")));
    assert_false(drs_str_eq_ct(drs_str("secret"), drs_str("secres")));
    assert_false(drs_str_eq_ct(drs_str("secret"), drs_str("secre")));
    assert_true(drs_str_eqz(drs_str_trim(drs_str(" \t a b \r\n")), "a b"));
    assert_int_equal(drs_str_trim(drs_str("  ")).len, 0);
}


static void
test_str_split(void **state)
{
    char      got[64];
    size_t    i;
    drs_str_t rest, item;

    static const char *const rows[][2] = { { "a,,b", "[a][][b]" },
                                           { "a,", "[a][]" },
                                           { "a", "[a]" },
                                           { "", "[]" },
                                           { ",", "[][]" } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        got[0] = '\0';
        rest = drs_str(rows[i][0]);

        while (drs_str_split(&rest, ',', &item)) {
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%.*s]",
                     DRS_STR_ARG(item));
        }

        assert_string_equal(got, rows[i][1]);
    }

    rest = drs_str(NULL);
    assert_false(drs_str_split(&rest, ',', &item));
}


static void
test_str_numbers(void **state)
{
    int64_t  i;
    uint64_t u;

    (void) state;

    assert_int_equal(drs_str_u64(drs_str("18446744073709551615"), &u), DRS_OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(drs_str_u64(drs_str("18446744073709551616"), &u),
                     DRS_DECLINED);
    assert_int_equal(drs_str_u64(drs_str("99999999999999999999"), &u),
                     DRS_DECLINED);
    assert_int_equal(drs_str_u64(drs_str(""), &u), DRS_DECLINED);
    assert_int_equal(drs_str_u64(drs_str("+1"), &u), DRS_DECLINED);
    assert_int_equal(drs_str_u64(drs_str("1 "), &u), DRS_DECLINED);
    assert_int_equal(drs_str_i64(drs_str("-9223372036854775808"), &i), DRS_OK);
    assert_true(i == INT64_MIN);
    assert_int_equal(drs_str_i64(drs_str("-9223372036854775809"), &i),
                     DRS_DECLINED);
    assert_int_equal(drs_str_i64(drs_str("9223372036854775807"), &i), DRS_OK);
    assert_true(i == INT64_MAX);
    assert_int_equal(drs_str_i64(drs_str("9223372036854775808"), &i),
                     DRS_DECLINED);
    assert_int_equal(drs_str_i64(drs_str("-"), &i), DRS_DECLINED);
    assert_int_equal(drs_str_i64(drs_str("-0"), &i), DRS_OK);
    assert_int_equal(i, 0);
}


static void
test_buf_append(void **state)
{
    char     *p;
    size_t    i, len;
    drs_buf_t b;

    (void) state;

    drs_buf_init(&b, 0);

    for (i = 0; i < 10000; i++) {
        assert_int_equal(drs_buf_printf(&b, "%zu,", i), DRS_OK);
    }

    assert_true(drs_buf_ok(&b));
    assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
    assert_int_equal(strlen(b.data), b.len);
    assert_memory_equal(b.data + b.len - 5, "9999,", 5);

    p = drs_buf_steal(&b, &len);
    assert_int_equal(len, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
    assert_null(b.data);
    free(p);

    p = drs_buf_steal(&b, &len);
    assert_string_equal(p, "");
    assert_int_equal(len, 0);
    free(p);
}


static void
test_buf_bound(void **state)
{
    drs_buf_t b;

    (void) state;

    drs_buf_init(&b, 10);

    assert_int_equal(drs_buf_puts(&b, "0123456789"), DRS_OK);
    assert_int_equal(drs_buf_putc(&b, 'x'), DRS_ERROR);
    assert_false(drs_buf_ok(&b));
    assert_int_equal(drs_buf_append(&b, "", 0), DRS_ERROR);
    assert_string_equal(b.data, "0123456789");
    assert_null(drs_buf_steal(&b, NULL));

    drs_buf_reset(&b);
    assert_int_equal(drs_buf_printf(&b, "%s", "0123456789a"), DRS_ERROR);
    drs_buf_reset(&b);
    assert_int_equal(drs_buf_printf(&b, "%s", "012345678"), DRS_OK);
    assert_int_equal(drs_buf_reserve(&b, SIZE_MAX), DRS_ERROR);
    drs_buf_free_secret(&b);
}


static void
test_buf_json_string(void **state)
{
    size_t    i;
    drs_buf_t b;

    static const struct {
        drs_str_t   in;
        const char *out;
    } rows[] = { { drs_string(""), "\"\"" },
                 { drs_string("O'Brien <a>"), "\"O'Brien <a>\"" },
                 { drs_string("a\"b\\c"), "\"a\\\"b\\\\c\"" },
                 { drs_string("\b\f\n\r\t\0\x1f\x7f"),
                   "\"\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\"" },
                 { drs_string("gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x80"),
                   "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x80\"" },
                 { drs_string("a\xff"
                              "b\xc3"),
                   "\"a\xef\xbf\xbd"
                   "b\xef\xbf\xbd\"" },
                 { drs_string("\xe2\x80\xa8\xe2\x80\xa9"),
                   "\"\\u2028\\u2029\"" } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        drs_buf_init(&b, 0);
        assert_int_equal(
            drs_buf_json_string(&b, rows[i].in.data, rows[i].in.len), DRS_OK);
        assert_string_equal(b.data, rows[i].out);
        drs_buf_free(&b);
    }
}


/* Each character at each place of a word, against the parser. */
static void
json_strings_keep_every_character(void **state)
{
    int         c, at;
    char        text[20], *p;
    json_t     *v;
    drs_buf_t   b;
    const char *got;

    (void) state;
    drs_buf_init(&b, 0);

    for (c = 1; c <= 0xff; c++) {
        for (at = 0; at < 16; at++) {
            memset(text, 'a', sizeof(text));
            p = text + at;
            *p++ = (char) (c < 0x80 ? c : 0xc0 | (c >> 6));

            if (c >= 0x80) {
                *p = (char) (0x80 | (c & 0x3f));
            }

            drs_buf_reset(&b);
            assert_int_equal(drs_buf_json_string(&b, text, 17), DRS_OK);
            v = json_loadb(b.data, b.len, JSON_DECODE_ANY, NULL);
            assert_non_null(v);
            got = json_string_value(v);
            assert_int_equal(json_string_length(v), 17);
            assert_memory_equal(got, text, 17);
            json_decref(v);

            /* and nothing is escaped that need not be */
            assert_int_equal(memchr(b.data, '\\', b.len) != NULL,
                             c < 0x20 || c == '"' || c == '\\' || c == 0x7f);
        }
    }

    drs_buf_free(&b);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str_compare),
        cmocka_unit_test(test_str_split),
        cmocka_unit_test(test_str_numbers),
        cmocka_unit_test(test_buf_append),
        cmocka_unit_test(test_buf_bound),
        cmocka_unit_test(json_strings_keep_every_character),
        cmocka_unit_test(test_buf_json_string)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
