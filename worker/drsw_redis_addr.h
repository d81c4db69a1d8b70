
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where Redis is: forms of the option `redis`, and Sentinel discovery.
 */

#ifndef DRSW_REDIS_ADDR_H
#define DRSW_REDIS_ADDR_H


#include "drsw_config.h"


typedef struct {
    char *path; /* unix socket, or NULL */
    char *host;
    int   port;
    int   db;
    char *user;     /* "" : default user */
    char *password; /* "" : none */
    char *text;     /* for the log, without the password */
} drsw_redis_addr_t;


/*
 * "unix:/path", "/path", "host:port", "[v6]:port" or
 * "redis://[user[:password]@]host[:port][/db]"; user, password and db of the
 * URL win over the options.  DRS_DECLINED with a sentence.
 */
int  drsw_redis_addr_parse(drsw_redis_addr_t *addr, const drsw_config_t *conf,
                           char *err, size_t errlen);
void drsw_redis_addr_free(drsw_redis_addr_t *addr);

/* Asks the Sentinels one after the other for the primary. */
int drsw_redis_addr_sentinel(drsw_redis_addr_t *addr, const drsw_config_t *conf,
                             char *err, size_t errlen);


#endif /* DRSW_REDIS_ADDR_H */
