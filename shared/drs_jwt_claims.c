
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>

#include "drs_json.h"
#include "drs_jwt_internal.h"


#define DRS_JWT_MAX_TIME 253402300799.0 /* the year 9999 */


static const char *const drs_jwt_default_groups[] = { "cognito:groups" };
static const char *const drs_jwt_default_username[] = { "cognito:username" };


size_t
drs_jwt_split_groups(drs_str_t text, drs_str_t *out, size_t max)
{
    char      sep;
    size_t    n;
    drs_str_t item, word;

    text = drs_str_trim(text);
    sep = '\0';

    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
    {
        text.data++;
        text.len -= 2;
        sep = ' ';
    }

    n = 0;

    while (n < max && drs_str_split(&text, ',', &item)) {
        item = drs_str_trim(item);

        if (sep == '\0') {
            if (item.len) {
                out[n++] = item;
            }

            continue;
        }

        while (n < max && drs_str_split(&item, sep, &word)) {
            word = drs_str_trim(word);

            if (word.len) {
                out[n++] = word;
            }
        }
    }

    return n;
}


static json_t *
drs_jwt_lookup(const json_t *claims, const char *name)
{
    return drs_json_pointer(claims, name);
}


drs_str_t
drs_jwt_claim(const drs_jwt_t *t, const char *name)
{
    return drs_json_str(drs_jwt_lookup(t->claims, name));
}


static int
drs_jwt_leeway(const drs_jwt_policy_t *policy)
{
    if (policy->leeway_s < 0) {
        return DRS_JWT_LEEWAY_S;
    }

    return policy->leeway_s > DRS_JWT_MAX_LEEWAY_S ? DRS_JWT_MAX_LEEWAY_S
                                                   : policy->leeway_s;
}


int64_t
drs_jwt_end(const drs_jwt_policy_t *policy, const drs_jwt_t *t)
{
    return t->exp + drs_jwt_leeway(policy);
}


int
drs_jwt_expired(const drs_jwt_policy_t *policy, const drs_jwt_t *t,
                int64_t now_s)
{
    return now_s >= drs_jwt_end(policy, t);
}


/*
 * NumericDate (RFC 7519 2): an integer or a real.  DRS_OK with the fraction
 * cut, DRS_AGAIN absent, DRS_DECLINED anything else.
 */

static int
drs_jwt_numeric_date(const json_t *claims, const char *name, int64_t *out)
{
    double  d;
    json_t *v;

    v = json_object_get(claims, name);

    if (v == NULL) {
        return DRS_AGAIN;
    }

    if (!json_is_number(v)) {
        return DRS_DECLINED;
    }

    d = json_number_value(v);

    if (!(d >= 0 && d <= DRS_JWT_MAX_TIME)) {
        return DRS_DECLINED;
    }

    *out = (int64_t) d;

    return DRS_OK;
}


static drs_jwt_reason_t
drs_jwt_times(drs_jwt_t *t, const drs_jwt_policy_t *policy, int64_t now_s)
{
    int rc, leeway;

    leeway = drs_jwt_leeway(policy);

    rc = drs_jwt_numeric_date(t->claims, "exp", &t->exp);

    if (rc == DRS_AGAIN) {
        return DRS_JWT_EXP_MISSING;
    }

    if (rc == DRS_DECLINED
        || drs_jwt_numeric_date(t->claims, "nbf", &t->nbf) == DRS_DECLINED
        || drs_jwt_numeric_date(t->claims, "iat", &t->iat) == DRS_DECLINED)
    {
        return DRS_JWT_TIME_TYPE;
    }

    if (drs_jwt_expired(policy, t, now_s)) {
        return DRS_JWT_EXPIRED;
    }

    if (t->nbf > now_s + leeway) {
        return DRS_JWT_NOT_BEFORE;
    }

    return t->iat > now_s + leeway ? DRS_JWT_ISSUED_LATER : DRS_JWT_OK;
}


static int
drs_jwt_in_audiences(drs_jwt_t *t, const drs_jwt_issuer_t *issuer,
                     drs_str_t value)
{
    size_t i;

    for (i = 0; i < issuer->n_audiences; i++) {
        if (value.len && drs_str_eq(issuer->audiences[i], value)) {
            t->audience = value;
            return 1;
        }
    }

    return 0;
}


/* `aud` is a string or a list of strings (RFC 7519 4.1.3) */

static drs_jwt_reason_t
drs_jwt_aud(drs_jwt_t *t, const drs_jwt_issuer_t *issuer, const json_t *aud)
{
    int     found;
    size_t  i;
    json_t *v;

    if (json_is_string(aud)) {
        return drs_jwt_in_audiences(t, issuer, drs_json_str(aud))
                   ? DRS_JWT_OK
                   : DRS_JWT_AUDIENCE;
    }

    if (!json_is_array(aud)) {
        return DRS_JWT_AUDIENCE;
    }

    found = 0;

    for (i = 0; i < json_array_size(aud); i++) {
        v = json_array_get(aud, i);

        if (!json_is_string(v)) {
            return DRS_JWT_AUDIENCE;
        }

        if (!found) {
            found = drs_jwt_in_audiences(t, issuer, drs_json_str(v));
        }
    }

    return found ? DRS_JWT_OK : DRS_JWT_AUDIENCE;
}


static drs_jwt_reason_t
drs_jwt_audience(drs_jwt_t *t, const drs_jwt_work_t *w)
{
    json_t                 *use, *aud, *client;
    drs_str_t               seen;
    drs_jwt_reason_t        rc;
    const drs_jwt_issuer_t *issuer;

    issuer = w->issuer;
    use = json_object_get(t->claims, "token_use");
    aud = json_object_get(t->claims, "aud");
    client = json_object_get(t->claims, "client_id");

    if (use == NULL && issuer->need_token_use) {
        return DRS_JWT_TOKEN_USE;
    }

    if (use != NULL && !drs_str_eqz(drs_json_str(use), "id")
        && !drs_str_eqz(drs_json_str(use), "access"))
    {
        return DRS_JWT_TOKEN_USE;
    }

    t->access_token = w->access_typ || drs_str_eqz(drs_json_str(use), "access");

    if (t->access_token
        && (!issuer->access_tokens || drs_str_eqz(drs_json_str(use), "id")))
    {
        return DRS_JWT_TOKEN_USE;
    }

    /* access tokens of Cognito have client_id and no aud */

    if (t->access_token && aud == NULL) {
        seen = drs_json_str(client);

        return drs_jwt_in_audiences(t, issuer, seen) ? DRS_JWT_OK
                                                     : DRS_JWT_AUDIENCE;
    }

    rc = drs_jwt_aud(t, issuer, aud);

    if (rc != DRS_JWT_OK || t->access_token) {
        return rc;
    }

    /* OpenID Connect Core 3.1.3.7: a token for several names its party */

    seen = drs_json_field(t->claims, "azp");

    if (json_array_size(aud) > 1 && seen.len != 0) {
        return drs_jwt_in_audiences(t, issuer, seen) ? DRS_JWT_OK
                                                     : DRS_JWT_AUDIENCE;
    }

    return DRS_JWT_OK;
}


/* A string claim; absent is fine, another type is not */

static int
drs_jwt_string(const json_t *claims, const char *name, drs_str_t *out)
{
    json_t *v;

    v = drs_jwt_lookup(claims, name);

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_string(v)) {
        return DRS_DECLINED;
    }

    *out = drs_json_str(v);

    return DRS_OK;
}


static int
drs_jwt_username(drs_jwt_t *t, const drs_jwt_issuer_t *issuer)
{
    size_t             i, n;
    const char *const *names;

    names = issuer->username_claims;
    n = issuer->n_username_claims;

    if (names == NULL) {
        names = drs_jwt_default_username;
        n = 1;
    }

    for (i = 0; i < n && t->username.len == 0; i++) {
        if (drs_jwt_string(t->claims, names[i], &t->username) != DRS_OK) {
            return DRS_DECLINED;
        }
    }

    if (t->username.len == 0) {
        t->username = t->sub;
    }

    return DRS_OK;
}


/* true, false, or the strings that Cognito sends for federated users */

static int
drs_jwt_email_verified(drs_jwt_t *t)
{
    json_t *v;

    v = json_object_get(t->claims, "email_verified");

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (json_is_true(v) || drs_str_ieqz(drs_json_str(v), "true")) {
        t->email_state = DRS_JWT_EMAIL_VERIFIED;
        return DRS_OK;
    }

    if (json_is_false(v) || drs_str_ieqz(drs_json_str(v), "false")) {
        t->email_state = DRS_JWT_EMAIL_UNVERIFIED;
        return DRS_OK;
    }

    return DRS_DECLINED;
}


static void
drs_jwt_add_group(drs_jwt_t *t, drs_str_t group)
{
    size_t i;

    for (i = 0; i < t->n_groups; i++) {
        if (drs_str_eq(t->groups[i], group)) {
            return;
        }
    }

    t->groups[t->n_groups++] = group;
}


static drs_jwt_reason_t
drs_jwt_read_groups(drs_jwt_t *t, const json_t *v)
{
    size_t    i, n;
    json_t   *item;
    drs_str_t group, *names;

    if (json_is_string(v)) {
        names = malloc(DRS_JWT_MAX_GROUPS * sizeof(drs_str_t));
        if (names == NULL) {
            return DRS_JWT_INTERNAL;
        }

        n = drs_jwt_split_groups(drs_json_str(v), names, DRS_JWT_MAX_GROUPS);

        for (i = 0; i < n; i++) {
            drs_jwt_add_group(t, names[i]);
        }

        free(names);

        return DRS_JWT_OK;
    }

    if (!json_is_array(v) || json_array_size(v) > DRS_JWT_MAX_GROUPS) {
        return DRS_JWT_CLAIM_TYPE;
    }

    for (i = 0; i < json_array_size(v); i++) {
        item = json_array_get(v, i);

        if (!json_is_string(item)) {
            return DRS_JWT_CLAIM_TYPE;
        }

        group = drs_str_trim(drs_json_str(item));

        if (group.len) {
            drs_jwt_add_group(t, group);
        }
    }

    return DRS_JWT_OK;
}


static drs_jwt_reason_t
drs_jwt_groups(drs_jwt_t *t, const drs_jwt_issuer_t *issuer)
{
    size_t             i, n;
    json_t            *v;
    drs_str_t         *fit;
    drs_jwt_reason_t   rc;
    const char *const *names;

    if (t->email_state == DRS_JWT_EMAIL_UNVERIFIED && !issuer->any_email) {
        return DRS_JWT_OK;
    }

    names = issuer->groups_claims;
    n = issuer->n_groups_claims;

    if (names == NULL) {
        names = drs_jwt_default_groups;
        n = 1;
    }

    for (v = NULL, i = 0; i < n; i++) {
        v = drs_jwt_lookup(t->claims, names[i]);

        if (v != NULL && !json_is_null(v)) {
            break;
        }

        v = NULL;
    }

    if (v == NULL) {
        return DRS_JWT_OK;
    }

    t->groups = calloc(DRS_JWT_MAX_GROUPS, sizeof(drs_str_t));
    if (t->groups == NULL) {
        return DRS_JWT_INTERNAL;
    }

    rc = drs_jwt_read_groups(t, v);

    /* what is not needed is given back: tokens stay in a cache */

    fit = realloc(t->groups, (t->n_groups + 1) * sizeof(drs_str_t));

    if (fit != NULL) {
        t->groups = fit;
    }

    return rc;
}


/* Claims of a token whose signature is good */

drs_jwt_reason_t
drs_jwt_claims(drs_jwt_t *t, const drs_jwt_work_t *w,
               const drs_jwt_policy_t *policy, int64_t now_s)
{
    drs_jwt_reason_t rc;

    rc = drs_jwt_times(t, policy, now_s);
    if (rc != DRS_JWT_OK) {
        return rc;
    }

    rc = drs_jwt_audience(t, w);
    if (rc != DRS_JWT_OK) {
        return rc;
    }

    t->iss = drs_json_field(t->claims, "iss");
    t->sub = drs_json_field(t->claims, "sub");

    if (t->sub.len == 0 || t->sub.len > DRS_JWT_MAX_SUB) {
        return DRS_JWT_SUBJECT;
    }

    if (drs_jwt_string(t->claims, "email", &t->email) != DRS_OK
        || drs_jwt_string(t->claims, "jti", &t->jti) != DRS_OK
        || drs_jwt_string(t->claims, "origin_jti", &t->origin_jti) != DRS_OK
        || drs_jwt_username(t, w->issuer) != DRS_OK
        || drs_jwt_email_verified(t) != DRS_OK)
    {
        return DRS_JWT_CLAIM_TYPE;
    }

    return drs_jwt_groups(t, w->issuer);
}
