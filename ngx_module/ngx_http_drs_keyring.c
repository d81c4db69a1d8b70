
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "ngx_http_drs_keyring.h"
#include "ngx_http_drs_call.h"
#include "ngx_http_drs_metrics.h"
#include "ngx_http_drs_stream.h"

#include "drs_store.h"


#define NGX_HTTP_DRS_WANT_MS 10000


struct ngx_http_drs_keyring_s {
    ngx_http_drs_process_t *process;
    const drs_jwks_t       *sets[NGX_HTTP_DRS_MAX_ISSUERS];
    drs_jwks_t             *fetched[NGX_HTTP_DRS_MAX_ISSUERS];
    uint64_t                generation;
    drs_jwt_cache_t        *cache;
    ngx_uint_t              n_remote;   /* issuers without a file */
    ngx_msec_t              retried;    /* last look for a new key id */
    ngx_msec_t              wanted;     /* last request for a refresh */
    unsigned                opened : 1; /* schema of the store checked */
};


static drs_cmd_t *ngx_http_drs_keyring_cmd(ngx_http_drs_keyring_t *kr);
static void ngx_http_drs_keyring_loaded(void *data, ngx_http_drs_exec_rc_t rc,
                                        redisReply **replies, ngx_uint_t n);
static void
ngx_http_drs_keyring_apply(ngx_http_drs_keyring_t *kr, const redisReply *reply);
static void ngx_http_drs_keyring_version(void *data, ngx_http_drs_exec_rc_t rc,
                                         redisReply **replies, ngx_uint_t n);
static void
ngx_http_drs_keyring_want(ngx_http_drs_keyring_t *kr, ngx_int_t issuer);

static ngx_int_t ngx_http_drs_auth_verify(ngx_http_drs_ctx_t *ctx);
static ngx_int_t
ngx_http_drs_auth_reload(ngx_http_drs_ctx_t *ctx, drs_jwt_reason_t reason);
static ngx_int_t ngx_http_drs_auth_reloaded(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_auth_deny_list(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_auth_listed(ngx_http_drs_ctx_t *ctx,
                                          redisReply **replies, ngx_uint_t n);
static void
ngx_http_drs_auth_identity(ngx_http_drs_ctx_t *ctx, drs_jwt_t *token);
static void
ngx_http_drs_auth_roles(ngx_http_drs_main_conf_t *mcf, drs_jwt_t *token);
static ngx_int_t
ngx_http_drs_auth_refuse(ngx_http_drs_ctx_t *ctx, drs_jwt_reason_t reason);


ngx_int_t
ngx_http_drs_keyring_init(ngx_http_drs_process_t *process)
{
    ngx_uint_t                i;
    ngx_http_drs_keyring_t   *kr;
    ngx_http_drs_main_conf_t *mcf;

    mcf = process->conf;

    kr = ngx_calloc(sizeof(ngx_http_drs_keyring_t), process->log);
    if (kr == NULL) {
        return NGX_ERROR;
    }

    process->keyring = kr;
    kr->process = process;
    kr->generation = 1;
    kr->retried = ngx_current_msec - NGX_HTTP_DRS_KEYS_RETRY_MS;
    kr->wanted = ngx_current_msec - NGX_HTTP_DRS_WANT_MS;

    for (i = 0; i < mcf->n_issuers; i++) {
        kr->sets[i] = mcf->issuers[i].file_keys;
        kr->n_remote += mcf->issuers[i].file_keys == NULL;
    }

    kr->cache = drs_jwt_cache_create((size_t) mcf->token_cache, 0);
    if (kr->cache == NULL) {
        return NGX_ERROR;
    }

    drs_jwt_cache_generation(kr->cache, kr->generation);

    return NGX_OK;
}


void
ngx_http_drs_keyring_exit(ngx_http_drs_process_t *process)
{
    ngx_uint_t              i;
    ngx_http_drs_keyring_t *kr;

    kr = process->keyring;

    if (kr == NULL) {
        return;
    }

    drs_jwt_cache_destroy(kr->cache);

    for (i = 0; i < NGX_HTTP_DRS_MAX_ISSUERS; i++) {
        drs_jwks_free(kr->fetched[i]);
    }

    ngx_free(kr);
    process->keyring = NULL;
}


/* -- keys ----------------------------------------------------------------- */

/* MGET of the key sets of all issuers without a file; NULL if there is none. */
static drs_cmd_t *
ngx_http_drs_keyring_cmd(ngx_http_drs_keyring_t *kr)
{
    drs_cmd_t                *cmd;
    ngx_uint_t                i;
    ngx_http_drs_main_conf_t *mcf;

    if (kr->n_remote == 0) {
        return NULL;
    }

    mcf = kr->process->conf;
    cmd = drs_cmd_words("MGET", NULL);

    for (i = 0; i < mcf->n_issuers; i++) {
        if (mcf->issuers[i].file_keys == NULL) {
            (void) drs_cmd_key1(cmd, mcf->prefix, DRS_KEY_JWKS,
                                mcf->issuers[i].hash);
        }
    }

    return cmd;
}


void
ngx_http_drs_keyring_store_ready(ngx_http_drs_process_t *process)
{
    drs_cmd_t             *cmd;
    ngx_http_drs_exec_rc_t rc;

    ngx_http_drs_keyring_changed(process);

    cmd = drs_store_version(process->conf->prefix);
    (void) ngx_http_drs_exec(process, &cmd, 1, ngx_http_drs_keyring_version,
                             process->keyring, &rc);
    drs_cmd_free(cmd);
}


/* Data of a newer schema are read, never written (decisions 4). */
static void
ngx_http_drs_keyring_version(void *data, ngx_http_drs_exec_rc_t rc,
                             redisReply **replies, ngx_uint_t n)
{
    int64_t                 ours, found;
    redisReply             *r;
    ngx_http_drs_keyring_t *kr;

    kr = data;

    if (rc != NGX_HTTP_DRS_EXEC_OK) {
        return;
    }

    r = replies[0];

    if (r->type != REDIS_REPLY_ARRAY || r->elements < 4
        || ngx_http_drs_reply_int(r->element[1], &ours) != DRS_OK
        || ngx_http_drs_reply_int(r->element[3], &found) != DRS_OK)
    {
        /* no library yet: writes are refused by Redis itself */
        return;
    }

    kr->process->schema_old =
        ours > NGX_HTTP_DRS_SCHEMA || found > NGX_HTTP_DRS_SCHEMA;

    if (kr->process->schema_old) {
        ngx_log_error(NGX_LOG_ERR, kr->process->log, 0,
                      "drs: the data in redis have schema %L, this module "
                      "knows %d: it serves reads only",
                      ngx_max(ours, found), NGX_HTTP_DRS_SCHEMA);
    }
}


void
ngx_http_drs_keyring_changed(ngx_http_drs_process_t *process)
{
    drs_cmd_t             *cmd;
    ngx_http_drs_exec_rc_t rc;

    cmd = ngx_http_drs_keyring_cmd(process->keyring);

    if (cmd != NULL) {
        (void) ngx_http_drs_exec(process, &cmd, 1, ngx_http_drs_keyring_loaded,
                                 process->keyring, &rc);
        drs_cmd_free(cmd);
    }
}


static void
ngx_http_drs_keyring_loaded(void *data, ngx_http_drs_exec_rc_t rc,
                            redisReply **replies, ngx_uint_t n)
{
    if (rc == NGX_HTTP_DRS_EXEC_OK) {
        ngx_http_drs_keyring_apply(data, replies[0]);
    }
}


/*
 * Takes over key sets that changed.  A set that is gone or broken leaves the
 * last good one in place.
 */
static void
ngx_http_drs_keyring_apply(ngx_http_drs_keyring_t *kr, const redisReply *reply)
{
    size_t                    k;
    char                      err[160];
    drs_str_t                 json;
    drs_jwks_t               *set;
    ngx_uint_t                i;
    ngx_http_drs_main_conf_t *mcf;

    if (reply->type != REDIS_REPLY_ARRAY) {
        return;
    }

    mcf = kr->process->conf;
    k = 0;

    for (i = 0; i < mcf->n_issuers; i++) {
        if (mcf->issuers[i].file_keys != NULL) {
            continue;
        }

        if (k == reply->elements) {
            return;
        }

        json = ngx_http_drs_reply_str(reply->element[k++]);

        if (json.len == 0) {
            continue;
        }

        if (drs_jwks_parse(&set, json,
                           mcf->issuers[i].policy->algs
                               ? mcf->issuers[i].policy->algs
                               : DRS_JWA_ALL,
                           err, sizeof(err))
            != DRS_OK)
        {
            ngx_log_error(NGX_LOG_ERR, kr->process->log, 0,
                          "drs: key set of issuer \"%*s\": %s",
                          mcf->issuers[i].policy->name.len,
                          mcf->issuers[i].policy->name.data, err);
            continue;
        }

        if (kr->fetched[i] != NULL
            && drs_jwks_fingerprint(kr->fetched[i])
                   == drs_jwks_fingerprint(set))
        {
            drs_jwks_free(set);
            continue;
        }

        drs_jwks_free(kr->fetched[i]);
        kr->fetched[i] = set;
        kr->sets[i] = set;
        drs_jwt_cache_generation(kr->cache, ++kr->generation);

        ngx_http_drs_metrics_add(kr->process->metrics,
                                 NGX_HTTP_DRS_M_KEYS_LOADED, 1);
        ngx_log_error(NGX_LOG_INFO, kr->process->log, 0,
                      "drs: %uz keys of issuer \"%*s\" loaded",
                      drs_jwks_count(set), mcf->issuers[i].policy->name.len,
                      mcf->issuers[i].policy->name.data);
    }
}


/* Asks the worker daemon to fetch the key set of an issuer again. */
static void
ngx_http_drs_keyring_want(ngx_http_drs_keyring_t *kr, ngx_int_t issuer)
{
    drs_cmd_t                *cmd;
    ngx_http_drs_main_conf_t *mcf;

    mcf = kr->process->conf;

    if (issuer < 0 || ngx_current_msec - kr->wanted < NGX_HTTP_DRS_WANT_MS) {
        return;
    }

    kr->wanted = ngx_current_msec;

    cmd = drs_key_cmd0("SET", mcf->prefix, DRS_KEY_JWKS_WANT);
    (void) drs_cmd_add(cmd, mcf->issuers[issuer].hash);
    (void) drs_cmd_addz(cmd, "EX");
    (void) drs_cmd_addz(cmd, "30");
    (void) drs_cmd_addz(cmd, "NX");
    ngx_http_drs_exec_forget(kr->process, cmd);
}


/* -- revocation ----------------------------------------------------------- */

void
ngx_http_drs_keyring_subscribed(ngx_http_drs_process_t *process)
{
    /* announcements may have been missed */
    drs_jwt_cache_flush(process->keyring->cache);
    ngx_http_drs_keyring_changed(process);
}


/* Rare: every token is looked up in the deny list once more. */
void
ngx_http_drs_keyring_revoked(ngx_http_drs_process_t *process, drs_str_t what)
{
    drs_jwt_cache_flush(process->keyring->cache);
}


drs_cmd_t *
ngx_http_drs_keyring_deny_cmd(ngx_http_drs_process_t *process,
                              const drs_jwt_t        *token)
{
    drs_str_t  prefix;
    drs_cmd_t *cmd;

    prefix = process->conf->prefix;

    cmd = drs_key_cmd1("MGET", prefix, DRS_KEY_REVOKED, token->sub);

    if (token->jti.len) {
        (void) drs_cmd_key1(cmd, prefix, DRS_KEY_REVOKED, token->jti);
    }

    if (token->origin_jti.len) {
        (void) drs_cmd_key1(cmd, prefix, DRS_KEY_REVOKED, token->origin_jti);
    }

    return cmd;
}


/*
 * Reply of the deny list.  A number is a time (epoch s): what was issued
 * until then is revoked.  Anything else revokes for ever.
 */
ngx_uint_t
ngx_http_drs_keyring_denied(const redisReply *reply, const drs_jwt_t *token)
{
    size_t    i;
    int64_t   until;
    drs_str_t v;

    if (reply->type != REDIS_REPLY_ARRAY) {
        return 1;
    }

    for (i = 0; i < reply->elements; i++) {
        if (reply->element[i]->type == REDIS_REPLY_NIL) {
            continue;
        }

        v = ngx_http_drs_reply_str(reply->element[i]);

        if (i == 0 && drs_str_i64(v, &until) == DRS_OK && token->iat != 0
            && token->iat > until && until > 1)
        {
            continue;
        }

        return 1;
    }

    return 0;
}


/* -- requests ------------------------------------------------------------- */

/* Key of the client's address in the table of bad tokens; 0: none. */
static uint64_t
ngx_http_drs_auth_address(ngx_http_drs_ctx_t *ctx)
{
    struct sockaddr *sa;

    sa = ctx->r->connection->sockaddr;

    if (sa->sa_family == AF_INET) {
        return drs_guard_key((u_char *) &((struct sockaddr_in *) sa)->sin_addr,
                             4);
    }

#if (NGX_HAVE_INET6)
    if (sa->sa_family == AF_INET6) {
        return drs_guard_key(
            (u_char *) &((struct sockaddr_in6 *) sa)->sin6_addr, 16);
    }
#endif

    return 0;
}


/* Seconds for which the address is not listened to (drs_token_failures). */
static int64_t
ngx_http_drs_auth_blocked(ngx_http_drs_ctx_t *ctx)
{
    int64_t                 left;
    uint64_t                key;
    ngx_slab_pool_t        *pool;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    /* nearly always nobody is blocked: seen without the lock */

    if (req->main->token_failures == 0
        || ngx_time() >= req->process->metrics->guard.until)
    {
        return 0;
    }

    key = ngx_http_drs_auth_address(ctx);
    pool = (ngx_slab_pool_t *) req->main->zone->shm.addr;

    ngx_shmtx_lock(&pool->mutex);
    left = key != 0 ? drs_guard_blocked(&req->process->metrics->guard, key,
                                        ngx_time())
                    : 0;
    ngx_shmtx_unlock(&pool->mutex);

    return left;
}


/* A token that nobody could have got from an issuer. */
static void
ngx_http_drs_auth_failure(ngx_http_drs_ctx_t *ctx, drs_jwt_reason_t reason)
{
    int                     blocks;
    uint64_t                key;
    ngx_slab_pool_t        *pool;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    switch (reason) {
    case DRS_JWT_OK:
    case DRS_JWT_INTERNAL:
    case DRS_JWT_NO_KEYS:
    case DRS_JWT_KID_UNKNOWN:
    case DRS_JWT_EXPIRED:
    case DRS_JWT_NOT_BEFORE:
    case DRS_JWT_ISSUED_LATER:
    case DRS_JWT_REVOKED:
        return;

    default:
        break;
    }

    key = ngx_http_drs_auth_address(ctx);

    if (req->main->token_failures == 0 || key == 0) {
        return;
    }

    pool = (ngx_slab_pool_t *) req->main->zone->shm.addr;

    ngx_shmtx_lock(&pool->mutex);
    blocks = drs_guard_failure(&req->process->metrics->guard, key, ngx_time(),
                               (uint32_t) req->main->token_failures);
    ngx_shmtx_unlock(&pool->mutex);

    if (blocks) {
        ngx_log_error(NGX_LOG_WARN, ctx->r->connection->log, 0,
                      "drs: too many bad tokens: requests with tokens from "
                      "this address are refused for %d seconds",
                      DRS_GUARD_BLOCK_S);
    }
}


ngx_int_t
ngx_http_drs_authenticate(ngx_http_drs_ctx_t *ctx)
{
    int64_t                 left;
    drs_str_t               header;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    header = ngx_http_drs_request_header(ctx, "authorization");

    if (header.data == NULL) {
        (void) ngx_atomic_fetch_add(&req->process->metrics->no_token, 1);
        return ngx_http_drs_auth_refuse(ctx, DRS_JWT_OK);
    }

    left = ngx_http_drs_auth_blocked(ctx);

    if (left > 0) {
        ngx_http_drs_metrics_add(req->process->metrics,
                                 NGX_HTTP_DRS_M_TOKEN_BLOCKED, 1);
        return ngx_http_drs_error_later(
            ctx, DRS_ERR_RATE_LIMITED, left,
            "Too many bad tokens came from this address. Try again in "
            "%lld seconds.",
            (long long) left);
    }

    if (drs_jwt_bearer(header, &req->token) != DRS_OK) {
        return ngx_http_drs_auth_refuse(ctx, DRS_JWT_FORM);
    }

    return ngx_http_drs_auth_verify(ctx);
}


/* NGX_DECLINED: identity filled in.  Else as a handler. */
static ngx_int_t
ngx_http_drs_auth_verify(ngx_http_drs_ctx_t *ctx)
{
    drs_jwt_t              *token;
    drs_jwt_reason_t        reason;
    ngx_http_drs_keyring_t *kr;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    kr = req->process->keyring;

    switch (drs_jwt_cache_get(kr->cache, &req->main->policy, req->token,
                              ngx_time(), &token))
    {
    case DRS_OK:
        ngx_http_drs_metrics_add(req->process->metrics,
                                 NGX_HTTP_DRS_M_TOKEN_HITS, 1);
        ngx_http_drs_auth_identity(ctx, token);
        return NGX_DECLINED;

    case DRS_ERROR:
        return ngx_http_drs_auth_refuse(ctx, DRS_JWT_REVOKED);

    default:
        break;
    }

    ngx_http_drs_metrics_add(req->process->metrics, NGX_HTTP_DRS_M_TOKEN_MISSES,
                             1);

    reason = drs_jwt_verify(&req->main->policy, kr->sets, req->token,
                            ngx_time(), &token);

    if (reason == DRS_JWT_NO_KEYS || reason == DRS_JWT_KID_UNKNOWN) {
        return ngx_http_drs_auth_reload(ctx, reason);
    }

    if (reason == DRS_JWT_INTERNAL) {
        return NGX_ERROR;
    }

    if (reason != DRS_JWT_OK) {
        return ngx_http_drs_auth_refuse(ctx, reason);
    }

    ngx_http_drs_auth_roles(req->main, token);
    ngx_http_drs_auth_identity(ctx, token);

    return ngx_http_drs_auth_deny_list(ctx);
}


/* A key that we do not have: looks once whether it was published meanwhile. */
static ngx_int_t
ngx_http_drs_auth_reload(ngx_http_drs_ctx_t *ctx, drs_jwt_reason_t reason)
{
    drs_cmd_t              *cmd;
    ngx_int_t               issuer;
    ngx_http_drs_keyring_t *kr;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    kr = req->process->keyring;

    issuer = drs_jwt_peek_issuer(&req->main->policy, req->token);

    if (req->keys_retried || issuer < 0
        || req->main->issuers[issuer].file_keys != NULL
        || (reason == DRS_JWT_KID_UNKNOWN
            && ngx_current_msec - kr->retried < NGX_HTTP_DRS_KEYS_RETRY_MS))
    {
        if (issuer >= 0 && req->main->issuers[issuer].file_keys == NULL) {
            ngx_http_drs_keyring_want(kr, issuer);
        }

        return ngx_http_drs_auth_refuse(ctx, reason);
    }

    req->keys_retried = 1;
    kr->retried = ngx_current_msec;

    cmd = ngx_http_drs_keyring_cmd(kr);

    return ngx_http_drs_call1(ctx, cmd, ngx_http_drs_auth_reloaded);
}


static ngx_int_t
ngx_http_drs_auth_reloaded(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    ngx_int_t rc;

    ngx_http_drs_keyring_apply(ngx_http_drs_core(ctx)->process->keyring,
                               replies[0]);

    rc = ngx_http_drs_auth_verify(ctx);

    return rc == NGX_DECLINED ? ngx_http_drs_after_auth(ctx) : rc;
}


static ngx_int_t
ngx_http_drs_auth_deny_list(ngx_http_drs_ctx_t *ctx)
{
    return ngx_http_drs_call1(
        ctx,
        ngx_http_drs_keyring_deny_cmd(ngx_http_drs_core(ctx)->process,
                                      ctx->identity.token),
        ngx_http_drs_auth_listed);
}


static ngx_int_t
ngx_http_drs_auth_listed(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    drs_jwt_t              *token;
    drs_jwt_cache_stats_t   stats;
    ngx_http_drs_keyring_t *kr;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);
    kr = req->process->keyring;
    token = ctx->identity.token;

    if (ngx_http_drs_keyring_denied(replies[0], token)) {
        return ngx_http_drs_auth_refuse(ctx, DRS_JWT_REVOKED);
    }

    /* without a subscription a later revocation would not be heard of */
    if (ngx_http_drs_pubsub_up(req->process)) {
        (void) drs_jwt_cache_put(kr->cache, &req->main->policy, req->token,
                                 token, ngx_time());
        drs_jwt_cache_stats(kr->cache, &stats);
        ngx_http_drs_metrics_gauge(req->process, NGX_HTTP_DRS_G_TOKENS,
                                   stats.entries);
    }

    return ngx_http_drs_after_auth(ctx);
}


static void
ngx_http_drs_auth_roles(ngx_http_drs_main_conf_t *mcf, drs_jwt_t *token)
{
    token->roles = drs_rbac_roles(&mcf->roles, token->groups, token->n_groups);
    token->perms = drs_roles_perms(token->roles);
}


/* Takes the reference over. */
static void
ngx_http_drs_auth_identity(ngx_http_drs_ctx_t *ctx, drs_jwt_t *token)
{
    ngx_http_drs_identity_t *id;

    id = &ctx->identity;

    id->token = token;
    id->sub = token->sub;
    id->username = token->username;
    id->email = token->email;
    id->token_id = token->jti;
    id->roles = token->roles;
    id->perms = token->perms;
    id->type = "user";
    id->local = ngx_http_drs_core(ctx)->main->issuers[token->issuer].local;
}


/*
 * One generic body; the reason goes to the log and to a counter only.
 * DRS_JWT_OK stands for "no token".
 */
static ngx_int_t
ngx_http_drs_auth_refuse(ngx_http_drs_ctx_t *ctx, drs_jwt_reason_t reason)
{
    ngx_int_t               rc;
    ngx_http_drs_request_t *req;

    req = ngx_http_drs_core(ctx);

    if (reason != DRS_JWT_OK) {
        (void) ngx_atomic_fetch_add(&req->process->metrics->refused[reason], 1);
        ngx_http_drs_auth_failure(ctx, reason);
    }

    ngx_log_error(NGX_LOG_INFO, ctx->r->connection->log, 0,
                  "drs: request %*s: token refused: %s", ctx->request_id.len,
                  ctx->request_id.data,
                  reason == DRS_JWT_OK ? "no token"
                                       : drs_jwt_reason_name(reason));

    if (ctx->identity.token != NULL) {
        drs_jwt_unref(ctx->identity.token);
        ngx_memzero(&ctx->identity, sizeof(ngx_http_drs_identity_t));
        ctx->identity.type = "system";
    }

    rc = ngx_http_drs_header(ctx, "WWW-Authenticate",
                             drs_str(reason == DRS_JWT_OK
                                         ? "Bearer"
                                         : "Bearer error=\"invalid_token\""));
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_error(ctx, DRS_ERR_UNAUTHORIZED, NULL, NULL, NULL);
}


drs_str_t
ngx_http_drs_token_subject(ngx_http_request_t *r, ngx_http_drs_main_conf_t *mcf)
{
    u_char                 *p;
    drs_str_t               sub, bearer;
    drs_jwt_t              *token;
    ngx_http_drs_keyring_t *kr;

    sub = drs_str(NULL);

    if (mcf->process == NULL || r->headers_in.authorization == NULL
        || drs_jwt_bearer(
               ngx_http_drs_view(&r->headers_in.authorization->value), &bearer)
               != DRS_OK)
    {
        return sub;
    }

    kr = mcf->process->keyring;

    if (drs_jwt_cache_get(kr->cache, &mcf->policy, bearer, ngx_time(), &token)
            != DRS_OK
        && drs_jwt_verify(&mcf->policy, kr->sets, bearer, ngx_time(), &token)
               != DRS_JWT_OK)
    {
        return sub;
    }

    p = ngx_pnalloc(r->pool, token->sub.len);
    if (p != NULL) {
        ngx_memcpy(p, token->sub.data, token->sub.len);
        sub = drs_strn((char *) p, token->sub.len);
    }

    drs_jwt_unref(token);

    return sub;
}
