/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Record, rows and status of a group's launch settings in the store.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_store_launch.h"

#include "drsw_launch_store.h"
#include "drsw_note.h"


int
drsw_launch_record(drsw_ctx_t *ctx, drs_str_t group, json_t **job,
                   json_t **rows)
{
    int          rc;
    size_t       i;
    json_t      *v;
    drs_cmd_t   *cmd;
    drs_str_t    name;
    drsw_reply_t reply;

    *job = NULL;
    *rows = json_object();
    memset(&reply, 0, sizeof(reply));

    cmd = drs_key_cmd1("HGETALL", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_PG_LAUNCH, group);
    rc = (cmd != NULL) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        name = reply.r.v[i];

        if (drs_str_eqz(name, "id")) {
            continue;
        }

        v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (drs_str_eqz(name, "job")) {
            *job = v;

        } else if (v != NULL) {
            (void) json_object_setn_new(*rows, name.data, name.len, v);
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


void
drsw_lj_free(drsw_lj_t *j)
{
    json_decref(j->group);
    json_decref(j->job);
    json_decref(j->rows);
    json_decref(j->changed);
}


/* DRS_DECLINED: the group is gone. */
int
drsw_lj_load(drsw_lj_t *j)
{
    int rc;

    rc = drsw_load_doc(j->ctx, DRS_KEY_PG, j->id, &j->group);

    if (rc == DRS_OK) {
        rc = drsw_launch_record(j->ctx, j->id, &j->job, &j->rows);
    }

    j->changed = json_array();

    return rc;
}


void
drsw_lj_touch(drsw_lj_t *j, const char *server)
{
    (void) json_array_append_new(j->changed, json_string(server));
}


static char *
drsw_lj_event(drsw_lj_t *j, const json_t *status)
{
    char     *text;
    json_t   *e;
    drs_str_t none = drs_null_string;

    text = drsw_event_text(drsw_now_ms(j->ctx), "launchconfig.status", "groups",
                           "group", j->id, drs_json_field(status, "appliedBy"),
                           none, none, drs_json_field(j->group, "accountId"),
                           drs_launch_event(status));

    /* consoles ignore what is older than they have */
    e = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
    (void) drs_json_set_int(e, "version", drs_model_doc_version(j->group));
    text = drs_json_text(e, NULL);
    json_decref(e);

    return text;
}


/* `job`, `id` and the changed rows as arguments; `texts` keeps the bytes. */
static size_t
drsw_lj_rows(drsw_lj_t *j, drs_launch_row_t *out, json_t *texts)
{
    char   *text;
    size_t  i, n;
    json_t *id, *keep;

    n = 0;

    if (j->job != NULL) {
        text = drs_json_text(j->job, NULL);
        keep = json_string(text != NULL ? text : "");
        free(text);
        (void) json_array_append_new(texts, keep);
        out[n].field = drs_str("job");
        out[n++].value = drs_json_str(keep);
        out[n].field = drs_str("id");
        out[n++].value = drs_json_field(j->job, "syncJobId");
    }

    json_array_foreach (j->changed, i, id) {
        text = drs_json_text(json_object_get(j->rows, json_string_value(id)),
                             NULL);
        keep = json_string(text != NULL ? text : "");
        free(text);
        (void) json_array_append_new(texts, keep);
        out[n].field = drs_json_str(id);
        out[n++].value = drs_json_str(keep);
    }

    return n;
}


/*
 * Writes rows and status.  DRS_DECLINED: the lease is lost.  A group that was
 * changed meanwhile is not an error: the next step reads it again.
 */
int
drsw_lj_write(drsw_lj_t *j)
{
    int               rc;
    char             *doc, *event;
    json_t           *status, *texts;
    drs_answer_t      a;
    drsw_reply_t      reply;
    drs_launch_put_t  put;
    drs_launch_row_t *rows;

    status = drs_launch_status(j->group, j->job, j->rows, j->drifted,
                               drsw_wall_ms());
    event = drsw_lj_event(j, status);
    rc = drsw_note_launch_config(j->ctx, j->group, j->job, status);
    (void) json_object_set_new(j->group, "launchConfigStatus", status);

    if (rc != DRS_OK) {
        free(event);
        return rc;
    }

    texts = json_array();
    doc = drs_json_text(j->group, NULL);
    rows = calloc(json_array_size(j->changed) + 2, sizeof(*rows));

    if (doc == NULL || event == NULL || rows == NULL || texts == NULL) {
        rc = DRS_ERROR;
        memset(&reply, 0, sizeof(reply));
        goto done;
    }

    memset(&put, 0, sizeof(put));
    put.group = j->id;
    put.owner = drs_str(j->ctx->owner);
    put.fence = j->ctx->fence;
    put.version = drs_model_doc_version(j->group);
    put.any_job = 1;
    put.reset = (unsigned) j->reset;
    put.doc = drs_str(doc);
    put.event = drs_str(event);
    put.due = -1;
    put.rows = rows;
    put.nrows = drsw_lj_rows(j, rows, texts);

    rc = drsw_store_call(
        j->ctx, drs_store_launch_put(drsw_redis_prefix(j->ctx->redis), &put),
        &reply, &a);

    if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)) {
        drsw_info(j->ctx->log,
                  "group %.*s was changed while its settings "
                  "were applied: %.*s",
                  DRS_STR_ARG(j->id), DRS_STR_ARG(a.text));
        rc = DRS_AGAIN;
    }

    j->reset = 0;

done:

    drsw_reply_free(&reply);
    json_decref(texts);
    free(rows);
    free(event);
    free(doc);
    return rc;
}


int
drsw_lj_access(drsw_lj_t *j, drsw_access_t *access, char *err, size_t size)
{
    return drsw_access(j->ctx, drsw_group_account(j->ctx, j->group),
                       drs_json_field(j->group, "region"), access, err, size);
}
