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
#include "drs_view_doc.h"


typedef struct {
    drs_str_t account, name, exact, tag, status, conflict;
    drs_str_t pos;
    size_t    limit;

    drs_str_t *members;
    size_t     n;
    unsigned   more : 1;

    json_t              **docs; /* NULL: gone */
    drs_str_t            *last; /* id of the last execution */
    drs_view_plan_item_t *items;
    json_t               *names;          /* plan id -> name */
    json_t               *account_groups; /* set, with accountId */

    json_t *running; /* ids of active executions */
    json_t *claimed; /* server -> execution id */
    json_t *runs;    /* execution -> {planId, status} */

    drs_jobs_index_t jobs; /* active DRS jobs */
    size_t           left; /* bytes of group documents to be read */

    json_t *group_ids; /* all groups of all plans */
    json_t *groups;    /* id -> document */
    json_t *users;     /* group id -> [plan ids] */
} ngx_http_drs_plans_t;


/* sharedProtectionGroups of a plan: a new array. */
json_t *
ngx_http_drs_plans_shared(const ngx_http_drs_plans_t *s, const json_t *doc);

/* Servers of a plan that an execution of another plan holds or that are in a
 * DRS job of others: a new array. */
json_t *
ngx_http_drs_plans_conflicts(const ngx_http_drs_plans_t *s, const json_t *doc,
                             drs_view_plan_item_t *it);

/* 1 if the documents of all groups of the plan were read. */
int ngx_http_drs_plans_known(const ngx_http_drs_plans_t *s, const json_t *doc);

/* 1 if the filters that need documents let the plan through. */
int ngx_http_drs_plans_wanted(const ngx_http_drs_plans_t *s, const json_t *doc,
                              const drs_view_plan_item_t *it);


#endif /* NGX_HTTP_DRS_API_PLAN_LIST_H_INCLUDED */
