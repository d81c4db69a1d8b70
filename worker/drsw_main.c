
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Life of the daemon: start, run, drain, end.
 *
 * SIGTERM, SIGINT, SIGQUIT and SIGHUP are blocked in every thread from the
 * first line of main() on and taken by one thread, so that a signal at any
 * instant is seen.
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drs_json.h"
#include "drs_version.h"
#include "drsw_audit.h"
#include "drsw_auth.h"
#include "drsw_worker.h"


#define DRSW_MAIN_PAUSE_MS 1000
#define DRSW_AWS_GRACE_MS  5000
#define DRSW_MAIN_ARENAS   2


static int   drsw_main_init(drsw_worker_t *w, const drsw_config_t *conf);
static void  drsw_main_free(drsw_worker_t *w);
static void *drsw_main_signals(void *data);
static int   drsw_main_pid_file(drsw_worker_t *w);
static int   drsw_main_aws(drsw_worker_t *w);
static int   drsw_main_register(drsw_worker_t *w, drsw_register_pt tasks);
static int   drsw_main_store(drsw_worker_t *w);
static int   drsw_main_threads(drsw_worker_t *w);
static int   drsw_main_drain(drsw_worker_t *w);
static void  drsw_main_observe(void *data, const drsw_aws_call_t *call);


static int
drsw_main_init(drsw_worker_t *w, const drsw_config_t *conf)
{
    pthread_condattr_t attr;

    memset(w, 0, sizeof(*w));

    w->conf = conf;
    w->started_ms = drsw_wall_ms();

    w->sink = drsw_log_open(conf->log_file, (drsw_log_level_e) conf->log_level);
    if (w->sink == NULL) {
        (void) fprintf(stderr, "drs-worker: cannot open log file %s: %s\n",
                       conf->log_file, strerror(errno));
        return DRS_ERROR;
    }

    drsw_log_init(&w->log, w->sink, "main");

    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_mutex_init(&w->lock, NULL);
    (void) pthread_cond_init(&w->wake, &attr);
    (void) pthread_cond_init(&w->work, &attr);
    (void) pthread_condattr_destroy(&attr);

    w->nthreads = (size_t) (conf->threads + conf->command_threads) + 3;
    w->metrics = drsw_metrics_create();
    w->queue = drsw_queue_create();
    w->leases = calloc((size_t) conf->threads, sizeof(drsw_lease_t));
    w->threads = calloc(w->nthreads, sizeof(drsw_thread_t));

    if (w->metrics == NULL || w->queue == NULL || w->leases == NULL
        || w->threads == NULL
        || drsw_owner_make(w->owner, sizeof(w->owner)) != DRS_OK)
    {
        drsw_error(&w->log, "cannot start: no memory or no /proc");
        return DRS_ERROR;
    }

    return DRS_OK;
}


static void
drsw_main_free(drsw_worker_t *w)
{
    drsw_auth_destroy(w->auth);
    drsw_secret_destroy(w->secret);

    if (w->aws != NULL) {
        drsw_aws_shared_destroy(w->aws);
    }

    drsw_rate_destroy(w->rate);
    drsw_metrics_destroy(w->metrics);
    drsw_queue_destroy(w->queue);
    free(w->leases);
    free(w->threads);
    drsw_log_close(w->sink);
}


/* --- signals -------------------------------------------------------------- */


void
drsw_worker_hurry(drsw_worker_t *w)
{
    pthread_mutex_lock(&w->lock);
    w->hurry++;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
}


void
drsw_worker_stop(drsw_worker_t *w)
{
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->stopping, 1);
    pthread_cond_broadcast(&w->wake);
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
}


static void *
drsw_main_signals(void *data)
{
    int            sig;
    sigset_t       set;
    drsw_log_t     log;
    drsw_worker_t *w;

    w = data;
    drsw_log_init(&log, w->sink, "signals");

    (void) sigemptyset(&set);
    (void) sigaddset(&set, SIGTERM);
    (void) sigaddset(&set, SIGINT);
    (void) sigaddset(&set, SIGQUIT);
    (void) sigaddset(&set, SIGHUP);

    for (;;) {
        if (sigwait(&set, &sig) != 0) {
            continue;
        }

        if (atomic_load(&w->ended)) {
            return NULL;
        }

        if (sig == SIGHUP) {
            if (drsw_log_reopen(w->sink) != DRS_OK) {
                drsw_error(&log, "cannot reopen the log file: %s",
                           strerror(errno));
            } else {
                drsw_notice(&log, "log file reopened");
            }

            continue;
        }

        if (atomic_load(&w->stopping)) {
            continue;
        }

        drsw_notice(&log, "signal %d: finishing the running steps", sig);
        drsw_worker_stop(w);
    }
}


/* --- start ---------------------------------------------------------------- */


static int
drsw_main_pid_file(drsw_worker_t *w)
{
    int  fd, n;
    char text[24];

    if (w->conf->pid_file[0] == '\0') {
        return DRS_OK;
    }

    n = snprintf(text, sizeof(text), "%ld\n", (long) getpid());
    fd =
        open(w->conf->pid_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd == -1 || write(fd, text, (size_t) n) != n) {
        drsw_error(&w->log, "cannot write pid file %s: %s", w->conf->pid_file,
                   strerror(errno));

        if (fd != -1) {
            (void) close(fd);
        }

        return DRS_ERROR;
    }

    (void) close(fd);

    return DRS_OK;
}


/* Counts AWS calls and logs the failed ones.  Runs in the thread of the call,
 * which is not known here: the line carries what the call knows. */

static void
drsw_main_observe(void *data, const drsw_aws_call_t *call)
{
    char labels[160];
    const char *class;
    drsw_log_t     log;
    drsw_worker_t *w;

    w = data;
    class = drsw_aws_class_name(call->result->class);

    (void) snprintf(labels, sizeof(labels),
                    "service=\"%s\",operation=\"%s\",class=\"%s\"",
                    call->service, call->operation, class);

    drsw_metrics_add(w->metrics, DRSW_METRIC_COUNTER, "aws_call",
                     "_seconds_sum", labels, (double) call->latency_ms / 1000);
    drsw_metrics_add(w->metrics, DRSW_METRIC_COUNTER, "aws_call",
                     "_seconds_count", labels, 1);

    drsw_log_init(&log, w->sink, "aws");

    if (call->result->class == DRSW_AWS_OK) {
        drsw_debug(&log, "%s %s %s %s: %lld ms", call->service, call->operation,
                   call->account, call->region, (long long) call->latency_ms);
        return;
    }

    drsw_info(&log,
              "%s %s in account \"%s\" %s, attempt %d: %s, HTTP %d, %s: "
              "%s (request id %s)",
              call->service, call->operation, call->account, call->region,
              call->attempt, class, call->result->http_status,
              call->result->code, call->result->message,
              call->result->request_id);
}


/* A worker without credentials starts, and says so. */

static int
drsw_main_aws(drsw_worker_t *w)
{
    char                 err[256];
    drsw_aws_config_t    conf;
    const drsw_config_t *c;

    c = w->conf;

    memset(&conf, 0, sizeof(conf));
    conf.endpoint_url = c->aws_endpoint_url[0] ? c->aws_endpoint_url : NULL;
    conf.ca_bundle = c->aws_ca_bundle[0] ? c->aws_ca_bundle : NULL;
    conf.region = c->region;
    conf.profile = c->aws_profile[0] ? c->aws_profile : NULL;
    conf.user_agent = "drs-orchestrator/" DRS_VERSION;
    conf.connect_timeout_ms = c->aws_connect_timeout_ms;
    conf.read_timeout_ms = c->aws_read_timeout_ms;
    conf.session_duration_s = c->aws_session_ms / 1000;

    /* simulated time runs faster: so do the buckets */
    conf.budget_scale =
        (double) c->aws_budget_percent / 100 * (double) c->time_scale;
    conf.observer = drsw_main_observe;
    conf.observer_data = w;
    conf.rate_take = drsw_rate_take;
    conf.rate_slow = drsw_rate_slow;
    conf.rate_data = w->rate = drsw_rate_create(w);

    if (w->rate == NULL) {
        drsw_error(&w->log, "AWS client: out of memory");
        return DRS_ERROR;
    }

    w->aws = drsw_aws_shared_create(&conf, err, sizeof(err));

    if (w->aws == NULL) {
        drsw_error(&w->log, "AWS client: %s", err);
        return DRS_ERROR;
    }

    return DRS_OK;
}


/* First call: who are we?  Logged, never fatal.  Runs in the first command
 * thread's shoes: a slow answer must not delay the start. */

static void *
drsw_main_whoami(void *data)
{
    json_t           *id;
    drsw_aws_t       *aws;
    drsw_log_t        log;
    drsw_worker_t    *w;
    drsw_aws_ctx_t    ctx;
    drsw_aws_result_t res;

    w = data;
    drsw_log_init(&log, w->sink, "aws");

    aws = drsw_aws_create(w->aws);
    if (aws == NULL) {
        return NULL;
    }

    memset(&ctx, 0, sizeof(ctx));
    ctx.region = w->conf->region;
    ctx.timeout_ms = 20000;
    id = NULL;

    if (drsw_sts_get_caller_identity(aws, &ctx, &id, &res) == DRSW_AWS_OK) {
        drsw_notice(&log, "AWS identity %s in account %s",
                    drs_json_field(id, "Arn").data,
                    drs_json_field(id, "Account").data);

        if (w->conf->hub_account[0] != '\0'
            && !drs_str_eqz(drs_json_field(id, "Account"),
                            w->conf->hub_account))
        {
            drsw_error(&log,
                       "hub_account is %s but the credentials are of "
                       "another account",
                       w->conf->hub_account);
        }

    } else if (res.class != DRSW_AWS_STOPPED) {
        drsw_warn(&log,
                  "no usable AWS credentials yet (%s: %s): this worker "
                  "runs, but every AWS call will fail until there are some",
                  res.code, res.message);
    }

    json_decref(id);
    drsw_aws_destroy(aws);

    return NULL;
}


static int
drsw_main_register(drsw_worker_t *w, drsw_register_pt tasks)
{
    drsw_registry_t *reg;

    reg = &w->registry;

    if (drsw_house_register(reg) != DRS_OK || drsw_jwks_register(reg) != DRS_OK
        || drsw_auth_register(reg) != DRS_OK
        || drsw_audit_register(reg) != DRS_OK || tasks(reg) != DRS_OK)
    {
        drsw_error(&w->log, "a task or command is registered twice");
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drsw_main_missing(void *data, drsw_redis_t *redis)
{
    drsw_worker_t *w;

    w = data;

    return drsw_lib_load(redis, &w->log, (int) w->conf->test_clock);
}


/*
 * Connects, checks, loads the library; tries again while Redis is absent or
 * loading.  DRS_AGAIN: stopped meanwhile.  DRS_DECLINED: Redis is not fit.
 */

static int
drsw_main_prepare(drsw_worker_t *w, drsw_redis_t *redis)
{
    int rc;

    while (!atomic_load(&w->stopping)) {
        drsw_redis_patience(redis, 200);

        if (drsw_redis_connect(redis) != DRS_OK) {
            (void) drsw_thread_wait(w, DRSW_MAIN_PAUSE_MS / 4, NULL);
            continue;
        }

        drsw_redis_patience(redis, 5000);

        rc = drsw_check_redis(redis, w->conf, &w->log);

        if (rc == DRS_OK) {
            rc = drsw_lib_load(redis, &w->log, (int) w->conf->test_clock);
        }

        if (rc == DRS_OK) {
            rc = drsw_commands_group(redis);
        }

        if (rc != DRS_ERROR) {
            return rc;
        }

        (void) drsw_thread_wait(w, DRSW_MAIN_PAUSE_MS, NULL);
    }

    return DRS_AGAIN;
}


static int
drsw_main_store(drsw_worker_t *w)
{
    int           rc;
    char          err[512];
    drsw_ctx_t    ctx;
    drsw_redis_t *redis;

    redis = drsw_redis_create(w->conf, &w->log, &w->redis);
    if (redis == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_main_prepare(w, redis);

    if (rc == DRS_OK) {
        w->redis.missing = drsw_main_missing;
        w->redis.missing_data = w;

        if (w->conf->local_issuer) {
            if (drsw_auth_create(&w->auth, w->conf, err, sizeof(err)) != DRS_OK)
            {
                drsw_error(&w->log, "the local issuer is off: %s", err);

            } else {
                (void) drsw_auth_publish(w->auth, redis, w->conf, &w->log, 1);
            }
        }

        if (drsw_secret_create(&w->secret, w->conf, err, sizeof(err)) != DRS_OK)
        {
            drsw_error(&w->log, "webhooks cannot be called: %s", err);

        } else {
            (void) drsw_secret_publish(w->secret, redis);
        }

        memset(&ctx, 0, sizeof(ctx));
        ctx.conf = w->conf;
        ctx.worker = w;
        ctx.log = &w->log;
        ctx.redis = redis;
        ctx.owner = w->owner;
        ctx.name = "start";

        rc = drsw_sched_seed(&ctx);
    }

    drsw_redis_destroy(redis);

    return rc;
}


static int
drsw_main_threads(drsw_worker_t *w)
{
    char           name[16];
    int64_t        i;
    drsw_thread_t *th;

    th = w->threads;

    /* these two last until all others have ended */

    if (drsw_thread_start(w, th++, "renew", drsw_sched_renew) != DRS_OK
        || drsw_thread_start(w, th++, "beat", drsw_beat_run) != DRS_OK)
    {
        return DRS_ERROR;
    }

    for (i = 0; i < w->conf->threads; i++) {
        (void) snprintf(name, sizeof(name), "task-%u", (unsigned) i % 1000);

        if (drsw_thread_start(w, th++, name, drsw_sched_work) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    for (i = 0; i < w->conf->command_threads; i++) {
        (void) snprintf(name, sizeof(name), "cmd-%u", (unsigned) i % 1000);

        if (drsw_thread_start(w, th++, name, drsw_commands_work) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return drsw_thread_start(w, th, "dispatch", drsw_sched_dispatch);
}


/* --- end ------------------------------------------------------------------ */


/* 1 if all threads in [from, to) have ended. */

static int
drsw_main_ended(drsw_worker_t *w, size_t from, size_t to)
{
    size_t i;

    for (i = from; i < to; i++) {
        if (w->threads[i].started && !atomic_load(&w->threads[i].ended)) {
            return 0;
        }
    }

    return 1;
}


static void
drsw_main_nap(void)
{
    struct timespec ts;

    ts.tv_sec = 0;
    ts.tv_nsec = 20000000;
    (void) nanosleep(&ts, NULL);
}


/* DRS_OK: everything ended by itself. */

static int
drsw_main_drain(drsw_worker_t *w)
{
    int     aws_stopped;
    size_t  i;
    int64_t began, waited;

    began = drsw_mono_ms();
    aws_stopped = 0;

    while (!drsw_main_ended(w, 2, w->nthreads)) {
        waited = drsw_mono_ms() - began;

        if (!aws_stopped && waited > DRSW_AWS_GRACE_MS) {
            drsw_aws_shared_stop(w->aws);
            aws_stopped = 1;
        }

        if (waited > w->conf->drain_timeout_ms) {
            drsw_error(&w->log,
                       "steps still run after %lld ms: ending "
                       "nevertheless, their leases will run out",
                       (long long) waited);
            return DRS_ERROR;
        }

        drsw_main_nap();
    }

    drsw_aws_shared_stop(w->aws);

    pthread_mutex_lock(&w->lock);
    atomic_store(&w->redis.stop, 1);
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);

    while (!drsw_main_ended(w, 0, 2)) {
        if (drsw_mono_ms() - began > w->conf->drain_timeout_ms + 10000) {
            return DRS_ERROR;
        }

        drsw_main_nap();
    }

    for (i = 0; i < w->nthreads; i++) {
        if (w->threads[i].started) {
            (void) pthread_join(w->threads[i].id, NULL);
        }
    }

    return DRS_OK;
}


int
drsw_worker_run(const drsw_config_t *conf, drsw_register_pt reg)
{
    int            rc, code, who;
    pthread_t      signals, whoami;
    drsw_worker_t *w;

    w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return 1;
    }

    if (drsw_main_init(w, conf) != DRS_OK) {
        return 1;
    }

    code = 1;
    who = 0;

    /* threads mostly wait: pools of free memory of their own cost more than the
     * lock, and each keeps what its largest step once needed */
    (void) mallopt(M_ARENA_MAX, DRSW_MAIN_ARENAS);

    if (pthread_create(&signals, NULL, drsw_main_signals, w) != 0) {
        drsw_error(&w->log, "cannot start the signal thread");
        return 1;
    }

    drsw_notice(&w->log, "drs-worker %s starts, library %s, id %s", DRS_VERSION,
                drsw_lib_version(), w->owner);

    if (conf->time_scale != 1) {
        drsw_warn(&w->log,
                  "time_scale is %lld: deadlines and cadences are for "
                  "simulated time, not for real recoveries",
                  (long long) conf->time_scale);
    }

    if (drsw_main_pid_file(w) != DRS_OK || drsw_main_register(w, reg) != DRS_OK
        || drsw_aws_global_init() != 0)
    {
        goto done;
    }

    if (drsw_main_aws(w) != DRS_OK) {
        goto cleanup;
    }

    rc = drsw_main_store(w);

    if (rc == DRS_OK) {
        rc = drsw_main_threads(w);

        if (rc != DRS_OK) {
            drsw_worker_stop(w);

        } else {
            drsw_notice(&w->log,
                        "ready: %lld task threads, %lld command "
                        "threads, prefix %s",
                        (long long) conf->threads,
                        (long long) conf->command_threads, conf->prefix);
            who = pthread_create(&whoami, NULL, drsw_main_whoami, w) == 0;
        }

        while (drsw_thread_wait(w, 60000, NULL)) {
            /* void */
        }

        if (drsw_main_drain(w) != DRS_OK) {
            drsw_notice(&w->log, "ended with unfinished steps");
            (void) unlink(conf->pid_file);
            _exit(1);
        }

        code = (rc == DRS_OK) ? 0 : 1;

    } else if (rc == DRS_AGAIN) {
        code = 0; /* stopped before Redis came */
    }

    if (who) {
        (void) pthread_join(whoami, NULL);
    }

cleanup:

    atomic_store(&w->ended, 1);
    (void) pthread_kill(signals, SIGTERM);
    (void) pthread_join(signals, NULL);
    drsw_notice(&w->log, "drs-worker ended");
    drsw_main_free(w);
    drsw_aws_global_cleanup();
    free(w);

done:

    if (conf->pid_file[0] != '\0') {
        (void) unlink(conf->pid_file);
    }

    return code;
}
