
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_arena.h"


#define DRS_ARENA_CHUNK 8192
#define DRS_ARENA_ALIGN alignof(max_align_t)


typedef struct drs_arena_chunk_s drs_arena_chunk_t;

struct drs_arena_chunk_s {
    drs_arena_chunk_t *next;
    size_t             used;
    size_t             size;
    _Alignas(max_align_t) char data[];
};

struct drs_arena_s {
    drs_arena_chunk_t *chunks; /* the first one is filled */
    drs_arena_t       *parent;
    unsigned           refs;
};


drs_arena_t *
drs_arena_new(drs_arena_t *parent)
{
    drs_arena_t *a;

    a = calloc(1, sizeof(drs_arena_t));
    if (a == NULL) {
        return NULL;
    }

    a->refs = 1;

    if (parent != NULL) {
        parent->refs++;
        a->parent = parent;
    }

    return a;
}


void
drs_arena_free(drs_arena_t *a)
{
    drs_arena_t       *parent;
    drs_arena_chunk_t *c, *next;

    while (a != NULL && --a->refs == 0) {
        for (c = a->chunks; c != NULL; c = next) {
            next = c->next;
            free(c);
        }

        parent = a->parent;
        free(a);
        a = parent;
    }
}


void *
drs_arena_alloc(drs_arena_t *a, size_t size)
{
    size_t             want;
    drs_arena_chunk_t *c;

    if (size > SIZE_MAX / 2) {
        return NULL;
    }

    size = (size + DRS_ARENA_ALIGN - 1) & ~(DRS_ARENA_ALIGN - 1);
    c = a->chunks;

    if (c == NULL || c->size - c->used < size) {
        want = size > DRS_ARENA_CHUNK / 4 ? size : DRS_ARENA_CHUNK;

        c = calloc(1, sizeof(drs_arena_chunk_t) + want);
        if (c == NULL) {
            return NULL;
        }

        c->size = want;

        if (want == size && a->chunks != NULL) {
            /* a large piece does not end the chunk being filled */
            c->used = size;
            c->next = a->chunks->next;
            a->chunks->next = c;
            return c->data;
        }

        c->next = a->chunks;
        a->chunks = c;
    }

    c->used += size;

    return c->data + c->used - size;
}


void *
drs_arena_array(drs_arena_t *a, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / 2 / size) {
        return NULL;
    }

    return drs_arena_alloc(a, n * size);
}


const char *
drs_arena_str(drs_arena_t *a, drs_str_t s)
{
    char *p;

    if (s.len == 0) {
        return "";
    }

    p = drs_arena_alloc(a, s.len + 1);
    if (p == NULL) {
        return NULL;
    }

    memcpy(p, s.data, s.len);

    return p;
}


const char *
drs_arena_strz(drs_arena_t *a, const char *z)
{
    return drs_arena_str(a, drs_str(z));
}


const char *
drs_arena_printf(drs_arena_t *a, const char *fmt, ...)
{
    int     n;
    char   *p;
    va_list ap;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    if (n < 0) {
        return NULL;
    }

    p = drs_arena_alloc(a, (size_t) n + 1);
    if (p == NULL) {
        return NULL;
    }

    va_start(ap, fmt);
    (void) vsnprintf(p, (size_t) n + 1, fmt, ap);
    va_end(ap);

    return p;
}


void *
drs_arena_push(drs_arena_t *a, void **base, size_t *n, size_t *cap, size_t size)
{
    void  *p;
    size_t want;

    if (*n == *cap) {
        want = *cap ? *cap * 2 : 8;

        p = drs_arena_array(a, want, size);
        if (p == NULL) {
            return NULL;
        }

        if (*n) {
            memcpy(p, *base, *n * size);
        }

        *base = p;
        *cap = want;
    }

    p = (char *) *base + *n * size;
    memset(p, 0, size);
    (*n)++;

    return p;
}
