
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_seal.h"
#include "drs_sha256.h"


#define DRS_SEAL_VERSION 1
#define DRS_SEAL_KEY_LEN 32
#define DRS_SEAL_IV_LEN  12
#define DRS_SEAL_TAG_LEN 16

/* offsets in a sealed message */
#define DRS_SEAL_AT_ID   1
#define DRS_SEAL_AT_EPH  (DRS_SEAL_AT_ID + DRS_SEAL_ID_LEN)
#define DRS_SEAL_AT_IV   (DRS_SEAL_AT_EPH + DRS_SEAL_KEY_LEN)
#define DRS_SEAL_AT_TEXT (DRS_SEAL_AT_IV + DRS_SEAL_IV_LEN)


/* Never asks a terminal for a passphrase */

static int
drs_seal_no_passphrase(char *buf, int size, int rwflag, void *ctx)
{
    (void) buf;
    (void) size;
    (void) rwflag;
    (void) ctx;

    return -1;
}


static EVP_PKEY *
drs_seal_read_key(drs_str_t pem, int private_key)
{
    BIO      *bio;
    EVP_PKEY *key;

    if (pem.len == 0 || pem.len > 64 * 1024) {
        return NULL;
    }

    bio = BIO_new_mem_buf(pem.data, (int) pem.len);
    if (bio == NULL) {
        ERR_clear_error();
        return NULL;
    }

    if (private_key) {
        key = PEM_read_bio_PrivateKey(bio, NULL, drs_seal_no_passphrase, NULL);

    } else {
        key = PEM_read_bio_PUBKEY(bio, NULL, drs_seal_no_passphrase, NULL);
    }

    BIO_free(bio);

    if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_X25519) {
        EVP_PKEY_free(key);
        key = NULL;
    }

    ERR_clear_error();

    return key;
}


EVP_PKEY *
drs_seal_public_key(drs_str_t pem)
{
    return drs_seal_read_key(pem, 0);
}


EVP_PKEY *
drs_seal_private_key(drs_str_t pem)
{
    return drs_seal_read_key(pem, 1);
}


static char *
drs_seal_pem(EVP_PKEY *key, int private_key)
{
    int       ok;
    BIO      *bio;
    char     *data, *text;
    long      len;
    drs_str_t s;

    bio = BIO_new(BIO_s_secmem());
    if (bio == NULL) {
        ERR_clear_error();
        return NULL;
    }

    if (private_key) {
        ok = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);

    } else {
        ok = PEM_write_bio_PUBKEY(bio, key);
    }

    text = NULL;

    if (ok == 1) {
        len = BIO_get_mem_data(bio, &data);
        s = drs_strn(data, len > 0 ? (size_t) len : 0);
        text = drs_str_dup(s);
    }

    BIO_free(bio);
    ERR_clear_error();

    return text;
}


char *
drs_seal_public_pem(EVP_PKEY *key)
{
    return drs_seal_pem(key, 0);
}


int
drs_seal_keygen(char **private_pem, char **public_pem)
{
    EVP_PKEY *key;

    *private_pem = NULL;
    *public_pem = NULL;

    key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

    if (key != NULL) {
        *private_pem = drs_seal_pem(key, 1);
        *public_pem = drs_seal_pem(key, 0);
        EVP_PKEY_free(key);
    }

    ERR_clear_error();

    if (*private_pem == NULL || *public_pem == NULL) {
        if (*private_pem != NULL) {
            drs_memzero(*private_pem, strlen(*private_pem));
        }

        free(*private_pem);
        free(*public_pem);
        *private_pem = NULL;
        *public_pem = NULL;
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drs_seal_raw_public(EVP_PKEY *key, unsigned char raw[DRS_SEAL_KEY_LEN])
{
    size_t len;

    len = DRS_SEAL_KEY_LEN;

    if (EVP_PKEY_get_raw_public_key(key, raw, &len) != 1
        || len != DRS_SEAL_KEY_LEN) {
        ERR_clear_error();
        return DRS_ERROR;
    }

    return DRS_OK;
}


static int
drs_seal_raw_id(const unsigned char raw[DRS_SEAL_KEY_LEN],
                unsigned char       id[DRS_SEAL_ID_LEN])
{
    unsigned char md[DRS_SHA256_LEN];

    if (drs_sha256(md, raw, DRS_SEAL_KEY_LEN) != DRS_OK) {
        return DRS_ERROR;
    }

    memcpy(id, md, DRS_SEAL_ID_LEN);

    return DRS_OK;
}


int
drs_seal_key_id(char dst[DRS_SEAL_ID_SIZE], EVP_PKEY *key)
{
    unsigned char raw[DRS_SEAL_KEY_LEN], id[DRS_SEAL_ID_LEN];

    dst[0] = '\0';

    if (drs_seal_raw_public(key, raw) != DRS_OK
        || drs_seal_raw_id(raw, id) != DRS_OK)
    {
        return DRS_ERROR;
    }

    drs_hex(dst, id, DRS_SEAL_ID_LEN);

    return DRS_OK;
}


/* HKDF over the shared secret, bound to both public keys */

static int
drs_seal_hkdf(unsigned char       out[DRS_SEAL_KEY_LEN],
              unsigned char       secret[DRS_SEAL_KEY_LEN],
              const unsigned char ephemeral[DRS_SEAL_KEY_LEN],
              const unsigned char recipient[DRS_SEAL_KEY_LEN])
{
    int           ok;
    char          digest[] = "SHA256";
    EVP_KDF      *kdf;
    OSSL_PARAM    params[4];
    EVP_KDF_CTX  *ctx;
    unsigned char info[11 + 2 * DRS_SEAL_KEY_LEN];

    memcpy(info, "drs-seal-v1", 11);
    memcpy(info + 11, ephemeral, DRS_SEAL_KEY_LEN);
    memcpy(info + 11 + DRS_SEAL_KEY_LEN, recipient, DRS_SEAL_KEY_LEN);

    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;

    params[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret,
                                                  DRS_SEAL_KEY_LEN);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
                                                  sizeof(info));
    params[3] = OSSL_PARAM_construct_end();

    ok = (ctx != NULL
          && EVP_KDF_derive(ctx, out, DRS_SEAL_KEY_LEN, params) == 1);

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);

    return ok ? DRS_OK : DRS_ERROR;
}


/*
 * Key of one message: `own` private with `peer` public.  DRS_DECLINED when
 * the peer's key is one of the points that give no secret.
 */

static int
drs_seal_derive(unsigned char out[DRS_SEAL_KEY_LEN], EVP_PKEY *own,
                EVP_PKEY *peer, const unsigned char ephemeral[DRS_SEAL_KEY_LEN],
                const unsigned char recipient[DRS_SEAL_KEY_LEN])
{
    int           rc;
    size_t        len;
    EVP_PKEY_CTX *ctx;
    unsigned char secret[DRS_SEAL_KEY_LEN];

    len = sizeof(secret);
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);

    if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1) {
        EVP_PKEY_CTX_free(ctx);
        return DRS_ERROR;
    }

    if (EVP_PKEY_derive_set_peer(ctx, peer) != 1
        || EVP_PKEY_derive(ctx, secret, &len) != 1 || len != DRS_SEAL_KEY_LEN)
    {
        rc = DRS_DECLINED;

    } else {
        rc = drs_seal_hkdf(out, secret, ephemeral, recipient);
    }

    EVP_PKEY_CTX_free(ctx);
    drs_memzero(secret, sizeof(secret));

    return rc;
}


/* Everything before the nonce, then the context, is authenticated */

static int
drs_seal_gcm(int encrypt, const unsigned char *key, unsigned char *msg,
             drs_str_t context, const unsigned char *in, unsigned char *out,
             size_t len)
{
    int             n, ok;
    unsigned char  *tag;
    EVP_CIPHER_CTX *ctx;

    tag = msg + DRS_SEAL_AT_TEXT + len;
    ctx = EVP_CIPHER_CTX_new();

    ok = (ctx != NULL
          && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key,
                               msg + DRS_SEAL_AT_IV, encrypt)
                 == 1
          && EVP_CipherUpdate(ctx, NULL, &n, msg, DRS_SEAL_AT_IV) == 1
          && (context.len == 0
              || EVP_CipherUpdate(ctx, NULL, &n,
                                  (const unsigned char *) context.data,
                                  (int) context.len)
                     == 1)
          && (len == 0 || EVP_CipherUpdate(ctx, out, &n, in, (int) len) == 1));

    if (ok && !encrypt) {
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, DRS_SEAL_TAG_LEN,
                                 tag)
             == 1;
    }

    ok = ok && EVP_CipherFinal_ex(ctx, out + len, &n) == 1;

    if (ok && encrypt) {
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, DRS_SEAL_TAG_LEN,
                                 tag)
             == 1;
    }

    EVP_CIPHER_CTX_free(ctx);

    return ok;
}


int
drs_seal(char **text, EVP_PKEY *public_key, drs_str_t secret, drs_str_t context)
{
    int            rc;
    size_t         size;
    EVP_PKEY      *eph;
    unsigned char *msg, raw[DRS_SEAL_KEY_LEN], key[DRS_SEAL_KEY_LEN];

    *text = NULL;

    if (secret.len > DRS_SEAL_MAX || context.len > DRS_SEAL_MAX) {
        return DRS_DECLINED;
    }

    rc = DRS_ERROR;
    size = DRS_SEAL_OVERHEAD + secret.len;
    msg = malloc(size);
    eph = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

    if (msg == NULL || eph == NULL
        || drs_seal_raw_public(public_key, raw) != DRS_OK
        || drs_seal_raw_id(raw, msg + DRS_SEAL_AT_ID) != DRS_OK
        || drs_seal_raw_public(eph, msg + DRS_SEAL_AT_EPH) != DRS_OK
        || RAND_bytes(msg + DRS_SEAL_AT_IV, DRS_SEAL_IV_LEN) != 1)
    {
        goto done;
    }

    msg[0] = DRS_SEAL_VERSION;

    rc = drs_seal_derive(key, eph, public_key, msg + DRS_SEAL_AT_EPH, raw);
    if (rc != DRS_OK) {
        goto done;
    }

    rc = DRS_ERROR;

    if (drs_seal_gcm(1, key, msg, context, (const unsigned char *) secret.data,
                     msg + DRS_SEAL_AT_TEXT, secret.len))
    {
        *text = drs_base64url_dup(msg, size);
        rc = *text != NULL ? DRS_OK : DRS_ERROR;
    }

done:

    drs_memzero(key, sizeof(key));
    EVP_PKEY_free(eph);
    free(msg);
    ERR_clear_error();

    return rc;
}


/* Decodes and checks everything that needs no private key */

static int
drs_seal_decode(unsigned char **msg, size_t *len, drs_str_t text,
                const unsigned char raw[DRS_SEAL_KEY_LEN])
{
    size_t        size;
    unsigned char id[DRS_SEAL_ID_LEN];

    if (text.len > drs_base64url_len(DRS_SEAL_OVERHEAD + DRS_SEAL_MAX)) {
        return DRS_DECLINED;
    }

    *msg = malloc(drs_base64_decoded_max(text.len));

    if (*msg == NULL || drs_seal_raw_id(raw, id) != DRS_OK) {
        return DRS_ERROR;
    }

    if (drs_base64url_decode(*msg, &size, text) != DRS_OK
        || size < DRS_SEAL_OVERHEAD || (*msg)[0] != DRS_SEAL_VERSION
        || memcmp(*msg + DRS_SEAL_AT_ID, id, DRS_SEAL_ID_LEN) != 0)
    {
        return DRS_DECLINED;
    }

    *len = size - DRS_SEAL_OVERHEAD;

    return DRS_OK;
}


int
drs_seal_open(char **secret, size_t *len, EVP_PKEY *private_key, drs_str_t text,
              drs_str_t context)
{
    int            rc;
    size_t         n;
    EVP_PKEY      *eph;
    unsigned char *msg, *out, raw[DRS_SEAL_KEY_LEN], key[DRS_SEAL_KEY_LEN];

    *secret = NULL;
    *len = 0;
    n = 0;
    msg = NULL;
    out = NULL;
    eph = NULL;

    if (context.len > DRS_SEAL_MAX) {
        return DRS_DECLINED;
    }

    rc = drs_seal_raw_public(private_key, raw);

    if (rc == DRS_OK) {
        rc = drs_seal_decode(&msg, &n, text, raw);
    }

    if (rc != DRS_OK) {
        goto done;
    }

    eph = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
                                      msg + DRS_SEAL_AT_EPH, DRS_SEAL_KEY_LEN);
    out = malloc(n + 1);

    if (eph == NULL || out == NULL) {
        rc = DRS_ERROR;
        goto done;
    }

    rc = drs_seal_derive(key, private_key, eph, msg + DRS_SEAL_AT_EPH, raw);
    if (rc != DRS_OK) {
        goto done;
    }

    if (!drs_seal_gcm(0, key, msg, context, msg + DRS_SEAL_AT_TEXT, out, n)) {
        drs_memzero(out, n);
        rc = DRS_DECLINED;
        goto done;
    }

    out[n] = '\0';
    *secret = (char *) out;
    *len = n;
    out = NULL;

done:

    drs_memzero(key, sizeof(key));
    EVP_PKEY_free(eph);
    free(out);
    free(msg);
    ERR_clear_error();

    return rc;
}
