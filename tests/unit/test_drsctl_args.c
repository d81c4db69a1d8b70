
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl: command line, configuration, bodies, URLs.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drsctl.h"


#define N(a) (sizeof(a) / sizeof((a)[0]))


/* Splits a line at blanks; "_" stands for a blank inside a word. */

static int
parse(drsctl_args_t *a, const char *line, char *err)
{
    int         argc;
    char       *p;
    static char text[512], *argv[32];

    (void) snprintf(text, sizeof(text), "%s", line);
    argv[0] = (char *) "drsctl";
    argc = 1;

    for (p = strtok(text, " "); p != NULL; p = strtok(NULL, " ")) {
        argv[argc++] = p;
    }

    return drsctl_args_parse(a, argc, argv, err, 300);
}


static void
test_args_good(void **state)
{
    char          err[300];
    drsctl_args_t a;

    (void) state;

    assert_int_equal(parse(&a,
                           "--url https://x groups create web --tag a=b "
                           "--tag=c=d --region us-east-1 -q",
                           err),
                     DRS_OK);
    assert_string_equal(a.command->noun, "groups");
    assert_string_equal(a.command->verb, "create");
    assert_int_equal(a.n_operands, 1);
    assert_string_equal(a.operand[0], "web");
    assert_int_equal(a.value[DRSCTL_OPT_TAG].n, 2);
    assert_string_equal(a.value[DRSCTL_OPT_TAG].v[1], "c=d");
    assert_string_equal(drsctl_opt(&a, DRSCTL_OPT_URL), "https://x");
    assert_string_equal(drsctl_opt(&a, DRSCTL_OPT_QUIET), "");
    assert_null(drsctl_opt(&a, DRSCTL_OPT_CA));
    drsctl_args_free(&a);

    /* options before, between and after; the last value counts */
    assert_int_equal(parse(&a,
                           "--timeout 5 start --drill P --timeout=7 "
                           "--wait",
                           err),
                     DRS_OK);
    assert_string_equal(drsctl_opt(&a, DRSCTL_OPT_TIMEOUT), "7");
    assert_non_null(drsctl_opt(&a, DRSCTL_OPT_DRILL));
    drsctl_args_free(&a);

    /* "--" ends the options, "-" is an operand */
    assert_int_equal(parse(&a, "plans show -- --odd", err), DRS_OK);
    assert_string_equal(a.operand[0], "--odd");
    drsctl_args_free(&a);
    assert_int_equal(parse(&a, "import -", err), DRS_OK);
    assert_string_equal(a.operand[0], "-");
    drsctl_args_free(&a);

    assert_int_equal(parse(&a, "export -o x.json", err), DRS_OK);
    assert_string_equal(drsctl_opt(&a, DRSCTL_OPT_OUT), "x.json");
    drsctl_args_free(&a);
    assert_int_equal(parse(&a, "export -ox.json", err), DRS_OK);
    assert_string_equal(drsctl_opt(&a, DRSCTL_OPT_OUT), "x.json");
    drsctl_args_free(&a);
}


static void
test_args_bad(void **state)
{
    char          err[300];
    size_t        i;
    drsctl_args_t a;

    static const char *const rows[][2] = {
        { "", "no command given" },
        { "nope", "unknown command \"nope\"" },
        { "groups", "needs a further word" },
        { "groups explode", "unknown command \"groups explode\"" },
        { "groups list extra", "usage: drsctl groups list" },
        { "groups show", "usage: drsctl groups show GROUP" },
        { "groups show a b", "usage: drsctl groups show GROUP" },
        { "groups list --drill", "groups list does not take --drill" },
        { "start P --nope", "unknown option --nope" },
        { "start P --reason", "--reason needs a value" },
        { "start P --wait=1", "--wait takes no value" },
        { "start P -z", "unknown option -z" },
        { "start P -qx", "unknown option -qx" },
        { "a b c d e f g h i j k l m n o p q", "too many arguments" }
    };

    (void) state;

    for (i = 0; i < N(rows); i++) {
        assert_int_equal(parse(&a, rows[i][0], err), DRS_DECLINED);
        if (strstr(err, rows[i][1]) == NULL) {
            fail_msg("\"%s\": %s", rows[i][0], err);
        }
        drsctl_args_free(&a);
    }
}


static void
test_args_help(void **state)
{
    char          err[300];
    size_t        i;
    drs_buf_t     b;
    drsctl_args_t a;

    (void) state;

    assert_int_equal(parse(&a, "groups --help", err), DRS_OK);
    assert_null(a.command);
    assert_string_equal(a.noun, "groups");
    drsctl_args_free(&a);

    drs_buf_init(&b, 0);
    drsctl_help(&b, NULL, NULL);

    for (i = 0; i < drsctl_n_commands; i++) {
        assert_non_null(strstr(b.data, drsctl_commands[i].help));
    }

    drs_buf_reset(&b);
    drsctl_completion_bash(&b);
    assert_non_null(strstr(b.data, "\"groups create\") opts=\"$opts "
                                   "--region"));
    drs_buf_free(&b);
}


/* Every option belongs to some command and no two share a name. */

static void
test_args_table(void **state)
{
    int    i, k, used;
    size_t n;

    (void) state;

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        used = 0;

        for (n = 0; n < drsctl_n_commands; n++) {
            used |= drsctl_command_takes(&drsctl_commands[n], (drsctl_opt_t) i);
        }

        assert_true(used);

        for (k = 1; k < i; k++) {
            assert_string_not_equal(drsctl_options[i].name,
                                    drsctl_options[k].name);
            assert_true(drsctl_options[i].letter == 0
                        || drsctl_options[i].letter
                               != drsctl_options[k].letter);
        }
    }
}


/* -- configuration ---------------------------------------------------------------- */

static char *
no_env(const char *name)
{
    (void) name;

    return NULL;
}


static char *
some_env(const char *name)
{
    return strcmp(name, "DRS_URL") == 0  ? (char *) "https://env/api/"
           : strcmp(name, "DRS_CA") == 0 ? (char *) ""
           : strcmp(name, "HOME") == 0   ? (char *) "/nonexistent"
                                         : NULL;
}


static void
test_conf(void **state)
{
    char          err[600];
    size_t        i;
    drsctl_args_t a;
    drsctl_conf_t conf;

    static const char *const bad[][2] = {
        { "url", "line 1: \"name = value\" expected" },
        { "\n\nnope = 1", "line 3: unknown setting" },
        { "output = xml", "line 1: output must be" },
        { "timeout = 0", "line 1: timeout must be" },
        { "timeout = 1h", "line 1: timeout must be" },
        { "ca =", "line 1: ca has no value" }
    };

    (void) state;

    memset(&conf, 0, sizeof(conf));
    assert_int_equal(
        drsctl_conf_text(&conf,
                         drs_str("# comment\n url = https://h/api//\n\n"
                                 "output=json\r\ntimeout = 9\n"
                                 "token_file = /t=1\n"),
                         err, sizeof(err)),
        DRS_OK);
    assert_string_equal(conf.url, "https://h/api");
    assert_string_equal(conf.token_file, "/t=1");
    assert_true(conf.json);
    assert_int_equal(conf.timeout_s, 9);

    /* what is set stays */
    assert_int_equal(
        drsctl_conf_text(&conf, drs_str("url = https://i"), err, sizeof(err)),
        DRS_OK);
    assert_string_equal(conf.url, "https://h/api");
    drsctl_conf_free(&conf);

    for (i = 0; i < N(bad); i++) {
        assert_int_equal(
            drsctl_conf_text(&conf, drs_str(bad[i][0]), err, sizeof(err)),
            DRS_DECLINED);
        if (strstr(err, bad[i][1]) == NULL) {
            fail_msg("%s: %s", bad[i][0], err);
        }
        drsctl_conf_free(&conf);
    }

    assert_int_equal(parse(&a, "health --output json", err), DRS_OK);
    assert_int_equal(drsctl_conf_load(&conf, &a, some_env, err, sizeof(err)),
                     DRS_OK);
    assert_string_equal(conf.url, "https://env/api");
    assert_string_equal(conf.dir, "/nonexistent/.config/drsctl");
    assert_null(conf.ca);
    assert_true(conf.json);
    drsctl_conf_free(&conf);
    drsctl_args_free(&a);

    assert_int_equal(parse(&a, "health --config /nonexistent/c", err), DRS_OK);
    assert_int_equal(drsctl_conf_load(&conf, &a, no_env, err, sizeof(err)),
                     DRS_DECLINED);
    assert_non_null(strstr(err, "/nonexistent/c: No such file"));
    drsctl_conf_free(&conf);
    drsctl_args_free(&a);
}


/* -- URLs and bodies --------------------------------------------------------------- */

static void
test_url(void **state)
{
    size_t    i;
    drs_buf_t b;

    static const struct {
        const char *url;
        int         good;
    } rows[] = { { "https://drs.example/api", 1 },
                 { "https://[::1]:8443", 1 },
                 { "http://127.0.0.1:80/api", 1 },
                 { "http://localhost", 1 },
                 { "http://drs.example", 0 },
                 { "http://127.0.0.1.evil.example", 0 },
                 { "http://localhost@evil.example", 0 },
                 { "https://", 0 },
                 { "https:///api", 0 },
                 { "ftp://x", 0 },
                 { "", 0 },
                 { "https://x/?a=b", 0 },
                 { "https://x/ y", 0 },
                 { "https://u:p@x/", 0 } };

    (void) state;

    for (i = 0; i < N(rows); i++) {
        if ((drsctl_url_check(rows[i].url) == NULL) != rows[i].good) {
            fail_msg("%s", rows[i].url);
        }
    }

    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "/x");
    drsctl_path_add(&b, "a/../b ?");
    drsctl_query_add(&b, "none", NULL);
    drsctl_query_add(&b, "q", "K\xc3\xb6ln & co");
    drsctl_query_add(&b, "n", "");
    assert_string_equal(b.data,
                        "/x/a%2F..%2Fb%20%3F?q=K%C3%B6ln%20%26%20co&n=");
    drs_buf_free(&b);
}


static void
check_wave(const char *text, const char *expected)
{
    char    err[200], *got;
    json_t *wave;

    wave = drsctl_body_wave(text, err, sizeof(err));

    if (wave == NULL) {
        assert_null(expected);
        assert_non_null(strstr(err, "--wave"));
        return;
    }

    got = drs_json_text(wave, NULL);
    assert_string_equal(got, expected != NULL ? expected : "refused");
    free(got);
    json_decref(wave);
}


static void
test_body(void **state)
{
    char          err[300], *text;
    json_t       *v;
    drsctl_args_t a;

    (void) state;

    check_wave("web", "{\"groups\":[\"web\"]}");
    check_wave("Data base=db1, db2",
               "{\"waveName\":\"Data base\",\"groups\":[\"db1\",\"db2\"]}");
    check_wave("", NULL);
    check_wave("a,,b", NULL);
    check_wave("=a", NULL);

    v = drsctl_body_numbers("0, 2,10", "--waves", err, sizeof(err));
    text = drs_json_text(v, NULL);
    assert_string_equal(text, "[0,2,10]");
    free(text);
    json_decref(v);
    assert_null(drsctl_body_numbers("1,x", "--waves", err, sizeof(err)));
    assert_string_equal(err, "--waves \"1,x\" must be numbers separated by "
                             "commas");
    assert_null(drsctl_body_numbers("-1", "--waves", err, sizeof(err)));

    assert_int_equal(parse(&a, "groups create g --tag a=b=c --tag d=", err),
                     DRS_OK);
    v = drsctl_body_tags(&a, err, sizeof(err));
    text = drs_json_text(v, NULL);
    assert_string_equal(text, "{\"a\":\"b=c\",\"d\":\"\"}");
    free(text);
    json_decref(v);
    drsctl_args_free(&a);

    assert_int_equal(parse(&a, "groups create g --tag ab", err), DRS_OK);
    assert_null(drsctl_body_tags(&a, err, sizeof(err)));
    drsctl_args_free(&a);

    assert_int_equal(parse(&a, "plans update p --priority x", err), DRS_OK);
    v = json_object();
    assert_int_equal(drsctl_body_int(v, "priority", &a, DRSCTL_OPT_PRIORITY,
                                     err, sizeof(err)),
                     DRS_DECLINED);
    assert_string_equal(err, "--priority must be a whole number");
    json_decref(v);
    drsctl_args_free(&a);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_args_good), cmocka_unit_test(test_args_bad),
        cmocka_unit_test(test_args_help), cmocka_unit_test(test_args_table),
        cmocka_unit_test(test_conf),      cmocka_unit_test(test_url),
        cmocka_unit_test(test_body)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
