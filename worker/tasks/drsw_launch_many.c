/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch configuration of many servers side by side.  Each thread has an AWS
 * client of its own; the store is not used in here.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "drsw_launch.h"
#include "drsw_worker.h"


#define DRSW_LAUNCH_THREADS 32


typedef struct {
    drsw_ctx_t          *ctx;
    const drsw_access_t *access;
    const json_t        *group;
    drsw_launch_item_t  *items;
    size_t               n;
    int                  look;
    int64_t              until_ms;
    atomic_size_t        next;
} drsw_launch_run_t;


static void
drsw_launch_work(drsw_launch_run_t *run, drsw_aws_t *aws)
{
    size_t              i;
    drsw_ctx_t          ctx;
    drsw_launch_item_t *item;

    ctx = *run->ctx;
    ctx.aws = aws;

    while (drsw_mono_ms() < run->until_ms && !drsw_stopping(run->ctx)) {
        i = atomic_fetch_add(&run->next, 1);

        if (i >= run->n) {
            break;
        }

        item = &run->items[i];
        item->rc =
            run->look
                ? drsw_launch_differs(&ctx, run->access, run->group,
                                      item->server, item->settings,
                                      &item->differs, &item->result)
                : drsw_launch_apply(&ctx, run->access, run->group, item->server,
                                    item->settings, &item->result);
    }
}


static void *
drsw_launch_thread(void *data)
{
    drsw_aws_t        *aws;
    drsw_launch_run_t *run;

    run = data;
    aws = drsw_aws_create(run->ctx->worker->aws);

    if (aws != NULL) {
        drsw_aws_set_lane(aws, drsw_aws_lane(run->ctx->aws));
        drsw_launch_work(run, aws);
        drsw_aws_destroy(aws);
    }

    return NULL;
}


void
drsw_launch_many(drsw_ctx_t *ctx, const drsw_access_t *access,
                 const json_t *group, drsw_launch_item_t *items, size_t n,
                 int look, int64_t until_mono_ms)
{
    size_t            i, threads;
    pthread_t         ids[DRSW_LAUNCH_THREADS];
    drsw_launch_run_t run;

    memset(&run, 0, sizeof(run));
    run.ctx = ctx;
    run.access = access;
    run.group = group;
    run.items = items;
    run.n = n;
    run.look = look;
    run.until_ms = until_mono_ms;
    atomic_init(&run.next, 0);

    for (i = 0; i < n; i++) {
        items[i].rc = DRS_AGAIN;
    }

    threads = (size_t) ctx->conf->config_parallel;
    threads = (threads < n) ? threads : n;
    threads = (threads < DRSW_LAUNCH_THREADS) ? threads : DRSW_LAUNCH_THREADS;

    /* this thread is one of them */
    for (i = 0; i + 1 < threads; i++) {
        if (pthread_create(&ids[i], NULL, drsw_launch_thread, &run) != 0) {
            break;
        }
    }

    drsw_launch_work(&run, ctx->aws);

    while (i > 0) {
        (void) pthread_join(ids[--i], NULL);
    }
}
