
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a start before failed servers of a wave are tried again.
 */

#include <stdio.h>
#include <string.h>

#include "drsw_start.h"


/* The rule of the engine's retry. */
static bool
drsw_retry_wanted(const drs_exec_server_t *s, const drsw_request_t *req)
{
    size_t i;

    if (s->wave != req->wave || s->status == DRS_LAUNCH_LAUNCHED) {
        return false;
    }

    if (req->servers == NULL) {
        return s->status == DRS_LAUNCH_FAILED
               || s->status == DRS_LAUNCH_TERMINATED;
    }

    for (i = 0; i < req->nservers; i++) {
        if (strcmp(req->servers[i], s->id) == 0) {
            return true;
        }
    }

    return false;
}


/* A server with what DRS says of it now. */
static int
drsw_retry_add(drsw_start_t *s, const drs_exec_server_t *srv, json_t *list)
{
    int           rc;
    json_t       *item, *ids;
    drsw_place_t *place;

    place = drsw_resolver_place(&s->resolver, drs_str(srv->account),
                                drs_str(srv->region));

    if (place == NULL) {
        return DRS_ERROR;
    }

    if (place->rc != DRS_OK) {
        return drsw_start_unknown(s, place);
    }

    item = json_object_get(place->scan.servers, srv->id);

    if (item == NULL) {
        ids = json_pack("[s]", srv->id);
        rc = drsw_scan_ids(s->ctx, &place->access, ids, &place->scan);
        json_decref(ids);

        if (rc == DRS_DECLINED) {
            place->code = place->scan.code;
            (void) snprintf(place->text, sizeof(place->text), "%s",
                            place->scan.text);
            return drsw_start_unknown(s, place);
        }

        if (rc != DRS_OK) {
            return rc;
        }

        item = json_object_get(place->scan.servers, srv->id);
    }

    (void) json_array_append_new(
        list,
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", srv->id, "account",
                  srv->account, "region", srv->region, "group", srv->group,
                  "item", item != NULL ? json_incref(item) : json_null()));

    return DRS_OK;
}


static int
drsw_retry_servers(drsw_start_t *s, const drs_exec_t *e,
                   const drsw_request_t *req)
{
    int     rc;
    size_t  i;
    json_t *list, *wave;

    list = json_array();
    rc = DRS_OK;

    for (i = 0; i < e->nservers && rc == DRS_OK; i++) {
        if (drsw_retry_wanted(&e->servers[i], req)) {
            rc = drsw_retry_add(s, &e->servers[i], list);
        }
    }

    wave =
        json_array_get(json_object_get(s->plan, "waves"), (size_t) req->wave);
    (void) json_array_append_new(s->waves,
                                 json_pack("{s:O?, s:b, s:o}", "wave", wave,
                                           "selected", 1, "servers", list));

    return rc;
}


int
drsw_start_retry_check(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer, const drs_exec_t *e,
                       const drsw_request_t *req)
{
    int                    rc;
    drsw_start_t           s;
    const drs_exec_wave_t *w;

    w = drs_exec_wave(e, req->wave);

    if (w == NULL
        || !drs_exec_is_active(drs_exec_status_parse(drs_str(e->status)))
        || (w->status != DRS_WAVE_PARTIAL && w->status != DRS_WAVE_FAILED))
    {
        return DRS_OK;
    }

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.cmd = cmd;
    s.answer = answer;
    s.request = cmd->payload;
    s.id = drs_str(e->id);
    s.drill = e->drill;
    s.plan = json_incref(json_object_get(e->doc, "plan"));
    s.waves = json_array();
    s.warnings = json_array();
    s.jobs = json_object();
    drsw_resolver_init(&s.resolver, ctx, json_object(), 0,
                       ctx->conf->inventory_launch_fresh_ms);

    rc = drsw_retry_servers(&s, e, req);
    rc = (rc == DRS_OK) ? drsw_start_conflicts(&s) : rc;
    rc = (rc == DRS_OK) ? drsw_start_limits(&s) : rc;
    rc = (rc == DRS_OK) ? drsw_start_health(&s) : rc;

    drsw_resolver_free(&s.resolver);
    json_decref(s.plan);
    json_decref(s.waves);
    json_decref(s.warnings);
    json_decref(s.jobs);

    return rc;
}
