
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "drsctl.h"


static char **drsctl_main_argv(int argc, char **argv);
static int    drsctl_main_run(drsctl_t *c);
static int    drsctl_main_help(const drsctl_args_t *args);


/*
 * A copy of the arguments.  A token on the command line is then overwritten,
 * so that it does not stay in the list of processes.
 */

static char **
drsctl_main_argv(int argc, char **argv)
{
    int    i;
    char **copy, *secret;

    copy = calloc((size_t) argc + 1, sizeof(char *));

    for (i = 0; copy != NULL && i < argc; i++) {
        copy[i] = strdup(argv[i]);

        if (copy[i] == NULL) {
            return NULL;
        }

        secret = NULL;

        if (strncmp(argv[i], "--token=", 8) == 0) {
            secret = argv[i] + 8;

        } else if (i > 0 && strcmp(copy[i - 1], "--token") == 0) {
            secret = argv[i];
        }

        if (secret != NULL) {
            memset(secret, 'x', strlen(secret));
        }
    }

    return copy;
}


static int
drsctl_main_help(const drsctl_args_t *args)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);
    drsctl_help(&b, args->noun, args->command);
    (void) fputs(b.data != NULL ? b.data : "", stdout);
    drs_buf_free(&b);

    return DRSCTL_EXIT_OK;
}


/* Commands that need no server run without an URL. */

static int
drsctl_main_run(drsctl_t *c)
{
    const char *bad;

    if (c->args->command->run == drsctl_version
        || c->args->command->run == drsctl_completion)
    {
        return c->args->command->run(c);
    }

    if (c->conf.url == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "no URL: give --url, set "
                           "DRS_URL or put url into the configuration file");
    }

    bad = drsctl_url_check(c->conf.url);

    if (bad != NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "the URL %s", bad);
    }

    c->http = drsctl_http_create();

    if (c->http == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "libcurl cannot be used");
    }

    if (c->conf.timeout_s) {
        c->deadline_ms = drsctl_now_ms() + c->conf.timeout_s * 1000;
    }

    return c->args->command->run(c);
}


int
main(int argc, char **argv)
{
    int              code;
    char             err[600], **copy;
    drsctl_t         c;
    drsctl_args_t    args;
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = SIG_IGN;
    (void) sigaction(SIGPIPE, &sa, NULL);
    (void) setlocale(LC_CTYPE, "");

    memset(&c, 0, sizeof(c));
    c.args = &args;
    c.out = stdout;
    c.err = stderr;

    copy = drsctl_main_argv(argc, argv);

    if (copy == NULL) {
        return drsctl_fail(&c, DRSCTL_EXIT_USAGE, "no memory");
    }

    if (drsctl_args_parse(&args, argc, copy, err, sizeof(err)) != DRS_OK) {
        code = drsctl_fail(&c, DRSCTL_EXIT_USAGE, "%s", err);

    } else if (drsctl_opt(&args, DRSCTL_OPT_HELP) != NULL) {
        code = drsctl_main_help(&args);

    } else if (drsctl_conf_load(&c.conf, &args, getenv, err, sizeof(err))
               != DRS_OK) {
        code = drsctl_fail(&c, DRSCTL_EXIT_USAGE, "%s", err);

    } else {
        code = drsctl_main_run(&c);
    }

    if (fflush(stdout) != 0 && code == DRSCTL_EXIT_OK) {
        code = DRSCTL_EXIT_USAGE;
    }

    drsctl_http_destroy(c.http);
    drsctl_conf_free(&c.conf);
    drsctl_args_free(&args);

    if (c.token != NULL) {
        drs_memzero(c.token, strlen(c.token));
        free(c.token);
    }

    for (argc--; argc >= 0; argc--) {
        drs_memzero(copy[argc], strlen(copy[argc]));
        free(copy[argc]);
    }

    free(copy);

    return code;
}
