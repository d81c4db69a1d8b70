
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What is read back from Redis and from audit files.  Each line is one part; its
 * first letter says which:
 *
 *   H f TAB v TAB f ...       header of an execution
 *   W<n> TAB f TAB v ...      a wave
 *   U<id> TAB f TAB v ...     a unit
 *   S<id> TAB json            a server
 *   T f TAB v ...             its termination
 *   A json                    an entry of the audit trail
 *   E json                    an event
 *
 * Parts of executions are UTF-8, as everything that we store.
 *
 * A record that loads can be shown in every form, all of them JSON, and its
 * documents can be written and loaded again.  A refused one says why.  Redacted
 * texts hold no secrets by shape.  An untouched chain verifies.
 */

#include "fuzz.h"

#include "drs_audit.h"
#include "drs_exec.h"
#include "drs_jtext.h"
#include "drs_sse.h"
#include "drs_utf8.h"
#include "drs_view_audit.h"
#include "drs_view_exec.h"
#include "drs_view_joblog.h"


#define FIELDS 64


typedef struct {
    drs_exec_t        *exec;
    int                header, waves, bad;
    drs_str_t          term[FIELDS];
    size_t             n_term;
    drs_audit_verify_t chain;
} fuzz_t;


static void
json_text(const drs_buf_t *b)
{
    json_t *v;

    v = json_loadb(b->data, b->len, 0, NULL);
    MUST(v != NULL);
    json_decref(v);
}


static size_t
fields(drs_str_t s, drs_str_t *dst)
{
    size_t n;

    n = 0;

    while (n < FIELDS && drs_str_split(&s, '\t', &dst[n])) {
        n++;
    }

    return n - n % 2;
}


/* -- executions ------------------------------------------------------------------ */

static void
loaded(fuzz_t *f, int rc, const drs_exec_error_t *err)
{
    if (rc == DRS_OK) {
        return;
    }

    MUST(rc == DRS_DECLINED && err->text[0] != '\0');
    f->bad = 1;
}


static void
shown(fuzz_t *f, drs_view_mode_t mode)
{
    json_t         *v;
    drs_buf_t       b;
    drs_view_exec_t o;

    memset(&o, 0, sizeof(o));
    o.mode = mode;
    o.now_ms = INT64_C(1700000000000);
    o.poll_ms = 5000;
    o.own_account = drs_str("111122223333");
    o.term = f->term;
    o.n_term = f->n_term;

    drs_buf_init(&b, 0);
    drs_view_exec_text(&b, f->exec, &o, NULL);
    MUST(drs_buf_ok(&b));
    json_text(&b);
    drs_buf_free(&b);

    v = drs_view_exec(f->exec, &o);
    MUST(v != NULL);
    json_decref(v);
}


static void
servers(const drs_exec_t *e)
{
    size_t    i;
    drs_buf_t b;

    for (i = 0; i < e->nservers; i++) {
        drs_buf_init(&b, 0);
        drs_view_exec_server_text(&b, &e->servers[i]);
        json_text(&b);
        drs_buf_reset(&b);
        drs_view_exec_status_text(&b, &e->servers[i]);
        json_text(&b);
        drs_buf_reset(&b);
        drs_view_exec_enriched_text(&b, &e->servers[i]);
        json_text(&b);
        drs_buf_reset(&b);
        MUST(drs_exec_server_doc(&b, &e->servers[i]) == DRS_OK);
        json_text(&b);
        drs_buf_free(&b);
        MUST(drs_exec_server(e, e->servers[i].id) != NULL);
        (void) drs_view_exec_server_matches(&e->servers[i], -1, drs_str("0-0"),
                                            drs_str("LAUNCHED,FAILED"),
                                            drs_str("web"));
    }
}


static void
units(const drs_exec_t *e)
{
    size_t    i;
    json_t   *v;
    drs_buf_t b;

    for (i = 0; i < e->nunits; i++) {
        drs_buf_init(&b, 0);
        MUST(drs_exec_unit_doc(&b, &e->units[i]) == DRS_OK);
        json_text(&b);
        drs_buf_reset(&b);
        MUST(drs_exec_open_text(&b, &e->units[i]) == DRS_OK);
        drs_buf_free(&b);
        v = drs_view_exec_unit(e, &e->units[i], 1);
        MUST(v != NULL);
        json_decref(v);
    }

    for (i = 0; i < e->nwaves; i++) {
        drs_buf_init(&b, 0);
        MUST(drs_exec_wave_doc(&b, &e->waves[i]) == DRS_OK);
        json_text(&b);
        drs_buf_free(&b);
    }
}


static void
done(fuzz_t *f)
{
    size_t                 known;
    json_t                *v;
    drs_buf_t              b;
    drs_exec_t            *copy;
    drs_str_t              none = drs_null_string;
    drs_exec_error_t       err;
    drs_view_exec_t        o;
    drs_exec_counts_t      waves, all;
    drs_view_termination_t t;

    memset(&err, 0, sizeof(err));
    loaded(f, drs_exec_load_done(f->exec, &err), &err);

    if (f->bad) {
        return;
    }

    shown(f, DRS_VIEW_LIST);
    shown(f, DRS_VIEW_DETAIL);
    shown(f, DRS_VIEW_COMPACT);
    servers(f->exec);
    units(f->exec);

    drs_exec_counts(f->exec, &waves, &all);
    MUST(waves.total >= 0 && all.total >= 0);
    MUST(drs_exec_permille(f->exec) >= 0 && drs_exec_permille(f->exec) <= 1000);
    drs_view_exec_termination(f->exec, &t);
    MUST(t.can || t.reason != NULL);

    drs_buf_init(&b, 0);
    drs_view_exec_instances(&b, f->exec);
    v = drs_json_parse(drs_buf_str(&b), &drs_json_store_limits, NULL);
    MUST(v != NULL);
    json_decref(v);
    drs_buf_free(&b);

    memset(&o, 0, sizeof(o));
    o.term = f->term;
    o.n_term = f->n_term;
    v = drs_view_exec_term_status(f->exec, &o, none, &known);
    MUST(v != NULL);
    json_decref(v);

    copy = drs_exec_clone(f->exec);
    MUST(copy != NULL);
    drs_exec_free(f->exec);
    f->exec = copy;
    shown(f, DRS_VIEW_DETAIL);
}


/* -- texts that we wrote, read without a tree ------------------------------------- */

static void
member(drs_arena_t *arena, drs_str_t raw, const json_t *v)
{
    json_t *again;

    again = json_loadb(raw.data, raw.len, JSON_DECODE_ANY, NULL);
    MUST(again != NULL && json_equal(again, v));
    json_decref(again);

    if (json_is_string(v)) {
        MUST(strcmp(drs_jread_string(arena, raw), json_string_value(v)) == 0);
    } else {
        MUST(drs_jread_string(arena, raw)[0] == '\0');
    }

    if (json_is_integer(v)) {
        MUST(drs_jread_int(raw, 1) == json_integer_value(v));
    }
}


static void
jtext(const json_t *doc)
{
    size_t        n;
    drs_buf_t     b, out;
    drs_str_t     name, value;
    drs_jread_t   r;
    drs_arena_t  *arena;
    const json_t *v;

    if (!json_is_object(doc)) {
        return;
    }

    drs_buf_init(&b, 0);
    drs_buf_init(&out, 0);
    arena = drs_arena_new(NULL);
    MUST(arena != NULL && drs_json_dump(&b, doc) == DRS_OK);
    MUST(drs_jread_open(&r, drs_buf_str(&b)) == DRS_OK);
    drs_jw_open(&out, NULL, '{');
    n = 0;

    while (drs_jread_next(&r, &name, &value) == 1) {
        n++;

        /* names come with their escapes */
        if (memchr(name.data, '\\', name.len) == NULL) {
            v = json_object_getn(doc, name.data, name.len);
            MUST(v != NULL);
            member(arena, value, v);
        }

        drs_jw_null(&out, "x");
        drs_jw_raw(&out, "y", value);
    }

    MUST(n == json_object_size(doc));
    drs_jw_close(&out, '}');
    json_text(&out);
    drs_arena_free(arena);
    drs_buf_free(&b);
    drs_buf_free(&out);
}


/*
 * A server as it stands in the store: a text that a parser accepted.  Others
 * only must not do harm.
 */

static void
server(fuzz_t *f, drs_str_t id, drs_str_t text)
{
    json_t          *doc;
    drs_buf_t        b;
    drs_exec_t      *other;
    drs_exec_error_t err;

    memset(&err, 0, sizeof(err));
    other = drs_exec_new("x");
    MUST(other != NULL);
    (void) !drs_exec_load_server(other, id, text, &err);
    drs_exec_free(other);

    doc = drs_json_parse(text, &drs_json_store_limits, NULL);

    if (json_is_object(doc)) {
        drs_buf_init(&b, 0);
        MUST(drs_json_dump(&b, doc) == DRS_OK);
        memset(&err, 0, sizeof(err));
        loaded(f, drs_exec_load_server(f->exec, id, drs_buf_str(&b), &err),
               &err);
        drs_buf_free(&b);
    }

    json_decref(doc);
}


static void
part(fuzz_t *f, char kind, drs_str_t s)
{
    size_t           n;
    uint64_t         wave;
    drs_str_t        v[FIELDS], id;
    drs_exec_error_t err;

    memset(&err, 0, sizeof(err));
    id = s;

    if (kind != 'H' && kind != 'T') {
        (void) drs_str_split(&s, '\t', &id);
    }

    n = s.data != NULL ? fields(s, v) : 0;

    switch (kind) {
    case 'H':
        if (!f->header++) {
            loaded(f, drs_exec_load_header(f->exec, v, n, &err), &err);
        }
        break;

    case 'W':
        if (drs_str_u64(id, &wave) == DRS_OK && wave < 1000 && f->header
            && (int) wave == f->waves)
        {
            f->waves++;
            loaded(f, drs_exec_load_wave(f->exec, (int) wave, v, n, &err),
                   &err);
        }
        break;

    case 'U':
        loaded(f, drs_exec_load_unit(f->exec, id, v, n, &err), &err);
        break;

    case 'S':
        server(f, id, s);
        break;

    default:
        memcpy(f->term, v, n * sizeof(v[0]));
        f->n_term = n;
        break;
    }
}


/* -- audit, events ------------------------------------------------------------------ */

static void
entry(fuzz_t *f, drs_str_t s)
{
    json_t   *raw, *redacted, *b, *a;
    drs_buf_t buf;

    drs_buf_init(&buf, 0);
    MUST(drs_audit_redact_text(&buf, s) == DRS_OK);
    drs_buf_free(&buf);

    raw = drs_json_parse(s, NULL, NULL);

    jtext(raw);

    /* read from a file: anything */
    drs_audit_verify_entry(&f->chain, raw);

    redacted = drs_audit_redact(raw);
    MUST(raw == NULL || redacted != NULL);
    MUST(drs_audit_diff(raw, redacted, &b, &a) == DRS_OK);
    json_decref(b);
    json_decref(a);

    json_decref(redacted);
    json_decref(raw);
}


/* The same entries as we would write them: no finding. */

static void
whole_chain(drs_str_t rest)
{
    char                hash[DRS_SHA256_HEX_LEN + 1];
    char                prev[DRS_SHA256_HEX_LEN + 1];
    json_t             *raw, *e;
    uint64_t            seq;
    drs_str_t           line;
    drs_audit_verify_t *v;

    v = malloc(sizeof(*v));
    MUST(v != NULL);
    drs_audit_verify_init(v, 0, NULL, NULL, NULL);
    memcpy(hash, drs_audit_zero, sizeof(hash));
    seq = 0;

    while (drs_str_split(&rest, '\n', &line)) {
        if (line.len == 0 || line.data[0] != 'A') {
            continue;
        }

        raw = drs_json_parse(drs_strn(line.data + 1, line.len - 1), NULL, NULL);
        seq++;
        memcpy(prev, hash, sizeof(prev));
        e = drs_audit_entry(raw, 1700000000000 + (int64_t) seq, seq, prev,
                            hash);
        MUST(e != NULL);
        drs_audit_verify_entry(v, e);
        json_decref(raw);
        json_decref(e);
    }

    MUST(drs_audit_verify_end(v, seq, seq == 0 ? NULL : hash) == 0);
    free(v);
}


static void
event(drs_str_t s)
{
    json_t         *logs;
    drs_sse_event_t ev;

    if (drs_sse_scan(s, &ev) == DRS_OK) {
        MUST(ev.event.len > 0 && ev.event.data > s.data);
        MUST(ev.event.data + ev.event.len < s.data + s.len);
        MUST(ev.topic.len < s.len && ev.account.len < s.len);
    }

    logs = json_pack("[{s:s, s:[]}]", "jobId", "drsjob-00000000000000001",
                     "events");
    MUST(drs_view_joblog_add(logs, s) == DRS_OK);
    drs_view_joblog_sort(logs);
    json_decref(logs);
}


static void
nothing(void *data, const drs_audit_finding_t *found)
{
    (void) data;
    MUST(drs_audit_bad_name(found->bad) != NULL);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char     *exact;
    fuzz_t   *f;
    drs_str_t rest, line;

    exact = fuzz_mem(size);
    memcpy(exact, data, size);
    f = calloc(1, sizeof(*f));
    MUST(f != NULL);
    f->exec = drs_exec_new("11111111-1111-4111-8111-111111111111");
    drs_audit_verify_init(&f->chain, 0, NULL, nothing, NULL);
    rest = drs_strn(exact, size);

    while (drs_str_split(&rest, '\n', &line)) {
        if (line.len == 0) {
            continue;
        }

        line.data++;
        line.len--;

        if (line.data[-1] == 'A') {
            entry(f, line);
        } else if (line.data[-1] == 'E') {
            event(line);
        } else if (strchr("HWUST", line.data[-1]) != NULL
                   && line.data[-1] != '\0' && drs_utf8_valid(line) && !f->bad)
        {
            part(f, line.data[-1], line);
        }
    }

    (void) drs_audit_verify_end(&f->chain, 0, NULL);
    whole_chain(drs_strn(exact, size));

    if (f->header && !f->bad) {
        done(f);
    }

    drs_exec_free(f->exec);
    free(f);
    free(exact);

    return 0;
}
