
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "aws_retry.h"


#define DRSW_UNLIMITED 0


typedef struct {
    int     max_read; /* attempts in all */
    int     max_write;
    int64_t base_ms;
    int64_t cap_ms;
} drsw_retry_rule_t;


static const drsw_retry_rule_t drsw_retry_throttle = { 8, DRSW_UNLIMITED, 1000,
                                                       60000 };

static const drsw_retry_rule_t drsw_retry_transient = { 5, 5, 500, 20000 };


static int64_t
drsw_retry_jitter(const drsw_retry_rule_t *rule, int attempt, double random)
{
    int     i;
    int64_t limit;

    limit = rule->base_ms;

    for (i = 1; i < attempt && limit < rule->cap_ms; i++) {
        limit *= 2;
    }

    if (limit > rule->cap_ms) {
        limit = rule->cap_ms;
    }

    return (int64_t) (random * (double) limit);
}


int64_t
drsw_retry_delay(const drsw_retry_t *r, const drsw_aws_result_t *res,
                 double random)
{
    int                      max;
    const drsw_retry_rule_t *rule;

    if (r->max_attempts > 0 && r->attempt >= r->max_attempts) {
        return DRSW_RETRY_NO;
    }

    switch (res->class) {
    case DRSW_AWS_THROTTLE:
        rule = &drsw_retry_throttle;
        break;

    case DRSW_AWS_TRANSIENT:
        if (r->kind == DRSW_OP_UNSAFE && res->sent != DRSW_AWS_NOT_SENT) {
            return DRSW_RETRY_NO;
        }

        rule = &drsw_retry_transient;
        break;

    case DRSW_AWS_CREDENTIALS:
    case DRSW_AWS_CLOCK:
        return r->renewed ? DRSW_RETRY_NO : 0;

    default:
        return DRSW_RETRY_NO;
    }

    max = r->kind == DRSW_OP_READ ? rule->max_read : rule->max_write;

    if (max != DRSW_UNLIMITED && r->attempt >= max) {
        return DRSW_RETRY_NO;
    }

    if (res->retry_after_ms >= 0) {
        return res->retry_after_ms;
    }

    return drsw_retry_jitter(rule, r->attempt, random);
}


drsw_aws_class_e
drsw_retry_doubt(drsw_op_kind_e kind, const drsw_aws_result_t *res)
{
    if (kind != DRSW_OP_UNSAFE || res->sent == DRSW_AWS_NOT_SENT) {
        return res->class;
    }

    if (res->sent == DRSW_AWS_SENT) {
        return DRSW_AWS_AMBIGUOUS;
    }

    if (res->http_status >= 500 || res->http_status == 408
        || (res->http_status >= 300 && res->http_status < 400)
        || strncmp(res->code, "RequestTimeout", 14) == 0
        || strcmp(res->code, "RequestAbortedException") == 0
        || res->class == DRSW_AWS_PROTOCOL)
    {
        return DRSW_AWS_AMBIGUOUS;
    }

    return res->class;
}
