
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_buf.h"
#include "drs_utf8.h"


#define DRS_BUF_DEFAULT_MAX (64 * 1024 * 1024)
#define DRS_BUF_MIN_SIZE    128


void
drs_buf_init(drs_buf_t *b, size_t max)
{
    memset(b, 0, sizeof(drs_buf_t));

    b->max = max ? max : DRS_BUF_DEFAULT_MAX;
}


void
drs_buf_free(drs_buf_t *b)
{
    free(b->data);
    drs_buf_init(b, b->max);
}


void
drs_buf_free_secret(drs_buf_t *b)
{
    drs_memzero(b->data, b->size);
    drs_buf_free(b);
}


void
drs_buf_reset(drs_buf_t *b)
{
    b->len = 0;
    b->failed = DRS_OK;

    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}


int
drs_buf_ok(const drs_buf_t *b)
{
    return b->failed == DRS_OK;
}


drs_str_t
drs_buf_str(const drs_buf_t *b)
{
    return drs_strn(b->data, b->len);
}


int
drs_buf_grow(drs_buf_t *b, size_t extra)
{
    char  *p;
    size_t need, size, max;

    if (b->failed != DRS_OK) {
        return DRS_ERROR;
    }

    max = b->max ? b->max : DRS_BUF_DEFAULT_MAX;

    if (b->len > max || extra > max - b->len) {
        b->failed = DRS_ERROR;
        return DRS_ERROR;
    }

    need = b->len + extra + 1;

    if (need <= b->size) {
        return DRS_OK;
    }

    size = b->size < DRS_BUF_MIN_SIZE ? DRS_BUF_MIN_SIZE : b->size;

    while (size < need) {
        size = size > max / 2 ? max + 1 : size * 2;
    }

    /* never more than the bound: what fits may be appended */
    if (size > max + 1) {
        size = max + 1;
    }

    p = realloc(b->data, size);
    if (p == NULL) {
        b->failed = DRS_ERROR;
        return DRS_ERROR;
    }

    p[b->len] = '\0';

    b->data = p;
    b->size = size;

    return DRS_OK;
}


int
drs_buf_append(drs_buf_t *b, const void *data, size_t len)
{
    if (drs_buf_reserve(b, len) != DRS_OK) {
        return DRS_ERROR;
    }

    if (len) {
        memcpy(b->data + b->len, data, len);
        b->len += len;
        b->data[b->len] = '\0';
    }

    return DRS_OK;
}


int
drs_buf_str_append(drs_buf_t *b, drs_str_t s)
{
    return drs_buf_append(b, s.data, s.len);
}


int
drs_buf_puts(drs_buf_t *b, const char *z)
{
    return drs_buf_append(b, z, strlen(z));
}


int
drs_buf_putc(drs_buf_t *b, char c)
{
    return drs_buf_append(b, &c, 1);
}


int
drs_buf_printf(drs_buf_t *b, const char *fmt, ...)
{
    int     rc;
    va_list ap;

    va_start(ap, fmt);
    rc = drs_buf_vprintf(b, fmt, ap);
    va_end(ap);

    return rc;
}


int
drs_buf_vprintf(drs_buf_t *b, const char *fmt, va_list ap)
{
    int     n;
    va_list again;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);

    if (n < 0) {
        b->failed = DRS_ERROR;
        return DRS_ERROR;
    }

    if (drs_buf_reserve(b, (size_t) n) != DRS_OK) {
        return DRS_ERROR;
    }

    (void) vsnprintf(b->data + b->len, (size_t) n + 1, fmt, ap);
    b->len += (size_t) n;

    return DRS_OK;
}


static const char *
drs_buf_json_escape(int32_t cp, char tmp[8])
{
    switch (cp) {
    case '"':
        return "\\\"";

    case '\\':
        return "\\\\";

    case '\b':
        return "\\b";

    case '\f':
        return "\\f";

    case '\n':
        return "\\n";

    case '\r':
        return "\\r";

    case '\t':
        return "\\t";

    case 0x2028:
        return "\\u2028";

    case 0x2029:
        return "\\u2029";

    case -1:
        return "\xEF\xBF\xBD";

    default:
        if (cp < 0x20 || cp == 0x7f) {
            (void) snprintf(tmp, 8, "\\u%04x", (unsigned) cp & 0xff);
            return tmp;
        }

        return NULL;
    }
}


#define DRS_BUF_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* 1 if none of the eight bytes needs an escape or a look at UTF-8. */
static int
drs_buf_plain(const unsigned char *p)
{
    uint64_t w, quote, slash, del, high;

    memcpy(&w, p, sizeof(w));

    high = DRS_BUF_EACH(0x80);
    quote = w ^ DRS_BUF_EACH('"');
    slash = w ^ DRS_BUF_EACH('\\');
    del = w ^ DRS_BUF_EACH(0x7f);

    /* a byte that is too small sets its own high bit when it borrows */
    return ((w | (w - DRS_BUF_EACH(0x20)) | (quote - DRS_BUF_EACH(1))
             | (slash - DRS_BUF_EACH(1)) | (del - DRS_BUF_EACH(1)))
            & high)
           == 0;
}


/* Bytes at the beginning that need neither. */
static size_t
drs_buf_plain_len(const unsigned char *p, size_t len)
{
    size_t n;

    n = 0;

    while (len - n >= 8 && drs_buf_plain(p + n)) {
        n += 8;
    }

    while (n < len && p[n] >= 0x20 && p[n] < 0x7f && p[n] != '"'
           && p[n] != '\\') {
        n++;
    }

    return n;
}


int
drs_buf_json_string(drs_buf_t *b, const char *data, size_t len)
{
    char                 tmp[8], *q;
    size_t               n;
    int32_t              cp;
    const char          *esc;
    const unsigned char *p, *run, *at, *end;

    p = (const unsigned char *) data;
    n = len > 0 ? drs_buf_plain_len(p, len) : 0;

    /* the most */
    if (n == len && drs_buf_reserve(b, len + 2) == DRS_OK) {
        q = b->data + b->len;
        *q++ = '"';

        if (len > 0) {
            memcpy(q, data, len);
        }

        q[len] = '"';
        q[len + 1] = '\0';
        b->len += len + 2;

        return DRS_OK;
    }

    (void) drs_buf_putc(b, '"');

    end = p + len;
    run = p;
    p += n;

    while (p < end) {
        n = drs_buf_plain_len(p, (size_t) (end - p));
        p += n;

        if (n > 0) {
            continue;
        }

        at = p;
        cp = drs_utf8_next(&p, end);
        esc = drs_buf_json_escape(cp, tmp);

        if (esc != NULL) {
            (void) drs_buf_append(b, run, (size_t) (at - run));
            (void) drs_buf_puts(b, esc);
            run = p;
        }
    }

    (void) drs_buf_append(b, run, (size_t) (end - run));

    return drs_buf_putc(b, '"');
}


char *
drs_buf_steal(drs_buf_t *b, size_t *len)
{
    char *p;

    if (b->failed != DRS_OK || drs_buf_reserve(b, 0) != DRS_OK) {
        drs_buf_free(b);
        return NULL;
    }

    p = b->data;

    if (len != NULL) {
        *len = b->len;
    }

    drs_buf_init(b, b->max);

    return p;
}
