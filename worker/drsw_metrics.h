
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Counters and gauges of the worker as Prometheus text.  Thread-safe, bounded.
 */

#ifndef DRSW_METRICS_H
#define DRSW_METRICS_H


#include "drs_buf.h"


#define DRSW_METRICS_MAX 1000


typedef struct drsw_metrics_s drsw_metrics_t;

typedef enum {
    DRSW_METRIC_COUNTER = 0,
    DRSW_METRIC_GAUGE
} drsw_metric_e;


drsw_metrics_t *drsw_metrics_create(void);
void            drsw_metrics_destroy(drsw_metrics_t *m);

/* name: static string, suffix "" or "_sum", "_count" */
void drsw_metrics_add(drsw_metrics_t *m, drsw_metric_e type, const char *name,
                      const char *suffix, const char *labels, double value);

/* Appends the text: series sorted by name. */
int drsw_metrics_text(drsw_metrics_t *m, drs_buf_t *b);


#endif /* DRSW_METRICS_H */
