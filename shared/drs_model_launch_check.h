/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Full validation of launch settings against what AWS knows (data-model.md
 * 4.4): first it is collected what has to be looked up, then the facts decide.
 *
 * Look-ups and facts are objects of the same form:
 *
 *   { "subnets":   { "subnet-…": {CidrBlock, VpcId, AvailabilityZone} | null },
 *     "groups":    { "sg-…": {VpcId} | null },
 *     "types":     { "m5.large": ["eu-west-1a", …] },
 *     "profiles":  { "name": true | false },
 *     "addresses": { "<subnet> <ip>": [{type, id, name?, isDrsResource?,
 *                                       sourceServerId?}] },
 *     "failed":    { "subnets": "text", … } }
 *
 * In look-ups every value is null; null among the facts: does not exist.  A
 * kind in `failed` could not be asked: AWS_API_ERROR (fail closed).
 */

#ifndef DRS_MODEL_LAUNCH_CHECK_H_INCLUDED
#define DRS_MODEL_LAUNCH_CHECK_H_INCLUDED


#include "drs_model_launch.h"


typedef struct {
    const json_t *group; /* with the new settings */
    const json_t *old;   /* before; NULL: nothing to compare with */
    const json_t *facts;
    drs_str_t     server;
    const json_t *batch;  /* object id -> true of the servers of one
                                   request; NULL: one server */
    const json_t *others; /* array of other groups of the account and
                                   Region; NULL: not looked at */
} drs_launch_check_t;


/* A new, empty look-up. */
json_t *drs_launch_lookups(void);

/* Adds what effective settings need.  DRS_OK or DRS_ERROR (memory). */
int drs_launch_lookup(json_t *lookups, const json_t *effective);

/* 1 if nothing has to be asked. */
int drs_launch_lookups_empty(const json_t *lookups);

/*
 * Appends {field, error, message, …} for everything wrong with the effective
 * settings of the server, and sentences to `warnings` (NULL: not wanted).
 * Formats are taken as checked.
 */
void
drs_launch_check(const drs_launch_check_t *c, json_t *errors, json_t *warnings);

/*
 * The address part alone: MISSING_SUBNET, SUBNET_NOT_FOUND, INVALID_CIDR,
 * IP_NOT_PRIVATE, IP_OUT_OF_RANGE, IP_RESERVED, IP_IN_USE,
 * SUBNET_CHANGE_IP_INVALID.
 */
void drs_launch_check_ip(const drs_launch_check_t *c, const json_t *effective,
                         json_t *errors);

/*
 * PG4: a changed subnet of the group that no longer holds an address of one of
 * its servers.  drs_launch_moved() gives an array of the servers whose subnet
 * changed while their address stayed.
 */
json_t *drs_launch_moved(const json_t *old, const json_t *group);


/*
 * PG10: body {useGroupDefaults?, launchTemplate?}.  *entry is a new entry of
 * servers[], or NULL when the body asks for the group's settings as they are.
 * BLOCKED_FIELDS_PRESENT, UNKNOWN_FIELDS_PRESENT, VALIDATION_FAILED
 * {validationErrors, valid}.
 */
int drs_launch_override(drs_model_error_t *e, const json_t *body,
                        drs_str_t server, json_t **entry);

/*
 * PG13: body {servers}.  *entries is a new array of {sourceServerId, entry}
 * (entry null: the group's settings).  MISSING_FIELD, INVALID_TYPE,
 * VALIDATION_FAILED {validationErrors: [{index, sourceServerId, error,
 * message, …}]}.
 */
int drs_launch_overrides(drs_model_error_t *e, const json_t *body,
                         const json_t *group, json_t **entries);

/* VALIDATION_FAILED with the list (borrowed); always DRS_DECLINED. */
int drs_launch_invalid(drs_model_error_t *e, json_t *errors);

/* 1 if the server belongs to the group (sourceServerIds). */
int drs_launch_member(const json_t *group, drs_str_t server);

/*
 * The group with the entry (NULL: without one) of the server.  The caller
 * raises version and times.
 */
void drs_launch_set_entry(json_t *group, drs_str_t server, const json_t *entry);

/* Names of members that differ between two effective settings (new array). */
json_t *drs_launch_changed(const json_t *before, const json_t *after);

/* [{field, oldValue, newValue}] of the same, values as text or null. */
json_t *drs_launch_changes(const json_t *before, const json_t *after);


#endif /* DRS_MODEL_LAUNCH_CHECK_H_INCLUDED */
