/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Executions as callers see them: api.md 2.7 and 10.4, with every duplicate
 * and odd casing of the reference.  All functions give a new reference or NULL
 * without memory, and read only stored data.
 *
 * Where the members come from: header, waves, units and servers of the record
 * (drs_exec.h); of exec:<id>.doc
 *
 *   plan             the frozen plan
 *   request          payload of exec.start: initiatedBy, reason, notes,
 *                    recoveryPoint, recoverySnapshots, allowDegraded,
 *                    allowUnknownLimits, overrideReason,
 *                    confirmReplaceExisting, invocationSource
 *   selectionMode    "TAGS" | "PLAN"
 *   accountContexts  [{accountId, assumeRoleName, isCurrentAccount}]
 *
 * and of exec:<id>.out: outcomeSummary, outcomeDetails, warnings,
 * terminationInitiatedAt, instancesTerminated, instancesTerminatedAt,
 * lastPolledTime, pollIntervalMs.
 */

#ifndef DRS_VIEW_EXEC_H_INCLUDED
#define DRS_VIEW_EXEC_H_INCLUDED


#include "drs_buf.h"
#include "drs_exec.h"


typedef enum {
    DRS_VIEW_LIST = 0, /* EX1: waves, servers if asked for */
    DRS_VIEW_DETAIL,   /* EX5: everything, duplicates included */
    DRS_VIEW_COMPACT   /* EX5 view=compact: no aliases, no server lists */
} drs_view_mode_t;

typedef struct {
    drs_view_mode_t mode;
    int64_t         now_ms;
    int64_t         poll_ms; /* poll interval when out has none */
    drs_str_t       own_account;
    const json_t   *accounts;  /* id -> name (string), may be NULL */
    int             plan_gone; /* the plan has been deleted */
    int             servers;   /* LIST: server lists too */

    /* flat HGETALL of exec:<id>:term */
    const drs_str_t *term;
    size_t           n_term;
} drs_view_exec_t;

/* Part of a text: [from, to). */
typedef struct {
    size_t from, to;
} drs_view_exec_once_t;


/* Execution as a tree. */
json_t *drs_view_exec(const drs_exec_t *e, const drs_view_exec_t *o);

/*
 * Execution as text, appended; thousands of servers cost no tree.  *once, if
 * not NULL, gets what the text says without its repetitions, for an entity
 * tag.
 */
void drs_view_exec_text(drs_buf_t *b, const drs_exec_t *e,
                        const drs_view_exec_t *o, drs_view_exec_once_t *once);

/* LaunchUnit; `ids` 0 leaves serverIds out and gives serverCount. */
json_t *
drs_view_exec_unit(const drs_exec_t *e, const drs_exec_unit_t *u, int ids);

/* ServerExecution, ServerStatus, EnrichedServer: texts, appended. */
void drs_view_exec_server_text(drs_buf_t *b, const drs_exec_server_t *s);
void drs_view_exec_status_text(drs_buf_t *b, const drs_exec_server_t *s);
void drs_view_exec_enriched_text(drs_buf_t *b, const drs_exec_server_t *s);

/*
 * The server of a wave by id: the stored one, or one filled from the wave when
 * the wave has not been resolved.  *tmp is used for the latter.
 */
const drs_exec_server_t *
drs_view_exec_server_of(const drs_exec_t *e, const drs_exec_wave_t *w,
                        const char *id, drs_exec_server_t *tmp);

/* The same for one that was looked up already; s: NULL, it is not stored. */
const drs_exec_server_t *
drs_view_exec_server_or(const drs_exec_server_t *s, const drs_exec_wave_t *w,
                        const char *id, drs_exec_server_t *tmp);

/* terminationMetadata: first rule of api.md 2.7 that applies. */
typedef struct {
    int         can;
    const char *reason; /* NULL when it can */
    int         has_instances;
} drs_view_termination_t;

void drs_view_exec_termination(const drs_exec_t *e, drs_view_termination_t *t);

/* First job of a wave's units, "" if none; *unit may be NULL. */
const char *drs_view_exec_wave_job(const drs_exec_t *e, int wave,
                                   const drs_exec_unit_t **unit);

/* EX10: appends the whole answer. */
void drs_view_exec_instances(drs_buf_t *b, const drs_exec_t *e);

/*
 * EX12 over the jobs of exec:<id>:term.  `ids` is a comma list or empty (all).
 * *known = number of jobs of this execution that were asked for.
 */
json_t *drs_view_exec_term_status(const drs_exec_t *e, const drs_view_exec_t *o,
                                  drs_str_t ids, size_t *known);

/* X-27 filters: 1 if the server passes.  Empty views and wave -1: all. */
int
drs_view_exec_server_matches(const drs_exec_server_t *s, int wave,
                             drs_str_t unit, drs_str_t statuses, drs_str_t q);


#endif /* DRS_VIEW_EXEC_H_INCLUDED */
