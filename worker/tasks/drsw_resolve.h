
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * From the waves of a plan to source servers: groups, their accounts and
 * Regions, ids or tags (engine.md 2.2).  Used by a start, by a wave that
 * starts, by resume and by the commands about groups.
 *
 * A resolver asks each (account, Region) once, when it is first needed.
 */

#ifndef DRSW_RESOLVE_H
#define DRSW_RESOLVE_H


#include "drsw_scan.h"


typedef struct {
    drsw_access_t access;
    drsw_scan_t   scan;
    int           rc;   /* DRS_OK, DRS_DECLINED: code, text */
    const char   *code; /* API error code */
    char          text[1200];
} drsw_place_t;

typedef struct {
    drsw_ctx_t    *ctx;
    json_t        *groups; /* owned: id -> group document */
    drsw_place_t **places;
    size_t         nplaces;
    int64_t        max_age_ms; /* as drsw_scan() */
    int64_t        fallback_ms;
} drsw_resolver_t;


/* Takes over `groups`.  max_age_ms and fallback_ms as for drsw_scan(). */
void drsw_resolver_init(drsw_resolver_t *r, drsw_ctx_t *ctx, json_t *groups,
                        int64_t max_age_ms, int64_t fallback_ms);
void drsw_resolver_free(drsw_resolver_t *r);

/* Account of a group: its own, else the hub's. */
drs_str_t drsw_group_account(drsw_ctx_t *ctx, const json_t *group);

/*
 * The place, asked if it was not yet: place->rc says whether it answered.
 * NULL: the store or memory failed.
 */
drsw_place_t *
drsw_resolver_place(drsw_resolver_t *r, drs_str_t account, drs_str_t region);

/*
 * Member ids of a group (new array): of an id group its list, with every id
 * that the inventory does not know asked live; of a tag group the matches.
 * DRS_DECLINED: the place does not answer (*place says why).
 */
int drsw_resolver_group(drsw_resolver_t *r, const json_t *group, json_t **ids,
                        drsw_place_t **place);

/*
 * Servers of a wave as planned: new array of {id, account, region, group,
 * item}; item is null for an id that DRS does not know.  A kept subset narrows
 * the id groups.  Each id once.
 *
 * DRS_OK; DRS_DECLINED: *place does not answer, or (*place NULL) *missing is
 * the id of a group that no longer exists; DRS_ERROR.
 */
int drsw_resolver_wave(drsw_resolver_t *r, const json_t *wave, json_t **servers,
                       drsw_place_t **place, const char **missing);


#endif /* DRSW_RESOLVE_H */
