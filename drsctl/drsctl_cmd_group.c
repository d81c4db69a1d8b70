
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl groups ..., drsctl servers
 */

#include <string.h>

#include "drsctl.h"


static json_t *drsctl_group_body(drsctl_t *c, int *code);
static int     drsctl_group_print(drsctl_t *c, const drsctl_answer_t *a);
static void    drsctl_group_selection(drs_buf_t *b, const json_t *group);


/* -- output ------------------------------------------------------------------- */

static void
drsctl_group_selection(drs_buf_t *b, const json_t *group)
{
    int         first;
    json_t     *value;
    const char *key;

    first = 1;

    json_object_foreach (json_object_get(group, "serverSelectionTags"), key,
                         value) {
        (void) drs_buf_printf(b, "%s%s=%.*s", first ? "" : ", ", key,
                              DRS_STR_ARG(drs_json_str(value)));
        first = 0;
    }

    if (first) {
        (void) drs_buf_puts(b, "ids");
    }
}


static void
drsctl_group_row(drsctl_table_t *t, const json_t *group)
{
    drs_buf_t b;
    drs_str_t status;

    drs_buf_init(&b, 0);
    drsctl_group_selection(&b, group);
    status =
        drs_json_field(json_object_get(group, "launchConfigStatus"), "status");

    drsctl_table_cell(t, drs_json_field(group, "groupId"));
    drsctl_table_cell(t, drs_json_field(group, "groupName"));
    drsctl_table_cell(t, drs_json_field(group, "region"));
    drsctl_table_cell(t, drs_json_field(group, "accountId"));
    drsctl_table_cellf(
        t, "%zu", json_array_size(json_object_get(group, "sourceServerIds")));
    drsctl_table_cell(t, drs_buf_str(&b));
    drsctl_table_cell(t, status);

    drs_buf_free(&b);
}


#define DRSCTL_GROUP_TITLES                                                    \
    "ID|NAME|REGION|ACCOUNT|SERVERS|SELECTION|LAUNCH SETTINGS"


static int
drsctl_group_print(drsctl_t *c, const drsctl_answer_t *a)
{
    drsctl_table_t t;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_table_init(&t, DRSCTL_GROUP_TITLES, 0);
    drsctl_group_row(&t, a->json);

    return drsctl_print_table(c, &t);
}


int
drsctl_print_servers(drsctl_t *c, const json_t *servers)
{
    size_t         i;
    json_t        *s, *group;
    drs_str_t      name;
    drsctl_table_t t;

    drsctl_table_init(&t, "ID|HOST|STATE|LAG|GROUP|LAST LAUNCH", 0);

    json_array_foreach (servers, i, s) {
        group = json_object_get(s, "assignedToProtectionGroup");
        name = drs_json_field(s, "hostname");

        drsctl_table_cell(&t, drs_json_field(s, "sourceServerID"));
        drsctl_table_cell(&t, name.len ? name : drs_json_field(s, "nameTag"));
        drsctl_table_cell(&t, drs_json_field(s, "state"));
        drsctl_table_cell(&t, drs_json_field(s, "lagDuration"));
        drsctl_table_cell(&t, drs_json_field(group, "protectionGroupName"));
        drsctl_table_cell(&t, drs_json_field(s, "lastLaunchStatus"));
    }

    return drsctl_print_table(c, &t);
}


/* -- body ------------------------------------------------------------------------ */

/*
 * --file first, then what the other options say.  NULL with *code after an
 * error line.
 */

static json_t *
drsctl_group_body(drsctl_t *c, int *code)
{
    char                 err[200];
    size_t               i;
    json_t              *body, *tags, *ids;
    const drsctl_args_t *a;

    a = c->args;
    err[0] = '\0';
    body = drsctl_file_body(c, code);

    if (body == NULL) {
        return NULL;
    }

    drsctl_body_str(body, "groupName", a, DRSCTL_OPT_NAME);
    drsctl_body_str(body, "region", a, DRSCTL_OPT_REGION);
    drsctl_body_str(body, "accountId", a, DRSCTL_OPT_ACCOUNT);
    drsctl_body_str(body, "description", a, DRSCTL_OPT_DESCRIPTION);
    drsctl_body_str(body, "owner", a, DRSCTL_OPT_OWNER);

    if (a->value[DRSCTL_OPT_TAG].n) {
        tags = drsctl_body_tags(a, err, sizeof(err));
        if (tags != NULL) {
            (void) json_object_set_new(body, "serverSelectionTags", tags);
        }
    }

    if (a->value[DRSCTL_OPT_SERVER].n) {
        ids = json_array();
        for (i = 0; i < a->value[DRSCTL_OPT_SERVER].n; i++) {
            (void) json_array_append_new(
                ids,
                drs_json_new_str(drs_str(a->value[DRSCTL_OPT_SERVER].v[i])));
        }
        (void) json_object_set_new(body, "sourceServerIds", ids);
    }

    if (err[0] != '\0'
        || drsctl_body_int(body, "version", a, DRSCTL_OPT_IF_VERSION, err,
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
drsctl_groups_list(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *group;
    drs_buf_t       path;
    drsctl_table_t  t;
    drsctl_answer_t a;

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/protection-groups");
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));
    drsctl_query_add(&path, "region", drsctl_opt(c->args, DRSCTL_OPT_REGION));
    drsctl_query_add(&path, "name", drsctl_opt(c->args, DRSCTL_OPT_NAME));

    code = drsctl_get(c, path.data, &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, DRSCTL_GROUP_TITLES, 0);
        json_array_foreach (json_object_get(a.json, "groups"), i, group) {
            drsctl_group_row(&t, group);
        }
        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_show(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *id;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_group_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_get(c, path.data, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_group_print(c, &a);
    }

    if (code == DRSCTL_EXIT_OK && !drsctl_json(c)) {
        drsctl_say(c, "version %lld, owner %.*s",
                   (long long) drs_json_int(a.json, "version", 1),
                   DRS_STR_ARG(drs_json_field(a.json, "owner")));

        json_array_foreach (json_object_get(a.json, "sourceServerIds"), i, id) {
            drsctl_say(c, "  %.*s", DRS_STR_ARG(drs_json_str(id)));
        }
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_create(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    body = drsctl_group_body(c, &code);

    if (body == NULL) {
        return code;
    }

    (void) drs_json_set_str(body, "groupName", drs_str(c->args->operand[0]));
    code = drsctl_send(c, DRSCTL_POST, "/protection-groups", body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_group_print(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_groups_update(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       path;
    drsctl_answer_t a;

    body = drsctl_group_body(c, &code);

    if (body == NULL) {
        return code;
    }

    if (json_object_size(body) == 0) {
        json_decref(body);
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "nothing to change is given");
    }

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_group_path(c, &path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_send(c, DRSCTL_PUT, path.data, body, &a);
    } else {
        json_decref(body);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_group_print(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_delete(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&path, 0);
    code = drsctl_group_path(c, &path);

    if (code == DRSCTL_EXIT_OK
        && !drsctl_confirm(c, "Delete protection group %s?",
                           c->args->operand[0]))
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


/* The servers of a stored group. */

static int
drsctl_group_servers(drsctl_t *c, const char *name, drsctl_answer_t *a)
{
    int             code;
    char            id[64];
    drs_buf_t       path;
    drs_str_t       account;
    drsctl_answer_t group;

    memset(a, 0, sizeof(*a));
    code = drsctl_group_id(c, name, id);

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/protection-groups");
    drsctl_path_add(&path, id);
    code = drsctl_get(c, path.data, &group);

    if (code == DRSCTL_EXIT_OK) {
        account = drs_json_field(group.json, "accountId");
        drs_buf_reset(&path);
        (void) drs_buf_puts(&path, "/drs/source-servers");
        drsctl_query_add(
            &path, "region",
            json_string_value(json_object_get(group.json, "region")));
        drsctl_query_add(&path, "accountId", account.len ? account.data : NULL);
        drsctl_query_add(&path, "filterByProtectionGroup", id);
        code = drsctl_get(c, path.data, a);
    }

    drsctl_answer_free(&group);
    drs_buf_free(&path);

    return code;
}


int
drsctl_groups_resolve(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drsctl_answer_t a;

    if (c->args->n_operands) {
        if (c->args->value[DRSCTL_OPT_TAG].n
            || drsctl_opt(c->args, DRSCTL_OPT_REGION) != NULL
            || drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT) != NULL)
        {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                               "give a group, or "
                               "--region and --tag, not both");
        }

        code = drsctl_group_servers(c, c->args->operand[0], &a);

    } else {
        if (drsctl_opt(c->args, DRSCTL_OPT_REGION) == NULL
            || c->args->value[DRSCTL_OPT_TAG].n == 0)
        {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                               "give a group, or "
                               "--region and at least one --tag");
        }

        body = drsctl_group_body(c, &code);
        if (body == NULL) {
            return code;
        }

        code =
            drsctl_send(c, DRSCTL_POST, "/protection-groups/resolve", body, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        if (drsctl_json(c)) {
            code = drsctl_print_body(c, &a);
        } else {
            body = json_object_get(a.json, "resolvedServers");
            code = drsctl_print_servers(
                c, body != NULL ? body : json_object_get(a.json, "servers"));
        }
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_servers(drsctl_t *c)
{
    int             code;
    char            id[64];
    drs_buf_t       path;
    const char     *group;
    drsctl_answer_t a;

    if (drsctl_opt(c->args, DRSCTL_OPT_REGION) == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "--region is required");
    }

    group = drsctl_opt(c->args, DRSCTL_OPT_GROUP);

    if (group != NULL) {
        code = drsctl_group_id(c, group, id);
        if (code != DRSCTL_EXIT_OK) {
            return code;
        }
        group = id;
    }

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/drs/source-servers");
    drsctl_query_add(&path, "region", drsctl_opt(c->args, DRSCTL_OPT_REGION));
    drsctl_query_add(&path, "accountId",
                     drsctl_opt(c->args, DRSCTL_OPT_ACCOUNT));
    drsctl_query_add(&path, "filterByProtectionGroup", group);

    code = drsctl_get(c, path.data, &a);

    if (code == DRSCTL_EXIT_OK) {
        code =
            drsctl_json(c)
                ? drsctl_print_body(c, &a)
                : drsctl_print_servers(c, json_object_get(a.json, "servers"));
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}
