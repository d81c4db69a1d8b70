
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls of a request, and small things that files of the module share.
 */

#ifndef NGX_HTTP_DRS_CALL_H_INCLUDED
#define NGX_HTTP_DRS_CALL_H_INCLUDED


#include "ngx_http_drs_command.h"
#include "ngx_http_drs_pool.h"


/* Compact text on the request pool; { 0, NULL } without memory. */
drs_str_t ngx_http_drs_dump(ngx_http_drs_ctx_t *ctx, const json_t *v);

/* Why the store did not answer: 503 with Retry-After, and a log line. */
ngx_int_t
ngx_http_drs_store_down(ngx_http_drs_ctx_t *ctx, ngx_http_drs_exec_rc_t rc);

/*
 * Answers for the first error reply (503 or 500) and returns NGX_OK or
 * NGX_ERROR; NGX_DECLINED if there is none.
 */
ngx_int_t ngx_http_drs_check_replies(ngx_http_drs_ctx_t *ctx,
                                     redisReply **replies, ngx_uint_t n);

/* Takes `taskToken` out of the query and overwrites it in everything that a
 * log may show; for routes whose answers are pages. */
void ngx_http_drs_callback_hide(ngx_http_drs_ctx_t *ctx);

/* Error of a route whose answers are pages. */
ngx_int_t ngx_http_drs_page_error(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                                  drs_str_t message);

/*
 * Appends an entry about the request to audit:in, without waiting for the
 * answer; sampled per address when the caller is not known.
 */
void ngx_http_drs_audit(ngx_http_drs_ctx_t *ctx, const char *outcome,
                        ngx_uint_t status, const char *code);

/* The same for an error answer, if errors of this kind are audited. */
void ngx_http_drs_audit_error(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                              const char *code);


#endif /* NGX_HTTP_DRS_CALL_H_INCLUDED */
