
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Strict base64 (RFC 4648).  Each byte string has exactly one text that is
 * accepted: no white space, no foreign alphabet, no wrong padding, no set
 * trailing bits.  base64url is without padding, as JWS (RFC 7515) wants it.
 */

#ifndef DRS_BASE64_H_INCLUDED
#define DRS_BASE64_H_INCLUDED


#include "drs_str.h"


/* Characters for n bytes, without a NUL. */
#define drs_base64url_len(n) (((n) / 3) * 4 + ((n) % 3 ? (n) % 3 + 1 : 0))
#define drs_base64_len(n)    ((((n) + 2) / 3) * 4)

/* Upper bound of the bytes that n characters give. */
#define drs_base64_decoded_max(n) (((n) / 4) * 3 + 3)


/*
 * `dst` has room for drs_base64*_len(len) + 1; a NUL is written.  Returns the
 * number of characters without it.
 */
size_t drs_base64url_encode(char *dst, const void *src, size_t len);
size_t drs_base64_encode(char *dst, const void *src, size_t len);

/*
 * `dst` has room for drs_base64_decoded_max(s.len).  DRS_OK and *len, or
 * DRS_DECLINED (dst is then undefined).
 */
int drs_base64url_decode(unsigned char *dst, size_t *len,
                         drs_str_t s) DRS_MUST_CHECK;
int
drs_base64_decode(unsigned char *dst, size_t *len, drs_str_t s) DRS_MUST_CHECK;

/* malloc'ed, NUL-terminated results; NULL without memory. */
char *drs_base64url_dup(const void *src, size_t len);
char *drs_base64_dup(const void *src, size_t len);


#endif /* DRS_BASE64_H_INCLUDED */
