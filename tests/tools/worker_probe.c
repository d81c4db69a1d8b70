
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The daemon with tasks and commands that only record what happened to them,
 * for tests of scheduler and command consumers.
 *
 *   task probe:<x>   mode in the hash <prefix>:probe:<x>:
 *                    count (again after 50 ms), once, hold (until "release" is
 *                    set in the hash), error, crash
 *   command probe.echo, probe.fail, probe.crash, probe.hold
 *
 * Every run appends "<what> <name> <fence or delivery> <owner>" to the list
 * <prefix>:probe:log.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <signal.h>

#include "drs_json.h"
#include "drsw_worker.h"


static int
probe_log(drsw_ctx_t *ctx, const char *what, unsigned long long n)
{
    int          rc;
    char         key[96], text[512];
    drsw_reply_t reply;

    (void) snprintf(text, sizeof(text), "%s %s %llu %s", what, ctx->name, n,
                    ctx->owner);
    (void) drsw_redis_key(ctx->redis, key, sizeof(key), "probe:log");

    rc = drsw_redis_words(ctx->redis, &reply, "RPUSH", key, text, NULL);
    drsw_reply_free(&reply);

    return rc;
}


/* 1 if the field of the hash has the value. */

static int
probe_is(drsw_ctx_t *ctx, const char *name, const char *field,
         const char *value)
{
    int          is;
    char         key[256];
    drsw_reply_t reply;

    (void) drsw_redis_key(ctx->redis, key, sizeof(key), "%s", name);

    if (drsw_redis_words(ctx->redis, &reply, "HGET", key, field, NULL)
        != DRS_OK) {
        return 0;
    }

    is = drs_str_eqz(reply.r.v[0], value);
    drsw_reply_free(&reply);

    return is;
}


static int
probe_hold(drsw_ctx_t *ctx, const char *name)
{
    struct timespec ts;

    while (!probe_is(ctx, name, "release", "1")) {
        ts.tv_sec = 0;
        ts.tv_nsec = 20000000;
        (void) nanosleep(&ts, NULL);
    }

    return DRS_OK;
}


static int
probe_step(drsw_ctx_t *ctx, int64_t *next_at)
{
    if (probe_log(ctx, "begin", ctx->fence) != DRS_OK) {
        return DRS_ERROR;
    }

    if (probe_is(ctx, ctx->name, "mode", "error")) {
        return DRS_ERROR;
    }

    if (probe_is(ctx, ctx->name, "mode", "crash")) {
        (void) raise(SIGKILL);
    }

    if (probe_is(ctx, ctx->name, "mode", "hold")) {
        (void) probe_hold(ctx, ctx->name);
    }

    if (probe_is(ctx, ctx->name, "mode", "count")) {
        *next_at = drsw_now_ms(ctx) + 50;
    }

    return probe_log(ctx, drsw_lease_remaining_ms(ctx) > 0 ? "end" : "lost",
                     ctx->fence);
}


static int
probe_echo(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    if (probe_log(ctx, "command", (unsigned) cmd->tries) != DRS_OK) {
        return DRS_ERROR;
    }

    return drsw_answer_body(answer, 200,
                            json_incref((json_t *) (uintptr_t) cmd->payload));
}


static int
probe_fail(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    (void) probe_log(ctx, "command", (unsigned) cmd->tries);

    return drsw_answer_fail(answer, "probe.fail fails");
}


static int
probe_crash(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    (void) answer;
    (void) probe_log(ctx, "command", (unsigned) cmd->tries);
    (void) raise(SIGKILL);

    return DRS_ERROR;
}


static int
probe_held(drsw_ctx_t *ctx, const drsw_command_t *cmd, drsw_answer_t *answer)
{
    (void) probe_log(ctx, "command", (unsigned) cmd->tries);
    (void) probe_hold(ctx, "probe:command");

    return drsw_answer_text(answer, 200, drs_str("{\"held\":true}"));
}


static int
probe_register(drsw_registry_t *reg)
{
    size_t i;

    static const drsw_task_kind_t task = { .prefix = "probe:",
                                           .step = probe_step };

    static const drsw_command_kind_t commands[] = {
        { .type = "probe.echo", .handler = probe_echo },
        { .type = "probe.fail", .handler = probe_fail },
        { .type = "probe.crash", .handler = probe_crash },
        { .type = "probe.hold", .handler = probe_held }
    };

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (drsw_register_command(reg, &commands[i]) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return drsw_register_task(reg, &task);
}


int
main(int argc, char **argv)
{
    int            rc;
    char           err[512];
    sigset_t       set;
    drsw_config_t *conf;

    (void) sigemptyset(&set);
    (void) sigaddset(&set, SIGTERM);
    (void) sigaddset(&set, SIGINT);
    (void) sigaddset(&set, SIGQUIT);
    (void) sigaddset(&set, SIGHUP);
    (void) sigprocmask(SIG_BLOCK, &set, NULL);
    (void) signal(SIGPIPE, SIG_IGN);

    if (drsw_config_load(&conf, argc > 1 ? argv[argc - 1] : NULL, err,
                         sizeof(err))
        != DRS_OK)
    {
        (void) fprintf(stderr, "%s\n", err);
        return 2;
    }

    rc = drsw_worker_run(conf, probe_register);
    drsw_config_free(conf);

    return rc;
}
