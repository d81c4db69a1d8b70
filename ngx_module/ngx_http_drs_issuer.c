
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Issuers of tokens and the mapping of groups to roles: configuration.
 */

#include "ngx_http_drs_module.h"

#include "drs_sha256.h"


#define NGX_HTTP_DRS_MAX_CLAIMS 8


static char *
ngx_http_drs_issuer_param(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer,
                          ngx_str_t *param);
static char *
ngx_http_drs_issuer_flag(ngx_http_drs_issuer_t *issuer, drs_str_t name);
static ngx_int_t ngx_http_drs_add_view(ngx_conf_t *cf, const drs_str_t **list,
                                       size_t *n, drs_str_t v);
static ngx_int_t ngx_http_drs_add_name(ngx_conf_t *cf, const char *const **list,
                                       size_t *n, drs_str_t v);
static ngx_int_t
ngx_http_drs_issuer_hash(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer);
static char *
ngx_http_drs_load_jwks(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer);
static void ngx_http_drs_free_jwks(void *data);


/*
 * drs_issuer name iss=... aud=... [aud=...] [jwks=file] [algs=RS256,...]
 *     [groups_claim=...] [username_claim=...] [local] [access_tokens]
 *     [token_use] [any_email]
 */
char *
ngx_http_drs_set_issuer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                     *rv;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_drs_issuer_t    *issuer;
    ngx_http_drs_main_conf_t *mcf = conf;

    value = cf->args->elts;

    if (mcf->n_issuers == NGX_HTTP_DRS_MAX_ISSUERS) {
        return "is given too often";
    }

    if (mcf->policy.issuers == NULL) {
        mcf->policy.issuers = ngx_pcalloc(
            cf->pool, NGX_HTTP_DRS_MAX_ISSUERS * sizeof(drs_jwt_issuer_t));
        if (mcf->policy.issuers == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    issuer = &mcf->issuers[mcf->n_issuers];
    issuer->policy = (drs_jwt_issuer_t *) &mcf->policy.issuers[mcf->n_issuers];
    issuer->policy->name = ngx_http_drs_view(&value[1]);

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_drs_issuer_param(cf, issuer, &value[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (issuer->policy->iss.len == 0 || issuer->policy->n_audiences == 0) {
        return "needs iss= and at least one aud=";
    }

    for (i = 0; i < mcf->n_issuers; i++) {
        if (drs_str_eq(mcf->issuers[i].policy->iss, issuer->policy->iss)) {
            return "names an issuer twice";
        }
    }

    mcf->n_issuers++;
    mcf->policy.n_issuers = mcf->n_issuers;

    return NGX_CONF_OK;
}


static char *
ngx_http_drs_issuer_param(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer,
                          ngx_str_t *param)
{
    ngx_int_t         rc;
    drs_str_t         name, v;
    drs_jwt_issuer_t *p;

    p = issuer->policy;
    v = ngx_http_drs_view(param);
    drs_str_split(&v, '=', &name);

    if (v.data == NULL) {
        return ngx_http_drs_issuer_flag(issuer, name);
    }

    if (v.len == 0) {
        return "has an empty parameter";
    }

    rc = NGX_OK;

    if (drs_str_eqz(name, "iss")) {
        p->iss = v;

    } else if (drs_str_eqz(name, "aud")) {
        rc = ngx_http_drs_add_view(cf, &p->audiences, &p->n_audiences, v);

    } else if (drs_str_eqz(name, "jwks")) {
        issuer->jwks_file.data = (u_char *) v.data;
        issuer->jwks_file.len = v.len;

    } else if (drs_str_eqz(name, "algs")) {
        if (drs_jwa_parse_list(v, &p->algs) != DRS_OK) {
            return "has an algorithm that is not allowed";
        }

    } else if (drs_str_eqz(name, "groups_claim")) {
        rc = ngx_http_drs_add_name(cf, &p->groups_claims, &p->n_groups_claims,
                                   v);

    } else if (drs_str_eqz(name, "username_claim")) {
        rc = ngx_http_drs_add_name(cf, &p->username_claims,
                                   &p->n_username_claims, v);

    } else {
        return "has an unknown parameter";
    }

    return rc == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_drs_issuer_flag(ngx_http_drs_issuer_t *issuer, drs_str_t name)
{
    if (drs_str_eqz(name, "local")) {
        issuer->local = 1;

    } else if (drs_str_eqz(name, "access_tokens")) {
        issuer->policy->access_tokens = 1;

    } else if (drs_str_eqz(name, "token_use")) {
        issuer->policy->need_token_use = 1;

    } else if (drs_str_eqz(name, "any_email")) {
        issuer->policy->any_email = 1;

    } else {
        return "has an unknown parameter";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_drs_add_view(ngx_conf_t *cf, const drs_str_t **list, size_t *n,
                      drs_str_t v)
{
    drs_str_t *own;

    if (*list == NULL) {
        *list =
            ngx_pcalloc(cf->pool, NGX_HTTP_DRS_MAX_CLAIMS * sizeof(drs_str_t));
    }

    if (*list == NULL || *n == NGX_HTTP_DRS_MAX_CLAIMS) {
        return NGX_ERROR;
    }

    own = (drs_str_t *) *list;
    own[(*n)++] = v;

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_add_name(ngx_conf_t *cf, const char *const **list, size_t *n,
                      drs_str_t v)
{
    char **own, *name;

    if (*list == NULL) {
        *list = ngx_pcalloc(cf->pool, NGX_HTTP_DRS_MAX_CLAIMS * sizeof(char *));
    }

    name = ngx_pnalloc(cf->pool, v.len + 1);

    if (*list == NULL || name == NULL || *n == NGX_HTTP_DRS_MAX_CLAIMS) {
        return NGX_ERROR;
    }

    ngx_memcpy(name, v.data, v.len);
    name[v.len] = '\0';

    own = (char **) (uintptr_t) *list;
    own[(*n)++] = name;

    return NGX_OK;
}


/* drs_group name role */
char *
ngx_http_drs_set_group(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    int                       role;
    ngx_str_t                *value;
    drs_rbac_alias_t         *alias;
    ngx_http_drs_main_conf_t *mcf = conf;

    value = cf->args->elts;
    role = drs_role_by_name(ngx_http_drs_view(&value[2]));

    if (role < 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown role \"%V\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    if (mcf->aliases == NULL) {
        mcf->aliases = ngx_array_create(cf->pool, 8, sizeof(drs_rbac_alias_t));
        if (mcf->aliases == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    alias = ngx_array_push(mcf->aliases);
    if (alias == NULL) {
        return NGX_CONF_ERROR;
    }

    alias->group = ngx_http_drs_view(&value[1]);
    alias->role = (drs_role_t) role;

    return NGX_CONF_OK;
}


char *
ngx_http_drs_init_issuers(ngx_conf_t *cf, ngx_http_drs_main_conf_t *mcf)
{
    ngx_uint_t i;

    if (mcf->n_issuers == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "drs_api needs at least one drs_issuer");
        return NGX_CONF_ERROR;
    }

    mcf->policy.max_len = mcf->token_max;
    mcf->policy.leeway_s = (int) mcf->leeway;

    mcf->roles.no_legacy = !mcf->legacy_groups;

    if (mcf->aliases != NULL) {
        mcf->roles.aliases = mcf->aliases->elts;
        mcf->roles.n = mcf->aliases->nelts;
    }

    for (i = 0; i < mcf->n_issuers; i++) {
        if (ngx_http_drs_issuer_hash(cf, &mcf->issuers[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        if (mcf->issuers[i].jwks_file.len
            && ngx_http_drs_load_jwks(cf, &mcf->issuers[i]) != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* SHA-256 of the issuer in hex: the key under which its JWKS is published */
static ngx_int_t
ngx_http_drs_issuer_hash(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer)
{
    char *hex;

    hex = ngx_pnalloc(cf->pool, DRS_SHA256_HEX_LEN + 1);

    if (hex == NULL
        || drs_sha256_hex(hex, issuer->policy->iss.data,
                          issuer->policy->iss.len)
               != DRS_OK)
    {
        return NGX_ERROR;
    }

    issuer->hash = drs_strn(hex, DRS_SHA256_HEX_LEN);

    return NGX_OK;
}


static void
ngx_http_drs_free_jwks(void *data)
{
    drs_jwks_free(data);
}


static char *
ngx_http_drs_load_jwks(ngx_conf_t *cf, ngx_http_drs_issuer_t *issuer)
{
    char                err[160];
    u_char             *buf;
    ssize_t             n;
    ngx_fd_t            fd;
    ngx_str_t          *name;
    ngx_pool_cleanup_t *cln;

    name = &issuer->jwks_file;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, ngx_errno,
                      ngx_open_file_n " \"%V\" failed", name);
        return NGX_CONF_ERROR;
    }

    buf = ngx_palloc(cf->temp_pool, DRS_JWKS_MAX_BYTES);
    n = buf == NULL ? -1 : ngx_read_fd(fd, buf, DRS_JWKS_MAX_BYTES);
    ngx_close_file(fd);

    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (n < 0 || cln == NULL) {
        return NGX_CONF_ERROR;
    }

    if (drs_jwks_parse(&issuer->file_keys, drs_strn((char *) buf, (size_t) n),
                       issuer->policy->algs ? issuer->policy->algs
                                            : DRS_JWA_ALL,
                       err, sizeof(err))
        != DRS_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "key set \"%V\": %s", name,
                      err);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_drs_free_jwks;
    cln->data = issuer->file_keys;

    return NGX_CONF_OK;
}
