
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One operation from input to answer: credentials, budget, signature, attempt,
 * classification, retry.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_endpoint.h"
#include "aws_int.h"
#include "drs_time.h"


#define DRSW_UNSAFE_LEFT_MS 1000
#define DRSW_SKEW_S         30


typedef struct {
    drsw_aws_t        *aws;
    const drsw_exec_t *exec;
    drsw_aws_result_t *res;
    drsw_aws_wire_t    wire;
    drs_buf_t          base; /* endpoint URL */
    drs_buf_t          host;
    drs_buf_t          path; /* of the endpoint and operation */
    drs_buf_t          url;
    const char        *region;  /* signing */
    const char        *account; /* for budget and observer */
    int                attempts;
    bool               renewed;
    bool               final; /* no retry whatever the class */
} drsw_attempt_t;


static drsw_aws_class_e drsw_exec_prepare(drsw_attempt_t *a);
static drsw_aws_class_e drsw_exec_attempt(drsw_attempt_t *a, json_t **output);
static drsw_aws_class_e
drsw_exec_send(drsw_attempt_t *a, const drsw_creds_t *creds, json_t **output);


drsw_aws_class_e
drsw_aws_exec(drsw_aws_t *aws, const drsw_exec_t *exec, json_t **output,
              drsw_aws_result_t *res)
{
    int64_t        begin, delay;
    drsw_retry_t   retry;
    drsw_attempt_t a;

    *output = NULL;
    begin = drsw_aws_mono_ms();

    drsw_result_init(res);
    memset(&a, 0, sizeof(a));
    a.aws = aws;
    a.exec = exec;
    a.res = res;
    a.account = exec->ctx->account != NULL ? exec->ctx->account : "";

    if (drsw_exec_prepare(&a) != DRSW_AWS_OK) {
        goto done;
    }

    for (;;) {
        if (drsw_exec_attempt(&a, output) == DRSW_AWS_OK || a.final) {
            break;
        }

        retry.kind = exec->op->kind;
        retry.attempt = a.attempts;
        retry.max_attempts = exec->max_attempts;
        retry.renewed = a.renewed;

        delay = drsw_retry_delay(&retry, res, drsw_aws_random(aws->sh));

        if (delay == DRSW_RETRY_NO
            || drsw_aws_mono_ms() + delay >= exec->deadline_ms) {
            break;
        }

        if (res->class == DRSW_AWS_CREDENTIALS || res->class == DRSW_AWS_CLOCK)
        {
            a.renewed = true;
        }

        if (drsw_sleep(aws->sh, delay) != 0) {
            break;
        }
    }

done:

    drsw_aws_wire_free(&a.wire);
    drs_buf_free(&a.base);
    drs_buf_free(&a.host);
    drs_buf_free(&a.path);
    drs_buf_free(&a.url);

    res->attempts = a.attempts;
    res->latency_ms = drsw_aws_mono_ms() - begin;

    return res->class;
}


static const char *
drsw_exec_getenv(void *data, const char *name)
{
    return drsw_env(data, name);
}


static drsw_aws_class_e
drsw_exec_prepare(drsw_attempt_t *a)
{
    int                     rc;
    char                    err[256];
    const char             *path;
    drsw_aws_shared_t      *sh;
    const drsw_exec_t      *exec;
    drsw_endpoint_request_t req;

    exec = a->exec;
    sh = a->aws->sh;

    drs_buf_init(&a->base, 0);
    drs_buf_init(&a->host, 0);
    drs_buf_init(&a->path, 0);
    drs_buf_init(&a->url, 0);

    rc = drsw_aws_wire(exec->service, exec->op, exec->input, &a->wire, err,
                       sizeof(err));
    if (rc != DRS_OK) {
        return drsw_error_local(a->res, DRSW_AWS_LOCAL, "LocalInput", "%s: %s",
                                exec->op->name, err);
    }

    memset(&req, 0, sizeof(req));
    req.prefix = exec->service->prefix;
    req.env_id = exec->service->env_id;
    req.global = exec->service->global;
    req.region = exec->ctx->region;
    req.fips = sh->fips;
    req.dual_stack = sh->dual_stack;
    req.explicit_url = sh->endpoint_url;
    req.file_url = sh->file_endpoint;
    req.env = drsw_exec_getenv;
    req.env_data = sh;

    err[0] = '\0';

    if (drsw_endpoint(&req, &a->base, &a->region, err, sizeof(err)) != DRS_OK
        || drsw_endpoint_split(a->base.data, &a->host, &path) != DRS_OK)
    {
        return drsw_error_local(a->res, DRSW_AWS_LOCAL, "LocalEndpoint", "%s",
                                err[0] != '\0' ? err : "out of memory");
    }

    (void) drs_buf_printf(&a->path, "%s%s", path, a->wire.path.data);
    (void) drs_buf_printf(&a->url, "%s%s%s%s", a->base.data, a->wire.path.data,
                          a->wire.query.len > 0 ? "?" : "",
                          a->wire.query.len > 0 ? a->wire.query.data : "");

    if (!drs_buf_ok(&a->path) || !drs_buf_ok(&a->url)) {
        return drsw_error_local(a->res, DRSW_AWS_LOCAL, "LocalMemory",
                                "out of memory");
    }

    return DRSW_AWS_OK;
}


/* Waits for a token of the call's budget. */

static drsw_aws_class_e
drsw_exec_budget(drsw_attempt_t *a)
{
    int64_t            wait, now;
    drsw_aws_shared_t *sh;

    sh = a->aws->sh;

    if (a->aws->reserved == a->exec->op->name) {
        a->aws->reserved = NULL;
        return DRSW_AWS_OK;
    }

    for (;;) {
        now = drsw_aws_mono_ms();
        wait = drsw_budget_take(sh->budget, a->account, a->exec->ctx->region,
                                a->exec->service->id, a->exec->op->name,
                                a->aws->lane, now);
        if (wait == 0) {
            return DRSW_AWS_OK;
        }

        if (now + wait >= a->exec->deadline_ms) {
            a->final = true;
            a->res->sent = DRSW_AWS_NOT_SENT;
            a->res->retry_after_ms = wait;
            return drsw_error_local(a->res, DRSW_AWS_THROTTLE, "LocalBudget",
                                    "%s: the call budget of account %s in %s "
                                    "is used up",
                                    a->exec->op->name, a->account,
                                    a->exec->ctx->region);
        }

        if (drsw_sleep(sh, wait) != 0) {
            a->final = true;
            a->res->sent = DRSW_AWS_NOT_SENT;
            return drsw_error_local(a->res, DRSW_AWS_STOPPED, "LocalStopped",
                                    "the worker is stopping");
        }
    }
}


/* Does not ask what does not answer. */

static drsw_aws_class_e
drsw_exec_breaker(drsw_attempt_t *a)
{
    int64_t wait;

    wait =
        drsw_breaker_ask(a->aws->sh->breaker, a->account, a->exec->ctx->region,
                         a->exec->service->id, drsw_aws_mono_ms());
    if (wait == 0) {
        return DRSW_AWS_OK;
    }

    a->final = true;
    a->res->sent = DRSW_AWS_NOT_SENT;
    a->res->http_status = 0;
    a->res->retry_after_ms = wait;

    return drsw_error_local(a->res, DRSW_AWS_TRANSIENT, "LocalCircuitOpen",
                            "%s in %s did not answer several times in a row "
                            "and is left alone for a moment",
                            a->exec->service->id, a->exec->ctx->region);
}


static drsw_aws_class_e
drsw_exec_attempt(drsw_attempt_t *a, json_t **output)
{
    drsw_creds_t        own;
    const drsw_creds_t *creds;
    drsw_aws_class_e class;

    memset(&own, 0, sizeof(own));

    if (drsw_aws_stopping(a->aws->sh)) {
        a->final = true;
        a->res->sent = DRSW_AWS_NOT_SENT;
        return drsw_error_local(a->res, DRSW_AWS_STOPPED, "LocalStopped",
                                "the worker is stopping");
    }

    creds = a->exec->creds;

    if (creds == NULL && !a->exec->no_sign) {
        class = drsw_creds_get(a->aws, a->exec->ctx, a->exec->deadline_ms, &own,
                               a->res);
        if (class != DRSW_AWS_OK) {
            a->final = true;
            a->res->sent = DRSW_AWS_NOT_SENT;
            a->res->http_status = 0;
            return class;
        }

        creds = &own;
    }

    class = drsw_exec_breaker(a);

    if (class == DRSW_AWS_OK) {
        class = drsw_exec_budget(a);
    }

    if (class == DRSW_AWS_OK) {
        class = drsw_exec_send(a, creds, output);
    }

    if (class == DRSW_AWS_CREDENTIALS && a->exec->creds == NULL) {
        drsw_creds_drop(a->aws->sh, a->exec->ctx, own.access_key);

        /* Good credentials by STS, unknown in this Region only: the account
         * has not opted in */
        if (a->renewed && own.account[0] != '\0'
            && (strcmp(a->res->code, "UnrecognizedClientException") == 0
                || strcmp(a->res->code, "InvalidClientTokenId") == 0
                || strcmp(a->res->code, "AuthFailure") == 0))
        {
            class = DRSW_AWS_REGION_DISABLED;
            a->res->class = class;
        }
    }

    drsw_creds_free(&own);

    return class;
}


/* Fills headers[]; returns their number.  stamp and auth live in the caller. */

static size_t
drsw_exec_headers(drsw_attempt_t *a, const drsw_creds_t *creds,
                  const char *stamp, drsw_aws_header_t *headers)
{
    size_t n;

    n = 0;
    headers[n].name = "host";
    headers[n++].value = a->host.data;

    if (a->wire.content_type != NULL) {
        headers[n].name = "content-type";
        headers[n++].value = a->wire.content_type;
    }

    if (a->wire.target[0] != '\0') {
        headers[n].name = "x-amz-target";
        headers[n++].value = a->wire.target;
    }

    if (creds != NULL) {
        headers[n].name = "x-amz-date";
        headers[n++].value = stamp;

        if (creds->token != NULL) {
            headers[n].name = "x-amz-security-token";
            headers[n++].value = creds->token;
        }
    }

    return n;
}


static int
drsw_exec_sign(drsw_attempt_t *a, const drsw_creds_t *creds,
               const drsw_aws_header_t *headers, size_t n, int64_t time_s,
               drs_buf_t *auth)
{
    int                  rc;
    drsw_sigv4_t         sig;
    drsw_sigv4_request_t req;

    memset(&req, 0, sizeof(req));
    req.method = a->wire.method;
    req.path = a->path.data;
    req.query = a->wire.query.data;
    req.headers = headers;
    req.nheaders = n;
    req.body = a->wire.body.data;
    req.body_len = a->wire.body.len;
    req.region = a->region;
    req.service = a->exec->service->id;
    req.access_key = creds->access_key;
    req.secret_key = creds->secret_key;
    req.time_s = time_s;

    rc = drsw_sigv4_sign(&req, &sig);
    if (rc == DRS_OK) {
        rc = drsw_sigv4_authorization(&req, &sig, auth);
    }

    drsw_sigv4_free(&sig);

    return rc;
}


/* Keeps the difference to AWS's clock when it matters; true if it changed. */

static bool
drsw_exec_clock(drsw_aws_shared_t *sh, const drsw_http_response_t *resp)
{
    bool    changed;
    int64_t date, skew;

    date = drsw_http_date_s(resp->date);
    if (date < 0) {
        return false;
    }

    skew = date - drsw_aws_now_ms(sh) / 1000;

    (void) pthread_mutex_lock(&sh->lock);

    changed =
        skew - sh->skew_s > DRSW_SKEW_S || sh->skew_s - skew > DRSW_SKEW_S;
    if (changed) {
        sh->skew_s = skew;
    }

    (void) pthread_mutex_unlock(&sh->lock);

    return changed;
}


static void
drsw_exec_classify(drsw_attempt_t *a, int rc, const drsw_http_response_t *resp,
                   json_t **output)
{
    drsw_aws_result_t        *res;
    const drsw_aws_service_t *service;

    res = a->res;
    service = a->exec->service;
    res->sent = resp->sent;
    res->http_status = resp->status;
    res->retry_after_ms = -1;

    if (rc == DRS_ERROR) {
        (void) drsw_error_local(res, DRSW_AWS_LOCAL, "LocalHttp", "%s",
                                resp->error);
        return;
    }

    if (rc != DRS_OK) {
        (void) drsw_error_local(
            res, DRSW_AWS_TRANSIENT,
            resp->timed_out ? "LocalTimeout" : "LocalConnection", "%s %s: %s",
            service->id, a->exec->ctx->region, resp->error);
        return;
    }

    if (resp->status >= 200 && resp->status <= 299) {
        (void) snprintf(res->request_id, sizeof(res->request_id), "%s",
                        resp->request_id);

        *output = drsw_aws_answer(service, a->exec->op, resp, res->request_id,
                                  sizeof(res->request_id));
        if (*output == NULL) {
            (void) drsw_error_local(res, DRSW_AWS_PROTOCOL, "LocalAnswer",
                                    "%s: HTTP %d with an answer that is not "
                                    "the operation's",
                                    a->exec->op->name, resp->status);
            return;
        }

        res->class = DRSW_AWS_OK;
        res->code[0] = '\0';
        res->message[0] = '\0';
        res->resource_id[0] = '\0';
        return;
    }

    drsw_error_parse(service->proto, resp, res);

    if ((res->class == DRSW_AWS_CREDENTIALS || res->class == DRSW_AWS_CLOCK)
        && drsw_exec_clock(a->aws->sh, resp))
    {
        res->class = DRSW_AWS_CLOCK;

    } else if (res->class == DRSW_AWS_CLOCK && a->renewed) {
        /* the clock is right, so the secret is not */
        res->class = DRSW_AWS_CREDENTIALS;
    }
}


/* Tells breaker, budget and observer how the attempt went. */

static void
drsw_exec_observe(drsw_attempt_t *a, int64_t latency_ms)
{
    bool               failed;
    drsw_aws_call_t    call;
    drsw_aws_shared_t *sh;

    sh = a->aws->sh;

    failed =
        a->res->class != DRSW_AWS_THROTTLE && a->res->class != DRSW_AWS_LOCAL
        && (a->res->sent != DRSW_AWS_ANSWERED || a->res->http_status >= 500);

    drsw_breaker_tell(sh->breaker, a->account, a->exec->ctx->region,
                      a->exec->service->id, failed, drsw_aws_mono_ms());

    drsw_budget_feedback(sh->budget, a->account, a->exec->ctx->region,
                         a->exec->service->id, a->exec->op->name,
                         a->res->class == DRSW_AWS_THROTTLE);

    call.service = a->exec->service->id;
    call.operation = a->exec->op->name;
    call.account = a->account;
    call.region = a->exec->ctx->region;
    call.attempt = a->attempts;
    call.latency_ms = latency_ms;
    call.result = a->res;
    call.mutates = a->exec->op->kind != DRSW_OP_READ;
    call.input = a->exec->input;

    if (sh->hooks.observer != NULL) {
        sh->hooks.observer(sh->hooks.observer_data, &call);
    }

    if (a->aws->observer != NULL) {
        a->aws->observer(a->aws->observer_data, &call);
    }
}


static int64_t
drsw_exec_time_s(drsw_attempt_t *a)
{
    int64_t skew;

    (void) pthread_mutex_lock(&a->aws->sh->lock);
    skew = a->aws->sh->skew_s;
    (void) pthread_mutex_unlock(&a->aws->sh->lock);

    return skew
           + (a->exec->sign_at_s > 0 ? a->exec->sign_at_s
                                     : drsw_aws_now_ms(a->aws->sh) / 1000);
}


static drsw_aws_class_e
drsw_exec_send(drsw_attempt_t *a, const drsw_creds_t *creds, json_t **output)
{
    int                  rc;
    char                 stamp[DRS_TIME_ISO_SIZE];
    bool                 unsafe;
    size_t               n;
    int64_t              left, limit, begin, time_s;
    drs_buf_t            auth;
    drsw_aws_header_t    headers[8];
    drsw_http_request_t  req;
    drsw_http_response_t resp;

    unsafe = a->exec->op->kind == DRSW_OP_UNSAFE;
    left = a->exec->deadline_ms - drsw_aws_mono_ms();

    if (left < (unsafe ? DRSW_UNSAFE_LEFT_MS : 1)) {
        a->final = true;
        a->res->sent = DRSW_AWS_NOT_SENT;
        return drsw_error_local(a->res, DRSW_AWS_STOPPED, "LocalDeadline",
                                "%s: no time left to send", a->exec->op->name);
    }

    time_s = drsw_exec_time_s(a);
    (void) drs_time_basic(stamp, time_s);
    n = drsw_exec_headers(a, creds, stamp, headers);

    drs_buf_init(&auth, 0);

    if (creds != NULL) {
        if (drsw_exec_sign(a, creds, headers, n, time_s, &auth) != DRS_OK) {
            drs_buf_free(&auth);
            a->final = true;
            a->res->sent = DRSW_AWS_NOT_SENT;
            return drsw_error_local(a->res, DRSW_AWS_LOCAL, "LocalSign",
                                    "the request could not be signed");
        }

        headers[n].name = "authorization";
        headers[n++].value = auth.data;
    }

    limit = a->aws->sh->read_timeout_ms > 0 ? a->aws->sh->read_timeout_ms
                                            : a->exec->service->timeout_ms;

    memset(&req, 0, sizeof(req));
    req.method = a->wire.method;
    req.url = a->url.data;
    req.headers = headers;
    req.nheaders = n;
    req.body = a->wire.body.data;
    req.body_len = a->wire.body.len;
    req.connect_timeout_ms = a->aws->sh->connect_timeout_ms;
    req.timeout_ms = left < limit ? left : limit;
    req.fresh = unsafe;
    req.ca_bundle = a->aws->sh->ca_bundle;
    req.user_agent = a->aws->sh->user_agent;

    begin = drsw_aws_mono_ms();
    rc = drsw_http_perform(a->aws->http, &req, &resp);
    a->attempts++;

    drsw_exec_classify(a, rc, &resp, output);
    a->res->class = drsw_retry_doubt(a->exec->op->kind, a->res);

    drsw_exec_observe(a, drsw_aws_mono_ms() - begin);

    drsw_http_response_free(&resp);
    drs_buf_free(&auth);

    return a->res->class;
}
