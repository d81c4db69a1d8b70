
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Requests: the first byte is the method, the first line the target, the other
 * lines values of headers.
 *
 * A decoded path is printable UTF-8 without dot segments, and escaping it
 * again leads back to it.  Whatever the table finds matches its pattern
 * literally, parameters lie inside the path and hold no slash, and a row that
 * is found lets its own method through.  Values of the query and of headers
 * that are accepted are within the limits.
 */

#include "fuzz.h"

#include "drs_cursor.h"
#include "drs_id.h"
#include "drs_jwt.h"
#include "drs_model_exec_req.h"
#include "drs_routes.h"
#include "drs_sse.h"
#include "drs_time.h"
#include "drs_uri.h"
#include "drs_utf8.h"


static const drs_method_t methods[] = { DRS_METHOD_NONE, DRS_METHOD_GET,
                                        DRS_METHOD_POST, DRS_METHOD_PUT,
                                        DRS_METHOD_DELETE };

static const char *const parameters[] = {
    "a",      "limit", "nextToken", "lastEventId", "startedAfter",
    "status", "ids",   "accountId", "topics",      "region"
};


static void
again(drs_str_t path)
{
    char  *raw, *dst;
    size_t i, n, len;

    raw = fuzz_mem(path.len * 3 + 1);
    dst = fuzz_mem(path.len * 3);

    for (i = n = 0; i < path.len; i++) {
        if (path.data[i] == '/') {
            raw[n++] = '/';
        } else {
            n += (size_t) snprintf(raw + n, 4, "%%%02x",
                                   (unsigned char) path.data[i]);
        }
    }

    if (n <= DRS_ROUTE_PATH_MAX) {
        MUST(drs_uri_path(dst, &len, drs_strn(raw, n)) == DRS_OK);
        MUST(drs_str_eq(drs_strn(dst, len), path));
    }

    free(raw);
    free(dst);
}


static void
found(const drs_route_match_t *m, drs_str_t path)
{
    char      text[64];
    size_t    n;
    drs_str_t pattern, rest, want, have;

    pattern = drs_str(m->route->pattern);
    rest = path;
    n = 0;

    while (drs_str_split(&pattern, '/', &want)) {
        MUST(drs_str_split(&rest, '/', &have));

        if (want.len > 0 && want.data[0] == '{') {
            MUST(n < m->n_params && drs_str_eq(m->params[n], have));
            n++;
        } else {
            MUST(drs_str_eq(want, have));
        }
    }

    MUST(rest.data == NULL && n == m->n_params);

    drs_route_action(text, sizeof(text), m->route);
    MUST(text[0] != '\0');
    MUST(drs_route_permits(m->route, m->route->all | m->route->any));
}


static void
route(drs_method_t method, drs_str_t path)
{
    char              text[64];
    size_t            i;
    drs_route_rc_t    rc;
    drs_route_match_t m;

    rc = drs_route_find(method, path, &m);

    MUST((rc == DRS_ROUTE_FOUND) == (m.route != NULL));

    if (rc == DRS_ROUTE_NO_PATH) {
        return;
    }

    for (i = 0; i < m.n_params; i++) {
        MUST(m.params[i].len > 0 && m.params[i].data > path.data);
        MUST(m.params[i].data + m.params[i].len <= path.data + path.len);
        MUST(memchr(m.params[i].data, '/', m.params[i].len) == NULL);
        (void) drs_id_execution_of_path(m.params[i]);
    }

    MUST(m.allow != 0);
    MUST(drs_methods_text(text, sizeof(text), m.allow) == strlen(text));

    if (rc == DRS_ROUTE_FOUND) {
        MUST(m.route->method == method && (m.allow & method));
        found(&m, path);
    }
}


/* A value that a caller gives in query or header. */
static void
value(drs_str_t s)
{
    size_t    n;
    int64_t   ms;
    drs_buf_t pos, token;
    drs_sid_t id;
    char      text[48];

    if (drs_model_limit(s, 50, 100, &n) == DRS_OK) {
        MUST(n >= 1 && n <= 100);
    }

    if (drs_model_time_param(s, &ms) == DRS_OK) {
        MUST(ms >= DRS_TIME_MIN_S * 1000 && ms <= DRS_TIME_MAX_S * 1000 + 999);
    }

    if (drs_sid_parse(s, &id) == DRS_OK) {
        drs_sid_t b;

        (void) snprintf(text, sizeof(text), "%llu-%llu",
                        (unsigned long long) id.ms, (unsigned long long) id.n);
        MUST(drs_sid_parse(drs_str(text), &b) == DRS_OK);
        MUST(drs_sid_cmp(id, b) == 0);
    }

    (void) drs_model_status_listed(s, drs_str("COMPLETED"));

    drs_buf_init(&pos, 0);
    drs_buf_init(&token, 0);

    if (drs_cursor_decode(&pos, "pg", s) == DRS_OK) {
        MUST(s.len <= DRS_CURSOR_MAX);
        MUST(drs_cursor_encode(&token, "pg", drs_buf_str(&pos)) == DRS_OK);
        MUST(drs_str_eq(drs_buf_str(&token), s));
    }

    if (s.len <= 1000) {
        drs_buf_reset(&token);
        MUST(drs_cursor_encode(&token, "pg", s) == DRS_OK);
        MUST(drs_cursor_decode(&pos, "pg", drs_buf_str(&token)) == DRS_OK);
        MUST(drs_str_eq(drs_buf_str(&pos), s));
        MUST(drs_cursor_decode(&pos, "exec", drs_buf_str(&token))
             == DRS_DECLINED);
    }

    drs_buf_free(&pos);
    drs_buf_free(&token);
}


static void
query(drs_str_t args)
{
    int       rc;
    char     *dst;
    size_t    i;
    drs_str_t v;

    for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        dst = fuzz_mem(args.len + 1);
        rc = drs_uri_query(args, parameters[i], dst, &v);

        if (rc == 1) {
            MUST(drs_utf8_valid(v) && v.data[v.len] == '\0');
            MUST(strlen(dst) == v.len);
            value(v);
        } else {
            MUST(rc == 0 || rc == DRS_DECLINED);
        }

        free(dst);
    }
}


static void
header(drs_str_t s)
{
    drs_str_t token;

    if (drs_id_is_request_id(s)) {
        MUST(s.len >= 1 && s.len <= 64);
    }

    if (drs_id_is_idempotency_key(s)) {
        MUST(s.len >= 1 && s.len <= 128);
    }

    if (drs_jwt_bearer(s, &token) == DRS_OK) {
        MUST(token.len > 0 && token.data > s.data);
        MUST(token.data + token.len <= s.data + s.len);
    }

    (void) drs_method_by_name(s);
    value(s);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int          rc;
    char        *dst;
    size_t       len;
    drs_str_t    rest, target, raw, path, segment;
    drs_method_t method;

    if (size == 0) {
        return 0;
    }

    method = methods[data[0] % 5];
    rest = drs_strn((const char *) data + 1, size - 1);
    target = fuzz_line(&rest);

    /* the table has to stand any path, decoded or not */
    route(method, target);

    (void) drs_str_split(&target, '?', &raw);
    dst = fuzz_mem(raw.len);
    rc = drs_uri_path(dst, &len, raw);

    if (rc == DRS_OK) {
        path = drs_strn(dst, len);
        MUST(drs_utf8_check(path, 0) == DRS_UTF8_OK && len <= raw.len);
        again(path);
        route(method, path);

        while (drs_str_split(&path, '/', &segment)) {
            MUST(!drs_str_eqz(segment, ".") && !drs_str_eqz(segment, ".."));
        }

    } else {
        MUST(rc == DRS_DECLINED);
    }

    free(dst);

    if (target.data != NULL && target.len <= DRS_URI_QUERY_MAX) {
        query(target);
    }

    while (rest.data != NULL && rest.len > 0) {
        header(fuzz_line(&rest));
    }

    return 0;
}
