
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>

#include "drs_store_exec.h"
#include "drs_utf8.h"


static void drs_store_lease(drs_cmd_t *c, const drs_lease_t *lease);
static int  drs_commit_op(drs_cmd_t *c, const char *name);
static int  drs_commit_place(drs_cmd_t *c, const char *name, drs_str_t account,
                             drs_str_t region, drs_str_t what);


static void
drs_store_lease(drs_cmd_t *c, const drs_lease_t *lease)
{
    if (lease == NULL) {
        (void) drs_cmd_addz(c, "-");
        (void) drs_cmd_addz(c, "-");
        return;
    }

    (void) drs_cmd_add_u64(c, lease->fence);
    (void) drs_cmd_add(c, lease->owner);
}


/* A name as the indexes have it. */
static void
drs_store_folded(drs_cmd_t *c, drs_str_t name)
{
    char  *folded;
    size_t len;

    if (drs_utf8_fold(name, &folded, &len) != DRS_OK) {
        (void) drs_cmd_add(c, name);
        return;
    }

    (void) drs_cmd_addn(c, folded, len);
    free(folded);
}


drs_cmd_t *
drs_store_exec_create(drs_str_t p, const drs_exec_create_t *e)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_exec_create", p);

    (void) drs_cmd_add(c, e->id);
    (void) drs_cmd_add(c, e->command_id);
    (void) drs_cmd_add(c, e->plan_id);
    (void) drs_cmd_add(c, e->plan_name);
    (void) drs_cmd_add(c, e->type);
    (void) drs_cmd_add(c, e->doc);
    (void) drs_cmd_add(c, e->out);
    (void) drs_cmd_add(c, e->accounts);

    (void) drs_cmd_add_u64(c, e->nwaves);
    for (i = 0; i < e->nwaves; i++) {
        (void) drs_cmd_add(c, e->waves[i].status);
        (void) drs_cmd_add(c, e->waves[i].doc);
    }

    (void) drs_cmd_add_u64(c, e->nclaims);
    for (i = 0; i < e->nclaims; i++) {
        (void) drs_cmd_add(c, e->claims[i]);
    }

    (void) drs_cmd_add_u64(c, e->nchecks);
    for (i = 0; i < e->nchecks; i++) {
        (void) drs_cmd_add(c, e->checks[i].kind);
        (void) drs_cmd_add(c, e->checks[i].id);
        (void) drs_cmd_add_i64(c, e->checks[i].version);
    }

    (void) drs_cmd_add_opt(c, e->audit);
    (void) drs_cmd_add_opt(c, e->event);
    (void) drs_cmd_add_i64(c, e->deadline);
    drs_store_folded(c, e->plan_name);
    (void) drs_cmd_add(c, e->initiated_by);
    (void) drs_cmd_add(c, e->source);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_exec_page(drs_str_t p, int64_t score, drs_str_t member, int64_t after,
                    size_t limit)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_exec_page", p);

    if (score == INT64_MAX) {
        (void) drs_cmd_addz(c, "+inf");
    } else {
        (void) drs_cmd_add_i64(c, score);
    }

    (void) drs_cmd_add_opt(c, member);

    if (after == 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, after);
    }

    (void) drs_cmd_add_u64(c, limit);
    (void) drs_cmd_count_begin(c);

    return drs_store_end(c);
}


int
drs_page_any(drs_cmd_t *c, const char *what, const drs_str_t *values, size_t n)
{
    size_t i;

    (void) drs_cmd_count_inc(c);
    (void) drs_cmd_addz(c, "any");
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_addf(c, "%s:%.*s", what, DRS_STR_ARG(values[i]));
    }

    return drs_cmd_ok(c) ? DRS_OK : DRS_ERROR;
}


int
drs_page_text(drs_cmd_t *c, drs_str_t text)
{
    (void) drs_cmd_count_inc(c);
    (void) drs_cmd_addz(c, "q");

    return drs_cmd_add(c, text);
}


drs_cmd_t *
drs_store_exec_delete(drs_str_t p, drs_str_t id, drs_str_t audit,
                      drs_str_t event)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_exec_delete", p);
    (void) drs_cmd_add(c, id);
    (void) drs_cmd_add_opt(c, audit);
    (void) drs_cmd_add_opt(c, event);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_exec_command(drs_str_t p, drs_str_t id, const char *command,
                       drs_str_t command_id, drs_str_t actor, drs_str_t reason,
                       drs_str_t audit, drs_str_t extra)
{
    return drs_store_exec_command_link(p, id, command, command_id, actor,
                                       reason, audit, extra, drs_str(NULL));
}


drs_cmd_t *
drs_store_exec_command_link(drs_str_t p, drs_str_t id, const char *command,
                            drs_str_t command_id, drs_str_t actor,
                            drs_str_t reason, drs_str_t audit, drs_str_t extra,
                            drs_str_t link)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_exec_command", p);
    (void) drs_cmd_add(c, id);
    (void) drs_cmd_addz(c, command);
    (void) drs_cmd_add_opt(c, command_id);
    (void) drs_cmd_add_opt(c, actor);
    (void) drs_cmd_add(c, reason);
    (void) drs_cmd_add_opt(c, audit);
    (void) drs_cmd_add_opt(c, extra);
    (void) drs_cmd_add_opt(c, link);

    return drs_store_end(c);
}


int
drs_store_exec_command_answer(const drs_reply_t *r, drs_answer_t *a,
                              drs_exec_command_answer_t *out)
{
    int rc;

    *out = (drs_exec_command_answer_t) { 0 };

    rc = drs_store_answer(a, r);
    if (rc != DRS_OK) {
        return rc;
    }

    out->status = drs_exec_status_parse(drs_answer_str(a, 0));
    out->previous = drs_exec_status_parse(drs_answer_str(a, 1));
    out->transition = drs_answer_str(a, 2);
    out->fields = drs_answer_str(a, 3);

    if (out->status == DRS_EXEC_NONE || out->previous == DRS_EXEC_NONE
        || out->fields.len == 0)
    {
        return DRS_ERROR;
    }

    return DRS_OK;
}


drs_cmd_t *
drs_commit_begin(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                 int64_t ver, drs_sm_event_t event, drs_exec_status_t to)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_exec_commit", p);
    (void) drs_cmd_add(c, exec_id);
    drs_store_lease(c, lease);

    if (ver < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, ver);
    }

    if (event == DRS_SM_NONE) {
        (void) drs_cmd_addz(c, "-");
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_addz(c, drs_sm_event_name(event));
        (void) drs_cmd_add_opt(c, drs_str(drs_exec_status_name(to)));
    }

    (void) drs_cmd_count_begin(c);

    return drs_store_end(c);
}


static int
drs_commit_op(drs_cmd_t *c, const char *name)
{
    (void) drs_cmd_count_inc(c);
    return drs_cmd_addz(c, name);
}


int
drs_commit_header(drs_cmd_t *c, const char *field, drs_str_t value)
{
    (void) drs_commit_op(c, "h");
    (void) drs_cmd_addz(c, field);
    return drs_cmd_add(c, value);
}


int
drs_commit_header_i64(drs_cmd_t *c, const char *field, int64_t value)
{
    (void) drs_commit_op(c, "h");
    (void) drs_cmd_addz(c, field);
    return drs_cmd_add_i64(c, value);
}


int
drs_commit_wave(drs_cmd_t *c, unsigned wave, drs_str_t status, drs_str_t doc)
{
    (void) drs_commit_op(c, "w");
    (void) drs_cmd_add_u64(c, wave);
    (void) drs_cmd_add_opt(c, status);
    return drs_cmd_add_opt(c, doc);
}


int
drs_commit_unit(drs_cmd_t *c, drs_str_t unit, uint64_t ver,
                const drs_pair_t *pairs, size_t n)
{
    size_t i;

    (void) drs_commit_op(c, "u");
    (void) drs_cmd_add(c, unit);
    (void) drs_cmd_add_u64(c, ver);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, pairs[i].name);
        (void) drs_cmd_add(c, pairs[i].value);
    }

    return drs_cmd_ok(c) ? DRS_OK : DRS_ERROR;
}


int
drs_commit_server(drs_cmd_t *c, drs_str_t server_id, drs_str_t json)
{
    (void) drs_commit_op(c, "s");
    (void) drs_cmd_add(c, server_id);
    return drs_cmd_add(c, json);
}


static int
drs_commit_place(drs_cmd_t *c, const char *name, drs_str_t account,
                 drs_str_t region, drs_str_t what)
{
    (void) drs_commit_op(c, name);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    return drs_cmd_add(c, what);
}


int
drs_commit_claim(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                 drs_str_t server_id)
{
    return drs_commit_place(c, "claim", account, region, server_id);
}


int
drs_commit_unclaim(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                   drs_str_t server_id)
{
    return drs_commit_place(c, "unclaim", account, region, server_id);
}


int
drs_commit_watch(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                 drs_str_t job_id, drs_str_t unit)
{
    (void) drs_commit_place(c, "watch", account, region, job_id);
    return drs_cmd_add(c, unit);
}


int
drs_commit_unwatch(drs_cmd_t *c, drs_str_t account, drs_str_t region,
                   drs_str_t job_id)
{
    return drs_commit_place(c, "unwatch", account, region, job_id);
}


int
drs_commit_event(drs_cmd_t *c, drs_str_t json)
{
    (void) drs_commit_op(c, "ev");
    return drs_cmd_add(c, json);
}


int
drs_commit_notify(drs_cmd_t *c, drs_str_t key, drs_str_t type, drs_str_t json,
                  drs_str_t notice)
{
    (void) drs_commit_op(c, "notify");
    (void) drs_cmd_add(c, key);
    (void) drs_cmd_add(c, type);
    (void) drs_cmd_add(c, json);
    return drs_cmd_add_opt(c, notice);
}


int
drs_commit_due(drs_cmd_t *c, int64_t at)
{
    (void) drs_commit_op(c, "due");
    return drs_cmd_add_i64(c, at);
}


int
drs_commit_task(drs_cmd_t *c, drs_str_t task, int64_t at)
{
    (void) drs_commit_op(c, "task");
    (void) drs_cmd_add(c, task);
    return drs_cmd_add_i64(c, at);
}


int
drs_commit_audit(drs_cmd_t *c, drs_str_t json)
{
    (void) drs_commit_op(c, "audit");
    return drs_cmd_add(c, json);
}


int
drs_commit_final(drs_cmd_t *c, int64_t ended_at)
{
    (void) drs_commit_op(c, "final");
    return drs_cmd_add_i64(c, ended_at);
}


drs_cmd_t *
drs_store_unit_arm(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                   drs_str_t unit, uint64_t ver, unsigned attempt,
                   drs_str_t launch_key, int64_t intent_at, int allow_open)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_unit_arm", p);
    (void) drs_cmd_add(c, exec_id);
    drs_store_lease(c, lease);
    (void) drs_cmd_add(c, unit);
    (void) drs_cmd_add_u64(c, ver);
    (void) drs_cmd_add_u64(c, attempt);
    (void) drs_cmd_add(c, launch_key);
    (void) drs_cmd_add_i64(c, intent_at);
    (void) drs_cmd_addz(c, allow_open ? "1" : "0");

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_unit_close(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                     drs_str_t unit, unsigned attempt, const char *state,
                     int64_t next_at, drs_str_t doc)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_unit_close", p);
    (void) drs_cmd_add(c, exec_id);
    drs_store_lease(c, lease);
    (void) drs_cmd_add(c, unit);
    (void) drs_cmd_add_u64(c, attempt);
    (void) drs_cmd_add_opt(c, drs_str(state));

    if (next_at < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, next_at);
    }

    (void) drs_cmd_add_opt(c, doc);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_unit_fact(drs_str_t p, drs_str_t exec_id, drs_str_t unit,
                    unsigned attempt, drs_str_t job_id, drs_str_t doc)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_unit_fact", p);
    (void) drs_cmd_add(c, exec_id);
    (void) drs_cmd_add(c, unit);

    if (attempt == 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_u64(c, attempt);
    }

    (void) drs_cmd_add(c, job_id);
    (void) drs_cmd_add_opt(c, doc);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_hold(drs_str_t p, drs_str_t account, drs_str_t region, drs_str_t id,
               int64_t ttl_ms, const drs_str_t *servers, size_t n)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_hold", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add(c, id);
    (void) drs_cmd_add_i64(c, ttl_ms);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, servers[i]);
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_obs_put(drs_str_t p, drs_str_t account, drs_str_t region,
                  const drs_obs_put_t *v, size_t n)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_obs_put", p);
    (void) drs_cmd_add(c, account);
    (void) drs_cmd_add(c, region);
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, v[i].job_id);
        (void) drs_cmd_add(c, v[i].json);
        (void) drs_cmd_addz(c, v[i].final ? "1" : "0");
    }

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_term_put(drs_str_t p, drs_str_t exec_id, const drs_lease_t *lease,
                   const char *state, int confirm_paused,
                   const drs_pair_t *jobs, size_t n, drs_str_t event)
{
    size_t     i;
    drs_cmd_t *c;

    c = drs_store_call("drs_term_put", p);
    (void) drs_cmd_add(c, exec_id);
    drs_store_lease(c, lease);
    (void) drs_cmd_addz(c, state);
    (void) drs_cmd_addz(c, confirm_paused ? "1" : "0");
    (void) drs_cmd_add_u64(c, n);

    for (i = 0; i < n; i++) {
        (void) drs_cmd_add(c, jobs[i].name);
        (void) drs_cmd_add(c, jobs[i].value);
    }

    (void) drs_cmd_add_opt(c, event);

    return drs_store_end(c);
}
