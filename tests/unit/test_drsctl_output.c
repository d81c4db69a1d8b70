
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drsctl: event stream, events as text, tables, errors, sessions.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drsctl.h"
#include "drsctl_session.h"
#include "drsctl_sse.h"


#define N(a) (sizeof(a) / sizeof((a)[0]))


/* -- event stream -------------------------------------------------------------- */

typedef struct {
    drs_buf_t log;
    int       stop_at; /* count of messages, 0: never */
    int       n;
} seen_t;


static int
on_message(void *data, const drsctl_sse_message_t *msg)
{
    seen_t *s;

    s = data;
    (void) drs_buf_printf(&s->log, "[%s|%.*s]", msg->event,
                          DRS_STR_ARG(msg->data));

    return ++s->n == s->stop_at ? DRS_AGAIN : DRS_OK;
}


static void
test_sse(void **state)
{
    size_t       i, step, len;
    seen_t       seen;
    drsctl_sse_t sse;

    static const char text[] = "\xef\xbb\xbfretry: 3000\n"
                               ": hb\n\n"
                               "id: 1-0\nevent: a\ndata: {\"x\":1}\n\n"
                               "id: 2-0\r\ndata:one\r\ndata:  two\r\n\r\n"
                               "event: empty\n\n"
                               "id: 3-0\rdata\r\r"
                               "unknown: x\nid: 4-0\n\n"
                               "id: 5-0\ndata: not finished\n";

    (void) state;
    len = sizeof(text) - 1;

    /* pieces of every size give the same */
    for (step = 1; step <= len; step++) {
        memset(&seen, 0, sizeof(seen));
        drs_buf_init(&seen.log, 0);
        drsctl_sse_init(&sse, on_message, &seen);

        for (i = 0; i < len; i += step) {
            assert_int_equal(drsctl_sse_feed(&sse, text + i,
                                             i + step > len ? len - i : step),
                             DRS_OK);
        }

        assert_string_equal(seen.log.data,
                            "[a|{\"x\":1}][message|one\n two][message|]");
        assert_int_equal(sse.retry_ms, 3000);

        /* 5-0 has not been handed out: it is asked for again */
        assert_string_equal(sse.last_id, "4-0");
        drsctl_sse_restart(&sse);
        assert_int_equal(drsctl_sse_feed(&sse, "data: z\n\n", 9), DRS_OK);
        assert_non_null(strstr(seen.log.data, "[message|z]"));
        assert_string_equal(sse.last_id, "4-0");

        drsctl_sse_free(&sse);
        drs_buf_free(&seen.log);
    }
}


static void
test_sse_stop(void **state)
{
    seen_t       seen;
    drsctl_sse_t sse;

    static const char text[] = "id: 1\ndata: a\n\nid: 2\ndata: b\n\n";

    (void) state;

    memset(&seen, 0, sizeof(seen));
    drs_buf_init(&seen.log, 0);
    seen.stop_at = 1;
    drsctl_sse_init(&sse, on_message, &seen);

    assert_int_equal(drsctl_sse_feed(&sse, text, sizeof(text) - 1), DRS_AGAIN);
    assert_string_equal(seen.log.data, "[message|a]");
    assert_string_equal(sse.last_id, "1");

    drsctl_sse_free(&sse);
    drs_buf_free(&seen.log);
}


static void
test_sse_too_long(void **state)
{
    int          rc;
    char        *block;
    size_t       i;
    seen_t       seen;
    drsctl_sse_t sse;

    (void) state;

    memset(&seen, 0, sizeof(seen));
    block = calloc(1, 65536);
    assert_non_null(block);
    memset(block, 'x', 65536);
    drsctl_sse_init(&sse, on_message, &seen);
    rc = DRS_OK;

    for (i = 0; i < 2 * DRSCTL_SSE_MAX / 65536 && rc == DRS_OK; i++) {
        rc = drsctl_sse_feed(&sse, block, 65536);
    }

    assert_int_equal(rc, DRS_ERROR);
    drsctl_sse_free(&sse);
    free(block);
}


static void
test_event_line(void **state)
{
    size_t    i;
    json_t   *event;
    drs_buf_t b;

    static const char *const rows[][2] = {
        { "{\"event\":\"execution.status\","
          "\"time\":\"2026-01-02T03:04:05.678Z\",\"data\":{\"status\":"
          "\"PAUSED\",\"percentComplete\":33.3,\"pauseReason\":\"PLANNED\"}}",
          "2026-01-02T03:04:05Z  execution PAUSED, 33 %, PLANNED" },
        { "{\"event\":\"wave.status\",\"data\":{\"waveNumber\":1,"
          "\"waveName\":\"DB\",\"status\":\"IN_PROGRESS\",\"phase\":"
          "\"LAUNCH\",\"launchedServers\":1,\"failedServers\":2,"
          "\"totalServers\":4}}",
          "wave 1 (DB) IN_PROGRESS, LAUNCH, 1 of 4 server(s) launched, "
          "2 failed" },
        { "{\"event\":\"servers.status\",\"data\":{\"waveNumber\":0,"
          "\"servers\":[{\"sourceServerId\":\"s-1\",\"launchStatus\":"
          "\"FAILED\",\"error\":{\"message\":\"no\"}}]}}",
          "wave 0: s-1 FAILED, no" },
        { "{\"event\":\"unit.state\",\"data\":{\"unitId\":\"0-1\","
          "\"state\":\"STARTED\",\"jobId\":\"drsjob-1\"}}",
          "unit 0-1 STARTED, job drsjob-1" },
        { "{\"event\":\"execution.command\",\"data\":{\"command\":\"pause\","
          "\"accepted\":true}}",
          "command pause accepted" },
        { "{\"event\":\"new\\u001b[2Jthing\",\"data\":{}}", "new?[2Jthing" },
        { "{}", "" }
    };

    (void) state;

    for (i = 0; i < N(rows); i++) {
        event = json_loads(rows[i][0], 0, NULL);
        assert_non_null(event);
        drs_buf_init(&b, 0);
        drsctl_event_line(&b, event);
        assert_string_equal(b.data != NULL ? b.data : "", rows[i][1]);
        drs_buf_free(&b);
        json_decref(event);
    }

    assert_true(drsctl_status_is_final(drs_str("COMPLETED")));
    assert_true(drsctl_status_is_final(drs_str("TIMEOUT")));
    assert_false(drsctl_status_is_final(drs_str("CANCELLING")));
    assert_false(drsctl_status_is_final(drs_str("")));
}


/* -- tables and errors ----------------------------------------------------------------- */

static void
test_table(void **state)
{
    drs_buf_t      b;
    drsctl_table_t t;

    (void) state;

    drs_buf_init(&b, 0);
    drsctl_table_init(&t, "ID|NAME|N", 0);
    drsctl_table_cell(&t, drs_str("1"));
    drsctl_table_cell(&t, drs_str("K\xc3\xb6ln \xe6\x9d\xb1"));
    drsctl_table_cellf(&t, "%d", 5);
    drsctl_table_cell(&t, drs_str("22"));
    drsctl_table_cell(&t, drs_str(""));
    drsctl_table_time(&t, 0);
    drsctl_table_cell(&t, drs_str("3"));
    drsctl_table_cell(&t, drs_str("a\x1b]0;x\x07\nb\xff"));
    drsctl_table_time(&t, 1);

    assert_int_equal(drsctl_table_render(&t, 0, &b), DRS_OK);
    assert_string_equal(b.data, "ID  NAME        N\n"
                                "1   K\xc3\xb6ln \xe6\x9d\xb1     5\n"
                                "22  -           -\n"
                                "3   a?]0;x? b?  1970-01-01T00:00:01Z\n");
    drs_buf_reset(&b);
    assert_int_equal(drsctl_table_render(&t, 1, &b), DRS_OK);
    assert_string_equal(b.data, "1\n22\n3\n");

    /* a row that is not full is a mistake of the program */
    drsctl_table_cell(&t, drs_str("4"));
    assert_int_equal(drsctl_table_render(&t, 0, &b), DRS_ERROR);

    drsctl_table_free(&t);
    drs_buf_free(&b);
}


static void
test_error(void **state)
{
    size_t    i;
    json_t   *body;
    drs_buf_t b;

    static const struct {
        long        status;
        const char *body;
        int         code;
        const char *line;
    } rows[] = {
        { 409,
          "{\"error\":\"ALREADY_EXISTS\",\"code\":"
          "\"PLAN_ALREADY_EXECUTING\",\"message\":\"It runs.\","
          "\"requestId\":\"r-1\"}",
          DRSCTL_EXIT_REFUSED,
          "PLAN_ALREADY_EXECUTING: It runs. (HTTP 409, request r-1)" },
        { 401,
          "{\"error\":\"Unauthorized\",\"code\":\"UNAUTHORIZED\","
          "\"message\":\"Unauthorized\"}",
          DRSCTL_EXIT_AUTH,
          "UNAUTHORIZED: Unauthorized (HTTP 401, request h-1)" },
        { 403,
          "{\"error\":\"Forbidden\",\"code\":\"FORBIDDEN\",\"message\":"
          "\"No.\",\"required_permission\":\"start_recovery\"}",
          DRSCTL_EXIT_AUTH,
          "FORBIDDEN: No. [needs start_recovery] "
          "(HTTP 403, request h-1)" },
        { 403, "{\"error\":\"REGION_ACCESS_DENIED\",\"message\":\"x\"}",
          DRSCTL_EXIT_REFUSED,
          "REGION_ACCESS_DENIED: x (HTTP 403, request h-1)" },
        { 400,
          "{\"error\":\"WEAK_PASSWORD\",\"message\":\"Weak.\","
          "\"rules\":[\"digit\",\"symbol\"]}",
          DRSCTL_EXIT_REFUSED,
          "WEAK_PASSWORD: Weak. [digit, symbol] (HTTP 400, request h-1)" },
        { 503, "{\"error\":\"SERVICE_UNAVAILABLE\",\"message\":\"a\\nb\"}",
          DRSCTL_EXIT_UNREACHABLE,
          "SERVICE_UNAVAILABLE: a b (HTTP 503, request h-1)" },
        { 502, NULL, DRSCTL_EXIT_UNREACHABLE,
          "not an answer of this API (HTTP 502, request h-1)" },
        { 301, NULL, DRSCTL_EXIT_UNREACHABLE, NULL },
        { 404, "[]", DRSCTL_EXIT_REFUSED, NULL },
        { 204, NULL, DRSCTL_EXIT_OK, NULL }
    };

    (void) state;

    for (i = 0; i < N(rows); i++) {
        body = rows[i].body != NULL ? json_loads(rows[i].body, 0, NULL) : NULL;
        assert_int_equal(drsctl_exit_of(rows[i].status, body), rows[i].code);

        if (rows[i].line != NULL) {
            drs_buf_init(&b, 0);
            drsctl_error_line(&b, rows[i].status, body, "h-1");
            assert_string_equal(b.data, rows[i].line);
            drs_buf_free(&b);
        }

        json_decref(body);
    }
}


/* -- sessions -------------------------------------------------------------------------- */

static void
test_session(void **state)
{
    json_t          *doc, *local;
    drsctl_session_t s;

    (void) state;

    doc = drsctl_session_parse(drs_str("not json"));
    assert_false(drsctl_session_find(doc, "https://a", &s));
    assert_false(drsctl_session_fresh(&s, 0));
    assert_false(drsctl_session_renewable(&s, 0));

    local = json_loads("{\"token\":\"T\",\"expiresIn\":900,\"refreshToken\":"
                       "\"R\",\"refreshExpiresIn\":43200}",
                       0, NULL);
    assert_int_equal(drsctl_session_put(doc, "https://a", local, 1000), DRS_OK);
    json_decref(local);

    /* of this server only */
    assert_false(drsctl_session_find(doc, "https://b", &s));
    assert_true(drsctl_session_find(doc, "https://a", &s));
    assert_true(drs_str_eqz(s.token, "T"));
    assert_true(drs_str_eqz(s.refresh_token, "R"));
    assert_true(drsctl_session_fresh(&s, 1839));
    assert_false(drsctl_session_fresh(&s, 1840));
    assert_true(drsctl_session_renewable(&s, 44199));
    assert_false(drsctl_session_renewable(&s, 44200));

    local = json_loads("{\"message\":\"no session\"}", 0, NULL);
    assert_int_equal(drsctl_session_put(doc, "https://a", local, 1),
                     DRS_DECLINED);
    json_decref(local);

    assert_true(drsctl_session_drop(doc, "https://a"));
    assert_false(drsctl_session_drop(doc, "https://a"));
    json_decref(doc);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sse),          cmocka_unit_test(test_sse_stop),
        cmocka_unit_test(test_sse_too_long), cmocka_unit_test(test_event_line),
        cmocka_unit_test(test_table),        cmocka_unit_test(test_error),
        cmocka_unit_test(test_session)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
