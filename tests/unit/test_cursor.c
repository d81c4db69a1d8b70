/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_cursor.h"


static void
token_round_trip(void **state)
{
    drs_buf_t b, pos;

    static const char p[] = "name\0id with \xc3\xa4";

    (void) state;
    drs_buf_init(&b, 0);
    drs_buf_init(&pos, 0);

    assert_int_equal(drs_cursor_encode(&b, "pg", drs_strn(p, sizeof(p) - 1)),
                     DRS_OK);
    assert_int_equal(drs_cursor_decode(&pos, "pg", drs_buf_str(&b)), DRS_OK);
    assert_int_equal(pos.len, sizeof(p) - 1);
    assert_memory_equal(pos.data, p, sizeof(p) - 1);

    drs_buf_free(&b);
    drs_buf_free(&pos);
}


static void
damaged_and_foreign_tokens_are_refused(void **state)
{
    size_t    i;
    drs_buf_t b, pos;
    char      text[128];

    static const char *const bad[] = { "", "x", "!!!!", "AAAA", "null" };

    (void) state;
    drs_buf_init(&b, 0);
    drs_buf_init(&pos, 0);

    assert_int_equal(drs_cursor_encode(&b, "pg", drs_str("abc")), DRS_OK);
    assert_int_equal(drs_cursor_decode(&pos, "exec", drs_buf_str(&b)),
                     DRS_DECLINED);

    memcpy(text, b.data, b.len + 1);
    for (i = 0; i < b.len; i++) {
        text[i] = text[i] == 'A' ? 'B' : 'A';
        assert_int_equal(drs_cursor_decode(&pos, "pg", drs_strn(text, b.len)),
                         DRS_DECLINED);
        text[i] = b.data[i];
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(drs_cursor_decode(&pos, "pg", drs_str(bad[i])),
                         DRS_DECLINED);
    }

    drs_buf_free(&b);
    drs_buf_free(&pos);
}


static void
last_page_is_null(void **state)
{
    json_t   *v;
    drs_str_t none = drs_null_string;

    (void) state;

    v = drs_cursor_json("pg", none);
    assert_true(json_is_null(v));
    json_decref(v);

    v = drs_cursor_json("pg", drs_str("x"));
    assert_true(json_is_string(v));
    json_decref(v);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_round_trip),
        cmocka_unit_test(damaged_and_foreign_tokens_are_refused),
        cmocka_unit_test(last_page_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
