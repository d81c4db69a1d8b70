
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Between the consumers of the command stream (drsw_commands.c), their queue
 * (drsw_queue.c) and the keeper of abandoned entries (drsw_keeper.c).
 */

#ifndef DRSW_COMMANDS_H
#define DRSW_COMMANDS_H


#include "drsw_worker.h"


#define DRSW_STREAM_ID 48


/* One entry: its reply, and where in it the fields are. */
typedef struct {
    char        id[DRSW_STREAM_ID];
    redisReply *raw;
    redisReply *fields;
    uint64_t    try;   /* number of this try, of this worker */
    unsigned    tries; /* counted by the store, with this one */
} drsw_entry_t;

struct drsw_queue_s {
    pthread_mutex_t lock;
    drsw_entry_t    waiting[DRSW_MAX_CLAIMED];
    size_t          nwaiting;
    char            running[DRSW_MAX_CLAIMED][DRSW_STREAM_ID];

    /* of the keeper */
    unsigned outages;           /* seen on its connection */
    int64_t  recovered_mono_ms; /* heartbeats tell again from then on */
};


/* 1 if the entry waits or runs in this process. */
int drsw_queue_has(drsw_queue_t *q, const char *id);
/* The oldest one that waits; DRS_DECLINED: none. */
int drsw_queue_pop(drsw_queue_t *q, drsw_entry_t *e);
/* A thread begins to work on an entry, or ends. */
void drsw_queue_mark(drsw_queue_t *q, const char *id, int running);

/* "[id, [field, value, ...]]" into e; e->raw is set by the caller. */
int drsw_commands_entry(redisReply *r, drsw_entry_t *e);

/* Notes a failure; after `max` tries the entry goes to cmd:dead. */
void drsw_commands_failed(drsw_ctx_t *ctx, const char *stream_id,
                          const char *error, unsigned tries, unsigned max);


#endif /* DRSW_COMMANDS_H */
