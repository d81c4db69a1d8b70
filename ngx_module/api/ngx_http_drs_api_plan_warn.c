/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Warnings of a plan write (api.md 2.6): servers that active executions hold.
 * They are read beside the write and never stored.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_plan.h"


/* Servers of the plan's waves: id -> true. */
static json_t *
ngx_http_drs_warn_servers(const json_t *doc, const json_t *groups)
{
    size_t  i, k;
    json_t *set, *wave, *ids, *id;

    set = json_object();

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        ids = drs_model_wave_servers(wave, groups);

        json_array_foreach (ids, k, id) {
            json_object_set_new(set, json_string_value(id), json_true());
        }

        json_decref(ids);
    }

    return set;
}


void
ngx_http_drs_util_plan_claims(ngx_http_drs_ctx_t *ctx, ngx_http_drs_calls_t *c,
                              const json_t *doc, const json_t *groups)
{
    size_t      i, n;
    json_t     *set, *group, *id;
    drs_cmd_t  *cmd;
    const char *name;

    set = ngx_http_drs_warn_servers(doc, groups);

    json_object_foreach ((json_t *) groups, name, group) {
        cmd = drs_key_cmd2("HMGET", ngx_http_drs_prefix(ctx), DRS_KEY_CLAIM_SRV,
                           drs_json_field(group, "accountId"),
                           drs_json_field(group, "region"));
        n = 0;

        json_array_foreach (json_object_get(group, "sourceServerIds"), i, id) {
            if (json_object_get(set, json_string_value(id)) != NULL) {
                (void) drs_cmd_add(cmd, drs_json_str(id));
                n++;
            }
        }

        if (n == 0 || c->n + 1 >= NGX_HTTP_DRS_CALL_MAX) {
            drs_cmd_free(cmd);
            continue;
        }

        ngx_http_drs_util_add(c, cmd);
    }

    json_decref(set);
}


json_t *
ngx_http_drs_util_plan_warnings(redisReply **replies, ngx_uint_t n)
{
    char       text[128];
    size_t     k, held;
    json_t    *list;
    ngx_uint_t i;

    held = 0;

    for (i = 0; i < n; i++) {
        for (k = 0; k < replies[i]->elements; k++) {
            held += replies[i]->element[k]->type == REDIS_REPLY_STRING;
        }
    }

    list = json_array();

    if (held == 0) {
        return list;
    }

    (void) ngx_snprintf((u_char *) text, sizeof(text),
                        "%uz server%s of the plan %s used by an active "
                        "execution.%Z",
                        held, held == 1 ? "" : "s", held == 1 ? "is" : "are");

    json_array_append_new(
        list,
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:{s:i, s:i, s:i}}", "type",
                  "SERVER_CONFLICTS_DETECTED", "severity", "warning", "message",
                  text, "recommendation",
                  "Wait for the execution to end before the plan is started.",
                  "canExecuteNow", 0, "conflicts", "execution_conflicts",
                  (int) held, "drs_job_conflicts", 0, "quota_violations", 0));

    return list;
}
