
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drsctl.h"


#define DRSCTL_MAX_PAGES 10000


/* Takes the entries of `page` over into `all`. */

static int
drsctl_page_join(json_t *all, const json_t *page, const char *member)
{
    json_t *list;

    list = json_object_get(all, member);

    if (!json_is_array(list)
        || json_array_extend(list, json_object_get(page, member)) != 0)
    {
        return DRS_ERROR;
    }

    (void) drs_json_set_int(all, "count", (int64_t) json_array_size(list));

    return json_object_set(all, "nextToken",
                           json_object_get(page, "nextToken"));
}


int
drsctl_get_pages(drsctl_t *c, drs_buf_t *path, const char *member,
                 drsctl_answer_t *a)
{
    int             code;
    char           *token;
    size_t          base, pages;
    drs_str_t       next;
    drsctl_answer_t more;

    drsctl_query_add(path, "limit", drsctl_opt(c->args, DRSCTL_OPT_LIMIT));
    base = path->len;
    drsctl_query_add(path, "nextToken",
                     drsctl_opt(c->args, DRSCTL_OPT_NEXT_TOKEN));

    code = drsctl_get(c, path->data, a);

    if (code != DRSCTL_EXIT_OK || drsctl_opt(c->args, DRSCTL_OPT_ALL) == NULL) {
        return code;
    }

    for (pages = 1; pages < DRSCTL_MAX_PAGES; pages++) {
        next = drs_json_field(a->json, "nextToken");

        if (next.len == 0) {
            break;
        }

        token = drs_str_dup(next);
        path->len = base;
        path->data[base] = '\0';
        drsctl_query_add(path, "nextToken", token);
        free(token);

        code = drsctl_get(c, path->data, &more);

        if (code == DRSCTL_EXIT_OK
            && drsctl_page_join(a->json, more.json, member) != 0) {
            code = drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                               "the pages do not fit together");
        }

        drsctl_answer_free(&more);

        if (code != DRSCTL_EXIT_OK) {
            return code;
        }
    }

    if (pages > 1) {
        drs_buf_reset(&a->text);
        if (drs_json_dump(&a->text, a->json) != DRS_OK) {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
        }
    }

    return DRSCTL_EXIT_OK;
}
