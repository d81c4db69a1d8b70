
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fan-out of live events to the streams of a process.
 *
 * Events that arrive are collected; a round gives all of them to each stream,
 * 64 streams per turn of the event loop, so that other requests of the process
 * are served in between.
 */

#include "ngx_http_drs_stream.h"
#include "ngx_http_drs_metrics.h"


struct ngx_http_drs_hub_s {
    ngx_http_drs_process_t *process;
    ngx_queue_t             streams;
    ngx_uint_t              n;
    ngx_queue_t             incoming; /* items for the next round */
    ngx_queue_t             current;  /* items of this round */
    ngx_queue_t            *cursor;   /* next stream of this round */
    ngx_queue_t            *walk;     /* next stream of a walk */
    ngx_event_t             fan;
};


static void ngx_http_drs_hub_fan(ngx_event_t *ev);
static void ngx_http_drs_hub_round_end(ngx_http_drs_hub_t *hub);
static void ngx_http_drs_hub_free_items(ngx_queue_t *items);


/* A stream begins with its link. */
#define ngx_http_drs_hub_stream(q) ((ngx_http_drs_stream_t *) (void *) (q))


ngx_int_t
ngx_http_drs_hub_init(ngx_http_drs_process_t *process)
{
    ngx_http_drs_hub_t *hub;

    hub = ngx_calloc(sizeof(ngx_http_drs_hub_t), process->log);
    if (hub == NULL) {
        return NGX_ERROR;
    }

    process->hub = hub;
    hub->process = process;
    ngx_queue_init(&hub->streams);
    ngx_queue_init(&hub->incoming);
    ngx_queue_init(&hub->current);

    hub->fan.handler = ngx_http_drs_hub_fan;
    hub->fan.data = hub;
    hub->fan.log = process->log;

    return NGX_OK;
}


void
ngx_http_drs_hub_exit(ngx_http_drs_process_t *process)
{
    ngx_http_drs_hub_t *hub;

    hub = process->hub;

    if (hub == NULL) {
        return;
    }

    if (hub->fan.posted) {
        ngx_delete_posted_event(&hub->fan);
    }

    ngx_http_drs_hub_free_items(&hub->incoming);
    ngx_http_drs_hub_free_items(&hub->current);

    ngx_free(hub);
    process->hub = NULL;
}


ngx_uint_t
ngx_http_drs_hub_full(ngx_http_drs_process_t *process)
{
    return process->exiting
           || process->hub->n >= (ngx_uint_t) process->conf->streams;
}


ngx_int_t
ngx_http_drs_hub_add(ngx_http_drs_process_t *process, ngx_queue_t *link)
{
    if (ngx_http_drs_hub_full(process)) {
        return NGX_DECLINED;
    }

    ngx_queue_insert_tail(&process->hub->streams, link);
    process->hub->n++;
    ngx_http_drs_metrics_gauge(process, NGX_HTTP_DRS_G_STREAMS,
                               process->hub->n);

    return NGX_OK;
}


void
ngx_http_drs_hub_remove(ngx_http_drs_process_t *process, ngx_queue_t *link)
{
    ngx_http_drs_hub_t *hub;

    hub = process->hub;

    if (hub->cursor == link) {
        hub->cursor = ngx_queue_next(link);
    }

    if (hub->walk == link) {
        hub->walk = ngx_queue_next(link);
    }

    ngx_queue_remove(link);
    hub->n--;
    ngx_http_drs_metrics_gauge(process, NGX_HTTP_DRS_G_STREAMS, hub->n);
}


/* "<global id> <id in the execution's stream or -> <execId or -> <json>" */
void
ngx_http_drs_hub_message(ngx_http_drs_process_t *process, drs_str_t payload)
{
    drs_str_t            rest, gid, eid, exec;
    ngx_http_drs_hub_t  *hub;
    ngx_http_drs_item_t *item;

    hub = process->hub;

    if (hub->n == 0) {
        return;
    }

    item = malloc(sizeof(ngx_http_drs_item_t) + payload.len);
    if (item == NULL) {
        return;
    }

    ngx_memzero(item, sizeof(ngx_http_drs_item_t));
    ngx_memcpy(item->payload, payload.data, payload.len);
    rest = drs_strn(item->payload, payload.len);

    if (!drs_str_split(&rest, ' ', &gid) || !drs_str_split(&rest, ' ', &eid)
        || !drs_str_split(&rest, ' ', &exec)
        || ngx_http_drs_sid_parse(gid, &item->global_id) != DRS_OK
        || ngx_http_drs_event_scan(rest, &item->event) != DRS_OK)
    {
        ngx_log_error(NGX_LOG_WARN, process->log, 0,
                      "drs: a message that is no event on channel live");
        free(item);
        return;
    }

    item->exec = exec;

    if (ngx_http_drs_sid_parse(eid, &item->exec_id) != DRS_OK) {
        item->exec.len = 0;
    }

    ngx_queue_insert_tail(&hub->incoming, &item->queue);

    if (hub->cursor == NULL && !hub->fan.posted) {
        ngx_post_event(&hub->fan, &ngx_posted_events);
    }
}


static void
ngx_http_drs_hub_fan(ngx_event_t *ev)
{
    ngx_uint_t          n;
    ngx_queue_t        *q;
    ngx_http_drs_hub_t *hub;

    hub = ev->data;

    if (hub->cursor == NULL) {
        if (ngx_queue_empty(&hub->incoming)) {
            return;
        }

        ngx_queue_add(&hub->current, &hub->incoming);
        ngx_queue_init(&hub->incoming);
        hub->cursor = ngx_queue_head(&hub->streams);
    }

    for (n = 0; n < NGX_HTTP_DRS_STREAM_BATCH; n++) {
        q = hub->cursor;

        if (q == ngx_queue_sentinel(&hub->streams)) {
            ngx_http_drs_hub_round_end(hub);
            return;
        }

        /* moved on first: the stream may end here */
        hub->cursor = ngx_queue_next(q);
        ngx_http_drs_stream_deliver(ngx_http_drs_hub_stream(q), &hub->current);
    }

    ngx_post_event(&hub->fan, &ngx_posted_next_events);
}


static void
ngx_http_drs_hub_round_end(ngx_http_drs_hub_t *hub)
{
    hub->cursor = NULL;
    ngx_http_drs_hub_free_items(&hub->current);

    if (!ngx_queue_empty(&hub->incoming)) {
        ngx_post_event(&hub->fan, &ngx_posted_next_events);
    }
}


static void
ngx_http_drs_hub_free_items(ngx_queue_t *items)
{
    ngx_queue_t         *q;
    ngx_http_drs_item_t *item;

    while (!ngx_queue_empty(items)) {
        q = ngx_queue_head(items);
        ngx_queue_remove(q);

        item = ngx_queue_data(q, ngx_http_drs_item_t, queue);
        ngx_http_drs_msg_unref(item->global_msg);
        ngx_http_drs_msg_unref(item->exec_msg);
        free(item);
    }
}


void
ngx_http_drs_hub_lost(ngx_http_drs_process_t *process)
{
    ngx_queue_t        *q;
    ngx_http_drs_hub_t *hub;

    hub = process->hub;

    for (q = ngx_queue_head(&hub->streams);
         q != ngx_queue_sentinel(&hub->streams); q = ngx_queue_next(q))
    {
        ngx_http_drs_stream_lost(ngx_http_drs_hub_stream(q));
    }
}


void
ngx_http_drs_hub_subscribed(ngx_http_drs_process_t *process)
{
    ngx_uint_t          n;
    ngx_queue_t        *q;
    ngx_http_drs_hub_t *hub;

    hub = process->hub;
    n = 0;

    for (q = ngx_queue_head(&hub->streams);
         q != ngx_queue_sentinel(&hub->streams); q = ngx_queue_next(q))
    {
        /* not all at once: the queue of calls is bounded */
        ngx_http_drs_stream_resume(ngx_http_drs_hub_stream(q),
                                   1 + (n++ / NGX_HTTP_DRS_STREAM_BATCH) * 10);
    }
}


void
ngx_http_drs_hub_revoked(ngx_http_drs_process_t *process, drs_str_t what)
{
    ngx_queue_t        *q;
    ngx_http_drs_hub_t *hub;

    hub = process->hub;
    hub->walk = ngx_queue_head(&hub->streams);

    /* ending one stream may take others of its connection with it */

    while (hub->walk != ngx_queue_sentinel(&hub->streams)) {
        q = hub->walk;
        hub->walk = ngx_queue_next(q);
        ngx_http_drs_stream_revoked(ngx_http_drs_hub_stream(q), what);
    }

    hub->walk = NULL;
}


void
ngx_http_drs_hub_shutdown(ngx_http_drs_process_t *process)
{
    ngx_queue_t        *q;
    ngx_http_drs_hub_t *hub;

    hub = process->hub;
    hub->walk = ngx_queue_head(&hub->streams);

    /* ending one stream may take others of its connection with it */

    while (hub->walk != ngx_queue_sentinel(&hub->streams)) {
        q = hub->walk;
        hub->walk = ngx_queue_next(q);
        ngx_http_drs_stream_shutdown(ngx_http_drs_hub_stream(q));
    }

    hub->walk = NULL;
}
