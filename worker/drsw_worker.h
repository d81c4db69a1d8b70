
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The process: what main, scheduler, command threads and heartbeat share.
 * Tasks and commands use drsw.h only.
 */

#ifndef DRSW_WORKER_H
#define DRSW_WORKER_H


#include <pthread.h>
#include <stdatomic.h>

#include "drsw.h"
#include "drsw_metrics.h"


#define DRSW_MAX_TASK_KINDS 64
#define DRSW_MAX_COMMANDS   128
#define DRSW_OWNER_SIZE     160
#define DRSW_TASK_SIZE      160
#define DRSW_MAX_FAILING    256
#define DRSW_MAX_CLAIMED    64


typedef struct drsw_auth_s   drsw_auth_t;
typedef struct drsw_thread_s drsw_thread_t;
typedef struct drsw_queue_s  drsw_queue_t;
typedef struct drsw_secret_s drsw_secret_t;


struct drsw_registry_s {
    const drsw_task_kind_t    *tasks[DRSW_MAX_TASK_KINDS];
    size_t                     ntasks;
    const drsw_command_kind_t *commands[DRSW_MAX_COMMANDS];
    size_t                     ncommands;
};


/* A claimed task on its way from the dispatcher through a thread. */
struct drsw_lease_s {
    char                    task[DRSW_TASK_SIZE];
    uint64_t                fence;
    const drsw_task_kind_t *kind;
    _Atomic int64_t         until_mono_ms; /* 0: lost */
    int                     used;          /* under worker->lock */
    int                     taken;         /* a thread runs it */
};


/* Task that failed, for the growing pause. */
typedef struct {
    char     task[DRSW_TASK_SIZE];
    unsigned failures;
} drsw_failing_t;


struct drsw_thread_s {
    drsw_worker_t *worker;
    pthread_t      id;
    int            started;
    atomic_int     ended;
    char           name[16];
    drsw_log_t     log;
    drsw_ctx_t     ctx; /* redis and aws of this thread */
    void (*run)(drsw_thread_t *th);
};


struct drsw_worker_s {
    const drsw_config_t *conf;
    drsw_log_sink_t     *sink;
    drsw_log_t           log; /* of the main thread */
    char                 owner[DRSW_OWNER_SIZE];
    int64_t              started_ms;

    drsw_registry_t     registry;
    drsw_metrics_t     *metrics;
    drsw_aws_shared_t  *aws;
    struct drsw_rate_s *rate;
    drsw_auth_t        *auth;   /* NULL: no local issuer */
    drsw_secret_t      *secret; /* NULL: no key to open secrets with */
    drsw_redis_shared_t redis;  /* .stop: the end has come */

    atomic_int stopping;  /* SIGTERM: start nothing new */
    atomic_int draining;  /* an operator asked for that */
    atomic_int lib_newer; /* store is newer than we are */
    atomic_int ended;     /* the signal thread may go */

    pthread_mutex_t lock;
    pthread_cond_t  wake;  /* dispatcher, sleepers */
    pthread_cond_t  work;  /* task threads */
    unsigned        hurry; /* look again at once */

    drsw_lease_t  *leases; /* conf->threads of them */
    drsw_failing_t failing[DRSW_MAX_FAILING];
    drsw_queue_t  *queue; /* commands claimed by hand */
    atomic_ullong  tries; /* of commands, so far */

    drsw_thread_t *threads;
    size_t         nthreads;
};


/* -- drsw_main.c -- */

/* Registers tasks and commands besides the daemon's own ones. */
typedef int (*drsw_register_pt)(drsw_registry_t *reg);

/* Everything between configuration and exit code. */
int drsw_worker_run(const drsw_config_t *conf, drsw_register_pt reg);
/* SIGTERM, from the signal thread. */
void drsw_worker_stop(drsw_worker_t *w);
/* Wakes whoever waits for work (something became due). */
void drsw_worker_hurry(drsw_worker_t *w);

/* -- drsw_rate.c -- */
typedef struct drsw_rate_s drsw_rate_t;
drsw_rate_t               *drsw_rate_create(drsw_worker_t *w);
void                       drsw_rate_destroy(drsw_rate_t *r);
/* drsw_aws_rate_take_pt, drsw_aws_rate_slow_pt; data is the drsw_rate_t */
int64_t drsw_rate_take(void *data, const char *account, const char *region,
                       const char *api, int64_t per_minute, int64_t burst,
                       int64_t want, int64_t keep, int64_t *wait_ms);
void    drsw_rate_slow(void *data, const char *account, const char *region,
                       const char *api, int64_t per_minute, int64_t burst);

/* -- drsw_thread.c -- */
int drsw_thread_start(drsw_worker_t *w, drsw_thread_t *th, const char *name,
                      void (*run)(drsw_thread_t *th));
/* Sleeps until ms passed, hurry or stop; 0 when stopping. */
int drsw_thread_wait(drsw_worker_t *w, int64_t ms, unsigned *hurry);
/* Sleeps until ms passed or everybody else has ended; then 0. */
int drsw_thread_wait_end(drsw_worker_t *w, int64_t ms);
/* Fresh sample of the store's clock for ctx. */
int drsw_ctx_clock(drsw_ctx_t *ctx);

/* -- drsw_owner.c -- */
int drsw_owner_make(char *dst, size_t size);

/* -- drsw_registry.c -- */
const drsw_task_kind_t *
drsw_registry_task(const drsw_registry_t *reg, const char *task);
const drsw_command_kind_t *
drsw_registry_command(const drsw_registry_t *reg, const char *type);
/* Space separated names of the kinds, either the background ones or the
 * others. */
void
drsw_registry_kinds(const drsw_registry_t *reg, int background, drs_buf_t *b);

struct drsw_answer_s {
    drs_buf_t text; /* whole answer, JSON */
    int       set;
    char      error[512];
};
void drsw_answer_init(drsw_answer_t *answer);
void drsw_answer_free(drsw_answer_t *answer);

/* -- drsw_sched.c -- */
void drsw_sched_dispatch(drsw_thread_t *th);
void drsw_sched_renew(drsw_thread_t *th);
void drsw_sched_work(drsw_thread_t *th);
/* Makes the seed tasks due. */
int drsw_sched_seed(drsw_ctx_t *ctx);

/* -- drsw_hub.c -- */
/* Writes settings:hub for the module; DRS_OK also while nothing is known. */
int drsw_hub_publish(drsw_ctx_t *ctx);

/* -- drsw_queue.c, drsw_commands.c -- */
drsw_queue_t *drsw_queue_create(void);
void          drsw_queue_destroy(drsw_queue_t *q);
void          drsw_commands_work(drsw_thread_t *th);
/* Takes over entries that nobody works on any more. */
void drsw_commands_keep(drsw_ctx_t *ctx);
/* Creates the consumer group; DRS_OK when it exists. */
int drsw_commands_group(drsw_redis_t *redis);

/* -- drsw_secret.c -- */

/* Key of seal_key_file, made at the first start.  DRS_ERROR: err says why. */
int  drsw_secret_create(drsw_secret_t **out, const drsw_config_t *conf,
                        char *err, size_t errlen);
void drsw_secret_destroy(drsw_secret_t *s);

/* Public part into seal:pub unless one stands there (drsw_auth_publish() is
 * the one that replaces it). */
int drsw_secret_publish(const drsw_secret_t *s, drsw_redis_t *redis);

/* -- drsw_beat.c -- */
void drsw_beat_run(drsw_thread_t *th);

/* -- drsw_house.c -- */
int drsw_house_register(drsw_registry_t *reg);

/* -- drsw_lib.c -- */

/* Loads the function library if the one in Redis is older.  DRS_DECLINED: the
 * store is newer than this worker, nothing may be written. */
int         drsw_lib_load(drsw_redis_t *redis, drsw_log_t *log, int test_clock);
const char *drsw_lib_version(void);
/* 1 if a store of these versions is newer than this worker. */
int drsw_lib_newer(int64_t schema, int64_t library);

/* -- drsw_check.c -- */

/* Looks at version, persistence and eviction of Redis; one log line for each
 * thing wrong.  DRS_DECLINED: not usable. */
int drsw_check_redis(drsw_redis_t *redis, const drsw_config_t *conf,
                     drsw_log_t *log);


#endif /* DRSW_WORKER_H */
