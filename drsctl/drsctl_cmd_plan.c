
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl plans ..., drsctl start
 */

#include <string.h>

#include "drsctl.h"


static int     drsctl_plan_waves(drsctl_t *c, json_t *body);
static json_t *drsctl_plan_body(drsctl_t *c, int *code);
static int     drsctl_plan_print(drsctl_t *c, const drsctl_answer_t *a);
static json_t *drsctl_start_body(drsctl_t *c, const char *plan, int *code);


#define DRSCTL_PLAN_TITLES "ID|NAME|WAVES|LAST STATUS|LAST START|CONFLICT"


/* -- output ------------------------------------------------------------------- */

static void
drsctl_plan_row(drsctl_table_t *t, const json_t *plan)
{
    drsctl_table_cell(t, drs_json_field(plan, "planId"));
    drsctl_table_cell(t, drs_json_field(plan, "planName"));
    drsctl_table_cellf(t, "%zu",
                       json_array_size(json_object_get(plan, "waves")));
    drsctl_table_cell(t, drs_json_field(plan, "lastExecutionStatus"));
    drsctl_table_time(t, drs_json_int(plan, "lastStartTime", 0));
    drsctl_table_cell(t,
                      json_is_true(json_object_get(plan, "hasServerConflict"))
                          ? drs_str("yes")
                          : drs_str(""));
}


/* The plan and, for people, its waves and the warnings of a write. */

static int
drsctl_plan_print(drsctl_t *c, const drsctl_answer_t *a)
{
    int            code;
    size_t         i;
    json_t        *w;
    drsctl_table_t t;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_table_init(&t, "ID|NAME|WAVES|VERSION", 0);
    drsctl_table_cell(&t, drs_json_field(a->json, "planId"));
    drsctl_table_cell(&t, drs_json_field(a->json, "planName"));
    drsctl_table_cellf(&t, "%zu",
                       json_array_size(json_object_get(a->json, "waves")));
    drsctl_table_cellf(&t, "%lld",
                       (long long) drs_json_int(a->json, "version", 1));
    code = drsctl_print_table(c, &t);

    if (code != DRSCTL_EXIT_OK || c->conf.quiet) {
        return code;
    }

    drsctl_table_init(&t, "WAVE|NAME|SERVERS|PAUSE BEFORE|GROUP", 0);

    json_array_foreach (json_object_get(a->json, "waves"), i, w) {
        drsctl_table_cellf(&t, "%lld",
                           (long long) drs_json_int(w, "waveNumber", 0));
        drsctl_table_cell(&t, drs_json_field(w, "waveName"));
        drsctl_table_cellf(&t, "%zu",
                           json_array_size(json_object_get(w, "serverIds")));
        drsctl_table_cell(&t,
                          json_is_true(json_object_get(w, "pauseBeforeWave"))
                              ? drs_str("yes")
                              : drs_str(""));
        drsctl_table_cell(&t, drs_json_field(w, "protectionGroupId"));
    }

    code = drsctl_print_table(c, &t);

    json_array_foreach (json_object_get(a->json, "warnings"), i, w) {
        drsctl_say(c, "warning: %.*s",
                   DRS_STR_ARG(drs_json_field(w, "message")));
    }

    return code;
}


/* -- body ------------------------------------------------------------------------ */

/* --wave and --pause-before; names of groups become ids. */

static int
drsctl_plan_waves(drsctl_t *c, json_t *body)
{
    int                    code;
    char                   err[200], id[64];
    size_t                 i, k;
    json_t                *waves, *wave, *ids, *name;
    const drsctl_values_t *v;

    v = &c->args->value[DRSCTL_OPT_WAVE];

    if (v->n == 0) {
        return DRSCTL_EXIT_OK;
    }

    waves = json_array();
    (void) json_object_set_new(body, "waves", waves);

    for (i = 0; i < v->n; i++) {
        wave = drsctl_body_wave(v->v[i], err, sizeof(err));

        if (wave == NULL) {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
        }

        (void) json_array_append_new(waves, wave);
        ids = json_array();

        json_array_foreach (json_object_get(wave, "groups"), k, name) {
            code = drsctl_group_id(c, json_string_value(name), id);
            if (code != DRSCTL_EXIT_OK) {
                json_decref(ids);
                return code;
            }
            (void) json_array_append_new(ids, json_string(id));
        }

        (void) json_object_set(wave, "protectionGroupId",
                               json_array_get(ids, 0));
        (void) json_object_set_new(wave, "protectionGroupIds", ids);
        (void) json_object_del(wave, "groups");
    }

    return DRSCTL_EXIT_OK;
}


static int
drsctl_plan_pauses(drsctl_t *c, json_t *body)
{
    char        err[200];
    size_t      i;
    json_t     *list, *n, *wave;
    const char *text;

    text = drsctl_opt(c->args, DRSCTL_OPT_PAUSE_BEFORE);

    if (text == NULL) {
        return DRSCTL_EXIT_OK;
    }

    list = drsctl_body_numbers(text, "--pause-before", err, sizeof(err));

    if (list == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
    }

    json_array_foreach (list, i, n) {
        wave = json_array_get(json_object_get(body, "waves"),
                              (size_t) json_integer_value(n));
        if (wave == NULL) {
            json_decref(list);
            return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                               "--pause-before names a "
                               "wave that --wave or --file do not give");
        }
        (void) drs_json_set_bool(wave, "pauseBeforeWave", 1);
    }

    json_decref(list);

    return DRSCTL_EXIT_OK;
}


static json_t *
drsctl_plan_body(drsctl_t *c, int *code)
{
    char                 err[200];
    json_t              *body;
    const drsctl_args_t *a;

    a = c->args;
    body = drsctl_file_body(c, code);

    if (body == NULL) {
        return NULL;
    }

    drsctl_body_str(body, "name", a, DRSCTL_OPT_NAME);
    drsctl_body_str(body, "description", a, DRSCTL_OPT_DESCRIPTION);
    drsctl_body_str(body, "accountId", a, DRSCTL_OPT_ACCOUNT);
    drsctl_body_str(body, "notificationEmail", a, DRSCTL_OPT_EMAIL);

    *code = DRSCTL_EXIT_OK;

    if (drsctl_body_int(body, "version", a, DRSCTL_OPT_IF_VERSION, err,
                        sizeof(err))
            != DRS_OK
        || drsctl_body_int(body, "maxParallelWaves", a, DRSCTL_OPT_PARALLEL,
                           err, sizeof(err))
               != DRS_OK
        || drsctl_body_int(body, "priority", a, DRSCTL_OPT_PRIORITY, err,
                           sizeof(err))
               != DRS_OK)
    {
        *code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
    }

    if (*code == DRSCTL_EXIT_OK) {
        *code = drsctl_plan_waves(c, body);
    }

    if (*code == DRSCTL_EXIT_OK) {
        *code = drsctl_plan_pauses(c, body);
    }

    if (*code != DRSCTL_EXIT_OK) {
        json_decref(body);
        return NULL;
    }

    return body;
}


/* -- commands ---------------------------------------------------------------------- */

int
drsctl_plans_list(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *plan;
    drs_buf_t       path;
    drsctl_table_t  t;
    drsctl_answer_t a;

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/recovery-plans");
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));
    drsctl_query_add(&path, "name", drsctl_opt(c->args, DRSCTL_OPT_NAME));
    drsctl_query_add(&path, "status", drsctl_opt(c->args, DRSCTL_OPT_STATUS));

    code = drsctl_get(c, path.data, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, DRSCTL_PLAN_TITLES, 0);
        json_array_foreach (json_object_get(a.json, "recoveryPlans"), i, plan) {
            drsctl_plan_row(&t, plan);
        }
        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_plans_show(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_plan_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get(c, path.data, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_plan_print(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_plans_create(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    body = drsctl_plan_body(c, &code);

    if (body == NULL) {
        return code;
    }

    (void) drs_json_set_str(body, "name", drs_str(c->args->operand[0]));
    code = drsctl_send(c, DRSCTL_POST, "/recovery-plans", body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_plan_print(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_plans_update(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       path;
    drsctl_answer_t a;

    body = drsctl_plan_body(c, &code);

    if (body == NULL) {
        return code;
    }

    if (json_object_size(body) == 0) {
        json_decref(body);
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "nothing to change is given");
    }

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_plan_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_PUT, path.data, body, &a);
    } else {
        json_decref(body);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_plan_print(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_plans_delete(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_plan_path(c, &path);

    if (code == DRSCTL_EXIT_OK
        && !drsctl_confirm(c, "Delete recovery plan %s?", c->args->operand[0]))
    {
        code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_DELETE, path.data, NULL, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_message(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


/* -- start --------------------------------------------------------------------------- */

static json_t *
drsctl_start_body(drsctl_t *c, const char *plan, int *code)
{
    char                 err[200];
    json_t              *body, *waves;
    const char          *text;
    const drsctl_args_t *a;

    a = c->args;
    body = json_object();
    (void) drs_json_set_str(body, "planId", drs_str(plan));
    (void) drs_json_set_str(body, "executionType",
                            drsctl_opt(a, DRSCTL_OPT_RECOVERY) != NULL
                                ? drs_str("RECOVERY")
                                : drs_str("DRILL"));
    drsctl_body_str(body, "reason", a, DRSCTL_OPT_REASON);
    drsctl_body_str(body, "recoveryPoint", a, DRSCTL_OPT_RECOVERY_POINT);
    drsctl_body_str(body, "overrideReason", a, DRSCTL_OPT_OVERRIDE_REASON);
    drsctl_body_flag(body, "dryRun", a, DRSCTL_OPT_DRY_RUN);
    drsctl_body_flag(body, "allowDegraded", a, DRSCTL_OPT_ALLOW_DEGRADED);
    drsctl_body_flag(body, "allowUnknownLimits", a, DRSCTL_OPT_ALLOW_UNKNOWN);
    drsctl_body_flag(body, "confirmReplaceExisting", a,
                     DRSCTL_OPT_CONFIRM_REPLACE);

    text = drsctl_opt(a, DRSCTL_OPT_WAVES);

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


static int
drsctl_start_print(drsctl_t *c, const drsctl_answer_t *a)
{
    drs_str_t id;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    id = drs_json_field(a->json, "executionId");

    if (c->conf.quiet) {
        if (id.len) {
            (void) fprintf(c->out, "%.*s\n", DRS_STR_ARG(id));
        }
        return DRSCTL_EXIT_OK;
    }

    drsctl_say(c, "%.*s%s%.*s", DRS_STR_ARG(id), id.len ? "  " : "",
               DRS_STR_ARG(drs_json_field(a->json, "message")));

    return DRSCTL_EXIT_OK;
}


/* What a start may and may not be asked for; prints its own error. */

static int
drsctl_start_check(drsctl_t *c)
{
    const drsctl_args_t *a;

    a = c->args;

    if (drsctl_opt(a, DRSCTL_OPT_DRILL) != NULL
        && drsctl_opt(a, DRSCTL_OPT_RECOVERY) != NULL)
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "--drill and --recovery exclude each other");
    }

    if (drsctl_opt(a, DRSCTL_OPT_DRY_RUN) != NULL) {
        return DRSCTL_EXIT_OK;
    }

    if (drsctl_opt(a, DRSCTL_OPT_RECOVERY) != NULL
        && !drsctl_confirm(c, "Start a RECOVERY of plan %s?", a->operand[0]))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    return DRSCTL_EXIT_OK;
}


int
drsctl_start(drsctl_t *c)
{
    int             code, watch, wait;
    char            plan[64];
    json_t         *body, *id;
    drsctl_answer_t a;

    watch = drsctl_opt(c->args, DRSCTL_OPT_WATCH) != NULL;
    wait = watch || drsctl_opt(c->args, DRSCTL_OPT_WAIT) != NULL;

    code = drsctl_start_check(c);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_plan_id(c, c->args->operand[0], plan);
    }

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    body = drsctl_start_body(c, plan, &code);

    if (body == NULL) {
        return code;
    }

    code = drsctl_send(c, DRSCTL_POST, "/executions", body, &a);
    id = json_object_get(a.json, "executionId");

    if (code == DRSCTL_EXIT_OK && (!wait || !json_is_string(id))) {
        code = drsctl_start_print(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        if (!drsctl_json(c)) {
            (void) drsctl_start_print(c, &a);
        }
        code =
            drsctl_follow(c, json_string_value(id),
                          watch ? DRSCTL_FOLLOW_EVENTS : DRSCTL_FOLLOW_SILENT);
    }

    drsctl_answer_free(&a);

    return code;
}
