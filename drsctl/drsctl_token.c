
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where tokens come from: option, file, environment, session of `login`.
 *
 * A refresh token works once; used again it ends the whole session (api.md
 * 10.3, X-24).  Processes of one user therefore take turns by a lock, and each
 * looks first whether another one has renewed the session already.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "drsctl.h"
#include "drsctl_session.h"


#define DRSCTL_TOKEN_MAX   16384
#define DRSCTL_SESSION_MAX (256 * 1024)


static int     drsctl_token_use(drsctl_t *c, drs_str_t token, int session);
static char   *drsctl_token_name(const drsctl_t *c, const char *file);
static int     drsctl_token_lock(drsctl_t *c);
static json_t *drsctl_token_load(drsctl_t *c);
static int     drsctl_token_save(drsctl_t *c, const json_t *doc);
static int     drsctl_token_renew(drsctl_t *c, json_t *doc);


/* Tokens are one word of visible characters. */

static int
drsctl_token_use(drsctl_t *c, drs_str_t token, int session)
{
    size_t i;

    token = drs_str_trim(token);

    for (i = 0; i < token.len; i++) {
        if (token.data[i] <= ' ' || token.data[i] >= 0x7f) {
            break;
        }
    }

    if (token.len == 0 || i < token.len || token.len > DRSCTL_TOKEN_MAX) {
        return drsctl_fail(c, DRSCTL_EXIT_AUTH,
                           "the token is empty or has "
                           "characters that no token has");
    }

    if (c->token != NULL) {
        drs_memzero(c->token, strlen(c->token));
        free(c->token);
    }

    c->token = drs_str_dup(token);
    c->session = session != 0;

    return c->token != NULL ? DRSCTL_EXIT_OK
                            : drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
}


static char *
drsctl_token_name(const drsctl_t *c, const char *file)
{
    drs_buf_t b;

    if (c->conf.dir == NULL) {
        return NULL;
    }

    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b, "%s/%s", c->conf.dir, file);

    return drs_buf_steal(&b, NULL);
}


/* Makes the folder and every one above it, as mkdir -p with mode 0700. */

static int
drsctl_token_mkdir(const char *dir)
{
    int   rc;
    char *name, *p;

    name = strdup(dir);
    if (name == NULL) {
        return -1;
    }

    for (p = name + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            (void) mkdir(name, 0700);
            *p = '/';
        }
    }

    rc = mkdir(name, 0700);
    free(name);

    return rc == 0 || errno == EEXIST ? 0 : -1;
}


/* A descriptor that holds the lock until it is closed, or -1. */

static int
drsctl_token_lock(drsctl_t *c)
{
    int   fd;
    char *name;

    name = drsctl_token_name(c, "session.lock");

    if (name == NULL) {
        (void) drsctl_fail(c, 0,
                           "no home folder to keep a session in; set "
                           "HOME or use DRS_TOKEN");
        return -1;
    }

    fd = -1;

    if (drsctl_token_mkdir(c->conf.dir) == 0) {
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }

    while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            (void) close(fd);
            fd = -1;
        }
    }

    if (fd < 0) {
        (void) drsctl_fail(c, 0, "%s: %s", name, strerror(errno));
    }

    free(name);

    return fd;
}


/* NULL with an error line; a document without sessions if no file is there. */

static json_t *
drsctl_token_load(drsctl_t *c)
{
    int         fd;
    char       *name, text[4096];
    json_t     *doc;
    ssize_t     n;
    drs_buf_t   b;
    struct stat st;

    name = drsctl_token_name(c, "session.json");

    if (name == NULL) {
        return drsctl_session_parse(drs_str(""));
    }

    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0) {
        doc = errno == ENOENT ? drsctl_session_parse(drs_str("")) : NULL;
        if (doc == NULL) {
            (void) drsctl_fail(c, 0, "%s: %s", name, strerror(errno));
        }
        free(name);
        return doc;
    }

    if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0
        || st.st_uid != geteuid()) {
        (void) drsctl_fail(c, 0,
                           "%s must belong to you and be readable by "
                           "you only (chmod 600)",
                           name);
        (void) close(fd);
        free(name);
        return NULL;
    }

    drs_buf_init(&b, DRSCTL_SESSION_MAX);

    while ((n = read(fd, text, sizeof(text))) > 0) {
        (void) drs_buf_append(&b, text, (size_t) n);
    }

    doc = drsctl_session_parse(drs_buf_str(&b));
    drs_memzero(text, sizeof(text));
    drs_buf_free_secret(&b);
    (void) close(fd);
    free(name);

    return doc;
}


static int
drsctl_token_save(drsctl_t *c, const json_t *doc)
{
    int       rc;
    char     *name;
    drs_buf_t b;

    name = drsctl_token_name(c, "session.json");
    drs_buf_init(&b, DRSCTL_SESSION_MAX);

    rc = name != NULL && drs_json_dump(&b, doc) == DRS_OK
                 && drsctl_write_file(name, drs_buf_str(&b), 1) == DRS_OK
             ? DRSCTL_EXIT_OK
             : drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s",
                           name != NULL ? name : "session", strerror(errno));
    drs_buf_free_secret(&b);
    free(name);

    return rc;
}


/* -- refresh -------------------------------------------------------------------- */

/* Under the lock, with the document just read. */

static int
drsctl_token_renew(drsctl_t *c, json_t *doc)
{
    int              code;
    char            *text;
    size_t           len;
    json_t          *body;
    int64_t          now_s;
    drsctl_answer_t  a;
    drsctl_request_t req;
    drsctl_session_t s;

    now_s = (int64_t) time(NULL);

    if (!drsctl_session_find(doc, c->conf.url, &s)
        || !drsctl_session_renewable(&s, now_s))
    {
        return drsctl_fail(c, DRSCTL_EXIT_AUTH,
                           "UNAUTHORIZED: the session "
                           "has ended, sign in again: drsctl login");
    }

    body = json_object();
    (void) drs_json_set_str(body, "refreshToken", s.refresh_token);
    text = drs_json_text(body, &len);
    json_decref(body);

    if (text == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
    }

    memset(&req, 0, sizeof(req));
    req.method = DRSCTL_POST;
    req.path = "/auth/refresh";
    req.body = drs_strn(text, len);
    req.flags = DRSCTL_F_PUBLIC | DRSCTL_F_NO_KEY | DRSCTL_F_ANY;

    code = drsctl_call(c, &req, &a);
    drs_memzero(text, len);
    free(text);

    if (code == DRSCTL_EXIT_OK && a.status == 401) {
        (void) drsctl_session_drop(doc, c->conf.url);
        (void) drsctl_token_save(c, doc);
        code = drsctl_fail(c, DRSCTL_EXIT_AUTH,
                           "UNAUTHORIZED: the session "
                           "has ended, sign in again: drsctl login");

    } else if (code == DRSCTL_EXIT_OK && a.status != 200) {
        code = drsctl_refused(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        code = drsctl_session_put(doc, c->conf.url, a.json, now_s) == DRS_OK
                   ? drsctl_token_save(c, doc)
                   : drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                                 "the answer holds no session");

        if (code == DRSCTL_EXIT_OK) {
            code = drsctl_token_use(c, drs_json_field(a.json, "token"), 1);
        }
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_token_refresh(drsctl_t *c)
{
    int              fd, code;
    json_t          *doc;
    drsctl_session_t s;

    fd = drsctl_token_lock(c);

    if (fd < 0) {
        return DRSCTL_EXIT_AUTH;
    }

    code = DRSCTL_EXIT_AUTH;
    doc = drsctl_token_load(c);

    if (doc != NULL) {
        if (drsctl_session_find(doc, c->conf.url, &s)
            && drsctl_session_fresh(&s, (int64_t) time(NULL))
            && (c->token == NULL || !drs_str_eqz(s.token, c->token)))
        {
            code = drsctl_token_use(c, s.token, 1);
        } else {
            code = drsctl_token_renew(c, doc);
        }
    }

    json_decref(doc);
    (void) close(fd);

    return code;
}


/* -- the token of a command ------------------------------------------------------- */

static int
drsctl_token_session(drsctl_t *c)
{
    int              code;
    json_t          *doc;
    drsctl_session_t s;

    doc = drsctl_token_load(c);

    if (doc == NULL) {
        return DRSCTL_EXIT_AUTH;
    }

    if (!drsctl_session_find(doc, c->conf.url, &s)) {
        code = drsctl_fail(c, DRSCTL_EXIT_AUTH,
                           "UNAUTHORIZED: not signed in "
                           "to %s: drsctl login, or set DRS_TOKEN",
                           c->conf.url);

    } else if (drsctl_session_fresh(&s, (int64_t) time(NULL))) {
        code = drsctl_token_use(c, s.token, 1);

    } else {
        code = drsctl_token_refresh(c);
    }

    json_decref(doc);

    return code;
}


int
drsctl_token_get(drsctl_t *c)
{
    int         code;
    drs_buf_t   b;
    const char *value;

    if (c->token != NULL) {
        return DRSCTL_EXIT_OK;
    }

    value = drsctl_opt(c->args, DRSCTL_OPT_TOKEN);

    if (value != NULL) {
        return drsctl_token_use(c, drs_str(value), 0);
    }

    value = drsctl_opt(c->args, DRSCTL_OPT_TOKEN_FILE);

    if (value == NULL) {
        value = getenv("DRS_TOKEN");
        if (value != NULL && *value) {
            return drsctl_token_use(c, drs_str(value), 0);
        }
        value = c->conf.token_file;
    }

    if (value == NULL) {
        return drsctl_token_session(c);
    }

    drs_buf_init(&b, DRSCTL_TOKEN_MAX);
    code = drsctl_read_file(c, value, &b);

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_token_use(c, drs_buf_str(&b), 0);
    }

    drs_buf_free_secret(&b);

    return code;
}


/* -- login and logout --------------------------------------------------------------- */

int
drsctl_token_store(drsctl_t *c, const json_t *session)
{
    int     fd, code;
    json_t *doc;

    fd = drsctl_token_lock(c);

    if (fd < 0) {
        return DRSCTL_EXIT_USAGE;
    }

    code = DRSCTL_EXIT_USAGE;
    doc = drsctl_token_load(c);

    if (doc != NULL) {
        code =
            drsctl_session_put(doc, c->conf.url, session, (int64_t) time(NULL))
                    == DRS_OK
                ? drsctl_token_save(c, doc)
                : drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                              "the answer holds no session");
    }

    json_decref(doc);
    (void) close(fd);

    return code;
}


char *
drsctl_token_refresher(drsctl_t *c)
{
    char            *text;
    json_t          *doc;
    drsctl_session_t s;

    text = NULL;
    doc = drsctl_token_load(c);

    if (doc != NULL && drsctl_session_find(doc, c->conf.url, &s)
        && s.refresh_token.len)
    {
        text = drs_str_dup(s.refresh_token);
    }

    json_decref(doc);

    return text;
}


int
drsctl_token_forget(drsctl_t *c)
{
    int     fd, code;
    json_t *doc;

    fd = drsctl_token_lock(c);

    if (fd < 0) {
        return DRSCTL_EXIT_USAGE;
    }

    code = DRSCTL_EXIT_USAGE;
    doc = drsctl_token_load(c);

    if (doc != NULL) {
        code = drsctl_session_drop(doc, c->conf.url) ? drsctl_token_save(c, doc)
                                                     : DRSCTL_EXIT_OK;
    }

    json_decref(doc);
    (void) close(fd);

    return code;
}
