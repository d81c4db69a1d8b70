/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Groups, plans, accounts, users and source servers as callers see them
 * (api.md 2.4 to 2.6, 2.9, 4.2).  New references, NULL without memory.
 */

#ifndef DRS_VIEW_DOC_H_INCLUDED
#define DRS_VIEW_DOC_H_INCLUDED


#include <jansson.h>

#include "drs_rbac.h"
#include "drs_str.h"


/*
 * ProtectionGroup: a copy of the stored document completed with
 * protectionGroupId and defaults.  Documents that we wrote need nothing, so a
 * read may pass their bytes through (drs_view_group_complete).
 */
json_t *drs_view_group(const json_t *doc);
int     drs_view_group_complete(const json_t *doc);

/* 1 if the group belongs to the account; without one it is the own account. */
int drs_view_group_in_account(const json_t *doc, drs_str_t account,
                              drs_str_t own_account);


/*
 * RecoveryPlan of RP2 to RP4: stored document plus waveCount, and in each wave
 * serverIds (kept subset, else the groups' current ids) and serverCount.
 * `groups`: id -> group document.  `warnings` may be NULL.
 */
json_t *
drs_view_plan(const json_t *doc, const json_t *groups, const json_t *warnings);


/*
 * TargetAccount.  `secrets`: with externalId (single answers, callers with
 * modify_accounts only).
 */
json_t *drs_view_account(const json_t *doc, int secrets);

/* Sorts an array of accounts: own account first, then by name. */
json_t *drs_view_accounts_sorted(const json_t *list);


/* Caller of U1 to U3. */
typedef struct {
    drs_str_t        email;
    drs_str_t        user_id;
    drs_str_t        username;
    const drs_str_t *groups;
    size_t           n_groups;
    drs_roles_t      roles;
    drs_perms_t      perms;
    const json_t    *claims; /* of the token; may be NULL */
} drs_view_user_t;

json_t *drs_view_user_permissions(const drs_view_user_t *u);
json_t *drs_view_user_profile(const drs_view_user_t *u);
json_t *drs_view_user_roles(const drs_view_user_t *u);


/*
 * Server of api.md 2.5 from a SourceServer object of DRS (what the inventory
 * holds).  `group` is the protection group that the server is assigned to
 * (document, or NULL), `current` the id of the group being edited, `region`
 * the Region that was asked.
 */
json_t *drs_view_server(const json_t *server, drs_str_t region,
                        const json_t *group, drs_str_t current);

/* Display state of a raw replication state; unknown ones are themselves. */
drs_str_t drs_view_replication_state(drs_str_t raw);

/*
 * The group of `groups` (array of documents) that the server of this account
 * and Region is in: by id, or by its tags.  Borrowed, or NULL.
 */
json_t *drs_view_server_group(const json_t *server, const json_t *groups,
                              drs_str_t account, drs_str_t region,
                              drs_str_t own_account);


#endif /* DRS_VIEW_DOC_H_INCLUDED */
