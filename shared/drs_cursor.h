/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The opaque `nextToken` of lists (api.md 1.8): where a page ended, bound to
 * the list it belongs to.  Callers pass it back verbatim.  The token is
 * base64url text with a checksum: damage and tokens of other lists are noticed,
 * forgery is not a concern because a token gives no access.
 */

#ifndef DRS_CURSOR_H_INCLUDED
#define DRS_CURSOR_H_INCLUDED


#include <jansson.h>

#include "drs_buf.h"


#define DRS_CURSOR_MAX 2048 /* longest token accepted */


/*
 * Appends the token of position `pos` (any bytes) in the list `list` ("pg",
 * "exec", ...), at most 1000 bytes.  DRS_OK or DRS_ERROR.
 */
int
drs_cursor_encode(drs_buf_t *b, const char *list, drs_str_t pos) DRS_MUST_CHECK;

/*
 * Writes the position of a token to *pos (emptied first; the caller frees it).
 * DRS_OK, DRS_DECLINED (not a token of this list), DRS_ERROR (memory).
 */
int drs_cursor_decode(drs_buf_t *pos, const char *list,
                      drs_str_t token) DRS_MUST_CHECK;

/* The token as a new JSON string, JSON null for an empty position. */
json_t *drs_cursor_json(const char *list, drs_str_t pos);


#endif /* DRS_CURSOR_H_INCLUDED */
