
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * An execution is followed by its event stream.  The stream says when to
 * look; the record, fetched with EX5, says whether the execution has ended.
 * After a broken stream the next one goes on behind the last event.
 */

#include <string.h>

#include "drsctl.h"
#include "drsctl_sse.h"


#define DRSCTL_WATCH_DEAD_MS   45000  /* three heartbeats are missing */
#define DRSCTL_WATCH_IDLE_MS   60000  /* no event: look at the record */
#define DRSCTL_WATCH_LOST_MS   300000 /* no contact: give up */
#define DRSCTL_WATCH_STEP_MS   100
#define DRSCTL_WATCH_RETRY_MS  1000
#define DRSCTL_WATCH_RETRY_MAX 15000


typedef struct {
    drsctl_t       *c;
    const char     *id;
    drsctl_follow_t how;
    drsctl_sse_t    sse;
    int64_t         byte_at; /* monotonic, last sign of life */
    int64_t         event_at;
    int64_t         contact_at; /* last answer of the server */
    int64_t         retry_ms;
    unsigned        final : 1; /* the record is final */
    drs_str_t       status;    /* of the record, in `answer` */
    drsctl_answer_t answer;    /* record of the last look */
} drsctl_watch_t;


static int drsctl_watch_event(void *data, const drsctl_sse_message_t *msg);
static int drsctl_watch_bytes(void *data, const char *text, size_t len);
static int drsctl_watch_tick(void *data);
static int drsctl_watch_stream(drsctl_watch_t *w);
static int drsctl_watch_look(drsctl_watch_t *w);
static int drsctl_watch_drain(drsctl_watch_t *w);
static int drsctl_watch_lost(drsctl_watch_t *w, int64_t wait_s);
static int drsctl_watch_end(drsctl_watch_t *w);


/* -- events --------------------------------------------------------------------- */

static void
drsctl_watch_print(drsctl_watch_t *w, const json_t *event, drs_str_t text)
{
    drs_buf_t b;

    if (w->how != DRSCTL_FOLLOW_EVENTS || w->c->conf.quiet) {
        return;
    }

    if (drsctl_json(w->c)) {
        (void) fprintf(w->c->out, "%.*s\n", DRS_STR_ARG(text));

    } else {
        drs_buf_init(&b, 0);
        drsctl_event_line(&b, event);
        (void) fprintf(w->c->out, "%s\n", b.data != NULL ? b.data : "");
        drs_buf_free(&b);
    }

    (void) fflush(w->c->out);
}


/* DRS_AGAIN: stop the stream and look at the record. */

static int
drsctl_watch_event(void *data, const drsctl_sse_message_t *msg)
{
    int             rc;
    json_t         *event;
    drs_str_t       status;
    drsctl_watch_t *w;

    w = data;
    w->event_at = drsctl_now_ms();

    if (strcmp(msg->event, "reset") == 0
        || strcmp(msg->event, "auth.expired") == 0) {
        return DRS_AGAIN;
    }

    event = drs_json_parse(msg->data, NULL, NULL);

    if (event == NULL) {
        return DRS_OK;
    }

    drsctl_watch_print(w, event, msg->data);
    rc = DRS_OK;

    if (strcmp(msg->event, "execution.status") == 0) {
        status = drs_json_field(json_object_get(event, "data"), "status");

        if (drsctl_status_is_final(status)) {
            rc = DRS_AGAIN;

        } else if (drs_str_eqz(status, "PAUSED") && !w->c->conf.quiet
                   && w->how == DRSCTL_FOLLOW_SILENT)
        {
            (void) drsctl_fail(w->c, 0,
                               "the execution is paused: "
                               "drsctl resume %s",
                               w->id);
        }
    }

    json_decref(event);

    return rc;
}


static int
drsctl_watch_bytes(void *data, const char *text, size_t len)
{
    drsctl_watch_t *w;

    w = data;
    w->byte_at = drsctl_now_ms();
    w->contact_at = w->byte_at;

    return drsctl_sse_feed(&w->sse, text, len);
}


static int
drsctl_watch_tick(void *data)
{
    int64_t         now;
    drsctl_watch_t *w;

    w = data;
    now = drsctl_now_ms();

    return drsctl_left(w->c, 1) == 0 || now - w->byte_at > DRSCTL_WATCH_DEAD_MS
           || now - w->event_at > DRSCTL_WATCH_IDLE_MS;
}


/* -- server ------------------------------------------------------------------------ */

/*
 * Waits before the next try.  Not 0 when there was no contact for too long or
 * the time limit has passed.
 */

static int
drsctl_watch_lost(drsctl_watch_t *w, int64_t wait_s)
{
    if (drsctl_now_ms() - w->contact_at > DRSCTL_WATCH_LOST_MS) {
        return drsctl_fail(w->c, DRSCTL_EXIT_UNREACHABLE,
                           "UNREACHABLE: %s: "
                           "lost contact; the execution goes on, see drsctl "
                           "watch %s",
                           w->c->conf.url, w->id);
    }

    drsctl_pause_ms(w->c, wait_s > 0 ? wait_s * 1000 : w->retry_ms);
    w->retry_ms = w->retry_ms * 2 > DRSCTL_WATCH_RETRY_MAX
                      ? DRSCTL_WATCH_RETRY_MAX
                      : w->retry_ms * 2;

    return DRSCTL_EXIT_OK;
}


/* Fetches the record. */

static int
drsctl_watch_look(drsctl_watch_t *w)
{
    int              code;
    drs_buf_t        path;
    drsctl_request_t req;

    drs_buf_init(&path, 0);
    (void) drs_buf_printf(&path, "/executions/%s", w->id);

    memset(&req, 0, sizeof(req));
    req.method = DRSCTL_GET;
    req.path = path.data;
    req.flags = DRSCTL_F_ANY | DRSCTL_F_SILENT;

    drsctl_answer_free(&w->answer);
    code = drsctl_call(w->c, &req, &w->answer);
    drs_buf_free(&path);

    if (drsctl_left(w->c, 1) == 0) {
        return DRSCTL_EXIT_OK; /* the caller sees the time */
    }

    if (code == DRSCTL_EXIT_UNREACHABLE || w->answer.status >= 500
        || w->answer.status == 429)
    {
        return drsctl_watch_lost(w,
                                 drs_json_int(w->answer.json, "retryAfter", 0));
    }

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    if (w->answer.status != 200) {
        return drsctl_refused(w->c, &w->answer);
    }

    w->contact_at = drsctl_now_ms();
    w->status = drs_json_field(w->answer.json, "status");
    w->final = drsctl_status_is_final(w->status) != 0;

    return DRSCTL_EXIT_OK;
}


/* One connection, as long as it lasts. */

static int
drsctl_watch_stream(drsctl_watch_t *w)
{
    int                   code;
    drs_buf_t             url;
    drsctl_answer_t       a;
    drsctl_http_reply_t   r;
    drsctl_http_request_t req;

    code = drsctl_token_get(w->c);

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    drs_buf_init(&url, 0);
    (void) drs_buf_printf(&url, "%s/executions/%s/events", w->c->conf.url,
                          w->id);
    drsctl_sse_restart(&w->sse);
    w->byte_at = drsctl_now_ms();
    w->event_at = w->byte_at;

    memset(&req, 0, sizeof(req));
    req.method = "GET";
    req.url = url.data;
    req.ca = w->c->conf.ca;
    req.token = w->c->token;
    req.accept = "text/event-stream";
    req.last_event_id = w->sse.last_id;
    req.on_data = drsctl_watch_bytes;
    req.on_tick = drsctl_watch_tick;
    req.data = w;

    drsctl_http_do(w->c->http, &req, &r);
    drs_buf_free(&url);

    if (r.net == DRSCTL_NET_TLS || r.net == DRSCTL_NET_ERROR) {
        code = drsctl_no_answer(w->c, &r);

    } else if (r.status == 200) {
        /* the stream was up: begin again with short pauses */
        w->retry_ms = DRSCTL_WATCH_RETRY_MS;
        drsctl_pause_ms(w->c, r.net == DRSCTL_NET_STOPPED ? DRSCTL_WATCH_STEP_MS
                              : w->sse.retry_ms           ? w->sse.retry_ms
                                                          : w->retry_ms);

    } else if (r.status == 0 || r.status >= 500 || r.status == 429) {
        a.json = drs_json_parse(drs_buf_str(&r.body), NULL, NULL);
        code = drsctl_watch_lost(w, drs_json_int(a.json, "retryAfter", 0));
        json_decref(a.json);
    }

    /* other refusals: the look that follows says the same and why */

    drsctl_http_reply_free(&r);

    return code;
}


/* Prints the events that came after the last one seen. */

static int
drsctl_watch_drain(drsctl_watch_t *w)
{
    int             code;
    size_t          i;
    json_t         *event;
    drs_buf_t       path, text;
    drsctl_answer_t a;

    if (w->how != DRSCTL_FOLLOW_EVENTS || w->c->conf.quiet) {
        return DRSCTL_EXIT_OK;
    }

    for (;;) {
        drs_buf_init(&path, 0);
        (void) drs_buf_printf(&path, "/executions/%s/events", w->id);
        drsctl_query_add(&path, "limit", "1000");
        drsctl_query_add(&path, "lastEventId", w->sse.last_id);
        code = drsctl_get(w->c, path.data, &a);
        drs_buf_free(&path);

        if (code != DRSCTL_EXIT_OK) {
            break;
        }

        json_array_foreach (json_object_get(a.json, "events"), i, event) {
            drs_buf_init(&text, 0);

            if (drs_json_dump(&text, event) == DRS_OK) {
                drsctl_watch_print(w, event, drs_buf_str(&text));
            }

            (void) snprintf(w->sse.last_id, sizeof(w->sse.last_id), "%.*s",
                            DRS_STR_ARG(drs_json_field(event, "id")));
            drs_buf_free(&text);
        }

        if (i == 0 || drs_json_field(a.json, "nextToken").len == 0) {
            break;
        }

        drsctl_answer_free(&a);
    }

    drsctl_answer_free(&a);

    return code;
}


/* -- end ------------------------------------------------------------------------------ */

int
drsctl_print_execution(drsctl_t *c, const json_t *e)
{
    int            code;
    size_t         i;
    json_t        *w, *servers;
    drsctl_table_t t;

    drsctl_table_init(&t, "ID|PLAN|TYPE|STATUS|STARTED|ENDED|BY", 0);
    drsctl_table_cell(&t, drs_json_field(e, "executionId"));
    drsctl_table_cell(&t, drs_json_field(e, "planName"));
    drsctl_table_cell(&t, drs_json_field(e, "executionType"));
    drsctl_table_cell(&t, drs_json_field(e, "status"));
    drsctl_table_time(&t, drs_json_int(e, "startTime", 0));
    drsctl_table_time(&t, drs_json_int(e, "endTime", 0));
    drsctl_table_cell(&t, drs_json_field(e, "initiatedBy"));
    code = drsctl_print_table(c, &t);

    if (code != DRSCTL_EXIT_OK || c->conf.quiet) {
        return code;
    }

    drsctl_table_init(&t, "WAVE|NAME|STATUS|PHASE|SERVERS|JOB|WHY", 0);

    json_array_foreach (json_object_get(e, "waves"), i, w) {
        servers = json_object_get(w, "serverIds");
        drsctl_table_cellf(&t, "%lld",
                           (long long) drs_json_int(w, "waveNumber", 0));
        drsctl_table_cell(&t, drs_json_field(w, "waveName"));
        drsctl_table_cell(&t, drs_json_field(w, "status"));
        drsctl_table_cell(&t, drs_json_field(w, "phase"));
        drsctl_table_cellf(&t, "%zu", json_array_size(servers));
        drsctl_table_cell(&t, drs_json_field(w, "jobId"));
        drsctl_table_cell(
            &t, json_object_get(w, "error") != NULL
                    ? drs_json_field(json_object_get(w, "error"), "message")
                    : drs_json_field(w, "statusReason"));
    }

    return drsctl_print_table(c, &t);
}


static int
drsctl_watch_end(drsctl_watch_t *w)
{
    int       code;
    drs_str_t why;

    code = drsctl_watch_drain(w);

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    if (w->c->conf.quiet) {
        code = DRSCTL_EXIT_OK;

    } else if (!drsctl_json(w->c)) {
        code = drsctl_print_execution(w->c, w->answer.json);

    } else if (w->how == DRSCTL_FOLLOW_SILENT) {
        code = drsctl_print_body(w->c, &w->answer);
    }

    if (code != DRSCTL_EXIT_OK || drs_str_eqz(w->status, "COMPLETED")) {
        return code;
    }

    why = drs_json_field(w->answer.json, "errorMessage");
    why = why.len ? why : drs_json_field(w->answer.json, "outcomeSummary");

    return drsctl_fail(w->c, DRSCTL_EXIT_NOT_COMPLETED,
                       "the execution ended %.*s%s%.*s", DRS_STR_ARG(w->status),
                       why.len ? ": " : "", DRS_STR_ARG(why));
}


int
drsctl_follow(drsctl_t *c, const char *execution, drsctl_follow_t how)
{
    int            code;
    drsctl_watch_t w;

    memset(&w, 0, sizeof(w));
    w.c = c;
    w.id = execution;
    w.how = how;
    w.retry_ms = DRSCTL_WATCH_RETRY_MS;
    w.contact_at = drsctl_now_ms();
    drsctl_sse_init(&w.sse, drsctl_watch_event, &w);

    /* from the first event on */
    (void) snprintf(w.sse.last_id, sizeof(w.sse.last_id), "0-0");

    for (;;) {
        code = drsctl_watch_look(&w);

        if (code != DRSCTL_EXIT_OK) {
            break;
        }

        if (w.final) {
            code = drsctl_watch_end(&w);
            break;
        }

        if (drsctl_left(c, 1) == 0) {
            code = drsctl_fail(c, DRSCTL_EXIT_TIMEOUT,
                               "TIMEOUT: the "
                               "execution has not ended in time; it goes on, "
                               "see drsctl watch %s",
                               execution);
            break;
        }

        code = drsctl_watch_stream(&w);

        if (code != DRSCTL_EXIT_OK) {
            break;
        }
    }

    drsctl_answer_free(&w.answer);
    drsctl_sse_free(&w.sse);

    return code;
}
