/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lists of source servers: the bodies of DRS1 and PG6 (api.md 4.3, 4.6), the
 * same whether the module answers from the inventory or the worker after a
 * scan.
 */

#ifndef DRS_VIEW_SERVERS_H_INCLUDED
#define DRS_VIEW_SERVERS_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


typedef struct {
    const json_t *items;   /* object: id -> inventory item */
    const json_t *groups;  /* array of group documents */
    drs_str_t     account; /* of the items */
    drs_str_t     region;
    drs_str_t     own_account;
    drs_str_t     current; /* group being edited; may be empty */
    const json_t *filter;  /* DRS1 filterByProtectionGroup: document
                                       of that group, or NULL */
    int64_t       at_ms;   /* when DRS was asked */
    int           live;
} drs_view_servers_t;


/* Body of DRS1, servers sorted by name; new reference. */
json_t *drs_view_servers(const drs_view_servers_t *o);

/* Body of PG6 for these tags; new reference. */
json_t *
drs_view_servers_resolved(const drs_view_servers_t *o, const json_t *tags);

/* 1 if the group (ids or tags) holds the server. */
int drs_view_servers_member(const json_t *group, const json_t *item);

/* 1 unless the server is in failback direction (engine.md 2.2). */
int drs_view_servers_usable(const json_t *item);


#endif /* DRS_VIEW_SERVERS_H_INCLUDED */
