
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts of event streams: ids, topics, the members that filters look at.
 */

#include "ngx_http_drs_stream.h"


typedef struct {
    const char *name;
    drs_perms_t any; /* one of them lets a caller see it */
} ngx_http_drs_topic_row_t;


static const char *ngx_http_drs_skip_value(const char *p, const char *end);
static const char *ngx_http_drs_skip_string(const char *p, const char *end);


#define NGX_HTTP_DRS_VIEWS                                                     \
    (drs_perm_bit(DRS_PERM_VIEW_EXECUTIONS)                                    \
     | drs_perm_bit(DRS_PERM_VIEW_PROTECTION_GROUPS)                           \
     | drs_perm_bit(DRS_PERM_VIEW_RECOVERY_PLANS)                              \
     | drs_perm_bit(DRS_PERM_VIEW_ACCOUNTS))

/* Order of ngx_http_drs_topic_t; api.md 10.5 */
static const ngx_http_drs_topic_row_t
    ngx_http_drs_topics[NGX_HTTP_DRS_TOPIC_N] = {
        { "executions", drs_perm_bit(DRS_PERM_VIEW_EXECUTIONS) },
        { "groups", drs_perm_bit(DRS_PERM_VIEW_PROTECTION_GROUPS) },
        { "plans", drs_perm_bit(DRS_PERM_VIEW_RECOVERY_PLANS) },
        { "accounts", drs_perm_bit(DRS_PERM_VIEW_ACCOUNTS) },
        { "settings", NGX_HTTP_DRS_VIEWS },
        { "servers", drs_perm_bit(DRS_PERM_VIEW_PROTECTION_GROUPS) },
        { "capacity", drs_perm_bit(DRS_PERM_VIEW_ACCOUNTS) },
        { "notices", NGX_HTTP_DRS_VIEWS }
    };


int
ngx_http_drs_sid_parse(drs_str_t s, ngx_http_drs_sid_t *id)
{
    drs_str_t ms;

    id->n = 0;

    if (!drs_str_split(&s, '-', &ms) || drs_str_u64(ms, &id->ms) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (s.data != NULL && drs_str_u64(s, &id->n) != DRS_OK) {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
ngx_http_drs_sid_cmp(ngx_http_drs_sid_t a, ngx_http_drs_sid_t b)
{
    if (a.ms != b.ms) {
        return a.ms < b.ms ? -1 : 1;
    }

    return a.n < b.n ? -1 : a.n > b.n;
}


int
ngx_http_drs_topic(drs_str_t name)
{
    int i;

    for (i = 0; i < NGX_HTTP_DRS_TOPIC_N; i++) {
        if (drs_str_eqz(name, ngx_http_drs_topics[i].name)) {
            return i;
        }
    }

    return -1;
}


drs_perms_t
ngx_http_drs_topic_perms(int topic)
{
    return ngx_http_drs_topics[topic].any;
}


/* -- reading -------------------------------------------------------------- */

/* p is behind the opening quote; returns behind the closing one, or NULL. */
static const char *
ngx_http_drs_skip_string(const char *p, const char *end)
{
    for (/* void */; p < end; p++) {
        if (*p == '\\') {
            p++;
            continue;
        }

        if (*p == '"') {
            return p + 1;
        }
    }

    return NULL;
}


/* Behind the value that begins at p, or NULL. */
static const char *
ngx_http_drs_skip_value(const char *p, const char *end)
{
    ngx_uint_t depth;

    depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = ngx_http_drs_skip_string(p + 1, end);
            if (p == NULL) {
                return NULL;
            }
            break;

        case '{':
        case '[':
            depth++;
            p++;
            continue;

        case '}':
        case ']':
            if (depth == 0) {
                return p;
            }
            depth--;
            p++;
            break;

        case ',':
            if (depth == 0) {
                return p;
            }
            p++;
            continue;

        default:
            p++;
            continue;
        }

        if (depth == 0) {
            return p;
        }
    }

    return NULL;
}


int
ngx_http_drs_event_scan(drs_str_t json, ngx_http_drs_event_t *ev)
{
    drs_str_t   key, value;
    const char *p, *end, *start;

    ngx_memzero(ev, sizeof(ngx_http_drs_event_t));
    ev->topic = -1;
    ev->json = json;

    p = json.data;
    end = p + json.len;

    if (json.len < 2 || *p != '{' || end[-1] != '}') {
        return DRS_DECLINED;
    }

    p++;

    while (p < end && *p != '}') {
        if (*p != '"') {
            p++;
            continue;
        }

        start = p + 1;
        p = ngx_http_drs_skip_string(start, end);
        if (p == NULL || p >= end || *p != ':') {
            return DRS_DECLINED;
        }

        key = drs_strn(start, (size_t) (p - 1 - start));
        start = ++p;

        p = ngx_http_drs_skip_value(p, end);
        if (p == NULL) {
            return DRS_DECLINED;
        }

        if (*start != '"') {
            continue;
        }

        value = drs_strn(start + 1, (size_t) (p - start - 2));

        if (drs_str_eqz(key, "event")) {
            ev->event = value;

        } else if (drs_str_eqz(key, "topic")) {
            ev->topic = ngx_http_drs_topic(value);

        } else if (drs_str_eqz(key, "accountId")) {
            ev->account = value;
        }
    }

    return ev->event.len ? DRS_OK : DRS_DECLINED;
}


/* -- writing -------------------------------------------------------------- */

ngx_http_drs_msg_t *
ngx_http_drs_msg_create(ngx_http_drs_sid_t id, drs_str_t event, drs_str_t json)
{
    size_t              i, len;
    u_char             *p;
    ngx_http_drs_msg_t *msg;

    len = sizeof(ngx_http_drs_msg_t) + event.len + json.len
          + sizeof("id: \nevent: \ndata: {\"id\":\"\",}\n\n")
          + 4 * NGX_INT64_LEN;

    msg = malloc(len);
    if (msg == NULL) {
        return NULL;
    }

    msg->refs = 1;
    msg->id = id;

    p = ngx_sprintf(msg->data, "id: %uL-%uL\nevent: ", id.ms, id.n);

    for (i = 0; i < event.len; i++) {
        *p++ = (u_char) event.data[i] > ' ' ? (u_char) event.data[i] : '_';
    }

    p = ngx_sprintf(p, "\ndata: {\"id\":\"%uL-%uL\"", id.ms, id.n);

    if (json.len > 2) {
        *p++ = ',';
    }

    /* one line: a raw line feed cannot be in a compact text of ours */
    for (i = 1; i < json.len; i++) {
        *p++ = (u_char) json.data[i] >= ' ' ? (u_char) json.data[i] : ' ';
    }

    *p++ = '\n';
    *p++ = '\n';

    msg->len = (size_t) (p - msg->data);

    return msg;
}


ngx_http_drs_msg_t *
ngx_http_drs_msg_text(const char *text)
{
    size_t              len;
    ngx_http_drs_msg_t *msg;

    len = ngx_strlen(text);

    msg = malloc(sizeof(ngx_http_drs_msg_t) + len);
    if (msg == NULL) {
        return NULL;
    }

    ngx_memzero(msg, sizeof(ngx_http_drs_msg_t));
    msg->refs = 1;
    msg->len = len;
    ngx_memcpy(msg->data, text, len);

    return msg;
}


void
ngx_http_drs_msg_unref(ngx_http_drs_msg_t *msg)
{
    if (msg != NULL && --msg->refs == 0) {
        free(msg);
    }
}


int
ngx_http_drs_event_append(drs_buf_t *b, drs_str_t id, drs_str_t json)
{
    int rc;

    if (json.len < 2 || json.data[0] != '{') {
        return DRS_DECLINED;
    }

    rc = drs_buf_puts(b, "{\"id\":");
    rc |= drs_buf_json_string(b, id.data, id.len);

    if (json.len > 2) {
        rc |= drs_buf_putc(b, ',');
    }

    rc |= drs_buf_append(b, json.data + 1, json.len - 1);

    return rc == DRS_OK ? DRS_OK : DRS_ERROR;
}
