/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the operations on one target account share (AC4 to AC14).
 */

#ifndef NGX_HTTP_DRS_API_ACCOUNT_H_INCLUDED
#define NGX_HTTP_DRS_API_ACCOUNT_H_INCLUDED


#include "ngx_http_drs_api_util.h"

#include "drs_model_account.h"


/* Writes that lost against another one are done again so often. */
#define NGX_HTTP_DRS_ACCOUNT_TRIES 5


typedef struct ngx_http_drs_account_s ngx_http_drs_account_t;

/* The changed document from the stored one; DRS_OK or DRS_DECLINED. */
typedef int (*ngx_http_drs_account_model_pt)(
    drs_model_error_t *e, ngx_http_drs_account_t *a, const json_t *body,
    const json_t *old, const drs_model_env_t *env, json_t **doc);

/* Lives on the request pool, as ctx->state. */
struct ngx_http_drs_account_s {
    drs_str_t                     id;      /* of the path */
    drs_str_t                     staging; /* AC10 */
    drs_err_t                     missing; /* what 404 says */
    const char                   *action;  /* for the audit trail */
    ngx_http_drs_account_model_pt model;
    ngx_int_t (*done)(ngx_http_drs_ctx_t *ctx, json_t *doc);
    json_t    *old, *doc;
    json_t    *groups, *runs;
    json_t    *request; /* AC8 */
    size_t     n_groups;
    ngx_uint_t tries;
    unsigned   force : 1;
};


/*
 * The state for the account of the path.  NULL: *rc is what the handler
 * returns (an id that cannot exist is answered 404).
 */
ngx_http_drs_account_t *
ngx_http_drs_account_state(ngx_http_drs_ctx_t *ctx, drs_err_t missing,
                           ngx_int_t *rc);

ngx_int_t
ngx_http_drs_account_404(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a);

/* TargetAccount with what this caller may see; a new reference. */
json_t *ngx_http_drs_account_view(ngx_http_drs_ctx_t *ctx, const json_t *doc);

/* Reads, calls a->model, writes; again when another write came between;
 * a->done answers. */
ngx_int_t
ngx_http_drs_account_change(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a);

/* Adds what forgets kept answers about the capacity of the account. */
void ngx_http_drs_account_forget(ngx_http_drs_ctx_t   *ctx,
                                 ngx_http_drs_calls_t *c, drs_str_t id);

/* Passes the answer of a worker's command with {accountId} through. */
ngx_int_t
ngx_http_drs_account_command(ngx_http_drs_ctx_t *ctx, ngx_http_drs_account_t *a,
                             const char *type);


#endif /* NGX_HTTP_DRS_API_ACCOUNT_H_INCLUDED */
