
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Circuit breakers per (account, Region, service): what does not answer is not
 * asked by every thread until its time-out (engine.md 5.4).
 */

#ifndef DRSW_AWS_BREAKER_H
#define DRSW_AWS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>


#define DRSW_BREAKER_FAILURES 10
#define DRSW_BREAKER_FIRST_MS 2000
#define DRSW_BREAKER_MOST_MS  30000


typedef struct drsw_breaker_s drsw_breaker_t;


/* NULL: no memory. */
drsw_breaker_t *drsw_breaker_create(void);
void            drsw_breaker_destroy(drsw_breaker_t *b);

/*
 * 0: go ahead.  Otherwise how long it stays open in ms (monotonic clock).  When
 * the pause is over the first caller goes ahead as the probe; the others
 * wait one more pause, unless its result comes first.
 */
int64_t
drsw_breaker_ask(drsw_breaker_t *b, const char *account, const char *region,
                 const char *service, int64_t now_ms);

/* Result of an attempt: failed = no answer, or a 5xx. */
void
drsw_breaker_tell(drsw_breaker_t *b, const char *account, const char *region,
                  const char *service, bool failed, int64_t now_ms);

#endif /* DRSW_AWS_BREAKER_H */
