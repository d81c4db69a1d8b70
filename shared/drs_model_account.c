/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_account_internal.h"
#include "drs_time.h"
#include "drs_utf8.h"


int
drs_account_role_set(drs_model_error_t *e, drs_str_t arn, const char *field,
                     drs_str_t id, json_t *doc)
{
    char      text[128];
    size_t    i;
    drs_str_t account, path;

    if (arn.len == 0) {
        (void) snprintf(text, sizeof(text), "arn:aws:iam::%.*s:role/%s",
                        DRS_STR_ARG(id), DRS_DEFAULT_ROLE_NAME);
        arn = drs_str(text);
    }

    if (!drs_id_role_arn(arn, &account, &path) || !drs_str_eq(account, id)) {
        return drs_model_fail(e, DRS_ERR_INVALID_ROLE_ARN, field,
                              json_pack("{s:s}", "field", field),
                              "%s must be the ARN of an IAM role of account "
                              "%.*s.",
                              field, DRS_STR_ARG(id));
    }

    (void) drs_json_set_str(doc, "roleArn", arn);
    (void) drs_json_set_str(doc, "crossAccountRoleArn", arn);

    for (i = path.len; i > 0 && path.data[i - 1] != '/'; i--) { /* void */
    }
    (void) drs_json_set_str(doc, "assumeRoleName",
                            drs_strn(path.data + i, path.len - i));

    return DRS_OK;
}


static void
drs_account_role(drs_model_error_t *e, const json_t *body, json_t *doc,
                 drs_str_t id, int own)
{
    json_t   *v;
    drs_str_t s;

    v = drs_model_alias(body, "roleArn", "crossAccountRoleArn");
    s = drs_str_trim(drs_json_str(v));

    if (v != NULL && !json_is_string(v)) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_ROLE_ARN, "roleArn",
                              json_pack("{s:s}", "field", "roleArn"),
                              "roleArn must be a string.");
        return;
    }

    if (own) {
        if (s.len > 0) {
            (void) drs_model_fail(e, DRS_ERR_SAME_ACCOUNT_NO_ROLE_NEEDED,
                                  "roleArn",
                                  json_pack("{s:s}", "field", "roleArn"),
                                  "The own account needs no role.");
        }

        return;
    }

    (void) drs_account_role_set(e, s, "roleArn", id, doc);
}


static void
drs_account_external_id(drs_model_error_t *e, const json_t *body, json_t *doc,
                        int own)
{
    json_t   *v;
    drs_str_t s;

    if (own) {
        return;
    }

    v = drs_model_alias(body, "externalId", NULL);
    s = drs_json_str(v);

    if (v == NULL || (json_is_string(v) && s.len == 0)) {
        s = drs_str(DRS_DEFAULT_EXTERNAL_ID);

    } else if (!drs_id_is_external_id(s)) {
        (void) drs_model_fail(e, DRS_ERR_VALIDATION_ERROR, "externalId",
                              json_pack("{s:s}", "field", "externalId"),
                              "externalId has characters that are not "
                              "allowed or a wrong length.");
        return;
    }

    (void) drs_json_set_str(doc, "externalId", s);
}


static void
drs_account_name(drs_model_error_t *e, const json_t *body, json_t *doc,
                 drs_str_t id)
{
    char    name[32];
    json_t *v, *out;

    v = drs_model_alias(body, "accountName", NULL);

    if (v == NULL
        || (json_is_string(v) && drs_utf8_trim(drs_json_str(v)).len == 0)) {
        (void) snprintf(name, sizeof(name), "Account %.*s", DRS_STR_ARG(id));
        (void) drs_json_set_str(doc, "accountName", drs_str(name));

    } else if (drs_model_text(e, v, "accountName", DRS_NAME_MAX, 0,
                              DRS_ERR_VALIDATION_ERROR, &out)
               == DRS_OK)
    {
        json_object_set_new(doc, "accountName", out);
    }
}


int
drs_model_account_create(drs_model_error_t *e, const json_t *body,
                         const drs_model_env_t *env, json_t **doc)
{
    int       own;
    char      iso[DRS_TIME_ISO_SIZE];
    json_t   *v, *d;
    drs_str_t id;

    *doc = NULL;

    if (json_object_size(body) == 0) {
        return drs_model_fail(e, DRS_ERR_MISSING_BODY, "body", NULL,
                              "The request body is missing.");
    }

    v = drs_model_alias(body, "accountId", NULL);

    if (v == NULL || (json_is_string(v) && json_string_length(v) == 0)) {
        return drs_model_missing(e, DRS_ERR_MISSING_FIELD, "accountId");
    }

    id = drs_json_str(v);

    if (!drs_id_is_account(id)) {
        return drs_model_fail(e, DRS_ERR_INVALID_FORMAT, "accountId",
                              json_pack("{s:s}", "field", "accountId"),
                              "The account id must have 12 digits.");
    }

    own = env->own_account.len > 0 && drs_str_eq(id, env->own_account);

    d = json_object();
    (void) drs_json_set_str(d, "accountId", id);
    drs_account_name(e, body, d, id);
    (void) drs_json_set_str(d, "status", drs_str("active"));
    (void) drs_json_set_bool(d, "isCurrentAccount", own);
    drs_account_role(e, body, d, id, own);
    drs_account_external_id(e, body, d, own);
    json_object_set_new(d, "stagingAccounts", json_array());

    (void) drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(d, "createdAt", drs_str(iso));
    (void) drs_json_set_str(d, "updatedAt", drs_str(iso));
    json_object_set_new(d, "lastValidated", json_null());
    (void) drs_json_set_str(d, "createdBy",
                            env->user.len > 0 ? env->user : drs_str("unknown"));
    (void) drs_json_set_int(d, "version", 1);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *doc = d;

    return DRS_OK;
}
