
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Notifications in the worker: the helper for tasks that have something to
 * tell, and the parts of the tasks `notify` (drsw_t_notify.c) and `subs`
 * (drsw_t_subs.c).
 */

#ifndef DRSW_NOTIFY_H
#define DRSW_NOTIFY_H


#include "drs_model_notify.h"
#include "drs_notify.h"
#include "drs_store_notify.h"

#include "drsw_task.h"


#define DRSW_CHANNEL_EXEC   "sns.exec"
#define DRSW_CHANNEL_ALERTS "sns.alerts"
#define DRSW_CHANNEL_HOOK   "hook."


/*
 * Tells about something that belongs to no execution, with a `notice`.  key:
 * what makes it the same when the step is repeated ("tagsync:<run>").  Call it
 * before the change it tells about is stored.  account, region may be empty;
 * data is taken over and may have a `message`.
 *
 * DRS_OK (also when it was told before), DRS_ERROR.
 */
int drsw_note(drsw_ctx_t *ctx, const char *event, const char *key,
              drs_str_t account, drs_str_t region, json_t *data);

/* The same with all of the head, and without a `notice`. */
int drsw_note_as(drsw_ctx_t *ctx, const char *key, const drs_notify_head_t *h,
                 json_t *data);


typedef struct {
    drsw_ctx_t *ctx;
    drs_str_t   channel;  /* "sns.exec", ... */
    json_t     *settings; /* of notifications; {} if none */
    json_t     *hook;     /* of a channel hook.*; NULL: deleted */
} drsw_channel_t;

typedef struct {
    drs_outbox_outcome_t outcome;
    int                  unreachable; /* nobody answered: so it will be with
                                           the next one */
    char                 error[256];
    char                *last; /* JSON for hook:last, malloc'ed; or NULL */
} drsw_delivered_t;

/* settings:notify, {} if there are none. */
int drsw_notify_settings(drsw_ctx_t *ctx, json_t **settings);

/* One try.  d->outcome RETRY may become DEAD by age, which the caller does. */
void drsw_deliver_sns(drsw_channel_t *c, const drs_outbox_item_t *item,
                      drsw_delivered_t *d);
void drsw_deliver_hook(drsw_channel_t *c, const drs_outbox_item_t *item,
                       drsw_delivered_t *d);

/* Context of AWS calls to a topic: the Region of its ARN, the hub's own
 * credentials.  region: at least 32 bytes. */
void drsw_topic_ctx(drs_str_t arn, char *region, drsw_aws_ctx_t *aws);


#endif /* DRSW_NOTIFY_H */
