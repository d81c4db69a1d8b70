/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_time.h"
#include "drs_tz.h"


#define DRS_TZ_HEADER    44
#define DRS_TZ_TYPE      6
#define DRS_TZ_TYPES_MAX 256
#define DRS_TZ_TIMES_MAX 20000
#define DRS_TZ_DAY_S     86400


/* Counters of a header. */
typedef struct {
    int      version;
    uint32_t isut, isstd, leap, times, types, chars;
} drs_tz_head_t;

/* One change of a rule such as "M3.2.0/2". */
typedef struct {
    char    form; /* 'M', 'J' or 'N' (day from 0) */
    int     month, week, day;
    int64_t at_s; /* local time of the day, may be outside of it */
} drs_tz_change_t;

/* The line at the end of a file: "CET-1CEST,M3.5.0,M10.5.0/3". */
typedef struct {
    int             dst; /* 1: two offsets */
    int32_t         std_s, dst_s;
    drs_tz_change_t on, off; /* to summer time, and back */
} drs_tz_rule_t;


static int drs_tz_part_valid(drs_str_t part);
static int drs_tz_add(drs_tz_t *tz, size_t *size, int64_t at_s, int32_t offset);
static int drs_tz_rule(drs_str_t line, drs_tz_rule_t *rule);


static int
drs_tz_part_valid(drs_str_t part)
{
    char   c;
    size_t i;

    if (part.len == 0 || part.data[0] == '-' || part.data[0] == '+') {
        return 0;
    }

    for (i = 0; i < part.len; i++) {
        c = part.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+'))
        {
            return 0;
        }
    }

    return 1;
}


int
drs_tz_name_valid(drs_str_t name)
{
    size_t    i;
    drs_str_t rest, part;

    static const char *const others[] = { "localtime", "posixrules",
                                          "Factory" };

    if (name.len == 0 || name.len > DRS_TZ_NAME_MAX
        || drs_str_starts(name, "posix/") || drs_str_starts(name, "right/"))
    {
        return 0;
    }

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (drs_str_eqz(name, others[i])) {
            return 0;
        }
    }

    rest = name;

    while (drs_str_split(&rest, '/', &part)) {
        if (!drs_tz_part_valid(part)) {
            return 0;
        }
    }

    return 1;
}


/* -- spans ---------------------------------------------------------------- */

/* From at_s on the offset holds. */
static int
drs_tz_add(drs_tz_t *tz, size_t *size, int64_t at_s, int32_t offset)
{
    size_t         n;
    drs_tz_span_t *p;

    if (tz->n > 0 && tz->spans[tz->n - 1].offset_s == offset) {
        return DRS_OK;
    }

    if (tz->n > 0 && tz->spans[tz->n - 1].begin_s >= at_s) {
        tz->spans[tz->n - 1].offset_s = offset;
        return DRS_OK;
    }

    if (tz->n == *size) {
        n = *size > 0 ? 2 * *size : 64;
        p = realloc(tz->spans, n * sizeof(*p));

        if (p == NULL) {
            return DRS_ERROR;
        }

        tz->spans = p;
        *size = n;
    }

    if (tz->n > 0) {
        tz->spans[tz->n - 1].end_s = at_s;
    }

    p = &tz->spans[tz->n++];
    p->begin_s = (tz->n == 1) ? DRS_TZ_BEGIN : at_s;
    p->end_s = DRS_TZ_END;
    p->offset_s = offset;

    return DRS_OK;
}


int
drs_tz_utc(drs_tz_t *tz)
{
    size_t size;

    memset(tz, 0, sizeof(*tz));
    size = 0;

    return drs_tz_add(tz, &size, DRS_TZ_BEGIN, 0);
}


void
drs_tz_free(drs_tz_t *tz)
{
    free(tz->spans);
    memset(tz, 0, sizeof(*tz));
}


size_t
drs_tz_span(const drs_tz_t *tz, int64_t t_s)
{
    size_t low, high, mid;

    low = 0;
    high = tz->n - 1;

    while (low < high) {
        mid = (low + high) / 2;

        if (t_s < tz->spans[mid].end_s) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }

    return low;
}


int32_t
drs_tz_offset(const drs_tz_t *tz, int64_t t_s)
{
    return tz->spans[drs_tz_span(tz, t_s)].offset_s;
}


/* -- the rule at the end -------------------------------------------------- */

static int
drs_tz_number(const char **p, const char *end, int max, int *out)
{
    int n, digits;

    n = 0;

    for (digits = 0; *p < end && **p >= '0' && **p <= '9'; digits++) {
        n = n * 10 + (**p - '0');
        (*p)++;

        if (n > max) {
            return DRS_DECLINED;
        }
    }

    *out = n;
    return digits > 0 ? DRS_OK : DRS_DECLINED;
}


/* "[+-]h[h][h][:mm[:ss]]" in seconds */
static int
drs_tz_clock(const char **p, const char *end, int64_t *out)
{
    int i, n, minus;

    minus = 0;
    *out = 0;

    if (*p < end && (**p == '-' || **p == '+')) {
        minus = (**p == '-');
        (*p)++;
    }

    for (i = 0; i < 3; i++) {
        if (i > 0) {
            if (*p == end || **p != ':') {
                break;
            }
            (*p)++;
        }

        if (drs_tz_number(p, end, i == 0 ? 167 : 59, &n) != DRS_OK) {
            return DRS_DECLINED;
        }

        *out += (int64_t) n * (i == 0 ? 3600 : i == 1 ? 60 : 1);
    }

    if (minus) {
        *out = -*out;
    }

    return DRS_OK;
}


/* The range of offsets in RFC 8536, 3.2. */
static int
drs_tz_offset_valid(int64_t offset_s)
{
    return offset_s > -90000 && offset_s < 93600;
}


/* "CEST" or "<+03>" */
static int
drs_tz_abbreviation(const char **p, const char *end)
{
    const char *begin;

    begin = *p;

    if (*p < end && **p == '<') {
        while (*p < end && **p != '>') {
            (*p)++;
        }

        if (*p == end) {
            return DRS_DECLINED;
        }

        (*p)++;
        return DRS_OK;
    }

    while (*p < end
           && ((**p >= 'a' && **p <= 'z') || (**p >= 'A' && **p <= 'Z'))) {
        (*p)++;
    }

    return *p - begin >= 3 ? DRS_OK : DRS_DECLINED;
}


static int
drs_tz_change(const char **p, const char *end, drs_tz_change_t *c)
{
    int rc;

    memset(c, 0, sizeof(*c));
    c->at_s = 2 * 3600;

    if (*p == end || **p != ',') {
        return DRS_DECLINED;
    }

    (*p)++;
    c->form = 'N';

    if (*p < end && (**p == 'M' || **p == 'J')) {
        c->form = **p;
        (*p)++;
    }

    if (c->form == 'M') {
        rc = drs_tz_number(p, end, 12, &c->month);

        if (rc != DRS_OK || *p == end || *(*p)++ != '.') {
            return DRS_DECLINED;
        }

        rc = drs_tz_number(p, end, 5, &c->week);

        if (rc != DRS_OK || *p == end || *(*p)++ != '.') {
            return DRS_DECLINED;
        }

        rc = drs_tz_number(p, end, 6, &c->day);

        if (c->month < 1 || c->week < 1) {
            return DRS_DECLINED;
        }

    } else {
        rc = drs_tz_number(p, end, 365, &c->day);

        if (c->form == 'J' && c->day < 1) {
            return DRS_DECLINED;
        }
    }

    if (rc == DRS_OK && *p < end && **p == '/') {
        (*p)++;
        rc = drs_tz_clock(p, end, &c->at_s);
    }

    return rc;
}


static int
drs_tz_rule(drs_str_t line, drs_tz_rule_t *rule)
{
    int64_t     v;
    const char *p, *end;

    memset(rule, 0, sizeof(*rule));
    p = line.data;
    end = line.data + line.len;

    if (drs_tz_abbreviation(&p, end) != DRS_OK
        || drs_tz_clock(&p, end, &v) != DRS_OK || !drs_tz_offset_valid(-v))
    {
        return DRS_DECLINED;
    }

    rule->std_s = (int32_t) -v;

    if (p == end) {
        return DRS_OK;
    }

    rule->dst = 1;
    rule->dst_s = rule->std_s + 3600;

    if (drs_tz_abbreviation(&p, end) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (p < end && *p != ',') {
        if (drs_tz_clock(&p, end, &v) != DRS_OK || !drs_tz_offset_valid(-v)) {
            return DRS_DECLINED;
        }

        rule->dst_s = (int32_t) -v;
    }

    if (drs_tz_change(&p, end, &rule->on) != DRS_OK
        || drs_tz_change(&p, end, &rule->off) != DRS_OK || p != end)
    {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* Local time of a change, in seconds, as if local time were UTC. */
static int64_t
drs_tz_change_at(const drs_tz_change_t *c, int year)
{
    int     day, wday, length;
    int64_t first;

    if (c->form == 'M') {
        first = drs_time_days(year, c->month, 1);
        wday = (int) ((first + 4) % 7); /* 1970-01-01 was a Thursday */

        if (wday < 0) {
            wday += 7;
        }

        length = drs_time_month_days(year, c->month);
        day = (c->day - wday + 7) % 7 + 7 * (c->week - 1);

        while (day >= length) {
            day -= 7;
        }

        return (first + day) * DRS_TZ_DAY_S + c->at_s;
    }

    day = c->day;

    if (c->form == 'J') { /* 29 February is never counted */
        day -= (day < 60 || drs_time_month_days(year, 2) == 28);
    }

    return (drs_time_days(year, 1, 1) + day) * DRS_TZ_DAY_S + c->at_s;
}


/* Writes the rule out behind the last transition. */
static int
drs_tz_extend(drs_tz_t *tz, size_t *size, const drs_tz_rule_t *rule,
              int64_t from_s, int last_year)
{
    int      rc, year;
    int64_t  on, off;
    drs_tm_t tm;

    if (!rule->dst) {
        return drs_tz_add(tz, size, from_s, rule->std_s);
    }

    if (from_s < INT64_C(-2208988800)) { /* 1900: rules are younger */
        from_s = INT64_C(-2208988800);
    }

    if (drs_time_split(&tm, from_s) != DRS_OK) {
        return DRS_DECLINED;
    }

    rc = DRS_OK;

    for (year = tm.year; rc == DRS_OK && year <= last_year; year++) {
        on = drs_tz_change_at(&rule->on, year) - rule->std_s;
        off = drs_tz_change_at(&rule->off, year) - rule->dst_s;

        if (on < off) {
            rc = on > from_s ? drs_tz_add(tz, size, on, rule->dst_s) : rc;
            rc = (rc == DRS_OK && off > from_s)
                     ? drs_tz_add(tz, size, off, rule->std_s)
                     : rc;
        } else {
            rc = off > from_s ? drs_tz_add(tz, size, off, rule->std_s) : rc;
            rc = (rc == DRS_OK && on > from_s)
                     ? drs_tz_add(tz, size, on, rule->dst_s)
                     : rc;
        }
    }

    return rc;
}


/* -- the file ------------------------------------------------------------- */

static uint32_t
drs_tz_u32(const char *p)
{
    const unsigned char *u;

    u = (const unsigned char *) p;

    return ((uint32_t) u[0] << 24) | ((uint32_t) u[1] << 16)
           | ((uint32_t) u[2] << 8) | (uint32_t) u[3];
}


static int64_t
drs_tz_i64(const char *p)
{
    return (int64_t) (((uint64_t) drs_tz_u32(p) << 32) | drs_tz_u32(p + 4));
}


static int
drs_tz_head(drs_str_t s, drs_tz_head_t *h)
{
    if (s.len < DRS_TZ_HEADER || memcmp(s.data, "TZif", 4) != 0) {
        return DRS_DECLINED;
    }

    h->version = s.data[4] == '\0' ? 1 : s.data[4] - '0';
    h->isut = drs_tz_u32(s.data + 20);
    h->isstd = drs_tz_u32(s.data + 24);
    h->leap = drs_tz_u32(s.data + 28);
    h->times = drs_tz_u32(s.data + 32);
    h->types = drs_tz_u32(s.data + 36);
    h->chars = drs_tz_u32(s.data + 40);

    if (h->version < 1 || h->version > 9 || h->types < 1
        || h->types > DRS_TZ_TYPES_MAX || h->times > DRS_TZ_TIMES_MAX
        || h->isut > DRS_TZ_TYPES_MAX || h->isstd > DRS_TZ_TYPES_MAX
        || h->leap > DRS_TZ_TIMES_MAX || h->chars > DRS_TZ_SIZE_MAX)
    {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* Length of the data behind a header whose times have `size` bytes. */
static size_t
drs_tz_body(const drs_tz_head_t *h, size_t size)
{
    return (size_t) h->times * size + h->times + h->types * DRS_TZ_TYPE
           + h->chars + (size_t) h->leap * (size + 4) + h->isstd + h->isut;
}


static int32_t
drs_tz_type_offset(const char *types, size_t i)
{
    return (int32_t) drs_tz_u32(types + i * DRS_TZ_TYPE);
}


/* Transitions of one data block; *last: time of the last one. */
static int
drs_tz_block(drs_tz_t *tz, size_t *room, const drs_tz_head_t *h,
             const char *data, size_t size, int64_t *last)
{
    size_t      i, k;
    int64_t     at;
    const char *kinds, *types;

    kinds = data + (size_t) h->times * size;
    types = kinds + h->times;
    *last = DRS_TZ_BEGIN;

    for (i = 0; i < h->types; i++) {
        if (!drs_tz_offset_valid(drs_tz_type_offset(types, i))) {
            return DRS_DECLINED;
        }
    }

    /* before the first transition: type 0 (RFC 8536, 3.2) */
    if (drs_tz_add(tz, room, DRS_TZ_BEGIN, drs_tz_type_offset(types, 0))
        != DRS_OK) {
        return DRS_ERROR;
    }

    for (i = 0; i < h->times; i++) {
        at = size == 8 ? drs_tz_i64(data + i * 8)
                       : (int32_t) drs_tz_u32(data + i * 4);
        k = (unsigned char) kinds[i];

        if (k >= h->types || at < *last) {
            return DRS_DECLINED;
        }

        *last = at;

        if (drs_tz_add(tz, room, at, drs_tz_type_offset(types, k)) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}


static int
drs_tz_read(drs_tz_t *tz, drs_str_t file, int last_year)
{
    int           rc;
    size_t        room, size, body;
    int64_t       last;
    drs_str_t     s;
    drs_tz_head_t h;
    drs_tz_rule_t rule;

    s = file;
    size = 4;
    room = 0;

    if (drs_tz_head(s, &h) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (h.version > 1) { /* the second header and its data count */
        body = DRS_TZ_HEADER + drs_tz_body(&h, 4);

        if (s.len < body) {
            return DRS_DECLINED;
        }

        s = drs_strn(s.data + body, s.len - body);
        size = 8;

        if (drs_tz_head(s, &h) != DRS_OK) {
            return DRS_DECLINED;
        }
    }

    body = DRS_TZ_HEADER + drs_tz_body(&h, size);

    if (s.len < body) {
        return DRS_DECLINED;
    }

    rc = drs_tz_block(tz, &room, &h, s.data + DRS_TZ_HEADER, size, &last);

    if (rc != DRS_OK || size == 4) {
        return rc;
    }

    s = drs_strn(s.data + body, s.len - body);

    if (s.len < 2 || s.data[0] != '\n' || s.data[s.len - 1] != '\n') {
        return DRS_DECLINED;
    }

    s = drs_strn(s.data + 1, s.len - 2);

    if (s.len == 0) { /* nothing is known: the last offset stays */
        return DRS_OK;
    }

    return drs_tz_rule(s, &rule) == DRS_OK
               ? drs_tz_extend(tz, &room, &rule, last, last_year)
               : DRS_DECLINED;
}


int
drs_tz_parse(drs_tz_t *tz, drs_str_t file, int last_year)
{
    int rc;

    memset(tz, 0, sizeof(*tz));

    if (file.len > DRS_TZ_SIZE_MAX) {
        return DRS_DECLINED;
    }

    rc = drs_tz_read(tz, file, last_year);

    if (rc != DRS_OK) {
        drs_tz_free(tz);
    }

    return rc;
}
