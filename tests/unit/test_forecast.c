/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Least duration of a plan and its critical path.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drsw_forecast.h"


static const drsw_forecast_place_t one = { 1, 10, 19, 500 };

static int critical[8];


static void
init(drsw_forecast_t *f, drsw_forecast_wave_t *w, size_t n)
{
    size_t i;

    memset(f, 0, sizeof(*f));
    memset(w, 0, n * sizeof(*w));
    f->waves = w;
    f->nwaves = n;
    f->max_parallel = 1;
    f->critical = critical;

    for (i = 0; i < n; i++) {
        w[i].selected = true;
        w[i].places = &one;
        w[i].nplaces = 1;
        w[i].job_s = 100;
    }
}


static void
a_chain_is_the_sum_and_its_delays(void **state)
{
    drsw_forecast_t      f;
    drsw_forecast_wave_t w[3];

    (void) state;
    init(&f, w, 3);
    f.wave_delay_s = 5;
    f.max_parallel = 4; /* a chain has one at a time */
    w[1].job_s = 0;     /* not known */
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 100 + 5 + DRSW_FORECAST_JOB_S + 5 + 100);
    assert_int_equal(f.ncritical, 3);
    assert_int_equal(critical[0], 0);
    assert_int_equal(critical[2], 2);
    assert_int_equal(w[2].start, 100 + 5 + DRSW_FORECAST_JOB_S + 5);
}


static void
units_wait_for_room(void **state)
{
    drsw_forecast_t       f;
    drsw_forecast_wave_t  w[1];
    drsw_forecast_place_t jobs[2] = { { 20, 20, 19, 500 },
                                      { 3, 300, 19, 500 } };
    drsw_forecast_place_t full = { 6, 600, 19, 500 };

    (void) state;
    init(&f, w, 1);
    w[0].places = jobs;
    w[0].nplaces = 2;
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 200); /* 19 jobs, then one */

    w[0].places = &full;
    w[0].nplaces = 1;
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 200); /* 500 servers, then the rest */

    f.server_delay_s = 10;
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 250);
}


/* 0 -> 1, 0 -> 2, {1, 2} -> 3 */
static void
the_longest_branch_is_critical(void **state)
{
    drsw_forecast_t      f;
    drsw_forecast_wave_t w[4];
    const int            root[] = { 0 }, both[] = { 1, 2 };

    (void) state;
    init(&f, w, 4);
    w[1].deps = w[2].deps = root;
    w[1].ndeps = w[2].ndeps = 1;
    w[3].deps = both;
    w[3].ndeps = 2;
    w[2].job_s = 300;

    f.max_parallel = 2;
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 500);
    assert_int_equal(f.ncritical, 3);
    assert_int_equal(critical[1], 2);

    f.max_parallel = 1; /* lowest number first */
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 600);
    assert_int_equal(f.ncritical, 4);
    assert_int_equal(w[2].start, 200);
}


static void
waves_left_out_and_empty_ones(void **state)
{
    drsw_forecast_t      f;
    drsw_forecast_wave_t w[3];
    const int            loop[] = { 2 }, none[] = { 0 };

    (void) state;
    init(&f, w, 3);
    w[0].selected = false;
    w[1].nplaces = 0;
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 100);
    assert_int_equal(w[2].start, 0);

    /* a cycle ends nothing and hangs nothing */

    init(&f, w, 3);
    w[1].deps = loop;
    w[2].deps = none;
    w[1].ndeps = 1;
    w[2].ndeps = 1;
    w[2].deps = (const int[]) { 1 };
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 100);
    assert_int_equal(f.ncritical, 1);

    init(&f, w, 0);
    drsw_forecast(&f);
    assert_int_equal(f.seconds, 0);
    assert_int_equal(f.ncritical, 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_the_sum_and_its_delays),
        cmocka_unit_test(units_wait_for_room),
        cmocka_unit_test(the_longest_branch_is_critical),
        cmocka_unit_test(waves_left_out_and_empty_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
