
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

#include "aws.h"
#include "aws_endpoint.h"


typedef struct {
    const char *name;
    const char *value;
} var_t;


static const char *
env(void *data, const char *name)
{
    const var_t *v;

    for (v = data; v->name != NULL; v++) {
        if (strcmp(v->name, name) == 0) {
            return v->value;
        }
    }

    return NULL;
}


static void
assert_endpoint(drsw_endpoint_request_t *req, const char *wanted,
                const char *region)
{
    char        err[256];
    drs_buf_t   url;
    const char *signing;

    drs_buf_init(&url, 0);
    assert_int_equal(drsw_endpoint(req, &url, &signing, err, sizeof(err)),
                     DRS_OK);
    assert_string_equal(url.data, wanted);
    assert_string_equal(signing, region);
    drs_buf_free(&url);
}


static void
test_partitions(void **state)
{
    size_t i;

    static const char *const cases[][2] = {
        { "us-east-1", "aws" },
        { "ap-southeast-7", "aws" },
        { "mx-central-1", "aws" },
        { "il-central-1", "aws" },
        { "us-gov-west-1", "aws-us-gov" },
        { "cn-north-1", "aws-cn" },
        { "eusc-de-east-1", "aws-eusc" },
        { "us-iso-east-1", "aws-iso" },
        { "us-isob-east-1", "aws-iso-b" },
        { "eu-isoe-west-1", "aws-iso-e" },
        { "us-isof-south-1", "aws-iso-f" },
    };

    static const char *const bad[] = { "",
                                       "us",
                                       "us-east",
                                       "us-east-",
                                       "us-east-1a",
                                       "us-east-1/x",
                                       "us-east-1.evil.example",
                                       "US-EAST-1",
                                       "xx-east-1",
                                       "us--1",
                                       "us-east-1000",
                                       "us-east-1 ",
                                       "us-gov-west",
                                       "eusc-fr-east-1" };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_non_null(drsw_aws_partition(cases[i][0]));
        assert_string_equal(drsw_aws_partition(cases[i][0]), cases[i][1]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(drsw_aws_partition(bad[i]));
    }

    assert_null(drsw_aws_partition(NULL));
}


static void
test_rules(void **state)
{
    drsw_endpoint_request_t req;

    (void) state;

    memset(&req, 0, sizeof(req));
    req.prefix = "drs";
    req.env_id = "DRS";
    req.region = "eu-west-1";
    assert_endpoint(&req, "https://drs.eu-west-1.amazonaws.com", "eu-west-1");

    req.fips = true;
    assert_endpoint(&req, "https://drs-fips.eu-west-1.amazonaws.com",
                    "eu-west-1");
    req.dual_stack = true;
    assert_endpoint(&req, "https://drs-fips.eu-west-1.api.aws", "eu-west-1");
    req.fips = false;
    assert_endpoint(&req, "https://drs.eu-west-1.api.aws", "eu-west-1");
    req.dual_stack = false;

    req.region = "cn-northwest-1";
    assert_endpoint(&req, "https://drs.cn-northwest-1.amazonaws.com.cn",
                    "cn-northwest-1");

    /* GovCloud: plain hosts are the FIPS ones, DRS excepted */
    req.region = "us-gov-west-1";
    req.fips = true;
    assert_endpoint(&req, "https://drs-fips.us-gov-west-1.amazonaws.com",
                    "us-gov-west-1");
    req.prefix = "ec2";
    assert_endpoint(&req, "https://ec2.us-gov-west-1.amazonaws.com",
                    "us-gov-west-1");
    req.fips = false;

    req.prefix = "iam";
    req.global = true;
    assert_endpoint(&req, "https://iam.us-gov.amazonaws.com", "us-gov-west-1");
    req.region = "ap-south-1";
    assert_endpoint(&req, "https://iam.amazonaws.com", "us-east-1");
    req.region = "cn-northwest-1";
    assert_endpoint(&req, "https://iam.cn-north-1.amazonaws.com.cn",
                    "cn-north-1");
    req.region = "eusc-de-east-1";
    assert_endpoint(&req, "https://iam.eusc-de-east-1.amazonaws.eu",
                    "eusc-de-east-1");
}


static void
test_configured(void **state)
{
    drsw_endpoint_request_t req;

    static const var_t both[] = { { "AWS_ENDPOINT_URL", "http://all:1/" },
                                  { "AWS_ENDPOINT_URL_DRS",
                                    "http://drs:2/base//" },
                                  { NULL, NULL } };
    static const var_t general[] = { { "AWS_ENDPOINT_URL", "http://all:1" },
                                     { "AWS_ENDPOINT_URL_EC2", "http://ec2:3" },
                                     { NULL, NULL } };
    static const var_t ignored[] = { { "AWS_ENDPOINT_URL", "http://all:1" },
                                     { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                       "true" },
                                     { NULL, NULL } };

    (void) state;

    memset(&req, 0, sizeof(req));
    req.prefix = "drs";
    req.env_id = "DRS";
    req.region = "eu-west-1";
    req.env = env;
    req.env_data = (void *) both;
    req.file_url = "http://file:4";

    assert_endpoint(&req, "http://drs:2/base", "eu-west-1");
    req.env_data = (void *) general;
    assert_endpoint(&req, "http://all:1", "eu-west-1");
    req.env_data = (void *) &both[2];
    assert_endpoint(&req, "http://file:4", "eu-west-1");
    req.explicit_url = "https://explicit";
    assert_endpoint(&req, "https://explicit", "eu-west-1");
    req.env_data = (void *) ignored;
    assert_endpoint(&req, "https://explicit", "eu-west-1");
    req.explicit_url = NULL;
    assert_endpoint(&req, "https://drs.eu-west-1.amazonaws.com", "eu-west-1");
}


static void
test_refused(void **state)
{
    size_t                  i;
    char                    err[256];
    drs_buf_t               url;
    const char             *signing;
    drsw_endpoint_request_t req;

    static const char *const bad[] = { "ftp://x",
                                       "x",
                                       "http://",
                                       "https:///p",
                                       "http://u:p@h/",
                                       "http://h/?a=b",
                                       "http://h/#f",
                                       "http://h h/",
                                       "file:///etc/passwd",
                                       "http://h\r\nX: y" };

    (void) state;

    memset(&req, 0, sizeof(req));
    req.prefix = "drs";
    req.env_id = "DRS";
    req.region = "eu-west-1";

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        drs_buf_init(&url, 0);
        req.explicit_url = bad[i];
        assert_int_equal(drsw_endpoint(&req, &url, &signing, err, sizeof(err)),
                         DRS_DECLINED);
        assert_non_null(strstr(err, "endpoint URL for drs"));
        drs_buf_free(&url);
    }

    drs_buf_init(&url, 0);
    req.region = "nowhere";
    assert_int_equal(drsw_endpoint(&req, &url, &signing, err, sizeof(err)),
                     DRS_DECLINED);
    assert_non_null(strstr(err, "region: \"nowhere\""));
    drs_buf_free(&url);
}


static void
test_split(void **state)
{
    size_t      i;
    drs_buf_t   host;
    const char *path;

    static const char *const cases[][3] = {
        { "https://h", "h", "" },
        { "https://h:443/a", "h", "/a" },
        { "http://h:443", "h:443", "" },
        { "http://h:80/", "h", "/" },
        { "https://h:80", "h:80", "" },
        { "HTTP://[::1]:8080/x/y", "[::1]:8080", "/x/y" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        drs_buf_init(&host, 0);
        assert_int_equal(drsw_endpoint_split(cases[i][0], &host, &path),
                         DRS_OK);
        assert_string_equal(host.data, cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        drs_buf_free(&host);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partitions), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_configured), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
