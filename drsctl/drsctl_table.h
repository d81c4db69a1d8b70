
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tables for people: columns as wide as their widest cell on the screen.
 * Bytes that could steer a terminal are replaced by '?'.
 */

#ifndef DRSCTL_TABLE_H_INCLUDED
#define DRSCTL_TABLE_H_INCLUDED


#include "drs_buf.h"


#define DRSCTL_TABLE_MAX_COLUMNS 16


typedef struct {
    size_t   columns;
    unsigned header;  /* 1: the first row is a header */
    size_t   n, size; /* cells, allocated cells */
    char   **cell;
    int      failed;
} drsctl_table_t;


/* Titles separated by '|'; NULL and a count: a table without header. */
void drsctl_table_init(drsctl_table_t *t, const char *titles, size_t columns);
void drsctl_table_free(drsctl_table_t *t);

/* Cells row by row; an empty text is shown as "-". */
void drsctl_table_cell(drsctl_table_t *t, drs_str_t text);
void
drsctl_table_cellf(drsctl_table_t *t, const char *fmt, ...) DRS_PRINTF(2, 3);

/* Epoch seconds as ISO 8601; "-" for 0 and less. */
void drsctl_table_time(drsctl_table_t *t, int64_t t_s);

/* All rows, or with `first` only the first column without header. */
int drsctl_table_render(const drsctl_table_t *t, int first, drs_buf_t *b);

/* Appends text fit for one line of a terminal. */
void drsctl_clean(drs_buf_t *b, drs_str_t text);

/* Columns on the screen of clean UTF-8. */
size_t drsctl_width(drs_str_t text);


#endif /* DRSCTL_TABLE_H_INCLUDED */
