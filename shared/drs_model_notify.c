
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_model_notify.h"
#include "drs_notify.h"
#include "drs_time.h"
#include "drs_utf8.h"


static void
drs_notify_stamp(json_t *doc, const char *name, int64_t now_s)
{
    char iso[DRS_TIME_ISO_SIZE];

    (void) drs_time_iso_s(iso, now_s);
    (void) json_object_set_new(doc, name, json_string(iso));
}


/* -- webhooks ---------------------------------------------------------------- */

/* A field that must be there at create; 1: take it. */
static int
drs_hook_given(drs_model_error_t *e, const json_t *body, const json_t *old,
               const char *field, json_t **v)
{
    *v = json_object_get(body, field);

    if (*v != NULL && !json_is_null(*v)) {
        return 1;
    }

    if (old == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, field);
    }

    return 0;
}


static void
drs_hook_url(drs_model_error_t *e, const json_t *v,
             const drs_webhook_rules_t *rules, json_t *doc)
{
    drs_str_t   url;
    const char *why;

    url = drs_str_trim(drs_json_str(v));
    why = "it is not a string";

    if (!json_is_string(v)
        || drs_notify_url_allowed(url, rules->hosts, rules->allow_private, &why)
               != DRS_OK)
    {
        (void) drs_model_fail(
            e, DRS_ERR_INVALID_URL, "url",
            json_pack("{s:s, s:s}", "field", "url", "reason", why),
            "The url is not acceptable: %s.", why);
        return;
    }

    (void) drs_json_set_str(doc, "url", url);
}


static void
drs_hook_events(drs_model_error_t *e, const json_t *v, json_t *doc)
{
    char    field[32];
    size_t  i;
    json_t *item, *list;

    if (!json_is_array(v) || json_array_size(v) == 0 || json_array_size(v) > 64)
    {
        (void) drs_model_invalid(e, "events", v,
                                 "a list of events, or [\"*\"] for all");
        return;
    }

    list = json_array();

    json_array_foreach (v, i, item) {
        (void) snprintf(field, sizeof(field), "events[%zu]", i);

        if (!json_is_string(item)
            || (strcmp(json_string_value(item), "*") != 0
                && drs_notify_event(drs_json_str(item)) == NULL))
        {
            (void) drs_model_invalid(e, field, item,
                                     "a notification event or *");
            continue;
        }

        (void) json_array_append(list, item);
    }

    (void) json_object_set_new(doc, "events", list);
}


static void
drs_hook_plans(drs_model_error_t *e, const json_t *v, json_t *doc)
{
    char    field[32];
    size_t  i;
    json_t *item;

    if (!json_is_array(v) || json_array_size(v) > DRS_WEBHOOK_PLANS_MAX) {
        (void) drs_model_invalid(e, "planIds", v, "a list of plan ids");
        return;
    }

    json_array_foreach (v, i, item) {
        if (!json_is_string(item) || !drs_id_is_uuid4(drs_json_str(item))) {
            (void) snprintf(field, sizeof(field), "planIds[%zu]", i);
            (void) drs_model_invalid(e, field, item, "a plan id");
            return;
        }
    }

    (void) json_object_set(doc, "planIds", (json_t *) v);
}


static void
drs_hook_secret(drs_model_error_t *e, const json_t *v, drs_str_t *secret)
{
    size_t    i;
    drs_str_t s;

    s = drs_json_str(v);

    if (!json_is_string(v) || s.len < DRS_WEBHOOK_SECRET_MIN
        || s.len > DRS_WEBHOOK_SECRET_MAX)
    {
        /* the value is never repeated */
        (void) drs_model_invalid(e, "secret", NULL,
                                 "a string of 16 to 256 bytes");
        return;
    }

    for (i = 0; i < s.len; i++) {
        if ((unsigned char) s.data[i] < 0x20 || s.data[i] == 0x7f) {
            (void) drs_model_invalid(e, "secret", NULL,
                                     "a string without control characters");
            return;
        }
    }

    *secret = s;
}


/* What an update may change; defaults at create. */
static void
drs_hook_fields(drs_model_error_t *e, const json_t *body, const json_t *old,
                const drs_webhook_rules_t *rules, json_t *doc,
                drs_str_t *secret)
{
    int     enabled;
    json_t *v, *name;

    if (drs_hook_given(e, body, old, "name", &v)
        && drs_model_name(e, v, "name", &name) == DRS_OK && name != NULL)
    {
        (void) json_object_set_new(doc, "name", name);
    }

    if (drs_hook_given(e, body, old, "url", &v)) {
        drs_hook_url(e, v, rules, doc);
    }

    v = json_object_get(body, "events");

    if (v != NULL && !json_is_null(v)) {
        drs_hook_events(e, v, doc);
    }

    v = json_object_get(body, "planIds");

    if (v != NULL && !json_is_null(v)) {
        drs_hook_plans(e, v, doc);
    }

    enabled = json_is_true(json_object_get(doc, "enabled"));
    (void) drs_model_bool(e, json_object_get(body, "enabled"), "enabled",
                          &enabled);
    (void) drs_json_set_bool(doc, "enabled", enabled);

    if (drs_hook_given(e, body, old, "secret", &v)) {
        drs_hook_secret(e, v, secret);
    }
}


int
drs_model_webhook(drs_model_error_t *e, const json_t *body, const json_t *old,
                  drs_str_t id, const drs_webhook_rules_t *rules,
                  const drs_model_env_t *env, json_t **doc, drs_str_t *secret)
{
    int64_t given, current;
    json_t *d;

    *doc = NULL;
    *secret = drs_str(NULL);
    given = 0;
    current = old != NULL ? drs_model_doc_version(old) : 0;
    (void) drs_model_version(e, body, &given);

    if (old != NULL && given != 0 && given != current) {
        return drs_model_version_conflict(e, given, current,
                                          drs_json_field(old, "webhookId"));
    }

    if (old != NULL) {
        d = json_copy((json_t *) old);

    } else {
        d = json_pack("{s:o, s:s, s:s, s:[s], s:[], s:b}", "webhookId",
                      drs_json_new_str(id), "name", "", "url", "", "events",
                      "*", "planIds", "enabled", 1);
        drs_notify_stamp(d, "createdAt", env->now_s);
        (void) drs_json_set_str(d, "createdBy", env->user);
    }

    drs_hook_fields(e, body, old, rules, d, secret);
    drs_notify_stamp(d, "updatedAt", env->now_s);
    (void) drs_json_set_int(d, "version", current + 1);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *doc = d;
    return DRS_OK;
}


json_t *
drs_view_webhook(const json_t *doc, drs_str_t last)
{
    size_t                   i;
    json_t                  *v, *m;
    static const char *const names[] = { "webhookId", "name",    "url",
                                         "events",    "planIds", "enabled" };
    static const char *const rest[] = { "createdAt", "updatedAt", "createdBy",
                                        "version" };

    v = json_object();

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void) json_object_set(v, names[i], json_object_get(doc, names[i]));
    }

    (void) drs_json_set_bool(v, "secretSet",
                             drs_json_field(doc, "secret").len > 0);

    m = last.len > 0 ? drs_json_parse(last, &drs_json_store_limits, NULL)
                     : NULL;
    (void) json_object_set_new(v, "lastDelivery", m != NULL ? m : json_null());

    for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        (void) json_object_set(v, rest[i], json_object_get(doc, rest[i]));
    }

    return v;
}


static int
drs_list_has(const json_t *list, drs_str_t s)
{
    size_t  i;
    json_t *item;

    json_array_foreach (list, i, item) {
        if (drs_str_eq(drs_json_str(item), s)) {
            return 1;
        }
    }

    return 0;
}


int
drs_webhook_wants(const json_t *doc, drs_str_t event, drs_str_t plan)
{
    const json_t *plans;

    if (!json_is_true(json_object_get(doc, "enabled"))
        || (!drs_list_has(json_object_get(doc, "events"), drs_str("*"))
            && !drs_list_has(json_object_get(doc, "events"), event)))
    {
        return 0;
    }

    plans = json_object_get(doc, "planIds");

    return json_array_size(plans) == 0
           || (plan.len > 0 && drs_list_has(plans, plan));
}


/* -- settings ---------------------------------------------------------------- */

int
drs_id_topic_arn(drs_str_t s, drs_str_t *region, drs_str_t *account)
{
    size_t    i;
    drs_str_t part[6], rest;

    rest = s;

    for (i = 0; i < 6; i++) {
        if (!drs_str_split(&rest, ':', &part[i])) {
            return 0;
        }
    }

    if (rest.data != NULL || !drs_str_eqz(part[0], "arn")
        || (!drs_str_eqz(part[1], "aws") && !drs_str_eqz(part[1], "aws-us-gov")
            && !drs_str_eqz(part[1], "aws-cn"))
        || !drs_str_eqz(part[2], "sns") || !drs_id_is_region(part[3])
        || !drs_id_is_account(part[4]) || part[5].len == 0 || part[5].len > 256)
    {
        return 0;
    }

    for (i = 0; i < part[5].len; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789_-",
                   part[5].data[i])
            == NULL)
        {
            return 0; /* FIFO topics cannot send mail */
        }
    }

    if (region != NULL) {
        *region = part[3];
    }
    if (account != NULL) {
        *account = part[4];
    }

    return 1;
}


static void
drs_set_topic(drs_model_error_t *e, const json_t *body, const char *field,
              json_t *doc)
{
    json_t   *v;
    drs_str_t s;

    v = json_object_get(body, field);

    if (v == NULL) {
        return;
    }

    s = drs_str_trim(drs_json_str(v));

    if (json_is_null(v) || (json_is_string(v) && s.len == 0)) {
        (void) json_object_del(doc, field);

    } else if (!drs_id_topic_arn(s, NULL, NULL)) {
        (void) drs_model_invalid(e, field, v, "ARN of a standard SNS topic");

    } else {
        (void) drs_json_set_str(doc, field, s);
    }
}


static void
drs_set_email(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    json_t   *v;
    drs_str_t s;

    v = json_object_get(body, "adminEmail");

    if (v == NULL || json_is_null(v)) {
        return;
    }

    s = drs_utf8_trim(drs_json_str(v));

    if (!json_is_string(v) || (s.len > 0 && !drs_id_is_email(s))) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_EMAIL, "adminEmail",
                              json_pack("{s:s}", "field", "adminEmail"),
                              "adminEmail is not an e-mail address.");
        return;
    }

    (void) drs_json_set_str(doc, "adminEmail", s.len > 0 ? s : drs_str(""));
}


static void
drs_set_events(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    char        field[96];
    json_t     *v, *value, *map;
    const char *key;

    v = json_object_get(body, "events");

    if (v == NULL || json_is_null(v)) {
        return;
    }

    if (!json_is_object(v)) {
        (void) drs_model_invalid(e, "events", v, "an object of booleans");
        return;
    }

    map = json_copy(json_object_get(doc, "events"));
    map = map != NULL ? map : json_object();

    json_object_foreach (v, key, value) {
        (void) snprintf(field, sizeof(field), "events.%.64s", key);

        if (drs_notify_event(drs_str(key)) == NULL) {
            (void) drs_model_invalid(e, field, NULL, "a notification event");

        } else if (!json_is_boolean(value)) {
            (void) drs_model_invalid(e, field, value, "a boolean");

        } else {
            (void) json_object_set(map, key, value);
        }
    }

    (void) json_object_set_new(doc, "events", map);
}


static void
drs_set_reminders(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    int     bad;
    size_t  i;
    json_t *v, *item;
    int64_t before, n;

    v = json_object_get(body, "pauseReminderHours");

    if (v == NULL || json_is_null(v)) {
        return;
    }

    before = 0;
    bad = !json_is_array(v) || json_array_size(v) > DRS_REMINDERS_MAX;

    json_array_foreach (v, i, item) {
        n = json_is_integer(item) ? json_integer_value(item) : 0;
        bad |= n <= before || n > DRS_REMINDER_HOURS_MAX;
        before = n;
    }

    if (bad) {
        (void) drs_model_invalid(e, "pauseReminderHours", v,
                                 "at most 20 growing whole hours of 1 to 8760");
        return;
    }

    (void) json_object_set(doc, "pauseReminderHours", v);
}


static void
drs_set_base_url(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    json_t          *v;
    drs_str_t        s;
    const char      *why;
    drs_notify_url_t u;

    v = json_object_get(body, "publicBaseUrl");

    if (v == NULL) {
        return;
    }

    s = drs_str_trim(drs_json_str(v));

    if (json_is_null(v) || (json_is_string(v) && s.len == 0)) {
        (void) json_object_del(doc, "publicBaseUrl");
        return;
    }

    while (s.len > 0 && s.data[s.len - 1] == '/') {
        s.len--;
    }

    if (drs_notify_url(&u, s, &why) != DRS_OK
        || memchr(s.data, '?', s.len) != NULL) {
        (void) drs_model_invalid(e, "publicBaseUrl", v,
                                 "an https address without a query");
        return;
    }

    (void) drs_json_set_str(doc, "publicBaseUrl", s);
}


int
drs_model_notify(drs_model_error_t *e, const json_t *body, const json_t *old,
                 json_t **doc)
{
    int64_t given, current;
    json_t *d;

    *doc = NULL;
    given = 0;
    current = drs_json_int(old, "version", 0);

    /* 0 is the version of settings that were never stored */

    if (!json_is_integer(json_object_get(body, "version"))
        || json_integer_value(json_object_get(body, "version")) != 0)
    {
        (void) drs_model_version(e, body, &given);

    } else if (current != 0) {
        return drs_model_version_conflict(e, 0, current, drs_str("notify"));
    }

    if (given != 0 && given != current) {
        return drs_model_version_conflict(e, given, current, drs_str("notify"));
    }

    d = old != NULL ? json_copy((json_t *) old) : json_object();
    drs_set_topic(e, body, "executionTopicArn", d);
    drs_set_topic(e, body, "alertsTopicArn", d);
    drs_set_email(e, body, d);
    drs_set_events(e, body, d);
    drs_set_reminders(e, body, d);
    drs_set_base_url(e, body, d);
    (void) drs_json_set_int(d, "version", current + 1);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *doc = d;
    return DRS_OK;
}


int
drs_notify_wanted(const json_t *settings, drs_str_t event)
{
    size_t      n;
    const char *key;
    json_t     *value;

    n = event.len;

    json_object_foreach (json_object_get(settings, "events"), key, value) {
        if (strlen(key) == n && memcmp(key, event.data, n) == 0) {
            return !json_is_false(value);
        }
    }

    return 1;
}


json_t *
drs_view_notify(const json_t *doc, int64_t pending, int64_t failed,
                int64_t oldest_age_s)
{
    size_t                    i, n;
    json_t                   *v, *map, *hours;
    drs_str_t                 s;
    const drs_notify_event_t *all;

    v = json_object();
    map = json_object();
    all = drs_notify_events(&n);

    for (i = 0; i < n; i++) {
        (void) drs_json_set_bool(map, all[i].name,
                                 drs_notify_wanted(doc, drs_str(all[i].name)));
    }

    s = drs_json_field(doc, "executionTopicArn");
    if (s.len > 0) {
        (void) drs_json_set_str(v, "executionTopicArn", s);
    }

    s = drs_json_field(doc, "alertsTopicArn");
    if (s.len > 0) {
        (void) drs_json_set_str(v, "alertsTopicArn", s);
    }

    s = drs_json_field(doc, "adminEmail");
    (void) drs_json_set_str(v, "adminEmail", s.len > 0 ? s : drs_str(""));
    (void) json_object_set_new(v, "events", map);

    hours = json_object_get(doc, "pauseReminderHours");
    (void) json_object_set_new(v, "pauseReminderHours",
                               hours != NULL ? json_incref(hours)
                                             : json_pack("[i,i]", 24, 168));

    s = drs_json_field(doc, "publicBaseUrl");
    if (s.len > 0) {
        (void) drs_json_set_str(v, "publicBaseUrl", s);
    }

    (void) drs_json_set_int(v, "version", drs_json_int(doc, "version", 0));
    (void) json_object_set_new(
        v, "outbox",
        json_pack("{s:I, s:I, s:I}", "pending", (json_int_t) pending, "failed",
                  (json_int_t) failed, "oldestAgeSeconds",
                  (json_int_t) oldest_age_s));

    return v;
}
