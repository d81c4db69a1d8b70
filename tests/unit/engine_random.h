
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Random runs: plans, answers, jobs, commands and requests in any order.  The
 * engine never leaves the transition table (ew_check_plan), keeps the
 * invariants below after every event, and always comes to an end.
 */

#ifndef ENGINE_RANDOM_H_INCLUDED
#define ENGINE_RANDOM_H_INCLUDED


#include "engine_world.h"


static uint64_t seed;


static unsigned
rnd(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (unsigned) ((seed >> 11) % n);
}


static void
random_world(ew_t *w)
{
    int                i, k, n, id;
    char               text[4][512], plan[200];
    const char        *waves[4];
    static const char *policies[] = { "FAIL_FAST", "CONTINUE", "PAUSE" };

    n = 1 + (int) rnd(4);
    id = 0;

    for (i = 0; i < n; i++) {
        k = snprintf(text[i], sizeof(text[i]), "\"serverIds\":[\"s-%s%d\"",
                     rnd(3) ? "eu" : "us", id);
        id++;

        while (rnd(2)) {
            k += snprintf(text[i] + k, sizeof(text[i]) - (size_t) k,
                          ",\"s-%s%d\"", rnd(3) ? "eu" : "us", id++);
            if (id > 12) {
                break;
            }
        }

        k += snprintf(text[i] + k, sizeof(text[i]) - (size_t) k,
                      "],\"failurePolicy\":\"%s\",\"pauseBeforeWave\":%s,"
                      "\"autoRetryFailed\":%u,\"minLaunchedPercent\":%u,"
                      "\"selected\":%s,\"emptyWavePolicy\":\"%s\"",
                      policies[rnd(3)], rnd(4) ? "false" : "true", rnd(2),
                      rnd(101), rnd(8) ? "true" : "false",
                      rnd(2) ? "SKIP" : "FAIL");

        if (i > 0 && rnd(2)) {
            (void) snprintf(text[i] + k, sizeof(text[i]) - (size_t) k,
                            ",\"dependsOnWaves\":[%u]", rnd((unsigned) i));
        }

        waves[i] = text[i];
    }

    (void) snprintf(plan, sizeof(plan),
                    "\"maxParallelWaves\":%u,\"interWaveDelaySeconds\":%u,"
                    "\"interServerDelaySeconds\":%u",
                    1 + rnd(3), rnd(2) * 60, rnd(3) ? 0 : 15);
    ew_init(w, plan, waves, n);
    w->set.strict = rnd(2);
}


/* -- invariants ----------------------------------------------------------- */

#define WAVES 8

typedef struct {
    char                status[20];
    int                 calls;
    bool                cancel;
    drs_launch_status_t launch[EW_SRV];
    int                 attempt[EW_SRV];
    size_t              n, njobs;
    drs_wave_status_t   wave[WAVES];
    int                 wave_attempt[WAVES];
} before_t;


static void
remember(const ew_t *w, before_t *b)
{
    size_t i;

    (void) snprintf(b->status, sizeof(b->status), "%s", w->e->status);
    b->calls = w->armed;
    b->cancel = w->e->cancel;
    b->n = w->e->nservers;

    for (i = 0; i < b->n; i++) {
        b->launch[i] = w->e->servers[i].status;
        b->attempt[i] = w->e->servers[i].attempt;
    }

    b->njobs = w->njobs;

    for (i = 0; i < w->e->nwaves; i++) {
        b->wave[i] = w->e->waves[i].status;
        b->wave_attempt[i] = w->e->waves[i].attempt;
    }
}


static bool
job_has(const ew_job_t *j, const char *server)
{
    size_t i;

    for (i = 0; i < j->nservers; i++) {
        if (strcmp(j->servers[i].id, server) == 0) {
            return true;
        }
    }

    return false;
}


/* A server of a new job is in no other one that runs. */
static void
check_jobs(const ew_t *w, const before_t *b)
{
    size_t i, k, s;

    for (i = b->njobs; i < w->njobs; i++) {
        for (k = 0; k < i; k++) {
            for (s = 0; s < w->jobs[i].nservers
                        && w->jobs[k].status != DRS_JOB_COMPLETED;
                 s++)
            {
                assert_false(job_has(&w->jobs[k], w->jobs[i].servers[s].id));
            }
        }
    }
}


/* What is over stays as it is, unless somebody asks for another attempt. */
static void
check_outcome(const ew_t *w, const before_t *b)
{
    size_t i;

    for (i = 0; i < w->e->nwaves; i++) {
        if (drs_wave_is_over(b->wave[i])
            && w->e->waves[i].attempt == b->wave_attempt[i])
        {
            assert_int_equal(w->e->waves[i].status, b->wave[i]);
        }
    }
}


static void
check(const ew_t *w, const before_t *b)
{
    size_t                   i, k, n;
    const drs_exec_unit_t   *u;
    const drs_exec_server_t *s;

    check_jobs(w, b);
    check_outcome(w, b);

    if (b->cancel) {
        assert_int_equal(w->armed, b->calls); /* c */
    }

    if (drs_exec_is_terminal(drs_exec_status_parse(drs_str(b->status)))) {
        assert_string_equal(w->e->status, b->status);
        assert_int_equal(w->armed, b->calls);
    }

    for (i = 0; i < w->e->nservers; i++) {
        s = &w->e->servers[i];
        n = 0;

        for (k = 0; k < w->e->nunits; k++) {
            u = &w->e->units[k];
            n += !drs_unit_is_final(u->state) && u->state != DRS_UNIT_HELD
                 && strcmp(s->unit, u->id) == 0 && drs_exec_unit_has(u, s->id);
        }

        assert_true(n <= 1); /* one unit */

        if (b->n == w->e->nservers && s->attempt == b->attempt[i]
            && b->launch[i] == DRS_LAUNCH_LAUNCHED)
        {
            assert_true(s->status == DRS_LAUNCH_LAUNCHED
                        || s->status == DRS_LAUNCH_TERMINATED);
        }
    }

    for (i = 0; i < w->e->nwaves; i++) {
        if (drs_exec_is_terminal(drs_exec_status_parse(drs_str(w->e->status)))
            && w->e->finalised)
        {
            assert_true(drs_wave_is_over(w->e->waves[i].status));
        }
    }
}


/* -- events --------------------------------------------------------------- */

static void
random_job(ew_t *w)
{
    size_t                           i;
    ew_job_t                        *j;
    drsw_log_item_t                 *it;
    static const drs_launch_status_t results[] = {
        DRS_LAUNCH_LAUNCHED, DRS_LAUNCH_LAUNCHED, DRS_LAUNCH_FAILED,
        DRS_LAUNCH_PENDING, DRS_LAUNCH_TERMINATED
    };
    static const char *const events[] = {
        "CLEANUP_START",    "SNAPSHOT_START",
        "SNAPSHOT_FAIL",    "USING_PREVIOUS_SNAPSHOT",
        "CONVERSION_START", "CONVERSION_FAIL",
        "LAUNCH_START",     "LAUNCH_FAILED",
        "JOB_END"
    };

    if (w->njobs == 0) {
        return;
    }

    j = &w->jobs[rnd((unsigned) w->njobs)];

    if (j->status == DRS_JOB_COMPLETED) {
        j->missing = rnd(8) == 0;
        return;
    }

    switch (rnd(4)) {
    case 0:
        if (j->nlog < 32) {
            it = &j->log[j->nlog++];
            memset(it, 0, sizeof(drsw_log_item_t));
            it->event = events[rnd(9)];
            it->server = j->servers[rnd((unsigned) j->nservers)].id;
            it->conversion_server = it->target_instance = "";
            it->error = rnd(2) ? "boom" : "";
            it->at = w->now;
        }
        break;

    case 1:
        j->status = DRS_JOB_STARTED;
        j->servers[rnd((unsigned) j->nservers)].status = DRS_LAUNCH_IN_PROGRESS;
        break;

    default:
        j->status = DRS_JOB_COMPLETED;
        for (i = 0; i < j->nservers; i++) {
            j->servers[i].status = results[rnd(5)];
        }
        break;
    }
}


static void
random_command(ew_t *w)
{
    bool              flying;
    size_t            i;
    drs_exec_status_t s;

    s = drs_exec_status_parse(drs_str(w->e->status));
    flying = false;

    for (i = 0; i < w->e->nunits; i++) {
        flying |= drs_unit_in_flight(w->e->units[i].state);
    }

    switch (rnd(8)) {
    case 0:
        if (drs_sm_next(s, flying ? DRS_SM_CANCEL : DRS_SM_CANCEL_NOW) > 0) {
            ew_command(w, "cancel");
        }
        break;

    case 1:
    case 2:
    case 3:
        if (drs_sm_next(s, flying ? DRS_SM_PAUSE : DRS_SM_PAUSE_NOW) > 0) {
            ew_command(w, "pause");
        }
        break;

    default:
        if (drs_sm_next(s, DRS_SM_RESUME) > 0) {
            ew_command(w, "resume");
        }
        break;
    }
}


static void
random_request(ew_t *w)
{
    static const drsw_request_type_t types[] = { DRSW_REQ_RETRY, DRSW_REQ_SKIP,
                                                 DRSW_REQ_ADOPT,
                                                 DRSW_REQ_RETRY_UNIT,
                                                 DRSW_REQ_FAIL_UNIT };

    if (w->e->nunits == 0) {
        return;
    }

    w->request.type = types[rnd(5)];
    w->request.wave = (int) rnd((unsigned) w->e->nwaves + 1);
    w->request.unit = w->e->units[rnd((unsigned) w->e->nunits)].id;
    w->request.job = w->njobs ? w->jobs[rnd((unsigned) w->njobs)].id : "x";
    ew_step(w);
}


static void
random_answers(ew_t *w)
{
    static const drsw_send_outcome_t outcomes[] = { DRSW_SEND_NOT_SENT,
                                                    DRSW_SEND_REFUSED,
                                                    DRSW_SEND_UNKNOWN };

    w->accept = rnd(2);
    w->outcome = outcomes[rnd(3)];
    w->why = (drsw_why_t) (1 + rnd(5));

    if (w->outcome == DRSW_SEND_NOT_SENT) {
        w->why = DRSW_WHY_TRANSIENT;
    }

    w->lost = w->outcome == DRSW_SEND_UNKNOWN && rnd(2);
    w->code = "SomeException";
    w->conflict = rnd(2) && w->e->nservers
                      ? w->e->servers[rnd((unsigned) w->e->nservers)].id
                      : NULL;
    w->refuse_arm = rnd(8) == 0;
    w->look_fails = rnd(6) == 0;
    w->capacity_unknown = rnd(8) == 0;
    w->capacity_jobs = rnd(6) == 0 ? 19 : 0;
    w->resolve_error = rnd(12) == 0 ? "PG_NOT_FOUND" : NULL;
    w->resolve_empty = rnd(12) == 0;
    w->config_fails = rnd(8) == 0 ? "s-eu1" : NULL;
    w->server_error = rnd(8) == 0 ? "s-eu2" : NULL;
}


static void
event(ew_t *w)
{
    switch (rnd(12)) {
    case 0:
    case 1:
    case 2:
        random_job(w);
        ew_at(w, 1000);
        break;
    case 3:
        random_command(w);
        ew_step(w);
        break;
    case 4:
        random_request(w);
        break;
    case 5:
        random_answers(w);
        break;
    case 6:
        ew_at(w, rnd(20) == 0 ? 7 * 3600 * 1000 : 120000);
        break;
    default:
        ew_at(w, (int64_t) rnd(40) * 1000);
        break;
    }
}


/* With AWS well again and every hold resolved the run ends, and its task. */
static void
comes_to_an_end(ew_t *w)
{
    int    i;
    size_t k;

    w->accept = true;
    w->refuse_arm = w->look_fails = w->capacity_unknown = false;
    w->capacity_jobs = 0;
    w->resolve_error = NULL;

    for (i = 0; i < 400; i++) {
        ew_end_jobs(w, DRS_LAUNCH_LAUNCHED);

        for (k = 0; k < w->njobs; k++) {
            w->jobs[k].missing = false;
        }

        if (drs_exec_is_terminal(drs_exec_status_parse(drs_str(w->e->status)))
            && w->due_at == 0)
        {
            break;
        }

        for (k = 0; k < w->e->nunits; k++) {
            if (w->e->units[k].state == DRS_UNIT_HELD) {
                w->request.type = DRSW_REQ_FAIL_UNIT;
                w->request.unit = w->e->units[k].id;
                ew_step(w);
            }
        }

        if (strcmp(w->e->status, "PAUSED") == 0) {
            ew_command(w, "resume");
        }

        ew_at(w, w->set.look_watch * 3);
    }

    assert_true(i < 400);
    assert_true(w->e->finalised);
    assert_true(w->e->released_all);

    for (k = 0; k < w->e->nunits; k++) {
        assert_true(drsw_unit_releasable(&w->e->units[k], &w->set));
    }
}


static const char *rows[] = { "T2",   "T2b",  "T3",   "T4",   "T5",
                              "T6",   "T7",   "T8",   "T9",   "T10",
                              "T11",  "T12",  "T12b", "T14",  "T15",
                              "T16",  "T18",  "T19",  "T19b", "T19c",
                              "T19d", "T19e", "T19f", "T20",  NULL };
static int         hits[32];


static void
count_rows(const ew_t *w)
{
    int k;

    for (k = 0; rows[k] != NULL; k++) {
        hits[k] += ew_row(w, rows[k]);
    }
}


/*
 * One sequence of at most `events` events on a plan of its own, to its end;
 * returns how many there were.
 */
static int
sequence(int events)
{
    int      k;
    ew_t     w;
    before_t b;

    random_world(&w);

    for (k = 0; k < events; k++) {
        if (w.njobs > EW_JOBS - 24 || w.nnotes > EW_NOTES - 64
            || w.nrows > EW_NOTES - 64 || w.e->nunits > 40)
        {
            break;
        }

        remember(&w, &b);
        event(&w);
        check(&w, &b);
    }

    comes_to_an_end(&w);
    count_rows(&w);
    ew_free(&w);

    return k;
}


/* Random sequences are worth something only if they go everywhere: name of a
 * row that none took, or NULL. */
static const char *
row_without_a_run(void)
{
    int k;

    for (k = 0; rows[k] != NULL; k++) {
        if (hits[k] == 0) {
            return rows[k];
        }
    }

    return NULL;
}


#endif /* ENGINE_RANDOM_H_INCLUDED */
