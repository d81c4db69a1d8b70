/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_account_internal.h"
#include "drs_time.h"
#include "drs_utf8.h"


json_t *
drs_model_staging_find(const json_t *doc, drs_str_t id)
{
    size_t  i;
    json_t *v;

    json_array_foreach (json_object_get(doc, "stagingAccounts"), i, v) {
        if (drs_str_eq(drs_json_field(v, "accountId"), id)) {
            return v;
        }
    }

    return NULL;
}


/* Role, external id and name of a new entry from the body. */
static void
drs_staging_fields(drs_model_error_t *e, const json_t *body, drs_str_t id,
                   json_t *entry)
{
    json_t   *v, *out;
    drs_str_t s;

    v = drs_model_alias(body, "accountName", NULL);
    s = drs_utf8_trim(drs_json_str(v));

    if (v == NULL || (json_is_string(v) && s.len == 0)) {
        (void) drs_json_set_str(entry, "accountName", id);

    } else if (drs_model_text(e, v, "stagingAccount.accountName", DRS_NAME_MAX,
                              0, DRS_ERR_VALIDATION_ERROR, &out)
               == DRS_OK)
    {
        json_object_set_new(entry, "accountName", out);
    }

    v = drs_model_alias(body, "roleArn", "crossAccountRoleArn");

    if (v != NULL && !json_is_string(v)) {
        (void) drs_model_fail(
            e, DRS_ERR_INVALID_ROLE_ARN, "stagingAccount.roleArn",
            json_pack("{s:s}", "field", "stagingAccount.roleArn"),
            "stagingAccount.roleArn must be a string.");

    } else if (drs_account_role_set(e, drs_str_trim(drs_json_str(v)),
                                    "stagingAccount.roleArn", id, entry)
               == DRS_OK)
    {
        (void) json_object_del(entry, "crossAccountRoleArn");
        (void) json_object_del(entry, "assumeRoleName");
    }

    v = drs_model_alias(body, "externalId", NULL);

    if (v == NULL || (json_is_string(v) && json_string_length(v) == 0)) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD,
                                 "stagingAccount.externalId");

    } else if (!drs_id_is_external_id(drs_json_str(v))) {
        (void) drs_model_fail(
            e, DRS_ERR_VALIDATION_ERROR, "stagingAccount.externalId",
            json_pack("{s:s}", "field", "stagingAccount.externalId"),
            "stagingAccount.externalId has characters that "
            "are not allowed or a wrong length.");

    } else {
        json_object_set(entry, "externalId", v);
    }
}


/* Id of the body's stagingAccount; empty after a failure. */
static drs_str_t
drs_staging_id(drs_model_error_t *e, const json_t *account)
{
    json_t   *v;
    drs_str_t id, none = drs_null_string;

    if (account == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "stagingAccount");
        return none;
    }

    if (!json_is_object(account)) {
        (void) drs_model_fail(e, DRS_ERR_VALIDATION_ERROR, "stagingAccount",
                              json_pack("{s:s}", "field", "stagingAccount"),
                              "stagingAccount must be an object.");
        return none;
    }

    v = drs_model_alias(account, "accountId", NULL);

    if (v == NULL || (json_is_string(v) && json_string_length(v) == 0)) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD,
                                 "stagingAccount.accountId");
        return none;
    }

    id = drs_json_str(v);

    if (!drs_id_is_account(id)) {
        (void) drs_model_fail(
            e, DRS_ERR_INVALID_FORMAT, "stagingAccount.accountId",
            json_pack("{s:s}", "field", "stagingAccount.accountId"),
            "The account id must have 12 digits.");
        return none;
    }

    return id;
}


static json_t *
drs_staging_entry(drs_str_t id, const drs_model_env_t *env, const char *source,
                  drs_str_t by)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *entry;

    entry = json_object();
    (void) drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(entry, "accountId", id);
    (void) drs_json_set_str(entry, "addedAt", drs_str(iso));
    (void) drs_json_set_str(entry, "addedBy",
                            by.len > 0 ? by : drs_str("unknown"));
    (void) drs_json_set_str(entry, "source", drs_str(source));

    return entry;
}


int
drs_model_staging_add(drs_model_error_t *e, const json_t *body,
                      const json_t *old, const drs_model_env_t *env,
                      json_t **doc)
{
    int       shared;
    json_t   *account, *entry;
    drs_str_t id;

    *doc = NULL;
    account = drs_model_alias(body, "stagingAccount", NULL);
    id = drs_staging_id(e, account);

    if (id.len == 0) {
        return DRS_DECLINED;
    }

    if (drs_str_eq(id, drs_json_field(old, "accountId"))) {
        return drs_model_fail(
            e, DRS_ERR_VALIDATION_ERROR, "stagingAccount.accountId",
            json_pack("{s:s}", "field", "stagingAccount.accountId"),
            "An account cannot be its own staging "
            "account.");
    }

    entry = drs_staging_entry(id, env, "manual", env->user);
    drs_staging_fields(e, account, id, entry);

    shared = 0;
    if (drs_model_bool(e, json_object_get(account, "shared"),
                       "stagingAccount.shared", &shared)
            == DRS_OK
        && shared)
    {
        (void) drs_json_set_bool(entry, "shared", 1);
    }

    if (drs_model_result(e) == DRS_OK
        && drs_model_staging_find(old, id) != NULL) {
        (void) drs_model_fail(
            e, DRS_ERR_STAGING_ACCOUNT_EXISTS, "stagingAccount.accountId",
            json_pack("{s:o}", "stagingAccountId", drs_json_new_str(id)),
            "Staging account %.*s is attached to this "
            "account.",
            DRS_STR_ARG(id));
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(entry);
        return DRS_DECLINED;
    }

    *doc = drs_account_next(old, env);
    json_array_append_new(json_object_get(*doc, "stagingAccounts"), entry);

    return DRS_OK;
}


int
drs_model_staging_remove(drs_model_error_t *e, drs_str_t id, const json_t *old,
                         const drs_model_env_t *env, json_t **doc)
{
    size_t  i;
    json_t *list, *v;

    *doc = NULL;

    if (drs_model_staging_find(old, id) == NULL) {
        return drs_model_fail(
            e, DRS_ERR_STAGING_ACCOUNT_NOT_FOUND, "stagingAccountId",
            json_pack("{s:o}", "stagingAccountId", drs_json_new_str(id)),
            "The staging account is not attached to this "
            "account.");
    }

    *doc = drs_account_next(old, env);
    list = json_object_get(*doc, "stagingAccounts");

    json_array_foreach (list, i, v) {
        if (drs_str_eq(drs_json_field(v, "accountId"), id)) {
            (void) json_array_remove(list, i);
            break;
        }
    }

    return DRS_OK;
}


/* Entry that nobody described: default name, role and external id. */
static json_t *
drs_staging_found(drs_str_t id, const json_t *owners, drs_str_t target,
                  const drs_model_env_t *env)
{
    char              text[64];
    json_t           *entry;
    drs_str_t         owner;
    drs_model_error_t e;

    drs_model_error_init(&e);
    entry = drs_staging_entry(id, env, "discovered", env->user);
    (void) snprintf(text, sizeof(text), "Staging Account %.4s", id.data + 8);
    (void) drs_json_set_str(entry, "accountName", drs_str(text));
    (void) drs_account_role_set(&e, drs_str(""), "roleArn", id, entry);
    (void) json_object_del(entry, "crossAccountRoleArn");
    (void) json_object_del(entry, "assumeRoleName");
    (void) drs_json_set_str(entry, "externalId",
                            drs_str(DRS_DEFAULT_EXTERNAL_ID));
    drs_model_error_free(&e);

    owner = drs_json_str(json_object_get(
        owners, json_string_value(json_object_get(entry, "accountId"))));

    if (owner.len > 0 && !drs_str_eq(owner, target)) {
        (void) drs_json_set_bool(entry, "shared", 1);
    }

    return entry;
}


int
drs_model_staging_sync(const json_t *found, const json_t *owners, int complete,
                       const json_t *old, const drs_model_env_t *env,
                       json_t **doc, json_t **added, json_t **removed)
{
    size_t      i;
    json_t     *list, *v;
    drs_str_t   id, target;
    const char *key;

    *added = json_array();
    *removed = json_array();
    *doc = drs_account_next(old, env);
    list = json_object_get(*doc, "stagingAccounts");
    target = drs_json_field(old, "accountId");

    for (i = json_array_size(list); complete && i > 0; i--) {
        v = json_array_get(list, i - 1);
        id = drs_json_field(v, "accountId");

        if (id.len > 0 && json_object_get(found, id.data) == NULL
            && drs_str_eqz(drs_json_field(v, "source"), "discovered"))
        {
            json_array_insert(*removed, 0, json_object_get(v, "accountId"));
            (void) json_array_remove(list, i - 1);
        }
    }

    json_object_foreach ((json_t *) found, key, v) {
        id = drs_str(key);

        if (drs_id_is_account(id) && !drs_str_eq(id, target)
            && drs_model_staging_find(*doc, id) == NULL)
        {
            json_array_append_new(list,
                                  drs_staging_found(id, owners, target, env));
            json_array_append_new(*added, json_string(key));
        }
    }

    if (json_array_size(*added) == 0 && json_array_size(*removed) == 0) {
        json_decref(*doc);
        *doc = NULL;
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/* Text that must be there; AC8 names MISSING_PARAMETER, INVALID_PARAMETER. */
static drs_str_t
drs_staging_param(drs_model_error_t *e, const json_t *body, const char *name,
                  int (*valid)(drs_str_t s), const char *expected)
{
    json_t   *v;
    drs_str_t s, none = drs_null_string;

    v = drs_model_alias(body, name, NULL);
    s = drs_json_str(v);

    if (v == NULL || (json_is_string(v) && s.len == 0)) {
        (void) drs_model_fail(
            e, DRS_ERR_MISSING_PARAMETER, name,
            json_pack("{s:s, s:b}", "parameter", name, "valid", 0),
            "%s is required.", name);
        return none;
    }

    if (!json_is_string(v) || !valid(s)) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_PARAMETER, name,
                              json_pack("{s:s, s:O, s:b}", "parameter", name,
                                        "value", v, "valid", 0),
                              "%s must be %s.", name, expected);
        return none;
    }

    return s;
}


static void
drs_staging_check_region(drs_model_error_t *e, const json_t *body,
                         const drs_model_env_t *env, json_t *out)
{
    drs_str_t s;

    s = drs_staging_param(e, body, "region", drs_id_is_region,
                          "the name of a Region");

    if (s.len > 0 && !drs_model_region_known(env, s)) {
        (void) drs_model_fail(
            e, DRS_ERR_INVALID_PARAMETER, "region",
            json_pack("{s:s, s:O, s:b}", "parameter", "region", "value",
                      json_object_get(body, "region"), "valid", 0),
            "The Region is unknown.");
    }

    (void) drs_json_set_str(out, "region", s);
}


int
drs_model_staging_validate(drs_model_error_t *e, const json_t *body,
                           const drs_model_env_t *env, json_t **request)
{
    json_t   *out, *v;
    drs_str_t id, s;

    *request = NULL;
    out = json_object();

    id =
        drs_staging_param(e, body, "accountId", drs_id_is_account, "12 digits");
    (void) drs_json_set_str(out, "accountId", id);
    s = drs_staging_param(e, body, "externalId", drs_id_is_external_id,
                          "2 to 1224 letters, digits or _+=,.@:/-");
    (void) drs_json_set_str(out, "externalId", s);
    drs_staging_check_region(e, body, env, out);

    v = drs_model_alias(body, "roleArn", "crossAccountRoleArn");

    if (v != NULL && !json_is_string(v)) {
        (void) drs_model_invalid(e, "roleArn", v, "the ARN of an IAM role");

    } else if (id.len > 0) {
        (void) drs_account_role_set(e, drs_str_trim(drs_json_str(v)), "roleArn",
                                    id, out);
    }

    v = drs_model_alias(body, "targetAccountId", NULL);

    if (v != NULL) {
        s = drs_staging_param(e, body, "targetAccountId", drs_id_is_account,
                              "12 digits");
        (void) drs_json_set_str(out, "targetAccountId", s);
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(out);
        return DRS_DECLINED;
    }

    *request = out;

    return DRS_OK;
}
