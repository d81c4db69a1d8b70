/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task launch:<groupId>: applies the settings of a group to its servers
 * (engine.md 4.6, data-model.md 3.5) and looks for drift afterwards.
 *
 * A step does one batch and writes its rows, so that a worker that dies loses
 * nothing but a repetition.  The status of the group is always computed from
 * the rows.  A newer version of the group with other settings supersedes the
 * job: its document then says `pending` with another job id.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_launch_store.h"
#include "drsw_tasks.h"


#define DRSW_LAUNCH_BATCH    20
#define DRSW_LAUNCH_SLICE_MS 20000
#define DRSW_LAUNCH_AGAIN_MS 2000


/* A place that does not answer fails every server. */
static void
drsw_lj_fail_all(drsw_lj_t *j, const json_t *ids, const char *text)
{
    size_t  i;
    json_t *id, *row, *settings;
    char    hash[DRS_LAUNCH_HASH_SIZE];

    json_array_foreach ((json_t *) ids, i, id) {
        row = json_object_get(j->rows, json_string_value(id));
        settings = drs_model_launch_effective(j->group, drs_json_str(id));

        if (row != NULL && drs_model_launch_hash(hash, settings) == DRS_OK) {
            drs_launch_row_done(row, hash, text, drsw_wall_ms());
        }

        json_decref(settings);
    }

    (void) json_object_set_new(j->job, "error", json_string(text));
}


static int
drsw_lj_new_job(drsw_lj_t *j)
{
    char      id[40];
    json_t   *status, *v;
    drs_str_t asked;

    status = json_object_get(j->group, "launchConfigStatus");
    asked = drs_json_field(status, "syncJobId");

    if (asked.len == 0) {
        if (drsw_uuid(id) != DRS_OK) {
            return DRS_ERROR;
        }

        asked = drs_str(id);
    }

    json_decref(j->job);
    j->job = json_object();
    (void) drs_json_set_str(j->job, "syncJobId", asked);
    (void) drs_json_set_int(j->job, "startTime", drsw_wall_ms());
    (void) drs_json_set_int(j->job, "version", drs_model_doc_version(j->group));

    v = json_object_get(status, "appliedBy");
    (void) json_object_set_new(j->job, "appliedBy",
                               json_is_string(v) ? json_incref(v)
                                                 : json_string("system"));

    v = json_object_get(status, "requestId");

    if (json_is_string(v)) {
        (void) json_object_set(j->job, "requestId", v);
    }

    /* the pending status names the job from now on */
    (void) json_object_set(status, "syncJobId",
                           json_object_get(j->job, "syncJobId"));

    return DRS_OK;
}


/* Members and their rows; the job is stored before anything is applied. */
static int
drsw_lj_begin(drsw_lj_t *j)
{
    int             rc;
    size_t          i;
    json_t         *ids, *id, *host;
    drsw_place_t   *place;
    drsw_resolver_t r;

    if (drsw_lj_new_job(j) != DRS_OK) {
        return DRS_ERROR;
    }

    drsw_resolver_init(&r, j->ctx, json_object(), 0, 0);
    ids = NULL;
    place = NULL;
    rc = drsw_resolver_group(&r, j->group, &ids, &place);

    if (rc == DRS_ERROR) {
        goto done;
    }

    if (rc == DRS_DECLINED) {
        json_decref(ids);
        ids = json_incref(json_object_get(j->group, "sourceServerIds"));
    }

    json_decref(j->rows);
    j->rows = json_object();
    (void) json_array_clear(j->changed);
    j->reset = 1;

    json_array_foreach (ids, i, id) {
        host = (place != NULL && rc == DRS_OK)
                   ? json_object_get(place->scan.servers, json_string_value(id))
                   : NULL;
        (void) json_object_set_new(
            j->rows, json_string_value(id),
            drs_launch_row(drs_json_str(id), drsw_server_hostname(host)));
        drsw_lj_touch(j, json_string_value(id));
    }

    if (rc == DRS_DECLINED) {
        drsw_lj_fail_all(
            j, ids,
            place != NULL ? place->text
                          : "The servers of the group cannot be determined.");
    }

    rc = drsw_lj_write(j);

done:

    json_decref(ids);
    drsw_resolver_free(&r);
    return rc;
}


/* Puts the outcome of an attempt into its row. */
static void
drsw_lj_outcome(drsw_lj_t *j, const drsw_launch_item_t *item)
{
    char    hash[DRS_LAUNCH_HASH_SIZE];
    json_t *row;
    int64_t attempts;

    if (item->rc == DRS_AGAIN) {
        return;
    }

    row = json_object_get(j->rows, item->server);
    attempts = drs_json_int(row, "attempts", 0) + 1;

    if (drs_model_launch_hash(hash, item->settings) != DRS_OK) {
        return;
    }

    drsw_lj_touch(j, item->server);

    if (item->rc == DRS_OK) {
        (void) json_object_del(row, "attempts");
        drs_launch_row_done(row, hash, NULL, drsw_wall_ms());

        if (item->result.warning[0] != '\0') {
            drsw_warn(j->ctx->log, "launch configuration of %s: %s",
                      item->server, item->result.warning);
        }

        return;
    }

    drsw_warn(j->ctx->log, "launch configuration of %s: %s", item->server,
              item->rc == DRS_DECLINED ? item->result.error : "no memory");

    if (item->result.again && attempts < j->ctx->conf->config_attempts) {
        (void) drs_json_set_int(row, "attempts", attempts);
        return;
    }

    (void) json_object_del(row, "attempts");
    drs_launch_row_done(row, hash,
                        item->rc == DRS_DECLINED ? item->result.error
                                                 : "Out of memory.",
                        drsw_wall_ms());
}


/* Items of the rows in a state; `items` has room for DRSW_LAUNCH_BATCH. */
static size_t
drsw_lj_items(drsw_lj_t *j, const char *state, drsw_launch_item_t *items)
{
    size_t      n;
    json_t     *row;
    const char *id;

    n = 0;

    json_object_foreach (j->rows, id, row) {
        if (n == DRSW_LAUNCH_BATCH) {
            break;
        }

        if (drs_str_eqz(drs_json_field(row, "status"), state)) {
            items[n].server = id;
            items[n++].settings =
                drs_model_launch_effective(j->group, drs_str(id));
        }
    }

    return n;
}


static int
drsw_lj_run(drsw_lj_t *j, int64_t *next_at)
{
    int                rc, waits;
    char               err[512];
    size_t             i, n;
    json_t            *ids;
    drsw_access_t      access;
    drsw_launch_item_t items[DRSW_LAUNCH_BATCH];

    memset(items, 0, sizeof(items));
    rc = drsw_lj_access(j, &access, err, sizeof(err));

    if (rc == DRS_ERROR) {
        return rc;
    }

    n = drsw_lj_items(j, "pending", items);
    waits = 0;

    if (rc == DRS_DECLINED) {
        ids = json_array();

        for (i = 0; i < n; i++) {
            (void) json_array_append_new(ids, json_string(items[i].server));
            drsw_lj_touch(j, items[i].server);
        }

        drsw_lj_fail_all(j, ids, err);
        json_decref(ids);

    } else {
        drsw_launch_many(j->ctx, &access, j->group, items, n, 0,
                         drsw_mono_ms() + DRSW_LAUNCH_SLICE_MS);

        for (i = 0; i < n; i++) {
            waits |= (items[i].rc == DRS_DECLINED && items[i].result.again);
            drsw_lj_outcome(j, &items[i]);
        }
    }

    for (i = 0; i < n; i++) {
        json_decref(items[i].settings);
    }

    *next_at = waits ? drsw_now_ms(j->ctx) + DRSW_LAUNCH_AGAIN_MS : DRSW_NOW;

    return drsw_lj_write(j);
}


static int64_t
drsw_lj_next(drsw_lj_t *j)
{
    return j->ctx->conf->config_drift_ms > 0
               ? drsw_now_ms(j->ctx) + j->ctx->conf->config_drift_ms
               : DRSW_NEVER;
}


static int
drsw_lj_finish(drsw_lj_t *j, int64_t *next_at)
{
    int64_t now;

    now = drsw_wall_ms();

    if (drs_json_int(j->job, "completionTime", 0) == 0) {
        (void) drs_json_set_int(j->job, "completionTime", now);
        (void) drs_json_set_int(j->job, "lookedAt", now);
    }

    *next_at = drsw_lj_next(j);

    return drsw_lj_write(j);
}


/* Servers that joined (tags) or whose settings in AWS are not ours any more. */
static int
drsw_lj_compare(drsw_lj_t *j, const drsw_access_t *access, int *found)
{
    int                 rc;
    size_t              i, n, all;
    json_t             *row, *settings;
    const char         *id;
    drsw_launch_item_t *items;

    all = json_object_size(j->rows);
    items = calloc(all + 1, sizeof(*items));

    if (items == NULL) {
        return DRS_ERROR;
    }

    n = 0;

    json_object_foreach (j->rows, id, row) {
        if (!drs_str_eqz(drs_json_field(row, "status"), "failed")) {
            settings = drs_model_launch_effective(j->group, drs_str(id));
            items[n].server = id;
            items[n++].settings = settings;
        }
    }

    drsw_launch_many(j->ctx, access, j->group, items, n, 1,
                     drsw_mono_ms() + DRSW_LAUNCH_SLICE_MS);
    rc = DRS_OK;

    for (i = 0; i < n; i++) {
        row = json_object_get(j->rows, items[i].server);

        if (items[i].rc == DRS_OK && items[i].differs) {
            *found = 1;
            drs_launch_row_drifted(row, "The settings in AWS are no longer "
                                        "those of the protection group.");
            drsw_lj_touch(j, items[i].server);

        } else if (items[i].rc == DRS_OK) {
            (void) json_object_set_new(row, "status", json_string("ready"));
            (void) json_object_set_new(row, "errors", json_array());
            (void) json_object_del(row, "error");
            drsw_lj_touch(j, items[i].server);
        }

        json_decref(items[i].settings);
    }

    free(items);
    return rc;
}


static void
drsw_lj_joined(drsw_lj_t *j, const json_t *ids, int *found)
{
    size_t    i;
    json_t   *id, *row;
    drs_str_t none = drs_null_string;

    json_array_foreach ((json_t *) ids, i, id) {
        if (json_object_get(j->rows, json_string_value(id)) != NULL) {
            continue;
        }

        row = drs_launch_row(drs_json_str(id), none);
        drs_launch_row_drifted(row, "The server joined the protection group "
                                    "after its settings were applied.");
        (void) json_object_set_new(j->rows, json_string_value(id), row);
        drsw_lj_touch(j, json_string_value(id));
        *found = 1;
    }
}


static int
drsw_lj_drift(drsw_lj_t *j, int64_t *next_at)
{
    int             rc, was;
    json_t         *ids;
    int64_t         looked, now;
    drsw_place_t   *place;
    drsw_resolver_t r;

    *next_at = drsw_lj_next(j);
    looked = drs_json_int(j->job, "lookedAt", 0);
    now = drsw_wall_ms();

    if (*next_at == DRSW_NEVER || now < looked + j->ctx->conf->config_drift_ms)
    {
        return DRS_OK;
    }

    was = drs_str_eqz(
        drs_json_field(json_object_get(j->group, "launchConfigStatus"),
                       "status"),
        "drifted");
    drsw_resolver_init(&r, j->ctx, json_object(), 0, 0);
    ids = NULL;
    rc = drsw_resolver_group(&r, j->group, &ids, &place);

    if (rc == DRS_OK) {
        drsw_lj_joined(j, ids, &j->drifted);
        rc = drsw_lj_compare(j, &place->access, &j->drifted);

    } else if (rc == DRS_DECLINED) {
        /* cannot be asked now: what was known stays */
        j->drifted = was;
        rc = DRS_OK;
    }

    if (rc == DRS_OK) {
        (void) drs_json_set_int(j->job, "lookedAt", now);

        if (j->drifted && !was) {
            drsw_warn(j->ctx->log,
                      "launch settings of group %.*s have "
                      "drifted",
                      DRS_STR_ARG(j->id));
        }

        rc = drsw_lj_write(j);
    }

    json_decref(ids);
    drsw_resolver_free(&r);
    return rc;
}


static int
drsw_lj_step(drsw_lj_t *j, int64_t *next_at)
{
    switch (drs_launch_act(j->group, j->job, j->rows)) {
    case DRS_LAUNCH_NONE:
        *next_at = DRSW_NEVER;
        return DRS_OK;

    case DRS_LAUNCH_BEGIN:
        *next_at = DRSW_NOW;
        return drsw_lj_begin(j);

    case DRS_LAUNCH_RUN:
        return drsw_lj_run(j, next_at);

    case DRS_LAUNCH_FINISH:
        return drsw_lj_finish(j, next_at);

    default:
        return drsw_lj_drift(j, next_at);
    }
}


int
drsw_step_launch(drsw_ctx_t *ctx, int64_t *next_at)
{
    int       rc;
    drsw_lj_t j;

    memset(&j, 0, sizeof(j));
    j.ctx = ctx;
    j.id = drs_str(ctx->name + sizeof("launch:") - 1);

    rc = drsw_lj_load(&j);

    if (rc == DRS_DECLINED) {
        *next_at = DRSW_NEVER;
        rc = DRS_OK;

    } else if (rc == DRS_OK) {
        rc = drsw_lj_step(&j, next_at);

        if (rc == DRS_AGAIN) {
            *next_at = DRSW_NOW;
            rc = DRS_OK;
        }
    }

    drsw_lj_free(&j);
    return rc;
}
