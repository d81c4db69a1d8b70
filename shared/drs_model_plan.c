/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_plan.h"
#include "drs_model_wave.h"
#include "drs_utf8.h"


static json_t *
drs_plan_default(json_t *v, json_t *dflt)
{
    if (v != NULL) {
        json_decref(dflt);
        return v;
    }

    return dflt;
}


/* rpo and rto: any scalar, stored as given. */
static void
drs_plan_scalar(drs_model_error_t *e, const json_t *body, const char *field,
                json_t *doc)
{
    json_t *v;

    v = json_object_get(body, field);

    if (v == NULL) {
        return;
    }

    if (json_is_null(v)) {
        json_object_del(doc, field);
        return;
    }

    if (json_is_object(v) || json_is_array(v) || json_string_length(v) > 255) {
        (void) drs_model_invalid(e, field, NULL, "a short text or a number");
        return;
    }

    json_object_set(doc, field, v);
}


static void
drs_plan_number(drs_model_error_t *e, const json_t *body, json_t *doc,
                const char *field, int64_t min, int64_t max, int64_t dflt)
{
    int64_t n;

    n = drs_json_int(doc, field, dflt);

    (void) drs_model_int(e, json_object_get(body, field), field, min, max, &n);
    (void) drs_json_set_int(doc, field, n);
}


/* The members that create and update treat alike. */
static void
drs_plan_common(drs_model_error_t *e, const json_t *body, json_t *doc,
                drs_err_t email_err)
{
    json_t   *v;
    drs_str_t s;

    (void) drs_model_text(e, json_object_get(body, "description"),
                          "description", DRS_DESCRIPTION_MAX, DRS_UTF8_NEWLINE,
                          DRS_ERR_INVALID_PARAMETER, &v);
    if (v != NULL) {
        json_object_set_new(doc, "description", v);
    }

    v = json_object_get(body, "notificationEmail");

    if (v != NULL && !json_is_null(v)) {
        s = drs_utf8_trim(drs_json_str(v));

        if (!json_is_string(v) || (s.len > 0 && !drs_id_is_email(s))) {
            (void) drs_model_fail(
                e, email_err, "notificationEmail",
                json_pack("{s:s}", "field", "notificationEmail"),
                "notificationEmail is not an e-mail "
                "address.");

        } else {
            (void) drs_json_set_str(doc, "notificationEmail",
                                    s.len > 0 ? s : drs_str(""));
        }
    }

    drs_plan_scalar(e, body, "rpo", doc);
    drs_plan_scalar(e, body, "rto", doc);

    drs_plan_number(e, body, doc, "maxParallelWaves", 1, 100, 1);
    drs_plan_number(e, body, doc, "interWaveDelaySeconds", 0, 3600, 0);
    drs_plan_number(e, body, doc, "interServerDelaySeconds", 0, 3600, 0);
    drs_plan_number(e, body, doc, "priority", 1, 9, 5);
}


/* Both names of one value; *doc keeps the order of api.md 2.6. */
static void
drs_plan_set_name(json_t *doc, json_t *name)
{
    json_object_set(doc, "planName", name);
    json_object_set_new(doc, "name", name);
}


static void
drs_plan_account(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    json_t *v, *text;

    v = json_object_get(body, "accountId");

    if (v != NULL && !json_is_null(v) && json_string_length(v) > 0
        && !drs_id_is_account(drs_json_str(v)))
    {
        (void) drs_model_invalid(e, "accountId", v, "12 digits");
        v = NULL;

    } else if (v != NULL && !json_is_null(v) && !json_is_string(v)) {
        (void) drs_model_invalid(e, "accountId", v, "12 digits");
        v = NULL;
    }

    json_object_set_new(
        doc, "accountId",
        drs_plan_default(json_is_string(v) ? json_incref(v) : NULL,
                         json_string("")));

    (void) drs_model_text(e, json_object_get(body, "assumeRoleName"),
                          "assumeRoleName", 64, 0, DRS_ERR_INVALID_PARAMETER,
                          &text);
    json_object_set_new(doc, "assumeRoleName",
                        drs_plan_default(text, json_string("")));
}


static int
drs_plan_finish(drs_model_error_t *e, json_t *doc, json_t **out)
{
    if (drs_model_result(e) != DRS_OK) {
        json_decref(doc);
        return DRS_DECLINED;
    }

    *out = doc;

    return DRS_OK;
}


int
drs_model_plan_create(drs_model_error_t *e, const json_t *body,
                      const drs_model_env_t *env, drs_str_t plan_id,
                      json_t **doc)
{
    json_t *d, *v, *waves, *name, *list;

    *doc = NULL;

    v = drs_model_alias(body, "name", "planName");
    waves = drs_model_alias(body, "waves", NULL);

    if (v == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "name");
    }

    if (waves == NULL || (json_is_array(waves) && json_array_size(waves) == 0))
    {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "waves");
        waves = NULL;
    }

    d = json_object();
    (void) drs_json_set_str(d, "planId", plan_id);

    if (v != NULL && drs_model_name(e, v, "name", &name) == DRS_OK) {
        drs_plan_set_name(d, name);
    }

    (void) drs_json_set_str(d, "description", drs_str(""));
    json_object_set_new(d, "waves", json_array());
    drs_plan_account(e, body, d);
    (void) drs_json_set_str(d, "notificationEmail", drs_str(""));
    (void) drs_json_set_str(d, "snsSubscriptionArn", drs_str(""));
    drs_plan_common(e, body, d, DRS_ERR_INVALID_EMAIL);

    if (waves != NULL && drs_model_waves(e, waves, &list) == DRS_OK) {
        json_object_set_new(d, "waves", list);
    }

    (void) drs_json_set_int(d, "createdDate", env->now_s);
    (void) drs_json_set_int(d, "lastModifiedDate", env->now_s);
    (void) drs_json_set_int(d, "version", 1);

    return drs_plan_finish(e, d, doc);
}


int
drs_model_plan_update(drs_model_error_t *e, const json_t *body,
                      const json_t *old, const drs_model_env_t *env,
                      json_t **doc, int *waves_changed)
{
    json_t *d, *v, *name, *list;
    int64_t version, stored;

    *doc = NULL;
    *waves_changed = 0;
    stored = drs_model_doc_version(old);

    if (drs_model_version(e, body, &version) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (version != 0 && version != stored) {
        return drs_model_version_conflict(e, version, stored,
                                          drs_json_field(old, "planId"));
    }

    d = json_deep_copy(old);

    v = drs_model_alias(body, "name", "planName");
    if (v != NULL && drs_model_name(e, v, "name", &name) == DRS_OK) {
        drs_plan_set_name(d, name);
    }

    drs_plan_common(e, body, d, DRS_ERR_INVALID_EMAIL_UPDATE);

    v = json_object_get(body, "waves");

    if (v != NULL && !json_is_null(v) && drs_model_waves(e, v, &list) == DRS_OK)
    {
        json_object_set_new(d, "waves", list);
        *waves_changed = 1;
    }

    (void) drs_json_set_int(d, "lastModifiedDate", env->now_s);
    (void) drs_json_set_int(d, "version", stored + 1);

    return drs_plan_finish(e, d, doc);
}


json_t *
drs_model_plan_groups(const json_t *doc)
{
    size_t  i, j;
    json_t *wave, *id, *list, *seen;

    list = json_array();
    seen = json_object();

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        json_array_foreach (json_object_get(wave, "protectionGroupIds"), j, id)
        {
            if (json_is_string(id)
                && json_object_get(seen, json_string_value(id)) == NULL) {
                json_object_set_new(seen, json_string_value(id), json_true());
                json_array_append(list, id);
            }
        }
    }

    json_decref(seen);

    return list;
}
