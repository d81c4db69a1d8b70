
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * JSON: what is accepted is within the limits, dumps to a canonical text, and
 * that text parses to an equal document with the same canonical text.  Pages
 * of an array are the array, and any text may be a position in it.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_list_page.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static unsigned
depth(const json_t *v)
{
    unsigned    d, max;
    size_t      i;
    const char *key;
    json_t     *item;

    max = 0;

    if (json_is_array(v)) {
        json_array_foreach (v, i, item) {
            d = depth(item);
            max = d > max ? d : max;
        }

        return max + 1;
    }

    if (json_is_object(v)) {
        json_object_foreach ((json_t *) v, key, item) {
            d = depth(item);
            max = d > max ? d : max;
        }

        return max + 1;
    }

    return 0;
}


static void
pages(const json_t *array, drs_str_t text)
{
    size_t    n, limit;
    json_t   *page;
    drs_buf_t out, pos, next;

    static const drs_list_page_t bare = { "", "id" };

    n = 0;
    limit = 1 + text.len % 7;
    drs_buf_init(&out, 0);
    drs_buf_init(&pos, 0);
    drs_buf_init(&next, 0);

    do {
        drs_buf_reset(&out);
        drs_buf_reset(&next);

        if (drs_list_page(&out, &next, text, &bare, "fuzz", limit,
                          drs_buf_str(&pos))
            != DRS_OK)
        {
            abort();
        }

        page = drs_json_parse(drs_buf_str(&out), &drs_json_store_limits, NULL);

        if (page == NULL || json_array_size(page) > limit
            || n + json_array_size(page) > json_array_size(array))
        {
            abort();
        }

        n += json_array_size(page);
        json_decref(page);
        drs_buf_reset(&pos);

        if (drs_buf_str_append(&pos, drs_buf_str(&next)) != DRS_OK) {
            abort();
        }
    } while (pos.len > 0);

    if (n != json_array_size(array)) {
        abort();
    }

    (void) drs_list_page(&out, &next, text, &bare, "fuzz", limit, text);
    drs_buf_free(&out);
    drs_buf_free(&pos);
    drs_buf_free(&next);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t          *v, *again;
    drs_buf_t        a, b;
    drs_json_error_t err;

    v = drs_json_parse(drs_strn((const char *) data, size), NULL, &err);

    if (v == NULL) {
        if (err.code == DRS_JSON_E_NONE || err.text[0] == '\0') {
            abort();
        }

        return 0;
    }

    if (depth(v) > DRS_JSON_MAX_DEPTH) {
        abort();
    }

    drs_buf_init(&a, 0);
    drs_buf_init(&b, 0);

    if (drs_json_dump_canonical(&a, v) != DRS_OK) {
        abort();
    }

    again = drs_json_parse(drs_buf_str(&a), &drs_json_store_limits, &err);

    if (again == NULL || drs_json_dump_canonical(&b, again) != DRS_OK
        || a.len != b.len || memcmp(a.data, b.data, a.len) != 0
        || !drs_json_equal(v, again))
    {
        abort();
    }

    if (json_is_array(v)) {
        pages(v, drs_strn((const char *) data, size));
        pages(v, drs_buf_str(&a));
    }

    drs_buf_free(&a);
    drs_buf_free(&b);
    json_decref(v);
    json_decref(again);

    return 0;
}
