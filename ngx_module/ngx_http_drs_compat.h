
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Differences between versions of nginx and hiredis.  Nothing else in the
 * module tests a version.
 */

#ifndef NGX_HTTP_DRS_COMPAT_H_INCLUDED
#define NGX_HTTP_DRS_COMPAT_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <hiredis/hiredis.h>


/* nginx 1.23.0 turned header arrays into linked lists. */
#if (nginx_version >= 1023000)
#define ngx_http_drs_header_next(h) ((h)->next)
#define ngx_http_drs_header_end(h)  (h)->next = NULL
#else
#define ngx_http_drs_header_end(h)
#endif

/* nginx 1.25.1 moved HTTP/2 on and 1.25.0 brought HTTP/3. */
#if (NGX_HTTP_V3)
#define ngx_http_drs_is_multiplexed(r)                                         \
    ((r)->http_version == NGX_HTTP_VERSION_20                                  \
     || (r)->http_version == NGX_HTTP_VERSION_30)
#else
#define ngx_http_drs_is_multiplexed(r)                                         \
    ((r)->http_version == NGX_HTTP_VERSION_20)
#endif

/*
 * hiredis 1.x allocates through function pointers; the default ones are those
 * of libc.  0.14 uses libc itself.
 */
#if (HIREDIS_MAJOR >= 1)
#include <hiredis/alloc.h>
#define ngx_http_drs_hi_malloc(n) hi_malloc(n)
#else
#define ngx_http_drs_hi_malloc(n) malloc(n)
#endif


#endif /* NGX_HTTP_DRS_COMPAT_H_INCLUDED */
