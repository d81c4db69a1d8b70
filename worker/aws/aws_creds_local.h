
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Helpers of the sources that ask a local endpoint.
 */

#ifndef DRSW_AWS_CREDS_LOCAL_H
#define DRSW_AWS_CREDS_LOCAL_H

#include "aws_int.h"


/* One request, never through a proxy, with one header (left out when its
 * value is NULL).  DRS_OK: an answer of any status.  Free resp always. */
int drsw_local_get(drsw_creds_fetch_t *f, const char *method, const char *url,
                   const drsw_aws_header_t *header, int64_t timeout_ms,
                   drsw_http_response_t *resp);

/* Credentials of a JSON document; -1: there are none in it. */
int drsw_local_document(drsw_creds_fetch_t *f, const drsw_http_response_t *resp,
                        const char *source, drsw_creds_t *out);

#endif /* DRSW_AWS_CREDS_LOCAL_H */
