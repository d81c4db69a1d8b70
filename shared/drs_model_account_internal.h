/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the models of accounts share.
 */

#ifndef DRS_MODEL_ACCOUNT_INTERNAL_H_INCLUDED
#define DRS_MODEL_ACCOUNT_INTERNAL_H_INCLUDED


#include "drs_model_account.h"


/*
 * Sets roleArn, crossAccountRoleArn and assumeRoleName of `doc`; an empty ARN
 * is the default role.  INVALID_ROLE_ARN unless it is a role of account `id`.
 */
int drs_account_role_set(drs_model_error_t *e, drs_str_t arn, const char *field,
                         drs_str_t id, json_t *doc);

/* Copy of a document with the next version and updatedAt. */
json_t *drs_account_next(const json_t *old, const drs_model_env_t *env);


#endif /* DRS_MODEL_ACCOUNT_INTERNAL_H_INCLUDED */
