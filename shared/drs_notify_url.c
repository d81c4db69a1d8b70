
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where webhooks may go.  The name is checked here when it is stored; the
 * address that it resolves to is checked by the sender at each call.
 */

#include <string.h>

#include <arpa/inet.h>

#include "drs_notify.h"


#define DRS_NOTIFY_URL_MAX  2048
#define DRS_NOTIFY_HOST_MAX 253


static int
drs_url_refuse(const char **why, const char *text)
{
    *why = text;
    return DRS_DECLINED;
}


static int
drs_url_is_ldh(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-';
}


/* 1: last label looks like a number, which resolvers read as an address. */
static int
drs_url_is_number(drs_str_t label)
{
    size_t i;

    if (label.len > 1 && label.data[0] == '0'
        && (label.data[1] == 'x' || label.data[1] == 'X'))
    {
        return 1;
    }

    for (i = 0; i < label.len; i++) {
        if (label.data[i] < '0' || label.data[i] > '9') {
            return 0;
        }
    }

    return 1;
}


static int
drs_url_host(drs_str_t host, const char **why)
{
    size_t    i;
    uint32_t  v4;
    drs_str_t rest, label, last;

    if (drs_id_ipv4(host, &v4)) {
        return DRS_OK;
    }

    if (host.len == 0 || host.len > DRS_NOTIFY_HOST_MAX) {
        return drs_url_refuse(why, "the host is missing or too long");
    }

    rest = last = host;

    while (drs_str_split(&rest, '.', &label)) {
        if (label.len == 0 || label.len > 63 || label.data[0] == '-'
            || label.data[label.len - 1] == '-')
        {
            return drs_url_refuse(why, "the host is not a host name");
        }

        for (i = 0; i < label.len; i++) {
            if (!drs_url_is_ldh(label.data[i])) {
                return drs_url_refuse(why, "the host is not a host name");
            }
        }

        last = label;
    }

    if (drs_url_is_number(last)) {
        return drs_url_refuse(why, "the host is not a host name");
    }

    return DRS_OK;
}


static int
drs_url_port(drs_str_t text, unsigned *port, const char **why)
{
    uint64_t n;

    if (drs_str_u64(text, &n) != DRS_OK || n < 1 || n > 65535) {
        return drs_url_refuse(why, "the port is not one of 1 to 65535");
    }

    *port = (unsigned) n;
    return DRS_OK;
}


int
drs_notify_url(drs_notify_url_t *u, drs_str_t url, const char **why)
{
    char          text[64];
    size_t        i, end;
    drs_str_t     auth;
    unsigned char v6[16];
    const char   *p;

    memset(u, 0, sizeof(*u));
    u->port = 443;

    if (url.len > DRS_NOTIFY_URL_MAX) {
        return drs_url_refuse(why, "it is longer than 2048 characters");
    }

    for (i = 0; i < url.len; i++) {
        if (url.data[i] <= ' ' || url.data[i] >= 0x7f || url.data[i] == '\\') {
            return drs_url_refuse(why, "it has a character that must be "
                                       "percent-encoded");
        }
    }

    if (url.len < 8 || !drs_str_ieq(drs_strn(url.data, 8), drs_str("https://")))
    {
        return drs_url_refuse(why, "it does not begin with https:");
    }

    if (memchr(url.data, '#', url.len) != NULL) {
        return drs_url_refuse(why, "it has a fragment");
    }

    auth = drs_strn(url.data + 8, url.len - 8);

    for (end = 0;
         end < auth.len && auth.data[end] != '/' && auth.data[end] != '?';
         end++)
    {
        /* void */
    }

    auth.len = end;
    u->scheme_host = drs_strn(url.data, 8 + end);

    if (auth.len > 0 && memchr(auth.data, '@', auth.len) != NULL) {
        return drs_url_refuse(why, "it has a user name");
    }

    if (auth.len > 0 && auth.data[0] == '[') {
        p = memchr(auth.data, ']', auth.len);

        if (p == NULL || (size_t) (p - auth.data) >= sizeof(text)) {
            return drs_url_refuse(why, "the host is not an address");
        }

        u->host = drs_strn(auth.data + 1, (size_t) (p - auth.data) - 1);
        memcpy(text, u->host.data, u->host.len);
        text[u->host.len] = '\0';

        if (inet_pton(AF_INET6, text, v6) != 1) {
            return drs_url_refuse(why, "the host is not an address");
        }

        auth = drs_strn(p + 1, auth.len - (size_t) (p - auth.data) - 1);

        if (auth.len == 0) {
            return DRS_OK;
        }

        if (auth.data[0] != ':') {
            return drs_url_refuse(why, "the host is not an address");
        }

        return drs_url_port(drs_strn(auth.data + 1, auth.len - 1), &u->port,
                            why);
    }

    p = auth.len > 0 ? memchr(auth.data, ':', auth.len) : NULL;
    u->host = auth;

    if (p != NULL) {
        u->host.len = (size_t) (p - auth.data);

        if (drs_url_port(drs_strn(p + 1, auth.len - u->host.len - 1), &u->port,
                         why)
            != DRS_OK)
        {
            return DRS_DECLINED;
        }
    }

    return drs_url_host(u->host, why);
}


int
drs_notify_host_listed(drs_str_t host, drs_str_t list)
{
    drs_str_t rest, item, tail;
    int       any;

    any = 0;
    rest = list;

    while (rest.len > 0 && drs_str_split(&rest, ' ', &item)) {
        if (item.len == 0) {
            continue;
        }

        any = 1;

        if (item.len > 2 && item.data[0] == '*' && item.data[1] == '.') {
            tail = drs_strn(item.data + 1, item.len - 1);

            if (host.len > tail.len
                && drs_str_ieq(
                    drs_strn(host.data + host.len - tail.len, tail.len), tail))
            {
                return 1;
            }

        } else if (drs_str_ieq(host, item)) {
            return 1;
        }
    }

    return !any;
}


/* -- addresses ---------------------------------------------------------------- */

typedef struct {
    uint32_t net;
    unsigned bits;
    drs_addr_class_t class;
} drs_addr_net_t;


static const drs_addr_net_t drs_addr_nets[] = {
    { 0x7f000000, 8, DRS_ADDR_PRIVATE },    /* loopback */
    { 0x0a000000, 8, DRS_ADDR_PRIVATE },    /* RFC 1918 */
    { 0xac100000, 12, DRS_ADDR_PRIVATE },   /* RFC 1918 */
    { 0xc0a80000, 16, DRS_ADDR_PRIVATE },   /* RFC 1918 */
    { 0x64400000, 10, DRS_ADDR_PRIVATE },   /* shared, RFC 6598 */
    { 0x00000000, 8, DRS_ADDR_FORBIDDEN },  /* this network */
    { 0xa9fe0000, 16, DRS_ADDR_FORBIDDEN }, /* link-local, metadata */
    { 0xc0000000, 24, DRS_ADDR_FORBIDDEN }, /* protocol assignments */
    { 0xc0000200, 24, DRS_ADDR_FORBIDDEN }, /* documentation */
    { 0xc6120000, 15, DRS_ADDR_FORBIDDEN }, /* benchmarks */
    { 0xc6336400, 24, DRS_ADDR_FORBIDDEN }, /* documentation */
    { 0xcb007100, 24, DRS_ADDR_FORBIDDEN }, /* documentation */
    { 0xe0000000, 4, DRS_ADDR_FORBIDDEN },  /* multicast */
    { 0xf0000000, 4, DRS_ADDR_FORBIDDEN }   /* reserved, broadcast */
};


static drs_addr_class_t
drs_addr_class4(const unsigned char *a)
{
    size_t   i;
    uint32_t addr, mask;

    addr = (uint32_t) a[0] << 24 | (uint32_t) a[1] << 16 | (uint32_t) a[2] << 8
           | a[3];

    for (i = 0; i < sizeof(drs_addr_nets) / sizeof(drs_addr_nets[0]); i++) {
        mask = 0xffffffffu << (32 - drs_addr_nets[i].bits);

        if ((addr & mask) == drs_addr_nets[i].net) {
            return drs_addr_nets[i].class;
        }
    }

    return DRS_ADDR_PUBLIC;
}


static drs_addr_class_t
drs_addr_class6(const unsigned char *a)
{
    static const unsigned char zero[16], nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0,    0,
                                              0, 0, 0, 0, 0xff, 0xff };

    if (memcmp(a, zero, 15) == 0) {
        return a[15] == 1 ? DRS_ADDR_PRIVATE : DRS_ADDR_FORBIDDEN;
    }

    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0) {
        return drs_addr_class4(a + 12);
    }

    if (a[0] == 0x20 && a[1] == 0x02) {
        return drs_addr_class4(a + 2); /* 6to4 */
    }

    if ((a[0] & 0xfe) == 0xfc) {
        return DRS_ADDR_PRIVATE; /* unique local; IMDS is in it, see below */
    }

    /* global unicast without documentation and protocol assignments */

    if ((a[0] & 0xe0) != 0x20
        || (a[0] == 0x20 && a[1] == 0x01 && (a[2] & 0xfe) == 0)
        || (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8))
    {
        return DRS_ADDR_FORBIDDEN;
    }

    return DRS_ADDR_PUBLIC;
}


drs_addr_class_t
drs_addr_class(const unsigned char *a, size_t len)
{
    /* fd00:ec2::/32: instance metadata and time of AWS over IPv6 */
    static const unsigned char imds[4] = { 0xfd, 0x00, 0x0e, 0xc2 };

    if (len == 4) {
        return drs_addr_class4(a);
    }

    if (len != 16 || memcmp(a, imds, sizeof(imds)) == 0) {
        return DRS_ADDR_FORBIDDEN;
    }

    return drs_addr_class6(a);
}


/* Class of a host that is an address; public for every name. */
static drs_addr_class_t
drs_url_class(drs_str_t host)
{
    char          text[64];
    size_t        i;
    uint32_t      v4;
    drs_str_t     tail;
    unsigned char a[16];

    static const char *const local[] = { "localhost", ".localhost", ".internal",
                                         ".local" };

    if (drs_id_ipv4(host, &v4)) {
        a[0] = (unsigned char) (v4 >> 24);
        a[1] = (unsigned char) (v4 >> 16);
        a[2] = (unsigned char) (v4 >> 8);
        a[3] = (unsigned char) v4;
        return drs_addr_class(a, 4);
    }

    if (host.len < sizeof(text) && memchr(host.data, ':', host.len) != NULL) {
        memcpy(text, host.data, host.len);
        text[host.len] = '\0';

        return inet_pton(AF_INET6, text, a) == 1 ? drs_addr_class(a, 16)
                                                 : DRS_ADDR_FORBIDDEN;
    }

    for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        tail = drs_str(local[i]);

        if (host.len >= tail.len && (i != 0 || host.len == tail.len)
            && drs_str_ieq(drs_strn(host.data + host.len - tail.len, tail.len),
                           tail))
        {
            return DRS_ADDR_PRIVATE;
        }
    }

    return DRS_ADDR_PUBLIC;
}


int
drs_notify_url_allowed(drs_str_t url, drs_str_t hosts, int allow_private,
                       const char **why)
{
    drs_notify_url_t u;
    drs_addr_class_t class;

    if (drs_notify_url(&u, url, why) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (!drs_notify_host_listed(u.host, hosts)) {
        return drs_url_refuse(why, "its host is not in the list of hosts");
    }

    class = drs_url_class(u.host);

    if (class == DRS_ADDR_FORBIDDEN
        || (class == DRS_ADDR_PRIVATE
            && !(allow_private && drs_str_trim(hosts).len > 0)))
    {
        return drs_url_refuse(why, "its host is a private or local address");
    }

    return DRS_OK;
}
