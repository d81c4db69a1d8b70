
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Arena: many small allocations freed in one call.  Used by records whose
 * strings live as long as the record (drs_exec_t, engine plans).
 *
 * An arena may hold a reference to a parent: a copy of a record then shares
 * the strings of the original, which stay alive as long as the copy.  Not
 * thread-safe; an arena and its children belong to one thread.
 */

#ifndef DRS_ARENA_H_INCLUDED
#define DRS_ARENA_H_INCLUDED


#include "drs_str.h"


typedef struct drs_arena_s drs_arena_t;


/* NULL without memory.  `parent` may be NULL; gets one more reference. */
drs_arena_t *drs_arena_new(drs_arena_t *parent);

/* Drops a reference; the last one frees everything.  NULL is allowed. */
void drs_arena_free(drs_arena_t *a);

/* Zeroed memory, aligned for any type; NULL without memory. */
void *drs_arena_alloc(drs_arena_t *a, size_t size);

/* Zeroed array of n elements; NULL on overflow too. */
void *drs_arena_array(drs_arena_t *a, size_t n, size_t size);

/* NUL-terminated copies; NULL without memory. */
const char *drs_arena_str(drs_arena_t *a, drs_str_t s);
const char *drs_arena_strz(drs_arena_t *a, const char *z);
const char *
drs_arena_printf(drs_arena_t *a, const char *fmt, ...) DRS_PRINTF(2, 3);

/*
 * Makes room for one more element in a growing array: returns the zeroed place
 * of element *n and adds 1 to *n; *base may move.  NULL without memory (*n
 * then unchanged).  *cap is kept by the caller, 0 at first.
 */
void *drs_arena_push(drs_arena_t *a, void **base, size_t *n, size_t *cap,
                     size_t size);


#endif /* DRS_ARENA_H_INCLUDED */
