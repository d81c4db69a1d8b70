/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Requests of an operator about a part of an execution, and the
 * precheck of a plan, X-4 (api.md 10.3).
 */

#include <string.h>

#include "drs_model_exec_int.h"


/* A required text; api.md 10.3: the reason of a skip or of a decision. */
static void
drs_ask_reason(drs_model_error_t *e, const json_t *body, json_t *out)
{
    json_t *v;

    v = drs_model_alias(body, "reason", NULL);

    if (v == NULL
        || (json_is_string(v) && drs_str_trim(drs_json_str(v)).len == 0)) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD_PARAMETER, "reason");
        return;
    }

    drs_req_text(e, body, "reason", DRS_REQ_REASON_MAX, out);
}


static void
drs_ask_servers(drs_model_error_t *e, const json_t *body, json_t *out)
{
    size_t  i;
    json_t *v, *id, *list, *seen;

    v = drs_model_alias(body, "serverIds", NULL);

    if (v == NULL) {
        return;
    }

    list = json_array();
    seen = json_object();

    json_array_foreach (v, i, id) {
        if (!drs_id_is_source_server(drs_json_str(id))) {
            break;
        }

        if (json_object_get(seen, json_string_value(id)) == NULL) {
            (void) json_object_set_new(seen, json_string_value(id),
                                       json_true());
            (void) json_array_append(list, id);
        }
    }

    json_decref(seen);

    if (!json_is_array(v) || json_array_size(v) == 0 || i < json_array_size(v))
    {
        json_decref(list);
        (void) drs_model_invalid(e, "serverIds", NULL,
                                 "a non-empty list of source server ids");
        return;
    }

    (void) json_object_set_new(out, "serverIds", list);
}


int
drs_model_wave_retry(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    drs_ask_servers(e, body, d);
    drs_req_text(e, body, "reason", DRS_REQ_REASON_MAX, d);
    drs_req_overrides(e, body, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_wave_skip(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t *d;

    d = json_object();
    drs_ask_reason(e, body, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_unit_resolve(drs_model_error_t *e, const json_t *body, json_t **out)
{
    json_t     *d, *v;
    const char *action;

    static const char *const actions[] = { "ADOPT", "RETRY", "FAIL", NULL };

    d = json_object();
    action = NULL;
    v = drs_model_alias(body, "action", NULL);

    if (v == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD_PARAMETER, "action");

    } else if (drs_model_enum(e, v, "action", actions, &action) == DRS_OK
               && action != NULL)
    {
        (void) drs_json_set_str(d, "action", drs_str(action));
    }

    v = drs_model_alias(body, "jobId", NULL);

    if (v == NULL && action != NULL && strcmp(action, "ADOPT") == 0) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD_PARAMETER, "jobId");

    } else if (v != NULL && !drs_id_is_job(drs_json_str(v))) {
        (void) drs_model_invalid(e, "jobId", v, "the id of a DRS job");

    } else if (v != NULL) {
        (void) json_object_set(d, "jobId", v);
    }

    drs_ask_reason(e, body, d);

    return drs_req_finish(e, d, out);
}


int
drs_model_precheck(drs_model_error_t *e, const json_t *body, drs_str_t plan_id,
                   json_t **out)
{
    json_t *d;

    d = json_object();
    (void) drs_json_set_str(d, "planId", plan_id);

    if (drs_model_alias(body, "executionType", NULL) == NULL) {
        (void) drs_json_set_str(d, "executionType", drs_str("DRILL"));

    } else {
        drs_req_type(e, body, d);
    }

    drs_req_plan_form(e, d);
    drs_req_waves(e, body, d);
    drs_req_point(e, body, d);

    /* nothing is overridden here, so no reason is asked for */

    (void) drs_req_flag(e, body, "allowDegraded", d);
    (void) drs_req_flag(e, body, "allowUnknownLimits", d);
    (void) drs_req_flag(e, body, "confirmReplaceExisting", d);

    return drs_req_finish(e, d, out);
}
