
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Events of a Redis connection: hiredis's hooks on nginx's event loop.
 */

#include "ngx_http_drs_redis.h"


static void ngx_http_drs_io_read(ngx_event_t *rev);
static void ngx_http_drs_io_write(ngx_event_t *wev);
static void ngx_http_drs_io_flush(ngx_event_t *ev);
static void ngx_http_drs_io_add_read(void *data);
static void ngx_http_drs_io_del_read(void *data);
static void ngx_http_drs_io_add_write(void *data);
static void ngx_http_drs_io_del_write(void *data);
static void ngx_http_drs_io_cleanup(void *data);


ngx_int_t
ngx_http_drs_io_attach(ngx_http_drs_link_t *link, redisAsyncContext *ac)
{
    ngx_connection_t  *c;
    ngx_http_drs_io_t *io;

    io = ngx_calloc(sizeof(ngx_http_drs_io_t), link->process->log);
    if (io == NULL) {
        return NGX_ERROR;
    }

    c = ngx_get_connection(ac->c.fd, link->process->log);
    if (c == NULL) {
        ngx_free(io);
        return NGX_ERROR;
    }

    c->data = io;
    c->log = link->process->log;
    c->log_error = NGX_ERROR_INFO;
    c->read->handler = ngx_http_drs_io_read;
    c->read->log = c->log;
    c->write->handler = ngx_http_drs_io_write;
    c->write->log = c->log;

    io->link = link;
    io->ac = ac;
    io->c = c;
    io->flush.handler = ngx_http_drs_io_flush;
    io->flush.data = io;
    io->flush.log = c->log;

    ac->data = io;
    ac->ev.data = io;
    ac->ev.addRead = ngx_http_drs_io_add_read;
    ac->ev.delRead = ngx_http_drs_io_del_read;
    ac->ev.addWrite = ngx_http_drs_io_add_write;
    ac->ev.delWrite = ngx_http_drs_io_del_write;
    ac->ev.cleanup = ngx_http_drs_io_cleanup;

    link->io = io;

    return NGX_OK;
}


static void
ngx_http_drs_io_read(ngx_event_t *rev)
{
    ngx_connection_t  *c;
    ngx_http_drs_io_t *io;

    c = rev->data;
    io = c->data;

    redisAsyncHandleRead(io->ac);
}


static void
ngx_http_drs_io_write(ngx_event_t *wev)
{
    ngx_connection_t  *c;
    ngx_http_drs_io_t *io;

    c = wev->data;
    io = c->data;

    redisAsyncHandleWrite(io->ac);
}


/*
 * All commands of one turn of the event loop leave in one write.  What the
 * socket does not take makes hiredis ask for a write event again.
 */
static void
ngx_http_drs_io_flush(ngx_event_t *ev)
{
    ngx_http_drs_io_t *io;

    io = ev->data;

    io->flushing = 1;
    redisAsyncHandleWrite(io->ac);

    /* the context, and io with it, may be gone now: see io_cleanup */
}


static void
ngx_http_drs_io_add_read(void *data)
{
    ngx_event_t       *rev;
    ngx_http_drs_io_t *io;

    io = data;
    rev = io->c->read;

    /* level triggered: hiredis reads at most 16 KiB per call */

    if (!rev->active) {
        if (ngx_add_event(rev, NGX_READ_EVENT, NGX_LEVEL_EVENT) != NGX_OK) {
            ngx_log_error(NGX_LOG_ERR, rev->log, 0,
                          "drs: cannot add a read event");
        }
    }
}


static void
ngx_http_drs_io_del_read(void *data)
{
    ngx_event_t       *rev;
    ngx_http_drs_io_t *io;

    io = data;
    rev = io->c->read;

    if (rev->active) {
        (void) ngx_del_event(rev, NGX_READ_EVENT, 0);
    }
}


static void
ngx_http_drs_io_add_write(void *data)
{
    ngx_event_t       *wev;
    ngx_http_drs_io_t *io;

    io = data;
    wev = io->c->write;

    if (io->connected && !io->flushing) {
        if (!io->flush.posted) {
            ngx_post_event(&io->flush, &ngx_posted_events);
        }
        return;
    }

    /* connecting, or a short write in the flush handler */

    io->flushing = 0;

    if (!wev->active) {
        if (ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT) != NGX_OK) {
            ngx_log_error(NGX_LOG_ERR, wev->log, 0,
                          "drs: cannot add a write event");
        }
    }
}


static void
ngx_http_drs_io_del_write(void *data)
{
    ngx_event_t       *wev;
    ngx_http_drs_io_t *io;

    io = data;
    wev = io->c->write;

    io->flushing = 0;

    if (wev->active) {
        (void) ngx_del_event(wev, NGX_WRITE_EVENT, 0);
    }
}


/* hiredis closes the descriptor itself after this. */
static void
ngx_http_drs_io_cleanup(void *data)
{
    ngx_connection_t    *c;
    ngx_http_drs_io_t   *io;
    ngx_http_drs_link_t *link;

    io = data;
    c = io->c;
    link = io->link;

    io->ac->data = NULL;
    io->ac->ev.data = NULL;

    if (io->flush.posted) {
        ngx_delete_posted_event(&io->flush);
    }

    ngx_http_drs_io_del_read(io);
    ngx_http_drs_io_del_write(io);

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    ngx_free(io);

    if (link != NULL) {
        link->io = NULL;
        ngx_http_drs_link_down(link, "connection closed");
    }
}
