
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drsw_contact.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws_ops.h"
#include "aws_svc.h"
#include "drs_json.h"
#include "drs_time.h"


/* Kept below the quotas of AWS: nobody waits for this. */
#define DRSW_CONTACT_TEMPLATES_MAX 5


static const char *const drsw_contact_calls[DRSW_CONTACT_DATA_N] = {
    "drs:DescribeSourceServers",
    "drs:DescribeJobs",
    "drs:DescribeRecoveryInstances",
    "drs:DescribeJobLogItems",
    "drs:GetLaunchConfiguration",
    "drs:GetReplicationConfiguration",
    "ec2:DescribeLaunchTemplateVersions",
    "servicequotas:ListServiceQuotas",
    "ec2:DescribeRegions"
};


drsw_aws_class_e
drsw_contact_call(drsw_contact_t *a, const drsw_aws_ctx_t *ctx,
                  const char *service, const char *operation, json_t *input,
                  bool pages, json_t **output, drsw_aws_result_t *res)
{
    char                      action[128];
    const drsw_aws_op_t      *op;
    const drsw_aws_service_t *s;
    drsw_aws_class_e class;

    *output = NULL;
    s = drsw_aws_service(service);
    op = s != NULL ? drsw_aws_op(s, operation) : NULL;

    if (op == NULL
        || (op->kind != DRSW_OP_READ
            && !(strcmp(service, "ec2") == 0
                 && json_is_true(json_object_get(input, "DryRun")))))
    {
        json_decref(input);
        drsw_result_init(res);
        return drsw_error_local(res, DRSW_AWS_LOCAL, "LocalNotReadOnly",
                                "%s:%s is not a call that only reads", service,
                                operation);
    }

    class = drsw_aws_call(a->aws, ctx != NULL ? ctx : &a->ctx, service,
                          operation, input, pages, output, res);
    json_decref(input);
    a->calls++;

    if (ctx == NULL) {
        (void) snprintf(action, sizeof(action), "%s:%s", service, operation);
        drsw_contact_permission(a, action, res);
    }

    return class;
}


static void
drsw_contact_list(drsw_contact_t *a, drsw_contact_data_e kind, json_t *input,
                  bool pages)
{
    char                 service[32];
    const char          *colon;
    drsw_contact_data_t *d;

    d = &a->data[kind];
    colon = strchr(d->call, ':');
    (void) snprintf(service, sizeof(service), "%.*s", (int) (colon - d->call),
                    d->call);
    (void) drsw_contact_call(a, NULL, service, colon + 1, input, pages, &d->v,
                             &d->res);
}


/* One call per server or job; the first refusal ends it. */

static void
drsw_contact_each(drsw_contact_t *a, drsw_contact_data_e kind,
                  drsw_contact_data_e of, const char *member, const char *name)
{
    size_t               i;
    bool                 pages;
    json_t              *item, *answer;
    drs_str_t            id;
    drsw_contact_data_t *d;
    drsw_aws_class_e class;

    d = &a->data[kind];
    d->res = a->data[of].res;

    if (a->data[of].v == NULL) {
        return;
    }

    pages = kind == DRSW_CONTACT_LOGS;
    d->v = pages ? json_object() : json_array();

    json_array_foreach (a->data[of].v, i, item) {
        id = drs_json_field(item, member);

        if (i >= (size_t) a->sample || id.len == 0) {
            break;
        }

        class = drsw_contact_call(a, NULL, "drs", strchr(d->call, ':') + 1,
                                  json_pack("{s:s%}", name, id.data, id.len),
                                  pages, &answer, &d->res);

        if (class == DRSW_AWS_NOT_FOUND) {
            continue; /* gone meanwhile */
        }

        if (class != DRSW_AWS_OK) {
            json_decref(d->v);
            d->v = NULL;
            return;
        }

        (void) (pages ? json_object_setn_new(d->v, id.data, id.len, answer)
                      : json_array_append_new(d->v, answer));
    }
}


/* Default versions of the templates of the first launch configurations. */

static void
drsw_contact_templates(drsw_contact_t *a)
{
    size_t               i, k;
    json_t              *config, *answer, *item;
    drs_str_t            id;
    drsw_contact_data_t *d;

    d = &a->data[DRSW_CONTACT_TEMPLATES];
    d->res = a->data[DRSW_CONTACT_LAUNCH].res;

    if (a->data[DRSW_CONTACT_LAUNCH].v == NULL) {
        return;
    }

    d->v = json_array();

    json_array_foreach (a->data[DRSW_CONTACT_LAUNCH].v, i, config) {
        id = drs_json_field(config, "ec2LaunchTemplateID");

        if (id.len == 0 || i >= DRSW_CONTACT_TEMPLATES_MAX) {
            continue;
        }

        if (drsw_contact_call(a, NULL, "ec2", "DescribeLaunchTemplateVersions",
                              json_pack("{s:s%, s:[s]}", "LaunchTemplateId",
                                        id.data, id.len, "Versions",
                                        "$Default"),
                              true, &answer, &d->res)
            != DRSW_AWS_OK)
        {
            json_decref(d->v);
            d->v = NULL;
            return;
        }

        json_array_foreach (answer, k, item) {
            (void) json_array_append(d->v, item);
        }

        json_decref(answer);
    }
}


/* The list itself instead of the answer that holds it. */

static void
drsw_contact_regions(drsw_contact_data_t *d)
{
    json_t *list;

    if (d->v != NULL) {
        list = json_incref(json_object_get(d->v, "Regions"));
        json_decref(d->v);
        d->v = list != NULL ? list : json_array();
    }
}


void
drsw_contact_read(drsw_contact_t *a)
{
    int  i;
    char from[DRS_TIME_ISO_SIZE];

    for (i = 0; i < DRSW_CONTACT_DATA_N; i++) {
        a->data[i].call = drsw_contact_calls[i];
        drsw_result_init(&a->data[i].res);
    }

    (void) drs_time_iso_s(from, a->now_s - (int64_t) a->days * 86400);

    drsw_contact_list(a, DRSW_CONTACT_SERVERS, json_object(), true);
    drsw_contact_list(a, DRSW_CONTACT_JOBS,
                      json_pack("{s:{s:s}}", "filters", "fromDate", from),
                      true);
    drsw_contact_list(a, DRSW_CONTACT_INSTANCES, json_object(), true);
    drsw_contact_list(a, DRSW_CONTACT_QUOTAS,
                      json_pack("{s:s}", "ServiceCode", "drs"), true);
    drsw_contact_list(a, DRSW_CONTACT_REGIONS,
                      json_pack("{s:b}", "AllRegions", 1), false);
    drsw_contact_regions(&a->data[DRSW_CONTACT_REGIONS]);

    drsw_contact_each(a, DRSW_CONTACT_LOGS, DRSW_CONTACT_JOBS, "jobID",
                      "jobID");
    drsw_contact_each(a, DRSW_CONTACT_LAUNCH, DRSW_CONTACT_SERVERS,
                      "sourceServerID", "sourceServerID");
    drsw_contact_each(a, DRSW_CONTACT_REPLICATION, DRSW_CONTACT_SERVERS,
                      "sourceServerID", "sourceServerID");
    drsw_contact_templates(a);
}


void
drsw_contact_forget(drsw_contact_t *a)
{
    int i;

    for (i = 0; i < DRSW_CONTACT_DATA_N; i++) {
        json_decref(a->data[i].v);
    }

    json_decref(a->permissions);
}


void
drsw_contact_say(drsw_contact_finding_t *f, drsw_contact_verdict_e verdict,
                 const char *fmt, ...)
{
    va_list args;

    f->verdict = verdict;
    va_start(args, fmt);
    (void) vsnprintf(f->text, sizeof(f->text), fmt, args);
    va_end(args);
}


void
drsw_contact_failed(drsw_contact_finding_t *f, const char *action,
                    const drsw_aws_result_t *res)
{
    if (res->class == DRSW_AWS_DENIED) {
        (void) snprintf(f->missing, sizeof(f->missing), "%s", action);
    }

    drsw_contact_say(f, DRSW_CONTACT_OPEN, "%s was refused: %s: %s", action,
                     res->code, res->message);
}


const json_t *
drsw_contact_need(drsw_contact_t *a, drsw_contact_finding_t *f,
                  drsw_contact_data_e kind)
{
    size_t                     len;
    const drsw_contact_data_t *d;

    d = &a->data[kind];
    len = strlen(f->asked);
    (void) snprintf(f->asked + len, sizeof(f->asked) - len, "%s%s",
                    len > 0 ? ", " : "", d->call);

    if (d->v == NULL) {
        drsw_contact_failed(f, d->call, &d->res);
    }

    return d->v;
}


int64_t
drsw_contact_time(const json_t *doc, const char *name)
{
    int64_t t;

    return drs_time_parse_s(drs_json_field(doc, name), &t) == DRS_OK ? t : -1;
}


int64_t
drsw_contact_time_ms(const json_t *doc, const char *name)
{
    int64_t t;

    return drs_time_parse_ms(drs_json_field(doc, name), &t) == DRS_OK ? t : -1;
}
