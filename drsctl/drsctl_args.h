
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The command line.  Commands and options are two tables; parser, help and
 * shell completion are made from them.
 */

#ifndef DRSCTL_ARGS_H_INCLUDED
#define DRSCTL_ARGS_H_INCLUDED


#include <stddef.h>

#include "drs_buf.h"


#define DRSCTL_MAX_OPERANDS 16


/* X(id, name, letter or 0, meta or NULL for a flag, help) */
#define DRSCTL_OPTIONS(X)                                                      \
    X(URL, "url", 0, "URL", "base URL of the API (DRS_URL)")                   \
    X(CA, "ca", 0, "FILE", "certificates to trust, PEM (DRS_CA)")              \
    X(TOKEN, "token", 0, "TOKEN", "bearer token; prefer DRS_TOKEN")            \
    X(TOKEN_FILE, "token-file", 0, "FILE", "file with the bearer token")       \
    X(OUTPUT, "output", 0, "FORMAT", "table (default) or json")                \
    X(TIMEOUT, "timeout", 0, "SECONDS", "limit of the whole command")          \
    X(CONFIG, "config", 0, "FILE", "configuration file")                       \
    X(QUIET, "quiet", 'q', NULL, "ids only, no progress")                      \
    X(HELP, "help", 'h', NULL, "this text")                                    \
                                                                               \
    X(REGION, "region", 0, "REGION", "AWS Region")                             \
    X(ACCOUNT, "account", 0, "ID", "AWS account, 12 digits")                   \
    X(NAME, "name", 0, "NAME", "name, or part of it in lists")                 \
    X(DESCRIPTION, "description", 0, "TEXT", "description")                    \
    X(OWNER, "owner", 0, "TEXT", "owner")                                      \
    X(TAG, "tag", 0, "KEY=VALUE", "select servers by tag; repeatable")         \
    X(SERVER, "server", 0, "ID", "source server; repeatable")                  \
    X(WAVE, "wave", 0, "[NAME=]GROUP,...", "a wave; repeatable, in order")     \
    X(PAUSE_BEFORE, "pause-before", 0, "WAVES", "wave numbers, from 0")        \
    X(PARALLEL, "max-parallel-waves", 0, "N", "waves allowed at once")         \
    X(PRIORITY, "priority", 0, "N", "1 (first) to 9")                          \
    X(EMAIL, "email", 0, "ADDRESS", "address for notifications")               \
    X(FILE, "file", 'f', "FILE", "JSON body of the request, - for stdin")      \
    X(IF_VERSION, "if-version", 0, "N", "refuse if the version differs")       \
    X(YES, "yes", 'y', NULL, "do not ask")                                     \
    X(KEY, "idempotency-key", 0, "KEY", "own key, to repeat a command")        \
                                                                               \
    X(DRILL, "drill", 0, NULL, "start a drill (default)")                      \
    X(RECOVERY, "recovery", 0, NULL, "start a recovery")                       \
    X(WAIT, "wait", 0, NULL, "wait for the end")                               \
    X(WATCH, "watch", 0, NULL, "wait and show progress")                       \
    X(REASON, "reason", 0, "TEXT", "reason, for the record")                   \
    X(DRY_RUN, "dry-run", 0, NULL, "check only")                               \
    X(WAVES, "waves", 0, "WAVES", "only these wave numbers")                   \
    X(RECOVERY_POINT, "recovery-point", 0, "POINT", "LATEST or BEFORE:<time>") \
    X(ALLOW_DEGRADED, "allow-degraded", 0, NULL,                               \
      "accept unhealthy replication")                                          \
    X(ALLOW_UNKNOWN, "allow-unknown-limits", 0, NULL, "accept unknown limits") \
    X(OVERRIDE_REASON, "override-reason", 0, "TEXT",                           \
      "why the two above are accepted")                                        \
    X(CONFIRM_REPLACE, "confirm-replace-existing", 0, NULL,                    \
      "replace live recovery instances")                                       \
                                                                               \
    X(PLAN, "plan", 0, "PLAN", "name or id of a plan")                         \
    X(GROUP, "group", 0, "GROUP", "name or id of a protection group")          \
    X(STATUS, "status", 0, "LIST", "statuses, separated by commas")            \
    X(TYPE, "type", 0, "TYPE", "DRILL or RECOVERY")                            \
    X(LIMIT, "limit", 0, "N", "entries of one page")                           \
    X(NEXT_TOKEN, "next-token", 0, "TEXT", "page to go on with")               \
    X(ALL, "all", 0, NULL, "all pages")                                        \
    X(WAVE_NUMBER, "wave-number", 0, "N", "one wave, from 0")                  \
    X(SEARCH, "search", 0, "TEXT", "part of a name or id")                     \
    X(TERMINATE, "terminate-launched", 0, NULL,                                \
      "terminate what was launched, afterwards")                               \
    X(NOTES, "notes", 0, "TEXT", "note, for the record")                       \
    X(ADOPT, "adopt", 0, "JOB", "the job is the unit's")                       \
    X(RETRY, "retry", 0, NULL, "launch the unit again")                        \
    X(FAIL, "fail", 0, NULL, "give the unit up")                               \
    X(CONFIRM_PAUSED, "confirm-paused", 0, NULL,                               \
      "allow it while the execution is paused")                                \
                                                                               \
    X(CRON, "cron", 0, "CRON", "minute hour day month weekday")                \
    X(TIME_ZONE, "time-zone", 0, "ZONE", "IANA name; default UTC")             \
    X(WAIT_FOR_CONFLICT, "wait-for-conflict", 0, NULL,                         \
      "try again while the plan is executing")                                 \
    X(DISABLED, "disabled", 0, NULL, "do not run it yet")                      \
                                                                               \
    X(OUT, "out", 'o', "FILE", "write to a file")                              \
    X(ROLE_ARN, "role-arn", 0, "ARN", "role to assume")                        \
    X(EXTERNAL_ID, "external-id", 0, "TEXT", "external id of the role")        \
    X(FORCE, "force", 0, NULL, "even if something speaks against it")          \
    X(EVERY, "every", 0, "HOURS", "run every so many hours")                   \
    X(OFF, "off", 0, NULL, "do not run by itself")                             \
    X(FROM, "from", 0, "TIME", "not before (ISO 8601)")                        \
    X(TO, "to", 0, "TIME", "not after (ISO 8601)")                             \
    X(ACTOR, "actor", 0, "USER", "user id or e-mail")                          \
    X(ACTION, "action", 0, "ACTION", "action")                                 \
    X(RESOURCE_TYPE, "resource-type", 0, "TYPE", "type of the object")         \
    X(RESOURCE_ID, "resource-id", 0, "ID", "id of the object")                 \
    X(OUTCOME, "outcome", 0, "OUTCOME",                                        \
      "allowed, denied, failed or succeeded")                                  \
    X(CORRELATION_ID, "correlation-id", 0, "ID", "correlation id")             \
    X(PASSWORD_STDIN, "password-stdin", 0, NULL, "read the password from stdin")


typedef enum {
    DRSCTL_OPT_NONE = 0,
#define DRSCTL_OPT_ENUM(id, name, letter, meta, help) DRSCTL_OPT_##id,
    DRSCTL_OPTIONS(DRSCTL_OPT_ENUM)
#undef DRSCTL_OPT_ENUM
    DRSCTL_OPT_N
} drsctl_opt_t;

typedef struct {
    const char *name;
    char        letter;
    const char *meta;
    const char *help;
} drsctl_option_t;

typedef struct drsctl_s drsctl_t;

typedef struct {
    const char          *noun;
    const char          *verb;     /* NULL: the noun is the command */
    const char          *operands; /* for the help */
    unsigned             min, max; /* number of operands */
    const unsigned char *options;  /* drsctl_opt_t, ends with 0 */
    int (*run)(drsctl_t *c);
    const char *help;
} drsctl_command_t;

typedef struct {
    size_t       n;
    const char **v;
} drsctl_values_t;

typedef struct {
    const drsctl_command_t *command; /* NULL: help is asked for */
    const char             *noun;    /* help is asked for this one */
    size_t                  n_operands;
    const char             *operand[DRSCTL_MAX_OPERANDS];
    drsctl_values_t         value[DRSCTL_OPT_N];
} drsctl_args_t;


extern const drsctl_option_t  drsctl_options[DRSCTL_OPT_N];
extern const drsctl_command_t drsctl_commands[];
extern const size_t           drsctl_n_commands;


/*
 * Parses argv[1..].  Views stay in argv, which must outlive `a`.  DRS_OK, or
 * DRS_DECLINED with a sentence in `err`.  drsctl_args_free() in any case.
 */
int  drsctl_args_parse(drsctl_args_t *a, int argc, char **argv, char *err,
                       size_t size) DRS_MUST_CHECK;
void drsctl_args_free(drsctl_args_t *a);

/* The last value of an option, "" for a flag, NULL if it is not given. */
const char *drsctl_opt(const drsctl_args_t *a, drsctl_opt_t opt);

/* 1 for the options that every command takes. */
int drsctl_opt_is_global(drsctl_opt_t opt);
int drsctl_command_takes(const drsctl_command_t *cmd, drsctl_opt_t opt);

/* Text of --help: everything, one noun, or one command. */
void drsctl_help(drs_buf_t *b, const char *noun, const drsctl_command_t *cmd);

/* Completion script for bash. */
void drsctl_completion_bash(drs_buf_t *b);


#endif /* DRSCTL_ARGS_H_INCLUDED */
