
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Requests to wire form and answers back, for the four protocols.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_int.h"
#include "aws_query.h"


static int drsw_wire_rest(const drsw_aws_op_t *op, const json_t *input,
                          drsw_aws_wire_t *wire, char *err, size_t errlen);
static int drsw_wire_query(const drsw_aws_service_t *service,
                           const drsw_aws_op_t *op, const json_t *input,
                           drsw_aws_wire_t *wire, char *err, size_t errlen);
static int drsw_wire_body(const json_t *input, drs_buf_t *body);


int
drsw_aws_wire(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
              const json_t *input, drsw_aws_wire_t *wire, char *err,
              size_t errlen)
{
    memset(wire, 0, sizeof(drsw_aws_wire_t));
    drs_buf_init(&wire->path, 0);
    drs_buf_init(&wire->query, 0);
    drs_buf_init(&wire->body, 0);

    wire->method = op->method != NULL ? op->method : "POST";
    (void) snprintf(err, errlen, "out of memory");

    if (input != NULL && !json_is_object(input)) {
        (void) snprintf(err, errlen, "input must be an object");
        return DRS_DECLINED;
    }

    switch (service->proto) {
    case DRSW_PROTO_REST_JSON:
        return drsw_wire_rest(op, input, wire, err, errlen);

    case DRSW_PROTO_JSON:
        wire->content_type = "application/x-amz-json-1.1";
        (void) snprintf(wire->target, sizeof(wire->target), "%s.%s",
                        service->version, op->name);

        if (drs_buf_putc(&wire->path, '/') != DRS_OK) {
            return DRS_ERROR;
        }

        return drsw_wire_body(input, &wire->body);

    default:
        return drsw_wire_query(service, op, input, wire, err, errlen);
    }
}


void
drsw_aws_wire_free(drsw_aws_wire_t *wire)
{
    drs_buf_free(&wire->path);
    drs_buf_free_secret(&wire->query);
    drs_buf_free_secret(&wire->body);
}


static int
drsw_wire_dump(const char *data, size_t len, void *arg)
{
    return drs_buf_append(arg, data, len) == DRS_OK ? 0 : -1;
}


static int
drsw_wire_body(const json_t *input, drs_buf_t *body)
{
    if (input == NULL) {
        return drs_buf_puts(body, "{}");
    }

    if (json_dump_callback(input, drsw_wire_dump, body, JSON_COMPACT) != 0) {
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drsw_wire_pair(drs_buf_t *query, const char *key, const json_t *value)
{
    char        num[40];
    const char *s;

    s = json_string_value(value);

    if (s == NULL && json_is_integer(value)) {
        (void) snprintf(num, sizeof(num), "%" JSON_INTEGER_FORMAT,
                        json_integer_value(value));
        s = num;
    }

    if (s == NULL) {
        return DRS_DECLINED;
    }

    (void) drs_buf_puts(query, query->len > 0 ? "&" : "");
    (void) drsw_uri_encode(query, key, strlen(key), false);
    (void) drs_buf_putc(query, '=');

    return drsw_uri_encode(query, s, strlen(s), false);
}


/* All members but the label as query string, lists by repetition. */

static int
drsw_wire_rest_query(const json_t *input, drsw_aws_wire_t *wire, char *err,
                     size_t errlen)
{
    int         rc;
    size_t      i;
    json_t     *value, *item;
    const char *key;

    json_object_foreach ((json_t *) input, key, value) {
        if (strcmp(key, "resourceArn") == 0) {
            continue;
        }

        rc = DRS_OK;

        if (json_is_array(value)) {
            json_array_foreach (value, i, item) {
                if (rc == DRS_OK) {
                    rc = drsw_wire_pair(&wire->query, key, item);
                }
            }

        } else {
            rc = drsw_wire_pair(&wire->query, key, value);
        }

        if (rc != DRS_OK) {
            (void) snprintf(err, errlen, "%.80s: cannot be a query parameter",
                            key);
            return rc;
        }
    }

    return DRS_OK;
}


static int
drsw_wire_rest(const drsw_aws_op_t *op, const json_t *input,
               drsw_aws_wire_t *wire, char *err, size_t errlen)
{
    int         rc;
    json_t     *body;
    const char *arn;

    body = NULL;

    if (op->uri != NULL) {
        arn = json_string_value(json_object_get(input, "resourceArn"));

        if (arn == NULL || *arn == '\0') {
            (void) snprintf(err, errlen, "resourceArn: must be a string");
            return DRS_DECLINED;
        }

        (void) drs_buf_puts(&wire->path, op->uri);
        (void) drsw_uri_encode(&wire->path, arn, strlen(arn), false);

    } else {
        (void) drs_buf_printf(&wire->path, "/%s", op->name);
    }

    if (!drs_buf_ok(&wire->path)) {
        return DRS_ERROR;
    }

    if (strcmp(wire->method, "POST") != 0) {
        return drsw_wire_rest_query(input, wire, err, errlen);
    }

    wire->content_type = "application/json";

    if (op->uri != NULL) {
        body = json_copy((json_t *) input);
        if (body == NULL || json_object_del(body, "resourceArn") != 0) {
            json_decref(body);
            return DRS_ERROR;
        }
    }

    rc = drsw_wire_body(body != NULL ? body : input, &wire->body);
    json_decref(body);

    return rc;
}


static int
drsw_wire_query(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
                const json_t *input, drsw_aws_wire_t *wire, char *err,
                size_t errlen)
{
    wire->content_type = "application/x-www-form-urlencoded; charset=utf-8";

    (void) drs_buf_putc(&wire->path, '/');
    (void) drs_buf_printf(&wire->body, "Action=%s&Version=%s", op->name,
                          service->version);

    return drsw_query_encode(&wire->body, op->in, input,
                             service->proto == DRSW_PROTO_EC2, err, errlen);
}


static void
drsw_answer_id(const drsw_xml_t *node, const char *name, char *dst, size_t size)
{
    const char *id;

    id = drsw_xml_text(drsw_xml_child(node, name));

    if (id != NULL && *id != '\0') {
        (void) snprintf(dst, size, "%s", id);
    }
}


static json_t *
drsw_answer_xml(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
                const drsw_http_response_t *resp, char *request_id,
                size_t idlen)
{
    char              name[96];
    json_t           *answer;
    drsw_xml_t       *root;
    const drsw_xml_t *node;

    root = drsw_xml_parse(resp->body.data, resp->body.len);
    if (root == NULL) {
        return NULL;
    }

    answer = NULL;
    (void) snprintf(name, sizeof(name), "%sResponse", op->name);

    if (strcmp(root->name, name) != 0) {
        goto done;
    }

    node = root;

    if (service->proto == DRSW_PROTO_EC2) {
        drsw_answer_id(root, "requestId", request_id, idlen);

    } else {
        drsw_answer_id(drsw_xml_child(root, "ResponseMetadata"), "RequestId",
                       request_id, idlen);

        (void) snprintf(name, sizeof(name), "%sResult", op->name);
        node = drsw_xml_child(root, name);

        if (node == NULL) {
            /* operations without output have no result element */
            answer = op->out[0].name == NULL ? json_object() : NULL;
            goto done;
        }
    }

    answer = drsw_query_decode(op->out, node);

done:

    drsw_xml_free(root);

    return answer;
}


json_t *
drsw_aws_answer(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
                const drsw_http_response_t *resp, char *request_id,
                size_t idlen)
{
    json_t *answer;

    if (service->proto == DRSW_PROTO_QUERY || service->proto == DRSW_PROTO_EC2)
    {
        return resp->body.len > 0
                   ? drsw_answer_xml(service, op, resp, request_id, idlen)
                   : NULL;
    }

    if (resp->body.len == 0) {
        return json_object();
    }

    answer = json_loadb(resp->body.data, resp->body.len, JSON_REJECT_DUPLICATES,
                        NULL);

    if (!json_is_object(answer)) {
        json_decref(answer);
        return NULL;
    }

    return answer;
}
