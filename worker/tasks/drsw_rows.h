/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows of an inventory on their way into the store: written under a name of
 * their own first, then put in place at once, if nothing later is there.
 */

#ifndef DRSW_ROWS_H
#define DRSW_ROWS_H


#include "drsw_task.h"


typedef struct {
    drsw_ctx_t          *ctx;
    const drsw_access_t *access;
    char                 token[192];
    drs_cmd_t          **cmds;
    size_t               n, cap;
    int64_t              ttl_ms; /* of the rows for lists; 0: none */
} drsw_rows_t;


void
drsw_rows_init(drsw_rows_t *r, drsw_ctx_t *ctx, const drsw_access_t *access);
void drsw_rows_free(drsw_rows_t *r);

/* All of these but put and show: DRS_OK or DRS_ERROR. */

/* Items of DescribeSourceServers, object by id; key: DRS_KEY_INV_NEW, or
 * DRS_KEY_INV for rows that are added to what is there. */
int drsw_rows_items(drsw_rows_t *r, const json_t *servers, drs_key_t key);

/* The same as lists show them (drs_view_inv.h). */
int drsw_rows_view(drsw_rows_t *r, const json_t *servers, int64_t at_ms);

/* Writes what was added so far. */
int drsw_rows_write(drsw_rows_t *r);

/*
 * Puts the written rows in place: of `n` servers as DRS was asked at at_ms;
 * only those for lists.  DRS_AGAIN: a later answer is there, nothing changed.
 */
int drsw_rows_put(drsw_rows_t *r, size_t n, int64_t at_ms);
int drsw_rows_show(drsw_rows_t *r, int64_t at_ms);


#endif /* DRSW_ROWS_H */
