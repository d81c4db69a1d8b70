
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drsw_redis_int.h"


static int drsw_redis_open(drsw_redis_t *redis);
static int drsw_redis_login(drsw_redis_t *redis);
static int drsw_redis_probe(drsw_redis_t *redis);


int64_t
drsw_redis_mono(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


struct timeval
drsw_redis_timeval(int64_t ms)
{
    struct timeval tv;

    tv.tv_sec = (time_t) (ms / 1000);
    tv.tv_usec = (suseconds_t) (ms % 1000 * 1000);

    return tv;
}


int
drsw_redis_pause(drsw_redis_t *redis, int64_t ms)
{
    int64_t         slice;
    struct timespec ts;

    while (ms > 0) {
        if (atomic_load(&redis->shared->stop)) {
            return 0;
        }

        slice = ms < 50 ? ms : 50;
        ts.tv_sec = 0;
        ts.tv_nsec = (long) slice * 1000000;
        (void) nanosleep(&ts, NULL);
        ms -= slice;
    }

    return !atomic_load(&redis->shared->stop);
}


void
drsw_redis_state(drsw_redis_t *redis, int state)
{
    if (atomic_exchange(&redis->shared->state, state) == state) {
        return;
    }

    switch (state) {
    case DRSW_REDIS_UP:
        drsw_notice(redis->log, "connected to Redis at %s", redis->addr.text);
        break;

    case DRSW_REDIS_WAITING:
        drsw_notice(redis->log, "waiting for Redis at %s: %s", redis->addr.text,
                    redis->error);
        break;

    default:
        drsw_error(redis->log,
                   "no connection to Redis at %s: %s; trying "
                   "again until it works",
                   redis->addr.text, redis->error);
        break;
    }
}


int
drsw_redis_judge(const redisReply *raw)
{
    size_t i;

    static const struct {
        const char *start;
        int         verdict;
    } starts[] = { { "LOADING", DRSW_REPLY_LATER },
                   { "BUSY ", DRSW_REPLY_LATER },
                   { "TRYAGAIN", DRSW_REPLY_LATER },
                   { "CLUSTERDOWN", DRSW_REPLY_LATER },
                   { "MASTERDOWN", DRSW_REPLY_MOVED },
                   { "READONLY", DRSW_REPLY_MOVED },
                   { "UNBLOCKED", DRSW_REPLY_MOVED },
                   { "ERR Function not found", DRSW_REPLY_MISSING } };

    if (raw->type != REDIS_REPLY_ERROR) {
        return DRSW_REPLY_OK;
    }

    for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(raw->str, starts[i].start, strlen(starts[i].start)) == 0) {
            return starts[i].verdict;
        }
    }

    return DRSW_REPLY_ERROR;
}


static int
drsw_redis_open(drsw_redis_t *redis)
{
    struct timeval tv;

    drsw_redis_close(redis);

    if (redis->conf->redis_sentinels[0] != '\0'
        && drsw_redis_addr_sentinel(&redis->addr, redis->conf, redis->error,
                                    sizeof(redis->error))
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    tv = drsw_redis_timeval(redis->conf->redis_connect_timeout_ms);

    if (redis->addr.path != NULL) {
        redis->rc = redisConnectUnixWithTimeout(redis->addr.path, tv);

    } else {
        redis->rc =
            redisConnectWithTimeout(redis->addr.host, redis->addr.port, tv);
    }

    if (redis->rc == NULL || redis->rc->err) {
        (void) snprintf(redis->error, sizeof(redis->error), "%s",
                        redis->rc != NULL ? drsw_redis_reason(redis->rc)
                                          : "out of memory");
        drsw_redis_close(redis);
        return DRS_ERROR;
    }

    (void) redisSetTimeout(redis->rc,
                           drsw_redis_timeval(redis->conf->redis_timeout_ms));

    if (redis->addr.path == NULL) {
        (void) redisEnableKeepAlive(redis->rc);
    }

    if (drsw_redis_login(redis) != DRS_OK) {
        drsw_redis_close(redis);
        return DRS_ERROR;
    }

    return drsw_redis_probe(redis);
}


/* One command whose reply must not be an error. */

static int
drsw_redis_expect(drsw_redis_t *redis, int argc, const char **argv,
                  const char *what)
{
    int         rc;
    redisReply *raw;

    raw = redisCommandArgv(redis->rc, argc, argv, NULL);

    if (raw == NULL) {
        (void) snprintf(redis->error, sizeof(redis->error), "%s: %s", what,
                        drsw_redis_reason(redis->rc));
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (raw->type == REDIS_REPLY_ERROR) {
        (void) snprintf(redis->error, sizeof(redis->error), "%s: %.*s", what,
                        (int) raw->len, raw->str);
        rc = DRS_ERROR;
    }

    freeReplyObject(raw);

    return rc;
}


static int
drsw_redis_login(drsw_redis_t *redis)
{
    char        db[16];
    const char *argv[3];

    if (redis->addr.password[0] != '\0') {
        argv[0] = "AUTH";
        argv[1] = redis->addr.user;
        argv[2] = redis->addr.password;

        if (redis->addr.user[0] == '\0') {
            argv[1] = argv[2];
        }

        if (drsw_redis_expect(redis, redis->addr.user[0] == '\0' ? 2 : 3, argv,
                              "AUTH")
            != DRS_OK)
        {
            return DRS_ERROR;
        }
    }

    argv[0] = "CLIENT";
    argv[1] = "SETNAME";
    argv[2] = "drs-worker";

    /* refused by some ACLs and while loading: only a name */
    (void) drsw_redis_expect(redis, 3, argv, "CLIENT");

    if (redis->rc->err) {
        return DRS_ERROR;
    }

    if (redis->addr.db != 0) {
        (void) snprintf(db, sizeof(db), "%d", redis->addr.db);
        argv[0] = "SELECT";
        argv[1] = db;

        return drsw_redis_expect(redis, 2, argv, "SELECT");
    }

    return DRS_OK;
}


/*
 * PING is refused while data are loaded, ROLE is not.  DRS_OK: usable;
 * DRS_AGAIN: there, but not yet usable; DRS_ERROR.
 */

static int
drsw_redis_probe(drsw_redis_t *redis)
{
    int         rc;
    redisReply *raw;

    raw = redisCommand(redis->rc, "PING");

    if (raw != NULL && raw->type != REDIS_REPLY_ERROR) {
        freeReplyObject(raw);
        raw = redisCommand(redis->rc, "ROLE");
    }

    if (raw == NULL) {
        (void) snprintf(redis->error, sizeof(redis->error), "%s",
                        drsw_redis_reason(redis->rc));
        drsw_redis_close(redis);
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (raw->type == REDIS_REPLY_ERROR) {
        (void) snprintf(redis->error, sizeof(redis->error), "%.*s",
                        (int) raw->len, raw->str);

        /* an ACL without ROLE: writes will tell */
        if (strncmp(raw->str, "NOPERM", 6) != 0) {
            rc = drsw_redis_judge(raw) == DRSW_REPLY_ERROR ? DRS_ERROR
                                                           : DRS_AGAIN;
        }

    } else if (raw->type == REDIS_REPLY_ARRAY && raw->elements > 0
               && raw->element[0]->type == REDIS_REPLY_STRING
               && strcmp(raw->element[0]->str, "master") != 0)
    {
        (void) snprintf(redis->error, sizeof(redis->error),
                        "this Redis is a replica (role %.32s)",
                        raw->element[0]->str);
        rc = DRS_AGAIN;
    }

    freeReplyObject(raw);

    if (rc != DRS_OK) {
        drsw_redis_close(redis);
    }

    return rc;
}


int
drsw_redis_usable(drsw_redis_t *redis, int64_t until)
{
    int     rc;
    int64_t pause_ms, left;

    if (redis->rc != NULL && !redis->rc->err) {
        return DRS_OK;
    }

    pause_ms = DRSW_REDIS_PAUSE_MIN_MS;

    for (;;) {
        rc = drsw_redis_open(redis);

        if (rc == DRS_OK) {
            drsw_redis_state(redis, DRSW_REDIS_UP);
            return DRS_OK;
        }

        drsw_redis_state(redis, rc == DRS_AGAIN ? DRSW_REDIS_WAITING
                                                : DRSW_REDIS_DOWN);

        left = until - drsw_redis_mono();

        if (left <= 0
            || !drsw_redis_pause(redis, pause_ms < left ? pause_ms : left)) {
            return DRS_ERROR;
        }

        pause_ms = pause_ms * 2 < DRSW_REDIS_PAUSE_MAX_MS
                       ? pause_ms * 2
                       : DRSW_REDIS_PAUSE_MAX_MS;
    }
}
