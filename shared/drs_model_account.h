/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Target accounts and their staging accounts: AC3, AC5, AC8 to AC10 (api.md
 * 4.9, data-model.md 7.1, 7.2).
 *
 * A stored account has the members of api.md 2.9; externalId is stored but
 * shown only by the rules there (drs_view_account).
 */

#ifndef DRS_MODEL_ACCOUNT_H_INCLUDED
#define DRS_MODEL_ACCOUNT_H_INCLUDED


#include "drs_model.h"


/*
 * AC3.  *doc is a new document, status active, lastValidated null.  Unique
 * account (ACCOUNT_EXISTS) is the store's.
 */
int drs_model_account_create(drs_model_error_t *e, const json_t *body,
                             const drs_model_env_t *env, json_t **doc);

/*
 * AC5.  *doc is the changed copy of `old`, its version one higher.  A new role
 * or external id makes lastValidated null.  VERSION_CONFLICT if the body names
 * another version.
 */
int drs_model_account_update(drs_model_error_t *e, const json_t *body,
                             const json_t *old, const drs_model_env_t *env,
                             json_t **doc);

/*
 * AC9.  *doc is the copy of `old` with one more entry, {accountId,
 * accountName, roleArn, externalId, addedAt, addedBy, source: "manual"} and,
 * as the body says, shared.  Another target account that has it is the store's
 * to refuse.
 */
int drs_model_staging_add(drs_model_error_t *e, const json_t *body,
                          const json_t *old, const drs_model_env_t *env,
                          json_t **doc);

/* AC10.  STAGING_ACCOUNT_NOT_FOUND. */
int
drs_model_staging_remove(drs_model_error_t *e, drs_str_t id, const json_t *old,
                         const drs_model_env_t *env, json_t **doc);

/*
 * AC12.  found: object staging account id -> anything, what discovery saw.
 * owners: object staging account id -> target that has it.  complete: entries
 * of an earlier discovery that are not in `found` are removed; manual ones
 * never are.  *added, *removed: new arrays of ids.  DRS_OK; DRS_DECLINED:
 * nothing changed (*doc NULL, arrays empty).
 */
int
drs_model_staging_sync(const json_t *found, const json_t *owners, int complete,
                       const json_t *old, const drs_model_env_t *env,
                       json_t **doc, json_t **added, json_t **removed);

/*
 * AC8.  *request: {accountId, roleArn, externalId, region, targetAccountId?},
 * role and partition defaulted.
 */
int drs_model_staging_validate(drs_model_error_t *e, const json_t *body,
                               const drs_model_env_t *env, json_t **request);

/* Entry of stagingAccounts, borrowed, or NULL. */
json_t *drs_model_staging_find(const json_t *doc, drs_str_t id);


#endif /* DRS_MODEL_ACCOUNT_H_INCLUDED */
