
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls of the Redis function library as argument vectors, and their answers.
 * docs/redis-schema.md says what each function does; here is only how it is
 * called.  Executions: drs_store_exec.h.  Commands and work: drs_store_work.h.
 *
 * Every builder returns a complete command that the caller frees with
 * drs_cmd_free(), or NULL without memory.  All strings are copied.  An empty
 * view for `audit`, `event` or another optional document means "none".
 * `p` is the key prefix without the colon.  Times are epoch milliseconds.
 */

#ifndef DRS_STORE_H_INCLUDED
#define DRS_STORE_H_INCLUDED


#include "drs_cmd.h"
#include "drs_keys.h"


/* Codes of the library that are not codes of the API. */
#define DRS_STORE_LEASE_LOST      "LEASE_LOST"
#define DRS_STORE_ARM_REFUSED     "ARM_REFUSED"
#define DRS_STORE_ILLEGAL         "ILLEGAL_TRANSITION"
#define DRS_STORE_DEADLINE_PASSED "DEADLINE_PASSED"
#define DRS_STORE_BAD_CALL        "BAD_CALL" /* wrong arguments: a bug */
#define DRS_STORE_SCHEMA_NEWER    "SCHEMA_NEWER"


/* -- answers ------------------------------------------------- */

/*
 * Views into the reply.  ok: v[0..n) is what follows "OK".  Else: code, text
 * for people, and v[0..n) = details as name, value, ...
 */
typedef struct {
    int              ok;
    drs_str_t        code;
    drs_str_t        text;
    size_t           n;
    const drs_str_t *v;
} drs_answer_t;


/*
 * DRS_OK; DRS_DECLINED: refused (code, text, details); DRS_ERROR: not an
 * answer of the library.
 */
int drs_store_answer(drs_answer_t *a, const drs_reply_t *r) DRS_MUST_CHECK;

/* 1 if the answer is a refusal with this code. */
int drs_answer_is(const drs_answer_t *a, const char *code);

/* Element i, or the empty view. */
drs_str_t drs_answer_str(const drs_answer_t *a, size_t i);

/* DRS_OK, or DRS_ERROR when absent or not a number. */
int
drs_answer_i64(const drs_answer_t *a, size_t i, int64_t *out) DRS_MUST_CHECK;
int
drs_answer_u64(const drs_answer_t *a, size_t i, uint64_t *out) DRS_MUST_CHECK;

/*
 * Detail of a refusal by name, or the empty view: `currentVersion`,
 * `currentStatus`, `executionId`, `reason`, ...  A name may come more than
 * once (conflicts): *pos, 0 at first, is moved behind the one found; NULL for
 * the first.
 */
drs_str_t
drs_answer_detail(const drs_answer_t *a, const char *name, size_t *pos);

/* Value of a field in the flat reply of HGETALL, or the empty view. */
drs_str_t drs_reply_field(const drs_reply_t *r, const char *name);


/* "FCALL function 1 prefix"; the caller appends arguments. */
drs_cmd_t *drs_store_call(const char *function, drs_str_t p);

/* NULL (freed) if the command failed, else the command itself. */
drs_cmd_t *drs_store_end(drs_cmd_t *c);


/* -- documents ------------------------------------------------- */

typedef enum {
    DRS_DOC_PG = 0,
    DRS_DOC_PLAN,
    DRS_DOC_ACCT,
    DRS_DOC_SCHED,
    DRS_DOC_HOOK
} drs_doc_kind_t;

typedef enum {
    DRS_DOC_CREATE = 0,
    DRS_DOC_UPDATE,
    DRS_DOC_DELETE
} drs_doc_mode_t;

typedef enum {
    DRS_DOC_UNIQ = 0, /* hash key: field absent or ours; then set to our id.
                           `value`: error code */
    DRS_DOC_UNUNIQ,   /* hash key: delete the field if ours */
    DRS_DOC_SADD,     /* set key: add `field` */
    DRS_DOC_SREM,     /* set key: remove `field` */
    DRS_DOC_EXISTS,   /* key must exist; `value`: error code */
    DRS_DOC_FREE,     /* key must not exist; `value`: error code */
    DRS_DOC_EMPTY,    /* set key must be empty; `value`: error code */
    DRS_DOC_IDLE,     /* set of plan ids: none has an active execution that
                           is not PAUSED; `value`: error code */
    DRS_DOC_DEL,      /* delete the key */
    DRS_DOC_DUE,      /* `key` is a task: due at `field` (0: now) */
    DRS_DOC_HSET,     /* hash key: sets `field` to `value`; empty: removes */
    DRS_DOC_FEWER,    /* set key has fewer than `field` members, or ours;
                           `value`: error code */
    DRS_DOC_SCHEDULES /* set key of schedule ids: all are deleted */
} drs_doc_op_kind_t;

typedef struct {
    drs_doc_op_kind_t op;
    drs_str_t         key; /* without the prefix */
    drs_str_t         field;
    drs_str_t         value;
} drs_doc_op_t;

typedef struct {
    drs_doc_kind_t      kind;
    drs_doc_mode_t      mode;
    drs_str_t           id;
    int64_t             version;  /* expected, -1: any; create: ignored */
    drs_str_t           old_name; /* folded; empty on create */
    drs_str_t           new_name; /* folded; empty on delete */
    drs_str_t           doc;      /* with the version it will have */
    drs_str_t           audit;
    drs_str_t           event;
    const drs_doc_op_t *ops;
    size_t              nops;
    int64_t             deadline; /* 0: none; else refused after it */
} drs_doc_put_t;


/*
 * Answer: new version (0 after a delete).  Refusals: PG_NAME_EXISTS,
 * RP_NAME_EXISTS, ACCOUNT_EXISTS {existingId}; PROTECTION_GROUP_NOT_FOUND,
 * RECOVERY_PLAN_NOT_FOUND, TARGET_ACCOUNT_NOT_FOUND, SCHEDULE_NOT_FOUND;
 * VERSION_CONFLICT
 * {currentVersion}; ALREADY_EXISTS; the codes of ops {key, field, owner} or,
 * for IDLE and FREE, {key, executionId, planId, status}; DEADLINE_PASSED.
 */
drs_cmd_t *drs_store_doc_put(drs_str_t p, const drs_doc_put_t *d);

/*
 * Answer: new version.  Refusal: VERSION_CONFLICT.  version 0: must not exist,
 * -1: any.
 */
drs_cmd_t *
drs_store_settings_put(drs_str_t p, drs_str_t name, int64_t version,
                       drs_str_t doc, drs_str_t audit, drs_str_t event);

/* One entry for the audit trail and one event, without any other change. */
drs_cmd_t *drs_store_note(drs_str_t p, drs_str_t audit, drs_str_t event);

/* An event of one execution, for its stream and the global one. */
drs_cmd_t *drs_store_note_exec(drs_str_t p, drs_str_t exec_id, drs_str_t event);


/* -- idempotency, versions ------------------------------------------------- */

typedef enum {
    DRS_IDEM_RUN = 0, /* first time: do it, then drs_store_idem_end() */
    DRS_IDEM_REPLAY,  /* answer again: status, answer */
    DRS_IDEM_RUNNING, /* the first one is under way */
    DRS_IDEM_REUSED   /* same key, other body */
} drs_idem_t;


/* `body_hash`: SHA-256 in hex.  A record without an end is kept 120 s. */
drs_cmd_t *drs_store_idem_begin(drs_str_t p, drs_str_t sub, drs_str_t route,
                                drs_str_t key, drs_str_t body_hash);
int        drs_store_idem_answer(const drs_reply_t *r, drs_idem_t *what,
                                 int64_t *status, drs_str_t *body) DRS_MUST_CHECK;

/* status 0 and an empty answer: forget (the request did nothing). */
drs_cmd_t *
drs_store_idem_end(drs_str_t p, drs_str_t sub, drs_str_t route, drs_str_t key,
                   drs_str_t body_hash, int64_t status, drs_str_t answer);

/* Answer: schema, library version, schema found in the data (0: empty). */
drs_cmd_t *drs_store_version(drs_str_t p);

/*
 * Notes schema and library in `meta`.  Refusal: SCHEMA_NEWER {schema} when the
 * data were written by a newer schema: then nothing may be written.
 */
drs_cmd_t *drs_store_open(drs_str_t p);


#endif /* DRS_STORE_H_INCLUDED */
