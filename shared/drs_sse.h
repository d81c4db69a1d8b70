/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Event streams: ids, and the members that filters look at (api.md 10.5).
 */

#ifndef DRS_SSE_H_INCLUDED
#define DRS_SSE_H_INCLUDED


#include "drs_str.h"


/* An id of a Redis stream, "<ms>-<n>". */
typedef struct {
    uint64_t ms;
    uint64_t n;
} drs_sid_t;

/* Views into the payload; empty when the member is absent. */
typedef struct {
    drs_str_t event;
    drs_str_t topic;
    drs_str_t account; /* accountId */
} drs_sse_event_t;


/* "<ms>-<n>", or "<ms>" for n = 0.  DRS_OK or DRS_DECLINED. */
int drs_sid_parse(drs_str_t s, drs_sid_t *id) DRS_MUST_CHECK;
int drs_sid_cmp(drs_sid_t a, drs_sid_t b);

/*
 * Reads the top-level text members out of a JSON object without building it;
 * values as they stand there, escapes included.  DRS_DECLINED if it is no
 * object that we wrote.
 */
int drs_sse_scan(drs_str_t json, drs_sse_event_t *ev) DRS_MUST_CHECK;


#endif /* DRS_SSE_H_INCLUDED */
