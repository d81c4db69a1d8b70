/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_config_io.h"
#include "drs_model_group.h"
#include "drs_time.h"
#include "drs_utf8.h"


/* Fields of 10.4 that are exported only when they differ from the default. */
typedef struct {
    const char *name;
    const char *text;   /* default of a string field, else NULL */
    int         number; /* default of a number; -1: false or [] */
} drs_cx_default_t;

static const drs_cx_default_t drs_cx_plan[] = {
    { "maxParallelWaves", NULL, 1 },
    { "interWaveDelaySeconds", NULL, 0 },
    { "interServerDelaySeconds", NULL, 0 },
    { "priority", NULL, 5 },
    { NULL, NULL, 0 }
};

static const drs_cx_default_t drs_cx_wave[] = {
    { "failurePolicy", "FAIL_FAST", 0 },
    { "minLaunchedPercent", NULL, 0 },
    { "optionalServerIds", NULL, -1 },
    { "autoRetryFailed", NULL, 0 },
    { "emptyWavePolicy", "FAIL", 0 },
    { "deadlineMinutes", NULL, 360 },
    { "launchConfigPolicy", "", 0 },
    { "waitForLaunchActions", NULL, -1 },
    { NULL, NULL, 0 }
};

static const char *const drs_cx_wave_opaque[] = {
    "preWaveActions", "postWaveActions", "healthCheckConfig",
    "rollbackConfig", "executionType",   NULL
};


static void
drs_cx_copy(json_t *o, const json_t *from, const char *name)
{
    json_t *v;

    v = json_object_get(from, name);

    if (v != NULL && !json_is_null(v)) {
        json_object_set(o, name, v);
    }
}


static void
drs_cx_text(json_t *o, const json_t *from, const char *name)
{
    json_t *v;

    v = json_object_get(from, name);
    json_object_set_new(o, name,
                        json_is_string(v) ? json_incref(v) : json_string(""));
}


static int
drs_cx_is_default(const json_t *v, const drs_cx_default_t *d)
{
    if (v == NULL || json_is_null(v)) {
        return 1;
    }

    if (d->text != NULL) {
        return json_is_string(v) && strcmp(json_string_value(v), d->text) == 0;
    }

    if (d->number == -1) {
        return json_is_false(v)
               || (json_is_array(v) && json_array_size(v) == 0);
    }

    return json_is_integer(v) && json_integer_value(v) == d->number;
}


static void
drs_cx_policies(json_t *o, const json_t *from, const drs_cx_default_t *d)
{
    for (; d->name != NULL; d++) {
        if (!drs_cx_is_default(json_object_get(from, d->name), d)) {
            drs_cx_copy(o, from, d->name);
        }
    }
}


typedef struct {
    const json_t *doc;
    drs_str_t     name;
} drs_cx_sort_t;


static int
drs_cx_cmp(const void *a, const void *b)
{
    const drs_cx_sort_t *x, *y;

    x = a;
    y = b;

    return drs_utf8_name_cmp(x->name, y->name);
}


static drs_cx_sort_t *
drs_cx_sorted(const json_t *list, const char *field)
{
    size_t         i, n;
    drs_cx_sort_t *v;

    n = json_array_size(list);
    v = calloc(n > 0 ? n : 1, sizeof(*v));
    if (v == NULL) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        v[i].doc = json_array_get(list, i);
        v[i].name = drs_json_field(v[i].doc, field);
    }

    qsort(v, n, sizeof(*v), drs_cx_cmp);

    return v;
}


static json_t *
drs_cx_servers(const json_t *group)
{
    size_t  i;
    json_t *list, *entry, *o;

    list = json_array();

    json_array_foreach (json_object_get(group, "servers"), i, entry) {
        o = json_object();
        drs_cx_copy(o, entry, "sourceServerId");
        drs_cx_copy(o, entry, "instanceId");
        drs_cx_copy(o, entry, "instanceName");
        drs_cx_copy(o, entry, "tags");
        drs_cx_copy(o, entry, "useGroupDefaults");
        drs_cx_copy(o, entry, "launchTemplate");
        json_array_append_new(list, o);
    }

    return list;
}


static json_t *
drs_cx_group(const json_t *g)
{
    json_t *o, *servers;

    o = json_object();
    drs_cx_text(o, g, "groupName");
    drs_cx_text(o, g, "description");
    drs_cx_text(o, g, "region");
    drs_cx_text(o, g, "accountId");
    drs_cx_text(o, g, "assumeRoleName");
    drs_cx_text(o, g, "owner");

    if (drs_model_group_by_tags(g)) {
        drs_cx_copy(o, g, "serverSelectionTags");
    } else {
        drs_cx_copy(o, g, "sourceServerIds");
    }

    drs_cx_copy(o, g, "launchConfig");

    servers = drs_cx_servers(g);
    if (json_array_size(servers) > 0) {
        json_object_set(o, "servers", servers);
    }

    json_decref(servers);

    return o;
}


/* `names`: group id -> name. */
static json_t *
drs_cx_wave_doc(const json_t *w, const json_t *names, int *orphans)
{
    size_t  i;
    json_t *o, *list, *id, *name;

    o = json_object();
    drs_cx_copy(o, w, "waveNumber");
    drs_cx_text(o, w, "waveName");
    drs_cx_text(o, w, "waveDescription");

    list = json_array();

    json_array_foreach (json_object_get(w, "protectionGroupIds"), i, id) {
        name = json_object_get(names, json_string_value(id));

        if (name != NULL) {
            json_array_append(list, name);
            continue;
        }

        (*orphans)++;
        json_object_set(o, "protectionGroupId", id);
    }

    name = json_array_get(list, 0);
    json_object_set_new(o, "protectionGroupName",
                        name != NULL ? json_incref(name) : json_string(""));
    json_object_set_new(o, "protectionGroupNames", list);

    id = json_object_get(w, "serverIds");
    json_object_set_new(o, "serverIds",
                        json_is_array(id) ? json_incref(id) : json_array());
    drs_cx_copy(o, w, "pauseBeforeWave");
    drs_cx_copy(o, w, "dependsOnWaves");
    drs_cx_policies(o, w, drs_cx_wave);

    for (i = 0; drs_cx_wave_opaque[i] != NULL; i++) {
        drs_cx_copy(o, w, drs_cx_wave_opaque[i]);
    }

    return o;
}


static json_t *
drs_cx_plan_doc(const json_t *p, const json_t *names, int *orphans)
{
    size_t    i;
    json_t   *o, *waves, *w;
    drs_str_t email;

    o = json_object();
    drs_cx_text(o, p, "planName");
    drs_cx_text(o, p, "description");
    drs_cx_text(o, p, "accountId");
    drs_cx_text(o, p, "assumeRoleName");

    email = drs_json_field(p, "notificationEmail");
    if (email.len > 0) {
        (void) drs_json_set_str(o, "notificationEmail", email);
    }

    drs_cx_copy(o, p, "rpo");
    drs_cx_copy(o, p, "rto");
    drs_cx_policies(o, p, drs_cx_plan);

    waves = json_array();

    json_array_foreach (json_object_get(p, "waves"), i, w) {
        json_array_append_new(waves, drs_cx_wave_doc(w, names, orphans));
    }

    json_object_set_new(o, "waves", waves);

    return o;
}


json_t *
drs_config_export(const drs_config_export_t *x)
{
    int            orphans;
    char           iso[DRS_TIME_ISO_SIZE];
    size_t         i, n, servers, custom;
    json_t        *doc, *meta, *groups, *plans, *names, *gid;
    drs_cx_sort_t *g, *p;

    g = drs_cx_sorted(x->groups, "groupName");
    p = drs_cx_sorted(x->plans, "planName");

    if (g == NULL || p == NULL) {
        free(g);
        free(p);
        return NULL;
    }

    orphans = 0;
    servers = 0;
    custom = 0;
    names = json_object();
    groups = json_array();
    plans = json_array();
    n = json_array_size(x->groups);

    for (i = 0; i < n; i++) {
        gid = json_object_get(g[i].doc, "groupId");
        json_object_set(names, json_string_value(gid),
                        json_object_get(g[i].doc, "groupName"));
        servers +=
            json_array_size(json_object_get(g[i].doc, "sourceServerIds"));
        custom += json_array_size(json_object_get(g[i].doc, "servers"));
        json_array_append_new(groups, drs_cx_group(g[i].doc));
    }

    n = json_array_size(x->plans);

    for (i = 0; i < n; i++) {
        json_array_append_new(plans,
                              drs_cx_plan_doc(p[i].doc, names, &orphans));
    }

    free(g);
    free(p);
    json_decref(names);

    (void) drs_time_iso_s(iso, x->now_s);

    meta = json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i}",
                     "schemaVersion", DRS_CONFIG_SCHEMA, "exportedAt", iso,
                     "sourceRegion", drs_json_new_str(x->region),
                     "sourceAccount", drs_json_new_str(x->account),
                     "exportedBy", drs_json_new_str(x->exported_by),
                     "protectionGroupCount", (int) json_array_size(groups),
                     "recoveryPlanCount", (int) json_array_size(plans),
                     "serverCount", (int) servers, "serversWithCustomConfig",
                     (int) custom, "orphanedReferences", orphans);

    doc = json_object();
    json_object_set_new(doc, "metadata", meta);
    json_object_set(doc, "exportedAt", json_object_get(meta, "exportedAt"));
    json_object_set(doc, "sourceRegion", json_object_get(meta, "sourceRegion"));
    json_object_set(doc, "sourceAccount",
                    json_object_get(meta, "sourceAccount"));
    json_object_set_new(doc, "protectionGroups", groups);
    json_object_set_new(doc, "recoveryPlans", plans);

    return doc;
}
