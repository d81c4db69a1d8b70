
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_json.h"
#include "drs_jwks.h"
#include "drs_sha256.h"


#define DRS_JWKS_P256_LEN    32
#define DRS_JWKS_ED25519_LEN 32
#define DRS_JWKS_MAX_NUMBER  (DRS_JWKS_MAX_RSA_BITS / 8 + 8)
#define DRS_JWKS_MAX_TEXT    (drs_base64url_len(DRS_JWKS_MAX_NUMBER))
#define DRS_JWKS_MAX_E       8


struct drs_jwks_s {
    drs_jwk_t *keys;
    size_t     n;
    size_t     skipped;
    uint64_t   fingerprint;
};


static const char *const drs_jwa_names[DRS_JWA_N] = { NULL, "RS256", "PS256",
                                                      "ES256", "EdDSA" };


const char *
drs_jwa_name(drs_jwa_t alg)
{
    return (unsigned) alg < DRS_JWA_N ? drs_jwa_names[alg] : NULL;
}


drs_jwa_t
drs_jwa_by_name(drs_str_t name)
{
    int i;

    for (i = DRS_JWA_NONE + 1; i < DRS_JWA_N; i++) {
        if (drs_str_eqz(name, drs_jwa_names[i])) {
            return (drs_jwa_t) i;
        }
    }

    return DRS_JWA_NONE;
}


int
drs_jwa_parse_list(drs_str_t list, unsigned *mask)
{
    unsigned  m;
    drs_str_t item;
    drs_jwa_t alg;

    m = 0;

    while (drs_str_split(&list, ',', &item)) {
        alg = drs_jwa_by_name(drs_str_trim(item));

        if (alg == DRS_JWA_NONE) {
            return DRS_DECLINED;
        }

        m |= drs_jwa_bit(alg);
    }

    if (m == 0) {
        return DRS_DECLINED;
    }

    *mask = m;

    return DRS_OK;
}


/* base64url member into `dst` of DRS_JWKS_MAX_NUMBER bytes */

static int
drs_jwks_bytes(const json_t *jwk, const char *field, unsigned char *dst,
               size_t *len)
{
    drs_str_t s;

    s = drs_json_field(jwk, field);

    if (s.len == 0 || s.len > DRS_JWKS_MAX_TEXT) {
        return DRS_DECLINED;
    }

    if (drs_base64url_decode(dst, len, s) != DRS_OK || *len == 0) {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/*
 * With `check` the point is looked at: on the curve, not at infinity.  For RSA
 * OpenSSL's check is a probabilistic test of the modulus, slow and not always
 * of the same opinion; our own limits stand instead.
 */

static EVP_PKEY *
drs_jwks_from_params(const char *type, OSSL_PARAM *params, int check)
{
    EVP_PKEY     *pkey;
    EVP_PKEY_CTX *ctx, *cctx;

    pkey = NULL;
    ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
    {
        EVP_PKEY_CTX_free(ctx);
        return NULL;
    }

    EVP_PKEY_CTX_free(ctx);

    if (!check) {
        return pkey;
    }

    cctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

    if (cctx == NULL || EVP_PKEY_public_check(cctx) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }

    EVP_PKEY_CTX_free(cctx);

    return pkey;
}


static EVP_PKEY *
drs_jwks_rsa(const json_t *jwk)
{
    int           bits;
    BIGNUM       *n, *e;
    size_t        nlen, elen;
    EVP_PKEY     *pkey;
    OSSL_PARAM   *params;
    unsigned char nbuf[DRS_JWKS_MAX_NUMBER + 3], ebuf[DRS_JWKS_MAX_NUMBER + 3];
    OSSL_PARAM_BLD *bld;

    if (drs_jwks_bytes(jwk, "n", nbuf, &nlen) != DRS_OK
        || drs_jwks_bytes(jwk, "e", ebuf, &elen) != DRS_OK
        || elen > DRS_JWKS_MAX_E)
    {
        return NULL;
    }

    pkey = NULL;
    params = NULL;
    bld = NULL;
    n = BN_bin2bn(nbuf, (int) nlen, NULL);
    e = BN_bin2bn(ebuf, (int) elen, NULL);

    if (n == NULL || e == NULL) {
        goto done;
    }

    bits = BN_num_bits(n);

    if (bits < DRS_JWKS_MIN_RSA_BITS || bits > DRS_JWKS_MAX_RSA_BITS
        || !BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e))
    {
        goto done;
    }

    bld = OSSL_PARAM_BLD_new();

    if (bld == NULL
        || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) != 1
        || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) != 1)
    {
        goto done;
    }

    params = OSSL_PARAM_BLD_to_param(bld);

    if (params != NULL) {
        pkey = drs_jwks_from_params("RSA", params, 0);
    }

done:

    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(n);
    BN_free(e);

    return pkey;
}


static EVP_PKEY *
drs_jwks_p256(const json_t *jwk)
{
    size_t        xlen, ylen;
    OSSL_PARAM    params[3];
    unsigned char x[DRS_JWKS_MAX_NUMBER + 3], y[DRS_JWKS_MAX_NUMBER + 3],
        point[1 + 2 * DRS_JWKS_P256_LEN];
    char group[] = "prime256v1";

    if (!drs_str_eqz(drs_json_field(jwk, "crv"), "P-256")
        || drs_jwks_bytes(jwk, "x", x, &xlen) != DRS_OK
        || drs_jwks_bytes(jwk, "y", y, &ylen) != DRS_OK
        || xlen != DRS_JWKS_P256_LEN || ylen != DRS_JWKS_P256_LEN)
    {
        return NULL;
    }

    point[0] = 0x04;
    memcpy(point + 1, x, DRS_JWKS_P256_LEN);
    memcpy(point + 1 + DRS_JWKS_P256_LEN, y, DRS_JWKS_P256_LEN);

    params[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                  point, sizeof(point));
    params[2] = OSSL_PARAM_construct_end();

    return drs_jwks_from_params("EC", params, 1);
}


static EVP_PKEY *
drs_jwks_ed25519(const json_t *jwk)
{
    size_t        len;
    unsigned char x[DRS_JWKS_MAX_NUMBER + 3];

    if (!drs_str_eqz(drs_json_field(jwk, "crv"), "Ed25519")
        || drs_jwks_bytes(jwk, "x", x, &len) != DRS_OK
        || len != DRS_JWKS_ED25519_LEN)
    {
        return NULL;
    }

    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, len);
}


/* 1 if absent, or a list of strings with "verify" */

static int
drs_jwks_ops_fit(const json_t *jwk)
{
    size_t  i;
    json_t *ops;

    ops = json_object_get(jwk, "key_ops");

    if (ops == NULL) {
        return 1;
    }

    for (i = 0; i < json_array_size(ops); i++) {
        if (drs_str_eqz(drs_json_str(json_array_get(ops, i)), "verify")) {
            return 1;
        }
    }

    return 0;
}


/* The one algorithm of the key, or DRS_JWA_NONE */

static drs_jwa_t
drs_jwks_alg(const json_t *jwk, drs_str_t kty)
{
    json_t   *v;
    drs_jwa_t dflt, alg;

    if (drs_str_eqz(kty, "RSA")) {
        dflt = DRS_JWA_RS256;

    } else if (drs_str_eqz(kty, "EC")) {
        dflt = DRS_JWA_ES256;

    } else if (drs_str_eqz(kty, "OKP")) {
        dflt = DRS_JWA_EDDSA;

    } else {
        return DRS_JWA_NONE;
    }

    v = json_object_get(jwk, "alg");

    if (v == NULL) {
        return dflt;
    }

    alg = drs_jwa_by_name(drs_json_str(v));

    if (alg == DRS_JWA_PS256 && dflt == DRS_JWA_RS256) {
        return alg;
    }

    return alg == dflt ? alg : DRS_JWA_NONE;
}


/* DRS_OK a good key, DRS_DECLINED one that cannot serve, DRS_ERROR memory */

static int
drs_jwks_key(drs_jwk_t *key, const json_t *jwk, unsigned algs)
{
    json_t   *use;
    drs_str_t kid, kty;

    kid = drs_json_field(jwk, "kid");
    kty = drs_json_field(jwk, "kty");
    use = json_object_get(jwk, "use");

    if (kid.len == 0 || kid.len > DRS_JWKS_MAX_KID
        || (use != NULL && !drs_str_eqz(drs_json_str(use), "sig"))
        || !drs_jwks_ops_fit(jwk) || json_object_get(jwk, "d") != NULL
        || json_object_get(jwk, "k") != NULL)
    {
        return DRS_DECLINED;
    }

    key->alg = drs_jwks_alg(jwk, kty);

    if (key->alg == DRS_JWA_NONE || !(algs & drs_jwa_bit(key->alg))) {
        return DRS_DECLINED;
    }

    switch (key->alg) {
    case DRS_JWA_ES256:
        key->pkey = drs_jwks_p256(jwk);
        break;

    case DRS_JWA_EDDSA:
        key->pkey = drs_jwks_ed25519(jwk);
        break;

    default:
        key->pkey = drs_jwks_rsa(jwk);
        break;
    }

    if (key->pkey == NULL) {
        return DRS_DECLINED;
    }

    key->kid.data = drs_str_dup(kid);
    key->kid.len = kid.len;

    if (key->kid.data == NULL) {
        EVP_PKEY_free(key->pkey);
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drs_jwks_cmp(const void *a, const void *b)
{
    return drs_str_cmp(((const drs_jwk_t *) a)->kid,
                       ((const drs_jwk_t *) b)->kid);
}


static int
drs_jwks_set_fingerprint(drs_jwks_t *set)
{
    int            len, rc;
    size_t         i;
    drs_buf_t      b;
    unsigned char *der, md[DRS_SHA256_LEN];

    drs_buf_init(&b, 0);

    for (i = 0; i < set->n; i++) {
        der = NULL;
        len = i2d_PUBKEY(set->keys[i].pkey, &der);

        if (len <= 0) {
            drs_buf_free(&b);
            return DRS_ERROR;
        }

        (void) drs_buf_printf(&b, "%zu:", set->keys[i].kid.len);
        (void) drs_buf_str_append(&b, set->keys[i].kid);
        (void) drs_buf_printf(&b, "%s%d:", drs_jwa_name(set->keys[i].alg), len);
        (void) drs_buf_append(&b, der, (size_t) len);

        OPENSSL_free(der);
    }

    rc = drs_buf_ok(&b) ? drs_sha256(md, b.data, b.len) : DRS_ERROR;

    drs_buf_free(&b);

    if (rc != DRS_OK) {
        return rc;
    }

    for (set->fingerprint = 0, i = 0; i < 8; i++) {
        set->fingerprint = set->fingerprint << 8 | md[i];
    }

    return DRS_OK;
}


/* DRS_OK, or the result of drs_jwks_parse() with *why */

static int
drs_jwks_fill(drs_jwks_t *set, const json_t *list, unsigned algs,
              const char **why)
{
    int    rc;
    size_t i;

    for (i = 0; i < json_array_size(list); i++) {
        rc = drs_jwks_key(&set->keys[set->n], json_array_get(list, i), algs);

        if (rc == DRS_ERROR) {
            *why = "no memory";
            return DRS_ERROR;
        }

        if (rc == DRS_OK) {
            set->n++;

        } else {
            set->skipped++;
        }
    }

    if (set->n == 0) {
        *why = "the key set has no usable key";
        return DRS_DECLINED;
    }

    qsort(set->keys, set->n, sizeof(drs_jwk_t), drs_jwks_cmp);

    for (i = 1; i < set->n; i++) {
        if (drs_jwks_cmp(&set->keys[i - 1], &set->keys[i]) == 0) {
            *why = "two usable keys have the same kid";
            return DRS_DECLINED;
        }
    }

    if (drs_jwks_set_fingerprint(set) != DRS_OK) {
        *why = "no memory";
        return DRS_ERROR;
    }

    return DRS_OK;
}


int
drs_jwks_parse(drs_jwks_t **out, drs_str_t json, unsigned algs, char *errtext,
               size_t errsize)
{
    int                     rc;
    json_t                 *doc, *list;
    drs_jwks_t             *set;
    const char             *why;
    drs_json_error_t        err;
    const drs_json_limits_t lim = { DRS_JWKS_MAX_BYTES, 8, DRS_JSON_MAX_MEMBERS,
                                    0 };

    *out = NULL;
    set = NULL;
    why = NULL;
    rc = DRS_DECLINED;

    doc = drs_json_parse(json, &lim, &err);

    if (doc == NULL) {
        rc = err.code == DRS_JSON_E_MEMORY ? DRS_ERROR : DRS_DECLINED;
        why = err.text;
        goto done;
    }

    list = json_object_get(doc, "keys");

    if (!json_is_array(list)) {
        why = "\"keys\" is not a list";
        goto done;
    }

    if (json_array_size(list) > DRS_JWKS_MAX_KEYS) {
        why = "the key set has too many keys";
        goto done;
    }

    set = calloc(1, sizeof(drs_jwks_t));

    if (set != NULL) {
        set->keys = calloc(json_array_size(list) + 1, sizeof(drs_jwk_t));
    }

    if (set == NULL || set->keys == NULL) {
        rc = DRS_ERROR;
        why = "no memory";
        goto done;
    }

    rc = drs_jwks_fill(set, list, algs ? algs : DRS_JWA_ALL, &why);

    if (rc == DRS_OK) {
        *out = set;
        set = NULL;
    }

done:

    if (errtext != NULL && errsize != 0) {
        (void) snprintf(errtext, errsize, "%s", why != NULL ? why : "");
    }

    drs_jwks_free(set);
    json_decref(doc);
    ERR_clear_error();

    return rc;
}


void
drs_jwks_free(drs_jwks_t *set)
{
    size_t i;

    if (set == NULL) {
        return;
    }

    for (i = 0; i < set->n; i++) {
        EVP_PKEY_free(set->keys[i].pkey);
        free((char *) set->keys[i].kid.data);
    }

    free(set->keys);
    free(set);
}


size_t
drs_jwks_count(const drs_jwks_t *set)
{
    return set->n;
}


size_t
drs_jwks_skipped(const drs_jwks_t *set)
{
    return set->skipped;
}


const drs_jwk_t *
drs_jwks_at(const drs_jwks_t *set, size_t i)
{
    return i < set->n ? &set->keys[i] : NULL;
}


const drs_jwk_t *
drs_jwks_find(const drs_jwks_t *set, drs_str_t kid)
{
    drs_jwk_t want;

    if (set->n == 0) {
        return NULL;
    }

    memset(&want, 0, sizeof(drs_jwk_t));
    want.kid = kid;

    return bsearch(&want, set->keys, set->n, sizeof(drs_jwk_t), drs_jwks_cmp);
}


uint64_t
drs_jwks_fingerprint(const drs_jwks_t *set)
{
    return set->fingerprint;
}


/* RFC 7518 3.4: r and s of 32 bytes each; OpenSSL wants them in DER */

static int
drs_jwk_es256_der(drs_str_t sig, unsigned char **der)
{
    int        len;
    BIGNUM    *r, *s;
    ECDSA_SIG *ec;

    *der = NULL;

    if (sig.len != 2 * DRS_JWKS_P256_LEN) {
        return 0;
    }

    ec = ECDSA_SIG_new();
    r = BN_bin2bn((const unsigned char *) sig.data, DRS_JWKS_P256_LEN, NULL);
    s = BN_bin2bn((const unsigned char *) sig.data + DRS_JWKS_P256_LEN,
                  DRS_JWKS_P256_LEN, NULL);

    if (ec == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(ec, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(ec);
        return 0;
    }

    len = i2d_ECDSA_SIG(ec, der);

    ECDSA_SIG_free(ec);

    return len > 0 ? len : 0;
}


int
drs_jwk_verify(const drs_jwk_t *key, drs_str_t data, drs_str_t sig)
{
    int            ok, len;
    EVP_MD_CTX    *ctx;
    const EVP_MD  *md;
    EVP_PKEY_CTX  *pctx;
    unsigned char *der;

    ok = 0;
    der = NULL;
    pctx = NULL;
    md = (key->alg == DRS_JWA_EDDSA) ? NULL : EVP_sha256();

    ctx = EVP_MD_CTX_new();

    if (ctx == NULL || sig.len == 0
        || EVP_DigestVerifyInit(ctx, &pctx, md, NULL, key->pkey) != 1)
    {
        goto done;
    }

    if (key->alg == DRS_JWA_PS256
        && (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST)
                   != 1))
    {
        goto done;
    }

    if (key->alg == DRS_JWA_ES256) {
        len = drs_jwk_es256_der(sig, &der);

        if (len == 0) {
            goto done;
        }

        sig.data = (const char *) der;
        sig.len = (size_t) len;
    }

    ok = EVP_DigestVerify(ctx, (const unsigned char *) sig.data, sig.len,
                          (const unsigned char *) data.data, data.len)
         == 1;

done:

    OPENSSL_free(der);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();

    return ok;
}
