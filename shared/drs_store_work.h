
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls about work: leased tasks, the command stream, heartbeats.  General
 * rules: drs_store.h.
 */

#ifndef DRS_STORE_WORK_H_INCLUDED
#define DRS_STORE_WORK_H_INCLUDED


#include "drs_store.h"


/* -- tasks ------------------------------------------------- */

/*
 * Claims up to `max` due tasks.  kinds: space separated beginnings ("exec
 * poll"), empty = all.  A drained worker gets none.  Answer: task, fence, ...
 */
drs_cmd_t *drs_store_task_claim(drs_str_t p, drs_str_t owner, unsigned max,
                                int64_t lease_ms, drs_str_t kinds);

/*
 * Walks the answer: *pos is 0 at first.  DRS_OK and the next task,
 * DRS_DECLINED at the end, DRS_ERROR.
 */
int drs_store_task_next(const drs_answer_t *a, size_t *pos, drs_str_t *task,
                        uint64_t *fence) DRS_MUST_CHECK;

/* Answer: until.  Refusal: LEASE_LOST. */
drs_cmd_t *drs_store_task_renew(drs_str_t p, drs_str_t task, drs_str_t owner,
                                uint64_t fence, int64_t lease_ms);

#define DRS_DUE_REMOVE (-1) /* nothing more to do */
#define DRS_DUE_KEPT   (-2) /* what drs_commit_due() said, else now */

/*
 * next: time, or one of the above.  A task that was poked meanwhile is due at
 * once whatever `next` says.  Refusal: LEASE_LOST.
 */
drs_cmd_t *drs_store_task_release(drs_str_t p, drs_str_t task, drs_str_t owner,
                                  uint64_t fence, int64_t next);

/* at 0: now.  The earlier time wins; a leased task is run again afterwards. */
drs_cmd_t *drs_store_task_due(drs_str_t p, drs_str_t task, int64_t at);

/* The process of this owner is gone: its tasks are due now.  ANSWER: how many. */
drs_cmd_t *drs_store_task_free(drs_str_t p, drs_str_t owner);


/* -- commands ------------------------------------------------- */

typedef struct {
    drs_str_t id;    /* uuid */
    drs_str_t type;  /* "exec.start" */
    drs_str_t actor; /* JSON */
    drs_str_t request_id;
    drs_str_t payload;  /* JSON */
    drs_str_t reply_to; /* may be empty: nobody waits */
    int64_t   deadline; /* 0: none; not begun after it */
    drs_str_t audit;    /* may be empty */
} drs_command_t;


/* Answer: stream id. */
drs_cmd_t *drs_store_cmd_add(drs_str_t p, const drs_command_t *cmd);

/*
 * The waiting request gives up: answers "withdrawn" (it will not be done),
 * "running", or "done" and the answer.
 */
drs_cmd_t *drs_store_cmd_withdraw(drs_str_t p, drs_str_t id);

typedef enum {
    DRS_CMD_RUN = 0,
    DRS_CMD_DONE,    /* applied before: acknowledged, answered again */
    DRS_CMD_EXPIRED, /* deadline over or withdrawn: acknowledged, not
                               done */
    DRS_CMD_DEAD     /* begun max_tries times and never ended: acknowledged,
                        in cmd:dead */
} drs_cmd_begin_t;

/* One try of one consumer: counted once, however often it is asked for. */
typedef struct {
    drs_str_t stream_id;
    drs_str_t id;
    drs_str_t reply_to;
    int64_t   deadline;
    drs_str_t consumer;
    uint64_t  try; /* the consumer's number of it */
    unsigned  max_tries;
} drs_cmd_try_t;

drs_cmd_t *drs_store_cmd_begin(drs_str_t p, const drs_cmd_try_t *t);
/* *answer: of DRS_CMD_DONE; *tries: of DRS_CMD_RUN, with this one. */
int
drs_store_cmd_begin_answer(const drs_reply_t *r, drs_cmd_begin_t *what,
                           drs_str_t *answer, int64_t *tries) DRS_MUST_CHECK;

/*
 * Acknowledges, stores and publishes the answer.  secret: publish only.  The
 * message on reply:<replyTo> is "<command id> <answer>".
 */
drs_cmd_t *drs_store_cmd_done(drs_str_t p, drs_str_t stream_id, drs_str_t id,
                              drs_str_t reply_to, drs_str_t answer, int secret);

/* Answer: "retry", or "dead" after max tries. */
drs_cmd_t *
drs_store_cmd_fail(drs_str_t p, drs_str_t stream_id, drs_str_t consumer,
                   drs_str_t error, unsigned tries, unsigned max);


/* -- workers ------------------------------------------------- */

/* Answer: "run" or "drain". */
drs_cmd_t *drs_store_heartbeat(drs_str_t p, drs_str_t worker, drs_str_t json,
                               drs_str_t metrics, int64_t ttl_ms);


#endif /* DRS_STORE_WORK_H_INCLUDED */
