
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drsctl.h"


static drs_str_t drsctl_error_code(const json_t *body);


/* `code` is the most specific one (api.md 1.6). */

static drs_str_t
drsctl_error_code(const json_t *body)
{
    drs_str_t code;

    code = drs_json_field(body, "code");

    return code.len ? code : drs_json_field(body, "error");
}


int
drsctl_exit_of(long status, const json_t *body)
{
    drs_str_t code;

    if (status >= 200 && status < 300) {
        return DRSCTL_EXIT_OK;
    }

    if (status == 401) {
        return DRSCTL_EXIT_AUTH;
    }

    if (status == 403) {
        code = drsctl_error_code(body);

        /* other codes of 403 are about AWS, not about the caller */
        return code.len == 0 || drs_str_eqz(code, "FORBIDDEN")
                       || drs_str_eqz(code, "PASSWORD_CHANGE_REQUIRED")
                   ? DRSCTL_EXIT_AUTH
                   : DRSCTL_EXIT_REFUSED;
    }

    return status >= 400 && status < 500 ? DRSCTL_EXIT_REFUSED
                                         : DRSCTL_EXIT_UNREACHABLE;
}


void
drsctl_error_line(drs_buf_t *b, long status, const json_t *body,
                  const char *request_id)
{
    json_t   *item;
    size_t    i;
    drs_str_t code, text;

    code = drsctl_error_code(body);
    text = drs_json_field(body, "message");

    if (code.len) {
        drsctl_clean(b, code);
        (void) drs_buf_puts(b, ": ");
    }

    drsctl_clean(b, text.len   ? text
                    : code.len ? drs_str("the server gave no message")
                               : drs_str("not an answer of this API"));

    text = drs_json_field(body, "required_permission");

    if (text.len) {
        (void) drs_buf_puts(b, " [needs ");
        drsctl_clean(b, text);
        (void) drs_buf_putc(b, ']');
    }

    json_array_foreach (json_object_get(body, "rules"), i, item) {
        (void) drs_buf_puts(b, i ? ", " : " [");
        drsctl_clean(b, drs_json_str(item));
    }

    if (json_array_size(json_object_get(body, "rules"))) {
        (void) drs_buf_putc(b, ']');
    }

    (void) drs_buf_printf(b, " (HTTP %ld", status);

    text = drs_json_field(body, "requestId");
    text = text.len ? text : drs_str(request_id);

    if (text.len) {
        (void) drs_buf_puts(b, ", request ");
        drsctl_clean(b, text);
    }

    (void) drs_buf_putc(b, ')');
}
