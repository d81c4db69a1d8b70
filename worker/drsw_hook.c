
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "drs_notify.h"

#include "drsw_hook.h"


#define DRSW_HOOK_ANSWER  65536 /* bytes of an answer that are read */
#define DRSW_HOOK_CONNECT 5000  /* ms */


typedef struct {
    const drsw_config_t *conf;
    size_t               answer;
    int                  forbidden;
} drsw_hook_t;


/* The body of the answer is of no interest, but it must end. */
static size_t
drsw_hook_on_body(char *data, size_t size, size_t n, void *arg)
{
    drsw_hook_t *h;

    (void) data;
    h = arg;
    h->answer += size * n;

    return h->answer <= DRSW_HOOK_ANSWER ? size * n : 0;
}


static int
drsw_hook_addr_allowed(const drsw_config_t *conf, const struct sockaddr *sa)
{
    drs_addr_class_t class;
    struct sockaddr_in  v4;
    struct sockaddr_in6 v6;

    class = DRS_ADDR_FORBIDDEN;

    if (sa->sa_family == AF_INET) {
        memcpy(&v4, sa, sizeof(v4));
        class = drs_addr_class((const unsigned char *) &v4.sin_addr, 4);

    } else if (sa->sa_family == AF_INET6) {
        memcpy(&v6, sa, sizeof(v6));
        class = drs_addr_class((const unsigned char *) &v6.sin6_addr, 16);
    }

    return class == DRS_ADDR_PUBLIC
           || (class == DRS_ADDR_PRIVATE && conf->webhook_private
               && conf->webhook_hosts[0] != '\0');
}


/* libcurl asks for a socket to each address that it is about to use: after the
 * name was resolved, so a name cannot change its mind in between. */
static curl_socket_t
drsw_hook_on_socket(void *arg, curlsocktype purpose,
                    struct curl_sockaddr *address)
{
    drsw_hook_t *h;

    (void) purpose;
    h = arg;

    if (!drsw_hook_addr_allowed(h->conf, &address->addr)) {
        h->forbidden = 1;
        return CURL_SOCKET_BAD;
    }

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


static struct curl_slist *
drsw_hook_header(struct curl_slist *list, int *bad, const char *name,
                 const char *value)
{
    char               line[256];
    struct curl_slist *next;

    (void) snprintf(line, sizeof(line), "%s: %s", name, value);
    next = curl_slist_append(list, line);

    if (next == NULL) {
        *bad = 1;
        return list;
    }

    return next;
}


static int
drsw_hook_setup(CURL *c, drsw_hook_t *h, const drsw_hook_call_t *call,
                struct curl_slist *headers, char *error)
{
    int bad;

    bad = 0;
#define drsw_set(opt, val) bad |= (curl_easy_setopt(c, opt, val) != CURLE_OK)

    drsw_set(CURLOPT_ERRORBUFFER, error);
    drsw_set(CURLOPT_NOSIGNAL, 1L);
    drsw_set(CURLOPT_URL, call->url);
    drsw_set(CURLOPT_PROTOCOLS_STR, "https");
    drsw_set(CURLOPT_FOLLOWLOCATION, 0L);
    drsw_set(CURLOPT_PROXY, "");
    drsw_set(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    drsw_set(CURLOPT_SSL_VERIFYPEER, 1L);
    drsw_set(CURLOPT_SSL_VERIFYHOST, 2L);
    drsw_set(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    drsw_set(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    drsw_set(CURLOPT_HTTPHEADER, headers);
    drsw_set(CURLOPT_USERAGENT, "drs-orchestrator");
    drsw_set(CURLOPT_CONNECTTIMEOUT_MS, (long) DRSW_HOOK_CONNECT);
    drsw_set(CURLOPT_TIMEOUT_MS, (long) h->conf->webhook_timeout_ms);
    drsw_set(CURLOPT_WRITEFUNCTION, drsw_hook_on_body);
    drsw_set(CURLOPT_WRITEDATA, h);
    drsw_set(CURLOPT_OPENSOCKETFUNCTION, drsw_hook_on_socket);
    drsw_set(CURLOPT_OPENSOCKETDATA, h);
    drsw_set(CURLOPT_POST, 1L);
    drsw_set(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) call->body.len);
    drsw_set(CURLOPT_POSTFIELDS, call->body.data);

    if (h->conf->webhook_ca_bundle[0] != '\0') {
        drsw_set(CURLOPT_CAINFO, h->conf->webhook_ca_bundle);
    }

#undef drsw_set

    return bad ? DRS_ERROR : DRS_OK;
}


static int
drsw_hook_perform(CURL *c, const drsw_hook_t *h, const char *error,
                  drsw_hook_result_t *r)
{
    long     status;
    CURLcode code;

    code = curl_easy_perform(c);
    status = 0;
    (void) curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);

    if (h->forbidden && status == 0) {
        (void) snprintf(r->error, sizeof(r->error),
                        "the host has a private or local address");
        return DRS_DECLINED;
    }

    r->status = (int) status;

    /* an answer that is too long or broken off was an answer */

    if (status >= 200 && status < 300
        && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
    {
        return DRS_OK;
    }

    if (code == CURLE_OK || code == CURLE_WRITE_ERROR) {
        (void) snprintf(r->error, sizeof(r->error), "HTTP status %ld", status);

    } else {
        (void) snprintf(r->error, sizeof(r->error), "%.180s",
                        error[0] != '\0' ? error : curl_easy_strerror(code));
    }

    return DRS_DECLINED;
}


int
drsw_hook_post(const drsw_config_t *conf, const drsw_hook_call_t *call,
               drsw_hook_result_t *r)
{
    int                rc, bad;
    char               error[CURL_ERROR_SIZE];
    CURL              *c;
    drsw_hook_t        h;
    struct curl_slist *headers;

    memset(r, 0, sizeof(*r));
    memset(&h, 0, sizeof(h));
    h.conf = conf;
    error[0] = '\0';
    bad = 0;

    c = curl_easy_init();
    headers = drsw_hook_header(NULL, &bad, "Content-Type", "application/json");
    headers = drsw_hook_header(headers, &bad, "X-DRS-Event", call->event);
    headers = drsw_hook_header(headers, &bad, "X-DRS-Delivery", call->delivery);
    headers =
        drsw_hook_header(headers, &bad, "X-DRS-Signature", call->signature);
    headers = drsw_hook_header(headers, &bad, "Expect", "");

    if (c == NULL || bad
        || drsw_hook_setup(c, &h, call, headers, error) != DRS_OK) {
        (void) snprintf(r->error, sizeof(r->error),
                        "the call could not be set up");
        rc = DRS_DECLINED;

    } else {
        rc = drsw_hook_perform(c, &h, error, r);
    }

    curl_easy_cleanup(c);
    curl_slist_free_all(headers);

    return rc;
}
