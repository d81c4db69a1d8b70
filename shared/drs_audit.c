
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The members of an audit entry, and its hash.  Secrets: drs_audit_redact.c.
 * Check of a chain: drs_audit_verify.c.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drs_audit.h"
#include "drs_json.h"
#include "drs_time.h"


const char drs_audit_zero[DRS_SHA256_HEX_LEN + 1] =
    "0000000000000000000000000000000000000000000000000000000000000000";


/* Members of a raw entry that are passed on; the others are set here. */

static const char *const drs_audit_texts[] = {
    "correlationId", "requestId",  "sourceIp",      "userAgent", "action",
    "resourceType",  "resourceId", "resourceName",  "accountId", "region",
    "outcome",       "errorCode",  "overrideReason"
};

static const char *const drs_audit_required[] = { "action", "resourceType",
                                                  "resourceId" };

static const char *const drs_audit_outcomes[] = { "allowed", "denied", "failed",
                                                  "succeeded" };

static const char *const drs_audit_actor_types[] = { "user", "machine",
                                                     "system", "link",
                                                     "operator" };

#define DRS_AUDIT_N(a) (sizeof(a) / sizeof((a)[0]))


/* --- the chain ------------------------------------------------------------ */


void
drs_audit_id(char *dst, int64_t ms, uint64_t seq)
{
    (void) snprintf(dst, DRS_AUDIT_ID_SIZE, "%" PRId64 "-%" PRIu64, ms, seq);
}


int
drs_audit_id_parse(drs_str_t id, int64_t *ms, uint64_t *seq)
{
    uint64_t  t;
    drs_str_t first;

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
    int           rc;
    json_t       *bare;
    drs_buf_t     b;
    drs_str_t     parts[2];
    unsigned char md[DRS_SHA256_LEN];

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
    size_t    i;
    drs_str_t s;

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
    int       rc;
    size_t    len;
    json_t   *copy;
    drs_str_t s;

    copy = drs_audit_redact(v);
    s = drs_json_str(copy);

    if (s.len > DRS_AUDIT_TEXT_MAX) {
        /* not within a character */
        for (len = DRS_AUDIT_TEXT_MAX; len > 0 && (s.data[len] & 0xc0) == 0x80;
             len--) { /* void */
        }

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
    int     rc;
    size_t  i;
    json_t *actor, *roles, *role;

    static const char *const texts[] = { "userId", "email", "tokenId" };

    actor = json_object();
    roles = json_array();

    json_array_foreach (json_object_get(raw, "roles"), i, role) {
        if (json_is_string(role)) {
            (void) json_array_append(roles, role);
        }
    }

    rc = json_object_set_new(
        actor, "type",
        json_string(drs_audit_one_of(
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
    int     rc;
    json_t *b, *a, *reason;

    if (drs_audit_diff(json_object_get(raw, "before"),
                       json_object_get(raw, "after"), &b, &a)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    reason = json_object_get(raw, "reason");

    if (json_is_string(reason) && (a == NULL || json_is_object(a))) {
        a = (a != NULL) ? a : json_object();
        (void) json_object_set_new(a, "reason", drs_audit_redact(reason));
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
    int       rc;
    size_t    i;
    drs_str_t id;

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
                               id.len > 0 ? id : drs_json_field(entry, "id"));
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
    int     rc;
    size_t  i;
    json_t *v;

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

    rc |= json_object_set_new(
        entry, "outcome",
        json_string(drs_audit_one_of(
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
    int     rc;
    char    id[DRS_AUDIT_ID_SIZE], time[DRS_TIME_ISO_SIZE];
    json_t *entry;

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
