
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_group.h"

#include "drsw_resolve.h"


void
drsw_resolver_init(drsw_resolver_t *r, drsw_ctx_t *ctx, json_t *groups,
                   int64_t max_age_ms, int64_t fallback_ms)
{
    memset(r, 0, sizeof(*r));
    r->ctx = ctx;
    r->groups = groups;
    r->max_age_ms = max_age_ms;
    r->fallback_ms = fallback_ms;
}


void
drsw_resolver_free(drsw_resolver_t *r)
{
    size_t i;

    for (i = 0; i < r->nplaces; i++) {
        drsw_scan_free(&r->places[i]->scan);
        free(r->places[i]);
    }

    free(r->places);
    json_decref(r->groups);
    memset(r, 0, sizeof(*r));
}


drs_str_t
drsw_group_account(drsw_ctx_t *ctx, const json_t *group)
{
    drs_str_t account;

    account = drs_json_field(group, "accountId");

    return account.len > 0 ? account : drs_str(drsw_hub_account(ctx));
}


static int
drsw_resolver_ask(drsw_resolver_t *r, drsw_place_t *place, drs_str_t account,
                  drs_str_t region)
{
    int rc;

    rc = drsw_access(r->ctx, account, region, &place->access, place->text,
                     sizeof(place->text));

    if (rc != DRS_OK) {
        place->code = "INVALID_ACCOUNT";
        return rc;
    }

    rc = drsw_scan(r->ctx, &place->access, r->max_age_ms, r->fallback_ms,
                   &place->scan);

    if (rc == DRS_DECLINED) {
        place->code = place->scan.code;
        (void) snprintf(place->text, sizeof(place->text), "%s",
                        place->scan.text);
    }

    return rc;
}


drsw_place_t *
drsw_resolver_place(drsw_resolver_t *r, drs_str_t account, drs_str_t region)
{
    size_t        i;
    drsw_place_t *place, **places;

    for (i = 0; i < r->nplaces; i++) {
        place = r->places[i];

        if (drs_str_eqz(account, place->access.account)
            && drs_str_eqz(region, place->access.region))
        {
            return place;
        }
    }

    places = realloc(r->places, (r->nplaces + 1) * sizeof(*places));
    place = calloc(1, sizeof(*place));

    if (places == NULL || place == NULL) {
        r->places = (places != NULL) ? places : r->places;
        free(place);
        return NULL;
    }

    r->places = places;
    r->places[r->nplaces++] = place;

    place->rc = drsw_resolver_ask(r, place, account, region);

    return (place->rc != DRS_ERROR) ? place : NULL;
}


/* Ids of an id group that no scan knows are asked live. */
static int
drsw_resolver_unknown(drsw_resolver_t *r, drsw_place_t *place,
                      const json_t *ids)
{
    int     rc;
    size_t  i;
    json_t *id, *unknown;

    unknown = json_array();

    if (unknown == NULL) {
        return DRS_ERROR;
    }

    json_array_foreach (ids, i, id) {
        if (json_object_get(place->scan.servers, json_string_value(id)) == NULL)
        {
            (void) json_array_append(unknown, id);
        }
    }

    rc = drsw_scan_ids(r->ctx, &place->access, unknown, &place->scan);
    json_decref(unknown);

    if (rc == DRS_DECLINED) {
        place->rc = rc;
        place->code = place->scan.code;
        (void) snprintf(place->text, sizeof(place->text), "%s",
                        place->scan.text);
    }

    return rc;
}


int
drsw_resolver_group(drsw_resolver_t *r, const json_t *group, json_t **ids,
                    drsw_place_t **place)
{
    int     rc;
    json_t *tags;

    *ids = NULL;
    *place = drsw_resolver_place(r, drsw_group_account(r->ctx, group),
                                 drs_json_field(group, "region"));

    if (*place == NULL) {
        return DRS_ERROR;
    }

    if ((*place)->rc != DRS_OK) {
        return (*place)->rc;
    }

    tags = json_object_get(group, "serverSelectionTags");

    if (json_object_size(tags) > 0) {
        *ids = drsw_scan_match((*place)->scan.servers, tags);
        return (*ids != NULL) ? DRS_OK : DRS_ERROR;
    }

    *ids = json_incref(json_object_get(group, "sourceServerIds"));

    if (*ids == NULL) {
        *ids = json_array();
    }

    rc = drsw_resolver_unknown(r, *place, *ids);

    if (rc != DRS_OK) {
        json_decref(*ids);
        *ids = NULL;
    }

    return rc;
}


static int
drsw_resolver_kept(const json_t *wave, const char *id)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(wave, "serverIds"), i, v) {
        if (strcmp(json_string_value(v), id) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
drsw_resolver_add(drsw_resolver_t *r, const json_t *wave, const json_t *group,
                  json_t *seen, json_t *servers, drsw_place_t **place)
{
    int         rc, subset;
    size_t      i;
    json_t     *ids, *id, *item, *entry;
    const char *sid;

    rc = drsw_resolver_group(r, group, &ids, place);

    if (rc != DRS_OK) {
        return rc;
    }

    subset = drs_str_eqz(drs_json_field(wave, "serverSelection"), "SUBSET")
             && !drs_model_group_by_tags(group);

    json_array_foreach (ids, i, id) {
        sid = json_string_value(id);

        if (json_object_get(seen, sid) != NULL
            || (subset && !drsw_resolver_kept(wave, sid)))
        {
            continue;
        }

        item = json_object_get((*place)->scan.servers, sid);
        entry = json_pack("{s:s, s:s, s:s, s:O, s:O?}", "id", sid, "account",
                          (*place)->access.account, "region",
                          (*place)->access.region, "group",
                          json_object_get(group, "groupId"), "item", item);

        if (entry == NULL || json_array_append_new(servers, entry) != 0
            || json_object_set_new(seen, sid, json_true()) != 0)
        {
            rc = DRS_ERROR;
            break;
        }

        if (item == NULL) {
            (void) json_object_set_new(entry, "item", json_null());
        }
    }

    json_decref(ids);
    return rc;
}


int
drsw_resolver_wave(drsw_resolver_t *r, const json_t *wave, json_t **servers,
                   drsw_place_t **place, const char **missing)
{
    int     rc;
    size_t  i;
    json_t *gid, *group, *seen;

    *place = NULL;
    *missing = NULL;
    *servers = json_array();
    seen = json_object();
    rc = (*servers != NULL && seen != NULL) ? DRS_OK : DRS_ERROR;

    json_array_foreach (json_object_get(wave, "protectionGroupIds"), i, gid) {
        if (rc != DRS_OK) {
            break;
        }

        group = json_object_get(r->groups, json_string_value(gid));

        if (group == NULL) {
            *place = NULL;
            *missing = json_string_value(gid);
            rc = DRS_DECLINED;
            break;
        }

        rc = drsw_resolver_add(r, wave, group, seen, *servers, place);
    }

    json_decref(seen);

    if (rc != DRS_OK) {
        json_decref(*servers);
        *servers = NULL;
    }

    return rc;
}
