
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "aws_http.h"


struct drsw_http_s {
    CURL *curl;
    char  error[CURL_ERROR_SIZE];
};


static int
drsw_http_setup(drsw_http_t *http, const drsw_http_request_t *req,
                drsw_http_response_t *resp, struct curl_slist *headers);


drsw_http_t *
drsw_http_create(void)
{
    drsw_http_t *http;

    http = calloc(1, sizeof(drsw_http_t));
    if (http == NULL) {
        return NULL;
    }

    http->curl = curl_easy_init();
    if (http->curl == NULL) {
        free(http);
        return NULL;
    }

    return http;
}


void
drsw_http_destroy(drsw_http_t *http)
{
    if (http == NULL) {
        return;
    }

    curl_easy_cleanup(http->curl);
    free(http);
}


void
drsw_http_response_free(drsw_http_response_t *resp)
{
    /* answers of STS and the metadata services hold keys */
    drs_buf_free_secret(&resp->body);
}


static size_t
drsw_http_on_body(char *data, size_t size, size_t n, void *arg)
{
    drsw_http_response_t *resp;

    resp = arg;

    if (drs_buf_append(&resp->body, data, size * n) != DRS_OK) {
        return 0;
    }

    return size * n;
}


static void
drsw_http_copy_header(char *dst, size_t size, drs_str_t value)
{
    if (value.len >= size) {
        value.len = size - 1;
    }

    memcpy(dst, value.data, value.len);
    dst[value.len] = '\0';
}


static size_t
drsw_http_on_header(char *data, size_t size, size_t n, void *arg)
{
    size_t                len;
    drs_str_t             name, value;
    const char           *colon;
    drsw_http_response_t *resp;

    resp = arg;
    len = size * n;

    if (len > 5 && memcmp(data, "HTTP/", 5) == 0) {
        /* a new header block: what an interim answer said does not count */
        resp->request_id[0] = '\0';
        resp->error_type[0] = '\0';
        resp->retry_after[0] = '\0';
        resp->amz_retry_after[0] = '\0';
        resp->date[0] = '\0';
        return len;
    }

    colon = memchr(data, ':', len);
    if (colon == NULL) {
        return len;
    }

    name = drs_strn(data, (size_t) (colon - data));
    value = drs_str_trim(drs_strn(colon + 1, len - name.len - 1));

    if (drs_str_ieqz(name, "x-amzn-requestid")
        || drs_str_ieqz(name, "x-amz-request-id"))
    {
        drsw_http_copy_header(resp->request_id, sizeof(resp->request_id),
                              value);

    } else if (drs_str_ieqz(name, "x-amzn-errortype")) {
        drsw_http_copy_header(resp->error_type, sizeof(resp->error_type),
                              value);

    } else if (drs_str_ieqz(name, "retry-after")) {
        drsw_http_copy_header(resp->retry_after, sizeof(resp->retry_after),
                              value);

    } else if (drs_str_ieqz(name, "x-amz-retry-after")) {
        drsw_http_copy_header(resp->amz_retry_after,
                              sizeof(resp->amz_retry_after), value);

    } else if (drs_str_ieqz(name, "date")) {
        drsw_http_copy_header(resp->date, sizeof(resp->date), value);
    }

    return len;
}


/* Runs when the connection (TLS included) stands and before the first byte of
 * the request: until then nothing was sent for certain. */

static int
drsw_http_on_prereq(void *arg, char *primary_ip, char *local_ip,
                    int primary_port, int local_port)
{
    drsw_http_response_t *resp;

    (void) primary_ip;
    (void) local_ip;
    (void) primary_port;
    (void) local_port;

    resp = arg;
    resp->sent = DRSW_AWS_SENT;

    return CURL_PREREQFUNC_OK;
}


static struct curl_slist *
drsw_http_headers(const drsw_http_request_t *req)
{
    size_t             i;
    drs_buf_t          line;
    struct curl_slist *list, *next;

    list = NULL;
    drs_buf_init(&line, 0);

    for (i = 0; i < req->nheaders; i++) {
        drs_buf_reset(&line);

        if (drs_buf_printf(&line, "%s: %s", req->headers[i].name,
                           req->headers[i].value)
            != DRS_OK)
        {
            goto failed;
        }

        next = curl_slist_append(list, line.data);
        if (next == NULL) {
            goto failed;
        }

        list = next;
    }

    /* no "Expect: 100-continue", no form type where none was asked for */
    next = curl_slist_append(list, "Expect:");
    if (next == NULL) {
        goto failed;
    }

    list = next;

    for (i = 0; i < req->nheaders; i++) {
        if (strcasecmp(req->headers[i].name, "content-type") == 0) {
            break;
        }
    }

    if (i == req->nheaders) {
        next = curl_slist_append(list, "Content-Type:");
        if (next == NULL) {
            goto failed;
        }

        list = next;
    }

    drs_buf_free_secret(&line);

    return list;

failed:

    drs_buf_free_secret(&line);
    curl_slist_free_all(list);

    return NULL;
}


int
drsw_http_perform(drsw_http_t *http, const drsw_http_request_t *req,
                  drsw_http_response_t *resp)
{
    int                rc;
    long               status;
    CURLcode           code;
    struct curl_slist *headers;

    memset(resp, 0, sizeof(drsw_http_response_t));
    drs_buf_init(&resp->body, DRSW_HTTP_BODY_MAX);

    headers = drsw_http_headers(req);
    if (headers == NULL) {
        (void) snprintf(resp->error, sizeof(resp->error), "out of memory");
        return DRS_ERROR;
    }

    rc = drsw_http_setup(http, req, resp, headers);
    if (rc != DRS_OK) {
        (void) snprintf(resp->error, sizeof(resp->error),
                        "HTTP request could not be set up for \"%.160s\"",
                        req->url);
        goto done;
    }

    code = curl_easy_perform(http->curl);

    status = 0;
    (void) curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);

    if (code == CURLE_OK && status >= 200) {
        resp->status = (int) status;
        resp->sent = DRSW_AWS_ANSWERED;
        goto done;
    }

    rc = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
             ? DRS_ERROR
             : DRS_DECLINED;
    resp->timed_out = (code == CURLE_OPERATION_TIMEDOUT);

    (void) snprintf(resp->error, sizeof(resp->error), "%.240s",
                    http->error[0] != '\0' ? http->error
                                           : curl_easy_strerror(code));

done:

    /* the handle outlives the stack objects it points at */
    curl_easy_reset(http->curl);
    curl_slist_free_all(headers);

    return rc;
}


static int
drsw_http_setup(drsw_http_t *http, const drsw_http_request_t *req,
                drsw_http_response_t *resp, struct curl_slist *headers)
{
    CURL *c;
    int   bad;

    c = http->curl;
    http->error[0] = '\0';

    curl_easy_reset(c);

    bad = 0;
#define drsw_set(opt, val) bad |= (curl_easy_setopt(c, opt, val) != CURLE_OK)

    drsw_set(CURLOPT_ERRORBUFFER, http->error);
    drsw_set(CURLOPT_NOSIGNAL, 1L);
    drsw_set(CURLOPT_URL, req->url);
    drsw_set(CURLOPT_PATH_AS_IS, 1L);
    drsw_set(CURLOPT_PROTOCOLS_STR, "http,https");
    drsw_set(CURLOPT_FOLLOWLOCATION, 0L);
    drsw_set(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    drsw_set(CURLOPT_SSL_VERIFYPEER, 1L);
    drsw_set(CURLOPT_SSL_VERIFYHOST, 2L);
    drsw_set(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    drsw_set(CURLOPT_HTTPHEADER, headers);
    drsw_set(CURLOPT_USERAGENT, req->user_agent);
    drsw_set(CURLOPT_CONNECTTIMEOUT_MS, (long) req->connect_timeout_ms);
    drsw_set(CURLOPT_TIMEOUT_MS, (long) req->timeout_ms);
    drsw_set(CURLOPT_TCP_KEEPALIVE, 1L);
    drsw_set(CURLOPT_WRITEFUNCTION, drsw_http_on_body);
    drsw_set(CURLOPT_WRITEDATA, resp);
    drsw_set(CURLOPT_HEADERFUNCTION, drsw_http_on_header);
    drsw_set(CURLOPT_HEADERDATA, resp);
    drsw_set(CURLOPT_PREREQFUNCTION, drsw_http_on_prereq);
    drsw_set(CURLOPT_PREREQDATA, resp);

    if (req->ca_bundle != NULL) {
        drsw_set(CURLOPT_CAINFO, req->ca_bundle);
    }

    if (req->no_proxy) {
        drsw_set(CURLOPT_NOPROXY, "*");
    }

    if (req->fresh) {
        /* libcurl sends a request again by itself only on a connection that
         * it used before */
        drsw_set(CURLOPT_FRESH_CONNECT, 1L);
        drsw_set(CURLOPT_FORBID_REUSE, 1L);
    }

    if (strcmp(req->method, "GET") == 0) {
        drsw_set(CURLOPT_HTTPGET, 1L);

    } else if (strcmp(req->method, "POST") == 0 || req->body_len > 0) {
        drsw_set(CURLOPT_POST, 1L);
        drsw_set(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) req->body_len);
        drsw_set(CURLOPT_POSTFIELDS, req->body != NULL ? req->body : "");
        drsw_set(CURLOPT_CUSTOMREQUEST, req->method);

    } else {
        drsw_set(CURLOPT_CUSTOMREQUEST, req->method);
    }

#undef drsw_set

    return bad ? DRS_ERROR : DRS_OK;
}
