/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a document before it is imported (api.md CF5, data-model.md 13.3):
 * the validators of single groups and plans, and what only the whole document
 * tells.  Nothing is changed and AWS is not asked.
 *
 * drs_manifest_parse(), then drs_manifest_refs() for the groups that the store
 * has to know, then drs_manifest_check().
 */

#ifndef DRS_MODEL_MANIFEST_H_INCLUDED
#define DRS_MODEL_MANIFEST_H_INCLUDED


#include "drs_model.h"


/*
 * Body: {manifest, correlationId?} or the manifest itself.  *manifest is
 * borrowed, *correlation a view or empty.  INVALID_PARAMETER.
 */
int drs_manifest_parse(drs_model_error_t *e, const json_t *body,
                       const json_t **manifest, drs_str_t *correlation);

/*
 * Groups that waves name and the document does not have: {"names": [folded
 * names], "ids": [ids]}, each once; new reference.
 */
json_t *drs_manifest_refs(const json_t *manifest);

/*
 * The report.  known: {"names": {folded name: true}, "ids": {id: true}} of
 * stored groups.  New reference, NULL without memory.
 */
json_t *drs_manifest_check(const json_t *manifest, const json_t *known,
                           const drs_model_env_t *env, drs_str_t correlation);


#endif /* DRS_MODEL_MANIFEST_H_INCLUDED */
