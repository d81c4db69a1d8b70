
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_jwt_cache.h"
#include "jwt_util.h"


#define N_TOKENS 8


static EVP_PKEY   *ed;
static drs_jwks_t *keys;
static char       *tokens[N_TOKENS];

static const drs_str_t auds[] = { drs_string("c") };

static const drs_jwt_issuer_t issuers[] = { { .name = drs_string("idp"),
                                              .iss = drs_string(JU_ISS),
                                              .audiences = auds,
                                              .n_audiences = 1 } };

static const drs_jwt_policy_t policy = { issuers, 1, 0, 0 };

static const drs_jwks_t *sets[1];


static drs_jwt_reason_t
ask(drs_jwt_cache_t *c, int i, int64_t now_s, int *cached)
{
    drs_jwt_t       *t;
    drs_jwt_reason_t rc;

    rc = drs_jwt_cache_verify(c, &policy, sets, drs_str(tokens[i]), now_s, &t,
                              cached);

    assert_true((rc == DRS_JWT_OK) == (t != NULL));
    drs_jwt_unref(t);

    return rc;
}


static void
test_cache_hit(void **state)
{
    int                   cached;
    drs_jwt_t            *t;
    drs_jwt_cache_t      *c;
    drs_jwt_cache_stats_t st;

    (void) state;

    c = drs_jwt_cache_create(4, 0);

    assert_int_equal(drs_jwt_cache_verify(c, &policy, sets, drs_str(tokens[0]),
                                          JU_NOW, &t, &cached),
                     DRS_JWT_OK);
    assert_int_equal(cached, 0);
    t->roles = 5;
    drs_jwt_unref(t);

    assert_int_equal(drs_jwt_cache_verify(c, &policy, sets, drs_str(tokens[0]),
                                          JU_NOW, &t, &cached),
                     DRS_JWT_OK);
    assert_int_equal(cached, 1);
    assert_int_equal(t->roles, 5);
    assert_true(drs_str_eqz(t->sub, "u0"));

    /* the caller's reference outlives the cache */

    drs_jwt_cache_destroy(c);
    assert_true(drs_str_eqz(t->sub, "u0"));
    drs_jwt_unref(t);

    c = drs_jwt_cache_create(0, 0);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    drs_jwt_cache_stats(c, &st);
    assert_int_equal(st.entries, 1);
    assert_int_equal(st.misses, 1);
    drs_jwt_cache_destroy(c);
    drs_jwt_cache_destroy(NULL);
}


/* a good token in the cache does not help another one */

static void
test_cache_other_signature(void **state)
{
    char            *forged;
    size_t           n;
    drs_jwt_t       *t;
    drs_jwt_cache_t *c;

    (void) state;

    c = drs_jwt_cache_create(4, 0);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);

    forged = drs_str_dup(drs_str(tokens[0]));
    n = strlen(forged);
    forged[n - 10] = forged[n - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(drs_jwt_cache_verify(c, &policy, sets, drs_str(forged),
                                          JU_NOW, &t, NULL),
                     DRS_JWT_SIGNATURE);
    assert_null(t);

    forged[n - 10] = '=';
    assert_int_equal(drs_jwt_cache_verify(c, &policy, sets, drs_str(forged),
                                          JU_NOW, &t, NULL),
                     DRS_JWT_BASE64);

    assert_int_equal(
        drs_jwt_cache_verify(c, &policy, sets, drs_str("x"), JU_NOW, &t, NULL),
        DRS_JWT_FORM);
    assert_int_equal(
        drs_jwt_cache_verify(c, &policy, sets, drs_str(""), JU_NOW, &t, NULL),
        DRS_JWT_FORM);

    free(forged);
    drs_jwt_cache_destroy(c);
}


static void
test_cache_never_outlives_the_token(void **state)
{
    int                   cached;
    drs_jwt_cache_t      *c;
    drs_jwt_cache_stats_t st;

    (void) state;

    /* token i ends at JU_NOW + 100 + i, no leeway */

    c = drs_jwt_cache_create(4, 0);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    assert_int_equal(ask(c, 0, JU_NOW + 99, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 1);
    assert_int_equal(ask(c, 0, JU_NOW + 100, &cached), DRS_JWT_EXPIRED);
    assert_int_equal(cached, 0);

    drs_jwt_cache_stats(c, &st);
    assert_int_equal(st.entries, 0);
    assert_int_equal(st.expired, 1);
    assert_int_equal(st.bytes, 0);
    drs_jwt_cache_destroy(c);
}


static void
test_cache_generation(void **state)
{
    int              cached;
    drs_jwt_cache_t *c;

    (void) state;

    c = drs_jwt_cache_create(4, 0);
    drs_jwt_cache_generation(c, 1);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    drs_jwt_cache_generation(c, 1);
    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 1);
    drs_jwt_cache_generation(c, 2);
    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 0);

    /* the key went away */

    drs_jwt_cache_generation(c, 3);
    sets[0] = NULL;
    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_NO_KEYS);
    sets[0] = keys;
    drs_jwt_cache_destroy(c);
}


static void
test_cache_is_lru(void **state)
{
    int                   i, cached;
    drs_jwt_cache_t      *c;
    drs_jwt_cache_stats_t st;

    (void) state;

    c = drs_jwt_cache_create(3, 0);

    for (i = 0; i < 3; i++) {
        assert_int_equal(ask(c, i, JU_NOW, NULL), DRS_JWT_OK);
    }

    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 1);
    assert_int_equal(ask(c, 3, JU_NOW, NULL), DRS_JWT_OK);

    /* 1 was the oldest */

    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 1);
    assert_int_equal(ask(c, 2, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 1);
    assert_int_equal(ask(c, 1, JU_NOW, &cached), DRS_JWT_OK);
    assert_int_equal(cached, 0);

    drs_jwt_cache_stats(c, &st);
    assert_int_equal(st.entries, 3);
    assert_int_equal(st.evicted, 2);
    drs_jwt_cache_destroy(c);
}


static void
test_cache_byte_bound(void **state)
{
    int                   i;
    size_t                one;
    drs_jwt_t            *t;
    drs_jwt_cache_t      *c;
    drs_jwt_cache_stats_t st;

    (void) state;

    c = drs_jwt_cache_create(100, 0);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    drs_jwt_cache_stats(c, &st);
    one = st.bytes;
    drs_jwt_cache_destroy(c);

    c = drs_jwt_cache_create(100, one * 3 + one / 2);

    for (i = 0; i < N_TOKENS; i++) {
        assert_int_equal(ask(c, i, JU_NOW, NULL), DRS_JWT_OK);
        drs_jwt_cache_stats(c, &st);
        assert_true(st.bytes <= one * 3 + one / 2);
    }

    assert_int_equal(st.entries, 3);
    drs_jwt_cache_destroy(c);

    /* one that does not fit is good all the same */

    c = drs_jwt_cache_create(100, 10);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    drs_jwt_cache_stats(c, &st);
    assert_int_equal(st.entries, 0);

    assert_int_equal(
        drs_jwt_verify(&policy, sets, drs_str(tokens[0]), JU_NOW, &t),
        DRS_JWT_OK);
    assert_int_equal(
        drs_jwt_cache_put(c, &policy, drs_str(tokens[0]), t, JU_NOW),
        DRS_DECLINED);
    drs_jwt_unref(t);
    drs_jwt_cache_destroy(c);
}


static int
revoked(void *ctx, const drs_jwt_t *t)
{
    return drs_str_eqz(t->sub, ctx);
}


static void
test_cache_revocation(void **state)
{
    char             sub[] = "u1";
    int              cached;
    drs_jwt_cache_t *c;

    (void) state;

    c = drs_jwt_cache_create(4, 0);
    assert_int_equal(ask(c, 0, JU_NOW, NULL), DRS_JWT_OK);
    assert_int_equal(ask(c, 1, JU_NOW, NULL), DRS_JWT_OK);

    drs_jwt_cache_on_revoked(c, revoked, sub);

    /* cached, and again; then not cached */

    assert_int_equal(ask(c, 1, JU_NOW, &cached), DRS_JWT_REVOKED);
    assert_int_equal(ask(c, 1, JU_NOW, &cached), DRS_JWT_REVOKED);
    drs_jwt_cache_flush(c);
    assert_int_equal(ask(c, 1, JU_NOW, &cached), DRS_JWT_REVOKED);
    assert_int_equal(cached, 0);
    assert_int_equal(ask(c, 0, JU_NOW, &cached), DRS_JWT_OK);

    drs_jwt_cache_destroy(c);
}


int
main(void)
{
    int                     i, rc;
    char                   *jwk, text[512];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cache_hit),
        cmocka_unit_test(test_cache_other_signature),
        cmocka_unit_test(test_cache_never_outlives_the_token),
        cmocka_unit_test(test_cache_generation),
        cmocka_unit_test(test_cache_is_lru),
        cmocka_unit_test(test_cache_byte_bound),
        cmocka_unit_test(test_cache_revocation)
    };

    ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    jwk = ju_jwk(ed, "k", "");
    snprintf(text, sizeof(text), "{\"keys\":[%s]}", jwk);
    free(jwk);

    if (drs_jwks_parse(&keys, drs_str(text), 0, NULL, 0) != DRS_OK) {
        return 1;
    }

    sets[0] = keys;

    for (i = 0; i < N_TOKENS; i++) {
        snprintf(text, sizeof(text),
                 "{\"iss\":\"" JU_ISS "\",\"sub\":\"u%d\","
                 "\"aud\":\"c\",\"exp\":%lld}",
                 i, (long long) JU_NOW + 100 + i);
        tokens[i] = ju_token("{\"alg\":\"EdDSA\",\"kid\":\"k\"}", text, "EdDSA",
                             ed, NULL);
    }

    rc = cmocka_run_group_tests(tests, NULL, NULL);

    for (i = 0; i < N_TOKENS; i++) {
        free(tokens[i]);
    }

    drs_jwks_free(keys);
    EVP_PKEY_free(ed);

    return rc;
}
