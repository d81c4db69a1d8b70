/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drs_json.h"
#include "drs_rc.h"
#include "drs_view_joblog.h"


static json_t *
logs_of(const char *text)
{
    json_t *v;

    v = drs_json_parse(drs_str(text), NULL, NULL);
    assert_non_null(v);

    return v;
}


static void
events_are_shown_with_the_names_of_drs(void **state)
{
    json_t *logs, *e;

    (void) state;

    logs = logs_of("[{\"waveNumber\":0,\"jobId\":\"drsjob-1\",\"events\":"
                   "[]}]");
    assert_int_equal(
        drs_view_joblog_add(
            logs,
            drs_str(
                "{\"event\":\"job.log\",\"data\":{\"jobId\":\"drsjob-1\",\"items\":["
                "{\"event\":\"JOB_START\",\"logDateTime\":\"2026-01-01T00:00:00Z\"},"
                "{\"event\":\"CONVERSION_START\",\"sourceServerId\":\"s-1\","
                "\"conversionServerId\":\"i-1\",\"attempt\":1,\"maxAttempts\":3,"
                "\"error\":\"why\",\"logDateTime\":\"2026-01-01T00:00:02Z\"}]}}")),
        DRS_OK);
    drs_view_joblog_sort(logs);

    e = drs_json_pointer(logs, "/0/events/0");
    assert_string_equal(json_string_value(json_object_get(e, "event")),
                        "CONVERSION_START");
    assert_string_equal(
        json_string_value(drs_json_pointer(e, "/eventData/sourceServerID")),
        "s-1");
    assert_string_equal(
        json_string_value(drs_json_pointer(e, "/eventData/conversionServerID")),
        "i-1");
    assert_string_equal(
        json_string_value(drs_json_pointer(e, "/eventData/rawError")), "why");
    assert_int_equal(
        json_integer_value(drs_json_pointer(e, "/eventData/maxAttemptsCount")),
        3);
    assert_string_equal(
        json_string_value(drs_json_pointer(logs, "/0/events/1/event")),
        "JOB_START");
    assert_int_equal(
        json_object_size(drs_json_pointer(logs, "/0/events/1/eventData")), 0);
    json_decref(logs);
}


static void
other_events_and_jobs_change_nothing(void **state)
{
    size_t  i;
    json_t *logs;

    static const char *const texts[] = {
        "",
        "{",
        "null",
        "{\"event\":\"wave.status\"}",
        "{\"event\":\"job.log\"}",
        "{\"event\":\"x\",\"note\":\"job.log\",\"data\":{\"jobId\":"
        "\"drsjob-1\",\"items\":[{\"event\":\"A\"}]}}",
        "{\"event\":\"job.log\",\"data\":{\"jobId\":\"drsjob-2\","
        "\"items\":[{\"event\":\"A\"}]}}"
    };

    (void) state;

    logs = logs_of("[{\"waveNumber\":0,\"jobId\":\"drsjob-1\",\"events\":"
                   "[]}]");

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(drs_view_joblog_add(logs, drs_str(texts[i])), DRS_OK);
    }

    drs_view_joblog_sort(logs);
    assert_int_equal(json_array_size(drs_json_pointer(logs, "/0/events")), 0);
    json_decref(logs);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_shown_with_the_names_of_drs),
        cmocka_unit_test(other_events_and_jobs_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
