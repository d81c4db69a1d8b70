
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bounded cache of verified tokens, least recently used out first.
 *
 * The key is SHA-256 over header.payload and the decoded signature, so other
 * spellings of one token make no entries.  An entry never outlives the token,
 * the generation of the key sets it was verified with, or its revocation.
 * Not thread safe: one per process or thread.
 */

#ifndef DRS_JWT_CACHE_H_INCLUDED
#define DRS_JWT_CACHE_H_INCLUDED


#include "drs_jwt.h"


typedef struct drs_jwt_cache_s drs_jwt_cache_t;

/* 1: revoked.  Called for each request, so it has to be cheap. */
typedef int (*drs_jwt_revoked_pt)(void *ctx, const drs_jwt_t *t);

typedef struct {
    uint64_t hits;
    uint64_t misses;
    uint64_t expired; /* entries dropped because they ended */
    uint64_t revoked;
    uint64_t evicted;
    size_t   entries;
    size_t   bytes; /* estimate of the memory in use */
} drs_jwt_cache_stats_t;


/*
 * At most `max_entries` (at least 1) and about `max_bytes` (0: no bound by
 * bytes).  NULL without memory.
 */
drs_jwt_cache_t *drs_jwt_cache_create(size_t max_entries, size_t max_bytes);
void             drs_jwt_cache_destroy(drs_jwt_cache_t *c);

void
drs_jwt_cache_on_revoked(drs_jwt_cache_t *c, drs_jwt_revoked_pt fn, void *ctx);

/*
 * The key sets changed: a generation other than the present one empties the
 * cache.
 */
void drs_jwt_cache_generation(drs_jwt_cache_t *c, uint64_t generation);

/*
 * What request code calls: looks into the cache, otherwise verifies as
 * drs_jwt_verify(), asks the revocation hook in both cases, and stores what is
 * good.  On DRS_JWT_OK *out is a reference for the caller, else NULL.
 * *cached (may be NULL): 1 if it came from the cache; its `roles` and `perms`
 * are then what the caller stored in the object before.
 */
drs_jwt_reason_t
drs_jwt_cache_verify(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                     const drs_jwks_t *const *sets, drs_str_t token,
                     int64_t now_s, drs_jwt_t **out,
                     int *cached) DRS_MUST_CHECK;

/*
 * DRS_OK: *out is a new reference (drs_jwt_unref).  DRS_DECLINED: not there
 * or ended, verify it.  DRS_ERROR: it is there and revoked; answer 401.
 * *out is NULL unless DRS_OK.
 */
int drs_jwt_cache_get(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                      drs_str_t token, int64_t now_s,
                      drs_jwt_t **out) DRS_MUST_CHECK;

/*
 * Stores a token that drs_jwt_verify() accepted; the cache takes a reference
 * of its own.  Tokens that have ended are not stored.  DRS_OK, DRS_DECLINED
 * (not stored), DRS_ERROR (memory): all harmless.  The revocation hook is not
 * asked here.
 */
int drs_jwt_cache_put(drs_jwt_cache_t *c, const drs_jwt_policy_t *policy,
                      drs_str_t token, drs_jwt_t *t, int64_t now_s);

void drs_jwt_cache_flush(drs_jwt_cache_t *c);
void drs_jwt_cache_stats(const drs_jwt_cache_t *c, drs_jwt_cache_stats_t *st);


#endif /* DRS_JWT_CACHE_H_INCLUDED */
