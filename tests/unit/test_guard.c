/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Addresses that present bad tokens.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_guard.h"


#define NOW INT64_C(1700000000)


static drs_guard_t guard;


static void
addresses_have_keys_of_their_own(void **state)
{
    unsigned char a[16] = { 10, 0, 0, 1 }, b[16] = { 10, 0, 0, 2 };

    (void) state;
    assert_true(drs_guard_key(a, 4) != drs_guard_key(b, 4));
    assert_true(drs_guard_key(a, 4) != drs_guard_key(a, 16));
    b[3] = 1;
    b[12] = 7;
    assert_true(drs_guard_key(a, 16) == drs_guard_key(b, 16));
    memset(a, 0, sizeof(a));
    assert_true(drs_guard_key(a, 16) != 0);
}


static void
the_limit_within_a_minute_blocks(void **state)
{
    int i;

    (void) state;
    memset(&guard, 0, sizeof(guard));

    for (i = 0; i < 19; i++) {
        assert_int_equal(drs_guard_failure(&guard, 7, NOW + i, 20), 0);
    }

    assert_int_equal(drs_guard_blocked(&guard, 7, NOW + 19), 0);
    assert_int_equal(drs_guard_failure(&guard, 7, NOW + 59, 20), 1);
    assert_int_equal(drs_guard_blocked(&guard, 7, NOW + 59), DRS_GUARD_BLOCK_S);
    assert_int_equal(drs_guard_blocked(&guard, 8, NOW + 59), 0);
    assert_int_equal(drs_guard_blocked(&guard, 7, NOW + 58 + DRS_GUARD_BLOCK_S),
                     1);
    assert_int_equal(drs_guard_blocked(&guard, 7, NOW + 59 + DRS_GUARD_BLOCK_S),
                     0);
}


static void
slow_failures_do_not(void **state)
{
    int i;

    (void) state;
    memset(&guard, 0, sizeof(guard));

    for (i = 0; i < 200; i++) {
        assert_int_equal(drs_guard_failure(&guard, 7, NOW + 4 * i, 20), 0);
    }
}


static void
the_table_is_bounded_and_keeps_the_blocked(void **state)
{
    int      i;
    uint64_t key;

    (void) state;
    memset(&guard, 0, sizeof(guard));

    for (i = 0; i < 20; i++) {
        (void) drs_guard_failure(&guard, 7, NOW, 20);
    }

    for (key = 100; key < 100000; key++) {
        assert_int_equal(drs_guard_failure(&guard, key, NOW + 1, 20), 0);
    }

    assert_true(drs_guard_blocked(&guard, 7, NOW + 2) > 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_have_keys_of_their_own),
        cmocka_unit_test(the_limit_within_a_minute_blocks),
        cmocka_unit_test(slow_failures_do_not),
        cmocka_unit_test(the_table_is_bounded_and_keeps_the_blocked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
