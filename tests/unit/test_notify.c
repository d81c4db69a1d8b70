
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <cmocka.h>

#include "drs_model_notify.h"
#include "drs_notify.h"


#define S(lit) drs_str(lit)


static json_t *
J(const char *text)
{
    char   *copy, *p;
    json_t *v;

    copy = strdup(text);

    for (p = copy; *p != '\0'; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    v = json_loads(copy, JSON_DECODE_ANY, NULL);
    assert_non_null(v);
    free(copy);
    return v;
}


static json_t *
entry_of(const char *plan)
{
    drs_notify_head_t h;

    memset(&h, 0, sizeof(h));
    h.event = S("pause");
    h.at_ms = 1795932361123;
    h.execution = S("e-1");
    h.plan = S("p-1");
    h.plan_name = S(plan);
    h.type = S("DRILL");
    h.pause_epoch = 2;

    return drs_notify_entry(
        &h, J("{'pausedBeforeWave': 1, 'who': 'a\\nb\\u0007', 'list': ['x', "
              "'y'], 'deep': {'k': 1}, 'yes': true}"));
}


static void
test_events(void **state)
{
    size_t                    i, k, n;
    const drs_notify_event_t *all;

    (void) state;
    all = drs_notify_events(&n);
    assert_int_equal(n, 23);

    for (i = 0; i < n; i++) {
        assert_ptr_equal(drs_notify_event(drs_str(all[i].name)), &all[i]);

        for (k = 0; k < i; k++) {
            assert_string_not_equal(all[i].name, all[k].name);
        }
    }

    assert_null(drs_notify_event(S("test")));
    assert_null(drs_notify_event(S("Start")));
}


/* HMAC-SHA-256 of another implementation: printf '1700000000.{"a":1}' |
 * openssl dgst -sha256 -hmac 0123456789abcdef */
static void
test_signature(void **state)
{
    char text[DRS_NOTIFY_SIGNATURE_SIZE];

    (void) state;
    assert_int_equal(drs_notify_sign(text, S("0123456789abcdef"), 1700000000,
                                     S("{\"a\":1}")),
                     DRS_OK);
    assert_string_equal(
        text,
        "t=1700000000,v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23");
}


static void
test_delivery_ids(void **state)
{
    char a[DRS_UUID_SIZE], b[DRS_UUID_SIZE], c[DRS_UUID_SIZE];

    (void) state;
    assert_int_equal(drs_notify_delivery(a, S("k"), S("sns.exec")), DRS_OK);
    assert_int_equal(drs_notify_delivery(b, S("k"), S("sns.exec")), DRS_OK);
    assert_int_equal(drs_notify_delivery(c, S("k"), S("hook.1")), DRS_OK);
    assert_true(drs_id_is_uuid4(drs_str(a)));
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}


static void
test_subject(void **state)
{
    char    text[DRS_NOTIFY_SUBJECT_MAX + 1], plan[200];
    size_t  i;
    json_t *e;

    (void) state;
    e = entry_of("three tier");
    assert_int_equal(drs_notify_subject(text, e), DRS_OK);
    assert_string_equal(text, "[DRS] Recovery Plan: three tier - pause");
    json_decref(e);

    /* cut between characters, never 100 bytes */
    for (i = 1; i < 60; i++) {
        memset(plan, 'x', i);
        memcpy(plan + i, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10);
        memset(plan + i + 9, 'y', 80);
        plan[i + 89] = '\0';
        e = entry_of(plan);
        assert_int_equal(drs_notify_subject(text, e), DRS_OK);
        assert_true(strlen(text) <= 99 && strlen(text) > 90);
        assert_string_equal(text + strlen(text) - 3, "...");
        json_decref(json_string(text));
        assert_non_null(e);
        json_decref(e);
        e = json_string(text);
        assert_non_null(e); /* well-formed UTF-8 */
        json_decref(e);
    }

    e = entry_of("a\nb\x7f"
                 "c");
    assert_int_equal(drs_notify_subject(text, e), DRS_OK);
    assert_string_equal(text, "[DRS] Recovery Plan: a b c - pause");
    json_decref(e);

    e = J("{'eventType':'account_unreachable','accountId':'123456789012'}");
    assert_int_equal(drs_notify_subject(text, e), DRS_OK);
    assert_string_equal(text,
                        "[DRS] Account: 123456789012 - account unreachable");
    json_decref(e);
}


static void
test_text_and_sns(void **state)
{
    json_t            *e, *m;
    drs_buf_t          b;
    const char        *plain, *mail;
    drs_notify_links_t links;

    (void) state;
    memset(&links, 0, sizeof(links));
    links.console = "https://c/executions/e-1";
    links.resume = "https://c/r?taskToken=SECRET";
    links.cancel = "https://c/c?taskToken=SECRET";
    links.delivery = "d-1";
    e = entry_of("P");
    drs_buf_init(&b, 0);
    assert_int_equal(drs_notify_sns(&b, e, &links), DRS_OK);
    m = json_loads(b.data, 0, NULL);
    plain = json_string_value(json_object_get(m, "default"));
    mail = json_string_value(json_object_get(m, "email"));
    assert_null(strstr(plain, "SECRET"));
    assert_non_null(strstr(mail, "https://c/r?taskToken=SECRET\n"));
    assert_non_null(strstr(mail, "https://c/c?taskToken=SECRET\n"));
    assert_non_null(strstr(plain, "Drill of plan P: the run is paused"));
    assert_non_null(strstr(plain, "\nPaused before wave: 2\n"));
    assert_non_null(strstr(plain, "\nWho: a b \n"));
    assert_non_null(strstr(plain, "\nList: x, y\n"));
    assert_non_null(strstr(plain, "\nYes: yes\n"));
    assert_non_null(strstr(plain, "\nDelivery: d-1\n"));
    assert_non_null(strstr(plain, "https://c/executions/e-1"));
    json_decref(m);
    json_decref(e);
    drs_buf_free(&b);
}


static void
test_body_and_notice(void **state)
{
    json_t   *e, *v, *n;
    drs_buf_t b;

    (void) state;
    e = entry_of("P");
    drs_buf_init(&b, 0);
    assert_int_equal(drs_notify_body(&b, e, S("d-1")), DRS_OK);
    v = json_loads(b.data, 0, NULL);
    assert_int_equal(json_object_size(v), 6);
    assert_string_equal(json_string_value(json_object_get(v, "eventType")),
                        "pause");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(v, "data"), "planName")),
                        "P");
    assert_null(json_object_get(v, "pauseEpoch"));
    json_decref(v);

    n = drs_notify_notice(e);
    assert_string_equal(json_string_value(json_object_get(n, "event")),
                        "notice");
    v = json_object_get(n, "data");
    assert_string_equal(json_string_value(json_object_get(v, "severity")),
                        "warning");
    assert_string_equal(json_string_value(json_object_get(v, "code")), "pause");
    json_decref(n);
    json_decref(e);
    drs_buf_free(&b);
}


static void
test_backoff(void **state)
{
    (void) state;
    assert_int_equal(drs_notify_backoff(0, 10, 300), 10);
    assert_int_equal(drs_notify_backoff(1, 10, 300), 20);
    assert_int_equal(drs_notify_backoff(4, 10, 300), 160);
    assert_int_equal(drs_notify_backoff(5, 10, 300), 300);
    assert_int_equal(drs_notify_backoff(INT64_MAX, 10, 300), 300);
    assert_int_equal(drs_notify_backoff(3, 0, 300), 8);
}


/* -- addresses ------------------------------------------------------------- */

static void
test_urls(void **state)
{
    size_t           i;
    const char      *why;
    drs_notify_url_t u;

    static const char *const bad[] = { "",
                                       "http://example.com/",
                                       "https://",
                                       "https:///x",
                                       "ftp://example.com/",
                                       "https://user@example.com/",
                                       "https://user:pw@example.com/",
                                       "https://example.com/#f",
                                       "https://exa mple.com/",
                                       "https://example.com/\r\nX: y",
                                       "https://example.com\\@evil/",
                                       "https://example.com:0/",
                                       "https://example.com:65536/",
                                       "https://example.com:/",
                                       "https://example.com:44a/",
                                       "https://-example.com/",
                                       "https://example..com/",
                                       "https://example.com./",
                                       "https://2130706433/",
                                       "https://0x7f000001/",
                                       "https://127.1/",
                                       "https://127.0.0.0x1/",
                                       "https://010.0.0.1/",
                                       "https://[::1/",
                                       "https://[::g]/",
                                       "https://[::1]x/",
                                       "https://ex\xc3\xa4mple.com/" };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (drs_notify_url(&u, drs_str(bad[i]), &why) == DRS_OK) {
            fail_msg("accepted: %s", bad[i]);
        }
    }

    assert_int_equal(
        drs_notify_url(&u, S("HTTPS://Hooks.Example.com:8443/a?b=c"), &why),
        DRS_OK);
    assert_true(drs_str_eqz(u.host, "Hooks.Example.com"));
    assert_int_equal(u.port, 8443);
    assert_int_equal(drs_notify_url(&u, S("https://[2001:4860::1]/x"), &why),
                     DRS_OK);
    assert_true(drs_str_eqz(u.host, "2001:4860::1"));
    assert_int_equal(u.port, 443);
}


static drs_addr_class_t
class_of(const char *text)
{
    unsigned char a[16];

    if (inet_pton(AF_INET, text, a) == 1) {
        return drs_addr_class(a, 4);
    }

    assert_int_equal(inet_pton(AF_INET6, text, a), 1);
    return drs_addr_class(a, 16);
}


static void
test_address_classes(void **state)
{
    size_t i;

    static const struct {
        const char *text;
        drs_addr_class_t class;
    } rows[] = { { "8.8.8.8", DRS_ADDR_PUBLIC },
                 { "172.15.0.1", DRS_ADDR_PUBLIC },
                 { "172.32.0.1", DRS_ADDR_PUBLIC },
                 { "127.0.0.1", DRS_ADDR_PRIVATE },
                 { "10.1.2.3", DRS_ADDR_PRIVATE },
                 { "172.16.0.1", DRS_ADDR_PRIVATE },
                 { "172.31.255.255", DRS_ADDR_PRIVATE },
                 { "192.168.1.1", DRS_ADDR_PRIVATE },
                 { "100.64.0.1", DRS_ADDR_PRIVATE },
                 { "169.254.169.254", DRS_ADDR_FORBIDDEN },
                 { "0.0.0.0", DRS_ADDR_FORBIDDEN },
                 { "224.0.0.1", DRS_ADDR_FORBIDDEN },
                 { "255.255.255.255", DRS_ADDR_FORBIDDEN },
                 { "192.0.2.1", DRS_ADDR_FORBIDDEN },
                 { "198.18.0.1", DRS_ADDR_FORBIDDEN },
                 { "2600:1f18::1", DRS_ADDR_PUBLIC },
                 { "::1", DRS_ADDR_PRIVATE },
                 { "fd12::1", DRS_ADDR_PRIVATE },
                 { "fd00:ec2::254", DRS_ADDR_FORBIDDEN },
                 { "::", DRS_ADDR_FORBIDDEN },
                 { "fe80::1", DRS_ADDR_FORBIDDEN },
                 { "ff02::1", DRS_ADDR_FORBIDDEN },
                 { "2001:db8::1", DRS_ADDR_FORBIDDEN },
                 { "::ffff:10.0.0.1", DRS_ADDR_PRIVATE },
                 { "::ffff:169.254.169.254", DRS_ADDR_FORBIDDEN },
                 { "64:ff9b::a9fe:a9fe", DRS_ADDR_FORBIDDEN },
                 { "2002:a9fe:a9fe::1", DRS_ADDR_FORBIDDEN } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (class_of(rows[i].text) != rows[i].class) {
            fail_msg("%s", rows[i].text);
        }
    }

    assert_int_equal(drs_addr_class((const unsigned char *) "abc", 3),
                     DRS_ADDR_FORBIDDEN);
}


static int
allowed(const char *url, const char *hosts, int private)
{
    const char *why;

    return drs_notify_url_allowed(drs_str(url), drs_str(hosts), private, &why)
           == DRS_OK;
}


static void
test_rules(void **state)
{
    (void) state;
    assert_true(allowed("https://hooks.example.com/x", "", 0));
    assert_true(
        allowed("https://hooks.example.com/x", "a.com *.example.com", 0));
    assert_true(allowed("https://HOOKS.example.com/x", "hooks.example.com", 0));
    assert_false(allowed("https://example.com/x", "*.example.com", 0));
    assert_false(allowed("https://evilexample.com/x", "*.example.com", 0));
    assert_false(allowed("https://b.com/x", "a.com", 0));
    assert_false(allowed("https://localhost/x", "", 0));
    assert_false(allowed("https://a.localhost/x", "", 0));
    assert_false(allowed("https://metadata.google.internal/x", "", 0));
    assert_false(allowed("https://10.0.0.1/x", "", 0));
    assert_false(allowed("https://10.0.0.1/x", "", 1));
    assert_true(allowed("https://10.0.0.1/x", "10.0.0.1", 1));
    assert_false(allowed("https://10.0.0.1/x", "10.0.0.1", 0));
    assert_false(allowed("https://169.254.169.254/x", "169.254.169.254", 1));
    assert_false(allowed("https://[::1]/x", "", 0));
    assert_false(allowed("https://[::ffff:169.254.169.254]/x", "", 1));
}


/* -- models ------------------------------------------------------------------ */

static const drs_webhook_rules_t open_rules;


static int
hook(const char *body, const json_t *old, json_t **doc, drs_str_t *secret,
     drs_model_error_t *e, json_t **keep)
{
    drs_model_env_t env;

    memset(&env, 0, sizeof(env));
    env.now_s = 1795932361;
    env.user = S("alice");
    drs_model_error_init(e);
    *keep = J(body);

    return drs_model_webhook(e, *keep, old,
                             S("3b1f7c52-7d0a-4c5e-9f0e-2f6f0a1c9d11"),
                             &open_rules, &env, doc, secret);
}


static void
refused(const char *body, const json_t *old, drs_err_t err)
{
    json_t           *doc, *keep;
    drs_str_t         secret;
    drs_model_error_t e;

    assert_int_equal(hook(body, old, &doc, &secret, &e, &keep), DRS_DECLINED);
    assert_null(doc);

    if (e.err != err) {
        fail_msg("%s: %s", body, e.message);
    }

    drs_model_error_free(&e);
    json_decref(keep);
}


#define GOOD                                                                   \
    "'name': ' Chat ', 'url': 'https://h.example.com/x', "                     \
    "'secret': '0123456789abcdef'"

static void
test_webhook_model(void **state)
{
    json_t           *doc, *keep, *view, *next;
    drs_str_t         secret;
    drs_model_error_t e;

    (void) state;
    assert_int_equal(hook("{" GOOD "}", NULL, &doc, &secret, &e, &keep),
                     DRS_OK);
    assert_true(drs_str_eqz(secret, "0123456789abcdef"));
    assert_null(json_object_get(doc, "secret"));
    assert_string_equal(json_string_value(json_object_get(doc, "name")),
                        "Chat");
    assert_true(drs_webhook_wants(doc, S("pause"), S("")));
    drs_model_error_free(&e);
    json_decref(keep);

    (void) json_object_set_new(doc, "secret", json_string("sealed"));
    view = drs_view_webhook(doc, S("{\"status\":\"DELIVERED\"}"));
    assert_null(json_object_get(view, "secret"));
    assert_true(json_is_true(json_object_get(view, "secretSet")));
    assert_true(json_is_object(json_object_get(view, "lastDelivery")));
    json_decref(view);

    assert_int_equal(
        hook("{'events': ['fail'], 'planIds': "
             "['c88385c8-9729-44be-b0a6-d709906ef226'], 'version': 1}",
             doc, &next, &secret, &e, &keep),
        DRS_OK);
    assert_int_equal(secret.len, 0);
    assert_int_equal(drs_model_doc_version(next), 2);
    assert_string_equal(json_string_value(json_object_get(next, "secret")),
                        "sealed");
    assert_false(drs_webhook_wants(next, S("pause"), S("x")));
    assert_false(drs_webhook_wants(next, S("fail"), S("")));
    assert_true(drs_webhook_wants(next, S("fail"),
                                  S("c88385c8-9729-44be-b0a6-d709906ef226")));
    drs_model_error_free(&e);
    json_decref(keep);

    refused("{'version': 1}", next, DRS_ERR_VERSION_CONFLICT);
    refused("{}", NULL, DRS_ERR_MISSING_FIELD);
    refused("{'name': 'x', 'url': 'https://a.com/'}", NULL,
            DRS_ERR_MISSING_FIELD);
    refused("{" GOOD ", 'events': []}", NULL, DRS_ERR_INVALID_PARAMETER);
    refused("{" GOOD ", 'events': ['bogus']}", NULL, DRS_ERR_INVALID_PARAMETER);
    refused("{" GOOD ", 'planIds': ['x']}", NULL, DRS_ERR_INVALID_PARAMETER);
    refused("{" GOOD ", 'enabled': 'true'}", NULL, DRS_ERR_INVALID_PARAMETER);
    refused("{'url': 'http://a.com/'}", doc, DRS_ERR_INVALID_URL);
    refused("{'url': 7}", doc, DRS_ERR_INVALID_URL);
    refused("{'name': ' '}", doc, DRS_ERR_INVALID_NAME);
    refused("{'secret': 'short'}", doc, DRS_ERR_INVALID_PARAMETER);
    refused("{'secret': '0123456789abcde\\u0001'}", doc,
            DRS_ERR_INVALID_PARAMETER);
    json_decref(next);
    json_decref(doc);
}


static void
settings_refused(const char *body, const json_t *old, drs_err_t err)
{
    json_t           *doc, *b;
    drs_model_error_t e;

    b = J(body);
    drs_model_error_init(&e);
    assert_int_equal(drs_model_notify(&e, b, old, &doc), DRS_DECLINED);

    if (e.err != err) {
        fail_msg("%s: %s", body, e.message);
    }

    drs_model_error_free(&e);
    json_decref(b);
}


static void
test_settings_model(void **state)
{
    json_t           *doc, *b, *view, *next;
    drs_model_error_t e;

    (void) state;
    b = J("{'executionTopicArn': 'arn:aws:sns:eu-west-1:123456789012:t', "
          "'adminEmail': 'a@example.com', 'events': {'start': false}, "
          "'pauseReminderHours': [1, 5], 'publicBaseUrl': "
          "'https://drs.example.com/x/', 'version': 0}");
    drs_model_error_init(&e);
    assert_int_equal(drs_model_notify(&e, b, NULL, &doc), DRS_OK);
    json_decref(b);
    drs_model_error_free(&e);
    assert_string_equal(
        json_string_value(json_object_get(doc, "publicBaseUrl")),
        "https://drs.example.com/x");
    assert_false(drs_notify_wanted(doc, S("start")));
    assert_true(drs_notify_wanted(doc, S("pause")));
    assert_true(drs_notify_wanted(NULL, S("start")));

    view = drs_view_notify(doc, 1, 2, 3);
    assert_int_equal(json_object_size(json_object_get(view, "events")), 23);
    assert_int_equal(drs_json_int(json_object_get(view, "outbox"), "failed", 0),
                     2);
    json_decref(view);
    view = drs_view_notify(NULL, 0, 0, 0);
    assert_int_equal(json_integer_value(json_array_get(
                         json_object_get(view, "pauseReminderHours"), 1)),
                     168);
    assert_int_equal(drs_json_int(view, "version", -1), 0);
    json_decref(view);

    b = J("{'executionTopicArn': '', 'events': {'fail': false}}");
    drs_model_error_init(&e);
    assert_int_equal(drs_model_notify(&e, b, doc, &next), DRS_OK);
    assert_null(json_object_get(next, "executionTopicArn"));
    assert_false(drs_notify_wanted(next, S("start")));
    assert_false(drs_notify_wanted(next, S("fail")));
    assert_true(drs_notify_wanted(doc, S("fail")));
    json_decref(next);
    json_decref(b);
    drs_model_error_free(&e);

    settings_refused("{'version': 0}", doc, DRS_ERR_VERSION_CONFLICT);
    settings_refused("{'version': 2}", doc, DRS_ERR_VERSION_CONFLICT);
    settings_refused("{'adminEmail': 'x'}", NULL, DRS_ERR_INVALID_EMAIL);
    settings_refused("{'alertsTopicArn': 'arn:aws:sns:x:1:t'}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'alertsTopicArn': "
                     "'arn:aws:sns:eu-west-1:123456789012:t.fifo'}",
                     NULL, DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'events': {'bogus': true}}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'events': {'start': 1}}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'pauseReminderHours': [2, 2]}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'pauseReminderHours': [0]}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'publicBaseUrl': 'http://x.com'}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    settings_refused("{'publicBaseUrl': 'https://x.com/?a'}", NULL,
                     DRS_ERR_INVALID_PARAMETER);
    json_decref(doc);
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_events),
                                        cmocka_unit_test(test_signature),
                                        cmocka_unit_test(test_delivery_ids),
                                        cmocka_unit_test(test_subject),
                                        cmocka_unit_test(test_text_and_sns),
                                        cmocka_unit_test(test_body_and_notice),
                                        cmocka_unit_test(test_backoff),
                                        cmocka_unit_test(test_urls),
                                        cmocka_unit_test(test_address_classes),
                                        cmocka_unit_test(test_rules),
                                        cmocka_unit_test(test_webhook_model),
                                        cmocka_unit_test(test_settings_model) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
