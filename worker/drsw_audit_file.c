
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A copy of the audit trail in a file, one entry per line: what the file does
 * not have yet is appended, so that it is whole again after a crash, a full
 * disk, or a time in which another worker sealed.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drs_audit.h"
#include "drs_json.h"
#include "drsw_audit.h"


#define DRSW_AUDIT_TAIL  (64 * 1024)
#define DRSW_AUDIT_PAGE  "500"
#define DRSW_AUDIT_PAGES 20


/* Id of an entry's line. */

static int
drsw_audit_line_id(drs_str_t line, char *id, size_t size)
{
    int       rc;
    json_t   *e;
    drs_str_t s;

    e = drs_json_parse(line, &drs_json_store_limits, NULL);
    s = drs_json_field(e, "id");
    rc = DRS_DECLINED;

    if (s.len > 0 && s.len < size) {
        memcpy(id, s.data, s.len);
        id[s.len] = '\0';
        rc = DRS_OK;
    }

    json_decref(e);

    return rc;
}


/*
 * Id of the last whole line among the last `len` bytes, "0-0" for an empty
 * file.  A line that a crash cut is cut off.  DRS_AGAIN: not within `len`.
 */

static int
drsw_audit_tail(int fd, off_t size, off_t len, char *id, size_t idlen)
{
    int       rc;
    char     *nl, *line;
    ssize_t   n;
    drs_buf_t b;

    drs_buf_init(&b, (size_t) len);

    if (drs_buf_reserve(&b, (size_t) len) != DRS_OK) {
        return DRS_ERROR;
    }

    n = pread(fd, b.data, (size_t) len, size - len);
    nl = (n == len) ? memrchr(b.data, '\n', (size_t) n) : NULL;
    line = (nl != NULL) ? memrchr(b.data, '\n', (size_t) (nl - b.data)) : NULL;

    if (n != len) {
        rc = DRS_ERROR;

    } else if (line == NULL && len < size) {
        rc = DRS_AGAIN;

    } else if (nl == NULL) {
        rc = ftruncate(fd, 0) == 0 ? DRS_OK : DRS_ERROR;

    } else {
        line = (line != NULL) ? line + 1 : b.data;
        rc =
            drsw_audit_line_id(drs_strn(line, (size_t) (nl - line)), id, idlen);

        if (rc == DRS_OK && ftruncate(fd, size - len + (nl + 1 - b.data)) != 0)
        {
            rc = DRS_ERROR;
        }
    }

    drs_buf_free(&b);

    return rc;
}


static int
drsw_audit_last(drsw_ctx_t *ctx, int fd, char *id, size_t idlen)
{
    int         rc;
    off_t       len;
    struct stat st;

    (void) snprintf(id, idlen, "0-0");

    if (fstat(fd, &st) != 0) {
        return DRS_ERROR;
    }

    if (st.st_size == 0) {
        return DRS_OK;
    }

    for (len = DRSW_AUDIT_TAIL; /* void */; len *= 8) {
        len = len < st.st_size ? len : st.st_size;
        rc = drsw_audit_tail(fd, st.st_size, len, id, idlen);

        if (rc != DRS_AGAIN) {
            break;
        }
    }

    if (rc == DRS_DECLINED) {
        drsw_error(ctx->log, "the audit file ends with something that is no "
                             "entry: nothing is appended");
    }

    return rc == DRS_OK ? DRS_OK : DRS_ERROR;
}


/* Appends the entries of one page; *id becomes the last one's. */

static int
drsw_audit_page(int fd, const redisReply *page, char *id, size_t size)
{
    size_t            i, k;
    drs_buf_t         b;
    const char       *p;
    ssize_t           n;
    const redisReply *f;

    drs_buf_init(&b, 0);

    for (i = 0; i < page->elements; i++) {
        f = page->element[i]->element[1];

        for (k = 0; k + 1 < f->elements; k += 2) {
            if (strcmp(f->element[k]->str, "e") == 0) {
                (void) drs_buf_append(&b, f->element[k + 1]->str,
                                      (size_t) f->element[k + 1]->len);
                (void) drs_buf_putc(&b, '\n');
            }
        }

        (void) snprintf(id, size, "%s", page->element[i]->element[0]->str);
    }

    for (p = b.data; b.len > 0; p += n, b.len -= (size_t) n) {
        n = write(fd, p, b.len);

        if (n < 0 && errno == EINTR) {
            n = 0;

        } else if (n < 0) {
            break;
        }
    }

    i = b.len;
    k = (size_t) drs_buf_ok(&b);
    drs_buf_free(&b);

    return (i == 0 && k) ? DRS_OK : DRS_ERROR;
}


static int
drsw_audit_pages(drsw_ctx_t *ctx, int fd, size_t *written)
{
    int         rc;
    char        key[96], id[DRS_AUDIT_ID_SIZE], from[DRS_AUDIT_ID_SIZE + 1];
    size_t      i, n;
    redisReply *page;
    const char *argv[6];

    if (drsw_audit_last(ctx, fd, id, sizeof(id)) != DRS_OK
        || drsw_redis_key(ctx->redis, key, sizeof(key), "audit") != DRS_OK)
    {
        return DRS_ERROR;
    }

    argv[0] = "XRANGE";
    argv[1] = key;
    argv[2] = from;
    argv[3] = "+";
    argv[4] = "COUNT";
    argv[5] = DRSW_AUDIT_PAGE;

    for (i = 0; i < DRSW_AUDIT_PAGES; i++) {
        (void) snprintf(from, sizeof(from), "(%s", id);

        if (drsw_redis_raw(ctx->redis, 6, argv, NULL, 0, &page) != DRS_OK) {
            return DRS_ERROR;
        }

        n = (page->type == REDIS_REPLY_ARRAY) ? page->elements : 0;
        rc = (n > 0) ? drsw_audit_page(fd, page, id, sizeof(id)) : DRS_OK;
        freeReplyObject(page);

        if (rc != DRS_OK) {
            return DRS_ERROR;
        }

        if (n == 0) {
            break;
        }

        *written += n;
    }

    return DRS_OK;
}


int
drsw_audit_mirror(drsw_ctx_t *ctx, const char *path)
{
    int    fd, rc;
    size_t written;

    fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

    if (fd < 0) {
        drsw_error(ctx->log, "audit_file %s: %s", path, strerror(errno));
        return DRS_ERROR;
    }

    written = 0;
    rc = drsw_audit_pages(ctx, fd, &written);

    if (rc == DRS_OK && written > 0 && fdatasync(fd) != 0) {
        rc = DRS_ERROR;
    }

    if (rc != DRS_OK) {
        drsw_error(ctx->log, "audit_file %s was not brought up to date", path);
    }

    (void) close(fd);

    return rc;
}
