
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "aws_error.h"
#include "aws_xml.h"
#include "drs_time.h"
#include "drs_utf8.h"


typedef struct {
    const char *code;
    drsw_aws_class_e class;
} drsw_error_row_t;


static const drsw_error_row_t drsw_errors[] = {
    { "Throttling", DRSW_AWS_THROTTLE },
    { "ThrottlingException", DRSW_AWS_THROTTLE },
    { "ThrottledException", DRSW_AWS_THROTTLE },
    { "Throttled", DRSW_AWS_THROTTLE },
    { "KMSThrottling", DRSW_AWS_THROTTLE },
    { "RequestThrottledException", DRSW_AWS_THROTTLE },
    { "RequestThrottled", DRSW_AWS_THROTTLE },
    { "TooManyRequestsException", DRSW_AWS_THROTTLE },
    { "ProvisionedThroughputExceededException", DRSW_AWS_THROTTLE },
    { "TransactionInProgressException", DRSW_AWS_THROTTLE },
    { "RequestLimitExceeded", DRSW_AWS_THROTTLE },
    { "BandwidthLimitExceeded", DRSW_AWS_THROTTLE },
    { "LimitExceededException", DRSW_AWS_THROTTLE },
    { "SlowDown", DRSW_AWS_THROTTLE },
    { "PriorRequestNotComplete", DRSW_AWS_THROTTLE },
    { "EC2ThrottledException", DRSW_AWS_THROTTLE },

    { "RequestTimeout", DRSW_AWS_TRANSIENT },
    { "RequestTimeoutException", DRSW_AWS_TRANSIENT },
    { "RequestAbortedException", DRSW_AWS_TRANSIENT },
    { "InternalServerException", DRSW_AWS_TRANSIENT },
    { "InternalServerError", DRSW_AWS_TRANSIENT },
    { "InternalFailure", DRSW_AWS_TRANSIENT },
    { "InternalError", DRSW_AWS_TRANSIENT },
    { "ServiceException", DRSW_AWS_TRANSIENT },
    { "ServiceUnavailable", DRSW_AWS_TRANSIENT },
    { "ServiceUnavailableException", DRSW_AWS_TRANSIENT },
    { "Unavailable", DRSW_AWS_TRANSIENT },
    { "IDPCommunicationError", DRSW_AWS_TRANSIENT },

    { "ExpiredToken", DRSW_AWS_CREDENTIALS },
    { "ExpiredTokenException", DRSW_AWS_CREDENTIALS },
    { "RequestExpired", DRSW_AWS_CREDENTIALS },
    { "InvalidClientTokenId", DRSW_AWS_CREDENTIALS },
    { "UnrecognizedClientException", DRSW_AWS_CREDENTIALS },
    { "AuthFailure", DRSW_AWS_CREDENTIALS },
    { "InvalidAccessKeyId", DRSW_AWS_CREDENTIALS },
    { "MissingAuthenticationToken", DRSW_AWS_CREDENTIALS },
    { "MissingAuthenticationTokenException", DRSW_AWS_CREDENTIALS },

    { "SignatureDoesNotMatch", DRSW_AWS_CLOCK },
    { "InvalidSignatureException", DRSW_AWS_CLOCK },
    { "RequestTimeTooSkewed", DRSW_AWS_CLOCK },

    { "AccessDenied", DRSW_AWS_DENIED },
    { "AccessDeniedException", DRSW_AWS_DENIED },
    { "UnauthorizedOperation", DRSW_AWS_DENIED },
    { "NotAuthorized", DRSW_AWS_DENIED },
    { "AuthorizationError", DRSW_AWS_DENIED },
    { "OptInRequired", DRSW_AWS_DENIED },
    { "KMSAccessDenied", DRSW_AWS_DENIED },
    { "IDPRejectedClaim", DRSW_AWS_DENIED },
    { "InvalidIdentityToken", DRSW_AWS_DENIED },
    { "RegionDisabledException", DRSW_AWS_REGION_DISABLED },

    { "ConflictException", DRSW_AWS_CONFLICT },
    { "IdempotentParameterMismatch", DRSW_AWS_CONFLICT },
    { "EntityAlreadyExists", DRSW_AWS_CONFLICT },

    { "ServiceQuotaExceededException", DRSW_AWS_QUOTA },
    { "LimitExceeded", DRSW_AWS_QUOTA },

    { "ResourceNotFoundException", DRSW_AWS_NOT_FOUND },
    { "NoSuchEntity", DRSW_AWS_NOT_FOUND },
    { "NoSuchResourceException", DRSW_AWS_NOT_FOUND },
    { "NotFound", DRSW_AWS_NOT_FOUND },
    { "AccountNotFoundException", DRSW_AWS_NOT_FOUND },

    { "UninitializedAccountException", DRSW_AWS_UNINITIALIZED },

    { "ValidationException", DRSW_AWS_VALIDATION },
    { "ValidationError", DRSW_AWS_VALIDATION },
    { "MalformedHttpRequestException", DRSW_AWS_VALIDATION },
    { "UnknownOperationException", DRSW_AWS_VALIDATION },
    { "IncompleteSignature", DRSW_AWS_VALIDATION }
};


static bool
drsw_ends_with(const char *s, const char *suffix)
{
    size_t len, n;

    len = strlen(s);
    n = strlen(suffix);

    return len > n && strcmp(s + len - n, suffix) == 0;
}


drsw_aws_class_e
drsw_error_class(const char *code, int status, bool retry_after)
{
    size_t i;

    for (i = 0; i < sizeof(drsw_errors) / sizeof(drsw_errors[0]); i++) {
        if (strcmp(drsw_errors[i].code, code) == 0) {
            return drsw_errors[i].class;
        }
    }

    if (drsw_ends_with(code, ".NotFound")
        || drsw_ends_with(code, ".VersionNotFound"))
    {
        return DRSW_AWS_NOT_FOUND;
    }

    if (drsw_ends_with(code, "LimitExceeded")) {
        return DRSW_AWS_QUOTA;
    }

    if (strncmp(code, "AccessDenied", 12) == 0) {
        return DRSW_AWS_DENIED;
    }

    switch (status) {
    case 401:
    case 403:
        return DRSW_AWS_DENIED;

    case 402:
        return DRSW_AWS_QUOTA;

    case 404:
        return DRSW_AWS_NOT_FOUND;

    case 408:
        return DRSW_AWS_TRANSIENT;

    case 409:
        return DRSW_AWS_CONFLICT;

    case 429:
        return DRSW_AWS_THROTTLE;

    case 503:
        return retry_after ? DRSW_AWS_THROTTLE : DRSW_AWS_TRANSIENT;

    default:
        break;
    }

    if (status >= 500) {
        return DRSW_AWS_TRANSIENT;
    }

    return status >= 400 ? DRSW_AWS_VALIDATION : DRSW_AWS_PROTOCOL;
}


static void
drsw_copy(char *dst, size_t size, const char *src)
{
    (void) snprintf(dst, size, "%s", src != NULL ? src : "");
}


/*
 * Makes a message fit for one line of a log: cut at the first line break
 * (what AWS says about a bad signature goes on with the canonical request,
 * session token included) and valid UTF-8 also where a text was cut.
 */

static void
drsw_error_clean(char *message)
{
    const unsigned char *p, *end, *at;

    message[strcspn(message, "\r\n")] = '\0';

    p = (const unsigned char *) message;
    end = p + strlen(message);

    while (p < end) {
        at = p;

        if (drs_utf8_next(&p, end) < ' ') {
            message[at - (const unsigned char *) message] = '?';
        }
    }
}


/* "ns#Name:http://..." -> "Name" */

static void
drsw_error_name(char *dst, size_t size, const char *src)
{
    size_t      len;
    const char *hash;

    len = strcspn(src, ":");
    hash = memchr(src, '#', len);

    if (hash != NULL) {
        len -= (size_t) (hash + 1 - src);
        src = hash + 1;
    }

    (void) snprintf(dst, size, "%.*s", (int) (len < size ? len : size - 1),
                    src);
}


static void
drsw_error_json(const drsw_http_response_t *resp, drsw_aws_result_t *res)
{
    json_t     *root;
    const char *s;

    if (resp->error_type[0] != '\0') {
        drsw_error_name(res->code, sizeof(res->code), resp->error_type);
    }

    root = resp->body.len > 0
               ? json_loadb(resp->body.data, resp->body.len, 0, NULL)
               : NULL;

    if (!json_is_object(root)) {
        json_decref(root);
        return;
    }

    if (res->code[0] == '\0') {
        s = json_string_value(json_object_get(root, "__type"));
        if (s == NULL) {
            s = json_string_value(json_object_get(root, "code"));
        }

        if (s != NULL) {
            drsw_error_name(res->code, sizeof(res->code), s);
        }
    }

    s = json_string_value(json_object_get(root, "message"));
    if (s == NULL) {
        s = json_string_value(json_object_get(root, "Message"));
    }

    drsw_copy(res->message, sizeof(res->message), s);
    drsw_copy(res->resource_id, sizeof(res->resource_id),
              json_string_value(json_object_get(root, "resourceId")));

    json_decref(root);
}


static void
drsw_error_xml(const drsw_http_response_t *resp, drsw_aws_result_t *res)
{
    drsw_xml_t       *root;
    const char       *id;
    const drsw_xml_t *error;

    root = resp->body.len > 0 ? drsw_xml_parse(resp->body.data, resp->body.len)
                              : NULL;
    if (root == NULL) {
        return;
    }

    error = drsw_xml_child(drsw_xml_child(root, "Errors"), "Error");
    if (error == NULL) {
        error = drsw_xml_child(root, "Error");
    }

    drsw_copy(res->code, sizeof(res->code),
              drsw_xml_text(drsw_xml_child(error, "Code")));
    drsw_copy(res->message, sizeof(res->message),
              drsw_xml_text(drsw_xml_child(error, "Message")));

    id = drsw_xml_text(drsw_xml_child(root, "RequestID"));
    if (id == NULL) {
        id = drsw_xml_text(drsw_xml_child(root, "RequestId"));
    }

    if (id != NULL) {
        drsw_copy(res->request_id, sizeof(res->request_id), id);
    }

    drsw_xml_free(root);
}


/* What a proxy or load balancer wrote: its first bytes, made printable. */

static void
drsw_error_foreign(const drsw_http_response_t *resp, drsw_aws_result_t *res)
{
    int    n;
    size_t i, len;

    n = snprintf(res->message, sizeof(res->message), "HTTP %d: ", resp->status);
    len = resp->body.len < 160 ? resp->body.len : 160;

    for (i = 0; i < len; i++) {
        res->message[n++] =
            resp->body.data[i] >= ' ' && resp->body.data[i] < 0x7f
                ? resp->body.data[i]
                : ' ';
    }

    res->message[n] = '\0';
}


int64_t
drsw_retry_after_ms(const drsw_http_response_t *resp)
{
    char  *end;
    double v;

    if (resp->amz_retry_after[0] != '\0') {
        v = strtod(resp->amz_retry_after, &end);
        if (end != resp->amz_retry_after && *end == '\0' && v >= 0
            && v <= 3600000) {
            return (int64_t) v;
        }
    }

    if (resp->retry_after[0] == '\0') {
        return -1;
    }

    v = strtod(resp->retry_after, &end);

    if (end == resp->retry_after || *end != '\0' || !(v >= 0 && v <= 3600)) {
        return -1;
    }

    return (int64_t) (v * 1000);
}


int64_t
drsw_http_date_s(const char *date)
{
    int         day, year, hour, min, sec, month;
    char        mon[4];
    const char *p;

    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    if (sscanf(date, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, mon, &year,
               &hour, &min, &sec)
        != 6)
    {
        return -1;
    }

    p = strstr(months, mon);
    if (p == NULL || strlen(mon) != 3 || (p - months) % 3 != 0) {
        return -1;
    }

    month = (int) ((p - months) / 3) + 1;

    if (year < 1970 || day < 1 || day > 31 || hour < 0 || hour > 23 || min < 0
        || min > 59 || sec < 0 || sec > 60)
    {
        return -1;
    }

    return drs_time_days(year, month, day) * 86400 + hour * 3600 + min * 60
           + sec;
}


void
drsw_error_parse(drsw_proto_e proto, const drsw_http_response_t *resp,
                 drsw_aws_result_t *res)
{
    res->http_status = resp->status;
    res->code[0] = '\0';
    res->message[0] = '\0';
    res->resource_id[0] = '\0';
    drsw_copy(res->request_id, sizeof(res->request_id), resp->request_id);
    res->retry_after_ms = drsw_retry_after_ms(resp);

    if (proto == DRSW_PROTO_REST_JSON || proto == DRSW_PROTO_JSON) {
        drsw_error_json(resp, res);

    } else {
        drsw_error_xml(resp, res);
    }

    drsw_error_clean(res->code); /* may leave nothing */

    if (res->code[0] == '\0') {
        (void) snprintf(res->code, sizeof(res->code), "Http%d", resp->status);

        if (res->message[0] == '\0') {
            drsw_error_foreign(resp, res);
        }
    }

    drsw_error_clean(res->message);
    drsw_error_clean(res->request_id);
    drsw_error_clean(res->resource_id);

    res->class =
        drsw_error_class(res->code, resp->status, res->retry_after_ms >= 0);
}


drsw_aws_class_e
drsw_error_local(drsw_aws_result_t *res, drsw_aws_class_e class,
                 const char *code, const char *fmt, ...)
{
    va_list args;

    res->class = class;
    drsw_copy(res->code, sizeof(res->code), code);

    va_start(args, fmt);
    (void) vsnprintf(res->message, sizeof(res->message), fmt, args);
    va_end(args);

    drsw_error_clean(res->message);

    return class;
}
