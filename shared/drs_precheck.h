/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Precheck of a plan (api.md X-4, 10.4; ui.md 5.4): facts to checks and a
 * verdict.  What was asked of whom is the caller's; nothing is asked here.
 *
 * Facts, an object (times: epoch ms; every list may be absent):
 *
 *   planId, executionType, nowMs, strict: bool
 *   request        allowDegraded, allowUnknownLimits, confirmReplaceExisting,
 *                  recoveryPoint?
 *   rpoMs?         target of the plan
 *   maxParallel    waves at once that the plan can reach (a chain: 1)
 *   perUnit        servers of a launch unit (1 with a delay between servers)
 *   maxServersPerJob, maxSourceServers
 *   waves[]        waveNumber, waveName, emptyPolicy ("SKIP"|"FAIL"),
 *                  previousCount?, estimatedSeconds?, missingGroups[],
 *                  groups[] {groupId, groupName, accountId, region, count}
 *                  (count absent: the place does not answer),
 *                  servers[] {id, accountId, region, hostname,
 *                  replicationState, class ("OK"|"WARN"|"BLOCK"), reason,
 *                  lagDuration?, lastSeenMs?}
 *   places[]       accountId, region, error? (does not answer), code?,
 *                  staleText? (an inventory serves), own: bool,
 *                  validatedMs?, sourceServers?, jobsError?, currentJobs,
 *                  maxJobs, serversInJobs, maxServersInJobs, perUnit?
 *   staging[]      accountId, region, error?, currentJobs?, maxJobs,
 *                  serversInJobs?, maxServersInJobs, servers: count
 *   duplicates[]   serverIds
 *   executing?     executionId
 *   conflicts[]    ServerConflict
 *   existing[]     as RP6; existingRecoveries[], existingDrills[]: server ids;
 *                  existingErrors[] {accountId, region, error}
 *   pointsMissing[], pointsUnknown[]   server ids
 *   launchConfig[] groupId, groupName, status, driftedServers, failedServers,
 *                  invalid[] {serverId, message}, unknown?
 *   planChangedMs?, lastDrillMs?, drills: bool (false: history not read)
 *   criticalPath[], estimatedSeconds?
 *
 * A check that a start would refuse is FAIL; one that could not be made and
 * that a start does not need, or may leave out by an override that is given,
 * is UNKNOWN.  The verdict is NOT_READY with any FAIL.
 */

#ifndef DRS_PRECHECK_H_INCLUDED
#define DRS_PRECHECK_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


/* Precheck (api.md 10.4), a new object; NULL without memory. */
json_t *drs_precheck(const json_t *facts);

/*
 * Target of a plan (`rpo`: minutes as a number or text, or an ISO duration) in
 * ms; 0 when there is none that can be read.
 */
int64_t drs_precheck_target_ms(const json_t *rpo);


#endif /* DRS_PRECHECK_H_INCLUDED */
