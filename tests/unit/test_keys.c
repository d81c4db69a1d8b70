
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

#include "drs_keys.h"


#define P drs_str("{drs}")


static void
test_every_key_has_a_pattern_of_its_own(void **state)
{
    unsigned    i, k;
    const char *a;

    (void) state;

    for (i = DRS_KEY_NONE + 1; i < DRS_KEY_N; i++) {
        a = drs_key_pattern((drs_key_t) i);
        assert_non_null(a);
        assert_true(drs_key_parts((drs_key_t) i) <= 3);

        for (k = DRS_KEY_NONE + 1; k < i; k++) {
            assert_string_not_equal(a, drs_key_pattern((drs_key_t) k));
        }
    }

    assert_null(drs_key_pattern(DRS_KEY_NONE));
    assert_null(drs_key_pattern(DRS_KEY_N));
}


static void
key_is(char *got, const char *want)
{
    assert_non_null(got);
    assert_string_equal(got, want);
    free(got);
}


static void
test_names(void **state)
{
    drs_str_t two[] = { drs_string("1"), drs_string("us-east-1") };
    drs_str_t three[] = { drs_string("u"), drs_string("EX2"), drs_string("k") };

    (void) state;

    key_is(drs_key_make(P, DRS_KEY_DUE, NULL, 0), "{drs}:due");
    key_is(drs_key_make(P, DRS_KEY_PG, two, 1), "{drs}:pg:1");
    key_is(drs_key_make(P, DRS_KEY_CLAIM_SRV, two, 2),
           "{drs}:claim:srv:1:us-east-1");
    key_is(drs_key_make(P, DRS_KEY_EXEC_UNIT, two, 2),
           "{drs}:exec:1:u:us-east-1");
    key_is(drs_key_make(P, DRS_KEY_EXEC_EVENTS, two, 1), "{drs}:exec:1:ev");
    key_is(drs_key_make(P, DRS_KEY_USER_SESSIONS, two, 1),
           "{drs}:user:1:sessions");
    key_is(drs_key_make(P, DRS_KEY_IDEM, three, 3), "{drs}:idem:u:EX2:k");
    key_is(drs_key_make(drs_str("a{b}"), DRS_KEY_CMD, NULL, 0), "a{b}:cmd");
}


static void
test_a_wrong_number_of_parts_is_an_error(void **state)
{
    drs_cmd_t *c;
    drs_str_t  one[] = { drs_string("1") };

    (void) state;

    assert_null(drs_key_make(P, DRS_KEY_DUE, one, 1));
    assert_null(drs_key_make(P, DRS_KEY_WATCH, one, 1));
    assert_null(drs_key_make(P, DRS_KEY_N, one, 1));
    assert_null(drs_key_cmd0("GET", P, DRS_KEY_PG));

    c = drs_cmd_new();
    assert_int_equal(drs_cmd_key0(c, P, DRS_KEY_PG), DRS_ERROR);
    assert_false(drs_cmd_ok(c));
    drs_cmd_free(c);

    assert_int_equal(drs_cmd_key0(NULL, P, DRS_KEY_DUE), DRS_ERROR);
    assert_int_equal(drs_cmd_key_wave(NULL, P, one[0], 0), DRS_ERROR);
}


static void
test_commands(void **state)
{
    drs_cmd_t *c;

    (void) state;

    c = drs_key_cmd1("HGETALL", P, DRS_KEY_EXEC, drs_str("e"));
    assert_int_equal(c->argc, 2);
    assert_int_equal(drs_cmd_key_wave(c, P, drs_str("e"), 12), DRS_OK);
    assert_int_equal(
        drs_cmd_key2(c, P, DRS_KEY_OBS, drs_str("1"), drs_str("r")), DRS_OK);
    assert_memory_equal(c->argv[1], "{drs}:exec:e", 12);
    assert_memory_equal(c->argv[2], "{drs}:exec:e:w:12", 17);
    assert_memory_equal(c->argv[3], "{drs}:obs:1:r", 13);
    drs_cmd_free(c);

    c = drs_key_cmd2("HGETALL", P, DRS_KEY_INV_META, drs_str("1"),
                     drs_str("r"));
    assert_memory_equal(c->argv[1], "{drs}:inv:meta:1:r", 18);
    drs_cmd_free(c);
}


static void
test_prefix(void **state)
{
    (void) state;

    assert_true(drs_key_prefix_valid(P));
    assert_true(drs_key_prefix_valid(drs_str("site-1{dr}")));
    assert_false(drs_key_prefix_valid(drs_str("")));
    assert_false(drs_key_prefix_valid(drs_str("drs")));
    assert_false(drs_key_prefix_valid(drs_str("{}")));
    assert_false(drs_key_prefix_valid(drs_str("}d{")));
    assert_false(drs_key_prefix_valid(drs_str("{a}{b}")));
    assert_false(drs_key_prefix_valid(drs_str("{a b}")));
    assert_false(drs_key_prefix_valid(drs_str("{a\"}")));
    assert_false(drs_key_prefix_valid(drs_strn("{a\0}", 4)));
    assert_false(drs_key_prefix_valid(drs_str(
        "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}")));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_has_a_pattern_of_its_own),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_a_wrong_number_of_parts_is_an_error),
        cmocka_unit_test(test_commands), cmocka_unit_test(test_prefix)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
