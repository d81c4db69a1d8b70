
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Entries of the command stream that this process claimed by hand, and those
 * that its threads work on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drsw_commands.h"


drsw_queue_t *
drsw_queue_create(void)
{
    drsw_queue_t *q;

    q = calloc(1, sizeof(*q));
    if (q != NULL) {
        pthread_mutex_init(&q->lock, NULL);
    }

    return q;
}


void
drsw_queue_destroy(drsw_queue_t *q)
{
    size_t i;

    if (q == NULL) {
        return;
    }

    for (i = 0; i < q->nwaiting; i++) {
        freeReplyObject(q->waiting[i].raw);
    }

    pthread_mutex_destroy(&q->lock);
    free(q);
}


/* Under the lock: place of an id among the running ones, or of a free one. */

static char *
drsw_queue_running(drsw_queue_t *q, const char *id)
{
    size_t i;

    for (i = 0; i < DRSW_MAX_CLAIMED; i++) {
        if (strcmp(q->running[i], id) == 0) {
            return q->running[i];
        }
    }

    return NULL;
}


int
drsw_queue_has(drsw_queue_t *q, const char *id)
{
    int    found;
    size_t i;

    pthread_mutex_lock(&q->lock);

    found = drsw_queue_running(q, id) != NULL;

    for (i = 0; !found && i < q->nwaiting; i++) {
        found = strcmp(q->waiting[i].id, id) == 0;
    }

    pthread_mutex_unlock(&q->lock);

    return found;
}


int
drsw_queue_pop(drsw_queue_t *q, drsw_entry_t *e)
{
    int rc;

    rc = DRS_DECLINED;

    pthread_mutex_lock(&q->lock);

    if (q->nwaiting > 0) {
        *e = q->waiting[0];
        q->nwaiting--;
        memmove(&q->waiting[0], &q->waiting[1],
                q->nwaiting * sizeof(q->waiting[0]));
        rc = DRS_OK;
    }

    pthread_mutex_unlock(&q->lock);

    return rc;
}


void
drsw_queue_mark(drsw_queue_t *q, const char *id, int running)
{
    char *place;

    pthread_mutex_lock(&q->lock);

    place = drsw_queue_running(q, running ? "" : id);

    if (place != NULL) {
        (void) snprintf(place, DRSW_STREAM_ID, "%s", running ? id : "");
    }

    pthread_mutex_unlock(&q->lock);
}
