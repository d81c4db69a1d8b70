
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A hundred thousand random events (engine_random.h); a million sequences are
 * in tests/model/model_sequences.c.
 */

#include "engine_random.h"


#define EVENTS 100000


static void
random_runs_keep_the_table_and_the_invariants(void **state)
{
    int done, runs;

    seed = UINT64_C(0x9e3779b97f4a7c15);

    for (done = runs = 0; done < EVENTS; runs++) {
        done += sequence(60) + 1;
    }

    if (row_without_a_run() != NULL) {
        fail_msg("no run took row %s", row_without_a_run());
    }

    print_message("%d runs, %d events\n", runs, done);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_runs_keep_the_table_and_the_invariants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
