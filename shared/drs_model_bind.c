/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waves against their protection groups.
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_group.h"
#include "drs_model_plan.h"


static const json_t *
drs_bind_group(const json_t *groups, const json_t *id)
{
    return json_object_get(groups, json_string_value(id));
}


/* Adds the ids of a group, each once: `set` is an object id -> true. */
static void
drs_bind_add(json_t *set, const json_t *group)
{
    size_t  i;
    json_t *id;

    json_array_foreach (json_object_get(group, "sourceServerIds"), i, id) {
        if (json_is_string(id)) {
            json_object_set_new(set, json_string_value(id), json_true());
        }
    }
}


/* The members of the wave's id groups and of its tag groups. */
static void
drs_bind_members(const json_t *wave, const json_t *groups, json_t *by_id,
                 json_t *by_tag)
{
    size_t        i;
    json_t       *id;
    const json_t *group;

    json_array_foreach (json_object_get(wave, "protectionGroupIds"), i, id) {
        group = drs_bind_group(groups, id);

        if (group != NULL) {
            drs_bind_add(drs_model_group_by_tags(group) ? by_tag : by_id,
                         group);
        }
    }
}


json_t *
drs_model_wave_servers(const json_t *wave, const json_t *groups)
{
    size_t      i, kept;
    json_t     *by_id, *by_tag, *list, *id, *m;
    const char *name;

    by_id = json_object();
    by_tag = json_object();
    list = json_array();
    kept = 0;

    drs_bind_members(wave, groups, by_id, by_tag);

    json_array_foreach (json_object_get(wave, "serverIds"), i, id) {
        if (json_object_get(by_id, json_string_value(id)) != NULL) {
            json_array_append(list, id);
            kept++;
        }
    }

    if (kept == 0 && json_array_size(json_object_get(wave, "serverIds")) == 0) {
        json_object_foreach (by_id, name, m) {
            json_array_append_new(list, json_string(name));
        }
    }

    json_object_foreach (by_tag, name, m) {
        if (json_object_get(by_id, name) == NULL) {
            json_array_append_new(list, json_string(name));
        }
    }

    json_decref(by_id);
    json_decref(by_tag);

    return list;
}


static void
drs_bind_wave_select(drs_model_error_t *e, json_t *wave, size_t n,
                     const json_t *groups)
{
    char        path[64];
    size_t      i;
    json_t     *by_id, *by_tag, *kept, *id;
    const char *s;

    by_id = json_object();
    by_tag = json_object();
    kept = json_array();

    drs_bind_members(wave, groups, by_id, by_tag);

    json_array_foreach (json_object_get(wave, "serverIds"), i, id) {
        s = json_string_value(id);

        if (json_object_get(by_id, s) != NULL) {
            json_array_append(kept, id);

        } else if (json_object_get(by_tag, s) == NULL) {
            (void) snprintf(path, sizeof(path), "waves[%zu].serverIds", n);
            (void) drs_model_fail(e, DRS_ERR_INVALID_WAVES, path,
                                  json_pack("{s:s, s:i, s:O}", "parameter",
                                            "waves", "waveIndex", (int) n,
                                            "serverId", id),
                                  "Wave %zu: server %s belongs to no "
                                  "protection group of the wave.",
                                  n, s);
        }
    }

    if (json_array_size(kept) == json_object_size(by_id)) {
        json_array_clear(kept);
    }

    json_object_set_new(
        wave, "serverSelection",
        json_string(json_array_size(kept) > 0 ? "SUBSET" : "ALL"));
    json_object_set_new(wave, "serverIds", kept);
    json_decref(by_id);
    json_decref(by_tag);
}


static void
drs_bind_accounts(drs_model_error_t *e, json_t *doc, const json_t *groups,
                  const drs_model_env_t *env)
{
    size_t        i, j;
    json_t       *wave, *id;
    drs_str_t     account, first;
    const json_t *group;

    first = drs_json_field(doc, "accountId");

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        json_array_foreach (json_object_get(wave, "protectionGroupIds"), j, id)
        {
            group = drs_bind_group(groups, id);

            if (group == NULL) {
                (void) drs_model_fail(e, DRS_ERR_PG_NOT_FOUND, "waves",
                                      json_pack("{s:s, s:O, s:i}", "field",
                                                "waves", "protectionGroupId",
                                                id, "waveIndex", (int) i),
                                      "Wave %zu: protection group %s was not "
                                      "found.",
                                      i, json_string_value(id));
                continue;
            }

            account = drs_json_field(group, "accountId");

            if (first.len == 0) {
                first = account;

            } else if (env->strict && !drs_str_eq(first, account)) {
                (void) drs_model_fail(e, DRS_ERR_ACCOUNT_MISMATCH, "waves",
                                      json_pack("{s:s}", "field", "waves"),
                                      "Wave %zu: a protection group lies in "
                                      "account %.*s, not in %.*s.",
                                      i, DRS_STR_ARG(account),
                                      DRS_STR_ARG(first));
            }
        }
    }

    if (first.len > 0) {
        (void) drs_json_set_str(doc, "accountId", first);
    }
}


static void
drs_bind_report_duplicates(drs_model_error_t *e, json_t *dup, json_t *waves)
{
    const char *first;

    if (json_array_size(dup) > 0) {
        first = json_string_value(json_array_get(dup, 0));

        (void) drs_model_fail(
            e, DRS_ERR_DUPLICATE_SERVER, "waves",
            json_pack("{s:O, s:O}", "serverIds", dup, "waves", waves),
            "%zu servers are in two waves, among them %s.",
            json_array_size(dup), first);
    }
}


static int
drs_bind_has(const json_t *list, size_t n)
{
    size_t  i;
    json_t *v;

    json_array_foreach ((json_t *) list, i, v) {
        if ((size_t) json_integer_value(v) == n) {
            return 1;
        }
    }

    return 0;
}


static void
drs_bind_wave_list(json_t *list, size_t n)
{
    if (!drs_bind_has(list, n)) {
        json_array_append_new(list, json_integer((json_int_t) n));
    }
}


/* A server in two waves; and the sizes that `limits strict` refuses. */
static void
drs_bind_servers(drs_model_error_t *e, json_t *doc, const json_t *groups,
                 const drs_model_env_t *env)
{
    size_t      i, j, n, total;
    json_t     *wave, *ids, *id, *seen, *dup, *waves, *before, *breakdown;
    const char *s;

    seen = json_object();
    dup = json_array();
    waves = json_array();
    breakdown = json_array();
    total = 0;

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        ids = drs_model_wave_servers(wave, groups);
        n = json_array_size(ids);
        total += n;

        json_array_append_new(breakdown,
                              json_pack("{s:O, s:i}", "waveName",
                                        json_object_get(wave, "waveName"),
                                        "serverCount", (int) n));

        if (env->strict && n > DRS_STRICT_SERVERS_MAX) {
            (void) drs_model_fail(
                e, DRS_ERR_QUOTA_EXCEEDED, "waves",
                json_pack("{s:s, s:O, s:i, s:i}", "quotaType",
                          "servers_per_job", "waveName",
                          json_object_get(wave, "waveName"), "serverCount",
                          (int) n, "maxServers", DRS_STRICT_SERVERS_MAX),
                "Wave %zu has %zu servers, the limit is %d.", i, n,
                DRS_STRICT_SERVERS_MAX);
        }

        json_array_foreach (ids, j, id) {
            s = json_string_value(id);
            before = json_object_get(seen, s);

            if (before == NULL) {
                json_object_set_new(seen, s, json_integer((json_int_t) i));
                continue;
            }

            json_array_append(dup, id);
            drs_bind_wave_list(waves, (size_t) json_integer_value(before));
            drs_bind_wave_list(waves, i);
        }

        json_decref(ids);
    }

    drs_bind_report_duplicates(e, dup, waves);

    if (env->strict && total > DRS_STRICT_PLAN_MAX) {
        (void) drs_model_fail(e, DRS_ERR_QUOTA_EXCEEDED, "waves",
                              json_pack("{s:s, s:i, s:i, s:O}", "quotaType",
                                        "total_servers_in_jobs", "totalServers",
                                        (int) total, "maxServers",
                                        DRS_STRICT_PLAN_MAX, "waveBreakdown",
                                        breakdown),
                              "The plan has %zu servers, the limit is %d.",
                              total, DRS_STRICT_PLAN_MAX);
    }

    json_decref(seen);
    json_decref(dup);
    json_decref(waves);
    json_decref(breakdown);
}


int
drs_model_plan_bind(drs_model_error_t *e, json_t *doc, const json_t *groups,
                    const drs_model_env_t *env)
{
    size_t  i;
    json_t *wave;

    drs_bind_accounts(e, doc, groups, env);

    if (drs_model_result(e) != DRS_OK) {
        return DRS_DECLINED;
    }

    json_array_foreach (json_object_get(doc, "waves"), i, wave) {
        drs_bind_wave_select(e, wave, i, groups);
    }

    if (drs_model_result(e) == DRS_OK) {
        drs_bind_servers(e, doc, groups, env);
    }

    return drs_model_result(e);
}
