
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Random sequences of events through the real engine (engine_random.h):
 *
 *   model_sequences [SEQUENCES [FIRST [PROCESSES]]]
 *
 * Sequence n has its own seed, so that a failure names the one sequence that
 * shows it again: model_sequences 1 <n>.  Invariants, after every event: only
 * rows of the transition table; no launch after a cancel; a server is in one
 * unit and in one running job; what is over stays as it is; every sequence
 * comes to an end with all servers released.
 */

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine_random.h"


#define SEQUENCES 3000
#define LONGEST   60
#define MIN_ROWS  3000 /* so many sequences take every row */


typedef struct {
    unsigned long long events;
    int                hits[32];
} part_t;

static unsigned long current;
static int           finished;


static void
say_where(void)
{
    if (!finished) {
        fprintf(stderr, "sequence %lu fails: model_sequences 1 %lu\n", current,
                current);
    }
}


/* splitmix64: neighbours get unlike seeds */

static uint64_t
seed_of(unsigned long n)
{
    uint64_t z;

    z = (uint64_t) n * UINT64_C(0x9e3779b97f4a7c15) + 1;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);

    return (z ^ (z >> 31)) | 1;
}


/* Every `step`th sequence from `first`; writes the number of events. */

static int
part(unsigned long first, unsigned long end, unsigned step, int out)
{
    part_t p;

    memset(&p, 0, sizeof(p));
    (void) atexit(say_where);

    for (current = first; current < end; current += step) {
        seed = seed_of(current);
        p.events += (unsigned) sequence(1 + (int) rnd(LONGEST));
    }

    finished = 1;
    memcpy(p.hits, hits, sizeof(hits));

    return write(out, &p, sizeof(p)) != sizeof(p);
}


int
main(int argc, char **argv)
{
    int                fd[2], status, bad;
    part_t             p;
    unsigned           i, k, n;
    unsigned long      count, first;
    unsigned long long events;

    count = argc > 1 ? strtoul(argv[1], NULL, 10) : SEQUENCES;
    first = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    n = argc > 3 ? (unsigned) strtoul(argv[3], NULL, 10)
                 : (unsigned) sysconf(_SC_NPROCESSORS_ONLN);
    n = n == 0 ? 1 : n;
    events = 0;
    bad = 0;

    if (pipe(fd) != 0) {
        return 1;
    }

    for (i = 0; i < n; i++) {
        if (fork() == 0) {
            exit(part(first + i, first + count, n, fd[1]));
        }
    }

    (void) close(fd[1]);

    while (wait(&status) > 0) {
        bad |= status;
    }

    for (i = 0; bad == 0 && i < n; i++) {
        bad = read(fd[0], &p, sizeof(p)) != sizeof(p);
        events += p.events;

        for (k = 0; k < 32; k++) {
            hits[k] += p.hits[k];
        }
    }

    if (bad == 0 && count >= MIN_ROWS && row_without_a_run() != NULL) {
        fprintf(stderr, "no sequence took row %s\n", row_without_a_run());
        bad = 1;
    }

    printf("%lu random sequences, %llu events: %s\n", count, events,
           bad ? "FAILED" : "all invariants hold");

    return bad != 0;
}
