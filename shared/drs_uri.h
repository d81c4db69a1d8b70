/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Request targets: path and query, percent-decoded exactly once (security.md
 * 7.2, RFC 3986).
 */

#ifndef DRS_URI_H_INCLUDED
#define DRS_URI_H_INCLUDED


#include "drs_str.h"


#define DRS_URI_QUERY_MAX 4096 /* longest query string */


/*
 * Percent-decodes; `plus` makes "+" a space.  dst has room for s.len bytes.
 * DRS_DECLINED: a bad escape, or NUL, plain or escaped.
 */
int
drs_uri_unescape(char *dst, size_t *len, drs_str_t s, int plus) DRS_MUST_CHECK;

/*
 * A path as it came, without its query: begins with "/".  dst has room for
 * raw.len bytes.  DRS_DECLINED: longer than a route may be, an escaped slash,
 * a bad escape, a segment "." or "..", or no printable UTF-8.
 */
int drs_uri_path(char *dst, size_t *len, drs_str_t raw) DRS_MUST_CHECK;

/*
 * The first parameter of that name; names are compared as they came.  dst has
 * room for args.len + 1 bytes and gets the value with a NUL; *value is a view
 * into it.  1; 0 if there is none; DRS_DECLINED if its value is not valid.
 */
int drs_uri_query(drs_str_t args, const char *name, char *dst,
                  drs_str_t *value) DRS_MUST_CHECK;


#endif /* DRS_URI_H_INCLUDED */
