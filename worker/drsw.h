
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What tasks and commands of the worker are written against.
 *
 * A step or a handler runs in one thread, in plain sequential C, with the
 * context below.  Nothing of the context may be kept after the call or used
 * in another thread.
 *
 * Result codes are those of drs_rc.h.
 */

#ifndef DRSW_H
#define DRSW_H


#include <stdint.h>

#include <jansson.h>

#include "drs_str.h"
#include "drs_buf.h"

#include "aws.h"
#include "drsw_config.h"
#include "drsw_log.h"
#include "drsw_redis.h"


typedef struct drsw_worker_s   drsw_worker_t; /* the process */
typedef struct drsw_registry_s drsw_registry_t;
typedef struct drsw_lease_s    drsw_lease_t;


typedef struct {
    const drsw_config_t *conf;
    drsw_worker_t       *worker;
    drsw_log_t          *log;   /* this thread's; carries task and ids */
    drsw_redis_t        *redis; /* this thread's connection */
    drsw_aws_t          *aws;   /* this thread's client, never NULL */

    const char   *owner; /* owner instance id for leases, fences:
                                       host-boot-pidns-pid-start-random */
    const char   *name;  /* task name, or type of the command */
    uint64_t      fence; /* of the lease; 0 in a command */
    drsw_lease_t *lease; /* NULL in a command */

    /* who stands behind the calls for an execution; "": not known */
    char user[65];

    /* private: sample of the store's clock */
    int64_t clock_ms;
    int64_t clock_mono_ms;
} drsw_ctx_t;


/* --- Tasks -------------------------------------------------------------- */

/* *next_at of a step: the task is removed / is due again at once / when the
 * `due` operation of drs_exec_commit said */
#define DRSW_NEVER INT64_C(-1)
#define DRSW_NOW   INT64_C(0)
#define DRSW_KEPT  INT64_C(-2)

/*
 * One durable step of the task ctx->name.
 *
 *  DRS_OK        *next_at (epoch ms of the store's clock, DRSW_NEVER,
 *                DRSW_NOW, DRSW_KEPT) says when the task is due again.  A poke
 *                that came meanwhile, and an earlier time set by
 *                drs_exec_commit or drs_task_due, win.
 *  DRS_DECLINED  ownership is lost (a write was refused for its fence):
 *                nothing is released.
 *  DRS_ERROR     failed (log it); tried again after 1, 2, 4 ... 60 s.
 *
 * Preset: *next_at = DRSW_NEVER.
 */
typedef int (*drsw_step_pt)(drsw_ctx_t *ctx, int64_t *next_at);

typedef struct {
    const char  *prefix; /* "exec:" for "exec:<id>"; a name without a
                                   colon at the end is one whole task name */
    drsw_step_pt step;
    unsigned     background : 1; /* at most half of the threads */
    unsigned     seed : 1;       /* whole name: made due when a worker starts */
} drsw_task_kind_t;


/* Milliseconds that the lease is certainly still ours, by our monotonic
 * clock, counted from before the request that granted it; 0 when lost. */
int64_t drsw_lease_remaining_ms(const drsw_ctx_t *ctx);

/*
 * 1 if the lease is ours for need_ms more, 0 if it is lost.  Asks the store
 * when less is left: one that has run out is still ours while nobody took the
 * task.  A command has no lease and needs none.
 */
int drsw_lease_hold(drsw_ctx_t *ctx, int64_t need_ms);

/* Makes a task due (at = DRSW_NOW or epoch ms; an earlier time wins). */
int drsw_task_due(drsw_ctx_t *ctx, const char *task, int64_t at);

/* 1 once SIGTERM or a drain asked to finish: end a long step at the next
 * durable point and return *next_at = DRSW_NOW. */
int drsw_stopping(const drsw_ctx_t *ctx);

/*
 * 1 if the process behind an owner instance id is certainly gone: same boot,
 * same pid name space, and no such process (start time compared).  0: alive
 * or unknown.
 */
int drsw_owner_is_dead(const char *owner);


/* --- Commands ----------------------------------------------------------- */

typedef struct {
    const char   *id; /* command id (uuid) */
    const char   *type;
    const char   *request_id;  /* may be "" */
    const json_t *actor;       /* object; borrowed */
    const char   *actor_text;  /* the same as JSON text */
    const json_t *payload;     /* object; borrowed */
    int64_t       deadline_ms; /* store clock; 0: none */
    int           tries;       /* with this one; an outage of Redis is none */
    int           again;       /* 1: the handler may have run before */
} drsw_command_t;

/* The answer: {"status", "body"} or {"error"}; set by one of the helpers. */
typedef struct drsw_answer_s drsw_answer_t;

/*
 * Delivered at least once: a handler that changes something must be safe to
 * repeat with the same command id (drs_exec_create etc. take it).
 *
 *  DRS_OK     answer set (success or refusal): stored, announced, acknowledged
 *  DRS_ERROR  our trouble (store, memory): tried again, dead after
 *             command_max_deliveries; drsw_answer_fail() gives the reason
 */
typedef int (*drsw_command_pt)(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                               drsw_answer_t *answer);

typedef struct {
    const char     *type; /* "exec.start" */
    drsw_command_pt handler;
    unsigned        secret : 1; /* answer is published only, never stored */
} drsw_command_kind_t;

/* Success; takes over the reference of body (NULL: {}).  Returns DRS_OK, or
 * DRS_ERROR without memory, so that a handler may `return` it. */
int drsw_answer_body(drsw_answer_t *answer, int status, json_t *body);

/* The same with a body that is JSON text already. */
int drsw_answer_text(drsw_answer_t *answer, int status, drs_str_t body);

/* Refusal: error code of api.md 1.7 as text ("SERVER_CONFLICT"); takes over
 * details (NULL: none).  Returns DRS_OK. */
int drsw_answer_error(drsw_answer_t *answer, const char *code, json_t *details,
                      const char *fmt, ...) DRS_PRINTF(4, 5);

/* Reason of a failure, for cmd:dead and the log.  Returns DRS_ERROR. */
int
drsw_answer_fail(drsw_answer_t *answer, const char *fmt, ...) DRS_PRINTF(2, 3);


/* --- Registry ----------------------------------------------------------- */

/* Kinds are static tables; DRS_ERROR: name used twice, or no memory. */
int drsw_register_task(drsw_registry_t *reg, const drsw_task_kind_t *kind);
int
drsw_register_command(drsw_registry_t *reg, const drsw_command_kind_t *kind);

/* Registers everything of worker/tasks/ (drsw_tasks.c). */
int drsw_tasks_register(drsw_registry_t *reg);


/* --- Secrets ------------------------------------------------------------ */

/*
 * Opens what was sealed with seal:pub (drs_seal.h).  *secret is malloc'ed, the
 * caller wipes and frees it.  DRS_DECLINED: not for this worker's key.
 */
int drsw_secret_open(drsw_ctx_t *ctx, drs_str_t sealed, drs_str_t context,
                     char **secret, size_t *len);


/* --- Clocks, ids, counters ---------------------------------------------- */

/* The store's clock (Redis TIME and test offset), epoch ms: leases, deadlines,
 * due times, intentAt.  Sampled when the step began, then monotonic. */
int64_t drsw_now_ms(drsw_ctx_t *ctx);

/* System clock (signatures, wire timestamps), monotonic clock. */
int64_t drsw_wall_ms(void);
int64_t drsw_mono_ms(void);

/* Waits, but not beyond a stop; DRS_OK, or DRS_AGAIN when stopping. */
int drsw_sleep_ms(drsw_ctx_t *ctx, int64_t ms);

/* dst has room for 37 bytes.  DRS_ERROR: no random numbers. */
int drsw_uuid(char *dst);
int drsw_random(void *dst, size_t len);

/*
 * Counters, published with the heartbeat.  name: static, without the prefix
 * "drs_worker_"; labels: "" or "service=\"drs\",class=\"ok\"".  Thread-safe;
 * bounded: series beyond 1,000 are dropped and counted.
 */
void
drsw_count(drsw_ctx_t *ctx, const char *name, const char *labels, int64_t n);
void
drsw_gauge(drsw_ctx_t *ctx, const char *name, const char *labels, double value);
/* seconds: makes <name>_seconds_sum and <name>_seconds_count */
void drsw_observe(drsw_ctx_t *ctx, const char *name, const char *labels,
                  double seconds);


#endif /* DRSW_H */
