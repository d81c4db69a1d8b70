/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_model_wave.h"
#include "drs_utf8.h"


static const char *const drs_wave_failure[] = { "FAIL_FAST", "CONTINUE",
                                                "PAUSE", NULL };
static const char *const drs_wave_empty[] = { "FAIL", "SKIP", NULL };
static const char *const drs_wave_launch[] = { "STRICT", "BEST_EFFORT", NULL };

/* accepted, stored and echoed, without behaviour (api.md 2.6) */
static const char *const drs_wave_opaque[] = {
    "preWaveActions", "postWaveActions", "healthCheckConfig",
    "rollbackConfig", "executionType",   NULL
};


static int
drs_wave_bad(drs_model_error_t *e, size_t i, const char *field,
             const char *text)
{
    char path[96];

    (void) snprintf(path, sizeof(path), "waves[%zu]%s%s", i,
                    field[0] != '\0' ? "." : "", field);

    return drs_model_fail(
        e, DRS_ERR_INVALID_WAVES, path,
        json_pack("{s:s, s:i}", "parameter", "waves", "waveIndex", (int) i),
        "Wave %zu: %s.", i, text);
}


static void
drs_wave_texts(drs_model_error_t *e, const json_t *v, size_t i, json_t *wave)
{
    char          path[64], name[32];
    json_t       *t;
    drs_str_t     s;
    drs_utf8_rc_t rc;

    t = drs_model_alias(v, "waveName", "name");

    if (t == NULL) {
        (void) snprintf(name, sizeof(name), "Wave %zu", i + 1);
        (void) drs_json_set_str(wave, "waveName", drs_str(name));

    } else {
        s = drs_utf8_trim(drs_json_str(t));
        rc = drs_utf8_check(s, 0);

        if (!json_is_string(t) || s.len == 0) {
            (void) drs_wave_bad(e, i, "waveName", "it needs a name");

        } else if (rc != DRS_UTF8_OK || drs_utf8_length(s) > DRS_NAME_MAX) {
            (void) drs_wave_bad(e, i, "waveName",
                                "the name must have 1 to "
                                "64 characters and no controls");
        } else {
            (void) drs_json_set_str(wave, "waveName", s);
        }
    }

    (void) snprintf(path, sizeof(path), "waves[%zu].waveDescription", i);
    (void) drs_model_text(
        e, drs_model_alias(v, "waveDescription", "description"), path,
        DRS_DESCRIPTION_MAX, DRS_UTF8_NEWLINE, DRS_ERR_INVALID_WAVES, &t);

    json_object_set_new(wave, "waveDescription",
                        t != NULL ? t : json_string(""));
}


static void
drs_wave_groups(drs_model_error_t *e, const json_t *v, size_t i, json_t *wave)
{
    size_t  j, k;
    json_t *ids, *one, *id, *list;

    ids = json_object_get(v, "protectionGroupIds");
    one = drs_model_alias(v, "protectionGroupId", NULL);

    if (ids != NULL && !json_is_null(ids)
        && (!json_is_array(ids) || json_array_size(ids) == 0))
    {
        (void) drs_wave_bad(e, i, "protectionGroupIds",
                            "protectionGroupIds must be a non-empty list");
        return;
    }

    list = json_array();

    if (!json_is_array(ids)) {
        if (!json_is_string(one) || json_string_length(one) == 0) {
            json_decref(list);
            (void) drs_wave_bad(e, i, "protectionGroupId",
                                "it needs a protection group");
            return;
        }

        json_array_append(list, one);
    }

    json_array_foreach (ids, j, id) {
        if (!json_is_string(id)) {
            (void) drs_wave_bad(e, i, "protectionGroupIds",
                                "protectionGroupIds must hold group ids");
            break;
        }

        for (k = 0; k < json_array_size(list); k++) {
            if (json_equal(json_array_get(list, k), id)) {
                break;
            }
        }

        if (k == json_array_size(list)) {
            json_array_append(list, id);
        }
    }

    json_object_set(wave, "protectionGroupId", json_array_get(list, 0));
    json_object_set_new(wave, "protectionGroupIds", list);
}


/* A list of server ids; *bad = 1 if it is not even a list. */
static json_t *
drs_wave_ids(const json_t *v, int *bad)
{
    size_t  i;
    json_t *item, *list, *seen;

    list = json_array();

    if (v == NULL || json_is_null(v)) {
        return list;
    }

    if (!json_is_array(v)) {
        *bad = 1;
        return list;
    }

    seen = json_object();

    json_array_foreach ((json_t *) v, i, item) {
        if (!drs_id_is_source_server(drs_json_str(item))) {
            *bad = 1;
            break;
        }

        if (json_object_get(seen, json_string_value(item)) == NULL) {
            json_object_set_new(seen, json_string_value(item), json_true());
            json_array_append(list, item);
        }
    }

    json_decref(seen);

    return list;
}


static void
drs_wave_servers(drs_model_error_t *e, const json_t *v, size_t i, json_t *wave)
{
    int  bad;
    char path[64];

    bad = 0;
    json_object_set_new(wave, "serverIds",
                        drs_wave_ids(json_object_get(v, "serverIds"), &bad));

    if (bad) {
        (void) snprintf(path, sizeof(path), "waves[%zu].serverIds", i);
        (void) drs_model_fail(e, DRS_ERR_INVALID_WAVE_DATA, path,
                              json_pack("{s:i}", "waveIndex", (int) i),
                              "Wave %zu: serverIds must be a list of source "
                              "server ids.",
                              i);
    }
}


static void
drs_wave_depends(drs_model_error_t *e, const json_t *v, size_t i, json_t *wave)
{
    size_t  j, k;
    json_t *list, *deps, *n;

    deps = json_object_get(v, "dependsOnWaves");
    list = json_array();
    json_object_set_new(wave, "dependsOnWaves", list);

    if (deps == NULL || json_is_null(deps)) {
        return;
    }

    if (!json_is_array(deps)) {
        (void) drs_wave_bad(e, i, "dependsOnWaves",
                            "dependsOnWaves must be a list of wave numbers");
        return;
    }

    json_array_foreach (deps, j, n) {
        if (!json_is_integer(n)) {
            (void) drs_wave_bad(e, i, "dependsOnWaves",
                                "dependsOnWaves must "
                                "be a list of wave numbers");
            return;
        }

        for (k = 0; k < json_array_size(list); k++) {
            if (json_equal(json_array_get(list, k), n)) {
                break;
            }
        }

        if (k == json_array_size(list)) {
            json_array_append(list, n);
        }
    }
}


static void
drs_wave_policies(drs_model_error_t *e, const json_t *v, size_t i, json_t *wave)
{
    int         bad, pause, actions;
    char        path[96];
    size_t      k;
    int64_t     n;
    const char *word;

    static const struct {
        const char *name;
        int         min, max, dflt;
    } numbers[] = { { "minLaunchedPercent", 0, 100, 0 },
                    { "autoRetryFailed", 0, 3, 0 },
                    { "deadlineMinutes", 10, 10080, 360 } };

    static const struct {
        const char        *name;
        const char *const *values;
        const char        *dflt;
    } words[] = { { "failurePolicy", drs_wave_failure, "FAIL_FAST" },
                  { "emptyWavePolicy", drs_wave_empty, "FAIL" },
                  { "launchConfigPolicy", drs_wave_launch, NULL } };

    pause = 0;
    (void) snprintf(path, sizeof(path), "waves[%zu].pauseBeforeWave", i);
    (void) drs_model_bool(e, json_object_get(v, "pauseBeforeWave"), path,
                          &pause);
    (void) drs_json_set_bool(wave, "pauseBeforeWave", pause);

    for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
        word = words[k].dflt;
        (void) snprintf(path, sizeof(path), "waves[%zu].%s", i, words[k].name);
        (void) drs_model_enum(e, json_object_get(v, words[k].name), path,
                              words[k].values, &word);

        if (word != NULL) {
            (void) drs_json_set_str(wave, words[k].name, drs_str(word));
        }
    }

    for (k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
        n = numbers[k].dflt;
        (void) snprintf(path, sizeof(path), "waves[%zu].%s", i,
                        numbers[k].name);
        (void) drs_model_int(e, json_object_get(v, numbers[k].name), path,
                             numbers[k].min, numbers[k].max, &n);
        (void) drs_json_set_int(wave, numbers[k].name, n);
    }

    actions = 0;
    (void) snprintf(path, sizeof(path), "waves[%zu].waitForLaunchActions", i);
    (void) drs_model_bool(e, json_object_get(v, "waitForLaunchActions"), path,
                          &actions);
    (void) drs_json_set_bool(wave, "waitForLaunchActions", actions);

    bad = 0;
    json_object_set_new(
        wave, "optionalServerIds",
        drs_wave_ids(json_object_get(v, "optionalServerIds"), &bad));
    if (bad) {
        (void) drs_wave_bad(e, i, "optionalServerIds",
                            "optionalServerIds "
                            "must be a list of source server ids");
    }
}


static json_t *
drs_wave_model(drs_model_error_t *e, const json_t *v, size_t i)
{
    size_t  k;
    json_t *wave, *m;

    wave = json_object();
    (void) drs_json_set_int(wave, "waveNumber", (int64_t) i);

    drs_wave_texts(e, v, i, wave);
    drs_wave_groups(e, v, i, wave);
    drs_wave_servers(e, v, i, wave);
    drs_wave_depends(e, v, i, wave);
    drs_wave_policies(e, v, i, wave);

    for (k = 0; drs_wave_opaque[k] != NULL; k++) {
        m = json_object_get(v, drs_wave_opaque[k]);

        if (m != NULL && !json_is_null(m)) {
            json_object_set_new(wave, drs_wave_opaque[k], json_deep_copy(m));
        }
    }

    return wave;
}


/* 1 if following dependsOnWaves from some wave comes back to it. */
static int
drs_waves_cyclic(const json_t *waves)
{
    int            changed, cyclic;
    size_t         i, j, n;
    json_t        *deps, *d;
    json_int_t     k;
    unsigned char *done;

    n = json_array_size(waves);
    done = calloc(n > 0 ? n : 1, 1);
    if (done == NULL) {
        return 0;
    }

    do {
        changed = 0;

        for (i = 0; i < n; i++) {
            if (done[i]) {
                continue;
            }

            deps = json_object_get(json_array_get(waves, i), "dependsOnWaves");

            json_array_foreach (deps, j, d) {
                k = json_integer_value(d);
                if (k >= 0 && (size_t) k < n && !done[k]) {
                    break;
                }
            }

            if (j == json_array_size(deps)) {
                done[i] = 1;
                changed = 1;
            }
        }
    } while (changed);

    cyclic = 0;
    for (i = 0; i < n; i++) {
        cyclic |= !done[i];
    }

    free(done);

    return cyclic;
}


/* Rules over the whole list: request numbers, cycles, earlier waves only. */
static void
drs_waves_order(drs_model_error_t *e, const json_t *v, const json_t *waves)
{
    char    key[32];
    size_t  i, j;
    json_t *item, *n, *seen, *d;

    seen = json_object();

    json_array_foreach ((json_t *) v, i, item) {
        n = json_object_get(item, "waveNumber");

        if (n == NULL || json_is_null(n)) {
            continue;
        }

        if (!json_is_integer(n)) {
            (void) drs_wave_bad(e, i, "waveNumber",
                                "waveNumber must be an integer");
            continue;
        }

        (void) snprintf(key, sizeof(key), "%lld",
                        (long long) json_integer_value(n));

        if (json_object_get(seen, key) != NULL) {
            (void) drs_wave_bad(e, i, "waveNumber",
                                "its waveNumber appears twice");
        }

        json_object_set_new(seen, key, json_true());
    }

    json_decref(seen);

    if (drs_waves_cyclic(waves)) {
        (void) drs_model_fail(e, DRS_ERR_INVALID_WAVES, "waves",
                              json_pack("{s:s}", "parameter", "waves"),
                              "The dependencies of the waves form a cycle.");
        return;
    }

    json_array_foreach ((json_t *) waves, i, item) {
        json_array_foreach (json_object_get(item, "dependsOnWaves"), j, d) {
            if (json_integer_value(d) < 0
                || (size_t) json_integer_value(d) >= i) {
                (void) drs_wave_bad(e, i, "dependsOnWaves",
                                    "dependsOnWaves "
                                    "must name existing earlier waves");
                break;
            }
        }
    }
}


int
drs_model_waves(drs_model_error_t *e, const json_t *v, json_t **out)
{
    size_t  i;
    json_t *item, *list;

    *out = NULL;

    if (!json_is_array(v) || json_array_size(v) == 0) {
        return drs_model_fail(e, DRS_ERR_INVALID_WAVES, "waves",
                              json_pack("{s:s}", "parameter", "waves"),
                              "waves must be a non-empty list.");
    }

    if (json_array_size(v) > DRS_WAVES_MAX) {
        return drs_model_fail(e, DRS_ERR_INVALID_WAVES, "waves",
                              json_pack("{s:s}", "parameter", "waves"),
                              "A plan has at most %d waves.", DRS_WAVES_MAX);
    }

    list = json_array();

    json_array_foreach ((json_t *) v, i, item) {
        if (!json_is_object(item)) {
            (void) drs_wave_bad(e, i, "", "it must be an object");
            continue;
        }

        json_array_append_new(list, drs_wave_model(e, item, i));
    }

    if (json_array_size(list) == json_array_size(v)) {
        drs_waves_order(e, v, list);
    }

    if (drs_model_result(e) != DRS_OK) {
        json_decref(list);
        return DRS_DECLINED;
    }

    *out = list;

    return DRS_OK;
}
