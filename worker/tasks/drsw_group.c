
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_doc_write.h"
#include "drs_model_group.h"
#include "drs_view_servers.h"

#include "drsw_group.h"


#define DRSW_GROUP_NO_AGE (INT64_C(100) * 365 * 86400 * 1000)


int
drsw_group_list(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                drs_str_t except, json_t **groups)
{
    int          rc;
    size_t       i;
    json_t      *ids, *docs, *doc;
    drs_cmd_t   *cmd;
    const char  *id;
    drsw_reply_t reply;

    *groups = json_array();
    ids = json_array();

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "SMEMBERS");
    (void) drs_cmd_key1(cmd, drsw_redis_prefix(ctx->redis), DRS_KEY_ACCT_GROUPS,
                        account);

    memset(&reply, 0, sizeof(reply));
    rc = (drs_cmd_ok(cmd) && *groups != NULL && ids != NULL)
             ? drsw_redis_cmd(ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        if (!drs_str_eq(reply.r.v[i], except)) {
            (void) json_array_append_new(ids, drs_json_new_str(reply.r.v[i]));
        }
    }

    drsw_reply_free(&reply);

    docs = NULL;
    rc = (rc == DRS_OK) ? drsw_load_docs(ctx, DRS_KEY_PG, ids, &docs) : rc;

    json_object_foreach (docs, id, doc) {
        if (region.len == 0
            || drs_str_eq(drs_json_field(doc, "region"), region)) {
            (void) json_array_append(*groups, doc);
        }
    }

    json_decref(docs);
    json_decref(ids);

    if (rc != DRS_OK) {
        json_decref(*groups);
        *groups = NULL;
    }

    return rc;
}


/* Another group of the account and Region with the same tags: TAG_CONFLICT. */
static int
drsw_group_same_tags(const json_t *groups, const json_t *doc,
                     drs_model_error_t *e)
{
    char          mine[65], theirs[65];
    size_t        i;
    json_t       *group;
    const json_t *tags;

    tags = json_object_get(doc, "serverSelectionTags");

    if (!drs_model_group_by_tags(doc)) {
        return DRS_OK;
    }

    if (drs_model_tags_hash(mine, tags) != DRS_OK) {
        return DRS_ERROR;
    }

    json_array_foreach ((json_t *) groups, i, group) {
        if (!drs_model_group_by_tags(group)
            || drs_model_tags_hash(
                   theirs, json_object_get(group, "serverSelectionTags"))
                   != DRS_OK
            || strcmp(mine, theirs) != 0)
        {
            continue;
        }

        return drs_model_fail(
            e, DRS_ERR_TAG_CONFLICT, "serverSelectionTags",
            json_pack("{s:[{s:O, s:O, s:O, s:s}]}", "conflicts",
                      "protectionGroupId", json_object_get(group, "groupId"),
                      "protectionGroupName",
                      json_object_get(group, "groupName"), "conflictingTags",
                      tags, "conflictType", "exact_match"),
            "Another protection group selects by the same tags.");
    }

    return DRS_OK;
}


/* A server of `ids` that another group holds: SERVER_CONFLICT. */
static int
drsw_group_overlap(drsw_ctx_t *ctx, const json_t *doc, const json_t *ids,
                   const drsw_place_t *place, drs_model_error_t *e)
{
    int     rc;
    size_t  i, n;
    json_t *groups, *group, *id, *server, *conflicts;

    rc = drsw_group_list(ctx, drs_str(place->access.account),
                         drs_str(place->access.region),
                         drs_json_field(doc, "groupId"), &groups);

    if (rc == DRS_OK) {
        rc = drsw_group_same_tags(groups, doc, e);
    }

    if (rc != DRS_OK) {
        json_decref(groups);
        return rc;
    }

    conflicts = json_array();

    json_array_foreach (ids, i, id) {
        server = json_object_get(place->scan.servers, json_string_value(id));

        json_array_foreach (groups, n, group) {
            if (server != NULL && drs_view_servers_member(group, server)
                && json_array_size(conflicts) < 200)
            {
                (void) json_array_append_new(
                    conflicts, json_pack("{s:O, s:O, s:O}", "serverId", id,
                                         "protectionGroupId",
                                         json_object_get(group, "groupId"),
                                         "protectionGroupName",
                                         json_object_get(group, "groupName")));
            }
        }
    }

    json_decref(groups);

    if (json_array_size(conflicts) == 0) {
        json_decref(conflicts);
        return DRS_OK;
    }

    return drs_model_fail(e, DRS_ERR_SERVER_CONFLICT, "sourceServerIds",
                          json_pack("{s:o}", "conflicts", conflicts),
                          "A server is in another protection group already.");
}


/* Ids that DRS does not know: INVALID_PARAMETER. */
static int
drsw_group_unknown(const json_t *ids, const drsw_place_t *place,
                   drs_model_error_t *e)
{
    int     rc;
    size_t  i;
    json_t *id, *unknown;

    unknown = json_array();

    json_array_foreach (ids, i, id) {
        if (json_object_get(place->scan.servers, json_string_value(id)) == NULL)
        {
            (void) json_array_append(unknown, id);
        }
    }

    rc = DRS_OK;

    if (json_array_size(unknown) > 0) {
        rc = drs_model_fail(
            e, DRS_ERR_INVALID_PARAMETER, "sourceServerIds",
            json_pack("{s:s, s:O, s:O}", "parameter", "sourceServerIds",
                      "invalid_ids", unknown, "invalidIds", unknown),
            "sourceServerIds: DRS does not know %zu of the servers in "
            "account %s, %s.",
            json_array_size(unknown), place->access.account,
            place->access.region);
    }

    json_decref(unknown);
    return rc;
}


static int
drsw_group_place_error(const drsw_place_t *place, drs_model_error_t *e)
{
    drs_err_t   err;
    const char *field;

    err = drs_err_by_code(
        drs_str(place->code != NULL ? place->code : "DRS_ERROR"));

    if (err == DRS_ERR_NONE) {
        err = DRS_ERR_DRS_ERROR;
    }

    field = (err == DRS_ERR_INVALID_ACCOUNT) ? "accountId" : "region";

    return drs_model_fail(e, err, field,
                          json_pack("{s:s, s:s}", "region",
                                    place->access.region, "accountId",
                                    place->access.account),
                          "%s", place->text);
}


int
drsw_group_check(drsw_ctx_t *ctx, const drsw_command_t *cmd, json_t *doc,
                 drs_model_error_t *e)
{
    int             rc;
    json_t         *ids;
    drsw_place_t   *place;
    drs_model_env_t env;
    drsw_resolver_t r;

    drsw_model_env(ctx, cmd, &env);
    drsw_resolver_init(&r, ctx, json_object(), 0, DRSW_GROUP_NO_AGE);

    ids = NULL;
    rc = drsw_resolver_group(&r, doc, &ids, &place);

    if (rc == DRS_DECLINED) {
        rc = drsw_group_place_error(place, e);
    }

    if (rc == DRS_OK && !drs_model_group_by_tags(doc)) {
        rc = drsw_group_unknown(ids, place, e);
    }

    if (rc == DRS_OK) {
        rc = drs_model_group_members(e, doc, ids, &env);
    }

    if (rc == DRS_OK) {
        rc = drsw_group_overlap(ctx, doc, ids, place, e);
    }

    json_decref(ids);
    drsw_resolver_free(&r);
    return rc;
}


/* Name of another group or of a plan, for conflicts that the store found. */
static json_t *
drsw_group_named(drsw_ctx_t *ctx, drs_key_t key, drs_str_t id)
{
    json_t *doc, *name;

    if (drsw_load_doc(ctx, key, id, &doc) != DRS_OK) {
        return json_string("");
    }

    name = json_object_get(doc, key == DRS_KEY_PG ? "groupName" : "planName");
    name = json_is_string(name) ? json_incref(name) : json_string("");
    json_decref(doc);
    return name;
}


static int
drsw_group_refused(drsw_ctx_t *ctx, const json_t *doc, const drs_answer_t *a,
                   drs_model_error_t *e)
{
    drs_err_t err;
    drs_str_t owner, field;
    json_t   *fields;

    err = drs_err_by_code(a->code);
    owner = drs_answer_detail(a, "owner", NULL);
    field = drs_answer_detail(a, "field", NULL);
    fields = NULL;

    switch (err) {
    case DRS_ERR_PG_NAME_EXISTS:
        fields = json_pack(
            "{s:o}", "existingName",
            drsw_group_named(ctx, DRS_KEY_PG,
                             drs_answer_detail(a, "existingId", NULL)));
        break;

    case DRS_ERR_SERVER_CONFLICT:
        fields =
            json_pack("{s:[{s:s%, s:s%, s:o}]}", "conflicts", "serverId",
                      field.data != NULL ? field.data : "", field.len,
                      "protectionGroupId", owner.data != NULL ? owner.data : "",
                      owner.len, "protectionGroupName",
                      drsw_group_named(ctx, DRS_KEY_PG, owner));
        break;

    case DRS_ERR_TAG_CONFLICT:
        fields = json_pack(
            "{s:[{s:s%, s:o, s:O, s:s}]}", "conflicts", "protectionGroupId",
            owner.data != NULL ? owner.data : "", owner.len,
            "protectionGroupName", drsw_group_named(ctx, DRS_KEY_PG, owner),
            "conflictingTags", json_object_get(doc, "serverSelectionTags"),
            "conflictType", "exact_match");
        break;

    case DRS_ERR_PG_IN_ACTIVE_EXECUTION:
        owner = drs_answer_detail(a, "planId", NULL);
        fields = json_pack(
            "{s:{s:o, s:o, s:o, s:o}}", "activeExecution", "executionId",
            drs_json_new_str(drs_answer_detail(a, "executionId", NULL)),
            "planId", drs_json_new_str(owner), "planName",
            drsw_group_named(ctx, DRS_KEY_PLAN, owner), "status",
            drs_json_new_str(drs_answer_detail(a, "status", NULL)));
        break;

    case DRS_ERR_NONE:
        err = DRS_ERR_INTERNAL_ERROR;
        drsw_error(ctx->log, "a group was refused: %.*s %.*s",
                   DRS_STR_ARG(a->code), DRS_STR_ARG(a->text));
        break;

    default:
        break;
    }

    return drs_model_fail(e, err, "", fields, "%.*s", DRS_STR_ARG(a->text));
}


int
drsw_group_store(drsw_ctx_t *ctx, const drsw_command_t *cmd, const json_t *old,
                 const json_t *doc, drs_model_error_t *e)
{
    return drsw_group_store_as(ctx, cmd, old, doc,
                               old == NULL ? "group.create" : "group.update",
                               NULL, 0, e);
}


int
drsw_group_store_as(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    const json_t *old, const json_t *doc, const char *action,
                    const json_t *more, int64_t launch_at, drs_model_error_t *e)
{
    int             rc;
    char           *audit;
    drsw_reply_t    reply;
    drs_answer_t    a;
    drs_doc_write_t w;

    audit = drsw_audit_text(cmd, action, "group",
                            drs_json_field(doc, "groupId"), old, doc, more);

    if (audit == NULL) {
        return DRS_ERROR;
    }

    memset(&w, 0, sizeof(w));
    w.prefix = drsw_redis_prefix(ctx->redis);
    w.old = old;
    w.doc = doc;
    w.own_account = drs_str(drsw_hub_account(ctx));
    w.actor = drsw_actor_label(cmd->actor);
    w.now_ms = drsw_now_ms(ctx);
    w.audit = drs_str(audit);
    w.deadline = cmd->deadline_ms;
    w.launch_at = launch_at;

    rc = drsw_store_call(ctx, drs_doc_write_group(&w), &reply, &a);

    if (rc == DRS_DECLINED) {
        rc = drsw_group_refused(ctx, doc, &a, e);
    }

    drsw_reply_free(&reply);
    free(audit);
    return rc;
}
