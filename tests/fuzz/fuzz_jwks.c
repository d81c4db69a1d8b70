
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Key sets: each accepted key is complete, findable and refuses a signature
 * of garbage; the fingerprint does not depend on the run.
 */

#include <openssl/err.h>

#include <stdlib.h>

#include "drs_jwks.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           i;
    drs_str_t        text;
    drs_jwks_t      *set, *again;
    const drs_jwk_t *key;

    static const char garbage[64] = "garbage";

    text = drs_strn((const char *) data, size);

    if (drs_jwks_parse(&set, text, 0, NULL, 0) != DRS_OK) {
        if (set != NULL || ERR_peek_error() != 0) {
            abort();
        }

        return 0;
    }

    if (drs_jwks_parse(&again, text, 0, NULL, 0) != DRS_OK
        || drs_jwks_fingerprint(set) != drs_jwks_fingerprint(again)
        || drs_jwks_count(set) == 0)
    {
        abort();
    }

    for (i = 0; i < drs_jwks_count(set); i++) {
        key = drs_jwks_at(set, i);

        if (key->kid.len == 0 || key->pkey == NULL
            || drs_jwa_name(key->alg) == NULL
            || drs_jwks_find(set, key->kid) != key
            || drs_jwk_verify(key, text, drs_strn(garbage, 64)))
        {
            abort();
        }
    }

    drs_jwks_free(set);
    drs_jwks_free(again);

    return ERR_peek_error() == 0 ? 0 : (abort(), 0);
}
