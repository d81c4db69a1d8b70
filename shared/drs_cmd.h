
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One Redis command as an argument vector, in the shape that hiredis wants:
 *
 *     redisCommandArgv(rc, c->argc, c->argv, c->argvlen)
 *     redisAsyncCommandArgv(ac, fn, data, c->argc, c->argv, c->argvlen)
 *
 * Arguments are copied into an arena that belongs to the command, so that the
 * caller's memory may go at once and one drs_cmd_free() releases everything.
 * hiredis copies the vector, so the command may be freed right after the call.
 *
 * Errors stick: after a failed append every other one does nothing and fails
 * too.  Test once at the end with drs_cmd_ok().  All appends accept a NULL
 * command (and fail), so that a builder needs no test of its own.
 */

#ifndef DRS_CMD_H_INCLUDED
#define DRS_CMD_H_INCLUDED


#include "drs_str.h"


typedef struct drs_cmd_chunk_s drs_cmd_chunk_t;

typedef struct {
    int          argc;
    const char **argv; /* not NUL-terminated strings */
    size_t      *argvlen;

    /* private */
    int              size; /* elements allocated */
    int              failed;
    int              counter; /* index of the counting argument, or -1 */
    uint64_t         count;
    drs_cmd_chunk_t *chunk;
} drs_cmd_t;


/*
 * A flat array reply as views into memory of the one who read it; integers
 * and statuses as their text, nil as { 0, NULL }.
 */
typedef struct {
    size_t     n;
    drs_str_t *v;
} drs_reply_t;


/* Empty command; NULL without memory. */
drs_cmd_t *drs_cmd_new(void);

/* NULL is allowed. */
void drs_cmd_free(drs_cmd_t *c);

/* As drs_cmd_free(), after overwriting the arguments. */
void drs_cmd_free_secret(drs_cmd_t *c);

/* 1 if c is not NULL and every append worked. */
int drs_cmd_ok(const drs_cmd_t *c);

/* All return DRS_OK or DRS_ERROR (memory, more than INT_MAX arguments). */
int drs_cmd_add(drs_cmd_t *c, drs_str_t s);
int drs_cmd_addn(drs_cmd_t *c, const void *data, size_t len);
int drs_cmd_addz(drs_cmd_t *c, const char *z);
int drs_cmd_add_i64(drs_cmd_t *c, int64_t v);
int drs_cmd_add_u64(drs_cmd_t *c, uint64_t v);
int drs_cmd_addf(drs_cmd_t *c, const char *fmt, ...) DRS_PRINTF(2, 3);

/* "-" when the view is empty: "not given" in the calls of the library. */
int drs_cmd_add_opt(drs_cmd_t *c, drs_str_t s);

/*
 * One argument that says how many operations follow: _begin() appends "0",
 * each _inc() raises it.  One such argument per command.
 */
int drs_cmd_count_begin(drs_cmd_t *c);
int drs_cmd_count_inc(drs_cmd_t *c);

/* Bytes of all arguments together. */
size_t drs_cmd_bytes(const drs_cmd_t *c);

/* "GET", key, ...: command of NUL-terminated words, ended by NULL. */
drs_cmd_t *drs_cmd_words(const char *word, ...);


#endif /* DRS_CMD_H_INCLUDED */
