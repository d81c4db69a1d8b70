
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Shapes of the query services as constant tables (aws_shapes_*.c, written by
 * scripts/gen_aws_shapes.py from the public service models).
 */

#ifndef DRSW_AWS_SHAPE_H
#define DRSW_AWS_SHAPE_H

#include <stddef.h>


typedef enum {
    DRSW_SHAPE_STRING = 0, /* strings, enums, times, blobs */
    DRSW_SHAPE_INT,
    DRSW_SHAPE_REAL,
    DRSW_SHAPE_BOOL,
    DRSW_SHAPE_STRUCT,
    DRSW_SHAPE_LIST,
    DRSW_SHAPE_MAP /* requests: entry.N.Name and .Value; answers: texts */
} drsw_shape_type_e;


typedef struct drsw_member_s drsw_member_t;

struct drsw_member_s {
    const char          *name;  /* in JSON; NULL ends a table */
    const char          *xml;   /* element of answers, NULL: never there */
    const char          *query; /* of requests, NULL: never sent */
    drsw_shape_type_e    type;
    drsw_shape_type_e    item;  /* of LIST and MAP */
    const drsw_member_t *shape; /* of STRUCT and of struct items */
};


#define DRSW_END                                                               \
    {                                                                          \
        NULL, NULL, NULL, DRSW_SHAPE_STRING, DRSW_SHAPE_STRING, NULL           \
    }

#endif /* DRSW_AWS_SHAPE_H */
