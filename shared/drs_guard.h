/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Addresses that present bad tokens (security.md 10): a table of fixed size
 * that forgets the longest silent ones first.  An address with too many
 * failures within a minute is blocked for five.
 *
 * The table lives in memory that the caller shares and locks; no pointers.
 */

#ifndef DRS_GUARD_H_INCLUDED
#define DRS_GUARD_H_INCLUDED


#include <stddef.h>
#include <stdint.h>


#define DRS_GUARD_SETS     1024
#define DRS_GUARD_WAYS     4
#define DRS_GUARD_WINDOW_S 60
#define DRS_GUARD_BLOCK_S  300


typedef struct {
    uint64_t key;      /* 0: free */
    int64_t  since;    /* begin of the minute */
    int64_t  until;    /* blocked until then; 0: not */
    uint32_t failures; /* in this minute */
} drs_guard_slot_t;

typedef struct {
    int64_t          until; /* nobody is blocked after this */
    drs_guard_slot_t slots[DRS_GUARD_SETS][DRS_GUARD_WAYS];
} drs_guard_t;


/* Key of an IPv4 address, or of the /64 of an IPv6 address; never 0. */
uint64_t drs_guard_key(const unsigned char *address, size_t len);

/* Seconds for which the address stays blocked; 0: it is not. */
int64_t drs_guard_blocked(const drs_guard_t *g, uint64_t key, int64_t now_s);

/* Counts a failure; 1 if it blocks the address (limit failures a minute). */
int
drs_guard_failure(drs_guard_t *g, uint64_t key, int64_t now_s, uint32_t limit);


#endif /* DRS_GUARD_H_INCLUDED */
