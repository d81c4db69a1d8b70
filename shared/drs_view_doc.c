/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_model.h"
#include "drs_model_group.h"
#include "drs_model_launch.h"
#include "drs_model_plan.h"
#include "drs_utf8.h"
#include "drs_view_doc.h"


static const char *const drs_vd_group_strings[] = { "description", "accountId",
                                                    "assumeRoleName", "owner",
                                                    NULL };


int
drs_view_group_complete(const json_t *doc)
{
    return json_object_get(doc, "protectionGroupId") != NULL
           && json_object_get(doc, "serverSelectionTags") != NULL
           && json_object_get(doc, "sourceServerIds") != NULL
           && json_object_get(doc, "launchConfigStatus") != NULL
           && json_object_get(doc, "version") != NULL
           && json_object_get(doc, "externalId") == NULL
           && json_object_get(doc, "releasedIps") == NULL;
}


static void
drs_vd_default(json_t *o, const char *name, json_t *v)
{
    json_t *have;

    have = json_object_get(o, name);

    if (have == NULL || json_is_null(have)) {
        json_object_set_new(o, name, v);
    } else {
        json_decref(v);
    }
}


json_t *
drs_view_group(const json_t *doc)
{
    size_t    i;
    json_t   *o, *id;
    drs_str_t none = drs_null_string;

    o = json_copy((json_t *) doc);
    (void) json_object_del(o, "externalId");
    (void) json_object_del(o, "releasedIps");

    id = json_object_get(o, "groupId");
    if (id != NULL) {
        json_object_set(o, "protectionGroupId", id);
    }

    for (i = 0; drs_vd_group_strings[i] != NULL; i++) {
        drs_vd_default(o, drs_vd_group_strings[i], json_string(""));
    }

    drs_vd_default(o, "serverSelectionTags", json_object());
    drs_vd_default(o, "sourceServerIds", json_array());
    drs_vd_default(o, "version", json_integer(1));

    drs_vd_default(
        o, "launchConfigStatus",
        drs_model_launch_status(
            drs_model_launch_configured(o) ? "pending" : "not_configured",
            drs_json_str(id), none,
            json_array_size(json_object_get(o, "sourceServerIds"))));

    return o;
}


int
drs_view_group_in_account(const json_t *doc, drs_str_t account,
                          drs_str_t own_account)
{
    drs_str_t a;

    a = drs_json_field(doc, "accountId");

    return drs_str_eq(a.len > 0 ? a : own_account, account);
}


/* A wave with the servers that it has now. */
static json_t *
drs_vd_wave(json_t *wave, const json_t *groups)
{
    json_t *copy, *ids;

    copy = json_copy(wave);
    ids = drs_model_wave_servers(wave, groups);
    (void) drs_json_set_int(copy, "serverCount",
                            (int64_t) json_array_size(ids));
    json_object_set_new(copy, "serverIds", ids);

    return copy;
}


json_t *
drs_view_plan(const json_t *doc, const json_t *groups, const json_t *warnings)
{
    size_t  i;
    json_t *o, *waves, *wave, *first;

    o = json_copy((json_t *) doc);
    waves = json_array();

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        json_array_append_new(waves, drs_vd_wave(wave, groups));
    }

    first = json_object_get(json_array_get(waves, 0), "protectionGroupId");
    if (first != NULL) {
        json_object_set(o, "protectionGroupId", first);
    }

    (void) drs_json_set_int(o, "waveCount", (int64_t) json_array_size(waves));
    json_object_set_new(o, "waves", waves);
    drs_vd_default(o, "name", json_incref(json_object_get(o, "planName")));

    if (json_array_size(warnings) > 0) {
        json_object_set(o, "warnings", (json_t *) warnings);
    }

    return o;
}


json_t *
drs_view_account(const json_t *doc, int secrets)
{
    size_t      i;
    json_t     *o, *arn, *staging, *copy, *list, *item;
    drs_str_t   s;
    const char *id;

    o = json_copy((json_t *) doc);
    (void) json_object_del(o, "version");

    if (!secrets) {
        (void) json_object_del(o, "externalId");
    }

    arn = json_object_get(o, "roleArn");
    if (arn == NULL) {
        arn = json_object_get(o, "crossAccountRoleArn");
    }

    s = drs_json_str(arn);
    if (s.len > 0) {
        json_object_set(o, "roleArn", arn);
        json_object_set(o, "crossAccountRoleArn", arn);
    }

    staging = json_object_get(o, "stagingAccounts");
    list = json_array();

    json_array_foreach (staging, i, item) {
        copy = json_copy(item);
        if (!secrets) {
            (void) json_object_del(copy, "externalId");
        }
        json_array_append_new(list, copy);
    }

    json_object_set_new(o, "stagingAccounts", list);
    drs_vd_default(o, "status", json_string("active"));
    drs_vd_default(o, "isCurrentAccount", json_false());

    /* api.md AC3: what an account without a name is called */
    id = json_string_value(json_object_get(o, "accountId"));
    if (id != NULL) {
        drs_vd_default(o, "accountName", json_sprintf("Account %s", id));
    }

    return o;
}


static int
drs_vd_account_cmp(const void *a, const void *b)
{
    int           oa, ob, rc;
    const json_t *x, *y;

    x = *(json_t *const *) a;
    y = *(json_t *const *) b;

    oa = json_is_true(json_object_get(x, "isCurrentAccount"));
    ob = json_is_true(json_object_get(y, "isCurrentAccount"));

    if (oa != ob) {
        return ob - oa;
    }

    rc = drs_utf8_name_cmp(drs_json_field(x, "accountName"),
                           drs_json_field(y, "accountName"));

    return rc != 0 ? rc
                   : drs_str_cmp(drs_json_field(x, "accountId"),
                                 drs_json_field(y, "accountId"));
}


json_t *
drs_view_accounts_sorted(const json_t *list)
{
    size_t  i, n;
    json_t *out, **v;

    n = json_array_size(list);
    out = json_array();

    if (n == 0) {
        return out;
    }

    v = malloc(n * sizeof(json_t *));
    if (v == NULL) {
        json_decref(out);
        return NULL;
    }

    for (i = 0; i < n; i++) {
        v[i] = json_array_get(list, i);
    }

    qsort(v, n, sizeof(json_t *), drs_vd_account_cmp);

    for (i = 0; i < n; i++) {
        json_array_append(out, v[i]);
    }

    free(v);

    return out;
}


/* -- users ---------------------------------------------------------------- */

static json_t *
drs_vd_groups(const drs_view_user_t *u)
{
    size_t  i;
    json_t *list;

    list = json_array();

    for (i = 0; i < u->n_groups; i++) {
        json_array_append_new(list, drs_json_new_str(u->groups[i]));
    }

    return list;
}


static json_t *
drs_vd_user(const drs_view_user_t *u)
{
    json_t   *o;
    drs_str_t name;

    name = u->username.len > 0 ? u->username : u->user_id;

    o = json_object();
    (void) drs_json_set_str(o, "email",
                            u->email.len > 0 ? u->email : drs_str(""));
    (void) drs_json_set_str(o, "userId",
                            u->user_id.len > 0 ? u->user_id : drs_str(""));
    (void) drs_json_set_str(o, "username", name.len > 0 ? name : drs_str(""));
    json_object_set_new(o, "groups", drs_vd_groups(u));

    return o;
}


static json_t *
drs_vd_roles(drs_roles_t roles)
{
    int     r;
    json_t *list;

    list = json_array();

    for (r = 0; r < DRS_ROLE_N; r++) {
        if (roles & drs_role_bit(r)) {
            json_array_append_new(list,
                                  json_string(drs_role_name((drs_role_t) r)));
        }
    }

    return list;
}


static int
drs_vd_name_cmp(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


json_t *
drs_view_user_permissions(const drs_view_user_t *u)
{
    int         p;
    size_t      i, n;
    json_t     *list;
    const char *names[DRS_PERM_N];

    n = 0;
    memset(names, 0, sizeof(names));

    for (p = 0; p < DRS_PERM_N; p++) {
        if (drs_perms_has(u->perms, (drs_perm_t) p)) {
            names[n++] = drs_perm_name((drs_perm_t) p);
        }
    }

    qsort(names, n, sizeof(names[0]), drs_vd_name_cmp);
    list = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(list, json_string(names[i]));
    }

    return json_pack("{s:o, s:o, s:o}", "user", drs_vd_user(u), "roles",
                     drs_vd_roles(u->roles), "permissions", list);
}


static json_t *
drs_vd_claim(const json_t *claims, const char *name)
{
    json_t *v;

    v = json_object_get(claims, name);

    return json_is_string(v) ? json_incref(v) : NULL;
}


json_t *
drs_view_user_profile(const drs_view_user_t *u)
{
    size_t  i;
    json_t *o, *v;

    static const struct {
        const char *field, *claim;
        unsigned    optional;
    } map[] = { { "name", "name", 0 },
                { "givenName", "given_name", 0 },
                { "familyName", "family_name", 0 },
                { "department", "custom:department", 1 },
                { "jobTitle", "custom:job_title", 1 } };

    o = drs_vd_user(u);

    v = json_object_get(u->claims, "email_verified");
    (void) drs_json_set_bool(
        o, "emailVerified",
        json_is_true(v)
            || (json_is_string(v)
                && strcmp(json_string_value(v), "true") == 0));

    for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
        v = drs_vd_claim(u->claims, map[i].claim);

        if (v != NULL) {
            json_object_set_new(o, map[i].field, v);

        } else if (!map[i].optional) {
            json_object_set_new(o, map[i].field, json_null());
        }
    }

    return o;
}


json_t *
drs_view_user_roles(const drs_view_user_t *u)
{
    return json_pack("{s:o, s:o}", "user", drs_vd_user(u), "roles",
                     drs_vd_roles(u->roles));
}
