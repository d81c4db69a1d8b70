
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drsctl.h"


/* Tokens go over TLS, or stay on this machine. */

const char *
drsctl_url_check(const char *url)
{
    size_t      i, len;
    const char *host, *p;

    static const char *const loopback[] = { "127.0.0.1", "localhost", "[::1]" };

    for (p = url; *p; p++) {
        if (*p <= ' ' || *p >= 0x7f) {
            return "has a character that does not belong there";
        }
    }

    if (strpbrk(url, "?#@") != NULL) {
        return "must have no user, query or fragment";
    }

    if (strncmp(url, "https://", 8) == 0) {
        return url[8] == '\0' || url[8] == '/' ? "has no host" : NULL;
    }

    if (strncmp(url, "http://", 7) != 0) {
        return "must begin with https://";
    }

    host = url + 7;

    for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
        len = strlen(loopback[i]);

        if (strncmp(host, loopback[i], len) == 0
            && (host[len] == '\0' || host[len] == ':' || host[len] == '/'))
        {
            return NULL;
        }
    }

    return "must begin with https:// (http:// is for loopback only)";
}


void
drsctl_url_escape(drs_buf_t *b, drs_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || (c != '\0' && strchr("-._~", c) != NULL))
        {
            (void) drs_buf_putc(b, (char) c);
        } else {
            (void) drs_buf_printf(b, "%%%02X", c);
        }
    }
}


void
drsctl_path_add(drs_buf_t *b, const char *segment)
{
    (void) drs_buf_putc(b, '/');
    drsctl_url_escape(b, drs_str(segment));
}


void
drsctl_query_add(drs_buf_t *b, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }

    (void) drs_buf_putc(
        b, b->data != NULL && strchr(b->data, '?') != NULL ? '&' : '?');
    drsctl_url_escape(b, drs_str(name));
    (void) drs_buf_putc(b, '=');
    drsctl_url_escape(b, drs_str(value));
}
