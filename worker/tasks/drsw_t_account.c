
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Command account.validate {accountId} (api.md AC7, engine.md 5.6): the role
 * is assumed past every cache, DRS is read in the Regions that groups of the
 * account use.
 */

#include <stdio.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_account.h"
#include "drsw_region.h"
#include "drsw_rights.h"
#include "drsw_scan.h"
#include "drsw_tasks.h"


#define DRSW_VALIDATE_CALL_MS   4000
#define DRSW_VALIDATE_MARGIN_MS 4000


typedef struct {
    drsw_ctx_t *ctx;
    drs_str_t   id;
    json_t     *record;  /* owned: without status */
    json_t     *results; /* owned */
    unsigned    role_exists : 1;
    unsigned    accessible : 1;
    unsigned    permissions : 1;
    unsigned    failed : 1;
    unsigned    asked_iam : 1;
    char        error[1024];
    int64_t     until_mono_ms;
} drsw_validate_t;


static void
    DRS_PRINTF(5, 6) drsw_validate_add(drsw_validate_t *v, const char *service,
                                       const char *region, const char *status,
                                       const char *fmt, ...)
{
    char    text[1024];
    json_t *o;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    o = json_pack("{s:s, s:s, s:s}", "service", service, "status", status,
                  "message", text);

    if (region != NULL) {
        (void) json_object_set_new(o, "region", json_string(region));
    }

    (void) json_array_append_new(v->results, o);

    if (strcmp(status, "error") == 0) {
        v->failed = 1;

        if (v->error[0] == '\0') {
            (void) snprintf(v->error, sizeof(v->error), "%s", text);
        }
    }
}


/* DRS_OK: the role can be used; DRS_DECLINED: the result says why not. */
static int
drsw_validate_role(drsw_validate_t *v)
{
    char              err[512], text[1024];
    json_t           *session;
    drsw_access_t     access;
    drsw_aws_ctx_t    hub;
    drsw_aws_result_t res;

    if (drsw_access_as(v->ctx, v->id, drs_str(v->ctx->conf->region), v->record,
                       &access, err, sizeof(err))
        != DRS_OK)
    {
        drsw_validate_add(v, "IAM", NULL, "error", "%s", err);
        return DRS_DECLINED;
    }

    access.aws.timeout_ms = DRSW_VALIDATE_CALL_MS;
    drsw_aws_forget(v->ctx->aws, &access.aws);

    if (access.aws.role_arn != NULL) {
        memset(&hub, 0, sizeof(hub));
        hub.region = access.region;
        hub.session_name = access.aws.session_name;
        hub.timeout_ms = DRSW_VALIDATE_CALL_MS;

        if (drsw_sts_check_role(v->ctx->aws, &hub, access.role_arn,
                                access.aws.external_id, &session, &res)
            != DRSW_AWS_OK)
        {
            drsw_aws_explain(&access, "assuming the role", &res, text,
                             sizeof(text));
            drsw_validate_add(v, "IAM", NULL, "error", "%s", text);
            return DRS_DECLINED;
        }

        json_decref(session);
    }

    v->role_exists = 1;

    if (drsw_aws_prepare(v->ctx->aws, &access.aws, &res) != DRSW_AWS_OK) {
        drsw_aws_explain(&access, "using the role", &res, text, sizeof(text));
        drsw_validate_add(v, "IAM", NULL, "error", "%s", text);
        return DRS_DECLINED;
    }

    v->accessible = 1;
    drsw_validate_add(v, "IAM", NULL, "success", "%s",
                      access.aws.role_arn != NULL
                          ? "The role can be assumed."
                          : "The own account is used without a role.");
    return DRS_OK;
}


/* Notes a refused call; 1 if it was a missing permission. */
static void
drsw_validate_call(drsw_validate_t *v, const drsw_access_t *access,
                   const char *what, const drsw_aws_result_t *res)
{
    char text[1024];

    if (res->class == DRSW_AWS_DENIED) {
        v->permissions = 0;
    }

    drsw_aws_explain(access, what, res, text, sizeof(text));
    drsw_validate_add(v, "DRS", access->region, "error", "%s", text);
}


/* Read-only calls that a recovery needs, besides DescribeSourceServers. */
static int
drsw_validate_rights(drsw_validate_t *v, const drsw_access_t *access,
                     const json_t *servers)
{
    char              from[DRS_TIME_ISO_SIZE];
    json_t           *out;
    drsw_aws_result_t res;

    out = NULL;
    drs_time_iso_s(from, drsw_wall_ms() / 1000 - 60);

    if (drsw_drs_describe_jobs(v->ctx->aws, &access->aws, NULL, from, NULL,
                               &out, &res)
        != DRSW_AWS_OK)
    {
        drsw_validate_call(v, access, "reading the jobs", &res);
        return DRS_DECLINED;
    }

    json_decref(out);
    out = NULL;

    if (json_object_iter((json_t *) servers) != NULL) {
        if (drsw_drs_get_launch_configuration(
                v->ctx->aws, &access->aws,
                json_object_iter_key(json_object_iter((json_t *) servers)),
                &out, &res)
            != DRSW_AWS_OK)
        {
            drsw_validate_call(v, access, "reading launch settings", &res);
            return DRS_DECLINED;
        }

        json_decref(out);
        out = NULL;
    }

    if (drsw_ec2_describe_availability_zones(v->ctx->aws, &access->aws, &out,
                                             &res)
        != DRSW_AWS_OK)
    {
        drsw_validate_call(v, access, "reading EC2", &res);
        return DRS_DECLINED;
    }

    json_decref(out);
    return DRS_OK;
}


/* What IAM says about the calls that DRS makes for us, in one Region. */
static void
drsw_validate_policy(drsw_validate_t *v, const drsw_access_t *access)
{
    char    text[1024];
    json_t *missing;

    if (v->asked_iam) {
        return;
    }

    v->asked_iam = 1;

    if (drsw_rights_missing(v->ctx, access, &missing) != DRS_OK) {
        return;
    }

    if (json_array_size(missing) > 0) {
        v->permissions = 0;
        drsw_rights_advice(access, missing, text, sizeof(text));
        drsw_validate_add(v, "IAM", NULL, "warning", "%s", text);
    }

    json_decref(missing);
}


static int
drsw_validate_region(drsw_validate_t *v, drs_str_t region, int used)
{
    int           rc;
    char          err[512];
    drsw_scan_t   scan;
    drsw_access_t access;
    drsw_region_t state;

    rc = drsw_access_as(v->ctx, v->id, region, v->record, &access, err,
                        sizeof(err));

    if (rc != DRS_OK) {
        drsw_validate_add(v, "DRS", NULL, "error", "%s", err);
        return DRS_OK;
    }

    if (drsw_mono_ms() > v->until_mono_ms) {
        drsw_validate_add(v, "DRS", access.region, "error",
                          "There was no time left to ask this Region.");
        return DRS_OK;
    }

    access.aws.timeout_ms = DRSW_VALIDATE_CALL_MS;
    rc = drsw_scan_refresh(v->ctx, &access, &scan);

    if (rc == DRS_ERROR) {
        return rc;
    }

    if (rc == DRS_OK) {
        if (drsw_validate_rights(v, &access, scan.servers) == DRS_OK) {
            drsw_validate_add(v, "DRS", access.region, "success",
                              "DRS answers: %zu source servers.",
                              json_object_size(scan.servers));
            drsw_validate_policy(v, &access);
        }

        drsw_scan_free(&scan);
        return DRS_OK;
    }

    rc = drsw_region_load(v->ctx, v->id, &region, 1, &state);

    if (rc != DRS_OK) {
        return rc;
    }

    if (strcmp(state.status, "NOT_INITIALIZED") == 0) {
        drsw_validate_add(v, "DRS", access.region, "warning",
                          "DRS is not initialized in this Region.");

    } else if (drsw_region_is_closed(&state)) {
        drsw_validate_add(v, "DRS", access.region, used ? "error" : "warning",
                          "The Region is not enabled for the account.");

    } else {
        if (scan.class == DRSW_AWS_DENIED) {
            v->permissions = 0;
        }

        drsw_validate_add(v, "DRS", access.region, "error", "%s", scan.text);
    }

    return DRS_OK;
}


/* Regions that groups use; without groups those with servers; else three. */
static int
drsw_validate_regions(drsw_validate_t *v)
{
    int           rc;
    size_t        i, n, found;
    json_t       *used, *name;
    drs_str_t     regions[DRSW_REGIONS_MAX];
    drsw_region_t states[DRSW_REGIONS_MAX];

    rc = drsw_account_regions(v->ctx, v->id, &used);

    json_array_foreach (used, i, name) {
        rc = (rc == DRS_OK) ? drsw_validate_region(v, drs_json_str(name), 1)
                            : rc;
    }

    found = json_array_size(used);
    json_decref(used);

    if (rc != DRS_OK || found > 0) {
        return rc;
    }

    n = drsw_regions(v->ctx, regions);
    rc = drsw_region_load(v->ctx, v->id, regions, n, states);

    for (i = 0; rc == DRS_OK && i < n; i++) {
        if (drsw_region_is_active(&states[i])) {
            rc = drsw_validate_region(v, regions[i], 0);
            found++;
        }
    }

    for (i = 0; rc == DRS_OK && found == 0 && i < n; i++) {
        if (drs_str_eqz(regions[i], "us-east-1")
            || drs_str_eqz(regions[i], "us-west-2")
            || drs_str_eqz(regions[i], "eu-west-1"))
        {
            rc = drsw_validate_region(v, regions[i], 0);
        }
    }

    return rc;
}


typedef struct {
    const char *at;
    const char *status;
} drsw_validate_note_t;


static int
drsw_validate_note(drsw_ctx_t *ctx, const json_t *old, void *data, json_t **doc)
{
    drsw_validate_note_t *note;

    (void) ctx;
    note = data;
    *doc = json_deep_copy(old);
    (void) drs_json_set_str(*doc, "lastValidated", drs_str(note->at));
    (void) drs_json_set_str(*doc, "validationStatus", drs_str(note->status));

    return *doc != NULL ? DRS_OK : DRS_ERROR;
}


static json_t *
drsw_validate_body(const drsw_validate_t *v, const drsw_validate_note_t *note)
{
    json_t *details;

    details = json_pack("{s:b, s:b, s:b}", "roleExists", v->role_exists,
                        "roleAccessible", v->accessible, "requiredPermissions",
                        v->accessible && v->permissions);

    if (v->error[0] != '\0') {
        (void) json_object_set_new(details, "error", json_string(v->error));
    }

    return json_pack("{s:s%, s:b, s:s, s:o, s:O, s:s, s:s}", "accountId",
                     v->id.data, v->id.len, "valid", !v->failed, "message",
                     v->failed ? v->error : "The account can be used.",
                     "details", details, "validationResults", v->results,
                     "overallStatus", note->status, "lastValidated", note->at);
}


int
drsw_cmd_account_validate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer)
{
    int                  rc;
    char                 at[DRS_TIME_ISO_SIZE];
    drsw_validate_t      v;
    drsw_validate_note_t note;

    memset(&v, 0, sizeof(v));
    v.ctx = ctx;
    v.id = drs_json_field(cmd->payload, "accountId");
    v.permissions = 1;
    v.until_mono_ms = drsw_mono_ms() + DRSW_VALIDATE_MARGIN_MS;

    if (cmd->deadline_ms > 0) {
        v.until_mono_ms = drsw_mono_ms() + cmd->deadline_ms - drsw_now_ms(ctx)
                          - 2 * DRSW_VALIDATE_MARGIN_MS;
    }

    rc = drsw_load_doc(ctx, DRS_KEY_ACCT, v.id, &v.record);

    if (rc != DRS_OK) {
        return rc == DRS_ERROR
                   ? rc
                   : drsw_answer_error(
                       answer, "TARGET_ACCOUNT_NOT_FOUND",
                       json_pack("{s:o}", "accountId", drs_json_new_str(v.id)),
                       "The target account was not found.");
    }

    (void) json_object_del(v.record, "status");
    v.results = json_array();

    if (drsw_validate_role(&v) == DRS_OK) {
        rc = drsw_validate_regions(&v);
    }

    drs_time_iso_s(at, drsw_wall_ms() / 1000);
    note.at = at;
    note.status = v.failed ? "error" : "active";

    if (rc == DRS_OK) {
        rc = drsw_account_change(ctx, cmd, v.id, "account.validate",
                                 drsw_validate_note, &note, NULL);
    }

    if (rc != DRS_ERROR) {
        rc = drsw_answer_body(answer, 200, drsw_validate_body(&v, &note));
    }

    json_decref(v.record);
    json_decref(v.results);
    return rc;
}
