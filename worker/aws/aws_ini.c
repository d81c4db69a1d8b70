
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "aws_ini.h"
#include "drs_buf.h"


static int
drsw_ini_add(drsw_ini_t ***tail, drs_str_t section, drs_str_t parent,
             drs_str_t key, drs_str_t value)
{
    char       *c;
    drs_buf_t   name;
    drsw_ini_t *e;

    e = calloc(1, sizeof(drsw_ini_t));
    if (e == NULL) {
        return -1;
    }

    drs_buf_init(&name, 0);
    if (parent.len > 0) {
        (void) drs_buf_str_append(&name, parent);
        (void) drs_buf_putc(&name, '.');
    }
    (void) drs_buf_str_append(&name, key);

    e->section = drs_str_dup(section);
    e->key = drs_buf_steal(&name, NULL);
    e->value = drs_str_dup(value);

    if (e->section == NULL || e->key == NULL || e->value == NULL) {
        drsw_ini_free(e);
        return -1;
    }

    for (c = e->key; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char) (*c | 0x20);
        }
    }

    **tail = e;
    *tail = &e->next;

    return 0;
}


static drs_str_t
drsw_ini_value(drs_str_t v)
{
    size_t i;

    for (i = 0; i < v.len; i++) {
        if ((v.data[i] == '#' || v.data[i] == ';')
            && (i == 0 || v.data[i - 1] == ' ' || v.data[i - 1] == '\t'))
        {
            v.len = i;
            break;
        }
    }

    return drs_str_trim(v);
}


drsw_ini_t *
drsw_ini_parse(const char *text)
{
    bool        indented;
    drs_str_t   rest, line, section, parent, key, value;
    const char *eq, *end;
    drsw_ini_t *ini, **tail;

    ini = NULL;
    tail = &ini;
    section = drs_str("");
    parent = drs_str("");
    rest = drs_str(text);

    while (drs_str_split(&rest, '\n', &line)) {
        indented =
            line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
        line = drs_str_trim(line);

        if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';') {
            continue;
        }

        if (line.data[0] == '[') {
            end = memchr(line.data, ']', line.len);
            section = end == NULL
                          ? drs_str("")
                          : drs_str_trim(drs_strn(
                              line.data + 1, (size_t) (end - line.data) - 1));
            parent = drs_str("");

            if (drsw_ini_add(&tail, section, parent, drs_str(""), drs_str(""))
                != 0) {
                goto failed;
            }

            continue;
        }

        eq = memchr(line.data, '=', line.len);
        if (eq == NULL) {
            continue;
        }

        key = drs_str_trim(drs_strn(line.data, (size_t) (eq - line.data)));
        value = drsw_ini_value(
            drs_strn(eq + 1, line.len - (size_t) (eq - line.data) - 1));

        if (!indented) {
            parent = drs_str("");

            if (value.len == 0) {
                parent = key;
                continue;
            }
        }

        if (drsw_ini_add(&tail, section, parent, key, value) != 0) {
            goto failed;
        }
    }

    return ini;

failed:

    drsw_ini_free(ini);

    return NULL;
}


void
drsw_ini_free(drsw_ini_t *ini)
{
    drsw_ini_t *next;

    while (ini != NULL) {
        next = ini->next;

        if (ini->value != NULL) {
            drs_memzero(ini->value, strlen(ini->value));
        }

        free(ini->section);
        free(ini->key);
        free(ini->value);
        free(ini);

        ini = next;
    }
}


const char *
drsw_ini_get(const drsw_ini_t *ini, const char *section, const char *key)
{
    const char *value;

    value = NULL;

    for (/* void */; ini != NULL; ini = ini->next) {
        if (strcmp(ini->section, section) == 0 && strcmp(ini->key, key) == 0) {
            value = ini->value;
        }
    }

    return value;
}


bool
drsw_ini_has(const drsw_ini_t *ini, const char *section)
{
    for (/* void */; ini != NULL; ini = ini->next) {
        if (strcmp(ini->section, section) == 0) {
            return true;
        }
    }

    return false;
}
