
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_error.h"
#include "drs_json.h"
#include "drs_rbac.h"


#define DRS_ERROR_VALUE_MAX 200


typedef struct {
    const char *symbol;
    const char *code;
    const char *error;
    const char *message;
    int         status;
    int         retryable;
} drs_err_row_t;


#define DRS_ERROR_ROW(sym, code, error, http, retry, msg)                      \
    { #sym, code, error, msg, http, retry },

static const drs_err_row_t drs_err_rows[DRS_ERR_N] = {
    { "NONE", "INTERNAL_ERROR", NULL, "An unexpected error happened.", 500, 1 },
    DRS_ERROR_TABLE(DRS_ERROR_ROW)
};


static const drs_err_row_t *
drs_err_row(drs_err_t err)
{
    return &drs_err_rows[(unsigned) err < DRS_ERR_N ? err : DRS_ERR_NONE];
}


int
drs_err_status(drs_err_t err)
{
    return drs_err_row(err)->status;
}


const char *
drs_err_code(drs_err_t err)
{
    return drs_err_row(err)->code;
}


const char *
drs_err_error(drs_err_t err)
{
    const drs_err_row_t *row;

    row = drs_err_row(err);

    return row->error != NULL ? row->error : row->code;
}


const char *
drs_err_message(drs_err_t err)
{
    return drs_err_row(err)->message;
}


int
drs_err_retryable(drs_err_t err)
{
    return drs_err_row(err)->retryable;
}


const char *
drs_err_symbol(drs_err_t err)
{
    return drs_err_row(err)->symbol;
}


drs_err_t
drs_err_by_code(drs_str_t code)
{
    int i;

    for (i = DRS_ERR_NONE + 1; i < DRS_ERR_N; i++) {
        if (drs_str_eqz(code, drs_err_rows[i].code)) {
            return (drs_err_t) i;
        }
    }

    return DRS_ERR_NONE;
}


drs_err_t
drs_err_by_symbol(drs_str_t symbol)
{
    int i;

    for (i = DRS_ERR_NONE + 1; i < DRS_ERR_N; i++) {
        if (drs_str_eqz(symbol, drs_err_rows[i].symbol)) {
            return (drs_err_t) i;
        }
    }

    return DRS_ERR_NONE;
}


/* Copies members; with `missing` only those that are not there yet. */

static int
drs_error_merge(json_t *dst, const json_t *src, int missing)
{
    void       *iter;
    const char *key;

    iter = json_object_iter((json_t *) src);

    while (iter != NULL) {
        key = json_object_iter_key(iter);

        if (!missing || json_object_get(dst, key) == NULL) {
            if (json_object_set(dst, key, json_object_iter_value(iter)) != 0) {
                return DRS_ERROR;
            }
        }

        iter = json_object_iter_next((json_t *) src, iter);
    }

    return DRS_OK;
}


static int
drs_error_details(json_t *body, const drs_error_t *e)
{
    json_t *details;

    if (json_is_array(e->details)) {
        return json_object_set(body, "details", (json_t *) e->details) == 0
                   ? DRS_OK
                   : DRS_ERROR;
    }

    if (json_object_size(e->fields) == 0 && json_object_size(e->details) == 0) {
        return DRS_OK;
    }

    details = json_object();

    if (details == NULL || drs_error_merge(details, e->fields, 0) != DRS_OK
        || drs_error_merge(details, e->details, 0) != DRS_OK)
    {
        json_decref(details);
        return DRS_ERROR;
    }

    return json_object_set_new(body, "details", details) == 0 ? DRS_OK
                                                              : DRS_ERROR;
}


json_t *
drs_error_object(const drs_error_t *e)
{
    json_t              *body;
    drs_str_t            message;
    const drs_err_row_t *row;

    row = drs_err_row(e->err);
    message = e->message.len ? e->message : drs_str(row->message);

    body = json_object();
    if (body == NULL) {
        return NULL;
    }

    if (drs_json_set_str(body, "error", drs_str(drs_err_error(e->err)))
            != DRS_OK
        || drs_json_set_str(body, "code", drs_str(row->code)) != DRS_OK
        || drs_json_set_str(body, "message", message) != DRS_OK
        || drs_error_details(body, e) != DRS_OK)
    {
        goto failed;
    }

    if (row->retryable && drs_json_set_bool(body, "retryable", 1) != DRS_OK) {
        goto failed;
    }

    if (e->retry_after_s > 0
        && drs_json_set_int(body, "retryAfter", e->retry_after_s) != DRS_OK)
    {
        goto failed;
    }

    if (e->request_id.len
        && drs_json_set_str(body, "requestId", e->request_id) != DRS_OK)
    {
        goto failed;
    }

    if (drs_error_merge(body, e->fields, 1) != DRS_OK
        || drs_error_merge(body, e->top, 1) != DRS_OK)
    {
        goto failed;
    }

    return body;

failed:

    json_decref(body);

    return NULL;
}


int
drs_error_body(drs_buf_t *b, const drs_error_t *e)
{
    int     rc;
    json_t *body;

    body = drs_error_object(e);
    if (body == NULL) {
        return DRS_ERROR;
    }

    rc = drs_json_dump(b, body);

    json_decref(body);

    return rc;
}


/* The value as callers may see it: long strings cut at a character border */

static json_t *
drs_error_value(const json_t *value)
{
    size_t    n;
    drs_str_t s;

    s = drs_json_str(value);

    if (s.len <= DRS_ERROR_VALUE_MAX) {
        return json_incref((json_t *) value);
    }

    for (n = DRS_ERROR_VALUE_MAX; n > 0; n--) {
        if (((unsigned char) s.data[n] & 0xc0) != 0x80) {
            break;
        }
    }

    return drs_json_new_str(drs_strn(s.data, n));
}


json_t *
drs_error_parameter(drs_err_t err, const char *parameter, const json_t *value,
                    const char *expected, drs_str_t message,
                    drs_str_t request_id)
{
    json_t     *details, *body;
    drs_error_t e = { 0 };

    details = json_object();

    if (details == NULL
        || drs_json_set_str(details, "parameter", drs_str(parameter)) != DRS_OK)
    {
        json_decref(details);
        return NULL;
    }

    if (value != NULL && !json_is_object(value) && !json_is_array(value)
        && json_object_set_new(details, "value", drs_error_value(value)) != 0)
    {
        json_decref(details);
        return NULL;
    }

    if (expected != NULL
        && drs_json_set_str(details, "expected", drs_str(expected)) != DRS_OK)
    {
        json_decref(details);
        return NULL;
    }

    e.err = err;
    e.message = message;
    e.details = details;
    e.request_id = request_id;

    body = drs_error_object(&e);

    json_decref(details);

    return body;
}


static json_t *
drs_error_names(uint32_t mask, int n, const char *(*name)(int) )
{
    int     i;
    json_t *list;

    list = json_array();

    for (i = 0; list != NULL && i < n; i++) {
        if ((mask & (uint32_t) 1 << i)
            && json_array_append_new(list, json_string(name(i))) != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static const char *
drs_error_perm(int i)
{
    return drs_perm_name((drs_perm_t) i);
}


static const char *
drs_error_role(int i)
{
    return drs_role_name((drs_role_t) i);
}


json_t *
drs_error_forbidden(uint32_t required_perms, uint32_t roles,
                    drs_str_t request_id)
{
    json_t     *top, *perms, *body;
    drs_error_t e = { 0 };

    body = NULL;
    top = json_object();
    perms = drs_error_names(required_perms, DRS_PERM_N, drs_error_perm);

    if (top == NULL || perms == NULL) {
        goto done;
    }

    if (json_array_size(perms) == 1) {
        if (json_object_set(top, "required_permission",
                            json_array_get(perms, 0))
            != 0) {
            goto done;
        }

    } else if (json_array_size(perms) > 1) {
        if (json_object_set(top, "required_permissions", perms) != 0) {
            goto done;
        }
    }

    if (json_object_set_new(top, "user_roles",
                            drs_error_names(roles, DRS_ROLE_N, drs_error_role))
        != 0)
    {
        goto done;
    }

    e.err = DRS_ERR_FORBIDDEN;
    e.top = top;
    e.request_id = request_id;

    body = drs_error_object(&e);

done:

    json_decref(perms);
    json_decref(top);

    return body;
}
