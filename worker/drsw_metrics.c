
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_metrics.h"
#include "drsw_worker.h"


#define DRSW_METRIC_PREFIX "drs_worker_"
#define DRSW_METRIC_NAME   80
#define DRSW_METRIC_LABELS 200


typedef struct {
    char          name[DRSW_METRIC_NAME];
    char          labels[DRSW_METRIC_LABELS];
    drsw_metric_e type;
    double        value;
} drsw_series_t;

/* sorted by name, then labels */
struct drsw_metrics_s {
    pthread_mutex_t lock;
    drsw_series_t  *series;
    size_t          n;
    double          dropped;
};


drsw_metrics_t *
drsw_metrics_create(void)
{
    drsw_metrics_t *m;

    m = calloc(1, sizeof(*m));
    if (m == NULL) {
        return NULL;
    }

    m->series = calloc(DRSW_METRICS_MAX, sizeof(drsw_series_t));
    if (m->series == NULL) {
        free(m);
        return NULL;
    }

    pthread_mutex_init(&m->lock, NULL);

    return m;
}


void
drsw_metrics_destroy(drsw_metrics_t *m)
{
    if (m == NULL) {
        return;
    }

    pthread_mutex_destroy(&m->lock);
    free(m->series);
    free(m);
}


/* Index of the series, or of the place for it. */

static size_t
drsw_metrics_place(const drsw_metrics_t *m, const char *name,
                   const char *labels, int *found)
{
    int    cmp;
    size_t low, high, mid;

    low = 0;
    high = m->n;
    *found = 0;

    while (low < high) {
        mid = (low + high) / 2;
        cmp = strcmp(m->series[mid].name, name);

        if (cmp == 0) {
            cmp = strcmp(m->series[mid].labels, labels);
        }

        if (cmp == 0) {
            *found = 1;
            return mid;
        }

        if (cmp < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }

    return low;
}


void
drsw_metrics_add(drsw_metrics_t *m, drsw_metric_e type, const char *name,
                 const char *suffix, const char *labels, double value)
{
    int            found;
    char           full[DRSW_METRIC_NAME];
    size_t         i;
    drsw_series_t *s;

    if (snprintf(full, sizeof(full), "%s%s", name, suffix) >= (int) sizeof(full)
        || strlen(labels) >= DRSW_METRIC_LABELS)
    {
        return;
    }

    pthread_mutex_lock(&m->lock);

    i = drsw_metrics_place(m, full, labels, &found);
    s = &m->series[i];

    if (!found && m->n == DRSW_METRICS_MAX) {
        m->dropped += 1;
        pthread_mutex_unlock(&m->lock);
        return;
    }

    if (!found) {
        memmove(s + 1, s, (m->n - i) * sizeof(*s));
        memcpy(s->name, full, strlen(full) + 1);
        memcpy(s->labels, labels, strlen(labels) + 1);
        s->type = type;
        s->value = 0;
        m->n++;
    }

    s->value = (type == DRSW_METRIC_GAUGE) ? value : s->value + value;

    pthread_mutex_unlock(&m->lock);
}


static void
drsw_metrics_line(drs_buf_t *b, const drsw_series_t *s, int first)
{
    if (first) {
        (void) drs_buf_printf(
            b, "# TYPE %s%s %s\n", DRSW_METRIC_PREFIX, s->name,
            s->type == DRSW_METRIC_GAUGE ? "gauge" : "counter");
    }

    (void) drs_buf_printf(b, "%s%s", DRSW_METRIC_PREFIX, s->name);

    if (s->labels[0] != '\0') {
        (void) drs_buf_printf(b, "{%s}", s->labels);
    }

    if (floor(s->value) == s->value && fabs(s->value) < 1e15) {
        (void) drs_buf_printf(b, " %.0f\n", s->value);
    } else {
        (void) drs_buf_printf(b, " %.6f\n", s->value);
    }
}


int
drsw_metrics_text(drsw_metrics_t *m, drs_buf_t *b)
{
    size_t i;

    pthread_mutex_lock(&m->lock);

    for (i = 0; i < m->n; i++) {
        drsw_metrics_line(
            b, &m->series[i],
            i == 0 || strcmp(m->series[i - 1].name, m->series[i].name) != 0);
    }

    if (m->dropped > 0) {
        (void) drs_buf_printf(b,
                              "# TYPE drs_worker_series_dropped_total "
                              "counter\ndrs_worker_series_dropped_total "
                              "%.0f\n",
                              m->dropped);
    }

    pthread_mutex_unlock(&m->lock);

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


void
drsw_count(drsw_ctx_t *ctx, const char *name, const char *labels, int64_t n)
{
    drsw_metrics_add(ctx->worker->metrics, DRSW_METRIC_COUNTER, name, "",
                     labels, (double) n);
}


void
drsw_gauge(drsw_ctx_t *ctx, const char *name, const char *labels, double value)
{
    drsw_metrics_add(ctx->worker->metrics, DRSW_METRIC_GAUGE, name, "", labels,
                     value);
}


void
drsw_observe(drsw_ctx_t *ctx, const char *name, const char *labels,
             double seconds)
{
    drsw_metrics_t *m;

    m = ctx->worker->metrics;

    drsw_metrics_add(m, DRSW_METRIC_COUNTER, name, "_seconds_sum", labels,
                     seconds);
    drsw_metrics_add(m, DRSW_METRIC_COUNTER, name, "_seconds_count", labels, 1);
}
