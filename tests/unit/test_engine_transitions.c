
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * engine.md 1.4: one test per row, with its number in the name.
 */

#include "engine_world.h"


#define W2  "\"serverIds\":[\"s-a\",\"s-b\"]"
#define W2B "\"serverIds\":[\"s-c\",\"s-d\"]"

static const char *two[] = { W2, W2B };


static void
t1_a_new_record_is_pending_with_pending_waves(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    assert_int_equal(drs_sm_next(DRS_EXEC_NONE, DRS_SM_START),
                     DRS_EXEC_PENDING);
    assert_status(&w, "PENDING");
    assert_wave(&w, 0, "PENDING");
    assert_wave(&w, 1, "PENDING");
    ew_free(&w);
}


static void
t2_claim_makes_it_running(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    assert_string_equal(w.rows[0], "T2");
    ew_free(&w);
}


static void
t2b_flag_on_wave_0_pauses_before_anything_is_launched(void **state)
{
    ew_t        w;
    const char *flagged[] = { W2 ",\"pauseBeforeWave\":true", W2B };

    ew_init(&w, "", flagged, 2);
    ew_step(&w);
    assert_status(&w, "PAUSED");
    assert_true(ew_row(&w, "T2b"));
    assert_int_equal(w.calls, 0);
    assert_int_equal(w.resolved, 0);
    assert_int_equal(w.e->paused_before, 0);
    assert_string_equal(w.e->pause_reason, "PLANNED");
    assert_int_equal(w.e->pause_deadline, w.now + w.set.pause_deadline);
    assert_true(ew_noted(&w, "pause"));

    ew_command(&w, "resume");
    ew_step(&w);
    assert_status(&w, "POLLING");
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
t3_wave_start_goes_to_polling(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    assert_status(&w, "POLLING");
    assert_true(ew_row(&w, "T3"));
    assert_wave(&w, 0, "IN_PROGRESS");
    assert_wave(&w, 1, "PENDING");
    assert_unit(&w, "0-0", "STARTED");
    assert_int_equal(w.calls, 1);
    assert_true(ew_noted(&w, "start"));
    assert_int_equal(w.e->current_wave, 1);
    assert_int_equal(w.e->waves[0].deadline_at, w.now + 360 * 60000);
    ew_free(&w);
}


static void
t4_wave_that_cannot_start_fails_the_run(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    w.resolve_error = "PG_NOT_FOUND";
    ew_step(&w);
    assert_status(&w, "FAILED");
    assert_true(ew_row(&w, "T4"));
    assert_wave(&w, 0, "FAILED");
    assert_wave(&w, 1, "CANCELLED");
    assert_string_equal(w.e->waves[0].error_code, "PG_NOT_FOUND");
    assert_true(ew_noted(&w, "wave_failed"));
    assert_true(ew_noted(&w, "fail"));
    assert_false(ew_noted(&w, "start"));
    assert_int_equal(w.calls, 0);
    ew_free(&w);
}


static void
t4_partial_when_an_earlier_wave_launched(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    w.resolve_empty = true;
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    assert_true(ew_row(&w, "T4"));
    assert_wave(&w, 1, "FAILED");
    assert_string_equal(w.e->waves[1].error_code, "NO_SERVERS");
    ew_free(&w);
}


static void
t4_permanent_refusal_of_the_api(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    w.accept = false;
    w.outcome = DRSW_SEND_REFUSED;
    w.why = DRSW_WHY_PERMANENT;
    w.code = "UninitializedAccountException";
    ew_step(&w);
    assert_true(strcmp(w.e->status, "FAILED") == 0);
    assert_unit(&w, "0-0", "FAILED");
    assert_server(&w, "s-a", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-a")->error_code,
                        "UninitializedAccountException");
    assert_int_equal(w.armed, 1);
    ew_free(&w);
}


static void
t5_wave_done_then_the_next_one_starts_in_the_same_tick(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_true(ew_row(&w, "T5"));
    assert_wave(&w, 0, "COMPLETED");
    assert_wave(&w, 1, "IN_PROGRESS");
    assert_status(&w, "POLLING");
    assert_int_equal(w.calls, 2);
    assert_true(ew_noted(&w, "wave_completed"));
    ew_free(&w);
}


static void
t6_planned_pause_between_waves(void **state)
{
    ew_t        w;
    const char *flagged[] = { W2, W2B ",\"pauseBeforeWave\":true" };

    ew_init(&w, "", flagged, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_true(ew_row(&w, "T6"));
    assert_int_equal(w.e->paused_before, 1);
    assert_string_equal(w.e->pause_reason, "PLANNED");
    assert_int_equal(w.calls, 1);

    ew_command(&w, "resume");
    ew_step(&w);
    assert_int_equal(w.calls, 2);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    ew_free(&w);
}


static void
t7_pause_in_flight_stops_new_launches(void **state)
{
    ew_t        w;
    const char *wide[] = { W2 ",\"dependsOnWaves\":[]", W2B };

    ew_init(&w, "\"maxParallelWaves\":1", wide, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    assert_true(ew_row(&w, "T7"));
    ew_step(&w);
    assert_status(&w, "PAUSE_PENDING");
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
t8_pause_between_waves_is_at_once(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    w.capacity_jobs = 19; /* waits: nothing in flight */
    ew_step(&w);
    assert_status(&w, "RUNNING");
    ew_command(&w, "pause");
    assert_true(ew_row(&w, "T8"));
    assert_status(&w, "PAUSED");
    w.capacity_jobs = 0;
    ew_at(&w, 60000);
    assert_int_equal(w.calls, 0);
    assert_true(w.e->pause_deadline > 0);
    assert_int_equal(w.e->paused_before, 0);
    assert_string_equal(drs_reason_name(w.e->waves[0].reason),
                        "WAITING_FOR_CAPACITY");

    ew_command(&w, "resume");
    ew_step(&w);
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
t9_pause_pending_becomes_paused_when_nothing_is_in_flight(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_true(ew_row(&w, "T9"));
    assert_int_equal(w.e->paused_before, 1);
    assert_string_equal(w.e->pause_reason, "REQUESTED");
    assert_wave(&w, 0, "COMPLETED");
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
t10_failure_discards_the_pause(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "FAILED");
    assert_true(ew_row(&w, "T10"));
    assert_wave(&w, 1, "CANCELLED");
    ew_free(&w);
}


static void
t11_pause_pending_with_no_more_waves_completes(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 1;
    ew_step(&w);
    assert_true(w.answer.ok);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_true(ew_row(&w, "T11"));
    assert_status(&w, "PARTIAL"); /* one wave was skipped */
    ew_free(&w);
}


static void
t12_resume_goes_on_where_it_stopped(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    ew_command(&w, "resume");
    assert_true(ew_row(&w, "T12"));
    ew_step(&w);
    assert_status(&w, "POLLING");
    assert_wave(&w, 1, "IN_PROGRESS");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    ew_free(&w);
}


static void
t12b_resume_withdraws_a_pending_pause(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "pause");
    ew_command(&w, "resume");
    assert_true(ew_row(&w, "T12b"));
    assert_status(&w, "POLLING");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "POLLING");
    assert_int_equal(w.calls, 2);
    ew_free(&w);
}


static void
t13_pause_deadline_times_out(void **state)
{
    ew_t        w;
    const char *flagged[] = { W2, W2B ",\"pauseBeforeWave\":true" };

    ew_init(&w, "", flagged, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    ew_at(&w, w.set.pause_deadline - 1);
    assert_status(&w, "PAUSED");
    ew_at(&w, 1);
    assert_status(&w, "TIMEOUT");
    assert_true(ew_row(&w, "T13"));
    assert_wave(&w, 0, "COMPLETED");
    assert_wave(&w, 1, "CANCELLED");
    assert_true(ew_noted(&w, "timeout"));
    assert_true(w.finals > 0);
    assert_int_equal(w.due_at, 0);
    ew_free(&w);
}


static void
t14_cancel_with_nothing_in_flight_is_at_once(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_command(&w, "cancel");
    assert_true(ew_row(&w, "T14"));
    assert_status(&w, "CANCELLED");
    ew_step(&w);
    assert_wave(&w, 0, "CANCELLED");
    assert_wave(&w, 1, "CANCELLED");
    assert_true(w.e->waves[0].ended_at > 0);
    assert_true(w.e->finalised);
    assert_true(ew_noted(&w, "cancelled"));
    assert_int_equal(w.calls, 0);
    ew_free(&w);
}


static void
t14_cancel_of_a_pause_is_partial_when_something_launched(void **state)
{
    ew_t        w;
    const char *flagged[] = { W2, W2B ",\"pauseBeforeWave\":true" };

    ew_init(&w, "", flagged, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_int_equal(w.e->launched, 2);
    ew_command(&w, "cancel");
    assert_status(&w, "PARTIAL");
    ew_step(&w);
    assert_wave(&w, 0, "COMPLETED");
    assert_wave(&w, 1, "CANCELLED");
    assert_string_equal(
        w.e->error_message,
        "PARTIAL: 1 of 2 waves completed, 0 failed, 1 cancelled; 2 of 4 "
        "servers launched, 0 failed, 2 cancelled.");
    ew_free(&w);
}


static void
t15_cancel_in_flight_follows_the_job(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "cancel");
    assert_true(ew_row(&w, "T15"));
    ew_step(&w);
    assert_status(&w, "CANCELLING");
    assert_wave(&w, 0, "IN_PROGRESS");
    assert_wave(&w, 1, "CANCELLED");
    ew_at(&w, 3600 * 1000);
    assert_status(&w, "CANCELLING");
    assert_int_equal(w.calls, 1);
    ew_free(&w);
}


static void
t16_cancelling_ends_partial_or_cancelled(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "cancel");
    w.e->terminate = true;
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    assert_true(ew_row(&w, "T16"));
    assert_int_equal(w.terminated, 1);
    ew_free(&w);

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "cancel");
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "CANCELLED");
    assert_int_equal(w.terminated, 0);
    ew_free(&w);
}


static void
t17_cancel_again_changes_nothing(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_command(&w, "cancel");
    ew_step(&w);
    ew_command(&w, "cancel");
    assert_true(ew_row(&w, "T17"));
    ew_step(&w);
    assert_status(&w, "CANCELLING");
    ew_free(&w);
}


static void
t18_all_waves_completed(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    assert_true(ew_row(&w, "T18"));
    assert_true(ew_noted(&w, "complete"));
    assert_int_equal(w.calls, 2);
    assert_int_equal(w.e->completed_waves, 2);
    assert_int_equal(drs_exec_permille(w.e), 1000);
    assert_string_equal(w.e->error_message, "");
    ew_free(&w);
}


static void
t19_failed_server_ends_the_run_after_its_job(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    w.jobs[0].status = DRS_JOB_STARTED;
    w.jobs[0].servers[0].status = DRS_LAUNCH_FAILED;
    ew_at(&w, 1000);
    assert_server(&w, "s-a", "FAILED");
    assert_status(&w, "POLLING"); /* shown at once, ends nothing */

    w.jobs[0].status = DRS_JOB_COMPLETED;
    w.jobs[0].servers[1].status = DRS_LAUNCH_LAUNCHED;
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    assert_true(ew_row(&w, "T19"));
    assert_wave(&w, 0, "PARTIAL");
    assert_wave(&w, 1, "CANCELLED");
    assert_string_equal(w.e->error_code, "WAVE_LAUNCH_FAILED");
    assert_true(ew_noted(&w, "wave_failed"));
    assert_true(ew_noted(&w, "partial"));
    ew_free(&w);

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "FAILED");
    ew_free(&w);
}


static const char *pausing[] = { W2 ",\"failurePolicy\":\"PAUSE\"", W2B };


static void
t19b_policy_pause_holds_for_an_operator(void **state)
{
    ew_t w;

    ew_init(&w, "", pausing, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_true(ew_row(&w, "T19b"));
    assert_string_equal(w.e->pause_reason, "WAVE_FAILED");
    assert_int_equal(w.e->paused_before, 1);

    /* resume takes the wave as it is */
    ew_command(&w, "resume");
    ew_step(&w);
    assert_wave(&w, 1, "IN_PROGRESS");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    ew_free(&w);
}


static void
t19c_policy_continue_goes_on(void **state)
{
    ew_t        w;
    const char *cont[] = {
        W2 ",\"failurePolicy\":\"CONTINUE\",\"minLaunchedPercent\":50", W2B
    };

    ew_init(&w, "", cont, 2);
    ew_step(&w);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    w.jobs[0].servers[1].status = DRS_LAUNCH_FAILED;
    ew_at(&w, 1000);
    assert_true(ew_row(&w, "T19c"));
    assert_wave(&w, 0, "PARTIAL");
    assert_status(&w, "POLLING");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    ew_free(&w);

    /* below the threshold it acts as FAIL_FAST */
    ew_init(&w, "", cont, 2);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "FAILED");
    ew_free(&w);
}


static void
t19d_retry_of_failed_servers(void **state)
{
    ew_t w;

    ew_init(&w, "", pausing, 2);
    ew_step(&w);
    ew_all(&w.jobs[0], DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    w.jobs[0].servers[1].status = DRS_LAUNCH_FAILED;
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");

    w.request.type = DRSW_REQ_RETRY;
    w.request.wave = 0;
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_int_equal(w.answer.attempt, 2);
    assert_true(ew_row(&w, "T19d"));
    assert_status(&w, "POLLING");
    assert_int_equal(w.e->waves[0].attempt, 2);
    assert_int_equal(drs_exec_unit(w.e, "0-1")->nservers, 1);
    assert_string_equal(drs_exec_unit(w.e, "0-1")->servers[0], "s-b");
    assert_server(&w, "s-a", "LAUNCHED");

    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 0, "COMPLETED");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "COMPLETED");
    assert_int_equal(w.calls, 3);
    ew_free(&w);
}


static void
t19d_refused_for_a_wave_that_did_not_fail(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    w.request.type = DRSW_REQ_RETRY;
    w.request.wave = 0;
    ew_step(&w);
    assert_false(w.answer.ok);
    assert_string_equal(w.answer.code, "WAVE_NOT_RETRYABLE");
    w.request.type = DRSW_REQ_RETRY;
    w.request.wave = 7;
    ew_step(&w);
    assert_string_equal(w.answer.code, "WAVE_NOT_FOUND");
    ew_free(&w);
}


static void
t19e_skip_of_a_wave(void **state)
{
    ew_t        w;
    const char *three[] = { W2, W2B, "\"serverIds\":[\"s-e\"]" };

    ew_init(&w, "", three, 3);
    ew_step(&w);
    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 1;
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_true(ew_row(&w, "T19e"));
    assert_wave(&w, 1, "CANCELLED");
    assert_true(w.e->waves[1].skipped);

    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 0;
    ew_step(&w);
    assert_string_equal(w.answer.code, "WAVE_NOT_SKIPPABLE");

    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 2, "IN_PROGRESS");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_status(&w, "PARTIAL");
    ew_free(&w);
}


static void
t19e_skip_of_the_wave_that_paused_the_run(void **state)
{
    ew_t w;

    ew_init(&w, "", pausing, 1);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 0;
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_wave(&w, 0, "FAILED"); /* keeps its status */
    assert_status(&w, "FAILED");  /* nothing is left */
    ew_free(&w);
}


/* A pause because of wave 0 is not over when a later wave is left out. */
static void
t19e_skip_behind_a_failed_wave(void **state)
{
    ew_t        w;
    const char *three[] = { "\"serverIds\":[\"s-a\"],\"failurePolicy\":"
                            "\"PAUSE\"",
                            W2B, "\"serverIds\":[\"s-e\"]" };

    ew_init(&w, "", three, 3);
    ew_step(&w);
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    ew_at(&w, 1000);
    assert_status(&w, "PAUSED");
    assert_int_equal(w.e->paused_before, 1);

    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 1;
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_wave(&w, 1, "CANCELLED");
    assert_status(&w, "PAUSED");
    assert_string_equal(w.e->pause_reason, "WAVE_FAILED");
    assert_int_equal(w.e->paused_before, 2);

    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 2;
    ew_step(&w);
    assert_status(&w, "PAUSED");
    assert_int_equal(w.e->paused_before, 0); /* the failed one */

    w.request.type = DRSW_REQ_SKIP;
    w.request.wave = 0;
    ew_step(&w);
    assert_true(ew_row(&w, "T19e"));
    assert_status(&w, "FAILED");
    ew_free(&w);
}


/* A unit HELD because two jobs match. */
static void
held_world(ew_t *w)
{
    drs_exec_unit_t *u;

    ew_init(w, "", two, 2);
    w->accept = false;
    w->outcome = DRSW_SEND_UNKNOWN;
    w->lost = true;
    ew_step(w);
    assert_unit(w, "0-0", "INTENT");
    u = drs_exec_unit(w->e, "0-0");
    (void) ew_new_job(w, u);
    ew_at(w, 6000);
    assert_unit(w, "0-0", "HELD");
    assert_true(ew_noted(w, "unit_held"));
    assert_string_equal(drs_exec_unit(w->e, "0-0")->held_reason,
                        "SEVERAL_JOBS");
    assert_status(w, "POLLING");
    w->accept = true;
}


static void
t19f_adopt_a_held_unit(void **state)
{
    ew_t w;

    held_world(&w);
    w.request.type = DRSW_REQ_ADOPT;
    w.request.unit = "0-0";
    w.request.job = "drsjob-0009";
    ew_step(&w);
    assert_string_equal(w.answer.code, "JOB_NOT_ADOPTABLE");
    assert_unit(&w, "0-0", "HELD");

    w.request.type = DRSW_REQ_ADOPT;
    w.request.job = "drsjob-0001";
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_true(ew_row(&w, "T19f"));
    assert_string_equal(drs_exec_unit(w.e, "0-0")->job, "drsjob-0001");

    /* the other job of the evidence is known too, and followed to its end */
    assert_true(drs_exec_unit_knows(drs_exec_unit(w.e, "0-0"), "drsjob-0002"));
    assert_unit(&w, "0-0", "STARTED");
    ew_all(ew_job(&w, "drsjob-0001"), DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 60000);
    assert_unit(&w, "0-0", "DONE");
    assert_false(drsw_unit_releasable(drs_exec_unit(w.e, "0-0"), &w.set));
    ew_all(ew_job(&w, "drsjob-0002"), DRS_JOB_COMPLETED, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 60000);
    assert_string_equal(drs_exec_unit(w.e, "0-0")->ended,
                        "drsjob-0001 drsjob-0002");
    ew_free(&w);
}


static void
t19f_retry_a_held_unit(void **state)
{
    ew_t w;

    held_world(&w);
    w.request.type = DRSW_REQ_RETRY_UNIT;
    w.request.unit = "0-0";
    ew_step(&w);
    assert_string_equal(w.answer.code, "UNIT_NOT_IDLE");

    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    w.request.type = DRSW_REQ_RETRY_UNIT;
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_true(ew_row(&w, "T19f"));
    assert_int_equal(w.calls, 2);
    assert_unit(&w, "0-0", "FAILED");
    assert_unit(&w, "0-1", "STARTED");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 1000);
    assert_wave(&w, 0, "COMPLETED");
    ew_free(&w);
}


/* A job that was over before it was adopted is observed once more. */
static void
t19f_adopt_a_late_job_that_has_ended(void **state)
{
    int              i;
    ew_t             w;
    drs_exec_unit_t *u;

    ew_init(&w, "", two, 1);
    w.accept = false;
    w.outcome = DRSW_SEND_UNKNOWN;
    ew_step(&w);
    for (i = 0; i < 17; i++) {
        ew_at(&w, 5000);
    }
    w.accept = true;
    ew_at(&w, 5000); /* the second attempt is accepted */
    assert_unit(&w, "0-0", "STARTED");
    u = drs_exec_unit(w.e, "0-0");
    (void) ew_new_job(&w, u); /* and the first one comes late */
    ew_at(&w, 30000);
    assert_unit(&w, "0-0", "HELD");
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 30000);
    assert_string_equal(drs_exec_unit(w.e, "0-0")->ended,
                        "drsjob-0001 drsjob-0002");

    w.request.type = DRSW_REQ_ADOPT;
    w.request.unit = "0-0";
    w.request.job = "drsjob-0002";
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_unit(&w, "0-0", "DONE");
    assert_status(&w, "COMPLETED");
    ew_free(&w);
}


static void
t19f_fail_a_held_unit(void **state)
{
    ew_t w;

    held_world(&w);
    w.request.type = DRSW_REQ_FAIL_UNIT;
    w.request.unit = "0-0";
    ew_step(&w);
    assert_true(w.answer.ok);
    assert_unit(&w, "0-0", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-a")->error_code,
                        "HELD_UNRESOLVED");
    assert_status(&w, "FAILED");

    w.request.type = DRSW_REQ_FAIL_UNIT;
    w.request.unit = "0-0";
    ew_step(&w);
    assert_string_equal(w.answer.code, "UNIT_NOT_HELD");
    ew_free(&w);
}


static void
t20_deadline_asks_drs_once_more_then_times_out(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 2);
    ew_step(&w);
    ew_at(&w, 360 * 60000 - 1);
    assert_status(&w, "POLLING");
    assert_int_equal(w.reconciled, 0);
    ew_at(&w, 1);
    assert_int_equal(w.reconciled, 1);
    assert_status(&w, "TIMEOUT");
    assert_true(ew_row(&w, "T20"));
    assert_wave(&w, 0, "TIMEOUT");
    assert_wave(&w, 1, "CANCELLED");
    assert_server(&w, "s-a", "FAILED");
    assert_string_equal(drs_exec_server(w.e, "s-a")->error_code,
                        "DEADLINE_EXCEEDED");

    /* the job is followed on; its servers stay claimed until it ends */
    assert_unit(&w, "0-0", "STARTED");
    assert_int_equal(w.finals, 0);
    assert_true(w.due_at > 0);
    ew_end_jobs(&w, DRS_LAUNCH_LAUNCHED);
    ew_at(&w, 60000);
    assert_int_equal(w.finals, 1);
    assert_status(&w, "TIMEOUT");
    assert_server(&w, "s-a", "FAILED");
    ew_free(&w);
}


static void
t20_partial_when_some_launched_and_the_last_look_counts(void **state)
{
    ew_t w;

    ew_init(&w, "", two, 1);
    ew_step(&w);
    w.jobs[0].status = DRS_JOB_STARTED;
    w.jobs[0].servers[0].status = DRS_LAUNCH_LAUNCHED;
    ew_at(&w, 360 * 60000);
    assert_status(&w, "PARTIAL");
    assert_wave(&w, 0, "TIMEOUT");
    assert_server(&w, "s-a", "LAUNCHED");
    assert_server(&w, "s-b", "FAILED");
    ew_free(&w);
}


static void
t20_the_clock_stands_while_held(void **state)
{
    ew_t    w;
    int64_t deadline;

    held_world(&w);
    deadline = w.e->waves[0].deadline_at;
    ew_at(&w, 400 * 60000);
    assert_status(&w, "POLLING");
    ew_end_jobs(&w, DRS_LAUNCH_FAILED);
    w.request.type = DRSW_REQ_RETRY_UNIT;
    w.request.unit = "0-0";
    ew_step(&w);
    assert_status(&w, "POLLING");
    assert_true(w.e->waves[0].deadline_at > deadline);
    ew_free(&w);
}


static void
t21_another_worker_goes_on_from_what_is_stored(void **state)
{
    ew_t             w;
    size_t           i;
    drs_buf_t        b;
    drs_exec_t      *again;
    drs_exec_error_t err;
    drs_str_t        fv[4];

    ew_init(&w, "", two, 2);
    ew_step(&w);

    /* every wave document written and read again says the same */
    again = drs_exec_new("e1");
    again->waves_total = 2;
    again->waves = drs_arena_array(again->arena, 2, sizeof(drs_exec_wave_t));

    for (i = 0; i < 2; i++) {
        drs_buf_init(&b, 0);
        assert_int_equal(drs_exec_wave_doc(&b, &w.e->waves[i]), DRS_OK);
        fv[0] = drs_str("status");
        fv[1] = drs_str(drs_wave_status_name(w.e->waves[i].status));
        fv[2] = drs_str("doc");
        fv[3] = drs_buf_str(&b);
        assert_int_equal(drs_exec_load_wave(again, (int) i, fv, 4, &err),
                         DRS_OK);
        assert_int_equal(again->waves[i].deadline_at,
                         w.e->waves[i].deadline_at);
        assert_int_equal(again->waves[i].attempt, w.e->waves[i].attempt);
        assert_int_equal(again->waves[i].resolved, w.e->waves[i].resolved);
        drs_buf_free(&b);
    }

    assert_int_equal(drs_sm_next(DRS_EXEC_POLLING, DRS_SM_RECLAIM),
                     DRS_EXEC_POLLING);
    drs_exec_free(again);
    ew_free(&w);
}


static void
t22_terminate_leaves_the_status(void **state)
{
    assert_int_equal(drs_sm_next(DRS_EXEC_PARTIAL, DRS_SM_TERMINATE),
                     DRS_EXEC_PARTIAL);
    assert_int_equal(drs_sm_next(DRS_EXEC_TIMEOUT, DRS_SM_TERMINATE),
                     DRS_EXEC_TIMEOUT);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSED, DRS_SM_TERMINATE),
                     DRS_EXEC_PAUSED);
    assert_int_equal(drs_sm_next(DRS_EXEC_POLLING, DRS_SM_TERMINATE), -1);
}


static void
t23_delete_removes_terminal_records_only(void **state)
{
    assert_int_equal(drs_sm_next(DRS_EXEC_COMPLETED, DRS_SM_DELETE),
                     DRS_EXEC_NONE);
    assert_int_equal(drs_sm_next(DRS_EXEC_CANCELLING, DRS_SM_DELETE), -1);
    assert_int_equal(drs_sm_next(DRS_EXEC_PAUSED, DRS_SM_DELETE), -1);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t1_a_new_record_is_pending_with_pending_waves),
        cmocka_unit_test(t2_claim_makes_it_running),
        cmocka_unit_test(t2b_flag_on_wave_0_pauses_before_anything_is_launched),
        cmocka_unit_test(t3_wave_start_goes_to_polling),
        cmocka_unit_test(t4_wave_that_cannot_start_fails_the_run),
        cmocka_unit_test(t4_partial_when_an_earlier_wave_launched),
        cmocka_unit_test(t4_permanent_refusal_of_the_api),
        cmocka_unit_test(
            t5_wave_done_then_the_next_one_starts_in_the_same_tick),
        cmocka_unit_test(t6_planned_pause_between_waves),
        cmocka_unit_test(t7_pause_in_flight_stops_new_launches),
        cmocka_unit_test(t8_pause_between_waves_is_at_once),
        cmocka_unit_test(
            t9_pause_pending_becomes_paused_when_nothing_is_in_flight),
        cmocka_unit_test(t10_failure_discards_the_pause),
        cmocka_unit_test(t11_pause_pending_with_no_more_waves_completes),
        cmocka_unit_test(t12_resume_goes_on_where_it_stopped),
        cmocka_unit_test(t12b_resume_withdraws_a_pending_pause),
        cmocka_unit_test(t13_pause_deadline_times_out),
        cmocka_unit_test(t14_cancel_with_nothing_in_flight_is_at_once),
        cmocka_unit_test(
            t14_cancel_of_a_pause_is_partial_when_something_launched),
        cmocka_unit_test(t15_cancel_in_flight_follows_the_job),
        cmocka_unit_test(t16_cancelling_ends_partial_or_cancelled),
        cmocka_unit_test(t17_cancel_again_changes_nothing),
        cmocka_unit_test(t18_all_waves_completed),
        cmocka_unit_test(t19_failed_server_ends_the_run_after_its_job),
        cmocka_unit_test(t19b_policy_pause_holds_for_an_operator),
        cmocka_unit_test(t19c_policy_continue_goes_on),
        cmocka_unit_test(t19d_retry_of_failed_servers),
        cmocka_unit_test(t19d_refused_for_a_wave_that_did_not_fail),
        cmocka_unit_test(t19e_skip_of_a_wave),
        cmocka_unit_test(t19e_skip_of_the_wave_that_paused_the_run),
        cmocka_unit_test(t19e_skip_behind_a_failed_wave),
        cmocka_unit_test(t19f_adopt_a_held_unit),
        cmocka_unit_test(t19f_adopt_a_late_job_that_has_ended),
        cmocka_unit_test(t19f_retry_a_held_unit),
        cmocka_unit_test(t19f_fail_a_held_unit),
        cmocka_unit_test(t20_deadline_asks_drs_once_more_then_times_out),
        cmocka_unit_test(
            t20_partial_when_some_launched_and_the_last_look_counts),
        cmocka_unit_test(t20_the_clock_stands_while_held),
        cmocka_unit_test(t21_another_worker_goes_on_from_what_is_stored),
        cmocka_unit_test(t22_terminate_leaves_the_status),
        cmocka_unit_test(t23_delete_removes_terminal_records_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
