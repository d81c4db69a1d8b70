
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_redis.h"
#include "ngx_http_drs_metrics.h"


static void ngx_http_drs_link_open(ngx_http_drs_link_t *link);
static void
ngx_http_drs_link_connect(ngx_http_drs_link_t *link, ngx_http_drs_addr_t *addr);
static void ngx_http_drs_link_timer(ngx_event_t *ev);
static void
ngx_http_drs_link_on_connect(const redisAsyncContext *ac, int status);
static void
ngx_http_drs_link_on_disconnect(const redisAsyncContext *ac, int status);
static void ngx_http_drs_link_handshake(ngx_http_drs_link_t *link);
static void
ngx_http_drs_link_shake_reply(redisAsyncContext *ac, void *data, void *unused);
static void ngx_http_drs_link_sentinel_reply(redisAsyncContext *ac, void *data,
                                             void *unused);


ngx_http_drs_link_t *
ngx_http_drs_link_create(ngx_http_drs_process_t *process, const char *name)
{
    ngx_http_drs_link_t *link;

    link = ngx_calloc(sizeof(ngx_http_drs_link_t), process->log);
    if (link == NULL) {
        return NULL;
    }

    link->process = process;
    link->name = name;

    link->timer.handler = ngx_http_drs_link_timer;
    link->timer.data = link;
    link->timer.log = process->log;
    link->timer.cancelable = 1;

    return link;
}


void
ngx_http_drs_link_start(ngx_http_drs_link_t *link)
{
    ngx_http_drs_link_open(link);
}


ngx_http_drs_link_t *
ngx_http_drs_link_of(redisAsyncContext *ac)
{
    ngx_http_drs_io_t *io;

    io = ac->data;

    return io == NULL ? NULL : io->link;
}


static void
ngx_http_drs_link_open(ngx_http_drs_link_t *link)
{
    ngx_http_drs_addr_t      *addr;
    ngx_http_drs_main_conf_t *mcf;

    mcf = link->process->conf;

    if (mcf->n_sentinels == 0) {
        link->state = NGX_HTTP_DRS_LINK_CONNECTING;
        ngx_http_drs_link_connect(link, &mcf->redis);
        return;
    }

    addr = &mcf->sentinels[link->sentinel % mcf->n_sentinels];
    link->sentinel++;

    link->state = NGX_HTTP_DRS_LINK_RESOLVING;
    ngx_http_drs_link_connect(link, addr);
}


static void
ngx_http_drs_link_connect(ngx_http_drs_link_t *link, ngx_http_drs_addr_t *addr)
{
    redisAsyncContext *ac;

    ngx_add_timer(&link->timer, link->process->conf->connect_timeout);

    if (addr->path != NULL) {
        ac = redisAsyncConnectUnix(addr->path);

    } else {
        ac = redisAsyncConnect(addr->host, (int) addr->port);
    }

    if (ac == NULL) {
        ngx_http_drs_link_down(link, "no memory");
        return;
    }

    if (ac->err) {
        ngx_log_error(NGX_LOG_INFO, link->process->log, 0,
                      "drs: redis %s: connect to %V: %s", link->name,
                      &addr->name, ac->c.errstr);
        redisAsyncFree(ac);
        ngx_http_drs_link_down(link, "connect failed");
        return;
    }

    if (ngx_http_drs_io_attach(link, ac) != NGX_OK) {
        redisAsyncFree(ac);
        ngx_http_drs_link_down(link, "no connection slot");
        return;
    }

    redisAsyncSetDisconnectCallback(ac, ngx_http_drs_link_on_disconnect);

    /* asks for a write event; its first call reports the connect */
    redisAsyncSetConnectCallback(ac, ngx_http_drs_link_on_connect);
}


/*
 * The connection is gone or useless: lets go of the context, and tries again
 * after a pause that doubles with each failure, plus up to half of jitter.
 */
void
ngx_http_drs_link_down(ngx_http_drs_link_t *link, const char *why)
{
    ngx_uint_t level;
    ngx_msec_t pause;

    if (link->io != NULL) {
        link->io->link = NULL;
        link->io = NULL;
    }

    if (link->state == NGX_HTTP_DRS_LINK_READY) {
        ngx_http_drs_metrics_add(link->process->metrics,
                                 NGX_HTTP_DRS_M_REDIS_LOST, 1);
    }

    link->state = NGX_HTTP_DRS_LINK_BACKOFF;

    level = link->down_logged ? NGX_LOG_INFO : NGX_LOG_ERR;
    link->down_logged = 1;
    ngx_log_error(level, link->process->log, 0, "drs: redis %s is down: %s",
                  link->name, why);

    pause = NGX_HTTP_DRS_BACKOFF_MIN << ngx_min(link->attempts, 8);
    pause = ngx_min(pause, NGX_HTTP_DRS_BACKOFF_MAX);
    pause += (ngx_msec_t) ngx_random() % (pause / 2 + 1);
    link->attempts++;

    ngx_add_timer(&link->timer, pause);

    if (link->on_lost != NULL) {
        link->on_lost(link);
    }
}


void
ngx_http_drs_link_reset(ngx_http_drs_link_t *link, const char *why)
{
    redisAsyncContext *ac;

    ac = link->io == NULL ? NULL : link->io->ac;

    ngx_http_drs_link_down(link, why);

    if (ac != NULL) {
        /* NULL callbacks now, or after the callback we are in */
        redisAsyncFree(ac);
    }
}


void
ngx_http_drs_link_destroy(ngx_http_drs_link_t *link)
{
    redisAsyncContext *ac;

    link->state = NGX_HTTP_DRS_LINK_CLOSED;
    link->on_lost = NULL;
    link->on_ready = NULL;

    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    if (link->io != NULL) {
        ac = link->io->ac;
        link->io->link = NULL;
        link->io = NULL;
        redisAsyncFree(ac);
    }

    ngx_free(link);
}


void
ngx_http_drs_link_lost(redisAsyncContext *ac)
{
    ngx_http_drs_link_t *link;

    link = ngx_http_drs_link_of(ac);

    if (link != NULL) {
        ngx_http_drs_link_down(link, ac->c.err && ac->c.errstr[0]
                                         ? ac->c.errstr
                                         : "connection closed");
    }
}


static void
ngx_http_drs_link_timer(ngx_event_t *ev)
{
    ngx_http_drs_link_t *link;

    link = ev->data;

    switch (link->state) {
    case NGX_HTTP_DRS_LINK_BACKOFF:
        ngx_http_drs_link_open(link);
        return;

    case NGX_HTTP_DRS_LINK_RESOLVING:
    case NGX_HTTP_DRS_LINK_CONNECTING:
    case NGX_HTTP_DRS_LINK_HANDSHAKE:
        ngx_http_drs_link_reset(link, "connect timed out");
        return;

    default:
        return;
    }
}


/*
 * A failed connect is reported here, and hiredis frees the context itself
 * afterwards.
 */
static void
ngx_http_drs_link_on_connect(const redisAsyncContext *ac, int status)
{
    ngx_http_drs_io_t   *io;
    ngx_http_drs_link_t *link;

    io = ac->data;
    link = io->link;

    if (status != REDIS_OK) {
        if (link != NULL) {
            ngx_http_drs_link_down(link, ac->c.errstr);
        }
        return;
    }

    io->connected = 1;

    if (link != NULL) {
        ngx_http_drs_link_handshake(link);
    }
}


static void
ngx_http_drs_link_on_disconnect(const redisAsyncContext *ac, int status)
{
    ngx_http_drs_io_t *io;

    /* hiredis 0.14 comes here after the cleanup has freed io */

    io = ac->data;

    if (io != NULL && io->link != NULL) {
        ngx_http_drs_link_down(
            io->link, status == REDIS_OK ? "connection closed" : ac->c.errstr);
    }
}


static void
ngx_http_drs_link_handshake(ngx_http_drs_link_t *link)
{
    int                       rc;
    char                      db[NGX_INT_T_LEN + 1];
    size_t                    len[3];
    const char               *arg[3];
    ngx_uint_t                n;
    redisAsyncContext        *ac;
    ngx_http_drs_main_conf_t *mcf;

    mcf = link->process->conf;
    ac = link->io->ac;
    rc = REDIS_OK;

    if (link->state == NGX_HTTP_DRS_LINK_RESOLVING) {
        arg[0] = "SENTINEL";
        len[0] = 8;
        arg[1] = "get-master-addr-by-name";
        len[1] = ngx_strlen(arg[1]);
        arg[2] = (char *) mcf->sentinel_master.data;
        len[2] = mcf->sentinel_master.len;

        rc = redisAsyncCommandArgv(ac, ngx_http_drs_link_sentinel_reply, NULL,
                                   3, arg, len);
        if (rc != REDIS_OK) {
            ngx_http_drs_link_reset(link, "cannot ask the sentinel");
        }
        return;
    }

    link->state = NGX_HTTP_DRS_LINK_HANDSHAKE;
    link->expect = 0;

    if (mcf->redis_password.len) {
        n = 0;
        arg[n] = "AUTH";
        len[n++] = 4;
        if (mcf->redis_user.len) {
            arg[n] = (char *) mcf->redis_user.data;
            len[n++] = mcf->redis_user.len;
        }
        arg[n] = (char *) mcf->redis_password.data;
        len[n++] = mcf->redis_password.len;

        rc |= redisAsyncCommandArgv(ac, ngx_http_drs_link_shake_reply, NULL,
                                    (int) n, arg, len);
        link->expect++;
    }

    if (mcf->redis_db) {
        *ngx_sprintf((u_char *) db, "%ui", mcf->redis_db) = '\0';
        arg[0] = "SELECT";
        len[0] = 6;
        arg[1] = db;
        len[1] = ngx_strlen(db);

        rc |= redisAsyncCommandArgv(ac, ngx_http_drs_link_shake_reply, NULL, 2,
                                    arg, len);
        link->expect++;
    }

    /* a primary that was demoted must not be written to */
    arg[0] = mcf->n_sentinels ? "ROLE" : "PING";
    len[0] = 4;
    rc |= redisAsyncCommandArgv(ac, ngx_http_drs_link_shake_reply, NULL, 1, arg,
                                len);
    link->expect++;

    if (rc != REDIS_OK) {
        ngx_http_drs_link_reset(link, "cannot send the handshake");
    }
}


static void
ngx_http_drs_link_shake_reply(redisAsyncContext *ac, void *data, void *unused)
{
    ngx_uint_t           level;
    redisReply          *reply;
    ngx_http_drs_link_t *link;

    reply = data;
    link = ngx_http_drs_link_of(ac);

    if (reply == NULL) {
        ngx_http_drs_link_lost(ac);
        return;
    }

    if (link == NULL || link->state != NGX_HTTP_DRS_LINK_HANDSHAKE) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        /* the text of Redis, which never repeats a password */
        level = link->down_logged ? NGX_LOG_INFO : NGX_LOG_ERR;
        ngx_log_error(level, link->process->log, 0,
                      "drs: redis %s refused the handshake: %s", link->name,
                      reply->str);
        ngx_http_drs_link_reset(link, "handshake refused");
        return;
    }

    if (reply->type == REDIS_REPLY_ARRAY
        && (reply->elements == 0 || reply->element[0]->str == NULL
            || ngx_strcmp(reply->element[0]->str, "master") != 0))
    {
        ngx_http_drs_link_reset(link, "the server is no primary");
        return;
    }

    if (--link->expect) {
        return;
    }

    ngx_del_timer(&link->timer);

    link->state = NGX_HTTP_DRS_LINK_READY;
    link->attempts = 0;
    link->last_reply = ngx_current_msec;

    if (link->down_logged) {
        link->down_logged = 0;
        ngx_log_error(NGX_LOG_NOTICE, link->process->log, 0,
                      "drs: redis %s is up again", link->name);
    }

    if (link->on_ready != NULL) {
        link->on_ready(link);
    }
}


static void
ngx_http_drs_link_sentinel_reply(redisAsyncContext *ac, void *data,
                                 void *unused)
{
    char                *host;
    ngx_int_t            port;
    redisReply          *reply, **e;
    struct in6_addr      in;
    ngx_http_drs_link_t *link;

    reply = data;
    link = ngx_http_drs_link_of(ac);

    if (reply == NULL) {
        ngx_http_drs_link_lost(ac);
        return;
    }

    if (link == NULL || link->state != NGX_HTTP_DRS_LINK_RESOLVING) {
        return;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2
        || reply->element[0]->str == NULL || reply->element[1]->str == NULL)
    {
        ngx_http_drs_link_reset(link, "the sentinel knows no primary");
        return;
    }

    e = reply->element;
    host = e[0]->str;
    port = ngx_atoi((u_char *) e[1]->str, e[1]->len);

    /* only numeric addresses: a name would need a blocking look-up */
    if (port < 1 || port > 65535
        || (size_t) e[0]->len >= sizeof(link->primary_host)
        || (inet_pton(AF_INET, host, &in) != 1
            && inet_pton(AF_INET6, host, &in) != 1))
    {
        ngx_http_drs_link_reset(link, "the sentinel gave no address");
        return;
    }

    ngx_memcpy(link->primary_host, host, e[0]->len);
    link->primary_host[e[0]->len] = '\0';
    link->primary.host = link->primary_host;
    link->primary.port = (ngx_uint_t) port;
    link->primary.path = NULL;
    link->primary.name.data = (u_char *) link->primary_host;
    link->primary.name.len = (size_t) e[0]->len;

    link->io->link = NULL;
    link->io = NULL;
    redisAsyncFree(ac);

    link->state = NGX_HTTP_DRS_LINK_CONNECTING;
    ngx_http_drs_link_connect(link, &link->primary);
}
