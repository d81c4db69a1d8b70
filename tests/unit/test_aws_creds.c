
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

#include <pthread.h>

#include "aws_breaker.h"
#include "aws_budget.h"
#include "aws_ini.h"
#include "aws_int.h"


/* A client whose environment and clock the test owns. */

typedef struct {
    const char     *vars[16][2];
    int64_t         now_ms;
    int             reads; /* of AWS_ACCESS_KEY_ID */
    pthread_mutex_t lock;
} world_t;


static const char *
world_env(void *data, const char *name)
{
    int      i;
    world_t *w;

    w = data;

    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0) {
        (void) pthread_mutex_lock(&w->lock);
        w->reads++;
        (void) pthread_mutex_unlock(&w->lock);
    }

    for (i = 0; i < 16 && w->vars[i][0] != NULL; i++) {
        if (strcmp(w->vars[i][0], name) == 0) {
            return w->vars[i][1];
        }
    }

    return NULL;
}


static int64_t
world_now(void *data)
{
    return ((world_t *) data)->now_ms;
}


static drsw_aws_shared_t *
world_open(world_t *w, drsw_aws_t **aws)
{
    char               err[256];
    drsw_aws_config_t  conf;
    drsw_aws_shared_t *sh;

    (void) pthread_mutex_init(&w->lock, NULL);
    memset(&conf, 0, sizeof(conf));
    conf.region = "us-east-1";
    conf.env = world_env;
    conf.now_ms = world_now;
    conf.hook_data = w;

    sh = drsw_aws_shared_create(&conf, err, sizeof(err));
    assert_non_null(sh);
    *aws = drsw_aws_create(sh);
    assert_non_null(*aws);
    w->reads = 0;

    return sh;
}


static void
world_close(world_t *w, drsw_aws_shared_t *sh, drsw_aws_t *aws)
{
    drsw_aws_destroy(aws);
    drsw_aws_shared_destroy(sh);
    (void) pthread_mutex_destroy(&w->lock);
}


static const drsw_aws_ctx_t hub = { .region = "us-east-1",
                                    .timeout_ms = 20000 };


static void
get(drsw_aws_t *aws, const char *key)
{
    drsw_creds_t      creds;
    drsw_aws_result_t res;

    drsw_result_init(&res);
    memset(&creds, 0, sizeof(creds));
    assert_int_equal(
        drsw_creds_get(aws, &hub, drsw_aws_mono_ms() + 20000, &creds, &res),
        DRSW_AWS_OK);
    assert_string_equal(creds.access_key, key);
    drsw_creds_free(&creds);
}


static void
test_environment(void **state)
{
    world_t            w = { .vars = { { "AWS_ACCESS_KEY_ID", "AK" },
                                       { "AWS_SECRET_ACCESS_KEY", "SK" },
                                       { "AWS_SESSION_TOKEN", "" },
                                       { "AWS_SECURITY_TOKEN", "T" } } };
    drsw_aws_t        *aws;
    drsw_creds_t       creds;
    drsw_aws_result_t  res;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);
    drsw_result_init(&res);
    assert_int_equal(
        drsw_creds_get(aws, &hub, drsw_aws_mono_ms() + 20000, &creds, &res),
        DRSW_AWS_OK);
    assert_string_equal(creds.access_key, "AK");
    assert_string_equal(creds.secret_key, "SK");
    assert_string_equal(creds.token, "T");
    assert_int_equal(creds.expires_at_s, 0);
    drsw_creds_free(&creds);
    world_close(&w, sh, aws);
}


/* long-lived keys are read once; forgetting reads them again */

static void
test_cache(void **state)
{
    int                i;
    world_t            w = { .vars = { { "AWS_ACCESS_KEY_ID", "AK" },
                                       { "AWS_SECRET_ACCESS_KEY", "SK" } } };
    drsw_aws_t        *aws;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);

    for (i = 0; i < 5; i++) {
        get(aws, "AK");
        w.now_ms += 86400 * 1000;
    }

    assert_int_equal(w.reads, 1);

    w.vars[0][1] = "AK2";
    get(aws, "AK");
    drsw_creds_drop(sh, &hub, "another");
    get(aws, "AK");
    drsw_creds_drop(sh, &hub, "AK");
    get(aws, "AK2");
    drsw_aws_forget(aws, &hub);
    get(aws, "AK2");
    assert_int_equal(w.reads, 3);

    world_close(&w, sh, aws);
}


/* renewed at 80 % of life; a failed renewal leaves the old ones in use until
 * they expire */

static void
test_renewal(void **state)
{
    world_t            w = { .vars = { { "AWS_ACCESS_KEY_ID", "AK" },
                                       { "AWS_SECRET_ACCESS_KEY", "SK" },
                                       { "AWS_CREDENTIAL_EXPIRATION",
                                         "1970-01-01T01:00:00Z" } } };
    drsw_aws_t        *aws;
    drsw_creds_t       creds;
    drsw_aws_result_t  res;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);

    get(aws, "AK");
    w.now_ms = 2879 * 1000;
    get(aws, "AK");
    assert_int_equal(w.reads, 1);

    w.now_ms = 2880 * 1000;
    w.vars[0][1] = "AK2";
    w.vars[2][1] = "1970-01-01T02:00:00Z";
    get(aws, "AK2");
    assert_int_equal(w.reads, 2);

    /* the next renewal fails: half a pair */
    w.now_ms = 7000 * 1000;
    w.vars[1][1] = "";
    get(aws, "AK2");
    assert_int_equal(w.reads, 3);
    get(aws, "AK2");
    assert_int_equal(w.reads, 3);

    /* not tried again for a minute */
    w.now_ms += 60 * 1000;
    get(aws, "AK2");
    assert_int_equal(w.reads, 4);

    w.now_ms = 7200 * 1000;
    drsw_result_init(&res);
    assert_int_equal(
        drsw_creds_get(aws, &hub, drsw_aws_mono_ms() + 20000, &creds, &res),
        DRSW_AWS_CREDENTIALS);
    assert_non_null(strstr(res.message, "AWS_SECRET_ACCESS_KEY is not"));

    world_close(&w, sh, aws);
}


static void
test_nothing_configured(void **state)
{
    world_t     w = { .vars = { { "AWS_EC2_METADATA_DISABLED", "true" } } };
    drsw_aws_t *aws;
    drsw_aws_result_t  res;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);
    assert_int_equal(drsw_aws_prepare(aws, &hub, &res), DRSW_AWS_CREDENTIALS);
    assert_string_equal(res.code, "LocalCredentials");
    /* remembered for two seconds */
    assert_int_equal(drsw_aws_prepare(aws, &hub, &res), DRSW_AWS_CREDENTIALS);
    assert_int_equal(w.reads, 1);
    w.now_ms += 2000;
    assert_int_equal(drsw_aws_prepare(aws, &hub, &res), DRSW_AWS_CREDENTIALS);
    assert_int_equal(w.reads, 2);
    world_close(&w, sh, aws);
}


static void *
thread_get(void *arg)
{
    int         i;
    drsw_aws_t *aws;

    aws = drsw_aws_create(arg);

    for (i = 0; i < 200; i++) {
        get(aws, "AK");
    }

    drsw_aws_destroy(aws);

    return NULL;
}


static void
test_one_fetch_for_all_threads(void **state)
{
    int                i;
    world_t            w = { .vars = { { "AWS_ACCESS_KEY_ID", "AK" },
                                       { "AWS_SECRET_ACCESS_KEY", "SK" } } };
    pthread_t          t[8];
    drsw_aws_t        *aws;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);

    for (i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, thread_get, sh), 0);
    }

    for (i = 0; i < 8; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
    }

    assert_int_equal(w.reads, 1);
    world_close(&w, sh, aws);
}


static void
test_role_arguments(void **state)
{
    world_t            w = { .vars = { { "AWS_ACCESS_KEY_ID", "AK" },
                                       { "AWS_SECRET_ACCESS_KEY", "SK" } } };
    drsw_aws_t        *aws;
    drsw_aws_ctx_t     ctx = hub;
    drsw_aws_result_t  res;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);

    ctx.account = "222222222222";
    ctx.role_arn = "arn:aws:iam::333333333333:role/x";
    assert_int_equal(drsw_aws_prepare(aws, &ctx, &res), DRSW_AWS_ACCOUNT);
    ctx.role_arn = "arn:aws:iam::22222222222:role/x";
    assert_int_equal(drsw_aws_prepare(aws, &ctx, &res), DRSW_AWS_LOCAL);
    ctx.role_arn = "arn:aws:iam::222222222222:user/x";
    assert_int_equal(drsw_aws_prepare(aws, &ctx, &res), DRSW_AWS_LOCAL);
    assert_int_equal(w.reads, 0);

    world_close(&w, sh, aws);
}


static void
test_stop(void **state)
{
    json_t            *out;
    world_t            w = { .vars = { { NULL, NULL } } };
    drsw_aws_t        *aws;
    drsw_aws_result_t  res;
    drsw_aws_shared_t *sh;

    (void) state;

    sh = world_open(&w, &aws);
    drsw_aws_shared_stop(sh);
    assert_int_equal(
        drsw_aws_call(aws, &hub, "drs", "DescribeJobs", NULL, true, &out, &res),
        DRSW_AWS_STOPPED);
    assert_int_equal(res.sent, DRSW_AWS_NOT_SENT);
    assert_null(out);
    assert_int_equal(drsw_sleep(sh, 60000), -1);
    world_close(&w, sh, aws);
}


static void
test_configuration_refused(void **state)
{
    char              err[256];
    world_t           w = { .vars = { { "AWS_REGION", "moon-1" } } };
    drsw_aws_config_t conf;

    (void) state;

    (void) pthread_mutex_init(&w.lock, NULL);
    memset(&conf, 0, sizeof(conf));
    conf.env = world_env;
    conf.hook_data = &w;
    assert_null(drsw_aws_shared_create(&conf, err, sizeof(err)));
    assert_non_null(strstr(err, "moon-1"));

    conf.region = "us-east-1";
    conf.session_duration_s = 60;
    assert_null(drsw_aws_shared_create(&conf, err, sizeof(err)));
    assert_non_null(strstr(err, "session_duration_s"));
    (void) pthread_mutex_destroy(&w.lock);
}


static void
test_ini(void **state)
{
    char        big[5000], text[6000];
    drsw_ini_t *ini;

    (void) state;

    ini = drsw_ini_parse("# c\n; c\n[default]\nRegion = us-east-1 # note\n"
                         "key=a;b#c\r\n  \n[ profile x ]\nservices = s\n"
                         "drs =\n  endpoint_url = http://d\n\tother=1\n"
                         "plain = 2\nbroken line\n[empty]\n[default]\n"
                         "region = eu-west-1");
    assert_non_null(ini);
    assert_string_equal(drsw_ini_get(ini, "default", "region"), "eu-west-1");
    assert_string_equal(drsw_ini_get(ini, "default", "key"), "a;b#c");
    assert_string_equal(drsw_ini_get(ini, "profile x", "drs.endpoint_url"),
                        "http://d");
    assert_string_equal(drsw_ini_get(ini, "profile x", "drs.other"), "1");
    assert_string_equal(drsw_ini_get(ini, "profile x", "plain"), "2");
    assert_null(drsw_ini_get(ini, "profile x", "region"));
    assert_true(drsw_ini_has(ini, "empty"));
    assert_false(drsw_ini_has(ini, "none"));
    drsw_ini_free(ini);

    /* session tokens are long */
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    (void) snprintf(text, sizeof(text), "[a]\naws_session_token = %s\n", big);
    ini = drsw_ini_parse(text);
    assert_string_equal(drsw_ini_get(ini, "a", "aws_session_token"), big);
    drsw_ini_free(ini);

    assert_null(drsw_ini_parse(""));
}


/* Recoveries may take all, others leave a quarter, background half. */
static void
test_budget_lanes(void **state)
{
    int            n;
    int64_t        wait;
    drsw_budget_t *b;

    static const int left[] = { 0, 2, 5 }; /* of 10 */

    for (n = DRSW_LANE_BACKGROUND; n >= DRSW_LANE_RECOVERY; n--) {
        int taken;

        b = drsw_budget_create(1);
        assert_non_null(b);

        for (taken = 0;; taken++) {
            wait = drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                    (drsw_aws_lane_e) n, 1000);
            if (wait != 0) {
                break;
            }
        }

        assert_int_equal(taken, 10 - left[n]);

        /* what they leave is there for a recovery at once */
        if (left[n] > 0) {
            assert_int_equal(drsw_budget_take(b, "1", "r", "drs",
                                              "StartRecovery",
                                              DRSW_LANE_RECOVERY, 1000),
                             0);
        }

        drsw_budget_destroy(b);
    }
}


typedef struct {
    int     calls, slows;
    int64_t answer, wait, want, keep;
} fake_rate_t;


static int64_t
fake_take(void *data, const char *account, const char *region, const char *api,
          int64_t per_minute, int64_t burst, int64_t want, int64_t keep,
          int64_t *wait_ms)
{
    fake_rate_t *f;

    f = data;
    f->calls++;
    f->want = want;
    f->keep = keep;
    *wait_ms = f->wait;

    assert_string_equal(account, "1");
    assert_string_equal(region, "r");
    assert_true(strcmp(api, "drs.StartRecovery") == 0
                || strcmp(api, "ec2.other") == 0);
    assert_int_equal(per_minute, api[0] == 'd' ? 10 : 6000);
    assert_int_equal(burst, api[0] == 'd' ? 10 : 100);

    return f->answer;
}


static void
fake_slow(void *data, const char *account, const char *region, const char *api,
          int64_t per_minute, int64_t burst)
{
    ((fake_rate_t *) data)->slows++;
}


static void
test_budget_shared(void **state)
{
    int            i;
    fake_rate_t    f = { 0 };
    drsw_budget_t *b;

    b = drsw_budget_create(1);
    assert_non_null(b);
    drsw_budget_share(b, fake_take, fake_slow, &f);

    /* few tokens: one at a time */
    f.answer = 1;
    assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                      DRSW_LANE_NORMAL, 1),
                     0);
    assert_int_equal(f.want, 1);
    assert_int_equal(f.keep, 2);

    f.answer = 0;
    f.wait = 1234;
    assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                      DRSW_LANE_NORMAL, 1),
                     1234);

    /* many: some at once */
    f.answer = 10;
    f.calls = 0;

    for (i = 0; i < 10; i++) {
        assert_int_equal(drsw_budget_take(b, "1", "r", "ec2", "DescribeSubnets",
                                          DRSW_LANE_RECOVERY, 1),
                         0);
    }

    assert_int_equal(f.calls, 1);
    assert_int_equal(f.want, 10);

    drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 1);
    drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 0);
    assert_int_equal(f.slows, 1);

    drsw_budget_destroy(b);

    /* no answer: the process by itself */
    b = drsw_budget_create(1);
    assert_non_null(b);
    drsw_budget_share(b, fake_take, fake_slow, &f);
    f.answer = -1;

    for (i = 0; i < 10; i++) {
        if (drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                             DRSW_LANE_RECOVERY, 1)
            != 0)
        {
            break;
        }
    }

    assert_int_equal(i, 10);
    assert_true(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                 DRSW_LANE_RECOVERY, 1)
                > 0);
    drsw_budget_destroy(b);
}


static void
test_budget(void **state)
{
    int            i;
    int64_t        wait;
    drsw_budget_t *b;

    (void) state;

    b = drsw_budget_create(1);

    for (i = 0; i < 10; i++) {
        assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                          DRSW_LANE_RECOVERY, 1000),
                         0);
    }

    /* ten a minute: one every six seconds */
    wait = drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                            DRSW_LANE_RECOVERY, 1000);
    assert_in_range(wait, 6000, 6001);
    assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                      DRSW_LANE_RECOVERY, 1000 + wait),
                     0);

    /* others are not touched */
    assert_int_equal(drsw_budget_take(b, "2", "r", "drs", "StartRecovery",
                                      DRSW_LANE_RECOVERY, 1000),
                     0);
    assert_int_equal(drsw_budget_take(b, "1", "q", "drs", "StartRecovery",
                                      DRSW_LANE_RECOVERY, 1000),
                     0);
    assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "DescribeJobs",
                                      DRSW_LANE_RECOVERY, 1000),
                     0);
    assert_int_equal(drsw_budget_take(b, "1", "r", "sts", "AssumeRole",
                                      DRSW_LANE_RECOVERY, 1000),
                     0);

    /* halved by throttling, not below a sixteenth; back by twentieths or in
     * two minutes */
    drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 1);
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") < 5.01);
    for (i = 0; i < 20; i++) {
        drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 1);
    }
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") > 0.62);
    for (i = 0; i < 20; i++) {
        drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 0);
    }
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") > 9.99);
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") < 10.01);

    for (i = 0; i < 20; i++) {
        drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 1);
    }
    (void) drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                            DRSW_LANE_RECOVERY, 200000);
    for (i = 0; i < 20; i++) {
        drsw_budget_feedback(b, "1", "r", "drs", "StartRecovery", 1);
    }
    (void) drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                            DRSW_LANE_RECOVERY, 260000);
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") > 5.6);
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") < 5.7);
    (void) drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                            DRSW_LANE_RECOVERY, 320000);
    assert_true(drsw_budget_rate(b, "1", "r", "drs", "StartRecovery") > 9.99);
    drsw_budget_destroy(b);

    b = drsw_budget_create(0);
    for (i = 0; i < 1000; i++) {
        assert_int_equal(drsw_budget_take(b, "1", "r", "drs", "StartRecovery",
                                          DRSW_LANE_RECOVERY, 1),
                         0);
    }
    drsw_budget_destroy(b);
}


static int64_t
ask(drsw_breaker_t *b, int64_t now_ms)
{
    return drsw_breaker_ask(b, "1", "r", "drs", now_ms);
}


static void
tell(drsw_breaker_t *b, bool failed, int64_t now_ms)
{
    drsw_breaker_tell(b, "1", "r", "drs", failed, now_ms);
}


static void
test_breaker(void **state)
{
    int             i;
    drsw_breaker_t *b;

    (void) state;

    b = drsw_breaker_create();

    /* ten in a row, not nine and a good one */
    for (i = 0; i < 9; i++) {
        tell(b, true, 0);
    }
    tell(b, false, 0);
    for (i = 0; i < 9; i++) {
        tell(b, true, 0);
    }
    assert_int_equal(ask(b, 0), 0);
    tell(b, true, 0);
    assert_int_equal(ask(b, 0), 2000);
    assert_int_equal(ask(b, 1500), 500);
    assert_int_equal(drsw_breaker_ask(b, "1", "r", "ec2", 0), 0);
    assert_int_equal(drsw_breaker_ask(b, "2", "r", "drs", 0), 0);

    /* what was on its way does not lengthen it */
    tell(b, true, 1000);
    assert_int_equal(ask(b, 1500), 500);

    /* one probe; its failure doubles the pause, up to 30 s */
    assert_int_equal(ask(b, 2000), 0);
    assert_int_equal(ask(b, 2001), 1999);
    tell(b, true, 3000);
    assert_int_equal(ask(b, 3000), 4000);
    for (i = 0; i < 6; i++) {
        assert_int_equal(ask(b, (i + 1) * 100000), 0);
        tell(b, true, (i + 1) * 100000);
    }
    assert_int_equal(ask(b, 600000), 30000);

    /* a probe that is never heard of again */
    assert_int_equal(ask(b, 700000), 0);
    assert_int_equal(ask(b, 729999), 1);
    assert_int_equal(ask(b, 730000), 0);

    /* an answer closes it */
    tell(b, false, 730001);
    assert_int_equal(ask(b, 730001), 0);
    tell(b, true, 730001);
    assert_int_equal(ask(b, 730001), 0);

    drsw_breaker_destroy(b);
}


int
main(void)
{
    int                     rc;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_nothing_configured),
        cmocka_unit_test(test_one_fetch_for_all_threads),
        cmocka_unit_test(test_role_arguments),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_configuration_refused),
        cmocka_unit_test(test_ini),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_lanes),
        cmocka_unit_test(test_budget_shared),
        cmocka_unit_test(test_breaker),
    };

    if (drsw_aws_global_init() != 0) {
        return 1;
    }

    rc = cmocka_run_group_tests(tests, NULL, NULL);
    drsw_aws_global_cleanup();

    return rc;
}
