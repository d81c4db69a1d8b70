/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl accounts ..., staging ...
 */

#include <string.h>

#include "drsctl.h"


/* -- accounts --------------------------------------------------------------- */

static void
drsctl_account_row(drsctl_table_t *t, const json_t *account)
{
    drsctl_table_cell(t, drs_json_field(account, "accountId"));
    drsctl_table_cell(t, drs_json_field(account, "accountName"));
    drsctl_table_cell(t, drs_json_field(account, "status"));
    drsctl_table_cell(t,
                      json_is_true(json_object_get(account, "isCurrentAccount"))
                          ? drs_str("yes")
                          : drs_str(""));
    drsctl_table_cell(t, drs_json_field(account, "roleArn"));
}


/* A list of accounts, or one. */
static int
drsctl_accounts_print(drsctl_t *c, const drsctl_answer_t *a)
{
    size_t         i;
    json_t        *account;
    drsctl_table_t t;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_table_init(&t, "ID|NAME|STATUS|OWN|ROLE", 0);

    if (json_is_object(a->json)) {
        drsctl_account_row(&t, a->json);
    }

    json_array_foreach (a->json, i, account) {
        drsctl_account_row(&t, account);
    }

    return drsctl_print_table(c, &t);
}


/* "/accounts/targets/<id><more>" of the first operand. */
static void
drsctl_account_path(drsctl_t *c, drs_buf_t *path, const char *more)
{
    drs_buf_init(path, 0);
    (void) drs_buf_puts(path, "/accounts/targets");
    drsctl_path_add(path, c->args->operand[0]);
    (void) drs_buf_puts(path, more);
}


static int
drsctl_account_get(drsctl_t *c, const char *path)
{
    int             code;
    drsctl_answer_t a;

    code = drsctl_get(c, path, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_accounts_print(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_accounts_list(drsctl_t *c)
{
    return drsctl_account_get(c, "/accounts/targets");
}


int
drsctl_accounts_show(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drsctl_account_path(c, &path, "");
    code = drsctl_account_get(c, path.data);
    drs_buf_free(&path);

    return code;
}


static int
drsctl_account_write(drsctl_t *c, drsctl_method_t method, const char *path,
                     json_t *body)
{
    int             code;
    drsctl_answer_t a;

    drsctl_body_str(body, "accountName", c->args, DRSCTL_OPT_NAME);
    drsctl_body_str(body, "roleArn", c->args, DRSCTL_OPT_ROLE_ARN);
    drsctl_body_str(body, "externalId", c->args, DRSCTL_OPT_EXTERNAL_ID);

    code = drsctl_send(c, method, path, body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_accounts_print(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_accounts_add(drsctl_t *c)
{
    json_t *body;

    body = json_object();
    (void) drs_json_set_str(body, "accountId", drs_str(c->args->operand[0]));

    return drsctl_account_write(c, DRSCTL_POST, "/accounts/targets", body);
}


int
drsctl_accounts_update(drsctl_t *c)
{
    int       code;
    json_t   *body;
    drs_buf_t path;

    body = json_object();
    drsctl_body_str(body, "status", c->args, DRSCTL_OPT_STATUS);
    drsctl_account_path(c, &path, "");
    code = drsctl_account_write(c, DRSCTL_PUT, path.data, body);
    drs_buf_free(&path);

    return code;
}


int
drsctl_accounts_delete(drsctl_t *c)
{
    int       code, force;
    drs_buf_t path;

    force = drsctl_opt(c->args, DRSCTL_OPT_FORCE) != NULL;

    if (!drsctl_confirm(c, "Delete the target account %s%s?",
                        c->args->operand[0],
                        force ? ", even if groups and plans use it" : ""))
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    drsctl_account_path(c, &path, "");
    drsctl_query_add(&path, "force", force ? "true" : NULL);
    code = drsctl_send_message(c, DRSCTL_DELETE, path.data, NULL);
    drs_buf_free(&path);

    return code;
}


int
drsctl_accounts_validate(drsctl_t *c)
{
    int             code;
    drs_buf_t       path;
    drsctl_answer_t a;

    drsctl_account_path(c, &path, "/validate");
    code = drsctl_send(c, DRSCTL_POST, path.data, json_object(), &a);
    drs_buf_free(&path);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c)
                   ? drsctl_print_body(c, &a)
                   : drsctl_print_rows(
                       c, json_object_get(a.json, "validationResults"),
                       "SERVICE|REGION|STATUS|MESSAGE",
                       "service|region|status|message");

        if (code == DRSCTL_EXIT_OK
            && !json_is_true(json_object_get(a.json, "valid"))) {
            code = drsctl_fail(c, DRSCTL_EXIT_REFUSED, "%.*s",
                               DRS_STR_ARG(drs_json_field(a.json, "message")));
        }
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_accounts_capacity(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    if (c->args->n_operands == 0) {
        drs_buf_init(&path, 0);
        (void) drs_buf_puts(&path, "/accounts/capacity/all");

    } else {
        drsctl_account_path(c, &path, "/capacity");
    }

    code = drsctl_get_rows(
        c, path.data, "accounts",
        "ID|NAME|TYPE|REPLICATING|MAX|USED %|STATUS|ERROR",
        "accountId|accountName|accountType|replicatingServers|maxReplicating|"
        "percentUsed|status|error");
    drs_buf_free(&path);

    return code;
}


/* -- staging accounts ---------------------------------------------------------- */

#define DRSCTL_STAGING_HEAD "ID|NAME|ROLE|ADDED|BY"
#define DRSCTL_STAGING_ROWS "accountId|accountName|roleArn|addedAt|addedBy"


static int
drsctl_staging_send(drsctl_t *c, drsctl_method_t method, const char *path,
                    json_t *body)
{
    int             code;
    drsctl_answer_t a;

    code = drsctl_send(c, method, path, body, &a);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_json(c) ? drsctl_print_body(c, &a)
                              : drsctl_print_rows(
                                  c, json_object_get(a.json, "stagingAccounts"),
                                  DRSCTL_STAGING_HEAD, DRSCTL_STAGING_ROWS);
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_staging_list(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drsctl_account_path(c, &path, "");
    code = drsctl_get_rows(c, path.data, "stagingAccounts", DRSCTL_STAGING_HEAD,
                           DRSCTL_STAGING_ROWS);
    drs_buf_free(&path);

    return code;
}


int
drsctl_staging_discover(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drsctl_account_path(c, &path, "/staging-accounts/discover");
    code = drsctl_get_rows(c, path.data, "stagingAccounts", "ID|NAME|SERVERS",
                           "accountId|accountName|serverCount");
    drs_buf_free(&path);

    return code;
}


int
drsctl_staging_add(drsctl_t *c)
{
    int       code;
    json_t   *entry;
    drs_buf_t path;

    entry = json_object();
    (void) drs_json_set_str(entry, "accountId", drs_str(c->args->operand[1]));
    drsctl_body_str(entry, "accountName", c->args, DRSCTL_OPT_NAME);
    drsctl_body_str(entry, "externalId", c->args, DRSCTL_OPT_EXTERNAL_ID);
    drsctl_body_str(entry, "roleArn", c->args, DRSCTL_OPT_ROLE_ARN);

    drsctl_account_path(c, &path, "/staging-accounts");
    code = drsctl_staging_send(c, DRSCTL_POST, path.data,
                               json_pack("{s:o}", "stagingAccount", entry));
    drs_buf_free(&path);

    return code;
}


int
drsctl_staging_remove(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    if (!drsctl_confirm(c, "Remove the staging account %s?",
                        c->args->operand[1])) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "not confirmed");
    }

    drsctl_account_path(c, &path, "/staging-accounts");
    drsctl_path_add(&path, c->args->operand[1]);
    code = drsctl_staging_send(c, DRSCTL_DELETE, path.data, NULL);
    drs_buf_free(&path);

    return code;
}


int
drsctl_staging_sync(drsctl_t *c)
{
    int       code;
    drs_buf_t path;

    drsctl_account_path(c, &path, "/staging-accounts/sync");
    code = drsctl_staging_send(c, DRSCTL_POST, path.data, json_object());
    drs_buf_free(&path);

    return code;
}
