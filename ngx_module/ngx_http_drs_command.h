
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waits for answers of the worker daemon, and the subscription that brings
 * them.
 */

#ifndef NGX_HTTP_DRS_COMMAND_H_INCLUDED
#define NGX_HTTP_DRS_COMMAND_H_INCLUDED


#include "ngx_http_drs_pool.h"


/* An answer was announced: `text` is empty if it has to be fetched. */
void ngx_http_drs_command_announced(ngx_http_drs_process_t *process,
                                    drs_str_t id, drs_str_t text);

/* The subscription is up (again): fetch what may have been missed. */
void ngx_http_drs_command_poll(ngx_http_drs_process_t *process);

void ngx_http_drs_command_detach(ngx_http_drs_wait_t *wait);


/* ngx_http_drs_pubsub.c */
ngx_int_t ngx_http_drs_pubsub_init(ngx_http_drs_process_t *process);
void      ngx_http_drs_pubsub_exit(ngx_http_drs_process_t *process);

/* 1 if the subscription is up: nothing announced from now on is missed. */
ngx_uint_t ngx_http_drs_pubsub_up(ngx_http_drs_process_t *process);


#endif /* NGX_HTTP_DRS_COMMAND_H_INCLUDED */
