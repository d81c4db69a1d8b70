
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drs_exec.h"
#include "drs_json.h"
#include "drs_time.h"
#include "drsw_engine.h"


#define fv(...)                                                                \
    (const drs_str_t *) (drs_str_t[])                                          \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define s_(z)                                                                  \
    {                                                                          \
        sizeof(z) - 1, z                                                       \
    }


static drs_exec_error_t err;


static drs_exec_t *
header(void)
{
    drs_exec_t      *e;
    const drs_str_t *v;

    e = drs_exec_new("e1");
    v = fv(s_("status"), s_("POLLING"), s_("ver"), s_("12"), s_("wavesTotal"),
           s_("1"), s_("type"), s_("DRILL"), s_("planId"), s_("p1"),
           s_("cancel"), s_("1"), s_("pausedBeforeWave"), s_(""),
           s_("cancelOptions"), s_("{\"terminateLaunched\":true}"), s_("doc"),
           s_("{\"plan\":{\"maxParallelWaves\":3,\"priority\":2,"
              "\"interWaveDelaySeconds\":7,\"interServerDelaySeconds\":8}}"),
           s_("out"),
           s_("{\"mine\":[1],\"ending\":{\"event\":\"T19\","
              "\"code\":\"C\",\"message\":\"M\"},\"lastWaveEndMs\":5}"));
    assert_int_equal(drs_exec_load_header(e, v, 20, &err), DRS_OK);

    return e;
}


static void
header_is_read(void **state)
{
    drs_exec_t *e;

    e = header();
    assert_string_equal(e->status, "POLLING");
    assert_int_equal(e->ver, 12);
    assert_true(e->drill);
    assert_true(e->cancel);
    assert_true(e->terminate);
    assert_int_equal(e->paused_before, -1);
    assert_int_equal(e->max_parallel, 3);
    assert_int_equal(e->priority, 2);
    assert_int_equal(e->wave_delay_s, 7);
    assert_int_equal(e->server_delay_s, 8);
    assert_string_equal(e->ending, "T19");
    assert_string_equal(e->ending_message, "M");
    assert_int_equal(e->wave_ended_at, 5);
    drs_exec_free(e);
}


static void
out_keeps_what_it_does_not_know(void **state)
{
    json_t     *v;
    drs_buf_t   b;
    drs_exec_t *e;

    e = header();
    e->finalised = true;
    e->ending = "";
    drs_buf_init(&b, 0);
    assert_int_equal(drs_exec_out_doc(&b, e), DRS_OK);
    v = drs_json_parse(drs_buf_str(&b), NULL, NULL);
    assert_non_null(v);
    assert_int_equal(json_array_size(json_object_get(v, "mine")), 1);
    assert_true(json_is_true(json_object_get(v, "finalised")));
    assert_null(json_object_get(v, "ending"));
    json_decref(v);
    drs_buf_free(&b);
    drs_exec_free(e);
}


/* A time that no clock shows is cut, not computed with. */
static void
times_out_of_range_are_cut(void **state)
{
    drs_exec_t      *e;
    const drs_str_t *v;

    (void) state;
    e = header();
    assert_int_equal(
        drs_exec_load_server(e, drs_str("s-a"),
                             drs_str("{\"waveNumber\":0,\"launchTime\":"
                                     "9223372036854775807,\"phaseSince\":"
                                     "-9223372036854775808}"),
                             &err),
        DRS_OK);
    assert_int_equal(e->servers[0].launch_at, DRS_TIME_MAX_S * 1000);
    assert_int_equal(e->servers[0].phase_since_at, DRS_TIME_MIN_S * 1000);

    v = fv(s_("state"), s_("HELD"), s_("doc"),
           s_("{\"held\":{\"since\":9223372036854775807}}"));
    assert_int_equal(drs_exec_load_unit(e, drs_str("0-1"), v, 4, &err), DRS_OK);
    assert_int_equal(e->units[0].held_at, DRS_TIME_MAX_S * 1000);
    drs_exec_free(e);
}


static void
wave_survives_a_round_trip(void **state)
{
    drs_buf_t        b;
    drs_exec_t      *e, *again;
    drs_exec_wave_t *w, *x;
    const drs_str_t *v;

    e = header();
    v = fv(s_("status"), s_("IN_PROGRESS"), s_("ver"), s_("4"), s_("doc"),
           s_("{\"waveNumber\":0,\"waveName\":\"db\",\"protectionGroupIds\":"
              "[\"g1\",\"g2\"],\"serverIds\":[\"s-a\"],\"pauseBeforeWave\":"
              "true,\"failurePolicy\":\"CONTINUE\",\"minLaunchedPercent\":40,"
              "\"optionalServerIds\":[\"s-b\"],\"autoRetryFailed\":2,"
              "\"emptyWavePolicy\":\"SKIP\",\"deadlineMinutes\":30,"
              "\"waitForLaunchActions\":true,\"preWaveActions\":{\"x\":1}}"));
    assert_int_equal(drs_exec_load_wave(e, 0, v, 6, &err), DRS_OK);
    assert_int_equal(drs_exec_load_done(e, &err), DRS_OK);

    w = drs_exec_wave(e, 0);
    assert_int_equal(w->ngroups, 2);
    assert_int_equal(w->policy, DRS_POLICY_CONTINUE);
    assert_int_equal(w->min_launched, 40);
    assert_int_equal(w->auto_retry, 2);
    assert_true(w->empty_skip && w->pause_before && w->wait_actions);
    assert_true(w->selected);
    assert_int_equal(w->deadline_min, 30);

    w->attempt = 2;
    w->deadline_at = 1700000000123;
    w->held_at = 77;
    w->reason = DRS_REASON_CAPACITY;
    w->phase = DRS_PHASE_SNAPSHOT;
    w->error_code = "X";
    w->error_message = "because";
    w->next_seq = 3;
    w->resolved = w->handled = true;
    w->selected = false;

    drs_buf_init(&b, 0);
    assert_int_equal(drs_exec_wave_doc(&b, w), DRS_OK);
    assert_non_null(strstr(b.data, "\"preWaveActions\":{\"x\":1}"));
    assert_non_null(strstr(b.data, "\"statusReason\":"
                                   "\"WAITING_FOR_CAPACITY\""));
    assert_non_null(strstr(b.data, "\"deadlineAt\":1700000000,"));

    again = header();
    v = fv(s_("status"), s_("IN_PROGRESS"), s_("doc"), { b.len, b.data });
    assert_int_equal(drs_exec_load_wave(again, 0, v, 4, &err), DRS_OK);
    x = drs_exec_wave(again, 0);
    assert_int_equal(x->attempt, 2);
    assert_int_equal(x->deadline_at, 1700000000123);
    assert_int_equal(x->held_at, 77);
    assert_int_equal(x->phase, DRS_PHASE_SNAPSHOT);
    assert_string_equal(x->error_message, "because");
    assert_int_equal(x->next_seq, 3);
    assert_true(x->resolved && x->handled && !x->selected);

    drs_buf_free(&b);
    drs_exec_free(again);
    drs_exec_free(e);
}


static void
wave0(drs_exec_t *e)
{
    const drs_str_t *v;

    v = fv(s_("status"), s_("PENDING"), s_("doc"), s_("{}"));
    assert_int_equal(drs_exec_load_wave(e, 0, v, 4, &err), DRS_OK);
}


static void
unit_survives_a_round_trip(void **state)
{
    drs_buf_t        b, o;
    drs_exec_t      *e, *again;
    drs_exec_unit_t *u;
    const drs_str_t *v;

    e = header();
    wave0(e);
    v = fv(s_("state"), s_("INTENT"), s_("ver"), s_("5"), s_("account"),
           s_("111111111111"), s_("region"), s_("eu-west-1"), s_("servers"),
           s_("s-a s-b"), s_("attempt"), s_("2"), s_("maxAttempts"), s_("3"),
           s_("open"), s_("1:100:w:1 2:200:w2"), s_("jobs"), s_("j1"),
           s_("jobId"), s_("j1"), s_("nextAt"), s_("9"), s_("intentAt"),
           s_("200"), s_("launchKey"), s_("k"));
    assert_int_equal(drs_exec_load_unit(e, drs_str("0-4"), v, 26, &err),
                     DRS_OK);
    assert_int_equal(drs_exec_load_done(e, &err), DRS_OK);

    u = drs_exec_unit(e, "0-4");
    assert_int_equal(u->nservers, 2);
    assert_int_equal(u->nopen, 2);
    assert_int_equal(u->open[0].at, 100);
    assert_string_equal(u->open[0].owner, "w:1");
    assert_string_equal(u->open[1].owner, "w2");
    assert_true(drs_exec_unit_knows(u, "j1"));
    assert_false(drs_exec_unit_knows(u, ""));
    assert_true(drs_exec_unit_has(u, "s-b"));
    assert_int_equal(e->waves[0].next_seq, 5);

    u->conflicts = 2;
    u->conflict_servers = "s-a";
    u->job_status = DRS_JOB_STARTED;
    u->ended = "j1";
    u->held = "{\"since\":5,\"reason\":\"R\",\"candidates\":[]}";
    u->config_done = true;
    u->log_seen = 9;
    drs_buf_init(&b, 0);
    drs_buf_init(&o, 0);
    assert_int_equal(drs_exec_unit_doc(&b, u), DRS_OK);
    assert_int_equal(drs_exec_open_text(&o, u), DRS_OK);
    assert_string_equal(o.data, "1:100:w:1 2:200:w2");

    again = header();
    v = fv(s_("state"), s_("HELD"), s_("doc"), { b.len, b.data });
    assert_int_equal(drs_exec_load_unit(again, drs_str("0-4"), v, 4, &err),
                     DRS_OK);
    u = drs_exec_unit(again, "0-4");
    assert_int_equal(u->conflicts, 2);
    assert_int_equal(u->job_status, DRS_JOB_STARTED);
    assert_int_equal(u->held_at, 5000);
    assert_string_equal(u->held_reason, "R");
    assert_string_equal(u->ended, "j1");
    assert_int_equal(u->log_seen, 9);
    assert_true(u->config_done);

    drs_buf_free(&b);
    drs_buf_free(&o);
    drs_exec_free(again);
    drs_exec_free(e);
}


static void
server_survives_a_round_trip(void **state)
{
    drs_buf_t          b;
    drs_exec_t        *e, *again;
    drs_exec_server_t *s;

    e = header();
    wave0(e);
    (void) drs_exec_add_server(e, "s-b");
    (void) drs_exec_add_server(e, "s-c");
    s = drs_exec_add_server(e, "s-a");
    assert_string_equal(e->servers[0].id, "s-a");
    s->unit = "0-0";
    s->status = DRS_LAUNCH_LAUNCHED;
    s->attempt = 2;
    s->optional = true;
    s->instance = "i-1";
    s->launched_at = 1700000000000;
    s->rp_previous = true;
    s->actions = "[{\"name\":\"a\"}]";
    s->error = "\"quoted\"";

    drs_buf_init(&b, 0);
    assert_int_equal(drs_exec_server_doc(&b, s), DRS_OK);
    again = header();
    assert_int_equal(
        drs_exec_load_server(again, drs_str("s-a"), drs_buf_str(&b), &err),
        DRS_OK);
    s = drs_exec_server(again, "s-a");
    assert_int_equal(s->status, DRS_LAUNCH_LAUNCHED);
    assert_int_equal(s->attempt, 2);
    assert_true(s->optional && s->rp_previous);
    assert_string_equal(s->instance, "i-1");
    assert_int_equal(s->launched_at, 1700000000000);
    assert_string_equal(s->actions, "[{\"name\":\"a\"}]");
    assert_string_equal(s->error, "\"quoted\"");
    drs_buf_free(&b);
    drs_exec_free(again);
    drs_exec_free(e);
}


static void
broken_data_is_named(void **state)
{
    drs_exec_t      *e;
    const drs_str_t *v;

    e = drs_exec_new("e1");
    v = fv(s_("ver"), s_("x"));
    assert_int_equal(drs_exec_load_header(e, v, 2, &err), DRS_DECLINED);
    assert_string_equal(err.text, "execution: field \"ver\" is not a number");
    drs_exec_free(e);

    e = header();
    v = fv(s_("status"), s_("WHAT"), s_("doc"), s_("{}"));
    assert_int_equal(drs_exec_load_wave(e, 0, v, 4, &err), DRS_DECLINED);
    assert_string_equal(err.text,
                        "wave 0: field \"status\" has an unknown value");
    drs_exec_free(e);

    e = header();
    v = fv(s_("status"), s_("PENDING"), s_("doc"),
           s_("{\"dependsOnWaves\":[4]}"));
    assert_int_equal(drs_exec_load_wave(e, 0, v, 4, &err), DRS_DECLINED);
    drs_exec_free(e);

    e = header();
    assert_int_equal(drs_exec_load_done(e, &err), DRS_DECLINED);
    wave0(e);
    v = fv(s_("state"), s_("PLANNED"), s_("open"), s_("1:"));
    assert_int_equal(drs_exec_load_unit(e, drs_str("0-0"), v, 4, &err),
                     DRS_DECLINED);
    assert_int_equal(drs_exec_load_unit(e, drs_str("zero"), v, 2, &err),
                     DRS_DECLINED);
    assert_int_equal(drs_exec_load_unit(e, drs_str("7-0"), v, 2, &err), DRS_OK);
    assert_int_equal(drs_exec_load_done(e, &err), DRS_DECLINED);
    assert_int_equal(
        drs_exec_load_server(e, drs_str("s-a"), drs_str("[]"), &err),
        DRS_DECLINED);
    drs_exec_free(e);
}


static void
copy_does_not_touch_the_original(void **state)
{
    drs_exec_t        *e, *c;
    drs_exec_server_t *s;

    e = header();
    wave0(e);
    s = drs_exec_add_server(e, "s-a");
    s->name = "one";
    c = drs_exec_clone(e);
    drs_exec_server(c, "s-a")->name = "two";
    (void) drs_exec_add_server(c, "s-b");
    (void) drs_exec_add_unit(c, 0);
    assert_int_equal(e->nservers, 1);
    assert_int_equal(e->nunits, 0);
    assert_string_equal(drs_exec_server(e, "s-a")->name, "one");
    drs_exec_free(e); /* the copy outlives it */
    assert_string_equal(c->waves[0].name, "");
    assert_string_equal(drs_exec_server(c, "s-a")->id, "s-a");
    drs_exec_free(c);
}


static void
counts_follow_the_classes(void **state)
{
    int                              i;
    char                             id[16];
    drs_exec_t                      *e;
    drs_exec_counts_t                w, c;
    drs_exec_server_t               *s;
    static const drs_launch_status_t all[] = {
        DRS_LAUNCH_PENDING, DRS_LAUNCH_IN_PROGRESS, DRS_LAUNCH_LAUNCHED,
        DRS_LAUNCH_FAILED,  DRS_LAUNCH_TERMINATED,  DRS_LAUNCH_CANCELLED
    };

    e = header();
    wave0(e);
    for (i = 0; i < 6; i++) {
        (void) snprintf(id, sizeof(id), "s-%d", i);
        s = drs_exec_add_server(e, id);
        s->status = all[i];
    }

    drs_exec_counts(e, &w, &c);
    assert_int_equal(w.pending, 1);
    assert_int_equal(c.total, 6);
    assert_int_equal(c.pending, 2);
    assert_int_equal(c.launched, 1);
    assert_int_equal(c.failed, 1);
    assert_int_equal(c.cancelled, 2);
    assert_int_equal(drs_exec_permille(e), 0);
    e->waves[0].status = DRS_WAVE_TIMEOUT;
    drs_exec_counts(e, &w, &c);
    assert_int_equal(w.failed, 1);
    assert_int_equal(drs_exec_permille(e), 1000);
    drs_exec_free(e);
}


static void
names_both_ways(void **state)
{
    int i;

    for (i = 0; i < DRS_WAVE_STATUS_N; i++) {
        assert_int_equal(drs_wave_status_by_name(drs_str(
                             drs_wave_status_name((drs_wave_status_t) i))),
                         i);
    }
    for (i = 0; i < DRS_UNIT_STATE_N; i++) {
        assert_int_equal(drs_unit_state_by_name(drs_str(
                             drs_unit_state_name((drs_unit_state_t) i))),
                         i);
    }
    for (i = 0; i < DRS_LAUNCH_STATUS_N; i++) {
        assert_int_equal(drs_launch_status_by_name(drs_str(
                             drs_launch_status_name((drs_launch_status_t) i))),
                         i);
    }
    assert_int_equal(drs_phase_by_name(drs_str("")), -1);
    assert_string_equal(drs_phase_name(DRS_PHASE_NONE), "");
    assert_int_equal(drs_reason_by_name(drs_str("UNIT_HELD")), DRS_REASON_HELD);
}


static void
job_observation_round_trip(void **state)
{
    drs_buf_t         b;
    drsw_job_t        job, again;
    drs_arena_t      *a;
    drsw_job_server_t s = { "s-a", DRS_LAUNCH_LAUNCHED, "i-1",
                            "[{\"name\":\"x\"}]" };
    drsw_log_item_t   it = { 5, "LAUNCH_START", "s-a", "", "i-1", "", 1, 3 };

    memset(&job, 0, sizeof(job));
    job.id = "drsjob-1";
    job.type = "LAUNCH";
    job.initiated_by = "START_DRILL";
    job.status = DRS_JOB_STARTED;
    job.created_at = 1000;
    job.seen_at = 2000;
    job.missing = true;
    job.tag = job.owner = "";
    job.servers = &s;
    job.nservers = 1;
    job.log = &it;
    job.nlog = 1;

    drs_buf_init(&b, 0);
    assert_int_equal(drsw_job_encode(&b, &job), DRS_OK);
    a = drs_arena_new(NULL);
    assert_int_equal(drsw_job_decode(a, drs_buf_str(&b), &again), DRS_OK);
    assert_string_equal(again.id, "drsjob-1");
    assert_int_equal(again.status, DRS_JOB_STARTED);
    assert_true(again.missing);
    assert_int_equal(again.created_at, 1000);
    assert_int_equal(again.servers[0].status, DRS_LAUNCH_LAUNCHED);
    assert_string_equal(again.servers[0].actions, "[{\"name\":\"x\"}]");
    assert_string_equal(again.log[0].event, "LAUNCH_START");
    assert_int_equal(again.log[0].max_attempts, 3);
    assert_string_equal(again.owner, "");
    assert_int_equal(drsw_job_decode(a, drs_str("{}"), &again), DRS_DECLINED);
    assert_int_equal(drsw_job_decode(a, drs_str("x"), &again), DRS_DECLINED);
    drs_arena_free(a);
    drs_buf_free(&b);
}


static void
arena_grows_and_shares(void **state)
{
    void        *base;
    size_t       n, cap, i;
    drs_arena_t *a, *b;
    const char  *z;

    a = drs_arena_new(NULL);
    z = drs_arena_strz(a, "kept");
    base = NULL;
    n = cap = 0;

    for (i = 0; i < 5000; i++) {
        *(size_t *) drs_arena_push(a, &base, &n, &cap, sizeof(size_t)) = i;
    }

    assert_int_equal(((size_t *) base)[4999], 4999);
    assert_non_null(drs_arena_alloc(a, 1 << 20));
    assert_null(drs_arena_array(a, (size_t) -1, 8));
    b = drs_arena_new(a);
    drs_arena_free(a);
    assert_string_equal(z, "kept");
    assert_string_equal(drs_arena_printf(b, "%d-%s", 7, "x"), "7-x");
    drs_arena_free(b);
    drs_arena_free(NULL);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_read),
        cmocka_unit_test(out_keeps_what_it_does_not_know),
        cmocka_unit_test(times_out_of_range_are_cut),
        cmocka_unit_test(wave_survives_a_round_trip),
        cmocka_unit_test(unit_survives_a_round_trip),
        cmocka_unit_test(server_survives_a_round_trip),
        cmocka_unit_test(broken_data_is_named),
        cmocka_unit_test(copy_does_not_touch_the_original),
        cmocka_unit_test(counts_follow_the_classes),
        cmocka_unit_test(names_both_ways),
        cmocka_unit_test(job_observation_round_trip),
        cmocka_unit_test(arena_grows_and_shares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
