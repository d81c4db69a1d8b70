
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls that change executions.  General rules: drs_store.h.
 *
 * Who may write: the owner of the lease of task "exec:<id>" with its fence;
 * anything else is refused with LEASE_LOST.  Commands and facts need no lease.
 */

#ifndef DRS_STORE_EXEC_H_INCLUDED
#define DRS_STORE_EXEC_H_INCLUDED


#include "drs_sm.h"
#include "drs_store.h"


typedef struct {
    drs_str_t name;
    drs_str_t value;
} drs_pair_t;

/* Lease under which a caller writes. */
typedef struct {
    drs_str_t owner; /* worker instance id */
    uint64_t  fence;
} drs_lease_t;


/* -- create, delete ------------------------------------------------- */

typedef struct {
    drs_str_t status; /* "PENDING"; "CANCELLED" for a wave left out */
    drs_str_t doc;
} drs_exec_create_wave_t;

typedef struct {
    drs_str_t kind; /* "plan", "pg", "acct" */
    drs_str_t id;
    int64_t   version; /* must still be this one */
} drs_exec_create_check_t;

typedef struct {
    drs_str_t                      id;
    drs_str_t                      command_id;
    drs_str_t                      plan_id;
    drs_str_t                      plan_name;
    drs_str_t                      type; /* DRILL, RECOVERY */
    drs_str_t                      doc;
    drs_str_t                      out;
    drs_str_t                      accounts; /* space separated */
    const drs_exec_create_wave_t  *waves;
    size_t                         nwaves;
    const drs_str_t               *claims; /* "account:region:serverId" */
    size_t                         nclaims;
    const drs_exec_create_check_t *checks;
    size_t                         nchecks;
    drs_str_t                      audit;
    drs_str_t                      event;        /* execution.created */
    int64_t                        deadline;     /* 0: none */
    drs_str_t                      initiated_by; /* for the index; or empty */
    drs_str_t                      source;       /* invocationSource */
} drs_exec_create_t;


/*
 * T1.  Answer: "created" or "repeat" (same id and command id as before).
 * Refusals: PLAN_ALREADY_EXECUTING {executionId}; SERVER_CONFLICT {conflict:
 * "<account:region:server> <executionId>"}, up to 200; VERSION_CONFLICT {kind,
 * id, currentVersion}; ALREADY_EXISTS; PLAN_HAS_NO_WAVES; DEADLINE_PASSED.
 */
drs_cmd_t *drs_store_exec_create(drs_str_t p, const drs_exec_create_t *e);

/*
 * T23.  Refusals: EXECUTION_NOT_FOUND; INVALID_STATE {currentStatus, reason}:
 * not terminal, or a launch or a terminate job is still watched.
 */
drs_cmd_t *drs_store_exec_delete(drs_str_t p, drs_str_t id, drs_str_t audit,
                                 drs_str_t event);


/* -- pages ------------------------------------------------- */

/*
 * Executions out of the indexes, newest first, equal times by id downwards;
 * filters are added with the functions below, an execution must pass each.
 *
 * score: greatest start time, INT64_MAX: any; member: behind this id at that
 * time, may be empty; after: start time must be greater, 0: any.
 *
 * Answer: start time and id to go on behind, "-" "-" at the end; then id, start
 * time of each.  A call looks at a bounded number of executions: the page may
 * be short although it is not the last.
 */
drs_cmd_t *drs_store_exec_page(drs_str_t p, int64_t score, drs_str_t member,
                               int64_t after, size_t limit);

/* In one of n sets: `what` is "plan", "status", "acct", "type", "by",
 * "source"; type and source in upper case. */
int
drs_page_any(drs_cmd_t *c, const char *what, const drs_str_t *values, size_t n);

/* Folded text inside the folded plan name or the id. */
int drs_page_text(drs_cmd_t *c, drs_str_t text);


/* -- commands ------------------------------------------------- */

/*
 * Pause, resume, cancel (T7, T8, T12, T12b, T14, T15, T17).  command_id may be
 * empty; with one, a repeat gets the first answer.  `extra`: JSON with options
 * for the worker (terminateLaunched, overrides), kept in the header field
 * `<command>Options`.  audit empty: the function writes its own entry.
 *
 * Refusals: EXECUTION_NOT_FOUND, EXECUTION_NOT_PAUSABLE, EXECUTION_NO_WAVES,
 * SINGLE_WAVE_NOT_PAUSABLE, NO_PENDING_WAVES {lastCompletedWave},
 * EXECUTION_NOT_PAUSED, EXECUTION_NOT_RESUMABLE, EXECUTION_NOT_CANCELLABLE,
 * all but the first with {currentStatus, reason}.
 */
drs_cmd_t *
drs_store_exec_command(drs_str_t p, drs_str_t id, const char *command,
                       drs_str_t command_id, drs_str_t actor, drs_str_t reason,
                       drs_str_t audit, drs_str_t extra);

/*
 * The same by a link of the pause (drs_store_notify.h): refused with
 * LINK_INVALID unless `link` (SHA-256 in hex) belongs to this pause and
 * command; used up by success.
 */
drs_cmd_t *
drs_store_exec_command_link(drs_str_t p, drs_str_t id, const char *command,
                            drs_str_t command_id, drs_str_t actor,
                            drs_str_t reason, drs_str_t audit, drs_str_t extra,
                            drs_str_t link);

typedef struct {
    drs_exec_status_t status, previous;
    drs_str_t         transition; /* "T12b" */
    drs_str_t         fields;     /* JSON: lastCompletedWave, nextWave,
                                           completedWaves[], inProgressWaves[],
                                           cancelledWaves[] */
} drs_exec_command_answer_t;

/* DRS_OK, DRS_DECLINED (see *a) or DRS_ERROR. */
int
drs_store_exec_command_answer(const drs_reply_t *r, drs_answer_t *a,
                              drs_exec_command_answer_t *out) DRS_MUST_CHECK;


/* -- commit ------------------------------------------------- */

/*
 * One all-or-nothing batch of changes.  drs_commit_begin(), any number of
 * operations, then send the command.  Errors stick in the command: test with
 * drs_cmd_ok() at the end.
 *
 * ver: version of the header that the decision was made on, -1 for any.
 * event DRS_SM_NONE: the status stays.  Otherwise the library looks the
 * event up in the same table as drs_sm_next() and compares with `to`.
 *
 * Answer: new version of the header.  Refusals: EXECUTION_NOT_FOUND,
 * LEASE_LOST, VERSION_CONFLICT {currentVersion} or {unit, currentVersion},
 * ILLEGAL_TRANSITION {currentStatus}, SERVER_CONFLICT {conflict},
 * JOB_NOT_ADOPTABLE {jobId, owner}, BAD_CALL.
 *
 * Kept by the library and refused in drs_commit_header(): status ver fence
 * owner inflight planned wavesLeft wavesTotal cancel pauseReq pauseEpoch planId
 * planName type startedAt accounts commandId doc wavesRun.  Entering PAUSED
 * sets pausedAt; leaving it clears pausedBeforeWave pauseReason pausedAt
 * pausedBy pauseDeadline (unless the same batch sets them).  A terminal status
 * releases claims and plan as drs_commit_final() does and sets endedAt.
 */
drs_cmd_t *
drs_commit_begin(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                 int64_t ver, drs_sm_event_t event, drs_exec_status_t to);

int drs_commit_header(drs_cmd_t *c, const char *field, drs_str_t value);
int drs_commit_header_i64(drs_cmd_t *c, const char *field, int64_t value);

/* An empty status or doc stays as it is. */
int
drs_commit_wave(drs_cmd_t *c, unsigned wave, drs_str_t status, drs_str_t doc);

/*
 * Creates (ver 0) or changes a unit.  Not the fields ver and open; state not
 * to INTENT (drs_store_unit_arm) and along the arrows of launch-protocol.md
 * only.
 */
int drs_commit_unit(drs_cmd_t *c, drs_str_t unit, uint64_t ver,
                    const drs_pair_t *pairs, size_t n);

int drs_commit_server(drs_cmd_t *c, drs_str_t server_id, drs_str_t json);
int drs_commit_claim(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                     drs_str_t server_id);
int drs_commit_unclaim(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                       drs_str_t server_id);
int drs_commit_watch(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                     drs_str_t job_id, drs_str_t unit);

/* Ends the watch and forgets the stored observation. */
int drs_commit_unwatch(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                       drs_str_t job_id);

/* Event JSON without `id`, for the run's and the global stream. */
int drs_commit_event(drs_cmd_t *c, drs_str_t json);

/* Notification into the outbox, once for each dedupe key. */
int drs_commit_notify(drs_cmd_t *c, drs_str_t key, drs_str_t type,
                      drs_str_t json, drs_str_t notice);

/* Next time of the own task, used by drs_store_task_release(DRS_DUE_KEPT). */
int drs_commit_due(drs_cmd_t *c, int64_t at);

/* Makes another task due (earlier wins). */
int drs_commit_task(drs_cmd_t *c, drs_str_t task, int64_t at);
int drs_commit_audit(drs_cmd_t *c, drs_str_t json);

/*
 * Releases the plan, the accounts and every server claim that no open send
 * and no unit in INTENT, STARTED or HELD needs.  May be repeated later for the
 * rest.  Refused while the status after the batch is not terminal.
 */
int drs_commit_final(drs_cmd_t *c, int64_t ended_at);


/* -- launch units ------------------------------------------------- */

/*
 * Step 1 of launch-protocol.md.  attempt: the unit's attempt + 1.  intent_at 0:
 * the store's time.  allow_open: other sends may be open.
 * Answer: unit version, store's time, intentAt.  Refusals: EXECUTION_NOT_FOUND,
 * UNIT_NOT_FOUND, LEASE_LOST, VERSION_CONFLICT {currentVersion}, ARM_REFUSED
 * {reason: cancel | pause | status | state | attempt | attempts | open |
 * claim, ...}.
 */
drs_cmd_t *
drs_store_unit_arm(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                   drs_str_t unit, uint64_t ver, unsigned attempt,
                   drs_str_t launch_key, int64_t intent_at, int allow_open);

/*
 * Closes the send of an attempt (0: all open ones).  state ("" = stays) is
 * taken only while the unit is INTENT; PLANNED becomes CANCELLED (or stays
 * INTENT while other sends are open) when the run is cancelled.  next_at -1
 * and an empty doc leave the fields.  Answer: unit version, state.
 */
drs_cmd_t *
drs_store_unit_close(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                     drs_str_t unit, unsigned attempt, const char *state,
                     int64_t next_at, drs_str_t doc);

/*
 * A job of ours exists: a fact, stored without lease.  attempt 0: the send is
 * not known (adoption without one, stray).  Answer: state, unit version.
 * Refusals: EXECUTION_NOT_FOUND, UNIT_NOT_FOUND, JOB_NOT_ADOPTABLE {owner}.
 */
drs_cmd_t *
drs_store_unit_fact(drs_str_t p, drs_str_t exec_id, drs_str_t unit,
                    unsigned attempt, drs_str_t job_id, drs_str_t doc);


/* -- starts outside of plans -------------------------------------------------- */

/*
 * Holds the servers (n >= 1) for a start outside of plans; ttl_ms 0 gives them
 * back.  SERVER_CONFLICT {conflict} when an execution or another start has one.
 */
drs_cmd_t *
drs_store_hold(drs_str_t p, drs_str_t account, drs_str_t region, drs_str_t id,
               int64_t ttl_ms, const drs_str_t *servers, size_t n);


/* -- observations, termination --------------------------------------------- */

typedef struct {
    drs_str_t job_id;
    drs_str_t json;
    int       final; /* the job ended: not polled any more */
} drs_obs_put_t;

/*
 * Stores what a poll of one account and Region saw and makes the executions
 * of changed jobs due.  Answer: their ids.
 */
drs_cmd_t *drs_store_obs_put(drs_str_t p, drs_str_t account, drs_str_t region,
                             const drs_obs_put_t *v, size_t n);

/*
 * Terminate jobs.  `lease` is that of the task "term:<id>"; NULL to begin:
 * refused with ALREADY_EXISTS while one runs, TERMINATION_NOT_ALLOWED
 * {currentStatus} unless terminal (or PAUSED and confirm_paused).  state: NONE,
 * RUNNING, DONE, FAILED.  Makes term:<id> and exec:<id> due.
 */
drs_cmd_t *
drs_store_term_put(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                   const char *state, int confirm_paused,
                   const drs_pair_t *jobs, size_t n, drs_str_t event);


#endif /* DRS_STORE_EXEC_H_INCLUDED */
