
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_rbac.h"


static const char *const drs_perm_names[DRS_PERM_N] = {
    "register_accounts",
    "delete_accounts",
    "modify_accounts",
    "view_accounts",
    "start_recovery",
    "stop_recovery",
    "terminate_instances",
    "view_executions",
    "create_protection_groups",
    "delete_protection_groups",
    "modify_protection_groups",
    "view_protection_groups",
    "create_recovery_plans",
    "delete_recovery_plans",
    "modify_recovery_plans",
    "view_recovery_plans",
    "export_configuration",
    "import_configuration",
    "audit_read"
};

static const char *const drs_role_names[DRS_ROLE_N] = {
    "DRSOrchestrationAdmin", "DRSRecoveryManager", "DRSPlanManager",
    "DRSOperator",           "DRSReadOnly",        "DRSAuditor"
};


#define BIT(p) drs_perm_bit(DRS_PERM_##p)

#define DRS_PERMS_VIEW                                                         \
    (BIT(VIEW_ACCOUNTS) | BIT(VIEW_EXECUTIONS) | BIT(VIEW_PROTECTION_GROUPS)   \
     | BIT(VIEW_RECOVERY_PLANS))

#define DRS_PERMS_RUN (BIT(START_RECOVERY) | BIT(STOP_RECOVERY))

#define DRS_PERMS_MODIFY                                                       \
    (BIT(MODIFY_PROTECTION_GROUPS) | BIT(MODIFY_RECOVERY_PLANS))

#define DRS_PERMS_LIFECYCLE                                                    \
    (BIT(CREATE_PROTECTION_GROUPS) | BIT(DELETE_PROTECTION_GROUPS)             \
     | BIT(CREATE_RECOVERY_PLANS) | BIT(DELETE_RECOVERY_PLANS))

static const drs_perms_t drs_role_table[DRS_ROLE_N] = {

    /* DRSOrchestrationAdmin */
    DRS_PERMS_ALL,

    /* DRSRecoveryManager */
    DRS_PERMS_ALL & ~(BIT(DELETE_ACCOUNTS) | BIT(AUDIT_READ)),

    /* DRSPlanManager */
    DRS_PERMS_VIEW | DRS_PERMS_RUN | DRS_PERMS_MODIFY | DRS_PERMS_LIFECYCLE,

    /* DRSOperator */
    DRS_PERMS_VIEW | DRS_PERMS_RUN | DRS_PERMS_MODIFY,

    /* DRSReadOnly */
    DRS_PERMS_VIEW,

    /* DRSAuditor */
    DRS_PERMS_VIEW | BIT(AUDIT_READ)
};

#undef BIT


/* names of older installations: an identity admin may create these */

static const drs_rbac_alias_t drs_rbac_legacy[] = {
    { drs_string("aws:admin"), DRS_ROLE_ADMIN },
    { drs_string("aws:admin-limited"), DRS_ROLE_MANAGER },
    { drs_string("aws:power-user"), DRS_ROLE_PLANNER },
    { drs_string("aws:operator"), DRS_ROLE_OPERATOR },
    { drs_string("aws:read-only"), DRS_ROLE_READONLY }
};

static const drs_rbac_alias_t drs_rbac_defaults[] = {
    { drs_string("DRS-Administrator"), DRS_ROLE_ADMIN },
    { drs_string("DRS-Infrastructure-Admin"), DRS_ROLE_MANAGER },
    { drs_string("DRS-Recovery-Plan-Manager"), DRS_ROLE_PLANNER },
    { drs_string("DRS-Operator"), DRS_ROLE_OPERATOR },
    { drs_string("DRS-Read-Only"), DRS_ROLE_READONLY },
    { drs_string("DRS-Auditor"), DRS_ROLE_AUDITOR }
};


const char *
drs_perm_name(drs_perm_t p)
{
    return (unsigned) p < DRS_PERM_N ? drs_perm_names[p] : NULL;
}


const char *
drs_role_name(drs_role_t r)
{
    return (unsigned) r < DRS_ROLE_N ? drs_role_names[r] : NULL;
}


static int
drs_rbac_index(const char *const *names, int n, drs_str_t name)
{
    int i;

    for (i = 0; i < n; i++) {
        if (drs_str_eqz(name, names[i])) {
            return i;
        }
    }

    return -1;
}


int
drs_perm_by_name(drs_str_t name)
{
    return drs_rbac_index(drs_perm_names, DRS_PERM_N, name);
}


int
drs_role_by_name(drs_str_t name)
{
    return drs_rbac_index(drs_role_names, DRS_ROLE_N, name);
}


drs_perms_t
drs_role_perms(drs_role_t r)
{
    return (unsigned) r < DRS_ROLE_N ? drs_role_table[r] : 0;
}


drs_perms_t
drs_roles_perms(drs_roles_t roles)
{
    int         r;
    drs_perms_t perms;

    perms = 0;

    for (r = 0; r < DRS_ROLE_N; r++) {
        if (roles & drs_role_bit(r)) {
            perms |= drs_role_table[r];
        }
    }

    return perms;
}


int
drs_perms_has(drs_perms_t set, drs_perm_t p)
{
    return (unsigned) p < DRS_PERM_N && (set & drs_perm_bit(p)) != 0;
}


static int
drs_rbac_lookup(const drs_rbac_alias_t *aliases, size_t n, drs_str_t group)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (drs_str_eq(aliases[i].group, group)
            && (unsigned) aliases[i].role < DRS_ROLE_N)
        {
            return (int) aliases[i].role;
        }
    }

    return -1;
}


int
drs_rbac_role_of_group(const drs_rbac_map_t *map, drs_str_t group)
{
    int                         role;
    static const drs_rbac_map_t all = { NULL, 0, 0, 0, 0 };

    if (map == NULL) {
        map = &all;
    }

    if (group.len == 0) {
        return -1;
    }

    role = drs_rbac_lookup(map->aliases, map->n, group);

    if (role < 0 && !map->no_role_names) {
        role = drs_role_by_name(group);
    }

    if (role < 0 && !map->no_defaults) {
        role = drs_rbac_lookup(
            drs_rbac_defaults,
            sizeof(drs_rbac_defaults) / sizeof(drs_rbac_alias_t), group);
    }

    if (role < 0 && !map->no_legacy) {
        role = drs_rbac_lookup(
            drs_rbac_legacy, sizeof(drs_rbac_legacy) / sizeof(drs_rbac_alias_t),
            group);
    }

    return role;
}


drs_roles_t
drs_rbac_roles(const drs_rbac_map_t *map, const drs_str_t *groups, size_t n)
{
    int         role;
    size_t      i;
    drs_roles_t roles;

    roles = 0;

    for (i = 0; i < n; i++) {
        role = drs_rbac_role_of_group(map, groups[i]);

        if (role >= 0) {
            roles |= drs_role_bit(role);
        }
    }

    return roles;
}


size_t
drs_roles_text(char *dst, size_t size, drs_roles_t roles)
{
    int    r;
    size_t n, len;

    if (size == 0) {
        return 0;
    }

    n = 0;

    for (r = 0; r < DRS_ROLE_N; r++) {
        if (!(roles & drs_role_bit(r))) {
            continue;
        }

        len = strlen(drs_role_names[r]);

        if (n + (n != 0) + len >= size) {
            break;
        }

        if (n) {
            dst[n++] = ',';
        }

        memcpy(dst + n, drs_role_names[r], len);
        n += len;
    }

    dst[n] = '\0';

    return n;
}


int
drs_roles_parse(drs_str_t text, drs_roles_t *roles)
{
    int         r;
    drs_str_t   item;
    drs_roles_t set;

    set = 0;

    while (text.len && drs_str_split(&text, ',', &item)) {
        r = drs_role_by_name(drs_str_trim(item));

        if (r < 0) {
            return DRS_DECLINED;
        }

        set |= drs_role_bit(r);
    }

    *roles = set;

    return DRS_OK;
}
