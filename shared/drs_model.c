/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model.h"
#include "drs_sha256.h"
#include "drs_utf8.h"


void
drs_model_error_init(drs_model_error_t *e)
{
    memset(e, 0, sizeof(*e));
}


void
drs_model_error_free(drs_model_error_t *e)
{
    json_decref(e->fields);
    json_decref(e->details);
    drs_model_error_init(e);
}


int
drs_model_result(const drs_model_error_t *e)
{
    return e->err == DRS_ERR_NONE ? DRS_OK : DRS_DECLINED;
}


void
drs_model_error_view(const drs_model_error_t *e, drs_error_t *out)
{
    memset(out, 0, sizeof(*out));
    out->err = e->err;
    out->message = drs_str(e->message);
    out->fields = e->fields;
    out->details = e->details;
}


json_t *
drs_model_error_body(const drs_model_error_t *e, drs_str_t request_id)
{
    drs_error_t out;

    drs_model_error_view(e, &out);
    out.request_id = request_id;

    return drs_error_object(&out);
}


static void
drs_model_list_error(drs_model_error_t *e, drs_err_t err, const char *field,
                     const char *message)
{
    json_t *errors;

    if (e->details == NULL) {
        e->details = json_object();
    }

    errors = json_object_get(e->details, "errors");
    if (errors == NULL) {
        errors = json_array();
        json_object_set_new(e->details, "errors", errors);
    }

    if (json_array_size(errors) >= 100) {
        return;
    }

    json_array_append_new(errors,
                          json_pack("{s:s, s:s, s:s}", "field", field, "code",
                                    drs_err_code(err), "message", message));
}


int
drs_model_fail(drs_model_error_t *e, drs_err_t err, const char *field,
               json_t *fields, const char *fmt, ...)
{
    char     text[sizeof(e->message)];
    va_list  ap;
    unsigned first;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    first = (e->err == DRS_ERR_NONE);

    if (first) {
        e->err = err;
        memcpy(e->message, text, sizeof(text));
        e->fields = fields;

    } else {
        json_decref(fields);
    }

    drs_model_list_error(e, err, field, text);

    if (first && e->details != NULL
        && strcmp(drs_err_error(err), "MISSING_PARAMETER") == 0)
    {
        json_object_set_new(e->details, "parameter", json_string(field));
    }

    return DRS_DECLINED;
}


int
drs_model_missing(drs_model_error_t *e, drs_err_t err, const char *field)
{
    return drs_model_fail(e, err, field, json_pack("{s:s}", "field", field),
                          "The field %s is required.", field);
}


int
drs_model_invalid(drs_model_error_t *e, const char *field, const json_t *value,
                  const char *expected)
{
    size_t   max;
    json_t  *shown;
    unsigned first;

    first = (e->err == DRS_ERR_NONE);

    (void) drs_model_fail(e, DRS_ERR_INVALID_PARAMETER, field, NULL,
                          "%s must be %s.", field, expected);

    if (!first || e->details == NULL) {
        return DRS_DECLINED;
    }

    json_object_set_new(e->details, "parameter", json_string(field));
    json_object_set_new(e->details, "expected", json_string(expected));

    shown = NULL;
    max = 200;

    if (json_is_string(value)) {
        if (json_string_length(value) <= max) {
            shown = json_incref((json_t *) value);
        }

    } else if (value != NULL && !json_is_object(value) && !json_is_array(value))
    {
        shown = json_incref((json_t *) value);
    }

    if (shown != NULL) {
        json_object_set_new(e->details, "value", shown);
    }

    return DRS_DECLINED;
}


json_t *
drs_model_alias(const json_t *body, const char *name, const char *alias)
{
    json_t *v;

    v = json_object_get(body, name);
    if (v != NULL && !json_is_null(v)) {
        return v;
    }

    if (alias != NULL) {
        v = json_object_get(body, alias);
        if (v != NULL && !json_is_null(v)) {
            return v;
        }
    }

    return NULL;
}


int
drs_model_name(drs_model_error_t *e, const json_t *v, const char *field,
               json_t **out)
{
    long          n;
    drs_str_t     s;
    drs_utf8_rc_t rc;

    *out = NULL;

    if (!json_is_string(v)) {
        return drs_model_fail(e, DRS_ERR_INVALID_NAME, field,
                              json_pack("{s:s}", "field", field),
                              "%s must be a string.", field);
    }

    s = drs_utf8_trim(drs_json_str(v));

    if (s.len == 0) {
        return drs_model_fail(e, DRS_ERR_INVALID_NAME, field,
                              json_pack("{s:s}", "field", field),
                              "%s must not be empty.", field);
    }

    rc = drs_utf8_check(s, 0);
    if (rc != DRS_UTF8_OK) {
        return drs_model_fail(e, DRS_ERR_INVALID_NAME, field,
                              json_pack("{s:s}", "field", field),
                              "%s contains %s.", field, drs_utf8_reason(rc));
    }

    n = drs_utf8_length(s);
    if (n > DRS_NAME_MAX) {
        return drs_model_fail(e, DRS_ERR_INVALID_NAME, field,
                              json_pack("{s:s, s:i, s:i}", "field", field,
                                        "maxLength", DRS_NAME_MAX,
                                        "actualLength", (int) n),
                              "%s must have at most %d characters, not %ld.",
                              field, DRS_NAME_MAX, n);
    }

    *out = drs_json_new_str(s);

    return *out != NULL ? DRS_OK : DRS_DECLINED;
}


int
drs_model_text(drs_model_error_t *e, const json_t *v, const char *field,
               size_t max, unsigned utf8_flags, drs_err_t err, json_t **out)
{
    long          n;
    drs_str_t     s;
    drs_utf8_rc_t rc;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_string(v)) {
        return drs_model_fail(e, err, field, json_pack("{s:s}", "field", field),
                              "%s must be a string.", field);
    }

    s = drs_utf8_trim(drs_json_str(v));

    rc = drs_utf8_check(s, utf8_flags);
    if (rc != DRS_UTF8_OK) {
        return drs_model_fail(e, err, field, json_pack("{s:s}", "field", field),
                              "%s contains %s.", field, drs_utf8_reason(rc));
    }

    n = drs_utf8_length(s);
    if (n < 0 || (size_t) n > max) {
        return drs_model_fail(
            e, err, field,
            json_pack("{s:s, s:i, s:i}", "field", field, "maxLength", (int) max,
                      "actualLength", (int) n),
            "%s must have at most %zu characters, not %ld.", field, max, n);
    }

    *out = drs_json_new_str(s);

    return *out != NULL ? DRS_OK : DRS_DECLINED;
}


int
drs_model_bool(drs_model_error_t *e, const json_t *v, const char *field,
               int *out)
{
    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_boolean(v)) {
        return drs_model_invalid(e, field, v, "true or false");
    }

    *out = json_is_true(v) ? 1 : 0;

    return DRS_OK;
}


int
drs_model_int(drs_model_error_t *e, const json_t *v, const char *field,
              int64_t min, int64_t max, int64_t *out)
{
    char expected[80];

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_integer(v) || json_integer_value(v) < min
        || json_integer_value(v) > max)
    {
        (void) snprintf(expected, sizeof(expected),
                        "an integer from %lld to %lld", (long long) min,
                        (long long) max);
        return drs_model_invalid(e, field, v, expected);
    }

    *out = json_integer_value(v);

    return DRS_OK;
}


int
drs_model_enum(drs_model_error_t *e, const json_t *v, const char *field,
               const char *const *list, const char **out)
{
    char      expected[160];
    size_t    i, n;
    drs_str_t s;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    s = drs_json_str(v);

    for (i = 0; list[i] != NULL; i++) {
        if (s.data != NULL && drs_str_eqz(s, list[i])) {
            *out = list[i];
            return DRS_OK;
        }
    }

    n = (size_t) snprintf(expected, sizeof(expected), "one of ");

    for (i = 0; list[i] != NULL && n < sizeof(expected); i++) {
        n += (size_t) snprintf(expected + n, sizeof(expected) - n, "%s%s",
                               i > 0 ? ", " : "", list[i]);
    }

    return drs_model_invalid(e, field, v, expected);
}


/* NULL if the tag may be stored, else what is wrong with it. */
static const char *
drs_model_tag_problem(drs_str_t key, const json_t *value)
{
    drs_str_t v;

    if (key.len == 0) {
        return "a tag key must not be empty";
    }

    if (drs_utf8_check(key, 0) != DRS_UTF8_OK) {
        return "a tag key has characters that are not allowed";
    }

    if (drs_utf8_length(key) > 128) {
        return "a tag key must have at most 128 characters";
    }

    if (key.len >= 4 && drs_str_ieqz(drs_strn(key.data, 4), "aws:")) {
        return "a tag key must not begin with aws:";
    }

    if (!json_is_string(value)) {
        return "a tag value must be a string";
    }

    v = drs_utf8_trim(drs_json_str(value));

    if (drs_utf8_check(v, 0) != DRS_UTF8_OK) {
        return "a tag value has characters that are not allowed";
    }

    if (drs_utf8_length(v) > 256) {
        return "a tag value must have at most 256 characters";
    }

    return NULL;
}


int
drs_model_tags(drs_model_error_t *e, const json_t *v, const char *field,
               drs_err_t err, json_t **out)
{
    char        key[4 * 128 + 1];
    json_t     *tags, *value;
    const char *name, *problem;
    drs_str_t   k;

    *out = NULL;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_object(v)) {
        return drs_model_fail(e, err, field, json_pack("{s:s}", "field", field),
                              "%s must be an object of strings.", field);
    }

    if (json_object_size(v) > DRS_TAGS_MAX) {
        return drs_model_fail(e, err, field, json_pack("{s:s}", "field", field),
                              "%s must have at most %d tags.", field,
                              DRS_TAGS_MAX);
    }

    tags = json_object();
    if (tags == NULL) {
        return DRS_DECLINED;
    }

    json_object_foreach ((json_t *) v, name, value) {
        k = drs_utf8_trim(drs_str(name));
        problem = drs_model_tag_problem(k, value);

        if (problem == NULL) {
            memcpy(key, k.data, k.len);
            key[k.len] = '\0';

            if (json_object_get(tags, key) != NULL) {
                problem = "a tag key appears twice";
            }
        }

        if (problem != NULL) {
            json_decref(tags);
            return drs_model_fail(e, err, field,
                                  json_pack("{s:s}", "field", field), "%s: %s.",
                                  field, problem);
        }

        json_object_set_new(
            tags, key, drs_json_new_str(drs_utf8_trim(drs_json_str(value))));
    }

    *out = tags;

    return DRS_OK;
}


int
drs_model_version(drs_model_error_t *e, const json_t *body, int64_t *version)
{
    json_t *v;

    *version = 0;

    v = json_object_get(body, "version");
    if (v == NULL) {
        v = json_object_get(body, "Version");
    }

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_integer(v) || json_integer_value(v) < 1) {
        return drs_model_invalid(e, "version", v, "an integer from 1");
    }

    *version = json_integer_value(v);

    return DRS_OK;
}


int
drs_model_version_conflict(drs_model_error_t *e, int64_t expected,
                           int64_t current, drs_str_t id)
{
    json_t *fields;

    fields =
        json_pack("{s:I, s:I, s:o}", "expectedVersion", (json_int_t) expected,
                  "currentVersion", (json_int_t) current, "resourceId",
                  drs_json_new_str(id));

    return drs_model_fail(e, DRS_ERR_VERSION_CONFLICT, "version", fields,
                          "The object was changed by somebody else: version "
                          "%lld was expected, version %lld is stored.",
                          (long long) expected, (long long) current);
}


int64_t
drs_model_doc_version(const json_t *doc)
{
    int64_t v;

    v = drs_json_int(doc, "version", 1);

    return v < 1 ? 1 : v;
}


int
drs_model_region_known(const drs_model_env_t *env, drs_str_t region)
{
    size_t i;

    if (env->regions == NULL) {
        return drs_id_in_default_regions(region);
    }

    for (i = 0; i < env->n_regions; i++) {
        if (drs_str_eq(env->regions[i], region)) {
            return 1;
        }
    }

    return 0;
}


static int
drs_model_value_eq(drs_str_t a, drs_str_t b)
{
    int    eq;
    char  *fa, *fb;
    size_t na, nb;

    if (drs_str_eq(a, b)) {
        return 1;
    }

    fa = NULL;
    fb = NULL;
    eq = 0;

    if (drs_utf8_fold(a, &fa, &na) == DRS_OK
        && drs_utf8_fold(b, &fb, &nb) == DRS_OK)
    {
        eq = (na == nb && memcmp(fa, fb, na) == 0);
    }

    free(fa);
    free(fb);

    return eq;
}


/* Member of `have` whose trimmed key is `key`, or NULL. */
static const json_t *
drs_model_tag_get(const json_t *have, drs_str_t key)
{
    json_t     *value;
    const char *name;

    json_object_foreach ((json_t *) have, name, value) {
        if (drs_str_eq(drs_utf8_trim(drs_str(name)), key)) {
            return value;
        }
    }

    return NULL;
}


int
drs_model_tags_match(const json_t *want, const json_t *have)
{
    json_t       *value;
    const char   *name;
    const json_t *other;

    if (!json_is_object(want) || json_object_size(want) == 0
        || !json_is_object(have))
    {
        return 0;
    }

    json_object_foreach ((json_t *) want, name, value) {
        other = drs_model_tag_get(have, drs_utf8_trim(drs_str(name)));

        if (!json_is_string(other) || !json_is_string(value)
            || !drs_model_value_eq(drs_utf8_trim(drs_json_str(value)),
                                   drs_utf8_trim(drs_json_str(other))))
        {
            return 0;
        }
    }

    return 1;
}


int
drs_model_tags_canonical(drs_buf_t *b, const json_t *tags)
{
    int         rc;
    char       *folded, *key;
    size_t      len;
    json_t     *value, *copy;
    const char *name;

    copy = json_object();
    rc = DRS_ERROR;

    json_object_foreach ((json_t *) tags, name, value) {
        if (drs_utf8_fold(drs_json_str(value), &folded, &len) != DRS_OK) {
            goto done;
        }

        key = drs_str_dup(drs_utf8_trim(drs_str(name)));
        if (key == NULL) {
            free(folded);
            goto done;
        }

        json_object_set_new(copy, key, json_stringn(folded, len));
        free(folded);
        free(key);
    }

    rc = drs_json_dump_canonical(b, copy);

done:

    json_decref(copy);

    return rc;
}


int
drs_model_tags_hash(char dst[65], const json_t *tags)
{
    int       rc;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    rc = drs_model_tags_canonical(&b, tags);

    if (rc == DRS_OK) {
        rc = drs_sha256_hex(dst, b.data, b.len);
    }

    drs_buf_free(&b);

    return rc;
}
