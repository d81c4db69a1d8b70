/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX13: links in the mails of a pause.  GET shows a page that asks again and
 * changes nothing, since scanners of mails follow links; POST with the same
 * parameters acts.  Unknown, used, old and expired links look alike.  The
 * token is hidden from the access log before anything else happens.
 */

#include "ngx_http_drs_api_util.h"
#include "ngx_http_drs_call.h"

#include "drs_sha256.h"
#include "drs_store_notify.h"
#include "drs_time.h"


#define NGX_HTTP_DRS_TOKEN_LEN 43 /* 256 bits, base64url */
#define NGX_HTTP_DRS_LINK_MS   25000


typedef struct {
    const char *action; /* "resume", "cancel" */
    drs_str_t   hash;
    drs_str_t   exec, plan, type, before;
    int64_t     deadline_ms;
    unsigned    login : 1; /* a signed-in user is needed */
} ngx_http_drs_callback_t;


static ngx_int_t
ngx_http_drs_callback_looked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n);
static ngx_int_t
ngx_http_drs_callback_resumed(ngx_http_drs_ctx_t *ctx, json_t *answer);
static ngx_int_t
ngx_http_drs_callback_cancelled(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                ngx_uint_t n);


/* -- the token -------------------------------------------------------------- */

static void
ngx_http_drs_callback_hide_in(ngx_str_t *where, drs_str_t token)
{
    u_char *p;
    size_t  i;

    if (where->len < token.len || token.len == 0) {
        return;
    }

    for (i = 0; i + token.len <= where->len; i++) {
        p = where->data + i;

        if (ngx_memcmp(p, token.data, token.len) == 0) {
            ngx_memset(p, '*', token.len);
        }
    }
}


void
ngx_http_drs_callback_hide(ngx_http_drs_ctx_t *ctx)
{
    drs_str_t               rest, item, key, none = drs_null_string;
    ngx_http_request_t     *r;
    ngx_http_drs_request_t *req;

    r = ctx->r;
    req = ngx_http_drs_core(ctx);
    rest = drs_strn((char *) r->args.data, r->args.len);

    while (drs_str_split(&rest, '&', &item)) {
        drs_str_split(&item, '=', &key);

        if (!drs_str_eqz(key, "taskToken") || item.data == NULL
            || item.len == 0) {
            continue;
        }

        item = ngx_http_drs_copy(ctx, item);

        /* a token is given once; whatever else is there is hidden too */

        req->link_token = req->link_token.data == NULL ? item : none;
        ngx_http_drs_callback_hide_in(&r->request_line, item);
        ngx_http_drs_callback_hide_in(&r->unparsed_uri, item);
        ngx_http_drs_callback_hide_in(&r->args, item);
    }
}


static unsigned
ngx_http_drs_callback_is_token(drs_str_t s)
{
    size_t i;

    if (s.len != NGX_HTTP_DRS_TOKEN_LEN) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!isalnum((u_char) s.data[i]) && s.data[i] != '-'
            && s.data[i] != '_') {
            return 0;
        }
    }

    return 1;
}


/* -- pages -------------------------------------------------------------------- */

static ngx_int_t
ngx_http_drs_callback_invalid(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_audit(ctx, "denied", NGX_HTTP_BAD_REQUEST, "LINK_INVALID");

    return ngx_http_drs_page(
        ctx, NGX_HTTP_BAD_REQUEST, "This link is not valid",
        "<p>It was used already, belongs to an earlier pause, has expired, or "
        "was not copied completely. Nothing was changed.</p>");
}


static void
ngx_http_drs_callback_facts(drs_buf_t *b, const ngx_http_drs_callback_t *l)
{
    char    iso[DRS_TIME_ISO_SIZE];
    int64_t before;

    (void) drs_buf_puts(b, "<dl><dt>Recovery plan</dt><dd>");
    ngx_http_drs_html(b, l->plan);
    (void) drs_buf_puts(b, "</dd><dt>Type</dt><dd>");
    ngx_http_drs_html(b, l->type);
    (void) drs_buf_puts(b, "</dd><dt>Execution</dt><dd>");
    ngx_http_drs_html(b, l->exec);

    if (drs_str_i64(l->before, &before) == DRS_OK) {
        (void) drs_buf_printf(b, "</dd><dt>Paused before wave</dt><dd>%lld",
                              (long long) before + 1);
    }

    if (l->deadline_ms > 0) {
        (void) drs_time_iso_s(iso, l->deadline_ms / 1000);
        (void) drs_buf_printf(b, "</dd><dt>Ends by itself at</dt><dd>%s", iso);
    }

    (void) drs_buf_puts(b, "</dd></dl>");
}


/* The way to the console, where a login is possible. */
static ngx_int_t
ngx_http_drs_callback_login(ngx_http_drs_ctx_t            *ctx,
                            const ngx_http_drs_callback_t *l, ngx_uint_t status)
{
    drs_buf_t b;
    ngx_int_t rc;

    drs_buf_init(&b, 0);
    ngx_http_drs_callback_facts(&b, l);
    (void) drs_buf_puts(&b, "<p>This run can only be resumed or cancelled by a "
                            "signed-in user who may do so. Nothing was "
                            "changed.</p><p><a href=\"/executions/");
    ngx_http_drs_html(&b, l->exec);
    (void) drs_buf_puts(&b, "\">Open the execution in the console</a></p>");
    rc = drs_buf_ok(&b)
             ? ngx_http_drs_page(ctx, status, "Sign in to go on", b.data)
             : NGX_ERROR;
    drs_buf_free(&b);

    return rc;
}


static ngx_int_t
ngx_http_drs_callback_ask(ngx_http_drs_ctx_t            *ctx,
                          const ngx_http_drs_callback_t *l)
{
    drs_buf_t b;
    ngx_int_t rc;
    unsigned  resume;

    resume = l->action[0] == 'r';
    drs_buf_init(&b, 0);
    ngx_http_drs_callback_facts(&b, l);

    /* no action: the form goes to the address of this page */

    (void) drs_buf_printf(
        &b, "<form method=\"post\"><button type=\"submit\">%s</button></form>",
        resume ? "Resume this execution" : "Cancel this execution");
    rc = drs_buf_ok(&b)
             ? ngx_http_drs_page(ctx, NGX_HTTP_OK,
                                 resume ? "Resume the paused execution?"
                                        : "Cancel the paused execution?",
                                 b.data)
             : NGX_ERROR;
    drs_buf_free(&b);

    return rc;
}


static ngx_int_t
ngx_http_drs_callback_refused(ngx_http_drs_ctx_t *ctx, drs_str_t code,
                              drs_str_t text)
{
    drs_buf_t b;
    ngx_int_t rc;

    if (drs_str_eqz(code, "LINK_INVALID")
        || drs_str_eqz(code, "EXECUTION_NOT_FOUND")
        || drs_str_eqz(code, "EXECUTION_NOT_PAUSED"))
    {
        return ngx_http_drs_callback_invalid(ctx);
    }

    ngx_http_drs_audit(ctx, "failed", NGX_HTTP_CONFLICT, NULL);
    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "<p>");
    ngx_http_drs_html(&b, text);
    (void) drs_buf_puts(&b, " (");
    ngx_http_drs_html(&b, code);
    (void) drs_buf_puts(&b, ")</p><p>The execution is still paused and the "
                            "link can be used again.</p>");
    rc = drs_buf_ok(&b) ? ngx_http_drs_page(ctx, NGX_HTTP_CONFLICT,
                                            "That was not possible", b.data)
                        : NGX_ERROR;
    drs_buf_free(&b);

    return rc;
}


static ngx_int_t
ngx_http_drs_callback_done(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_callback_t *l;

    l = ctx->state;

    return ngx_http_drs_page(
        ctx, NGX_HTTP_OK,
        l->action[0] == 'r' ? "The execution goes on"
                            : "The execution is cancelled",
        "<p>This link cannot be used again. You may close this page.</p>");
}


/* -- requests ------------------------------------------------------------------ */

static ngx_int_t
ngx_http_drs_callback_start(ngx_http_drs_ctx_t *ctx)
{
    char                     hash[DRS_SHA256_HEX_LEN + 1];
    drs_str_t                action, token;
    ngx_http_drs_callback_t *l;
    ngx_http_drs_calls_t     c;

    token = ngx_http_drs_core(ctx)->link_token;
    l = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_callback_t));

    if (l == NULL) {
        return NGX_ERROR;
    }

    ctx->state = l;
    action = drs_str(NULL);

    if (ngx_http_drs_query(ctx, "action", &action) == 1) {
        l->action = drs_str_eqz(action, "resume")   ? "resume"
                    : drs_str_eqz(action, "cancel") ? "cancel"
                                                    : NULL;
    }

    /* a malformed one counts as a try too */

    if (!ngx_http_drs_callback_is_token(token)) {
        token = drs_str("");
    }

    if (drs_sha256_hex(hash, token.data, token.len) != DRS_OK) {
        return NGX_ERROR;
    }

    l->hash = ngx_http_drs_copy(ctx, drs_str(hash));

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(
        &c, drs_store_link_look(ngx_http_drs_prefix(ctx), l->hash,
                                l->action != NULL ? l->action : "none",
                                ngx_http_drs_client_ip(ctx)));
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_callback_looked);
}


ngx_int_t
ngx_http_drs_api_callback_get(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_callback_start(ctx);
}


ngx_int_t
ngx_http_drs_api_callback_post(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_callback_start(ctx);
}


static ngx_int_t
ngx_http_drs_callback_resume(ngx_http_drs_ctx_t      *ctx,
                             ngx_http_drs_callback_t *l)
{
    json_t   *payload;
    ngx_int_t rc;

    payload = json_object();
    (void) drs_json_set_str(payload, "executionId", l->exec);
    (void) drs_json_set_str(payload, "link", l->hash);
    (void) drs_json_set_str(payload, "notes", drs_str("by the link of a mail"));

    rc = ngx_http_drs_command(ctx, "exec.resume", NULL, payload, 0,
                              NGX_HTTP_DRS_LINK_MS,
                              ngx_http_drs_callback_resumed);
    json_decref(payload);

    return rc;
}


static ngx_int_t
ngx_http_drs_callback_cancel(ngx_http_drs_ctx_t      *ctx,
                             ngx_http_drs_callback_t *l)
{
    drs_str_t none = drs_null_string;

    return ngx_http_drs_call1(
        ctx,
        drs_store_exec_command_link(
            ngx_http_drs_prefix(ctx), l->exec, "cancel", none,
            ngx_http_drs_actor_text(ctx), drs_str("by the link of a mail"),
            ngx_http_drs_audit_text(ctx, "exec.cancel", "execution", l->exec,
                                    l->plan, "succeeded", NULL, NULL),
            none, l->hash),
        ngx_http_drs_callback_cancelled);
}


/* May the caller do it? */
static unsigned
ngx_http_drs_callback_permitted(ngx_http_drs_ctx_t            *ctx,
                                const ngx_http_drs_callback_t *l)
{
    return !l->login
           || (ctx->identity.token != NULL
               && drs_perms_has(ctx->identity.perms,
                                l->action[0] == 'r' ? DRS_PERM_START_RECOVERY
                                                    : DRS_PERM_STOP_RECOVERY));
}


static ngx_int_t
ngx_http_drs_callback_looked(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                             ngx_uint_t n)
{
    ngx_int_t                rc;
    drs_str_t                rule;
    drs_answer_t             a;
    ngx_http_drs_callback_t *l;

    (void) n;
    l = ctx->state;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc == NGX_DECLINED && drs_answer_is(&a, "RATE_LIMITED")) {
        ngx_http_drs_audit(ctx, "denied", NGX_HTTP_TOO_MANY_REQUESTS,
                           "RATE_LIMITED");
        (void) ngx_http_drs_header(ctx, "Retry-After", drs_str("60"));
        return ngx_http_drs_page(ctx, NGX_HTTP_TOO_MANY_REQUESTS,
                                 "Too many tries",
                                 "<p>Wait a minute and try again.</p>");
    }

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? ngx_http_drs_callback_invalid(ctx)
                                  : NGX_ERROR;
    }

    l->exec = ngx_http_drs_copy(ctx, drs_answer_str(&a, 0));
    l->plan = ngx_http_drs_copy(ctx, drs_answer_str(&a, 1));
    l->type = ngx_http_drs_copy(ctx, drs_answer_str(&a, 2));
    l->before = ngx_http_drs_copy(ctx, drs_answer_str(&a, 3));

    if (drs_answer_i64(&a, 4, &l->deadline_ms) != DRS_OK) {
        l->deadline_ms = 0;
    }

    rule =
        drs_json_field(ngx_http_drs_util_doc(ctx, replies[1]), "callbackLogin");
    l->login =
        drs_str_eqz(rule, "always")
        || (!drs_str_eqz(rule, "never") && !drs_str_eqz(l->type, "DRILL"));

    if (ctx->r->method != NGX_HTTP_POST) {
        return ngx_http_drs_callback_permitted(ctx, l)
                   ? ngx_http_drs_callback_ask(ctx, l)
                   : ngx_http_drs_callback_login(ctx, l, NGX_HTTP_OK);
    }

    if (!ngx_http_drs_callback_permitted(ctx, l)) {
        ngx_http_drs_audit(ctx, "denied", NGX_HTTP_FORBIDDEN, "FORBIDDEN");
        return ngx_http_drs_callback_login(ctx, l, NGX_HTTP_FORBIDDEN);
    }

    ctx->identity.type = "link";

    if (ctx->identity.sub.len == 0) {
        ctx->identity.sub = drs_str("link");
        ctx->identity.username = drs_str("link of a mail");
    }

    return l->action[0] == 'r' ? ngx_http_drs_callback_resume(ctx, l)
                               : ngx_http_drs_callback_cancel(ctx, l);
}


static ngx_int_t
ngx_http_drs_callback_resumed(ngx_http_drs_ctx_t *ctx, json_t *answer)
{
    const json_t *error;

    error = json_object_get(answer, "error");

    if (error != NULL) {
        return ngx_http_drs_callback_refused(ctx, drs_json_field(error, "code"),
                                             drs_json_field(error, "message"));
    }

    return ngx_http_drs_callback_done(ctx);
}


static ngx_int_t
ngx_http_drs_callback_cancelled(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                                ngx_uint_t n)
{
    ngx_int_t    rc;
    drs_answer_t a;

    (void) n;
    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED
                   ? ngx_http_drs_callback_refused(ctx, a.code, a.text)
                   : NGX_ERROR;
    }

    return ngx_http_drs_callback_done(ctx);
}
