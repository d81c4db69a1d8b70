/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch settings of groups and servers: formats (data-model.md 4.2, 4.3),
 * merge rule (api.md 2.2), status documents (api.md 2.3).
 */

#ifndef DRS_MODEL_LAUNCH_H_INCLUDED
#define DRS_MODEL_LAUNCH_H_INCLUDED


#include "drs_model.h"


#define DRS_LAUNCH_EMPTY_HASH "sha256:empty"
#define DRS_LAUNCH_HASH_SIZE  (sizeof("sha256:") + 64)


/*
 * A group's `launchConfig`: a new object with the known members, null ones
 * left out, unknown ones ignored; NULL if `v` is absent.  Failures:
 * INVALID_LAUNCH_CONFIG, INVALID_SECURITY_GROUPS, INVALID_LAUNCH_CONFIG_FORMAT
 * {validationErrors}.
 */
int
drs_model_launch_config(drs_model_error_t *e, const json_t *v, json_t **out);

/*
 * `servers[]`: a new array of ServerLaunchConfig; NULL if absent.  Entries
 * that use the group's settings and override nothing are left out.  `members`
 * is the array of the group's server ids, or NULL when they are not known yet
 * (tag groups).  `defaults` is the group's normalised launchConfig or NULL.
 * Failures: INVALID_SERVERS, BLOCKED_FIELDS_PRESENT {blockedFields},
 * UNKNOWN_FIELDS_PRESENT {unknownFields}, INVALID_LAUNCH_CONFIG_FORMAT.
 */
int drs_model_launch_servers(drs_model_error_t *e, const json_t *v,
                             const json_t *members, const json_t *defaults,
                             json_t **out);

/*
 * Checks one per-server template (the body of the per-server endpoints too):
 * blocked fields first, then unknown ones, then formats.  A new object.
 */
int drs_model_launch_template(drs_model_error_t *e, const json_t *v,
                              const char *at, json_t **out);

/*
 * Effective settings of a server: its entry in the group's `servers`, laid
 * over `launchConfig` (api.md 2.2).  A new object, {} if nothing is set.
 */
json_t *drs_model_launch_effective(const json_t *group, drs_str_t server_id);

/* The server's entry in group.servers, or NULL.  Borrowed. */
json_t *drs_model_launch_entry(const json_t *group, drs_str_t server_id);

/* "sha256:<hex>" of the canonical text; DRS_LAUNCH_EMPTY_HASH for {}. */
int
drs_model_launch_hash(char dst[DRS_LAUNCH_HASH_SIZE], const json_t *effective);

/* 1 if the group sets anything that would be applied to a server. */
int drs_model_launch_configured(const json_t *group);

/*
 * A fresh LaunchConfigStatus.  `status` is "not_configured" or "pending";
 * `sync_job_id` may be empty (null).  `total` servers.
 */
json_t *drs_model_launch_status(const char *status, drs_str_t group_id,
                                drs_str_t sync_job_id, size_t total);

/*
 * Puts a pending launchConfigStatus into the group (not_configured if nothing
 * is set).  `job_id` may be empty; `by` is who asks.
 */
void drs_model_launch_pending(json_t *group, drs_str_t job_id, drs_str_t by);

/*
 * Remembers in doc the static addresses that servers of `old` had and have no
 * longer, so that they are taken out of their launch templates.
 */
void drs_model_launch_release(const json_t *old, json_t *doc);

/* The address to be taken away from a server; empty if none. */
drs_str_t drs_model_launch_released(const json_t *group, drs_str_t server);

/* Number of servers of a status that no job has begun yet. */
void drs_model_launch_total(json_t *group);

/*
 * The status if a job is running or, with an id, waiting ("syncing",
 * "pending"): settings and servers cannot change then.  Else the empty view.
 */
drs_str_t drs_model_launch_busy(const json_t *group);

/*
 * Rules that need the resolved members: a group-level address with more than
 * one server, entries for servers outside the group, the same address twice
 * in a subnet.
 */
int drs_model_launch_members(drs_model_error_t *e, const json_t *group,
                             const json_t *members);


#endif /* DRS_MODEL_LAUNCH_H_INCLUDED */
