
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_sm.h"


#define A (DRS_EXEC_C_ACTIVE | DRS_EXEC_C_CANCELLABLE)
#define R DRS_EXEC_C_RUNNING
#define P DRS_EXEC_C_PAUSABLE
#define U DRS_EXEC_C_RESUMABLE
#define L DRS_EXEC_C_LAUNCHING
#define T (DRS_EXEC_C_TERMINAL | DRS_EXEC_C_TERMINABLE | DRS_EXEC_C_DELETABLE)
#define O DRS_EXEC_C_LEGACY


typedef struct {
    const char *name;
    unsigned class;
} drs_exec_status_row_t;


static const drs_exec_status_row_t drs_exec_statuses[DRS_EXEC_N] = {
    [DRS_EXEC_NONE] = { "", 0 },
    [DRS_EXEC_PENDING] = { "PENDING", A | R },
    [DRS_EXEC_RUNNING] = { "RUNNING", A | R | P | L },
    [DRS_EXEC_POLLING] = { "POLLING", A | R | P | L },
    [DRS_EXEC_INITIATED] = { "INITIATED", A | R | O },
    [DRS_EXEC_LAUNCHING] = { "LAUNCHING", A | R | O },
    [DRS_EXEC_STARTED] = { "STARTED", A | R | O },
    [DRS_EXEC_IN_PROGRESS] = { "IN_PROGRESS", A | R | P | O },
    [DRS_EXEC_PAUSE_PENDING] = { "PAUSE_PENDING", A | R | U },
    [DRS_EXEC_PAUSED] = { "PAUSED", A | U },
    [DRS_EXEC_CANCELLING] = { "CANCELLING", A | R },
    [DRS_EXEC_COMPLETED] = { "COMPLETED", T },
    [DRS_EXEC_PARTIAL] = { "PARTIAL", T },
    [DRS_EXEC_FAILED] = { "FAILED", T },
    [DRS_EXEC_CANCELLED] = { "CANCELLED", T },
    [DRS_EXEC_TIMEOUT] = { "TIMEOUT", T },
    [DRS_EXEC_TERMINATED] = { "TERMINATED", T | O }
};


static const char *const drs_sm_events[DRS_SM_N] = {
    [DRS_SM_NONE] = "",
    [DRS_SM_START] = "start",
    [DRS_SM_CLAIM] = "claim",
    [DRS_SM_PAUSE_POINT] = "pause_point",
    [DRS_SM_WAVE_START] = "wave_start",
    [DRS_SM_WAVE_REFUSED] = "wave_refused",
    [DRS_SM_WAVE_REFUSED_PARTIAL] = "wave_refused_partial",
    [DRS_SM_WAVE_DONE] = "wave_done",
    [DRS_SM_PAUSE] = "pause",
    [DRS_SM_PAUSE_NOW] = "pause_now",
    [DRS_SM_QUIET] = "quiet",
    [DRS_SM_ALL_DONE] = "all_done",
    [DRS_SM_ALL_DONE_PARTIAL] = "all_done_partial",
    [DRS_SM_ALL_DONE_FAILED] = "all_done_failed",
    [DRS_SM_ALL_DONE_CANCELLED] = "all_done_cancelled",
    [DRS_SM_RESUME] = "resume",
    [DRS_SM_PAUSE_EXPIRED] = "pause_expired",
    [DRS_SM_CANCEL_NOW] = "cancel_now",
    [DRS_SM_CANCEL_NOW_PARTIAL] = "cancel_now_partial",
    [DRS_SM_CANCEL] = "cancel",
    [DRS_SM_CANCEL_DONE] = "cancel_done",
    [DRS_SM_CANCEL_DONE_PARTIAL] = "cancel_done_partial",
    [DRS_SM_WAVE_FAILED] = "wave_failed",
    [DRS_SM_WAVE_FAILED_PARTIAL] = "wave_failed_partial",
    [DRS_SM_WAVE_HOLD] = "wave_hold",
    [DRS_SM_WAVE_CONTINUE] = "wave_continue",
    [DRS_SM_RETRY] = "retry",
    [DRS_SM_SKIP] = "skip",
    [DRS_SM_RESOLVE] = "resolve",
    [DRS_SM_DEADLINE] = "deadline",
    [DRS_SM_DEADLINE_PARTIAL] = "deadline_partial",
    [DRS_SM_RECLAIM] = "reclaim",
    [DRS_SM_TERMINATE] = "terminate",
    [DRS_SM_DELETE] = "delete"
};


#define row(id, from, event, to)                                               \
    {                                                                          \
        id, DRS_EXEC_##from, DRS_SM_##event, DRS_EXEC_##to                     \
    }

/* one row for each status that is active and written by us */
#define active(id, event)                                                      \
    row(id, PENDING, event, PENDING), row(id, RUNNING, event, RUNNING),        \
        row(id, POLLING, event, POLLING),                                      \
        row(id, PAUSE_PENDING, event, PAUSE_PENDING),                          \
        row(id, PAUSED, event, PAUSED), row(id, CANCELLING, event, CANCELLING)

#define terminal(id, event)                                                    \
    row(id, COMPLETED, event, COMPLETED), row(id, PARTIAL, event, PARTIAL),    \
        row(id, FAILED, event, FAILED), row(id, CANCELLED, event, CANCELLED),  \
        row(id, TIMEOUT, event, TIMEOUT),                                      \
        row(id, TERMINATED, event, TERMINATED)

/* T11, T18, T19e: all waves are over; which event, outcome (1.14) decides */
#define finished(id, from)                                                     \
    row(id, from, ALL_DONE, COMPLETED),                                        \
        row(id, from, ALL_DONE_PARTIAL, PARTIAL),                              \
        row(id, from, ALL_DONE_FAILED, FAILED),                                \
        row(id, from, ALL_DONE_CANCELLED, CANCELLED)

/* two results, by whether anything was launched */
#define either(id, from, event, to)                                            \
    row(id, from, event, to), row(id, from, event##_PARTIAL, PARTIAL)


static const drs_sm_row_t drs_sm_rows[] = {

    row("T1", NONE, START, PENDING),
    row("T2", PENDING, CLAIM, RUNNING),
    row("T2b", RUNNING, PAUSE_POINT, PAUSED),
    row("T3", RUNNING, WAVE_START, POLLING),
    row("T3", POLLING, WAVE_START, POLLING), /* parallel waves */
    either("T4", RUNNING, WAVE_REFUSED, FAILED),
    either("T4", POLLING, WAVE_REFUSED, FAILED),
    row("T5", POLLING, WAVE_DONE, RUNNING),
    row("T6", POLLING, PAUSE_POINT, PAUSED),

    row("T7", RUNNING, PAUSE, PAUSE_PENDING),
    row("T7", POLLING, PAUSE, PAUSE_PENDING),
    row("T7", IN_PROGRESS, PAUSE, PAUSE_PENDING),
    row("T8", RUNNING, PAUSE_NOW, PAUSED),
    row("T8", POLLING, PAUSE_NOW, PAUSED), /* units PLANNED only */
    row("T8", IN_PROGRESS, PAUSE_NOW, PAUSED),
    row("T9", PAUSE_PENDING, QUIET, PAUSED),
    either("T10", PAUSE_PENDING, WAVE_REFUSED, FAILED),
    either("T10", PAUSE_PENDING, WAVE_FAILED, FAILED),
    row("T10", PAUSE_PENDING, WAVE_HOLD, PAUSED), /* policy PAUSE */
    row("T10", PAUSE_PENDING, WAVE_CONTINUE, PAUSE_PENDING),
    finished("T11", PAUSE_PENDING),

    row("T12", PAUSED, RESUME, RUNNING),
    row("T12b", PAUSE_PENDING, RESUME, POLLING),
    row("T13", PAUSED, PAUSE_EXPIRED, TIMEOUT),

    either("T14", PENDING, CANCEL_NOW, CANCELLED),
    either("T14", RUNNING, CANCEL_NOW, CANCELLED),
    either("T14", POLLING, CANCEL_NOW, CANCELLED), /* units PLANNED only */
    either("T14", PAUSE_PENDING, CANCEL_NOW, CANCELLED),
    either("T14", PAUSED, CANCEL_NOW, CANCELLED),
    either("T14", INITIATED, CANCEL_NOW, CANCELLED),
    either("T14", LAUNCHING, CANCEL_NOW, CANCELLED),
    either("T14", STARTED, CANCEL_NOW, CANCELLED),
    either("T14", IN_PROGRESS, CANCEL_NOW, CANCELLED),
    row("T15", RUNNING, CANCEL, CANCELLING),
    row("T15", POLLING, CANCEL, CANCELLING),
    row("T15", PAUSE_PENDING, CANCEL, CANCELLING),
    row("T15", PAUSED, CANCEL, CANCELLING), /* a unit is HELD */
    row("T15", INITIATED, CANCEL, CANCELLING),
    row("T15", LAUNCHING, CANCEL, CANCELLING),
    row("T15", STARTED, CANCEL, CANCELLING),
    row("T15", IN_PROGRESS, CANCEL, CANCELLING),
    either("T16", CANCELLING, CANCEL_DONE, CANCELLED),
    row("T17", CANCELLING, CANCEL, CANCELLING),

    finished("T18", POLLING),
    finished("T18", RUNNING), /* last waves were empty */
    either("T19", POLLING, WAVE_FAILED, FAILED),
    either("T19", RUNNING, WAVE_FAILED, FAILED), /* ended while waiting */
    row("T19b", POLLING, WAVE_HOLD, PAUSED),
    row("T19b", RUNNING, WAVE_HOLD, PAUSED), /* could not start */
    row("T19c", POLLING, WAVE_CONTINUE, RUNNING),
    row("T19c", RUNNING, WAVE_CONTINUE, RUNNING),
    row("T19d", PAUSED, RETRY, RUNNING),
    row("T19d", RUNNING, RETRY, RUNNING),
    row("T19d", POLLING, RETRY, POLLING),
    row("T19e", PENDING, SKIP, PENDING),
    row("T19e", RUNNING, SKIP, RUNNING),
    row("T19e", POLLING, SKIP, POLLING),
    row("T19e", PAUSE_PENDING, SKIP, PAUSE_PENDING),
    row("T19e", PAUSED, SKIP, RUNNING),
    row("T19e", CANCELLING, SKIP, CANCELLING),
    finished("T19e", PAUSED),
    finished("T19e", PENDING),
    active("T19f", RESOLVE),

    either("T20", RUNNING, DEADLINE, TIMEOUT), /* waits for capacity */
    either("T20", POLLING, DEADLINE, TIMEOUT),
    either("T20", PAUSE_PENDING, DEADLINE, TIMEOUT),
    active("T21", RECLAIM),
    row("T22", PAUSED, TERMINATE, PAUSED),
    terminal("T22", TERMINATE),

    row("T23", COMPLETED, DELETE, NONE),
    row("T23", PARTIAL, DELETE, NONE),
    row("T23", FAILED, DELETE, NONE),
    row("T23", CANCELLED, DELETE, NONE),
    row("T23", TIMEOUT, DELETE, NONE),
    row("T23", TERMINATED, DELETE, NONE)
};


#define DRS_SM_ROWS (sizeof(drs_sm_rows) / sizeof(drs_sm_rows[0]))


const drs_sm_row_t *
drs_sm_table(size_t *n)
{
    *n = DRS_SM_ROWS;
    return drs_sm_rows;
}


const drs_sm_row_t *
drs_sm_find(drs_exec_status_t from, drs_sm_event_t event)
{
    size_t i;

    for (i = 0; i < DRS_SM_ROWS; i++) {
        if (drs_sm_rows[i].from == from && drs_sm_rows[i].event == event) {
            return &drs_sm_rows[i];
        }
    }

    return NULL;
}


int
drs_sm_next(drs_exec_status_t from, drs_sm_event_t event)
{
    const drs_sm_row_t *r;

    r = drs_sm_find(from, event);

    return r != NULL ? (int) r->to : -1;
}


const char *
drs_sm_id(drs_exec_status_t from, drs_sm_event_t event)
{
    const drs_sm_row_t *r;

    r = drs_sm_find(from, event);

    return r != NULL ? r->id : NULL;
}


const char *
drs_exec_status_name(drs_exec_status_t status)
{
    return (unsigned) status < DRS_EXEC_N ? drs_exec_statuses[status].name : "";
}


drs_exec_status_t
drs_exec_status_parse(drs_str_t name)
{
    unsigned i;

    for (i = DRS_EXEC_NONE + 1; i < DRS_EXEC_N; i++) {
        if (drs_str_ieqz(name, drs_exec_statuses[i].name)) {
            return (drs_exec_status_t) i;
        }
    }

    return DRS_EXEC_NONE;
}


unsigned
drs_exec_status_class(drs_exec_status_t status)
{
    return (unsigned) status < DRS_EXEC_N ? drs_exec_statuses[status].class : 0;
}


int
drs_exec_is_active(drs_exec_status_t status)
{
    return (drs_exec_status_class(status) & DRS_EXEC_C_ACTIVE) != 0;
}


int
drs_exec_is_terminal(drs_exec_status_t status)
{
    return (drs_exec_status_class(status) & DRS_EXEC_C_TERMINAL) != 0;
}


const char *
drs_sm_event_name(drs_sm_event_t event)
{
    return (unsigned) event < DRS_SM_N ? drs_sm_events[event] : "";
}


drs_sm_event_t
drs_sm_event_parse(drs_str_t name)
{
    unsigned i;

    for (i = DRS_SM_NONE + 1; i < DRS_SM_N; i++) {
        if (drs_str_eqz(name, drs_sm_events[i])) {
            return (drs_sm_event_t) i;
        }
    }

    return DRS_SM_NONE;
}
