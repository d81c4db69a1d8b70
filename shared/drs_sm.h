
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * State machine of executions: statuses, their classes (engine.md 1.2,
 * api.md 1.15), events and the transition table of engine.md 1.4.
 *
 * The table is a function of (status, event).  Where a row of 1.4 has two
 * results there are two events: the caller, who knows whether anything was
 * launched, picks one (`..._PARTIAL`).  The Redis library gets the same table
 * (shared/redis/drs_sm.lua, generated) and refuses everything else.
 */

#ifndef DRS_SM_H_INCLUDED
#define DRS_SM_H_INCLUDED


#include "drs_str.h"


typedef enum {
    DRS_EXEC_NONE = 0, /* no record: before T1, after T23 */

    DRS_EXEC_PENDING,
    DRS_EXEC_RUNNING,
    DRS_EXEC_POLLING,
    DRS_EXEC_INITIATED, /* the next four: old records only */
    DRS_EXEC_LAUNCHING,
    DRS_EXEC_STARTED,
    DRS_EXEC_IN_PROGRESS,
    DRS_EXEC_PAUSE_PENDING,
    DRS_EXEC_PAUSED,
    DRS_EXEC_CANCELLING,

    DRS_EXEC_COMPLETED,
    DRS_EXEC_PARTIAL,
    DRS_EXEC_FAILED,
    DRS_EXEC_CANCELLED,
    DRS_EXEC_TIMEOUT,
    DRS_EXEC_TERMINATED, /* old records only */

    DRS_EXEC_N
} drs_exec_status_t;


/* Classes: a mask, every status has exactly one of ACTIVE and TERMINAL. */
#define DRS_EXEC_C_ACTIVE   0x0001 /* holds its plan and servers */
#define DRS_EXEC_C_TERMINAL 0x0002
#define DRS_EXEC_C_RUNNING                                                     \
    0x0004 /* active without PAUSED: a group used
                                           by it cannot be changed */
#define DRS_EXEC_C_PAUSABLE    0x0008
#define DRS_EXEC_C_CANCELLABLE 0x0010 /* = active */
#define DRS_EXEC_C_RESUMABLE   0x0020 /* PAUSED, PAUSE_PENDING */
#define DRS_EXEC_C_TERMINABLE                                                  \
    0x0040 /* terminate instances; PAUSED only
                                           with confirmation, not in here */
#define DRS_EXEC_C_DELETABLE 0x0080
#define DRS_EXEC_C_LAUNCHING 0x0100 /* a launch may be armed */
#define DRS_EXEC_C_LEGACY    0x0200 /* read, never written by us */


typedef enum {
    DRS_SM_NONE = 0,

    DRS_SM_START,                /* T1 */
    DRS_SM_CLAIM,                /* T2 */
    DRS_SM_PAUSE_POINT,          /* T2b, T6: next wave has pauseBeforeWave */
    DRS_SM_WAVE_START,           /* T3 */
    DRS_SM_WAVE_REFUSED,         /* T4, nothing launched in the execution */
    DRS_SM_WAVE_REFUSED_PARTIAL, /* T4, something launched */
    DRS_SM_WAVE_DONE,            /* T5 */
    DRS_SM_PAUSE,                /* T7: something in flight */
    DRS_SM_PAUSE_NOW,            /* T8: nothing in flight */
    DRS_SM_QUIET,                /* T9: PAUSE_PENDING, nothing in flight */
    DRS_SM_ALL_DONE,             /* T11, T18, T19e: every wave completed */
    DRS_SM_ALL_DONE_PARTIAL,     /* the same, mixed outcome (1.14) */
    DRS_SM_ALL_DONE_FAILED,      /* the same, nothing launched (1.14) */
    DRS_SM_ALL_DONE_CANCELLED,   /* T19e: nothing ran, the rest was skipped */
    DRS_SM_RESUME,               /* T12, T12b */
    DRS_SM_PAUSE_EXPIRED,        /* T13 */
    DRS_SM_CANCEL_NOW,           /* T14, nothing launched */
    DRS_SM_CANCEL_NOW_PARTIAL,   /* T14, something launched */
    DRS_SM_CANCEL,               /* T15, T17: something in flight */
    DRS_SM_CANCEL_DONE,          /* T16, nothing launched */
    DRS_SM_CANCEL_DONE_PARTIAL,  /* T16, something launched */
    DRS_SM_WAVE_FAILED,          /* T10, T19, nothing launched */
    DRS_SM_WAVE_FAILED_PARTIAL,  /* T10, T19, something launched */
    DRS_SM_WAVE_HOLD,            /* T19b: policy PAUSE */
    DRS_SM_WAVE_CONTINUE,        /* T19c: policy CONTINUE */
    DRS_SM_RETRY,                /* T19d */
    DRS_SM_SKIP,                 /* T19e */
    DRS_SM_RESOLVE,              /* T19f */
    DRS_SM_DEADLINE,             /* T20, nothing launched */
    DRS_SM_DEADLINE_PARTIAL,     /* T20, something launched */
    DRS_SM_RECLAIM,              /* T21 */
    DRS_SM_TERMINATE,            /* T22 */
    DRS_SM_DELETE,               /* T23 */

    DRS_SM_N
} drs_sm_event_t;


typedef struct {
    const char       *id; /* "T12b" */
    drs_exec_status_t from;
    drs_sm_event_t    event;
    drs_exec_status_t to;
} drs_sm_row_t;


/* The whole table, for tests and generators. */
const drs_sm_row_t *drs_sm_table(size_t *n);

/* NULL when the table does not have it. */
const drs_sm_row_t *drs_sm_find(drs_exec_status_t from, drs_sm_event_t event);

/*
 * Status after the event, or -1 when it is not allowed in this status.
 * DRS_EXEC_NONE (0) is the answer of DRS_SM_DELETE.
 */
int drs_sm_next(drs_exec_status_t from, drs_sm_event_t event);

/* Id of the row ("T12b"), or NULL. */
const char *drs_sm_id(drs_exec_status_t from, drs_sm_event_t event);

/* "PAUSE_PENDING"; "" for DRS_EXEC_NONE and values out of range. */
const char *drs_exec_status_name(drs_exec_status_t status);

/* Ignores case (old clients); DRS_EXEC_NONE for an unknown name. */
drs_exec_status_t drs_exec_status_parse(drs_str_t name);

/* Mask of DRS_EXEC_C_... */
unsigned drs_exec_status_class(drs_exec_status_t status);

/* 1 or 0 */
int drs_exec_is_active(drs_exec_status_t status);
int drs_exec_is_terminal(drs_exec_status_t status);

/* "wave_done"; "" for DRS_SM_NONE. */
const char    *drs_sm_event_name(drs_sm_event_t event);
drs_sm_event_t drs_sm_event_parse(drs_str_t name);


#endif /* DRS_SM_H_INCLUDED */
