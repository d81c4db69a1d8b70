
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a protection group that need the store or AWS, and its storing
 * (api.md PG2, PG4): shared by the commands about groups and by the import.
 */

#ifndef DRSW_GROUP_H
#define DRSW_GROUP_H


#include "drsw_resolve.h"


/*
 * The document `doc` (from drs_model_group_create or _update) against AWS and
 * against the other groups: known account, known servers or matching tags
 * (members are put into doc), no server in two groups.
 *
 * DRS_OK; DRS_DECLINED: *e is filled; DRS_ERROR.
 */
int drsw_group_check(drsw_ctx_t *ctx, const drsw_command_t *cmd, json_t *doc,
                     drs_model_error_t *e);

/*
 * Stores it; `old` NULL: create.  DRS_DECLINED: *e is filled (PG_NAME_EXISTS,
 * SERVER_CONFLICT, TAG_CONFLICT, VERSION_CONFLICT, ...).
 */
int
drsw_group_store(drsw_ctx_t *ctx, const drsw_command_t *cmd, const json_t *old,
                 const json_t *doc, drs_model_error_t *e);

/*
 * The same with an action and further members of the audit entry; launch_at:
 * when the settings are to be applied (0: at once).
 */
int drsw_group_store_as(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                        const json_t *old, const json_t *doc,
                        const char *action, const json_t *more,
                        int64_t launch_at, drs_model_error_t *e);

/* Documents of all groups of an account and Region (empty: of every Region) but
 * `except`; new array. */
int drsw_group_list(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                    drs_str_t except, json_t **groups);


#endif /* DRSW_GROUP_H */
