
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the AWS client: for files of this folder only.
 */

#ifndef DRSW_AWS_INT_H
#define DRSW_AWS_INT_H

#include <pthread.h>

#include "aws.h"
#include "aws_breaker.h"
#include "aws_budget.h"
#include "aws_creds.h"
#include "aws_http.h"
#include "aws_ops.h"


#define DRSW_AWS_TIMEOUT_MS 60000


struct drsw_aws_shared_s {
    char             *endpoint_url;
    char             *ca_bundle;
    char             *region; /* home Region or NULL */
    char             *profile;
    bool              profile_given; /* by configuration */
    char             *user_agent;
    char             *file_endpoint; /* of the profile or NULL */
    bool              fips;
    bool              dual_stack;
    int64_t           connect_timeout_ms;
    int64_t           read_timeout_ms;
    int64_t           session_duration_s;
    drsw_aws_config_t hooks; /* observer and hooks only */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t  cond; /* CLOCK_MONOTONIC */
    bool            stopping;
    int64_t         skew_s; /* AWS's clock minus ours */

    drsw_creds_cache_t *creds;
    drsw_budget_t      *budget;
    drsw_breaker_t     *breaker;
};


struct drsw_aws_s {
    drsw_aws_shared_t   *sh;
    drsw_http_t         *http;
    drsw_aws_lane_e      lane;
    const char          *reserved; /* operation whose token is taken */
    drsw_aws_observer_pt observer; /* of this client, or NULL */
    void                *observer_data;
};


/* One operation with all that the public calls hide. */

typedef struct {
    const drsw_aws_service_t *service;
    const drsw_aws_op_t      *op;
    const drsw_aws_ctx_t     *ctx;
    const json_t             *input;
    const drsw_creds_t       *creds; /* NULL: those of the context */
    bool                      no_sign;
    int64_t                   sign_at_s;   /* 0: now */
    int64_t                   deadline_ms; /* monotonic */
    int                       max_attempts;
} drsw_exec_t;

/* output: the answer's object (empty if the body is); a new reference. */
drsw_aws_class_e drsw_aws_exec(drsw_aws_t *aws, const drsw_exec_t *exec,
                               json_t **output, drsw_aws_result_t *res);


/* The wire form of an operation; owned, free with drsw_aws_wire_free(). */

typedef struct {
    const char *method;
    drs_buf_t   path; /* as it goes out */
    drs_buf_t   query;
    drs_buf_t   body;
    const char *content_type; /* NULL: none */
    char        target[96];   /* X-Amz-Target, "" if none */
} drsw_aws_wire_t;

/* DRS_DECLINED: input refused, err names the member. */
int  drsw_aws_wire(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
                   const json_t *input, drsw_aws_wire_t *wire, char *err,
                   size_t errlen);
void drsw_aws_wire_free(drsw_aws_wire_t *wire);

/* Object of a 2xx answer; NULL: not understood. */
json_t *
drsw_aws_answer(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
                const drsw_http_response_t *resp, char *request_id,
                size_t idlen);


int64_t     drsw_aws_mono_ms(void);
int64_t     drsw_aws_now_ms(drsw_aws_shared_t *sh);
const char *drsw_env(drsw_aws_shared_t *sh, const char *name); /* NULL if "" */
bool        drsw_env_true(drsw_aws_shared_t *sh, const char *name);
bool        drsw_aws_stopping(drsw_aws_shared_t *sh);
/* Ends early when stopping; -1 then. */
int    drsw_sleep(drsw_aws_shared_t *sh, int64_t ms);
double drsw_aws_random(drsw_aws_shared_t *sh);
void   drsw_result_init(drsw_aws_result_t *res);

/* Whole small file, trailing white space cut; NULL: err says why. */
char *drsw_read_file(const char *path, size_t max, char *err, size_t errlen);

#endif /* DRSW_AWS_INT_H */
