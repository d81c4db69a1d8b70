
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sequencing, units, limits, refusals, jobs (engine.md 1.7, 1.13, 2.3 to 2.11).
 */

#include "engine_world.h"


#define A "\"serverIds\":[\"s-a\",\"s-b\"]"
#define B "\"serverIds\":[\"s-c\"]"
#define C "\"serverIds\":[\"s-d\"]"
#define D "\"serverIds\":[\"s-e\"]"


static void
waves_without_dependencies_are_a_chain_even_in_parallel(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B, C };

    ew_init(&w, "\"maxParallelWaves\":5", waves, 3);
    ew_step(&w);
    assert_int_equal(w.calls, 1);
    assert_wave(&w, 1, "PENDING");
    ew_free(&w);
}


static void
diamond_runs_its_middle_in_parallel(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B ",\"dependsOnWaves\":[0]",
                            C ",\"dependsOnWaves\":[0]",
                            D ",\"dependsOnWaves\":[1,2]" };

    ew_init(&w, "\"maxParallelWaves\":4", waves, 4);
    ew_step(&w);
    assert_int_equal(w.calls, 1);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 1, "IN_PROGRESS");
    assert_wave(&w, 2, "IN_PROGRESS");
    assert_wave(&w, 3, "PENDING");

    ew_all(&w.jobs[1], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 1, "COMPLETED");
    assert_status(&w, "POLLING");
    assert_wave(&w, 3, "PENDING");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 3, "IN_PROGRESS");
    ew_free(&w);
}


static void
one_wave_at_a_time_by_default_lowest_first(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B ",\"dependsOnWaves\":[0]",
                            C ",\"dependsOnWaves\":[0]" };

    ew_init(&w, "", waves, 3);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 1, "IN_PROGRESS");
    assert_wave(&w, 2, "PENDING");
    ew_free(&w);
}


static void
failing_run_waits_for_the_other_waves_in_flight(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B ",\"dependsOnWaves\":[]",
                            C ",\"dependsOnWaves\":[0]" };

    ew_init(&w, "\"maxParallelWaves\":2", waves, 3);
    ew_step(&w);
    assert_int_equal(w.calls, 2);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_wave(&w, 0, "FAILED");
    assert_status(&w, "POLLING");
    assert_wave(&w, 2, "CANCELLED");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    assert_wave(&w, 1, "COMPLETED");
    ew_free(&w);
}


static void
cancelled_run_follows_the_job_of_a_wave_that_timed_out(void **state)
{
    ew_t        w;
    const char *waves[] = { A ",\"deadlineMinutes\":5", B,
                            C ",\"dependsOnWaves\":[1]" };

    ew_init(&w, "\"maxParallelWaves\":2", waves, 3);
    ew_step(&w);
    assert_int_equal(w.calls, 2);
    ew_at(&w, 6 * 60000);
    assert_wave(&w, 0, "TIMEOUT");
    assert_status(&w, "POLLING");
    w.e->cancel = true;
    w.e->status = "CANCELLING";

    /* the other wave ends first */

    ew_all(&w.jobs[1], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 1, "COMPLETED");
    assert_status(&w, "CANCELLING");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 60000);
    assert_status(&w, "PARTIAL");
    assert_int_equal(w.finals, 1);
    ew_free(&w);
}


static void
fact_after_the_release_is_released_again(void **state)
{
    ew_t        w;
    ew_job_t   *late;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    assert_int_equal(w.finals, 1);

    /* drs_unit_fact takes the servers back */

    late = ew_new_job(&w, drs_exec_unit(w.e, "0-0"));
    ew_fact(&w, "0-0", 1, late->id);
    ew_at(&w, 1000);
    assert_unit(&w, "0-0", "HELD");
    assert_int_equal(w.finals, 1);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_unit(&w, "0-0", "DONE");
    assert_int_equal(w.finals, 2);
    ew_free(&w);
}


static void
flagged_wave_holds_itself_and_its_dependents_only(void **state)
{
    ew_t        w;
    const char *waves[] = { A,
                            B ",\"dependsOnWaves\":[0],"
                              "\"pauseBeforeWave\":true",
                            C ",\"dependsOnWaves\":[0]" };

    ew_init(&w, "\"maxParallelWaves\":2", waves, 3);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 2, "IN_PROGRESS");
    assert_wave(&w, 1, "PENDING");
    assert_status(&w, "POLLING");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_int_equal(w.e->paused_before, 1);
    ew_free(&w);
}


static void
subset_of_waves_leaves_the_others_out(void **state)
{
    ew_t        w;
    const char *waves[] = { A ",\"selected\":false", B,
                            C ",\"selected\":false" };

    ew_init(&w, "", waves, 3);
    ew_step(&w);
    assert_wave(&w, 0, "CANCELLED");
    assert_wave(&w, 1, "IN_PROGRESS");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
empty_wave_fails_or_is_skipped(void **state)
{
    ew_t        w;
    const char *skip[] = { "\"emptyWavePolicy\":\"SKIP\"", B };

    ew_init(&w, "", skip, 2);
    ew_step(&w);
    assert_wave(&w, 0, "COMPLETED");
    assert_true(w.e->waves[0].skipped);
    assert_wave(&w, 1, "IN_PROGRESS");
    ew_free(&w);
}


static void
units_are_cut_by_place_and_size(void **state)
{
    ew_t        w;
    int         i;
    size_t      k;
    char       *text, *p;
    const char *waves[1];

    text = malloc(64 * 300);
    p = text + sprintf(text, "\"serverIds\":[\"s-us1\"");
    for (i = 0; i < 250; i++) {
        p += sprintf(p, ",\"s-eu%03d\"", i);
    }
    (void) sprintf(p, "]");
    waves[0] = text;

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    assert_int_equal(w.e->nunits, 4);
    assert_int_equal(w.e->units[0].nservers, 100);
    assert_int_equal(w.e->units[1].nservers, 100);
    assert_int_equal(w.e->units[2].nservers, 50);
    assert_int_equal(w.e->units[3].nservers, 1);
    assert_string_equal(w.e->units[3].region, "us-east-1");
    assert_string_equal(w.e->units[0].servers[0], "s-eu000");
    assert_int_equal(w.calls, 4);

    for (k = 0; k < w.e->nservers; k++) {
        assert_true(drs_exec_unit_has(drs_exec_unit(w.e, w.e->servers[k].unit),
                                      w.e->servers[k].id));
    }

    ew_free(&w);
    free(text);
}


static void
delay_between_servers_makes_units_of_one(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "\"interServerDelaySeconds\":15", waves, 1);
    ew_step(&w);
    assert_int_equal(w.e->nunits, 2);
    assert_int_equal(w.calls, 1);
    assert_string_equal(drs_reason_name(w.e->waves[0].reason),
                        "WAITING_FOR_DELAY");
    assert_int_equal(w.due_at - w.now, 15000);
    ew_at(&w, 14000);
    assert_int_equal(w.calls, 1);
    ew_at(&w, 1000);
    assert_int_equal(w.calls, 2);
    ew_free(&w);
}


static void
delay_between_waves(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B };

    ew_init(&w, "\"interWaveDelaySeconds\":60", waves, 2);
    ew_step(&w);
    assert_int_equal(w.calls, 1); /* none before the first */
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_int_equal(w.calls, 1);
    assert_status(&w, "RUNNING");
    ew_at(&w, 60000);
    assert_int_equal(w.calls, 2);
    ew_free(&w);
}


static void
capacity_queues_units(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.capacity_jobs = 19;
    ew_step(&w);
    assert_int_equal(w.calls, 0);
    assert_status(&w, "RUNNING");
    assert_string_equal(drs_reason_name(w.e->units[0].reason),
                        "WAITING_FOR_CAPACITY");

    w.capacity_jobs = 0;
    w.capacity_servers = 499;
    ew_at(&w, 15000);
    assert_int_equal(w.calls, 0);

    w.capacity_servers = 0;
    w.capacity_unknown = true;
    ew_at(&w, 15000);
    assert_int_equal(w.calls, 0);

    w.capacity_unknown = false;
    ew_at(&w, 15000);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
in_a_long_queue_each_asks_less_often(void **state)
{
    size_t      i;
    ew_t        w;
    const char *waves[] = { A };

    static const struct {
        int64_t waiting, wait;
    } rows[] = { { 1, 15000 }, { 15, 15000 }, { 16, 30000 }, { 500, 120000 } };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ew_init(&w, "", waves, 1);
        w.capacity_jobs = 19;
        w.capacity_waiting = rows[i].waiting;
        ew_step(&w);
        assert_int_equal(w.e->units[0].next_at, w.now + rows[i].wait);
        assert_int_equal(w.due_at, w.now + rows[i].wait);
        ew_free(&w);
    }
}


static void
used_up_budget_says_when_to_come_back(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.refuse_arm = true;
    w.why = DRSW_WHY_THROTTLE;
    w.retry_after = 42000;
    ew_step(&w);
    assert_int_equal(w.calls, 0);
    assert_int_equal(w.e->units[0].next_at, w.now + 42000);

    w.refuse_arm = false;
    ew_at(&w, 41999);
    assert_int_equal(w.calls, 0);
    ew_at(&w, 1);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
unknown_capacity_may_be_accepted(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.capacity_unknown = true;
    ew_step(&w);
    assert_int_equal(w.calls, 0);
    w.e->allow_unknown = true;
    ew_at(&w, 15000);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
conflict_waits_three_times_then_fails_those_servers(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_REFUSED;
    w.why = DRSW_WHY_CONFLICT;
    w.code = "ConflictException";
    w.conflict = "s-b";
    ew_step(&w);
    assert_unit(&w, "0-0", "PLANNED");
    assert_string_equal(drs_reason_name(w.e->units[0].reason), "CONFLICT_WAIT");
    assert_int_equal(w.armed, 1);
    ew_at(&w, 29000);
    assert_int_equal(w.armed, 1);
    ew_at(&w, 1000);
    assert_int_equal(w.armed, 2);
    ew_at(&w, 60000);
    assert_int_equal(w.armed, 3);
    ew_at(&w, 119000);
    assert_int_equal(w.armed, 3);
    w.accept = false;
    ew_at(&w, 1000);
    assert_int_equal(w.armed, 5); /* the fourth, then the rest anew */
    assert_unit(&w, "0-0", "FAILED");
    assert_server(&w, "s-b", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-b")->error_code, "CONFLICT");
    assert_string_equal(drs_exec_unit(w.e, "0-1")->servers[0], "s-a");
    assert_int_equal(drs_exec_unit(w.e, "0-1")->nservers, 1);

    w.accept = true;
    ew_at(&w, 30000);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_server(&w, "s-a", "LAUNCHED");
    assert_wave(&w, 0, "PARTIAL");
    ew_free(&w);
}


static void
busy_server_is_seen_before_anything_is_sent(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.busy[0] = "s-a";
    w.nbusy = 1;
    ew_step(&w);
    assert_int_equal(w.armed, 0);
    assert_string_equal(drs_reason_name(w.e->units[0].reason), "CONFLICT_WAIT");
    w.nbusy = 0;
    ew_at(&w, 30000);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
throttling_does_not_use_up_attempts(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_REFUSED;
    w.why = DRSW_WHY_THROTTLE;
    w.code = "ThrottlingException";
    ew_step(&w);

    for (i = 0; i < 20; i++) {
        ew_at(&w, 60000);
    }

    assert_true(w.armed > 15);
    assert_unit(&w, "0-0", "PLANNED");
    assert_string_equal(drs_reason_name(w.e->units[0].reason), "THROTTLED");
    w.accept = true;
    ew_at(&w, 60000);
    assert_unit(&w, "0-0", "STARTED");
    ew_free(&w);
}


static void
lost_answer_is_adopted(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.lost = true;
    w.outcome = DRSW_SEND_UNKNOWN;
    ew_step(&w);
    assert_unit(&w, "0-0", "INTENT");
    assert_status(&w, "POLLING");
    ew_at(&w, 5000);
    assert_unit(&w, "0-0", "STARTED");
    assert_string_equal(w.e->units[0].job, "drsjob-0001");
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.armed, 1);
    ew_free(&w);
}


static void
unsent_call_is_repeated_after_the_window_only(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_UNKNOWN;
    ew_step(&w);

    for (i = 0; i < 17; i++) {
        ew_at(&w, 5000);
        assert_int_equal(w.armed, 1);
    }

    w.accept = true;
    ew_at(&w, 5000); /* 90 s: Q */
    assert_int_equal(w.armed, 2);
    assert_unit(&w, "0-0", "STARTED");
    assert_int_equal(w.e->units[0].nopen, 1); /* watched until H */

    for (i = 0; i < 30; i++) {
        ew_at(&w, 30000);
    }

    assert_int_equal(w.e->units[0].nopen, 0);
    ew_free(&w);
}


static void
unsent_call_of_a_cancelled_run_is_cancelled(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_UNKNOWN;
    ew_step(&w);
    ew_command(&w, "cancel");

    for (i = 0; i < 17; i++) {
        ew_at(&w, 5000);
        assert_status(&w, "CANCELLING");
    }

    ew_at(&w, 5000);
    assert_unit(&w, "0-0", "CANCELLED");
    assert_server(&w, "s-a", "CANCELLED");
    assert_status(&w, "CANCELLED");
    assert_int_equal(w.finals, 0); /* the send may still take effect */

    for (i = 0; i < 40; i++) {
        ew_at(&w, 30000);
    }

    assert_int_equal(w.finals, 1);
    assert_int_equal(w.due_at, 0);
    ew_free(&w);
}


static void
late_job_after_the_end_keeps_the_claims_until_it_is_over(void **state)
{
    int              i;
    ew_t             w;
    const char      *waves[] = { A };
    drs_exec_unit_t *u;

    ew_init(&w, "", waves, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_UNKNOWN;
    ew_step(&w);
    ew_command(&w, "cancel");
    for (i = 0; i < 18; i++) {
        ew_at(&w, 5000);
    }
    assert_status(&w, "CANCELLED");

    u = drs_exec_unit(w.e, "0-0");
    (void) ew_new_job(&w, u); /* delayed in the network */
    ew_at(&w, 30000);
    assert_true(drs_exec_unit_knows(drs_exec_unit(w.e, "0-0"), "drsjob-0001"));
    assert_unit(&w, "0-0", "HELD");
    assert_true(ew_noted(&w, "unit_held"));

    for (i = 0; i < 60; i++) {
        ew_at(&w, 30000);
    }

    assert_int_equal(w.finals, 0);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 30000);
    assert_int_equal(w.finals, 1);
    assert_status(&w, "CANCELLED");
    ew_free(&w);
}


static void
configuration_failure_keeps_only_that_server_back(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.config_fails = "s-a";
    ew_step(&w);
    assert_server(&w, "s-a", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-a")->error_code,
                        "LAUNCH_CONFIG");
    assert_int_equal(w.jobs[0].nservers, 1);
    assert_string_equal(w.jobs[0].servers[0].id, "s-b");
    ew_free(&w);
}


static void
server_of_another_run_fails_alone(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.server_error = "s-b";
    ew_step(&w);
    assert_server(&w, "s-b", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-b")->error_code,
                        "SERVER_CONFLICT");
    assert_int_equal(w.jobs[0].nservers, 1);
    ew_free(&w);
}


static void
optional_server_does_not_trigger_the_policy(void **state)
{
    ew_t        w;
    const char *waves[] = { A ",\"optionalServerIds\":[\"s-b\"]", B };

    ew_init(&w, "", waves, 2);
    ew_step(&w);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    w.jobs[0].servers[1].status = DRS_LAUNCH_FAILED;
    ew_at(&w, 1000);
    assert_wave(&w, 0, "PARTIAL");
    assert_wave(&w, 1, "IN_PROGRESS");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    ew_free(&w);
}


static void
automatic_retry_before_the_policy(void **state)
{
    ew_t        w;
    int64_t     first;
    const char *waves[] = { A ",\"autoRetryFailed\":1" };

    ew_init(&w, "", waves, 1);
    first = w.now;
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_int_equal(w.e->waves[0].attempt, 2);
    assert_int_equal(w.calls, 2);
    assert_status(&w, "POLLING");

    /* the deadline is that of the first call */
    assert_int_equal(w.e->waves[0].deadline_at, first + 360 * 60000);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "FAILED");
    ew_free(&w);
}


static size_t
warnings(const ew_t *w)
{
    return json_array_size(json_object_get(w->e->out, "warnings"));
}


static void
no_progress_for_an_hour_is_told_once(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    ew_at(&w, 59 * 60000);
    assert_int_equal(warnings(&w), 0);
    w.jobs[0].status = DRS_JOB_STARTED;
    w.jobs[0].servers[0].status = DRS_LAUNCH_IN_PROGRESS;
    ew_at(&w, 1000);
    ew_at(&w, 59 * 60000);
    assert_int_equal(warnings(&w), 0);
    ew_at(&w, 2 * 60000);
    assert_int_equal(warnings(&w), 1);
    ew_at(&w, 60 * 60000);
    assert_int_equal(warnings(&w), 1);

    /* some progress, and none again */
    w.jobs[0].servers[0].status = DRS_LAUNCH_LAUNCHED;
    ew_at(&w, 1000);
    assert_false(w.e->waves[0].stalled);
    ew_at(&w, 61 * 60000);
    assert_int_equal(warnings(&w), 2);
    ew_free(&w);
}


static void
completed_job_with_pending_servers_has_a_grace(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    w.jobs[0].status = DRS_JOB_COMPLETED;
    w.jobs[0].servers[0].status = DRS_LAUNCH_LAUNCHED;
    ew_at(&w, 1000);
    assert_status(&w, "POLLING");
    assert_int_equal(w.reconciled, 1);

    for (i = 0; i < 19; i++) {
        ew_at(&w, 30000);
        assert_status(&w, "POLLING");
    }

    ew_at(&w, 31000);
    assert_status(&w, "PARTIAL");
    assert_string_equal(drs_exec_server(w.e, "s-b")->error_code,
                        "NOT_LAUNCHED");
    ew_free(&w);

    /* scenario 19: they turn up */
    ew_init(&w, "", waves, 1);
    ew_step(&w);
    w.jobs[0].status = DRS_JOB_COMPLETED;
    ew_at(&w, 1000);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 30000);
    assert_status(&w, "COMPLETED");
    ew_free(&w);
}


static void
vanished_job_is_settled_by_instances_or_held(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { B };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    w.jobs[0].missing = true;
    w.instance_of = "s-c";
    ew_at(&w, 1000);
    assert_server(&w, "s-c", "LAUNCHED");
    assert_string_equal(drs_exec_server(w.e, "s-c")->instance, "i-12345678");
    assert_status(&w, "COMPLETED");
    ew_free(&w);

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    w.jobs[0].missing = true;
    for (i = 0; i < 22; i++) {
        ew_at(&w, 30000);
    }
    assert_unit(&w, "0-0", "HELD");
    assert_string_equal(w.e->units[0].held_reason, "JOB_VANISHED");
    ew_free(&w);
}


static void
log_item(ew_job_t *j, const char *event, const char *server, const char *error)
{
    drsw_log_item_t *it;

    it = &j->log[j->nlog++];
    memset(it, 0, sizeof(drsw_log_item_t));
    it->event = event;
    it->server = server;
    it->error = error;
    it->conversion_server = it->target_instance = "";
}


static void
phases_come_from_the_job_log(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    log_item(&w.jobs[0], "JOB_START", "", "");
    log_item(&w.jobs[0], "SNAPSHOT_START", "s-a", "");
    log_item(&w.jobs[0], "CLEANUP_START", "s-b", "");
    ew_at(&w, 1000);
    assert_server(&w, "s-a", "IN_PROGRESS");
    assert_int_equal(drs_exec_server(w.e, "s-a")->phase, DRS_PHASE_SNAPSHOT);
    assert_int_equal(w.e->waves[0].phase, DRS_PHASE_CLEANUP);

    log_item(&w.jobs[0], "SNAPSHOT_FAIL", "s-a", "no snapshot");
    ew_at(&w, 1000);
    assert_server(&w, "s-a", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-a")->error, "no snapshot");

    log_item(&w.jobs[0], "USING_PREVIOUS_SNAPSHOT", "s-a", "");
    ew_at(&w, 1000);
    assert_server(&w, "s-a", "IN_PROGRESS");
    assert_true(drs_exec_server(w.e, "s-a")->rp_previous);

    log_item(&w.jobs[0], "LAUNCH_FAILED", "s-b",
             "AuthFailure when calling ModifySnapshotAttribute");
    ew_at(&w, 1000);
    assert_server(&w, "s-b", "FAILED");
    assert_non_null(strstr(drs_exec_server(w.e, "s-b")->advice, "KMS"));
    assert_status(&w, "POLLING");
    ew_free(&w);
}


static void
launch_actions_are_waited_for_when_asked(void **state)
{
    ew_t        w;
    const char *waves[] = { B ",\"waitForLaunchActions\":true" };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    w.jobs[0].servers[0].actions = "[{\"name\":\"x\",\"status\":"
                                   "\"IN_PROGRESS\"}]";
    ew_at(&w, 1000);
    assert_status(&w, "POLLING");
    w.jobs[0].servers[0].actions = "[{\"name\":\"x\",\"status\":"
                                   "\"SUCCEEDED\"}]";
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    ew_free(&w);
}


static void
refused_arm_is_not_repeated_at_once(void **state)
{
    ew_t        w;
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    w.refuse_arm = true;
    ew_step(&w);
    assert_int_equal(w.armed, 0);
    assert_true(w.due_at > w.now);
    w.refuse_arm = false;
    ew_at(&w, 5000);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
pause_keeps_planned_units_and_resume_launches_them(void **state)
{
    ew_t        w;
    const char *waves[] = { A, B };

    ew_init(&w, "\"interServerDelaySeconds\":60", waves, 2);
    ew_step(&w);
    assert_int_equal(w.calls, 1);
    ew_command(&w, "pause");
    ew_at(&w, 120000);
    assert_int_equal(w.calls, 1);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_int_equal(w.e->paused_before, 0);
    assert_unit(&w, "0-1", "PLANNED");
    ew_command(&w, "resume");
    ew_step(&w);
    assert_int_equal(w.calls, 2);
    ew_free(&w);
}


static int
noted(const ew_t *w, const char *name)
{
    int    n;
    size_t i;

    n = 0;
    for (i = 0; i < w->nnotes; i++) {
        n += strcmp(w->notes[i], name) == 0;
    }

    return n;
}


static void
reminders_of_pauses_and_deadlines(void **state)
{
    int         i;
    ew_t        w;
    const char *waves[] = { A ",\"pauseBeforeWave\":true" };

    ew_init(&w, "", waves, 1);
    ew_step(&w);
    assert_int_equal(noted(&w, "pause"), 1);
    for (i = 0; i < 22 * 24; i++) {
        ew_at(&w, 3600000);
    }
    assert_int_equal(noted(&w, "pause_reminder"), 4); /* 1, 7, 14, 21 d */

    ew_command(&w, "resume");
    ew_step(&w);
    ew_at(&w, 299 * 60000);
    assert_int_equal(noted(&w, "deadline_near"), 0);
    ew_at(&w, 60000);
    ew_at(&w, 60000);
    assert_int_equal(noted(&w, "deadline_near"), 1);
    ew_free(&w);
}


static void
step_without_news_changes_nothing(void **state)
{
    ew_t        w;
    drsw_obs_t  obs;
    drsw_plan_t p;
    const char *waves[] = { A, B };

    ew_init(&w, "", waves, 2);
    ew_step(&w);
    memset(&obs, 0, sizeof(obs));
    assert_int_equal(drsw_engine_step(w.e, &obs, &w.set, w.now, &p), DRS_OK);
    assert_false(p.changed);
    assert_int_equal(p.nops, 0);
    assert_int_equal(p.neffects, 0);
    assert_false(p.again);
    assert_true(p.due_at > w.now);
    drsw_plan_free(&p);
    ew_free(&w);
}


static void
plan_becomes_one_commit(void **state)
{
    ew_t        w;
    drsw_obs_t  obs;
    drsw_plan_t p;
    drs_cmd_t  *c;
    drs_lease_t lease = { drs_string("w1"), 7 };
    const char *waves[] = { A };

    ew_init(&w, "", waves, 1);
    memset(&obs, 0, sizeof(obs));
    assert_int_equal(drsw_engine_step(w.e, &obs, &w.set, w.now, &p), DRS_OK);
    assert_true(p.changed);
    c = drsw_plan_commit(&p, drs_str("{drs}"), &lease);
    assert_non_null(c);
    drs_cmd_free(c);
    drsw_plan_free(&p);
    ew_free(&w);
}


static void
settings_scale_with_floors(void **state)
{
    drsw_settings_t s;

    drsw_settings_init(&s);
    assert_int_equal(drsw_quiet_window(&s), 90000);
    assert_int_equal(drsw_hard_window(&s), 960000);
    drsw_settings_scale(&s, 60, 100);
    assert_int_equal(s.request_timeout, 30000);
    assert_int_equal(s.listing_lag, 500);
    assert_int_equal(s.look_every, 100);
    assert_int_equal(s.minute, 1000);
    assert_true(s.transit >= s.request_timeout);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            waves_without_dependencies_are_a_chain_even_in_parallel),
        cmocka_unit_test(diamond_runs_its_middle_in_parallel),
        cmocka_unit_test(one_wave_at_a_time_by_default_lowest_first),
        cmocka_unit_test(failing_run_waits_for_the_other_waves_in_flight),
        cmocka_unit_test(flagged_wave_holds_itself_and_its_dependents_only),
        cmocka_unit_test(
            cancelled_run_follows_the_job_of_a_wave_that_timed_out),
        cmocka_unit_test(fact_after_the_release_is_released_again),
        cmocka_unit_test(subset_of_waves_leaves_the_others_out),
        cmocka_unit_test(empty_wave_fails_or_is_skipped),
        cmocka_unit_test(units_are_cut_by_place_and_size),
        cmocka_unit_test(delay_between_servers_makes_units_of_one),
        cmocka_unit_test(delay_between_waves),
        cmocka_unit_test(capacity_queues_units),
        cmocka_unit_test(in_a_long_queue_each_asks_less_often),
        cmocka_unit_test(used_up_budget_says_when_to_come_back),
        cmocka_unit_test(unknown_capacity_may_be_accepted),
        cmocka_unit_test(conflict_waits_three_times_then_fails_those_servers),
        cmocka_unit_test(busy_server_is_seen_before_anything_is_sent),
        cmocka_unit_test(throttling_does_not_use_up_attempts),
        cmocka_unit_test(lost_answer_is_adopted),
        cmocka_unit_test(unsent_call_is_repeated_after_the_window_only),
        cmocka_unit_test(unsent_call_of_a_cancelled_run_is_cancelled),
        cmocka_unit_test(
            late_job_after_the_end_keeps_the_claims_until_it_is_over),
        cmocka_unit_test(configuration_failure_keeps_only_that_server_back),
        cmocka_unit_test(server_of_another_run_fails_alone),
        cmocka_unit_test(optional_server_does_not_trigger_the_policy),
        cmocka_unit_test(automatic_retry_before_the_policy),
        cmocka_unit_test(no_progress_for_an_hour_is_told_once),
        cmocka_unit_test(completed_job_with_pending_servers_has_a_grace),
        cmocka_unit_test(vanished_job_is_settled_by_instances_or_held),
        cmocka_unit_test(phases_come_from_the_job_log),
        cmocka_unit_test(launch_actions_are_waited_for_when_asked),
        cmocka_unit_test(refused_arm_is_not_repeated_at_once),
        cmocka_unit_test(pause_keeps_planned_units_and_resume_launches_them),
        cmocka_unit_test(reminders_of_pauses_and_deadlines),
        cmocka_unit_test(step_without_news_changes_nothing),
        cmocka_unit_test(plan_becomes_one_commit),
        cmocka_unit_test(settings_scale_with_floors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
