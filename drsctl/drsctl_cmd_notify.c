
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands: webhooks, notifications.  Bodies come from files, so that a secret
 * is never an argument that others could see.
 */

#include <stdlib.h>
#include <string.h>

#include "drsctl.h"


/* -- webhooks ---------------------------------------------------------------- */

/*
 * "/config/webhooks/<id><more>" of the first operand, an id or a name that only
 * one webhook has.
 */
static int
drsctl_webhook_path(drsctl_t *c, drs_buf_t *path, const char *more)
{
    int             code, n;
    size_t          i;
    json_t         *hook;
    drs_str_t       found;
    const char     *name;
    drsctl_answer_t a;

    name = c->args->operand[0];
    code = drsctl_get(c, "/config/webhooks", &a);
    found = drs_str(NULL);
    n = 0;

    json_array_foreach (json_object_get(a.json, "webhooks"), i, hook) {
        if (drs_str_eqz(drs_json_field(hook, "webhookId"), name)) {
            found = drs_json_field(hook, "webhookId");
            n = 1;
            break;
        }

        if (drs_str_eqz(drs_json_field(hook, "name"), name)) {
            found = drs_json_field(hook, "webhookId");
            n++;
        }
    }

    if (code == DRSCTL_EXIT_OK && n != 1) {
        code = drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                           n == 0 ? "there is no webhook \"%s\""
                                  : "several webhooks are named \"%s\"; give "
                                    "the id",
                           name);
    }

    if (code == DRSCTL_EXIT_OK) {
        (void) drs_buf_printf(path, "/config/webhooks/%.*s%s",
                              DRS_STR_ARG(found), more);
    }

    drsctl_answer_free(&a);
    return code;
}


int
drsctl_webhooks_list(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *hook, *last;
    drsctl_table_t  t;
    drsctl_answer_t a;

    code = drsctl_get(c, "/config/webhooks", &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, "ID|NAME|ENABLED|LAST|URL", 0);

        json_array_foreach (json_object_get(a.json, "webhooks"), i, hook) {
            last = json_object_get(hook, "lastDelivery");
            drsctl_table_cell(&t, drs_json_field(hook, "webhookId"));
            drsctl_table_cell(&t, drs_json_field(hook, "name"));
            drsctl_table_cell(
                &t,
                drs_str(json_is_true(json_object_get(hook, "enabled")) ? "yes"
                                                                       : "no"));
            drsctl_table_cell(&t, json_is_object(last)
                                      ? drs_json_field(last, "status")
                                      : drs_str("-"));
            drsctl_table_cell(&t, drs_json_field(hook, "url"));
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    return code;
}


int
drsctl_webhooks_show(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_webhook_path(c, &path, "");

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get(c, path.data, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_print_json(c, a.json);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);
    return code;
}


/* Sends --file and prints what came back. */
static int
drsctl_notify_send(drsctl_t *c, int method, const char *path)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));

    if (drsctl_opt(c->args, DRSCTL_OPT_FILE) == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "--file is needed");
    }

    code = DRSCTL_EXIT_OK;
    body = drsctl_file_body(c, &code);

    if (body == NULL) {
        return code;
    }

    code = drsctl_send(c, method, path, body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_print_json(c, a.json);
    }

    json_decref(body);
    drsctl_answer_free(&a);
    return code;
}


int
drsctl_webhooks_create(drsctl_t *c)
{
    return drsctl_notify_send(c, DRSCTL_POST, "/config/webhooks");
}


int
drsctl_webhooks_update(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drs_buf_init(&path, 0);
    code = drsctl_webhook_path(c, &path, "");

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_notify_send(c, DRSCTL_PUT, path.data);
    }

    drs_buf_free(&path);
    return code;
}


int
drsctl_webhooks_delete(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_webhook_path(c, &path, "");

    if (code == DRSCTL_EXIT_OK
        && !drsctl_confirm(c, "Delete webhook %s?", c->args->operand[0]))
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


int
drsctl_webhooks_test(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    body = json_object();
    drs_buf_init(&path, 0);
    code = drsctl_webhook_path(c, &path, "/test");

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_POST, path.data, body, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_message(c, &a);
    }

    json_decref(body);
    drsctl_answer_free(&a);
    drs_buf_free(&path);
    return code;
}


/* -- notifications ------------------------------------------------------------- */

int
drsctl_notifications_show(drsctl_t *c)
{
    int             code;
    drsctl_answer_t a;

    code = drsctl_get(c, "/config/notifications", &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_print_json(c, a.json);
    }

    drsctl_answer_free(&a);
    return code;
}


int
drsctl_notifications_set(drsctl_t *c)
{
    return drsctl_notify_send(c, DRSCTL_PUT, "/config/notifications");
}
