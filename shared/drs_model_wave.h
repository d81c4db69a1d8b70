/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The waves of a plan: rules that need nothing but the list itself.
 */

#ifndef DRS_MODEL_WAVE_H_INCLUDED
#define DRS_MODEL_WAVE_H_INCLUDED


#include "drs_model.h"


/*
 * Normalised copy of a request's `waves`: numbers set to the index, aliases
 * `name` and `description` taken, protectionGroupIds always present, policies
 * filled with their defaults, opaque members kept.  serverIds stay as given
 * until drs_model_plan_bind().  Failures: INVALID_WAVES, INVALID_WAVE_DATA
 * {waveIndex}, INVALID_PARAMETER.
 */
int drs_model_waves(drs_model_error_t *e, const json_t *v, json_t **out);


#endif /* DRS_MODEL_WAVE_H_INCLUDED */
