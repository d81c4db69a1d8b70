
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a start against other runs and against DRS jobs (engine.md 3.3),
 * and the refusals of `limits strict`.
 */

#include <stdio.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_jobs.h"
#include "drsw_limits.h"
#include "drsw_start.h"


#define DRSW_CONFLICTS_LISTED 200 /* in an answer; its text counts all */
#define DRSW_JOBS_BACK_S      (2 * 86400) /* DRS ends jobs within a day */


int
drsw_start_running(drsw_start_t *s, char *run, size_t size)
{
    int          rc;
    drs_str_t    plan_id;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    plan_id = drs_json_field(s->plan, "planId");

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "GET");
    (void) drs_cmd_key1(cmd, drsw_redis_prefix(s->ctx->redis),
                        DRS_KEY_CLAIM_PLAN, plan_id);

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    /* a resume checks for a run that holds its plan itself */

    if (rc == DRS_OK && reply.r.n > 0 && reply.r.v[0].len > 0
        && !drs_str_eq(reply.r.v[0], s->id))
    {
        (void) snprintf(run, size, "%.*s", DRS_STR_ARG(reply.r.v[0]));
        rc = DRS_DECLINED;
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_start_executing(drsw_start_t *s)
{
    int  rc;
    char run[64];

    rc = drsw_start_running(s, run, sizeof(run));

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(s->answer, "PLAN_ALREADY_EXECUTING",
                                 json_pack("{s:[s], s:O}", "activeExecutions",
                                           run, "planId",
                                           json_object_get(s->plan, "planId")),
                                 "The plan has an active execution, %s.", run);
    }

    return rc;
}


static int
drsw_start_job_active(const json_t *job)
{
    drs_str_t status, type;

    status = drs_json_field(job, "status");
    type = drs_json_field(job, "type");

    return (drs_str_eqz(status, "PENDING") || drs_str_eqz(status, "STARTED"))
           && (drs_str_eqz(type, "LAUNCH") || drs_str_eqz(type, "TERMINATE")
               || drs_str_eqz(type, "CREATE_CONVERTED_SNAPSHOT"));
}


int
drsw_start_jobs(drsw_start_t *s, drsw_place_t *place)
{
    char              from[DRS_TIME_ISO_SIZE], key[160];
    size_t            i, n;
    json_t           *jobs, *job, *v, *entry;
    drs_str_t         sid;
    drsw_aws_result_t res;

    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_JOBS_BACK_S);

    if (drsw_drs_describe_jobs(s->ctx->aws, &place->access.aws, NULL, from,
                               NULL, &jobs, &res)
        != DRSW_AWS_OK)
    {
        place->code = drsw_aws_error_code(&res);
        drsw_aws_explain(&place->access, "reading the active jobs", &res,
                         place->text, sizeof(place->text));
        return DRS_DECLINED;
    }

    drsw_jobs_note(s->ctx, &place->access, jobs);

    json_array_foreach (jobs, i, job) {
        if (!drsw_start_job_active(job)) {
            continue;
        }

        json_array_foreach (json_object_get(job, "participatingServers"), n, v)
        {
            sid = drs_json_field(v, "sourceServerID");
            (void) snprintf(key, sizeof(key), "%s:%s:%.*s",
                            place->access.account, place->access.region,
                            DRS_STR_ARG(sid));
            entry = json_pack("{s:O, s:O, s:O*, s:O}", "jobId",
                              json_object_get(job, "jobID"), "status",
                              json_object_get(job, "status"), "launchStatus",
                              json_object_get(v, "launchStatus"), "type",
                              json_object_get(job, "type"));
            (void) json_object_set_new(s->jobs, key, entry);
        }
    }

    json_decref(jobs);
    return DRS_OK;
}


/* The waves of another run as an object server id -> wave name. */
static json_t *
drsw_start_run_waves(drsw_start_t *s, drs_str_t run, int64_t waves)
{
    size_t       i;
    json_t      *names, *doc, *sid;
    int64_t      n;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    names = json_object();

    for (n = 0; n < waves; n++) {
        cmd = drs_cmd_new();
        (void) drs_cmd_addz(cmd, "HGET");
        (void) drs_cmd_key_wave(cmd, drsw_redis_prefix(s->ctx->redis), run,
                                (unsigned) n);
        (void) drs_cmd_addz(cmd, "doc");

        memset(&reply, 0, sizeof(reply));
        doc = NULL;

        if (drs_cmd_ok(cmd)
            && drsw_redis_cmd(s->ctx->redis, cmd, &reply) == DRS_OK
            && reply.r.n == 1)
        {
            doc = json_loadb(reply.r.v[0].data, reply.r.v[0].len, 0, NULL);
        }

        json_array_foreach (json_object_get(doc, "serverIds"), i, sid) {
            if (json_is_string(sid)) {
                (void) json_object_set(names, json_string_value(sid),
                                       json_object_get(doc, "waveName"));
            }
        }

        json_decref(doc);
        drs_cmd_free(cmd);
        drsw_reply_free(&reply);
    }

    return names;
}


/*
 * Conflict with another run: {conflictSource: "execution", ...}.  `runs` keeps
 * the waves of the runs seen so far.
 */
static json_t *
drsw_start_run_conflict(drsw_start_t *s, const json_t *v, const json_t *wave,
                        drs_str_t run, json_t *runs)
{
    char         id[64];
    json_t      *entry, *names;
    int64_t      waves;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    entry = json_pack("{s:s, s:O, s:O*, s:s%}", "conflictSource", "execution",
                      "serverId", json_object_get(v, "id"), "waveName",
                      json_object_get(wave, "waveName"),
                      "conflictingExecutionId", run.data, run.len);

    cmd = drs_cmd_new();
    (void) drs_cmd_addz(cmd, "HMGET");
    (void) drs_cmd_key1(cmd, drsw_redis_prefix(s->ctx->redis), DRS_KEY_EXEC,
                        run);
    (void) drs_cmd_addz(cmd, "planId");
    (void) drs_cmd_addz(cmd, "status");
    (void) drs_cmd_addz(cmd, "wavesTotal");

    memset(&reply, 0, sizeof(reply));

    if (drs_cmd_ok(cmd) && drsw_redis_cmd(s->ctx->redis, cmd, &reply) == DRS_OK
        && reply.r.n == 3)
    {
        (void) drs_json_set_str(entry, "conflictingPlanId", reply.r.v[0]);
        (void) drs_json_set_str(entry, "conflictingStatus", reply.r.v[1]);

        (void) snprintf(id, sizeof(id), "%.*s", DRS_STR_ARG(run));
        names = json_object_get(runs, id);

        if (names == NULL && drs_str_i64(reply.r.v[2], &waves) == DRS_OK) {
            names = drsw_start_run_waves(s, run, waves);
            (void) json_object_set_new(runs, id, names);
        }

        names =
            json_object_get(names, json_string_value(json_object_get(v, "id")));
        (void) json_object_set_new(entry, "conflictingWaveName",
                                   names != NULL ? json_incref(names)
                                                 : json_string(""));
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    return entry;
}


static int
drsw_start_claims(drsw_start_t *s, const json_t *w, json_t *conflicts)
{
    int           rc;
    size_t        i;
    json_t       *v, *servers, *runs;
    drs_cmd_t    *cmd, **cmds;
    drsw_reply_t *replies;

    servers = json_object_get(w, "servers");

    if (json_array_size(servers) == 0) {
        return DRS_OK;
    }

    runs = json_object();
    cmds = calloc(json_array_size(servers), sizeof(drs_cmd_t *));
    replies = calloc(json_array_size(servers), sizeof(drsw_reply_t));
    rc = (cmds != NULL && replies != NULL) ? DRS_OK : DRS_ERROR;

    json_array_foreach (servers, i, v) {
        if (rc != DRS_OK) {
            break;
        }

        cmd = drs_cmd_new();
        cmds[i] = cmd;
        (void) drs_cmd_addz(cmd, "HGET");
        (void) drs_cmd_key2(cmd, drsw_redis_prefix(s->ctx->redis),
                            DRS_KEY_CLAIM_SRV, drs_json_field(v, "account"),
                            drs_json_field(v, "region"));
        (void) drs_cmd_add(cmd, drs_json_field(v, "id"));
        rc = drs_cmd_ok(cmd) ? DRS_OK : DRS_ERROR;
    }

    if (rc == DRS_OK) {
        rc = drsw_redis_pipeline(s->ctx->redis, cmds, json_array_size(servers),
                                 replies);
    }

    json_array_foreach (servers, i, v) {
        if (rc == DRS_OK && replies[i].r.n > 0 && replies[i].r.v[0].len > 0
            && !drs_str_eq(replies[i].r.v[0], s->id))
        {
            (void) json_array_append_new(
                conflicts,
                drsw_start_run_conflict(s, v, json_object_get(w, "wave"),
                                        replies[i].r.v[0], runs));
        }
    }

    for (i = 0; i < json_array_size(servers); i++) {
        if (replies != NULL) {
            drsw_reply_free(&replies[i]);
        }
        if (cmds != NULL) {
            drs_cmd_free(cmds[i]);
        }
    }

    json_decref(runs);
    free(cmds);
    free(replies);
    return rc;
}


static void
drsw_start_job_conflicts(drsw_start_t *s, const json_t *w, json_t *conflicts)
{
    char    key[160];
    size_t  i;
    json_t *v, *job;

    json_array_foreach (json_object_get(w, "servers"), i, v) {
        (void) snprintf(key, sizeof(key), "%s:%s:%s",
                        json_string_value(json_object_get(v, "account")),
                        json_string_value(json_object_get(v, "region")),
                        json_string_value(json_object_get(v, "id")));
        job = json_object_get(s->jobs, key);

        if (job == NULL) {
            continue;
        }

        (void) json_array_append_new(
            conflicts,
            json_pack("{s:s, s:O, s:O*, s:O, s:O, s:O*}", "conflictSource",
                      "drs_job", "serverId", json_object_get(v, "id"),
                      "waveName",
                      json_object_get(json_object_get(w, "wave"), "waveName"),
                      "conflictingJobId", json_object_get(job, "jobId"),
                      "conflictingJobStatus", json_object_get(job, "status"),
                      "conflictingLaunchStatus",
                      json_object_get(job, "launchStatus")));
    }
}


/* Groups conflicts by `key` into [{key, a: ..., servers: [...]}]. */
static json_t *
drsw_start_grouped(const json_t *conflicts, const char *source,
                   const char *from, const char *to, const char *from2,
                   const char *to2)
{
    size_t  i, n;
    json_t *c, *g, *list, *found;

    list = json_array();

    json_array_foreach (conflicts, i, c) {
        if (!drs_str_eqz(drs_json_field(c, "conflictSource"), source)) {
            continue;
        }

        found = NULL;
        json_array_foreach (list, n, g) {
            if (json_equal(json_object_get(g, to), json_object_get(c, from))) {
                found = g;
            }
        }

        if (found == NULL) {
            found = json_pack("{s:O, s:O*, s:[]}", to, json_object_get(c, from),
                              to2, json_object_get(c, from2), "servers");
            (void) json_array_append_new(list, found);
        }

        (void) json_array_append(json_object_get(found, "servers"),
                                 json_object_get(c, "serverId"));
    }

    return list;
}


int
drsw_start_conflict_answer(drsw_start_t *s, json_t *conflicts)
{
    json_t *listed;

    listed = drs_json_head(conflicts, DRSW_CONFLICTS_LISTED);
    (void) drsw_answer_error(
        s->answer, "SERVER_CONFLICT_RUN",
        json_pack(
            "{s:o, s:o, s:o}", "conflicts", listed, "conflictingExecutions",
            drsw_start_grouped(listed, "execution", "conflictingExecutionId",
                               "executionId", "conflictingPlanId", "planId"),
            "conflictingDrsJobs",
            drsw_start_grouped(listed, "drs_job", "conflictingJobId", "jobId",
                               "conflictingJobStatus", "jobStatus")),
        "%zu %s in use by another execution or by a DRS job.",
        json_array_size(conflicts),
        json_array_size(conflicts) == 1 ? "server is" : "servers are");
    return DRS_DECLINED;
}


/*
 * Who holds the server: an execution, or "hold:<id>:<until>" for a start outside
 * of plans whose job DRS does not list yet.
 */
static json_t *
drsw_conflict_owner(const json_t *server, const json_t *wave, drs_str_t owner)
{
    char      iso[DRS_TIME_ISO_SIZE];
    int64_t   until;
    json_t   *o;
    drs_str_t word, held;

    held = owner;

    if (!drs_str_split(&held, ':', &word) || !drs_str_eqz(word, "hold")) {
        return json_pack("{s:s, s:O, s:O*, s:s%}", "conflictSource",
                         "execution", "serverId", json_object_get(server, "id"),
                         "waveName", json_object_get(wave, "waveName"),
                         "conflictingExecutionId",
                         owner.data != NULL ? owner.data : "", owner.len);
    }

    (void) drs_str_split(&held, ':', &word);
    o = json_pack("{s:s, s:O, s:O*, s:s, s:s, s:s}", "conflictSource",
                  "drs_job", "serverId", json_object_get(server, "id"),
                  "waveName", json_object_get(wave, "waveName"),
                  "conflictingJobId", "", "conflictingJobStatus", "PENDING",
                  "conflictingLaunchStatus", "PENDING");

    if (drs_str_i64(held, &until) == DRS_OK) {
        (void) drs_time_iso_ms(iso, until);
        (void) json_object_set_new(o, "heldUntil", json_string(iso));
    }

    return o;
}


/* "<account>:<region>:<server> <owner>" of the store, as a conflict. */
static json_t *
drsw_conflict_text(drsw_start_t *s, drs_str_t text)
{
    size_t    n, i;
    json_t   *w, *v;
    drs_str_t rest, key, part;

    rest = text;
    (void) drs_str_split(&rest, ' ', &key);
    while (drs_str_split(&key, ':', &part)) { /* the last part is the id */
    }

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            if (drs_str_eq(drs_json_field(v, "id"), part)) {
                return drsw_conflict_owner(v, json_object_get(w, "wave"), rest);
            }
        }
    }

    return NULL;
}


int
drsw_start_conflict_store(drsw_start_t *s, const drs_answer_t *a)
{
    int       rc;
    size_t    pos;
    json_t   *conflicts;
    drs_str_t text;

    conflicts = json_array();
    pos = 0;

    for (;;) {
        text = drs_answer_detail(a, "conflict", &pos);

        if (text.len == 0) {
            break;
        }

        (void) json_array_append_new(conflicts, drsw_conflict_text(s, text));
    }

    rc = drsw_start_conflict_answer(s, conflicts);
    json_decref(conflicts);

    return rc;
}


int
drsw_start_find_conflicts(drsw_start_t *s, json_t *conflicts)
{
    int     rc;
    size_t  n;
    json_t *w;

    rc = DRS_OK;

    json_array_foreach (s->waves, n, w) {
        if (rc == DRS_OK) {
            rc = drsw_start_claims(s, w, conflicts);
        }
    }

    if (rc == DRS_OK && json_array_size(conflicts) == 0) {
        json_array_foreach (s->waves, n, w) {
            drsw_start_job_conflicts(s, w, conflicts);
        }
    }

    return rc;
}


int
drsw_start_conflicts(drsw_start_t *s)
{
    int           rc;
    size_t        i;
    json_t       *conflicts;
    drsw_place_t *place;

    for (i = 0; i < s->resolver.nplaces; i++) {
        place = s->resolver.places[i];
        rc = drsw_start_jobs(s, place);

        if (rc == DRS_DECLINED) {
            if (!json_is_true(
                    json_object_get(s->request, "allowUnknownLimits"))) {
                return drsw_start_unknown(s, place);
            }

            drsw_start_warn(s, "LIMITS_UNKNOWN", NULL, "%s", place->text);
        }
    }

    conflicts = json_array();
    rc = drsw_start_find_conflicts(s, conflicts);

    if (rc == DRS_OK && json_array_size(conflicts) > 0) {
        /* another start of this plan may have won in the meantime */
        rc = drsw_start_executing(s);
        rc = (rc == DRS_OK) ? drsw_start_conflict_answer(s, conflicts) : rc;
    }

    json_decref(conflicts);
    return rc;
}


void
drsw_start_count(drsw_start_t *s, const drsw_place_t *place, size_t *jobs,
                 size_t *servers, json_t *list)
{
    char        prefix[64];
    json_t     *job, *seen, *entry;
    const char *key, *id;

    (void) snprintf(prefix, sizeof(prefix), "%s:%s:", place->access.account,
                    place->access.region);
    seen = json_object();
    *servers = 0;

    json_object_foreach (s->jobs, key, job) {
        if (strncmp(key, prefix, strlen(prefix)) != 0) {
            continue;
        }

        (*servers)++;
        id = json_string_value(json_object_get(job, "jobId"));
        entry = json_object_get(seen, id);

        if (entry == NULL) {
            entry = json_pack("{s:O, s:O, s:O}", "jobId",
                              json_object_get(job, "jobId"), "status",
                              json_object_get(job, "status"), "type",
                              json_object_get(job, "type"));
            (void) json_object_set_new(seen, id, entry);
            (void) json_array_append(list, entry);
        }

        (void) drs_json_set_int(entry, "serverCount",
                                drs_json_int(entry, "serverCount", 0) + 1);
    }

    *jobs = json_object_size(seen);
    json_decref(seen);
}


static int
drsw_start_limit_place(drsw_start_t *s, const drsw_place_t *place)
{
    int           rc;
    size_t        n, i, jobs, servers, biggest, here;
    json_t       *w, *v, *list;
    drsw_limits_t limits;

    if (drsw_limits(s->ctx, &place->access, &limits) != DRS_OK) {
        return DRS_ERROR;
    }

    list = json_array();
    drsw_start_count(s, place, &jobs, &servers, list);
    biggest = 0;

    json_array_foreach (s->waves, n, w) {
        here = 0;
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            here +=
                drs_str_eqz(drs_json_field(v, "account"), place->access.account)
                && drs_str_eqz(drs_json_field(v, "region"),
                               place->access.region);
        }
        biggest = here > biggest ? here : biggest;
    }

    rc = DRS_OK;

    if (jobs >= (size_t) limits.max_jobs) {
        (void) drsw_answer_error(
            s->answer, "CONCURRENT_JOBS_LIMIT_EXCEEDED",
            json_pack("{s:I, s:I, s:O}", "currentJobs", (json_int_t) jobs,
                      "maxJobs", (json_int_t) limits.max_jobs, "activeJobs",
                      list),
            "%zu jobs are active in %s.", jobs, place->access.region);
        rc = DRS_DECLINED;

    } else if (servers + biggest > (size_t) limits.servers) {
        (void) drsw_answer_error(
            s->answer, "SERVERS_IN_JOBS_LIMIT_EXCEEDED",
            json_pack("{s:I, s:I, s:I, s:I}", "currentServersInJobs",
                      (json_int_t) servers, "newServerCount",
                      (json_int_t) biggest, "totalAfterNew",
                      (json_int_t) (servers + biggest), "maxServers",
                      (json_int_t) limits.servers),
            "%zu servers are in active jobs in %s.", servers,
            place->access.region);
        rc = DRS_DECLINED;
    }

    json_decref(list);
    return rc;
}


/* The most servers that one job may have wherever the plan launches. */
static int
drsw_start_per_job(drsw_start_t *s, size_t *max)
{
    size_t        n;
    drsw_limits_t limits;

    *max = (size_t) s->ctx->conf->max_servers_per_job;

    for (n = 0; n < s->resolver.nplaces; n++) {
        if (drsw_limits(s->ctx, &s->resolver.places[n]->access, &limits)
            != DRS_OK) {
            return DRS_ERROR;
        }

        if (n == 0 || (size_t) limits.per_job < *max) {
            *max = (size_t) limits.per_job;
        }
    }

    return DRS_OK;
}


/* Refusals by size exist only under `limits strict`; otherwise units queue. */
int
drsw_start_limits(drsw_start_t *s)
{
    int     rc;
    size_t  n, count, max;
    json_t *w, *errors;

    if (s->ctx->conf->limits != DRSW_LIMITS_STRICT) {
        return DRS_OK;
    }

    if (s->resolver.nplaces > 1
        && strcmp(s->resolver.places[0]->access.account,
                  s->resolver.places[s->resolver.nplaces - 1]->access.account)
               != 0)
    {
        (void) drsw_answer_error(s->answer, "ACCOUNT_MISMATCH", NULL,
                                 "The waves are in several accounts.");
        return DRS_DECLINED;
    }

    rc = drsw_start_per_job(s, &max);

    if (rc != DRS_OK) {
        return rc;
    }

    errors = json_array();

    json_array_foreach (s->waves, n, w) {
        count = json_array_size(json_object_get(w, "servers"));

        if (count > max) {
            (void) json_array_append_new(
                errors,
                json_pack(
                    "{s:s, s:O, s:I, s:I, s:I, s:s}", "type",
                    "WAVE_SIZE_EXCEEDED", "wave",
                    json_object_get(json_object_get(w, "wave"), "waveName"),
                    "waveIndex", (json_int_t) n + 1, "serverCount",
                    (json_int_t) count, "limit", (json_int_t) max, "message",
                    "The wave has more servers than a DRS job may have."));
        }
    }

    if (json_array_size(errors) > 0) {
        (void) drsw_answer_error(s->answer, "WAVE_SIZE_LIMIT_EXCEEDED",
                                 json_pack("{s:o, s:I}", "errors", errors,
                                           "limit", (json_int_t) max),
                                 "A wave has more than %zu servers.", max);
        return DRS_DECLINED;
    }

    json_decref(errors);

    for (n = 0; n < s->resolver.nplaces && rc == DRS_OK; n++) {
        rc = drsw_start_limit_place(s, s->resolver.places[n]);
    }

    return rc;
}
