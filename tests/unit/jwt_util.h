
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys, key sets and signed tokens for tests.  Everything returned is
 * malloc'ed.
 */

#ifndef JWT_UTIL_H_INCLUDED
#define JWT_UTIL_H_INCLUDED


#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "drs_base64.h"
#include "drs_buf.h"
#include "drs_jwks.h"


#define JU_ISS "https://idp.example/pool"
#define JU_NOW INT64_C(1700000000)


static inline char *
ju_number(EVP_PKEY *key, const char *name, int width)
{
    char         *text;
    int           n;
    BIGNUM       *bn;
    unsigned char buf[2048];

    bn = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &bn), 1);

    n = width ? width : BN_num_bytes(bn);
    assert_int_equal(BN_bn2binpad(bn, buf, n), n);
    BN_free(bn);

    text = drs_base64url_dup(buf, (size_t) n);
    assert_non_null(text);

    return text;
}


/* One JWK as text; `extra` is more JSON members with a comma in front */

static inline char *
ju_jwk(EVP_PKEY *key, const char *kid, const char *extra)
{
    char         *a, *b, *text;
    size_t        len;
    drs_buf_t     out;
    unsigned char raw[32];

    drs_buf_init(&out, 0);

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        a = ju_number(key, OSSL_PKEY_PARAM_RSA_N, 0);
        b = ju_number(key, OSSL_PKEY_PARAM_RSA_E, 0);
        drs_buf_printf(&out,
                       "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\","
                       "\"e\":\"%s\"%s}",
                       kid, a, b, extra);
        free(a);
        free(b);
        break;

    case EVP_PKEY_EC:
        a = ju_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
        b = ju_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        drs_buf_printf(&out,
                       "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":"
                       "\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                       kid, a, b, extra);
        free(a);
        free(b);
        break;

    default:
        len = sizeof(raw);
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
        a = drs_base64url_dup(raw, len);
        drs_buf_printf(&out,
                       "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":"
                       "\"%s\",\"x\":\"%s\"%s}",
                       kid, a, extra);
        free(a);
        break;
    }

    text = drs_buf_steal(&out, NULL);
    assert_non_null(text);

    return text;
}


/* PEM of the public or private key */

static inline char *
ju_pem(EVP_PKEY *key, int private_key)
{
    BIO  *bio;
    char *data, *text;
    long  len;

    bio = BIO_new(BIO_s_mem());
    assert_non_null(bio);

    if (private_key) {
        assert_int_equal(
            PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    } else {
        assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    }

    len = BIO_get_mem_data(bio, &data);
    text = drs_str_dup(drs_strn(data, (size_t) len));
    BIO_free(bio);
    assert_non_null(text);

    return text;
}


/* Raw JWS signature bytes; with `secret` an HMAC (HS256) */

static inline size_t
ju_sign(const char *alg, EVP_PKEY *key, const char *secret, drs_str_t data,
        unsigned char *sig, size_t size)
{
    size_t               len;
    unsigned             hlen;
    ECDSA_SIG           *ec;
    EVP_MD_CTX          *ctx;
    EVP_PKEY_CTX        *pctx;
    const EVP_MD        *md;
    const unsigned char *p;
    unsigned char        der[1024];

    if (secret != NULL) {
        assert_non_null(HMAC(EVP_sha256(), secret, (int) strlen(secret),
                             (const unsigned char *) data.data, data.len, sig,
                             &hlen));
        return hlen;
    }

    md = EVP_sha256();

    if (strcmp(alg, "EdDSA") == 0) {
        md = NULL;

    } else if (strcmp(alg, "RS512") == 0) {
        md = EVP_sha512();
    }

    ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, &pctx, md, NULL, key), 1);

    if (strncmp(alg, "PS", 2) == 0) {
        assert_int_equal(
            EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(
                             pctx, strcmp(alg, "PS256-long") == 0
                                       ? RSA_PSS_SALTLEN_MAX
                                       : RSA_PSS_SALTLEN_DIGEST),
                         1);
    }

    len = size;

    if (strcmp(alg, "ES256") != 0) {
        assert_int_equal(EVP_DigestSign(ctx, sig, &len,
                                        (const unsigned char *) data.data,
                                        data.len),
                         1);
        EVP_MD_CTX_free(ctx);
        return len;
    }

    len = sizeof(der);
    assert_int_equal(EVP_DigestSign(ctx, der, &len,
                                    (const unsigned char *) data.data,
                                    data.len),
                     1);
    EVP_MD_CTX_free(ctx);

    p = der;
    ec = d2i_ECDSA_SIG(NULL, &p, (long) len);
    assert_non_null(ec);
    BN_bn2binpad(ECDSA_SIG_get0_r(ec), sig, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(ec), sig + 32, 32);
    ECDSA_SIG_free(ec);

    return 64;
}


/* A token from the texts of header and payload */

static inline char *
ju_token(const char *header, const char *payload, const char *alg,
         EVP_PKEY *key, const char *secret)
{
    char         *a, *b, *text;
    size_t        n;
    drs_buf_t     out;
    unsigned char sig[1024];

    drs_buf_init(&out, 0);

    a = drs_base64url_dup(header, strlen(header));
    b = drs_base64url_dup(payload, strlen(payload));
    drs_buf_printf(&out, "%s.%s", a, b);
    free(a);
    free(b);

    n = ju_sign(alg, key, secret, drs_buf_str(&out), sig, sizeof(sig));
    a = drs_base64url_dup(sig, n);
    drs_buf_printf(&out, ".%s", a);
    free(a);

    text = drs_buf_steal(&out, NULL);
    assert_non_null(text);

    return text;
}


#endif /* JWT_UTIL_H_INCLUDED */
