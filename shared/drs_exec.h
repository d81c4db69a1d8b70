
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The execution record in memory: header, waves, launch units, servers
 * (docs/redis-schema.md "Executions", api.md 2.7 and 10.4).
 *
 * Strings are NUL-terminated, never NULL ("" = absent), live in the arena of
 * the record and are never changed in place.  Times are epoch milliseconds
 * (`_at`, 0 = absent); JSON documents carry epoch seconds, as api.md 1.9
 * asks, except where a name ends in `Ms`.
 *
 * Members of JSON documents that this file does not know are kept: the
 * document that was read is the base of the one that is written.
 */

#ifndef DRS_EXEC_H_INCLUDED
#define DRS_EXEC_H_INCLUDED


#include <stdbool.h>

#include <jansson.h>

#include "drs_arena.h"
#include "drs_buf.h"


#define DRS_EXEC_UNIT_SERVERS 100 /* engine.md 3.1: servers in a job */
#define DRS_EXEC_UNIT_ID_SIZE 24  /* "<wave>-<seq>" */
#define DRS_EXEC_MAX_OPEN     8   /* open sends of a unit */


/* Wave status, api.md 1.15; those that the engine writes. */
typedef enum {
    DRS_WAVE_PENDING = 0,
    DRS_WAVE_INITIATED,   /* chosen; configuring or queued */
    DRS_WAVE_IN_PROGRESS, /* a launch was armed */
    DRS_WAVE_COMPLETED,
    DRS_WAVE_PARTIAL,
    DRS_WAVE_FAILED,
    DRS_WAVE_TIMEOUT,
    DRS_WAVE_CANCELLED,
    DRS_WAVE_STATUS_N
} drs_wave_status_t;

/* Launch unit, launch-protocol "Unit states". */
typedef enum {
    DRS_UNIT_PLANNED = 0,
    DRS_UNIT_INTENT,
    DRS_UNIT_STARTED,
    DRS_UNIT_DONE,
    DRS_UNIT_FAILED,
    DRS_UNIT_HELD,
    DRS_UNIT_CANCELLED,
    DRS_UNIT_STATE_N
} drs_unit_state_t;

/* launchStatus of a server. */
typedef enum {
    DRS_LAUNCH_PENDING = 0,
    DRS_LAUNCH_IN_PROGRESS,
    DRS_LAUNCH_LAUNCHED,
    DRS_LAUNCH_FAILED,
    DRS_LAUNCH_TERMINATED,
    DRS_LAUNCH_CANCELLED,
    DRS_LAUNCH_STATUS_N
} drs_launch_status_t;

/* `phase`, in order of progress. */
typedef enum {
    DRS_PHASE_NONE = 0,
    DRS_PHASE_CONFIG,
    DRS_PHASE_CLEANUP,
    DRS_PHASE_SNAPSHOT,
    DRS_PHASE_CONVERSION,
    DRS_PHASE_LAUNCH,
    DRS_PHASE_N
} drs_phase_t;

/* `statusReason` of waves and units. */
typedef enum {
    DRS_REASON_NONE = 0,
    DRS_REASON_CAPACITY, /* WAITING_FOR_CAPACITY */
    DRS_REASON_DELAY,    /* WAITING_FOR_DELAY */
    DRS_REASON_PAUSED,
    DRS_REASON_HELD, /* UNIT_HELD */
    DRS_REASON_THROTTLED,
    DRS_REASON_CONFLICT, /* CONFLICT_WAIT */
    DRS_REASON_N
} drs_reason_t;

typedef enum {
    DRS_POLICY_FAIL_FAST = 0,
    DRS_POLICY_CONTINUE,
    DRS_POLICY_PAUSE,
    DRS_POLICY_N
} drs_policy_t;

typedef enum {
    DRS_JOB_NONE = 0,
    DRS_JOB_PENDING,
    DRS_JOB_STARTED,
    DRS_JOB_COMPLETED,
    DRS_JOB_STATUS_N
} drs_job_status_t;

/* Names as on the wire; "" for the _NONE values. */
const char *drs_wave_status_name(drs_wave_status_t v);
const char *drs_unit_state_name(drs_unit_state_t v);
const char *drs_launch_status_name(drs_launch_status_t v);
const char *drs_phase_name(drs_phase_t v);
const char *drs_reason_name(drs_reason_t v);
const char *drs_policy_name(drs_policy_t v);
const char *drs_job_status_name(drs_job_status_t v);

/* -1 for an unknown name. */
int drs_wave_status_by_name(drs_str_t s);
int drs_unit_state_by_name(drs_str_t s);
int drs_launch_status_by_name(drs_str_t s);
int drs_phase_by_name(drs_str_t s);
int drs_reason_by_name(drs_str_t s);
int drs_policy_by_name(drs_str_t s);
int drs_job_status_by_name(drs_str_t s);

/* COMPLETED, PARTIAL, FAILED, TIMEOUT, CANCELLED */
bool drs_wave_is_over(drs_wave_status_t v);
/* INTENT, STARTED, HELD: engine.md 1.2 "in flight" */
bool drs_unit_in_flight(drs_unit_state_t v);
/* DONE, FAILED, CANCELLED */
bool drs_unit_is_final(drs_unit_state_t v);
/* LAUNCHED, FAILED, TERMINATED, CANCELLED */
bool drs_launch_is_final(drs_launch_status_t v);


/*
 * One server of a wave that has been resolved: field of exec:<id>:s.  Members
 * of the document have the names of api.md 2.7 and 10.4.
 */
typedef struct {
    const char         *id;      /* sourceServerId */
    int                 wave;    /* waveNumber */
    const char         *unit;    /* unitId, "" if none */
    const char         *account; /* accountId */
    const char         *region;
    drs_launch_status_t status; /* launchStatus */
    drs_phase_t         phase;
    int64_t             phase_since_at; /* phaseSince */
    int                 attempt;        /* from 1 */
    bool                optional;       /* criticality OPTIONAL */

    const char *name; /* serverName */
    const char *hostname;
    const char *source_instance; /* sourceInstanceId */
    const char *source_account;  /* sourceAccountId */
    const char *source_region;   /* sourceRegion */
    const char *source_ip;       /* sourceIp */
    const char *replication;     /* replicationState */
    const char *lag;             /* lagAtStart, ISO duration */
    const char *group;           /* protectionGroupId */
    const char *snapshot;        /* recoverySnapshotId asked for */
    const char *staging_account; /* stagingAccountId, extended */

    const char *instance;       /* recoveryInstanceId */
    const char *private_ip;     /* privateIp */
    const char *instance_type;  /* instanceType */
    const char *instance_state; /* instanceState */
    const char *name_tag;       /* nameTag */
    int64_t     launch_at;      /* launchTime of EC2 */
    int64_t     launched_at;    /* launchedAt, as we saw it */
    int         enriched;       /* 0, 1 once, 2 when running */

    const char *rp_snapshot; /* recoveryPoint.snapshotId */
    const char *rp_time;     /* recoveryPoint.time, iso */
    bool        rp_previous; /* recoveryPoint.usedPrevious */
    const char *actions;     /* launchActions, JSON text */

    const char *error;
    const char *error_code; /* errorCode */
    const char *advice;

    bool dirty; /* engine: to be written */
} drs_exec_server_t;


/* An open send: launch-protocol "Terms". */
typedef struct {
    int         attempt;
    int64_t     at;    /* when its intent was stored */
    const char *owner; /* worker instance id */
} drs_exec_send_t;


/* Launch unit: hash exec:<id>:u:<unit>.  `doc` has the members named here. */
typedef struct {
    const char      *id; /* "<wave>-<seq>" */
    int              wave, seq;
    int64_t          ver; /* 0: not stored yet */
    drs_unit_state_t state;
    const char      *account, *region;
    const char     **servers; /* sorted ids */
    size_t           nservers;
    int              attempt; /* 0 before the first arm */
    int              max_attempts;
    const char      *owner;
    int64_t          intent_at;
    const char      *launch_key; /* uuid */
    drs_exec_send_t  open[DRS_EXEC_MAX_OPEN];
    size_t           nopen;
    const char      *job;  /* jobId */
    const char     **jobs; /* all known jobs of the unit */
    size_t           njobs;
    int64_t          next_at; /* nextAt: nothing before it */

    /* doc */
    drs_reason_t     reason;       /* statusReason */
    drs_job_status_t job_status;   /* jobStatus */
    int64_t          started_at;   /* startTime */
    int64_t          ended_at;     /* endTime */
    int64_t          job_ended_at; /* jobEndTime: COMPLETED seen */
    int64_t          gone_at;      /* jobGoneSince: not listed */
    const char      *error_code, *error_message; /* error{} */
    int64_t          held_at;                    /* held.since */
    const char      *held_reason;                /* held.reason */
    const char      *held;                       /* held{} whole, JSON text */
    bool             config_done;                /* configDone */
    int              conflicts;                  /* conflictWaits, 2.6 */
    const char      *staging; /* jobs of staging accounts, JSON array or "" */
    const char      *conflict_servers; /* space separated, last answer */
    int              throttles;        /* throttles in a row */
    int              retries;          /* operator's and automatic */
    int64_t          look_at;          /* last look or reconciliation */
    int64_t          enrich_at;        /* last enrichment */
    int              looks;            /* complete looks */
    int              log_seen;         /* job log items passed on */
    const char      *ended;            /* endedJobs: those of `jobs` seen
                                               to their end, space separated */

    bool dirty;
} drs_exec_unit_t;


/* Wave: hash exec:<id>:w:<n>, n = waveNumber.  `doc` as api.md 2.7, 10.4. */
typedef struct {
    int               number; /* waveNumber */
    int64_t           ver;
    drs_wave_status_t status;
    json_t           *doc; /* as read; owned */

    /* frozen at start */
    bool         selected; /* false: not in `waves` of the
                                               request; not part of the run */
    const char  *name;     /* waveName */
    const char **groups;   /* protectionGroupIds */
    size_t       ngroups;
    const char **server_ids; /* serverIds: resolved at start,
                                               again at wave start */
    size_t       nserver_ids;
    int         *deps; /* dependsOnWaves */
    size_t       ndeps;
    const char **optional; /* optionalServerIds */
    size_t       noptional;
    bool         pause_before; /* pauseBeforeWave */
    drs_policy_t policy;       /* failurePolicy */
    int          min_launched; /* minLaunchedPercent */
    int          auto_retry;   /* autoRetryFailed */
    bool         empty_skip;   /* emptyWavePolicy SKIP */
    int          deadline_min; /* deadlineMinutes */
    bool         wait_actions; /* waitForLaunchActions */

    /* run time */
    int          attempt; /* 0 before the start */
    bool         skipped;
    bool         resolved; /* units exist */
    bool         handled;  /* failure policy applied */
    drs_phase_t  phase;
    drs_reason_t reason;                     /* statusReason */
    int64_t      started_at;                 /* startTime */
    int64_t      ended_at;                   /* endTime */
    int64_t      first_send_at;              /* firstSendAt */
    int64_t      deadline_at;                /* deadlineAt */
    int64_t      held_at;                    /* heldSince: clock stands */
    bool         warned;                     /* deadline_near was notified */
    int64_t      progress_at;                /* progressMs, to the minute */
    bool         stalled;                    /* stallWarned */
    int64_t      next_send_at;               /* nextSendAt: server delay */
    const char  *message;                    /* statusMessage */
    const char  *error_code, *error_message; /* error{} */
    int          next_seq;                   /* nextSeq of units */

    bool dirty;
} drs_exec_wave_t;


/* Header: hash exec:<id>. */
typedef struct {
    drs_arena_t *arena;
    const char  *id;
    int64_t      ver;
    const char  *status;        /* text of drs_sm.h */
    const char  *fence, *owner; /* as stored; informational */
    const char  *plan_id, *plan_name;
    bool         drill; /* type DRILL */
    int64_t      started_at, ended_at;
    int64_t      updated_at; /* last write of the library, 0: old record */
    int          waves_total, waves_left, inflight, planned;
    int          launched;
    bool         cancel, pause_req;
    int          current_wave; /* 1-based */
    int          completed_waves, failed_waves;
    int          paused_before; /* pausedBeforeWave, -1 none */
    const char  *pause_reason;
    int64_t      paused_at;
    const char  *paused_by;
    int64_t      pause_deadline;
    int64_t      pause_epoch;
    int          released; /* -1 none */
    const char  *cancelled_by;
    const char  *notes; /* JSON array of {time, user, text}, or "" */
    const char  *error_code, *error_message;
    const char  *accounts;
    bool         terminate;     /* cancelOptions.terminateLaunched */
    bool         allow_unknown; /* allowUnknownLimits of the start, or of
                                               the last resume or retry */
    const char  *resume_options, *retry_options; /* JSON of the last one, "" */

    json_t *doc; /* frozen; NULL if absent */
    json_t *out; /* written by the worker */

    /* from doc.plan: plan members of api.md 10.4 */
    int max_parallel;   /* maxParallelWaves */
    int wave_delay_s;   /* interWaveDelaySeconds */
    int server_delay_s; /* interServerDelaySeconds */
    int priority;

    /* members of out */
    const char *ending; /* ending.event: "T4" "T19" "T20":
                                               the run ends when nothing is
                                               in flight any more */
    const char *ending_code, *ending_message;
    int64_t     wave_ended_at; /* lastWaveEndMs */
    bool        start_sent;    /* notification start made */
    bool        finalised;     /* outcome computed, claims
                                               handled */
    int64_t     reminded_at;   /* pauseRemindedMs */
    bool        released_all;  /* claimsReleased: after the end,
                                               no unit needs one any more */
    int64_t     last_poll_at;  /* lastPolledTime */

    drs_exec_wave_t   *waves;
    size_t             nwaves;
    drs_exec_unit_t   *units; /* by wave, seq */
    size_t             nunits, units_cap;
    drs_exec_server_t *servers; /* by id */
    size_t             nservers, servers_cap;

    bool dirty_out;
} drs_exec_t;


typedef struct {
    char text[200]; /* names key and field */
} drs_exec_error_t;


/* Empty record; NULL without memory. */
drs_exec_t *drs_exec_new(const char *id);
void        drs_exec_free(drs_exec_t *e);

/*
 * Copy that may be changed without touching the original.  Strings and
 * documents are shared by reference count; the original may be freed first.
 */
drs_exec_t *drs_exec_clone(const drs_exec_t *e);

/*
 * Load functions: `fv` is the flat reply of HGETALL (field, value, ...).
 * DRS_OK, DRS_DECLINED (*err says what is wrong with the stored data) or
 * DRS_ERROR (memory).  Header first, then waves 0..waves_total-1, units and
 * servers in any order, then drs_exec_load_done(), which sorts and checks
 * references.
 */
int drs_exec_load_header(drs_exec_t *e, const drs_str_t *fv, size_t n,
                         drs_exec_error_t *err) DRS_MUST_CHECK;
int drs_exec_load_wave(drs_exec_t *e, int number, const drs_str_t *fv, size_t n,
                       drs_exec_error_t *err) DRS_MUST_CHECK;
int drs_exec_load_unit(drs_exec_t *e, drs_str_t unit, const drs_str_t *fv,
                       size_t n, drs_exec_error_t *err) DRS_MUST_CHECK;
int drs_exec_load_server(drs_exec_t *e, drs_str_t id, drs_str_t json,
                         drs_exec_error_t *err) DRS_MUST_CHECK;
int drs_exec_load_done(drs_exec_t *e, drs_exec_error_t *err) DRS_MUST_CHECK;

/* Documents to store, compact JSON appended to b. */
int drs_exec_out_doc(drs_buf_t *b, const drs_exec_t *e) DRS_MUST_CHECK;
int drs_exec_wave_doc(drs_buf_t *b, const drs_exec_wave_t *w) DRS_MUST_CHECK;
int drs_exec_unit_doc(drs_buf_t *b, const drs_exec_unit_t *u) DRS_MUST_CHECK;
int
drs_exec_server_doc(drs_buf_t *b, const drs_exec_server_t *s) DRS_MUST_CHECK;

/* Field values of a unit: "<attempt>:<at>:<owner> ..." and lists of ids. */
int drs_exec_open_text(drs_buf_t *b, const drs_exec_unit_t *u) DRS_MUST_CHECK;
int
drs_exec_list_text(drs_buf_t *b, const char *const *v, size_t n) DRS_MUST_CHECK;

/* Look-ups; NULL if there is none. */
drs_exec_wave_t   *drs_exec_wave(const drs_exec_t *e, int number);
drs_exec_unit_t   *drs_exec_unit(const drs_exec_t *e, const char *id);
drs_exec_server_t *drs_exec_server(const drs_exec_t *e, const char *id);
bool drs_exec_unit_has(const drs_exec_unit_t *u, const char *server);
bool drs_exec_unit_knows(const drs_exec_unit_t *u, const char *job);

/* New elements of the record; NULL without memory.  Pointers to units and
 * servers taken earlier are invalid afterwards. */
drs_exec_unit_t   *drs_exec_add_unit(drs_exec_t *e, int wave);
drs_exec_server_t *drs_exec_add_server(drs_exec_t *e, const char *id);

/* Sets every string to "" in a zeroed element. */
void drs_exec_unit_clear(drs_exec_unit_t *u);
void drs_exec_server_clear(drs_exec_server_t *s);

/* Counts of api.md 2.7. */
typedef struct {
    int total, launched, failed, cancelled, pending;
} drs_exec_counts_t;

/* Servers of a wave; of a wave without units: its server_ids. */
void drs_exec_wave_counts(const drs_exec_t *e, const drs_exec_wave_t *w,
                          drs_exec_counts_t *c);
/* Servers of a unit. */
void drs_exec_unit_counts(const drs_exec_t *e, const drs_exec_unit_t *u,
                          drs_exec_counts_t *c);
/* All selected waves: status classes of waves, then servers. */
void drs_exec_counts(const drs_exec_t *e, drs_exec_counts_t *waves,
                     drs_exec_counts_t *servers);

/* A unit of the wave is INTENT, STARTED or HELD. */
bool drs_exec_wave_in_flight(const drs_exec_t *e, const drs_exec_wave_t *w);

/* waves over / all, per cent with one decimal, times 10: 333 = 33.3 */
int drs_exec_permille(const drs_exec_t *e);


#endif /* DRS_EXEC_H_INCLUDED */
