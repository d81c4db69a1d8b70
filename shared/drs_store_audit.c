
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_json.h"
#include "drs_store_audit.h"


drs_cmd_t *
drs_store_audit_seal(drs_str_t p, uint64_t seq, drs_str_t hash)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_audit_seal", p);
    (void) drs_cmd_add_u64(c, seq);
    (void) drs_cmd_add_opt(c, hash);
    (void) drs_cmd_count_begin(c);

    return c;
}


int
drs_store_audit_seal_entry(drs_cmd_t *c, drs_str_t raw_id, const json_t *entry,
                           drs_str_t text)
{
    size_t        i;
    const json_t *actor;

    static const char *const fields[] = { "action", "resourceType",
                                          "resourceId", "outcome",
                                          "correlationId" };

    actor = json_object_get(entry, "actor");

    (void) drs_cmd_count_inc(c);
    (void) drs_cmd_add(c, raw_id);
    (void) drs_cmd_add(c, drs_json_field(entry, "id"));
    (void) drs_cmd_add(c, drs_json_field(entry, "hash"));
    (void) drs_cmd_add(c, text);
    (void) drs_cmd_add_opt(c, drs_json_field(actor, "userId"));
    (void) drs_cmd_add_opt(c, drs_json_field(actor, "email"));

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void) drs_cmd_add_opt(c, drs_json_field(entry, fields[i]));
    }

    return drs_cmd_ok(c) ? DRS_OK : DRS_ERROR;
}


drs_cmd_t *
drs_store_audit_trim(drs_str_t p, int64_t before_ms, unsigned max)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_audit_trim", p);
    (void) drs_cmd_add_i64(c, before_ms);
    (void) drs_cmd_add_u64(c, max);

    return c;
}


drs_cmd_t *
drs_store_audit_sample(drs_str_t p, drs_str_t address, int64_t span_ms,
                       drs_str_t entry)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_audit_sample", p);
    (void) drs_cmd_add(c, address);
    (void) drs_cmd_add_i64(c, span_ms);
    (void) drs_cmd_add(c, entry);

    return c;
}


static void
drs_store_audit_time(drs_cmd_t *c, int64_t ms)
{
    if (ms < 0) {
        (void) drs_cmd_addz(c, "-");

    } else {
        (void) drs_cmd_add_i64(c, ms);
    }
}


drs_cmd_t *
drs_store_audit_find(drs_str_t p, int64_t from_ms, int64_t to_ms,
                     drs_str_t before, unsigned limit)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_audit_find", p);
    drs_store_audit_time(c, from_ms);
    drs_store_audit_time(c, to_ms);
    (void) drs_cmd_add_opt(c, before);
    (void) drs_cmd_add_u64(c, limit);
    (void) drs_cmd_count_begin(c);

    return c;
}


int
drs_store_audit_filter(drs_cmd_t *c, const char *name, drs_str_t value)
{
    (void) drs_cmd_count_inc(c);
    (void) drs_cmd_addz(c, name);

    return drs_cmd_add(c, value);
}
