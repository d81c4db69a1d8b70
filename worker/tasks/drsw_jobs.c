/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_jobs.h"
#include "drs_time.h"

#include "drsw_instances.h"
#include "drsw_jobs.h"


#define DRSW_JOBS_BACK_S (2 * 86400) /* DRS ends jobs within a day */


static int
drsw_jobs_put(drsw_ctx_t *ctx, const drsw_access_t *access, const json_t *entry)
{
    int          rc;
    char         place[64], *text;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    (void) snprintf(place, sizeof(place), "%s:%s", access->account,
                    access->region);
    text = entry != NULL ? drs_json_text(entry, NULL) : NULL;

    if (entry != NULL && text == NULL) {
        return DRS_ERROR;
    }

    cmd = drs_key_cmd0(text != NULL ? "HSET" : "HDEL",
                       drsw_redis_prefix(ctx->redis), DRS_KEY_DRSJOBS);
    (void) drs_cmd_addz(cmd, place);

    if (text != NULL) {
        (void) drs_cmd_addz(cmd, text);
    }

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


void
drsw_jobs_note(drsw_ctx_t *ctx, const drsw_access_t *access,
               const json_t *items)
{
    int     rc;
    size_t  i;
    json_t *ids, *id, *links, *entry, *job;

    links = NULL;
    ids = json_array();

    json_array_foreach (items, i, job) {
        id = json_object_get(job, "jobID");

        if (json_is_string(id)
            && !drs_str_eqz(drs_json_field(job, "status"), "COMPLETED"))
        {
            (void) json_array_append(ids, id);
        }
    }

    rc = drsw_instances_jobs(ctx, drs_str(access->account),
                             drs_str(access->region), ids, &links);
    entry = drs_jobs_entry(items, links, drsw_wall_ms());
    rc = (rc == DRS_OK) ? drsw_jobs_put(ctx, access, entry) : rc;

    if (rc != DRS_OK) {
        drsw_info(ctx->log, "active jobs in %s, %s are not noted",
                  access->account, access->region);
    }

    json_decref(ids);
    json_decref(links);
    json_decref(entry);
}


void
drsw_jobs_look(drsw_ctx_t *ctx, const drsw_access_t *access)
{
    char              from[DRS_TIME_ISO_SIZE];
    json_t           *items;
    drsw_aws_result_t res;

    drs_time_iso_s(from, drsw_wall_ms() / 1000 - DRSW_JOBS_BACK_S);

    if (drsw_drs_describe_jobs(ctx->aws, &access->aws, NULL, from, NULL, &items,
                               &res)
        == DRSW_AWS_OK)
    {
        drsw_jobs_note(ctx, access, items);
        json_decref(items);

    } else {
        drsw_info(ctx->log, "DescribeJobs in %s, %s: %s: %s", access->account,
                  access->region, res.code, res.message);
    }
}
