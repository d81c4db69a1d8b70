
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task `notify`: hands entries of the outbox to the channels that want them.
 * Task `notify:<channel>`: sends what is due, one after the other for each
 * execution, so that its order is kept; a failure holds back its execution
 * only.  An entry leaves the outbox in the call that puts it into the queues,
 * and a queue in the call after its delivery: a crash between two lines sends
 * a second copy with the same id, never none.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_notify.h"
#include "drsw_tasks.h"


#define DRSW_NOTIFY_BATCH  50    /* entries of one look */
#define DRSW_NOTIFY_HEADS  16    /* queues of one look */
#define DRSW_NOTIFY_STEP   15000 /* ms of one step */
#define DRSW_NOTIFY_FAILED 3     /* failures in a row that end a step */


/* -- notify: the outbox to the channels --------------------------------------- */

typedef struct {
    drsw_ctx_t        *ctx;
    json_t            *settings;
    json_t            *hooks; /* webhookId -> document */
    drs_lease_t        lease;
    drs_outbox_route_t routes[512];
    size_t             n;
    char              *keep[1024]; /* texts of the routes */
    size_t             nkeep;
    int                failed;
} drsw_router_t;


static int
drsw_load_hooks(drsw_ctx_t *ctx, json_t **hooks)
{
    int          rc;
    size_t       i;
    json_t      *ids;
    drs_cmd_t   *cmd;
    drs_str_t    m;
    const char  *p;
    drsw_reply_t reply;

    cmd =
        drs_key_cmd0("ZRANGE", drsw_redis_prefix(ctx->redis), DRS_KEY_HOOK_IDS);
    (void) drs_cmd_addz(cmd, "0");
    (void) drs_cmd_addz(cmd, "-1");
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    ids = json_array();

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        m = reply.r.v[i];
        p = m.len > 0 ? memchr(m.data, '\0', m.len) : NULL;

        if (p != NULL) {
            (void) json_array_append_new(
                ids, drs_json_new_str(
                         drs_strn(p + 1, m.len - (size_t) (p - m.data) - 1)));
        }
    }

    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        rc = drsw_load_docs(ctx, DRS_KEY_HOOK, ids, hooks);
    }

    json_decref(ids);
    return rc;
}


/* Takes text over. */
static drs_str_t
drsw_router_keep(drsw_router_t *r, char *text)
{
    if (text == NULL || r->nkeep == sizeof(r->keep) / sizeof(r->keep[0])) {
        free(text);
        r->failed = 1;
        return drs_str("");
    }

    r->keep[r->nkeep++] = text;
    return drs_str(text);
}


static void
drsw_router_add(drsw_router_t *r, const drs_outbox_entry_t *e,
                const char *channel, const json_t *entry, int hook)
{
    char                delivery[DRS_UUID_SIZE];
    drs_buf_t           body;
    drs_outbox_route_t *route;

    if (r->n == sizeof(r->routes) / sizeof(r->routes[0])
        || drs_notify_delivery(delivery, e->key, drs_str(channel)) != DRS_OK)
    {
        r->failed = 1;
        return;
    }

    route = &r->routes[r->n++];
    route->channel = drsw_router_keep(r, drs_str_dup(drs_str(channel)));
    route->delivery = drsw_router_keep(r, drs_str_dup(drs_str(delivery)));

    if (!hook) {
        route->body = e->json;
        return;
    }

    drs_buf_init(&body, 0);

    if (drs_notify_body(&body, entry, drs_str(delivery)) != DRS_OK) {
        drs_buf_free(&body);
        r->failed = 1;
        return;
    }

    route->body = drsw_router_keep(r, drs_buf_steal(&body, NULL));
}


/* Which channels want the entry. */
static void
drsw_router_choose(drsw_router_t *r, const drs_outbox_entry_t *e,
                   const json_t *entry)
{
    char                      channel[80];
    json_t                   *hook;
    drs_str_t                 plan;
    const char               *id;
    const drs_notify_event_t *ev;

    plan = drs_json_field(entry, "planId");
    ev = drs_notify_event(e->type);

    if (ev != NULL && drs_notify_wanted(r->settings, e->type)
        && drs_json_field(r->settings,
                          ev->alert ? "alertsTopicArn" : "executionTopicArn")
                   .len
               > 0)
    {
        drsw_router_add(r, e,
                        ev->alert ? DRSW_CHANNEL_ALERTS : DRSW_CHANNEL_EXEC,
                        entry, 0);
    }

    json_object_foreach (r->hooks, id, hook) {
        if (drs_webhook_wants(hook, e->type, plan)) {
            (void) snprintf(channel, sizeof(channel), DRSW_CHANNEL_HOOK "%s",
                            id);
            drsw_router_add(r, e, channel, entry, 1);
        }
    }
}


static int
drsw_router_entry(drsw_router_t *r, const drs_outbox_entry_t *e)
{
    int     rc;
    json_t *entry;

    r->n = 0;
    r->failed = 0;
    entry = drs_json_parse(e->json, &drs_json_store_limits, NULL);

    if (entry == NULL) {
        drsw_error(r->ctx->log, "notification %.*s is not JSON and is dropped",
                   DRS_STR_ARG(e->key));

    } else {
        drsw_router_choose(r, e, entry);
    }

    rc = DRS_ERROR;

    if (!r->failed) {
        rc = drsw_store_do(
            r->ctx, drs_store_outbox_route(drsw_redis_prefix(r->ctx->redis),
                                           &r->lease, e->id, r->routes, r->n));
    }

    json_decref(entry);

    while (r->nkeep > 0) {
        free(r->keep[--r->nkeep]);
    }

    return rc;
}


static int
drsw_router_batch(drsw_router_t *r, size_t *n)
{
    int                rc, more;
    size_t             pos;
    drs_answer_t       a;
    drsw_reply_t       reply;
    drs_outbox_entry_t e;

    *n = 0;
    pos = 0;
    rc = drsw_store_call(r->ctx,
                         drs_store_outbox_take(drsw_redis_prefix(r->ctx->redis),
                                               DRSW_NOTIFY_BATCH),
                         &reply, &a);

    while (rc == DRS_OK) {
        more = drs_store_outbox_entry(&a, &pos, &e);

        if (more == DRS_DECLINED) {
            break;
        }

        rc = more == DRS_OK ? drsw_router_entry(r, &e) : DRS_ERROR;
        (*n)++;
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_step_notify(drsw_ctx_t *ctx, int64_t *next_at)
{
    int            rc;
    size_t         n;
    drsw_router_t *r;

    r = calloc(1, sizeof(*r));

    if (r == NULL) {
        return DRS_ERROR;
    }

    r->ctx = ctx;
    r->lease.owner = drs_str(ctx->owner);
    r->lease.fence = ctx->fence;
    rc = drsw_notify_settings(ctx, &r->settings);

    if (rc == DRS_OK) {
        rc = drsw_load_hooks(ctx, &r->hooks);
    }

    if (rc == DRS_OK) {
        rc = drsw_router_batch(r, &n);

        if (rc == DRS_OK && n == DRSW_NOTIFY_BATCH) {
            *next_at = DRSW_NOW;
        }
    }

    json_decref(r->settings);
    json_decref(r->hooks);
    free(r);

    return rc;
}


/* -- notify:<channel>: deliveries ----------------------------------------------- */

static int
drsw_channel_load(drsw_channel_t *c)
{
    int rc;

    json_decref(c->settings);
    json_decref(c->hook);
    c->settings = c->hook = NULL;

    if (!drs_str_starts(c->channel, DRSW_CHANNEL_HOOK)) {
        return drsw_notify_settings(c->ctx, &c->settings);
    }

    rc = drsw_load_doc(c->ctx, DRS_KEY_HOOK,
                       drs_strn(c->channel.data + sizeof(DRSW_CHANNEL_HOOK) - 1,
                                c->channel.len - sizeof(DRSW_CHANNEL_HOOK) + 1),
                       &c->hook);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


static void
drsw_channel_count(drsw_channel_t *c, const drs_outbox_item_t *item,
                   const drsw_delivered_t *d)
{
    int         hook;
    const char *labels;

    hook = drs_str_starts(c->channel, DRSW_CHANNEL_HOOK);
    labels = hook ? "channel=\"webhook\"" : "channel=\"sns\"";

    switch (d->outcome) {
    case DRS_OUTBOX_OK:
        drsw_count(c->ctx, "notify_delivered_total", labels, 1);
        return;

    case DRS_OUTBOX_RETRY:
        drsw_count(c->ctx, "notify_failed_total", labels, 1);
        break;

    case DRS_OUTBOX_DEAD:
        drsw_count(c->ctx, "notify_given_up_total", labels, 1);
        break;

    default:
        return;
    }

    drsw_warn(c->ctx->log, "notification %.*s (%.*s) for %.*s %s: %s",
              DRS_STR_ARG(item->delivery), DRS_STR_ARG(item->type),
              DRS_STR_ARG(c->channel),
              d->outcome == DRS_OUTBOX_DEAD ? "is given up"
                                            : "was not delivered",
              d->error);
}


/* DRS_OK, DRS_DECLINED (lease lost) or DRS_ERROR; *failed: weight of a try in
 * vain. */
static int
drsw_channel_item(drsw_channel_t *c, const drs_lease_t *lease,
                  const drs_outbox_item_t *item, int *failed)
{
    int              rc;
    int64_t          now, next;
    drsw_delivered_t d;

    if (drs_str_starts(c->channel, DRSW_CHANNEL_HOOK)) {
        drsw_deliver_hook(c, item, &d);

    } else {
        drsw_deliver_sns(c, item, &d);
    }

    now = drsw_now_ms(c->ctx);
    next = now
           + drs_notify_backoff(item->attempts, c->ctx->conf->notify_retry_ms,
                                c->ctx->conf->notify_retry_max_ms);

    if (d.outcome == DRS_OUTBOX_RETRY
        && now - item->at > c->ctx->conf->notify_keep_ms)
    {
        d.outcome = DRS_OUTBOX_DEAD;
    }

    drsw_channel_count(c, item, &d);
    *failed = d.outcome != DRS_OUTBOX_RETRY ? 0
              : d.unreachable               ? DRSW_NOTIFY_FAILED
                                            : 1;
    rc = drsw_store_do(c->ctx, drs_store_outbox_done(
                                   drsw_redis_prefix(c->ctx->redis), c->channel,
                                   lease, item->delivery, d.outcome, next,
                                   drs_str(d.error), drs_str(d.last)));
    free(d.last);

    return rc;
}


/* One look at the heads of the queues.  *sent: how many were tried. */
static int
drsw_channel_heads(drsw_channel_t *c, const drs_lease_t *lease, size_t *sent,
                   int *failures, int64_t *first_at)
{
    int               rc, more, failed;
    size_t            pos;
    drs_answer_t      a;
    drsw_reply_t      reply;
    drs_outbox_item_t item;

    *sent = 0;
    failed = 0;
    pos = 1;
    rc = drsw_store_call(c->ctx,
                         drs_store_outbox_next(drsw_redis_prefix(c->ctx->redis),
                                               c->channel, DRSW_NOTIFY_HEADS),
                         &reply, &a);

    if (rc == DRS_OK) {
        rc = drs_store_outbox_first(&a, first_at);
    }

    while (rc == DRS_OK && *failures < DRSW_NOTIFY_FAILED
           && !drsw_stopping(c->ctx)) {
        more = drs_store_outbox_item(&a, &pos, &item);

        if (more == DRS_DECLINED) {
            break;
        }

        if (more == DRS_OK && !drsw_lease_hold(c->ctx, 1)) {
            rc = DRS_DECLINED;
            break;
        }

        rc = more == DRS_OK ? drsw_channel_item(c, lease, &item, &failed)
                            : DRS_ERROR;
        *failures = failed ? *failures + failed : 0;
        (*sent)++;
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_step_notify_channel(drsw_ctx_t *ctx, int64_t *next_at)
{
    int            rc, failures;
    size_t         sent;
    int64_t        first, begin;
    drs_lease_t    lease;
    drsw_channel_t c;

    memset(&c, 0, sizeof(c));
    c.ctx = ctx;
    c.channel = drs_str(strchr(ctx->name, ':') + 1);
    lease.owner = drs_str(ctx->owner);
    lease.fence = ctx->fence;
    failures = 0;
    sent = 0;
    first = -1;
    begin = drsw_mono_ms();

    do {
        rc = drsw_channel_load(&c);

        if (rc == DRS_OK) {
            rc = drsw_channel_heads(&c, &lease, &sent, &failures, &first);
        }

    } while (rc == DRS_OK && sent > 0 && failures < DRSW_NOTIFY_FAILED
             && drsw_mono_ms() - begin < DRSW_NOTIFY_STEP
             && !drsw_stopping(ctx));

    json_decref(c.settings);
    json_decref(c.hook);

    if (rc != DRS_OK) {
        return rc;
    }

    if (failures >= DRSW_NOTIFY_FAILED) {
        /* the channel itself is out of order: nothing is tried for a while */
        *next_at = drsw_now_ms(ctx) + ctx->conf->notify_retry_ms;

    } else if (sent > 0) {
        *next_at = DRSW_NOW;

    } else {
        *next_at = first >= 0 ? first : DRSW_NEVER;
    }

    return DRS_OK;
}
