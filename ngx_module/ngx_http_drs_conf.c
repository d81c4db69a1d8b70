
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Configuration: defaults, merging, addresses, locations.  Documented in
 * docs/directives.md.
 */

#include "ngx_http_drs_module.h"
#include "ngx_http_drs_metrics.h"


static char *
ngx_http_drs_set_address(ngx_conf_t *cf, ngx_str_t *value, in_port_t port,
                         ngx_http_drs_addr_t *addr);
static char *ngx_http_drs_set_auth_file(ngx_conf_t *cf, ngx_str_t *name,
                                        ngx_http_drs_main_conf_t *mcf);


void *
ngx_http_drs_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_drs_main_conf_t *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_drs_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    mcf->pool_size = NGX_CONF_UNSET;
    mcf->queue_size = NGX_CONF_UNSET;
    mcf->timeout = NGX_CONF_UNSET_MSEC;
    mcf->connect_timeout = NGX_CONF_UNSET_MSEC;
    mcf->legacy_groups = NGX_CONF_UNSET;
    mcf->token_cache = NGX_CONF_UNSET;
    mcf->leeway = NGX_CONF_UNSET;
    mcf->token_failures = NGX_CONF_UNSET;
    mcf->token_max = NGX_CONF_UNSET_SIZE;
    mcf->streams = NGX_CONF_UNSET;
    mcf->stream_queue = NGX_CONF_UNSET_SIZE;
    mcf->heartbeat = NGX_CONF_UNSET_MSEC;
    mcf->command_timeout = NGX_CONF_UNSET_MSEC;

    return mcf;
}


char *
ngx_http_drs_init_main_conf(ngx_conf_t *cf, void *conf)
{
    const char               *bad;
    ngx_str_t                 addr = ngx_string("127.0.0.1:6379");
    ngx_http_drs_main_conf_t *mcf = conf;

    ngx_conf_init_value(mcf->pool_size, 2);
    ngx_conf_init_value(mcf->queue_size, 4096);
    ngx_conf_init_msec_value(mcf->timeout, 3000);
    ngx_conf_init_msec_value(mcf->connect_timeout, 1000);
    ngx_conf_init_value(mcf->legacy_groups, 1);
    ngx_conf_init_value(mcf->token_cache, 10000);
    ngx_conf_init_value(mcf->leeway, DRS_JWT_LEEWAY_S);
    ngx_conf_init_value(mcf->token_failures, 0);
    ngx_conf_init_size_value(mcf->token_max, DRS_JWT_DEFAULT_LEN);
    ngx_conf_init_value(mcf->streams, 1000);
    ngx_conf_init_size_value(mcf->stream_queue, 256 * 1024);
    ngx_conf_init_msec_value(mcf->heartbeat, 15000);
    ngx_conf_init_msec_value(mcf->command_timeout, NGX_HTTP_DRS_WAIT_MS);

    if (mcf->prefix.len == 0) {
        mcf->prefix = drs_str(DRS_KEY_PREFIX_DEFAULT);
    }

    if (!mcf->used) {
        return NGX_CONF_OK;
    }

    if (mcf->redis.name.len == 0 && mcf->n_sentinels == 0
        && ngx_http_drs_set_address(cf, &addr, 6379, &mcf->redis)
               != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (mcf->pool_size < 1 || mcf->pool_size > NGX_HTTP_DRS_MAX_POOL
        || mcf->queue_size < 1 || mcf->token_cache < 1 || mcf->streams < 0
        || mcf->leeway < 0 || mcf->leeway > DRS_JWT_MAX_LEEWAY_S
        || mcf->token_max > DRS_JWT_MAX_LEN || mcf->timeout < 10
        || mcf->connect_timeout < 10 || mcf->heartbeat < 100
        || mcf->command_timeout < 10 || mcf->stream_queue < 4096)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "a drs directive has a value out of its range");
        return NGX_CONF_ERROR;
    }

    bad = drs_routes_check();

    if (bad != NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "drs: route table: %s", bad);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_drs_metrics_zone(cf, mcf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_drs_init_issuers(cf, mcf);
}


void *
ngx_http_drs_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_drs_loc_conf_t *lcf;

    lcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_drs_loc_conf_t));
    if (lcf == NULL) {
        return NULL;
    }

    lcf->any_origin = NGX_CONF_UNSET;
    lcf->origins = NGX_CONF_UNSET_PTR;
    lcf->metrics_allow = NGX_CONF_UNSET_PTR;

    return lcf;
}


char *
ngx_http_drs_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_uint_t                i;
    ngx_cidr_t               *cidr;
    ngx_http_core_loc_conf_t *clcf;
    ngx_http_drs_loc_conf_t  *prev = parent;
    ngx_http_drs_loc_conf_t  *conf = child;
    ngx_str_t loopback[] = { ngx_string("127.0.0.0/8"), ngx_string("::1") };

    ngx_conf_merge_value(conf->any_origin, prev->any_origin, 0);
    ngx_conf_merge_ptr_value(conf->origins, prev->origins, NULL);
    ngx_conf_merge_ptr_value(conf->metrics_allow, prev->metrics_allow,
                             NGX_CONF_UNSET_PTR);

    if (!conf->enabled && !conf->error_page) {
        return NGX_CONF_OK;
    }

    if (conf->metrics_allow == NGX_CONF_UNSET_PTR) {
        conf->metrics_allow = ngx_array_create(cf->pool, 2, sizeof(ngx_cidr_t));
        if (conf->metrics_allow == NULL) {
            return NGX_CONF_ERROR;
        }

        for (i = 0; i < 2; i++) {
            cidr = ngx_array_push(conf->metrics_allow);
            if (cidr == NULL || ngx_ptocidr(&loopback[i], cidr) == NGX_ERROR) {
                return NGX_CONF_ERROR;
            }
        }
    }

    if (conf->enabled) {
        /*
         * The module has a limit per route and answers 413 itself, with the
         * envelope of the API; nginx would answer with an HTML page.
         */
        clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
        clcf->client_max_body_size = 0;

        /* what HTTP/2 reads ahead fits into memory (preread_size) */
        clcf->client_body_buffer_size =
            ngx_max(clcf->client_body_buffer_size, 65536);
    }

    return NGX_CONF_OK;
}


/* -- Redis ---------------------------------------------------------------- */

/* "unix:/path" or "address:port"; names are looked up now, once. */
static char *
ngx_http_drs_set_address(ngx_conf_t *cf, ngx_str_t *value, in_port_t port,
                         ngx_http_drs_addr_t *addr)
{
    u_char     *p;
    size_t      len;
    ngx_url_t   u;
    ngx_addr_t *a;

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.url = *value;
    u.default_port = port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in redis address \"%V\"",
                           u.err ? u.err : "error", value);
        return NGX_CONF_ERROR;
    }

    addr->name = *value;
    a = &u.addrs[0];

    if (u.family == AF_UNIX) {
        len = value->len - 5;
        p = ngx_pnalloc(cf->pool, len + 1);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        *ngx_cpymem(p, value->data + 5, len) = '\0';
        addr->path = (char *) p;

        return NGX_CONF_OK;
    }

    p = ngx_pnalloc(cf->pool, NGX_SOCKADDR_STRLEN + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    len = ngx_sock_ntop(a->sockaddr, a->socklen, p, NGX_SOCKADDR_STRLEN, 0);

    if (len > 2 && p[0] == '[') {
        /* hiredis takes IPv6 addresses bare */
        len -= 2;
        ngx_memmove(p, p + 1, len);
    }

    p[len] = '\0';

    addr->host = (char *) p;
    addr->port = ngx_inet_get_port(a->sockaddr);

    return NGX_CONF_OK;
}


/* First line of a file: "password" or "user password". */
static char *
ngx_http_drs_set_auth_file(ngx_conf_t *cf, ngx_str_t *name,
                           ngx_http_drs_main_conf_t *mcf)
{
    u_char  *buf, *p, *end;
    ssize_t  n;
    ngx_fd_t fd;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_CONF_ERROR;
    }

    buf = ngx_pcalloc(cf->pool, 1025);
    n = buf == NULL ? -1 : ngx_read_fd(fd, buf, 1024);
    ngx_close_file(fd);

    if (n <= 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cannot read \"%V\"", name);
        return NGX_CONF_ERROR;
    }

    for (end = buf; *end != '\0' && *end != LF && *end != CR; end++) {
        /* void */
    }

    p = ngx_strlchr(buf, end, ' ');

    if (p != NULL) {
        mcf->redis_user.data = buf;
        mcf->redis_user.len = (size_t) (p - buf);
        buf = p + 1;
    }

    mcf->redis_password.data = buf;
    mcf->redis_password.len = (size_t) (end - buf);

    return NGX_CONF_OK;
}


/* drs_redis address [db=N] [auth_file=path] */
char *
ngx_http_drs_set_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                     *rv;
    ngx_int_t                 db;
    ngx_str_t                *value, file;
    ngx_uint_t                i;
    ngx_http_drs_main_conf_t *mcf = conf;

    value = cf->args->elts;

    if (mcf->redis.name.len) {
        return "is duplicate";
    }

    /* "sentinel": the address comes from drs_redis_sentinel */

    if (ngx_strcmp(value[1].data, "sentinel") == 0) {
        mcf->redis.name = value[1];

    } else {
        rv = ngx_http_drs_set_address(cf, &value[1], 6379, &mcf->redis);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_strncmp(value[i].data, "db=", 3) == 0) {
            db = ngx_atoi(value[i].data + 3, value[i].len - 3);
            if (db == NGX_ERROR) {
                return "has an invalid db";
            }
            mcf->redis_db = (ngx_uint_t) db;
            continue;
        }

        if (ngx_strncmp(value[i].data, "auth_file=", 10) == 0) {
            file.data = value[i].data + 10;
            file.len = value[i].len - 10;
            rv = ngx_http_drs_set_auth_file(cf, &file, mcf);
            if (rv != NGX_CONF_OK) {
                return rv;
            }
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* drs_redis_sentinel master address ... */
char *
ngx_http_drs_set_sentinel(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                     *rv;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_drs_main_conf_t *mcf = conf;

    value = cf->args->elts;

    if (mcf->n_sentinels) {
        return "is duplicate";
    }

    if (cf->args->nelts - 2 > NGX_HTTP_DRS_MAX_SENTINELS) {
        return "has too many addresses";
    }

    mcf->sentinel_master = value[1];

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_drs_set_address(cf, &value[i], 26379,
                                      &mcf->sentinels[mcf->n_sentinels]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

        mcf->n_sentinels++;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_drs_set_prefix(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_drs_main_conf_t *mcf = conf;

    value = cf->args->elts;

    if (mcf->prefix.len) {
        return "is duplicate";
    }

    mcf->prefix = ngx_http_drs_view(&value[1]);

    if (!drs_key_prefix_valid(mcf->prefix)) {
        return "needs exactly one pair of braces around a name, as in {drs}";
    }

    return NGX_CONF_OK;
}


/* -- locations ------------------------------------------------------------ */

/* drs_api [prefix]: default the name of the location without its last slash */
char *
ngx_http_drs_set_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_core_loc_conf_t *clcf;
    ngx_http_drs_main_conf_t *mcf;
    ngx_http_drs_loc_conf_t  *lcf = conf;

    value = cf->args->elts;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_drs_module);

    if (lcf->enabled) {
        return "is duplicate";
    }

    lcf->prefix = cf->args->nelts > 1 ? value[1] : clcf->name;

    if (lcf->prefix.len && lcf->prefix.data[lcf->prefix.len - 1] == '/') {
        lcf->prefix.len--;
    }

    if (lcf->prefix.len && lcf->prefix.data[0] != '/') {
        return "needs a prefix that begins with a slash";
    }

    lcf->enabled = 1;
    mcf->used = 1;
    clcf->handler = ngx_http_drs_content_handler;

    return NGX_CONF_OK;
}


char *
ngx_http_drs_set_error_page(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t *clcf;
    ngx_http_drs_loc_conf_t  *lcf = conf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_drs_error_handler;
    lcf->error_page = 1;

    return NGX_CONF_OK;
}


/* drs_cors_origin none | * | origin ... */
char *
ngx_http_drs_set_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t               *value, *o;
    ngx_uint_t               i;
    ngx_http_drs_loc_conf_t *lcf = conf;

    value = cf->args->elts;

    if (lcf->any_origin != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    lcf->any_origin = 0;
    lcf->origins = NULL;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "none") == 0) {
        return NGX_CONF_OK;
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "*") == 0) {
        lcf->any_origin = 1;
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "drs_cors_origin *: scripts of every site may call "
                           "the API");
        return NGX_CONF_OK;
    }

    lcf->origins =
        ngx_array_create(cf->pool, cf->args->nelts, sizeof(ngx_str_t));
    if (lcf->origins == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_strncmp(value[i].data, "http://", 7) != 0
            && ngx_strncmp(value[i].data, "https://", 8) != 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is no origin (scheme://host[:port])",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        o = ngx_array_push(lcf->origins);
        if (o == NULL) {
            return NGX_CONF_ERROR;
        }

        *o = value[i];
    }

    return NGX_CONF_OK;
}


/* drs_metrics_allow none | all | address[/bits] ... */
char *
ngx_http_drs_set_metrics_allow(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t               *value;
    ngx_uint_t               i;
    ngx_cidr_t              *cidr;
    ngx_http_drs_loc_conf_t *lcf = conf;
    ngx_str_t all[] = { ngx_string("0.0.0.0/0"), ngx_string("::/0") };

    value = (ngx_str_t *) cf->args->elts + 1;
    i = cf->args->nelts - 1;

    if (lcf->metrics_allow != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    lcf->metrics_allow = ngx_array_create(cf->pool, 4, sizeof(ngx_cidr_t));
    if (lcf->metrics_allow == NULL) {
        return NGX_CONF_ERROR;
    }

    if (i == 1 && ngx_strcmp(value[0].data, "none") == 0) {
        return NGX_CONF_OK;
    }

    if (i == 1 && ngx_strcmp(value[0].data, "all") == 0) {
        value = all;
        i = 2;
    }

    for (/* void */; i; i--, value++) {
        cidr = ngx_array_push(lcf->metrics_allow);
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_ptocidr(value, cidr) == NGX_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid address \"%V\"",
                               value);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
