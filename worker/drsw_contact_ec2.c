
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Assumptions about EC2, quotas and identities.
 */

#include "drsw_contact.h"

#include <stdio.h>
#include <string.h>

#include "drs_json.h"


/* Who answers is who was meant. */

void
drsw_contact_identity(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    (void) snprintf(f->asked, sizeof(f->asked), "sts:GetCallerIdentity");

    if (a->ctx.account == NULL) {
        drsw_contact_say(f, DRSW_CONTACT_HELD, "%.300s, in account %s", a->arn,
                         a->account);
        return;
    }

    drsw_contact_say(f,
                     strcmp(a->ctx.account, a->account) == 0
                         ? DRSW_CONTACT_HELD
                         : DRSW_CONTACT_BROKEN,
                     "%.300s, in account %s; asked for %s", a->arn, a->account,
                     a->ctx.account);
}


/* A server's template has one default version, and it holds interface 0. */

void
drsw_contact_template(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t        i, k, n;
    json_t       *item, *list, *nic;
    const json_t *templates;

    templates = drsw_contact_need(a, f, DRSW_CONTACT_TEMPLATES);
    if (templates == NULL) {
        return;
    }

    n = json_array_size(templates);

    json_array_foreach ((json_t *) templates, i, item) {
        if (!json_is_true(json_object_get(item, "DefaultVersion"))
            || drs_json_int(item, "VersionNumber", 0) < 1)
        {
            drsw_contact_say(
                f, DRSW_CONTACT_BROKEN,
                "$Default gives a version that is not the default");
            return;
        }

        list = drs_json_pointer(item, "/LaunchTemplateData/NetworkInterfaces");

        json_array_foreach (list, k, nic) {
            if (k == 0 && drs_json_int(nic, "DeviceIndex", 0) != 0) {
                drsw_contact_say(
                    f, DRSW_CONTACT_BROKEN,
                    "the first interface of a template has device "
                    "index %lld",
                    (long long) drs_json_int(nic, "DeviceIndex", 0));
                return;
            }
        }
    }

    drsw_contact_say(f, n > 0 ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN,
                     "%zu default versions of templates looked at", n);
}


/*
 * DryRun changes nothing and says what would happen.  Of the three calls that
 * write templates the first decides, all of them tell about permissions.
 */

void
drsw_contact_dry_run(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    size_t            i;
    char              version[24];
    json_t           *input[3], *out, *item;
    const char       *id;
    const json_t     *templates;
    drsw_aws_result_t res, first;

    static const char *const ops[] = { "CreateLaunchTemplateVersion",
                                       "ModifyLaunchTemplate",
                                       "DeleteLaunchTemplateVersions" };

    templates = drsw_contact_need(a, f, DRSW_CONTACT_TEMPLATES);
    if (templates == NULL) {
        return;
    }

    (void) snprintf(f->asked, sizeof(f->asked),
                    "ec2:CreateLaunchTemplateVersion, ec2:ModifyLaunchTemplate,"
                    " ec2:DeleteLaunchTemplateVersions with DryRun");
    item = json_array_get(templates, 0);
    id = json_string_value(json_object_get(item, "LaunchTemplateId"));

    if (id == NULL) {
        drsw_contact_say(f, DRSW_CONTACT_OPEN, "there is no launch template");
        return;
    }

    (void) snprintf(version, sizeof(version), "%lld",
                    (long long) drs_json_int(item, "VersionNumber", 1));
    input[0] = json_pack("{s:b, s:s, s:s, s:{s:s}}", "DryRun", 1,
                         "LaunchTemplateId", id, "SourceVersion", version,
                         "LaunchTemplateData", "InstanceType", "t3.small");
    input[1] = json_pack("{s:b, s:s, s:s}", "DryRun", 1, "LaunchTemplateId", id,
                         "DefaultVersion", version);
    input[2] = json_pack("{s:b, s:s, s:[s]}", "DryRun", 1, "LaunchTemplateId",
                         id, "Versions", version);

    for (i = 0; i < 3; i++) {
        if (drsw_contact_call(a, NULL, "ec2", ops[i], input[i], false, &out,
                              &res)
            == DRSW_AWS_OK)
        {
            json_decref(out);
        }

        if (i == 0) {
            first = res;
        }
    }

    if (first.class == DRSW_AWS_DENIED) {
        drsw_contact_failed(f, "ec2:CreateLaunchTemplateVersion", &first);

    } else {
        drsw_contact_say(f,
                         strcmp(first.code, "DryRunOperation") == 0
                                 && first.http_status == 412
                             ? DRSW_CONTACT_HELD
                             : DRSW_CONTACT_BROKEN,
                         "%s, HTTP %d",
                         first.class == DRSW_AWS_OK ? "no error" : first.code,
                         first.http_status);
    }
}


/* The limits that we count with are those of the account. */

void
drsw_contact_quotas(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    int           n;
    size_t        i, k, len;
    double        value;
    json_t       *item;
    const json_t *quotas;

    static const struct {
        const char *code;
        double      value;
    } rows[] = { { "L-D88FAC3A", 20 },  { "L-B827C881", 100 },
                 { "L-05AFA8C6", 500 }, { "L-DD6D028C", 1 },
                 { "L-C1D14A2B", 300 }, { "L-E28BE5E0", 4000 } };

    quotas = drsw_contact_need(a, f, DRSW_CONTACT_QUOTAS);
    if (quotas == NULL) {
        return;
    }

    n = 0;

    json_array_foreach ((json_t *) quotas, i, item) {
        for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            if (!drs_str_eqz(drs_json_field(item, "QuotaCode"), rows[k].code)) {
                continue;
            }

            n++;
            value = json_number_value(json_object_get(item, "Value"));

            if (value != rows[k].value) {
                len = strlen(f->text);
                (void) snprintf(f->text + len, sizeof(f->text) - len,
                                "%s%s is %g, not %g", len > 0 ? "; " : "",
                                rows[k].code, value, rows[k].value);
                f->verdict = DRSW_CONTACT_BROKEN;
            }
        }
    }

    if (f->text[0] == '\0') {
        drsw_contact_say(f, n > 0 ? DRSW_CONTACT_HELD : DRSW_CONTACT_OPEN,
                         "%d of %zu known quotas are listed, with the known "
                         "values",
                         n, sizeof(rows) / sizeof(rows[0]));
    }
}


/* The one list of DRS that is asked by GET. */

void
drsw_contact_staging(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    json_t           *accounts;
    drsw_aws_result_t res;

    (void) snprintf(f->asked, sizeof(f->asked), "drs:ListStagingAccounts");

    if (drsw_contact_call(a, NULL, "drs", "ListStagingAccounts", json_object(),
                          true, &accounts, &res)
        != DRSW_AWS_OK)
    {
        drsw_contact_failed(f, "drs:ListStagingAccounts", &res);
        return;
    }

    drsw_contact_say(f, DRSW_CONTACT_HELD, "%zu staging accounts",
                     json_array_size(accounts));
    json_decref(accounts);
}


void
drsw_contact_q8(drsw_contact_t *a, drsw_contact_finding_t *f)
{
    (void) a;
    (void) snprintf(f->asked, sizeof(f->asked), "iam:SimulatePrincipalPolicy");
    drsw_contact_say(f, DRSW_CONTACT_OPEN,
                     "only a launch would tell; the permissions that it would "
                     "need are listed below");
}
