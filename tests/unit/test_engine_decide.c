
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The evidence table of the launch protocol, row by row, and its windows.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drsw_engine.h"


#define T0 INT64_C(1700000000000)
#define S  INT64_C(1000)


typedef struct {
    drs_exec_unit_t    u;
    drsw_settings_t    set;
    drsw_look_t        look;
    drsw_job_t         jobs[4];
    drsw_last_launch_t last[2];
    drsw_evidence_t    ev;
    drsw_decision_t    d;
    const char        *known[2];
} case_t;

static const char             *servers[] = { "s-a", "s-b" };
static const drsw_job_server_t exact[] = {
    { "s-b", DRS_LAUNCH_PENDING, "", "" },
    { "s-a", DRS_LAUNCH_PENDING, "", "" },
    { "s-z", DRS_LAUNCH_PENDING, "", "" }
};


/* An INTENT sent at T0, looked for `after` ms later. */
static void
begin(case_t *c, int64_t after)
{
    memset(c, 0, sizeof(case_t));
    drsw_settings_init(&c->set);
    drs_exec_unit_clear(&c->u);
    c->u.id = "0-0";
    c->u.state = DRS_UNIT_INTENT;
    c->u.servers = servers;
    c->u.nservers = 2;
    c->u.attempt = 1;
    c->u.max_attempts = 3;
    c->u.nopen = 1;
    c->u.open[0].attempt = 1;
    c->u.open[0].at = T0;
    c->u.open[0].owner = "w1";
    c->u.jobs = c->known;
    c->look.unit = "0-0";
    c->look.ok = true;
    c->look.at = T0 + after;
    c->look.jobs = c->jobs;
    c->look.last = c->last;
    c->ev.look = &c->look;
    c->ev.drill = true;
    c->ev.self = "e1 0-0";
}


static drsw_job_t *
job(case_t *c, const char *id, int64_t after, size_t n)
{
    drsw_job_t *j;

    j = &c->jobs[c->look.njobs++];
    memset(j, 0, sizeof(drsw_job_t));
    j->id = id;
    j->type = "LAUNCH";
    j->initiated_by = "START_DRILL";
    j->status = DRS_JOB_PENDING;
    j->created_at = T0 + after;
    j->tag = j->owner = "";
    j->servers = exact;
    j->nservers = n;

    return j;
}


static void
last(case_t *c, const char *server, const char *id, int64_t after)
{
    drsw_last_launch_t *l;

    l = &c->last[c->look.nlast++];
    l->server = server;
    l->job = id;
    l->at = T0 + after;
    l->status = l->instance = l->instance_job = "";
}


static drsw_do_t
decide(case_t *c)
{
    drsw_unit_decide(&c->u, &c->ev, &c->set, c->look.at, &c->d);

    return c->d.what;
}


static void
one_exact_match_in_the_window_is_adopted(void **state)
{
    case_t c;

    begin(&c, 10 * S);
    (void) job(&c, "j1", 2 * S, 2);
    last(&c, "s-a", "j1", 2 * S);
    last(&c, "s-b", "j0", -3600 * S);
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
    assert_string_equal(c.d.job, "j1");
    assert_int_equal(c.d.attempt, 1);

    /* the AWS clock may be 5 s behind */
    c.jobs[0].created_at = T0 - 5 * S;
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
    c.jobs[0].created_at = T0 - 6 * S;
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
}


static void
exact_match_outside_the_window_is_held(void **state)
{
    case_t c;

    begin(&c, 200 * S);
    (void) job(&c, "j1", 100 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "JOB_OUTSIDE_WINDOW");
}


static void
several_exact_matches_are_held(void **state)
{
    case_t c;

    begin(&c, 10 * S);
    (void) job(&c, "j1", 1 * S, 2);
    (void) job(&c, "j2", 2 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "SEVERAL_JOBS");
}


static void
other_sets_types_initiators_and_owners_are_never_ours(void **state)
{
    case_t      c;
    drsw_job_t *j;

    begin(&c, 10 * S);
    j = job(&c, "j1", 1 * S, 3); /* more servers */
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->nservers = 1; /* fewer */
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->nservers = 2;
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
    j->type = "TERMINATE";
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->type = "LAUNCH";
    j->initiated_by = "START_RECOVERY";
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->initiated_by = "START_DRILL";
    j->owner = "e2 0-0";
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->owner = "e1 0-0";
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
    j->tag = "other-key";
    c.u.launch_key = "key";
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    j->tag = "key";
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
}


static void
empty_list_counts_when_every_server_points_to_the_job(void **state)
{
    case_t c;

    begin(&c, 10 * S);
    (void) job(&c, "j1", 1 * S, 0);
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    last(&c, "s-a", "j1", 1 * S);
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    last(&c, "s-b", "j1", 1 * S);
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
}


static void
server_pointing_elsewhere_contradicts(void **state)
{
    case_t c;

    begin(&c, 10 * S);
    (void) job(&c, "j1", 1 * S, 2);
    last(&c, "s-a", "j1", 1 * S);
    last(&c, "s-b", "j9", 2 * S);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "SERVERS_POINT_ELSEWHERE");
}


static void
nothing_but_an_unknown_launch_is_held(void **state)
{
    case_t c;

    begin(&c, 90 * S);
    last(&c, "s-a", "j9", 1 * S);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "UNKNOWN_LAUNCH");

    /* a listed job of somebody else explains it */
    (void) job(&c, "j9", 1 * S, 3);
    assert_int_equal(decide(&c), DRSW_DO_RETRY);
}


static void
nothing_waits_for_the_window(void **state)
{
    case_t c;

    begin(&c, 89 * S);
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    assert_int_equal(c.d.next_at, T0 + 94 * S);
    begin(&c, 90 * S);
    assert_int_equal(decide(&c), DRSW_DO_RETRY);

    begin(&c, 959 * S);
    c.set.strict = true;
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    begin(&c, 960 * S);
    c.set.strict = true;
    assert_int_equal(decide(&c), DRSW_DO_RETRY);
    assert_int_equal(c.d.close, 1);
}


static void
the_look_must_be_younger_than_the_window(void **state)
{
    case_t c;

    begin(&c, 50 * S);
    drsw_unit_decide(&c.u, &c.ev, &c.set, T0 + 500 * S, &c.d);
    assert_int_equal(c.d.what, DRSW_DO_LOOK);
}


static void
the_newest_send_counts(void **state)
{
    case_t c;

    begin(&c, 100 * S);
    c.u.nopen = 2;
    c.u.open[1].attempt = 2;
    c.u.open[1].at = T0 + 50 * S;
    c.u.open[1].owner = "w1";
    assert_int_equal(decide(&c), DRSW_DO_WAIT);

    /* of several sends none is closed by an adoption */
    (void) job(&c, "j1", 51 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
    assert_int_equal(c.d.attempt, 0);
}


static void
used_up_attempts_are_held_and_a_cancel_cancels(void **state)
{
    case_t c;

    begin(&c, 90 * S);
    c.u.attempt = c.u.open[0].attempt = 3;
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "ATTEMPTS_USED_UP");
    c.ev.cancelled = true;
    assert_int_equal(decide(&c), DRSW_DO_CANCEL);

    begin(&c, 50 * S);
    c.ev.cancelled = true;
    assert_int_equal(decide(&c), DRSW_DO_WAIT);

    /* a job that is found is recorded all the same */
    (void) job(&c, "j1", 1 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
}


static void
without_a_look_one_is_asked_for(void **state)
{
    case_t c;

    begin(&c, 4 * S);
    c.ev.look = NULL;
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
    assert_int_equal(c.d.next_at, T0 + 5 * S);
    c.look.at = T0 + 5 * S;
    assert_int_equal(decide(&c), DRSW_DO_LOOK);
    c.u.look_at = T0 + 5 * S;
    c.look.at = T0 + 9 * S;
    assert_int_equal(decide(&c), DRSW_DO_WAIT);
}


static void
refused_sends_only_make_it_planned_again(void **state)
{
    case_t c;

    begin(&c, 1 * S);
    c.u.nopen = 0;
    assert_int_equal(decide(&c), DRSW_DO_RETRY);
    c.ev.cancelled = true;
    assert_int_equal(decide(&c), DRSW_DO_CANCEL);
}


static void
the_watch_finds_late_jobs_and_ends_at_h(void **state)
{
    int                           i;
    case_t                        c;
    static const drs_unit_state_t states[] = { DRS_UNIT_PLANNED,
                                               DRS_UNIT_STARTED, DRS_UNIT_DONE,
                                               DRS_UNIT_FAILED,
                                               DRS_UNIT_CANCELLED };

    for (i = 0; i < 5; i++) {
        begin(&c, 600 * S);
        c.u.state = states[i];
        assert_int_equal(decide(&c), DRSW_DO_WAIT);
        assert_int_equal(c.d.next_at, T0 + 630 * S);
        assert_int_equal(c.d.close, 0);

        (void) job(&c, "j1", 500 * S, 2);
        assert_int_equal(decide(&c), DRSW_DO_STRAY);
        assert_string_equal(c.d.job, "j1");

        /* known already */
        c.known[0] = "j1";
        c.u.njobs = 1;
        assert_int_equal(decide(&c), DRSW_DO_WAIT);

        c.look.at = T0 + 960 * S;
        assert_int_equal(decide(&c), DRSW_DO_NOTHING);
        assert_int_equal(c.d.close, 1);
    }
}


static void
held_unit_renews_its_evidence_once(void **state)
{
    case_t c;

    begin(&c, 100 * S);
    c.u.state = DRS_UNIT_HELD;
    c.u.held_reason = "SEVERAL_JOBS";
    c.u.held = "{\"candidates\":[{\"jobId\":\"j1\"}]}";
    (void) job(&c, "j1", 1 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_WAIT);

    /* the second one is new, although the first is not */
    (void) job(&c, "j2", 2 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "SEVERAL_JOBS");

    /* what waits for the operator is not closed */
    c.u.held = "j1 j2";
    c.look.at = T0 + 2000 * S;
    (void) decide(&c);
    assert_int_equal(c.d.close, 0);
}


static void
setting_hold_asks_an_operator(void **state)
{
    case_t c;

    begin(&c, 10 * S);
    c.set.hold_on_match = true;
    (void) job(&c, "j1", 1 * S, 2);
    assert_int_equal(decide(&c), DRSW_DO_HOLD);
    assert_string_equal(c.d.reason, "MATCH_NEEDS_OPERATOR");
    c.jobs[0].tag = "k"; /* a tag proves it */
    c.u.launch_key = "k";
    assert_int_equal(decide(&c), DRSW_DO_ADOPT);
}


static void
claims_are_released_when_nothing_can_happen_any_more(void **state)
{
    case_t c;

    begin(&c, 0);
    c.u.state = DRS_UNIT_DONE;
    assert_false(drsw_unit_releasable(&c.u, &c.set));
    c.u.nopen = 0;
    assert_true(drsw_unit_releasable(&c.u, &c.set));
    c.known[0] = "j1";
    c.known[1] = "j10";
    c.u.njobs = 2;
    assert_false(drsw_unit_releasable(&c.u, &c.set));
    c.u.ended = "j10";
    assert_false(drsw_unit_releasable(&c.u, &c.set));
    c.u.ended = "j10 j1";
    assert_true(drsw_unit_releasable(&c.u, &c.set));
    c.u.state = DRS_UNIT_HELD;
    assert_false(drsw_unit_releasable(&c.u, &c.set));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_exact_match_in_the_window_is_adopted),
        cmocka_unit_test(exact_match_outside_the_window_is_held),
        cmocka_unit_test(several_exact_matches_are_held),
        cmocka_unit_test(other_sets_types_initiators_and_owners_are_never_ours),
        cmocka_unit_test(empty_list_counts_when_every_server_points_to_the_job),
        cmocka_unit_test(server_pointing_elsewhere_contradicts),
        cmocka_unit_test(nothing_but_an_unknown_launch_is_held),
        cmocka_unit_test(nothing_waits_for_the_window),
        cmocka_unit_test(the_look_must_be_younger_than_the_window),
        cmocka_unit_test(the_newest_send_counts),
        cmocka_unit_test(used_up_attempts_are_held_and_a_cancel_cancels),
        cmocka_unit_test(without_a_look_one_is_asked_for),
        cmocka_unit_test(refused_sends_only_make_it_planned_again),
        cmocka_unit_test(the_watch_finds_late_jobs_and_ends_at_h),
        cmocka_unit_test(held_unit_renews_its_evidence_once),
        cmocka_unit_test(setting_hold_asks_an_operator),
        cmocka_unit_test(claims_are_released_when_nothing_can_happen_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
