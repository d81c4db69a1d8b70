
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The one subscription of a worker process: live events, answers of the worker
 * daemon, changed keys, revoked tokens.
 *
 * PING cannot be used on a subscribed connection of hiredis 0.14: a repeated
 * SUBSCRIBE of a channel that is subscribed already is answered, and shows
 * that the peer is alive.
 */

#include "ngx_http_drs_command.h"
#include "ngx_http_drs_keyring.h"
#include "ngx_http_drs_metrics.h"
#include "ngx_http_drs_stream.h"


#define NGX_HTTP_DRS_PUBSUB_CHECK    5000 /* ms */
#define NGX_HTTP_DRS_PUBSUB_CHANNELS 4


/* Order of the channels; the last one is the one that is checked. */
typedef enum {
    NGX_HTTP_DRS_CH_LIVE = 0,
    NGX_HTTP_DRS_CH_JWKS,
    NGX_HTTP_DRS_CH_REVOKED,
    NGX_HTTP_DRS_CH_REPLY
} ngx_http_drs_channel_t;

typedef struct {
    ngx_http_drs_process_t *process;
    ngx_http_drs_link_t    *link;
    char                   *channels[NGX_HTTP_DRS_PUBSUB_CHANNELS];
    ngx_event_t             timer;   /* cancelable */
    ngx_msec_t              heard;   /* last message or answer */
    ngx_uint_t              pending; /* channels not yet confirmed */
    unsigned                up : 1;
} ngx_http_drs_pubsub_t;


/* The link is the first thing that the process knows of a subscription. */
#define ngx_http_drs_pubsub(process)                                           \
    ((ngx_http_drs_pubsub_t *) (process)->pubsub_state)


static void ngx_http_drs_pubsub_on_ready(ngx_http_drs_link_t *link);
static void ngx_http_drs_pubsub_on_lost(ngx_http_drs_link_t *link);
static int
ngx_http_drs_pubsub_subscribe(ngx_http_drs_pubsub_t *ps, ngx_uint_t first);
static void
ngx_http_drs_pubsub_reply(redisAsyncContext *ac, void *data, void *unused);
static void ngx_http_drs_pubsub_confirmed(ngx_http_drs_pubsub_t *ps);
static void ngx_http_drs_pubsub_message(ngx_http_drs_pubsub_t *ps,
                                        drs_str_t channel, drs_str_t text);
static void ngx_http_drs_pubsub_timer(ngx_event_t *ev);


ngx_int_t
ngx_http_drs_pubsub_init(ngx_http_drs_process_t *process)
{
    ngx_uint_t             i;
    drs_str_t              id, prefix;
    ngx_http_drs_pubsub_t *ps;

    ps = ngx_calloc(sizeof(ngx_http_drs_pubsub_t), process->log);
    if (ps == NULL) {
        return NGX_ERROR;
    }

    process->pubsub_state = ps;
    ps->process = process;

    prefix = process->conf->prefix;
    id = drs_str(process->id);

    ps->channels[NGX_HTTP_DRS_CH_LIVE] =
        drs_key_make(prefix, DRS_KEY_LIVE, NULL, 0);
    ps->channels[NGX_HTTP_DRS_CH_JWKS] =
        drs_key_make(prefix, DRS_KEY_JWKS_CHANNEL, NULL, 0);
    ps->channels[NGX_HTTP_DRS_CH_REVOKED] =
        drs_key_make(prefix, DRS_KEY_REVOKED_CHANNEL, NULL, 0);
    ps->channels[NGX_HTTP_DRS_CH_REPLY] =
        drs_key_make(prefix, DRS_KEY_REPLY, &id, 1);

    for (i = 0; i < NGX_HTTP_DRS_PUBSUB_CHANNELS; i++) {
        if (ps->channels[i] == NULL) {
            return NGX_ERROR;
        }
    }

    ps->timer.handler = ngx_http_drs_pubsub_timer;
    ps->timer.data = ps;
    ps->timer.log = process->log;
    ps->timer.cancelable = 1;

    ps->link = ngx_http_drs_link_create(process, "subscription");
    if (ps->link == NULL) {
        return NGX_ERROR;
    }

    process->pubsub = ps->link;
    ps->link->on_ready = ngx_http_drs_pubsub_on_ready;
    ps->link->on_lost = ngx_http_drs_pubsub_on_lost;

    ngx_http_drs_link_start(ps->link);

    return NGX_OK;
}


void
ngx_http_drs_pubsub_exit(ngx_http_drs_process_t *process)
{
    ngx_uint_t             i;
    ngx_http_drs_pubsub_t *ps;

    ps = ngx_http_drs_pubsub(process);

    if (ps == NULL) {
        return;
    }

    if (ps->timer.timer_set) {
        ngx_del_timer(&ps->timer);
    }

    if (ps->link != NULL) {
        ngx_http_drs_link_destroy(ps->link);
    }

    for (i = 0; i < NGX_HTTP_DRS_PUBSUB_CHANNELS; i++) {
        free(ps->channels[i]);
    }

    ngx_free(ps);
    process->pubsub_state = NULL;
    process->pubsub = NULL;
}


ngx_uint_t
ngx_http_drs_pubsub_up(ngx_http_drs_process_t *process)
{
    return ngx_http_drs_pubsub(process)->up;
}


static void
ngx_http_drs_pubsub_on_ready(ngx_http_drs_link_t *link)
{
    ngx_http_drs_pubsub_t *ps;

    ps = ngx_http_drs_pubsub(link->process);

    ps->pending = NGX_HTTP_DRS_PUBSUB_CHANNELS;
    ps->heard = ngx_current_msec;

    if (ngx_http_drs_pubsub_subscribe(ps, 0) != REDIS_OK) {
        ngx_http_drs_link_reset(link, "cannot subscribe");
        return;
    }

    ngx_add_timer(&ps->timer, NGX_HTTP_DRS_PUBSUB_CHECK);
}


static void
ngx_http_drs_pubsub_on_lost(ngx_http_drs_link_t *link)
{
    ngx_http_drs_pubsub_t *ps;

    ps = ngx_http_drs_pubsub(link->process);

    if (ps->timer.timer_set) {
        ngx_del_timer(&ps->timer);
    }

    if (ps->up) {
        ps->up = 0;
        ngx_http_drs_hub_lost(link->process);
    }
}


static int
ngx_http_drs_pubsub_subscribe(ngx_http_drs_pubsub_t *ps, ngx_uint_t first)
{
    size_t      len[NGX_HTTP_DRS_PUBSUB_CHANNELS + 1];
    const char *arg[NGX_HTTP_DRS_PUBSUB_CHANNELS + 1];
    ngx_uint_t  i, n;

    n = 0;
    arg[n] = "SUBSCRIBE";
    len[n++] = sizeof("SUBSCRIBE") - 1;

    for (i = first; i < NGX_HTTP_DRS_PUBSUB_CHANNELS; i++) {
        arg[n] = ps->channels[i];
        len[n++] = ngx_strlen(ps->channels[i]);
    }

    return redisAsyncCommandArgv(ps->link->io->ac, ngx_http_drs_pubsub_reply,
                                 NULL, (int) n, arg, len);
}


static void
ngx_http_drs_pubsub_reply(redisAsyncContext *ac, void *data, void *unused)
{
    drs_str_t              kind;
    redisReply            *reply;
    ngx_http_drs_link_t   *link;
    ngx_http_drs_pubsub_t *ps;

    reply = data;
    link = ngx_http_drs_link_of(ac);

    if (reply == NULL) {
        ngx_http_drs_link_lost(ac);
        return;
    }

    if (link == NULL) {
        return;
    }

    ps = ngx_http_drs_pubsub(link->process);
    ps->heard = ngx_current_msec;

    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_log_error(NGX_LOG_ERR, link->process->log, 0,
                      "drs: redis refused to subscribe: %s", reply->str);
        ngx_http_drs_link_reset(link, "cannot subscribe");
        return;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3) {
        return;
    }

    kind = ngx_http_drs_reply_str(reply->element[0]);

    if (drs_str_eqz(kind, "subscribe")) {
        ngx_http_drs_pubsub_confirmed(ps);

    } else if (drs_str_eqz(kind, "message")) {
        ngx_http_drs_pubsub_message(ps,
                                    ngx_http_drs_reply_str(reply->element[1]),
                                    ngx_http_drs_reply_str(reply->element[2]));
    }
}


/* All channels are subscribed: from now on nothing is missed. */
static void
ngx_http_drs_pubsub_confirmed(ngx_http_drs_pubsub_t *ps)
{
    ngx_http_drs_process_t *process;

    if (ps->pending == 0 || --ps->pending) {
        return;
    }

    ps->up = 1;
    process = ps->process;

    ngx_http_drs_keyring_subscribed(process);
    ngx_http_drs_command_poll(process);
    ngx_http_drs_hub_subscribed(process);
}


static void
ngx_http_drs_pubsub_message(ngx_http_drs_pubsub_t *ps, drs_str_t channel,
                            drs_str_t text)
{
    drs_str_t               id;
    ngx_http_drs_process_t *process;

    process = ps->process;

    if (drs_str_eqz(channel, ps->channels[NGX_HTTP_DRS_CH_LIVE])) {
        ngx_http_drs_hub_message(process, text);

    } else if (drs_str_eqz(channel, ps->channels[NGX_HTTP_DRS_CH_REPLY])) {
        if (drs_str_split(&text, ' ', &id)) {
            ngx_http_drs_command_announced(process, id, text);
        }

    } else if (drs_str_eqz(channel, ps->channels[NGX_HTTP_DRS_CH_JWKS])) {
        ngx_http_drs_keyring_changed(process);

    } else if (drs_str_eqz(channel, ps->channels[NGX_HTTP_DRS_CH_REVOKED])) {
        ngx_http_drs_keyring_revoked(process, text);
        ngx_http_drs_hub_revoked(process, text);
    }
}


static void
ngx_http_drs_pubsub_timer(ngx_event_t *ev)
{
    ngx_http_drs_pubsub_t *ps;

    ps = ev->data;

    if (ps->link->state != NGX_HTTP_DRS_LINK_READY) {
        return;
    }

    if (ngx_current_msec - ps->heard > 2 * NGX_HTTP_DRS_PUBSUB_CHECK) {
        ngx_http_drs_link_reset(ps->link, "silent");
        return;
    }

    if (ngx_http_drs_pubsub_subscribe(ps, NGX_HTTP_DRS_CH_REPLY) != REDIS_OK) {
        ngx_http_drs_link_reset(ps->link, "cannot subscribe");
        return;
    }

    ngx_add_timer(&ps->timer, NGX_HTTP_DRS_PUBSUB_CHECK);
}
