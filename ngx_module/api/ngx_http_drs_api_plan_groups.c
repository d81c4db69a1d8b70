/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Plan list: the groups of the plans.
 */

#include "ngx_http_drs_api_plan_list.h"


/* Index of the group with the id, made if need be; -1 without memory. */
static ngx_int_t
ngx_http_drs_plans_group(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s,
                         drs_str_t id)
{
    size_t                 size;
    json_t                *v;
    ngx_http_drs_pgroup_t *g;

    v = json_object_getn(s->by_id, id.data, id.len);

    if (v != NULL) {
        return (ngx_int_t) json_integer_value(v);
    }

    if (s->n_groups == s->groups_size) {
        size = s->groups_size ? s->groups_size * 2 : 64;
        g = ngx_pcalloc(ctx->r->pool, size * sizeof(ngx_http_drs_pgroup_t));

        if (g == NULL) {
            return -1;
        }

        if (s->n_groups) {
            ngx_memcpy(g, s->groups,
                       s->n_groups * sizeof(ngx_http_drs_pgroup_t));
        }

        s->groups = g;
        s->groups_size = size;
    }

    g = &s->groups[s->n_groups];
    g->id = id;

    if (json_object_setn_new(s->by_id, id.data, id.len,
                             json_integer((json_int_t) s->n_groups))
        != 0)
    {
        return -1;
    }

    return (ngx_int_t) s->n_groups++;
}


static ngx_int_t
ngx_http_drs_plans_row_groups(ngx_http_drs_ctx_t *ctx, ngx_http_drs_plans_t *s,
                              ngx_http_drs_prow_t *row)
{
    size_t            i, size, *list;
    ngx_int_t         at;
    drs_str_t         id;
    drs_plan_groups_t it;

    size = 0;
    drs_plan_groups_open(&it, &row->text);

    while (drs_plan_groups_next(&it, &id)) {
        at = ngx_http_drs_plans_group(ctx, s, id);

        if (at < 0) {
            return NGX_ERROR;
        }

        for (i = 0; i < row->n_groups && row->groups[i] != (size_t) at; i++) {
            /* void */
        }

        if (i < row->n_groups) {
            continue;
        }

        if (row->n_groups == size) {
            size = size ? size * 2 : 8;
            list = ngx_palloc(ctx->r->pool, size * sizeof(size_t));

            if (list == NULL) {
                return NGX_ERROR;
            }

            if (row->n_groups) {
                ngx_memcpy(list, row->groups, row->n_groups * sizeof(size_t));
            }

            row->groups = list;
        }

        row->groups[row->n_groups++] = (size_t) at;

        if (s->whole
            && ngx_http_drs_plans_user(ctx, &s->groups[at], row->text.id)
                   != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_plans_groups(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    ngx_http_drs_plans_t *s;

    s = ctx->state;

    for (i = 0; i < s->n; i++) {
        if (s->rows[i].text.id.len
            && ngx_http_drs_plans_row_groups(ctx, s, &s->rows[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_drs_plans_user(ngx_http_drs_ctx_t *ctx, ngx_http_drs_pgroup_t *g,
                        drs_str_t plan)
{
    size_t     size;
    drs_str_t *list;

    if (g->n_users == g->users_size) {
        size = g->users_size ? g->users_size * 2 : 4;
        list = ngx_palloc(ctx->r->pool, size * sizeof(drs_str_t));

        if (list == NULL) {
            return NGX_ERROR;
        }

        if (g->n_users) {
            ngx_memcpy(list, g->users, g->n_users * sizeof(drs_str_t));
        }

        g->users = list;
        g->users_size = size;
    }

    g->users[g->n_users++] = plan;

    return NGX_OK;
}


void
ngx_http_drs_plans_group_doc(ngx_http_drs_plans_t *s, ngx_http_drs_pgroup_t *g,
                             drs_str_t doc)
{
    drs_str_t   name, value, id;
    drs_jread_t r, ids;

    g->doc = doc;

    if (drs_jread_open(&r, doc) != DRS_OK) {
        return;
    }

    while (drs_jread_next(&r, &name, &value) == 1) {
        if (drs_str_eqz(name, "groupName")) {
            g->name = value;
        }

        if (!drs_str_eqz(name, "sourceServerIds")
            || (json_object_size(s->claimed) == 0
                && json_object_size(s->jobs.servers) == 0)
            || drs_jread_open(&ids, value) != DRS_OK)
        {
            continue;
        }

        while (!g->hot && drs_jread_next(&ids, NULL, &value) == 1) {
            id = drs_jread_plain(value);
            g->hot = id.len > 0
                     && (json_object_getn(s->claimed, id.data, id.len) != NULL
                         || json_object_getn(s->jobs.servers, id.data, id.len)
                                != NULL);
        }
    }
}


int
ngx_http_drs_plans_tagged(drs_str_t tag, drs_str_t doc)
{
    int       found;
    json_t   *tags, *v;
    drs_str_t key, raw;

    raw = drs_jread_field(doc, "serverSelectionTags");

    if (raw.len <= 2 || !drs_str_split(&tag, '=', &key) || tag.data == NULL) {
        return 0;
    }

    tags = drs_json_parse(raw, &drs_json_store_limits, NULL);
    v = json_object_getn(tags, key.data, key.len);
    found = json_is_string(v) && drs_str_eq(drs_json_str(v), tag);
    json_decref(tags);

    return found;
}
