
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of the local issuer, made by libjwt (which never verifies any).
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <jwt.h>

#include "drs_json.h"
#include "drsw_auth.h"


static json_t *
drsw_token_claims(const drsw_config_t *conf, const drsw_token_t *t)
{
    json_t *claims;

    claims =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:s, s:s,"
                  " s:I, s:I, s:I}",
                  "iss", conf->issuer_url, "aud", conf->issuer_audience, "sub",
                  t->sub, "token_use", "id", "cognito:username", t->username,
                  "cognito:groups", t->groups, "jti", t->jti, "origin_jti",
                  t->family, "iat", (json_int_t) t->now_s, "auth_time",
                  (json_int_t) t->now_s, "exp", (json_int_t) t->exp_s);

    if (claims == NULL) {
        return NULL;
    }

    if ((t->email[0] != '\0'
         && json_object_set_new(claims, "email", json_string(t->email)) != 0)
        || (t->must_change
            && json_object_set_new(claims, "custom:must_change_password",
                                   json_true())
                   != 0))
    {
        json_decref(claims);
        return NULL;
    }

    return claims;
}


char *
drsw_token_issue(const drsw_config_t *conf, const char *key_pem,
                 const char *kid, const drsw_token_t *t)
{
    char   *text, *out, *copy;
    jwt_t  *jwt;
    json_t *claims;

    text = NULL;
    out = NULL;
    copy = NULL;
    jwt = NULL;

    claims = drsw_token_claims(conf, t);
    if (claims == NULL) {
        return NULL;
    }

    text = drs_json_text(claims, NULL);
    json_decref(claims);

    if (text != NULL && jwt_new(&jwt) == 0
        && jwt_set_alg(jwt,
                       conf->issuer_algorithm == DRSW_ALG_RS256 ? JWT_ALG_RS256
                                                                : JWT_ALG_ES256,
                       (const unsigned char *) key_pem, (int) strlen(key_pem))
               == 0
        && jwt_add_header(jwt, "kid", kid) == 0
        && jwt_add_grants_json(jwt, text) == 0)
    {
        out = jwt_encode_str(jwt);
    }

    if (out != NULL) {
        copy = strdup(out);
        drs_memzero(out, strlen(out));
        free(out);
    }

    jwt_free(jwt);
    free(text);
    ERR_clear_error();

    return copy;
}
