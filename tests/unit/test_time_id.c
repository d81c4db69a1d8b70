
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

#include <time.h>

#include "drs_id.h"
#include "drs_time.h"


static void
test_time_format(void **state)
{
    char dst[DRS_TIME_ISO_SIZE], http[DRS_TIME_HTTP_SIZE];

    (void) state;

    assert_int_equal(drs_time_iso_s(dst, 0), 20);
    assert_string_equal(dst, "1970-01-01T00:00:00Z");
    drs_time_iso_s(dst, 1440938160);
    assert_string_equal(dst, "2015-08-30T12:36:00Z");
    drs_time_iso_ms(dst, INT64_C(1440938160120));
    assert_string_equal(dst, "2015-08-30T12:36:00.120Z");
    drs_time_iso_ms(dst, -1);
    assert_string_equal(dst, "1969-12-31T23:59:59.999Z");
    drs_time_iso_auto(dst, 1000);
    assert_string_equal(dst, "1970-01-01T00:00:01Z");
    drs_time_iso_auto(dst, 1001);
    assert_string_equal(dst, "1970-01-01T00:00:01.001Z");
    drs_time_basic(dst, 1440938160);
    assert_string_equal(dst, "20150830T123600Z");
    drs_time_basic_date(dst, 1440938160);
    assert_string_equal(dst, "20150830");
    drs_time_iso_s(dst, INT64_MAX);
    assert_string_equal(dst, "9999-12-31T23:59:59Z");
    drs_time_iso_s(dst, INT64_MIN);
    assert_string_equal(dst, "0000-01-01T00:00:00Z");
    drs_time_http(http, 784111777);
    assert_string_equal(http, "Sun, 06 Nov 1994 08:49:37 GMT");
}


/* against the C library, over 400 years and all days of some of them */

static void
test_time_calendar(void **state)
{
    char      dst[DRS_TIME_ISO_SIZE], want[64];
    time_t    t;
    int64_t   s, back;
    drs_tm_t  got;
    struct tm tm;

    (void) state;

    for (s = INT64_C(-5000000000); s < INT64_C(9000000000); s += 86399 * 17) {
        t = (time_t) s;
        gmtime_r(&t, &tm);
        strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
        drs_time_iso_s(dst, s);
        assert_string_equal(dst, want);
        assert_int_equal(drs_time_split(&got, s), DRS_OK);
        assert_int_equal(got.wday, tm.tm_wday);
        assert_int_equal(got.yday, tm.tm_yday);
        assert_int_equal(drs_time_join(&got), s);
        assert_int_equal(drs_time_parse_s(drs_str(dst), &back), DRS_OK);
        assert_int_equal(back, s);
    }

    assert_int_equal(drs_time_month_days(2000, 2), 29);
    assert_int_equal(drs_time_month_days(1900, 2), 28);
    assert_int_equal(drs_time_month_days(2024, 2), 29);
    assert_int_equal(drs_time_month_days(2024, 13), 0);
}


static void
test_time_parse(void **state)
{
    size_t  i;
    int64_t ms;

    static const struct {
        const char *text;
        int64_t     ms;
    } good[] = { { "1970-01-01T00:00:00Z", 0 },
                 { "1970-01-01", 0 },
                 { "1970-01-01t00:01z", 60000 },
                 { "1970-01-01 00:00:01.5Z", 1500 },
                 { "1970-01-01T00:00:00.123456Z", 123 },
                 { "1970-01-01T00:00:00.999999999Z", 999 },
                 { "1970-01-01T01:00:00+01:00", 0 },
                 { "1969-12-31T23:30:00-00:30", 0 },
                 { "2026-01-02T03:04:05+00:00Z", INT64_C(1767323045000) },
                 { "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
                 { "9999-12-31T23:59:59.999Z", INT64_C(253402300799999) } };

    static const char *const bad[] = { "",
                                       "1970",
                                       "1970-1-1",
                                       "1970-01-01T",
                                       "1970-01-01T00:00:00",
                                       "1970-01-01T00:00:00Zx",
                                       "1970-01-01T00:00:00Z\n",
                                       "1970-13-01",
                                       "1970-02-29",
                                       "1970-00-10",
                                       "1970-01-32",
                                       "1970-01-00",
                                       "1970-01-01T24:00:00Z",
                                       "1970-01-01T00:60:00Z",
                                       "1970-01-01T00:00:61Z",
                                       "1970-01-01T00:00:00.Z",
                                       "1970-01-01T00:00:00.1234567890Z",
                                       "1970-01-01T00:00:00+0100",
                                       "1970-01-01T00:00:00+01:00Z",
                                       "1970-01-01T00:00:00+24:00",
                                       "0000-01-01T00:00:00+00:01",
                                       "-970-01-01",
                                       "1970-01-01T00Z" };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (drs_time_parse_ms(drs_str(good[i].text), &ms) != DRS_OK
            || ms != good[i].ms) {
            fail_msg("%s", good[i].text);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (drs_time_parse_ms(drs_str(bad[i]), &ms) != DRS_DECLINED) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}


static void
test_time_duration(void **state)
{
    char    dst[DRS_TIME_ISO_SIZE];
    size_t  i;
    int64_t ms;

    static const struct {
        const char *text;
        int64_t     ms;
    } good[] = { { "PT0S", 0 },           { "PT1H2M3.5S", 3723500 },
                 { "P2DT4H", 187200000 }, { "P1W", 604800000 },
                 { "PT90M", 5400000 },    { "P1D", 86400000 } };

    static const char *const bad[] = {
        "",       "P",    "PT",     "P1",
        "1H",     "PT1",  "P1H",    "PT1D",
        "P1Y",    "P1M",  "PT1S1M", "PT1.5M",
        "PT1S1S", "P1DT", "PT-1S",  "PT12345678901S",
        "PTT1S",  "PT1Sx"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (drs_time_parse_duration_ms(drs_str(good[i].text), &ms) != DRS_OK
            || ms != good[i].ms)
        {
            fail_msg("%s", good[i].text);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (drs_time_parse_duration_ms(drs_str(bad[i]), &ms) != DRS_DECLINED) {
            fail_msg("accepted: %s", bad[i]);
        }
    }

    drs_time_duration(dst, 3723);
    assert_string_equal(dst, "PT1H2M3S");
    drs_time_duration(dst, 61);
    assert_string_equal(dst, "PT1M1S");
    drs_time_duration(dst, -5);
    assert_string_equal(dst, "PT0S");
}


static void
test_id_uuid(void **state)
{
    char          id[DRS_UUID_SIZE];
    int           i;
    unsigned char rnd[16];

    (void) state;

    memset(rnd, 0xff, sizeof(rnd));
    drs_id_uuid4(id, rnd);
    assert_string_equal(id, "ffffffff-ffff-4fff-bfff-ffffffffffff");

    for (i = 0; i < 256; i++) {
        memset(rnd, i, sizeof(rnd));
        drs_id_uuid4(id, rnd);
        assert_true(drs_id_is_uuid4(drs_str(id)));
        assert_false(drs_id_is_uuid4(drs_strn(id, 35)));
    }

    assert_false(
        drs_id_is_uuid4(drs_str("FFFFFFFF-ffff-4fff-bfff-ffffffffffff")));
    assert_false(
        drs_id_is_uuid4(drs_str("ffffffff-ffff-1fff-bfff-ffffffffffff")));
    assert_false(
        drs_id_is_uuid4(drs_str("ffffffff-ffff-4fff-cfff-ffffffffffff")));
    assert_false(
        drs_id_is_uuid4(drs_str("ffffffff-ffff-4fff-bfff-ffffffffffff\n")));
    assert_false(
        drs_id_is_uuid4(drs_str("fffffffff-fff-4fff-bfff-ffffffffffff")));
    assert_false(
        drs_id_is_uuid4(drs_str("ffffffff-ffff-4fff-bfff-fffffffffffg")));
    assert_false(drs_id_is_uuid4(drs_str("")));
}


#define H17 "0123456789abcdef0"


static void
test_id_forms(void **state)
{
    size_t i;

    static const struct {
        int (*is)(drs_str_t);
        const char *good[4];
        const char *bad[6];
    } rows[] = {
        { drs_id_is_source_server,
          { "s-" H17 },
          { "s-0123456789ABCDEF0", "s-" H17 "0", "s-0123456789abcdef", "i-" H17,
            "s-" H17 "\n", "" } },
        { drs_id_is_job,
          { "drsjob-" H17, "drsjob-ABCDEFGHIJKLMNOPQ" },
          { "drsjob-0123", "drsjob-" H17 "0", "job-" H17,
            "drsjob-0123456789abcdef-" } },
        { drs_id_is_instance,
          { "i-" H17, "i-01234567" },
          { "i-0123456", "i-012345678", "i-0123456g", "i-" } },
        { drs_id_is_subnet,
          { "subnet-" H17, "subnet-01234567" },
          { "subnet-0123456789", "subnet-", "subnet-0123456G" } },
        { drs_id_is_security_group,
          { "sg-" H17, "sg-01234567" },
          { "sg-0123456789", "sg",
            "sg-\x30"
            "123456\n" } },
        { drs_id_is_vpc, { "vpc-" H17 }, { "vpc-1" } },
        { drs_id_is_launch_template, { "lt-" H17 }, { "lt-1" } },
        { drs_id_is_snapshot,
          { "pit-" H17, "pit-ABCDEFGHIJKLMNOPQ" },
          { "pit-1", "snap-" H17 } },
        { drs_id_is_account,
          { "012345678901" },
          { "12345678901", "1234567890123", "12345678901a", " 12345678901",
            "12345678901\n", "" } },
        { drs_id_is_region,
          { "us-east-1", "ap-southeast-4", "us-gov-west-1", "us-iso-east-1" },
          { "us-east", "us-east-12", "US-east-1", "us--east-1", "us-1",
            "us-east--1" } },
        { drs_id_is_instance_type,
          { "t3.micro", "u-6tb1.metal", "m7i-flex.large", "x2iedn.metal-48xl" },
          { "t3", "t3.", ".micro", "T3.micro", "t3.micro.x", "3t.micro" } },
        { drs_id_is_external_id,
          { "ab", "drs-orch:x/y@z" },
          { "a", "", "a b", "a\nb", "\xc3\xbc\xc3\xbc" } },
        { drs_id_is_email,
          { "a@b.co", "first.last+x@mail.example.org" },
          { "a@b", "@b.co", ".a@b.co", "a..b@c.co", "a@-b.co", "a@b.c" } },
        { drs_id_is_email,
          { "a%b_c-d@x-y.example" },
          { "a@b.co\n", "a@b.c1", "a b@c.co", "a@@b.co", "a.@b.co",
            "a@b..co" } },
        { drs_id_is_request_id,
          { "a", "A-b_c.9" },
          { "", "a b", "a/b", "a\n" } },
        { drs_id_is_idempotency_key,
          { "!", "~", "k-1" },
          { "", " a", "a\x7f", "\xc3\xbc" } }
    };
    size_t k;

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (k = 0; k < 4 && rows[i].good[k] != NULL; k++) {
            if (!rows[i].is(drs_str(rows[i].good[k]))) {
                fail_msg("refused: %s", rows[i].good[k]);
            }
        }

        for (k = 0; k < 6 && rows[i].bad[k] != NULL; k++) {
            if (rows[i].is(drs_str(rows[i].bad[k]))) {
                fail_msg("accepted: \"%s\" (row %zu)", rows[i].bad[k], i);
            }
        }
    }

    assert_int_equal(drs_id_n_default_regions, 28);
    assert_true(drs_id_in_default_regions(drs_str("il-central-1")));
    assert_false(drs_id_in_default_regions(drs_str("us-gov-west-1")));

    for (i = 0; i < drs_id_n_default_regions; i++) {
        assert_true(drs_id_is_region(drs_id_default_regions[i]));
    }
}


static void
test_id_role_arn(void **state)
{
    size_t    i;
    drs_str_t account, path;

    static const char *const bad[] = { "",
                                       "arn:aws:iam::012345678901:user/x",
                                       "arn:aws:iam::01234567890:role/x",
                                       "arn:aws:iam::012345678901:role/",
                                       "arn:aws-x:iam::012345678901:role/x",
                                       "arn:aws:sts::012345678901:role/x",
                                       "arn:aws:iam:us:012345678901:role/x",
                                       "arn:aws:iam::012345678901:role/a b",
                                       "arn:aws:iam::012345678901:role/x\n",
                                       "arn:aws:iam::012345678901:role/a:b",
                                       "arn:aws:iam::" };

    (void) state;

    assert_true(drs_id_role_arn(
        drs_str("arn:aws-us-gov:iam::012345678901:role/p/Name_1"), &account,
        &path));
    assert_true(drs_str_eqz(account, "012345678901"));
    assert_true(drs_str_eqz(path, "p/Name_1"));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(drs_id_role_arn(drs_str(bad[i]), NULL, NULL));
    }
}


static void
test_id_addresses(void **state)
{
    size_t   i;
    uint32_t a;
    unsigned n;

    static const char *const bad[] = { "",          "1.2.3",    "1.2.3.4.5",
                                       "256.1.1.1", "1.2.3.04", "1.2.3.",
                                       ".1.2.3",    "1.2.3.4 ", "1.2.3.-4",
                                       "0x1.2.3.4", "1..2.3" };

    (void) state;

    assert_true(drs_id_ipv4(drs_str("10.0.255.1"), &a));
    assert_int_equal(a, 0x0a00ff01);
    assert_true(drs_id_ipv4_is_private(a));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(drs_id_ipv4(drs_str(bad[i]), NULL));
    }

    assert_true(drs_id_ipv4_is_private(0xac100001));
    assert_true(drs_id_ipv4_is_private(0xac1fffff));
    assert_false(drs_id_ipv4_is_private(0xac200000));
    assert_true(drs_id_ipv4_is_private(0xc0a80001));
    assert_false(drs_id_ipv4_is_private(0xc0a90001));

    assert_true(drs_id_cidr4(drs_str("10.1.2.3/16"), &a, &n));
    assert_int_equal(a, 0x0a010000);
    assert_int_equal(n, 16);
    assert_true(drs_id_cidr4(drs_str("1.2.3.4/0"), &a, &n));
    assert_int_equal(a, 0);
    assert_true(drs_id_cidr4(drs_str("1.2.3.4/32"), &a, &n));
    assert_false(drs_id_cidr4(drs_str("1.2.3.4/33"), &a, &n));
    assert_false(drs_id_cidr4(drs_str("1.2.3.4/01"), &a, &n));
    assert_false(drs_id_cidr4(drs_str("1.2.3.4"), &a, &n));
    assert_false(drs_id_cidr4(drs_str("1.2.3.4/"), &a, &n));

    assert_true(drs_str_eqz(drs_id_execution_of_path(drs_str("x:y")), "x:y"));
    assert_true(drs_str_eqz(
        drs_id_execution_of_path(drs_str("arn:aws:states:r:1:execution:m:abc")),
        "abc"));
    assert_int_equal(drs_id_execution_of_path(drs_str("arn:")).len, 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_time_format),
                                        cmocka_unit_test(test_time_calendar),
                                        cmocka_unit_test(test_time_parse),
                                        cmocka_unit_test(test_time_duration),
                                        cmocka_unit_test(test_id_uuid),
                                        cmocka_unit_test(test_id_forms),
                                        cmocka_unit_test(test_id_role_arn),
                                        cmocka_unit_test(test_id_addresses) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
