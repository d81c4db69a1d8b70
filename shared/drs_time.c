
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_time.h"


#define DRS_TIME_DAY_S 86400


static int drs_time_digits(const char **p, const char *end, int n, int *out);
static int drs_time_zone(const char **p, const char *end, int *offset_min);
static int64_t drs_time_clamp(int64_t t_s);
static int64_t drs_time_floor_div(int64_t a, int64_t b);


int64_t
drs_time_days(int year, int month, int day)
{
    int64_t y, era, yoe, doy, doe;

    /* days of a civil date with years that begin in March */

    y = (int64_t) year - (month <= 2);
    era = drs_time_floor_div(y, 400);
    yoe = y - era * 400;
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}


int
drs_time_month_days(int year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (month < 1 || month > 12) {
        return 0;
    }

    if (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0)) {
        return 29;
    }

    return days[month - 1];
}


int
drs_time_split(drs_tm_t *tm, int64_t t_s)
{
    int     rest;
    int64_t days, z, era, doe, yoe, doy, mp;

    if (t_s < DRS_TIME_MIN_S || t_s > DRS_TIME_MAX_S) {
        return DRS_DECLINED;
    }

    days = drs_time_floor_div(t_s, DRS_TIME_DAY_S);
    rest = (int) (t_s - days * DRS_TIME_DAY_S);

    z = days + 719468;
    era = drs_time_floor_div(z, 146097);
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;

    tm->day = (int) (doy - (153 * mp + 2) / 5 + 1);
    tm->month = (int) (mp < 10 ? mp + 3 : mp - 9);
    tm->year = (int) (yoe + era * 400 + (tm->month <= 2));
    tm->hour = rest / 3600;
    tm->min = rest / 60 % 60;
    tm->sec = rest % 60;
    tm->yday = (int) (days - drs_time_days(tm->year, 1, 1));
    tm->wday = (int) ((days % 7 + 11) % 7);

    return DRS_OK;
}


int64_t
drs_time_ms(int64_t t_s)
{
    if (t_s > DRS_TIME_MAX_S) {
        t_s = DRS_TIME_MAX_S;

    } else if (t_s < DRS_TIME_MIN_S) {
        t_s = DRS_TIME_MIN_S;
    }

    return t_s * 1000;
}


int64_t
drs_time_join(const drs_tm_t *tm)
{
    return drs_time_days(tm->year, tm->month, tm->day) * DRS_TIME_DAY_S
           + (int64_t) tm->hour * 3600 + tm->min * 60 + tm->sec;
}


static int64_t
drs_time_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}


static int64_t
drs_time_clamp(int64_t t_s)
{
    if (t_s < DRS_TIME_MIN_S) {
        return DRS_TIME_MIN_S;
    }

    return t_s > DRS_TIME_MAX_S ? DRS_TIME_MAX_S : t_s;
}


/* The split time; never fails, as the time is clamped first */

static void
drs_time_split_clamped(drs_tm_t *tm, int64_t t_s)
{
    if (drs_time_split(tm, drs_time_clamp(t_s)) != DRS_OK) {
        memset(tm, 0, sizeof(drs_tm_t));
        tm->month = 1;
        tm->day = 1;
    }
}


static size_t
drs_time_length(int n)
{
    return n > 0 ? (size_t) n : 0;
}


size_t
drs_time_iso_s(char dst[DRS_TIME_ISO_SIZE], int64_t t_s)
{
    drs_tm_t tm;

    drs_time_split_clamped(&tm, t_s);

    return drs_time_length(snprintf(dst, DRS_TIME_ISO_SIZE,
                                    "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.year,
                                    tm.month, tm.day, tm.hour, tm.min, tm.sec));
}


size_t
drs_time_iso_ms(char dst[DRS_TIME_ISO_SIZE], int64_t t_ms)
{
    int64_t  t_s;
    drs_tm_t tm;

    t_s = drs_time_floor_div(t_ms, 1000);

    drs_time_split_clamped(&tm, t_s);

    return drs_time_length(snprintf(
        dst, DRS_TIME_ISO_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.year,
        tm.month, tm.day, tm.hour, tm.min, tm.sec, (int) (t_ms - t_s * 1000)));
}


size_t
drs_time_iso_auto(char dst[DRS_TIME_ISO_SIZE], int64_t t_ms)
{
    if (t_ms % 1000 == 0) {
        return drs_time_iso_s(dst, t_ms / 1000);
    }

    return drs_time_iso_ms(dst, t_ms);
}


size_t
drs_time_basic(char dst[DRS_TIME_ISO_SIZE], int64_t t_s)
{
    drs_tm_t tm;

    drs_time_split_clamped(&tm, t_s);

    return drs_time_length(snprintf(dst, DRS_TIME_ISO_SIZE,
                                    "%04d%02d%02dT%02d%02d%02dZ", tm.year,
                                    tm.month, tm.day, tm.hour, tm.min, tm.sec));
}


size_t
drs_time_basic_date(char dst[DRS_TIME_ISO_SIZE], int64_t t_s)
{
    drs_tm_t tm;

    drs_time_split_clamped(&tm, t_s);

    return drs_time_length(snprintf(dst, DRS_TIME_ISO_SIZE, "%04d%02d%02d",
                                    tm.year, tm.month, tm.day));
}


size_t
drs_time_http(char dst[DRS_TIME_HTTP_SIZE], int64_t t_s)
{
    drs_tm_t          tm;
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed",
                                     "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr",
                                        "May", "Jun", "Jul", "Aug",
                                        "Sep", "Oct", "Nov", "Dec" };

    drs_time_split_clamped(&tm, t_s);

    return drs_time_length(snprintf(dst, DRS_TIME_HTTP_SIZE,
                                    "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                    days[tm.wday], tm.day, months[tm.month - 1],
                                    tm.year, tm.hour, tm.min, tm.sec));
}


static int
drs_time_digits(const char **p, const char *end, int n, int *out)
{
    int v;

    for (v = 0; n > 0; n--) {
        if (*p == end || **p < '0' || **p > '9') {
            return DRS_DECLINED;
        }

        v = v * 10 + (**p - '0');
        (*p)++;
    }

    *out = v;

    return DRS_OK;
}


static int
drs_time_literal(const char **p, const char *end, char c)
{
    if (*p == end || **p != c) {
        return DRS_DECLINED;
    }

    (*p)++;

    return DRS_OK;
}


/* "Z", "+HH:MM", "-HH:MM", or "+00:00Z" of old records; up to the end */

static int
drs_time_zone(const char **p, const char *end, int *offset_min)
{
    int  h, m;
    char sign;

    *offset_min = 0;

    if (*p == end) {
        return DRS_DECLINED;
    }

    sign = **p;
    (*p)++;

    if (sign == 'Z' || sign == 'z') {
        return *p == end ? DRS_OK : DRS_DECLINED;
    }

    if (sign != '+' && sign != '-') {
        return DRS_DECLINED;
    }

    if (drs_time_digits(p, end, 2, &h) != DRS_OK
        || drs_time_literal(p, end, ':') != DRS_OK
        || drs_time_digits(p, end, 2, &m) != DRS_OK || h > 23 || m > 59)
    {
        return DRS_DECLINED;
    }

    *offset_min = (h * 60 + m) * (sign == '-' ? -1 : 1);

    if (*p != end && *offset_min == 0 && (**p == 'Z' || **p == 'z')) {
        (*p)++;
    }

    return *p == end ? DRS_OK : DRS_DECLINED;
}


/* ".5", ".123456789": milliseconds, the rest cut */

static int
drs_time_fraction(const char **p, const char *end, int *ms)
{
    int n;

    *ms = 0;

    for (n = 0; *p != end && **p >= '0' && **p <= '9'; n++) {
        if (n < 3) {
            *ms = *ms * 10 + (**p - '0');
        }

        (*p)++;
    }

    if (n < 1 || n > 9) {
        return DRS_DECLINED;
    }

    for (/* void */; n < 3; n++) {
        *ms *= 10;
    }

    return DRS_OK;
}


static int
drs_time_parse_clock(const char **p, const char *end, drs_tm_t *tm, int *ms)
{
    *ms = 0;
    tm->sec = 0;

    if (drs_time_digits(p, end, 2, &tm->hour) != DRS_OK
        || drs_time_literal(p, end, ':') != DRS_OK
        || drs_time_digits(p, end, 2, &tm->min) != DRS_OK)
    {
        return DRS_DECLINED;
    }

    if (*p != end && **p == ':') {
        (*p)++;

        if (drs_time_digits(p, end, 2, &tm->sec) != DRS_OK) {
            return DRS_DECLINED;
        }

        if (*p != end && (**p == '.' || **p == ',')) {
            (*p)++;

            if (drs_time_fraction(p, end, ms) != DRS_OK) {
                return DRS_DECLINED;
            }
        }
    }

    return tm->hour > 23 || tm->min > 59 || tm->sec > 60 ? DRS_DECLINED
                                                         : DRS_OK;
}


int
drs_time_parse_ms(drs_str_t s, int64_t *t_ms)
{
    int         ms, offset;
    int64_t     t;
    drs_tm_t    tm;
    const char *p, *end;

    if (s.len == 0) {
        return DRS_DECLINED;
    }

    memset(&tm, 0, sizeof(drs_tm_t));
    p = s.data;
    end = p + s.len;
    ms = 0;
    offset = 0;

    if (drs_time_digits(&p, end, 4, &tm.year) != DRS_OK
        || drs_time_literal(&p, end, '-') != DRS_OK
        || drs_time_digits(&p, end, 2, &tm.month) != DRS_OK
        || drs_time_literal(&p, end, '-') != DRS_OK
        || drs_time_digits(&p, end, 2, &tm.day) != DRS_OK || tm.day < 1
        || tm.day > drs_time_month_days(tm.year, tm.month))
    {
        return DRS_DECLINED;
    }

    if (p != end) {
        if (*p != 'T' && *p != 't' && *p != ' ') {
            return DRS_DECLINED;
        }

        p++;

        if (drs_time_parse_clock(&p, end, &tm, &ms) != DRS_OK
            || drs_time_zone(&p, end, &offset) != DRS_OK)
        {
            return DRS_DECLINED;
        }
    }

    t = drs_time_join(&tm) - (int64_t) offset * 60;

    if (t < DRS_TIME_MIN_S || t > DRS_TIME_MAX_S) {
        return DRS_DECLINED;
    }

    *t_ms = t * 1000 + ms;

    return DRS_OK;
}


int
drs_time_parse_s(drs_str_t s, int64_t *t_s)
{
    int64_t ms;

    if (drs_time_parse_ms(s, &ms) != DRS_OK) {
        return DRS_DECLINED;
    }

    *t_s = drs_time_floor_div(ms, 1000);

    return DRS_OK;
}


/* Units in the order in which they may appear; `t`: behind the T */

static const struct {
    char    letter;
    int     t;
    int64_t seconds;
} drs_time_units[] = { { 'W', 0, 7 * DRS_TIME_DAY_S },
                       { 'D', 0, DRS_TIME_DAY_S },
                       { 'H', 1, 3600 },
                       { 'M', 1, 60 },
                       { 'S', 1, 1 } };


static int
drs_time_parse_number(const char **p, const char *end, int64_t *v, int *ms)
{
    const char *start;

    start = *p;
    *v = 0;
    *ms = -1;

    while (*p != end && **p >= '0' && **p <= '9') {
        if (*p - start >= 10) {
            return DRS_DECLINED;
        }

        *v = *v * 10 + (**p - '0');
        (*p)++;
    }

    if (*p == start) {
        return DRS_DECLINED;
    }

    if (*p != end && **p == '.') {
        (*p)++;
        return drs_time_fraction(p, end, ms);
    }

    return DRS_OK;
}


int
drs_time_parse_duration_ms(drs_str_t s, int64_t *out)
{
    int         t, ms, n;
    size_t      i;
    int64_t     v, total;
    const char *p, *end;

    if (s.len < 3 || s.data[0] != 'P') {
        return DRS_DECLINED;
    }

    p = s.data + 1;
    end = s.data + s.len;
    total = 0;
    t = 0;
    n = 0;
    i = 0;

    while (p != end) {
        if (*p == 'T' && !t) {
            t = 1;
            n = 0;
            p++;
            continue;
        }

        if (drs_time_parse_number(&p, end, &v, &ms) != DRS_OK || p == end) {
            return DRS_DECLINED;
        }

        while (i < 5
               && (drs_time_units[i].letter != *p || drs_time_units[i].t != t))
        {
            i++;
        }

        if (i == 5 || (ms >= 0 && *p != 'S')) {
            return DRS_DECLINED;
        }

        total += v * drs_time_units[i].seconds * 1000 + (ms > 0 ? ms : 0);
        i++;
        n++;
        p++;
    }

    if (n == 0) {
        return DRS_DECLINED;
    }

    *out = total;

    return DRS_OK;
}


size_t
drs_time_duration(char dst[DRS_TIME_ISO_SIZE], int64_t seconds)
{
    int     n;
    int64_t h;

    if (seconds < 0) {
        seconds = 0;
    }

    if (seconds > DRS_TIME_MAX_S) {
        seconds = DRS_TIME_MAX_S;
    }

    h = seconds / 3600;

    if (h > 0) {
        n = snprintf(dst, DRS_TIME_ISO_SIZE, "PT%lldH%dM%dS", (long long) h,
                     (int) (seconds / 60 % 60), (int) (seconds % 60));

    } else if (seconds >= 60) {
        n = snprintf(dst, DRS_TIME_ISO_SIZE, "PT%dM%dS", (int) (seconds / 60),
                     (int) (seconds % 60));

    } else {
        n = snprintf(dst, DRS_TIME_ISO_SIZE, "PT%dS", (int) seconds);
    }

    return n > 0 ? (size_t) n : 0;
}
