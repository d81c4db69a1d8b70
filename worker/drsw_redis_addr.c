
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "drs_sha256.h"
#include "drsw_redis_addr.h"


static int drsw_redis_addr_url(drsw_redis_addr_t *addr, drs_str_t s);
static int
drsw_redis_addr_hostport(drsw_redis_addr_t *addr, drs_str_t s, int dflt);


static int
drsw_redis_addr_set(char **dst, drs_str_t s)
{
    char *copy;

    copy = drs_str_dup(s);
    if (copy == NULL) {
        return DRS_ERROR;
    }

    free(*dst);
    *dst = copy;

    return DRS_OK;
}


int
drsw_redis_addr_parse(drsw_redis_addr_t *addr, const drsw_config_t *conf,
                      char *err, size_t errlen)
{
    int       rc;
    char      text[300];
    drs_str_t s;

    memset(addr, 0, sizeof(*addr));
    addr->db = (int) conf->redis_db;
    s = drs_str(conf->redis);

    rc = DRS_OK;

    if (drsw_redis_addr_set(&addr->user, drs_str(conf->redis_user)) != DRS_OK
        || drsw_redis_addr_set(&addr->password, drs_str(conf->redis_password))
               != DRS_OK)
    {
        rc = DRS_ERROR;

    } else if (conf->redis_sentinels[0] != '\0') {
        (void) snprintf(text, sizeof(text), "Sentinel primary \"%s\"",
                        conf->redis_sentinel_master);

    } else if (drs_str_starts(s, "redis://")) {
        rc = drsw_redis_addr_url(addr, drs_strn(s.data + 8, s.len - 8));

    } else if (drs_str_starts(s, "unix:")) {
        rc = drsw_redis_addr_set(&addr->path, drs_strn(s.data + 5, s.len - 5));

    } else if (drs_str_starts(s, "/")) {
        rc = drsw_redis_addr_set(&addr->path, s);

    } else {
        rc = drsw_redis_addr_hostport(addr, s, -1);
    }

    if (rc == DRS_OK && conf->redis_sentinels[0] == '\0') {
        if (addr->path != NULL) {
            (void) snprintf(text, sizeof(text), "unix:%s", addr->path);
        } else {
            (void) snprintf(text, sizeof(text), "%s:%d", addr->host,
                            addr->port);
        }
    }

    if (rc == DRS_OK) {
        rc = drsw_redis_addr_set(&addr->text, drs_str(text));
    }

    if (rc != DRS_OK) {
        (void) snprintf(err, errlen,
                        "option \"redis\": neither unix:/path nor "
                        "host:port nor redis://user:password@host:port/db");
        drsw_redis_addr_free(addr);
        return DRS_DECLINED;
    }

    return DRS_OK;
}


static int
drsw_redis_addr_hostport(drsw_redis_addr_t *addr, drs_str_t s, int dflt)
{
    size_t    i, host;
    uint64_t  port;
    drs_str_t h;

    host = s.len;

    for (i = s.len; i > 0; i--) {
        if (s.data[i - 1] == ']') {
            break;
        }

        if (s.data[i - 1] == ':') {
            host = i - 1;
            break;
        }
    }

    if (host == s.len) {
        if (dflt < 0) {
            return DRS_DECLINED;
        }

        port = (uint64_t) dflt;

    } else if (drs_str_u64(drs_strn(s.data + host + 1, s.len - host - 1), &port)
               != DRS_OK)
    {
        return DRS_DECLINED;
    }

    h = drs_strn(s.data, host);

    if (h.len >= 2 && h.data[0] == '[' && h.data[h.len - 1] == ']') {
        h = drs_strn(h.data + 1, h.len - 2);
    }

    if (h.len == 0 || port == 0 || port > 65535) {
        return DRS_DECLINED;
    }

    addr->port = (int) port;

    return drsw_redis_addr_set(&addr->host, h);
}


/* %41 to A; a bad escape stays as it is */

static int
drsw_redis_addr_decode(char **dst, drs_str_t s)
{
    char         *p;
    size_t        i;
    unsigned char c;

    if (drsw_redis_addr_set(dst, s) != DRS_OK) {
        return DRS_ERROR;
    }

    p = *dst;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '%' && i + 2 < s.len
            && drs_unhex(&c, drs_strn(s.data + i + 1, 2)) == DRS_OK)
        {
            *p++ = (char) c;
            i += 2;
            continue;
        }

        *p++ = s.data[i];
    }

    *p = '\0';

    return DRS_OK;
}


static int
drsw_redis_addr_url(drsw_redis_addr_t *addr, drs_str_t s)
{
    size_t      i;
    uint64_t    db;
    drs_str_t   auth, rest, user, path;
    const char *at;

    at = memrchr(s.data, '@', s.len);

    if (at != NULL) {
        auth = drs_strn(s.data, (size_t) (at - s.data));
        rest = auth;

        if (!drs_str_split(&rest, ':', &user)) {
            user = drs_strn("", 0);
        }

        if (drsw_redis_addr_decode(&addr->user, user) != DRS_OK
            || (rest.data != NULL
                && drsw_redis_addr_decode(&addr->password, rest) != DRS_OK))
        {
            return DRS_ERROR;
        }

        s = drs_strn(at + 1, s.len - auth.len - 1);
    }

    for (i = 0; i < s.len && s.data[i] != '/'; i++) {
        /* void */
    }

    path = drs_strn(s.data + i, s.len - i);

    if (path.len > 1) {
        if (drs_str_u64(drs_strn(path.data + 1, path.len - 1), &db) != DRS_OK
            || db > 15)
        {
            return DRS_DECLINED;
        }

        addr->db = (int) db;
    }

    return drsw_redis_addr_hostport(addr, drs_strn(s.data, i), 6379);
}


void
drsw_redis_addr_free(drsw_redis_addr_t *addr)
{
    if (addr->password != NULL) {
        drs_memzero(addr->password, strlen(addr->password));
    }

    free(addr->path);
    free(addr->host);
    free(addr->user);
    free(addr->password);
    free(addr->text);
    memset(addr, 0, sizeof(*addr));
}


/* --- Sentinel ------------------------------------------------------------- */


static int
drsw_redis_addr_ask(drsw_redis_addr_t *addr, const drsw_config_t *conf,
                    const drsw_redis_addr_t *sentinel, char *err, size_t errlen)
{
    int            rc;
    redisReply    *reply;
    redisContext  *c;
    struct timeval tv;

    tv.tv_sec = (time_t) (conf->redis_connect_timeout_ms / 1000);
    tv.tv_usec = (suseconds_t) (conf->redis_connect_timeout_ms % 1000 * 1000);

    rc = DRS_ERROR;
    c = redisConnectWithTimeout(sentinel->host, sentinel->port, tv);

    if (c == NULL || c->err) {
        (void) snprintf(err, errlen, "Sentinel %s:%d: %s", sentinel->host,
                        sentinel->port,
                        c != NULL ? c->errstr : "out of memory");
        goto done;
    }

    (void) redisSetTimeout(c, tv);

    if (conf->redis_sentinel_password[0] != '\0') {
        reply = redisCommand(c, "AUTH %s", conf->redis_sentinel_password);
        if (reply != NULL) {
            freeReplyObject(reply);
        }
    }

    reply = c->err ? NULL
                   : redisCommand(c, "SENTINEL get-master-addr-by-name %s",
                                  conf->redis_sentinel_master);

    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_STRING
        && reply->element[1]->type == REDIS_REPLY_STRING
        && drsw_redis_addr_set(&addr->host,
                               drs_strn(reply->element[0]->str,
                                        (size_t) reply->element[0]->len))
               == DRS_OK)
    {
        addr->port = atoi(reply->element[1]->str);
        rc = DRS_OK;

    } else {
        (void) snprintf(err, errlen, "Sentinel %s:%d knows no primary \"%s\"",
                        sentinel->host, sentinel->port,
                        conf->redis_sentinel_master);
    }

    if (reply != NULL) {
        freeReplyObject(reply);
    }

done:

    if (c != NULL) {
        redisFree(c);
    }

    return rc;
}


int
drsw_redis_addr_sentinel(drsw_redis_addr_t *addr, const drsw_config_t *conf,
                         char *err, size_t errlen)
{
    int               rc;
    drs_str_t         rest, item;
    drsw_redis_addr_t sentinel;

    rest = drs_str(conf->redis_sentinels);
    (void) snprintf(err, errlen, "redis_sentinels is empty");

    while (drs_str_split(&rest, ' ', &item)) {
        item = drs_str_trim(item);

        if (item.len == 0) {
            continue;
        }

        memset(&sentinel, 0, sizeof(sentinel));

        if (drsw_redis_addr_hostport(&sentinel, item, 26379) != DRS_OK) {
            (void) snprintf(err, errlen,
                            "redis_sentinels: \"%.*s\" is not "
                            "host:port",
                            (int) item.len, item.data);
            rc = DRS_ERROR;

        } else {
            rc = drsw_redis_addr_ask(addr, conf, &sentinel, err, errlen);
        }

        drsw_redis_addr_free(&sentinel);

        if (rc == DRS_OK) {
            return DRS_OK;
        }
    }

    return DRS_ERROR;
}
