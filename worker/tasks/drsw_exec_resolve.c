
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effect RESOLVE_WAVE: groups of a wave to servers, live; claims of servers
 * that joined since the start; recovery points (engine.md 2.2, api.md 10.4).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"
#include "drsw_limits.h"
#include "drsw_points.h"


#define DRSW_CLAIM_TRIES 5


/* The wave of the plan as it was frozen at the start. */
static json_t *
drsw_resolve_wave(const drs_exec_t *e, int wave)
{
    return json_array_get(
        json_object_get(json_object_get(e->doc, "plan"), "waves"),
        (size_t) wave);
}


static json_t *
drsw_resolve_request(const drsw_run_t *run)
{
    return json_object_get(run->plan->next->doc, "request");
}


/* Primary interface's first address, else the first interface's. */
static drs_str_t
drsw_resolve_ip(const json_t *item)
{
    size_t  i;
    json_t *nics, *nic, *pick;

    nics = json_object_get(json_object_get(item, "sourceProperties"),
                           "networkInterfaces");
    pick = json_array_get(nics, 0);

    json_array_foreach (nics, i, nic) {
        if (json_is_true(json_object_get(nic, "isPrimary"))) {
            pick = nic;
            break;
        }
    }

    return drs_json_str(json_array_get(json_object_get(pick, "ips"), 0));
}


static void
drsw_resolve_facts(drsw_run_t *run, drsw_resolved_t *r, const json_t *item)
{
    json_t *cloud, *hints;

    hints = json_object_get(json_object_get(item, "sourceProperties"),
                            "identificationHints");
    cloud = json_object_get(item, "sourceCloudProperties");

    r->name = drsw_run_str(run, drsw_server_name(item));
    r->hostname = drsw_run_str(run, drsw_server_hostname(item));
    r->source_instance =
        drsw_run_str(run, drs_json_field(hints, "awsInstanceID"));
    r->source_account =
        drsw_run_str(run, drs_json_field(cloud, "originAccountID"));
    r->source_region = drsw_run_str(run, drs_json_field(cloud, "originRegion"));
    r->source_ip = drsw_run_str(run, drsw_resolve_ip(item));
    r->replication = drsw_run_str(run, drsw_server_state(item));
    r->lag = drsw_run_str(
        run, drs_json_field(json_object_get(item, "dataReplicationInfo"),
                            "lagDuration"));
    r->staging_account =
        drsw_run_str(run, drs_json_field(json_object_get(item, "stagingArea"),
                                         "stagingAccountID"));
}


/* Overrides given with the last resume: header field resumeOptions. */
static int
drsw_resolve_allowed(drsw_run_t *run)
{
    int          allowed;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    if (!run->plan->next->drill
        || json_is_true(
            json_object_get(drsw_resolve_request(run), "allowDegraded")))
    {
        return 1;
    }

    cmd = drs_key_cmd1("HGET", drsw_redis_prefix(run->ctx->redis), DRS_KEY_EXEC,
                       drs_str(run->id));
    (void) drs_cmd_addz(cmd, "resumeOptions");
    memset(&reply, 0, sizeof(reply));
    allowed = 0;

    if (cmd != NULL && drs_cmd_ok(cmd)
        && drsw_redis_cmd(run->ctx->redis, cmd, &reply) == DRS_OK
        && reply.r.n > 0 && reply.r.v[0].len > 0)
    {
        v = drs_json_parse(reply.r.v[0], NULL, NULL);
        allowed = json_is_true(json_object_get(v, "allowDegraded"));
        json_decref(v);
    }

    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    return allowed;
}


static void
drsw_resolve_health(drsw_run_t *run, drsw_resolved_t *r, const json_t *item,
                    int allow)
{
    const char   *reason;
    drsw_health_e health;

    if (!json_is_object(item)) {
        r->error_code = "SERVER_NOT_FOUND";
        r->error = "DRS does not know this source server in the account and "
                   "Region";
        return;
    }

    drsw_resolve_facts(run, r, item);

    health = drsw_server_health(item, &reason);

    if (health == DRSW_HEALTH_BLOCK || (health == DRSW_HEALTH_WARN && !allow)) {
        r->error_code = "UNHEALTHY_SERVER_REPLICATION";
        r->error = drsw_run_text(run, reason);
    }
}


static drsw_resolved_t *
drsw_resolve_list(drsw_run_t *run, const json_t *servers)
{
    int              allow;
    size_t           i;
    json_t          *v;
    drsw_resolved_t *list, *r;

    allow = drsw_resolve_allowed(run);
    list = drs_arena_array(run->arena, json_array_size(servers),
                           sizeof(drsw_resolved_t));

    for (i = 0; list != NULL && i < json_array_size(servers); i++) {
        v = json_array_get(servers, i);
        r = &list[i];

        r->id = drsw_run_str(run, drs_json_field(v, "id"));
        r->account = drsw_run_str(run, drs_json_field(v, "account"));
        r->region = drsw_run_str(run, drs_json_field(v, "region"));
        r->group = drsw_run_str(run, drs_json_field(v, "group"));
        r->name = r->hostname = r->source_instance = "";
        r->source_account = r->source_region = r->source_ip = "";
        r->replication = r->lag = r->snapshot = r->staging_account = "";
        r->error_code = r->error = "";

        drsw_resolve_health(run, r, json_object_get(v, "item"), allow);
    }

    return list;
}


/* -- recovery points ------------------------------------------------------ */

static int
drsw_resolve_point(drsw_run_t *run, drsw_resolver_t *resolver,
                   drsw_resolved_t *r)
{
    int               rc;
    char             *snapshot;
    drsw_place_t     *place;
    drsw_aws_result_t res;

    place =
        drsw_resolver_place(resolver, drs_str(r->account), drs_str(r->region));

    if (place == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_point_find(run->ctx, &place->access, r->id,
                         drsw_resolve_request(run), &snapshot, &res);

    if (rc == DRS_OK) {
        r->snapshot = drsw_run_text(run, snapshot);
        free(snapshot);
    }

    if (rc == DRS_AGAIN && !drsw_aws_is_transient(&res)) {
        r->error_code = "RECOVERY_POINT_UNAVAILABLE";
        r->error = drs_arena_printf(
            run->arena, "the recovery points cannot be read: %s", res.message);
        return DRS_OK;
    }

    if (rc == DRS_DECLINED) {
        r->error_code = "RECOVERY_POINT_UNAVAILABLE";
        r->error = "there is no recovery point as it was asked for";
        return DRS_OK;
    }

    return rc;
}


static int
drsw_resolve_points(drsw_run_t *run, drsw_resolver_t *resolver,
                    drsw_resolved_t *list, size_t n)
{
    int    rc;
    size_t i;

    if (!drsw_points_asked(drsw_resolve_request(run))) {
        return DRS_OK;
    }

    for (i = 0; i < n; i++) {
        if (list[i].error_code[0] != '\0') {
            continue;
        }

        rc = drsw_resolve_point(run, resolver, &list[i]);

        if (rc != DRS_OK) {
            return rc;
        }
    }

    return DRS_OK;
}


/* -- claims --------------------------------------------------------------- */

/* Owner of each server by claim:srv; an unclaimed one is added to cmd. */
static int
drsw_claims_check(drsw_run_t *run, drsw_resolved_t *list, size_t n,
                  drs_cmd_t *cmd, size_t *wanted)
{
    int              rc;
    size_t           i;
    drs_cmd_t       *get;
    drs_str_t        owner;
    drsw_reply_t     reply;
    drsw_resolved_t *r;

    for (i = 0; i < n; i++) {
        r = &list[i];

        if (r->error_code[0] != '\0') {
            continue;
        }

        get = drs_key_cmd2("HGET", drsw_redis_prefix(run->ctx->redis),
                           DRS_KEY_CLAIM_SRV, drs_str(r->account),
                           drs_str(r->region));
        (void) drs_cmd_addz(get, r->id);
        memset(&reply, 0, sizeof(reply));
        rc = (get != NULL && drs_cmd_ok(get))
                 ? drsw_redis_cmd(run->ctx->redis, get, &reply)
                 : DRS_ERROR;
        drs_cmd_free(get);

        if (rc != DRS_OK) {
            drsw_reply_free(&reply);
            return rc;
        }

        owner = reply.r.n > 0 ? reply.r.v[0] : drs_str(NULL);

        if (owner.len == 0) {
            (void) drs_commit_claim(cmd, drs_str(r->account),
                                    drs_str(r->region), drs_str(r->id));
            (*wanted)++;

        } else if (!drs_str_eqz(owner, run->id)) {
            r->error_code = "SERVER_CONFLICT";
            r->error = drs_arena_printf(run->arena,
                                        "execution %.*s holds "
                                        "the server",
                                        DRS_STR_ARG(owner));
        }

        drsw_reply_free(&reply);
    }

    return DRS_OK;
}


/* Servers that joined since the start are claimed now (engine.md 1.9). */
static int
drsw_resolve_claims(drsw_run_t *run, drsw_resolved_t *list, size_t n)
{
    int          rc, tries;
    size_t       wanted;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;
    drs_answer_t a;

    for (tries = 0; tries < DRSW_CLAIM_TRIES; tries++) {
        wanted = 0;
        cmd = drs_commit_begin(drsw_redis_prefix(run->ctx->redis),
                               drs_str(run->id), &run->lease, -1, DRS_SM_NONE,
                               DRS_EXEC_NONE);

        rc = drsw_claims_check(run, list, n, cmd, &wanted);

        if (rc != DRS_OK || wanted == 0) {
            drs_cmd_free(cmd);
            return rc;
        }

        rc = drsw_store_call(run->ctx, drs_store_end(cmd), &reply, &a);

        if (rc == DRS_DECLINED && drs_answer_is(&a, "SERVER_CONFLICT")) {
            drsw_reply_free(&reply);
            continue;
        }

        if (rc == DRS_DECLINED && !drs_answer_is(&a, DRS_STORE_LEASE_LOST)) {
            drsw_error(run->ctx->log,
                       "claims of servers that joined: %.*s "
                       "%.*s",
                       DRS_STR_ARG(a.code), DRS_STR_ARG(a.text));
            rc = DRS_ERROR;
        }

        if (rc == DRS_OK) {
            drsw_notice(run->ctx->log,
                        "%zu servers joined since the start "
                        "and were claimed",
                        wanted);
        }

        drsw_reply_free(&reply);
        return rc;
    }

    return DRS_AGAIN;
}


/* -- the effect ----------------------------------------------------------- */

/* A place that does not answer: later, or the wave fails. */
static void
drsw_resolve_refused(drsw_run_t *run, drsw_resolution_t *r,
                     const drsw_place_t *place, const char *missing)
{
    drsw_aws_result_t res;

    if (place == NULL) {
        r->ok = true;
        r->error_code = "PG_NOT_FOUND";
        r->error = drs_arena_printf(run->arena,
                                    "protection group %s does not "
                                    "exist any more",
                                    missing);
        return;
    }

    memset(&res, 0, sizeof(res));
    res.class = place->scan.class;

    if (place->scan.class != DRSW_AWS_OK && drsw_aws_is_transient(&res)) {
        r->retry_at = drsw_now_ms(run->ctx) + run->set.capacity_wait;
        drsw_warn(run->ctx->log, "wave %d waits: %s", r->wave, place->text);
        return;
    }

    r->ok = true;
    r->error_code =
        drsw_run_text(run, place->code != NULL ? place->code : "DRS_ERROR");
    r->error = drsw_run_text(run, place->text);
}


/* How many servers one job may have where they are. */
static int
drsw_resolve_limits(drsw_run_t *run, drsw_resolver_t *resolver,
                    drsw_resolved_t *list, size_t n)
{
    size_t        i, k;
    drsw_place_t *place;
    drsw_limits_t limits;

    for (k = 0; k < resolver->nplaces; k++) {
        place = resolver->places[k];

        if (place->rc != DRS_OK) {
            continue;
        }

        if (drsw_limits(run->ctx, &place->access, &limits) != DRS_OK) {
            return DRS_ERROR;
        }

        for (i = 0; i < n; i++) {
            if (strcmp(list[i].account, place->access.account) == 0
                && strcmp(list[i].region, place->access.region) == 0)
            {
                list[i].unit_servers = limits.per_job;
            }
        }
    }

    return DRS_OK;
}


static int
drsw_resolve_found(drsw_run_t *run, drsw_resolver_t *resolver,
                   drsw_resolution_t *r, const json_t *servers)
{
    int              rc;
    size_t           n;
    drsw_resolved_t *list;

    n = json_array_size(servers);
    list = drsw_resolve_list(run, servers);

    if (list == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_resolve_points(run, resolver, list, n);

    if (rc == DRS_OK) {
        rc = drsw_resolve_claims(run, list, n);
    }

    if (rc == DRS_AGAIN) {
        r->retry_at = drsw_now_ms(run->ctx) + run->set.capacity_wait;
        return DRS_OK;
    }

    if (rc == DRS_OK) {
        rc = drsw_resolve_limits(run, resolver, list, n);
    }

    if (rc != DRS_OK) {
        return rc;
    }

    r->ok = true;
    r->servers = list;
    r->nservers = n;

    return DRS_OK;
}


int
drsw_run_resolve(drsw_run_t *run, const drsw_effect_t *eff)
{
    int                rc;
    json_t            *wave, *groups, *servers;
    const char        *missing;
    drsw_place_t      *place;
    drsw_resolver_t    resolver;
    drsw_resolution_t *r;

    wave = drsw_resolve_wave(run->plan->next, eff->wave);
    r = drsw_run_resolution(run, eff->wave);

    if (r == NULL) {
        return DRS_ERROR;
    }

    if (wave == NULL) {
        r->ok = true;
        r->error_code = "PLAN_HAS_NO_WAVES";
        r->error = "the record does not hold the wave's definition";
        return DRS_OK;
    }

    rc = drsw_load_docs(run->ctx, DRS_KEY_PG,
                        json_object_get(wave, "protectionGroupIds"), &groups);

    if (rc != DRS_OK) {
        return rc;
    }

    drsw_resolver_init(&resolver, run->ctx, groups, 0,
                       run->ctx->conf->inventory_launch_fresh_ms);

    rc = drsw_resolver_wave(&resolver, wave, &servers, &place, &missing);

    if (rc == DRS_DECLINED) {
        drsw_resolve_refused(run, r, place, missing);
        rc = DRS_OK;

    } else if (rc == DRS_OK) {
        rc = drsw_resolve_found(run, &resolver, r, servers);
        json_decref(servers);
    }

    drsw_resolver_free(&resolver);
    return rc;
}
