
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
    return drs_sid_parse(s, id);
}


int
ngx_http_drs_sid_cmp(ngx_http_drs_sid_t a, ngx_http_drs_sid_t b)
{
    return drs_sid_cmp(a, b);
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

int
ngx_http_drs_event_scan(drs_str_t json, ngx_http_drs_event_t *ev)
{
    drs_sse_event_t e;

    if (drs_sse_scan(json, &e) != DRS_OK) {
        return DRS_DECLINED;
    }

    ev->event = e.event;
    ev->topic = ngx_http_drs_topic(e.topic);
    ev->account = e.account;
    ev->json = json;

    return DRS_OK;
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
