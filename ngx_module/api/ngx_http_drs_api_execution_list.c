/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX1: executions, newest first.  The page is taken from the narrowest index
 * that the filters name; the rest is decided on the headers, batch by batch,
 * before the page is cut (api.md 1.8).  Waves and units are read for the page
 * only; server lists never.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_cursor.h"
#include "drs_model_exec_req.h"
#include "drs_sm.h"
#include "drs_view_exec.h"


#define NGX_HTTP_DRS_EXECS        "exec"
#define NGX_HTTP_DRS_EXECS_DFLT   50
#define NGX_HTTP_DRS_EXECS_MAX    100
#define NGX_HTTP_DRS_EXECS_BATCH  200
#define NGX_HTTP_DRS_EXECS_ROUNDS 100 /* batches of one request */
#define NGX_HTTP_DRS_EXECS_UNITS  20  /* units looked at, per item */


typedef struct {
    drs_exec_filter_t f;
    drs_str_t         q; /* folded */
    size_t            limit;
    drs_exec_status_t statuses[DRS_EXEC_N]; /* indexes, merged */
    size_t            n_statuses;
    int64_t           score;  /* where the next batch begins */
    drs_str_t         member; /* behind this one; empty: none */
    unsigned          filtered : 1;
    unsigned          end : 1; /* the index is exhausted */
    unsigned          more : 1;
    ngx_uint_t        rounds;

    drs_str_t ids[NGX_HTTP_DRS_EXECS_BATCH];
    int64_t   scores[NGX_HTTP_DRS_EXECS_BATCH];
    size_t    n;

    drs_exec_t *page[NGX_HTTP_DRS_EXECS_MAX];
    json_t     *units[NGX_HTTP_DRS_EXECS_MAX];
    int64_t     page_score[NGX_HTTP_DRS_EXECS_MAX];
    size_t      count;
    drs_str_t   own_account;
    json_t     *accounts; /* ids to look up, then names */
    json_t     *names;
} ngx_http_drs_execs_t;


static ngx_int_t ngx_http_drs_execs_scan(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execs_ids(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_execs_headers(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_execs_parts(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execs_done(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);


static ngx_int_t
ngx_http_drs_execs_time(ngx_http_drs_ctx_t *ctx, const char *name, int64_t *ms)
{
    ngx_int_t rc;
    drs_str_t v;

    rc = ngx_http_drs_util_query(ctx, name, &v);
    if (rc != NGX_OK || v.len == 0) {
        return rc;
    }

    if (drs_model_time_param(v, ms) != DRS_OK) {
        (void) ngx_http_drs_error_param(ctx, DRS_ERR_INVALID_PARAMETER, name,
                                        NULL, "epoch seconds or ISO-8601",
                                        "%s must be a time.", name);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* "<score> <id>" of the last item of the page before. */
static ngx_int_t
ngx_http_drs_execs_position(ngx_http_drs_ctx_t *ctx, drs_str_t pos)
{
    drs_str_t             rest, score;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    s->score = INT64_MAX;

    if (pos.len == 0) {
        return NGX_OK;
    }

    rest = pos;

    if (!drs_str_split(&rest, ' ', &score)
        || drs_str_i64(score, &s->score) != DRS_OK)
    {
        return NGX_ERROR;
    }

    s->member = rest;

    return NGX_OK;
}


/* The statuses that the filter names and the store knows, each once. */
static void
ngx_http_drs_execs_statuses(ngx_http_drs_execs_t *s)
{
    size_t            i;
    drs_str_t         rest, item;
    drs_exec_status_t status;

    rest = s->f.status;

    while (rest.len && drs_str_split(&rest, ',', &item)) {
        status = drs_exec_status_parse(drs_str_trim(item));

        for (i = 0; i < s->n_statuses && s->statuses[i] != status; i++) {
            /* void */
        }

        if (status != DRS_EXEC_NONE && i == s->n_statuses) {
            s->statuses[s->n_statuses++] = status;
        }
    }
}


ngx_int_t
ngx_http_drs_api_exec_list(ngx_http_drs_ctx_t *ctx)
{
    size_t                i;
    drs_str_t             pos;
    ngx_int_t             rc;
    ngx_http_drs_execs_t *s;

    s = ngx_pcalloc(ctx->r->pool, sizeof(ngx_http_drs_execs_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    ctx->state = s;

    struct {
        const char *name;
        drs_str_t  *value;
    } params[] = { { "accountId", &s->f.account_id },
                   { "planId", &s->f.plan_id },
                   { "status", &s->f.status },
                   { "executionType", &s->f.type },
                   { "initiatedBy", &s->f.initiated_by },
                   { "invocationSource", &s->f.source },
                   { "q", &s->f.q } };

    rc =
        ngx_http_drs_util_page(ctx, NGX_HTTP_DRS_EXECS, NGX_HTTP_DRS_EXECS_DFLT,
                               NGX_HTTP_DRS_EXECS_MAX, &s->limit, &pos);

    for (i = 0; rc == NGX_OK && i < sizeof(params) / sizeof(params[0]); i++) {
        rc = ngx_http_drs_util_query(ctx, params[i].name, params[i].value);
        s->filtered |= params[i].value->len > 0;
    }

    rc = rc == NGX_OK
             ? ngx_http_drs_execs_time(ctx, "startedAfter", &s->f.after_ms)
             : rc;
    rc = rc == NGX_OK
             ? ngx_http_drs_execs_time(ctx, "startedBefore", &s->f.before_ms)
             : rc;

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    s->filtered |= s->f.after_ms != 0 || s->f.before_ms != 0;

    if (s->f.q.len) {
        s->q = ngx_http_drs_util_fold(ctx, s->f.q);
    }

    s->accounts = json_array();
    s->names = json_object();

    if (ngx_http_drs_defer_json(ctx, s->accounts) != NGX_OK
        || ngx_http_drs_defer_json(ctx, s->names) != NGX_OK
        || ngx_http_drs_execs_position(ctx, pos) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (s->f.before_ms != 0 && s->f.before_ms - 1 < s->score) {
        s->score = s->f.before_ms - 1;
    }

    ngx_http_drs_execs_statuses(s);

    if (s->f.status.len && s->n_statuses == 0) {
        return ngx_http_drs_execs_parts(ctx);
    }

    return ngx_http_drs_execs_scan(ctx);
}


/* The narrowest index: plan, the n-th status, account, all. */
static drs_cmd_t *
ngx_http_drs_execs_index(ngx_http_drs_ctx_t *ctx, size_t n)
{
    drs_str_t             p;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    p = ngx_http_drs_prefix(ctx);

    if (s->f.plan_id.len) {
        return drs_key_cmd1("ZREVRANGEBYSCORE", p, DRS_KEY_EXEC_PLAN,
                            s->f.plan_id);
    }

    if (n < s->n_statuses) {
        return drs_key_cmd1("ZREVRANGEBYSCORE", p, DRS_KEY_EXEC_STATUS,
                            drs_str(drs_exec_status_name(s->statuses[n])));
    }

    if (s->f.account_id.len) {
        return drs_key_cmd1("ZREVRANGEBYSCORE", p, DRS_KEY_EXEC_ACCT,
                            s->f.account_id);
    }

    return drs_key_cmd0("ZREVRANGEBYSCORE", p, DRS_KEY_EXEC_START);
}


static ngx_int_t
ngx_http_drs_execs_scan(ngx_http_drs_ctx_t *ctx)
{
    size_t                i, n;
    drs_cmd_t            *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    s->rounds++;

    ngx_http_drs_util_calls(&c);
    n = s->f.plan_id.len ? 1 : ngx_max(s->n_statuses, 1);

    for (i = 0; i < n; i++) {
        cmd = ngx_http_drs_execs_index(ctx, i);

        if (s->score == INT64_MAX) {
            (void) drs_cmd_addz(cmd, "+inf");
        } else {
            (void) drs_cmd_add_i64(cmd, s->score);
        }

        if (s->f.after_ms != 0) {
            (void) drs_cmd_addf(cmd, "(%lld", (long long) s->f.after_ms);
        } else {
            (void) drs_cmd_addz(cmd, "-inf");
        }

        (void) drs_cmd_addz(cmd, "WITHSCORES");
        (void) drs_cmd_addz(cmd, "LIMIT");
        (void) drs_cmd_addz(cmd, "0");
        (void) drs_cmd_add_i64(cmd, NGX_HTTP_DRS_EXECS_BATCH);
        ngx_http_drs_util_add(&c, cmd);
    }

    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_ids);
}


/*
 * The newest of the heads of n lists of (id, score), equal times by id,
 * downwards.  0 at the end; *last is 1 if the list that it came from may go
 * on behind its last item.
 */
static int
ngx_http_drs_execs_next(redisReply **lists, size_t *at, ngx_uint_t n,
                        drs_str_t *id, int64_t *score, int *last)
{
    int64_t    sc;
    drs_str_t  m;
    ngx_uint_t k, best;

    best = n;

    for (k = 0; k < n; k++) {
        if (at[k] + 1 >= lists[k]->elements) {
            continue;
        }

        m = ngx_http_drs_reply_str(lists[k]->element[at[k]]);

        if (ngx_http_drs_reply_int(lists[k]->element[at[k] + 1], &sc) != DRS_OK)
        {
            sc = 0;
        }

        if (best == n || sc > *score
            || (sc == *score && drs_str_cmp(m, *id) > 0)) {
            best = k;
            *id = m;
            *score = sc;
        }
    }

    if (best == n) {
        return 0;
    }

    at[best] += 2;
    *last = at[best] >= lists[best]->elements
            && lists[best]->elements >= 2 * NGX_HTTP_DRS_EXECS_BATCH;

    return 1;
}


static ngx_int_t
ngx_http_drs_execs_ids(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    int                   last;
    size_t                want;
    size_t                at[DRS_EXEC_N + 1];
    int64_t               score;
    drs_str_t             id, p;
    drs_model_env_t       env;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    p = ngx_http_drs_prefix(ctx);
    n--;

    ngx_http_drs_util_env(ctx, replies[n], &env);
    s->own_account = env.own_account;

    s->n = 0;
    s->end = 1;
    last = 0;
    score = 0;
    id = drs_strn(NULL, 0);
    ngx_memzero(at, sizeof(at));
    want = s->filtered ? NGX_HTTP_DRS_EXECS_BATCH : s->limit + 1 - s->count;

    ngx_http_drs_util_calls(&c);

    while (!last && ngx_http_drs_execs_next(replies, at, n, &id, &score, &last))
    {
        s->end = !last;

        /* equal times go by id, downwards: up to the last one is known */
        if (s->member.len && score == s->score
            && drs_str_cmp(id, s->member) >= 0) {
            continue;
        }

        if (s->n == want) {
            s->end = 0;
            break;
        }

        s->ids[s->n] = ngx_http_drs_copy(ctx, id);
        s->scores[s->n] = score;
        s->n++;

        ngx_http_drs_util_add(&c, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC, id));
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_UNITS, id));
    }

    if (s->n == 0) {
        return ngx_http_drs_execs_parts(ctx);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_headers);
}


static int
ngx_http_drs_execs_word(const char *words, drs_str_t word)
{
    drs_str_t rest, item;

    rest = drs_str(words);

    while (drs_str_split(&rest, ' ', &item)) {
        if (drs_str_eq(item, word)) {
            return 1;
        }
    }

    return 0;
}


static int
ngx_http_drs_execs_matches(ngx_http_drs_ctx_t *ctx, const drs_exec_t *e)
{
    json_t               *req;
    drs_str_t             v;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    req = json_object_get(e->doc, "request");

    if (!drs_model_status_listed(s->f.status, drs_str(e->status))
        || (s->f.plan_id.len && !drs_str_eqz(s->f.plan_id, e->plan_id))
        || (s->f.account_id.len
            && !ngx_http_drs_execs_word(e->accounts, s->f.account_id))
        || (s->f.type.len
            && !drs_str_ieqz(s->f.type, e->drill ? "DRILL" : "RECOVERY")))
    {
        return 0;
    }

    if (s->f.initiated_by.len) {
        v = drs_json_field(req, "initiatedBy");
        if (!drs_str_eq(v, s->f.initiated_by)) {
            return 0;
        }
    }

    if (s->f.source.len) {
        v = drs_json_field(req, "invocationSource");
        if (v.data == NULL || !drs_str_ieq(v, s->f.source)) {
            return 0;
        }
    }

    if (s->f.q.len) {
        v = ngx_http_drs_util_fold(ctx, drs_str(e->plan_name));

        return ngx_http_drs_util_contains(v, s->q)
               || ngx_http_drs_util_contains(drs_str(e->id), s->q);
    }

    return 1;
}


/* Names of some units: enough to tell whether there is a job. */
static json_t *
ngx_http_drs_execs_units(ngx_http_drs_ctx_t *ctx, const redisReply *reply)
{
    size_t  i;
    json_t *list;

    list = json_array();
    if (list == NULL || ngx_http_drs_defer_json(ctx, list) != NGX_OK) {
        return NULL;
    }

    for (i = 0; i < reply->elements && i < NGX_HTTP_DRS_EXECS_UNITS; i++) {
        json_array_append_new(
            list, drs_json_new_str(ngx_http_drs_reply_str(reply->element[i])));
    }

    return list;
}


static ngx_int_t
ngx_http_drs_execs_headers(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                           ngx_uint_t n)
{
    size_t                i;
    drs_exec_t           *e;
    ngx_http_drs_execs_t *s;

    (void) n;
    s = ctx->state;

    for (i = 0; i < s->n; i++) {
        if (replies[2 * i]->elements == 0) {
            continue;
        }

        e = ngx_http_drs_util_header(ctx, s->ids[i], replies[2 * i]);

        if (e == NULL || !ngx_http_drs_execs_matches(ctx, e)) {
            continue;
        }

        if (s->count == s->limit) {
            s->more = 1;
            return ngx_http_drs_execs_parts(ctx);
        }

        s->page[s->count] = e;
        s->page_score[s->count] = s->scores[i];
        s->units[s->count] = ngx_http_drs_execs_units(ctx, replies[2 * i + 1]);

        if (s->units[s->count] == NULL) {
            return NGX_ERROR;
        }

        s->count++;
    }

    if (!s->end && s->rounds < NGX_HTTP_DRS_EXECS_ROUNDS) {
        s->score = s->scores[s->n - 1];
        s->member = s->ids[s->n - 1];
        return ngx_http_drs_execs_scan(ctx);
    }

    return ngx_http_drs_execs_parts(ctx);
}


/* Waves and units of the page, and the names of its accounts. */
static ngx_int_t
ngx_http_drs_execs_parts(ngx_http_drs_ctx_t *ctx)
{
    int                   w;
    size_t                i, k;
    json_t               *id;
    drs_str_t             p, words, word, exec;
    drs_cmd_t            *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    p = ngx_http_drs_prefix(ctx);
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->count; i++) {
        exec = drs_str(s->page[i]->id);

        /* a page that one call cannot read ends early */
        if (c.n + (ngx_uint_t) s->page[i]->waves_total
                    + json_array_size(s->units[i])
                > NGX_HTTP_DRS_CALL_MAX - 256
            && i > 0)
        {
            s->count = i;
            s->more = 1;
            break;
        }

        for (w = 0; w < s->page[i]->waves_total; w++) {
            cmd = drs_cmd_words("HGETALL", NULL);
            (void) drs_cmd_key_wave(cmd, p, exec, (unsigned) w);
            ngx_http_drs_util_add(&c, cmd);
        }

        json_array_foreach (s->units[i], k, id) {
            ngx_http_drs_util_add(&c,
                                  drs_key_cmd2("HGETALL", p, DRS_KEY_EXEC_UNIT,
                                               exec, drs_json_str(id)));
        }
    }

    for (i = 0; i < s->count; i++) {
        ngx_http_drs_util_add(&c, drs_key_cmd1("EXISTS", p, DRS_KEY_PLAN,
                                               drs_str(s->page[i]->plan_id)));
    }

    for (i = 0; i < s->count; i++) {
        words = drs_str(s->page[i]->accounts);

        if (drs_str_split(&words, ' ', &word) && word.len
            && json_array_size(s->accounts) < 100)
        {
            word = ngx_http_drs_copy(ctx, word);

            if (word.data != NULL
                && json_object_get(s->names, word.data) == NULL) {
                json_object_set_new(s->names, word.data, json_null());
                json_array_append_new(s->accounts, drs_json_new_str(word));
                ngx_http_drs_util_add(
                    &c, ngx_http_drs_util_get(ctx, DRS_KEY_ACCT, word));
            }
        }
    }

    /* the number of all, when it costs nothing to know */
    ngx_http_drs_util_add(&c, drs_key_cmd0("ZCARD", p, DRS_KEY_EXEC_START));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_done);
}


static ngx_int_t
ngx_http_drs_execs_reply(ngx_http_drs_ctx_t *ctx, json_t *items,
                         const redisReply *total)
{
    char                  pos[96];
    int64_t               all;
    json_t               *body, *next;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    next = json_null();

    if (s->more && s->count > 0) {
        (void) ngx_snprintf((u_char *) pos, sizeof(pos), "%L %s%Z",
                            s->page_score[s->count - 1],
                            s->page[s->count - 1]->id);
        next = drs_cursor_json(NGX_HTTP_DRS_EXECS, drs_str(pos));
    }

    body = json_pack("{s:o, s:i, s:o}", "items", items, "count",
                     (int) json_array_size(items), "nextToken", next);

    if (!s->filtered && ngx_http_drs_reply_int(total, &all) == DRS_OK) {
        (void) drs_json_set_int(body, "totalCount", all);
    }

    return ngx_http_drs_util_large(ctx, body);
}


static ngx_int_t
ngx_http_drs_execs_done(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i, k;
    json_t               *items, *doc, *id;
    int64_t               there;
    redisReply          **r, **names, **plans;
    drs_view_exec_t       o;
    ngx_http_drs_execs_t *s;

    s = ctx->state;

    ngx_memzero(&o, sizeof(o));
    o.mode = DRS_VIEW_LIST;
    o.now_ms = ngx_http_drs_now_ms();
    o.own_account = s->own_account;
    o.accounts = s->names;

    names = replies + n - 1 - json_array_size(s->accounts);
    plans = names - s->count;

    json_array_foreach (s->accounts, i, id) {
        doc = ngx_http_drs_util_doc(ctx, names[i]);
        json_object_set(s->names, json_string_value(id),
                        json_object_get(doc, "accountName"));
    }

    items = json_array();
    r = replies;

    for (i = 0; i < s->count; i++) {
        k = (size_t) s->page[i]->waves_total;
        o.plan_gone =
            ngx_http_drs_reply_int(plans[i], &there) == DRS_OK && there == 0;

        if (ngx_http_drs_util_load_parts(ctx, s->page[i], r, r + k, s->units[i],
                                         NULL)
            == NGX_OK)
        {
            json_array_append_new(items, drs_view_exec(s->page[i], &o));
        }

        r += k + json_array_size(s->units[i]);
    }

    return ngx_http_drs_execs_reply(ctx, items, replies[n - 1]);
}
