
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_limits.h"


#define DRSW_QUOTA_JOBS        "L-D88FAC3A"
#define DRSW_QUOTA_SERVERS     "L-05AFA8C6"
#define DRSW_QUOTA_PER_JOB     "L-B827C881"
#define DRSW_QUOTA_REPLICATING "L-C1D14A2B"
#define DRSW_QUOTA_SOURCE      "L-E28BE5E0"
#define DRSW_QUOTA_TIMEOUT_MS  5000
#define DRSW_QUOTA_KEEP_S      "604800"

/* documented (aws-wire.md 2.15); the most that StartRecovery takes is 200 */
#define DRSW_DOC_JOBS        20
#define DRSW_DOC_SERVERS     500
#define DRSW_DOC_PER_JOB     100
#define DRSW_DOC_REPLICATING 300
#define DRSW_DOC_SOURCE      4000
#define DRSW_API_PER_JOB     200


/* What is kept; at 0: nothing. */
typedef struct {
    int64_t at;
    int     failed;
    int     jobs, servers, per_job, replicating, source; /* 0: not told */
} drsw_quotas_t;


static int
drsw_quotas_load(drsw_ctx_t *ctx, const drsw_access_t *access, drsw_quotas_t *q)
{
    int          rc;
    json_t      *doc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(q, 0, sizeof(*q));
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("GET", drsw_redis_prefix(ctx->redis), DRS_KEY_QUOTAS,
                       drs_str(access->account), drs_str(access->region));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n > 0 && reply.r.v[0].len > 0) {
        doc = json_loadb(reply.r.v[0].data, reply.r.v[0].len, 0, NULL);
        q->at = drs_json_int(doc, "at", 0);
        q->failed = json_is_string(json_object_get(doc, "error"));
        q->jobs = (int) drs_json_int(doc, "jobs", 0);
        q->servers = (int) drs_json_int(doc, "servers", 0);
        q->per_job = (int) drs_json_int(doc, "perJob", 0);
        q->replicating = (int) drs_json_int(doc, "replicating", 0);
        q->source = (int) drs_json_int(doc, "sourceServers", 0);
        json_decref(doc);
    }

    drsw_reply_free(&reply);
    return rc;
}


static void
drsw_quotas_store(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const drsw_quotas_t *q, const char *error)
{
    char        *text;
    json_t      *doc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    doc = json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:s*}", "at",
                    (json_int_t) q->at, "jobs", q->jobs, "servers", q->servers,
                    "perJob", q->per_job, "replicating", q->replicating,
                    "sourceServers", q->source, "error", error);
    text = (doc != NULL) ? drs_json_text(doc, NULL) : NULL;
    json_decref(doc);

    if (text == NULL) {
        return;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("SET", drsw_redis_prefix(ctx->redis), DRS_KEY_QUOTAS,
                       drs_str(access->account), drs_str(access->region));
    (void) drs_cmd_addz(cmd, text);
    (void) drs_cmd_addz(cmd, "EX");
    (void) drs_cmd_addz(cmd, DRSW_QUOTA_KEEP_S);

    if (drs_cmd_ok(cmd)) {
        (void) drsw_redis_cmd(ctx->redis, cmd, &reply);
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);
}


static void
drsw_quotas_take(drsw_quotas_t *q, const json_t *item)
{
    int       value;
    json_t   *v;
    drs_str_t code;

    v = json_object_get(item, "Value");
    code = drs_json_field(item, "QuotaCode");

    if (!json_is_number(v) || json_number_value(v) < 1
        || json_number_value(v) > 1000000)
    {
        return;
    }

    value = (int) json_number_value(v);

    if (drs_str_eqz(code, DRSW_QUOTA_JOBS)) {
        q->jobs = value;

    } else if (drs_str_eqz(code, DRSW_QUOTA_SERVERS)) {
        q->servers = value;

    } else if (drs_str_eqz(code, DRSW_QUOTA_PER_JOB)) {
        q->per_job = value;

    } else if (drs_str_eqz(code, DRSW_QUOTA_REPLICATING)) {
        q->replicating = value;

    } else if (drs_str_eqz(code, DRSW_QUOTA_SOURCE)) {
        q->source = value;
    }
}


/* Asks; figures of an earlier answer stay when there is none now. */
static void
drsw_quotas_ask(drsw_ctx_t *ctx, const drsw_access_t *access, drsw_quotas_t *q)
{
    char              text[1200];
    size_t            i;
    json_t           *items, *item;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;

    aws = access->aws;
    aws.timeout_ms = DRSW_QUOTA_TIMEOUT_MS;
    aws.max_attempts = 1;
    items = NULL;

    if (drsw_quotas_list(ctx->aws, &aws, "drs", &items, &res) == DRSW_AWS_OK) {
        json_array_foreach (items, i, item) {
            drsw_quotas_take(q, item);
        }

        json_decref(items);
        q->at = drsw_now_ms(ctx);
        q->failed = 0;
        drsw_quotas_store(ctx, access, q, NULL);
        return;
    }

    drsw_aws_explain(access, "reading the service quotas", &res, text,
                     sizeof(text));
    drsw_notice(ctx->log, "%s; the configured limits hold", text);
    q->at = drsw_now_ms(ctx);
    q->failed = 1;
    drsw_quotas_store(ctx, access, q, text);
}


/* told 0: the configured one; a configured one below the documented caps. */
static int
drsw_limit(int told, int64_t configured, int documented)
{
    if (told <= 0 || (configured < documented && configured < told)) {
        return (int) configured;
    }

    return told;
}


static void
drsw_limits_set(const drsw_config_t *conf, const drsw_quotas_t *q,
                drsw_limits_t *out)
{
    out->max_jobs = drsw_limit(q->jobs, conf->max_jobs, DRSW_DOC_JOBS);
    out->servers =
        drsw_limit(q->servers, conf->max_servers_in_jobs, DRSW_DOC_SERVERS);
    out->per_job =
        drsw_limit(q->per_job, conf->max_servers_per_job, DRSW_DOC_PER_JOB);
    out->replicating =
        drsw_limit(q->replicating, conf->max_replicating, DRSW_DOC_REPLICATING);
    out->source_servers =
        drsw_limit(q->source, conf->max_source_servers, DRSW_DOC_SOURCE);

    out->jobs = out->max_jobs - (int) conf->max_jobs_reserve;
    out->jobs = (out->jobs > 1) ? out->jobs : 1;
    out->per_job = (out->per_job < out->servers) ? out->per_job : out->servers;
    out->per_job =
        (out->per_job < DRSW_API_PER_JOB) ? out->per_job : DRSW_API_PER_JOB;
}


int
drsw_limits(drsw_ctx_t *ctx, const drsw_access_t *access, drsw_limits_t *out)
{
    int64_t              age, keep;
    drsw_quotas_t        q;
    const drsw_config_t *conf;

    conf = ctx->conf;
    memset(&q, 0, sizeof(q));

    if (conf->service_quotas) {
        if (drsw_quotas_load(ctx, access, &q) != DRS_OK) {
            return DRS_ERROR;
        }

        age = drsw_now_ms(ctx) - q.at;
        keep = q.failed ? conf->quota_refresh_ms / 8 : conf->quota_refresh_ms;

        if (q.at == 0 || age < 0 || age >= keep) {
            drsw_quotas_ask(ctx, access, &q);
        }
    }

    drsw_limits_set(conf, &q, out);
    return DRS_OK;
}


int
drsw_limits_known(drsw_ctx_t *ctx, const drsw_access_t *access,
                  drsw_limits_t *out)
{
    drsw_quotas_t q;

    memset(&q, 0, sizeof(q));

    if (ctx->conf->service_quotas
        && drsw_quotas_load(ctx, access, &q) != DRS_OK) {
        return DRS_ERROR;
    }

    drsw_limits_set(ctx->conf, &q, out);
    return DRS_OK;
}
