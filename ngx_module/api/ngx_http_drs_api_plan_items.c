/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Items of the plan list: shared groups, conflicts, filters.
 */

#include "ngx_http_drs_api_plan_list.h"

#include "drs_model_exec_req.h"
#include "drs_model_plan.h"


json_t *
ngx_http_drs_plans_shared(const ngx_http_drs_plans_t *s, const json_t *doc)
{
    size_t    i, j;
    json_t   *ids, *id, *user, *list, *with, *users, *name;
    drs_str_t self;

    list = json_array();
    ids = drs_model_plan_groups(doc);
    self = drs_json_field(doc, "planId");

    json_array_foreach (ids, i, id) {
        users = json_object_get(s->users, json_string_value(id));
        with = json_array();

        json_array_foreach (users, j, user) {
            if (!drs_str_eq(drs_json_str(user), self)) {
                name = json_object_get(s->names, json_string_value(user));
                json_array_append_new(
                    with, json_pack("{s:O, s:o}", "planId", user, "planName",
                                    name != NULL ? json_incref(name)
                                                 : json_string("")));
            }
        }

        if (json_array_size(with) > 0) {
            name = json_object_get(
                json_object_get(s->groups, json_string_value(id)), "groupName");
            json_array_append_new(
                list,
                json_pack("{s:O, s:o, s:O}", "protectionGroupId", id,
                          "protectionGroupName",
                          name != NULL ? json_incref(name) : json_string(""),
                          "sharedWithPlans", with));
        }

        json_decref(with);
    }

    json_decref(ids);

    return list;
}


int
ngx_http_drs_plans_known(const ngx_http_drs_plans_t *s, const json_t *doc)
{
    int     all;
    size_t  i;
    json_t *ids, *id;

    all = 1;
    ids = drs_model_plan_groups(doc);

    json_array_foreach (ids, i, id) {
        all &= json_object_get(s->groups, json_string_value(id)) != NULL;
    }

    json_decref(ids);

    return all;
}


/* A job of others that launches the server, or NULL. */
static const json_t *
ngx_http_drs_plans_job(const ngx_http_drs_plans_t *s, const char *server)
{
    const json_t *job;

    job = drs_jobs_of_server(&s->jobs, server);

    return job != NULL && json_object_get(job, "executionId") == NULL
                   && drs_str_eqz(drs_json_field(job, "type"), "LAUNCH")
               ? job
               : NULL;
}


json_t *
ngx_http_drs_plans_conflicts(const ngx_http_drs_plans_t *s, const json_t *doc,
                             drs_view_plan_item_t *it)
{
    size_t        i, j;
    json_t       *wave, *ids, *id, *exec, *run, *list;
    drs_str_t     self;
    const json_t *job;

    list = json_array();
    self = drs_json_field(doc, "planId");

    if (json_object_size(s->claimed) == 0
        && json_object_size(s->jobs.servers) == 0) {
        return list;
    }

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        ids = drs_model_wave_servers(wave, s->groups);

        json_array_foreach (ids, j, id) {
            exec = json_object_get(s->claimed, json_string_value(id));
            run = json_object_get(s->runs, json_string_value(exec));
            job = run == NULL ? ngx_http_drs_plans_job(s, json_string_value(id))
                              : NULL;

            if (job != NULL) {
                json_array_append(list, id);
                it->conflict_jobs++;
                it->conflict_job = drs_json_field(job, "jobId");
            }

            if (run != NULL && !drs_str_eq(drs_json_field(run, "planId"), self))
            {
                json_array_append(list, id);
                it->conflict_runs++;
                it->conflict_exec = drs_json_str(exec);
                it->conflict_plan = drs_json_field(run, "planId");
                it->conflict_status = drs_json_field(run, "status");
            }
        }

        json_decref(ids);
    }

    return list;
}


/* `key=value`: some group of the plan has exactly that selection tag. */
static int
ngx_http_drs_plans_tagged(const ngx_http_drs_plans_t *s, const json_t *doc)
{
    int       found;
    size_t    i;
    json_t   *ids, *id, *v;
    drs_str_t rest, key;
    char      name[600];

    if (s->tag.len == 0) {
        return 1;
    }

    rest = s->tag;
    if (!drs_str_split(&rest, '=', &key) || key.len >= sizeof(name)) {
        return 0;
    }

    ngx_memcpy(name, key.data, key.len);
    name[key.len] = '\0';

    ids = drs_model_plan_groups(doc);
    found = 0;

    json_array_foreach (ids, i, id) {
        v = json_object_get(
            json_object_get(json_object_get(s->groups, json_string_value(id)),
                            "serverSelectionTags"),
            name);
        found |= json_is_string(v) && rest.data != NULL
                 && drs_str_eq(drs_json_str(v), rest);
    }

    json_decref(ids);

    return found;
}


static int
ngx_http_drs_plans_in_account(const ngx_http_drs_plans_t *s, const json_t *doc)
{
    int     found;
    size_t  i;
    json_t *ids, *id;

    if (s->account_groups == NULL) {
        return 1;
    }

    ids = drs_model_plan_groups(doc);
    found = 0;

    json_array_foreach (ids, i, id) {
        found |=
            json_object_get(s->account_groups, json_string_value(id)) != NULL;
    }

    json_decref(ids);

    return found;
}


int
ngx_http_drs_plans_wanted(const ngx_http_drs_plans_t *s, const json_t *doc,
                          const drs_view_plan_item_t *it)
{
    int conflict;

    conflict = json_array_size(it->conflict_servers) > 0;

    if (s->status.len
        && (it->last_status.len == 0
            || !drs_model_status_listed(s->status, it->last_status)))
    {
        return 0;
    }

    if (drs_str_eq(s->conflict, drs_str("true")) && !conflict) {
        return 0;
    }

    if (drs_str_eq(s->conflict, drs_str("false")) && conflict) {
        return 0;
    }

    return ngx_http_drs_plans_in_account(s, doc)
           && ngx_http_drs_plans_tagged(s, doc);
}
