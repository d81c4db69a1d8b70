
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys of the local issuer: read or made at start, public parts published.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "drs_seal.h"
#include "drsw_auth_int.h"


static int
drsw_auth_issuer_key(drsw_auth_t *auth, const drsw_config_t *conf, char *err,
                     size_t errlen)
{
    int        rc;
    BIO       *bio;
    char       path[1024];
    drs_buf_t  b;
    EVP_PKEY  *key;
    drsw_alg_e alg;

    alg = (drsw_alg_e) conf->issuer_algorithm;

    if (drsw_key_path(path, sizeof(path), conf->issuer_key_file, conf,
                      "issuer.key")
            != DRS_OK
        || drsw_key_issuer(&auth->issuer_pem, path, alg, err, errlen) != DRS_OK)
    {
        return DRS_ERROR;
    }

    bio = BIO_new_mem_buf(auth->issuer_pem, -1);

    /* an empty passphrase instead of a question on the terminal */

    key = (bio != NULL) ? PEM_read_bio_PrivateKey(bio, NULL, NULL,
                                                  (void *) (uintptr_t) "")
                        : NULL;
    BIO_free(bio);

    if (key == NULL
        || EVP_PKEY_get_base_id(key)
               != (alg == DRSW_ALG_RS256 ? EVP_PKEY_RSA : EVP_PKEY_EC))
    {
        (void) snprintf(err, errlen, "%s holds no key for issuer_algorithm %s",
                        path, alg == DRSW_ALG_RS256 ? "RS256" : "ES256");
        EVP_PKEY_free(key);
        return DRS_ERROR;
    }

    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "{\"keys\":[");
    rc = drsw_key_jwk(&b, key, alg, auth->kid);
    (void) drs_buf_puts(&b, "]}");
    EVP_PKEY_free(key);

    auth->jwks = drs_buf_steal(&b, NULL);

    if (rc != DRS_OK || auth->jwks == NULL) {
        (void) snprintf(err, errlen, "%s: public key cannot be made", path);
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drsw_auth_seal_key(drsw_auth_t *auth, const drsw_config_t *conf, char *err,
                   size_t errlen)
{
    char path[1024], *pem;

    if (drsw_key_path(path, sizeof(path), conf->seal_key_file, conf, "seal.key")
            != DRS_OK
        || drsw_key_seal(&pem, path, err, errlen) != DRS_OK)
    {
        return DRS_ERROR;
    }

    auth->seal_key = drs_seal_private_key(drs_str(pem));
    drs_memzero(pem, strlen(pem));
    free(pem);

    if (auth->seal_key != NULL) {
        auth->seal_public = drs_seal_public_pem(auth->seal_key);
    }

    if (auth->seal_public == NULL) {
        (void) snprintf(err, errlen, "%s holds no X25519 key", path);
        return DRS_ERROR;
    }

    return DRS_OK;
}


int
drsw_auth_create(drsw_auth_t **out, const drsw_config_t *conf, char *err,
                 size_t errlen)
{
    drsw_auth_t *auth;

    *out = NULL;
    (void) snprintf(err, errlen, "out of memory");

    auth = calloc(1, sizeof(*auth));
    if (auth == NULL) {
        return DRS_ERROR;
    }

    pthread_mutex_init(&auth->lock, NULL);
    auth->rate = (double) conf->login_rate;
    auth->tokens = 2 * auth->rate;

    if (drsw_auth_issuer_key(auth, conf, err, errlen) != DRS_OK
        || drsw_auth_seal_key(auth, conf, err, errlen) != DRS_OK)
    {
        drsw_auth_destroy(auth);
        return DRS_ERROR;
    }

    *out = auth;

    return DRS_OK;
}


void
drsw_auth_destroy(drsw_auth_t *auth)
{
    if (auth == NULL) {
        return;
    }

    if (auth->issuer_pem != NULL) {
        drs_memzero(auth->issuer_pem, strlen(auth->issuer_pem));
    }

    EVP_PKEY_free(auth->seal_key);
    pthread_mutex_destroy(&auth->lock);
    free(auth->issuer_pem);
    free(auth->seal_public);
    free(auth->jwks);
    free(auth);
}


int
drsw_auth_publish(drsw_auth_t *auth, drsw_redis_t *redis,
                  const drsw_config_t *conf, drsw_log_t *log, int start)
{
    int          there;
    char         key[160], hash[65];
    drsw_reply_t reply;

    if (drsw_jwks_hash(hash, conf->issuer_url) != DRS_OK
        || drsw_redis_key(redis, key, sizeof(key), "jwks:%s", hash) != DRS_OK
        || drsw_redis_words(redis, &reply, "EXISTS", key, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    there = drs_str_eqz(reply.r.v[0], "1");
    drsw_reply_free(&reply);

    if ((start || !there)
        && (drsw_jwks_publish(redis, conf->issuer_url, drs_str(auth->jwks))
                != DRS_OK
            || drsw_jwks_note(redis, conf->issuer_url, drsw_wall_ms(), NULL)
                   != DRS_OK))
    {
        return DRS_ERROR;
    }

    if (drsw_redis_key(redis, key, sizeof(key), "seal:pub") != DRS_OK
        || drsw_redis_words(redis, &reply, "GET", key, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    there = reply.r.v[0].data != NULL;

    if (start && there && !drs_str_eqz(reply.r.v[0], auth->seal_public)) {
        drsw_warn(log, "another sealing key was published before: workers of "
                       "one store must share issuer.key and seal.key");
    }

    drsw_reply_free(&reply);

    if (!start && there) {
        return DRS_OK;
    }

    if (drsw_redis_words(redis, &reply, "SET", key, auth->seal_public, NULL)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    drsw_reply_free(&reply);

    return DRS_OK;
}
