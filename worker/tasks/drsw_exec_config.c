
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effect APPLY_CONFIG: launch configuration of the unit's servers right before
 * their launch (engine.md 2.1 step 4).  STRICT: a server whose settings cannot
 * be applied is not launched; BEST_EFFORT: it is, and a notice says so.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_model_launch.h"

#include "drsw_exec.h"
#include "drsw_launch.h"


#define DRSW_CONFIG_SLICE_MS 20000


typedef struct {
    drsw_run_t        *run;
    drs_exec_unit_t   *unit;
    drsw_access_t      access;
    json_t            *groups; /* owned: id -> document */
    drsw_configured_t *result;
    size_t             cap;
} drsw_configure_t;


static int
drsw_config_groups(drsw_configure_t *c)
{
    int                rc;
    size_t             i;
    json_t            *ids, *seen;
    drs_exec_server_t *s;

    ids = json_array();
    seen = json_object();

    for (i = 0; i < c->unit->nservers; i++) {
        s = drs_exec_server(c->run->plan->next, c->unit->servers[i]);

        if (s != NULL && s->group[0] != '\0'
            && json_object_get(seen, s->group) == NULL) {
            (void) json_object_set_new(seen, s->group, json_true());
            (void) json_array_append_new(ids, json_string(s->group));
        }
    }

    rc = drsw_load_docs(c->run->ctx, DRS_KEY_PG, ids, &c->groups);

    json_decref(ids);
    json_decref(seen);
    return rc;
}


static int
drsw_config_strict(const drsw_configure_t *c, const json_t *settings)
{
    drs_str_t        policy;
    drs_exec_wave_t *w;

    w = drs_exec_wave(c->run->plan->next, c->unit->wave);
    policy = drs_json_field(w != NULL ? w->doc : NULL, "launchConfigPolicy");

    if (policy.len > 0) {
        return drs_str_eqz(policy, "STRICT");
    }

    return !c->run->plan->next->drill && drsw_launch_explicit(settings);
}


static void
drsw_config_notice(drsw_configure_t *c, const char *server,
                   const drsw_launch_t *r)
{
    char       *text;
    drs_exec_t *e;

    e = c->run->plan->next;
    text = drsw_event_text(
        drsw_now_ms(c->run->ctx), "notice", "notices", "execution",
        drs_str(c->run->id), drs_str(NULL), drs_str(c->run->id),
        drs_str(e->plan_id), drs_str(c->access.account),
        json_pack("{s:s, s:s, s:s, s:s}", "severity", "warning", "code",
                  "launch_config_failed", "sourceServerId", server, "message",
                  r->error));
    (void) drsw_store_do(c->run->ctx,
                         drs_store_note(drsw_redis_prefix(c->run->ctx->redis),
                                        drs_str(NULL), drs_str(text)));
    free(text);
}


static int
drsw_config_fail(drsw_configure_t *c, const char *server, const char *error)
{
    void                  *base;
    drsw_config_failure_t *f;

    base = (void *) c->result->failed;
    f = drs_arena_push(c->run->arena, &base, &c->result->nfailed, &c->cap,
                       sizeof(*f));

    if (f == NULL) {
        return DRS_ERROR;
    }

    c->result->failed = base;
    f->server = drsw_run_text(c->run, server);
    f->error = drsw_run_text(c->run, error);

    return DRS_OK;
}


/* What became of the settings of one server. */
static int
drsw_config_outcome(drsw_configure_t *c, const drsw_launch_item_t *item)
{
    int                  rc;
    const drsw_launch_t *r;

    r = &item->result;
    rc = item->rc;

    if (rc == DRS_DECLINED) {
        drsw_warn(c->run->ctx->log, "launch configuration of %s: %s",
                  item->server, r->error);

        if (drsw_config_strict(c, item->settings)) {
            rc = drsw_config_fail(c, item->server, r->error);

        } else {
            drsw_config_notice(c, item->server, r);
            rc = DRS_OK;
        }

    } else if (rc == DRS_OK && (r->updated || r->version != 0)) {
        drsw_info(c->run->ctx->log,
                  "launch configuration of %s applied, "
                  "template version %lld",
                  item->server, (long long) r->version);
    }

    if (rc == DRS_OK && r->warning[0] != '\0') {
        drsw_warn(c->run->ctx->log, "launch configuration of %s: %s",
                  item->server, r->warning);
    }

    return rc;
}


/* Servers of the unit in the group that have settings. */
static size_t
drsw_config_items(drsw_configure_t *c, const char *gid, const json_t *group,
                  drsw_launch_item_t *items)
{
    size_t             i, n;
    json_t            *settings;
    drs_exec_server_t *s;

    n = 0;

    for (i = 0; i < c->unit->nservers; i++) {
        s = drs_exec_server(c->run->plan->next, c->unit->servers[i]);

        if (s == NULL || drs_launch_is_final(s->status)
            || strcmp(s->group, gid) != 0) {
            continue;
        }

        settings = drs_model_launch_effective(group, drs_str(s->id));

        if (json_object_size(settings) == 0
            && drs_model_launch_released(group, drs_str(s->id)).len == 0)
        {
            json_decref(settings);
            continue;
        }

        items[n].server = s->id;
        items[n++].settings = settings;
    }

    return n;
}


/* `config_parallel` servers at a time; what is left goes on in the next step. */
static int
drsw_config_group(drsw_configure_t *c, const char *gid, const json_t *group)
{
    int                 rc;
    size_t              i, n;
    drsw_launch_item_t *items;

    items = calloc(c->unit->nservers + 1, sizeof(*items));

    if (items == NULL) {
        return DRS_ERROR;
    }

    n = drsw_config_items(c, gid, group, items);

    if (n > 0) {
        drsw_launch_many(c->run->ctx, &c->access, group, items, n, 0,
                         drsw_mono_ms() + DRSW_CONFIG_SLICE_MS);
    }

    rc = DRS_OK;

    for (i = 0; i < n; i++) {
        if (items[i].rc == DRS_AGAIN) {
            c->result->ok = false;
            c->result->retry_at = drsw_now_ms(c->run->ctx);

        } else if (rc == DRS_OK) {
            rc = drsw_config_outcome(c, &items[i]);
        }

        json_decref(items[i].settings);
    }

    free(items);

    return rc;
}


/* Does any server of the unit have settings? */
static int
drsw_config_any(const drsw_configure_t *c)
{
    json_t     *group;
    const char *id;

    json_object_foreach (c->groups, id, group) {
        if (drs_model_launch_configured(group)
            || json_object_get(group, "releasedIps") != NULL)
        {
            return 1;
        }
    }

    return 0;
}


static int
drsw_config_unit(drsw_configure_t *c, const drsw_effect_t *eff)
{
    int         rc;
    char        err[512];
    json_t     *group;
    const char *id;

    rc = drsw_access(c->run->ctx, drs_str(eff->account), drs_str(eff->region),
                     &c->access, err, sizeof(err));

    if (rc != DRS_OK) {
        /* the launch itself will say so */
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    json_object_foreach (c->groups, id, group) {
        rc = drsw_config_group(c, id, group);

        if (rc != DRS_OK) {
            return rc;
        }

        if (!drsw_lease_hold(c->run->ctx, 1)) {
            return DRS_DECLINED;
        }

        if (!c->result->ok) {
            return DRS_OK;
        }
    }

    return DRS_OK;
}


int
drsw_run_config(drsw_run_t *run, const drsw_effect_t *eff)
{
    int              rc;
    drsw_configure_t c;

    memset(&c, 0, sizeof(c));
    c.run = run;
    c.unit = drs_exec_unit(run->plan->next, eff->unit);
    c.result = drsw_run_configured(run, eff->unit);

    if (c.unit == NULL || c.result == NULL) {
        return DRS_ERROR;
    }

    c.result->ok = true;
    rc = drsw_config_groups(&c);

    if (rc == DRS_OK && drsw_config_any(&c)) {
        rc = drsw_config_unit(&c, eff);
    }

    json_decref(c.groups);
    return rc;
}
