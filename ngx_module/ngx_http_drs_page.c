
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Answers for people: small pages with a policy that lets nothing in but the
 * page's own style (security.md 6.3, 9).
 */

#include "ngx_http_drs_call.h"

#include <openssl/rand.h>

#include "drs_base64.h"


#define NGX_HTTP_DRS_NONCE 18 /* bytes */


void
ngx_http_drs_html(drs_buf_t *b, drs_str_t s)
{
    size_t i;

    for (i = 0; i < s.len; i++) {
        switch (s.data[i]) {
        case '&':
            (void) drs_buf_puts(b, "&amp;");
            break;
        case '<':
            (void) drs_buf_puts(b, "&lt;");
            break;
        case '>':
            (void) drs_buf_puts(b, "&gt;");
            break;
        case '"':
            (void) drs_buf_puts(b, "&quot;");
            break;
        case '\'':
            (void) drs_buf_puts(b, "&#39;");
            break;
        default:
            (void) drs_buf_putc(b, s.data[i]);
            break;
        }
    }
}


ngx_int_t
ngx_http_drs_page(ngx_http_drs_ctx_t *ctx, ngx_uint_t status, const char *title,
                  const char *content)
{
    char             nonce[drs_base64_len(NGX_HTTP_DRS_NONCE) + 1];
    u_char           rnd[NGX_HTTP_DRS_NONCE];
    drs_buf_t        b;
    ngx_int_t        rc;
    static ngx_str_t type = ngx_string("text/html; charset=utf-8");

    if (RAND_bytes(rnd, sizeof(rnd)) != 1) {
        return NGX_ERROR;
    }

    (void) drs_base64_encode(nonce, rnd, sizeof(rnd));
    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b,
                          "default-src 'none'; style-src 'nonce-%s'; "
                          "form-action 'self'; base-uri 'none'; "
                          "frame-ancestors 'none'",
                          nonce);
    ngx_http_drs_core(ctx)->csp = ngx_http_drs_copy(ctx, drs_buf_str(&b));
    drs_buf_reset(&b);

    (void) drs_buf_printf(
        &b,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"robots\" content=\"noindex\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<title>%s</title><style nonce=\"%s\">body{font:16px sans-serif;"
        "max-width:36em;margin:3em auto;padding:0 1em}dt{color:#555}"
        "dd{margin:0 0 .6em}button{font:inherit;padding:.5em 1em}</style>"
        "</head><body><h1>%s</h1>%s</body></html>\n",
        title, nonce, title, content);

    rc = NGX_ERROR;

    if (drs_buf_ok(&b) && ngx_http_drs_core(ctx)->csp.len) {
        rc = ngx_http_drs_send(ctx, status, &type, drs_buf_str(&b));
    }

    drs_buf_free(&b);

    return rc;
}


ngx_int_t
ngx_http_drs_page_error(ngx_http_drs_ctx_t *ctx, ngx_uint_t status,
                        drs_str_t message)
{
    drs_buf_t b;
    ngx_int_t rc;

    drs_buf_init(&b, 0);
    (void) drs_buf_puts(&b, "<p>");
    ngx_http_drs_html(&b, message);
    (void) drs_buf_puts(&b, "</p><p>Nothing was changed, as far as is known. "
                            "Try again later.</p>");
    rc = drs_buf_ok(&b)
             ? ngx_http_drs_page(ctx, status, "That did not work", b.data)
             : NGX_ERROR;
    drs_buf_free(&b);

    return rc;
}
