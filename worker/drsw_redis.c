
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_keys.h"
#include "drsw_redis_int.h"


static int drsw_redis_send(drsw_redis_t *redis, size_t n, const int *argc,
                           const char ***argv, const size_t **argvlen,
                           int64_t block_ms, redisReply **raw);
static int drsw_reply_fill(drsw_reply_t *reply, redisReply *raw);


const char *
drsw_redis_reason(const redisContext *rc)
{
    if (rc->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return "no reply in time";
    }

    return rc->errstr[0] != '\0' ? rc->errstr : "connection failed";
}


drsw_redis_t *
drsw_redis_create(const drsw_config_t *conf, drsw_log_t *log,
                  drsw_redis_shared_t *shared)
{
    drsw_redis_t *redis;

    redis = calloc(1, sizeof(*redis));
    if (redis == NULL) {
        return NULL;
    }

    redis->conf = conf;
    redis->log = log;
    redis->shared = shared;
    redis->patience_ms = DRSW_REDIS_PATIENCE_MS;

    if (drsw_redis_addr_parse(&redis->addr, conf, redis->error,
                              sizeof(redis->error))
        != DRS_OK)
    {
        drsw_error(log, "%s", redis->error);
        free(redis);
        return NULL;
    }

    return redis;
}


void
drsw_redis_destroy(drsw_redis_t *redis)
{
    if (redis == NULL) {
        return;
    }

    drsw_redis_close(redis);
    drsw_redis_addr_free(&redis->addr);
    free(redis);
}


void
drsw_redis_close(drsw_redis_t *redis)
{
    if (redis->rc != NULL) {
        redisFree(redis->rc);
        redis->rc = NULL;
    }
}


int64_t
drsw_redis_patience(drsw_redis_t *redis, int64_t ms)
{
    int64_t before;

    before = redis->patience_ms;
    redis->patience_ms = ms;

    return before;
}


const char *
drsw_redis_error(const drsw_redis_t *redis)
{
    return redis->error;
}


int
drsw_redis_unknown(const drsw_redis_t *redis)
{
    return redis->unknown;
}


unsigned
drsw_redis_outages(const drsw_redis_t *redis)
{
    return redis->outages;
}


drs_str_t
drsw_redis_prefix(const drsw_redis_t *redis)
{
    return drs_str(redis->conf->prefix);
}


static int64_t
drsw_redis_until(const drsw_redis_t *redis)
{
    return redis->patience_ms < 0 ? INT64_MAX
                                  : drsw_redis_mono() + redis->patience_ms;
}


int
drsw_redis_connect(drsw_redis_t *redis)
{
    return drsw_redis_usable(redis, drsw_redis_until(redis));
}


/* --- commands ------------------------------------------------------------- */


/* Sends n commands and reads n replies, or none. */

static int
drsw_redis_send(drsw_redis_t *redis, size_t n, const int *argc,
                const char ***argv, const size_t **argvlen, int64_t block_ms,
                redisReply **raw)
{
    void  *p;
    size_t i;

    redis->unknown = 0;

    for (i = 0; i < n; i++) {
        if (redisAppendCommandArgv(redis->rc, argc[i], argv[i], argvlen[i])
            != REDIS_OK) {
            goto failed;
        }
    }

    redis->unknown = 1;

    if (block_ms > 0) {
        (void) redisSetTimeout(
            redis->rc,
            drsw_redis_timeval(block_ms + redis->conf->redis_timeout_ms));
    }

    for (i = 0; i < n; i++) {
        if (redisGetReply(redis->rc, &p) != REDIS_OK || p == NULL) {
            while (i > 0) {
                freeReplyObject(raw[--i]);
            }
            goto failed;
        }

        raw[i] = p;
    }

    if (block_ms > 0) {
        (void) redisSetTimeout(
            redis->rc, drsw_redis_timeval(redis->conf->redis_timeout_ms));
    }

    redis->unknown = 0;

    return DRS_OK;

failed:

    (void) snprintf(redis->error, sizeof(redis->error), "%s",
                    drsw_redis_reason(redis->rc));

    drsw_redis_close(redis);

    return DRS_ERROR;
}


/* Runs the missing hook once; DRS_OK: the command may be tried again. */

static int
drsw_redis_missing(drsw_redis_t *redis)
{
    int rc;

    if (redis->loading || redis->shared->missing == NULL) {
        return DRS_ERROR;
    }

    redis->loading = 1;
    rc = redis->shared->missing(redis->shared->missing_data, redis);
    redis->loading = 0;

    return rc;
}


/*
 * The loop around one command or pipeline: replies that say "not executed"
 * are tried again while patience lasts.  A pipeline is tried again only if
 * its first command was not executed.
 */

static int
drsw_redis_exchange(drsw_redis_t *redis, size_t n, const int *argc,
                    const char ***argv, const size_t **argvlen,
                    int64_t block_ms, redisReply **raw)
{
    int     verdict, reloaded;
    size_t  i;
    int64_t until, pause_ms;

    until = drsw_redis_until(redis);
    pause_ms = DRSW_REDIS_PAUSE_MIN_MS;
    reloaded = 0;

    for (;;) {
        redis->unknown = 0;

        if (drsw_redis_usable(redis, until) != DRS_OK) {
            redis->outages++;
            return DRS_ERROR;
        }

        if (drsw_redis_send(redis, n, argc, argv, argvlen, block_ms, raw)
            != DRS_OK) {
            redis->outages++;
            drsw_redis_state(redis, DRSW_REDIS_DOWN);
            return DRS_ERROR;
        }

        verdict = drsw_redis_judge(raw[0]);

        if (verdict == DRSW_REPLY_OK || verdict == DRSW_REPLY_ERROR) {
            return DRS_OK;
        }

        (void) snprintf(redis->error, sizeof(redis->error), "%.*s",
                        (int) raw[0]->len, raw[0]->str);

        if (verdict == DRSW_REPLY_MISSING) {
            if (reloaded++ || drsw_redis_missing(redis) != DRS_OK) {
                return DRS_OK;
            }

        } else {
            drsw_redis_state(redis, DRSW_REDIS_WAITING);

            if (drsw_redis_mono() >= until) {
                redis->outages++;
                return DRS_OK;
            }
        }

        for (i = 0; i < n; i++) {
            freeReplyObject(raw[i]);
        }

        if (verdict == DRSW_REPLY_MISSING) {
            continue;
        }

        if (verdict == DRSW_REPLY_MOVED) {
            drsw_redis_close(redis);
        }

        if (!drsw_redis_pause(redis, pause_ms)) {
            return DRS_ERROR;
        }

        pause_ms = pause_ms * 2 < DRSW_REDIS_PAUSE_MAX_MS
                       ? pause_ms * 2
                       : DRSW_REDIS_PAUSE_MAX_MS;
    }
}


static int
drsw_redis_take(drsw_redis_t *redis, redisReply *raw, drsw_reply_t *reply)
{
    if (raw->type == REDIS_REPLY_ERROR) {
        (void) snprintf(redis->error, sizeof(redis->error), "%.*s",
                        (int) raw->len, raw->str);
        drsw_error(redis->log, "Redis refused a command: %s", redis->error);
        freeReplyObject(raw);
        return DRS_ERROR;
    }

    return drsw_reply_fill(reply, raw);
}


int
drsw_redis_raw(drsw_redis_t *redis, int argc, const char **argv,
               const size_t *argvlen, int64_t block_ms, redisReply **raw)
{
    int     i, rc;
    size_t *lens;

    lens = NULL;

    if (argvlen == NULL) {
        lens = calloc((size_t) argc + 1, sizeof(*lens));
        if (lens == NULL) {
            return DRS_ERROR;
        }

        for (i = 0; i < argc; i++) {
            lens[i] = strlen(argv[i]);
        }

        argvlen = lens;
    }

    rc = drsw_redis_exchange(redis, 1, &argc, &argv, &argvlen, block_ms, raw);
    free(lens);

    return rc;
}


int
drsw_redis_argv(drsw_redis_t *redis, int argc, const char **argv,
                const size_t *argvlen, int64_t block_ms, drsw_reply_t *reply)
{
    redisReply *raw;

    memset(reply, 0, sizeof(*reply));

    if (drsw_redis_exchange(redis, 1, &argc, &argv, &argvlen, block_ms, &raw)
        != DRS_OK)
    {
        drsw_debug(redis->log, "no reply from Redis: %s", redis->error);
        return DRS_ERROR;
    }

    return drsw_redis_take(redis, raw, reply);
}


int
drsw_redis_cmd(drsw_redis_t *redis, const drs_cmd_t *cmd, drsw_reply_t *reply)
{
    memset(reply, 0, sizeof(*reply));

    if (!drs_cmd_ok(cmd)) {
        redis->unknown = 0;
        (void) snprintf(redis->error, sizeof(redis->error), "out of memory");
        return DRS_ERROR;
    }

    return drsw_redis_argv(redis, cmd->argc, cmd->argv, cmd->argvlen, 0, reply);
}


int
drsw_redis_words(drsw_redis_t *redis, drsw_reply_t *reply, const char *word,
                 ...)
{
    int        rc;
    va_list    ap;
    drs_cmd_t *cmd;

    cmd = drs_cmd_new();

    va_start(ap, word);

    while (word != NULL) {
        (void) drs_cmd_addz(cmd, word);
        word = va_arg(ap, const char *);
    }

    va_end(ap);

    rc = drsw_redis_cmd(redis, cmd, reply);
    drs_cmd_free(cmd);

    return rc;
}


int
drsw_redis_pipeline(drsw_redis_t *redis, drs_cmd_t *const *cmds, size_t n,
                    drsw_reply_t *replies)
{
    int            rc, *argc;
    size_t         i;
    redisReply   **raw;
    const char  ***argv;
    const size_t **argvlen;

    memset(replies, 0, n * sizeof(*replies));

    if (n == 0) {
        return DRS_OK;
    }

    rc = DRS_ERROR;
    argc = calloc(n, sizeof(*argc));
    argv = calloc(n, sizeof(*argv));
    argvlen = calloc(n, sizeof(*argvlen));
    raw = calloc(n, sizeof(*raw));

    if (argc == NULL || argv == NULL || argvlen == NULL || raw == NULL) {
        goto done;
    }

    for (i = 0; i < n; i++) {
        if (!drs_cmd_ok(cmds[i])) {
            goto done;
        }

        argc[i] = cmds[i]->argc;
        argv[i] = cmds[i]->argv;
        argvlen[i] = cmds[i]->argvlen;
    }

    rc = drsw_redis_exchange(redis, n, argc, argv, argvlen, 0, raw);

    if (rc == DRS_OK) {
        for (i = 0; i < n; i++) {
            if (drsw_redis_take(redis, raw[i], &replies[i]) != DRS_OK) {
                rc = DRS_ERROR;
            }
        }

        for (i = 0; rc != DRS_OK && i < n; i++) {
            drsw_reply_free(&replies[i]);
        }
    }

done:

    free(argc);
    free(argv);
    free(argvlen);
    free(raw);

    return rc;
}


/* --- replies -------------------------------------------------------------- */


static drs_str_t
drsw_reply_view(const redisReply *r, char **ints)
{
    int       n;
    drs_str_t s;

    switch (r->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return drs_strn(r->str, (size_t) r->len);

    case REDIS_REPLY_INTEGER:
        n = snprintf(*ints, 24, "%lld", r->integer);
        s = drs_strn(*ints, (size_t) n);
        *ints += 24;
        return s;

    default:
        return drs_strn(NULL, 0);
    }
}


static int
drsw_reply_fill(drsw_reply_t *reply, redisReply *raw)
{
    char  *p;
    size_t i, n;

    n = (raw->type == REDIS_REPLY_ARRAY) ? raw->elements : 1;

    reply->raw = raw;
    reply->r.n = n;
    reply->r.v = calloc(n + 1, sizeof(drs_str_t));
    reply->ints = malloc(n * 24 + 1);

    if (reply->r.v == NULL || reply->ints == NULL) {
        drsw_reply_free(reply);
        return DRS_ERROR;
    }

    p = reply->ints;

    if (raw->type != REDIS_REPLY_ARRAY) {
        reply->r.v[0] = drsw_reply_view(raw, &p);
        return DRS_OK;
    }

    for (i = 0; i < n; i++) {
        reply->r.v[i] = drsw_reply_view(raw->element[i], &p);
    }

    return DRS_OK;
}


void
drsw_reply_free(drsw_reply_t *reply)
{
    if (reply->raw != NULL) {
        freeReplyObject(reply->raw);
    }

    free(reply->r.v);
    free(reply->ints);
    memset(reply, 0, sizeof(*reply));
}


/* --- helpers -------------------------------------------------------------- */


int
drsw_redis_wait_replicas(drsw_redis_t *redis)
{
    char         n[24], ms[24];
    int64_t      got;
    drsw_reply_t reply;

    if (redis->conf->redis_min_replica_acks == 0) {
        return DRS_OK;
    }

    /* on the connection that wrote: a new one would prove nothing */
    if (redis->rc == NULL || redis->rc->err) {
        (void) snprintf(redis->error, sizeof(redis->error),
                        "the connection that wrote is lost");
        return DRS_ERROR;
    }

    (void) snprintf(n, sizeof(n), "%lld",
                    (long long) redis->conf->redis_min_replica_acks);
    (void) snprintf(ms, sizeof(ms), "%lld",
                    (long long) redis->conf->redis_ack_timeout_ms);

    if (drsw_redis_words(redis, &reply, "WAIT", n, ms, NULL) != DRS_OK) {
        return DRS_ERROR;
    }

    if (drs_str_i64(reply.r.v[0], &got) != DRS_OK) {
        got = 0;
    }

    drsw_reply_free(&reply);

    if (got < redis->conf->redis_min_replica_acks) {
        (void) snprintf(redis->error, sizeof(redis->error),
                        "%lld of %s "
                        "replicas acknowledged in time",
                        (long long) got, n);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drsw_redis_time(drsw_redis_t *redis, int64_t *now_ms)
{
    int          rc;
    size_t       n;
    int64_t      s, us, offset;
    drs_cmd_t   *cmds[2];
    drsw_reply_t replies[2];

    n = redis->conf->test_clock ? 2 : 1;
    cmds[0] = drs_cmd_words("TIME", NULL);
    cmds[1] = (n == 2) ? drs_key_cmd0("GET", drsw_redis_prefix(redis),
                                      DRS_KEY_TEST_OFFSET)
                       : NULL;

    rc = drsw_redis_pipeline(redis, cmds, n, replies);

    drs_cmd_free(cmds[0]);
    drs_cmd_free(cmds[1]);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    offset = 0;

    if (replies[0].r.n != 2 || drs_str_i64(replies[0].r.v[0], &s) != DRS_OK
        || drs_str_i64(replies[0].r.v[1], &us) != DRS_OK)
    {
        rc = DRS_ERROR;

    } else {
        if (n == 2 && drs_str_i64(replies[1].r.v[0], &offset) != DRS_OK) {
            offset = 0;
        }

        *now_ms = s * 1000 + us / 1000 + offset;
    }

    while (n > 0) {
        drsw_reply_free(&replies[--n]);
    }

    return rc;
}


int
drsw_redis_key(const drsw_redis_t *redis, char *buf, size_t size,
               const char *fmt, ...)
{
    int     n, m;
    va_list ap;

    n = snprintf(buf, size, "%s:", redis->conf->prefix);
    if (n < 0 || (size_t) n >= size) {
        return DRS_ERROR;
    }

    va_start(ap, fmt);
    m = vsnprintf(buf + n, size - (size_t) n, fmt, ap);
    va_end(ap);

    return (m < 0 || (size_t) m >= size - (size_t) n) ? DRS_ERROR : DRS_OK;
}
