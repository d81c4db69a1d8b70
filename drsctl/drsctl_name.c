
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names are unique ignoring case within groups and within plans (api.md 1.11).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_id.h"
#include "drs_utf8.h"
#include "drsctl.h"


typedef struct {
    const char *what;
    const char *path;
    const char *filter;
    const char *list;
    const char *id;
    const char *name;
} drsctl_kind_t;


static const drsctl_kind_t drsctl_kind_group = {
    "protection group", "/protection-groups", "name", "groups",
    "groupId",          "groupName"
};

static const drsctl_kind_t drsctl_kind_plan = {
    "recovery plan", "/recovery-plans", "nameExact",
    "recoveryPlans", "planId",          "planName"
};


static int
drsctl_name_same(drs_str_t a, drs_str_t b)
{
    int    same;
    char  *fa, *fb;
    size_t la, lb;

    fa = NULL;
    fb = NULL;

    same = drs_utf8_fold(a, &fa, &la) == DRS_OK
           && drs_utf8_fold(b, &fb, &lb) == DRS_OK && la == lb
           && memcmp(fa, fb, la) == 0;

    free(fa);
    free(fb);

    return same;
}


static int
drsctl_name_id(drsctl_t *c, const drsctl_kind_t *kind, const char *name,
               char id[64])
{
    int             code, found;
    size_t          i;
    json_t         *item;
    drs_buf_t       path;
    drs_str_t       text;
    drsctl_answer_t a;

    if (drs_id_is_uuid4(drs_str(name))) {
        (void) snprintf(id, 64, "%s", name);
        return DRSCTL_EXIT_OK;
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, kind->path);
    drsctl_query_add(&path, kind->filter, name);
    code = drsctl_get(c, path.data != NULL ? path.data : "", &a);
    drs_buf_free(&path);
    found = 0;

    if (code == DRSCTL_EXIT_OK) {
        json_array_foreach (json_object_get(a.json, kind->list), i, item) {
            text = drs_json_field(item, kind->id);

            if (!found && text.len < 64
                && drsctl_name_same(drs_json_field(item, kind->name),
                                    drs_str(name)))
            {
                (void) snprintf(id, 64, "%.*s", DRS_STR_ARG(text));
                found = 1;
            }
        }

        if (!found) {
            code = drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                               "NOT_FOUND: there is no %s \"%s\"", kind->what,
                               name);
        }
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_group_id(drsctl_t *c, const char *name, char id[64])
{
    return drsctl_name_id(c, &drsctl_kind_group, name, id);
}


int
drsctl_plan_id(drsctl_t *c, const char *name, char id[64])
{
    return drsctl_name_id(c, &drsctl_kind_plan, name, id);
}


static int
drsctl_name_path(drsctl_t *c, const drsctl_kind_t *kind, drs_buf_t *path)
{
    int  code;
    char id[64];

    code = drsctl_name_id(c, kind, c->args->operand[0], id);

    if (code == DRSCTL_EXIT_OK) {
        (void) drs_buf_puts(path, kind->path);
        drsctl_path_add(path, id);
    }

    return code;
}


int
drsctl_group_path(drsctl_t *c, drs_buf_t *path)
{
    return drsctl_name_path(c, &drsctl_kind_group, path);
}


int
drsctl_plan_path(drsctl_t *c, drs_buf_t *path)
{
    return drsctl_name_path(c, &drsctl_kind_plan, path);
}


int
drsctl_exec_path(drsctl_t *c, drs_buf_t *path, const char *more)
{
    drs_str_t   id;
    const char *text;

    text = c->args->operand[0];
    id = drs_id_execution_of_path(drs_str(text));

    if (!drs_id_is_uuid4(id)) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "\"%s\" is not the id of an "
                           "execution, see drsctl executions list",
                           text);
    }

    (void) drs_buf_printf(path, "/executions/%.*s%s", DRS_STR_ARG(id), more);

    return DRSCTL_EXIT_OK;
}
