
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 and HMAC-SHA-256 over libcrypto.
 */

#ifndef DRS_SHA256_H_INCLUDED
#define DRS_SHA256_H_INCLUDED


#include "drs_str.h"


#define DRS_SHA256_LEN     32
#define DRS_SHA256_HEX_LEN 64


/* DRS_OK or DRS_ERROR (libcrypto failed; md is then all zero). */
int drs_sha256(unsigned char md[DRS_SHA256_LEN], const void *data,
               size_t len) DRS_MUST_CHECK;

/* Hash of several parts one after the other, without separators. */
int drs_sha256_parts(unsigned char md[DRS_SHA256_LEN], const drs_str_t *parts,
                     size_t n) DRS_MUST_CHECK;

int drs_hmac_sha256(unsigned char md[DRS_SHA256_LEN], drs_str_t key,
                    drs_str_t data) DRS_MUST_CHECK;

/* Lower-case hex with a NUL: `dst` has room for 2 * len + 1. */
void drs_hex(char *dst, const void *src, size_t len);

/* Even number of lower- or upper-case digits; `dst` has s.len / 2 bytes. */
int drs_unhex(unsigned char *dst, drs_str_t s) DRS_MUST_CHECK;

/* Hash as 64 hex digits and a NUL. */
int drs_sha256_hex(char dst[DRS_SHA256_HEX_LEN + 1], const void *data,
                   size_t len) DRS_MUST_CHECK;


#endif /* DRS_SHA256_H_INCLUDED */
