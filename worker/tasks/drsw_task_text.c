
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_audit.h"
#include "drs_time.h"

#include "drsw_task.h"


#define DRSW_REGIONS_MAX 64


void
drsw_model_env(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_model_env_t *env)
{
    static _Thread_local drs_str_t regions[DRSW_REGIONS_MAX];

    drs_str_t rest, item;

    memset(env, 0, sizeof(*env));

    rest = drs_str(ctx->conf->regions);

    while (rest.len > 0 && drs_str_split(&rest, ' ', &item)) {
        if (item.len > 0 && env->n_regions < DRSW_REGIONS_MAX) {
            regions[env->n_regions++] = item;
        }
    }

    env->regions = (env->n_regions > 0) ? regions : NULL;
    env->own_account = drs_str(drsw_hub_account(ctx));
    env->now_s = drsw_wall_ms() / 1000;
    env->strict = (ctx->conf->limits == DRSW_LIMITS_STRICT);

    if (cmd != NULL) {
        env->user = drsw_actor_label(cmd->actor);
        env->email = drs_json_field(cmd->actor, "email");
    }
}


drs_str_t
drsw_actor_label(const json_t *actor)
{
    size_t    i;
    drs_str_t s;

    static const char *const names[] = { "email", "username", "userId",
                                         "name" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        s = drs_json_field(actor, names[i]);

        if (s.len > 0) {
            return s;
        }
    }

    return drs_str("system");
}


int
drsw_answer_model(drsw_answer_t *answer, drs_model_error_t *e)
{
    int         rc;
    json_t     *details;
    drs_error_t view;

    drs_model_error_view(e, &view);

    details = json_object();

    if (view.fields != NULL) {
        (void) json_object_update(details, (json_t *) view.fields);
    }

    if (json_is_object(view.details)) {
        (void) json_object_update(details, (json_t *) view.details);
    }

    rc = drsw_answer_error(answer, drs_err_symbol(view.err), details, "%.*s",
                           DRS_STR_ARG(view.message));
    drs_model_error_free(e);
    return rc;
}


static json_t *
drsw_audit_actor(const drsw_command_t *cmd)
{
    json_t     *actor;
    const char *key;
    json_t     *value;

    if (cmd == NULL || !json_is_object(cmd->actor)) {
        return json_pack("{s:s, s:s}", "type", "system", "userId",
                         "system:drs-worker");
    }

    actor = json_object();

    json_object_foreach ((json_t *) cmd->actor, key, value) {
        if (strcmp(key, "ip") != 0 && strcmp(key, "userAgent") != 0) {
            (void) json_object_set(actor, key, value);
        }
    }

    return actor;
}


char *
drsw_audit_text(const drsw_command_t *cmd, const char *action,
                const char *resource_type, drs_str_t resource_id,
                const json_t *before, const json_t *after, const json_t *more)
{
    char      time[DRS_TIME_ISO_SIZE], *text;
    json_t   *a, *old, *new;
    drs_str_t s;

    if (drs_audit_diff(before, after, &old, &new) != DRS_OK) {
        return NULL;
    }

    a = json_object();

    drs_time_iso_ms(time, drsw_wall_ms());
    (void) json_object_set_new(a, "time", json_string(time));

    if (cmd != NULL) {
        (void) json_object_set_new(a, "correlationId", json_string(cmd->id));
        (void) json_object_set_new(a, "requestId",
                                   json_string(cmd->request_id));
        s = drs_json_field(cmd->actor, "ip");
        if (s.len > 0) {
            (void) drs_json_set_str(a, "sourceIp", s);
        }
        s = drs_json_field(cmd->actor, "userAgent");
        if (s.len > 0) {
            (void) drs_json_set_str(a, "userAgent", s);
        }
    }

    (void) json_object_set_new(a, "actor", drsw_audit_actor(cmd));
    (void) json_object_set_new(a, "action", json_string(action));
    (void) json_object_set_new(a, "resourceType", json_string(resource_type));
    (void) drs_json_set_str(a, "resourceId", resource_id);
    (void) json_object_set_new(a, "outcome", json_string("succeeded"));

    if (old != NULL) {
        (void) json_object_set_new(a, "before", old);
    }
    if (new != NULL) {
        (void) json_object_set_new(a, "after", new);
    }
    if (more != NULL) {
        (void) json_object_update(a, (json_t *) more);
    }

    text = drs_json_text(a, NULL);
    json_decref(a);
    return text;
}


static void
drsw_set_if(json_t *o, const char *name, drs_str_t s)
{
    if (s.len > 0) {
        (void) drs_json_set_str(o, name, s);
    }
}


char *
drsw_event_text(int64_t now_ms, const char *event, const char *topic,
                const char *resource_type, drs_str_t resource_id,
                drs_str_t actor, drs_str_t execution, drs_str_t plan,
                drs_str_t account, json_t *data)
{
    char    time[DRS_TIME_ISO_SIZE], *text;
    json_t *e;

    e = json_object();

    if (e == NULL) {
        json_decref(data);
        return NULL;
    }

    drs_time_iso_ms(time, now_ms);
    (void) json_object_set_new(e, "time", json_string(time));
    (void) json_object_set_new(e, "event", json_string(event));
    (void) json_object_set_new(e, "topic", json_string(topic));
    (void) json_object_set_new(e, "resourceType", json_string(resource_type));
    (void) drs_json_set_str(e, "resourceId", resource_id);
    drsw_set_if(e, "actor", actor);
    drsw_set_if(e, "executionId", execution);
    drsw_set_if(e, "planId", plan);
    drsw_set_if(e, "accountId", account);
    (void) json_object_set_new(e, "data", data != NULL ? data : json_object());

    text = drs_json_text(e, NULL);
    json_decref(e);
    return text;
}
