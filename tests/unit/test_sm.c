
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


/* What engine.md 1.4 says about a pair in words, apart from the table. */

static void
check_pair(drs_exec_status_t from, drs_sm_event_t e, drs_exec_status_t to)
{
    unsigned class;

    class = drs_exec_status_class(from);

    /* a run begins once; nothing happens to one that does not exist */
    assert_true((from == DRS_EXEC_NONE) == (e == DRS_SM_START));

    if (class & DRS_EXEC_C_TERMINAL) {
        assert_true(e == DRS_SM_TERMINATE || e == DRS_SM_DELETE);
    }

    if (e == DRS_SM_WAVE_START) {
        assert_true(class & DRS_EXEC_C_LAUNCHING);
        assert_int_equal(to, DRS_EXEC_POLLING);
    }

    /* a cancel is never taken back */
    if (from == DRS_EXEC_CANCELLING) {
        assert_true(to == DRS_EXEC_CANCELLING || to == DRS_EXEC_CANCELLED
                    || to == DRS_EXEC_PARTIAL);
    }

    /* a pause ends by a resume, a retry, a skip, a cancel or its deadline */
    if (from == DRS_EXEC_PAUSED && to != from && e != DRS_SM_RESUME
        && e != DRS_SM_RETRY && e != DRS_SM_SKIP)
    {
        assert_true(e == DRS_SM_CANCEL || drs_exec_is_terminal(to));
    }

    /* a request to pause is only withdrawn by a resume */
    if (from == DRS_EXEC_PAUSE_PENDING && to != from && to != DRS_EXEC_PAUSED
        && to != DRS_EXEC_CANCELLING)
    {
        assert_true(e == DRS_SM_RESUME || drs_exec_is_terminal(to));
    }
}


static void
test_every_pair(void **state)
{
    int                 to;
    size_t              n, rows;
    unsigned            st, e;
    const drs_sm_row_t *row;

    (void) state;

    rows = 0;
    (void) drs_sm_table(&n);

    for (st = 0; st < DRS_EXEC_N; st++) {
        for (e = DRS_SM_NONE + 1; e < DRS_SM_N; e++) {
            to = drs_sm_next((drs_exec_status_t) st, (drs_sm_event_t) e);
            row = drs_sm_find((drs_exec_status_t) st, (drs_sm_event_t) e);

            /* defined or refused, nothing between */
            assert_true((row == NULL) == (to < 0));

            if (row != NULL) {
                assert_int_equal((int) row->to, to);
                check_pair((drs_exec_status_t) st, (drs_sm_event_t) e, row->to);
                rows++;
            }
        }
    }

    assert_int_equal(rows, n);
}


/* From every status of a run its end can be reached, from nothing every
 * status that we write. */

static void
test_every_run_can_end(void **state)
{
    int                 more;
    char                ends[DRS_EXEC_N], begins[DRS_EXEC_N];
    size_t              i, n;
    unsigned            st, class;
    const drs_sm_row_t *rows;

    (void) state;

    rows = drs_sm_table(&n);
    memset(begins, 0, sizeof(begins));
    begins[DRS_EXEC_NONE] = 1;

    for (st = 0; st < DRS_EXEC_N; st++) {
        ends[st] = drs_exec_is_terminal((drs_exec_status_t) st) ? 1 : 0;
    }

    do {
        more = 0;

        for (i = 0; i < n; i++) {
            if (ends[rows[i].to] && !ends[rows[i].from]) {
                ends[rows[i].from] = 1;
                more = 1;
            }
            if (begins[rows[i].from] && !begins[rows[i].to]) {
                begins[rows[i].to] = 1;
                more = 1;
            }
        }
    } while (more);

    for (st = DRS_EXEC_NONE + 1; st < DRS_EXEC_N; st++) {
        class = drs_exec_status_class((drs_exec_status_t) st);
        assert_true(ends[st]);
        assert_true(begins[st] || (class & DRS_EXEC_C_LEGACY));
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
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_every_run_can_end),
        cmocka_unit_test(test_chosen_rows),
        cmocka_unit_test(test_names_both_ways)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
