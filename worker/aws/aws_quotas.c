
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Service Quotas (JSON 1.1).
 */

#include "aws_svc.h"


drsw_aws_class_e
drsw_quotas_get(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                const char *service_code, const char *quota_code,
                json_t **quota, drsw_aws_result_t *res)
{
    int64_t        begin;
    drsw_aws_ctx_t own;
    drsw_aws_class_e class;

    begin = drsw_aws_mono_ms();
    class = drsw_svc_one(aws, ctx, "servicequotas", "GetServiceQuota",
                         drsw_svc_input("ServiceCode", service_code,
                                        "QuotaCode", quota_code, NULL),
                         "Quota", quota, res);

    if (class != DRSW_AWS_NOT_FOUND) {
        return class;
    }

    own = drsw_svc_left(ctx, begin);

    return drsw_svc_one(aws, &own, "servicequotas", "GetAWSDefaultServiceQuota",
                        drsw_svc_input("ServiceCode", service_code, "QuotaCode",
                                       quota_code, NULL),
                        "Quota", quota, res);
}


drsw_aws_class_e
drsw_quotas_list(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 const char *service_code, json_t **quotas,
                 drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "servicequotas", "ListServiceQuotas",
                          drsw_svc_input("ServiceCode", service_code, NULL),
                          NULL, NULL, NULL, 0, quotas, res);
}
