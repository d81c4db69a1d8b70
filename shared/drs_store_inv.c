
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_inv.h"


static drs_cmd_t *
drs_store_inv(const char *name, drs_str_t p, const drs_inv_put_t *v)
{
    drs_cmd_t *c;

    c = drs_store_call(name, p);
    (void) drs_cmd_add(c, v->account);
    (void) drs_cmd_add(c, v->region);
    (void) drs_cmd_add(c, v->token);
    (void) drs_cmd_add_i64(c, v->at);

    return c;
}


drs_cmd_t *
drs_store_inv_put(drs_str_t p, const drs_inv_put_t *v)
{
    drs_cmd_t *c;

    c = drs_store_inv("drs_inv_put", p, v);
    (void) drs_cmd_add_u64(c, v->servers);

    if (v->ttl_ms > 0) {
        (void) drs_cmd_add_i64(c, v->ttl_ms);
    } else {
        (void) drs_cmd_addz(c, "");
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_inv_show(drs_str_t p, const drs_inv_put_t *v)
{
    drs_cmd_t *c;

    c = drs_store_inv("drs_inv_show", p, v);
    (void) drs_cmd_add_i64(c, v->ttl_ms);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_region_put(drs_str_t p, drs_str_t account, drs_str_t region,
                     int64_t at, const drs_pair_t *fields, size_t n)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_region_put", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add_i64(c, at);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, fields[i].name);
        (void) drs_cmd_add(c, fields[i].value);
    }

    return drs_store_end(c);
}
