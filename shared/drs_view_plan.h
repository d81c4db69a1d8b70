
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Items of the plan list (RP1, api.md 2.6), from the text of the stored
 * document to the text of the answer: a list may have a thousand.
 */

#ifndef DRS_VIEW_PLAN_H_INCLUDED
#define DRS_VIEW_PLAN_H_INCLUDED


#include "drs_jtext.h"


/* Parts of a stored plan: views into its text. */
typedef struct {
    drs_str_t doc;
    drs_str_t id;    /* planId */
    drs_str_t name;  /* planName, raw JSON */
    drs_str_t waves; /* raw */
} drs_plan_text_t;

/* DRS_OK, or DRS_DECLINED: no plan. */
int drs_plan_text_read(drs_plan_text_t *t, drs_str_t doc);

/* Goes through the groups of the waves in their order; ids may come again. */
typedef struct {
    drs_jread_t waves, ids;
    size_t      n;          /* waves so far; at the end: all */
    drs_str_t   first;      /* raw protectionGroupId of the first wave */
    unsigned    inside : 1; /* of the ids of a wave */
    unsigned    end : 1;
} drs_plan_groups_t;

void drs_plan_groups_open(drs_plan_groups_t *g, const drs_plan_text_t *t);
int  drs_plan_groups_next(drs_plan_groups_t *g, drs_str_t *id); /* 0: end */

/* What a list item adds.  Views and json_t are borrowed. */
typedef struct {
    drs_str_t last_id; /* empty: never executed */
    drs_str_t last_status;
    int64_t   last_start_ms; /* 0: null */
    int64_t   last_end_ms;
    json_t   *conflict_servers; /* array of ids; NULL or empty: none */
    drs_str_t conflict_exec;
    drs_str_t conflict_plan;
    drs_str_t conflict_status;
    size_t    conflict_runs; /* how many of them executions hold */
    size_t    conflict_jobs; /* how many are in DRS jobs */
    drs_str_t conflict_job;  /* one of these jobs */

    /* text of a group's document, empty: gone; NULL: none is known */
    drs_str_t (*group)(void *data, drs_str_t id);
    void *data;
} drs_view_plan_item_t;

/*
 * Appends PlanListItem without its end: the caller adds sharedProtectionGroups
 * and '}'.  Unless all groups are known, waves carry no list of servers except
 * a kept subset; an empty list means all of them, so that sending an item back
 * changes nothing.
 */
void drs_view_plan_item(drs_buf_t *b, const drs_plan_text_t *t,
                        const drs_view_plan_item_t *it);

/* "<execId> <status> <startedAt> <endedAt>" of plan:last; views into s. */
void drs_view_plan_last(drs_view_plan_item_t *it, drs_str_t s);


#endif /* DRS_VIEW_PLAN_H_INCLUDED */
