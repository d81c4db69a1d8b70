/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_cursor.h"
#include "drs_jtext.h"
#include "drs_list_page.h"


#define DRS_LIST_KEY_MAX 500 /* longer ones do not fit into a token */


typedef struct {
    drs_str_t array; /* all elements */
    size_t    total, begin, end;
    drs_str_t last; /* key of the last element of the page */
} drs_list_cut_t;


/* What tells an element from others: a member, or a text itself. */
static drs_str_t
drs_list_key(const drs_list_page_t *spec, drs_str_t element)
{
    drs_str_t key, none = drs_null_string;

    key = element.len > 0 && element.data[0] == '{'
              ? drs_jread_field(element, spec->key)
              : element;

    return key.len <= DRS_LIST_KEY_MAX ? key : none;
}


/* "<number>:<key>"; DRS_DECLINED: it is none. */
static int
drs_list_position(drs_str_t pos, size_t *number, drs_str_t *key)
{
    size_t i, n;

    n = 0;

    for (i = 0; i < pos.len && i < 9; i++) {
        if (pos.data[i] < '0' || pos.data[i] > '9') {
            break;
        }
        n = n * 10 + (size_t) (pos.data[i] - '0');
    }

    if (i == 0 || i == pos.len || pos.data[i] != ':') {
        return DRS_DECLINED;
    }

    *number = n;
    *key = drs_strn(pos.data + i + 1, pos.len - i - 1);

    return DRS_OK;
}


/* Number of elements and where the page begins. */
static int
drs_list_begin(drs_list_cut_t *c, const drs_list_page_t *spec, drs_str_t pos)
{
    int         rc;
    size_t      number;
    drs_str_t   name, value, key;
    drs_jread_t r;

    if (drs_jread_open(&r, c->array) != DRS_OK || r.close != ']') {
        return DRS_DECLINED;
    }

    number = 0;
    key = drs_strn(NULL, 0);

    if (pos.len > 0 && drs_list_position(pos, &number, &key) != DRS_OK) {
        return DRS_DECLINED;
    }

    c->begin = number;

    while ((rc = drs_jread_next(&r, &name, &value)) == 1) {
        c->total++;

        if (key.len > 0 && drs_str_eq(drs_list_key(spec, value), key)) {
            c->begin = c->total;

            /* of several with the same key the one that was meant */
            if (c->total == number) {
                key.len = 0;
            }
        }
    }

    if (c->begin > c->total) {
        c->begin = c->total;
    }

    return rc == 0 ? DRS_OK : DRS_DECLINED;
}


static void
drs_list_elements(drs_buf_t *out, drs_list_cut_t *c,
                  const drs_list_page_t *spec)
{
    size_t      i;
    drs_str_t   name, value;
    drs_jread_t r;

    (void) drs_buf_puts(out, "[");

    if (drs_jread_open(&r, c->array) != DRS_OK) {
        return;
    }

    for (i = 0; i < c->end && drs_jread_next(&r, &name, &value) == 1; i++) {
        if (i < c->begin) {
            continue;
        }

        (void) drs_buf_puts(out, i > c->begin ? "," : "");
        (void) drs_buf_str_append(out, value);
        c->last = drs_list_key(spec, value);
    }

    (void) drs_buf_puts(out, "]");
}


/* The members of the answer, with those of the page in place of the old. */
static void
drs_list_members(drs_buf_t *out, drs_list_cut_t *c, drs_str_t body,
                 const drs_list_page_t *spec)
{
    unsigned    first, count, total;
    drs_str_t   name, value;
    drs_jread_t r;

    first = 1;
    count = 0;
    total = 0;

    if (drs_jread_open(&r, body) != DRS_OK) {
        return;
    }

    drs_jw_open(out, NULL, '{');

    while (drs_jread_next(&r, &name, &value) == 1) {
        if (drs_str_eqz(name, "nextToken")) {
            continue;
        }

        drs_buf_printf(out, "%s\"%.*s\":", first ? "" : ",", (int) name.len,
                       name.data);
        first = 0;

        if (drs_str_eqz(name, spec->items)) {
            drs_list_elements(out, c, spec);

        } else if (drs_str_eqz(name, "count")) {
            count = 1;
            drs_buf_printf(out, "%zu", c->end - c->begin);

        } else {
            total |= drs_str_eqz(name, "totalCount") != 0;
            (void) drs_buf_str_append(out, value);
        }
    }

    if (count && !total) {
        drs_jw_int(out, "totalCount", (int64_t) c->total);
    }
}


int
drs_list_page(drs_buf_t *out, drs_buf_t *next, drs_str_t body,
              const drs_list_page_t *spec, const char *list, size_t limit,
              drs_str_t pos)
{
    json_t        *token;
    unsigned       bare;
    drs_list_cut_t c;

    memset(&c, 0, sizeof(c));
    bare = spec->items[0] == '\0';
    c.array = bare ? body : drs_jread_field(body, spec->items);

    if (drs_list_begin(&c, spec, pos) != DRS_OK) {
        return DRS_DECLINED;
    }

    c.end = limit < c.total - c.begin ? c.begin + limit : c.total;

    if (bare) {
        drs_list_elements(out, &c, spec);

    } else {
        drs_list_members(out, &c, body, spec);
    }

    if (c.end < c.total) {
        drs_buf_printf(next, "%zu:%.*s", c.end, (int) c.last.len, c.last.data);
    }

    if (!bare) {
        token = drs_cursor_json(list, drs_buf_str(next));
        drs_jw_json(out, "nextToken", token);
        json_decref(token);
        drs_jw_close(out, '}');
    }

    return drs_buf_ok(out) && drs_buf_ok(next) ? DRS_OK : DRS_ERROR;
}
