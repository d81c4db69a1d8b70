/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The request of DRS9: one job outside of plans.
 */

#include "drs_model_exec_req.h"

#include "drs_id.h"


#define DRS_START_SERVERS_MAX 100


static void
drs_start_ids(drs_model_error_t *e, const json_t *body, json_t *d)
{
    size_t  i;
    json_t *given, *list, *seen, *v;

    given = json_object_get(body, "sourceServerIds");

    if (given == NULL || json_is_null(given)) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "sourceServerIds");
        return;
    }

    if (!json_is_array(given) || json_array_size(given) == 0
        || json_array_size(given) > DRS_START_SERVERS_MAX)
    {
        (void) drs_model_invalid(e, "sourceServerIds", NULL,
                                 "a list of 1 to 100 source server ids");
        return;
    }

    list = json_array();
    seen = json_object();

    json_array_foreach (given, i, v) {
        if (!drs_id_is_source_server(drs_json_str(v))) {
            (void) drs_model_invalid(e, "sourceServerIds", v,
                                     "source server ids");

        } else if (json_object_get(seen, json_string_value(v)) == NULL) {
            (void) json_object_set_new(seen, json_string_value(v), json_true());
            (void) json_array_append(list, v);
        }
    }

    json_decref(seen);
    (void) json_object_set_new(d, "sourceServerIds", list);
}


static void
drs_start_place(drs_model_error_t *e, const json_t *body,
                const drs_model_env_t *env, json_t *d)
{
    json_t *v;

    v = json_object_get(body, "region");

    if (v == NULL || json_is_null(v)) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_REGION, "region");

    } else if (!drs_model_region_known(env, drs_json_str(v))) {
        (void) drs_model_invalid(e, "region", v, "one of the known Regions");

    } else {
        (void) json_object_set(d, "region", v);
    }

    v = json_object_get(body, "accountId");

    if (v == NULL || json_is_null(v)) {
        return;
    }

    if (!drs_id_is_account(drs_json_str(v))) {
        (void) drs_model_invalid(e, "accountId", v, "12 digits");

    } else {
        (void) json_object_set(d, "accountId", v);
    }
}


int
drs_model_drs_start(drs_model_error_t *e, const json_t *body,
                    const drs_model_env_t *env, json_t **out)
{
    int     drill, confirm;
    json_t *d;

    /* the overrides are those of EX8 */

    if (drs_model_exec_resume(e, body, &d) != DRS_OK) {
        d = json_object();
    }

    drill = 1;
    confirm = 0;
    drs_start_ids(e, body, d);
    drs_start_place(e, body, env, d);
    (void) drs_model_bool(e, json_object_get(body, "isDrill"), "isDrill",
                          &drill);
    (void) drs_model_bool(e, json_object_get(body, "confirmReplaceExisting"),
                          "confirmReplaceExisting", &confirm);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        *out = NULL;
        return DRS_DECLINED;
    }

    (void) drs_json_set_bool(d, "isDrill", drill);
    (void) drs_json_set_bool(d, "confirmReplaceExisting", confirm);
    *out = d;

    return DRS_OK;
}
