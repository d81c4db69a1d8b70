
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The task `audit`, one leased task of the fleet.
 *
 * An entry is sealed exactly once: drs_audit_seal compares the head of the
 * chain with the one that the batch was computed for, appends, moves the head
 * and removes the raw entries in one step.  A worker that died, or that lost
 * its lease without knowing, only has to read the head again.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_audit.h"
#include "drs_json.h"
#include "drs_store_audit.h"
#include "drs_time.h"
#include "drsw_audit.h"
#include "drsw_worker.h"


#define DRSW_AUDIT_BATCH    200
#define DRSW_AUDIT_ROUNDS   25
#define DRSW_AUDIT_TRIM     2000
#define DRSW_AUDIT_TRIM_MS  INT64_C(86400000)
#define DRSW_AUDIT_SLACK_MS INT64_C(60000)

typedef struct {
    int64_t  ms;
    uint64_t seq;
    char     hash[DRS_SHA256_HEX_LEN + 1];
} drsw_audit_head_t;


static int drsw_audit_step(drsw_ctx_t *ctx, int64_t *next_at);
static int drsw_audit_batch(drsw_ctx_t *ctx, size_t *n);
static int drsw_audit_head(drsw_ctx_t *ctx, drsw_audit_head_t *head);
static int drsw_audit_add(drsw_ctx_t *ctx, drs_cmd_t *cmd,
                          const redisReply *raw, drsw_audit_head_t *head);
static int drsw_audit_send(drsw_ctx_t *ctx, drs_cmd_t *cmd);
static int drsw_audit_trim(drsw_ctx_t *ctx, size_t *n);


static const drsw_task_kind_t drsw_audit_kind = {
    .prefix = "audit", .step = drsw_audit_step, .background = 1, .seed = 1
};


int
drsw_audit_register(drsw_registry_t *reg)
{
    return drsw_register_task(reg, &drsw_audit_kind);
}


static int
drsw_audit_step(drsw_ctx_t *ctx, int64_t *next_at)
{
    size_t   n, trimmed;
    unsigned i;

    n = 0;

    for (i = 0; i < DRSW_AUDIT_ROUNDS && !drsw_stopping(ctx); i++) {
        if (!drsw_lease_hold(ctx, 1)) {
            return DRS_DECLINED;
        }

        if (drsw_audit_batch(ctx, &n) != DRS_OK) {
            return DRS_ERROR;
        }

        if (n < DRSW_AUDIT_BATCH) {
            break;
        }
    }

    if (drsw_audit_trim(ctx, &trimmed) != DRS_OK) {
        return DRS_ERROR;
    }

    if (ctx->conf->audit_file[0] != '\0'
        && drsw_audit_mirror(ctx, ctx->conf->audit_file) != DRS_OK)
    {
        return DRS_ERROR;
    }

    *next_at = (n == DRSW_AUDIT_BATCH || trimmed == DRSW_AUDIT_TRIM)
                   ? DRSW_NOW
                   : drsw_now_ms(ctx) + ctx->conf->audit_seal_ms;

    return DRS_OK;
}


/* --- sealing -------------------------------------------------------------- */


static int
drsw_audit_head(drsw_ctx_t *ctx, drsw_audit_head_t *head)
{
    int          rc;
    char         key[96];
    uint64_t     seq;
    drsw_reply_t reply;

    memset(head, 0, sizeof(*head));

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "audit:head") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "HMGET", key, "id", "hash",
                            NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (reply.r.n == 2 && reply.r.v[0].len > 0) {
        if (drs_audit_id_parse(reply.r.v[0], &head->ms, &seq) != DRS_OK
            || reply.r.v[1].len != DRS_SHA256_HEX_LEN)
        {
            drsw_error(ctx->log, "audit:head is damaged: nothing is sealed");
            rc = DRS_ERROR;

        } else {
            head->seq = seq;
            memcpy(head->hash, reply.r.v[1].data, DRS_SHA256_HEX_LEN);
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


/* The raw entry of a stream's element; what is no JSON is kept as text. */

static json_t *
drsw_audit_raw(drsw_ctx_t *ctx, const redisReply *e)
{
    size_t            i;
    json_t           *raw, *text;
    drs_str_t         s;
    const redisReply *f;

    s = drs_str("");
    f = e->element[1];

    for (i = 0; f->type == REDIS_REPLY_ARRAY && i + 1 < f->elements; i += 2) {
        if (strcmp(f->element[i]->str, "a") == 0) {
            s = drs_strn(f->element[i + 1]->str,
                         (size_t) f->element[i + 1]->len);
        }
    }

    raw = drs_json_parse(s, &drs_json_store_limits, NULL);

    if (json_is_object(raw)) {
        return raw;
    }

    json_decref(raw);
    drsw_warn(ctx->log, "raw audit entry %s is no JSON object",
              e->element[0]->str);

    text = drs_json_new_str(s);

    return json_pack("{s:s, s:s, s:s, s:s, s:{s:o}}", "action",
                     "audit.unreadable", "resourceType", "audit", "resourceId",
                     e->element[0]->str, "outcome", "failed", "after", "text",
                     text != NULL ? text : json_string("binary"));
}


static int
drsw_audit_add(drsw_ctx_t *ctx, drs_cmd_t *cmd, const redisReply *e,
               drsw_audit_head_t *head)
{
    int       rc;
    char      hash[DRS_SHA256_HEX_LEN + 1];
    json_t   *raw, *entry;
    int64_t   ms;
    uint64_t  n;
    drs_buf_t b;
    drs_str_t id;

    id = drs_strn(e->element[0]->str, (size_t) e->element[0]->len);

    if (drs_audit_id_parse(id, &ms, &n) != DRS_OK) {
        return DRS_ERROR;
    }

    /* after a restored or copied stream, time still does not go back */

    ms = (ms > head->ms) ? ms : head->ms;

    raw = drsw_audit_raw(ctx, e);
    entry = drs_audit_entry(raw, ms, head->seq + 1,
                            head->seq > 0 ? head->hash : drs_audit_zero, hash);
    json_decref(raw);

    rc = DRS_ERROR;
    drs_buf_init(&b, 0);

    if (entry != NULL && drs_json_dump(&b, entry) == DRS_OK) {
        rc = drs_store_audit_seal_entry(cmd, id, entry, drs_buf_str(&b));
    }

    drs_buf_free(&b);
    json_decref(entry);

    if (rc == DRS_OK) {
        head->ms = ms;
        head->seq++;
        (void) strcpy(head->hash, hash);
    }

    return rc;
}


static int
drsw_audit_send(drsw_ctx_t *ctx, drs_cmd_t *cmd)
{
    int          rc;
    drsw_reply_t reply;
    drs_answer_t a;

    rc = drsw_redis_cmd(ctx->redis, cmd, &reply);

    if (rc == DRS_OK) {
        rc = drs_store_answer(&a, &reply.r);

        if (rc == DRS_DECLINED) {
            drsw_error(ctx->log, "audit entries were not taken: %.*s %.*s",
                       DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
            rc = DRS_ERROR;
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_audit_batch(drsw_ctx_t *ctx, size_t *n)
{
    int               rc;
    char              key[96], count[16];
    size_t            i;
    drs_cmd_t        *cmd;
    redisReply       *raw;
    const char       *argv[6];
    drsw_audit_head_t head;

    *n = 0;

    if (drsw_audit_head(ctx, &head) != DRS_OK
        || drsw_redis_key(ctx->redis, key, sizeof(key), "audit:in") != DRS_OK)
    {
        return DRS_ERROR;
    }

    (void) snprintf(count, sizeof(count), "%d", DRSW_AUDIT_BATCH);
    argv[0] = "XRANGE";
    argv[1] = key;
    argv[2] = "-";
    argv[3] = "+";
    argv[4] = "COUNT";
    argv[5] = count;

    if (drsw_redis_raw(ctx->redis, 6, argv, NULL, 0, &raw) != DRS_OK) {
        return DRS_ERROR;
    }

    if (raw->type != REDIS_REPLY_ARRAY || raw->elements == 0) {
        rc = (raw->type == REDIS_REPLY_ARRAY) ? DRS_OK : DRS_ERROR;
        freeReplyObject(raw);
        return rc;
    }

    cmd = drs_store_audit_seal(drsw_redis_prefix(ctx->redis), head.seq,
                               drs_str(head.hash));
    rc = (cmd != NULL) ? DRS_OK : DRS_ERROR;

    for (i = 0; rc == DRS_OK && i < raw->elements; i++) {
        rc = drsw_audit_add(ctx, cmd, raw->element[i], &head);
    }

    if (rc == DRS_OK) {
        *n = raw->elements;
        rc = drsw_audit_send(ctx, cmd);
    }

    drs_cmd_free(cmd);
    freeReplyObject(raw);

    if (rc == DRS_OK) {
        drsw_count(ctx, "audit_sealed_total", "", (int64_t) *n);
    }

    return rc;
}


/* --- retention ------------------------------------------------------------ */


/* 1 if the last checkpoint is old enough for another one. */

static int
drsw_audit_trim_due(drsw_ctx_t *ctx, int64_t now_ms)
{
    int          due;
    char         key[96];
    int64_t      at;
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "audit:cut") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "HGET", key, "at", NULL)
               != DRS_OK)
    {
        return 0;
    }

    due = reply.r.n != 1 || drs_str_i64(reply.r.v[0], &at) != DRS_OK
          || now_ms - at >= DRSW_AUDIT_TRIM_MS;

    drsw_reply_free(&reply);

    return due;
}


static int
drsw_audit_trim(drsw_ctx_t *ctx, size_t *n)
{
    int          rc;
    int64_t      now, removed;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;
    drs_answer_t a;

    *n = 0;
    now = drsw_now_ms(ctx);

    if (!drsw_audit_trim_due(ctx, now)) {
        return DRS_OK;
    }

    /* the store compares with its own clock, which may be a little behind */

    cmd = drs_store_audit_trim(
        drsw_redis_prefix(ctx->redis),
        now - ctx->conf->audit_keep_ms - DRSW_AUDIT_SLACK_MS, DRSW_AUDIT_TRIM);
    rc = (cmd != NULL) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    if (drs_store_answer(&a, &reply.r) != DRS_OK
        || drs_answer_i64(&a, 0, &removed) != DRS_OK)
    {
        drsw_error(ctx->log, "the audit trail cannot be trimmed: %.*s %.*s",
                   DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
        rc = DRS_ERROR;

    } else if (removed > 0) {
        *n = (size_t) removed;
        drsw_notice(ctx->log,
                    "%" PRId64 " audit entries were older than "
                    "audit_keep and left the trail",
                    removed);
    }

    drsw_reply_free(&reply);

    return rc;
}


/* --- AWS calls ------------------------------------------------------------ */


int
drsw_audit_append(drsw_redis_t *redis, const char *text)
{
    int          rc;
    drs_cmd_t   *note;
    drsw_reply_t reply;

    note = drs_store_note(drsw_redis_prefix(redis), drs_str(text),
                          drs_strn(NULL, 0));
    rc = (note != NULL) ? drsw_redis_cmd(redis, note, &reply) : DRS_ERROR;

    if (rc == DRS_OK) {
        drsw_reply_free(&reply);
    }

    drs_cmd_free(note);

    return rc;
}


/* What the call was about: ids only, never content. */

static json_t *
drsw_audit_target(const json_t *input)
{
    size_t  i;
    json_t *target, *v;

    static const char *const names[] = {
        "sourceServers",
        "sourceServerID",
        "sourceServerArn",
        "isDrill",
        "recoveryInstanceIDs",
        "recoveryInstanceID",
        "resourceArn",
        "LaunchTemplateId",
        "SourceVersion",
        "DefaultVersion",
        "SetDefaultVersion",
        "Versions",
        "TopicArn",
        "SubscriptionArn",
        "InstanceIds",
        "DocumentName",
        "targetInstanceTypeRightSizingMethod"
    };

    target = json_object();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(input, names[i]);

        if (v != NULL) {
            (void) json_object_set(target, names[i], v);
        }
    }

    return target;
}


static json_t *
drsw_audit_call(const drsw_ctx_t *ctx, const drsw_aws_call_t *call)
{
    char                     action[128];
    json_t                  *e, *after;
    const char              *subject;
    const drsw_aws_result_t *res;

    res = call->result;
    subject = strchr(ctx->name, ':');
    subject = (subject != NULL) ? subject + 1 : ctx->name;

    (void) snprintf(action, sizeof(action), "aws.%s.%s", call->service,
                    call->operation);

    after = json_pack("{s:o, s:s, s:s, s:s, s:i}", "target",
                      drsw_audit_target(call->input), "awsRequestId",
                      res->request_id, "result",
                      drsw_aws_class_name(res->class), "sent",
                      drsw_aws_sent_name(res->sent), "attempt", call->attempt);

    e = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:[]},"
                  " s:o}",
                  "action", action, "resourceType", "aws", "resourceId",
                  subject, "correlationId", subject, "outcome",
                  res->class == DRSW_AWS_OK ? "succeeded" : "failed",
                  "accountId", call->account, "region", call->region, "actor",
                  "type", "system", "userId", "system:drs-worker", "roles",
                  "after", after);

    if (res->class != DRSW_AWS_OK) {
        (void) json_object_set_new(e, "errorCode", json_string(res->code));
    }

    if (res->http_status > 0) {
        (void) json_object_set_new(e, "httpStatus",
                                   json_integer(res->http_status));
    }

    return e;
}


/*
 * What Redis cannot take now is kept on disk, with the time of the call.  The
 * caller has a job id to store and must not wait here.
 */

static int
drsw_audit_write(drsw_ctx_t *ctx, json_t *entry)
{
    int     rc;
    char   *text, at[DRS_TIME_ISO_SIZE];
    int64_t patience;

    text = drs_json_text(entry, NULL);
    patience = drsw_redis_patience(ctx->redis, 0);
    rc = (text != NULL) ? drsw_audit_append(ctx->redis, text) : DRS_ERROR;
    (void) drs_time_iso_ms(at, drsw_now_ms(ctx));
    (void) drsw_redis_patience(ctx->redis, patience);
    free(text);

    if (rc == DRS_OK) {
        return DRS_OK;
    }

    (void) json_object_set_new(json_object_get(entry, "after"), "calledAt",
                               json_string(at));

    text = drs_json_text(entry, NULL);
    rc = (text != NULL) ? drsw_audit_keep(ctx, text) : DRS_ERROR;
    free(text);

    return rc;
}


static void
drsw_audit_observe(void *data, const drsw_aws_call_t *call)
{
    json_t     *entry;
    drsw_ctx_t *ctx;

    ctx = data;

    if (!call->mutates || call->result->sent == DRSW_AWS_NOT_SENT) {
        return;
    }

    entry = drsw_audit_call(ctx, call);

    if (entry == NULL || drsw_audit_write(ctx, entry) != DRS_OK) {
        drsw_count(ctx, "audit_lost_total", "", 1);
        drsw_error(ctx->log,
                   "the audit entry of %s %s (request id %s, %s) "
                   "was not written",
                   call->service, call->operation, call->result->request_id,
                   drsw_aws_class_name(call->result->class));
    }

    json_decref(entry);
}


void
drsw_audit_watch(drsw_ctx_t *ctx)
{
    drsw_aws_watch(ctx->aws, drsw_audit_observe, ctx);
}
