
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls about the inventory of an account and Region.  General rules:
 * drs_store.h.  Rows are written with HSET and ZADD to DRS_KEY_INV_NEW and
 * kin of a token first.
 */

#ifndef DRS_STORE_INV_H_INCLUDED
#define DRS_STORE_INV_H_INCLUDED


#include "drs_store_exec.h"


typedef struct {
    drs_str_t account;
    drs_str_t region;
    drs_str_t token;
    int64_t   at;      /* when DRS was asked */
    size_t    servers; /* put only */
    int64_t   ttl_ms;  /* of the rows for lists; put: 0 when there are none */
} drs_inv_put_t;


/* Answers "stored", "late": what is there answers a later question, or "gone":
 * the rows of the token are not there (any more). */
drs_cmd_t *drs_store_inv_put(drs_str_t p, const drs_inv_put_t *v);
drs_cmd_t *drs_store_inv_show(drs_str_t p, const drs_inv_put_t *v);

/* State of a Region as a question at `at` found it; answers as above. */
drs_cmd_t *
drs_store_region_put(drs_str_t p, drs_str_t account, drs_str_t region,
                     int64_t at, const drs_pair_t *fields, size_t n);


#endif /* DRS_STORE_INV_H_INCLUDED */
