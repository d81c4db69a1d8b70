
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_cmd.h"


#define DRS_CMD_CHUNK  2048
#define DRS_CMD_DIGITS 20 /* UINT64_MAX */


struct drs_cmd_chunk_s {
    drs_cmd_chunk_t *next;
    size_t           used;
    size_t           size;
    char             data[];
};


static void  drs_cmd_release(drs_cmd_t *c, int wipe);
static char *drs_cmd_alloc(drs_cmd_t *c, size_t len);
static int   drs_cmd_push(drs_cmd_t *c, const char *data, size_t len);


drs_cmd_t *
drs_cmd_new(void)
{
    drs_cmd_t *c;

    c = calloc(1, sizeof(drs_cmd_t));
    if (c != NULL) {
        c->counter = -1;
    }

    return c;
}


void
drs_cmd_free(drs_cmd_t *c)
{
    drs_cmd_release(c, 0);
}


void
drs_cmd_free_secret(drs_cmd_t *c)
{
    drs_cmd_release(c, 1);
}


static void
drs_cmd_release(drs_cmd_t *c, int wipe)
{
    drs_cmd_chunk_t *ch, *next;

    if (c == NULL) {
        return;
    }

    for (ch = c->chunk; ch != NULL; ch = next) {
        next = ch->next;
        if (wipe) {
            drs_memzero(ch->data, ch->size);
        }
        free(ch);
    }

    free((void *) c->argv);
    free(c->argvlen);
    free(c);
}


int
drs_cmd_ok(const drs_cmd_t *c)
{
    return c != NULL && !c->failed;
}


static char *
drs_cmd_alloc(drs_cmd_t *c, size_t len)
{
    char            *p;
    size_t           size;
    drs_cmd_chunk_t *ch;

    ch = c->chunk;

    if (ch == NULL || ch->size - ch->used < len) {
        size = len > DRS_CMD_CHUNK ? len : DRS_CMD_CHUNK;
        if (size > SIZE_MAX - sizeof(drs_cmd_chunk_t)) {
            return NULL;
        }

        ch = malloc(sizeof(drs_cmd_chunk_t) + size);
        if (ch == NULL) {
            return NULL;
        }

        ch->used = 0;
        ch->size = size;
        ch->next = c->chunk;
        c->chunk = ch;
    }

    p = ch->data + ch->used;
    ch->used += len;

    return p;
}


/* Makes `data`, which lies in the arena, the next argument. */
static int
drs_cmd_push(drs_cmd_t *c, const char *data, size_t len)
{
    int          size;
    size_t      *lens;
    const char **argv;

    if (c->argc == c->size) {
        if (c->size > INT_MAX / 2) {
            return DRS_ERROR;
        }

        size = c->size == 0 ? 16 : c->size * 2;

        argv = realloc((void *) c->argv, (size_t) size * sizeof(char *));
        if (argv == NULL) {
            return DRS_ERROR;
        }
        c->argv = argv;

        lens = realloc(c->argvlen, (size_t) size * sizeof(size_t));
        if (lens == NULL) {
            return DRS_ERROR;
        }
        c->argvlen = lens;

        c->size = size;
    }

    c->argv[c->argc] = data;
    c->argvlen[c->argc] = len;
    c->argc++;

    return DRS_OK;
}


int
drs_cmd_addn(drs_cmd_t *c, const void *data, size_t len)
{
    char *p;

    if (!drs_cmd_ok(c)) {
        return DRS_ERROR;
    }

    p = drs_cmd_alloc(c, len > 0 ? len : 1);
    if (p == NULL) {
        c->failed = 1;
        return DRS_ERROR;
    }

    if (len > 0) {
        memcpy(p, data, len);
    }

    if (drs_cmd_push(c, p, len) != DRS_OK) {
        c->failed = 1;
        return DRS_ERROR;
    }

    return DRS_OK;
}


int
drs_cmd_add(drs_cmd_t *c, drs_str_t s)
{
    return drs_cmd_addn(c, s.data, s.len);
}


int
drs_cmd_addz(drs_cmd_t *c, const char *z)
{
    return drs_cmd_addn(c, z, z != NULL ? strlen(z) : 0);
}


int
drs_cmd_add_opt(drs_cmd_t *c, drs_str_t s)
{
    return s.len > 0 ? drs_cmd_add(c, s) : drs_cmd_addn(c, "-", 1);
}


int
drs_cmd_add_i64(drs_cmd_t *c, int64_t v)
{
    return drs_cmd_addf(c, "%" PRId64, v);
}


int
drs_cmd_add_u64(drs_cmd_t *c, uint64_t v)
{
    return drs_cmd_addf(c, "%" PRIu64, v);
}


int
drs_cmd_addf(drs_cmd_t *c, const char *fmt, ...)
{
    int     n;
    char   *p;
    va_list ap;

    if (!drs_cmd_ok(c)) {
        return DRS_ERROR;
    }

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    p = n < 0 ? NULL : drs_cmd_alloc(c, (size_t) n + 1);
    if (p == NULL) {
        c->failed = 1;
        return DRS_ERROR;
    }

    va_start(ap, fmt);
    (void) vsnprintf(p, (size_t) n + 1, fmt, ap);
    va_end(ap);

    if (drs_cmd_push(c, p, (size_t) n) != DRS_OK) {
        c->failed = 1;
        return DRS_ERROR;
    }

    return DRS_OK;
}


int
drs_cmd_count_begin(drs_cmd_t *c)
{
    char *p;

    if (!drs_cmd_ok(c) || c->counter >= 0) {
        if (c != NULL) {
            c->failed = 1;
        }
        return DRS_ERROR;
    }

    p = drs_cmd_alloc(c, DRS_CMD_DIGITS + 1);
    if (p == NULL || drs_cmd_push(c, p, 1) != DRS_OK) {
        c->failed = 1;
        return DRS_ERROR;
    }

    *p = '0';
    c->counter = c->argc - 1;
    c->count = 0;

    return DRS_OK;
}


int
drs_cmd_count_inc(drs_cmd_t *c)
{
    int   n;
    char *p;

    if (!drs_cmd_ok(c) || c->counter < 0) {
        if (c != NULL) {
            c->failed = 1;
        }
        return DRS_ERROR;
    }

    c->count++;

    /* the arena is ours and the room was taken in drs_cmd_count_begin() */
    p = (char *) (uintptr_t) c->argv[c->counter];
    n = snprintf(p, DRS_CMD_DIGITS + 1, "%" PRIu64, c->count);
    c->argvlen[c->counter] = (size_t) n;

    return DRS_OK;
}


size_t
drs_cmd_bytes(const drs_cmd_t *c)
{
    int    i;
    size_t n;

    n = 0;
    for (i = 0; c != NULL && i < c->argc; i++) {
        n += c->argvlen[i];
    }

    return n;
}


drs_cmd_t *
drs_cmd_words(const char *word, ...)
{
    va_list    ap;
    drs_cmd_t *c;

    c = drs_cmd_new();

    va_start(ap, word);
    for (/* void */; word != NULL; word = va_arg(ap, const char *)) {
        (void) drs_cmd_addz(c, word);
    }
    va_end(ap);

    if (!drs_cmd_ok(c)) {
        drs_cmd_free(c);
        return NULL;
    }

    return c;
}
