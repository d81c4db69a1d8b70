/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A job of launch:<groupId> while a step works on it: private to the task.
 */

#ifndef DRSW_LAUNCH_STORE_H
#define DRSW_LAUNCH_STORE_H


#include "drsw_launch_job.h"


typedef struct {
    drsw_ctx_t *ctx;
    drs_str_t   id;
    json_t     *group;   /* owned */
    json_t     *job;     /* owned, or NULL */
    json_t     *rows;    /* owned */
    json_t     *changed; /* owned: ids of rows to be written */
    int         reset;
    int         drifted;
} drsw_lj_t;


/* DRS_DECLINED: the group is gone. */
int  drsw_lj_load(drsw_lj_t *j);
void drsw_lj_free(drsw_lj_t *j);

/* The row of the server is written next time. */
void drsw_lj_touch(drsw_lj_t *j, const char *server);

/*
 * Writes the touched rows and the status that follows from all rows.
 * DRS_DECLINED: the lease is lost.  DRS_AGAIN: the group was changed meanwhile;
 * the next step reads it again.
 */
int drsw_lj_write(drsw_lj_t *j);

/* As drsw_access() for the group's account and Region. */
int drsw_lj_access(drsw_lj_t *j, drsw_access_t *access, char *err, size_t size);


#endif /* DRSW_LAUNCH_STORE_H */
