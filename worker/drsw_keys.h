
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The worker's own keys on its disk: the issuer's signing key and the key that
 * opens sealed secrets.  Made at first start, mode 0600, never in Redis.
 */

#ifndef DRSW_KEYS_H
#define DRSW_KEYS_H


#include <openssl/evp.h>

#include "drsw_config.h"


/*
 * Private key as PEM, read from `file` or made there (created exclusively, so
 * that two workers starting at once agree).  *pem is malloc'ed, wiped and freed
 * by the caller.  DRS_ERROR: err says why, the file's mode included.
 */
int drsw_key_issuer(char **pem, const char *file, drsw_alg_e alg, char *err,
                    size_t errlen);
int drsw_key_seal(char **pem, const char *file, char *err, size_t errlen);

/* Path of the option, or the default name inside state_dir. */
int drsw_key_path(char *dst, size_t size, const char *option,
                  const drsw_config_t *conf, const char *name);

/*
 * Public part as one JWK: {"kty", "kid", "alg", "use", ...}; kid is the RFC
 * 7638 thumbprint.  Appends the text; kid_out has 44 bytes.
 */
int drsw_key_jwk(drs_buf_t *b, EVP_PKEY *key, drsw_alg_e alg, char *kid_out);

#define DRSW_KID_SIZE 44


#endif /* DRSW_KEYS_H */
