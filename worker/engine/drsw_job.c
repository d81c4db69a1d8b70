
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON form of a job observation: value of obs:<account>:<region>.  A job has
 * up to a hundred servers with several log items each and is read and written
 * at every poll: without trees.
 */

#include <stddef.h>
#include <string.h>

#include "drs_json.h"
#include "drs_jtext.h"
#include "drsw_engine.h"


typedef struct {
    drs_arena_t *a;
    bool         failed;
} drsw_job_load_t;

/* Takes one member into the struct at `at`. */
typedef void (*drsw_job_take_pt)(drsw_job_load_t *l, void *at, drs_str_t name,
                                 drs_str_t value);


typedef struct {
    const char *name;
    size_t      offset;
} drsw_job_text_t;

static const drsw_job_text_t drsw_job_texts[] = {
    { "jobId", offsetof(drsw_job_t, id) },
    { "type", offsetof(drsw_job_t, type) },
    { "initiatedBy", offsetof(drsw_job_t, initiated_by) },
    { "tag", offsetof(drsw_job_t, tag) },
    { NULL, 0 }
};

static const drsw_job_text_t drsw_job_log_texts[] = {
    { "event", offsetof(drsw_log_item_t, event) },
    { "server", offsetof(drsw_log_item_t, server) },
    { "conversionServer", offsetof(drsw_log_item_t, conversion_server) },
    { "targetInstance", offsetof(drsw_log_item_t, target_instance) },
    { "error", offsetof(drsw_log_item_t, error) },
    { NULL, 0 }
};


/* -- reading -------------------------------------------------------------- */

static const char *
drsw_job_str(drsw_job_load_t *l, drs_str_t value)
{
    const char *z;

    z = drs_jread_string(l->a, value);
    l->failed |= z == NULL;

    return z != NULL ? z : "";
}


/* The member as JSON text, "" if it is no array. */
static const char *
drsw_job_array(drsw_job_load_t *l, drs_str_t value)
{
    const char *z;

    if (value.data[0] != '[') {
        return "";
    }

    z = drs_arena_str(l->a, value);
    l->failed |= z == NULL;

    return z != NULL ? z : "";
}


/* DRS_OK: it was one of the texts. */
static int
drsw_job_text(drsw_job_load_t *l, const drsw_job_text_t *rows, void *at,
              drs_str_t name, drs_str_t value)
{
    for (; rows->name != NULL; rows++) {
        if (drs_str_eqz(name, rows->name)) {
            *(const char **) (void *) ((char *) at + rows->offset) =
                drsw_job_str(l, value);
            return DRS_OK;
        }
    }

    return DRS_DECLINED;
}


/* DRS_OK, or DRS_DECLINED: no object that can be read. */
static int
drsw_job_members(drsw_job_load_t *l, drs_str_t text, drsw_job_take_pt take,
                 void *at)
{
    int         rc;
    drs_str_t   name, value;
    drs_jread_t r;

    if (drs_jread_open(&r, text) != DRS_OK || r.close != '}') {
        return DRS_DECLINED;
    }

    while ((rc = drs_jread_next(&r, &name, &value)) == 1) {
        take(l, at, name, value);
    }

    return rc == 0 ? DRS_OK : DRS_DECLINED;
}


static void
drsw_job_take_server(drsw_job_load_t *l, void *at, drs_str_t name,
                     drs_str_t value)
{
    int                status;
    drsw_job_server_t *s;

    s = at;

    if (drs_str_eqz(name, "id")) {
        s->id = drsw_job_str(l, value);

    } else if (drs_str_eqz(name, "status")) {
        status = drs_launch_status_by_name(drs_jread_plain(value));
        s->status =
            status < 0 ? DRS_LAUNCH_PENDING : (drs_launch_status_t) status;

    } else if (drs_str_eqz(name, "instance")) {
        s->instance = drsw_job_str(l, value);

    } else if (drs_str_eqz(name, "actions")) {
        s->actions = drsw_job_array(l, value);
    }
}


static void
drsw_job_take_log(drsw_job_load_t *l, void *at, drs_str_t name, drs_str_t value)
{
    drsw_log_item_t *it;

    it = at;

    if (drsw_job_text(l, drsw_job_log_texts, it, name, value) == DRS_OK) {
        return;
    }

    if (drs_str_eqz(name, "at")) {
        it->at = drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "attempt")) {
        it->attempt = (int) drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "maxAttempts")) {
        it->max_attempts = (int) drs_jread_int(value, 0);
    }
}


static void
drsw_job_load_servers(drsw_job_load_t *l, drs_str_t list, drsw_job_t *job)
{
    void              *base;
    size_t             cap;
    drs_str_t          name, value;
    drs_jread_t        r;
    drsw_job_server_t *s;

    base = NULL;
    cap = 0;

    if (drs_jread_open(&r, list) != DRS_OK || r.close != ']') {
        return;
    }

    while (drs_jread_next(&r, &name, &value) == 1) {
        s = drs_arena_push(l->a, &base, &job->nservers, &cap, sizeof(*s));

        if (s == NULL) {
            l->failed = true;
            return;
        }

        s->id = s->instance = s->actions = "";
        s->status = DRS_LAUNCH_PENDING;
        (void) drsw_job_members(l, value, drsw_job_take_server, s);
        job->servers = base;
    }
}


static void
drsw_job_load_log(drsw_job_load_t *l, drs_str_t list, drsw_job_t *job)
{
    void            *base;
    size_t           cap;
    drs_str_t        name, value;
    drs_jread_t      r;
    drsw_log_item_t *it;

    base = NULL;
    cap = 0;

    if (drs_jread_open(&r, list) != DRS_OK || r.close != ']') {
        return;
    }

    while (drs_jread_next(&r, &name, &value) == 1) {
        it = drs_arena_push(l->a, &base, &job->nlog, &cap, sizeof(*it));

        if (it == NULL) {
            l->failed = true;
            return;
        }

        it->event = it->server = it->conversion_server = "";
        it->target_instance = it->error = "";
        (void) drsw_job_members(l, value, drsw_job_take_log, it);
        job->log = base;
    }
}


static void
drsw_job_take(drsw_job_load_t *l, void *at, drs_str_t name, drs_str_t value)
{
    int         status;
    drsw_job_t *job;

    job = at;

    if (drsw_job_text(l, drsw_job_texts, job, name, value) == DRS_OK) {
        return;
    }

    if (drs_str_eqz(name, "status")) {
        status = drs_job_status_by_name(drs_jread_plain(value));
        job->status = status < 0 ? DRS_JOB_NONE : (drs_job_status_t) status;

    } else if (drs_str_eqz(name, "createdMs")) {
        job->created_at = drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "endedMs")) {
        job->ended_at = drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "seenMs")) {
        job->seen_at = drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "logMs")) {
        job->log_at = drs_jread_int(value, 0);

    } else if (drs_str_eqz(name, "missing")) {
        job->missing = drs_str_eqz(value, "true");

    } else if (drs_str_eqz(name, "staging")) {
        job->staging = drsw_job_array(l, value);

    } else if (drs_str_eqz(name, "servers")) {
        drsw_job_load_servers(l, value, job);

    } else if (drs_str_eqz(name, "log")) {
        drsw_job_load_log(l, value, job);
    }
}


int
drsw_job_decode(drs_arena_t *a, drs_str_t json, drsw_job_t *job)
{
    drsw_job_load_t l = { a, false };

    memset(job, 0, sizeof(drsw_job_t));
    job->id = job->type = job->initiated_by = job->tag = "";
    job->staging = job->owner = "";
    job->status = DRS_JOB_NONE;

    if (drsw_job_members(&l, json, drsw_job_take, job) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (l.failed) {
        return DRS_ERROR;
    }

    return job->id[0] != '\0' ? DRS_OK : DRS_DECLINED;
}


/* -- writing -------------------------------------------------------------- */

static void
drsw_job_put(drs_buf_t *b, const char *name, const char *v)
{
    drs_jw_z(b, name, v != NULL ? v : "");
}


static void
drsw_job_put_int(drs_buf_t *b, const char *name, int64_t v)
{
    if (v != 0) {
        drs_jw_int(b, name, v);
    }
}


static void
drsw_job_put_array(drs_buf_t *b, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        drs_jw_raw(b, name, drs_str(text));
    }
}


static void
drsw_job_put_server(drs_buf_t *b, const drsw_job_server_t *s)
{
    drs_jw_open(b, NULL, '{');
    drsw_job_put(b, "id", s->id);
    drsw_job_put(b, "status", drs_launch_status_name(s->status));
    drsw_job_put(b, "instance", s->instance);
    drsw_job_put_array(b, "actions", s->actions);
    drs_jw_close(b, '}');
}


static void
drsw_job_put_log(drs_buf_t *b, const drsw_log_item_t *it)
{
    drs_jw_open(b, NULL, '{');
    drsw_job_put_int(b, "at", it->at);
    drsw_job_put(b, "event", it->event);
    drsw_job_put(b, "server", it->server);
    drsw_job_put(b, "conversionServer", it->conversion_server);
    drsw_job_put(b, "targetInstance", it->target_instance);
    drsw_job_put(b, "error", it->error);
    drsw_job_put_int(b, "attempt", it->attempt);
    drsw_job_put_int(b, "maxAttempts", it->max_attempts);
    drs_jw_close(b, '}');
}


int
drsw_job_encode(drs_buf_t *b, const drsw_job_t *job)
{
    size_t i;

    drs_jw_open(b, NULL, '{');
    drsw_job_put(b, "jobId", job->id);
    drsw_job_put(b, "type", job->type);
    drsw_job_put(b, "initiatedBy", job->initiated_by);
    drsw_job_put(b, "status", drs_job_status_name(job->status));
    drsw_job_put_int(b, "createdMs", job->created_at);
    drsw_job_put_int(b, "endedMs", job->ended_at);
    drsw_job_put_int(b, "seenMs", job->seen_at);
    drsw_job_put_int(b, "logMs", job->log_at);
    drsw_job_put(b, "tag", job->tag);
    drsw_job_put_array(b, "staging", job->staging);

    if (job->missing) {
        drs_jw_bool(b, "missing", 1);
    }

    drs_jw_open(b, "servers", '[');

    for (i = 0; i < job->nservers; i++) {
        drsw_job_put_server(b, &job->servers[i]);
    }

    drs_jw_close(b, ']');
    drs_jw_open(b, "log", '[');

    for (i = 0; i < job->nlog; i++) {
        drsw_job_put_log(b, &job->log[i]);
    }

    drs_jw_close(b, ']');
    drs_jw_close(b, '}');

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}
