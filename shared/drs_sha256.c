
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

#include "drs_sha256.h"


int
drs_sha256(unsigned char md[DRS_SHA256_LEN], const void *data, size_t len)
{
    drs_str_t part;

    part = drs_strn(data, len);

    return drs_sha256_parts(md, &part, 1);
}


int
drs_sha256_parts(unsigned char md[DRS_SHA256_LEN], const drs_str_t *parts,
                 size_t n)
{
    int         ok;
    size_t      i;
    unsigned    len;
    EVP_MD_CTX *ctx;

    ctx = EVP_MD_CTX_new();

    ok = (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);

    for (i = 0; ok && i < n; i++) {
        ok = (parts[i].len == 0
              || EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1);
    }

    ok =
        (ok && EVP_DigestFinal_ex(ctx, md, &len) == 1 && len == DRS_SHA256_LEN);

    EVP_MD_CTX_free(ctx);

    if (!ok) {
        ERR_clear_error();
        memset(md, 0, DRS_SHA256_LEN);
        return DRS_ERROR;
    }

    return DRS_OK;
}


int
drs_hmac_sha256(unsigned char md[DRS_SHA256_LEN], drs_str_t key, drs_str_t data)
{
    unsigned             len;
    const unsigned char *k, *d;

    /* libcrypto wants pointers even for nothing */

    k = (const unsigned char *) (key.data != NULL ? key.data : "");
    d = (const unsigned char *) (data.data != NULL ? data.data : "");

    if (key.len > INT32_MAX
        || HMAC(EVP_sha256(), k, (int) key.len, d, data.len, md, &len) == NULL
        || len != DRS_SHA256_LEN)
    {
        ERR_clear_error();
        memset(md, 0, DRS_SHA256_LEN);
        return DRS_ERROR;
    }

    return DRS_OK;
}


void
drs_hex(char *dst, const void *src, size_t len)
{
    size_t               i;
    const unsigned char *s;
    static const char    hex[] = "0123456789abcdef";

    s = src;

    for (i = 0; i < len; i++) {
        *dst++ = hex[s[i] >> 4];
        *dst++ = hex[s[i] & 0xf];
    }

    *dst = '\0';
}


static int
drs_unhex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }

    return -1;
}


int
drs_unhex(unsigned char *dst, drs_str_t s)
{
    int    hi, lo;
    size_t i;

    if (s.len % 2) {
        return DRS_DECLINED;
    }

    for (i = 0; i < s.len; i += 2) {
        hi = drs_unhex_digit(s.data[i]);
        lo = drs_unhex_digit(s.data[i + 1]);

        if (hi < 0 || lo < 0) {
            return DRS_DECLINED;
        }

        *dst++ = (unsigned char) (hi << 4 | lo);
    }

    return DRS_OK;
}


int
drs_sha256_hex(char dst[DRS_SHA256_HEX_LEN + 1], const void *data, size_t len)
{
    int           rc;
    unsigned char md[DRS_SHA256_LEN];

    rc = drs_sha256(md, data, len);

    drs_hex(dst, md, DRS_SHA256_LEN);

    return rc;
}
