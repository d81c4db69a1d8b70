/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_model_manifest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_group.h"
#include "drs_model_launch.h"
#include "drs_model_plan.h"
#include "drs_utf8.h"


/* what an id is for the models, which want one */
#define DRS_MF_ID "00000000-0000-4000-8000-%012zu"


typedef struct {
    const json_t          *manifest, *known;
    const drs_model_env_t *env;
    json_t                *errors, *warnings;         /* of all */
    json_t                *own_errors, *own_warnings; /* of one object */
    json_t                *names;     /* folded group name -> true */
    json_t                *plans;     /* folded plan name -> true */
    json_t                *addresses; /* "<subnet> <ip>" -> path */
    size_t                 servers, custom;
} drs_mf_t;


static void drs_mf_add(drs_mf_t *m, int warning, const char *code,
                       const char *path, const char *fmt, ...) DRS_PRINTF(5, 6);


static void
drs_mf_add(drs_mf_t *m, int warning, const char *code, const char *path,
           const char *fmt, ...)
{
    char    text[400];
    json_t *entry;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    entry = json_pack("{s:s, s:s, s:s}", "code", code, "message", text, "path",
                      path);
    (void) json_array_append(warning ? m->warnings : m->errors, entry);
    (void) json_array_append_new(warning ? m->own_warnings : m->own_errors,
                                 entry);
}


/* Key of a name, or NULL; the caller frees it. */
static char *
drs_mf_fold(const json_t *name)
{
    char     *folded;
    size_t    len;
    drs_str_t s;

    s = drs_utf8_trim(drs_json_str(name));

    return s.len > 0 && drs_utf8_fold(s, &folded, &len) == DRS_OK ? folded
                                                                  : NULL;
}


/* What a model found, below `at`; its field paths are its own. */
static void
drs_mf_model(drs_mf_t *m, const char *at, const drs_model_error_t *e)
{
    char        path[256];
    size_t      i;
    json_t     *v;
    drs_str_t   field;
    const char *code;

    json_array_foreach (json_object_get(e->details, "errors"), i, v) {
        field = drs_json_field(v, "field");
        code = json_string_value(json_object_get(v, "code"));
        (void) snprintf(path, sizeof(path), "%s%s%.*s", at,
                        field.len > 0 ? "." : "", DRS_STR_ARG(field));

        if (code != NULL
            && (strcmp(code, "MISSING_FIELD") == 0
                || strcmp(code, "MISSING_PARAMETER") == 0))
        {
            code = "MISSING_REQUIRED_FIELD";
        }

        drs_mf_add(m, 0, code != NULL ? code : "VALIDATION_ERROR", path, "%s",
                   json_string_value(json_object_get(v, "message")));
    }
}


int
drs_manifest_parse(drs_model_error_t *e, const json_t *body,
                   const json_t **manifest, drs_str_t *correlation)
{
    json_t *v;

    *manifest = body;
    *correlation = drs_json_field(body, "correlationId");
    v = json_object_get(body, "manifest");

    if (v != NULL) {
        if (!json_is_object(v)) {
            return drs_model_invalid(e, "manifest", NULL, "an object");
        }

        *manifest = v;
    }

    if (correlation->len > 0 && !drs_id_is_uuid4(*correlation)) {
        return drs_model_invalid(e, "correlationId", NULL, "a UUID");
    }

    return DRS_OK;
}


/* -- references ----------------------------------------------------------- */

/* Group names of a wave: the list, else the single one; a new array. */
static json_t *
drs_mf_wave_names(const json_t *wave, const char *many, const char *one)
{
    json_t *v, *list;

    v = json_object_get(wave, many);

    if (json_is_array(v) && json_array_size(v) > 0) {
        return json_incref(v);
    }

    list = json_array();
    v = json_object_get(wave, one);

    if (json_is_string(v) && json_string_length(v) > 0) {
        (void) json_array_append(list, v);
    }

    return list;
}


/* Folded names of the groups in the document. */
static json_t *
drs_mf_group_names(const json_t *manifest)
{
    char   *folded;
    size_t  i;
    json_t *names, *item;

    names = json_object();

    json_array_foreach (json_object_get(manifest, "protectionGroups"), i, item)
    {
        folded = drs_mf_fold(json_object_get(item, "groupName"));

        if (folded != NULL) {
            (void) json_object_set_new(names, folded, json_true());
        }

        free(folded);
    }

    return names;
}


static void
drs_mf_wave_refs(const json_t *wave, const json_t *own, json_t *names,
                 json_t *ids)
{
    char   *folded;
    size_t  i;
    json_t *list, *v;

    list =
        drs_mf_wave_names(wave, "protectionGroupNames", "protectionGroupName");

    json_array_foreach (list, i, v) {
        folded = drs_mf_fold(v);

        if (folded != NULL && json_object_get(own, folded) == NULL) {
            (void) json_object_set_new(names, folded, json_true());
        }

        free(folded);
    }

    json_decref(list);
    list = drs_mf_wave_names(wave, "protectionGroupIds", "protectionGroupId");

    json_array_foreach (list, i, v) {
        if (drs_id_is_uuid4(drs_json_str(v))) {
            (void) json_object_set_new(ids, json_string_value(v), json_true());
        }
    }

    json_decref(list);
}


static json_t *
drs_mf_keys(const json_t *object)
{
    json_t     *list, *v;
    const char *key;

    list = json_array();

    json_object_foreach ((json_t *) object, key, v) {
        (void) json_array_append_new(list, json_string(key));
    }

    return list;
}


json_t *
drs_manifest_refs(const json_t *manifest)
{
    size_t  i, k;
    json_t *own, *names, *ids, *plan, *wave, *refs;

    own = drs_mf_group_names(manifest);
    names = json_object();
    ids = json_object();

    json_array_foreach (json_object_get(manifest, "recoveryPlans"), i, plan) {
        json_array_foreach (json_object_get(plan, "waves"), k, wave) {
            drs_mf_wave_refs(wave, own, names, ids);
        }
    }

    refs = json_pack("{s:o, s:o}", "names", drs_mf_keys(names), "ids",
                     drs_mf_keys(ids));
    json_decref(own);
    json_decref(names);
    json_decref(ids);

    return refs;
}


/* -- groups --------------------------------------------------------------- */

/* Address of an entry: twice in the document, or without a subnet. */
static void
drs_mf_address(drs_mf_t *m, const json_t *group, const json_t *entry,
               const char *path)
{
    char          key[256];
    json_t       *first;
    drs_str_t     ip, subnet;
    const json_t *t;

    t = json_object_get(entry, "launchTemplate");
    ip = drs_json_field(t, "staticPrivateIp");

    if (ip.len == 0) {
        return;
    }

    subnet = drs_json_field(t, "subnetId");

    if (subnet.len == 0
        && !json_is_false(json_object_get(entry, "useGroupDefaults")))
    {
        subnet =
            drs_json_field(json_object_get(group, "launchConfig"), "subnetId");
    }

    if (subnet.len == 0) {
        drs_mf_add(m, 1, "MISSING_SUBNET", path,
                   "The address %.*s has no subnet.", DRS_STR_ARG(ip));
        subnet = drs_json_field(group, "region");
    }

    (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(subnet),
                    DRS_STR_ARG(ip));
    first = json_object_get(m->addresses, key);

    if (first != NULL) {
        drs_mf_add(m, 0, "DUPLICATE_IP_IN_MANIFEST", path,
                   "The address %.*s is given to %s too.", DRS_STR_ARG(ip),
                   json_string_value(first));
        return;
    }

    (void) json_object_set_new(m->addresses, key, json_string(path));
}


/*
 * The entries of servers[]; those that name a server go to *named, for the
 * model.  Entries by instance are checked here.
 */
static void
drs_mf_servers(drs_mf_t *m, const json_t *group, const char *at, json_t *named)
{
    char              path[256];
    size_t            i;
    json_t           *entry, *t, *out;
    drs_model_error_t e;

    json_array_foreach (json_object_get(group, "servers"), i, entry) {
        (void) snprintf(path, sizeof(path), "%s.servers[%zu]", at, i);
        t = json_object_get(entry, "launchTemplate");
        m->custom += json_object_size(t) > 0;
        drs_mf_address(m, group, entry, path);

        if (drs_json_field(entry, "sourceServerId").len > 0) {
            (void) json_array_append(named, entry);
            continue;
        }

        if (drs_json_field(entry, "instanceId").len == 0) {
            drs_mf_add(m, 0, "MISSING_SERVER_IDENTIFICATION", path,
                       "The entry names neither sourceServerId nor "
                       "instanceId.");
        }

        if (t != NULL) {
            out = NULL;
            drs_model_error_init(&e);

            if (drs_model_launch_template(&e, t, "launchTemplate", &out)
                != DRS_OK) {
                drs_mf_model(m, path, &e);
            }

            json_decref(out);
            drs_model_error_free(&e);
        }
    }
}


/* 1 if the name is there and new. */
static void
drs_mf_name(drs_mf_t *m, json_t *seen, const json_t *item, const char *at,
            const char *field, const char *code)
{
    char  path[160];
    char *folded;

    (void) snprintf(path, sizeof(path), "%s.%s", at, field);
    folded = drs_mf_fold(json_object_get(item, field));

    if (folded == NULL) {
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", path, "%s is required.",
                   field);
        return;
    }

    if (json_object_get(seen, folded) != NULL) {
        drs_mf_add(m, 0, code, path, "The name appears twice in the document.");
    }

    (void) json_object_set_new(seen, folded, json_true());
    free(folded);
}


static void
drs_mf_group(drs_mf_t *m, const json_t *group, size_t n)
{
    char              at[64], path[128], id[64];
    json_t           *body, *named, *doc;
    drs_model_error_t e;

    (void) snprintf(at, sizeof(at), "protectionGroups[%zu]", n);

    if (!json_is_object(group)) {
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", at,
                   "A protection group must be an object.");
        return;
    }

    drs_mf_name(m, m->names, group, at, "groupName", "PG_NAME_EXISTS");
    m->servers += json_array_size(json_object_get(group, "sourceServerIds"));

    if (json_object_size(json_object_get(group, "serverSelectionTags")) == 0
        && json_array_size(json_object_get(group, "sourceServerIds")) == 0)
    {
        (void) snprintf(path, sizeof(path), "%s.sourceServerIds", at);
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", path,
                   "The group has neither tags nor server ids.");
    }

    body = json_copy((json_t *) group);
    named = json_array();
    drs_mf_servers(m, group, at, named);
    (void) json_object_del(body, "externalId");

    if (json_is_array(json_object_get(group, "servers"))) {
        (void) json_object_set(body, "servers", named);
    }

    json_decref(named);

    if (drs_json_field(group, "groupName").len > 0
        && (json_object_size(json_object_get(group, "serverSelectionTags"))
            + json_array_size(json_object_get(group, "sourceServerIds")))
               > 0)
    {
        (void) snprintf(id, sizeof(id), DRS_MF_ID, n);
        doc = NULL;
        drs_model_error_init(&e);

        if (drs_model_group_create(&e, body, m->env, drs_str(id), &doc)
            != DRS_OK) {
            drs_mf_model(m, at, &e);
        }

        json_decref(doc);
        drs_model_error_free(&e);
    }

    json_decref(body);
}


/* -- plans ---------------------------------------------------------------- */

static int
drs_mf_knows(const drs_mf_t *m, const char *kind, const char *key)
{
    return json_object_get(json_object_get(m->known, kind), key) != NULL;
}


/* Puts ids of the groups into the copy of a wave; the model wants some. */
static void
drs_mf_wave(drs_mf_t *m, const json_t *wave, json_t *copy, const char *at)
{
    char    path[160], id[64];
    char   *folded;
    size_t  i;
    json_t *names, *ids, *v, *use;

    names =
        drs_mf_wave_names(wave, "protectionGroupNames", "protectionGroupName");
    ids = drs_mf_wave_names(wave, "protectionGroupIds", "protectionGroupId");
    use = json_array();
    (void) snprintf(path, sizeof(path), "%s.protectionGroupName", at);

    json_array_foreach (names, i, v) {
        folded = drs_mf_fold(v);

        if (folded == NULL
            || (json_object_get(m->names, folded) == NULL
                && !drs_mf_knows(m, "names", folded)))
        {
            drs_mf_add(m, 0, "PROTECTION_GROUP_NOT_FOUND", path,
                       "There is no protection group %.100s.",
                       json_is_string(v) ? json_string_value(v) : "");
        }

        free(folded);
        (void) snprintf(id, sizeof(id), DRS_MF_ID, i);
        (void) json_array_append_new(use, json_string(id));
    }

    if (json_array_size(names) == 0) {
        json_array_foreach (ids, i, v) {
            if (!json_is_string(v)
                || !drs_mf_knows(m, "ids", json_string_value(v))) {
                drs_mf_add(m, 0, "PROTECTION_GROUP_NOT_FOUND", path,
                           "There is no protection group with the id of the "
                           "wave.");
            }

            (void) json_array_append(use, v);
        }
    }

    if (json_array_size(use) == 0) {
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", path,
                   "The wave names no protection group.");
    }

    (void) json_object_del(copy, "protectionGroupName");
    (void) json_object_del(copy, "protectionGroupNames");
    (void) json_object_del(copy, "protectionGroupId");
    (void) json_object_set_new(copy, "protectionGroupIds", use);
    json_decref(names);
    json_decref(ids);
}


/* A copy of the waves that the model takes, or NULL: nothing to check. */
static json_t *
drs_mf_waves(drs_mf_t *m, const json_t *plan, const char *at)
{
    char    path[128];
    size_t  i;
    json_t *waves, *wave, *copy, *list;

    waves = json_object_get(plan, "waves");

    if (json_array_size(waves) == 0) {
        (void) snprintf(path, sizeof(path), "%s.waves", at);
        drs_mf_add(m, 0, "EMPTY_WAVES", path, "The plan has no waves.");
        return NULL;
    }

    list = json_array();

    json_array_foreach (waves, i, wave) {
        (void) snprintf(path, sizeof(path), "%s.waves[%zu]", at, i);

        if (!json_is_object(wave)) {
            drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", path,
                       "A wave must be an object.");
            json_decref(list);
            return NULL;
        }

        copy = json_copy(wave);
        drs_mf_wave(m, wave, copy, path);
        (void) json_array_append_new(list, copy);
    }

    return list;
}


static void
drs_mf_plan(drs_mf_t *m, const json_t *plan, size_t n)
{
    char              at[64], id[64];
    json_t           *waves, *body, *doc;
    size_t            before;
    drs_model_error_t e;

    (void) snprintf(at, sizeof(at), "recoveryPlans[%zu]", n);

    if (!json_is_object(plan)) {
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", at,
                   "A recovery plan must be an object.");
        return;
    }

    before = json_array_size(m->errors);
    drs_mf_name(m, m->plans, plan, at, "planName", "RP_NAME_EXISTS");
    waves = drs_mf_waves(m, plan, at);

    if (waves == NULL || json_array_size(m->errors) != before) {
        json_decref(waves);
        return;
    }

    body = json_copy((json_t *) plan);
    (void) json_object_set_new(body, "waves", waves);
    (void) json_object_set(body, "name", json_object_get(plan, "planName"));
    (void) snprintf(id, sizeof(id), DRS_MF_ID, n);
    doc = NULL;
    drs_model_error_init(&e);

    if (drs_model_plan_create(&e, body, m->env, drs_str(id), &doc) != DRS_OK) {
        drs_mf_model(m, at, &e);
    }

    json_decref(doc);
    json_decref(body);
    drs_model_error_free(&e);
}


/* -- report --------------------------------------------------------------- */

static void
drs_mf_begin(drs_mf_t *m)
{
    json_decref(m->own_errors);
    json_decref(m->own_warnings);
    m->own_errors = json_array();
    m->own_warnings = json_array();
}


/* One element of protectionGroupValidation or recoveryPlanValidation. */
static json_t *
drs_mf_verdict(const drs_mf_t *m, const char *field, const json_t *item)
{
    drs_str_t name;

    name = drs_json_field(item, field);

    return json_pack("{s:s%, s:b, s:O, s:O}", field,
                     name.data != NULL ? name.data : "", name.len, "valid",
                     json_array_size(m->own_errors) == 0, "errors",
                     m->own_errors, "warnings", m->own_warnings);
}


static void
drs_mf_schema(drs_mf_t *m)
{
    size_t  i;
    json_t *v;

    static const char *const lists[] = { "protectionGroups", "recoveryPlans" };

    v = json_object_get(json_object_get(m->manifest, "metadata"),
                        "schemaVersion");

    if (v == NULL || json_is_null(v)) {
        drs_mf_add(m, 1, "MISSING_SCHEMA_VERSION", "metadata.schemaVersion",
                   "The schema version is missing; it is read as 1.0.");

    } else if (!drs_str_eqz(drs_json_str(v), "1.0")
               && !drs_str_eqz(drs_json_str(v), "1.1"))
    {
        drs_mf_add(m, 0, "UNSUPPORTED_SCHEMA_VERSION", "metadata.schemaVersion",
                   "The schema version is not supported; 1.0 and 1.1 are.");
    }

    for (i = 0; i < 2; i++) {
        v = json_object_get(m->manifest, lists[i]);

        if (v != NULL && !json_is_null(v) && !json_is_array(v)) {
            drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", lists[i],
                       "%s must be a list.", lists[i]);
        }
    }

    if (json_object_get(m->manifest, lists[0]) == NULL
        && json_object_get(m->manifest, lists[1]) == NULL)
    {
        drs_mf_add(m, 0, "MISSING_REQUIRED_FIELD", lists[0],
                   "The document has neither protectionGroups nor "
                   "recoveryPlans.");
    }
}


json_t *
drs_manifest_check(const json_t *manifest, const json_t *known,
                   const drs_model_env_t *env, drs_str_t correlation)
{
    size_t   i;
    json_t  *groups, *plans, *schema, *v, *report, *glist, *plist;
    drs_mf_t m;

    memset(&m, 0, sizeof(m));
    m.manifest = manifest;
    m.known = known;
    m.env = env;
    m.errors = json_array();
    m.warnings = json_array();
    m.names = json_object();
    m.plans = json_object();
    m.addresses = json_object();
    groups = json_array();
    plans = json_array();
    glist = json_object_get(manifest, "protectionGroups");
    plist = json_object_get(manifest, "recoveryPlans");

    drs_mf_begin(&m);
    drs_mf_schema(&m);
    schema =
        json_pack("{s:b, s:O}", "valid", json_array_size(m.own_errors) == 0,
                  "errors", m.own_errors);

    json_array_foreach (glist, i, v) {
        drs_mf_begin(&m);
        drs_mf_group(&m, v, i);
        (void) json_array_append_new(groups,
                                     drs_mf_verdict(&m, "groupName", v));
    }

    json_array_foreach (plist, i, v) {
        drs_mf_begin(&m);
        drs_mf_plan(&m, v, i);
        (void) json_array_append_new(plans, drs_mf_verdict(&m, "planName", v));
    }

    report = json_pack(
        "{s:b, s:s%, s:{s:I, s:I, s:I, s:I, s:I, s:I}, s:o, s:o, s:o, s:o, "
        "s:o}",
        "valid", json_array_size(m.errors) == 0, "correlationId",
        correlation.data != NULL ? correlation.data : "", correlation.len,
        "summary", "totalProtectionGroups", (json_int_t) json_array_size(glist),
        "totalRecoveryPlans", (json_int_t) json_array_size(plist),
        "totalServers", (json_int_t) m.servers, "serversWithCustomConfig",
        (json_int_t) m.custom, "validationErrors",
        (json_int_t) json_array_size(m.errors), "validationWarnings",
        (json_int_t) json_array_size(m.warnings), "schemaValidation", schema,
        "protectionGroupValidation", groups, "recoveryPlanValidation", plans,
        "errors", m.errors, "warnings", m.warnings);

    json_decref(m.own_errors);
    json_decref(m.own_warnings);
    json_decref(m.names);
    json_decref(m.plans);
    json_decref(m.addresses);

    return report;
}
