/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_cursor.h"
#include "drs_list_page.h"


static const drs_list_page_t jobs = { "jobs", "jobId" };
static const drs_list_page_t bare = { "", "id" };

#define THREE                                                                  \
    "{\"region\":\"r\",\"jobs\":[{\"jobId\":\"a\",\"x\":\"]},\"},"             \
    "{\"jobId\":\"b\"},{\"jobId\":\"c\"}],\"count\":3}"


/* The page as text; the position of the next one in `next`. */
static void
page(const char *body, const drs_list_page_t *spec, size_t limit,
     drs_buf_t *out, drs_buf_t *next, drs_str_t pos)
{
    drs_buf_reset(out);
    assert_int_equal(
        drs_list_page(out, next, drs_str(body), spec, "DRS5", limit, pos),
        DRS_OK);
}


static void
pages_of_an_object_follow_each_other(void **state)
{
    drs_buf_t out, one, two, pos;
    json_t   *v;
    drs_str_t none = drs_null_string;

    (void) state;
    drs_buf_init(&out, 0);
    drs_buf_init(&one, 0);
    drs_buf_init(&two, 0);
    drs_buf_init(&pos, 0);

    page(THREE, &jobs, 2, &out, &one, none);
    v = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(v);
    assert_int_equal(json_array_size(json_object_get(v, "jobs")), 2);
    assert_int_equal(drs_json_int(v, "count", -1), 2);
    assert_int_equal(drs_json_int(v, "totalCount", -1), 3);
    assert_string_equal(json_string_value(json_object_get(v, "region")), "r");

    /* the token of the answer is the position that was told */
    assert_int_equal(
        drs_cursor_decode(&pos, "DRS5", drs_json_field(v, "nextToken")),
        DRS_OK);
    assert_true(drs_str_eq(drs_buf_str(&pos), drs_buf_str(&one)));
    json_decref(v);

    page(THREE, &jobs, 2, &out, &two, drs_buf_str(&one));
    assert_string_equal(out.data,
                        "{\"region\":\"r\",\"jobs\":[{\"jobId\":\"c\"}],"
                        "\"count\":1,\"totalCount\":3,\"nextToken\":null}");
    assert_int_equal(two.len, 0);

    drs_buf_free(&out);
    drs_buf_free(&one);
    drs_buf_free(&two);
    drs_buf_free(&pos);
}


/* Elements that come and go between two pages neither repeat nor hide others. */
static void
a_page_goes_on_behind_the_last_element(void **state)
{
    size_t    i;
    drs_buf_t out, next;

    static const struct {
        const char *body, *pos, *want;
    } rows[] = { { "[{\"id\":1},{\"id\":2},{\"id\":3}]", "2:2",
                   "[{\"id\":3}]" },
                 /* one was added before, one removed */
                 { "[{\"id\":0},{\"id\":1},{\"id\":2},{\"id\":3}]", "2:2",
                   "[{\"id\":3}]" },
                 { "[{\"id\":2},{\"id\":3}]", "2:2", "[{\"id\":3}]" },
                 /* the element itself was removed: its place */
                 { "[{\"id\":1},{\"id\":3}]", "1:2", "[{\"id\":3}]" },
                 { "[{\"id\":1}]", "7:9", "[]" },
                 /* of two with the same key the one that was meant */
                 { "[{\"id\":1},{\"id\":1},{\"id\":3}]", "1:1",
                   "[{\"id\":1},{\"id\":3}]" },
                 /* plain texts name themselves; no key: the number */
                 { "[\"x\",\"y\"]", "1:\"x\"", "[\"y\"]" },
                 { "[{},{\"a\":[]}]", "1:", "[{\"a\":[]}]" },
                 { "[]", "", "[]" } };

    (void) state;
    drs_buf_init(&out, 0);
    drs_buf_init(&next, 0);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        page(rows[i].body, &bare, 10, &out, &next, drs_str(rows[i].pos));
        assert_string_equal(out.data, rows[i].want);
        assert_int_equal(next.len, 0);
    }

    drs_buf_free(&out);
    drs_buf_free(&next);
}


static void
what_is_no_position_or_no_list_is_refused(void **state)
{
    size_t    i;
    drs_buf_t out, next;
    drs_str_t none = drs_null_string;

    static const char *const positions[] = { "x", "1", ":", "-1:a",
                                             "1234567890:a" };
    static const char *const bodies[] = {
        "{}", "[]", "{\"jobs\":{}}", "", "{\"jobs\":[1,", "null"
    };

    (void) state;
    drs_buf_init(&out, 0);
    drs_buf_init(&next, 0);

    for (i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        assert_int_equal(drs_list_page(&out, &next, drs_str(THREE), &jobs,
                                       "DRS5", 2, drs_str(positions[i])),
                         DRS_DECLINED);
    }

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(drs_list_page(&out, &next, drs_str(bodies[i]), &jobs,
                                       "DRS5", 2, none),
                         DRS_DECLINED);
    }

    assert_int_equal(out.len, 0);
    drs_buf_free(&out);
    drs_buf_free(&next);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_an_object_follow_each_other),
        cmocka_unit_test(a_page_goes_on_behind_the_last_element),
        cmocka_unit_test(what_is_no_position_or_no_list_is_refused)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
