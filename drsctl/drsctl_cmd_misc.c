
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl export, import, audit, health, version, completion
 */

#include <errno.h>
#include <string.h>

#include <curl/curlver.h>

#include "drs_time.h"
#include "drsctl.h"


static int drsctl_import_print(drsctl_t *c, const drsctl_answer_t *a);


/* -- configuration ---------------------------------------------------------------- */

int
drsctl_export(drsctl_t *c)
{
    int             code;
    const char     *file;
    drsctl_answer_t a;

    code = drsctl_get(c, "/config/export", &a);
    file = drsctl_opt(c->args, DRSCTL_OPT_OUT);

    if (code == DRSCTL_EXIT_OK) {
        if (file == NULL || strcmp(file, "-") == 0) {
            code = drsctl_print_body(c, &a);

        } else if (drsctl_write_file(file, drs_buf_str(&a.text), 0) != DRS_OK) {
            code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s", file,
                               strerror(errno));
        } else if (!drsctl_json(c)) {
            drsctl_say(
                c,
                "%zu protection group(s) and %zu recovery plan(s) "
                "written to %s",
                json_array_size(json_object_get(a.json, "protectionGroups")),
                json_array_size(json_object_get(a.json, "recoveryPlans")),
                file);
        }
    }

    drsctl_answer_free(&a);

    return code;
}


static int
drsctl_import_print(drsctl_t *c, const drsctl_answer_t *a)
{
    size_t         i, k;
    json_t        *item, *details;
    drs_str_t      text;
    drsctl_table_t t;

    static const char *const lists[] = { "created", "skipped", "failed" };

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    if (c->conf.quiet) {
        return DRSCTL_EXIT_OK;
    }

    drsctl_table_init(&t, "TYPE|NAME|RESULT|REASON|DETAIL", 0);

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_array_foreach (json_object_get(a->json, lists[i]), k, item) {
            details = json_object_get(item, "details");
            text = drs_json_field(details, "message");
            text = text.len ? text : drs_json_field(details, "error");

            drsctl_table_cell(&t, drs_json_field(item, "type"));
            drsctl_table_cell(&t, drs_json_field(item, "name"));
            drsctl_table_cell(&t, drs_json_field(item, "status"));
            drsctl_table_cell(&t, drs_json_field(item, "reason"));
            drsctl_table_cell(&t, text);
        }
    }

    return drsctl_print_table(c, &t);
}


int
drsctl_import(drsctl_t *c)
{
    int              code;
    size_t           failed;
    json_t          *doc;
    drs_buf_t        text;
    const char      *file;
    drsctl_answer_t  a;
    drsctl_request_t req;
    drs_json_error_t je;

    file = c->args->operand[0];
    memset(&a, 0, sizeof(a));
    drs_buf_init(&text, DRS_JSON_IMPORT_BYTES);
    code = drsctl_read_file(c, file, &text);

    if (code == DRSCTL_EXIT_OK) {
        doc = drs_json_parse(drs_buf_str(&text), &drs_json_store_limits, &je);

        if (doc == NULL) {
            code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: line %d: %s", file,
                               je.line, je.text);
        }

        json_decref(doc);
    }

    if (code == DRSCTL_EXIT_OK) {
        memset(&req, 0, sizeof(req));
        req.method = DRSCTL_POST;
        req.path = drsctl_opt(c->args, DRSCTL_OPT_DRY_RUN) != NULL
                       ? "/config/import?dryRun=true"
                       : "/config/import";
        req.body = drs_buf_str(&text);
        code = drsctl_call(c, &req, &a);
    }

    if (code == DRSCTL_EXIT_OK) {
        code = drsctl_import_print(c, &a);
        failed = json_array_size(json_object_get(a.json, "failed"));

        if (code == DRSCTL_EXIT_OK
            && (failed || json_is_false(json_object_get(a.json, "success"))))
        {
            code = drsctl_fail(c, DRSCTL_EXIT_REFUSED,
                               "%zu object(s) were "
                               "not imported",
                               failed);
        }
    }

    drsctl_answer_free(&a);
    drs_buf_free(&text);

    return code;
}


/* -- audit ---------------------------------------------------------------------------- */

int
drsctl_audit(drsctl_t *c)
{
    int             code;
    size_t          i;
    json_t         *e, *actor;
    drs_buf_t       path;
    drs_str_t       name;
    drsctl_table_t  t;
    drsctl_answer_t a;

    static const struct {
        const char  *name;
        drsctl_opt_t opt;
    } filters[] = { { "from", DRSCTL_OPT_FROM },
                    { "to", DRSCTL_OPT_TO },
                    { "actor", DRSCTL_OPT_ACTOR },
                    { "action", DRSCTL_OPT_ACTION },
                    { "resourceType", DRSCTL_OPT_RESOURCE_TYPE },
                    { "resourceId", DRSCTL_OPT_RESOURCE_ID },
                    { "outcome", DRSCTL_OPT_OUTCOME },
                    { "correlationId", DRSCTL_OPT_CORRELATION_ID } };

    drs_buf_init(&path, 0);
    (void) drs_buf_puts(&path, "/audit");

    for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        drsctl_query_add(&path, filters[i].name,
                         drsctl_opt(c->args, filters[i].opt));
    }

    code = drsctl_get_pages(c, &path, "entries", &a);

    if (code == DRSCTL_EXIT_OK && drsctl_json(c)) {
        code = drsctl_print_body(c, &a);

    } else if (code == DRSCTL_EXIT_OK) {
        drsctl_table_init(&t, "ID|TIME|ACTOR|ACTION|OBJECT|OUTCOME|CODE", 0);

        json_array_foreach (json_object_get(a.json, "entries"), i, e) {
            actor = json_object_get(e, "actor");
            name = drs_json_field(actor, "email");

            drsctl_table_cell(&t, drs_json_field(e, "id"));
            drsctl_table_cell(&t, drs_json_field(e, "time"));
            drsctl_table_cell(&t, name.len ? name
                                           : drs_json_field(actor, "userId"));
            drsctl_table_cell(&t, drs_json_field(e, "action"));
            name = drs_json_field(e, "resourceName");
            drsctl_table_cellf(
                &t, "%.*s %.*s", DRS_STR_ARG(drs_json_field(e, "resourceType")),
                DRS_STR_ARG(name.len ? name : drs_json_field(e, "resourceId")));
            drsctl_table_cell(&t, drs_json_field(e, "outcome"));
            drsctl_table_cell(&t, drs_json_field(e, "errorCode"));
        }

        code = drsctl_print_table(c, &t);
    }

    drsctl_answer_free(&a);
    drs_buf_free(&path);

    return code;
}


/* -- health, version, completion ----------------------------------------------------- */

static int
drsctl_health_print(drsctl_t *c, const drsctl_answer_t *a)
{
    json_t        *w;
    drsctl_table_t t;

    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    w = json_object_get(a->json, "worker");
    drsctl_table_init(&t, NULL, 2);
    drsctl_table_cell(&t, drs_str("status"));
    drsctl_table_cell(&t, drs_json_field(a->json, "status"));
    drsctl_table_cell(&t, drs_str("version"));
    drsctl_table_cell(&t, drs_json_field(a->json, "version"));
    drsctl_table_cell(&t, drs_str("redis"));
    drsctl_table_cell(
        &t, drs_json_field(json_object_get(a->json, "redis"), "status"));
    drsctl_table_cell(&t, drs_str("worker"));
    drsctl_table_cell(&t, drs_json_field(w, "status"));

    return c->conf.quiet ? (drsctl_table_free(&t), DRSCTL_EXIT_OK)
                         : drsctl_print_table(c, &t);
}


int
drsctl_health(drsctl_t *c)
{
    int              code;
    drsctl_answer_t  a;
    drsctl_request_t req;

    memset(&req, 0, sizeof(req));
    req.method = DRSCTL_GET;
    req.path = "/health";
    req.flags = DRSCTL_F_PUBLIC | DRSCTL_F_ANY;
    code = drsctl_call(c, &req, &a);

    if (code == DRSCTL_EXIT_OK) {
        if (drs_json_field(a.json, "status").len) {
            code = drsctl_health_print(c, &a);
            code = code == DRSCTL_EXIT_OK && a.status != 200
                       ? drsctl_fail(c, drsctl_exit_of(a.status, a.json),
                                     "%s is not healthy (HTTP %ld)",
                                     c->conf.url, a.status)
                       : code;
        } else {
            code = a.status == 200
                       ? drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                                     "%s did not answer as this API does; "
                                     "is the URL right?",
                                     c->conf.url)
                       : drsctl_refused(c, &a);
        }
    }

    drsctl_answer_free(&a);

    return code;
}


int
drsctl_version(drsctl_t *c)
{
    if (drsctl_json(c)) {
        (void) fputs("{\"version\":\"" DRSCTL_VERSION "\"}\n", c->out);
    } else if (c->conf.quiet) {
        (void) fputs(DRSCTL_VERSION "\n", c->out);
    } else {
        (void) fputs("drsctl " DRSCTL_VERSION " (libcurl " LIBCURL_VERSION
                     ")\n",
                     c->out);
    }

    return DRSCTL_EXIT_OK;
}


int
drsctl_completion(drsctl_t *c)
{
    drs_buf_t b;

    if (strcmp(c->args->operand[0], "bash") != 0) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                           "there is a completion for "
                           "bash only");
    }

    drs_buf_init(&b, 0);
    drsctl_completion_bash(&b);
    (void) fputs(b.data != NULL ? b.data : "", c->out);
    drs_buf_free(&b);

    return DRSCTL_EXIT_OK;
}
