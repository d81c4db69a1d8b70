
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON with limits, over jansson (security.md 7.2 "body").
 *
 * jansson alone accepts duplicate keys, swallows a raw NUL between tokens,
 * nests 2048 deep and can use 76 times the memory of its input; everything
 * that comes from outside goes through drs_json_parse().
 */

#ifndef DRS_JSON_H_INCLUDED
#define DRS_JSON_H_INCLUDED


#include <jansson.h>

#include "drs_buf.h"


#define DRS_JSON_MAX_DEPTH    32
#define DRS_JSON_MAX_MEMBERS  20000
#define DRS_JSON_MAX_BYTES    (256 * 1024)
#define DRS_JSON_IMPORT_BYTES (8 * 1024 * 1024)

/* what all our writers use: compact, 0.1 stays 0.1 */
#define DRS_JSON_DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))


typedef struct {
    size_t   max_bytes;
    unsigned max_depth;
    size_t   max_members; /* object members and array elements in all */
    unsigned any;         /* 1: a scalar may stand at the top */
} drs_json_limits_t;


/* 256 KiB, depth 32, 20 000 members, object or array at the top */
extern const drs_json_limits_t drs_json_default_limits;

/* 64 MiB, 10 million members: documents that we wrote ourselves */
extern const drs_json_limits_t drs_json_store_limits;


typedef enum {
    DRS_JSON_E_NONE = 0,
    DRS_JSON_E_SIZE, /* longer than max_bytes: answer 413 */
    DRS_JSON_E_DEPTH,
    DRS_JSON_E_MEMBERS,
    DRS_JSON_E_NUL,
    DRS_JSON_E_DUPLICATE,
    DRS_JSON_E_SYNTAX, /* bad UTF-8 and too large numbers too */
    DRS_JSON_E_MEMORY,
    DRS_JSON_E_MISSING, /* getters: required field absent or null */
    DRS_JSON_E_TYPE,    /* getters: wrong JSON type */
    DRS_JSON_E_RANGE    /* getters: number outside the range */
} drs_json_code_t;

typedef struct {
    drs_json_code_t code;
    int             line, column; /* from 1; 0 if unknown */
    char            path[160];    /* "waves[2].name"; getters only */
    char            text[160];    /* a sentence without input bytes */
} drs_json_error_t;


/*
 * Parses a whole text.  `lim` NULL means drs_json_default_limits; `err` may be
 * NULL.  Returns a new reference (json_decref) or NULL with *err filled.  The
 * error text never repeats input, which may hold secrets.
 */
json_t *drs_json_parse(drs_str_t text, const drs_json_limits_t *lim,
                       drs_json_error_t *err) DRS_MUST_CHECK;


/*
 * Getters.  `at` is the path of `obj` for messages (NULL or "": top level).
 * Return 1 and the value, 0 if the field is absent or null and not required
 * (*out untouched), DRS_DECLINED with *err (may be NULL) otherwise.  Types are
 * exact: no "true", no 1 for true, no 1.0 for 1 in get_int.  Views and json_t
 * are borrowed from obj.
 */
#define DRS_JSON_OPTIONAL 0
#define DRS_JSON_REQUIRED 1

int drs_json_get_str(const json_t *obj, const char *at, const char *field,
                     int required, drs_str_t *out, drs_json_error_t *err);
int drs_json_get_int(const json_t *obj, const char *at, const char *field,
                     int required, int64_t min, int64_t max, int64_t *out,
                     drs_json_error_t *err);
int drs_json_get_bool(const json_t *obj, const char *at, const char *field,
                      int required, int *out, drs_json_error_t *err);
int drs_json_get_number(const json_t *obj, const char *at, const char *field,
                        int required, double *out, drs_json_error_t *err);
int drs_json_get_object(const json_t *obj, const char *at, const char *field,
                        int required, json_t **out, drs_json_error_t *err);
int drs_json_get_array(const json_t *obj, const char *at, const char *field,
                       int required, json_t **out, drs_json_error_t *err);

/* Fills *err for a check of the caller's own; returns DRS_DECLINED. */
int drs_json_fail(drs_json_error_t *err, drs_json_code_t code, const char *at,
                  const char *field, const char *text);

/* Writes "at.field" or "at[index]" (field NULL); cut if too long. */
void drs_json_path(char *dst, size_t size, const char *at, const char *field,
                   size_t index);


/* View of a json string; { 0, NULL } for any other value or NULL. */
drs_str_t drs_json_str(const json_t *v);

/* String field without error report: view, or { 0, NULL }. */
drs_str_t drs_json_field(const json_t *obj, const char *field);

/* Integer field without error report, or `dflt`. */
int64_t drs_json_int(const json_t *obj, const char *field, int64_t dflt);

/* New string; NULL for bad UTF-8 or without memory. */
json_t *drs_json_new_str(drs_str_t s);

/* Whole numbers become JSON integers, others reals (api.md 1.12). */
json_t *drs_json_new_number(double v);

/* New array of the first `max` elements of an array, or fewer. */
json_t *drs_json_head(const json_t *list, size_t max);

/* Sets a string field; DRS_ERROR without memory or for bad UTF-8. */
int drs_json_set_str(json_t *obj, const char *field, drs_str_t s);
int drs_json_set_int(json_t *obj, const char *field, int64_t v);
int drs_json_set_bool(json_t *obj, const char *field, int v);


/*
 * Value at a JSON pointer (RFC 6901), borrowed, or NULL.  A pointer that does
 * not begin with '/' is one member name as it stands.
 */
json_t *drs_json_pointer(const json_t *doc, const char *pointer);

/* Appends the compact text, members in order of insertion. */
int drs_json_dump(drs_buf_t *b, const json_t *v) DRS_MUST_CHECK;

/*
 * Appends the canonical text: compact, keys sorted, 15 digits, whole reals as
 * integers.  Equal documents (drs_json_equal) have equal canonical texts.
 */
int drs_json_dump_canonical(drs_buf_t *b, const json_t *v) DRS_MUST_CHECK;

/* malloc'ed compact text, or NULL. */
char *drs_json_text(const json_t *v, size_t *len);

/* Deep equality; numbers by value (1 equals 1.0), member order ignored. */
int drs_json_equal(const json_t *a, const json_t *b);


#endif /* DRS_JSON_H_INCLUDED */
