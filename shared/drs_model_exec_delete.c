/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The request of EX3, EX4 and EX15.
 */

#include "drs_model_exec_req.h"

#include "drs_id.h"


#define DRS_DELETE_IDS_MAX 5000


static int
drs_delete_none(drs_model_error_t *e)
{
    return drs_model_fail(e, DRS_ERR_MISSING_EXECUTION_IDS, "executionIds",
                          NULL, "At least one execution id is required.");
}


/* Adds an id once; the order stays. */
static int
drs_delete_add(drs_model_error_t *e, json_t *list, json_t *seen, drs_str_t id)
{
    char   key[64];
    size_t n;

    id = drs_str_trim(id);

    if (id.len == 0) {
        return DRS_OK;
    }

    if (id.len >= sizeof(key) || json_array_size(list) >= DRS_DELETE_IDS_MAX) {
        return drs_model_invalid(e, "executionIds", NULL,
                                 "at most 5000 execution ids");
    }

    for (n = 0; n < id.len; n++) {
        key[n] = id.data[n];
    }

    key[n] = '\0';

    if (json_object_get(seen, key) == NULL) {
        if (json_array_append_new(list, drs_json_new_str(id)) != 0) {
            return drs_model_invalid(e, "executionIds", NULL, "execution ids");
        }

        (void) json_object_set_new(seen, key, json_true());
    }

    return DRS_OK;
}


static int
drs_delete_ids(drs_model_error_t *e, const drs_exec_delete_t *in, json_t *list)
{
    int       rc;
    size_t    i;
    json_t   *v, *given, *seen;
    drs_str_t rest, item;

    seen = json_object();
    given = json_object_get(in->body, "executionIds");
    rest = in->ids;
    rc = DRS_OK;

    while (rc == DRS_OK && drs_str_split(&rest, ',', &item)) {
        rc = drs_delete_add(e, list, seen, item);
    }

    if (rc == DRS_OK && given != NULL && !json_is_array(given)) {
        rc = drs_model_invalid(e, "executionIds", given,
                               "a list of execution ids");
    }

    json_array_foreach (given, i, v) {
        if (rc != DRS_OK) {
            break;
        }

        rc = json_is_string(v) ? drs_delete_add(e, list, seen, drs_json_str(v))
                               : drs_model_invalid(e, "executionIds", v,
                                                   "a list of execution ids");
    }

    json_decref(seen);

    return rc == DRS_OK && json_array_size(list) == 0 ? drs_delete_none(e) : rc;
}


static void
drs_delete_options(drs_model_error_t *e, const drs_exec_delete_t *in, json_t *d)
{
    int force;

    force = in->force.len > 0 && drs_str_ieqz(in->force, "true");
    (void) drs_model_bool(e, json_object_get(in->body, "force"), "force",
                          &force);
    (void) drs_json_set_bool(d, "force", force);

    if (in->account_id.len > 0) {
        if (drs_id_is_account(in->account_id)) {
            (void) drs_json_set_str(d, "accountId", in->account_id);

        } else {
            (void) drs_model_invalid(e, "accountId", NULL, "12 digits");
        }
    }
}


int
drs_model_exec_delete(drs_model_error_t *e, const drs_exec_delete_t *in,
                      json_t **out)
{
    json_t *d, *list;

    *out = NULL;
    d = json_object();

    if (d == NULL) {
        return drs_model_invalid(e, "body", NULL, "less");
    }

    if (in->form == DRS_EXEC_DELETE_IDS
        || (in->form == DRS_EXEC_DELETE_ANY
            && (in->ids.data != NULL
                || json_object_get(in->body, "executionIds") != NULL)))
    {
        list = json_array();
        (void) json_object_set_new(d, "executionIds", list);
        (void) drs_delete_ids(e, in, list);
    }

    drs_delete_options(e, in, d);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *out = d;

    return DRS_OK;
}
