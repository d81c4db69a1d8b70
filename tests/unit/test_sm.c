
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

#include "drs_sm.h"


static const char *const ids[] = {
    "T1",  "T2",   "T2b",  "T3",   "T4",   "T5",   "T6",  "T7",  "T8",  "T9",
    "T10", "T11",  "T12",  "T12b", "T13",  "T14",  "T15", "T16", "T17", "T18",
    "T19", "T19b", "T19c", "T19d", "T19e", "T19f", "T20", "T21", "T22", "T23"
};


static void
test_every_transition_is_in_the_table(void **state)
{
    size_t              i, k, n;
    const drs_sm_row_t *rows;

    (void) state;

    rows = drs_sm_table(&n);

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (k = 0; k < n && strcmp(rows[k].id, ids[i]) != 0; k++) {
            /* void */
        }
        if (k == n) {
            fail_msg("%s is missing", ids[i]);
        }
    }

    for (k = 0; k < n; k++) {
        for (i = 0; i < sizeof(ids) / sizeof(ids[0])
                    && strcmp(rows[k].id, ids[i]) != 0;
             i++)
        {
            /* void */
        }
        assert_true(i < sizeof(ids) / sizeof(ids[0]));
    }
}


static void
test_the_table_is_a_function(void **state)
{
    size_t              i, k, n;
    const drs_sm_row_t *rows;

    (void) state;

    rows = drs_sm_table(&n);

    for (i = 0; i < n; i++) {
        for (k = 0; k < i; k++) {
            assert_false(rows[i].from == rows[k].from
                         && rows[i].event == rows[k].event);
        }

        assert_int_equal(drs_sm_next(rows[i].from, rows[i].event), rows[i].to);
        assert_string_equal(drs_sm_id(rows[i].from, rows[i].event), rows[i].id);
    }

    assert_int_equal(drs_sm_next(DRS_EXEC_RUNNING, DRS_SM_NONE), -1);
    assert_int_equal(drs_sm_next(DRS_EXEC_N, DRS_SM_START), -1);
    assert_null(drs_sm_id(DRS_EXEC_COMPLETED, DRS_SM_RESUME));
}


static void
test_terminal_statuses_stay(void **state)
{
    size_t              i, n;
    const drs_sm_row_t *rows;

    (void) state;

    rows = drs_sm_table(&n);

    for (i = 0; i < n; i++) {
        if (drs_exec_is_terminal(rows[i].from)) {
            assert_true(rows[i].to == rows[i].from
                        || rows[i].event == DRS_SM_DELETE);
        }

        /* nothing of the old vocabulary is ever written */
        if (drs_exec_status_class(rows[i].to) & DRS_EXEC_C_LEGACY) {
            assert_true(rows[i].to == rows[i].from);
        }

        if (rows[i].event == DRS_SM_DELETE) {
            assert_true(drs_exec_status_class(rows[i].from)
                        & DRS_EXEC_C_DELETABLE);
            assert_int_equal(rows[i].to, DRS_EXEC_NONE);
        }
    }
}


static void
test_every_event_leads_somewhere(void **state)
{
    size_t              k, n;
    unsigned            e;
    const drs_sm_row_t *rows;

    (void) state;

    rows = drs_sm_table(&n);

    for (e = DRS_SM_NONE + 1; e < DRS_SM_N; e++) {
        for (k = 0; k < n && rows[k].event != (drs_sm_event_t) e; k++) {
            /* void */
        }
        if (k == n) {
            fail_msg("event %s has no row",
                     drs_sm_event_name((drs_sm_event_t) e));
        }
    }
}


static void
test_every_active_status_can_be_cancelled(void **state)
{
    unsigned st, class;

    (void) state;

    for (st = DRS_EXEC_NONE + 1; st < DRS_EXEC_N; st++) {
        class = drs_exec_status_class((drs_exec_status_t) st);

        /* exactly one of the two */
        assert_true(!(class & DRS_EXEC_C_ACTIVE)
                    != !(class & DRS_EXEC_C_TERMINAL));
        assert_true(!(class & DRS_EXEC_C_ACTIVE)
                    == !(class & DRS_EXEC_C_CANCELLABLE));

        if (class & DRS_EXEC_C_ACTIVE) {
            assert_true(drs_sm_next(st, DRS_SM_CANCEL) >= 0
                        || drs_sm_next(st, DRS_SM_CANCEL_NOW) >= 0);
            assert_true(st == DRS_EXEC_PAUSED || (class & DRS_EXEC_C_RUNNING));
        } else {
            assert_int_equal(drs_sm_next(st, DRS_SM_CANCEL), -1);
            assert_int_equal(drs_sm_next(st, DRS_SM_CANCEL_NOW), -1);
            assert_true(class & DRS_EXEC_C_TERMINABLE);
            assert_true(class & DRS_EXEC_C_DELETABLE);
        }

        assert_true(!(class & DRS_EXEC_C_PAUSABLE)
                    == (drs_sm_next(st, DRS_SM_PAUSE) < 0));
        assert_true(!(class & DRS_EXEC_C_RESUMABLE)
                    == (drs_sm_next(st, DRS_SM_RESUME) < 0));
    }
}


static void
test_chosen_rows(void **state)
{
    (void) state;

    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSED, DRS_SM_RESUME),
                     DRS_EXEC_RUNNING);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSE_PENDING, DRS_SM_RESUME),
                     DRS_EXEC_POLLING);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSED, DRS_SM_PAUSE_EXPIRED),
                     DRS_EXEC_TIMEOUT);
    assert_int_equal(drs_sm_next(DRS_EXEC_CANCELLING, DRS_SM_CANCEL),
                     DRS_EXEC_CANCELLING);
    assert_int_equal(drs_sm_next(DRS_EXEC_CANCELLING, DRS_SM_WAVE_START), -1);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSE_PENDING, DRS_SM_WAVE_START),
                     -1);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSED, DRS_SM_WAVE_START), -1);
    assert_int_equal(drs_sm_next(DRS_EXEC_POLLING, DRS_SM_DEADLINE_PARTIAL),
                     DRS_EXEC_PARTIAL);
}


static void
test_names_both_ways(void **state)
{
    unsigned    i;
    const char *name;

    (void) state;

    for (i = DRS_EXEC_NONE + 1; i < DRS_EXEC_N; i++) {
        name = drs_exec_status_name((drs_exec_status_t) i);
        assert_int_equal(drs_exec_status_parse(drs_str(name)), i);
    }

    for (i = DRS_SM_NONE + 1; i < DRS_SM_N; i++) {
        name = drs_sm_event_name((drs_sm_event_t) i);
        assert_true(strlen(name) > 0);
        assert_int_equal(drs_sm_event_parse(drs_str(name)), i);
    }

    assert_int_equal(drs_exec_status_parse(drs_str("pause_pending")),
                     DRS_EXEC_PAUSE_PENDING);
    assert_int_equal(drs_exec_status_parse(drs_str("LOCK")), DRS_EXEC_NONE);
    assert_int_equal(drs_exec_status_parse(drs_str("")), DRS_EXEC_NONE);
    assert_int_equal(drs_sm_event_parse(drs_str("PAUSE")), DRS_SM_NONE);
    assert_string_equal(drs_exec_status_name(DRS_EXEC_N), "");
    assert_string_equal(drs_sm_event_name(DRS_SM_N), "");
    assert_int_equal(drs_exec_status_class(DRS_EXEC_N), 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_transition_is_in_the_table),
        cmocka_unit_test(test_the_table_is_a_function),
        cmocka_unit_test(test_terminal_statuses_stay),
        cmocka_unit_test(test_every_event_leads_somewhere),
        cmocka_unit_test(test_every_active_status_can_be_cancelled),
        cmocka_unit_test(test_chosen_rows),
        cmocka_unit_test(test_names_both_ways)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
