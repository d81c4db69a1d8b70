
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_jtext.h"


static const char *
drs_jread_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) {
        p++;
    }

    return p;
}


#define DRS_JREAD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Number of bytes before the first quote or backslash of the next eight, 8 if
 * there is none.
 */
static inline size_t
drs_jread_plain8(const char *p)
{
    size_t   i;
    uint64_t w, quote, slash, stop;

    memcpy(&w, p, sizeof(w));

    quote = w ^ DRS_JREAD_EACH('"');
    slash = w ^ DRS_JREAD_EACH('\\');

    /* a byte that is 0 sets its own high bit when it borrows */
    stop = (((quote - DRS_JREAD_EACH(1)) & ~quote)
            | ((slash - DRS_JREAD_EACH(1)) & ~slash))
           & DRS_JREAD_EACH(0x80);

    if (stop == 0) {
        return 8;
    }

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    i = (size_t) __builtin_ctzll(stop) / 8;
#else
    for (i = 0; p[i] != '"' && p[i] != '\\'; i++) { /* void */
    }
#endif

    return i;
}


/* Behind the string that begins at p, NULL if it does not end. */
static const char *
drs_jread_skip_string(const char *p, const char *end)
{
    size_t n;

    p++;

    while (p < end) {
        if (end - p >= 8) {
            n = drs_jread_plain8(p);
            p += n;

            if (n == 8) {
                continue;
            }
        }

        if (*p == '"') {
            return p + 1;
        }

        p += *p == '\\' ? 2 : 1;
    }

    return NULL;
}


/* Behind the value that begins at p, NULL if it does not end. */
static const char *
drs_jread_skip(const char *p, const char *end)
{
    size_t depth;

    depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = drs_jread_skip_string(p, end);
            if (p == NULL || depth == 0) {
                return p;
            }
            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            if (depth == 0) {
                return p;
            }
            if (--depth == 0) {
                return p + 1;
            }
            break;

        case ',':
        case ' ':
        case '\n':
        case '\t':
        case '\r':
            if (depth == 0) {
                return p;
            }
            break;

        default:
            break;
        }

        p++;
    }

    return NULL;
}


int
drs_jread_open(drs_jread_t *r, drs_str_t text)
{
    if (text.len < 2) {
        return DRS_DECLINED;
    }

    r->end = text.data + text.len;
    r->p = drs_jread_space(text.data, r->end);

    if (r->p == r->end || (*r->p != '{' && *r->p != '[')) {
        return DRS_DECLINED;
    }

    r->close = *r->p == '{' ? '}' : ']';
    r->first = 1;
    r->known = drs_strn(NULL, 0);
    r->p++;

    return DRS_OK;
}


int
drs_jread_next(drs_jread_t *r, drs_str_t *name, drs_str_t *value)
{
    const char *p, *q;

    p = drs_jread_space(r->p, r->end);

    if (p == r->end) {
        return DRS_DECLINED;
    }

    if (*p == r->close) {
        r->p = p;
        return 0;
    }

    if (!r->first) {
        if (*p != ',') {
            return DRS_DECLINED;
        }
        p = drs_jread_space(p + 1, r->end);
    }

    r->first = 0;

    if (r->close == '}') {
        if (p == r->end || *p != '"'
            || (q = drs_jread_skip_string(p, r->end)) == NULL) {
            return DRS_DECLINED;
        }

        if (name != NULL) {
            *name = drs_strn(p + 1, (size_t) (q - p) - 2);
        }

        p = drs_jread_space(q, r->end);

        if (p == r->end || *p != ':') {
            return DRS_DECLINED;
        }

        p = drs_jread_space(p + 1, r->end);
    }

    q = p == r->known.data ? p + r->known.len : drs_jread_skip(p, r->end);

    if (q == NULL || q == p) {
        return DRS_DECLINED;
    }

    *value = drs_strn(p, (size_t) (q - p));
    r->p = q;

    return 1;
}


drs_str_t
drs_jread_field(drs_str_t object, const char *name)
{
    drs_str_t   n, v, none = drs_null_string;
    drs_jread_t r;

    if (drs_jread_open(&r, object) != DRS_OK || r.close != '}') {
        return none;
    }

    while (drs_jread_next(&r, &n, &v) == 1) {
        if (drs_str_eqz(n, name)) {
            return v;
        }
    }

    return none;
}


drs_str_t
drs_jread_plain(drs_str_t raw)
{
    drs_str_t none = drs_null_string;

    if (raw.len < 2 || raw.data[0] != '"'
        || memchr(raw.data, '\\', raw.len) != NULL)
    {
        return none;
    }

    return drs_strn(raw.data + 1, raw.len - 2);
}


const char *
drs_jread_string(drs_arena_t *arena, drs_str_t raw)
{
    json_t     *v;
    drs_str_t   s;
    const char *z;

    if (raw.len < 2 || raw.data[0] != '"') {
        return "";
    }

    s = drs_jread_plain(raw);

    if (s.data != NULL) {
        return s.len > 0 ? drs_arena_str(arena, s) : "";
    }

    /* rare: the parser knows all escapes */
    v = json_loadb(raw.data, raw.len, JSON_DECODE_ANY, NULL);
    z = json_is_string(v) ? drs_arena_str(arena, drs_json_str(v)) : NULL;
    json_decref(v);

    return z;
}


int64_t
drs_jread_int(drs_str_t raw, int64_t dflt)
{
    int64_t v;

    return drs_str_i64(raw, &v) == DRS_OK ? v : dflt;
}


/* -- writing ---------------------------------------------------------------- */

/* The comma, the name and the colon; 1 if there is room for `extra` more. */
static int
drs_jw_name(drs_buf_t *b, const char *name, size_t extra)
{
    char  *p;
    size_t len;

    len = name != NULL ? strlen(name) : 0;

    if (drs_buf_reserve(b, len + extra + 4) != DRS_OK) {
        return 0;
    }

    p = b->data + b->len;

    if (b->len > 0 && p[-1] != '{' && p[-1] != '[' && p[-1] != ':') {
        *p++ = ',';
    }

    if (name != NULL) {
        *p++ = '"';
        memcpy(p, name, len);
        p += len;
        *p++ = '"';
        *p++ = ':';
    }

    *p = '\0';
    b->len = (size_t) (p - b->data);

    return 1;
}


void
drs_jw_raw(drs_buf_t *b, const char *name, drs_str_t json)
{
    if (drs_jw_name(b, name, json.len)) {
        (void) drs_buf_str_append(b, json);
    }
}


void
drs_jw_open(drs_buf_t *b, const char *name, char c)
{
    drs_jw_raw(b, name, drs_strn(&c, 1));
}


void
drs_jw_close(drs_buf_t *b, char c)
{
    (void) drs_buf_putc(b, c);
}


void
drs_jw_str(drs_buf_t *b, const char *name, drs_str_t v)
{
    if (drs_jw_name(b, name, v.len + 2)) {
        (void) drs_buf_json_string(b, v.data, v.len);
    }
}


void
drs_jw_z(drs_buf_t *b, const char *name, const char *v)
{
    if (v[0] != '\0') {
        drs_jw_str(b, name, drs_str(v));
    }
}


void
drs_jw_int(drs_buf_t *b, const char *name, int64_t v)
{
    char     text[24], *p;
    uint64_t u;

    p = text + sizeof(text);
    u = v < 0 ? (uint64_t) 0 - (uint64_t) v : (uint64_t) v;

    do {
        *--p = (char) ('0' + u % 10);
        u /= 10;
    } while (u > 0);

    if (v < 0) {
        *--p = '-';
    }

    drs_jw_raw(b, name, drs_strn(p, (size_t) (text + sizeof(text) - p)));
}


void
drs_jw_bool(drs_buf_t *b, const char *name, int v)
{
    drs_jw_raw(b, name, drs_str(v ? "true" : "false"));
}


void
drs_jw_null(drs_buf_t *b, const char *name)
{
    drs_jw_raw(b, name, drs_str("null"));
}


void
drs_jw_json(drs_buf_t *b, const char *name, const json_t *v)
{
    if (v == NULL || !drs_jw_name(b, name, 0)
        || (json_is_string(v) ? drs_buf_json_string(b, json_string_value(v),
                                                    json_string_length(v))
                              : drs_json_dump(b, v))
               != DRS_OK)
    {
        b->failed = DRS_ERROR;
    }
}


void
drs_jw_begin(drs_buf_t *b, const char *name, const json_t *object)
{
    drs_jw_json(b, name, object);

    if (drs_buf_ok(b) && b->data[b->len - 1] == '}') {
        b->data[--b->len] = '\0';

    } else {
        b->failed = DRS_ERROR;
    }
}


void
drs_jw_begin_raw(drs_buf_t *b, const char *name, drs_str_t object)
{
    while (object.len > 0 && object.data[object.len - 1] != '}') {
        object.len--;
    }

    if (object.len < 2) {
        b->failed = DRS_ERROR;
        return;
    }

    object.len--;
    drs_jw_raw(b, name, object);
}
