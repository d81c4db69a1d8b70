
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_audit.h"


#define CHAIN 12

typedef struct {
    size_t          n;
    drs_audit_bad_t bad[64];
    uint64_t        seq[64], last[64];
} findings_t;


static json_t *chain[CHAIN];
static char    head[DRS_SHA256_HEX_LEN + 1];


static void
note(void *data, const drs_audit_finding_t *f)
{
    findings_t *x = data;

    assert_true(x->n < 64);
    x->bad[x->n] = f->bad;
    x->seq[x->n] = f->seq;
    x->last[x->n++] = f->last;
}


static json_t *
obj(const char *text)
{
    json_t *v;

    v = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(v);

    return v;
}


static int
make_chain(void **state)
{
    int     i;
    char    prev[DRS_SHA256_HEX_LEN + 1], hash[DRS_SHA256_HEX_LEN + 1];
    json_t *raw;

    (void) state;
    (void) strcpy(prev, drs_audit_zero);

    for (i = 0; i < CHAIN; i++) {
        raw = json_pack("{s:s, s:s, s:s, s:{s:i}}", "action", "plan.update",
                        "resourceType", "plan", "resourceId", "p1", "after",
                        "n", i);
        chain[i] =
            drs_audit_entry(raw, 1000 + i / 3, (uint64_t) i + 1, prev, hash);
        assert_non_null(chain[i]);
        json_decref(raw);
        (void) strcpy(prev, hash);
    }

    (void) strcpy(head, prev);

    return 0;
}


static int
free_chain(void **state)
{
    int i;

    (void) state;

    for (i = 0; i < CHAIN; i++) {
        json_decref(chain[i]);
    }

    return 0;
}


/* Checks the entries of the list (ended by -1) against the whole chain. */

static findings_t
check(const int *order)
{
    findings_t          x = { 0 };
    drs_audit_verify_t *v;

    v = malloc(sizeof(*v));
    assert_non_null(v);
    drs_audit_verify_init(v, 0, NULL, note, &x);

    for (; *order >= 0; order++) {
        drs_audit_verify_entry(v, chain[*order]);
    }

    (void) drs_audit_verify_end(v, CHAIN, head);
    free(v);

    return x;
}


static const int whole[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1 };


static void
secrets_are_replaced_by_name(void **state)
{
    json_t *v, *r;

    static const char *const secret[] = {
        "password",    "newPassword",   "API_KEY",     "x-api-key",
        "externalId",  "Authorization", "Set-Cookie",  "aws_secret_access_key",
        "privateKey",  "refreshToken",  "credentials", "Signature",
        "accessKeyId", "passwd"
    };
    static const char *const open[] = {
        "name",   "tokenId", "secretSet",          "keyName",
        "region", "author",  "mustChangePassword", "resourceId"
    };

    (void) state;

    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
        if (!drs_audit_secret_key(secret[i])) {
            fail_msg("%s is a secret", secret[i]);
        }
    }

    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        if (drs_audit_secret_key(open[i])) {
            fail_msg("%s is no secret", open[i]);
        }
    }

    v = obj("{\"a\":[{\"password\":\"x\",\"deep\":{\"token\":{\"y\":1}}}],"
            "\"secret\":null,\"n\":1}");
    r = drs_audit_redact(v);
    json_decref(v);
    v = obj("{\"a\":[{\"password\":\"[redacted]\",\"deep\":{\"token\":"
            "\"[redacted]\"}}],\"secret\":null,\"n\":1}");
    assert_true(json_equal(v, r));
    json_decref(v);
    json_decref(r);
}


static void
secrets_are_replaced_by_shape(void **state)
{
    drs_buf_t b;

    static const char *const rows[][2] = {
        { "a eyJhbGciOiJ.eyJzdWIiOiIx.c2lnbg b", "a [redacted] b" },
        { "eyJhbGciOiJ.eyJzdWIiOiIx.", "[redacted]" },
        { "key AKIAIOSFODNN7EXAMPLE.", "key [redacted]." },
        { "ASIAIOSFODNN7EXAMPLE", "[redacted]" },
        { "=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "=[redacted]" },
        { "eyJ is short", "eyJ is short" },
        { "AKIAshort", "AKIAshort" },
        { "da39a3ee5e6b4b0d3255bfef95601890afd80709",
          "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { "plain \xc3\xa4 text", "plain \xc3\xa4 text" },
        { "", "" }
    };

    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        drs_buf_init(&b, 0);
        assert_int_equal(drs_audit_redact_text(&b, drs_str(rows[i][0])),
                         DRS_OK);
        assert_string_equal(b.data != NULL ? b.data : "", rows[i][1]);
        drs_buf_free(&b);
    }
}


static void
only_changed_members_are_kept(void **state)
{
    json_t *b, *a, *before, *after, *b2, *a2;

    (void) state;

    before = obj("{\"same\":1,\"x\":[1,2],\"gone\":true,\"secret\":\"old\"}");
    after = obj("{\"same\":1.0,\"x\":[2,1],\"new\":{},\"secret\":\"nov\"}");
    assert_int_equal(drs_audit_diff(before, after, &b, &a), DRS_OK);

    /* a second pass (when the entry is sealed) changes nothing */
    assert_int_equal(drs_audit_diff(b, a, &b2, &a2), DRS_OK);
    assert_true(json_equal(b, b2));
    assert_true(json_equal(a, a2));

    json_decref(before);
    json_decref(after);
    before = obj("{\"x\":[1,2],\"gone\":true,\"secret\":\"[redacted]\"}");
    after = obj("{\"x\":[2,1],\"new\":{},\"secret\":\"[redacted]\"}");
    assert_true(json_equal(b, before));
    assert_true(json_equal(a, after));

    json_decref(b);
    json_decref(a);
    json_decref(b2);
    json_decref(a2);

    assert_int_equal(drs_audit_diff(NULL, after, &b, &a), DRS_OK);
    assert_null(b);
    assert_true(json_equal(a, after));
    json_decref(a);
    json_decref(before);
    json_decref(after);
}


static void
entry_has_the_members_of_the_api(void **state)
{
    char    hash[DRS_SHA256_HEX_LEN + 1];
    json_t *raw, *e, *want;

    (void) state;

    raw = obj("{\"action\":\"plan.update\",\"resourceType\":\"plan\","
              "\"resourceId\":\"p\",\"id\":\"9-9\",\"hash\":\"x\","
              "\"other\":1,\"httpStatus\":200,\"outcome\":\"nonsense\","
              "\"requestId\":\"r1\",\"actor\":{\"type\":\"user\","
              "\"userId\":\"u\",\"email\":\"\",\"username\":\"n\",\"ip\":"
              "\"10.0.0.1\",\"userAgent\":\"curl\",\"roles\":[\"A\",1]},"
              "\"before\":{\"n\":1,\"s\":2},\"after\":{\"n\":1,\"s\":3}}");
    e = drs_audit_entry(raw, 1700000000123, 7, drs_audit_zero, hash);
    assert_non_null(e);
    assert_string_equal(json_string_value(json_object_get(e, "hash")), hash);
    json_object_del(e, "hash");
    want = obj("{\"id\":\"1700000000123-7\",\"time\":"
               "\"2023-11-14T22:13:20.123Z\",\"requestId\":\"r1\","
               "\"correlationId\":\"r1\",\"action\":\"plan.update\","
               "\"resourceType\":\"plan\",\"resourceId\":\"p\",\"outcome\":"
               "\"succeeded\",\"httpStatus\":200,\"actor\":{\"type\":\"user\","
               "\"userId\":\"u\",\"roles\":[\"A\"]},\"sourceIp\":"
               "\"10.0.0.1\",\"userAgent\":\"curl\",\"before\":{\"s\":2},"
               "\"after\":{\"s\":3},\"prevHash\":\"0000000000000000000000000"
               "000000000000000000000000000000000000000\"}");
    assert_true(json_equal(e, want));
    json_decref(e);
    json_decref(raw);
    json_decref(want);

    e = drs_audit_entry(NULL, 5, 1, drs_audit_zero, hash);
    assert_string_equal(json_string_value(json_object_get(e, "action")),
                        "unknown");
    assert_string_equal(json_string_value(json_object_get(e, "requestId")),
                        "5-1");
    json_decref(e);
}


/* The definition, computed without the code under test's helpers. */

static void
hash_is_as_documented(void **state)
{
    char    want[DRS_SHA256_HEX_LEN + 1], got[DRS_SHA256_HEX_LEN + 1];
    char    text[512];
    json_t *e;

    (void) state;

    e = obj("{\"z\":1,\"a\":\"x\",\"prevHash\":\"p\",\"hash\":\"h\"}");
    (void) snprintf(text, sizeof(text), "%s{\"a\":\"x\",\"z\":1}",
                    drs_audit_zero);
    assert_int_equal(drs_sha256_hex(want, text, strlen(text)), DRS_OK);
    assert_int_equal(drs_audit_hash(e, drs_str(drs_audit_zero), got), DRS_OK);
    assert_string_equal(got, want);
    json_decref(e);
}


static void
ids_are_parsed(void **state)
{
    char     id[DRS_AUDIT_ID_SIZE];
    int64_t  ms;
    uint64_t seq;

    static const char *const bad[] = { "", "1", "1-", "-1", "a-1", "1-2-3" };

    (void) state;
    drs_audit_id(id, INT64_MAX, UINT64_MAX);
    assert_int_equal(drs_audit_id_parse(drs_str(id), &ms, &seq), DRS_OK);
    assert_true(ms == INT64_MAX && seq == UINT64_MAX);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_audit_id_parse(drs_str(bad[i]), &ms, &seq),
                         DRS_DECLINED);
    }
}


static void
whole_chain_is_intact(void **state)
{
    findings_t x;

    (void) state;
    x = check(whole);
    assert_int_equal(x.n, 0);
}


static void
every_change_is_named(void **state)
{
    findings_t x;

    (void) state;

    for (int i = 0; i < CHAIN; i++) {
        json_t *old = json_deep_copy(chain[i]);

        json_object_set_new(chain[i], "outcome", json_string("denied"));
        x = check(whole);
        assert_int_equal(x.n, 1);
        assert_int_equal(x.bad[0], DRS_AUDIT_BAD_CHANGED);
        assert_int_equal(x.seq[0], i + 1);
        json_decref(chain[i]);
        chain[i] = old;
    }
}


/* The hash computed anew does not help. */

static void
every_replaced_entry_is_named(void **state)
{
    findings_t x;

    (void) state;

    for (int i = 0; i < CHAIN; i++) {
        char    hash[DRS_SHA256_HEX_LEN + 1];
        json_t *old = json_deep_copy(chain[i]);

        json_object_set_new(chain[i], "outcome", json_string("denied"));
        assert_int_equal(
            drs_audit_hash(chain[i],
                           drs_str(json_string_value(
                               json_object_get(chain[i], "prevHash"))),
                           hash),
            DRS_OK);
        json_object_set_new(chain[i], "hash", json_string(hash));
        x = check(whole);
        assert_int_equal(x.n, 1);
        assert_int_equal(x.bad[0], DRS_AUDIT_BAD_REPLACED);
        assert_int_equal(x.seq[0], i + 1);
        json_decref(chain[i]);
        chain[i] = old;
    }
}


static void
every_removal_is_named(void **state)
{
    int        order[CHAIN + 1], from, to, i, n;
    findings_t x;

    (void) state;

    for (from = 0; from < CHAIN; from++) {
        for (to = from; to < CHAIN; to++) {
            for (i = 0, n = 0; i < CHAIN; i++) {
                if (i < from || i > to) {
                    order[n++] = i;
                }
            }

            order[n] = -1;
            x = check(order);
            assert_int_equal(x.n, 1);
            assert_int_equal(x.bad[0], DRS_AUDIT_BAD_REMOVED);
            assert_int_equal(x.seq[0], from + 1);
            assert_int_equal(x.last[0], to + 1);
        }
    }
}


static void
every_exchange_is_named(void **state)
{
    int        order[CHAIN + 1], i, k, n;
    findings_t x;

    (void) state;

    for (i = 0; i < CHAIN; i++) {
        for (k = i + 1; k < CHAIN; k++) {
            memcpy(order, whole, sizeof(order));
            order[i] = k;
            order[k] = i;
            x = check(order);

            /* all between stand behind the later one now */
            assert_int_equal(x.n, (size_t) (k - i));

            for (n = 0; n < k - i; n++) {
                assert_int_equal(x.bad[n], DRS_AUDIT_BAD_MOVED);
            }
        }
    }
}


static void
additions_are_named(void **state)
{
    findings_t         x = { 0 };
    drs_audit_verify_t v;

    static const int twice[] = { 0, 1, 2, 3, 4, 5, 6, 3, 7, 8, 9, 10, 11, -1 };

    (void) state;
    x = check(twice);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.bad[0], DRS_AUDIT_BAD_DOUBLE);
    assert_int_equal(x.seq[0], 4);

    /* behind the recorded end */
    x.n = 0;
    drs_audit_verify_init(&v, 0, NULL, note, &x);

    for (int i = 0; i < CHAIN; i++) {
        drs_audit_verify_entry(&v, chain[i]);
    }

    (void) drs_audit_verify_end(
        &v, 4, json_string_value(json_object_get(chain[3], "hash")));
    assert_int_equal(x.n, 1);
    assert_int_equal(x.bad[0], DRS_AUDIT_BAD_END);
    assert_int_equal(x.seq[0], 5);
    assert_int_equal(x.last[0], CHAIN);
}


static void
trimmed_chain_needs_its_sign_off(void **state)
{
    char               hash[DRS_SHA256_HEX_LEN + 1];
    json_t            *raw, *e;
    const char        *cut, *prev;
    findings_t         x = { 0 };
    drs_audit_verify_t v;

    (void) state;
    cut = json_string_value(json_object_get(chain[4], "hash"));
    prev = json_string_value(json_object_get(chain[CHAIN - 1], "hash"));
    raw = json_pack("{s:s, s:{s:s}}", "action", "audit.trim", "after",
                    "throughHash", cut);
    e = drs_audit_entry(raw, 2000, CHAIN + 1, prev, hash);

    for (int with = 0; with < 2; with++) {
        x.n = 0;
        drs_audit_verify_init(&v, 5, cut, note, &x);

        for (int i = 5; i < CHAIN; i++) {
            drs_audit_verify_entry(&v, chain[i]);
        }

        if (with) {
            drs_audit_verify_entry(&v, e);
        }

        (void) drs_audit_verify_end(&v, 0, NULL);
        assert_int_equal(x.n, with ? 0 : 1);
    }

    assert_int_equal(x.bad[0], DRS_AUDIT_BAD_START);

    /* a checkpoint that is not the truth */
    x.n = 0;
    drs_audit_verify_init(&v, 5, drs_audit_zero, note, &x);
    drs_audit_verify_entry(&v, chain[5]);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.bad[0], DRS_AUDIT_BAD_START);

    json_decref(raw);
    json_decref(e);
}


static void
anything_else_is_no_entry(void **state)
{
    json_t            *v1;
    findings_t         x = { 0 };
    drs_audit_verify_t v;

    static const char *const rows[] = {
        "{}", "[]", "1", "null", "{\"id\":1}", "{\"id\":\"1-0\"}"
    };

    (void) state;
    drs_audit_verify_init(&v, 0, NULL, note, &x);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        v1 = obj(rows[i]);
        drs_audit_verify_entry(&v, v1);
        json_decref(v1);
        assert_int_equal(x.n, i + 1);
        assert_int_equal(x.bad[i], DRS_AUDIT_BAD_FORM);
    }

    drs_audit_verify_entry(&v, NULL);
    assert_int_equal(x.bad[x.n - 1], DRS_AUDIT_BAD_FORM);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_replaced_by_name),
        cmocka_unit_test(secrets_are_replaced_by_shape),
        cmocka_unit_test(only_changed_members_are_kept),
        cmocka_unit_test(entry_has_the_members_of_the_api),
        cmocka_unit_test(hash_is_as_documented),
        cmocka_unit_test(ids_are_parsed),
        cmocka_unit_test(whole_chain_is_intact),
        cmocka_unit_test(every_change_is_named),
        cmocka_unit_test(every_replaced_entry_is_named),
        cmocka_unit_test(every_removal_is_named),
        cmocka_unit_test(every_exchange_is_named),
        cmocka_unit_test(additions_are_named),
        cmocka_unit_test(trimmed_chain_needs_its_sign_off),
        cmocka_unit_test(anything_else_is_no_entry)
    };

    return cmocka_run_group_tests(tests, make_chain, free_chain);
}
