
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * String views: a pointer and a length into memory that somebody else owns.
 * A view is never NUL-terminated by contract and may be { 0, NULL }.
 */

#ifndef DRS_STR_H_INCLUDED
#define DRS_STR_H_INCLUDED


#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "drs_rc.h"


typedef struct {
    size_t      len;
    const char *data;
} drs_str_t;


#define drs_string(lit)                                                        \
    {                                                                          \
        sizeof(lit) - 1, (lit)                                                 \
    }
#define drs_null_string                                                        \
    {                                                                          \
        0, NULL                                                                \
    }

/* for printf("%.*s", DRS_STR_ARG(s)); views longer than INT_MAX not allowed */
#define DRS_STR_ARG(s) (int) (s).len, ((s).data != NULL ? (s).data : "")


static inline drs_str_t
drs_strn(const char *data, size_t len)
{
    drs_str_t s;

    s.data = data;
    s.len = (data != NULL) ? len : 0;

    return s;
}


/* View of a NUL-terminated string; NULL gives the empty view. */
static inline drs_str_t
drs_str(const char *s)
{
    return drs_strn(s, s != NULL ? strlen(s) : 0);
}


/* 1 if equal byte by byte, else 0.  Not constant time. */
static inline int
drs_str_eq(drs_str_t a, drs_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static inline int
drs_str_eqz(drs_str_t a, const char *z)
{
    return drs_str_eq(a, drs_str(z));
}


/* ASCII letters compared ignoring case, all other bytes exactly. */
int drs_str_ieq(drs_str_t a, drs_str_t b);
int drs_str_ieqz(drs_str_t a, const char *z);

int drs_str_starts(drs_str_t s, const char *prefix);

/* memcmp order, shorter first when one is the prefix of the other. */
int drs_str_cmp(drs_str_t a, drs_str_t b);

/* Cuts ASCII white space (space, \t, \n, \r, \v, \f) at both ends. */
drs_str_t drs_str_trim(drs_str_t s);

/*
 * Takes the part before the first `sep` out of *rest into *item and moves
 * *rest behind it.  Returns 1, or 0 when nothing is left: rest->data == NULL.
 * "a,,b" gives "a", "", "b"; "a," gives "a", ""; "" gives one empty item.
 */
int drs_str_split(drs_str_t *rest, char sep, drs_str_t *item);

/*
 * Decimal digits only, the whole view, no sign for u64, one leading '-' for
 * i64.  DRS_DECLINED for anything else, overflow included.
 */
int drs_str_u64(drs_str_t s, uint64_t *out) DRS_MUST_CHECK;
int drs_str_i64(drs_str_t s, int64_t *out) DRS_MUST_CHECK;

/* NUL-terminated copy, owner frees with free(); NULL without memory. */
char *drs_str_dup(drs_str_t s);

/*
 * Compares secrets in time that depends on the lengths only.  1 if equal.
 */
int drs_str_eq_ct(drs_str_t a, drs_str_t b);

/* Overwrites secrets; the compiler may not drop the stores. */
void drs_memzero(void *p, size_t len);


#endif /* DRS_STR_H_INCLUDED */
