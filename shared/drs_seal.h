
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Secrets in transit between module and worker: sealed with the worker's
 * public key, so that no password is ever in Redis in clear.
 *
 * X25519 with a key pair of its own per message, HKDF-SHA-256, AES-256-GCM.
 * `context` is authenticated but not sent (a command id, say): a sealed text
 * moved to another place does not open.  The text form is base64url:
 * version 1 (1 byte), key id (8), ephemeral public key (32), nonce (12),
 * ciphertext, tag (16).
 */

#ifndef DRS_SEAL_H_INCLUDED
#define DRS_SEAL_H_INCLUDED


#include <openssl/evp.h>

#include "drs_str.h"


#define DRS_SEAL_MAX      4096 /* bytes of one secret */
#define DRS_SEAL_OVERHEAD (1 + 8 + 32 + 12 + 16)
#define DRS_SEAL_ID_LEN   8
#define DRS_SEAL_ID_SIZE  (2 * DRS_SEAL_ID_LEN + 1) /* hex and NUL */


/*
 * New key pair as PEM texts (PKCS#8 and SubjectPublicKeyInfo), malloc'ed; the
 * caller wipes and frees them.
 */
int drs_seal_keygen(char **private_pem, char **public_pem) DRS_MUST_CHECK;

/*
 * X25519 keys from PEM; EVP_PKEY_free().  NULL if it is anything else.  No
 * passphrase is ever asked for.
 */
EVP_PKEY *drs_seal_public_key(drs_str_t pem);
EVP_PKEY *drs_seal_private_key(drs_str_t pem);

/* Public part of a private key as PEM, malloc'ed; NULL on failure. */
char *drs_seal_public_pem(EVP_PKEY *key);

/* Id of the public key in hex: tells that a key was replaced. */
int drs_seal_key_id(char dst[DRS_SEAL_ID_SIZE], EVP_PKEY *key);

/*
 * *text is malloc'ed, NUL-terminated.  DRS_DECLINED: secret longer than
 * DRS_SEAL_MAX.
 */
int drs_seal(char **text, EVP_PKEY *public_key, drs_str_t secret,
             drs_str_t context) DRS_MUST_CHECK;

/*
 * *secret is malloc'ed, NUL-terminated behind *len bytes; the caller wipes it
 * with drs_memzero() and frees it.  DRS_DECLINED: not for this key, other
 * context, changed, or not a sealed text.
 */
int drs_seal_open(char **secret, size_t *len, EVP_PKEY *private_key,
                  drs_str_t text, drs_str_t context) DRS_MUST_CHECK;


#endif /* DRS_SEAL_H_INCLUDED */
