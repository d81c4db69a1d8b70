
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_store.h"


static const char *const drs_doc_kinds[] = { "pg", "plan", "acct", "sched",
                                             "hook" };
static const char *const drs_doc_modes[] = { "create", "update", "delete" };
static const char *const drs_doc_ops[] = {
    "uniq", "ununiq", "sadd", "srem", "exists", "free",     "empty",
    "idle", "del",    "due",  "hset", "fewer",  "schedules"
};


int
drs_store_answer(drs_answer_t *a, const drs_reply_t *r)
{
    size_t    i;
    drs_str_t code;

    *a = (drs_answer_t) { 0 };

    if (r == NULL || r->n == 0 || r->v[0].len == 0) {
        return DRS_ERROR;
    }

    code = r->v[0];

    if (drs_str_eqz(code, "OK")) {
        a->ok = 1;
        a->n = r->n - 1;
        a->v = r->v + 1;
        return DRS_OK;
    }

    for (i = 0; i < code.len; i++) {
        if ((code.data[i] < 'A' || code.data[i] > 'Z') && code.data[i] != '_') {
            return DRS_ERROR;
        }
    }

    a->code = code;

    if (r->n > 1) {
        a->text = r->v[1];
        a->n = r->n - 2;
        a->v = r->v + 2;
    }

    return DRS_DECLINED;
}


int
drs_answer_is(const drs_answer_t *a, const char *code)
{
    return !a->ok && drs_str_eqz(a->code, code);
}


drs_str_t
drs_answer_str(const drs_answer_t *a, size_t i)
{
    drs_str_t none = drs_null_string;

    return i < a->n ? a->v[i] : none;
}


int
drs_answer_i64(const drs_answer_t *a, size_t i, int64_t *out)
{
    return drs_str_i64(drs_answer_str(a, i), out) == DRS_OK ? DRS_OK
                                                            : DRS_ERROR;
}


int
drs_answer_u64(const drs_answer_t *a, size_t i, uint64_t *out)
{
    return drs_str_u64(drs_answer_str(a, i), out) == DRS_OK ? DRS_OK
                                                            : DRS_ERROR;
}


drs_str_t
drs_answer_detail(const drs_answer_t *a, const char *name, size_t *pos)
{
    size_t    i;
    drs_str_t none = drs_null_string;

    for (i = pos != NULL ? *pos : 0; i + 1 < a->n; i += 2) {
        if (drs_str_eqz(a->v[i], name)) {
            if (pos != NULL) {
                *pos = i + 2;
            }
            return a->v[i + 1];
        }
    }

    if (pos != NULL) {
        *pos = a->n;
    }

    return none;
}


drs_str_t
drs_reply_field(const drs_reply_t *r, const char *name)
{
    size_t    i;
    drs_str_t none = drs_null_string;

    for (i = 0; i + 1 < r->n; i += 2) {
        if (drs_str_eqz(r->v[i], name)) {
            return r->v[i + 1];
        }
    }

    return none;
}


drs_cmd_t *
drs_store_call(const char *function, drs_str_t p)
{
    drs_cmd_t *c;

    c = drs_cmd_words("FCALL", function, "1", NULL);
    (void) drs_cmd_add(c, p);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_end(drs_cmd_t *c)
{
    if (!drs_cmd_ok(c)) {
        drs_cmd_free(c);
        return NULL;
    }

    return c;
}


drs_cmd_t *
drs_store_doc_put(drs_str_t p, const drs_doc_put_t *d)
{
    size_t              i;
    drs_cmd_t          *c;
    const drs_doc_op_t *op;

    c = drs_store_call("drs_doc_put", p);

    (void) drs_cmd_addz(c, drs_doc_kinds[d->kind]);
    (void) drs_cmd_add(c, d->id);
    (void) drs_cmd_addz(c, drs_doc_modes[d->mode]);

    if (d->mode == DRS_DOC_CREATE || d->version < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, d->version);
    }

    (void) drs_cmd_add(c, d->old_name);
    (void) drs_cmd_add(c, d->new_name);
    (void) drs_cmd_add_opt(c, d->doc);
    (void) drs_cmd_add_opt(c, d->audit);
    (void) drs_cmd_add_opt(c, d->event);
    (void) drs_cmd_add_u64(c, d->nops);

    for (i = 0; i < d->nops; i++) {
        op = &d->ops[i];
        (void) drs_cmd_addz(c, drs_doc_ops[op->op]);
        (void) drs_cmd_add(c, op->key);
        (void) drs_cmd_add(c, op->field);
        (void) drs_cmd_add(c, op->value);
    }

    (void) drs_cmd_add_i64(c, d->deadline);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_settings_put(drs_str_t p, drs_str_t name, int64_t version,
                       drs_str_t doc, drs_str_t audit, drs_str_t event)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_settings_put", p);

    (void) drs_cmd_add(c, name);

    if (version < 0) {
        (void) drs_cmd_addz(c, "-");
    } else {
        (void) drs_cmd_add_i64(c, version);
    }

    (void) drs_cmd_add(c, doc);
    (void) drs_cmd_add_opt(c, audit);
    (void) drs_cmd_add_opt(c, event);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_note(drs_str_t p, drs_str_t audit, drs_str_t event)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_note", p);
    (void) drs_cmd_add_opt(c, audit);
    (void) drs_cmd_add_opt(c, event);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_note_exec(drs_str_t p, drs_str_t exec_id, drs_str_t event)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_note", p);
    (void) drs_cmd_addz(c, "-");
    (void) drs_cmd_add_opt(c, event);
    (void) drs_cmd_add(c, exec_id);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_idem_begin(drs_str_t p, drs_str_t sub, drs_str_t route, drs_str_t key,
                     drs_str_t body_hash)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_idem_begin", p);
    (void) drs_cmd_add(c, sub);
    (void) drs_cmd_add(c, route);
    (void) drs_cmd_add(c, key);
    (void) drs_cmd_add(c, body_hash);

    return drs_store_end(c);
}


int
drs_store_idem_answer(const drs_reply_t *r, drs_idem_t *what, int64_t *status,
                      drs_str_t *body)
{
    drs_str_t    word;
    drs_answer_t a;

    if (drs_store_answer(&a, r) != DRS_OK) {
        return DRS_ERROR;
    }

    word = drs_answer_str(&a, 0);
    *status = 0;
    *body = drs_answer_str(&a, 2);

    if (drs_str_eqz(word, "run")) {
        *what = DRS_IDEM_RUN;

    } else if (drs_str_eqz(word, "replay")) {
        *what = DRS_IDEM_REPLAY;
        return drs_answer_i64(&a, 1, status);

    } else if (drs_str_eqz(word, "running")) {
        *what = DRS_IDEM_RUNNING;

    } else if (drs_str_eqz(word, "reused")) {
        *what = DRS_IDEM_REUSED;

    } else {
        return DRS_ERROR;
    }

    return DRS_OK;
}


drs_cmd_t *
drs_store_idem_end(drs_str_t p, drs_str_t sub, drs_str_t route, drs_str_t key,
                   drs_str_t body_hash, int64_t status, drs_str_t answer)
{
    drs_cmd_t *c;

    c = drs_store_call("drs_idem_end", p);
    (void) drs_cmd_add(c, sub);
    (void) drs_cmd_add(c, route);
    (void) drs_cmd_add(c, key);
    (void) drs_cmd_add(c, body_hash);
    (void) drs_cmd_add_i64(c, status);
    (void) drs_cmd_add_opt(c, answer);

    return drs_store_end(c);
}


drs_cmd_t *
drs_store_version(drs_str_t p)
{
    return drs_store_call("drs_version", p);
}


drs_cmd_t *
drs_store_open(drs_str_t p)
{
    return drs_store_call("drs_open", p);
}
