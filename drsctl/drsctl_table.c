
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "drs_time.h"
#include "drs_utf8.h"
#include "drsctl_table.h"


void
drsctl_clean(drs_buf_t *b, drs_str_t text)
{
    int32_t              c;
    drs_str_t            one;
    const unsigned char *p, *start, *end;

    p = (const unsigned char *) text.data;
    end = p + text.len;

    while (p < end) {
        start = p;
        c = drs_utf8_next(&p, end);
        one = drs_strn((const char *) start, (size_t) (p - start));

        if (c < 0 || drs_utf8_check(one, 0) != DRS_UTF8_OK || c == 0x2028
            || c == 0x2029)
        {
            (void) drs_buf_putc(b, c == '\n' || c == '\t' ? ' ' : '?');
            continue;
        }

        (void) drs_buf_str_append(b, one);
    }
}


size_t
drsctl_width(drs_str_t text)
{
    int                  w;
    size_t               n;
    int32_t              c;
    const unsigned char *p, *end;

    n = 0;
    p = (const unsigned char *) text.data;
    end = p + text.len;

    while (p < end) {
        c = drs_utf8_next(&p, end);
        w = c < 0 ? 1 : utf8proc_charwidth(c);
        n += w > 0 ? (size_t) w : 0;
    }

    return n;
}


void
drsctl_table_init(drsctl_table_t *t, const char *titles, size_t columns)
{
    drs_str_t rest, item;

    memset(t, 0, sizeof(*t));
    t->columns = columns;

    if (titles == NULL) {
        return;
    }

    t->header = 1;
    t->columns = 0;
    rest = drs_str(titles);

    while (drs_str_split(&rest, '|', &item)) {
        drsctl_table_cell(t, item);
        t->columns++;
    }
}


void
drsctl_table_free(drsctl_table_t *t)
{
    size_t i;

    for (i = 0; i < t->n; i++) {
        free(t->cell[i]);
    }

    free(t->cell);
    memset(t, 0, sizeof(*t));
}


void
drsctl_table_cell(drsctl_table_t *t, drs_str_t text)
{
    char    **cells;
    size_t    size;
    drs_buf_t b;

    if (t->n == t->size) {
        size = t->size ? 2 * t->size : 64;
        cells = realloc(t->cell, size * sizeof(char *));
        if (cells == NULL) {
            t->failed = 1;
            return;
        }
        t->cell = cells;
        t->size = size;
    }

    drs_buf_init(&b, 0);

    if (text.len == 0) {
        (void) drs_buf_putc(&b, '-');
    }

    drsctl_clean(&b, text);
    t->cell[t->n] = drs_buf_steal(&b, NULL);

    if (t->cell[t->n] == NULL) {
        t->failed = 1;
        return;
    }

    t->n++;
}


void
drsctl_table_cellf(drsctl_table_t *t, const char *fmt, ...)
{
    va_list   ap;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    va_start(ap, fmt);
    (void) drs_buf_vprintf(&b, fmt, ap);
    va_end(ap);

    drsctl_table_cell(t, drs_buf_str(&b));
    drs_buf_free(&b);
}


void
drsctl_table_time(drsctl_table_t *t, int64_t t_s)
{
    char   text[DRS_TIME_ISO_SIZE];
    size_t len;

    len = t_s > 0 ? drs_time_iso_s(text, t_s) : 0;
    drsctl_table_cell(t, drs_strn(text, len));
}


int
drsctl_table_render(const drsctl_table_t *t, int first, drs_buf_t *b)
{
    size_t    i, k, w, width[DRSCTL_TABLE_MAX_COLUMNS];
    drs_str_t s;

    if (t->failed || t->columns == 0 || t->columns > DRSCTL_TABLE_MAX_COLUMNS
        || t->n % t->columns != 0)
    {
        return DRS_ERROR;
    }

    memset(width, 0, sizeof(width));

    for (i = 0; i < t->n; i++) {
        w = drsctl_width(drs_str(t->cell[i]));
        k = i % t->columns;
        width[k] = w > width[k] ? w : width[k];
    }

    for (i = first && t->header ? t->columns : 0; i < t->n; i++) {
        s = drs_str(t->cell[i]);
        k = i % t->columns;

        if (first) {
            if (k == 0) {
                (void) drs_buf_str_append(b, s);
                (void) drs_buf_putc(b, '\n');
            }
            continue;
        }

        (void) drs_buf_str_append(b, s);

        if (k + 1 == t->columns) {
            (void) drs_buf_putc(b, '\n');
            continue;
        }

        for (w = drsctl_width(s); w < width[k] + 2; w++) {
            (void) drs_buf_putc(b, ' ');
        }
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}
