
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Configuration, scaling and its floors, addresses of Redis.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "drsw_config.h"
#include "drsw_redis_addr.h"


static char test_err[512];


/* Configuration of a text; NULL if it is refused (test_err). */

static drsw_config_t *
test_load(const char *text)
{
    int            fd;
    char           path[] = "/tmp/drsw_config_XXXXXX";
    drsw_config_t *conf;

    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);

    if (drsw_config_load(&conf, path, test_err, sizeof(test_err)) != DRS_OK) {
        conf = NULL;
    }

    unlink(path);

    return conf;
}


static void
test_refused(const char *text, const char *what)
{
    assert_null(test_load(text));

    if (strstr(test_err, what) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", test_err, what);
    }
}


static void
test_durations(void **state)
{
    size_t  i;
    int64_t ms;

    static const struct {
        const char *text;
        int64_t     ms;
    } good[] = { { "0", 0 },
                 { "30", 30000 },
                 { "500ms", 500 },
                 { "30s", 30000 },
                 { "10m", 600000 },
                 { "6h", 21600000 },
                 { "365d", INT64_C(31536000000) } };

    static const char *const bad[] = { "",
                                       "s",
                                       "-1",
                                       "1.5s",
                                       "1 s",
                                       "1w",
                                       "1S",
                                       "99999999999999999999",
                                       "9223372036854775807d" };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(drsw_config_duration(drs_str(good[i].text), &ms),
                         DRS_OK);
        assert_true(ms == good[i].ms);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drsw_config_duration(drs_str(bad[i]), &ms),
                         DRS_DECLINED);
    }
}


static void
test_defaults(void **state)
{
    drsw_config_t *c;

    assert_int_equal(drsw_config_load(&c, NULL, test_err, sizeof(test_err)),
                     DRS_OK);

    /* engine.md 9.7, launch-protocol: R 30, L 30, V 900, Q 90, H 960 */
    assert_true(c->lease_ms == 60000 && c->renew_ms == 20000);
    assert_true(c->launch_request_timeout_ms == 30000);
    assert_true(c->quiet_window_ms == 90000);
    assert_true(c->hard_window_ms == 960000);
    assert_true(c->poll_fast_ms == 5000 && c->poll_slow_ms == 30000);
    assert_true(c->wave_timeout_ms == INT64_C(6) * 3600 * 1000);
    assert_true(c->pause_timeout_ms == INT64_C(365) * 86400 * 1000);
    assert_true(c->conflict_waits_ms[0] == 30000
                && c->conflict_waits_ms[1] == 60000
                && c->conflict_waits_ms[2] == 120000);
    assert_true(c->limits == DRSW_LIMITS_QUEUE);
    assert_true(c->launch_settle == DRSW_SETTLE_QUIET);
    assert_true(c->launch_ambiguity == DRSW_AMBIGUITY_ADOPT);
    assert_true(c->callback_require_login == DRSW_CALLBACK_RECOVERY);
    assert_true(c->launch_job_tags == 0 && c->command_max_deliveries == 5);
    assert_string_equal(c->prefix, "{drs}");
    assert_string_equal(c->role_name, "DRSOrchestrationRole");

    drsw_config_free(c);
}


static void
test_scale_has_floors(void **state)
{
    drsw_config_t *c;

    c = test_load("time_scale = 3000\n");
    assert_non_null(c);

    assert_true(c->poll_fast_ms == 100);
    assert_true(c->lease_ms == 3000 && c->renew_ms == 1000);
    assert_true(c->launch_request_timeout_ms == 5000);
    assert_true(c->quiet_window_ms
                >= c->launch_request_timeout_ms + c->listing_lag_ms);
    assert_true(c->hard_window_ms >= c->quiet_window_ms);
    assert_true(c->issuer_token_ms == 900000 && c->look_skew_ms == 5000);
    assert_true(c->aws_session_ms == 3600000);
    drsw_config_free(c);

    /* set below the floor: stays as it is */
    c = test_load("time_scale = 10\npoll_fast = 50ms\npoll_slow = 10s\n");
    assert_non_null(c);
    assert_true(c->poll_fast_ms == 50 && c->poll_slow_ms == 1000);
    drsw_config_free(c);
}


static void
test_values(void **state)
{
    drsw_config_t *c;

    c = test_load("limits = strict\nlaunch_settle = strict\n"
                  "launch_ambiguity = hold\nlaunch_job_tags = on\n"
                  "conflict_waits = 1s  2s 3s\n# a comment\n"
                  "callback_require_login = never\nissuer_algorithm = RS256\n"
                  "[issuer okta]\nissuer = https://okta.example.com\n"
                  "jwks_url = https://okta.example.com/keys\n");
    assert_non_null(c);
    assert_true(c->limits == DRSW_LIMITS_STRICT);
    assert_true(c->launch_settle == DRSW_SETTLE_STRICT);
    assert_true(c->launch_ambiguity == DRSW_AMBIGUITY_HOLD);
    assert_true(c->launch_job_tags == 1);
    assert_true(c->conflict_waits_ms[2] == 3000);
    assert_true(c->callback_require_login == DRSW_CALLBACK_NEVER);
    assert_true(c->issuer_algorithm == DRSW_ALG_RS256);
    assert_int_equal(c->n_issuers, 1);
    assert_string_equal(c->issuers[0].name, "okta");
    drsw_config_free(c);
}


static void
test_mistakes_are_named(void **state)
{
    test_refused("nope = 1\n", "unknown option \"nope\"");
    test_refused("threads = 0\n", "threads");
    test_refused("threads = 1x\n", "threads");
    test_refused("\n\nlease = soon\n", ":3: option \"lease\"");
    test_refused("limits = maybe\n", "queue, strict");
    test_refused("test_clock = yes\n", "off, on");
    test_refused("threads = 1\nthreads = 2\n", "given twice");
    test_refused("[other]\nx = 1\n", "[other]");
    test_refused("[issuer a]\nissuer = x\njwks_url = http://a/\n", "https");
    test_refused("[issuer a]\njwks_url = https://a/\n", "needs issuer");
    test_refused("[issuer a]\nurl = 1\n", "unknown option \"url\"");
    test_refused("lease = 10s\nrenew = 6s\n", "half of lease");
    test_refused("prefix = drs\n", "hash tag");
    test_refused("prefix = {a:b}\n", "hash tag");
    test_refused("hub_account = 12\n", "12 digits");
    test_refused("region = mars\n", "region");
    test_refused("quiet_window = 10s\n", "quiet_window");
    test_refused("hard_window = 91s\nquiet_window = 92s\n", "hard_window");
    test_refused("max_jobs = 1\n", "max_jobs_reserve");
    test_refused("conflict_waits = 1s 2s\n", "conflict_waits");
    test_refused("conflict_waits = 1s 2s 3s 4s\n", "more than three");

    assert_int_equal(drsw_config_load(&(drsw_config_t *) { NULL },
                                      "/nonexistent/worker.conf", test_err,
                                      sizeof(test_err)),
                     DRS_DECLINED);
    assert_non_null(strstr(test_err, "/nonexistent/worker.conf"));
}


static void
test_environment_wins(void **state)
{
    int            fd;
    char           path[] = "/tmp/drsw_secret_XXXXXX";
    drsw_config_t *c;

    setenv("DRS_THREADS", "3", 1);
    c = test_load("threads = 5\n");
    assert_non_null(c);
    assert_true(c->threads == 3);
    drsw_config_free(c);

    setenv("DRS_THREADS", "many", 1);
    test_refused("", "DRS_THREADS");
    unsetenv("DRS_THREADS");

    fd = mkstemp(path);
    assert_int_equal(write(fd, "s3cret\nrest\n", 12), 12);
    close(fd);
    setenv("DRS_REDIS_PASSWORD_FILE", path, 1);
    c = test_load("");
    assert_non_null(c);
    assert_string_equal(c->redis_password, "s3cret");
    drsw_config_free(c);
    unlink(path);
    test_refused("", "DRS_REDIS_PASSWORD_FILE");
    unsetenv("DRS_REDIS_PASSWORD_FILE");
}


static void
test_describe_has_every_option_once(void **state)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);
    assert_int_equal(drsw_config_describe(&b), DRS_OK);
    assert_non_null(strstr(b.data, "\nlease\t60s\ttime (scaled)\t"));
    assert_non_null(strstr(b.data, "\nredis_password\t\tsecret\t"));
    drs_buf_free(&b);
}


/* --- addresses of Redis --------------------------------------------------- */


static int
test_addr(const char *redis, drsw_redis_addr_t *a)
{
    int            rc;
    char           text[300];
    drsw_config_t *c;

    (void) snprintf(text, sizeof(text), "redis = %s\nredis_db = 2\n", redis);
    c = test_load(text);
    assert_non_null(c);
    rc = drsw_redis_addr_parse(a, c, test_err, sizeof(test_err));
    drsw_config_free(c);

    return rc;
}


static void
test_redis_addresses(void **state)
{
    size_t            i;
    drsw_redis_addr_t a;

    static const char *const bad[] = { "localhost",   "host:",       ":1",
                                       "host:0",      "host:70000",  "host:x",
                                       "redis://h/x", "redis://h/99" };

    assert_int_equal(test_addr("unix:/run/r.sock", &a), DRS_OK);
    assert_string_equal(a.path, "/run/r.sock");
    assert_int_equal(a.db, 2);
    drsw_redis_addr_free(&a);

    assert_int_equal(test_addr("/run/r.sock", &a), DRS_OK);
    assert_string_equal(a.path, "/run/r.sock");
    drsw_redis_addr_free(&a);

    assert_int_equal(test_addr("[::1]:6380", &a), DRS_OK);
    assert_string_equal(a.host, "::1");
    assert_int_equal(a.port, 6380);
    drsw_redis_addr_free(&a);

    assert_int_equal(test_addr("redis://us%65r:p%40ss@h.example/3", &a),
                     DRS_OK);
    assert_string_equal(a.host, "h.example");
    assert_int_equal(a.port, 6379);
    assert_int_equal(a.db, 3);
    assert_string_equal(a.user, "user");
    assert_string_equal(a.password, "p@ss");
    assert_null(strstr(a.text, "p@ss"));
    drsw_redis_addr_free(&a);

    assert_int_equal(test_addr("redis://:pw@127.0.0.1:7000/0", &a), DRS_OK);
    assert_string_equal(a.user, "");
    assert_string_equal(a.password, "pw");
    drsw_redis_addr_free(&a);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(test_addr(bad[i], &a), DRS_DECLINED);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_scale_has_floors),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_mistakes_are_named),
        cmocka_unit_test(test_environment_wins),
        cmocka_unit_test(test_describe_has_every_option_once),
        cmocka_unit_test(test_redis_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
