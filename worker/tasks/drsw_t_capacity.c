
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands capacity.get {accountId} or {}, capacity.quotas {accountId, region}
 * (api.md AC13, AC14, DRS2).  An answer is kept for 30 s in
 * capacity:<scope>, from where the module gives it to others.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_view_capacity.h"

#include "drsw_account.h"
#include "drsw_limits.h"
#include "drsw_sweep.h"
#include "drsw_tasks.h"


#define DRSW_CAPACITY_KEEP_S "30"


/* DRS_OK: answered from the store; DRS_DECLINED: nothing there. */
static int
drsw_capacity_kept(drsw_ctx_t *ctx, drsw_answer_t *answer, drs_str_t scope)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("GET", drsw_redis_prefix(ctx->redis), DRS_KEY_CAPACITY,
                       scope);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK) {
        rc = (reply.r.n > 0 && reply.r.v[0].data != NULL)
                 ? drsw_answer_text(answer, 200, reply.r.v[0])
                 : DRS_DECLINED;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* Keeps and answers; takes body over. */
static int
drsw_capacity_answer(drsw_ctx_t *ctx, drsw_answer_t *answer, drs_str_t scope,
                     json_t *body)
{
    int          rc;
    char        *text;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    text = drs_json_text(body, NULL);

    if (text == NULL) {
        json_decref(body);
        return DRS_ERROR;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("SET", drsw_redis_prefix(ctx->redis), DRS_KEY_CAPACITY,
                       scope);
    (void) drs_cmd_addz(cmd, text);
    (void) drs_cmd_addz(cmd, "EX");
    (void) drs_cmd_addz(cmd, DRSW_CAPACITY_KEEP_S);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    if (rc != DRS_OK) {
        json_decref(body);
        return rc;
    }

    return drsw_answer_body(answer, 200, body);
}


static void
drsw_capacity_lowest(int64_t *max, int limit)
{
    if (*max == 0 || limit < *max) {
        *max = limit;
    }
}


/* The lowest limits of the places whose jobs are counted. */
static void
drsw_capacity_limits(const drsw_sweep_t *s, const drsw_sweep_place_t *p,
                     drs_capacity_jobs_t *jobs)
{
    drsw_limits_t limits;

    if (p->due_jobs && drsw_limits_known(s->ctx, &p->access, &limits) == DRS_OK)
    {
        drsw_capacity_lowest(&jobs->max_jobs, limits.max_jobs);
        drsw_capacity_lowest(&jobs->max_servers, limits.servers);
        drsw_capacity_lowest(&jobs->max_per_job, limits.per_job);
    }
}


static void
drsw_capacity_jobs(const drsw_sweep_t *s, drs_capacity_jobs_t *jobs)
{
    size_t                    i, k;
    const drsw_sweep_place_t *p;

    memset(jobs, 0, sizeof(*jobs));
    jobs->known = 1;

    for (i = 0; i < s->n; i++) {
        if (!s->accounts[i].accessible && !s->accounts[i].staging) {
            jobs->known = 0;
        }

        for (k = 0; k < s->accounts[i].n; k++) {
            p = &s->accounts[i].places[k];

            if (p->jobs_failed) {
                jobs->known = 0;
            }

            jobs->jobs += p->jobs;
            jobs->servers += p->in_jobs;
            drsw_capacity_limits(s, p, jobs);

            if (p->jobs > 0
                && (p->largest > jobs->largest || jobs->largest_id.len == 0)) {
                jobs->largest = p->largest;
                jobs->largest_id = drs_str(p->largest_id);
            }
        }
    }
}


/* The account and those that stage for it. */
static int
drsw_capacity_add(drsw_sweep_t *s, const json_t *doc, int staging)
{
    int     rc;
    size_t  i;
    json_t *v;

    if (!staging) {
        return drsw_sweep_add(s, drs_json_field(doc, "accountId"), doc, 0);
    }

    rc = DRS_OK;

    json_array_foreach (json_object_get(doc, "stagingAccounts"), i, v) {
        if (rc == DRS_OK) {
            rc = drsw_sweep_add(s, drs_json_field(v, "accountId"), v, 1);
        }
    }

    return rc;
}


static int
drsw_capacity_id_cmp(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


/* Target accounts first, by id: one that also stages is counted once. */
static int
drsw_capacity_add_all(drsw_sweep_t *s)
{
    int         rc, staging;
    size_t      i, n;
    json_t     *docs, *doc;
    const char *id, **ids;

    if (drsw_account_docs(s->ctx, &docs) != DRS_OK) {
        return DRS_ERROR;
    }

    ids = malloc((json_object_size(docs) + 1) * sizeof(char *));
    rc = (ids != NULL) ? DRS_OK : DRS_ERROR;
    n = 0;

    json_object_foreach (docs, id, doc) {
        if (ids != NULL) {
            ids[n++] = id;
        }
    }

    if (ids != NULL) {
        qsort(ids, n, sizeof(char *), drsw_capacity_id_cmp);
    }

    for (staging = 0; staging < 2; staging++) {
        for (i = 0; i < n && rc == DRS_OK; i++) {
            rc = drsw_capacity_add(s, json_object_get(docs, ids[i]), staging);
        }
    }

    free(ids);
    json_decref(docs);
    return rc;
}


/* doc NULL: all accounts */
static int
drsw_capacity_ask(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer, const json_t *doc, drs_str_t scope)
{
    int                 rc;
    json_t             *figures, *body;
    drsw_sweep_t        s;
    drs_capacity_jobs_t jobs;

    drsw_sweep_init(&s, ctx, drsw_sweep_budget(ctx, cmd));

    rc = (doc == NULL) ? drsw_capacity_add_all(&s)
                       : drsw_capacity_add(&s, doc, 0);

    if (rc == DRS_OK && doc != NULL) {
        rc = drsw_capacity_add(&s, doc, 1);
    }

    rc = (rc == DRS_OK) ? drsw_sweep_servers(&s, 0) : rc;
    rc = (rc == DRS_OK) ? drsw_sweep_jobs(&s, drs_str("")) : rc;

    if (rc == DRS_OK) {
        drsw_capacity_jobs(&s, &jobs);
        figures = drsw_sweep_figures(&s);
        body = drs_view_capacity(figures, &jobs, drsw_wall_ms());
        json_decref(figures);
        rc = drsw_capacity_answer(ctx, answer, scope, body);
    }

    drsw_sweep_free(&s);
    return rc;
}


int
drsw_cmd_capacity(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer)
{
    int       rc;
    json_t   *doc;
    drs_str_t id, scope;

    id = drs_json_field(cmd->payload, "accountId");
    scope = id.len > 0 ? id : drs_str("all");
    doc = NULL;

    if (id.len > 0) {
        rc = drsw_account_find(ctx, id, answer, &doc);

        if (rc != DRS_OK) {
            return rc == DRS_DECLINED ? DRS_OK : rc;
        }
    }

    rc = drsw_sweep_command(ctx, answer);

    if (rc == DRS_OK) {
        /* whoever was before us may have asked the same */
        rc = drsw_capacity_kept(ctx, answer, scope);

        if (rc == DRS_DECLINED) {
            rc = drsw_capacity_ask(ctx, cmd, answer, doc, scope);
        }

        drsw_sweep_command_end();
    }

    json_decref(doc);
    return rc == DRS_DECLINED ? DRS_OK : rc;
}


static int
drsw_quotas_ask(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                drsw_answer_t *answer, drs_str_t id, const json_t *doc,
                drs_str_t scope)
{
    int                 rc;
    json_t             *figures, *body;
    drs_str_t           region;
    drsw_sweep_t        s;
    drs_capacity_jobs_t jobs;

    region = drs_json_field(cmd->payload, "region");
    drsw_sweep_init(&s, ctx, drsw_sweep_budget(ctx, cmd));
    rc = drsw_sweep_add(&s, id, doc, 0);
    rc = (rc == DRS_OK) ? drsw_sweep_servers(&s, 0) : rc;
    rc = (rc == DRS_OK) ? drsw_sweep_jobs(&s, region) : rc;

    if (rc == DRS_OK) {
        drsw_capacity_jobs(&s, &jobs);
        figures = drsw_sweep_figures(&s);
        body = drs_view_quotas(json_array_get(figures, 0),
                               region.len > 0 ? region : drs_str("all"), &jobs);
        json_decref(figures);
        rc = drsw_capacity_answer(ctx, answer, scope, body);
    }

    drsw_sweep_free(&s);
    return rc;
}


int
drsw_cmd_quotas(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                drsw_answer_t *answer)
{
    int       rc;
    char      scope[96];
    json_t   *doc;
    drs_str_t id, region;

    region = drs_json_field(cmd->payload, "region");
    id = drs_json_field(cmd->payload, "accountId");

    if (id.len == 0) {
        id = drs_str(drsw_hub_account(ctx));
    }

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, &doc);

    if (rc == DRS_DECLINED
        && (id.len == 0 || !drs_str_eqz(id, drsw_hub_account(ctx))))
    {
        return drsw_answer_error(
            answer, "INVALID_ACCOUNT",
            json_pack("{s:o}", "accountId", drs_json_new_str(id)),
            "The account is neither the own account nor "
            "registered.");
    }

    if (rc == DRS_ERROR) {
        return rc;
    }

    (void) snprintf(scope, sizeof(scope), "quotas.%.*s.%.*s", DRS_STR_ARG(id),
                    (int) region.len, region.len > 0 ? region.data : "");
    rc = drsw_sweep_command(ctx, answer);

    if (rc == DRS_OK) {
        rc = drsw_capacity_kept(ctx, answer, drs_str(scope));

        if (rc == DRS_DECLINED) {
            rc = drsw_quotas_ask(ctx, cmd, answer, id, doc, drs_str(scope));
        }

        drsw_sweep_command_end();
    }

    json_decref(doc);
    return rc == DRS_DECLINED ? DRS_OK : rc;
}
