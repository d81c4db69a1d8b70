/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_json.h"
#include "drs_time.h"
#include "drs_view_schedule.h"


json_t *
drs_view_schedule(const json_t *doc, int64_t next_ms, const json_t *last,
                  int hold)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *v, *next;

    v = json_copy((json_t *) doc);
    (void) json_object_del(v, "editor");

    next = json_null();

    if (next_ms > 0 && !hold && json_is_true(json_object_get(doc, "enabled"))) {
        (void) drs_time_iso_s(iso, next_ms / 1000);
        next = json_string(iso);
    }

    (void) json_object_set_new(v, "nextRunAt", next);

    if (json_is_object(last)) {
        (void) json_object_set(v, "lastRun", (json_t *) last);
    } else {
        (void) json_object_set_new(v, "lastRun", json_null());
    }

    return v;
}


json_t *
drs_view_schedule_run(const json_t *doc, drs_str_t next, drs_str_t last,
                      drs_str_t hold)
{
    json_t *run, *v;
    int64_t next_ms;

    if (drs_str_i64(next, &next_ms) != DRS_OK) {
        next_ms = 0;
    }

    run = last.len > 0 ? drs_json_parse(last, &drs_json_store_limits, NULL)
                       : NULL;
    v = drs_view_schedule(doc, next_ms, run, hold.len > 0);
    json_decref(run);

    return v;
}
