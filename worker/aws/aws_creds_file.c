
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Credentials from a profile of the shared AWS files: keys, or a role reached
 * from another profile, another source or a web identity token.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_ini.h"
#include "aws_int.h"


#define DRSW_FILE_MAX     (1024 * 1024)
#define DRSW_PROFILE_HOPS 8


typedef struct {
    drsw_ini_t *config;
    drsw_ini_t *credentials;
} drsw_profiles_t;


typedef struct {
    drsw_creds_fetch_t    *f;
    const drsw_profiles_t *files;
    const char            *visited[DRSW_PROFILE_HOPS];
    int                    n;
} drsw_profile_walk_t;


static drsw_creds_rc_e
drsw_profile_role(drsw_profile_walk_t *w, const char *name, drsw_creds_t *out);


static drsw_ini_t *
drsw_profiles_read(drsw_aws_shared_t *sh, const char *env, const char *file)
{
    char       *text, path[1024], err[256];
    const char *p;
    drsw_ini_t *ini;

    p = drsw_env(sh, env);

    if (p == NULL) {
        p = drsw_env(sh, "HOME");
        if (p == NULL) {
            return NULL;
        }

        (void) snprintf(path, sizeof(path), "%s/.aws/%s", p, file);
        p = path;
    }

    /* a file that is not there is an empty one */
    text = drsw_read_file(p, DRSW_FILE_MAX, err, sizeof(err));
    if (text == NULL) {
        return NULL;
    }

    ini = drsw_ini_parse(text);

    drs_memzero(text, strlen(text));
    free(text);

    return ini;
}


static void
drsw_profiles_open(drsw_profiles_t *p, drsw_aws_shared_t *sh)
{
    p->config = drsw_profiles_read(sh, "AWS_CONFIG_FILE", "config");
    p->credentials =
        drsw_profiles_read(sh, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
}


static void
drsw_profiles_close(drsw_profiles_t *p)
{
    drsw_ini_free(p->config);
    drsw_ini_free(p->credentials);
}


/* "[profile x]" in the config file, but "[default]" may stand bare. */

static const char *
drsw_profiles_section(const drsw_profiles_t *p, const char *name, char *dst,
                      size_t size)
{
    (void) snprintf(dst, size, "profile %s", name);

    if (strcmp(name, "default") == 0 && !drsw_ini_has(p->config, dst)) {
        (void) snprintf(dst, size, "%s", name);
    }

    return dst;
}


static const char *
drsw_profiles_get(const drsw_profiles_t *p, const char *name, const char *key)
{
    char        section[256];
    const char *value;

    value = drsw_ini_get(p->credentials, name, key);
    if (value != NULL) {
        return value;
    }

    return drsw_ini_get(
        p->config, drsw_profiles_section(p, name, section, sizeof(section)),
        key);
}


static bool
drsw_profiles_have(const drsw_profiles_t *p, const char *name)
{
    char section[256];

    return drsw_ini_has(p->credentials, name)
           || drsw_ini_has(p->config, drsw_profiles_section(p, name, section,
                                                            sizeof(section)));
}


static const char *
drsw_profile_name(drsw_aws_shared_t *sh)
{
    return sh->profile != NULL ? sh->profile : "default";
}


char *
drsw_creds_profile_value(drsw_aws_shared_t *sh, const char *key)
{
    char           *copy;
    const char     *value;
    drsw_profiles_t p;

    drsw_profiles_open(&p, sh);

    value = drsw_profiles_get(&p, drsw_profile_name(sh), key);
    copy = value != NULL ? strdup(value) : NULL;

    drsw_profiles_close(&p);

    return copy;
}


static drsw_creds_rc_e
drsw_profile_refuse(drsw_creds_fetch_t *f, const char *name, const char *what)
{
    (void) drsw_error_local(f->res, DRSW_AWS_CREDENTIALS, "LocalCredentials",
                            "AWS profile \"%.60s\": %s", name, what);
    return DRSW_CREDS_FAILED;
}


static drsw_creds_rc_e
drsw_profile_keys(drsw_creds_fetch_t *f, const drsw_profiles_t *p,
                  const char *name, drsw_creds_t *out)
{
    const char *key, *secret, *token;

    key = drsw_profiles_get(p, name, "aws_access_key_id");
    secret = drsw_profiles_get(p, name, "aws_secret_access_key");

    if (key == NULL && secret == NULL) {
        return DRSW_CREDS_NONE;
    }

    if (key == NULL || secret == NULL) {
        return drsw_profile_refuse(f, name,
                                   key != NULL ? "has no aws_secret_access_key"
                                               : "has no aws_access_key_id");
    }

    token = drsw_profiles_get(p, name, "aws_session_token");

    if (drsw_creds_set(out, key, secret, token, "profile") != 0) {
        return drsw_profile_refuse(f, name, "out of memory");
    }

    return DRSW_CREDS_FOUND;
}


/* Credentials that the role of a profile is assumed with. */

static drsw_creds_rc_e
drsw_profile_source(drsw_profile_walk_t *w, const char *name, drsw_creds_t *out)
{
    const char     *source, *profile;
    drsw_creds_rc_e rc;

    profile = drsw_profiles_get(w->files, name, "source_profile");
    source = drsw_profiles_get(w->files, name, "credential_source");

    if (profile != NULL && source != NULL) {
        return drsw_profile_refuse(w->f, name,
                                   "has both source_profile and "
                                   "credential_source");
    }

    if (source != NULL) {
        if (strcmp(source, "Environment") == 0) {
            rc = drsw_creds_env(w->f, out);

        } else if (strcmp(source, "Ec2InstanceMetadata") == 0) {
            rc = drsw_creds_imds(w->f, out);

        } else if (strcmp(source, "EcsContainer") == 0) {
            rc = drsw_creds_container(w->f, out);

        } else {
            return drsw_profile_refuse(w->f, name,
                                       "credential_source must be "
                                       "Environment, Ec2InstanceMetadata or "
                                       "EcsContainer");
        }

        return rc == DRSW_CREDS_NONE
                   ? drsw_profile_refuse(w->f, name,
                                         "its credential_source has "
                                         "no credentials")
                   : rc;
    }

    if (profile == NULL) {
        return drsw_profile_refuse(w->f, name,
                                   "has role_arn without "
                                   "source_profile, credential_source or "
                                   "web_identity_token_file");
    }

    if (!drsw_profiles_have(w->files, profile)) {
        return drsw_profile_refuse(w->f, profile, "does not exist");
    }

    /* a profile may name itself when it holds keys */
    rc = strcmp(profile, name) == 0 ? DRSW_CREDS_NONE
                                    : drsw_profile_role(w, profile, out);
    if (rc == DRSW_CREDS_NONE) {
        rc = drsw_profile_keys(w->f, w->files, profile, out);
    }

    return rc == DRSW_CREDS_NONE
               ? drsw_profile_refuse(w->f, profile, "has no credentials")
               : rc;
}


static drsw_creds_rc_e
drsw_profile_role(drsw_profile_walk_t *w, const char *name, drsw_creds_t *out)
{
    int             i;
    const char     *token_file, *duration;
    drsw_creds_t    with;
    drsw_assume_t   role;
    drsw_creds_rc_e rc;

    memset(&role, 0, sizeof(role));
    role.role_arn = drsw_profiles_get(w->files, name, "role_arn");

    if (role.role_arn == NULL) {
        return DRSW_CREDS_NONE;
    }

    for (i = 0; i < w->n; i++) {
        if (strcmp(w->visited[i], name) == 0) {
            return drsw_profile_refuse(w->f, name,
                                       "its source_profile chain "
                                       "is a loop");
        }
    }

    if (w->n == DRSW_PROFILE_HOPS) {
        return drsw_profile_refuse(w->f, name,
                                   "its source_profile chain is "
                                   "too long");
    }

    w->visited[w->n++] = name;

    role.session_name = drsw_profiles_get(w->files, name, "role_session_name");
    role.external_id = drsw_profiles_get(w->files, name, "external_id");

    token_file = drsw_profiles_get(w->files, name, "web_identity_token_file");
    if (token_file != NULL) {
        return drsw_creds_web(w->f, role.role_arn, token_file,
                              role.session_name, out);
    }

    if (drsw_profiles_get(w->files, name, "mfa_serial") != NULL) {
        return drsw_profile_refuse(w->f, name,
                                   "has mfa_serial: nobody is "
                                   "there to type a code");
    }

    duration = drsw_profiles_get(w->files, name, "duration_seconds");
    if (duration != NULL
        && drs_str_i64(drs_str(duration), &role.duration_s) != DRS_OK)
    {
        return drsw_profile_refuse(w->f, name,
                                   "duration_seconds is not a "
                                   "number");
    }

    memset(&with, 0, sizeof(with));

    rc = drsw_profile_source(w, name, &with);
    if (rc != DRSW_CREDS_FOUND) {
        return rc;
    }

    rc = drsw_creds_assume(w->f, &with, &role, out, NULL);
    drsw_creds_free(&with);

    return rc;
}


drsw_creds_rc_e
drsw_creds_profile_role(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    const char         *name;
    drsw_creds_rc_e     rc;
    drsw_profiles_t     files;
    drsw_profile_walk_t w;

    name = drsw_profile_name(f->aws->sh);
    drsw_profiles_open(&files, f->aws->sh);

    if (f->aws->sh->profile != NULL && !drsw_profiles_have(&files, name)) {
        rc = drsw_profile_refuse(f, name, "does not exist");

    } else {
        memset(&w, 0, sizeof(w));
        w.f = f;
        w.files = &files;

        rc = drsw_profile_role(&w, name, out);
    }

    drsw_profiles_close(&files);

    return rc;
}


drsw_creds_rc_e
drsw_creds_profile_keys(drsw_creds_fetch_t *f, drsw_creds_t *out)
{
    const char     *name;
    drsw_creds_rc_e rc;
    drsw_profiles_t files;

    name = drsw_profile_name(f->aws->sh);
    drsw_profiles_open(&files, f->aws->sh);

    rc = drsw_profile_keys(f, &files, name, out);

    if (rc == DRSW_CREDS_NONE) {
        if (drsw_profiles_get(&files, name, "credential_process") != NULL) {
            rc = drsw_profile_refuse(f, name,
                                     "credential_process is not "
                                     "supported");

        } else if (drsw_profiles_get(&files, name, "sso_session") != NULL
                   || drsw_profiles_get(&files, name, "sso_start_url") != NULL)
        {
            rc = drsw_profile_refuse(f, name,
                                     "single sign-on is for people "
                                     "and not supported");
        }
    }

    drsw_profiles_close(&files);

    return rc;
}
