/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command drs.inventory (api.md DRS10): the places whose inventory is fresh,
 * with what lists are answered from published (drs_view_inv.h); the module
 * reads the servers from there.  A place whose inventory is stale has none; the
 * caller then asks DRS1.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_view_drs.h"
#include "drs_view_servers.h"

#include "drsw_account.h"
#include "drsw_group.h"
#include "drsw_instances.h"
#include "drsw_region.h"
#include "drsw_tasks.h"


typedef struct {
    drsw_ctx_t            *ctx;
    const json_t          *payload;
    json_t                *filter_doc; /* owned: the parameter */
    drs_inventory_filter_t filter;
    json_t                *group;  /* owned: filterByProtectionGroup */
    json_t                *places; /* owned: [{accountId, region}] */
} drsw_inv_t;


/* 1 if the Region is asked for: `region`, `regions` or any. */
static int
drsw_inv_region(const drsw_inv_t *v, drs_str_t region)
{
    drs_str_t list, item;

    list = drs_json_field(v->payload, "region");

    if (list.len == 0) {
        list = drs_json_field(v->payload, "regions");
    }

    if (list.len == 0) {
        return 1;
    }

    while (drs_str_split(&list, ',', &item)) {
        if (drs_str_eq(drs_str_trim(item), region)) {
            return 1;
        }
    }

    return 0;
}


/* A place whose inventory is fresh: it is published and named. */
static int
drsw_inv_place(drsw_inv_t *v, drs_str_t account, drs_str_t region,
               const json_t *doc)
{
    int           rc;
    char          text[1024];
    drsw_scan_t   scan;
    drsw_access_t access;

    rc = drsw_access_as(v->ctx, account, region, doc, &access, text,
                        sizeof(text));

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? DRS_OK : rc;
    }

    rc = drsw_scan_published(v->ctx, &access);

    if (rc == 0) {
        rc = drsw_scan(v->ctx, &access, v->ctx->conf->inventory_fresh_ms, 0,
                       &scan);
        rc = (rc == DRS_OK)
                 ? drsw_scan_publish(v->ctx, &access, scan.servers, scan.at_ms)
                 : rc;
        drsw_scan_free(&scan);

        if (rc != DRS_OK) {
            return rc == DRS_DECLINED ? DRS_OK : rc;
        }

    } else if (rc < 0) {
        return rc;
    }

    (void) json_array_append_new(v->places, json_pack("{s:s, s:s}", "accountId",
                                                      access.account, "region",
                                                      access.region));

    return DRS_OK;
}


static int
drsw_inv_account(drsw_inv_t *v, drs_str_t account, const json_t *doc)
{
    int            rc;
    size_t         i, n;
    int64_t        oldest;
    drs_str_t      regions[DRSW_REGIONS_MAX];
    drsw_region_t *states;

    n = drsw_regions(v->ctx, regions);
    states = calloc(n, sizeof(drsw_region_t));

    if (states == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_region_load(v->ctx, account, regions, n, states);
    oldest = drsw_now_ms(v->ctx) - v->ctx->conf->inventory_fresh_ms;

    for (i = 0; rc == DRS_OK && i < n; i++) {
        if (!drsw_region_is_active(&states[i])
            || states[i].counted_at_ms < oldest
            || !drsw_inv_region(v, regions[i])
            || (v->group != NULL
                && !(drs_str_eq(account, drsw_group_account(v->ctx, v->group))
                     && drs_str_eq(regions[i],
                                   drs_json_field(v->group, "region")))))
        {
            continue;
        }

        rc = drsw_inv_place(v, account, regions[i], doc);
    }

    free(states);

    return rc;
}


/* The parameters.  DRS_DECLINED: answered. */
static int
drsw_inv_init(drsw_inv_t *v, drsw_ctx_t *ctx, const drsw_command_t *cmd,
              drsw_answer_t *answer)
{
    int       rc;
    drs_str_t s;

    memset(v, 0, sizeof(*v));
    v->ctx = ctx;
    v->payload = cmd->payload;
    v->places = json_array();

    if (drs_view_inventory_filter(drs_json_field(cmd->payload, "filters"),
                                  &v->filter, &v->filter_doc)
        != DRS_OK)
    {
        (void) drsw_answer_error(answer, "INVALID_PARAMETER",
                                 json_pack("{s:s, s:s}", "parameter", "filters",
                                           "expected",
                                           "the text of a JSON object"),
                                 "filters is not readable.");
        return DRS_DECLINED;
    }

    s = drs_json_field(cmd->payload, "sourceAccountId");

    if (s.len > 0) {
        v->filter.source = s;
    }

    s = drs_json_field(cmd->payload, "filterByProtectionGroup");

    if (s.len == 0) {
        return DRS_OK;
    }

    rc = drsw_load_doc(ctx, DRS_KEY_PG, s, &v->group);

    if (rc == DRS_DECLINED) {
        (void) drsw_answer_error(answer, "PROTECTION_GROUP_NOT_FOUND",
                                 json_pack("{s:s%}", "groupId", s.data, s.len),
                                 "The protection group does not exist.");
    }

    return rc;
}


int
drsw_cmd_drs_inventory(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer)
{
    int         rc;
    json_t     *docs, *doc;
    drsw_inv_t  v;
    const char *id, *hub;

    docs = NULL;
    hub = drsw_hub_account(ctx);
    rc = drsw_inv_init(&v, ctx, cmd, answer);
    rc = (rc == DRS_OK) ? drsw_account_docs(ctx, &docs) : rc;

    if (rc == DRS_OK && hub[0] != '\0' && json_object_get(docs, hub) == NULL) {
        (void) json_object_set_new(
            docs, hub,
            json_pack("{s:s, s:b}", "accountId", hub, "isCurrentAccount", 1));
    }

    json_object_foreach (docs, id, doc) {
        rc = (rc == DRS_OK) ? drsw_inv_account(&v, drs_str(id), doc) : rc;
    }

    if (rc == DRS_OK) {
        rc = drsw_answer_body(answer, 200,
                              json_pack("{s:O}", "places", v.places));
    }

    json_decref(docs);
    json_decref(v.filter_doc);
    json_decref(v.group);
    json_decref(v.places);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
