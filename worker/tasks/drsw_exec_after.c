
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Effects besides launches: termination that a cancel asked for,
 * notifications.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"


int
drsw_run_terminate(drsw_run_t *run, const drsw_effect_t *eff)
{
    int            rc;
    drsw_reply_t   reply;
    drs_answer_t   a;

    rc = drsw_store_call(run->ctx,
                         drs_store_term_put(
                             drsw_redis_prefix(run->ctx->redis),
                             drs_str(run->id), NULL, "RUNNING", 0, NULL, 0,
                             drs_str(NULL)),
                         &reply, &a);

    if (rc == DRS_DECLINED) {
        drsw_notice(run->ctx->log, "the termination asked for with the "
                    "cancel does not begin: %.*s %.*s", DRS_STR_ARG(a.code),
                    DRS_STR_ARG(a.text));
        rc = DRS_OK;
    }

    drsw_reply_free(&reply);
    return rc;
}


/* Severity of the notification events of api.md 10.6. */
static const char *
drsw_notify_severity(const char *name)
{
    static const char *const  bad[] = {
        "fail", "timeout", "wave_failed", "unit_held", "launch_failed",
        "terminate_failed", NULL
    };
    static const char *const  good[] = {
        "start", "complete", "resumed", "wave_completed",
        "terminate_started", "terminate_finished", NULL
    };
    size_t  i;

    for (i = 0; bad[i] != NULL; i++) {
        if (strcmp(name, bad[i]) == 0) {
            return "error";
        }
    }

    for (i = 0; good[i] != NULL; i++) {
        if (strcmp(name, good[i]) == 0) {
            return "info";
        }
    }

    return "warning";
}


/* A notification is a `notice` of the event stream, in its order. */
int
drsw_run_notify(drsw_run_t *run, const drsw_effect_t *eff)
{
    int         rc;
    char       *text;
    json_t     *data;
    drs_exec_t *e;

    if (strcmp(eff->name, "unit_held") == 0) {
        return DRS_OK;          /* the engine wrote one with the reason */
    }

    e = run->plan->next;
    data = drs_json_parse(drs_str(eff->data), &drs_json_store_limits, NULL);

    if (data == NULL) {
        data = json_object();
    }

    (void) json_object_set_new(data, "severity",
                               json_string(drsw_notify_severity(eff->name)));
    (void) json_object_set_new(data, "code", json_string(eff->name));
    (void) json_object_set_new(
        data, "message",
        eff->wave >= 0
        ? json_sprintf("%s of plan %s, wave %d: %s", e->drill ? "drill"
                                                              : "recovery",
                       e->plan_name, eff->wave, eff->name)
        : json_sprintf("%s of plan %s: %s", e->drill ? "drill" : "recovery",
                       e->plan_name, eff->name));

    text = drsw_event_text(drsw_now_ms(run->ctx), "notice", "notices",
                           "execution", drs_str(run->id), drs_str(NULL),
                           drs_str(run->id), drs_str(e->plan_id),
                           drs_str(NULL), data);

    if (text == NULL) {
        return DRS_ERROR;
    }

    rc = drsw_store_do(run->ctx, drs_store_note(
                                     drsw_redis_prefix(run->ctx->redis),
                                     drs_str(NULL), drs_str(text)));
    free(text);

    return rc == DRS_DECLINED ? DRS_OK : rc;
}
