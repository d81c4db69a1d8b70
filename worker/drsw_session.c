
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sessions of local users.  A refresh token is "<session id>.<secret>"; the
 * store has the SHA-256 of the secret only.  Each use makes a new session of
 * the same family; a token that was used before ends the family.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_id.h"
#include "drs_sha256.h"
#include "drsw_auth.h"


#define DRSW_SESSION_SECRET 32
#define DRSW_SESSION_LEEWAY INT64_C(120000)


static int
drsw_session_load(drsw_ctx_t *ctx, drs_str_t token, drsw_session_t *s);


static int
drsw_session_key(const drsw_redis_t *redis, char key[256], const char *id)
{
    return drsw_redis_key(redis, key, 256, "session:%s", id);
}


static int
drsw_session_do(drsw_redis_t *redis, drs_cmd_t *cmd)
{
    int          rc;
    drsw_reply_t reply;

    rc = drsw_redis_cmd(redis, cmd, &reply);
    drsw_reply_free(&reply);
    drs_cmd_free(cmd);

    return rc;
}


int
drsw_session_create(drsw_ctx_t *ctx, drsw_session_t *s, char **token)
{
    int           rc;
    char          key[256], set[256], until[24], ttl[24];
    char          hash[DRS_SHA256_HEX_LEN + 1];
    char          text[drs_base64url_len(DRSW_SESSION_SECRET) + 1];
    int64_t       now;
    drs_buf_t     b;
    unsigned char secret[DRSW_SESSION_SECRET];

    *token = NULL;
    now = drsw_now_ms(ctx);

    if (s->family[0] == '\0') {
        s->until_ms = now + ctx->conf->issuer_refresh_ms;

        if (drsw_uuid(s->family) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    if (drsw_uuid(s->id) != DRS_OK
        || drsw_random(secret, sizeof(secret)) != DRS_OK) {
        return DRS_ERROR;
    }

    (void) drs_base64url_encode(text, secret, sizeof(secret));
    drs_memzero(secret, sizeof(secret));
    (void) snprintf(until, sizeof(until), "%lld", (long long) s->until_ms);
    (void) snprintf(
        ttl, sizeof(ttl), "%lld",
        (long long) (s->until_ms - now > 1 ? s->until_ms - now : 1));

    if (drs_sha256_hex(hash, text, strlen(text)) != DRS_OK
        || drsw_session_key(ctx->redis, key, s->id) != DRS_OK
        || drsw_redis_key(ctx->redis, set, sizeof(set), "user:%s:sessions",
                          s->user)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_session_do(
        ctx->redis, drs_cmd_words("HSET", key, "user", s->user, "hash", hash,
                                  "family", s->family, "until", until, NULL));

    if (rc == DRS_OK) {
        rc = drsw_session_do(ctx->redis,
                             drs_cmd_words("PEXPIRE", key, ttl, NULL));
    }

    if (rc == DRS_OK) {
        rc = drsw_session_do(ctx->redis,
                             drs_cmd_words("SADD", set, s->id, NULL));
    }

    if (rc == DRS_OK) {
        (void) snprintf(
            ttl, sizeof(ttl), "%lld",
            (long long) (ctx->conf->issuer_refresh_ms + DRSW_SESSION_LEEWAY));
        rc = drsw_session_do(ctx->redis,
                             drs_cmd_words("PEXPIRE", set, ttl, NULL));
    }

    if (rc == DRS_OK) {
        drs_buf_init(&b, 0);
        (void) drs_buf_printf(&b, "%s.%s", s->id, text);
        *token = drs_buf_steal(&b, NULL);
        rc = (*token != NULL) ? DRS_OK : DRS_ERROR;
    }

    drs_memzero(text, sizeof(text));

    return rc;
}


/* Session of a token whose secret fits and whose time is not over. */

static int
drsw_session_load(drsw_ctx_t *ctx, drs_str_t token, drsw_session_t *s)
{
    int          rc;
    char         key[256], hash[DRS_SHA256_HEX_LEN + 1];
    drs_str_t    rest, id;
    drsw_reply_t reply;

    memset(s, 0, sizeof(*s));
    rest = token;

    if (!drs_str_split(&rest, '.', &id) || rest.data == NULL
        || !drs_id_is_uuid4(id))
    {
        return DRS_DECLINED;
    }

    (void) snprintf(s->id, sizeof(s->id), "%.*s", DRS_STR_ARG(id));

    if (drs_sha256_hex(hash, rest.data, rest.len) != DRS_OK
        || drsw_session_key(ctx->redis, key, s->id) != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "HMGET", key, "user", "hash",
                            "family", "until", NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_DECLINED;

    if (reply.r.n == 4 && reply.r.v[0].data != NULL
        && reply.r.v[0].len < sizeof(s->user)
        && reply.r.v[2].len < sizeof(s->family)
        && drs_str_eq_ct(reply.r.v[1], drs_str(hash))
        && drs_str_i64(reply.r.v[3], &s->until_ms) == DRS_OK
        && s->until_ms > drsw_now_ms(ctx))
    {
        (void) snprintf(s->user, sizeof(s->user), "%.*s",
                        DRS_STR_ARG(reply.r.v[0]));
        (void) snprintf(s->family, sizeof(s->family), "%.*s",
                        DRS_STR_ARG(reply.r.v[2]));
        rc = DRS_OK;
    }

    drsw_reply_free(&reply);

    return rc;
}


int
drsw_session_find(drsw_ctx_t *ctx, drs_str_t token, drsw_session_t *s)
{
    return drsw_session_load(ctx, token, s);
}


int
drsw_session_use(drsw_ctx_t *ctx, drs_str_t token, const char *command_id,
                 drsw_session_t *s)
{
    int          rc;
    char         key[256];
    drsw_reply_t reply;

    rc = drsw_session_load(ctx, token, s);
    if (rc != DRS_OK) {
        return rc;
    }

    if (drsw_session_key(ctx->redis, key, s->id) != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "HSETNX", key, "used",
                            command_id, NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drs_str_eqz(reply.r.v[0], "1") ? DRS_OK : DRS_DECLINED;
    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        return DRS_OK;
    }

    if (drsw_redis_words(ctx->redis, &reply, "HGET", key, "used", NULL)
        != DRS_OK) {
        return DRS_ERROR;
    }

    rc = drs_str_eqz(reply.r.v[0], command_id) ? DRS_OK : DRS_DECLINED;
    drsw_reply_free(&reply);

    if (rc == DRS_DECLINED) {
        drsw_warn(ctx->log,
                  "a refresh token of user %s was used twice: its "
                  "session is ended",
                  s->user);

        if (drsw_session_end(ctx->redis, ctx->conf, s->user, s->family)
            != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return rc;
}


int
drsw_session_revoke(drsw_redis_t *redis, const drsw_config_t *conf,
                    const char *id, const char *value)
{
    int  rc;
    char key[512], channel[128], ttl[24];

    (void) snprintf(ttl, sizeof(ttl), "%lld",
                    (long long) (conf->issuer_token_ms + DRSW_SESSION_LEEWAY));

    if (drsw_redis_key(redis, key, sizeof(key), "revoked:%s", id) != DRS_OK
        || drsw_redis_key(redis, channel, sizeof(channel), "revoked") != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_session_do(redis,
                         drs_cmd_words("SET", key, value, "PX", ttl, NULL));

    if (rc == DRS_OK) {
        rc =
            drsw_session_do(redis, drs_cmd_words("PUBLISH", channel, id, NULL));
    }

    return rc;
}


/* Ends one session of the set if it is of the family. */

static int
drsw_session_end_one(drsw_redis_t *redis, const drsw_config_t *conf,
                     const char *set, const char *id, const char *family)
{
    int          rc, ours;
    char         key[256], of[48];
    drsw_reply_t reply;

    if (drsw_session_key(redis, key, id) != DRS_OK
        || drsw_redis_words(redis, &reply, "HGET", key, "family", NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    (void) snprintf(of, sizeof(of), "%.*s", DRS_STR_ARG(reply.r.v[0]));
    drsw_reply_free(&reply);

    ours = (family == NULL || strcmp(family, of) == 0);
    rc = DRS_OK;

    if (of[0] != '\0' && ours) {
        rc = drsw_session_do(redis, drs_cmd_words("DEL", key, NULL));

        if (rc == DRS_OK && family == NULL) {
            rc = drsw_session_revoke(redis, conf, of, "1");
        }
    }

    if (rc == DRS_OK && (of[0] == '\0' || ours)) {
        rc = drsw_session_do(redis, drs_cmd_words("SREM", set, id, NULL));
    }

    return rc;
}


int
drsw_session_end(drsw_redis_t *redis, const drsw_config_t *conf,
                 const char *user, const char *family)
{
    int          rc;
    char         set[256], id[48];
    size_t       i;
    drsw_reply_t reply;

    /* first the access tokens: from now on nothing of it works */

    if (family != NULL
        && drsw_session_revoke(redis, conf, family, "1") != DRS_OK) {
        return DRS_ERROR;
    }

    if (drsw_redis_key(redis, set, sizeof(set), "user:%s:sessions", user)
            != DRS_OK
        || drsw_redis_words(redis, &reply, "SMEMBERS", set, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        (void) snprintf(id, sizeof(id), "%.*s", DRS_STR_ARG(reply.r.v[i]));
        rc = drsw_session_end_one(redis, conf, set, id, family);
    }

    drsw_reply_free(&reply);

    return rc;
}
