/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzz targets share.
 */

#ifndef FUZZ_H_INCLUDED
#define FUZZ_H_INCLUDED


#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_model.h"
#include "drs_str.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* An invariant; says which one before the program ends. */
#define MUST(x)                                                                \
    do {                                                                       \
        if (!(x)) {                                                            \
            (void) fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,  \
                           #x);                                                \
            abort();                                                           \
        }                                                                      \
    } while (0)


/*
 * Memory of exactly this size, so that one byte too many is seen; never NULL.
 */
static inline char *
fuzz_mem(size_t size)
{
    char *p;

    p = malloc(size != 0 ? size : 1);
    MUST(p != NULL);

    return p;
}


/* The next line of the input; the last one is the rest. */
static inline drs_str_t
fuzz_line(drs_str_t *rest)
{
    drs_str_t line = drs_null_string;

    (void) drs_str_split(rest, '\n', &line);

    if (rest->data == NULL) {
        rest->len = 0;
    }

    return line;
}


/*
 * A refusal says why: a code, a sentence, and in details.errors[] a field and
 * a code for each failure.  All of it can be sent.
 */
static inline void
fuzz_refusal(const drs_model_error_t *e)
{
    size_t        i;
    json_t       *body, *item;
    drs_error_t   out;
    const json_t *errors;

    MUST(e->err != DRS_ERR_NONE);
    MUST(memchr(e->message, '\0', sizeof(e->message)) != NULL);

    drs_model_error_view(e, &out);
    MUST(out.err == e->err);

    errors = json_object_get(e->details, "errors");

    json_array_foreach ((json_t *) errors, i, item) {
        MUST(drs_json_str(json_object_get(item, "field")).len > 0);
        MUST(drs_json_str(json_object_get(item, "code")).len > 0);
    }

    body = drs_model_error_body(e, drs_str("fuzz"));
    MUST(body != NULL);
    MUST(drs_json_str(json_object_get(body, "message")).len > 0);
    json_decref(body);
}


#endif /* FUZZ_H_INCLUDED */
