
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_pool.h"
#include "ngx_http_drs_keyring.h"
#include "ngx_http_drs_metrics.h"


typedef struct {
    char  *data; /* in the protocol of Redis */
    size_t len;
} ngx_http_drs_wire_t;


struct ngx_http_drs_exec_s {
    ngx_queue_t             queue; /* while waiting for a link */
    ngx_http_drs_process_t *process;
    ngx_http_drs_link_t    *link; /* NULL: waiting */

    ngx_http_drs_exec_pt done; /* NULL: detached or called */
    void                *data;
    ngx_event_t          timer;

    ngx_uint_t n;    /* commands */
    ngx_uint_t sent; /* callbacks to come or gone */
    ngx_uint_t got;  /* callbacks gone */
    unsigned   lost : 1;

    ngx_http_drs_wire_t *wire; /* released when sent */
    redisReply         **replies;
};


static ngx_http_drs_link_t                   *
ngx_http_drs_pool_pick(ngx_http_drs_process_t *process);
static ngx_uint_t ngx_http_drs_pool_hopeless(ngx_http_drs_process_t *process);
static void       ngx_http_drs_pool_gauge(ngx_http_drs_process_t *process);
static void
ngx_http_drs_pool_count(ngx_http_drs_process_t *process, ngx_int_t n);
static void ngx_http_drs_pool_on_ready(ngx_http_drs_link_t *link);
static void ngx_http_drs_pool_on_lost(ngx_http_drs_link_t *link);
static ngx_http_drs_exec_t *
ngx_http_drs_exec_create(ngx_http_drs_process_t *process, drs_cmd_t **cmds,
                         ngx_uint_t n);
static void
ngx_http_drs_exec_send(ngx_http_drs_exec_t *exec, ngx_http_drs_link_t *link);
static void
ngx_http_drs_exec_reply(redisAsyncContext *ac, void *reply, void *data);
static redisReply *ngx_http_drs_exec_steal(redisReply *reply);
static void        ngx_http_drs_exec_timeout(ngx_event_t *ev);
static void
ngx_http_drs_exec_finish(ngx_http_drs_exec_t *exec, ngx_http_drs_exec_rc_t rc);
static void ngx_http_drs_exec_free(ngx_http_drs_exec_t *exec);
static void ngx_http_drs_exec_free_wire(ngx_http_drs_exec_t *exec);


ngx_int_t
ngx_http_drs_pool_init(ngx_http_drs_process_t *process)
{
    ngx_uint_t           i;
    ngx_http_drs_link_t *link;

    ngx_queue_init(&process->waiting);

    for (i = 0; i < (ngx_uint_t) process->conf->pool_size; i++) {
        link = ngx_http_drs_link_create(process, "pool");
        if (link == NULL) {
            return NGX_ERROR;
        }

        link->on_ready = ngx_http_drs_pool_on_ready;
        link->on_lost = ngx_http_drs_pool_on_lost;

        process->links[process->n_links++] = link;
    }

    for (i = 0; i < process->n_links; i++) {
        ngx_http_drs_link_start(process->links[i]);
    }

    return NGX_OK;
}


void
ngx_http_drs_pool_exit(ngx_http_drs_process_t *process)
{
    ngx_uint_t           i;
    ngx_queue_t         *q;
    ngx_http_drs_exec_t *exec;

    while (!ngx_queue_empty(&process->waiting)) {
        q = ngx_queue_head(&process->waiting);
        exec = ngx_queue_data(q, ngx_http_drs_exec_t, queue);
        exec->done = NULL;
        ngx_http_drs_exec_finish(exec, NGX_HTTP_DRS_EXEC_DOWN);
    }

    for (i = 0; i < process->n_links; i++) {
        ngx_http_drs_link_destroy(process->links[i]);
    }

    process->n_links = 0;
}


ngx_uint_t
ngx_http_drs_pool_ready(ngx_http_drs_process_t *process)
{
    return ngx_http_drs_pool_pick(process) != NULL;
}


/* The ready link with the least under way. */
static ngx_http_drs_link_t *
ngx_http_drs_pool_pick(ngx_http_drs_process_t *process)
{
    ngx_uint_t           i;
    ngx_http_drs_link_t *link, *best;

    best = NULL;

    for (i = 0; i < process->n_links; i++) {
        link = process->links[i];

        if (link->state == NGX_HTTP_DRS_LINK_READY
            && (best == NULL || link->in_flight < best->in_flight))
        {
            best = link;
        }
    }

    return best;
}


/* 1 if no link is ready or about to be: waiting would only delay the 503. */
static ngx_uint_t
ngx_http_drs_pool_hopeless(ngx_http_drs_process_t *process)
{
    ngx_uint_t i;

    for (i = 0; i < process->n_links; i++) {
        if (process->links[i]->state != NGX_HTTP_DRS_LINK_BACKOFF
            && process->links[i]->state != NGX_HTTP_DRS_LINK_CLOSED
            && process->links[i]->attempts <= 1)
        {
            return 0;
        }
    }

    return 1;
}


static void
ngx_http_drs_pool_gauge(ngx_http_drs_process_t *process)
{
    ngx_uint_t i, n;

    for (n = 0, i = 0; i < process->n_links; i++) {
        n += process->links[i]->state == NGX_HTTP_DRS_LINK_READY;
    }

    ngx_http_drs_metrics_gauge(process, NGX_HTTP_DRS_G_LINKS_READY, n);
}


static void
ngx_http_drs_pool_count(ngx_http_drs_process_t *process, ngx_int_t n)
{
    process->n_calls += n;
    ngx_http_drs_metrics_gauge(process, NGX_HTTP_DRS_G_CALLS, process->n_calls);
}


static void
ngx_http_drs_pool_on_ready(ngx_http_drs_link_t *link)
{
    ngx_queue_t            *q;
    ngx_http_drs_exec_t    *exec;
    ngx_http_drs_process_t *process;

    process = link->process;

    ngx_http_drs_pool_gauge(process);
    ngx_http_drs_keyring_store_ready(process);

    while (link->state == NGX_HTTP_DRS_LINK_READY
           && !ngx_queue_empty(&process->waiting))
    {
        q = ngx_queue_head(&process->waiting);
        ngx_queue_remove(q);

        exec = ngx_queue_data(q, ngx_http_drs_exec_t, queue);
        ngx_http_drs_exec_send(exec, ngx_http_drs_pool_pick(process));
    }
}


static void
ngx_http_drs_pool_on_lost(ngx_http_drs_link_t *link)
{
    ngx_queue_t            *q;
    ngx_http_drs_exec_t    *exec;
    ngx_http_drs_process_t *process;

    process = link->process;
    ngx_http_drs_pool_gauge(process);

    while (ngx_http_drs_pool_hopeless(process)
           && !ngx_http_drs_pool_ready(process)
           && !ngx_queue_empty(&process->waiting))
    {
        q = ngx_queue_head(&process->waiting);
        exec = ngx_queue_data(q, ngx_http_drs_exec_t, queue);
        ngx_http_drs_exec_finish(exec, NGX_HTTP_DRS_EXEC_DOWN);
    }
}


ngx_http_drs_exec_t *
ngx_http_drs_exec(ngx_http_drs_process_t *process, drs_cmd_t **cmds,
                  ngx_uint_t n, ngx_http_drs_exec_pt done, void *data,
                  ngx_http_drs_exec_rc_t *rc)
{
    ngx_http_drs_exec_t *exec;
    ngx_http_drs_link_t *link;

    if (process->n_calls >= (ngx_uint_t) process->conf->queue_size) {
        *rc = NGX_HTTP_DRS_EXEC_FULL;
        ngx_http_drs_metrics_add(process->metrics, NGX_HTTP_DRS_M_REDIS_FULL,
                                 1);
        return NULL;
    }

    link = ngx_http_drs_pool_pick(process);

    if (link == NULL && ngx_http_drs_pool_hopeless(process)) {
        *rc = NGX_HTTP_DRS_EXEC_DOWN;
        ngx_http_drs_metrics_add(process->metrics, NGX_HTTP_DRS_M_REDIS_DOWN,
                                 1);
        return NULL;
    }

    exec = ngx_http_drs_exec_create(process, cmds, n);
    if (exec == NULL) {
        *rc = NGX_HTTP_DRS_EXEC_MEMORY;
        return NULL;
    }

    exec->done = done;
    exec->data = data;
    ngx_http_drs_pool_count(process, 1);

    ngx_add_timer(&exec->timer, process->conf->timeout);

    if (link == NULL) {
        ngx_queue_insert_tail(&process->waiting, &exec->queue);

    } else {
        ngx_http_drs_exec_send(exec, link);
    }

    *rc = NGX_HTTP_DRS_EXEC_OK;
    return exec;
}


static ngx_http_drs_exec_t *
ngx_http_drs_exec_create(ngx_http_drs_process_t *process, drs_cmd_t **cmds,
                         ngx_uint_t n)
{
    long                 len;
    char                *data;
    ngx_uint_t           i;
    ngx_http_drs_exec_t *exec;

    exec = ngx_calloc(
        sizeof(ngx_http_drs_exec_t)
            + n * (sizeof(redisReply *) + sizeof(ngx_http_drs_wire_t)),
        process->log);
    if (exec == NULL) {
        return NULL;
    }

    exec->process = process;
    exec->n = n;
    exec->replies = (redisReply **) (exec + 1);
    exec->wire = (ngx_http_drs_wire_t *) (exec->replies + n);

    exec->timer.handler = ngx_http_drs_exec_timeout;
    exec->timer.data = exec;
    exec->timer.log = process->log;

    for (i = 0; i < n; i++) {
        len = -1;

        if (drs_cmd_ok(cmds[i])) {
            len = redisFormatCommandArgv(&data, cmds[i]->argc, cmds[i]->argv,
                                         cmds[i]->argvlen);
        }

        if (len < 0) {
            ngx_http_drs_exec_free(exec);
            return NULL;
        }

        exec->wire[i].data = data;
        exec->wire[i].len = (size_t) len;
    }

    return exec;
}


static void
ngx_http_drs_exec_send(ngx_http_drs_exec_t *exec, ngx_http_drs_link_t *link)
{
    int                rc;
    ngx_uint_t         i;
    redisAsyncContext *ac;

    exec->link = link;
    link->in_flight++;
    ac = link->io->ac;

    if (link->in_flight == 1) {
        link->last_reply = ngx_current_msec;
    }

    for (i = 0; i < exec->n; i++) {
        rc = redisAsyncFormattedCommand(ac, ngx_http_drs_exec_reply, exec,
                                        exec->wire[i].data, exec->wire[i].len);
        if (rc != REDIS_OK) {
            /* being torn down: its callbacks come with NULL replies */
            exec->lost = 1;
            break;
        }

        exec->sent++;
    }

    ngx_http_drs_metrics_add(exec->process->metrics,
                             NGX_HTTP_DRS_M_REDIS_COMMANDS, exec->sent);
    ngx_http_drs_exec_free_wire(exec);

    if (exec->sent == 0) {
        /* nothing will call back: let the timer do it, in the next turn */
        ngx_add_timer(&exec->timer, 1);
    }
}


static void
ngx_http_drs_exec_reply(redisAsyncContext *ac, void *reply, void *data)
{
    ngx_http_drs_exec_t *exec;

    exec = data;

    if (reply == NULL) {
        exec->lost = 1;
        ngx_http_drs_link_lost(ac);

    } else {
        exec->link->last_reply = ngx_current_msec;

        if (exec->done != NULL && !exec->lost) {
            exec->replies[exec->got] = ngx_http_drs_exec_steal(reply);

            if (exec->replies[exec->got] == NULL) {
                exec->lost = 1;
            }
        }
    }

    exec->got++;

    if (exec->got == exec->sent) {
        ngx_http_drs_exec_finish(exec, exec->lost ? NGX_HTTP_DRS_EXEC_LOST
                                                  : NGX_HTTP_DRS_EXEC_OK);
    }
}


/*
 * hiredis frees a reply when the callback returns, and several replies are
 * wanted at once: moves the content into a reply of our own and leaves an
 * empty one behind.
 */
static redisReply *
ngx_http_drs_exec_steal(redisReply *reply)
{
    redisReply *own;

    own = ngx_http_drs_hi_malloc(sizeof(redisReply));
    if (own == NULL) {
        return NULL;
    }

    *own = *reply;

    ngx_memzero(reply, sizeof(redisReply));
    reply->type = REDIS_REPLY_NIL;

    return own;
}


static void
ngx_http_drs_exec_timeout(ngx_event_t *ev)
{
    ngx_http_drs_link_t    *link;
    ngx_http_drs_exec_t    *exec;
    ngx_http_drs_process_t *process;

    exec = ev->data;
    process = exec->process;
    link = exec->link;

    if (link == NULL || exec->sent == 0) {
        ngx_http_drs_exec_finish(exec, NGX_HTTP_DRS_EXEC_DOWN);
        return;
    }

    ngx_http_drs_metrics_add(process->metrics, NGX_HTTP_DRS_M_REDIS_TIMEOUTS,
                             1);

    if (link->state == NGX_HTTP_DRS_LINK_READY
        && ngx_current_msec - link->last_reply >= process->conf->timeout)
    {
        /* silent for the whole time: all of its calls end now, this too */
        ngx_http_drs_link_reset(link, "no answer in time");
        return;
    }

    ngx_http_drs_exec_finish(exec, NGX_HTTP_DRS_EXEC_TIMEOUT);
}


/*
 * Tells the owner, and frees the exec once hiredis has no callback for it any
 * more.
 */
static void
ngx_http_drs_exec_finish(ngx_http_drs_exec_t *exec, ngx_http_drs_exec_rc_t rc)
{
    void                *data;
    ngx_uint_t           last;
    ngx_http_drs_exec_pt done;

    if (exec->timer.timer_set) {
        ngx_del_timer(&exec->timer);
    }

    done = exec->done;
    data = exec->data;
    exec->done = NULL;

    last = exec->got == exec->sent;

    if (exec->link == NULL) {
        ngx_queue_remove(&exec->queue);
    }

    if (last) {
        ngx_http_drs_pool_count(exec->process, -1);

        if (exec->link != NULL) {
            exec->link->in_flight--;
        }
    }

    if (done != NULL && !exec->process->dead) {
        done(data, rc, rc == NGX_HTTP_DRS_EXEC_OK ? exec->replies : NULL,
             exec->n);
    }

    if (last) {
        ngx_http_drs_exec_free(exec);
    }
}


void
ngx_http_drs_exec_detach(ngx_http_drs_exec_t *exec)
{
    exec->done = NULL;
}


void
ngx_http_drs_exec_forget(ngx_http_drs_process_t *process, drs_cmd_t *cmd)
{
    ngx_http_drs_exec_rc_t rc;

    if (ngx_http_drs_exec(process, &cmd, 1, NULL, NULL, &rc) == NULL) {
        ngx_log_error(NGX_LOG_WARN, process->log, 0,
                      "drs: redis: a record was not written: %s",
                      ngx_http_drs_exec_text(rc));
    }

    drs_cmd_free(cmd);
}


static void
ngx_http_drs_exec_free(ngx_http_drs_exec_t *exec)
{
    ngx_uint_t i;

    for (i = 0; i < exec->n; i++) {
        if (exec->replies[i] != NULL) {
            freeReplyObject(exec->replies[i]);
        }
    }

    ngx_http_drs_exec_free_wire(exec);
    ngx_free(exec);
}


static void
ngx_http_drs_exec_free_wire(ngx_http_drs_exec_t *exec)
{
    ngx_uint_t i;

    for (i = 0; i < exec->n; i++) {
        if (exec->wire[i].data != NULL) {
            redisFreeCommand(exec->wire[i].data);
            exec->wire[i].data = NULL;
        }
    }
}


const char *
ngx_http_drs_exec_text(ngx_http_drs_exec_rc_t rc)
{
    switch (rc) {
    case NGX_HTTP_DRS_EXEC_OK:
        return "ok";
    case NGX_HTTP_DRS_EXEC_DOWN:
        return "redis is down";
    case NGX_HTTP_DRS_EXEC_LOST:
        return "the connection to redis was lost";
    case NGX_HTTP_DRS_EXEC_TIMEOUT:
        return "redis did not answer in time";
    case NGX_HTTP_DRS_EXEC_FULL:
        return "too many calls are waiting for redis";
    case NGX_HTTP_DRS_EXEC_MEMORY:
        return "no memory, or a command that cannot be built";
    }

    return "unknown";
}
