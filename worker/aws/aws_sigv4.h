
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * AWS Signature Version 4, header form (AWS General Reference, "Create a
 * signed AWS API request").  Pure: no clock, no environment, no globals.
 */

#ifndef DRSW_AWS_SIGV4_H
#define DRSW_AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drs_buf.h"
#include "drs_sha256.h"


typedef struct {
    const char *name; /* any case */
    const char *value;
} drsw_aws_header_t;


/* All strings are borrowed. */

typedef struct {
    const char              *method;
    const char              *path;    /* as it goes out, no query */
    const char              *query;   /* as it goes out; NULL: none */
    const drsw_aws_header_t *headers; /* every header to sign: host and
                                            x-amz-date among them */
    size_t                   nheaders;
    const void              *body;
    size_t                   body_len;
    bool                     keep_path; /* leave dot segments, "//" */
    const char              *region;
    const char              *service; /* signing name */
    const char              *access_key;
    const char              *secret_key;
    int64_t                  time_s; /* the one of x-amz-date */
} drsw_sigv4_request_t;


typedef struct {
    drs_buf_t canonical;
    drs_buf_t string_to_sign;
    drs_buf_t signed_headers;
    char      scope[160];
    char      signature[DRS_SHA256_HEX_LEN + 1];
} drsw_sigv4_t;


/* DRS_OK, DRS_ERROR (memory, libcrypto).  Free in both cases. */
int  drsw_sigv4_sign(const drsw_sigv4_request_t *req, drsw_sigv4_t *sig);
void drsw_sigv4_free(drsw_sigv4_t *sig);

/* Appends the value of the Authorization header. */
int drsw_sigv4_authorization(const drsw_sigv4_request_t *req,
                             const drsw_sigv4_t *sig, drs_buf_t *out);

/* Percent-encodes all but letters, digits, "-._~" (and "/" if keep_slash),
 * upper-case hex (RFC 3986). */
int
drsw_uri_encode(drs_buf_t *b, const char *data, size_t len, bool keep_slash);

#endif /* DRSW_AWS_SIGV4_H */
