
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Error codes of the API and the one envelope of all error bodies
 * (api.md 1.6, 1.7).  The HTTP status of an error is chosen here and nowhere
 * else.
 */

#ifndef DRS_ERROR_H_INCLUDED
#define DRS_ERROR_H_INCLUDED


#include <jansson.h>

#include "drs_buf.h"
#include "drs_error_table.h"


/* DRS_ERR_NONE, DRS_ERR_INVALID_INVOCATION, ... */
#define DRS_ERROR_ENUM(sym, code, error, http, retry, msg) DRS_ERR_##sym,

typedef enum {
    DRS_ERR_NONE = 0,
    DRS_ERROR_TABLE(DRS_ERROR_ENUM) DRS_ERR_N
} drs_err_t;


/* One error answer.  Views and json_t are borrowed, all but `err` optional. */
typedef struct {
    drs_err_t err;
    drs_str_t message; /* empty: the default message */

    /*
     * Object: each member goes to the top level and into `details`, as the
     * braces of api.md's error tables ask.
     */
    const json_t *fields;

    /* Object: merged into `details` only.  Array: is `details` itself. */
    const json_t *details;

    /* Object: top level only. */
    const json_t *top;

    drs_str_t request_id;
    int       retry_after_s; /* > 0: retryAfter */
} drs_error_t;


/* Status 100..599; 500 for a value outside the enum. */
int drs_err_status(drs_err_t err);

/* "EXECUTION_NOT_FOUND" */
const char *drs_err_code(drs_err_t err);

/* "NOT_FOUND"; never NULL. */
const char *drs_err_error(drs_err_t err);

const char *drs_err_message(drs_err_t err);
int         drs_err_retryable(drs_err_t err);

/* First row with this code; DRS_ERR_NONE if there is none. */
drs_err_t drs_err_by_code(drs_str_t code);

/* First row with this symbol ("SERVER_CONFLICT_RUN"); DRS_ERR_NONE. */
drs_err_t   drs_err_by_symbol(drs_str_t symbol);
const char *drs_err_symbol(drs_err_t err);


/*
 * The envelope as a new object: error, code, message, details, retryable,
 * retryAfter, requestId, then the other members.  NULL without memory.
 * error, code, message, retryable, retryAfter and requestId cannot be replaced
 * by members of fields or top.
 */
json_t *drs_error_object(const drs_error_t *e) DRS_MUST_CHECK;

/* Appends its compact text. */
int drs_error_body(drs_buf_t *b, const drs_error_t *e) DRS_MUST_CHECK;

/*
 * Body with a code of one parameter: details {parameter, value?, expected?},
 * for DRS_ERR_MISSING_PARAMETER and DRS_ERR_INVALID_PARAMETER.  Cuts `value`
 * at 200 bytes.
 */
json_t *
drs_error_parameter(drs_err_t err, const char *parameter, const json_t *value,
                    const char *expected, drs_str_t message,
                    drs_str_t request_id) DRS_MUST_CHECK;

/*
 * 403 of api.md 1.3.  One permission gives required_permission, several give
 * required_permissions; `roles` are the caller's roles.  Masks of drs_rbac.h.
 */
json_t *drs_error_forbidden(uint32_t required_perms, uint32_t roles,
                            drs_str_t request_id) DRS_MUST_CHECK;


#endif /* DRS_ERROR_H_INCLUDED */
