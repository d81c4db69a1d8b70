/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Writing groups, plans, accounts and schedules: the one place that knows which indexes
 * a document is in and which conditions its change depends on (redis-schema.md
 * "drs_doc_put", data-model.md 12).  Used by the module and by the worker.
 */

#ifndef DRS_DOC_WRITE_H_INCLUDED
#define DRS_DOC_WRITE_H_INCLUDED


#include <jansson.h>

#include "drs_store.h"


typedef struct {
    drs_str_t     prefix;      /* of the keys, without the colon */
    const json_t *old;         /* NULL: create */
    const json_t *doc;         /* NULL: delete */
    drs_str_t     own_account; /* needs no record; may be empty */
    drs_str_t     actor;       /* label for the event */
    int64_t       now_ms;      /* time of the event */
    drs_str_t     audit;       /* JSON, may be empty */
    int64_t       deadline;    /* 0: none */
    unsigned      force;       /* delete an account that groups name */
    int64_t       launch_at;   /* when the settings of the group are to be
                                       applied; 0: at once */
    int64_t       next_at;     /* next run of the schedule; 0: none */
} drs_doc_write_t;


/*
 * The command drs_doc_put with its index operations and the event
 * group.changed, plan.changed, account.changed, schedule.changed or, for a
 * webhook, settings.changed.  The stored version must be that of `old`.  NULL
 * without memory.
 *
 * Refusals besides those of drs_store_doc_put():
 *   group    SERVER_CONFLICT {field = server id, owner}, TAG_CONFLICT {owner},
 *            INVALID_ACCOUNT, PG_IN_ACTIVE_EXECUTION {executionId, planId,
 *            status} (update), PG_IN_USE (delete)
 *   account  STAGING_ACCOUNT_EXISTS {field = staging account id, owner},
 *            ACCOUNT_IN_USE (delete)
 *   plan     PG_NOT_FOUND {key}, PLAN_HAS_ACTIVE_EXECUTION {executionId,
 *            status} (update, delete; a delete takes its schedules along)
 *   schedule RECOVERY_PLAN_NOT_FOUND {key}, QUOTA_EXCEEDED {maximum}
 */
drs_cmd_t *drs_doc_write_group(const drs_doc_write_t *w);
drs_cmd_t *drs_doc_write_plan(const drs_doc_write_t *w);
drs_cmd_t *drs_doc_write_account(const drs_doc_write_t *w);
drs_cmd_t *drs_doc_write_schedule(const drs_doc_write_t *w);
drs_cmd_t *drs_doc_write_webhook(const drs_doc_write_t *w);


#endif /* DRS_DOC_WRITE_H_INCLUDED */
