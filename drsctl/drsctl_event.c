
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Events for people (api.md 10.5).
 */

#include "drsctl.h"


typedef void (*drsctl_event_writer_t)(drs_buf_t *b, const json_t *data);


static void drsctl_event_execution(drs_buf_t *b, const json_t *d);
static void drsctl_event_created(drs_buf_t *b, const json_t *d);
static void drsctl_event_command(drs_buf_t *b, const json_t *d);
static void drsctl_event_wave(drs_buf_t *b, const json_t *d);
static void drsctl_event_unit(drs_buf_t *b, const json_t *d);
static void drsctl_event_servers(drs_buf_t *b, const json_t *d);
static void drsctl_event_log(drs_buf_t *b, const json_t *d);
static void drsctl_event_terminate(drs_buf_t *b, const json_t *d);
static void drsctl_event_notice(drs_buf_t *b, const json_t *d);


static const struct {
    const char           *event;
    drsctl_event_writer_t write;
} drsctl_events[] = { { "execution.created", drsctl_event_created },
                      { "execution.status", drsctl_event_execution },
                      { "execution.command", drsctl_event_command },
                      { "wave.status", drsctl_event_wave },
                      { "unit.state", drsctl_event_unit },
                      { "servers.status", drsctl_event_servers },
                      { "job.log", drsctl_event_log },
                      { "terminate.status", drsctl_event_terminate },
                      { "notice", drsctl_event_notice } };


int
drsctl_status_is_final(drs_str_t status)
{
    size_t i;

    static const char *const final[] = { "COMPLETED", "PARTIAL", "FAILED",
                                         "CANCELLED", "TIMEOUT", "TERMINATED" };

    for (i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
        if (drs_str_ieqz(status, final[i])) {
            return 1;
        }
    }

    return 0;
}


/* before + member + after, if the member is a text with content */

static void
drsctl_event_text(drs_buf_t *b, const char *before, const json_t *d,
                  const char *member, const char *after)
{
    drs_str_t s;

    s = drs_json_field(d, member);

    if (s.len) {
        (void) drs_buf_puts(b, before);
        drsctl_clean(b, s);
        (void) drs_buf_puts(b, after);
    }
}


static void
drsctl_event_created(drs_buf_t *b, const json_t *d)
{
    (void) drs_buf_puts(b, "execution");
    drsctl_event_text(b, " ", d, "status", "");
    drsctl_event_text(b, ": ", d, "executionType", "");
    drsctl_event_text(b, " of ", d, "planName", "");
    (void) drs_buf_printf(b, ", %lld wave(s)",
                          (long long) drs_json_int(d, "totalWaves", 0));
    drsctl_event_text(b, ", by ", d, "initiatedBy", "");
}


static void
drsctl_event_execution(drs_buf_t *b, const json_t *d)
{
    const json_t *percent;

    (void) drs_buf_puts(b, "execution");
    drsctl_event_text(b, " ", d, "status", "");

    percent = json_object_get(d, "percentComplete");

    if (json_is_number(percent)) {
        (void) drs_buf_printf(b, ", %.0f %%", json_number_value(percent));
    }

    drsctl_event_text(b, ", ", d, "pauseReason", "");
    drsctl_event_text(b, ", ", d, "errorCode", "");
    drsctl_event_text(b, ": ", d, "errorMessage", "");
    drsctl_event_text(b, ", reason: ", d, "reason", "");
    drsctl_event_text(b, ". ", d, "outcomeSummary", "");
}


static void
drsctl_event_command(drs_buf_t *b, const json_t *d)
{
    drsctl_event_text(b, "command ", d, "command", "");
    (void) drs_buf_puts(b, json_is_false(json_object_get(d, "accepted"))
                               ? " refused"
                               : " accepted");
    drsctl_event_text(b, " ", d, "code", "");
    drsctl_event_text(b, ": ", d, "reason", "");
}


static void
drsctl_event_wave(drs_buf_t *b, const json_t *d)
{
    int64_t failed;

    failed = drs_json_int(d, "failedServers", 0);

    (void) drs_buf_printf(b, "wave %lld",
                          (long long) drs_json_int(d, "waveNumber", 0));
    drsctl_event_text(b, " (", d, "waveName", ")");
    drsctl_event_text(b, " ", d, "status", "");
    drsctl_event_text(b, ", ", d, "phase", "");
    drsctl_event_text(b, ", ", d, "statusReason", "");
    (void) drs_buf_printf(b, ", %lld of %lld server(s) launched",
                          (long long) drs_json_int(d, "launchedServers", 0),
                          (long long) drs_json_int(d, "totalServers", 0));

    if (failed) {
        (void) drs_buf_printf(b, ", %lld failed", (long long) failed);
    }
}


static void
drsctl_event_unit(drs_buf_t *b, const json_t *d)
{
    drsctl_event_text(b, "unit ", d, "unitId", "");
    drsctl_event_text(b, " ", d, "state", "");
    drsctl_event_text(b, ", job ", d, "jobId", "");
    drsctl_event_text(b, ", ", d, "accountId", "");
    drsctl_event_text(b, " ", d, "region", "");
    drsctl_event_text(b, ", ", d, "statusReason", "");
}


/* Many servers make a short line: counts by status, errors in full. */

static void
drsctl_event_servers(drs_buf_t *b, const json_t *d)
{
    size_t        i, n;
    const json_t *list, *s, *e;

    list = json_object_get(d, "servers");
    n = json_array_size(list);

    (void) drs_buf_printf(
        b, "wave %lld:", (long long) drs_json_int(d, "waveNumber", 0));

    for (i = 0; i < n; i++) {
        s = json_array_get(list, i);
        e = json_object_get(s, "error");

        if (i >= 4 && e == NULL) {
            continue;
        }

        (void) drs_buf_puts(b, i ? "; " : " ");
        drsctl_event_text(b, "", s, "sourceServerId", "");
        drsctl_event_text(b, " ", s, "launchStatus", "");
        drsctl_event_text(b, " ", s, "phase", "");
        drsctl_event_text(b, " ", s, "recoveryInstanceId", "");
        drsctl_event_text(b, " ", s, "privateIp", "");
        drsctl_event_text(b, ", ", s, "error", "");
        drsctl_event_text(b, ", ", e, "message", "");
    }

    if (n > 4) {
        (void) drs_buf_printf(b, " (%zu servers)", n);
    }
}


static void
drsctl_event_log(drs_buf_t *b, const json_t *d)
{
    size_t        i, n;
    const json_t *list, *item;

    list = json_object_get(d, "items");
    n = json_array_size(list);

    drsctl_event_text(b, "job ", d, "jobId", ":");

    for (i = 0; i < n && i < 6; i++) {
        item = json_array_get(list, i);
        (void) drs_buf_puts(b, i ? "; " : " ");
        drsctl_event_text(b, "", item, "event", "");
        drsctl_event_text(b, " ", item, "sourceServerId", "");
        drsctl_event_text(b, ", ", item, "error", "");
    }

    if (n > 6) {
        (void) drs_buf_printf(b, "; and %zu more", n - 6);
    }
}


static void
drsctl_event_terminate(drs_buf_t *b, const json_t *d)
{
    (void) drs_buf_printf(b, "termination: %lld of %lld server(s)",
                          (long long) drs_json_int(d, "completedServers", 0),
                          (long long) drs_json_int(d, "totalServers", 0));

    if (json_is_true(json_object_get(d, "allCompleted"))) {
        (void) drs_buf_puts(b, ", completed");
    }
}


static void
drsctl_event_notice(drs_buf_t *b, const json_t *d)
{
    drsctl_event_text(b, "", d, "severity", "");
    drsctl_event_text(b, " ", d, "code", "");
    drsctl_event_text(b, ": ", d, "message", "");
}


void
drsctl_event_line(drs_buf_t *b, const json_t *event)
{
    size_t        i, start;
    drs_str_t     name, time;
    const json_t *data;

    name = drs_json_field(event, "event");
    time = drs_json_field(event, "time");
    data = json_object_get(event, "data");

    /* seconds do for people */
    if (time.len > 19) {
        time.len = 19;
    }

    drsctl_clean(b, time);
    (void) drs_buf_puts(b, time.len ? "Z  " : "");
    start = b->len;

    for (i = 0; i < sizeof(drsctl_events) / sizeof(drsctl_events[0]); i++) {
        if (drs_str_eqz(name, drsctl_events[i].event)) {
            drsctl_events[i].write(b, data);
            break;
        }
    }

    if (b->len == start) {
        drsctl_clean(b, name);
    }
}
