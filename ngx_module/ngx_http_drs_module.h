
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Types of the module itself: configuration, the state of one worker process,
 * the private part of a request.  Handlers include ngx_http_drs_api.h only.
 *
 * Configuration is read-only after load.  What changes hangs on the process
 * object, which init_process creates and the main configuration points to;
 * there is no mutable variable at file scope.
 */

#ifndef NGX_HTTP_DRS_MODULE_H_INCLUDED
#define NGX_HTTP_DRS_MODULE_H_INCLUDED


#include "ngx_http_drs_api.h"
#include "ngx_http_drs_compat.h"

#include "drs_jwt_cache.h"
#include "drs_keys.h"


#define NGX_HTTP_DRS_MAX_ISSUERS   16
#define NGX_HTTP_DRS_MAX_SENTINELS 8
#define NGX_HTTP_DRS_MAX_POOL      32

/* Meaning of the keys that this module can write. */
#define NGX_HTTP_DRS_SCHEMA 1

/* Methods of OPTIONS answers and the CORS headers: api.md 1.5 */
#define NGX_HTTP_DRS_CORS_METHODS "GET,POST,PUT,DELETE,OPTIONS"


typedef struct ngx_http_drs_process_s ngx_http_drs_process_t;
typedef struct ngx_http_drs_request_s ngx_http_drs_request_t;
typedef struct ngx_http_drs_metrics_s ngx_http_drs_metrics_t;
typedef struct ngx_http_drs_link_s    ngx_http_drs_link_t;
typedef struct ngx_http_drs_exec_s    ngx_http_drs_exec_t;
typedef struct ngx_http_drs_wait_s    ngx_http_drs_wait_t;
typedef struct ngx_http_drs_hub_s     ngx_http_drs_hub_t;
typedef struct ngx_http_drs_keyring_s ngx_http_drs_keyring_t;


/* An address that hiredis can take without a look-up. */
typedef struct {
    char      *host; /* numeric; NULL: unix socket */
    ngx_uint_t port;
    char      *path; /* unix socket, or NULL */
    ngx_str_t  name; /* for logs */
} ngx_http_drs_addr_t;


typedef struct {
    drs_jwt_issuer_t *policy;    /* in drs_jwt_policy_t */
    ngx_str_t         jwks_file; /* empty: from Redis */
    drs_jwks_t       *file_keys; /* of jwks_file */
    drs_str_t         hash;      /* <issuer hash> of jwks: keys */
    unsigned          local : 1; /* the worker's own issuer */
} ngx_http_drs_issuer_t;


typedef struct {
    drs_str_t prefix;

    ngx_http_drs_addr_t redis;
    ngx_uint_t          redis_db;
    ngx_str_t           redis_user;
    ngx_str_t           redis_password;
    ngx_str_t           sentinel_master;
    ngx_http_drs_addr_t sentinels[NGX_HTTP_DRS_MAX_SENTINELS];
    ngx_uint_t          n_sentinels;
    ngx_int_t           pool_size;
    ngx_int_t           queue_size;
    ngx_msec_t          timeout;
    ngx_msec_t          connect_timeout;

    drs_jwt_policy_t      policy;
    ngx_http_drs_issuer_t issuers[NGX_HTTP_DRS_MAX_ISSUERS];
    ngx_uint_t            n_issuers;
    ngx_array_t          *aliases; /* drs_rbac_alias_t */
    drs_rbac_map_t        roles;
    ngx_flag_t            legacy_groups;
    ngx_int_t             token_cache;
    time_t                leeway;
    ngx_int_t             token_failures; /* a minute and address; 0: off */
    size_t                token_max;

    ngx_int_t  streams; /* per worker process */
    size_t     stream_queue;
    ngx_msec_t heartbeat;
    ngx_msec_t command_timeout;

    ngx_shm_zone_t         *zone;
    ngx_http_drs_metrics_t *metrics;

    ngx_uint_t              used;    /* a location has drs_api */
    ngx_http_drs_process_t *process; /* this worker process */
} ngx_http_drs_main_conf_t;


typedef struct {
    ngx_flag_t   enabled;
    ngx_str_t    prefix;  /* "/api", or empty */
    ngx_array_t *origins; /* ngx_str_t; NULL: none */
    ngx_flag_t   any_origin;
    ngx_array_t *metrics_allow; /* ngx_cidr_t */
    ngx_flag_t   error_page;
} ngx_http_drs_loc_conf_t;


struct ngx_http_drs_process_s {
    ngx_http_drs_main_conf_t *conf;
    ngx_log_t                *log;
    ngx_http_drs_metrics_t   *metrics;

    char              id[DRS_UUID_SIZE]; /* replyTo */
    ngx_connection_t *hook;              /* idle: tells of a shutdown */
    unsigned          exiting : 1;       /* graceful shutdown */
    unsigned          dead : 1;          /* no callbacks any more */
    unsigned          schema_old : 1;    /* the store is newer than we */

    /* Redis */
    ngx_http_drs_link_t *links[NGX_HTTP_DRS_MAX_POOL];
    ngx_uint_t           n_links;
    ngx_http_drs_link_t *pubsub;
    void                *pubsub_state; /* of ngx_http_drs_pubsub.c */
    ngx_queue_t          waiting;      /* calls without a ready link */
    ngx_uint_t           n_calls;      /* waiting and in flight */

    /* commands */
    ngx_queue_t waits[64]; /* ngx_http_drs_wait_t by id */
    ngx_uint_t  n_waits;

    ngx_http_drs_hub_t     *hub;     /* event streams */
    ngx_http_drs_keyring_t *keyring; /* keys, token cache */
};


/* Where a request stands; for the log and for guards. */
typedef enum {
    NGX_HTTP_DRS_ST_START = 0,
    NGX_HTTP_DRS_ST_BODY, /* reading the body */
    NGX_HTTP_DRS_ST_AUTH, /* waiting for keys or the deny list */
    NGX_HTTP_DRS_ST_IDEM, /* claiming the Idempotency-Key */
    NGX_HTTP_DRS_ST_HANDLER,
    NGX_HTTP_DRS_ST_STREAM,
    NGX_HTTP_DRS_ST_DONE /* a reply was sent */
} ngx_http_drs_state_t;


struct ngx_http_drs_request_s {
    ngx_http_drs_ctx_t ctx; /* first */

    ngx_http_drs_main_conf_t *main;
    ngx_http_drs_loc_conf_t  *loc;
    ngx_http_drs_process_t   *process;

    ngx_http_drs_state_t state;
    ngx_int_t            rc;            /* of the output filters */
    unsigned             allow;         /* methods of the path */
    unsigned             is_public : 1; /* no no-store needed */
    unsigned             running : 1;   /* in ngx_http_drs_run() */
    unsigned             keep : 1;      /* outlives its client */
    unsigned             idem : 1;      /* an Idempotency-Key is claimed */
    unsigned             body_done : 1;
    unsigned             keys_retried : 1;

    /* body */
    u_char *buf;
    size_t  buf_len;
    size_t  buf_size;

    /* what is under way: at most one of the two */
    ngx_http_drs_exec_t    *exec;
    ngx_http_drs_call_pt    call_done;
    ngx_http_drs_wait_t    *wait;
    ngx_http_drs_command_pt command_done;

    drs_str_t token; /* bearer token, borrowed */
    drs_str_t idem_key;
    char      body_hash[65];
    drs_str_t etag;
    drs_str_t csp;        /* of a page; empty: the one of JSON */
    drs_str_t link_token; /* taken out of the query, hidden from logs */

    struct ngx_http_drs_stream_s *stream;
};


extern ngx_module_t ngx_http_drs_module;


#define ngx_http_drs_core(ctx) ((ngx_http_drs_request_t *) (ctx)->core)

/* Contents of an ngx_str_t as a view, and back (no copy). */
#define ngx_http_drs_view(s) drs_strn((const char *) (s)->data, (s)->len)


/* ngx_http_drs_conf.c */
void *ngx_http_drs_create_main_conf(ngx_conf_t *cf);
char *ngx_http_drs_init_main_conf(ngx_conf_t *cf, void *conf);
void *ngx_http_drs_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_drs_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);
char *ngx_http_drs_set_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_set_sentinel(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_set_prefix(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_set_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *
ngx_http_drs_set_error_page(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_set_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *
ngx_http_drs_set_metrics_allow(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* ngx_http_drs_issuer.c */
char *ngx_http_drs_set_issuer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_set_group(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_drs_init_issuers(ngx_conf_t *cf, ngx_http_drs_main_conf_t *mcf);

/* ngx_http_drs_router.c */
ngx_int_t ngx_http_drs_content_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_drs_error_handler(ngx_http_request_t *r);

/*
 * Drives a request on with the result of a handler or callback and finalizes
 * it when a reply was sent.  May free the request.
 */
void ngx_http_drs_resume(ngx_http_drs_ctx_t *ctx, ngx_int_t rc);

/* After authentication: permission, body, idempotency, handler. */
ngx_int_t ngx_http_drs_after_auth(ngx_http_drs_ctx_t *ctx);

/* ngx_http_drs_body.c */
ngx_int_t ngx_http_drs_read_body(ngx_http_drs_ctx_t *ctx);
ngx_int_t ngx_http_drs_parse_body(ngx_http_drs_ctx_t *ctx);
ngx_int_t ngx_http_drs_body_ready(ngx_http_drs_ctx_t *ctx);

/* ngx_http_drs_idem.c */
ngx_int_t ngx_http_drs_idem_begin(ngx_http_drs_ctx_t *ctx);
void      ngx_http_drs_idem_end(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                                drs_str_t body);
ngx_int_t ngx_http_drs_run_handler(ngx_http_drs_ctx_t *ctx);

/* ngx_http_drs_request.c */
ngx_http_drs_ctx_t *ngx_http_drs_ctx_create(ngx_http_request_t *r);
ngx_int_t           ngx_http_drs_decode_path(ngx_http_drs_ctx_t *ctx);

/* ngx_http_drs_response.c */
ngx_int_t ngx_http_drs_send(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                            ngx_str_t *type, drs_str_t body);
ngx_int_t ngx_http_drs_headers(ngx_http_drs_ctx_t *ctx);
ngx_int_t ngx_http_drs_unavailable(ngx_http_drs_ctx_t *ctx, const char *what);

/* api/ngx_http_drs_api_list.c */

/* Takes limit and nextToken; NGX_DECLINED: refused. */
ngx_int_t ngx_http_drs_list_begin(ngx_http_drs_ctx_t *ctx);

/*
 * Writes the page that was asked for to *page and, for a bare array, its
 * header Link (RFC 8288).  NGX_DECLINED: the body is sent as it is.
 */
ngx_int_t
ngx_http_drs_list_cut(ngx_http_drs_ctx_t *ctx, drs_buf_t *page, drs_str_t body);

/* ngx_http_drs_cors.c */
ngx_int_t ngx_http_drs_cors(ngx_http_drs_ctx_t *ctx);
ngx_int_t ngx_http_drs_options(ngx_http_drs_ctx_t *ctx);


#endif /* NGX_HTTP_DRS_MODULE_H_INCLUDED */
