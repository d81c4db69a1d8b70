
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Roles and permissions: api.md 1.3, security.md 2 and 4.3.
 */

#ifndef DRS_RBAC_H_INCLUDED
#define DRS_RBAC_H_INCLUDED


#include "drs_str.h"


typedef enum {
    DRS_PERM_REGISTER_ACCOUNTS = 0,
    DRS_PERM_DELETE_ACCOUNTS,
    DRS_PERM_MODIFY_ACCOUNTS,
    DRS_PERM_VIEW_ACCOUNTS,
    DRS_PERM_START_RECOVERY,
    DRS_PERM_STOP_RECOVERY,
    DRS_PERM_TERMINATE_INSTANCES,
    DRS_PERM_VIEW_EXECUTIONS,
    DRS_PERM_CREATE_PROTECTION_GROUPS,
    DRS_PERM_DELETE_PROTECTION_GROUPS,
    DRS_PERM_MODIFY_PROTECTION_GROUPS,
    DRS_PERM_VIEW_PROTECTION_GROUPS,
    DRS_PERM_CREATE_RECOVERY_PLANS,
    DRS_PERM_DELETE_RECOVERY_PLANS,
    DRS_PERM_MODIFY_RECOVERY_PLANS,
    DRS_PERM_VIEW_RECOVERY_PLANS,
    DRS_PERM_EXPORT_CONFIGURATION,
    DRS_PERM_IMPORT_CONFIGURATION,
    DRS_PERM_AUDIT_READ,
    DRS_PERM_N /* 19 */
} drs_perm_t;

typedef enum {
    DRS_ROLE_ADMIN = 0, /* DRSOrchestrationAdmin */
    DRS_ROLE_MANAGER,   /* DRSRecoveryManager */
    DRS_ROLE_PLANNER,   /* DRSPlanManager */
    DRS_ROLE_OPERATOR,  /* DRSOperator */
    DRS_ROLE_READONLY,  /* DRSReadOnly */
    DRS_ROLE_AUDITOR,   /* DRSAuditor */
    DRS_ROLE_N
} drs_role_t;

/* Sets of permissions and of roles: bit n stands for enum value n. */
typedef uint32_t drs_perms_t;
typedef uint32_t drs_roles_t;

#define drs_perm_bit(p) ((drs_perms_t) 1 << (p))
#define drs_role_bit(r) ((drs_roles_t) 1 << (r))

#define DRS_PERMS_ALL (drs_perm_bit(DRS_PERM_N) - 1)


/* A group name of the identity provider, exact and case-sensitive. */
typedef struct {
    drs_str_t  group;
    drs_role_t role;
} drs_rbac_alias_t;

typedef struct {
    const drs_rbac_alias_t *aliases; /* additional names, may be NULL */
    size_t                  n;
    unsigned                no_role_names; /* role names are not groups */
    unsigned                no_legacy;     /* "aws:admin" ... off */
    unsigned                no_defaults;   /* "DRS-Administrator" ... off */
} drs_rbac_map_t;


/* Static names, or NULL for a value outside the enum. */
const char *drs_perm_name(drs_perm_t p);
const char *drs_role_name(drs_role_t r);

/* Enum value, or -1.  Exact. */
int drs_perm_by_name(drs_str_t name);
int drs_role_by_name(drs_str_t name);

/* Permissions of one role. */
drs_perms_t drs_role_perms(drs_role_t r);

/* Union over a set of roles. */
drs_perms_t drs_roles_perms(drs_roles_t roles);

/* 1 if the set has the permission. */
int drs_perms_has(drs_perms_t set, drs_perm_t p);

/*
 * Role of one group, or -1 if unknown.  `map` NULL: the table of api.md 1.3.
 */
int drs_rbac_role_of_group(const drs_rbac_map_t *map, drs_str_t group);

/* Union of the roles of all known groups. */
drs_roles_t
drs_rbac_roles(const drs_rbac_map_t *map, const drs_str_t *groups, size_t n);

/* "DRSOperator,DRSAuditor" into dst; returns the length (cut to size - 1). */
size_t drs_roles_text(char *dst, size_t size, drs_roles_t roles);

/* Reads the form of drs_roles_text(); DRS_DECLINED for an unknown name. */
int drs_roles_parse(drs_str_t text, drs_roles_t *roles) DRS_MUST_CHECK;


#endif /* DRS_RBAC_H_INCLUDED */
