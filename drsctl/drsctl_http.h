
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * HTTP over libcurl.  Knows neither tokens' origin nor the API's errors.
 */

#ifndef DRSCTL_HTTP_H_INCLUDED
#define DRSCTL_HTTP_H_INCLUDED


#include "drs_buf.h"


#define DRSCTL_REQUEST_ID_SIZE 65
#define DRSCTL_CONNECT_MS      10000


typedef struct drsctl_http_s drsctl_http_t;

typedef enum {
    DRSCTL_NET_OK = 0,      /* there is an answer */
    DRSCTL_NET_UNREACHABLE, /* the request was never sent */
    DRSCTL_NET_TLS,         /* the server could not be verified */
    DRSCTL_NET_LOST,        /* sent or being sent; no whole answer */
    DRSCTL_NET_TIMEOUT,
    DRSCTL_NET_STOPPED, /* by on_data() or on_tick() */
    DRSCTL_NET_ERROR    /* memory, wrong file, wrong URL */
} drsctl_net_t;

typedef struct {
    const char *method;
    const char *url;
    const char *ca;    /* NULL: the system's */
    drs_str_t   body;  /* data NULL: none */
    const char *token; /* NULL: none */
    const char *key;   /* Idempotency-Key or NULL */
    const char *accept;
    const char *last_event_id; /* NULL: none */
    int64_t     timeout_ms;    /* 0: none */

    /* A stream: bodies of 200 go here; not 0: stop.  NULL: collect. */
    int (*on_data)(void *data, const char *text, size_t len);
    /* About once a second; not 0: stop.  NULL: none. */
    int (*on_tick)(void *data);
    void *data;
} drsctl_http_request_t;

typedef struct {
    drsctl_net_t net;
    long         status;
    drs_buf_t    body;
    char         request_id[DRSCTL_REQUEST_ID_SIZE];
    char         error[256]; /* of libcurl, for people */
} drsctl_http_reply_t;


/* NULL without memory. */
drsctl_http_t *drsctl_http_create(void);
void           drsctl_http_destroy(drsctl_http_t *http);

/* One request.  Release the reply with drsctl_http_reply_free(). */
void drsctl_http_do(drsctl_http_t *http, const drsctl_http_request_t *req,
                    drsctl_http_reply_t *reply);
void drsctl_http_reply_free(drsctl_http_reply_t *reply);


#endif /* DRSCTL_HTTP_H_INCLUDED */
