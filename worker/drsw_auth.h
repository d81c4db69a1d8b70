
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The local issuer: break-glass users, their sessions and tokens
 * (security.md 4, api.md X-23 ... X-26).
 */

#ifndef DRSW_AUTH_H
#define DRSW_AUTH_H


#include <jansson.h>

#include "drsw_worker.h"


#define DRSW_USER_MAX_NAME   64
#define DRSW_USER_MAX_GROUPS 16


/* Reads or makes the keys.  DRS_ERROR: err says why. */
int  drsw_auth_create(drsw_auth_t **out, const drsw_config_t *conf, char *err,
                      size_t errlen);
void drsw_auth_destroy(drsw_auth_t *auth);

/* Publishes the sealing key and the key set of the local issuer: at start in
 * place of what is there (a key file was replaced), later only when missing. */
int drsw_auth_publish(drsw_auth_t *auth, drsw_redis_t *redis,
                      const drsw_config_t *conf, drsw_log_t *log, int start);

/*
 * Commands auth.login, auth.refresh, auth.logout, auth.password.  Secrets come
 * sealed (drs_seal.h) with the command id as context:
 *
 *   auth.login     {"username", "sealed": password}
 *   auth.refresh   {"sealed": refresh token}
 *   auth.logout    {"sealed"?: refresh token}
 *   auth.password  {"sealed": {"currentPassword", "newPassword"} as JSON}
 *
 * What was sealed may in each case be a JSON object with the member of the
 * API ("password", "refreshToken") as well.
 */

int drsw_auth_register(drsw_registry_t *reg);

/* Task jwks. */
int drsw_jwks_register(drsw_registry_t *reg);

/* Key set text into jwks:<hash of issuer>, announced when it changed.
 * DRS_OK, DRS_ERROR. */
int drsw_jwks_publish(drsw_redis_t *redis, const char *issuer, drs_str_t text);
/* jwks:meta: what became of the last fetch; error "" or NULL: fetched now. */
int drsw_jwks_note(drsw_redis_t *redis, const char *issuer, int64_t now_ms,
                   const char *error);
/* Hex SHA-256 of the issuer. */
int drsw_jwks_hash(char dst[65], const char *issuer);


/* -- drsw_users.c -- */

/* 1-64 of [a-z0-9._@-], lower case: names are keys. */
int drsw_user_name_valid(drs_str_t name);

/* user:<name> as a new object.  DRS_DECLINED: no such user. */
int drsw_user_load(drsw_redis_t *redis, drs_str_t name, json_t **user);
int drsw_user_save(drsw_redis_t *redis, drs_str_t name, const json_t *user);

/* Sets hash and times of a new password. */
int drsw_user_set_password(json_t *user, drs_str_t password, unsigned cost,
                           int64_t now_ms);

/* Command line: drs-worker user ...; exit code. */
int drsw_users_main(const drsw_config_t *conf, int argc, char **argv);


/* -- drsw_session.c -- */

/* What a refresh token stands for. */
typedef struct {
    char    id[40];
    char    family[40];
    char    user[DRSW_USER_MAX_NAME + 1];
    int64_t until_ms; /* end of the whole family */
} drsw_session_t;

/* New session of a family (family[0] == '\0': a new one, until_ms is then
 * set); *token is malloc'ed. */
int drsw_session_create(drsw_ctx_t *ctx, drsw_session_t *s, char **token);

/*
 * Uses a refresh token up.  DRS_DECLINED: unknown, expired, or used before;
 * the last ends the whole family.  command_id: a repeated delivery of the same
 * command is no second use.
 */
int drsw_session_use(drsw_ctx_t *ctx, drs_str_t token, const char *command_id,
                     drsw_session_t *s);

/* Looks only: session of a token whose secret fits. */
int drsw_session_find(drsw_ctx_t *ctx, drs_str_t token, drsw_session_t *s);

/* Ends all sessions of a user, or those of one family (NULL: all).  Their
 * access tokens carry the family as origin_jti, which is revoked. */
int drsw_session_end(drsw_redis_t *redis, const drsw_config_t *conf,
                     const char *user, const char *family);

/* Puts an id (jti, origin_jti: value "1"; sub: not-before in epoch s) on the
 * deny list for the life of an access token and announces it. */
int drsw_session_revoke(drsw_redis_t *redis, const drsw_config_t *conf,
                        const char *id, const char *value);


/* -- drsw_token.c -- */

typedef struct {
    const char   *sub;
    const char   *username;
    const char   *email;
    const json_t *groups; /* array of strings */
    const char   *jti;
    const char   *family; /* origin_jti */
    int           must_change;
    int64_t       now_s;
    int64_t       exp_s;
} drsw_token_t;

/* Signed token by libjwt, malloc'ed; NULL on failure. */
char *drsw_token_issue(const drsw_config_t *conf, const char *key_pem,
                       const char *kid, const drsw_token_t *t);


#endif /* DRSW_AUTH_H */
