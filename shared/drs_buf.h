
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Growing byte buffer with an upper bound.
 *
 * Errors stick: after the first failed append (memory, bound) every other
 * append does nothing and fails too, so that callers may test once at the
 * end with drs_buf_ok().  `data` is NUL-terminated whenever it is not NULL.
 */

#ifndef DRS_BUF_H_INCLUDED
#define DRS_BUF_H_INCLUDED


#include <stdarg.h>

#include "drs_str.h"


typedef struct {
    char  *data;   /* malloc'ed, NULL while empty */
    size_t len;    /* bytes used, without the final NUL */
    size_t size;   /* bytes allocated */
    size_t max;    /* bound on len, 0: 64 MiB */
    int    failed; /* DRS_OK, or DRS_ERROR after a failure */
} drs_buf_t;


/* `max` = 0 means the default bound of 64 MiB.  Allocates nothing. */
void drs_buf_init(drs_buf_t *b, size_t max);

/* Frees the memory and returns to the state after drs_buf_init(). */
void drs_buf_free(drs_buf_t *b);

/* As drs_buf_free(), after overwriting what was stored. */
void drs_buf_free_secret(drs_buf_t *b);

/* Forgets content and failure, keeps the memory. */
void drs_buf_reset(drs_buf_t *b);

/* 1 if no append failed. */
int drs_buf_ok(const drs_buf_t *b);

/* View of the content; valid until the next append. */
drs_str_t drs_buf_str(const drs_buf_t *b);

/* drs_buf_reserve() where the memory does not do. */
int drs_buf_grow(drs_buf_t *b, size_t extra);

/* Makes room for `extra` more bytes. */
static inline int
drs_buf_reserve(drs_buf_t *b, size_t extra)
{
    return b->failed == DRS_OK && b->len < b->size && extra < b->size - b->len
               ? DRS_OK
               : drs_buf_grow(b, extra);
}


/* All return DRS_OK or DRS_ERROR. */
int drs_buf_append(drs_buf_t *b, const void *data, size_t len);
int drs_buf_str_append(drs_buf_t *b, drs_str_t s);
int drs_buf_puts(drs_buf_t *b, const char *z);
int drs_buf_putc(drs_buf_t *b, char c);
int drs_buf_printf(drs_buf_t *b, const char *fmt, ...) DRS_PRINTF(2, 3);
int drs_buf_vprintf(drs_buf_t *b, const char *fmt, va_list ap) DRS_PRINTF(2, 0);

/*
 * Appends a JSON string with its quotes.  Input that is not UTF-8 has each bad
 * byte replaced by U+FFFD.  Escapes `"`, `\`, U+0000-001F, U+007F and
 * U+2028/2029.
 */
int drs_buf_json_string(drs_buf_t *b, const char *data, size_t len);

/*
 * Hands the memory to the caller (free()) and leaves an empty buffer.  Never
 * NULL for an empty but good buffer; NULL after a failure.
 */
char *drs_buf_steal(drs_buf_t *b, size_t *len);


#endif /* DRS_BUF_H_INCLUDED */
