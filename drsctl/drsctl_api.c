
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One operation of the API, with everything that may be done about failures.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "drs_id.h"
#include "drsctl.h"


#define DRSCTL_REQUEST_MS 60000
#define DRSCTL_REPEAT_MS  500
#define DRSCTL_RUNNING_MS 60000 /* a repeat waits for the first try */


/* What one operation remembers over its tries. */
typedef struct {
    const drsctl_request_t *req;
    const char             *key;
    char                    own_key[DRS_UUID_SIZE];
    unsigned                repeated : 1; /* after a lost connection */
    unsigned                refreshed : 1;
    int64_t                 running_until;
} drsctl_try_t;


static int
drsctl_try(drsctl_t *c, drsctl_try_t *t, drsctl_answer_t *a, int *again);
static int drsctl_may_repeat(const drsctl_try_t *t, drsctl_net_t net);
static int
drsctl_still_running(drsctl_t *c, drsctl_try_t *t, const drsctl_answer_t *a);


static const char *const drsctl_methods[] = { [DRSCTL_GET] = "GET",
                                              [DRSCTL_POST] = "POST",
                                              [DRSCTL_PUT] = "PUT",
                                              [DRSCTL_DELETE] = "DELETE" };


int64_t
drsctl_now_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int64_t
drsctl_left(const drsctl_t *c, int64_t most)
{
    int64_t left;

    if (c->deadline_ms == 0) {
        return most;
    }

    left = c->deadline_ms - drsctl_now_ms();
    left = left > 0 ? left : 0;

    return left < most ? left : most;
}


void
drsctl_pause_ms(const drsctl_t *c, int64_t ms)
{
    struct timespec ts;

    ms = drsctl_left(c, ms);
    ts.tv_sec = ms / 1000;
    ts.tv_nsec = (long) (ms % 1000) * 1000000;

    (void) nanosleep(&ts, NULL);
}


int
drsctl_fail(drsctl_t *c, int code, const char *fmt, ...)
{
    va_list   ap;
    drs_buf_t raw, b;

    drs_buf_init(&raw, 0);
    drs_buf_init(&b, 0);

    va_start(ap, fmt);
    (void) drs_buf_vprintf(&raw, fmt, ap);
    va_end(ap);

    drsctl_clean(&b, drs_buf_str(&raw));
    (void) fflush(c->out);
    (void) fprintf(c->err, "drsctl: %s\n", b.data != NULL ? b.data : "");

    drs_buf_free(&raw);
    drs_buf_free(&b);

    return code;
}


int
drsctl_refused(drsctl_t *c, const drsctl_answer_t *a)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);
    drsctl_error_line(&b, a->status, a->json, a->request_id);
    (void) drsctl_fail(c, 0, "%s", b.data != NULL ? b.data : "no memory");
    drs_buf_free(&b);

    return drsctl_exit_of(a->status, a->json);
}


int
drsctl_no_answer(drsctl_t *c, const drsctl_http_reply_t *r)
{
    switch (r->net) {
    case DRSCTL_NET_TIMEOUT:
        return drsctl_fail(c, DRSCTL_EXIT_TIMEOUT,
                           "TIMEOUT: no answer from %s in time", c->conf.url);

    case DRSCTL_NET_TLS:
        return drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                           "TLS: %s cannot be verified: %s (see --ca)",
                           c->conf.url, r->error);

    case DRSCTL_NET_ERROR:
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "%s: %s", c->conf.url,
                           r->error);

    default:
        return drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE, "UNREACHABLE: %s: %s",
                           c->conf.url, r->error);
    }
}


static int
drsctl_new_key(char key[DRS_UUID_SIZE])
{
    unsigned char rnd[16];

    if (getrandom(rnd, sizeof(rnd), 0) != (ssize_t) sizeof(rnd)) {
        return DRS_ERROR;
    }

    drs_id_uuid4(key, rnd);

    return DRS_OK;
}


/* What was never sent, only reads, or is known by its key. */

static int
drsctl_may_repeat(const drsctl_try_t *t, drsctl_net_t net)
{
    if (t->repeated) {
        return 0;
    }

    return net == DRSCTL_NET_UNREACHABLE
           || (net == DRSCTL_NET_LOST
               && (t->req->method == DRSCTL_GET || t->key != NULL));
}


/*
 * The first try still runs at the server (api.md 10.1); its answer comes by
 * asking again with the same key.
 */

static int
drsctl_still_running(drsctl_t *c, drsctl_try_t *t, const drsctl_answer_t *a)
{
    int64_t wait_s;

    wait_s = drs_json_int(a->json, "retryAfter", 0);

    if (a->status != 409 || t->key == NULL || wait_s < 1
        || !drs_str_eqz(drs_json_field(a->json, "error"), "ALREADY_EXISTS")
        || (!t->repeated && t->key == t->own_key))
    {
        return 0;
    }

    if (t->running_until == 0) {
        t->running_until = drsctl_now_ms() + DRSCTL_RUNNING_MS;
    }

    if (drsctl_now_ms() >= t->running_until || drsctl_left(c, 1) == 0) {
        return 0;
    }

    drsctl_pause_ms(c, wait_s * 1000);

    return 1;
}


/* Sends once; what libcurl says is in `r`. */

static int
drsctl_try_send(drsctl_t *c, const drsctl_try_t *t, drsctl_http_reply_t *r)
{
    drs_buf_t             url;
    drsctl_http_request_t hr;

    memset(&hr, 0, sizeof(hr));
    hr.timeout_ms = drsctl_left(c, DRSCTL_REQUEST_MS);

    if (hr.timeout_ms == 0) {
        return (t->req->flags & DRSCTL_F_SILENT)
                   ? DRSCTL_EXIT_TIMEOUT
                   : drsctl_fail(c, DRSCTL_EXIT_TIMEOUT,
                                 "TIMEOUT: the time limit has passed");
    }

    drs_buf_init(&url, 0);

    if (drs_buf_printf(&url, "%s%s", c->conf.url, t->req->path) != DRS_OK) {
        drs_buf_free(&url);
        return drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
    }

    hr.method = drsctl_methods[t->req->method];
    hr.url = url.data;
    hr.ca = c->conf.ca;
    hr.body = t->req->body;
    hr.token = (t->req->flags & DRSCTL_F_PUBLIC) ? NULL : c->token;
    hr.key = t->key;

    drsctl_http_do(c->http, &hr, r);
    drs_buf_free(&url);

    return DRSCTL_EXIT_OK;
}


/* There is an answer: renew the token, ask again, refuse or take it. */

static int
drsctl_try_judge(drsctl_t *c, drsctl_try_t *t, drsctl_answer_t *a, int *again)
{
    int code;

    if (a->status == 401 && c->session && !t->refreshed
        && !(t->req->flags & DRSCTL_F_PUBLIC))
    {
        t->refreshed = 1;
        code = drsctl_token_refresh(c);
        *again = code == DRSCTL_EXIT_OK;
        return code;
    }

    *again = drsctl_still_running(c, t, a);

    if (*again || (t->req->flags & DRSCTL_F_ANY)) {
        return DRSCTL_EXIT_OK;
    }

    if (a->status < 200 || a->status >= 300) {
        return drsctl_refused(c, a);
    }

    if (a->json == NULL) {
        return drsctl_fail(c, DRSCTL_EXIT_UNREACHABLE,
                           "%s%s did not answer with JSON; is the URL right?",
                           c->conf.url, t->req->path);
    }

    return DRSCTL_EXIT_OK;
}


static int
drsctl_try(drsctl_t *c, drsctl_try_t *t, drsctl_answer_t *a, int *again)
{
    int                 code;
    drsctl_http_reply_t r;

    *again = 0;
    code = drsctl_try_send(c, t, &r);

    if (code != DRSCTL_EXIT_OK) {
        return code;
    }

    if (r.net != DRSCTL_NET_OK) {
        *again = drsctl_may_repeat(t, r.net);
        t->repeated = 1;

        if (*again) {
            drsctl_pause_ms(c, DRSCTL_REPEAT_MS);

        } else {
            code = (t->req->flags & DRSCTL_F_SILENT) ? DRSCTL_EXIT_UNREACHABLE
                                                     : drsctl_no_answer(c, &r);
        }

        drsctl_http_reply_free(&r);

        return code;
    }

    a->status = r.status;
    a->text = r.body;
    memcpy(a->request_id, r.request_id, sizeof(a->request_id));
    a->json =
        drs_json_parse(drs_buf_str(&a->text), &drs_json_store_limits, NULL);

    return drsctl_try_judge(c, t, a, again);
}


int
drsctl_call(drsctl_t *c, const drsctl_request_t *req, drsctl_answer_t *a)
{
    int          code, again;
    drsctl_try_t t;

    memset(a, 0, sizeof(*a));
    memset(&t, 0, sizeof(t));
    t.req = req;

    if (!(req->flags & DRSCTL_F_PUBLIC)) {
        code = drsctl_token_get(c);
        if (code != DRSCTL_EXIT_OK) {
            return code;
        }
    }

    if (req->method != DRSCTL_GET && !(req->flags & DRSCTL_F_NO_KEY)) {
        t.key = drsctl_opt(c->args, DRSCTL_OPT_KEY);

        if (t.key != NULL && !drs_id_is_idempotency_key(drs_str(t.key))) {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                               "--idempotency-key must "
                               "be 1 to 128 visible ASCII characters");
        }

        if (t.key == NULL) {
            if (drsctl_new_key(t.own_key) != DRS_OK) {
                return drsctl_fail(c, DRSCTL_EXIT_USAGE,
                                   "no random numbers: %s", strerror(errno));
            }
            t.key = t.own_key;
        }
    }

    for (;;) {
        code = drsctl_try(c, &t, a, &again);

        if (!again) {
            return code;
        }

        drsctl_answer_free(a);
    }
}


int
drsctl_send(drsctl_t *c, drsctl_method_t method, const char *path, json_t *body,
            drsctl_answer_t *a)
{
    int              code;
    char            *text;
    size_t           len;
    drsctl_request_t req;

    memset(a, 0, sizeof(*a));
    memset(&req, 0, sizeof(req));
    text = NULL;

    if (body != NULL) {
        text = drs_json_text(body, &len);
        json_decref(body);

        if (text == NULL) {
            return drsctl_fail(c, DRSCTL_EXIT_USAGE, "no memory");
        }

        req.body = drs_strn(text, len);
    }

    req.method = method;
    req.path = path;
    code = drsctl_call(c, &req, a);
    free(text);

    return code;
}


int
drsctl_get(drsctl_t *c, const char *path, drsctl_answer_t *a)
{
    return drsctl_send(c, DRSCTL_GET, path, NULL, a);
}


void
drsctl_answer_free(drsctl_answer_t *a)
{
    json_decref(a->json);
    drs_buf_free_secret(&a->text);
    memset(a, 0, sizeof(*a));
}
