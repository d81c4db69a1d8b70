
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl login, logout, password, whoami
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "drsctl.h"


#define DRSCTL_SECRET_MAX 2048


static int drsctl_ask(drsctl_t *c, const char *what, int echo, drs_buf_t *b);
static int drsctl_auth_post(drsctl_t *c, const char *path, json_t *body,
                            unsigned flags, drsctl_answer_t *a);
static int drsctl_auth_done(drsctl_t *c, drsctl_answer_t *a);


/* One line of the terminal or of standard input, without its newline. */

static int
drsctl_ask(drsctl_t *c, const char *what, int echo, drs_buf_t *b)
{
    int            n, tty;
    char           ch;
    struct termios old, quiet;

    tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;

    /* the prompt comes last: what is typed after it is not echoed */
    if (tty && !echo) {
        quiet = old;
        quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }

    if (tty) {
        (void) fprintf(c->err, "%s: ", what);
        (void) fflush(c->err);
    }

    /* unbuffered: the secret must not stay in a buffer of stdio */
    while ((n = (int) read(STDIN_FILENO, &ch, 1)) == 1 && ch != '\n') {
        (void) drs_buf_putc(b, ch);
    }

    if (tty && !echo) {
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        (void) fputc('\n', c->err);
    }

    if (b->len && b->data[b->len - 1] == '\r') {
        b->data[--b->len] = '\0';
    }

    if (n < 0 || !drs_buf_ok(b) || b->len == 0
        || memchr(b->data, '\0', b->len) != NULL)
    {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "%s: nothing usable was "
                           "given",
                           what);
    }

    return DRSCTL_EXIT_OK;
}


/* Takes the reference to the body, which holds secrets. */

static int
drsctl_auth_post(drsctl_t *c, const char *path, json_t *body, unsigned flags,
                 drsctl_answer_t *a)
{
    int              code;
    char            *text;
    size_t           len;
    drsctl_request_t req;

    memset(a, 0, sizeof(*a));
    memset(&req, 0, sizeof(req));
    text = drs_json_text(body, &len);
    json_decref(body);

    if (text == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "the input is not UTF-8");
    }

    req.method = DRSCTL_POST;
    req.path = path;
    req.body = drs_strn(text, len);
    req.flags = flags | DRSCTL_F_NO_KEY;
    code = drsctl_call(c, &req, a);

    drs_memzero(text, len);
    free(text);

    return code;
}


/* Keeps the session; what is printed has no token in it. */

static int
drsctl_auth_done(drsctl_t *c, drsctl_answer_t *a)
{
    int       code;
    drs_str_t name;

    code = drsctl_token_store(c, a->json);

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    (void) json_object_del(a->json, "token");
    (void) json_object_del(a->json, "refreshToken");

    if (drsctl_json(c)) {
        return drsctl_print_json(c, a->json);
    }

    name = drs_json_field(json_object_get(a->json, "user"), "username");
    drsctl_say(c, "Signed in to %s as %.*s.", c->conf.url, DRS_STR_ARG(name));

    if (json_is_true(json_object_get(a->json, "mustChangePassword"))) {
        drsctl_say(c, "The password must be changed first: drsctl password");
    }

    return DRSCTL_EXIT_OK;
}


int
drsctl_login(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       name, secret;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&name, DRSCTL_SECRET_MAX);
    drs_buf_init(&secret, DRSCTL_SECRET_MAX);
    code = DRSCTL_EXIT_OK;

    if (c->args->n_operands) {
        (void) drs_buf_puts(&name, c->args->operand[0]);

    } else if (drsctl_opt(c->args, DRSCTL_OPT_PASSWORD_STDIN) != NULL) {
        code = drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "--password-stdin needs the user's name");

    } else {
        code = drsctl_ask(c, "User", 1, &name);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_ask(c, "Password", 0, &secret);
    }

    if (code == DRSCTL_EXIT_OK) {
        body = json_object();
        (void) drs_json_set_str(body, "username", drs_buf_str(&name));
        (void) drs_json_set_str(body, "password", drs_buf_str(&secret));
        code = drsctl_auth_post(c, "/auth/login", body, DRSCTL_F_PUBLIC, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_auth_done(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free_secret(&secret);
    drs_buf_free(&name);

    return code;
}


int
drsctl_password(drsctl_t *c)
{
    int             code;
    json_t         *body;
    drs_buf_t       old, new;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    drs_buf_init(&old, DRSCTL_SECRET_MAX);
    drs_buf_init(&new, DRSCTL_SECRET_MAX);

    code = drsctl_ask(c, "Present password", 0, &old);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_ask(c, "New password", 0, &new);
    }

    if (code == DRSCTL_EXIT_OK) {
        body = json_object();
        (void) drs_json_set_str(body, "currentPassword", drs_buf_str(&old));
        (void) drs_json_set_str(body, "newPassword", drs_buf_str(&new));
        code = drsctl_auth_post(c, "/auth/password", body, 0, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_auth_done(c, &a);
    }

    drsctl_answer_free(&a);
    drs_buf_free_secret(&old);
    drs_buf_free_secret(&new);

    return code;
}


/*
 * The session ends here in any case; that it also ended at the server is what
 * the exit code tells.
 */

int
drsctl_logout(drsctl_t *c)
{
    int             code, forgot;
    char           *refresh;
    json_t         *body;
    drsctl_answer_t a;

    memset(&a, 0, sizeof(a));
    code = drsctl_token_get(c);

    if (code == DRSCTL_EXIT_OK) {
        body = json_object();
        refresh = c->session ? drsctl_token_refresher(c) : NULL;

        if (refresh != NULL) {
            (void) drs_json_set_str(body, "refreshToken", drs_str(refresh));
            drs_memzero(refresh, strlen(refresh));
            free(refresh);
        }

        code = drsctl_auth_post(c, "/auth/logout", body, 0, &a);
    }

    forgot = drsctl_token_forget(c);
    code = code == DRSCTL_EXIT_OK ? forgot : code;

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_print_message(c, &a);
    }

    drsctl_answer_free(&a);

    return code;
}


static void
drsctl_whoami_list(drsctl_table_t *t, const char *title, const json_t *list)
{
    size_t    i, n;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    n = json_array_size(list);

    for (i = 0; i < n; i++) {
        (void) drs_buf_puts(&b, i ? ", " : "");
        (void) drs_buf_str_append(&b, drs_json_str(json_array_get(list, i)));
    }

    drsctl_table_cell(t, drs_str(title));
    drsctl_table_cell(t, drs_buf_str(&b));
    drs_buf_free(&b);
}


int
drsctl_whoami(drsctl_t *c)
{
    int             code;
    json_t         *user;
    drsctl_table_t  t;
    drsctl_answer_t a;

    code = drsctl_get(c, "/user/permissions", &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        user = json_object_get(a.json, "user");

        if (c->conf.quiet) {
            (void) fprintf(c->out, "%.*s\n",
                           DRS_STR_ARG(drs_json_field(user, "username")));
        } else {
            drsctl_table_init(&t, NULL, 2);
            drsctl_table_cell(&t, drs_str("user"));
            drsctl_table_cell(&t, drs_json_field(user, "username"));
            drsctl_table_cell(&t, drs_str("e-mail"));
            drsctl_table_cell(&t, drs_json_field(user, "email"));
            drsctl_whoami_list(&t, "roles", json_object_get(a.json, "roles"));
            drsctl_whoami_list(&t, "permissions",
                               json_object_get(a.json, "permissions"));
            code = drsctl_print_table(c, &t);
        }
    }

    drsctl_answer_free(&a);

    return code;
}
