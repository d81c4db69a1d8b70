/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_tagsync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"


#define DRS_TAGSYNC_KEY   128 /* characters */
#define DRS_TAGSYNC_VALUE 256


/* -- tags ----------------------------------------------------------------- */

drs_tagsync_skip_t
drs_tagsync_skip(const json_t *server)
{
    if (drs_json_field(
            json_object_get(json_object_get(server, "sourceProperties"),
                            "identificationHints"),
            "awsInstanceID")
            .len
        == 0)
    {
        return DRS_TAGSYNC_NO_INSTANCE;
    }

    return drs_str_eqz(
               drs_json_field(json_object_get(server, "dataReplicationInfo"),
                              "dataReplicationState"),
               "DISCONNECTED")
               ? DRS_TAGSYNC_DISCONNECTED
               : DRS_TAGSYNC_TAKE;
}


/* Code points. */
static size_t
drs_ts_length(drs_str_t s)
{
    size_t i, n;

    n = 0;

    for (i = 0; i < s.len; i++) {
        n += ((unsigned char) s.data[i] & 0xc0) != 0x80;
    }

    return n;
}


static int
drs_ts_fits(drs_str_t key, drs_str_t value)
{
    return key.len > 0 && drs_ts_length(key) <= DRS_TAGSYNC_KEY
           && drs_ts_length(value) <= DRS_TAGSYNC_VALUE;
}


/* Name first, then by bytes. */
static int
drs_ts_key_cmp(const void *a, const void *b)
{
    int         x, y;
    const char *k, *l;

    k = *(const char *const *) a;
    l = *(const char *const *) b;
    x = strcmp(k, "Name") != 0;
    y = strcmp(l, "Name") != 0;

    return x != y ? x - y : strcmp(k, l);
}


/* key -> value of what may be copied. */
static json_t *
drs_ts_clean(const json_t *tags, size_t *dropped)
{
    size_t    i;
    json_t   *all, *tag;
    drs_str_t key, value;

    all = json_object();

    json_array_foreach (tags, i, tag) {
        key = drs_json_field(tag, "Key");
        value = drs_json_field(tag, "Value");

        if (key.len >= 4 && memcmp(key.data, "aws:", 4) == 0) {
            continue;
        }

        if (!drs_ts_fits(key, value)) {
            (*dropped)++;
            continue;
        }

        (void) drs_json_set_str(all, key.data,
                                value.data != NULL ? value : drs_str(""));
    }

    return all;
}


/* Number of tags on the server that the synchronisation does not own. */
static size_t
drs_ts_foreign(const json_t *have, const json_t *all, const json_t *owned)
{
    size_t      n;
    json_t     *v;
    const char *key;

    n = 0;

    json_object_foreach ((json_t *) have, key, v) {
        n += json_object_get(all, key) == NULL
             && json_object_get(owned, key) == NULL;
    }

    return n;
}


/* Managed keys that the instance no longer has. */
static void
drs_ts_gone(const json_t *owned, const json_t *all, const json_t *have,
            json_t *remove)
{
    json_t     *v;
    const char *key;

    json_object_foreach ((json_t *) owned, key, v) {
        if (json_object_get(all, key) == NULL
            && json_object_get(have, key) != NULL) {
            (void) json_array_append_new(remove, json_string(key));
        }
    }
}


static int
drs_ts_choose(const json_t *all, const json_t *have, size_t room,
              drs_tagsync_diff_t *out)
{
    size_t      i, n;
    json_t     *v;
    const char *key, **keys;

    keys = calloc(json_object_size(all) + 1, sizeof(char *));

    if (keys == NULL) {
        return DRS_ERROR;
    }

    n = 0;

    json_object_foreach ((json_t *) all, key, v) {
        keys[n++] = key;
    }

    qsort(keys, n, sizeof(char *), drs_ts_key_cmp);

    for (i = 0; i < n; i++) {
        v = json_object_get(all, keys[i]);

        if (i >= room) {
            out->dropped++;
            continue;
        }

        (void) json_array_append_new(out->keys, json_string(keys[i]));

        if (!json_equal(v, json_object_get(have, keys[i]))) {
            (void) json_object_set(out->put, keys[i], v);
        }
    }

    free(keys);

    return DRS_OK;
}


int
drs_tagsync_diff(const json_t *tags, const json_t *have, const json_t *managed,
                 drs_tagsync_diff_t *out)
{
    int     rc;
    size_t  i, foreign;
    json_t *all, *owned, *v;

    memset(out, 0, sizeof(*out));
    out->put = json_object();
    out->remove = json_array();
    out->keys = json_array();
    all = drs_ts_clean(tags, &out->dropped);
    owned = json_object();

    json_array_foreach (managed, i, v) {
        (void) json_object_set_new(owned, json_string_value(v), json_true());
    }

    foreign = drs_ts_foreign(have, all, owned);
    drs_ts_gone(owned, all, have, out->remove);
    rc = drs_ts_choose(
        all, have, foreign < DRS_TAGS_MAX ? DRS_TAGS_MAX - foreign : 0, out);
    json_decref(all);
    json_decref(owned);

    return rc;
}


void
drs_tagsync_diff_free(drs_tagsync_diff_t *d)
{
    json_decref(d->put);
    json_decref(d->remove);
    json_decref(d->keys);
    memset(d, 0, sizeof(*d));
}


/* -- settings ------------------------------------------------------------- */

static void
drs_ts_hours(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    double  hours;
    json_t *v;

    v = json_object_get(body, "intervalHours");

    if (v == NULL || json_is_null(v)) {
        return;
    }

    hours = json_number_value(v);

    if (!json_is_number(v) || !(hours >= 1 && hours <= 24)) {
        (void) drs_model_invalid(e, "intervalHours", v,
                                 "a number from 1 to 24");
        return;
    }

    (void) drs_json_set_int(doc, "intervalHours", (int64_t) hours);
}


int
drs_tagsync_settings(drs_model_error_t *e, const json_t *body,
                     const json_t *old, const drs_model_env_t *env,
                     json_t **doc)
{
    int     enabled;
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *d, *v;

    *doc = NULL;
    d = json_object();
    (void) drs_json_set_int(
        d, "intervalHours",
        drs_json_int(old, "intervalHours", DRS_TAGSYNC_HOURS));
    v = json_object_get(body, "enabled");
    enabled = 0;

    if (v == NULL || json_is_null(v)) {
        (void) drs_model_fail(e, DRS_ERR_MISSING_PARAMETER, "enabled",
                              json_pack("{s:s}", "parameter", "enabled"),
                              "enabled is required.");
    } else {
        (void) drs_model_bool(e, v, "enabled", &enabled);
    }

    drs_ts_hours(e, body, d);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    (void) drs_json_set_bool(d, "enabled", enabled);
    drs_time_iso_s(iso, env->now_s);
    (void) drs_json_set_str(d, "lastModified", drs_str(iso));
    (void) drs_json_set_str(d, "lastModifiedBy",
                            env->user.len > 0 ? env->user : drs_str("unknown"));
    *doc = d;

    return DRS_OK;
}


json_t *
drs_tagsync_settings_view(const json_t *doc)
{
    char    rate[32];
    json_t *v, *time;
    int64_t hours;

    hours = drs_json_int(doc, "intervalHours", DRS_TAGSYNC_HOURS);
    (void) snprintf(rate, sizeof(rate),
                    hours == 1 ? "rate(%d hour)" : "rate(%d hours)",
                    (int) hours);
    time = json_object_get(doc, "lastModified");
    v = json_pack("{s:b, s:I, s:s, s:s, s:o}", "enabled",
                  json_is_true(json_object_get(doc, "enabled")),
                  "intervalHours", (json_int_t) hours, "scheduleExpression",
                  rate, "ruleName", DRS_TAGSYNC_RULE, "lastModified",
                  time != NULL ? json_incref(time) : json_null());

    if (doc == NULL) {
        (void) drs_json_set_str(v, "message",
                                drs_str("Tag synchronisation is not "
                                        "configured."));
    }

    return v;
}


/* -- runs ----------------------------------------------------------------- */

int
drs_tagsync_request(drs_model_error_t *e, const json_t *body,
                    const drs_model_env_t *env, json_t **out, int *sync)
{
    int     async;
    json_t *d, *v;

    *out = NULL;
    d = json_object();
    v = json_object_get(body, "accountId");

    if (v != NULL && !json_is_null(v)) {
        if (drs_id_is_account(drs_json_str(v))) {
            (void) json_object_set(d, "accountId", v);

        } else {
            (void) drs_model_fail(e, DRS_ERR_INVALID_ACCOUNT, "accountId", NULL,
                                  "accountId must have 12 digits.");
        }
    }

    v = json_object_get(body, "region");

    if (v != NULL && !json_is_null(v)) {
        if (drs_model_region_known(env, drs_json_str(v))) {
            (void) json_object_set(d, "region", v);

        } else {
            (void) drs_model_invalid(e, "region", v,
                                     "one of the known Regions");
        }
    }

    async = 1;
    (void) drs_model_bool(e, json_object_get(body, "async"), "async", &async);

    if (drs_model_result(e) != DRS_OK) {
        json_decref(d);
        return DRS_DECLINED;
    }

    *sync = !async;
    *out = d;

    return DRS_OK;
}


json_t *
drs_tagsync_status_view(const json_t *run, const json_t *want)
{
    drs_str_t source, status;
    json_t   *v, *time;

    time = json_object_get(run, "lastSync");
    source = drs_json_field(want != NULL ? want : run, "source");
    status =
        want != NULL ? drs_str("IN_PROGRESS") : drs_json_field(run, "status");

    v = json_pack(
        "{s:o, s:s%, s:I, s:I, s:I, s:I}", "lastSync",
        time != NULL ? json_incref(time) : json_null(), "source",
        source.len > 0 ? source.data : "manual",
        source.len > 0 ? source.len : strlen("manual"), "totalAccounts",
        (json_int_t) drs_json_int(run, "totalAccounts", 0), "totalSynced",
        (json_int_t) drs_json_int(run, "totalSynced", 0), "totalFailed",
        (json_int_t) drs_json_int(run, "totalFailed", 0), "totalServers",
        (json_int_t) drs_json_int(run, "totalServers", 0));
    (void) drs_json_set_str(v, "status",
                            status.len > 0 ? status : drs_str("UNKNOWN"));

    if (run == NULL && want == NULL) {
        (void) drs_json_set_str(v, "message",
                                drs_str("No tag synchronisation has run "
                                        "yet."));
    }

    return v;
}


/* The number under both names. */
static void
drs_ts_both(json_t *o, const char *snake, const char *camel, int64_t n)
{
    (void) drs_json_set_int(o, snake, n);
    (void) drs_json_set_int(o, camel, n);
}


static json_t *
drs_ts_account(const json_t *a)
{
    char    text[128];
    json_t *o, *regions;

    regions = json_object_get(a, "regions");
    (void) snprintf(text, sizeof(text), "%d of %d servers synchronised.",
                    (int) drs_json_int(a, "synced", 0),
                    (int) drs_json_int(a, "servers", 0));
    o = json_pack("{s:s, s:O, s:O, s:O}", "message", text, "accountId",
                  json_object_get(a, "accountId"), "accountName",
                  json_object_get(a, "accountName"), "regions", regions);
    drs_ts_both(o, "total_regions", "totalRegions",
                drs_json_int(a, "asked", 0));
    drs_ts_both(o, "regions_with_servers", "regionsWithServers",
                (int64_t) json_array_size(regions));
    drs_ts_both(o, "total_servers", "totalServers",
                drs_json_int(a, "servers", 0));
    drs_ts_both(o, "total_synced", "totalSynced", drs_json_int(a, "synced", 0));
    drs_ts_both(o, "total_failed", "totalFailed", drs_json_int(a, "failed", 0));

    return o;
}


json_t *
drs_tagsync_result(const json_t *accounts, int single)
{
    char    text[128];
    size_t  i;
    int64_t synced, failed;
    json_t *a, *list, *o;

    if (json_array_size(accounts) == 0) {
        return json_pack("{s:s}", "message", "No accounts are registered.");
    }

    if (single && json_object_get(json_array_get(accounts, 0), "error") == NULL)
    {
        return drs_ts_account(json_array_get(accounts, 0));
    }

    list = json_array();
    synced = 0;
    failed = 0;

    json_array_foreach (accounts, i, a) {
        synced += drs_json_int(a, "synced", 0);
        failed += drs_json_int(a, "failed", 0);
        o = json_pack("{s:O}", "accountId", json_object_get(a, "accountId"));

        if (json_object_get(a, "error") != NULL) {
            (void) json_object_set(o, "error", json_object_get(a, "error"));

        } else {
            (void) json_object_set_new(o, "result", drs_ts_account(a));
        }

        (void) json_array_append_new(list, o);
    }

    (void) snprintf(text, sizeof(text), "%d servers synchronised.",
                    (int) synced);
    o = json_pack("{s:s, s:o}", "message", text, "accounts", list);
    drs_ts_both(o, "total_accounts", "totalAccounts",
                (int64_t) json_array_size(accounts));
    drs_ts_both(o, "total_synced", "totalSynced", synced);
    drs_ts_both(o, "total_failed", "totalFailed", failed);

    return o;
}
