
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

#include "drs_utf8.h"


static void
test_utf8_valid(void **state)
{
    size_t i;

    static const drs_str_t good[] = { drs_string(""),
                                      drs_string("abc"),
                                      drs_string("a\0b"),
                                      drs_string("\xc2\x80"),
                                      drs_string("\xdf\xbf"),
                                      drs_string("\xe0\xa0\x80"),
                                      drs_string("\xed\x9f\xbf"),
                                      drs_string("\xee\x80\x80"),
                                      drs_string("\xf0\x90\x80\x80"),
                                      drs_string("\xf4\x8f\xbf\xbf") };

    static const drs_str_t bad[] = { drs_string("\x80"),
                                     drs_string("\xc0\x80"),
                                     drs_string("\xc1\xbf"),
                                     drs_string("\xc2"),
                                     drs_string("\xc2"
                                                "a"),
                                     drs_string("\xe0\x80\x80"),
                                     drs_string("\xe0\x9f\xbf"),
                                     drs_string("\xed\xa0\x80"),
                                     drs_string("\xed\xbf\xbf"),
                                     drs_string("\xe2\x82"),
                                     drs_string("\xf0\x80\x80\x80"),
                                     drs_string("\xf0\x8f\xbf\xbf"),
                                     drs_string("\xf4\x90\x80\x80"),
                                     drs_string("\xf5\x80\x80\x80"),
                                     drs_string("\xff"),
                                     drs_string("\xf0\x9f\x9a") };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(drs_utf8_valid(good[i]));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(drs_utf8_valid(bad[i]));
    }

    assert_int_equal(drs_utf8_length(drs_str("gr\xc3\xbc\xc3\x9f"
                                             "\xf0\x9f\x9a\x80")),
                     5);
}


static void
test_utf8_check(void **state)
{
    (void) state;

    assert_int_equal(drs_utf8_check(drs_str("O'Brien; <x>"), 0), DRS_UTF8_OK);
    assert_int_equal(drs_utf8_check(drs_str("a\nb"), 0), DRS_UTF8_CONTROL);
    assert_int_equal(drs_utf8_check(drs_str("a\r\n\tb"), DRS_UTF8_NEWLINE),
                     DRS_UTF8_OK);
    assert_int_equal(drs_utf8_check(drs_str("a\x1b"), DRS_UTF8_NEWLINE),
                     DRS_UTF8_CONTROL);
    assert_int_equal(drs_utf8_check(drs_strn("a\0b", 3), 0), DRS_UTF8_CONTROL);
    assert_int_equal(drs_utf8_check(drs_str("\x7f"), 0), DRS_UTF8_CONTROL);
    assert_int_equal(drs_utf8_check(drs_str("\xc2\x85"), 0), DRS_UTF8_CONTROL);
    assert_int_equal(drs_utf8_check(drs_str("\xc2\xa0"), 0), DRS_UTF8_OK);
    assert_int_equal(drs_utf8_check(drs_str("a\xe2\x80\xae"
                                            "b"),
                                    0),
                     DRS_UTF8_BIDI);
    assert_int_equal(drs_utf8_check(drs_str("\xe2\x81\xa6"), 0), DRS_UTF8_BIDI);
    assert_int_equal(drs_utf8_check(drs_str("\x01\xff"), 0), DRS_UTF8_INVALID);
    assert_string_equal(drs_utf8_reason(DRS_UTF8_BIDI),
                        "a bidirectional override");
}


static void
test_utf8_trim(void **state)
{
    (void) state;

    assert_true(
        drs_str_eqz(drs_utf8_trim(drs_str("\xc2\xa0 a b\xe3\x80\x80")), "a b"));
    assert_int_equal(drs_utf8_trim(drs_str(" \xe2\x80\x83 ")).len, 0);
    assert_true(drs_str_eqz(drs_utf8_trim(drs_str(" \xff ")), " \xff "));
}


static void
fold_is(const char *in, const char *want)
{
    char  *out;
    size_t len;

    assert_int_equal(drs_utf8_fold(drs_str(in), &out, &len), DRS_OK);
    assert_string_equal(out, want);
    assert_int_equal(len, strlen(want));
    free(out);
}


static void
test_utf8_fold(void **state)
{
    char  *out;
    size_t len;

    (void) state;

    fold_is("  Web Tier ", "web tier");
    fold_is("STRASSE", "strasse");
    fold_is("Stra\xc3\x9f"
            "e",
            "strasse");
    fold_is("GR\xc3\x9c"
            "N",
            "gr\xc3\xbcn");
    fold_is("GRU\xcc\x88N", "gr\xc3\xbcn");
    fold_is("\xce\xa3\xce\xa3", "\xcf\x83\xcf\x83");
    fold_is("\xcf\x82", "\xcf\x83");
    fold_is("\xe2\x84\xaa", "k");
    fold_is("\xef\xbc\xa1", "\xef\xbd\x81");
    fold_is("", "");

    assert_int_equal(drs_utf8_fold(drs_str("\xff"), &out, &len), DRS_DECLINED);
    assert_null(out);
    assert_int_equal(drs_utf8_fold(drs_strn("a\0b", 3), &out, &len),
                     DRS_DECLINED);
}


static size_t
encode(int32_t cp, char *dst)
{
    if (cp < 0x80) {
        dst[0] = (char) cp;
        return 1;
    }

    if (cp < 0x800) {
        dst[0] = (char) (0xc0 | cp >> 6);
        dst[1] = (char) (0x80 | (cp & 0x3f));
        return 2;
    }

    if (cp < 0x10000) {
        dst[0] = (char) (0xe0 | cp >> 12);
        dst[1] = (char) (0x80 | (cp >> 6 & 0x3f));
        dst[2] = (char) (0x80 | (cp & 0x3f));
        return 3;
    }

    dst[0] = (char) (0xf0 | cp >> 18);
    dst[1] = (char) (0x80 | (cp >> 12 & 0x3f));
    dst[2] = (char) (0x80 | (cp >> 6 & 0x3f));
    dst[3] = (char) (0x80 | (cp & 0x3f));
    return 4;
}


/* folding what was folded changes nothing, for every code point */

static void
test_utf8_fold_is_stable(void **state)
{
    char    text[8], *once, *twice;
    size_t  n, m, len;
    int32_t cp;

    (void) state;

    for (cp = 1; cp < 0x20000; cp++) {
        if (cp >= 0xd800 && cp <= 0xdfff) {
            continue;
        }

        text[0] = 'x';
        len = encode(cp, text + 1) + 1;

        assert_int_equal(drs_utf8_fold(drs_strn(text, len), &once, &n), DRS_OK);
        assert_int_equal(drs_utf8_fold(drs_strn(once, n), &twice, &m), DRS_OK);

        if (n != m || memcmp(once, twice, n) != 0) {
            fail_msg("U+%04X folds to two forms", (unsigned) cp);
        }

        free(once);
        free(twice);
    }
}


static void
test_utf8_name_order(void **state)
{
    (void) state;

    assert_true(drs_utf8_name_cmp(drs_str("alpha"), drs_str("Beta")) < 0);
    assert_true(drs_utf8_name_cmp(drs_str("Beta"), drs_str("alpha")) > 0);
    assert_true(drs_utf8_name_cmp(drs_str("ALPHA"), drs_str("alpha")) < 0);
    assert_int_equal(drs_utf8_name_cmp(drs_str("a"), drs_str("a")), 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_valid),
        cmocka_unit_test(test_utf8_check),
        cmocka_unit_test(test_utf8_trim),
        cmocka_unit_test(test_utf8_fold),
        cmocka_unit_test(test_utf8_fold_is_stable),
        cmocka_unit_test(test_utf8_name_order)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
