/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_routes.h"


static const drs_route_t drs_routes[] = {
#define DRS_ROUTE_ROW(id, ref, m, pat, all, any, fl, kind, body, h)            \
    { DRS_ROUTE_##id, ref, DRS_METHOD_##m, pat, all, any, fl, DRS_KIND_##kind, \
      body,           #h },
    DRS_ROUTES(DRS_ROUTE_ROW)
#undef DRS_ROUTE_ROW
};

static const struct {
    drs_route_id_t  id;
    drs_list_page_t page;
} drs_route_lists[] = {
    { DRS_ROUTE_GROUP_SERVER_AUDIT, { "", "timestamp" } },
    { DRS_ROUTE_PLAN_EXISTING, { "existingInstances", "recoveryInstanceId" } },
    { DRS_ROUTE_SCHEDULE_LIST, { "schedules", "scheduleId" } },
    { DRS_ROUTE_EXEC_INSTANCES, { "instances", "recoveryInstanceId" } },
    { DRS_ROUTE_EXEC_JOBLOGS, { "jobLogs", "jobId" } },
    { DRS_ROUTE_DRS_ACCOUNTS, { "", "accountId" } },
    { DRS_ROUTE_DRS_JOBS, { "jobs", "jobId" } },
    { DRS_ROUTE_DRS_REPLICATION, { "servers", "sourceServerID" } },
    { DRS_ROUTE_DRS_SERVICE, { "regions", "region" } },
    { DRS_ROUTE_DRS_FAILOVER, { "recoveryInstances", "recoveryInstanceId" } },
    { DRS_ROUTE_DRS_INVENTORY, { NULL, NULL } },
    { DRS_ROUTE_EC2_SUBNETS, { "subnets", "value" } },
    { DRS_ROUTE_EC2_GROUPS, { "securityGroups", "value" } },
    { DRS_ROUTE_EC2_PROFILES, { "instanceProfiles", "value" } },
    { DRS_ROUTE_EC2_TYPES, { "instanceTypes", "value" } },
    { DRS_ROUTE_ACCOUNT_LIST, { "", "accountId" } },
    { DRS_ROUTE_STAGING_DISCOVER, { "stagingAccounts", "accountId" } },
    { DRS_ROUTE_STAGING_DISCOVER_ALIAS, { "stagingAccounts", "accountId" } }
};

#define DRS_N_LISTS (sizeof(drs_route_lists) / sizeof(drs_route_lists[0]))

static const struct {
    drs_method_t method;
    const char  *name;
} drs_methods[] = { { DRS_METHOD_GET, "GET" },
                    { DRS_METHOD_POST, "POST" },
                    { DRS_METHOD_PUT, "PUT" },
                    { DRS_METHOD_DELETE, "DELETE" } };

#define DRS_N_METHODS (sizeof(drs_methods) / sizeof(drs_methods[0]))


const drs_route_t *
drs_route(drs_route_id_t id)
{
    if ((unsigned) id >= DRS_ROUTE_N) {
        return NULL;
    }

    return &drs_routes[id];
}


const drs_list_page_t *
drs_route_list(const drs_route_t *route)
{
    size_t i;

    for (i = 0; i < DRS_N_LISTS; i++) {
        if (drs_route_lists[i].id == route->id) {
            return &drs_route_lists[i].page;
        }
    }

    return NULL;
}


/*
 * 0: no match; else 1 + number of literal segments, so that of two matching
 * patterns the one with more literals wins.
 */
static int
drs_route_score(const char *pattern, drs_str_t path, drs_route_match_t *m)
{
    int       score;
    drs_str_t rest, prest, seg, pseg;

    rest = drs_strn(path.data + 1, path.len - 1);
    prest = drs_str(pattern + 1);
    score = 1;
    m->n_params = 0;

    for (;;) {
        if (!drs_str_split(&prest, '/', &pseg)) {
            return drs_str_split(&rest, '/', &seg) ? 0 : score;
        }

        if (!drs_str_split(&rest, '/', &seg) || seg.len == 0) {
            return 0;
        }

        if (pseg.len > 0 && pseg.data[0] == '{') {
            if (m->n_params == DRS_ROUTE_MAX_PARAMS) {
                return 0;
            }
            m->params[m->n_params++] = seg;
            continue;
        }

        if (!drs_str_eq(pseg, seg)) {
            return 0;
        }

        score++;
    }
}


drs_route_rc_t
drs_route_find(drs_method_t method, drs_str_t path, drs_route_match_t *m)
{
    int               score, best;
    size_t            i;
    drs_route_match_t t;

    memset(m, 0, sizeof(*m));

    if (path.len < 2 || path.len > DRS_ROUTE_PATH_MAX || path.data[0] != '/'
        || path.data[path.len - 1] == '/'
        || memchr(path.data, '\0', path.len) != NULL)
    {
        return DRS_ROUTE_NO_PATH;
    }

    memset(&t, 0, sizeof(t));
    best = 0;

    for (i = 0; i < DRS_ROUTE_N; i++) {
        score = drs_route_score(drs_routes[i].pattern, path, &t);

        if (score == 0 || score < best) {
            continue;
        }

        if (score > best) {
            best = score;
            *m = t;
            m->route = NULL;
            m->allow = 0;
        }

        m->allow |= drs_routes[i].method;

        if (drs_routes[i].method == method) {
            m->route = &drs_routes[i];
        }
    }

    if (best == 0) {
        return DRS_ROUTE_NO_PATH;
    }

    return m->route != NULL ? DRS_ROUTE_FOUND : DRS_ROUTE_NO_METHOD;
}


drs_method_t
drs_method_by_name(drs_str_t name)
{
    size_t i;

    if (drs_str_eqz(name, "HEAD")) {
        return DRS_METHOD_GET;
    }

    for (i = 0; i < DRS_N_METHODS; i++) {
        if (drs_str_eqz(name, drs_methods[i].name)) {
            return drs_methods[i].method;
        }
    }

    return DRS_METHOD_NONE;
}


const char *
drs_method_name(drs_method_t method)
{
    size_t i;

    for (i = 0; i < DRS_N_METHODS; i++) {
        if (drs_methods[i].method == method) {
            return drs_methods[i].name;
        }
    }

    return "NONE";
}


const char *
drs_kind_name(drs_kind_t kind)
{
    switch (kind) {
    case DRS_KIND_EDGE:
        return "edge";
    case DRS_KIND_STORE:
        return "store";
    case DRS_KIND_WORKER:
        return "worker";
    default:
        return "none";
    }
}


size_t
drs_methods_text(char *dst, size_t size, unsigned allow)
{
    size_t i, n;

    n = 0;
    dst[0] = '\0';

    for (i = 0; i < DRS_N_METHODS; i++) {
        if (allow & (unsigned) drs_methods[i].method) {
            n += (size_t) snprintf(dst + n, size - n, "%s,",
                                   drs_methods[i].name);
        }
    }

    n += (size_t) snprintf(dst + n, size - n, "OPTIONS");

    return n;
}


#define DRS_ROUTE_VIEW                                                         \
    (drs_perm_bit(DRS_PERM_VIEW_ACCOUNTS)                                      \
     | drs_perm_bit(DRS_PERM_VIEW_EXECUTIONS)                                  \
     | drs_perm_bit(DRS_PERM_VIEW_PROTECTION_GROUPS)                           \
     | drs_perm_bit(DRS_PERM_VIEW_RECOVERY_PLANS)                              \
     | drs_perm_bit(DRS_PERM_AUDIT_READ)                                       \
     | drs_perm_bit(DRS_PERM_EXPORT_CONFIGURATION))

int
drs_route_changes(const drs_route_t *route)
{
    /* a POST that only asks needs a permission to view */

    return route->method != DRS_METHOD_GET
           && ((route->all | route->any) & ~DRS_ROUTE_VIEW) != 0;
}


int
drs_route_audited_read(const drs_route_t *route)
{
    return route->method == DRS_METHOD_GET
           && (route->id == DRS_ROUTE_CONFIG_EXPORT
               || ((route->all | route->any)
                   & drs_perm_bit(DRS_PERM_AUDIT_READ))
                      != 0);
}


void
drs_route_action(char *dst, size_t size, const drs_route_t *route)
{
    char *p;

    (void) snprintf(dst, size, "%s", route->handler);
    p = strchr(dst, '_');

    if (p != NULL) {
        *p = '.';
    }
}


int
drs_route_permits(const drs_route_t *route, drs_perms_t held)
{
    if ((route->flags & (DRS_ROUTE_PUBLIC | DRS_ROUTE_ANY_USER)) != 0) {
        return 1;
    }

    if (route->all == 0 && route->any == 0) {
        return 0;
    }

    if ((held & route->all) != route->all) {
        return 0;
    }

    return route->any == 0 || (held & route->any) != 0;
}


const char *
drs_routes_check(void)
{
    size_t             i, j;
    unsigned           open;
    const drs_route_t *r;

    for (i = 0; i < DRS_ROUTE_N; i++) {
        r = &drs_routes[i];
        open = r->flags & (DRS_ROUTE_PUBLIC | DRS_ROUTE_ANY_USER);

        if ((r->all | r->any) == 0 && open == 0) {
            return "a route has neither a permission nor PUBLIC or ANY_USER";
        }

        if ((r->all | r->any) != 0 && open != 0) {
            return "a route has a permission and is open too";
        }

        if (open == (DRS_ROUTE_PUBLIC | DRS_ROUTE_ANY_USER)) {
            return "a route is PUBLIC and ANY_USER at once";
        }

        if (r->kind == DRS_KIND_NONE || r->body_limit == 0
            || r->pattern[0] != '/') {
            return "a route has no kind, body limit or path";
        }

        for (j = 0; j < i; j++) {
            if (r->method == drs_routes[j].method
                && strcmp(r->pattern, drs_routes[j].pattern) == 0)
            {
                return "two routes have the same method and path";
            }
        }
    }

    return NULL;
}
