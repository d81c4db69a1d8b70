
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * JSON: what is accepted is within the limits, dumps to a canonical text, and
 * that text parses to an equal document with the same canonical text.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"


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

    drs_buf_free(&a);
    drs_buf_free(&b);
    json_decref(v);
    json_decref(again);

    return 0;
}
