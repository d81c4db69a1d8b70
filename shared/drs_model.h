/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What all request models share: the settings they look at, the error they
 * report, and checks of single fields (api.md 1.4, 1.11; security.md 7.2).
 *
 * A model takes a parsed body and gives a new document.  It never changes the
 * body, asks nobody and looks at no clock.  All checks run: the first failure,
 * in the order of api.md's tables, decides code and message, and
 * details.errors[] lists every failure as {field, code, message}.
 */

#ifndef DRS_MODEL_H_INCLUDED
#define DRS_MODEL_H_INCLUDED


#include <jansson.h>

#include "drs_error.h"
#include "drs_id.h"
#include "drs_json.h"
#include "drs_str.h"


#define DRS_NAME_MAX           64 /* groups, plans, waves, accounts */
#define DRS_DESCRIPTION_MAX    1000
#define DRS_OWNER_MAX          255
#define DRS_GROUP_SERVERS_MAX  1000 /* explicit ids of a group */
#define DRS_STRICT_SERVERS_MAX 100  /* per group and wave, limits strict */
#define DRS_STRICT_PLAN_MAX    500  /* per plan, limits strict */
#define DRS_TAGS_MAX           50
#define DRS_WAVES_MAX          1000

#define DRS_DEFAULT_EXTERNAL_ID "drs-orchestration-cross-account"
#define DRS_DEFAULT_ROLE_NAME   "DRSOrchestrationRole"


/* Settings and caller; views must outlive the call. */
typedef struct {
    const drs_str_t *regions; /* NULL: drs_id_default_regions */
    size_t           n_regions;
    drs_str_t        own_account; /* account of the hub; empty if unknown */
    drs_str_t        user;        /* label of the caller: e-mail or name */
    drs_str_t        email;       /* default owner; may be empty */
    drs_str_t        sync_job_id; /* uuid for a job that a write begins;
                                       empty: the worker makes one */
    int64_t          now_s;
    unsigned         strict; /* `limits strict` */
} drs_model_env_t;


typedef struct {
    drs_err_t err; /* DRS_ERR_NONE while all is well */
    char      message[320];
    json_t   *fields;  /* owned: top level and details; or NULL */
    json_t   *details; /* owned: details only, with errors[] */
} drs_model_error_t;


void drs_model_error_init(drs_model_error_t *e);
void drs_model_error_free(drs_model_error_t *e);

/* DRS_OK, or DRS_DECLINED once something failed. */
int drs_model_result(const drs_model_error_t *e);

/* Fills an answer for drs_error_object(); borrows everything from *e. */
void drs_model_error_view(const drs_model_error_t *e, drs_error_t *out);

/* The envelope {error, code, message, details, ...} of *e; new reference. */
json_t *drs_model_error_body(const drs_model_error_t *e, drs_str_t request_id);

/*
 * Reports a failure of `field` (a path such as "waves[2].waveName").  `fields`
 * (stolen, may be NULL) holds the extra members of this error; it is kept only
 * for the first failure.  Where callers see MISSING_PARAMETER, details name
 * the field as `parameter`.  Always DRS_DECLINED.
 */
int drs_model_fail(drs_model_error_t *e, drs_err_t err, const char *field,
                   json_t *fields, const char *fmt, ...) DRS_PRINTF(5, 6);

/*
 * The same for MISSING_FIELD ({field}) and INVALID_PARAMETER (details
 * {parameter, value?, expected}).
 */
int drs_model_missing(drs_model_error_t *e, drs_err_t err, const char *field);
int drs_model_invalid(drs_model_error_t *e, const char *field,
                      const json_t *value, const char *expected);


/* First of the names that is present and not null, or NULL.  Borrowed. */
json_t *
drs_model_alias(const json_t *body, const char *name, const char *alias);

/*
 * Checks of security.md 7.2.  All of them give a new JSON value in *out (NULL
 * if the field is absent or bad) and DRS_DECLINED after drs_model_fail().
 */

/* Name: trimmed, 1 to 64 code points, no controls: INVALID_NAME. */
int drs_model_name(drs_model_error_t *e, const json_t *v, const char *field,
                   json_t **out);

/*
 * Text of at most `max` code points; `err` names the code (VALIDATION_ERROR,
 * INVALID_PARAMETER).  Absent or null gives NULL.  Trimmed.
 */
int
drs_model_text(drs_model_error_t *e, const json_t *v, const char *field,
               size_t max, unsigned utf8_flags, drs_err_t err, json_t **out);

/* Exact types; absent gives DRS_OK and leaves *out alone. */
int drs_model_bool(drs_model_error_t *e, const json_t *v, const char *field,
                   int *out);
int drs_model_int(drs_model_error_t *e, const json_t *v, const char *field,
                  int64_t min, int64_t max, int64_t *out);

/* One of a NULL-terminated list; *out is the list's member. */
int drs_model_enum(drs_model_error_t *e, const json_t *v, const char *field,
                   const char *const *list, const char **out);

/* Tag map: at most 50, keys 1-128 without "aws:", values 0-256, trimmed. */
int drs_model_tags(drs_model_error_t *e, const json_t *v, const char *field,
                   drs_err_t err, json_t **out);

/*
 * `version` (alias `Version`): *version = 0 if absent.  An integer from 1,
 * else INVALID_PARAMETER (api.md 1.10).
 */
int
drs_model_version(drs_model_error_t *e, const json_t *body, int64_t *version);

/* VERSION_CONFLICT {expectedVersion, currentVersion, resourceId}. */
int drs_model_version_conflict(drs_model_error_t *e, int64_t expected,
                               int64_t current, drs_str_t id);

/* The version of a stored document; missing counts as 1. */
int64_t drs_model_doc_version(const json_t *doc);

/* 1 if the Region is in the list of *env. */
int drs_model_region_known(const drs_model_env_t *env, drs_str_t region);


/*
 * The matcher of selection tags (api.md PG6): every pair of `want` must be in
 * `have`; keys exact after trimming, values ignoring case after trimming.  An
 * empty `want` matches nothing.
 */
int drs_model_tags_match(const json_t *want, const json_t *have);

/*
 * Canonical text of a tag map for the index of identical maps: sorted, keys
 * trimmed, values trimmed and case folded.  DRS_ERROR without memory.
 */
int drs_model_tags_canonical(drs_buf_t *b, const json_t *tags);

/* Lower-case hex SHA-256 of the canonical text. */
int drs_model_tags_hash(char dst[65], const json_t *tags);


#endif /* DRS_MODEL_H_INCLUDED */
