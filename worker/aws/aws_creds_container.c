
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials from a container agent: ECS and EKS Pod Identity.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws_creds_local.h"
#include "aws_endpoint.h"


#define DRSW_CONTAINER_MS       2000
#define DRSW_CONTAINER_ATTEMPTS 3
#define DRSW_CONTAINER_PAUSE_MS 1000
#define DRSW_TOKEN_MAX          16384


/* https, or a host that cannot be reached from elsewhere. */

static bool
drsw_container_allowed(const char *url)
{
    size_t      len, i;
    drs_buf_t   host;
    const char *path, *end;
    bool        ok;

    static const char *const hosts[] = { "localhost", "[::1]", "169.254.170.2",
                                         "169.254.170.23", "[fd00:ec2::23]" };

    drs_buf_init(&host, 0);

    if (drsw_endpoint_split(url, &host, &path) != DRS_OK) {
        drs_buf_free(&host);
        return false;
    }

    ok = strncasecmp(url, "https://", 8) == 0;

    /* the name without its port */
    end = host.data[0] == '[' ? strchr(host.data, ']') : NULL;
    len =
        end != NULL ? (size_t) (end + 1 - host.data) : strcspn(host.data, ":");

    if (host.data[len] != '\0' && host.data[len] != ':') {
        len = 0;
    }

    for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]) && !ok; i++) {
        ok = strlen(hosts[i]) == len
             && strncasecmp(host.data, hosts[i], len) == 0;
    }

    /* 127.0.0.0/8 as a dotted address, not a name that begins so */
    if (!ok && len > 4 && strncmp(host.data, "127.", 4) == 0
        && strspn(host.data, "0123456789.") == len)
    {
        ok = true;
    }

    drs_buf_free(&host);

    return ok;
}


/* The Authorization value, malloc'ed; NULL and no failure: none configured. */

static drsw_creds_rc_e
drsw_container_token(drsw_creds_fetch_t *f, char **token)
{
    char        err[256];
    const char *file, *value;

    *token = NULL;

    file = drsw_env(f->aws->sh, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    value = drsw_env(f->aws->sh, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

    if (file != NULL) {
        *token = drsw_read_file(file, DRSW_TOKEN_MAX, err, sizeof(err));

        if (*token == NULL) {
            (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                    "LocalCredentials",
                                    "container "
                                    "authorization token: %s",
                                    err);
            return DRSW_CREDS_FAILED;
        }

    } else if (value != NULL) {
        *token = strdup(value);
    }

    if (*token != NULL && strpbrk(*token, "\r\n") != NULL) {
        free(*token);
        *token = NULL;
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "the container "
                                "authorization token has a line break");
        return DRSW_CREDS_FAILED;
    }

    return DRSW_CREDS_FOUND;
}


drsw_creds_rc_e
drsw_creds_container(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    int                  try, rc, status;
    char                *token, url[2048];
    const char          *relative, *full;
    drsw_creds_rc_e      result;
    drsw_aws_header_t    header;
    drsw_http_response_t resp;

    relative = drsw_env(f->aws->sh, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    full = drsw_env(f->aws->sh, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

    if (relative == NULL && full == NULL) {
        return DRSW_CREDS_NONE;
    }

    rc = relative != NULL
             ? snprintf(url, sizeof(url), "http://169.254.170.2%s%s",
                        relative[0] == '/' ? "" : "/", relative)
             : snprintf(url, sizeof(url), "%s", full);

    if (rc < 0 || (size_t) rc >= sizeof(url)
        || (relative == NULL && !drsw_container_allowed(url)))
    {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be "
                                "https, loopback or a container host");
        return DRSW_CREDS_FAILED;
    }

    if (drsw_container_token(f, &token) != DRSW_CREDS_FOUND) {
        return DRSW_CREDS_FAILED;
    }

    header.name = "authorization";
    header.value = token;
    result = DRSW_CREDS_FAILED;

    for (try = 1;; try++) {
        rc = drsw_local_get(f, "GET", url, &header, DRSW_CONTAINER_MS, &resp);
        status = resp.status;

        if (rc == DRS_OK && status == 200
            && drsw_local_document(f, &resp, "container", out) == 0)
        {
            result = DRSW_CREDS_FOUND;
        }

        if (result != DRSW_CREDS_FOUND) {
            (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                    "LocalCredentials",
                                    "container credentials: %s (HTTP %d)",
                                    rc == DRS_OK ? "no credentials in the "
                                                   "answer"
                                                 : resp.error,
                                    status);
        }

        drsw_http_response_free(&resp);

        /* what the agent refused it refuses again */
        if (result == DRSW_CREDS_FOUND || try == DRSW_CONTAINER_ATTEMPTS
            || (rc == DRS_OK && status >= 400 && status < 500)
            || drsw_sleep(f->aws->sh, DRSW_CONTAINER_PAUSE_MS) != 0)
        {
            break;
        }
    }

    if (token != NULL) {
        drs_memzero(token, strlen(token));
        free(token);
    }

    return result;
}
