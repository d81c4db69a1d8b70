
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drsctl_sse.h"


static int  drsctl_sse_line(drsctl_sse_t *s);
static int  drsctl_sse_dispatch(drsctl_sse_t *s);
static void drsctl_sse_field(drsctl_sse_t *s, drs_str_t name, drs_str_t value);


void
drsctl_sse_init(drsctl_sse_t *s, drsctl_sse_handler_t handler, void *data)
{
    memset(s, 0, sizeof(*s));
    s->handler = handler;
    s->data = data;
    drs_buf_init(&s->line, DRSCTL_SSE_MAX);
    drs_buf_init(&s->text, DRSCTL_SSE_MAX);
}


void
drsctl_sse_free(drsctl_sse_t *s)
{
    drs_buf_free(&s->line);
    drs_buf_free(&s->text);
}


void
drsctl_sse_restart(drsctl_sse_t *s)
{
    drs_buf_reset(&s->line);
    drs_buf_reset(&s->text);
    s->event[0] = '\0';
    s->has_data = 0;
    s->after_cr = 0;
    s->begun = 0;
    memcpy(s->pending_id, s->last_id, sizeof(s->last_id));
}


static void
drsctl_sse_copy(char *dst, size_t size, drs_str_t value)
{
    if (value.len < size) {
        memcpy(dst, value.data, value.len);
        dst[value.len] = '\0';
    }
}


static void
drsctl_sse_field(drsctl_sse_t *s, drs_str_t name, drs_str_t value)
{
    uint64_t ms;

    if (drs_str_eqz(name, "data")) {
        if (s->has_data) {
            (void) drs_buf_putc(&s->text, '\n');
        }
        (void) drs_buf_str_append(&s->text, value);
        s->has_data = 1;

    } else if (drs_str_eqz(name, "event")) {
        drsctl_sse_copy(s->event, sizeof(s->event), value);

    } else if (drs_str_eqz(name, "id")) {
        if (memchr(value.data, '\0', value.len) == NULL) {
            drsctl_sse_copy(s->pending_id, sizeof(s->pending_id), value);
        }

    } else if (drs_str_eqz(name, "retry")) {
        if (drs_str_u64(value, &ms) == DRS_OK && ms <= 3600000) {
            s->retry_ms = (int64_t) ms;
        }
    }
}


static int
drsctl_sse_dispatch(drsctl_sse_t *s)
{
    int                  rc;
    drsctl_sse_message_t msg;

    rc = DRS_OK;

    if (s->has_data) {
        msg.event = s->event[0] ? s->event : "message";
        msg.data = drs_buf_str(&s->text);
        rc = drs_buf_ok(&s->text) ? s->handler(s->data, &msg) : DRS_ERROR;
    }

    memcpy(s->last_id, s->pending_id, sizeof(s->last_id));
    drs_buf_reset(&s->text);
    s->event[0] = '\0';
    s->has_data = 0;

    return rc;
}


static int
drsctl_sse_line(drsctl_sse_t *s)
{
    drs_str_t line, name;

    if (!drs_buf_ok(&s->line)) {
        return DRS_ERROR;
    }

    line = drs_buf_str(&s->line);

    if (!s->begun) {
        s->begun = 1;
        if (drs_str_starts(line, "\xef\xbb\xbf")) {
            line = drs_strn(line.data + 3, line.len - 3);
        }
    }

    if (line.len == 0) {
        return drsctl_sse_dispatch(s);
    }

    if (line.data[0] == ':') {
        return DRS_OK;
    }

    (void) drs_str_split(&line, ':', &name);

    if (line.len && line.data[0] == ' ') {
        line = drs_strn(line.data + 1, line.len - 1);
    }

    if (line.data == NULL) {
        line = drs_str("");
    }

    drsctl_sse_field(s, name, line);

    return DRS_OK;
}


int
drsctl_sse_feed(drsctl_sse_t *s, const char *data, size_t len)
{
    int    rc;
    size_t i, start;

    start = 0;

    for (i = 0; i < len; i++) {
        if (data[i] != '\n' && data[i] != '\r') {
            s->after_cr = 0;
            continue;
        }

        if (data[i] == '\n' && s->after_cr) {
            s->after_cr = 0;
            start = i + 1;
            continue;
        }

        s->after_cr = data[i] == '\r';
        (void) drs_buf_append(&s->line, data + start, i - start);
        start = i + 1;

        rc = drsctl_sse_line(s);
        drs_buf_reset(&s->line);

        if (rc != DRS_OK) {
            return rc;
        }
    }

    (void) drs_buf_append(&s->line, data + start, len - start);

    return drs_buf_ok(&s->line) ? DRS_OK : DRS_ERROR;
}
