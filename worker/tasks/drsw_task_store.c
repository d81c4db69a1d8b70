
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drsw_task.h"


int
drsw_store_call(drsw_ctx_t *ctx, drs_cmd_t *cmd, drsw_reply_t *reply,
                drs_answer_t *answer)
{
    int rc;

    memset(reply, 0, sizeof(*reply));
    memset(answer, 0, sizeof(*answer));

    if (cmd == NULL) {
        drsw_error(ctx->log, "no memory for a call of the store");
        return DRS_ERROR;
    }

    rc = drsw_redis_cmd(ctx->redis, cmd, reply);
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    rc = drs_store_answer(answer, &reply->r);

    if (rc == DRS_ERROR) {
        drsw_error(ctx->log, "the function library gave an answer that is "
                             "not one");
    }

    return rc;
}


int
drsw_store_do(drsw_ctx_t *ctx, drs_cmd_t *cmd)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t answer;

    rc = drsw_store_call(ctx, cmd, &reply, &answer);

    if (rc == DRS_DECLINED) {
        drsw_warn(ctx->log, "the store refused: %.*s %.*s",
                  DRS_STR_ARG(answer.code), DRS_STR_ARG(answer.text));
    }

    drsw_reply_free(&reply);
    return rc;
}


static json_t *
drsw_parse_doc(drsw_ctx_t *ctx, drs_key_t key, drs_str_t id, drs_str_t text)
{
    json_t          *doc;
    drs_json_error_t err;

    doc = drs_json_parse(text, &drs_json_store_limits, &err);

    if (doc == NULL) {
        drsw_error(ctx->log, "stored document %s of %.*s: %s (line %d)",
                   drs_key_pattern(key), DRS_STR_ARG(id), err.text, err.line);
    }

    return doc;
}


int
drsw_load_doc(drsw_ctx_t *ctx, drs_key_t key, drs_str_t id, json_t **doc)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *doc = NULL;
    memset(&reply, 0, sizeof(reply));

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "GET");
    (void) drs_cmd_key1(cmd, drsw_redis_prefix(ctx->redis), key, id);

    if (!drs_cmd_ok(cmd)) {
        drs_cmd_free(cmd);
        return DRS_ERROR;
    }

    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
    drs_cmd_free(cmd);

    if (rc == DRS_OK) {
        if (reply.r.n == 0 || reply.r.v[0].data == NULL) {
            rc = DRS_DECLINED;

        } else {
            *doc = drsw_parse_doc(ctx, key, id, reply.r.v[0]);
            rc = (*doc != NULL) ? DRS_OK : DRS_ERROR;
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_load_docs(drsw_ctx_t *ctx, drs_key_t key, const json_t *ids, json_t **docs)
{
    int          rc;
    size_t       i;
    json_t      *id, *doc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *docs = json_object();
    memset(&reply, 0, sizeof(reply));

    if (*docs == NULL) {
        return DRS_ERROR;
    }

    if (json_array_size(ids) == 0) {
        return DRS_OK;
    }

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "MGET");

    json_array_foreach (ids, i, id) {
        (void) drs_cmd_key1(cmd, drsw_redis_prefix(ctx->redis), key,
                            drs_json_str(id));
    }

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    json_array_foreach (ids, i, id) {
        if (rc != DRS_OK || i >= reply.r.n) {
            break;
        }

        if (reply.r.v[i].data == NULL) {
            continue;
        }

        doc = drsw_parse_doc(ctx, key, drs_json_str(id), reply.r.v[i]);

        if (doc == NULL
            || json_object_set_new(*docs, json_string_value(id), doc) != 0) {
            rc = DRS_ERROR;
        }
    }

    drsw_reply_free(&reply);

    if (rc != DRS_OK) {
        json_decref(*docs);
        *docs = NULL;
    }

    return rc;
}
