
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The engine: a pure function from (record, observation, clock) to (changes
 * for one drs_exec_commit, effects).  No I/O, no clock, no globals.
 *
 * The caller's loop (docs/engine.md):
 *
 *   load the record; obs = {}
 *   for ( ;; ) {
 *       drsw_engine_step(e, &obs, set, now, plan)
 *       if plan->changed: drs_exec_commit(plan->event, plan->status,
 *           plan->ops...); when it is refused for its version, load again and
 *           step again with the same obs (a step on an observation that was
 *           already applied changes nothing)
 *       run plan->effects in order, put the results into a new obs
 *       if nothing was run and !plan->again: release the task with
 *           plan->due_at (0: the task is over, remove it)
 *       load the record again
 *   }
 *
 * Effects that were not run (lost lease, crash) are asked for again by the
 * next step on the same record.
 */

#ifndef DRSW_ENGINE_H_INCLUDED
#define DRSW_ENGINE_H_INCLUDED


#include "drs_exec.h"
#include "drs_sm.h"
#include "drs_store_exec.h"


/* --- settings ------------------------------------------------------------ */

#define DRSW_REMINDERS 20

/*
 * Times in ms, already scaled (drsw_settings_scale()).  Names of
 * launch-protocol "Terms and times" and engine.md 9.7.
 */
typedef struct {
    int64_t request_timeout;    /* R 30,000 */
    int64_t listing_lag;        /* L 30,000 */
    int64_t signature_validity; /* V 900,000 */
    int64_t margin;             /* 30,000: the 30 in Q and H */
    int64_t transit;            /* 60,000: a job created within
                                       max(R, transit) of a send is its */
    int64_t skew;               /* 5,000: AWS clock against ours */
    bool    strict;             /* launch_settle strict: H before a second
                                       call, else Q */
    bool    hold_on_match;      /* launch_ambiguity hold: an exact match
                                       is HELD instead of adopted */
    bool    limits_strict;      /* informational: no effect on launches */

    int64_t look_first;       /* 5,000 after the send's time-out */
    int64_t look_every;       /* 5,000 */
    int64_t look_watch;       /* 30,000 between looks of step 8 */
    int64_t poll_every;       /* 5,000 least distance of own steps */
    int64_t idle_every;       /* 30,000 while jobs run: safety net
                                       besides the poke of a new observation */
    int64_t conflict_wait[3]; /* 30,000 60,000 120,000 */
    int64_t throttle_base;    /* 2,000, doubled up to throttle_max */
    int64_t throttle_max;     /* 60,000 */
    int64_t quota_wait;       /* 30,000 */
    int64_t capacity_wait;    /* 15,000; up to DRSW_CAPACITY_WAITS times
                                       that in a long queue */
    int64_t grace;            /* 600,000 job COMPLETED, servers pending;
                                       also for a job that is gone */
    int64_t pause_deadline;   /* 365 d */
    int64_t minute;           /* 60,000: unit of deadlineMinutes, and of the
                                       hours below */
    int     remind[DRSW_REMINDERS]; /* hours of a pause: pause_reminder; the
                                       last one again weekly */
    int     nreminders;
    int64_t second;       /* 1,000: unit of ...DelaySeconds */
    int     max_attempts; /* 3 sends of one unit */
    int     unit_servers; /* 100, where the place has no own figure */

    unsigned omit; /* DRSW_OMIT_*; 0 except in the model */
} drsw_settings_t;

#define DRSW_CAPACITY_WAITS 8

#define DRSW_OMIT_EXACT  0x01 /* adopt a job on overlapping servers */
#define DRSW_OMIT_WATCH  0x02 /* no step 8 */
#define DRSW_OMIT_STRAYS 0x04 /* strays are recorded, not followed */
#define DRSW_OMIT_WINDOW 0x08 /* no window before a second call */

/* The defaults above. */
void drsw_settings_init(drsw_settings_t *s);

/*
 * Divides every time except R by `scale` (>= 1, 1 = nothing), never below
 * floor_ms; transit never below R (decisions.md 14).
 */
void drsw_settings_scale(drsw_settings_t *s, double scale, int64_t floor_ms);

/* Q = R + L + margin, H = V + L + margin. */
int64_t drsw_quiet_window(const drsw_settings_t *s);
int64_t drsw_hard_window(const drsw_settings_t *s);


/* --- observations -------------------------------------------------------- */

/* Strings are borrowed for the call. */

/* One item of a job's log, as DescribeJobLogItems gave it. */
typedef struct {
    int64_t     at; /* logDateTime */
    const char *event;
    const char *server; /* eventData.sourceServerID or "" */
    const char *conversion_server;
    const char *target_instance;
    const char *error;                 /* eventData.rawError or "" */
    int         attempt, max_attempts; /* conversion; 0 unknown */
} drsw_log_item_t;

typedef struct {
    const char         *id;
    drs_launch_status_t status;
    const char         *instance; /* recoveryInstanceID or "" */
    const char         *actions;  /* launchActions, JSON array text or "" */
} drsw_job_server_t;

/*
 * A job as the poll saw it last: value of obs:<account>:<region>.
 * drsw_job_decode() and drsw_job_encode() are its JSON form:
 * {jobId, type, initiatedBy, status, createdMs, endedMs, seenMs, logMs,
 *  missing, tag, servers: [{id, status, instance?, actions?}],
 *  log: [{at, event, server?, conversionServer?, targetInstance?, error?,
 *         attempt?, maxAttempts?}], staging?}
 * `log` only grows at its end.
 */
typedef struct {
    const char              *id;
    const char              *type;         /* LAUNCH, TERMINATE, ... */
    const char              *initiated_by; /* START_DRILL, ... */
    drs_job_status_t         status;
    int64_t                  created_at;
    int64_t                  ended_at;
    int64_t                  seen_at; /* when it was asked for */
    int64_t                  log_at;  /* when its log was, 0: not yet */
    bool                     missing; /* asked for by id, not listed */
    const char              *tag;     /* launch key tag or "" */
    const drsw_job_server_t *servers;
    size_t                   nservers;
    const drsw_log_item_t   *log;
    size_t                   nlog;
    const char              *staging; /* jobs of staging accounts, JSON
                                               array text or "" */
    const char              *owner;   /* looks: "<exec> <unit>" of
                                               job:<account>:<region>, or "" */
} drsw_job_t;

/* lifeCycle.lastLaunch of a source server. */
typedef struct {
    const char *server;
    const char *job;      /* initiated.jobID or "" */
    int64_t     at;       /* initiated.apiCallDateTime, 0 unknown */
    const char *status;   /* PENDING IN_PROGRESS LAUNCHED FAILED
                                       TERMINATED or "" */
    const char *instance; /* reconcile: recovery instance whose
                                       jobID is `instance_job`, or "" */
    const char *instance_job;
} drsw_last_launch_t;

/* Result of LOOK and of RECONCILE. */
typedef struct {
    const char               *unit;
    int64_t                   at;   /* taken before the first request */
    bool                      ok;   /* every page read; false: try later */
    const drsw_job_t         *jobs; /* all types, since fromDate */
    size_t                    njobs;
    const drsw_last_launch_t *last; /* the unit's servers */
    size_t                    nlast;
} drsw_look_t;

/* Result of RESOLVE_WAVE. */
typedef struct {
    const char *id, *account, *region, *group;
    const char *name, *hostname, *source_instance, *source_account;
    const char *source_region, *source_ip, *replication, *lag;
    const char *snapshot; /* recovery snapshot to use or "" */
    const char *staging_account;
    int         unit_servers; /* most servers in a job there, 0: setting */
    const char *error_code;   /* "" = may be launched; else FAILED */
    const char *error;        /* with this text (SERVER_CONFLICT,
                                       RECOVERY_POINT_UNAVAILABLE, ...) */
} drsw_resolved_t;

typedef struct {
    int                    wave;
    bool                   ok; /* false: transient, see retry_at */
    int64_t                retry_at;
    const char            *error_code, *error; /* permanent: wave FAILED */
    const drsw_resolved_t *servers;
    size_t                 nservers;
} drsw_resolution_t;

/* Result of APPLY_CONFIG: servers that must not be launched (STRICT). */
typedef struct {
    const char *server, *error;
} drsw_config_failure_t;

typedef struct {
    const char                  *unit;
    bool                         ok; /* false: ask again at retry_at */
    int64_t                      retry_at;
    const drsw_config_failure_t *failed;
    size_t                       nfailed;
} drsw_configured_t;

/* Result of CAPACITY: whether the unit's turn has come in the capacity queue of
 * its account and Region. */
typedef struct {
    const char  *unit;
    bool         known;   /* false: could not be asked */
    bool         granted; /* room is held for it */
    int64_t      waiting; /* units in the queue when it is not */
    const char **busy;    /* servers of the unit in active jobs */
    size_t       nbusy;
} drsw_capacity_t;

/* Result of ARM_AND_SEND when the answer was not ACCEPTED (an accepted answer
 * is stored by drs_unit_fact before the next step). */
typedef enum {
    DRSW_SEND_NOT_ARMED = 0, /* drs_unit_arm refused: nothing stored */
    DRSW_SEND_NOT_SENT,      /* armed; nothing left the process */
    DRSW_SEND_REFUSED,       /* definite refusal: see why */
    DRSW_SEND_UNKNOWN        /* may have been sent */
} drsw_send_outcome_t;

typedef enum {
    DRSW_WHY_NONE = 0,
    DRSW_WHY_CONFLICT, /* ConflictException */
    DRSW_WHY_THROTTLE,
    DRSW_WHY_QUOTA,     /* ServiceQuotaExceededException */
    DRSW_WHY_TRANSIENT, /* not sent: no connection, credentials */
    DRSW_WHY_PERMANENT  /* denied, validation, uninitialised */
} drsw_why_t;

typedef struct {
    const char         *unit;
    int                 attempt;
    drsw_send_outcome_t outcome;
    drsw_why_t          why;
    const char         *code, *message;
    const char         *server;      /* CONFLICT: server if told, or "" */
    int64_t             retry_after; /* ms, -1 if not told */
} drsw_send_t;

/* Result of ENRICH, per server; "" and 0 = unknown. */
typedef struct {
    const char *server, *instance, *private_ip, *instance_type;
    const char *instance_state, *name_tag, *hostname;
    int64_t     launch_at;
    const char *rp_snapshot, *rp_time;
} drsw_enriched_t;

/* A command of an operator, at most one per step. */
typedef enum {
    DRSW_REQ_NONE = 0,
    DRSW_REQ_RETRY, /* X-5, T19d */
    DRSW_REQ_SKIP,  /* X-6, T19e */
    DRSW_REQ_ADOPT, /* X-7, T19f */
    DRSW_REQ_RETRY_UNIT,
    DRSW_REQ_FAIL_UNIT
} drsw_request_type_t;

typedef struct {
    drsw_request_type_t type;
    int                 wave;
    const char         *unit;
    const char         *job;     /* ADOPT; look of the unit must list it */
    const char        **servers; /* RETRY: NULL = all FAILED */
    size_t              nservers;
    bool                allow_unknown; /* RETRY: allowUnknownLimits */
    const char         *overrides;     /* RETRY: given ones, JSON; or NULL */
    const char         *actor, *reason;
    const char         *id;    /* of the command; kept as lastRequest in
                                       the commit that applies it; or NULL */
    const char         *audit; /* entry of the audit trail, stored in the
                                       commit that applies it; or NULL */
} drsw_request_t;

typedef struct {
    const drsw_resolution_t *resolutions;
    size_t                   nresolutions;
    const drsw_configured_t *configs;
    size_t                   nconfigs;
    const drsw_capacity_t   *capacity;
    size_t                   ncapacity;
    const drsw_send_t       *sends;
    size_t                   nsends;
    const drsw_look_t       *looks; /* LOOK and RECONCILE */
    size_t                   nlooks;
    const drsw_job_t        *jobs; /* all jobs of the run that the
                                               poll knows; at every step */
    size_t                   njobs;
    const drsw_enriched_t   *enriched;
    size_t                   nenriched;
    const char             **enriched_units; /* ENRICH was run for them,
                                                   whatever came of it */
    size_t                   nenriched_units;
    const drsw_request_t    *request;
} drsw_obs_t;

/* JSON of a job observation.  Strings go to the arena. */
int
drsw_job_decode(drs_arena_t *a, drs_str_t json, drsw_job_t *job) DRS_MUST_CHECK;
int drsw_job_encode(drs_buf_t *b, const drsw_job_t *job) DRS_MUST_CHECK;


/* --- the plan ------------------------------------------------------------ */

typedef enum {
    DRSW_EFF_RESOLVE_WAVE = 0, /* wave: groups -> servers, live, claims
                                       of late joiners by op `claim` */
    DRSW_EFF_CAPACITY,         /* unit: asks for room */
    DRSW_EFF_APPLY_CONFIG,     /* unit */
    DRSW_EFF_ARM_AND_SEND,     /* unit, attempt, unit_ver: drs_unit_arm,
                                       WAIT, send, then drs_unit_fact or a
                                       drsw_send_t */
    DRSW_EFF_CLOSE,            /* unit, attempt (0 = all), state, next_at,
                                       data: drs_unit_close, NULL or -1 =
                                       stays */
    DRSW_EFF_FACT,             /* unit, attempt (0 = "-"), job:
                                       drs_unit_fact (adoption, stray) */
    DRSW_EFF_LOOK,             /* unit, from_at: DescribeJobs of all
                                       pages and lastLaunch */
    DRSW_EFF_RECONCILE,        /* unit, job: as LOOK with the recovery
                                       instances of the servers */
    DRSW_EFF_ENRICH,           /* unit: servers LAUNCHED, enriched < 2 */
    DRSW_EFF_TERMINATE         /* chain of terminateLaunched */
} drsw_effect_type_t;

typedef struct {
    drsw_effect_type_t type;
    int                wave;     /* -1 if none */
    const char        *unit;     /* "" if none */
    int64_t            unit_ver; /* after the commit of this plan */
    int                attempt;
    const char        *job;
    const char        *account, *region;
    int64_t            from_at;
    const char        *state;      /* CLOSE: "PLANNED"; "" stays */
    int64_t            next_at;    /* CLOSE; -1 stays */
    bool               allow_open; /* ARM: other sends may be open */
    const char        *name;
    const char        *data; /* JSON object text; "" none.  CLOSE and
                                       FACT: new `doc` of the unit */
} drsw_effect_t;

/* One operation of drs_exec_commit: arg[0] is its letter or word, the rest as
 * docs/redis-schema.md says.  drsw_plan_commit() makes the command of them. */
typedef struct {
    const drs_str_t *arg;
    size_t           n;
} drsw_op_t;

/* Answer to obs.request. */
typedef struct {
    bool        ok;
    const char *code; /* WAVE_NOT_RETRYABLE, UNIT_NOT_HELD, ... */
    const char *message;
    int         attempt; /* RETRY */
    const char *status;  /* of the run after the change */
    const char *wave_status;
} drsw_verdict_t;

typedef struct {
    drs_arena_t         *arena;   /* of everything below */
    drs_exec_t          *next;    /* record after the commit (ver + 1) */
    bool                 changed; /* ops or a status change to commit */
    drs_sm_event_t       sm;      /* DRS_SM_NONE: no status change */
    const char          *event;   /* drs_sm_event_name(), or "-" */
    const char          *status;  /* new status, or "-" */
    const drsw_op_t     *ops;
    size_t               nops, ops_cap;
    const drsw_effect_t *effects;
    size_t               neffects, effects_cap;
    bool                 again;  /* step again at once */
    int64_t              due_at; /* next step; 0: task is over */
    drsw_verdict_t       answer;
} drsw_plan_t;

/*
 * DRS_OK, or DRS_ERROR (memory; the plan is empty).  The plan is freed with
 * drsw_plan_free() in both cases.
 */
int  drsw_engine_step(const drs_exec_t *e, const drsw_obs_t *obs,
                      const drsw_settings_t *set, int64_t now_ms,
                      drsw_plan_t *plan) DRS_MUST_CHECK;
void drsw_plan_free(drsw_plan_t *plan);

/* Whether an observation of this job can still change anything: jobs that were
 * seen to their end need not be passed any more. */
bool drsw_engine_follows(const drs_exec_unit_t *u, const char *job);

/*
 * The drs_exec_commit of a plan with `changed` (plan->next->ver - 1 is the
 * version that it expects); drs_cmd_free().  NULL without memory.
 */
drs_cmd_t *drsw_plan_commit(const drsw_plan_t *plan, drs_str_t prefix,
                            const drs_lease_t *lease);


/* --- one unit: launch-protocol steps 5 to 10 ------------------------------ */

/* What is known about the unit's open sends and stray jobs. */
typedef struct {
    const drsw_look_t *look;      /* newest complete look, NULL: none */
    bool               cancelled; /* of the run */
    bool               drill;
    const char        *self; /* "<exec> <unit>": own jobs */
} drsw_evidence_t;

typedef enum {
    DRSW_DO_NOTHING = 0,
    DRSW_DO_LOOK,   /* a look is due now */
    DRSW_DO_WAIT,   /* until next_at */
    DRSW_DO_ADOPT,  /* job: STARTED */
    DRSW_DO_HOLD,   /* reason */
    DRSW_DO_RETRY,  /* PLANNED again: next attempt allowed */
    DRSW_DO_CANCEL, /* CANCELLED */
    DRSW_DO_STRAY   /* job: record, follow, HELD */
} drsw_do_t;

typedef struct {
    drsw_do_t   what;
    const char *job;     /* ADOPT, STRAY */
    int         attempt; /* ADOPT: send that the job belongs to, 0:
                                       not known which of several */
    const char *reason;  /* HOLD: code for people and machines */
    int64_t     next_at;
    unsigned    close; /* bit n: open[n] is older than H and was
                                       looked for: close it */
} drsw_decision_t;

/*
 * Decides about a unit with open sends (INTENT: steps 5 to 7 and 10; any other
 * state: the watch of step 8).  Pure; never arms.
 */
void drsw_unit_decide(const drs_exec_unit_t *u, const drsw_evidence_t *ev,
                      const drsw_settings_t *set, int64_t now_ms,
                      drsw_decision_t *d);

/* Step 9: final, no open send, no running job of ours. */
bool drsw_unit_releasable(const drs_exec_unit_t *u, const drsw_settings_t *set);


#endif /* DRSW_ENGINE_H_INCLUDED */
