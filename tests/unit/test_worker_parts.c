
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Parts of the daemon without Redis: owner ids, answers, registry, counters,
 * log, key files, user names.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "drs_json.h"
#include "drs_jwks.h"
#include "drsw_auth.h"
#include "drsw_keys.h"
#include "drsw_worker.h"


static void
test_owner_of_a_dead_process(void **state)
{
    int     fds[2], status;
    char    own[DRSW_OWNER_SIZE], child[DRSW_OWNER_SIZE], odd[300], *p;
    pid_t   pid;
    ssize_t n;

    assert_int_equal(drsw_owner_make(own, sizeof(own)), DRS_OK);
    assert_int_equal(drsw_owner_is_dead(own), 0);

    assert_int_equal(pipe(fds), 0);
    pid = fork();

    if (pid == 0) {
        (void) drsw_owner_make(child, sizeof(child));
        n = write(fds[1], child, strlen(child) + 1);
        _exit(n > 0 ? 0 : 1);
    }

    assert_true(read(fds[0], child, sizeof(child)) > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(fds[0]);
    close(fds[1]);

    assert_string_not_equal(own, child);
    assert_int_equal(drsw_owner_is_dead(child), 1);

    /* our pid, but another start time: an old process */
    p = strrchr(own, '-');
    (void) snprintf(odd, sizeof(odd), "%.*s", (int) (p - own), own);
    *strrchr(odd, '-') = '\0';
    (void) strcat(odd, "-1-abcdef00");
    assert_int_equal(drsw_owner_is_dead(odd), 1);

    /* another boot, another name space, nonsense: unknown, not dead */
    assert_int_equal(drsw_owner_is_dead("h-00000000-1-1-1-aa"), 0);
    assert_int_equal(drsw_owner_is_dead("nonsense"), 0);
    assert_int_equal(drsw_owner_is_dead(""), 0);
}


static void
test_answers(void **state)
{
    drsw_answer_t a;

    drsw_answer_init(&a);

    assert_int_equal(drsw_answer_body(&a, 202, json_pack("{s:i}", "x", 1)),
                     DRS_OK);
    assert_string_equal(a.text.data, "{\"status\":202,\"body\":{\"x\":1}}");

    assert_int_equal(drsw_answer_body(&a, 200, NULL), DRS_OK);
    assert_string_equal(a.text.data, "{\"status\":200,\"body\":{}}");

    assert_int_equal(drsw_answer_error(&a, "SERVER_CONFLICT",
                                       json_pack("{s:s}", "k", "v"),
                                       "held by \"%s\"", "x"),
                     DRS_OK);
    assert_string_equal(a.text.data, "{\"error\":{\"code\":\"SERVER_CONFLICT\","
                                     "\"message\":\"held by \\\"x\\\"\","
                                     "\"details\":{\"k\":\"v\"}}}");
    assert_int_equal(a.set, 1);

    assert_int_equal(drsw_answer_fail(&a, "no %s", "store"), DRS_ERROR);
    assert_int_equal(a.set, 0);
    assert_string_equal(a.error, "no store");

    drsw_answer_free(&a);
}


static int
test_step(drsw_ctx_t *ctx, int64_t *next_at)
{
    return DRS_OK;
}


static void
test_registry(void **state)
{
    drs_buf_t       b;
    drsw_registry_t reg;

    static const drsw_task_kind_t exec = { .prefix = "exec:",
                                           .step = test_step };
    static const drsw_task_kind_t again = { .prefix = "exec:",
                                            .step = test_step };
    static const drsw_task_kind_t house = { .prefix = "housekeeping",
                                            .step = test_step,
                                            .background = 1 };
    static const drsw_task_kind_t poll = { .prefix = "poll:",
                                           .step = test_step };

    memset(&reg, 0, sizeof(reg));
    assert_int_equal(drsw_register_task(&reg, &exec), DRS_OK);
    assert_int_equal(drsw_register_task(&reg, &house), DRS_OK);
    assert_int_equal(drsw_register_task(&reg, &poll), DRS_OK);
    assert_int_equal(drsw_register_task(&reg, &again), DRS_ERROR);

    assert_ptr_equal(drsw_registry_task(&reg, "exec:1"), &exec);
    assert_ptr_equal(drsw_registry_task(&reg, "housekeeping"), &house);
    assert_null(drsw_registry_task(&reg, "housekeeping:x"));
    assert_null(drsw_registry_task(&reg, "executor:1"));

    drs_buf_init(&b, 0);
    drsw_registry_kinds(&reg, 0, &b);
    assert_string_equal(b.data, "exec poll");
    drs_buf_reset(&b);
    drsw_registry_kinds(&reg, 1, &b);
    assert_string_equal(b.data, "housekeeping");
    drs_buf_free(&b);
}


static void
test_metrics(void **state)
{
    int             i;
    char            labels[32];
    drs_buf_t       b;
    drsw_metrics_t *m;

    m = drsw_metrics_create();
    assert_non_null(m);

    drsw_metrics_add(m, DRSW_METRIC_COUNTER, "b_total", "", "k=\"2\"", 1);
    drsw_metrics_add(m, DRSW_METRIC_COUNTER, "b_total", "", "k=\"1\"", 2);
    drsw_metrics_add(m, DRSW_METRIC_COUNTER, "b_total", "", "k=\"1\"", 3);
    drsw_metrics_add(m, DRSW_METRIC_GAUGE, "a", "", "", 7);
    drsw_metrics_add(m, DRSW_METRIC_GAUGE, "a", "", "", 1.5);

    drs_buf_init(&b, 0);
    assert_int_equal(drsw_metrics_text(m, &b), DRS_OK);
    assert_string_equal(b.data, "# TYPE drs_worker_a gauge\n"
                                "drs_worker_a 1.500000\n"
                                "# TYPE drs_worker_b_total counter\n"
                                "drs_worker_b_total{k=\"1\"} 5\n"
                                "drs_worker_b_total{k=\"2\"} 1\n");

    for (i = 0; i < DRSW_METRICS_MAX + 5; i++) {
        (void) snprintf(labels, sizeof(labels), "i=\"%d\"", i);
        drsw_metrics_add(m, DRSW_METRIC_COUNTER, "many", "", labels, 1);
    }

    drs_buf_reset(&b);
    assert_int_equal(drsw_metrics_text(m, &b), DRS_OK);
    assert_non_null(strstr(b.data, "drs_worker_series_dropped_total 8\n"));
    drs_buf_free(&b);
    drsw_metrics_destroy(m);
}


static void
test_log_redacts(void **state)
{
    char jwt[] = "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl end";
    char key[] = "key AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE.";
    char plain[] = "eyJ short, AKIA, executionId 1234";

    drsw_log_redact(jwt);
    assert_null(strstr(jwt, "eyJ"));
    assert_non_null(strstr(jwt, " end"));

    drsw_log_redact(key);
    assert_string_equal(key, "key AKIA****************, ASIA****************.");

    drsw_log_redact(plain);
    assert_string_equal(plain, "eyJ short, AKIA, executionId 1234");
}


static void
test_log_line_is_json(void **state)
{
    char             path[] = "/tmp/drsw_log_XXXXXX", line[4096];
    int              fd;
    FILE            *f;
    json_t          *doc;
    drsw_log_t       log;
    drsw_log_sink_t *sink;

    fd = mkstemp(path);
    close(fd);
    sink = drsw_log_open(path, DRSW_LOG_INFO);
    assert_non_null(sink);
    drsw_log_init(&log, sink, "t1");
    drsw_log_task(&log, "exec:abc", 7);
    drsw_debug(&log, "not written");
    drsw_info(&log, "a \"quote\"\nand \x01 more");
    drsw_log_close(sink);

    f = fopen(path, "r");
    assert_non_null(fgets(line, sizeof(line), f));
    doc = drs_json_parse(drs_str(line), NULL, NULL);
    assert_non_null(doc);
    assert_true(
        drs_str_eqz(drs_json_field(doc, "msg"), "a \"quote\"\nand \x01 more"));
    assert_true(drs_str_eqz(drs_json_field(doc, "executionId"), "abc"));
    assert_true(drs_json_int(doc, "fence", 0) == 7);
    assert_null(fgets(line, sizeof(line), f));
    json_decref(doc);
    fclose(f);
    unlink(path);
}


static void
test_key_file(drsw_alg_e alg)
{
    BIO        *bio;
    char        dir[] = "/tmp/drsw_keys_XXXXXX", path[64], err[256];
    char       *pem, *again, kid[DRSW_KID_SIZE], errtext[128];
    drs_buf_t   b;
    EVP_PKEY   *key;
    drs_jwks_t *set;
    struct stat st;

    assert_non_null(mkdtemp(dir));
    (void) snprintf(path, sizeof(path), "%s/k", dir);

    assert_int_equal(drsw_key_issuer(&pem, path, alg, err, sizeof(err)),
                     DRS_OK);
    assert_int_equal(drsw_key_issuer(&again, path, alg, err, sizeof(err)),
                     DRS_OK);
    assert_string_equal(pem, again);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    bio = BIO_new_mem_buf(pem, -1);
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(key);

    drs_buf_init(&b, 0);
    drs_buf_puts(&b, "{\"keys\":[");
    assert_int_equal(drsw_key_jwk(&b, key, alg, kid), DRS_OK);
    drs_buf_puts(&b, "]}");
    assert_int_equal(strlen(kid), 43);
    assert_int_equal(drs_jwks_parse(&set, drs_buf_str(&b), DRS_JWA_ALL, errtext,
                                    sizeof(errtext)),
                     DRS_OK);
    assert_int_equal(drs_jwks_count(set), 1);
    assert_int_equal(EVP_PKEY_eq(drs_jwks_at(set, 0)->pkey, key), 1);

    drs_jwks_free(set);
    drs_buf_free(&b);
    EVP_PKEY_free(key);
    free(pem);
    free(again);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(drsw_key_issuer(&pem, path, alg, err, sizeof(err)),
                     DRS_ERROR);
    assert_non_null(strstr(err, "0600"));

    unlink(path);
    rmdir(dir);
}


static void
test_key_files(void **state)
{
    test_key_file(DRSW_ALG_ES256);
    test_key_file(DRSW_ALG_RS256);
}


static void
test_user_names(void **state)
{
    char longest[66];

    assert_true(drsw_user_name_valid(drs_str("a")));
    assert_true(drsw_user_name_valid(drs_str("jane.doe@example.com")));
    assert_true(drsw_user_name_valid(drs_str("0-x_y")));
    assert_false(drsw_user_name_valid(drs_str("")));
    assert_false(drsw_user_name_valid(drs_str(".a")));
    assert_false(drsw_user_name_valid(drs_str("Jane")));
    assert_false(drsw_user_name_valid(drs_str("a b")));
    assert_false(drsw_user_name_valid(drs_str("a:b")));
    assert_false(drsw_user_name_valid(drs_strn("a\0b", 3)));

    memset(longest, 'a', sizeof(longest));
    assert_true(drsw_user_name_valid(drs_strn(longest, 64)));
    assert_false(drsw_user_name_valid(drs_strn(longest, 65)));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner_of_a_dead_process),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_log_redacts),
        cmocka_unit_test(test_log_line_is_json),
        cmocka_unit_test(test_key_files),
        cmocka_unit_test(test_user_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
