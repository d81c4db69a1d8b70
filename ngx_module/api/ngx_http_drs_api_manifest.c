/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * CF5: a document is checked before it is imported.  The store is asked only
 * which of the groups that it names exist.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_manifest.h"


typedef struct {
    const json_t *manifest;
    json_t       *refs; /* released with the request */
    drs_str_t     correlation;
} ngx_http_drs_manifest_t;


static ngx_int_t
ngx_http_drs_manifest_known(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n);


/* HMGET of the keys in a list; a harmless field stands for none. */
static drs_cmd_t *
ngx_http_drs_manifest_ask(ngx_http_drs_ctx_t *ctx, drs_key_t key,
                          const json_t *list)
{
    size_t     i;
    json_t    *v;
    drs_cmd_t *cmd;

    cmd = drs_key_cmd0("HMGET", ngx_http_drs_prefix(ctx), key);

    json_array_foreach (list, i, v) {
        (void) drs_cmd_add(cmd, drs_json_str(v));
    }

    if (json_array_size(list) == 0) {
        (void) drs_cmd_addz(cmd, "-");
    }

    return cmd;
}


ngx_int_t
ngx_http_drs_api_config_validate(ngx_http_drs_ctx_t *ctx)
{
    const char              *id;
    drs_model_error_t        e;
    ngx_http_drs_calls_t     c;
    ngx_http_drs_manifest_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_manifest_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    drs_model_error_init(&e);

    if (drs_manifest_parse(&e, ctx->body, &s->manifest, &s->correlation)
        != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (s->correlation.len == 0) {
        id = ngx_http_drs_uuid(ctx);
        if (id == NULL) {
            return NGX_ERROR;
        }

        s->correlation = drs_str(id);
    }

    s->refs = drs_manifest_refs(s->manifest);
    if (ngx_http_drs_defer_json(ctx, s->refs) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->state = s;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    ngx_http_drs_util_add(
        &c, ngx_http_drs_manifest_ask(ctx, DRS_KEY_PG_NAME,
                                      json_object_get(s->refs, "names")));
    ngx_http_drs_util_add(
        &c, ngx_http_drs_manifest_ask(ctx, DRS_KEY_PG_VER,
                                      json_object_get(s->refs, "ids")));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_manifest_known);
}


/* Those of the list that the store has. */
static json_t *
ngx_http_drs_manifest_have(const json_t *list, const redisReply *reply)
{
    size_t  i;
    json_t *v, *have;

    have = json_object();

    json_array_foreach (list, i, v) {
        if (i < reply->elements
            && reply->element[i]->type == REDIS_REPLY_STRING) {
            (void) json_object_set_new(have, json_string_value(v), json_true());
        }
    }

    return have;
}


static ngx_int_t
ngx_http_drs_manifest_known(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                            ngx_uint_t n)
{
    json_t                  *known, *report;
    drs_model_env_t          env;
    ngx_http_drs_manifest_t *s;

    (void) n;
    s = ctx->state;
    ngx_http_drs_util_env(ctx, replies[0], &env);

    known = json_pack("{s:o, s:o}", "names",
                      ngx_http_drs_manifest_have(
                          json_object_get(s->refs, "names"), replies[1]),
                      "ids",
                      ngx_http_drs_manifest_have(
                          json_object_get(s->refs, "ids"), replies[2]));
    report = drs_manifest_check(s->manifest, known, &env, s->correlation);
    json_decref(known);

    return report == NULL ? NGX_ERROR : ngx_http_drs_util_large(ctx, report);
}
