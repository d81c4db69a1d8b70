
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command config.import (api.md CF2, data-model.md 13.2): groups first, then
 * plans, each by itself, with the checks of the interactive operations.  A dry
 * run makes the same verdicts: what would be created takes part in the checks
 * of what follows.  A repeat of the command skips what the first one created.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_config_io.h"
#include "drs_doc_write.h"
#include "drs_model_group.h"
#include "drs_model_plan.h"

#include "drsw_group.h"
#include "drsw_tasks.h"


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    drs_config_result_t   result;
    drs_model_env_t       env;
    json_t               *names;   /* "pg <folded>" -> id; keeps views */
    json_t               *groups;  /* id -> document made here */
    json_t               *servers; /* "account:region:id" -> group doc */
    int                   failed;  /* the store failed */
} drsw_import_t;


static drs_str_t
drsw_import_find(void *data, drs_config_kind_t kind, drs_str_t folded)
{
    char           key[512];
    json_t        *id;
    drs_cmd_t     *cmd;
    drsw_reply_t   reply;
    drsw_import_t *im;

    im = data;
    (void) snprintf(key, sizeof(key), "%d %.*s", (int) kind,
                    DRS_STR_ARG(folded));

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "HGET");
    (void) drs_cmd_key0(cmd, drsw_redis_prefix(im->ctx->redis),
                        kind == DRS_CONFIG_GROUP ? DRS_KEY_PG_NAME
                                                 : DRS_KEY_PLAN_NAME);
    (void) drs_cmd_add(cmd, folded);

    memset(&reply, 0, sizeof(reply));

    if (!drs_cmd_ok(cmd)
        || drsw_redis_cmd(im->ctx->redis, cmd, &reply) != DRS_OK) {
        im->failed = 1;

    } else if (reply.r.n > 0 && reply.r.v[0].len > 0) {
        (void) json_object_set_new(im->names, key,
                                   drs_json_new_str(reply.r.v[0]));
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    id = json_object_get(im->names, key);
    return drs_json_str(id);
}


/* Servers that a group of this document has already: SERVER_CONFLICT. */
static json_t *
drsw_import_twice(drsw_import_t *im, const json_t *doc)
{
    char    key[160];
    size_t  i;
    json_t *id, *other, *conflicts;

    conflicts = json_array();

    json_array_foreach (json_object_get(doc, "sourceServerIds"), i, id) {
        (void) snprintf(key, sizeof(key), "%.*s:%.*s:%s",
                        DRS_STR_ARG(drsw_group_account(im->ctx, doc)),
                        DRS_STR_ARG(drs_json_field(doc, "region")),
                        json_string_value(id));
        other = json_object_get(im->servers, key);

        if (other != NULL) {
            (void) json_array_append_new(
                conflicts, json_pack("{s:O, s:O}", "serverId", id, "assignedTo",
                                     json_object_get(other, "groupName")));
        }
    }

    if (json_array_size(conflicts) == 0) {
        json_decref(conflicts);
        return NULL;
    }

    return json_pack("{s:o}", "conflicts", conflicts);
}


static void
drsw_import_remember(drsw_import_t *im, json_t *doc)
{
    char    key[160];
    size_t  i;
    json_t *id;

    json_array_foreach (json_object_get(doc, "sourceServerIds"), i, id) {
        (void) snprintf(key, sizeof(key), "%.*s:%.*s:%s",
                        DRS_STR_ARG(drsw_group_account(im->ctx, doc)),
                        DRS_STR_ARG(drs_json_field(doc, "region")),
                        json_string_value(id));
        (void) json_object_set(im->servers, key, doc);
    }

    (void) json_object_set(im->groups, drs_json_field(doc, "groupId").data,
                           doc);
}


/* The import's own reasons for failures of a group (api.md CF2). */
static void
drsw_import_group_failed(drsw_import_t *im, drs_str_t name, const json_t *doc,
                         drs_model_error_t *e)
{
    size_t      i;
    json_t     *details, *list, *c, *out;
    const char *reason;

    details = NULL;
    reason = NULL;

    if (json_object_get(e->fields, "invalidIds") != NULL) {
        reason = "SERVER_NOT_FOUND";
        details = json_pack("{s:O, s:O*}", "missingServerIds",
                            json_object_get(e->fields, "invalidIds"), "region",
                            json_object_get(doc, "region"));

    } else if (e->err == DRS_ERR_SERVER_CONFLICT) {
        reason = "SERVER_CONFLICT";
        out = json_array();
        list = json_object_get(e->fields, "conflicts");

        json_array_foreach (list, i, c) {
            (void) json_array_append_new(
                out, json_pack("{s:O*, s:O*}", "serverId",
                               json_object_get(c, "serverId"), "assignedTo",
                               json_object_get(c, "protectionGroupName")));
        }

        details = json_pack("{s:o}", "conflicts", out);

    } else if (e->err == DRS_ERR_DRS_NOT_INITIALIZED) {
        reason = "DRS_NOT_INITIALIZED";

    } else if (e->err == DRS_ERR_REGION_ACCESS_DENIED
               || e->err == DRS_ERR_REGION_NOT_ENABLED
               || e->err == DRS_ERR_DRS_ERROR)
    {
        reason = "DRS_CLIENT_ERROR";
    }

    if (reason == NULL) {
        drs_config_result_error(&im->result, DRS_CONFIG_GROUP, name, e);
        return;
    }

    if (details == NULL) {
        details =
            json_pack("{s:O*, s:s}", "region", json_object_get(doc, "region"),
                      "error", e->message);
    }

    drs_config_result_add(&im->result, DRS_CONFIG_GROUP, name,
                          DRS_CONFIG_FAILED, reason, details, drs_str(""));
}


/* No server matches the tags: the group is of no use. */
static int
drsw_import_no_match(drsw_import_t *im, drs_str_t name, const json_t *doc)
{
    if (!drs_model_group_by_tags(doc)
        || json_array_size(json_object_get(doc, "sourceServerIds")) > 0)
    {
        return 0;
    }

    drs_config_result_add(&im->result, DRS_CONFIG_GROUP, name,
                          DRS_CONFIG_FAILED, "NO_TAG_MATCHES",
                          json_pack("{s:O, s:O, s:i}", "tags",
                                    json_object_get(doc, "serverSelectionTags"),
                                    "region", json_object_get(doc, "region"),
                                    "matchCount", 0),
                          drs_str(""));
    return 1;
}


static void
drsw_import_group_created(drsw_import_t *im, drs_str_t name, json_t *doc)
{
    drs_str_t id;
    json_t   *details;

    id = drs_json_field(doc, "groupId");

    if (im->result.dry_run) {
        details = json_pack("{s:b}", "wouldCreate", 1);

    } else {
        details = json_pack("{s:O, s:i, s:i}", "groupId",
                            json_object_get(doc, "groupId"),
                            "launchConfigApplied", 0, "launchConfigFailed", 0);
    }

    drsw_import_remember(im, doc);
    drs_config_result_add(&im->result, DRS_CONFIG_GROUP, name,
                          DRS_CONFIG_CREATED, NULL, details, id);
}


static int
drsw_import_group(drsw_import_t *im, const json_t *item)
{
    int               rc;
    char              id[37];
    json_t           *body, *doc, *twice;
    drs_str_t         name;
    drs_model_error_t e;

    name = drs_json_field(item, "groupName");
    rc = drs_config_group(&im->result, item, drsw_import_find, im, &body);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    doc = NULL;
    drs_model_error_init(&e);
    rc = drsw_uuid(id);

    rc = (rc == DRS_OK)
             ? drs_model_group_create(&e, body, &im->env, drs_str(id), &doc)
             : rc;
    rc = (rc == DRS_OK) ? drsw_group_check(im->ctx, im->cmd, doc, &e) : rc;

    if (rc == DRS_OK && drsw_import_no_match(im, name, doc)) {
        goto done;
    }

    twice = (rc == DRS_OK) ? drsw_import_twice(im, doc) : NULL;

    if (twice != NULL) {
        drs_config_result_add(&im->result, DRS_CONFIG_GROUP, name,
                              DRS_CONFIG_FAILED, "SERVER_CONFLICT", twice,
                              drs_str(""));
        goto done;
    }

    if (rc == DRS_OK && !im->result.dry_run) {
        rc = drsw_group_store(im->ctx, im->cmd, NULL, doc, &e);
    }

    if (rc == DRS_OK) {
        drsw_import_group_created(im, name, doc);

    } else if (rc == DRS_DECLINED) {
        drsw_import_group_failed(im, name, item, &e);
        rc = DRS_OK;
    }

done:

    json_decref(body);
    json_decref(doc);
    drs_model_error_free(&e);
    return rc;
}


static int
drsw_import_plan_store(drsw_import_t *im, const json_t *doc,
                       drs_model_error_t *e)
{
    int             rc;
    char           *audit;
    drs_err_t       err;
    drsw_reply_t    reply;
    drs_answer_t    a;
    drs_doc_write_t w;

    audit = drsw_audit_text(im->cmd, "plan.create", "plan",
                            drs_json_field(doc, "planId"), NULL, doc, NULL);

    if (audit == NULL) {
        return DRS_ERROR;
    }

    memset(&w, 0, sizeof(w));
    w.prefix = drsw_redis_prefix(im->ctx->redis);
    w.doc = doc;
    w.own_account = im->env.own_account;
    w.actor = drsw_actor_label(im->cmd->actor);
    w.now_ms = drsw_now_ms(im->ctx);
    w.audit = drs_str(audit);

    rc = drsw_store_call(im->ctx, drs_doc_write_plan(&w), &reply, &a);

    if (rc == DRS_DECLINED) {
        err = drs_err_by_code(a.code);
        rc = drs_model_fail(e,
                            err != DRS_ERR_NONE ? err : DRS_ERR_INTERNAL_ERROR,
                            "planName", NULL, "%.*s", DRS_STR_ARG(a.text));
    }

    drsw_reply_free(&reply);
    free(audit);
    return rc;
}


static int
drsw_import_plan_groups(drsw_import_t *im, const json_t *doc, json_t **groups)
{
    int         rc;
    json_t     *ids, *group;
    const char *id;

    ids = drs_model_plan_groups(doc);
    rc = drsw_load_docs(im->ctx, DRS_KEY_PG, ids, groups);
    json_decref(ids);

    if (rc == DRS_OK) {
        json_object_foreach (im->groups, id, group) {
            (void) json_object_set(*groups, id, group);
        }
    }

    return rc;
}


static int
drsw_import_plan(drsw_import_t *im, const json_t *item)
{
    int               rc;
    char              id[37];
    json_t           *body, *doc, *groups, *details;
    drs_str_t         name;
    drs_model_error_t e;

    name = drs_json_str(drs_model_alias(item, "planName", "name"));
    rc = drs_config_plan(&im->result, item, drsw_import_find, im, &body);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    doc = NULL;
    groups = NULL;
    drs_model_error_init(&e);
    rc = drsw_uuid(id);

    rc = (rc == DRS_OK)
             ? drs_model_plan_create(&e, body, &im->env, drs_str(id), &doc)
             : rc;
    rc = (rc == DRS_OK) ? drsw_import_plan_groups(im, doc, &groups) : rc;
    rc = (rc == DRS_OK) ? drs_model_plan_bind(&e, doc, groups, &im->env) : rc;

    if (rc == DRS_OK && !im->result.dry_run) {
        rc = drsw_import_plan_store(im, doc, &e);
    }

    if (rc == DRS_OK) {
        details =
            im->result.dry_run ? json_pack(
                "{s:b, s:I}", "wouldCreate", 1, "resolvedWaves",
                (json_int_t) json_array_size(json_object_get(doc, "waves")))
                               : json_pack("{s:s}", "planId", id);
        drs_config_result_add(&im->result, DRS_CONFIG_PLAN, name,
                              DRS_CONFIG_CREATED, NULL, details, drs_str(id));

    } else if (rc == DRS_DECLINED) {
        drs_config_result_error(&im->result, DRS_CONFIG_PLAN, name, &e);
        rc = DRS_OK;
    }

    json_decref(body);
    json_decref(doc);
    json_decref(groups);
    drs_model_error_free(&e);
    return rc;
}


static int
drsw_import_run(drsw_import_t *im, const drs_config_import_t *in)
{
    int     rc;
    size_t  i;
    json_t *item;

    rc = DRS_OK;

    json_array_foreach (in->groups, i, item) {
        if (rc == DRS_OK) {
            rc = drsw_import_group(im, item);
        }
    }

    json_array_foreach (in->plans, i, item) {
        if (rc == DRS_OK) {
            rc = drsw_import_plan(im, item);
        }
    }

    return im->failed ? DRS_ERROR : rc;
}


int
drsw_cmd_import(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                drsw_answer_t *answer)
{
    int                 rc;
    json_t             *none;
    drs_str_t           correlation;
    drsw_import_t       im;
    drs_model_error_t   e;
    drs_config_import_t in;

    none = NULL;
    drs_model_error_init(&e);

    if (drs_config_parse(&e, cmd->payload, 0, &in, &none) != DRS_OK) {
        json_decref(none);
        return drsw_answer_model(answer, &e);
    }

    memset(&im, 0, sizeof(im));
    im.ctx = ctx;
    im.cmd = cmd;
    im.names = json_object();
    im.groups = json_object();
    im.servers = json_object();
    drsw_model_env(ctx, cmd, &im.env);

    rc = drs_config_result_init(&im.result, in.dry_run);
    rc = (rc == DRS_OK) ? drsw_import_run(&im, &in) : rc;

    if (rc == DRS_OK) {
        correlation = drs_json_field(cmd->payload, "correlationId");

        if (correlation.len == 0) {
            correlation = drs_str(cmd->id);
        }

        rc = drsw_answer_body(answer, 200,
                              drs_config_result_body(&im.result, correlation));
        drsw_notice(ctx->log,
                    "configuration %s: %zu created, %zu skipped, "
                    "%zu failed",
                    in.dry_run ? "checked" : "imported",
                    json_array_size(im.result.created),
                    json_array_size(im.result.skipped),
                    json_array_size(im.result.failed));
    }

    drs_config_result_free(&im.result);
    drs_model_error_free(&e);
    json_decref(none);
    json_decref(im.names);
    json_decref(im.groups);
    json_decref(im.servers);
    return rc;
}
