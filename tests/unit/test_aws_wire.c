
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws_int.h"
#include "aws_query.h"
#include "aws_xml.h"


static void
test_xml_tree(void **state)
{
    drsw_xml_t       *root;
    const drsw_xml_t *b;

    static const char text[] =
        "<?xml version=\"1.0\"?><a xmlns=\"u\" x=\"y\"><!-- c --><b>1 &lt; 2"
        "<![CDATA[ & 3]]></b><b>&#233;</b><p:c xmlns:p=\"v\"/></a>";

    (void) state;

    root = drsw_xml_parse(text, sizeof(text) - 1);
    assert_non_null(root);
    assert_string_equal(root->name, "a");
    b = drsw_xml_child(root, "b");
    assert_string_equal(drsw_xml_text(b), "1 < 2 & 3");
    assert_string_equal(drsw_xml_text(b->next), "\xc3\xa9");
    assert_string_equal(drsw_xml_text(drsw_xml_child(root, "c")), "");
    assert_null(drsw_xml_child(root, "d"));
    assert_null(drsw_xml_text(drsw_xml_child(drsw_xml_child(root, "d"), "e")));
    drsw_xml_free(root);
}


static void
test_xml_refused(void **state)
{
    int    i;
    char   deep[1024];
    size_t k;

    static const char *const bad[] = {
        "",
        "x",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&x;</a>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a>\xff\xfe</a>",
        "<a>\x01</a>"
    };

    (void) state;

    for (k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        assert_null(drsw_xml_parse(bad[k], strlen(bad[k])));
    }

    deep[0] = '\0';
    for (i = 0; i < 33; i++) {
        strcat(deep, "<a>");
    }
    for (i = 0; i < 33; i++) {
        strcat(deep, "</a>");
    }

    assert_null(drsw_xml_parse(deep, strlen(deep)));
}


static void
wire(const char *service, const char *op, const char *input, drsw_aws_wire_t *w,
     int wanted, char *err, size_t errlen)
{
    json_t                   *in;
    const drsw_aws_service_t *s;

    s = drsw_aws_service(service);
    assert_non_null(s);
    in = input != NULL ? json_loads(input, 0, NULL) : NULL;
    assert_int_equal(drsw_aws_wire(s, drsw_aws_op(s, op), in, w, err, errlen),
                     wanted);
    json_decref(in);
}


static void
test_query_wire(void **state)
{
    size_t          i;
    char            err[256];
    drsw_aws_wire_t w;

    static const char *const cases[][4] = {
        { "ec2", "DescribeInstances", "{\"InstanceIds\":[\"i-1\",\"i-2\"]}",
          "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1"
          "&InstanceId.2=i-2" },
        { "ec2", "DescribeSubnets",
          "{\"Filters\":[{\"Name\":\"vpc-id\",\"Values\":[\"a b\",\"c+d\"]}],"
          "\"MaxResults\":5,\"DryRun\":true}",
          "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id"
          "&Filter.1.Value.1=a%20b&Filter.1.Value.2=c%2Bd&MaxResults=5"
          "&DryRun=true" },
        { "ec2", "CreateLaunchTemplateVersion",
          "{\"LaunchTemplateId\":\"lt-1\",\"LaunchTemplateData\":{"
          "\"NetworkInterfaces\":[{\"DeviceIndex\":0,\"Groups\":[\"sg-1\"],"
          "\"SubnetId\":\"subnet-1\",\"DeleteOnTermination\":false}],"
          "\"IamInstanceProfile\":{\"Name\":\"p\"}}}",
          "Action=CreateLaunchTemplateVersion&Version=2016-11-15"
          "&LaunchTemplateId=lt-1"
          "&LaunchTemplateData.NetworkInterface.1.DeviceIndex=0"
          "&LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1=sg-1"
          "&LaunchTemplateData.NetworkInterface.1.SubnetId=subnet-1"
          "&LaunchTemplateData.NetworkInterface.1.DeleteOnTermination=false"
          "&LaunchTemplateData.IamInstanceProfile.Name=p" },
        { "ec2", "ModifyLaunchTemplate", "{\"DefaultVersion\":\"2\"}",
          "Action=ModifyLaunchTemplate&Version=2016-11-15"
          "&SetDefaultVersion=2" },
        { "sts", "AssumeRole",
          "{\"RoleArn\":\"r\",\"DurationSeconds\":900,"
          "\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}]}",
          "Action=AssumeRole&Version=2011-06-15&RoleArn=r"
          "&DurationSeconds=900&Tags.member.1.Key=k&Tags.member.1.Value=v" },
        { "sns", "Publish",
          "{\"Message\":\"m\",\"MessageAttributes\":{\"a\":{\"DataType\":"
          "\"String\",\"StringValue\":\"b\"}}}",
          "Action=Publish&Version=2010-03-31&Message=m"
          "&MessageAttributes.entry.1.Name=a"
          "&MessageAttributes.entry.1.Value.DataType=String"
          "&MessageAttributes.entry.1.Value.StringValue=b" },
        { "sts", "GetCallerIdentity", NULL,
          "Action=GetCallerIdentity&Version=2011-06-15" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wire(cases[i][0], cases[i][1], cases[i][2], &w, DRS_OK, err,
             sizeof(err));
        assert_string_equal(w.body.data, cases[i][3]);
        assert_string_equal(w.path.data, "/");
        drsw_aws_wire_free(&w);
    }
}


static void
test_query_refused(void **state)
{
    size_t          i;
    char            err[256];
    drsw_aws_wire_t w;

    static const char *const cases[][2] = {
        { "{\"SubnetId\":\"x\"}", "SubnetId" },
        { "{\"SubnetIds\":\"x\"}", "must be a list" },
        { "{\"SubnetIds\":[1]}", "SubnetId.1: has a value of the wrong type" },
        { "{\"Filters\":[{\"Nome\":\"x\"}]}", "Nome" },
        { "{\"Filters\":[1]}", "Filter.1: must be an object" },
        { "{\"MaxResults\":\"5\"}", "MaxResults" },
        { "{\"DryRun\":1}", "DryRun" },
        { "[]", "must be an object" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wire("ec2", "DescribeSubnets", cases[i][0], &w, DRS_DECLINED, err,
             sizeof(err));
        assert_non_null(strstr(err, cases[i][1]));
        drsw_aws_wire_free(&w);
    }
}


static void
test_rest_wire(void **state)
{
    char            err[256];
    drsw_aws_wire_t w;

    (void) state;

    wire("drs", "DescribeJobs", NULL, &w, DRS_OK, err, sizeof(err));
    assert_string_equal(w.method, "POST");
    assert_string_equal(w.path.data, "/DescribeJobs");
    assert_string_equal(w.body.data, "{}");
    assert_string_equal(w.content_type, "application/json");
    drsw_aws_wire_free(&w);

    wire("drs", "UntagResource",
         "{\"resourceArn\":\"arn:aws:drs:r:1:x/s-1\","
         "\"tagKeys\":[\"a b\",\"c/d\"]}",
         &w, DRS_OK, err, sizeof(err));
    assert_string_equal(w.method, "DELETE");
    assert_string_equal(w.path.data, "/tags/arn%3Aaws%3Adrs%3Ar%3A1%3Ax"
                                     "%2Fs-1");
    assert_string_equal(w.query.data, "tagKeys=a%20b&tagKeys=c%2Fd");
    assert_int_equal(w.body.len, 0);
    assert_null(w.content_type);
    drsw_aws_wire_free(&w);

    wire("drs", "TagResource",
         "{\"resourceArn\":\"arn\",\"tags\":{\"a\":"
         "\"b\"}}",
         &w, DRS_OK, err, sizeof(err));
    assert_string_equal(w.body.data, "{\"tags\":{\"a\":\"b\"}}");
    drsw_aws_wire_free(&w);

    wire("drs", "ListStagingAccounts", "{\"maxResults\":50}", &w, DRS_OK, err,
         sizeof(err));
    assert_string_equal(w.method, "GET");
    assert_string_equal(w.query.data, "maxResults=50");
    drsw_aws_wire_free(&w);

    wire("drs", "TagResource", "{}", &w, DRS_DECLINED, err, sizeof(err));
    assert_non_null(strstr(err, "resourceArn"));
    drsw_aws_wire_free(&w);

    wire("servicequotas", "GetServiceQuota", "{\"QuotaCode\":\"L-1\"}", &w,
         DRS_OK, err, sizeof(err));
    assert_string_equal(w.target, "ServiceQuotasV20190624.GetServiceQuota");
    assert_string_equal(w.content_type, "application/x-amz-json-1.1");
    assert_string_equal(w.body.data, "{\"QuotaCode\":\"L-1\"}");
    drsw_aws_wire_free(&w);
}


static json_t *
decode(const char *service, const char *op, const char *body, char id[80])
{
    json_t                   *answer;
    drsw_http_response_t      resp;
    const drsw_aws_service_t *s;

    memset(&resp, 0, sizeof(resp));
    drs_buf_init(&resp.body, 0);
    assert_int_equal(drs_buf_puts(&resp.body, body), DRS_OK);
    s = drsw_aws_service(service);
    id[0] = '\0';
    answer = drsw_aws_answer(s, drsw_aws_op(s, op), &resp, id, 80);
    drsw_http_response_free(&resp);

    return answer;
}


static void
assert_answer(const char *service, const char *op, const char *body,
              const char *wanted)
{
    char    id[80];
    json_t *answer, *w;

    answer = decode(service, op, body, id);
    w = json_loads(wanted, 0, NULL);
    assert_non_null(answer);
    assert_non_null(w);
    assert_true(json_equal(answer, w));
    json_decref(answer);
    json_decref(w);
}


static void
test_answers(void **state)
{
    char    id[80];
    json_t *answer;

    (void) state;

    assert_answer(
        "ec2", "DescribeInstances",
        "<DescribeInstancesResponse><requestId>r</requestId><reservationSet>"
        "<item><instancesSet><item><instanceId>i-1</instanceId>"
        "<instanceState><code>16</code><name>running</name></instanceState>"
        "<ebsOptimized>true</ebsOptimized><unknown>x</unknown>"
        "<tagSet><item><key>Name</key><value/></item></tagSet>"
        "<groupSet/></item></instancesSet></item></reservationSet>"
        "<nextToken/></DescribeInstancesResponse>",
        "{\"NextToken\":\"\",\"Reservations\":[{\"Instances\":[{"
        "\"InstanceId\":\"i-1\",\"State\":{\"Code\":16,\"Name\":\"running\"},"
        "\"EbsOptimized\":true,\"Tags\":[{\"Key\":\"Name\",\"Value\":\"\"}],"
        "\"SecurityGroups\":[]}]}]}");

    assert_answer(
        "sts", "GetCallerIdentity",
        "<GetCallerIdentityResponse xmlns=\"u\"><GetCallerIdentityResult>"
        "<Arn>a</Arn><UserId>u</UserId><Account>1</Account>"
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>r"
        "</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
        "{\"Arn\":\"a\",\"UserId\":\"u\",\"Account\":\"1\"}");

    assert_answer(
        "sns", "Unsubscribe",
        "<UnsubscribeResponse><ResponseMetadata><RequestId>r</RequestId>"
        "</ResponseMetadata></UnsubscribeResponse>",
        "{}");

    assert_answer("drs", "TagResource", "", "{}");

    answer = decode("sts", "GetCallerIdentity",
                    "<GetCallerIdentityResponse>"
                    "<GetCallerIdentityResult/><ResponseMetadata><RequestId>"
                    "r-7</RequestId></ResponseMetadata>"
                    "</GetCallerIdentityResponse>",
                    id);
    assert_string_equal(id, "r-7");
    json_decref(answer);
}


/* 200 with something else: a captive portal, a proxy, a cut answer */

static void
test_answers_refused(void **state)
{
    char id[80];

    (void) state;

    assert_null(decode("ec2", "DescribeSubnets", "", id));
    assert_null(decode("ec2", "DescribeSubnets", "<html><p/></html>", id));
    assert_null(decode("ec2", "DescribeSubnets",
                       "<DescribeSubnetsResponse><subnetSet>", id));
    assert_null(
        decode("sts", "GetCallerIdentity", "<GetCallerIdentityResponse/>", id));
    assert_null(decode("drs", "DescribeJobs", "<html/>", id));
    assert_null(decode("drs", "DescribeJobs", "[]", id));
    assert_null(decode("drs", "DescribeJobs", "{\"items\":[", id));
    assert_null(decode("drs", "DescribeJobs", "{\"a\":1,\"a\":2}", id));
}


/* Members that only answers have are dropped when sent back. */

static void
test_launch_template_data_goes_back(void **state)
{
    char            id[80], err[256];
    json_t         *answer, *data, *in;
    drsw_aws_wire_t w;

    (void) state;

    answer = decode(
        "ec2", "DescribeLaunchTemplateVersions",
        "<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet>"
        "<item><versionNumber>3</versionNumber><launchTemplateData>"
        "<networkInterfaceSet><item><deviceIndex>0</deviceIndex>"
        "<groupSet><groupId>sg-1</groupId></groupSet>"
        "<associatePublicIpAddress>false</associatePublicIpAddress></item>"
        "</networkInterfaceSet><metadataOptions><state>applied</state>"
        "<httpTokens>required</httpTokens></metadataOptions>"
        "</launchTemplateData></item></launchTemplateVersionSet>"
        "</DescribeLaunchTemplateVersionsResponse>",
        id);
    assert_non_null(answer);

    data = json_object_get(
        json_array_get(json_object_get(answer, "LaunchTemplateVersions"), 0),
        "LaunchTemplateData");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(data, "MetadataOptions"), "State")),
                        "applied");

    in = json_pack("{s:O}", "LaunchTemplateData", data);
    assert_int_equal(drsw_aws_wire(drsw_aws_service("ec2"),
                                   drsw_aws_op(drsw_aws_service("ec2"),
                                               "CreateLaunchTemplateVersion"),
                                   in, &w, err, sizeof(err)),
                     DRS_OK);
    assert_non_null(strstr(w.body.data, "SecurityGroupId.1=sg-1"));
    assert_non_null(strstr(w.body.data, "AssociatePublicIpAddress=false"));
    assert_non_null(strstr(w.body.data, "MetadataOptions.HttpTokens="
                                        "required"));
    assert_null(strstr(w.body.data, "State"));

    drsw_aws_wire_free(&w);
    json_decref(in);
    json_decref(answer);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml_tree),
        cmocka_unit_test(test_xml_refused),
        cmocka_unit_test(test_query_wire),
        cmocka_unit_test(test_query_refused),
        cmocka_unit_test(test_rest_wire),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_answers_refused),
        cmocka_unit_test(test_launch_template_data_goes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
