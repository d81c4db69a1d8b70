
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON Web Key Sets (RFC 7517): public keys parsed once, each bound to one
 * signature algorithm (security.md 4.1 "key").
 */

#ifndef DRS_JWKS_H_INCLUDED
#define DRS_JWKS_H_INCLUDED


#include <openssl/evp.h>

#include "drs_str.h"


#define DRS_JWKS_MAX_BYTES    (256 * 1024)
#define DRS_JWKS_MAX_KEYS     64
#define DRS_JWKS_MIN_RSA_BITS 2048
#define DRS_JWKS_MAX_RSA_BITS 8192
#define DRS_JWKS_MAX_KID      256


typedef enum {
    DRS_JWA_NONE = 0, /* never usable */
    DRS_JWA_RS256,
    DRS_JWA_PS256,
    DRS_JWA_ES256,
    DRS_JWA_EDDSA, /* Ed25519 */
    DRS_JWA_N
} drs_jwa_t;

#define drs_jwa_bit(a) (1u << (a))
#define DRS_JWA_ALL                                                            \
    (drs_jwa_bit(DRS_JWA_RS256) | drs_jwa_bit(DRS_JWA_PS256)                   \
     | drs_jwa_bit(DRS_JWA_ES256) | drs_jwa_bit(DRS_JWA_EDDSA))


typedef struct drs_jwks_s drs_jwks_t;

typedef struct {
    drs_str_t kid; /* never empty */
    drs_jwa_t alg; /* the one algorithm of this key */
    EVP_PKEY *pkey;
} drs_jwk_t;


/* "RS256", ... or NULL.  Names are compared exactly: "rs256" is none. */
const char *drs_jwa_name(drs_jwa_t alg);
drs_jwa_t   drs_jwa_by_name(drs_str_t name);

/* "RS256,ES256" to a mask; DRS_DECLINED for unknown or empty. */
int drs_jwa_parse_list(drs_str_t list, unsigned *mask) DRS_MUST_CHECK;

/*
 * Reads {"keys": [...]}.  Keys that cannot serve are left out and counted:
 * no kid, use other than "sig", key_ops without "verify", other kty, curve or
 * alg, alg not in `algs`, RSA outside 2048-8192 bits, private members.  A key
 * without "alg" is bound to RS256, ES256 or EdDSA by its type.  Two usable
 * keys with the same kid, bad JSON, too many keys, or no usable key at all:
 * DRS_DECLINED and a sentence in `errtext` (may be NULL).
 *
 * On DRS_OK *out is owned by the caller: drs_jwks_free().
 */
int drs_jwks_parse(drs_jwks_t **out, drs_str_t json, unsigned algs,
                   char *errtext, size_t errsize) DRS_MUST_CHECK;

void drs_jwks_free(drs_jwks_t *set);

size_t           drs_jwks_count(const drs_jwks_t *set);
size_t           drs_jwks_skipped(const drs_jwks_t *set);
const drs_jwk_t *drs_jwks_at(const drs_jwks_t *set, size_t i);

/* Borrowed key, or NULL. */
const drs_jwk_t *drs_jwks_find(const drs_jwks_t *set, drs_str_t kid);

/*
 * First 8 bytes of the SHA-256 over kids, algorithms and keys in the order of
 * kids: changes if and only if the usable keys change.
 */
uint64_t drs_jwks_fingerprint(const drs_jwks_t *set);

/*
 * Verifies a JWS signature (raw r||s for ES256) over `data`.  1 good, 0 bad;
 * the OpenSSL error queue is empty afterwards.
 */
int drs_jwk_verify(const drs_jwk_t *key, drs_str_t data, drs_str_t sig);


#endif /* DRS_JWKS_H_INCLUDED */
