/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Servers and launch units of an execution.
 */

#include <string.h>

#include "drs_json.h"
#include "drs_jtext.h"
#include "drs_model_exec_req.h"
#include "drs_utf8.h"
#include "drs_view_exec.h"


/* Milliseconds to epoch seconds; 0 is absent. */
static void
drs_vs_at(drs_buf_t *b, const char *name, int64_t at)
{
    if (at != 0) {
        drs_jw_int(b, name, at / 1000);
    }
}


/* Members of 10.4 that status and execution share. */
static void
drs_vs_common(drs_buf_t *b, const drs_exec_server_t *s)
{
    if (s->phase != DRS_PHASE_NONE) {
        drs_jw_z(b, "phase", drs_phase_name(s->phase));
    }

    drs_vs_at(b, "phaseSince", s->phase_since_at);
    drs_jw_z(b, "unitId", s->unit);
    drs_jw_z(b, "accountId", s->account);

    if (s->attempt > 0) {
        drs_jw_int(b, "attempt", s->attempt);
    }

    drs_jw_z(b, "criticality", s->optional ? "OPTIONAL" : "CRITICAL");

    if (s->rp_snapshot[0] != '\0' || s->rp_time[0] != '\0' || s->rp_previous) {
        drs_jw_open(b, "recoveryPoint", '{');
        drs_jw_z(b, "snapshotId", s->rp_snapshot);
        drs_jw_z(b, "time", s->rp_time);
        drs_jw_bool(b, "usedPrevious", s->rp_previous);
        drs_jw_close(b, '}');
    }

    drs_jw_z(b, "lagAtStart", s->lag);
    drs_vs_at(b, "launchedAt", s->launched_at);
    drs_jw_z(b, "errorCode", s->error_code);
    drs_jw_z(b, "advice", s->advice);

    if (s->actions[0] != '\0') {
        drs_jw_raw(b, "launchActions", drs_str(s->actions));
    }
}


void
drs_view_exec_status_text(drs_buf_t *b, const drs_exec_server_t *s)
{
    drs_jw_open(b, NULL, '{');
    drs_jw_z(b, "sourceServerId", s->id);
    drs_jw_z(b, "serverName", s->name);
    drs_jw_z(b, "hostname", s->hostname);
    drs_jw_z(b, "launchStatus", drs_launch_status_name(s->status));
    drs_jw_z(b, "instanceId", s->instance);
    drs_jw_z(b, "recoveryInstanceId", s->instance);
    drs_jw_z(b, "privateIp", s->private_ip);
    drs_jw_z(b, "ipAddress", s->private_ip);
    drs_jw_z(b, "instanceType", s->instance_type);
    drs_jw_z(b, "instanceState", s->instance_state);
    drs_jw_z(b, "sourceInstanceId", s->source_instance);
    drs_jw_int(b, "launchTime", s->launch_at / 1000);
    drs_jw_z(b, "error", s->error);
    drs_vs_common(b, s);
    drs_jw_close(b, '}');
}


void
drs_view_exec_server_text(drs_buf_t *b, const drs_exec_server_t *s)
{
    const char *status;

    status = drs_launch_status_name(s->status);

    drs_jw_open(b, NULL, '{');
    drs_jw_z(b, "sourceServerId", s->id);
    drs_jw_z(b, "serverId", s->id);
    drs_jw_z(b, "serverName", s->name);
    drs_jw_z(b, "hostname", s->hostname);
    drs_jw_z(b, "nameTag", s->name_tag);
    drs_jw_z(b, "status", status);
    drs_jw_z(b, "launchStatus", status);
    drs_jw_int(b, "waveNumber", s->wave);
    drs_jw_z(b, "recoveredInstanceId", s->instance);
    drs_jw_z(b, "instanceId", s->instance);
    drs_jw_z(b, "ec2InstanceId", s->instance);
    drs_jw_z(b, "region", s->region);
    drs_jw_z(b, "sourceRegion", s->source_region);
    drs_jw_z(b, "sourceInstanceId", s->source_instance);
    drs_jw_z(b, "sourceAccountId", s->source_account);
    drs_jw_z(b, "sourceIp", s->source_ip);
    drs_jw_z(b, "replicationState", s->replication);
    drs_jw_z(b, "instanceType", s->instance_type);
    drs_jw_z(b, "instanceState", s->instance_state);
    drs_jw_z(b, "privateIp", s->private_ip);
    drs_jw_int(b, "launchTime", s->launch_at / 1000);

    if (s->error[0] != '\0') {
        drs_jw_open(b, "error", '{');
        drs_jw_z(b, "message", s->error);
        drs_jw_close(b, '}');
    }

    drs_vs_common(b, s);
    drs_jw_close(b, '}');
}


void
drs_view_exec_enriched_text(drs_buf_t *b, const drs_exec_server_t *s)
{
    drs_jw_open(b, NULL, '{');
    drs_jw_z(b, "sourceServerId", s->id);
    drs_jw_z(b, "Hostname", s->hostname);
    drs_jw_z(b, "NameTag", s->name_tag[0] != '\0' ? s->name_tag : s->name);
    drs_jw_z(b, "region", s->region);
    drs_jw_z(b, "SourceInstanceId", s->source_instance);
    drs_jw_z(b, "SourceAccountId", s->source_account);
    drs_jw_z(b, "SourceIp", s->source_ip);
    drs_jw_z(b, "SourceRegion", s->source_region);
    drs_jw_z(b, "ReplicationState", s->replication);
    drs_jw_z(b, "RecoveryInstanceId", s->instance);
    drs_jw_z(b, "instanceType", s->instance_type);
    drs_jw_z(b, "privateIp", s->private_ip);
    drs_jw_z(b, "ec2State", s->instance_state);
    drs_jw_close(b, '}');
}


const drs_exec_server_t *
drs_view_exec_server_or(const drs_exec_server_t *s, const drs_exec_wave_t *w,
                        const char *id, drs_exec_server_t *tmp)
{
    if (s != NULL && s->wave == w->number) {
        return s;
    }

    memset(tmp, 0, sizeof(*tmp));
    drs_exec_server_clear(tmp);
    tmp->id = id;
    tmp->wave = w->number;
    tmp->status = w->status == DRS_WAVE_CANCELLED ? DRS_LAUNCH_CANCELLED
                                                  : DRS_LAUNCH_PENDING;

    return tmp;
}


const drs_exec_server_t *
drs_view_exec_server_of(const drs_exec_t *e, const drs_exec_wave_t *w,
                        const char *id, drs_exec_server_t *tmp)
{
    return drs_view_exec_server_or(drs_exec_server(e, id), w, id, tmp);
}


static void
drs_vs_str(json_t *o, const char *name, const char *v)
{
    if (v[0] != '\0') {
        (void) drs_json_set_str(o, name, drs_str(v));
    }
}


static void
drs_vs_time(json_t *o, const char *name, int64_t at)
{
    if (at != 0) {
        (void) drs_json_set_int(o, name, at / 1000);
    }
}


static void
drs_vs_raw(json_t *o, const char *name, const char *text)
{
    json_t *v;

    if (text[0] == '\0') {
        return;
    }

    v = drs_json_parse(drs_str(text), &drs_json_store_limits, NULL);

    if (v != NULL) {
        json_object_set_new(o, name, v);
    }
}


json_t *
drs_view_exec_unit(const drs_exec_t *e, const drs_exec_unit_t *u, int ids)
{
    size_t            i;
    json_t           *o, *list, *err;
    drs_exec_counts_t c;

    drs_exec_unit_counts(e, u, &c);

    o = json_object();
    drs_vs_str(o, "unitId", u->id);
    (void) drs_json_set_int(o, "waveNumber", u->wave);
    (void) drs_json_set_int(o, "seq", u->seq);
    drs_vs_str(o, "accountId", u->account);
    drs_vs_str(o, "region", u->region);
    drs_vs_str(o, "state", drs_unit_state_name(u->state));
    drs_vs_str(o, "statusReason", drs_reason_name(u->reason));
    (void) drs_json_set_int(o, "attempt", u->attempt);
    drs_vs_str(o, "launchKey", u->launch_key);
    drs_vs_time(o, "intentAt", u->intent_at);
    drs_vs_str(o, "jobId", u->job);
    drs_vs_str(o, "jobStatus", drs_job_status_name(u->job_status));
    drs_vs_time(o, "startTime", u->started_at);
    drs_vs_time(o, "endTime", u->ended_at);

    if (ids) {
        list = json_array();
        for (i = 0; i < u->nservers; i++) {
            json_array_append_new(list, json_string(u->servers[i]));
        }
        json_object_set_new(o, "serverIds", list);
    }

    (void) drs_json_set_int(o, "serverCount", (int64_t) u->nservers);
    (void) drs_json_set_int(o, "launchedServers", c.launched);
    (void) drs_json_set_int(o, "failedServers", c.failed);

    if (u->error_code[0] != '\0' || u->error_message[0] != '\0') {
        err = json_object();
        (void) drs_json_set_str(err, "code", drs_str(u->error_code));
        (void) drs_json_set_str(err, "message", drs_str(u->error_message));
        json_object_set_new(o, "error", err);
    }

    if (u->state == DRS_UNIT_HELD) {
        drs_vs_raw(o, "held", u->held);
    }

    return o;
}


/* `needle` inside `hay`, both folded. */
static int
drs_vs_contains(const char *hay, drs_str_t needle)
{
    int    found;
    char  *a, *b;
    size_t na, nb;

    a = NULL;
    b = NULL;
    found = 0;

    if (drs_utf8_fold(drs_str(hay), &a, &na) == DRS_OK
        && drs_utf8_fold(needle, &b, &nb) == DRS_OK)
    {
        found = memmem(a, na, b, nb) != NULL;
    }

    free(a);
    free(b);

    return found;
}


int
drs_view_exec_server_matches(const drs_exec_server_t *s, int wave,
                             drs_str_t unit, drs_str_t statuses, drs_str_t q)
{
    if (wave >= 0 && s->wave != wave) {
        return 0;
    }

    if (unit.len > 0 && !drs_str_eqz(unit, s->unit)) {
        return 0;
    }

    if (!drs_model_status_listed(statuses,
                                 drs_str(drs_launch_status_name(s->status))))
    {
        return 0;
    }

    if (q.len == 0) {
        return 1;
    }

    return drs_vs_contains(s->id, q) || drs_vs_contains(s->name, q)
           || drs_vs_contains(s->hostname, q)
           || drs_vs_contains(s->instance, q);
}
