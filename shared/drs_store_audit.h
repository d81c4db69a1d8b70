
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls about the audit trail (docs/audit.md).  General rules: drs_store.h.
 */

#ifndef DRS_STORE_AUDIT_H_INCLUDED
#define DRS_STORE_AUDIT_H_INCLUDED


#include <jansson.h>

#include "drs_store.h"


/* The chain is not where the caller saw it; {seq, hash} as details. */
#define DRS_STORE_HEAD_MOVED "AUDIT_HEAD_MOVED"

/* The stream holds an id above the last sealed one: it was tampered with. */
#define DRS_STORE_STREAM_AHEAD "AUDIT_STREAM_AHEAD"


/*
 * Appends sealed entries behind entry `seq` with hash `hash` (0 and "" for the
 * first one) and removes their raw entries, in one step.  Answer: the new last
 * seq.  Refusals: the two above.
 */
drs_cmd_t *drs_store_audit_seal(drs_str_t p, uint64_t seq, drs_str_t hash);

/* One entry of the call; text is its JSON.  DRS_OK or DRS_ERROR. */
int drs_store_audit_seal_entry(drs_cmd_t *c, drs_str_t raw_id,
                               const json_t *entry, drs_str_t text);

/* Removes entries before a time, at most `max`.  Answer: how many. */
drs_cmd_t *drs_store_audit_trim(drs_str_t p, int64_t before_ms, unsigned max);

/*
 * Raw entry of a refused request without a known caller, sampled per address
 * over span_ms.  entry: a JSON object's text without "after".
 */
drs_cmd_t *drs_store_audit_sample(drs_str_t p, drs_str_t address,
                                  int64_t span_ms, drs_str_t entry);

/*
 * Entries newest first: from_ms and to_ms inclusive (-1: open), before an id
 * (empty: from the newest).  Then drs_store_audit_filter() for each filter.
 * Answer: the id to go on before or "-", then entries as JSON.  A page may be
 * short, or empty, although there is more.
 */
drs_cmd_t *drs_store_audit_find(drs_str_t p, int64_t from_ms, int64_t to_ms,
                                drs_str_t before, unsigned limit);

/* name: actor, action, type, resource, outcome, correlation. */
int drs_store_audit_filter(drs_cmd_t *c, const char *name, drs_str_t value);


#endif /* DRS_STORE_AUDIT_H_INCLUDED */
