
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>

#include "drs_json.h"
#include "drs_model_plan.h"
#include "drs_view_plan.h"


/* Members that the list makes itself. */
static const char *const drs_vp_own[] = {
    "waveCount",       "lastExecutionStatus",    "lastStartTime",
    "lastEndTime",     "hasServerConflict",      "conflictInfo",
    "lastExecutionId", "sharedProtectionGroups", NULL
};


int
drs_plan_text_read(drs_plan_text_t *t, drs_str_t doc)
{
    int         rc;
    drs_str_t   name, value;
    drs_jread_t r;

    *t = (drs_plan_text_t) { 0 };
    t->doc = doc;

    if (drs_jread_open(&r, doc) != DRS_OK || r.close != '}') {
        return DRS_DECLINED;
    }

    while ((rc = drs_jread_next(&r, &name, &value)) == 1) {
        if (drs_str_eqz(name, "planId")) {
            t->id = drs_jread_plain(value);

        } else if (drs_str_eqz(name, "planName")) {
            t->name = value;

        } else if (drs_str_eqz(name, "waves")) {
            t->waves = value;
        }
    }

    return rc == 0 && t->id.len > 0 ? DRS_OK : DRS_DECLINED;
}


void
drs_plan_groups_open(drs_plan_groups_t *g, const drs_plan_text_t *t)
{
    g->n = 0;
    g->first = drs_strn(NULL, 0);
    g->inside = 0;
    g->end =
        drs_jread_open(&g->waves, t->waves) != DRS_OK || g->waves.close != ']';
}


int
drs_plan_groups_next(drs_plan_groups_t *g, drs_str_t *id)
{
    drs_str_t wave, raw;

    while (!g->end) {
        if (g->inside && drs_jread_next(&g->ids, NULL, &raw) == 1) {
            *id = drs_jread_plain(raw);

            if (id->len > 0) {
                return 1;
            }

            continue;
        }

        g->end = drs_jread_next(&g->waves, NULL, &wave) != 1;

        if (!g->end) {
            if (g->n++ == 0) {
                g->first = drs_jread_field(wave, "protectionGroupId");
            }

            raw = drs_jread_field(wave, "protectionGroupIds");
            g->inside =
                drs_jread_open(&g->ids, raw) == DRS_OK && g->ids.close == ']';
        }
    }

    return 0;
}


static void
drs_vp_str(drs_buf_t *b, const char *name, drs_str_t s)
{
    if (s.len > 0) {
        drs_jw_str(b, name, s);
    } else {
        drs_jw_null(b, name);
    }
}


static void
drs_vp_time(drs_buf_t *b, const char *name, int64_t ms)
{
    if (ms > 0) {
        drs_jw_int(b, name, ms / 1000);
    } else {
        drs_jw_null(b, name);
    }
}


static void
drs_vp_conflict(drs_buf_t *b, const drs_view_plan_item_t *it)
{
    char   runs[128], jobs[160], reason[320];
    size_t n;

    n = json_array_size(it->conflict_servers);
    drs_jw_bool(b, "hasServerConflict", n > 0);

    if (n == 0) {
        drs_jw_null(b, "conflictInfo");
        return;
    }

    (void) snprintf(runs, sizeof(runs),
                    "%zu server%s of this plan %s used by an active execution "
                    "of another plan",
                    it->conflict_runs, it->conflict_runs == 1 ? "" : "s",
                    it->conflict_runs == 1 ? "is" : "are");
    (void) snprintf(jobs, sizeof(jobs),
                    "%zu server%s of this plan take%s part in the DRS job %.*s",
                    it->conflict_jobs, it->conflict_jobs == 1 ? "" : "s",
                    it->conflict_jobs == 1 ? "s" : "",
                    DRS_STR_ARG(it->conflict_job));
    (void) snprintf(reason, sizeof(reason), "%s%s%s",
                    it->conflict_runs > 0 ? runs : "",
                    it->conflict_runs > 0 && it->conflict_jobs > 0 ? "; " : "",
                    it->conflict_jobs > 0 ? jobs : "");

    drs_jw_open(b, "conflictInfo", '{');
    drs_jw_bool(b, "hasConflict", 1);
    drs_jw_json(b, "conflictingServers", it->conflict_servers);
    drs_vp_str(b, "conflictingExecutionId", it->conflict_exec);
    drs_vp_str(b, "conflictingPlanId", it->conflict_plan);
    drs_vp_str(b, "conflictingStatus", it->conflict_status);
    drs_vp_str(b, "conflictingDrsJobId", it->conflict_job);
    drs_jw_str(b, "reason", drs_str(reason));
    drs_jw_close(b, '}');
}


/* A member as it stands, from quote to end. */
static void
drs_vp_member(drs_buf_t *b, drs_str_t name, drs_str_t value)
{
    const char *from;

    from = name.data - 1;
    drs_jw_raw(b, NULL,
               drs_strn(from, (size_t) (value.data + value.len - from)));
}


static int
drs_vp_is_own(drs_str_t name)
{
    size_t i;

    for (i = 0; drs_vp_own[i] != NULL; i++) {
        if (drs_str_eqz(name, drs_vp_own[i])) {
            return 1;
        }
    }

    return 0;
}


/* Goes through the waves; 1 if the document of every group is there. */
static int
drs_vp_all_known(drs_plan_groups_t *g, const drs_plan_text_t *t,
                 const drs_view_plan_item_t *it)
{
    int       known;
    drs_str_t id;

    known = it->group != NULL;
    drs_plan_groups_open(g, t);

    while (drs_plan_groups_next(g, &id)) {
        known = known && it->group(it->data, id).len > 0;
    }

    return known;
}


static int64_t
drs_vp_elements(drs_str_t array)
{
    int64_t     n;
    drs_str_t   v;
    drs_jread_t r;

    n = 0;

    if (drs_jread_open(&r, array) == DRS_OK) {
        while (drs_jread_next(&r, NULL, &v) == 1) {
            n++;
        }
    }

    return n;
}


/* The whole rule, on trees: several groups, or a kept subset. */
static void
drs_vp_servers_of_many(drs_buf_t *b, drs_str_t wave,
                       const drs_view_plan_item_t *it)
{
    size_t    i;
    json_t   *w, *docs, *ids, *id;
    drs_str_t doc;

    w = drs_json_parse(wave, &drs_json_store_limits, NULL);
    docs = json_object();

    json_array_foreach (json_object_get(w, "protectionGroupIds"), i, id) {
        doc = it->group(it->data, drs_json_str(id));
        (void) json_object_set_new(
            docs, json_string_value(id),
            drs_json_parse(doc, &drs_json_store_limits, NULL));
    }

    ids = drs_model_wave_servers(w, docs);
    drs_jw_int(b, "serverCount", (int64_t) json_array_size(ids));
    drs_jw_json(b, "serverIds", ids);

    json_decref(ids);
    json_decref(docs);
    json_decref(w);
}


/* A wave with the servers that it has now. */
static void
drs_vp_wave(drs_buf_t *b, drs_str_t wave, const drs_view_plan_item_t *it)
{
    size_t      n;
    drs_str_t   name, value, id, kept, ids;
    drs_jread_t r, groups;

    n = 0;
    id = drs_strn(NULL, 0);
    kept = drs_strn(NULL, 0);
    drs_jw_open(b, NULL, '{');

    if (drs_jread_open(&r, wave) != DRS_OK) {
        b->failed = DRS_ERROR;
        return;
    }

    while (drs_jread_next(&r, &name, &value) == 1) {
        if (drs_str_eqz(name, "serverIds")) {
            kept = value;
            continue;
        }

        if (drs_str_eqz(name, "serverCount")) {
            continue;
        }

        if (drs_str_eqz(name, "protectionGroupIds")
            && drs_jread_open(&groups, value) == DRS_OK)
        {
            while (drs_jread_next(&groups, NULL, &id) == 1) {
                n++;
            }
        }

        drs_vp_member(b, name, value);
    }

    if (n != 1 || drs_vp_elements(kept) > 0) {
        drs_vp_servers_of_many(b, wave, it);

    } else {
        ids = drs_jread_field(it->group(it->data, drs_jread_plain(id)),
                              "sourceServerIds");
        ids = ids.len > 0 && ids.data[0] == '[' ? ids : drs_str("[]");
        drs_jw_int(b, "serverCount", drs_vp_elements(ids));
        drs_jw_raw(b, "serverIds", ids);
    }

    drs_jw_close(b, '}');
}


static void
drs_vp_all_waves(drs_buf_t *b, const drs_plan_text_t *t,
                 const drs_view_plan_item_t *it)
{
    drs_str_t   wave;
    drs_jread_t r;

    drs_jw_open(b, "waves", '[');

    if (drs_jread_open(&r, t->waves) == DRS_OK && r.close == ']') {
        while (drs_jread_next(&r, NULL, &wave) == 1) {
            drs_vp_wave(b, wave, it);
        }
    }

    drs_jw_close(b, ']');
}


/* The members of the document that stay as they are. */
static void
drs_vp_document(drs_buf_t *b, const drs_plan_text_t *t, drs_str_t first,
                int waves)
{
    int         named;
    drs_str_t   name, value;
    drs_jread_t r;

    named = 0;

    if (drs_jread_open(&r, t->doc) != DRS_OK) {
        b->failed = DRS_ERROR;
        return;
    }

    r.known = t->waves;

    while (drs_jread_next(&r, &name, &value) == 1) {
        if (drs_vp_is_own(name)
            || (first.len > 0 && drs_str_eqz(name, "protectionGroupId"))
            || (!waves && drs_str_eqz(name, "waves")))
        {
            continue;
        }

        if (drs_str_eqz(name, "name")) {
            if (drs_str_eqz(value, "null")) {
                continue;
            }
            named = 1;
        }

        drs_vp_member(b, name, value);
    }

    if (!named && t->name.len > 0) {
        drs_jw_raw(b, "name", t->name);
    }

    if (first.len > 0) {
        drs_jw_raw(b, "protectionGroupId", first);
    }
}


void
drs_view_plan_item(drs_buf_t *b, const drs_plan_text_t *t,
                   const drs_view_plan_item_t *it)
{
    int               known;
    drs_plan_groups_t g;

    known = drs_vp_all_known(&g, t, it);

    drs_jw_open(b, NULL, '{');
    drs_vp_document(b, t, g.first, !known);

    if (known) {
        drs_vp_all_waves(b, t, it);
    }

    drs_jw_int(b, "waveCount", (int64_t) g.n);

    drs_vp_str(b, "lastExecutionStatus", it->last_status);
    drs_vp_time(b, "lastStartTime", it->last_start_ms);
    drs_vp_time(b, "lastEndTime", it->last_end_ms);

    if (it->last_id.len > 0) {
        drs_jw_str(b, "lastExecutionId", it->last_id);
    }

    drs_vp_conflict(b, it);
}


void
drs_view_plan_last(drs_view_plan_item_t *it, drs_str_t s)
{
    drs_str_t word;

    if (!drs_str_split(&s, ' ', &it->last_id)
        || !drs_str_split(&s, ' ', &it->last_status)
        || !drs_str_split(&s, ' ', &word)
        || drs_str_i64(word, &it->last_start_ms) != DRS_OK
        || drs_str_i64(s, &it->last_end_ms) != DRS_OK)
    {
        it->last_id = drs_strn(NULL, 0);
        it->last_status = drs_strn(NULL, 0);
        it->last_start_ms = 0;
        it->last_end_ms = 0;
    }
}
