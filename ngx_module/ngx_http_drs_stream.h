
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Server-Sent Events (api.md 10.5): the hub takes messages of the channel
 * `live` and hands them to the streams of this process, 64 per turn of the
 * event loop.
 *
 * A stream first registers with the hub, then reads the history from the
 * Redis stream, then goes live; messages that arrive meanwhile are kept, and
 * ids decide what was sent already.  So there is no gap and no duplicate.
 * When the subscription is lost every stream goes back to reading history
 * from its last id.
 */

#ifndef NGX_HTTP_DRS_STREAM_H_INCLUDED
#define NGX_HTTP_DRS_STREAM_H_INCLUDED


#include "ngx_http_drs_pool.h"

#include "drs_sse.h"


#define NGX_HTTP_DRS_STREAM_BATCH 64  /* clients per loop turn */
#define NGX_HTTP_DRS_STREAM_PAGE  200 /* history per read */


typedef drs_sid_t ngx_http_drs_sid_t;

typedef enum {
    NGX_HTTP_DRS_TOPIC_EXECUTIONS = 0,
    NGX_HTTP_DRS_TOPIC_GROUPS,
    NGX_HTTP_DRS_TOPIC_PLANS,
    NGX_HTTP_DRS_TOPIC_ACCOUNTS,
    NGX_HTTP_DRS_TOPIC_SETTINGS,
    NGX_HTTP_DRS_TOPIC_SERVERS,
    NGX_HTTP_DRS_TOPIC_CAPACITY,
    NGX_HTTP_DRS_TOPIC_NOTICES,
    NGX_HTTP_DRS_TOPIC_N
} ngx_http_drs_topic_t;


/*
 * One event, shared by all streams that send it.  Counted references; the text
 * is the finished SSE message.
 */
typedef struct {
    ngx_uint_t         refs;
    ngx_http_drs_sid_t id;
    size_t             len;
    u_char             data[1];
} ngx_http_drs_msg_t;

/* What the filters of a stream look at; views into the payload. */
typedef struct {
    drs_str_t event;
    int       topic; /* -1: unknown */
    drs_str_t account;
    drs_str_t json;
} ngx_http_drs_event_t;


/* -- ngx_http_drs_event.c: texts ------------------------------------------ */

/* DRS_OK or DRS_DECLINED. */
int ngx_http_drs_sid_parse(drs_str_t s, ngx_http_drs_sid_t *id);
int ngx_http_drs_sid_cmp(ngx_http_drs_sid_t a, ngx_http_drs_sid_t b);

/* Topic by name, or -1; permissions of which one lets a caller see it. */
int         ngx_http_drs_topic(drs_str_t name);
drs_perms_t ngx_http_drs_topic_perms(int topic);

/*
 * Reads event, topic and accountId out of a JSON object without building it.
 * DRS_DECLINED if it is no object that we wrote.
 */
int ngx_http_drs_event_scan(drs_str_t json, ngx_http_drs_event_t *ev);

/* "id: ...\nevent: ...\ndata: {"id":"...",...}\n\n"; NULL without memory. */
ngx_http_drs_msg_t *
ngx_http_drs_msg_create(ngx_http_drs_sid_t id, drs_str_t event, drs_str_t json);

/* Text as it is: heartbeats, retry. */
ngx_http_drs_msg_t *ngx_http_drs_msg_text(const char *text);
void                ngx_http_drs_msg_unref(ngx_http_drs_msg_t *msg);

/* The event of the JSON form: {"id":"...", rest}; appended to b. */
int ngx_http_drs_event_append(drs_buf_t *b, drs_str_t id, drs_str_t json);


/* -- one stream (ngx_http_drs_stream.c) ----------------------------------- */

typedef struct ngx_http_drs_stream_s ngx_http_drs_stream_t;

/* One event on its way to the streams: both forms are made when first used. */
typedef struct {
    ngx_queue_t          queue;
    ngx_http_drs_sid_t   global_id;
    ngx_http_drs_sid_t   exec_id; /* in the stream of the execution */
    drs_str_t            exec;    /* execution id, or "-" */
    ngx_http_drs_event_t event;
    ngx_http_drs_msg_t  *global_msg;
    ngx_http_drs_msg_t  *exec_msg;
    char                 payload[1];
} ngx_http_drs_item_t;

/*
 * Gives a stream all items of a round and sends once.  May end the stream and
 * free it.
 */
void ngx_http_drs_stream_deliver(ngx_http_drs_stream_t *st, ngx_queue_t *items);

/* Back to reading history; go on after `delay` ms. */
void ngx_http_drs_stream_lost(ngx_http_drs_stream_t *st);
void ngx_http_drs_stream_resume(ngx_http_drs_stream_t *st, ngx_msec_t delay);

/* Ends the stream if its token has this jti, origin jti or sub. */
void ngx_http_drs_stream_revoked(ngx_http_drs_stream_t *st, drs_str_t what);

/* The process shuts down. */
void ngx_http_drs_stream_shutdown(ngx_http_drs_stream_t *st);


/* -- the hub (ngx_http_drs_hub.c) ----------------------------------------- */

ngx_int_t ngx_http_drs_hub_init(ngx_http_drs_process_t *process);
void      ngx_http_drs_hub_exit(ngx_http_drs_process_t *process);

/* Streams register by the link at their beginning. */
ngx_int_t
ngx_http_drs_hub_add(ngx_http_drs_process_t *process, ngx_queue_t *link);
void
ngx_http_drs_hub_remove(ngx_http_drs_process_t *process, ngx_queue_t *link);
ngx_uint_t ngx_http_drs_hub_full(ngx_http_drs_process_t *process);

/* A message of the channel `live`. */
void
ngx_http_drs_hub_message(ngx_http_drs_process_t *process, drs_str_t payload);

/* The subscription was lost; is up (again). */
void ngx_http_drs_hub_lost(ngx_http_drs_process_t *process);
void ngx_http_drs_hub_subscribed(ngx_http_drs_process_t *process);

/* A jti or sub was revoked: ends the streams of its tokens. */
void ngx_http_drs_hub_revoked(ngx_http_drs_process_t *process, drs_str_t what);

/* The process shuts down: ends every stream cleanly. */
void ngx_http_drs_hub_shutdown(ngx_http_drs_process_t *process);


#endif /* NGX_HTTP_DRS_STREAM_H_INCLUDED */
