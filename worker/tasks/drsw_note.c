
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Notifications about what scans and background work find out: accounts that
 * cannot be reached, capacity, replication, launch settings.  Each is told
 * when it becomes so, not as long as it is so.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_view_capacity.h"

#include "drsw_note.h"
#include "drsw_notify.h"


#define DRSW_NOTE_HOUR    3600000
#define DRSW_NOTE_SERVERS 100 /* servers that one message names */


/* Status and number of replicating servers as they were before. */
static int
drsw_note_before(drsw_ctx_t *ctx, const char *account, const char *region,
                 char *status, size_t size, int64_t *replicating)
{
    int          rc;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    status[0] = '\0';
    *replicating = -1;
    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(ctx->redis), DRS_KEY_REGION,
                       drs_str(account), drs_str(region));
    (void) drs_cmd_addz(cmd, "status");
    (void) drs_cmd_addz(cmd, "replicating");
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    if (rc == DRS_OK && reply.r.n == 2) {
        (void) snprintf(status, size, "%.*s", DRS_STR_ARG(reply.r.v[0]));

        if (drs_str_i64(reply.r.v[1], replicating) != DRS_OK) {
            *replicating = -1;
        }
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_note_is_unreachable(const char *status)
{
    static const char *const bad[] = { "IAM_PERMISSION_DENIED", "SCP_DENIED",
                                       "ENDPOINT_UNREACHABLE", "ERROR" };
    size_t                   i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (strcmp(status, bad[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


/* One message for all Regions of an account within an hour. */
static int
drsw_note_unreachable(drsw_ctx_t *ctx, const char *account, const char *region,
                      const char *status, const char *error, int64_t at_ms)
{
    char key[96];

    (void) snprintf(key, sizeof(key), "account_unreachable:%s:%lld", account,
                    (long long) (at_ms / DRSW_NOTE_HOUR));

    return drsw_note(ctx, "account_unreachable", key, drs_str(account),
                     drs_str(region),
                     json_pack("{s:s, s:s}", "status", status, "error", error));
}


static int
drsw_note_capacity(drsw_ctx_t *ctx, const char *account, const char *region,
                   int64_t before, int64_t replicating, int64_t at_ms)
{
    int         rc;
    char        key[128], *event;
    const char *old, *new;

    old = drs_capacity_status(before > 0 ? before : 0);
    new = drs_capacity_status(replicating);

    if (strcmp(old, new) == 0) {
        return DRS_OK;
    }

    rc = DRS_OK;

    /* engine.md 3.4: from WARNING on there is something to do */
    if (replicating > before && strcmp(new, "OK") != 0
        && strcmp(new, "INFO") != 0) {
        (void) snprintf(key, sizeof(key), "capacity_threshold:%s:%s:%lld",
                        account, region, (long long) at_ms);
        rc = drsw_note(
            ctx, "capacity_threshold", key, drs_str(account), drs_str(region),
            json_pack("{s:s, s:s, s:I}", "status", new, "previousStatus", old,
                      "replicatingServers", (json_int_t) replicating));
    }

    event = drsw_event_text(drsw_now_ms(ctx), "capacity.status", "capacity",
                            "account", drs_str(account), drs_str(""),
                            drs_str(""), drs_str(""), drs_str(account),
                            json_pack("{s:s, s:s, s:s, s:s}", "accountId",
                                      account, "region", region, "status", new,
                                      "previousStatus", old));

    if (rc == DRS_OK && event != NULL) {
        rc = drsw_store_do(ctx, drs_store_note(drsw_redis_prefix(ctx->redis),
                                               drs_str(NULL), drs_str(event)));
    }

    free(event);
    return rc == DRS_DECLINED ? DRS_OK : rc;
}


int
drsw_note_region(drsw_ctx_t *ctx, const char *account, const char *region,
                 const char *status, const char *error, int64_t replicating,
                 int64_t at_ms)
{
    int     rc;
    char    before[40];
    int64_t was;

    if (!drsw_note_is_unreachable(status) && replicating < 0) {
        return DRS_OK;
    }

    rc = drsw_note_before(ctx, account, region, before, sizeof(before), &was);

    if (rc == DRS_OK && drsw_note_is_unreachable(status)
        && !drsw_note_is_unreachable(before))
    {
        rc = drsw_note_unreachable(ctx, account, region, status, error, at_ms);
    }

    if (rc == DRS_OK && replicating >= 0) {
        rc = drsw_note_capacity(ctx, account, region, was, replicating, at_ms);
    }

    return rc;
}


/* -- replication ---------------------------------------------------------------- */

static int
drsw_note_is_stalled(const json_t *server)
{
    return drs_str_eqz(
        drs_json_field(json_object_get(server, "dataReplicationInfo"),
                       "dataReplicationState"),
        "STALLED");
}


/* Takes those out of ids that the inventory knows as stalled. */
static int
drsw_note_news(drsw_ctx_t *ctx, const char *account, const char *region,
               json_t *ids, json_t **news)
{
    int          rc;
    size_t       i;
    json_t      *id, *old;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *news = json_array();
    cmd = drs_key_cmd2("HMGET", drsw_redis_prefix(ctx->redis), DRS_KEY_INV,
                       drs_str(account), drs_str(region));

    json_array_foreach (ids, i, id) {
        (void) drs_cmd_add(cmd, drs_json_str(id));
    }

    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    json_array_foreach (ids, i, id) {
        if (rc != DRS_OK || i >= reply.r.n
            || json_array_size(*news) == DRSW_NOTE_SERVERS)
        {
            break;
        }

        old = reply.r.v[i].data != NULL
                  ? drs_json_parse(reply.r.v[i], &drs_json_store_limits, NULL)
                  : NULL;

        if (!drsw_note_is_stalled(old)) {
            (void) json_array_append(*news, id);
        }

        json_decref(old);
    }

    drsw_reply_free(&reply);
    return rc;
}


int
drsw_note_stalled(drsw_ctx_t *ctx, const char *account, const char *region,
                  const json_t *servers, int64_t at_ms)
{
    int         rc;
    char        key[128];
    json_t     *server, *ids, *news;
    const char *id;

    ids = json_array();
    news = NULL;
    rc = DRS_OK;

    json_object_foreach ((json_t *) servers, id, server) {
        if (drsw_note_is_stalled(server)) {
            (void) json_array_append_new(ids, json_string(id));
        }
    }

    if (json_array_size(ids) > 0) {
        rc = drsw_note_news(ctx, account, region, ids, &news);
    }

    if (rc == DRS_OK && json_array_size(news) > 0) {
        (void) snprintf(key, sizeof(key), "replication_stalled:%s:%s:%lld",
                        account, region, (long long) at_ms);
        rc = drsw_note(ctx, "replication_stalled", key, drs_str(account),
                       drs_str(region),
                       json_pack("{s:s, s:O}", "state", "STALLED",
                                 "sourceServerIds", news));
    }

    json_decref(ids);
    json_decref(news);
    return rc;
}


/* -- launch settings -------------------------------------------------------------- */

int
drsw_note_launch_config(drsw_ctx_t *ctx, const json_t *group, const json_t *job,
                        const json_t *status)
{
    char      key[160];
    json_t   *data;
    drs_str_t word;

    word = drs_json_field(status, "status");

    if (drs_json_int(job, "completionTime", 0) == 0
        || drs_json_int(status, "failedServers", 0) == 0)
    {
        return DRS_OK;
    }

    (void) snprintf(key, sizeof(key), "launch_config_failed:%.*s:%.*s",
                    DRS_STR_ARG(drs_json_field(group, "groupId")),
                    DRS_STR_ARG(drs_json_field(job, "syncJobId")));

    data = json_object();
    (void) drs_json_set_str(data, "groupId", drs_json_field(group, "groupId"));
    (void) drs_json_set_str(data, "groupName",
                            drs_json_field(group, "groupName"));
    (void) drs_json_set_str(data, "status", word);
    (void) drs_json_set_int(data, "failedServers",
                            drs_json_int(status, "failedServers", 0));
    (void) drs_json_set_int(data, "totalCount",
                            drs_json_int(status, "totalCount", 0));

    return drsw_note(ctx, "launch_config_failed", key,
                     drs_json_field(group, "accountId"),
                     drs_json_field(group, "region"), data);
}
