
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Registry of tasks and commands; answers of commands.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drsw_worker.h"


#define DRSW_ANSWER_MAX (64u * 1024 * 1024)


int
drsw_register_task(drsw_registry_t *reg, const drsw_task_kind_t *kind)
{
    size_t i;

    if (reg->ntasks == DRSW_MAX_TASK_KINDS) {
        return DRS_ERROR;
    }

    for (i = 0; i < reg->ntasks; i++) {
        if (strcmp(reg->tasks[i]->prefix, kind->prefix) == 0) {
            return DRS_ERROR;
        }
    }

    reg->tasks[reg->ntasks++] = kind;

    return DRS_OK;
}


int
drsw_register_command(drsw_registry_t *reg, const drsw_command_kind_t *kind)
{
    if (reg->ncommands == DRSW_MAX_COMMANDS
        || drsw_registry_command(reg, kind->type) != NULL)
    {
        return DRS_ERROR;
    }

    reg->commands[reg->ncommands++] = kind;

    return DRS_OK;
}


static int
drsw_registry_match(const char *prefix, const char *task)
{
    size_t n;

    n = strlen(prefix);

    if (n > 0 && prefix[n - 1] == ':') {
        return strncmp(prefix, task, n) == 0;
    }

    return strcmp(prefix, task) == 0;
}


const drsw_task_kind_t *
drsw_registry_task(const drsw_registry_t *reg, const char *task)
{
    size_t i;

    for (i = 0; i < reg->ntasks; i++) {
        if (drsw_registry_match(reg->tasks[i]->prefix, task)) {
            return reg->tasks[i];
        }
    }

    return NULL;
}


const drsw_command_kind_t *
drsw_registry_command(const drsw_registry_t *reg, const char *type)
{
    size_t i;

    for (i = 0; i < reg->ncommands; i++) {
        if (strcmp(reg->commands[i]->type, type) == 0) {
            return reg->commands[i];
        }
    }

    return NULL;
}


void
drsw_registry_kinds(const drsw_registry_t *reg, int background, drs_buf_t *b)
{
    size_t i;

    for (i = 0; i < reg->ntasks; i++) {
        if (reg->tasks[i]->background != (background != 0)) {
            continue;
        }

        (void) drs_buf_printf(b, "%s%.*s", b->len == 0 ? "" : " ",
                              (int) strcspn(reg->tasks[i]->prefix, ":"),
                              reg->tasks[i]->prefix);
    }
}


/* --- answers -------------------------------------------------------------- */


void
drsw_answer_init(drsw_answer_t *answer)
{
    memset(answer, 0, sizeof(*answer));
    drs_buf_init(&answer->text, DRSW_ANSWER_MAX);
}


void
drsw_answer_free(drsw_answer_t *answer)
{
    drs_buf_free_secret(&answer->text);
}


int
drsw_answer_text(drsw_answer_t *answer, int status, drs_str_t body)
{
    drs_buf_reset(&answer->text);
    (void) drs_buf_printf(&answer->text, "{\"status\":%d,\"body\":", status);
    (void) drs_buf_str_append(&answer->text, body);
    (void) drs_buf_putc(&answer->text, '}');

    answer->set = drs_buf_ok(&answer->text);

    return answer->set ? DRS_OK : drsw_answer_fail(answer, "answer too large");
}


int
drsw_answer_body(drsw_answer_t *answer, int status, json_t *body)
{
    int    rc;
    char  *text;
    size_t len;

    if (body == NULL) {
        return drsw_answer_text(answer, status, drs_str("{}"));
    }

    text = drs_json_text(body, &len);
    json_decref(body);

    if (text == NULL) {
        return drsw_answer_fail(answer, "answer is no JSON");
    }

    rc = drsw_answer_text(answer, status, drs_strn(text, len));

    drs_memzero(text, len);
    free(text);

    return rc;
}


int
drsw_answer_error(drsw_answer_t *answer, const char *code, json_t *details,
                  const char *fmt, ...)
{
    char       message[2048];
    va_list    ap;
    drs_buf_t *b;

    va_start(ap, fmt);
    (void) vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);

    b = &answer->text;

    drs_buf_reset(b);
    (void) drs_buf_puts(b, "{\"error\":{\"code\":");
    (void) drs_buf_json_string(b, code, strlen(code));
    (void) drs_buf_puts(b, ",\"message\":");
    (void) drs_buf_json_string(b, message, strlen(message));

    if (details != NULL) {
        (void) drs_buf_puts(b, ",\"details\":");

        if (drs_json_dump(b, details) != DRS_OK) {
            b->failed = DRS_ERROR;
        }

        json_decref(details);
    }

    (void) drs_buf_puts(b, "}}");

    answer->set = drs_buf_ok(b);

    return answer->set ? DRS_OK : drsw_answer_fail(answer, "answer is no JSON");
}


int
drsw_answer_fail(drsw_answer_t *answer, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(answer->error, sizeof(answer->error), fmt, ap);
    va_end(ap);

    answer->set = 0;

    return DRS_ERROR;
}
