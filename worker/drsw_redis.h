
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Blocking connection to Redis, one per thread (hiredis).
 *
 * Connects when first used, and again after a loss: AUTH, SELECT, Sentinel
 * discovery when configured.  While Redis cannot be reached, or is LOADING, or
 * is a replica, a call waits with growing pauses up to its patience
 * and logs one line per change of state.  Nothing is ever sent twice: after a
 * loss with a command on its way the call fails, and only the caller knows
 * whether a repetition is safe.
 */

#ifndef DRSW_REDIS_H
#define DRSW_REDIS_H


#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "drs_cmd.h"
#include "drs_str.h"
#include "drsw_config.h"
#include "drsw_log.h"


typedef struct drsw_redis_s drsw_redis_t;

/* Shared by all connections of the process. */
typedef struct {
    atomic_int stop;  /* non-zero: waits end */
    atomic_int state; /* last one that was logged */

    /* called when Redis does not know our functions; DRS_OK: try again */
    int (*missing)(void *data, drsw_redis_t *redis);
    void *missing_data;
} drsw_redis_shared_t;


/*
 * A flat reply: n strings.  `v` and everything in it live until
 * drsw_reply_free(); integers are given as decimal text, nil as {0, NULL}.
 */
typedef struct {
    drs_reply_t r; /* what the decoders of drs_store*.h take */
    redisReply *raw;
    char       *ints;
} drsw_reply_t;


/* Allocates only; does not connect.  The arguments outlive it. */
drsw_redis_t *drsw_redis_create(const drsw_config_t *conf, drsw_log_t *log,
                                drsw_redis_shared_t *shared);
void          drsw_redis_destroy(drsw_redis_t *redis);

/* How long a call waits for a usable connection (0: one try, -1: until
 * stopped).  Default 5,000.  Returns what it was. */
int64_t drsw_redis_patience(drsw_redis_t *redis, int64_t ms);

/* Connects now.  DRS_OK or DRS_ERROR (drsw_redis_error). */
int  drsw_redis_connect(drsw_redis_t *redis);
void drsw_redis_close(drsw_redis_t *redis);

/* Last failure of the connection, for people. */
const char *drsw_redis_error(const drsw_redis_t *redis);

/* 1 if the last failure came after a command was (perhaps) sent: its effect
 * is unknown. */
int drsw_redis_unknown(const drsw_redis_t *redis);

/* How many calls failed so far because Redis was away or not usable: a caller
 * that sees the number grow knows why its work failed. */
unsigned drsw_redis_outages(const drsw_redis_t *redis);


/*
 * One command, one reply.
 *
 *  DRS_OK        reply filled; an error code of a function ("VERSION_CONFLICT")
 *                is a reply too: look at it with the decoder
 *  DRS_ERROR     no reply (connection, time-out, stopped), or Redis answered
 *                an error of its own (-OOM, -MISCONF ...): logged
 *
 * On DRS_ERROR the reply is empty; freeing it is allowed.  The cmd stays the
 * caller's.  `block_ms` > 0 adds to the time-out (XREADGROUP BLOCK).
 */
int
drsw_redis_cmd(drsw_redis_t *redis, const drs_cmd_t *cmd, drsw_reply_t *reply);
int
drsw_redis_argv(drsw_redis_t *redis, int argc, const char **argv,
                const size_t *argvlen, int64_t block_ms, drsw_reply_t *reply);
/* As drsw_redis_argv(); gives hiredis' reply (freeReplyObject) whatever it is,
 * errors of Redis included, and logs nothing about it. */
int drsw_redis_raw(drsw_redis_t *redis, int argc, const char **argv,
                   const size_t *argvlen, int64_t block_ms, redisReply **raw);
/* NUL-terminated words, ended by NULL */
int drsw_redis_words(drsw_redis_t *redis, drsw_reply_t *reply, const char *word,
                     ...);

/* n commands in one go; all replies or none. */
int drsw_redis_pipeline(drsw_redis_t *redis, drs_cmd_t *const *cmds, size_t n,
                        drsw_reply_t *replies);

void drsw_reply_free(drsw_reply_t *reply);

/*
 * Waits until redis_min_replica_acks replicas have everything that was written
 * on this connection (launch-protocol.md step 2).  DRS_OK at once when 0 is
 * configured; DRS_DECLINED: too few within redis_ack_timeout; DRS_ERROR.
 */
int drsw_redis_wait_replicas(drsw_redis_t *redis);

/* Prefix of the keys as a view, for the builders of drs_store.h. */
drs_str_t drsw_redis_prefix(const drsw_redis_t *redis);

/* The store's clock now, epoch ms (TIME, and test:offset with test_clock). */
int drsw_redis_time(drsw_redis_t *redis, int64_t *now_ms);

/* Full key name "<prefix>:<suffix>" into buf (cut never: DRS_ERROR). */
int drsw_redis_key(const drsw_redis_t *redis, char *buf, size_t size,
                   const char *fmt, ...) DRS_PRINTF(4, 5);


#endif /* DRSW_REDIS_H */
