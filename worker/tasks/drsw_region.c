
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "drs_store_inv.h"
#include "drs_view_capacity.h"

#include "drsw_note.h"
#include "drsw_region.h"


#define DRSW_REGION_FIELDS 6


static int
drsw_region_says(const drsw_aws_result_t *res, const char *text)
{
    return strcasestr(res->message, text) != NULL;
}


const char *
drsw_region_status(const drsw_aws_result_t *res)
{
    if (res->class == DRSW_AWS_OK) {
        return "ACTIVE";
    }

    if (drsw_region_says(res, "service control policy")) {
        return "SCP_DENIED";
    }

    if (res->class == DRSW_AWS_UNINITIALIZED
        || drsw_region_says(res, "not initialized"))
    {
        return "NOT_INITIALIZED";
    }

    if (strcmp(res->code, "OptInRequired") == 0) {
        return "REGION_NOT_OPTED_IN";
    }

    if (res->class == DRSW_AWS_REGION_DISABLED
        || strcmp(res->code, "UnrecognizedClientException") == 0
        || drsw_region_says(res, "security token"))
    {
        return "REGION_NOT_ENABLED";
    }

    switch (res->class) {
    case DRSW_AWS_DENIED:
    case DRSW_AWS_CREDENTIALS:
    case DRSW_AWS_ACCOUNT:
        return "IAM_PERMISSION_DENIED";

    case DRSW_AWS_THROTTLE:
        return "THROTTLED";

    case DRSW_AWS_TRANSIENT:
    case DRSW_AWS_AMBIGUOUS:
        return res->sent == DRSW_AWS_ANSWERED ? "ERROR"
                                              : "ENDPOINT_UNREACHABLE";

    default:
        return "ERROR";
    }
}


int
drsw_region_refuse(drsw_answer_t *answer, const char *status, const char *code,
                   const char *account, const char *region, const char *text)
{
    size_t      i;
    json_t     *details;
    const char *hint;

    static const struct {
        const char *status, *code, *hint;
    } rows[] = {
        { "NOT_INITIALIZED", "DRS_NOT_INITIALIZED",
          "DRS is not initialized in this Region: " },
        { "IAM_PERMISSION_DENIED", "REGION_ACCESS_DENIED", "not authorized: " },
        { "SCP_DENIED", "REGION_ACCESS_DENIED",
          "denied by a service control policy: " },
        { "REGION_NOT_ENABLED", "REGION_NOT_ENABLED",
          "The Region is not enabled: " },
        { "REGION_NOT_OPTED_IN", "REGION_NOT_ENABLED",
          "The Region is not opted in: " },
        { "THROTTLED", "DRS_THROTTLED", "rate limit: " },
        { "ENDPOINT_UNREACHABLE", "DRS_UNREACHABLE", "unreachable: " }
    };

    hint = "";

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(status, rows[i].status) == 0) {
            code = rows[i].code;
            hint = rows[i].hint;
        }
    }

    details = json_pack("{s:s, s:s, s:b, s:s}", "region", region, "accountId",
                        account, "initialized", 0, "status", status);

    return drsw_answer_error(answer, code, details, "%s%s", hint, text);
}


int
drsw_region_is_closed(const drsw_region_t *r)
{
    return strcmp(r->status, "NOT_INITIALIZED") == 0
           || strcmp(r->status, "REGION_NOT_ENABLED") == 0
           || strcmp(r->status, "REGION_NOT_OPTED_IN") == 0;
}


int
drsw_region_is_active(const drsw_region_t *r)
{
    return r->servers > 0 && !drsw_region_is_closed(r);
}


size_t
drsw_regions(drsw_ctx_t *ctx, drs_str_t *dst)
{
    size_t    n;
    drs_str_t rest, item;

    n = 0;
    rest = drs_str(ctx->conf->regions);

    while (rest.len > 0 && drs_str_split(&rest, ' ', &item)) {
        if (item.len > 0 && n < DRSW_REGIONS_MAX) {
            dst[n++] = item;
        }
    }

    if (n == 0) {
        for (/* void */; n < drs_id_n_default_regions; n++) {
            dst[n] = drs_id_default_regions[n];
        }
    }

    return n;
}


int
drsw_region_note(drsw_ctx_t *ctx, const char *account, const char *region,
                 const drsw_aws_result_t *res, const json_t *servers,
                 int64_t at_ms)
{
    char          number[3][24];
    size_t        n;
    json_t       *item;
    int64_t       replicating;
    const char   *id;
    drs_pair_t    fields[5];
    drsw_region_t r;

    memset(&r, 0, sizeof(r));
    (void) snprintf(r.status, sizeof(r.status), "%s", drsw_region_status(res));
    replicating = servers != NULL ? 0 : -1;

    json_object_foreach ((json_t *) servers, id, item) {
        replicating += drs_capacity_counts(item, drs_str(account));
    }

    if (drsw_note_region(ctx, account, region, r.status, res->message,
                         replicating, at_ms)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    n = 0;
    fields[n].name = drs_str("status");
    fields[n++].value = drs_str(r.status);
    fields[n].name = drs_str("errorMessage");
    fields[n++].value = drs_str(res->class == DRSW_AWS_OK ? "" : res->message);

    if (servers != NULL || drsw_region_is_closed(&r)) {
        (void) snprintf(number[0], sizeof(number[0]), "%zu",
                        json_object_size(servers));
        (void) snprintf(number[1], sizeof(number[1]), "%lld",
                        (long long) (replicating > 0 ? replicating : 0));
        (void) snprintf(number[2], sizeof(number[2]), "%lld",
                        (long long) at_ms);
        fields[n].name = drs_str("serverCount");
        fields[n++].value = drs_str(number[0]);
        fields[n].name = drs_str("replicating");
        fields[n++].value = drs_str(number[1]);
        fields[n].name = drs_str("countedAt");
        fields[n++].value = drs_str(number[2]);
    }

    return drsw_store_do(ctx,
                         drs_store_region_put(drsw_redis_prefix(ctx->redis),
                                              drs_str(account), drs_str(region),
                                              at_ms, fields, n));
}


static void
drsw_region_copy(char *dst, size_t size, drs_str_t s)
{
    if (s.len >= size) {
        s.len = size - 1;
    }

    if (s.len > 0) {
        memcpy(dst, s.data, s.len);
    }

    dst[s.len] = '\0';
}


static void
drsw_region_read(drsw_region_t *r, const drs_reply_t *reply)
{
    const drs_str_t *v;

    memset(r, 0, sizeof(*r));

    if (reply->n < DRSW_REGION_FIELDS) {
        return;
    }

    v = reply->v;
    drsw_region_copy(r->status, sizeof(r->status), v[0]);
    drsw_region_copy(r->error, sizeof(r->error), v[1]);

    if (drs_str_i64(v[2], &r->servers) != DRS_OK) {
        r->servers = 0;
    }

    if (drs_str_i64(v[3], &r->replicating) != DRS_OK) {
        r->replicating = 0;
    }

    if (drs_str_i64(v[4], &r->at_ms) != DRS_OK) {
        r->at_ms = 0;
    }

    if (drs_str_i64(v[5], &r->counted_at_ms) != DRS_OK) {
        r->counted_at_ms = 0;
    }
}


int
drsw_region_load(drsw_ctx_t *ctx, drs_str_t account, const drs_str_t *regions,
                 size_t n, drsw_region_t *out)
{
    int           rc;
    size_t        i, k;
    drs_cmd_t   **cmds;
    drsw_reply_t *replies;

    static const char *const fields[DRSW_REGION_FIELDS] = {
        "status",      "errorMessage", "serverCount",
        "replicating", "lastUpdated",  "countedAt"
    };

    if (n == 0) {
        return DRS_OK;
    }

    cmds = calloc(n, sizeof(drs_cmd_t *));
    replies = calloc(n, sizeof(drsw_reply_t));
    rc = (cmds != NULL && replies != NULL) ? DRS_OK : DRS_ERROR;

    for (i = 0; rc == DRS_OK && i < n; i++) {
        cmds[i] = drs_key_cmd2("HMGET", drsw_redis_prefix(ctx->redis),
                               DRS_KEY_REGION, account, regions[i]);

        for (k = 0; k < DRSW_REGION_FIELDS; k++) {
            (void) drs_cmd_addz(cmds[i], fields[k]);
        }

        rc = drs_cmd_ok(cmds[i]) ? DRS_OK : DRS_ERROR;
    }

    if (rc == DRS_OK) {
        rc = drsw_redis_pipeline(ctx->redis, cmds, n, replies);
    }

    for (i = 0; i < n && cmds != NULL && replies != NULL; i++) {
        if (rc == DRS_OK) {
            drsw_region_read(&out[i], &replies[i].r);
        }

        drs_cmd_free(cmds[i]);
        drsw_reply_free(&replies[i]);
    }

    free(cmds);
    free(replies);
    return rc;
}
