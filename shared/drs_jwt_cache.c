
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_jwt_cache.h"
#include "drs_sha256.h"


/* a parsed token takes some times its text, plus entry and groups */
#define DRS_JWT_CACHE_COST(t)                                                  \
    (sizeof(drs_jwt_entry_t) + sizeof(drs_jwt_t) + 6 * (t)->bytes              \
     + ((t)->n_groups + 1) * sizeof(drs_str_t))


typedef struct drs_jwt_entry_s drs_jwt_entry_t;

struct drs_jwt_entry_s {
    unsigned char    key[DRS_SHA256_LEN];
    drs_jwt_t       *token;
    size_t           cost;
    drs_jwt_entry_t *chain;         /* same bucket */
    drs_jwt_entry_t *newer, *older; /* use order */
};

struct drs_jwt_cache_s {
    drs_jwt_entry_t     **buckets;
    size_t                mask;
    size_t                max_entries;
    size_t                max_bytes;
    uint64_t              generation;
    drs_jwt_entry_t      *newest, *oldest;
    drs_jwt_revoked_pt    revoked;
    void                 *revoked_ctx;
    drs_jwt_cache_stats_t stats;
};


drs_jwt_cache_t *
drs_jwt_cache_create(size_t max_entries, size_t max_bytes)
{
    size_t           n;
    drs_jwt_cache_t *c;

    if (max_entries == 0) {
        max_entries = 1;
    }

    for (n = 16; n < max_entries && n < ((size_t) 1 << 20); n *= 2) {
        /* void */
    }

    c = calloc(1, sizeof(drs_jwt_cache_t));
    if (c == NULL) {
        return NULL;
    }

    c->buckets = calloc(n, sizeof(drs_jwt_entry_t *));
    if (c->buckets == NULL) {
        free(c);
        return NULL;
    }

    c->mask = n - 1;
    c->max_entries = max_entries;
    c->max_bytes = max_bytes;

    return c;
}


void
drs_jwt_cache_destroy(drs_jwt_cache_t *c)
{
    if (c == NULL) {
        return;
    }

    drs_jwt_cache_flush(c);
    free(c->buckets);
    free(c);
}


void
drs_jwt_cache_on_revoked(drs_jwt_cache_t *c, drs_jwt_revoked_pt fn, void *ctx)
{
    c->revoked = fn;
    c->revoked_ctx = ctx;
}


void
drs_jwt_cache_generation(drs_jwt_cache_t *c, uint64_t generation)
{
    if (c->generation != generation) {
        drs_jwt_cache_flush(c);
        c->generation = generation;
    }
}


/* SHA-256 over "header.payload" and the bytes of the signature */

static int
drs_jwt_cache_key(unsigned char key[DRS_SHA256_LEN], drs_str_t token)
{
    int            rc;
    size_t         len, dot;
    drs_str_t      parts[3];
    unsigned char *sig;

    if (token.len == 0 || token.len > DRS_JWT_MAX_LEN) {
        return DRS_DECLINED;
    }

    for (dot = token.len - 1; dot > 0 && token.data[dot] != '.'; dot--) {
        /* void */
    }

    if (dot == 0) {
        return DRS_DECLINED;
    }

    parts[0] = drs_strn(token.data, dot);
    parts[1] = drs_str(".");
    parts[2] = drs_strn(token.data + dot + 1, token.len - dot - 1);

    sig = malloc(drs_base64_decoded_max(parts[2].len));
    if (sig == NULL) {
        return DRS_ERROR;
    }

    rc = drs_base64url_decode(sig, &len, parts[2]);

    if (rc == DRS_OK) {
        parts[2] = drs_strn((char *) sig, len);
        rc = drs_sha256_parts(key, parts, 3);
    }

    free(sig);

    return rc;
}


static drs_jwt_entry_t **
drs_jwt_cache_bucket(drs_jwt_cache_t *c, const unsigned char *key)
{
    size_t h;

    memcpy(&h, key, sizeof(size_t));

    return &c->buckets[h & c->mask];
}


static drs_jwt_entry_t *
drs_jwt_cache_find(drs_jwt_cache_t *c, const unsigned char *key)
{
    drs_jwt_entry_t *e;

    e = *drs_jwt_cache_bucket(c, key);

    while (e != NULL && memcmp(e->key, key, DRS_SHA256_LEN) != 0) {
        e = e->chain;
    }

    return e;
}


static void
drs_jwt_cache_unlink(drs_jwt_cache_t *c, drs_jwt_entry_t *e)
{
    if (e->newer != NULL) {
        e->newer->older = e->older;

    } else {
        c->newest = e->older;
    }

    if (e->older != NULL) {
        e->older->newer = e->newer;

    } else {
        c->oldest = e->newer;
    }

    e->newer = NULL;
    e->older = NULL;
}


static void
drs_jwt_cache_link(drs_jwt_cache_t *c, drs_jwt_entry_t *e)
{
    e->older = c->newest;

    if (c->newest != NULL) {
        c->newest->newer = e;

    } else {
        c->oldest = e;
    }

    c->newest = e;
}


static void
drs_jwt_cache_drop(drs_jwt_cache_t *c, drs_jwt_entry_t *e)
{
    drs_jwt_entry_t **p;

    p = drs_jwt_cache_bucket(c, e->key);

    while (*p != e) {
        p = &(*p)->chain;
    }

    *p = e->chain;

    drs_jwt_cache_unlink(c, e);

    c->stats.entries--;
    c->stats.bytes -= e->cost;

    drs_jwt_unref(e->token);
    free(e);
}


int
drs_jwt_cache_get(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                  drs_str_t token, int64_t now_s, drs_jwt_t **out)
{
    unsigned char    key[DRS_SHA256_LEN];
    drs_jwt_entry_t *e;

    *out = NULL;

    if (drs_jwt_cache_key(key, token) != DRS_OK) {
        c->stats.misses++;
        return DRS_DECLINED;
    }

    e = drs_jwt_cache_find(c, key);

    if (e == NULL) {
        c->stats.misses++;
        return DRS_DECLINED;
    }

    if (drs_jwt_expired(policy, e->token, now_s)) {
        drs_jwt_cache_drop(c, e);
        c->stats.expired++;
        c->stats.misses++;
        return DRS_DECLINED;
    }

    if (c->revoked != NULL && c->revoked(c->revoked_ctx, e->token)) {
        c->stats.revoked++;
        return DRS_ERROR;
    }

    drs_jwt_cache_unlink(c, e);
    drs_jwt_cache_link(c, e);

    c->stats.hits++;
    *out = drs_jwt_ref(e->token);

    return DRS_OK;
}


int
drs_jwt_cache_put(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                  drs_str_t token, drs_jwt_t *t, int64_t now_s)
{
    int              rc;
    size_t           cost;
    unsigned char    key[DRS_SHA256_LEN];
    drs_jwt_entry_t *e, **bucket;

    cost = DRS_JWT_CACHE_COST(t);

    if (drs_jwt_expired(policy, t, now_s)
        || (c->max_bytes && cost > c->max_bytes)) {
        return DRS_DECLINED;
    }

    rc = drs_jwt_cache_key(key, token);
    if (rc != DRS_OK) {
        return rc;
    }

    e = drs_jwt_cache_find(c, key);

    if (e != NULL) {
        drs_jwt_cache_drop(c, e);
    }

    while (c->oldest != NULL
           && (c->stats.entries >= c->max_entries
               || (c->max_bytes && c->stats.bytes + cost > c->max_bytes)))
    {
        drs_jwt_cache_drop(c, c->oldest);
        c->stats.evicted++;
    }

    e = calloc(1, sizeof(drs_jwt_entry_t));
    if (e == NULL) {
        return DRS_ERROR;
    }

    memcpy(e->key, key, DRS_SHA256_LEN);
    e->token = drs_jwt_ref(t);
    e->cost = cost;

    bucket = drs_jwt_cache_bucket(c, key);
    e->chain = *bucket;
    *bucket = e;

    drs_jwt_cache_link(c, e);

    c->stats.entries++;
    c->stats.bytes += cost;

    return DRS_OK;
}


drs_jwt_reason_t
drs_jwt_cache_verify(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                     const drs_jwks_t *const *sets, drs_str_t token,
                     int64_t now_s, drs_jwt_t **out, int *cached)
{
    int              rc;
    drs_jwt_reason_t reason;

    rc = drs_jwt_cache_get(c, policy, token, now_s, out);

    if (cached != NULL) {
        *cached = (rc == DRS_OK);
    }

    if (rc == DRS_OK) {
        return DRS_JWT_OK;
    }

    if (rc == DRS_ERROR) {
        return DRS_JWT_REVOKED;
    }

    reason = drs_jwt_verify(policy, sets, token, now_s, out);

    if (reason != DRS_JWT_OK) {
        return reason;
    }

    if (c->revoked != NULL && c->revoked(c->revoked_ctx, *out)) {
        c->stats.revoked++;
        drs_jwt_unref(*out);
        *out = NULL;
        return DRS_JWT_REVOKED;
    }

    /* a token that could not be kept is still good */

    (void) drs_jwt_cache_put(c, policy, token, *out, now_s);

    return DRS_JWT_OK;
}


void
drs_jwt_cache_flush(drs_jwt_cache_t *c)
{
    while (c->oldest != NULL) {
        drs_jwt_cache_drop(c, c->oldest);
    }
}


void
drs_jwt_cache_stats(const drs_jwt_cache_t *c, drs_jwt_cache_stats_t *st)
{
    *st = c->stats;
}
