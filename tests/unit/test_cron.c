/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cron expressions and time zones.  The zones here are made by hand; those of
 * the system are compared with Python's in tests/system/test_schedule_times.py.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drs_buf.h"
#include "drs_cron.h"
#include "drs_time.h"


#define YEAR 2100


static void
parse(drs_cron_t *c, const char *text)
{
    const char *err;

    err = "";
    if (drs_cron_parse(c, drs_str(text), &err) != DRS_OK) {
        fail_msg("%s: %s", text, err);
    }
}


static void
refused(const char *text, const char *why)
{
    drs_cron_t  c;
    const char *err;

    err = "";
    assert_int_equal(drs_cron_parse(&c, drs_str(text), &err), DRS_DECLINED);

    if (strstr(err, why) == NULL) {
        fail_msg("%s: %s", text, err);
    }
}


static int64_t
at(const char *iso)
{
    int64_t t;

    assert_int_equal(drs_time_parse_s(drs_str(iso), &t), DRS_OK);

    return t;
}


static void
next_is(const char *cron, const drs_tz_t *tz, const char *after,
        const char *want)
{
    char       iso[DRS_TIME_ISO_SIZE];
    int64_t    t;
    drs_cron_t c;

    parse(&c, cron);
    assert_int_equal(drs_cron_next(&c, tz, at(after), &t), DRS_OK);
    (void) drs_time_iso_s(iso, t);
    assert_string_equal(iso, want);
}


/* -- zone files ----------------------------------------------------------- */

static void
put32(drs_buf_t *b, uint32_t v)
{
    (void) drs_buf_putc(b, (char) (v >> 24));
    (void) drs_buf_putc(b, (char) (v >> 16));
    (void) drs_buf_putc(b, (char) (v >> 8));
    (void) drs_buf_putc(b, (char) v);
}


static void
put64(drs_buf_t *b, int64_t v)
{
    put32(b, (uint32_t) ((uint64_t) v >> 32));
    put32(b, (uint32_t) v);
}


static void
head(drs_buf_t *b, uint32_t times, uint32_t types)
{
    int i;

    (void) drs_buf_puts(b, "TZif2");

    for (i = 0; i < 15; i++) {
        (void) drs_buf_putc(b, '\0');
    }

    put32(b, 0);
    put32(b, 0);
    put32(b, 0);
    put32(b, times);
    put32(b, types);
    put32(b, 4);
}


/* A version 2 file: a type per offset, transitions, and the rule behind. */
static void
zone(drs_buf_t *b, const int32_t *offsets, uint32_t types, const int64_t *when,
     const char *kinds, uint32_t times, const char *rule)
{
    uint32_t i;

    drs_buf_init(b, 0);

    head(b, 0, 1); /* the old block: one type, 4 characters */
    put32(b, 0);
    (void) drs_buf_append(b, "\0\0", 2);
    (void) drs_buf_append(b, "XXX\0", 4);

    head(b, times, types);

    for (i = 0; i < times; i++) {
        put64(b, when[i]);
    }

    (void) drs_buf_append(b, kinds, times);

    for (i = 0; i < types; i++) {
        put32(b, (uint32_t) offsets[i]);
        (void) drs_buf_append(b, "\0\0", 2);
    }

    (void) drs_buf_append(b, "XXX\0", 4);
    (void) drs_buf_printf(b, "\n%s\n", rule);
    assert_true(drs_buf_ok(b));
}


static void
rule_zone(drs_tz_t *tz, const char *rule, int32_t offset)
{
    drs_buf_t b;

    zone(&b, &offset, 1, NULL, "", 0, rule);
    assert_int_equal(drs_tz_parse(tz, drs_buf_str(&b), YEAR), DRS_OK);
    drs_buf_free(&b);
}


static void
berlin(drs_tz_t *tz)
{
    rule_zone(tz, "CET-1CEST,M3.5.0,M10.5.0/3", 3600);
}


static void
test_parse(void **state)
{
    drs_cron_t c;

    (void) state;

    parse(&c, "*/15 0-6,22 1,15 JAN-mar,12 1-5");
    assert_int_equal(c.minutes, 1 | (1ull << 15) | (1ull << 30) | (1ull << 45));
    assert_int_equal(c.hours, 0x7f | (1u << 22));
    assert_int_equal(c.days, (1u << 1) | (1u << 15));
    assert_int_equal(c.months, (1u << 1) | (1u << 2) | (1u << 3) | (1u << 12));
    assert_int_equal(c.wdays, 0x3e);
    assert_true(c.either);

    parse(&c, "  7   5/6 *  * sun,6  ");
    assert_int_equal(c.hours, (1u << 5) | (1u << 11) | (1u << 17) | (1u << 23));
    assert_int_equal(c.wdays, 0x41);
    assert_false(c.either);

    parse(&c, "0 0 */10 * 7");
    assert_int_equal(c.days, (1u << 1) | (1u << 11) | (1u << 21) | (1u << 31));
    assert_int_equal(c.wdays, 1);
    assert_false(c.either);

    parse(&c, "0 0 * * FRI-SUN");
    assert_int_equal(c.wdays, (1u << 5) | (1u << 6) | 1);
    parse(&c, "0 0 * * 0-7");
    assert_int_equal(c.wdays, 0x7f);
    parse(&c, "59 23 31 12 6");
}


static void
test_refused(void **state)
{
    (void) state;

    refused("", "five fields");
    refused("* * * *", "five fields");
    refused("* * * * * *", "five fields");
    refused("@daily", "five fields");
    refused("60 * * * *", "minute");
    refused("-1 * * * *", "minute");
    refused("1- * * * *", "minute");
    refused("5-1 * * * *", "minute");
    refused("*/0 * * * *", "minute");
    refused("*/60 * * * *", "minute");
    refused("1,,2 * * * *", "minute");
    refused("1,  * * * *", "minute");
    refused("0x1 * * * *", "minute");
    refused("* 24 * * *", "hour");
    refused("* MON * * *", "hour");
    refused("* * 0 * *", "day of the month");
    refused("* * 32 * *", "day of the month");
    refused("* * ? * *", "day of the month");
    refused("* * L * *", "day of the month");
    refused("* * * 13 *", "month");
    refused("* * * JANUARY *", "month");
    refused("* * * * 8", "weekday");
    refused("* * * * MON#1", "weekday");
    refused("* * * * 5-3", "weekday");
    refused("0 0 30 2 *", "No such day");
    refused("0 0 31 4,6,9,11 *", "No such day");
    refused("0000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000",
            "too long");
}


static void
test_utc(void **state)
{
    drs_tz_t   tz;
    int64_t    t;
    drs_cron_t c;

    (void) state;
    assert_int_equal(drs_tz_utc(&tz), DRS_OK);

    next_is("* * * * *", &tz, "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z");
    next_is("* * * * *", &tz, "2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z");
    next_is("0 6 * * 6", &tz, "2026-11-29T12:00:00Z", "2026-12-05T06:00:00Z");
    next_is("0 6 1 * *", &tz, "2026-11-29T12:00:00Z", "2026-12-01T06:00:00Z");
    next_is("0 6 1 * *", &tz, "2026-12-01T06:00:00Z", "2027-01-01T06:00:00Z");
    next_is("0 6 1 * *", &tz, "2026-12-01T05:59:59Z", "2026-12-01T06:00:00Z");
    next_is("30 23 31 12 *", &tz, "2026-12-31T23:30:00Z",
            "2027-12-31T23:30:00Z");
    next_is("0 0 29 2 *", &tz, "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z");

    /* day or weekday, day and weekday */
    next_is("0 0 13 * 5", &tz, "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z");
    next_is("0 0 13 * 5", &tz, "2026-11-07T00:00:00Z", "2026-11-13T00:00:00Z");
    next_is("0 0 29 2 */7", &tz, "2026-01-01T00:00:00Z",
            "2032-02-29T00:00:00Z");

    parse(&c, "0 0 1 1 *");
    assert_int_equal(drs_cron_next(&c, &tz, INT64_C(250246281600), &t),
                     DRS_DECLINED);
    assert_int_equal(drs_cron_next(&c, &tz, -5, &t), DRS_OK);
    assert_int_equal(t, 0);
    drs_tz_free(&tz);
}


static void
test_jumps(void **state)
{
    drs_tz_t tz;

    (void) state;
    berlin(&tz);
    assert_int_equal(drs_tz_offset(&tz, at("2026-01-01T00:00:00Z")), 3600);
    assert_int_equal(drs_tz_offset(&tz, at("2026-07-01T00:00:00Z")), 7200);

    /* forward at 2026-03-29T01:00Z: 02:30 comes when the jump is over */
    next_is("30 2 * * *", &tz, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z");
    next_is("30 2 * * *", &tz, "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    next_is("*/10 2 * * *", &tz, "2026-03-28T02:00:00Z",
            "2026-03-29T01:00:00Z");
    next_is("0 3 * * *", &tz, "2026-03-28T03:00:00Z", "2026-03-29T01:00:00Z");
    next_is("0 2 29 3 *", &tz, "2026-03-01T00:00:00Z", "2026-03-29T01:00:00Z");

    /* back at 2026-10-25T01:00Z: 02:30 comes once, the first time */
    next_is("30 2 * * *", &tz, "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z");
    next_is("30 2 * * *", &tz, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    next_is("0 3 * * *", &tz, "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z");

    /* every hour: by elapsed time */
    next_is("30 * * * *", &tz, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z");
    next_is("30 * * * *", &tz, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
    next_is("30 * * * *", &tz, "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z");
    drs_tz_free(&tz);

    /* a whole day is left out: Samoa, end of 2011 */
    {
        drs_buf_t b;
        int32_t   offsets[] = { -36000, 50400 };
        int64_t   when[] = { 1325239200 };

        zone(&b, offsets, 2, when, "\1", 1, "<+14>-14");
        assert_int_equal(drs_tz_parse(&tz, drs_buf_str(&b), YEAR), DRS_OK);
        drs_buf_free(&b);
    }

    next_is("0 12 30 12 *", &tz, "2011-01-01T00:00:00Z",
            "2011-12-30T10:00:00Z");
    next_is("0 12 30 12 *", &tz, "2011-12-30T10:00:00Z",
            "2012-12-29T22:00:00Z");
    drs_tz_free(&tz);
}


/* The rules at the end of files, in all their forms. */
static void
test_rules(void **state)
{
    drs_tz_t  tz;
    drs_buf_t b;
    size_t    i;
    int32_t   zero;

    static const char *const bad[] = { "CET",
                                       "CE-1",
                                       "CET-1CEST",
                                       "CET-1CEST,M3.5.0",
                                       "CET-1CEST,M13.5.0,M10.5.0",
                                       "CET-1CEST,M3.6.0,M10.5.0",
                                       "CET-1CEST,M3.5.7,M10.5.0",
                                       "CET-1CEST,M3.5.0,M10.5.0x",
                                       "CET-1CEST,J0,J365",
                                       "CET-1CEST,J1,J366",
                                       "CET-200",
                                       "<CET-1",
                                       "CET-1:99" };

    (void) state;
    zero = 0;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        zone(&b, &zero, 1, NULL, "", 0, bad[i]);
        assert_int_equal(drs_tz_parse(&tz, drs_buf_str(&b), YEAR),
                         DRS_DECLINED);
        drs_buf_free(&b);
    }

    /* southern summer; negative and late hours; half hours */
    rule_zone(&tz, "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -10800);
    assert_int_equal(drs_tz_offset(&tz, at("2026-03-29T00:59:59Z")), -10800);
    assert_int_equal(drs_tz_offset(&tz, at("2026-03-29T01:00:00Z")), -7200);
    assert_int_equal(drs_tz_offset(&tz, at("2026-10-25T00:59:59Z")), -7200);
    assert_int_equal(drs_tz_offset(&tz, at("2026-10-25T01:00:00Z")), -10800);
    drs_tz_free(&tz);

    rule_zone(&tz, "IST-2IDT,M3.4.4/26,M10.5.0", 7200);
    assert_int_equal(drs_tz_offset(&tz, at("2026-03-26T23:59:59Z")), 7200);
    assert_int_equal(drs_tz_offset(&tz, at("2026-03-27T00:00:00Z")), 10800);
    drs_tz_free(&tz);

    rule_zone(&tz, "LHST-10:30LHDT-11,M10.1.0,M4.1.0", 37800);
    assert_int_equal(drs_tz_offset(&tz, at("2026-01-01T00:00:00Z")), 39600);
    assert_int_equal(drs_tz_offset(&tz, at("2026-07-01T00:00:00Z")), 37800);
    drs_tz_free(&tz);

    /* day of the year with and without 29 February; summer for ever */
    rule_zone(&tz, "AAA0BBB,J60/0,J300/0", 0);
    assert_int_equal(drs_tz_offset(&tz, at("2028-02-29T23:59:59Z")), 0);
    assert_int_equal(drs_tz_offset(&tz, at("2028-03-01T00:00:00Z")), 3600);
    drs_tz_free(&tz);

    rule_zone(&tz, "AAA0BBB,59/0,300/0", 0);
    assert_int_equal(drs_tz_offset(&tz, at("2028-02-28T23:59:59Z")), 0);
    assert_int_equal(drs_tz_offset(&tz, at("2028-02-29T00:00:00Z")), 3600);
    drs_tz_free(&tz);

    rule_zone(&tz, "XXX3EDT4,0/0,J365/23", -14400);
    assert_int_equal(drs_tz_offset(&tz, at("2026-12-31T23:59:59Z")), -14400);
    assert_int_equal(drs_tz_offset(&tz, at("2027-01-01T05:00:00Z")), -14400);
    drs_tz_free(&tz);
}


/* No prefix of a file is read beyond its end, or taken for a whole one. */
static void
test_broken(void **state)
{
    char     *copy;
    size_t    i;
    drs_tz_t  tz;
    drs_buf_t b;
    drs_str_t s;
    int32_t   offsets[] = { 3600, 7200 };
    int64_t   when[] = { 1000000000, 1100000000 };

    (void) state;
    zone(&b, offsets, 2, when, "\1\0", 2, "CET-1CEST,M3.5.0,M10.5.0/3");
    s = drs_buf_str(&b);

    for (i = 0; i < s.len; i++) {
        copy = test_malloc(i + 1);
        memcpy(copy, s.data, i);
        assert_int_equal(drs_tz_parse(&tz, drs_strn(copy, i), YEAR),
                         DRS_DECLINED);
        test_free(copy);
    }

    assert_int_equal(drs_tz_parse(&tz, s, YEAR), DRS_OK);
    drs_tz_free(&tz);

    b.data[44 + 6 + 4 + 44 + 16] = 2; /* a type that is not there */
    assert_int_equal(drs_tz_parse(&tz, s, YEAR), DRS_DECLINED);
    drs_buf_free(&b);

    zone(&b, offsets, 2, (int64_t[]) { 1100000000, 1000000000 }, "\1\0", 2, "");
    assert_int_equal(drs_tz_parse(&tz, drs_buf_str(&b), YEAR), DRS_DECLINED);
    drs_buf_free(&b);
}


/* Offsets have the range of RFC 8536, 3.2, in the table and in the rule. */
static void
test_offsets(void **state)
{
    size_t    i;
    drs_tz_t  tz;
    drs_buf_t b;
    int64_t   when[] = { 1000000000 };

    static const struct {
        int32_t     offset;
        const char *rule;
        int         rc;
    } cases[] = { { 93599, "", DRS_OK },
                  { 93600, "", DRS_DECLINED },
                  { -89999, "", DRS_OK },
                  { -90000, "", DRS_DECLINED },
                  { INT32_MIN, "", DRS_DECLINED },
                  { INT32_MAX, "", DRS_DECLINED },
                  { 0, "XXX-25:59:59", DRS_OK },
                  { 0, "XXX-26", DRS_DECLINED },
                  { 0, "XXX25", DRS_DECLINED },
                  { 0, "XXX0YYY-26,M3.5.0,M10.5.0", DRS_DECLINED } };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        zone(&b, &cases[i].offset, 1, when, "\0", 1, cases[i].rule);
        assert_int_equal(drs_tz_parse(&tz, drs_buf_str(&b), YEAR), cases[i].rc);
        if (cases[i].rc == DRS_OK) {
            drs_tz_free(&tz);
        }
        drs_buf_free(&b);
    }
}


static void
test_names(void **state)
{
    size_t i;

    static const char *const good[] = { "UTC",
                                        "Europe/Berlin",
                                        "Etc/GMT+3",
                                        "America/Argentina/Buenos_Aires",
                                        "America/Port-au-Prince",
                                        "EST5EDT" };
    static const char *const bad[] = { "",
                                       "/etc/passwd",
                                       "../UTC",
                                       "Europe/../UTC",
                                       "Europe//Berlin",
                                       "Europe/",
                                       "posix/UTC",
                                       "right/UTC",
                                       "localtime",
                                       "posixrules",
                                       "Factory",
                                       "tzdata.zi",
                                       "Europe/Ber lin",
                                       "-UTC",
                                       "Z\xc3\xbcrich" };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(drs_tz_name_valid(drs_str(good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(drs_tz_name_valid(drs_str(bad[i])));
    }
}


/* -- against a walk over every minute ------------------------------------- */

static uint32_t
rnd(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;

    return (*seed >> 8) % n;
}


static int
walk_matches(const drs_cron_t *c, int64_t local)
{
    int      day, wday;
    drs_tm_t tm;

    assert_int_equal(drs_time_split(&tm, local), DRS_OK);
    day = (c->days >> tm.day) & 1;
    wday = (c->wdays >> tm.wday) & 1;

    return tm.sec == 0 && ((c->minutes >> tm.min) & 1)
           && ((c->hours >> tm.hour) & 1) && ((c->months >> tm.month) & 1)
           && (c->either ? (day || wday) : (day && wday));
}


/* The rules of drs_cron.h, word by word: minute after minute of UTC. */
static int64_t
walk(const drs_cron_t *c, const drs_tz_t *tz, int64_t after, int64_t end)
{
    int     elapsed;
    int64_t t, m, was, is;

    elapsed = (c->hours == 0xffffff);

    for (t = after - after % 60 + 60; t < end; t += 60) {
        was = drs_tz_offset(tz, t - 1);
        is = drs_tz_offset(tz, t);

        for (m = t + was; !elapsed && m < t + is; m += 60) {
            if (walk_matches(c, m)) {
                return t;
            }
        }

        if (!walk_matches(c, t + is)) {
            continue;
        }

        /* shown before: an earlier minute with the same local time */
        for (m = 60; m <= 7200; m += 60) {
            if (t - m + drs_tz_offset(tz, t - m) == t + is) {
                break;
            }
        }

        if (elapsed || m > 7200) {
            return t;
        }
    }

    return -1;
}


static void
test_walk(void **state)
{
    int        i, k;
    char       text[64];
    int64_t    after, want, got;
    uint32_t   seed;
    drs_tz_t   zones[3], *tz;
    drs_cron_t c;

    static const char *const jumps[] = { "2026-03-29T01:00:00Z",
                                         "2026-10-25T01:00:00Z",
                                         "2026-04-04T15:00:00Z",
                                         "2026-10-03T15:30:00Z" };

    (void) state;
    berlin(&zones[0]);
    rule_zone(&zones[1], "LHST-10:30LHDT-11,M10.1.0,M4.1.0", 37800);
    assert_int_equal(drs_tz_utc(&zones[2]), DRS_OK);
    seed = 20261129;

    for (i = 0; i < 1500; i++) {
        tz = &zones[rnd(&seed, 3)];

        if (rnd(&seed, 4) == 0) {
            (void) snprintf(text, sizeof(text), "*/%u * * * *",
                            1 + rnd(&seed, 59));

        } else {
            (void) snprintf(text, sizeof(text), "%u,%u %u-%u * * %s",
                            rnd(&seed, 60), rnd(&seed, 60), rnd(&seed, 3),
                            3 + rnd(&seed, 21),
                            rnd(&seed, 2) == 0 ? "*" : "0,6");
        }

        parse(&c, text);
        after = at(jumps[rnd(&seed, 4)]) - 5400 + rnd(&seed, 10800);

        for (k = 0; k < 4; k++) {
            want = walk(&c, tz, after, after + 8 * 86400);
            assert_int_equal(drs_cron_next(&c, tz, after, &got), DRS_OK);

            if (want >= 0 && got != want) {
                fail_msg("%s behind %lld: %lld, not %lld", text,
                         (long long) after, (long long) got, (long long) want);
            }

            after = got;
        }
    }

    for (i = 0; i < 3; i++) {
        drs_tz_free(&zones[i]);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_utc),     cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_rules),   cmocka_unit_test(test_broken),
        cmocka_unit_test(test_offsets), cmocka_unit_test(test_names),
        cmocka_unit_test(test_walk)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
