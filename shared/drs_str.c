
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

#include "drs_str.h"


static int           drs_str_is_space(char c);
static unsigned char drs_str_lower(char c);


static int
drs_str_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


static unsigned char
drs_str_lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        c = (char) (c | 0x20);
    }

    return (unsigned char) c;
}


int
drs_str_ieq(drs_str_t a, drs_str_t b)
{
    size_t i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (drs_str_lower(a.data[i]) != drs_str_lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


int
drs_str_ieqz(drs_str_t a, const char *z)
{
    return drs_str_ieq(a, drs_str(z));
}


int
drs_str_starts(drs_str_t s, const char *prefix)
{
    size_t n;

    n = strlen(prefix);

    return n == 0 || (s.len >= n && memcmp(s.data, prefix, n) == 0);
}


int
drs_str_cmp(drs_str_t a, drs_str_t b)
{
    int    rc;
    size_t n;

    n = a.len < b.len ? a.len : b.len;
    rc = n ? memcmp(a.data, b.data, n) : 0;

    if (rc != 0) {
        return rc < 0 ? -1 : 1;
    }

    return (a.len > b.len) - (a.len < b.len);
}


drs_str_t
drs_str_trim(drs_str_t s)
{
    while (s.len && drs_str_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len && drs_str_is_space(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


int
drs_str_split(drs_str_t *rest, char sep, drs_str_t *item)
{
    const char *p;

    if (rest->data == NULL) {
        return 0;
    }

    p = rest->len ? memchr(rest->data, sep, rest->len) : NULL;

    *item = *rest;

    if (p == NULL) {
        rest->data = NULL;
        rest->len = 0;

        return 1;
    }

    item->len = (size_t) (p - item->data);
    rest->len -= item->len + 1;
    rest->data = p + 1;

    return 1;
}


int
drs_str_u64(drs_str_t s, uint64_t *out)
{
    size_t   i;
    uint64_t v, d;

    if (s.len == 0 || s.len > 20) {
        return DRS_DECLINED;
    }

    for (v = 0, i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return DRS_DECLINED;
        }

        d = (uint64_t) (s.data[i] - '0');

        if (v > (UINT64_MAX - d) / 10) {
            return DRS_DECLINED;
        }

        v = v * 10 + d;
    }

    *out = v;

    return DRS_OK;
}


int
drs_str_i64(drs_str_t s, int64_t *out)
{
    int      neg;
    uint64_t v;

    neg = (s.len > 1 && s.data[0] == '-');

    if (neg) {
        s.data++;
        s.len--;
    }

    if (drs_str_u64(s, &v) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (v > (uint64_t) INT64_MAX + (uint64_t) neg) {
        return DRS_DECLINED;
    }

    if (neg) {
        *out = (v == (uint64_t) INT64_MAX + 1) ? INT64_MIN : -(int64_t) v;

    } else {
        *out = (int64_t) v;
    }

    return DRS_OK;
}


char *
drs_str_dup(drs_str_t s)
{
    char *p;

    p = malloc(s.len + 1);
    if (p == NULL) {
        return NULL;
    }

    if (s.len) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    return p;
}


int
drs_str_eq_ct(drs_str_t a, drs_str_t b)
{
    if (a.len != b.len) {
        return 0;
    }

    return a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}


void
drs_memzero(void *p, size_t len)
{
    if (p != NULL && len != 0) {
        OPENSSL_cleanse(p, len);
    }
}
