/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tag synchronisation (engine.md 4.2, data-model.md 8): what is copied from an
 * EC2 instance to its DRS source server, the settings and the records.
 */

#ifndef DRS_TAGSYNC_H_INCLUDED
#define DRS_TAGSYNC_H_INCLUDED


#include "drs_model.h"


#define DRS_TAGSYNC_HOURS 4 /* interval when nothing is configured */
#define DRS_TAGSYNC_RULE  "drs-orchestrator-tag-sync-schedule"


/* -- tags ----------------------------------------------------------------- */

typedef enum {
    DRS_TAGSYNC_TAKE = 0,
    DRS_TAGSYNC_NO_INSTANCE, /* not a machine of EC2 */
    DRS_TAGSYNC_DISCONNECTED
} drs_tagsync_skip_t;

/* Whether a SourceServer object takes part. */
drs_tagsync_skip_t drs_tagsync_skip(const json_t *server);

typedef struct {
    json_t *put;     /* owned: tags to be set on the server */
    json_t *remove;  /* owned: array of keys to be taken off */
    json_t *keys;    /* owned: array, keys copied from now on */
    size_t  dropped; /* tags that do not fit or are malformed */
} drs_tagsync_diff_t;

/*
 * tags: of EC2, [{"Key", "Value"}].  have: tags of the source server.
 * managed: array of keys that were copied before (NULL: none); of these, those
 * that the instance no longer has are taken off, everything else on the server
 * stays.  Keys beginning "aws:" and pairs beyond 128 and 256 characters are
 * left out; a server has at most 50 tags: Name first, then in order of keys.
 * DRS_OK or DRS_ERROR (memory).
 */
int  drs_tagsync_diff(const json_t *tags, const json_t *have,
                      const json_t *managed, drs_tagsync_diff_t *out);
void drs_tagsync_diff_free(drs_tagsync_diff_t *d);


/* -- settings ------------------------------------------------------------- */

/*
 * CF4: *doc is the document to be stored; old may be NULL.  MISSING_PARAMETER,
 * INVALID_PARAMETER.
 */
int drs_tagsync_settings(drs_model_error_t *e, const json_t *body,
                         const json_t *old, const drs_model_env_t *env,
                         json_t **doc);

/* Body of CF3; doc NULL: nothing is configured. */
json_t *drs_tagsync_settings_view(const json_t *doc);


/* -- runs ----------------------------------------------------------------- */

/* DRS4: {accountId?, region?}; *sync: 1 if the caller waits. */
int drs_tagsync_request(drs_model_error_t *e, const json_t *body,
                        const drs_model_env_t *env, json_t **out, int *sync);

/*
 * Body of DRS11: the record of the last run (NULL: none) and, while one runs,
 * what it was asked for.
 */
json_t *drs_tagsync_status_view(const json_t *run, const json_t *want);

/* Sums over the accounts of a run, as DRS4 answers them. */
json_t *drs_tagsync_result(const json_t *accounts, int single);


#endif /* DRS_TAGSYNC_H_INCLUDED */
