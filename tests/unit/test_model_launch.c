/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_model_launch.h"


static void
config_refused(const char *text, drs_err_t err, const char *field)
{
    json_t           *v, *out;
    drs_model_error_t e;

    drs_model_error_init(&e);
    v = J(text);
    assert_int_equal(drs_model_launch_config(&e, v, &out), DRS_DECLINED);
    assert_null(out);

    if (field != NULL) {
        assert_true(drs_str_eqz(
            drs_json_field(
                json_array_get(json_object_get(e.fields, "validationErrors"),
                               0),
                "field"),
            field));
    }

    assert_err(&e, err);
    json_decref(v);
}


static void
config_formats(void **state)
{
    json_t           *v, *out;
    drs_model_error_t e;

    static const char *const bad[][2] = {
        { "{'subnetId':'subnet-123'}", "launchConfig.subnetId" },
        { "{'subnetId':'subnet-123456789'}", "launchConfig.subnetId" },
        { "{'securityGroupIds':['sg-1']}", "launchConfig.securityGroupIds" },
        { "{'securityGroupIds':['sg-12345678','sg-12345678']}",
          "launchConfig.securityGroupIds" },
        { "{'securityGroupIds':['sg-12345671','sg-12345672','sg-12345673',"
          "'sg-12345674','sg-12345675','sg-12345676']}",
          "launchConfig.securityGroupIds" },
        { "{'instanceType':'big'}", "launchConfig.instanceType" },
        { "{'instanceProfileName':'arn:aws:iam::1:x'}",
          "launchConfig.instanceProfileName" },
        { "{'staticPrivateIp':'10.0.0.256'}", "launchConfig.staticPrivateIp" },
        { "{'staticPrivateIp':'010.0.0.1'}", "launchConfig.staticPrivateIp" },
        { "{'staticPrivateIp':'127.0.0.1'}", "launchConfig.staticPrivateIp" },
        { "{'staticPrivateIp':'169.254.1.1'}", "launchConfig.staticPrivateIp" },
        { "{'copyTags':1}", "launchConfig.copyTags" },
        { "{'launchDisposition':'started'}", "launchConfig.launchDisposition" },
        { "{'licensing':{'osByol':'no'}}", "launchConfig.licensing" },
        { "{'licensing':true}", "launchConfig.licensing" },
        { "{'launchIntoInstanceProperties':{'launchIntoEC2InstanceID':'x'}}",
          "launchConfig.launchIntoInstanceProperties" },
        { "{'bootMode':'BIOS'}", "launchConfig.bootMode" },
    };

    (void) state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config_refused(bad[i][0], DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT,
                       bad[i][1]);
    }

    config_refused("'x'", DRS_ERR_INVALID_LAUNCH_CONFIG, NULL);
    config_refused("{'securityGroupIds':{}}", DRS_ERR_INVALID_SECURITY_GROUPS,
                   NULL);

    drs_model_error_init(&e);
    v = J("{'subnetId':'subnet-0123456789abcdef0','instanceType':"
          "'u-6tb1.metal','securityGroupIds':['sg-12345678'],'copyTags':"
          "false,'monitoring':true,'unknown':1,'licensing':{'osByol':true},"
          "'launchIntoInstanceProperties':{'launchIntoEC2InstanceID':"
          "'i-12345678'}}");
    assert_int_equal(drs_model_launch_config(&e, v, &out), DRS_OK);
    assert_json(out,
                "{'subnetId':'subnet-0123456789abcdef0','instanceType':"
                "'u-6tb1.metal','securityGroupIds':['sg-12345678'],"
                "'copyTags':false,'licensing':{'osByol':true},"
                "'launchIntoInstanceProperties':{'launchIntoEC2InstanceID':"
                "'i-12345678'}}");
    json_decref(out);
    json_decref(v);
}


static int
servers(const char *text, const char *members, const char *defaults,
        json_t **out, drs_model_error_t *e)
{
    int     rc;
    json_t *v, *m, *d;

    drs_model_error_init(e);
    v = J(text);
    m = members != NULL ? J(members) : NULL;
    d = defaults != NULL ? J(defaults) : NULL;
    rc = drs_model_launch_servers(e, v, m, d, out);
    json_decref(v);
    json_decref(m);
    json_decref(d);

    return rc;
}


static void
server_entries(void **state)
{
    json_t           *out;
    drs_model_error_t e;

    (void) state;

    assert_int_equal(
        servers("[{'sourceServerId':'" S1 "'},"
                "{'serverId':'" S2 "','useGroupDefaults':true,'launchTemplate':"
                "{'instanceType':null,'subnetId':'subnet-12345678','tags':"
                "{'a':'b'}}},{'sourceServerId':'" S3
                "','useGroupDefaults':false}]",
                "['" S1 "','" S2 "','" S3 "']", NULL, &out, &e),
        DRS_OK);
    assert_json(out, "[{'sourceServerId':'" S2 "','useGroupDefaults':true,"
                     "'launchTemplate':{'subnetId':'subnet-12345678','tags':"
                     "{'a':'b'}}},{'sourceServerId':'" S3
                     "','useGroupDefaults':false,"
                     "'launchTemplate':{}}]");
    json_decref(out);

    assert_int_equal(servers("[{'sourceServerId':'" S1 "','launchTemplate':"
                             "{'imageId':'x','foo':1}}]",
                             NULL, NULL, &out, &e),
                     DRS_DECLINED);
    assert_at(e.fields, "/blockedFields", "['imageId']");
    assert_err(&e, DRS_ERR_BLOCKED_FIELDS_PRESENT);

    assert_int_equal(servers("[{'sourceServerId':'" S1 "','launchTemplate':"
                             "{'foo':1}}]",
                             NULL, NULL, &out, &e),
                     DRS_DECLINED);
    assert_at(e.fields, "/unknownFields", "['foo']");
    assert_err(&e, DRS_ERR_UNKNOWN_FIELDS_PRESENT);

    assert_int_equal(servers("[{'sourceServerId':'" S1 "',"
                             "'useGroupDefaults':false}]",
                             "['" S2 "']", NULL, &out, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT);

    assert_int_equal(servers("[{'sourceServerId':'x'}]", NULL, NULL, &out, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_PARAMETER);

    assert_int_equal(servers("[{'sourceServerId':'" S1 "','useGroupDefaults':"
                             "false},{'sourceServerId':'" S1
                             "','useGroupDefaults':false}]",
                             NULL, NULL, &out, &e),
                     DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_PARAMETER);

    assert_int_equal(servers("{}", NULL, NULL, &out, &e), DRS_DECLINED);
    assert_err(&e, DRS_ERR_INVALID_SERVERS);
}


static void
addresses(void **state)
{
    json_t           *out;
    drs_model_error_t e;

    (void) state;

    assert_int_equal(servers("[{'sourceServerId':'" S1 "','launchTemplate':"
                             "{'staticPrivateIp':'10.0.0.5'}}]",
                             NULL, NULL, &out, &e),
                     DRS_DECLINED);
    assert_non_null(strstr(e.message, "MISSING_SUBNET"));
    assert_err(&e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT);

    assert_int_equal(servers("[{'sourceServerId':'" S1 "','launchTemplate':"
                             "{'staticPrivateIp':'10.0.0.5'}}]",
                             NULL, "{'subnetId':'subnet-12345678'}", &out, &e),
                     DRS_OK);
    json_decref(out);

    assert_int_equal(
        servers("[{'sourceServerId':'" S1 "','launchTemplate':"
                "{'staticPrivateIp':'10.0.0.5'}},{'sourceServerId':'" S2 "',"
                "'launchTemplate':{'staticPrivateIp':'10.0.0.5'}}]",
                NULL, "{'subnetId':'subnet-12345678'}", &out, &e),
        DRS_DECLINED);
    assert_non_null(strstr(e.message, "DUPLICATE_IP"));
    assert_err(&e, DRS_ERR_INVALID_LAUNCH_CONFIG_FORMAT);
}


static void
effective_settings(void **state)
{
    char    a[DRS_LAUNCH_HASH_SIZE], b[DRS_LAUNCH_HASH_SIZE];
    json_t *group, *eff, *other;

    (void) state;

    group = J("{'launchConfig':{'copyTags':true,'instanceType':'m5.large'},"
              "'servers':[{'sourceServerId':'" S1 "','useGroupDefaults':true,"
              "'launchTemplate':{'instanceType':'c5.large','copyTags':null}},"
              "{'sourceServerId':'" S2 "','useGroupDefaults':false,"
              "'launchTemplate':{'subnetId':'subnet-12345678'}}]}");

    eff = drs_model_launch_effective(group, drs_str(S1));
    assert_json(eff, "{'copyTags':true,'instanceType':'c5.large'}");
    json_decref(eff);

    eff = drs_model_launch_effective(group, drs_str(S2));
    assert_json(eff, "{'subnetId':'subnet-12345678'}");
    json_decref(eff);

    eff = drs_model_launch_effective(group, drs_str(S3));
    assert_json(eff, "{'copyTags':true,'instanceType':'m5.large'}");
    other = J("{'instanceType':'m5.large','copyTags':true}");
    assert_int_equal(drs_model_launch_hash(a, eff), DRS_OK);
    assert_int_equal(drs_model_launch_hash(b, other), DRS_OK);
    assert_string_equal(a, b);
    assert_int_equal(strncmp(a, "sha256:", 7), 0);
    assert_int_equal(strlen(a), 71);
    json_decref(other);
    json_decref(eff);
    assert_true(drs_model_launch_configured(group));
    json_decref(group);

    group = J("{}");
    eff = drs_model_launch_effective(group, drs_str(S1));
    assert_json(eff, "{}");
    assert_int_equal(drs_model_launch_hash(a, eff), DRS_OK);
    assert_string_equal(a, "sha256:empty");
    json_decref(eff);
    assert_false(drs_model_launch_configured(group));
    json_decref(group);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_formats),
        cmocka_unit_test(server_entries),
        cmocka_unit_test(addresses),
        cmocka_unit_test(effective_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
