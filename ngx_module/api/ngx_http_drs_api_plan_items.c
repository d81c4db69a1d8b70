/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Items of the plan list: shared groups, conflicts, filters.
 */

#include "ngx_http_drs_api_plan_list.h"

#include "drs_model_exec_req.h"
#include "drs_model_plan.h"


/* One element of sharedProtectionGroups, if another plan uses the group. */
static void
ngx_http_drs_plans_shared(const ngx_http_drs_plans_t *s, drs_buf_t *b,
                          const ngx_http_drs_pgroup_t *g, drs_str_t self)
{
    size_t   i;
    json_t  *name;
    unsigned open;

    open = 0;

    for (i = 0; i < g->n_users; i++) {
        if (drs_str_eq(g->users[i], self)) {
            continue;
        }

        if (!open) {
            drs_jw_open(b, NULL, '{');
            drs_jw_str(b, "protectionGroupId", g->id);
            drs_jw_raw(b, "protectionGroupName",
                       g->name.len ? g->name : drs_str("\"\""));
            drs_jw_open(b, "sharedWithPlans", '[');
            open = 1;
        }

        name = json_object_getn(s->names, g->users[i].data, g->users[i].len);
        drs_jw_open(b, NULL, '{');
        drs_jw_str(b, "planId", g->users[i]);
        drs_jw_raw(b, "planName",
                   name != NULL ? drs_json_str(name) : drs_str("\"\""));
        drs_jw_close(b, '}');
    }

    if (open) {
        drs_jw_close(b, ']');
        drs_jw_close(b, '}');
    }
}


/* Text of a group's document, for the view. */
static drs_str_t
ngx_http_drs_plans_group_text(void *data, drs_str_t id)
{
    json_t               *at;
    ngx_http_drs_plans_t *s;

    s = data;
    at = json_object_getn(s->by_id, id.data, id.len);

    return at != NULL ? s->groups[json_integer_value(at)].doc
                      : drs_strn(NULL, 0);
}


void
ngx_http_drs_plans_item(ngx_http_drs_plans_t *s, drs_buf_t *b,
                        ngx_http_drs_prow_t *row)
{
    size_t i, from, none;

    row->item.group = ngx_http_drs_plans_group_text;
    row->item.data = s;
    drs_view_plan_item(b, &row->text, &row->item);

    from = b->len;
    drs_jw_open(b, "sharedProtectionGroups", '[');
    none = b->len;

    for (i = 0; i < row->n_groups; i++) {
        ngx_http_drs_plans_shared(s, b, &s->groups[row->groups[i]],
                                  row->text.id);
    }

    if (b->len > none) {
        drs_jw_close(b, ']');

    } else if (drs_buf_ok(b)) {
        b->len = from;
        drs_jw_null(b, "sharedProtectionGroups");
    }

    drs_jw_close(b, '}');
}


/* Documents of the plan's groups: a new object. */
static json_t *
ngx_http_drs_plans_docs_of(ngx_http_drs_plans_t      *s,
                           const ngx_http_drs_prow_t *row)
{
    size_t                 i;
    json_t                *map;
    ngx_http_drs_pgroup_t *g;

    map = json_object();

    for (i = 0; i < row->n_groups; i++) {
        g = &s->groups[row->groups[i]];

        if (g->doc.len) {
            (void) json_object_setn_new(
                map, g->id.data, g->id.len,
                drs_json_parse(g->doc, &drs_json_store_limits, NULL));
        }
    }

    return map;
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


void
ngx_http_drs_plans_conflicts(ngx_http_drs_plans_t *s, ngx_http_drs_prow_t *row)
{
    size_t   i, j;
    json_t  *doc, *docs, *wave, *ids, *id, *exec, *run, *list;
    unsigned hot;

    const json_t *job;

    hot = 0;

    for (i = 0; i < row->n_groups; i++) {
        hot |= s->groups[row->groups[i]].hot;
    }

    if (!hot) {
        return;
    }

    /* rare: the whole rule, on trees */
    list = json_array();
    doc = drs_json_parse(row->text.doc, &drs_json_store_limits, NULL);
    docs = ngx_http_drs_plans_docs_of(s, row);

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        ids = drs_model_wave_servers(wave, docs);

        json_array_foreach (ids, j, id) {
            exec = json_object_get(s->claimed, json_string_value(id));
            run = json_object_get(s->runs, json_string_value(exec));
            job = run == NULL ? ngx_http_drs_plans_job(s, json_string_value(id))
                              : NULL;

            if (job != NULL) {
                json_array_append(list, id);
                row->item.conflict_jobs++;
                row->item.conflict_job = drs_json_field(job, "jobId");
            }

            if (run != NULL
                && !drs_str_eq(drs_json_field(run, "planId"), row->text.id)) {
                json_array_append(list, id);
                row->item.conflict_runs++;
                row->item.conflict_exec = drs_json_str(exec);
                row->item.conflict_plan = drs_json_field(run, "planId");
                row->item.conflict_status = drs_json_field(run, "status");
            }
        }

        json_decref(ids);
    }

    json_decref(doc);
    json_decref(docs);
    row->item.conflict_servers = list;
}


int
ngx_http_drs_plans_wanted(const ngx_http_drs_plans_t *s,
                          const ngx_http_drs_prow_t  *row)
{
    int conflict;

    conflict = json_array_size(row->item.conflict_servers) > 0;

    /* it may have moved on since the index was read */
    if (s->status.len
        && (row->item.last_status.len == 0
            || !drs_model_status_listed(s->status, row->item.last_status)))
    {
        return 0;
    }

    if (drs_str_eqz(s->conflict, "true") && !conflict) {
        return 0;
    }

    return !(drs_str_eqz(s->conflict, "false") && conflict);
}
