
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One notification on its way out: to SNS (and by it into mails), or to a
 * webhook.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_sha256.h"
#include "drs_time.h"

#include "drsw_hook.h"
#include "drsw_notify.h"


#define DRSW_SNS_TIMEOUT 20000 /* ms of one delivery */


static int
drsw_note_put(drsw_ctx_t *ctx, const char *key, const drs_notify_head_t *h,
              json_t *data, int notice)
{
    int     rc;
    char   *text, *event;
    json_t *entry, *n;

    entry = drs_notify_entry(h, data);
    n = entry != NULL && notice ? drs_notify_notice(entry) : NULL;
    text = entry != NULL ? drs_json_text(entry, NULL) : NULL;
    event = n != NULL ? drs_json_text(n, NULL) : NULL;
    json_decref(entry);
    json_decref(n);

    rc = DRS_ERROR;

    if (text != NULL) {
        rc = drsw_store_do(
            ctx,
            drs_store_outbox_put(drsw_redis_prefix(ctx->redis), drs_str(key),
                                 h->account.len > 0 ? h->account : drs_str("-"),
                                 h->event, drs_str(text), drs_str(event)));
    }

    free(text);
    free(event);

    return rc == DRS_DECLINED ? DRS_ERROR : rc;
}


int
drsw_note_as(drsw_ctx_t *ctx, const char *key, const drs_notify_head_t *h,
             json_t *data)
{
    return drsw_note_put(ctx, key, h, data, 0);
}


int
drsw_note(drsw_ctx_t *ctx, const char *event, const char *key,
          drs_str_t account, drs_str_t region, json_t *data)
{
    drs_notify_head_t h;

    memset(&h, 0, sizeof(h));
    h.event = drs_str(event);
    h.at_ms = drsw_now_ms(ctx);
    h.account = account;
    h.region = region;

    return drsw_note_put(ctx, key, &h, data, 1);
}


int
drsw_notify_settings(drsw_ctx_t *ctx, json_t **settings)
{
    int rc;

    rc = drsw_load_doc(ctx, DRS_KEY_SETTINGS, drs_str("notify"), settings);

    if (rc == DRS_DECLINED) {
        *settings = json_object();
        rc = *settings != NULL ? DRS_OK : DRS_ERROR;
    }

    return rc;
}


void
drsw_topic_ctx(drs_str_t arn, char *region, drsw_aws_ctx_t *aws)
{
    drs_str_t r;

    memset(aws, 0, sizeof(*aws));
    region[0] = '\0';

    if (drs_id_topic_arn(arn, &r, NULL)) {
        (void) snprintf(region, 32, "%.*s", DRS_STR_ARG(r));
    }

    aws->region = region;
    aws->timeout_ms = DRSW_SNS_TIMEOUT;
}


static void DRS_PRINTF(3, 4)
    drsw_undelivered(drsw_delivered_t *d, drs_outbox_outcome_t outcome,
                     const char *fmt, ...)
{
    va_list ap;

    d->outcome = outcome;
    va_start(ap, fmt);
    (void) vsnprintf(d->error, sizeof(d->error), fmt, ap);
    va_end(ap);
}


/* -- links of a pause ------------------------------------------------------- */

typedef struct {
    char               console[2304];
    char               resume[2560];
    char               cancel[2560];
    char               delivery[DRS_UUID_SIZE];
    drs_notify_links_t links;
} drsw_links_t;


/*
 * A new token whose hash is stored.  It is made for each try: tokens that were
 * sent twice belong to the same pause and end with it.
 */
static int
drsw_link_make(drsw_channel_t *c, const char *base, drs_str_t exec,
               int64_t epoch, const char *action, char *dst, size_t size)
{
    int           rc;
    char          token[64], hash[DRS_SHA256_HEX_LEN + 1];
    size_t        len;
    unsigned char rnd[32];

    if (drsw_random(rnd, sizeof(rnd)) != DRS_OK) {
        return DRS_ERROR;
    }

    len = drs_base64url_encode(token, rnd, sizeof(rnd));
    rc = drs_sha256_hex(hash, token, len);

    if (rc == DRS_OK) {
        rc = drsw_store_do(
            c->ctx, drs_store_link_put(drsw_redis_prefix(c->ctx->redis),
                                       drs_str(hash), exec, epoch, action));
    }

    if (rc == DRS_OK) {
        (void) snprintf(
            dst, size, "%s%s/execution-callback?action=%s&taskToken=%.*s", base,
            c->ctx->conf->public_api_path, action, (int) len, token);
    }

    drs_memzero(rnd, sizeof(rnd));
    drs_memzero(token, sizeof(token));
    return rc;
}


/*
 * Addresses for a mail.  Links to resume and cancel only while the pause that
 * is told about lasts.  DRS_ERROR: try later.
 */
static int
drsw_links(drsw_channel_t *c, const json_t *entry, drs_str_t delivery,
           drsw_links_t *l)
{
    int       rc;
    char      base[2049];
    int64_t   epoch;
    drs_str_t s, exec, event;

    memset(l, 0, sizeof(*l));
    (void) snprintf(l->delivery, sizeof(l->delivery), "%.*s",
                    DRS_STR_ARG(delivery));
    l->links.delivery = l->delivery;

    s = drs_json_field(c->settings, "publicBaseUrl");
    exec = drs_json_field(entry, "executionId");
    event = drs_json_field(entry, "eventType");

    if (s.len == 0 || s.len >= sizeof(base) || exec.len == 0) {
        return DRS_OK;
    }

    (void) snprintf(base, sizeof(base), "%.*s", DRS_STR_ARG(s));
    (void) snprintf(l->console, sizeof(l->console), "%s/executions/%.*s", base,
                    DRS_STR_ARG(exec));
    l->links.console = l->console;
    epoch = drs_json_int(entry, "pauseEpoch", 0);

    if (epoch == 0
        || (!drs_str_eqz(event, "pause")
            && !drs_str_eqz(event, "pause_reminder")))
    {
        return DRS_OK;
    }

    rc = drsw_link_make(c, base, exec, epoch, "resume", l->resume,
                        sizeof(l->resume));

    if (rc == DRS_OK) {
        rc = drsw_link_make(c, base, exec, epoch, "cancel", l->cancel,
                            sizeof(l->cancel));
    }

    if (rc == DRS_OK) {
        l->links.resume = l->resume;
        l->links.cancel = l->cancel;
    }

    /* refused: the pause is over, a mail without links tells of it */

    return rc == DRS_ERROR ? DRS_ERROR : DRS_OK;
}


/* -- SNS ---------------------------------------------------------------------- */

static void
drsw_sns_failed(drsw_delivered_t *d, const drsw_aws_result_t *res)
{
    /* a message that SNS does not take will not be taken later either */

    drsw_undelivered(d,
                     res->class == DRSW_AWS_VALIDATION ? DRS_OUTBOX_DEAD
                                                       : DRS_OUTBOX_RETRY,
                     "SNS: %s %.160s", res->code, res->message);
    d->unreachable = res->sent != DRSW_AWS_ANSWERED;
}


static void
drsw_sns_send(drsw_channel_t *c, const json_t *entry, drs_str_t topic,
              const drsw_links_t *l, const drs_outbox_item_t *item,
              drsw_delivered_t *d)
{
    char              region[32], arn[512];
    char              subject[DRS_NOTIFY_SUBJECT_MAX + 1];
    json_t           *attributes;
    drs_buf_t         b;
    drs_str_t         plan;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;

    drs_buf_init(&b, 0);

    if (drs_notify_subject(subject, entry) != DRS_OK
        || drs_notify_sns(&b, entry, &l->links) != DRS_OK)
    {
        drsw_undelivered(d, DRS_OUTBOX_DEAD, "the message is too long for SNS");
        drs_buf_free_secret(&b);
        return;
    }

    plan = drs_json_field(entry, "planId");
    attributes = json_object();
    (void) drs_json_set_str(attributes, "eventType", item->type);
    (void) drs_json_set_str(attributes, "recoveryPlanId",
                            plan.len > 0 ? plan : drs_str("none"));
    (void) drs_json_set_str(attributes, "deliveryId", item->delivery);

    (void) snprintf(arn, sizeof(arn), "%.*s", DRS_STR_ARG(topic));
    drsw_topic_ctx(topic, region, &aws);

    if (drsw_sns_publish(c->ctx->aws, &aws, arn, subject, b.data, "json",
                         attributes, NULL, 0, &res)
        != DRSW_AWS_OK)
    {
        drsw_sns_failed(d, &res);
    }

    json_decref(attributes);
    drs_buf_free_secret(&b);
}


void
drsw_deliver_sns(drsw_channel_t *c, const drs_outbox_item_t *item,
                 drsw_delivered_t *d)
{
    json_t      *entry;
    drs_str_t    topic;
    drsw_links_t links;

    memset(d, 0, sizeof(*d));
    topic =
        drs_json_field(c->settings, drs_str_eqz(c->channel, DRSW_CHANNEL_ALERTS)
                                        ? "alertsTopicArn"
                                        : "executionTopicArn");

    if (topic.len == 0) {
        drsw_undelivered(d, DRS_OUTBOX_DROP, "there is no topic any more");
        return;
    }

    entry = drs_json_parse(item->body, &drs_json_store_limits, NULL);

    if (entry == NULL) {
        drsw_undelivered(d, DRS_OUTBOX_DEAD, "the entry is not JSON");
        return;
    }

    if (drsw_links(c, entry, item->delivery, &links) != DRS_OK) {
        drsw_undelivered(d, DRS_OUTBOX_RETRY, "the store did not answer");

    } else {
        drsw_sns_send(c, entry, topic, &links, item, d);
    }

    drs_memzero(&links, sizeof(links));
    json_decref(entry);
}


/* -- webhooks ------------------------------------------------------------------- */

static char *
drsw_hook_last(drsw_channel_t *c, const drs_outbox_item_t *item,
               const drsw_delivered_t *d, int status)
{
    char    iso[DRS_TIME_ISO_SIZE], *text;
    json_t *v;

    static const char *const names[] = { "DELIVERED", "RETRYING", "FAILED",
                                         "FAILED" };

    (void) drs_time_iso_ms(iso, drsw_now_ms(c->ctx));
    v = json_pack("{s:s, s:s, s:I}", "time", iso, "status", names[d->outcome],
                  "attempts", (json_int_t) item->attempts + 1);

    if (status != 0) {
        (void) drs_json_set_int(v, "httpStatus", status);
    }

    if (d->error[0] != '\0') {
        (void) drs_json_set_str(v, "error", drs_str(d->error));
    }

    text = drs_json_text(v, NULL);
    json_decref(v);
    return text;
}


static int
drsw_hook_call(drsw_channel_t *c, const drs_outbox_item_t *item,
               const char *url, drs_str_t secret, drsw_delivered_t *d)
{
    char               event[64], delivery[DRS_UUID_SIZE];
    char               signature[DRS_NOTIFY_SIGNATURE_SIZE];
    drsw_hook_call_t   call;
    drsw_hook_result_t r;

    (void) snprintf(event, sizeof(event), "%.*s", DRS_STR_ARG(item->type));
    (void) snprintf(delivery, sizeof(delivery), "%.*s",
                    DRS_STR_ARG(item->delivery));

    if (drs_notify_sign(signature, secret, drsw_wall_ms() / 1000, item->body)
        != DRS_OK)
    {
        drsw_undelivered(d, DRS_OUTBOX_RETRY, "the body could not be signed");
        return 0;
    }

    memset(&call, 0, sizeof(call));
    call.url = url;
    call.event = event;
    call.delivery = delivery;
    call.signature = signature;
    call.body = item->body;

    if (drsw_hook_post(c->ctx->conf, &call, &r) != DRS_OK) {
        drsw_undelivered(d, DRS_OUTBOX_RETRY, "%s", r.error);
        d->unreachable = r.status == 0;
    }

    return r.status;
}


void
drsw_deliver_hook(drsw_channel_t *c, const drs_outbox_item_t *item,
                  drsw_delivered_t *d)
{
    int         status;
    char       *secret, *url, context[64];
    size_t      len;
    drs_str_t   id, address;
    const char *why;

    memset(d, 0, sizeof(*d));
    status = 0;

    if (c->hook == NULL
        || (!json_is_true(json_object_get(c->hook, "enabled"))
            && !drs_str_eqz(item->type, DRS_NOTIFY_TEST)))
    {
        drsw_undelivered(d, DRS_OUTBOX_DROP,
                         "the webhook is switched off or deleted");
        return;
    }

    id = drs_json_field(c->hook, "webhookId");
    address = drs_json_field(c->hook, "url");
    (void) snprintf(context, sizeof(context), "hook:%.*s", DRS_STR_ARG(id));

    if (drs_notify_url_allowed(address, drs_str(c->ctx->conf->webhook_hosts),
                               (int) c->ctx->conf->webhook_private, &why)
        != DRS_OK)
    {
        drsw_undelivered(d, DRS_OUTBOX_RETRY, "the url is not allowed: %s",
                         why);

    } else if (drsw_secret_open(c->ctx, drs_json_field(c->hook, "secret"),
                                drs_str(context), &secret, &len)
               != DRS_OK)
    {
        drsw_undelivered(d, DRS_OUTBOX_RETRY,
                         "the secret was sealed for another worker's key");

    } else {
        url = drs_str_dup(address);

        if (url != NULL) {
            status = drsw_hook_call(c, item, url, drs_strn(secret, len), d);

        } else {
            drsw_undelivered(d, DRS_OUTBOX_RETRY, "out of memory");
        }

        free(url);
        drs_memzero(secret, len);
        free(secret);
    }

    d->last = drsw_hook_last(c, item, d, status);
}
