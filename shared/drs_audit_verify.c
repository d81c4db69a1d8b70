
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Check of an audit chain, entry by entry in the order found.  Missing numbers
 * are kept as gaps until the end: an entry that fills one later was moved, the
 * rest was removed.
 */

#include <stdio.h>
#include <string.h>

#include "drs_audit.h"
#include "drs_json.h"


static void drs_audit_report(drs_audit_verify_t *v, drs_audit_bad_t bad,
                             uint64_t seq, uint64_t last, drs_str_t id);
static void drs_audit_gap(drs_audit_verify_t *v, uint64_t from, uint64_t to);
static int  drs_audit_fill_gap(drs_audit_verify_t *v, uint64_t seq);
static void drs_audit_link(drs_audit_verify_t *v, const json_t *entry,
                           uint64_t seq, drs_str_t id);
static void drs_audit_sign_off(drs_audit_verify_t *v, const json_t *entry);


const char *
drs_audit_bad_name(drs_audit_bad_t bad)
{
    static const char *const names[] = { [DRS_AUDIT_BAD_NONE] = "intact",
                                         [DRS_AUDIT_BAD_FORM] = "unreadable",
                                         [DRS_AUDIT_BAD_CHANGED] = "changed",
                                         [DRS_AUDIT_BAD_REPLACED] = "replaced",
                                         [DRS_AUDIT_BAD_REMOVED] = "removed",
                                         [DRS_AUDIT_BAD_MOVED] = "reordered",
                                         [DRS_AUDIT_BAD_DOUBLE] = "duplicate",
                                         [DRS_AUDIT_BAD_START] = "start",
                                         [DRS_AUDIT_BAD_END] = "end" };

    return (unsigned) bad <= DRS_AUDIT_BAD_END ? names[bad] : "unknown";
}


static void
drs_audit_copy_hash(char *dst, drs_str_t hash)
{
    size_t n;

    n = hash.len < DRS_SHA256_HEX_LEN ? hash.len : DRS_SHA256_HEX_LEN;

    if (n > 0) {
        memcpy(dst, hash.data, n);
    }

    dst[n] = '\0';
}


void
drs_audit_verify_init(drs_audit_verify_t *v, uint64_t seq, const char *hash,
                      drs_audit_found_pt found, void *data)
{
    memset(v, 0, sizeof(*v));

    v->found = found;
    v->data = data;
    v->first = seq + 1;
    v->seq = seq;
    v->signed_off = (seq == 0);

    drs_audit_copy_hash(v->hash, drs_str(seq > 0 ? hash : drs_audit_zero));
    (void) strcpy(v->start, v->hash);
}


static void
drs_audit_report(drs_audit_verify_t *v, drs_audit_bad_t bad, uint64_t seq,
                 uint64_t last, drs_str_t id)
{
    drs_audit_finding_t f;

    v->n_bad++;

    f.bad = bad;
    f.seq = seq;
    f.last = last;
    f.id = id;
    f.place = v->place;

    if (v->found != NULL) {
        v->found(v->data, &f);
    }
}


static void
drs_audit_gap(drs_audit_verify_t *v, uint64_t from, uint64_t to)
{
    if (v->n_gaps == DRS_AUDIT_GAPS_MAX) {
        /* no room to wait for what may come later */
        drs_audit_report(v, DRS_AUDIT_BAD_REMOVED, from, to, drs_str(""));
        return;
    }

    v->gaps[v->n_gaps].from = from;
    v->gaps[v->n_gaps].to = to;
    v->n_gaps++;
}


/* 1 if seq was missing: it is no longer. */

static int
drs_audit_fill_gap(drs_audit_verify_t *v, uint64_t seq)
{
    size_t   i;
    uint64_t to;

    for (i = 0; i < v->n_gaps; i++) {
        if (seq < v->gaps[i].from || seq > v->gaps[i].to) {
            continue;
        }

        to = v->gaps[i].to;

        if (seq == v->gaps[i].from) {
            v->gaps[i].from++;

            if (v->gaps[i].from > to) {
                v->gaps[i] = v->gaps[--v->n_gaps];
            }

        } else {
            v->gaps[i].to = seq - 1;

            if (seq < to) {
                drs_audit_gap(v, seq + 1, to);
            }
        }

        return 1;
    }

    return 0;
}


/* The entry comes after all before it: does it follow the last one? */

static void
drs_audit_link(drs_audit_verify_t *v, const json_t *entry, uint64_t seq,
               drs_str_t id)
{
    if (seq > v->seq + 1) {
        drs_audit_gap(v, v->seq + 1, seq - 1);
        return;
    }

    if (drs_str_eqz(drs_json_field(entry, "prevHash"), v->hash)) {
        return;
    }

    if (v->n == 1) {
        drs_audit_report(v, DRS_AUDIT_BAD_START, seq, seq, id);
        return;
    }

    drs_audit_report(v, DRS_AUDIT_BAD_REPLACED, v->seq, v->seq, drs_str(v->id));
}


/* An entry about trimming signs off what was before the checkpoint. */

static void
drs_audit_sign_off(drs_audit_verify_t *v, const json_t *entry)
{
    const json_t *after;

    if (v->signed_off
        || !drs_str_eqz(drs_json_field(entry, "action"), "audit.trim"))
    {
        return;
    }

    after = json_object_get(entry, "after");

    if (drs_str_eqz(drs_json_field(after, "throughHash"), v->start)) {
        v->signed_off = 1;
    }
}


void
drs_audit_verify_entry(drs_audit_verify_t *v, const json_t *entry)
{
    char      hash[DRS_SHA256_HEX_LEN + 1];
    int64_t   ms;
    uint64_t  seq;
    drs_str_t id, stated;

    v->place++;
    id = drs_json_field(entry, "id");
    stated = drs_json_field(entry, "hash");

    if (drs_audit_id_parse(id, &ms, &seq) != DRS_OK || seq == 0) {
        drs_audit_report(v, DRS_AUDIT_BAD_FORM, 0, 0, id);
        return;
    }

    v->n++;

    if (drs_audit_hash(entry, drs_json_field(entry, "prevHash"), hash) != DRS_OK
        || !drs_str_eqz(stated, hash))
    {
        drs_audit_report(v, DRS_AUDIT_BAD_CHANGED, seq, seq, id);

    } else {
        drs_audit_sign_off(v, entry);

        if (v->anchor.len > 0 && drs_str_ieq(v->anchor, stated)) {
            v->anchor_seen = 1;
        }
    }

    if (seq <= v->seq) {
        drs_audit_report(v,
                         drs_audit_fill_gap(v, seq) ? DRS_AUDIT_BAD_MOVED
                                                    : DRS_AUDIT_BAD_DOUBLE,
                         seq, seq, id);
        return;
    }

    drs_audit_link(v, entry, seq, id);

    v->seq = seq;
    v->ms = ms;
    drs_audit_copy_hash(v->hash, stated);
    drs_audit_id(v->id, ms, seq);
}


size_t
drs_audit_verify_end(drs_audit_verify_t *v, uint64_t head_seq,
                     const char *head_hash)
{
    size_t i;

    for (i = 0; i < v->n_gaps; i++) {
        drs_audit_report(v, DRS_AUDIT_BAD_REMOVED, v->gaps[i].from,
                         v->gaps[i].to, drs_str(""));
    }

    v->n_gaps = 0;

    if (head_hash != NULL && head_seq > v->seq) {
        drs_audit_report(v, DRS_AUDIT_BAD_REMOVED, v->seq + 1, head_seq,
                         drs_str(""));

    } else if (head_hash != NULL && head_seq < v->seq) {
        drs_audit_report(v, DRS_AUDIT_BAD_END, head_seq + 1, v->seq,
                         drs_str(v->id));

    } else if (head_hash != NULL && strcmp(head_hash, v->hash) != 0) {
        drs_audit_report(v,
                         v->n > 0 ? DRS_AUDIT_BAD_REPLACED : DRS_AUDIT_BAD_END,
                         v->seq, v->seq, drs_str(v->id));
    }

    if (!v->signed_off) {
        drs_audit_report(v, DRS_AUDIT_BAD_START, 1, v->first - 1, drs_str(""));
    }

    return v->n_bad;
}
