
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Is this Redis fit to be the system of record?
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_worker.h"


#define DRSW_CHECK_MAJOR 7


static int drsw_check_info(drsw_redis_t *redis, char **text);
static int drsw_check_config(drsw_redis_t *redis, const char *name, char *dst,
                             size_t size);
static int
drsw_check_value(const char *info, const char *name, char *dst, size_t size);
static int
drsw_check_unsafe(const drsw_config_t *conf, drsw_log_t *log, const char *what);


static int
drsw_check_info(drsw_redis_t *redis, char **text)
{
    redisReply *raw;
    const char *argv[1];

    argv[0] = "INFO";
    *text = NULL;

    if (drsw_redis_raw(redis, 1, argv, NULL, 0, &raw) != DRS_OK) {
        return DRS_ERROR;
    }

    if (raw->type == REDIS_REPLY_STRING) {
        *text = strdup(raw->str);
    }

    freeReplyObject(raw);

    return *text != NULL ? DRS_OK : DRS_ERROR;
}


/* "name:value\r\n" */

static int
drsw_check_value(const char *info, const char *name, char *dst, size_t size)
{
    size_t      n;
    const char *p;

    n = strlen(name);

    for (p = info; p != NULL; p = strchr(p, '\n')) {
        p += (*p == '\n');

        if (strncmp(p, name, n) == 0 && p[n] == ':') {
            (void) snprintf(dst, size, "%.*s", (int) strcspn(p + n + 1, "\r\n"),
                            p + n + 1);
            return DRS_OK;
        }
    }

    dst[0] = '\0';

    return DRS_DECLINED;
}


/* DRS_DECLINED: not told (no right to CONFIG). */

static int
drsw_check_config(drsw_redis_t *redis, const char *name, char *dst, size_t size)
{
    int         rc;
    redisReply *raw;
    const char *argv[3];

    argv[0] = "CONFIG";
    argv[1] = "GET";
    argv[2] = name;
    dst[0] = '\0';

    if (drsw_redis_raw(redis, 3, argv, NULL, 0, &raw) != DRS_OK) {
        return DRS_ERROR;
    }

    rc = DRS_DECLINED;

    if (raw->type == REDIS_REPLY_ARRAY && raw->elements == 2
        && raw->element[1]->type == REDIS_REPLY_STRING)
    {
        (void) snprintf(dst, size, "%s", raw->element[1]->str);
        rc = DRS_OK;
    }

    freeReplyObject(raw);

    return rc;
}


static int
drsw_check_unsafe(const drsw_config_t *conf, drsw_log_t *log, const char *what)
{
    if (conf->redis_allow_unsafe) {
        drsw_warn(log, "%s; going on because redis_allow_unsafe is on", what);
        return 0;
    }

    drsw_error(log, "%s; set redis_allow_unsafe on to start nevertheless",
               what);

    return 1;
}


int
drsw_check_redis(drsw_redis_t *redis, const drsw_config_t *conf,
                 drsw_log_t *log)
{
    int   rc, bad;
    char *info, value[64], text[160];

    if (drsw_check_info(redis, &info) != DRS_OK) {
        drsw_error(log, "Redis does not answer INFO: %s",
                   drsw_redis_error(redis));
        return DRS_ERROR;
    }

    /* while loading it shows no append-only file */

    if (drsw_check_value(info, "loading", value, sizeof(value)) == DRS_OK
        && strcmp(value, "0") != 0)
    {
        drsw_notice(log, "Redis loads its data");
        free(info);
        return DRS_ERROR;
    }

    bad = 0;

    if (drsw_check_value(info, "redis_version", value, sizeof(value)) != DRS_OK
        || atoi(value) < DRSW_CHECK_MAJOR)
    {
        drsw_error(log,
                   "Redis has version %.32s; 7.0 or later is needed for "
                   "its functions",
                   value[0] != '\0' ? value : "unknown");
        bad = 1;
    }

    if (drsw_check_value(info, "cluster_enabled", value, sizeof(value))
            == DRS_OK
        && strcmp(value, "1") == 0)
    {
        drsw_notice(log,
                    "Redis runs as a cluster: all keys are in the slot of "
                    "the prefix %s",
                    conf->prefix);
    }

    if (drsw_check_value(info, "aof_enabled", value, sizeof(value)) == DRS_OK
        && strcmp(value, "1") != 0)
    {
        bad += drsw_check_unsafe(conf, log,
                                 "Redis writes no append-only file "
                                 "(appendonly no): a crash would lose "
                                 "executions");
    }

    if (drsw_check_value(info, "aof_last_write_status", value, sizeof(value))
            == DRS_OK
        && strcmp(value, "ok") != 0)
    {
        drsw_warn(log, "the last write of Redis' append-only file failed: look "
                       "at its disk");
    }

    rc = drsw_check_config(redis, "appendfsync", value, sizeof(value));

    if (rc == DRS_DECLINED) {
        drsw_warn(log, "Redis does not tell appendfsync (no right to CONFIG "
                       "GET); it should be \"always\"");

    } else if (rc == DRS_OK && strcmp(value, "always") != 0
               && conf->redis_min_replica_acks == 0)
    {
        drsw_warn(log,
                  "appendfsync is \"%.32s\": a crash of Redis can lose "
                  "the last launch intent, so exactly-once launching is not "
                  "promised; set it to \"always\"",
                  value);
    }

    if (drsw_check_value(info, "maxmemory_policy", value, sizeof(value))
            == DRS_OK
        && strcmp(value, "noeviction") != 0)
    {
        (void) snprintf(text, sizeof(text),
                        "maxmemory-policy is \"%.32s\": "
                        "Redis may throw data away; it must be \"noeviction\"",
                        value);
        bad += drsw_check_unsafe(conf, log, text);
    }

    free(info);

    return bad ? DRS_DECLINED : DRS_OK;
}
