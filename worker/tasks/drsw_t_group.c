
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands group.create, group.update, group.resolve, servers.list: what
 * operations on groups and servers need of AWS (api.md PG2, PG4, PG6, DRS1).
 */

#include <string.h>

#include "drs_model_group.h"
#include "drs_view_doc.h"
#include "drs_view_servers.h"

#include "drsw_launch_job.h"
#include "drsw_region.h"
#include "drsw_tasks.h"


/*
 * A repeat of the command: the document is there in the version that it wrote.
 * DRS_OK: *old is the document before (NULL if none); DRS_DECLINED: applied
 * before, *old is what is stored.
 */
static int
drsw_group_before(drsw_ctx_t *ctx, const json_t *doc, json_t **old)
{
    int rc;

    rc = drsw_load_doc(ctx, DRS_KEY_PG, drs_json_field(doc, "groupId"), old);

    if (rc == DRS_DECLINED) {
        return DRS_OK;
    }

    if (rc == DRS_OK
        && drs_model_doc_version(*old) == drs_model_doc_version(doc)
        && drs_str_eq(drs_json_field(*old, "groupName"),
                      drs_json_field(doc, "groupName"))
        && json_equal(json_object_get(*old, "lastModifiedDate"),
                      json_object_get(doc, "lastModifiedDate")))
    {
        return DRS_DECLINED;
    }

    return rc;
}


/* PG4 with applyConfigsSync: the answer waits for the job. */
static int
drsw_group_applied(drsw_ctx_t *ctx, const drsw_command_t *cmd, json_t **doc,
                   json_t **rows, drs_model_error_t *e)
{
    int rc;

    if (!json_is_true(json_object_get(cmd->payload, "sync"))) {
        return DRS_OK;
    }

    rc = drsw_launch_wait(ctx, cmd, doc, rows);

    if (rc == DRS_OK && json_is_true(json_object_get(cmd->payload, "servers")))
    {
        rc = drsw_launch_sync_result(*doc, *rows, e);
    }

    return rc;
}


static int
drsw_group_write(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                 drsw_answer_t *answer, int create)
{
    int               rc;
    json_t           *doc, *old, *rows;
    drs_model_error_t e;

    rows = NULL;
    doc = json_deep_copy(json_object_get(cmd->payload, "group"));

    if (!json_is_object(doc)) {
        json_decref(doc);
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "group"),
                                 "group must be an object.");
    }

    drs_model_error_init(&e);
    rc = drsw_group_before(ctx, doc, &old);

    if (rc == DRS_DECLINED) {
        rc = drsw_answer_body(answer, create ? 201 : 200, drs_view_group(old));
        goto done;
    }

    if (rc == DRS_OK && !create && old == NULL) {
        rc = drsw_answer_error(
            answer, "PROTECTION_GROUP_NOT_FOUND",
            json_pack("{s:O}", "groupId", json_object_get(doc, "groupId")),
            "The protection group does not exist.");
        goto done;
    }

    if (rc == DRS_OK && old != NULL
        && drs_model_doc_version(old) + 1 != drs_model_doc_version(doc))
    {
        rc = drs_model_version_conflict(&e, drs_model_doc_version(doc) - 1,
                                        drs_model_doc_version(old),
                                        drs_json_field(doc, "groupId"));
    }

    rc = (rc == DRS_OK) ? drsw_group_check(ctx, cmd, doc, &e) : rc;
    rc = (rc == DRS_OK) ? drsw_launch_guard(ctx, old, doc, &e) : rc;
    rc = (rc == DRS_OK) ? drsw_group_store(ctx, cmd, old, doc, &e) : rc;
    rc = (rc == DRS_OK) ? drsw_group_applied(ctx, cmd, &doc, &rows, &e) : rc;

    if (rc == DRS_OK) {
        rc = drsw_answer_body(answer, create ? 201 : 200,
                              drs_view_launch_group(doc, rows));

    } else if (rc == DRS_DECLINED) {
        rc = drsw_answer_model(answer, &e);
    }

done:

    drs_model_error_free(&e);
    json_decref(doc);
    json_decref(old);
    json_decref(rows);
    return rc;
}


int
drsw_cmd_group_create(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    return drsw_group_write(ctx, cmd, answer, 1);
}


int
drsw_cmd_group_update(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    return drsw_group_write(ctx, cmd, answer, 0);
}


/* The Region's own answer when it cannot be read (api.md DRS1). */
static int
drsw_servers_refused(drsw_answer_t *answer, const drsw_place_t *place)
{
    return drsw_region_refuse(
        answer, place->scan.status != NULL ? place->scan.status : "ERROR",
        place->code != NULL ? place->code : "DRS_ERROR", place->access.account,
        place->access.region, place->text);
}


static drs_str_t
drsw_servers_account(drsw_ctx_t *ctx, const json_t *payload)
{
    drs_str_t account;

    account = drs_json_field(payload, "accountId");

    return account.len > 0 ? account : drs_str(drsw_hub_account(ctx));
}


/* PG6: servers of the place that the tags match. */
static int
drsw_servers_answer(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer, const json_t *tags)
{
    int                rc;
    json_t            *groups;
    drs_str_t          account;
    drsw_place_t      *place;
    drsw_resolver_t    r;
    drs_view_servers_t o;

    memset(&o, 0, sizeof(o));
    groups = NULL;

    drsw_resolver_init(&r, ctx, json_object(), 0, 0);
    account = drsw_servers_account(ctx, cmd->payload);
    place = drsw_resolver_place(&r, account,
                                drs_json_field(cmd->payload, "region"));

    if (place == NULL || place->rc != DRS_OK) {
        rc = place != NULL ? drsw_servers_refused(answer, place) : DRS_ERROR;
        drsw_resolver_free(&r);
        return rc;
    }

    rc = drsw_group_list(ctx, drs_str(place->access.account),
                         drs_str(place->access.region), drs_str(""), &groups);

    if (rc == DRS_OK) {
        o.items = place->scan.servers;
        o.groups = groups;
        o.account = drs_str(place->access.account);
        o.region = drs_str(place->access.region);
        o.own_account = drs_str(drsw_hub_account(ctx));
        o.at_ms = place->scan.at_ms;
        o.live = place->scan.live;
        o.current = drs_json_field(cmd->payload, "protectionGroupId");
        rc = drsw_answer_body(answer, 200, drs_view_servers_resolved(&o, tags));
    }

    json_decref(groups);
    drsw_resolver_free(&r);
    return rc;
}


/*
 * A Region that was found closed need not be asked again at once: DRS_DECLINED,
 * answered from its state.
 */
static int
drsw_servers_closed(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                    drsw_answer_t *answer)
{
    int           rc;
    char          text[1024];
    drsw_access_t access;
    drsw_region_t state;

    rc = drsw_access(ctx, account, region, &access, text, sizeof(text));

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc; /* said by the scan */
    }

    rc = drsw_region_load(ctx, account, &region, 1, &state);

    if (rc != DRS_OK) {
        return rc;
    }

    if ((!drsw_region_is_closed(&state)
         && strcmp(state.status, "SCP_DENIED") != 0
         && strcmp(state.status, "IAM_PERMISSION_DENIED") != 0)
        || drsw_now_ms(ctx) - state.at_ms > ctx->conf->live_scan_ms)
    {
        return DRS_OK;
    }

    rc = drsw_region_refuse(answer, state.status, "DRS_ERROR", access.account,
                            access.region, state.error);

    return rc == DRS_OK ? DRS_DECLINED : rc;
}


/*
 * DRS1 when nothing fresh is published: the servers are published, the module
 * reads them from there.
 */
int
drsw_cmd_servers_list(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    int             rc;
    drs_str_t       account, region;
    drsw_place_t   *place;
    drsw_resolver_t r;

    account = drsw_servers_account(ctx, cmd->payload);
    region = drs_json_field(cmd->payload, "region");
    rc = drsw_servers_closed(ctx, account, region, answer);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    drsw_resolver_init(&r, ctx, json_object(), 0, 0);
    place = drsw_resolver_place(&r, account, region);

    if (place == NULL) {
        rc = DRS_ERROR;

    } else if (place->rc != DRS_OK) {
        rc = drsw_servers_refused(answer, place);

    } else {
        rc = drsw_scan_publish(ctx, &place->access, place->scan.servers,
                               place->scan.at_ms);
        rc = (rc == DRS_OK) ? drsw_answer_body(
                 answer, 200,
                 json_pack("{s:I}", "servers",
                           (json_int_t) json_object_size(place->scan.servers)))
                            : rc;
    }

    drsw_resolver_free(&r);
    return rc;
}


int
drsw_cmd_group_resolve(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer)
{
    int            rc;
    json_t        *tags, *payload, *group;
    drs_str_t      id;
    drsw_command_t own;

    tags = json_object_get(cmd->payload, "serverSelectionTags");

    if (json_object_size(tags) == 0) {
        return drsw_answer_error(
            answer, "INVALID_PARAMETER",
            json_pack("{s:s}", "parameter", "serverSelectionTags"),
            "serverSelectionTags must be an object with at least one tag.");
    }

    id = drs_json_field(cmd->payload, "protectionGroupId");

    if (id.len == 0) {
        return drsw_servers_answer(ctx, cmd, answer, tags);
    }

    rc = drsw_load_doc(ctx, DRS_KEY_PG, id, &group);

    if (rc == DRS_DECLINED) {
        return drsw_answer_error(
            answer, "PROTECTION_GROUP_NOT_FOUND",
            json_pack("{s:o}", "groupId", drs_json_new_str(id)),
            "The protection group was not found.");
    }

    if (rc != DRS_OK) {
        return rc;
    }

    /* the account of the group, unless one is named */

    payload = json_copy((json_t *) cmd->payload);

    if (drs_json_field(payload, "accountId").len == 0) {
        (void) drs_json_set_str(payload, "accountId",
                                drs_json_field(group, "accountId"));
    }

    own = *cmd;
    own.payload = payload;
    rc = drsw_servers_answer(ctx, &own, answer, tags);

    json_decref(payload);
    json_decref(group);
    return rc;
}
