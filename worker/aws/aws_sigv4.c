
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws_sigv4.h"
#include "drs_time.h"


typedef struct {
    char  *name;
    char  *value;
    size_t order;
} drsw_sig_pair_t;


static int drsw_sig_path(const drsw_sigv4_request_t *req, drs_buf_t *out);
static int drsw_sig_query(const char *query, drs_buf_t *out);
static int drsw_sig_headers(const drsw_sigv4_request_t *req, drs_buf_t *out,
                            drs_buf_t *names);
static int drsw_sig_key(const drsw_sigv4_request_t *req, const char *date,
                        unsigned char key[DRS_SHA256_LEN]);


int
drsw_uri_encode(drs_buf_t *b, const char *data, size_t len, bool keep_slash)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char     c;
    char              enc[3];
    size_t            i;

    for (i = 0; i < len; i++) {
        c = (unsigned char) data[i];

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
            || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
            || c == '~' || (keep_slash && c == '/'))
        {
            (void) drs_buf_putc(b, (char) c);
            continue;
        }

        enc[0] = '%';
        enc[1] = hex[c >> 4];
        enc[2] = hex[c & 15];
        (void) drs_buf_append(b, enc, 3);
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


static int
drsw_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }

    return -1;
}


/* Decodes and encodes again; malloc'ed. */

static char *
drsw_sig_recode(const char *data, size_t len)
{
    int       hi, lo;
    char      c;
    size_t    i;
    drs_buf_t b;

    drs_buf_init(&b, 0);

    for (i = 0; i < len; i++) {
        c = data[i];

        if (c == '%' && i + 2 < len) {
            hi = drsw_hex_digit(data[i + 1]);
            lo = drsw_hex_digit(data[i + 2]);

            if (hi >= 0 && lo >= 0) {
                c = (char) (hi * 16 + lo);
                i += 2;
            }
        }

        (void) drsw_uri_encode(&b, &c, 1, false);
    }

    return drs_buf_steal(&b, NULL);
}


static int
drsw_sig_pair_cmp(const void *a, const void *b)
{
    int                    rc;
    const drsw_sig_pair_t *x, *y;

    x = a;
    y = b;

    rc = strcmp(x->name, y->name);
    if (rc == 0) {
        rc = strcmp(x->value, y->value);
    }

    return rc;
}


static int
drsw_sig_header_cmp(const void *a, const void *b)
{
    int                    rc;
    const drsw_sig_pair_t *x, *y;

    x = a;
    y = b;

    rc = strcmp(x->name, y->name);
    if (rc == 0) {
        rc = x->order < y->order ? -1 : 1;
    }

    return rc;
}


static void
drsw_sig_pairs_free(drsw_sig_pair_t *pairs, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }

    free(pairs);
}


int
drsw_sigv4_sign(const drsw_sigv4_request_t *req, drsw_sigv4_t *sig)
{
    int           rc;
    char          hash[DRS_SHA256_HEX_LEN + 1];
    char          date[DRS_TIME_ISO_SIZE], stamp[DRS_TIME_ISO_SIZE];
    drs_buf_t    *c;
    unsigned char key[DRS_SHA256_LEN], md[DRS_SHA256_LEN];

    drs_buf_init(&sig->canonical, 0);
    drs_buf_init(&sig->string_to_sign, 0);
    drs_buf_init(&sig->signed_headers, 0);
    sig->signature[0] = '\0';

    (void) drs_time_basic(stamp, req->time_s);
    (void) drs_time_basic_date(date, req->time_s);
    (void) snprintf(sig->scope, sizeof(sig->scope), "%s/%s/%s/aws4_request",
                    date, req->region, req->service);

    c = &sig->canonical;
    (void) drs_buf_printf(c, "%s\n", req->method);

    if (drsw_sig_path(req, c) != DRS_OK || drs_buf_putc(c, '\n') != DRS_OK
        || drsw_sig_query(req->query, c) != DRS_OK
        || drs_buf_putc(c, '\n') != DRS_OK
        || drsw_sig_headers(req, c, &sig->signed_headers) != DRS_OK
        || drs_sha256_hex(hash, req->body != NULL ? req->body : "",
                          req->body_len)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    (void) drs_buf_printf(c, "\n%s\n%s", sig->signed_headers.data, hash);

    if (!drs_buf_ok(c) || drs_sha256_hex(hash, c->data, c->len) != DRS_OK) {
        return DRS_ERROR;
    }

    if (drs_buf_printf(&sig->string_to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n%s",
                       stamp, sig->scope, hash)
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = drsw_sig_key(req, date, key);
    if (rc == DRS_OK) {
        rc = drs_hmac_sha256(md, drs_strn((const char *) key, sizeof(key)),
                             drs_buf_str(&sig->string_to_sign));
    }

    drs_memzero(key, sizeof(key));

    if (rc != DRS_OK) {
        return DRS_ERROR;
    }

    drs_hex(sig->signature, md, sizeof(md));

    return DRS_OK;
}


void
drsw_sigv4_free(drsw_sigv4_t *sig)
{
    drs_buf_free_secret(&sig->canonical);
    drs_buf_free_secret(&sig->string_to_sign);
    drs_buf_free(&sig->signed_headers);
}


int
drsw_sigv4_authorization(const drsw_sigv4_request_t *req,
                         const drsw_sigv4_t *sig, drs_buf_t *out)
{
    return drs_buf_printf(out,
                          "AWS4-HMAC-SHA256 Credential=%s/%s, "
                          "SignedHeaders=%s, Signature=%s",
                          req->access_key, sig->scope, sig->signed_headers.data,
                          sig->signature);
}


/* Dot segments and doubled slashes removed, then every segment encoded. */

static int
drsw_sig_path(const drsw_sigv4_request_t *req, drs_buf_t *out)
{
    int         trailing;
    size_t      len, n, i, cap;
    const char *p, *end;
    drs_str_t  *seg;

    p = req->path;

    if (p == NULL || *p == '\0') {
        return drs_buf_putc(out, '/');
    }

    if (req->keep_path) {
        return drsw_uri_encode(out, p, strlen(p), true);
    }

    cap = strlen(p) / 2 + 2;
    seg = calloc(cap, sizeof(drs_str_t));
    if (seg == NULL) {
        return DRS_ERROR;
    }

    n = 0;
    trailing = 0;

    while (*p != '\0') {
        if (*p == '/') {
            trailing = 1;
            p++;
            continue;
        }

        end = strchrnul(p, '/');
        len = (size_t) (end - p);
        trailing = 0;

        if (len == 1 && p[0] == '.') {
            trailing = 1;

        } else if (len == 2 && p[0] == '.' && p[1] == '.') {
            n -= (n > 0);
            trailing = 1;

        } else {
            seg[n++] = drs_strn(p, len);
        }

        p = end;
    }

    for (i = 0; i < n; i++) {
        (void) drs_buf_putc(out, '/');
        (void) drsw_uri_encode(out, seg[i].data, seg[i].len, false);
    }

    if (n == 0 || trailing) {
        (void) drs_buf_putc(out, '/');
    }

    free(seg);

    return drs_buf_ok(out) ? DRS_OK : DRS_ERROR;
}


static int
drsw_sig_query(const char *query, drs_buf_t *out)
{
    int              rc;
    size_t           n, i, cap;
    const char      *p, *end, *eq;
    drsw_sig_pair_t *pairs;

    if (query == NULL || *query == '\0') {
        return DRS_OK;
    }

    cap = 1;
    for (p = query; *p != '\0'; p++) {
        cap += (*p == '&');
    }

    pairs = calloc(cap, sizeof(drsw_sig_pair_t));
    if (pairs == NULL) {
        return DRS_ERROR;
    }

    rc = DRS_OK;
    n = 0;

    for (p = query;; p = end + 1) {
        end = strchrnul(p, '&');

        if (end != p) {
            eq = memchr(p, '=', (size_t) (end - p));
            if (eq == NULL) {
                eq = end;
            }

            pairs[n].name = drsw_sig_recode(p, (size_t) (eq - p));
            pairs[n].value =
                eq == end ? strdup("")
                          : drsw_sig_recode(eq + 1, (size_t) (end - eq - 1));
            n++;

            if (pairs[n - 1].name == NULL || pairs[n - 1].value == NULL) {
                rc = DRS_ERROR;
                goto done;
            }
        }

        if (*end == '\0') {
            break;
        }
    }

    qsort(pairs, n, sizeof(drsw_sig_pair_t), drsw_sig_pair_cmp);

    for (i = 0; i < n; i++) {
        rc = drs_buf_printf(out, "%s%s=%s", i > 0 ? "&" : "", pairs[i].name,
                            pairs[i].value);
    }

done:

    drsw_sig_pairs_free(pairs, n);

    return rc;
}


/* Trims and makes inner white space one space; malloc'ed. */

static char *
drsw_sig_trim(const char *value)
{
    char  *s, *d;
    size_t len;

    len = strlen(value);
    s = malloc(len + 1);
    if (s == NULL) {
        return NULL;
    }

    d = s;

    while (*value != '\0') {
        if (*value == ' ' || *value == '\t' || *value == '\r' || *value == '\n')
        {
            if (d != s && d[-1] != ' ') {
                *d++ = ' ';
            }

        } else {
            *d++ = *value;
        }

        value++;
    }

    if (d != s && d[-1] == ' ') {
        d--;
    }

    *d = '\0';

    return s;
}


static int
drsw_sig_headers(const drsw_sigv4_request_t *req, drs_buf_t *out,
                 drs_buf_t *names)
{
    int              rc;
    char            *c;
    size_t           i, n;
    drsw_sig_pair_t *pairs;

    n = req->nheaders;
    pairs = calloc(n + 1, sizeof(drsw_sig_pair_t));
    if (pairs == NULL) {
        return DRS_ERROR;
    }

    rc = DRS_ERROR;

    for (i = 0; i < n; i++) {
        pairs[i].name = strdup(req->headers[i].name);
        pairs[i].value = drsw_sig_trim(req->headers[i].value);
        pairs[i].order = i;

        if (pairs[i].name == NULL || pairs[i].value == NULL) {
            goto done;
        }

        for (c = pairs[i].name; *c != '\0'; c++) {
            if (*c >= 'A' && *c <= 'Z') {
                *c = (char) (*c | 0x20);
            }
        }
    }

    qsort(pairs, n, sizeof(drsw_sig_pair_t), drsw_sig_header_cmp);

    for (i = 0; i < n; i++) {
        if (i > 0 && strcmp(pairs[i].name, pairs[i - 1].name) == 0) {
            (void) drs_buf_printf(out, ",%s", pairs[i].value);

        } else {
            (void) drs_buf_printf(out, "%s%s:%s", i > 0 ? "\n" : "",
                                  pairs[i].name, pairs[i].value);
            (void) drs_buf_printf(names, "%s%s", i > 0 ? ";" : "",
                                  pairs[i].name);
        }
    }

    (void) drs_buf_putc(out, '\n');

    if (drs_buf_ok(out) && drs_buf_ok(names) && n > 0) {
        rc = DRS_OK;
    }

done:

    drsw_sig_pairs_free(pairs, n);

    return rc;
}


static int
drsw_sig_key(const drsw_sigv4_request_t *req, const char *date,
             unsigned char key[DRS_SHA256_LEN])
{
    int         rc;
    size_t      i;
    drs_buf_t   secret;
    const char *part[4];

    drs_buf_init(&secret, 0);
    rc = drs_buf_printf(&secret, "AWS4%s", req->secret_key);

    part[0] = date;
    part[1] = req->region;
    part[2] = req->service;
    part[3] = "aws4_request";

    for (i = 0; i < 4 && rc == DRS_OK; i++) {
        rc = drs_hmac_sha256(key,
                             i == 0 ? drs_buf_str(&secret)
                                    : drs_strn((char *) key, DRS_SHA256_LEN),
                             drs_str(part[i]));
    }

    drs_buf_free_secret(&secret);

    return rc;
}
