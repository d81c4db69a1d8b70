
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cache of credentials: one entry for the hub and one per (account, role,
 * external id, session name).
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws_int.h"


#define DRSW_CREDS_MARGIN_S 10  /* before expiry: not used any more */
#define DRSW_CREDS_AGAIN_S  60  /* after a failed renewal */
#define DRSW_CREDS_STALE_S  300 /* expired ones of the metadata service */
#define DRSW_CREDS_DENIED_S 60  /* AccessDenied is remembered */
#define DRSW_CREDS_FAILED_S 2   /* other failures */
#define DRSW_CREDS_FETCH_MS 30000


typedef struct drsw_creds_entry_s drsw_creds_entry_t;

struct drsw_creds_entry_s {
    drsw_creds_entry_t *next;
    char               *key;
    drsw_creds_t        creds;
    int64_t             renew_at_s;
    bool                busy;
    unsigned            waiting;  /* threads, for the one that fetches */
    bool                stale_ok; /* expired, but all there is */
    int64_t             failed_until_s;
    drsw_aws_result_t   failure;
};


struct drsw_creds_cache_s {
    pthread_mutex_t     lock;
    pthread_cond_t      cond;
    drsw_creds_entry_t *entries;
};


static drsw_aws_class_e
drsw_creds_fetch(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 int64_t deadline_ms, drsw_creds_t *out,
                 drsw_aws_result_t *res);
static drsw_aws_class_e
drsw_creds_verify(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                  int64_t deadline_ms, drsw_creds_t *creds,
                  drsw_aws_result_t *res);


drsw_creds_cache_t *
drsw_creds_cache_create(void)
{
    pthread_condattr_t  attr;
    drsw_creds_cache_t *cache;

    cache = calloc(1, sizeof(drsw_creds_cache_t));
    if (cache == NULL) {
        return NULL;
    }

    (void) pthread_mutex_init(&cache->lock, NULL);
    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&cache->cond, &attr);
    (void) pthread_condattr_destroy(&attr);

    return cache;
}


void
drsw_creds_cache_destroy(drsw_creds_cache_t *cache)
{
    drsw_creds_entry_t *e, *next;

    if (cache == NULL) {
        return;
    }

    for (e = cache->entries; e != NULL; e = next) {
        next = e->next;
        drsw_creds_free(&e->creds);
        free(e->key);
        free(e);
    }

    (void) pthread_cond_destroy(&cache->cond);
    (void) pthread_mutex_destroy(&cache->lock);
    free(cache);
}


/* Under the lock.  The hub's key is "". */

static drsw_creds_entry_t *
drsw_creds_find(drsw_creds_cache_t *cache, const drsw_aws_ctx_t *ctx,
                bool create)
{
    drs_buf_t           key;
    drsw_creds_entry_t *e;

    drs_buf_init(&key, 0);
    (void) drs_buf_puts(&key, "");

    if (ctx->role_arn != NULL) {
        (void) drs_buf_printf(
            &key, "%s\n%s\n%s\n%s\n%s",
            ctx->account != NULL ? ctx->account : "", ctx->role_arn,
            ctx->external_id != NULL ? ctx->external_id : "",
            ctx->session_name != NULL ? ctx->session_name : "",
            ctx->source_identity != NULL ? ctx->source_identity : "");
    }

    for (e = cache->entries; e != NULL; e = e->next) {
        if (strcmp(e->key, key.len > 0 ? key.data : "") == 0) {
            drs_buf_free(&key);
            return e;
        }
    }

    e = create && drs_buf_ok(&key) ? calloc(1, sizeof(drsw_creds_entry_t))
                                   : NULL;
    if (e != NULL) {
        e->key = drs_buf_steal(&key, NULL);

        if (e->key == NULL) {
            free(e);
            e = NULL;

        } else {
            e->next = cache->entries;
            cache->entries = e;
        }
    }

    drs_buf_free(&key);

    return e;
}


static bool
drsw_creds_usable(const drsw_creds_entry_t *e, int64_t now_s)
{
    int64_t margin;

    if (e->creds.access_key == NULL) {
        return false;
    }

    if (e->creds.expires_at_s == 0 || e->stale_ok) {
        return true;
    }

    /* never more than a tenth of a short life */
    margin = (e->creds.expires_at_s - e->creds.obtained_at_s) / 10;
    if (margin > DRSW_CREDS_MARGIN_S) {
        margin = DRSW_CREDS_MARGIN_S;
    }

    return now_s < e->creds.expires_at_s - margin;
}


/* Under the lock: sessions of executions that are over do not come back. */

static void
drsw_creds_prune(drsw_creds_cache_t *cache, int64_t now_s)
{
    drsw_creds_entry_t *e, **at;

    at = &cache->entries;

    while (*at != NULL) {
        e = *at;

        if (e->busy || e->waiting > 0 || now_s < e->failed_until_s
            || drsw_creds_usable(e, now_s))
        {
            at = &e->next;
            continue;
        }

        *at = e->next;
        drsw_creds_free(&e->creds);
        free(e->key);
        free(e);
    }
}


/* Under the lock, by the thread that fetched. */

static void
drsw_creds_store(drsw_creds_entry_t *e, drsw_creds_t *fresh, int64_t now_s)
{
    int64_t life;

    drsw_creds_free(&e->creds);
    e->creds = *fresh;
    memset(fresh, 0, sizeof(drsw_creds_t));

    e->failed_until_s = 0;
    e->stale_ok = false;
    e->creds.obtained_at_s = now_s;

    if (e->creds.expires_at_s == 0) {
        e->renew_at_s = INT64_MAX;
        return;
    }

    life = e->creds.expires_at_s - now_s;

    if (life <= 0) {
        /* the metadata service could not renew them: go on and ask again
         * later (static stability) */
        e->stale_ok = true;
        e->renew_at_s = now_s + DRSW_CREDS_STALE_S;
        return;
    }

    e->renew_at_s = now_s + life * 8 / 10;
}


/* Under the lock: what a failed fetch leaves behind.  true: the old ones are
 * still good. */

static bool
drsw_creds_failed(drsw_creds_entry_t *e, const drsw_aws_result_t *res,
                  int64_t now_s)
{
    if (drsw_creds_usable(e, now_s)) {
        e->renew_at_s = now_s + DRSW_CREDS_AGAIN_S;
        return true;
    }

    e->failure = *res;
    e->failed_until_s = 0;

    if (res->class == DRSW_AWS_DENIED) {
        e->failed_until_s = now_s + DRSW_CREDS_DENIED_S;

    } else if (res->class != DRSW_AWS_STOPPED) {
        e->failed_until_s = now_s + DRSW_CREDS_FAILED_S;
    }

    return false;
}


static drsw_aws_class_e
drsw_creds_give(const drsw_creds_entry_t *e, drsw_creds_t *out,
                drsw_aws_result_t *res)
{
    if (drsw_creds_copy(out, &e->creds) != 0) {
        return drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                "out of memory");
    }

    return DRSW_AWS_OK;
}


/* Under the lock; waits for another thread's fetch. -1: time over. */

static int
drsw_creds_wait(drsw_creds_cache_t *cache, drsw_creds_entry_t *e,
                int64_t deadline_ms)
{
    int             rc;
    struct timespec ts;

    if (drsw_aws_mono_ms() >= deadline_ms) {
        return -1;
    }

    ts.tv_sec = (time_t) (deadline_ms / 1000);
    ts.tv_nsec = (long) (deadline_ms % 1000) * 1000000;

    e->waiting++;
    rc = pthread_cond_timedwait(&cache->cond, &cache->lock, &ts);
    e->waiting--;

    return rc == ETIMEDOUT ? -1 : 0;
}


static drsw_aws_class_e
drsw_creds_cached(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                  int64_t deadline_ms, drsw_creds_t *out,
                  drsw_aws_result_t *res)
{
    bool         usable;
    int64_t      now_s, fetch_until;
    drsw_creds_t fresh;
    drsw_aws_class_e class;
    drsw_creds_cache_t *cache;
    drsw_creds_entry_t *e;

    cache = aws->sh->creds;

    (void) pthread_mutex_lock(&cache->lock);

    e = drsw_creds_find(cache, ctx, false);

    if (e == NULL) {
        drsw_creds_prune(cache, drsw_aws_now_ms(aws->sh) / 1000);
        e = drsw_creds_find(cache, ctx, true);
    }

    if (e == NULL) {
        class = drsw_error_local(res, DRSW_AWS_LOCAL, "LocalMemory",
                                 "out of memory");
        goto done;
    }

    for (;;) {
        now_s = drsw_aws_now_ms(aws->sh) / 1000;
        usable = drsw_creds_usable(e, now_s);

        if (usable && (now_s < e->renew_at_s || e->busy)) {
            class = drsw_creds_give(e, out, res);
            goto done;
        }

        if (!usable && now_s < e->failed_until_s) {
            *res = e->failure;
            class = res->class;
            goto done;
        }

        if (!e->busy) {
            break;
        }

        if (drsw_creds_wait(cache, e, deadline_ms) != 0) {
            class = drsw_error_local(res, DRSW_AWS_STOPPED, "LocalDeadline",
                                     "no time left waiting for credentials");
            goto done;
        }
    }

    e->busy = true;
    (void) pthread_mutex_unlock(&cache->lock);

    /* others wait for this fetch: not only for as long as our call has */
    fetch_until = drsw_aws_mono_ms() + DRSW_CREDS_FETCH_MS;
    if (fetch_until > deadline_ms) {
        fetch_until = deadline_ms;
    }

    memset(&fresh, 0, sizeof(fresh));
    class = drsw_creds_fetch(aws, ctx, fetch_until, &fresh, res);

    (void) pthread_mutex_lock(&cache->lock);

    e->busy = false;
    now_s = drsw_aws_now_ms(aws->sh) / 1000;

    if (class == DRSW_AWS_OK) {
        drsw_creds_store(e, &fresh, now_s);
    }

    if (class == DRSW_AWS_OK || drsw_creds_failed(e, res, now_s)) {
        drsw_result_init(res);
        class = drsw_creds_give(e, out, res);
    }

    (void) pthread_cond_broadcast(&cache->cond);

done:

    (void) pthread_mutex_unlock(&cache->lock);

    return class;
}


/* The account in "arn:aws:iam::123456789012:role/x"; false: no role ARN. */

static bool
drsw_arn_account(const char *arn, char account[16])
{
    int         i;
    const char *p;

    p = arn;

    for (i = 0; i < 4 && p != NULL; i++) {
        p = strchr(p, ':');
        p = p != NULL ? p + 1 : NULL;
    }

    if (p == NULL || strspn(p, "0123456789") != 12
        || strncmp(p + 12, ":role/", 6) != 0)
    {
        return false;
    }

    memcpy(account, p, 12);
    account[12] = '\0';

    return true;
}


drsw_aws_class_e
drsw_creds_get(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, int64_t deadline_ms,
               drsw_creds_t *out, drsw_aws_result_t *res)
{
    char account[16];
    drsw_aws_class_e class;

    if (ctx->role_arn != NULL) {
        if (!drsw_arn_account(ctx->role_arn, account)) {
            return drsw_error_local(res, DRSW_AWS_LOCAL, "LocalRole",
                                    "role_arn: \"%.120s\" is not a role ARN",
                                    ctx->role_arn);
        }

        if (ctx->account != NULL && strcmp(account, ctx->account) != 0) {
            return drsw_error_local(res, DRSW_AWS_ACCOUNT, "LocalAccount",
                                    "role %.120s is not of account %.12s",
                                    ctx->role_arn, ctx->account);
        }
    }

    class = drsw_creds_cached(aws, ctx, deadline_ms, out, res);

    if (class == DRSW_AWS_OK && ctx->account != NULL) {
        class = drsw_creds_verify(aws, ctx, deadline_ms, out, res);

        if (class != DRSW_AWS_OK) {
            drsw_creds_free(out);
        }
    }

    return class;
}


/* Whose credentials they are: asked once for each set. */

static drsw_aws_class_e
drsw_creds_verify(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                  int64_t deadline_ms, drsw_creds_t *creds,
                  drsw_aws_result_t *res)
{
    json_t        *answer;
    const char    *account;
    drsw_exec_t    exec;
    drsw_aws_ctx_t sts;
    drsw_aws_class_e class;
    drsw_creds_entry_t *e;

    if (creds->account[0] == '\0') {
        sts = *ctx;
        sts.region = aws->sh->region != NULL ? aws->sh->region : ctx->region;

        memset(&exec, 0, sizeof(exec));
        exec.service = drsw_aws_service("sts");
        exec.op = drsw_aws_op(exec.service, "GetCallerIdentity");
        exec.ctx = &sts;
        exec.creds = creds;
        exec.deadline_ms = deadline_ms;

        class = drsw_aws_exec(aws, &exec, &answer, res);
        if (class != DRSW_AWS_OK) {
            if (class == DRSW_AWS_CREDENTIALS) {
                drsw_creds_drop(aws->sh, ctx, creds->access_key);
            }

            return class;
        }

        account = json_string_value(json_object_get(answer, "Account"));
        (void) snprintf(creds->account, sizeof(creds->account), "%s",
                        account != NULL ? account : "");
        json_decref(answer);

        (void) pthread_mutex_lock(&aws->sh->creds->lock);

        e = drsw_creds_find(aws->sh->creds, ctx, false);
        if (e != NULL && e->creds.access_key != NULL
            && strcmp(e->creds.access_key, creds->access_key) == 0)
        {
            memcpy(e->creds.account, creds->account, sizeof(creds->account));
        }

        (void) pthread_mutex_unlock(&aws->sh->creds->lock);
    }

    if (strcmp(creds->account, ctx->account) != 0) {
        return drsw_error_local(res, DRSW_AWS_ACCOUNT, "LocalAccount",
                                "credentials are of account %s, not %.12s",
                                creds->account, ctx->account);
    }

    return DRSW_AWS_OK;
}


void
drsw_creds_drop(drsw_aws_shared_t *sh, const drsw_aws_ctx_t *ctx,
                const char *access_key)
{
    drsw_creds_entry_t *e;

    (void) pthread_mutex_lock(&sh->creds->lock);

    e = drsw_creds_find(sh->creds, ctx, false);

    if (e != NULL
        && (access_key == NULL
            || (e->creds.access_key != NULL
                && strcmp(e->creds.access_key, access_key) == 0)))
    {
        drsw_creds_free(&e->creds);
        e->stale_ok = false;
        e->failed_until_s = 0;
    }

    (void) pthread_mutex_unlock(&sh->creds->lock);
}


void
drsw_aws_forget(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx)
{
    drsw_creds_drop(aws->sh, ctx, NULL);
}


drsw_aws_class_e
drsw_aws_prepare(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 drsw_aws_result_t *res)
{
    int64_t      begin;
    drsw_creds_t creds;
    drsw_aws_class_e class;

    drsw_result_init(res);
    memset(&creds, 0, sizeof(creds));
    begin = drsw_aws_mono_ms();

    class = drsw_creds_get(
        aws, ctx,
        begin + (ctx->timeout_ms > 0 ? ctx->timeout_ms : DRSW_AWS_TIMEOUT_MS),
        &creds, res);
    drsw_creds_free(&creds);

    res->class = class;
    res->latency_ms = drsw_aws_mono_ms() - begin;

    return class;
}


/* --- fetching ----------------------------------------------------------- */

/* The hub's own: first source that is configured (order of aws-cli). */

static drsw_aws_class_e
drsw_creds_hub(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    size_t          i;
    drsw_creds_rc_e rc;

    static drsw_creds_rc_e (*const sources[])(drsw_creds_fetch_t *,
                                              drsw_creds_t *) = {
        drsw_creds_env,          drsw_creds_profile_role, drsw_creds_web_env,
        drsw_creds_profile_keys, drsw_creds_container,    drsw_creds_imds,
    };

    for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        rc = sources[i](f, out);

        if (rc == DRSW_CREDS_FOUND) {
            return DRSW_AWS_OK;
        }

        if (rc == DRSW_CREDS_FAILED) {
            return f->res->class;
        }
    }

    return drsw_error_local(f->res, DRSW_AWS_CREDENTIALS, "LocalCredentials",
                            "no AWS credentials found: environment, profile "
                            "files, container and instance metadata were "
                            "asked");
}


static drsw_aws_class_e
drsw_creds_fetch(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 int64_t deadline_ms, drsw_creds_t *out, drsw_aws_result_t *res)
{
    int            tries;
    drsw_creds_t   hub;
    drsw_assume_t  role;
    drsw_aws_ctx_t hub_ctx;
    drsw_aws_class_e class;
    drsw_creds_fetch_t f;

    f.aws = aws;
    f.region = aws->sh->region != NULL ? aws->sh->region : ctx->region;
    f.account = ctx->account;
    f.deadline_ms = deadline_ms;
    f.res = res;

    if (ctx->role_arn == NULL) {
        return drsw_creds_hub(&f, out);
    }

    memset(&hub_ctx, 0, sizeof(hub_ctx));
    hub_ctx.region = ctx->region;

    role.role_arn = ctx->role_arn;
    role.external_id = ctx->external_id;
    role.session_name = ctx->session_name;
    role.source_identity = ctx->source_identity;
    role.duration_s = aws->sh->session_duration_s;

    for (tries = 0;;) {
        memset(&hub, 0, sizeof(hub));

        class = drsw_creds_cached(aws, &hub_ctx, deadline_ms, &hub, res);
        if (class != DRSW_AWS_OK) {
            return class;
        }

        if (drsw_creds_assume(&f, &hub, &role, out, NULL) == DRSW_CREDS_FOUND) {
            class = DRSW_AWS_OK;

        } else {
            class = res->class;
        }

        if (class == DRSW_AWS_CREDENTIALS) {
            drsw_creds_drop(aws->sh, &hub_ctx, hub.access_key);
        }

        drsw_creds_free(&hub);

        if (class == DRSW_AWS_DENIED && role.source_identity != NULL) {
            /* the trust policy may not allow it: better without than not */
            role.source_identity = NULL;
            continue;
        }

        if (class != DRSW_AWS_CREDENTIALS || tries++ > 0) {
            break;
        }
    }

    /* before anybody else sees them */
    if (class == DRSW_AWS_OK && ctx->account != NULL) {
        class = drsw_creds_verify(aws, ctx, deadline_ms, out, res);

        if (class != DRSW_AWS_OK) {
            drsw_creds_free(out);
        }
    }

    return class;
}
