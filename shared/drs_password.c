
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "drs_password.h"
#include "drs_utf8.h"


#define DRS_PASSWORD_PREFIX "$y$"


/*
 * A hash with DRS_PASSWORD_COST to compute against when there is no such user.
 * Its result is never accepted.
 */
static const char drs_password_dummy[] =
    "$y$j9T$Y7rQhEKRhpKShALMgFL9..$"
    "v08eQ7B.kBC2mVSuu5bd35r5/4cYSFuz1wGWVj324.B";


unsigned
drs_password_rules(drs_str_t password, drs_str_t old)
{
    long                 n;
    int32_t              cp;
    unsigned             broken;
    const unsigned char *p, *end;

    n = drs_utf8_length(password);

    if (n < 0 || password.len > DRS_PASSWORD_MAX
        || (password.len && memchr(password.data, '\0', password.len)))
    {
        return DRS_PASSWORD_TEXT;
    }

    broken = DRS_PASSWORD_LOWER | DRS_PASSWORD_UPPER | DRS_PASSWORD_DIGIT
             | DRS_PASSWORD_SYMBOL;

    if (n < DRS_PASSWORD_MIN_CHARS) {
        broken |= DRS_PASSWORD_LENGTH;
    }

    if (old.len && drs_str_eq_ct(password, old)) {
        broken |= DRS_PASSWORD_OLD;
    }

    p = (const unsigned char *) password.data;
    end = p + password.len;

    while (p < end) {
        cp = drs_utf8_next(&p, end);

        if (cp >= 'a' && cp <= 'z') {
            broken &= ~(unsigned) DRS_PASSWORD_LOWER;

        } else if (cp >= 'A' && cp <= 'Z') {
            broken &= ~(unsigned) DRS_PASSWORD_UPPER;

        } else if (cp >= '0' && cp <= '9') {
            broken &= ~(unsigned) DRS_PASSWORD_DIGIT;

        } else if (cp > ' ') {
            broken &= ~(unsigned) DRS_PASSWORD_SYMBOL;
        }
    }

    return broken;
}


const char *
drs_password_rule_name(unsigned bit)
{
    switch (bit) {
    case DRS_PASSWORD_LENGTH:
        return "length";

    case DRS_PASSWORD_LOWER:
        return "lower";

    case DRS_PASSWORD_UPPER:
        return "upper";

    case DRS_PASSWORD_DIGIT:
        return "digit";

    case DRS_PASSWORD_SYMBOL:
        return "symbol";

    case DRS_PASSWORD_OLD:
        return "old";

    case DRS_PASSWORD_TEXT:
        return "text";

    default:
        return NULL;
    }
}


/*
 * DRS_OK and the hash, DRS_DECLINED (bad setting).  `password` is wiped from
 * every buffer of ours.
 */

static int
drs_password_crypt(char dst[DRS_PASSWORD_HASH_SIZE], drs_str_t password,
                   const char *setting)
{
    int                rc;
    char              *hash, plain[DRS_PASSWORD_MAX + 1];
    size_t             len;
    struct crypt_data *data;

    data = calloc(1, sizeof(struct crypt_data));
    if (data == NULL) {
        return DRS_ERROR;
    }

    memcpy(plain, password.data, password.len);
    plain[password.len] = '\0';

    rc = DRS_DECLINED;
    hash = crypt_r(plain, setting, data);

    if (hash != NULL && hash[0] != '*') {
        len = strlen(hash);

        if (len < DRS_PASSWORD_HASH_SIZE) {
            memcpy(dst, hash, len + 1);
            rc = DRS_OK;
        }
    }

    drs_memzero(plain, sizeof(plain));
    drs_memzero(data, sizeof(struct crypt_data));
    free(data);

    return rc;
}


static int
drs_password_fits(drs_str_t password)
{
    return password.len >= 1 && password.len <= DRS_PASSWORD_MAX
           && memchr(password.data, '\0', password.len) == NULL;
}


int
drs_password_hash(char dst[DRS_PASSWORD_HASH_SIZE], drs_str_t password,
                  const unsigned char salt[DRS_PASSWORD_SALT_LEN],
                  unsigned            cost)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    dst[0] = '\0';

    if (!drs_password_fits(password) || cost < 1 || cost > 11) {
        return DRS_DECLINED;
    }

    if (crypt_gensalt_rn(DRS_PASSWORD_PREFIX, cost, (const char *) salt,
                         DRS_PASSWORD_SALT_LEN, setting, sizeof(setting))
        == NULL)
    {
        return DRS_ERROR;
    }

    return drs_password_crypt(dst, password, setting);
}


int
drs_password_verify(drs_str_t hash, drs_str_t password)
{
    int  rc, known;
    char setting[DRS_PASSWORD_HASH_SIZE], got[DRS_PASSWORD_HASH_SIZE];

    if (!drs_password_fits(password)) {
        return DRS_DECLINED;
    }

    known = hash.len != 0;

    if (!known) {
        hash = drs_str(drs_password_dummy);
    }

    if (hash.len >= DRS_PASSWORD_HASH_SIZE
        || !drs_str_starts(hash, DRS_PASSWORD_PREFIX)
        || memchr(hash.data, '\0', hash.len) != NULL)
    {
        return DRS_DECLINED;
    }

    memcpy(setting, hash.data, hash.len);
    setting[hash.len] = '\0';

    rc = drs_password_crypt(got, password, setting);

    if (rc == DRS_OK && (!drs_str_eq_ct(drs_str(got), hash) || !known)) {
        rc = DRS_DECLINED;
    }

    drs_memzero(got, sizeof(got));

    return rc;
}
