
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

#include <jwt.h>
#include <openssl/err.h>

#include "drs_json.h"
#include "drs_jwt.h"
#include "drs_jwt_cache.h"
#include "jwt_util.h"


#define RS "{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":\"JWT\"}"


static EVP_PKEY   *rsa, *rsa2, *ec, *ed;
static drs_jwks_t *keys;

static const drs_str_t   aud_main[] = { drs_string("client-1"),
                                        drs_string("client-2") };
static const drs_str_t   aud_acc[] = { drs_string("api") };
static const char *const acc_groups[] = { "/realm_access/roles", "groups" };
static const char *const acc_user[] = { "preferred_username" };

static const drs_jwt_issuer_t issuers[] = {
    { .name = drs_string("idp"),
      .iss = drs_string(JU_ISS),
      .audiences = aud_main,
      .n_audiences = 2 },
    { .name = drs_string("acc"),
      .iss = drs_string("https://acc.example"),
      .audiences = aud_acc,
      .n_audiences = 1,
      .access_tokens = 1,
      .any_email = 1,
      .groups_claims = acc_groups,
      .n_groups_claims = 2,
      .username_claims = acc_user,
      .n_username_claims = 1,
      .algs = drs_jwa_bit(DRS_JWA_RS256) },
    { .name = drs_string("cognito"),
      .iss = drs_string("https://cog.example"),
      .audiences = aud_main,
      .n_audiences = 2,
      .need_token_use = 1 },
    { .name = drs_string("bare"),
      .iss = drs_string("https://bare.example"),
      .audiences = aud_main,
      .n_audiences = 2 }
};

static const drs_jwt_policy_t policy = { issuers, 4, 0, -1 };

static const drs_jwks_t *sets[4];


/* the claims of a good token, changed by `patch`; null takes one away */

static char *
payload(const char *patch)
{
    char       *text;
    void       *iter;
    json_t     *doc, *change;
    const char *key;

    doc = json_pack(
        "{s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:[s,s]}", "iss", JU_ISS, "sub",
        "u-1", "aud", "client-1", "exp", (json_int_t) (JU_NOW + 600), "iat",
        (json_int_t) (JU_NOW - 10), "token_use", "id", "email", "a@example.org",
        "cognito:username", "alice", "cognito:groups", "DRSOperator", "staff");
    change = json_loads(patch, 0, NULL);
    assert_non_null(change);

    for (iter = json_object_iter(change); iter != NULL;
         iter = json_object_iter_next(change, iter))
    {
        key = json_object_iter_key(iter);

        if (json_is_null(json_object_iter_value(iter))) {
            json_object_del(doc, key);

        } else {
            json_object_set(doc, key, json_object_iter_value(iter));
        }
    }

    text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    json_decref(change);

    return text;
}


static drs_jwt_reason_t
verify(const char *token, drs_jwt_t **out)
{
    drs_jwt_t       *t;
    drs_jwt_reason_t rc;

    rc = drs_jwt_verify(&policy, sets, drs_str(token), JU_NOW, &t);

    assert_int_equal(ERR_peek_error(), 0);
    assert_true((rc == DRS_JWT_OK) == (t != NULL));

    if (out != NULL) {
        *out = t;

    } else {
        drs_jwt_unref(t);
    }

    return rc;
}


static drs_jwt_reason_t
reason(const char *header, const char *body, const char *alg, EVP_PKEY *key)
{
    char            *token;
    drs_jwt_reason_t rc;

    token = ju_token(header, body, alg, key, NULL);
    rc = verify(token, NULL);
    free(token);

    return rc;
}


/* result of a token with these claims changed, signed by RS256 */

static drs_jwt_reason_t
claims(const char *patch)
{
    char            *body;
    drs_jwt_reason_t rc;

    body = payload(patch);
    rc = reason(RS, body, "RS256", rsa);
    free(body);

    return rc;
}


static drs_jwt_reason_t
header(const char *text)
{
    char            *body;
    drs_jwt_reason_t rc;

    body = payload("{}");
    rc = reason(text, body, "RS256", rsa);
    free(body);

    return rc;
}


static drs_jwt_t *
good(const char *patch)
{
    char      *body, *token;
    drs_jwt_t *t;

    body = payload(patch);
    token = ju_token(RS, body, "RS256", rsa, NULL);

    assert_int_equal(verify(token, &t), DRS_JWT_OK);

    free(token);
    free(body);

    return t;
}


static void
test_jwt_good(void **state)
{
    drs_jwt_t *t;

    (void) state;

    t = good("{\"jti\":\"j-1\",\"origin_jti\":\"o-1\",\"name\":\"Al\"}");

    assert_int_equal(t->issuer, 0);
    assert_int_equal(t->alg, DRS_JWA_RS256);
    assert_true(drs_str_eqz(t->iss, JU_ISS));
    assert_true(drs_str_eqz(t->sub, "u-1"));
    assert_true(drs_str_eqz(t->username, "alice"));
    assert_true(drs_str_eqz(t->email, "a@example.org"));
    assert_true(drs_str_eqz(t->jti, "j-1"));
    assert_true(drs_str_eqz(t->origin_jti, "o-1"));
    assert_true(drs_str_eqz(t->kid, "rs"));
    assert_true(drs_str_eqz(t->source, "idp"));
    assert_true(drs_str_eqz(t->audience, "client-1"));
    assert_true(drs_str_eqz(drs_jwt_claim(t, "name"), "Al"));
    assert_null(drs_jwt_claim(t, "given_name").data);
    assert_int_equal(t->n_groups, 2);
    assert_true(drs_str_eqz(t->groups[0], "DRSOperator"));
    assert_int_equal(t->exp, JU_NOW + 600);
    assert_int_equal(t->iat, JU_NOW - 10);
    assert_int_equal(t->nbf, 0);
    assert_false(t->access_token);
    assert_int_equal(drs_jwt_end(&policy, t), JU_NOW + 660);
    assert_false(drs_jwt_expired(&policy, t, JU_NOW + 659));
    assert_true(drs_jwt_expired(&policy, t, JU_NOW + 660));

    assert_ptr_equal(drs_jwt_ref(t), t);
    drs_jwt_unref(t);
    drs_jwt_unref(t);

    t = good("{\"cognito:username\":null,\"cognito:groups\":null,"
             "\"email\":null}");
    assert_true(drs_str_eqz(t->username, "u-1"));
    assert_int_equal(t->n_groups, 0);
    assert_null(t->email.data);
    drs_jwt_unref(t);
}


static void
test_jwt_algorithms(void **state)
{
    char *body;

    (void) state;

    body = payload("{}");

    assert_int_equal(
        reason("{\"alg\":\"PS256\",\"kid\":\"ps\"}", body, "PS256", rsa2),
        DRS_JWT_OK);
    assert_int_equal(
        reason("{\"alg\":\"ES256\",\"kid\":\"es\"}", body, "ES256", ec),
        DRS_JWT_OK);
    assert_int_equal(
        reason("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", body, "EdDSA", ed),
        DRS_JWT_OK);

    /* the wrong key of the right kind */

    assert_int_equal(reason(RS, body, "RS256", rsa2), DRS_JWT_SIGNATURE);

    /* the algorithm of the key counts, not the one the token names */

    assert_int_equal(
        reason("{\"alg\":\"PS256\",\"kid\":\"rs\"}", body, "PS256", rsa),
        DRS_JWT_ALG);
    assert_int_equal(
        reason("{\"alg\":\"RS256\",\"kid\":\"ps\"}", body, "RS256", rsa2),
        DRS_JWT_ALG);
    assert_int_equal(
        reason("{\"alg\":\"ES256\",\"kid\":\"rs\"}", body, "RS256", rsa),
        DRS_JWT_ALG);
    assert_int_equal(
        reason("{\"alg\":\"RS512\",\"kid\":\"rs\"}", body, "RS512", rsa),
        DRS_JWT_ALG);
    assert_int_equal(
        reason("{\"alg\":\"rs256\",\"kid\":\"rs\"}", body, "RS256", rsa),
        DRS_JWT_ALG);
    assert_int_equal(
        reason("{\"alg\":\"none\",\"kid\":\"rs\"}", body, "RS256", rsa),
        DRS_JWT_ALG);
    assert_int_equal(reason("{\"alg\":1,\"kid\":\"rs\"}", body, "RS256", rsa),
                     DRS_JWT_ALG);
    assert_int_equal(reason("{\"kid\":\"rs\"}", body, "RS256", rsa),
                     DRS_JWT_ALG);

    free(body);

    /* an issuer's own list: acc allows RS256 only */

    body = payload("{\"iss\":\"https://acc.example\",\"aud\":\"api\"}");
    assert_int_equal(
        reason("{\"alg\":\"ES256\",\"kid\":\"es\"}", body, "ES256", ec),
        DRS_JWT_ALG);
    assert_int_equal(reason(RS, body, "RS256", rsa), DRS_JWT_OK);
    free(body);
}


/* the classic: an HMAC with the public key as the secret */

static void
test_jwt_algorithm_confusion(void **state)
{
    char  *pem, *body, *token;
    size_t i;

    static const char *const headers[] = { "{\"alg\":\"HS256\",\"kid\":\"rs\"}",
                                           "{\"alg\":\"RS256\",\"kid\":\"rs\"}",
                                           "{\"alg\":\"HS256\"}" };

    (void) state;

    pem = ju_pem(rsa, 0);
    body = payload("{}");

    for (i = 0; i < 3; i++) {
        token = ju_token(headers[i], body, "HS256", NULL, pem);
        assert_int_equal(verify(token, NULL),
                         i == 1 ? DRS_JWT_SIGNATURE : DRS_JWT_ALG);
        free(token);

        token = ju_token(headers[i], body, "HS256", NULL, "");
        assert_int_not_equal(verify(token, NULL), DRS_JWT_OK);
        free(token);
    }

    free(body);
    free(pem);
}


static void
test_jwt_header(void **state)
{
    (void) state;

    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\"}"), DRS_JWT_OK);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":"
                            "\"jwt\"}"),
                     DRS_JWT_OK);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":"
                            "\"application/jwt\"}"),
                     DRS_JWT_OK);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":"
                            "\"secevent+jwt\"}"),
                     DRS_JWT_TYP);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":"
                            "\"\"}"),
                     DRS_JWT_TYP);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":"
                            "null}"),
                     DRS_JWT_TYP);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"crit\":"
                            "[\"exp\"]}"),
                     DRS_JWT_CRIT);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"crit\":"
                            "[]}"),
                     DRS_JWT_CRIT);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"rs\",\"b64\":"
                            "false}"),
                     DRS_JWT_CRIT);
    assert_int_equal(header("{\"alg\":\"RS256\"}"), DRS_JWT_KID_MISSING);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":1}"),
                     DRS_JWT_KID_MISSING);
    assert_int_equal(header("{\"alg\":\"RS256\",\"kid\":\"nn\"}"),
                     DRS_JWT_KID_UNKNOWN);
    assert_int_equal(header("{\"alg\":\"RS256\",\"alg\":\"RS256\","
                            "\"kid\":\"rs\"}"),
                     DRS_JWT_HEADER);
    assert_int_equal(header("[]"), DRS_JWT_HEADER);
    assert_int_equal(header("{"), DRS_JWT_HEADER);
    assert_int_equal(header("1"), DRS_JWT_HEADER);
}


static void
test_jwt_form(void **state)
{
    char  *body, *token, *changed;
    size_t i, n;

    static const char *const bad[] = { "",     ".",    "..",      "...",
                                       "a",    "a.b",  "a.b.c.d", ".b.c",
                                       "a..c", "a.b.", "a.b.c." };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(verify(bad[i], NULL), DRS_JWT_FORM);
    }

    assert_int_equal(verify("a.b.c", NULL), DRS_JWT_BASE64);
    assert_int_equal(verify("e30.e30.AA", NULL), DRS_JWT_ALG);

    body = payload("{}");
    token = ju_token(RS, body, "RS256", rsa, NULL);
    n = strlen(token);
    free(body);

    changed = malloc(n + 8);

    /* other spellings of the same signature */

    snprintf(changed, n + 8, "%s=", token);
    assert_int_equal(verify(changed, NULL), DRS_JWT_BASE64);
    snprintf(changed, n + 8, "%s==", token);
    assert_int_equal(verify(changed, NULL), DRS_JWT_BASE64);
    snprintf(changed, n + 8, "%s\n", token);
    assert_int_equal(verify(changed, NULL), DRS_JWT_BASE64);
    snprintf(changed, n + 8, "%s!!", token);
    assert_int_equal(verify(changed, NULL), DRS_JWT_BASE64);

    /* 256 bytes are 342 characters: the last has four bits that must be 0 */

    snprintf(changed, n + 8, "%s", token);
    changed[n - 1]++;
    assert_int_equal(verify(changed, NULL), DRS_JWT_BASE64);

    /* a signature longer than any key's */

    changed = realloc(changed, 2048);
    snprintf(changed, 2048, "%.*s%01400d",
             (int) (strrchr(token, '.') - token + 1), token, 0);
    assert_int_equal(verify(changed, NULL), DRS_JWT_SIGNATURE);

    free(changed);
    free(token);
}


/* each single changed character of a token is refused */

static void
test_jwt_any_change_is_refused(void **state)
{
    char  *body, *token, was;
    size_t i, n;

    (void) state;

    body = payload("{}");
    token =
        ju_token("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", body, "EdDSA", ed, NULL);
    free(body);
    n = strlen(token);

    assert_int_equal(verify(token, NULL), DRS_JWT_OK);

    for (i = 0; i < n; i++) {
        was = token[i];
        token[i] = (was == 'A') ? 'B' : 'A';
        assert_int_not_equal(verify(token, NULL), DRS_JWT_OK);
        token[i] = '.';
        if (was != '.') {
            assert_int_not_equal(verify(token, NULL), DRS_JWT_OK);
        }
        token[i] = was;
    }

    free(token);
}


static void
test_jwt_payload(void **state)
{
    (void) state;

    assert_int_equal(reason(RS, "[]", "RS256", rsa), DRS_JWT_PAYLOAD);
    assert_int_equal(reason(RS, "{", "RS256", rsa), DRS_JWT_PAYLOAD);
    assert_int_equal(reason(RS,
                            "{\"iss\":\"" JU_ISS "\",\"sub\":\"a\","
                            "\"sub\":\"b\"}",
                            "RS256", rsa),
                     DRS_JWT_PAYLOAD);
    assert_int_equal(reason(RS, "{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
                            "RS256", rsa),
                     DRS_JWT_PAYLOAD);
    assert_int_equal(reason(RS, "{\"exp\":1e9999}", "RS256", rsa),
                     DRS_JWT_PAYLOAD);

    assert_int_equal(claims("{\"iss\":null}"), DRS_JWT_ISSUER);
    assert_int_equal(claims("{\"iss\":\"" JU_ISS "/\"}"), DRS_JWT_ISSUER);
    assert_int_equal(claims("{\"iss\":[\"" JU_ISS "\"]}"), DRS_JWT_ISSUER);
    assert_int_equal(claims("{\"iss\":\"\"}"), DRS_JWT_ISSUER);
    assert_int_equal(claims("{\"iss\":\"https://bare.example\"}"),
                     DRS_JWT_NO_KEYS);

    assert_int_equal(claims("{\"sub\":null}"), DRS_JWT_SUBJECT);
    assert_int_equal(claims("{\"sub\":\"\"}"), DRS_JWT_SUBJECT);
    assert_int_equal(claims("{\"sub\":7}"), DRS_JWT_SUBJECT);
    assert_int_equal(claims("{\"email\":7}"), DRS_JWT_CLAIM_TYPE);
    assert_int_equal(claims("{\"jti\":[]}"), DRS_JWT_CLAIM_TYPE);
    assert_int_equal(claims("{\"cognito:username\":{}}"), DRS_JWT_CLAIM_TYPE);
}


static void
test_jwt_nul_after_json(void **state)
{
    char         *a, *token;
    size_t        n;
    drs_buf_t     b;
    unsigned char sig[512];

    static const char body[] = "{\"iss\":\"" JU_ISS "\"}\0{\"x\":1}";

    (void) state;

    drs_buf_init(&b, 0);
    a = drs_base64url_dup(RS, strlen(RS));
    drs_buf_printf(&b, "%s.", a);
    free(a);
    a = drs_base64url_dup(body, sizeof(body) - 1);
    drs_buf_puts(&b, a);
    free(a);
    n = ju_sign("RS256", rsa, NULL, drs_buf_str(&b), sig, sizeof(sig));
    a = drs_base64url_dup(sig, n);
    drs_buf_printf(&b, ".%s", a);
    free(a);
    token = drs_buf_steal(&b, NULL);

    assert_int_equal(verify(token, NULL), DRS_JWT_PAYLOAD);
    free(token);
}


static void
test_jwt_times(void **state)
{
    char       patch[128];
    drs_jwt_t *t;
    size_t     i;

    static const struct {
        const char      *claim;
        int              offset;
        drs_jwt_reason_t want;
    } rows[] = {
        { "exp", -59, DRS_JWT_OK },         { "exp", -60, DRS_JWT_EXPIRED },
        { "exp", -61, DRS_JWT_EXPIRED },    { "nbf", 60, DRS_JWT_OK },
        { "nbf", 61, DRS_JWT_NOT_BEFORE },  { "iat", 60, DRS_JWT_OK },
        { "iat", 61, DRS_JWT_ISSUED_LATER }
    };

    static const char *const types[] = { "{\"exp\":\"9999999999\"}",
                                         "{\"exp\":true}",
                                         "{\"exp\":[]}",
                                         "{\"exp\":-1}",
                                         "{\"exp\":1e300}",
                                         "{\"nbf\":\"1\"}",
                                         "{\"iat\":\"1\"}",
                                         "{\"iat\":{}}" };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(patch, sizeof(patch), "{\"%s\":%lld}", rows[i].claim,
                 (long long) JU_NOW + rows[i].offset);
        assert_int_equal(claims(patch), rows[i].want);
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        assert_int_equal(claims(types[i]), DRS_JWT_TIME_TYPE);
    }

    assert_int_equal(claims("{\"exp\":null}"), DRS_JWT_EXP_MISSING);

    /* a real is a legal NumericDate */

    t = good("{\"exp\":1700000500.75,\"iat\":null}");
    assert_int_equal(t->exp, 1700000500);
    drs_jwt_unref(t);
}


static void
test_jwt_audience(void **state)
{
    drs_jwt_t *t;

    (void) state;

    assert_int_equal(claims("{\"aud\":\"client-2\"}"), DRS_JWT_OK);
    assert_int_equal(claims("{\"aud\":\"client\"}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":\"\"}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":null}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":null,\"client_id\":\"client-1\"}"),
                     DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":{}}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":[]}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":[\"x\",\"client-1\"]}"), DRS_JWT_OK);
    assert_int_equal(claims("{\"aud\":[\"client-1\",7]}"), DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":[\"x\",\"client-1\"],\"azp\":\"x\"}"),
                     DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"aud\":[\"x\",\"client-1\"],"
                            "\"azp\":\"client-1\"}"),
                     DRS_JWT_OK);

    assert_int_equal(claims("{\"token_use\":null}"), DRS_JWT_OK);
    assert_int_equal(claims("{\"token_use\":\"refresh\"}"), DRS_JWT_TOKEN_USE);
    assert_int_equal(claims("{\"token_use\":1}"), DRS_JWT_TOKEN_USE);
    assert_int_equal(claims("{\"token_use\":\"access\","
                            "\"client_id\":\"client-1\",\"aud\":null}"),
                     DRS_JWT_TOKEN_USE);
    assert_int_equal(claims("{\"iss\":\"https://cog.example\"}"), DRS_JWT_OK);
    assert_int_equal(claims("{\"iss\":\"https://cog.example\","
                            "\"token_use\":null}"),
                     DRS_JWT_TOKEN_USE);

    /* access tokens, where they are configured */

    t = good("{\"iss\":\"https://acc.example\",\"token_use\":\"access\","
             "\"client_id\":\"api\",\"aud\":null}");
    assert_true(t->access_token);
    assert_true(drs_str_eqz(t->audience, "api"));
    assert_true(drs_str_eqz(t->source, "acc"));
    drs_jwt_unref(t);

    assert_int_equal(claims("{\"iss\":\"https://acc.example\","
                            "\"token_use\":\"access\",\"client_id\":\"x\","
                            "\"aud\":null}"),
                     DRS_JWT_AUDIENCE);
    assert_int_equal(claims("{\"iss\":\"https://acc.example\","
                            "\"token_use\":\"access\",\"client_id\":\"api\","
                            "\"aud\":\"other\"}"),
                     DRS_JWT_AUDIENCE);
}


static void
test_jwt_access_token_type(void **state)
{
    char *body;

    static const char at[] = "{\"alg\":\"RS256\",\"kid\":\"rs\","
                             "\"typ\":\"at+jwt\"}";

    (void) state;

    body = payload("{}");
    assert_int_equal(reason(at, body, "RS256", rsa), DRS_JWT_TOKEN_USE);
    free(body);

    body = payload("{\"token_use\":null}");
    assert_int_equal(reason(at, body, "RS256", rsa), DRS_JWT_TOKEN_USE);
    free(body);

    body = payload("{\"iss\":\"https://acc.example\",\"aud\":\"api\","
                   "\"token_use\":null}");
    assert_int_equal(reason(at, body, "RS256", rsa), DRS_JWT_OK);
    free(body);

    /* an ID token that calls itself an access token */

    body = payload("{\"iss\":\"https://acc.example\",\"aud\":\"api\"}");
    assert_int_equal(reason(at, body, "RS256", rsa), DRS_JWT_TOKEN_USE);
    free(body);
}


static void
groups_are(const char *patch, const char *want)
{
    char       got[256];
    size_t     i;
    drs_jwt_t *t;

    t = good(patch);
    got[0] = '\0';

    for (i = 0; i < t->n_groups; i++) {
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s",
                 i ? "|" : "", DRS_STR_ARG(t->groups[i]));
    }

    assert_string_equal(got, want);
    drs_jwt_unref(t);
}


static void
test_jwt_groups(void **state)
{
    (void) state;

    groups_are("{\"cognito:groups\":\"a, b ,,c\"}", "a|b|c");
    groups_are("{\"cognito:groups\":\"DRS Team,b\"}", "DRS Team|b");
    groups_are("{\"cognito:groups\":\"[a b]\"}", "a|b");
    groups_are("{\"cognito:groups\":\" [a, b] \"}", "a|b");
    groups_are("{\"cognito:groups\":\"[]\"}", "");
    groups_are("{\"cognito:groups\":\"\"}", "");
    groups_are("{\"cognito:groups\":[]}", "");
    groups_are("{\"cognito:groups\":[\" a \",\"\",\"a\",\"b\"]}", "a|b");
    groups_are("{\"cognito:groups\":null,\"groups\":[\"a\"]}", "");

    assert_int_equal(claims("{\"cognito:groups\":[1]}"), DRS_JWT_CLAIM_TYPE);
    assert_int_equal(claims("{\"cognito:groups\":{}}"), DRS_JWT_CLAIM_TYPE);
    assert_int_equal(claims("{\"cognito:groups\":7}"), DRS_JWT_CLAIM_TYPE);

    /* claim names of another issuer */

    groups_are("{\"iss\":\"https://acc.example\",\"aud\":\"api\","
               "\"realm_access\":{\"roles\":[\"r\"]},\"groups\":[\"g\"]}",
               "r");
    groups_are("{\"iss\":\"https://acc.example\",\"aud\":\"api\","
               "\"groups\":\"g,h\"}",
               "g|h");
}


static void
test_jwt_email_verified(void **state)
{
    drs_jwt_t *t;

    (void) state;

    t = good("{\"email_verified\":true}");
    assert_int_equal(t->email_state, DRS_JWT_EMAIL_VERIFIED);
    assert_int_equal(t->n_groups, 2);
    drs_jwt_unref(t);

    t = good("{\"email_verified\":false}");
    assert_int_equal(t->email_state, DRS_JWT_EMAIL_UNVERIFIED);
    assert_int_equal(t->n_groups, 0);
    drs_jwt_unref(t);

    t = good("{\"email_verified\":\"false\"}");
    assert_int_equal(t->n_groups, 0);
    drs_jwt_unref(t);

    assert_int_equal(claims("{\"email_verified\":0}"), DRS_JWT_CLAIM_TYPE);
    assert_int_equal(claims("{\"email_verified\":\"maybe\"}"),
                     DRS_JWT_CLAIM_TYPE);

    groups_are("{\"iss\":\"https://acc.example\",\"aud\":\"api\","
               "\"email_verified\":false,\"groups\":[\"g\"]}",
               "g");
}


static void
test_jwt_length(void **state)
{
    char            *body, *token, *filler, *patch;
    drs_jwt_t       *t;
    drs_jwt_policy_t wide;

    (void) state;

    filler = malloc(9001);
    memset(filler, 'x', 9000);
    filler[9000] = '\0';
    patch = malloc(9100);
    snprintf(patch, 9100, "{\"fill\":\"%s\"}", filler);
    body = payload(patch);
    token = ju_token(RS, body, "RS256", rsa, NULL);

    assert_int_equal(verify(token, NULL), DRS_JWT_TOO_LONG);

    wide = policy;
    wide.max_len = DRS_JWT_MAX_LEN;
    assert_int_equal(drs_jwt_verify(&wide, sets, drs_str(token), JU_NOW, &t),
                     DRS_JWT_OK);
    drs_jwt_unref(t);

    /* no setting goes beyond 16 KiB */

    wide.max_len = 1 << 20;
    free(token);
    token = malloc(DRS_JWT_MAX_LEN + 2);
    memset(token, 'a', DRS_JWT_MAX_LEN + 1);
    token[DRS_JWT_MAX_LEN + 1] = '\0';
    assert_int_equal(drs_jwt_verify(&wide, sets, drs_str(token), JU_NOW, &t),
                     DRS_JWT_TOO_LONG);

    free(token);
    free(body);
    free(patch);
    free(filler);
}


static void
test_jwt_peek_and_names(void **state)
{
    int   i;
    char *body, *token;

    (void) state;

    body = payload("{\"iss\":\"https://bare.example\"}");
    token = ju_token(RS, body, "RS256", rsa2, NULL);
    assert_int_equal(drs_jwt_peek_issuer(&policy, drs_str(token)), 3);
    assert_int_equal(drs_jwt_peek_issuer(&policy, drs_str("a.b.c")), -1);
    free(token);
    free(body);

    for (i = 0; i < DRS_JWT_REASON_N; i++) {
        assert_non_null(drs_jwt_reason_name((drs_jwt_reason_t) i));
    }

    assert_string_equal(drs_jwt_reason_name(DRS_JWT_EXPIRED), "expired");
    assert_string_equal(drs_jwt_reason_name(DRS_JWT_REVOKED), "revoked");
}


static void
test_jwt_bearer(void **state)
{
    size_t    i;
    drs_str_t t;

    static const char *const good_rows[] = { "Bearer a.b-c_d", "bearer a.b-c_d",
                                             "BEARER   a.b-c_d" };

    static const char *const bad[] = { "",
                                       "Bearer",
                                       "Bearer ",
                                       "Bearer\ta.b.c",
                                       "Basic a.b.c",
                                       "Bearera.b.c",
                                       "Bearer a b",
                                       "Bearer a.b.c ",
                                       "Bearer a,b",
                                       "Bearer a\xc3\xbc",
                                       "Bearer a\nb" };

    (void) state;

    for (i = 0; i < 3; i++) {
        assert_int_equal(drs_jwt_bearer(drs_str(good_rows[i]), &t), DRS_OK);
        assert_true(drs_str_eqz(t, "a.b-c_d"));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_jwt_bearer(drs_str(bad[i]), &t), DRS_DECLINED);
    }
}


/* tokens of another implementation */

static void
libjwt_token(EVP_PKEY *key, jwt_alg_t alg, const char *kid)
{
    char      *pem, *text;
    jwt_t     *jwt;
    drs_jwt_t *t;

    pem = ju_pem(key, 1);

    assert_int_equal(jwt_new(&jwt), 0);
    assert_int_equal(jwt_add_header(jwt, "kid", kid), 0);
    assert_int_equal(jwt_add_grant(jwt, "iss", JU_ISS), 0);
    assert_int_equal(jwt_add_grant(jwt, "sub", "lib"), 0);
    assert_int_equal(jwt_add_grant(jwt, "aud", "client-1"), 0);
    assert_int_equal(jwt_add_grant_int(jwt, "exp", (long) JU_NOW + 1), 0);
    assert_int_equal(
        jwt_set_alg(jwt, alg, (unsigned char *) pem, (int) strlen(pem)), 0);
    text = jwt_encode_str(jwt);
    assert_non_null(text);
    ERR_clear_error();

    assert_int_equal(verify(text, &t), DRS_JWT_OK);
    assert_true(drs_str_eqz(t->sub, "lib"));
    drs_jwt_unref(t);

    free(text);
    jwt_free(jwt);
    free(pem);
}


static void
test_jwt_libjwt_oracle(void **state)
{
    (void) state;

    libjwt_token(rsa, JWT_ALG_RS256, "rs");
    libjwt_token(ec, JWT_ALG_ES256, "es");
}


int
main(void)
{
    int                     rc;
    char                   *a, *b, *c, *d, text[8192];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jwt_good),
        cmocka_unit_test(test_jwt_algorithms),
        cmocka_unit_test(test_jwt_algorithm_confusion),
        cmocka_unit_test(test_jwt_header),
        cmocka_unit_test(test_jwt_form),
        cmocka_unit_test(test_jwt_any_change_is_refused),
        cmocka_unit_test(test_jwt_payload),
        cmocka_unit_test(test_jwt_nul_after_json),
        cmocka_unit_test(test_jwt_times),
        cmocka_unit_test(test_jwt_audience),
        cmocka_unit_test(test_jwt_access_token_type),
        cmocka_unit_test(test_jwt_groups),
        cmocka_unit_test(test_jwt_email_verified),
        cmocka_unit_test(test_jwt_length),
        cmocka_unit_test(test_jwt_peek_and_names),
        cmocka_unit_test(test_jwt_bearer),
        cmocka_unit_test(test_jwt_libjwt_oracle)
    };

    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048);
    rsa2 = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048);
    ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    a = ju_jwk(rsa, "rs", ",\"alg\":\"RS256\"");
    b = ju_jwk(rsa2, "ps", ",\"alg\":\"PS256\"");
    c = ju_jwk(ec, "es", "");
    d = ju_jwk(ed, "ed", "");
    snprintf(text, sizeof(text), "{\"keys\":[%s,%s,%s,%s]}", a, b, c, d);
    free(a);
    free(b);
    free(c);
    free(d);

    if (drs_jwks_parse(&keys, drs_str(text), 0, NULL, 0) != DRS_OK) {
        return 1;
    }

    sets[0] = keys;
    sets[1] = keys;
    sets[2] = keys;

    rc = cmocka_run_group_tests(tests, NULL, NULL);

    drs_jwks_free(keys);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(rsa2);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);

    return rc;
}
