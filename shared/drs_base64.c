
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>

#include "drs_base64.h"


#define DRS_BASE64_BAD 0xff


static const char drs_base64_std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const char drs_base64_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


static size_t
drs_base64_encode_internal(char *dst, const unsigned char *s, size_t len,
                           const char *alphabet, int padding)
{
    char    *d;
    uint32_t v;

    d = dst;

    while (len >= 3) {
        v = (uint32_t) s[0] << 16 | (uint32_t) s[1] << 8 | s[2];

        *d++ = alphabet[v >> 18];
        *d++ = alphabet[(v >> 12) & 0x3f];
        *d++ = alphabet[(v >> 6) & 0x3f];
        *d++ = alphabet[v & 0x3f];

        s += 3;
        len -= 3;
    }

    if (len) {
        v = (uint32_t) s[0] << 16;

        if (len == 2) {
            v |= (uint32_t) s[1] << 8;
        }

        *d++ = alphabet[v >> 18];
        *d++ = alphabet[(v >> 12) & 0x3f];

        if (len == 2) {
            *d++ = alphabet[(v >> 6) & 0x3f];
        }

        if (padding) {
            *d++ = '=';

            if (len == 1) {
                *d++ = '=';
            }
        }
    }

    *d = '\0';

    return (size_t) (d - dst);
}


static unsigned
drs_base64_value(unsigned char c, int url)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    if (c == (url ? '-' : '+')) {
        return 62;
    }

    if (c == (url ? '_' : '/')) {
        return 63;
    }

    return DRS_BASE64_BAD;
}


/* `s` is without padding; its length modulo 4 is 0, 2 or 3 */

static int
drs_base64_decode_internal(unsigned char *dst, size_t *len, drs_str_t s,
                           int url)
{
    size_t         i;
    unsigned       v, bits;
    uint32_t       acc;
    unsigned char *d;

    d = dst;
    acc = 0;
    bits = 0;

    for (i = 0; i < s.len; i++) {
        v = drs_base64_value((unsigned char) s.data[i], url);

        if (v == DRS_BASE64_BAD) {
            return DRS_DECLINED;
        }

        acc = (acc << 6 | v) & 0xffff;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            *d++ = (unsigned char) (acc >> bits);
            acc &= (1u << bits) - 1;
        }
    }

    if (acc != 0) {
        /* trailing bits: another spelling of the same bytes */
        return DRS_DECLINED;
    }

    *len = (size_t) (d - dst);

    return DRS_OK;
}


size_t
drs_base64url_encode(char *dst, const void *src, size_t len)
{
    return drs_base64_encode_internal(dst, src, len, drs_base64_url, 0);
}


size_t
drs_base64_encode(char *dst, const void *src, size_t len)
{
    return drs_base64_encode_internal(dst, src, len, drs_base64_std, 1);
}


int
drs_base64url_decode(unsigned char *dst, size_t *len, drs_str_t s)
{
    if (s.len % 4 == 1) {
        return DRS_DECLINED;
    }

    return drs_base64_decode_internal(dst, len, s, 1);
}


int
drs_base64_decode(unsigned char *dst, size_t *len, drs_str_t s)
{
    if (s.len % 4 != 0) {
        return DRS_DECLINED;
    }

    if (s.len && s.data[s.len - 1] == '=') {
        s.len -= (s.data[s.len - 2] == '=') ? 2 : 1;
    }

    return drs_base64_decode_internal(dst, len, s, 0);
}


char *
drs_base64url_dup(const void *src, size_t len)
{
    char *p;

    p = malloc(drs_base64url_len(len) + 1);

    if (p != NULL) {
        (void) drs_base64url_encode(p, src, len);
    }

    return p;
}


char *
drs_base64_dup(const void *src, size_t len)
{
    char *p;

    p = malloc(drs_base64_len(len) + 1);

    if (p != NULL) {
        (void) drs_base64_encode(p, src, len);
    }

    return p;
}
