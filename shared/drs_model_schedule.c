/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_cron.h"
#include "drs_model_exec_int.h"
#include "drs_model_schedule.h"
#include "drs_sha256.h"
#include "drs_time.h"
#include "drs_utf8.h"


static void
drs_sched_cron(drs_model_error_t *e, const json_t *v, json_t *doc)
{
    drs_str_t   s;
    drs_cron_t  cron;
    const char *err;

    s = drs_utf8_trim(drs_json_str(v));
    err = "cron must be a text.";

    if (!json_is_string(v) || drs_cron_parse(&cron, s, &err) != DRS_OK) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_CRON, "cron",
                              json_pack("{s:s}", "field", "cron"), "%s", err);
        return;
    }

    (void) drs_json_set_str(doc, "cron", s);
}


static void
drs_sched_zone(drs_model_error_t *e, const json_t *v, json_t *doc)
{
    drs_str_t s;

    if (v == NULL || json_is_null(v)) {
        return;
    }

    s = drs_utf8_trim(drs_json_str(v));

    if (!json_is_string(v) || !drs_tz_name_valid(s)) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_TIME_ZONE, "timeZone",
                              json_pack("{s:s}", "field", "timeZone"),
                              "timeZone must be the name of an IANA time "
                              "zone, such as Europe/Berlin.");
        return;
    }

    (void) drs_json_set_str(doc, "timeZone", s);
}


static void
drs_sched_flag(drs_model_error_t *e, const json_t *body, const char *field,
               json_t *doc)
{
    int v;

    v = json_is_true(json_object_get(doc, field));

    if (drs_model_bool(e, json_object_get(body, field), field, &v) == DRS_OK) {
        (void) drs_json_set_bool(doc, field, v);
    }
}


/* allowDegraded needs a reason; without it there is nothing to give one for. */
static void
drs_sched_override(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    json_t *v;

    v = json_object_get(body, "overrideReason");

    if (json_is_null(v)) {
        (void) json_object_del(doc, "overrideReason");

    } else if (v != NULL) {
        (void) json_object_del(doc, "overrideReason");
        drs_req_text(e, body, "overrideReason", DRS_REQ_REASON_MAX, doc);
    }

    if (!json_is_true(json_object_get(doc, "allowDegraded"))) {
        (void) json_object_del(doc, "overrideReason");

    } else if (json_object_get(doc, "overrideReason") == NULL) {
        (void) drs_model_fail(e, DRS_ERR_MISSING_FIELD, "overrideReason",
                              json_pack("{s:s}", "field", "overrideReason"),
                              "allowDegraded needs an overrideReason.");
    }
}


/* What create and update treat alike. */
static void
drs_sched_common(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    const char *type;

    static const char *const types[] = { "DRILL", NULL };

    drs_sched_zone(e, json_object_get(body, "timeZone"), doc);
    drs_sched_flag(e, body, "enabled", doc);
    (void) drs_model_enum(e, json_object_get(body, "executionType"),
                          "executionType", types, &type);
    drs_sched_flag(e, body, "skipIfConflict", doc);
    drs_sched_flag(e, body, "allowDegraded", doc);
    drs_sched_override(e, body, doc);
}


static void
drs_sched_editor(json_t *doc, const drs_model_env_t *env, const json_t *editor)
{
    char    iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *v, *who;

    static const char *const names[] = { "type", "userId", "email", "username",
                                         "roles" };

    who = json_object();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(editor, names[i]);

        if (v != NULL) {
            (void) json_object_set(who, names[i], v);
        }
    }

    (void) json_object_set_new(doc, "editor", who);
    (void) drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(doc, "updatedAt", drs_str(iso));
}


static int
drs_sched_finish(drs_model_error_t *e, json_t *d, json_t **doc)
{
    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *doc = d;

    return DRS_OK;
}


int
drs_model_schedule_create(drs_model_error_t *e, const json_t *body,
                          const drs_model_env_t *env, const json_t *editor,
                          drs_str_t id, drs_str_t plan_id, json_t **doc)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *d, *name, *cron, *v;

    *doc = NULL;
    name = drs_model_alias(body, "name", NULL);
    cron = drs_model_alias(body, "cron", NULL);

    if (name == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "name");
    }

    if (cron == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "cron");
    }

    d = json_pack("{s:s%, s:s%, s:s, s:b, s:s, s:s, s:s, s:b, s:b}",
                  "scheduleId", id.data, id.len, "planId", plan_id.data,
                  plan_id.len, "name", "", "enabled", 1, "cron", "", "timeZone",
                  "UTC", "executionType", "DRILL", "skipIfConflict", 1,
                  "allowDegraded", 0);

    if (name != NULL && drs_model_name(e, name, "name", &v) == DRS_OK) {
        json_object_set_new(d, "name", v);
    }

    if (cron != NULL) {
        drs_sched_cron(e, cron, d);
    }

    drs_sched_common(e, body, d);

    (void) drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(d, "createdAt", drs_str(iso));
    drs_sched_editor(d, env, editor);
    (void) drs_json_set_str(d, "createdBy", env->user);
    (void) drs_json_set_int(d, "version", 1);

    return drs_sched_finish(e, d, doc);
}


int
drs_model_schedule_update(drs_model_error_t *e, const json_t *body,
                          const json_t *old, const drs_model_env_t *env,
                          const json_t *editor, json_t **doc)
{
    json_t *d, *v, *name;
    int64_t version, stored;

    *doc = NULL;
    stored = drs_model_doc_version(old);

    if (drs_model_version(e, body, &version) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (version != 0 && version != stored) {
        return drs_model_version_conflict(e, version, stored,
                                          drs_json_field(old, "scheduleId"));
    }

    d = json_deep_copy(old);
    v = drs_model_alias(body, "name", NULL);

    if (v != NULL && drs_model_name(e, v, "name", &name) == DRS_OK) {
        json_object_set_new(d, "name", name);
    }

    v = drs_model_alias(body, "cron", NULL);

    if (v != NULL) {
        drs_sched_cron(e, v, d);
    }

    drs_sched_common(e, body, d);
    drs_sched_editor(d, env, editor);
    (void) drs_json_set_int(d, "version", stored + 1);

    return drs_sched_finish(e, d, doc);
}


/* -- runs ----------------------------------------------------------------- */

int
drs_schedule_run_id(char dst[DRS_UUID_SIZE], const char *kind,
                    drs_str_t schedule_id, int64_t due_ms)
{
    char          time[32];
    drs_str_t     parts[5];
    unsigned char md[DRS_SHA256_LEN];

    (void) snprintf(time, sizeof(time), "%lld", (long long) due_ms);
    parts[0] = drs_str(kind);
    parts[1] = drs_str(" ");
    parts[2] = schedule_id;
    parts[3] = drs_str(" ");
    parts[4] = drs_str(time);

    if (drs_sha256_parts(md, parts, 5) != DRS_OK) {
        return DRS_ERROR;
    }

    drs_id_uuid4(dst, md);

    return DRS_OK;
}


json_t *
drs_schedule_request(const json_t *doc)
{
    json_t   *r;
    drs_str_t name, cron, zone;

    name = drs_json_field(doc, "name");
    cron = drs_json_field(doc, "cron");
    zone = drs_json_field(doc, "timeZone");

    r = json_pack(
        "{s:O, s:s, s:o, s:s, s:O, s:{s:O, s:o}, s:b, s:b, s:b}", "planId",
        json_object_get(doc, "planId"), "executionType", "DRILL", "initiatedBy",
        json_sprintf("schedule:%.*s", DRS_STR_ARG(name)), "invocationSource",
        "EVENTBRIDGE", "scheduleId", json_object_get(doc, "scheduleId"),
        "invocationDetails", "scheduleRuleName", json_object_get(doc, "name"),
        "scheduleExpression",
        json_sprintf("cron(%.*s) %.*s", DRS_STR_ARG(cron), DRS_STR_ARG(zone)),
        "allowDegraded", json_is_true(json_object_get(doc, "allowDegraded")),
        "allowUnknownLimits", 0, "confirmReplaceExisting", 0);

    if (r != NULL && json_object_get(doc, "overrideReason") != NULL) {
        (void) json_object_set(r, "overrideReason",
                               json_object_get(doc, "overrideReason"));
    }

    return r;
}
