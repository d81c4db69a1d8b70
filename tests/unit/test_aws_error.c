
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

#include "aws_error.h"
#include "aws_retry.h"


static void
answer(drsw_http_response_t *resp, int status, const char *type,
       const char *body)
{
    memset(resp, 0, sizeof(drsw_http_response_t));
    drs_buf_init(&resp->body, 0);
    resp->sent = DRSW_AWS_ANSWERED;
    resp->status = status;
    (void) snprintf(resp->error_type, sizeof(resp->error_type), "%s", type);
    assert_int_equal(drs_buf_puts(&resp->body, body), DRS_OK);
}


static void
parse(drsw_proto_e proto, int status, const char *type, const char *body,
      drsw_aws_result_t *res)
{
    drsw_http_response_t resp;

    memset(res, 0, sizeof(drsw_aws_result_t));
    answer(&resp, status, type, body);
    drsw_error_parse(proto, &resp, res);
    drsw_http_response_free(&resp);
}


static void
test_json_codes(void **state)
{
    drsw_aws_result_t res;

    (void) state;

    parse(DRSW_PROTO_REST_JSON, 409, "ConflictException:http://x/",
          "{\"message\":\"busy\",\"code\":\"other\",\"resourceId\":\"s-1\"}",
          &res);
    assert_string_equal(res.code, "ConflictException");
    assert_string_equal(res.message, "busy");
    assert_string_equal(res.resource_id, "s-1");
    assert_int_equal(res.class, DRSW_AWS_CONFLICT);

    parse(DRSW_PROTO_REST_JSON, 400, "com.amazon#ValidationException", "{}",
          &res);
    assert_string_equal(res.code, "ValidationException");
    assert_int_equal(res.class, DRSW_AWS_VALIDATION);

    parse(DRSW_PROTO_JSON, 400, "",
          "{\"__type\":\"a.b#"
          "NoSuchResourceException\",\"Message\":\"m\"}",
          &res);
    assert_string_equal(res.code, "NoSuchResourceException");
    assert_string_equal(res.message, "m");
    assert_int_equal(res.class, DRSW_AWS_NOT_FOUND);

    parse(DRSW_PROTO_REST_JSON, 429, "", "{\"code\":\"ThrottlingException\"}",
          &res);
    assert_int_equal(res.class, DRSW_AWS_THROTTLE);
}


static void
test_xml_codes(void **state)
{
    drsw_aws_result_t res;

    (void) state;

    parse(DRSW_PROTO_EC2, 400, "",
          "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>"
          "<Message>The instance ID 'i-1' does not exist</Message></Error>"
          "</Errors><RequestID>r-1</RequestID></Response>",
          &res);
    assert_string_equal(res.code, "InvalidInstanceID.NotFound");
    assert_string_equal(res.request_id, "r-1");
    assert_int_equal(res.class, DRSW_AWS_NOT_FOUND);

    parse(DRSW_PROTO_QUERY, 403, "",
          "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type>"
          "<Code>AccessDenied</Code><Message>no &amp; no</Message></Error>"
          "<RequestId>r-2</RequestId></ErrorResponse>",
          &res);
    assert_string_equal(res.message, "no & no");
    assert_string_equal(res.request_id, "r-2");
    assert_int_equal(res.class, DRSW_AWS_DENIED);
}


static void
test_foreign_answers(void **state)
{
    drsw_aws_result_t res;

    (void) state;

    parse(DRSW_PROTO_REST_JSON, 502, "", "<html>\nbad gateway</html>", &res);
    assert_string_equal(res.code, "Http502");
    assert_string_equal(res.message, "HTTP 502: <html> bad gateway</html>");
    assert_int_equal(res.class, DRSW_AWS_TRANSIENT);

    parse(DRSW_PROTO_EC2, 403, "", "not xml", &res);
    assert_string_equal(res.code, "Http403");
    assert_int_equal(res.class, DRSW_AWS_DENIED);

    parse(DRSW_PROTO_EC2, 500, "", "", &res);
    assert_int_equal(res.class, DRSW_AWS_TRANSIENT);

    /* a code that begins with a line break is none */
    parse(DRSW_PROTO_REST_JSON, 408, "\rx", "", &res);
    assert_string_equal(res.code, "Http408");
    assert_int_equal(res.class, DRSW_AWS_TRANSIENT);

    parse(DRSW_PROTO_EC2, 403, "",
          "<Response><Errors><Error><Code>\nX</Code></Error></Errors>"
          "</Response>",
          &res);
    assert_string_equal(res.code, "Http403");
}


/* AWS repeats the canonical request, session token included */

static void
test_messages_hold_no_signature_input(void **state)
{
    size_t            i;
    char              body[1200];
    drsw_aws_result_t res;

    (void) state;

    parse(DRSW_PROTO_REST_JSON, 403, "InvalidSignatureException",
          "{\"message\":\"The signature does not match.\\n\\nThe Canonical "
          "String was\\nx-amz-security-token:SECRET\"}",
          &res);
    assert_string_equal(res.message, "The signature does not match.");

    parse(DRSW_PROTO_QUERY, 403, "",
          "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>"
          "No.&#13;&#10;SECRET</Message></Error></ErrorResponse>",
          &res);
    assert_string_equal(res.message, "No.");

    /* a long text is cut, but not inside a character */
    strcpy(body, "{\"message\":\"x");
    for (i = 0; i < 300; i++) {
        strcat(body, "\xc3\xa9");
    }
    strcat(body, "\"}");
    parse(DRSW_PROTO_REST_JSON, 400, "ValidationException", body, &res);
    assert_int_equal(strlen(res.message), 511);
    assert_memory_equal(res.message + 507, "\xc3\xa9\xc3\xa9", 4);

    strcpy(body, "{\"message\":\"");
    for (i = 0; i < 300; i++) {
        strcat(body, "\xc3\xa9");
    }
    strcat(body, "\"}");
    parse(DRSW_PROTO_REST_JSON, 400, "ValidationException", body, &res);
    assert_int_equal(res.message[510], '?');

    (void) drsw_error_local(&res, DRSW_AWS_LOCAL, "LocalX", "a\xff\x01z");
    assert_string_equal(res.message, "a??z");
}


static void
test_classes(void **state)
{
    size_t i;

    static const struct {
        const char *code;
        int         status;
        drsw_aws_class_e class;
    } rows[] = {
        { "RequestLimitExceeded", 503, DRSW_AWS_THROTTLE },
        { "TooManyRequestsException", 400, DRSW_AWS_THROTTLE },
        { "Anything", 429, DRSW_AWS_THROTTLE },
        { "InternalServerException", 500, DRSW_AWS_TRANSIENT },
        { "Anything", 504, DRSW_AWS_TRANSIENT },
        { "Anything", 408, DRSW_AWS_TRANSIENT },
        { "ExpiredTokenException", 403, DRSW_AWS_CREDENTIALS },
        { "ExpiredToken", 400, DRSW_AWS_CREDENTIALS },
        { "UnrecognizedClientException", 403, DRSW_AWS_CREDENTIALS },
        { "InvalidSignatureException", 403, DRSW_AWS_CLOCK },
        { "AccessDeniedException", 403, DRSW_AWS_DENIED },
        { "AccessDeniedBySomething", 400, DRSW_AWS_DENIED },
        { "UnauthorizedOperation", 403, DRSW_AWS_DENIED },
        { "OptInRequired", 403, DRSW_AWS_DENIED },
        { "RegionDisabledException", 403, DRSW_AWS_REGION_DISABLED },
        { "ServiceQuotaExceededException", 402, DRSW_AWS_QUOTA },
        { "InstanceLimitExceeded", 400, DRSW_AWS_QUOTA },
        { "InvalidLaunchTemplateId.VersionNotFound", 400, DRSW_AWS_NOT_FOUND },
        { "NoSuchEntity", 404, DRSW_AWS_NOT_FOUND },
        { "UninitializedAccountException", 400, DRSW_AWS_UNINITIALIZED },
        { "InvalidParameterValue", 400, DRSW_AWS_VALIDATION },
        { "Anything", 418, DRSW_AWS_VALIDATION },
        { "Anything", 301, DRSW_AWS_PROTOCOL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(drsw_error_class(rows[i].code, rows[i].status, false),
                         rows[i].class);
    }

    assert_int_equal(drsw_error_class("Anything", 503, true),
                     DRSW_AWS_THROTTLE);
    assert_int_equal(drsw_error_class("Anything", 503, false),
                     DRSW_AWS_TRANSIENT);
}


static void
test_retry_after_and_date(void **state)
{
    drsw_http_response_t resp;

    (void) state;

    memset(&resp, 0, sizeof(resp));
    assert_int_equal(drsw_retry_after_ms(&resp), -1);
    strcpy(resp.retry_after, "3");
    assert_int_equal(drsw_retry_after_ms(&resp), 3000);
    strcpy(resp.amz_retry_after, "250");
    assert_int_equal(drsw_retry_after_ms(&resp), 250);
    resp.amz_retry_after[0] = '\0';
    strcpy(resp.retry_after, "-1");
    assert_int_equal(drsw_retry_after_ms(&resp), -1);
    strcpy(resp.retry_after, "99999");
    assert_int_equal(drsw_retry_after_ms(&resp), -1);
    strcpy(resp.retry_after, "nan");
    assert_int_equal(drsw_retry_after_ms(&resp), -1);

    assert_int_equal(drsw_http_date_s("Sun, 30 Aug 2015 12:36:00 GMT"),
                     1440938160);
    assert_int_equal(drsw_http_date_s("Sun, 30 Agu 2015 12:36:00 GMT"), -1);
    assert_int_equal(drsw_http_date_s("2015-08-30"), -1);
    assert_int_equal(drsw_http_date_s(""), -1);
}


static int64_t
delay(drsw_op_kind_e kind, drsw_aws_class_e class, int attempt, double random)
{
    drsw_retry_t      r = { kind, attempt, 0, false };
    drsw_aws_result_t res;

    memset(&res, 0, sizeof(res));
    res.class = class;
    res.sent = DRSW_AWS_ANSWERED;
    res.retry_after_ms = -1;

    return drsw_retry_delay(&r, &res, random);
}


/* engine.md 7.5 */

static void
test_retry_table(void **state)
{
    size_t i;

    static const drsw_aws_class_e never[] = {
        DRSW_AWS_AMBIGUOUS,     DRSW_AWS_DENIED,          DRSW_AWS_CONFLICT,
        DRSW_AWS_QUOTA,         DRSW_AWS_VALIDATION,      DRSW_AWS_NOT_FOUND,
        DRSW_AWS_UNINITIALIZED, DRSW_AWS_REGION_DISABLED, DRSW_AWS_PROTOCOL,
        DRSW_AWS_ACCOUNT,       DRSW_AWS_STOPPED,         DRSW_AWS_LOCAL
    };

    (void) state;

    for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        assert_int_equal(delay(DRSW_OP_READ, never[i], 1, 0.5), DRSW_RETRY_NO);
    }

    /* throttling: 1 s doubling to 60 s, full jitter; 8 attempts of a read,
     * any number of a write */
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_THROTTLE, 1, 0.5), 500);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_THROTTLE, 4, 0.5), 4000);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_THROTTLE, 7, 0.5), 30000);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_THROTTLE, 1, 0), 0);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_THROTTLE, 8, 0.5),
                     DRSW_RETRY_NO);
    assert_int_equal(delay(DRSW_OP_WRITE, DRSW_AWS_THROTTLE, 1000, 0.5), 30000);

    /* transient: 0.5 s doubling to 20 s; 5 attempts */
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_TRANSIENT, 1, 0.5), 250);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_TRANSIENT, 4, 0.5), 2000);
    assert_int_equal(delay(DRSW_OP_READ, DRSW_AWS_TRANSIENT, 5, 0.5),
                     DRSW_RETRY_NO);
    assert_int_equal(delay(DRSW_OP_WRITE, DRSW_AWS_TRANSIENT, 1, 0.5), 250);
    assert_int_equal(delay(DRSW_OP_UNSAFE, DRSW_AWS_TRANSIENT, 1, 0.5),
                     DRSW_RETRY_NO);
}


static void
test_retry_conditions(void **state)
{
    drsw_retry_t      r = { DRSW_OP_READ, 1, 0, false };
    drsw_aws_result_t res;

    (void) state;

    memset(&res, 0, sizeof(res));
    res.class = DRSW_AWS_THROTTLE;
    res.sent = DRSW_AWS_ANSWERED;
    res.retry_after_ms = 7000;
    assert_int_equal(drsw_retry_delay(&r, &res, 0.1), 7000);

    r.max_attempts = 1;
    assert_int_equal(drsw_retry_delay(&r, &res, 0.1), DRSW_RETRY_NO);
    r.max_attempts = 0;

    res.class = DRSW_AWS_CREDENTIALS;
    assert_int_equal(drsw_retry_delay(&r, &res, 0.1), 0);
    r.renewed = true;
    assert_int_equal(drsw_retry_delay(&r, &res, 0.1), DRSW_RETRY_NO);

    /* nothing left the process: even an unsafe call may be tried again */
    r.kind = DRSW_OP_UNSAFE;
    res.class = DRSW_AWS_TRANSIENT;
    res.sent = DRSW_AWS_NOT_SENT;
    res.retry_after_ms = -1;
    assert_int_equal(drsw_retry_delay(&r, &res, 0.5), 250);
}


static drsw_aws_class_e
doubt(drsw_op_kind_e kind, drsw_aws_sent_e sent, int status, const char *code,
      drsw_aws_class_e class)
{
    drsw_aws_result_t res;

    memset(&res, 0, sizeof(res));
    res.class = class;
    res.sent = sent;
    res.http_status = status;
    (void) snprintf(res.code, sizeof(res.code), "%s", code);

    return drsw_retry_doubt(kind, &res);
}


static void
test_doubt(void **state)
{
    (void) state;

    assert_int_equal(
        doubt(DRSW_OP_READ, DRSW_AWS_SENT, 0, "", DRSW_AWS_TRANSIENT),
        DRSW_AWS_TRANSIENT);
    assert_int_equal(
        doubt(DRSW_OP_UNSAFE, DRSW_AWS_NOT_SENT, 0, "", DRSW_AWS_TRANSIENT),
        DRSW_AWS_TRANSIENT);
    assert_int_equal(
        doubt(DRSW_OP_UNSAFE, DRSW_AWS_SENT, 0, "", DRSW_AWS_TRANSIENT),
        DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 503, "SlowDown",
                           DRSW_AWS_THROTTLE),
                     DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 400,
                           "RequestTimeout", DRSW_AWS_TRANSIENT),
                     DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 408, "Http408",
                           DRSW_AWS_TRANSIENT),
                     DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 302, "Http302",
                           DRSW_AWS_PROTOCOL),
                     DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 202,
                           "LocalAnswer", DRSW_AWS_PROTOCOL),
                     DRSW_AWS_AMBIGUOUS);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 429,
                           "ThrottlingException", DRSW_AWS_THROTTLE),
                     DRSW_AWS_THROTTLE);
    assert_int_equal(doubt(DRSW_OP_UNSAFE, DRSW_AWS_ANSWERED, 409,
                           "ConflictException", DRSW_AWS_CONFLICT),
                     DRSW_AWS_CONFLICT);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_codes),
        cmocka_unit_test(test_xml_codes),
        cmocka_unit_test(test_foreign_answers),
        cmocka_unit_test(test_messages_hold_no_signature_input),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_retry_after_and_date),
        cmocka_unit_test(test_retry_table),
        cmocka_unit_test(test_retry_conditions),
        cmocka_unit_test(test_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
