
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Parser of text/event-stream (WHATWG HTML 9.2), fed with pieces of any size.
 */

#ifndef DRSCTL_SSE_H_INCLUDED
#define DRSCTL_SSE_H_INCLUDED


#include "drs_buf.h"


#define DRSCTL_SSE_MAX     (4 * 1024 * 1024) /* bytes of one message */
#define DRSCTL_SSE_ID_SIZE 128


typedef struct {
    const char *event; /* "message" if the stream names none */
    drs_str_t   data;
} drsctl_sse_message_t;

/* Not DRS_OK: stop; that value comes back from drsctl_sse_feed(). */
typedef int (*drsctl_sse_handler_t)(void                       *data,
                                    const drsctl_sse_message_t *msg);

typedef struct {
    drsctl_sse_handler_t handler;
    void                *data;
    drs_buf_t            line;
    drs_buf_t            text; /* data of the message so far */
    char                 event[64];
    char                 pending_id[DRSCTL_SSE_ID_SIZE];
    char                 last_id[DRSCTL_SSE_ID_SIZE];
    int64_t              retry_ms; /* as the server asked; 0: not */
    unsigned             has_data : 1;
    unsigned             after_cr : 1;
    unsigned             begun : 1; /* the BOM may be over */
} drsctl_sse_t;


void drsctl_sse_init(drsctl_sse_t *s, drsctl_sse_handler_t handler, void *data);
void drsctl_sse_free(drsctl_sse_t *s);

/* A new connection: what was not finished is dropped, last_id is kept. */
void drsctl_sse_restart(drsctl_sse_t *s);

/*
 * `last_id` is that of the last message handed out, so that a message whose
 * end has not come is asked for again.  DRS_ERROR: message too long, memory.
 */
int drsctl_sse_feed(drsctl_sse_t *s, const char *data, size_t len);


#endif /* DRSCTL_SSE_H_INCLUDED */
