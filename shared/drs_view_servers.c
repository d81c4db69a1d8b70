/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_model.h"
#include "drs_model_group.h"
#include "drs_view_doc.h"
#include "drs_view_servers.h"


int
drs_view_servers_usable(const json_t *item)
{
    return !drs_str_eqz(drs_json_field(item, "replicationDirection"),
                        "FAILBACK");
}


int
drs_view_servers_member(const json_t *group, const json_t *item)
{
    size_t    i;
    json_t   *v;
    drs_str_t id;

    if (drs_model_group_by_tags(group)) {
        return drs_view_servers_usable(item)
               && drs_model_tags_match(
                   json_object_get(group, "serverSelectionTags"),
                   json_object_get(item, "tags"));
    }

    id = drs_json_field(item, "sourceServerID");

    json_array_foreach (json_object_get(group, "sourceServerIds"), i, v) {
        if (drs_str_eq(drs_json_str(v), id)) {
            return 1;
        }
    }

    return 0;
}


static drs_str_t
drs_view_servers_name(const json_t *server)
{
    drs_str_t s;

    s = drs_json_field(server, "nameTag");
    s = (s.len > 0) ? s : drs_json_field(server, "hostname");

    return (s.len > 0) ? s : drs_json_field(server, "sourceServerID");
}


static int
drs_view_servers_cmp(const void *a, const void *b)
{
    int           rc;
    const json_t *x, *y;

    x = *(json_t *const *) a;
    y = *(json_t *const *) b;
    rc = drs_str_cmp(drs_view_servers_name(x), drs_view_servers_name(y));

    return rc != 0 ? rc
                   : drs_str_cmp(drs_json_field(x, "sourceServerID"),
                                 drs_json_field(y, "sourceServerID"));
}


/* Servers of those items that pass, sorted. */
static json_t *
drs_view_servers_list(const drs_view_servers_t *o, const json_t *tags,
                      size_t *assigned)
{
    size_t      i, n;
    json_t     *list, *item, *server, **v;
    const char *id;

    *assigned = 0;
    n = 0;
    list = json_array();
    v = calloc(json_object_size(o->items) + 1, sizeof(json_t *));

    if (list == NULL || v == NULL) {
        json_decref(list);
        free(v);
        return NULL;
    }

    json_object_foreach ((json_t *) o->items, id, item) {
        if ((o->filter != NULL && !drs_view_servers_member(o->filter, item))
            || (tags != NULL
                && !(drs_view_servers_usable(item)
                     && drs_model_tags_match(tags,
                                             json_object_get(item, "tags")))))
        {
            continue;
        }

        server =
            drs_view_server(item, o->region,
                            drs_view_server_group(item, o->groups, o->account,
                                                  o->region, o->own_account),
                            o->current);

        if (server != NULL) {
            if (!o->live) { /* from the store */
                (void) json_object_set_new(server, "dataSource",
                                           json_string("inventory"));
            }

            *assigned += json_is_object(
                json_object_get(server, "assignedToProtectionGroup"));
            v[n++] = server;
        }
    }

    qsort(v, n, sizeof(json_t *), drs_view_servers_cmp);

    for (i = 0; i < n; i++) {
        (void) json_array_append_new(list, v[i]);
    }

    free(v);
    return list;
}


json_t *
drs_view_servers(const drs_view_servers_t *o)
{
    size_t     assigned;
    json_t    *list, *body;
    json_int_t n;

    list = drs_view_servers_list(o, NULL, &assigned);

    if (list == NULL) {
        return NULL;
    }

    n = (json_int_t) json_array_size(list);

    if (o->filter != NULL) {
        body = json_pack(
            "{s:s%, s:O*, s:O*, s:b, s:o, s:I, s:I, s:I}", "region",
            o->region.data, o->region.len, "protectionGroupId",
            json_object_get(o->filter, "groupId"), "protectionGroupName",
            json_object_get(o->filter, "groupName"), "initialized", 1,
            "servers", list, "totalCount", n, "serverCount", n, "resolvedAt",
            (json_int_t) (o->at_ms / 1000));

        if (drs_model_group_by_tags(o->filter)) {
            (void) json_object_set(
                body, "tags",
                json_object_get(o->filter, "serverSelectionTags"));
        }

        return body;
    }

    return json_pack(
        "{s:o, s:s%, s:I, s:I, s:b, s:I, s:I, s:I, s:b, s:s, "
        "s:s}",
        "servers", list, "region", o->region.data, o->region.len, "serverCount",
        n, "totalCount", n, "initialized", 1, "availableCount",
        n - (json_int_t) assigned, "assignedCount", (json_int_t) assigned,
        "timestamp", (json_int_t) (o->at_ms / 1000), "hardwareDataIncluded", 1,
        "source", o->live ? "live" : "inventory_database", "status", "ACTIVE");
}


json_t *
drs_view_servers_resolved(const drs_view_servers_t *o, const json_t *tags)
{
    size_t  assigned;
    json_t *list;

    list = drs_view_servers_list(o, tags, &assigned);

    if (list == NULL) {
        return NULL;
    }

    return json_pack("{s:s%, s:O, s:O, s:O, s:o, s:I, s:I}", "region",
                     o->region.data, o->region.len, "tags", tags,
                     "serverSelectionTags", tags, "resolvedServers", list,
                     "sourceServers", list, "serverCount",
                     (json_int_t) json_array_size(list), "resolvedAt",
                     (json_int_t) (o->at_ms / 1000));
}
