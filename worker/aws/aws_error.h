
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Errors of AWS answers: their code, message and class.  Pure.
 */

#ifndef DRSW_AWS_ERROR_H
#define DRSW_AWS_ERROR_H

#include "aws.h"
#include "aws_http.h"


typedef enum {
    DRSW_PROTO_REST_JSON = 0, /* DRS */
    DRSW_PROTO_JSON,          /* JSON 1.1, X-Amz-Target */
    DRSW_PROTO_QUERY,         /* STS, IAM, SNS */
    DRSW_PROTO_EC2
} drsw_proto_e;


/* Fills class, code, message, request_id, resource_id, retry_after_ms of an
 * answer with a status outside 2xx.  Falls back to the status, and to the
 * first bytes of a body that is neither JSON nor XML. */
void drsw_error_parse(drsw_proto_e proto, const drsw_http_response_t *resp,
                      drsw_aws_result_t *res);

/* By name, then by status. */
drsw_aws_class_e
drsw_error_class(const char *code, int status, bool retry_after);

/* Sets class, code "Local..." and a message; keeps attempts and latency. */
drsw_aws_class_e
drsw_error_local(drsw_aws_result_t *res, drsw_aws_class_e class,
                 const char *code, const char *fmt, ...) DRS_PRINTF(4, 5);

/* "1", "2.5" seconds of Retry-After, or x-amz-retry-after: ms; -1 if none. */
int64_t drsw_retry_after_ms(const drsw_http_response_t *resp);

/* Date header: epoch seconds, -1 if absent or not an IMF-fixdate. */
int64_t drsw_http_date_s(const char *date);

#endif /* DRSW_AWS_ERROR_H */
