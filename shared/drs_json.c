
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"


/* whole numbers below this are exact in a double and printed as integers */
#define DRS_JSON_NUMBER_SIZE 32
#define DRS_JSON_MAX_WHOLE   9007199254740992.0


const drs_json_limits_t drs_json_default_limits = { DRS_JSON_MAX_BYTES,
                                                    DRS_JSON_MAX_DEPTH,
                                                    DRS_JSON_MAX_MEMBERS, 0 };

const drs_json_limits_t drs_json_store_limits = { 64 * 1024 * 1024, 256,
                                                  10 * 1000 * 1000, 0 };


int
drs_json_fail(drs_json_error_t *err, drs_json_code_t code, const char *at,
              const char *field, const char *text)
{
    if (err != NULL) {
        memset(err, 0, sizeof(drs_json_error_t));

        err->code = code;
        drs_json_path(err->path, sizeof(err->path), at, field, 0);
        (void) snprintf(err->text, sizeof(err->text), "%s", text);
    }

    return DRS_DECLINED;
}


void
drs_json_path(char *dst, size_t size, const char *at, const char *field,
              size_t index)
{
    if (at == NULL) {
        at = "";
    }

    if (field == NULL) {
        (void) snprintf(dst, size, "%s[%zu]", at, index);
        return;
    }

    (void) snprintf(dst, size, "%s%s%s", at,
                    (at[0] != '\0' && field[0] != '\0') ? "." : "", field);
}


static void
drs_json_position(drs_json_error_t *err, const char *start, const char *p)
{
    err->line = 1;
    err->column = 1;

    for (/* void */; start < p; start++) {
        if (*start == '\n') {
            err->line++;
            err->column = 1;

        } else {
            err->column++;
        }
    }
}


static json_t *
drs_json_refuse(drs_json_error_t *err, drs_json_code_t code, drs_str_t text,
                const char *p, const char *fmt, size_t limit)
{
    memset(err, 0, sizeof(drs_json_error_t));

    err->code = code;

    if (p != NULL) {
        drs_json_position(err, text.data, p);
    }

    switch (code) {
    case DRS_JSON_E_SIZE:
    case DRS_JSON_E_DEPTH:
    case DRS_JSON_E_MEMBERS:
        (void) snprintf(err->text, sizeof(err->text), "%s %zu", fmt, limit);
        break;

    default:
        (void) snprintf(err->text, sizeof(err->text), "%s", fmt);
        break;
    }

    return NULL;
}


/*
 * Depth and members are counted before jansson builds anything.  Commas and
 * brackets inside strings do not count; whether the text is good JSON at all
 * is left to the parser.
 */

static int
drs_json_scan(drs_str_t text, const drs_json_limits_t *lim,
              drs_json_error_t *err)
{
    int         in_string;
    size_t      depth, members;
    const char *p, *end;

    in_string = 0;
    depth = 0;
    members = 0;
    end = text.data + text.len;

    for (p = text.data; p < end; p++) {
        if (in_string) {
            if (*p == '\\') {
                p++;

            } else if (*p == '"') {
                in_string = 0;
            }

            continue;
        }

        switch (*p) {
        case '"':
            in_string = 1;
            break;

        case '{':
        case '[':
            members++;

            if (++depth > lim->max_depth) {
                (void) drs_json_refuse(err, DRS_JSON_E_DEPTH, text, p,
                                       "nested deeper than", lim->max_depth);
                return DRS_DECLINED;
            }

            break;

        case '}':
        case ']':
            if (depth > 0) {
                depth--;
            }

            break;

        case ',':
            members++;
            break;

        default:
            break;
        }

        if (members > lim->max_members) {
            (void) drs_json_refuse(err, DRS_JSON_E_MEMBERS, text, p,
                                   "more members than", lim->max_members);
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


/* jansson's texts end in "near '<input>'", which is cut off */

static json_t *
drs_json_refuse_jansson(drs_json_error_t *err, const json_error_t *je,
                        drs_str_t text)
{
    char           *near_text, buf[JSON_ERROR_TEXT_LENGTH];
    drs_json_code_t code;

    switch (json_error_code(je)) {
    case json_error_out_of_memory:
        code = DRS_JSON_E_MEMORY;
        break;

    case json_error_duplicate_key:
        code = DRS_JSON_E_DUPLICATE;
        break;

    default:
        code = DRS_JSON_E_SYNTAX;
        break;
    }

    (void) snprintf(buf, sizeof(buf), "%s", je->text);

    near_text = strstr(buf, " near '");

    if (near_text != NULL) {
        *near_text = '\0';
    }

    if (code == DRS_JSON_E_DUPLICATE) {
        (void) snprintf(buf, sizeof(buf), "duplicate object key");
    }

    (void) drs_json_refuse(err, code, text, NULL, buf, 0);

    err->line = je->line;
    err->column = je->column;

    return NULL;
}


json_t *
drs_json_parse(drs_str_t text, const drs_json_limits_t *lim,
               drs_json_error_t *err)
{
    size_t           flags;
    json_t          *v;
    const char      *nul;
    json_error_t     je;
    drs_json_error_t ignored;

    if (lim == NULL) {
        lim = &drs_json_default_limits;
    }

    if (err == NULL) {
        err = &ignored;
    }

    if (text.len == 0) {
        return drs_json_refuse(err, DRS_JSON_E_SYNTAX, text, NULL,
                               "the text is empty", 0);
    }

    if (text.len > lim->max_bytes) {
        return drs_json_refuse(err, DRS_JSON_E_SIZE, text, NULL,
                               "more bytes than", lim->max_bytes);
    }

    nul = memchr(text.data, '\0', text.len);

    if (nul != NULL) {
        return drs_json_refuse(err, DRS_JSON_E_NUL, text, nul,
                               "a NUL byte in the text", 0);
    }

    if (drs_json_scan(text, lim, err) != DRS_OK) {
        return NULL;
    }

    flags = JSON_REJECT_DUPLICATES | (lim->any ? JSON_DECODE_ANY : 0);

    v = json_loadb(text.data, text.len, flags, &je);
    if (v == NULL) {
        return drs_json_refuse_jansson(err, &je, text);
    }

    memset(err, 0, sizeof(drs_json_error_t));

    return v;
}


/* The member; 1 found, 0 absent, DRS_DECLINED required and absent */

static int
drs_json_member(const json_t *obj, const char *at, const char *field,
                int required, json_t **v, drs_json_error_t *err)
{
    *v = json_object_get(obj, field);

    if (*v != NULL && !json_is_null(*v)) {
        return 1;
    }

    if (!required) {
        return 0;
    }

    return drs_json_fail(err, DRS_JSON_E_MISSING, at, field,
                         "the field is required");
}


int
drs_json_get_str(const json_t *obj, const char *at, const char *field,
                 int required, drs_str_t *out, drs_json_error_t *err)
{
    int     rc;
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_string(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be a string");
    }

    *out = drs_json_str(v);

    return 1;
}


int
drs_json_get_int(const json_t *obj, const char *at, const char *field,
                 int required, int64_t min, int64_t max, int64_t *out,
                 drs_json_error_t *err)
{
    int     rc;
    char    text[120];
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_integer(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be an integer");
    }

    if (json_integer_value(v) < min || json_integer_value(v) > max) {
        (void) snprintf(text, sizeof(text),
                        "the field must be from %lld to %lld", (long long) min,
                        (long long) max);

        return drs_json_fail(err, DRS_JSON_E_RANGE, at, field, text);
    }

    *out = json_integer_value(v);

    return 1;
}


int
drs_json_get_bool(const json_t *obj, const char *at, const char *field,
                  int required, int *out, drs_json_error_t *err)
{
    int     rc;
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_boolean(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be true or false");
    }

    *out = json_is_true(v);

    return 1;
}


int
drs_json_get_number(const json_t *obj, const char *at, const char *field,
                    int required, double *out, drs_json_error_t *err)
{
    int     rc;
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_number(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be a number");
    }

    *out = json_number_value(v);

    return 1;
}


int
drs_json_get_object(const json_t *obj, const char *at, const char *field,
                    int required, json_t **out, drs_json_error_t *err)
{
    int     rc;
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_object(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be an object");
    }

    *out = v;

    return 1;
}


int
drs_json_get_array(const json_t *obj, const char *at, const char *field,
                   int required, json_t **out, drs_json_error_t *err)
{
    int     rc;
    json_t *v;

    rc = drs_json_member(obj, at, field, required, &v, err);
    if (rc != 1) {
        return rc;
    }

    if (!json_is_array(v)) {
        return drs_json_fail(err, DRS_JSON_E_TYPE, at, field,
                             "the field must be a list");
    }

    *out = v;

    return 1;
}


drs_str_t
drs_json_str(const json_t *v)
{
    if (!json_is_string(v)) {
        return drs_strn(NULL, 0);
    }

    return drs_strn(json_string_value(v), json_string_length(v));
}


drs_str_t
drs_json_field(const json_t *obj, const char *field)
{
    return drs_json_str(json_object_get(obj, field));
}


int64_t
drs_json_int(const json_t *obj, const char *field, int64_t dflt)
{
    json_t *v;

    v = json_object_get(obj, field);

    return json_is_integer(v) ? json_integer_value(v) : dflt;
}


json_t *
drs_json_new_str(drs_str_t s)
{
    return json_stringn(s.data != NULL ? s.data : "", s.len);
}


json_t *
drs_json_new_number(double v)
{
    if (v >= -DRS_JSON_MAX_WHOLE && v <= DRS_JSON_MAX_WHOLE
        && v == (double) (json_int_t) v)
    {
        return json_integer((json_int_t) v);
    }

    return json_real(v);
}


json_t *
drs_json_head(const json_t *list, size_t max)
{
    size_t  i;
    json_t *head;

    head = json_array();

    for (i = 0; i < max && i < json_array_size(list); i++) {
        (void) json_array_append(head, json_array_get(list, i));
    }

    return head;
}


int
drs_json_set_str(json_t *obj, const char *field, drs_str_t s)
{
    return json_object_set_new(obj, field, drs_json_new_str(s)) == 0
               ? DRS_OK
               : DRS_ERROR;
}


int
drs_json_set_int(json_t *obj, const char *field, int64_t v)
{
    return json_object_set_new(obj, field, json_integer(v)) == 0 ? DRS_OK
                                                                 : DRS_ERROR;
}


int
drs_json_set_bool(json_t *obj, const char *field, int v)
{
    return json_object_set_new(obj, field, json_boolean(v)) == 0 ? DRS_OK
                                                                 : DRS_ERROR;
}


/* "~1" is '/', "~0" is '~' (RFC 6901); 1 if the token names this key */

static int
drs_json_token(drs_str_t token, char *dst, size_t size)
{
    size_t i, n;

    for (i = 0, n = 0; i < token.len; i++) {
        if (n + 1 >= size) {
            return DRS_DECLINED;
        }

        if (token.data[i] != '~') {
            dst[n++] = token.data[i];
            continue;
        }

        if (++i == token.len || (token.data[i] != '0' && token.data[i] != '1'))
        {
            return DRS_DECLINED;
        }

        dst[n++] = token.data[i] == '1' ? '/' : '~';
    }

    dst[n] = '\0';

    return DRS_OK;
}


json_t *
drs_json_pointer(const json_t *doc, const char *pointer)
{
    char      key[256];
    json_t   *v;
    uint64_t  index;
    drs_str_t rest, token;

    if (pointer[0] != '/') {
        return json_object_get(doc, pointer);
    }

    rest = drs_str(pointer + 1);
    v = (json_t *) doc;

    while (v != NULL && drs_str_split(&rest, '/', &token)) {
        if (json_is_array(v)) {
            if (drs_str_u64(token, &index) != DRS_OK
                || (token.len > 1 && token.data[0] == '0'))
            {
                return NULL;
            }

            v = json_array_get(v, (size_t) index);
            continue;
        }

        if (drs_json_token(token, key, sizeof(key)) != DRS_OK) {
            return NULL;
        }

        v = json_object_get(v, key);
    }

    return v;
}


static int
drs_json_dump_callback(const char *data, size_t len, void *ctx)
{
    return drs_buf_append(ctx, data, len) == DRS_OK ? 0 : -1;
}


int
drs_json_dump(drs_buf_t *b, const json_t *v)
{
    if (json_dump_callback(v, drs_json_dump_callback, b,
                           DRS_JSON_DUMP_FLAGS | JSON_ENCODE_ANY)
        != 0)
    {
        b->failed = DRS_ERROR;
        return DRS_ERROR;
    }

    return DRS_OK;
}


char *
drs_json_text(const json_t *v, size_t *len)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, v) != DRS_OK) {
        drs_buf_free(&b);
        return NULL;
    }

    return drs_buf_steal(&b, len);
}


/*
 * The canonical text of a number: integers as they are, reals with 15 digits,
 * whole ones (after this rounding) as integers.
 */

static void
drs_json_number_text(const json_t *v, char dst[DRS_JSON_NUMBER_SIZE])
{
    double d;

    if (json_is_integer(v)) {
        (void) snprintf(dst, DRS_JSON_NUMBER_SIZE, "%lld",
                        (long long) json_integer_value(v));
        return;
    }

    (void) snprintf(dst, DRS_JSON_NUMBER_SIZE, "%.15g", json_real_value(v));

    d = strtod(dst, NULL);

    if (d >= -DRS_JSON_MAX_WHOLE && d <= DRS_JSON_MAX_WHOLE
        && d == (double) (json_int_t) d)
    {
        (void) snprintf(dst, DRS_JSON_NUMBER_SIZE, "%lld", (long long) d);
    }
}


static int
drs_json_key_cmp(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


static int
drs_json_canonical_object(drs_buf_t *b, const json_t *v)
{
    int          rc;
    void        *iter;
    size_t       i, n;
    const char **keys;

    n = json_object_size(v);

    keys = malloc((n ? n : 1) * sizeof(char *));
    if (keys == NULL) {
        b->failed = DRS_ERROR;
        return DRS_ERROR;
    }

    iter = json_object_iter((json_t *) v);

    for (i = 0; i < n && iter != NULL; i++) {
        keys[i] = json_object_iter_key(iter);
        iter = json_object_iter_next((json_t *) v, iter);
    }

    n = i;
    qsort(keys, n, sizeof(char *), drs_json_key_cmp);

    rc = drs_buf_putc(b, '{');

    for (i = 0; rc == DRS_OK && i < n; i++) {
        if (i) {
            (void) drs_buf_putc(b, ',');
        }

        (void) drs_buf_json_string(b, keys[i], strlen(keys[i]));
        (void) drs_buf_putc(b, ':');
        rc = drs_json_dump_canonical(b, json_object_get(v, keys[i]));
    }

    free(keys);

    return rc == DRS_OK ? drs_buf_putc(b, '}') : rc;
}


int
drs_json_dump_canonical(drs_buf_t *b, const json_t *v)
{
    char   number[DRS_JSON_NUMBER_SIZE];
    size_t i;

    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return drs_json_canonical_object(b, v);

    case JSON_ARRAY:
        (void) drs_buf_putc(b, '[');

        for (i = 0; i < json_array_size(v); i++) {
            if (i) {
                (void) drs_buf_putc(b, ',');
            }

            if (drs_json_dump_canonical(b, json_array_get(v, i)) != DRS_OK) {
                return DRS_ERROR;
            }
        }

        return drs_buf_putc(b, ']');

    case JSON_STRING:
        return drs_buf_json_string(b, json_string_value(v),
                                   json_string_length(v));

    case JSON_INTEGER:
    case JSON_REAL:
        drs_json_number_text(v, number);
        return drs_buf_puts(b, number);

    case JSON_TRUE:
        return drs_buf_puts(b, "true");

    case JSON_FALSE:
        return drs_buf_puts(b, "false");

    default:
        return drs_buf_puts(b, "null");
    }
}


static int
drs_json_equal_objects(const json_t *a, const json_t *b)
{
    void   *iter;
    json_t *other;

    if (json_object_size(a) != json_object_size(b)) {
        return 0;
    }

    iter = json_object_iter((json_t *) a);

    while (iter != NULL) {
        other = json_object_get(b, json_object_iter_key(iter));

        if (other == NULL
            || !drs_json_equal(json_object_iter_value(iter), other)) {
            return 0;
        }

        iter = json_object_iter_next((json_t *) a, iter);
    }

    return 1;
}


static int
drs_json_equal_numbers(const json_t *a, const json_t *b)
{
    char ta[DRS_JSON_NUMBER_SIZE], tb[DRS_JSON_NUMBER_SIZE];

    /* as they are written: 15 digits */

    drs_json_number_text(a, ta);
    drs_json_number_text(b, tb);

    return strcmp(ta, tb) == 0;
}


int
drs_json_equal(const json_t *a, const json_t *b)
{
    size_t i;

    if (a == b) {
        return 1;
    }

    if (a == NULL || b == NULL) {
        return 0;
    }

    if (json_is_number(a) && json_is_number(b)) {
        return drs_json_equal_numbers(a, b);
    }

    if (json_typeof(a) != json_typeof(b)) {
        return 0;
    }

    switch (json_typeof(a)) {
    case JSON_OBJECT:
        return drs_json_equal_objects(a, b);

    case JSON_ARRAY:
        if (json_array_size(a) != json_array_size(b)) {
            return 0;
        }

        for (i = 0; i < json_array_size(a); i++) {
            if (!drs_json_equal(json_array_get(a, i), json_array_get(b, i))) {
                return 0;
            }
        }

        return 1;

    case JSON_STRING:
        return drs_str_eq(drs_json_str(a), drs_json_str(b));

    default:
        return 1;
    }
}
