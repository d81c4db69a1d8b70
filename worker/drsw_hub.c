/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Says who we are: settings:hub tells the module the account and Region of
 * the hub, the mode of limits and the Regions that may be named (empty: all),
 * {"accountId", "region", "limits", "regions"}.
 */

#include <stdio.h>
#include <string.h>

#include "aws.h"
#include "drs_json.h"
#include "drs_keys.h"
#include "drsw_worker.h"


/* The configured account, else the one of the credentials; may be empty. */
static void
drsw_hub_id(drsw_ctx_t *ctx, char dst[16])
{
    json_t           *identity;
    drs_str_t         id;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;

    dst[0] = '\0';

    if (ctx->conf->hub_account[0] != '\0') {
        (void) snprintf(dst, 16, "%.12s", ctx->conf->hub_account);
        return;
    }

    memset(&aws, 0, sizeof(aws));
    aws.region = ctx->conf->region;
    aws.timeout_ms = 10000;
    identity = NULL;

    if (ctx->conf->region[0] != '\0' && ctx->aws != NULL
        && drsw_sts_get_caller_identity(ctx->aws, &aws, &identity, &res)
               == DRSW_AWS_OK)
    {
        id = drs_json_field(identity, "Account");

        if (id.len == 12) {
            (void) snprintf(dst, 16, "%.12s", id.data);
        }
    }

    json_decref(identity);
}


static json_t *
drsw_hub_regions(drsw_ctx_t *ctx)
{
    json_t   *list;
    drs_str_t rest, item;

    list = json_array();
    rest = drs_str(ctx->conf->regions);

    while (rest.len > 0 && drs_str_split(&rest, ' ', &item)) {
        if (item.len > 0) {
            (void) json_array_append_new(list, drs_json_new_str(item));
        }
    }

    return list;
}


static const char *const drsw_hub_login[] = { [DRSW_CALLBACK_RECOVERY] =
                                                  "recovery",
                                              [DRSW_CALLBACK_ALWAYS] = "always",
                                              [DRSW_CALLBACK_NEVER] = "never" };


int
drsw_hub_publish(drsw_ctx_t *ctx)
{
    int          rc;
    char         account[16];
    json_t      *v;
    drs_buf_t    b;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    drsw_hub_id(ctx, account);

    if (account[0] == '\0') {
        return DRS_OK; /* asked again next time */
    }

    drs_buf_init(&b, 0);
    v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "accountId", account,
                  "region", ctx->conf->region, "limits",
                  ctx->conf->limits == DRSW_LIMITS_STRICT ? "strict" : "queue",
                  "callbackLogin",
                  drsw_hub_login[ctx->conf->callback_require_login],
                  "webhookHosts", ctx->conf->webhook_hosts, "webhookPrivate",
                  ctx->conf->webhook_private != 0);
    (void) json_object_set_new(v, "regions", drsw_hub_regions(ctx));
    rc = drs_json_dump(&b, v);
    json_decref(v);

    if (rc == DRS_OK) {
        cmd = drs_key_cmd1("SET", drsw_redis_prefix(ctx->redis),
                           DRS_KEY_SETTINGS, drs_str("hub"));
        (void) drs_cmd_add(cmd, drs_buf_str(&b));
        rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
        drs_cmd_free(cmd);

        if (rc == DRS_OK) {
            drsw_reply_free(&reply);
        }
    }

    drs_buf_free(&b);

    return rc;
}
