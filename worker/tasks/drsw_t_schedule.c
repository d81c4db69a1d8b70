/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command schedule.put, which knows the time zones, and the task
 * schedule:<id>, which starts the drills of one schedule.
 *
 * The id of an execution follows from schedule and due time, so that a due
 * time starts one drill whatever dies, and however many workers try.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_doc_write.h"
#include "drs_model_schedule.h"
#include "drs_store_schedule.h"
#include "drs_time.h"
#include "drs_view_schedule.h"

#include "drsw_schedule.h"
#include "drsw_notify.h"
#include "drsw_tasks.h"


#define DRSW_SCHEDULE_TASK    "schedule:"
#define DRSW_SCHEDULE_BACK_MS (2 * INT64_C(86400000)) /* coalesced further */
#define DRSW_SCHEDULE_BAD_MS  INT64_C(3600000)


/* -- the command ---------------------------------------------------------- */

/*
 * A repeat of the command finds the version that it wrote.  DRS_OK: *old is the
 * document before (NULL if none); DRS_DECLINED: applied before.
 */
static int
drsw_schedule_before(drsw_ctx_t *ctx, const json_t *doc, json_t **old)
{
    int rc;

    rc = drsw_load_doc(ctx, DRS_KEY_SCHED, drs_json_field(doc, "scheduleId"),
                       old);

    if (rc == DRS_DECLINED) {
        return DRS_OK;
    }

    return rc == DRS_OK && json_equal(*old, doc) ? DRS_DECLINED : rc;
}


/* Fields of sched:run:<id> as the view wants them. */
static int
drsw_schedule_view(drsw_ctx_t *ctx, const json_t *doc, json_t **view)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("HMGET", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_SCHED_RUN, drs_json_field(doc, "scheduleId"));
    (void) drs_cmd_addz(cmd, "next");
    (void) drs_cmd_addz(cmd, "last");
    (void) drs_cmd_addz(cmd, "hold");
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n == 3) {
        *view = drs_view_schedule_run(doc, reply.r.v[0], reply.r.v[1],
                                      reply.r.v[2]);
        rc = *view != NULL ? DRS_OK : DRS_ERROR;
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_schedule_denied(drsw_answer_t *answer, const json_t *doc,
                     const drs_answer_t *a)
{
    if (drs_answer_is(a, "RECOVERY_PLAN_NOT_FOUND")) {
        return drsw_answer_error(
            answer, "RECOVERY_PLAN_NOT_FOUND",
            json_pack("{s:O}", "planId", json_object_get(doc, "planId")),
            "There is no such recovery plan.");
    }

    if (drs_answer_is(a, "SCHEDULE_NOT_FOUND")) {
        return drsw_answer_error(answer, "SCHEDULE_NOT_FOUND",
                                 json_pack("{s:O}", "scheduleId",
                                           json_object_get(doc, "scheduleId")),
                                 "The schedule was not found.");
    }

    if (drs_answer_is(a, "QUOTA_EXCEEDED")) {
        return drsw_answer_error(
            answer, "QUOTA_EXCEEDED",
            json_pack("{s:s, s:i}", "quotaType", "schedules_per_plan",
                      "maximum", DRS_SCHEDULES_MAX),
            "A plan has at most %d schedules.", DRS_SCHEDULES_MAX);
    }

    if (drs_answer_is(a, "VERSION_CONFLICT")) {
        return drsw_answer_error(
            answer, "VERSION_CONFLICT",
            json_pack("{s:I, s:O}", "expectedVersion",
                      (json_int_t) drs_model_doc_version(doc) - 1, "resourceId",
                      json_object_get(doc, "scheduleId")),
            "The schedule was changed by somebody else.");
    }

    return drsw_answer_fail(answer, "%.*s: %.*s", DRS_STR_ARG(a->code),
                            DRS_STR_ARG(a->text));
}


static int
drsw_schedule_store(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer, const json_t *old, const json_t *doc,
                    int64_t next)
{
    int             rc;
    char           *audit;
    json_t         *more, *view;
    drsw_reply_t    reply;
    drs_answer_t    a;
    drs_doc_write_t w;

    more = json_pack("{s:O}", "resourceName", json_object_get(doc, "name"));
    audit = drsw_audit_text(
        cmd, old == NULL ? "schedule.create" : "schedule.update", "schedule",
        drs_json_field(doc, "scheduleId"), old, doc, more);
    json_decref(more);

    if (audit == NULL) {
        return DRS_ERROR;
    }

    memset(&w, 0, sizeof(w));
    w.prefix = drsw_redis_prefix(ctx->redis);
    w.old = old;
    w.doc = doc;
    w.actor = drsw_actor_label(cmd->actor);
    w.now_ms = drsw_now_ms(ctx);
    w.audit = drs_str(audit);
    w.deadline = cmd->deadline_ms;
    w.next_at = next;

    rc = drsw_store_call(ctx, drs_doc_write_schedule(&w), &reply, &a);

    if (rc == DRS_DECLINED) {
        rc = drsw_schedule_denied(answer, doc, &a);

    } else if (rc == DRS_OK && drsw_schedule_view(ctx, doc, &view) == DRS_OK) {
        rc = drsw_answer_body(answer, old == NULL ? 201 : 200, view);

    } else {
        rc = DRS_ERROR;
    }

    drsw_reply_free(&reply);
    free(audit);

    return rc;
}


/* The first run of a document as it shall be. */
static int
drsw_schedule_plan(drsw_ctx_t *ctx, const json_t *doc, drsw_answer_t *answer,
                   int64_t *next)
{
    int                   rc;
    char                  err[640];
    const char           *code;
    drsw_schedule_times_t t;

    *next = 0;
    rc = drsw_schedule_times(ctx, doc, &t, &code, err, sizeof(err));

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(
            answer, code,
            json_pack("{s:s, s:O*}", "field",
                      strcmp(code, "INVALID_CRON") == 0 ? "cron" : "timeZone",
                      "value", json_object_get(doc, "timeZone")),
            strcmp(code, "INVALID_CRON") == 0
                ? "cron is not an expression of five fields."
                : "There is no such time zone.");
        return rc;
    }

    if (rc != DRS_OK) {
        return drsw_answer_fail(answer, "time zone: %s", err);
    }

    if (json_is_true(json_object_get(doc, "enabled"))) {
        *next = drsw_schedule_next(&t, drsw_now_ms(ctx));
    }

    drsw_schedule_times_free(&t);

    return DRS_OK;
}


int
drsw_cmd_schedule_put(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer)
{
    int           rc;
    json_t       *old, *view;
    int64_t       next;
    const json_t *doc;

    doc = json_object_get(cmd->payload, "schedule");

    if (!json_is_object(doc)) {
        return drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s}", "parameter", "schedule"),
                                 "schedule must be an object.");
    }

    rc = drsw_schedule_before(ctx, doc, &old);

    if (rc == DRS_DECLINED) {
        rc = drsw_schedule_view(ctx, doc, &view);
        rc = (rc == DRS_OK) ? drsw_answer_body(
                 answer, drs_model_doc_version(doc) == 1 ? 201 : 200, view)
                            : rc;

    } else if (rc == DRS_OK && old == NULL && drs_model_doc_version(doc) > 1) {
        rc = drsw_answer_error(answer, "SCHEDULE_NOT_FOUND",
                               json_pack("{s:O}", "scheduleId",
                                         json_object_get(doc, "scheduleId")),
                               "The schedule was not found.");

    } else if (rc == DRS_OK) {
        rc = drsw_schedule_plan(ctx, doc, answer, &next);

        if (rc == DRS_OK && old != NULL
            && drs_model_doc_version(old) + 1 != drs_model_doc_version(doc))
        {
            rc = drsw_answer_error(
                answer, "VERSION_CONFLICT",
                json_pack("{s:I, s:I, s:O}", "expectedVersion",
                          (json_int_t) drs_model_doc_version(doc) - 1,
                          "currentVersion",
                          (json_int_t) drs_model_doc_version(old), "resourceId",
                          json_object_get(doc, "scheduleId")),
                "The schedule was changed by somebody else.");

        } else if (rc == DRS_OK) {
            rc = drsw_schedule_store(ctx, cmd, answer, old, doc, next);
        }

        rc = (rc == DRS_DECLINED) ? DRS_OK : rc;
    }

    json_decref(old);

    return rc;
}


/* -- the task ------------------------------------------------------------- */

/* One step. */
typedef struct {
    drsw_ctx_t           *ctx;
    drs_str_t             id;
    json_t               *doc; /* owned */
    drsw_schedule_times_t times;
    int64_t               now;

    /* sched:run:<id> */
    int64_t next, made_from; /* 0: none; version of the document */
    int64_t asked;           /* an operator wants a run now; 0: no */
    char    hold[128];       /* who holds it back */

    int64_t                due; /* time of the run */
    char                   execution[DRS_UUID_SIZE];
    drsw_schedule_result_e result;
    char                   reason[640];
} drsw_sched_t;


static int64_t
drsw_sched_number(drs_str_t s)
{
    int64_t n;

    return drs_str_i64(s, &n) == DRS_OK ? n : 0;
}


static int
drsw_sched_load(drsw_sched_t *s)
{
    int              rc;
    size_t           i;
    drs_cmd_t       *cmd;
    drsw_reply_t     reply;
    const drs_str_t *v;

    static const char *const fields[] = { "next", "for", "now", "hold" };

    rc = drsw_load_doc(s->ctx, DRS_KEY_SCHED, s->id, &s->doc);

    if (rc != DRS_OK) {
        return rc;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("HMGET", drsw_redis_prefix(s->ctx->redis),
                       DRS_KEY_SCHED_RUN, s->id);

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void) drs_cmd_addz(cmd, fields[i]);
    }

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n == sizeof(fields) / sizeof(fields[0])) {
        v = reply.r.v;
        s->next = drsw_sched_number(v[0]);
        s->made_from = drsw_sched_number(v[1]);
        s->asked = drsw_sched_number(v[2]);
        (void) snprintf(s->hold, sizeof(s->hold), "%.*s", DRS_STR_ARG(v[3]));
    }

    drsw_reply_free(&reply);

    return rc;
}


/* Stores next, and what came of a run when `last` is not NULL. */
static int
drsw_sched_ran(drsw_sched_t *s, const char *last, const char *audit,
               const char *event, const char *notice)
{
    int                rc;
    drsw_reply_t       reply;
    drs_answer_t       a;
    drs_schedule_ran_t r;

    memset(&r, 0, sizeof(r));
    r.id = s->id;
    r.fence = s->ctx->fence;
    r.owner = drs_str(s->ctx->owner);
    r.version = drs_model_doc_version(s->doc);
    r.next = s->next;
    r.last = drs_str(last);
    r.asked = last != NULL ? s->asked : 0;
    r.audit = drs_str(audit);
    r.event = drs_str(event);
    r.notice = drs_str(notice);

    rc = drsw_store_call(
        s->ctx, drs_store_schedule_ran(drsw_redis_prefix(s->ctx->redis), &r),
        &reply, &a);

    if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)) {
        rc = DRS_OK; /* deleted meanwhile: the next step sees it */
    }

    drsw_reply_free(&reply);

    return rc;
}


static const char *
drsw_sched_word(drsw_schedule_result_e result)
{
    return result == DRSW_SCHEDULE_STARTED   ? "STARTED"
           : result == DRSW_SCHEDULE_SKIPPED ? "SKIPPED"
                                             : "FAILED";
}


static json_t *
drsw_sched_last(const drsw_sched_t *s)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *v;

    (void) drs_time_iso_s(iso, s->due / 1000);
    v = json_pack("{s:s, s:o, s:s}", "time", iso, "executionId",
                  s->result == DRSW_SCHEDULE_STARTED ? json_string(s->execution)
                                                     : json_null(),
                  "result", drsw_sched_word(s->result));

    if (v != NULL && s->reason[0] != '\0') {
        (void) drs_json_set_str(v, "reason", drs_str(s->reason));
    }

    return v;
}


/* A run that did not start is told to people as well. */
static char *
drsw_sched_notice(const drsw_sched_t *s)
{
    json_t *data;

    if (s->result == DRSW_SCHEDULE_STARTED) {
        return NULL;
    }

    data = json_pack(
        "{s:s, s:s, s:o}", "severity",
        s->result == DRSW_SCHEDULE_SKIPPED ? "warning" : "error", "code",
        "schedule_skipped", "message",
        json_sprintf("the drill of schedule %s did not start: %s",
                     json_string_value(json_object_get(s->doc, "name")),
                     s->reason));

    return drsw_event_text(
        s->now, "notice", "notices", "schedule", s->id, drs_str(NULL),
        drs_str(NULL), drs_json_field(s->doc, "planId"), drs_str(NULL), data);
}


/* The same for mails and webhooks, once for each due time. */
static int
drsw_sched_tell(const drsw_sched_t *s)
{
    char              key[96], iso[DRS_TIME_ISO_SIZE];
    json_t           *data;
    drs_notify_head_t h;

    if (s->result == DRSW_SCHEDULE_STARTED) {
        return DRS_OK;
    }

    (void) snprintf(key, sizeof(key), "schedule_skipped:%.*s:%lld",
                    DRS_STR_ARG(s->id), (long long) s->due);
    (void) drs_time_iso_s(iso, s->due / 1000);
    memset(&h, 0, sizeof(h));
    h.event = drs_str("schedule_skipped");
    h.at_ms = s->now;
    h.plan = drs_json_field(s->doc, "planId");
    h.type = drs_str("DRILL");

    data = json_pack("{s:s, s:s, s:s}", "dueAt", iso, "result",
                     drsw_sched_word(s->result), "reason", s->reason);
    (void) drs_json_set_str(data, "scheduleId", s->id);
    (void) drs_json_set_str(data, "scheduleName",
                            drs_json_field(s->doc, "name"));

    return drsw_note_as(s->ctx, key, &h, data);
}


static int
drsw_sched_finish(drsw_sched_t *s)
{
    int     rc;
    char   *last, *audit, *event, *notice;
    json_t *v, *more;

    v = drsw_sched_last(s);
    last = drs_json_text(v, NULL);
    more = json_pack(
        "{s:O, s:s}", "resourceName", json_object_get(s->doc, "name"),
        "outcome", s->result == DRSW_SCHEDULE_STARTED ? "succeeded" : "failed");
    audit =
        drsw_audit_text(NULL, "schedule.run", "schedule", s->id, NULL, v, more);
    event = drsw_event_text(
        s->now, "schedule.changed", "plans", "schedule", s->id, drs_str(NULL),
        drs_str(s->result == DRSW_SCHEDULE_STARTED ? s->execution : NULL),
        drs_json_field(s->doc, "planId"), drs_str(NULL),
        json_pack("{s:s}", "change", "updated"));
    notice = drsw_sched_notice(s);
    json_decref(v);
    json_decref(more);

    rc = last != NULL ? drsw_sched_tell(s) : DRS_ERROR;
    rc = rc == DRS_OK ? drsw_sched_ran(s, last, audit, event, notice) : rc;

    drsw_notice(s->ctx->log, "schedule %.*s: %s %s", DRS_STR_ARG(s->id),
                drsw_sched_word(s->result),
                s->result == DRSW_SCHEDULE_STARTED ? s->execution : s->reason);
    drsw_count(s->ctx, "schedule_runs_total",
               s->result == DRSW_SCHEDULE_STARTED   ? "result=\"started\""
               : s->result == DRSW_SCHEDULE_SKIPPED ? "result=\"skipped\""
                                                    : "result=\"failed\"",
               1);
    free(last);
    free(audit);
    free(event);
    free(notice);

    return rc;
}


/*
 * The latest due time that has come, from s->next on: runs that were missed
 * are one.
 */
static int64_t
drsw_sched_latest(const drsw_sched_t *s)
{
    int64_t due, t;

    due = s->next;

    if (s->now - due > DRSW_SCHEDULE_BACK_MS) {
        t = drsw_schedule_next(&s->times, s->now - DRSW_SCHEDULE_BACK_MS);
        due = (t > 0 && t <= s->now) ? t : due;
    }

    for (;;) {
        t = drsw_schedule_next(&s->times, due);

        if (t == 0 || t > s->now) {
            return due;
        }

        due = t;
    }
}


/* 1: nothing is tried, s->result and s->reason are set. */
static int
drsw_sched_left_out(drsw_sched_t *s)
{
    if (s->hold[0] != '\0' && s->asked == 0) {
        s->result = DRSW_SCHEDULE_SKIPPED;
        (void) snprintf(s->reason, sizeof(s->reason),
                        "HELD: an operator (%s) holds the schedule back.",
                        s->hold);
        return 1;
    }

    if (s->now - s->due > s->ctx->conf->schedule_grace_ms) {
        s->result = DRSW_SCHEDULE_SKIPPED;
        (void) snprintf(s->reason, sizeof(s->reason),
                        "MISSED: no worker could start it within %lld s.",
                        (long long) (s->ctx->conf->schedule_grace_ms / 1000));
        return 1;
    }

    return 0;
}


/* A run whose time has come; *next_at: when to try again, else NEVER. */
static int
drsw_sched_run(drsw_sched_t *s, int64_t *next_at)
{
    int     rc, started;
    int64_t retry;

    *next_at = DRSW_NEVER;
    rc = drsw_schedule_started(s->ctx, s->id, s->due, s->execution, &started);

    if (rc != DRS_OK) {
        return rc;
    }

    if (started) { /* a worker died between the start and the record of it */
        s->result = DRSW_SCHEDULE_STARTED;
        return DRS_OK;
    }

    if (drsw_sched_left_out(s)) {
        return DRS_OK;
    }

    rc = drsw_schedule_allowed(s->ctx, s->doc, s->reason, sizeof(s->reason));

    if (rc == DRS_DECLINED) {
        s->result = DRSW_SCHEDULE_FAILED;
        return DRS_OK;
    }

    rc = (rc == DRS_OK)
             ? drsw_schedule_start(s->ctx, s->doc, s->due, s->execution,
                                   &s->result, s->reason, sizeof(s->reason))
             : rc;

    if (rc == DRS_OK && s->result == DRSW_SCHEDULE_LATER) {
        retry = drsw_now_ms(s->ctx) + s->ctx->conf->schedule_retry_ms;

        if (retry - s->due <= s->ctx->conf->schedule_grace_ms) {
            *next_at = retry;
            drsw_info(s->ctx->log, "schedule %.*s is tried again: %s",
                      DRS_STR_ARG(s->id), s->reason);

        } else {
            s->result = DRSW_SCHEDULE_FAILED;
        }
    }

    return rc;
}


/* Spreads schedules that are due in the same second; the same at each try. */
static int64_t
drsw_sched_jitter(const drsw_sched_t *s)
{
    size_t   i;
    uint32_t h;

    h = 2166136261u;

    for (i = 0; i < s->id.len; i++) {
        h = (h ^ (unsigned char) s->id.data[i]) * 16777619u;
    }

    return s->ctx->conf->schedule_jitter_ms * (int64_t) (h >> 8) >> 24;
}


static int
drsw_sched_step(drsw_sched_t *s, int64_t *next_at)
{
    int     rc, enabled, fresh;
    int64_t begin;

    enabled = json_is_true(json_object_get(s->doc, "enabled"));
    fresh = (s->made_from == drs_model_doc_version(s->doc));
    begin =
        (fresh && enabled && s->next > 0) ? s->next + drsw_sched_jitter(s) : 0;

    if (s->asked > 0 || (begin > 0 && begin <= s->now)) {
        s->due = s->asked > 0 ? s->asked : drsw_sched_latest(s);
        rc = drsw_sched_run(s, next_at);

        if (rc != DRS_OK || *next_at != DRSW_NEVER) {
            return rc;
        }

        if (s->asked == 0 || begin == 0 || begin <= s->now) {
            fresh = 0;
        }
    }

    if (!fresh || (enabled && s->next == 0)) {
        s->next = enabled ? drsw_schedule_next(&s->times, s->now) : 0;
        begin = s->next > 0 ? s->next + drsw_sched_jitter(s) : 0;
    }

    if (s->due > 0) {
        rc = drsw_sched_finish(s);
    } else {
        rc = fresh ? DRS_OK : drsw_sched_ran(s, NULL, NULL, NULL, NULL);
    }

    *next_at = begin > 0 ? begin : DRSW_NEVER;

    return rc;
}


int
drsw_step_schedule(drsw_ctx_t *ctx, int64_t *next_at)
{
    int          rc;
    char         err[640];
    const char  *code;
    drsw_sched_t s;

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.id = drs_str(ctx->name + sizeof(DRSW_SCHEDULE_TASK) - 1);
    s.now = drsw_now_ms(ctx);
    rc = drsw_sched_load(&s);

    if (rc == DRS_DECLINED) { /* deleted */
        *next_at = DRSW_NEVER;
        return DRS_OK;
    }

    if (rc == DRS_OK) {
        rc = drsw_schedule_times(ctx, s.doc, &s.times, &code, err, sizeof(err));

        if (rc == DRS_DECLINED) {
            drsw_error(ctx->log, "schedule %.*s: %s: %s", DRS_STR_ARG(s.id),
                       code, err);
            *next_at = s.now + DRSW_SCHEDULE_BAD_MS;
            rc = DRS_OK;

        } else if (rc == DRS_OK) {
            rc = drsw_sched_step(&s, next_at);
            drsw_schedule_times_free(&s.times);
        }
    }

    json_decref(s.doc);

    return rc;
}
