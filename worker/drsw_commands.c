
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Consumers of the command stream.
 *
 * An entry is acknowledged after its durable effect.  What failed, and what a
 * dead worker left behind, is claimed again by the keeper and put into a short
 * queue that the command threads look at first; after command_max_deliveries
 * tries it goes to cmd:dead.  Entries of a worker that lives are never taken
 * away, however long they take.
 *
 * An outage of Redis is no fault of the command and no try: the store counts a
 * try when it begins, not when the entry is read or claimed, and what failed
 * for an outage is done again by the same thread when Redis is back.  Begin and
 * done can be repeated, and so can every handler (the entry might be delivered
 * again after a crash just as well).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_keys.h"
#include "drs_store_work.h"
#include "drsw_commands.h"
#include "drsw_redis_int.h"


/* The fields of an entry as NUL-terminated strings of hiredis. */
typedef struct {
    const char *id;
    const char *type;
    const char *actor;
    const char *request_id;
    const char *payload;
    const char *reply_to;
    int64_t     deadline;
} drsw_fields_t;


#define DRSW_OUTAGES 60 /* of one command that count as none */

/* Outages while something was done for a command. */
typedef struct {
    unsigned seen; /* of the connection, when it was begun */
    unsigned n;    /* so often it was done again */
} drsw_outage_t;


static int  drsw_commands_next(drsw_thread_t *th, drsw_entry_t *e);
static int  drsw_commands_read(drsw_thread_t *th, drsw_entry_t *e);
static void drsw_commands_run(drsw_thread_t *th, drsw_entry_t *e);
static int
drsw_commands_begin(drsw_ctx_t *ctx, drsw_entry_t *e, const drsw_fields_t *f);
static int
drsw_commands_handle(drsw_ctx_t *ctx, const drsw_entry_t *e,
                     const drsw_fields_t *f, const drsw_command_kind_t *kind,
                     int again, drsw_answer_t *answer);
static int
drsw_commands_perform(drsw_ctx_t *ctx, const drsw_entry_t *e,
                      const drsw_fields_t *f, const drsw_command_kind_t *kind,
                      drsw_answer_t *answer);
static int
drsw_commands_done(drsw_ctx_t *ctx, const drsw_entry_t *e,
                   const drsw_fields_t *f, int secret, drsw_answer_t *answer);
static void
drsw_commands_dead(drsw_ctx_t *ctx, const char *stream_id, const char *error);
static void drsw_outage_init(drsw_outage_t *o);
static void drsw_outage_watch(const drsw_ctx_t *ctx, drsw_outage_t *o);
static int  drsw_outage_was(const drsw_ctx_t *ctx, const drsw_outage_t *o);
static int
drsw_commands_again(drsw_ctx_t *ctx, const drsw_entry_t *e, drsw_outage_t *o);


/* --- reading -------------------------------------------------------------- */


int
drsw_commands_group(drsw_redis_t *redis)
{
    int         rc;
    char        key[96];
    redisReply *raw;
    const char *argv[6];

    if (drsw_redis_key(redis, key, sizeof(key), "cmd") != DRS_OK) {
        return DRS_ERROR;
    }

    argv[0] = "XGROUP";
    argv[1] = "CREATE";
    argv[2] = key;
    argv[3] = DRS_CMD_GROUP;
    argv[4] = "0";
    argv[5] = "MKSTREAM";

    if (drsw_redis_raw(redis, 6, argv, NULL, 0, &raw) != DRS_OK) {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (raw->type == REDIS_REPLY_ERROR
        && strncmp(raw->str, "BUSYGROUP", 9) != 0) {
        rc = DRS_ERROR;
    }

    freeReplyObject(raw);

    return rc;
}


int
drsw_commands_entry(redisReply *r, drsw_entry_t *e)
{
    if (r->type != REDIS_REPLY_ARRAY || r->elements != 2
        || r->element[0]->type != REDIS_REPLY_STRING
        || r->element[0]->len >= DRSW_STREAM_ID
        || r->element[1]->type != REDIS_REPLY_ARRAY)
    {
        return DRS_DECLINED;
    }

    (void) snprintf(e->id, sizeof(e->id), "%s", r->element[0]->str);
    e->fields = r->element[1];

    return DRS_OK;
}


static int
drsw_commands_read(drsw_thread_t *th, drsw_entry_t *e)
{
    char        key[96], block[24];
    int64_t     ms;
    redisReply *raw, *entries;
    const char *argv[11];

    ms = th->worker->conf->scan_ms < 1000 ? th->worker->conf->scan_ms : 1000;
    (void) snprintf(block, sizeof(block), "%lld", (long long) ms);

    if (drsw_redis_key(th->ctx.redis, key, sizeof(key), "cmd") != DRS_OK) {
        return DRS_ERROR;
    }

    argv[0] = "XREADGROUP";
    argv[1] = "GROUP";
    argv[2] = DRS_CMD_GROUP;
    argv[3] = th->worker->owner;
    argv[4] = "COUNT";
    argv[5] = "1";
    argv[6] = "BLOCK";
    argv[7] = block;
    argv[8] = "STREAMS";
    argv[9] = key;
    argv[10] = ">";

    if (drsw_redis_raw(th->ctx.redis, 11, argv, NULL, ms, &raw) != DRS_OK) {
        return DRS_ERROR;
    }

    if (raw->type == REDIS_REPLY_ERROR) {
        if (strncmp(raw->str, "NOGROUP", 7) != 0
            || drsw_commands_group(th->ctx.redis) != DRS_OK)
        {
            drsw_error(&th->log, "commands cannot be read: %s", raw->str);
            freeReplyObject(raw);
            return DRS_ERROR;
        }
    }

    /* [[key, [[id, [field, value, ...]]]]] */

    if (raw->type == REDIS_REPLY_ARRAY && raw->elements == 1
        && raw->element[0]->type == REDIS_REPLY_ARRAY
        && raw->element[0]->elements == 2)
    {
        entries = raw->element[0]->element[1];

        if (entries->type == REDIS_REPLY_ARRAY && entries->elements == 1
            && drsw_commands_entry(entries->element[0], e) == DRS_OK)
        {
            e->raw = raw;
            return DRS_OK;
        }
    }

    freeReplyObject(raw);

    return DRS_DECLINED;
}


static int
drsw_commands_next(drsw_thread_t *th, drsw_entry_t *e)
{
    memset(e, 0, sizeof(*e));

    if (drsw_queue_pop(th->worker->queue, e) == DRS_OK) {
        return DRS_OK;
    }

    return drsw_commands_read(th, e);
}


void
drsw_commands_work(drsw_thread_t *th)
{
    int            rc;
    drsw_entry_t   e;
    drsw_worker_t *w;

    w = th->worker;

    while (!atomic_load(&w->stopping)) {
        if (atomic_load(&w->draining) || atomic_load(&w->lib_newer)) {
            (void) drsw_thread_wait(w, 500, NULL);
            continue;
        }

        rc = drsw_commands_next(th, &e);

        if (rc == DRS_ERROR) {
            (void) drsw_thread_wait(w, 500, NULL);
            continue;
        }

        if (rc == DRS_OK) {
            drsw_queue_mark(w->queue, e.id, 1);
            drsw_commands_run(th, &e);
            drsw_queue_mark(w->queue, e.id, 0);
            freeReplyObject(e.raw);
            drsw_worker_hurry(w);
        }
    }
}


/* --- running -------------------------------------------------------------- */


static int
drsw_commands_fields(const drsw_entry_t *e, drsw_fields_t *f)
{
    size_t      i;
    const char *name, *value, *deadline;

    memset(f, 0, sizeof(*f));
    deadline = "0";

    for (i = 0; i + 1 < e->fields->elements; i += 2) {
        if (e->fields->element[i]->type != REDIS_REPLY_STRING
            || e->fields->element[i + 1]->type != REDIS_REPLY_STRING)
        {
            return DRS_DECLINED;
        }

        name = e->fields->element[i]->str;
        value = e->fields->element[i + 1]->str;

        if (strcmp(name, "id") == 0) {
            f->id = value;
        } else if (strcmp(name, "type") == 0) {
            f->type = value;
        } else if (strcmp(name, "actor") == 0) {
            f->actor = value;
        } else if (strcmp(name, "requestId") == 0) {
            f->request_id = value;
        } else if (strcmp(name, "payload") == 0) {
            f->payload = value;
        } else if (strcmp(name, "replyTo") == 0) {
            f->reply_to = value;
        } else if (strcmp(name, "deadline") == 0) {
            deadline = value;
        }
    }

    f->request_id = f->request_id != NULL ? f->request_id : "";
    f->reply_to = f->reply_to != NULL ? f->reply_to : "";

    if (f->id == NULL || f->type == NULL || f->payload == NULL
        || drs_str_i64(drs_str(deadline), &f->deadline) != DRS_OK)
    {
        return DRS_DECLINED;
    }

    if (f->actor == NULL || f->actor[0] == '\0') {
        f->actor = "{}";
    }

    return DRS_OK;
}


static void
drsw_commands_run(drsw_thread_t *th, drsw_entry_t *e)
{
    int                        rc;
    char                       labels[128];
    int64_t                    began;
    drsw_ctx_t                *ctx;
    drsw_answer_t              answer;
    drsw_fields_t              f;
    drsw_outage_t              o;
    const drsw_command_kind_t *kind;

    ctx = &th->ctx;
    ctx->clock_ms = 0;

    if (drsw_commands_fields(e, &f) != DRS_OK) {
        drsw_error(&th->log, "entry %s of the command stream is malformed",
                   e->id);
        drsw_commands_failed(ctx, e->id, "malformed entry", 1, 1);
        return;
    }

    ctx->name = f.type;
    drsw_log_task(&th->log, f.type, 0);
    (void) snprintf(th->log.request, sizeof(th->log.request), "%s",
                    f.request_id);
    (void) snprintf(th->log.command, sizeof(th->log.command), "%s", f.id);

    e->try = atomic_fetch_add(&th->worker->tries, 1);
    drsw_outage_init(&o);

    do {
        drsw_outage_watch(ctx, &o);
        rc = drsw_commands_begin(ctx, e, &f);
    } while (rc == DRS_ERROR && drsw_commands_again(ctx, e, &o));

    if (rc == DRS_OK) {
        began = drsw_mono_ms();
        kind = drsw_registry_command(&th->worker->registry, f.type);
        drsw_answer_init(&answer);

        rc = drsw_commands_perform(ctx, e, &f, kind, &answer);

        if (rc == DRS_ERROR) {
            drsw_error(&th->log, "command failed at try %u: %s", e->tries,
                       answer.error);
            drsw_commands_failed(
                ctx, e->id, answer.error, e->tries,
                (unsigned) th->worker->conf->command_max_deliveries);
        }

        (void) snprintf(labels, sizeof(labels), "type=\"%s\",result=\"%s\"",
                        kind != NULL ? f.type : "unknown",
                        rc == DRS_ERROR ? "error" : "ok");
        drsw_observe(ctx, "command", labels,
                     (double) (drsw_mono_ms() - began) / 1000);
        drsw_answer_free(&answer);
    }

    drsw_log_task(&th->log, NULL, 0);
    ctx->name = "";
    ctx->clock_ms = 0;
}


/*
 * The handler and the storing of its answer, both again after an outage.
 * DRS_DECLINED: Redis is away and the worker stops, or another worker has the
 * entry now; DRS_ERROR: failed, which counts.
 */

static int
drsw_commands_perform(drsw_ctx_t *ctx, const drsw_entry_t *e,
                      const drsw_fields_t *f, const drsw_command_kind_t *kind,
                      drsw_answer_t *answer)
{
    int           rc;
    drsw_outage_t o;

    drsw_outage_init(&o);

    for (;;) {
        drsw_outage_watch(ctx, &o);
        rc = drsw_commands_handle(ctx, e, f, kind, e->tries > 1 || o.n > 0,
                                  answer);

        if (rc == DRS_OK || !drsw_outage_was(ctx, &o)) {
            break;
        }

        drsw_notice(ctx->log, "Redis was away, the command is done again: %s",
                    answer->error);

        if (!drsw_commands_again(ctx, e, &o)) {
            return DRS_DECLINED;
        }

        drsw_answer_free(answer);
        drsw_answer_init(answer);
    }

    drsw_outage_init(&o);

    while (rc == DRS_OK) {
        drsw_outage_watch(ctx, &o);

        if (drsw_commands_done(ctx, e, f, kind != NULL && kind->secret, answer)
            == DRS_OK)
        {
            break;
        }

        if (!drsw_commands_again(ctx, e, &o)) {
            rc = DRS_DECLINED;
        }
    }

    return rc;
}


static void
drsw_outage_init(drsw_outage_t *o)
{
    memset(o, 0, sizeof(*o));
}


static void
drsw_outage_watch(const drsw_ctx_t *ctx, drsw_outage_t *o)
{
    o->seen = drsw_redis_outages(ctx->redis);
}


/* 1 if Redis was away since then; not for ever: what itself makes Redis go
 * away must end some time. */

static int
drsw_outage_was(const drsw_ctx_t *ctx, const drsw_outage_t *o)
{
    return drsw_redis_outages(ctx->redis) != o->seen && o->n < DRSW_OUTAGES;
}


/*
 * 1 if what failed may be done again by this thread: Redis was away meanwhile,
 * is back now, and still has the entry as one of this worker.
 */

static int
drsw_commands_again(drsw_ctx_t *ctx, const drsw_entry_t *e, drsw_outage_t *o)
{
    int         ours;
    char        key[96];
    redisReply *raw;
    const char *argv[7];

    if (!drsw_outage_was(ctx, o)
        || drsw_redis_key(ctx->redis, key, sizeof(key), "cmd") != DRS_OK)
    {
        return 0;
    }

    (void) drsw_thread_wait(ctx->worker, o->n < 10 ? 100 * o->n : 1000, NULL);
    o->n++;

    argv[0] = "XPENDING";
    argv[1] = key;
    argv[2] = DRS_CMD_GROUP;
    argv[3] = e->id;
    argv[4] = e->id;
    argv[5] = "1";
    argv[6] = ctx->worker->owner;

    while (!drsw_stopping(ctx)) {
        if (drsw_redis_raw(ctx->redis, 7, argv, NULL, 0, &raw) != DRS_OK) {
            (void) drsw_thread_wait(ctx->worker, 500, NULL);
            continue;
        }

        ours = raw->type == REDIS_REPLY_ARRAY && raw->elements == 1;

        if (raw->type == REDIS_REPLY_ERROR
            && drsw_redis_judge(raw) != DRSW_REPLY_ERROR) {
            freeReplyObject(raw);
            continue;
        }

        freeReplyObject(raw);
        ctx->clock_ms = 0;

        return ours;
    }

    return 0;
}


/* DRS_OK: it is to be done now. */

static int
drsw_commands_begin(drsw_ctx_t *ctx, drsw_entry_t *e, const drsw_fields_t *f)
{
    int             rc;
    int64_t         tries;
    drs_cmd_t      *cmd;
    drs_str_t       answer;
    drsw_reply_t    reply;
    drs_cmd_try_t   t;
    drs_cmd_begin_t what;

    t.stream_id = drs_str(e->id);
    t.id = drs_str(f->id);
    t.reply_to = drs_str(f->reply_to);
    t.deadline = f->deadline;
    t.consumer = drs_str(ctx->worker->owner);
    t.try = e->try;
    t.max_tries = (unsigned) ctx->conf->command_max_deliveries;
    cmd = drs_store_cmd_begin(drsw_redis_prefix(ctx->redis), &t);
    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
    drs_cmd_free(cmd);
    tries = 0;

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    if (drs_store_cmd_begin_answer(&reply.r, &what, &answer, &tries) != DRS_OK)
    {
        drsw_error(ctx->log, "the store does not understand a command");
        rc = DRS_ERROR;

    } else if (what == DRS_CMD_DONE) {
        drsw_info(ctx->log, "command was done before, answered again");
        rc = DRS_DECLINED;

    } else if (what == DRS_CMD_EXPIRED) {
        drsw_count(ctx, "commands_expired_total", "", 1);
        drsw_notice(ctx->log, "command came too late and was not done");
        rc = DRS_DECLINED;

    } else if (what == DRS_CMD_DEAD) {
        drsw_commands_dead(ctx, e->id, "no worker survived this command");
        rc = DRS_DECLINED;
    }

    e->tries = (unsigned) tries;
    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_commands_handle(drsw_ctx_t *ctx, const drsw_entry_t *e,
                     const drsw_fields_t *f, const drsw_command_kind_t *kind,
                     int again, drsw_answer_t *answer)
{
    int              rc;
    json_t          *actor, *payload;
    drsw_command_t   cmd;
    drs_json_error_t err;

    if (kind == NULL) {
        drsw_error(ctx->log, "unknown type of command");
        return drsw_answer_error(answer, "INVALID_OPERATION", NULL,
                                 "The worker does not know the command "
                                 "\"%.60s\".",
                                 f->type);
    }

    if (drsw_ctx_clock(ctx) != DRS_OK) {
        return drsw_answer_fail(answer, "no clock: %s",
                                drsw_redis_error(ctx->redis));
    }

    payload = drs_json_parse(drs_str(f->payload), &drs_json_store_limits, &err);
    actor = drs_json_parse(drs_str(f->actor), &drs_json_store_limits, &err);

    if (!json_is_object(payload) || !json_is_object(actor)) {
        json_decref(payload);
        json_decref(actor);
        return drsw_answer_error(answer, "INVALID_INVOCATION", NULL,
                                 "The command carries no JSON object.");
    }

    memset(&cmd, 0, sizeof(cmd));
    cmd.id = f->id;
    cmd.type = f->type;
    cmd.request_id = f->request_id;
    cmd.actor = actor;
    cmd.actor_text = f->actor;
    cmd.payload = payload;
    cmd.deadline_ms = f->deadline;
    cmd.tries = (int) e->tries;
    cmd.again = again;

    drsw_debug(ctx->log, "command begins, try %u", e->tries);

    rc = kind->handler(ctx, &cmd, answer);

    json_decref(payload);
    json_decref(actor);

    if (rc == DRS_OK && !answer->set) {
        return drsw_answer_fail(answer, "the handler gave no answer");
    }

    if (rc != DRS_OK && answer->error[0] == '\0') {
        (void) drsw_answer_fail(answer, "%s",
                                drsw_redis_error(ctx->redis)[0] != '\0'
                                    ? drsw_redis_error(ctx->redis)
                                    : "internal error");
    }

    return rc == DRS_OK ? DRS_OK : DRS_ERROR;
}


static int
drsw_commands_done(drsw_ctx_t *ctx, const drsw_entry_t *e,
                   const drsw_fields_t *f, int secret, drsw_answer_t *answer)
{
    int          rc;
    drs_cmd_t   *cmd;
    drs_answer_t a;
    drsw_reply_t reply;

    cmd = drs_store_cmd_done(drsw_redis_prefix(ctx->redis), drs_str(e->id),
                             drs_str(f->id), drs_str(f->reply_to),
                             drs_buf_str(&answer->text), secret);
    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
    drs_cmd_free_secret(cmd);

    if (rc != DRS_OK) {
        drsw_warn(ctx->log, "the answer of a command cannot be stored yet: %s",
                  drsw_redis_error(ctx->redis));
        return DRS_ERROR;
    }

    if (drs_store_answer(&a, &reply.r) != DRS_OK) {
        drsw_error(ctx->log, "the answer of a command was refused: %.*s %.*s",
                   DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
    }

    drsw_reply_free(&reply);

    return DRS_OK;
}


static void
drsw_commands_dead(drsw_ctx_t *ctx, const char *stream_id, const char *error)
{
    drsw_count(ctx, "commands_dead_total", "", 1);
    drsw_error(ctx->log, "entry %s went to cmd:dead: %s", stream_id, error);
}


void
drsw_commands_failed(drsw_ctx_t *ctx, const char *stream_id, const char *error,
                     unsigned tries, unsigned max)
{
    int          rc;
    drs_cmd_t   *cmd;
    drs_answer_t a;
    drsw_reply_t reply;

    cmd = drs_store_cmd_fail(drsw_redis_prefix(ctx->redis), drs_str(stream_id),
                             drs_str(ctx->worker->owner), drs_str(error), tries,
                             max);
    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        return;
    }

    if (drs_store_answer(&a, &reply.r) != DRS_OK) {
        drsw_error(ctx->log, "a failed command cannot be noted: %.*s",
                   DRS_STR_ARG(a.code));

    } else if (drs_str_eqz(drs_answer_str(&a, 0), "dead")) {
        drsw_commands_dead(ctx, stream_id, error);
    }

    drsw_reply_free(&reply);
}
