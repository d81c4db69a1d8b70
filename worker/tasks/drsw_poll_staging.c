
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs of staging accounts: an extended source server is converted there
 * before the launch goes on in the target account (engine.md 2.12).  Shown
 * only: nothing depends on them, and a staging account that cannot be asked is
 * a line that says so.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_exec.h"


#define DRSW_POLL_BACK INT64_C(300000)


typedef struct {
    drsw_ctx_t       *ctx;
    const drsw_job_t *old;
    const drsw_job_t *job;
    int64_t           shift;
    json_t           *places; /* "account:region" -> {account, region,
                                 servers: {staging id: id}} */
    json_t           *found;
} drsw_pstag_t;


/* "arn:aws:drs:region:account:source-server/s-..." of a server. */
static void
drsw_pstag_server(drsw_pstag_t *s, const drsw_access_t *target,
                  const char *server, drs_str_t arn)
{
    char      key[64], id[64];
    int       i;
    json_t   *place;
    drs_str_t part[5], rest;

    rest = arn;

    for (i = 0; i < 5; i++) {
        if (!drs_str_split(&rest, ':', &part[i])) {
            return;
        }
    }

    if (drs_str_eqz(part[4], target->account)
        || !drs_str_split(&rest, '/', &part[0]) || rest.len == 0
        || rest.len >= sizeof(id))
    {
        return;
    }

    memcpy(id, rest.data, rest.len);
    id[rest.len] = '\0';

    (void) snprintf(key, sizeof(key), "%.*s:%.*s", DRS_STR_ARG(part[4]),
                    DRS_STR_ARG(part[3]));
    place = json_object_get(s->places, key);

    if (place == NULL) {
        place = json_object();
        (void) drs_json_set_str(place, "account", part[4]);
        (void) drs_json_set_str(place, "region", part[3]);
        (void) json_object_set_new(place, "servers", json_object());
        (void) json_object_set_new(s->places, key, place);
    }

    (void) json_object_set_new(json_object_get(place, "servers"), id,
                               json_string(server));
}


/* Staging places of the job's servers, from the inventory. */
static int
drsw_pstag_places(drsw_pstag_t *s, const drsw_access_t *target)
{
    int          rc;
    size_t       i;
    json_t      *item;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(s->ctx->redis), DRS_KEY_INV,
                       drs_str(target->account), drs_str(target->region));

    for (i = 0; i < s->job->nservers; i++) {
        (void) drs_cmd_addz(cmd, s->job->servers[i].id);
    }

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n && i < s->job->nservers; i++) {
        item = reply.r.v[i].len > 0
                   ? drs_json_parse(reply.r.v[i], &drs_json_store_limits, NULL)
                   : NULL;
        drsw_pstag_server(s, target, s->job->servers[i].id,
                          drs_json_field(json_object_get(item, "stagingArea"),
                                         "stagingSourceServerArn"));
        json_decref(item);
    }

    drsw_reply_free(&reply);
    return rc;
}


static void
drsw_pstag_unknown(drsw_pstag_t *s, const json_t *place, const char *text)
{
    if (s->old->staging == NULL
        || strstr(s->old->staging, "\"UNKNOWN\"") == NULL) {
        drsw_warn(s->ctx->log, "jobs of a staging account are not seen: %s",
                  text);
    }

    (void) json_array_append_new(
        s->found,
        json_pack("{s:O, s:s, s:s, s:s, s:i, s:[]}", "stagingAccountId",
                  json_object_get(place, "account"), "type",
                  "CREATE_CONVERTED_SNAPSHOT", "status", "UNKNOWN",
                  "statusMessage", text, "participatingServers", 0,
                  "serverIds"));
}


/* One job of the staging account if it is for our servers. */
static void
drsw_pstag_job(drsw_pstag_t *s, const json_t *place, const json_t *job)
{
    size_t      i;
    json_t     *v, *o, *ids, *servers, *id;
    const char *name;

    if (!drs_str_eqz(drs_json_field(job, "type"), "CREATE_CONVERTED_SNAPSHOT"))
    {
        return;
    }

    ids = json_array();
    servers = json_object_get(job, "participatingServers");

    json_array_foreach (servers, i, v) {
        name = json_string_value(json_object_get(v, "sourceServerID"));
        id = name != NULL
                 ? json_object_get(json_object_get(place, "servers"), name)
                 : NULL;

        if (id != NULL) {
            (void) json_array_append(ids, id);
        }
    }

    if (json_array_size(ids) == 0) {
        json_decref(ids);
        return;
    }

    o = json_pack("{s:O*, s:O, s:O*, s:O*, s:s, s:O*, s:O*, s:i, s:o}", "jobId",
                  json_object_get(job, "jobID"), "stagingAccountId",
                  json_object_get(place, "account"), "type",
                  json_object_get(job, "type"), "status",
                  json_object_get(job, "status"), "statusMessage", "",
                  "creationDateTime", json_object_get(job, "creationDateTime"),
                  "endDateTime", json_object_get(job, "endDateTime"),
                  "participatingServers", (int) json_array_size(servers),
                  "serverIds", ids);

    (void) json_array_append_new(s->found, o);
}


static int
drsw_pstag_ask(drsw_pstag_t *s, const json_t *place)
{
    int               rc;
    char              text[1200], from[DRS_TIME_ISO_SIZE];
    size_t            i;
    json_t           *jobs, *job;
    drsw_access_t     access;
    drsw_aws_result_t res;

    rc = drsw_access(s->ctx, drs_json_field(place, "account"),
                     drs_json_field(place, "region"), &access, text,
                     sizeof(text));

    if (rc != DRS_OK) {
        if (rc == DRS_DECLINED) {
            drsw_pstag_unknown(s, place, text);
        }

        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    drs_time_iso_s(from,
                   (s->job->created_at - s->shift - DRSW_POLL_BACK) / 1000);

    if (drsw_drs_describe_jobs(s->ctx->aws, &access.aws, NULL, from, NULL,
                               &jobs, &res)
        != DRSW_AWS_OK)
    {
        drsw_aws_explain(&access, "reading jobs", &res, text, sizeof(text));
        drsw_pstag_unknown(s, place, text);
        return DRS_OK;
    }

    json_array_foreach (jobs, i, job) {
        drsw_pstag_job(s, place, job);
    }

    json_decref(jobs);
    return DRS_OK;
}


/* 1 if nothing more can be learned. */
static int
drsw_pstag_over(const drsw_pstag_t *s)
{
    return strcmp(s->job->type, "LAUNCH") != 0 || s->job->nservers == 0
           || (s->job->status == DRS_JOB_COMPLETED && s->old->staging != NULL
               && strstr(s->old->staging, "\"PENDING\"") == NULL
               && strstr(s->old->staging, "\"STARTED\"") == NULL);
}


int
drsw_poll_staging(drsw_ctx_t *ctx, drs_arena_t *arena,
                  const drsw_access_t *target, int64_t shift,
                  const drsw_job_t *old, drsw_job_t *job)
{
    int          rc;
    char        *text;
    json_t      *place;
    const char  *key;
    drsw_pstag_t s;

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.old = old;
    s.job = job;
    s.shift = shift;
    job->staging = old->staging != NULL ? old->staging : "";

    if (drsw_pstag_over(&s)) {
        return DRS_OK;
    }

    s.places = json_object();
    s.found = json_array();
    rc = drsw_pstag_places(&s, target);

    json_object_foreach (s.places, key, place) {
        if (rc == DRS_OK) {
            rc = drsw_pstag_ask(&s, place);
        }
    }

    if (rc == DRS_OK && json_array_size(s.found) > 0) {
        text = drs_json_text(s.found, NULL);
        job->staging = text != NULL ? drs_arena_strz(arena, text) : NULL;
        rc = job->staging != NULL ? DRS_OK : DRS_ERROR;
        free(text);
    }

    json_decref(s.places);
    json_decref(s.found);
    return rc;
}
