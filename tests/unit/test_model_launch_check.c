/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Validation of launch settings against facts, bodies of the per-server
 * operations, jobs and their status, pick lists.
 */

#include "model_help.h"

#include "drs_model_launch_check.h"
#include "drs_model_launch_job.h"
#include "drs_view_ec2.h"


#define SUB  "subnet-0123456789abcdef0"
#define SUB2 "subnet-0123456789abcdef1"
#define SG   "sg-0123456789abcdef0"
#define A    "s-00000000000000001"
#define B    "s-00000000000000002"

static const char facts_text[] =
    "{'subnets':{'" SUB "':{'CidrBlock':'10.0.1.0/24','VpcId':'vpc-1',"
    "'AvailabilityZone':'eu-west-1a'},'" SUB2 "':{'CidrBlock':"
    "'100.64.0.0/28','VpcId':'vpc-1','AvailabilityZone':'eu-west-1b'},"
    "'subnet-00000000000000000':null,'subnet-00000000000000009':"
    "{'CidrBlock':'x','VpcId':'vpc-1'}},"
    "'groups':{'" SG "':{'VpcId':'vpc-1'},'sg-00000000':{'VpcId':'vpc-2'},"
    "'sg-00000001':null},"
    "'types':{'m5.large':['eu-west-1a'],'x1.huge':null},"
    "'profiles':{'good':true,'bad':false},"
    "'addresses':{'" SUB " 10.0.1.20':[{'type':'instance','id':'i-1',"
    "'name':'db','isDrsResource':true,'sourceServerId':'" B "'}]},"
    "'failed':{}}";


/* Checks one template of server A; the only error must be `code`. */
static void
checked(const char *template, const char *code)
{
    char               text[1024];
    json_t            *facts, *group, *errors;
    drs_launch_check_t c;

    (void) snprintf(text, sizeof(text),
                    "{'servers':[{'sourceServerId':'" A
                    "','useGroupDefaults':false,'launchTemplate':%s},"
                    "{'sourceServerId':'" B "','useGroupDefaults':false,"
                    "'launchTemplate':{'subnetId':'" SUB
                    "','staticPrivateIp':'10.0.1.30'}}]}",
                    template);
    group = J(text);
    facts = J(facts_text);
    errors = json_array();

    memset(&c, 0, sizeof(c));
    c.group = group;
    c.facts = facts;
    c.server = drs_str(A);
    drs_launch_check(&c, errors, NULL);

    if (code == NULL) {
        assert_int_equal(json_array_size(errors), 0);

    } else {
        assert_int_equal(json_array_size(errors), 1);
        assert_string_equal(json_string_value(json_object_get(
                                json_array_get(errors, 0), "error")),
                            code);
    }

    json_decref(errors);
    json_decref(facts);
    json_decref(group);
}


static void
codes(void **state)
{
    (void) state;

    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.4',"
            "'securityGroupIds':['" SG "'],'instanceType':'m5.large',"
            "'instanceProfileName':'good'}",
            NULL);
    checked("{'staticPrivateIp':'10.0.1.4'}", "MISSING_SUBNET");
    checked("{'subnetId':'subnet-00000000000000000'}", "SUBNET_NOT_FOUND");
    checked("{'subnetId':'subnet-00000000000000009','staticPrivateIp':"
            "'10.0.1.4'}",
            "INVALID_CIDR");
    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.2.4'}",
            "IP_OUT_OF_RANGE");
    checked("{'subnetId':'" SUB "','staticPrivateIp':'100.64.0.5'}",
            "IP_NOT_PRIVATE");
    checked("{'subnetId':'" SUB2 "','staticPrivateIp':'100.64.0.5'}", NULL);
    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.3'}",
            "IP_RESERVED");
    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.255'}",
            "IP_RESERVED");
    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.20'}",
            "IP_IN_USE");
    checked("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.30'}",
            "DUPLICATE_IP");
    checked("{'securityGroupIds':['sg-00000001']}",
            "SECURITY_GROUPS_NOT_FOUND");
    checked("{'subnetId':'" SUB "','securityGroupIds':['sg-00000000']}",
            "SECURITY_GROUPS_WRONG_VPC");
    checked("{'securityGroupIds':['sg-00000000']}", NULL);
    checked("{'instanceType':'x1.huge'}", "INSTANCE_TYPE_UNAVAILABLE");
    checked("{'subnetId':'" SUB2 "','instanceType':'m5.large'}",
            "INSTANCE_TYPE_UNAVAILABLE");
    checked("{'instanceProfileName':'bad'}", "IAM_PROFILE_NOT_FOUND");
}


/* What could not be asked is an error; an own former drill is none. */
static void
fail_closed(void **state)
{
    json_t            *facts, *group, *errors;
    drs_launch_check_t c;

    (void) state;

    group = J("{'launchConfig':{'subnetId':'" SUB "','instanceType':"
              "'m5.large'},'servers':[{'sourceServerId':'" B "',"
              "'launchTemplate':{'staticPrivateIp':'10.0.1.20'}}]}");
    facts = J(facts_text);
    errors = json_array();
    memset(&c, 0, sizeof(c));
    c.group = group;
    c.facts = facts;
    c.server = drs_str(B);
    drs_launch_check(&c, errors, NULL);
    assert_int_equal(json_array_size(errors), 0);

    json_object_set_new(json_object_get(facts, "failed"), "types",
                        json_string("not authorized"));
    drs_launch_check(&c, errors, NULL);
    assert_int_equal(json_array_size(errors), 1);
    assert_true(drs_str_eqz(drs_json_field(json_array_get(errors, 0), "error"),
                            "AWS_API_ERROR"));

    json_decref(errors);
    json_decref(facts);
    json_decref(group);
}


static void
moved_subnet(void **state)
{
    json_t            *facts, *old, *group, *errors, *moved, *eff;
    drs_launch_check_t c;

    (void) state;

    old = J("{'launchConfig':{'subnetId':'" SUB "'},'servers':["
            "{'sourceServerId':'" A "','launchTemplate':{'staticPrivateIp':"
            "'10.0.1.40'}},{'sourceServerId':'" B "','useGroupDefaults':"
            "false,'launchTemplate':{'subnetId':'" SUB "',"
            "'staticPrivateIp':'10.0.1.41'}}]}");
    group = json_deep_copy(old);
    json_object_set_new(json_object_get(group, "launchConfig"), "subnetId",
                        json_string(SUB2));
    moved = drs_launch_moved(old, group);
    assert_int_equal(json_array_size(moved), 1);
    assert_string_equal(json_string_value(json_array_get(moved, 0)), A);

    facts = J(facts_text);
    errors = json_array();
    memset(&c, 0, sizeof(c));
    c.group = group;
    c.old = old;
    c.facts = facts;
    c.server = drs_str(A);
    eff = drs_model_launch_effective(group, c.server);
    drs_launch_check_ip(&c, eff, errors);
    assert_true(drs_str_eqz(drs_json_field(json_array_get(errors, 0), "error"),
                            "SUBNET_CHANGE_IP_INVALID"));

    json_decref(eff);
    json_decref(moved);
    json_decref(errors);
    json_decref(facts);
    json_decref(group);
    json_decref(old);
}


static void
lookups(void **state)
{
    json_t *l, *eff;

    (void) state;

    l = drs_launch_lookups();
    assert_true(drs_launch_lookups_empty(l));
    eff = J("{'subnetId':'" SUB "','staticPrivateIp':'10.0.1.4',"
            "'securityGroupIds':['" SG "'],'instanceType':'m5.large',"
            "'instanceProfileName':'p'}");
    assert_int_equal(drs_launch_lookup(l, eff), DRS_OK);
    assert_false(drs_launch_lookups_empty(l));
    assert_non_null(
        json_object_get(json_object_get(l, "addresses"), SUB " 10.0.1.4"));
    assert_non_null(json_object_get(json_object_get(l, "groups"), SG));
    json_decref(eff);
    json_decref(l);
}


static void
override_is(const char *text, drs_err_t err, const char *code)
{
    json_t           *body, *entry, *list;
    drs_model_error_t e;

    drs_model_error_init(&e);
    body = J(text);

    if (err == DRS_ERR_NONE) {
        assert_int_equal(drs_launch_override(&e, body, drs_str(A), &entry),
                         DRS_OK);
        json_decref(entry);
        drs_model_error_free(&e);
        json_decref(body);
        return;
    }

    assert_int_equal(drs_launch_override(&e, body, drs_str(A), &entry),
                     DRS_DECLINED);
    assert_null(entry);
    list = json_object_get(e.fields, "validationErrors");

    if (code != NULL) {
        assert_true(drs_str_eqz(
            drs_json_field(json_array_get(list, 0), "error"), code));
        assert_true(json_is_false(json_object_get(e.fields, "valid")));
    }

    json_decref(body);
    assert_err(&e, err);
}


static void
override_bodies(void **state)
{
    (void) state;

    override_is("{}", DRS_ERR_NONE, NULL);
    override_is("{'useGroupDefaults':false}", DRS_ERR_NONE, NULL);
    override_is("{'launchTemplate':{'monitoring':true,'bootMode':'UEFI'}}",
                DRS_ERR_NONE, NULL);
    override_is("{'launchTemplate':{'imageId':'x','other':1}}",
                DRS_ERR_BLOCKED_FIELDS_PRESENT, NULL);
    override_is("{'launchTemplate':{'other':1}}",
                DRS_ERR_UNKNOWN_FIELDS_PRESENT, NULL);
    override_is("{'launchTemplate':{'subnetId':'x'}}",
                DRS_ERR_VALIDATION_FAILED, "INVALID_SUBNET_FORMAT");
    override_is("{'launchTemplate':{'securityGroupIds':['x']}}",
                DRS_ERR_VALIDATION_FAILED, "INVALID_SECURITY_GROUP_FORMAT");
    override_is("{'launchTemplate':{'staticPrivateIp':'10.0.0.256'}}",
                DRS_ERR_VALIDATION_FAILED, "INVALID_IP_FORMAT");
    override_is("{'launchTemplate':{'staticPrivateIp':'127.0.0.1'}}",
                DRS_ERR_VALIDATION_FAILED, "IP_NOT_PRIVATE");
    override_is("{'useGroupDefaults':1}", DRS_ERR_INVALID_PARAMETER, NULL);
}


static void
bulk_bodies(void **state)
{
    size_t            i;
    json_t           *body, *group, *entries, *list;
    drs_model_error_t e;

    static const char *const want[] = { "MISSING_SERVER_ID", "SERVER_NOT_FOUND",
                                        "BLOCKED_FIELDS_PRESENT",
                                        "INVALID_SUBNET_FORMAT",
                                        "DUPLICATE_SERVER" };

    (void) state;

    group = J("{'sourceServerIds':['" A "','" B "']}");
    body = J("{'servers':[{},{'sourceServerId':'s-00000000000000009'},"
             "{'serverId':'" A "','launchTemplate':{'keyName':'k'}},"
             "{'serverId':'" A "','launchTemplate':{'subnetId':'x'}},"
             "{'serverId':'" B "'},{'serverId':'" B "'}]}");
    drs_model_error_init(&e);
    assert_int_equal(drs_launch_overrides(&e, body, group, &entries),
                     DRS_DECLINED);
    assert_null(entries);
    list = json_object_get(e.fields, "validationErrors");
    assert_int_equal(json_array_size(list), 5);

    for (i = 0; i < 5; i++) {
        assert_true(drs_str_eqz(
            drs_json_field(json_array_get(list, i), "error"), want[i]));
    }

    assert_int_equal(drs_json_int(json_array_get(list, 4), "index", -1), 5);
    assert_err(&e, DRS_ERR_VALIDATION_FAILED);
    json_decref(body);

    body = J("{'servers':{}}");
    drs_model_error_init(&e);
    assert_int_equal(drs_launch_overrides(&e, body, group, &entries),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_TYPE);
    json_decref(body);

    body = J("{}");
    drs_model_error_init(&e);
    assert_int_equal(drs_launch_overrides(&e, body, group, &entries),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_MISSING_FIELD);
    json_decref(body);
    json_decref(group);
}


static void
entries_of_a_group(void **state)
{
    json_t *group, *entry, *before, *after, *changes;

    (void) state;

    group = J("{'launchConfig':{'copyTags':true,'instanceType':'m5.large'}}");
    entry = J("{'sourceServerId':'" A "','useGroupDefaults':true,"
              "'launchTemplate':{'instanceType':'c5.large'}}");
    before = drs_model_launch_effective(group, drs_str(A));
    drs_launch_set_entry(group, drs_str(A), entry);
    after = drs_model_launch_effective(group, drs_str(A));
    assert_true(drs_str_eqz(drs_json_field(after, "instanceType"), "c5.large"));
    assert_true(json_is_true(json_object_get(after, "copyTags")));
    changes = drs_launch_changes(before, after);
    assert_int_equal(json_array_size(changes), 1);
    assert_true(drs_str_eqz(
        drs_json_field(json_array_get(changes, 0), "oldValue"), "m5.large"));
    json_decref(changes);
    drs_launch_set_entry(group, drs_str(A), NULL);
    assert_int_equal(json_array_size(json_object_get(group, "servers")), 0);
    json_decref(before);
    json_decref(after);
    json_decref(entry);
    json_decref(group);
}


static void
status_is(const json_t *status, const char *word, int done, int total)
{
    assert_true(drs_str_eqz(drs_json_field(status, "status"), word));
    assert_int_equal(drs_json_int(status, "progressCount", -1), done);
    assert_int_equal(drs_json_int(status, "totalServers", -1), total);
}


static void
jobs(void **state)
{
    json_t *group, *job, *rows, *status, *view;

    (void) state;

    group = J("{'groupId':'g','sourceServerIds':['" A "','" B "']}");
    assert_int_equal(drs_launch_act(group, NULL, NULL), DRS_LAUNCH_NONE);
    json_object_set_new(group, "launchConfig", J("{'copyTags':true}"));
    drs_model_launch_pending(group, drs_str("job-1"), drs_str("me"));
    assert_true(drs_str_eqz(drs_model_launch_busy(group), "pending"));
    assert_int_equal(drs_launch_act(group, NULL, NULL), DRS_LAUNCH_BEGIN);

    job = J("{'syncJobId':'job-0','completionTime':5}");
    assert_int_equal(drs_launch_act(group, job, NULL), DRS_LAUNCH_BEGIN);
    json_decref(job);

    job = J("{'syncJobId':'job-1','startTime':1000,'appliedBy':'me'}");
    rows = json_object();
    json_object_set_new(rows, A, drs_launch_row(drs_str(A), drs_str("web")));
    json_object_set_new(rows, B, drs_launch_row(drs_str(B), drs_str("")));
    assert_int_equal(drs_launch_act(group, job, rows), DRS_LAUNCH_RUN);

    drs_launch_row_done(json_object_get(rows, A), "sha256:1", NULL, 2000);
    status = drs_launch_status(group, job, rows, 0, 3000);
    status_is(status, "syncing", 1, 2);
    assert_int_equal(drs_json_int(status, "percentage", 0), 50);
    assert_int_equal(drs_json_int(status, "estimatedTimeRemaining", 0), 2);
    assert_true(drs_str_eqz(drs_json_field(status, "syncJobId"), "job-1"));
    json_object_set_new(group, "launchConfigStatus", status);
    assert_true(drs_str_eqz(drs_model_launch_busy(group), "syncing"));

    drs_launch_row_done(json_object_get(rows, B), "sha256:2", "denied", 4000);
    assert_int_equal(drs_launch_act(group, job, rows), DRS_LAUNCH_FINISH);
    json_object_set_new(job, "completionTime", json_integer(5000));
    status = drs_launch_status(group, job, rows, 0, 5000);
    status_is(status, "partial", 2, 2);
    assert_true(json_is_null(json_object_get(status, "syncJobId")));
    assert_true(drs_str_eqz(drs_json_field(status, "error"), "denied"));
    assert_true(drs_str_eqz(drs_json_field(status, "lastApplied"),
                            "1970-01-01T00:00:05.000Z"));
    json_object_set_new(group, "launchConfigStatus", status);
    assert_int_equal(drs_launch_act(group, job, rows), DRS_LAUNCH_OVER);

    view = drs_view_launch_status(group, rows);
    assert_int_equal(json_array_size(json_object_get(view, "servers")), 2);
    assert_true(json_object_get(view, "servers")
                == json_object_get(view, "serverConfigs"));
    json_decref(view);

    drs_launch_row_drifted(json_object_get(rows, A), "moved");
    status = drs_launch_status(group, job, rows, 1, 6000);
    status_is(status, "drifted", 1, 2);
    assert_true(
        drs_str_eqz(drs_json_field(status, "appliedBy"), "drift-detection"));
    json_decref(status);

    /* a group of tags that match nothing */
    json_object_clear(rows);
    status = drs_launch_status(group, job, rows, 0, 6000);
    status_is(status, "ready", 0, 0);
    assert_int_equal(drs_json_int(status, "percentage", 0), 100);
    json_decref(status);
    json_object_set_new(job, "error", json_string("not reachable"));
    status = drs_launch_status(group, job, rows, 0, 6000);
    status_is(status, "failed", 0, 0);
    json_decref(status);

    json_decref(rows);
    json_decref(job);
    json_decref(group);
}


static void
server_view(void **state)
{
    json_t *group, *v;

    (void) state;

    group = J("{'launchConfig':{'copyTags':true}}");
    v = drs_view_launch_server(group, drs_str(A));
    assert_true(json_is_true(json_object_get(v, "useGroupDefaults")));
    assert_int_equal(json_object_size(json_object_get(v, "launchTemplate")), 0);
    assert_true(json_is_true(
        json_object_get(json_object_get(v, "effectiveConfig"), "copyTags")));
    json_decref(v);
    json_decref(group);
}


static void
label_is(drs_pick_t pick, const char *items, const char *member, size_t at,
         const char *label)
{
    json_t *in, *out;

    in = J(items);
    out = drs_view_pick(pick, in);
    assert_true(drs_str_eqz(
        drs_json_field(json_array_get(json_object_get(out, member), at),
                       "label"),
        label));
    json_decref(in);
    json_decref(out);
}


static void
pick_lists(void **state)
{
    json_t *in, *out, *one;

    (void) state;

    label_is(DRS_PICK_SUBNETS,
             "[{'SubnetId':'subnet-1','CidrBlock':"
             "'10.0.0.0/24','AvailabilityZone':'a','VpcId':'v'}]",
             "subnets", 0, "subnet-1 - 10.0.0.0/24 - a");
    label_is(DRS_PICK_SUBNETS,
             "[{'SubnetId':'subnet-1','CidrBlock':'c',"
             "'AvailabilityZone':'a','VpcId':'v','Tags':[{'Key':'Name',"
             "'Value':'n'}]}]",
             "subnets", 0, "n (subnet-1) - c - a");
    label_is(DRS_PICK_TYPES,
             "[{'InstanceType':'m5.xlarge','VCpuInfo':"
             "{'DefaultVCpus':4},'MemoryInfo':{'SizeInMiB':16384}},"
             "{'InstanceType':'m5.metal'},{'InstanceType':'c5.metal-24xl'},"
             "{'InstanceType':'t3.nano','VCpuInfo':{'DefaultVCpus':2},"
             "'MemoryInfo':{'SizeInMiB':512}},{'InstanceType':'m5.large',"
             "'VCpuInfo':{'DefaultVCpus':2},'MemoryInfo':{'SizeInMiB':8192}}"
             "]",
             "instanceTypes", 0, "m5.large (2 vCPU, 8 GB)");
    label_is(DRS_PICK_TYPES,
             "[{'InstanceType':'t3.nano','VCpuInfo':"
             "{'DefaultVCpus':2},'MemoryInfo':{'SizeInMiB':512}}]",
             "instanceTypes", 0, "t3.nano (2 vCPU, 0.5 GB)");

    in = J("[{'GroupId':'sg-2','GroupName':'b','VpcId':'vpc-1'},"
           "{'GroupId':'sg-1','GroupName':'a','VpcId':'vpc-2'}]");
    out = drs_view_pick(DRS_PICK_GROUPS, in);
    assert_true(drs_str_eqz(
        drs_json_field(
            json_array_get(json_object_get(out, "securityGroups"), 0), "label"),
        "a (sg-1)"));
    one = drs_view_pick_vpc(out, drs_str("vpc-1"));
    assert_int_equal(json_array_size(json_object_get(one, "securityGroups")),
                     1);
    json_decref(one);
    json_decref(out);
    json_decref(in);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),
        cmocka_unit_test(fail_closed),
        cmocka_unit_test(moved_subnet),
        cmocka_unit_test(lookups),
        cmocka_unit_test(override_bodies),
        cmocka_unit_test(bulk_bodies),
        cmocka_unit_test(entries_of_a_group),
        cmocka_unit_test(jobs),
        cmocka_unit_test(server_view),
        cmocka_unit_test(pick_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
