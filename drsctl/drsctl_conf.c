
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsctl_conf.h"


#define DRSCTL_CONF_MAX 65536


typedef enum {
    DRSCTL_CONF_URL = 0,
    DRSCTL_CONF_CA,
    DRSCTL_CONF_TOKEN_FILE,
    DRSCTL_CONF_OUTPUT,
    DRSCTL_CONF_TIMEOUT
} drsctl_conf_name_t;


static int
drsctl_conf_set(drsctl_conf_t *conf, drsctl_conf_name_t name, drs_str_t value,
                unsigned *set, char *err, size_t size);
static int drsctl_conf_lines(drsctl_conf_t *conf, drs_str_t text, unsigned *set,
                             char *err, size_t size);
static int drsctl_conf_file(drsctl_conf_t *conf, const char *name, int required,
                            unsigned *set, char *err, size_t size);


static const char *const drsctl_conf_names[] = {
    [DRSCTL_CONF_URL] = "url",
    [DRSCTL_CONF_CA] = "ca",
    [DRSCTL_CONF_TOKEN_FILE] = "token_file",
    [DRSCTL_CONF_OUTPUT] = "output",
    [DRSCTL_CONF_TIMEOUT] = "timeout"
};

#define DRSCTL_N_CONF (sizeof(drsctl_conf_names) / sizeof(drsctl_conf_names[0]))


/* `set` has a bit for every setting that a better source has decided. */

static int
drsctl_conf_set(drsctl_conf_t *conf, drsctl_conf_name_t name, drs_str_t value,
                unsigned *set, char *err, size_t size)
{
    char   **text;
    uint64_t n;

    if (value.len == 0) {
        (void) snprintf(err, size, "%s has no value", drsctl_conf_names[name]);
        return DRS_DECLINED;
    }

    if (*set & (1u << name)) {
        return DRS_OK;
    }

    *set |= 1u << name;

    if (name == DRSCTL_CONF_OUTPUT) {
        conf->json = drs_str_eqz(value, "json");

        if (!conf->json && !drs_str_eqz(value, "table")) {
            (void) snprintf(err, size, "output must be table or json");
            return DRS_DECLINED;
        }

        return DRS_OK;
    }

    if (name == DRSCTL_CONF_TIMEOUT) {
        if (drs_str_u64(value, &n) != DRS_OK || n < 1
            || n > DRSCTL_TIMEOUT_MAX_S) {
            (void) snprintf(err, size,
                            "timeout must be a number of seconds, "
                            "1 to %d",
                            DRSCTL_TIMEOUT_MAX_S);
            return DRS_DECLINED;
        }

        conf->timeout_s = (int64_t) n;

        return DRS_OK;
    }

    if (name == DRSCTL_CONF_URL) {
        while (value.len && value.data[value.len - 1] == '/') {
            value.len--;
        }
    }

    text = name == DRSCTL_CONF_URL  ? &conf->url
           : name == DRSCTL_CONF_CA ? &conf->ca
                                    : &conf->token_file;
    free(*text);
    *text = drs_str_dup(value);

    if (*text == NULL) {
        (void) snprintf(err, size, "no memory");
        return DRS_DECLINED;
    }

    return DRS_OK;
}


static int
drsctl_conf_lines(drsctl_conf_t *conf, drs_str_t text, unsigned *set, char *err,
                  size_t size)
{
    char      why[160];
    size_t    i, line;
    drs_str_t row, key;

    for (line = 1; drs_str_split(&text, '\n', &row); line++) {
        row = drs_str_trim(row);

        if (row.len == 0 || row.data[0] == '#') {
            continue;
        }

        (void) drs_str_split(&row, '=', &key);
        key = drs_str_trim(key);

        for (i = 0; i < DRSCTL_N_CONF; i++) {
            if (drs_str_eqz(key, drsctl_conf_names[i])) {
                break;
            }
        }

        if (i == DRSCTL_N_CONF || row.data == NULL) {
            (void) snprintf(err, size, "line %zu: %s", line,
                            row.data == NULL ? "\"name = value\" expected"
                                             : "unknown setting");
            return DRS_DECLINED;
        }

        if (drsctl_conf_set(conf, (drsctl_conf_name_t) i, drs_str_trim(row),
                            set, why, sizeof(why))
            != DRS_OK)
        {
            (void) snprintf(err, size, "line %zu: %s", line, why);
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


int
drsctl_conf_text(drsctl_conf_t *conf, drs_str_t text, char *err, size_t size)
{
    unsigned set;

    set = (conf->url != NULL ? 1u << DRSCTL_CONF_URL : 0)
          | (conf->ca != NULL ? 1u << DRSCTL_CONF_CA : 0)
          | (conf->token_file != NULL ? 1u << DRSCTL_CONF_TOKEN_FILE : 0)
          | (conf->json ? 1u << DRSCTL_CONF_OUTPUT : 0)
          | (conf->timeout_s ? 1u << DRSCTL_CONF_TIMEOUT : 0);

    return drsctl_conf_lines(conf, text, &set, err, size);
}


/* A file that is missing is an error only if it was asked for. */

static int
drsctl_conf_file(drsctl_conf_t *conf, const char *name, int required,
                 unsigned *set, char *err, size_t size)
{
    int       rc;
    char      why[240];
    char      text[4096];
    FILE     *f;
    size_t    n;
    drs_buf_t b;

    f = fopen(name, "re");

    if (f == NULL) {
        if (errno == ENOENT && !required) {
            return DRS_OK;
        }
        (void) snprintf(err, size, "%.300s: %s", name, strerror(errno));
        return DRS_DECLINED;
    }

    drs_buf_init(&b, DRSCTL_CONF_MAX);

    while ((n = fread(text, 1, sizeof(text), f)) > 0) {
        (void) drs_buf_append(&b, text, n);
    }

    rc = ferror(f) || !drs_buf_ok(&b) ? DRS_DECLINED : DRS_OK;
    (void) fclose(f);

    if (rc != DRS_OK) {
        (void) snprintf(err, size, "%.300s: cannot be read", name);

    } else if (drsctl_conf_lines(conf, drs_buf_str(&b), set, why, sizeof(why))
               != DRS_OK)
    {
        (void) snprintf(err, size, "%.300s: %s", name, why);
        rc = DRS_DECLINED;
    }

    drs_buf_free(&b);

    return rc;
}


/* $XDG_CONFIG_HOME/drsctl or ~/.config/drsctl; NULL without a home. */

static char *
drsctl_conf_dir(char *(*env)(const char *name))
{
    drs_buf_t   b;
    const char *base;

    drs_buf_init(&b, 4096);
    base = env("XDG_CONFIG_HOME");

    if (base != NULL && base[0] == '/') {
        (void) drs_buf_printf(&b, "%s/drsctl", base);

    } else {
        base = env("HOME");
        if (base == NULL || base[0] != '/') {
            return NULL;
        }
        (void) drs_buf_printf(&b, "%s/.config/drsctl", base);
    }

    return drs_buf_steal(&b, NULL);
}


int
drsctl_conf_load(drsctl_conf_t *conf, const drsctl_args_t *a,
                 char *(*env)(const char *name), char *err, size_t size)
{
    int         rc;
    char        name[4200];
    size_t      i;
    unsigned    set;
    const char *value, *file;

    static const struct {
        drsctl_conf_name_t name;
        drsctl_opt_t       opt;
        const char        *env;
    } sources[] = { { DRSCTL_CONF_URL, DRSCTL_OPT_URL, "DRS_URL" },
                    { DRSCTL_CONF_CA, DRSCTL_OPT_CA, "DRS_CA" },
                    { DRSCTL_CONF_TOKEN_FILE, DRSCTL_OPT_TOKEN_FILE, NULL },
                    { DRSCTL_CONF_OUTPUT, DRSCTL_OPT_OUTPUT, NULL },
                    { DRSCTL_CONF_TIMEOUT, DRSCTL_OPT_TIMEOUT, NULL } };

    memset(conf, 0, sizeof(*conf));
    set = 0;
    conf->quiet = drsctl_opt(a, DRSCTL_OPT_QUIET) != NULL;
    conf->dir = drsctl_conf_dir(env);

    for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        value = drsctl_opt(a, sources[i].opt);

        if (value == NULL && sources[i].env != NULL) {
            value = env(sources[i].env);
            value = value != NULL && *value ? value : NULL;
        }

        if (value != NULL
            && drsctl_conf_set(conf, sources[i].name, drs_str(value), &set, err,
                               size)
                   != DRS_OK)
        {
            return DRS_DECLINED;
        }
    }

    file = drsctl_opt(a, DRSCTL_OPT_CONFIG);

    if (file != NULL) {
        return drsctl_conf_file(conf, file, 1, &set, err, size);
    }

    if (conf->dir == NULL) {
        return DRS_OK;
    }

    (void) snprintf(name, sizeof(name), "%s/config", conf->dir);
    rc = drsctl_conf_file(conf, name, 0, &set, err, size);

    return rc;
}


void
drsctl_conf_free(drsctl_conf_t *conf)
{
    free(conf->url);
    free(conf->ca);
    free(conf->token_file);
    free(conf->dir);
    memset(conf, 0, sizeof(*conf));
}
