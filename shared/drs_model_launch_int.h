/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the launch settings model share.
 */

#ifndef DRS_MODEL_LAUNCH_INT_H_INCLUDED
#define DRS_MODEL_LAUNCH_INT_H_INCLUDED


#include "drs_model_launch.h"


/*
 * Appends {field, error, message}: field is "<at>.<field>", message begins
 * with it.  An empty `at` leaves the bare field.
 */
void drs_launch_error(json_t *errors, const char *at, const char *field,
                      const char *code, const char *problem);

/* INVALID_LAUNCH_CONFIG_FORMAT {validationErrors}; always DRS_DECLINED. */
int drs_launch_format_error(drs_model_error_t *e, const char *field,
                            json_t *errors);


#endif /* DRS_MODEL_LAUNCH_INT_H_INCLUDED */
