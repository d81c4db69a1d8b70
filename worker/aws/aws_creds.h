
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials: where they come from, how long they live, who they are
 * (aws-wire facts: the AWS SDK reference guide, "Standardized credential
 * providers"; engine.md 5.4).
 */

#ifndef DRSW_AWS_CREDS_H
#define DRSW_AWS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws.h"


typedef struct {
    char       *access_key; /* NULL: no credentials */
    char       *secret_key;
    char       *token;       /* NULL: long-lived keys */
    char        account[16]; /* "" until verified */
    int64_t     obtained_at_s;
    int64_t     expires_at_s; /* 0: never */
    const char *source;       /* constant text for messages */
} drsw_creds_t;


/* Copies texts; -1 without memory (out is then empty). */
int
    drsw_creds_set(drsw_creds_t *out, const char *access_key,
                   const char *secret_key, const char *token, const char *source);
int drsw_creds_copy(drsw_creds_t *out, const drsw_creds_t *from);
/* Overwrites and frees. */
void drsw_creds_free(drsw_creds_t *creds);


/* --- sources (one file each) -------------------------------------------- */

typedef enum {
    DRSW_CREDS_FOUND = 0,
    DRSW_CREDS_NONE,  /* not configured: ask the next one */
    DRSW_CREDS_FAILED /* configured but unusable: res says why */
} drsw_creds_rc_e;


typedef struct {
    drsw_aws_t        *aws;
    const char        *region;      /* of STS calls */
    const char        *account;     /* for the observer; may be NULL */
    int64_t            deadline_ms; /* monotonic */
    drsw_aws_result_t *res;
} drsw_creds_fetch_t;


/* out is zeroed by the caller. */
drsw_creds_rc_e drsw_creds_env(drsw_creds_fetch_t *f, drsw_creds_t *out);
/* The chosen profile of the shared files: its role, or its keys. */
drsw_creds_rc_e
drsw_creds_profile_role(drsw_creds_fetch_t *f, drsw_creds_t *out);
drsw_creds_rc_e
drsw_creds_profile_keys(drsw_creds_fetch_t *f, drsw_creds_t *out);
drsw_creds_rc_e drsw_creds_container(drsw_creds_fetch_t *f, drsw_creds_t *out);
drsw_creds_rc_e drsw_creds_imds(drsw_creds_fetch_t *f, drsw_creds_t *out);
/* AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN */
drsw_creds_rc_e drsw_creds_web_env(drsw_creds_fetch_t *f, drsw_creds_t *out);
/* The same with given values; session_name NULL: default. */
drsw_creds_rc_e drsw_creds_web(drsw_creds_fetch_t *f, const char *role_arn,
                               const char *token_file, const char *session_name,
                               drsw_creds_t *out);


typedef struct {
    const char *role_arn;
    const char *external_id;     /* NULL: none */
    const char *session_name;    /* NULL: "drsorch" */
    const char *source_identity; /* NULL: none */
    int64_t     duration_s;      /* 0: 3,600 */
} drsw_assume_t;

/* AssumeRole with the given credentials.  user: the AssumedRoleUser object,
 * a new reference, or NULL when not wanted. */
drsw_creds_rc_e
drsw_creds_assume(drsw_creds_fetch_t *f, const drsw_creds_t *with,
                  const drsw_assume_t *role, drsw_creds_t *out, json_t **user);

/* {"AccessKeyId", "SecretAccessKey", <token_name>, "Expiration"}, the common
 * form of STS, container and metadata answers.  -1: incomplete. */
int drsw_creds_from_json(const json_t *doc, const char *token_name,
                         const char *source, int64_t now_s, drsw_creds_t *out);

/* Value of a key of the chosen profile ("region"); malloc'ed, NULL if none. */
char *drsw_creds_profile_value(drsw_aws_shared_t *sh, const char *key);


/* --- cache -------------------------------------------------------------- */

typedef struct drsw_creds_cache_s drsw_creds_cache_t;

drsw_creds_cache_t *drsw_creds_cache_create(void);
void                drsw_creds_cache_destroy(drsw_creds_cache_t *cache);

/* Credentials for the context, fetched, renewed and verified as needed.  One
 * thread fetches, others go on with the old ones or wait.  OK or the failure;
 * free out when OK. */
drsw_aws_class_e
drsw_creds_get(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, int64_t deadline_ms,
               drsw_creds_t *out, drsw_aws_result_t *res);

/* Forgets what is cached for the context, when it is that access key (NULL:
 * whatever it is, failures too). */
void drsw_creds_drop(drsw_aws_shared_t *sh, const drsw_aws_ctx_t *ctx,
                     const char *access_key);

#endif /* DRSW_AWS_CREDS_H */
