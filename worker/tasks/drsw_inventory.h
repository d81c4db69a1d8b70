/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The periodic scan of one account and Region, and what it tells others
 * (api.md 10.5, 10.6).
 */

#ifndef DRSW_INVENTORY_H
#define DRSW_INVENTORY_H


#include "drsw_region.h"
#include "drsw_scan.h"


typedef struct {
    drsw_ctx_t   *ctx;
    char          account[16];
    char          region[32];
    char          scope[56]; /* "<account>:<region>" */
    drsw_access_t access;
    drsw_region_t before, after;
    drsw_scan_t   old;        /* servers before */
    int64_t       failures;   /* one after the other, up to now */
    int64_t       changed;    /* servers */
    char          text[1024]; /* why it failed; "": it did not */
} drsw_inventory_t;


/*
 * Counts what has changed and writes the event inventory.updated when there is
 * news; notices are those of the scan (drsw_note.h).  servers: of the scan,
 * NULL when it failed.  DRS_OK or DRS_ERROR.
 */
int drsw_inventory_tell(drsw_inventory_t *v, const json_t *servers);

/* Servers that came, went, or differ in state, last launch, recovery instance
 * or tags.  Objects id -> SourceServer; NULL: none. */
int64_t drsw_inventory_changes(const json_t *old, const json_t *now);


#endif /* DRSW_INVENTORY_H */
