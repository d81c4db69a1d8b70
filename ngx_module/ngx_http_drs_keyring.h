
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys of the issuers, verified tokens, revocations: what one worker process
 * knows about identity.
 *
 * Keys come from a file (read at configuration time) or from Redis, where the
 * worker daemon publishes what it fetched.  A token is verified once, looked
 * up once in the deny list in Redis, and then served from a bounded cache; an
 * announcement on the channel `revoked` takes it out again.  When the
 * subscription was down, announcements may have been missed: the cache is
 * emptied.
 */

#ifndef NGX_HTTP_DRS_KEYRING_H_INCLUDED
#define NGX_HTTP_DRS_KEYRING_H_INCLUDED


#include "ngx_http_drs_pool.h"


/* Keys are read again at most once in this time for unknown key ids. */
#define NGX_HTTP_DRS_KEYS_RETRY_MS 1000


ngx_int_t ngx_http_drs_keyring_init(ngx_http_drs_process_t *process);
void      ngx_http_drs_keyring_exit(ngx_http_drs_process_t *process);

/* A link became ready; the subscription is up (again). */
void ngx_http_drs_keyring_store_ready(ngx_http_drs_process_t *process);
void ngx_http_drs_keyring_subscribed(ngx_http_drs_process_t *process);

/* Announcements: key sets changed; a jti or sub was revoked. */
void ngx_http_drs_keyring_changed(ngx_http_drs_process_t *process);
void
ngx_http_drs_keyring_revoked(ngx_http_drs_process_t *process, drs_str_t what);

/*
 * The look-up of a token in the deny list, and its reply: 1 if the token was
 * revoked.
 */
drs_cmd_t *ngx_http_drs_keyring_deny_cmd(ngx_http_drs_process_t *process,
                                         const drs_jwt_t        *token);
ngx_uint_t
ngx_http_drs_keyring_denied(const redisReply *reply, const drs_jwt_t *token);

/*
 * Authenticates the request: NGX_DECLINED (identity filled in), NGX_AGAIN
 * (goes on by ngx_http_drs_after_auth), NGX_OK (answered: 401 or 503) or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_drs_authenticate(ngx_http_drs_ctx_t *ctx);

/*
 * Subject of the bearer token of any request, without looking into Redis: for
 * the variable $drs_user.  Empty without a good token.
 */
drs_str_t ngx_http_drs_token_subject(ngx_http_request_t       *r,
                                     ngx_http_drs_main_conf_t *mcf);


#endif /* NGX_HTTP_DRS_KEYRING_H_INCLUDED */
