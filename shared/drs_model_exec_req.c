/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_exec_int.h"
#include "drs_time.h"
#include "drs_utf8.h"


void
drs_req_text(drs_model_error_t *e, const json_t *body, const char *field,
             size_t max, json_t *out)
{
    json_t *v;

    if (drs_model_text(e, json_object_get(body, field), field, max,
                       DRS_UTF8_NEWLINE, DRS_ERR_INVALID_PARAMETER, &v)
            == DRS_OK
        && v != NULL)
    {
        if (json_string_length(v) > 0) {
            json_object_set_new(out, field, v);
        } else {
            json_decref(v);
        }
    }
}


int
drs_req_flag(drs_model_error_t *e, const json_t *body, const char *field,
             json_t *out)
{
    int v;

    v = 0;
    (void) drs_model_bool(e, json_object_get(body, field), field, &v);
    (void) drs_json_set_bool(out, field, v);

    return v;
}


/* allowDegraded, allowUnknownLimits and the reason that they need. */
void
drs_req_overrides(drs_model_error_t *e, const json_t *body, json_t *out)
{
    int degraded, limits;

    degraded = drs_req_flag(e, body, "allowDegraded", out);
    limits = drs_req_flag(e, body, "allowUnknownLimits", out);
    drs_req_text(e, body, "overrideReason", DRS_REQ_REASON_MAX, out);

    if ((degraded || limits) && json_object_get(out, "overrideReason") == NULL)
    {
        (void) drs_model_fail(e, DRS_ERR_MISSING_FIELD_PARAMETER,
                              "overrideReason",
                              json_pack("{s:s}", "field", "overrideReason"),
                              "An override needs an overrideReason.");
    }
}


void
drs_req_type(drs_model_error_t *e, const json_t *body, json_t *out)
{
    json_t   *v;
    drs_str_t s;

    v = drs_model_alias(body, "executionType", NULL);

    if (v == NULL) {
        (void) drs_model_fail(
            e, DRS_ERR_MISSING_FIELD_PARAMETER, "executionType",
            json_pack("{s:s, s:[s,s]}", "field", "executionType",
                      "allowedValues", "DRILL", "RECOVERY"),
            "The field executionType is required.");
        return;
    }

    s = drs_json_str(v);

    if (s.data != NULL && drs_str_ieqz(s, "DRILL")) {
        (void) drs_json_set_str(out, "executionType", drs_str("DRILL"));

    } else if (s.data != NULL && drs_str_ieqz(s, "RECOVERY")) {
        (void) drs_json_set_str(out, "executionType", drs_str("RECOVERY"));

    } else {
        (void) drs_model_fail(
            e, DRS_ERR_INVALID_EXECUTION_TYPE, "executionType",
            json_pack("{s:s, s:O, s:[s,s]}", "field", "executionType",
                      "providedValue", v, "allowedValues", "DRILL", "RECOVERY"),
            "executionType must be DRILL or RECOVERY.");
    }
}


void
drs_req_waves(drs_model_error_t *e, const json_t *body, json_t *out)
{
    size_t  i, j;
    json_t *v, *n, *list;

    v = drs_model_alias(body, "waves", NULL);
    if (v == NULL) {
        return;
    }

    list = json_array();

    json_array_foreach (v, i, n) {
        if (!json_is_integer(n) || json_integer_value(n) < 0
            || json_integer_value(n) >= DRS_WAVES_MAX)
        {
            break;
        }

        for (j = 0; j < json_array_size(list); j++) {
            if (json_equal(json_array_get(list, j), n)) {
                break;
            }
        }

        if (j == json_array_size(list)) {
            json_array_append(list, n);
        }
    }

    if (!json_is_array(v) || json_array_size(v) == 0 || i < json_array_size(v))
    {
        json_decref(list);
        (void) drs_model_invalid(e, "waves", NULL,
                                 "a non-empty list of wave numbers");
        return;
    }

    json_object_set_new(out, "waves", list);
}


static void
drs_req_snapshots(drs_model_error_t *e, const json_t *body, json_t *out)
{
    json_t     *v, *id;
    const char *name;

    v = drs_model_alias(body, "recoverySnapshots", NULL);
    if (v == NULL) {
        return;
    }

    if (!json_is_object(v)) {
        (void) drs_model_invalid(e, "recoverySnapshots", NULL, "an object");
        return;
    }

    json_object_foreach (v, name, id) {
        if (!drs_id_is_source_server(drs_str(name))
            || !drs_id_is_snapshot(drs_json_str(id)))
        {
            (void) drs_model_invalid(e, "recoverySnapshots", NULL,
                                     "a map of "
                                     "source server ids to snapshot ids");
            return;
        }
    }

    json_object_set(out, "recoverySnapshots", v);
}


void
drs_req_point(drs_model_error_t *e, const json_t *body, json_t *out)
{
    int64_t   ms;
    json_t   *v;
    drs_str_t s, t;

    v = drs_model_alias(body, "recoveryPoint", NULL);
    drs_req_snapshots(e, body, out);

    if (v == NULL) {
        return;
    }

    s = drs_json_str(v);

    if (s.data != NULL && drs_str_starts(s, "BEFORE:")) {
        t = drs_strn(s.data + 7, s.len - 7);

        if (drs_time_parse_ms(t, &ms) == DRS_OK) {
            json_object_set(out, "recoveryPoint", v);
            return;
        }

    } else if (s.data != NULL
               && (drs_str_eqz(s, "LATEST") || drs_str_eqz(s, "SNAPSHOTS")))
    {
        json_object_set(out, "recoveryPoint", v);

        if (drs_str_eqz(s, "SNAPSHOTS")
            && json_object_size(json_object_get(out, "recoverySnapshots")) == 0)
        {
            (void) drs_model_fail(
                e, DRS_ERR_MISSING_FIELD_PARAMETER, "recoverySnapshots",
                json_pack("{s:s}", "field", "recoverySnapshots"),
                "recoveryPoint SNAPSHOTS needs "
                "recoverySnapshots.");
        }

        return;
    }

    (void) drs_model_invalid(e, "recoveryPoint", v,
                             "LATEST, SNAPSHOTS or BEFORE:<ISO time>");
}


static void
drs_req_plan(drs_model_error_t *e, const json_t *body, drs_str_t plan_id,
             json_t *out)
{
    json_t *v;

    if (plan_id.len == 0) {
        v = drs_model_alias(body, "planId", "recoveryPlanId");

        if (v == NULL) {
            (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD_PARAMETER,
                                     "planId");
            return;
        }

        if (!json_is_string(v)) {
            (void) drs_model_invalid(e, "planId", v, "a plan id");
            return;
        }

        plan_id = drs_json_str(v);
    }

    (void) drs_json_set_str(out, "planId", plan_id);
}


/*
 * A well-formed request for an id of the wrong form is one for an unknown
 * plan; EX2 tests that after the type.
 */
void
drs_req_plan_form(drs_model_error_t *e, json_t *out)
{
    drs_str_t id;

    id = drs_json_field(out, "planId");

    if (id.data != NULL && !drs_id_is_uuid4(id)) {
        (void) drs_model_fail(
            e, DRS_ERR_RECOVERY_PLAN_NOT_FOUND, "planId",
            json_pack("{s:O}", "planId", json_object_get(out, "planId")),
            "The recovery plan was not found.");
    }
}


int
drs_req_finish(drs_model_error_t *e, json_t *doc, json_t **out)
{
    if (drs_model_result(e) != DRS_OK) {
        json_decref(doc);
        *out = NULL;
        return DRS_DECLINED;
    }

    *out = doc;

    return DRS_OK;
}


int
drs_model_exec_start(drs_model_error_t *e, const json_t *body,
                     const drs_model_env_t *env, drs_str_t plan_id,
                     json_t **out)
{
    json_t     *d, *v;
    const char *source;

    static const char *const sources[] = {
        "UI", "CLI", "EVENTBRIDGE", "SSM", "STEPFUNCTIONS", "API", NULL
    };

    d = json_object();

    drs_req_plan(e, body, plan_id, d);
    drs_req_type(e, body, d);
    drs_req_plan_form(e, d);

    v = NULL;
    (void) drs_model_text(e, drs_model_alias(body, "initiatedBy", "executedBy"),
                          "initiatedBy", DRS_OWNER_MAX, 0,
                          DRS_ERR_INVALID_PARAMETER, &v);

    if (v != NULL && json_string_length(v) == 0) {
        json_decref(v);
        v = NULL;
    }

    json_object_set_new(d, "initiatedBy",
                        v != NULL ? v
                                  : drs_json_new_str(env->user.len > 0
                                                         ? env->user
                                                         : drs_str("unknown")));

    (void) drs_req_flag(e, body, "dryRun", d);
    drs_req_waves(e, body, d);
    drs_req_point(e, body, d);
    drs_req_overrides(e, body, d);
    (void) drs_req_flag(e, body, "confirmReplaceExisting", d);
    drs_req_text(e, body, "reason", DRS_REQ_REASON_MAX, d);
    drs_req_text(e, body, "notes", DRS_REQ_REASON_MAX, d);

    source = NULL;
    if (drs_model_enum(e, json_object_get(body, "invocationSource"),
                       "invocationSource", sources, &source)
            == DRS_OK
        && source != NULL)
    {
        (void) drs_json_set_str(d, "invocationSource", drs_str(source));
    }

    return drs_req_finish(e, d, out);
}


int
drs_model_exec_resume(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    drs_req_text(e, body, "notes", DRS_REQ_REASON_MAX, d);
    drs_req_overrides(e, body, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_exec_cancel(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    (void) drs_req_flag(e, body, "terminateLaunched", d);
    drs_req_text(e, body, "reason", DRS_REQ_REASON_MAX, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_exec_pause(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    drs_req_text(e, body, "reason", DRS_REQ_REASON_MAX, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_exec_terminate(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    (void) drs_req_flag(e, body, "confirmPaused", d);

    return drs_req_finish(e, d, out);
}


int
drs_model_time_param(drs_str_t s, int64_t *ms)
{
    int64_t t;

    if (drs_str_i64(s, &t) == DRS_OK) {
        if (t < 0 || t > DRS_TIME_MAX_S * 1000) {
            return DRS_DECLINED;
        }

        /* api.md 5.3: below 10^10 are seconds */
        *ms = t < INT64_C(10000000000) ? t * 1000 : t;
        return DRS_OK;
    }

    return drs_time_parse_ms(s, ms);
}


int
drs_model_status_listed(drs_str_t list, drs_str_t status)
{
    drs_str_t item;

    if (list.len == 0) {
        return 1;
    }

    while (drs_str_split(&list, ',', &item)) {
        if (drs_str_ieq(drs_str_trim(item), status)) {
            return 1;
        }
    }

    return 0;
}


int
drs_model_limit(drs_str_t s, size_t dflt, size_t max, size_t *limit)
{
    uint64_t n;

    if (s.data == NULL) {
        *limit = dflt;
        return DRS_OK;
    }

    if (drs_str_u64(s, &n) != DRS_OK || n < 1) {
        return DRS_DECLINED;
    }

    *limit = n > max ? max : (size_t) n;

    return DRS_OK;
}
