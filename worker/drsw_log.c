
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "drs_buf.h"
#include "drs_time.h"
#include "drsw_log.h"


#define DRSW_LOG_TEXT 4096


struct drsw_log_sink_s {
    pthread_mutex_t lock;
    char           *file; /* NULL: stderr */
    int             fd;
    atomic_int      level;
    long            pid;
};


static const char *const drsw_log_names[] = { "error", "warn", "notice", "info",
                                              "debug" };


static void  drsw_log_field(drs_buf_t *b, const char *name, const char *value);
static void  drsw_log_write(drsw_log_sink_t *sink, const char *p, size_t len);
static char *drsw_log_redact_jwt(char *p);
static char *drsw_log_redact_key(char *p);


const char *
drsw_log_level_name(drsw_log_level_e level)
{
    if ((unsigned) level > DRSW_LOG_DEBUG) {
        return "debug";
    }

    return drsw_log_names[level];
}


int
drsw_log_level_by_name(const char *name)
{
    int i;

    for (i = 0; i <= DRSW_LOG_DEBUG; i++) {
        if (strcasecmp(name, drsw_log_names[i]) == 0) {
            return i;
        }
    }

    return -1;
}


drsw_log_sink_t *
drsw_log_open(const char *file, drsw_log_level_e level)
{
    drsw_log_sink_t *sink;

    sink = calloc(1, sizeof(*sink));
    if (sink == NULL) {
        return NULL;
    }

    sink->fd = STDERR_FILENO;
    sink->pid = (long) getpid();
    atomic_init(&sink->level, (int) level);
    pthread_mutex_init(&sink->lock, NULL);

    if (file == NULL || file[0] == '\0') {
        return sink;
    }

    sink->file = strdup(file);
    sink->fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

    if (sink->file == NULL || sink->fd == -1) {
        pthread_mutex_destroy(&sink->lock);
        free(sink->file);
        free(sink);
        return NULL;
    }

    return sink;
}


int
drsw_log_reopen(drsw_log_sink_t *sink)
{
    int fd;

    if (sink->file == NULL) {
        return DRS_OK;
    }

    fd = open(sink->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd == -1) {
        return DRS_ERROR;
    }

    pthread_mutex_lock(&sink->lock);
    (void) close(sink->fd);
    sink->fd = fd;
    pthread_mutex_unlock(&sink->lock);

    return DRS_OK;
}


void
drsw_log_close(drsw_log_sink_t *sink)
{
    if (sink == NULL) {
        return;
    }

    if (sink->file != NULL) {
        (void) close(sink->fd);
    }

    pthread_mutex_destroy(&sink->lock);
    free(sink->file);
    free(sink);
}


void
drsw_log_level(drsw_log_sink_t *sink, drsw_log_level_e level)
{
    atomic_store(&sink->level, (int) level);
}


void
drsw_log_init(drsw_log_t *log, drsw_log_sink_t *sink, const char *thread)
{
    memset(log, 0, sizeof(*log));
    log->sink = sink;
    (void) snprintf(log->thread, sizeof(log->thread), "%s", thread);
}


void
drsw_log_task(drsw_log_t *log, const char *task, int64_t fence)
{
    const char *id;

    if (task == NULL) {
        log->task[0] = '\0';
        log->execution[0] = '\0';
        log->request[0] = '\0';
        log->command[0] = '\0';
        log->fence = 0;
        return;
    }

    (void) snprintf(log->task, sizeof(log->task), "%s", task);
    log->fence = fence;

    id = NULL;
    if (strncmp(task, "exec:", 5) == 0 || strncmp(task, "term:", 5) == 0) {
        id = task + 5;
    }

    drsw_log_execution(log, id);
}


void
drsw_log_execution(drsw_log_t *log, const char *execution_id)
{
    (void) snprintf(log->execution, sizeof(log->execution), "%s",
                    execution_id != NULL ? execution_id : "");
}


void
drsw_logf(drsw_log_t *log, drsw_log_level_e level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    drsw_logv(log, level, fmt, ap);
    va_end(ap);
}


void
drsw_logv(drsw_log_t *log, drsw_log_level_e level, const char *fmt, va_list ap)
{
    char             text[DRSW_LOG_TEXT], iso[DRS_TIME_ISO_SIZE];
    drs_buf_t        b;
    struct timespec  ts;
    drsw_log_sink_t *sink;

    if (log == NULL || log->sink == NULL) {
        return;
    }

    sink = log->sink;

    if ((int) level > atomic_load(&sink->level)) {
        return;
    }

    (void) vsnprintf(text, sizeof(text), fmt, ap);
    drsw_log_redact(text);

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    (void) drs_time_iso_ms(iso,
                           (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000);

    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b, "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%ld",
                          iso, drsw_log_level_name(level), sink->pid);

    drsw_log_field(&b, "thread", log->thread);
    drsw_log_field(&b, "task", log->task);
    drsw_log_field(&b, "executionId", log->execution);
    drsw_log_field(&b, "commandId", log->command);
    drsw_log_field(&b, "requestId", log->request);

    if (log->fence != 0) {
        (void) drs_buf_printf(&b, ",\"fence\":%lld", (long long) log->fence);
    }

    drsw_log_field(&b, "msg", text);
    (void) drs_buf_puts(&b, "}\n");

    if (drs_buf_ok(&b)) {
        drsw_log_write(sink, b.data, b.len);
    }

    drs_buf_free(&b);
}


static void
drsw_log_field(drs_buf_t *b, const char *name, const char *value)
{
    if (value[0] == '\0') {
        return;
    }

    (void) drs_buf_printf(b, ",\"%s\":", name);
    (void) drs_buf_json_string(b, value, strlen(value));
}


static void
drsw_log_write(drsw_log_sink_t *sink, const char *p, size_t len)
{
    ssize_t n;

    pthread_mutex_lock(&sink->lock);

    while (len > 0) {
        n = write(sink->fd, p, len);

        if (n == -1) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }

        p += n;
        len -= (size_t) n;
    }

    pthread_mutex_unlock(&sink->lock);
}


static int
drsw_log_is_b64url(int c)
{
    return isalnum(c) || c == '-' || c == '_';
}


/* "eyJ....eyJ....": a JWT.  Returns where to go on. */

static char *
drsw_log_redact_jwt(char *p)
{
    char  *end;
    size_t dots;

    dots = 0;

    for (end = p; drsw_log_is_b64url((unsigned char) *end) || *end == '.';
         end++) {
        dots += (*end == '.');
    }

    if (dots < 2 || end - p < 24) {
        return p + 3;
    }

    memset(p, '*', (size_t) (end - p));

    return end;
}


/* AKIA..., ASIA...: an access key id. */

static char *
drsw_log_redact_key(char *p)
{
    char *end;

    for (end = p;
         isupper((unsigned char) *end) || isdigit((unsigned char) *end); end++)
    {
        /* void */
    }

    if (end - p != 20) {
        return p + 4;
    }

    memset(p + 4, '*', 16);

    return end;
}


void
drsw_log_redact(char *text)
{
    char *p;

    p = text;

    while (*p != '\0') {
        if (strncmp(p, "eyJ", 3) == 0) {
            p = drsw_log_redact_jwt(p);

        } else if (strncmp(p, "AKIA", 4) == 0 || strncmp(p, "ASIA", 4) == 0) {
            p = drsw_log_redact_key(p);

        } else {
            p++;
        }
    }
}
