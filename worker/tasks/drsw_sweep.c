
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_scan.h"
#include "drsw_sweep_int.h"
#include "drsw_worker.h"


#define DRSW_SWEEP_THREADS   8
#define DRSW_SWEEP_CALL_MS   8000
#define DRSW_SWEEP_LEAST_MS  1000
#define DRSW_SWEEP_BUDGET_MS 17000
#define DRSW_SWEEP_MARGIN_MS 3000
#define DRSW_SWEEP_QUEUE_MS  3000


/* -- side by side --------------------------------------------------------- */

typedef struct drsw_sweep_run_s drsw_sweep_run_t;

struct drsw_sweep_run_s {
    drsw_sweep_t *s;
    drsw_sweep_pt fn;
    void        **items;
    size_t        n;
    atomic_size_t next;
};


int64_t
drsw_sweep_left(const drsw_sweep_t *s)
{
    int64_t left;

    left = s->until_mono_ms - drsw_mono_ms();

    return left < DRSW_SWEEP_LEAST_MS  ? DRSW_SWEEP_LEAST_MS
           : left > DRSW_SWEEP_CALL_MS ? DRSW_SWEEP_CALL_MS
                                       : left;
}


static void
drsw_sweep_work(drsw_sweep_run_t *run, drsw_aws_t *aws)
{
    size_t i;

    while (drsw_mono_ms() < run->s->until_mono_ms) {
        i = atomic_fetch_add(&run->next, 1);

        if (i >= run->n) {
            break;
        }

        run->fn(aws, run->items[i], drsw_sweep_left(run->s));
    }
}


static void *
drsw_sweep_thread(void *data)
{
    drsw_aws_t       *aws;
    drsw_sweep_run_t *run;

    run = data;
    aws = drsw_aws_create(run->s->ctx->worker->aws);

    if (aws != NULL) {
        drsw_sweep_work(run, aws);
        drsw_aws_destroy(aws);
    }

    return NULL;
}


void
drsw_sweep_run(drsw_sweep_t *s, drsw_sweep_pt fn, void **items, size_t n)
{
    size_t           i, threads;
    pthread_t        ids[DRSW_SWEEP_THREADS];
    drsw_sweep_run_t run;

    run.s = s;
    run.fn = fn;
    run.items = items;
    run.n = n;
    atomic_init(&run.next, 0);

    threads = (n < DRSW_SWEEP_THREADS) ? n : DRSW_SWEEP_THREADS;

    /* this thread is one of them */
    for (i = 0; i + 1 < threads; i++) {
        if (pthread_create(&ids[i], NULL, drsw_sweep_thread, &run) != 0) {
            break;
        }
    }

    drsw_sweep_work(&run, s->ctx->aws);

    while (i > 0) {
        (void) pthread_join(ids[--i], NULL);
    }
}


void
drsw_sweep_late(drsw_aws_result_t *res)
{
    memset(res, 0, sizeof(*res));
    res->class = DRSW_AWS_STOPPED;
    (void) snprintf(res->code, sizeof(res->code), "LocalDeadline");
    (void) snprintf(res->message, sizeof(res->message),
                    "there was no time left to ask");
}


/* -- commands ---------------------------------------------------------------- */

static atomic_int drsw_sweep_commands;


int
drsw_sweep_command(drsw_ctx_t *ctx, drsw_answer_t *answer)
{
    int     max;
    int64_t until;

    max = ctx->conf->command_threads > 1 ? (int) ctx->conf->command_threads - 1
                                         : 1;
    until = drsw_mono_ms() + DRSW_SWEEP_QUEUE_MS;

    while (atomic_fetch_add(&drsw_sweep_commands, 1) >= max) {
        drsw_sweep_command_end();

        if (drsw_mono_ms() >= until || drsw_sleep_ms(ctx, 50) != DRS_OK) {
            (void) drsw_answer_error(answer, "SERVICE_UNAVAILABLE", NULL,
                                     "The worker is busy with other questions "
                                     "about accounts. Try again soon.");
            return DRS_DECLINED;
        }
    }

    return DRS_OK;
}


void
drsw_sweep_command_end(void)
{
    (void) atomic_fetch_sub(&drsw_sweep_commands, 1);
}


/* -- accounts ------------------------------------------------------------- */


int64_t
drsw_sweep_budget(drsw_ctx_t *ctx, const drsw_command_t *cmd)
{
    int64_t left;

    left = DRSW_SWEEP_BUDGET_MS;

    if (cmd->deadline_ms > 0) {
        left = cmd->deadline_ms - drsw_now_ms(ctx) - DRSW_SWEEP_MARGIN_MS;
    }

    return left < 1000                   ? 1000
           : left > DRSW_SWEEP_BUDGET_MS ? DRSW_SWEEP_BUDGET_MS
                                         : left;
}


void
drsw_sweep_init(drsw_sweep_t *s, drsw_ctx_t *ctx, int64_t budget_ms)
{
    memset(s, 0, sizeof(*s));
    s->ctx = ctx;
    s->until_mono_ms = drsw_mono_ms() + budget_ms;
}


void
drsw_sweep_free(drsw_sweep_t *s)
{
    size_t                i, k;
    drsw_sweep_account_t *a;

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];

        for (k = 0; k < a->n; k++) {
            json_decref(a->places[k].items);
        }

        json_decref(a->record);
        free(a->places);
    }

    free(s->accounts);
    memset(s, 0, sizeof(*s));
}


static void
drsw_sweep_name(drsw_sweep_account_t *a)
{
    drs_str_t name;

    name = drs_json_field(a->record, "accountName");

    if (name.len == 0 || name.len >= sizeof(a->name)) {
        (void) snprintf(a->name, sizeof(a->name), "Account %s", a->id);
        return;
    }

    (void) snprintf(a->name, sizeof(a->name), "%.*s", DRS_STR_ARG(name));
}


int
drsw_sweep_add(drsw_sweep_t *s, drs_str_t id, const json_t *record, int staging)
{
    size_t                i, size;
    drsw_sweep_account_t *a;

    for (i = 0; i < s->n; i++) {
        if (drs_str_eqz(id, s->accounts[i].id)) {
            return DRS_OK;
        }
    }

    if (!drs_id_is_account(id)) {
        return DRS_OK;
    }

    if (s->n == s->size) {
        size = s->size > 0 ? 2 * s->size : 8;
        a = realloc(s->accounts, size * sizeof(*a));

        if (a == NULL) {
            return DRS_ERROR;
        }

        s->accounts = a;
        s->size = size;
    }

    a = &s->accounts[s->n++];
    memset(a, 0, sizeof(*a));
    memcpy(a->id, id.data, id.len);
    a->staging = (staging != 0);
    a->record = record != NULL ? json_incref((json_t *) record) : json_object();
    drsw_sweep_name(a);

    return a->record != NULL ? DRS_OK : DRS_ERROR;
}


static int
drsw_sweep_places(drsw_sweep_t *s, drsw_sweep_account_t *a)
{
    int            rc;
    char           err[1024];
    size_t         i, n;
    drs_str_t      regions[DRSW_REGIONS_MAX];
    drsw_region_t *states;

    n = drsw_regions(s->ctx, regions);
    a->places = calloc(n, sizeof(drsw_sweep_place_t));
    states = calloc(n, sizeof(drsw_region_t));

    if (a->places == NULL || states == NULL) {
        free(states);
        return DRS_ERROR;
    }

    rc = drsw_region_load(s->ctx, drs_str(a->id), regions, n, states);

    for (i = 0; rc == DRS_OK && i < n; i++) {
        rc = drsw_access_as(s->ctx, drs_str(a->id), regions[i], a->record,
                            &a->places[i].access, err, sizeof(err));

        if (rc == DRS_OK) {
            a->places[i].name = regions[i];
            a->places[i].state = states[i];
            a->n = i + 1;
        }
    }

    free(states);

    if (rc == DRS_DECLINED) {
        a->n = 0;
        a->accessible = 0;
        (void) snprintf(a->error, sizeof(a->error), "%s", err);
        rc = DRS_OK;
    }

    return rc;
}


/* -- credentials ---------------------------------------------------------- */

static void
drsw_sweep_prepare(drsw_aws_t *aws, void *item, int64_t timeout_ms)
{
    drsw_sweep_account_t *a;

    a = item;
    a->access.aws.timeout_ms = timeout_ms;
    (void) drsw_aws_prepare(aws, &a->access.aws, &a->res);
}


static int
drsw_sweep_enter(drsw_sweep_t *s)
{
    size_t                i, n;
    void                **items;
    drsw_sweep_account_t *a;

    items = calloc(s->n + 1, sizeof(void *));

    if (items == NULL) {
        return DRS_ERROR;
    }

    n = 0;

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];

        if (drsw_access_as(s->ctx, drs_str(a->id),
                           drs_str(s->ctx->conf->region), a->record, &a->access,
                           a->error, sizeof(a->error))
            == DRS_OK)
        {
            drsw_sweep_late(&a->res);
            items[n++] = a;
        }
    }

    drsw_sweep_run(s, drsw_sweep_prepare, items, n);

    while (n > 0) {
        a = items[--n];
        a->accessible = (a->res.class == DRSW_AWS_OK);

        if (!a->accessible) {
            a->denied = (a->res.class == DRSW_AWS_DENIED
                         || a->res.class == DRSW_AWS_CREDENTIALS
                         || a->res.class == DRSW_AWS_ACCOUNT);
            drsw_aws_explain(&a->access, "assuming the role", &a->res, a->error,
                             sizeof(a->error));
        }
    }

    free(items);
    return DRS_OK;
}


/* -- servers -------------------------------------------------------------- */

static int
drsw_sweep_fresh(const drsw_sweep_t *s, const drsw_region_t *r, int64_t now)
{
    int64_t age;

    age = now - r->at_ms;

    if (r->at_ms == 0) {
        return 0;
    }

    if (drsw_region_is_closed(r) || strcmp(r->status, "SCP_DENIED") == 0
        || (strcmp(r->status, "ACTIVE") == 0 && r->servers == 0))
    {
        return age <= s->ctx->conf->region_idle_ms;
    }

    return age <= s->ctx->conf->live_scan_ms;
}


static void
drsw_sweep_ask(drsw_aws_t *aws, void *item, int64_t timeout_ms)
{
    drsw_sweep_place_t *p;

    p = item;
    p->access.aws.timeout_ms = timeout_ms;
    (void) drsw_drs_describe_source_servers(aws, &p->access.aws, NULL,
                                            &p->items, &p->res);
}


/* The answer goes to the store and comes back as the new state. */
static int
drsw_sweep_took(drsw_sweep_t *s, drsw_sweep_account_t *a, drsw_sweep_place_t *p,
                int64_t at)
{
    int         rc;
    drsw_scan_t scan;

    if (p->res.class == DRSW_AWS_STOPPED) {
        (void) snprintf(p->state.error, sizeof(p->state.error), "%s",
                        p->res.message);
        (void) snprintf(p->state.status, sizeof(p->state.status), "ERROR");
        return DRS_OK;
    }

    rc = drsw_scan_took(s->ctx, &p->access, p->items, &p->res, at, &scan);
    drsw_scan_free(&scan);
    json_decref(p->items);
    p->items = NULL;

    return rc == DRS_ERROR ? DRS_ERROR
                           : drsw_region_load(s->ctx, drs_str(a->id), &p->name,
                                              1, &p->state);
}


/* An account is read when DRS answers in a Region, or nowhere can be. */
static void
drsw_sweep_judge(drsw_sweep_account_t *a)
{
    size_t              i, active, bad, denied;
    drsw_sweep_place_t *p;

    active = bad = denied = 0;

    for (i = 0; i < a->n; i++) {
        p = &a->places[i];
        p->failed = 0;

        if (strcmp(p->state.status, "ACTIVE") == 0) {
            active++;
            continue;
        }

        if (drsw_region_is_closed(&p->state)) {
            continue;
        }

        bad++;

        if (strcmp(p->state.status, "SCP_DENIED") == 0) {
            denied++;
            continue;
        }

        p->failed = 1;
        denied += (strcmp(p->state.status, "IAM_PERMISSION_DENIED") == 0);

        if (a->error[0] == '\0') {
            (void) snprintf(a->error, sizeof(a->error), "%.*s: %s",
                            DRS_STR_ARG(p->name), p->state.error);
        }
    }

    if (!a->accessible) {
        return;
    }

    if (active == 0 && bad > 0) {
        a->accessible = 0;
        a->denied = (denied == bad);

        if (a->error[0] == '\0') {
            (void) snprintf(a->error, sizeof(a->error),
                            "a service control "
                            "policy denies access to DRS");
        }

    } else {
        a->error[0] = '\0'; /* the Regions say it */
    }
}


static int
drsw_sweep_due(drsw_sweep_t *s, int anew, void **items, size_t *n)
{
    size_t                i, k;
    int64_t               now;
    drsw_sweep_account_t *a;
    drsw_sweep_place_t   *p;

    now = drsw_now_ms(s->ctx);
    *n = 0;

    for (i = 0; i < s->n; i++) {
        a = &s->accounts[i];

        for (k = 0; a->accessible && k < a->n; k++) {
            p = &a->places[k];

            if (anew || !drsw_sweep_fresh(s, &p->state, now)) {
                p->due = 1;
                drsw_sweep_late(&p->res);
                items[(*n)++] = p;
            }
        }
    }

    return DRS_OK;
}


void **
drsw_sweep_items(const drsw_sweep_t *s)
{
    return calloc(s->n * DRSW_REGIONS_MAX + 1, sizeof(void *));
}


int
drsw_sweep_servers(drsw_sweep_t *s, int anew)
{
    int                   rc;
    size_t                i, k, n;
    void                **items;
    int64_t               at;
    drsw_sweep_account_t *a;

    rc = drsw_sweep_enter(s);

    for (i = 0; rc == DRS_OK && i < s->n; i++) {
        if (s->accounts[i].accessible) {
            rc = drsw_sweep_places(s, &s->accounts[i]);
        }
    }

    items = drsw_sweep_items(s);

    if (rc != DRS_OK || items == NULL) {
        free(items);
        return DRS_ERROR;
    }

    (void) drsw_sweep_due(s, anew, items, &n);
    at = drsw_now_ms(s->ctx);
    drsw_sweep_run(s, drsw_sweep_ask, items, n);
    free(items);

    for (i = 0; i < s->n && rc == DRS_OK; i++) {
        a = &s->accounts[i];

        for (k = 0; k < a->n && rc == DRS_OK; k++) {
            if (a->places[k].due) {
                rc = drsw_sweep_took(s, a, &a->places[k], at);
            }
        }

        drsw_sweep_judge(a);
    }

    return rc;
}
