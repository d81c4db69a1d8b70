/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_cron.h"
#include "drs_time.h"


#define DRS_CRON_DAY_S  86400
#define DRS_CRON_ALL_H  0xffffffu
#define DRS_CRON_LEAP   2096 /* a leap year, for the check of days */
#define DRS_CRON_LATEST INT64_C(250246281600) /* year 9900 */
#define DRS_CRON_YEAR_S INT64_C(31622400)


typedef struct {
    int                min, max;
    const char *const *names; /* of min, min + 1, ...; NULL: none */
    int                n_names;
} drs_cron_field_t;


static const char *const drs_cron_months[] = { "JAN", "FEB", "MAR", "APR",
                                               "MAY", "JUN", "JUL", "AUG",
                                               "SEP", "OCT", "NOV", "DEC" };

static const char *const drs_cron_wdays[] = { "SUN", "MON", "TUE", "WED",
                                              "THU", "FRI", "SAT" };

static const drs_cron_field_t drs_cron_fields[] = {
    { 0, 59, NULL, 0 },
    { 0, 23, NULL, 0 },
    { 1, 31, NULL, 0 },
    { 1, 12, drs_cron_months, 12 },
    { 0, 7, drs_cron_wdays, 7 }
};

#define DRS_CRON_FIELDS (sizeof(drs_cron_fields) / sizeof(drs_cron_fields[0]))


/* -- parsing -------------------------------------------------------------- */

/* A number or a name of the field. */
static int
drs_cron_value(const drs_cron_field_t *f, drs_str_t s, int *out)
{
    int      i;
    uint64_t n;

    for (i = 0; i < f->n_names; i++) {
        if (drs_str_ieqz(s, f->names[i])) {
            *out = f->min + i;
            return DRS_OK;
        }
    }

    if (s.len > 2 || drs_str_u64(s, &n) != DRS_OK || (int) n < f->min
        || (int) n > f->max)
    {
        return DRS_DECLINED;
    }

    *out = (int) n;
    return DRS_OK;
}


static int
drs_cron_item(const drs_cron_field_t *f, drs_str_t item, uint64_t *bits)
{
    int       first, last, step, i;
    uint64_t  n;
    drs_str_t range, from;

    step = 1;
    (void) drs_str_split(&item, '/', &range);

    if (item.data != NULL) {
        if (item.len > 2 || drs_str_u64(item, &n) != DRS_OK || n < 1
            || (int) n > f->max)
        {
            return DRS_DECLINED;
        }

        step = (int) n;
    }

    if (drs_str_eqz(range, "*")) {
        first = f->min;
        last = f->max == 7 ? 6 : f->max;

    } else {
        (void) drs_str_split(&range, '-', &from);

        if (drs_cron_value(f, from, &first) != DRS_OK) {
            return DRS_DECLINED;
        }

        last = item.data != NULL ? f->max : first;

        if (range.data != NULL && drs_cron_value(f, range, &last) != DRS_OK) {
            return DRS_DECLINED;
        }

        if (range.data != NULL && f->max == 7 && last == 0) {
            last = 7; /* FRI-SUN */
        }

        if (last < first) {
            return DRS_DECLINED;
        }
    }

    for (i = first; i <= last; i += step) {
        *bits |= UINT64_C(1) << i;
    }

    return DRS_OK;
}


/* 1 if a day of some year matches. */
static int
drs_cron_possible(const drs_cron_t *c)
{
    int m, d;

    if (c->either) {
        return 1;
    }

    for (m = 1; m <= 12; m++) {
        if (!(c->months & (1u << m))) {
            continue;
        }

        for (d = 1; d <= drs_time_month_days(DRS_CRON_LEAP, m); d++) {
            if (c->days & (1u << d)) {
                return 1;
            }
        }
    }

    return 0;
}


static int
drs_cron_refuse(const char **err, const char *text)
{
    *err = text;
    return DRS_DECLINED;
}


/* The fields of the text; their number, or one more than there may be. */
static size_t
drs_cron_split(drs_str_t text, drs_str_t fields[DRS_CRON_FIELDS])
{
    size_t    n;
    drs_str_t rest, part;

    n = 0;
    rest = text;

    while (n <= DRS_CRON_FIELDS && drs_str_split(&rest, ' ', &part)) {
        if (part.len == 0) {
            continue;
        }

        if (n < DRS_CRON_FIELDS) {
            fields[n] = part;
        }

        n++;
    }

    return n;
}


int
drs_cron_parse(drs_cron_t *c, drs_str_t text, const char **err)
{
    size_t    i;
    uint64_t  bits[DRS_CRON_FIELDS];
    drs_str_t fields[DRS_CRON_FIELDS], rest, item;

    static const char *const bad[] = {
        "The minute must be 0-59: numbers, ranges, lists, steps or *.",
        "The hour must be 0-23: numbers, ranges, lists, steps or *.",
        "The day of the month must be 1-31: numbers, ranges, lists, steps or "
        "*.",
        "The month must be 1-12 or JAN-DEC: ranges, lists, steps or *.",
        "The weekday must be 0-7 or SUN-SAT: ranges, lists, steps or *."
    };

    memset(c, 0, sizeof(*c));

    if (text.len > DRS_CRON_MAX) {
        return drs_cron_refuse(err, "The expression is too long.");
    }

    if (drs_cron_split(text, fields) != DRS_CRON_FIELDS) {
        return drs_cron_refuse(err, "There must be five fields: minute hour "
                                    "day month weekday.");
    }

    for (i = 0; i < DRS_CRON_FIELDS; i++) {
        bits[i] = 0;
        rest = fields[i];

        while (drs_str_split(&rest, ',', &item)) {
            if (drs_cron_item(&drs_cron_fields[i], item, &bits[i]) != DRS_OK) {
                return drs_cron_refuse(err, bad[i]);
            }
        }
    }

    c->minutes = bits[0];
    c->hours = (uint32_t) bits[1];
    c->days = (uint32_t) bits[2];
    c->months = (uint32_t) bits[3];
    c->wdays = (uint32_t) ((bits[4] | (bits[4] >> 7)) & 0x7f);
    c->either = fields[2].data[0] != '*' && fields[4].data[0] != '*';

    if (!drs_cron_possible(c)) {
        return drs_cron_refuse(err, "No such day ever comes.");
    }

    return DRS_OK;
}


/* -- the next time -------------------------------------------------------- */

static int
drs_cron_day(const drs_cron_t *c, const drs_tm_t *tm)
{
    int day, wday;

    if (!(c->months & (1u << tm->month))) {
        return 0;
    }

    day = (c->days & (1u << tm->day)) != 0;
    wday = (c->wdays & (1u << tm->wday)) != 0;

    return c->either ? (day || wday) : (day && wday);
}


/* First minute of the day at or behind `minute` that matches; -1: none. */
static int
drs_cron_minute(const drs_cron_t *c, int minute)
{
    int      h, m;
    uint64_t bits;

    h = minute / 60;
    m = minute % 60;

    for (/* void */; h < 24; h++, m = 0) {
        if (!(c->hours & (1u << h))) {
            continue;
        }

        bits = c->minutes >> m;

        if (bits != 0) {
            return h * 60 + m + __builtin_ctzll(bits);
        }
    }

    return -1;
}


/*
 * First full minute in [from_s, to_s) of local time that matches, both as if
 * local time were UTC.  DRS_DECLINED: there is none.
 */
static int
drs_cron_local(const drs_cron_t *c, int64_t from_s, int64_t to_s, int64_t *out)
{
    int      minute;
    int64_t  t, day;
    drs_tm_t tm;

    /* up to a full minute; what was before 1970 is of no interest */
    t = from_s < 0 ? 0 : from_s;
    t += (60 - t % 60) % 60;

    while (t < to_s && drs_time_split(&tm, t) == DRS_OK) {
        day = t - t % DRS_CRON_DAY_S;

        if (!(c->months & (1u << tm.month))) {
            t = day
                + (drs_time_month_days(tm.year, tm.month) - tm.day + 1)
                      * (int64_t) DRS_CRON_DAY_S;
            continue;
        }

        minute = drs_cron_day(c, &tm)
                     ? drs_cron_minute(c, tm.hour * 60 + tm.min)
                     : -1;

        if (minute >= 0) {
            *out = day + minute * 60;
            return *out < to_s ? DRS_OK : DRS_DECLINED;
        }

        t = day + DRS_CRON_DAY_S;
    }

    return DRS_DECLINED;
}


/* 1 if a matching time fell into the jump between two spans. */
static int
drs_cron_jumped(const drs_cron_t *c, const drs_tz_span_t *before,
                const drs_tz_span_t *s)
{
    int64_t t;

    return s->offset_s > before->offset_s
           && drs_cron_local(c, s->begin_s + before->offset_s,
                             s->begin_s + s->offset_s, &t)
                  == DRS_OK;
}


/* First time in (after_s, end_s) within one span. */
static int
drs_cron_span(const drs_cron_t *c, const drs_tz_t *tz, size_t i,
              int64_t after_s, int64_t end_s, int64_t *next_s)
{
    int                  elapsed;
    int64_t              from, seen, t;
    const drs_tz_span_t *s;

    s = &tz->spans[i];
    elapsed = (c->hours == DRS_CRON_ALL_H);
    from = after_s + 1;

    if (from < s->begin_s) {
        from = s->begin_s;
    }

    if (i > 0 && !elapsed) {
        if (from == s->begin_s && drs_cron_jumped(c, s - 1, s)) {
            *next_s = s->begin_s;
            return DRS_OK;
        }

        /* what the clocks showed before they were put back */
        seen = s->begin_s + s[-1].offset_s - s->offset_s;

        if (from < seen) {
            from = seen;
        }
    }

    if (s->end_s < end_s) {
        end_s = s->end_s;
    }

    if (drs_cron_local(c, from + s->offset_s, end_s + s->offset_s, &t)
        != DRS_OK) {
        return DRS_DECLINED;
    }

    *next_s = t - s->offset_s;
    return DRS_OK;
}


int
drs_cron_next(const drs_cron_t *c, const drs_tz_t *tz, int64_t after_s,
              int64_t *next_s)
{
    size_t  i;
    int64_t end;

    if (after_s < -1) {
        after_s = -1;
    }

    end = after_s + DRS_CRON_YEARS * DRS_CRON_YEAR_S;

    if (end > DRS_CRON_LATEST) {
        end = DRS_CRON_LATEST;
    }

    for (i = drs_tz_span(tz, after_s); i < tz->n; i++) {
        if (tz->spans[i].begin_s != DRS_TZ_BEGIN && tz->spans[i].begin_s >= end)
        {
            break;
        }

        if (drs_cron_span(c, tz, i, after_s, end, next_s) == DRS_OK) {
            return DRS_OK;
        }
    }

    return DRS_DECLINED;
}
