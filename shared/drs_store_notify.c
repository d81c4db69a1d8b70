
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store_notify.h"


drs_cmd_t *
drs_store_outbox_put(drs_str_t p, drs_str_t key, drs_str_t scope,
                     drs_str_t type, drs_str_t json, drs_str_t event)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_outbox_put", p);
    (void) drs_cmd_add(c, key);
    (void) drs_cmd_add(c, scope);
    (void) drs_cmd_add(c, type);
    (void) drs_cmd_add(c, json);
    (void) drs_cmd_add_opt(c, event);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_outbox_send(drs_str_t p, drs_str_t channel, drs_str_t delivery,
                      drs_str_t scope, drs_str_t type, drs_str_t body,
                      drs_str_t audit)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_outbox_send", p);
    (void) drs_cmd_add(c, channel);
    (void) drs_cmd_add(c, delivery);
    (void) drs_cmd_add(c, scope);
    (void) drs_cmd_add(c, type);
    (void) drs_cmd_add(c, body);
    (void) drs_cmd_add_opt(c, audit);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_outbox_take(drs_str_t p, unsigned max)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_outbox_take", p);
    (void) drs_cmd_add_u64(c, max);

    return drs_store_end(c);
}


int
drs_store_outbox_entry(const drs_answer_t *a, size_t *pos,
                       drs_outbox_entry_t *e)
{
    if (*pos >= a->n) {
        return DRS_DECLINED;
    }

    if (a->n - *pos < 5) {
        return DRS_ERROR;
    }

    e->id = a->v[*pos];
    e->key = a->v[*pos + 1];
    e->scope = a->v[*pos + 2];
    e->type = a->v[*pos + 3];
    e->json = a->v[*pos + 4];
    *pos += 5;

    return DRS_OK;
}


drs_cmd_t *
drs_store_outbox_route(drs_str_t p, const drs_lease_t *lease, drs_str_t entry,
                       const drs_outbox_route_t *v, size_t n)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_outbox_route", p);
    (void) drs_cmd_add_u64(c, lease->fence);
    (void) drs_cmd_add(c, lease->owner);
    (void) drs_cmd_add(c, entry);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, v[i].channel);
        (void) drs_cmd_add(c, v[i].delivery);
        (void) drs_cmd_add(c, v[i].body);
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_outbox_next(drs_str_t p, drs_str_t channel, unsigned max)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_outbox_next", p);
    (void) drs_cmd_add(c, channel);
    (void) drs_cmd_add_u64(c, max);

    return drs_store_end(c);
}


int
drs_store_outbox_first(const drs_answer_t *a, int64_t *first_at)
{
    *first_at = -1;

    if (drs_str_eqz(drs_answer_str(a, 0), "-")) {
        return DRS_OK;
    }

    return drs_answer_i64(a, 0, first_at);
}


int
drs_store_outbox_item(const drs_answer_t *a, size_t *pos,
                      drs_outbox_item_t *item)
{
    if (*pos >= a->n) {
        return DRS_DECLINED;
    }

    if (a->n - *pos < 6 || drs_answer_i64(a, *pos + 2, &item->at) != DRS_OK
        || drs_answer_i64(a, *pos + 4, &item->attempts) != DRS_OK)
    {
        return DRS_ERROR;
    }

    item->delivery = a->v[*pos];
    item->scope = a->v[*pos + 1];
    item->type = a->v[*pos + 3];
    item->body = a->v[*pos + 5];
    *pos += 6;

    return DRS_OK;
}


drs_cmd_t *
drs_store_outbox_done(drs_str_t p, drs_str_t channel, const drs_lease_t *lease,
                      drs_str_t delivery, drs_outbox_outcome_t outcome,
                      int64_t next_at, drs_str_t error, drs_str_t last)
{
    drs_cmd_t               *c;
    static const char *const names[] = { "ok", "retry", "dead", "drop" };

    c = drs_store_call("drs_outbox_done", p);
    (void) drs_cmd_add(c, channel);
    (void) drs_cmd_add_u64(c, lease->fence);
    (void) drs_cmd_add(c, lease->owner);
    (void) drs_cmd_add(c, delivery);
    (void) drs_cmd_addz(c, names[outcome]);
    (void) drs_cmd_add_i64(c, next_at);
    (void) drs_cmd_add(c, error);
    (void) drs_cmd_add_opt(c, last);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_outbox_stat(drs_str_t p)
{
    return drs_store_end(drs_store_call("drs_outbox_stat", p));
}


drs_cmd_t *
drs_store_link_put(drs_str_t p, drs_str_t hash, drs_str_t exec_id,
                   int64_t epoch, const char *action)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_link_put", p);
    (void) drs_cmd_add(c, hash);
    (void) drs_cmd_add(c, exec_id);
    (void) drs_cmd_add_i64(c, epoch);
    (void) drs_cmd_addz(c, action);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_link_look(drs_str_t p, drs_str_t hash, const char *action,
                    drs_str_t address)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_link_look", p);
    (void) drs_cmd_add(c, hash);
    (void) drs_cmd_addz(c, action);
    (void) drs_cmd_add(c, address);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_plan_mark(drs_str_t p, drs_str_t plan, int64_t version, drs_str_t doc)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_plan_mark", p);
    (void) drs_cmd_add(c, plan);
    (void) drs_cmd_add_i64(c, version);
    (void) drs_cmd_add(c, doc);

    return drs_store_end(c);
}
