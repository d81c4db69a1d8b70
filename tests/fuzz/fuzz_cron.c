
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Schedules: the first line is a cron expression, the rest a zone file (UTC
 * when it is none).
 *
 * A zone is a list of spans without gaps.  The next time lies after the given
 * one and is found again from the second before it; in UTC its minute, hour,
 * day and month are in the expression.
 */

#include "fuzz.h"

#include "drs_cron.h"
#include "drs_time.h"


static void
zone(const drs_tz_t *tz)
{
    size_t i;

    MUST(tz->n > 0);
    MUST(tz->spans[0].begin_s == DRS_TZ_BEGIN);
    MUST(tz->spans[tz->n - 1].end_s == DRS_TZ_END);

    for (i = 0; i < tz->n; i++) {
        MUST(tz->spans[i].begin_s < tz->spans[i].end_s);
        MUST(i == 0 || tz->spans[i].begin_s == tz->spans[i - 1].end_s);
        MUST(drs_tz_span(tz, tz->spans[i].begin_s) == i);
        MUST(drs_tz_span(tz, tz->spans[i].end_s - 1) == i);
        MUST(tz->spans[i].offset_s > -86400 * 7);
        MUST(tz->spans[i].offset_s < 86400 * 7);
    }
}


static void
in_utc(const drs_cron_t *c, int64_t t)
{
    int      day, wday;
    drs_tm_t tm;

    MUST(drs_time_split(&tm, t) == DRS_OK);
    day = c->days >> tm.day & 1;
    wday = c->wdays >> tm.wday & 1;

    MUST(tm.sec == 0);
    MUST(c->minutes >> tm.min & 1);
    MUST(c->hours >> tm.hour & 1);
    MUST(c->months >> tm.month & 1);
    MUST(c->either ? day || wday : day && wday);
}


static void
next(const drs_cron_t *c, const drs_tz_t *tz, int utc)
{
    int     n;
    int64_t t, u;

    t = 1700000000;

    for (n = 0; n < 4; n++) {
        if (drs_cron_next(c, tz, t, &u) != DRS_OK) {
            return;
        }

        MUST(u > t);
        t = u;
        MUST(drs_cron_next(c, tz, t - 1, &u) == DRS_OK && u == t);

        if (utc) {
            in_utc(c, t);
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int         rc;
    char       *exact;
    drs_tz_t    tz;
    drs_str_t   rest, line;
    drs_cron_t  c;
    const char *err;

    exact = fuzz_mem(size);
    memcpy(exact, data, size);
    rest = drs_strn(exact, size);
    line = fuzz_line(&rest);
    (void) drs_tz_name_valid(line);

    err = NULL;
    rc = drs_cron_parse(&c, line, &err);
    MUST(rc == DRS_OK || (rc == DRS_DECLINED && err != NULL && err[0] != '\0'));
    MUST(rc != DRS_OK || line.len <= DRS_CRON_MAX);

    MUST(drs_tz_utc(&tz) == DRS_OK);
    zone(&tz);
    if (rc == DRS_OK) {
        next(&c, &tz, 1);
    }
    drs_tz_free(&tz);

    if (rest.len > 0 && drs_tz_parse(&tz, rest, 2100) == DRS_OK) {
        zone(&tz);
        if (rc == DRS_OK) {
            next(&c, &tz, 0);
        }
        drs_tz_free(&tz);
    }

    free(exact);

    return 0;
}
