
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Break-glass users: documents in the store, and the command
 * `drs-worker user ...` that manages them.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "drs_id.h"
#include "drs_json.h"
#include "drs_password.h"
#include "drs_rbac.h"
#include "drs_time.h"
#include "drsw_auth.h"


/* What the command line asks for. */
typedef struct {
    const char *verb;
    const char *name;
    const char *email;
    const char *groups[DRSW_USER_MAX_GROUPS];
    size_t      ngroups;
    int         must_change;
} drsw_user_args_t;


static int drsw_users_parse(drsw_user_args_t *args, int argc, char **argv);
static int drsw_users_do(drsw_redis_t *redis, const drsw_config_t *conf,
                         const drsw_user_args_t *args);
static int drsw_users_password(char *dst, size_t size);


int
drsw_user_name_valid(drs_str_t name)
{
    size_t i;

    if (name.len == 0 || name.len > DRSW_USER_MAX_NAME) {
        return 0;
    }

    for (i = 0; i < name.len; i++) {
        if (!((name.data[i] >= 'a' && name.data[i] <= 'z')
              || (name.data[i] >= '0' && name.data[i] <= '9')
              || (i > 0 && strchr("._@-", name.data[i]) != NULL
                  && name.data[i] != '\0')))
        {
            return 0;
        }
    }

    return 1;
}


static int
drsw_user_key(const drsw_redis_t *redis, char key[256], drs_str_t name)
{
    return drsw_redis_key(redis, key, 256, "user:%.*s", DRS_STR_ARG(name));
}


int
drsw_user_load(drsw_redis_t *redis, drs_str_t name, json_t **user)
{
    int          rc;
    char         key[256];
    drsw_reply_t reply;

    *user = NULL;

    if (drsw_user_key(redis, key, name) != DRS_OK
        || drsw_redis_words(redis, &reply, "GET", key, NULL) != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_DECLINED;

    if (reply.r.v[0].data != NULL) {
        *user = drs_json_parse(reply.r.v[0], NULL, NULL);
        rc = json_is_object(*user) ? DRS_OK : DRS_ERROR;
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_user_write(drsw_redis_t *redis, drs_str_t name, const json_t *user,
                int create)
{
    int          rc;
    char         key[256], set[256], id[DRSW_USER_MAX_NAME + 1], *text;
    drsw_reply_t reply;

    text = drs_json_text(user, NULL);

    if (text == NULL || drsw_user_key(redis, key, name) != DRS_OK
        || drsw_redis_key(redis, set, sizeof(set), "user:ids") != DRS_OK)
    {
        free(text);
        return DRS_ERROR;
    }

    (void) snprintf(id, sizeof(id), "%.*s", DRS_STR_ARG(name));

    rc = drsw_redis_words(redis, &reply, "SET", key, text, create ? "NX" : "XX",
                          NULL);
    free(text);

    if (rc == DRS_OK) {
        rc = (reply.r.v[0].data != NULL) ? DRS_OK : DRS_DECLINED;
        drsw_reply_free(&reply);
    }

    if (rc == DRS_OK) {
        rc = drsw_redis_words(redis, &reply, "SADD", set, id, NULL);
        drsw_reply_free(&reply);
    }

    return rc;
}


int
drsw_user_save(drsw_redis_t *redis, drs_str_t name, const json_t *user)
{
    return drsw_user_write(redis, name, user, 0);
}


int
drsw_user_set_password(json_t *user, drs_str_t password, unsigned cost,
                       int64_t now_ms)
{
    int           rc;
    char          hash[DRS_PASSWORD_HASH_SIZE], iso[DRS_TIME_ISO_SIZE];
    unsigned char salt[DRS_PASSWORD_SALT_LEN];

    if (drsw_random(salt, sizeof(salt)) != DRS_OK
        || drs_password_hash(hash, password, salt, cost) != DRS_OK)
    {
        return DRS_ERROR;
    }

    (void) drs_time_iso_ms(iso, now_ms);

    rc = json_object_set_new(user, "hash", json_string(hash));
    rc |= json_object_set_new(user, "passwordChangedAt", json_string(iso));
    rc |= json_object_set_new(user, "updatedAt", json_string(iso));

    return rc == 0 ? DRS_OK : DRS_ERROR;
}


/* --- command line --------------------------------------------------------- */


static int
drsw_users_usage(void)
{
    (void) fputs("usage: drs-worker user add NAME --group GROUP ... "
                 "[--email ADDRESS] [--must-change]\n"
                 "       drs-worker user passwd NAME [--must-change]\n"
                 "       drs-worker user disable|enable|delete NAME\n"
                 "       drs-worker user list\n",
                 stderr);

    return 2;
}


static int
drsw_users_parse(drsw_user_args_t *args, int argc, char **argv)
{
    int i;

    memset(args, 0, sizeof(*args));
    args->email = "";

    if (argc < 2) {
        return DRS_DECLINED;
    }

    args->verb = argv[1];

    for (i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--must-change") == 0) {
            args->must_change = 1;

        } else if (strcmp(argv[i], "--group") == 0 && i + 1 < argc
                   && args->ngroups < DRSW_USER_MAX_GROUPS)
        {
            args->groups[args->ngroups++] = argv[++i];

        } else if (strcmp(argv[i], "--email") == 0 && i + 1 < argc) {
            args->email = argv[++i];

        } else if (argv[i][0] != '-' && args->name == NULL) {
            args->name = argv[i];

        } else {
            return DRS_DECLINED;
        }
    }

    if (strcmp(args->verb, "list") == 0) {
        return args->name == NULL ? DRS_OK : DRS_DECLINED;
    }

    return args->name != NULL ? DRS_OK : DRS_DECLINED;
}


/* One line, without echo from a terminal. */

static int
drsw_users_line(char *dst, size_t size, const char *prompt)
{
    int            tty;
    char          *got;
    struct termios old, quiet;

    tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;

    if (tty) {
        (void) fputs(prompt, stderr);
        (void) fflush(stderr);
        quiet = old;
        quiet.c_lflag &= ~((tcflag_t) ECHO);
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }

    got = fgets(dst, (int) size, stdin);

    if (tty) {
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        (void) fputc('\n', stderr);
    }

    if (got == NULL || (strchr(dst, '\n') == NULL && !feof(stdin))) {
        return DRS_DECLINED;
    }

    dst[strcspn(dst, "\r\n")] = '\0';

    return DRS_OK;
}


static int
drsw_users_password(char *dst, size_t size)
{
    int      same;
    char     again[DRS_PASSWORD_MAX + 2];
    unsigned broken, bit;

    if (drsw_users_line(dst, size, "Password: ") != DRS_OK) {
        (void) fputs("drs-worker: no password, or longer than 256 bytes\n",
                     stderr);
        return DRS_DECLINED;
    }

    if (isatty(STDIN_FILENO)) {
        same = drsw_users_line(again, sizeof(again), "Again: ") == DRS_OK
               && strcmp(dst, again) == 0;
        drs_memzero(again, sizeof(again));

        if (!same) {
            (void) fputs("drs-worker: the passwords differ\n", stderr);
            return DRS_DECLINED;
        }
    }

    broken = drs_password_rules(drs_str(dst), drs_strn(NULL, 0));

    if (broken == 0) {
        return DRS_OK;
    }

    (void) fputs("drs-worker: the password is too weak:", stderr);

    for (bit = 1; bit <= DRS_PASSWORD_TEXT; bit <<= 1) {
        if ((broken & bit) && drs_password_rule_name(bit) != NULL) {
            (void) fprintf(stderr, " %s", drs_password_rule_name(bit));
        }
    }

    (void) fputs(" (at least 12 characters with lower case, upper case, digit "
                 "and symbol)\n",
                 stderr);

    return DRS_DECLINED;
}


static json_t *
drsw_users_new(const drsw_user_args_t *args, int64_t now)
{
    char    iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *groups;

    groups = json_array();

    for (i = 0; i < args->ngroups; i++) {
        if (drs_rbac_role_of_group(NULL, drs_str(args->groups[i])) < 0) {
            (void) fprintf(stderr,
                           "drs-worker: warning: \"%s\" is none of the "
                           "built-in roles\n",
                           args->groups[i]);
        }

        (void) json_array_append_new(groups, json_string(args->groups[i]));
    }

    (void) drs_time_iso_ms(iso, now);

    return json_pack("{s:s, s:s, s:o, s:b, s:b, s:s, s:s}", "name", args->name,
                     "email", args->email, "groups", groups, "disabled", 0,
                     "mustChangePassword", args->must_change, "createdAt", iso,
                     "updatedAt", iso);
}


static int
drsw_users_add(drsw_redis_t *redis, const drsw_config_t *conf,
               const drsw_user_args_t *args)
{
    int     rc;
    char    password[DRS_PASSWORD_MAX + 2];
    json_t *user;

    if (args->ngroups == 0) {
        (void) fputs("drs-worker: a user needs at least one --group\n", stderr);
        return DRS_DECLINED;
    }

    if (args->email[0] != '\0' && !drs_id_is_email(drs_str(args->email))) {
        (void) fprintf(stderr, "drs-worker: \"%s\" is no e-mail address\n",
                       args->email);
        return DRS_DECLINED;
    }

    if (drsw_users_password(password, sizeof(password)) != DRS_OK) {
        return DRS_DECLINED;
    }

    user = drsw_users_new(args, drsw_wall_ms());
    rc = DRS_ERROR;

    if (user != NULL
        && drsw_user_set_password(user, drs_str(password),
                                  (unsigned) conf->password_cost,
                                  drsw_wall_ms())
               == DRS_OK)
    {
        rc = drsw_user_write(redis, drs_str(args->name), user, 1);

        if (rc == DRS_DECLINED) {
            (void) fprintf(stderr, "drs-worker: user %s exists already\n",
                           args->name);
        }
    }

    drs_memzero(password, sizeof(password));
    json_decref(user);

    return rc;
}


/* Everything that the user holds ends now. */

static int
drsw_users_end(drsw_redis_t *redis, const drsw_config_t *conf, const char *name)
{
    char sub[DRSW_USER_MAX_NAME + 16], value[24];

    (void) snprintf(sub, sizeof(sub), "local:%s", name);
    (void) snprintf(value, sizeof(value), "%lld",
                    (long long) (drsw_wall_ms() / 1000));

    if (drsw_session_end(redis, conf, name, NULL) != DRS_OK) {
        return DRS_ERROR;
    }

    return drsw_session_revoke(redis, conf, sub, value);
}


static int
drsw_users_unlock(drsw_redis_t *redis, const char *name)
{
    int          rc;
    char         key[256];
    drsw_reply_t reply;

    if (drsw_redis_key(redis, key, sizeof(key), "rate:login:%s", name)
        != DRS_OK) {
        return DRS_ERROR;
    }

    rc = drsw_redis_words(redis, &reply, "DEL", key, NULL);
    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_users_change(drsw_redis_t *redis, const drsw_config_t *conf,
                  const drsw_user_args_t *args, json_t *user)
{
    int  rc;
    char password[DRS_PASSWORD_MAX + 2], iso[DRS_TIME_ISO_SIZE];

    if (strcmp(args->verb, "passwd") == 0) {
        if (drsw_users_password(password, sizeof(password)) != DRS_OK) {
            return DRS_DECLINED;
        }

        rc = drsw_user_set_password(user, drs_str(password),
                                    (unsigned) conf->password_cost,
                                    drsw_wall_ms());
        drs_memzero(password, sizeof(password));

        if (rc != DRS_OK
            || json_object_set_new(user, "mustChangePassword",
                                   json_boolean(args->must_change))
                   != 0)
        {
            return DRS_ERROR;
        }

    } else if (json_object_set_new(
                   user, "disabled",
                   json_boolean(strcmp(args->verb, "disable") == 0))
               != 0)
    {
        return DRS_ERROR;
    }

    (void) drs_time_iso_ms(iso, drsw_wall_ms());

    if (json_object_set_new(user, "updatedAt", json_string(iso)) != 0
        || drsw_user_save(redis, drs_str(args->name), user) != DRS_OK)
    {
        return DRS_ERROR;
    }

    if (strcmp(args->verb, "enable") == 0) {
        return drsw_users_unlock(redis, args->name);
    }

    rc = drsw_users_end(redis, conf, args->name);

    if (rc == DRS_OK && strcmp(args->verb, "passwd") == 0) {
        rc = drsw_users_unlock(redis, args->name);
    }

    return rc;
}


static int
drsw_users_delete(drsw_redis_t *redis, const drsw_config_t *conf,
                  const drsw_user_args_t *args)
{
    int          rc;
    char         key[256], set[256];
    drsw_reply_t reply;

    if (drsw_user_key(redis, key, drs_str(args->name)) != DRS_OK
        || drsw_redis_key(redis, set, sizeof(set), "user:ids") != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_redis_words(redis, &reply, "DEL", key, NULL);
    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        rc = drsw_redis_words(redis, &reply, "SREM", set, args->name, NULL);
        drsw_reply_free(&reply);
    }

    return rc == DRS_OK ? drsw_users_end(redis, conf, args->name) : rc;
}


/* Who did it: the account of the operating system. */

static int
drsw_users_audit(drsw_redis_t *redis, const drsw_user_args_t *args)
{
    int          rc;
    char         key[256], action[32], *text;
    json_t      *entry;
    const char  *login;
    drsw_reply_t reply;

    login = getlogin();
    (void) snprintf(action, sizeof(action), "user.%s", args->verb);

    entry = json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:[]}}", "action",
                      action, "resourceType", "user", "resourceId", args->name,
                      "outcome", "succeeded", "actor", "type", "operator",
                      "userId", login != NULL ? login : "unknown", "roles");
    text = (entry != NULL) ? drs_json_text(entry, NULL) : NULL;
    json_decref(entry);

    if (text == NULL
        || drsw_redis_key(redis, key, sizeof(key), "audit:in") != DRS_OK)
    {
        free(text);
        return DRS_ERROR;
    }

    rc = drsw_redis_words(redis, &reply, "XADD", key, "*", "a", text, NULL);

    drsw_reply_free(&reply);
    free(text);

    return rc;
}


static int
drsw_users_list(drsw_redis_t *redis)
{
    char         set[256];
    size_t       i, k;
    json_t      *user, *g;
    drsw_reply_t reply;

    if (drsw_redis_key(redis, set, sizeof(set), "user:ids") != DRS_OK
        || drsw_redis_words(redis, &reply, "SORT", set, "ALPHA", NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    for (i = 0; i < reply.r.n; i++) {
        if (drsw_user_load(redis, reply.r.v[i], &user) != DRS_OK) {
            continue;
        }

        (void) printf("%.*s\t%s\t", DRS_STR_ARG(reply.r.v[i]),
                      json_is_true(json_object_get(user, "disabled"))
                          ? "disabled"
                          : "enabled");

        json_array_foreach (json_object_get(user, "groups"), k, g) {
            (void) printf("%s%s", k ? "," : "", json_string_value(g));
        }

        (void) printf("\t%.*s\n", DRS_STR_ARG(drs_json_field(user, "email")));
        json_decref(user);
    }

    drsw_reply_free(&reply);

    return DRS_OK;
}


static int
drsw_users_do(drsw_redis_t *redis, const drsw_config_t *conf,
              const drsw_user_args_t *args)
{
    int     rc;
    json_t *user;

    if (strcmp(args->verb, "list") == 0) {
        return drsw_users_list(redis);
    }

    if (!drsw_user_name_valid(drs_str(args->name))) {
        (void) fprintf(stderr,
                       "drs-worker: user names have 1 to %d of a-z, "
                       "0-9 and ._@- and begin with a letter or digit\n",
                       DRSW_USER_MAX_NAME);
        return DRS_DECLINED;
    }

    if (strcmp(args->verb, "add") == 0) {
        return drsw_users_add(redis, conf, args);
    }

    rc = drsw_user_load(redis, drs_str(args->name), &user);

    if (rc == DRS_DECLINED) {
        (void) fprintf(stderr, "drs-worker: there is no user %s\n", args->name);
        return DRS_DECLINED;
    }

    if (rc != DRS_OK) {
        return rc;
    }

    rc = (strcmp(args->verb, "delete") == 0)
             ? drsw_users_delete(redis, conf, args)
             : drsw_users_change(redis, conf, args, user);

    json_decref(user);

    return rc;
}


int
drsw_users_main(const drsw_config_t *conf, int argc, char **argv)
{
    int                 rc;
    size_t              i;
    drsw_log_t          log;
    drsw_redis_t       *redis;
    drsw_log_sink_t    *sink;
    drsw_user_args_t    args;
    drsw_redis_shared_t shared;

    static const char *const verbs[] = { "add",    "passwd", "disable",
                                         "enable", "delete", "list" };

    rc = DRS_DECLINED;

    if (drsw_users_parse(&args, argc, argv) == DRS_OK) {
        for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
            if (strcmp(args.verb, verbs[i]) == 0) {
                rc = DRS_OK;
            }
        }
    }

    if (rc != DRS_OK) {
        return drsw_users_usage();
    }

    memset(&shared, 0, sizeof(shared));
    sink = drsw_log_open(NULL, DRSW_LOG_WARN);
    drsw_log_init(&log, sink, "user");
    redis = (sink != NULL) ? drsw_redis_create(conf, &log, &shared) : NULL;
    rc = DRS_ERROR;

    if (redis != NULL) {
        drsw_redis_patience(redis, 0);
        rc = drsw_users_do(redis, conf, &args);

        if (rc == DRS_OK && strcmp(args.verb, "list") != 0) {
            rc = drsw_users_audit(redis, &args);
        }

        if (rc == DRS_ERROR) {
            (void) fprintf(stderr, "drs-worker: not done: %s\n",
                           drsw_redis_error(redis)[0] != '\0'
                               ? drsw_redis_error(redis)
                               : "internal error");

        } else if (rc == DRS_OK && strcmp(args.verb, "list") != 0) {
            (void) printf("user %s: %s done\n", args.name, args.verb);
        }
    }

    drsw_redis_destroy(redis);
    drsw_log_close(sink);

    return rc == DRS_OK ? 0 : 1;
}
