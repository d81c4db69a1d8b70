
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drsctl.h"


int
drsctl_json(const drsctl_t *c)
{
    return c->conf.json;
}


static int
drsctl_write(drsctl_t *c, drs_str_t text)
{
    if (fwrite(text.data, 1, text.len, c->out) != text.len
        || fflush(c->out) != 0) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "output: %s", strerror(errno));
    }

    return DRSCTL_EXIT_OK;
}


int
drsctl_print_body(drsctl_t *c, const drsctl_answer_t *a)
{
    int       code;
    drs_str_t text;

    text = drs_buf_str(&a->text);
    code = text.len ? drsctl_write(c, text) : DRSCTL_EXIT_OK;

    if (code == DRSCTL_EXIT_OK
        && (text.len == 0 || text.data[text.len - 1] != '\n'))
    {
        code = drsctl_write(c, drs_str("\n"));
    }

    return code;
}


int
drsctl_print_json(drsctl_t *c, const json_t *doc)
{
    int       code;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    code = drs_json_dump(&b, doc);

    if (code == DRS_OK && drs_buf_putc(&b, '\n') == DRS_OK) {
        code = drsctl_write(c, drs_buf_str(&b));
    } else {
        code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
    }

    drs_buf_free(&b);

    return code;
}


int
drsctl_print_table(drsctl_t *c, drsctl_table_t *t)
{
    int       code;
    drs_buf_t b;

    drs_buf_init(&b, 0);

    if (drsctl_table_render(t, c->conf.quiet, &b) != DRS_OK) {
        code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory for the table");
    } else {
        code = b.len ? drsctl_write(c, drs_buf_str(&b)) : DRSCTL_EXIT_OK;
    }

    drs_buf_free(&b);
    drsctl_table_free(t);

    return code;
}


void
drsctl_say(drsctl_t *c, const char *fmt, ...)
{
    va_list   ap;
    drs_buf_t raw, b;

    if (c->conf.quiet) {
        return;
    }

    drs_buf_init(&raw, 0);
    drs_buf_init(&b, 0);

    va_start(ap, fmt);
    (void) drs_buf_vprintf(&raw, fmt, ap);
    va_end(ap);

    drsctl_clean(&b, drs_buf_str(&raw));
    (void) drs_buf_putc(&b, '\n');
    (void) drsctl_write(c, drs_buf_str(&b));

    drs_buf_free(&raw);
    drs_buf_free(&b);
}


int
drsctl_confirm(drsctl_t *c, const char *fmt, ...)
{
    char    answer[16];
    va_list ap;

    if (drsctl_opt(c->args, DRSCTL_OPT_YES) != NULL || !isatty(STDIN_FILENO)
        || !isatty(STDERR_FILENO))
    {
        return 1;
    }

    va_start(ap, fmt);
    (void) vfprintf(c->err, fmt, ap);
    va_end(ap);
    (void) fputs(" [y/N] ", c->err);
    (void) fflush(c->err);

    if (fgets(answer, sizeof(answer), stdin) == NULL) {
        return 0;
    }

    return answer[0] == 'y' || answer[0] == 'Y';
}


int
drsctl_read_file(drsctl_t *c, const char *name, drs_buf_t *b)
{
    int     fd, failed;
    char    text[16384];
    ssize_t n;

    fd = strcmp(name, "-") == 0 ? STDIN_FILENO
                                : open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s", name,
                           strerror(errno));
    }

    do {
        n = read(fd, text, sizeof(text));

        if (n > 0 && drs_buf_append(b, text, (size_t) n) != DRS_OK) {
            errno = EFBIG;
            n = -1;
            break;
        }
    } while (n > 0 || (n < 0 && errno == EINTR));

    failed = n < 0 ? errno : 0;
    drs_memzero(text, sizeof(text));

    if (fd != STDIN_FILENO) {
        (void) close(fd);
    }

    return failed ? drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s", name,
                                strerror(failed))
                  : DRSCTL_EXIT_OK;
}


json_t *
drsctl_file_body(drsctl_t *c, int *code)
{
    json_t          *body;
    drs_buf_t        b;
    const char      *file;
    drs_json_error_t je;

    file = drsctl_opt(c->args, DRSCTL_OPT_FILE);

    if (file == NULL) {
        return json_object();
    }

    drs_buf_init(&b, DRS_JSON_IMPORT_BYTES);
    body = NULL;
    *code = drsctl_read_file(c, file, &b);

    if (*code == DRSCTL_EXIT_OK) {
        body = drs_json_parse(drs_buf_str(&b), &drs_json_store_limits, &je);

        if (body == NULL) {
            *code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s", file, je.text);

        } else if (!json_is_object(body)) {
            *code = drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: not a JSON object",
                                file);
            json_decref(body);
            body = NULL;
        }
    }

    drs_buf_free(&b);

    return body;
}


int
drsctl_print_message(drsctl_t *c, const drsctl_answer_t *a)
{
    if (drsctl_json(c)) {
        return drsctl_print_body(c, a);
    }

    drsctl_say(c, "%.*s", DRS_STR_ARG(drs_json_field(a->json, "message")));

    return DRSCTL_EXIT_OK;
}


/* DRS_ERROR with errno. */

int
drsctl_write_file(const char *name, drs_str_t text, int secret)
{
    int       fd, saved;
    mode_t    mask;
    size_t    done;
    ssize_t   n;
    drs_buf_t tmp;

    drs_buf_init(&tmp, 0);

    if (drs_buf_printf(&tmp, "%s.XXXXXX", name) != DRS_OK) {
        errno = ENOMEM;
        return DRS_ERROR;
    }

    fd = mkostemp(tmp.data, O_CLOEXEC); /* mode 0600 */
    n = fd < 0 ? -1 : 0;

    for (done = 0; n >= 0 && done < text.len; done += (size_t) n) {
        n = write(fd, text.data + done, text.len - done);

        if (n < 0 && errno == EINTR) {
            n = 0;
        }
    }

    if (n >= 0 && !secret) {
        mask = umask(0);
        (void) umask(mask);
        n = fchmod(fd, 0666 & ~mask);
    }

    if (n >= 0 && (fsync(fd) != 0 || rename(tmp.data, name) != 0)) {
        n = -1;
    }

    saved = errno;

    if (fd >= 0) {
        (void) close(fd);
        if (n < 0) {
            (void) unlink(tmp.data);
        }
    }

    drs_buf_free(&tmp);
    errno = saved;

    return n < 0 ? DRS_ERROR : DRS_OK;
}
