
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source servers of one account and Region, live or from the inventory
 * inv:<account>:<region> (decisions.md 10: a start asks DRS at most once per
 * account, Region and `live_scan`; the inventory serves older questions and,
 * within `inventory_launch_fresh`, when DRS cannot be asked).
 *
 * An item is the SourceServer object as DescribeSourceServers gives it.
 */

#ifndef DRSW_SCAN_H
#define DRSW_SCAN_H


#include "drsw_task.h"


typedef struct {
    json_t     *servers;    /* owned: source server id -> SourceServer */
    int64_t     at_ms;      /* when DRS was asked, store's clock */
    int         live;       /* 1: asked now or within `live_scan` */
    const char *code;       /* DECLINED: API error code */
    char        text[1024]; /* DECLINED, or why the inventory served */
    drsw_aws_class_e class; /* of the failed call, else DRSW_AWS_OK */
    const char *status;     /* of the Region after a failed call; static */
} drsw_scan_t;


/*
 * max_age_ms: an inventory not older than this answers; 0: `live_scan`.
 * fallback_ms: age up to which it answers when DRS cannot be asked; 0: never.
 *
 * DRS_OK; DRS_DECLINED: code, text; DRS_ERROR: the store.  Free in every case.
 */
int  drsw_scan(drsw_ctx_t *ctx, const drsw_access_t *access, int64_t max_age_ms,
               int64_t fallback_ms, drsw_scan_t *scan);
void drsw_scan_free(drsw_scan_t *scan);

/*
 * Asks DRS for these ids (array of strings) only and adds what it finds to
 * scan->servers and to the inventory: an id missing from the inventory is
 * asked live before it is refused (decisions.md 9).
 */
int drsw_scan_ids(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *ids, drsw_scan_t *scan);

/* DRS_OK: asked and stored now, whatever the age. */
int drsw_scan_refresh(drsw_ctx_t *ctx, const drsw_access_t *access,
                      drsw_scan_t *scan);

/*
 * What DRS answered at at_ms to somebody else's question for all servers of the
 * place: stored like a scan of our own, with the state of the Region.  items:
 * the answer, borrowed; NULL when *res tells of a failure.  As drsw_scan().
 */
int drsw_scan_took(drsw_ctx_t *ctx, const drsw_access_t *access,
                   const json_t *items, const drsw_aws_result_t *res,
                   int64_t at_ms, drsw_scan_t *scan);

/*
 * What lists of source servers are answered from (drs_view_inv.h), for
 * `inventory_fresh` from at_ms on; a later answer of DRS, if the store has one
 * by now, is published instead.  Each scan does it again while it is there.
 * _forget: something of it may be wrong, the next list asks the worker.
 */
int drsw_scan_publish(drsw_ctx_t *ctx, const drsw_access_t *access,
                      const json_t *servers, int64_t at_ms);
int drsw_scan_forget(drsw_ctx_t *ctx, const drsw_access_t *access);

/* 1: it is there; 0; DRS_ERROR. */
int drsw_scan_published(drsw_ctx_t *ctx, const drsw_access_t *access);

/* Ids (new array, sorted) whose tags match; servers in failback direction are
 * left out (engine.md 2.2). */
json_t *drsw_scan_match(const json_t *servers, const json_t *tags);

/* 1 unless replicationDirection is FAILBACK. */
int drsw_scan_usable(const json_t *server);

/* Parts of a SourceServer; empty views if absent. */
drs_str_t drsw_server_state(const json_t *server);
drs_str_t drsw_server_hostname(const json_t *server);

/* Tag Name, else host name, else the end of the id (engine.md 2.11). */
drs_str_t drsw_server_name(const json_t *server);

/* Classes of engine.md 3.2. */
typedef enum {
    DRSW_HEALTH_OK = 0,
    DRSW_HEALTH_WARN,
    DRSW_HEALTH_BLOCK
} drsw_health_e;

drsw_health_e drsw_server_health(const json_t *server, const char **reason);


#endif /* DRSW_SCAN_H */
