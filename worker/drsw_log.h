
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Log of the worker: one JSON object a line, to stderr or a file.
 *
 * Tokens and AWS keys are cut out by shape as a last line of defence; callers
 * never log secrets, request bodies or signature inputs (security.md 8.2).
 */

#ifndef DRSW_LOG_H
#define DRSW_LOG_H


#include <stdarg.h>
#include <stdint.h>

#include "drs_rc.h"


typedef enum {
    DRSW_LOG_ERROR = 0,
    DRSW_LOG_WARN,
    DRSW_LOG_NOTICE,
    DRSW_LOG_INFO,
    DRSW_LOG_DEBUG
} drsw_log_level_e;


typedef struct drsw_log_sink_s drsw_log_sink_t;

/* Per thread: the sink and what every line of it carries ("" or 0: absent). */
typedef struct {
    drsw_log_sink_t *sink;
    char             thread[16];
    char             task[160]; /* task name or command type */
    char             execution[64];
    char             request[72]; /* request id of the caller */
    char             command[40];
    int64_t          fence;
} drsw_log_t;


/* file "" or NULL: stderr.  NULL: cannot be opened, errno says why. */
drsw_log_sink_t *drsw_log_open(const char *file, drsw_log_level_e level);
/* Opens the file anew (after rotation); keeps the old one on failure. */
int  drsw_log_reopen(drsw_log_sink_t *sink);
void drsw_log_close(drsw_log_sink_t *sink);
void drsw_log_level(drsw_log_sink_t *sink, drsw_log_level_e level);

/* Level of a name ("info"), or -1. */
int         drsw_log_level_by_name(const char *name);
const char *drsw_log_level_name(drsw_log_level_e level);

void drsw_log_init(drsw_log_t *log, drsw_log_sink_t *sink, const char *thread);

/* Sets what the following lines carry; NULL: nothing. */
void drsw_log_task(drsw_log_t *log, const char *task, int64_t fence);
void drsw_log_execution(drsw_log_t *log, const char *execution_id);

void drsw_logv(drsw_log_t *log, drsw_log_level_e level, const char *fmt,
               va_list ap) DRS_PRINTF(3, 0);
void drsw_logf(drsw_log_t *log, drsw_log_level_e level, const char *fmt, ...)
    DRS_PRINTF(3, 4);

#define drsw_error(log, ...)  drsw_logf(log, DRSW_LOG_ERROR, __VA_ARGS__)
#define drsw_warn(log, ...)   drsw_logf(log, DRSW_LOG_WARN, __VA_ARGS__)
#define drsw_notice(log, ...) drsw_logf(log, DRSW_LOG_NOTICE, __VA_ARGS__)
#define drsw_info(log, ...)   drsw_logf(log, DRSW_LOG_INFO, __VA_ARGS__)
#define drsw_debug(log, ...)  drsw_logf(log, DRSW_LOG_DEBUG, __VA_ARGS__)

/* Cuts tokens and keys out of a text in place (for tests, error texts). */
void drsw_log_redact(char *text);


#endif /* DRSW_LOG_H */
