
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands for the worker daemon: a request adds one and waits, suspended, for
 * the answer on the channel reply:<this process>.
 *
 * What a 503 promises (decisions): at the end of the time the command is
 * withdrawn in the store.  If no worker had begun it, it will never be done.
 * If one has, the request waits a little longer and then says that the
 * outcome is not known.
 */

#include "ngx_http_drs_call.h"
#include "ngx_http_drs_metrics.h"

#include "drs_store_work.h"


#define NGX_HTTP_DRS_WAIT_GRACE_MS 5000
#define NGX_HTTP_DRS_SECRET_MS     30000


struct ngx_http_drs_wait_s {
    ngx_queue_t             queue; /* in process->waits */
    ngx_http_drs_process_t *process;
    ngx_http_drs_request_t *req;  /* NULL: detached */
    ngx_http_drs_exec_t    *exec; /* fetch or withdraw under way */
    ngx_event_t             timer;
    unsigned                late : 1;  /* withdrawn too late: running */
    unsigned                again : 1; /* fetch after the present exec */
    char                    id[DRS_UUID_SIZE];
};


static ngx_int_t ngx_http_drs_command_added(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_http_drs_wait_t *
ngx_http_drs_wait_create(ngx_http_drs_request_t *req, const char *id);
static ngx_http_drs_wait_t *
ngx_http_drs_wait_find(ngx_http_drs_process_t *process, drs_str_t id);
static ngx_uint_t ngx_http_drs_wait_bucket(drs_str_t id);
static void       ngx_http_drs_wait_free(ngx_http_drs_wait_t *wait);
static void       ngx_http_drs_wait_fetch(ngx_http_drs_wait_t *wait);
static void ngx_http_drs_wait_fetched(void *data, ngx_http_drs_exec_rc_t rc,
                                      redisReply **replies, ngx_uint_t n);
static void ngx_http_drs_wait_timeout(ngx_event_t *ev);
static void ngx_http_drs_wait_withdrawn(void *data, ngx_http_drs_exec_rc_t rc,
                                        redisReply **replies, ngx_uint_t n);
static void ngx_http_drs_wait_answer(ngx_http_drs_wait_t *wait, drs_str_t text);
static void ngx_http_drs_wait_fail(ngx_http_drs_wait_t *wait, ngx_uint_t known);


ngx_int_t
ngx_http_drs_command(ngx_http_drs_ctx_t *ctx, const char *type, const char *id,
                     json_t *payload, ngx_uint_t flags, ngx_msec_t timeout_ms,
                     ngx_http_drs_command_pt done)
{
    ngx_int_t               rc;
    drs_cmd_t              *cmd;
    drs_command_t           c;
    ngx_http_drs_wait_t    *wait;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (id == NULL) {
        id = ngx_http_drs_uuid(ctx);
        if (id == NULL) {
            return NGX_ERROR;
        }
    }

    if (timeout_ms == 0 || timeout_ms > req->main->command_timeout) {
        timeout_ms = req->main->command_timeout;
    }

    if (flags & NGX_HTTP_DRS_CMD_SECRET) {
        timeout_ms = ngx_min(timeout_ms, NGX_HTTP_DRS_SECRET_MS);
    }

    ngx_memzero(&c, sizeof(drs_command_t));
    c.id = drs_str(id);
    c.type = drs_str(type);
    c.actor = ngx_http_drs_actor_text(ctx);
    c.request_id = ctx->request_id;
    c.payload = ngx_http_drs_dump(ctx, payload);
    c.reply_to = drs_str(req->process->id);
    c.deadline = ngx_http_drs_now_ms() + (int64_t) timeout_ms;

    if (c.actor.len == 0 || c.payload.len == 0) {
        return NGX_ERROR;
    }

    /* before the command is sent: its answer may be announced at any time */
    wait = ngx_http_drs_wait_create(req, id);
    if (wait == NULL) {
        return NGX_ERROR;
    }

    cmd = drs_store_cmd_add(req->main->prefix, &c);
    rc = ngx_http_drs_call1(ctx, cmd, ngx_http_drs_command_added);

    if (rc != NGX_AGAIN) {
        ngx_http_drs_wait_free(wait);
        return rc;
    }

    req->wait = wait;
    req->command_done = done;
    ngx_add_timer(&wait->timer, timeout_ms);

    ngx_http_drs_metrics_add(req->process->metrics, NGX_HTTP_DRS_M_COMMANDS, 1);

    return NGX_AGAIN;
}


/* The command is in the stream, or was refused. */
static ngx_int_t
ngx_http_drs_command_added(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                  len;
    drs_str_t              *v;
    drs_reply_t             reply;
    drs_answer_t            answer;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (ngx_http_drs_reply_views(ctx, replies[0], &v, &len) != NGX_OK) {
        return NGX_ERROR;
    }

    reply.v = v;
    reply.n = len;

    switch (drs_store_answer(&answer, &reply)) {
    case DRS_OK:
        return NGX_AGAIN;

    case DRS_DECLINED:
        ngx_http_drs_wait_free(req->wait);
        req->wait = NULL;
        return ngx_http_drs_store_error(ctx, answer.code, answer.text);

    default:
        return NGX_ERROR;
    }
}


/* -- waits ---------------------------------------------------------------- */

static ngx_uint_t
ngx_http_drs_wait_bucket(drs_str_t id)
{
    return ngx_murmur_hash2((u_char *) id.data, id.len) % 64;
}


static ngx_http_drs_wait_t *
ngx_http_drs_wait_create(ngx_http_drs_request_t *req, const char *id)
{
    ngx_http_drs_wait_t    *wait;
    ngx_http_drs_process_t *process;

    process = req->process;

    wait = ngx_calloc(sizeof(ngx_http_drs_wait_t), process->log);
    if (wait == NULL) {
        return NULL;
    }

    wait->process = process;
    wait->req = req;
    ngx_cpystrn((u_char *) wait->id, (u_char *) id, DRS_UUID_SIZE);

    /* not cancelable: a process that shuts down waits for the answer */
    wait->timer.handler = ngx_http_drs_wait_timeout;
    wait->timer.data = wait;
    wait->timer.log = process->log;

    ngx_queue_insert_tail(
        &process->waits[ngx_http_drs_wait_bucket(drs_str(wait->id))],
        &wait->queue);
    ngx_http_drs_metrics_gauge(process, NGX_HTTP_DRS_G_WAITS,
                               ++process->n_waits);

    return wait;
}


static ngx_http_drs_wait_t *
ngx_http_drs_wait_find(ngx_http_drs_process_t *process, drs_str_t id)
{
    ngx_queue_t         *q, *bucket;
    ngx_http_drs_wait_t *wait;

    bucket = &process->waits[ngx_http_drs_wait_bucket(id)];

    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        wait = ngx_queue_data(q, ngx_http_drs_wait_t, queue);

        if (drs_str_eqz(id, wait->id)) {
            return wait;
        }
    }

    return NULL;
}


static void
ngx_http_drs_wait_free(ngx_http_drs_wait_t *wait)
{
    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }

    if (wait->exec != NULL) {
        ngx_http_drs_exec_detach(wait->exec);
    }

    ngx_queue_remove(&wait->queue);
    ngx_http_drs_metrics_gauge(wait->process, NGX_HTTP_DRS_G_WAITS,
                               --wait->process->n_waits);

    ngx_free(wait);
}


/* The client vanished.  The command goes on; nobody waits for it. */
void
ngx_http_drs_command_detach(ngx_http_drs_wait_t *wait)
{
    ngx_http_drs_wait_free(wait);
}


void
ngx_http_drs_command_announced(ngx_http_drs_process_t *process, drs_str_t id,
                               drs_str_t text)
{
    ngx_http_drs_wait_t *wait;

    wait = ngx_http_drs_wait_find(process, id);

    if (wait == NULL) {
        return;
    }

    if (text.len) {
        ngx_http_drs_wait_answer(wait, text);

    } else {
        ngx_http_drs_wait_fetch(wait);
    }
}


void
ngx_http_drs_command_poll(ngx_http_drs_process_t *process)
{
    ngx_uint_t           i;
    ngx_queue_t         *q;
    ngx_http_drs_wait_t *wait;

    for (i = 0; i < 64; i++) {
        for (q = ngx_queue_head(&process->waits[i]);
             q != ngx_queue_sentinel(&process->waits[i]); q = ngx_queue_next(q))
        {
            wait = ngx_queue_data(q, ngx_http_drs_wait_t, queue);
            ngx_http_drs_wait_fetch(wait);
        }
    }
}


static void
ngx_http_drs_wait_fetch(ngx_http_drs_wait_t *wait)
{
    drs_cmd_t             *cmd;
    ngx_http_drs_exec_rc_t rc;

    if (wait->exec != NULL) {
        wait->again = 1;
        return;
    }

    cmd = drs_key_cmd1("GET", wait->process->conf->prefix, DRS_KEY_REPLY,
                       drs_str(wait->id));
    wait->exec = ngx_http_drs_exec(wait->process, &cmd, 1,
                                   ngx_http_drs_wait_fetched, wait, &rc);
    drs_cmd_free(cmd);
}


static void
ngx_http_drs_wait_fetched(void *data, ngx_http_drs_exec_rc_t rc,
                          redisReply **replies, ngx_uint_t n)
{
    ngx_http_drs_wait_t *wait;

    wait = data;
    wait->exec = NULL;

    if (rc == NGX_HTTP_DRS_EXEC_OK && replies[0]->type == REDIS_REPLY_STRING) {
        ngx_http_drs_wait_answer(wait, ngx_http_drs_reply_str(replies[0]));
        return;
    }

    if (wait->again) {
        wait->again = 0;
        ngx_http_drs_wait_fetch(wait);
    }
}


static void
ngx_http_drs_wait_timeout(ngx_event_t *ev)
{
    drs_cmd_t             *cmd;
    ngx_http_drs_wait_t   *wait;
    ngx_http_drs_exec_rc_t rc;

    wait = ev->data;

    if (wait->late) {
        ngx_http_drs_wait_fail(wait, 0);
        return;
    }

    if (wait->exec != NULL) {
        ngx_http_drs_exec_detach(wait->exec);
        wait->exec = NULL;
    }

    cmd =
        drs_store_cmd_withdraw(wait->process->conf->prefix, drs_str(wait->id));
    wait->exec = ngx_http_drs_exec(wait->process, &cmd, 1,
                                   ngx_http_drs_wait_withdrawn, wait, &rc);
    drs_cmd_free(cmd);

    wait->late = 1;

    if (wait->exec == NULL) {
        /* its deadline is over: a worker that has not begun never will */
        ngx_http_drs_wait_fail(wait, 0);
        return;
    }

    ngx_add_timer(&wait->timer, NGX_HTTP_DRS_WAIT_GRACE_MS);
}


static void
ngx_http_drs_wait_withdrawn(void *data, ngx_http_drs_exec_rc_t rc,
                            redisReply **replies, ngx_uint_t n)
{
    redisReply          *r;
    drs_str_t            what;
    ngx_http_drs_wait_t *wait;

    wait = data;
    wait->exec = NULL;

    if (rc != NGX_HTTP_DRS_EXEC_OK || replies[0]->type != REDIS_REPLY_ARRAY
        || replies[0]->elements < 2)
    {
        ngx_http_drs_wait_fail(wait, 0);
        return;
    }

    r = replies[0];
    what = ngx_http_drs_reply_str(r->element[1]);

    if (drs_str_eqz(what, "withdrawn")) {
        ngx_http_drs_wait_fail(wait, 1);
        return;
    }

    if (drs_str_eqz(what, "done") && r->elements > 2) {
        ngx_http_drs_wait_answer(wait, ngx_http_drs_reply_str(r->element[2]));
        return;
    }

    /* running: the timer of the grace time decides */

    if (wait->again) {
        wait->again = 0;
        ngx_http_drs_wait_fetch(wait);
    }
}


/* The answer is here: hands it to the request and forgets the wait. */
static void
ngx_http_drs_wait_answer(ngx_http_drs_wait_t *wait, drs_str_t text)
{
    json_t                 *answer;
    ngx_int_t               rc;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_drs_request_t *req;

    req = wait->req;
    ctx = &req->ctx;

    ngx_http_drs_wait_free(wait);
    req->wait = NULL;

    if (req->exec != NULL) {
        /* answered before the reply to the adding itself came back */
        ngx_http_drs_exec_detach(req->exec);
        req->exec = NULL;
    }

    answer = drs_json_parse(text, &drs_json_store_limits, NULL);

    if (answer == NULL) {
        ngx_log_error(NGX_LOG_ERR, ctx->r->connection->log, 0,
                      "drs: the worker's answer is no JSON");
        rc = NGX_ERROR;

    } else {
        rc = req->command_done(ctx, answer);
        json_decref(answer);
    }

    ngx_http_drs_resume(ctx, rc);
}


static void
ngx_http_drs_wait_fail(ngx_http_drs_wait_t *wait, ngx_uint_t known)
{
    json_t                 *details;
    ngx_int_t               rc;
    ngx_http_drs_ctx_t     *ctx;
    ngx_http_drs_request_t *req;

    req = wait->req;
    ctx = &req->ctx;

    details = json_object();
    (void) drs_json_set_str(details, "commandId", drs_str(wait->id));
    (void) drs_json_set_str(details, "outcome",
                            drs_str(known ? "none" : "unknown"));

    ngx_http_drs_wait_free(wait);
    req->wait = NULL;

    if (req->exec != NULL) {
        ngx_http_drs_exec_detach(req->exec);
        req->exec = NULL;
    }

    ngx_http_drs_metrics_add(req->process->metrics,
                             NGX_HTTP_DRS_M_COMMAND_TIMEOUTS, 1);
    ngx_log_error(NGX_LOG_WARN, ctx->r->connection->log, 0,
                  "drs: request %*s: no worker answered in time",
                  ctx->request_id.len, ctx->request_id.data);

    rc = ngx_http_drs_error(
        ctx, DRS_ERR_SERVICE_UNAVAILABLE, NULL, details, "%s",
        known ? "No worker took the command in time. "
                "It was withdrawn: nothing was done."
              : "The worker did not answer in time. It may "
                "still finish the command: look at the result "
                "before you try again.");

    ngx_http_drs_resume(ctx, rc);
}
