/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Protection groups: PG2, PG4, PG6 (api.md 4.3, data-model.md 3).
 *
 * A stored group document has exactly the members of api.md 2.4 with times in
 * epoch seconds, so that a read may pass its bytes through.
 */

#ifndef DRS_MODEL_GROUP_H_INCLUDED
#define DRS_MODEL_GROUP_H_INCLUDED


#include "drs_model.h"


/* what an update changed */
#define DRS_GROUP_CHANGED_NAME      0x01
#define DRS_GROUP_CHANGED_SELECTION 0x02
#define DRS_GROUP_CHANGED_LAUNCH    0x04
#define DRS_GROUP_CHANGED_TEXT      0x08


/*
 * PG2.  *doc is a new document with version 1 and launchConfigStatus, or NULL
 * with *e filled.  A tag group has no sourceServerIds yet: the caller resolves
 * the tags and calls drs_model_group_members().  Not checked here (they need
 * the store or AWS): unique name and tags, known account, known servers,
 * servers of other groups.
 */
int drs_model_group_create(drs_model_error_t *e, const json_t *body,
                           const drs_model_env_t *env, drs_str_t group_id,
                           json_t **doc);

/*
 * PG4.  *doc is the new document with version old + 1, *changes a mask of the
 * above (0: nothing differs; still a valid update).  VERSION_CONFLICT,
 * LAUNCH_CONFIG_SYNC_IN_PROGRESS are checked here, PG_IN_ACTIVE_EXECUTION by
 * the store.  A changed tag selection empties sourceServerIds as on create.
 */
int drs_model_group_update(drs_model_error_t *e, const json_t *body,
                           const json_t *old, const drs_model_env_t *env,
                           json_t **doc, unsigned *changes);

/*
 * Puts the resolved members (array of ids) into a tag group and checks what
 * depends on them: entries of servers[], one address, `limits strict`.  For
 * an id group call it with its own sourceServerIds.  Refreshes the counters
 * of launchConfigStatus.
 */
int drs_model_group_members(drs_model_error_t *e, json_t *doc,
                            const json_t *ids, const drs_model_env_t *env);

/* 1 if the group selects by tags. */
int drs_model_group_by_tags(const json_t *doc);


/* PG6.  Views into the body; `tags` is owned by the caller. */
typedef struct {
    drs_str_t region;
    drs_str_t account_id; /* empty: of the group, else own */
    drs_str_t group_id;   /* empty: none named */
    json_t   *tags;
} drs_model_resolve_t;

int
drs_model_group_resolve(drs_model_error_t *e, const json_t *body,
                        const drs_model_env_t *env, drs_model_resolve_t *out);


#endif /* DRS_MODEL_GROUP_H_INCLUDED */
