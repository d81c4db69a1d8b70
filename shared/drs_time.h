
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Time formats.  Times are int64_t: seconds (`_s`) or milliseconds (`_ms`)
 * since 1970-01-01T00:00:00Z.  Nothing here reads a clock.
 *
 * Wire forms (api.md 1.9): epoch seconds as JSON integers, and ISO-8601 with
 * `Z` always, "YYYY-MM-DDTHH:MM:SSZ" or with a fraction.
 */

#ifndef DRS_TIME_H_INCLUDED
#define DRS_TIME_H_INCLUDED


#include "drs_str.h"


/* Years 0000 to 9999 */
#define DRS_TIME_MIN_S INT64_C(-62167219200)
#define DRS_TIME_MAX_S INT64_C(253402300799)

#define DRS_TIME_ISO_LEN   (sizeof("9999-12-31T23:59:59.999999Z") - 1)
#define DRS_TIME_ISO_SIZE  (DRS_TIME_ISO_LEN + 1)
#define DRS_TIME_HTTP_SIZE sizeof("Thu, 01 Jan 1970 00:00:00 GMT")


typedef struct {
    int year, month, day; /* month and day from 1 */
    int hour, min, sec;
    int wday; /* 0 = Sunday */
    int yday; /* from 0 */
} drs_tm_t;


/* Days since 1970-01-01 of a proleptic Gregorian date (month from 1). */
int64_t drs_time_days(int year, int month, int day);

/* 28..31, or 0 for a month outside 1..12. */
int drs_time_month_days(int year, int month);

/* Splits a time; DRS_DECLINED outside DRS_TIME_MIN_S .. DRS_TIME_MAX_S. */
int     drs_time_split(drs_tm_t *tm, int64_t t_s) DRS_MUST_CHECK;
int64_t drs_time_join(const drs_tm_t *tm);

/* Seconds, clamped to DRS_TIME_MIN_S .. DRS_TIME_MAX_S, as milliseconds. */
int64_t drs_time_ms(int64_t t_s);

/*
 * Write a NUL-terminated text and return its length; times out of range are
 * clamped to the first or last one that can be written.  The _ms form has
 * exactly three digits of fraction ("….120Z").
 */
size_t drs_time_iso_s(char dst[DRS_TIME_ISO_SIZE], int64_t t_s);
size_t drs_time_iso_ms(char dst[DRS_TIME_ISO_SIZE], int64_t t_ms);

/* Milliseconds; no fraction when it is zero. */
size_t drs_time_iso_auto(char dst[DRS_TIME_ISO_SIZE], int64_t t_ms);

/* "20150830T123600Z" and "20150830", the forms of AWS signatures. */
size_t drs_time_basic(char dst[DRS_TIME_ISO_SIZE], int64_t t_s);
size_t drs_time_basic_date(char dst[DRS_TIME_ISO_SIZE], int64_t t_s);

/* IMF-fixdate of RFC 9110. */
size_t drs_time_http(char dst[DRS_TIME_HTTP_SIZE], int64_t t_s);

/*
 * ISO-8601 date-time: "YYYY-MM-DDTHH:MM[:SS[.f{1,9}]](Z|+HH:MM|-HH:MM)", `t`
 * and `z` in lower case and a space for T accepted, leap second 60 counted as
 * the next second.  "…+00:00Z" is accepted as UTC (old records have it).  A
 * bare date is midnight UTC.  A date-time without zone is refused.  Fractions
 * beyond a millisecond are cut.
 */
int drs_time_parse_ms(drs_str_t s, int64_t *t_ms) DRS_MUST_CHECK;
int drs_time_parse_s(drs_str_t s, int64_t *t_s) DRS_MUST_CHECK;

/*
 * ISO-8601 duration as DRS sends it ("PT1H2M3.5S", "P2DT4H"); weeks, days and
 * time parts, no years or months.  Result in milliseconds.
 */
int    drs_time_parse_duration_ms(drs_str_t s, int64_t *ms) DRS_MUST_CHECK;
size_t drs_time_duration(char dst[DRS_TIME_ISO_SIZE], int64_t seconds);


#endif /* DRS_TIME_H_INCLUDED */
