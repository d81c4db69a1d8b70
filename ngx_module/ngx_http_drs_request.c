
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The context of a request and what handlers ask it for.
 */

#include "ngx_http_drs_call.h"

#include <openssl/rand.h>

#include "drs_uri.h"


typedef struct {
    void (*fn)(void *);
    void *data;
} ngx_http_drs_deferred_t;


static void      ngx_http_drs_ctx_cleanup(void *data);
static void      ngx_http_drs_deferred(void *data);
static void      ngx_http_drs_json_release(void *data);
static ngx_int_t ngx_http_drs_request_id(ngx_http_drs_ctx_t *ctx);


ngx_http_drs_ctx_t *
ngx_http_drs_ctx_create(ngx_http_request_t *r)
{
    ngx_http_cleanup_t     *cln;
    ngx_http_drs_request_t *req;

    req = ngx_pcalloc(r->pool, sizeof(ngx_http_drs_request_t));
    if (req == NULL) {
        return NULL;
    }

    req->ctx.r = r;
    req->ctx.core = req;
    req->ctx.start_ms = (int64_t) r->start_sec * 1000 + r->start_msec;
    req->ctx.identity.type = "system";
    req->main = ngx_http_get_module_main_conf(r, ngx_http_drs_module);
    req->loc = ngx_http_get_module_loc_conf(r, ngx_http_drs_module);
    req->process = req->main->process;

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_drs_ctx_cleanup;
    cln->data = req;

    if (ngx_http_drs_request_id(&req->ctx) != NGX_OK) {
        return NULL;
    }

    ngx_http_set_ctx(r, req, ngx_http_drs_module);

    return &req->ctx;
}


/* The client vanished, or all is over: lets go of what is under way. */
static void
ngx_http_drs_ctx_cleanup(void *data)
{
    ngx_http_drs_request_t *req;

    req = data;

    if (req->exec != NULL) {
        ngx_http_drs_exec_detach(req->exec);
        req->exec = NULL;
    }

    if (req->wait != NULL) {
        ngx_http_drs_command_detach(req->wait);
        req->wait = NULL;
    }

    if (req->buf != NULL) {
        drs_memzero(req->buf, req->buf_len);
        ngx_free(req->buf);
        req->buf = NULL;
    }

    if (req->ctx.identity.token != NULL) {
        drs_jwt_unref(req->ctx.identity.token);
        req->ctx.identity.token = NULL;
    }
}


/* X-Request-Id of the caller if it is well-formed, else a new one. */
static ngx_int_t
ngx_http_drs_request_id(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t   given;
    const char *id;

    given = ngx_http_drs_request_header(ctx, "x-request-id");

    if (given.len && drs_id_is_request_id(given)) {
        ctx->request_id = given;
        return NGX_OK;
    }

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    ctx->request_id = drs_strn(id, DRS_UUID_LEN);

    return NGX_OK;
}


/*
 * Takes the path below the prefix from the raw request line and decodes it
 * once (security.md 7.2).  NGX_DECLINED: not below the prefix; NGX_ERROR: no
 * memory; NGX_ABORT: refused.
 */
ngx_int_t
ngx_http_drs_decode_path(ngx_http_drs_ctx_t *ctx)
{
    char                   *dst;
    u_char                 *p;
    size_t                  len;
    drs_str_t               raw;
    ngx_str_t              *prefix;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    prefix = &req->loc->prefix;

    raw = ngx_http_drs_view(&ctx->r->unparsed_uri);
    p = (u_char *) ngx_strlchr((u_char *) raw.data,
                               (u_char *) raw.data + raw.len, '?');
    if (p != NULL) {
        raw.len = (size_t) (p - (u_char *) raw.data);
    }

    if (raw.len > DRS_ROUTE_PATH_MAX || ctx->r->args.len > DRS_URI_QUERY_MAX) {
        return NGX_ABORT;
    }

    if (raw.len < prefix->len
        || ngx_memcmp(raw.data, prefix->data, prefix->len) != 0)
    {
        return NGX_DECLINED;
    }

    raw.data += prefix->len;
    raw.len -= prefix->len;

    if (raw.len == 0 || raw.data[0] != '/') {
        return NGX_DECLINED;
    }

    dst = ngx_pnalloc(ctx->r->pool, raw.len);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    if (drs_uri_path(dst, &len, raw) != DRS_OK) {
        return NGX_ABORT;
    }

    ctx->path = drs_strn(dst, len);

    return NGX_OK;
}


int
ngx_http_drs_query(ngx_http_drs_ctx_t *ctx, const char *name, drs_str_t *value)
{
    char *dst;

    if (ctx->r->args.len == 0) {
        return 0;
    }

    dst = ngx_pnalloc(ctx->r->pool, ctx->r->args.len + 1);
    if (dst == NULL) {
        return DRS_ERROR;
    }

    return drs_uri_query(ngx_http_drs_view(&ctx->r->args), name, dst, value);
}


drs_str_t
ngx_http_drs_request_header(ngx_http_drs_ctx_t *ctx, const char *name)
{
    size_t           len;
    ngx_uint_t       i;
    ngx_list_part_t *part;
    ngx_table_elt_t *h;
    drs_str_t        none = drs_null_string;

    len = ngx_strlen(name);
    part = &ctx->r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */; i++) {
        if (i >= part->nelts) {
            if (part->next == NULL) {
                return none;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == len
            && ngx_strncasecmp(h[i].key.data, (u_char *) name, len) == 0)
        {
            return ngx_http_drs_view(&h[i].value);
        }
    }
}


drs_str_t
ngx_http_drs_client_ip(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_view(&ctx->r->connection->addr_text);
}


json_t *
ngx_http_drs_actor(ngx_http_drs_ctx_t *ctx)
{
    int                            rc;
    json_t                        *actor, *roles;
    ngx_uint_t                     i;
    const ngx_http_drs_identity_t *id;

    id = &ctx->identity;

    actor = json_object();
    roles = json_array();

    for (i = 0; i < DRS_ROLE_N; i++) {
        if (id->roles & drs_role_bit(i)) {
            json_array_append_new(roles, json_string(drs_role_name(i)));
        }
    }

    rc = drs_json_set_str(actor, "type", drs_str(id->type));
    rc |= drs_json_set_str(actor, "userId", id->sub);
    rc |= drs_json_set_str(actor, "email", id->email);
    rc |= drs_json_set_str(actor, "username", id->username);
    rc |= json_object_set_new(actor, "roles", roles);
    rc |= drs_json_set_str(actor, "tokenId", id->token_id);
    rc |= drs_json_set_str(actor, "ip", ngx_http_drs_client_ip(ctx));

    if (rc != 0) {
        json_decref(actor);
        return NULL;
    }

    /* bytes that are no UTF-8 are not worth an error */
    (void) drs_json_set_str(actor, "userAgent",
                            ngx_http_drs_request_header(ctx, "user-agent"));

    return actor;
}


drs_str_t
ngx_http_drs_actor_text(ngx_http_drs_ctx_t *ctx)
{
    json_t   *actor;
    drs_str_t s = drs_null_string;

    actor = ngx_http_drs_actor(ctx);

    if (actor != NULL) {
        s = ngx_http_drs_dump(ctx, actor);
        json_decref(actor);
    }

    return s;
}


drs_str_t
ngx_http_drs_dump(ngx_http_drs_ctx_t *ctx, const json_t *v)
{
    size_t    len;
    u_char   *p;
    drs_str_t s = drs_null_string;

    len = json_dumpb(v, NULL, 0, DRS_JSON_DUMP_FLAGS);
    if (len == 0) {
        return s;
    }

    p = ngx_pnalloc(ctx->r->pool, len + 1);
    if (p == NULL) {
        return s;
    }

    if (json_dumpb(v, (char *) p, len, DRS_JSON_DUMP_FLAGS) != len) {
        return s;
    }

    p[len] = '\0';

    return drs_strn((char *) p, len);
}


drs_str_t
ngx_http_drs_prefix(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_core(ctx)->main->prefix;
}


const char *
ngx_http_drs_uuid(ngx_http_drs_ctx_t *ctx)
{
    char  *id;
    u_char rnd[16];

    id = ngx_pnalloc(ctx->r->pool, DRS_UUID_SIZE);
    if (id == NULL || RAND_bytes(rnd, sizeof(rnd)) != 1) {
        return NULL;
    }

    drs_id_uuid4(id, rnd);

    return id;
}


int64_t
ngx_http_drs_now_ms(void)
{
    ngx_time_t *tp;

    tp = ngx_timeofday();

    return (int64_t) tp->sec * 1000 + (int64_t) tp->msec;
}


drs_str_t
ngx_http_drs_copy(ngx_http_drs_ctx_t *ctx, drs_str_t s)
{
    u_char   *p;
    drs_str_t none = drs_null_string;

    p = ngx_pnalloc(ctx->r->pool, s.len + 1);
    if (p == NULL) {
        return none;
    }

    if (s.len) {
        ngx_memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    return drs_strn((char *) p, s.len);
}


static void
ngx_http_drs_json_release(void *data)
{
    json_decref((json_t *) data);
}


ngx_int_t
ngx_http_drs_defer_json(ngx_http_drs_ctx_t *ctx, json_t *v)
{
    return ngx_http_drs_defer(ctx, ngx_http_drs_json_release, v);
}


static void
ngx_http_drs_deferred(void *data)
{
    ngx_http_drs_deferred_t *d;

    d = data;
    d->fn(d->data);
}


ngx_int_t
ngx_http_drs_defer(ngx_http_drs_ctx_t *ctx, void (*fn)(void *), void *data)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_drs_deferred_t *d;

    if (data == NULL) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(ctx->r->pool, sizeof(ngx_http_drs_deferred_t));
    if (cln == NULL) {
        fn(data);
        return NGX_ERROR;
    }

    d = cln->data;
    d->fn = fn;
    d->data = data;
    cln->handler = ngx_http_drs_deferred;

    return NGX_OK;
}
