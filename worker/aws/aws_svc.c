
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <string.h>

#include "aws_svc.h"


drsw_aws_class_e
drsw_svc_refuse(drsw_aws_result_t *res, const char *what)
{
    drsw_result_init(res);

    return drsw_error_local(res, DRSW_AWS_LOCAL, "LocalInput", "%s", what);
}


drsw_aws_ctx_t
drsw_svc_left(const drsw_aws_ctx_t *ctx, int64_t begin_ms)
{
    drsw_aws_ctx_t own;

    own = *ctx;

    if (own.timeout_ms <= 0) {
        own.timeout_ms = DRSW_AWS_TIMEOUT_MS;
    }

    own.timeout_ms -= drsw_aws_mono_ms() - begin_ms;

    if (own.timeout_ms < 1) {
        own.timeout_ms = 1;
    }

    return own;
}


json_t *
drsw_svc_input(const char *key, ...)
{
    json_t     *input;
    va_list     args;
    const char *value;

    input = json_object();

    va_start(args, key);

    while (key != NULL && input != NULL) {
        value = va_arg(args, const char *);

        if (value != NULL
            && json_object_set_new(input, key, json_string(value)) != 0) {
            json_decref(input);
            input = NULL;
            break;
        }

        key = va_arg(args, const char *);
    }

    va_end(args);

    return input;
}


drsw_aws_class_e
drsw_svc_one(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
             const char *operation, json_t *input, const char *member,
             json_t **output, drsw_aws_result_t *res)
{
    json_t *answer;
    drsw_aws_class_e class;

    if (output != NULL) {
        *output = NULL;
    }

    if (input == NULL) {
        return drsw_svc_refuse(res, "an argument is not UTF-8");
    }

    class =
        drsw_aws_call(aws, ctx, service, operation, input, false, &answer, res);
    json_decref(input);

    if (class != DRSW_AWS_OK) {
        return class;
    }

    if (output == NULL) {
        json_decref(answer);
        return DRSW_AWS_OK;
    }

    if (member == NULL) {
        *output = answer;
        return DRSW_AWS_OK;
    }

    *output = json_incref(json_object_get(answer, member));
    json_decref(answer);

    if (*output == NULL) {
        return drsw_error_local(res, DRSW_AWS_PROTOCOL, "LocalAnswer",
                                "%s: the answer has no %s", operation, member);
    }

    return DRSW_AWS_OK;
}


drsw_aws_class_e
drsw_svc_array(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
               const char *operation, json_t *input, const char *member,
               json_t **output, drsw_aws_result_t *res)
{
    json_t *answer, *list;
    drsw_aws_class_e class;

    class =
        drsw_svc_one(aws, ctx, service, operation, input, NULL, &answer, res);
    *output = NULL;

    if (class != DRSW_AWS_OK) {
        return class;
    }

    list = json_object_get(answer, member);
    *output = json_is_array(list) ? json_incref(list) : json_array();
    json_decref(answer);

    return DRSW_AWS_OK;
}


/* Sets a part of the ids in input or in its member outer. */

static int
drsw_svc_set_ids(json_t *input, const char *outer, const char *key,
                 const json_t *ids, size_t from, size_t n)
{
    size_t  i;
    json_t *part, *object;

    part = json_array();

    for (i = from; i < from + n; i++) {
        if (json_array_append(part, json_array_get(ids, i)) != 0) {
            json_decref(part);
            return -1;
        }
    }

    object = input;

    if (outer != NULL) {
        /* a copy: the caller's object is not to be changed */
        object = json_object_get(input, outer);
        object = object != NULL ? json_copy(object) : json_object();

        if (json_object_set_new(input, outer, object) != 0) {
            json_decref(part);
            return -1;
        }
    }

    return json_object_set_new(object, key, part);
}


drsw_aws_class_e
drsw_svc_pages(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
               const char *operation, json_t *input, const char *outer,
               const char *key, const json_t *ids, size_t chunk,
               json_t **output, drsw_aws_result_t *res)
{
    int            attempts;
    size_t         n, i, part;
    json_t        *all, *items;
    int64_t        begin;
    drsw_aws_ctx_t own;
    drsw_aws_class_e class;

    *output = NULL;

    if (input == NULL) {
        return drsw_svc_refuse(res, "an argument is not UTF-8");
    }

    if (ids == NULL) {
        class = drsw_aws_call(aws, ctx, service, operation, input, true, output,
                              res);
        json_decref(input);
        return class;
    }

    if (!json_is_array(ids)) {
        json_decref(input);
        return drsw_svc_refuse(res, "ids must be a list");
    }

    drsw_result_init(res);

    begin = drsw_aws_mono_ms();
    attempts = 0;
    class = DRSW_AWS_OK;
    all = json_array();
    n = json_array_size(ids);

    for (i = 0; i < n && class == DRSW_AWS_OK; i += part) {
        part = n - i < chunk ? n - i : chunk;

        if (drsw_svc_set_ids(input, outer, key, ids, i, part) != 0) {
            class = drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                     "out of memory");
            break;
        }

        own = drsw_svc_left(ctx, begin);
        class = drsw_aws_call(aws, &own, service, operation, input, true,
                              &items, res);
        attempts += res->attempts;

        if (class == DRSW_AWS_OK) {
            (void) json_array_extend(all, items);
            json_decref(items);
        }
    }

    json_decref(input);

    res->attempts = attempts;
    res->latency_ms = drsw_aws_mono_ms() - begin;

    if (class != DRSW_AWS_OK) {
        json_decref(all);
        return class;
    }

    *output = all;

    return DRSW_AWS_OK;
}


drsw_start_e
drsw_svc_once(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
              const char *operation, json_t *input, int64_t sign_at_s,
              int64_t timeout_ms, json_t **answer, drsw_aws_result_t *res)
{
    drsw_exec_t exec;
    drsw_aws_class_e class;

    *answer = NULL;

    if (input == NULL) {
        (void) drsw_svc_refuse(res, "an argument is not UTF-8");
        return DRSW_START_NOT_SENT;
    }

    memset(&exec, 0, sizeof(exec));
    exec.service = drsw_aws_service(service);
    exec.op = drsw_aws_op(exec.service, operation);
    exec.ctx = ctx;
    exec.input = input;
    exec.sign_at_s = sign_at_s;
    exec.deadline_ms = drsw_aws_mono_ms() + timeout_ms;
    exec.max_attempts = 1;

    class = drsw_aws_exec(aws, &exec, answer, res);
    json_decref(input);

    if (class == DRSW_AWS_OK) {
        return DRSW_START_ACCEPTED;
    }

    if (res->sent == DRSW_AWS_NOT_SENT) {
        return DRSW_START_NOT_SENT;
    }

    if (class == DRSW_AWS_AMBIGUOUS || res->sent != DRSW_AWS_ANSWERED
        || res->http_status < 400)
    {
        res->class = DRSW_AWS_AMBIGUOUS;
        return DRSW_START_UNKNOWN;
    }

    return DRSW_START_REFUSED;
}
