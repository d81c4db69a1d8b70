
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * STS (query protocol, version 2011-06-15).
 */

#include <string.h>

#include "aws_svc.h"


drsw_aws_class_e
drsw_sts_get_caller_identity(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                             json_t **identity, drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "sts", "GetCallerIdentity", json_object(),
                        NULL, identity, res);
}


drsw_aws_class_e
drsw_sts_check_role(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                    const char *role_arn, const char *external_id,
                    json_t **session, drsw_aws_result_t *res)
{
    int64_t       begin;
    drsw_creds_t  with, out;
    drsw_assume_t role;
    drsw_aws_class_e class;
    drsw_creds_fetch_t f;

    if (session != NULL) {
        *session = NULL;
    }

    drsw_result_init(res);
    memset(&with, 0, sizeof(with));
    memset(&out, 0, sizeof(out));
    memset(&role, 0, sizeof(role));

    begin = drsw_aws_mono_ms();

    f.aws = aws;
    f.region = ctx->region;
    f.account = ctx->account;
    f.deadline_ms =
        begin + (ctx->timeout_ms > 0 ? ctx->timeout_ms : DRSW_AWS_TIMEOUT_MS);
    f.res = res;

    class = drsw_creds_get(aws, ctx, f.deadline_ms, &with, res);
    if (class != DRSW_AWS_OK) {
        return class;
    }

    role.role_arn = role_arn;
    role.external_id = external_id;
    role.session_name = ctx->session_name;
    role.source_identity = ctx->source_identity;
    role.duration_s = 900;

    class =
        drsw_creds_assume(&f, &with, &role, &out, session) == DRSW_CREDS_FOUND
            ? DRSW_AWS_OK
            : res->class;

    drsw_creds_free(&with);
    drsw_creds_free(&out);

    res->latency_ms = drsw_aws_mono_ms() - begin;

    return class;
}
