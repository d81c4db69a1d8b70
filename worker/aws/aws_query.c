
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_query.h"
#include "aws_sigv4.h"


#define DRSW_QUERY_DEPTH 16


typedef struct {
    drs_buf_t *out;
    bool       ec2;
    char      *err;
    size_t     errlen;
} drsw_query_t;


static int drsw_query_name(drsw_query_t *q, char *dst, size_t size,
                           const char *fmt, ...) DRS_PRINTF(4, 5);
static int
drsw_query_struct(drsw_query_t *q, const drsw_member_t *shape,
                  const json_t *input, const char *prefix, int depth);
static json_t *
drsw_query_decode_value(drsw_shape_type_e type, const drsw_member_t *m,
                        const drsw_xml_t *node);


static int
drsw_query_refuse(drsw_query_t *q, const char *name, const char *what)
{
    (void) snprintf(q->err, q->errlen, "%.120s: %s", name, what);
    return DRS_DECLINED;
}


static int
drsw_query_name(drsw_query_t *q, char *dst, size_t size, const char *fmt, ...)
{
    int     n;
    va_list args;

    va_start(args, fmt);
    n = vsnprintf(dst, size, fmt, args);
    va_end(args);

    if (n < 0 || (size_t) n >= size) {
        return drsw_query_refuse(q, dst, "is nested too deep");
    }

    return DRS_OK;
}


static int
drsw_query_scalar(drsw_query_t *q, drsw_shape_type_e type, const json_t *value,
                  const char *name)
{
    char        num[40];
    const char *s;

    switch (type) {
    case DRSW_SHAPE_STRING:
        s = json_string_value(value);
        break;

    case DRSW_SHAPE_BOOL:
        s = json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                                   : NULL;
        break;

    case DRSW_SHAPE_INT:
        (void) snprintf(num, sizeof(num), "%" JSON_INTEGER_FORMAT,
                        json_integer_value(value));
        s = json_is_integer(value) ? num : NULL;
        break;

    default:
        (void) snprintf(num, sizeof(num), "%.15g", json_number_value(value));
        s = json_is_number(value) ? num : NULL;
        break;
    }

    if (s == NULL) {
        return drsw_query_refuse(q, name, "has a value of the wrong type");
    }

    (void) drs_buf_printf(q->out, "&%s=", name);

    return drsw_uri_encode(q->out, s, strlen(s), false);
}


static int
drsw_query_value(drsw_query_t *q, drsw_shape_type_e type,
                 const drsw_member_t *m, const json_t *value, const char *name,
                 int depth)
{
    if (type != DRSW_SHAPE_STRUCT) {
        return drsw_query_scalar(q, type, value, name);
    }

    if (!json_is_object(value)) {
        return drsw_query_refuse(q, name, "must be an object");
    }

    return drsw_query_struct(q, m->shape, value, name, depth + 1);
}


static int
drsw_query_list(drsw_query_t *q, const drsw_member_t *m, const json_t *value,
                const char *name, int depth)
{
    int     rc;
    char    item[256];
    size_t  i;
    json_t *v;

    if (!json_is_array(value)) {
        return drsw_query_refuse(q, name, "must be a list");
    }

    json_array_foreach ((json_t *) value, i, v) {
        rc = drsw_query_name(q, item, sizeof(item), "%s%s.%zu", name,
                             q->ec2 ? "" : ".member", i + 1);
        if (rc == DRS_OK) {
            rc = drsw_query_value(q, m->item, m, v, item, depth);
        }

        if (rc != DRS_OK) {
            return rc;
        }
    }

    return DRS_OK;
}


static int
drsw_query_map(drsw_query_t *q, const drsw_member_t *m, const json_t *value,
               const char *name, int depth)
{
    int         rc;
    char        item[256];
    size_t      i;
    json_t     *v;
    const char *key;

    if (!json_is_object(value)) {
        return drsw_query_refuse(q, name, "must be an object");
    }

    i = 0;

    json_object_foreach ((json_t *) value, key, v) {
        i++;

        (void) drs_buf_printf(q->out, "&%s.entry.%zu.%s=", name, i,
                              m->item == DRSW_SHAPE_STRUCT ? "Name" : "key");
        (void) drsw_uri_encode(q->out, key, strlen(key), false);

        rc = drsw_query_name(q, item, sizeof(item), "%s.entry.%zu.%s", name, i,
                             m->item == DRSW_SHAPE_STRUCT ? "Value" : "value");
        if (rc == DRS_OK) {
            rc = drsw_query_value(q, m->item, m, v, item, depth);
        }

        if (rc != DRS_OK) {
            return rc;
        }
    }

    return DRS_OK;
}


static const drsw_member_t *
drsw_query_member(const drsw_member_t *shape, const char *name)
{
    while (shape->name != NULL) {
        if (strcmp(shape->name, name) == 0) {
            return shape;
        }

        shape++;
    }

    return NULL;
}


static int
drsw_query_struct(drsw_query_t *q, const drsw_member_t *shape,
                  const json_t *input, const char *prefix, int depth)
{
    int                  rc;
    char                 name[256];
    json_t              *v;
    const char          *key;
    const drsw_member_t *m;

    if (depth > DRSW_QUERY_DEPTH) {
        return drsw_query_refuse(q, prefix, "is nested too deep");
    }

    json_object_foreach ((json_t *) input, key, v) {
        m = drsw_query_member(shape, key);

        if (m == NULL) {
            return drsw_query_refuse(q, key, "is not a member of the request");
        }

        if (m->query == NULL || json_is_null(v)) {
            continue;
        }

        rc = drsw_query_name(q, name, sizeof(name), "%s%s%s", prefix,
                             *prefix != '\0' ? "." : "", m->query);
        if (rc != DRS_OK) {
            return rc;
        }

        switch (m->type) {
        case DRSW_SHAPE_LIST:
            rc = drsw_query_list(q, m, v, name, depth);
            break;

        case DRSW_SHAPE_MAP:
            rc = drsw_query_map(q, m, v, name, depth);
            break;

        default:
            rc = drsw_query_value(q, m->type, m, v, name, depth);
            break;
        }

        if (rc != DRS_OK) {
            return rc;
        }
    }

    return drs_buf_ok(q->out) ? DRS_OK : DRS_ERROR;
}


int
drsw_query_encode(drs_buf_t *out, const drsw_member_t *shape,
                  const json_t *input, bool ec2, char *err, size_t errlen)
{
    drsw_query_t q;

    if (input == NULL) {
        return DRS_OK;
    }

    q.out = out;
    q.ec2 = ec2;
    q.err = err;
    q.errlen = errlen;
    err[0] = '\0';

    if (!json_is_object(input)) {
        return drsw_query_refuse(&q, "input", "must be an object");
    }

    return drsw_query_struct(&q, shape, input, "", 0);
}


json_t *
drsw_query_decode(const drsw_member_t *shape, const drsw_xml_t *node)
{
    json_t              *object, *value;
    const drsw_xml_t    *child;
    const drsw_member_t *m;

    object = json_object();
    if (object == NULL) {
        return NULL;
    }

    for (child = node->first; child != NULL; child = child->next) {
        for (m = shape; m->name != NULL; m++) {
            if (m->xml != NULL && strcmp(m->xml, child->name) == 0) {
                break;
            }
        }

        if (m->name == NULL) {
            continue;
        }

        value = drsw_query_decode_value(m->type, m, child);

        if (json_object_set_new(object, m->name, value) != 0) {
            json_decref(object);
            return NULL;
        }
    }

    return object;
}


static json_t *
drsw_query_decode_list(const drsw_member_t *m, const drsw_xml_t *node)
{
    json_t           *list, *value;
    const drsw_xml_t *child;

    list = json_array();
    if (list == NULL) {
        return NULL;
    }

    for (child = node->first; child != NULL; child = child->next) {
        value = drsw_query_decode_value(m->item, m, child);

        if (json_array_append_new(list, value) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


/* <entry><key/><value/></entry> ... of texts */
static json_t *
drsw_query_decode_map(const drsw_xml_t *node)
{
    json_t           *map;
    const char       *key, *value;
    const drsw_xml_t *entry, *child;

    map = json_object();

    for (entry = node->first; entry != NULL; entry = entry->next) {
        key = value = NULL;

        for (child = entry->first; child != NULL; child = child->next) {
            if (strcmp(child->name, "key") == 0) {
                key = drsw_xml_text(child);

            } else if (strcmp(child->name, "value") == 0) {
                value = drsw_xml_text(child);
            }
        }

        if (key != NULL && value != NULL
            && json_object_set_new(map, key, json_string(value)) != 0)
        {
            json_decref(map);
            return NULL;
        }
    }

    return map;
}


static json_t *
drsw_query_decode_value(drsw_shape_type_e type, const drsw_member_t *m,
                        const drsw_xml_t *node)
{
    char       *end;
    double      d;
    long long   n;
    const char *text;

    text = drsw_xml_text(node);

    switch (type) {
    case DRSW_SHAPE_STRUCT:
        return drsw_query_decode(m->shape, node);

    case DRSW_SHAPE_LIST:
        return drsw_query_decode_list(m, node);

    case DRSW_SHAPE_MAP:
        return drsw_query_decode_map(node);

    case DRSW_SHAPE_BOOL:
        return json_boolean(strcmp(text, "true") == 0);

    case DRSW_SHAPE_INT:
        n = strtoll(text, &end, 10);
        if (end != text && *end == '\0') {
            return json_integer(n);
        }

        break;

    case DRSW_SHAPE_REAL:
        d = strtod(text, &end);
        if (end != text && *end == '\0') {
            return json_real(d);
        }

        break;

    default:
        break;
    }

    /* a number that is none stays text: the reader checks the type */

    return json_string(text);
}
