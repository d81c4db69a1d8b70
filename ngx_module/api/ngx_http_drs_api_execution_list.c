/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * EX1: executions, newest first.  The store takes the page out of the indexes
 * that the filters name (drs_exec_page, api.md 1.8); headers, waves and units
 * are read for the page only.  Servers are read for the first executions of the
 * page, up to a bound: the client polls this list.  Never with view=compact.
 */

#include "ngx_http_drs_api_util.h"

#include "drs_jtext.h"
#include "drs_model_exec_req.h"
#include "drs_sm.h"
#include "drs_store_exec.h"
#include "drs_view_exec.h"


#define NGX_HTTP_DRS_EXECS        "exec"
#define NGX_HTTP_DRS_EXECS_DFLT   50
#define NGX_HTTP_DRS_EXECS_MAX    100
#define NGX_HTTP_DRS_EXECS_READ   (NGX_HTTP_DRS_EXECS_MAX + 1)
#define NGX_HTTP_DRS_EXECS_ROUNDS 100 /* calls for one page */
#define NGX_HTTP_DRS_EXECS_UNITS  20  /* units looked at, per item */
#define NGX_HTTP_DRS_EXECS_SHOWN  500 /* servers of all items */


typedef struct {
    drs_exec_filter_t f;
    drs_str_t         q;            /* folded */
    drs_str_t         type, source; /* in upper case */
    size_t            limit;
    drs_exec_status_t statuses[DRS_EXEC_N]; /* indexes, merged */
    size_t            n_statuses;
    int64_t           score;  /* where the next round begins */
    drs_str_t         member; /* behind this one; empty: none */
    unsigned          filtered : 1;
    unsigned          end : 1; /* the index is exhausted */
    unsigned          more : 1;
    ngx_uint_t        rounds;

    drs_str_t ids[NGX_HTTP_DRS_EXECS_READ];
    int64_t   scores[NGX_HTTP_DRS_EXECS_READ];
    size_t    n;

    drs_exec_t *page[NGX_HTTP_DRS_EXECS_MAX];
    json_t     *units[NGX_HTTP_DRS_EXECS_MAX];
    int64_t     page_score[NGX_HTTP_DRS_EXECS_MAX];
    size_t      count;
    drs_str_t   own_account;
    json_t     *accounts; /* ids to look up, then names */
    json_t     *names;

    drs_str_t view;
    unsigned  gone[NGX_HTTP_DRS_EXECS_MAX];  /* the plan was deleted */
    unsigned  shown[NGX_HTTP_DRS_EXECS_MAX]; /* with its servers */
    int64_t   total;    /* of all executions; -1: unknown */
    char      next[96]; /* where the next page begins, or "" */
} ngx_http_drs_execs_t;


static ngx_int_t ngx_http_drs_execs_scan(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execs_on(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execs_ids(ngx_http_drs_ctx_t *ctx,
                                        redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_execs_headers(ngx_http_drs_ctx_t *ctx,
                                            redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_execs_parts(ngx_http_drs_ctx_t *ctx);
static ngx_int_t ngx_http_drs_execs_done(ngx_http_drs_ctx_t *ctx,
                                         redisReply **replies, ngx_uint_t n);
static ngx_int_t ngx_http_drs_execs_reply(ngx_http_drs_ctx_t *ctx,
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


static drs_str_t
ngx_http_drs_execs_upper(ngx_http_drs_ctx_t *ctx, drs_str_t s)
{
    size_t    i;
    drs_str_t v;

    v = ngx_http_drs_copy(ctx, s);

    for (i = 0; i < v.len && v.data != NULL; i++) {
        ((char *) v.data)[i] = (char) ngx_toupper(v.data[i]);
    }

    return v;
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

    rc = rc == NGX_OK ? ngx_http_drs_util_query(ctx, "view", &s->view) : rc;
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

    s->type = ngx_http_drs_execs_upper(ctx, s->f.type);
    s->source = ngx_http_drs_execs_upper(ctx, s->f.source);

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


/* The filters as groups of indexes; what is none is judged by the header. */
static void
ngx_http_drs_execs_groups(const ngx_http_drs_execs_t *s, drs_cmd_t *cmd)
{
    size_t    i;
    drs_str_t names[DRS_EXEC_N];

    struct {
        const char      *what;
        const drs_str_t *value;
    } groups[] = { { "plan", &s->f.plan_id },
                   { "acct", &s->f.account_id },
                   { "by", &s->f.initiated_by },
                   { "type", &s->type },
                   { "source", &s->source } };

    for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (groups[i].value->len) {
            (void) drs_page_any(cmd, groups[i].what, groups[i].value, 1);
        }
    }

    if (s->n_statuses) {
        for (i = 0; i < s->n_statuses; i++) {
            names[i] = drs_str(drs_exec_status_name(s->statuses[i]));
        }

        (void) drs_page_any(cmd, "status", names, s->n_statuses);
    }

    if (s->q.len) {
        (void) drs_page_text(cmd, s->q);
    }
}


static ngx_int_t
ngx_http_drs_execs_scan(ngx_http_drs_ctx_t *ctx)
{
    drs_cmd_t            *cmd;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    s->rounds++;

    cmd = drs_store_exec_page(ngx_http_drs_prefix(ctx), s->score, s->member,
                              s->f.after_ms, s->limit + 1 - s->count);
    ngx_http_drs_execs_groups(s, cmd);

    ngx_http_drs_util_calls(&c);
    ngx_http_drs_util_add(&c, cmd);
    ngx_http_drs_util_add(&c, ngx_http_drs_util_get_hub(ctx));

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_ids);
}


static ngx_int_t
ngx_http_drs_execs_ids(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                       ngx_uint_t n)
{
    size_t                i;
    ngx_int_t             rc;
    drs_str_t             p, id;
    drs_answer_t          a;
    drs_model_env_t       env;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    p = ngx_http_drs_prefix(ctx);

    rc = ngx_http_drs_util_answer(ctx, replies[0], &a);
    if (rc != NGX_OK) {
        return rc == NGX_DECLINED
                   ? ngx_http_drs_store_error(ctx, a.code, a.text)
                   : NGX_ERROR;
    }

    ngx_http_drs_util_env(ctx, replies[n - 1], &env);
    s->own_account = env.own_account;

    s->n = 0;
    s->member = ngx_http_drs_copy(ctx, drs_answer_str(&a, 1));
    s->end = drs_str_i64(drs_answer_str(&a, 0), &s->score) != DRS_OK;

    ngx_http_drs_util_calls(&c);

    for (i = 2; drs_answer_str(&a, i).len > 0 && s->n < NGX_HTTP_DRS_EXECS_READ;
         i += 2)
    {
        id = drs_answer_str(&a, i);
        s->ids[s->n] = ngx_http_drs_copy(ctx, id);

        if (drs_str_i64(drs_answer_str(&a, i + 1), &s->scores[s->n]) != DRS_OK)
        {
            return NGX_ERROR;
        }

        s->n++;

        ngx_http_drs_util_add(&c, drs_key_cmd1("HGETALL", p, DRS_KEY_EXEC, id));
        ngx_http_drs_util_add(
            &c, drs_key_cmd1("SMEMBERS", p, DRS_KEY_EXEC_UNITS, id));
    }

    if (s->n == 0) {
        return ngx_http_drs_execs_on(ctx);
    }

    return ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_headers);
}


/* The next round, or the page. */
static ngx_int_t
ngx_http_drs_execs_on(ngx_http_drs_ctx_t *ctx)
{
    ngx_http_drs_execs_t *s;

    s = ctx->state;

    if (s->end || s->more || s->rounds == NGX_HTTP_DRS_EXECS_ROUNDS) {
        return ngx_http_drs_execs_parts(ctx);
    }

    return ngx_http_drs_execs_scan(ctx);
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

    return ngx_http_drs_execs_on(ctx);
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


/* The items, their number, the position to go on at, the number of all. */
static ngx_int_t
ngx_http_drs_execs_reply(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                         ngx_uint_t n)
{
    size_t                i, k;
    drs_buf_t             b;
    drs_view_exec_t       o;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    k = 0;

    ngx_memzero(&o, sizeof(o));
    o.mode = DRS_VIEW_LIST;
    o.now_ms = ngx_http_drs_now_ms();
    o.own_account = s->own_account;
    o.accounts = s->names;

    drs_buf_init(&b, 0);
    drs_jw_open(&b, NULL, '{');
    drs_jw_open(&b, "items", '[');

    for (i = 0; i < s->count; i++) {
        if (s->shown[i] && k < n
            && ngx_http_drs_util_load_servers(ctx, s->page[i], replies[k++])
                   != NGX_OK)
        {
            s->shown[i] = 0;
        }

        o.plan_gone = s->gone[i];
        o.servers = s->shown[i];
        drs_view_exec_text(&b, s->page[i], &o, NULL);
    }

    drs_jw_close(&b, ']');
    drs_jw_int(&b, "count", (int64_t) s->count);
    ngx_http_drs_util_next(&b, NGX_HTTP_DRS_EXECS, drs_str(s->next));

    if (!s->filtered && s->total >= 0) {
        drs_jw_int(&b, "totalCount", s->total);
    }

    drs_jw_close(&b, '}');

    return ngx_http_drs_reply_buf(ctx, NGX_HTTP_OK, &b);
}


/* Asks for the servers of the first items, as many as are shown. */
static ngx_int_t
ngx_http_drs_execs_servers(ngx_http_drs_ctx_t *ctx, redisReply **replies)
{
    size_t                i, k, servers, left;
    ngx_http_drs_calls_t  c;
    ngx_http_drs_execs_t *s;

    s = ctx->state;
    left = drs_str_eqz(s->view, "compact") ? 0 : NGX_HTTP_DRS_EXECS_SHOWN;
    ngx_http_drs_util_calls(&c);

    for (i = 0; i < s->count && left > 0; i++) {
        servers = 0;

        for (k = 0; k < s->page[i]->nwaves; k++) {
            servers += s->page[i]->waves[k].nserver_ids;
        }

        if (servers <= left) {
            left -= servers;
            s->shown[i] = 1;
            ngx_http_drs_util_add(&c, drs_key_cmd1("HGETALL",
                                                   ngx_http_drs_prefix(ctx),
                                                   DRS_KEY_EXEC_SERVERS,
                                                   drs_str(s->page[i]->id)));
        }
    }

    return c.n == 0 ? ngx_http_drs_execs_reply(ctx, replies, 0)
                    : ngx_http_drs_util_send(ctx, &c, ngx_http_drs_execs_reply);
}


static ngx_int_t
ngx_http_drs_execs_done(ngx_http_drs_ctx_t *ctx, redisReply **replies,
                        ngx_uint_t n)
{
    size_t                i, k, count;
    json_t               *doc, *id;
    int64_t               there;
    redisReply          **r, **names, **plans;
    ngx_http_drs_execs_t *s;

    s = ctx->state;

    names = replies + n - 1 - json_array_size(s->accounts);
    plans = names - s->count;

    json_array_foreach (s->accounts, i, id) {
        doc = ngx_http_drs_util_doc(ctx, names[i]);
        json_object_set(s->names, json_string_value(id),
                        json_object_get(doc, "accountName"));
    }

    if (ngx_http_drs_reply_int(replies[n - 1], &s->total) != DRS_OK) {
        s->total = -1;
    }

    if (s->more && s->count > 0) {
        (void) ngx_snprintf((u_char *) s->next, sizeof(s->next), "%L %s%Z",
                            s->page_score[s->count - 1],
                            s->page[s->count - 1]->id);
    }

    count = 0;
    r = replies;

    for (i = 0; i < s->count; i++) {
        k = (size_t) s->page[i]->waves_total;

        if (ngx_http_drs_util_load_parts(ctx, s->page[i], r, r + k, s->units[i],
                                         NULL)
            == NGX_OK)
        {
            s->gone[count] = ngx_http_drs_reply_int(plans[i], &there) == DRS_OK
                             && there == 0;
            s->page[count++] = s->page[i];
        }

        r += k + json_array_size(s->units[i]);
    }

    s->count = count;

    return ngx_http_drs_execs_servers(ctx, replies);
}
