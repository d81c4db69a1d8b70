
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances of an execution: by its jobs, never by source server
 * alone (engine.md 1.11, W-21).
 */

#include <string.h>

#include "drsw_term.h"


size_t
drsw_term_pending(const json_t *chunk)
{
    size_t  i, n;
    json_t *target;

    n = 0;

    json_array_foreach (json_object_get(chunk, "targets"), i, target) {
        n += drsw_term_is(target, "PENDING");
    }

    return n;
}


static int
drsw_term_gone(const json_t *instance)
{
    drs_str_t state;

    state = drs_json_field(instance, "ec2InstanceState");

    return drs_str_eqz(state, "TERMINATED") || drs_str_eqz(state, "NOT_FOUND");
}


/* With confirmPaused only waves that are over count. */
static int
drsw_term_wanted(const drsw_term_t *t, const drs_exec_unit_t *u)
{
    const drs_exec_wave_t *w;

    if (u->njobs == 0) {
        return 0;
    }

    if (!json_is_true(json_object_get(t->plan, "confirm"))) {
        return 1;
    }

    w = drs_exec_wave(t->e, u->wave);

    return w != NULL && drs_wave_is_over(w->status);
}


/* {"account:region": {account, region, servers: [], jobs: {}}} */
static json_t *
drsw_term_places(const drsw_term_t *t)
{
    char                   key[64];
    size_t                 i, k;
    json_t                *places, *place;
    const drs_exec_unit_t *u;

    places = json_object();

    for (i = 0; i < t->e->nunits; i++) {
        u = &t->e->units[i];

        if (!drsw_term_wanted(t, u)) {
            continue;
        }

        (void) snprintf(key, sizeof(key), "%s:%s", u->account, u->region);
        place = json_object_get(places, key);

        if (place == NULL) {
            place = json_pack("{s:s, s:s, s:[], s:{}}", "account", u->account,
                              "region", u->region, "servers", "jobs");
            (void) json_object_set_new(places, key, place);
        }

        for (k = 0; k < u->nservers; k++) {
            (void) json_array_append_new(json_object_get(place, "servers"),
                                         json_string(u->servers[k]));
        }

        for (k = 0; k < u->njobs; k++) {
            (void) json_object_set_new(json_object_get(place, "jobs"),
                                       u->jobs[k], json_true());
        }
    }

    return places;
}


static void
drsw_term_add(drsw_term_t *t, const json_t *place, json_t **chunk,
              const json_t *instance)
{
    if (*chunk == NULL
        || json_array_size(json_object_get(*chunk, "targets"))
               == DRSW_TERM_CHUNK)
    {
        *chunk = json_pack("{s:O, s:O, s:s, s:[]}", "account",
                           json_object_get(place, "account"), "region",
                           json_object_get(place, "region"), "state", "PLANNED",
                           "targets");
        (void) json_array_append_new(json_object_get(t->plan, "chunks"),
                                     *chunk);
    }

    (void) json_array_append_new(
        json_object_get(*chunk, "targets"),
        json_pack("{s:O, s:O*, s:s}", "i",
                  json_object_get(instance, "recoveryInstanceID"), "s",
                  json_object_get(instance, "sourceServerID"), "state",
                  "PENDING"));
}


static void
drsw_term_place_fails(drsw_term_t *t, const json_t *place, const char *error)
{
    drsw_warn(t->ctx->log, "termination in %s %s: %s",
              drsw_term_get(place, "account"), drsw_term_get(place, "region"),
              error);

    (void) json_array_append_new(
        json_object_get(t->plan, "places"),
        json_pack("{s:O, s:O, s:s}", "account",
                  json_object_get(place, "account"), "region",
                  json_object_get(place, "region"), "error", error));
}


static int
drsw_term_find_place(drsw_term_t *t, const json_t *place)
{
    int           rc;
    char          text[1200];
    size_t        i;
    json_t       *filter, *items, *item, *chunk;
    drs_str_t     job;
    drsw_access_t access;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    rc = drsw_access(t->ctx, drs_json_field(place, "account"),
                     drs_json_field(place, "region"), &access, text,
                     sizeof(text));

    if (rc == DRS_DECLINED) {
        drsw_term_place_fails(t, place, text);
    }

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    filter = json_pack("{s:O}", "sourceServerIDs",
                       json_object_get(place, "servers"));
    class = drsw_drs_describe_recovery_instances(t->ctx->aws, &access.aws,
                                                 filter, &items, &res);
    json_decref(filter);

    if (class != DRSW_AWS_OK) {
        drsw_aws_explain(&access, "reading recovery instances", &res, text,
                         sizeof(text));

        if (drsw_aws_is_transient(&res)) {
            drsw_warn(t->ctx->log, "%s", text);
            return DRS_AGAIN;
        }

        drsw_term_place_fails(t, place, text);
        return DRS_OK;
    }

    chunk = NULL;

    json_array_foreach (items, i, item) {
        job = drs_json_field(item, "jobID");

        if (job.len > 0 && !drsw_term_gone(item)
            && json_object_get(json_object_get(place, "jobs"), job.data)
                   != NULL)
        {
            drsw_term_add(t, place, &chunk, item);
        }
    }

    json_decref(items);
    return DRS_OK;
}


int
drsw_term_find(drsw_term_t *t)
{
    int         rc;
    json_t     *places, *place;
    const char *key;

    rc = DRS_OK;
    places = drsw_term_places(t);
    (void) json_object_set_new(t->plan, "chunks", json_array());
    (void) json_object_set_new(t->plan, "places", json_array());

    json_object_foreach (places, key, place) {
        rc = drsw_term_find_place(t, place);

        if (rc != DRS_OK) {
            break;
        }
    }

    json_decref(places);

    if (rc == DRS_OK) {
        (void) json_object_set_new(t->plan, "found", json_true());
    }

    return rc;
}


/* -- verification --------------------------------------------------------- */

static int
drsw_term_is_ours(const drsw_term_t *t, const json_t *instance)
{
    size_t    i;
    drs_str_t job;

    job = drs_json_field(instance, "jobID");

    for (i = 0; job.len > 0 && i < t->e->nunits; i++) {
        if (drs_exec_unit_knows(&t->e->units[i], job.data)) {
            return 1;
        }
    }

    return 0;
}


static void
drsw_term_judge(const drsw_term_t *t, const json_t *chunk, const json_t *found)
{
    size_t  i;
    json_t *target, *item;

    json_array_foreach (json_object_get(chunk, "targets"), i, target) {
        if (!drsw_term_is(target, "PENDING")) {
            continue;
        }

        item = json_object_get(found, drsw_term_get(target, "i"));

        if (item == NULL || drsw_term_gone(item)) {
            drsw_term_state(target, "TERMINATED");

        } else if (!drsw_term_is_ours(t, item)) {
            drsw_term_fail(target, "NOT_OURS",
                           "the instance does not belong "
                           "to a job of this execution");
        }
    }
}


/*
 * Instances of ids[from .. to) into found, by id.  A list is refused as a whole
 * when one of its ids is not known: it is halved until the one is alone, so
 * that nothing is taken for gone because of another.
 */

static drsw_aws_class_e
drsw_term_read(drsw_term_t *t, const drsw_access_t *access, const json_t *ids,
               size_t from, size_t to, json_t *found, drsw_aws_result_t *res)
{
    size_t  i, half;
    json_t *filter, *list, *items, *item;
    drsw_aws_class_e class;

    list = json_array();

    for (i = from; i < to; i++) {
        (void) json_array_append(list, json_array_get(ids, i));
    }

    filter = json_pack("{s:o}", "recoveryInstanceIDs", list);
    class = drsw_drs_describe_recovery_instances(t->ctx->aws, &access->aws,
                                                 filter, &items, res);
    json_decref(filter);

    json_array_foreach (items, i, item) {
        (void) json_object_set(found, drsw_term_get(item, "recoveryInstanceID"),
                               item);
    }

    json_decref(items);

    if (class != DRSW_AWS_NOT_FOUND) {
        return class;
    }

    if (to - from == 1) {
        return DRSW_AWS_OK;
    }

    half = from + (to - from) / 2;
    class = drsw_term_read(t, access, ids, from, half, found, res);

    return class == DRSW_AWS_OK
               ? drsw_term_read(t, access, ids, half, to, found, res)
               : class;
}


int
drsw_term_verify(drsw_term_t *t, json_t *chunk)
{
    int           rc;
    char          text[1200];
    size_t        i;
    json_t       *ids, *found, *target;
    drsw_access_t access;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    rc = drsw_access(t->ctx, drs_json_field(chunk, "account"),
                     drs_json_field(chunk, "region"), &access, text,
                     sizeof(text));

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_AGAIN : rc;
    }

    ids = json_array();

    json_array_foreach (json_object_get(chunk, "targets"), i, target) {
        if (drsw_term_is(target, "PENDING")) {
            (void) json_array_append(ids, json_object_get(target, "i"));
        }
    }

    found = json_object();
    class = json_array_size(ids) == 0
                ? DRSW_AWS_OK
                : drsw_term_read(t, &access, ids, 0, json_array_size(ids),
                                 found, &res);
    json_decref(ids);

    if (class == DRSW_AWS_OK) {
        drsw_term_judge(t, chunk, found);

    } else {
        drsw_aws_explain(&access, "reading recovery instances", &res, text,
                         sizeof(text));
        drsw_warn(t->ctx->log, "%s", text);
    }

    json_decref(found);

    return class == DRSW_AWS_OK ? DRS_OK : DRS_AGAIN;
}
