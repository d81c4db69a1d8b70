
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * State of DRS in one account and Region, region:<account>:<region>
 * (data-model.md 9.2, api.md 1.15): written after every question to DRS about
 * source servers, read where asking each Region would take too long.
 */

#ifndef DRSW_REGION_H
#define DRSW_REGION_H


#include "drsw_task.h"


#define DRSW_REGIONS_MAX 64


typedef struct {
    char    status[32];    /* of api.md 1.15; "" if never asked */
    int64_t servers;       /* of the last answer */
    int64_t replicating;   /* of these, in this account */
    int64_t at_ms;         /* last asked, 0: never */
    int64_t counted_at_ms; /* last answered, 0: never */
    char    error[512];    /* "" unless asking failed */
} drsw_region_t;


/* Status of a failed question, in the order of data-model.md 9.2; "ACTIVE"
 * for a success.  Static text. */
const char *drsw_region_status(const drsw_aws_result_t *res);

/*
 * The error answer for a Region in this status (api.md DRS1): {region,
 * accountId, initialized, status}, with the words that the console looks for
 * (api.md 1.6).  `code` serves where the status has no code of its own.
 */
int
drsw_region_refuse(drsw_answer_t *answer, const char *status, const char *code,
                   const char *account, const char *region, const char *text);

/* 1: the Region cannot hold servers (not enabled, not initialised). */
int drsw_region_is_closed(const drsw_region_t *r);

/* 1: source servers were there at the last answer. */
int drsw_region_is_active(const drsw_region_t *r);

/* Regions to look at: the configured ones, else all 28.  Views into the
 * configuration; at most DRSW_REGIONS_MAX.  Returns how many. */
size_t drsw_regions(drsw_ctx_t *ctx, drs_str_t *dst);

/*
 * Stores what a question found.  servers: object id -> SourceServer, or NULL
 * when *res tells of a failure; the figures then stay, except in a closed
 * Region.  DRS_OK or DRS_ERROR.
 */
int drsw_region_note(drsw_ctx_t *ctx, const char *account, const char *region,
                     const drsw_aws_result_t *res, const json_t *servers,
                     int64_t at_ms);

/* States of n Regions of one account in one go. */
int drsw_region_load(drsw_ctx_t *ctx, drs_str_t account,
                     const drs_str_t *regions, size_t n, drsw_region_t *out);


#endif /* DRSW_REGION_H */
