
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Entries about AWS calls that Redis could not take: kept in a file of
 * state_dir, handed over when Redis is back.
 *
 * One JSON object a line.  A line that was handed over gets '#' for its first
 * byte; when all are, the file is emptied.  A crash between the two leaves an
 * entry twice in the trail, with the same AWS request id, never none.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drsw_audit.h"
#include "drsw_worker.h"


#define DRSW_SPOOL_NAME "audit-kept.jsonl"
#define DRSW_SPOOL_MAX  (64 * 1024 * 1024)
#define DRSW_SPOOL_LINE (256 * 1024)


/* Opens and locks the file of all workers with this state_dir. */

static int
drsw_spool_open(const drsw_ctx_t *ctx, int flags, int lock, off_t *size)
{
    int         fd;
    char        path[4096];
    struct stat st;

    (void) snprintf(path, sizeof(path), "%s/%s", ctx->conf->state_dir,
                    DRSW_SPOOL_NAME);

    if (flags & O_CREAT) {
        (void) mkdir(ctx->conf->state_dir, 0700);
    }

    fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }

    if (flock(fd, lock) != 0 || fstat(fd, &st) != 0) {
        (void) close(fd);
        return -1;
    }

    *size = st.st_size;

    return fd;
}


static int
drsw_spool_write(int fd, const char *p, size_t n)
{
    ssize_t done;

    while (n > 0) {
        done = write(fd, p, n);

        if (done < 0 && errno == EINTR) {
            continue;
        }

        if (done <= 0) {
            return DRS_ERROR;
        }

        p += done;
        n -= (size_t) done;
    }

    return DRS_OK;
}


int
drsw_audit_keep(drsw_ctx_t *ctx, const char *text)
{
    int   fd, rc;
    off_t size;

    fd = drsw_spool_open(ctx, O_CREAT | O_APPEND, LOCK_EX, &size);
    if (fd < 0) {
        return DRS_ERROR;
    }

    rc = DRS_ERROR;

    /* the empty line ends one that a crash cut short */

    if (size < DRSW_SPOOL_MAX && strlen(text) < DRSW_SPOOL_LINE
        && drsw_spool_write(fd, "\n", 1) == DRS_OK
        && drsw_spool_write(fd, text, strlen(text)) == DRS_OK
        && drsw_spool_write(fd, "\n", 1) == DRS_OK && fsync(fd) == 0)
    {
        rc = DRS_OK;
    }

    (void) close(fd);

    if (rc == DRS_OK) {
        drsw_count(ctx, "audit_kept_total", "", 1);
    }

    return rc;
}


/*
 * Hands over the line at an offset of the file.  DRS_OK also for one that was
 * handed over, is empty or was cut by a crash; DRS_ERROR: not now.
 */

static int
drsw_spool_line(drsw_ctx_t *ctx, int fd, off_t at, char *line, size_t len)
{
    if (len < 2 || line[0] != '{' || line[len - 1] != '}') {
        return DRS_OK;
    }

    line[len] = '\0';

    if (drsw_audit_append(ctx->redis, line) != DRS_OK) {
        return DRS_ERROR;
    }

    return pwrite(fd, "#", 1, at) == 1 ? DRS_OK : DRS_ERROR;
}


/* 1 if everything was handed over. */

static int
drsw_spool_all(drsw_ctx_t *ctx, int fd, off_t size, char *buf)
{
    char   *nl;
    off_t   at;
    ssize_t n;

    at = 0;

    while (at < size) {
        n = pread(fd, buf, DRSW_SPOOL_LINE, at);
        if (n <= 0) {
            return 0;
        }

        nl = memchr(buf, '\n', (size_t) n);

        if (nl == NULL) {
            /* the last one, cut by a crash */
            return at + n >= size;
        }

        if (drsw_spool_line(ctx, fd, at, buf, (size_t) (nl - buf)) != DRS_OK) {
            return 0;
        }

        at += nl - buf + 1;
    }

    return 1;
}


void
drsw_audit_replay(drsw_ctx_t *ctx)
{
    int   fd;
    char *buf;
    off_t size;

    fd = drsw_spool_open(ctx, 0, LOCK_EX | LOCK_NB, &size);
    if (fd < 0) {
        return;
    }

    buf = size > 0 ? malloc(DRSW_SPOOL_LINE + 1) : NULL;

    if (buf != NULL && drsw_spool_all(ctx, fd, size, buf)
        && ftruncate(fd, 0) == 0) {
        drsw_notice(ctx->log, "audit entries kept while Redis was away were "
                              "handed over");
    }

    free(buf);
    (void) close(fd);
}
