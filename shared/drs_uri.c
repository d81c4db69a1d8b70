
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_uri.h"

#include "drs_routes.h"
#include "drs_utf8.h"


static int
drs_uri_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


int
drs_uri_unescape(char *dst, size_t *len, drs_str_t s, int plus)
{
    int    hi, lo;
    char  *start;
    size_t i;

    start = dst;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '%') {
            if (s.len - i < 3) {
                return DRS_DECLINED;
            }

            hi = drs_uri_hex(s.data[i + 1]);
            lo = drs_uri_hex(s.data[i + 2]);

            if (hi < 0 || lo < 0 || hi + lo == 0) {
                return DRS_DECLINED;
            }

            *dst++ = (char) (hi * 16 + lo);
            i += 2;
            continue;
        }

        if (s.data[i] == '\0') {
            return DRS_DECLINED;
        }

        *dst++ = (plus && s.data[i] == '+') ? ' ' : s.data[i];
    }

    *len = (size_t) (dst - start);

    return DRS_OK;
}


int
drs_uri_path(char *dst, size_t *len, drs_str_t raw)
{
    size_t    n;
    drs_str_t rest, segment;

    if (raw.len == 0 || raw.len > DRS_ROUTE_PATH_MAX || raw.data[0] != '/') {
        return DRS_DECLINED;
    }

    for (n = 0; n + 2 < raw.len; n++) {
        if (raw.data[n] == '%' && raw.data[n + 1] == '2'
            && (raw.data[n + 2] | 0x20) == 'f')
        {
            return DRS_DECLINED;
        }
    }

    if (drs_uri_unescape(dst, len, raw, 0) != DRS_OK
        || drs_utf8_check(drs_strn(dst, *len), 0) != DRS_UTF8_OK)
    {
        return DRS_DECLINED;
    }

    rest = drs_strn(dst, *len);

    while (drs_str_split(&rest, '/', &segment)) {
        if (drs_str_eqz(segment, ".") || drs_str_eqz(segment, "..")) {
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


int
drs_uri_query(drs_str_t args, const char *name, char *dst, drs_str_t *value)
{
    size_t    len;
    drs_str_t item, key;

    while (drs_str_split(&args, '&', &item)) {
        drs_str_split(&item, '=', &key);

        if (!drs_str_eqz(key, name)) {
            continue;
        }

        /* item is what follows the sign, or nothing */

        if (item.data == NULL) {
            item.len = 0;
        }

        if (drs_uri_unescape(dst, &len, item, 1) != DRS_OK
            || !drs_utf8_valid(drs_strn(dst, len)))
        {
            return DRS_DECLINED;
        }

        dst[len] = '\0';
        *value = drs_strn(dst, len);

        return 1;
    }

    return 0;
}
