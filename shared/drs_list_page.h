/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pages of lists that are small enough to be answered whole, as the clients of
 * api.md 3 expect them: only a caller that sends `limit` or `nextToken` gets a
 * page (decisions.md 21).  Lists of thousands page where they are read.
 */

#ifndef DRS_LIST_PAGE_H_INCLUDED
#define DRS_LIST_PAGE_H_INCLUDED


#include "drs_buf.h"


#define DRS_LIST_PAGE_DEFAULT 200
#define DRS_LIST_PAGE_MAX     1000


/* Where a list stands in its answer. */
typedef struct {
    const char *items; /* member that is the array; "": the body is it; NULL:
                          the handler makes pages itself */
    const char *key;   /* member that names an element */
} drs_list_page_t;


/*
 * Writes the page of `body`, a whole answer in JSON, that begins behind
 * position `pos` ({ 0, NULL }: at the first element) to *out, and the position
 * where it ends to *next, which stays empty on the last page.  In an object,
 * `count` becomes the number of elements of the page, `totalCount` that of all
 * and `nextToken` names the next page of `list`; of a bare array only the
 * elements are left.
 *
 * A position is the number of elements before it and the key of the last one:
 * while that one exists the page goes on behind it, wherever it is now.
 *
 * DRS_OK; DRS_DECLINED: `pos` is none or `body` holds no such list, nothing was
 * written; DRS_ERROR: no memory.
 */
int drs_list_page(drs_buf_t *out, drs_buf_t *next, drs_str_t body,
                  const drs_list_page_t *spec, const char *list, size_t limit,
                  drs_str_t pos) DRS_MUST_CHECK;


#endif /* DRS_LIST_PAGE_H_INCLUDED */
