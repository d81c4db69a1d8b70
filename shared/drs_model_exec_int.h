/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Parts that the requests about executions share.  Each adds its members to
 * `out` and reports failures to *e.
 */

#ifndef DRS_MODEL_EXEC_INT_H_INCLUDED
#define DRS_MODEL_EXEC_INT_H_INCLUDED


#include "drs_model_exec_req.h"


#define DRS_REQ_REASON_MAX 1000


/* Text of at most `max` code points; empty counts as absent. */
void drs_req_text(drs_model_error_t *e, const json_t *body, const char *field,
                  size_t max, json_t *out);

/* Boolean, false by default; always set.  Returns its value. */
int drs_req_flag(drs_model_error_t *e, const json_t *body, const char *field,
                 json_t *out);

/* allowDegraded, allowUnknownLimits and the reason that they need. */
void drs_req_overrides(drs_model_error_t *e, const json_t *body, json_t *out);

/* executionType, required. */
void drs_req_type(drs_model_error_t *e, const json_t *body, json_t *out);

/* Subset of waves; recoveryPoint and recoverySnapshots. */
void drs_req_waves(drs_model_error_t *e, const json_t *body, json_t *out);
void drs_req_point(drs_model_error_t *e, const json_t *body, json_t *out);

/* RECOVERY_PLAN_NOT_FOUND for a planId of the wrong form. */
void drs_req_plan_form(drs_model_error_t *e, json_t *out);

/* *out is the document, or NULL when something failed. */
int drs_req_finish(drs_model_error_t *e, json_t *doc, json_t **out);


#endif /* DRS_MODEL_EXEC_INT_H_INCLUDED */
