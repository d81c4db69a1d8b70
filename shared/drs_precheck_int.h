/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The precheck being built.
 */

#ifndef DRS_PRECHECK_INT_H_INCLUDED
#define DRS_PRECHECK_INT_H_INCLUDED


#include "drs_json.h"
#include "drs_precheck.h"


typedef struct {
    const json_t *facts;
    const json_t *request;
    int64_t       now;
    int           recovery; /* executionType RECOVERY */
    int           strict;
    json_t       *checks; /* borrowed: of the document */
    size_t        from;   /* checks before the present one */
    int           fails, warns;
} drs_pc_t;


/* A check with a result; the members of `more` (stolen, may be NULL) are added
 * to it. */
void
drs_pc_add(drs_pc_t *p, const char *id, const char *result, int overridable,
           json_t *more, const char *fmt, ...) DRS_PRINTF(6, 7);

/* An OK entry unless something was added since drs_pc_begin(). */
void drs_pc_begin(drs_pc_t *p);
void drs_pc_end(drs_pc_t *p, const char *id, const char *message);

/* 1 if the flag of the request is set. */
int drs_pc_flag(const drs_pc_t *p, const char *name);

/* {accountId, region} of a place. */
json_t *drs_pc_place(const json_t *place);

/* -- drs_precheck_servers.c */

void    drs_pc_resolve(drs_pc_t *p);
void    drs_pc_replication(drs_pc_t *p);
void    drs_pc_conflicts(drs_pc_t *p);
void    drs_pc_existing(drs_pc_t *p);
void    drs_pc_points(drs_pc_t *p);
json_t *drs_pc_replication_view(const drs_pc_t *p);
/* Longest lag as text, NULL: none known. */
const char *drs_pc_worst_lag(const drs_pc_t *p);

/* -- drs_precheck_limits.c */

void    drs_pc_sizes(drs_pc_t *p);
void    drs_pc_limits(drs_pc_t *p);
void    drs_pc_access(drs_pc_t *p);
void    drs_pc_launch(drs_pc_t *p);
void    drs_pc_age(drs_pc_t *p);
json_t *drs_pc_waves_view(const drs_pc_t *p);
json_t *drs_pc_limits_view(const drs_pc_t *p);
json_t *drs_pc_launch_view(const drs_pc_t *p);


#endif /* DRS_PRECHECK_INT_H_INCLUDED */
