
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl executions ..., watch, pause, resume, cancel, terminate
 */

#include <string.h>

#include "drs_id.h"
#include "drsctl.h"


#define DRSCTL_TERMINATE_POLL_MS 2000


static int drsctl_exec_command(drsctl_t *c, const char *verb, json_t *body,
                               drsctl_answer_t *a);
static int drsctl_terminate_wait(drsctl_t *c);


/* -- reading -------------------------------------------------------------------- */

int
drsctl_executions_list(drsctl_t *c)
{
    int             code;
    char            plan[64];
    size_t          i;
    json_t         *e;
    drs_buf_t       path;
    const char     *name;
    drsctl_table_t  t;
    drsctl_answer_t a;

    name = drsctl_opt(c->args, DRSCTL_OPT_PLAN);

    if (name != NULL) {
        code = drsctl_plan_id(c, name, plan);
        if (code != DRSCTL_EXIT_OK) {
            return code;
        }
        name = plan;
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/executions");
    drsctl_query_add(&path, "planId", name);
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));
    drsctl_query_add(&path, "status", drsctl_opt(c->args, DRSCTL_OPT_STATUS));
    drsctl_query_add(&path, "executionType",
                     drsctl_opt(c->args, DRSCTL_OPT_TYPE));
    drsctl_query_add(&path, "q", drsctl_opt(c->args, DRSCTL_OPT_SEARCH));

    code = drsctl_get_pages(c, &path, "items", &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, "ID|PLAN|TYPE|STATUS|STARTED|ENDED|WAVE|BY", 0);

        json_array_foreach (json_object_get(a.json, "items"), i, e) {
            drsctl_table_cell(&t, drs_json_field(e, "executionId"));
            drsctl_table_cell(&t, drs_json_field(e, "planName"));
            drsctl_table_cell(&t, drs_json_field(e, "executionType"));
            drsctl_table_cell(&t, drs_json_field(e, "status"));
            drsctl_table_time(&t, drs_json_int(e, "startTime", 0));
            drsctl_table_time(&t, drs_json_int(e, "endTime", 0));
            drsctl_table_cellf(&t, "%lld/%lld",
                               (long long) drs_json_int(e, "currentWave", 0),
                               (long long) drs_json_int(e, "totalWaves", 0));
            drsctl_table_cell(&t, drs_json_field(e, "initiatedBy"));
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_executions_show(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "");

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get(c, path.data, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_print_execution(c, a.json);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_executions_servers(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *s, *error;
    drs_buf_t       path;
    drs_str_t       name;
    drsctl_table_t  t;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "/servers");

    if (code == DRSCTL_EXIT_OK) {
        drsctl_query_add(&path, "wave",
                         drsctl_opt(c->args, DRSCTL_OPT_WAVE_NUMBER));
        drsctl_query_add(&path, "status",
                         drsctl_opt(c->args, DRSCTL_OPT_STATUS));
        drsctl_query_add(&path, "q", drsctl_opt(c->args, DRSCTL_OPT_SEARCH));
        code = drsctl_get_pages(c, &path, "servers", &a);
    }

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, "ID|NAME|STATUS|PHASE|INSTANCE|ADDRESS|ERROR", 0);

        json_array_foreach (json_object_get(a.json, "servers"), i, s) {
            error = json_object_get(s, "error");
            name = drs_json_field(s, "serverName");

            drsctl_table_cell(&t, drs_json_field(s, "sourceServerId"));
            drsctl_table_cell(&t,
                              name.len ? name : drs_json_field(s, "hostname"));
            drsctl_table_cell(&t, drs_json_field(s, "launchStatus"));
            drsctl_table_cell(&t, drs_json_field(s, "phase"));
            drsctl_table_cell(&t, drs_json_field(s, "recoveredInstanceId"));
            drsctl_table_cell(&t, drs_json_field(s, "privateIp"));
            drsctl_table_cell(&t, json_is_object(error)
                                      ? drs_json_field(error, "message")
                                      : drs_json_str(error));
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_executions_events(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *event;
    drs_buf_t       path, b;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "/events");

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get_pages(c, &path, "events", &a);
    }

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        json_array_foreach (json_object_get(a.json, "events"), i, event) {
            drs_buf_init(&b, 0);
            drsctl_event_line(&b, event);
            (void) fprintf(c->out, "%s\n", b.data != NULL ? b.data : "");
            drs_buf_free(&b);
        }
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_watch(drsctl_t *c)
{
    int       code;
    drs_buf_t path;
    drs_str_t id;

    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "");

    if (code == DRSCTL_EXIT_OK) {
        id = drs_id_execution_of_path(drs_str(c->args->operand[0]));
        code = drsctl_follow(c, id.data, DRSCTL_FOLLOW_EVENTS);
    }

    drs_buf_free(&path);

    return code;
}


/* -- commands -------------------------------------------------------------------- */

/* Takes the reference to the body. */

static int
drsctl_exec_command(drsctl_t *c, const char *verb, json_t *body,
                    drsctl_answer_t *a)
{
    int       code;
    drs_buf_t path;

    memset(a, 0, sizeof(*a));
    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, verb);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_POST, path.data, body, a);
    } else {
        json_decref(body);
    }

    drs_buf_free(&path);

    return code;
}


static int
drsctl_exec_print(drsctl_t *c, const drsctl_answer_t *a)
{
    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_say(c, "%.*s  %.*s", DRS_STR_ARG(drs_json_field(a->json, "status")),
               DRS_STR_ARG(drs_json_field(a->json, "message")));

    return DRSCTL_EXIT_OK;
}


int
drsctl_pause(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    body = json_object();
    drsctl_body_str(body, "reason", c->args, DRSCTL_OPT_REASON);
    code = drsctl_exec_command(c, "/pause", body, &a);
    code = code == DRSCTL_EXIT_OK ? drsctl_exec_print(c, &a) : code;
    drsctl_answer_free(&a);

    return code;
}


int
drsctl_resume(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    body = json_object();
    drsctl_body_str(body, "notes", c->args, DRSCTL_OPT_NOTES);
    drsctl_body_str(body, "overrideReason", c->args,
                    DRSCTL_OPT_OVERRIDE_REASON);
    drsctl_body_flag(body, "allowDegraded", c->args, DRSCTL_OPT_ALLOW_DEGRADED);
    drsctl_body_flag(body, "allowUnknownLimits", c->args,
                     DRSCTL_OPT_ALLOW_UNKNOWN);
    code = drsctl_exec_command(c, "/resume", body, &a);
    code = code == DRSCTL_EXIT_OK ? drsctl_exec_print(c, &a) : code;
    drsctl_answer_free(&a);

    return code;
}


int
drsctl_cancel(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    if (!drsctl_confirm(c, "Cancel execution %s?", c->args->operand[0])) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    drsctl_body_str(body, "reason", c->args, DRSCTL_OPT_REASON);
    drsctl_body_flag(body, "terminateLaunched", c->args, DRSCTL_OPT_TERMINATE);
    code = drsctl_exec_command(c, "/cancel", body, &a);
    code = code == DRSCTL_EXIT_OK ? drsctl_exec_print(c, &a) : code;
    drsctl_answer_free(&a);

    return code;
}


/* Until the record says that the instances are gone. */

static int
drsctl_terminate_wait(drsctl_t *c)
{
    int             code, done;
    drs_buf_t       path;
    drsctl_answer_t a;

    drs_buf_init(&path, 0);
    code = drsctl_exec_path(c, &path, "");
    drsctl_query_add(&path, "view", "compact");

    for (done = 0; code == DRSCTL_EXIT_OK && !done; /* void */) {
        code = drsctl_get(c, path.data, &a);
        done = json_is_true(json_object_get(a.json, "instancesTerminated"));
        drsctl_answer_free(&a);

        if (code == DRSCTL_EXIT_OK && !done) {
            drsctl_pause_ms(c, DRSCTL_TERMINATE_POLL_MS);
        }
    }

    drs_buf_free(&path);

    return code;
}


int
drsctl_terminate(drsctl_t *c)
{
    int             code;
    json_t         *body;
    int64_t         failed;
    drsctl_answer_t a;

    if (!drsctl_confirm(c,
                        "Terminate all recovery instances of execution "
                        "%s?",
                        c->args->operand[0]))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    body = json_object();
    drsctl_body_flag(body, "confirmPaused", c->args, DRSCTL_OPT_CONFIRM_PAUSED);
    code = drsctl_exec_command(c, "/terminate-instances", body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_message(c, &a);
    }

    failed = drs_json_int(a.json, "totalFailed", 0);

    if (code == DRSCTL_EXIT_OK && failed > 0
        && !json_is_true(json_object_get(a.json, "alreadyTerminated")))
    {
        code = drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                           "%lld instance(s) could "
                           "not be terminated",
                           (long long) failed);
    }

    if (code == DRSCTL_EXIT_OK && drsctl_opt(c->args, DRSCTL_OPT_WAIT) != NULL
        && drs_json_int(a.json, "totalTerminated", 0) > 0)
    {
        code = drsctl_terminate_wait(c);

        if (code == DRSCTL_EXIT_OK && !drsctl_json(c)) {
            drsctl_say(c, "All instances are terminated.");
        }
    }

    drsctl_answer_free(&a);

    return code;
}
