
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands, and what is made from it.
 */

#include <string.h>

#include "drsctl.h"


#define DRSCTL_TAKES(...)                                                      \
    (const unsigned char[])                                                    \
    {                                                                          \
        __VA_ARGS__, 0                                                         \
    }

#define DRSCTL_O(name) DRSCTL_OPT_##name
#define DRSCTL_O_GROUP                                                         \
    DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(DESCRIPTION),                \
        DRSCTL_O(OWNER), DRSCTL_O(TAG), DRSCTL_O(SERVER), DRSCTL_O(FILE),      \
        DRSCTL_O(KEY)
#define DRSCTL_O_PLAN                                                          \
    DRSCTL_O(WAVE), DRSCTL_O(PAUSE_BEFORE), DRSCTL_O(PARALLEL),                \
        DRSCTL_O(PRIORITY), DRSCTL_O(DESCRIPTION), DRSCTL_O(EMAIL),            \
        DRSCTL_O(FILE), DRSCTL_O(KEY)
#define DRSCTL_O_OVERRIDE                                                      \
    DRSCTL_O(ALLOW_DEGRADED), DRSCTL_O(ALLOW_UNKNOWN), DRSCTL_O(OVERRIDE_REASON)
#define DRSCTL_O_SCHEDULE                                                      \
    DRSCTL_O(CRON), DRSCTL_O(TIME_ZONE), DRSCTL_O(WAIT_FOR_CONFLICT),          \
        DRSCTL_O(DISABLED), DRSCTL_O(ALLOW_DEGRADED),                          \
        DRSCTL_O(OVERRIDE_REASON), DRSCTL_O(FILE)
#define DRSCTL_O_PAGES DRSCTL_O(LIMIT), DRSCTL_O(NEXT_TOKEN), DRSCTL_O(ALL)


const drsctl_command_t drsctl_commands[] = {
    { "groups", "list", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(ACCOUNT), DRSCTL_O(REGION), DRSCTL_O(NAME)),
      drsctl_groups_list, "protection groups" },
    { "groups", "show", "GROUP", 1, 1, NULL, drsctl_groups_show,
      "one protection group" },
    { "groups", "create", "NAME", 1, 1, DRSCTL_TAKES(DRSCTL_O_GROUP),
      drsctl_groups_create, "new group of servers, by tag or by id" },
    { "groups", "update", "GROUP", 1, 1,
      DRSCTL_TAKES(DRSCTL_O_GROUP, DRSCTL_O(NAME), DRSCTL_O(IF_VERSION)),
      drsctl_groups_update, "change what is given" },
    { "groups", "delete", "GROUP", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_groups_delete,
      "delete a group that no plan uses" },
    { "groups", "resolve", "[GROUP]", 0, 1,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(TAG),
                   DRSCTL_O(KEY)),
      drsctl_groups_resolve, "servers of a group, or of tags" },
    { "groups", "settings", "GROUP", 1, 1, NULL, drsctl_groups_settings,
      "state of the launch settings of its servers" },
    { "groups", "apply", "GROUP", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(FORCE), DRSCTL_O(KEY)), drsctl_groups_apply,
      "apply its launch settings again" },

    { "plans", "list", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(ACCOUNT), DRSCTL_O(NAME), DRSCTL_O(STATUS)),
      drsctl_plans_list, "recovery plans" },
    { "plans", "show", "PLAN", 1, 1, NULL, drsctl_plans_show,
      "one recovery plan and its waves" },
    { "plans", "create", "NAME", 1, 1,
      DRSCTL_TAKES(DRSCTL_O_PLAN, DRSCTL_O(ACCOUNT)), drsctl_plans_create,
      "new plan, a --wave for every wave" },
    { "plans", "update", "PLAN", 1, 1,
      DRSCTL_TAKES(DRSCTL_O_PLAN, DRSCTL_O(NAME), DRSCTL_O(IF_VERSION)),
      drsctl_plans_update, "change what is given" },
    { "plans", "delete", "PLAN", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_plans_delete,
      "delete a plan; its history stays" },
    { "plans", "existing", "PLAN", 1, 1, NULL, drsctl_plans_existing,
      "recovery instances that its servers have" },

    { "schedules", "list", "PLAN", 1, 1, NULL, drsctl_schedules_list,
      "scheduled drills of a plan" },
    { "schedules", "show", "PLAN SCHEDULE", 2, 2, NULL, drsctl_schedules_show,
      "one of them" },
    { "schedules", "create", "PLAN NAME", 2, 2,
      DRSCTL_TAKES(DRSCTL_O_SCHEDULE, DRSCTL_O(KEY)), drsctl_schedules_create,
      "new schedule, with --cron" },
    { "schedules", "update", "PLAN SCHEDULE", 2, 2,
      DRSCTL_TAKES(DRSCTL_O_SCHEDULE, DRSCTL_O(NAME), DRSCTL_O(IF_VERSION),
                   DRSCTL_O(KEY)),
      drsctl_schedules_update, "change what is given" },
    { "schedules", "enable", "PLAN SCHEDULE", 2, 2, DRSCTL_TAKES(DRSCTL_O(KEY)),
      drsctl_schedules_enable, "run it again" },
    { "schedules", "disable", "PLAN SCHEDULE", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(KEY)), drsctl_schedules_disable, "do not run it" },
    { "schedules", "run", "PLAN SCHEDULE", 2, 2, DRSCTL_TAKES(DRSCTL_O(KEY)),
      drsctl_schedules_run, "start one drill at once" },
    { "schedules", "delete", "PLAN SCHEDULE", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_schedules_delete,
      "delete a schedule" },

    { "precheck", NULL, "PLAN", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(DRILL), DRSCTL_O(RECOVERY), DRSCTL_O(WAVES),
                   DRSCTL_O(RECOVERY_POINT), DRSCTL_O(ALLOW_DEGRADED),
                   DRSCTL_O(ALLOW_UNKNOWN), DRSCTL_O(CONFIRM_REPLACE),
                   DRSCTL_O(KEY)),
      drsctl_precheck, "what a start would find" },

    { "webhooks", "list", "", 0, 0, NULL, drsctl_webhooks_list,
      "receivers of notifications" },
    { "webhooks", "show", "WEBHOOK", 1, 1, NULL, drsctl_webhooks_show,
      "one of them, with its last delivery" },
    { "webhooks", "create", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(FILE), DRSCTL_O(KEY)), drsctl_webhooks_create,
      "new webhook, with --file" },
    { "webhooks", "update", "WEBHOOK", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(FILE), DRSCTL_O(KEY)), drsctl_webhooks_update,
      "change what is in --file" },
    { "webhooks", "delete", "WEBHOOK", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_webhooks_delete,
      "delete a webhook" },
    { "webhooks", "test", "WEBHOOK", 1, 1, DRSCTL_TAKES(DRSCTL_O(KEY)),
      drsctl_webhooks_test, "send it a test message" },
    { "notifications", "show", "", 0, 0, NULL, drsctl_notifications_show,
      "notification settings, state of the outbox" },
    { "notifications", "set", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(FILE), DRSCTL_O(KEY)), drsctl_notifications_set,
      "change what is in --file" },

    { "start", NULL, "PLAN", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(DRILL), DRSCTL_O(RECOVERY), DRSCTL_O(WAIT),
                   DRSCTL_O(WATCH), DRSCTL_O(REASON), DRSCTL_O(DRY_RUN),
                   DRSCTL_O(WAVES), DRSCTL_O(RECOVERY_POINT), DRSCTL_O_OVERRIDE,
                   DRSCTL_O(CONFIRM_REPLACE), DRSCTL_O(YES), DRSCTL_O(KEY)),
      drsctl_start, "start a drill or a recovery" },

    { "executions", "list", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(PLAN), DRSCTL_O(ACCOUNT), DRSCTL_O(STATUS),
                   DRSCTL_O(TYPE), DRSCTL_O(SEARCH), DRSCTL_O_PAGES),
      drsctl_executions_list, "executions, newest first" },
    { "executions", "show", "EXEC", 1, 1, NULL, drsctl_executions_show,
      "one execution and its waves" },
    { "executions", "servers", "EXEC", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(WAVE_NUMBER), DRSCTL_O(STATUS), DRSCTL_O(SEARCH),
                   DRSCTL_O_PAGES),
      drsctl_executions_servers, "servers of an execution" },
    { "executions", "events", "EXEC", 1, 1, DRSCTL_TAKES(DRSCTL_O_PAGES),
      drsctl_executions_events, "what has happened, oldest first" },
    { "executions", "instances", "EXEC", 1, 1, NULL,
      drsctl_executions_instances, "its recovery instances" },
    { "executions", "logs", "EXEC", 1, 1, NULL, drsctl_executions_logs,
      "logs of its DRS jobs, newest first" },
    { "executions", "delete", "EXEC...", 1, DRSCTL_MAX_OPERANDS,
      DRSCTL_TAKES(DRSCTL_O(FORCE), DRSCTL_O(YES), DRSCTL_O(KEY)),
      drsctl_executions_delete, "delete records of ended executions" },

    { "watch", NULL, "EXEC", 1, 1, NULL, drsctl_watch,
      "show progress until the end" },
    { "pause", NULL, "EXEC", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(REASON), DRSCTL_O(KEY)), drsctl_pause,
      "no new launches until resume" },
    { "resume", NULL, "EXEC", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(NOTES), DRSCTL_O_OVERRIDE, DRSCTL_O(KEY)),
      drsctl_resume, "go on after a pause" },
    { "retry", NULL, "EXEC WAVE", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(SERVER), DRSCTL_O(REASON), DRSCTL_O_OVERRIDE,
                   DRSCTL_O(YES), DRSCTL_O(KEY)),
      drsctl_retry, "launch failed servers of a wave again" },
    { "skip", NULL, "EXEC WAVE", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(REASON), DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_skip,
      "leave a wave out" },
    { "resolve", NULL, "EXEC UNIT", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(ADOPT), DRSCTL_O(RETRY), DRSCTL_O(FAIL),
                   DRSCTL_O(REASON), DRSCTL_O(YES), DRSCTL_O(KEY)),
      drsctl_resolve, "decide about a unit that is HELD" },
    { "cancel", NULL, "EXEC", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(REASON), DRSCTL_O(TERMINATE), DRSCTL_O(YES),
                   DRSCTL_O(KEY)),
      drsctl_cancel, "no new launches; running jobs end" },
    { "terminate", NULL, "EXEC", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(CONFIRM_PAUSED), DRSCTL_O(WAIT), DRSCTL_O(YES),
                   DRSCTL_O(KEY)),
      drsctl_terminate, "terminate its recovery instances" },

    { "accounts", "list", "", 0, 0, NULL, drsctl_accounts_list,
      "target accounts" },
    { "accounts", "add", "ID", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(NAME), DRSCTL_O(ROLE_ARN), DRSCTL_O(EXTERNAL_ID),
                   DRSCTL_O(KEY)),
      drsctl_accounts_add, "register a target account" },
    { "accounts", "show", "ID", 1, 1, NULL, drsctl_accounts_show,
      "one target account" },
    { "accounts", "update", "ID", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(NAME), DRSCTL_O(ROLE_ARN), DRSCTL_O(EXTERNAL_ID),
                   DRSCTL_O(STATUS), DRSCTL_O(KEY)),
      drsctl_accounts_update, "change what is given" },
    { "accounts", "delete", "ID", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(FORCE), DRSCTL_O(YES), DRSCTL_O(KEY)),
      drsctl_accounts_delete, "delete an account that nothing uses" },
    { "accounts", "validate", "ID", 1, 1, DRSCTL_TAKES(DRSCTL_O(KEY)),
      drsctl_accounts_validate, "try its role and DRS" },
    { "accounts", "capacity", "[ID]", 0, 1, NULL, drsctl_accounts_capacity,
      "replicating servers, of one or of all accounts" },
    { "staging", "list", "ACCOUNT", 1, 1, NULL, drsctl_staging_list,
      "staging accounts of a target account" },
    { "staging", "discover", "ACCOUNT", 1, 1, NULL, drsctl_staging_discover,
      "staging accounts that its servers use" },
    { "staging", "add", "ACCOUNT ID", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(NAME), DRSCTL_O(ROLE_ARN), DRSCTL_O(EXTERNAL_ID),
                   DRSCTL_O(KEY)),
      drsctl_staging_add, "add a staging account" },
    { "staging", "remove", "ACCOUNT ID", 2, 2,
      DRSCTL_TAKES(DRSCTL_O(YES), DRSCTL_O(KEY)), drsctl_staging_remove,
      "remove a staging account" },
    { "staging", "sync", "ACCOUNT", 1, 1, DRSCTL_TAKES(DRSCTL_O(KEY)),
      drsctl_staging_sync, "store what discovery finds" },
    { "servers", NULL, "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(GROUP)),
      drsctl_servers, "source servers of a Region" },

    { "drs", "jobs", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(STATUS),
                   DRSCTL_O(TYPE)),
      drsctl_drs_jobs, "DRS jobs of a Region, newest first" },
    { "drs", "replication", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT)), drsctl_drs_replication,
      "replication of its source servers" },
    { "drs", "regions", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT)), drsctl_drs_regions,
      "state of DRS in each Region" },
    { "drs", "instances", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT)), drsctl_drs_instances,
      "recovery instances of a Region" },
    { "drs", "quotas", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT)), drsctl_drs_quotas,
      "replicating servers and limits by Region" },
    { "drs", "start", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(SERVER),
                   DRSCTL_O(DRILL), DRSCTL_O(RECOVERY), DRSCTL_O(YES),
                   DRSCTL_O(KEY)),
      drsctl_drs_start, "one DRS job without a plan" },
    { "tags", "sync", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(REGION), DRSCTL_O(ACCOUNT), DRSCTL_O(KEY)),
      drsctl_tags_sync, "copy tags of EC2 instances now" },
    { "tags", "status", "", 0, 0, NULL, drsctl_tags_status,
      "the last tag synchronisation" },
    { "tags", "schedule", "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(EVERY), DRSCTL_O(OFF), DRSCTL_O(KEY)),
      drsctl_tags_schedule, "when it runs by itself" },

    { "export", NULL, "", 0, 0, DRSCTL_TAKES(DRSCTL_O(OUT)), drsctl_export,
      "groups and plans as a file" },
    { "import", NULL, "FILE", 1, 1,
      DRSCTL_TAKES(DRSCTL_O(DRY_RUN), DRSCTL_O(KEY)), drsctl_import,
      "add groups and plans of a file" },
    { "check", NULL, "FILE", 1, 1, NULL, drsctl_check,
      "look whether a file can be imported" },
    { "audit", NULL, "", 0, 0,
      DRSCTL_TAKES(DRSCTL_O(FROM), DRSCTL_O(TO), DRSCTL_O(ACTOR),
                   DRSCTL_O(ACTION), DRSCTL_O(RESOURCE_TYPE),
                   DRSCTL_O(RESOURCE_ID), DRSCTL_O(OUTCOME),
                   DRSCTL_O(CORRELATION_ID), DRSCTL_O_PAGES),
      drsctl_audit, "audit trail, newest first" },

    { "login", NULL, "[USER]", 0, 1, DRSCTL_TAKES(DRSCTL_O(PASSWORD_STDIN)),
      drsctl_login, "sign in as a local user" },
    { "logout", NULL, "", 0, 0, NULL, drsctl_logout, "end the session" },
    { "password", NULL, "", 0, 0, NULL, drsctl_password,
      "change the password of a local user" },
    { "whoami", NULL, "", 0, 0, NULL, drsctl_whoami,
      "user, roles and permissions" },
    { "health", NULL, "", 0, 0, NULL, drsctl_health, "state of the service" },
    { "version", NULL, "", 0, 0, NULL, drsctl_version, "version of drsctl" },
    { "completion", NULL, "bash", 1, 1, NULL, drsctl_completion,
      "completion script for the shell" }
};

const size_t drsctl_n_commands =
    sizeof(drsctl_commands) / sizeof(drsctl_commands[0]);


/* -- help ----------------------------------------------------------------------- */

static void
drsctl_help_command(drs_buf_t *b, const drsctl_command_t *cmd)
{
    size_t start;

    start = b->len;
    (void) drs_buf_printf(b, "  %s", cmd->noun);

    if (cmd->verb != NULL) {
        (void) drs_buf_printf(b, " %s", cmd->verb);
    }

    if (*cmd->operands) {
        (void) drs_buf_printf(b, " %s", cmd->operands);
    }

    do {
        (void) drs_buf_putc(b, ' ');
    } while (drs_buf_ok(b) && b->len - start < 28);

    (void) drs_buf_printf(b, "%s\n", cmd->help);
}


static void
drsctl_help_option(drs_buf_t *b, drsctl_opt_t opt)
{
    size_t                 start;
    const drsctl_option_t *o;

    o = &drsctl_options[opt];
    start = b->len;

    if (o->letter) {
        (void) drs_buf_printf(b, "  -%c, --%s", o->letter, o->name);
    } else {
        (void) drs_buf_printf(b, "      --%s", o->name);
    }

    if (o->meta != NULL) {
        (void) drs_buf_printf(b, " %s", o->meta);
    }

    do {
        (void) drs_buf_putc(b, ' ');
    } while (drs_buf_ok(b) && b->len - start < 34);

    (void) drs_buf_printf(b, "%s\n", o->help);
}


void
drsctl_help(drs_buf_t *b, const char *noun, const drsctl_command_t *cmd)
{
    int    i;
    size_t n;

    (void) drs_buf_printf(b, "usage: drsctl [options] %s",
                          noun != NULL ? noun : "COMMAND");

    if (cmd != NULL) {
        (void) drs_buf_printf(b, "%s%s %s\n", cmd->verb != NULL ? " " : "",
                              cmd->verb != NULL ? cmd->verb : "",
                              cmd->operands);
    } else {
        (void) drs_buf_puts(b, " ...\n");
    }

    (void) drs_buf_puts(b, "\n");

    for (n = 0; n < drsctl_n_commands; n++) {
        if (cmd != NULL
                ? cmd == &drsctl_commands[n]
                : noun == NULL || strcmp(noun, drsctl_commands[n].noun) == 0)
        {
            drsctl_help_command(b, &drsctl_commands[n]);
        }
    }

    (void) drs_buf_puts(b, "\n");

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (drsctl_opt_is_global((drsctl_opt_t) i)
            || (cmd != NULL && drsctl_command_takes(cmd, (drsctl_opt_t) i)))
        {
            drsctl_help_option(b, (drsctl_opt_t) i);
        }
    }

    (void) drs_buf_puts(
        b, cmd != NULL
               ? ""
               : "\nEach command has its own options: drsctl COMMAND --help.\n"
                 "Exit codes: 0 done, 1 refused, 2 usage, 3 not reachable, "
                 "4 not signed in,\n5 execution not COMPLETED, 6 timeout.\n");
}


/* -- completion --------------------------------------------------------------------- */

/* Words after `noun`, or the nouns themselves. */

static void
drsctl_completion_words(drs_buf_t *b, const char *noun)
{
    size_t                  i;
    const drsctl_command_t *cmd;

    for (i = 0; i < drsctl_n_commands; i++) {
        cmd = &drsctl_commands[i];

        if (noun == NULL) {
            if (i == 0 || strcmp(cmd->noun, cmd[-1].noun) != 0) {
                (void) drs_buf_printf(b, "%s ", cmd->noun);
            }

        } else if (strcmp(cmd->noun, noun) == 0 && cmd->verb != NULL) {
            (void) drs_buf_printf(b, "%s ", cmd->verb);
        }
    }
}


static void
drsctl_completion_case(drs_buf_t *b, const drsctl_command_t *cmd)
{
    int i;

    (void) drs_buf_printf(b, "        \"%s%s%s\") opts=\"$opts", cmd->noun,
                          cmd->verb != NULL ? " " : "",
                          cmd->verb != NULL ? cmd->verb : "");

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (!drsctl_opt_is_global((drsctl_opt_t) i)
            && drsctl_command_takes(cmd, (drsctl_opt_t) i))
        {
            (void) drs_buf_printf(b, " --%s", drsctl_options[i].name);
        }
    }

    (void) drs_buf_puts(b, "\" ;;\n");
}


static void
drsctl_completion_options(drs_buf_t *b)
{
    int i;

    (void) drs_buf_puts(b, "    local valued=\" -f -o");

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (drsctl_options[i].meta != NULL) {
            (void) drs_buf_printf(b, " --%s", drsctl_options[i].name);
        }
    }

    (void) drs_buf_puts(b, " \"\n    local opts=\"");

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (drsctl_opt_is_global((drsctl_opt_t) i)) {
            (void) drs_buf_printf(b, "%s--%s", i > 1 ? " " : "",
                                  drsctl_options[i].name);
        }
    }

    (void) drs_buf_puts(b, "\"\n");
}


void
drsctl_completion_bash(drs_buf_t *b)
{
    size_t i;

    (void) drs_buf_puts(
        b, "# bash completion of drsctl; made by: drsctl completion bash\n"
           "_drsctl()\n"
           "{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]}\n"
           "    local prev=${COMP_WORDS[COMP_CWORD-1]}\n");
    drsctl_completion_options(b);
    (void) drs_buf_puts(
        b,
        "    local i w words=()\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        w=${COMP_WORDS[i]}\n"
        "        case $w in\n"
        "        -*) [[ $valued == *\" $w \"* ]] && ((i++)) ;;\n"
        "        *) words+=(\"$w\") ;;\n"
        "        esac\n"
        "    done\n"
        "    COMPREPLY=()\n"
        "    case $prev in\n"
        "        --output) COMPREPLY=($(compgen -W \"table json\" -- \"$cur\"))"
        "; return ;;\n"
        "        --ca|--token-file|--config|--file|--out|-f|-o)\n"
        "            COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
        "    esac\n"
        "    [[ $prev == -* && $valued == *\" $prev \"* ]] && return\n"
        "    case \"${words[0]}\" in\n");

    (void) drs_buf_puts(b, "        \"\") w=\"");
    drsctl_completion_words(b, NULL);
    (void) drs_buf_puts(b, "\" ;;\n");

    for (i = 0; i < drsctl_n_commands; i++) {
        if (drsctl_commands[i].verb != NULL
            && (i == 0
                || strcmp(drsctl_commands[i].noun, drsctl_commands[i - 1].noun)
                       != 0))
        {
            (void) drs_buf_printf(b, "        %s) w=\"",
                                  drsctl_commands[i].noun);
            drsctl_completion_words(b, drsctl_commands[i].noun);
            (void) drs_buf_puts(b, "\"; [ ${#words[@]} -gt 1 ] && w= ;;\n");
        }
    }

    (void) drs_buf_puts(b,
                        "        completion) w=bash ;;\n"
                        "        *) w= ;;\n"
                        "    esac\n"
                        "    if [[ $cur != -* ]]; then\n"
                        "        COMPREPLY=($(compgen -W \"$w\" -- \"$cur\"))\n"
                        "        [[ ${words[0]} == @(import|check) ]] && "
                        "COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                        "        return\n"
                        "    fi\n"
                        "    case \"${words[*]:0:2}\" in\n");

    for (i = 0; i < drsctl_n_commands; i++) {
        if (drsctl_commands[i].verb != NULL) {
            drsctl_completion_case(b, &drsctl_commands[i]);
        }
    }

    (void) drs_buf_puts(b, "    esac\n    case \"${words[0]}\" in\n");

    for (i = 0; i < drsctl_n_commands; i++) {
        if (drsctl_commands[i].verb == NULL) {
            drsctl_completion_case(b, &drsctl_commands[i]);
        }
    }

    (void) drs_buf_puts(b,
                        "    esac\n"
                        "    COMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n"
                        "}\n"
                        "complete -o filenames -F _drsctl drsctl\n");
}
