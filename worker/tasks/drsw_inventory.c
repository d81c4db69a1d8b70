/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_view_capacity.h"

#include "drsw_inventory.h"


#define DRSW_INVENTORY_LISTED 100 /* ids in one notice */


/* -- differences ------------------------------------------------------------ */

static int
drsw_inventory_differs(const json_t *a, const json_t *b)
{
    const json_t *x, *y;

    x = json_object_get(a, "lifeCycle");
    y = json_object_get(b, "lifeCycle");

    /* lag and times of contact change with every answer */
    return !drs_str_eq(drsw_server_state(a), drsw_server_state(b))
           || !drs_str_eq(drs_json_field(a, "recoveryInstanceId"),
                          drs_json_field(b, "recoveryInstanceId"))
           || !drs_json_equal(json_object_get(a, "tags"),
                              json_object_get(b, "tags"))
           || !drs_json_equal(json_object_get(x, "lastLaunch"),
                              json_object_get(y, "lastLaunch"));
}


int64_t
drsw_inventory_changes(const json_t *old, const json_t *now)
{
    int64_t     n;
    json_t     *was, *is;
    const char *id;

    n = 0;

    json_object_foreach ((json_t *) now, id, is) {
        was = json_object_get(old, id);
        n += (was == NULL || drsw_inventory_differs(was, is));
    }

    json_object_foreach ((json_t *) old, id, was) {
        n += (json_object_get(now, id) == NULL);
    }

    return n;
}


/* -- events ------------------------------------------------------------------- */

static int
drsw_inventory_event(drsw_inventory_t *v, const char *event, const char *topic,
                     json_t *data)
{
    int   rc;
    char *text;

    text = drsw_event_text(drsw_now_ms(v->ctx), event, topic, "region",
                           drs_str(v->scope), drs_str(NULL), drs_str(NULL),
                           drs_str(NULL), drs_str(v->account), data);

    if (text == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_store_do(v->ctx, drs_store_note(drsw_redis_prefix(v->ctx->redis),
                                              drs_str(NULL), drs_str(text)));
    free(text);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}


/* more: further members, taken over; may be NULL. */
static int
drsw_inventory_notice(drsw_inventory_t *v, const char *severity,
                      const char *code, json_t *message, json_t *more)
{
    json_t *data;

    data = json_pack("{s:s, s:s, s:o, s:s}", "severity", severity, "code", code,
                     "message", message, "region", v->region);

    if (data != NULL && more != NULL) {
        (void) json_object_update(data, more);
    }

    json_decref(more);

    return drsw_inventory_event(v, "notice", "notices", data);
}


/* Place of a status in the order of engine.md 3.4. */
static int
drsw_inventory_rank(const char *status)
{
    int i;

    static const char *const order[] = { "OK", "INFO", "WARNING", "CRITICAL",
                                         "HYPER-CRITICAL" };

    for (i = 0; i < 5; i++) {
        if (strcmp(order[i], status) == 0) {
            return i;
        }
    }

    return 0;
}


static int
drsw_inventory_capacity(drsw_inventory_t *v)
{
    int         rc;
    const char *was, *is;

    was = drs_capacity_status(
        v->before.counted_at_ms > 0 ? v->before.replicating : 0);
    is = drs_capacity_status(v->after.replicating);

    if (strcmp(was, is) == 0) {
        return DRS_OK;
    }

    rc = drsw_inventory_event(v, "capacity.status", "capacity",
                              json_pack("{s:s, s:s, s:s, s:s}", "accountId",
                                        v->account, "region", v->region,
                                        "status", is, "previousStatus", was));

    if (rc == DRS_OK && drsw_inventory_rank(is) >= 2
        && drsw_inventory_rank(is) > drsw_inventory_rank(was))
    {
        rc = drsw_inventory_notice(
            v, drsw_inventory_rank(is) >= 3 ? "error" : "warning",
            "capacity_threshold",
            json_sprintf("account %s has %lld replicating servers in %s: %s",
                         v->account, (long long) v->after.replicating,
                         v->region, is),
            NULL);
    }

    return rc;
}


/* Servers whose replication has stopped since the last scan. */
static int
drsw_inventory_stalled(drsw_inventory_t *v, const json_t *servers)
{
    int         rc;
    json_t     *ids, *is, *was;
    drs_str_t   state;
    const char *id;

    ids = json_array();

    json_object_foreach ((json_t *) servers, id, is) {
        state = drsw_server_state(is);
        was = json_object_get(v->old.servers, id);

        if ((drs_str_eqz(state, "STALLED")
             || drs_str_eqz(state, "DISCONNECTED"))
            && was != NULL && !drs_str_eq(drsw_server_state(was), state)
            && json_array_size(ids) < DRSW_INVENTORY_LISTED)
        {
            (void) json_array_append_new(ids, json_string(id));
        }
    }

    rc = DRS_OK;

    if (json_array_size(ids) > 0) {
        rc = drsw_inventory_notice(
            v, "warning", "replication_stalled",
            json_sprintf("replication of %zu servers of account %s in %s has "
                         "stopped",
                         json_array_size(ids), v->account, v->region),
            json_pack("{s:O}", "serverIds", ids));
    }

    json_decref(ids);

    return rc;
}


int
drsw_inventory_tell(drsw_inventory_t *v, const json_t *servers)
{
    int rc, turned;

    rc = DRS_OK;
    turned = v->before.status[0] != '\0' && v->after.status[0] != '\0'
             && strcmp(v->before.status, v->after.status) != 0;

    if (servers != NULL) {
        v->changed = drsw_inventory_changes(v->old.servers, servers);
        rc = drsw_inventory_capacity(v);
        rc = (rc == DRS_OK) ? drsw_inventory_stalled(v, servers) : rc;

    } else if (turned && drsw_region_is_active(&v->before)
               && strcmp(v->before.status, "ACTIVE") == 0)
    {
        rc = drsw_inventory_notice(
            v, "error", "account_unreachable",
            json_sprintf("account %s cannot be read in %s any more (%s)",
                         v->account, v->region, v->after.status),
            NULL);
    }

    if (rc == DRS_OK && (turned || v->changed > 0)) {
        rc = drsw_inventory_event(
            v, "inventory.updated", "servers",
            json_pack("{s:s, s:s, s:s, s:I, s:I}", "accountId", v->account,
                      "region", v->region, "status", v->after.status,
                      "serverCount", (json_int_t) v->after.servers,
                      "changedCount", (json_int_t) v->changed));
    }

    return rc;
}
