
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One Redis connection on nginx's event loop: connects, authenticates,
 * selects, notices a dead peer, comes back with growing pauses.  It never
 * blocks: addresses are numeric, the socket is non-blocking, hiredis only
 * formats and parses.  docs/adr/0010-redis-adapter.md tells the why.
 */

#ifndef NGX_HTTP_DRS_REDIS_H_INCLUDED
#define NGX_HTTP_DRS_REDIS_H_INCLUDED


#include "ngx_http_drs_module.h"

#include <hiredis/async.h>


#define NGX_HTTP_DRS_BACKOFF_MIN 50 /* ms */
#define NGX_HTTP_DRS_BACKOFF_MAX 2000


typedef enum {
    NGX_HTTP_DRS_LINK_CLOSED = 0, /* not started, or closed for good */
    NGX_HTTP_DRS_LINK_RESOLVING,  /* asking a Sentinel for the primary */
    NGX_HTTP_DRS_LINK_CONNECTING, /* connect() under way */
    NGX_HTTP_DRS_LINK_HANDSHAKE,  /* AUTH, SELECT, ROLE or PING sent */
    NGX_HTTP_DRS_LINK_READY,
    NGX_HTTP_DRS_LINK_BACKOFF /* lost; a timer will try again */
} ngx_http_drs_link_state_t;


/*
 * One hiredis context with its events.  It lives until hiredis cleans it up,
 * which may be after the link has let go of it.
 */
typedef struct {
    ngx_http_drs_link_t *link; /* NULL: let go */
    redisAsyncContext   *ac;
    ngx_connection_t    *c;
    ngx_event_t          flush; /* posted once per loop turn */
    unsigned             connected : 1;
    unsigned             flushing : 1; /* inside the flush handler */
} ngx_http_drs_io_t;


struct ngx_http_drs_link_s {
    ngx_http_drs_process_t   *process;
    const char               *name; /* for logs */
    ngx_http_drs_link_state_t state;
    ngx_http_drs_io_t        *io;
    ngx_event_t               timer;   /* cancelable: connect, backoff */
    ngx_http_drs_addr_t       primary; /* told by a Sentinel */
    char                      primary_host[NGX_SOCKADDR_STRLEN + 1];
    ngx_uint_t                sentinel; /* the next to ask */
    ngx_uint_t                attempts;
    ngx_uint_t                expect;     /* handshake replies to come */
    ngx_uint_t                in_flight;  /* calls, by the pool */
    ngx_msec_t                last_reply; /* ngx_current_msec */
    unsigned                  down_logged : 1;

    /*
     * Called when the link becomes ready, and when it is lost (or could not
     * be set up).  Not called from within functions of this file that the
     * owner calls, except _reset() and _close().
     */
    void (*on_ready)(ngx_http_drs_link_t *link);
    void (*on_lost)(ngx_http_drs_link_t *link);
};


/* NULL without memory.  `name` is not copied. */
ngx_http_drs_link_t *
ngx_http_drs_link_create(ngx_http_drs_process_t *process, const char *name);

/* Starts to connect. */
void ngx_http_drs_link_start(ngx_http_drs_link_t *link);

/* Gives up the connection (why: for the log) and tries again later. */
void ngx_http_drs_link_reset(ngx_http_drs_link_t *link, const char *why);

/* Closes for good and frees the link. */
void ngx_http_drs_link_destroy(ngx_http_drs_link_t *link);

/*
 * To be called by reply callbacks that get a NULL reply: the connection is
 * lost, hiredis is about to free the context.
 */
void ngx_http_drs_link_lost(redisAsyncContext *ac);

/*
 * The connection is gone or useless: lets go of the context, and tries again
 * after a pause.  For the two files of the adapter.
 */
void ngx_http_drs_link_down(ngx_http_drs_link_t *link, const char *why);

/*
 * Puts a new context on the event loop (ngx_http_drs_redis_io.c).  NGX_ERROR:
 * the context is still the caller's.
 */
ngx_int_t
ngx_http_drs_io_attach(ngx_http_drs_link_t *link, redisAsyncContext *ac);

/* The link of a context, or NULL once it has let go. */
ngx_http_drs_link_t *ngx_http_drs_link_of(redisAsyncContext *ac);


#endif /* NGX_HTTP_DRS_REDIS_H_INCLUDED */
