/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * webhooks and notification settings.  A secret is sealed here
 * for the worker before it is stored and is never shown again; what a webhook
 * may name is checked with the rules that the worker publishes, and by the
 * worker again at each call.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_model_notify.h"
#include "drs_notify.h"
#include "drs_seal.h"
#include "drs_store_notify.h"
#include "drs_store_work.h"
#include "drs_time.h"


#define NGX_HTTP_DRS_HOOKS     "hook"
#define NGX_HTTP_DRS_HOOKS_MAX 1000
#define NGX_HTTP_DRS_HOOKS_ALL 10000


typedef struct {
    drs_str_t  id;
    json_t    *old, *doc; /* released with the request */
    drs_str_t  delivery;
    drs_str_t  pos; /* list: member after which the page begins */
    size_t     limit;
    drs_str_t *members;
    size_t     n;
} ngx_http_drs_hook_t;


static ngx_int_t ngx_http_drs_hooks_members(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hooks_docs(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_shown(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_checked(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_stored(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_drop(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_dropped(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_try(ngx_http_drs_ctx_t *ctx,
                                       redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_hook_tried(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_notify_shown(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_notify_store(ngx_http_drs_ctx_t *ctx,
                                           redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_notify_stored(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_hook_404(ngx_http_drs_ctx_t *ctx, drs_str_t id)
{
    return ngx_http_drs_util_not_found(ctx, DRS_ERR_WEBHOOK_NOT_FOUND,
                                       "webhookId", id);
}


/* State with the id of the path; NULL: answered (*rc). */
static ngx_http_drs_hook_t *
ngx_http_drs_hook_state(ngx_http_drs_ctx_t *ctx, ngx_int_t *rc)
{
    ngx_http_drs_hook_t *h;

    *rc = NGX_ERROR;
    h = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_hook_t));

    if (h != NULL && ctx->n_params) {
        h->id = ctx->params[0];

        if (!drs_id_is_uuid4(h->id)) {
            *rc = ngx_http_drs_hook_404(ctx, h->id);
            return NULL;
        }
    }

    ctx->state = h;
    return h;
}


static drs_cmd_t *
ngx_http_drs_hook_last(ngx_http_drs_ctx_t *ctx, drs_str_t id)
{
    drs_cmd_t *cmd;

    cmd = drs_key_cmd0("HGET", ngx_http_drs_prefix(ctx), DRS_KEY_HOOK_LAST);
    (void) drs_cmd_add(cmd, id);

    return cmd;
}


/* -- X-13 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_webhook_list(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_drs_hook_t *h;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    rc = ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_HOOKS, NGX_HTTP_DRS_HOOKS_ALL,
                                NGX_HTTP_DRS_HOOKS_MAX, &h->limit, &h->pos);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_drs_call1(
        ctx,
        ngx_http_drs_util_range(ctx, DRS_KEY_HOOK_IDS, h->pos, h->limit + 1),
        ngx_http_drs_hooks_members);
}


static ngx_int_t
ngx_http_drs_hooks_members(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t               i, max;
    drs_str_t            m;
    ngx_http_drs_hook_t *h;
    ngx_http_drs_calls_t c;

    (void) n;
    h = ctx->state;
    max = replies[0]->elements;
    h->members = ngx_palloc(ctx->r->pool, (max + 1) * sizeof(drs_str_t));

    if (h->members == NULL) {
        return NGX_ERROR;
    }

    if (max == 0) {
        return ngx_http_drs_reply(
            ctx, NGX_HTTP_OK,
            json_pack("{s:[], s:i, s:n}", "webhooks", "count", 0, "nextToken"));
    }

    ngx_http_drs_util_calls(&c);

    for (i = 0; i < max; i++) {
        m = ngx_http_drs_copy(ctx,
                              ngx_http_drs_reply_str(replies[0]->element[i]));
        h->members[h->n++] = m;

        if (i < h->limit) {
            ngx_http_drs_util_add(
                &c, ngx_http_drs_util_get(ctx, DRS_KEY_HOOK,
                                          ngx_http_drs_util_member_id(m)));
            ngx_http_drs_util_add(&c, ngx_http_drs_hook_last(
                                          ctx, ngx_http_drs_util_member_id(m)));
        }
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_hooks_docs);
}


static ngx_int_t
ngx_http_drs_hooks_docs(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    json_t              *list, *doc, *next;
    drs_buf_t            b;
    ngx_uint_t           i;
    ngx_http_drs_hook_t *h;

    h = ctx->state;
    list = json_array();

    for (i = 0; i + 1 < n; i += 2) {
        doc = ngx_http_drs_util_doc(ctx, replies[i]);

        if (doc != NULL) {
            json_array_append_new(
                list,
                drs_view_webhook(doc, ngx_http_drs_reply_str(replies[i + 1])));
        }
    }

    next = json_null();

    if (h->n > h->limit) {
        drs_buf_init(&b, 0);

        if (drs_cursor_encode(&b, NGX_HTTP_DRS_HOOKS, h->members[h->limit - 1])
            == DRS_OK)
        {
            next = drs_json_new_str(drs_buf_str(&b));
        }

        drs_buf_free(&b);
    }

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK,
                              json_pack("{s:o, s:i, s:o}", "webhooks", list,
                                        "count", (int) json_array_size(list),
                                        "nextToken", next));
}


/* -- X-15 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_webhook_get(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_drs_hook_t *h;
    ngx_http_drs_calls_t c;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get(ctx, DRS_KEY_HOOK, h->id));
    ngx_http_drs_util_add(&c, ngx_http_drs_hook_last(ctx, h->id));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_hook_shown);
}


static ngx_int_t
ngx_http_drs_hook_shown(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    json_t              *doc;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);

    if (doc == NULL) {
        return ngx_http_drs_hook_404(ctx, h->id);
    }

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        drs_view_webhook(doc, ngx_http_drs_reply_str(replies[1])));
}


/* -- X-14, X-16 ------------------------------------------------------------- */

/* What both need: rules, sealing key, and the webhook if there is one. */
static ngx_int_t
ngx_http_drs_hook_change(ngx_http_drs_ctx_t *ctx, ngx_http_drs_hook_t *h,
                         ngx_uint_t update)
{
    ngx_http_drs_calls_t c;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));
    ngx_http_drs_util_add(
        &c, drs_key_cmd0("GET", ngx_http_drs_prefix(ctx), DRS_KEY_SEAL_PUB));

    if (update) {
        ngx_http_drs_util_add(&c,
                              ngx_http_drs_util_get(ctx, DRS_KEY_HOOK, h->id));
        ngx_http_drs_util_add(&c, ngx_http_drs_hook_last(ctx, h->id));
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_hook_checked);
}


ngx_int_t
ngx_http_drs_api_webhook_create(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    const char          *id;
    ngx_http_drs_hook_t *h;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    id = ngx_http_drs_uuid(ctx);
    if (id == NULL) {
        return NGX_ERROR;
    }

    h->id = drs_str(id);

    return ngx_http_drs_hook_change(ctx, h, 0);
}


ngx_int_t
ngx_http_drs_api_webhook_update(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_drs_hook_t *h;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    return ngx_http_drs_hook_change(ctx, h, 1);
}


/* NGX_DECLINED: no worker has published a key (answered). */
static ngx_int_t
ngx_http_drs_hook_seal(ngx_http_drs_ctx_t *ctx, ngx_http_drs_hook_t *h,
                       drs_str_t pem, drs_str_t secret)
{
    int       rc;
    char      context[64], *sealed;
    EVP_PKEY *key;

    key = pem.len ? drs_seal_public_key(pem) : NULL;

    if (key == NULL) {
        rc = ngx_http_drs_error(ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL, NULL,
                                "No worker has published a key for secrets.");
        return rc == NGX_OK ? NGX_DECLINED : NGX_ERROR;
    }

    ngx_snprintf((u_char *) context, sizeof(context), "hook:%*s%Z", h->id.len,
                 h->id.data);
    sealed = NULL;
    rc = drs_seal(&sealed, key, secret, drs_str(context));
    EVP_PKEY_free(key);

    if (rc != DRS_OK
        || drs_json_set_str(h->doc, "secret", drs_str(sealed)) != DRS_OK)
    {
        free(sealed);
        return NGX_ERROR;
    }

    free(sealed);
    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_hook_write(ngx_http_drs_ctx_t *ctx, ngx_http_drs_hook_t *h)
{
    drs_doc_write_t w;

    ngx_memzero(&w, sizeof(w));
    w.old = h->old;
    w.doc = h->doc;
    ngx_http_drs_util_write(ctx, &w,
                            h->doc == NULL   ? "webhook.delete"
                            : h->old == NULL ? "webhook.create"
                                             : "webhook.update",
                            "webhook", "webhookId", "name");

    return ngx_http_drs_call1(ctx, drs_doc_write_webhook(&w),
                              h->doc == NULL ? ngx_http_drs_hook_dropped
                                             : ngx_http_drs_hook_stored);
}


static ngx_int_t
ngx_http_drs_hook_checked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t              *hub;
    drs_str_t            secret;
    ngx_int_t            rc;
    drs_model_env_t      env;
    drs_model_error_t    e;
    drs_webhook_rules_t  rules;
    ngx_http_drs_hook_t *h;

    h = ctx->state;
    hub = ngx_http_drs_util_doc(ctx, replies[0]);

    if (n > 2) {
        h->old = ngx_http_drs_util_doc(ctx, replies[2]);

        if (h->old == NULL) {
            return ngx_http_drs_hook_404(ctx, h->id);
        }

        h->delivery =
            ngx_http_drs_copy(ctx, ngx_http_drs_reply_str(replies[3]));
    }

    ngx_memzero(&env, sizeof(env));
    env.user = ngx_http_drs_util_user(ctx);
    env.now_s = ngx_http_drs_now_ms() / 1000;
    rules.hosts = drs_json_field(hub, "webhookHosts");
    rules.allow_private = json_is_true(json_object_get(hub, "webhookPrivate"));
    drs_model_error_init(&e);

    if (drs_model_webhook(&e, ctx->body, h->old, h->id, &rules, &env, &h->doc,
                          &secret)
        != DRS_OK)
    {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, h->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    if (secret.len) {
        rc = ngx_http_drs_hook_seal(ctx, h, ngx_http_drs_reply_str(replies[1]),
                                    secret);
        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }
    }

    return ngx_http_drs_hook_write(ctx, h);
}


/* A refusal of the store. */
static ngx_int_t
ngx_http_drs_hook_refused(ngx_http_drs_ctx_t *ctx, ngx_http_drs_hook_t *h,
                          drs_answer_t *a)
{
    int64_t           current;
    drs_model_error_t e;

    if (drs_answer_is(a, "WEBHOOK_NOT_FOUND")) {
        return ngx_http_drs_hook_404(ctx, h->id);
    }

    if (drs_answer_is(a, "VERSION_CONFLICT")
        && drs_str_i64(drs_answer_detail(a, "currentVersion", NULL), &current)
               == DRS_OK)
    {
        drs_model_error_init(&e);
        (void) drs_model_version_conflict(&e, drs_model_doc_version(h->old),
                                          current, h->id);
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    return ngx_http_drs_store_error(ctx, a->code, a->text);
}


static ngx_int_t
ngx_http_drs_hook_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    ngx_int_t            rc;
    drs_answer_t         a;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? ngx_http_drs_hook_refused(ctx, h, &a)
                                  : NGX_ERROR;
    }

    return ngx_http_drs_reply(ctx,
                              h->old == NULL ? NGX_HTTP_CREATED : NGX_HTTP_OK,
                              drs_view_webhook(h->doc, h->delivery));
}


/* -- X-17 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_webhook_delete(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_drs_hook_t *h;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    return ngx_http_drs_call1(ctx,
                              ngx_http_drs_util_get(ctx, DRS_KEY_HOOK, h->id),
                              ngx_http_drs_hook_drop);
}


static ngx_int_t
ngx_http_drs_hook_drop(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    h->old = ngx_http_drs_util_doc(ctx, replies[0]);

    if (h->old == NULL) {
        return ngx_http_drs_hook_404(ctx, h->id);
    }

    return ngx_http_drs_hook_write(ctx, h);
}


static ngx_int_t
ngx_http_drs_hook_dropped(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    json_t              *v;
    ngx_int_t            rc;
    drs_answer_t         a;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? ngx_http_drs_hook_refused(ctx, h, &a)
                                  : NGX_ERROR;
    }

    v = json_pack("{s:s}", "message", "The webhook has been deleted.");
    (void) drs_json_set_str(v, "webhookId", h->id);

    return ngx_http_drs_reply(ctx, NGX_HTTP_OK, v);
}


/* -- X-18 ----------------------------------------------------------------- */

ngx_int_t
ngx_http_drs_api_webhook_test(ngx_http_drs_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_drs_hook_t *h;

    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    return ngx_http_drs_call1(ctx,
                              ngx_http_drs_util_get(ctx, DRS_KEY_HOOK, h->id),
                              ngx_http_drs_hook_try);
}


static ngx_int_t
ngx_http_drs_hook_try(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                      ngx_uint_t n)
{
    json_t              *doc, *entry;
    drs_buf_t            body;
    ngx_int_t            rc;
    const char          *delivery;
    u_char              *channel;
    drs_notify_head_t    head;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    doc = ngx_http_drs_util_doc(ctx, replies[0]);

    if (doc == NULL) {
        return ngx_http_drs_hook_404(ctx, h->id);
    }

    delivery = ngx_http_drs_uuid(ctx);
    channel = ngx_pnalloc(ctx->r->pool, h->id.len + 6);

    if (delivery == NULL || channel == NULL) {
        return NGX_ERROR;
    }

    h->delivery = drs_str(delivery);
    ngx_sprintf(channel, "hook.%*s%Z", h->id.len, h->id.data);
    ngx_memzero(&head, sizeof(head));
    head.event = drs_str(DRS_NOTIFY_TEST);
    head.at_ms = ngx_http_drs_now_ms();
    entry = drs_notify_entry(
        &head, json_pack("{s:s}", "message", "This is a test of the webhook."));
    drs_buf_init(&body, 0);

    if (entry == NULL || drs_notify_body(&body, entry, h->delivery) != DRS_OK) {
        json_decref(entry);
        drs_buf_free(&body);
        return NGX_ERROR;
    }

    json_decref(entry);
    rc = ngx_http_drs_call1(
        ctx,
        drs_store_outbox_send(
            ngx_http_drs_prefix(ctx), drs_str((char *) channel), h->delivery,
            drs_str(DRS_NOTIFY_TEST), drs_str(DRS_NOTIFY_TEST),
            drs_buf_str(&body),
            ngx_http_drs_audit_text(ctx, "webhook.test", "webhook", h->id,
                                    drs_json_field(doc, "name"), "succeeded",
                                    NULL, NULL)),
        ngx_http_drs_hook_tried);
    drs_buf_free(&body);

    return rc;
}


static ngx_int_t
ngx_http_drs_hook_tried(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    json_t              *v;
    drs_answer_t         a;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;

    if (ngx_http_drs_util_answer(ctx, replies[0], &a) != NGX_OK) {
        return NGX_ERROR;
    }

    v = json_pack("{s:s}", "message",
                  "A test message is on its way; the webhook's lastDelivery "
                  "tells what became of it.");
    (void) drs_json_set_str(v, "deliveryId", h->delivery);

    return ngx_http_drs_reply(ctx, NGX_HTTP_ACCEPTED, v);
}


/* -- X-19, X-20 ------------------------------------------------------------- */

static ngx_int_t
ngx_http_drs_notify_read(ngx_http_drs_ctx_t *ctx, ngx_http_drs_call_pt done)
{
    ngx_http_drs_calls_t c;

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c,
                          drs_key_cmd1("GET", ngx_http_drs_prefix(ctx),
                                       DRS_KEY_SETTINGS, drs_str("notify")));
    ngx_http_drs_util_add(&c, drs_store_outbox_stat(ngx_http_drs_prefix(ctx)));

    return ngx_http_drs_util_send(ctx, &c, done);
}


static json_t *
ngx_http_drs_notify_view(ngx_http_drs_ctx_t *ctx, const json_t *doc,
                         const redisReply *stat)
{
    int64_t      pending, failed, oldest, now;
    drs_answer_t a;

    if (ngx_http_drs_util_answer(ctx, stat, &a) != NGX_OK
        || drs_answer_i64(&a, 0, &pending) != DRS_OK
        || drs_answer_i64(&a, 1, &failed) != DRS_OK
        || drs_answer_i64(&a, 2, &oldest) != DRS_OK
        || drs_answer_i64(&a, 3, &now) != DRS_OK)
    {
        return NULL;
    }

    return drs_view_notify(doc, pending, failed,
                           oldest > 0 && now > oldest ? (now - oldest) / 1000
                                                      : 0);
}


ngx_int_t
ngx_http_drs_api_config_notify_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_notify_read(ctx, ngx_http_drs_notify_shown);
}


static ngx_int_t
ngx_http_drs_notify_shown(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    (void) n;

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK,
        ngx_http_drs_notify_view(ctx, ngx_http_drs_util_doc(ctx, replies[0]),
                                 replies[1]));
}


ngx_int_t
ngx_http_drs_api_config_notify_put(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_notify_read(ctx, ngx_http_drs_notify_store);
}


/* Event settings.changed. */
static drs_str_t
ngx_http_drs_notify_event(ngx_http_drs_ctx_t *ctx)
{
    char      iso[DRS_TIME_ISO_SIZE];
    json_t   *v;
    drs_buf_t b;
    drs_str_t text;

    (void) drs_time_iso_ms(iso, ngx_http_drs_now_ms());
    v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "time", iso, "event",
                  "settings.changed", "topic", "settings", "resourceType",
                  "settings", "resourceId", "notify", "data", "change",
                  "updated");
    drs_buf_init(&b, 0);
    text = drs_str("");

    if (v != NULL && drs_json_dump(&b, v) == DRS_OK) {
        text = ngx_http_drs_copy(ctx, drs_buf_str(&b));
    }

    drs_buf_free(&b);
    json_decref(v);

    return text;
}


static ngx_int_t
ngx_http_drs_notify_store(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                          ngx_uint_t n)
{
    drs_buf_t            b;
    ngx_int_t            rc;
    drs_str_t            p, none = drs_null_string;
    drs_model_error_t    e;
    ngx_http_drs_hook_t *h;
    ngx_http_drs_calls_t c;

    (void) n;
    h = ngx_http_drs_hook_state(ctx, &rc);
    if (h == NULL) {
        return rc;
    }

    h->old = ngx_http_drs_util_doc(ctx, replies[0]);
    drs_model_error_init(&e);

    if (drs_model_notify(&e, ctx->body, h->old, &h->doc) != DRS_OK) {
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    drs_model_error_free(&e);

    if (ngx_http_drs_defer_json(ctx, h->doc) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_http_drs_prefix(ctx);
    drs_buf_init(&b, 0);

    if (drs_json_dump(&b, h->doc) != DRS_OK) {
        drs_buf_free(&b);
        return NGX_ERROR;
    }

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_store_settings_put(
                p, drs_str("notify"), drs_json_int(h->old, "version", 0),
                drs_buf_str(&b),
                ngx_http_drs_audit_text(ctx, "config.notify", "settings",
                                        drs_str("notify"), none, "succeeded",
                                        h->old, h->doc),
                ngx_http_drs_notify_event(ctx)));
    ngx_http_drs_util_add(&c, drs_store_task_due(p, drs_str("subs"), 0));
    ngx_http_drs_util_add(&c, drs_store_outbox_stat(p));
    drs_buf_free(&b);

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_notify_stored);
}


static ngx_int_t
ngx_http_drs_notify_stored(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    int64_t              current;
    ngx_int_t            rc;
    drs_answer_t         a;
    drs_model_error_t    e;
    ngx_http_drs_hook_t *h;

    (void) n;
    h = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED && drs_answer_is(&a, "VERSION_CONFLICT")
        && drs_str_i64(drs_answer_detail(&a, "currentVersion", NULL), &current)
               == DRS_OK)
    {
        drs_model_error_init(&e);
        (void) drs_model_version_conflict(
            &e, drs_json_int(h->old, "version", 0), current, drs_str("notify"));
        return ngx_http_drs_util_refuse(ctx, &e);
    }

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED
                   ? ngx_http_drs_store_error(ctx, a.code, a.text)
                   : NGX_ERROR;
    }

    return ngx_http_drs_reply(
        ctx, NGX_HTTP_OK, ngx_http_drs_notify_view(ctx, h->doc, replies[2]));
}
