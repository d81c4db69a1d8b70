
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_json.h"
#include "drs_jwt_internal.h"


#define DRS_JWT_MAX_SIG (DRS_JWKS_MAX_RSA_BITS / 8)


static const char *const drs_jwt_reason_names[DRS_JWT_REASON_N] = {
    "ok",           "internal",  "too_long",    "form",        "base64",
    "header",       "alg",       "typ",         "crit",        "kid_missing",
    "payload",      "issuer",    "no_keys",     "kid_unknown", "signature",
    "token_use",    "audience",  "exp_missing", "expired",     "not_before",
    "issued_later", "time_type", "subject",     "claim_type",  "revoked"
};


const char *
drs_jwt_reason_name(drs_jwt_reason_t reason)
{
    return (unsigned) reason < DRS_JWT_REASON_N ? drs_jwt_reason_names[reason]
                                                : "unknown";
}


static int
drs_jwt_is_token68(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
           || c == '~' || c == '+' || c == '/' || c == '=';
}


int
drs_jwt_bearer(drs_str_t header, drs_str_t *token)
{
    size_t    i;
    drs_str_t t;

    if (header.len < 8 || header.data[6] != ' '
        || !drs_str_ieqz(drs_strn(header.data, 6), "Bearer"))
    {
        return DRS_DECLINED;
    }

    t.data = header.data + 6;
    t.len = header.len - 6;

    while (t.len && *t.data == ' ') {
        t.data++;
        t.len--;
    }

    for (i = 0; i < t.len; i++) {
        if (!drs_jwt_is_token68(t.data[i])) {
            return DRS_DECLINED;
        }
    }

    if (t.len == 0) {
        return DRS_DECLINED;
    }

    *token = t;

    return DRS_OK;
}


/* Three non-empty parts */

static drs_jwt_reason_t
drs_jwt_parts(drs_jwt_work_t *w, drs_str_t token)
{
    drs_str_t rest;

    rest = token;

    if (token.len == 0 || !drs_str_split(&rest, '.', &w->header)
        || !drs_str_split(&rest, '.', &w->payload)
        || !drs_str_split(&rest, '.', &w->signature) || rest.data != NULL
        || w->header.len == 0 || w->payload.len == 0 || w->signature.len == 0)
    {
        return DRS_JWT_FORM;
    }

    w->signed_text = drs_strn(token.data, w->header.len + 1 + w->payload.len);

    return DRS_JWT_OK;
}


/* One part as a JSON object; `bad` is the reason if it is none */

static drs_jwt_reason_t
drs_jwt_object(drs_str_t part, drs_jwt_reason_t bad, json_t **out)
{
    json_t                 *v;
    size_t                  len;
    unsigned char          *buf;
    drs_json_error_t        err;
    const drs_json_limits_t lim = { DRS_JWT_MAX_LEN, 16, 2048, 0 };

    buf = malloc(drs_base64_decoded_max(part.len));
    if (buf == NULL) {
        return DRS_JWT_INTERNAL;
    }

    if (drs_base64url_decode(buf, &len, part) != DRS_OK) {
        free(buf);
        return DRS_JWT_BASE64;
    }

    v = drs_json_parse(drs_strn((char *) buf, len), &lim, &err);

    free(buf);

    if (v == NULL) {
        return err.code == DRS_JSON_E_MEMORY ? DRS_JWT_INTERNAL : bad;
    }

    if (!json_is_object(v)) {
        json_decref(v);
        return bad;
    }

    *out = v;

    return DRS_JWT_OK;
}


/* RFC 7515 4.1, RFC 8725 3.11: "JWT", "at+jwt", with "application/", absent */

static drs_jwt_reason_t
drs_jwt_typ(drs_jwt_work_t *w)
{
    json_t   *v;
    drs_str_t typ;

    v = json_object_get(w->jheader, "typ");

    if (v == NULL) {
        return DRS_JWT_OK;
    }

    typ = drs_json_str(v);

    if (typ.len > 12 && drs_str_ieqz(drs_strn(typ.data, 12), "application/")) {
        typ.data += 12;
        typ.len -= 12;
    }

    if (drs_str_ieqz(typ, "JWT")) {
        return DRS_JWT_OK;
    }

    if (drs_str_ieqz(typ, "at+jwt")) {
        w->access_typ = 1;
        return DRS_JWT_OK;
    }

    return DRS_JWT_TYP;
}


static const drs_jwt_issuer_t *
drs_jwt_find_issuer(const drs_jwt_policy_t *policy, drs_str_t iss,
                    size_t *index)
{
    size_t i;

    for (i = 0; i < policy->n_issuers; i++) {
        if (iss.len && drs_str_eq(policy->issuers[i].iss, iss)) {
            *index = i;
            return &policy->issuers[i];
        }
    }

    return NULL;
}


/* Header, issuer, key: everything that precedes the signature */

static drs_jwt_reason_t
drs_jwt_choose_key(drs_jwt_work_t *w, const drs_jwt_policy_t *policy,
                   const drs_jwks_t *const *sets)
{
    unsigned         algs;
    drs_jwa_t        alg;
    drs_str_t        kid;
    drs_jwt_reason_t rc;

    rc = drs_jwt_object(w->header, DRS_JWT_HEADER, &w->jheader);
    if (rc != DRS_JWT_OK) {
        return rc;
    }

    alg = drs_jwa_by_name(drs_json_field(w->jheader, "alg"));

    if (alg == DRS_JWA_NONE) {
        return DRS_JWT_ALG;
    }

    if (json_object_get(w->jheader, "crit") != NULL
        || json_object_get(w->jheader, "b64") != NULL)
    {
        return DRS_JWT_CRIT;
    }

    rc = drs_jwt_typ(w);
    if (rc != DRS_JWT_OK) {
        return rc;
    }

    kid = drs_json_field(w->jheader, "kid");

    if (kid.len == 0) {
        return DRS_JWT_KID_MISSING;
    }

    rc = drs_jwt_object(w->payload, DRS_JWT_PAYLOAD, &w->claims);
    if (rc != DRS_JWT_OK) {
        return rc;
    }

    w->issuer = drs_jwt_find_issuer(policy, drs_json_field(w->claims, "iss"),
                                    &w->index);
    if (w->issuer == NULL) {
        return DRS_JWT_ISSUER;
    }

    algs = w->issuer->algs ? w->issuer->algs : DRS_JWA_ALL;

    if (!(algs & drs_jwa_bit(alg))) {
        return DRS_JWT_ALG;
    }

    if (sets == NULL || sets[w->index] == NULL) {
        return DRS_JWT_NO_KEYS;
    }

    w->key = drs_jwks_find(sets[w->index], kid);

    if (w->key == NULL) {
        return DRS_JWT_KID_UNKNOWN;
    }

    return w->key->alg == alg ? DRS_JWT_OK : DRS_JWT_ALG;
}


static drs_jwt_reason_t
drs_jwt_signature(const drs_jwt_work_t *w)
{
    size_t len;
    unsigned char
        sig[drs_base64_decoded_max(drs_base64url_len(DRS_JWT_MAX_SIG))];

    if (w->signature.len > drs_base64url_len(DRS_JWT_MAX_SIG)) {
        return DRS_JWT_SIGNATURE;
    }

    if (drs_base64url_decode(sig, &len, w->signature) != DRS_OK) {
        return DRS_JWT_BASE64;
    }

    if (!drs_jwk_verify(w->key, w->signed_text, drs_strn((char *) sig, len))) {
        return DRS_JWT_SIGNATURE;
    }

    return DRS_JWT_OK;
}


static drs_jwt_reason_t
drs_jwt_build(drs_jwt_work_t *w, const drs_jwt_policy_t *policy,
              drs_str_t token, int64_t now_s, drs_jwt_t **out)
{
    drs_jwt_t       *t;
    drs_jwt_reason_t rc;

    t = calloc(1, sizeof(drs_jwt_t));
    if (t == NULL) {
        return DRS_JWT_INTERNAL;
    }

    t->refs = 1;
    t->issuer = w->index;
    t->alg = w->key->alg;
    t->bytes = token.len;
    t->claims = json_incref(w->claims);

    t->kid_copy = drs_str_dup(w->key->kid);
    t->source_copy = drs_str_dup(w->issuer->name);

    if (t->kid_copy == NULL || t->source_copy == NULL) {
        drs_jwt_unref(t);
        return DRS_JWT_INTERNAL;
    }

    t->kid = drs_strn(t->kid_copy, w->key->kid.len);
    t->source = drs_strn(t->source_copy, w->issuer->name.len);

    rc = drs_jwt_claims(t, w, policy, now_s);

    if (rc != DRS_JWT_OK) {
        drs_jwt_unref(t);
        return rc;
    }

    *out = t;

    return DRS_JWT_OK;
}


drs_jwt_reason_t
drs_jwt_verify(const drs_jwt_policy_t *policy, const drs_jwks_t *const *sets,
               drs_str_t token, int64_t now_s, drs_jwt_t **out)
{
    size_t           max;
    drs_jwt_work_t   w;
    drs_jwt_reason_t rc;

    *out = NULL;
    memset(&w, 0, sizeof(drs_jwt_work_t));

    max = policy->max_len ? policy->max_len : DRS_JWT_DEFAULT_LEN;

    if (token.len > max || token.len > DRS_JWT_MAX_LEN) {
        return DRS_JWT_TOO_LONG;
    }

    rc = drs_jwt_parts(&w, token);

    if (rc == DRS_JWT_OK) {
        rc = drs_jwt_choose_key(&w, policy, sets);
    }

    if (rc == DRS_JWT_OK) {
        rc = drs_jwt_signature(&w);
    }

    if (rc == DRS_JWT_OK) {
        rc = drs_jwt_build(&w, policy, token, now_s, out);
    }

    json_decref(w.jheader);
    json_decref(w.claims);

    return rc;
}


int
drs_jwt_peek_issuer(const drs_jwt_policy_t *policy, drs_str_t token)
{
    int            index;
    size_t         i;
    drs_jwt_work_t w;

    memset(&w, 0, sizeof(drs_jwt_work_t));
    index = -1;

    if (token.len > DRS_JWT_MAX_LEN || drs_jwt_parts(&w, token) != DRS_JWT_OK
        || drs_jwt_object(w.payload, DRS_JWT_PAYLOAD, &w.claims) != DRS_JWT_OK)
    {
        return -1;
    }

    if (drs_jwt_find_issuer(policy, drs_json_field(w.claims, "iss"), &i)
        != NULL) {
        index = (int) i;
    }

    json_decref(w.claims);

    return index;
}


drs_jwt_t *
drs_jwt_ref(drs_jwt_t *t)
{
    t->refs++;

    return t;
}


void
drs_jwt_unref(drs_jwt_t *t)
{
    if (t == NULL || --t->refs != 0) {
        return;
    }

    json_decref(t->claims);
    free(t->groups);
    free(t->kid_copy);
    free(t->source_copy);
    free(t);
}
