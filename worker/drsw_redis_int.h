
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the connection to Redis: drsw_redis.c (commands, replies) and
 * drsw_redis_conn.c (connecting, states, Sentinel).
 */

#ifndef DRSW_REDIS_INT_H
#define DRSW_REDIS_INT_H


#include "drsw_redis.h"
#include "drsw_redis_addr.h"


#define DRSW_REDIS_PATIENCE_MS  5000
#define DRSW_REDIS_PAUSE_MIN_MS 50
#define DRSW_REDIS_PAUSE_MAX_MS 2000


/* what was logged last */
enum {
    DRSW_REDIS_NEW = 0,
    DRSW_REDIS_UP,
    DRSW_REDIS_DOWN,
    DRSW_REDIS_WAITING /* LOADING, replica, failing over */
};

/* what a reply says about the connection */
enum {
    DRSW_REPLY_OK = 0,
    DRSW_REPLY_LATER,   /* not executed; soon again */
    DRSW_REPLY_MOVED,   /* not executed; other server */
    DRSW_REPLY_MISSING, /* function unknown */
    DRSW_REPLY_ERROR
};


struct drsw_redis_s {
    const drsw_config_t *conf;
    drsw_log_t          *log;
    drsw_redis_shared_t *shared;

    drsw_redis_addr_t addr;
    redisContext     *rc;
    int64_t           patience_ms;
    int               unknown;
    int               loading; /* inside the missing hook */
    unsigned          outages; /* calls without an answer */
    char              error[256];
};


/* Waits for a usable connection until the monotonic time `until`
 * (INT64_MAX: as long as it takes). */
int drsw_redis_usable(drsw_redis_t *redis, int64_t until);

/* Logs a change of state. */
void drsw_redis_state(drsw_redis_t *redis, int state);

/* Returns 0 when stopped meanwhile. */
int drsw_redis_pause(drsw_redis_t *redis, int64_t ms);

int64_t        drsw_redis_mono(void);
struct timeval drsw_redis_timeval(int64_t ms);

/* DRSW_REPLY_... of a reply. */
int drsw_redis_judge(const redisReply *raw);


/* What went wrong on a context, for people: a time-out is told as such (errno
 * must still be that of the failed call). */
const char *drsw_redis_reason(const redisContext *rc);


#endif /* DRSW_REDIS_INT_H */
