
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The module: directives, variables, start and end of a worker process.
 */

#include "ngx_http_drs_command.h"
#include "ngx_http_drs_keyring.h"
#include "ngx_http_drs_metrics.h"
#include "ngx_http_drs_stream.h"

#include <openssl/rand.h>
#include <sys/eventfd.h>


static ngx_int_t ngx_http_drs_add_variables(ngx_conf_t *cf);
static ngx_int_t
ngx_http_drs_user_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
                           uintptr_t data);
static ngx_int_t
                 ngx_http_drs_request_id_variable(ngx_http_request_t        *r,
                                                  ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_drs_init_process(ngx_cycle_t *cycle);
static void      ngx_http_drs_exit_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_drs_hook(ngx_http_drs_process_t *process);
static void      ngx_http_drs_hook_handler(ngx_event_t *rev);


static ngx_command_t ngx_http_drs_commands[] = {

    { ngx_string("drs_redis"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE123,
      ngx_http_drs_set_redis, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_redis_sentinel"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE,
      ngx_http_drs_set_sentinel, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_redis_pool"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, pool_size), NULL },

    { ngx_string("drs_redis_queue"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, queue_size), NULL },

    { ngx_string("drs_redis_timeout"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, timeout), NULL },

    { ngx_string("drs_redis_connect_timeout"),
      NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, connect_timeout), NULL },

    { ngx_string("drs_prefix"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_http_drs_set_prefix, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_issuer"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE,
      ngx_http_drs_set_issuer, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_group"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2,
      ngx_http_drs_set_group, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_legacy_groups"), NGX_HTTP_MAIN_CONF | NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, legacy_groups), NULL },

    { ngx_string("drs_token_cache"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, token_cache), NULL },

    { ngx_string("drs_token_leeway"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, leeway), NULL },

    { ngx_string("drs_token_failures"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, token_failures), NULL },

    { ngx_string("drs_token_max_length"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_size_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, token_max), NULL },

    { ngx_string("drs_streams"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, streams), NULL },

    { ngx_string("drs_stream_queue"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_size_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, stream_queue), NULL },

    { ngx_string("drs_stream_heartbeat"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, heartbeat), NULL },

    { ngx_string("drs_command_timeout"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_drs_main_conf_t, command_timeout), NULL },

    { ngx_string("drs_api"),
      NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
      ngx_http_drs_set_api, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_error_page"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_http_drs_set_error_page, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_cors_origin"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_1MORE,
      ngx_http_drs_set_cors, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("drs_metrics_allow"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_1MORE,
      ngx_http_drs_set_metrics_allow, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    ngx_null_command
};


static ngx_http_module_t ngx_http_drs_module_ctx = {
    ngx_http_drs_add_variables, /* preconfiguration */
    NULL,                       /* postconfiguration */

    ngx_http_drs_create_main_conf, /* create main configuration */
    ngx_http_drs_init_main_conf,   /* init main configuration */

    NULL, /* create server configuration */
    NULL, /* merge server configuration */

    ngx_http_drs_create_loc_conf, /* create location configuration */
    ngx_http_drs_merge_loc_conf   /* merge location configuration */
};


/* nginx finds it by name: the one symbol that is seen outside */
ngx_module_t ngx_http_drs_module = {
    NGX_MODULE_V1,
    &ngx_http_drs_module_ctx,  /* module context */
    ngx_http_drs_commands,     /* module directives */
    NGX_HTTP_MODULE,           /* module type */
    NULL,                      /* init master */
    NULL,                      /* init module */
    ngx_http_drs_init_process, /* init process */
    NULL,                      /* init thread */
    NULL,                      /* exit thread */
    ngx_http_drs_exit_process, /* exit process */
    NULL,                      /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_variable_t ngx_http_drs_vars[] = {

    { ngx_string("drs_user"), NULL, ngx_http_drs_user_variable, 0, 0, 0 },

    { ngx_string("drs_request_id"), NULL, ngx_http_drs_request_id_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    ngx_http_null_variable
};


static ngx_int_t
ngx_http_drs_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t *v, *var;

    for (v = ngx_http_drs_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_user_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
                           uintptr_t data)
{
    drs_str_t sub;

    sub = ngx_http_drs_token_subject(
        r, ngx_http_get_module_main_conf(r, ngx_http_drs_module));

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = (unsigned) sub.len;
    v->data = (u_char *) sub.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_drs_request_id_variable(ngx_http_request_t        *r,
                                 ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_drs_request_t *req;

    req = ngx_http_get_module_ctx(r, ngx_http_drs_module);

    if (req == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = (unsigned) req->ctx.request_id.len;
    v->data = (u_char *) req->ctx.request_id.data;

    return NGX_OK;
}


/* -- a worker process ----------------------------------------------------- */

static ngx_int_t
ngx_http_drs_init_process(ngx_cycle_t *cycle)
{
    u_char                    rnd[16];
    ngx_uint_t                i;
    ngx_http_drs_process_t   *process;
    ngx_http_drs_main_conf_t *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_drs_module);

    if (mcf == NULL || !mcf->used
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    process = ngx_calloc(sizeof(ngx_http_drs_process_t), cycle->log);
    if (process == NULL) {
        return NGX_ERROR;
    }

    process->conf = mcf;
    process->log = cycle->log;
    process->metrics = mcf->metrics;

    if (RAND_bytes(rnd, sizeof(rnd)) != 1) {
        ngx_free(process);
        return NGX_ERROR;
    }

    drs_id_uuid4(process->id, rnd);

    for (i = 0; i < 64; i++) {
        ngx_queue_init(&process->waits[i]);
    }

    ngx_http_drs_metrics_process(process);
    mcf->process = process;

    if (ngx_http_drs_hook(process) != NGX_OK
        || ngx_http_drs_hub_init(process) != NGX_OK
        || ngx_http_drs_keyring_init(process) != NGX_OK
        || ngx_http_drs_pool_init(process) != NGX_OK
        || ngx_http_drs_pubsub_init(process) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_drs_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_drs_process_t   *process;
    ngx_http_drs_main_conf_t *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_drs_module);

    if (mcf == NULL || mcf->process == NULL) {
        return;
    }

    process = mcf->process;
    process->dead = 1;

    if (process->hook != NULL) {
        ngx_close_connection(process->hook);
    }

    ngx_http_drs_pubsub_exit(process);
    ngx_http_drs_pool_exit(process);
    ngx_http_drs_keyring_exit(process);
    ngx_http_drs_hub_exit(process);
    ngx_http_drs_metrics_exit(process);

    mcf->process = NULL;
    ngx_free(process);
}


/*
 * A worker process that shuts down gracefully looks at timers and at idle
 * connections only: an idle connection of our own tells us in time to end the
 * event streams.
 */
static ngx_int_t
ngx_http_drs_hook(ngx_http_drs_process_t *process)
{
    int               fd;
    ngx_connection_t *c;

    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd == -1) {
        ngx_log_error(NGX_LOG_ERR, process->log, ngx_errno,
                      "drs: eventfd() failed");
        return NGX_ERROR;
    }

    c = ngx_get_connection(fd, process->log);

    if (c == NULL) {
        (void) close(fd);
        return NGX_ERROR;
    }

    c->data = process;
    c->log = process->log;
    c->read->handler = ngx_http_drs_hook_handler;
    c->read->log = c->log;
    c->write->log = c->log;
    c->idle = 1;

    process->hook = c;

    return NGX_OK;
}


static void
ngx_http_drs_hook_handler(ngx_event_t *rev)
{
    ngx_connection_t       *c;
    ngx_http_drs_process_t *process;

    c = rev->data;
    process = c->data;

    process->exiting = 1;
    process->hook = NULL;
    ngx_close_connection(c);

    ngx_http_drs_hub_shutdown(process);
}
