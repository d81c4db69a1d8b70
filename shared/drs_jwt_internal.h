
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Shared by drs_jwt.c (form, key, signature) and drs_jwt_claims.c (claims).
 */

#ifndef DRS_JWT_INTERNAL_H_INCLUDED
#define DRS_JWT_INTERNAL_H_INCLUDED


#include "drs_jwt.h"


/* A token on its way through the checks */

typedef struct {
    drs_str_t header; /* parts of the text */
    drs_str_t payload;
    drs_str_t signature;
    drs_str_t signed_text;

    json_t *jheader;
    json_t *claims;

    int access_typ; /* typ says at+jwt */

    const drs_jwt_issuer_t *issuer;
    size_t                  index;
    const drs_jwk_t        *key;
} drs_jwt_work_t;


/*
 * Checks and reads the claims of a token whose signature is good.  t->claims
 * is set.
 */
drs_jwt_reason_t drs_jwt_claims(drs_jwt_t *t, const drs_jwt_work_t *w,
                                const drs_jwt_policy_t *policy, int64_t now_s);


#endif /* DRS_JWT_INTERNAL_H_INCLUDED */
