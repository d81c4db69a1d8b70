
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl schedules ...
 */

#include <string.h>

#include "drs_id.h"
#include "drsctl.h"


#define DRSCTL_SCHEDULE_TITLES                                                 \
    "ID|NAME|CRON|TIME ZONE|NEXT RUN|LAST RUN|RESULT|REASON"


/* -- output ------------------------------------------------------------------- */

static void
drsctl_schedule_row(drsctl_table_t *t, const json_t *s)
{
    json_t   *last;
    drs_str_t next;

    last = json_object_get(s, "lastRun");
    next = drs_json_field(s, "nextRunAt");

    drsctl_table_cell(t, drs_json_field(s, "scheduleId"));
    drsctl_table_cell(t, drs_json_field(s, "name"));
    drsctl_table_cell(t, drs_json_field(s, "cron"));
    drsctl_table_cell(t, drs_json_field(s, "timeZone"));
    drsctl_table_cell(t, next.len > 0 ? next
                         : json_is_true(json_object_get(s, "enabled"))
                             ? drs_str("held")
                             : drs_str("disabled"));
    drsctl_table_cell(t, drs_json_field(last, "time"));
    drsctl_table_cell(t, drs_json_field(last, "result"));
    drsctl_table_cell(t, drs_json_field(last, "reason"));
}


static int
drsctl_schedule_print(drsctl_t *c, const drsctl_answer_t *a)
{
    drsctl_table_t t;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_table_init(&t, DRSCTL_SCHEDULE_TITLES, 0);
    drsctl_schedule_row(&t, a->json);

    return drsctl_print_table(c, &t);
}


/* -- paths ----------------------------------------------------------------------- */

/* "/recovery-plans/<id>/schedules" of the first operand */
static int
drsctl_schedules_path(drsctl_t *c, drs_buf_t *path)
{
    int code;

    code = drsctl_plan_path(c, path);

    if (code == DRSCTL_EXIT_OK) {
        drsctl_path_add(path, "schedules");
    }

    return code;
}


/* The same of one schedule, by id or by name (ignoring case). */
static int
drsctl_schedule_path(drsctl_t *c, drs_buf_t *path)
{
    int             code;
    size_t          i, found;
    json_t         *s;
    drs_str_t       name;
    const char     *want, *id;
    drsctl_answer_t a;

    want = c->args->operand[1];
    code = drsctl_schedules_path(c, path);

    if (code != DRSCTL_EXIT_OK || drs_id_is_uuid4(drs_str(want))) {
        drsctl_path_add(path, want);
        return code;
    }

    id = NULL;
    found = 0;
    code = drsctl_get(c, path->data, &a);

    json_array_foreach (json_object_get(a.json, "schedules"), i, s) {
        name = drs_json_field(s, "name");

        if (drs_str_ieqz(name, want)) {
            id = json_string_value(json_object_get(s, "scheduleId"));
            found++;
        }
    }

    if (code == DRSCTL_EXIT_OK && found != 1) {
        code =
            drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                        found == 0 ? "the plan has no schedule named \"%s\""
                                   : "several schedules are named \"%s\": use "
                                     "the id",
                        want);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_path_add(path, id);
    }

    drsctl_answer_free(&a);

    return code;
}


/* -- body ------------------------------------------------------------------------ */

static json_t *
drsctl_schedule_body(drsctl_t *c, int *code)
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
    drsctl_body_str(body, "cron", a, DRSCTL_OPT_CRON);
    drsctl_body_str(body, "timeZone", a, DRSCTL_OPT_TIME_ZONE);
    drsctl_body_flag(body, "allowDegraded", a, DRSCTL_OPT_ALLOW_DEGRADED);
    drsctl_body_str(body, "overrideReason", a, DRSCTL_OPT_OVERRIDE_REASON);

    if (drsctl_opt(a, DRSCTL_OPT_WAIT_FOR_CONFLICT) != NULL) {
        (void) drs_json_set_bool(body, "skipIfConflict", 0);
    }

    if (drsctl_opt(a, DRSCTL_OPT_DISABLED) != NULL) {
        (void) drs_json_set_bool(body, "enabled", 0);
    }

    if (drsctl_body_int(body, "version", a, DRSCTL_OPT_IF_VERSION, err,
                        sizeof(err))
        != DRS_OK)
    {
        *code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s", err);
        json_decref(body);
        return NULL;
    }

    return body;
}


/* -- commands ---------------------------------------------------------------------- */

int
drsctl_schedules_list(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *s;
    drs_buf_t       path;
    drsctl_table_t  t;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_schedules_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get(c, path.data, &a);
    }

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, DRSCTL_SCHEDULE_TITLES, 0);

        json_array_foreach (json_object_get(a.json, "schedules"), i, s) {
            drsctl_schedule_row(&t, s);
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


/* Path to start one drill at once. */
static int
drsctl_schedule_run_path(drsctl_t *c, drs_buf_t *path)
{
    int code;

    code = drsctl_schedule_path(c, path);

    if (code == DRSCTL_EXIT_OK) {
        drsctl_path_add(path, "run");
    }

    return code;
}


/* One request about a schedule; takes the body over. */
static int
drsctl_schedule_send(drsctl_t *c, drsctl_method_t method, json_t *body,
                     int (*find)(drsctl_t *c, drs_buf_t *path))
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = find(c, &path);

    if (code != DRSCTL_EXIT_OK) {
        json_decref(body);

    } else if (method == DRSCTL_GET) {
        code = drsctl_get(c, path.data, &a);

    } else {
        code = drsctl_send(c, method, path.data, body, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = json_object_get(a.json, "message") != NULL
                   ? drsctl_print_message(c, &a)
                   : drsctl_schedule_print(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_schedules_show(drsctl_t *c)
{
    return drsctl_schedule_send(c, DRSCTL_GET, NULL, drsctl_schedule_path);
}


int
drsctl_schedules_create(drsctl_t *c)
{
    int     code;
    json_t *body;

    body = drsctl_schedule_body(c, &code);

    if (body == NULL) {
        return code;
    }

    (void) drs_json_set_str(body, "name", drs_str(c->args->operand[1]));

    return drsctl_schedule_send(c, DRSCTL_POST, body, drsctl_schedules_path);
}


int
drsctl_schedules_update(drsctl_t *c)
{
    int     code;
    json_t *body;

    body = drsctl_schedule_body(c, &code);

    if (body == NULL) {
        return code;
    }

    if (json_object_size(body) == 0) {
        json_decref(body);
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "nothing to change is given");
    }

    return drsctl_schedule_send(c, DRSCTL_PUT, body, drsctl_schedule_path);
}


int
drsctl_schedules_enable(drsctl_t *c)
{
    return drsctl_schedule_send(c, DRSCTL_PUT, json_pack("{s:b}", "enabled", 1),
                                drsctl_schedule_path);
}


int
drsctl_schedules_disable(drsctl_t *c)
{
    return drsctl_schedule_send(c, DRSCTL_PUT, json_pack("{s:b}", "enabled", 0),
                                drsctl_schedule_path);
}


int
drsctl_schedules_run(drsctl_t *c)
{
    return drsctl_schedule_send(c, DRSCTL_POST, NULL, drsctl_schedule_run_path);
}


int
drsctl_schedules_delete(drsctl_t *c)
{
    if (!drsctl_confirm(c, "Delete schedule %s?", c->args->operand[1])) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    return drsctl_schedule_send(c, DRSCTL_DELETE, NULL, drsctl_schedule_path);
}
