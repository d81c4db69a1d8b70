
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the sweep share.
 */

#ifndef DRSW_SWEEP_INT_H
#define DRSW_SWEEP_INT_H


#include "drsw_sweep.h"


/* timeout_ms: what is left of the time, for one call. */
typedef void (*drsw_sweep_pt)(drsw_aws_t *aws, void *item, int64_t timeout_ms);

/* fn for every item, side by side; items that no thread came to in time keep
 * what they were set to before. */
void drsw_sweep_run(drsw_sweep_t *s, drsw_sweep_pt fn, void **items, size_t n);

/* Room for every place; the caller frees it. */
void **drsw_sweep_items(const drsw_sweep_t *s);

/* The result of a question that was not asked. */
void drsw_sweep_late(drsw_aws_result_t *res);


#endif /* DRSW_SWEEP_INT_H */
