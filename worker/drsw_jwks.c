
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Key sets of the trusted issuers: fetched over HTTPS, checked, published.
 * The last good set stays when a fetch fails.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "drs_json.h"
#include "drs_jwks.h"
#include "drs_sha256.h"
#include "drs_version.h"
#include "drsw_auth.h"


#define DRSW_JWKS_CONNECT_MS 5000L
#define DRSW_JWKS_TOTAL_MS   15000L


static int drsw_jwks_step(drsw_ctx_t *ctx, int64_t *next_at);
static int drsw_jwks_issuer(drsw_ctx_t *ctx, const drsw_config_issuer_t *is,
                            int64_t *next_at);
static int drsw_jwks_fetch(const drsw_config_issuer_t *is, drs_buf_t *body,
                           char *err, size_t errlen);
static int drsw_jwks_age(drsw_ctx_t *ctx, const char *issuer,
                         int64_t *fetched_at, int64_t *tried_at);


static const drsw_task_kind_t drsw_jwks_kind = {
    .prefix = "jwks", .step = drsw_jwks_step, .background = 1, .seed = 1
};


int
drsw_jwks_register(drsw_registry_t *reg)
{
    return drsw_register_task(reg, &drsw_jwks_kind);
}


int
drsw_jwks_hash(char dst[65], const char *issuer)
{
    return drs_sha256_hex(dst, issuer, strlen(issuer));
}


static int
drsw_jwks_step(drsw_ctx_t *ctx, int64_t *next_at)
{
    size_t  i;
    int64_t at;

    for (i = 0; i < ctx->conf->n_issuers && !drsw_stopping(ctx); i++) {
        if (drsw_jwks_issuer(ctx, &ctx->conf->issuers[i], &at) != DRS_OK) {
            return DRS_ERROR;
        }

        if (*next_at == DRSW_NEVER || at < *next_at) {
            *next_at = at;
        }
    }

    return DRS_OK;
}


/*
 * The step runs when something is due or when a module asked for it; an issuer
 * is fetched at most once per jwks_min_interval either way.
 */

static int
drsw_jwks_issuer(drsw_ctx_t *ctx, const drsw_config_issuer_t *is,
                 int64_t *next_at)
{
    int         rc;
    char        err[256], errtext[160];
    int64_t     now, fetched, tried;
    drs_buf_t   body;
    drs_jwks_t *set;

    now = drsw_now_ms(ctx);

    if (drsw_jwks_age(ctx, is->issuer, &fetched, &tried) != DRS_OK) {
        return DRS_ERROR;
    }

    if (tried <= now && now - tried < ctx->conf->jwks_min_interval_ms) {
        *next_at = tried + ctx->conf->jwks_min_interval_ms;
        return DRS_OK;
    }

    drs_buf_init(&body, DRS_JWKS_MAX_BYTES);
    err[0] = '\0';

    rc = drsw_jwks_fetch(is, &body, err, sizeof(err));

    if (rc == DRS_OK) {
        rc = drs_jwks_parse(&set, drs_buf_str(&body), DRS_JWA_ALL, errtext,
                            sizeof(errtext));

        if (rc == DRS_OK) {
            drsw_info(ctx->log, "%zu keys of issuer %s fetched",
                      drs_jwks_count(set), is->name);
            drs_jwks_free(set);

        } else {
            (void) snprintf(err, sizeof(err), "not usable: %s", errtext);
        }
    }

    drsw_count(ctx, "jwks_fetches_total",
               rc == DRS_OK ? "result=\"ok\"" : "result=\"error\"", 1);

    if (rc != DRS_OK) {
        drsw_warn(ctx->log,
                  "key set of issuer %s: %s; the last good one "
                  "stays",
                  is->name, err);
        *next_at = now + ctx->conf->jwks_min_interval_ms;
        rc = drsw_jwks_note(ctx->redis, is->issuer, now, err);

    } else {
        *next_at = now + ctx->conf->jwks_refresh_ms;
        rc = drsw_jwks_publish(ctx->redis, is->issuer, drs_buf_str(&body));

        if (rc == DRS_OK) {
            rc = drsw_jwks_note(ctx->redis, is->issuer, now, NULL);
        }
    }

    drs_buf_free(&body);

    return rc == DRS_OK ? DRS_OK : DRS_ERROR;
}


static size_t
drsw_jwks_write(char *data, size_t size, size_t n, void *buf)
{
    return drs_buf_append(buf, data, size * n) == DRS_OK ? size * n : 0;
}


static int
drsw_jwks_fetch(const drsw_config_issuer_t *is, drs_buf_t *body, char *err,
                size_t errlen)
{
    int      rc;
    CURL    *curl;
    long     status;
    CURLcode code;

    curl = curl_easy_init();
    if (curl == NULL) {
        (void) snprintf(err, errlen, "out of memory");
        return DRS_ERROR;
    }

    (void) curl_easy_setopt(curl, CURLOPT_URL, is->jwks_url);
    (void) curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    (void) curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void) curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                            DRSW_JWKS_CONNECT_MS);
    (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, DRSW_JWKS_TOTAL_MS);
    (void) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    (void) curl_easy_setopt(curl, CURLOPT_USERAGENT,
                            "drs-orchestrator/" DRS_VERSION);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drsw_jwks_write);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);

    if (is->ca_file[0] != '\0') {
        (void) curl_easy_setopt(curl, CURLOPT_CAINFO, is->ca_file);
    }

    code = curl_easy_perform(curl);
    status = 0;
    (void) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);

    rc = DRS_OK;

    if (code != CURLE_OK) {
        (void) snprintf(err, errlen, "%s", curl_easy_strerror(code));
        rc = DRS_ERROR;

    } else if (status != 200) {
        (void) snprintf(err, errlen, "HTTP status %ld", status);
        rc = DRS_ERROR;
    }

    curl_easy_cleanup(curl);

    return rc;
}


/* --- store ---------------------------------------------------------------- */


/* Times of the last good fetch and of the last attempt; 0: never. */

static int
drsw_jwks_age(drsw_ctx_t *ctx, const char *issuer, int64_t *fetched_at,
              int64_t *tried_at)
{
    char         key[96], hash[65];
    json_t      *meta;
    drsw_reply_t reply;

    *fetched_at = 0;
    *tried_at = 0;

    if (drsw_jwks_hash(hash, issuer) != DRS_OK
        || drsw_redis_key(ctx->redis, key, sizeof(key), "jwks:meta") != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "HGET", key, hash, NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    if (reply.r.v[0].data != NULL) {
        meta = drs_json_parse(reply.r.v[0], NULL, NULL);
        *fetched_at = drs_json_int(meta, "fetchedAt", 0);
        *tried_at = drs_json_int(meta, "triedAt", 0);
        json_decref(meta);
    }

    drsw_reply_free(&reply);

    return DRS_OK;
}


int
drsw_jwks_note(drsw_redis_t *redis, const char *issuer, int64_t now_ms,
               const char *error)
{
    int          rc;
    char         key[96], hash[65], *text;
    json_t      *meta, *old;
    drsw_reply_t reply;

    if (drsw_jwks_hash(hash, issuer) != DRS_OK
        || drsw_redis_key(redis, key, sizeof(key), "jwks:meta") != DRS_OK
        || drsw_redis_words(redis, &reply, "HGET", key, hash, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    old = (reply.r.v[0].data != NULL) ? drs_json_parse(reply.r.v[0], NULL, NULL)
                                      : NULL;
    drsw_reply_free(&reply);

    meta = json_pack(
        "{s:s, s:I, s:I, s:s}", "issuer", issuer, "fetchedAt",
        (json_int_t) (error == NULL ? now_ms
                                    : drs_json_int(old, "fetchedAt", 0)),
        "triedAt", (json_int_t) now_ms, "error", error != NULL ? error : "");
    json_decref(old);

    text = (meta != NULL) ? drs_json_text(meta, NULL) : NULL;
    json_decref(meta);

    if (text == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_redis_words(redis, &reply, "HSET", key, hash, text, NULL);

    drsw_reply_free(&reply);
    free(text);

    return rc;
}


int
drsw_jwks_publish(drsw_redis_t *redis, const char *issuer, drs_str_t text)
{
    int          rc, changed;
    char         key[160], channel[96], hash[65];
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    if (drsw_jwks_hash(hash, issuer) != DRS_OK
        || drsw_redis_key(redis, key, sizeof(key), "jwks:%s", hash) != DRS_OK
        || drsw_redis_key(redis, channel, sizeof(channel), "jwks") != DRS_OK)
    {
        return DRS_ERROR;
    }

    cmd = drs_cmd_words("SET", key, NULL);
    (void) drs_cmd_add(cmd, text);
    (void) drs_cmd_addz(cmd, "GET");

    rc = drsw_redis_cmd(redis, cmd, &reply);
    drs_cmd_free(cmd);

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    changed = !drs_str_eq(reply.r.v[0], text);
    drsw_reply_free(&reply);

    if (changed) {
        rc = drsw_redis_words(redis, &reply, "PUBLISH", channel, hash, NULL);
        drsw_reply_free(&reply);
    }

    return rc;
}
