/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_inventory.h"


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


int
drsw_inventory_tell(drsw_inventory_t *v, const json_t *servers)
{
    int rc, turned;

    rc = DRS_OK;
    turned = v->before.status[0] != '\0' && v->after.status[0] != '\0'
             && strcmp(v->before.status, v->after.status) != 0;

    if (servers != NULL) {
        v->changed = drsw_inventory_changes(v->old.servers, servers);
    }

    if (turned || v->changed > 0) {
        rc = drsw_inventory_event(
            v, "inventory.updated", "servers",
            json_pack("{s:s, s:s, s:s, s:I, s:I}", "accountId", v->account,
                      "region", v->region, "status", v->after.status,
                      "serverCount", (json_int_t) v->after.servers,
                      "changedCount", (json_int_t) v->changed));
    }

    return rc;
}
