/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Export and import of groups and plans, schema 1.1 (api.md 4.8, data-model.md
 * 13): the parts that need neither store nor AWS.
 *
 * How an import runs: drs_config_parse(); for each element of `groups` in
 * order drs_config_group(), which gives the body for
 * drs_model_group_create(); then for each element of `plans`
 * drs_config_plan(), which gives the body for drs_model_plan_create().  Every
 * verdict goes to the result.  Names that were created (or would be, in a dry
 * run) are known to the result, so that plans of the same document find their
 * groups.
 */

#ifndef DRS_CONFIG_IO_H_INCLUDED
#define DRS_CONFIG_IO_H_INCLUDED


#include "drs_model.h"


#define DRS_CONFIG_SCHEMA "1.1"


/* -- export ------------------------------------------------------------------ */

typedef struct {
    const json_t *groups; /* array of group documents, any order */
    const json_t *plans;
    drs_str_t     exported_by;
    drs_str_t     region; /* of the hub */
    drs_str_t     account;
    int64_t       now_s;
} drs_config_export_t;

/*
 * The document of CF1, in order of names.  Ids, versions, dates and external
 * ids are left out; groups are named.  New reference or NULL without memory.
 */
json_t *drs_config_export(const drs_config_export_t *x);


/* -- import ------------------------------------------------------------------- */

typedef struct {
    json_t *groups; /* borrowed arrays, never NULL */
    json_t *plans;
    int     dry_run;
} drs_config_import_t;

/*
 * Body of CF2: {config, dryRun?} or the document itself.  `dry_run` is the
 * query parameter.  Failures: INVALID_PARAMETER, UNSUPPORTED_SCHEMA_VERSION
 * {supportedVersions}.  *none is set to an empty array that the caller owns
 * (stands for absent lists).
 */
int drs_config_parse(drs_model_error_t *e, const json_t *body, int dry_run,
                     drs_config_import_t *out, json_t **none);


/* What happened so far. */
typedef struct {
    int     dry_run;
    json_t *created, *skipped, *failed; /* ImportItem[] */
    int     count[2][3];  /* groups, plans x created, skipped, .. */
    json_t *group_ids;    /* folded name -> id of this import */
    json_t *group_failed; /* folded name -> true */
    json_t *names[2];     /* folded name -> true, seen in the file */
} drs_config_result_t;

typedef enum {
    DRS_CONFIG_GROUP = 0,
    DRS_CONFIG_PLAN
} drs_config_kind_t;

typedef enum {
    DRS_CONFIG_CREATED = 0,
    DRS_CONFIG_SKIPPED,
    DRS_CONFIG_FAILED
} drs_config_verdict_t;

/* DRS_OK or DRS_ERROR (memory). */
int  drs_config_result_init(drs_config_result_t *r, int dry_run);
void drs_config_result_free(drs_config_result_t *r);

/*
 * Adds one item.  `reason` may be NULL; `details` is stolen and may be NULL.
 * For a created group `id` is its id (in a dry run any id that is unique).
 */
void drs_config_result_add(drs_config_result_t *r, drs_config_kind_t kind,
                           drs_str_t name, drs_config_verdict_t verdict,
                           const char *reason, json_t *details, drs_str_t id);

/* The same for a failure of a model or of the store: CREATE_ERROR {code,
 * message} and the fields of the error. */
void drs_config_result_error(drs_config_result_t *r, drs_config_kind_t kind,
                             drs_str_t name, const drs_model_error_t *e);

/* The 200 body of CF2; new reference. */
json_t *
drs_config_result_body(const drs_config_result_t *r, drs_str_t correlation_id);


/* Id of an existing object by folded name, or { 0, NULL }; the store's. */
typedef drs_str_t (*drs_config_find_pt)(void *data, drs_config_kind_t kind,
                                        drs_str_t folded);

/*
 * Looks at one group of the document.  DRS_OK: *body (new) is for
 * drs_model_group_create(); the caller goes on and adds the verdict.
 * DRS_DECLINED: the verdict (skipped or failed) has been added.
 */
int drs_config_group(drs_config_result_t *r, const json_t *item,
                     drs_config_find_pt find, void *data, json_t **body);

/*
 * The same for a plan: waves name ids of groups of this import first, then
 * existing ones.  CASCADE_FAILURE, MISSING_PROTECTION_GROUP, ALREADY_EXISTS.
 */
int drs_config_plan(drs_config_result_t *r, const json_t *item,
                    drs_config_find_pt find, void *data, json_t **body);


#endif /* DRS_CONFIG_IO_H_INCLUDED */
