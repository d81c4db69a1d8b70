
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What an audit entry shows, and its hash.  Check of a chain:
 * drs_audit_verify.c.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drs_audit.h"
#include "drs_json.h"
#include "drs_time.h"


#define DRS_AUDIT_DEPTH     32


static size_t drs_audit_jwt(drs_str_t s);
static size_t drs_audit_aws_key(drs_str_t s);
static size_t drs_audit_aws_secret(drs_str_t s);
static json_t *drs_audit_copy(const json_t *v, unsigned depth);


const char  drs_audit_zero[DRS_SHA256_HEX_LEN + 1] =
    "0000000000000000000000000000000000000000000000000000000000000000";


/* Members of a raw entry that are passed on; the others are set here. */

static const char *const  drs_audit_texts[] = {
    "correlationId", "requestId", "sourceIp", "userAgent", "action",
    "resourceType", "resourceId", "resourceName", "accountId", "region",
    "outcome", "errorCode", "overrideReason"
};

static const char *const  drs_audit_required[] = {
    "action", "resourceType", "resourceId"
};

static const char *const  drs_audit_outcomes[] = {
    "allowed", "denied", "failed", "succeeded"
};

static const char *const  drs_audit_actor_types[] = {
    "user", "machine", "system", "link", "operator"
};

#define DRS_AUDIT_N(a)  (sizeof(a) / sizeof((a)[0]))


int
drs_audit_secret_key(const char *key)
{
    char    plain[128];
    size_t  i, n;

    static const char *const  words[] = {
        "authorization", "cookie", "token", "password", "passwd", "secret",
        "credential", "apikey", "privatekey", "externalid", "sessiontoken",
        "signature", "accesskey"
    };

    /* flags and ids about a secret, which are none */
    static const char *const  open[] = {
        "tokenid", "secretset", "passwordchangerequired", "mustchangepassword"
    };

    for (n = 0; *key != '\0' && n < sizeof(plain) - 1; key++) {
        if (*key == '_' || *key == '-' || *key == '.' || *key == ' ') {
            continue;
        }

        plain[n++] = (*key >= 'A' && *key <= 'Z') ? (char) (*key | 0x20)
                                                  : *key;
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
    size_t  n;

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
    size_t  n, part;

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
    size_t  n;

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
    size_t    i, n;
    unsigned  lower, upper, digit;

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
    size_t  i, n;

    for (i = 0; i < s.len; /* void */ ) {
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
    json_t     *copy;
    drs_buf_t   b;

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
    size_t   i;
    json_t  *copy, *item;

    copy = json_array();

    json_array_foreach((json_t *) v, i, item) {
        if (json_array_append_new(copy, drs_audit_copy(item, depth + 1))
            != 0)
        {
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
    json_t      *copy, *item;
    const char  *key;

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

    json_object_foreach((json_t *) v, key, item) {
        if (json_object_set_new(copy, key, drs_audit_member(key, item, depth))
            != 0)
        {
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
    json_t      *copy, *item;
    const char  *key;

    copy = json_object();

    json_object_foreach((json_t *) v, key, item) {

        /* a replaced secret is there because it changed */

        if (drs_json_equal(item, json_object_get(other, key))
            && !drs_str_eqz(drs_json_str(item), DRS_AUDIT_REDACTED))
        {
            continue;
        }

        if (json_object_set_new(copy, key, drs_audit_member(key, item, 0))
            != 0)
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


/* --- the chain ------------------------------------------------------------ */


void
drs_audit_id(char *dst, int64_t ms, uint64_t seq)
{
    (void) snprintf(dst, DRS_AUDIT_ID_SIZE, "%" PRId64 "-%" PRIu64, ms, seq);
}


int
drs_audit_id_parse(drs_str_t id, int64_t *ms, uint64_t *seq)
{
    uint64_t   t;
    drs_str_t  first;

    if (!drs_str_split(&id, '-', &first) || id.data == NULL
        || drs_str_u64(first, &t) != DRS_OK || t > INT64_MAX
        || drs_str_u64(id, seq) != DRS_OK)
    {
        return DRS_DECLINED;
    }

    *ms = (int64_t) t;

    return DRS_OK;
}


int
drs_audit_hash(const json_t *entry, drs_str_t prev_hash,
    char hash[DRS_SHA256_HEX_LEN + 1])
{
    int            rc;
    json_t        *bare;
    drs_buf_t      b;
    drs_str_t      parts[2];
    unsigned char  md[DRS_SHA256_LEN];

    bare = json_copy((json_t *) entry);

    if (bare == NULL) {
        return DRS_ERROR;
    }

    (void) json_object_del(bare, "prevHash");
    (void) json_object_del(bare, "hash");

    drs_buf_init(&b, 0);
    rc = drs_json_dump_canonical(&b, bare);
    json_decref(bare);

    if (rc == DRS_OK) {
        parts[0] = prev_hash;
        parts[1] = drs_buf_str(&b);
        rc = drs_sha256_parts(md, parts, 2);
    }

    drs_buf_free(&b);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    drs_hex(hash, md, sizeof(md));

    return DRS_OK;
}


/* The text if it is one of a list, else another one. */

static const char *
drs_audit_one_of(const json_t *v, const char *const *list, size_t n,
    const char *other)
{
    size_t     i;
    drs_str_t  s;

    s = drs_json_str(v);

    for (i = 0; i < n; i++) {
        if (drs_str_eqz(s, list[i])) {
            return list[i];
        }
    }

    return other;
}


static int
drs_audit_set_text(json_t *entry, const char *name, const json_t *v)
{
    int        rc;
    size_t     len;
    json_t    *copy;
    drs_str_t  s;

    copy = drs_audit_copy_text(v);
    s = drs_json_str(copy);

    if (s.len > DRS_AUDIT_TEXT_MAX) {
        /* not within a character */
        for (len = DRS_AUDIT_TEXT_MAX;
             len > 0 && (s.data[len] & 0xc0) == 0x80;
             len--)
        { /* void */ }

        s.len = len;
    }

    rc = (copy != NULL) ? drs_json_set_str(entry, name, s) : DRS_ERROR;
    json_decref(copy);

    return rc;
}


/* AuditEntry.actor: what the token said, without address and agent. */

static json_t *
drs_audit_actor(const json_t *raw)
{
    int      rc;
    size_t   i;
    json_t  *actor, *roles, *role;

    static const char *const  texts[] = { "userId", "email", "tokenId" };

    actor = json_object();
    roles = json_array();

    json_array_foreach(json_object_get(raw, "roles"), i, role) {
        if (json_is_string(role)) {
            (void) json_array_append(roles, role);
        }
    }

    rc = json_object_set_new(actor, "type", json_string(drs_audit_one_of(
             json_object_get(raw, "type"), drs_audit_actor_types,
             DRS_AUDIT_N(drs_audit_actor_types), "system")));
    rc |= json_object_set_new(actor, "userId", json_string(""));
    rc |= json_object_set_new(actor, "roles", roles);

    for (i = 0; i < DRS_AUDIT_N(texts); i++) {
        if (drs_json_field(raw, texts[i]).len > 0) {
            rc |= drs_audit_set_text(actor, texts[i],
                                     json_object_get(raw, texts[i]));
        }
    }

    if (rc != 0) {
        json_decref(actor);
        return NULL;
    }

    return actor;
}


/* before and after, and what a caller gave as the reason. */

static int
drs_audit_content(json_t *entry, const json_t *raw)
{
    int      rc;
    json_t  *b, *a, *reason;

    if (drs_audit_diff(json_object_get(raw, "before"),
                       json_object_get(raw, "after"), &b, &a)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    reason = json_object_get(raw, "reason");

    if (json_is_string(reason) && (a == NULL || json_is_object(a))) {
        a = (a != NULL) ? a : json_object();
        (void) json_object_set_new(a, "reason", drs_audit_copy_text(reason));
    }

    rc = 0;

    if (b != NULL) {
        rc |= json_object_set_new(entry, "before", b);
    }

    if (a != NULL) {
        rc |= json_object_set_new(entry, "after", a);
    }

    return rc == 0 ? DRS_OK : DRS_ERROR;
}


/* Required members that the raw entry does not have. */

static int
drs_audit_fill(json_t *entry, const json_t *raw)
{
    int        rc;
    size_t     i;
    drs_str_t  id;

    rc = 0;

    for (i = 0; i < DRS_AUDIT_N(drs_audit_required); i++) {
        if (json_object_get(entry, drs_audit_required[i]) == NULL) {
            rc |= json_object_set_new(entry, drs_audit_required[i],
                                      json_string("unknown"));
        }
    }

    if (json_object_get(entry, "requestId") == NULL) {
        id = drs_json_field(raw, "commandId");
        rc |= drs_json_set_str(entry, "requestId",
                               id.len > 0 ? id
                                          : drs_json_field(entry, "id"));
    }

    if (json_object_get(entry, "correlationId") == NULL) {
        rc |= json_object_set(entry, "correlationId",
                              json_object_get(entry, "requestId"));
    }

    return rc == 0 ? DRS_OK : DRS_ERROR;
}


static int
drs_audit_members(json_t *entry, const json_t *raw)
{
    int      rc;
    size_t   i;
    json_t  *v;

    rc = 0;

    for (i = 0; i < DRS_AUDIT_N(drs_audit_texts); i++) {
        v = json_object_get(raw, drs_audit_texts[i]);

        if (drs_json_str(v).len > 0) {
            rc |= drs_audit_set_text(entry, drs_audit_texts[i], v);
        }
    }

    /* what commands carry with the actor */

    v = json_object_get(raw, "actor");

    if (json_object_get(entry, "sourceIp") == NULL
        && drs_json_field(v, "ip").len > 0)
    {
        rc |= drs_audit_set_text(entry, "sourceIp", json_object_get(v, "ip"));
    }

    if (json_object_get(entry, "userAgent") == NULL
        && drs_json_field(v, "userAgent").len > 0)
    {
        rc |= drs_audit_set_text(entry, "userAgent",
                                 json_object_get(v, "userAgent"));
    }

    rc |= json_object_set_new(entry, "outcome", json_string(drs_audit_one_of(
              json_object_get(raw, "outcome"), drs_audit_outcomes,
              DRS_AUDIT_N(drs_audit_outcomes), "succeeded")));
    rc |= json_object_set_new(entry, "actor",
                              drs_audit_actor(json_object_get(raw, "actor")));

    v = json_object_get(raw, "httpStatus");

    if (json_is_integer(v)) {
        rc |= json_object_set_new(entry, "httpStatus", json_deep_copy(v));
    }

    return rc == 0 ? drs_audit_fill(entry, raw) : DRS_ERROR;
}


json_t *
drs_audit_entry(const json_t *raw, int64_t ms, uint64_t seq,
    const char *prev_hash, char hash[DRS_SHA256_HEX_LEN + 1])
{
    int      rc;
    char     id[DRS_AUDIT_ID_SIZE], time[DRS_TIME_ISO_SIZE];
    json_t  *entry;

    entry = json_object();
    drs_audit_id(id, ms, seq);
    (void) drs_time_iso_ms(time, ms);

    rc = json_object_set_new(entry, "id", json_string(id));
    rc |= json_object_set_new(entry, "time", json_string(time));

    if (rc != 0 || drs_audit_members(entry, raw) != DRS_OK
        || drs_audit_content(entry, raw) != DRS_OK
        || drs_audit_hash(entry, drs_str(prev_hash), hash) != DRS_OK
        || json_object_set_new(entry, "prevHash", json_string(prev_hash)) != 0
        || json_object_set_new(entry, "hash", json_string(hash)) != 0)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}
