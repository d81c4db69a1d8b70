
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drs_version.h"
#include "drsw_audit.h"
#include "drsw_auth.h"
#include "drsw_contact.h"
#include "drsw_worker.h"
#include "drsw_zone.h"


static const char drsw_usage[] =
    "usage: drs-worker [--config FILE] [--check | --options]\n"
    "       drs-worker [--config FILE] --check-assumptions [OPTION ...]\n"
    "       drs-worker [--config FILE] user add NAME --group GROUP ...\n"
    "       drs-worker [--config FILE] user passwd|disable|enable|delete NAME\n"
    "       drs-worker [--config FILE] user list\n"
    "       drs-worker [--config FILE] audit verify [--file FILE]\n"
    "       drs-worker [--config FILE] audit export [--output FILE]\n"
    "       drs-worker [--config FILE] schedule next CRON [ZONE]\n"
    "\n"
    "  -c, --config FILE   configuration (default " DRSW_CONFIG_DEFAULT_FILE
    ",\n"
    "                      if it exists)\n"
    "  -t, --check         check configuration and Redis, then end\n"
    "      --options       list every option with its default\n"
    "      --check-assumptions  ask an AWS account, reading only, whether what\n"
    "                      we believe about AWS is so (docs/first-contact.md)\n"
    "  -v, --version       version of worker and function library\n"
    "  -h, --help          this text\n"
    "\n"
    "Passwords are read from the terminal or from standard input.\n";


static void
drsw_block_signals(void)
{
    sigset_t         set;
    struct sigaction sa;

    (void) sigemptyset(&set);
    (void) sigaddset(&set, SIGTERM);
    (void) sigaddset(&set, SIGINT);
    (void) sigaddset(&set, SIGQUIT);
    (void) sigaddset(&set, SIGHUP);
    (void) sigprocmask(SIG_BLOCK, &set, NULL);

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = SIG_IGN;
    (void) sigaction(SIGPIPE, &sa, NULL);
}


/* The commands for people end at ^C like any other. */

static void
drsw_unblock_signals(void)
{
    sigset_t set;

    (void) sigemptyset(&set);
    (void) sigprocmask(SIG_SETMASK, &set, NULL);
}


/* The memory holds credentials and keys: no core files, and files of ours are
 * nobody else's. */

static void
drsw_harden(void)
{
    struct rlimit none;

    none.rlim_cur = 0;
    none.rlim_max = 0;
    (void) setrlimit(RLIMIT_CORE, &none);
    (void) umask(027);
}


static int
drsw_main_check(const drsw_config_t *conf)
{
    int                 rc;
    drsw_log_t          log;
    drsw_redis_t       *redis;
    drsw_log_sink_t    *sink;
    drsw_redis_shared_t shared;

    memset(&shared, 0, sizeof(shared));

    sink = drsw_log_open(NULL, DRSW_LOG_NOTICE);
    drsw_log_init(&log, sink, "check");
    redis = (sink != NULL) ? drsw_redis_create(conf, &log, &shared) : NULL;
    rc = DRS_ERROR;

    if (redis != NULL) {
        drsw_redis_patience(redis, 0);
        rc = drsw_redis_connect(redis);

        if (rc == DRS_OK) {
            rc = drsw_check_redis(redis, conf, &log);
        }
    }

    drsw_redis_destroy(redis);
    drsw_log_close(sink);

    (void) printf("configuration is good, Redis is %s\n",
                  rc == DRS_OK ? "fit for use" : "not fit for use");

    return rc == DRS_OK ? 0 : 1;
}


static int
drsw_main_options(void)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);

    if (drsw_config_describe(&b) != DRS_OK) {
        return 1;
    }

    (void) fwrite(b.data, 1, b.len, stdout);
    drs_buf_free(&b);

    return 0;
}


int
main(int argc, char **argv)
{
    int            opt, check, assume, code;
    char           err[1024];
    const char    *file;
    drsw_config_t *conf;

    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },
        { "check", no_argument, NULL, 't' },
        { "options", no_argument, NULL, 'o' },
        { "check-assumptions", no_argument, NULL, 'a' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 }
    };

    drsw_block_signals();
    drsw_harden();

    file = NULL;
    check = 0;
    assume = 0;

    /* what follows --check-assumptions is its own */
    while (!assume
           && (opt = getopt_long(argc, argv, "+c:tvh", options, NULL)) != -1)
    {
        switch (opt) {
        case 'c':
            file = optarg;
            break;

        case 't':
            check = 1;
            break;

        case 'o':
            return drsw_main_options();

        case 'a':
            assume = optind;
            break;

        case 'v':
            (void) printf("drs-worker %s, function library %s\n", DRS_VERSION,
                          drsw_lib_version());
            return 0;

        case 'h':
            (void) fputs(drsw_usage, stdout);
            return 0;

        default:
            (void) fputs(drsw_usage, stderr);
            return 2;
        }
    }

    if (file == NULL && access(DRSW_CONFIG_DEFAULT_FILE, F_OK) == 0) {
        file = DRSW_CONFIG_DEFAULT_FILE;
    }

    if (drsw_config_load(&conf, file, err, sizeof(err)) != DRS_OK) {
        (void) fprintf(stderr, "drs-worker: %s\n", err);
        return 2;
    }

    if (assume) {
        drsw_unblock_signals();
        code = drsw_contact_main(conf, argc - assume + 1, argv + assume - 1);

    } else if (optind < argc && strcmp(argv[optind], "user") == 0) {
        drsw_unblock_signals();
        code = drsw_users_main(conf, argc - optind, argv + optind);

    } else if (optind < argc && strcmp(argv[optind], "audit") == 0) {
        drsw_unblock_signals();
        code = drsw_audit_main(conf, argc - optind, argv + optind);

    } else if (optind < argc && strcmp(argv[optind], "schedule") == 0) {
        drsw_unblock_signals();
        code = drsw_schedule_main(conf, argc - optind, argv + optind);

    } else if (optind < argc) {
        (void) fprintf(stderr, "drs-worker: unknown command \"%s\"\n",
                       argv[optind]);
        code = 2;

    } else if (check) {
        drsw_unblock_signals();
        code = drsw_main_check(conf);

    } else {
        code = drsw_worker_run(conf, drsw_tasks_register);
    }

    drsw_config_free(conf);

    return code;
}
