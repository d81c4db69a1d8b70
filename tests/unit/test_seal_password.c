
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

#include <openssl/err.h>

#include "drs_base64.h"
#include "drs_password.h"
#include "drs_seal.h"
#include "jwt_util.h"


static EVP_PKEY *own, *pub, *other;


static void
test_seal_round_trip(void **state)
{
    char  *text, *again, *back, secret[DRS_SEAL_MAX];
    size_t i, len;

    static const size_t sizes[] = { 0, 1, 15, 16, 17, 200, DRS_SEAL_MAX };

    (void) state;

    memset(secret, 'p', sizeof(secret));

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(
            drs_seal(&text, pub, drs_strn(secret, sizes[i]), drs_str("cmd-1")),
            DRS_OK);
        assert_int_equal(
            drs_seal(&again, pub, drs_strn(secret, sizes[i]), drs_str("cmd-1")),
            DRS_OK);

        /* never the same text twice, nothing of the secret in it */

        assert_string_not_equal(text, again);
        assert_int_equal(strlen(text),
                         drs_base64url_len(sizes[i] + DRS_SEAL_OVERHEAD));

        assert_int_equal(
            drs_seal_open(&back, &len, own, drs_str(text), drs_str("cmd-1")),
            DRS_OK);
        assert_int_equal(len, sizes[i]);
        assert_memory_equal(back, secret, len);
        assert_int_equal(back[len], '\0');

        free(back);
        free(text);
        free(again);
    }

    assert_int_equal(
        drs_seal(&text, pub, drs_strn(secret, DRS_SEAL_MAX + 1), drs_str("")),
        DRS_DECLINED);
    assert_null(text);
}


static void
test_seal_refuses(void **state)
{
    char         *text, *bad, *back;
    size_t        i, len, n;
    unsigned char msg[256];

    (void) state;

    assert_int_equal(drs_seal(&text, pub, drs_str("hunter2"), drs_str("cmd-1")),
                     DRS_OK);

    /* another place, another key */

    assert_int_equal(
        drs_seal_open(&back, &len, own, drs_str(text), drs_str("cmd-2")),
        DRS_DECLINED);
    assert_null(back);
    assert_int_equal(
        drs_seal_open(&back, &len, own, drs_str(text), drs_str("")),
        DRS_DECLINED);
    assert_int_equal(
        drs_seal_open(&back, &len, other, drs_str(text), drs_str("cmd-1")),
        DRS_DECLINED);

    /*
     * Any changed byte, any cut.  X25519 ignores the top bit of a public key
     * (RFC 7748): the authenticated text does not.
     */

    assert_int_equal(drs_base64url_decode(msg, &n, drs_str(text)), DRS_OK);

    for (i = 0; i < n; i++) {
        msg[i] ^= 0x80;
        bad = drs_base64url_dup(msg, n);
        msg[i] ^= 0x80;

        assert_int_equal(
            drs_seal_open(&back, &len, own, drs_str(bad), drs_str("cmd-1")),
            DRS_DECLINED);
        free(bad);
    }

    for (i = 0; i < strlen(text); i++) {
        assert_int_equal(drs_seal_open(&back, &len, own, drs_strn(text, i),
                                       drs_str("cmd-1")),
                         DRS_DECLINED);
    }

    /* a public key of low order gives no secret */

    memset(msg + 9, 0, 32);
    bad = drs_base64url_dup(msg, n);
    assert_int_equal(
        drs_seal_open(&back, &len, own, drs_str(bad), drs_str("cmd-1")),
        DRS_DECLINED);
    free(bad);

    assert_int_equal(ERR_peek_error(), 0);
    free(text);
}


static void
test_seal_keys(void **state)
{
    char      id1[DRS_SEAL_ID_SIZE], id2[DRS_SEAL_ID_SIZE], *pem, *pem2;
    EVP_PKEY *rsa;

    (void) state;

    assert_int_equal(drs_seal_key_id(id1, own), DRS_OK);
    assert_int_equal(drs_seal_key_id(id2, pub), DRS_OK);
    assert_string_equal(id1, id2);
    assert_int_equal(strlen(id1), 16);
    assert_int_equal(drs_seal_key_id(id2, other), DRS_OK);
    assert_string_not_equal(id1, id2);

    pem = drs_seal_public_pem(own);
    pem2 = drs_seal_public_pem(pub);
    assert_string_equal(pem, pem2);
    assert_non_null(strstr(pem, "BEGIN PUBLIC KEY"));
    free(pem2);

    /* a public key does not open, another kind of key does nothing */

    assert_null(drs_seal_private_key(drs_str(pem)));
    assert_null(drs_seal_public_key(drs_strn(pem, strlen(pem) / 2)));
    assert_null(drs_seal_public_key(drs_str("")));
    assert_null(drs_seal_public_key(drs_str("x")));
    free(pem);

    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048);
    pem = ju_pem(rsa, 0);
    assert_null(drs_seal_public_key(drs_str(pem)));
    free(pem);
    EVP_PKEY_free(rsa);

    assert_int_equal(ERR_peek_error(), 0);
}


static void
test_password_hash(void **state)
{
    char          h1[DRS_PASSWORD_HASH_SIZE], h2[DRS_PASSWORD_HASH_SIZE];
    char          long_text[DRS_PASSWORD_MAX + 1];
    unsigned char salt[DRS_PASSWORD_SALT_LEN];

    (void) state;

    memset(salt, 1, sizeof(salt));
    assert_int_equal(drs_password_hash(h1, drs_str("Correct-Horse-1"), salt, 1),
                     DRS_OK);
    assert_int_equal(strncmp(h1, "$y$", 3), 0);
    assert_int_equal(
        drs_password_verify(drs_str(h1), drs_str("Correct-Horse-1")), DRS_OK);
    assert_int_equal(
        drs_password_verify(drs_str(h1), drs_str("Correct-Horse-2")),
        DRS_DECLINED);
    assert_int_equal(
        drs_password_verify(drs_str(h1), drs_str("Correct-Horse-")),
        DRS_DECLINED);
    assert_int_equal(drs_password_verify(drs_str(h1), drs_str("")),
                     DRS_DECLINED);

    salt[0] = 2;
    assert_int_equal(drs_password_hash(h2, drs_str("Correct-Horse-1"), salt, 1),
                     DRS_OK);
    assert_string_not_equal(h1, h2);

    /* what crypt would take but we do not */

    assert_int_equal(drs_password_verify(drs_str("$1$salt$qJH7.N4xYta3aEG/"
                                                 "dfqo/0"),
                                         drs_str("password")),
                     DRS_DECLINED);
    assert_int_equal(drs_password_verify(drs_str("*0"), drs_str("x")),
                     DRS_DECLINED);
    assert_int_equal(drs_password_verify(drs_str("$y$broken"), drs_str("x")),
                     DRS_DECLINED);

    memset(long_text, 'a', sizeof(long_text));
    assert_int_equal(
        drs_password_hash(h2, drs_strn(long_text, sizeof(long_text)), salt, 1),
        DRS_DECLINED);
    assert_int_equal(
        drs_password_hash(h2, drs_strn(long_text, sizeof(long_text) - 1), salt,
                          1),
        DRS_OK);
    assert_int_equal(drs_password_hash(h2, drs_str(""), salt, 1), DRS_DECLINED);
    assert_int_equal(drs_password_hash(h2, drs_strn("a\0b", 3), salt, 1),
                     DRS_DECLINED);
    assert_int_equal(drs_password_hash(h2, drs_str("a"), salt, 0),
                     DRS_DECLINED);
    assert_int_equal(drs_password_hash(h2, drs_str("a"), salt, 12),
                     DRS_DECLINED);
}


/* the hash for unknown users is computed and never matches */

static void
test_password_unknown_user(void **state)
{
    char          hash[DRS_PASSWORD_HASH_SIZE];
    unsigned char salt[DRS_PASSWORD_SALT_LEN] = "drs-dummy-salt-";

    (void) state;

    /* "x" with this salt is what the constant was made from */

    assert_int_equal(
        drs_password_hash(hash, drs_str("x"), salt, DRS_PASSWORD_COST), DRS_OK);
    assert_string_equal(hash, "$y$j9T$Y7rQhEKRhpKShALMgFL9..$"
                              "v08eQ7B.kBC2mVSuu5bd35r5/4cYSFuz1wGWVj324.B");
    assert_int_equal(drs_password_verify(drs_str(hash), drs_str("x")), DRS_OK);
    assert_int_equal(drs_password_verify(drs_str(NULL), drs_str("x")),
                     DRS_DECLINED);
    assert_int_equal(drs_password_verify(drs_str(""), drs_str("y")),
                     DRS_DECLINED);
}


static void
test_password_rules(void **state)
{
    size_t i;

    static const struct {
        const char *password;
        unsigned    broken;
    } rows[] = { { "Abcdefgh-123", 0 },
                 { "Abcdefgh-12", DRS_PASSWORD_LENGTH },
                 { "abcdefgh-123", DRS_PASSWORD_UPPER },
                 { "ABCDEFGH-123", DRS_PASSWORD_LOWER },
                 { "Abcdefgh-xyz", DRS_PASSWORD_DIGIT },
                 { "Abcdefghi123", DRS_PASSWORD_SYMBOL },
                 { "Abcdefgh 123", DRS_PASSWORD_SYMBOL },
                 { "Abcdefg\xc3\xbc"
                   "1234",
                   0 },
                 { "Old-Password1", DRS_PASSWORD_OLD },
                 { "\xff", DRS_PASSWORD_TEXT },
                 { "", DRS_PASSWORD_LENGTH | DRS_PASSWORD_LOWER
                           | DRS_PASSWORD_UPPER | DRS_PASSWORD_DIGIT
                           | DRS_PASSWORD_SYMBOL } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(drs_password_rules(drs_str(rows[i].password),
                                            drs_str("Old-Password1")),
                         rows[i].broken);
    }

    for (i = 0; i < 7; i++) {
        assert_non_null(drs_password_rule_name(1u << i));
    }

    assert_null(drs_password_rule_name(0x80));
}


int
main(void)
{
    int                     rc;
    char                   *priv_pem, *pub_pem;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_seal_round_trip),
                                        cmocka_unit_test(test_seal_refuses),
                                        cmocka_unit_test(test_seal_keys),
                                        cmocka_unit_test(test_password_hash),
                                        cmocka_unit_test(
                                            test_password_unknown_user),
                                        cmocka_unit_test(test_password_rules) };

    if (drs_seal_keygen(&priv_pem, &pub_pem) != DRS_OK) {
        return 1;
    }

    own = drs_seal_private_key(drs_str(priv_pem));
    pub = drs_seal_public_key(drs_str(pub_pem));
    free(priv_pem);
    free(pub_pem);

    other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

    if (own == NULL || pub == NULL || other == NULL) {
        return 1;
    }

    rc = cmocka_run_group_tests(tests, NULL, NULL);

    EVP_PKEY_free(own);
    EVP_PKEY_free(pub);
    EVP_PKEY_free(other);

    return rc;
}
