/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * State of one plan list (RP1), and what its items are judged by.
 */

#ifndef NGX_HTTP_DRS_API_PLAN_LIST_H_INCLUDED
#define NGX_HTTP_DRS_API_PLAN_LIST_H_INCLUDED


#include "ngx_http_drs_api_util.h"

#include "drs_jobs.h"
#include "drs_view_plan.h"


#define NGX_HTTP_DRS_PLANS      "plan"
#define NGX_HTTP_DRS_PLANS_MAX  1000
#define NGX_HTTP_DRS_PLANS_READ 1800 /* with hasConflict */


/* A group of some plan of the page. */
typedef struct {
    drs_str_t  id;
    drs_str_t  doc;   /* text; empty: gone */
    drs_str_t  name;  /* raw groupName */
    json_t    *json;  /* of doc, when a conflict asks */
    drs_str_t *users; /* ids of the plans that use it */
    size_t     n_users, users_size;
    unsigned   hot : 1; /* an execution or a job holds one of its servers */
} ngx_http_drs_pgroup_t;

/* A plan that may be on the page. */
typedef struct {
    drs_str_t            member; /* of the name index */
    drs_plan_text_t      text;   /* text.id empty: gone */
    drs_view_plan_item_t item;
    size_t              *groups; /* each once */
    size_t               n_groups;
} ngx_http_drs_prow_t;

typedef struct {
    drs_str_t account, name, exact, tag, status, conflict;
    drs_str_t pos;
    size_t    limit;
    size_t    n_sets; /* replies of the first call that are plan:status:<S> */

    drs_str_t *index; /* members of the name index, from pos on */
    size_t     n_index;
    json_t    *account_groups; /* array of ids, with accountId */
    json_t    *tag_groups;     /* the same, with tag */
    json_t    *group_ids;      /* all groups, with tag */
    json_t    *sets[3];        /* plan id -> true: status, account, tag */

    ngx_http_drs_prow_t *rows;
    size_t               n;
    unsigned             more : 1;
    unsigned             whole : 1; /* every plan is read */

    drs_jobs_index_t jobs; /* active DRS jobs */

    json_t *running; /* ids of active executions */
    json_t *claimed; /* server -> execution id */
    json_t *runs;    /* execution -> {planId, status} */

    ngx_http_drs_pgroup_t *groups;
    size_t                 n_groups, groups_size;
    json_t                *by_id; /* group id -> index */
    json_t                *names; /* plan id -> raw planName */
    json_t                *asked; /* plan ids whose names are asked for */
} ngx_http_drs_plans_t;


/* -- page: plan_page.c ------------------------------------------------------- */

/* Reads the plans that index and sets let through, and answers. */
ngx_int_t ngx_http_drs_plans_read(ngx_http_drs_ctx_t *ctx);


/* -- items: plan_items.c ------------------------------------------------------ */

/* Appends the item of a plan with its end. */
void ngx_http_drs_plans_item(ngx_http_drs_plans_t *s, drs_buf_t *b,
                             ngx_http_drs_prow_t *row);

/*
 * Servers of a plan that an execution of another plan holds or that are in a
 * DRS job of others: a new array in row->item; the caller releases it.
 */
void
ngx_http_drs_plans_conflicts(ngx_http_drs_plans_t *s, ngx_http_drs_prow_t *row);

/* 1 if what is known of the plan only now lets it through. */
int ngx_http_drs_plans_wanted(const ngx_http_drs_plans_t *s,
                              const ngx_http_drs_prow_t  *row);


/* -- groups: plan_groups.c ------------------------------------------------------ */

/* The groups of all rows, each once. */
ngx_int_t ngx_http_drs_plans_groups(ngx_http_drs_ctx_t *ctx);

/* Adds a user to a group. */
ngx_int_t ngx_http_drs_plans_user(ngx_http_drs_ctx_t    *ctx,
                                  ngx_http_drs_pgroup_t *g, drs_str_t plan);

/* Document of a group: name, and whether a server of it is held. */
void ngx_http_drs_plans_group_doc(ngx_http_drs_plans_t  *s,
                                  ngx_http_drs_pgroup_t *g, drs_str_t doc);

/* 1 if the group document has the selection tag "key=value". */
int ngx_http_drs_plans_tagged(drs_str_t tag, drs_str_t doc);


#endif /* NGX_HTTP_DRS_API_PLAN_LIST_H_INCLUDED */
