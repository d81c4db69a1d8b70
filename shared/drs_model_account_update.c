/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_model_account_internal.h"
#include "drs_time.h"
#include "drs_utf8.h"


json_t *
drs_account_next(const json_t *old, const drs_model_env_t *env)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *d;

    d = json_deep_copy(old);

    if (!json_is_array(json_object_get(d, "stagingAccounts"))) {
        json_object_set_new(d, "stagingAccounts", json_array());
    }

    (void) drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(d, "updatedAt", drs_str(iso));
    (void) drs_json_set_int(d, "version", drs_model_doc_version(old) + 1);

    return d;
}


static void
drs_account_new_name(drs_model_error_t *e, const json_t *body, json_t *d)
{
    json_t *v, *out;

    v = drs_model_alias(body, "accountName", NULL);

    if (v == NULL) {
        return;
    }

    if (json_is_string(v) && drs_utf8_trim(drs_json_str(v)).len == 0) {
        (void) json_object_del(d, "accountName");

    } else if (drs_model_text(e, v, "accountName", DRS_NAME_MAX, 0,
                              DRS_ERR_VALIDATION_ERROR, &out)
               == DRS_OK)
    {
        json_object_set_new(d, "accountName", out);
    }
}


static void
drs_account_new_status(drs_model_error_t *e, const json_t *body, json_t *d)
{
    json_t     *v;
    const char *status;

    static const char *const list[] = { "active", "inactive", NULL };

    v = drs_model_alias(body, "status", NULL);

    if (v != NULL && drs_model_enum(e, v, "status", list, &status) == DRS_OK) {
        (void) drs_json_set_str(d, "status", drs_str(status));
    }
}


static void
drs_account_new_role(drs_model_error_t *e, const json_t *body, json_t *d,
                     int own)
{
    json_t   *v;
    drs_str_t arn;

    v = drs_model_alias(body, "roleArn", "crossAccountRoleArn");

    if (v == NULL) {
        return;
    }

    if (!json_is_string(v)) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_ROLE_ARN, "roleArn",
                              json_pack("{s:s}", "field", "roleArn"),
                              "roleArn must be a string.");
        return;
    }

    arn = drs_str_trim(drs_json_str(v));

    if (arn.len == 0) {
        (void) json_object_del(d, "roleArn");
        (void) json_object_del(d, "crossAccountRoleArn");
        (void) json_object_del(d, "assumeRoleName");
        return;
    }

    if (own) {
        (void) drs_model_fail(e, DRS_ERR_SAME_ACCOUNT_NO_ROLE_NEEDED, "roleArn",
                              json_pack("{s:s}", "field", "roleArn"),
                              "The own account needs no role.");
        return;
    }

    (void) drs_account_role_set(e, arn, "roleArn",
                                drs_json_field(d, "accountId"), d);
}


static void
drs_account_new_external_id(drs_model_error_t *e, const json_t *body, json_t *d,
                            int own)
{
    json_t *v;

    v = drs_model_alias(body, "externalId", NULL);

    if (v == NULL || own) {
        return;
    }

    if (json_is_string(v) && json_string_length(v) == 0) {
        (void) drs_json_set_str(d, "externalId",
                                drs_str(DRS_DEFAULT_EXTERNAL_ID));

    } else if (!drs_id_is_external_id(drs_json_str(v))) {
        (void) drs_model_fail(e, DRS_ERR_VALIDATION_ERROR, "externalId",
                              json_pack("{s:s}", "field", "externalId"),
                              "externalId has characters that are not "
                              "allowed or a wrong length.");

    } else {
        json_object_set(d, "externalId", v);
    }
}


int
drs_model_account_update(drs_model_error_t *e, const json_t *body,
                         const json_t *old, const drs_model_env_t *env,
                         json_t **doc)
{
    int       own;
    int64_t   version;
    json_t   *d;
    drs_str_t id;

    *doc = NULL;

    if (json_object_size(body) == 0) {
        return drs_model_fail(e, DRS_ERR_MISSING_BODY, "body", NULL,
                              "The request body is missing.");
    }

    id = drs_json_field(old, "accountId");
    own = env->own_account.len > 0 && drs_str_eq(id, env->own_account);
    version = 0;

    if (drs_model_version(e, body, &version) == DRS_OK && version > 0
        && version != drs_model_doc_version(old))
    {
        return drs_model_version_conflict(e, version,
                                          drs_model_doc_version(old), id);
    }

    d = drs_account_next(old, env);
    drs_account_new_name(e, body, d);
    drs_account_new_status(e, body, d);
    drs_account_new_role(e, body, d, own);
    drs_account_new_external_id(e, body, d, own);

    if (!drs_str_eq(drs_json_field(d, "roleArn"),
                    drs_json_field(old, "roleArn"))
        || !drs_str_eq(drs_json_field(d, "externalId"),
                       drs_json_field(old, "externalId")))
    {
        json_object_set_new(d, "lastValidated", json_null());
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *doc = d;

    return DRS_OK;
}
