
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Which results are tried again, and when (engine.md 7.5).  Pure.
 */

#ifndef DRSW_AWS_RETRY_H
#define DRSW_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "aws.h"


typedef enum {
    DRSW_OP_READ = 0,
    DRSW_OP_WRITE, /* idempotent, or with a client token */
    DRSW_OP_UNSAFE /* a lost answer must be looked for first */
} drsw_op_kind_e;


#define DRSW_RETRY_NO (-1)


typedef struct {
    drsw_op_kind_e kind;
    int            attempt;      /* made so far, >= 1 */
    int            max_attempts; /* of the context, 0: by class */
    bool           renewed;      /* credentials or clock already put right */
} drsw_retry_t;


/* Delay in ms before the next attempt, or DRSW_RETRY_NO.  random: [0, 1). */
int64_t drsw_retry_delay(const drsw_retry_t *r, const drsw_aws_result_t *res,
                         double random);

/* What a lost or doubtful answer of an unsafe operation is: AMBIGUOUS if it
 * may have taken effect, else the class of res unchanged. */
drsw_aws_class_e
drsw_retry_doubt(drsw_op_kind_e kind, const drsw_aws_result_t *res);

#endif /* DRSW_AWS_RETRY_H */
