
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_json.h"
#include "drs_model.h"
#include "drs_model_group.h"
#include "drs_view_doc.h"
#include "drs_view_inv.h"
#include "drs_view_servers.h"


static void
drs_inv_source(json_t *server, const json_t *source)
{
    size_t    i;
    json_t   *v;
    drs_str_t name;

    static const char *const names[] = { "sourceTags", "ec2NetworkConfig",
                                         "originalAccountId",
                                         "originalSourceRegion" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(source, names[i]);

        if (v != NULL) {
            (void) json_object_set(server, names[i], v);
        }
    }

    name = drs_json_field(json_object_get(source, "sourceTags"), "Name");

    if (name.len > 0 && drs_json_field(server, "nameTag").len == 0) {
        (void) drs_json_set_str(server, "nameTag", name);
    }
}


int
drs_inv_row(drs_buf_t *b, const json_t *item, drs_str_t region,
            const json_t *source)
{
    int       rc;
    json_t   *server;
    drs_str_t none = drs_null_string;

    server = drs_view_server(item, region, NULL, none);

    if (server == NULL) {
        return DRS_ERROR;
    }

    drs_inv_source(server, source);
    (void) json_object_del(server, "selectable");
    (void) json_object_del(server, "assignedToProtectionGroup");

    (void) drs_buf_putc(b, drs_view_servers_usable(item) ? '+' : '-');
    rc = drs_json_dump(b, server);
    json_decref(server);

    return rc;
}


static drs_str_t
drs_inv_json(drs_str_t row)
{
    return row.len > 0 ? drs_strn(row.data + 1, row.len - 1) : row;
}


/* Appends a string member without its quotes; 0 if it is empty. */
static int
drs_inv_text(drs_buf_t *b, drs_str_t json, const char *name)
{
    json_t   *v;
    size_t    before;
    drs_str_t raw, plain;

    before = b->len;
    raw = drs_jread_field(json, name);
    plain = drs_jread_plain(raw);

    if (plain.data != NULL) {
        (void) drs_buf_str_append(b, plain);
        return b->len > before;
    }

    if (raw.len > 0) {
        v = json_loadb(raw.data, raw.len, JSON_DECODE_ANY, NULL);
        (void) drs_buf_str_append(b, drs_json_str(v));
        json_decref(v);
    }

    return b->len > before;
}


int
drs_inv_member(drs_buf_t *b, drs_str_t row)
{
    drs_str_t json;

    json = drs_inv_json(row);

    if (!drs_inv_text(b, json, "nameTag") && !drs_inv_text(b, json, "hostname"))
    {
        (void) drs_inv_text(b, json, "sourceServerID");
    }

    (void) drs_buf_putc(b, '\0');

    return drs_inv_text(b, json, "sourceServerID") && drs_buf_ok(b) ? DRS_OK
                                                                    : DRS_ERROR;
}


int
drs_inv_tagged(drs_str_t row, const json_t *tags)
{
    int       match;
    json_t   *mine;
    drs_str_t raw;

    if (row.len == 0 || row.data[0] != '+') {
        return 0;
    }

    raw = drs_jread_field(drs_inv_json(row), "tags");
    mine = drs_json_parse(raw, &drs_json_store_limits, NULL);
    match = mine != NULL && drs_model_tags_match(tags, mine);
    json_decref(mine);

    return match;
}


void
drs_inv_server(drs_buf_t *b, drs_str_t row, const drs_inv_group_t *group,
               drs_str_t current, int live)
{
    int taken;

    taken = group->id.len > 0
            && !(current.len > 0 && drs_str_eq(group->id, current));

    drs_jw_begin_raw(b, NULL, drs_inv_json(row));
    drs_jw_bool(b, "selectable", !taken);

    if (taken) {
        drs_jw_open(b, "assignedToProtectionGroup", '{');
        drs_jw_str(b, "protectionGroupId", group->id);
        drs_jw_raw(b, "protectionGroupName",
                   group->name.len > 0 ? group->name : drs_str("\"\""));
        drs_jw_str(b, "assignmentType",
                   drs_str(group->by_tags ? "tag-based" : "explicit"));
        drs_jw_close(b, '}');
    } else {
        drs_jw_null(b, "assignedToProtectionGroup");
    }

    if (!live) {
        drs_jw_str(b, "dataSource", drs_str("inventory"));
    }

    drs_jw_close(b, '}');
}


/* A text member against a filter; an absent one is `otherwise`. */
static int
drs_inv_is(drs_str_t want, drs_str_t json, const char *name,
           drs_str_t otherwise)
{
    int       same;
    drs_buf_t have;

    if (want.len == 0) {
        return 1;
    }

    drs_buf_init(&have, 0);
    same = drs_str_eq(want, drs_inv_text(&have, json, name) ? drs_buf_str(&have)
                                                            : otherwise);
    drs_buf_free(&have);

    return same;
}


int
drs_inv_matches(const drs_inventory_filter_t *f, drs_str_t row,
                drs_str_t account)
{
    drs_str_t json, hw, none;

    json = drs_inv_json(row);
    none = drs_str("");

    if (!drs_inv_is(f->hostname, json, "hostname", none)
        || !drs_inv_is(f->state, json, "replicationState", none)
        || !drs_inv_is(f->staging, json, "stagingAccountId", account)
        || !drs_inv_is(f->source, json, "sourceAccountId", account))
    {
        return 0;
    }

    if (f->min_cores <= 0 && f->min_ram <= 0) {
        return 1;
    }

    hw = drs_jread_field(json, "hardware");

    return drs_jread_int(drs_jread_field(hw, "totalCores"), 0) >= f->min_cores
           && drs_jread_int(drs_jread_field(hw, "ramBytes"), 0) >= f->min_ram;
}
