
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command plan.precheck (api.md X-4).  The checks are those of a start, and
 * each looks at the same things with the same functions; here they are
 * gathered instead of ending at the first refusal.
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_plan.h"
#include "drs_precheck.h"
#include "drs_time.h"

#include "drsw_precheck.h"
#include "drsw_tasks.h"


#define DRSW_PRECHECK_MS 14000 /* of the 25 s that the caller waits */


int
drsw_precheck_time(const drsw_precheck_t *p)
{
    return drsw_mono_ms() < p->until_mono_ms && !drsw_stopping(p->s.ctx);
}


json_t *
drsw_precheck_wave(const drsw_precheck_t *p, size_t number)
{
    size_t  i;
    json_t *w;

    json_array_foreach (json_object_get(p->facts, "waves"), i, w) {
        if (json_integer_value(json_object_get(w, "waveNumber"))
            == (json_int_t) number) {
            return w;
        }
    }

    return NULL;
}


/* -- waves ---------------------------------------------------------------- */

static json_t *
drsw_precheck_server(const json_t *v)
{
    char        text[64];
    json_t     *o, *item;
    int64_t     ms;
    drs_str_t   host, state, seen, lag;
    const char *reason, *class;

    item = json_object_get(v, "item");
    reason = "";
    class = "BLOCK";
    host = drsw_server_hostname(item);
    state = drsw_server_state(item);
    lag = drs_json_field(json_object_get(item, "dataReplicationInfo"),
                         "lagDuration");
    seen = drs_json_field(json_object_get(item, "lifeCycle"),
                          "lastSeenByServiceDateTime");

    if (!json_is_object(item)) {
        state = drs_str("NOT_FOUND");
        reason = "DRS does not know this source server in the account and "
                 "Region";

    } else {
        switch (drsw_server_health(item, &reason)) {
        case DRSW_HEALTH_OK:
            class = "OK";
            break;
        case DRSW_HEALTH_WARN:
            class = "WARN";
            break;
        default:
            break;
        }
    }

    o = json_pack("{s:O, s:O, s:O, s:s, s:s}", "id", json_object_get(v, "id"),
                  "accountId", json_object_get(v, "account"), "region",
                  json_object_get(v, "region"), "class", class, "reason",
                  reason);
    (void) drs_json_set_str(o, "hostname", host.len ? host : drs_str(""));
    (void) drs_json_set_str(o, "replicationState",
                            state.len ? state : drs_str(""));

    if (lag.len > 0 && lag.len < sizeof(text)) {
        (void) drs_json_set_str(o, "lagDuration", lag);
    }

    if (seen.len > 0 && drs_time_parse_ms(seen, &ms) == DRS_OK) {
        (void) drs_json_set_int(o, "lastSeenMs", ms);
    }

    return o;
}


/* The groups of a wave; those that answer go into `usable` (ids). */
static int
drsw_precheck_groups(drsw_precheck_t *p, const json_t *wave, json_t *fact,
                     json_t *usable)
{
    int           rc;
    size_t        i;
    json_t       *gid, *group, *ids, *entry;
    drs_str_t     account;
    drsw_place_t *place;

    json_array_foreach (json_object_get(wave, "protectionGroupIds"), i, gid) {
        group = json_object_get(p->s.resolver.groups, json_string_value(gid));

        if (group == NULL) {
            (void) json_array_append(json_object_get(fact, "missingGroups"),
                                     gid);
            continue;
        }

        account = drsw_group_account(p->s.ctx, group);
        entry =
            json_pack("{s:O, s:O*, s:s%, s:O*}", "groupId", gid, "groupName",
                      json_object_get(group, "groupName"), "accountId",
                      account.len ? account.data : "", account.len, "region",
                      json_object_get(group, "region"));
        (void) json_array_append_new(json_object_get(fact, "groups"), entry);

        rc = drsw_resolver_group(&p->s.resolver, group, &ids, &place);

        if (rc == DRS_ERROR) {
            return rc;
        }

        if (rc == DRS_OK) {
            (void) drs_json_set_int(entry, "count",
                                    (int64_t) json_array_size(ids));
            (void) json_array_append(usable, gid);
            json_decref(ids);
        }
    }

    return DRS_OK;
}


static int
drsw_precheck_one(drsw_precheck_t *p, const json_t *wave, size_t n)
{
    int           rc;
    size_t        i;
    json_t       *fact, *usable, *part, *servers, *v;
    const char   *missing;
    drsw_place_t *place;

    fact =
        json_pack("{s:I, s:O*, s:O*, s:[], s:[], s:[]}", "waveNumber",
                  (json_int_t) n, "waveName", json_object_get(wave, "waveName"),
                  "emptyPolicy", json_object_get(wave, "emptyWavePolicy"),
                  "missingGroups", "groups", "servers");
    (void) json_array_append_new(json_object_get(p->facts, "waves"), fact);

    usable = json_array();
    rc = drsw_precheck_groups(p, wave, fact, usable);

    part = json_copy((json_t *) wave);
    (void) json_object_set_new(part, "protectionGroupIds", usable);
    servers = NULL;

    if (rc == DRS_OK) {
        rc = drsw_resolver_wave(&p->s.resolver, part, &servers, &place,
                                &missing);
        rc = rc == DRS_DECLINED ? DRS_OK : rc; /* stopped answering just now */
    }

    json_array_foreach (servers, i, v) {
        (void) json_array_append_new(json_object_get(fact, "servers"),
                                     drsw_precheck_server(v));
    }

    (void) json_array_append_new(
        p->s.waves,
        json_pack("{s:O, s:b, s:o}", "wave", wave, "selected", 1, "servers",
                  servers != NULL ? servers : json_array()));
    json_decref(part);

    return rc;
}


static int
drsw_precheck_selected(const drsw_precheck_t *p, size_t n)
{
    size_t  i;
    json_t *list, *v;

    list = json_object_get(p->s.request, "waves");

    json_array_foreach (list, i, v) {
        if (json_integer_value(v) == (json_int_t) n) {
            return 1;
        }
    }

    return json_array_size(list) == 0;
}


int
drsw_precheck_waves(drsw_precheck_t *p)
{
    int     rc;
    size_t  n;
    json_t *wave;

    rc = DRS_OK;

    json_array_foreach (json_object_get(p->s.plan, "waves"), n, wave) {
        if (rc != DRS_OK) {
            break;
        }

        if (drsw_precheck_selected(p, n)) {
            rc = drsw_precheck_one(p, wave, n);

        } else {
            (void) json_array_append_new(
                p->s.waves, json_pack("{s:O, s:b, s:[]}", "wave", wave,
                                      "selected", 0, "servers"));
        }
    }

    return rc;
}


/* -- the command ---------------------------------------------------------- */

/* What of the plan decides how much is launched at once. */
static void
drsw_precheck_shape(drsw_precheck_t *p)
{
    int                  chain;
    size_t               i;
    json_t              *w;
    int64_t              parallel;
    const drsw_config_t *conf;

    conf = p->s.ctx->conf;
    chain = 1;

    json_array_foreach (json_object_get(p->s.plan, "waves"), i, w) {
        chain &= json_array_size(json_object_get(w, "dependsOnWaves")) == 0;
    }

    parallel = drs_json_int(p->s.plan, "maxParallelWaves", 1);
    (void) drs_json_set_int(p->facts, "maxParallel", chain ? 1 : parallel);
    (void) drs_json_set_int(
        p->facts, "perUnit",
        drs_json_int(p->s.plan, "interServerDelaySeconds", 0) > 0
            ? 1
            : conf->max_servers_per_job);
    (void) drs_json_set_int(p->facts, "maxServersPerJob",
                            conf->max_servers_per_job);
    (void) drs_json_set_int(p->facts, "maxSourceServers",
                            conf->max_source_servers);
    (void) drs_json_set_int(
        p->facts, "rpoMs",
        drs_precheck_target_ms(json_object_get(p->s.plan, "rpo")));
}


static int
drsw_precheck_conflicts(drsw_precheck_t *p)
{
    int     rc;
    json_t *list, *pairs;

    list = json_array();
    pairs = json_array();
    drsw_start_find_duplicates(&p->s, list, pairs);
    json_decref(pairs);
    (void) json_object_set_new(p->facts, "duplicates", list);

    rc = drsw_start_running(&p->s, p->run, sizeof(p->run));

    if (rc == DRS_DECLINED) {
        /* what the plan's own run holds is no conflict beside it */

        (void) drs_json_set_str(p->facts, "executing", drs_str(p->run));
        p->s.id = drs_str(p->run);
        (void) json_object_clear(p->s.jobs);
        rc = DRS_OK;
    }

    list = json_array();
    rc = (rc == DRS_OK) ? drsw_start_find_conflicts(&p->s, list) : rc;
    (void) json_object_set_new(p->facts, "conflicts", list);

    return rc;
}


static int
drsw_precheck_points(drsw_precheck_t *p)
{
    json_t *missing, *unknown;

    missing = json_array();
    unknown = json_array();
    (void) json_object_set_new(p->facts, "pointsMissing", missing);
    (void) json_object_set_new(p->facts, "pointsUnknown", unknown);

    return drsw_start_find_points(&p->s, p->until_mono_ms, missing, unknown);
}


static int
drsw_precheck_steps(drsw_precheck_t *p)
{
    int    rc;
    size_t i;

    static int (*const steps[])(drsw_precheck_t * p) = {
        drsw_precheck_waves,   drsw_precheck_places,   drsw_precheck_conflicts,
        drsw_precheck_history, drsw_precheck_existing, drsw_precheck_points,
        drsw_precheck_launch,  drsw_precheck_forecast
    };

    rc = DRS_OK;

    for (i = 0; rc == DRS_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i](p);
    }

    return rc;
}


static void
drsw_precheck_init(drsw_precheck_t *p, drsw_ctx_t *ctx,
                   const drsw_command_t *cmd, drsw_answer_t *answer)
{
    memset(p, 0, sizeof(*p));
    p->until_mono_ms = drsw_mono_ms() + DRSW_PRECHECK_MS;
    p->s.ctx = ctx;
    p->s.cmd = cmd;
    p->s.answer = answer;
    p->s.request = cmd->payload;
    p->s.id = drs_str(""); /* no run: every claim is another's */
    p->s.waves = json_array();
    p->s.warnings = json_array();
    p->s.jobs = json_object();
    p->facts = json_pack(
        "{s:O*, s:O*, s:I, s:b, s:O, s:[], s:[], s:[], s:[]}", "planId",
        json_object_get(cmd->payload, "planId"), "executionType",
        json_object_get(cmd->payload, "executionType"), "nowMs",
        (json_int_t) drsw_wall_ms(), "strict",
        ctx->conf->limits == DRSW_LIMITS_STRICT, "request", cmd->payload,
        "waves", "places", "staging", "launchConfig");
}


int
drsw_cmd_precheck(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer)
{
    int             rc;
    drsw_precheck_t p;

    drsw_precheck_init(&p, ctx, cmd, answer);
    rc = p.facts != NULL ? drsw_start_load(&p.s) : DRS_ERROR;

    if (rc == DRS_OK) {
        drsw_precheck_shape(&p);
        rc = drsw_precheck_steps(&p);
    }

    if (rc == DRS_OK) {
        rc = drsw_answer_body(answer, 200, drs_precheck(p.facts));
    }

    drs_exec_free(p.last);
    drsw_resolver_free(&p.s.resolver);
    json_decref(p.s.plan);
    json_decref(p.s.waves);
    json_decref(p.s.warnings);
    json_decref(p.s.jobs);
    json_decref(p.facts);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
