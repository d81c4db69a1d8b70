/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command ec2.pick: a pick list that the cache does not have (api.md 4.7).
 */

#include <stdlib.h>
#include <string.h>

#include "drs_view_ec2.h"

#include "drsw_task.h"
#include "drsw_tasks.h"


#define DRSW_PICK_TTL_S "300"


static drsw_aws_class_e
drsw_pick_ask(drsw_ctx_t *ctx, const drsw_access_t *access, drs_pick_t pick,
              json_t **items, const char **what, drsw_aws_result_t *res)
{
    switch (pick) {
    case DRS_PICK_SUBNETS:
        *what = "DescribeSubnets";
        return drsw_ec2_describe_subnets(ctx->aws, &access->aws, NULL, NULL,
                                         items, res);

    case DRS_PICK_GROUPS:
        *what = "DescribeSecurityGroups";
        return drsw_ec2_describe_security_groups(ctx->aws, &access->aws, NULL,
                                                 NULL, items, res);

    case DRS_PICK_PROFILES:
        *what = "ListInstanceProfiles";
        return drsw_iam_list_instance_profiles(ctx->aws, &access->aws, items,
                                               res);

    default:
        *what = "DescribeInstanceTypes";
        return drsw_ec2_describe_instance_types(ctx->aws, &access->aws, NULL,
                                                NULL, items, res);
    }
}


/* A cache that cannot be written is no reason to refuse the answer. */
static void
drsw_pick_keep(drsw_ctx_t *ctx, const drsw_access_t *access, drs_pick_t pick,
               const json_t *body)
{
    char        *text;
    drs_str_t    parts[3];
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    parts[0] = drs_str(drs_pick_name(pick));
    parts[1] = drs_str(access->account);
    parts[2] = drs_str(access->region);
    text = drs_json_text(body, NULL);

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "SET");
    (void) drs_cmd_key(cmd, drsw_redis_prefix(ctx->redis), DRS_KEY_PICK, parts,
                       3);
    (void) drs_cmd_addz(cmd, text);
    (void) drs_cmd_addz(cmd, "EX");
    (void) drs_cmd_addz(cmd, DRSW_PICK_TTL_S);

    memset(&reply, 0, sizeof(reply));

    if (text != NULL && drs_cmd_ok(cmd)) {
        (void) drsw_redis_cmd(ctx->redis, cmd, &reply);
    }

    drsw_reply_free(&reply);
    drs_cmd_free(cmd);
    free(text);
}


int
drsw_cmd_pick(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    int               rc;
    char              text[1024];
    json_t           *items, *all, *body;
    drs_str_t         account, region;
    drs_pick_t        pick;
    const char       *what;
    drsw_access_t     access;
    drsw_aws_result_t res;

    pick = drs_pick_by_name(drs_json_field(cmd->payload, "list"));
    account = drs_json_field(cmd->payload, "accountId");
    region = drs_json_field(cmd->payload, "region");

    if (account.len == 0) {
        account = drs_str(drsw_hub_account(ctx));
    }

    if (pick == DRS_PICK_NONE) {
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "list"),
                                 "The list is unknown.");
    }

    rc = drsw_access(ctx, account, region, &access, text, sizeof(text));

    if (rc == DRS_ERROR) {
        return rc;
    }

    if (rc == DRS_DECLINED) {
        return drsw_answer_error(
            answer, "TARGET_ACCOUNT_NOT_FOUND",
            json_pack("{s:s%}", "accountId",
                      account.data != NULL ? account.data : "", account.len),
            "%s", text);
    }

    if (drsw_pick_ask(ctx, &access, pick, &items, &what, &res) != DRSW_AWS_OK) {
        drsw_aws_explain(&access, what, &res, text, sizeof(text));
        return drsw_answer_error(answer, "INTERNAL_ERROR",
                                 json_pack("{s:s, s:s, s:s}", "error", text,
                                           "region", access.region, "accountId",
                                           access.account),
                                 "%s", text);
    }

    all = drs_view_pick(pick, items);
    json_decref(items);
    drsw_pick_keep(ctx, &access, pick, all);
    body = drs_view_pick_vpc(all, drs_json_field(cmd->payload, "vpcId"));
    json_decref(all);

    return drsw_answer_body(answer, 200, body);
}
