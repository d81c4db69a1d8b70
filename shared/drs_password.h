
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Password hashes of local users: yescrypt by libxcrypt.  Hashing takes tens
 * of milliseconds and megabytes: never inside nginx.
 */

#ifndef DRS_PASSWORD_H_INCLUDED
#define DRS_PASSWORD_H_INCLUDED


#include "drs_str.h"


#define DRS_PASSWORD_MAX       256 /* bytes */
#define DRS_PASSWORD_MIN_CHARS 12
#define DRS_PASSWORD_SALT_LEN  16
#define DRS_PASSWORD_HASH_SIZE 384 /* CRYPT_OUTPUT_SIZE */
#define DRS_PASSWORD_COST      5   /* libxcrypt's default; 1-11 */


/* Rules of api.md X-26 that a password breaks: a mask, 0 = good. */
enum drs_password_rule_e {
    DRS_PASSWORD_LENGTH = 0x01, /* fewer than 12 code points */
    DRS_PASSWORD_LOWER = 0x02,
    DRS_PASSWORD_UPPER = 0x04,
    DRS_PASSWORD_DIGIT = 0x08,
    DRS_PASSWORD_SYMBOL = 0x10,
    DRS_PASSWORD_OLD = 0x20, /* the same as before */
    DRS_PASSWORD_TEXT = 0x40 /* over 256 bytes, NUL or not UTF-8 */
};


/* `old` may be empty. */
unsigned drs_password_rules(drs_str_t password, drs_str_t old);

/* Name of one rule bit for `rules[]`: "length", "lower", ... or NULL. */
const char *drs_password_rule_name(unsigned bit);

/*
 * Hash of `password` with the caller's random salt, "$y$...".  DRS_DECLINED:
 * password empty, over 256 bytes or with NUL; cost out of range.
 */
int drs_password_hash(char dst[DRS_PASSWORD_HASH_SIZE], drs_str_t password,
                      const unsigned char salt[DRS_PASSWORD_SALT_LEN],
                      unsigned            cost) DRS_MUST_CHECK;

/*
 * DRS_OK if it matches, DRS_DECLINED if not, DRS_ERROR (memory).  Only yescrypt
 * hashes are honoured.  An empty hash (unknown user) costs the same time as a
 * real one of DRS_PASSWORD_COST and never matches.
 */
int drs_password_verify(drs_str_t hash, drs_str_t password) DRS_MUST_CHECK;


#endif /* DRS_PASSWORD_H_INCLUDED */
