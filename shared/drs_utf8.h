
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 checks, length in code points, and the form under which names are
 * unique (NFC and full case folding, by utf8proc).
 */

#ifndef DRS_UTF8_H_INCLUDED
#define DRS_UTF8_H_INCLUDED


#include "drs_str.h"


/* What drs_utf8_check() lets through besides printable text. */
#define DRS_UTF8_NEWLINE 0x01 /* \n, \r and \t: descriptions */


typedef enum {
    DRS_UTF8_OK = 0,
    DRS_UTF8_INVALID, /* not UTF-8: overlong, surrogate, > U+10FFFF */
    DRS_UTF8_CONTROL, /* U+0000-001F, U+007F-009F */
    DRS_UTF8_BIDI     /* U+202A-202E, U+2066-2069 */
} drs_utf8_rc_t;


/*
 * Decodes one code point at *p (< end) and moves *p behind it.  Returns the
 * code point, or -1 for a bad sequence (*p then moved by one byte).
 */
int32_t drs_utf8_next(const unsigned char **p, const unsigned char *end);

/* 1 if the view is well-formed UTF-8 (NUL bytes allowed). */
int drs_utf8_valid(drs_str_t s);

/* Number of code points, or -1 for bad UTF-8. */
long drs_utf8_length(drs_str_t s);

/* The rule for text from callers (security.md 7.2 "strings"). */
drs_utf8_rc_t drs_utf8_check(drs_str_t s, unsigned flags);

/* "invalid UTF-8", "a control character", ... for messages. */
const char *drs_utf8_reason(drs_utf8_rc_t rc);

/* Cuts Unicode white space at both ends.  Bad UTF-8 is left alone. */
drs_str_t drs_utf8_trim(drs_str_t s);

/*
 * Key of a unique name: trimmed, case folded, NFC (twice, so that the result
 * is stable).  *out is malloc'ed and NUL-terminated, the caller frees it.
 * DRS_OK, DRS_DECLINED (not UTF-8 or contains NUL), DRS_ERROR (memory).
 */
int drs_utf8_fold(drs_str_t name, char **out, size_t *len) DRS_MUST_CHECK;

/*
 * Order of lists "by name": compares the folded forms, then the bytes.
 * Bad UTF-8 or no memory: bytes only.
 */
int drs_utf8_name_cmp(drs_str_t a, drs_str_t b);


#endif /* DRS_UTF8_H_INCLUDED */
