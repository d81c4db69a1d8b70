
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Strict verifier of bearer tokens (RFC 7519, security.md 4).
 *
 * The algorithm comes from the key, never from the token; base64 is strict, so
 * a token has one spelling; nothing of a token is used before its signature
 * was verified, except `iss` and `kid` to choose the key.
 */

#ifndef DRS_JWT_H_INCLUDED
#define DRS_JWT_H_INCLUDED


#include <jansson.h>

#include "drs_jwks.h"


#define DRS_JWT_MAX_LEN      16384 /* hard bound of one token */
#define DRS_JWT_DEFAULT_LEN  8192
#define DRS_JWT_LEEWAY_S     60
#define DRS_JWT_MAX_LEEWAY_S 600
#define DRS_JWT_MAX_GROUPS   512
#define DRS_JWT_MAX_SUB      255


/* Why a token was refused: for logs and counters, never for the client. */
typedef enum {
    DRS_JWT_OK = 0,
    DRS_JWT_INTERNAL, /* memory, libcrypto: answer 500, not 401 */
    DRS_JWT_TOO_LONG,
    DRS_JWT_FORM, /* not three non-empty parts */
    DRS_JWT_BASE64,
    DRS_JWT_HEADER, /* header is no good JSON object */
    DRS_JWT_ALG,    /* not allowed, none, or not the key's */
    DRS_JWT_TYP,
    DRS_JWT_CRIT,
    DRS_JWT_KID_MISSING,
    DRS_JWT_PAYLOAD,     /* payload is no good JSON object */
    DRS_JWT_ISSUER,      /* missing or not configured */
    DRS_JWT_NO_KEYS,     /* no key set loaded for this issuer */
    DRS_JWT_KID_UNKNOWN, /* ask for a refresh of the key set */
    DRS_JWT_SIGNATURE,
    DRS_JWT_TOKEN_USE,
    DRS_JWT_AUDIENCE,
    DRS_JWT_EXP_MISSING,
    DRS_JWT_EXPIRED,
    DRS_JWT_NOT_BEFORE,
    DRS_JWT_ISSUED_LATER,
    DRS_JWT_TIME_TYPE,  /* exp, nbf or iat is no number */
    DRS_JWT_SUBJECT,    /* missing, empty, too long */
    DRS_JWT_CLAIM_TYPE, /* another used claim has a wrong type */
    DRS_JWT_REVOKED,
    DRS_JWT_REASON_N
} drs_jwt_reason_t;


/* One trusted issuer.  Configuration: read-only, owned by the caller. */
typedef struct {
    drs_str_t name; /* for logs and the audit log */
    drs_str_t iss;  /* compared exactly */

    const drs_str_t *audiences; /* at least one */
    size_t           n_audiences;

    unsigned algs; /* mask, 0: DRS_JWA_ALL */

    unsigned access_tokens : 1;  /* accept access tokens too */
    unsigned need_token_use : 1; /* Cognito: claim must be there */
    unsigned any_email : 1;      /* keep groups if email_verified is
                                           false */
    /*
     * Claim names in order of preference; one that begins with '/' is a JSON
     * pointer ("/realm_access/roles").  NULL: "cognito:groups"; for the user
     * name "cognito:username".
     */
    const char *const *groups_claims;
    size_t             n_groups_claims;
    const char *const *username_claims;
    size_t             n_username_claims;

    void *data; /* the caller's, e.g. a group map */
} drs_jwt_issuer_t;

typedef struct {
    const drs_jwt_issuer_t *issuers;
    size_t                  n_issuers;
    size_t                  max_len;  /* 0: DRS_JWT_DEFAULT_LEN */
    int                     leeway_s; /* negative: DRS_JWT_LEEWAY_S */
} drs_jwt_policy_t;


typedef enum {
    DRS_JWT_EMAIL_UNKNOWN = 0, /* no email_verified claim */
    DRS_JWT_EMAIL_VERIFIED,
    DRS_JWT_EMAIL_UNVERIFIED
} drs_jwt_email_t;

/*
 * A verified token.  Reference counted, not thread safe.  All views live as
 * long as the object.  Absent strings are { 0, NULL }.
 */
typedef struct {
    unsigned  refs;
    size_t    issuer; /* index in the policy */
    drs_jwa_t alg;

    drs_str_t iss;
    drs_str_t sub;      /* userId */
    drs_str_t username; /* falls back to sub */
    drs_str_t email;
    drs_str_t jti;
    drs_str_t origin_jti;
    drs_str_t kid;
    drs_str_t source;   /* name of the issuer */
    drs_str_t audience; /* the one that matched */

    drs_str_t *groups; /* trimmed, non-empty, unique */
    size_t     n_groups;

    int64_t exp; /* epoch seconds; fraction cut */
    int64_t iat; /* 0 if absent */
    int64_t nbf; /* 0 if absent */

    drs_jwt_email_t email_state;
    unsigned        access_token : 1;

    /* for the caller, e.g. results of drs_rbac_roles(); 0 at first */
    uint32_t roles;
    uint32_t perms;

    json_t *claims; /* the whole payload */
    char   *kid_copy;
    char   *source_copy;
    size_t  bytes; /* length of the token text */
} drs_jwt_t;


/*
 * Verifies `token`.  sets[i] is the key set of policy->issuers[i], NULL while
 * none is loaded.  `now_s` is the present.  On DRS_JWT_OK *out has one
 * reference for the caller (drs_jwt_unref); otherwise *out is NULL.  The
 * OpenSSL error queue is empty on return.
 */
drs_jwt_reason_t
drs_jwt_verify(const drs_jwt_policy_t *policy, const drs_jwks_t *const *sets,
               drs_str_t token, int64_t now_s, drs_jwt_t **out) DRS_MUST_CHECK;

/*
 * Issuer that an unverified token claims: index, or -1.  Only for the choice
 * whose key set should be refreshed.
 */
int drs_jwt_peek_issuer(const drs_jwt_policy_t *policy, drs_str_t token);

drs_jwt_t *drs_jwt_ref(drs_jwt_t *t);
void       drs_jwt_unref(drs_jwt_t *t);

/* 1 if the token has ended, leeway included. */
int drs_jwt_expired(const drs_jwt_policy_t *policy, const drs_jwt_t *t,
                    int64_t now_s);

/* First time (epoch s) at which drs_jwt_expired() says 1. */
int64_t drs_jwt_end(const drs_jwt_policy_t *policy, const drs_jwt_t *t);

/* String claim, or { 0, NULL }.  Names as in groups_claims. */
drs_str_t drs_jwt_claim(const drs_jwt_t *t, const char *name);

/* Short name for logs and metric labels: "expired", "kid_unknown", ... */
const char *drs_jwt_reason_name(drs_jwt_reason_t reason);

/*
 * Takes the token out of an Authorization header value: scheme "Bearer" in
 * any case, one or more spaces, token68 characters, nothing behind.  The view
 * points into `header`.  DRS_DECLINED otherwise.
 */
int drs_jwt_bearer(drs_str_t header, drs_str_t *token) DRS_MUST_CHECK;

/*
 * Splits the groups text forms of security.md 4.2: names separated by commas,
 * or "[a b]", "[a, b]".  Writes at most `max` trimmed views, returns their
 * number.
 */
size_t drs_jwt_split_groups(drs_str_t text, drs_str_t *out, size_t max);


#endif /* DRS_JWT_H_INCLUDED */
