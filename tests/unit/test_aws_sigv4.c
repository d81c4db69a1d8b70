
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

#include "aws_sigv4.h"


#define AUTH(scope, names, sig)                                                \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/" scope        \
    "/aws4_request, SignedHeaders=" names ", Signature=" sig


static void
base(drsw_sigv4_request_t *req)
{
    memset(req, 0, sizeof(drsw_sigv4_request_t));
    req->method = "GET";
    req->path = "/";
    req->region = "us-east-1";
    req->service = "service";
    req->access_key = "AKIDEXAMPLE";
    req->secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    req->time_s = 1440938160;
}


static void
assert_signed(const drsw_sigv4_request_t *req, const char *wanted)
{
    drs_buf_t    auth;
    drsw_sigv4_t sig;

    drs_buf_init(&auth, 0);
    assert_int_equal(drsw_sigv4_sign(req, &sig), DRS_OK);
    assert_int_equal(drsw_sigv4_authorization(req, &sig, &auth), DRS_OK);
    assert_string_equal(auth.data, wanted);
    drsw_sigv4_free(&sig);
    drs_buf_free(&auth);
}


static void
assert_canonical(const drsw_sigv4_request_t *req, const char *wanted)
{
    drsw_sigv4_t sig;

    assert_int_equal(drsw_sigv4_sign(req, &sig), DRS_OK);
    assert_memory_equal(sig.canonical.data, wanted, strlen(wanted));
    drsw_sigv4_free(&sig);
}


/* the example of the AWS General Reference */

static void
test_documented_example(void **state)
{
    drsw_sigv4_request_t req;
    drsw_aws_header_t    headers[] = {
           { "Content-Type", "application/x-www-form-urlencoded; "
                                "charset=utf-8" },
           { "Host", "iam.amazonaws.com" },
           { "X-Amz-Date", "20150830T123600Z" },
    };

    (void) state;

    base(&req);
    req.service = "iam";
    req.query = "Action=ListUsers&Version=2010-05-08";
    req.headers = headers;
    req.nheaders = 3;

    assert_signed(
        &req,
        AUTH(
            "iam", "content-type;host;x-amz-date",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
}


/* a DRS tag call: the encoded ARN is encoded again, the query is not */

static void
test_encoded_path_with_token(void **state)
{
    drsw_sigv4_request_t req;
    drsw_aws_header_t    headers[] = {
           { "host", "drs.us-east-1.amazonaws.com" },
           { "x-amz-date", "20150830T123600Z" },
           { "x-amz-security-token", "SESSIONTOKEN==" },
    };

    (void) state;

    base(&req);
    req.method = "DELETE";
    req.service = "drs";
    req.path = "/tags/arn%3Aaws%3Adrs%3Aus-east-1%3A111122223333%3A"
               "source-server%2Fs-11111111111111111";
    req.query = "tagKeys=a%20b&tagKeys=c%2Fd";
    req.headers = headers;
    req.nheaders = 3;

    assert_canonical(&req, "DELETE\n/tags/arn%253Aaws%253Adrs%253Aus-east-1"
                           "%253A111122223333%253Asource-server%252Fs-");
    assert_signed(
        &req,
        AUTH(
            "drs", "host;x-amz-date;x-amz-security-token",
            "6d00fe938f37c88bfde2e64c59b294ff4e2cbaf876a8de6a6efb9fe9683781cb"));
}


static void
test_body(void **state)
{
    drsw_sigv4_request_t req;
    drsw_aws_header_t    headers[] = {
           { "host", "127.0.0.1:8080" },
           { "content-type", "application/json" },
           { "x-amz-date", "20150830T123600Z" },
    };

    (void) state;

    base(&req);
    req.method = "POST";
    req.service = "drs";
    req.path = "/StartRecovery";
    req.headers = headers;
    req.nheaders = 3;
    req.body = "{\"isDrill\":true}";
    req.body_len = 16;

    assert_signed(
        &req,
        AUTH(
            "drs", "content-type;host;x-amz-date",
            "c281ea24c9f0beadbd12e5ace038d39d5df7a1cd8b263b3bb97056f44bdd7639"));
}


static void
test_canonical_headers(void **state)
{
    drsw_sigv4_request_t req;
    drsw_aws_header_t    headers[] = {
           { "My-Header1", " value4  with \t spaces " },
           { "host", "h" },
           { "my-header1", "value1\n  value2" },
           { "My-Header", "short name first" },
    };

    (void) state;

    base(&req);
    req.headers = headers;
    req.nheaders = 4;

    assert_canonical(&req,
                     "GET\n/\n\nhost:h\nmy-header:short name first\n"
                     "my-header1:value4 with spaces,value1 value2\n\n"
                     "host;my-header;my-header1\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
                     "7852b855");
}


static void
test_canonical_query(void **state)
{
    size_t               i;
    char                 wanted[256];
    drsw_sigv4_request_t req;
    drsw_aws_header_t    host = { "host", "h" };

    static const char *const cases[][2] = {
        { "", "" },
        { "b=2&a=1", "a=1&b=2" },
        { "a=2&a=1", "a=1&a=2" },
        { "a", "a=" },
        { "a&b=", "a=&b=" },
        { "&&a=1&", "a=1" },
        { "a=b=c", "a=b%3Dc" },
        { "a=%2f%7E%20", "a=%2F~%20" },
        { "a=%zz%", "a=%25zz%25" },
        { "A=1&a=0&-=3", "-=3&A=1&a=0" },
        { "\xe1\x88\xb4=1", "%E1%88%B4=1" },
    };

    (void) state;

    base(&req);
    req.headers = &host;
    req.nheaders = 1;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        req.query = cases[i][0];
        (void) snprintf(wanted, sizeof(wanted), "GET\n/\n%s\nhost:h\n",
                        cases[i][1]);
        assert_canonical(&req, wanted);
    }
}


static void
test_canonical_path(void **state)
{
    size_t               i;
    char                 wanted[256];
    drsw_sigv4_request_t req;
    drsw_aws_header_t    host = { "host", "h" };

    static const char *const cases[][2] = {
        { "", "/" },          { "/", "/" },         { "//", "/" },
        { "/./", "/" },       { "/a/..", "/" },     { "/../..", "/" },
        { "/a//b", "/a/b" },  { "/a/b/", "/a/b/" }, { "/a/./b", "/a/b" },
        { "/a b", "/a%20b" }, { "/%3A", "/%253A" }, { "/-._~", "/-._~" },
        { "/a:b", "/a%3Ab" },
    };

    (void) state;

    base(&req);
    req.headers = &host;
    req.nheaders = 1;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        req.path = cases[i][0];
        (void) snprintf(wanted, sizeof(wanted), "GET\n%s\n\nhost:h\n",
                        cases[i][1]);
        assert_canonical(&req, wanted);
    }

    req.keep_path = true;
    req.path = "/a//../b";
    assert_canonical(&req, "GET\n/a//../b\n\nhost:h\n");
}


/* a header must be signed: without any there is no host */

static void
test_no_headers(void **state)
{
    drsw_sigv4_t         sig;
    drsw_sigv4_request_t req;

    (void) state;

    base(&req);
    assert_int_equal(drsw_sigv4_sign(&req, &sig), DRS_ERROR);
    drsw_sigv4_free(&sig);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented_example),
        cmocka_unit_test(test_encoded_path_with_token),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_canonical_headers),
        cmocka_unit_test(test_canonical_query),
        cmocka_unit_test(test_canonical_path),
        cmocka_unit_test(test_no_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
