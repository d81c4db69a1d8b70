
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_notify.h"
#include "drs_sha256.h"
#include "drs_time.h"
#include "drs_utf8.h"


static const drs_notify_event_t drs_notify_table[] = {
    { "start", "info", "the first launch has begun", 0 },
    { "complete", "info", "every wave is complete", 0 },
    { "fail", "error", "the run has failed", 0 },
    { "pause", "warning", "the run is paused and waits for a decision", 0 },
    { "partial", "warning", "the run ended with a part of its servers", 0 },
    { "timeout", "error", "the run has exceeded its time", 0 },
    { "cancelled", "warning", "the run was cancelled", 0 },
    { "resumed", "info", "the run goes on", 0 },
    { "wave_completed", "info", "a wave is complete", 0 },
    { "wave_failed", "error", "a wave has failed", 0 },
    { "unit_held", "error", "a launch unit waits for an operator", 0 },
    { "pause_reminder", "warning", "the run is still paused", 0 },
    { "deadline_near", "warning", "a wave is near its deadline", 0 },
    { "terminate_started", "info", "recovery instances are terminated", 0 },
    { "terminate_finished", "info", "the recovery instances are gone", 0 },
    { "terminate_failed", "error", "recovery instances could not be terminated",
      0 },
    { "schedule_skipped", "warning", "a scheduled drill was not started", 0 },
    { "launch_config_failed", "warning", "launch settings could not be applied",
      1 },
    { "tag_sync_partial", "warning",
      "tags of some servers could not be synchronised", 1 },
    { "account_unreachable", "warning", "an account cannot be reached", 1 },
    { "capacity_threshold", "warning", "capacity has changed its status", 1 },
    { "launch_failed", "error", "servers could not be launched", 1 },
    { "replication_stalled", "warning", "replication has stalled", 1 }
};


const drs_notify_event_t *
drs_notify_events(size_t *n)
{
    *n = sizeof(drs_notify_table) / sizeof(drs_notify_table[0]);
    return drs_notify_table;
}


const drs_notify_event_t *
drs_notify_event(drs_str_t name)
{
    size_t                    i, n;
    const drs_notify_event_t *all;

    all = drs_notify_events(&n);

    for (i = 0; i < n; i++) {
        if (drs_str_eqz(name, all[i].name)) {
            return &all[i];
        }
    }

    return NULL;
}


/* -- entries ---------------------------------------------------------------- */

static void
drs_notify_opt(json_t *o, const char *name, drs_str_t s)
{
    if (s.len > 0) {
        (void) drs_json_set_str(o, name, s);
    }
}


json_t *
drs_notify_entry(const drs_notify_head_t *h, json_t *data)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *o;

    o = json_object();

    if (o == NULL) {
        json_decref(data);
        return NULL;
    }

    (void) drs_time_iso_ms(iso, h->at_ms);
    (void) drs_json_set_str(o, "eventType", h->event);
    (void) json_object_set_new(o, "time", json_string(iso));
    drs_notify_opt(o, "executionId", h->execution);
    drs_notify_opt(o, "planId", h->plan);
    drs_notify_opt(o, "planName", h->plan_name);
    drs_notify_opt(o, "executionType", h->type);
    drs_notify_opt(o, "accountId", h->account);
    drs_notify_opt(o, "region", h->region);

    if (h->pause_epoch != 0) {
        (void) drs_json_set_int(o, "pauseEpoch", h->pause_epoch);
    }

    (void) json_object_set_new(o, "data", data != NULL ? data : json_object());

    return o;
}


static const char *
drs_notify_kind(const json_t *entry)
{
    return drs_str_eqz(drs_json_field(entry, "executionType"), "DRILL")
               ? "drill"
               : "recovery";
}


int
drs_notify_line(drs_buf_t *b, const json_t *entry)
{
    drs_str_t                 plan, account, region, message;
    const json_t             *data, *wave;
    const drs_notify_event_t *ev;

    plan = drs_json_field(entry, "planName");
    account = drs_json_field(entry, "accountId");
    region = drs_json_field(entry, "region");
    data = json_object_get(entry, "data");
    wave = json_object_get(data, "waveNumber");
    message = drs_json_field(data, "message");
    ev = drs_notify_event(drs_json_field(entry, "eventType"));

    if (plan.len > 0) {
        (void) drs_buf_printf(b, "%s of plan %.*s", drs_notify_kind(entry),
                              DRS_STR_ARG(plan));
    } else if (account.len > 0) {
        (void) drs_buf_printf(b, "account %.*s", DRS_STR_ARG(account));

        if (region.len > 0) {
            (void) drs_buf_printf(b, " in %.*s", DRS_STR_ARG(region));
        }
    }

    if (json_is_integer(wave)) {
        (void) drs_buf_printf(b, ", wave %lld",
                              (long long) json_integer_value(wave) + 1);
    }

    if (b->len > 0) {
        (void) drs_buf_puts(b, ": ");
    }

    if (message.len > 0) {
        return drs_buf_str_append(b, message);
    }

    return drs_buf_puts(b, ev != NULL ? ev->text : "test message");
}


json_t *
drs_notify_notice(const json_t *entry)
{
    json_t                   *o, *d;
    drs_buf_t                 b;
    drs_str_t                 exec, name;
    const char               *key;
    json_t                   *value;
    const drs_notify_event_t *ev;

    name = drs_json_field(entry, "eventType");
    exec = drs_json_field(entry, "executionId");
    ev = drs_notify_event(name);
    drs_buf_init(&b, 0);

    d = json_object();
    (void) json_object_set_new(d, "severity",
                               json_string(ev != NULL ? ev->severity : "info"));
    (void) drs_json_set_str(d, "code", name);

    if (drs_notify_line(&b, entry) == DRS_OK) {
        (void) drs_json_set_str(d, "message", drs_buf_str(&b));
    }

    drs_buf_free(&b);

    json_object_foreach (json_object_get(entry, "data"), key, value) {
        if (json_object_get(d, key) == NULL) {
            (void) json_object_set(d, key, value);
        }
    }

    o = json_pack("{s:O, s:s, s:s, s:s}", "time",
                  json_object_get(entry, "time"), "event", "notice", "topic",
                  "notices", "resourceType",
                  exec.len > 0 ? "execution" : "settings");
    (void) drs_json_set_str(o, "resourceId", exec.len > 0 ? exec : name);
    drs_notify_opt(o, "executionId", exec);
    drs_notify_opt(o, "planId", drs_json_field(entry, "planId"));
    drs_notify_opt(o, "accountId", drs_json_field(entry, "accountId"));
    (void) json_object_set_new(o, "data", d);

    return o;
}


/* -- texts ------------------------------------------------------------------ */

/* Appends without control characters: what a mail or subject may hold. */
static void
drs_notify_plain(drs_buf_t *b, drs_str_t s)
{
    int32_t              c;
    const unsigned char *p, *end, *at;

    p = (const unsigned char *) s.data;
    end = p + s.len;

    while (p < end) {
        at = p;
        c = drs_utf8_next(&p, end);

        if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029
            || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
            || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
        {
            (void) drs_buf_putc(b, ' ');
            continue;
        }

        (void) drs_buf_append(b, at, (size_t) (p - at));
    }
}


int
drs_notify_subject(char dst[DRS_NOTIFY_SUBJECT_MAX + 1], const json_t *entry)
{
    size_t    n;
    drs_buf_t b;
    drs_str_t name, plan, account;

    name = drs_json_field(entry, "eventType");
    plan = drs_json_field(entry, "planName");
    account = drs_json_field(entry, "accountId");
    drs_buf_init(&b, 0);

    if (plan.len > 0) {
        (void) drs_buf_puts(&b, "[DRS] Recovery Plan: ");
        drs_notify_plain(&b, plan);
        (void) drs_buf_puts(&b, " - ");

    } else {
        (void) drs_buf_puts(&b, "[DRS] ");

        if (account.len > 0) {
            (void) drs_buf_puts(&b, "Account: ");
            drs_notify_plain(&b, account);
            (void) drs_buf_puts(&b, " - ");
        }
    }

    for (n = 0; n < name.len; n++) {
        (void) drs_buf_putc(&b, name.data[n] == '_' ? ' ' : name.data[n]);
    }

    if (!drs_buf_ok(&b)) {
        drs_buf_free(&b);
        return DRS_ERROR;
    }

    n = b.len;

    if (n > DRS_NOTIFY_SUBJECT_MAX) {
        n = DRS_NOTIFY_SUBJECT_MAX - 3;

        while (n > 0 && ((unsigned char) b.data[n] & 0xc0) == 0x80) {
            n--;
        }
    }

    memcpy(dst, b.data, n);
    dst[n] = '\0';

    if (b.len > DRS_NOTIFY_SUBJECT_MAX) {
        memcpy(dst + n, "...", 4);
    }

    drs_buf_free(&b);
    return DRS_OK;
}


static void
drs_notify_value(drs_buf_t *b, const json_t *v)
{
    char   *text;
    size_t  i;
    json_t *item;

    switch (json_typeof(v)) {
    case JSON_STRING:
        drs_notify_plain(b, drs_json_str(v));
        return;

    case JSON_INTEGER:
        (void) drs_buf_printf(b, "%lld", (long long) json_integer_value(v));
        return;

    case JSON_TRUE:
        (void) drs_buf_puts(b, "yes");
        return;

    case JSON_FALSE:
        (void) drs_buf_puts(b, "no");
        return;

    case JSON_ARRAY:
        json_array_foreach (v, i, item) {
            (void) drs_buf_puts(b, i > 0 ? ", " : "");
            drs_notify_value(b, item);
        }
        return;

    default:
        text = drs_json_text(v, NULL);
        drs_notify_plain(b, drs_str(text));
        free(text);
        return;
    }
}


/* "pausedBeforeWave" -> "Paused before wave: " */
static void
drs_notify_label(drs_buf_t *b, const char *key)
{
    size_t i;

    for (i = 0; key[i] != '\0'; i++) {
        if (i == 0 && key[i] >= 'a' && key[i] <= 'z') {
            (void) drs_buf_putc(b, (char) (key[i] - 'a' + 'A'));

        } else if (i > 0 && key[i] >= 'A' && key[i] <= 'Z') {
            (void) drs_buf_putc(b, ' ');
            (void) drs_buf_putc(b, (char) (key[i] - 'A' + 'a'));

        } else {
            (void) drs_buf_putc(b, key[i]);
        }
    }

    (void) drs_buf_puts(b, ": ");
}


static void
drs_notify_row(drs_buf_t *b, const char *label, drs_str_t value)
{
    if (value.len > 0) {
        (void) drs_buf_printf(b, "%s: ", label);
        drs_notify_plain(b, value);
        (void) drs_buf_putc(b, '\n');
    }
}


int
drs_notify_text(drs_buf_t *b, const json_t *entry,
                const drs_notify_links_t *links)
{
    size_t      at;
    drs_buf_t   line;
    const char *key;
    json_t     *value;

    drs_buf_init(&line, 0);

    if (drs_notify_line(&line, entry) != DRS_OK) {
        drs_buf_free(&line);
        return DRS_ERROR;
    }

    at = b->len;
    drs_notify_plain(b, drs_buf_str(&line));
    drs_buf_free(&line);

    if (b->len > at && b->data[at] >= 'a' && b->data[at] <= 'z') {
        b->data[at] = (char) (b->data[at] - 'a' + 'A');
    }

    (void) drs_buf_puts(b, ".\n\n");
    drs_notify_row(b, "Event", drs_json_field(entry, "eventType"));
    drs_notify_row(b, "Time", drs_json_field(entry, "time"));
    drs_notify_row(b, "Recovery plan", drs_json_field(entry, "planName"));
    drs_notify_row(b, "Type", drs_json_field(entry, "executionType"));
    drs_notify_row(b, "Execution", drs_json_field(entry, "executionId"));
    drs_notify_row(b, "Account", drs_json_field(entry, "accountId"));
    drs_notify_row(b, "Region", drs_json_field(entry, "region"));

    json_object_foreach (json_object_get(entry, "data"), key, value) {
        drs_notify_label(b, key);

        if (json_is_integer(value)
            && (strcmp(key, "waveNumber") == 0
                || strcmp(key, "pausedBeforeWave") == 0
                || strcmp(key, "nextWave") == 0))
        {
            /* waves count from 1 for people */
            (void) drs_buf_printf(b, "%lld",
                                  (long long) json_integer_value(value) + 1);
        } else {
            drs_notify_value(b, value);
        }

        (void) drs_buf_putc(b, '\n');
    }

    if (links != NULL) {
        drs_notify_row(b, "Console", drs_str(links->console));

        if (links->resume != NULL && links->resume[0] != '\0') {
            (void) drs_buf_printf(b,
                                  "\nResume (opens a page that asks again): "
                                  "%s\nCancel (opens a page that asks again):"
                                  " %s\n",
                                  links->resume,
                                  links->cancel != NULL ? links->cancel : "");
        }

        if (links->delivery != NULL && links->delivery[0] != '\0') {
            (void) drs_buf_printf(b, "\nDelivery: %s\n", links->delivery);
        }
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


int
drs_notify_sns(drs_buf_t *b, const json_t *entry,
               const drs_notify_links_t *links)
{
    int                rc;
    json_t            *v;
    drs_buf_t          plain, mail;
    drs_notify_links_t bare;

    memset(&bare, 0, sizeof(bare));
    bare.console = links->console;
    bare.delivery = links->delivery;
    drs_buf_init(&plain, 0);
    drs_buf_init(&mail, 0);
    v = json_object();

    rc = DRS_ERROR;

    if (v != NULL && drs_notify_text(&plain, entry, &bare) == DRS_OK
        && drs_notify_text(&mail, entry, links) == DRS_OK
        && drs_json_set_str(v, "default", drs_buf_str(&plain)) == DRS_OK
        && drs_json_set_str(v, "email", drs_buf_str(&mail)) == DRS_OK)
    {
        rc = drs_json_dump(b, v);
    }

    json_decref(v);
    drs_buf_free(&plain);
    drs_buf_free_secret(&mail);

    return rc == DRS_OK && b->len > DRS_NOTIFY_MESSAGE_MAX ? DRS_DECLINED : rc;
}


int
drs_notify_body(drs_buf_t *b, const json_t *entry, drs_str_t delivery)
{
    int                      rc;
    size_t                   i;
    json_t                  *v, *data, *m;
    static const char *const more[] = { "planName", "executionType",
                                        "accountId", "region" };

    v = json_object();
    data = json_copy(json_object_get(entry, "data"));

    if (data == NULL) {
        data = json_object();
    }

    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        m = json_object_get(entry, more[i]);

        if (m != NULL && json_object_get(data, more[i]) == NULL) {
            (void) json_object_set(data, more[i], m);
        }
    }

    (void) drs_json_set_str(v, "deliveryId", delivery);
    (void) json_object_set(v, "eventType", json_object_get(entry, "eventType"));
    (void) json_object_set(v, "time", json_object_get(entry, "time"));

    if (json_object_get(entry, "planId") != NULL) {
        (void) json_object_set(v, "planId", json_object_get(entry, "planId"));
    }

    if (json_object_get(entry, "executionId") != NULL) {
        (void) json_object_set(v, "executionId",
                               json_object_get(entry, "executionId"));
    }

    (void) json_object_set_new(v, "data", data);
    rc = drs_json_dump(b, v);
    json_decref(v);

    return rc;
}


/* -- signature, ids ----------------------------------------------------------- */

int
drs_notify_sign(char dst[DRS_NOTIFY_SIGNATURE_SIZE], drs_str_t secret,
                int64_t t_s, drs_str_t body)
{
    int           rc;
    char          hex[DRS_SHA256_HEX_LEN + 1];
    drs_buf_t     b;
    unsigned char md[DRS_SHA256_LEN];

    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b, "%lld.", (long long) t_s);
    rc = drs_buf_str_append(&b, body);

    if (rc == DRS_OK) {
        rc = drs_hmac_sha256(md, secret, drs_buf_str(&b));
    }

    if (rc == DRS_OK) {
        drs_hex(hex, md, sizeof(md));
        (void) snprintf(dst, DRS_NOTIFY_SIGNATURE_SIZE, "t=%lld,v1=%s",
                        (long long) t_s, hex);
    }

    drs_buf_free(&b);
    return rc;
}


int
drs_notify_delivery(char dst[DRS_UUID_SIZE], drs_str_t key, drs_str_t channel)
{
    drs_str_t     parts[3];
    unsigned char md[DRS_SHA256_LEN];

    parts[0] = key;
    parts[1] = drs_str("\n");
    parts[2] = channel;

    if (drs_sha256_parts(md, parts, 3) != DRS_OK) {
        return DRS_ERROR;
    }

    drs_id_uuid4(dst, md);
    return DRS_OK;
}


int64_t
drs_notify_backoff(int64_t attempts, int64_t base, int64_t max)
{
    int64_t wait;

    wait = base > 0 ? base : 1;

    while (attempts-- > 0 && wait < max) {
        wait *= 2;
    }

    return wait < max ? wait : max;
}
