
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * GET /openapi.yaml: openapi/drs.yaml as it was when the module was
 * built.  The document is in the module itself, so that it always describes
 * the routes that are served.
 */

#include "ngx_http_drs_api.h"
#include "ngx_http_drs_call.h"

#include "drs_sha256.h"


#define NGX_HTTP_DRS_OPENAPI_TAG_LEN 32

/* found by the include folder shared/, beside openapi/ */
__asm__(".pushsection .rodata\n"
        ".type ngx_http_drs_openapi_text, @object\n"
        "ngx_http_drs_openapi_text:\n"
        ".incbin \"../openapi/drs.yaml\"\n"
        "ngx_http_drs_openapi_end:\n"
        ".byte 0\n"
        ".size ngx_http_drs_openapi_text, . - ngx_http_drs_openapi_text\n"
        ".popsection\n");

extern const char ngx_http_drs_openapi_text[]
    __attribute__((visibility("hidden")));
extern const char ngx_http_drs_openapi_end[]
    __attribute__((visibility("hidden")));


ngx_int_t
ngx_http_drs_api_openapi(ngx_http_drs_ctx_t *ctx)
{
    char             hex[DRS_SHA256_HEX_LEN + 1];
    drs_str_t        body, tag;
    static ngx_str_t type = ngx_string("application/yaml");

    body = drs_strn(ngx_http_drs_openapi_text,
                    (uintptr_t) ngx_http_drs_openapi_end
                        - (uintptr_t) ngx_http_drs_openapi_text);

    if (drs_sha256_hex(hex, body.data, body.len) != DRS_OK) {
        return NGX_ERROR;
    }

    tag = drs_strn(hex, NGX_HTTP_DRS_OPENAPI_TAG_LEN);

    if (ngx_http_drs_etag_matches(ctx, tag)) {
        return ngx_http_drs_not_modified(ctx, tag);
    }

    if (ngx_http_drs_etag(ctx, tag) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_drs_send(ctx, NGX_HTTP_OK, &type, body);
}
