/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cron expressions of schedules (api.md 10.4): five fields, minute hour day
 * month weekday, in the local time of a zone (docs/schedules.md).
 *
 *   field    list of items, separated by commas
 *   item     "*", number, first-last, each with "/step"; "n/step" is
 *            n-last/step
 *   names    JAN-DEC, SUN-SAT, in any case; weekday 0 and 7 are Sunday
 *   days     when both day and weekday are restricted (neither begins with
 *            "*"), a day that matches either of them matches
 *
 * When clocks jump:
 *
 *   forward  a time that does not exist comes when the jump is over, once
 *   back     a time that exists twice comes the first time only
 *
 * An expression whose hour field matches every hour goes by elapsed time
 * instead: skipped times do not come, repeated ones come twice.
 */

#ifndef DRS_CRON_H_INCLUDED
#define DRS_CRON_H_INCLUDED


#include "drs_tz.h"


#define DRS_CRON_MAX   128 /* bytes of an expression */
#define DRS_CRON_YEARS 101 /* drs_cron_next() looks so far ahead */


typedef struct {
    uint64_t minutes; /* bit n: n */
    uint32_t hours;
    uint32_t days;       /* bits 1-31 */
    uint32_t months;     /* bits 1-12 */
    uint32_t wdays;      /* bits 0-6 */
    unsigned either : 1; /* day or weekday is enough */
} drs_cron_t;


/*
 * DRS_OK, or DRS_DECLINED with a sentence about the first fault in err (static
 * text).  An expression whose days never come ("0 0 30 2 *") is refused too.
 */
int drs_cron_parse(drs_cron_t *c, drs_str_t text, const char **err);

/*
 * First time after `after_s` (UTC seconds, result too).  DRS_DECLINED: none
 * within DRS_CRON_YEARS or before year 9900.
 */
int drs_cron_next(const drs_cron_t *c, const drs_tz_t *tz, int64_t after_s,
                  int64_t *next_s) DRS_MUST_CHECK;


#endif /* DRS_CRON_H_INCLUDED */
