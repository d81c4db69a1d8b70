/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drs_precheck_int.h"
#include "drs_time.h"


#define DRS_PC_TEXT 480


void
drs_pc_add(drs_pc_t *p, const char *id, const char *result, int overridable,
           json_t *more, const char *fmt, ...)
{
    char    text[DRS_PC_TEXT];
    json_t *check;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    check = json_object();
    (void) drs_json_set_str(check, "id", drs_str(id));
    (void) drs_json_set_str(check, "result", drs_str(result));
    (void) drs_json_set_str(check, "message", drs_str(text));
    (void) drs_json_set_bool(check, "overridable", overridable);

    if (more != NULL) {
        (void) json_object_update(check, more);
        json_decref(more);
    }

    (void) json_array_append_new(p->checks, check);

    p->fails += strcmp(result, "FAIL") == 0;
    p->warns += strcmp(result, "WARN") == 0 || strcmp(result, "UNKNOWN") == 0;
}


void
drs_pc_begin(drs_pc_t *p)
{
    p->from = json_array_size(p->checks);
}


void
drs_pc_end(drs_pc_t *p, const char *id, const char *message)
{
    if (json_array_size(p->checks) == p->from) {
        drs_pc_add(p, id, "OK", 0, NULL, "%s", message);
    }
}


int
drs_pc_flag(const drs_pc_t *p, const char *name)
{
    return json_is_true(json_object_get(p->request, name));
}


json_t *
drs_pc_place(const json_t *place)
{
    return json_pack("{s:O*, s:O*}", "accountId",
                     json_object_get(place, "accountId"), "region",
                     json_object_get(place, "region"));
}


int64_t
drs_precheck_target_ms(const json_t *rpo)
{
    int64_t   ms, minutes;
    drs_str_t s;

    if (json_is_number(rpo)) {
        return json_number_value(rpo) > 0 && json_number_value(rpo) < 10000000
                   ? (int64_t) (json_number_value(rpo) * 60000)
                   : 0;
    }

    s = drs_str_trim(drs_json_str(rpo));

    if (s.len == 0) {
        return 0;
    }

    if (drs_str_i64(s, &minutes) == DRS_OK) {
        return minutes > 0 && minutes < 10000000 ? minutes * 60000 : 0;
    }

    return drs_time_parse_duration_ms(s, &ms) == DRS_OK && ms > 0 ? ms : 0;
}


/* Members that are passed on. */
static void
drs_pc_copy(json_t *doc, const json_t *facts, const char *from, const char *to,
            int list)
{
    json_t *v;

    v = json_object_get(facts, from);

    if (v != NULL) {
        (void) json_object_set(doc, to, v);

    } else if (list) {
        (void) json_object_set_new(doc, to, json_array());
    }
}


static void
drs_pc_run(drs_pc_t *p)
{
    drs_pc_resolve(p);
    drs_pc_access(p);
    drs_pc_replication(p);
    drs_pc_sizes(p);
    drs_pc_limits(p);
    drs_pc_conflicts(p);
    drs_pc_launch(p);
    drs_pc_existing(p);
    drs_pc_points(p);
    drs_pc_age(p);
}


json_t *
drs_precheck(const json_t *facts)
{
    char        iso[DRS_TIME_ISO_SIZE];
    json_t     *doc;
    drs_pc_t    p;
    const char *lag;

    doc = json_object();

    if (doc == NULL) {
        return NULL;
    }

    memset(&p, 0, sizeof(p));
    p.facts = facts;
    p.request = json_object_get(facts, "request");
    p.now = drs_json_int(facts, "nowMs", 0);
    p.recovery =
        drs_str_eqz(drs_json_field(facts, "executionType"), "RECOVERY");
    p.strict = json_is_true(json_object_get(facts, "strict"));
    p.checks = json_array();

    drs_pc_copy(doc, facts, "planId", "planId", 0);
    drs_pc_copy(doc, facts, "executionType", "executionType", 0);
    (void) drs_time_iso_ms(iso, p.now);
    (void) drs_json_set_str(doc, "checkedAt", drs_str(iso));
    (void) drs_json_set_str(doc, "mode",
                            drs_str(p.strict ? "strict" : "queue"));

    drs_pc_run(&p);

    (void) drs_json_set_str(doc, "verdict",
                            drs_str(p.fails > 0   ? "NOT_READY"
                                    : p.warns > 0 ? "READY_WITH_WARNINGS"
                                                  : "READY"));
    (void) json_object_set_new(doc, "checks", p.checks);
    (void) json_object_set_new(doc, "waves", drs_pc_waves_view(&p));
    drs_pc_copy(doc, facts, "criticalPath", "criticalPath", 1);
    drs_pc_copy(doc, facts, "estimatedSeconds", "estimatedSeconds", 0);

    lag = drs_pc_worst_lag(&p);

    if (lag != NULL) {
        (void) drs_json_set_str(doc, "worstLag", drs_str(lag));
    }

    drs_pc_copy(doc, facts, "conflicts", "conflicts", 1);
    drs_pc_copy(doc, facts, "existing", "existingInstances", 1);
    (void) json_object_set_new(doc, "limits", drs_pc_limits_view(&p));
    (void) json_object_set_new(doc, "replication", drs_pc_replication_view(&p));
    (void) json_object_set_new(doc, "launchConfig", drs_pc_launch_view(&p));

    return doc;
}
