
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

#include "drs_store_exec.h"
#include "drs_store_work.h"


#define P         drs_str("{drs}")
#define MAX_WORDS 64


/* "FCALL|name|1|{drs}|..." */
static void
cmd_is(drs_cmd_t *c, const char *want)
{
    int    i;
    char   got[2048];
    size_t n;

    assert_true(drs_cmd_ok(c));
    n = 0;

    for (i = 0; i < c->argc; i++) {
        assert_true(n + c->argvlen[i] + 2 < sizeof(got));
        if (i > 0) {
            got[n++] = '|';
        }
        memcpy(got + n, c->argv[i], c->argvlen[i]);
        n += c->argvlen[i];
    }

    got[n] = '\0';
    drs_cmd_free(c);
    assert_string_equal(got, want);
}


/* views on the words of a literal, separated by '|' */
static drs_reply_t
reply(const char *text)
{
    drs_str_t        rest, item;
    drs_reply_t      r;
    static drs_str_t v[MAX_WORDS];

    r.n = 0;
    r.v = v;
    rest = drs_str(text);

    while (drs_str_split(&rest, '|', &item)) {
        assert_true(r.n < MAX_WORDS);
        v[r.n++] = item;
    }

    return r;
}


static void
test_answers(void **state)
{
    int64_t      i;
    uint64_t     u;
    drs_reply_t  r;
    drs_answer_t a;

    (void) state;

    r = reply("OK|7|x");
    assert_int_equal(drs_store_answer(&a, &r), DRS_OK);
    assert_true(a.ok);
    assert_int_equal(a.n, 2);
    assert_int_equal(drs_answer_i64(&a, 0, &i), DRS_OK);
    assert_int_equal(i, 7);
    assert_int_equal(drs_answer_u64(&a, 1, &u), DRS_ERROR);
    assert_int_equal(drs_answer_i64(&a, 2, &i), DRS_ERROR);
    assert_int_equal(drs_answer_str(&a, 2).len, 0);

    r = reply("OK");
    assert_int_equal(drs_store_answer(&a, &r), DRS_OK);
    assert_int_equal(a.n, 0);
}


static void
test_refusals(void **state)
{
    size_t       pos;
    drs_reply_t  r;
    drs_answer_t a;

    (void) state;

    r = reply("SERVER_CONFLICT|two|conflict|a e1|other|x|conflict|b e2");
    assert_int_equal(drs_store_answer(&a, &r), DRS_DECLINED);
    assert_false(a.ok);
    assert_true(drs_answer_is(&a, "SERVER_CONFLICT"));
    assert_false(drs_answer_is(&a, "OK"));
    assert_true(drs_str_eqz(a.text, "two"));
    assert_true(drs_str_eqz(drs_answer_detail(&a, "other", NULL), "x"));
    assert_int_equal(drs_answer_detail(&a, "x", NULL).len, 0);

    pos = 0;
    assert_true(drs_str_eqz(drs_answer_detail(&a, "conflict", &pos), "a e1"));
    assert_true(drs_str_eqz(drs_answer_detail(&a, "conflict", &pos), "b e2"));
    assert_int_equal(drs_answer_detail(&a, "conflict", &pos).len, 0);

    r = reply("LEASE_LOST");
    assert_int_equal(drs_store_answer(&a, &r), DRS_DECLINED);
    assert_int_equal(a.n, 0);
    assert_int_equal(a.text.len, 0);
}


static void
test_what_is_no_answer(void **state)
{
    drs_str_t    nil[] = { drs_null_string };
    drs_reply_t  r = { 0, NULL };
    drs_answer_t a;

    (void) state;

    assert_int_equal(drs_store_answer(&a, NULL), DRS_ERROR);
    assert_int_equal(drs_store_answer(&a, &r), DRS_ERROR);
    r.n = 1;
    r.v = nil;
    assert_int_equal(drs_store_answer(&a, &r), DRS_ERROR);
    r = reply("ERR unknown command");
    assert_int_equal(drs_store_answer(&a, &r), DRS_ERROR);
    r = reply("Ok|1");
    assert_int_equal(drs_store_answer(&a, &r), DRS_ERROR);
}


static void
test_fields_of_hgetall(void **state)
{
    drs_reply_t r;

    (void) state;

    r = reply("a|b|b|c|odd");
    assert_true(drs_str_eqz(drs_reply_field(&r, "b"), "c"));
    assert_int_equal(drs_reply_field(&r, "odd").len, 0);
}


static void
test_idempotency_answers(void **state)
{
    int64_t     status;
    drs_str_t   body;
    drs_idem_t  what;
    drs_reply_t r;

    (void) state;

    r = reply("OK|run|2");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body), DRS_OK);
    assert_int_equal(what, DRS_IDEM_RUN);
    r = reply("OK|replay|202|{}");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body), DRS_OK);
    assert_int_equal(what, DRS_IDEM_REPLAY);
    assert_int_equal(status, 202);
    assert_true(drs_str_eqz(body, "{}"));
    r = reply("OK|running");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body), DRS_OK);
    assert_int_equal(what, DRS_IDEM_RUNNING);
    r = reply("OK|reused");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body), DRS_OK);
    assert_int_equal(what, DRS_IDEM_REUSED);
    r = reply("OK|replay|x|{}");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body),
                     DRS_ERROR);
    r = reply("OK|else");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body),
                     DRS_ERROR);
    r = reply("BAD_CALL|x");
    assert_int_equal(drs_store_idem_answer(&r, &what, &status, &body),
                     DRS_ERROR);
}


static void
test_command_answers(void **state)
{
    drs_str_t                 body;
    drs_reply_t               r;
    drs_answer_t              a;
    int64_t                   tries;
    drs_cmd_begin_t           what;
    drs_exec_command_answer_t out;

    (void) state;

    r = reply("OK|run|2");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_OK);
    assert_int_equal(what, DRS_CMD_RUN);
    assert_int_equal(tries, 2);
    r = reply("OK|run");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_ERROR);
    r = reply("OK|dead");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_OK);
    assert_int_equal(what, DRS_CMD_DEAD);
    r = reply("OK|done|{}");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_OK);
    assert_int_equal(what, DRS_CMD_DONE);
    assert_true(drs_str_eqz(body, "{}"));
    r = reply("OK|expired");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_OK);
    assert_int_equal(what, DRS_CMD_EXPIRED);
    r = reply("OK|?");
    assert_int_equal(drs_store_cmd_begin_answer(&r, &what, &body, &tries),
                     DRS_ERROR);

    r = reply("OK|PAUSE_PENDING|POLLING|T7|{}");
    assert_int_equal(drs_store_exec_command_answer(&r, &a, &out), DRS_OK);
    assert_int_equal(out.status, DRS_EXEC_PAUSE_PENDING);
    assert_int_equal(out.previous, DRS_EXEC_POLLING);
    assert_true(drs_str_eqz(out.transition, "T7"));
    r = reply("EXECUTION_NOT_PAUSED|no|currentStatus|RUNNING");
    assert_int_equal(drs_store_exec_command_answer(&r, &a, &out), DRS_DECLINED);
    assert_true(drs_answer_is(&a, "EXECUTION_NOT_PAUSED"));
    r = reply("OK|PAUSED|WHAT|T7|{}");
    assert_int_equal(drs_store_exec_command_answer(&r, &a, &out), DRS_ERROR);
}


static void
test_tasks_of_a_claim(void **state)
{
    size_t       pos;
    uint64_t     fence;
    drs_str_t    task;
    drs_reply_t  r;
    drs_answer_t a;

    (void) state;

    r = reply("OK|exec:a|7|jwks|1");
    assert_int_equal(drs_store_answer(&a, &r), DRS_OK);
    pos = 0;
    assert_int_equal(drs_store_task_next(&a, &pos, &task, &fence), DRS_OK);
    assert_true(drs_str_eqz(task, "exec:a"));
    assert_int_equal(fence, 7);
    assert_int_equal(drs_store_task_next(&a, &pos, &task, &fence), DRS_OK);
    assert_int_equal(fence, 1);
    assert_int_equal(drs_store_task_next(&a, &pos, &task, &fence),
                     DRS_DECLINED);

    r = reply("OK|exec:a");
    assert_int_equal(drs_store_answer(&a, &r), DRS_OK);
    pos = 0;
    assert_int_equal(drs_store_task_next(&a, &pos, &task, &fence), DRS_ERROR);
    r = reply("OK|exec:a|x");
    assert_int_equal(drs_store_answer(&a, &r), DRS_OK);
    assert_int_equal(drs_store_task_next(&a, &pos, &task, &fence), DRS_ERROR);
}


static void
test_calls(void **state)
{
    drs_str_t     none = drs_null_string;
    drs_doc_op_t  op = { DRS_DOC_IDLE, drs_string("k"), drs_null_string,
                         drs_string("CODE") };
    drs_doc_put_t d = { 0 };

    (void) state;

    d.kind = DRS_DOC_PLAN;
    d.mode = DRS_DOC_UPDATE;
    d.id = drs_str("p1");
    d.version = 0;
    d.old_name = drs_str("a");
    d.new_name = drs_str("b");
    d.doc = drs_str("{}");
    d.ops = &op;
    d.nops = 1;
    d.deadline = 9;
    cmd_is(drs_store_doc_put(P, &d), "FCALL|drs_doc_put|1|{drs}|plan|p1|"
                                     "update|0|a|b|{}|-|-|1|idle|k||CODE|9");

    d.mode = DRS_DOC_DELETE;
    d.version = -1;
    d.doc = none;
    d.nops = 0;
    cmd_is(drs_store_doc_put(P, &d), "FCALL|drs_doc_put|1|{drs}|plan|p1|"
                                     "delete|-|a|b|-|-|-|0|9");

    cmd_is(
        drs_store_task_release(P, drs_str("t"), drs_str("w"), 3, DRS_DUE_KEPT),
        "FCALL|drs_task_release|1|{drs}|t|w|3|=");
    cmd_is(drs_store_task_release(P, drs_str("t"), drs_str("w"), 3,
                                  DRS_DUE_REMOVE),
           "FCALL|drs_task_release|1|{drs}|t|w|3|-");
    cmd_is(drs_store_task_release(P, drs_str("t"), drs_str("w"), 3, 5),
           "FCALL|drs_task_release|1|{drs}|t|w|3|5");
    cmd_is(drs_store_task_claim(P, drs_str("w"), 2, 1000, none),
           "FCALL|drs_task_claim|1|{drs}|w|2|1000|*");
    cmd_is(drs_store_unit_fact(P, drs_str("e"), drs_str("0-0"), 0, drs_str("j"),
                               none),
           "FCALL|drs_unit_fact|1|{drs}|e|0-0|-|j|-");
}


static void
test_commit(void **state)
{
    drs_cmd_t  *c;
    drs_lease_t lease = { drs_string("w1"), 4 };
    drs_pair_t  pair = { drs_string("state"), drs_string("DONE") };

    (void) state;

    c = drs_commit_begin(P, drs_str("e"), &lease, 3, DRS_SM_WAVE_DONE,
                         DRS_EXEC_RUNNING);
    assert_int_equal(drs_commit_header_i64(c, "launched", 2), DRS_OK);
    assert_int_equal(drs_commit_unit(c, drs_str("0-0"), 7, &pair, 1), DRS_OK);
    assert_int_equal(drs_commit_wave(c, 1, drs_str(""), drs_str("{}")), DRS_OK);
    assert_int_equal(drs_commit_final(c, 8), DRS_OK);
    cmd_is(c, "FCALL|drs_exec_commit|1|{drs}|e|4|w1|3|wave_done|RUNNING|4|"
              "h|launched|2|u|0-0|7|1|state|DONE|w|1|-|{}|final|8");

    cmd_is(
        drs_commit_begin(P, drs_str("e"), NULL, -1, DRS_SM_NONE, DRS_EXEC_NONE),
        "FCALL|drs_exec_commit|1|{drs}|e|-|-|-|-|-|0");

    assert_int_equal(drs_commit_header(NULL, "a", drs_str("b")), DRS_ERROR);
    assert_int_equal(drs_commit_unit(NULL, drs_str("0-0"), 7, &pair, 1),
                     DRS_ERROR);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_fields_of_hgetall),
        cmocka_unit_test(test_idempotency_answers),
        cmocka_unit_test(test_command_answers),
        cmocka_unit_test(test_tasks_of_a_claim),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_commit)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
