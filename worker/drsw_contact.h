
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * First contact with a real AWS account (docs/first-contact.md): what we
 * believe about AWS from its documentation alone is looked up in an account,
 * with calls that only read, or with DryRun where EC2 has it.
 *
 * A check never guesses: what the account shows nothing about is "not tested",
 * with the reason.
 */

#ifndef DRSW_CONTACT_H
#define DRSW_CONTACT_H


#include <jansson.h>

#include "aws.h"
#include "drs_str.h"
#include "drsw_config.h"


typedef enum {
    DRSW_CONTACT_HELD = 0,
    DRSW_CONTACT_BROKEN, /* did not hold */
    DRSW_CONTACT_OPEN    /* could not be tested */
} drsw_contact_verdict_e;


/* What became of one assumption. */

typedef struct {
    drsw_contact_verdict_e verdict;
    char                   asked[200];   /* calls, or what was looked at */
    char                   text[600];    /* what was seen, or why not tested */
    char                   missing[100]; /* permission that was missing */
} drsw_contact_finding_t;


/* What was read once and is looked at by many checks. */

typedef enum {
    DRSW_CONTACT_SERVERS = 0, /* array of SourceServer */
    DRSW_CONTACT_JOBS,        /* array of Job, in the order of the answer */
    DRSW_CONTACT_INSTANCES,   /* array of RecoveryInstance */
    DRSW_CONTACT_LOGS,        /* object: job id -> array of JobLog */
    DRSW_CONTACT_LAUNCH,      /* array of launch configurations */
    DRSW_CONTACT_REPLICATION, /* array of replication configurations */
    DRSW_CONTACT_TEMPLATES,   /* array of LaunchTemplateVersion, default ones */
    DRSW_CONTACT_QUOTAS,      /* array of ServiceQuota of "drs" */
    DRSW_CONTACT_REGIONS,     /* array of Region, all */
    DRSW_CONTACT_DATA_N
} drsw_contact_data_e;

typedef struct {
    const char       *call; /* "drs:DescribeJobs": action of IAM, too */
    json_t           *v;    /* NULL: res says why */
    drsw_aws_result_t res;
} drsw_contact_data_t;


typedef struct {
    const drsw_config_t *conf;
    drsw_aws_t          *aws;
    drsw_aws_ctx_t       ctx;
    int                  sample; /* servers and jobs looked at one by one */
    int                  days;   /* of jobs */
    int64_t              now_s;
    char                 account[16]; /* who we are */
    char                 arn[512];
    json_t              *permissions; /* object: action -> {status, text} */
    unsigned             calls;
    drsw_contact_data_t  data[DRSW_CONTACT_DATA_N];
} drsw_contact_t;


typedef struct {
    const char *id;
    const char *question;
    const char *matters; /* what of ours stands on it */
    void (*test)(drsw_contact_t *a, drsw_contact_finding_t *f);
} drsw_contact_row_t;

/* The checks, in order; the last ones disturb nothing after them. */
extern const drsw_contact_row_t drsw_contact_rows[];
extern const size_t             drsw_contact_n_rows;

/* The checks themselves, in files by what they look at. */
typedef void drsw_contact_test_t(drsw_contact_t *a, drsw_contact_finding_t *f);

drsw_contact_test_t drsw_contact_q1, drsw_contact_q2, drsw_contact_q3,
    drsw_contact_q4, drsw_contact_q5, drsw_contact_q6, drsw_contact_q7,
    drsw_contact_q8, drsw_contact_q9, drsw_contact_q10, drsw_contact_q11,
    drsw_contact_q12, drsw_contact_q13, drsw_contact_q14, drsw_contact_q15,
    drsw_contact_q16, drsw_contact_q17, drsw_contact_q18, drsw_contact_q19,
    drsw_contact_q20, drsw_contact_identity, drsw_contact_enums,
    drsw_contact_times, drsw_contact_ids, drsw_contact_filters,
    drsw_contact_unknown_id, drsw_contact_log_order, drsw_contact_template,
    drsw_contact_dry_run, drsw_contact_quotas, drsw_contact_tags,
    drsw_contact_staging, drsw_contact_missing_instance, drsw_contact_signature,
    drsw_contact_listing;


/* -- asking (drsw_contact_ask.c) --------------------------------------------- */

/*
 * One call.  Refused with LocalNotReadOnly, and nothing sent, unless the
 * operation is one that reads or the input says DryRun to EC2.  ctx NULL: the
 * account's.  Takes input.  What the answer says about the permission is kept.
 */
drsw_aws_class_e
drsw_contact_call(drsw_contact_t *a, const drsw_aws_ctx_t *ctx,
                  const char *service, const char *operation, json_t *input,
                  bool pages, json_t **output, drsw_aws_result_t *res);

/* Reads everything that checks look at.  Failures are kept, not returned. */
void drsw_contact_read(drsw_contact_t *a);
void drsw_contact_forget(drsw_contact_t *a);

/*
 * Data of one kind, NULL if it could not be read: then *f is filled.  The
 * kind's call is added to what was asked.
 */
const json_t *drsw_contact_need(drsw_contact_t *a, drsw_contact_finding_t *f,
                                drsw_contact_data_e kind);

/* Verdict with its text. */
void drsw_contact_say(drsw_contact_finding_t *f, drsw_contact_verdict_e verdict,
                      const char *fmt, ...) DRS_PRINTF(3, 4);

/* A failed call as a verdict "not tested". */
void drsw_contact_failed(drsw_contact_finding_t *f, const char *action,
                         const drsw_aws_result_t *res);

/* Epoch seconds, milliseconds of a text member, -1 if absent or unreadable. */
int64_t drsw_contact_time(const json_t *doc, const char *name);
int64_t drsw_contact_time_ms(const json_t *doc, const char *name);


/* -- permissions (drsw_contact_perm.c) ---------------------------------------- */

/* Notes what an answer says about an action. */
void drsw_contact_permission(drsw_contact_t *a, const char *action,
                             const drsw_aws_result_t *res);

/* Asks IAM about the actions that no call could show. */
void drsw_contact_simulate(drsw_contact_t *a);

/* [{action, neededFor, status: allowed, denied, unclear or unknown, text?}]: a new
 * array. */
json_t *drsw_contact_permissions(const drsw_contact_t *a);


/*
 * drs-worker --check-assumptions [options].  Exit status: 0 nothing
 * contradicts us; 1 the account could not be asked; 2 usage; 3 something did
 * not hold.
 */
int drsw_contact_main(const drsw_config_t *conf, int argc, char **argv);


#endif /* DRSW_CONTACT_H */
