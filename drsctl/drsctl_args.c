
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsctl_args.h"


static int drsctl_args_long(drsctl_args_t *a, const char *arg, const char *next,
                            int *used, char *err, size_t size);
static int
drsctl_args_short(drsctl_args_t *a, const char *arg, const char *next,
                  int *used, char *err, size_t size);
static int drsctl_args_command(drsctl_args_t *a, char *err, size_t size);
static int drsctl_args_check(drsctl_args_t *a, char *err, size_t size);


const drsctl_option_t drsctl_options[DRSCTL_OPT_N] = {
#define DRSCTL_OPT_ROW(id, name, letter, meta, help)                           \
    [DRSCTL_OPT_##id] = { name, letter, meta, help },
    DRSCTL_OPTIONS(DRSCTL_OPT_ROW)
#undef DRSCTL_OPT_ROW
};


int
drsctl_opt_is_global(drsctl_opt_t opt)
{
    return opt >= DRSCTL_OPT_URL && opt <= DRSCTL_OPT_HELP;
}


int
drsctl_command_takes(const drsctl_command_t *cmd, drsctl_opt_t opt)
{
    const unsigned char *p;

    if (drsctl_opt_is_global(opt)) {
        return 1;
    }

    for (p = cmd->options; p != NULL && *p; p++) {
        if (*p == opt) {
            return 1;
        }
    }

    return 0;
}


const char *
drsctl_opt(const drsctl_args_t *a, drsctl_opt_t opt)
{
    const drsctl_values_t *v;

    v = &a->value[opt];

    return v->n ? v->v[v->n - 1] : NULL;
}


static int
drsctl_args_add(drsctl_args_t *a, drsctl_opt_t opt, const char *value,
                char *err, size_t size)
{
    const char     **v;
    drsctl_values_t *list;

    list = &a->value[opt];

    v = realloc(list->v, (list->n + 1) * sizeof(char *));
    if (v == NULL) {
        (void) snprintf(err, size, "no memory");
        return DRS_DECLINED;
    }

    list->v = v;
    list->v[list->n++] = value;

    return DRS_OK;
}


/* "--name", "--name=value", "--name value" */

static int
drsctl_args_long(drsctl_args_t *a, const char *arg, const char *next, int *used,
                 char *err, size_t size)
{
    int         i;
    size_t      len;
    const char *eq;

    eq = strchr(arg, '=');
    len = eq != NULL ? (size_t) (eq - arg) : strlen(arg);

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (strlen(drsctl_options[i].name) == len
            && memcmp(drsctl_options[i].name, arg, len) == 0)
        {
            break;
        }
    }

    if (i == DRSCTL_OPT_N) {
        (void) snprintf(err, size, "unknown option --%.*s",
                        (int) (len < 60 ? len : 60), arg);
        return DRS_DECLINED;
    }

    if (drsctl_options[i].meta == NULL) {
        if (eq != NULL) {
            (void) snprintf(err, size, "--%s takes no value",
                            drsctl_options[i].name);
            return DRS_DECLINED;
        }

        return drsctl_args_add(a, (drsctl_opt_t) i, "", err, size);
    }

    if (eq != NULL) {
        return drsctl_args_add(a, (drsctl_opt_t) i, eq + 1, err, size);
    }

    if (next == NULL) {
        (void) snprintf(err, size, "--%s needs a value (%s)",
                        drsctl_options[i].name, drsctl_options[i].meta);
        return DRS_DECLINED;
    }

    *used = 1;

    return drsctl_args_add(a, (drsctl_opt_t) i, next, err, size);
}


/* "-q", "-o file", "-ofile"; letters are not bundled */

static int
drsctl_args_short(drsctl_args_t *a, const char *arg, const char *next,
                  int *used, char *err, size_t size)
{
    int i;

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (drsctl_options[i].letter == arg[0]) {
            break;
        }
    }

    if (i == DRSCTL_OPT_N || (drsctl_options[i].meta == NULL && arg[1] != '\0'))
    {
        (void) snprintf(err, size, "unknown option -%.20s", arg);
        return DRS_DECLINED;
    }

    if (drsctl_options[i].meta == NULL) {
        return drsctl_args_add(a, (drsctl_opt_t) i, "", err, size);
    }

    if (arg[1] != '\0') {
        return drsctl_args_add(a, (drsctl_opt_t) i, arg + 1, err, size);
    }

    if (next == NULL) {
        (void) snprintf(err, size, "-%c needs a value (%s)", arg[0],
                        drsctl_options[i].meta);
        return DRS_DECLINED;
    }

    *used = 1;

    return drsctl_args_add(a, (drsctl_opt_t) i, next, err, size);
}


/* The command of the leading operands, which are taken away. */

static int
drsctl_args_command(drsctl_args_t *a, char *err, size_t size)
{
    size_t                  i, taken, known;
    const drsctl_command_t *cmd;

    known = 0;

    for (i = 0; i < drsctl_n_commands; i++) {
        cmd = &drsctl_commands[i];

        if (strcmp(cmd->noun, a->operand[0]) != 0) {
            continue;
        }

        known = 1;

        if (cmd->verb == NULL
            || (a->n_operands > 1 && strcmp(cmd->verb, a->operand[1]) == 0))
        {
            a->command = cmd;
            break;
        }
    }

    a->noun = known ? a->operand[0] : NULL;

    if (a->command == NULL) {
        if (a->value[DRSCTL_OPT_HELP].n && known) {
            return DRS_OK;
        }

        if (!known) {
            (void) snprintf(err, size, "unknown command \"%.40s\"",
                            a->operand[0]);

        } else if (a->n_operands > 1) {
            (void) snprintf(err, size, "unknown command \"%.40s %.40s\"",
                            a->operand[0], a->operand[1]);

        } else {
            (void) snprintf(err, size,
                            "\"%.40s\" needs a further word, "
                            "see drsctl %.40s --help",
                            a->operand[0], a->operand[0]);
        }

        return DRS_DECLINED;
    }

    taken = a->command->verb != NULL ? 2 : 1;
    a->n_operands -= taken;

    memmove(a->operand, a->operand + taken,
            a->n_operands * sizeof(a->operand[0]));

    return DRS_OK;
}


static int
drsctl_args_check(drsctl_args_t *a, char *err, size_t size)
{
    int                     i;
    const char             *verb;
    const drsctl_command_t *cmd;

    cmd = a->command;
    verb = cmd->verb != NULL ? cmd->verb : "";

    for (i = 1; i < DRSCTL_OPT_N; i++) {
        if (a->value[i].n && !drsctl_command_takes(cmd, (drsctl_opt_t) i)) {
            (void) snprintf(err, size, "%s%s%s does not take --%s", cmd->noun,
                            *verb ? " " : "", verb, drsctl_options[i].name);
            return DRS_DECLINED;
        }
    }

    if (a->n_operands < cmd->min || a->n_operands > cmd->max) {
        (void) snprintf(err, size, "usage: drsctl %s%s%s %s", cmd->noun,
                        *verb ? " " : "", verb, cmd->operands);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drsctl_args_parse(drsctl_args_t *a, int argc, char **argv, char *err,
                  size_t size)
{
    int         i, rc, used, ended;
    const char *arg, *next;

    memset(a, 0, sizeof(*a));
    err[0] = '\0';
    ended = 0;

    for (i = 1; i < argc; i += 1 + used) {
        arg = argv[i];
        next = i + 1 < argc ? argv[i + 1] : NULL;
        used = 0;
        rc = DRS_OK;

        if (ended || arg[0] != '-' || arg[1] == '\0') {
            if (a->n_operands == DRSCTL_MAX_OPERANDS) {
                (void) snprintf(err, size, "too many arguments");
                return DRS_DECLINED;
            }
            a->operand[a->n_operands++] = arg;

        } else if (strcmp(arg, "--") == 0) {
            ended = 1;

        } else if (arg[1] == '-') {
            rc = drsctl_args_long(a, arg + 2, next, &used, err, size);

        } else {
            rc = drsctl_args_short(a, arg + 1, next, &used, err, size);
        }

        if (rc != DRS_OK) {
            return rc;
        }
    }

    if (a->n_operands == 0) {
        if (a->value[DRSCTL_OPT_HELP].n) {
            return DRS_OK;
        }
        (void) snprintf(err, size, "no command given, see drsctl --help");
        return DRS_DECLINED;
    }

    rc = drsctl_args_command(a, err, size);

    if (rc != DRS_OK || a->value[DRSCTL_OPT_HELP].n) {
        return rc;
    }

    return drsctl_args_check(a, err, size);
}


void
drsctl_args_free(drsctl_args_t *a)
{
    int i;

    for (i = 0; i < DRSCTL_OPT_N; i++) {
        free(a->value[i].v);
    }

    memset(a, 0, sizeof(*a));
}
