/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_group.h"
#include "drs_model_launch.h"
#include "drs_utf8.h"


#define DRS_QUOTA_LIMIT_TEXT "100 servers per job (not adjustable)"
#define DRS_QUOTA_DOC        "https://docs.aws.amazon.com/general/latest/gr/drs.html"


int
drs_model_group_by_tags(const json_t *doc)
{
    return json_object_size(json_object_get(doc, "serverSelectionTags")) > 0;
}


static int
drs_group_listed(const json_t *list, const json_t *v)
{
    size_t  i;
    json_t *item;

    json_array_foreach ((json_t *) list, i, item) {
        if (json_equal(item, v)) {
            return 1;
        }
    }

    return 0;
}


static int
drs_group_quota(drs_model_error_t *e, size_t n, const drs_model_env_t *env)
{
    if (!env->strict || n <= DRS_STRICT_SERVERS_MAX) {
        return DRS_OK;
    }

    return drs_model_fail(e, DRS_ERR_QUOTA_EXCEEDED, "sourceServerIds",
                          json_pack("{s:s, s:i, s:i, s:s, s:s}", "quotaType",
                                    "servers_per_job", "serverCount", (int) n,
                                    "maxServers", DRS_STRICT_SERVERS_MAX,
                                    "limit", DRS_QUOTA_LIMIT_TEXT,
                                    "documentation", DRS_QUOTA_DOC),
                          "The protection group has %zu servers, the limit "
                          "is %d per job.",
                          n, DRS_STRICT_SERVERS_MAX);
}


/* A list of source server ids; `empty_ok` on create beside tags. */
static int
drs_group_ids(drs_model_error_t *e, const json_t *v, json_t **out)
{
    size_t  i;
    json_t *item, *list, *seen;

    *out = NULL;

    if (!json_is_array(v) || json_array_size(v) == 0) {
        return drs_model_fail(e, DRS_ERR_INVALID_SERVERS, "sourceServerIds",
                              json_pack("{s:s}", "field", "sourceServerIds"),
                              "sourceServerIds must be a non-empty list.");
    }

    if (json_array_size(v) > DRS_GROUP_SERVERS_MAX) {
        return drs_model_invalid(e, "sourceServerIds", NULL,
                                 "a list of at most 1000 ids");
    }

    list = json_array();
    seen = json_object();

    json_array_foreach ((json_t *) v, i, item) {
        if (!drs_id_is_source_server(drs_json_str(item))) {
            (void) drs_model_invalid(e, "sourceServerIds", item,
                                     "a list of source server ids (s- and "
                                     "17 hex digits)");
            break;
        }

        if (json_object_get(seen, json_string_value(item)) != NULL) {
            (void) drs_model_invalid(e, "sourceServerIds", item,
                                     "a list without duplicates");
            break;
        }

        json_object_set_new(seen, json_string_value(item), json_true());
        json_array_append(list, item);
    }

    json_decref(seen);

    if (i < json_array_size(v)) {
        json_decref(list);
        return DRS_DECLINED;
    }

    *out = list;

    return DRS_OK;
}


static json_t *
drs_group_take(json_t *v, json_t *dflt)
{
    if (v != NULL) {
        json_decref(dflt);
        return v;
    }

    return dflt;
}


/* The texts of PG2 in the order of its table: all VALIDATION_ERROR. */
static void
drs_group_texts(drs_model_error_t *e, const json_t *body, json_t *doc,
                const drs_model_env_t *env)
{
    json_t *v, *text;

    v = json_object_get(body, "accountId");

    if (v == NULL || json_is_null(v)
        || (json_is_string(v) && json_string_length(v) == 0))
    {
        if (env->own_account.len == 0) {
            (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "accountId");
        }

        json_object_set_new(doc, "accountId",
                            env->own_account.len > 0
                                ? drs_json_new_str(env->own_account)
                                : json_string(""));

    } else if (!drs_id_is_account(drs_json_str(v))) {
        (void) drs_model_fail(e, DRS_ERR_VALIDATION_ERROR, "accountId",
                              json_pack("{s:s}", "field", "accountId"),
                              "accountId must have 12 digits.");
    } else {
        json_object_set(doc, "accountId", v);
    }

    (void) drs_model_text(e, json_object_get(body, "description"),
                          "description", DRS_DESCRIPTION_MAX, DRS_UTF8_NEWLINE,
                          DRS_ERR_VALIDATION_ERROR, &text);
    json_object_set_new(doc, "description",
                        drs_group_take(text, json_string("")));

    (void) drs_model_text(e, json_object_get(body, "owner"), "owner",
                          DRS_OWNER_MAX, 0, DRS_ERR_VALIDATION_ERROR, &text);
    json_object_set_new(doc, "owner",
                        drs_group_take(text, env->email.len > 0
                                                 ? drs_json_new_str(env->email)
                                                 : json_string("")));

    (void) drs_model_text(e, json_object_get(body, "assumeRoleName"),
                          "assumeRoleName", 64, 0, DRS_ERR_VALIDATION_ERROR,
                          &text);
    json_object_set_new(doc, "assumeRoleName",
                        drs_group_take(text, json_string("")));
}


static void
drs_group_region(drs_model_error_t *e, const json_t *v, json_t *doc,
                 const drs_model_env_t *env)
{
    if (v == NULL || json_is_null(v)) {
        return; /* reported as missing */
    }

    if (!json_is_string(v) || !drs_model_region_known(env, drs_json_str(v))) {
        (void) drs_model_invalid(e, "region", v, "one of the known Regions");
        return;
    }

    json_object_set(doc, "region", (json_t *) v);
}


static void
drs_group_selection(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    int     bad;
    json_t *v, *tags, *ids;

    tags = NULL;
    ids = NULL;

    v = json_object_get(body, "serverSelectionTags");
    bad =
        drs_model_tags(e, v, "serverSelectionTags", DRS_ERR_INVALID_TAGS, &tags)
        != DRS_OK;

    if (!bad && json_object_size(tags) == 0) {
        v = json_object_get(body, "sourceServerIds");

        if (v == NULL || json_is_null(v)
            || (json_is_array(v) && json_array_size(v) == 0))
        {
            (void) drs_model_invalid(e, "sourceServerIds", NULL,
                                     "given, or serverSelectionTags");

        } else {
            (void) drs_group_ids(e, v, &ids);
        }
    }

    json_object_set_new(doc, "serverSelectionTags",
                        drs_group_take(tags, json_object()));
    json_object_set_new(doc, "sourceServerIds",
                        drs_group_take(ids, json_array()));
}


static void
drs_group_launch(drs_model_error_t *e, const json_t *body, json_t *doc)
{
    json_t       *lc, *servers;
    const json_t *members;

    if (drs_model_launch_config(e, json_object_get(body, "launchConfig"), &lc)
            == DRS_OK
        && lc != NULL)
    {
        json_object_set_new(doc, "launchConfig", lc);
    }

    members = drs_model_group_by_tags(doc)
                  ? NULL
                  : json_object_get(doc, "sourceServerIds");

    if (drs_model_launch_servers(e, json_object_get(body, "servers"), members,
                                 json_object_get(doc, "launchConfig"), &servers)
            == DRS_OK
        && servers != NULL)
    {
        json_object_set_new(doc, "servers", servers);
    }
}


/* Settings are to be applied anew. */
static void
drs_group_status(json_t *doc, const drs_model_env_t *env)
{
    drs_model_launch_pending(doc, env->sync_job_id, env->user);
}


static int
drs_group_finish(drs_model_error_t *e, json_t *doc, json_t **out)
{
    if (drs_model_result(e) != DRS_OK) {
        json_decref(doc);
        return DRS_DECLINED;
    }

    *out = doc;

    return DRS_OK;
}


int
drs_model_group_create(drs_model_error_t *e, const json_t *body,
                       const drs_model_env_t *env, drs_str_t group_id,
                       json_t **doc)
{
    json_t *d, *v, *region, *name;

    *doc = NULL;

    d = json_object();
    (void) drs_json_set_str(d, "groupId", group_id);
    (void) drs_json_set_str(d, "protectionGroupId", group_id);

    v = drs_model_alias(body, "groupName", NULL);
    region = drs_model_alias(body, "region", NULL);

    if (v == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "groupName");
    }

    if (region == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_FIELD, "region");
    }

    drs_group_texts(e, body, d, env);

    if (v != NULL && drs_model_name(e, v, "groupName", &name) == DRS_OK) {
        json_object_set_new(d, "groupName", name);
    }

    drs_group_region(e, region, d, env);
    drs_group_selection(e, body, d);
    drs_group_launch(e, body, d);

    if (!drs_model_group_by_tags(d)) {
        (void) drs_group_quota(
            e, json_array_size(json_object_get(d, "sourceServerIds")), env);
        (void) drs_model_launch_members(e, d,
                                        json_object_get(d, "sourceServerIds"));
    }

    drs_group_status(d, env);
    (void) drs_json_set_int(d, "createdDate", env->now_s);
    (void) drs_json_set_int(d, "lastModifiedDate", env->now_s);
    (void) drs_json_set_int(d, "version", 1);

    return drs_group_finish(e, d, doc);
}


/* Sets a member and the mask if the value differs; takes the reference. */
static void
drs_group_replace(json_t *doc, const char *field, json_t *v, unsigned *changes,
                  unsigned bit)
{
    if (v == NULL) {
        return;
    }

    if (drs_json_equal(json_object_get(doc, field), v)) {
        json_decref(v);
        return;
    }

    *changes |= bit;
    json_object_set_new(doc, field, v);
}


static void
drs_group_update_texts(drs_model_error_t *e, const json_t *body, json_t *doc,
                       unsigned *changes)
{
    json_t *v, *out;

    v = json_object_get(body, "groupName");

    if (v != NULL && !json_is_null(v)
        && drs_model_name(e, v, "groupName", &out) == DRS_OK)
    {
        drs_group_replace(doc, "groupName", out, changes,
                          DRS_GROUP_CHANGED_NAME);
    }

    (void) drs_model_text(e, json_object_get(body, "description"),
                          "description", DRS_DESCRIPTION_MAX, DRS_UTF8_NEWLINE,
                          DRS_ERR_VALIDATION_ERROR, &out);
    drs_group_replace(doc, "description", out, changes, DRS_GROUP_CHANGED_TEXT);

    (void) drs_model_text(e, json_object_get(body, "owner"), "owner",
                          DRS_OWNER_MAX, 0, DRS_ERR_VALIDATION_ERROR, &out);
    drs_group_replace(doc, "owner", out, changes, DRS_GROUP_CHANGED_TEXT);
}


/* Another value than the stored one, which is what details.expected says. */
static void
drs_group_fixed(drs_model_error_t *e, const char *field, const json_t *value,
                drs_str_t stored)
{
    char     text[128];
    unsigned first;

    first = (e->err == DRS_ERR_NONE);
    (void) snprintf(text, sizeof(text),
                    "the stored one, %.*s, as it cannot "
                    "change",
                    DRS_STR_ARG(stored));
    (void) drs_model_invalid(e, field, value, text);

    if (first && e->details != NULL) {
        (void) drs_json_set_str(e->details, "expected", stored);
    }
}


static void
drs_group_update_fixed(drs_model_error_t *e, const json_t *body, json_t *doc,
                       const drs_model_env_t *env)
{
    json_t   *v;
    drs_str_t stored;

    v = json_object_get(body, "region");

    if (v != NULL && !json_is_null(v)
        && !json_equal(v, json_object_get(doc, "region")))
    {
        drs_group_fixed(e, "region", v, drs_json_field(doc, "region"));
    }

    stored = drs_json_field(doc, "accountId");
    v = json_object_get(body, "accountId");

    if (v == NULL || json_is_null(v)) {
        if (stored.len == 0 && env->own_account.len > 0) {
            (void) drs_json_set_str(doc, "accountId", env->own_account);
        }

        return;
    }

    if (stored.len == 0 && drs_id_is_account(drs_json_str(v))) {
        json_object_set(doc, "accountId", v);

    } else if (!drs_str_eq(drs_json_str(v), stored)) {
        drs_group_fixed(e, "accountId", v, stored);
    }
}


static void
drs_group_update_selection(drs_model_error_t *e, const json_t *body,
                           json_t *doc, unsigned *changes)
{
    json_t *tags, *ids, *v;

    tags = drs_model_alias(body, "serverSelectionTags", NULL);
    ids = drs_model_alias(body, "sourceServerIds", NULL);

    if (tags != NULL && ids != NULL) {
        (void) drs_model_invalid(e, "serverSelectionTags", NULL,
                                 "given without sourceServerIds");
        return;
    }

    if (tags != NULL) {
        if (drs_model_tags(e, tags, "serverSelectionTags", DRS_ERR_INVALID_TAGS,
                           &v)
            != DRS_OK)
        {
            return;
        }

        if (json_object_size(v) == 0) {
            json_decref(v);
            (void) drs_model_fail(
                e, DRS_ERR_INVALID_TAGS, "serverSelectionTags",
                json_pack("{s:s}", "field", "serverSelectionTags"),
                "serverSelectionTags must be a non-empty "
                "object.");
            return;
        }

        if (!drs_json_equal(v, json_object_get(doc, "serverSelectionTags"))) {
            *changes |= DRS_GROUP_CHANGED_SELECTION;
            json_object_set_new(doc, "sourceServerIds", json_array());
            json_object_set(doc, "serverSelectionTags", v);
        }

        json_decref(v);
        return;
    }

    if (ids == NULL || drs_group_ids(e, ids, &v) != DRS_OK) {
        return;
    }

    if (drs_model_group_by_tags(doc)) {
        json_object_set_new(doc, "serverSelectionTags", json_object());
        *changes |= DRS_GROUP_CHANGED_SELECTION;
    }

    drs_group_replace(doc, "sourceServerIds", v, changes,
                      DRS_GROUP_CHANGED_SELECTION);
}


static void
drs_group_update_launch(drs_model_error_t *e, const json_t *body, json_t *doc,
                        unsigned *changes)
{
    json_t       *v;
    const json_t *members;

    if (drs_model_launch_config(e, json_object_get(body, "launchConfig"), &v)
            == DRS_OK
        && v != NULL)
    {
        if (json_object_get(doc, "launchConfig") == NULL
            && json_object_size(v) == 0) {
            json_decref(v);

        } else {
            drs_group_replace(doc, "launchConfig", v, changes,
                              DRS_GROUP_CHANGED_LAUNCH);
        }
    }

    members = drs_model_group_by_tags(doc)
                  ? NULL
                  : json_object_get(doc, "sourceServerIds");

    if (drs_model_launch_servers(e, json_object_get(body, "servers"), members,
                                 json_object_get(doc, "launchConfig"), &v)
            != DRS_OK
        || v == NULL)
    {
        return;
    }

    if (json_object_get(doc, "servers") == NULL && json_array_size(v) == 0) {
        json_decref(v);
        return;
    }

    drs_group_replace(doc, "servers", v, changes, DRS_GROUP_CHANGED_LAUNCH);
}


/* Entries of servers that left the group go with them. */
static void
drs_group_drop_entries(json_t *doc)
{
    size_t  i;
    json_t *servers, *ids, *entry;

    servers = json_object_get(doc, "servers");
    ids = json_object_get(doc, "sourceServerIds");

    for (i = json_array_size(servers); i > 0; i--) {
        entry = json_array_get(servers, i - 1);

        if (!drs_group_listed(ids, json_object_get(entry, "sourceServerId"))) {
            (void) json_array_remove(servers, i - 1);
        }
    }
}


int
drs_model_group_update(drs_model_error_t *e, const json_t *body,
                       const json_t *old, const drs_model_env_t *env,
                       json_t **doc, unsigned *changes)
{
    json_t   *d;
    int64_t   version, stored;
    drs_str_t status;

    *doc = NULL;
    *changes = 0;
    stored = drs_model_doc_version(old);

    if (drs_model_version(e, body, &version) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (version != 0 && version != stored) {
        return drs_model_version_conflict(e, version, stored,
                                          drs_json_field(old, "groupId"));
    }

    d = json_deep_copy(old);

    drs_group_update_fixed(e, body, d, env);
    drs_group_update_texts(e, body, d, changes);
    drs_group_update_selection(e, body, d, changes);

    if ((*changes & DRS_GROUP_CHANGED_SELECTION) && !drs_model_group_by_tags(d)
        && drs_model_alias(body, "servers", NULL) == NULL)
    {
        drs_group_drop_entries(d);
    }

    drs_group_update_launch(e, body, d, changes);

    if (!drs_model_group_by_tags(d)) {
        (void) drs_group_quota(
            e, json_array_size(json_object_get(d, "sourceServerIds")), env);
        (void) drs_model_launch_members(e, d,
                                        json_object_get(d, "sourceServerIds"));
    }

    if (*changes & (DRS_GROUP_CHANGED_SELECTION | DRS_GROUP_CHANGED_LAUNCH)) {
        status = drs_model_launch_busy(old);

        if (status.len > 0) {
            (void) drs_model_fail(
                e, DRS_ERR_LAUNCH_CONFIG_SYNC_IN_PROGRESS, "launchConfig",
                json_pack("{s:s%}", "currentStatus", status.data, status.len),
                "The launch configuration of the group is "
                "being applied. Try again when it is done.");
        }

        drs_model_launch_release(old, d);
        drs_group_status(d, env);
    }

    (void) drs_json_set_int(d, "lastModifiedDate", env->now_s);
    (void) drs_json_set_int(d, "version", stored + 1);

    return drs_group_finish(e, d, doc);
}


int
drs_model_group_members(drs_model_error_t *e, json_t *doc, const json_t *ids,
                        const drs_model_env_t *env)
{
    json_t *copy;

    if (drs_model_group_by_tags(doc)) {
        copy = json_copy((json_t *) ids);
        if (copy == NULL) {
            return DRS_ERROR;
        }

        json_object_set_new(doc, "sourceServerIds", copy);
    }

    (void) drs_group_quota(e, json_array_size(ids), env);
    (void) drs_model_launch_members(e, doc, ids);

    drs_model_launch_total(doc);

    return drs_model_result(e);
}


int
drs_model_group_resolve(drs_model_error_t *e, const json_t *body,
                        const drs_model_env_t *env, drs_model_resolve_t *out)
{
    json_t *v;

    memset(out, 0, sizeof(*out));

    v = drs_model_alias(body, "region", NULL);

    if (v == NULL) {
        (void) drs_model_missing(e, DRS_ERR_MISSING_PARAMETER, "region");

    } else if (!drs_model_region_known(env, drs_json_str(v))) {
        (void) drs_model_invalid(e, "region", v, "one of the known Regions");

    } else {
        out->region = drs_json_str(v);
    }

    v = drs_model_alias(body, "accountId", NULL);

    if (v != NULL && json_string_length(v) > 0) {
        if (!drs_id_is_account(drs_json_str(v))) {
            (void) drs_model_invalid(e, "accountId", v, "12 digits");
        }

        out->account_id = drs_json_str(v);
    }

    v = drs_model_alias(body, "protectionGroupId", NULL);

    if (v != NULL) {
        out->group_id = drs_json_str(v);

        if (!drs_id_is_uuid4(out->group_id)) {
            (void) drs_model_fail(e, DRS_ERR_PROTECTION_GROUP_NOT_FOUND,
                                  "protectionGroupId",
                                  json_pack("{s:O}", "groupId", v),
                                  "The protection group was not found.");
        }
    }

    v = drs_model_alias(body, "serverSelectionTags", "tags");

    if (v == NULL || json_object_size(v) == 0) {
        (void) drs_model_invalid(e, "serverSelectionTags", v,
                                 "a non-empty object");
    } else {
        (void) drs_model_tags(e, v, "serverSelectionTags",
                              DRS_ERR_INVALID_PARAMETER, &out->tags);
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(out->tags);
        out->tags = NULL;
        return DRS_DECLINED;
    }

    return DRS_OK;
}
