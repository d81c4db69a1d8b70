
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the local issuer: drsw_auth.c (keys) and drsw_auth_cmd.c
 * (commands).
 */

#ifndef DRSW_AUTH_INT_H
#define DRSW_AUTH_INT_H


#include <pthread.h>

#include <openssl/evp.h>

#include "drsw_auth.h"
#include "drsw_keys.h"


struct drsw_auth_s {
    char     *issuer_pem; /* secret */
    EVP_PKEY *seal_key;
    char     *seal_public;
    char     *jwks;
    char      kid[DRSW_KID_SIZE];

    pthread_mutex_t lock;
    double          rate; /* of the bucket for log-ins */
    double          tokens;
    int64_t         tokens_at;
};


#endif /* DRSW_AUTH_INT_H */
