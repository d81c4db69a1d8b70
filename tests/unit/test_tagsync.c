/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drs_rc.h"
#include "drs_tagsync.h"


static json_t *
json(const char *text)
{
    json_t           *v;
    drs_json_limits_t any;

    any = drs_json_store_limits;
    v = drs_json_parse(drs_str(text), &any, NULL);
    assert_non_null(v);

    return v;
}


static void
diff_is(const char *tags, const char *have, const char *managed,
        const char *put, const char *remove, const char *keys, size_t dropped)
{
    json_t            *a, *b, *c, *p, *r, *k;
    drs_tagsync_diff_t d;

    a = json(tags);
    b = json(have);
    c = json(managed);
    p = json(put);
    r = json(remove);
    k = json(keys);

    assert_int_equal(drs_tagsync_diff(a, b, c, &d), DRS_OK);
    assert_true(json_equal(d.put, p));
    assert_true(json_equal(d.remove, r));
    assert_true(json_equal(d.keys, k));
    assert_int_equal(d.dropped, dropped);

    drs_tagsync_diff_free(&d);
    json_decref(a);
    json_decref(b);
    json_decref(c);
    json_decref(p);
    json_decref(r);
    json_decref(k);
}


static void
only_differences_are_written(void **state)
{
    (void) state;

    diff_is("[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":"
            "\"2\"},{\"Key\":\"aws:x\",\"Value\":\"y\"}]",
            "{\"a\":\"1\",\"b\":\"old\",\"mine\":\"z\"}", "[]", "{\"b\":\"2\"}",
            "[]", "[\"a\",\"b\"]", 0);
    diff_is("[{\"Key\":\"a\",\"Value\":\"1\"}]", "{\"a\":\"1\"}", "[\"a\"]",
            "{}", "[]", "[\"a\"]", 0);
    diff_is("[]", "{}", "[]", "{}", "[]", "[]", 0);
}


static void
managed_keys_go_with_their_source(void **state)
{
    (void) state;

    diff_is("[{\"Key\":\"a\",\"Value\":\"1\"}]",
            "{\"a\":\"1\",\"b\":\"2\",\"mine\":\"3\"}", "[\"a\",\"b\",\"c\"]",
            "{}", "[\"b\"]", "[\"a\"]", 0);
}


static void
a_server_has_fifty_tags(void **state)
{
    int                i;
    char               key[16];
    json_t            *tags, *have;
    drs_tagsync_diff_t d;

    (void) state;

    tags = json_array();
    have = json_object();

    for (i = 0; i < 50; i++) {
        (void) snprintf(key, sizeof(key), "k%02d", i);
        json_array_append_new(
            tags, json_pack("{s:s, s:s}", "Key", key, "Value", "v"));
    }

    json_array_append_new(tags,
                          json_pack("{s:s, s:s}", "Key", "Name", "Value", "n"));
    json_object_set_new(have, "own", json_string("x"));

    assert_int_equal(drs_tagsync_diff(tags, have, NULL, &d), DRS_OK);
    assert_int_equal(json_object_size(d.put), 49);
    assert_int_equal(d.dropped, 2);
    assert_non_null(json_object_get(d.put, "Name"));
    assert_non_null(json_object_get(d.put, "k47"));
    assert_null(json_object_get(d.put, "k48"));
    drs_tagsync_diff_free(&d);
    json_decref(tags);
    json_decref(have);
}


static void
too_long_ones_are_left_out(void **state)
{
    char               value[300];
    json_t            *tags;
    drs_tagsync_diff_t d;

    (void) state;

    memset(value, 'v', 257);
    value[257] = '\0';
    tags = json_pack("[{s:s, s:s}, {s:s, s:s}]", "Key", "a", "Value", value,
                     "Key", "", "Value", "x");
    assert_int_equal(drs_tagsync_diff(tags, NULL, NULL, &d), DRS_OK);
    assert_int_equal(json_object_size(d.put), 0);
    assert_int_equal(d.dropped, 2);
    drs_tagsync_diff_free(&d);
    json_decref(tags);
}


static void
who_takes_part(void **state)
{
    json_t *v;

    (void) state;

    v = json("{\"sourceProperties\":{\"identificationHints\":{}}}");
    assert_int_equal(drs_tagsync_skip(v), DRS_TAGSYNC_NO_INSTANCE);
    json_decref(v);
    v = json("{\"sourceProperties\":{\"identificationHints\":"
             "{\"awsInstanceID\":\"i-1\"}},\"dataReplicationInfo\":"
             "{\"dataReplicationState\":\"DISCONNECTED\"}}");
    assert_int_equal(drs_tagsync_skip(v), DRS_TAGSYNC_DISCONNECTED);
    json_decref(v);
    v = json("{\"sourceProperties\":{\"identificationHints\":"
             "{\"awsInstanceID\":\"i-1\"}}}");
    assert_int_equal(drs_tagsync_skip(v), DRS_TAGSYNC_TAKE);
    json_decref(v);
}


static void
settings_are_checked(void **state)
{
    size_t            i;
    json_t           *body, *old, *doc, *view;
    drs_model_env_t   env;
    drs_model_error_t e;

    static const struct {
        const char *body;
        drs_err_t   err;
    } bad[] = { { "{}", DRS_ERR_MISSING_PARAMETER },
                { "{\"enabled\":\"yes\"}", DRS_ERR_INVALID_PARAMETER },
                { "{\"enabled\":true,\"intervalHours\":0.9}",
                  DRS_ERR_INVALID_PARAMETER },
                { "{\"enabled\":true,\"intervalHours\":25}",
                  DRS_ERR_INVALID_PARAMETER },
                { "{\"enabled\":true,\"intervalHours\":\"4\"}",
                  DRS_ERR_INVALID_PARAMETER } };

    (void) state;

    memset(&env, 0, sizeof(env));
    env.now_s = 1700000000;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        drs_model_error_init(&e);
        body = json(bad[i].body);
        assert_int_equal(drs_tagsync_settings(&e, body, NULL, &env, &doc),
                         DRS_DECLINED);
        assert_int_equal(e.err, bad[i].err);
        drs_model_error_free(&e);
        json_decref(body);
    }

    drs_model_error_init(&e);
    body = json("{\"enabled\":false,\"intervalHours\":1.9}");
    old = json("{\"enabled\":true,\"intervalHours\":12}");
    assert_int_equal(drs_tagsync_settings(&e, body, old, &env, &doc), DRS_OK);
    view = drs_tagsync_settings_view(doc);
    assert_string_equal(
        json_string_value(json_object_get(view, "scheduleExpression")),
        "rate(1 hour)");
    assert_true(json_is_false(json_object_get(view, "enabled")));
    json_decref(view);
    json_decref(doc);
    json_decref(body);

    body = json("{\"enabled\":true}");
    assert_int_equal(drs_tagsync_settings(&e, body, old, &env, &doc), DRS_OK);
    assert_int_equal(drs_json_int(doc, "intervalHours", 0), 12);
    json_decref(doc);
    json_decref(body);
    json_decref(old);
    drs_model_error_free(&e);

    view = drs_tagsync_settings_view(NULL);
    assert_int_equal(drs_json_int(view, "intervalHours", 0), 4);
    assert_non_null(json_object_get(view, "message"));
    json_decref(view);
}


static void
status_of_no_run_and_of_a_run(void **state)
{
    json_t *v, *want;

    (void) state;

    v = drs_tagsync_status_view(NULL, NULL);
    assert_string_equal(json_string_value(json_object_get(v, "status")),
                        "UNKNOWN");
    assert_true(json_is_null(json_object_get(v, "lastSync")));
    json_decref(v);

    want = json("{\"source\":\"settings_update\"}");
    v = drs_tagsync_status_view(NULL, want);
    assert_string_equal(json_string_value(json_object_get(v, "status")),
                        "IN_PROGRESS");
    assert_string_equal(json_string_value(json_object_get(v, "source")),
                        "settings_update");
    json_decref(v);
    json_decref(want);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_differences_are_written),
        cmocka_unit_test(managed_keys_go_with_their_source),
        cmocka_unit_test(a_server_has_fifty_tags),
        cmocka_unit_test(too_long_ones_are_left_out),
        cmocka_unit_test(who_takes_part),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(status_of_no_run_and_of_a_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
