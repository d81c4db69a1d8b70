
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "drs_base64.h"
#include "drs_seal.h"
#include "drs_sha256.h"
#include "drsw_keys.h"


#define DRSW_KEY_MAX      16384
#define DRSW_KEY_RSA_BITS 3072


static int
drsw_key_read(char **pem, const char *file, char *err, size_t errlen);
static int
drsw_key_write(const char *file, const char *pem, char *err, size_t errlen);
static int   drsw_key_folder(const char *file);
static char *drsw_key_make(drsw_alg_e alg);


int
drsw_key_path(char *dst, size_t size, const char *option,
              const drsw_config_t *conf, const char *name)
{
    int n;

    if (option[0] != '\0') {
        n = snprintf(dst, size, "%s", option);
    } else {
        n = snprintf(dst, size, "%s/%s", conf->state_dir, name);
    }

    return (n > 0 && (size_t) n < size) ? DRS_OK : DRS_ERROR;
}


/* DRS_DECLINED: the file does not exist. */

static int
drsw_key_read(char **pem, const char *file, char *err, size_t errlen)
{
    int         fd;
    char       *buf;
    ssize_t     n;
    struct stat st;

    *pem = NULL;

    fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd == -1) {
        if (errno == ENOENT) {
            return DRS_DECLINED;
        }

        (void) snprintf(err, errlen, "cannot open key file %s: %s", file,
                        strerror(errno));
        return DRS_ERROR;
    }

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)
        || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
        (void) snprintf(err, errlen,
                        "key file %s must be a regular file with "
                        "mode 0600",
                        file);
        (void) close(fd);
        return DRS_ERROR;
    }

    buf = malloc(DRSW_KEY_MAX);
    n = (buf != NULL) ? read(fd, buf, DRSW_KEY_MAX - 1) : -1;
    (void) close(fd);

    if (n <= 0) {
        (void) snprintf(err, errlen, "cannot read key file %s", file);
        free(buf);
        return DRS_ERROR;
    }

    buf[n] = '\0';
    *pem = buf;

    return DRS_OK;
}


/* Makes the folder of a file (0700), its last part only. */

static int
drsw_key_folder(const char *file)
{
    char *copy, *slash;

    copy = strdup(file);
    if (copy == NULL) {
        return DRS_ERROR;
    }

    slash = strrchr(copy, '/');

    if (slash != NULL && slash != copy) {
        *slash = '\0';
        (void) mkdir(copy, 0700);
    }

    free(copy);

    return DRS_OK;
}


/*
 * Complete under a temporary name first, then linked: nobody reads half a
 * file, and the first of two workers wins.  DRS_DECLINED: it exists now.
 */

static int
drsw_key_write(const char *file, const char *pem, char *err, size_t errlen)
{
    int    fd, rc;
    char   tmp[1024];
    size_t len;

    if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", file, (long) getpid())
            >= (int) sizeof(tmp)
        || drsw_key_folder(file) != DRS_OK)
    {
        (void) snprintf(err, errlen, "key file name too long");
        return DRS_ERROR;
    }

    len = strlen(pem);
    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd == -1) {
        (void) snprintf(err, errlen, "cannot make key file %s: %s", tmp,
                        strerror(errno));
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (write(fd, pem, len) != (ssize_t) len || fsync(fd) != 0) {
        (void) snprintf(err, errlen, "cannot write key file %s: %s", tmp,
                        strerror(errno));
        rc = DRS_ERROR;
    }

    (void) close(fd);

    if (rc == DRS_OK && link(tmp, file) != 0) {
        rc = (errno == EEXIST) ? DRS_DECLINED : DRS_ERROR;
        (void) snprintf(err, errlen, "cannot make key file %s: %s", file,
                        strerror(errno));
    }

    (void) unlink(tmp);

    return rc;
}


static char *
drsw_key_make(drsw_alg_e alg)
{
    BIO      *bio;
    char     *data, *pem;
    long      n;
    EVP_PKEY *key;

    pem = NULL;
    key = (alg == DRSW_ALG_RS256)
              ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) DRSW_KEY_RSA_BITS)
              : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    bio = BIO_new(BIO_s_secmem());

    if (key != NULL && bio != NULL
        && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
    {
        n = BIO_get_mem_data(bio, &data);
        pem = drs_str_dup(drs_strn(data, (size_t) n));
    }

    BIO_free(bio);
    EVP_PKEY_free(key);
    ERR_clear_error();

    return pem;
}


/* Reads or makes; `make` gives a new PEM. */

static int
drsw_key_get(char **pem, const char *file, drsw_alg_e alg, int seal, char *err,
             size_t errlen)
{
    int   rc;
    char *made, *public_pem;

    rc = drsw_key_read(pem, file, err, errlen);
    if (rc != DRS_DECLINED) {
        return rc;
    }

    made = NULL;

    if (!seal) {
        made = drsw_key_make(alg);

    } else if (drs_seal_keygen(&made, &public_pem) == DRS_OK) {
        free(public_pem);
    }

    if (made == NULL) {
        (void) snprintf(err, errlen, "cannot make a key");
        return DRS_ERROR;
    }

    rc = drsw_key_write(file, made, err, errlen);

    if (rc == DRS_OK) {
        *pem = made;
        return DRS_OK;
    }

    drs_memzero(made, strlen(made));
    free(made);

    if (rc == DRS_DECLINED && drsw_key_read(pem, file, err, errlen) == DRS_OK) {
        return DRS_OK;
    }

    return DRS_ERROR;
}


int
drsw_key_issuer(char **pem, const char *file, drsw_alg_e alg, char *err,
                size_t errlen)
{
    return drsw_key_get(pem, file, alg, 0, err, errlen);
}


int
drsw_key_seal(char **pem, const char *file, char *err, size_t errlen)
{
    return drsw_key_get(pem, file, DRSW_ALG_ES256, 1, err, errlen);
}


/* base64url of a big number with a fixed length (0: its own) */

static char *
drsw_key_number(EVP_PKEY *key, const char *param, int len)
{
    char         *text;
    BIGNUM       *bn;
    unsigned char buf[1024];

    bn = NULL;

    if (EVP_PKEY_get_bn_param(key, param, &bn) != 1) {
        return NULL;
    }

    if (len == 0) {
        len = BN_num_bytes(bn);
    }

    text = NULL;

    if (len <= (int) sizeof(buf) && BN_bn2binpad(bn, buf, len) == len) {
        text = drs_base64url_dup(buf, (size_t) len);
    }

    BN_free(bn);

    return text;
}


int
drsw_key_jwk(drs_buf_t *b, EVP_PKEY *key, drsw_alg_e alg, char *kid_out)
{
    int           rc;
    char         *x, *y, *kid;
    drs_buf_t     core;
    unsigned char md[DRS_SHA256_LEN];

    drs_buf_init(&core, 0);
    kid = NULL;
    rc = DRS_ERROR;

    if (alg == DRSW_ALG_RS256) {
        x = drsw_key_number(key, OSSL_PKEY_PARAM_RSA_E, 0);
        y = drsw_key_number(key, OSSL_PKEY_PARAM_RSA_N, 0);

    } else {
        x = drsw_key_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
        y = drsw_key_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    }

    if (x == NULL || y == NULL) {
        goto done;
    }

    /* the members of the thumbprint, in its order (RFC 7638) */

    if (alg == DRSW_ALG_RS256) {
        (void) drs_buf_printf(&core,
                              "\"e\":\"%s\",\"kty\":\"RSA\","
                              "\"n\":\"%s\"",
                              x, y);
    } else {
        (void) drs_buf_printf(&core,
                              "\"crv\":\"P-256\",\"kty\":\"EC\","
                              "\"x\":\"%s\",\"y\":\"%s\"",
                              x, y);
    }

    if (drs_buf_ok(&core)) {
        drs_str_t parts[3] = { drs_string("{"), drs_null_string,
                               drs_string("}") };

        parts[1] = drs_buf_str(&core);

        if (drs_sha256_parts(md, parts, 3) == DRS_OK) {
            kid = drs_base64url_dup(md, sizeof(md));
        }
    }

    if (kid != NULL) {
        (void) snprintf(kid_out, DRSW_KID_SIZE, "%s", kid);
        rc = drs_buf_printf(b,
                            "{%.*s,\"use\":\"sig\",\"alg\":\"%s\","
                            "\"kid\":\"%s\"}",
                            (int) core.len, core.data,
                            alg == DRSW_ALG_RS256 ? "RS256" : "ES256", kid);
    }

done:

    free(x);
    free(y);
    free(kid);
    drs_buf_free(&core);
    ERR_clear_error();

    return rc;
}
