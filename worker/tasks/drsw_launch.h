
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch configuration of one source server (engine.md 2.4, 2.5): the DRS part
 * first, because DRS then writes a template version of its own, then a version
 * of the EC2 launch template on top of the current default.  What is set
 * already is neither sent nor created again.
 */

#ifndef DRSW_LAUNCH_H
#define DRSW_LAUNCH_H


#include "drsw_task.h"


typedef struct {
    int     updated;      /* DRS part was changed */
    int64_t version;      /* new template version, 0: none needed */
    char    code[96];     /* DECLINED: error code of AWS */
    char    error[1200];  /* DECLINED: for people */
    char    warning[256]; /* OK: e.g. no launch template */
    char template[64];    /* id of the EC2 launch template, or "" */
    unsigned again : 1;   /* DECLINED: rate limit or outage, worth
                                   another attempt later */
} drsw_launch_t;


/*
 * `settings`: effective settings of the server (drs_model_launch_effective).
 *
 * DRS_OK: they are in force; DRS_DECLINED: see r; DRS_ERROR: memory.
 */
int drsw_launch_apply(drsw_ctx_t *ctx, const drsw_access_t *access,
                      const json_t *group, const char *server,
                      const json_t *settings, drsw_launch_t *r);

/*
 * Only looks: *differs = 1 when something would have to be written.  Results as
 * above.
 */
int drsw_launch_differs(drsw_ctx_t *ctx, const drsw_access_t *access,
                        const json_t *group, const char *server,
                        const json_t *settings, int *differs, drsw_launch_t *r);


/* -- many servers at once ---------------------------------------------------- */

typedef struct {
    const char   *server;
    json_t       *settings; /* effective, borrowed */
    int           rc;       /* of drsw_launch_apply(); DRS_AGAIN: no time
                                   was left for this one */
    int           differs;  /* looking only */
    drsw_launch_t result;
} drsw_launch_item_t;

/*
 * Applies (or, with `look`, compares) side by side, at most `config_parallel`
 * at once.  until_mono_ms: no server is begun later.
 */
void drsw_launch_many(drsw_ctx_t *ctx, const drsw_access_t *access,
                      const json_t *group, drsw_launch_item_t *items, size_t n,
                      int look, int64_t until_mono_ms);

/* DRS members that differ from `current` (new object, {} for none). */
json_t *drsw_launch_drs_part(const json_t *settings, const json_t *current,
                             const char **warning);

/*
 * Template members that differ from those of the version `source` (new
 * object, {} for none).  *whole: they cannot be laid over the source; the
 * object then is the complete data of a version without one.  `released`: an
 * address that is taken away if the template still has it; may be empty.
 */
json_t *drsw_launch_ec2_part(const json_t *settings, const json_t *source,
                             drs_str_t released, int *whole);

/* 1 if the settings name the subnet, security groups or address (2.1). */
int drsw_launch_explicit(const json_t *settings);


#endif /* DRSW_LAUNCH_H */
