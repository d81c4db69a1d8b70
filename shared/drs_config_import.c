/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_config_io.h"
#include "drs_utf8.h"


static const char *const drs_ci_type[] = { "ProtectionGroup", "RecoveryPlan" };

static const char *const drs_ci_status[] = { "created", "skipped", "failed" };


static int
drs_ci_version_ok(const json_t *doc, json_t **given)
{
    *given = json_object_get(json_object_get(doc, "metadata"), "schemaVersion");

    if (*given == NULL || json_is_null(*given)) {
        return 1; /* counts as 1.0 */
    }

    return json_is_string(*given)
           && (strcmp(json_string_value(*given), "1.0") == 0
               || strcmp(json_string_value(*given), DRS_CONFIG_SCHEMA) == 0);
}


static int
drs_ci_list(drs_model_error_t *e, const json_t *doc, const char *field,
            json_t *none, json_t **out)
{
    json_t *v;

    v = json_object_get(doc, field);
    *out = none;

    if (v == NULL || json_is_null(v)) {
        return DRS_OK;
    }

    if (!json_is_array(v)) {
        return drs_model_invalid(e, field, NULL, "a list");
    }

    *out = v;

    return DRS_OK;
}


int
drs_config_parse(drs_model_error_t *e, const json_t *body, int dry_run,
                 drs_config_import_t *out, json_t **none)
{
    json_t       *given, *v;
    const json_t *doc;

    memset(out, 0, sizeof(*out));
    *none = json_array();
    out->groups = *none;
    out->plans = *none;

    if (!json_is_object(body)) {
        return drs_model_invalid(e, "body", NULL, "a JSON object");
    }

    doc = body;
    v = json_object_get(body, "config");

    if (v != NULL) {
        if (!json_is_object(v)) {
            return drs_model_invalid(e, "config", NULL, "an object");
        }

        doc = v;
        (void) drs_model_bool(e, json_object_get(body, "dryRun"), "dryRun",
                              &out->dry_run);
    }

    out->dry_run |= dry_run;

    if (!drs_ci_version_ok(doc, &given)) {
        return drs_model_fail(e, DRS_ERR_UNSUPPORTED_SCHEMA_VERSION,
                              "metadata.schemaVersion",
                              json_pack("{s:[s,s]}", "supportedVersions", "1.0",
                                        DRS_CONFIG_SCHEMA),
                              "The schema version is not supported; 1.0 and "
                              "1.1 are.");
    }

    (void) drs_ci_list(e, doc, "protectionGroups", *none, &out->groups);
    (void) drs_ci_list(e, doc, "recoveryPlans", *none, &out->plans);

    return drs_model_result(e);
}


int
drs_config_result_init(drs_config_result_t *r, int dry_run)
{
    memset(r, 0, sizeof(*r));
    r->dry_run = dry_run;
    r->created = json_array();
    r->skipped = json_array();
    r->failed = json_array();
    r->group_ids = json_object();
    r->group_failed = json_object();
    r->names[0] = json_object();
    r->names[1] = json_object();

    if (r->created == NULL || r->skipped == NULL || r->failed == NULL
        || r->group_ids == NULL || r->group_failed == NULL
        || r->names[0] == NULL || r->names[1] == NULL)
    {
        drs_config_result_free(r);
        return DRS_ERROR;
    }

    return DRS_OK;
}


void
drs_config_result_free(drs_config_result_t *r)
{
    json_decref(r->created);
    json_decref(r->skipped);
    json_decref(r->failed);
    json_decref(r->group_ids);
    json_decref(r->group_failed);
    json_decref(r->names[0]);
    json_decref(r->names[1]);
    memset(r, 0, sizeof(*r));
}


void
drs_config_result_add(drs_config_result_t *r, drs_config_kind_t kind,
                      drs_str_t name, drs_config_verdict_t verdict,
                      const char *reason, json_t *details, drs_str_t id)
{
    char   *folded;
    size_t  len;
    json_t *item, *list;

    item = json_object();
    json_object_set_new(item, "type", json_string(drs_ci_type[kind]));
    (void) drs_json_set_str(item, "name", name.len > 0 ? name : drs_str(""));
    json_object_set_new(item, "status", json_string(drs_ci_status[verdict]));

    if (reason != NULL) {
        json_object_set_new(item, "reason", json_string(reason));
    }

    if (details != NULL) {
        json_object_set_new(item, "details", details);
    }

    list = verdict == DRS_CONFIG_CREATED   ? r->created
           : verdict == DRS_CONFIG_SKIPPED ? r->skipped
                                           : r->failed;
    json_array_append_new(list, item);
    r->count[kind][verdict]++;

    if (kind != DRS_CONFIG_GROUP
        || drs_utf8_fold(name, &folded, &len) != DRS_OK) {
        return;
    }

    if (verdict == DRS_CONFIG_CREATED) {
        json_object_set_new(r->group_ids, folded, drs_json_new_str(id));

    } else if (verdict == DRS_CONFIG_FAILED
               && json_object_get(r->group_ids, folded) == NULL)
    {
        json_object_set_new(r->group_failed, folded, json_true());
    }

    free(folded);
}


void
drs_config_result_error(drs_config_result_t *r, drs_config_kind_t kind,
                        drs_str_t name, const drs_model_error_t *e)
{
    json_t     *d;
    drs_str_t   none = drs_null_string;
    const char *reason;

    d = json_object();

    if (e->fields != NULL) {
        (void) json_object_update(d, e->fields);
    }

    json_object_set_new(d, "code", json_string(drs_err_code(e->err)));
    json_object_set_new(d, "message", json_string(e->message));
    json_object_set_new(d, "error", json_string(e->message));

    reason = e->err == DRS_ERR_MISSING_ACCOUNT_ID    ? "MISSING_ACCOUNT_ID"
             : e->err == DRS_ERR_SERVER_CONFLICT     ? "SERVER_CONFLICT"
             : e->err == DRS_ERR_DRS_NOT_INITIALIZED ? "DRS_NOT_INITIALIZED"
                                                     : "CREATE_ERROR";

    drs_config_result_add(r, kind, name, DRS_CONFIG_FAILED, reason, d, none);
}


json_t *
drs_config_result_body(const drs_config_result_t *r, drs_str_t correlation_id)
{
    return json_pack(
        "{s:b, s:b, s:o, s:{s:{s:i, s:i, s:i}, s:{s:i, s:i, s:i}}, s:O, s:O,"
        " s:O}",
        "success", json_array_size(r->failed) == 0, "dryRun", r->dry_run,
        "correlationId", drs_json_new_str(correlation_id), "summary",
        "protectionGroups", "created", r->count[0][0], "skipped",
        r->count[0][1], "failed", r->count[0][2], "recoveryPlans", "created",
        r->count[1][0], "skipped", r->count[1][1], "failed", r->count[1][2],
        "created", r->created, "skipped", r->skipped, "failed", r->failed);
}


/*
 * What groups and plans have in common.  DRS_OK: *folded (malloc'ed) is a new
 * name; DRS_DECLINED: the verdict has been added.
 */
static int
drs_ci_begin(drs_config_result_t *r, drs_config_kind_t kind, const json_t *item,
             const json_t *name, drs_config_find_pt find, void *data,
             char **folded)
{
    size_t    len;
    drs_str_t s, id, none = drs_null_string;

    *folded = NULL;
    s = drs_json_str(name);

    if (!json_is_object(item) || drs_utf8_trim(s).len == 0
        || drs_utf8_fold(s, folded, &len) != DRS_OK)
    {
        drs_config_result_add(r, kind, s, DRS_CONFIG_FAILED, "CREATE_ERROR",
                              json_pack("{s:s, s:s, s:s}", "code",
                                        "MISSING_FIELD", "message",
                                        "The object has no name.", "error",
                                        "The object has no name."),
                              none);
        return DRS_DECLINED;
    }

    if (json_object_get(r->names[kind], *folded) != NULL) {
        drs_config_result_add(
            r, kind, s, DRS_CONFIG_FAILED, "CREATE_ERROR",
            json_pack("{s:s, s:s, s:s}", "code",
                      kind == DRS_CONFIG_GROUP ? "PG_NAME_EXISTS"
                                               : "RP_NAME_EXISTS",
                      "message", "The name appears twice in the document.",
                      "error", "The name appears twice in the document."),
            none);
        free(*folded);
        *folded = NULL;
        return DRS_DECLINED;
    }

    json_object_set_new(r->names[kind], *folded, json_true());
    id = find(data, kind, drs_strn(*folded, len));

    if (id.len > 0) {
        drs_config_result_add(r, kind, s, DRS_CONFIG_SKIPPED, "ALREADY_EXISTS",
                              json_pack("{s:o}",
                                        kind == DRS_CONFIG_GROUP
                                            ? "existingGroupId"
                                            : "existingPlanId",
                                        drs_json_new_str(id)),
                              none);
        free(*folded);
        *folded = NULL;
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drs_config_group(drs_config_result_t *r, const json_t *item,
                 drs_config_find_pt find, void *data, json_t **body)
{
    char     *folded;
    json_t   *name, *o;
    drs_str_t none = drs_null_string;

    *body = NULL;
    name = json_object_get(item, "groupName");

    if (drs_ci_begin(r, DRS_CONFIG_GROUP, item, name, find, data, &folded)
        != DRS_OK)
    {
        return DRS_DECLINED;
    }

    free(folded);

    if (json_object_size(json_object_get(item, "serverSelectionTags")) == 0
        && json_array_size(json_object_get(item, "sourceServerIds")) == 0)
    {
        drs_config_result_add(
            r, DRS_CONFIG_GROUP, drs_json_str(name), DRS_CONFIG_FAILED,
            "NO_SELECTION_METHOD",
            json_pack("{s:s}", "message",
                      "The group has neither tags nor server ids."),
            none);
        return DRS_DECLINED;
    }

    o = json_copy((json_t *) item);
    (void) json_object_del(o, "externalId");
    *body = o;

    return o != NULL ? DRS_OK : DRS_ERROR;
}


/*
 * Id of a group by the name that a wave uses; *failed = 1 if it failed in this
 * import.  { 0, NULL } if there is none.
 */
static drs_str_t
drs_ci_group_id(const drs_config_result_t *r, drs_str_t name,
                drs_config_find_pt find, void *data, int *failed, json_t *keep)
{
    char     *folded;
    size_t    len;
    json_t   *v;
    drs_str_t id, none = drs_null_string;

    if (drs_utf8_fold(name, &folded, &len) != DRS_OK) {
        return none;
    }

    v = json_object_get(r->group_ids, folded);

    if (v != NULL) {
        free(folded);
        return drs_json_str(v);
    }

    if (json_object_get(r->group_failed, folded) != NULL) {
        *failed = 1;
        free(folded);
        return none;
    }

    id = find(data, DRS_CONFIG_GROUP, drs_strn(folded, len));
    free(folded);

    if (id.len == 0) {
        return none;
    }

    /* a view of the store's may go with the next question */
    v = drs_json_new_str(id);
    json_array_append_new(keep, v);

    return drs_json_str(v);
}


/* Group names of one wave: the list, else the single one. */
static json_t *
drs_ci_wave_names(const json_t *wave)
{
    json_t *list, *one;

    list = json_object_get(wave, "protectionGroupNames");

    if (json_is_array(list) && json_array_size(list) > 0) {
        return json_incref(list);
    }

    one = json_object_get(wave, "protectionGroupName");
    list = json_array();

    if (json_is_string(one) && json_string_length(one) > 0) {
        json_array_append(list, one);
    }

    return list;
}


typedef struct {
    json_t *missing, *failed, *keep;
} drs_ci_refs_t;


static json_t *
drs_ci_wave(const drs_config_result_t *r, const json_t *wave,
            drs_config_find_pt find, void *data, drs_ci_refs_t *refs)
{
    int       failed;
    size_t    i;
    json_t   *o, *names, *ids, *name;
    drs_str_t id;

    o = json_copy((json_t *) wave);
    names = drs_ci_wave_names(wave);
    ids = json_array();

    json_array_foreach (names, i, name) {
        failed = 0;
        id = drs_ci_group_id(r, drs_json_str(name), find, data, &failed,
                             refs->keep);

        if (id.len > 0) {
            json_array_append_new(ids, drs_json_new_str(id));

        } else {
            json_array_append(failed ? refs->failed : refs->missing, name);
        }
    }

    /* an orphan keeps its id in the export; it names no group any more */
    if (json_array_size(names) == 0
        && json_object_get(wave, "protectionGroupId") != NULL)
    {
        json_array_append(refs->missing,
                          json_object_get(wave, "protectionGroupId"));
    }

    (void) json_object_del(o, "protectionGroupId");
    (void) json_object_del(o, "protectionGroupIds");

    if (json_array_size(ids) > 0) {
        json_object_set(o, "protectionGroupIds", ids);
    }

    json_decref(ids);
    json_decref(names);

    return o;
}


static int
drs_ci_plan_refs(drs_config_result_t *r, drs_str_t name, drs_ci_refs_t *refs)
{
    drs_str_t none = drs_null_string;

    if (json_array_size(refs->failed) > 0) {
        drs_config_result_add(r, DRS_CONFIG_PLAN, name, DRS_CONFIG_FAILED,
                              "CASCADE_FAILURE",
                              json_pack("{s:O, s:s}", "failedProtectionGroups",
                                        refs->failed, "message",
                                        "Protection groups that the plan needs "
                                        "failed in this import."),
                              none);
        return DRS_DECLINED;
    }

    if (json_array_size(refs->missing) > 0) {
        drs_config_result_add(
            r, DRS_CONFIG_PLAN, name, DRS_CONFIG_FAILED,
            "MISSING_PROTECTION_GROUP",
            json_pack("{s:O, s:s}", "missingProtectionGroups", refs->missing,
                      "message",
                      "Protection groups that the plan needs do "
                      "not exist."),
            none);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drs_config_plan(drs_config_result_t *r, const json_t *item,
                drs_config_find_pt find, void *data, json_t **body)
{
    int           rc;
    char         *folded;
    size_t        i;
    json_t       *name, *o, *waves, *list, *w;
    drs_ci_refs_t refs;

    *body = NULL;
    name = drs_model_alias(item, "planName", "name");

    if (drs_ci_begin(r, DRS_CONFIG_PLAN, item, name, find, data, &folded)
        != DRS_OK) {
        return DRS_DECLINED;
    }

    free(folded);

    o = json_copy((json_t *) item);
    waves = json_object_get(item, "waves");

    refs.missing = json_array();
    refs.failed = json_array();
    refs.keep = json_array();
    rc = DRS_OK;

    if (json_is_array(waves)) {
        list = json_array();

        json_array_foreach (waves, i, w) {
            json_array_append_new(
                list, json_is_object(w) ? drs_ci_wave(r, w, find, data, &refs)
                                        : json_incref(w));
        }

        json_object_set_new(o, "waves", list);
        rc = drs_ci_plan_refs(r, drs_json_str(name), &refs);
    }

    json_decref(refs.missing);
    json_decref(refs.failed);
    json_decref(refs.keep);

    if (rc != DRS_OK) {
        json_decref(o);
        return rc;
    }

    *body = o;

    return DRS_OK;
}
