
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl precheck, retry, skip, resolve
 */

#include <string.h>

#include "drsctl.h"


/* -- precheck --------------------------------------------------------------- */

static int
drsctl_precheck_print(drsctl_t *c, const json_t *doc)
{
    int            code;
    size_t         i;
    int64_t        seconds;
    json_t        *check;
    drs_str_t      result;
    drsctl_table_t t;

    if (c->conf.quiet) {
        (void) fprintf(c->out, "%.*s\n",
                       DRS_STR_ARG(drs_json_field(doc, "verdict")));
        return DRSCTL_EXIT_OK;
    }

    seconds = drs_json_int(doc, "estimatedSeconds", 0);
    drsctl_say(c, "%.*s  at least %lld min",
               DRS_STR_ARG(drs_json_field(doc, "verdict")),
               (long long) ((seconds + 59) / 60));
    drsctl_table_init(&t, "RESULT|CHECK|MESSAGE", 0);

    json_array_foreach (json_object_get(doc, "checks"), i, check) {
        result = drs_json_field(check, "result");

        if (!drs_str_eqz(result, "OK")) {
            drsctl_table_cell(&t, result);
            drsctl_table_cell(&t, drs_json_field(check, "id"));
            drsctl_table_cell(&t, drs_json_field(check, "message"));
        }
    }

    code = drsctl_print_table(c, &t);

    return code;
}


static json_t *
drsctl_precheck_body(drsctl_t *c, int *code)
{
    char        err[200];
    json_t     *body, *waves;
    const char *text;

    body = json_object();
    (void) drs_json_set_str(body, "executionType",
                            drsctl_opt(c->args, DRSCTL_OPT_RECOVERY) != NULL
                                ? drs_str("RECOVERY")
                                : drs_str("DRILL"));
    drsctl_body_str(body, "recoveryPoint", c->args, DRSCTL_OPT_RECOVERY_POINT);
    drsctl_body_flag(body, "allowDegraded", c->args, DRSCTL_OPT_ALLOW_DEGRADED);
    drsctl_body_flag(body, "allowUnknownLimits", c->args,
                     DRSCTL_OPT_ALLOW_UNKNOWN);
    drsctl_body_flag(body, "confirmReplaceExisting", c->args,
                     DRSCTL_OPT_CONFIRM_REPLACE);
    text = drsctl_opt(c->args, DRSCTL_OPT_WAVES);

    if (text != NULL) {
        waves = drsctl_body_numbers(text, "--waves", err, sizeof(err));

        if (waves == NULL) {
            *code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
            json_decref(body);
            return NULL;
        }

        (void) json_object_set_new(body, "waves", waves);
    }

    return body;
}


int
drsctl_precheck(drsctl_t *c)
{
    int             code;
    char            plan[64];
    json_t         *body;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    code = drsctl_plan_id(c, c->args->operand[0], plan);
    body = code == DRSCTL_EXIT_OK ? drsctl_precheck_body(c, &code) : NULL;

    if (body == NULL) {
        return code;
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_printf(&path, "/recovery-plans/%s/precheck", plan);
    code = drsctl_send(c, DRSCTL_POST, path.data, body, &a);
    drs_buf_free(&path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_precheck_print(c, a.json);
    }

    if (code == DRSCTL_EXIT_OK
        && drs_str_eqz(drs_json_field(a.json, "verdict"), "NOT_READY"))
    {
        code = drsctl_fail(c, DRSCTL_EXIT_REFUSED, "the plan is not ready");
    }

    drsctl_answer_free(&a);

    return code;
}


/* -- retry, skip, resolve ----------------------------------------------------- */

/* Takes the reference to the body; `more` is the path behind the execution. */
static int
drsctl_ask_send(drsctl_t *c, const char *more, json_t *body, drsctl_answer_t *a)
{
    int       code;
    drs_buf_t path;

    memset(a, 0, sizeof(*a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, more);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_POST, path.data, body, a);

    } else {
        json_decref(body);
    }

    drs_buf_free(&path);

    return code;
}


/* "/waves/<n>/<verb>" of the second operand; prints its own error. */
static int
drsctl_ask_wave(drsctl_t *c, const char *verb, char *dst, size_t size)
{
    uint64_t    n;
    const char *text;

    text = c->args->operand[1];

    if (drs_str_u64(drs_str(text), &n) != DRS_OK || n > 9999) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "\"%s\" is not the number of a wave", text);
    }

    (void) snprintf(dst, size, "/waves/%u/%s", (unsigned) n, verb);

    return DRSCTL_EXIT_OK;
}


int
drsctl_retry(drsctl_t *c)
{
    int             code;
    char            more[64];
    size_t          i;
    json_t         *body, *ids;
    drsctl_answer_t a;

    code = drsctl_ask_wave(c, "retry", more, sizeof(more));

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    if (!drsctl_confirm(c, "Launch failed servers of wave %s again?",
                        c->args->operand[1]))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    drsctl_body_str(body, "reason", c->args, DRSCTL_OPT_REASON);
    drsctl_body_str(body, "overrideReason", c->args,
                    DRSCTL_OPT_OVERRIDE_REASON);
    drsctl_body_flag(body, "allowDegraded", c->args, DRSCTL_OPT_ALLOW_DEGRADED);
    drsctl_body_flag(body, "allowUnknownLimits", c->args,
                     DRSCTL_OPT_ALLOW_UNKNOWN);

    if (c->args->value[DRSCTL_OPT_SERVER].n > 0) {
        ids = json_array();

        for (i = 0; i < c->args->value[DRSCTL_OPT_SERVER].n; i++) {
            (void) json_array_append_new(
                ids, drs_json_new_str(
                         drs_str(c->args->value[DRSCTL_OPT_SERVER].v[i])));
        }

        (void) json_object_set_new(body, "serverIds", ids);
    }

    code = drsctl_ask_send(c, more, body, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_say(c, "%.*s  attempt %lld of wave %lld, %zu server(s)",
                   DRS_STR_ARG(drs_json_field(a.json, "status")),
                   (long long) drs_json_int(a.json, "attempt", 0),
                   (long long) drs_json_int(a.json, "waveNumber", 0),
                   json_array_size(json_object_get(a.json, "serverIds")));
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_skip(drsctl_t *c)
{
    int             code;
    char            more[64];
    json_t         *body;
    drsctl_answer_t a;

    code = drsctl_ask_wave(c, "skip", more, sizeof(more));

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    if (drsctl_opt(c->args, DRSCTL_OPT_REASON) == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "--reason is needed");
    }

    if (!drsctl_confirm(c, "Leave out wave %s?", c->args->operand[1])) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    drsctl_body_str(body, "reason", c->args, DRSCTL_OPT_REASON);
    code = drsctl_ask_send(c, more, body, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_say(c, "%.*s  wave %lld is %.*s",
                   DRS_STR_ARG(drs_json_field(a.json, "status")),
                   (long long) drs_json_int(a.json, "waveNumber", 0),
                   DRS_STR_ARG(drs_json_field(a.json, "waveStatus")));
    }

    drsctl_answer_free(&a);

    return code;
}


/* The one action that is given, or NULL. */
static const char *
drsctl_resolve_action(drsctl_t *c)
{
    int         n;
    const char *action;

    n = 0;
    action = NULL;

    if (drsctl_opt(c->args, DRSCTL_OPT_ADOPT) != NULL) {
        action = "ADOPT";
        n++;
    }

    if (drsctl_opt(c->args, DRSCTL_OPT_RETRY) != NULL) {
        action = "RETRY";
        n++;
    }

    if (drsctl_opt(c->args, DRSCTL_OPT_FAIL) != NULL) {
        action = "FAIL";
        n++;
    }

    return n == 1 ? action : NULL;
}


int
drsctl_resolve(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       more;
    const char     *action;
    drsctl_answer_t a;

    action = drsctl_resolve_action(c);

    if (action == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "one of --adopt JOB, --retry, --fail is needed");
    }

    if (drsctl_opt(c->args, DRSCTL_OPT_REASON) == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "--reason is needed");
    }

    if (!drsctl_confirm(c, "%s unit %s?", action, c->args->operand[1])) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    (void) drs_json_set_str(body, "action", drs_str(action));
    drsctl_body_str(body, "jobId", c->args, DRSCTL_OPT_ADOPT);
    drsctl_body_str(body, "reason", c->args, DRSCTL_OPT_REASON);

    drs_buf_init(&more, 0);
    (void) drs_buf_puts(&more, "/units/");
    drsctl_url_escape(&more, drs_str(c->args->operand[1]));
    (void) drs_buf_puts(&more, "/resolve");
    code = drsctl_ask_send(c, more.data, body, &a);
    drs_buf_free(&more);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_say(c, "%.*s  %.*s  %.*s",
                   DRS_STR_ARG(drs_json_field(a.json, "unitId")),
                   DRS_STR_ARG(drs_json_field(a.json, "state")),
                   DRS_STR_ARG(drs_json_field(a.json, "jobId")));
    }

    drsctl_answer_free(&a);

    return code;
}
