
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the typed calls of the services have in common.
 */

#ifndef DRSW_AWS_SVC_H
#define DRSW_AWS_SVC_H

#include "aws_int.h"


/* One call; *output (may be NULL) gets the answer's member, or the whole
 * answer with member NULL.  A missing member is DRSW_AWS_PROTOCOL.  Takes
 * input. */
drsw_aws_class_e
drsw_svc_one(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
             const char *operation, json_t *input, const char *member,
             json_t **output, drsw_aws_result_t *res);

/* A call without pages whose answer is a list: the array of member, empty if
 * it is absent.  Takes input. */
drsw_aws_class_e
drsw_svc_array(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
               const char *operation, json_t *input, const char *member,
               json_t **output, drsw_aws_result_t *res);

/*
 * All pages, once for every `chunk` entries of ids, or once without ids when
 * ids is NULL; an empty list of ids is answered by an empty array without a
 * call.  The ids go to input[key], or to input[outer][key].  Takes input.
 */
drsw_aws_class_e
drsw_svc_pages(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
               const char *operation, json_t *input, const char *outer,
               const char *key, const json_t *ids, size_t chunk,
               json_t **output, drsw_aws_result_t *res);

/* One attempt at an operation without idempotency. member: of the answer. */
drsw_start_e
drsw_svc_once(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
              const char *operation, json_t *input, int64_t sign_at_s,
              int64_t timeout_ms, json_t **answer, drsw_aws_result_t *res);

/* {"key": value} with NULL values left out; pairs end with a NULL key.  NULL
 * without memory or when a text is not UTF-8. */
json_t *drsw_svc_input(const char *key, ...);

/* A copy of ctx with the time that a call begun at begin_ms has left. */
drsw_aws_ctx_t drsw_svc_left(const drsw_aws_ctx_t *ctx, int64_t begin_ms);

drsw_aws_class_e drsw_svc_refuse(drsw_aws_result_t *res, const char *what);

#endif /* DRSW_AWS_SVC_H */
