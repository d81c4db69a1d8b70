
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls about notifications: outbox, channels, links of a pause.  General
 * rules: drs_store.h.  A channel is "sns.exec", "sns.alerts" or
 * "hook.<webhookId>"; its task is "notify:<channel>".
 */

#ifndef DRS_STORE_NOTIFY_H_INCLUDED
#define DRS_STORE_NOTIFY_H_INCLUDED


#include "drs_store_exec.h"


/*
 * A notification that belongs to no execution, once for each key.  scope: what
 * its order is kept in (an account, a group, "-").  Call it before the change
 * that it tells about is stored: a repetition of the step then repeats the key.
 * Answer: "added" or "repeat".
 */
drs_cmd_t *
drs_store_outbox_put(drs_str_t p, drs_str_t key, drs_str_t scope,
                     drs_str_t type, drs_str_t json, drs_str_t event);

/* One delivery past the outbox. */
drs_cmd_t *
drs_store_outbox_send(drs_str_t p, drs_str_t channel, drs_str_t delivery,
                      drs_str_t scope, drs_str_t type, drs_str_t body,
                      drs_str_t audit);

typedef struct {
    drs_str_t id; /* of the stream */
    drs_str_t key, scope, type, json;
} drs_outbox_entry_t;

/* The oldest entries that have no channel yet. */
drs_cmd_t *drs_store_outbox_take(drs_str_t p, unsigned max);

/* Entry after entry: *pos begins with 0.  DRS_DECLINED at the end. */
int drs_store_outbox_entry(const drs_answer_t *a, size_t *pos,
                           drs_outbox_entry_t *e) DRS_MUST_CHECK;

typedef struct {
    drs_str_t channel, delivery, body;
} drs_outbox_route_t;

/*
 * Hands an entry of the outbox to its channels and removes it, under the lease
 * of the task "notify".  Answer: "routed" or "gone".
 */
drs_cmd_t *
drs_store_outbox_route(drs_str_t p, const drs_lease_t *lease, drs_str_t entry,
                       const drs_outbox_route_t *v, size_t n);

typedef struct {
    drs_str_t delivery, scope, type, body;
    int64_t   at;       /* when it was made */
    int64_t   attempts; /* so far */
} drs_outbox_item_t;

/*
 * Heads of the channel's queues that are due.  Answer: time when the first one
 * is due or "-", then the items.
 */
drs_cmd_t *drs_store_outbox_next(drs_str_t p, drs_str_t channel, unsigned max);

/* *first_at: -1 if nothing waits.  DRS_OK or DRS_ERROR. */
int
drs_store_outbox_first(const drs_answer_t *a, int64_t *first_at) DRS_MUST_CHECK;

/* Item after item: *pos begins with 1.  DRS_DECLINED at the end. */
int drs_store_outbox_item(const drs_answer_t *a, size_t *pos,
                          drs_outbox_item_t *item) DRS_MUST_CHECK;

typedef enum {
    DRS_OUTBOX_OK = 0,
    DRS_OUTBOX_RETRY, /* the head stays, due at next_at */
    DRS_OUTBOX_DEAD,  /* given up: outbox:dead */
    DRS_OUTBOX_DROP   /* nobody wants it any more */
} drs_outbox_outcome_t;

/* last: JSON for hook:last, may be empty.  Under the channel's lease. */
drs_cmd_t *
drs_store_outbox_done(drs_str_t p, drs_str_t channel, const drs_lease_t *lease,
                      drs_str_t delivery, drs_outbox_outcome_t outcome,
                      int64_t next_at, drs_str_t error, drs_str_t last);

/* Answer: pending, dead, time of the oldest (0: none), now. */
drs_cmd_t *drs_store_outbox_stat(drs_str_t p);

/*
 * Link of a pause: hash is the SHA-256 of its token in hex, action "resume" or
 * "cancel".  Refused with EXECUTION_NOT_PAUSED when that pause is over.
 */
drs_cmd_t *drs_store_link_put(drs_str_t p, drs_str_t hash, drs_str_t exec_id,
                              int64_t epoch, const char *action);

/*
 * Looks a link up and counts the try.  Answer: execution id, plan name, type,
 * pausedBeforeWave, deadline (ms), plan id.  Refusals: RATE_LIMITED,
 * LINK_INVALID (unknown, used, of an earlier pause, expired).
 */
drs_cmd_t *drs_store_link_look(drs_str_t p, drs_str_t hash, const char *action,
                               drs_str_t address);

/* Document of a plan whose version stays. */
drs_cmd_t *drs_store_plan_mark(drs_str_t p, drs_str_t plan, int64_t version,
                               drs_str_t doc);


#endif /* DRS_STORE_NOTIFY_H_INCLUDED */
