
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials from the environment.
 */

#include <stddef.h>

#include "aws_int.h"
#include "drs_time.h"


drsw_creds_rc_e
drsw_creds_env(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    int64_t            expires;
    const char        *key, *secret, *token, *expiration;
    drsw_aws_shared_t *sh;

    sh = f->aws->sh;

    if (sh->profile_given) {
        return DRSW_CREDS_NONE;
    }

    key = drsw_env(sh, "AWS_ACCESS_KEY_ID");
    secret = drsw_env(sh, "AWS_SECRET_ACCESS_KEY");

    if (key == NULL && secret == NULL) {
        return DRSW_CREDS_NONE;
    }

    if (key == NULL || secret == NULL) {
        (void) drsw_error_local(
            f->res, DRSW_AWS_CREDENTIALS, "LocalCredentials",
            "%s is set and %s is not",
            key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
            key != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return DRSW_CREDS_FAILED;
    }

    token = drsw_env(sh, "AWS_SESSION_TOKEN");
    if (token == NULL) {
        token = drsw_env(sh, "AWS_SECURITY_TOKEN");
    }

    expires = 0;
    expiration = drsw_env(sh, "AWS_CREDENTIAL_EXPIRATION");

    if (expiration != NULL
        && drs_time_parse_s(drs_str(expiration), &expires) != DRS_OK)
    {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "AWS_CREDENTIAL_EXPIRATION "
                                "is not an ISO 8601 time");
        return DRSW_CREDS_FAILED;
    }

    if (expires != 0 && expires <= drsw_aws_now_ms(sh) / 1000) {
        (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS,
                                "LocalCredentials",
                                "the credentials of the "
                                "environment expired at %s",
                                expiration);
        return DRSW_CREDS_FAILED;
    }

    if (drsw_creds_set(out, key, secret, token, "environment") != 0) {
        (void) drsw_error_local(f->res, DRSW_AWS_LOCAL, "LocalMemory",
                                "out of memory");
        return DRSW_CREDS_FAILED;
    }

    out->expires_at_s = expires;

    return DRSW_CREDS_FOUND;
}
