
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One call of a webhook: HTTPS only, no redirects, no proxy, certificate
 * verified, and no connection to an address that is not allowed, whatever the
 * name resolves to (security.md 7.2, 10).
 */

#ifndef DRSW_HOOK_H
#define DRSW_HOOK_H


#include "drs_str.h"

#include "drsw_config.h"


typedef struct {
    const char *url;
    const char *event;     /* X-DRS-Event */
    const char *delivery;  /* X-DRS-Delivery */
    const char *signature; /* X-DRS-Signature */
    drs_str_t   body;
} drsw_hook_call_t;

typedef struct {
    int  status;     /* HTTP status, 0: no answer */
    char error[192]; /* "" if delivered */
} drsw_hook_result_t;


/* DRS_OK: answered 2xx; DRS_DECLINED: anything else, r->error says what. */
int drsw_hook_post(const drsw_config_t *conf, const drsw_hook_call_t *call,
                   drsw_hook_result_t *r);


#endif /* DRSW_HOOK_H */
