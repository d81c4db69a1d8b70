
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_work.h"


drs_cmd_t *
drs_store_task_claim(drs_str_t p, drs_str_t owner, unsigned max,
                     int64_t lease_ms, drs_str_t kinds)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_task_claim", p);
    (void) drs_cmd_add(c, owner);
    (void) drs_cmd_add_u64(c, max);
    (void) drs_cmd_add_i64(c, lease_ms);

    if (kinds.len == 0) {
        (void) drs_cmd_addz(c, "*");
    } else {
        (void) drs_cmd_add(c, kinds);
    }

    return drs_store_end(c);
}


int
drs_store_task_next(const drs_answer_t *a, size_t *pos, drs_str_t *task,
                    uint64_t *fence)
{
    if (*pos == a->n) {
        return DRS_DECLINED;
    }

    if (a->n - *pos < 2) {
        return DRS_ERROR;
    }

    *task = a->v[*pos];

    if (drs_answer_u64(a, *pos + 1, fence) != DRS_OK) {
        return DRS_ERROR;
    }

    *pos += 2;

    return DRS_OK;
}


drs_cmd_t *
drs_store_task_renew(drs_str_t p, drs_str_t task, drs_str_t owner,
                     uint64_t fence, int64_t lease_ms)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_task_renew", p);
    (void) drs_cmd_add(c, task);
    (void) drs_cmd_add(c, owner);
    (void) drs_cmd_add_u64(c, fence);
    (void) drs_cmd_add_i64(c, lease_ms);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_task_release(drs_str_t p, drs_str_t task, drs_str_t owner,
                       uint64_t fence, int64_t next)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_task_release", p);
    (void) drs_cmd_add(c, task);
    (void) drs_cmd_add(c, owner);
    (void) drs_cmd_add_u64(c, fence);

    if (next == DRS_DUE_REMOVE) {
        (void) drs_cmd_addz(c, "-");

    } else if (next == DRS_DUE_KEPT) {
        (void) drs_cmd_addz(c, "=");

    } else {
        (void) drs_cmd_add_i64(c, next);
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_task_due(drs_str_t p, drs_str_t task, int64_t at)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_task_due", p);
    (void) drs_cmd_add(c, task);
    (void) drs_cmd_add_i64(c, at);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_task_free(drs_str_t p, drs_str_t owner)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_task_free", p);
    (void) drs_cmd_add(c, owner);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_cmd_add(drs_str_t p, const drs_command_t *cmd)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cmd_add", p);
    (void) drs_cmd_add(c, cmd->id);
    (void) drs_cmd_add(c, cmd->type);
    (void) drs_cmd_add(c, cmd->actor);
    (void) drs_cmd_add(c, cmd->request_id);
    (void) drs_cmd_add(c, cmd->payload);
    (void) drs_cmd_add(c, cmd->reply_to);
    (void) drs_cmd_add_i64(c, cmd->deadline);
    (void) drs_cmd_add_opt(c, cmd->audit);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_cmd_withdraw(drs_str_t p, drs_str_t id)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cmd_withdraw", p);
    (void) drs_cmd_add(c, id);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_cmd_begin(drs_str_t p, const drs_cmd_try_t *t)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cmd_begin", p);
    (void) drs_cmd_add(c, t->stream_id);
    (void) drs_cmd_add(c, t->id);
    (void) drs_cmd_add(c, t->reply_to);
    (void) drs_cmd_add_i64(c, t->deadline);
    (void) drs_cmd_add(c, t->consumer);
    (void) drs_cmd_add_u64(c, t->try);
    (void) drs_cmd_add_u64(c, t->max_tries);

    return drs_store_end(c);
}


int
drs_store_cmd_begin_answer(const drs_reply_t *r, drs_cmd_begin_t *what,
                           drs_str_t *answer, int64_t *tries)
{
    drs_str_t    word;
    drs_answer_t a;

    if (drs_store_answer(&a, r) != DRS_OK) {
        return DRS_ERROR;
    }

    word = drs_answer_str(&a, 0);
    *answer = drs_answer_str(&a, 1);

    if (drs_str_eqz(word, "run")) {
        *what = DRS_CMD_RUN;
        return drs_str_i64(*answer, tries) == DRS_OK ? DRS_OK : DRS_ERROR;

    } else if (drs_str_eqz(word, "done")) {
        *what = DRS_CMD_DONE;

    } else if (drs_str_eqz(word, "expired")) {
        *what = DRS_CMD_EXPIRED;

    } else if (drs_str_eqz(word, "dead")) {
        *what = DRS_CMD_DEAD;

    } else {
        return DRS_ERROR;
    }

    return DRS_OK;
}


drs_cmd_t *
drs_store_cmd_done(drs_str_t p, drs_str_t stream_id, drs_str_t id,
                   drs_str_t reply_to, drs_str_t answer, int secret)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cmd_done", p);
    (void) drs_cmd_add(c, stream_id);
    (void) drs_cmd_add(c, id);
    (void) drs_cmd_add(c, reply_to);
    (void) drs_cmd_add(c, answer);
    (void) drs_cmd_addz(c, secret ? "1" : "0");

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_cmd_fail(drs_str_t p, drs_str_t stream_id, drs_str_t consumer,
                   drs_str_t error, unsigned tries, unsigned max)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_cmd_fail", p);
    (void) drs_cmd_add(c, stream_id);
    (void) drs_cmd_add(c, consumer);
    (void) drs_cmd_add(c, error);
    (void) drs_cmd_add_u64(c, tries);
    (void) drs_cmd_add_u64(c, max);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_heartbeat(drs_str_t p, drs_str_t worker, drs_str_t json,
                    drs_str_t metrics, int64_t ttl_ms)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_heartbeat", p);
    (void) drs_cmd_add(c, worker);
    (void) drs_cmd_add(c, json);
    (void) drs_cmd_add(c, metrics);
    (void) drs_cmd_add_i64(c, ttl_ms);

    return drs_store_end(c);
}
