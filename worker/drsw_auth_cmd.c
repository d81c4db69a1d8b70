
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands of the local issuer.  Unknown, wrong, disabled and locked look
 * alike to the caller, in text and in time; the log tells them apart.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_password.h"
#include "drs_rbac.h"
#include "drs_seal.h"
#include "drs_store.h"
#include "drsw_auth_int.h"


#define DRSW_LOCAL_SUB "local:"


static int drsw_auth_login(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
static int drsw_auth_refresh(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                             drsw_answer_t *answer);
static int drsw_auth_logout(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                            drsw_answer_t *answer);
static int drsw_auth_password(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                              drsw_answer_t *answer);


static const drsw_command_kind_t drsw_auth_kinds[] = {
    { .type = "auth.login", .handler = drsw_auth_login, .secret = 1 },
    { .type = "auth.refresh", .handler = drsw_auth_refresh, .secret = 1 },
    { .type = "auth.logout", .handler = drsw_auth_logout, .secret = 1 },
    { .type = "auth.password", .handler = drsw_auth_password, .secret = 1 }
};


int
drsw_auth_register(drsw_registry_t *reg)
{
    size_t i;

    for (i = 0; i < sizeof(drsw_auth_kinds) / sizeof(drsw_auth_kinds[0]); i++) {
        if (drsw_register_command(reg, &drsw_auth_kinds[i]) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}


/* --- parts of the commands ------------------------------------------------ */


/* A bucket for the whole process: hashing passwords is expensive. */

static int
drsw_auth_allowed(drsw_auth_t *auth)
{
    int     ok;
    int64_t now;

    now = drsw_mono_ms();

    pthread_mutex_lock(&auth->lock);

    if (auth->tokens_at != 0) {
        auth->tokens += (double) (now - auth->tokens_at) * auth->rate / 1000;
    }

    if (auth->tokens > 2 * auth->rate) {
        auth->tokens = 2 * auth->rate;
    }

    auth->tokens_at = now;
    ok = (auth->tokens >= 1);

    if (ok) {
        auth->tokens -= 1;
    }

    pthread_mutex_unlock(&auth->lock);

    return ok;
}


static int
drsw_auth_off(drsw_answer_t *answer)
{
    return drsw_answer_error(answer, "LOCAL_AUTH_DISABLED", NULL,
                             "Local log-in is not enabled.");
}


static int
drsw_auth_refused(drsw_answer_t *answer)
{
    return drsw_answer_error(answer, "INVALID_CREDENTIALS", NULL,
                             "The credentials are not valid.");
}


static int
drsw_auth_limited(drsw_answer_t *answer)
{
    return drsw_answer_error(answer, "RATE_LIMITED",
                             json_pack("{s:i}", "retryAfter", 1),
                             "Too many log-ins at the moment.");
}


/* A sealed member of the payload; *text is malloc'ed.  DRS_DECLINED: absent or
 * not for us. */

static int
drsw_auth_open(drsw_ctx_t *ctx, const drsw_command_t *cmd, const char *member,
               char **text, size_t *len)
{
    drs_str_t sealed;

    *text = NULL;
    sealed = drs_json_field(cmd->payload, member);

    if (sealed.data == NULL) {
        return DRS_DECLINED;
    }

    if (drs_seal_open(text, len, ctx->worker->auth->seal_key, sealed,
                      drs_str(cmd->id))
        != DRS_OK)
    {
        drsw_warn(ctx->log, "a sealed secret cannot be opened: was it sealed "
                            "for another worker's key?");
        return DRS_DECLINED;
    }

    return DRS_OK;
}


/*
 * The secret itself, or the member of the object that was sealed.  The result
 * is malloc'ed, NUL-terminated, and wiped by drsw_auth_wipe().
 */

static int
drsw_auth_secret(drsw_ctx_t *ctx, const drsw_command_t *cmd, const char *member,
                 char **secret)
{
    int       rc;
    char     *text;
    size_t    len;
    json_t   *doc;
    drs_str_t inner;

    *secret = NULL;
    rc = drsw_auth_open(ctx, cmd, "sealed", &text, &len);

    if (rc != DRS_OK) {
        rc = drsw_auth_open(ctx, cmd, member, &text, &len);
    }

    if (rc != DRS_OK) {
        return rc;
    }

    doc = (len > 0 && text[0] == '{')
              ? drs_json_parse(drs_strn(text, len), NULL, NULL)
              : NULL;
    inner = drs_json_field(doc, member);

    if (inner.data != NULL) {
        *secret = drs_str_dup(inner);
        drs_memzero(text, len);
        free(text);

    } else {
        *secret = text;
    }

    json_decref(doc);

    return *secret != NULL ? DRS_OK : DRS_ERROR;
}


static void
drsw_auth_wipe(char *secret)
{
    if (secret != NULL) {
        drs_memzero(secret, strlen(secret));
        free(secret);
    }
}


static int
drsw_auth_audit(drsw_ctx_t *ctx, const drsw_command_t *cmd, const char *action,
                const char *name, const char *outcome)
{
    int          rc;
    char         sub[320], *text;
    json_t      *entry, *actor;
    drs_cmd_t   *note;
    drsw_reply_t reply;

    actor = json_copy((json_t *) cmd->actor);

    if (strcmp(outcome, "succeeded") == 0) {
        /* whoever has just proved it; nobody is known before a log-in */
        (void) snprintf(sub, sizeof(sub), DRSW_LOCAL_SUB "%s", name);
        (void) json_object_set_new(actor, "type", json_string("user"));
        (void) json_object_set_new(actor, "userId", json_string(sub));
    }

    entry =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "action", action,
                  "resourceType", "user", "resourceId", name, "outcome",
                  outcome, "requestId", cmd->request_id, "correlationId",
                  cmd->request_id, "commandId", cmd->id, "actor", actor);
    text = (entry != NULL) ? drs_json_text(entry, NULL) : NULL;
    json_decref(entry);

    if (text == NULL) {
        return DRS_ERROR;
    }

    note = drs_store_note(drsw_redis_prefix(ctx->redis), drs_str(text),
                          drs_strn(NULL, 0));
    rc = drsw_redis_cmd(ctx->redis, note, &reply);

    drs_cmd_free(note);
    drsw_reply_free(&reply);
    free(text);

    return rc;
}


/* --- lock-out ------------------------------------------------------------- */


/* Counts an attempt before it is tried, so that parallel ones count too.
 * DRS_DECLINED: locked. */

static int
drsw_auth_attempt(drsw_ctx_t *ctx, const char *name)
{
    char         key[256], ttl[24];
    int64_t      n;
    drsw_reply_t reply;

    (void) snprintf(ttl, sizeof(ttl), "%lld",
                    (long long) ctx->conf->login_lock_ms);

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "rate:login:%s", name)
            != DRS_OK
        || drsw_redis_words(ctx->redis, &reply, "INCR", key, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    if (drs_str_i64(reply.r.v[0], &n) != DRS_OK) {
        n = INT64_MAX;
    }

    drsw_reply_free(&reply);

    /* the lock-out counts from the last failure before it */

    if (n <= ctx->conf->login_max_failures) {
        if (drsw_redis_words(ctx->redis, &reply, "PEXPIRE", key, ttl, NULL)
            != DRS_OK) {
            return DRS_ERROR;
        }

        drsw_reply_free(&reply);
    }

    return n > ctx->conf->login_max_failures ? DRS_DECLINED : DRS_OK;
}


static int
drsw_auth_good(drsw_ctx_t *ctx, const char *name)
{
    int          rc;
    char         key[256];
    drsw_reply_t reply;

    if (drsw_redis_key(ctx->redis, key, sizeof(key), "rate:login:%s", name)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_redis_words(ctx->redis, &reply, "DEL", key, NULL);
    drsw_reply_free(&reply);

    return rc;
}


/*
 * Is this the user's password?  Takes the same time for every cause.
 * DRS_DECLINED: no; *user is then NULL.  On DRS_OK *user is the caller's.
 */

static int
drsw_auth_verify(drsw_ctx_t *ctx, drs_str_t name, const char *password,
                 json_t **user)
{
    int         rc, locked, disabled;
    char        text[DRSW_USER_MAX_NAME + 1];
    const char *why;
    drs_str_t   hash;

    *user = NULL;

    if (!drsw_user_name_valid(name)) {
        rc = drs_password_verify(drs_strn(NULL, 0), drs_str(password));
        drsw_notice(ctx->log, "log-in refused: no valid user name");
        return rc == DRS_ERROR ? DRS_ERROR : DRS_DECLINED;
    }

    (void) snprintf(text, sizeof(text), "%.*s", DRS_STR_ARG(name));

    locked = drsw_auth_attempt(ctx, text);
    if (locked == DRS_ERROR) {
        return DRS_ERROR;
    }

    if (drsw_user_load(ctx->redis, name, user) == DRS_ERROR) {
        return DRS_ERROR;
    }

    hash = drs_json_field(*user, "hash");
    disabled = json_is_true(json_object_get(*user, "disabled"));

    if (locked == DRS_DECLINED || disabled) {
        hash = drs_strn(NULL, 0);
    }

    rc = drs_password_verify(hash, drs_str(password));

    if (rc == DRS_OK) {
        if (drsw_auth_good(ctx, text) == DRS_OK) {
            return DRS_OK;
        }

        rc = DRS_ERROR;
    }

    why = (locked == DRS_DECLINED) ? "locked after too many failures"
          : (*user == NULL)        ? "no such user"
          : disabled               ? "user is disabled"
                                   : "wrong password";

    drsw_notice(ctx->log, "log-in of %s refused: %s", text, why);
    drsw_count(ctx, "logins_total", "result=\"refused\"", 1);

    json_decref(*user);
    *user = NULL;

    return rc;
}


/* --- answer --------------------------------------------------------------- */


static json_t *
drsw_auth_roles(const json_t *groups)
{
    int         r;
    size_t      i, n;
    json_t     *out, *g;
    drs_str_t   names[DRSW_USER_MAX_GROUPS];
    drs_roles_t roles;

    n = 0;

    json_array_foreach (groups, i, g) {
        if (n < DRSW_USER_MAX_GROUPS) {
            names[n++] = drs_json_str(g);
        }
    }

    roles = drs_rbac_roles(NULL, names, n);
    out = json_array();

    for (r = 0; r < DRS_ROLE_N; r++) {
        if (roles & drs_role_bit(r)) {
            (void) json_array_append_new(
                out, json_string(drs_role_name((drs_role_t) r)));
        }
    }

    return out;
}


/* LocalSession: a new access token and a new refresh token of session s. */

static int
drsw_auth_session(drsw_ctx_t *ctx, const json_t *user, drsw_session_t *s,
                  drsw_answer_t *answer)
{
    int          rc;
    char         jti[40], sub[DRSW_USER_MAX_NAME + 16], *token, *refresh;
    json_t      *groups, *body;
    int64_t      now;
    drsw_token_t t;
    const char  *email;

    refresh = NULL;
    token = NULL;
    rc = DRS_ERROR;

    groups = json_object_get(user, "groups");
    email = drs_json_field(user, "email").data;
    now = drsw_now_ms(ctx);

    (void) snprintf(sub, sizeof(sub), "%s%s", DRSW_LOCAL_SUB, s->user);

    if (!json_is_array(groups) || drsw_uuid(jti) != DRS_OK
        || drsw_session_create(ctx, s, &refresh) != DRS_OK)
    {
        goto done;
    }

    memset(&t, 0, sizeof(t));
    t.sub = sub;
    t.username = s->user;
    t.email = email != NULL ? email : "";
    t.groups = groups;
    t.jti = jti;
    t.family = s->family;
    t.must_change = json_is_true(json_object_get(user, "mustChangePassword"));
    t.now_s = drsw_wall_ms() / 1000;
    t.exp_s = t.now_s + ctx->conf->issuer_token_ms / 1000;

    token = drsw_token_issue(ctx->conf, ctx->worker->auth->issuer_pem,
                             ctx->worker->auth->kid, &t);
    if (token == NULL) {
        drsw_error(ctx->log, "a token cannot be signed");
        goto done;
    }

    body = json_pack("{s:s, s:s, s:I, s:s, s:I, s:b,"
                     " s:{s:s, s:s, s:s, s:O}, s:o}",
                     "token", token, "tokenType", "Bearer", "expiresIn",
                     (json_int_t) (ctx->conf->issuer_token_ms / 1000),
                     "refreshToken", refresh, "refreshExpiresIn",
                     (json_int_t) ((s->until_ms - now) / 1000),
                     "mustChangePassword", t.must_change, "user", "email",
                     t.email, "userId", sub, "username", s->user, "groups",
                     groups, "roles", drsw_auth_roles(groups));

    rc = (body != NULL) ? drsw_answer_body(answer, 200, body) : DRS_ERROR;

done:

    drsw_auth_wipe(token);
    drsw_auth_wipe(refresh);

    return rc;
}


/* --- commands ------------------------------------------------------------- */


static int
drsw_auth_login(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                drsw_answer_t *answer)
{
    int            rc;
    char          *password;
    json_t        *user;
    drs_str_t      name;
    drsw_session_t s;

    if (ctx->worker->auth == NULL) {
        return drsw_auth_off(answer);
    }

    if (!drsw_auth_allowed(ctx->worker->auth)) {
        return drsw_auth_limited(answer);
    }

    name = drs_json_field(cmd->payload, "username");

    rc = drsw_auth_secret(ctx, cmd, "password", &password);

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? drsw_auth_refused(answer) : DRS_ERROR;
    }

    rc = drsw_auth_verify(ctx, name, password, &user);
    drsw_auth_wipe(password);

    if (rc == DRS_ERROR) {
        return drsw_answer_fail(answer, "%s", drsw_redis_error(ctx->redis));
    }

    if (rc == DRS_DECLINED) {
        (void) drsw_auth_audit(ctx, cmd, "auth.login",
                               drsw_user_name_valid(name) ? name.data : "-",
                               "denied");
        return drsw_auth_refused(answer);
    }

    memset(&s, 0, sizeof(s));
    (void) snprintf(s.user, sizeof(s.user), "%.*s", DRS_STR_ARG(name));

    rc = drsw_auth_session(ctx, user, &s, answer);
    json_decref(user);

    if (rc == DRS_OK) {
        drsw_notice(ctx->log, "user %s logged in", s.user);
        drsw_count(ctx, "logins_total", "result=\"ok\"", 1);
        rc = drsw_auth_audit(ctx, cmd, "auth.login", s.user, "succeeded");
    }

    return rc;
}


static int
drsw_auth_refresh(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer)
{
    int            rc;
    char          *token;
    json_t        *user;
    drsw_session_t s;

    if (ctx->worker->auth == NULL) {
        return drsw_auth_off(answer);
    }

    rc = drsw_auth_secret(ctx, cmd, "refreshToken", &token);

    if (rc == DRS_OK) {
        rc = drsw_session_use(ctx, drs_str(token), cmd->id, &s);
        drsw_auth_wipe(token);
    }

    if (rc != DRS_OK) {
        return rc == DRS_DECLINED ? drsw_auth_refused(answer) : DRS_ERROR;
    }

    rc = drsw_user_load(ctx->redis, drs_str(s.user), &user);

    if (rc == DRS_DECLINED
        || (rc == DRS_OK && json_is_true(json_object_get(user, "disabled"))))
    {
        if (rc == DRS_OK) {
            json_decref(user);
        }

        rc = drsw_session_end(ctx->redis, ctx->conf, s.user, s.family);

        return rc == DRS_OK ? drsw_auth_refused(answer) : DRS_ERROR;
    }

    if (rc == DRS_OK) {
        rc = drsw_auth_session(ctx, user, &s, answer);
        json_decref(user);
    }

    if (rc == DRS_OK) {
        rc = drsw_auth_audit(ctx, cmd, "auth.refresh", s.user, "succeeded");
    }

    return rc;
}


/* Name of the local user behind the actor; DRS_DECLINED: of another issuer. */

static int
drsw_auth_actor(const drsw_command_t *cmd, drs_str_t *name)
{
    drs_str_t sub;

    sub = drs_json_field(cmd->actor, "userId");

    if (!drs_str_starts(sub, DRSW_LOCAL_SUB)) {
        return DRS_DECLINED;
    }

    *name = drs_strn(sub.data + sizeof(DRSW_LOCAL_SUB) - 1,
                     sub.len - (sizeof(DRSW_LOCAL_SUB) - 1));

    return drsw_user_name_valid(*name) ? DRS_OK : DRS_DECLINED;
}


static int
drsw_auth_forbidden(drsw_answer_t *answer)
{
    return drsw_answer_error(answer, "FORBIDDEN", NULL,
                             "Only for users of the local issuer.");
}


static int
drsw_auth_logout(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                 drsw_answer_t *answer)
{
    int            rc;
    char          *token;
    drs_str_t      name, jti;
    drsw_session_t s;

    if (ctx->worker->auth == NULL) {
        return drsw_auth_off(answer);
    }

    if (drsw_auth_actor(cmd, &name) != DRS_OK) {
        return drsw_auth_forbidden(answer);
    }

    jti = drs_json_field(cmd->actor, "tokenId");

    if (jti.len > 0 && jti.len < 256
        && drsw_session_revoke(ctx->redis, ctx->conf, jti.data, "1") != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_auth_secret(ctx, cmd, "refreshToken", &token);

    if (rc == DRS_OK) {
        rc = drsw_session_find(ctx, drs_str(token), &s);
        drsw_auth_wipe(token);

        /* another user's token ends nothing */

        if (rc == DRS_OK && drs_str_eqz(name, s.user)) {
            rc = drsw_session_end(ctx->redis, ctx->conf, s.user, s.family);
        }
    }

    if (rc == DRS_ERROR
        || drsw_auth_audit(ctx, cmd, "auth.logout", name.data, "succeeded")
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    return drsw_answer_body(answer, 200,
                            json_pack("{s:s}", "message", "Logged out"));
}


static int
drsw_auth_weak(drsw_answer_t *answer, unsigned broken)
{
    json_t  *rules;
    unsigned bit;

    rules = json_array();

    for (bit = 1; bit <= DRS_PASSWORD_TEXT; bit <<= 1) {
        if ((broken & bit) && drs_password_rule_name(bit) != NULL) {
            (void) json_array_append_new(
                rules, json_string(drs_password_rule_name(bit)));
        }
    }

    return drsw_answer_error(answer, "WEAK_PASSWORD",
                             json_pack("{s:o}", "rules", rules),
                             "The new password is too weak.");
}


/* The password is right: sets the new one, ends every session, begins one. */

static int
drsw_auth_change(drsw_ctx_t *ctx, const drsw_command_t *cmd, drs_str_t name,
                 json_t *user, drs_str_t password, drsw_answer_t *answer)
{
    drsw_session_t s;

    if (drsw_user_set_password(user, password,
                               (unsigned) ctx->conf->password_cost,
                               drsw_now_ms(ctx))
            != DRS_OK
        || json_object_set_new(user, "mustChangePassword", json_false()) != 0
        || drsw_user_save(ctx->redis, name, user) != DRS_OK)
    {
        return drsw_answer_fail(answer, "the password cannot be stored");
    }

    memset(&s, 0, sizeof(s));
    (void) snprintf(s.user, sizeof(s.user), "%.*s", DRS_STR_ARG(name));

    if (drsw_session_end(ctx->redis, ctx->conf, s.user, NULL) != DRS_OK) {
        return DRS_ERROR;
    }

    drsw_notice(ctx->log, "user %s changed the password", s.user);

    if (drsw_auth_audit(ctx, cmd, "auth.password", s.user, "succeeded")
        != DRS_OK) {
        return DRS_ERROR;
    }

    return drsw_auth_session(ctx, user, &s, answer);
}


static int
drsw_auth_password(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer)
{
    int       rc;
    char     *current, *fresh;
    json_t   *user;
    unsigned  broken;
    drs_str_t name;

    if (ctx->worker->auth == NULL) {
        return drsw_auth_off(answer);
    }

    if (drsw_auth_actor(cmd, &name) != DRS_OK) {
        return drsw_auth_forbidden(answer);
    }

    if (!drsw_auth_allowed(ctx->worker->auth)) {
        return drsw_auth_limited(answer);
    }

    fresh = NULL;
    rc = drsw_auth_secret(ctx, cmd, "currentPassword", &current);

    if (rc == DRS_OK) {
        rc = drsw_auth_secret(ctx, cmd, "newPassword", &fresh);
    }

    if (rc == DRS_OK) {
        rc = drsw_auth_verify(ctx, name, current, &user);

        if (rc == DRS_OK) {
            broken = drs_password_rules(drs_str(fresh), drs_str(current));
            rc = broken ? drsw_auth_weak(answer, broken)
                        : drsw_auth_change(ctx, cmd, name, user, drs_str(fresh),
                                           answer);
            json_decref(user);

        } else if (rc == DRS_DECLINED) {
            rc =
                drsw_auth_audit(ctx, cmd, "auth.password", name.data, "denied");

            if (rc == DRS_OK) {
                rc = drsw_auth_refused(answer);
            }
        }

    } else if (rc == DRS_DECLINED) {
        rc = drsw_auth_refused(answer);
    }

    drsw_auth_wipe(current);
    drsw_auth_wipe(fresh);

    return rc;
}
