
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What of a document may be written down: secrets replaced, and of a change
 * what changed.
 */

#include <string.h>

#include "drs_audit.h"
#include "drs_json.h"


#define DRS_AUDIT_DEPTH 32
#define DRS_AUDIT_N(a)  (sizeof(a) / sizeof((a)[0]))


static size_t  drs_audit_jwt(drs_str_t s);
static size_t  drs_audit_aws_key(drs_str_t s);
static size_t  drs_audit_aws_secret(drs_str_t s);
static json_t *drs_audit_copy(const json_t *v, unsigned depth);


int
drs_audit_secret_key(const char *key)
{
    char   plain[128];
    size_t i, n;

    static const char *const words[] = {
        "authorization", "cookie",     "token",    "password",   "passwd",
        "secret",        "credential", "apikey",   "privatekey", "externalid",
        "sessiontoken",  "signature",  "accesskey"
    };

    /* flags and ids about a secret, which are none */
    static const char *const open[] = { "tokenid", "secretset",
                                        "passwordchangerequired",
                                        "mustchangepassword" };

    for (n = 0; *key != '\0' && n < sizeof(plain) - 1; key++) {
        if (*key == '_' || *key == '-' || *key == '.' || *key == ' ') {
            continue;
        }

        plain[n++] = (*key >= 'A' && *key <= 'Z') ? (char) (*key | 0x20) : *key;
    }

    plain[n] = '\0';

    for (i = 0; i < DRS_AUDIT_N(open); i++) {
        if (strcmp(plain, open[i]) == 0) {
            return 0;
        }
    }

    for (i = 0; i < DRS_AUDIT_N(words); i++) {
        if (strstr(plain, words[i]) != NULL) {
            return 1;
        }
    }

    return 0;
}


/* --- secrets by shape ----------------------------------------------------- */


static int
drs_audit_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}


static size_t
drs_audit_run(drs_str_t s, size_t at, const char *more)
{
    size_t n;

    for (n = at; n < s.len; n++) {
        if (!drs_audit_alnum(s.data[n])
            && (s.data[n] == '\0' || strchr(more, s.data[n]) == NULL))
        {
            break;
        }
    }

    return n - at;
}


/* Length of a JWT at the start of s ("eyJ....eyJ....x"), or 0. */

static size_t
drs_audit_jwt(drs_str_t s)
{
    size_t n, part;

    if (!drs_str_starts(s, "eyJ")) {
        return 0;
    }

    n = drs_audit_run(s, 0, "-_");

    if (n < 8 || n >= s.len || s.data[n] != '.') {
        return 0;
    }

    part = drs_audit_run(s, n + 1, "-_");

    if (part < 4) {
        return 0;
    }

    n += 1 + part;

    if (n < s.len && s.data[n] == '.') {
        n += 1 + drs_audit_run(s, n + 1, "-_");
    }

    return n;
}


static size_t
drs_audit_aws_key(drs_str_t s)
{
    size_t n;

    if (!drs_str_starts(s, "AKIA") && !drs_str_starts(s, "ASIA")) {
        return 0;
    }

    for (n = 4; n < s.len; n++) {
        if (!((s.data[n] >= 'A' && s.data[n] <= 'Z')
              || (s.data[n] >= '0' && s.data[n] <= '9')))
        {
            break;
        }
    }

    return n == 20 ? n : 0;
}


/* 40 characters of base64 with all three classes: paths and hex are not. */

static size_t
drs_audit_aws_secret(drs_str_t s)
{
    size_t   i, n;
    unsigned lower, upper, digit;

    n = drs_audit_run(s, 0, "+/");

    if (n != 40) {
        return 0;
    }

    lower = upper = digit = 0;

    for (i = 0; i < n; i++) {
        lower += (s.data[i] >= 'a' && s.data[i] <= 'z');
        upper += (s.data[i] >= 'A' && s.data[i] <= 'Z');
        digit += (s.data[i] >= '0' && s.data[i] <= '9');
    }

    return (lower >= 4 && upper >= 4 && digit >= 1) ? n : 0;
}


int
drs_audit_redact_text(drs_buf_t *b, drs_str_t s)
{
    size_t i, n;

    for (i = 0; i < s.len; /* void */) {
        n = 0;

        /* secrets begin where a word begins */

        if (i == 0 || !drs_audit_alnum(s.data[i - 1])) {
            n = drs_audit_jwt(drs_strn(s.data + i, s.len - i));

            if (n == 0) {
                n = drs_audit_aws_key(drs_strn(s.data + i, s.len - i));
            }

            if (n == 0) {
                n = drs_audit_aws_secret(drs_strn(s.data + i, s.len - i));
            }
        }

        if (n > 0) {
            (void) drs_buf_puts(b, DRS_AUDIT_REDACTED);
            i += n;

        } else {
            (void) drs_buf_putc(b, s.data[i++]);
        }
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


/* --- copies --------------------------------------------------------------- */


static json_t *
drs_audit_copy_text(const json_t *v)
{
    json_t   *copy;
    drs_buf_t b;

    copy = NULL;
    drs_buf_init(&b, 0);

    if (drs_audit_redact_text(&b, drs_json_str(v)) == DRS_OK) {
        copy = json_stringn(b.data != NULL ? b.data : "", b.len);
    }

    drs_buf_free(&b);

    return copy;
}


static json_t *
drs_audit_copy_array(const json_t *v, unsigned depth)
{
    size_t  i;
    json_t *copy, *item;

    copy = json_array();

    json_array_foreach ((json_t *) v, i, item) {
        if (json_array_append_new(copy, drs_audit_copy(item, depth + 1)) != 0) {
            json_decref(copy);
            return NULL;
        }
    }

    return copy;
}


/* A member's value as it may be written down. */

static json_t *
drs_audit_member(const char *key, const json_t *v, unsigned depth)
{
    if (drs_audit_secret_key(key) && !json_is_null(v)) {
        return json_string(DRS_AUDIT_REDACTED);
    }

    return drs_audit_copy(v, depth + 1);
}


static json_t *
drs_audit_copy(const json_t *v, unsigned depth)
{
    json_t     *copy, *item;
    const char *key;

    if (depth > DRS_AUDIT_DEPTH) {
        return json_string(DRS_AUDIT_REDACTED);
    }

    if (json_is_string(v)) {
        return drs_audit_copy_text(v);
    }

    if (json_is_array(v)) {
        return drs_audit_copy_array(v, depth);
    }

    if (!json_is_object(v)) {
        return json_deep_copy(v);
    }

    copy = json_object();

    json_object_foreach ((json_t *) v, key, item) {
        if (json_object_set_new(copy, key, drs_audit_member(key, item, depth))
            != 0) {
            json_decref(copy);
            return NULL;
        }
    }

    return copy;
}


json_t *
drs_audit_redact(const json_t *v)
{
    return v != NULL ? drs_audit_copy(v, 0) : NULL;
}


static json_t *
drs_audit_side(const json_t *v, const json_t *other)
{
    json_t     *copy, *item;
    const char *key;

    copy = json_object();

    json_object_foreach ((json_t *) v, key, item) {
        /* a replaced secret is there because it changed */

        if (drs_json_equal(item, json_object_get(other, key))
            && !drs_str_eqz(drs_json_str(item), DRS_AUDIT_REDACTED))
        {
            continue;
        }

        if (json_object_set_new(copy, key, drs_audit_member(key, item, 0)) != 0)
        {
            json_decref(copy);
            return NULL;
        }
    }

    return copy;
}


int
drs_audit_diff(const json_t *before, const json_t *after, json_t **b,
               json_t **a)
{
    *b = *a = NULL;

    if (json_is_object(before) && json_is_object(after)) {
        *b = drs_audit_side(before, after);
        *a = drs_audit_side(after, before);

    } else {
        *b = drs_audit_redact(before);
        *a = drs_audit_redact(after);
    }

    if ((before != NULL && *b == NULL) || (after != NULL && *a == NULL)) {
        json_decref(*b);
        json_decref(*a);
        *b = *a = NULL;
        return DRS_ERROR;
    }

    return DRS_OK;
}
