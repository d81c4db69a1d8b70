
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl, the command line client of the REST API.
 *
 * Functions that work for a command return an exit code (drsctl_exit_t) and
 * have printed their error by then, in one line on stderr.
 */

#ifndef DRSCTL_H_INCLUDED
#define DRSCTL_H_INCLUDED


#include <stdio.h>

#include "drs_buf.h"
#include "drs_json.h"
#include "drsctl_args.h"
#include "drsctl_conf.h"
#include "drsctl_http.h"
#include "drsctl_table.h"


#define DRSCTL_VERSION "1.0.0"


/* What scripts rely on; documented in docs/drsctl.md and drsctl(1). */
typedef enum {
    DRSCTL_EXIT_OK = 0,
    DRSCTL_EXIT_REFUSED = 1,       /* 4xx, or nothing of that name */
    DRSCTL_EXIT_USAGE = 2,         /* command line, configuration, files */
    DRSCTL_EXIT_UNREACHABLE = 3,   /* no connection, TLS, 5xx */
    DRSCTL_EXIT_AUTH = 4,          /* not signed in, 401, 403 FORBIDDEN */
    DRSCTL_EXIT_NOT_COMPLETED = 5, /* the execution ended otherwise */
    DRSCTL_EXIT_TIMEOUT = 6        /* --timeout passed */
} drsctl_exit_t;


struct drsctl_s {
    const drsctl_args_t *args;
    drsctl_conf_t        conf;
    drsctl_http_t       *http;
    FILE                *out;
    FILE                *err;
    int64_t              deadline_ms; /* monotonic; 0: none */
    char                *token;       /* bearer token, or NULL */
    unsigned             session;     /* the token comes from `login` */
};


typedef enum {
    DRSCTL_GET = 0,
    DRSCTL_POST,
    DRSCTL_PUT,
    DRSCTL_DELETE
} drsctl_method_t;

/* Flags of a request. */
#define DRSCTL_F_PUBLIC 0x01 /* no token */
#define DRSCTL_F_NO_KEY 0x02 /* no Idempotency-Key, no repeat */
#define DRSCTL_F_ANY    0x04 /* the caller looks at the status */
#define DRSCTL_F_SILENT 0x08 /* no line when there is no answer */

typedef struct {
    drsctl_method_t method;
    const char     *path; /* below the base URL, with query */
    drs_str_t       body; /* JSON text; data NULL: no body */
    unsigned        flags;
} drsctl_request_t;

typedef struct {
    long      status; /* 0: there was no answer */
    drs_buf_t text;   /* as the server sent it */
    json_t   *json;   /* NULL if it is not JSON */
    char      request_id[DRSCTL_REQUEST_ID_SIZE];
} drsctl_answer_t;


/* -- drsctl_api.c ----------------------------------------------------------- */

/*
 * One operation: token (refreshed when it has run out), Idempotency-Key, one
 * repeat after a lost connection where that is safe, error line.  The answer
 * is released with drsctl_answer_free() whatever came back.
 */
int drsctl_call(drsctl_t *c, const drsctl_request_t *req, drsctl_answer_t *a);

/* The same for a body as a document; takes the reference. */
int  drsctl_send(drsctl_t *c, drsctl_method_t method, const char *path,
                 json_t *body, drsctl_answer_t *a);
int  drsctl_get(drsctl_t *c, const char *path, drsctl_answer_t *a);
void drsctl_answer_free(drsctl_answer_t *a);

/* Prints "drsctl: ..." and returns `code`. */
int drsctl_fail(drsctl_t *c, int code, const char *fmt, ...) DRS_PRINTF(3, 4);

/* Prints the error that an answer of 4xx or 5xx holds; its exit code. */
int drsctl_refused(drsctl_t *c, const drsctl_answer_t *a);

/* Prints why there was no answer; its exit code. */
int drsctl_no_answer(drsctl_t *c, const drsctl_http_reply_t *r);

/* Milliseconds left until the deadline, at most `most`; 0 when it passed. */
int64_t drsctl_left(const drsctl_t *c, int64_t most);
int64_t drsctl_now_ms(void);

/* Sleeps, at most until the deadline. */
void drsctl_pause_ms(const drsctl_t *c, int64_t ms);


/* -- drsctl_error.c (pure) --------------------------------------------------- */

/* Exit code of an answer. */
int drsctl_exit_of(long status, const json_t *body);

/* "CODE: message (HTTP 409, request 1b4e...)", one line, no control bytes */
void drsctl_error_line(drs_buf_t *b, long status, const json_t *body,
                       const char *request_id);


/* -- drsctl_token.c ---------------------------------------------------------- */

/* Finds the token to use; EXIT_AUTH with a line when there is none. */
int drsctl_token_get(drsctl_t *c);

/*
 * Trades the refresh token for new ones, once over all processes of the user.
 * EXIT_AUTH when that is not possible.
 */
int drsctl_token_refresh(drsctl_t *c);

/* Keeps the LocalSession of an answer for this URL, 0600. */
int drsctl_token_store(drsctl_t *c, const json_t *session);

/* The stored refresh token (malloc'ed) or NULL. */
char *drsctl_token_refresher(drsctl_t *c);

/* Forgets what is stored for this URL. */
int drsctl_token_forget(drsctl_t *c);


/* -- drsctl_url.c (pure) ------------------------------------------------------ */

/* NULL if the base URL may be used, else why not (static text). */
const char *drsctl_url_check(const char *url);

/* Percent-encodes everything but unreserved characters. */
void drsctl_url_escape(drs_buf_t *b, drs_str_t s);

/* Appends "/segment", encoded. */
void drsctl_path_add(drs_buf_t *b, const char *segment);

/* Appends "?name=value" or "&name=value", encoded; nothing for NULL. */
void drsctl_query_add(drs_buf_t *b, const char *name, const char *value);


/* -- drsctl_out.c --------------------------------------------------------------- */

/* 1 if the server's JSON is to be printed. */
int drsctl_json(const drsctl_t *c);

/* The server's body with a newline at its end. */
int drsctl_print_body(drsctl_t *c, const drsctl_answer_t *a);

/* A document of our own or one joined of several pages. */
int drsctl_print_json(drsctl_t *c, const json_t *doc);

/* Prints and frees; --quiet prints the first column only. */
int drsctl_print_table(drsctl_t *c, drsctl_table_t *t);

/* One sentence on stdout, unless --quiet. */
void drsctl_say(drsctl_t *c, const char *fmt, ...) DRS_PRINTF(2, 3);

/*
 * Asks on the terminal; 1 to go on.  Without a terminal, or with --yes, it
 * does not ask.
 */
int drsctl_confirm(drsctl_t *c, const char *fmt, ...) DRS_PRINTF(2, 3);

/* A whole file, "-" for standard input; prints its own error. */
int drsctl_read_file(drsctl_t *c, const char *name, drs_buf_t *b);

/*
 * The JSON object in --file, an empty one without --file; NULL with *code
 * after an error line.
 */
json_t *drsctl_file_body(drsctl_t *c, int *code);

/* The body in JSON, else the sentence in its `message`. */
int drsctl_print_message(drsctl_t *c, const drsctl_answer_t *a);

/* Replaces a file in one step, with mode 0600 or the umask's. */
int drsctl_write_file(const char *name, drs_str_t text, int secret);


/* -- drsctl_rows.c ------------------------------------------------------------ */

/*
 * A list as a table: `head` as for drsctl_table_init(), `members` the paths of
 * the cells in the same order, separated by '|'.
 */
int drsctl_print_rows(drsctl_t *c, const json_t *list, const char *head,
                      const char *members);

/* GET, then the body in JSON, else rows of a member (NULL: of the body). */
int drsctl_get_rows(drsctl_t *c, const char *path, const char *member,
                    const char *head, const char *members);

/* A request that is answered by a sentence; takes the body over. */
int drsctl_send_message(drsctl_t *c, drsctl_method_t method, const char *path,
                        json_t *body);


/* -- drsctl_page.c ------------------------------------------------------------- */

/*
 * GET of a list that pages: one page, or with --all all of them joined into
 * the first one's document.  `path` has no limit and nextToken yet.
 */
int drsctl_get_pages(drsctl_t *c, drs_buf_t *path, const char *member,
                     drsctl_answer_t *a);


/* -- drsctl_name.c -------------------------------------------------------------- */

/*
 * The id of a group or plan by id or name, written to `id`; prints an error
 * when there is none.
 */
int drsctl_group_id(drsctl_t *c, const char *name, char id[64]);
int drsctl_plan_id(drsctl_t *c, const char *name, char id[64]);

/* "/protection-groups/<id>" of the command's first operand. */
int drsctl_group_path(drsctl_t *c, drs_buf_t *path);
int drsctl_plan_path(drsctl_t *c, drs_buf_t *path);

/* "/executions/<id><more>" of the command's first operand. */
int drsctl_exec_path(drsctl_t *c, drs_buf_t *path, const char *more);


/* -- drsctl_body.c (pure) -------------------------------------------------------- */

/* "key=value" of every --tag; NULL with `err` for a bad one. */
json_t *drsctl_body_tags(const drsctl_args_t *a, char *err, size_t size);

/* "0,2,3" as an array of integers; NULL with `err` for a bad one. */
json_t *
drsctl_body_numbers(const char *text, const char *what, char *err, size_t size);

/*
 * "[NAME=]GROUP[,GROUP...]" of a --wave: {waveName?, groups: [...]}.
 * NULL with `err` for a bad one.
 */
json_t *drsctl_body_wave(const char *text, char *err, size_t size);

/* Sets a member from an option if it is given. */
void drsctl_body_str(json_t *body, const char *member, const drsctl_args_t *a,
                     drsctl_opt_t opt);
void drsctl_body_flag(json_t *body, const char *member, const drsctl_args_t *a,
                      drsctl_opt_t opt);

/* Whole numbers only; DRS_DECLINED with `err`. */
int drsctl_body_int(json_t *body, const char *member, const drsctl_args_t *a,
                    drsctl_opt_t opt, char *err, size_t size);


/* -- drsctl_event.c (pure) --------------------------------------------------------- */

/* One line about an event of api.md 10.5, without newline. */
void drsctl_event_line(drs_buf_t *b, const json_t *event);

/* 1 for a status with which an execution has ended. */
int drsctl_status_is_final(drs_str_t status);


/* -- drsctl_watch.c ------------------------------------------------------------------ */

typedef enum {
    DRSCTL_FOLLOW_SILENT = 0, /* --wait: only the end is printed */
    DRSCTL_FOLLOW_EVENTS      /* watch: every event too */
} drsctl_follow_t;

/* Follows an execution to its end; 0, 5, 6 or an error. */
int drsctl_follow(drsctl_t *c, const char *execution, drsctl_follow_t how);

/* The execution as a table. */
int drsctl_print_execution(drsctl_t *c, const json_t *execution);


/* -- commands ------------------------------------------------------------------------- */

int drsctl_groups_list(drsctl_t *c);
int drsctl_groups_show(drsctl_t *c);
int drsctl_groups_create(drsctl_t *c);
int drsctl_groups_update(drsctl_t *c);
int drsctl_groups_delete(drsctl_t *c);
int drsctl_groups_resolve(drsctl_t *c);
int drsctl_plans_list(drsctl_t *c);
int drsctl_plans_show(drsctl_t *c);
int drsctl_plans_create(drsctl_t *c);
int drsctl_plans_update(drsctl_t *c);
int drsctl_plans_delete(drsctl_t *c);
int drsctl_schedules_list(drsctl_t *c);
int drsctl_schedules_show(drsctl_t *c);
int drsctl_schedules_create(drsctl_t *c);
int drsctl_schedules_update(drsctl_t *c);
int drsctl_schedules_enable(drsctl_t *c);
int drsctl_schedules_disable(drsctl_t *c);
int drsctl_schedules_run(drsctl_t *c);
int drsctl_schedules_delete(drsctl_t *c);
int drsctl_webhooks_list(drsctl_t *c);
int drsctl_webhooks_show(drsctl_t *c);
int drsctl_webhooks_create(drsctl_t *c);
int drsctl_webhooks_update(drsctl_t *c);
int drsctl_webhooks_delete(drsctl_t *c);
int drsctl_webhooks_test(drsctl_t *c);
int drsctl_notifications_show(drsctl_t *c);
int drsctl_notifications_set(drsctl_t *c);
int drsctl_start(drsctl_t *c);
int drsctl_watch(drsctl_t *c);
int drsctl_executions_list(drsctl_t *c);
int drsctl_executions_show(drsctl_t *c);
int drsctl_executions_servers(drsctl_t *c);
int drsctl_executions_events(drsctl_t *c);
int drsctl_pause(drsctl_t *c);
int drsctl_resume(drsctl_t *c);
int drsctl_precheck(drsctl_t *c);
int drsctl_retry(drsctl_t *c);
int drsctl_skip(drsctl_t *c);
int drsctl_resolve(drsctl_t *c);
int drsctl_cancel(drsctl_t *c);
int drsctl_terminate(drsctl_t *c);
int drsctl_accounts_list(drsctl_t *c);
int drsctl_accounts_add(drsctl_t *c);
int drsctl_accounts_show(drsctl_t *c);
int drsctl_accounts_update(drsctl_t *c);
int drsctl_accounts_delete(drsctl_t *c);
int drsctl_accounts_validate(drsctl_t *c);
int drsctl_accounts_capacity(drsctl_t *c);
int drsctl_staging_list(drsctl_t *c);
int drsctl_staging_discover(drsctl_t *c);
int drsctl_staging_add(drsctl_t *c);
int drsctl_staging_remove(drsctl_t *c);
int drsctl_staging_sync(drsctl_t *c);
int drsctl_drs_jobs(drsctl_t *c);
int drsctl_drs_replication(drsctl_t *c);
int drsctl_drs_regions(drsctl_t *c);
int drsctl_drs_instances(drsctl_t *c);
int drsctl_drs_quotas(drsctl_t *c);
int drsctl_drs_start(drsctl_t *c);
int drsctl_tags_sync(drsctl_t *c);
int drsctl_tags_status(drsctl_t *c);
int drsctl_tags_schedule(drsctl_t *c);
int drsctl_executions_instances(drsctl_t *c);
int drsctl_executions_logs(drsctl_t *c);
int drsctl_executions_delete(drsctl_t *c);
int drsctl_plans_existing(drsctl_t *c);
int drsctl_groups_settings(drsctl_t *c);
int drsctl_groups_apply(drsctl_t *c);
int drsctl_check(drsctl_t *c);
int drsctl_servers(drsctl_t *c);
int drsctl_export(drsctl_t *c);
int drsctl_import(drsctl_t *c);
int drsctl_audit(drsctl_t *c);
int drsctl_login(drsctl_t *c);
int drsctl_logout(drsctl_t *c);
int drsctl_password(drsctl_t *c);
int drsctl_whoami(drsctl_t *c);
int drsctl_health(drsctl_t *c);
int drsctl_version(drsctl_t *c);
int drsctl_completion(drsctl_t *c);


/* Servers of DRS1 and PG6 as a table. */
int drsctl_print_servers(drsctl_t *c, const json_t *servers);


#endif /* DRSCTL_H_INCLUDED */
