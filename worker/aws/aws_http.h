
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * HTTP transport over one libcurl handle.  Keeps connections between calls,
 * verifies TLS always, follows no redirects, speaks HTTP/1.1, never retries
 * on its own when `fresh` is set.  Not thread-safe: one per thread.
 */

#ifndef DRSW_AWS_HTTP_H
#define DRSW_AWS_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "aws.h"
#include "aws_sigv4.h"


#define DRSW_HTTP_BODY_MAX (64 * 1024 * 1024)


typedef struct drsw_http_s drsw_http_t;


typedef struct {
    const char              *method;
    const char              *url;     /* complete, with query */
    const drsw_aws_header_t *headers; /* Host is set from here too */
    size_t                   nheaders;
    const void              *body;
    size_t                   body_len;
    int64_t                  connect_timeout_ms;
    int64_t                  timeout_ms; /* connect to last byte, > 0 */
    bool                     fresh;      /* new connection, not kept */
    bool                     no_proxy;
    const char              *ca_bundle;
    const char              *user_agent;
} drsw_http_request_t;


/* What was read.  Headers are "" when absent. */

typedef struct {
    drsw_aws_sent_e sent;
    bool            timed_out;
    int             status;
    drs_buf_t       body;
    char            error[256]; /* transport error, "" if answered */
    char            request_id[80];
    char            error_type[256];
    char            retry_after[32];
    char            amz_retry_after[32];
    char            date[48];
} drsw_http_response_t;


drsw_http_t *drsw_http_create(void);
void         drsw_http_destroy(drsw_http_t *http);

/*
 * DRS_OK: a complete answer of any status.  DRS_DECLINED: no answer, `sent`
 * and `error` say how far it got.  DRS_ERROR: nothing tried (memory, bad URL).
 * Free the response in all cases.
 */
int  drsw_http_perform(drsw_http_t *http, const drsw_http_request_t *req,
                       drsw_http_response_t *resp);
void drsw_http_response_free(drsw_http_response_t *resp);

#endif /* DRSW_AWS_HTTP_H */
