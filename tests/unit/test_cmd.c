
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

#include "drs_cmd.h"


static void
arg_is(const drs_cmd_t *c, int i, const char *want)
{
    assert_true(i < c->argc);
    assert_int_equal(c->argvlen[i], strlen(want));
    assert_memory_equal(c->argv[i], want, strlen(want));
}


static void
test_all_kinds_of_arguments(void **state)
{
    drs_cmd_t *c;
    drs_str_t  nul = { 3, "a\0b" };
    drs_str_t  none = drs_null_string;

    (void) state;

    c = drs_cmd_new();
    assert_int_equal(drs_cmd_addz(c, "SET"), DRS_OK);
    assert_int_equal(drs_cmd_add(c, nul), DRS_OK);
    assert_int_equal(drs_cmd_add(c, none), DRS_OK);
    assert_int_equal(drs_cmd_add_opt(c, none), DRS_OK);
    assert_int_equal(drs_cmd_add_opt(c, drs_str("x")), DRS_OK);
    assert_int_equal(drs_cmd_add_i64(c, INT64_MIN), DRS_OK);
    assert_int_equal(drs_cmd_add_u64(c, UINT64_MAX), DRS_OK);
    assert_int_equal(drs_cmd_addf(c, "%s:%d", "k", 7), DRS_OK);
    assert_int_equal(drs_cmd_addz(c, NULL), DRS_OK);
    assert_true(drs_cmd_ok(c));

    assert_int_equal(c->argc, 9);
    arg_is(c, 0, "SET");
    assert_int_equal(c->argvlen[1], 3);
    assert_memory_equal(c->argv[1], "a\0b", 3);
    assert_int_equal(c->argvlen[2], 0);
    assert_non_null(c->argv[2]);
    arg_is(c, 3, "-");
    arg_is(c, 4, "x");
    arg_is(c, 5, "-9223372036854775808");
    arg_is(c, 6, "18446744073709551615");
    arg_is(c, 7, "k:7");
    arg_is(c, 8, "");
    assert_int_equal(drs_cmd_bytes(c), 3 + 3 + 1 + 1 + 20 + 20 + 3);

    drs_cmd_free(c);
}


static void
test_arguments_are_copied(void **state)
{
    char       text[8] = "before";
    drs_cmd_t *c;

    (void) state;

    c = drs_cmd_new();
    (void) drs_cmd_addz(c, text);
    memcpy(text, "after!", 7);
    arg_is(c, 0, "before");
    drs_cmd_free(c);
}


static void
test_pointers_stay_while_the_command_grows(void **state)
{
    int         i;
    char       *big;
    char        want[32];
    drs_cmd_t  *c;
    const char *first;

    (void) state;

    c = drs_cmd_new();
    (void) drs_cmd_addz(c, "first");
    first = c->argv[0];

    for (i = 0; i < 20000; i++) {
        assert_int_equal(drs_cmd_addf(c, "arg-%d", i), DRS_OK);
    }

    big = malloc(1000000);
    memset(big, 'x', 1000000);
    assert_int_equal(drs_cmd_addn(c, big, 1000000), DRS_OK);
    free(big);

    assert_ptr_equal(c->argv[0], first);
    assert_int_equal(c->argc, 20002);

    for (i = 0; i < 20000; i++) {
        snprintf(want, sizeof(want), "arg-%d", i);
        arg_is(c, i + 1, want);
    }

    assert_int_equal(c->argvlen[20001], 1000000);
    drs_cmd_free(c);
}


static void
test_counting_argument(void **state)
{
    int        i;
    drs_cmd_t *c;

    (void) state;

    c = drs_cmd_new();
    (void) drs_cmd_addz(c, "X");
    assert_int_equal(drs_cmd_count_begin(c), DRS_OK);
    arg_is(c, 1, "0");

    for (i = 0; i < 1234; i++) {
        assert_int_equal(drs_cmd_count_inc(c), DRS_OK);
        (void) drs_cmd_addz(c, "op");
    }

    arg_is(c, 1, "1234");
    arg_is(c, 2, "op");
    drs_cmd_free(c);
}


static void
test_errors_stick(void **state)
{
    drs_cmd_t *c;

    (void) state;

    c = drs_cmd_new();
    assert_int_equal(drs_cmd_count_inc(c), DRS_ERROR);
    assert_false(drs_cmd_ok(c));
    assert_int_equal(drs_cmd_addz(c, "x"), DRS_ERROR);
    assert_int_equal(drs_cmd_addf(c, "x"), DRS_ERROR);
    assert_int_equal(c->argc, 0);
    drs_cmd_free(c);

    c = drs_cmd_new();
    assert_int_equal(drs_cmd_count_begin(c), DRS_OK);
    assert_int_equal(drs_cmd_count_begin(c), DRS_ERROR);
    assert_false(drs_cmd_ok(c));
    drs_cmd_free(c);
}


static void
test_null_command_fails_quietly(void **state)
{
    (void) state;

    assert_false(drs_cmd_ok(NULL));
    assert_int_equal(drs_cmd_addz(NULL, "x"), DRS_ERROR);
    assert_int_equal(drs_cmd_addf(NULL, "x"), DRS_ERROR);
    assert_int_equal(drs_cmd_count_begin(NULL), DRS_ERROR);
    assert_int_equal(drs_cmd_count_inc(NULL), DRS_ERROR);
    assert_int_equal(drs_cmd_bytes(NULL), 0);
    drs_cmd_free(NULL);
    drs_cmd_free_secret(NULL);
}


static void
test_words(void **state)
{
    drs_cmd_t *c;

    (void) state;

    c = drs_cmd_words("ZRANGE", "k", "0", "-1", NULL);
    assert_int_equal(c->argc, 4);
    arg_is(c, 3, "-1");
    drs_cmd_free_secret(c);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds_of_arguments),
        cmocka_unit_test(test_arguments_are_copied),
        cmocka_unit_test(test_pointers_stay_while_the_command_grows),
        cmocka_unit_test(test_counting_argument),
        cmocka_unit_test(test_errors_stick),
        cmocka_unit_test(test_null_command_fails_quietly),
        cmocka_unit_test(test_words)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
