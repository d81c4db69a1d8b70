/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pick lists of EC2 and IAM (api.md 4.7): EC1 to EC4.
 */

#ifndef DRS_VIEW_EC2_H_INCLUDED
#define DRS_VIEW_EC2_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


typedef enum {
    DRS_PICK_NONE = 0,
    DRS_PICK_SUBNETS,
    DRS_PICK_GROUPS,
    DRS_PICK_PROFILES,
    DRS_PICK_TYPES
} drs_pick_t;


/* "subnets", "security-groups", "instance-profiles", "instance-types" */
const char *drs_pick_name(drs_pick_t pick);
drs_pick_t  drs_pick_by_name(drs_str_t name);

/*
 * Body of the list from the items as AWS gives them, sorted; a new reference.
 */
json_t *drs_view_pick(drs_pick_t pick, const json_t *items);

/* EC2: the body with the groups of one VPC only; empty: all.  New reference. */
json_t *drs_view_pick_vpc(const json_t *body, drs_str_t vpc);


#endif /* DRS_VIEW_EC2_H_INCLUDED */
