
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>

#include "drsctl.h"


json_t *
drsctl_body_tags(const drsctl_args_t *a, char *err, size_t size)
{
    size_t    i;
    json_t   *tags, *value;
    drs_str_t rest, key;

    tags = json_object();

    for (i = 0; i < a->value[DRSCTL_OPT_TAG].n; i++) {
        rest = drs_str(a->value[DRSCTL_OPT_TAG].v[i]);
        (void) drs_str_split(&rest, '=', &key);

        value = rest.data != NULL ? drs_json_new_str(rest) : NULL;

        if (key.len == 0 || value == NULL
            || json_object_setn_new(tags, key.data, key.len, value) != 0)
        {
            (void) snprintf(err, size, "--tag \"%.60s\" must be KEY=VALUE",
                            a->value[DRSCTL_OPT_TAG].v[i]);
            json_decref(tags);
            return NULL;
        }
    }

    return tags;
}


json_t *
drsctl_body_numbers(const char *text, const char *what, char *err, size_t size)
{
    json_t   *list;
    int64_t   n;
    drs_str_t rest, item;

    list = json_array();
    rest = drs_str(text);

    while (drs_str_split(&rest, ',', &item)) {
        if (drs_str_i64(drs_str_trim(item), &n) != DRS_OK || n < 0
            || json_array_append_new(list, json_integer(n)) != 0)
        {
            (void) snprintf(err, size,
                            "%s \"%.60s\" must be numbers "
                            "separated by commas",
                            what, text);
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


json_t *
drsctl_body_wave(const char *text, char *err, size_t size)
{
    int       ok;
    json_t   *wave, *groups;
    drs_str_t rest, name, item;

    rest = drs_str(text);
    name = drs_str("");
    ok = 1;

    if (strchr(text, '=') != NULL) {
        (void) drs_str_split(&rest, '=', &name);
        name = drs_str_trim(name);
        ok = name.len > 0;
    }

    wave = json_object();
    groups = json_array();

    if (name.len) {
        ok = ok && drs_json_set_str(wave, "waveName", name) == DRS_OK;
    }

    while (ok && drs_str_split(&rest, ',', &item)) {
        item = drs_str_trim(item);
        ok = item.len > 0
             && json_array_append_new(groups, drs_json_new_str(item)) == 0;
    }

    (void) json_object_set_new(wave, "groups", groups);

    if (!ok) {
        (void) snprintf(err, size,
                        "--wave \"%.60s\" must be "
                        "[NAME=]GROUP[,GROUP...]",
                        text);
        json_decref(wave);
        return NULL;
    }

    return wave;
}


void
drsctl_body_str(json_t *body, const char *member, const drsctl_args_t *a,
                drsctl_opt_t opt)
{
    const char *value;

    value = drsctl_opt(a, opt);

    if (value != NULL) {
        (void) drs_json_set_str(body, member, drs_str(value));
    }
}


void
drsctl_body_flag(json_t *body, const char *member, const drsctl_args_t *a,
                 drsctl_opt_t opt)
{
    if (drsctl_opt(a, opt) != NULL) {
        (void) drs_json_set_bool(body, member, 1);
    }
}


int
drsctl_body_int(json_t *body, const char *member, const drsctl_args_t *a,
                drsctl_opt_t opt, char *err, size_t size)
{
    int64_t     n;
    const char *value;

    value = drsctl_opt(a, opt);

    if (value == NULL) {
        return DRS_OK;
    }

    if (drs_str_i64(drs_str(value), &n) != DRS_OK) {
        (void) snprintf(err, size, "--%s must be a whole number",
                        drsctl_options[opt].name);
        return DRS_DECLINED;
    }

    return drs_json_set_int(body, member, n);
}
