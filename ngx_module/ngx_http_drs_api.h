
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a handler in ngx_module/api/ sees of the module.
 *
 * A handler is `ngx_int_t ngx_http_drs_api_<name>(ngx_http_drs_ctx_t *ctx)`,
 * named in drs_routes.h.  When it runs, the route is chosen, the token is
 * verified, the permission held, the body read, limited and parsed, and the
 * Idempotency-Key claimed.  It returns
 *
 *   NGX_OK      a reply was sent (ngx_http_drs_reply*, _error*, _answer)
 *   NGX_AGAIN   a call or a command is under way; its `done` goes on
 *   NGX_ERROR   something of ours failed: the caller gets 500 INTERNAL_ERROR
 *
 * Exactly one reply is sent per request.  A `done` callback has the same three
 * results and may start another call.  There is at most one call or command
 * under way per request.  Callbacks never run before the function that asked
 * for them has returned.
 *
 * Memory: everything of a request lives on ctx->r->pool or, if it is malloc'ed
 * (jansson, drs_buf_t), is handed to ngx_http_drs_defer_json() or
 * ngx_http_drs_defer() in the next line.
 */

#ifndef NGX_HTTP_DRS_API_H_INCLUDED
#define NGX_HTTP_DRS_API_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <hiredis/hiredis.h>
#include <jansson.h>

#include "drs_cmd.h"
#include "drs_error.h"
#include "drs_id.h"
#include "drs_json.h"
#include "drs_jwt.h"
#include "drs_rbac.h"
#include "drs_routes.h"


#define NGX_HTTP_DRS_CALL_MAX 4096  /* commands of one call */
#define NGX_HTTP_DRS_WAIT_MS  20000 /* bounded wait for a worker */

/* flags of ngx_http_drs_command() */
#define NGX_HTTP_DRS_CMD_SECRET                                                \
    0x01 /* payload holds a sealed secret:
                                               the entry lives 30 s at most */


typedef struct ngx_http_drs_ctx_s ngx_http_drs_ctx_t;

/* Who asks.  All views live as long as the request. */
typedef struct {
    drs_jwt_t  *token; /* NULL on public routes without token */
    drs_str_t   sub;   /* userId */
    drs_str_t   username;
    drs_str_t   email;    /* may be empty */
    drs_str_t   token_id; /* jti, may be empty */
    drs_roles_t roles;
    drs_perms_t perms;
    const char *type;      /* "user", or "system" without a token */
    unsigned    local : 1; /* token of the local issuer */
} ngx_http_drs_identity_t;


/* Public part of the context; the rest is the module's. */
struct ngx_http_drs_ctx_s {
    ngx_http_request_t *r;
    const drs_route_t  *route;

    drs_str_t path; /* below the prefix, decoded */
    drs_str_t params[DRS_ROUTE_MAX_PARAMS];
    size_t    n_params;

    ngx_http_drs_identity_t identity;

    /*
     * The parsed body, always an object; an empty body is {}.  NULL for GET
     * and DELETE.  Borrowed: released with the request.
     */
    json_t   *body;
    drs_str_t raw_body; /* the bytes of it */

    drs_str_t request_id;
    int64_t   start_ms; /* wall clock at arrival */

    /* of a list that its handler need not cut (drs_route_list()) */
    size_t    page_limit; /* 0: all of it is asked for */
    drs_str_t page_pos;   /* where the page before ended, or empty */

    void *state; /* the handler's own */

    struct ngx_http_drs_request_s *core; /* the module's own */
};


typedef ngx_int_t (*ngx_http_drs_handler_pt)(ngx_http_drs_ctx_t *ctx);

/*
 * Replies of a call, in the order of its commands, all non-NULL, valid until
 * the callback returns.
 */
typedef ngx_int_t (*ngx_http_drs_call_pt)(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);

/*
 * Answer of a worker: {"status":…, "body":…} or {"error":{…}}, borrowed, valid
 * until the callback returns (json_incref to keep it).
 */
typedef ngx_int_t (*ngx_http_drs_command_pt)(ngx_http_drs_ctx_t *ctx,
                                             json_t             *answer);


/* -- store ---------------------------------------------------------------- */

/*
 * Sends n commands (1..NGX_HTTP_DRS_CALL_MAX) in one go and calls `done`
 * exactly once, unless the client vanished before.  The commands are copied:
 * the caller frees them with drs_cmd_free() right after the call, whatever it
 * returned.  Commands of one call keep their order but are no transaction.
 *
 * `done` is not called, and the request is answered with 503
 * SERVICE_UNAVAILABLE, if Redis cannot be reached in time or refuses (loading,
 * read-only, out of memory, functions not loaded), and with 500 for any other
 * error reply.  So a reply is never of type REDIS_REPLY_ERROR.
 *
 * Returns NGX_AGAIN, NGX_OK (answered 503 at once) or NGX_ERROR: the handler
 * returns this value as it is.
 */
ngx_int_t ngx_http_drs_call(ngx_http_drs_ctx_t *ctx, drs_cmd_t **cmds,
                            ngx_uint_t n, ngx_http_drs_call_pt done);

/* The same for one command; takes the command over and frees it. */
ngx_int_t ngx_http_drs_call1(ngx_http_drs_ctx_t *ctx, drs_cmd_t *cmd,
                             ngx_http_drs_call_pt done);

/* View of a string, status or error reply; { 0, NULL } otherwise. */
drs_str_t ngx_http_drs_reply_str(const redisReply *reply);

/* Integer reply or decimal string; DRS_DECLINED otherwise. */
int ngx_http_drs_reply_int(const redisReply *reply, int64_t *out);

/*
 * Array reply as views on the request pool (for the decoders of drs_store.h);
 * nil elements are { 0, NULL }, integers become text.  A reply that is no
 * array gives one element.  NGX_ERROR without memory.
 */
ngx_int_t
ngx_http_drs_reply_views(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                         drs_str_t **v, size_t *n);


/* -- commands for the worker ---------------------------------------------- */

/*
 * Adds a command (drs_cmd_add) and waits for its answer at most timeout_ms (0,
 * or more than drs_command_timeout: that time).  `payload` is copied.  `id` is
 * the command's uuid, or NULL for a new one; secrets are sealed with the id as
 * context, so it is needed before (ngx_http_drs_uuid).
 *
 * `done` gets the answer.  Without an answer in time it is not called: the
 * request is answered with 503 SERVICE_UNAVAILABLE, details {commandId,
 * outcome}.  The command carries a deadline, so one that no worker has begun
 * is dropped: outcome "none".  If a worker has begun it: outcome "unknown".
 *
 * Returns as ngx_http_drs_call().
 */
ngx_int_t
ngx_http_drs_command(ngx_http_drs_ctx_t *ctx, const char *type, const char *id,
                     json_t *payload, ngx_uint_t flags, ngx_msec_t timeout_ms,
                     ngx_http_drs_command_pt done);

/* A `done` that passes the answer through (ngx_http_drs_answer). */
ngx_int_t ngx_http_drs_command_answer(ngx_http_drs_ctx_t *ctx, json_t *answer);


/* -- replies -------------------------------------------------------------- */

/* Sends v (the reference is taken over; NULL gives 500). */
ngx_int_t
ngx_http_drs_reply(ngx_http_drs_ctx_t *ctx, ngx_uint_t status, json_t *v);

/* Sends JSON text; the bytes are copied to the request pool. */
ngx_int_t ngx_http_drs_reply_raw(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                                 drs_str_t json);

/*
 * Sends the content of b and frees b; a failed buffer gives 500.  The memory
 * is handed over, not copied: for large answers.
 */
ngx_int_t ngx_http_drs_reply_buf(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                                 drs_buf_t *b);

/*
 * The same; the entity tag is made of `tagged`, a part of the content that
 * says everything that the rest repeats.
 */
ngx_int_t ngx_http_drs_reply_tagged(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                                    drs_buf_t *b, drs_str_t tagged);

/*
 * The error envelope.  `fields` goes to the top level and into details,
 * `details` into details only; both may be NULL and are taken over.  `fmt`
 * NULL gives the default message of the code.
 */
ngx_int_t
ngx_http_drs_error(ngx_http_drs_ctx_t *ctx, drs_err_t err, json_t *fields,
                   json_t *details, const char *fmt, ...) DRS_PRINTF(5, 6);

/* With retryAfter and Retry-After. */
ngx_int_t ngx_http_drs_error_later(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                                   int64_t seconds, const char *fmt, ...)
    DRS_PRINTF(4, 5);

/* 400 with {parameter, value?, expected?}; value is borrowed. */
ngx_int_t ngx_http_drs_error_param(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                                   const char *parameter, const json_t *value,
                                   const char *expected, const char *fmt, ...)
    DRS_PRINTF(6, 7);

/* Any error built elsewhere (request_id is filled in). */
ngx_int_t ngx_http_drs_error_full(ngx_http_drs_ctx_t *ctx, drs_error_t *e);

/*
 * 403 for a permission that only the content of a request asks for (EX6 with
 * terminateLaunched).
 */
ngx_int_t ngx_http_drs_forbidden(ngx_http_drs_ctx_t *ctx, drs_perms_t needed);

/*
 * Refusal of a store function: `code` is the first element of its reply,
 * `text` the second.  Codes that the table does not know give 500.
 */
ngx_int_t ngx_http_drs_store_error(ngx_http_drs_ctx_t *ctx, drs_str_t code,
                                   drs_str_t text);

/*
 * A page for people: title and content are HTML.  Headers of security.md 6.3:
 * no CORS, noindex, a policy that allows the page's own style only.
 */
ngx_int_t ngx_http_drs_page(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                            const char *title, const char *content);

/* Text as HTML. */
void ngx_http_drs_html(drs_buf_t *b, drs_str_t s);

/* Passes a worker's answer through: body with status, or error. */
ngx_int_t ngx_http_drs_answer(ngx_http_drs_ctx_t *ctx, json_t *answer);

/*
 * Weak entity tag of a GET answer: by default the module makes it from the
 * bytes.  A handler that knows a version may set it (without W/ and quotes)
 * before it replies.
 */
ngx_int_t ngx_http_drs_etag(ngx_http_drs_ctx_t *ctx, drs_str_t tag);

/*
 * 1 if If-None-Match names this tag: the handler may answer
 * ngx_http_drs_not_modified() without building the body.
 */
ngx_uint_t ngx_http_drs_etag_matches(ngx_http_drs_ctx_t *ctx, drs_str_t tag);
ngx_int_t  ngx_http_drs_not_modified(ngx_http_drs_ctx_t *ctx, drs_str_t tag);

/* Adds a response header; the strings are copied. */
ngx_int_t
ngx_http_drs_header(ngx_http_drs_ctx_t *ctx, const char *name, drs_str_t value);


/* -- request -------------------------------------------------------------- */

/*
 * Query parameter by exact name, percent-decoded ('+' is a space), first one
 * wins.  1 and *value, 0 if absent, DRS_DECLINED (bad escape, NUL or bad
 * UTF-8), DRS_ERROR without memory.
 */
int
ngx_http_drs_query(ngx_http_drs_ctx_t *ctx, const char *name, drs_str_t *value);

/* Request header by lower-case name, or { 0, NULL }. */
drs_str_t
ngx_http_drs_request_header(ngx_http_drs_ctx_t *ctx, const char *name);

/* Address of the client (after realip), text. */
drs_str_t ngx_http_drs_client_ip(ngx_http_drs_ctx_t *ctx);

/*
 * Actor of the audit log and of commands: {"type", "userId", "email",
 * "username", "roles", "tokenId", "ip", "userAgent"}.  A new reference.
 */
json_t *ngx_http_drs_actor(ngx_http_drs_ctx_t *ctx);

/* Its compact text on the request pool; { 0, NULL } without memory. */
drs_str_t ngx_http_drs_actor_text(ngx_http_drs_ctx_t *ctx);

/*
 * Raw audit entry of this request for the functions that take one:
 * {action, resourceType, resourceId, resourceName?, outcome, actor, requestId,
 * correlationId, sourceIp, userAgent, httpStatus?, before?, after?}.  `before`
 * and `after` are borrowed, may be NULL, and are redacted.  Text on the
 * request pool.
 */
drs_str_t
ngx_http_drs_audit_text(ngx_http_drs_ctx_t *ctx, const char *action,
                        const char *resource_type, drs_str_t resource_id,
                        drs_str_t name, const char *outcome,
                        const json_t *before, const json_t *after);

/* Prefix of all keys, without the colon. */
drs_str_t ngx_http_drs_prefix(ngx_http_drs_ctx_t *ctx);

/* New version 4 UUID, NUL-terminated, on the request pool; NULL on failure. */
const char *ngx_http_drs_uuid(ngx_http_drs_ctx_t *ctx);

/* Wall clock of this process, cached per event-loop turn. */
int64_t ngx_http_drs_now_ms(void);

/* Copies to the request pool with a NUL; { 0, NULL } without memory. */
drs_str_t ngx_http_drs_copy(ngx_http_drs_ctx_t *ctx, drs_str_t s);

/* json_decref / free at the end of the request.  NGX_ERROR: released now. */
ngx_int_t ngx_http_drs_defer_json(ngx_http_drs_ctx_t *ctx, json_t *v);
ngx_int_t
ngx_http_drs_defer(ngx_http_drs_ctx_t *ctx, void (*fn)(void *), void *data);


/* -- the handlers of all routes ------------------------------------------- */

#define NGX_HTTP_DRS_DECLARE(id, ref, m, pat, all, any, fl, kind, body, h)     \
    ngx_int_t ngx_http_drs_api_##h(ngx_http_drs_ctx_t *ctx);
DRS_ROUTES(NGX_HTTP_DRS_DECLARE)
#undef NGX_HTTP_DRS_DECLARE


#endif /* NGX_HTTP_DRS_API_H_INCLUDED */
