/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_tagsync.h"
#include "drs_time.h"

#include "drsw_source.h"
#include "drsw_tagsync.h"


#define DRSW_TAGSYNC_JOBS_S  (25 * 3600)
#define DRSW_TAGSYNC_COPY_MS INT64_C(86400000) /* copyTags is looked at */


typedef struct {
    drsw_tagsync_t      *t;
    const drsw_access_t *access;
    json_t              *busy;      /* owned: id -> true */
    json_t              *known;     /* owned: id -> {keys, copyTagsAt} */
    json_t              *instances; /* owned: instance id -> Instance */
} drsw_ts_place_t;


void
drsw_tagsync_init(drsw_tagsync_t *t, drsw_ctx_t *ctx, int64_t budget_ms)
{
    memset(t, 0, sizeof(*t));
    t->ctx = ctx;
    t->until_mono_ms = drsw_mono_ms() + budget_ms;
    t->errors = json_array();
}


void
drsw_tagsync_free(drsw_tagsync_t *t)
{
    json_decref(t->errors);
}


void
drsw_tagsync_error(drsw_tagsync_t *t, const char *fmt, ...)
{
    char    text[1200];
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    drsw_info(t->ctx->log, "tag synchronisation: %s", text);

    if (json_array_size(t->errors) < DRSW_TAGSYNC_ERRORS) {
        (void) json_array_append_new(t->errors, json_string(text));
    }
}


static void
drsw_ts_failed(drsw_tagsync_t *t, const drsw_access_t *access, const char *what,
               const drsw_aws_result_t *res)
{
    char text[1024];

    drsw_aws_explain(access, what, res, text, sizeof(text));
    drsw_tagsync_error(t, "%s", text);
}


/* -- what is known -------------------------------------------------------- */

/* Servers in running jobs.  DRS_DECLINED: not known, nothing is touched. */
static int
drsw_ts_busy(drsw_ts_place_t *p)
{
    char              from[DRS_TIME_ISO_SIZE];
    size_t            i, k;
    json_t           *jobs, *job, *s;
    drs_str_t         status;
    const char       *id;
    drsw_aws_result_t res;

    p->busy = json_object();
    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_TAGSYNC_JOBS_S);

    if (drsw_drs_describe_jobs(p->t->ctx->aws, &p->access->aws, NULL, from,
                               NULL, &jobs, &res)
        != DRSW_AWS_OK)
    {
        drsw_ts_failed(p->t, p->access, "reading the active jobs", &res);
        return DRS_DECLINED;
    }

    json_array_foreach (jobs, i, job) {
        status = drs_json_field(job, "status");

        if (!drs_str_eqz(status, "PENDING") && !drs_str_eqz(status, "STARTED"))
        {
            continue;
        }

        json_array_foreach (json_object_get(job, "participatingServers"), k, s)
        {
            id = json_string_value(json_object_get(s, "sourceServerID"));

            if (id != NULL) {
                (void) json_object_set_new(p->busy, id, json_true());
            }
        }
    }

    json_decref(jobs);

    return DRS_OK;
}


static int
drsw_ts_known(drsw_ts_place_t *p)
{
    int          rc;
    size_t       i;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    p->known = json_object();
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HGETALL", drsw_redis_prefix(p->t->ctx->redis),
                       DRS_KEY_TAGSYNC_KEYS, drs_str(p->access->account),
                       drs_str(p->access->region));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(p->t->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (v != NULL) {
            (void) json_object_setn_new(p->known, reply.r.v[i].data,
                                        reply.r.v[i].len, v);
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_ts_keep(drsw_ts_place_t *p, const char *id, const json_t *keys,
             int64_t copy_at)
{
    int          rc;
    char        *text;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    v = json_pack("{s:O, s:I}", "keys", keys, "copyTagsAt",
                  (json_int_t) copy_at);

    if (json_equal(v, json_object_get(p->known, id))) {
        json_decref(v);
        return DRS_OK;
    }

    text = drs_json_text(v, NULL);
    json_decref(v);
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HSET", drsw_redis_prefix(p->t->ctx->redis),
                       DRS_KEY_TAGSYNC_KEYS, drs_str(p->access->account),
                       drs_str(p->access->region));
    (void) drs_cmd_addz(cmd, id);
    (void) drs_cmd_addz(cmd, text != NULL ? text : "{}");
    rc = text != NULL && drs_cmd_ok(cmd)
             ? drsw_redis_cmd(p->t->ctx->redis, cmd, &reply)
             : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


/* -- instances ------------------------------------------------------------ */

/* The servers that take part. */
static json_t *
drsw_ts_taken(drsw_ts_place_t *p, const json_t *servers)
{
    json_t     *taken, *server;
    const char *id;

    taken = json_object();

    json_object_foreach ((json_t *) servers, id, server) {
        p->t->servers++;

        switch (drs_tagsync_skip(server)) {
        case DRS_TAGSYNC_NO_INSTANCE:
            p->t->no_instance++;
            break;

        case DRS_TAGSYNC_DISCONNECTED:
            p->t->disconnected++;
            break;

        default:
            (void) json_object_set(taken, id, server);
            break;
        }
    }

    return taken;
}


static void
drsw_ts_unread(void *data, const char *text)
{
    drsw_tagsync_error(data, "%s", text);
}


/* -- one server ----------------------------------------------------------- */

/* copyTags is on: now, or when it was looked at not long ago. */
static int
drsw_ts_copy(drsw_ts_place_t *p, const char *id, int64_t *at)
{
    json_t        *config, *settings;
    drsw_aws_ctx_t aws;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    *at = drs_json_int(json_object_get(p->known, id), "copyTagsAt", 0);

    if (*at > 0 && drsw_now_ms(p->t->ctx) - *at < DRSW_TAGSYNC_COPY_MS) {
        return DRS_OK;
    }

    aws = p->access->aws;
    class = drsw_drs_get_launch_configuration(p->t->ctx->aws, &aws, id, &config,
                                              &res);

    if (class == DRSW_AWS_OK
        && !json_is_true(json_object_get(config, "copyTags"))
        && drs_json_field(
               json_object_get(config, "launchIntoInstanceProperties"),
               "launchIntoEC2InstanceID")
                   .len
               == 0)
    {
        json_decref(config);
        settings = json_pack("{s:b}", "copyTags", 1);
        class = drsw_drs_update_launch_configuration(p->t->ctx->aws, &aws, id,
                                                     settings, &config, &res);
        json_decref(settings);
    }

    if (class != DRSW_AWS_OK) {
        drsw_ts_failed(p->t, p->access, "switching copyTags on", &res);
        return DRS_DECLINED;
    }

    json_decref(config);
    *at = drsw_now_ms(p->t->ctx);

    return DRS_OK;
}


/* DRS_OK, DRS_DECLINED: AWS refused (told). */
static int
drsw_ts_write(drsw_ts_place_t *p, const json_t *server,
              const drs_tagsync_diff_t *d)
{
    const char       *arn;
    drsw_aws_result_t res;

    arn = json_string_value(json_object_get(server, "arn"));

    if (json_object_size(d->put) > 0
        && drsw_drs_tag_resource(p->t->ctx->aws, &p->access->aws,
                                 arn != NULL ? arn : "", d->put, &res)
               != DRSW_AWS_OK)
    {
        drsw_ts_failed(p->t, p->access, "tagging a source server", &res);
        return DRS_DECLINED;
    }

    if (json_array_size(d->remove) > 0
        && drsw_drs_untag_resource(p->t->ctx->aws, &p->access->aws,
                                   arn != NULL ? arn : "", d->remove, &res)
               != DRSW_AWS_OK)
    {
        drsw_ts_failed(p->t, p->access, "untagging a source server", &res);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


static int
drsw_ts_server(drsw_ts_place_t *p, const char *id, const json_t *server)
{
    int                rc;
    int64_t            copy_at;
    json_t            *instance, *managed;
    drs_tagsync_diff_t d;

    instance = json_object_get(p->instances, drsw_source_instance(server).data);

    if (instance == NULL) {
        p->t->failed++;
        return DRS_OK;
    }

    if (json_object_get(p->busy, id) != NULL) {
        p->t->busy++;
        return DRS_OK;
    }

    managed = json_object_get(json_object_get(p->known, id), "keys");

    if (drs_tagsync_diff(json_object_get(instance, "Tags"),
                         json_object_get(server, "tags"), managed, &d)
        != DRS_OK)
    {
        drs_tagsync_diff_free(&d);
        return DRS_ERROR;
    }

    p->t->dropped += d.dropped;

    if (json_array_size(d.keys) == 0 && json_array_size(d.remove) == 0) {
        p->t->no_tags++;
        drs_tagsync_diff_free(&d);
        return DRS_OK;
    }

    copy_at = 0;
    rc = drsw_ts_write(p, server, &d);
    rc = (rc == DRS_OK) ? drsw_ts_copy(p, id, &copy_at) : rc;
    p->t->synced += (rc == DRS_OK);
    p->t->failed += (rc == DRS_DECLINED);
    rc = (rc == DRS_OK) ? drsw_ts_keep(p, id, d.keys, copy_at) : rc;
    drs_tagsync_diff_free(&d);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


static int
drsw_ts_all(drsw_ts_place_t *p, const json_t *servers)
{
    int         rc;
    json_t     *server;
    const char *id;

    rc = DRS_OK;

    json_object_foreach ((json_t *) servers, id, server) {
        if (rc != DRS_OK) {
            break;
        }

        if (drsw_mono_ms() >= p->t->until_mono_ms || drsw_stopping(p->t->ctx)) {
            p->t->late++;
            continue;
        }

        rc = drsw_ts_server(p, id, server);
    }

    return rc;
}


int
drsw_tagsync_place(drsw_tagsync_t *t, const drsw_access_t *access,
                   const json_t *servers)
{
    int             rc;
    size_t          before;
    json_t         *taken;
    drsw_ts_place_t p;

    memset(&p, 0, sizeof(p));
    p.t = t;
    p.access = access;
    before = t->synced + t->failed;

    taken = drsw_ts_taken(&p, servers);
    rc = json_object_size(taken) > 0 ? drsw_ts_busy(&p) : DRS_OK;

    if (rc == DRS_DECLINED) {
        t->failed += json_object_size(taken);
    }

    rc = (rc == DRS_OK) ? drsw_ts_known(&p) : rc;
    rc = (rc == DRS_OK) ? drsw_source_instances(t->ctx, access, taken,
                                                drsw_ts_unread, t, &p.instances)
                        : rc;
    rc = (rc == DRS_OK) ? drsw_ts_all(&p, taken) : rc;

    if (t->synced + t->failed != before
        && drsw_scan_forget(t->ctx, access) != DRS_OK)
    {
        rc = DRS_ERROR;
    }

    json_decref(taken);
    json_decref(p.busy);
    json_decref(p.known);
    json_decref(p.instances);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
