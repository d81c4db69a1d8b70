/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lists of answers as tables, by a description of their columns.
 */

#include <stdio.h>
#include <string.h>

#include "drsctl.h"


/* Text, whole numbers, yes and no; "a.b" is a member of a member. */
static void
drsctl_rows_cell(drsctl_table_t *t, const json_t *item, drs_str_t path)
{
    char          name[64], text[32];
    drs_str_t     part;
    const json_t *v;

    v = item;

    while (path.len > 0 && drs_str_split(&path, '.', &part)) {
        (void) snprintf(name, sizeof(name), "%.*s", DRS_STR_ARG(part));
        v = json_object_get(v, name);
    }

    if (json_is_string(v)) {
        drsctl_table_cell(t, drs_json_str(v));
        return;
    }

    text[0] = '\0';

    if (json_is_integer(v)) {
        (void) snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
                        json_integer_value(v));

    } else if (json_is_real(v)) {
        (void) snprintf(text, sizeof(text), "%.1f", json_real_value(v));

    } else if (json_is_boolean(v)) {
        (void) snprintf(text, sizeof(text), "%s",
                        json_is_true(v) ? "yes" : "no");

    } else if (json_is_array(v)) {
        (void) snprintf(text, sizeof(text), "%zu", json_array_size(v));
    }

    drsctl_table_cell(t, drs_str(text));
}


int
drsctl_print_rows(drsctl_t *c, const json_t *list, const char *head,
                  const char *members)
{
    size_t         i;
    json_t        *item;
    drs_str_t      rest, path;
    drsctl_table_t t;

    drsctl_table_init(&t, head, 0);

    json_array_foreach (list, i, item) {
        rest = drs_str(members);

        while (drs_str_split(&rest, '|', &path)) {
            drsctl_rows_cell(&t, item, path);
        }
    }

    return drsctl_print_table(c, &t);
}


int
drsctl_get_rows(drsctl_t *c, const char *path, const char *member,
                const char *head, const char *members)
{
    int             code;
    drsctl_answer_t a;

    code = drsctl_get(c, path, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_rows(
            c, member != NULL ? json_object_get(a.json, member) : a.json, head,
            members);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_send_message(drsctl_t *c, drsctl_method_t method, const char *path,
                    json_t *body)
{
    int             code;
    drsctl_answer_t a;

    code = drsctl_send(c, method, path, body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_message(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}
