/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Time zones: the content of a compiled zone file (RFC 8536, version 1 to 4)
 * as a list of spans with one offset each.  Nothing here opens files or reads
 * a clock.
 */

#ifndef DRS_TZ_H_INCLUDED
#define DRS_TZ_H_INCLUDED


#include "drs_str.h"


#define DRS_TZ_NAME_MAX 64
#define DRS_TZ_SIZE_MAX (256 * 1024) /* no zone file is larger */

#define DRS_TZ_BEGIN INT64_MIN
#define DRS_TZ_END   INT64_MAX


/* A time for which the clocks of the zone do not jump. */
typedef struct {
    int64_t begin_s, end_s; /* UTC, end excluded; DRS_TZ_BEGIN, DRS_TZ_END */
    int32_t offset_s;       /* local time minus UTC */
} drs_tz_span_t;

typedef struct {
    drs_tz_span_t *spans; /* in order, without gaps */
    size_t         n;
} drs_tz_t;


/*
 * 1 if the name has the form of an IANA zone ("Europe/Berlin", "UTC",
 * "Etc/GMT+3"): parts of letters, digits, "_", "-" and "+", no part that begins
 * with "." or "-", not one of the folders and files that a zone folder has
 * besides ("posix/...", "right/...", "localtime", "posixrules", "Factory").
 */
int drs_tz_name_valid(drs_str_t name);

/* UTC, without a file.  DRS_OK or DRS_ERROR (memory). */
int drs_tz_utc(drs_tz_t *tz);

/*
 * Reads a zone file.  Behind its last transition the rule at its end holds; it
 * is written out up to the end of `last_year`.
 *
 * DRS_OK, DRS_DECLINED (not a zone file), DRS_ERROR (memory).  Free when OK.
 */
int  drs_tz_parse(drs_tz_t *tz, drs_str_t file, int last_year);
void drs_tz_free(drs_tz_t *tz);

/* Index of the span that contains the time. */
size_t drs_tz_span(const drs_tz_t *tz, int64_t t_s);

/* Offset at a time. */
int32_t drs_tz_offset(const drs_tz_t *tz, int64_t t_s);


#endif /* DRS_TZ_H_INCLUDED */
