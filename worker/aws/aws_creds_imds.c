
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials from the EC2 instance metadata service, version 2 first.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws_creds_local.h"


#define DRSW_IMDS_MS 1000


static const char *
drsw_imds_base(drsw_aws_shared_t *sh, char *dst, size_t size)
{
    size_t      len;
    const char *url, *mode;

    url = drsw_env(sh, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    mode = drsw_env(sh, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

    if (url == NULL) {
        url = mode != NULL && strcasecmp(mode, "ipv6") == 0
                  ? "http://[fd00:ec2::254]"
                  : "http://169.254.169.254";
    }

    len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }

    (void) snprintf(dst, size, "%.*s", (int) len, url);

    return dst;
}


static int64_t
drsw_imds_setting(drsw_aws_shared_t *sh, const char *name, int64_t least,
                  int64_t most, int64_t value)
{
    int64_t     n;
    const char *s;

    s = drsw_env(sh, name);

    if (s != NULL && drs_str_i64(drs_str(s), &n) == DRS_OK && n >= least
        && n <= most)
    {
        return n;
    }

    return value;
}


/* The session token of version 2.  FOUND with an empty one: version 1. */

static drsw_creds_rc_e
drsw_imds_token(drsw_creds_fetch_t *f, const char *base, int64_t timeout_ms,
                char *token, size_t size)
{
    int                  rc;
    char                 url[512];
    drs_str_t            text;
    drsw_creds_rc_e      result;
    drsw_aws_header_t    header;
    drsw_http_response_t resp;

    (void) snprintf(url, sizeof(url), "%s/latest/api/token", base);

    header.name = "x-aws-ec2-metadata-token-ttl-seconds";
    header.value = "21600";
    token[0] = '\0';

    rc = drsw_local_get(f, "PUT", url, &header, timeout_ms, &resp);
    text = drs_str_trim(drs_buf_str(&resp.body));

    if (rc == DRS_OK && resp.status == 200 && text.len > 0 && text.len < size) {
        memcpy(token, text.data, text.len);
        token[text.len] = '\0';
        result = strpbrk(token, "\r\n") == NULL ? DRSW_CREDS_FOUND
                                                : DRSW_CREDS_FAILED;

    } else if (rc == DRS_OK && resp.status == 400) {
        result = DRSW_CREDS_FAILED;

    } else if (rc != DRS_OK && !resp.timed_out) {
        result = DRSW_CREDS_NONE; /* nobody there */

    } else {
        result = drsw_env_true(f->aws->sh, "AWS_EC2_METADATA_V1_DISABLED")
                     ? DRSW_CREDS_NONE
                     : DRSW_CREDS_FOUND;
    }

    if (result == DRSW_CREDS_FAILED) {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "the instance metadata "
                                "service refused a token (HTTP %d)",
                                resp.status);
    }

    drsw_http_response_free(&resp);

    return result;
}


/* GET with the token; DRS_OK only for a 200. */

static int
drsw_imds_get(drsw_creds_fetch_t *f, const char *base, const char *role,
              const char *token, int64_t timeout_ms, drsw_http_response_t *resp)
{
    char              url[1024];
    drsw_aws_header_t header;

    (void) snprintf(url, sizeof(url),
                    "%s/latest/meta-data/iam/security-credentials/%s", base,
                    role);

    header.name = "x-aws-ec2-metadata-token";
    header.value = token[0] != '\0' ? token : NULL;

    if (drsw_local_get(f, "GET", url, &header, timeout_ms, resp) != DRS_OK) {
        return DRS_ERROR;
    }

    return resp->status == 200 ? DRS_OK : DRS_DECLINED;
}


static drsw_creds_rc_e
drsw_imds_once(drsw_creds_fetch_t *f, const char *base, int64_t timeout_ms,
               drsw_creds_t *out)
{
    int                  rc;
    char                 token[1024], role[256];
    drs_str_t            text, line;
    drsw_creds_rc_e      result;
    drsw_http_response_t resp;

    result = drsw_imds_token(f, base, timeout_ms, token, sizeof(token));
    if (result != DRSW_CREDS_FOUND) {
        return result;
    }

    rc = drsw_imds_get(f, base, "", token, timeout_ms, &resp);
    text = drs_buf_str(&resp.body);
    role[0] = '\0';

    if (rc == DRS_OK && drs_str_split(&text, '\n', &line)) {
        line = drs_str_trim(line);

        if (line.len < sizeof(role)) {
            memcpy(role, line.data, line.len);
            role[line.len] = '\0';
        }
    }

    drsw_http_response_free(&resp);

    if (role[0] == '\0'
        || strspn(role, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789+=,.@_-")
               != strlen(role))
    {
        return DRSW_CREDS_NONE; /* no role bound to the instance */
    }

    rc = drsw_imds_get(f, base, role, token, timeout_ms, &resp);

    if (rc == DRS_OK
        && drsw_local_document(f, &resp, "instance metadata", out) == 0)
    {
        result = DRSW_CREDS_FOUND;

    } else {
        result = DRSW_CREDS_FAILED;
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "instance metadata: no "
                                "credentials for role \"%.100s\" (HTTP %d)",
                                role, resp.status);
    }

    drsw_http_response_free(&resp);

    return result;
}


drsw_creds_rc_e
drsw_creds_imds(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    char            base[256];
    int64_t         timeout_ms, attempts;
    drsw_creds_rc_e rc;

    if (drsw_env_true(f->aws->sh, "AWS_EC2_METADATA_DISABLED")) {
        return DRSW_CREDS_NONE;
    }

    (void) drsw_imds_base(f->aws->sh, base, sizeof(base));

    timeout_ms = 1000
                 * drsw_imds_setting(f->aws->sh, "AWS_METADATA_SERVICE_TIMEOUT",
                                     1, 60, DRSW_IMDS_MS / 1000);
    attempts = drsw_imds_setting(f->aws->sh,
                                 "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1, 10, 1);

    do {
        rc = drsw_imds_once(f, base, timeout_ms, out);
    } while (rc != DRSW_CREDS_FOUND && --attempts > 0
             && drsw_aws_mono_ms() < f->deadline_ms);

    return rc;
}
