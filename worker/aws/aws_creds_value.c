
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * One set of credentials: copied, freed, read from JSON.
 */

#include <stdlib.h>
#include <string.h>

#include "aws_int.h"
#include "drs_time.h"


int
drsw_creds_set(drsw_creds_t *out, const char *access_key,
               const char *secret_key, const char *token, const char *source)
{
    memset(out, 0, sizeof(drsw_creds_t));

    out->access_key = strdup(access_key);
    out->secret_key = strdup(secret_key);
    out->token = token != NULL && *token != '\0' ? strdup(token) : NULL;
    out->source = source;

    if (out->access_key == NULL || out->secret_key == NULL
        || (token != NULL && *token != '\0' && out->token == NULL))
    {
        drsw_creds_free(out);
        return -1;
    }

    return 0;
}


int
drsw_creds_copy(drsw_creds_t *out, const drsw_creds_t *from)
{
    if (drsw_creds_set(out, from->access_key, from->secret_key, from->token,
                       from->source)
        != 0)
    {
        return -1;
    }

    memcpy(out->account, from->account, sizeof(out->account));
    out->obtained_at_s = from->obtained_at_s;
    out->expires_at_s = from->expires_at_s;

    return 0;
}


void
drsw_creds_free(drsw_creds_t *creds)
{
    if (creds->secret_key != NULL) {
        drs_memzero(creds->secret_key, strlen(creds->secret_key));
    }

    if (creds->token != NULL) {
        drs_memzero(creds->token, strlen(creds->token));
    }

    free(creds->access_key);
    free(creds->secret_key);
    free(creds->token);

    memset(creds, 0, sizeof(drsw_creds_t));
}


int
drsw_creds_from_json(const json_t *doc, const char *token_name,
                     const char *source, int64_t now_s, drsw_creds_t *out)
{
    int64_t     expires;
    const char *key, *secret, *token, *expiration;

    key = json_string_value(json_object_get(doc, "AccessKeyId"));
    secret = json_string_value(json_object_get(doc, "SecretAccessKey"));
    token = json_string_value(json_object_get(doc, token_name));
    expiration = json_string_value(json_object_get(doc, "Expiration"));

    if (key == NULL || *key == '\0' || secret == NULL || *secret == '\0') {
        return -1;
    }

    expires = 0;

    if (expiration != NULL
        && drs_time_parse_s(drs_str(expiration), &expires) != DRS_OK)
    {
        return -1;
    }

    if (drsw_creds_set(out, key, secret, token, source) != 0) {
        return -1;
    }

    out->expires_at_s = expires;
    out->obtained_at_s = now_s;

    return 0;
}
