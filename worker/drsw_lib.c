
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The function library in Redis: loaded when missing or older, never
 * downgraded (decisions: a worker older than the store writes nothing).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_lua_gen.h"
#include "drs_store.h"
#include "drsw_worker.h"


#define drsw_lib_str1(x) #x
#define drsw_lib_str(x)  drsw_lib_str1(x)


/* What the library in Redis says about itself. */
typedef struct {
    int     loaded;
    int64_t schema;
    int64_t library;
    int64_t data_schema;
    int     test_clock;
} drsw_lib_t;


static int drsw_lib_look(drsw_redis_t *redis, drsw_log_t *log, drsw_lib_t *lib);
static char *drsw_lib_code(int test_clock);
static int   drsw_lib_same(drsw_redis_t *redis, const char *code);
static int
drsw_lib_send(drsw_redis_t *redis, drsw_log_t *log, const char *code);
static int drsw_lib_open(drsw_redis_t *redis, drsw_log_t *log);


const char *
drsw_lib_version(void)
{
    return drsw_lib_str(DRS_LUA_SCHEMA) "." drsw_lib_str(DRS_LUA_LIBRARY);
}


int
drsw_lib_newer(int64_t schema, int64_t library)
{
    return schema > DRS_LUA_SCHEMA || library > DRS_LUA_LIBRARY;
}


static int
drsw_lib_look(drsw_redis_t *redis, drsw_log_t *log, drsw_lib_t *lib)
{
    int         rc;
    drs_str_t   v[4];
    drs_cmd_t  *cmd;
    redisReply *raw;
    size_t      i;

    memset(lib, 0, sizeof(*lib));

    cmd = drs_store_version(drsw_redis_prefix(redis));
    if (!drs_cmd_ok(cmd)) {
        return DRS_ERROR;
    }

    rc = drsw_redis_raw(redis, cmd->argc, cmd->argv, cmd->argvlen, 0, &raw);
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        drsw_error(log, "Redis does not answer: %s", drsw_redis_error(redis));
        return DRS_ERROR;
    }

    if (raw->type == REDIS_REPLY_ERROR
        && strncmp(raw->str, "ERR Function not found", 22) == 0)
    {
        freeReplyObject(raw);
        return DRS_OK;
    }

    rc = DRS_ERROR;

    if (raw->type == REDIS_REPLY_ARRAY && raw->elements >= 5) {
        for (i = 0; i < 4; i++) {
            v[i] = drs_strn(raw->element[i + 1]->str,
                            (size_t) raw->element[i + 1]->len);
        }

        if (drs_str_i64(v[0], &lib->schema) == DRS_OK
            && drs_str_i64(v[1], &lib->library) == DRS_OK
            && drs_str_i64(v[2], &lib->data_schema) == DRS_OK)
        {
            lib->loaded = 1;
            lib->test_clock = drs_str_eqz(v[3], "test");
            rc = DRS_OK;
        }
    }

    if (rc != DRS_OK) {
        drsw_error(log, "the function library in Redis is not ours: %.200s",
                   raw->type == REDIS_REPLY_ERROR
                       ? raw->str
                       : "unexpected answer of drs_version");
    }

    freeReplyObject(raw);

    return rc;
}


/* NUL-terminated copy of the library, freed by the caller. */

static char *
drsw_lib_code(int test_clock)
{
    char *code;

    code = malloc(DRS_LUA_LEN + 1);
    if (code == NULL) {
        return NULL;
    }

    memcpy(code, drs_lua_library, DRS_LUA_LEN);
    code[DRS_LUA_LEN] = '\0';

    if (test_clock) {
        memcpy(code + DRS_LUA_TEST_CLOCK_AT, "true ", 5);
    }

    return code;
}


/* 1 if Redis has exactly this code. */

static int
drsw_lib_same(drsw_redis_t *redis, const char *code)
{
    int         same;
    size_t      i, k;
    redisReply *raw, *lib;
    const char *argv[5];

    argv[0] = "FUNCTION";
    argv[1] = "LIST";
    argv[2] = "LIBRARYNAME";
    argv[3] = DRS_LUA_NAME;
    argv[4] = "WITHCODE";

    if (drsw_redis_raw(redis, 5, argv, NULL, 0, &raw) != DRS_OK) {
        return 0;
    }

    /* refused (ACL): the version has to do */
    same = (raw->type == REDIS_REPLY_ERROR);

    for (i = 0; raw->type == REDIS_REPLY_ARRAY && i < raw->elements; i++) {
        lib = raw->element[i];

        for (k = 0; k + 1 < lib->elements; k += 2) {
            if (lib->element[k]->type == REDIS_REPLY_STRING
                && strcmp(lib->element[k]->str, "library_code") == 0
                && lib->element[k + 1]->type == REDIS_REPLY_STRING)
            {
                same = strcmp(lib->element[k + 1]->str, code) == 0;
            }
        }
    }

    freeReplyObject(raw);

    return same;
}


static int
drsw_lib_send(drsw_redis_t *redis, drsw_log_t *log, const char *code)
{
    int         rc;
    redisReply *raw;
    const char *argv[4];

    argv[0] = "FUNCTION";
    argv[1] = "LOAD";
    argv[2] = "REPLACE";
    argv[3] = code;

    if (drsw_redis_raw(redis, 4, argv, NULL, 0, &raw) != DRS_OK) {
        drsw_error(log, "the function library cannot be loaded: %s",
                   drsw_redis_error(redis));
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (raw->type == REDIS_REPLY_ERROR) {
        drsw_error(log, "the function library cannot be loaded: %s", raw->str);
        rc = DRS_ERROR;
    }

    freeReplyObject(raw);

    return rc;
}


/* Notes schema and library version in the data. */

static int
drsw_lib_open(drsw_redis_t *redis, drsw_log_t *log)
{
    int          rc;
    drs_cmd_t   *cmd;
    drs_answer_t a;
    drsw_reply_t reply;

    cmd = drs_store_open(drsw_redis_prefix(redis));
    rc = drsw_redis_cmd(redis, cmd, &reply);
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    rc = drs_store_answer(&a, &reply.r);

    if (rc != DRS_OK) {
        drsw_error(log, "the data in Redis cannot be used: %.*s",
                   DRS_STR_ARG(a.text));
    }

    drsw_reply_free(&reply);

    return rc;
}


int
drsw_lib_load(drsw_redis_t *redis, drsw_log_t *log, int test_clock)
{
    int        rc;
    char      *code;
    drsw_lib_t lib;

    if (drsw_lib_look(redis, log, &lib) != DRS_OK) {
        return DRS_ERROR;
    }

    if (drsw_lib_newer(lib.schema, lib.library)
        || drsw_lib_newer(lib.data_schema, 0))
    {
        drsw_error(log,
                   "the store is newer (schema %lld, library %lld) than "
                   "this worker (schema %d, library %d): it writes nothing; "
                   "install the newer worker",
                   (long long) (lib.data_schema > lib.schema ? lib.data_schema
                                                             : lib.schema),
                   (long long) lib.library, DRS_LUA_SCHEMA, DRS_LUA_LIBRARY);
        return DRS_DECLINED;
    }

    code = drsw_lib_code(test_clock);
    if (code == NULL) {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (!lib.loaded || lib.library < DRS_LUA_LIBRARY
        || lib.test_clock != (test_clock != 0) || !drsw_lib_same(redis, code))
    {
        rc = drsw_lib_send(redis, log, code);

        if (rc == DRS_OK) {
            drsw_notice(log, "function library %s loaded into Redis%s",
                        drsw_lib_version(),
                        test_clock ? ", with the clock of tests" : "");
        }
    }

    free(code);

    return rc == DRS_OK ? drsw_lib_open(redis, log) : rc;
}
