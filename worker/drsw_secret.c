
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The key that opens sealed secrets, for everything besides the local issuer:
 * secrets of webhooks lie sealed in Redis.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_keys.h"
#include "drs_seal.h"

#include "drsw_keys.h"
#include "drsw_worker.h"


struct drsw_secret_s {
    EVP_PKEY *key;
    char     *public_pem;
};


int
drsw_secret_create(drsw_secret_t **out, const drsw_config_t *conf, char *err,
                   size_t errlen)
{
    char           path[1024], *pem;
    drsw_secret_t *s;

    *out = NULL;

    if (drsw_key_path(path, sizeof(path), conf->seal_key_file, conf, "seal.key")
            != DRS_OK
        || drsw_key_seal(&pem, path, err, errlen) != DRS_OK)
    {
        return DRS_ERROR;
    }

    s = calloc(1, sizeof(*s));

    if (s != NULL) {
        s->key = drs_seal_private_key(drs_str(pem));
        s->public_pem = s->key != NULL ? drs_seal_public_pem(s->key) : NULL;
    }

    drs_memzero(pem, strlen(pem));
    free(pem);

    if (s == NULL || s->public_pem == NULL) {
        (void) snprintf(err, errlen, "%s holds no X25519 key", path);
        drsw_secret_destroy(s);
        return DRS_ERROR;
    }

    *out = s;
    return DRS_OK;
}


void
drsw_secret_destroy(drsw_secret_t *s)
{
    if (s != NULL) {
        EVP_PKEY_free(s->key);
        free(s->public_pem);
        free(s);
    }
}


int
drsw_secret_publish(const drsw_secret_t *s, drsw_redis_t *redis)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd0("SET", drsw_redis_prefix(redis), DRS_KEY_SEAL_PUB);
    (void) drs_cmd_addz(cmd, s->public_pem);
    (void) drs_cmd_addz(cmd, "NX");
    rc = drsw_redis_cmd(redis, cmd, &reply);
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);

    return rc;
}


int
drsw_secret_open(drsw_ctx_t *ctx, drs_str_t sealed, drs_str_t context,
                 char **secret, size_t *len)
{
    *secret = NULL;

    if (ctx->worker->secret == NULL) {
        return DRS_DECLINED;
    }

    return drs_seal_open(secret, len, ctx->worker->secret->key, sealed,
                         context);
}
