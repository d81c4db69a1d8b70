
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Life of the client: configuration, hooks, waiting, small helpers.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>
#include <libxml/parser.h>
#include <openssl/rand.h>

#include "aws_endpoint.h"
#include "aws_int.h"


#define DRSW_CONNECT_TIMEOUT_MS 5000
#define DRSW_SESSION_S          3600


static const char *drsw_class_names[] = {
    "ok",        "throttle",      "transient",       "ambiguous", "credentials",
    "clock",     "denied",        "conflict",        "quota",     "validation",
    "not_found", "uninitialized", "region_disabled", "protocol",  "account",
    "stopped",   "local"
};


int
drsw_aws_global_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return -1;
    }

    xmlInitParser();

    return 0;
}


void
drsw_aws_global_cleanup(void)
{
    xmlCleanupParser();
    curl_global_cleanup();
}


const char *
drsw_aws_class_name(drsw_aws_class_e class)
{
    if ((size_t) class >= sizeof(drsw_class_names) / sizeof(char *)) {
        return "unknown";
    }

    return drsw_class_names[class];
}


const char *
drsw_aws_sent_name(drsw_aws_sent_e sent)
{
    switch (sent) {
    case DRSW_AWS_NOT_SENT:
        return "not_sent";
    case DRSW_AWS_SENT:
        return "sent";
    default:
        return "answered";
    }
}


static char *
drsw_dup(const char *s)
{
    return s != NULL && *s != '\0' ? strdup(s) : NULL;
}


/* After the hooks are set: what configuration left open. */

static int
drsw_shared_defaults(drsw_aws_shared_t *sh, const drsw_aws_config_t *conf,
                     char *err, size_t errlen)
{
    const char *s;

    s = conf->profile;
    sh->profile_given = (s != NULL && *s != '\0');

    if (!sh->profile_given) {
        s = drsw_env(sh, "AWS_PROFILE");
        if (s == NULL) {
            s = drsw_env(sh, "AWS_DEFAULT_PROFILE");
        }
    }

    sh->profile = drsw_dup(s);

    s = conf->ca_bundle != NULL ? conf->ca_bundle
                                : drsw_env(sh, "AWS_CA_BUNDLE");
    sh->ca_bundle = drsw_dup(s);

    s = conf->region;
    if (s == NULL || *s == '\0') {
        s = drsw_env(sh, "AWS_REGION");
    }
    if (s == NULL) {
        s = drsw_env(sh, "AWS_DEFAULT_REGION");
    }

    sh->region =
        s != NULL ? drsw_dup(s) : drsw_creds_profile_value(sh, "region");

    if (sh->region != NULL && drsw_partition_of(sh->region) == NULL) {
        (void) snprintf(err, errlen, "region: \"%.40s\" is not an AWS Region",
                        sh->region);
        return -1;
    }

    sh->endpoint_url = drsw_dup(conf->endpoint_url);
    sh->file_endpoint = drsw_creds_profile_value(sh, "endpoint_url");
    sh->user_agent = strdup(conf->user_agent != NULL ? conf->user_agent
                                                     : "drs-orchestrator");
    sh->fips = drsw_env_true(sh, "AWS_USE_FIPS_ENDPOINT");
    sh->dual_stack = drsw_env_true(sh, "AWS_USE_DUALSTACK_ENDPOINT");

    sh->connect_timeout_ms = conf->connect_timeout_ms > 0
                                 ? conf->connect_timeout_ms
                                 : DRSW_CONNECT_TIMEOUT_MS;
    sh->read_timeout_ms = conf->read_timeout_ms;
    sh->session_duration_s = conf->session_duration_s > 0
                                 ? conf->session_duration_s
                                 : DRSW_SESSION_S;

    if (sh->session_duration_s < 900 || sh->session_duration_s > 43200) {
        (void) snprintf(err, errlen,
                        "session_duration_s: must be 900 to "
                        "43200");
        return -1;
    }

    return sh->user_agent != NULL ? 0 : -1;
}


drsw_aws_shared_t *
drsw_aws_shared_create(const drsw_aws_config_t *conf, char *err, size_t errlen)
{
    drsw_aws_config_t  none;
    drsw_aws_shared_t *sh;
    pthread_condattr_t attr;

    (void) snprintf(err, errlen, "out of memory");

    if (conf == NULL) {
        memset(&none, 0, sizeof(none));
        conf = &none;
    }

    sh = calloc(1, sizeof(drsw_aws_shared_t));
    if (sh == NULL) {
        return NULL;
    }

    (void) pthread_mutex_init(&sh->lock, NULL);
    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&sh->cond, &attr);
    (void) pthread_condattr_destroy(&attr);

    sh->hooks.observer = conf->observer;
    sh->hooks.observer_data = conf->observer_data;
    sh->hooks.env = conf->env;
    sh->hooks.now_ms = conf->now_ms;
    sh->hooks.sleep_ms = conf->sleep_ms;
    sh->hooks.random = conf->random;
    sh->hooks.hook_data = conf->hook_data;

    sh->creds = drsw_creds_cache_create();
    sh->budget = drsw_budget_create(conf->budget_scale);
    sh->breaker = drsw_breaker_create();

    if (sh->creds == NULL || sh->budget == NULL || sh->breaker == NULL
        || drsw_shared_defaults(sh, conf, err, errlen) != 0)
    {
        drsw_aws_shared_destroy(sh);
        return NULL;
    }

    drsw_budget_share(sh->budget, conf->rate_take, conf->rate_slow,
                      conf->rate_data);
    err[0] = '\0';

    return sh;
}


void
drsw_aws_shared_stop(drsw_aws_shared_t *sh)
{
    (void) pthread_mutex_lock(&sh->lock);
    sh->stopping = true;
    (void) pthread_cond_broadcast(&sh->cond);
    (void) pthread_mutex_unlock(&sh->lock);
}


void
drsw_aws_shared_destroy(drsw_aws_shared_t *sh)
{
    if (sh == NULL) {
        return;
    }

    drsw_creds_cache_destroy(sh->creds);
    drsw_budget_destroy(sh->budget);
    drsw_breaker_destroy(sh->breaker);

    (void) pthread_cond_destroy(&sh->cond);
    (void) pthread_mutex_destroy(&sh->lock);

    free(sh->endpoint_url);
    free(sh->ca_bundle);
    free(sh->region);
    free(sh->profile);
    free(sh->user_agent);
    free(sh->file_endpoint);
    free(sh);
}


drsw_aws_t *
drsw_aws_create(drsw_aws_shared_t *sh)
{
    drsw_aws_t *aws;

    aws = calloc(1, sizeof(drsw_aws_t));
    if (aws == NULL) {
        return NULL;
    }

    aws->sh = sh;
    aws->lane = DRSW_LANE_NORMAL;
    aws->http = drsw_http_create();

    if (aws->http == NULL) {
        free(aws);
        return NULL;
    }

    return aws;
}


void
drsw_aws_destroy(drsw_aws_t *aws)
{
    if (aws == NULL) {
        return;
    }

    drsw_http_destroy(aws->http);
    free(aws);
}


void
drsw_aws_set_lane(drsw_aws_t *aws, drsw_aws_lane_e lane)
{
    aws->lane = lane;
    aws->reserved = NULL;
}


int64_t
drsw_aws_reserve(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 const char *service, const char *operation)
{
    int64_t              wait;
    const drsw_aws_op_t *op;

    op = drsw_aws_op(drsw_aws_service(service), operation);

    if (op == NULL || aws->reserved == op->name) {
        return 0;
    }

    wait = drsw_budget_take(
        aws->sh->budget, ctx->account != NULL ? ctx->account : "", ctx->region,
        service, operation, aws->lane, drsw_aws_mono_ms());

    if (wait == 0) {
        aws->reserved = op->name;
    }

    return wait;
}


drsw_aws_lane_e
drsw_aws_lane(const drsw_aws_t *aws)
{
    return aws->lane;
}


void
drsw_aws_watch(drsw_aws_t *aws, drsw_aws_observer_pt observer, void *data)
{
    aws->observer = observer;
    aws->observer_data = data;
}


/* --- helpers ------------------------------------------------------------ */

int64_t
drsw_aws_mono_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int64_t
drsw_aws_now_ms(drsw_aws_shared_t *sh)
{
    struct timespec ts;

    if (sh->hooks.now_ms != NULL) {
        return sh->hooks.now_ms(sh->hooks.hook_data);
    }

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


const char *
drsw_env(drsw_aws_shared_t *sh, const char *name)
{
    const char *value;

    value = sh->hooks.env != NULL ? sh->hooks.env(sh->hooks.hook_data, name)
                                  : getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}


bool
drsw_env_true(drsw_aws_shared_t *sh, const char *name)
{
    const char *value;

    value = drsw_env(sh, name);

    return value != NULL && strcasecmp(value, "true") == 0;
}


bool
drsw_aws_stopping(drsw_aws_shared_t *sh)
{
    bool stopping;

    (void) pthread_mutex_lock(&sh->lock);
    stopping = sh->stopping;
    (void) pthread_mutex_unlock(&sh->lock);

    return stopping;
}


int
drsw_sleep(drsw_aws_shared_t *sh, int64_t ms)
{
    bool            stopping;
    int64_t         until;
    struct timespec ts;

    if (ms <= 0) {
        return drsw_aws_stopping(sh) ? -1 : 0;
    }

    if (sh->hooks.sleep_ms != NULL) {
        sh->hooks.sleep_ms(sh->hooks.hook_data, ms);
        return drsw_aws_stopping(sh) ? -1 : 0;
    }

    until = drsw_aws_mono_ms() + ms;
    ts.tv_sec = (time_t) (until / 1000);
    ts.tv_nsec = (long) (until % 1000) * 1000000;

    (void) pthread_mutex_lock(&sh->lock);

    while (!sh->stopping && drsw_aws_mono_ms() < until) {
        if (pthread_cond_timedwait(&sh->cond, &sh->lock, &ts) == ETIMEDOUT) {
            break;
        }
    }

    stopping = sh->stopping;

    (void) pthread_mutex_unlock(&sh->lock);

    return stopping ? -1 : 0;
}


double
drsw_aws_random(drsw_aws_shared_t *sh)
{
    uint32_t n;

    if (sh->hooks.random != NULL) {
        return sh->hooks.random(sh->hooks.hook_data);
    }

    if (RAND_bytes((unsigned char *) &n, sizeof(n)) != 1) {
        return 0.5;
    }

    return (double) n / 4294967296.0;
}


void
drsw_result_init(drsw_aws_result_t *res)
{
    memset(res, 0, sizeof(drsw_aws_result_t));
    res->retry_after_ms = -1;
}


char *
drsw_read_file(const char *path, size_t max, char *err, size_t errlen)
{
    char  *text;
    FILE  *f;
    size_t n;

    f = fopen(path, "re");
    if (f == NULL) {
        (void) snprintf(err, errlen, "%.200s: %s", path, strerror(errno));
        return NULL;
    }

    text = malloc(max + 1);
    if (text == NULL) {
        (void) snprintf(err, errlen, "out of memory");
        (void) fclose(f);
        return NULL;
    }

    n = fread(text, 1, max, f);

    if (ferror(f) || (n == max && fgetc(f) != EOF)) {
        (void) snprintf(err, errlen, "%.200s: cannot be read or too large",
                        path);
        (void) fclose(f);
        free(text);
        return NULL;
    }

    (void) fclose(f);

    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL) {
        n--;
    }

    text[n] = '\0';

    return text;
}
