/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Helpers of the model tests.
 */

#ifndef MODEL_HELP_H_INCLUDED
#define MODEL_HELP_H_INCLUDED


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_model.h"


#define S1 "s-00000000000000001"
#define S2 "s-00000000000000002"
#define S3 "s-00000000000000003"
#define G1 "11111111-1111-4111-8111-111111111111"
#define G2 "22222222-2222-4222-8222-222222222222"
#define P1 "aaaaaaaa-1111-4111-8111-111111111111"


/* JSON with ' for " */
static inline json_t *
J(const char *text)
{
    char        *copy, *p;
    json_t      *v;
    json_error_t err;

    copy = strdup(text);
    assert_non_null(copy);

    for (p = copy; *p != '\0'; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    v = json_loads(copy, JSON_DECODE_ANY, &err);
    if (v == NULL) {
        fail_msg("bad JSON in test: %s: %s", err.text, copy);
    }

    free(copy);

    return v;
}


static inline drs_model_env_t
test_env(void)
{
    drs_model_env_t env;

    memset(&env, 0, sizeof(env));
    env.own_account = drs_str("111122223333");
    env.user = drs_str("ann@example.com");
    env.email = drs_str("ann@example.com");
    env.now_s = 1700000000;

    return env;
}


static inline void
assert_json(const json_t *v, const char *text)
{
    char   *got;
    json_t *want;

    want = J(text);

    if (!drs_json_equal(v, want)) {
        got = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
        print_error("got  %s\nwant %s\n", got != NULL ? got : "NULL", text);
        free(got);
        json_decref(want);
        fail();
    }

    json_decref(want);
}


/* Member at a JSON pointer. */
static inline void
assert_at(const json_t *doc, const char *pointer, const char *text)
{
    assert_json(drs_json_pointer(doc, pointer), text);
}


static inline void
assert_err(drs_model_error_t *e, drs_err_t want)
{
    if (e->err != want) {
        print_error("got %s (%s), want %s\n", drs_err_symbol(e->err),
                    e->message, drs_err_symbol(want));
    }

    assert_int_equal(e->err, want);
    drs_model_error_free(e);
}


#endif /* MODEL_HELP_H_INCLUDED */
