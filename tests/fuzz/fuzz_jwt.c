
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Tokens.  The first byte chooses: a raw token and header value, or "header
 * LF payload" that is encoded and signed here, so that claims with a good
 * signature are explored too.
 */

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_base64.h"
#include "drs_buf.h"
#include "drs_jwt.h"
#include "drs_jwt_cache.h"


#define NOW INT64_C(1700000000)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


typedef struct {
    EVP_PKEY        *key;
    drs_jwks_t      *set;
    drs_jwt_cache_t *cache;
} fuzz_ctx_t;


static const drs_str_t   auds[] = { drs_string("c") };
static const char *const groups[] = { "/r/g", "groups" };

static const drs_jwt_issuer_t issuers[] = { { .name = drs_string("a"),
                                              .iss = drs_string("i"),
                                              .audiences = auds,
                                              .n_audiences = 1 },
                                            { .name = drs_string("b"),
                                              .iss = drs_string("j"),
                                              .audiences = auds,
                                              .n_audiences = 1,
                                              .access_tokens = 1,
                                              .any_email = 1,
                                              .groups_claims = groups,
                                              .n_groups_claims = 2 },
                                            { .name = drs_string("n"),
                                              .iss = drs_string("n"),
                                              .audiences = auds,
                                              .n_audiences = 1 } };

static const drs_jwt_policy_t policy = { issuers, 3, DRS_JWT_MAX_LEN, -1 };


static fuzz_ctx_t *
fuzz_ctx(void)
{
    char             *x, text[256];
    size_t            len;
    unsigned char     raw[32];
    static fuzz_ctx_t ctx;

    if (ctx.key != NULL) {
        return &ctx;
    }

    memset(raw, 7, sizeof(raw));
    ctx.key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, 32);
    len = sizeof(raw);

    if (ctx.key == NULL || EVP_PKEY_get_raw_public_key(ctx.key, raw, &len) != 1)
    {
        abort();
    }

    x = drs_base64url_dup(raw, len);
    snprintf(text, sizeof(text),
             "{\"keys\":[{\"kty\":\"OKP\",\"crv\":"
             "\"Ed25519\",\"kid\":\"k\",\"x\":\"%s\"}]}",
             x);
    free(x);

    if (drs_jwks_parse(&ctx.set, drs_str(text), 0, NULL, 0) != DRS_OK) {
        abort();
    }

    ctx.cache = drs_jwt_cache_create(8, 0);

    return &ctx;
}


static void
fuzz_token(fuzz_ctx_t *ctx, drs_str_t token)
{
    size_t            i;
    drs_jwt_t        *t, *u;
    drs_jwt_reason_t  rc, again;
    const drs_jwks_t *sets[3];

    sets[0] = ctx->set;
    sets[1] = ctx->set;
    sets[2] = NULL;

    rc = drs_jwt_verify(&policy, sets, token, NOW, &t);

    if ((rc == DRS_JWT_OK) != (t != NULL) || rc == DRS_JWT_INTERNAL
        || ERR_peek_error() != 0)
    {
        abort();
    }

    again =
        drs_jwt_cache_verify(ctx->cache, &policy, sets, token, NOW, &u, NULL);

    if (again != rc || (u != NULL) != (t != NULL)) {
        abort();
    }

    if (t != NULL) {
        if (t->sub.len == 0 || t->username.len == 0 || t->kid.len == 0
            || t->issuer > 1 || drs_jwt_expired(&policy, t, NOW)
            || t->n_groups > DRS_JWT_MAX_GROUPS)
        {
            abort();
        }

        for (i = 0; i < t->n_groups; i++) {
            if (t->groups[i].len == 0) {
                abort();
            }
        }
    }

    drs_jwt_unref(t);
    drs_jwt_unref(u);

    (void) drs_jwt_peek_issuer(&policy, token);
}


static void
fuzz_signed(fuzz_ctx_t *ctx, drs_str_t text)
{
    char         *part;
    size_t        n;
    drs_str_t     header;
    drs_buf_t     b;
    EVP_MD_CTX   *md;
    unsigned char sig[64];

    if (!drs_str_split(&text, '\n', &header) || text.data == NULL) {
        return;
    }

    drs_buf_init(&b, 0);

    part = drs_base64url_dup(header.data, header.len);
    drs_buf_printf(&b, "%s.", part);
    free(part);
    part = drs_base64url_dup(text.data, text.len);
    drs_buf_puts(&b, part);
    free(part);

    md = EVP_MD_CTX_new();
    n = sizeof(sig);

    if (EVP_DigestSignInit(md, NULL, NULL, NULL, ctx->key) != 1
        || EVP_DigestSign(md, sig, &n, (unsigned char *) b.data, b.len) != 1)
    {
        abort();
    }

    EVP_MD_CTX_free(md);

    part = drs_base64url_dup(sig, n);
    drs_buf_printf(&b, ".%s", part);
    free(part);

    fuzz_token(ctx, drs_buf_str(&b));
    drs_buf_free(&b);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drs_str_t   text, token;
    fuzz_ctx_t *ctx;

    if (size < 1) {
        return 0;
    }

    ctx = fuzz_ctx();
    text = drs_strn((const char *) data + 1, size - 1);

    if (data[0] == 's') {
        fuzz_signed(ctx, text);
        return 0;
    }

    if (drs_jwt_bearer(text, &token) == DRS_OK) {
        fuzz_token(ctx, token);
    }

    fuzz_token(ctx, text);

    return 0;
}
