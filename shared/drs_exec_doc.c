
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Execution record: documents and field values to store.
 */

#include <string.h>

#include "drs_exec.h"
#include "drs_json.h"


/*
 * Setters: an absent value removes the member, so that a document that was
 * read and changed says what the record says.  Failures are counted.
 */

static void
drs_doc_str(json_t *obj, const char *name, const char *v, int *failed)
{
    if (v[0] == '\0') {
        (void) json_object_del(obj, name);
        return;
    }

    *failed += drs_json_set_str(obj, name, drs_str(v)) != DRS_OK;
}


static void
drs_doc_int(json_t *obj, const char *name, int64_t v, int *failed)
{
    if (v == 0) {
        (void) json_object_del(obj, name);
        return;
    }

    *failed += drs_json_set_int(obj, name, v) != DRS_OK;
}


/* milliseconds to the epoch seconds of documents */
static void
drs_doc_time(json_t *obj, const char *name, int64_t at, int *failed)
{
    drs_doc_int(obj, name, at / 1000, failed);
}


static void
drs_doc_bool(json_t *obj, const char *name, bool v, int *failed)
{
    if (!v) {
        (void) json_object_del(obj, name);
        return;
    }

    *failed += drs_json_set_bool(obj, name, 1) != DRS_OK;
}


static void
drs_doc_list(json_t *obj, const char *name, const char *const *v, size_t n,
             int *failed)
{
    size_t  i;
    json_t *list;

    list = json_array();

    for (i = 0; i < n; i++) {
        *failed +=
            json_array_append_new(list, drs_json_new_str(drs_str(v[i]))) != 0;
    }

    *failed += json_object_set_new(obj, name, list) != 0;
}


static void
drs_doc_raw(json_t *obj, const char *name, const char *text, int *failed)
{
    if (text[0] == '\0') {
        (void) json_object_del(obj, name);
        return;
    }

    *failed += json_object_set_new(
                   obj, name,
                   drs_json_parse(drs_str(text), &drs_json_store_limits, NULL))
               != 0;
}


static void
drs_doc_error(json_t *obj, const char *name, const char *code,
              const char *message, int *failed)
{
    json_t *error;

    if (code[0] == '\0' && message[0] == '\0') {
        (void) json_object_del(obj, name);
        return;
    }

    error = json_object();
    drs_doc_str(error, "message", message, failed);
    drs_doc_str(error, "code", code, failed);
    *failed += json_object_set_new(obj, name, error) != 0;
}


static int
drs_doc_done(drs_buf_t *b, json_t *obj, int failed)
{
    int rc;

    rc = obj == NULL || failed ? DRS_ERROR : drs_json_dump(b, obj);
    json_decref(obj);

    return rc;
}


int
drs_exec_out_doc(drs_buf_t *b, const drs_exec_t *e)
{
    int     failed;
    json_t *o, *v;

    failed = 0;
    o = e->out ? json_copy(e->out) : json_object();

    if (e->ending[0] != '\0') {
        v = json_object();
        drs_doc_str(v, "event", e->ending, &failed);
        drs_doc_str(v, "code", e->ending_code, &failed);
        drs_doc_str(v, "message", e->ending_message, &failed);
        failed += json_object_set_new(o, "ending", v) != 0;

    } else {
        (void) json_object_del(o, "ending");
    }

    drs_doc_int(o, "lastWaveEndMs", e->wave_ended_at, &failed);
    drs_doc_bool(o, "startNotified", e->start_sent, &failed);
    drs_doc_bool(o, "finalised", e->finalised, &failed);
    drs_doc_int(o, "pauseRemindedMs", e->reminded_at, &failed);
    drs_doc_bool(o, "claimsReleased", e->released_all, &failed);
    drs_doc_time(o, "lastPolledTime", e->last_poll_at, &failed);

    return drs_doc_done(b, o, failed);
}


int
drs_exec_wave_doc(drs_buf_t *b, const drs_exec_wave_t *w)
{
    int     failed;
    json_t *o;

    failed = 0;
    o = w->doc ? json_copy(w->doc) : json_object();

    failed += drs_json_set_int(o, "waveNumber", w->number) != DRS_OK;
    drs_doc_list(o, "serverIds", w->server_ids, w->nserver_ids, &failed);
    if (!w->selected) {
        failed += drs_json_set_bool(o, "selected", 0) != DRS_OK;
    }

    drs_doc_int(o, "attempt", w->attempt, &failed);
    drs_doc_bool(o, "skipped", w->skipped, &failed);
    drs_doc_bool(o, "resolved", w->resolved, &failed);
    drs_doc_bool(o, "handled", w->handled, &failed);
    drs_doc_str(o, "phase", drs_phase_name(w->phase), &failed);
    drs_doc_str(o, "statusReason", drs_reason_name(w->reason), &failed);
    drs_doc_time(o, "startTime", w->started_at, &failed);
    drs_doc_time(o, "endTime", w->ended_at, &failed);
    drs_doc_time(o, "firstSendAt", w->first_send_at, &failed);
    drs_doc_time(o, "deadlineAt", w->deadline_at, &failed);
    drs_doc_int(o, "deadlineMs", w->deadline_at, &failed);
    drs_doc_bool(o, "deadlineWarned", w->warned, &failed);
    drs_doc_int(o, "progressMs", w->progress_at, &failed);
    drs_doc_bool(o, "stallWarned", w->stalled, &failed);
    drs_doc_int(o, "heldSinceMs", w->held_at, &failed);
    drs_doc_int(o, "nextSendMs", w->next_send_at, &failed);
    drs_doc_str(o, "statusMessage", w->message, &failed);
    drs_doc_error(o, "error", w->error_code, w->error_message, &failed);
    drs_doc_int(o, "nextSeq", w->next_seq, &failed);

    return drs_doc_done(b, o, failed);
}


int
drs_exec_unit_doc(drs_buf_t *b, const drs_exec_unit_t *u)
{
    int     failed;
    json_t *o;

    failed = 0;
    o = json_object();

    drs_doc_str(o, "statusReason", drs_reason_name(u->reason), &failed);
    drs_doc_str(o, "jobStatus", drs_job_status_name(u->job_status), &failed);
    drs_doc_time(o, "startTime", u->started_at, &failed);
    drs_doc_time(o, "endTime", u->ended_at, &failed);
    drs_doc_int(o, "jobEndMs", u->job_ended_at, &failed);
    drs_doc_int(o, "jobGoneMs", u->gone_at, &failed);
    drs_doc_error(o, "error", u->error_code, u->error_message, &failed);
    drs_doc_raw(o, "held", u->held, &failed);
    drs_doc_bool(o, "configDone", u->config_done, &failed);
    drs_doc_int(o, "conflictWaits", u->conflicts, &failed);
    drs_doc_str(o, "conflictServers", u->conflict_servers, &failed);
    drs_doc_int(o, "throttles", u->throttles, &failed);
    drs_doc_int(o, "retries", u->retries, &failed);
    drs_doc_int(o, "lookMs", u->look_at, &failed);
    drs_doc_int(o, "enrichMs", u->enrich_at, &failed);
    drs_doc_int(o, "looks", u->looks, &failed);
    drs_doc_int(o, "logSeen", u->log_seen, &failed);
    drs_doc_str(o, "endedJobs", u->ended, &failed);
    drs_doc_raw(o, "stagingJobs", u->staging, &failed);

    return drs_doc_done(b, o, failed);
}


static void
drs_doc_server_facts(json_t *o, const drs_exec_server_t *s, int *failed)
{
    drs_doc_str(o, "serverName", s->name, failed);
    drs_doc_str(o, "hostname", s->hostname, failed);
    drs_doc_str(o, "sourceInstanceId", s->source_instance, failed);
    drs_doc_str(o, "sourceAccountId", s->source_account, failed);
    drs_doc_str(o, "sourceRegion", s->source_region, failed);
    drs_doc_str(o, "sourceIp", s->source_ip, failed);
    drs_doc_str(o, "replicationState", s->replication, failed);
    drs_doc_str(o, "lagAtStart", s->lag, failed);
    drs_doc_str(o, "protectionGroupId", s->group, failed);
    drs_doc_str(o, "recoverySnapshotId", s->snapshot, failed);
    drs_doc_str(o, "stagingAccountId", s->staging_account, failed);
}


int
drs_exec_server_doc(drs_buf_t *b, const drs_exec_server_t *s)
{
    int     failed;
    json_t *o, *rp;

    failed = 0;
    o = json_object();

    drs_doc_str(o, "sourceServerId", s->id, &failed);
    failed += drs_json_set_int(o, "waveNumber", s->wave) != DRS_OK;
    drs_doc_str(o, "unitId", s->unit, &failed);
    drs_doc_str(o, "accountId", s->account, &failed);
    drs_doc_str(o, "region", s->region, &failed);
    drs_doc_str(o, "launchStatus", drs_launch_status_name(s->status), &failed);
    drs_doc_str(o, "phase", drs_phase_name(s->phase), &failed);
    drs_doc_time(o, "phaseSince", s->phase_since_at, &failed);
    drs_doc_int(o, "attempt", s->attempt, &failed);
    drs_doc_str(o, "criticality", s->optional ? "OPTIONAL" : "CRITICAL",
                &failed);
    drs_doc_server_facts(o, s, &failed);

    drs_doc_str(o, "recoveryInstanceId", s->instance, &failed);
    drs_doc_str(o, "privateIp", s->private_ip, &failed);
    drs_doc_str(o, "instanceType", s->instance_type, &failed);
    drs_doc_str(o, "instanceState", s->instance_state, &failed);
    drs_doc_str(o, "nameTag", s->name_tag, &failed);
    drs_doc_time(o, "launchTime", s->launch_at, &failed);
    drs_doc_time(o, "launchedAt", s->launched_at, &failed);
    drs_doc_int(o, "enriched", s->enriched, &failed);

    if (s->rp_snapshot[0] != '\0' || s->rp_time[0] != '\0' || s->rp_previous) {
        rp = json_object();
        drs_doc_str(rp, "snapshotId", s->rp_snapshot, &failed);
        drs_doc_str(rp, "time", s->rp_time, &failed);
        failed +=
            drs_json_set_bool(rp, "usedPrevious", s->rp_previous) != DRS_OK;
        failed += json_object_set_new(o, "recoveryPoint", rp) != 0;
    }

    drs_doc_raw(o, "launchActions", s->actions, &failed);
    drs_doc_str(o, "error", s->error, &failed);
    drs_doc_str(o, "errorCode", s->error_code, &failed);
    drs_doc_str(o, "advice", s->advice, &failed);

    return drs_doc_done(b, o, failed);
}


int
drs_exec_open_text(drs_buf_t *b, const drs_exec_unit_t *u)
{
    size_t i;

    for (i = 0; i < u->nopen; i++) {
        if (drs_buf_printf(b, "%s%d:%lld:%s", i ? " " : "", u->open[i].attempt,
                           (long long) u->open[i].at, u->open[i].owner)
            != DRS_OK)
        {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}


int
drs_exec_list_text(drs_buf_t *b, const char *const *v, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if ((i && drs_buf_putc(b, ' ') != DRS_OK)
            || drs_buf_puts(b, v[i]) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}
