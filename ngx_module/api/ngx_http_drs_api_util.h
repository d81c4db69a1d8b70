/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the handlers share: settings of the hub, calls with many commands,
 * stored documents, pages of lists, refusals of the store.
 *
 * Functions that may have answered the request return NGX_DECLINED then, and
 * the handler returns NGX_OK at once.
 */

#ifndef NGX_HTTP_DRS_API_UTIL_H_INCLUDED
#define NGX_HTTP_DRS_API_UTIL_H_INCLUDED


#include "ngx_http_drs_api.h"

#include "drs_doc_write.h"
#include "drs_exec.h"
#include "drs_jobs.h"
#include "drs_keys.h"
#include "drs_model.h"
#include "drs_store.h"


/* -- calls ------------------------------------------------------------------ */

/* Commands of one call, released by ngx_http_drs_util_send(). */
typedef struct {
    drs_cmd_t **cmds;
    ngx_uint_t  n, size;
    unsigned    failed : 1;
} ngx_http_drs_calls_t;

void ngx_http_drs_util_calls(ngx_http_drs_calls_t *c);

/* Takes the command over; NULL marks the call as failed. */
void ngx_http_drs_util_add(ngx_http_drs_calls_t *c, drs_cmd_t *cmd);

/* ngx_http_drs_call() with all of them; frees everything. */
ngx_int_t
ngx_http_drs_util_send(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                       ngx_http_drs_call_pt done);

/* GET of a document: "GET pg:<id>". */
drs_cmd_t *
ngx_http_drs_util_get(ngx_http_drs_ctx_t *ctx, drs_key_t key, drs_str_t id);

/* GET settings:hub */
drs_cmd_t *ngx_http_drs_util_get_hub(ngx_http_drs_ctx_t *ctx);


/* -- documents ---------------------------------------------------------------- */

/*
 * The JSON object of a reply, released with the request; NULL if the key does
 * not exist (nil) or, with an entry in the log, if it is no JSON object.
 */
json_t *ngx_http_drs_util_doc(ngx_http_drs_ctx_t *ctx, const redisReply *reply);

/* Settings and caller for the models, from the reply of settings:hub. */
void ngx_http_drs_util_env(ngx_http_drs_ctx_t *ctx, const redisReply *hub,
                           drs_model_env_t *env);

/* E-mail of the caller, else user name, else sub. */
drs_str_t ngx_http_drs_util_user(ngx_http_drs_ctx_t *ctx);

/* Answers with the error of a model and frees it. */
ngx_int_t
ngx_http_drs_util_refuse(ngx_http_drs_ctx_t *ctx, drs_model_error_t *e);

/*
 * Answer of a store function.  NGX_OK, NGX_DECLINED: refused (*a tells), or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_drs_util_answer(ngx_http_drs_ctx_t *ctx,
                                   const redisReply *reply, drs_answer_t *a);

/* Pass-through error with {field: id}: 404 of groups, plans, executions. */
ngx_int_t ngx_http_drs_util_not_found(ngx_http_drs_ctx_t *ctx, drs_err_t err,
                                      const char *field, drs_str_t id);

/* A large answer: dumped once, the memory handed over.  Takes v over. */
ngx_int_t ngx_http_drs_util_large(ngx_http_drs_ctx_t *ctx, json_t *v);

/* Fills prefix, actor, time and audit entry of a write. */
void ngx_http_drs_util_write(ngx_http_drs_ctx_t *ctx, drs_doc_write_t *w,
                             const char *action, const char *resource,
                             const char *id_field, const char *name_field);

/* Object id -> document of the replies to GET in the order of `ids`. */
json_t *ngx_http_drs_util_map(ngx_http_drs_ctx_t *ctx, const json_t *ids,
                              redisReply **replies);


/* -- launch settings ------------------------------------------------------------ */

/* HGETALL pg:launch:<id> */
drs_cmd_t *ngx_http_drs_util_launch(ngx_http_drs_ctx_t *ctx, drs_str_t id);

/* 1 if a stored group has members that are not shown. */
int ngx_http_drs_util_group_private(drs_str_t text);

/* Rows of the reply: object server id -> row, released with the request. */
json_t *
ngx_http_drs_util_launch_rows(ngx_http_drs_ctx_t *ctx, const redisReply *reply);

/* Id of the job in the reply; empty: none. */
drs_str_t ngx_http_drs_util_launch_id(const redisReply *reply);


/* -- lists ---------------------------------------------------------------------- */

/* Query parameter; NGX_DECLINED (answered 400) if it is malformed. */
ngx_int_t ngx_http_drs_util_query(ngx_http_drs_ctx_t *ctx, const char *name,
                                  drs_str_t *value);

/*
 * `limit` (absent: dflt; at most max) and `nextToken` of the list `list`;
 * *pos on the request pool, empty for the first page.
 */
ngx_int_t
ngx_http_drs_util_page(ngx_http_drs_ctx_t *ctx, const char *list, size_t dflt,
                       size_t max, size_t *limit, drs_str_t *pos);

/* `nextToken` of a page that ended at `pos`; null if that is empty. */
void ngx_http_drs_util_next(drs_buf_t *b, const char *list, drs_str_t pos);

/* Id of a member "<folded name>\0<id>" of the name indexes. */
drs_str_t ngx_http_drs_util_member_id(drs_str_t member);
drs_str_t ngx_http_drs_util_member_name(drs_str_t member);

/*
 * ZRANGEBYLEX of a name index behind the member `pos` (empty: from the start);
 * `limit` 0 means all.
 */
drs_cmd_t *ngx_http_drs_util_range(ngx_http_drs_ctx_t *ctx, drs_key_t key,
                                   drs_str_t pos, size_t limit);

/* Object member -> true of a set reply, released with the request. */
json_t *ngx_http_drs_util_set(ngx_http_drs_ctx_t *ctx, const redisReply *reply);

/* 1 if the folded `part` occurs in the folded name. */
int ngx_http_drs_util_contains(drs_str_t name, drs_str_t part);

/* Folded form on the request pool; { 0, NULL } if it cannot be folded. */
drs_str_t ngx_http_drs_util_fold(ngx_http_drs_ctx_t *ctx, drs_str_t s);


/* -- plans -------------------------------------------------------------------- */

/* Active DRS jobs from the reply to HGETALL drsjobs; both on the request. */
ngx_int_t
ngx_http_drs_util_jobs(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                       drs_jobs_index_t *index);

/* Adds the reads of the active DRS jobs, of the quotas and of the claims on the
 * plan's servers. */
void
ngx_http_drs_util_plan_claims(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                              const json_t *doc, const json_t *groups);

/* PlanWarning[] from their replies: a new array, empty if all is well; NULL
 * without memory. */
json_t *ngx_http_drs_util_plan_warnings(ngx_http_drs_ctx_t *ctx,
                                        const json_t *doc, const json_t *groups,
                                        redisReply **replies, ngx_uint_t n);


/* -- executions ------------------------------------------------------------------ */

/* What ngx_http_drs_util_load() reads besides header, waves and units. */
#define NGX_HTTP_DRS_LOAD_SERVERS 0x01
#define NGX_HTTP_DRS_LOAD_TERM    0x02

typedef struct {
    drs_str_t   id;
    ngx_uint_t  flags;
    drs_exec_t *exec; /* released with the request */
    drs_str_t  *term; /* flat exec:<id>:term */
    size_t      n_term;
    json_t     *accounts; /* id -> name; released too */
    drs_str_t   own_account;
    ngx_int_t (*done)(ngx_http_drs_ctx_t *ctx);
    void      *data; /* the handler's own */
    json_t    *unit_ids;
    ngx_uint_t n_accounts;
    unsigned   plan_gone : 1;
} ngx_http_drs_load_t;

/*
 * Reads an execution and calls done(); ctx->state is the ngx_http_drs_load_t.
 * `id` comes from the path.  404 EXECUTION_NOT_FOUND is answered here.
 */
ngx_int_t
ngx_http_drs_util_load(ngx_http_drs_ctx_t *ctx, drs_str_t id, ngx_uint_t flags,
                       ngx_int_t (*done)(ngx_http_drs_ctx_t *ctx), void *data);

/* Executions found by id in the path: plain or ARN-like; empty if malformed. */
drs_str_t ngx_http_drs_util_exec_id(ngx_http_drs_ctx_t *ctx);

/* Waves and units into a record whose header is loaded. */
ngx_int_t
ngx_http_drs_util_load_parts(ngx_http_drs_ctx_t *ctx, drs_exec_t *e,
                             redisReply **waves, redisReply **units,
                             const json_t *unit_ids, const redisReply *servers);

/* Servers (HGETALL exec:<id>:s) into a record that has its parts. */
ngx_int_t ngx_http_drs_util_load_servers(ngx_http_drs_ctx_t *ctx, drs_exec_t *e,
                                         const redisReply *servers);

/* Record from HGETALL, released with the request.  NULL: logged. */
drs_exec_t *ngx_http_drs_util_header(ngx_http_drs_ctx_t *ctx, drs_str_t id,
                                     const redisReply *reply);


#endif /* NGX_HTTP_DRS_API_UTIL_H_INCLUDED */
