
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Documents of target accounts in the worker.
 */

#ifndef DRSW_ACCOUNT_H
#define DRSW_ACCOUNT_H


#include "drsw_task.h"


/* All documents: new object id -> document.  DRS_OK or DRS_ERROR. */
int drsw_account_docs(drsw_ctx_t *ctx, json_t **docs);

/*
 * The document of payload.accountId, owned by the caller.  The hub may be
 * without one: then DRS_OK and *doc is {accountId, isCurrentAccount}.
 * DRS_DECLINED: 404 is answered.
 */
int drsw_account_find(drsw_ctx_t *ctx, drs_str_t id, drsw_answer_t *answer,
                      json_t **doc);

/*
 * Changes a document as it is now: `change` makes *doc (owned, from old) or
 * returns DRS_DECLINED when there is nothing to do; a write that loses against
 * another is done again from the start.  cmd may be NULL.
 *
 * DRS_OK: *now is the stored document (owned, may be NULL as an argument);
 * DRS_DECLINED: nothing to do, or the account is gone; DRS_ERROR.
 */
typedef int (*drsw_account_change_pt)(drsw_ctx_t *ctx, const json_t *old,
                                      void *data, json_t **doc);

int
drsw_account_change(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_str_t id,
                    const char *action, drsw_account_change_pt change,
                    void *data, json_t **now);

/* Distinct Regions of the protection groups in the account: new array. */
int drsw_account_regions(drsw_ctx_t *ctx, drs_str_t account, json_t **regions);


#endif /* DRSW_ACCOUNT_H */
