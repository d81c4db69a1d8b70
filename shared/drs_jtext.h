
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON without trees, for lists of thousands: reading texts that we stored
 * ourselves member by member, and writing straight into a buffer.
 *
 * Reading is for compact or spaced texts that drs_json_dump() or a parser made
 * or accepted: it finds where values end and never runs out of the text, but
 * is no validation.  What comes from outside goes through drs_json_parse().
 */

#ifndef DRS_JTEXT_H_INCLUDED
#define DRS_JTEXT_H_INCLUDED


#include <jansson.h>

#include "drs_arena.h"
#include "drs_buf.h"


/* -- reading ------------------------------------------------------------- */

typedef struct {
    const char *p, *end;
    char        close; /* '}' or ']' */
    unsigned    first : 1;
    drs_str_t   known; /* a long value whose end was found before; may be set
                          after drs_jread_open() */
} drs_jread_t;

/* Opens an object or array.  DRS_OK, or DRS_DECLINED: it is none. */
int drs_jread_open(drs_jread_t *r, drs_str_t text);

/*
 * Next member of an object, or element of an array (name NULL).  1, 0 at the
 * end, DRS_DECLINED where the text cannot be read.  Names come as they stand,
 * escapes included; values are raw texts without space around them.
 */
int drs_jread_next(drs_jread_t *r, drs_str_t *name, drs_str_t *value);

/* Raw value of a member of an object text; { 0, NULL } if there is none. */
drs_str_t drs_jread_field(drs_str_t object, const char *name);

/* Raw string without quotes when it has no escapes, else { 0, NULL }. */
drs_str_t drs_jread_plain(drs_str_t raw);

/*
 * The string of a raw value, NUL-terminated in the arena; "" for any other
 * value; NULL without memory or for a bad escape.
 */
const char *drs_jread_string(drs_arena_t *arena, drs_str_t raw);

/* Integers only, else `dflt`. */
int64_t drs_jread_int(drs_str_t raw, int64_t dflt);


/* -- writing ---------------------------------------------------------------- */

/*
 * All append to the buffer, with the comma that is needed; name NULL inside an
 * array.  Errors stick in the buffer.
 */
void drs_jw_open(drs_buf_t *b, const char *name, char c); /* '{' or '[' */
void drs_jw_close(drs_buf_t *b, char c);
void drs_jw_str(drs_buf_t *b, const char *name, drs_str_t v);
void drs_jw_z(drs_buf_t *b, const char *name, const char *v); /* "": nothing */
void drs_jw_int(drs_buf_t *b, const char *name, int64_t v);
void drs_jw_bool(drs_buf_t *b, const char *name, int v);
void drs_jw_null(drs_buf_t *b, const char *name);
void drs_jw_raw(drs_buf_t *b, const char *name, drs_str_t json);
void drs_jw_json(drs_buf_t *b, const char *name, const json_t *v);

/* An object without its closing brace: more members may follow. */
void drs_jw_begin(drs_buf_t *b, const char *name, const json_t *object);
void drs_jw_begin_raw(drs_buf_t *b, const char *name, drs_str_t object);


#endif /* DRS_JTEXT_H_INCLUDED */
