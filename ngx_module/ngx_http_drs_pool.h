
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands over a small pool of links, with deadlines and a bound.
 *
 * An exec is an object of its own on the heap: it lives until each of its
 * commands was answered or lost by hiredis, while whoever asked may let go of
 * it at any time.  Its timer is not cancelable, so that a worker process that
 * shuts down waits for what is under way.
 */

#ifndef NGX_HTTP_DRS_POOL_H_INCLUDED
#define NGX_HTTP_DRS_POOL_H_INCLUDED


#include "ngx_http_drs_redis.h"


/* Why an exec ended without replies. */
typedef enum {
    NGX_HTTP_DRS_EXEC_OK = 0,
    NGX_HTTP_DRS_EXEC_DOWN,    /* never sent */
    NGX_HTTP_DRS_EXEC_LOST,    /* sent, the answer never came */
    NGX_HTTP_DRS_EXEC_TIMEOUT, /* the same, in time */
    NGX_HTTP_DRS_EXEC_FULL,    /* the queue is full: never sent */
    NGX_HTTP_DRS_EXEC_MEMORY
} ngx_http_drs_exec_rc_t;

/* Replies are valid until the callback returns; NULL unless rc is OK. */
typedef void (*ngx_http_drs_exec_pt)(void *data, ngx_http_drs_exec_rc_t rc,
                                     redisReply **replies, ngx_uint_t n);


ngx_int_t ngx_http_drs_pool_init(ngx_http_drs_process_t *process);
void      ngx_http_drs_pool_exit(ngx_http_drs_process_t *process);

/* 1 if a link is ready. */
ngx_uint_t ngx_http_drs_pool_ready(ngx_http_drs_process_t *process);

/*
 * Sends n commands (copied).  `done` is called once, later, unless the exec
 * is detached before.  NULL: *rc tells why, and `done` is not called.
 */
ngx_http_drs_exec_t *
ngx_http_drs_exec(ngx_http_drs_process_t *process, drs_cmd_t **cmds,
                  ngx_uint_t n, ngx_http_drs_exec_pt done, void *data,
                  ngx_http_drs_exec_rc_t *rc);

/* `done` will not be called any more. */
void ngx_http_drs_exec_detach(ngx_http_drs_exec_t *exec);

/* Sends one command whose answer nobody needs; takes it over. */
void ngx_http_drs_exec_forget(ngx_http_drs_process_t *process, drs_cmd_t *cmd);

const char *ngx_http_drs_exec_text(ngx_http_drs_exec_rc_t rc);


#endif /* NGX_HTTP_DRS_POOL_H_INCLUDED */
