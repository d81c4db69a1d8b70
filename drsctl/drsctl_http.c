
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "drsctl.h"


struct drsctl_http_s {
    CURL *curl;
    char  error[CURL_ERROR_SIZE];
};

/* One transfer, as the callbacks see it. */
typedef struct {
    CURL                        *curl;
    const drsctl_http_request_t *req;
    drsctl_http_reply_t         *reply;
    unsigned                     stopped;
} drsctl_transfer_t;


drsctl_http_t *
drsctl_http_create(void)
{
    drsctl_http_t *http;

    http = calloc(1, sizeof(drsctl_http_t));
    if (http == NULL) {
        return NULL;
    }

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return NULL;
    }

    http->curl = curl_easy_init();

    if (http->curl == NULL) {
        curl_global_cleanup();
        free(http);
        return NULL;
    }

    return http;
}


void
drsctl_http_destroy(drsctl_http_t *http)
{
    if (http != NULL) {
        curl_easy_cleanup(http->curl);
        curl_global_cleanup();
        free(http);
    }
}


static size_t
drsctl_http_on_body(char *text, size_t size, size_t n, void *data)
{
    long               status;
    drsctl_transfer_t *t;

    t = data;
    n *= size;
    status = 0;
    (void) curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);

    if (t->req->on_data != NULL && status == 200) {
        if (t->req->on_data(t->req->data, text, n) != 0) {
            t->stopped = 1;
            return 0;
        }
        return n;
    }

    return drs_buf_append(&t->reply->body, text, n) == DRS_OK ? n : 0;
}


static size_t
drsctl_http_on_header(char *text, size_t size, size_t n, void *data)
{
    drs_str_t          line, name;
    drsctl_transfer_t *t;

    t = data;
    n *= size;
    line = drs_strn(text, n);

    if (drs_str_split(&line, ':', &name) && drs_str_ieqz(name, "x-request-id"))
    {
        line = drs_str_trim(line);

        if (line.len < sizeof(t->reply->request_id)) {
            memcpy(t->reply->request_id, line.data, line.len);
            t->reply->request_id[line.len] = '\0';
        }
    }

    return n;
}


static int
drsctl_http_on_progress(void *data, curl_off_t dltotal, curl_off_t dlnow,
                        curl_off_t ultotal, curl_off_t ulnow)
{
    drsctl_transfer_t *t;

    t = data;

    if (t->req->on_tick != NULL && t->req->on_tick(t->req->data) != 0) {
        t->stopped = 1;
        return 1;
    }

    return 0;
}


static drsctl_net_t
drsctl_http_net(CURLcode code, const drsctl_transfer_t *t)
{
    double connected;

    if (t->stopped) {
        return DRSCTL_NET_STOPPED;
    }

    switch (code) {
    case CURLE_OK:
        return DRSCTL_NET_OK;

    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return DRSCTL_NET_UNREACHABLE;

    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return DRSCTL_NET_TLS;

    case CURLE_OPERATION_TIMEDOUT:
        connected = 0;
        (void) curl_easy_getinfo(t->curl, CURLINFO_PRETRANSFER_TIME,
                                 &connected);
        return connected > 0 ? DRSCTL_NET_TIMEOUT : DRSCTL_NET_UNREACHABLE;

    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return DRSCTL_NET_LOST;

    default:
        return DRSCTL_NET_ERROR;
    }
}


static struct curl_slist *
drsctl_http_header(struct curl_slist *list, int *bad, const char *name,
                   const char *value)
{
    drs_buf_t          b;
    struct curl_slist *more;

    drs_buf_init(&b, 0);
    more = NULL;

    if (drs_buf_printf(&b, "%s: %s", name, value) == DRS_OK) {
        more = curl_slist_append(list, b.data);
    }

    drs_buf_free_secret(&b);
    *bad |= more == NULL;

    return more != NULL ? more : list;
}


static struct curl_slist *
drsctl_http_headers(const drsctl_http_request_t *req, int *bad)
{
    drs_buf_t          b;
    struct curl_slist *list;

    list = drsctl_http_header(NULL, bad, "Accept",
                              req->accept != NULL ? req->accept
                                                  : "application/json");

    /* an empty value takes the header away */
    list = drsctl_http_header(list, bad, "Expect", "");

    if (req->body.data != NULL) {
        list =
            drsctl_http_header(list, bad, "Content-Type", "application/json");
    }

    if (req->key != NULL) {
        list = drsctl_http_header(list, bad, "Idempotency-Key", req->key);
    }

    if (req->last_event_id != NULL) {
        list =
            drsctl_http_header(list, bad, "Last-Event-ID", req->last_event_id);
    }

    if (req->token != NULL) {
        drs_buf_init(&b, 0);
        (void) drs_buf_printf(&b, "Bearer %s", req->token);
        list = drsctl_http_header(list, bad, "Authorization",
                                  b.data != NULL ? b.data : "");
        drs_buf_free_secret(&b);
    }

    return list;
}


static int
drsctl_http_setup(drsctl_http_t *http, const drsctl_http_request_t *req,
                  drsctl_transfer_t *t, struct curl_slist *headers)
{
    int   bad;
    CURL *c;

    c = http->curl;
    bad = 0;

#define drsctl_set(opt, val) bad |= (curl_easy_setopt(c, opt, val) != CURLE_OK)

    drsctl_set(CURLOPT_ERRORBUFFER, http->error);
    drsctl_set(CURLOPT_NOSIGNAL, 1L);
    drsctl_set(CURLOPT_URL, req->url);
    drsctl_set(CURLOPT_PATH_AS_IS, 1L);
    drsctl_set(CURLOPT_PROTOCOLS_STR, "http,https");
    drsctl_set(CURLOPT_FOLLOWLOCATION, 0L);
    drsctl_set(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    drsctl_set(CURLOPT_SSL_VERIFYPEER, 1L);
    drsctl_set(CURLOPT_SSL_VERIFYHOST, 2L);
    drsctl_set(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    drsctl_set(CURLOPT_USERAGENT, "drsctl/" DRSCTL_VERSION);
    drsctl_set(CURLOPT_HTTPHEADER, headers);
    drsctl_set(CURLOPT_CUSTOMREQUEST, req->method);
    drsctl_set(CURLOPT_CONNECTTIMEOUT_MS, (long) DRSCTL_CONNECT_MS);
    drsctl_set(CURLOPT_TIMEOUT_MS, (long) req->timeout_ms);
    drsctl_set(CURLOPT_TCP_KEEPALIVE, 1L);
    drsctl_set(CURLOPT_NOPROGRESS, 0L);
    drsctl_set(CURLOPT_XFERINFOFUNCTION, drsctl_http_on_progress);
    drsctl_set(CURLOPT_XFERINFODATA, t);
    drsctl_set(CURLOPT_WRITEFUNCTION, drsctl_http_on_body);
    drsctl_set(CURLOPT_WRITEDATA, t);
    drsctl_set(CURLOPT_HEADERFUNCTION, drsctl_http_on_header);
    drsctl_set(CURLOPT_HEADERDATA, t);

    if (req->ca != NULL) {
        drsctl_set(CURLOPT_CAINFO, req->ca);
    }

    if (req->on_data == NULL) {
        drsctl_set(CURLOPT_ACCEPT_ENCODING, "");
    }

    if (req->body.data != NULL) {
        drsctl_set(CURLOPT_POSTFIELDS, req->body.data);
        drsctl_set(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) req->body.len);
    }

#undef drsctl_set

    return bad;
}


void
drsctl_http_do(drsctl_http_t *http, const drsctl_http_request_t *req,
               drsctl_http_reply_t *reply)
{
    int                bad;
    CURLcode           code;
    drsctl_transfer_t  t;
    struct curl_slist *headers, *h;

    memset(reply, 0, sizeof(*reply));
    memset(&t, 0, sizeof(t));
    drs_buf_init(&reply->body, 0);
    t.curl = http->curl;
    t.req = req;
    t.reply = reply;
    http->error[0] = '\0';

    curl_easy_reset(http->curl);

    bad = 0;
    headers = drsctl_http_headers(req, &bad);
    bad |= drsctl_http_setup(http, req, &t, headers);

    code = bad ? CURLE_FAILED_INIT : curl_easy_perform(http->curl);

    reply->net = drsctl_http_net(code, &t);
    (void) curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE,
                             &reply->status);
    (void) snprintf(reply->error, sizeof(reply->error), "%s",
                    http->error[0] ? http->error : curl_easy_strerror(code));

    for (h = headers; h != NULL; h = h->next) {
        drs_memzero(h->data, strlen(h->data));
    }

    curl_slist_free_all(headers);
    (void) curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
}


void
drsctl_http_reply_free(drsctl_http_reply_t *reply)
{
    drs_buf_free_secret(&reply->body);
}
