/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Warnings of a plan write (api.md 2.6): servers that active executions hold or
 * that take part in DRS jobs, and places with as many jobs as DRS allows.  They
 * are read beside the write and never stored.  Replies: active jobs, the
 * quotas of each group's place, claims on the servers of each group.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_model_plan.h"
#include "drs_view_capacity.h"


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
    ngx_http_drs_util_add(
        c, drs_key_cmd0("HGETALL", ngx_http_drs_prefix(ctx), DRS_KEY_DRSJOBS));

    json_object_foreach ((json_t *) groups, name, group) {
        ngx_http_drs_util_add(
            c, drs_key_cmd2("GET", ngx_http_drs_prefix(ctx), DRS_KEY_QUOTAS,
                            drs_json_field(group, "accountId"),
                            drs_json_field(group, "region")));
    }

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


ngx_int_t
ngx_http_drs_util_jobs(ngx_http_drs_ctx_t *ctx, const redisReply *reply,
                       drs_jobs_index_t *index)
{
    size_t  i;
    int64_t now;

    index->servers = json_object();
    index->places = json_object();

    if (ngx_http_drs_defer_json(ctx, index->servers) != NGX_OK
        || ngx_http_drs_defer_json(ctx, index->places) != NGX_OK)
    {
        return NGX_ERROR;
    }

    now = ngx_http_drs_now_ms();

    for (i = 0; i + 1 < reply->elements; i += 2) {
        drs_jobs_index_add(index, ngx_http_drs_reply_str(reply->element[i]),
                           ngx_http_drs_reply_str(reply->element[i + 1]), now);
    }

    return NGX_OK;
}


/* As Service Quotas told the workers, else as documented. */
static int64_t
ngx_http_drs_warn_quota(const redisReply *quotas)
{
    json_t *doc;
    int64_t max;

    doc = drs_json_parse(ngx_http_drs_reply_str(quotas), &drs_json_store_limits,
                         NULL);
    max = drs_json_int(doc, "jobs", 0);
    json_decref(doc);

    return max > 0 ? max : DRS_LIMIT_JOBS;
}


/* The first place without room for one more job. */
static void
ngx_http_drs_warn_limit(json_t *list, const json_t *groups,
                        redisReply *const      *quotas,
                        const drs_jobs_index_t *index)
{
    char        place[64], text[192];
    size_t      i;
    json_t     *group;
    int64_t     jobs, max;
    const char *name;

    i = 0;
    jobs = max = 0;

    json_object_foreach ((json_t *) groups, name, group) {
        (void) snprintf(place, sizeof(place), "%.*s:%.*s",
                        DRS_STR_ARG(drs_json_field(group, "accountId")),
                        DRS_STR_ARG(drs_json_field(group, "region")));
        jobs = drs_jobs_at(index, place);
        max = ngx_http_drs_warn_quota(quotas[i++]);

        if (jobs >= max) {
            break;
        }
    }

    if (jobs < max || i == 0) {
        return;
    }

    (void) snprintf(text, sizeof(text),
                    "%lld of %lld concurrent DRS jobs of account %.*s in %.*s "
                    "are running already.",
                    (long long) jobs, (long long) max,
                    DRS_STR_ARG(drs_json_field(group, "accountId")),
                    DRS_STR_ARG(drs_json_field(group, "region")));
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:I}", "type",
                        "CONCURRENT_JOBS_AT_LIMIT", "severity", "warning",
                        "message", text, "recommendation",
                        "Wait for a job to end: launches queue until then.",
                        "canExecuteNow", 0, "currentJobs", (json_int_t) jobs,
                        "maxJobs", (json_int_t) max));
}


static void
ngx_http_drs_warn_conflicts(json_t *list, size_t held, size_t in_jobs)
{
    char text[192];

    if (held + in_jobs == 0) {
        return;
    }

    (void) snprintf(text, sizeof(text),
                    "%zu server%s of the plan %s used by active executions or "
                    "DRS jobs (%zu by executions, %zu by jobs).",
                    held + in_jobs, held + in_jobs == 1 ? "" : "s",
                    held + in_jobs == 1 ? "is" : "are", held, in_jobs);

    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:{s:i, s:i, s:i}}", "type",
                        "SERVER_CONFLICTS_DETECTED", "severity", "warning",
                        "message", text, "recommendation",
                        "Wait for their end before the plan is started.",
                        "canExecuteNow", 0, "conflicts", "execution_conflicts",
                        (int) held, "drs_job_conflicts", (int) in_jobs,
                        "quota_violations", 0));
}


/* Servers of the plan that are in jobs of others. */
static size_t
ngx_http_drs_warn_jobs(const json_t *doc, const json_t *groups,
                       const drs_jobs_index_t *index)
{
    size_t        n;
    json_t       *set, *v;
    const char   *id;
    const json_t *job;

    n = 0;

    if (json_object_size(index->servers) == 0) {
        return 0;
    }

    set = ngx_http_drs_warn_servers(doc, groups);

    json_object_foreach (set, id, v) {
        job = drs_jobs_of_server(index, id);
        n += job != NULL && json_object_get(job, "executionId") == NULL;
    }

    json_decref(set);

    return n;
}


json_t *
ngx_http_drs_util_plan_warnings(ngx_http_drs_ctx_t *ctx, const json_t *doc,
                                const json_t *groups, redisReply **replies,
                                ngx_uint_t n)
{
    size_t           k, held;
    json_t          *list;
    ngx_uint_t       i;
    drs_jobs_index_t index;

    if (ngx_http_drs_util_jobs(ctx, replies[0], &index) != NGX_OK) {
        return NULL;
    }

    held = 0;

    for (i = 1 + json_object_size(groups); i < n; i++) {
        for (k = 0; k < replies[i]->elements; k++) {
            held += replies[i]->element[k]->type == REDIS_REPLY_STRING;
        }
    }

    list = json_array();

    if (list != NULL) {
        ngx_http_drs_warn_limit(list, groups, replies + 1, &index);
        ngx_http_drs_warn_conflicts(
            list, held, ngx_http_drs_warn_jobs(doc, groups, &index));
    }

    return list;
}
