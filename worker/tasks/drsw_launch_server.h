/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the commands about settings of single servers share (api.md PG10 to
 * PG13).  Everything is validated before anything is stored, everything is
 * stored before anything is changed in AWS.
 */

#ifndef DRSW_LAUNCH_SERVER_H
#define DRSW_LAUNCH_SERVER_H


#include "drsw_launch_job.h"


typedef struct {
    drsw_ctx_t           *ctx;
    const drsw_command_t *cmd;
    drs_str_t             id;
    json_t               *old;      /* owned: stored group */
    json_t               *doc;      /* owned: new one */
    json_t               *entries;  /* owned: {sourceServerId, index,
                                           entry} */
    json_t               *others;   /* owned: other groups */
    json_t               *warnings; /* owned */
    drsw_access_t         access;
    drsw_launch_item_t   *items; /* one per entry */
    int                   bulk;
    drs_model_error_t     e;
} drsw_ls_t;


void drsw_ls_init(drsw_ls_t *s, drsw_ctx_t *ctx, const drsw_command_t *cmd);
void drsw_ls_free(drsw_ls_t *s);

/* Below: DRS_OK; DRS_DECLINED: s->e is filled; DRS_ERROR. */

/* The group and, if one is named, the membership of the server. */
int drsw_ls_load(drsw_ls_t *s, drs_str_t server);

/* The list of one; takes `entry` (NULL: the group's settings) over. */
void drsw_ls_one(drsw_ls_t *s, drs_str_t server, json_t *entry);

int drsw_ls_access(drsw_ls_t *s);

/* The new document: entries, version, times, a pending status. */
int drsw_ls_document(drsw_ls_t *s);
int drsw_ls_store(drsw_ls_t *s);

/* The servers of the request at once; the job of the group looks again. */
int drsw_ls_apply(drsw_ls_t *s);

/* All of it, from the parsed entries on; `version` is in body. */
int drsw_ls_write(drsw_ls_t *s, const json_t *body);

/* "applied", "skipped", "failed"; *why NULL or a sentence. */
const char *drsw_ls_outcome(const drsw_launch_item_t *item, const char **why);

/* {applied, skipped, failed, details} after drsw_ls_apply(). */
json_t *drsw_ls_result(const drsw_ls_t *s);


#endif /* DRSW_LAUNCH_SERVER_H */
