
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Applies the launch configuration of one server.
 */

#include <stdio.h>
#include <string.h>

#include "drs_model_launch.h"
#include "drs_sha256.h"
#include "drs_time.h"

#include "drsw_launch.h"


static int
drsw_launch_failed(const drsw_access_t *access, const char *what,
                   const drsw_aws_result_t *res, drsw_launch_t *r)
{
    (void) snprintf(r->code, sizeof(r->code), "%s", res->code);
    r->again =
        (res->class == DRSW_AWS_THROTTLE || res->class == DRSW_AWS_TRANSIENT
         || res->class == DRSW_AWS_STOPPED);
    drsw_aws_explain(access, what, res, r->error, sizeof(r->error));

    return DRS_DECLINED;
}


/* " | Type:m5.large | Subnet:…"; cut at 255 by EC2's limit. */
static void
drsw_launch_describe(const json_t *group, const char *server,
                     const json_t *settings, char *dst, size_t size)
{
    char      at[DRS_TIME_ISO_SIZE];
    drs_str_t id, subnet;
    drs_buf_t b;

    drs_buf_init(&b, 4096);
    drs_time_iso_s(at, drsw_wall_ms() / 1000);
    id = drs_json_field(group, "groupId");

    (void) drs_buf_printf(&b,
                          "drs-orchestrator | %s | %.*s %.*s | "
                          "Server:%.12s",
                          at, DRS_STR_ARG(drs_json_field(group, "groupName")),
                          (int) (id.len < 8 ? id.len : 8),
                          id.data != NULL ? id.data : "", server);

    if (json_object_get(settings, "staticPrivateIp") != NULL) {
        (void) drs_buf_printf(
            &b, " | IP:%.*s",
            DRS_STR_ARG(drs_json_field(settings, "staticPrivateIp")));
    }

    if (json_object_get(settings, "instanceType") != NULL) {
        (void) drs_buf_printf(
            &b, " | Type:%.*s",
            DRS_STR_ARG(drs_json_field(settings, "instanceType")));
    }

    subnet = drs_json_field(settings, "subnetId");

    if (subnet.len > 8) {
        (void) drs_buf_printf(&b, " | Subnet:%s", subnet.data + subnet.len - 8);
    }

    if (json_array_size(json_object_get(settings, "securityGroupIds")) > 0) {
        (void) drs_buf_printf(
            &b, " | SGs:%zu",
            json_array_size(json_object_get(settings, "securityGroupIds")));
    }

    if (json_object_get(settings, "instanceProfileName") != NULL) {
        (void) drs_buf_printf(&b, " | Profile:%.20s",
                              json_string_value(json_object_get(
                                  settings, "instanceProfileName")));
    }

    (void) snprintf(dst, size, "%.*s", DRS_STR_ARG(drs_buf_str(&b)));
    drs_buf_free(&b);
}


/* The same token for the same content: a repetition makes no new version. */
static int
drsw_launch_token(const drsw_ec2_template_version_t *req, char *dst,
                  size_t size)
{
    int       rc;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b, "%s\n%s\n%s\n", req->template_id,
                          req->source_version != NULL ? req->source_version
                                                      : "",
                          req->description);
    rc = drs_json_dump_canonical(&b, req->data);

    if (rc == DRS_OK && size > 64) {
        rc = drs_sha256_hex(dst, drs_buf_str(&b).data, drs_buf_str(&b).len);
    }

    drs_buf_free(&b);
    return rc;
}


static int
drsw_launch_version(drsw_ctx_t *ctx, const drsw_access_t *access,
                    drsw_ec2_template_version_t *req, drsw_launch_t *r)
{
    char              token[80], number[24];
    json_t           *version;
    drsw_aws_result_t res;

    if (drsw_launch_token(req, token, sizeof(token)) != DRS_OK) {
        return DRS_ERROR;
    }

    req->client_token = token;

    if (drsw_ec2_create_launch_template_version(ctx->aws, &access->aws, req,
                                                &version, &res)
        != DRSW_AWS_OK)
    {
        return drsw_launch_failed(access, "CreateLaunchTemplateVersion", &res,
                                  r);
    }

    r->version = drs_json_int(version, "VersionNumber", 0);
    json_decref(version);
    (void) snprintf(number, sizeof(number), "%lld", (long long) r->version);

    /* the returned number, never $Latest: another writer may be later */

    token[0] = token[0] == 'm' ? 'n' : 'm';

    if (drsw_ec2_modify_launch_template(
            ctx->aws, &access->aws, req->template_id, number, token, NULL, &res)
        != DRSW_AWS_OK)
    {
        return drsw_launch_failed(access, "ModifyLaunchTemplate", &res, r);
    }

    return DRS_OK;
}


static int
drsw_launch_template(drsw_ctx_t *ctx, const drsw_access_t *access,
                     const json_t *group, const char    *server,
                     const char *template, const json_t *settings,
                     drsw_launch_t *r)
{
    int     rc, whole;
    char    text[256], number[24];
    json_t *names, *items, *source, *data;
    drsw_aws_class_e class;
    drsw_aws_result_t           res;
    drsw_ec2_template_version_t req;

    names = json_pack("[s]", "$Default");
    class = drsw_ec2_describe_launch_template_versions(
        ctx->aws, &access->aws, template, names, &items, &res);
    json_decref(names);

    if (class != DRSW_AWS_OK) {
        return drsw_launch_failed(access, "DescribeLaunchTemplateVersions",
                                  &res, r);
    }

    source = json_array_get(items, 0);
    data = drsw_launch_ec2_part(
        settings, json_object_get(source, "LaunchTemplateData"),
        drs_model_launch_released(group, drs_str(server)), &whole);
    rc = DRS_OK;

    if (json_object_size(data) > 0) {
        (void) snprintf(number, sizeof(number), "%lld",
                        (long long) drs_json_int(source, "VersionNumber", 1));
        drsw_launch_describe(group, server, settings, text, sizeof(text));

        memset(&req, 0, sizeof(req));
        req.template_id = template;
        req.source_version = whole ? NULL : number;
        req.description = text;
        req.data = data;
        rc = drsw_launch_version(ctx, access, &req, r);
    }

    json_decref(data);
    json_decref(items);
    return rc;
}


/* The DRS part; *config is what is in force then (owned by the caller). */
static int
drsw_launch_drs(drsw_ctx_t *ctx, const drsw_access_t *access,
                const char *server, const json_t *settings, json_t **config,
                drsw_launch_t *r)
{
    json_t     *current, *part;
    const char *warning;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    if (drsw_drs_get_launch_configuration(ctx->aws, &access->aws, server,
                                          &current, &res)
        != DRSW_AWS_OK)
    {
        return drsw_launch_failed(access, "GetLaunchConfiguration", &res, r);
    }

    part = drsw_launch_drs_part(settings, current, &warning);
    (void) snprintf(r->warning, sizeof(r->warning), "%s", warning);

    if (json_object_size(part) == 0) {
        json_decref(part);
        *config = current;
        return DRS_OK;
    }

    class = drsw_drs_update_launch_configuration(ctx->aws, &access->aws, server,
                                                 part, config, &res);
    json_decref(part);
    json_decref(current);

    if (class != DRSW_AWS_OK) {
        return drsw_launch_failed(access, "UpdateLaunchConfiguration", &res, r);
    }

    r->updated = 1;
    return DRS_OK;
}


int
drsw_launch_apply(drsw_ctx_t *ctx, const drsw_access_t *access,
                  const json_t *group, const char *server,
                  const json_t *settings, drsw_launch_t *r)
{
    int     rc, whole, released;
    json_t *config, *probe;
    const char *template;

    memset(r, 0, sizeof(*r));
    released = drs_model_launch_released(group, drs_str(server)).len > 0;

    if (json_object_size(settings) == 0 && !released) {
        return DRS_OK;
    }

    rc = drsw_launch_drs(ctx, access, server, settings, &config, r);

    if (rc != DRS_OK) {
        return rc;
    }

    template =
        json_string_value(json_object_get(config, "ec2LaunchTemplateID"));
    (void) snprintf(r->template, sizeof(r->template), "%s",
                    template != NULL ? template : "");

    /* against an empty version: is anything wished for at all? */

    probe = drsw_launch_ec2_part(settings, NULL, drs_str(NULL), &whole);

    if (json_object_size(probe) > 0 && template == NULL) {
        (void) snprintf(r->warning, sizeof(r->warning),
                        "the server has no "
                        "EC2 launch template: its settings are not applied");

    } else if (json_object_size(probe) > 0 || (released && template != NULL)) {
        rc = drsw_launch_template(ctx, access, group, server, template,
                                  settings, r);
    }

    json_decref(probe);
    json_decref(config);
    return rc;
}


/* The template part of a look. */
static int
drsw_launch_look(drsw_ctx_t *ctx, const drsw_access_t *access,
                 const char *template, const json_t   *settings,
                 drs_str_t released, int *differs, drsw_launch_t *r)
{
    int     whole;
    json_t *names, *items, *data;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    data = drsw_launch_ec2_part(settings, NULL, drs_str(NULL), &whole);
    whole = (json_object_size(data) == 0 && released.len == 0);
    json_decref(data);

    if (whole || template == NULL) {
        return DRS_OK;
    }

    names = json_pack("[s]", "$Default");
    class = drsw_ec2_describe_launch_template_versions(
        ctx->aws, &access->aws, template, names, &items, &res);
    json_decref(names);

    if (class != DRSW_AWS_OK) {
        return drsw_launch_failed(access, "DescribeLaunchTemplateVersions",
                                  &res, r);
    }

    data = drsw_launch_ec2_part(
        settings,
        json_object_get(json_array_get(items, 0), "LaunchTemplateData"),
        released, &whole);
    *differs = (json_object_size(data) > 0);
    json_decref(data);
    json_decref(items);

    return DRS_OK;
}


int
drsw_launch_differs(drsw_ctx_t *ctx, const drsw_access_t *access,
                    const json_t *group, const char *server,
                    const json_t *settings, int *differs, drsw_launch_t *r)
{
    int               rc;
    drs_str_t         released;
    json_t           *current, *part;
    const char       *warning;
    drsw_aws_result_t res;

    memset(r, 0, sizeof(*r));
    *differs = 0;
    released = drs_model_launch_released(group, drs_str(server));

    if (json_object_size(settings) == 0 && released.len == 0) {
        return DRS_OK;
    }

    if (drsw_drs_get_launch_configuration(ctx->aws, &access->aws, server,
                                          &current, &res)
        != DRSW_AWS_OK)
    {
        return drsw_launch_failed(access, "GetLaunchConfiguration", &res, r);
    }

    part = drsw_launch_drs_part(settings, current, &warning);
    *differs = (json_object_size(part) > 0);
    json_decref(part);
    rc = DRS_OK;

    if (!*differs) {
        rc = drsw_launch_look(
            ctx, access,
            json_string_value(json_object_get(current, "ec2LaunchTemplateID")),
            settings, released, differs, r);
    }

    json_decref(current);
    return rc;
}
