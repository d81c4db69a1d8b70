
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Job objects of DRS as the engine's job observations.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_exec.h"


static const char *
drsw_job_text(drs_arena_t *a, const json_t *obj, const char *name, int *failed)
{
    const char *z;

    z = drs_arena_str(a, drs_json_field(obj, name));

    if (z == NULL) {
        *failed = 1;
        return "";
    }

    return z;
}


/* runs of launchActionsStatus, as JSON text */
static const char *
drsw_job_actions(drs_arena_t *a, const json_t *server, int *failed)
{
    char       *text;
    json_t     *runs;
    const char *z;

    runs =
        json_object_get(json_object_get(server, "launchActionsStatus"), "runs");

    if (json_array_size(runs) == 0) {
        return "";
    }

    text = drs_json_text(runs, NULL);
    z = (text != NULL) ? drs_arena_strz(a, text) : NULL;
    free(text);

    if (z == NULL) {
        *failed = 1;
        return "";
    }

    return z;
}


static void
drsw_job_server_from(drs_arena_t *a, const json_t *v, drsw_job_server_t *s,
                     int *failed)
{
    int status;

    status = drs_launch_status_by_name(drs_json_field(v, "launchStatus"));

    s->id = drsw_job_text(a, v, "sourceServerID", failed);
    s->instance = drsw_job_text(a, v, "recoveryInstanceID", failed);
    s->status = status < 0 ? DRS_LAUNCH_PENDING : (drs_launch_status_t) status;
    s->actions = drsw_job_actions(a, v, failed);
}


int
drsw_job_from_aws(drs_arena_t *a, const json_t *job, int64_t shift,
                  drsw_job_t *out)
{
    int                status, failed;
    size_t             i;
    json_t            *list;
    drsw_job_server_t *servers;

    memset(out, 0, sizeof(*out));
    failed = 0;

    status = drs_job_status_by_name(drs_json_field(job, "status"));

    out->id = drsw_job_text(a, job, "jobID", &failed);
    out->type = drsw_job_text(a, job, "type", &failed);
    out->initiated_by = drsw_job_text(a, job, "initiatedBy", &failed);
    out->status = status < 0 ? DRS_JOB_NONE : (drs_job_status_t) status;
    out->created_at =
        drsw_aws_time(drs_json_field(job, "creationDateTime"), shift);
    out->ended_at = drsw_aws_time(drs_json_field(job, "endDateTime"), shift);
    out->tag =
        drsw_job_text(a, json_object_get(job, "tags"), DRSW_JOB_TAG, &failed);
    out->owner = "";

    list = json_object_get(job, "participatingServers");
    servers =
        drs_arena_array(a, json_array_size(list), sizeof(drsw_job_server_t));

    if (servers == NULL) {
        return DRS_ERROR;
    }

    for (i = 0; i < json_array_size(list); i++) {
        drsw_job_server_from(a, json_array_get(list, i), &servers[i], &failed);
    }

    out->servers = servers;
    out->nservers = json_array_size(list);

    return failed ? DRS_ERROR : DRS_OK;
}
