
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "drs_utf8.h"


int32_t
drs_utf8_next(const unsigned char **p, const unsigned char *end)
{
    int                  i, n;
    int32_t              cp, min;
    const unsigned char *s;

    s = *p;
    *p = s + 1;

    if (*s < 0x80) {
        return *s;
    }

    if (*s >= 0xc2 && *s <= 0xdf) {
        n = 1;
        cp = *s & 0x1f;
        min = 0x80;

    } else if (*s >= 0xe0 && *s <= 0xef) {
        n = 2;
        cp = *s & 0x0f;
        min = 0x800;

    } else if (*s >= 0xf0 && *s <= 0xf4) {
        n = 3;
        cp = *s & 0x07;
        min = 0x10000;

    } else {
        return -1;
    }

    if (end - s <= n) {
        return -1;
    }

    for (i = 1; i <= n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return -1;
        }

        cp = cp << 6 | (s[i] & 0x3f);
    }

    if (cp < min || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        return -1;
    }

    *p = s + n + 1;

    return cp;
}


int
drs_utf8_valid(drs_str_t s)
{
    return drs_utf8_length(s) >= 0;
}


long
drs_utf8_length(drs_str_t s)
{
    long                 n;
    const unsigned char *p, *end;

    if (s.len == 0) {
        return 0;
    }

    p = (const unsigned char *) s.data;
    end = p + s.len;

    for (n = 0; p < end; n++) {
        if (drs_utf8_next(&p, end) < 0) {
            return -1;
        }
    }

    return n;
}


drs_utf8_rc_t
drs_utf8_check(drs_str_t s, unsigned flags)
{
    int32_t              cp;
    drs_utf8_rc_t        rc;
    const unsigned char *p, *end;

    rc = DRS_UTF8_OK;

    if (s.len == 0) {
        return rc;
    }

    p = (const unsigned char *) s.data;
    end = p + s.len;

    while (p < end) {
        cp = drs_utf8_next(&p, end);

        if (cp < 0) {
            return DRS_UTF8_INVALID;
        }

        if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f)) {
            if ((flags & DRS_UTF8_NEWLINE)
                && (cp == '\n' || cp == '\r' || cp == '\t')) {
                continue;
            }

            if (rc == DRS_UTF8_OK) {
                rc = DRS_UTF8_CONTROL;
            }

        } else if ((cp >= 0x202a && cp <= 0x202e)
                   || (cp >= 0x2066 && cp <= 0x2069)) {
            if (rc == DRS_UTF8_OK) {
                rc = DRS_UTF8_BIDI;
            }
        }
    }

    return rc;
}


const char *
drs_utf8_reason(drs_utf8_rc_t rc)
{
    switch (rc) {
    case DRS_UTF8_INVALID:
        return "invalid UTF-8";

    case DRS_UTF8_CONTROL:
        return "a control character";

    case DRS_UTF8_BIDI:
        return "a bidirectional override";

    default:
        return "no fault";
    }
}


/* White_Space of Unicode */

static int
drs_utf8_is_space(int32_t cp)
{
    return cp == ' ' || (cp >= 0x09 && cp <= 0x0d) || cp == 0x85 || cp == 0xa0
           || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028
           || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}


drs_str_t
drs_utf8_trim(drs_str_t s)
{
    int32_t              cp;
    drs_str_t            out;
    const unsigned char *p, *at, *end, *first, *last;

    if (s.len == 0) {
        return s;
    }

    p = (const unsigned char *) s.data;
    end = p + s.len;
    first = NULL;
    last = p;

    while (p < end) {
        at = p;
        cp = drs_utf8_next(&p, end);

        if (cp < 0) {
            return s;
        }

        if (!drs_utf8_is_space(cp)) {
            if (first == NULL) {
                first = at;
            }

            last = p;
        }
    }

    if (first == NULL) {
        out.data = s.data;
        out.len = 0;
        return out;
    }

    out.data = (const char *) first;
    out.len = (size_t) (last - first);

    return out;
}


static int
drs_utf8_map(drs_str_t s, int options, char **out, size_t *len)
{
    utf8proc_ssize_t  n;
    utf8proc_uint8_t *dst;

    dst = NULL;

    n = utf8proc_map((const utf8proc_uint8_t *) s.data,
                     (utf8proc_ssize_t) s.len, &dst,
                     (utf8proc_option_t) options);

    if (n < 0) {
        return n == UTF8PROC_ERROR_INVALIDUTF8 ? DRS_DECLINED : DRS_ERROR;
    }

    *out = (char *) dst;
    *len = (size_t) n;

    return DRS_OK;
}


int
drs_utf8_fold(drs_str_t name, char **out, size_t *len)
{
    int       rc;
    char     *once;
    size_t    n;
    drs_str_t s;

    *out = NULL;
    *len = 0;

    if (!drs_utf8_valid(name)
        || (name.len && memchr(name.data, '\0', name.len) != NULL))
    {
        return DRS_DECLINED;
    }

    s = drs_utf8_trim(name);

    if (s.len == 0) {
        *out = calloc(1, 1);
        return *out != NULL ? DRS_OK : DRS_ERROR;
    }

    /*
     * Folding may undo the composition and the other way round (Unicode
     * 3.13, D145): decompose and fold first, then fold and compose.
     */

    rc = drs_utf8_map(
        s, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &once, &n);
    if (rc != DRS_OK) {
        return rc;
    }

    rc = drs_utf8_map(drs_strn(once, n),
                      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD,
                      out, len);

    free(once);

    return rc;
}


int
drs_utf8_name_cmp(drs_str_t a, drs_str_t b)
{
    int    rc;
    char  *fa, *fb;
    size_t na, nb;

    fa = NULL;
    fb = NULL;
    rc = 0;

    if (drs_utf8_fold(a, &fa, &na) == DRS_OK
        && drs_utf8_fold(b, &fb, &nb) == DRS_OK)
    {
        rc = drs_str_cmp(drs_strn(fa, na), drs_strn(fb, nb));
    }

    free(fa);
    free(fb);

    return rc != 0 ? rc : drs_str_cmp(a, b);
}
