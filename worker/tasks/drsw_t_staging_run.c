
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tasks staging (all accounts, every `staging_sync`) and staging:<account>
 * (one run: look up its staging accounts, extend their servers).  The record
 * of the last run is staging:run:<account>.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_account.h"
#include "drsw_runs.h"
#include "drsw_staging.h"
#include "drsw_tasks.h"


#define DRSW_STAGING_RUN_MS 60000


/* End of the last run, else when the account was registered; 0: unknown. */
static int64_t
drsw_staging_last(drsw_ctx_t *ctx, const json_t *doc)
{
    json_t *run;
    int64_t at;

    at = 0;

    if (drsw_load_doc(ctx, DRS_KEY_STAGING_RUN,
                      drs_json_field(doc, "accountId"), &run)
        == DRS_OK)
    {
        at = drs_json_int(run, "finishedMs", 0);
        json_decref(run);
    }

    if (at == 0
        && drs_time_parse_ms(drs_json_field(doc, "createdAt"), &at) != DRS_OK)
    {
        at = 0;
    }

    return at;
}


int
drsw_step_staging_all(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc;
    char        task[64];
    json_t     *docs, *doc;
    int64_t     now, at;
    const char *id;

    rc = drsw_account_docs(ctx, &docs);
    now = drsw_now_ms(ctx);

    json_object_foreach (docs, id, doc) {
        at = drsw_staging_last(ctx, doc) + ctx->conf->staging_sync_ms;

        if (rc == DRS_OK && at <= now + ctx->conf->staging_sync_ms
            && drs_str_eqz(drs_json_field(doc, "status"), "active"))
        {
            (void) snprintf(task, sizeof(task), "staging:%s", id);
            rc = drsw_task_due(ctx, task, at <= now ? DRSW_NOW : at);
        }
    }

    json_decref(docs);
    *next_at = now + drsw_run_jitter(ctx->conf->staging_sync_ms);
    return rc;
}


static int
drsw_staging_keep(drsw_ctx_t *ctx, drs_str_t id, const json_t *run)
{
    int          rc;
    char        *text;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    text = drs_json_text(run, NULL);

    if (text == NULL) {
        return DRS_ERROR;
    }

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("SET", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_STAGING_RUN, id);
    (void) drs_cmd_addz(cmd, text);
    free(text);

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_staging_forget(drsw_ctx_t *ctx, drs_str_t id)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd1("DEL", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_STAGING_RUN, id);
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


static json_t *
drsw_staging_record(drs_str_t id)
{
    char at[DRS_TIME_ISO_SIZE];

    drs_time_iso_s(at, drsw_wall_ms() / 1000);

    return json_pack("{s:o, s:s, s:i, s:i, s:i, s:[]}", "accountId",
                     drs_json_new_str(id), "startedAt", at, "extended", 0,
                     "failed", 0, "skipped", 0, "errors");
}


static void
drsw_staging_finish(drsw_ctx_t *ctx, json_t *run, const drsw_found_t *f)
{
    char        at[DRS_TIME_ISO_SIZE];
    const char *status;

    status = "success";

    if (!f->complete || drs_json_int(run, "failed", 0) > 0) {
        status = "partial";
    }

    if (!f->sweep.n || !f->sweep.accounts[0].accessible) {
        status = "failed";
    }

    drs_time_iso_s(at, drsw_wall_ms() / 1000);
    (void) drs_json_set_str(run, "status", drs_str(status));
    (void) drs_json_set_str(run, "finishedAt", drs_str(at));
    (void) drs_json_set_int(run, "finishedMs", drsw_now_ms(ctx));
    (void) drs_json_set_bool(run, "complete", f->complete);
    (void) json_object_set(run, "failedRegions", f->failed);

    if (f->error[0] != '\0') {
        (void) json_object_set_new(run, "error", json_string(f->error));
    }
}


static int
drsw_staging_run(drsw_ctx_t *ctx, drs_str_t id, const json_t *doc, json_t *run)
{
    int          rc;
    json_t      *now, *added, *removed;
    drsw_found_t f;

    now = NULL;
    rc = drsw_staging_discover(ctx, doc, 0, DRSW_STAGING_RUN_MS, &f);

    if (rc == DRS_OK) {
        rc = drsw_staging_store(ctx, NULL, id, &f, &now, &added, &removed);
        (void) json_object_set_new(run, "added", added);
        (void) json_object_set_new(run, "removed", removed);

        if (rc == DRS_OK) {
            rc = drsw_staging_extend(ctx, now, &f, run);
        } else if (rc == DRS_DECLINED) {
            rc = DRS_OK; /* the account went meanwhile */
        }

    } else if (rc == DRS_DECLINED) {
        rc = DRS_OK; /* the record says why */
    }

    drsw_staging_finish(ctx, run, &f);
    drsw_staging_free(&f);
    json_decref(now);

    return rc;
}


/* The record that all background jobs have. */
static int
drsw_staging_note(drsw_ctx_t *ctx, drs_str_t id, int64_t begun,
                  const json_t *run)
{
    int         rc;
    json_t     *counters;
    drs_str_t   status;
    const char *word;

    status = drs_json_field(run, "status");
    word = drs_str_eqz(status, "success")   ? "SUCCESS"
           : drs_str_eqz(status, "partial") ? "PARTIAL"
                                            : "FAILED";
    counters =
        json_pack("{s:I, s:I, s:I}", "extended",
                  (json_int_t) drs_json_int(run, "extended", 0), "failed",
                  (json_int_t) drs_json_int(run, "failed", 0), "skipped",
                  (json_int_t) drs_json_int(run, "skipped", 0));
    rc = drsw_run_note(ctx, "staging", id.data, begun, word, counters,
                       json_object_get(run, "errors"), NULL);
    json_decref(counters);

    return rc;
}


int
drsw_step_staging(drsw_ctx_t *ctx, int64_t *next_at)
{
    int       rc;
    json_t   *doc, *run;
    int64_t   begun;
    drs_str_t id;

    id = drs_str(ctx->name + sizeof("staging:") - 1);
    *next_at = DRSW_NEVER;
    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, id, &doc);

    if (rc == DRS_DECLINED) {
        rc = drsw_run_forget(ctx, "staging", id.data);
        return rc == DRS_OK ? drsw_staging_forget(ctx, id) : rc;
    }

    if (rc != DRS_OK) {
        return rc;
    }

    begun = drsw_now_ms(ctx);
    run = drsw_staging_record(id);
    rc = (run != NULL) ? drsw_staging_run(ctx, id, doc, run) : DRS_ERROR;

    if (rc == DRS_AGAIN) {
        *next_at = DRSW_NOW; /* stopping: somebody else goes on */
        rc = DRS_OK;

    } else if (rc == DRS_OK) {
        rc = drsw_staging_keep(ctx, id, run);
        rc = (rc == DRS_OK) ? drsw_staging_note(ctx, id, begun, run) : rc;
    }

    json_decref(run);
    json_decref(doc);
    return rc;
}
