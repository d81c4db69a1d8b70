
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Any operation by name, and the joining of pages.
 */

#include <stdio.h>
#include <string.h>

#include "aws_int.h"


#define DRSW_PAGES_MAX 20000


static json_t *
drsw_pages_input(const drsw_aws_op_t *op, const json_t *input)
{
    json_t                 *copy;
    const drsw_aws_pager_t *p;

    p = &op->pager;
    copy = input != NULL ? json_copy((json_t *) input) : json_object();

    if (copy != NULL && p->limit != NULL
        && json_object_get(copy, p->limit) == NULL
        && (p->no_limit == NULL || json_object_get(copy, p->no_limit) == NULL)
        && json_object_set_new(copy, p->limit, json_integer(p->limit_value))
               != 0)
    {
        json_decref(copy);
        return NULL;
    }

    return copy;
}


static drsw_aws_class_e
drsw_pages(drsw_aws_t *aws, drsw_exec_t *exec, json_t **output,
           drsw_aws_result_t *res)
{
    int         attempts, i;
    json_t     *all, *input, *page, *token, *last;
    const char *next;
    drsw_aws_class_e class;
    const drsw_aws_pager_t *p;

    p = &exec->op->pager;
    last = NULL;
    attempts = 0;
    all = json_array();
    input = drsw_pages_input(exec->op, exec->input);
    class = DRSW_AWS_OK;

    if (all == NULL || input == NULL) {
        class = drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                 "out of memory");
        goto done;
    }

    exec->input = input;

    for (i = 0;; i++) {
        class = drsw_aws_exec(aws, exec, &page, res);
        attempts += res->attempts;

        if (class != DRSW_AWS_OK) {
            break;
        }

        (void) json_array_extend(all, json_object_get(page, p->items));

        token = json_incref(json_object_get(page, p->token_out));
        json_decref(page);

        next = json_string_value(token);

        if (next == NULL || *next == '\0') {
            json_decref(token);
            break;
        }

        if (json_equal(token, last) || i == DRSW_PAGES_MAX) {
            json_decref(token);
            class =
                drsw_error_local(res, DRSW_AWS_PROTOCOL, "LocalPages",
                                 "%s: the pages do not end", exec->op->name);
            break;
        }

        json_decref(last);
        last = token;

        if (json_object_set(input, p->token_in, token) != 0) {
            class = drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                     "out of memory");
            break;
        }
    }

done:

    json_decref(last);
    json_decref(input);

    res->attempts = attempts;

    if (class != DRSW_AWS_OK) {
        json_decref(all);
        return class;
    }

    *output = all;

    return DRSW_AWS_OK;
}


drsw_aws_class_e
drsw_aws_call(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
              const char *operation, const json_t *input, bool all_pages,
              json_t **output, drsw_aws_result_t *res)
{
    int64_t     begin;
    drsw_exec_t exec;
    drsw_aws_class_e class;

    *output = NULL;
    drsw_result_init(res);
    memset(&exec, 0, sizeof(exec));

    begin = drsw_aws_mono_ms();

    exec.service = drsw_aws_service(service);
    exec.op =
        exec.service != NULL ? drsw_aws_op(exec.service, operation) : NULL;

    if (exec.op == NULL || (all_pages && exec.op->pager.items == NULL)) {
        return drsw_error_local(res, DRSW_AWS_LOCAL, "LocalOperation",
                                "no such operation%s: %.40s %.80s",
                                all_pages ? " with pages" : "", service,
                                operation);
    }

    exec.ctx = ctx;
    exec.input = input;
    exec.max_attempts = ctx->max_attempts;
    exec.deadline_ms =
        begin + (ctx->timeout_ms > 0 ? ctx->timeout_ms : DRSW_AWS_TIMEOUT_MS);

    class = all_pages ? drsw_pages(aws, &exec, output, res)
                      : drsw_aws_exec(aws, &exec, output, res);

    res->latency_ms = drsw_aws_mono_ms() - begin;

    return class;
}
