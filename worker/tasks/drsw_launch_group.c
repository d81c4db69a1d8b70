/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a write of a group asks of its launch settings (api.md PG4).
 */

#include <stdio.h>
#include <string.h>

#include "drsw_launch_job.h"


#define DRSW_LAUNCH_WAIT_MARGIN_MS 3000
#define DRSW_LAUNCH_WAIT_EVERY_MS  200
#define DRSW_LAUNCH_WAIT_MAX_MS    25000


static void
drsw_launch_guard_error(json_t *errors, drs_str_t server, size_t from)
{
    size_t  i;
    char    path[160];
    json_t *v;

    for (i = from; i < json_array_size(errors); i++) {
        v = json_array_get(errors, i);
        (void) drs_json_set_str(v, "sourceServerId", server);
        (void) snprintf(path, sizeof(path), "servers.%.*s.%.*s",
                        DRS_STR_ARG(server),
                        DRS_STR_ARG(drs_json_field(v, "field")));
        (void) json_object_set_new(v, "field", json_string(path));
    }
}


static int
drsw_launch_guard_check(drsw_ctx_t *ctx, const json_t *old, const json_t *doc,
                        const json_t *moved, const drsw_access_t *access,
                        json_t *errors)
{
    size_t             i, from;
    json_t            *lookups, *facts, *effective, *id;
    drs_launch_check_t c;

    lookups = drs_launch_lookups();

    json_array_foreach ((json_t *) moved, i, id) {
        effective = drs_model_launch_effective(doc, drs_json_str(id));
        (void) drs_launch_lookup(lookups, effective);
        json_decref(effective);
    }

    (void) json_object_clear(json_object_get(lookups, "groups"));
    (void) json_object_clear(json_object_get(lookups, "types"));
    (void) json_object_clear(json_object_get(lookups, "profiles"));

    facts = drsw_launch_facts(ctx, access, lookups);
    json_decref(lookups);

    if (facts == NULL) {
        return DRS_ERROR;
    }

    memset(&c, 0, sizeof(c));
    c.group = doc;
    c.old = old;
    c.facts = facts;

    json_array_foreach ((json_t *) moved, i, id) {
        c.server = drs_json_str(id);
        from = json_array_size(errors);
        effective = drs_model_launch_effective(doc, c.server);
        drs_launch_check_ip(&c, effective, errors);
        drsw_launch_guard_error(errors, c.server, from);
        json_decref(effective);
    }

    json_decref(facts);

    return DRS_OK;
}


int
drsw_launch_guard(drsw_ctx_t *ctx, const json_t *old, const json_t *doc,
                  drs_model_error_t *e)
{
    int           rc;
    char          err[512];
    json_t       *moved, *errors;
    drsw_access_t access;

    if (old == NULL) {
        return DRS_OK;
    }

    moved = drs_launch_moved(old, doc);

    if (json_array_size(moved) == 0) {
        json_decref(moved);
        return DRS_OK;
    }

    errors = json_array();
    rc = drsw_access(ctx, drsw_group_account(ctx, doc),
                     drs_json_field(doc, "region"), &access, err, sizeof(err));

    if (rc == DRS_DECLINED) {
        (void) json_array_append_new(
            errors, json_pack("{s:s, s:s, s:s}", "field", "servers", "error",
                              "AWS_API_ERROR", "message", err));

    } else if (rc == DRS_OK) {
        rc = drsw_launch_guard_check(ctx, old, doc, moved, &access, errors);
    }

    if (rc != DRS_ERROR) {
        rc = DRS_OK;
    }

    if (rc == DRS_OK && json_array_size(errors) > 0) {
        rc = drs_model_fail(e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT, "servers",
                            json_pack("{s:O}", "validationErrors", errors),
                            "A static address does not fit into the new "
                            "subnet.");
    }

    json_decref(errors);
    json_decref(moved);
    return rc;
}


int
drsw_launch_wait(drsw_ctx_t *ctx, const drsw_command_t *cmd, json_t **group,
                 json_t **rows)
{
    int       rc;
    json_t   *doc, *job;
    int64_t   until;
    drs_str_t status, id;

    id = drs_json_field(*group, "groupId");
    until = drsw_now_ms(ctx) + DRSW_LAUNCH_WAIT_MAX_MS;

    if (cmd->deadline_ms > 0
        && cmd->deadline_ms - DRSW_LAUNCH_WAIT_MARGIN_MS < until)
    {
        until = cmd->deadline_ms - DRSW_LAUNCH_WAIT_MARGIN_MS;
    }

    for (;;) {
        rc = drsw_load_doc(ctx, DRS_KEY_PG, id, &doc);

        if (rc != DRS_OK) {
            /* deleted meanwhile: what was stored is the answer */
            return rc == DRS_DECLINED ? DRS_OK : rc;
        }

        json_decref(*group);
        *group = doc;
        id = drs_json_field(doc, "groupId");
        status = drs_json_field(json_object_get(doc, "launchConfigStatus"),
                                "status");

        if (!drs_str_eqz(status, "pending") && !drs_str_eqz(status, "syncing"))
        {
            break;
        }

        if (drsw_now_ms(ctx) >= until
            || drsw_sleep_ms(ctx, DRSW_LAUNCH_WAIT_EVERY_MS) != DRS_OK)
        {
            break;
        }
    }

    rc = drsw_launch_record(ctx, id, &job, rows);
    json_decref(job);

    return rc;
}


int
drsw_launch_sync_result(const json_t *group, const json_t *rows,
                        drs_model_error_t *e)
{
    int                rc;
    json_t            *failed, *details, *row;
    const char        *id;
    drs_launch_count_t n;

    failed = json_array();
    details = json_array();

    json_object_foreach ((json_t *) rows, id, row) {
        if (!drs_str_eqz(drs_json_field(row, "status"), "failed")
            || drs_model_launch_entry(group, drs_str(id)) == NULL)
        {
            continue;
        }

        (void) json_array_append_new(failed, json_string(id));
        (void) json_array_append_new(details,
                                     json_pack("{s:s, s:s, s:O?}", "serverId",
                                               id, "status", "failed", "error",
                                               json_object_get(row, "error")));
    }

    drs_launch_count(rows, &n);
    rc = DRS_OK;

    if (json_array_size(failed) > 0) {
        rc = drs_model_fail(
            e, DRS_ERR_SERVERS_CONFIG_APPLY_FAILED, "servers",
            json_pack("{s:O, s:{s:I, s:I, s:I, s:O}}", "failedServers", failed,
                      "applyResults", "applied", (json_int_t) n.ready,
                      "skipped", (json_int_t) n.pending, "failed",
                      (json_int_t) n.failed, "details", details),
            "The settings of %zu servers could not be "
            "applied. They are stored.",
            json_array_size(failed));
    }

    json_decref(failed);
    json_decref(details);

    return rc;
}
