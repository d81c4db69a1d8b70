
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "drs_id.h"
#include "drsw_config.h"
#include "drsw_config_table.h"
#include "drsw_log.h"


#define DRSW_CONFIG_MAX_ISSUERS 16
#define DRSW_CONFIG_MAX_SECRET  4096


typedef enum {
    DRSW_OPT_STR = 0,
    DRSW_OPT_SECRET,
    DRSW_OPT_INT,
    DRSW_OPT_BOOL,
    DRSW_OPT_ENUM,
    DRSW_OPT_REAL_MS,
    DRSW_OPT_MS,
    DRSW_OPT_MS3
} drsw_opt_e;

typedef struct {
    drsw_opt_e         type;
    const char        *name;
    size_t             offset;
    const char        *dflt;
    int64_t            min;
    int64_t            max;
    int64_t            floor_ms;
    const char *const *names; /* ENUM */
    const char        *text;
} drsw_opt_t;

typedef struct {
    drsw_config_t *conf;
    unsigned char *seen;
    char          *err;
    size_t         errlen;
} drsw_config_parser_t;


static const char *const drsw_config_enum_log_level[] = { "error",  "warn",
                                                          "notice", "info",
                                                          "debug",  NULL };

static const char *const drsw_config_enum_limits[] = { "queue", "strict",
                                                       NULL };

static const char *const drsw_config_enum_launch_settle[] = { "quiet", "strict",
                                                              NULL };

static const char *const drsw_config_enum_launch_ambiguity[] = { "adopt",
                                                                 "hold", NULL };

static const char *const drsw_config_enum_callback_require_login[] = {
    "recovery", "always", "never", NULL
};

static const char *const drsw_config_enum_issuer_algorithm[] = { "ES256",
                                                                 "RS256",
                                                                 NULL };


#define drsw_opt_field_STR(n)     offsetof(drsw_config_t, n)
#define drsw_opt_field_SECRET(n)  offsetof(drsw_config_t, n)
#define drsw_opt_field_INT(n)     offsetof(drsw_config_t, n)
#define drsw_opt_field_BOOL(n)    offsetof(drsw_config_t, n)
#define drsw_opt_field_ENUM(n)    offsetof(drsw_config_t, n)
#define drsw_opt_field_REAL_MS(n) offsetof(drsw_config_t, n##_ms)
#define drsw_opt_field_MS(n)      offsetof(drsw_config_t, n##_ms)
#define drsw_opt_field_MS3(n)     offsetof(drsw_config_t, n##_ms)

#define drsw_opt_names_STR(n)     NULL
#define drsw_opt_names_SECRET(n)  NULL
#define drsw_opt_names_INT(n)     NULL
#define drsw_opt_names_BOOL(n)    NULL
#define drsw_opt_names_ENUM(n)    drsw_config_enum_##n
#define drsw_opt_names_REAL_MS(n) NULL
#define drsw_opt_names_MS(n)      NULL
#define drsw_opt_names_MS3(n)     NULL

#define drsw_opt_row(type, name, dflt, min, max, floor, text)                  \
    { DRSW_OPT_##type,                                                         \
      #name,                                                                   \
      drsw_opt_field_##type(name),                                             \
      dflt,                                                                    \
      min,                                                                     \
      max,                                                                     \
      floor,                                                                   \
      drsw_opt_names_##type(name),                                             \
      text },

static const drsw_opt_t drsw_opts[] = { DRSW_CONFIG_TABLE(drsw_opt_row) };

#define DRSW_NOPTS (sizeof(drsw_opts) / sizeof(drsw_opts[0]))

static const char *const drsw_opt_types[] = {
    "text",   "secret", "number",        "on|off",
    "choice", "time",   "time (scaled)", "three times (scaled)"
};


static int  drsw_config_set(drsw_config_t *conf, const drsw_opt_t *opt,
                            const char *value, char *err, size_t errlen);
static int  drsw_config_set_ms(const drsw_opt_t *opt, drs_str_t value,
                               int64_t *out, char *err, size_t errlen);
static int  drsw_config_handler(void *data, const char *section,
                                const char *name, const char *value);
static int  drsw_config_issuer(drsw_config_parser_t *p, const char *section,
                               const char *name, const char *value);
static int  drsw_config_env(drsw_config_t *conf, char *err, size_t errlen);
static int  drsw_config_secret_file(const char *path, char *buf, size_t size);
static void drsw_config_scale(drsw_config_t *conf);
static int  drsw_config_check(drsw_config_t *conf, char *err, size_t errlen);


static const drsw_opt_t *
drsw_config_find(const char *name)
{
    size_t i;

    for (i = 0; i < DRSW_NOPTS; i++) {
        if (strcmp(drsw_opts[i].name, name) == 0) {
            return &drsw_opts[i];
        }
    }

    return NULL;
}


int
drsw_config_duration(drs_str_t s, int64_t *ms)
{
    size_t    i, digits;
    int64_t   n, unit;
    drs_str_t suffix;

    static const struct {
        const char *name;
        int64_t     ms;
    } units[] = { { "", 1000 },   { "ms", 1 },      { "s", 1000 },
                  { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

    for (digits = 0; digits < s.len && isdigit((unsigned char) s.data[digits]);
         digits++)
    {
        /* void */
    }

    if (digits == 0 || drs_str_i64(drs_strn(s.data, digits), &n) != DRS_OK) {
        return DRS_DECLINED;
    }

    suffix = drs_strn(s.data + digits, s.len - digits);

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (drs_str_eqz(suffix, units[i].name)) {
            unit = units[i].ms;

            if (n > INT64_MAX / 1000 / unit) {
                return DRS_DECLINED;
            }

            *ms = n * unit;
            return DRS_OK;
        }
    }

    return DRS_DECLINED;
}


static int64_t *
drsw_config_int(drsw_config_t *conf, const drsw_opt_t *opt)
{
    return (int64_t *) (void *) ((char *) conf + opt->offset);
}


static char **
drsw_config_text(drsw_config_t *conf, const drsw_opt_t *opt)
{
    return (char **) (void *) ((char *) conf + opt->offset);
}


static int
drsw_config_set_str(char **dst, const char *value)
{
    char *copy;

    copy = strdup(value);
    if (copy == NULL) {
        return DRS_ERROR;
    }

    free(*dst);
    *dst = copy;

    return DRS_OK;
}


static int
drsw_config_set_choice(const drsw_opt_t *opt, const char *value, int64_t *out,
                       char *err, size_t errlen)
{
    static const char *const onoff[] = { "off", "on", NULL };

    size_t             i;
    drs_buf_t          b;
    const char *const *names;

    names = (opt->type == DRSW_OPT_BOOL) ? onoff : opt->names;

    for (i = 0; names[i] != NULL; i++) {
        if (strcmp(value, names[i]) == 0) {
            *out = (int64_t) i;
            return DRS_OK;
        }
    }

    drs_buf_init(&b, 0);

    for (i = 0; names[i] != NULL; i++) {
        (void) drs_buf_printf(&b, "%s%s", i == 0 ? "" : ", ", names[i]);
    }

    (void) snprintf(err, errlen, "option \"%s\": \"%.60s\" is none of %s",
                    opt->name, value, b.data != NULL ? b.data : "");
    drs_buf_free(&b);

    return DRS_DECLINED;
}


static int
drsw_config_set(drsw_config_t *conf, const drsw_opt_t *opt, const char *value,
                char *err, size_t errlen)
{
    int       i;
    int64_t   n;
    drs_str_t rest, item;

    switch (opt->type) {
    case DRSW_OPT_STR:
    case DRSW_OPT_SECRET:
        return drsw_config_set_str(drsw_config_text(conf, opt), value);

    case DRSW_OPT_BOOL:
    case DRSW_OPT_ENUM:
        return drsw_config_set_choice(opt, value, drsw_config_int(conf, opt),
                                      err, errlen);

    case DRSW_OPT_INT:
        if (drs_str_i64(drs_str(value), &n) != DRS_OK || n < opt->min
            || n > opt->max) {
            (void) snprintf(err, errlen,
                            "option \"%s\": \"%.60s\" is no "
                            "whole number from %lld to %lld",
                            opt->name, value, (long long) opt->min,
                            (long long) opt->max);
            return DRS_DECLINED;
        }

        *drsw_config_int(conf, opt) = n;
        return DRS_OK;

    case DRSW_OPT_MS3:
        rest = drs_str_trim(drs_str(value));

        for (i = 0; i < 3; i++) {
            if (!drs_str_split(&rest, ' ', &item)) {
                item = drs_strn("", 0);
            }

            if (drsw_config_set_ms(opt, item, drsw_config_int(conf, opt) + i,
                                   err, errlen)
                != DRS_OK)
            {
                return DRS_DECLINED;
            }

            rest = drs_str_trim(rest);
        }

        if (rest.len != 0) {
            (void) snprintf(err, errlen,
                            "option \"%s\": more than three "
                            "times",
                            opt->name);
            return DRS_DECLINED;
        }

        return DRS_OK;

    default:
        return drsw_config_set_ms(opt, drs_str(value),
                                  drsw_config_int(conf, opt), err, errlen);
    }
}


static int
drsw_config_set_ms(const drsw_opt_t *opt, drs_str_t value, int64_t *out,
                   char *err, size_t errlen)
{
    int64_t ms;

    if (drsw_config_duration(value, &ms) != DRS_OK) {
        (void) snprintf(err, errlen,
                        "option \"%s\": \"%.*s\" is no time "
                        "(500ms, 30s, 10m, 6h, 365d)",
                        opt->name, (int) (value.len > 60 ? 60 : value.len),
                        value.data);
        return DRS_DECLINED;
    }

    if (ms < opt->min * 1000 || ms > opt->max * 1000) {
        (void) snprintf(err, errlen,
                        "option \"%s\": not within %lld and %lld "
                        "seconds",
                        opt->name, (long long) opt->min, (long long) opt->max);
        return DRS_DECLINED;
    }

    *out = ms;

    return DRS_OK;
}


int
drsw_config_load(drsw_config_t **out, const char *file, char *err,
                 size_t errlen)
{
    int                  rc;
    size_t               i;
    unsigned char        seen[DRSW_NOPTS];
    drsw_config_t       *conf;
    drsw_config_parser_t p;

    *out = NULL;
    err[0] = '\0';

    conf = calloc(1, sizeof(*conf));
    if (conf == NULL) {
        return DRS_ERROR;
    }

    for (i = 0; i < DRSW_NOPTS; i++) {
        if (drsw_config_set(conf, &drsw_opts[i], drsw_opts[i].dflt, err, errlen)
            != DRS_OK)
        {
            goto failed;
        }
    }

    if (file != NULL) {
        memset(seen, 0, sizeof(seen));
        p.conf = conf;
        p.seen = seen;
        p.err = err;
        p.errlen = errlen;

        rc = ini_parse(file, drsw_config_handler, &p);

        if (rc < 0) {
            (void) snprintf(err, errlen, "cannot read \"%s\": %s", file,
                            strerror(errno));
            goto failed;
        }

        if (rc > 0) {
            char text[512];

            (void) snprintf(
                text, sizeof(text), "%s",
                err[0] != '\0' ? err : "not of the form \"option = value\"");
            (void) snprintf(err, errlen, "%s:%d: %s", file, rc, text);
            goto failed;
        }
    }

    if (drsw_config_env(conf, err, errlen) != DRS_OK) {
        goto failed;
    }

    drsw_config_scale(conf);

    if (drsw_config_check(conf, err, errlen) != DRS_OK) {
        goto failed;
    }

    *out = conf;

    return DRS_OK;

failed:

    if (err[0] == '\0') {
        (void) snprintf(err, errlen, "out of memory");
    }

    drsw_config_free(conf);

    return DRS_DECLINED;
}


/* inih: 1 good, 0 error.  The first error wins, inih keeps its line. */

static int
drsw_config_handler(void *data, const char *section, const char *name,
                    const char *value)
{
    char                  scratch[512];
    size_t                n;
    drsw_config_parser_t *p;
    const drsw_opt_t     *opt;

    p = data;

    if (p->err[0] != '\0') {
        return 1;
    }

    if (strncmp(section, "issuer ", 7) == 0) {
        return drsw_config_issuer(p, section + 7, name, value) == DRS_OK;
    }

    if (section[0] != '\0') {
        (void) snprintf(p->err, p->errlen, "unknown section \"[%.60s]\"",
                        section);
        return 0;
    }

    opt = drsw_config_find(name);
    if (opt == NULL) {
        (void) snprintf(p->err, p->errlen, "unknown option \"%.60s\"", name);
        return 0;
    }

    n = (size_t) (opt - drsw_opts);

    if (p->seen[n]) {
        (void) snprintf(p->err, p->errlen, "option \"%s\" is given twice",
                        name);
        return 0;
    }

    p->seen[n] = 1;
    scratch[0] = '\0';

    if (drsw_config_set(p->conf, opt, value, scratch, sizeof(scratch))
        != DRS_OK) {
        (void) snprintf(p->err, p->errlen, "%s",
                        scratch[0] != '\0' ? scratch : "out of memory");
        return 0;
    }

    return 1;
}


static int
drsw_config_issuer(drsw_config_parser_t *p, const char *section,
                   const char *name, const char *value)
{
    char                **dst;
    size_t                i;
    drsw_config_t        *conf;
    drsw_config_issuer_t *is, *grown;

    conf = p->conf;

    for (i = 0; i < conf->n_issuers; i++) {
        if (strcmp(conf->issuers[i].name, section) == 0) {
            break;
        }
    }

    if (i == conf->n_issuers) {
        if (i == DRSW_CONFIG_MAX_ISSUERS) {
            (void) snprintf(p->err, p->errlen, "more than %d issuers",
                            DRSW_CONFIG_MAX_ISSUERS);
            return DRS_DECLINED;
        }

        grown = realloc(conf->issuers, (i + 1) * sizeof(*grown));
        if (grown == NULL) {
            return DRS_ERROR;
        }

        conf->issuers = grown;
        memset(&grown[i], 0, sizeof(*grown));
        conf->n_issuers++;

        if (drsw_config_set_str(&grown[i].name, section) != DRS_OK
            || drsw_config_set_str(&grown[i].issuer, "") != DRS_OK
            || drsw_config_set_str(&grown[i].jwks_url, "") != DRS_OK
            || drsw_config_set_str(&grown[i].ca_file, "") != DRS_OK)
        {
            return DRS_ERROR;
        }
    }

    is = &conf->issuers[i];

    if (strcmp(name, "issuer") == 0) {
        dst = &is->issuer;

    } else if (strcmp(name, "jwks_url") == 0) {
        dst = &is->jwks_url;

    } else if (strcmp(name, "ca_file") == 0) {
        dst = &is->ca_file;

    } else {
        (void) snprintf(p->err, p->errlen,
                        "unknown option \"%.60s\" of an "
                        "issuer (issuer, jwks_url, ca_file)",
                        name);
        return DRS_DECLINED;
    }

    return drsw_config_set_str(dst, value);
}


static int
drsw_config_env(drsw_config_t *conf, char *err, size_t errlen)
{
    int               rc;
    char              name[80], secret[DRSW_CONFIG_MAX_SECRET], text[512];
    size_t            i, k;
    const char       *value;
    const drsw_opt_t *opt;

    for (i = 0; i < DRSW_NOPTS; i++) {
        opt = &drsw_opts[i];

        (void) snprintf(name, sizeof(name), "DRS_%s", opt->name);
        for (k = 0; name[k] != '\0'; k++) {
            name[k] = (char) toupper((unsigned char) name[k]);
        }

        value = getenv(name);

        if (value == NULL || value[0] == '\0') {
            (void) strcat(name, "_FILE");
            value = getenv(name);

            if (value == NULL || value[0] == '\0') {
                continue;
            }

            if (drsw_config_secret_file(value, secret, sizeof(secret))
                != DRS_OK) {
                (void) snprintf(err, errlen,
                                "environment %s: cannot read "
                                "\"%s\": %s",
                                name, value, strerror(errno));
                return DRS_DECLINED;
            }

            value = secret;
        }

        text[0] = '\0';
        rc = drsw_config_set(conf, opt, value, text, sizeof(text));
        drs_memzero(secret, sizeof(secret));

        if (rc != DRS_OK) {
            (void) snprintf(err, errlen, "environment %s: %s", name, text);
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


/* First line of a file, without its end. */

static int
drsw_config_secret_file(const char *path, char *buf, size_t size)
{
    int     fd;
    ssize_t n;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        return DRS_ERROR;
    }

    n = read(fd, buf, size - 1);
    (void) close(fd);

    if (n < 0) {
        return DRS_ERROR;
    }

    buf[n] = '\0';
    buf[strcspn(buf, "\r\n")] = '\0';

    return DRS_OK;
}


static void
drsw_config_scale(drsw_config_t *conf)
{
    int               k, n;
    size_t            i;
    int64_t           v, low, *p;
    const drsw_opt_t *opt;

    for (i = 0; i < DRSW_NOPTS; i++) {
        opt = &drsw_opts[i];

        if (opt->type != DRSW_OPT_MS && opt->type != DRSW_OPT_MS3) {
            continue;
        }

        p = drsw_config_int(conf, opt);
        n = (opt->type == DRSW_OPT_MS3) ? 3 : 1;

        for (k = 0; k < n; k++) {
            low = p[k] < opt->floor_ms ? p[k] : opt->floor_ms;
            v = p[k] / conf->time_scale;
            p[k] = v > low ? v : low;
        }
    }

    if (conf->quiet_window_ms == 0) {
        conf->quiet_window_ms = conf->launch_request_timeout_ms
                                + conf->listing_lag_ms + conf->window_margin_ms;
    }

    if (conf->hard_window_ms == 0) {
        conf->hard_window_ms = conf->signature_validity_ms
                               + conf->listing_lag_ms + conf->window_margin_ms;
    }
}


static int
drsw_config_check(drsw_config_t *conf, char *err, size_t errlen)
{
    size_t                i, len;
    const char           *what;
    drsw_config_issuer_t *is;

    what = NULL;
    len = strlen(conf->prefix);

    if (conf->renew_ms * 2 > conf->lease_ms) {
        what = "renew must be at most half of lease";

    } else if (conf->launch_request_timeout_ms > conf->aws_call_timeout_ms) {
        what = "launch_request_timeout must not be above aws_call_timeout";

    } else if (conf->quiet_window_ms
               < conf->launch_request_timeout_ms + conf->listing_lag_ms)
    {
        what = "quiet_window must be at least launch_request_timeout plus "
               "listing_lag";

    } else if (conf->hard_window_ms < conf->quiet_window_ms) {
        what = "hard_window must not be below quiet_window";

    } else if (conf->heartbeat_ms * 2 > conf->heartbeat_ttl_ms) {
        what = "heartbeat_ttl must be at least twice heartbeat";

    } else if (conf->max_jobs_reserve >= conf->max_jobs) {
        what = "max_jobs_reserve must be below max_jobs";

    } else if (len < 3 || len > 64 || conf->prefix[0] != '{'
               || conf->prefix[len - 1] != '}'
               || strcspn(conf->prefix, " \t\r\n:") != len)
    {
        what = "prefix must be one hash tag like {drs}, without a colon";

    } else if (!drs_id_is_region(drs_str(conf->region))) {
        what = "region is no name of an AWS Region";

    } else if (conf->hub_account[0] != '\0'
               && !drs_id_is_account(drs_str(conf->hub_account)))
    {
        what = "hub_account must have 12 digits";

    } else if (conf->external_id[0] != '\0'
               && !drs_id_is_external_id(drs_str(conf->external_id)))
    {
        what = "external_id has characters that AWS refuses";

    } else if (conf->redis[0] == '\0' && conf->redis_sentinels[0] == '\0') {
        what = "redis or redis_sentinels must be set";
    }

    for (i = 0; what == NULL && i < conf->n_issuers; i++) {
        is = &conf->issuers[i];

        if (is->issuer[0] == '\0') {
            what = "every [issuer NAME] needs issuer";

        } else if (strncmp(is->jwks_url, "https://", 8) != 0) {
            what = "every [issuer NAME] needs a jwks_url with https";
        }
    }

    if (what != NULL) {
        (void) snprintf(err, errlen, "%s", what);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


void
drsw_config_free(drsw_config_t *conf)
{
    char **text;
    size_t i;

    if (conf == NULL) {
        return;
    }

    for (i = 0; i < DRSW_NOPTS; i++) {
        if (drsw_opts[i].type == DRSW_OPT_STR
            || drsw_opts[i].type == DRSW_OPT_SECRET) {
            text = drsw_config_text(conf, &drsw_opts[i]);

            if (*text != NULL && drsw_opts[i].type == DRSW_OPT_SECRET) {
                drs_memzero(*text, strlen(*text));
            }

            free(*text);
        }
    }

    for (i = 0; i < conf->n_issuers; i++) {
        free(conf->issuers[i].name);
        free(conf->issuers[i].issuer);
        free(conf->issuers[i].jwks_url);
        free(conf->issuers[i].ca_file);
    }

    free(conf->issuers);
    free(conf);
}


int
drsw_config_describe(drs_buf_t *b)
{
    size_t            i;
    const drsw_opt_t *opt;

    for (i = 0; i < DRSW_NOPTS; i++) {
        opt = &drsw_opts[i];

        (void) drs_buf_printf(b, "%s\t%s\t%s\t%s\n", opt->name, opt->dflt,
                              drsw_opt_types[opt->type], opt->text);
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}
