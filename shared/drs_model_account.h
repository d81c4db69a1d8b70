/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Target accounts: AC3 (api.md 4.9, data-model.md 7.1).
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


#endif /* DRS_MODEL_ACCOUNT_H_INCLUDED */
