/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_cursor.h"
#include "drs_sha256.h"


#define DRS_CURSOR_SUM     6 /* bytes of the checksum */
#define DRS_CURSOR_POS_MAX 1000


static int
drs_cursor_sum(unsigned char md[DRS_SHA256_LEN], const char *list,
               drs_str_t pos)
{
    drs_str_t parts[3];

    parts[0] = drs_str(list);
    parts[1] = drs_strn("\n", 1);
    parts[2] = pos;

    return drs_sha256_parts(md, parts, 3);
}


int
drs_cursor_encode(drs_buf_t *b, const char *list, drs_str_t pos)
{
    int           rc;
    char         *text;
    drs_buf_t     raw;
    unsigned char md[DRS_SHA256_LEN];

    if (pos.len > DRS_CURSOR_POS_MAX || drs_cursor_sum(md, list, pos) != DRS_OK)
    {
        return DRS_ERROR;
    }

    drs_buf_init(&raw, 0);
    (void) drs_buf_append(&raw, md, DRS_CURSOR_SUM);
    (void) drs_buf_str_append(&raw, pos);

    text = drs_buf_ok(&raw) ? drs_base64url_dup(raw.data, raw.len) : NULL;
    drs_buf_free(&raw);

    if (text == NULL) {
        return DRS_ERROR;
    }

    rc = drs_buf_puts(b, text);
    free(text);

    return rc;
}


int
drs_cursor_decode(drs_buf_t *pos, const char *list, drs_str_t token)
{
    size_t        len;
    drs_str_t     p;
    unsigned char raw[drs_base64_decoded_max(DRS_CURSOR_MAX)];
    unsigned char md[DRS_SHA256_LEN];

    drs_buf_reset(pos);

    if (token.len == 0 || token.len > DRS_CURSOR_MAX
        || drs_base64url_decode(raw, &len, token) != DRS_OK
        || len < DRS_CURSOR_SUM)
    {
        return DRS_DECLINED;
    }

    p = drs_strn((const char *) raw + DRS_CURSOR_SUM, len - DRS_CURSOR_SUM);

    if (drs_cursor_sum(md, list, p) != DRS_OK) {
        return DRS_ERROR;
    }

    if (memcmp(md, raw, DRS_CURSOR_SUM) != 0) {
        return DRS_DECLINED;
    }

    return drs_buf_str_append(pos, p);
}


json_t *
drs_cursor_json(const char *list, drs_str_t pos)
{
    json_t   *v;
    drs_buf_t b;

    if (pos.len == 0) {
        return json_null();
    }

    drs_buf_init(&b, 0);
    v = NULL;

    if (drs_cursor_encode(&b, list, pos) == DRS_OK) {
        v = json_stringn(b.data, b.len);
    }

    drs_buf_free(&b);

    return v;
}
