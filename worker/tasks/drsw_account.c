
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_doc_write.h"

#include "drsw_account.h"
#include "drsw_group.h"


#define DRSW_ACCOUNT_TRIES 8


int
drsw_account_docs(drsw_ctx_t *ctx, json_t **docs)
{
    int          rc;
    size_t       i;
    json_t      *ids;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *docs = NULL;
    memset(&reply, 0, sizeof(reply));
    ids = json_array();
    cmd =
        drs_key_cmd0("HKEYS", drsw_redis_prefix(ctx->redis), DRS_KEY_ACCT_VER);

    rc = (ids != NULL && drs_cmd_ok(cmd))
             ? drsw_redis_cmd(ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        (void) json_array_append_new(ids, drs_json_new_str(reply.r.v[i]));
    }

    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        rc = drsw_load_docs(ctx, DRS_KEY_ACCT, ids, docs);
    }

    json_decref(ids);
    return rc;
}


int
drsw_account_find(drsw_ctx_t *ctx, drs_str_t id, drsw_answer_t *answer,
                  json_t **doc)
{
    int rc;

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, doc);

    if (rc != DRS_DECLINED) {
        return rc;
    }

    if (drs_str_eqz(id, drsw_hub_account(ctx))) {
        *doc = json_pack("{s:s%, s:b}", "accountId", id.data, id.len,
                         "isCurrentAccount", 1);
        return *doc != NULL ? DRS_OK : DRS_ERROR;
    }

    (void) drsw_answer_error(answer, "TARGET_ACCOUNT_UNKNOWN",
                             json_pack("{s:s%}", "accountId",
                                       id.data != NULL ? id.data : "", id.len),
                             "The target account was not found.");
    return DRS_DECLINED;
}


/* DRS_AGAIN: somebody else was faster. */
static int
drsw_account_write(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   const char *action, const json_t *old, json_t *doc)
{
    int             rc;
    char           *audit;
    drs_str_t       id;
    drs_answer_t    a;
    drsw_reply_t    reply;
    drs_doc_write_t w;

    id = drs_json_field(doc, "accountId");
    (void) drs_json_set_int(doc, "version", drs_model_doc_version(old) + 1);
    audit = drsw_audit_text(cmd, action, "account", id, NULL, NULL, NULL);

    memset(&w, 0, sizeof(w));
    w.prefix = drsw_redis_prefix(ctx->redis);
    w.old = old;
    w.doc = doc;
    w.own_account = drs_str(drsw_hub_account(ctx));
    w.actor = cmd != NULL ? drsw_actor_label(cmd->actor) : drs_str("system");
    w.now_ms = drsw_wall_ms();
    w.audit = drs_str(audit != NULL ? audit : "");

    rc = drsw_store_call(ctx, drs_doc_write_account(&w), &reply, &a);
    free(audit);

    if (rc == DRS_DECLINED) {
        if (drs_answer_is(&a, "VERSION_CONFLICT")
            || drs_answer_is(&a, "STAGING_ACCOUNT_EXISTS"))
        {
            rc = DRS_AGAIN;

        } else if (!drs_answer_is(&a, "TARGET_ACCOUNT_NOT_FOUND")) {
            drsw_error(ctx->log, "account %.*s was not stored: %.*s %.*s",
                       DRS_STR_ARG(id), DRS_STR_ARG(a.code),
                       DRS_STR_ARG(a.text));
            rc = DRS_ERROR;
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_account_change(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_str_t id,
                    const char *action, drsw_account_change_pt change,
                    void *data, json_t **now)
{
    int     rc, i;
    json_t *old, *doc;

    rc = DRS_AGAIN;

    for (i = 0; i < DRSW_ACCOUNT_TRIES && rc == DRS_AGAIN; i++) {
        doc = NULL;
        rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, &old);

        if (rc == DRS_OK) {
            rc = change(ctx, old, data, &doc);
        }

        if (rc == DRS_OK) {
            rc = drsw_account_write(ctx, cmd, action, old, doc);
        }

        json_decref(old);

        if (rc == DRS_OK && now != NULL) {
            *now = doc;
        } else {
            json_decref(doc);
        }
    }

    if (rc == DRS_AGAIN) {
        drsw_error(ctx->log, "account %.*s changes all the time: not stored",
                   DRS_STR_ARG(id));
        rc = DRS_ERROR;
    }

    return rc;
}


int
drsw_account_regions(drsw_ctx_t *ctx, drs_str_t account, json_t **regions)
{
    int         rc;
    size_t      i;
    json_t     *groups, *g, *seen, *region;
    drs_str_t   a;
    const char *name;

    *regions = json_array();
    seen = json_object();
    groups = NULL;
    rc = drsw_group_list(ctx, account, drs_str(""), drs_str(""), &groups);

    json_array_foreach (groups, i, g) {
        a = drs_json_field(g, "accountId");
        region = json_object_get(g, "region");
        name = json_string_value(region);

        if (a.len == 0) {
            a = drs_str(drsw_hub_account(ctx));
        }

        if (name != NULL && drs_str_eq(a, account)
            && json_object_get(seen, name) == NULL)
        {
            (void) json_object_set_new(seen, name, json_true());
            (void) json_array_append(*regions, region);
        }
    }

    json_decref(groups);
    json_decref(seen);
    return rc;
}
