/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery plans: RP2, RP4 (api.md 4.4, 10.4; data-model.md 5).
 *
 * Two steps: the pure checks of the body, then drs_model_plan_bind() with the
 * protection groups that the waves name.
 *
 * A stored plan has the members of api.md 2.6 without those that are computed
 * on read (waveCount, serverCount of ALL waves, list members).  A wave's
 * serverIds is [] with serverSelection ALL, or the kept subset with SUBSET.
 * Policies (10.4) are always stored, defaults included.
 */

#ifndef DRS_MODEL_PLAN_H_INCLUDED
#define DRS_MODEL_PLAN_H_INCLUDED


#include "drs_model.h"


/* RP2.  *doc is new, with version 1, or NULL with *e filled. */
int drs_model_plan_create(drs_model_error_t *e, const json_t *body,
                          const drs_model_env_t *env, drs_str_t plan_id,
                          json_t **doc);

/*
 * RP4.  *doc has version old + 1; *waves_changed tells whether the body
 * replaced the waves (then bind it again; binding is harmless otherwise).
 * VERSION_CONFLICT is checked here, PLAN_HAS_ACTIVE_EXECUTION by the store.
 */
int drs_model_plan_update(drs_model_error_t *e, const json_t *body,
                          const json_t *old, const drs_model_env_t *env,
                          json_t **doc, int *waves_changed);

/*
 * Ids of all protection groups of the plan, each once, in order of first
 * mention.  New array.
 */
json_t *drs_model_plan_groups(const json_t *doc);

/*
 * Checks the waves against their groups and settles serverIds,
 * serverSelection and accountId.  `groups` is an object: group id -> group
 * document (absent: PG_NOT_FOUND).  Other failures: ACCOUNT_MISMATCH and
 * QUOTA_EXCEEDED (strict), INVALID_WAVES, DUPLICATE_SERVER {serverIds, waves}.
 */
int drs_model_plan_bind(drs_model_error_t *e, json_t *doc, const json_t *groups,
                        const drs_model_env_t *env);

/*
 * The servers of wave `n` with these groups: kept subset of the id groups and
 * all members of the tag groups (api.md 2.6 "Server selection of a wave").
 * New array of ids, each once.
 */
json_t *drs_model_wave_servers(const json_t *wave, const json_t *groups);


#endif /* DRS_MODEL_PLAN_H_INCLUDED */
