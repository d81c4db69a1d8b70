
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * JSON form of a job observation: value of obs:<account>:<region>.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_engine.h"


typedef struct {
    drs_arena_t *a;
    bool         failed;
} drsw_job_load_t;


static const char *
drsw_job_str(drsw_job_load_t *l, const json_t *obj, const char *name)
{
    const char *z;

    z = drs_arena_str(l->a, drs_json_field(obj, name));
    if (z == NULL) {
        l->failed = true;
        return "";
    }

    return z;
}


/* A member as JSON text, "" if it is no array. */

static const char *
drsw_job_array(drsw_job_load_t *l, const json_t *obj, const char *name)
{
    char         *text;
    const char   *z;
    const json_t *v;

    v = json_object_get(obj, name);

    if (!json_is_array(v)) {
        return "";
    }

    text = drs_json_text(v, NULL);
    z = (text != NULL) ? drs_arena_strz(l->a, text) : NULL;
    free(text);

    l->failed |= z == NULL;

    return z != NULL ? z : "";
}


static void
drsw_job_load_servers(drsw_job_load_t *l, const json_t *list, drsw_job_t *job)
{
    int                status;
    size_t             i;
    const json_t      *v;
    drsw_job_server_t *s;

    job->nservers = json_array_size(list);

    s = drs_arena_array(l->a, job->nservers, sizeof(drsw_job_server_t));
    if (s == NULL) {
        job->nservers = 0;
        l->failed = true;
        return;
    }

    job->servers = s;

    for (i = 0; i < job->nservers; i++, s++) {
        v = json_array_get(list, i);
        status = drs_launch_status_by_name(drs_json_field(v, "status"));
        s->id = drsw_job_str(l, v, "id");
        s->status =
            status < 0 ? DRS_LAUNCH_PENDING : (drs_launch_status_t) status;
        s->instance = drsw_job_str(l, v, "instance");
        s->actions = drsw_job_array(l, v, "actions");
    }
}


static void
drsw_job_load_log(drsw_job_load_t *l, const json_t *list, drsw_job_t *job)
{
    size_t           i;
    const json_t    *v;
    drsw_log_item_t *it;

    job->nlog = json_array_size(list);

    it = drs_arena_array(l->a, job->nlog, sizeof(drsw_log_item_t));
    if (it == NULL) {
        job->nlog = 0;
        l->failed = true;
        return;
    }

    job->log = it;

    for (i = 0; i < job->nlog; i++, it++) {
        v = json_array_get(list, i);
        it->at = drs_json_int(v, "at", 0);
        it->event = drsw_job_str(l, v, "event");
        it->server = drsw_job_str(l, v, "server");
        it->conversion_server = drsw_job_str(l, v, "conversionServer");
        it->target_instance = drsw_job_str(l, v, "targetInstance");
        it->error = drsw_job_str(l, v, "error");
        it->attempt = (int) drs_json_int(v, "attempt", 0);
        it->max_attempts = (int) drs_json_int(v, "maxAttempts", 0);
    }
}


int
drsw_job_decode(drs_arena_t *a, drs_str_t json, drsw_job_t *job)
{
    int             status;
    json_t         *v;
    drsw_job_load_t l = { a, false };

    memset(job, 0, sizeof(drsw_job_t));

    v = drs_json_parse(json, &drs_json_store_limits, NULL);
    if (v == NULL) {
        return DRS_DECLINED;
    }

    status = drs_job_status_by_name(drs_json_field(v, "status"));

    job->id = drsw_job_str(&l, v, "jobId");
    job->type = drsw_job_str(&l, v, "type");
    job->initiated_by = drsw_job_str(&l, v, "initiatedBy");
    job->status = status < 0 ? DRS_JOB_NONE : (drs_job_status_t) status;
    job->created_at = drs_json_int(v, "createdMs", 0);
    job->ended_at = drs_json_int(v, "endedMs", 0);
    job->seen_at = drs_json_int(v, "seenMs", 0);
    job->log_at = drs_json_int(v, "logMs", 0);
    job->missing = json_is_true(json_object_get(v, "missing"));
    job->tag = drsw_job_str(&l, v, "tag");
    job->staging = drsw_job_array(&l, v, "staging");
    job->owner = "";
    drsw_job_load_servers(&l, json_object_get(v, "servers"), job);
    drsw_job_load_log(&l, json_object_get(v, "log"), job);
    json_decref(v);

    if (l.failed) {
        return DRS_ERROR;
    }

    return job->id[0] != '\0' ? DRS_OK : DRS_DECLINED;
}


static void
drsw_job_put(json_t *o, const char *name, const char *v, int *failed)
{
    if (v != NULL && v[0] != '\0') {
        *failed += drs_json_set_str(o, name, drs_str(v)) != DRS_OK;
    }
}


static void
drsw_job_puti(json_t *o, const char *name, int64_t v, int *failed)
{
    if (v != 0) {
        *failed += drs_json_set_int(o, name, v) != DRS_OK;
    }
}


static void
drsw_job_put_array(json_t *o, const char *name, const char *text, int *failed)
{
    if (text != NULL && text[0] != '\0') {
        *failed +=
            json_object_set_new(
                o, name,
                drs_json_parse(drs_str(text), &drs_json_store_limits, NULL))
            != 0;
    }
}


static json_t *
drsw_job_servers_json(const drsw_job_t *job, int *failed)
{
    size_t                   i;
    json_t                  *list, *o;
    const drsw_job_server_t *s;

    list = json_array();

    for (i = 0; i < job->nservers; i++) {
        s = &job->servers[i];
        o = json_object();
        drsw_job_put(o, "id", s->id, failed);
        drsw_job_put(o, "status", drs_launch_status_name(s->status), failed);
        drsw_job_put(o, "instance", s->instance, failed);
        drsw_job_put_array(o, "actions", s->actions, failed);
        *failed += json_array_append_new(list, o) != 0;
    }

    return list;
}


static json_t *
drsw_job_log_json(const drsw_job_t *job, int *failed)
{
    size_t                 i;
    json_t                *list, *o;
    const drsw_log_item_t *it;

    list = json_array();

    for (i = 0; i < job->nlog; i++) {
        it = &job->log[i];
        o = json_object();
        drsw_job_puti(o, "at", it->at, failed);
        drsw_job_put(o, "event", it->event, failed);
        drsw_job_put(o, "server", it->server, failed);
        drsw_job_put(o, "conversionServer", it->conversion_server, failed);
        drsw_job_put(o, "targetInstance", it->target_instance, failed);
        drsw_job_put(o, "error", it->error, failed);
        drsw_job_puti(o, "attempt", it->attempt, failed);
        drsw_job_puti(o, "maxAttempts", it->max_attempts, failed);
        *failed += json_array_append_new(list, o) != 0;
    }

    return list;
}


int
drsw_job_encode(drs_buf_t *b, const drsw_job_t *job)
{
    int     failed, rc;
    json_t *o;

    failed = 0;
    o = json_object();

    drsw_job_put(o, "jobId", job->id, &failed);
    drsw_job_put(o, "type", job->type, &failed);
    drsw_job_put(o, "initiatedBy", job->initiated_by, &failed);
    drsw_job_put(o, "status", drs_job_status_name(job->status), &failed);
    drsw_job_puti(o, "createdMs", job->created_at, &failed);
    drsw_job_puti(o, "endedMs", job->ended_at, &failed);
    drsw_job_puti(o, "seenMs", job->seen_at, &failed);
    drsw_job_puti(o, "logMs", job->log_at, &failed);
    drsw_job_put(o, "tag", job->tag, &failed);
    drsw_job_put_array(o, "staging", job->staging, &failed);

    if (job->missing) {
        failed += drs_json_set_bool(o, "missing", 1) != DRS_OK;
    }

    failed +=
        json_object_set_new(o, "servers", drsw_job_servers_json(job, &failed))
        != 0;
    failed +=
        json_object_set_new(o, "log", drsw_job_log_json(job, &failed)) != 0;

    rc = failed ? DRS_ERROR : drs_json_dump(b, o);
    json_decref(o);

    return rc;
}
