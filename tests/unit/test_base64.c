
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

#include "drs_base64.h"
#include "drs_sha256.h"


static int
decode(int url, const char *text, char *out)
{
    int           rc;
    size_t        len;
    unsigned char buf[256];

    rc = url ? drs_base64url_decode(buf, &len, drs_str(text))
             : drs_base64_decode(buf, &len, drs_str(text));

    if (rc == DRS_OK) {
        memcpy(out, buf, len);
        out[len] = '\0';
    }

    return rc;
}


/* the vectors of RFC 4648 section 10 */

static void
test_base64_vectors(void **state)
{
    char   text[32], back[32];
    size_t i, n;

    static const char *const rows[][3] = { { "", "", "" },
                                           { "f", "Zg==", "Zg" },
                                           { "fo", "Zm8=", "Zm8" },
                                           { "foo", "Zm9v", "Zm9v" },
                                           { "foob", "Zm9vYg==", "Zm9vYg" },
                                           { "fooba", "Zm9vYmE=", "Zm9vYmE" },
                                           { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
                                           { "\xfb\xff\xfe", "+//+", "-__-" } };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        n = strlen(rows[i][0]);

        assert_int_equal(drs_base64_encode(text, rows[i][0], n),
                         drs_base64_len(n));
        assert_string_equal(text, rows[i][1]);
        assert_int_equal(decode(0, text, back), DRS_OK);
        assert_string_equal(back, rows[i][0]);

        assert_int_equal(drs_base64url_encode(text, rows[i][0], n),
                         drs_base64url_len(n));
        assert_string_equal(text, rows[i][2]);
        assert_int_equal(decode(1, text, back), DRS_OK);
        assert_string_equal(back, rows[i][0]);
    }
}


static void
test_base64_refuses_other_spellings(void **state)
{
    char   out[64];
    size_t i;

    static const char *const url[] = { "Zg==",   "Zm8=",       "Z",     "Zm9vY",
                                       "Zm9v\n", " Zm9v",      "Zm9v ", "Zm+v",
                                       "Zm/v",   "Zm!v",       "Zm=v",  "Zh",
                                       "Zm9",    "Zm9vYm\xc3", "====",  "=" };

    static const char *const std[] = {
        "Zg",   "Zg=",  "Zg===", "Zh==",   "Zm9=", "Zm9v====", "Z===",
        "====", "Zm-v", "Zm_v",  "Zm9v\n", "Z=g=", "=Zg="
    };

    (void) state;

    for (i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
        assert_int_equal(decode(1, url[i], out), DRS_DECLINED);
    }

    for (i = 0; i < sizeof(std) / sizeof(std[0]); i++) {
        assert_int_equal(decode(0, std[i], out), DRS_DECLINED);
    }
}


/* every last character: exactly those without trailing bits are good */

static void
test_base64_one_spelling(void **state)
{
    int  c, good;
    char text[4], out[8];

    (void) state;

    for (good = 0, c = 1; c < 256; c++) {
        snprintf(text, sizeof(text), "A%c", (char) c);
        good += decode(1, text, out) == DRS_OK;
    }

    assert_int_equal(good, 4);

    for (good = 0, c = 1; c < 256; c++) {
        snprintf(text, sizeof(text), "AA%c", (char) c);
        good += decode(1, text, out) == DRS_OK;
    }

    assert_int_equal(good, 16);
}


static void
test_base64_round_trip(void **state)
{
    char         *text;
    size_t        n, i, len;
    unsigned char in[256], out[300];

    (void) state;

    for (n = 0; n < sizeof(in); n++) {
        for (i = 0; i < n; i++) {
            in[i] = (unsigned char) (i * 37 + n * 11);
        }

        text = drs_base64url_dup(in, n);
        assert_int_equal(drs_base64url_decode(out, &len, drs_str(text)),
                         DRS_OK);
        assert_int_equal(len, n);
        assert_memory_equal(in, out, n);
        free(text);

        text = drs_base64_dup(in, n);
        assert_int_equal(drs_base64_decode(out, &len, drs_str(text)), DRS_OK);
        assert_int_equal(len, n);
        assert_memory_equal(in, out, n);
        free(text);
    }
}


static void
test_sha256(void **state)
{
    char      hex[DRS_SHA256_HEX_LEN + 1];
    drs_str_t parts[3] = { drs_string("a"), drs_null_string, drs_string("bc") };
    unsigned char md[DRS_SHA256_LEN], back[DRS_SHA256_LEN];

    (void) state;

    /* FIPS 180-2 */

    assert_int_equal(drs_sha256_hex(hex, "abc", 3), DRS_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");

    assert_int_equal(drs_sha256_hex(hex, NULL, 0), DRS_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                             "27ae41e4649b934ca495991b7852b855");

    assert_int_equal(drs_sha256_parts(md, parts, 3), DRS_OK);
    drs_hex(hex, md, sizeof(md));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");

    assert_int_equal(drs_unhex(back, drs_str(hex)), DRS_OK);
    assert_memory_equal(md, back, sizeof(md));
    assert_int_equal(drs_unhex(back, drs_str("abc")), DRS_DECLINED);
    assert_int_equal(drs_unhex(back, drs_str("0g")), DRS_DECLINED);

    /* RFC 4231, case 2 */

    assert_int_equal(drs_hmac_sha256(md, drs_str("Jefe"),
                                     drs_str("what do ya want for nothing?")),
                     DRS_OK);
    drs_hex(hex, md, sizeof(md));
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843");

    assert_int_equal(drs_hmac_sha256(md, drs_str(NULL), drs_str(NULL)), DRS_OK);
    drs_hex(hex, md, sizeof(md));
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5"
                             "ff1697c493715653c6c712144292c5ad");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64_refuses_other_spellings),
        cmocka_unit_test(test_base64_one_spelling),
        cmocka_unit_test(test_base64_round_trip), cmocka_unit_test(test_sha256)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
