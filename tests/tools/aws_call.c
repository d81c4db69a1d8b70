
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Drives the AWS client from tests: one JSON object a line on stdin, one
 * answer a line on stdout.
 *
 *   {"do": "config", ...}   creates the client anew (members of
 *                           drsw_aws_config_t, "skewS")
 *   {"do": "sign", ...}     {"authorization", "canonical"}
 *   {"do": "call", "service", "operation", "input", "pages", "ctx"}
 *   {"do": "start", "servers", "drill", "signAt", "timeoutMs", "ctx"}
 *   {"do": "terminate", "ids", "ctx"}
 *   {"do": "instances", "ids", "filters", "ctx"}
 *   {"do": "jobs", "ids", "from", "ctx"}
 *   {"do": "servers", "filters", "ctx"}
 *   {"do": "publish" | "quota" | "update" | "snapshots" | "extend" | "untag"
 *          | "template" | "profile" | "offerings", ...}
 *   {"do": "prepare" | "forget" | "checkRole", "ctx"}
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws.h"
#include "aws_sigv4.h"


static drsw_aws_shared_t *shared;
static drsw_aws_t        *aws;
static json_t            *observed;
static int64_t            skew_ms;


static const char *
text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}


static int64_t
number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}


static void
observe(void *data, const drsw_aws_call_t *call)
{
    (void) data;

    (void) json_array_append_new(
        observed,
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s}", "service",
                  call->service, "operation", call->operation, "account",
                  call->account, "region", call->region, "attempt",
                  call->attempt, "status", call->result->http_status, "class",
                  drsw_aws_class_name(call->result->class)));
}


static void
do_close(void)
{
    drsw_aws_destroy(aws);
    drsw_aws_shared_destroy(shared);
    aws = NULL;
    shared = NULL;
}


/* The clock, wrong by "skewS" of the configuration. */

static int64_t
skewed_now(void *data)
{
    struct timespec ts;

    (void) data;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + skew_ms;
}


static json_t *
do_config(const json_t *in)
{
    char              err[256];
    drsw_aws_config_t conf;

    do_close();

    memset(&conf, 0, sizeof(conf));
    conf.endpoint_url = text(in, "endpointUrl");
    conf.ca_bundle = text(in, "caBundle");
    conf.region = text(in, "region");
    conf.profile = text(in, "profile");
    conf.connect_timeout_ms = number(in, "connectTimeoutMs");
    conf.read_timeout_ms = number(in, "readTimeoutMs");
    conf.session_duration_s = number(in, "sessionDurationS");
    conf.budget_scale = json_number_value(json_object_get(in, "budgetScale"));
    conf.observer = observe;
    conf.now_ms = skewed_now;

    skew_ms = number(in, "skewS") * 1000;

    shared = drsw_aws_shared_create(&conf, err, sizeof(err));
    aws = shared != NULL ? drsw_aws_create(shared) : NULL;

    return aws != NULL ? json_pack("{s:b}", "ok", 1)
                       : json_pack("{s:s}", "error", err);
}


static json_t *
do_sign(const json_t *in)
{
    size_t               i, n;
    json_t              *out, *pair, *list;
    drs_buf_t            auth;
    drsw_sigv4_t         sig;
    drsw_aws_header_t    headers[64];
    drsw_sigv4_request_t req;

    n = 0;
    list = json_object_get(in, "headers");

    json_array_foreach (list, i, pair) {
        if (n < 64) {
            headers[n].name = json_string_value(json_array_get(pair, 0));
            headers[n++].value = json_string_value(json_array_get(pair, 1));
        }
    }

    memset(&req, 0, sizeof(req));
    req.method = text(in, "method");
    req.path = text(in, "path");
    req.query = text(in, "query");
    req.headers = headers;
    req.nheaders = n;
    req.body = text(in, "body");
    req.body_len = json_string_length(json_object_get(in, "body"));
    req.keep_path = json_is_true(json_object_get(in, "keepPath"));
    req.region = text(in, "region");
    req.service = text(in, "service");
    req.access_key = text(in, "accessKey");
    req.secret_key = text(in, "secretKey");
    req.time_s = number(in, "time");

    drs_buf_init(&auth, 0);

    if (drsw_sigv4_sign(&req, &sig) != DRS_OK
        || drsw_sigv4_authorization(&req, &sig, &auth) != DRS_OK)
    {
        out = json_pack("{s:s}", "error", "not signed");

    } else {
        out = json_pack("{s:s, s:s, s:s}", "authorization", auth.data,
                        "canonical", sig.canonical.data, "stringToSign",
                        sig.string_to_sign.data);
    }

    drs_buf_free(&auth);
    drsw_sigv4_free(&sig);

    return out;
}


static void
read_ctx(const json_t *in, drsw_aws_ctx_t *ctx)
{
    const json_t *c;

    c = json_object_get(in, "ctx");

    memset(ctx, 0, sizeof(drsw_aws_ctx_t));
    ctx->account = text(c, "account");
    ctx->region = text(c, "region") != NULL ? text(c, "region") : "us-east-1";
    ctx->role_arn = text(c, "roleArn");
    ctx->external_id = text(c, "externalId");
    ctx->session_name = text(c, "sessionName");
    ctx->source_identity = text(c, "sourceIdentity");
    ctx->timeout_ms = number(c, "timeoutMs");
    ctx->max_attempts = (int) number(c, "maxAttempts");
}


static json_t *
result_json(const drsw_aws_result_t *res, json_t *output)
{
    json_t *out;

    out = json_pack("{s:s, s:s, s:i, s:i, s:I, s:s, s:s, s:s, s:s, s:O}",
                    "class", drsw_aws_class_name(res->class), "sent",
                    drsw_aws_sent_name(res->sent), "status", res->http_status,
                    "attempts", res->attempts, "retryAfterMs",
                    (json_int_t) res->retry_after_ms, "code", res->code,
                    "message", res->message, "requestId", res->request_id,
                    "resourceId", res->resource_id, "calls", observed);

    if (output != NULL) {
        (void) json_object_set_new(out, "output", output);
    }

    return out;
}


static json_t *
do_start(const json_t *in, const drsw_aws_ctx_t *ctx)
{
    size_t                i, n;
    json_t               *job, *out, *s, *list;
    drsw_start_e          outcome;
    drsw_aws_result_t     res;
    drsw_start_server_t   servers[256];
    drsw_start_recovery_t req;

    memset(servers, 0, sizeof(servers));
    n = 0;
    list = json_object_get(in, "servers");

    json_array_foreach (list, i, s) {
        if (n < 256) {
            servers[n++].source_server_id = json_string_value(s);
        }
    }

    memset(&req, 0, sizeof(req));
    req.servers = servers;
    req.nservers = n;
    req.is_drill = json_is_true(json_object_get(in, "drill"));
    req.tags = json_object_get(in, "tags");
    req.sign_at_s = number(in, "signAt");
    req.timeout_ms = number(in, "timeoutMs");

    outcome = drsw_drs_start_recovery(aws, ctx, &req, &job, &res);

    out = result_json(&res, job);
    (void) json_object_set_new(out, "outcome",
                               json_string(drsw_start_name(outcome)));

    return out;
}


/* More typed calls; false: not one of them. */

static bool
do_typed(const char *what, const json_t *in, const drsw_aws_ctx_t *ctx,
         json_t **output, drsw_aws_result_t *res)
{
    char                        id[80];
    drsw_ec2_template_version_t t;

    if (strcmp(what, "publish") == 0) {
        if (drsw_sns_publish(aws, ctx, text(in, "topic"), text(in, "subject"),
                             text(in, "message"), text(in, "structure"),
                             json_object_get(in, "attributes"), id, sizeof(id),
                             res)
            == DRSW_AWS_OK)
        {
            *output = json_string(id);
        }

    } else if (strcmp(what, "quota") == 0) {
        (void) drsw_quotas_get(aws, ctx, "drs", text(in, "code"), output, res);

    } else if (strcmp(what, "update") == 0) {
        (void) drsw_drs_update_launch_configuration(
            aws, ctx, text(in, "server"), json_object_get(in, "settings"),
            output, res);

    } else if (strcmp(what, "snapshots") == 0) {
        (void) drsw_drs_describe_recovery_snapshots(
            aws, ctx, text(in, "server"), NULL, "DESC", output, res);

    } else if (strcmp(what, "extend") == 0) {
        (void) drsw_drs_create_extended_source_server(aws, ctx, text(in, "arn"),
                                                      NULL, output, res);

    } else if (strcmp(what, "untag") == 0) {
        (void) drsw_drs_untag_resource(aws, ctx, text(in, "arn"),
                                       json_object_get(in, "keys"), res);

    } else if (strcmp(what, "template") == 0) {
        memset(&t, 0, sizeof(t));
        t.template_id = text(in, "id");
        t.source_version = text(in, "source");
        t.description = text(in, "description");
        t.client_token = text(in, "token");
        t.data = json_object_get(in, "data");
        (void) drsw_ec2_create_launch_template_version(aws, ctx, &t, output,
                                                       res);

    } else if (strcmp(what, "profile") == 0) {
        (void) drsw_iam_get_instance_profile(aws, ctx, text(in, "name"), output,
                                             res);

    } else if (strcmp(what, "offerings") == 0) {
        (void) drsw_ec2_describe_instance_type_offerings(
            aws, ctx, "region", json_object_get(in, "filters"), output, res);

    } else {
        return false;
    }

    return true;
}


static json_t *
do_client(const char *what, const json_t *in)
{
    json_t           *out, *output;
    drsw_start_e      outcome;
    drsw_aws_ctx_t    ctx;
    drsw_aws_result_t res;

    read_ctx(in, &ctx);
    output = NULL;
    memset(&res, 0, sizeof(res));

    if (strcmp(what, "start") == 0) {
        return do_start(in, &ctx);
    }

    if (strcmp(what, "terminate") == 0) {
        outcome = drsw_drs_terminate_recovery_instances(
            aws, &ctx, json_object_get(in, "ids"), &output, &res);
        out = result_json(&res, output);
        (void) json_object_set_new(out, "outcome",
                                   json_string(drsw_start_name(outcome)));
        return out;
    }

    if (strcmp(what, "call") == 0) {
        (void) drsw_aws_call(
            aws, &ctx, text(in, "service"), text(in, "operation"),
            json_object_get(in, "input"),
            json_is_true(json_object_get(in, "pages")), &output, &res);

    } else if (strcmp(what, "instances") == 0) {
        (void) drsw_ec2_describe_instances(
            aws, &ctx, json_object_get(in, "ids"),
            json_object_get(in, "filters"), &output, &res);

    } else if (strcmp(what, "jobs") == 0) {
        (void) drsw_drs_describe_jobs(aws, &ctx, json_object_get(in, "ids"),
                                      text(in, "from"), NULL, &output, &res);

    } else if (strcmp(what, "servers") == 0) {
        (void) drsw_drs_describe_source_servers(
            aws, &ctx, json_object_get(in, "filters"), &output, &res);

    } else if (strcmp(what, "prepare") == 0) {
        (void) drsw_aws_prepare(aws, &ctx, &res);

    } else if (strcmp(what, "forget") == 0) {
        drsw_aws_forget(aws, &ctx);

    } else if (strcmp(what, "checkRole") == 0) {
        (void) drsw_sts_check_role(aws, &ctx, text(in, "roleArn"),
                                   text(in, "externalId"), &output, &res);

    } else if (!do_typed(what, in, &ctx, &output, &res)) {
        return json_pack("{s:s}", "error", "unknown \"do\"");
    }

    return result_json(&res, output);
}


static json_t *
handle(const char *line)
{
    json_t     *in, *out;
    const char *what;

    in = json_loads(line, 0, NULL);
    what = text(in, "do");
    observed = json_array();

    if (what == NULL) {
        out = json_pack("{s:s}", "error", "no \"do\"");

    } else if (strcmp(what, "config") == 0) {
        out = do_config(in);

    } else if (strcmp(what, "sign") == 0) {
        out = do_sign(in);

    } else if (aws == NULL) {
        out = json_pack("{s:s}", "error", "no \"config\" yet");

    } else {
        out = do_client(what, in);
    }

    json_decref(observed);
    json_decref(in);

    return out;
}


int
main(void)
{
    char   *line, *dump;
    size_t  cap;
    json_t *out;

    if (drsw_aws_global_init() != 0) {
        return 1;
    }

    line = NULL;
    cap = 0;

    while (getline(&line, &cap, stdin) > 0) {
        out = handle(line);
        dump = json_dumps(out, JSON_COMPACT);
        json_decref(out);

        (void) puts(dump != NULL ? dump : "{\"error\":\"dump\"}");
        (void) fflush(stdout);
        free(dump);
    }

    free(line);
    do_close();
    drsw_aws_global_cleanup();

    return 0;
}
