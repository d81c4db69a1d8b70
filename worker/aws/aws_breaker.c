
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_breaker.h"


typedef struct drsw_circuit_s drsw_circuit_t;

struct drsw_circuit_s {
    drsw_circuit_t *next;
    int             failures; /* in a row */
    int64_t         pause_ms; /* 0: closed */
    int64_t         until_ms;
    bool            probing;
    char            key[96];
};


struct drsw_breaker_s {
    pthread_mutex_t lock;
    drsw_circuit_t *circuits;
};


drsw_breaker_t *
drsw_breaker_create(void)
{
    drsw_breaker_t *b;

    b = calloc(1, sizeof(drsw_breaker_t));
    if (b == NULL) {
        return NULL;
    }

    if (pthread_mutex_init(&b->lock, NULL) != 0) {
        free(b);
        return NULL;
    }

    return b;
}


void
drsw_breaker_destroy(drsw_breaker_t *b)
{
    drsw_circuit_t *c, *next;

    if (b == NULL) {
        return;
    }

    for (c = b->circuits; c != NULL; c = next) {
        next = c->next;
        free(c);
    }

    (void) pthread_mutex_destroy(&b->lock);
    free(b);
}


/* Under the lock.  Circuits come into being with a first failure. */

static drsw_circuit_t *
drsw_breaker_find(drsw_breaker_t *b, const char *account, const char *region,
                  const char *service, bool create)
{
    char            key[96];
    drsw_circuit_t *c;

    (void) snprintf(key, sizeof(key), "%.16s/%.40s/%.30s", account, region,
                    service);

    for (c = b->circuits; c != NULL; c = c->next) {
        if (strcmp(c->key, key) == 0) {
            return c;
        }
    }

    c = create ? calloc(1, sizeof(drsw_circuit_t)) : NULL;

    if (c != NULL) {
        memcpy(c->key, key, sizeof(key));
        c->next = b->circuits;
        b->circuits = c;
    }

    return c;
}


int64_t
drsw_breaker_ask(drsw_breaker_t *b, const char *account, const char *region,
                 const char *service, int64_t now_ms)
{
    int64_t         wait;
    drsw_circuit_t *c;

    wait = 0;

    (void) pthread_mutex_lock(&b->lock);

    c = drsw_breaker_find(b, account, region, service, false);

    if (c != NULL && c->pause_ms > 0) {
        if (now_ms < c->until_ms) {
            wait = c->until_ms - now_ms;

        } else {
            /* should the probe never tell, another one goes after a pause */
            c->probing = true;
            c->until_ms = now_ms + c->pause_ms;
        }
    }

    (void) pthread_mutex_unlock(&b->lock);

    return wait;
}


void
drsw_breaker_tell(drsw_breaker_t *b, const char *account, const char *region,
                  const char *service, bool failed, int64_t now_ms)
{
    drsw_circuit_t *c;

    (void) pthread_mutex_lock(&b->lock);

    c = drsw_breaker_find(b, account, region, service, failed);

    if (c == NULL) {
        goto done;
    }

    if (!failed) {
        c->failures = 0;
        c->pause_ms = 0;
        c->probing = false;
        goto done;
    }

    c->failures++;

    if (c->failures < DRSW_BREAKER_FAILURES) {
        goto done;
    }

    if (c->pause_ms == 0) {
        c->pause_ms = DRSW_BREAKER_FIRST_MS;

    } else if (!c->probing) {
        /* it was on its way before the breaker opened */
        goto done;

    } else {
        c->pause_ms = c->pause_ms * 2 < DRSW_BREAKER_MOST_MS
                          ? c->pause_ms * 2
                          : DRSW_BREAKER_MOST_MS;
    }

    c->probing = false;
    c->until_ms = now_ms + c->pause_ms;

done:

    (void) pthread_mutex_unlock(&b->lock);
}
