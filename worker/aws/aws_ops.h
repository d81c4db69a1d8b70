
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The services and operations that the client can call, as constant tables
 * (engine.md 7.2-7.4).
 */

#ifndef DRSW_AWS_OPS_H
#define DRSW_AWS_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws_error.h"
#include "aws_retry.h"
#include "aws_shape.h"


typedef struct {
    const char *token_in; /* NULL: the answer is whole */
    const char *token_out;
    const char *items; /* list member that is joined */
    const char *limit; /* page size member or NULL */
    int         limit_value;
    const char *no_limit; /* not together with this member */
} drsw_aws_pager_t;


typedef struct {
    const char          *name; /* NULL ends a table */
    drsw_op_kind_e       kind;
    const char          *method; /* NULL: POST */
    const char          *uri;    /* REST: NULL: "/<name>" */
    const drsw_member_t *in;     /* query protocols only */
    const drsw_member_t *out;
    drsw_aws_pager_t     pager;
} drsw_aws_op_t;


typedef struct {
    const char          *id;     /* also the signing name */
    const char          *prefix; /* of the host */
    const char          *env_id; /* AWS_ENDPOINT_URL_<env_id> */
    drsw_proto_e         proto;
    const char          *version; /* query: Version; JSON: target */
    bool                 global;
    int64_t              timeout_ms; /* of one attempt (engine.md 7.5) */
    const drsw_aws_op_t *ops;
} drsw_aws_service_t;


/* NULL if unknown. */
const drsw_aws_service_t *drsw_aws_service(const char *id);
const drsw_aws_op_t *
drsw_aws_op(const drsw_aws_service_t *service, const char *name);

#endif /* DRSW_AWS_OPS_H */
