
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source servers as the worker publishes them for lists: rows ready for the
 * answer but for the group that holds the server (api.md 2.5, DRS1).
 *
 * inv:order has members "<name>\0<id>" (drs_inv_member), inv:view the row of
 * each id: '+' or, in failback direction, '-', then the JSON object.
 */

#ifndef DRS_VIEW_INV_H_INCLUDED
#define DRS_VIEW_INV_H_INCLUDED


#include "drs_jtext.h"
#include "drs_view_drs.h"


#define DRS_INV_META "-" /* field of inv:view: {at, liveUntil}, ms */


/* Row of a SourceServer object; source: what is known of its machine in EC2
 * (inv:source), NULL: nothing.  DRS_OK or DRS_ERROR. */
int drs_inv_row(drs_buf_t *b, const json_t *item, drs_str_t region,
                const json_t *source);

/* Member of inv:order for the row. */
int drs_inv_member(drs_buf_t *b, drs_str_t row);

/* Whether a group with these tags takes the server of the row. */
int drs_inv_tagged(drs_str_t row, const json_t *tags);

/* The group of a server; `id` empty: none.  `name` is raw JSON. */
typedef struct {
    drs_str_t id, name;
    unsigned  by_tags : 1;
} drs_inv_group_t;

/*
 * Appends the Server object.  `current`: group being edited, whose servers
 * stay selectable; may be empty.  `live`: what DRS has just said.
 */
void drs_inv_server(drs_buf_t *b, drs_str_t row, const drs_inv_group_t *group,
                    drs_str_t current, int live);

/* drs_view_inventory_matches() for the row of a server. */
int drs_inv_matches(const drs_inventory_filter_t *f, drs_str_t row,
                    drs_str_t account);


#endif /* DRS_VIEW_INV_H_INCLUDED */
